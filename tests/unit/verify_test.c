/*
 * dkim_verify: the verdict on each signature of a message
 *
 * Messages are signed here by OpenSSL without help of the library: everything that
 * is signed is written in canonical form already.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "dkim/digest.h"
#include "dkim/verify.h"
#include "tap.h"

#define NOW         1700000000
#define SECONDS_MAX 5 /* for work that takes minutes if it grows with the square of its size */
#define QUERIES     20

#define FROM    "From: joe@example.com\r\n"
#define SUBJECT "Subject: x\r\n"

/* What a test hands around. */
struct bench {
	struct pool *pool;
	EVP_PKEY *key;
	const char *p; /* of the key */
	struct dkim_policy policy;
	struct author author;
	unsigned queries;
	const char *zone;
	/* The outcome: */
	struct dkim_result *results;
	size_t count;
};

static const char *base64(struct pool *pool, const unsigned char *data, size_t len)
{
	char *text = pool_alloc(pool, len * 2 + 4);

	EVP_EncodeBlock((unsigned char *)text, data, (int)len);
	return text;
}

static void sha256(const char *text, unsigned char digest[DKIM_HASH_LEN])
{
	if (EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) != 1)
		exit(1);
}

/* body_hash - bh= for a body in canonical form */
static const char *body_hash(struct pool *pool, const char *body)
{
	unsigned char digest[DKIM_HASH_LEN];

	sha256(body, digest);
	return base64(pool, digest, sizeof(digest));
}

/* sign_text - b= for what a signature covers */
static const char *sign_text(struct bench *bench, const char *text)
{
	unsigned char digest[DKIM_HASH_LEN];
	unsigned char signature[64];
	size_t len = sizeof(signature);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	sha256(text, digest);
	if (EVP_DigestSignInit(context, NULL, NULL, NULL, bench->key) != 1 ||
	    EVP_DigestSign(context, signature, &len, digest, sizeof(digest)) != 1)
		exit(1);
	EVP_MD_CTX_free(context);
	return base64(bench->pool, signature, len);
}

/*
 * signature - a DKIM-Signature field: tags are those besides v=, a=, bh= and b=, fields the
 * signed ones in the order of h=, body the signed one in canonical form
 */
static const char *signature(struct bench *bench, const char *tags, const char *fields,
			     const char *body)
{
	const char *field =
	    pool_printf(bench->pool, "DKIM-Signature: v=1; a=ed25519-sha256; %s; bh=%s; b=", tags,
			body_hash(bench->pool, body));
	const char *text = pool_printf(bench->pool, "%s%s", fields, field);

	return pool_printf(bench->pool, "%s%s\r\n", field, sign_text(bench, text));
}

/* zone_of - a zone with these lines */
static struct dns *zone_of(const char *text)
{
	struct error error;
	struct dns *dns;
	char path[40];
	int fd = memfd_create("zone", 0);

	if (fd < 0 || !io_write(fd, text, strlen(text)))
		exit(1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	dns = dns_open_zone(path, NULL, &error);
	close(fd);
	if (dns == NULL) {
		printf("# %s\n", error.text);
		exit(1);
	}
	return dns;
}

/* verify - judges a message by the zone of the bench */
static void verify(struct bench *bench, const char *text)
{
	struct message *message = message_new();
	struct dns *dns = zone_of(bench->zone);
	struct dns_budget budget = dns_budget_for(5, bench->queries);
	struct dkim_verifier *verifier;
	struct error error = {.text = ""};
	int fd = memfd_create("message", 0);

	if (fd < 0 || !io_write(fd, text, strlen(text)) || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error)) {
		printf("# %s\n", error.text);
		exit(1);
	}
	verifier = dkim_verify_new(bench->pool, message, &bench->policy, &bench->author, NULL);
	if (!message_read_body(message, source_of_fd(fd), dkim_verify_body, verifier, &error)) {
		printf("# %s\n", error.text);
		exit(1);
	}
	bench->results = dkim_verify_finish(verifier, dns, &budget, &bench->count);
	dkim_verify_free(verifier);
	message_free(message);
	dns_close(dns);
	close(fd);
}

/* is_result - the verdict on one signature of the message that was verified last */
static void is_result(const struct bench *bench, size_t index, enum result result,
		      const char *reason, const char *name)
{
	const struct dkim_result *got = &bench->results[index];

	if (!ok(index < bench->count && got->result == result, "%s: %s", name, result_word(result)))
		printf("# got: %s, %s\n", result_word(got->result),
		       got->reason != NULL ? got->reason : "no reason");
	is_text(got->reason, reason, "the reason for it");
}

