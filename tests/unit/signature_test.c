/*
 * dkim_signature: which DKIM-Signature fields are understood, and what is said of the others
 */
#include "dkim/signature.h"

#include "base/pool.h"
#include "dkim/digest.h"
#include "tap.h"

#define HASH "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

/* A good signature without one of its tags. */
#define WITHOUT_V  "a=rsa-sha256; d=example.com; s=sel; h=From; bh=" HASH "; b=YQ=="
#define WITHOUT_A  "v=1; d=example.com; s=sel; h=From; bh=" HASH "; b=YQ=="
#define WITHOUT_D  "v=1; a=rsa-sha256; s=sel; h=From; bh=" HASH "; b=YQ=="
#define WITHOUT_S  "v=1; a=rsa-sha256; d=example.com; h=From; bh=" HASH "; b=YQ=="
#define WITHOUT_H  "v=1; a=rsa-sha256; d=example.com; s=sel; bh=" HASH "; b=YQ=="
#define WITHOUT_BH "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; b=YQ=="
#define WITHOUT_B  "v=1; a=rsa-sha256; d=example.com; s=sel; h=From; bh=" HASH
#define COMPLETE   "v=1; " WITHOUT_V

/* parse - reads a field with this value */
static const char *parse(struct pool *pool, const char *value, struct dkim_signature *signature)
{
	struct field field = {.value = slice_of(value)};
	enum result result;
	const char *fault;
	bool good = dkim_signature_parse(pool, &field, signature, &result, &fault);

	if (good != (fault == NULL))
		ok(false, "a reason is given exactly if the signature is refused");
	if (fault != NULL && (result == RESULT_POLICY) != (strstr(fault, "RFC 8301") != NULL))
		ok(false, "policy is for what can be read but must not be used");
	return fault;
}

/* One value and what is to be said of it; NULL if it is good. */
struct point {
	const char *value;
	const char *reason;
	const char *name;
};

static void test_points(struct pool *pool, const struct point *points, size_t count)
{
	struct dkim_signature signature;

	for (size_t i = 0; i < count; i++)
		is_text(parse(pool, points[i].value, &signature), points[i].reason, points[i].name);
}

#define TEST_POINTS(pool, points) test_points(pool, points, sizeof(points) / sizeof((points)[0]))

static void test_required(struct pool *pool)
{
	static const struct point points[] = {
	    {COMPLETE, NULL, "all required tags"},
	    {WITHOUT_V "; v=1", NULL, "v= need not be the first"},
	    {COMPLETE "; foo=; z=From:a@b|", NULL, "unknown tags and z= are ignored"},
	    {WITHOUT_V, "v= is missing", "no v="},
	    {WITHOUT_A, "a= is missing", "no a="},
	    {WITHOUT_D, "d= is missing", "no d="},
	    {WITHOUT_S, "s= is missing", "no s="},
	    {WITHOUT_H, "h= is missing", "no h="},
	    {WITHOUT_B, "b= is missing", "no b="},
	    {WITHOUT_BH, "bh= is missing", "no bh="},
	    {"", "syntax error: no tag at all", "nothing at all"},
	    {COMPLETE "; d=x", "syntax error: duplicate tag \"d\"", "a tag twice"},
	    {COMPLETE ";;", "syntax error: tag 8 is empty", "an empty tag"},
	    {COMPLETE "; x-y=1", "syntax error: tag 8 has no valid name", "a bad tag name"},
	};

	TEST_POINTS(pool, points);
}

static void test_algorithms(struct pool *pool)
{
	static const struct point points[] = {
	    {WITHOUT_V "; v=2", "incompatible version (v=)", "version 2"},
	    {WITHOUT_V "; v=01", "incompatible version (v=)", "version 01"},
	    {WITHOUT_A "; a=ed25519-sha256", NULL, "Ed25519"},
	    {WITHOUT_A "; a=rsa-sha1", "rsa-sha1 must not be used any more (RFC 8301)", "SHA-1"},
	    {"v=1; a=rsa-sha1; d=example.com; s=sel; h=From; bh=2jmj7l5rSw0yVb/vlWAYkK/YBwk=; "
	     "b=YQ==",
	     "rsa-sha1 must not be used any more (RFC 8301)", "SHA-1 with a hash of its length"},
	    {WITHOUT_A "; a=rsa-sha1; l=x", "l= is no number", "SHA-1 and another fault"},
	    {WITHOUT_A "; a=RSA-SHA256", "unknown algorithm (a=)", "values have a case"},
	    {WITHOUT_A "; a=rsa-sha512", "unknown algorithm (a=)", "an unknown hash"},
	    {WITHOUT_A "; a=", "unknown algorithm (a=)", "an empty a="},
	    {COMPLETE "; c=simple", NULL, "one canonicalization"},
	    {COMPLETE "; c=relaxed/simple", NULL, "two of them"},
	    {COMPLETE "; c=relaxed/", "unknown canonicalization (c=)", "half of it missing"},
	    {COMPLETE "; c=simple/relaxed/simple", "unknown canonicalization (c=)", "three"},
	    {COMPLETE "; c=nowsp", "unknown canonicalization (c=)", "an unknown one"},
	    {COMPLETE "; c=simple / simple", "unknown canonicalization (c=)", "white space"},
	    {COMPLETE "; q=dns/txt", NULL, "the usual query method"},
	    {COMPLETE "; q=http : dns/txt", NULL, "among others"},
	    {COMPLETE "; q=dns", "no known query method (q=)", "without its option"},
	    {COMPLETE "; q=", "no known query method (q=)", "no query method"},
	};

	TEST_POINTS(pool, points);
}

