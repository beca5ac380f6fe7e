/*
 * input_test - which results of SPF and DKIM are taken from a header section
 */
#include "dmarc/input.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

#define AR       "Authentication-Results: mx.test; "
#define OTHER    "Authentication-Results: filter.test; "
#define RSPF     "Received-SPF: "
#define BORDER   "Received: from a by mx.test; now\n"
#define FROM     "From: a@b.test\n\n"
#define MANY     100000
#define TIME_MAX (20 * CLOCKS_PER_SEC)

static struct pool *pool;

/* gather_bytes - the input that a header section gives */
static struct dmarc_input gather_bytes(struct slice header, const struct dmarc_trust *trust)
{
	struct message *message = message_new();
	int fd = memfd_create("message", 0);
	struct dmarc_input input;
	struct error error;

	if (fd < 0 || !io_write(fd, header.data, header.len) || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error)) {
		printf("Bail out! no message\n");
		exit(1);
	}
	close(fd);
	dmarc_input_gather(pool, message, trust, NULL, &input);
	message_free(message);
	return input;
}

/* gather_from - the same for a text, believing mx.test and filter.test above the first Received */
static struct dmarc_input gather_from(const char *sender, const char *header)
{
	static const char *const ids[] = {"other.test", "Filter.Test"};
	const struct dmarc_trust trust = {
	    .id = "mx.test", .trusted_ids = ids, .trusted_count = 2, .hops = 1, .sender = sender};

	return gather_bytes(slice_of(header), &trust);
}

/* gather - without knowing MAIL FROM */
static struct dmarc_input gather(const char *header)
{
	return gather_from(NULL, header);
}

/* described - "pass b.test/selector" of each signature, divided by commas */
static const char *described(const struct dmarc_input *input)
{
	const char *text = "";

	for (size_t i = 0; i < input->dkim_count; i++) {
		const struct dmarc_identifier *item = &input->dkim[i];

		text = pool_printf(pool, "%s%s%s %s/%s", text, i != 0 ? "," : "",
				   result_word(item->result),
				   item->domain != NULL ? item->domain : "?",
				   item->selector != NULL ? item->selector : "?");
	}
	return text;
}

/* is_spf - "pass b.test" or "" for the SPF result of these fields, above a Received field */
static void is_spf(const char *fields, const char *wanted, const char *name)
{
	struct dmarc_input input = gather(pool_printf(pool, "%s\n" BORDER FROM, fields));
	const char *text = "";

	if (input.spf != NULL)
		text =
		    pool_printf(pool, "%s %s", result_word(input.spf->result), input.spf->domain);
	is_text(text, wanted, pool_printf(pool, "spf: %s", name));
}

/* is_dkim - the DKIM results of these fields, above a Received field */
static void is_dkim(const char *fields, const char *wanted, const char *name)
{
	struct dmarc_input input = gather(pool_printf(pool, "%s\n" BORDER FROM, fields));

	is_text(described(&input), wanted, pool_printf(pool, "dkim: %s", name));
}

