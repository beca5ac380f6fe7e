/*
 * signature - the tags of a DKIM-Signature field (RFC 6376 section 3.5); see signature.h
 *
 * One function for each tag. Values are case-sensitive unless the RFC says otherwise
 * (section 3.2). Names may be in UTF-8 instead of A-labels (RFC 8616 section 3).
 */
#include "dkim/signature.h"

#include "base/pool.h"
#include "dkim/digest.h"
#include "dkim/tag_values.h"
#include "mail/abnf.h"
#include "mail/domain.h"
#include "mail/taglist.h"

/* A signature that is being read. */
struct reading {
	struct pool *pool;
	struct dkim_signature *signature;
	const struct field *field;
	enum signature_kind kind;
};

/* Reads the value of one tag; returns what is wrong with it, or NULL. */
typedef const char *tag_reader(struct reading *reading, struct slice value);

/* text_of - a value as it is shown to people: without white space */
static const char *text_of(struct reading *reading, struct slice value)
{
	return taglist_compact(reading->pool, value).data;
}

static const char *read_version(struct reading *reading, struct slice value)
{
	(void)reading;
	return slice_is(value, "1") ? NULL : "incompatible version (v=)";
}

static const char *read_algorithm(struct reading *reading, struct slice value)
{
	reading->signature->algorithm_text = text_of(reading, value);
	if (slice_is(value, "rsa-sha256"))
		reading->signature->key_type = DKIM_KEY_RSA;
	else if (slice_is(value, "ed25519-sha256"))
		reading->signature->key_type = DKIM_KEY_ED25519;
	else if (slice_is(value, "rsa-sha1"))
		reading->signature->is_sha1 = true;
	else
		return "unknown algorithm (a=)";
	return NULL;
}

/*
 * b_value_in - b= with all white space around it
 *
 * The "=" and the ";" are in the field, as the tag list is well-formed.
 */
static struct slice b_value_in(struct slice field_value, struct slice value)
{
	const char *start = value.data;
	struct slice behind = slice_between(start, field_value.data + field_value.len);

	while (start[-1] != '=')
		start--;
	return slice_between(start, behind.data + slice_find(behind, ';'));
}

static const char *read_signature(struct reading *reading, struct slice value)
{
	struct dkim_signature *signature = reading->signature;

	signature->signature_text = text_of(reading, value);
	signature->b_value = b_value_in(reading->field->value, value);
	if (!dkim_tag_base64(reading->pool, value, &signature->signature))
		return "b= is not base64";
	return NULL;
}

static const char *read_body_hash(struct reading *reading, struct slice value)
{
	struct dkim_signature *signature = reading->signature;

	if (!dkim_tag_base64(reading->pool, value, &signature->body_hash))
		return "bh= is not base64";
	if (signature->is_sha1 || signature->body_hash.len == DKIM_HASH_LEN)
		return NULL;
	return "bh= is no SHA-256 hash";
}

/* read_canon - the name of one algorithm */
static bool read_canon(struct slice name, enum dkim_canon *canon)
{
	*canon = slice_is(name, "relaxed") ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
	return *canon == DKIM_CANON_RELAXED || slice_is(name, "simple");
}

static const char *read_canons(struct reading *reading, struct slice value)
{
	struct dkim_signature *signature = reading->signature;
	size_t slash = slice_find(value, '/');
	bool known = read_canon(slice_from(value.data, slash), &signature->header_canon);

	if (known && slash < value.len)
		known = read_canon(slice_skip(value, slash + 1), &signature->body_canon);
	return known ? NULL : "unknown canonicalization (c=)";
}

/* domain_of - the canonical form of a domain-name (RFC 6376 section 3.5 d=), or NULL */
static const char *domain_of(struct pool *pool, struct slice text)
{
	const char *domain = domain_canonical(pool, text);

	if (domain == NULL || !domain_is_qualified(domain) || text.data[text.len - 1] == '.')
		return NULL;
	return domain;
}

static const char *read_domain(struct reading *reading, struct slice value)
{
	reading->signature->domain = domain_of(reading->pool, value);
	return reading->signature->domain != NULL ? NULL : "d= is no domain name";
}

/* read_selector - sub-domains as in d=, but one is enough; they stand before "_domainkey" */
static const char *read_selector(struct reading *reading, struct slice value)
{
	const char *selector = domain_canonical(reading->pool, value);

	if (selector == NULL || value.data[value.len - 1] == '.' ||
	    !domain_is_qualified(pool_printf(reading->pool, "%s._domainkey", selector)))
		return "s= is no selector";
	reading->signature->selector = selector;
	return NULL;
}

