/*
 * report_writer - from the intake into the store; see report/report_writer.h
 */
#include "report/report_writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"

#define FIRST_DAY      14610 /* 2010-01-01: no report is older */
#define LINE_MAX_TEXT  (INCOMING_RESULTS_MAX * 4 * INCOMING_FIELD_MAX + 4096)
#define DISPOSITION_AT 2 /* bits of class: 1 DKIM, 2 SPF, above them the disposition */

enum {
	MARK_PART = 2, /* after those of report_store.c */
	MARK_DOCUMENT,
	KEEP_PART,
	KEEP_DOCUMENT,
	UNDO_PART,
	UNDO_DOCUMENT,
	FIND_REPORT,
	ADD_REPORT,
	DROP_REPORT,
	DROP_ROWS,
	DROP_TLS,
	DROP_FAILURE,
	DROP_REJECTS,
	ADD_ROW,
	MOVE_ROWS,
	ADD_TLS,
	ADD_FAILURE,
	ADD_REJECT,
	NOTE_SENDER,
};

/* A row or a policy, its texts by their numbers. */
struct pending_row {
	sqlite3_int64 source;      /* of a TLS policy: its domain */
	sqlite3_int64 header_from; /* its type */
	sqlite3_int64 envelope_from;
	sqlite3_int64 envelope_to;
	sqlite3_int64 results;
	sqlite3_int64 reasons;
	unsigned long long messages; /* good */
	unsigned long long failed;
	const char *failures;
	int class;
};

struct pending_reject {
	const char *reason;
	const char *excerpt;
};

/* The report that is being told. */
struct writer_pending {
	struct pool *pool;
	enum incoming_kind kind;
	size_t count; /* rows in memory */
	struct pending_row *rows;
	size_t reject_count;
	struct pending_reject *rejects;
	unsigned long long written; /* rows in the file */
	unsigned long long all_rows;
	unsigned long long all_rejects;
	unsigned long long messages;
	unsigned long long passed;
	unsigned long long by_disposition[3];
	const char *failure_fields; /* NULL: not kept */
	uint64_t content;
	sqlite3_int64 id; /* 0 as long as nothing has been written */
};

/* fail_writing - our own trouble: nothing more is taken */
static bool fail_writing(struct report_writer *writer)
{
	writer->failed = true;
	return false;
}

/* text_id - the number of a text */
static bool text_id(struct report_writer *writer, const char *text, sqlite3_int64 *id)
{
	return store_text(writer->store, slice_of(text), id, &writer->error) ||
	       fail_writing(writer);
}

/* run_plain - a statement without parameters */
static bool run_plain(struct report_writer *writer, unsigned number, const char *text)
{
	sqlite3_stmt *statement = store_statement(writer->store, number, text, &writer->error);

	return (statement != NULL && store_step(writer->store, statement, &writer->error)) ||
	       fail_writing(writer);
}

/* run_for - a statement with the number of a report */
static bool run_for(struct report_writer *writer, unsigned number, const char *text,
		    sqlite3_int64 report)
{
	sqlite3_stmt *statement = store_statement(writer->store, number, text, &writer->error);

	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, report);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* drop_report - with all that belongs to it */
static bool drop_report(struct report_writer *writer, sqlite3_int64 report)
{
	return run_for(writer, DROP_ROWS, "DELETE FROM record WHERE report = ?", report) &&
	       run_for(writer, DROP_TLS, "DELETE FROM tls WHERE report = ?", report) &&
	       run_for(writer, DROP_FAILURE, "DELETE FROM failure WHERE report = ?", report) &&
	       run_for(writer, DROP_REJECTS, "DELETE FROM reject WHERE report = ?", report) &&
	       run_for(writer, DROP_REPORT, "DELETE FROM report WHERE id = ?", report);
}

/* drop_pending - what is not told to its end */
static void drop_pending(struct report_writer *writer)
{
	if (writer->pending != NULL)
		pool_free(writer->pending->pool);
	writer->pending = NULL;
}

/* take_mail - a new one */
static void take_mail(void *context, const char *sender)
{
	struct report_writer *writer = context;

	writer->has_sender = *sender != '\0';
	text_id(writer, sender, &writer->sender);
}

/* take_mark - from here on it may be undone */
static void take_mark(void *context, enum intake_mark mark)
{
	struct report_writer *writer = context;

	writer->marked[mark] = writer->count;
	if (mark == INTAKE_PART)
		run_plain(writer, MARK_PART, "SAVEPOINT part");
	else
		run_plain(writer, MARK_DOCUMENT, "SAVEPOINT document");
}

