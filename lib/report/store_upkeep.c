/*
 * store_upkeep - expire and merge; see report/store_upkeep.h
 */
#include "report/store_upkeep.h"

#include <limits.h>
#include <string.h>

#include "base/pool.h"
#include "report/view_show.h"

bool store_expire(struct report_store *store, long long day, unsigned long long *reports,
		  struct error *error)
{
	char *statements = pool_printf(
	    store->pool,
	    "BEGIN IMMEDIATE;"
	    "DELETE FROM record WHERE report IN (SELECT id FROM report WHERE day < %lld);"
	    "DELETE FROM tls WHERE report IN (SELECT id FROM report WHERE day < %lld);"
	    "DELETE FROM failure WHERE report IN (SELECT id FROM report WHERE day < %lld);"
	    "DELETE FROM reject WHERE received < %lld;"
	    "DELETE FROM host WHERE asked < %lld;"
	    "DELETE FROM report WHERE day < %lld;",
	    day, day, day, day * STORE_SECONDS_A_DAY, day * STORE_SECONDS_A_DAY, day);
	/* Texts that nobody uses any more: what strangers have made up must not stay for ever. */
	static const char texts[] =
	    "CREATE TEMP TABLE used(id INTEGER PRIMARY KEY);"
	    "INSERT OR IGNORE INTO used SELECT source FROM record;"
	    "INSERT OR IGNORE INTO used SELECT domain FROM record;"
	    "INSERT OR IGNORE INTO used SELECT header_from FROM record;"
	    "INSERT OR IGNORE INTO used SELECT envelope_from FROM record;"
	    "INSERT OR IGNORE INTO used SELECT envelope_to FROM record;"
	    "INSERT OR IGNORE INTO used SELECT results FROM record;"
	    "INSERT OR IGNORE INTO used SELECT reasons FROM record;"
	    "INSERT OR IGNORE INTO used SELECT org FROM report;"
	    "INSERT OR IGNORE INTO used SELECT domain FROM report;"
	    "INSERT OR IGNORE INTO used SELECT sender FROM report;"
	    "INSERT OR IGNORE INTO used SELECT sender FROM reject;"
	    "INSERT OR IGNORE INTO used SELECT domain FROM tls;"
	    "INSERT OR IGNORE INTO used SELECT type FROM tls;"
	    "INSERT OR IGNORE INTO used SELECT source FROM failure;"
	    "INSERT OR IGNORE INTO used SELECT cause FROM failure;"
	    "INSERT OR IGNORE INTO used SELECT delivery FROM failure;"
	    "DELETE FROM text WHERE id != 0 AND id NOT IN (SELECT id FROM used);"
	    "DROP TABLE used; COMMIT";

	if (!store_run(store, statements, error))
		return false;
	*reports = (unsigned long long)sqlite3_changes(store->database);
	return store_run(store, texts, error) &&
	       store_run(store, "PRAGMA wal_checkpoint(TRUNCATE); VACUUM", error);
}

/* A merge that is going on. */
struct merging {
	struct report_store *other;
	struct report_writer *writer;
};

/* head_of - a report as it came in; repairs are not told again */
static struct incoming_head head_of(const struct shown_report *report)
{
	return (struct incoming_head){
	    .kind = report->kind,
	    .org = report->org,
	    .email = report->email,
	    .id = report->id,
	    .domain = report->domain,
	    .policy = report->policy,
	    .generator = report->generator,
	    .remark = report->remark,
	    .begin = report->begin,
	    .end = report->end,
	    .missing = report->missing_parts,
	    .incomplete = report->incomplete,
	};
}

/* tell_rows - of an aggregate report */
static bool tell_rows(const struct incoming_sink *sink, const struct shown_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct shown_row *shown = &report->items[i];
		const struct incoming_row row = {
		    .source = shown->source,
		    .messages = shown->messages,
		    .disposition = shown->disposition,
		    .dkim = shown->dkim,
		    .spf = shown->spf,
		    .header_from = shown->header_from,
		    .envelope_from = shown->envelope_from,
		    .envelope_to = shown->envelope_to,
		    .results = shown->results,
		    .reasons = shown->reasons,
		};

		if (!sink->row(sink->context, &row))
			return false;
	}
	return true;
}

