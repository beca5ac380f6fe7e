/*
 * rejection - whether a message is really rejected; see dmarc/rejection.h
 *
 * RFC 2919 (List-Id), RFC 2369 (List-Post), RFC 5322 3.6.6 (Resent-From), RFC 8617 (ARC). SRS is
 * how forwarders rewrite MAIL FROM; there is no RFC on it.
 */
#include "dmarc/rejection.h"

#include "base/pool.h"
#include "mail/domain.h"

/* Fields that only mail has which somebody has passed on. */
static const char *const indirect_fields[] = {"List-Id", "List-Post", "Resent-From"};

/* Begins a local part that a forwarder has rewritten. */
static const char *const srs_prefixes[] = {"SRS0=", "SRS0-", "SRS0+", "SRS1=", "SRS1-", "SRS1+"};

#define MEMBERS(set) (sizeof(set) / sizeof((set)[0]))

/* field_sign - one of the fields above */
static const char *field_sign(struct pool *pool, const struct message *message)
{
	for (size_t i = 0; i < MEMBERS(indirect_fields); i++) {
		if (message_find(message, indirect_fields[i], 0) != message_field_count(message))
			return pool_printf(pool, "it has a %s field", indirect_fields[i]);
	}
	return NULL;
}

/* sender_sign - MAIL FROM as a forwarder rewrites it */
static const char *sender_sign(const char *sender)
{
	struct slice path = slice_of(sender);

	if (path.len > 0 && path.data[0] == '<')
		path = slice_skip(path, 1);
	for (size_t i = 0; i < MEMBERS(srs_prefixes); i++) {
		if (slice_starts_nocase(path, srs_prefixes[i]))
			return "its sender has been rewritten by a forwarder (SRS)";
	}
	return NULL;
}

/* is_list_domain - is a domain, or a List-Id at it or below it, in the file of lists? */
static bool is_list_domain(const struct host_list *lists, const char *domain)
{
	return lists != NULL && host_list_contains(lists, NULL, domain);
}

/* signature_sign - a signature of a list that passed */
static const char *signature_sign(struct pool *pool, const struct dmarc_local_rules *rules,
				  const struct dmarc_input *input)
{
	for (size_t i = 0; i < input->dkim_count; i++) {
		const struct dmarc_identifier *item = &input->dkim[i];

		if (item->result == RESULT_PASS && item->domain != NULL &&
		    is_list_domain(rules->lists, item->domain))
			return pool_printf(pool, "the mailing list %s has signed it", item->domain);
	}
	return NULL;
}

const char *dmarc_indirect_sign(struct pool *pool, const struct dmarc_local_rules *rules,
				const struct message *message, const struct dmarc_input *input,
				const char *sender)
{
	const char *sign = field_sign(pool, message);

	if (sign == NULL)
		sign = signature_sign(pool, rules, input);
	if (sign == NULL && input->arc.result == RESULT_PASS)
		sign = "it has a valid ARC chain";
	if (sign == NULL)
		sign = sender_sign(sender);
	return sign;
}

/* is_published_only - is it rejected because the domain asks for it, not because we do? */
static bool is_published_only(const struct dmarc_result *result)
{
	return result->disposition == DMARC_DISPOSITION_REJECT && result->local_reason == NULL;
}

bool dmarc_rejection_needs_history(enum dmarc_reject reject, const struct dmarc_result *result,
				   const char *indirect_sign)
{
	return reject == DMARC_REJECT_KNOWN && indirect_sign == NULL && is_published_only(result);
}

/* is_well_known - has enough of its mail passed? */
static bool is_well_known(const struct dmarc_acquaintance *acquaintance)
{
	return acquaintance != NULL && acquaintance->is_known &&
	       acquaintance->messages >= KNOWN_MESSAGES_MIN && acquaintance->days >= KNOWN_DAYS_MIN;
}

/* acquaintance_text - "412 messages of bank.example passed on 23 of the last 30 days" */
static const char *acquaintance_text(struct pool *pool,
				     const struct dmarc_acquaintance *acquaintance,
				     const char *domain)
{
	if (acquaintance == NULL)
		return pool_printf(pool, "there is no history of %s", domain);
	if (!acquaintance->is_known)
		return "the history cannot be read";
	return pool_printf(pool, "%llu message%s of %s passed on %llu of the last %d days",
			   acquaintance->messages, acquaintance->messages == 1 ? "" : "s", domain,
			   acquaintance->days, KNOWN_PERIOD);
}

/* soften - quarantine is all that is left; the comment goes into reports and is one of a few */
static void soften(struct dmarc_result *result, struct dmarc_overrides *overrides,
		   const char *comment)
{
	result->disposition = DMARC_DISPOSITION_QUARANTINE;
	dmarc_override_add(overrides, DMARC_LOCAL_POLICY, comment);
}

/* settle_known - DMARC_REJECT_KNOWN */
static void settle_known(struct pool *pool, const struct dmarc_acquaintance *acquaintance,
			 const char *indirect_sign, struct dmarc_result *result,
			 struct dmarc_overrides *overrides)
{
	const char *known;

	if (indirect_sign != NULL) {
		soften(result, overrides, "not rejected: may have come indirectly");
		dmarc_note(pool, result, "not rejected: %s", indirect_sign);
		return;
	}
	if (!is_published_only(result))
		return;
	known = acquaintance_text(pool, acquaintance, result->author_domain);
	if (is_well_known(acquaintance)) {
		dmarc_note(pool, result, "%s; no list, no forwarder", known);
		return;
	}
	soften(result, overrides, "not rejected: too little is known of the domain");
	dmarc_note(pool, result, "not rejected: %s", known);
}

void dmarc_settle_rejection(struct pool *pool, enum dmarc_reject reject,
			    const struct dmarc_acquaintance *acquaintance,
			    const char *indirect_sign, struct dmarc_result *result,
			    struct dmarc_overrides *overrides)
{
	if (result->disposition != DMARC_DISPOSITION_REJECT)
		return;
	if (reject == DMARC_REJECT_NEVER)
		soften(result, overrides, "nothing is rejected here");
	else if (reject == DMARC_REJECT_KNOWN)
		settle_known(pool, acquaintance, indirect_sign, result, overrides);
}