/* verifies - a message with one signature */
static void verifies(struct bench *bench, const char *text, enum result result, const char *reason,
		     const char *name)
{
	verify(bench, text);
	is_result(bench, 0, result, reason, name);
}

/* bench_of - a new key with its record at sel._domainkey.example.com */
static struct bench bench_of(struct pool *pool)
{
	struct bench bench = {
	    .pool = pool,
	    .key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
	    .policy = {.min_key_bits = 1024, .max_signatures = 10, .now = NOW},
	    .queries = QUERIES,
	};
	unsigned char point[DKIM_KEY_ED25519_LEN];
	size_t len = sizeof(point);

	if (bench.key == NULL || EVP_PKEY_get_raw_public_key(bench.key, point, &len) != 1)
		exit(1);
	bench.p = base64(pool, point, len);
	bench.zone =
	    pool_printf(pool, "sel._domainkey.example.com. TXT \"k=ed25519; p=%s\"\n", bench.p);
	return bench;
}

/* with_lf - the same message as it comes through a pipe */
static const char *with_lf(struct pool *pool, const char *text)
{
	char *copy = slice_copy(pool, slice_of(text));
	size_t len = 0;

	for (const char *byte = text; *byte != '\0'; byte++) {
		if (*byte != '\r')
			copy[len++] = *byte;
	}
	copy[len] = '\0';
	return copy;
}

/* test_rfc8463 - the example of RFC 8463 appendix A, whose signatures are not of our making */
static void test_rfc8463(struct bench bench)
{
	static const char text[] =
	    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
	    " d=football.example.com; i=@football.example.com;\r\n"
	    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
	    " subject : date : message-id : from : subject : date;\r\n"
	    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
	    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
	    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
	    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
	    " d=football.example.com; i=@football.example.com;\r\n"
	    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
	    " date : message-id : from : subject : date;\r\n"
	    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
	    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
	    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
	    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
	    "From: Joe SixPack <joe@football.example.com>\r\n"
	    "To: Suzie Q <suzie@shopping.example.net>\r\n"
	    "Subject: Is dinner ready?\r\n"
	    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
	    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
	    "\r\n"
	    "Hi.\r\n"
	    "\r\n"
	    "We lost the game.  Are you hungry yet?\r\n"
	    "\r\n"
	    "Joe.\r\n";

	bench.zone = "brisbane._domainkey.football.example.com. TXT \"v=DKIM1; k=ed25519; "
		     "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
		     "test._domainkey.football.example.com. TXT \"v=DKIM1; k=rsa; "
		     "p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhd"
		     "R6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC\" "
		     "\"DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3"
		     "G+2kryOTIKT+l/K4w3QIDAQAB\"\n";
	verify(&bench, text);
	is_result(&bench, 0, RESULT_PASS, NULL, "RFC 8463: the Ed25519 signature");
	is_result(&bench, 1, RESULT_PASS, NULL, "RFC 8463: the RSA signature");
	ok(bench.results[0].key_bits == 256 && bench.results[1].key_bits == 1024, "their keys");
	verify(&bench, with_lf(bench.pool, text));
	is_result(&bench, 0, RESULT_PASS, NULL, "the same message with LF: Ed25519");
	is_result(&bench, 1, RESULT_PASS, NULL, "the same message with LF: RSA");
	bench.policy.min_key_bits = 2048;
	verify(&bench, text);
	is_result(&bench, 0, RESULT_PASS, NULL, "the length of an Ed25519 key is not an issue");
	is_result(&bench, 1, RESULT_POLICY, "key has 1024 bits, fewer than 2048",
		  "an RSA key shorter than the site wants");
	verify(&bench, pool_printf(bench.pool, "%.*s", (int)strlen(text) - 3, text));
	is_result(&bench, 1, RESULT_FAIL, "body hash does not match",
		  "a short key does not hide that");
}