static void test_spf(void)
{
	is_spf(AR "spf=pass smtp.mailfrom=b.test", "pass b.test", "a bare domain");
	is_spf(AR "spf=pass smtp.mailfrom=a+x=y@B.Test", "pass b.test", "an address");
	is_spf(AR "spf=pass smtp.mailfrom=<a@b.test>", "pass b.test", "an address in brackets");
	is_spf(AR "spf=pass smtp.mailfrom=postmaster@helo.test", "pass helo.test", "a null sender");
	is_spf(AR "spf=pass smtp.mailfrom=\"x y\"@b.test", "pass b.test", "a quoted local part");
	is_spf(AR "spf=pass smtp.mailfrom=\"a@x.test b\"@b.test", "pass b.test",
	       "an address within the local part");
	is_spf(AR "spf=pass smtp.mailfrom=\"b.test\"", "pass b.test", "a quoted value");
	is_spf(AR "spf=pass smtp.mailfrom=m\xc3\xbcnchen.test", "pass xn--mnchen-3ya.test",
	       "a U-label");
	is_spf(AR "spf=pass smtp.helo=b.test", "", "HELO is of no use");
	is_spf(AR "spf=pass smtp.helo=h.test smtp.mailfrom=b.test", "pass b.test",
	       "MAIL FROM beside HELO");
	is_spf(AR "spf=pass", "", "no property");
	is_spf(AR "spf=pass smtp.mailfrom=<>", "", "an empty sender");
	is_spf(AR "spf=pass smtp.mailfrom=a@[192.0.2.1]", "", "an address literal");
	is_spf(AR "spf=pass smtp.mailfrom=a@b..test", "", "no domain name");
	is_spf(AR "spf=hardfail smtp.mailfrom=b.test", "fail b.test", "an old word");
	is_spf(AR "spf=great smtp.mailfrom=b.test", "unknown b.test", "an unknown word");
	is_spf(AR "spf=none smtp.mailfrom=b.test", "none b.test", "none");
	is_spf(AR "spf=pass smtp.mailfrom=b..test; spf=fail smtp.mailfrom=c.test", "fail c.test",
	       "the topmost that can be used");
	is_spf(AR "spf=fail smtp.mailfrom=c.test\n" AR "spf=pass smtp.mailfrom=b.test",
	       "fail c.test", "the topmost field");
	is_spf(AR "spf=pass smtp.helo=b.test\n" AR "spf=softfail smtp.mailfrom=b.test",
	       "softfail b.test", "a HELO result hides nothing");
	is_spf(OTHER "spf=pass smtp.mailfrom=b.test", "pass b.test", "a trusted id");
	is_spf("Authentication-Results: x.test; spf=pass smtp.mailfrom=b.test", "", "another id");
	is_spf("Authentication-Results: mx.test.x; spf=pass smtp.mailfrom=b.test", "",
	       "an id that begins like ours");
	is_spf("ARC-Authentication-Results: i=1; mx.test; spf=pass smtp.mailfrom=b.test", "",
	       "another field");
	is_spf("Subject: x\n" AR "spf=pass smtp.mailfrom=b.test", "pass b.test",
	       "below another field, above the border");
	is_spf(BORDER AR "spf=pass smtp.mailfrom=b.test", "", "below the border");
}

