/*
 * verify - the verdict on each signature of a message (RFC 6376 section 6); see dkim/verify.h
 *
 * Before the body: signatures are read and those to be verified are chosen. With the
 * body: it is hashed as the chosen ones want it. After the body: each signature is judged alone.
 * What the message itself tells comes before the key (RFC 6376 section 6.1.3 before 6.1.2), because
 * a stranger can name a key whose DNS is slow: that must not make a temperror of a failure.
 */
#include "dkim/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "dkim/body_hash.h"
#include "dkim/copied_fields.h"
#include "dkim/digest.h"
#include "dkim/key_lookup.h"
#include "dkim/key_record.h"
#include "dkim/signature.h"
#include "dkim/signed_fields.h"
#include "dkim/tag_values.h"
#include "mail/domain.h"

/* Header octets hashed for all signatures together; RFC 6376 6.1 lets a verifier limit its work */
#define HEADER_OCTETS_MAX (2 * (size_t)MESSAGE_HEADER_MAX)

/* Of an organizational domain, mostly. This is only about who comes first, so nobody is asked. */
#define ORGANIZATION_LABELS 2

/* How much a signature can say about the author domain (RFC 9989 alignment), best first. */
enum closeness {
	SAME_DOMAIN,
	PARENT_DOMAIN,  /* above the author domain, so it is the author's as well */
	RELATED_DOMAIN, /* may have the same organizational domain */
	OTHER_DOMAIN,
};

/* One signature of the message. */
struct job {
	const struct field *field;
	enum closeness closeness; /* only if it may be used */
	bool needs_key;           /* the message itself says nothing against it */
	struct dkim_signature signature;
	const char *blocked_reason; /* why it must not be used, or NULL */
	enum result blocked_result;
	const struct dkim_body_hash *body_hash; /* NULL unless it was chosen */
	bool header_too_large;
	unsigned char header_digest[DKIM_HASH_LEN];
};

struct dkim_verifier {
	struct pool *pool;
	const struct message *message;
	struct dkim_policy policy;
	const struct trace *trace;
	struct job *jobs;
	size_t job_count;
	bool has_rivals; /* several author domains: one of them may be a stranger's */
	/* Only if a signature was chosen: */
	struct dkim_body *body;
	struct dkim_hash *header_hash;
	struct dkim_header *header;
	size_t header_octets; /* hashed for all signatures */
};

static bool is_signature(const struct field *field)
{
	return slice_is_nocase(field->name, "DKIM-Signature");
}

/* find_signatures - one job for each DKIM-Signature field, topmost first */
static void find_signatures(struct dkim_verifier *verifier)
{
	const struct message *message = verifier->message;
	size_t field_count = message_field_count(message);
	struct job *job;

	for (size_t i = 0; i < field_count; i++)
		verifier->job_count += is_signature(message_field(message, i));
	verifier->jobs = pool_alloc(verifier->pool, verifier->job_count * sizeof(*job));
	job = verifier->jobs;
	for (size_t i = 0; i < field_count; i++) {
		if (!is_signature(message_field(message, i)))
			continue;
		job->field = message_field(message, i);
		dkim_signature_parse(verifier->pool, job->field, &job->signature,
				     &job->blocked_result, &job->blocked_reason);
		job++;
	}
}

static enum closeness closeness_between(const char *domain, const char *author_domain)
{
	if (domain_equal(domain, author_domain))
		return SAME_DOMAIN;
	if (domain_is_within(author_domain, domain))
		return PARENT_DOMAIN;
	if (domain_is_within(domain, author_domain) ||
	    domain_equal(domain_last_labels(domain, ORGANIZATION_LABELS),
			 domain_last_labels(author_domain, ORGANIZATION_LABELS)))
		return RELATED_DOMAIN;
	return OTHER_DOMAIN;
}

/* closeness_of - to the closest of the authors */
static enum closeness closeness_of(const struct job *job, const struct author *author)
{
	enum closeness best = OTHER_DOMAIN;

	for (size_t i = 0; i < author->count; i++) {
		enum closeness closeness =
		    closeness_between(job->signature.domain, author->domains[i]);

		if (closeness < best)
			best = closeness;
	}
	return best;
}

/* choose - asks for the body hash of as many signatures as the policy wants to be verified */
static void choose(struct dkim_verifier *verifier, const struct author *author)
{
	unsigned left = verifier->policy.max_signatures;

	for (size_t i = 0; i < verifier->job_count; i++) {
		if (verifier->jobs[i].blocked_reason == NULL)
			verifier->jobs[i].closeness = closeness_of(&verifier->jobs[i], author);
	}
	for (enum closeness closeness = SAME_DOMAIN; closeness <= OTHER_DOMAIN; closeness++) {
		for (size_t i = 0; i < verifier->job_count && left > 0; i++) {
			struct job *job = &verifier->jobs[i];

			if (job->blocked_reason != NULL || job->closeness != closeness)
				continue;
			job->body_hash =
			    dkim_body_want(verifier->body, verifier->pool,
					   job->signature.body_canon, job->signature.length);
			left--;
		}
	}
}