/* tell_policies - of a TLS report */
static bool tell_policies(struct report_store *other, struct pool *pool,
			  const struct incoming_sink *sink, long long report, struct error *error)
{
	static const char query[] =
	    "SELECT (SELECT value FROM text WHERE text.id = tls.domain),"
	    " (SELECT value FROM text WHERE text.id = tls.type), good, failed, failures FROM tls"
	    " WHERE report = ? ORDER BY number";
	sqlite3_stmt *statement = NULL;
	int status;

	if (sqlite3_prepare_v2(other->database, query, -1, &statement, NULL) != SQLITE_OK)
		return store_failed(other, error);
	sqlite3_bind_int64(statement, 1, report);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		const struct incoming_tls policy = {
		    .domain = view_text(pool, statement, 0),
		    .type = view_text(pool, statement, 1),
		    .good = view_number(statement, 2),
		    .failed = view_number(statement, 3),
		    .failures = view_text(pool, statement, 4),
		};

		if (!sink->tls(sink->context, &policy))
			break;
	}
	return view_finish(other, statement, status == SQLITE_ROW ? SQLITE_DONE : status, error);
}

/* tell_cause - of a failure report; its fields, or its number there, are what it is known by */
static bool tell_cause(struct report_store *other, struct pool *pool,
		       const struct incoming_sink *sink, const struct shown_report *report,
		       struct error *error)
{
	static const char query[] =
	    "SELECT (SELECT value FROM text WHERE text.id = source),"
	    " (SELECT value FROM text WHERE text.id = cause),"
	    " (SELECT value FROM text WHERE text.id = delivery), fields,"
	    " (SELECT content FROM report WHERE id = report) FROM failure WHERE report = ?";
	sqlite3_stmt *statement = NULL;
	int status;

	if (sqlite3_prepare_v2(other->database, query, -1, &statement, NULL) != SQLITE_OK)
		return store_failed(other, error);
	sqlite3_bind_int64(statement, 1, report->number);
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW) {
		const char *fields = view_text(pool, statement, 3);
		const struct incoming_failure failure = {
		    .source = view_text(pool, statement, 0),
		    .cause = view_text(pool, statement, 1),
		    .delivery = view_text(pool, statement, 2),
		    .fields = slice_of(*fields != '\0' ? fields : view_text(pool, statement, 4)),
		};

		sink->failure(sink->context, &failure);
		status = SQLITE_DONE;
	}
	return view_finish(other, statement, status, error);
}

/* merge_report - as if it came in */
static bool merge_report(void *context, struct pool *pool, const struct shown_report *report,
			 struct error *error)
{
	const struct merging *merging = context;
	struct report_writer *writer = merging->writer;
	const struct incoming_sink *sink = &writer->handler.sink;
	struct incoming_head head = head_of(report);
	bool good = true;

	report_writer_file(writer, pool, merging->other->path);
	writer->now = (time_t)report->received;
	writer->handler.mail(sink->context, report->sender);
	sink->begin(sink->context, head.kind);
	if (head.kind == INCOMING_AGGREGATE)
		tell_rows(sink, report);
	else if (head.kind == INCOMING_TLS)
		good = tell_policies(merging->other, pool, sink, report->number, error);
	else
		good = tell_cause(merging->other, pool, sink, report, error);
	if (good)
		sink->end(sink->context, &head);
	if (good && writer->failed)
		*error = writer->error;
	return good && !writer->failed;
}

bool store_merge(struct report_store *other, struct report_writer *writer, struct error *error)
{
	const struct view_filter all = {.since = 0, .until = LLONG_MAX};
	struct merging merging = {other, writer};
	bool good = store_run(writer->store, "BEGIN IMMEDIATE", error) &&
		    view_each(other, &all, merge_report, &merging, error);

	report_writer_end(writer);
	if (good)
		return store_run(writer->store, "COMMIT", error);
	sqlite3_exec(writer->store->database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}
