/*
 * ledger, suppression, suppress_list - states of reports and destinations, who gets nothing
 */
#include "report/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/pool.h"
#include "history/query.h"
#include "report/sending_lock.h"
#include "report/suppress_list.h"
#include "report/suppression.h"
#include "report/token.h"
#include "tap.h"

#define DAY    20779
#define RECORD "v=DMARC1; p=none; rua=mailto:d@a.test"

static struct pool *pool;
static const char *path;
static struct history *history;
static struct error error;

/* add_message - of that domain and record */
static void add_message(const char *domain, const char *text, long long day)
{
	const struct history_row row = {.day = day,
					.policy_domain = domain,
					.policy_record = text,
					.source = "192.0.2.1",
					.header_from = domain,
					.envelope_from = "",
					.spf_domain = "",
					.disposition = "none",
					.count = 1};
	struct history_writer *writer = history_writer_new(path, NULL);

	if (history_record(writer, pool, &row, &error) != HISTORY_STORED)
		printf("# %s\n", error.text);
	history_writer_free(writer);
}

/* unreported - how many policies */
static size_t unreported(void)
{
	const struct history_policy after = {.day = 0};
	struct history_policies policies;

	ledger_unreported(history, pool, 0, DAY + 10, &after, &policies, &error);
	return policies.count;
}

/* selected - how many destinations */
static size_t selected(enum ledger_selection selection, long long now)
{
	struct ledger_place place = {.report = 0};
	struct ledger_entries entries;

	ledger_entries(history, pool, selection, now, &place, &entries, &error);
	return entries.count;
}

/* book_one - a report with some destinations */
static struct ledger_report book_one(void)
{
	struct ledger_destination items[] = {
	    {.uri = "mailto:d@a.test",
	     .address = "d@a.test",
	     .reason = "",
	     .state = LEDGER_PENDING},
	    {.uri = "x:", .address = "", .reason = "why", .state = LEDGER_GIVEN_UP},
	    {.uri = "y:", .address = "", .reason = "why", .state = LEDGER_GIVEN_UP},
	    {.uri = "mailto:e@a.test", .address = "e@a.test", .reason = "", .next = 100},
	    {.uri = "mailto:d@a.test",
	     .address = "d@a.test",
	     .reason = "",
	     .state = LEDGER_PENDING},
	};
	const struct ledger_destinations list = {5, items};
	struct ledger_report report = {.day = DAY,
				       .domain = "a.test",
				       .record = RECORD,
				       .name = "20261122aaaaaaaaaaaaaaaa",
				       .source = "",
				       .organization = "a.test",
				       .copy = "",
				       .submitter = "mx.test",
				       .created = 50,
				       .messages = 2};

	ok(ledger_book(history, &report, &list, &error), "a report is begun");
	return report;
}

static void test_book(void)
{
	struct ledger_report report, found;

	add_message("a.test", RECORD, DAY);
	add_message("a.test", RECORD, DAY);
	add_message("a.test", RECORD, DAY + 1);
	add_message("b.test", "v=DMARC1; p=none", DAY);
	is_number((long long)unreported(), 2, "who asks for no reports gets none");
	report = book_one();
	is_number((long long)unreported(), 1, "a report that is begun is not begun again");
	ledger_find_report(history, pool, DAY, "a.test", RECORD, &found, &error);
	ok(found.id == report.id && found.created == 50 && found.policy != 0, "it can be found");
	ledger_find_report(history, pool, DAY + 1, "a.test", RECORD, &found, &error);
	is_number(found.id, 0, "another day is another report");
	report.day = DAY + 3;
	ok(!ledger_book(history, &report, &(struct ledger_destinations){.count = 0}, &error),
	   "a Report-ID is given once");
	is_number((long long)selected(LEDGER_ALL, 0), 4, "an address gets a report once");
	is_number((long long)selected(LEDGER_DUE, 99), 1, "one is due");
	is_number((long long)selected(LEDGER_DUE, 100), 2, "another one later");
	is_number((long long)selected(LEDGER_OPEN, 0), 2, "two are open");
}

/* find - by the token of an address */
static void find(const char *address, struct ledger_entry *entry)
{
	const char *key = history_key(history, pool, &error);
	const char *token = report_token(pool, key, "20261122aaaaaaaaaaaaaaaa", address);

	ledger_find(history, pool, slice_of(token), entry, &error);
}

static void test_token(void)
{
	static const char id[] = "20261122aaaaaaaaaaaaaaaa";
	const char *key = "000102030405060708090a0b0c0d0e0f";
	const char *token = report_token(pool, key, id, "d@a.test");
	struct slice text = slice_of(pool_printf(pool, "x<%s.1> <%s@b> %s0", id, token, token));
	struct slice found;

	ok(strcmp(token, report_token(pool, key, id, "e@a.test")) != 0,
	   "each address has its token");
	ok(strcmp(token, report_token(pool,
				      "1"
				      "00102030405060708090a0b0c0d0e0f",
				      id, "d@a.test")) != 0,
	   "and each site");
	ok(token_next(&text, &found) && slice_is(found, token), "a token is found in a text");
	ok(slice_is(token_report_id(found), id), "and the Report-ID in it");
	ok(token_next(&text, &found) && !token_next(&text, &found), "the next one, and no more");
}

