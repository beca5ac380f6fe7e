/*
 * authres_trust_test - the trust boundary, and which fields are taken for forgeries of ours
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "mail/authres_parse.h"
#include "mail/authres_trust.h"
#include "tap.h"

#define ID       "mx.example.com"
#define FIELD    "Authentication-Results:"
#define RECEIVED "Received: from a by b; date\n"
#define LARGE    (1U << 20)
#define MANY     20000
#define TIME_MAX (20 * CLOCKS_PER_SEC)
#define U_LABEL  "m\xc3\xbcnchen.example"
#define A_LABEL  "xn--mnchen-3ya.example"

/* message_of - a message with this header section */
static struct message *message_of(struct slice header)
{
	struct message *message = message_new();
	int fd = memfd_create("message", 0);
	struct error error;

	if (fd < 0 || !io_write(fd, header.data, header.len) || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error))
		exit(1);
	close(fd);
	return message;
}

/* remaining - one letter a field: '-' if it was removed, else the first letter of its name */
static char *remaining(struct pool *pool, const struct message *message)
{
	size_t count = message_field_count(message);
	char *letters = pool_alloc(pool, count + 1);

	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(message, i);

		letters[i] = field->removed ? '-' : field->raw.data[0];
	}
	return letters;
}

/* end_of - of the trusted zone of a message without a seal */
static size_t end_of(struct pool *pool, const struct message *message, unsigned hops)
{
	return authres_find_zone(pool, message, hops, NULL, false).end;
}

/* strip - what remains of a header section */
static char *strip(struct pool *pool, const char *header, unsigned hops)
{
	struct message *message = message_of(slice_of(header));
	size_t removed = authres_strip(message, ID, end_of(pool, message, hops));
	char *letters = remaining(pool, message);

	for (const char *letter = letters; *letter != '\0'; letter++)
		removed -= *letter == '-';
	message_free(message);
	return removed == 0 ? letters : pool_printf(pool, "%s, but another count", letters);
}

static void test_zone(struct pool *pool)
{
	static const struct {
		const char *name, *header;
		unsigned hops;
		size_t end;
		bool is_bordered;
	} zones[] = {
	    {"above the topmost Received", FIELD " a\nX: b\n" RECEIVED RECEIVED, 1, 2, true},
	    {"Received on top", RECEIVED FIELD " a\n", 1, 0, true},
	    {"two hops", "X: a\n" RECEIVED "X: b\n" RECEIVED RECEIVED, 2, 3, true},
	    {"a name in another case, white space before the colon", "X: a\nRECEIVED \t: b\n", 1, 1,
	     true},
	    {"Received-SPF is no Received", "Received-SPF: pass\nX: a\n" RECEIVED, 1, 2, true},
	    {"X-Received is no Received", "X-Received: a\n" RECEIVED, 1, 1, true},
	    {"a folded line is no Received", "X: a\n Received: b\n" RECEIVED, 1, 1, true},
	    {"without border: results on top",
	     "Received-SPF: a\n" FIELD " b\n" FIELD " c\nX: d\n" FIELD " e\n", 1, 0, false},
	    {"without border: nothing on top", "X: a\n" FIELD " b\n", 1, 0, false},
	    {"without border: only results", "authentication-results : a\nRECEIVED-spf: b\n", 1, 0,
	     false},
	    {"too few hops are no border", FIELD " a\n" RECEIVED, 2, 0, false},
	    {"no fields", "\n", 1, 0, false},
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		struct message *message = message_of(slice_of(zones[i].header));
		struct authres_zone zone =
		    authres_find_zone(pool, message, zones[i].hops, NULL, false);

		ok(zone.end == zones[i].end && zone.is_bordered == zones[i].is_bordered &&
		       !zone.is_sealed,
		   "zone: %s", zones[i].name);
		message_free(message);
	}
}

/* test_smtpd - a Received field that a site's header_checks would have left in place is no border
 */
