/*
 * dmarc_record_test - what is a policy record, and what it says (RFC 9989 4.7, 4.8, 4.10.1)
 */
#include "dmarc/dmarc_record.h"

#include <time.h>

#include "base/pool.h"
#include "tap.h"

#define LARGE    (1U << 20)
#define TIME_MAX (10 * CLOCKS_PER_SEC)
#define V        "v=DMARC1; "
#define RUA      "; rua=mailto:r@a.test"

static struct pool *pool;

/* is_record - is this text taken for a policy record? */
static void is_record(const char *text, bool wanted)
{
	ok(dmarc_record_is(slice_of(text)) == wanted, "%s: \"%s\"",
	   wanted ? "a record" : "no record", text);
}

/* read_text - a text that must be a record, read */
static const struct dmarc_record *read_text(const char *text)
{
	if (!dmarc_record_is(slice_of(text)))
		ok(false, "\"%s\" is no record", text);
	return dmarc_record_parse(pool, slice_of(text));
}

static void test_versions(void)
{
	static const char *const good[] = {"v=DMARC1",           "v=DMARC1;",       "V=DMARC1",
					   "v = DMARC1 ;p=none", "v\t=\tDMARC1\t;", "v=DMARC1;;",
					   "v=DMARC1; \x80"};
	static const char *const bad[] = {"",          " v=DMARC1", "v=dmarc1",
					  "v=DMARC",   "v=DMARC11", "v=DMARC1 p=none",
					  "v=DMARC1,", "v:DMARC1",  "p=none; v=DMARC1",
					  ";v=DMARC1", "v",         "v=",
					  "vv=DMARC1", "v=DMA RC1", "\xef\xbb\xbfv=DMARC1"};
	static const char nul[] = "v=DMARC1\0; p=none";

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		is_record(good[i], true);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		is_record(bad[i], false);
	ok(!dmarc_record_is(slice_from(nul, sizeof(nul) - 1)),
	   "no record: a NUL byte in the version");
	ok(!dmarc_record_is(slice_of(NULL)), "no record: nothing");
}

static void test_defaults(void)
{
	const struct dmarc_record *record = read_text(V "p=reject");

	ok(record->usable && !record->p_forced, "defaults: a record with p is usable as it is");
	is_number(record->p, DMARC_POLICY_REJECT, "defaults: p as written");
	ok(record->sp == DMARC_POLICY_UNSET && record->np == DMARC_POLICY_UNSET,
	   "defaults: no sp, no np");
	is_number(record->psd, 'u', "defaults: psd=u");
	ok(!record->testing && !record->dkim_strict && !record->spf_strict,
	   "defaults: t=n, adkim=r, aspf=r");
	ok(record->rua == NULL && record->ruf == NULL, "defaults: no reports");
	is_text(record->fo, "0", "defaults: fo=0");
	is_text(record->text, V "p=reject", "the text is kept");
}

static void test_all_tags(void)
{
	const struct dmarc_record *record =
	    read_text(V "np=reject; sp=quarantine; p=none; psd=Y; t=y; adkim=s; aspf=S;"
			"rua=mailto:a@a.test , https://b.test!5; ruf=mailto:f@a.test; fo=D:1:s");

	is_number(record->p, DMARC_POLICY_NONE, "p=none");
	is_number(record->sp, DMARC_POLICY_QUARANTINE, "sp=quarantine");
	is_number(record->np, DMARC_POLICY_REJECT, "np=reject");
	is_number(record->psd, 'y', "psd=Y");
	ok(record->testing && record->dkim_strict && record->spf_strict, "t=y, adkim=s, aspf=S");
	is_text(record->rua, "mailto:a@a.test , https://b.test!5",
		"rua as published, size and all");
	is_text(record->ruf, "mailto:f@a.test", "ruf as published");
	is_text(record->fo, "d:1:s", "fo in lower case");
}

/* is_fo - what a value of fo amounts to beside a ruf */
static void is_fo(const char *value, const char *wanted)
{
	is_text(read_text(pool_printf(pool, V "p=none; ruf=mailto:f@a.test; fo=%s", value))->fo,
		wanted, pool_printf(pool, "fo=%s means fo=%s", value, wanted));
}

static void test_fo(void)
{
	is_fo("1", "1");
	is_fo("d", "d");
	is_fo("s:d", "s:d");
	is_fo("0:d:s", "0:d:s");
	is_fo("d:0:s", "d:0:s");
	is_fo("0:1", "0");
	is_fo("d:d", "0");
	is_fo("d:", "0");
	is_fo(":d", "0");
	is_fo("", "0");
	is_fo("x", "0");
	is_fo("1d", "0");
	is_fo("1:0", "0");
	is_text(read_text(V "p=none; fo=1")->fo, "0", "fo is ignored without ruf");
	is_text(read_text(V "p=none; ruf=; fo=1")->fo, "0", "fo is ignored with an empty ruf");
}

/* is_rua - does a rua make p=none of a record without policy? */
static void is_rua(const char *rua, bool valid)
{
	const struct dmarc_record *record = read_text(pool_printf(pool, V "rua=%s", rua));

	ok(record->usable == valid && record->p_forced == valid, "rua=%s is %s", rua,
	   valid ? "valid" : "not valid");
	is_number(record->p, DMARC_POLICY_NONE, "  and the policy is none");
}

