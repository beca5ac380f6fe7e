/*
 * sign_test - signatures made from header and body, judged by our own verifier
 *
 * Every message is signed with an RSA and an Ed25519 key made here; their records are in a zone
 * file made here.
 */
#include "dkim/sign.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "dkim/key_encoding.h"
#include "dkim/key_generation.h"
#include "dkim/private_key_file.h"
#include "dkim/sign_lint.h"
#include "dkim/verify.h"
#include "tap.h"

#define BITS  1024 /* quickly made */
#define PIECE 7    /* octets of a body handed over at once */

/* What all tests need. */
struct bench {
	struct pool *pool;
	struct dns *dns;
	struct dkim_sign_key keys[2];
};

/* message_of - a message read from a file with that text */
static struct message *message_of(struct slice text, message_sink *sink, void *context)
{
	FILE *file = tmpfile();
	struct message *message = message_new();
	struct error error;

	if (file == NULL || fwrite(text.data, 1, text.len, file) != text.len)
		ok(false, "a temporary file");
	rewind(file);
	if (!message_read_header(message, source_of_fd(fileno(file)), &error) ||
	    !message_read_body(message, source_of_fd(fileno(file)), sink, context, &error))
		ok(false, "reading: %s", error.text);
	fclose(file);
	return message;
}

/* add_to - a message_sink that keeps the body */
static void add_to(void *context, const char *data, size_t len)
{
	buffer_add(context, data, len);
}

/* sign - the fields of both keys; NULL if one could not be made */
static const char **sign(struct bench *bench, const struct dkim_sign_policy *policy,
			 const char *text)
{
	const char **fields = pool_alloc(bench->pool, 2 * sizeof(*fields));
	struct buffer body;
	struct message *message;
	struct dkim_signer *signer;
	struct error error;
	bool good = true;

	buffer_init(&body, 1 << 20);
	message = message_of(slice_of(text), add_to, &body);
	signer = dkim_sign_new(bench->pool, message, policy);
	for (size_t at = 0; at < body.len; at += PIECE)
		dkim_sign_body(signer, body.data + at,
			       body.len - at < PIECE ? body.len - at : PIECE);
	for (size_t i = 0; good && i < 2; i++) {
		fields[i] = dkim_sign_field(signer, &bench->keys[i], &error);
		good = fields[i] != NULL;
	}
	if (!good)
		ok(false, "signing: %s", error.text);
	dkim_sign_free(signer);
	message_free(message);
	buffer_free(&body);
	return good ? fields : NULL;
}

/* passes - how many signatures of a message pass, in front of which the fields are put */
static int passes(struct bench *bench, const char *const *fields, const char *text)
{
	const struct author nobody = {.kind = AUTHOR_NONE};
	struct dkim_policy policy = {.min_key_bits = BITS, .max_signatures = 2, .now = 1000};
	const struct trace silent = {.file = NULL};
	struct dns_budget budget = dns_budget_for(10, DNS_QUERIES_MAX);
	struct dkim_result *results;
	struct dkim_verifier *verifier;
	struct message *message;
	struct buffer body;
	const char *whole = pool_printf(bench->pool, "%s\n%s\n%s", fields[0], fields[1], text);
	size_t count;
	int passed = 0;

	buffer_init(&body, 1 << 20);
	message = message_of(slice_of(whole), add_to, &body);
	verifier = dkim_verify_new(bench->pool, message, &policy, &nobody, &silent);
	dkim_verify_body(verifier, body.data, body.len);
	results = dkim_verify_finish(verifier, bench->dns, &budget, &count);
	for (size_t i = 0; i < count; i++) {
		passed += results[i].result == RESULT_PASS;
		if (results[i].result != RESULT_PASS)
			printf("# %s %s\n", result_word(results[i].result), results[i].reason);
	}
	dkim_verify_free(verifier);
	message_free(message);
	buffer_free(&body);
	return passed;
}