static void test_basics(struct bench bench)
{
	const char *tags = "d=example.com; s=sel; h=From:Subject";
	const char *field = signature(&bench, tags, FROM SUBJECT, "body\r\n");
	struct dkim_result result;

	verifies(&bench, pool_printf(bench.pool, "%s" FROM SUBJECT "\r\nbody\r\n", field),
		 RESULT_PASS, NULL, "a good signature");
	result = bench.results[0];
	ok(bench.count == 1 && result.index == 0 && result.key_bits == 256 && !result.testing &&
	       result.unsigned_bytes == 0,
	   "its numbers");
	is_text(result.domain, "example.com", "its d=");
	is_text(result.selector, "sel", "its s=");
	is_text(result.identity, "@example.com", "its i=");
	is_text(result.algorithm, "ed25519-sha256", "its a=");
	ok(strlen(result.signature) == 88, "its b=");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM SUBJECT "\r\nBody\r\n", field),
		 RESULT_FAIL, "body hash does not match", "another body");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "Subject: y\r\n\r\nbody\r\n", field),
		 RESULT_FAIL, "signature does not match", "another header");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM SUBJECT "To: z\r\n\r\nbody\r\n", field),
		 RESULT_PASS, NULL, "a field that is not signed");
	verify(&bench, FROM SUBJECT "\r\nbody\r\n");
	ok(bench.count == 0, "a message without a signature");
	verifies(&bench, "DKIM-Signature: v=1; junk\r\n" FROM "\r\nbody\r\n", RESULT_PERMERROR,
		 "syntax error: tag 2 has no \"=\"", "a signature that cannot be read");
	ok(bench.results[0].domain == NULL, "nothing is said about it");
	verify(&bench,
	       pool_printf(bench.pool, "DKIM-Signature: x\r\n%s" FROM SUBJECT "\r\nbody", field));
	is_result(&bench, 1, RESULT_PASS, NULL, "a broken signature does not hide a good one");
}

static void test_selection(struct bench bench)
{
	const char *twice =
	    signature(&bench, "d=example.com; s=sel; h=From:From:X:X", FROM "X: 2\r\nX: 1\r\n", "");
	const char *other = "DKIM-Signature: other\r\n";

	verifies(&bench, pool_printf(bench.pool, "%s" FROM "X: 1\r\nX: 2\r\n\r\n", twice),
		 RESULT_FAIL, "body hash does not match", "an empty body is CRLF in simple form");
	twice = signature(&bench, "c=simple/relaxed; d=example.com; s=sel; h=From:From:X:X",
			  FROM "X: 2\r\nX: 1\r\n", "");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "X: 1\r\nX: 2\r\n\r\n", twice),
		 RESULT_PASS, NULL,
		 "fields of a name from the bottom up, missing ones are nothing");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "X: 1\r\nX: 2", twice), RESULT_PASS,
		 NULL, "no blank line, no line end");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "X: 2\r\nX: 1\r\n\r\n", twice),
		 RESULT_FAIL, "signature does not match", "fields in another order");
	verifies(&bench,
		 pool_printf(bench.pool, "From: eve@example.com\r\n%s" FROM "X: 1\r\nX: 2\r\n\r\n",
			     twice),
		 RESULT_FAIL, "signature does not match", "a second From where none was signed");
	twice = signature(&bench,
			  "c=simple/relaxed; d=example.com; s=sel; h=From:DKIM-Signature:"
			  "DKIM-Signature",
			  pool_printf(bench.pool, FROM "%s", other), "");
	verify(&bench, pool_printf(bench.pool, "%s%s" FROM "\r\n", twice, other));
	is_result(&bench, 0, RESULT_PASS, NULL, "another signature is signed, the own one is not");
	verify(&bench, pool_printf(bench.pool, "%s" FROM "%s\r\n", other, twice));
	is_result(&bench, 1, RESULT_PASS, NULL, "wherever they stand");
}

static void test_lengths(struct bench bench)
{
	const char *part = signature(&bench, "d=example.com; s=sel; h=From; l=4", FROM, "body");
	const char *all = signature(&bench, "d=example.com; s=sel; h=From; l=6", FROM, "body\r\n");
	const char *none = signature(&bench, "d=example.com; s=sel; h=From; l=0", FROM, "");
	const char *more = signature(&bench, "d=example.com; s=sel; h=From; l=7", FROM, "body\r\n");

	verifies(&bench, pool_printf(bench.pool, "%s" FROM "\r\nbody and more\r\n", part),
		 RESULT_POLICY, "11 octets of the body are not signed (l=)", "l= covers a part");
	ok(bench.results[0].unsigned_bytes == 11, "so many octets are not covered");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "\r\nbody\r\n", all), RESULT_PASS, NULL,
		 "l= covers everything");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "\r\nbody\r\n", more), RESULT_PERMERROR,
		 "l= is larger than the body", "l= covers more than there is");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "\r\nanything\r\n", none), RESULT_POLICY,
		 "10 octets of the body are not signed (l=)", "l= covers nothing");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "X: y\r\n\r\nbuddy\r\n", part),
		 RESULT_FAIL, "body hash does not match", "a changed part");
	bench.policy.allow_length = true;
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "\r\nbody and more\r\n", part),
		 RESULT_PASS, NULL, "a site that allows it: l= covers a part");
	ok(bench.results[0].unsigned_bytes == 11, "which is told nevertheless");
	verifies(&bench, pool_printf(bench.pool, "%s" FROM "\r\nbody\r\n", more), RESULT_PERMERROR,
		 "l= is larger than the body", "a site that allows it: more than there is");
}