static void test_names(struct pool *pool)
{
	static const char bad_d[] = "d= is no domain name";
	static const char bad_s[] = "s= is no selector";
	static const char bad_h[] = "h= is no list of field names";
	static const struct point points[] = {
	    {WITHOUT_D "; d=EXAMPLE.com", NULL, "a domain in capitals"},
	    {WITHOUT_D "; d=b\xc3\xbc"
		       "cher.example",
	     NULL, "a domain in UTF-8 (RFC 8616)"},
	    {WITHOUT_D "; d=a_b.example.com", NULL, "an underscore in d="},
	    {WITHOUT_D "; d=com", bad_d, "a single label in d="},
	    {WITHOUT_D "; d=", bad_d, "an empty d="},
	    {WITHOUT_D "; d=example.com.", bad_d, "a dot at the end of d="},
	    {WITHOUT_D "; d=example..com", bad_d, "an empty label in d="},
	    {WITHOUT_D "; d=exa mple.com", bad_d, "white space in d="},
	    {WITHOUT_D "; d=[192.0.2.1]", bad_d, "an address in d="},
	    {WITHOUT_D "; d=-example.com", bad_d, "a hyphen at the start of a label"},
	    {WITHOUT_S "; s=a.b", NULL, "a selector of two labels"},
	    {WITHOUT_S "; s=", bad_s, "an empty s="},
	    {WITHOUT_S "; s=a.", bad_s, "a dot at the end of s="},
	    {WITHOUT_S "; s=.a", bad_s, "a dot at the start of s="},
	    {WITHOUT_S "; s=a b", bad_s, "white space in s="},
	    {WITHOUT_S "; s=a/b", bad_s, "a slash in s="},
	    {WITHOUT_H "; h=To : \r\n\t fRoM:to", NULL, "names in any case, with folding"},
	    {WITHOUT_H "; h=To:Subject", "From is not signed (h=)", "From is not in h="},
	    {WITHOUT_H "; h=X-From", "From is not signed (h=)", "From as a part of a name"},
	    {WITHOUT_H "; h=", bad_h, "an empty h="},
	    {WITHOUT_H "; h=From:", bad_h, "an empty name in h="},
	    {WITHOUT_H "; h=From:Sub ject", bad_h, "white space in a name"},
	};

	TEST_POINTS(pool, points);
}

static void test_identities(struct pool *pool)
{
	static const char bad[] = "i= is no address";
	static const char outside[] = "i= is not within d=";
	static const struct point points[] = {
	    {COMPLETE "; i=@example.com", NULL, "no local part"},
	    {COMPLETE "; i=a.b@EXAMPLE.COM", NULL, "a domain in capitals"},
	    {COMPLETE "; i=@sub.example.com", NULL, "a subdomain"},
	    {COMPLETE "; i=al=3Bice=20x@example.com", NULL, "a quoted-printable local part"},
	    {COMPLETE "; i=a\r\n\tb@example.com", NULL, "folding within"},
	    {COMPLETE "; i=\"a@b\"@example.com", NULL, "an @ in quotes"},
	    {COMPLETE "; i==40example.com", NULL, "an encoded @"},
	    {WITHOUT_D "; d=b\xc3\xbc"
		       "cher.example; i=@xn--bcher-kva.example",
	     NULL, "A-label below U-label"},
	    {COMPLETE "; i=", bad, "an empty i="},
	    {COMPLETE "; i=example.com", bad, "no @"},
	    {COMPLETE "; i=a@b@example.com", bad, "two @"},
	    {COMPLETE "; i=a=3b@example.com", bad, "quoted-printable in lower case"},
	    {COMPLETE "; i=a@example.com=2", bad, "half of an octet"},
	    {COMPLETE "; i=a@example.com.", bad, "a dot at the end"},
	    {COMPLETE "; i=a@com", bad, "a single label"},
	    {COMPLETE "; i=a@example.org", outside, "another domain"},
	    {COMPLETE "; i=a@badexample.com", outside, "a domain that ends likewise"},
	    {WITHOUT_D "; d=sub.example.com; i=@example.com", outside, "a parent domain"},
	};

	TEST_POINTS(pool, points);
}

