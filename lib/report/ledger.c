/*
 * ledger - which report has gone where; see ledger.h
 */
#include "report/ledger.h"

#include <string.h>

#include "base/pool.h"
#include "history/statement.h"
#include "report/token.h"

static const char *const state_words[LEDGER_STATES] = {
    [LEDGER_UNVERIFIED] = "unverified", [LEDGER_PENDING] = "pending",
    [LEDGER_SENDING] = "sending",       [LEDGER_SENT] = "sent",
    [LEDGER_GIVEN_UP] = "given up",
};

const char *ledger_state_word(enum ledger_state state)
{
	return state_words[state];
}

bool ledger_make_durable(struct history *history, struct error *error)
{
	return history_run(history, "PRAGMA synchronous = FULL", error);
}

#define UNREPORTED                                                                                 \
	" FROM (SELECT day, policy, sum(count) AS messages FROM messages"                          \
	"  WHERE day BETWEEN ?1 AND ?2 AND (day, policy) > (?3, ?4)"                               \
	"  GROUP BY day, policy) AS seen"                                                          \
	" JOIN policy ON policy.id = policy WHERE wants_reports"                                   \
	" AND NOT EXISTS (SELECT 1 FROM report WHERE report.day = seen.day AND source = ''"        \
	"  AND report.domain = policy.domain AND report.record = policy.record)"

bool ledger_count_unreported(struct history *history, long long last, unsigned long long *count,
			     long long *day, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(0), NUMBER(last), NUMBER(0), NUMBER(0)};
	long long numbers[2] = {0, 0};
	bool good =
	    statement_numbers(history,
			      PREPARE(history, "SELECT count(*), coalesce(min(day), 0)" UNREPORTED,
				      parameters, error),
			      2, numbers, error);

	*count = (unsigned long long)numbers[0];
	*day = numbers[1];
	return good;
}

bool ledger_unreported(struct history *history, struct pool *pool, long long first, long long last,
		       const struct history_policy *after, struct history_policies *policies,
		       struct error *error)
{
	const struct parameter parameters[] = {NUMBER(first > after->day ? first : after->day),
					       NUMBER(last), NUMBER(after->day), NUMBER(after->id),
					       NUMBER(LEDGER_PAGE)};
	sqlite3_stmt *statement = PREPARE(history,
					  "SELECT day, policy, messages, domain, record" UNREPORTED
					  " ORDER BY day, policy LIMIT ?5",
					  parameters, error);
	int status;

	*policies = (struct history_policies){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		policies->items =
		    pool_grow(pool, policies->items, policies->count, sizeof(*policies->items));
		policies->items[policies->count++] = (struct history_policy){
		    .day = sqlite3_column_int64(statement, 0),
		    .id = sqlite3_column_int64(statement, 1),
		    .messages = (unsigned long long)sqlite3_column_int64(statement, 2),
		    .domain = history_column_text(pool, statement, 3),
		    .record = history_column_text(pool, statement, 4),
		};
	}
	return history_end_query(history, statement, status, error);
}

#define REPORT_COLUMNS                                                                             \
	"report.id, day, coalesce(policy.id, 0), report.domain, report.record, report.source,"     \
	" organization, name, submitter, created, report.messages, copy"
#define REPORT_POLICY                                                                              \
	" LEFT JOIN policy ON policy.domain = report.domain AND policy.record = report.record"

/* day_of - a column; what is no day, in a damaged file, is day 0 */
static long long day_of(sqlite3_stmt *statement, int column)
{
	long long day = sqlite3_column_int64(statement, column);

	return day >= 0 && day <= HISTORY_DAY_MAX ? day : 0;
}

/* read_report - the first columns of the current row */
static struct ledger_report read_report(struct pool *pool, sqlite3_stmt *statement)
{
	return (struct ledger_report){
	    .id = sqlite3_column_int64(statement, 0),
	    .day = day_of(statement, 1),
	    .policy = sqlite3_column_int64(statement, 2),
	    .domain = history_column_text(pool, statement, 3),
	    .record = history_column_text(pool, statement, 4),
	    .source = history_column_text(pool, statement, 5),
	    .organization = history_column_text(pool, statement, 6),
	    .name = history_column_text(pool, statement, 7),
	    .submitter = history_column_text(pool, statement, 8),
	    .created = sqlite3_column_int64(statement, 9),
	    .messages = (unsigned long long)sqlite3_column_int64(statement, 10),
	    .copy = history_column_text(pool, statement, 11),
	};
}