static void test_rua(void)
{
	is_rua("mailto:a@b.test", true);
	is_rua("MailTo:a@b.test", true);
	is_rua("mailto:a@b.test!10m", true);
	is_rua("mailto:a@b.test!10", true);
	is_rua("mailto:a@b.test!7T", true);
	is_rua("mailto:a%21b@b.test", true);
	is_rua("mailto:a@b.test?subject=x", true);
	is_rua("x,,mailto:a@b.test", true);
	is_rua("https://b.test/x", true);
	is_rua("a+b-c.d1:x", true);
	is_rua("mailto:a@b.test!", false);
	is_rua("mailto:a@b.test!m", false);
	is_rua("mailto:a@b.test!10mm", false);
	is_rua("mailto:a@b.test!10x", false);
	is_rua("mailto:a!b@b.test", false);
	is_rua("mailto:", false);
	is_rua("mailto:@b.test", false);
	is_rua("mailto:a@", false);
	is_rua("mailto:a", false);
	is_rua("mailto:?to=a@b.test", false);
	is_rua("mailto:a b@b.test", false);
	is_rua("mailto:a@b.test%", false);
	is_rua("mailto:a@b.test%4", false);
	is_rua("mailto:\"a\"@b.test", false);
	is_rua("mailto:\xc3\xa4@b.test", false);
	is_rua("a@b.test", false);
	is_rua("1http://b.test", false);
	is_rua(":x", false);
	is_rua("!10m", false);
	is_rua(",", false);
	is_rua("", false);
	ok(read_text(V "p=none; rua=")->rua == NULL, "an empty rua is none");
}

/* is_forced - a record whose policy tags are wrong: p=none with rua, nothing without */
static void is_forced(const char *tags)
{
	const struct dmarc_record *without = read_text(pool_printf(pool, V "%s", tags));
	const struct dmarc_record *with = read_text(pool_printf(pool, V "%s" RUA, tags));

	ok(!without->usable && !without->p_forced, "not usable without rua: %s", tags);
	ok(with->usable && with->p_forced && with->p == DMARC_POLICY_NONE &&
	       with->sp == DMARC_POLICY_UNSET && with->np == DMARC_POLICY_UNSET,
	   "p=none and nothing else with rua: %s", tags);
}

static void test_policies(void)
{
	is_forced("t=n");
	is_forced("p=");
	is_forced("p");
	is_forced("p=monitor; sp=reject; np=reject");
	is_forced("p=rejec\x07t");
	is_forced("p=reject; sp=");
	is_forced("p=reject; sp=maybe");
	is_forced("p=reject; np=maybe; sp=none");
	is_forced("p=reject; np=r\xff");
	is_forced("pq=reject");
	is_forced("pp=reject");
	is_number(read_text(V "p=Reject; sp=NONE")->sp, DMARC_POLICY_NONE, "policies in any case");
	is_number(read_text(V "p=none; p=reject")->p, DMARC_POLICY_NONE, "the first p counts");
	ok(!read_text(V "p=x; p=reject")->usable, "the first p counts, even if it is wrong");
	is_number(read_text(V "p=reject; v=DMARC2; p=none")->p, DMARC_POLICY_REJECT,
		  "a second v is no matter");
	ok(read_text(V "p=none; t=1; psd=x; adkim=; aspf=ss" RUA)->usable,
	   "wrong values of other tags are no matter");
}

static void test_text(void)
{
	static const char odd[] = "v=DMARC1; p=none; x=\0\n\x1b[1m\xc3\xa4";
	const struct dmarc_record *record =
	    dmarc_record_parse(pool, slice_from(odd, sizeof(odd) - 1));

	is_text(record->text, "v=DMARC1; p=none; x=???[1m??", "the text is made printable");
	is_number(record->p, DMARC_POLICY_NONE, "what is after a NUL byte does no harm");
}

static void test_words(void)
{
	is_text(dmarc_policy_word(DMARC_POLICY_UNSET), "none", "no policy is none");
	is_text(dmarc_policy_word(DMARC_POLICY_NONE), "none", "none");
	is_text(dmarc_policy_word(DMARC_POLICY_QUARANTINE), "quarantine", "quarantine");
	is_text(dmarc_policy_word(DMARC_POLICY_REJECT), "reject", "reject");
}

/* test_size - many tags, and many URIs, take linear time */
static void test_size(const char *filler)
{
	static const char start_text[] = "v=DMARC1;p=reject;sp=x;rua=";
	char *text = pool_alloc(pool, LARGE);
	clock_t start = clock();
	const struct dmarc_record *record;

	memcpy(text, start_text, strlen(start_text));
	for (size_t i = strlen(start_text); i < LARGE; i++)
		text[i] = filler[i % strlen(filler)];
	record = dmarc_record_parse(pool, slice_from(text, LARGE));
	ok(!record->usable && clock() - start < TIME_MAX, "a megabyte of \"%s\" in time", filler);
}

int main(void)
{
	pool = pool_new();
	test_versions();
	test_defaults();
	test_all_tags();
	test_fo();
	test_rua();
	test_policies();
	test_text();
	test_words();
	test_size(";");
	test_size(";x=y");
	test_size(",");
	test_size("!");
	test_size("mailto:");
	pool_free(pool);
	return done();
}