static void test_received_spf(void)
{
	is_spf(RSPF "pass (ok) identity=mailfrom; envelope-from=\"a@b.test\"; helo=h.test",
	       "pass b.test", "Received-SPF as it should be");
	is_spf(RSPF "Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=h; "
		    "envelope-from=a@b.test; receiver=<UNKNOWN> ",
	       "pass b.test", "Received-SPF of policyd-spf");
	is_spf(RSPF "pass identity=MailFrom; envelope-from=\"<a@b.test>\"", "pass b.test",
	       "Received-SPF with brackets");
	is_spf(RSPF "fail envelope-from=a@b.test", "fail b.test", "Received-SPF without identity");
	is_spf(RSPF "softfail\n\t(x)\n\tidentity=mailfrom;\n\tenvelope-from=a@b.test;",
	       "softfail b.test", "Received-SPF folded");
	is_spf(RSPF "pass identity=mailfrom envelope-from=a@b.test helo=h", "pass b.test",
	       "Received-SPF without semicolons");
	is_spf(RSPF "pass identity = mailfrom (x) ; envelope-from = \"a@b.test\"", "pass b.test",
	       "Received-SPF with white space round =");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=\"\"; helo=h.test", "pass h.test",
	       "Received-SPF of a null sender");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=<>; helo=h.test", "pass h.test",
	       "Received-SPF of a null sender in brackets");
	is_spf(RSPF "pass envelope-from=\"\"; helo=h.test", "",
	       "Received-SPF of a null sender, identity unknown");
	is_spf(RSPF "pass identity=mailfrom; helo=h.test", "", "Received-SPF without sender");
	is_spf(RSPF "pass identity=helo; helo=h.test; envelope-from=a@b.test", "",
	       "Received-SPF of HELO");
	is_spf(RSPF "pass (domain of a@b.test designates 192.0.2.1) client-ip=192.0.2.1;", "",
	       "Received-SPF without either");
	is_spf(RSPF "pass", "", "Received-SPF without pairs");
	is_spf(RSPF "", "", "Received-SPF without anything");
	is_spf(RSPF "Pass (mailfrom) identity=mailfrom; helo=h; envelope-from=a@b.test; "
		    "receiver=c@d.test ",
	       "pass b.test", "Received-SPF of policyd-spf with the recipient");
	is_spf(RSPF "pass (mx.test: Sender is authorized to use 'a@b.test' in 'mfrom' identity) "
		    "receiver=c@d.test; identity=mailfrom; envelope-from=\"a@b.test\"; helo=h",
	       "pass b.test", "Received-SPF of Mail::SPF");
	is_spf(RSPF "pass identity=mailfrom; helo=x;envelope-from=a@b.test; envelope-from=c@d.test",
	       "", "Received-SPF with a pair from HELO");
	is_spf(RSPF "pass identity=mailfrom; helo=x;identity=mailfrom; envelope-from=c@d.test", "",
	       "Received-SPF with an identity from HELO");
	is_spf(RSPF "pass identity=mailfrom; helo=x;envelope-from=a@b.test;z=(; receiver=y", "",
	       "Received-SPF with an open comment");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=a@b.test; helo=\"x", "",
	       "Received-SPF with an open quote");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=\"a@b.test\"x", "",
	       "Received-SPF with text after a quote");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=a@b.test; x-software=spf 2.0", "",
	       "Received-SPF with a word that is no pair");
	is_spf(RSPF "pass; identity=mailfrom; envelope-from=a@b.test", "",
	       "Received-SPF with a result that is not alone");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=a@b.test(.evil.test", "",
	       "Received-SPF with an open comment after the sender");
	is_spf(RSPF "fail identity=mailfrom; envelope-from=a@b.test\n" AR
		    "spf=pass smtp.mailfrom=c.test",
	       "pass c.test", "Received-SPF yields to Authentication-Results");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=a@b.test\n" AR
		    "spf=pass smtp.helo=c.test",
	       "pass b.test", "Received-SPF beside a HELO result");
	is_spf(RSPF "pass identity=helo; helo=h; envelope-from=a@b.test\n" RSPF
		    "fail identity=mailfrom; envelope-from=a@c.test",
	       "", "Received-SPF: the first one decides, although it is of no use");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=a@[192.0.2.1]\n" RSPF
		    "pass identity=mailfrom; envelope-from=a@c.test",
	       "", "Received-SPF: the first one decides, although its sender has no domain");
	is_spf(RSPF "pass identity=mailfrom; envelope-from=a@b.test; helo=\"x\n" RSPF
		    "pass identity=mailfrom; envelope-from=a@c.test",
	       "", "Received-SPF: the first one decides, although it cannot be read");
	is_spf(AR "spf=pass smtp.mailfrom=a@[192.0.2.1]\n" RSPF
		  "pass identity=mailfrom; envelope-from=a@c.test",
	       "", "Received-SPF does not replace a result that is of no use");
	is_spf(BORDER RSPF "pass identity=mailfrom; envelope-from=a@b.test", "",
	       "Received-SPF below the border");
}

/* envelope_from - "unknown", or the domain in brackets, for fields above a Received field */
static const char *envelope_from(const char *fields, const char *sender)
{
	struct dmarc_input input =
	    gather_from(sender, pool_printf(pool, "%s\n" BORDER FROM, fields));

	return input.envelope_from == NULL ? "unknown"
					   : pool_printf(pool, "<%s>", input.envelope_from);
}