/* undo - back to the mark; texts that are new since then have no number any more */
static bool undo(struct report_writer *writer, enum intake_mark mark)
{
	memset(writer->store->cache, 0, sizeof(writer->store->cache));
	writer->count = writer->marked[mark];
	if (mark == INTAKE_PART)
		return run_plain(writer, UNDO_PART, "ROLLBACK TO part");
	return run_plain(writer, UNDO_DOCUMENT, "ROLLBACK TO document");
}

/* settle_writing - keeps or undoes what was told since the mark */
static bool settle_writing(void *context, enum intake_mark mark, bool keep)
{
	struct report_writer *writer = context;

	drop_pending(writer);
	if (writer->failed || (!keep && !undo(writer, mark)))
		return false;
	if (mark == INTAKE_PART)
		return run_plain(writer, KEEP_PART, "RELEASE part");
	return run_plain(writer, KEEP_DOCUMENT, "RELEASE document");
}

/* add_reject - a row of that table; report 0: a part, or a report that is not ours */
static bool add_reject(struct report_writer *writer, sqlite3_int64 report, const char *org,
		       const char *domain, const char *reason, const char *excerpt)
{
	sqlite3_stmt *statement = store_statement(
	    writer->store, ADD_REJECT,
	    "INSERT INTO reject(report, received, file, sender, org, domain, reason, excerpt)"
	    " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
	    &writer->error);

	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, report);
	sqlite3_bind_int64(statement, 2, writer->now);
	sqlite3_bind_text(statement, 3, writer->file, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 4, writer->sender);
	sqlite3_bind_text(statement, 5, org, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, domain, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 7, reason, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 8, excerpt, -1, SQLITE_STATIC);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* take_refusal - a part that counts for nothing */
static bool take_refusal(void *context, const char *reason)
{
	struct report_writer *writer = context;

	writer->refusals++;
	writer->refusal = reason;
	return add_reject(writer, 0, "", "", reason, "");
}

/* take_begin - a new report */
static bool take_begin(void *context, enum incoming_kind kind)
{
	struct report_writer *writer = context;
	struct pool *pool = pool_new();

	drop_pending(writer);
	writer->pending = pool_alloc(pool, sizeof(*writer->pending));
	writer->pending->pool = pool;
	writer->pending->kind = kind;
	return !writer->failed;
}

/* note_content - what a report says, so that the same one is known again */
static void note_content(struct report_writer *writer, struct buffer *line)
{
	buffer_add(line, &writer->pending->content, sizeof(writer->pending->content));
	writer->pending->content = store_hash(writer->store, buffer_slice(line));
	buffer_free(line);
}

/* new_row - room for one more */
static struct pending_row *new_row(struct writer_pending *pending)
{
	struct pending_row *row;

	pending->rows =
	    pool_grow(pending->pool, pending->rows, pending->count, sizeof(*pending->rows));
	row = &pending->rows[pending->count++];
	*row = (struct pending_row){.failures = ""};
	pending->all_rows++;
	return row;
}

/* write_row - of an aggregate report */
static bool write_row(struct report_writer *writer, const struct pending_row *row,
		      sqlite3_int64 domain, long long day)
{
	sqlite3_stmt *statement = store_statement(
	    writer->store, ADD_ROW, "INSERT INTO record VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    &writer->error);
	const sqlite3_int64 values[] = {writer->pending->id,
					(sqlite3_int64)writer->pending->written++,
					domain,
					day,
					row->source,
					row->class,
					(sqlite3_int64)row->messages,
					row->header_from,
					row->envelope_from,
					row->envelope_to,
					row->results,
					row->reasons};

	if (statement == NULL)
		return fail_writing(writer);
	for (int i = 0; i < (int)(sizeof(values) / sizeof(values[0])); i++)
		sqlite3_bind_int64(statement, i + 1, values[i]);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* write_tls - a policy */
static bool write_tls(struct report_writer *writer, const struct pending_row *row, long long day)
{
	sqlite3_stmt *statement =
	    store_statement(writer->store, ADD_TLS,
			    "INSERT INTO tls VALUES(?, ?, ?, ?, ?, ?, ?, ?)", &writer->error);

	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, writer->pending->id);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)writer->pending->written++);
	sqlite3_bind_int64(statement, 3, row->source);
	sqlite3_bind_int64(statement, 4, day);
	sqlite3_bind_int64(statement, 5, row->header_from);
	sqlite3_bind_int64(statement, 6, (sqlite3_int64)row->messages);
	sqlite3_bind_int64(statement, 7, (sqlite3_int64)row->failed);
	sqlite3_bind_text(statement, 8, row->failures, -1, SQLITE_STATIC);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* write_failure - what is kept of one */