static void test_smtpd(struct pool *pool)
{
	static const struct {
		const char *field;
		bool is_border;
	} fields[] = {
	    {"Received: from a by b; date", true},
	    {"Received: FROM a by b; date", false},
	    {"received: from a by b; date", false},
	    {"Received:from a by b; date", false},
	    {"Received:  from a by b; date", false},
	    {"Received:\tfrom a by b; date", false},
	    {"Received:\n from a by b; date", false},
	    {"Received: (x) from a by b; date", false},
	    {"Received: by b; date", false},
	    {"Received: x", false},
	    {"Received:", false},
	};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		struct message *message = message_of(
		    slice_of(pool_printf(pool, FIELD " a\n%s\n" RECEIVED, fields[i].field)));
		struct authres_zone zone = authres_find_zone(pool, message, 1, NULL, true);

		ok(zone.is_bordered == fields[i].is_border && zone.end == fields[i].is_border,
		   "by smtpd: %s", fields[i].field);
		message_free(message);
	}
}

static void test_places(struct pool *pool)
{
	static const char *const ours = FIELD " " ID "; dkim=pass\n";
	const char *header =
	    pool_printf(pool, "%s" RECEIVED "X: a\n%s" RECEIVED "%sX: b\n", ours, ours, ours);
	const char *borderless = pool_printf(pool, "%s%sX: a\n%s", ours, ours, ours);

	is_text(strip(pool, header, 1), "ARX-R-X", "below the border ours are removed");
	is_text(strip(pool, header, 2), "ARXAR-X", "the border is where the hops say");
	is_text(strip(pool, borderless, 1), "--X-", "without border they are removed everywhere");
}

/* Fields below the border that must go. */
static void test_disguises(struct pool *pool)
{
	static const struct {
		const char *name, *field;
	} disguises[] = {
	    {"as we write it", FIELD " mx.example.com; dmarc=pass header.from=a.example"},
	    {"without results", FIELD " mx.example.com; none"},
	    {"another case", "AUTHENTICATION-results: MX.Example.COM; dmarc=pass"},
	    {"no space", FIELD "mx.example.com;dmarc=pass"},
	    {"white space before the colon",
	     "Authentication-Results \t: mx.example.com; dmarc=pass"},
	    {"a comment before", FIELD " (a (b) \\) mx) mx.example.com; dmarc=pass"},
	    {"a comment after", FIELD " mx.example.com(a) ; dmarc=pass"},
	    {"a comment inside", FIELD " mx.(a)example.com; dmarc=pass"},
	    {"a comment in each gap", FIELD " mx(a).(b)example(c).(d)com; dmarc=pass"},
	    {"in quotes", FIELD " \"mx.example.com\"; dmarc=pass"},
	    {"in quotes with quoted pairs", FIELD " \"m\\x.ex\\ample.com\"; dmarc=pass"},
	    {"folded", FIELD "\n\tmx.example.com\n ;\n dmarc=pass"},
	    {"folded with CRLF", FIELD "\r\n\tmx.example.com\r\n ; dmarc=pass"},
	    {"folded inside", FIELD " mx.\n example.com; dmarc=pass"},
	    {"a version", FIELD " mx.example.com 1; dmarc=pass"},
	    {"a version among comments", FIELD " mx.example.com (a) 1 (b); dmarc=pass"},
	    {"another version", FIELD " mx.example.com 9; dmarc=pass"},
	    {"a trailing dot", FIELD " mx.example.com.; dmarc=pass"},
	    {"no semicolon", FIELD " mx.example.com dmarc=pass"},
	    {"nothing else", FIELD " mx.example.com"},
	    {"full-width letters", FIELD " \xef\xbd\x8dx.example.com; dmarc=pass"},
	    {"a comment that never ends", FIELD " (mx.example.com; dmarc=pass"},
	    {"quotes that never end", FIELD " \"mx.example.com; dmarc=pass"},
	    {"another case in a broken field", FIELD " (MX.Example.COM; dmarc=pass"},
	    {"quoted pairs in a broken field", FIELD " \"mx\\.example\\.com; dmarc=pass"},
	    {"quotes inside", FIELD " mx.\"example\".com; dmarc=pass"},
	    {"quotes around nothing", FIELD " \"\"mx.example.com; dmarc=pass"},
	    {"two ids", FIELD " a.example mx.example.com; dmarc=pass"},
	    {"after a semicolon", FIELD " ; mx.example.com; dmarc=pass"},
	    {"a comment of another that never ends",
	     FIELD " a.example; a=b (mx.example.com; dmarc=pass"},
	    {"quotes of another that never end",
	     FIELD " a.example; a=b c.d=\"mx.example.com; dmarc=pass"},
	    {"a syntax error of another", FIELD " a.example; a mx.example.com; dmarc=pass"},
	    {"a control character", FIELD " \001mx.example.com; dmarc=pass"},
	    {"a control character inside", FIELD " mx\001.example.com; dmarc=pass"},
	    {"a stray parenthesis", FIELD " ) mx.example.com; dmarc=pass"},
	    {"within an id that needs quotes", FIELD " \"mx.example.com; dmarc=pass\"; a=b"},
	    {"in an encoded-word", FIELD " =?utf-8?q?mx=2Eexample=2Ecom=3B_dmarc=3Dpass?="},
	    {"in an encoded-word in quotes", FIELD " \"=?utf-8?q?m=78=2Eexample=2Ecom?=\"; a=b"},
	};

	for (size_t i = 0; i < sizeof(disguises) / sizeof(disguises[0]); i++)
		is_text(
		    strip(pool, pool_printf(pool, RECEIVED "%s\nX: a\n", disguises[i].field), 1),
		    "R-X", pool_printf(pool, "removed: %s", disguises[i].name));
}

