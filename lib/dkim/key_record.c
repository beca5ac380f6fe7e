/*
 * key_record - key records (RFC 6376 section 3.6, RFC 8301, RFC 8463); see key_record.h
 *
 * An RSA key comes as SubjectPublicKeyInfo (RFC 5280 section 4.1) or as bare RSAPublicKey
 * (RFC 8017 A.1.1; RFC 6376 erratum 3017): both are a few lengths around two integers.
 */
#include "dkim/key_record.h"

#include "base/pool.h"
#include "dkim/der.h"
#include "dkim/tag_values.h"
#include "mail/taglist.h"

/* A record that is being read. */
struct reading {
	struct pool *pool;
	struct key_record *key;
	struct slice data; /* p=, decoded; empty if the key is revoked */
	bool has_data;
	enum result result; /* if the key cannot be used */
};

/* Reads the value of one tag; returns what is wrong with it, or NULL. */
typedef const char *tag_reader(struct reading *reading, struct slice value);

static const char *read_version(struct reading *reading, struct slice value)
{
	(void)reading;
	return slice_is(value, "DKIM1") ? NULL : "is no DKIM1 record";
}

static const char *read_hashes(struct reading *reading, struct slice value)
{
	(void)reading;
	return dkim_tag_has_item(value, "sha256") ? NULL : "does not allow sha256 (h=)";
}

static const char *read_type(struct reading *reading, struct slice value)
{
	if (slice_is(value, "ed25519"))
		reading->key->type = DKIM_KEY_ED25519;
	else if (!slice_is(value, "rsa"))
		return "has an unknown type (k=)";
	return NULL;
}

static const char *read_services(struct reading *reading, struct slice value)
{
	(void)reading;
	if (dkim_tag_has_item(value, "*") || dkim_tag_has_item(value, "email"))
		return NULL;
	return "is not for e-mail (s=)";
}

static const char *read_flags(struct reading *reading, struct slice value)
{
	reading->key->testing = dkim_tag_has_item(value, "y");
	reading->key->strict = dkim_tag_has_item(value, "s");
	return NULL;
}

static const char *read_data(struct reading *reading, struct slice value)
{
	reading->has_data = true;
	if (value.len > 0 && !dkim_tag_base64(reading->pool, value, &reading->data))
		return "is not base64 (p=)";
	return NULL;
}

/* All but n=, which no program interprets. g= (RFC 4871) is no tag any more. */
static const struct {
	const char *name;
	tag_reader *read;
} tags[] = {
    {"v", read_version},  {"t", read_flags}, {"h", read_hashes},
    {"s", read_services}, {"k", read_type},  {"p", read_data},
};

/* der_unwrap - the RSAPublicKey that the content of a SubjectPublicKeyInfo holds */
static bool der_unwrap(struct slice info, struct slice *key)
{
	struct slice rest = info;
	struct slice algorithm;

	if (!der_take(&rest, DER_SEQUENCE, &algorithm) ||
	    !slice_equal(algorithm, der_rsa_encryption()))
		return false;
	if (!der_take(&rest, DER_BIT_STRING, key) || rest.len != 0)
		return false;
	if (key->len == 0 || key->data[0] != 0) /* bits of the last octet that are not used */
		return false;
	*key = slice_skip(*key, 1);
	return true;
}

/* der_rsa_numbers - the two numbers of an RSA key in either form */
static bool der_rsa_numbers(struct slice data, struct slice *modulus, struct slice *exponent)
{
	struct slice rest = data;
	struct slice content;

	if (!der_take(&rest, DER_SEQUENCE, &content) || rest.len != 0)
		return false;
	if (der_unwrap(content, &rest)) {
		if (!der_take(&rest, DER_SEQUENCE, &content) || rest.len != 0)
			return false;
	}
	return der_take_number(&content, modulus) && der_take_number(&content, exponent) &&
	       content.len == 0;
}

static bool is_odd(struct slice number)
{
	return (number.data[number.len - 1] & 1) != 0;
}