static bool write_failure(struct report_writer *writer, const struct pending_row *row)
{
	sqlite3_stmt *statement =
	    store_statement(writer->store, ADD_FAILURE, "INSERT INTO failure VALUES(?, ?, ?, ?, ?)",
			    &writer->error);
	const char *fields = writer->pending->failure_fields;

	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, writer->pending->id);
	sqlite3_bind_int64(statement, 2, row->source);
	sqlite3_bind_int64(statement, 3, row->header_from);
	sqlite3_bind_int64(statement, 4, row->results);
	sqlite3_bind_text(statement, 5, fields != NULL ? fields : "", -1, SQLITE_STATIC);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* write_rows - those in memory */
static bool write_rows(struct report_writer *writer, sqlite3_int64 domain, long long day)
{
	struct writer_pending *pending = writer->pending;
	bool good = true;

	for (size_t i = 0; good && i < pending->count; i++) {
		if (pending->kind == INCOMING_AGGREGATE)
			good = write_row(writer, &pending->rows[i], domain, day);
		else if (pending->kind == INCOMING_TLS)
			good = write_tls(writer, &pending->rows[i], day);
		else
			good = write_failure(writer, &pending->rows[i]);
	}
	pending->count = 0;
	pending->rows = NULL;
	return good;
}

/* make_place - a number for a report whose rows are too many to wait for its head */
static bool make_place(struct report_writer *writer)
{
	struct writer_pending *pending = writer->pending;

	if (pending->id != 0)
		return true;
	if (!store_run(
		writer->store,
		"INSERT INTO report VALUES(NULL, 0, 0, 0, '', '', 0, 0, 0, 0, 0, 0, 0, '', '', '',"
		" 0, 0, '', 0, 0, 0, 0, 0, 0)",
		&writer->error))
		return fail_writing(writer);
	pending->id = sqlite3_last_insert_rowid(writer->store->database);
	return true;
}

/* spill_rows - so that memory does not grow with the report */
static bool spill_rows(struct report_writer *writer)
{
	if (writer->pending->count < WRITER_ROWS_MAX)
		return true;
	return make_place(writer) && write_rows(writer, 0, 0);
}

/* take_row - of an aggregate report */
static bool take_row(void *context, const struct incoming_row *told)
{
	struct report_writer *writer = context;
	struct writer_pending *pending = writer->pending;
	struct pending_row *row = new_row(pending);
	const char *const texts[] = {told->source,      told->header_from, told->envelope_from,
				     told->envelope_to, told->results,     told->reasons};
	struct buffer line;

	row->class =
	    (told->dkim ? 1 : 0) | (told->spf ? 2 : 0) | (int)told->disposition << DISPOSITION_AT;
	row->messages = told->messages;
	pending->messages += told->messages;
	pending->passed += told->dkim || told->spf ? told->messages : 0;
	pending->by_disposition[told->disposition] += told->messages;
	buffer_init(&line, LINE_MAX_TEXT);
	buffer_add(&line, &row->messages, sizeof(row->messages));
	buffer_add(&line, &row->class, sizeof(row->class));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		buffer_add(&line, texts[i], strlen(texts[i]) + 1);
	note_content(writer, &line);
	return text_id(writer, told->source, &row->source) &&
	       text_id(writer, told->header_from, &row->header_from) &&
	       text_id(writer, told->envelope_from, &row->envelope_from) &&
	       text_id(writer, told->envelope_to, &row->envelope_to) &&
	       text_id(writer, told->results, &row->results) &&
	       text_id(writer, told->reasons, &row->reasons) && spill_rows(writer);
}