/* Fields below the border that must stay. */
static void test_others(struct pool *pool)
{
	static const struct {
		const char *name, *field;
	} others[] = {
	    {"another server", FIELD " mx.example.net; dmarc=pass"},
	    {"a longer name", FIELD " mx.example.com.evil.example; dmarc=pass"},
	    {"a name that ends with ours", FIELD " amx.example.com; dmarc=pass"},
	    {"the parent domain", FIELD " example.com; dmarc=pass"},
	    {"a name with a hyphen", FIELD " mx-example.com; dmarc=pass"},
	    {"a comment with ours", FIELD " a.example (not mx.example.com; ) ; dmarc=pass"},
	    {"a value with ours", FIELD " a.example; spf=pass smtp.mailfrom=b@mx.example.com"},
	    {"a quoted value with ours", FIELD " a.example; x=pass y.z=\"; mx.example.com\""},
	    {"a reason with ours", FIELD " a.example; x=fail reason=\"mx.example.com\""},
	    {"two values, one of them ours", FIELD " a.example; x=y b.c=mx.example.com b.c=d"},
	    {"no id, nothing of ours", FIELD " spf=pass smtp.mailfrom=a.example"},
	    {"unreadable, nothing of ours", FIELD " (a.example; dmarc=pass"},
	    {"an empty field", FIELD " "},
	    {"an ARC result", "ARC-Authentication-Results: i=1; mx.example.com; dmarc=pass"},
	    {"an X- field", "X-Authentication-Results: mx.example.com; dmarc=pass"},
	    {"Received-SPF", "Received-SPF: pass receiver=mx.example.com"},
	    {"a line within another field", "X: a\n Authentication-Results: mx.example.com; a=b"},
	    {"a line without a colon", "Authentication-Results mx.example.com; a=b"},
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		const char *wanted = pool_printf(pool, "R%cX", others[i].field[0]);

		is_text(strip(pool, pool_printf(pool, RECEIVED "%s\nX: a\n", others[i].field), 1),
			wanted, pool_printf(pool, "stays: %s", others[i].name));
	}
}

