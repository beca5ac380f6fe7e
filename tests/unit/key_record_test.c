/*
 * dkim_key: which key records are taken, and what is said of the others
 */
#include "dkim/key_record.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/pool.h"
#include "dkim/verify.h"
#include "tap.h"

#define KEY_TEXT_MAX 8192
#define MUTATIONS    20000

#define INTEGER    0x02
#define BIT_STRING 0x03
#define SEQUENCE   0x30

/* Octets of a key under construction. */
struct octets {
	size_t len;
	unsigned char data[KEY_TEXT_MAX];
};

static void append(struct octets *octets, const void *data, size_t len)
{
	memcpy(octets->data + octets->len, data, len);
	octets->len += len;
}

static void append_octet(struct octets *octets, unsigned octet)
{
	octets->data[octets->len++] = (unsigned char)octet;
}

/* append_element - a DER element */
static void append_element(struct octets *octets, unsigned identifier, const void *content,
			   size_t len)
{
	append_octet(octets, identifier);
	if (len > 0xff)
		append_octet(octets, 0x82);
	else if (len > 0x7f)
		append_octet(octets, 0x81);
	if (len > 0xff)
		append_octet(octets, (unsigned)len >> 8);
	append_octet(octets, len & 0xff);
	append(octets, content, len);
}

/* append_number - a positive INTEGER of exactly so many bits */
static void append_number(struct octets *octets, unsigned bits, bool odd)
{
	unsigned char number[KEY_TEXT_MAX / 2];
	size_t len = bits / 8 + 1;

	memset(number, 0xff, len);
	number[0] = (unsigned char)((1U << bits % 8) - 1);
	number[len - 1] = odd ? 0x81 : 0x80;
	append_element(octets, INTEGER, number, len);
}

/* append_rsa - an RSAPublicKey */
static void append_rsa(struct octets *octets, unsigned bits, bool odd, struct slice exponent)
{
	struct octets numbers = {.len = 0};

	append_number(&numbers, bits, odd);
	append_element(&numbers, INTEGER, exponent.data, exponent.len);
	append_element(octets, SEQUENCE, numbers.data, numbers.len);
}

/* append_spki - a SubjectPublicKeyInfo around a key */
static void append_spki(struct octets *octets, const struct octets *key)
{
	static const unsigned char rsa[] = {SEQUENCE, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86,
					    0xf7,     13, 1, 1, 1,    5,    0};
	struct octets bits = {.len = 0};
	struct octets content = {.len = 0};

	append_octet(&bits, 0);
	append(&bits, key->data, key->len);
	append(&content, rsa, sizeof(rsa));
	append_element(&content, BIT_STRING, bits.data, bits.len);
	append_element(octets, SEQUENCE, content.data, content.len);
}

static const char *base64(struct pool *pool, const struct octets *octets)
{
	return base64_encode(pool, octets->data, octets->len);
}

#define E65537 slice_from("\x01\x00\x01", 3)

/* rsa_text - p= for an ordinary key of so many bits */
static const char *rsa_text(struct pool *pool, unsigned bits)
{
	struct octets octets = {.len = 0};

	append_rsa(&octets, bits, true, E65537);
	return base64(pool, &octets);
}

/* is_fault - a record is refused for this reason, or taken if that is NULL */
static void is_fault(struct pool *pool, const char *record, const char *reason, const char *name)
{
	struct key_record key;
	enum result result;
	const char *fault;
	bool taken = key_record_parse(pool, slice_of(record), &key, &result, &fault);

	if (taken != (fault == NULL))
		ok(false, "a reason is given exactly if the key is refused: %s", name);
	if (!taken && result != RESULT_PERMERROR)
		ok(false, "that is a permanent error: %s", name);
	is_text(fault, reason, name);
}