static struct dkim_sign_policy default_policy(void)
{
	return (struct dkim_sign_policy){
	    .header_canon = DKIM_CANON_RELAXED,
	    .body_canon = DKIM_CANON_RELAXED,
	    .headers = DKIM_SIGN_HEADERS,
	    .oversign = DKIM_SIGN_OVERSIGN,
	    .time = DKIM_NO_NUMBER,
	    .expiry = DKIM_NO_NUMBER,
	};
}

static void test_canons(struct bench *bench)
{
	static const char *const canons[] = {"relaxed/relaxed", "relaxed/simple", "simple/relaxed",
					     "simple/simple"};
	static const char *const texts[] = {
	    "From: a@example.org\nSubject:  two   words \n\tfolded\n\nbody  text \n\n \n",
	    "From: a@example.org\n\n",
	    "From: a@example.org\n",
	    "From: a@example.org\n\nno line end",
	    "From: a@example.org\n\n\n\n",
	    "From : a@example.org\nTo:\n\n \t \n",
	    "From: a@example.org\r\nTo: b@example.org\r\n\r\nCRLF \r\n\r\n",
	    "no field\nFrom: a@example.org\n b\n\na\rb\n",
	};

	for (size_t c = 0; c < sizeof(canons) / sizeof(canons[0]); c++) {
		struct dkim_sign_policy policy = default_policy();

		ok(dkim_sign_canons(slice_of(canons[c]), &policy), "%s is known", canons[c]);
		for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
			const char **fields = sign(bench, &policy, texts[t]);

			ok(fields != NULL && passes(bench, fields, texts[t]) == 2,
			   "%s: both signatures of message %zu pass", canons[c], t);
		}
	}
}

/* tag - the value of a tag without white space; NULL if it is not there */
static const char *tag(struct bench *bench, const char *field, const char *name)
{
	char *flat = pool_alloc(bench->pool, strlen(field) + 2);
	char *found;
	size_t len = 0;

	flat[len++] = ';';
	for (field = strchr(field, ':') + 1; *field != '\0'; field++) {
		if (strchr(" \t\n", *field) == NULL)
			flat[len++] = *field;
	}
	found = strstr(flat, pool_printf(bench->pool, ";%s=", name));
	if (found == NULL)
		return NULL;
	found = strchr(found, '=') + 1;
	found[strcspn(found, ";")] = '\0';
	return found;
}

static void test_fields(struct bench *bench)
{
	static const char text[] = "Received: x\nTo: one\nReturn-Path: <>\nFrom: a@example.org\n"
				   "to: two\nDKIM-Signature: old\nX-Other: y\nSubject: s\n\nbody\n";
	struct dkim_sign_policy policy = default_policy();
	const char **fields = sign(bench, &policy, text);
	const char *changed;

	is_text(tag(bench, fields[0], "h"), "From:From:Subject:To:To",
		"fields of RFC 6376 5.4.1 that are there, From once more");
	ok(tag(bench, fields[0], "l") == NULL, "never an l= tag");
	ok(tag(bench, fields[0], "t") == NULL && tag(bench, fields[0], "x") == NULL &&
	       tag(bench, fields[0], "z") == NULL && tag(bench, fields[0], "i") == NULL,
	   "no t=, x=, z=, i= unless asked for");
	is_text(tag(bench, fields[0], "bh"), tag(bench, fields[1], "bh"),
		"both keys sign the same body hash");
	changed = pool_printf(bench->pool, "From: b@example.org\n%s", text);
	is_number(passes(bench, fields, changed), 0, "a From that is added breaks them");
	changed = pool_printf(bench->pool, "Received: y\nX-New: z\n%s", text);
	is_number(passes(bench, fields, changed), 2, "other fields do not");
	policy.headers = "from:Cc";
	policy.oversign = "Cc:FROM:Date";
	fields = sign(bench, &policy, text);
	is_text(tag(bench, fields[0], "h"), "from:from:Cc:Date",
		"own lists, each name once in whatever case, absent fields too");
	changed = pool_printf(bench->pool, "Date: now\n%s", text);
	is_number(passes(bench, fields, changed), 0, "a field that was oversigned cannot be added");
}

