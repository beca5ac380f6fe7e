/*
 * arc - the verdict on an Authenticated Received Chain (RFC 8617 section 5.2); see dkim/arc.h
 */
#include "dkim/arc.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "dkim/body_hash.h"
#include "dkim/key_lookup.h"
#include "dkim/key_record.h"
#include "dkim/signed_fields.h"
#include "dkim/tag_values.h"
#include "mail/abnf.h"
#include "mail/authres_parse.h"
#include "mail/domain.h"

/* Header octets hashed for all seals together: each seal covers all sets before it. */
#define ARC_SEALED_OCTETS (2 * (size_t)MESSAGE_HEADER_MAX)

/* The fields of one instance (RFC 8617 section 4.2). */
struct arc_set {
	const struct field *results; /* ARC-Authentication-Results */
	const struct field *message; /* ARC-Message-Signature */
	const struct field *seal;    /* ARC-Seal */
	struct slice found;          /* what results say, without i= */
	struct dkim_signature message_signature;
	struct dkim_signature seal_signature;
};

struct arc_verifier {
	struct pool *pool;
	const struct message *message;
	struct arc_policy policy;
	const struct trace *trace;
	struct arc_set sets[ARC_INSTANCE_MAX + 1]; /* by instance; the first is not used */
	unsigned count;                            /* the highest instance */
	const char *broken; /* why the chain breaks a rule; NULL if it does not */
	struct dkim_body *body;
	const struct dkim_body_hash *body_hash;
	struct dkim_hash *hash;
	size_t octets; /* hashed */
};

/* breaks - the first broken rule is the one that is told */
static void breaks(struct arc_verifier *verifier, const char *reason)
{
	if (verifier->broken == NULL)
		verifier->broken = reason;
}

/* enter - one of the three fields into its set; there is only one of each kind */
static void enter(struct arc_verifier *verifier, unsigned instance, const struct field **place,
		  const struct field *field)
{
	if (*place != NULL)
		breaks(verifier, pool_printf(verifier->pool, "set %u has two fields %s", instance,
					     slice_copy(verifier->pool, field->name)));
	*place = field;
	if (instance > verifier->count)
		verifier->count = instance;
}

/* take_signature - an ARC-Message-Signature or an ARC-Seal */
static void take_signature(struct arc_verifier *verifier, enum signature_kind kind,
			   const struct field *field)
{
	struct dkim_signature signature;
	enum result ignored;
	const char *reason;
	struct arc_set *set;
	bool is_seal = kind == SIGNATURE_ARC_SEAL;

	if (!arc_signature_parse(verifier->pool, kind, field, &signature, &ignored, &reason))
		breaks(verifier,
		       pool_printf(verifier->pool, "%s: %s",
				   is_seal ? "ARC-Seal" : "ARC-Message-Signature", reason));
	if (signature.instance == 0)
		return;
	set = &verifier->sets[signature.instance];
	enter(verifier, signature.instance, is_seal ? &set->seal : &set->message, field);
	*(is_seal ? &set->seal_signature : &set->message_signature) = signature;
}

/* take_results - "i=1; authserv-id; results" (RFC 8617 section 4.1.1) */
static void take_results(struct arc_verifier *verifier, const struct field *field)
{
	struct slice rest = field->value;
	struct slice instance;
	unsigned long long number;

	slice_cut(&rest, ';', &instance);
	instance = slice_skip(instance, skip_cfws(instance));
	if (!slice_starts_nocase(instance, "i"))
		instance = slice_of("");
	else
		instance = slice_skip(instance, 1);
	instance = slice_skip(instance, skip_cfws(instance));
	instance = slice_trim(slice_skip(instance, instance.len > 0 && instance.data[0] == '='));
	if (rest.data == NULL || !slice_to_number(instance, ARC_INSTANCE_MAX, &number) ||
	    number == 0) {
		breaks(verifier,
		       pool_printf(verifier->pool,
				   "ARC-Authentication-Results: it does not begin with i= "
				   "and a number from 1 to %d",
				   ARC_INSTANCE_MAX));
		return;
	}
	enter(verifier, (unsigned)number, &verifier->sets[number].results, field);
	verifier->sets[number].found = rest;
}