static void test_international(struct pool *pool)
{
	static const char *const ids[] = {U_LABEL, A_LABEL, A_LABEL "."};
	static const char *const fields[] = {
	    FIELD " " A_LABEL "; a=b\n",     FIELD " XN--MNCHEN-3YA.example.; a=b\n",
	    FIELD " " U_LABEL "; a=b\n",     FIELD " M\xc3\x9cnchen.example; a=b\n",
	    FIELD " \"" U_LABEL "\"; a=b\n", FIELD " (" U_LABEL "; a=b\n",
	    FIELD " (" A_LABEL "; a=b\n",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		size_t removed = 0;

		for (size_t j = 0; j < sizeof(fields) / sizeof(fields[0]); j++) {
			struct message *message =
			    message_of(slice_of(pool_printf(pool, RECEIVED "%s", fields[j])));

			removed += authres_strip(message, ids[i], 0);
			message_free(message);
		}
		is_number((long long)removed, sizeof(fields) / sizeof(fields[0]),
			  pool_printf(pool, "removed as A- and U-label, own id %s",
				      i == 0 ? "in UTF-8" : A_LABEL));
	}
}

static void test_same_id(struct pool *pool)
{
	ok(authres_same_id(pool, "mx.Example.com", "MX.example.com."), "same id: case and dot");
	ok(authres_same_id(pool, U_LABEL, A_LABEL), "same id: A- and U-label");
	ok(authres_same_id(pool, "My Server", "my server"), "same id: no domain name");
	ok(!authres_same_id(pool, "mx.example.com", "mx.example.org"), "not the same: a domain");
	ok(!authres_same_id(pool, "my server", "my  server"), "not the same: no domain");
	ok(!authres_same_id(pool, "my server", "mx.example.com"), "not the same: one of each");
}

static void test_nul(struct pool *pool)
{
	static const char header[] = RECEIVED FIELD " mx\0.example.com; dmarc=pass\nX: a\n";
	struct message *message = message_of(slice_from(header, sizeof(header) - 1));

	authres_strip(message, ID, 0);
	is_text(remaining(pool, message), "R-X", "removed: a NUL byte inside");
	message_free(message);
}

/* repeated - a header section of many equal parts */
static struct buffer repeated(const char *head, const char *part, size_t count)
{
	struct buffer text;

	buffer_init(&text, 8 * LARGE);
	buffer_add_text(&text, head);
	for (size_t i = 0; i < count; i++)
		buffer_add_text(&text, part);
	return text;
}

/* removed_of - how many fields are removed */
static size_t removed_of(struct buffer *header)
{
	struct message *message = message_of(buffer_slice(header));
	size_t removed = authres_strip(message, ID, 0);

	message_free(message);
	buffer_free(header);
	return removed;
}

static void test_many(void)
{
	static const char *const parts[] = {"(", "mx.example.co", "\"\\", "; a=b (", "mx.(", "()"};
	struct buffer copies = repeated(RECEIVED, FIELD " " ID "; a=b\n", 50);
	struct buffer fields = repeated(RECEIVED, FIELD " (" ID ";\n", MANY);
	clock_t start = clock();
	size_t removed = 0;

	is_number((long long)removed_of(&copies), 50, "all of 50 copies are removed");
	is_number((long long)removed_of(&fields), MANY, "and all of 20,000 broken ones");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct buffer large =
		    repeated(RECEIVED FIELD " ", parts[i], LARGE / strlen(parts[i]));

		removed += removed_of(&large);
	}
	is_number((long long)removed, 0, "large fields without our id stay");
	ok(clock() - start < TIME_MAX, "in linear time");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_zone(pool);
	test_smtpd(pool);
	test_places(pool);
	test_disguises(pool);
	test_others(pool);
	test_international(pool);
	test_same_id(pool);
	test_nul(pool);
	test_many();
	pool_free(pool);
	return done();
}