static void test_tags(struct bench *bench)
{
	struct dkim_sign_policy policy = default_policy();
	const char **fields;

	policy.time = 999;
	policy.expiry = 1001;
	policy.copies = true;
	bench->keys[0].identity = "\xc3\xa4; =|@sub.example.org";
	fields = sign(bench, &policy, "From: a@example.org\nSubject: x|y;z=\n two\n\n");
	is_text(tag(bench, fields[0], "t"), "999", "t=");
	is_text(tag(bench, fields[0], "x"), "1001", "x=");
	is_text(tag(bench, fields[0], "i"), "=C3=A4=3B=20=3D=7C@sub.example.org",
		"i= in quoted-printable");
	is_text(tag(bench, fields[0], "z"),
		"From:=20a@example.org|Subject:=20x=7Cy=3Bz=3D=0A=20two", "z= in quoted-printable");
	is_number(passes(bench, fields, "From: a@example.org\nSubject: x|y;z=\n two\n\n"), 2,
		  "and they pass");
	bench->keys[0].identity = NULL;
}

/* longest_line - in columns, a TAB to the next multiple of eight */
static size_t longest_line(const char *text)
{
	size_t longest = 0;
	size_t column = 0;

	for (; *text != '\0'; text++) {
		column = *text == '\n' ? 0 : *text == '\t' ? (column / 8 + 1) * 8 : column + 1;
		if (column > longest)
			longest = column;
	}
	return longest;
}

static void test_folding(struct bench *bench)
{
	struct dkim_sign_policy policy = default_policy();
	const char *text = "From: a@example.org\n";
	const char **fields;
	size_t longest = 0;

	policy.copies = true;
	for (size_t i = 0; i < 100; i++) {
		text = pool_printf(bench->pool, "%sTo: %zu\n", text, i);
		bench->keys[0].selector = pool_printf(bench->pool, "%.*s", (int)(i % 50) + 1,
						      "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr"
						      "stuvwxyz");
		fields = sign(bench, &policy, pool_printf(bench->pool, "%s\nbody\n", text));
		for (size_t k = 0; k < 2; k++)
			longest =
			    longest_line(fields[k]) > longest ? longest_line(fields[k]) : longest;
	}
	bench->keys[0].selector = "rsa";
	is_number((long long)longest, DKIM_SIGN_COLUMNS,
		  "200 fields of all lengths: lines are filled, and none is longer than 78");
}

static void test_lists(void)
{
	static const char *const wrong[] = {
	    "Received", "From:RETURN-PATH", "dkim-signature", "From:",
	    ":From",    "From To",          "From;To:x",      "Fr\xc3\xb6m"};
	struct dkim_sign_policy policy;
	struct error error;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ok(!dkim_sign_names_are_good(wrong[i], &error), "\"%s\" cannot be signed",
		   wrong[i]);
	ok(dkim_sign_names_are_good("From: To :X-Any", &error), "white space in a list");
	ok(dkim_sign_names_are_good("", &error), "an empty list");
	ok(dkim_sign_canons(slice_of("relaxed"), &policy) &&
	       policy.header_canon == DKIM_CANON_RELAXED && policy.body_canon == DKIM_CANON_SIMPLE,
	   "\"relaxed\" is relaxed/simple");
	ok(!dkim_sign_canons(slice_of("relaxed/"), &policy) &&
	       !dkim_sign_canons(slice_of("Relaxed/simple"), &policy) &&
	       !dkim_sign_canons(slice_of("simple/simple/simple"), &policy) &&
	       !dkim_sign_canons(slice_of(""), &policy),
	   "other words are none");
}

/* faults - what the lint finds, one letter each, in the order of the enum */
static const char *faults(struct bench *bench, struct slice text)
{
	static const char letters[] = "cmlnMdfiFx";
	char *found = pool_alloc(bench->pool, sizeof(letters));
	struct dkim_lint lint;
	struct buffer body;
	struct message *message;
	size_t count = 0;

	buffer_init(&body, 1 << 20);
	message = message_of(text, add_to, &body);
	dkim_lint_header(&lint, message);
	for (size_t i = 0; i < body.len; i++)
		dkim_lint_body(&lint, body.data + i, 1);
	dkim_lint_finish(&lint);
	for (size_t i = 0; i < DKIM_LINT_FINDINGS; i++) {
		if (lint.found[i])
			found[count++] = letters[i];
	}
	message_free(message);
	buffer_free(&body);
	return found;
}

