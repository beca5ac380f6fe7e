/*
 * history_test - rows, the spill file, and what reports are read from
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/pool.h"
#include "dmarc/record_text.h"
#include "history/expire.h"
#include "history/history.h"
#include "history/merge.h"
#include "history/query.h"
#include "history/schema.h"
#include "history/spill.h"
#include "tap.h"

#define RECORD              "v=DMARC1; p=reject; rua=mailto:d@example.org"
#define WRITER_MICROSECONDS 200000 /* until it waits for the lock, most probably */

static struct pool *pool;
static const char *directory;

/* path_of - a file in the directory of this test */
static const char *path_of(const char *name)
{
	return pool_printf(pool, "%s/%s", directory, name);
}

/* row_of - a row from this source on this day */
static struct history_row row_of(long long day, const char *source)
{
	static const struct history_signature signatures[] = {
	    {.domain = "example.org", .selector = "s1", .result = RESULT_PASS},
	    {.domain = "list.example", .selector = "", .result = RESULT_FAIL},
	};
	static const struct history_reason reasons[] = {
	    {.type = "mailing_list", .comment = "dev.list.example"},
	    {.type = "policy_test_mode", .comment = ""},
	};

	return (struct history_row){
	    .day = day,
	    .policy_domain = "example.org",
	    .policy_record = RECORD,
	    .source = source,
	    .header_from = "example.org",
	    .envelope_from = "list.example",
	    .spf_domain = "list.example",
	    .spf_result = RESULT_SOFTFAIL,
	    .dkim_count = 2,
	    .dkim = signatures,
	    .disposition = "none",
	    .dkim_aligned = true,
	    .reason_count = 2,
	    .reasons = reasons,
	    .count = 1,
	};
}

/* record - a message from this source */
static enum history_outcome record(const char *path, long long day, const char *source)
{
	struct history_row row = row_of(day, source);
	struct history_writer *writer = history_writer_new(path, NULL);
	struct error error;
	enum history_outcome outcome;

	outcome = history_record(writer, pool, &row, &error);
	history_writer_free(writer);
	return outcome;
}

/* open_history - or the end of all tests */
static struct history *open_history(const char *path)
{
	struct error error;
	struct history *history = history_open(pool, path, NULL, &error);

	if (history == NULL) {
		printf("Bail out! %s\n", error.text);
		exit(1);
	}
	return history;
}

/* messages_of - the sum of all counts */
static long long messages_of(struct history *history)
{
	const struct history_policy after = {.day = 0};
	struct history_policies policies;
	struct error error;
	long long sum = 0;

	if (!history_policies(history, pool, 0, 1000000, &after, &policies, &error))
		return -1;
	for (size_t i = 0; i < policies.count; i++)
		sum += (long long)policies.items[i].messages;
	return sum;
}

/* text_of - a record in its one form */
static const char *text_of(const char *published)
{
	return dmarc_record_text(pool, dmarc_record_parse(pool, slice_of(published)));
}

static void test_record_text(void)
{
	is_text(text_of("v=DMARC1 ;p = Reject;  pct=3; rua = mailto:d@example.org"), RECORD,
		"a record has one form, without what does not count");
	is_text(text_of("v=DMARC1; fo=1:d; ruf=mailto:f@x.test; aspf=s; adkim=s; t=y; psd=n; "
			"np=none; sp=quarantine; p=none"),
		"v=DMARC1; p=none; sp=quarantine; np=none; psd=n; t=y; adkim=s; aspf=s; "
		"ruf=mailto:f@x.test; fo=1:d",
		"everything that a report needs is in it");
	is_text(text_of(text_of("v=DMARC1; fo=1:d; ruf=mailto:f@x.test; sp=reject; p=none")),
		"v=DMARC1; p=none; sp=reject; ruf=mailto:f@x.test; fo=1:d",
		"and read again it stays the same");
	is_text(text_of("v=DMARC1; p=foo; rua=mailto:d@example.org"),
		"v=DMARC1; p=none; rua=mailto:d@example.org",
		"a policy is written as it is acted upon");
}

static void test_line(void)
{
	struct history_row row = row_of(20000, "2001:db8::1");
	struct history_texts texts, again;
	const char *line;
	char *damaged;
	size_t undetected = 0;

	history_row_write(pool, &row, &texts);
	texts.column[HISTORY_REASONS] = "tab\there\nback\\slash";
	line = history_line_write(pool, &texts);
	ok(strchr(line, '\n') == NULL, "a row is written on one line");
	ok(history_line_read(pool, slice_of(line), &again), "the line can be read");
	for (size_t i = 0; i < HISTORY_COLUMNS; i++)
		is_text(again.column[i], texts.column[i], "a column comes back as it was");
	for (size_t i = 0; i < strlen(line); i++) {
		damaged = slice_copy(pool, slice_of(line));
		damaged[i] ^= 1;
		undetected += history_line_read(pool, slice_of(damaged), &again);
		undetected += history_line_read(pool, slice_from(line, i), &again);
	}
	is_number((long long)undetected, 0, "any changed bit and any cut is detected");
	ok(history_row_read(pool, &texts, &row), "texts become a row");
	is_number((long long)row.dkim_count, 2, "with its signatures");
	is_text(row.dkim[1].selector, "", "a selector that is not known stays so");
}

