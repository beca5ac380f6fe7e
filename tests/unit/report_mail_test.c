/*
 * report_mail and report_archive - the mail of a report, and its attachment
 */
#include "report/report_mail.h"

#include <unistd.h>
#include <zlib.h>

#include "base/io.h"
#include "base/pool.h"
#include "report/attachment.h"
#include "tap.h"

#define MAIL_MAX (1U << 20)

static struct pool *pool;

/* mail_text - the mail of a report that is about nothing; content is its attachment */
static const char *mail_text(const struct report_submitter *submitter, const char *domain,
			     const char *content)
{
	struct report_content attachment = {.messages = 12, .passed = 5};
	struct aggregate_report report = {
	    .submitter = submitter, .id = "20261122aaaaaaaaaaaaaaaa", .created = 1795400000};
	struct report_mail mail = {.report = &report,
				   .content = &attachment,
				   .recipient = "r@x.test",
				   .token = "20261122aaaaaaaaaaaaaaaa.2"};
	char *text = pool_alloc(pool, MAIL_MAX);
	struct error error;
	int fd = spool_file(&error);

	spool_init(&attachment.base64, MAIL_MAX);
	spool_add(&attachment.base64, content, strlen(content), &error);
	report_set_policy(pool, &report, 20779, domain, "v=DMARC1; p=reject; t=y");
	if (!report_mail_write(&mail, fd, &error) || pread(fd, text, MAIL_MAX - 1, 0) <= 0)
		text = NULL;
	spool_free(&attachment.base64);
	close(fd);
	return text;
}

/* longest_line - of a text */
static size_t longest_line(const char *text)
{
	struct slice rest = slice_of(text);
	struct slice line;
	size_t longest = 0;

	while (slice_cut(&rest, '\n', &line))
		longest = line.len > longest ? line.len : longest;
	return longest;
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void test_mail(void)
{
	const struct report_submitter submitter = {
	    .organization = "E \"x\" \\", .email = "d@mx.test", .domain = "mx.test"};
	const char *text = mail_text(&submitter, "a.test", "QUJD\n");

	ok(has(text, "From: \"E \\\"x\\\" \\\\\"\n <d@mx.test>\nTo: <r@x.test>\n"), "From and To");
	ok(has(text, "\nDate: Mon, 23 Nov 2026 02:13:20 +0000\n"), "Date is that of the creation");
	ok(has(text, "\nSubject: Report Domain: a.test\n Submitter: mx.test\n Report-ID:"
		     " <20261122aaaaaaaaaaaaaaaa>\n"),
	   "Subject as RFC 9990 wants it");
	ok(has(text, "\nMessage-ID: <20261122aaaaaaaaaaaaaaaa.2@mx.test>\n"),
	   "Message-ID: Report-ID and destination");
	ok(has(text, "messages:          12\n") && has(text, "did not pass:      7\n") &&
	       has(text, "p=3Dreject t=3Dy"),
	   "people are told what it is about");
	ok(has(text, "filename=\"mx.test!a.test!1795305600!1795391999!20261122aaaaaaaaaaaaaaaa"
		     ".xml.gz\"\n\nQUJD\n\n--=_20261122aaaaaaaaaaaaaaaa--\n"),
	   "the attachment is the last part");
	is_text(mail_text(&submitter, "a.test", "QUJD\n"), text, "the same again");
}

static void test_texts(void)
{
	const struct report_submitter submitter = {
	    .organization = "\xc3\x84rzte f\xc3\xbcr Stra\xc3\x9f"
			    "en und Pl\xc3\xa4tze in der gro\xc3\x9f"
			    "en weiten Welt und dar\xc3\xbc"
			    "ber hinaus \xe2\x80\x94 \xc3\xbc\xc3\xbc\xc3\xbc",
	    .email = "d@mx.test",
	    .contact = "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"
		       " 0123456789 0123456789 0123456789",
	    .domain = "mx.test"};
	const char *text = mail_text(&submitter, "a\"b.test", "");

	ok(has(text, "From: =?utf-8?q?=C3=84rzte"), "a name that is not ASCII is encoded");
	ok(longest_line(text) <= 100, "lines are short");
	ok(has(text, "!a\\\"b.test!"), "a quote in a domain does not end the file name");
	for (const char *at = text; *at != '\0'; at++) {
		if ((unsigned char)*at >= 0x80) {
			ok(false, "the mail is ASCII");
			return;
		}
	}
	ok(true, "the mail is ASCII");
}

/* encoded - so many octets, compressed and in base64 */
static const char *encoded(const char *octets, size_t len)
{
	char *text = pool_alloc(pool, MAIL_MAX);
	struct report_archive *archive;
	struct spool spool;
	struct error error;

	spool_init(&spool, 0);
	archive = report_archive_new(pool);
	report_archive_begin(archive, &spool);
	report_archive_add(archive, slice_from(octets, len / 2), &error);
	report_archive_add(archive, slice_from(octets + len / 2, len - len / 2), &error);
	report_archive_finish(archive, &error);
	report_archive_free(archive);
	if (pread(spool.fd, text, MAIL_MAX - 1, 0) < 0)
		text = NULL;
	spool_free(&spool);
	return text;
}

/* value_of - a digit of base64 */
static int value_of(char digit)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = digit != '\0' ? strchr(digits, digit) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* decoded - octets after base64; *len is their number */
static unsigned char *decoded(const char *text, size_t *len)
{
	unsigned char *octets = pool_alloc(pool, strlen(text) + 1);
	unsigned bits = 0, count = 0;

	*len = 0;
	for (; *text != '\0'; text++) {
		if (value_of(*text) < 0)
			continue;
		bits = bits << 6 | (unsigned)value_of(*text);
		count += 6;
		if (count >= 8) {
			count -= 8;
			octets[(*len)++] = (unsigned char)(bits >> count);
		}
	}
	return octets;
}

/* survives - compressed, encoded and both undone */
static bool survives(const char *octets, size_t size)
{
	unsigned char *out = pool_alloc(pool, size + 1);
	z_stream stream = {.next_out = out, .avail_out = (uInt)size + 1};
	size_t len;

	stream.next_in = decoded(encoded(octets, size), &len);
	stream.avail_in = (uInt)len;
	if (inflateInit2(&stream, 15 + 16) != Z_OK)
		return false;
	if (inflate(&stream, Z_FINISH) != Z_STREAM_END)
		stream.total_out = 0;
	inflateEnd(&stream);
	return stream.total_out == size && memcmp(out, octets, size) == 0;
}

static void test_archive(void)
{
	static char octets[200000];
	unsigned seed = 1;
	bool good = true;

	for (size_t i = 0; i < sizeof(octets); i++) {
		seed = seed * 1103515245 + 12345;
		octets[i] = (char)(seed >> 16);
	}
	for (size_t size = 1; size < 200 && good; size++)
		good = survives(octets, size);
	ok(good, "whatever the length, the octets come back");
	ok(survives(octets, sizeof(octets)), "many octets that cannot be compressed, too");
	is_number((long long)longest_line(encoded(octets, 5000)), 76, "lines of 76 characters");
	ok(memcmp(decoded(encoded("x", 1), &(size_t){0}) + 4, "\0\0\0\0", 4) == 0,
	   "no time in the header of gzip");
}

int main(void)
{
	pool = pool_new();
	test_mail();
	test_texts();
	test_archive();
	pool_free(pool);
	return done();
}