/* has_usable - is there a signature worth reading the body for? */
static bool has_usable(const struct dkim_verifier *verifier)
{
	for (size_t i = 0; i < verifier->job_count; i++) {
		if (verifier->jobs[i].blocked_reason == NULL)
			return verifier->policy.max_signatures > 0;
	}
	return false;
}

struct dkim_verifier *dkim_verify_new(struct pool *pool, const struct message *message,
				      const struct dkim_policy *policy, const struct author *author,
				      const struct trace *trace)
{
	struct dkim_verifier *verifier = memory_alloc(sizeof(*verifier));

	verifier->pool = pool;
	verifier->message = message;
	verifier->policy = *policy;
	verifier->trace = trace;
	find_signatures(verifier);
	if (!has_usable(verifier))
		return verifier;
	verifier->body = dkim_body_new();
	verifier->header_hash = dkim_hash_new();
	verifier->header = signed_fields_new(pool, message);
	verifier->has_rivals = author->count > 1;
	choose(verifier, author);
	return verifier;
}

void dkim_verify_free(struct dkim_verifier *verifier)
{
	if (verifier == NULL)
		return;
	dkim_hash_free(verifier->header_hash);
	dkim_body_free(verifier->body);
	free(verifier);
}

void dkim_verify_body(void *context, const char *data, size_t len)
{
	struct dkim_verifier *verifier = context;

	if (verifier->body != NULL)
		dkim_body_add(verifier->body, data, len);
}

/* conclude - there is a verdict; returns true */
static bool conclude(struct dkim_result *result, enum result word, const char *reason)
{
	result->result = word;
	result->reason = reason;
	return true;
}

/* hash_fields - the fields that h= names, then the signature; false if that is too much */
static bool hash_fields(struct dkim_verifier *verifier, const struct job *job)
{
	const struct dkim_signature *signature = &job->signature;
	struct dkim_canon_writer writer;
	struct slice rest = signature->names;
	struct slice name;

	dkim_hash_restart(verifier->header_hash);
	signed_fields_restart(verifier->header, job->field);
	dkim_canon_writer_init(&writer, dkim_hash_add, verifier->header_hash);
	verifier->header_octets += job->field->raw.len;
	while (dkim_tag_next_item(&rest, &name)) {
		const struct field *field = signed_fields_take(verifier->header, name);

		if (field == NULL)
			continue;
		verifier->header_octets += field->raw.len;
		if (verifier->header_octets > HEADER_OCTETS_MAX)
			return false;
		dkim_canon_field(&writer, signature->header_canon, field);
	}
	dkim_canon_signature(&writer, signature->header_canon, job->field, signature->b_value);
	dkim_canon_flush(&writer);
	return true;
}

/* hash_header - the digest that was signed */
static void hash_header(struct dkim_verifier *verifier, struct job *job)
{
	job->header_too_large = !hash_fields(verifier, job);
	dkim_hash_digest(verifier->header_hash, job->header_digest);
}

/* settle_by_key - true if key and signature do not go together, which is a verdict */
static bool settle_by_key(const struct job *job, const struct key_record *key,
			  struct dkim_result *result)
{
	const struct dkim_signature *signature = &job->signature;

	if (key->public_key.type != signature->key_type)
		return conclude(result, RESULT_PERMERROR, "key type and a= differ");
	if (key->strict && !domain_equal(signature->identity_domain, signature->domain))
		return conclude(result, RESULT_PERMERROR,
				"key does not allow i= in a subdomain (t=s)");
	return false;
}

/* judge_pass - what a site may have against a signature that is good */
static void judge_pass(const struct dkim_verifier *verifier, const struct key_record *key,
		       struct dkim_result *result)
{
	conclude(result, RESULT_PASS, NULL);
	if (key->public_key.type == DKIM_KEY_RSA &&
	    key->public_key.bits < verifier->policy.min_key_bits)
		conclude(result, RESULT_POLICY,
			 pool_printf(verifier->pool, "key has %u bits, fewer than %u",
				     key->public_key.bits, verifier->policy.min_key_bits));
	else if (result->unsigned_bytes > 0 && !verifier->policy.allow_length)
		conclude(result, RESULT_POLICY,
			 pool_printf(verifier->pool, "%llu octets of the body are not signed (l=)",
				     result->unsigned_bytes));
}