/* take_tls - a policy of a TLS report */
static bool take_tls(void *context, const struct incoming_tls *told)
{
	struct report_writer *writer = context;
	struct writer_pending *pending = writer->pending;
	struct pending_row *row = new_row(pending);
	struct buffer line;

	row->messages = told->good;
	row->failed = told->failed;
	row->failures = slice_copy(pending->pool, slice_of(told->failures));
	pending->messages += told->good + told->failed;
	pending->passed += told->good;
	buffer_init(&line, LINE_MAX_TEXT);
	buffer_printf(&line, "%s %s %llu %llu\n%s", told->domain, told->type, told->good,
		      told->failed, told->failures);
	note_content(writer, &line);
	return text_id(writer, told->domain, &row->source) &&
	       text_id(writer, told->type, &row->header_from) && spill_rows(writer);
}

/* take_failure - counts and domains, more only if it is wanted */
static bool take_failure(void *context, const struct incoming_failure *told)
{
	struct report_writer *writer = context;
	struct writer_pending *pending = writer->pending;
	struct pending_row *row = new_row(pending);
	bool cut = false;

	pending->content = store_hash(writer->store, told->fields);
	pending->messages = 1;
	if (!text_id(writer, told->cause, &row->header_from))
		return false;
	if (!writer->keep_failures)
		return true;
	pending->failure_fields = incoming_text(pending->pool, told->fields, INCOMING_ID_MAX, &cut);
	return text_id(writer, told->source, &row->source) &&
	       text_id(writer, told->delivery, &row->results);
}

/* take_reject - a row that is none */
static bool take_reject(void *context, const char *reason, const char *excerpt)
{
	struct report_writer *writer = context;
	struct writer_pending *pending = writer->pending;
	bool cut = false;

	if (pending->all_rejects++ >= WRITER_REJECTS_MAX)
		return true;
	pending->rejects = pool_grow(pending->pool, pending->rejects, pending->reject_count,
				     sizeof(*pending->rejects));
	pending->rejects[pending->reject_count++] = (struct pending_reject){
	    reason, incoming_text(pending->pool, slice_of(excerpt), WRITER_EXCERPT_MAX, &cut)};
	return true;
}

/* day_of - that a report is about; that of its arrival if it does not say so, or cannot be true */
static long long day_of(const struct report_writer *writer, const struct incoming_head *head)
{
	long long today = writer->now / STORE_SECONDS_A_DAY;
	long long day = head->begin / STORE_SECONDS_A_DAY;

	return head->begin == 0 || day < FIRST_DAY || day > today ? today : day;
}

/* repairs_text - "stray-ampersand=2 word=1", and how many in all */
static const char *repairs_text(struct pool *pool, const struct incoming_repairs *repairs,
				unsigned long long *all)
{
	const char *text = "";

	*all = 0;
	for (unsigned i = 0; i < INCOMING_REPAIRS; i++) {
		*all += repairs->counts[i];
		if (repairs->counts[i] > 0)
			text = pool_printf(pool, "%s%s%s=%u", text, *text != '\0' ? " " : "",
					   incoming_repair_word(i), repairs->counts[i]);
	}
	return text;
}

/* result_of - what is said of it */
static struct writer_result result_of(struct report_writer *writer,
				      const struct incoming_head *head)
{
	const struct writer_pending *pending = writer->pending;
	struct pool *pool = writer->pool;
	struct writer_result result = {
	    .kind = head->kind,
	    .org = slice_copy(pool, slice_of(head->org)),
	    .id = slice_copy(pool, slice_of(head->id)),
	    .domain = slice_copy(pool, slice_of(head->domain)),
	    .begin = head->begin,
	    .end = head->end,
	    .rows = pending->all_rows,
	    .messages = pending->messages,
	    .passed = pending->passed,
	    .rejected_rows = pending->all_rejects,
	    .missing = incoming_missing_words(pool, head->missing),
	    .incomplete = head->incomplete,
	};

	result.repaired = repairs_text(pool, &head->repairs, &result.repairs);
	return result;
}

/* A report that is there already. */
struct known_report {
	sqlite3_int64 id; /* 0: there is none */
	uint64_t content;
	bool has_sender;
	bool incomplete;
};

/* report_key - what it is known by */
static uint64_t report_key(const struct report_writer *writer, const struct incoming_head *head)
{
	struct buffer text;
	uint64_t key;

	buffer_init(&text, INCOMING_ID_MAX + 4 * INCOMING_FIELD_MAX);
	buffer_printf(&text, "%d %lld %lld %s\n%s\n%s", (int)head->kind, head->begin, head->end,
		      head->org, head->domain, head->id);
	if (head->kind == INCOMING_FAILURE)
		buffer_add(&text, &writer->pending->content, sizeof(writer->pending->content));
	key = store_hash(writer->store, buffer_slice(&text));
	buffer_free(&text);
	return key;
}