static void test_tags(struct pool *pool)
{
	const char *p = rsa_text(pool, 1024);
	static const struct {
		const char *before; /* p= */
		const char *behind;
		const char *reason;
		const char *name;
	} cases[] = {
	    {"v=DKIM1; k=rsa; p=", "", NULL, "an ordinary record"},
	    {"p=", "", NULL, "everything but p= has a default"},
	    {" v = DKIM1 ; p = ", " ; ", NULL, "white space around everything"},
	    {"v=DKIM1; h= sha1 : sha256 ; s=other:email; t=z:y; n=a=20note; zz=1; p=", "", NULL,
	     "lists, white space in them, unknown flags, notes, unknown tags"},
	    {"g=; p=", "", NULL, "g= is no tag any more"},
	    {"s=*; p=", "", NULL, "every service"},
	    {"t=; p=", "", NULL, "no flags"},
	    {"v=DKIM2; p=", "", "key is no DKIM1 record", "another version"},
	    {"v=dkim1; p=", "", "key is no DKIM1 record", "the version in lower case"},
	    {"k=rsa; v=DKIM1; p=", "", "key does not begin with v=", "v= is not the first tag"},
	    {"k=dsa; p=", "", "key has an unknown type (k=)", "another type"},
	    {"k=; p=", "", "key has an unknown type (k=)", "an empty type is no default"},
	    {"k=RSA; p=", "", "key has an unknown type (k=)", "values are case-sensitive"},
	    {"h=sha1; p=", "", "key does not allow sha256 (h=)", "another hash"},
	    {"h=; p=", "", "key does not allow sha256 (h=)", "an empty h= allows no hash"},
	    {"s=tlsrpt; p=", "", "key is not for e-mail (s=)", "another service"},
	    {"s=; p=", "", "key is not for e-mail (s=)", "an empty s= is no service"},
	    {"p=; x=", "", "key is revoked", "an empty p= revokes the key"},
	    {"p= ;x=", "", "key is revoked", "an empty p= with white space"},
	    {"k=rsa; x=", "", "key has no p=", "no p= at all"},
	    {"p=", "!", "key is not base64 (p=)", "something after the base64"},
	    {"k=ed25519; p=", "", "key is no Ed25519 key (p=)", "an RSA key under another name"},
	    {"junk; p=", "", "key has a syntax error: tag 1 has no \"=\"", "no tag list"},
	    {"p=x; p=", "", "key has a syntax error: duplicate tag \"p\"", "a tag twice"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_fault(pool, pool_printf(pool, "%s%s%s", cases[i].before, p, cases[i].behind),
			 cases[i].reason, cases[i].name);
	is_fault(pool, "", "key has a syntax error: no tag at all", "an empty record");
	is_fault(pool, "v=spf1 -all", "key is no DKIM1 record", "a record for something else");
}

static void test_flags(struct pool *pool)
{
	const char *p = rsa_text(pool, 1024);
	struct key_record key;
	enum result result;
	const char *fault;

	key_record_parse(pool, slice_of(pool_printf(pool, "t=y : s; p=%s", p)), &key, &result,
			 &fault);
	ok(key.testing && key.strict, "both flags");
	key_record_parse(pool, slice_of(pool_printf(pool, "t=ys; p=%s", p)), &key, &result, &fault);
	ok(!key.testing && !key.strict, "a flag of two letters is neither");
	key_record_parse(pool, slice_of("t=y; k=foo; p=x"), &key, &result, &fault);
	ok(key.testing, "testing is known of a key that is refused");
}

/* has_bits - a key of so many bits, and whether it is taken */
static void has_bits(struct pool *pool, unsigned bits, const char *reason)
{
	struct key_record key;
	enum result result;
	const char *fault;
	const char *record = pool_printf(pool, "p=%s", rsa_text(pool, bits));

	key_record_parse(pool, slice_of(record), &key, &result, &fault);
	ok(key.public_key.bits == bits, "%u bits are %u", bits, key.public_key.bits);
	is_text(fault, reason, "a key of that length");
	if (reason != NULL)
		ok(result == RESULT_POLICY, "is against the policy");
}

static void test_lengths(struct pool *pool)
{
	has_bits(pool, 512, "key has 512 bits, fewer than 1024 (RFC 8301)");
	has_bits(pool, 1023, "key has 1023 bits, fewer than 1024 (RFC 8301)");
	has_bits(pool, 1024, NULL);
	has_bits(pool, 1025, NULL);
	has_bits(pool, 2048, NULL);
	has_bits(pool, 8192, NULL);
	has_bits(pool, 8193, "key has 8193 bits, more than 8192");
}

/* is_key - p= with these octets */
static void is_key(struct pool *pool, const struct octets *octets, const char *reason,
		   const char *name)
{
	is_fault(pool, pool_printf(pool, "p=%s", base64(pool, octets)), reason, name);
}

static void test_forms(struct pool *pool)
{
	static const char no_key[] = "key is no RSA key (p=)";
	struct octets bare = {.len = 0};
	struct octets wrapped = {.len = 0};
	struct octets changed;

	append_rsa(&bare, 2048, true, E65537);
	append_spki(&wrapped, &bare);
	is_key(pool, &bare, NULL, "an RSAPublicKey");
	is_key(pool, &wrapped, NULL, "a SubjectPublicKeyInfo");
	changed = bare;
	append_octet(&changed, 0);
	is_key(pool, &changed, no_key, "an RSAPublicKey with something after it");
	changed = wrapped;
	append_octet(&changed, 0);
	is_key(pool, &changed, no_key, "a SubjectPublicKeyInfo with something after it");
	changed = wrapped;
	changed.len--;
	is_key(pool, &changed, no_key, "a key cut short");
	changed = wrapped;
	changed.data[16] ^= 1;
	is_key(pool, &changed, no_key, "another algorithm");
	changed = wrapped;
	changed.data[23] = 1;
	is_key(pool, &changed, no_key, "bits that are not used");
	changed = (struct octets){.len = 0};
	append_spki(&changed, &wrapped);
	is_key(pool, &changed, no_key, "a key wrapped twice");
}

/* test_der - RSAPublicKeys whose lengths are not written as DER wants them */
static void test_der(struct pool *pool)
{
	static const char no_key[] = "key is no RSA key (p=)";
	static const char *const exponents[] = {
	    "\x02\x81\x03\x01\x00\x01", "\x02\x82\x00\x03\x01\x00\x01",
	    "\x02\x80\x01\x00\x01\x00", "\x02\x83\x00\x00\x03\x01\x00\x01",
	    "\x02\x04\x01\x00\x01",
	};
	static const size_t lengths[] = {6, 7, 6, 8, 5};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct octets numbers = {.len = 0};
		struct octets octets = {.len = 0};

		append_number(&numbers, 1024, true);
		append(&numbers, exponents[i], lengths[i]);
		append_element(&octets, SEQUENCE, numbers.data, numbers.len);
		is_key(pool, &octets, no_key, "a length that is too long, indefinite or wrong");
	}
}

static void test_numbers(struct pool *pool)
{
	static const char unusable[] = "key is no usable RSA key (p=)";
	static const char no_key[] = "key is no RSA key (p=)";
	static const struct {
		struct slice exponent;
		const char *reason;
		const char *name;
	} cases[] = {
	    {{"\x03", 1}, NULL, "exponent 3"},
	    {{"\x7f\xff\xff\xff\xff\xff\xff\xff", 8}, NULL, "an exponent of 63 bits"},
	    {{"\x00\xff\xff\xff\xff\xff\xff\xff\xff", 9}, NULL, "an exponent of 64 bits"},
	    {{"\x01\xff\xff\xff\xff\xff\xff\xff\xff", 9}, unusable, "an exponent of 65 bits"},
	    {{"\x01", 1}, unusable, "exponent 1: everybody can sign"},
	    {{"\x04", 1}, unusable, "an even exponent"},
	    {{"\x00", 1}, no_key, "exponent 0"},
	    {{"\xff", 1}, no_key, "a negative exponent"},
	    {{"\x00\x03", 2}, no_key, "an exponent with a needless zero octet"},
	    {{"", 0}, no_key, "an exponent of no octets"},
	};
	struct octets even = {.len = 0};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct octets octets = {.len = 0};

		append_rsa(&octets, 2048, true, cases[i].exponent);
		is_key(pool, &octets, cases[i].reason, cases[i].name);
	}
	append_rsa(&even, 2048, false, E65537);
	is_key(pool, &even, unusable, "an even modulus");
}

