/*
 * incident - failing messages one by one; see history/incident.h
 */
#include "history/incident.h"
#include "history/history.h"

#include "base/pool.h"
#include "history/query.h"
#include "history/statement.h"
#include "history/store.h"

/* has_room - for a new one */
static bool has_room(struct history *history, const struct incident *incident, bool *room,
		     struct error *error)
{
	const struct parameter parameters[] = {NUMBER(incident->day), TEXT(incident->domain)};
	long long numbers[2] = {0, 0};

	if (!statement_numbers(history,
			       PREPARE(history,
				       "SELECT (SELECT count(*) FROM failure WHERE day = ?1"
				       " AND domain = ?2), (SELECT count(*) FROM failure"
				       " WHERE day = ?1)",
				       parameters, error),
			       2, numbers, error))
		return false;
	*room = numbers[0] < INCIDENTS_MAX && numbers[1] < INCIDENTS_DAY_MAX;
	return true;
}

/* add_new - within a transaction */
static bool add_new(struct history *history, const struct incident *incident, struct error *error)
{
	const struct parameter parameters[] = {
	    NUMBER(incident->day),   TEXT(incident->domain),       TEXT(incident->source),
	    TEXT(incident->record),  TEXT(incident->organization), NUMBER(incident->arrival),
	    TEXT(incident->details), TEXT(incident->fields),       NUMBER(incident->count),
	};
	bool room;

	if (!has_room(history, incident, &room, error))
		return false;
	return !room ||
	       RUN(history, "INSERT INTO failure VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
		   parameters, error);
}

/* add_incident - to the count of the one that is there, or as a new one */
static bool add_incident(struct history *history, const struct incident *incident,
			 struct error *error)
{
	const struct parameter parameters[] = {NUMBER(incident->day), TEXT(incident->domain),
					       TEXT(incident->source), NUMBER(incident->count)};

	if (!RUN(history,
		 "UPDATE failure SET count = count + ?4 WHERE day = ?1 AND domain = ?2"
		 " AND source = ?3",
		 parameters, error))
		return false;
	return sqlite3_changes(history->database) > 0 || add_new(history, incident, error);
}

bool incident_record(struct history_writer *writer, struct pool *pool,
		     const struct incident *incident, struct error *error)
{
	struct history *history = history_writer_connect(writer, pool, error);

	if (history == NULL || !history_begin(history, error))
		return false;
	return history_end(history, add_incident(history, incident, error), error);
}

const char *incident_key(struct history_writer *writer, struct pool *pool, struct error *error)
{
	struct history *history = history_writer_connect(writer, pool, error);

	return history != NULL ? history_key(history, pool, error) : NULL;
}

#define COLUMNS "day, domain, source, record, organization, arrival, details, fields, count"

/* read_list - rows of the table */
static bool read_list(struct history *history, struct pool *pool, sqlite3_stmt *statement,
		      struct incidents *list, struct error *error)
{
	int status;

	*list = (struct incidents){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct incident){
		    .day = sqlite3_column_int64(statement, 0),
		    .domain = history_column_text(pool, statement, 1),
		    .source = history_column_text(pool, statement, 2),
		    .record = history_column_text(pool, statement, 3),
		    .organization = history_column_text(pool, statement, 4),
		    .arrival = sqlite3_column_int64(statement, 5),
		    .details = history_column_text(pool, statement, 6),
		    .fields = history_column_text(pool, statement, 7),
		    .count = (unsigned long long)sqlite3_column_int64(statement, 8),
		};
	}
	return history_end_query(history, statement, status, error);
}

bool incident_unreported(struct history *history, struct pool *pool, long long first,
			 long long last, const struct incident *after, struct incidents *list,
			 struct error *error)
{
	const struct parameter parameters[] = {NUMBER(first),
					       NUMBER(last),
					       NUMBER(after->day),
					       TEXT(after->domain != NULL ? after->domain : ""),
					       TEXT(after->source != NULL ? after->source : ""),
					       NUMBER(INCIDENTS_PAGE)};

	return read_list(history, pool,
			 PREPARE(history,
				 "SELECT " COLUMNS " FROM failure WHERE day BETWEEN ?1 AND ?2"
				 " AND (day, domain, source) > (?3, ?4, ?5) AND NOT EXISTS"
				 " (SELECT 1 FROM report WHERE report.day = failure.day AND"
				 "  report.domain = failure.domain AND"
				 "  report.source = failure.source)"
				 " ORDER BY day, domain, source LIMIT ?6",
				 parameters, error),
			 list, error);
}

bool incident_find(struct history *history, struct pool *pool, long long day, const char *domain,
		   const char *source, struct incident *incident, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(day), TEXT(domain), TEXT(source)};
	struct incidents list;

	*incident = (struct incident){.count = 0};
	if (!read_list(history, pool,
		       PREPARE(history,
			       "SELECT " COLUMNS " FROM failure WHERE day = ?1 AND domain = ?2"
			       " AND source = ?3",
			       parameters, error),
		       &list, error))
		return false;
	if (list.count > 0)
		*incident = list.items[0];
	return true;
}