bool ledger_find_report(struct history *history, struct pool *pool, long long day,
			const char *domain, const char *record, struct ledger_report *report,
			struct error *error)
{
	const struct parameter parameters[] = {NUMBER(day), TEXT(domain), TEXT(record)};
	sqlite3_stmt *statement = PREPARE(history,
					  "SELECT " REPORT_COLUMNS " FROM report" REPORT_POLICY
					  " WHERE day = ?1 AND report.domain = ?2"
					  " AND report.record = ?3 AND report.source = ''",
					  parameters, error);
	int status;

	*report = (struct ledger_report){.id = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		*report = read_report(pool, statement);
	return history_end_query(history, statement, status, error);
}

/* add_destination - under the next number; each address has one report once */
static bool add_destination(struct history *history, long long report,
			    const struct ledger_destination *destination, struct error *error)
{
	const struct parameter parameters[] = {
	    NUMBER(report),
	    TEXT(destination->uri),
	    TEXT(destination->address),
	    TEXT(state_words[destination->state]),
	    NUMBER(destination->tries),
	    NUMBER(destination->next),
	    NUMBER(destination->changed),
	    TEXT(destination->reason),
	};

	return RUN(history,
		   "INSERT INTO destination SELECT ?1, (SELECT coalesce(max(number), 0) + 1"
		   " FROM destination WHERE report = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8"
		   " WHERE ?3 = '' OR NOT EXISTS"
		   " (SELECT 1 FROM destination WHERE report = ?1 AND address = ?3)",
		   parameters, error);
}

/* add_destinations - all of them */
static bool add_destinations(struct history *history, long long report,
			     const struct ledger_destinations *destinations, struct error *error)
{
	for (size_t i = 0; i < destinations->count; i++) {
		if (!add_destination(history, report, &destinations->items[i], error))
			return false;
	}
	return true;
}

/* add_ledger_report - sets its id */
static bool add_ledger_report(struct history *history, struct ledger_report *report,
			      struct error *error)
{
	const struct parameter parameters[] = {
	    NUMBER(report->day),     TEXT(report->domain),       TEXT(report->record),
	    TEXT(report->source),    TEXT(report->organization), TEXT(report->name),
	    TEXT(report->submitter), NUMBER(report->created),    NUMBER(report->messages),
	    TEXT(report->copy),
	};

	if (!RUN(history,
		 "INSERT INTO report(day, domain, record, source, organization, name, submitter,"
		 " created, messages, copy) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
		 parameters, error))
		return false;
	report->id = sqlite3_last_insert_rowid(history->database);
	return true;
}

bool ledger_book(struct history *history, struct ledger_report *report,
		 const struct ledger_destinations *destinations, struct error *error)
{
	bool good;

	if (!statement_begin(history, error))
		return false;
	good = add_ledger_report(history, report, error) &&
	       add_destinations(history, report->id, destinations, error);
	return statement_end(history, good, error);
}

/* change - within a transaction, or as one */
static bool change(struct history *history, long long report,
		   const struct ledger_destination *destination, struct error *error)
{
	const struct parameter parameters[] = {
	    NUMBER(report),
	    NUMBER(destination->number),
	    TEXT(state_words[destination->state]),
	    NUMBER(destination->tries),
	    NUMBER(destination->next),
	    NUMBER(destination->changed),
	    TEXT(destination->reason),
	};

	return RUN(history,
		   "UPDATE destination SET state = ?3, tries = ?4, next = ?5, changed = ?6,"
		   " reason = ?7 WHERE report = ?1 AND number = ?2",
		   parameters, error);
}

bool ledger_change(struct history *history, long long report,
		   const struct ledger_destination *destination, struct error *error)
{
	bool good = change(history, report, destination, error);

	history_shorten_wal(history);
	return good;
}

bool ledger_replace(struct history *history, long long report, const struct ledger_destination *old,
		    const struct ledger_destinations *destinations, struct error *error)
{
	bool good;

	if (!statement_begin(history, error))
		return false;
	good = change(history, report, old, error) &&
	       add_destinations(history, report, destinations, error);
	return statement_end(history, good, error);
}

/* state_of - a word of ours */
static enum ledger_state state_of(const char *word)
{
	enum ledger_state state = LEDGER_UNVERIFIED;