/* take_fields - all fields of all sets */
static void take_fields(struct arc_verifier *verifier)
{
	size_t count = message_field_count(verifier->message);

	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(verifier->message, i);

		if (slice_is_nocase(field->name, "ARC-Seal"))
			take_signature(verifier, SIGNATURE_ARC_SEAL, field);
		else if (slice_is_nocase(field->name, "ARC-Message-Signature"))
			take_signature(verifier, SIGNATURE_ARC_MESSAGE, field);
		else if (slice_is_nocase(field->name, "ARC-Authentication-Results"))
			take_results(verifier, field);
	}
}

/* signs_seal - an ARC-Message-Signature must not cover seals (RFC 8617 section 4.1.2) */
static bool signs_seal(const struct dkim_signature *signature)
{
	struct slice rest = signature->names;
	struct slice name;

	while (dkim_tag_next_item(&rest, &name)) {
		if (slice_is_nocase(name, "ARC-Seal"))
			return true;
	}
	return false;
}

/* check_set - is it complete, and is its cv= what its place wants (RFC 8617 5.2, steps 2 and 3)? */
static void check_set(struct arc_verifier *verifier, unsigned instance)
{
	const struct arc_set *set = &verifier->sets[instance];
	enum result wanted = instance == 1 ? RESULT_NONE : RESULT_PASS;

	if (set->results == NULL || set->message == NULL || set->seal == NULL) {
		breaks(verifier, pool_printf(verifier->pool, "set %u of %u is not complete",
					     instance, verifier->count));
		return;
	}
	if (set->seal_signature.chain != wanted)
		breaks(verifier, pool_printf(verifier->pool, "the seal of set %u says cv=%s",
					     instance, result_word(set->seal_signature.chain)));
	if (signs_seal(&set->message_signature))
		breaks(verifier, pool_printf(verifier->pool,
					     "the signature of set %u covers ARC-Seal", instance));
}

struct arc_verifier *arc_verify_new(struct pool *pool, const struct message *message,
				    const struct arc_policy *policy, const struct trace *trace)
{
	struct arc_verifier *verifier = memory_alloc(sizeof(*verifier));
	const struct dkim_signature *last;

	verifier->pool = pool;
	verifier->message = message;
	verifier->policy = *policy;
	verifier->trace = trace;
	take_fields(verifier);
	for (unsigned i = 1; i <= verifier->count; i++)
		check_set(verifier, i);
	if (verifier->count == 0 || verifier->broken != NULL)
		return verifier;
	last = &verifier->sets[verifier->count].message_signature;
	verifier->hash = dkim_hash_new();
	verifier->body = dkim_body_new();
	verifier->body_hash = dkim_body_want(verifier->body, pool, last->body_canon, last->length);
	return verifier;
}

void arc_verify_body(void *context, const char *data, size_t len)
{
	struct arc_verifier *verifier = context;

	if (verifier->body != NULL)
		dkim_body_add(verifier->body, data, len);
}

void arc_verify_free(struct arc_verifier *verifier)
{
	if (verifier == NULL)
		return;
	dkim_hash_free(verifier->hash);
	dkim_body_free(verifier->body);
	free(verifier);
}

/* conclude_chain - the verdict */
static void conclude_chain(struct arc_result *result, enum result word, const char *reason)
{
	result->result = word;
	result->reason = reason;
}

/* hash_step - one field; false if all of them together are too many octets */
static bool hash_step(struct arc_verifier *verifier, struct dkim_canon_writer *writer,
		      enum dkim_canon canon, const struct field *field)
{
	verifier->octets += field->raw.len;
	if (verifier->octets > ARC_SEALED_OCTETS)
		return false;
	dkim_canon_field(writer, canon, field);
	return true;
}

