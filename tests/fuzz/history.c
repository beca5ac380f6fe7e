/*
 * history - a database and its spill file, of a content that nobody of us has written
 *
 * The first octet chooses what the rest is:
 *   - changes to a good database: pieces of two octets of offset, one of length, and what is
 *     there then. It may be one of version 1, which is brought up to date.
 *   - a spill file: a line that begins with a TAB gets the right checksum
 *   - rows: a line each, the first octet of which chooses the table, columns separated by TAB; a
 *     column that begins with an octet below COLUMN_TYPES is of another type than text
 * Everything that dmarcreport does with a history is done with it then.
 */
#include "history/history.h"
#include "history/add.h"
#include "history/expire.h"
#include "history/merge.h"
#include "history/query.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "fuzz.h"
#include "history/export.h"
#include "history/incident.h"
#include "history/quota.h"
#include "history/reputation.h"
#include "history/spill.h"
#include "history/store.h"
#include "report/aggregate.h"
#include "report/aggregate_xml.h"
#include "report/ledger.h"
#include "report/report_builder.h"
#include "report/suppression.h"

#define MEMORY    "/dev/shm"
#define NAME_ROOM 64
#define TODAY     20000 /* days since 1970 */
#define ITEMS     4     /* of each kind that are looked at */

#define SIDE_NAME "0123456789abcdef0123456789abcdef"

enum kind {
	KIND_DATABASE,
	KIND_OLD_DATABASE,
	KIND_SIDE_FILE,
	KIND_ROWS,
	KINDS,
};

enum column_type {
	COLUMN_INTEGER = 1,
	COLUMN_REAL,
	COLUMN_BLOB,
	COLUMN_TYPES,
};

/* Where the files are, and good databases. */
struct place {
	char directory[NAME_ROOM];
	char path[2 * NAME_ROOM]; /* of the database that is tried */
	char other[2 * NAME_ROOM];
	struct pool *pool;
	struct slice database;
	struct slice old_database; /* of version 1 */
};

static struct place place;

static void write_file(const char *path, struct slice content)
{
	FILE *file = fopen(path, "wb");

	fuzz_expect(file != NULL);
	fuzz_expect(fwrite(content.data, 1, content.len, file) == content.len);
	fuzz_expect(fclose(file) == 0);
}

static struct slice read_file(struct pool *pool, const char *path)
{
	FILE *file = fopen(path, "rb");
	struct slice content;

	fuzz_expect(file != NULL);
	content = fuzz_content(pool, fileno(file));
	fclose(file);
	return content;
}

/* remove_database - and what stands beside it */
static void remove_database(const char *path)
{
	static const char *const suffixes[] = {"",      "-wal",          "-shm",    "-journal",
					       "-side", "-side-damaged", "-damaged"};
	char name[3 * NAME_ROOM];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
}

static void leave(void)
{
	remove_database(place.path);
	remove_database(place.other);
	rmdir(place.directory);
	pool_free(place.pool);
}

/* row_of - a row that there can be, the count of it given */
static struct history_row row_of(unsigned long long count)
{
	static const struct history_signature signature = {"example.org", "sel", RESULT_PASS};
	static const struct history_reason reason = {"other", "why not"};

	return (struct history_row){
	    .day = TODAY - 1,
	    .policy_domain = "example.org",
	    .policy_record = "v=DMARC1; p=reject; rua=mailto:a@example.org",
	    .source = "192.0.2.1",
	    .header_from = "example.org",
	    .envelope_from = "example.org",
	    .spf_domain = "example.org",
	    .spf_result = RESULT_PASS,
	    .dkim_count = 1,
	    .dkim = &signature,
	    .disposition = "none",
	    .reason_count = 1,
	    .reasons = &reason,
	    .count = count,
	};
}

