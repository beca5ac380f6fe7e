/*
 * ledger - which report has gone where; see ledger.h
 */
#include "report/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/pool.h"
#include "history/query.h"
#include "history/store.h"
#include "report/report_mail.h"

#define LOCK_SUFFIX  "-sending"
#define LOCK_SECONDS 0.2

static const char *const state_words[LEDGER_STATES] = {
    [LEDGER_UNVERIFIED] = "unverified", [LEDGER_PENDING] = "pending",
    [LEDGER_SENDING] = "sending",       [LEDGER_SENT] = "sent",
    [LEDGER_GIVEN_UP] = "given up",
};

const char *ledger_state_word(enum ledger_state state)
{
	return state_words[state];
}

int ledger_lock(struct pool *pool, const char *path, struct error *error)
{
	const char *name = pool_printf(pool, "%s" LOCK_SUFFIX, path);
	const struct timespec deadline = deadline_after(LOCK_SECONDS);
	int fd =
	    open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, S_IRUSR | S_IWUSR);

	/* A run that was killed has left a process, which may need a moment to see it
	 * (report/sendmail.h).
	 */
	if (fd >= 0 && file_lock(fd, LOCK_EX, &deadline))
		return fd;
	if (errno == ETIMEDOUT)
		error_set(error, STATUS_OTHER, "%s: another run is at work", name);
	else
		error_set(error, STATUS_OTHER, "%s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

bool ledger_make_durable(struct history *history, struct error *error)
{
	return history_run(history, "PRAGMA synchronous = FULL", error);
}

/* A statement, and what its parameters ?1, ?2, ... are. */
struct parameter {
	const char *text; /* NULL: number */
	long long number;
};

#define TEXT(value)   ((struct parameter){.text = (value)})
#define NUMBER(value) ((struct parameter){.number = (long long)(value)})

/* prepare - NULL with error */
static sqlite3_stmt *prepare(struct history *history, const char *text,
			     const struct parameter *parameters, int count, struct error *error)
{
	sqlite3_stmt *statement;

	history->deadline = deadline_after(HISTORY_PATIENCE);
	statement = history_prepare(history, text, error);
	for (int i = 0; statement != NULL && i < count; i++) {
		if (parameters[i].text != NULL)
			sqlite3_bind_text(statement, i + 1, parameters[i].text, -1, SQLITE_STATIC);
		else
			sqlite3_bind_int64(statement, i + 1, parameters[i].number);
	}
	return statement;
}

#define PREPARE(history, text, parameters, error)                                                  \
	prepare(history, text, parameters, (int)(sizeof(parameters) / sizeof((parameters)[0])),    \
		error)
#define RUN(history, text, parameters, error)                                                      \
	history_finish(history, PREPARE(history, text, parameters, error), error)

/* finish - of a query: it must have come to its end */
static bool finish(struct history *history, sqlite3_stmt *statement, int status,
		   struct error *error)
{
	if (status != SQLITE_DONE)
		history_failed(history, error);
	sqlite3_finalize(statement);
	return status == SQLITE_DONE;
}

/* text_of - a column of the current row */
static const char *text_of(struct pool *pool, sqlite3_stmt *statement, int column)
{
	const void *text = sqlite3_column_text(statement, column);

	return pool_copy(pool, text, (size_t)sqlite3_column_bytes(statement, column));
}

bool ledger_unreported(struct history *history, struct pool *pool, long long first, long long last,
		       struct history_policies *policies, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(first), NUMBER(last)};
	/* A record is stored in one form, in which a tag follows "; " (history/row.h). */
	sqlite3_stmt *statement =
	    PREPARE(history,
		    "SELECT day, policy, messages, domain, record FROM"
		    " (SELECT day, policy, sum(count) AS messages FROM messages"
		    "  WHERE day BETWEEN ?1 AND ?2 GROUP BY day, policy) AS seen"
		    " JOIN policy ON policy.id = policy WHERE instr(record, '; rua=') > 0"
		    " AND NOT EXISTS (SELECT 1 FROM report WHERE report.day = seen.day"
		    "  AND report.domain = policy.domain AND report.record = policy.record)"
		    " ORDER BY day, policy",
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
		    .domain = text_of(pool, statement, 3),
		    .record = text_of(pool, statement, 4),
		};
	}
	return finish(history, statement, status, error);
}