/* hash_message - what the signature of the last set covers (RFC 6376 section 3.7) */
static bool hash_message(struct arc_verifier *verifier, const struct arc_set *set,
			 struct dkim_canon_writer *writer)
{
	const struct dkim_signature *signature = &set->message_signature;
	struct dkim_header *header = signed_fields_new(verifier->pool, verifier->message);
	struct slice rest = signature->names;
	struct slice name;

	signed_fields_restart(header, set->message);
	while (dkim_tag_next_item(&rest, &name)) {
		const struct field *field = signed_fields_take(header, name);

		if (field != NULL && !hash_step(verifier, writer, signature->header_canon, field))
			return false;
	}
	dkim_canon_signature(writer, signature->header_canon, set->message, signature->b_value);
	return true;
}

/* hash_seals - what the seal of a set covers: all sets up to it (RFC 8617 section 5.1.1) */
static bool hash_seals(struct arc_verifier *verifier, unsigned instance,
		       struct dkim_canon_writer *writer)
{
	const struct arc_set *last = &verifier->sets[instance];

	for (unsigned i = 1; i <= instance; i++) {
		const struct arc_set *set = &verifier->sets[i];

		if (!hash_step(verifier, writer, DKIM_CANON_RELAXED, set->results) ||
		    !hash_step(verifier, writer, DKIM_CANON_RELAXED, set->message) ||
		    (i < instance && !hash_step(verifier, writer, DKIM_CANON_RELAXED, set->seal)))
			return false;
	}
	dkim_canon_signature(writer, DKIM_CANON_RELAXED, last->seal, last->seal_signature.b_value);
	return true;
}

/* signed_by_record - is the digest signed with the key of this record? *reason says why not */
static bool signed_by_record(const struct arc_verifier *verifier,
			     const struct dkim_signature *signature,
			     const unsigned char digest[DKIM_HASH_LEN], struct slice record,
			     const char **reason)
{
	struct key_record key;
	enum result ignored;

	if (!key_record_parse(verifier->pool, record, &key, &ignored, reason))
		return false;
	*reason = "key type and a= differ";
	if (key.public_key.type != signature->key_type)
		return false;
	*reason = pool_printf(verifier->pool, "key has %u bits, fewer than %u", key.public_key.bits,
			      verifier->policy.min_key_bits);
	if (key.public_key.type == DKIM_KEY_RSA &&
	    key.public_key.bits < verifier->policy.min_key_bits)
		return false;
	*reason = "signature does not match";
	return public_key_verify(&key.public_key, digest, signature->signature);
}

/* is_signed - by any of the key records; false with the verdict in result */
static bool is_signed(struct arc_verifier *verifier, const struct dkim_signature *signature,
		      const char *what, struct dns *dns, struct dns_budget *budget,
		      struct arc_result *result)
{
	unsigned char digest[DKIM_HASH_LEN];
	const char *reason;
	enum result lookup;
	const struct dns_answer *answer = key_lookup(
	    verifier->pool, dns, budget, signature->selector, signature->domain, &lookup, &reason);

	dkim_hash_digest(verifier->hash, digest);
	for (size_t i = 0; answer != NULL && i < answer->count && i < DKIM_KEY_RECORDS_MAX; i++) {
		if (signed_by_record(verifier, signature, digest, answer->records[i].text, &reason))
			return true;
	}
	conclude_chain(
	    result, answer == NULL && lookup == RESULT_TEMPERROR ? RESULT_TEMPERROR : RESULT_FAIL,
	    pool_printf(verifier->pool, "%s %u, d=%s: %s", what, signature->instance,
			signature->domain, reason));
	return false;
}

/* check_message - step 4: the last set signs the message as it is */
static bool check_message(struct arc_verifier *verifier, struct dns *dns, struct dns_budget *budget,
			  struct arc_result *result)
{
	const struct arc_set *set = &verifier->sets[verifier->count];
	const struct dkim_signature *signature = &set->message_signature;
	struct dkim_canon_writer writer;
	const char *reason = NULL;