static void test_values(struct pool *pool)
{
	static const char bad_b[] = "b= is not base64";
	static const char zeros[] = "00000000000000000000000000000000000000000000000000000000000000"
				    "0000000000000";
	static const struct point points[] = {
	    {WITHOUT_B "; b=Y \r\n\t Q =", bad_b, "half of the padding"},
	    {WITHOUT_B "; b=", bad_b, "an empty b="},
	    {WITHOUT_B "; b=!!!!", bad_b, "no base64 in b="},
	    {WITHOUT_BH "; bh=@@@@", "bh= is not base64", "no base64 in bh="},
	    {WITHOUT_BH "; bh=YQ==", "bh= is no SHA-256 hash", "one octet in bh="},
	    {COMPLETE "; l=0", NULL, "nothing of the body"},
	    {COMPLETE "; l=", "l= is no number", "an empty l="},
	    {COMPLETE "; l=-1", "l= is no number", "a negative length"},
	    {COMPLETE "; l=1 2", "l= is no number", "white space in a length"},
	    {COMPLETE "; t=junk", "t= is no number", "a word for a time"},
	    {COMPLETE "; x=0x10", "x= is no number", "a hexadecimal time"},
	    {COMPLETE "; t=5; x=6", NULL, "a second to live"},
	    {COMPLETE "; t=5; x=5", "x= is not after t=", "no time to live"},
	    {COMPLETE "; t=99999999999999999999999; x=5", "x= is not after t=", "t= is infinite"},
	    {COMPLETE "; t=5; x=99999999999999999999999", NULL, "x= is infinite"},
	};
	struct dkim_signature signature;

	TEST_POINTS(pool, points);
	is_text(parse(pool, pool_printf(pool, COMPLETE "; l=%s7", zeros), &signature), NULL,
		"a length of 76 digits");
	ok(signature.length == 7, "which is a small number");
	is_text(parse(pool, pool_printf(pool, COMPLETE "; l=%s07", zeros), &signature),
		"l= is no number", "a length of 77 digits");
	parse(pool, COMPLETE "; l=18446744073709551616", &signature);
	ok(signature.length == DKIM_INFINITE, "2^64 is not 0");
}

static void test_content(struct pool *pool)
{
	struct dkim_signature signature;
	const char *value =
	    "v=1; a=ed25519-sha256; c=relaxed; d=Example.COM; s=Sel; t=7; x=9; l=5;"
	    " h=From : To; i=Joe@\r\n\tsub.example.com; bh=" HASH "; b= Y\r\n\tQ == ;";

	is_text(parse(pool, value, &signature), NULL, "a signature with everything");
	ok(signature.key_type == DKIM_KEY_ED25519, "its type");
	ok(signature.header_canon == DKIM_CANON_RELAXED &&
	       signature.body_canon == DKIM_CANON_SIMPLE,
	   "its canonicalizations, the second by default");
	is_text(signature.domain, "example.com", "its domain in canonical form");
	is_text(signature.selector, "sel", "its selector");
	is_text(signature.identity_domain, "sub.example.com", "the domain of its identity");
	is_text(signature.identity_text, "Joe@sub.example.com", "its identity as written");
	is_text(signature.algorithm_text, "ed25519-sha256", "its algorithm as written");
	is_text(signature.signature_text, "YQ==", "its b= as written, without white space");
	ok(slice_is(signature.signature, "a"), "its b= decoded");
	ok(slice_is(signature.names, "From : To"), "its names");
	ok(signature.body_hash.len == DKIM_HASH_LEN && signature.body_hash.data[31] == 31,
	   "its body hash");
	ok(signature.length == 5 && signature.time == 7 && signature.expiry == 9, "its numbers");
	ok(slice_is(signature.b_value, " Y\r\n\tQ == "), "the part of the field that b= has");
	parse(pool, WITHOUT_B "; b=\r\n\tYQ==\r\n\t", &signature);
	ok(slice_is(signature.b_value, "\r\n\tYQ==\r\n\t"), "and at the end of the field");
}

static void test_defaults(struct pool *pool)
{
	struct dkim_signature signature;

	parse(pool, COMPLETE, &signature);
	is_text(signature.identity_text, "@example.com", "i= by default");
	is_text(signature.identity_domain, "example.com", "its domain");
	ok(signature.header_canon == DKIM_CANON_SIMPLE, "c= by default");
	ok(signature.length == DKIM_NO_NUMBER && signature.time == DKIM_NO_NUMBER &&
	       signature.expiry == DKIM_NO_NUMBER,
	   "no numbers by default");
	parse(pool, WITHOUT_A "; a=rsa-sha1", &signature);
	is_text(signature.domain, "example.com", "a refused signature can be named: d=");
	is_text(signature.selector, "sel", "and s=");
	is_text(signature.algorithm_text, "rsa-sha1", "and a=");
	is_text(signature.signature_text, "YQ==", "and b=");
	parse(pool, "junk", &signature);
	ok(signature.domain == NULL && signature.identity_text == NULL &&
	       signature.signature_text == NULL,
	   "nothing is known of what is no tag list");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_required(pool);
	test_algorithms(pool);
	test_names(pool);
	test_identities(pool);
	test_values(pool);
	test_content(pool);
	test_defaults(pool);
	pool_free(pool);
	return done();
}