static void test_lint(struct bench *bench)
{
#define HEAD "From: a\nDate: b\nMessage-ID: c\n"
	static const char nul[] = HEAD "\na\0b\n";
	static const struct {
		const char *text;
		const char *found;
		const char *name;
	} cases[] = {
	    {HEAD "\nbody\n", "", "a clean message"},
	    {HEAD "\nbody\r\n", "m", "mixed line ends"},
	    {HEAD "\nbo\rdy\n", "c", "a bare CR"},
	    {HEAD "\nbody\r", "c", "a bare CR at the end"},
	    {"From: a\r\nDate: b\r\nMessage-ID: c\r\n\r\nbody\r\r\n", "c", "two CR before LF"},
	    {HEAD "\nb\xc3\xb6\n", "M", "8-bit without MIME"},
	    {HEAD "MIME-Version: 1.0\nContent-Type: text/plain\n\nb\xc3\xb6\n", "",
	     "8-bit with it"},
	    {"Subject: x\n\nbody\n", "dfi", "nothing that must be there"},
	    {HEAD "from: d\n\n", "F", "two From fields"},
	    {HEAD "no field\n\n", "x", "a line that is no field"},
	};
	char *line = pool_alloc(bench->pool, DKIM_LINT_LINE_MAX + 3);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_text(faults(bench, slice_of(cases[i].text)), cases[i].found, cases[i].name);
	is_text(faults(bench, slice_from(nul, sizeof(nul) - 1)), "n", "a NUL octet");
	memset(line, 'x', DKIM_LINT_LINE_MAX + 1);
	line[DKIM_LINT_LINE_MAX] = '\n';
	is_text(faults(bench, slice_of(pool_printf(bench->pool, HEAD "\n%s", line))), "",
		"a line of 998 octets");
	line[DKIM_LINT_LINE_MAX] = '\0';
	is_text(faults(bench, slice_of(pool_printf(bench->pool,
						   "From: a\r\nDate: b\r\nMessage-ID: c"
						   "\r\n\r\n%s\r\n",
						   line))),
		"", "the same with CRLF");
	line[DKIM_LINT_LINE_MAX] = 'x';
	is_text(faults(bench, slice_of(pool_printf(bench->pool, HEAD "\n%s", line))), "l",
		"a line of 999 octets, without its end");
	is_text(faults(bench, slice_of(pool_printf(bench->pool, HEAD "X: %s\n\n", line))), "l",
		"a long line in the header section");
#undef HEAD
}

/* make_key - a key and its line in the zone */
static void make_key(struct bench *bench, size_t index, enum dkim_key_type type,
		     const char *selector, FILE *zone)
{
	struct error error;
	struct dkim_sign_key *key = &bench->keys[index];
	const char *pem = key_generation_pem(bench->pool, type, BITS, &error);

	*key = (struct dkim_sign_key){.domain = "example.org", .selector = selector};
	if (pem == NULL || !private_key_file_parse(bench->pool, slice_of(pem), &key->key, &error))
		ok(false, "a key: %s", error.text);
	fprintf(zone, "%s._domainkey.example.org. TXT \"%s\"\n", selector,
		key_encoding_record(bench->pool, &key->key, &error));
}

int main(void)
{
	char path[] = "/tmp/dkim_sign_test.XXXXXX";
	FILE *zone = fdopen(mkstemp(path), "w");
	const struct trace silent = {.file = NULL};
	struct error error;
	struct bench bench = {.pool = pool_new()};

	make_key(&bench, 0, DKIM_KEY_RSA, "rsa", zone);
	make_key(&bench, 1, DKIM_KEY_ED25519, "ed", zone);
	fclose(zone);
	bench.dns = dns_open_zone(path, &silent, &error);
	unlink(path);
	test_canons(&bench);
	test_fields(&bench);
	test_tags(&bench);
	test_folding(&bench);
	test_lists();
	test_lint(&bench);
	dns_close(bench.dns);
	pool_free(bench.pool);
	return done();
}