static void test_sender(void)
{
	static const char of_null[] =
	    RSPF "pass identity=mailfrom; envelope-from=\"<>\"; helo=h.test";
	static const char postmaster[] = AR "spf=pass smtp.mailfrom=postmaster@h.test\n";
	const char *both = pool_printf(pool, "%s%s", postmaster, of_null);

	is_text(envelope_from(of_null, NULL), "<>", "sender: Received-SPF knows of a null sender");
	is_text(envelope_from(both, NULL), "<>", "sender: the same beside Authentication-Results");
	is_text(envelope_from(postmaster, NULL), "unknown", "sender: a postmaster may be one");
	is_text(
	    envelope_from(pool_printf(pool, AR "spf=pass smtp.mailfrom=b.test\n%s", of_null), NULL),
	    "unknown", "sender: a null sender of another result");
	is_text(
	    envelope_from(RSPF "pass identity=mailfrom; envelope-from=a@h.test; helo=h.test", NULL),
	    "unknown", "sender: no null sender");
	is_text(envelope_from(RSPF "pass identity=helo; envelope-from=\"<>\"; helo=h.test", NULL),
		"<>", "sender: a HELO result of policyd-spf for a bounce");
	is_text(envelope_from(RSPF "pass identity=helo; envelope-from=a@b.test; helo=h.test", NULL),
		"unknown", "sender: a HELO result says nothing else");
	is_text(envelope_from(pool_printf(pool, BORDER "%s", of_null), NULL), "unknown",
		"sender: below the border");
	is_text(envelope_from(postmaster, ""), "<>", "sender: none was given");
	is_text(envelope_from(of_null, "A@B.Test"), "<b.test>", "sender: one was given");
	is_text(envelope_from(of_null, "<x@[192.0.2.1]>"), "<>", "sender: one without a domain");
}

/* spf_from - the SPF result of fields above a Received field, for a sender */
static const char *spf_from(const char *fields, const char *sender)
{
	struct dmarc_input input =
	    gather_from(sender, pool_printf(pool, "%s\n" BORDER FROM, fields));

	return input.spf == NULL
		   ? ""
		   : pool_printf(pool, "%s %s", result_word(input.spf->result), input.spf->domain);
}

/* test_helo - a HELO that passes counts for a null sender that is certain (CVE-2019-20790) */
static void test_helo(void)
{
	static const char helo[] = AR "spf=pass smtp.helo=bank.test";
	static const char policyd[] =
	    RSPF "Pass (helo) identity=helo; client-ip=192.0.2.1; helo=bank.test; "
		 "envelope-from=<>; receiver=c@d.test ";
	static const char ours[] = RSPF "pass (x) receiver=mx.test; client-ip=192.0.2.1; "
					"envelope-from=\"<>\"; helo=bank.test; identity=helo";
	static const char other[] =
	    RSPF "pass identity=helo; helo=bank.test; envelope-from=a@b.test";

	is_text(spf_from(helo, ""), "pass bank.test", "HELO: the null sender is known");
	is_text(spf_from(helo, "<>"), "pass bank.test", "HELO: in brackets");
	is_text(spf_from(helo, NULL), "", "HELO: nothing is known of the sender");
	is_text(spf_from(helo, "a@evil.test"), "", "HELO: the sender is another");
	is_text(spf_from(helo, "x@[192.0.2.1]"), "", "HELO: the sender has no domain");
	is_text(spf_from(helo, "a b"), "", "HELO: the sender cannot be read");
	is_text(spf_from(pool_printf(pool, "%s\n%s", helo, policyd), NULL), "pass bank.test",
		"HELO: Received-SPF knows of the null sender");
	is_text(spf_from(pool_printf(pool, "%s\n%s", helo, other), NULL), "",
		"HELO: Received-SPF knows of another");
	is_text(spf_from(pool_printf(pool, "%s\n%s\n%s", helo, other, policyd), NULL), "",
		"HELO: the first Received-SPF decides");
	is_text(spf_from(policyd, NULL), "pass bank.test", "HELO: policyd-spf");
	is_text(spf_from(policyd, ""), "pass bank.test", "HELO: policyd-spf, it is known");
	is_text(spf_from(policyd, "a@evil.test"), "", "HELO: policyd-spf, the sender is another");
	is_text(spf_from(policyd, "x@[192.0.2.1]"), "",
		"HELO: policyd-spf, a sender without domain");
	is_text(spf_from(ours, NULL), "pass bank.test", "HELO: our own field");
	is_text(spf_from(ours, "a@evil.test"), "", "HELO: our own field, the sender is another");
	is_text(spf_from(other, NULL), "", "HELO: a sender that is not null");
	is_text(spf_from(other, ""), "", "HELO: a field about another sender");
	is_text(spf_from(AR "spf=pass smtp.mailfrom=<> smtp.helo=bank.test", NULL), "",
		"HELO: an empty smtp.mailfrom alone says nothing");
	is_text(spf_from(AR "spf=pass smtp.mailfrom=<> smtp.helo=bank.test", ""), "pass bank.test",
		"HELO: an empty smtp.mailfrom of a null sender");
}