static void test_times(struct bench bench)
{
	const char *text = pool_printf(
	    bench.pool, "%s" FROM "\r\n",
	    signature(&bench, "c=simple/relaxed; d=example.com; s=sel; h=From; x=1700000000", FROM,
		      ""));

	verifies(&bench, text, RESULT_PASS, NULL, "the last second of a signature");
	bench.policy.now++;
	verifies(&bench, text, RESULT_FAIL, "signature expired", "a second later");
}

/* test_zone - a good message and other keys in the zone */
static void test_zone(struct bench bench, const char *text, const char *zone, enum result result,
		      const char *reason, const char *name)
{
	bench.zone = zone;
	verifies(&bench, text, result, reason, name);
}

static void test_keys(struct bench bench)
{
	static const char at[] = "sel._domainkey.example.com.";
	static const char bad[] = "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
	static const char weak[] = "k=ed25519; p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	struct pool *pool = bench.pool;
	const char *tags = "c=simple/relaxed; d=example.com; s=sel; h=From; i=@sub.example.com";
	const char *text = pool_printf(pool, "%s" FROM "\r\n", signature(&bench, tags, FROM, ""));
	const char *p = bench.p;

	test_zone(bench, text, "", RESULT_PERMERROR, "no key", "no key in the DNS");
	test_zone(bench, text, pool_printf(pool, "%s SERVFAIL\n", at), RESULT_TEMPERROR,
		  "key unavailable: SERVFAIL", "the DNS is broken");
	test_zone(bench, text, pool_printf(pool, "%s TXT \"k=ed25519; p=\"\n", at),
		  RESULT_PERMERROR, "key is revoked", "a key that is revoked");
	test_zone(bench, text, pool_printf(pool, "%s TXT \"t=s; k=ed25519; p=%s\"\n", at, p),
		  RESULT_PERMERROR, "key does not allow i= in a subdomain (t=s)", "t=s");
	test_zone(bench, text, pool_printf(pool, "%s TXT \"t=y; k=ed25519; p=%s\"\n", at, p),
		  RESULT_PASS, NULL, "t=y");
	test_zone(bench, text, pool_printf(pool, "%s TXT \"%s\"\n", at, bad), RESULT_FAIL,
		  "signature does not match", "another key");
	test_zone(bench, text, pool_printf(pool, "%s TXT \"%s\"\n", at, weak), RESULT_PERMERROR,
		  "key is a weak Ed25519 key, for which anybody can sign (p=)", "a weak key");
	test_zone(bench, text,
		  pool_printf(pool,
			      "%s TXT \"v=spf1\"\n%s TXT \"%s\"\n%s TXT \"k=ed25519; p=%s\"\n", at,
			      at, bad, at, p),
		  RESULT_PASS, NULL, "the right key is the third record");
	test_zone(bench, text, pool_printf(pool, "%s TXT \"v=spf1\"\n%s TXT \"%s\"\n", at, at, bad),
		  RESULT_FAIL, "signature does not match", "no record has the right key");
	bench.queries = 0;
	verifies(&bench, text, RESULT_TEMPERROR, "key unavailable: query limit reached",
		 "no query is left");
}

static void test_key_type(struct bench bench)
{
	const char *text =
	    "DKIM-Signature: v=1; a=rsa-sha256; d=example.com; s=sel; h=From;"
	    " bh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=; b=YQ==\r\n" FROM "\r\n";

	verifies(&bench, text, RESULT_PERMERROR, "key type and a= differ",
		 "an RSA signature with an Ed25519 key");
	ok(bench.results[0].key_bits == 256, "the key has been read");
}

static void test_international(struct bench bench)
{
	const char *text = pool_printf(bench.pool, "%s" FROM "\r\n",
				       signature(&bench,
						 "c=simple/relaxed; d=b\xc3\xbc"
						 "cher.example; s=\xc3\xa4; i=j\xc3\xbc@B\xc3\xbc"
						 "cher.example; h=From",
						 FROM, ""));

	test_zone(bench, text,
		  pool_printf(bench.pool,
			      "xn--4ca._domainkey.xn--bcher-kva.example. TXT \"k=ed25519; p=%s\"\n",
			      bench.p),
		  RESULT_PASS, NULL, "U-labels in d= and s= are looked up as A-labels");
}