/* explain_body - all that can be said of a body with another hash; where it differs a hash hides */
static void explain_body(const struct dkim_verifier *verifier, const struct job *job,
			 const struct dkim_result *result)
{
	enum dkim_canon canon = job->signature.body_canon;

	trace_print(
	    verifier->trace,
	    "signature %zu: the body, %llu octets%s, %llu of them signed, was changed after "
	    "signing",
	    result->index, dkim_body_length(verifier->body, canon),
	    canon == DKIM_CANON_RELAXED ? " in relaxed form" : "",
	    dkim_body_length(verifier->body, canon) - result->unsigned_bytes);
}

/* explain_header - which field was changed? Only copies of them can tell */
static void explain_header(struct dkim_verifier *verifier, const struct job *job,
			   const struct dkim_result *result)
{
	const char *name = NULL;

	if (!trace_is_on(verifier->trace))
		return;
	signed_fields_restart(verifier->header, job->field);
	if (job->signature.copies.len > 0)
		name =
		    copied_fields_changed(verifier->pool, verifier->header, job->signature.copies);
	trace_print(verifier->trace,
		    "signature %zu: the body is as it was signed; %s was changed after signing%s",
		    result->index, name != NULL ? name : "a field in h= or the signature itself",
		    name != NULL ? " (z=)" : ", or the key in DNS is not that of the signer");
}

/* settle_by_hashes - true if body or header section alone rule a pass out (RFC 6376 6.1.3) */
static bool settle_by_hashes(struct dkim_verifier *verifier, struct job *job,
			     struct dkim_result *result)
{
	const struct dkim_signature *signature = &job->signature;

	if (memcmp(job->body_hash->digest, signature->body_hash.data, DKIM_HASH_LEN) != 0) {
		explain_body(verifier, job, result);
		return conclude(result, RESULT_FAIL, "body hash does not match");
	}
	hash_header(verifier, job);
	if (job->header_too_large)
		return conclude(result, RESULT_POLICY, "too much header text is signed");
	return false;
}

/* settle_by_message - true if there is a verdict without a key */
static bool settle_by_message(struct dkim_verifier *verifier, struct job *job,
			      struct dkim_result *result)
{
	if (job->blocked_reason != NULL)
		return conclude(result, job->blocked_result, job->blocked_reason);
	if (job->body_hash == NULL)
		return conclude(result, RESULT_POLICY,
				pool_printf(verifier->pool, "more than %u signatures",
					    verifier->policy.max_signatures));
	if (!job->body_hash->complete)
		return conclude(result, RESULT_PERMERROR, "l= is larger than the body");
	if (job->signature.expiry < (unsigned long long)verifier->policy.now)
		return conclude(result, RESULT_FAIL, "signature expired");
	return settle_by_hashes(verifier, job, result);
}

/* judge_hash - RFC 6376 section 6.1.3, step 4 */
static void judge_hash(struct dkim_verifier *verifier, struct job *job,
		       const struct key_record *key, struct dkim_result *result)
{
	if (public_key_verify(&key->public_key, job->header_digest, job->signature.signature)) {
		judge_pass(verifier, key, result);
		return;
	}
	explain_header(verifier, job, result);
	conclude(result, RESULT_FAIL, "signature does not match");
}

/* judge_record - the verdict by one key record */
static void judge_record(struct dkim_verifier *verifier, struct job *job, struct slice record,
			 struct dkim_result *result)
{
	struct key_record key;
	enum result key_result;
	const char *reason;
	bool usable = key_record_parse(verifier->pool, record, &key, &key_result, &reason);

	result->key_bits = key.public_key.bits;
	result->testing = key.testing;
	if (!usable)
		conclude(result, key_result, reason);
	else if (!settle_by_key(job, &key, result))
		judge_hash(verifier, job, &key, result);
}

/* is_better - which of two verdicts by different key records counts; the first of equal ones */
static bool is_better(enum result verdict, enum result other)
{
	static const unsigned ranks[] = {
	    [RESULT_PASS] = 3, [RESULT_POLICY] = 2, [RESULT_FAIL] = 1, [RESULT_PERMERROR] = 0};

	return ranks[verdict] > ranks[other];
}

/* judge_records - the best verdict by any of the records (RFC 6376 section 6.1.2, step 4) */
static void judge_records(struct dkim_verifier *verifier, struct job *job,
			  const struct dns_answer *answer, struct dkim_result *result)
{
	struct dkim_result unjudged = *result;

	for (size_t i = 0; i < answer->count && i < DKIM_KEY_RECORDS_MAX; i++) {
		struct dkim_result verdict = unjudged;

		judge_record(verifier, job, answer->records[i].text, &verdict);
		if (i == 0 || is_better(verdict.result, result->result))
			*result = verdict;
	}
}