	while (state < LEDGER_GIVEN_UP && strcmp(state_words[state], word) != 0)
		state++;
	return state;
}

#define DESTINATION_COLUMNS ", number, uri, address, state, tries, next, changed, reason"
#define DESTINATION_REPORT                                                                         \
	" FROM destination JOIN report ON report.id = destination.report" REPORT_POLICY
#define FIRST_DESTINATION_COLUMN 12

/* read_entry - the current row: a report and one of its destinations */
static struct ledger_entry read_entry(struct pool *pool, sqlite3_stmt *statement)
{
	int column = FIRST_DESTINATION_COLUMN;
	struct ledger_entry entry = {.report = read_report(pool, statement)};
	struct ledger_destination *destination = &entry.destination;

	destination->number = (unsigned)sqlite3_column_int(statement, column++);
	destination->uri = history_column_text(pool, statement, column++);
	destination->address = history_column_text(pool, statement, column++);
	destination->state = state_of(history_column_text(pool, statement, column++));
	destination->tries = (unsigned)sqlite3_column_int(statement, column++);
	destination->next = sqlite3_column_int64(statement, column++);
	destination->changed = sqlite3_column_int64(statement, column++);
	destination->reason = history_column_text(pool, statement, column);
	return entry;
}

#define OPEN_STATES "state IN ('unverified', 'pending', 'sending')"

static const char *const selections[] = {
    [LEDGER_DUE] = "state IN ('unverified', 'pending', 'sending') AND next <= ?1",
    [LEDGER_OPEN] = OPEN_STATES,
    [LEDGER_HANDED_OVER] = "state = 'sending'",
    [LEDGER_UNSETTLED] = "state <> 'sent'",
    [LEDGER_ALL] = "true",
};

bool ledger_entries(struct history *history, struct pool *pool, enum ledger_selection selection,
		    long long now, struct ledger_place *place, struct ledger_entries *entries,
		    struct error *error)
{
	const struct parameter parameters[] = {NUMBER(now), NUMBER(place->report),
					       NUMBER(place->number), NUMBER(LEDGER_PAGE)};
	const char *text =
	    pool_printf(pool,
			"SELECT " REPORT_COLUMNS DESTINATION_COLUMNS DESTINATION_REPORT
			" WHERE %s AND (report, number) > (?2, ?3)"
			" ORDER BY report, number LIMIT ?4",
			selections[selection]);
	sqlite3_stmt *statement = PREPARE(history, text, parameters, error);
	int status;

	*entries = (struct ledger_entries){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		entries->items =
		    pool_grow(pool, entries->items, entries->count, sizeof(*entries->items));
		entries->items[entries->count] = read_entry(pool, statement);
		place->report = entries->items[entries->count].report.id;
		place->number = entries->items[entries->count++].destination.number;
	}
	return history_end_query(history, statement, status, error);
}

bool ledger_count(struct history *history, enum ledger_selection selection, long long now,
		  unsigned long long counts[LEDGER_STATES], struct error *error)
{
	const struct parameter parameters[] = {NUMBER(now)};
	char *text = sqlite3_mprintf("SELECT state, count(*) FROM destination WHERE %s"
				     " AND ?1 = ?1 GROUP BY state",
				     selections[selection]);
	sqlite3_stmt *statement = PREPARE(history, text, parameters, error);
	int status;

	memset(counts, 0, LEDGER_STATES * sizeof(*counts));
	sqlite3_free(text);
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		const void *word = sqlite3_column_text(statement, 0);

		if (word != NULL)
			counts[state_of(word)] +=
			    (unsigned long long)sqlite3_column_int64(statement, 1);
	}
	return history_end_query(history, statement, status, error);
}

bool ledger_mails(struct history *history, const char *organization, long long day,
		  unsigned long long *mails, struct error *error)
{
	const struct parameter parameters[] = {TEXT(organization), NUMBER(day)};
	long long number = 0;
	bool good =
	    statement_numbers(history,
			      PREPARE(history,
				      "SELECT count(*) FROM report JOIN destination ON report = id"
				      " WHERE organization = ?1 AND day = ?2 AND state = 'sent'",
				      parameters, error),
			      1, &number, error);

	*mails = (unsigned long long)number;
	return good;
}