/* find_report - by its key */
static bool find_report(struct report_writer *writer, uint64_t key, struct known_report *known)
{
	sqlite3_stmt *statement = store_statement(
	    writer->store, FIND_REPORT,
	    "SELECT id, content, sender, incomplete FROM report WHERE key = ?", &writer->error);
	int status;

	*known = (struct known_report){.id = 0};
	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, (sqlite3_int64)key);
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW)
		*known = (struct known_report){
		    .id = sqlite3_column_int64(statement, 0),
		    .content = (uint64_t)sqlite3_column_int64(statement, 1),
		    .has_sender = sqlite3_column_int64(statement, 2) != 0,
		    .incomplete = sqlite3_column_int(statement, 3) != 0,
		};
	sqlite3_reset(statement);
	return status == SQLITE_ROW || status == SQLITE_DONE ||
	       store_failed(writer->store, &writer->error) || fail_writing(writer);
}

/* add_written_report - its row */
static bool add_written_report(struct report_writer *writer, const struct incoming_head *head,
			       uint64_t key, sqlite3_int64 domain, const char *repairs)
{
	struct writer_pending *pending = writer->pending;
	sqlite3_stmt *statement = store_statement(writer->store, ADD_REPORT,
						  "INSERT OR REPLACE INTO report VALUES(?, ?, ?, "
						  "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
						  " ?, ?, ?, ?, ?, ?, ?, ?)",
						  &writer->error);
	sqlite3_int64 org;

	if (statement == NULL || !text_id(writer, head->org, &org))
		return fail_writing(writer);
	if (pending->id != 0)
		sqlite3_bind_int64(statement, 1, pending->id);
	else
		sqlite3_bind_null(statement, 1);
	sqlite3_bind_int64(statement, 2, (sqlite3_int64)key);
	sqlite3_bind_int64(statement, 3, head->kind);
	sqlite3_bind_int64(statement, 4, org);
	sqlite3_bind_text(statement, 5, head->email, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 6, head->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 7, domain);
	sqlite3_bind_int64(statement, 8, head->begin);
	sqlite3_bind_int64(statement, 9, head->end);
	sqlite3_bind_int64(statement, 10, day_of(writer, head));
	sqlite3_bind_int64(statement, 11, writer->sender);
	sqlite3_bind_int64(statement, 12, writer->now);
	sqlite3_bind_int64(statement, 13, (sqlite3_int64)pending->content);
	sqlite3_bind_text(statement, 14, head->policy, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 15, head->generator, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 16, head->remark, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 17, head->missing);
	sqlite3_bind_int(statement, 18, head->incomplete);
	sqlite3_bind_text(statement, 19, repairs, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 20, (sqlite3_int64)pending->all_rows);
	sqlite3_bind_int64(statement, 21, (sqlite3_int64)pending->messages);
	sqlite3_bind_int64(statement, 22, (sqlite3_int64)pending->passed);
	sqlite3_bind_int64(statement, 23,
			   (sqlite3_int64)pending->by_disposition[DISPOSITION_QUARANTINE]);
	sqlite3_bind_int64(statement, 24,
			   (sqlite3_int64)pending->by_disposition[DISPOSITION_REJECT]);
	sqlite3_bind_int64(statement, 25, (sqlite3_int64)pending->all_rejects);
	if (!store_step(writer->store, statement, &writer->error))
		return fail_writing(writer);
	pending->id = sqlite3_last_insert_rowid(writer->store->database);
	return true;
}

/* move_rows - those that were written before the domain and the day were known */
static bool move_rows(struct report_writer *writer, sqlite3_int64 domain, long long day)
{
	sqlite3_stmt *statement = store_statement(
	    writer->store, MOVE_ROWS, "UPDATE record SET domain = ?, day = ? WHERE report = ?",
	    &writer->error);

	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, domain);
	sqlite3_bind_int64(statement, 2, day);
	sqlite3_bind_int64(statement, 3, writer->pending->id);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* write_report - all of it */