static void test_ed25519(struct pool *pool)
{
	struct octets octets = {.len = DKIM_KEY_ED25519_LEN, .data = {2}};
	struct key_record key;
	enum result result;
	const char *fault;
	const char *record = pool_printf(pool, "k=ed25519; p=%s", base64(pool, &octets));

	ok(key_record_parse(pool, slice_of(record), &key, &result, &fault) &&
	       key.public_key.bits == 256 && key.public_key.type == DKIM_KEY_ED25519 &&
	       key.public_key.point.len == DKIM_KEY_ED25519_LEN,
	   "32 octets are an Ed25519 key");
	octets.len = 44;
	is_fault(pool, pool_printf(pool, "k=ed25519; p=%s", base64(pool, &octets)),
		 "key is no Ed25519 key (p=)", "a SubjectPublicKeyInfo is not (RFC 8463)");
	octets = (struct octets){.len = DKIM_KEY_ED25519_LEN, .data = {1}};
	is_fault(pool, pool_printf(pool, "k=ed25519; p=%s", base64(pool, &octets)),
		 "key is a weak Ed25519 key, for which anybody can sign (p=)", "the neutral point");
}

/* test_mutations - a damaged key is read within its bounds (the sanitizers watch) */
static void test_mutations(void)
{
	struct octets bare = {.len = 0};
	struct octets wrapped = {.len = 0};
	unsigned taken = 0;

	append_rsa(&bare, 1024, true, E65537);
	append_spki(&wrapped, &bare);
	srand(1);
	for (int i = 0; i < MUTATIONS; i++) {
		struct pool *scratch = pool_new();
		struct octets changed = wrapped;
		struct key_record key;
		enum result result;
		const char *fault;

		changed.data[(unsigned)rand() % 30] = (unsigned char)rand();
		changed.len -= (unsigned)rand() % 4 == 0 ? (unsigned)rand() % changed.len : 0;
		taken += key_record_parse(
		    scratch, slice_of(pool_printf(scratch, "p=%s", base64(scratch, &changed))),
		    &key, &result, &fault);
		pool_free(scratch);
	}
	ok(taken < MUTATIONS / 10, "hardly any damaged key is taken: %u of %d", taken, MUTATIONS);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_tags(pool);
	test_flags(pool);
	test_lengths(pool);
	test_forms(pool);
	test_der(pool);
	test_numbers(pool);
	test_ed25519(pool);
	test_mutations();
	pool_free(pool);
	return done();
}