#define REPORT_COLUMNS                                                                             \
	"report.id, day, coalesce(policy.id, 0), report.domain, report.record, name, submitter,"   \
	" created, report.messages"
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
	    .domain = text_of(pool, statement, 3),
	    .record = text_of(pool, statement, 4),
	    .name = text_of(pool, statement, 5),
	    .submitter = text_of(pool, statement, 6),
	    .created = sqlite3_column_int64(statement, 7),
	    .messages = (unsigned long long)sqlite3_column_int64(statement, 8),
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
					  " AND report.record = ?3",
					  parameters, error);
	int status;

	*report = (struct ledger_report){.id = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		*report = read_report(pool, statement);
	return finish(history, statement, status, error);
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

/* begin - a transaction; others may be writing for as long as we are patient */
static bool begin(struct history *history, struct error *error)
{
	history->deadline = deadline_after(HISTORY_PATIENCE);
	return history_begin(history, error);
}

/* end - of a transaction */
static bool end(struct history *history, bool good, struct error *error)
{
	good = history_end(history, good, error);
	history_shorten_wal(history);
	return good;
}

/* add_report - sets its id */
static bool add_report(struct history *history, struct ledger_report *report, struct error *error)
{
	const struct parameter parameters[] = {
	    NUMBER(report->day),      TEXT(report->domain),    TEXT(report->record),
	    TEXT(report->name),       TEXT(report->submitter), NUMBER(report->created),
	    NUMBER(report->messages),
	};

	if (!RUN(history,
		 "INSERT INTO report(day, domain, record, name, submitter, created, messages)"
		 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		 parameters, error))
		return false;
	report->id = sqlite3_last_insert_rowid(history->database);
	return true;
}

bool ledger_book(struct history *history, struct ledger_report *report,
		 const struct ledger_destinations *destinations, struct error *error)
{
	bool good;

	if (!begin(history, error))
		return false;
	good = add_report(history, report, error) &&
	       add_destinations(history, report->id, destinations, error);
	return end(history, good, error);
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

	if (!begin(history, error))
		return false;
	good = change(history, report, old, error) &&
	       add_destinations(history, report, destinations, error);
	return end(history, good, error);
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
#define FIRST_DESTINATION_COLUMN 9

/* read_entry - the current row: a report and one of its destinations */
static struct ledger_entry read_entry(struct pool *pool, sqlite3_stmt *statement)
{
	int column = FIRST_DESTINATION_COLUMN;
	struct ledger_entry entry = {.report = read_report(pool, statement)};
	struct ledger_destination *destination = &entry.destination;

	destination->number = (unsigned)sqlite3_column_int(statement, column++);
	destination->uri = text_of(pool, statement, column++);
	destination->address = text_of(pool, statement, column++);
	destination->state = state_of(text_of(pool, statement, column++));
	destination->tries = (unsigned)sqlite3_column_int(statement, column++);
	destination->next = sqlite3_column_int64(statement, column++);
	destination->changed = sqlite3_column_int64(statement, column++);
	destination->reason = text_of(pool, statement, column);
	return entry;
}

#define OPEN_STATES "state IN ('unverified', 'pending', 'sending')"

static const char *const selections[] = {
    [LEDGER_DUE] = OPEN_STATES " AND next <= ?1",
    [LEDGER_OPEN] = OPEN_STATES,
    [LEDGER_UNSETTLED] = "state <> 'sent'",
    [LEDGER_ALL] = "true",
};

bool ledger_entries(struct history *history, struct pool *pool, enum ledger_selection selection,
		    long long now, struct ledger_entries *entries, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(now)};
	int count = selection == LEDGER_DUE ? 1 : 0;
	const char *text =
	    pool_printf(pool,
			"SELECT " REPORT_COLUMNS DESTINATION_COLUMNS DESTINATION_REPORT
			" WHERE %s ORDER BY day, report, number",
			selections[selection]);
	sqlite3_stmt *statement = prepare(history, text, parameters, count, error);
	int status;

	*entries = (struct ledger_entries){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		entries->items =
		    pool_grow(pool, entries->items, entries->count, sizeof(*entries->items));
		entries->items[entries->count++] = read_entry(pool, statement);
	}
	return finish(history, statement, status, error);
}

bool ledger_find(struct history *history, struct pool *pool, struct slice token,
		 struct ledger_entry *entry, struct error *error)
{
	size_t dot = slice_find(token, '.');
	unsigned long long number = 0;
	struct parameter parameters[] = {TEXT(slice_copy(pool, slice_from(token.data, dot))),
					 NUMBER(0)};
	sqlite3_stmt *statement;
	int status;

	*entry = (struct ledger_entry){.report = {.id = 0}};
	if (dot == token.len || !slice_to_number(slice_skip(token, dot + 1), INT_MAX, &number))
		return true;
	parameters[1] = NUMBER(number);
	statement = PREPARE(history,
			    "SELECT " REPORT_COLUMNS DESTINATION_COLUMNS DESTINATION_REPORT
			    " WHERE name = ?1 AND number = ?2",
			    parameters, error);
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		*entry = read_entry(pool, statement);
	return finish(history, statement, status, error);
}

/* numbers_of - the columns of the only row of a query */
static bool numbers_of(struct history *history, sqlite3_stmt *statement, int count,
		       long long *numbers, struct error *error)
{
	int status;

	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < count; i++)
			numbers[i] = sqlite3_column_int64(statement, i);
	}
	return finish(history, statement, status, error);
}