/* is_field_name - RFC 5322 section 3.6.8 */
static bool is_field_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (!is_vchar(name.data[i]))
			return false;
	}
	return name.len > 0;
}

static const char *read_names(struct reading *reading, struct slice value)
{
	struct slice rest = value;
	struct slice name;
	bool has_from = false;

	while (dkim_tag_next_item(&rest, &name)) {
		if (!is_field_name(name))
			return "h= is no list of field names";
		has_from = has_from || slice_is_nocase(name, "From");
	}
	reading->signature->names = value;
	return has_from ? NULL : "From is not signed (h=)";
}

/*
 * is_local_part - what may stand before the "@" of i=
 *
 * Signers put user identifiers of many shapes there, and nobody acts on them. Only
 * an "@" outside of quotes makes it doubtful where the domain begins.
 */
static bool is_local_part(struct slice local)
{
	return slice_find(local, '@') == local.len || skip_quoted_string(local) == local.len;
}

static const char *read_identity(struct reading *reading, struct slice value)
{
	struct dkim_signature *signature = reading->signature;
	struct slice address;
	size_t at;

	signature->identity_text = text_of(reading, value);
	if (!dkim_tag_quoted(reading->pool, value, &address))
		return "i= is no address";
	at = slice_find_last(address, '@');
	if (at == address.len || !is_local_part(slice_from(address.data, at)))
		return "i= is no address";
	signature->identity_domain = domain_of(reading->pool, slice_skip(address, at + 1));
	return signature->identity_domain != NULL ? NULL : "i= is no address";
}

/* read_number - digits; RFC 6376 section 3.5 t= lets a number of too many be infinite */
static bool read_number(struct slice value, unsigned long long *number)
{
	for (size_t i = 0; i < value.len; i++) {
		if (!is_digit(value.data[i]))
			return false;
	}
	if (!slice_to_number(value, DKIM_INFINITE, number))
		*number = DKIM_INFINITE;
	return value.len > 0;
}

/* read_instance - i= of an ARC set (RFC 8617 section 4.2.1) */
static const char *read_instance(struct reading *reading, struct slice value)
{
	unsigned long long number;

	if (!slice_to_number(value, ARC_INSTANCE_MAX, &number) || number == 0)
		return pool_printf(reading->pool, "i= is no number from 1 to %d", ARC_INSTANCE_MAX);
	reading->signature->instance = (unsigned)number;
	return NULL;
}

/* read_chain - what the sealer has found out about the chain before him (RFC 8617 section 4.1.3) */
static const char *read_chain(struct reading *reading, struct slice value)
{
	reading->signature->chain = result_of_word(value);
	return reading->signature->chain == RESULT_NONE ||
		       reading->signature->chain == RESULT_PASS ||
		       reading->signature->chain == RESULT_FAIL
		   ? NULL
		   : "cv= is neither none nor pass nor fail";
}

/* read_forbidden - RFC 8617 4.1.3: an ARC-Seal has no h=, for it seals the same fields always */
static const char *read_forbidden(struct reading *reading, struct slice value)
{
	(void)reading;
	(void)value;
	return "h= has no place in a seal";
}

static const char *read_length(struct reading *reading, struct slice value)
{
	if (value.len > DKIM_LENGTH_DIGITS_MAX || !read_number(value, &reading->signature->length))
		return "l= is no number";
	return NULL;
}

static const char *read_time(struct reading *reading, struct slice value)
{
	return read_number(value, &reading->signature->time) ? NULL : "t= is no number";
}

static const char *read_expiry(struct reading *reading, struct slice value)
{
	return read_number(value, &reading->signature->expiry) ? NULL : "x= is no number";
}

static const char *read_queries(struct reading *reading, struct slice value)
{
	(void)reading;
	return dkim_tag_has_item(value, "dns/txt") ? NULL : "no known query method (q=)";
}

/* read_copies - z= is for people who look for what has changed; no verdict depends on it */
static const char *read_copies(struct reading *reading, struct slice value)
{
	reading->signature->copies = value;
	return NULL;
}

/* In which kinds of field a tag has a meaning, and in which it is required. */
#define IN_DKIM    (1U << SIGNATURE_DKIM)
#define IN_MESSAGE (1U << SIGNATURE_ARC_MESSAGE)
#define IN_SEAL    (1U << SIGNATURE_ARC_SEAL)
#define IN_BOTH    (IN_DKIM | IN_MESSAGE) /* what signs the message itself */
#define IN_ALL     (IN_DKIM | IN_MESSAGE | IN_SEAL)
#define IN_ARC     (IN_MESSAGE | IN_SEAL)