	dkim_hash_restart(verifier->hash);
	dkim_canon_writer_init(&writer, dkim_hash_add, verifier->hash);
	if (!verifier->body_hash->complete)
		reason = "l= is larger than the body";
	else if (dkim_body_length(verifier->body, signature->body_canon) > signature->length)
		reason = "a part of the body is not signed (l=)";
	else if (signature->expiry < (unsigned long long)verifier->policy.now)
		reason = "signature expired";
	else if (memcmp(verifier->body_hash->digest, signature->body_hash.data, DKIM_HASH_LEN) != 0)
		reason = "body hash does not match";
	else if (!hash_message(verifier, set, &writer))
		reason = "too much header text is signed";
	if (reason != NULL) {
		conclude_chain(result, RESULT_FAIL,
			       pool_printf(verifier->pool, "ARC-Message-Signature %u: %s",
					   verifier->count, reason));
		return false;
	}
	dkim_canon_flush(&writer);
	return is_signed(verifier, signature, "ARC-Message-Signature", dns, budget, result);
}

/* check_seal - step 6: each set is sealed by who it says */
static bool check_seal(struct arc_verifier *verifier, unsigned instance, struct dns *dns,
		       struct dns_budget *budget, struct arc_result *result)
{
	struct dkim_canon_writer writer;

	dkim_hash_restart(verifier->hash);
	dkim_canon_writer_init(&writer, dkim_hash_add, verifier->hash);
	if (!hash_seals(verifier, instance, &writer)) {
		conclude_chain(result, RESULT_FAIL, "too much header text is sealed");
		return false;
	}
	dkim_canon_flush(&writer);
	return is_signed(verifier, &verifier->sets[instance].seal_signature, "ARC-Seal", dns,
			 budget, result);
}

/* passed_author - the author domain that the results of set 1 have dmarc=pass for, or NULL */
static const char *passed_author(const struct arc_verifier *verifier)
{
	struct authres authres;

	if (!authres_parse(verifier->pool, verifier->sets[1].found, &authres))
		return NULL;
	for (size_t i = 0; i < authres.count; i++) {
		const struct authres_result *found = &authres.results[i];
		const char *from = authres_property(found, "header", "from");

		if (strcmp(found->method, "dmarc") == 0 && found->result == RESULT_PASS &&
		    from != NULL)
			return domain_canonical(verifier->pool, slice_of(from));
	}
	return NULL;
}

/* add_sealer - one that has not been named yet */
static void add_sealer(struct arc_result *result, const char *domain)
{
	for (unsigned i = 0; i < result->sealer_count; i++) {
		if (domain_equal(result->sealers[i], domain))
			return;
	}
	result->sealers[result->sealer_count++] = domain;
}

/* describe_chain - of one that passes: who has sealed it */
static void describe_chain(const struct arc_verifier *verifier, struct arc_result *result)
{
	conclude_chain(result, RESULT_PASS, NULL);
	result->sets = verifier->count;
	result->sealers = pool_alloc(verifier->pool, verifier->count * sizeof(*result->sealers));
	for (unsigned i = 1; i <= verifier->count; i++)
		add_sealer(result, verifier->sets[i].seal_signature.domain);
	result->passed_author = passed_author(verifier);
}

/* judge_chain - steps 4 to 7 */
static void judge_chain(struct arc_verifier *verifier, struct dns *dns, struct dns_budget *budget,
			struct arc_result *result)
{
	dkim_body_finish(verifier->body);
	if (!check_message(verifier, dns, budget, result))
		return;
	for (unsigned i = verifier->count; i > 0; i--) {
		if (!check_seal(verifier, i, dns, budget, result))
			return;
	}
	describe_chain(verifier, result);
}

void arc_verify_finish(struct arc_verifier *verifier, struct dns *dns, struct dns_budget *budget,
		       struct arc_result *result)
{
	*result = (struct arc_result){.result = RESULT_NONE};
	if (verifier->broken != NULL)
		conclude_chain(result, RESULT_FAIL, verifier->broken);
	else if (verifier->count > 0)
		judge_chain(verifier, dns, budget, result);
	trace_print(verifier->trace, "ARC: %s%s%s", result_word(result->result),
		    result->reason != NULL ? ", " : "",
		    result->reason != NULL ? result->reason : "");
}