/* judge_by_key - the verdict on a signature that may pass */
static void judge_by_key(struct dkim_verifier *verifier, struct job *job, struct dns *dns,
			 struct dns_budget *budget, struct dkim_result *result)
{
	const struct dkim_signature *signature = &job->signature;
	const struct dns_answer *answer =
	    key_lookup(verifier->pool, dns, budget, signature->selector, signature->domain,
		       &result->result, &result->reason);

	if (answer != NULL)
		judge_records(verifier, job, answer, result);
}

/* describe - everything about a signature but the verdict */
static struct dkim_result describe(const struct dkim_verifier *verifier, size_t index)
{
	const struct job *job = &verifier->jobs[index];
	const struct dkim_signature *signature = &job->signature;
	struct dkim_result result = {
	    .domain = signature->domain,
	    .selector = signature->selector,
	    .identity = signature->identity_text,
	    .algorithm = signature->algorithm_text,
	    .signature = signature->signature_text,
	    .index = index,
	    .verified = job->body_hash != NULL,
	};
	unsigned long long length;

	if (job->body_hash == NULL)
		return result;
	length = dkim_body_length(verifier->body, signature->body_canon);
	if (signature->length < length)
		result.unsigned_bytes = length - signature->length;
	return result;
}

/* settle_signature - all that can be said of one signature of that closeness without DNS */
static void settle_signature(struct dkim_verifier *verifier, size_t index, enum closeness closeness,
			     struct dkim_result *results)
{
	struct job *job = &verifier->jobs[index];

	if (job->closeness != closeness)
		return;
	results[index] = describe(verifier, index);
	job->needs_key = !settle_by_message(verifier, job, &results[index]);
}

static void explain_signature(const struct dkim_verifier *verifier,
			      const struct dkim_result *result)
{
	trace_print(verifier->trace, "signature %zu, d=%s s=%s a=%s: %s%s%s", result->index,
		    result->domain != NULL ? result->domain : "?",
		    result->selector != NULL ? result->selector : "?",
		    result->algorithm != NULL ? result->algorithm : "?",
		    result_word(result->result), result->reason != NULL ? ", " : "",
		    result->reason != NULL ? result->reason : "");
}

/* count_open - the signatures of that closeness that wait for their keys */
static size_t count_open(const struct dkim_verifier *verifier, enum closeness closeness)
{
	size_t count = 0;

	for (size_t i = 0; i < verifier->job_count; i++)
		count +=
		    verifier->jobs[i].needs_key && verifier->jobs[i].closeness == closeness ? 1 : 0;
	return count;
}

/* share_of - the part of a group's time for the next signature of those that are left in it */
static struct dns_budget share_of(const struct dkim_verifier *verifier,
				  const struct dns_budget *group, enum closeness closeness,
				  size_t left)
{
	double seconds = dns_budget_left(group) / (double)left;

	if (closeness <= PARENT_DOMAIN)
		return verifier->has_rivals ? dns_budget_part(group, seconds) : *group;
	return dns_budget_part(
	    group, seconds < DKIM_FOREIGN_SECONDS_MAX ? seconds : DKIM_FOREIGN_SECONDS_MAX);
}

/* judge_group - those that wait for their keys, of one closeness */
static void judge_group(struct dkim_verifier *verifier, enum closeness closeness, double seconds,
			struct dns *dns, struct dns_budget *budget, struct dkim_result *results)
{
	struct dns_budget group =
	    closeness <= PARENT_DOMAIN ? *budget : dns_budget_part(budget, seconds);
	size_t left = count_open(verifier, closeness);

	for (size_t i = 0; i < verifier->job_count; i++) {
		struct job *job = &verifier->jobs[i];
		struct dns_budget share;

		if (!job->needs_key || job->closeness != closeness)
			continue;
		share = share_of(verifier, &group, closeness, left--);
		judge_by_key(verifier, job, dns, &share, &results[i]);
		group.queries = share.queries;
	}
	budget->queries = group.queries;
}

struct dkim_result *dkim_verify_finish(struct dkim_verifier *verifier, struct dns *dns,
				       struct dns_budget *budget, size_t *count)
{
	const double foreign_seconds = dns_budget_left(budget) / DKIM_FOREIGN_PARTS_MAX;
	struct dkim_result *results =
	    pool_alloc(verifier->pool, verifier->job_count * sizeof(*results));

	*count = verifier->job_count;
	if (verifier->body != NULL)
		dkim_body_finish(verifier->body);
	for (enum closeness closeness = SAME_DOMAIN; closeness <= OTHER_DOMAIN; closeness++) {
		for (size_t i = 0; i < verifier->job_count; i++)
			settle_signature(verifier, i, closeness, results);
		judge_group(verifier, closeness, foreign_seconds, dns, budget, results);
	}
	for (size_t i = 0; i < verifier->job_count; i++)
		explain_signature(verifier, &results[i]);
	return results;
}