static void test_record(void)
{
	const char *path = path_of("record.db");
	struct history *history;
	struct history_rows *rows;
	struct history_row row;
	struct history_policies policies;
	struct error error;
	struct stat status;

	is_number(record(path, 20000, "192.0.2.1"), HISTORY_STORED, "the first row makes the file");
	ok(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600, "which is private");
	record(path, 20000, "192.0.2.1");
	record(path, 20000, "192.0.2.2");
	record(path, 20001, "192.0.2.1");
	history = open_history(path);
	ok(history_policies(history, pool, 20000, 20000, &(struct history_policy){.day = 0},
			    &policies, &error) &&
	       policies.count == 1 && policies.items[0].messages == 3,
	   "a day has its policies with their messages");
	rows = history_rows_open(history, pool, &error);
	history_rows_begin(rows, 20000, policies.items[0].id);
	is_number(history_rows_next(rows, pool, &row, &error), HISTORY_ROW, "a policy has rows");
	is_number((long long)row.count, 2, "alike messages are counted in one");
	is_text(row.policy_record, RECORD, "the row knows its policy");
	is_number(row.spf_result, RESULT_SOFTFAIL, "and its results");
	is_text(row.reasons[0].comment, "dev.list.example", "and its reasons");
	is_number(history_rows_next(rows, pool, &row, &error), HISTORY_ROW, "one for each source");
	is_number(history_rows_next(rows, pool, &row, &error), HISTORY_END, "and then an end");
	history_rows_begin(rows, 20000, policies.items[0].id);
	is_number(history_rows_next(rows, pool, &row, &error), HISTORY_ROW, "read again");
	history_rows_end(rows);
	history_rows_close(rows);
	history_close(history);
}

/* set_version - makes the file one that this program does not know, or one that it knows */
static void set_version(const char *path, int version)
{
	char *text = sqlite3_mprintf("PRAGMA user_version = %d", version);
	sqlite3 *database;

	sqlite3_open(path, &database);
	sqlite3_exec(database, text, NULL, NULL, NULL);
	sqlite3_close(database);
	sqlite3_free(text);
}

static void test_side_file(void)
{
	const char *path = path_of("side.db");
	const int many = 1234; /* more than are taken in at once */
	int waiting = 0;
	struct history *history;

	record(path, 20000, "192.0.2.1");
	ok(!spill_is_waiting(pool, path), "nothing waits when all is well");
	set_version(path, HISTORY_VERSION + 1);
	for (int i = 0; i < many; i++)
		waiting += record(path, 20000, "192.0.2.2") == HISTORY_WAITING;
	is_number(waiting, many, "rows wait if the database cannot be used");
	ok(spill_is_waiting(pool, path), "they wait beside it");
	set_version(path, HISTORY_VERSION);
	is_number(record(path, 20000, "192.0.2.1"), HISTORY_STORED, "the next row is stored");
	ok(spill_is_waiting(pool, path), "one message does not take in all of many");
	history = open_history(path);
	is_number(messages_of(history), many + 2, "whoever opens the file takes in the rest");
	ok(!spill_is_waiting(pool, path), "then nothing waits any more");
	history_close(history);
}

/* put - a file with this content; its name is that of the database with the suffix */
static void put(const char *path, const char *suffix, const char *content)
{
	FILE *file = fopen(pool_printf(pool, "%s%s", path, suffix), "w");

	fputs(content, file);
	fclose(file);
}

/* size_of - a file beside the database; -1 if there is none */
static long long size_of(const char *path, const char *suffix)
{
	struct stat status;

	return stat(pool_printf(pool, "%s%s", path, suffix), &status) == 0 ? status.st_size : -1;
}

/* append - a line to the spill file */
static bool append(const char *path)
{
	struct timespec deadline = deadline_after(10);
	struct error error;

	return spill_append(pool, path, "row", &deadline, &error);
}