/* test_bare_quotes - policyd-spf does not quote a sender that has quotes itself */
static void test_bare_quotes(void)
{
	static const char field[] = RSPF "Pass (mailfrom) identity=mailfrom; helo=h; "
					 "envelope-from=\"a b\"@bank.test; receiver=c@d.test ";

	is_text(spf_from(field, "\"a b\"@bank.test"), "pass bank.test", "quotes: the sender");
	is_text(spf_from(field, "<\"a b\"@bank.test>"), "pass bank.test", "quotes: in brackets");
	is_text(spf_from(field, NULL), "", "quotes: the sender is not known");
	is_text(spf_from(field, "a@evil.test"), "", "quotes: the sender is another");
	is_text(spf_from(field, ""), "", "quotes: the sender is null");
	is_text(
	    spf_from(RSPF "pass identity=mailfrom; helo=\"a\"@b; envelope-from=a@bank.test", NULL),
	    "", "quotes: in another value");
}

static void test_dkim(void)
{
	is_dkim(AR "dkim=pass header.d=B.Test header.s=k header.b=abc", "pass b.test/k",
		"one signature");
	is_dkim(AR "dkim=pass header.i=@m.b.test", "pass m.b.test/?", "header.i without header.d");
	is_dkim(AR "dkim=pass header.i=x@y@b.test", "pass b.test/?", "header.i with two @");
	is_dkim(AR "dkim=pass header.i=@m.b.test header.d=b.test", "pass b.test/?", "both");
	is_dkim(AR "dkim=pass header.i=@b.test header.d=b..test", "pass ?/?",
		"an unreadable header.d is not replaced");
	is_dkim(AR "dkim=pass", "pass ?/?", "no property");
	is_dkim(AR "dkim=none", "", "none is no signature");
	is_dkim(AR "dkim=error header.d=b.test", "temperror b.test/?", "an old word");
	is_dkim(AR
		"dkim=fail header.d=a.test; dkim=pass header.d=b.test; dkim=policy header.d=c.test",
		"fail a.test/?,pass b.test/?,policy c.test/?", "several in one field");
	is_dkim(AR "dkim=pass header.d=a.test\n" OTHER "dkim=pass header.d=b.test",
		"pass a.test/?,pass b.test/?", "several fields");
	is_dkim(AR "dkim=pass header.d=a.test; dkim=pas(s header.d=b.test", "pass a.test/?",
		"up to a syntax error");
	is_dkim(AR "dkim=pass (header.d=b.test) header.d=c.test", "pass c.test/?",
		"not from a comment");
	is_dkim(AR "dkim=fail header.d=b.test header.d=c.test", "", "one of two minds");
	is_dkim(AR "dkim-adsp=pass header.d=b.test; domainkeys=pass header.d=b.test", "",
		"other methods");
	is_dkim("Authentication-Results: \"mx.test\" 1 ; dkim=pass header.d=b.test",
		"pass b.test/?", "a quoted id with a version");
	is_dkim("Authentication-Results: mx.test 2; dkim=pass header.d=b.test", "",
		"another version");
}