static void test_limit(struct bench bench)
{
	const char *good =
	    signature(&bench, "c=simple/relaxed; d=example.com; s=sel; h=From", FROM, "");
	const char *foreign =
	    signature(&bench, "c=simple/relaxed; d=example.org; s=sel; h=From", FROM, "");
	const char *text = pool_printf(bench.pool, "DKIM-Signature: x\r\n%s%s%s%s" FROM "\r\n",
				       foreign, foreign, good, good);

	bench.policy.max_signatures = 2;
	verify(&bench, text);
	is_result(&bench, 3, RESULT_POLICY, "more than 2 signatures",
		  "nothing known of the author: the topmost signatures are verified");
	is_result(&bench, 2, RESULT_PERMERROR, "no key", "not counting unreadable ones");
	bench.author = (struct author){.count = 1, .domains = {"mail.example.com"}};
	verify(&bench, text);
	is_result(&bench, 1, RESULT_POLICY, "more than 2 signatures",
		  "a foreign signature beyond the limit");
	is_result(&bench, 3, RESULT_PASS, NULL, "those near the author domain come first");
	is_result(&bench, 4, RESULT_PASS, NULL, "all of them");
	is_result(&bench, 0, RESULT_PERMERROR, "syntax error: tag 1 has no \"=\"",
		  "an unreadable signature says why");
	/* Nobody has a key at news.example.com; it is another name of the author's organization. */
	text = pool_printf(
	    bench.pool, "%s%s" FROM "\r\n", foreign,
	    signature(&bench, "c=simple/relaxed; d=news.example.com; s=sel; h=From", FROM, ""));
	bench.policy.max_signatures = 1;
	verify(&bench, text);
	is_result(&bench, 0, RESULT_POLICY, "more than 1 signatures", "a sibling comes before it");
	is_result(&bench, 1, RESULT_PERMERROR, "no key", "and is looked for");
	bench.policy.max_signatures = 0;
	verify(&bench, text);
	is_result(&bench, 1, RESULT_POLICY, "more than 0 signatures", "no signature is wanted");
}

/* many - text so many times */
static const char *many(struct pool *pool, const char *text, unsigned count)
{
	size_t len = strlen(text);
	char *all = pool_alloc(pool, len * count + 1);

	for (unsigned i = 0; i < count; i++)
		memcpy(all + i * len, text, len);
	return all;
}

/* test_work - what a sender can make us do has bounds */
static void test_work(struct bench bench)
{
	const char *names = many(bench.pool, ":X", 100000);
	const char *fields = many(bench.pool, "X: y\r\n", 50000);
	const char *tags =
	    pool_printf(bench.pool, "c=simple/relaxed; d=example.com; s=sel; h=From%s", names);
	const char *good = signature(&bench, tags, pool_printf(bench.pool, FROM "%s", fields), "");
	const char *simple = signature(&bench, "c=simple/relaxed; d=example.com; s=sel; h=From:X",
				       FROM "X: y\r\n", "");
	clock_t start = clock();

	verifies(&bench, pool_printf(bench.pool, "%s" FROM "%s\r\n", good, fields), RESULT_PASS,
		 NULL, "100,001 names for 50,001 fields");
	bench.policy.max_signatures = 20000;
	bench.queries = 20000;
	fields = pool_printf(bench.pool, "X: %s\r\n", many(bench.pool, "y", 1000000));
	verify(&bench, pool_printf(bench.pool, "%s" FROM "%s\r\n", many(bench.pool, simple, 10000),
				   fields));
	is_result(&bench, 0, RESULT_FAIL, "signature does not match",
		  "10,000 signatures over 1 MB of header: the first is verified");
	is_result(&bench, 9999, RESULT_POLICY, "too much header text is signed", "the last is not");
	ok((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX, "in less than %d seconds",
	   SECONDS_MAX);
}

int main(void)
{
	struct pool *pool = pool_new();
	struct bench bench = bench_of(pool);

	test_rfc8463(bench);
	test_basics(bench);
	test_selection(bench);
	test_lengths(bench);
	test_times(bench);
	test_keys(bench);
	test_key_type(bench);
	test_international(bench);
	test_limit(bench);
	test_work(bench);
	EVP_PKEY_free(bench.key);
	pool_free(pool);
	return done();
}