static void test_side_unreadable(void)
{
	const char *path = path_of("unreadable.db");

	put(path, SPILL_SUFFIX, "assay-history-si");
	ok(append(path), "a row waits when the spill file has been cut short");
	is_number(size_of(path, "-damaged"), 16, "that file is kept, without the row");
	is_number(size_of(path, SPILL_SUFFIX), 58, "which is in a new one");
	ok(append(path), "another row waits");
	is_number(size_of(path, SPILL_SUFFIX), 62, "in the same file");
}

static void test_side_renamed(void)
{
	const char *path = path_of("renamed.db");
	struct spill locked, late;
	int status = -1;
	pid_t writer;

	put(path, SPILL_SUFFIX, "rubbish\n");
	ok(spill_open(pool, path, &locked) && spill_lock(pool, &locked),
	   "one process reads a spill file that is none");
	ok(spill_open(pool, path, &late), "and another one");
	fflush(stdout);
	writer = fork();
	if (writer == 0) {
		spill_close(&locked); /* or the lock would be ours, too */
		_exit(append(path) ? 0 : 1);
	}
	usleep(WRITER_MICROSECONDS);
	ok(spill_discard(pool, path), "it is renamed while a third one waits to add a row");
	spill_close(&locked);
	waitpid(writer, &status, 0);
	is_number(status, 0, "the row is acknowledged");
	is_number(size_of(path, "-damaged"), 8, "it is not in the file that was renamed");
	is_number(size_of(path, SPILL_SUFFIX), 58, "but in the next one");
	ok(!spill_lock(pool, &late), "which is not renamed for the first one");
	spill_close(&late);
}

static void test_side_reserve(void)
{
	const char *path = path_of("reserve.db");
	struct stat status;

	record(path, 20000, "192.0.2.1");
	ok(stat(path_of("reserve.db-side"), &status) == 0 && status.st_size == 0,
	   "an empty spill file is made in good times");
	ok((unsigned long long)status.st_blocks * 512 >= SPILL_RESERVE,
	   "which has its room on the disk already");
}

static void test_expire(void)
{
	const char *path = path_of("expire.db");
	struct history *history;
	unsigned long long rows;
	struct error error;

	for (int i = 0; i < 30; i++)
		record(path, 20000 + i / 10, pool_printf(pool, "192.0.2.%d", i));
	history = open_history(path);
	ok(history_expire(history, 20002, &rows, &error) && rows == 20, "old days are removed");
	is_number(messages_of(history), 10, "younger ones stay");
	ok(history_expire(history, 20002, &rows, &error) && rows == 0, "once");
	history_close(history);
}

static void test_merge(void)
{
	const char *path = path_of("here.db");
	const char *other = path_of("there.db");
	struct history *history;
	unsigned long long rows;
	struct error error;

	record(path, 20000, "192.0.2.1");
	record(other, 20000, "192.0.2.1");
	record(other, 20001, "192.0.2.3");
	history = open_history(path);
	ok(history_merge(history, other, &rows, &error) && rows == 2, "a history is merged");
	is_number(messages_of(history), 3, "with all of its messages");
	ok(history_merge(history, other, &rows, &error), "it can be merged again");
	is_number(messages_of(history), 3, "and no message counts twice");
	record(other, 20000, "192.0.2.1");
	ok(history_merge(history, other, &rows, &error), "it can be merged when it has grown");
	is_number(messages_of(history), 4, "and the new message counts");
	ok(!history_merge(history, path, &rows, &error), "a history is not merged with itself");
	ok(!history_merge(history, path_of("absent.db"), &rows, &error),
	   "a file that is not there is an error");
	is_number(messages_of(history), 4, "which changes nothing");
	history_close(history);
}

static void test_lock(void)
{
	const char *path = path_of("lock");
	int first = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int second = open(path, O_RDWR | O_CLOEXEC);
	struct timespec deadline = deadline_after(0.2);
	struct timespec begin = deadline_after(100);
	double waited;

	ok(file_lock(first, LOCK_EX, &deadline), "a free lock is had at once");
	ok(!file_lock(second, LOCK_EX, &deadline), "one that is held is not had");
	waited = 100 - deadline_left(&begin);
	ok(waited > 0.15 && waited < 1, "but waited for until the deadline");
	close(first);
	deadline = deadline_after(0);
	ok(file_lock(second, LOCK_EX, &deadline), "a lock goes with its descriptor");
	close(second);
}

int main(void)
{
	char name[] = "/tmp/history_test.XXXXXX";

	pool = pool_new();
	directory = mkdtemp(name);
	test_record_text();
	test_line();
	test_record();
	test_side_file();
	test_side_unreadable();
	test_side_renamed();
	test_side_reserve();
	test_expire();
	test_merge();
	test_lock();
	if (system(pool_printf(pool, "rm -r %s", directory)) != 0)
		printf("# %s stays\n", directory);
	pool_free(pool);
	return done();
}