bool ledger_backoff(struct history *history, const char *address, long long now, long long *until,
		    struct error *error)
{
	const struct parameter parameters[] = {TEXT(address), NUMBER(now)};

	return numbers_of(history,
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
	    "  JOIN policy ON policy.domain = report.domain AND policy.record = report.record)"
	    " WHERE now > messages";
	long long numbers[2] = {0, 0};
	bool good = numbers_of(history, prepare(history, text, NULL, 0, error), 2, numbers, error);

	late->reports = (size_t)numbers[0];
	late->messages = (unsigned long long)numbers[1];
	return good;
}

bool ledger_first_open(struct history *history, long long last, long long *day, struct error *error)
{
	const struct parameter parameters[] = {NUMBER(last)};

	return numbers_of(history,
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

	if (!begin(history, error))
		return false;
	good = RUN(history,
		   "DELETE FROM destination WHERE report IN (SELECT id FROM report WHERE day < ?1)",
		   parameters, error) &&
	       RUN(history, "DELETE FROM report WHERE day < ?1", parameters, error);
	return end(history, good, error);
}

bool ledger_suppress(struct history *history, const char *address, long long now,
		     const char *reason, struct error *error)
{
	const struct parameter parameters[] = {TEXT(address), NUMBER(now), TEXT(reason)};

	return RUN(history, "INSERT OR IGNORE INTO suppressed VALUES(?1, ?2, ?3)", parameters,
		   error);
}

bool ledger_unsuppress(struct history *history, const char *address, bool *found,
		       struct error *error)
{
	const struct parameter parameters[] = {TEXT(address)};

	if (!RUN(history, "DELETE FROM suppressed WHERE address = ?1", parameters, error))
		return false;
	*found = sqlite3_changes(history->database) > 0;
	return true;
}

/* read_suppressed - rows of the table, as destinations */
static bool read_suppressed(struct history *history, struct pool *pool, sqlite3_stmt *statement,
			    struct ledger_destinations *list, struct error *error)
{
	int status;

	*list = (struct ledger_destinations){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct ledger_destination){
		    .address = text_of(pool, statement, 0),
		    .changed = sqlite3_column_int64(statement, 1),
		    .reason = text_of(pool, statement, 2),
		};
	}
	return finish(history, statement, status, error);
}

bool ledger_suppressed(struct history *history, struct pool *pool, const char *address,
		       const char **reason, struct error *error)
{
	const struct parameter parameters[] = {TEXT(address)};
	struct ledger_destinations list;
	sqlite3_stmt *statement =
	    PREPARE(history, "SELECT * FROM suppressed WHERE address = ?1", parameters, error);

	*reason = NULL;
	if (!read_suppressed(history, pool, statement, &list, error))
		return false;
	if (list.count > 0)
		*reason = list.items[0].reason;
	return true;
}

bool ledger_suppressed_all(struct history *history, struct pool *pool,
			   struct ledger_destinations *list, struct error *error)
{
	static const char text[] = "SELECT * FROM suppressed ORDER BY since, address";

	return read_suppressed(history, pool, prepare(history, text, NULL, 0, error), list, error);
}