/* add_rows - some, and a report on them */
static void add_rows(struct history *history)
{
	const struct ledger_destination destination = {
	    .uri = "mailto:a@example.org",
	    .address = "a@example.org",
	    .state = LEDGER_PENDING,
	    .reason = "",
	};
	const struct suppression suppression = {.domain = "example.org",
						.address = "b@example.org",
						.since = TODAY,
						.reason = "came back"};
	struct ledger_destinations destinations = {1, (struct ledger_destination[]){destination}};
	struct ledger_report report = {.day = TODAY - 1,
				       .domain = "example.org",
				       .record = row_of(1).policy_record,
				       .source = "",
				       .organization = "example.org",
				       .copy = "",
				       .name = "20240101000000000000000a",
				       .submitter = "example.net"};
	struct history_row row = row_of(3);
	struct history_texts texts;
	struct error error;

	history_row_write(history->pool, &row, &texts);
	fuzz_expect(history_add(history, &texts, &error));
	row.source = "2001:db8::1";
	row.day = TODAY - 2;
	history_row_write(history->pool, &row, &texts);
	fuzz_expect(history_add(history, &texts, &error));
	fuzz_expect(ledger_book(history, &report, &destinations, &error));
	fuzz_expect(suppression_add(history, &suppression, &error));
}

/* make - a good database, with or without what version 2 has added */
static struct slice make(const char *changes)
{
	struct pool *pool = pool_new();
	struct error error;
	struct history *history = history_open(pool, place.path, NULL, &error);
	struct slice content;

	fuzz_expect(history != NULL);
	add_rows(history);
	fuzz_expect(history_run(history, changes, &error));
	fuzz_expect(history_run(history, "PRAGMA wal_checkpoint(TRUNCATE)", &error));
	history_close(history);
	content = read_file(place.pool, place.path);
	remove_database(place.path);
	pool_free(pool);
	return content;
}

/* prepare - once */
static void prepare(void)
{
	const char *parent = access(MEMORY, W_OK) == 0 ? MEMORY : "/tmp";

	place.pool = pool_new();
	snprintf(place.directory, sizeof(place.directory), "%s/assay-fuzz.XXXXXX", parent);
	fuzz_expect(mkdtemp(place.directory) != NULL);
	snprintf(place.path, sizeof(place.path), "%s/db", place.directory);
	snprintf(place.other, sizeof(place.other), "%s/other", place.directory);
	atexit(leave);
	place.database = make("");
	place.old_database =
	    make("DROP TABLE report; DROP TABLE destination; DROP TABLE suppressed;"
		 "DROP TABLE site; DROP TABLE member; DROP TABLE quota; DROP TABLE failure;"
		 "DROP TABLE bounced; PRAGMA user_version = 1");
}

/* change - a copy of a database with some octets changed */
static struct slice change(struct pool *pool, struct slice database, struct slice changes)
{
	char *copy = slice_copy(pool, database);

	while (changes.len >= 3) {
		size_t offset = fuzz_choice(&changes) << 8;
		size_t len;

		offset |= fuzz_choice(&changes);
		len = fuzz_choice(&changes);
		if (len > changes.len)
			len = changes.len;
		if (offset < database.len && len <= database.len - offset)
			memcpy(copy + offset, changes.data, len);
		changes = slice_skip(changes, len);
	}
	return slice_from(copy, database.len);
}

/* checksum - of a line, as history_row.c has it: FNV-1a */
static uint64_t checksum(struct slice text)
{
	uint64_t sum = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < text.len; i++)
		sum = (sum ^ (unsigned char)text.data[i]) * UINT64_C(1099511628211);
	return sum;
}

/* write_side_file - how many of its lines are rows? */
static size_t write_side_file(struct pool *pool, struct slice lines)
{
	struct history_texts texts;
	struct buffer out;
	struct slice line;
	size_t rows = 0;

	buffer_init(&out, SIZE_MAX);
	buffer_add_text(&out, "assay-history-side 1 " SIDE_NAME "\n");
	while (slice_cut(&lines, '\n', &line)) {
		if (line.len != 0 && line.data[0] == '\t')
			line = slice_of(pool_printf(pool, "%016" PRIx64 "%s", checksum(line),
						    slice_copy(pool, line)));
		buffer_add_slice(&out, line);
		buffer_add_byte(&out, '\n');
		rows += history_line_read(pool, line, &texts);
	}
	write_file(pool_printf(pool, "%s" SPILL_SUFFIX, place.path), buffer_slice(&out));
	buffer_free(&out);
	return rows;
}