static void test_change(void)
{
	struct ledger_destination added[] = {
	    {.uri = "mailto:f@a.test", .address = "f@a.test", .reason = ""}};
	struct ledger_entry entry;
	long long until;

	find("d@a.test", &entry);
	is_text(entry.destination.address, "d@a.test", "a token names a destination");
	entry.destination.tries = 3;
	entry.destination.next = 1000;
	entry.destination.reason = "busy";
	ledger_change(history, entry.report.id, &entry.destination, &error);
	ledger_backoff(history, "d@a.test", 999, &until, &error);
	is_number(until, 1000, "its address is left alone");
	ledger_backoff(history, "d@a.test", 1000, &until, &error);
	is_number(until, 0, "for some time");
	ledger_backoff(history, "other@a.test", 0, &until, &error);
	is_number(until, 0, "others are not");
	find("e@a.test", &entry);
	entry.destination.state = LEDGER_GIVEN_UP;
	ledger_replace(history, entry.report.id, &entry.destination,
		       &(struct ledger_destinations){1, added}, &error);
	find("f@a.test", &entry);
	is_text(entry.destination.address, "f@a.test", "one in the place of another");
	find("g@a.test", &entry);
	is_number(entry.report.id, 0, "a token that names nothing");
}

static void test_end(void)
{
	struct ledger_late late;
	long long day;

	ledger_late(history, &late, &error);
	is_number((long long)late.messages, 0, "no message is late");
	add_message("a.test", RECORD, DAY);
	ledger_late(history, &late, &error);
	ok(late.messages == 1 && late.reports == 1, "one is");
	ledger_first_open(history, DAY + 5, &day, &error);
	is_number(day, DAY, "a day that is waited for");
	ledger_expire(history, DAY + 1, &error);
	is_number((long long)selected(LEDGER_ALL, 0), 0, "and forgotten");
	ledger_first_open(history, DAY + 5, &day, &error);
	is_number(day, DAY + 5, "nothing is waited for");
}

/* reason_for - why an address gets nothing about a domain at that time; NULL if it does */
static const char *reason_for(const char *domain, long long now)
{
	const char *reason = "?";

	suppression_find(history, pool, domain, "a@b.test", now, &reason, &error);
	return reason;
}

static void test_suppressed(void)
{
	struct suppression one = {
	    .domain = "x.test", .address = "a@b.test", .since = 5, .reason = "gone"};
	long long failures;
	bool found;

	suppression_add(history, &one, &error);
	one.reason = "again";
	suppression_add(history, &one, &error);
	is_text(reason_for("x.test", 1000000), "gone", "an address is suppressed for good");
	ok(reason_for("y.test", 6) == NULL, "for one policy domain alone");
	suppression_remove(history, "a@b.test", &found, &error);
	ok(found, "and no more");
	ok(reason_for("x.test", 6) == NULL, "nothing is left of it");
	for (int i = 1; i <= 2; i++) {
		one.since = i * 1000;
		suppression_count(history, &one, "r", &failures, &error);
	}
	ok(failures == 2 && reason_for("x.test", 2001) == NULL, "two failures for now do nothing");
	one.since = 2000 + SUPPRESSION_SECONDS;
	suppression_count(history, &one, "r", &failures, &error);
	is_number(failures, 1, "what is a week old does not count");
	one.since++;
	suppression_count(history, &one, "r", &failures, &error);
	one.since++;
	suppression_count(history, &one, "s", &failures, &error);
	is_text(reason_for("x.test", one.since), "again", "three within a week do");
	ok(reason_for("x.test", one.since + SUPPRESSION_SECONDS) == NULL, "for a week");
}

static void test_lock(void)
{
	int lock = sending_lock(pool, path, &error);

	ok(lock >= 0, "the lock");
	ok(sending_lock(pool, path, &error) < 0 && strstr(error.text, "another run") != NULL,
	   "is given to one");
	close(lock);
	lock = sending_lock(pool, path, &error);
	ok(lock >= 0, "and then to the next");
	close(lock);
}

static void test_list(void)
{
	static const char text[] = "One@A.test # comment\nb.test\n.c.test\nM\xc3\xbcnchen.test\n";
	const char *file = pool_printf(pool, "%s-list", path);
	struct suppress_list *list;

	atomic_file_create(pool, file, slice_of(text), 0600, &error);
	list = suppress_list_read(pool, file, &error);
	ok(list != NULL, "a suppress file");
	ok(suppress_list_has_address(list, "One@a.TEST"), "an address, its domain in any case");
	ok(suppress_list_has_address(list, "one@a.test"), "the local part in any case, too");
	ok(suppress_list_has_address(list, "x@b.test") && suppress_list_has_domain(list, "b.test"),
	   "a domain");
	ok(!suppress_list_has_domain(list, "x.b.test"), "not what is below it");
	ok(suppress_list_has_domain(list, "c.test") && suppress_list_has_domain(list, "x.y.c.test"),
	   "with a dot also what is below");
	ok(suppress_list_has_domain(list, "xn--mnchen-3ya.test"), "an IDN");
	unlink(file);
	atomic_file_create(pool, file, slice_of("a.test\na b\n"), 0600, &error);
	ok(suppress_list_read(pool, file, &error) == NULL &&
	       strstr(error.text, "-list:2: ") != NULL,
	   "what is neither is an error with its line");
	unlink(file);
}

int main(void)
{
	char directory[] = "/tmp/ledger.XXXXXX";

	pool = pool_new();
	if (mkdtemp(directory) == NULL)
		return 1;
	path = pool_printf(pool, "%s/h", directory);
	history = history_open(pool, path, NULL, &error);
	ok(history != NULL, "a history");
	test_book();
	test_token();
	test_change();
	test_end();
	test_suppressed();
	test_lock();
	test_list();
	history_close(history);
	for (size_t i = 0; i < 5; i++) {
		static const char *const suffixes[] = {"", "-wal", "-shm", "-side", "-sending"};

		unlink(pool_printf(pool, "%s%s", path, suffixes[i]));
	}
	rmdir(directory);
	pool_free(pool);
	return done();
}