static bool write_report(struct report_writer *writer, const struct incoming_head *head,
			 uint64_t key, const char *repairs)
{
	struct writer_pending *pending = writer->pending;
	long long day = day_of(writer, head);
	bool was_spilled = pending->id != 0;
	sqlite3_int64 domain;
	bool good;

	good = text_id(writer, head->domain, &domain) &&
	       add_written_report(writer, head, key, domain, repairs) &&
	       (!was_spilled || move_rows(writer, domain, day)) && write_rows(writer, domain, day);
	for (size_t i = 0; good && i < pending->reject_count; i++)
		good = add_reject(writer, pending->id, head->org, head->domain,
				  pending->rejects[i].reason, pending->rejects[i].excerpt);
	return good;
}

/* unwrite - what was spilled of a report that is not to be kept */
static bool unwrite(struct report_writer *writer)
{
	return writer->pending->id == 0 || drop_report(writer, writer->pending->id);
}

/* is_wanted - is the report about a domain of ours? */
static bool is_wanted(const struct report_writer *writer, const char *domain)
{
	struct pool *pool;
	const char *name;
	bool wanted = writer->domains == NULL;

	if (wanted)
		return true;
	pool = pool_new();
	name = domain_canonical(pool, slice_of(domain));
	for (size_t i = 0; name != NULL && !wanted && writer->domains[i] != NULL; i++)
		wanted = domain_is_within(name, writer->domains[i]);
	pool_free(pool);
	return wanted;
}

/* refuse_report - into the rejects instead */
static bool refuse_report(struct report_writer *writer, const struct incoming_head *head,
			  struct writer_result *result, const char *reason)
{
	result->refused = true;
	return unwrite(writer) && add_reject(writer, 0, head->org, head->domain, reason, head->id);
}

/* note_sender - the same report has come from somebody who is authenticated now */
static bool note_sender(struct report_writer *writer, sqlite3_int64 report)
{
	sqlite3_stmt *statement;

	if (!writer->has_sender)
		return true;
	statement = store_statement(writer->store, NOTE_SENDER,
				    "UPDATE report SET sender = ? WHERE id = ?", &writer->error);
	if (statement == NULL)
		return fail_writing(writer);
	sqlite3_bind_int64(statement, 1, writer->sender);
	sqlite3_bind_int64(statement, 2, report);
	return store_step(writer->store, statement, &writer->error) || fail_writing(writer);
}

/* decide_row - new, a duplicate, or in the place of another one */
static bool decide_row(struct report_writer *writer, const struct incoming_head *head,
		       struct writer_result *result)
{
	uint64_t key = report_key(writer, head);
	struct known_report known;

	if (!is_wanted(writer, head->domain))
		return refuse_report(writer, head, result, "it is not about a domain of --domains");
	if (!find_report(writer, key, &known))
		return false;
	if (known.id == 0)
		return write_report(writer, head, key, result->repaired);
	result->duplicate = true;
	if (known.content == writer->pending->content)
		return unwrite(writer) && (known.has_sender || note_sender(writer, known.id));
	if (known.has_sender && !writer->has_sender)
		return refuse_report(
		    writer, head, result,
		    "it differs from one of the same id by an authenticated sender");
	if (head->incomplete && !known.incomplete)
		return unwrite(writer);
	result->replaced = true;
	return drop_report(writer, known.id) && write_report(writer, head, key, result->repaired);
}

/* take_end - a report is complete */
static bool take_end(void *context, const struct incoming_head *head)
{
	struct report_writer *writer = context;
	struct writer_result result = result_of(writer, head);
	bool good = !writer->failed && decide_row(writer, head, &result);

	drop_pending(writer);
	if (!good)
		return false;
	writer->results =
	    pool_grow(writer->pool, writer->results, writer->count, sizeof(*writer->results));
	writer->results[writer->count++] = result;
	return true;
}

void report_writer_init(struct report_writer *writer, struct report_store *store, time_t now)
{
	*writer = (struct report_writer){
	    .handler = {.sink = {writer, take_begin, take_row, take_tls, take_failure, take_reject,
				 take_end},
			.mail = take_mail,
			.mark = take_mark,
			.settle = settle_writing,
			.refuse = take_refusal},
	    .store = store,
	    .now = now,
	};
}

void report_writer_file(struct report_writer *writer, struct pool *pool, const char *name)
{
	drop_pending(writer);
	writer->pool = pool;
	writer->file = name;
	writer->count = 0;
	writer->results = NULL;
	writer->refusals = 0;
	writer->refusal = NULL;
	writer->sender = 0;
	writer->has_sender = false;
}

void report_writer_end(struct report_writer *writer)
{
	drop_pending(writer);
}
