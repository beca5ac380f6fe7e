/*
 * export - the rows of the history one by one; see history/export.h
 */
#include "history/export.h"

#include "base/pool.h"
#include "history/statement.h"

#define ROWS_OF_A_POOL 256

/* read_host - the current row of the statement below */
static struct export_host read_host(struct pool *pool, sqlite3_stmt *statement, long long first,
				    long long last, bool complete)
{
	struct export_host host = {
	    .id = sqlite3_column_int64(statement, 0),
	    .name = history_column_text(pool, statement, 1),
	    .first = first,
	    .last = last,
	};
	long long seen = sqlite3_column_int64(statement, 2);

	if (complete && host.id != HISTORY_OWN_ORIGIN && host.last >= seen)
		host.last = seen > 0 ? seen - 1 : -1; /* a damaged file may have any number */
	return host;
}

bool export_hosts(struct history *history, struct pool *pool, long long first, long long last,
		  bool complete, struct export_hosts *hosts, struct error *error)
{
	sqlite3_stmt *statement = statement_prepare(
	    history,
	    "SELECT id, name, coalesce((SELECT max(day) FROM messages WHERE origin = origin.id), 0)"
	    " FROM origin ORDER BY id",
	    NULL, 0, error);
	int status;

	*hosts = (struct export_hosts){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		hosts->items = pool_grow(pool, hosts->items, hosts->count, sizeof(*hosts->items));
		hosts->items[hosts->count++] = read_host(pool, statement, first, last, complete);
	}
	return history_end_query(history, statement, status, error);
}

/* host_of - by its id; NULL if it is none of them */
static const struct export_host *host_of(const struct export_hosts *hosts, long long id)
{
	size_t low = 0;
	size_t high = hosts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hosts->items[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < hosts->count && hosts->items[low].id == id ? &hosts->items[low] : NULL;
}

/* tell_row - unless its host has had this day before */
static bool tell_row(const struct export_hosts *hosts, struct pool *pool, sqlite3_stmt *statement,
		     long long day, export_sink *sink, void *context, struct error *error)
{
	const struct export_host *host =
	    host_of(hosts, sqlite3_column_int64(statement, HISTORY_COLUMNS));
	struct history_texts texts;

	if (host == NULL || day < host->first || day > host->last)
		return true;
	for (int i = 0; i < HISTORY_COLUMNS; i++)
		texts.column[i] = history_column_text(pool, statement, i);
	return sink(context, host->name, &texts, error);
}

/* tell_day - all rows of one day */
static bool tell_day(struct history *history, const struct export_hosts *hosts,
		     sqlite3_stmt *statement, long long day, export_sink *sink, void *context,
		     struct error *error)
{
	struct pool *pool = pool_new();
	int status = SQLITE_ROW;
	bool good = true;

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, day);
	for (unsigned row = 1; good; row++) {
		status = sqlite3_step(statement);
		if (status != SQLITE_ROW)
			break;
		good = tell_row(hosts, pool, statement, day, sink, context, error);
		if (row % ROWS_OF_A_POOL == 0) {
			pool_free(pool);
			pool = pool_new();
		}
	}
	if (good && status != SQLITE_DONE)
		good = history_failed(history, error);
	sqlite3_reset(statement);
	pool_free(pool);
	return good;
}

/* next_day - that has rows, from there on; -1 if there is none, or with error */
static long long next_day(struct history *history, long long day, bool *good, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(day)};
	long long next = -1;

	*good =
	    statement_numbers(history,
			      PREPARE(history,
				      "SELECT coalesce(min(day), -1) FROM messages WHERE day >= ?1"
				      " AND typeof(day) = 'integer'",
				      parameters, error),
			      1, &next, error);
	return *good ? next : -1;
}

/* tell_days - from the first day of any host to the last of any */
static bool tell_days(struct history *history, const struct export_hosts *hosts,
		      sqlite3_stmt *statement, export_sink *sink, void *context,
		      struct error *error)
{
	long long first = HISTORY_DAY_MAX;
	long long last = -1;
	bool good = true;

	for (size_t i = 0; i < hosts->count; i++) {
		const struct export_host *host = &hosts->items[i];

		if (host->last < host->first)
			continue;
		first = host->first < first ? host->first : first;
		last = host->last > last ? host->last : last;
	}
	while (good && first <= last) {
		long long day = next_day(history, first, &good, error);

		/* In a damaged file an index can name days that are past, or none. */
		if (!good || day < first || day > last)
			break;
		good = tell_day(history, hosts, statement, day, sink, context, error);
		first = day + 1;
	}
	return good;
}

bool export_rows(struct history *history, const struct export_hosts *hosts, export_sink *sink,
		 void *context, struct error *error)
{
	sqlite3_stmt *statement = statement_prepare(
	    history,
	    "SELECT day, policy.domain, record, source, header_from, envelope_from, spf_domain,"
	    " spf_result, dkim, disposition, spf_aligned, dkim_aligned, reasons, count,"
	    " coalesce(organization, policy.domain), origin FROM messages"
	    " JOIN policy ON policy.id = policy LEFT JOIN member ON member.domain = policy.domain"
	    " WHERE day = ?1",
	    NULL, 0, error);
	bool good;

	if (statement == NULL)
		return false;
	good = tell_days(history, hosts, statement, sink, context, error);
	sqlite3_finalize(statement);
	return good;
}