/* The first reason in this order is the one that is told. */
static const struct {
	const char *name;
	tag_reader *read;
	unsigned kinds;
	unsigned required;
} tags[] = {
    {"v", read_version, IN_DKIM, IN_DKIM},
    {"i", read_instance, IN_ARC, IN_ARC},
    {"a", read_algorithm, IN_ALL, IN_ALL},
    {"d", read_domain, IN_ALL, IN_ALL},
    {"s", read_selector, IN_ALL, IN_ALL},
    {"h", read_names, IN_BOTH, IN_BOTH},
    {"h", read_forbidden, IN_SEAL, 0},
    {"b", read_signature, IN_ALL, IN_ALL},
    {"bh", read_body_hash, IN_BOTH, IN_BOTH},
    {"cv", read_chain, IN_SEAL, IN_SEAL},
    {"c", read_canons, IN_BOTH, 0},
    {"i", read_identity, IN_DKIM, 0},
    {"l", read_length, IN_BOTH, 0},
    {"q", read_queries, IN_BOTH, 0},
    {"t", read_time, IN_ALL, 0},
    {"x", read_expiry, IN_BOTH, 0},
    {"z", read_copies, IN_DKIM, 0},
};

/* read_tags - all of them, also after a reason, so that a result can name the signature */
static const char *read_tags(struct reading *reading, const struct taglist *list)
{
	const char *first_reason = NULL;
	const char *reason;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		const struct slice *value = taglist_value(list, tags[i].name);
		unsigned kind = 1U << reading->kind;

		reason = NULL;
		if (value != NULL && (tags[i].kinds & kind) != 0)
			reason = tags[i].read(reading, *value);
		else if (value == NULL && (tags[i].required & kind) != 0)
			reason = pool_printf(reading->pool, "%s= is missing", tags[i].name);
		if (first_reason == NULL)
			first_reason = reason;
	}
	return first_reason;
}

/* check_identity - i= within d=, and what it is if absent (RFC 6376 section 6.1.1) */
static const char *check_identity(struct reading *reading)
{
	struct dkim_signature *signature = reading->signature;

	if (signature->domain == NULL || reading->kind != SIGNATURE_DKIM)
		return NULL;
	if (signature->identity_text == NULL) {
		signature->identity_text = pool_printf(reading->pool, "@%s", signature->domain);
		signature->identity_domain = signature->domain;
	}
	if (signature->identity_domain == NULL ||
	    domain_is_within(signature->identity_domain, signature->domain))
		return NULL;
	return "i= is not within d=";
}

/* check_times - RFC 6376 section 3.5 x= */
static const char *check_times(const struct dkim_signature *signature)
{
	if (signature->time == DKIM_NO_NUMBER || signature->expiry > signature->time)
		return NULL;
	return "x= is not after t=";
}

/* read_field - all tags, then what one tag says about another */
static const char *read_field(struct reading *reading, struct pool *scratch)
{
	struct taglist list;
	struct error error;
	const char *tag_reason, *identity_reason;

	if (!taglist_parse(scratch, reading->field->value, &list, &error))
		return pool_printf(reading->pool, "syntax error: %s", error.text);
	tag_reason = read_tags(reading, &list);
	identity_reason = check_identity(reading);
	if (tag_reason != NULL)
		return tag_reason;
	return identity_reason != NULL ? identity_reason : check_times(reading->signature);
}

bool arc_signature_parse(struct pool *pool, enum signature_kind kind, const struct field *field,
			 struct dkim_signature *signature, enum result *result, const char **reason)
{
	struct reading reading = {
	    .pool = pool, .signature = signature, .field = field, .kind = kind};
	/* The list of tags is ten times as large as its text. */
	struct pool *scratch = pool_new();

	*signature = (struct dkim_signature){
	    .length = DKIM_NO_NUMBER,
	    .time = DKIM_NO_NUMBER,
	    .expiry = DKIM_NO_NUMBER,
	};
	*result = RESULT_PERMERROR;
	*reason = read_field(&reading, scratch);
	pool_free(scratch);
	if (*reason == NULL && signature->is_sha1) {
		*result = RESULT_POLICY;
		*reason = "rsa-sha1 must not be used any more (RFC 8301)";
	}
	return *reason == NULL;
}

bool dkim_signature_parse(struct pool *pool, const struct field *field,
			  struct dkim_signature *signature, enum result *result,
			  const char **reason)
{
	return arc_signature_parse(pool, SIGNATURE_DKIM, field, signature, result, reason);
}