/* number_of - the first column of a query */
static long long number_of(struct history *history, const char *query)
{
	struct error error;
	sqlite3_stmt *statement = history_prepare(history, query, &error);
	long long number;

	fuzz_expect(statement != NULL && sqlite3_step(statement) == SQLITE_ROW);
	number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

/* bind_column - a column of any type */
static void bind_column(sqlite3_stmt *statement, int index, struct slice column)
{
	unsigned type = column.len != 0 ? (unsigned char)column.data[0] : COLUMN_TYPES;

	if (type < COLUMN_TYPES)
		column = slice_skip(column, 1);
	switch (type) {
	case COLUMN_INTEGER: {
		long long number = 0;

		memcpy(&number, column.data,
		       column.len < sizeof(number) ? column.len : sizeof(number));
		sqlite3_bind_int64(statement, index, number);
		break;
	}
	case COLUMN_REAL: sqlite3_bind_double(statement, index, (double)column.len / 3); break;
	case COLUMN_BLOB:
		sqlite3_bind_blob(statement, index, column.data, (int)column.len, SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_bind_text(statement, index, column.data, (int)column.len, SQLITE_TRANSIENT);
	}
}

/* insert - a row of a table, with as many columns as it has; what sqlite refuses is not there */
static void insert(struct history *history, const char *into, int count, struct slice line)
{
	struct error error;
	sqlite3_stmt *statement = history_prepare(history, into, &error);
	struct slice column;

	fuzz_expect(statement != NULL);
	for (int i = 1; i <= count; i++) {
		column = slice_of(NULL);
		slice_cut(&line, '\t', &column);
		if (column.data == NULL)
			column = slice_of("");
		bind_column(statement, i, column);
	}
	history_finish(history, statement, &error);
}

/* The tables, by the octet that a row begins with: ASCII means one of the first four. */
static const struct {
	const char *into;
	int columns;
} tables[] = {
    {"policy VALUES(?1, ?2, ?3)", 3},
    {"messages VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 1, ?13)", 13},
    {"report VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", 11},
    {"destination VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", 9},

    {"origin VALUES(?1, ?2)", 2},
    {"messages VALUES(?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?1, ?14)", 14},
    {"member VALUES(?1, ?2)", 2},
    {"quota VALUES(?1, ?2, ?3, ?4, ?5, ?6)", 6},
    {"failure VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)", 9},
    {"suppressed VALUES(?1, ?2, ?3, ?4, ?5)", 5},
    {"bounced VALUES(?1, ?2, ?3, ?4)", 4},
    {"taken VALUES(?1, ?2)", 2},
};
#define TABLES       (sizeof(tables) / sizeof(tables[0]))
#define TABLES_ASCII 4U

/* write_rows - into the tables */
static void write_rows(struct pool *pool, struct slice lines)
{
	struct error error;
	struct history *history = history_open(pool, place.path, NULL, &error);
	struct slice line;

	fuzz_expect(history != NULL);
	while (slice_cut(&lines, '\n', &line)) {
		unsigned choice = fuzz_choice(&line);
		size_t table = choice <= SCHAR_MAX ? choice % TABLES_ASCII : choice % TABLES;

		insert(history, pool_printf(pool, "INSERT INTO %s", tables[table].into),
		       tables[table].columns, line);
	}
	history_close(history);
}

/* check_rows - all rows of a policy, in a report */
static void check_rows(struct history *history, const struct aggregate_report *report,
		       long long policy)
{
	struct pool *pool = pool_new();
	struct error error;
	struct history_row row;
	struct history_rows *rows;
	struct buffer xml;

	buffer_init(&xml, SIZE_MAX);
	report_xml_head(&xml, report);
	rows = history_rows_open(history, pool, &error);
	if (rows != NULL) {
		history_rows_begin(rows, report->begin / HISTORY_SECONDS_A_DAY, policy);
		while (history_rows_next(rows, pool, &row, &error) == HISTORY_ROW)
			report_xml_record(&xml, report, &row);
		history_rows_end(rows);
	}
	history_rows_close(rows);
	report_xml_tail(&xml);
	fuzz_expect(fuzz_is_xml(buffer_slice(&xml)));
	buffer_free(&xml);
	pool_free(pool);
}

/* report_on - one policy */
static void report_on(struct history *history, const char *name,
		      const struct history_policy *policy)
{
	struct pool *pool = pool_new();
	struct report_submitter submitter = {"org", "a@example.net", NULL, "example.net"};
	struct aggregate_report report = {.submitter = &submitter};
	struct report_builder *builder;
	struct report_content content;
	struct error error;

	report.id = report_id(pool, name, policy->day, policy->domain, policy->record);
	fuzz_expect(report_id_is(slice_of(report.id)));
	report_set_policy(pool, &report, policy->day, policy->domain, policy->record);
	check_rows(history, &report, policy->id);
	builder = report_builder_new(pool, history, NULL, &error);
	if (builder != NULL) {
		report_build(builder, &report, policy->id, &content, &error);
		report_content_free(&content);
	}
	report_builder_free(builder);
	report_file_name(pool, &report);
	pool_free(pool);
}

/* ignore_row - an export_sink */
static bool ignore_row(void *context, const char *host, const struct history_texts *texts,
		       struct error *error)
{
	(void)context;
	(void)error;
	fuzz_expect(host != NULL);
	for (size_t i = 0; i < HISTORY_COLUMNS; i++)
		fuzz_expect(texts->column[i] != NULL);
	return true;
}

/* ask_all - whatever a message or a failure report asks for */
static void ask_all(struct history *history, struct pool *pool)
{
	const struct history_passes_query query = {
	    .policy_domain = "example.net", .author_domain = "example.net", .last = TODAY};
	const struct incident after = {.domain = "", .source = ""};
	struct history_passes passes;
	struct incidents incidents;
	struct incident incident;
	struct error error;
	long long days;

	history_passes_find(history, &query, &passes, &error);
	quota_days(history, "example.net", &days, &error);
	quota_organization(history, pool, "example.net", &error);
	if (!incident_unreported(history, pool, 0, TODAY, &after, &incidents, &error))
		return;
	for (size_t i = 0; i < incidents.count && i < ITEMS; i++)
		incident_find(history, pool, incidents.items[i].day, incidents.items[i].domain,
			      incidents.items[i].source, &incident, &error);
}

/* report_all - on every policy, and what is booked about reports */
static void report_all(struct history *history, struct pool *pool)
{
	struct history_policies policies;
	const struct history_policy after = {.day = 0};
	struct ledger_place place_of = {.report = 0};
	struct ledger_entries entries;
	struct suppressions list;
	struct quota_refusals refusals;
	struct ledger_today today;
	struct export_hosts hosts;
	unsigned long long counts[LEDGER_STATES];
	struct ledger_late late;
	struct error error;
	const char *name = history_name(history, pool, &error);
	long long day;

	if (name == NULL)
		return;
	if (history_policies(history, pool, 0, TODAY, &after, &policies, &error)) {
		for (size_t i = 0; i < policies.count && i < ITEMS; i++)
			report_on(history, name, &policies.items[i]);
	}
	ledger_unreported(history, pool, 0, TODAY, &after, &policies, &error);
	if (ledger_entries(history, pool, LEDGER_ALL, TODAY, &place_of, &entries, &error)) {
		for (size_t i = 0; i < entries.count && i < ITEMS; i++) {
			struct ledger_report *report = &entries.items[i].report;
			const struct history_policy policy = {.day = report->day,
							      .id = report->policy,
							      .domain = report->domain,
							      .record = report->record};

			fuzz_expect(entries.items[i].destination.state < LEDGER_STATES);
			report_on(history, name, &policy);
		}
	}
	ledger_late(history, &late, &error);
	ledger_count(history, LEDGER_ALL, TODAY, counts, &error);
	ledger_today(history, TODAY - 1, &today, &error);
	suppression_list(history, pool, TODAY, &list, &error);
	quota_refused(history, pool, &refusals, &error);
	if (export_hosts(history, pool, 0, TODAY, true, &hosts, &error))
		export_rows(history, &hosts, ignore_row, NULL, &error);
	ledger_first_open(history, TODAY, &day, &error);
	ask_all(history, pool);
}

/* check_good - what was received here can be reported, whatever has been merged */
static void check_good(struct history *history, struct pool *pool)
{
	const struct history_policy after = {.day = 0};
	struct history_policies policies;
	struct history_rows *rows;
	struct history_row row;
	struct error error;
	enum history_step step;

	fuzz_expect(
	    history_policies(history, pool, TODAY - 1, TODAY - 1, &after, &policies, &error));
	fuzz_expect(policies.count != 0 && policies.items[0].id == 1);
	rows = history_rows_open(history, pool, &error);
	fuzz_expect(rows != NULL);
	history_rows_begin(rows, TODAY - 1, 1);
	while ((step = history_rows_next(rows, pool, &row, &error)) == HISTORY_ROW)
		fuzz_expect(row.count != 0);
	fuzz_expect(step == HISTORY_END);
	history_rows_close(rows);
}

/* merge - into a good one */
static void merge(struct pool *pool)
{
	struct error error;
	struct history *history;
	unsigned long long rows;

	write_file(place.other, place.database);
	history = history_open(pool, place.other, NULL, &error);
	fuzz_expect(history != NULL);
	fuzz_expect(history_run(history, "UPDATE origin SET name = 'another'", &error));
	if (history_merge(history, place.path, &rows, &error))
		history_merge(history, place.path, &rows, &error);
	fuzz_expect(number_of(history, "SELECT count(*) FROM messages WHERE origin = 1") == 2);
	check_good(history, pool);
	report_all(history, pool);
	history_close(history);
	remove_database(place.other);
}

/* use - everything that dmarcreport does, and a message of dmarceval's in the middle */
static void use(struct pool *pool, enum kind kind, size_t side_rows)
{
	struct history_row row = row_of(1);
	unsigned long long removed;
	struct error error;
	struct history *history = history_open(pool, place.path, NULL, &error);
	struct history_writer *writer;

	if (history == NULL) {
		fuzz_expect(kind < KIND_SIDE_FILE);
		return;
	}
	if (kind == KIND_SIDE_FILE)
		fuzz_expect(side_rows == 0 ||
			    number_of(history, "SELECT count(*) FROM messages") > 2 ||
			    number_of(history, "SELECT max(count) FROM messages") > 3);
	report_all(history, pool);
	history_close(history);
	writer = history_writer_new(place.path, NULL);
	fuzz_expect(history_record(writer, pool, &row, &error) != HISTORY_LOST);
	history_writer_free(writer);
	merge(pool);
	history = history_open(pool, place.path, NULL, &error);
	/* In a damaged file an index can hide rows from it. */
	if (history != NULL && history_expire(history, TODAY, &removed, &error))
		fuzz_expect(kind < KIND_SIDE_FILE ||
			    number_of(history, "SELECT count(*) FROM messages WHERE day < 20000") ==
				0);
	if (history != NULL)
		ledger_expire(history, TODAY, &error);
	if (history != NULL)
		history_give_back(history, &error);
	history_close(history);
}

void fuzz_one(struct slice input)
{
	enum kind kind = (enum kind)(fuzz_choice(&input) % KINDS);
	struct pool *pool = pool_new();
	size_t side_rows = 0;

	if (place.pool == NULL)
		prepare();
	switch (kind) {
	case KIND_OLD_DATABASE:
		write_file(place.path, change(pool, place.old_database, input));
		break;
	case KIND_DATABASE: write_file(place.path, change(pool, place.database, input)); break;
	default: write_file(place.path, place.database);
	}
	if (kind == KIND_SIDE_FILE)
		side_rows = write_side_file(pool, input);
	if (kind == KIND_ROWS)
		write_rows(pool, input);
	use(pool, kind, side_rows);
	remove_database(place.path);
	pool_free(pool);
}