static void test_repeated(void)
{
#define ONE "dkim=pass header.d=a.test header.s=k header.b=abc"
	is_dkim(AR ONE "\n" OTHER ONE, "pass a.test/k", "judged twice alike: once");
	is_dkim(AR ONE "; " ONE "; " ONE, "pass a.test/k", "three times in a field: once");
	is_dkim(AR "dkim=fail header.d=a.test header.s=k header.b=abc\n" OTHER ONE,
		"fail a.test/k,pass a.test/k", "judged differently: both");
	is_dkim(AR ONE "; dkim=pass header.d=a.test header.s=k header.b=abd",
		"pass a.test/k,pass a.test/k", "another signature: both");
	is_dkim(AR ONE "; dkim=pass header.d=a.test header.s=l header.b=abc",
		"pass a.test/k,pass a.test/l", "another selector: both");
	is_dkim(AR ONE "; dkim=pass header.d=b.test header.s=k header.b=abc\n" OTHER ONE,
		"pass a.test/k,pass b.test/k", "the order is from the top");
#undef ONE
}

static void test_author(void)
{
	struct dmarc_input input = gather(AR "dkim=pass header.d=a.test\n" FROM);

	is_text(input.author_domain, "b.test", "the author domain");
	is_text(described(&input), "", "a block of results on top needs a border");
	input = gather("Subject: x\n" AR "dkim=pass header.d=a.test\n" FROM);
	is_text(described(&input), "", "without border nothing else is believed");
	input = gather("To: a@b.test\n\n");
	ok(input.author_domain == NULL && input.author.reason != NULL, "no author domain, and why");
	ok(input.spf == NULL && input.dkim_count == 0, "nothing is nothing");
}

static void test_hops(void)
{
	const struct dmarc_trust two = {.id = "mx.test", .hops = 2};
	const char *header =
	    BORDER AR "dkim=pass header.d=a.test\n" BORDER AR "dkim=pass header.d=c.test\n" FROM;
	struct dmarc_input input = gather_bytes(slice_of(header), &two);

	is_text(described(&input), "pass a.test/?", "two trusted hops move the border");
}

/* test_size - this field so many times, or this text so many times in it */
static void test_size(const char *start, const char *text, size_t count, const char *name)
{
	const struct dmarc_trust trust = {.id = "mx.test", .hops = 1};
	struct buffer header;
	clock_t begin = clock();

	buffer_init(&header, MESSAGE_HEADER_MAX);
	buffer_add_text(&header, start);
	for (size_t i = 0; i < count && header.len < MESSAGE_HEADER_MAX / 2; i++)
		buffer_add_text(&header, text);
	buffer_add_text(&header, "\n" BORDER FROM);
	gather_bytes(buffer_slice(&header), &trust);
	ok(clock() - begin < TIME_MAX, "in time: %s", name);
	buffer_free(&header);
}

int main(void)
{
	pool = pool_new();
	test_spf();
	test_received_spf();
	test_sender();
	test_helo();
	test_bare_quotes();
	test_dkim();
	test_repeated();
	test_author();
	test_hops();
	test_size("", AR "dkim=pass header.d=a.test header.b=x; spf=pass\n", MANY, "many fields");
	test_size("Authentication-Results: mx.test", "; dkim=pass header.d=a.test", MANY,
		  "many results in one field");
	test_size(RSPF "pass identity=mailfrom", "; x=y", 10 * MANY, "many pairs");
	test_size(RSPF "pass identity=mailfrom", "; x=(", 10 * MANY, "many open comments");
	test_size(RSPF "pass identity=mailfrom; x=", "\"\\", 10 * MANY, "many open quotes");
	test_size(RSPF "pass ", "(x)", 10 * MANY, "many comments");
	test_size("", RSPF "pass x=(\n", MANY, "many fields that are not well-formed");
	pool_free(pool);
	return done();
}