/* read_rsa - p= of an RSA key; numbers that no RSA key has are not for a library to find out */
static const char *read_rsa(struct reading *reading)
{
	struct key_record *key = reading->key;

	if (!der_rsa_numbers(reading->data, &key->modulus, &key->exponent))
		return "is no RSA key (p=)";
	key->bits = der_number_bits(key->modulus);
	if (!is_odd(key->modulus) || !is_odd(key->exponent) || slice_is(key->exponent, "\x01") ||
	    der_number_bits(key->exponent) > DKIM_KEY_EXPONENT_BITS_MAX)
		return "is no usable RSA key (p=)";
	reading->result = RESULT_POLICY;
	if (key->bits < DKIM_KEY_BITS_MIN)
		return pool_printf(reading->pool, "has %u bits, fewer than %u (RFC 8301)",
				   key->bits, DKIM_KEY_BITS_MIN);
	if (key->bits > DKIM_KEY_BITS_MAX)
		return pool_printf(reading->pool, "has %u bits, more than %u", key->bits,
				   DKIM_KEY_BITS_MAX);
	return NULL;
}

/* read_ed25519 - RFC 8463 section 4: the octets of the key and nothing around them */
static const char *read_ed25519(struct reading *reading)
{
	if (reading->data.len != DKIM_KEY_ED25519_LEN)
		return "is no Ed25519 key (p=)";
	reading->key->point = reading->data;
	reading->key->bits = 8 * DKIM_KEY_ED25519_LEN;
	return NULL;
}

/* read_tags - every tag of a record by its own function */
static const char *read_tags(struct reading *reading, const struct taglist *list)
{
	const char *reason = NULL;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && reason == NULL; i++) {
		const struct slice *value = taglist_value(list, tags[i].name);

		if (value != NULL)
			reason = tags[i].read(reading, *value);
	}
	return reason;
}

/* read_record - all rules, in the order of RFC 6376 section 6.1.2 */
static const char *read_record(struct reading *reading, struct slice text)
{
	struct taglist list;
	struct error error;
	const char *reason;

	if (!taglist_parse(reading->pool, text, &list, &error))
		return pool_printf(reading->pool, "has a syntax error: %s", error.text);
	if (taglist_value(&list, "v") != NULL && !slice_is(list.tags[0].name, "v"))
		return "does not begin with v=";
	reason = read_tags(reading, &list);
	if (reason != NULL)
		return reason;
	if (!reading->has_data)
		return "has no p=";
	if (reading->data.len == 0)
		return "is revoked";
	return reading->key->type == DKIM_KEY_RSA ? read_rsa(reading) : read_ed25519(reading);
}

bool key_record_parse(struct pool *pool, struct slice text, struct key_record *key,
		      enum result *result, const char **reason)
{
	struct reading reading = {.pool = pool, .key = key, .result = RESULT_PERMERROR};
	const char *why_not;

	*key = (struct key_record){.type = DKIM_KEY_RSA};
	why_not = read_record(&reading, text);
	*result = reading.result;
	*reason = why_not != NULL ? pool_printf(pool, "key %s", why_not) : NULL;
	return why_not == NULL;
}

const struct dns_answer *key_record_fetch(struct pool *pool, struct dns *dns,
					  struct dns_budget *budget, const char *selector,
					  const char *domain, enum result *result,
					  const char **reason)
{
	const char *name = pool_printf(pool, "%s._domainkey.%s", selector, domain);
	const struct dns_answer *answer = dns_query(dns, name, DNS_TXT, budget);

	if (answer->status == DNS_FOUND)
		return answer;
	if (answer->status == DNS_NXDOMAIN || answer->status == DNS_NODATA) {
		*result = RESULT_PERMERROR;
		*reason = "no key";
	} else {
		*result = RESULT_TEMPERROR;
		*reason = pool_printf(pool, "key unavailable: %s", dns_status_word(answer->status));
	}
	return NULL;
}