/* is_named - by the token? */
static bool is_named(struct pool *pool, const char *key, const struct ledger_entry *entry,
		     struct slice token)
{
	const char *address = entry->destination.address;

	return *address != '\0' &&
	       slice_is_nocase(token, report_token(pool, key, entry->report.name, address));
}

bool ledger_find(struct history *history, struct pool *pool, struct slice token,
		 struct ledger_entry *entry, struct error *error)
{
	const char *key = history_key(history, pool, error);
	const struct parameter parameters[] = {TEXT(slice_lower(pool, token_report_id(token)))};
	sqlite3_stmt *statement;
	int status;

	*entry = (struct ledger_entry){.report = {.id = 0}};
	if (key == NULL)
		return false;
	statement = PREPARE(history,
			    "SELECT " REPORT_COLUMNS DESTINATION_COLUMNS DESTINATION_REPORT
			    " WHERE name = ?1",
			    parameters, error);
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		struct ledger_entry found = read_entry(pool, statement);

		if (is_named(pool, key, &found, token))
			*entry = found;
	}
	return history_end_query(history, statement, status, error);
}

bool ledger_backoff(struct history *history, const char *address, long long now, long long *until,
		    struct error *error)
{
	const struct parameter parameters[] = {TEXT(address), NUMBER(now)};

	return statement_numbers(
	    history,
	    PREPARE(history,
		    "SELECT coalesce(max(next), 0) FROM destination WHERE"
		    " address = ?1 AND state = 'pending' AND tries > 0 AND next > ?2",
		    parameters, error),
	    1, until, error);
}

bool ledger_late(struct history *history, struct ledger_late *late, struct error *error)
{
	static const char text[] =
	    "SELECT count(*), coalesce(sum(now - messages), 0) FROM"
	    " (SELECT report.messages, (SELECT sum(count) FROM messages AS m"
	    "  WHERE m.day = report.day AND m.policy = policy.id) AS now FROM report"
	    "  JOIN policy ON policy.domain = report.domain AND policy.record = report.record"
	    "  WHERE report.source = '') WHERE now > messages";
	long long numbers[2] = {0, 0};
	bool good = statement_numbers(history, statement_prepare(history, text, NULL, 0, error), 2,
				      numbers, error);

	late->reports = (size_t)numbers[0];
	late->messages = (unsigned long long)numbers[1];
	return good;
}

bool ledger_today(struct history *history, long long day, struct ledger_today *today,
		  struct error *error)
{
	const struct parameter parameters[] = {NUMBER(day)};
	long long numbers[3] = {0, 0, 0};
	bool good = statement_numbers(
	    history,
	    PREPARE(history,
		    "SELECT coalesce(sum(messages), 0), count(DISTINCT domain),"
		    " count(DISTINCT CASE WHEN wants_reports THEN domain END) FROM"
		    " (SELECT policy, sum(count) AS messages FROM messages WHERE day = ?1"
		    "  GROUP BY policy) JOIN policy ON policy.id = policy",
		    parameters, error),
	    3, numbers, error);

	today->messages = (unsigned long long)numbers[0];
	today->domains = (unsigned long long)numbers[1];
	today->asking = (unsigned long long)numbers[2];
	return good;
}

bool ledger_first_open(struct history *history, long long last, long long *day, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(last)};

	return statement_numbers(history,
				 PREPARE(history,
					 "SELECT min(?1, coalesce(min(day), ?1)) FROM destination"
					 " JOIN report ON report.id = report WHERE " OPEN_STATES,
					 parameters, error),
				 1, day, error);
}

bool ledger_expire(struct history *history, long long first, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(first)};
	bool good;

	if (!statement_begin(history, error))
		return false;
	good = RUN(history,
		   "DELETE FROM destination WHERE report IN (SELECT id FROM report WHERE day < ?1)",
		   parameters, error) &&
	       RUN(history, "DELETE FROM report WHERE day < ?1", parameters, error);
	return statement_end(history, good, error);
}
