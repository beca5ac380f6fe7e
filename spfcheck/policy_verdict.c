/*
 * policy_verdict - what the options make of a result; see policy_verdict.h
 */
#include "policy_verdict.h"

#include <string.h>

#include "base/pool.h"
#include "mail/authres_write.h"
#include "mail/domain.h"
#include "spf/spf_received.h"

#define REPLY_MAX 510  /* RFC 5321 4.5.3.1.5: 512 octets of a reply line with CRLF */
#define TEXT_MIN  64   /* octets of our text, even where a recipient leaves less */
#define TEXT_MAX  2048 /* of a text before it is cut */

/* What Postfix puts between the status code and our text, around the recipient. */
#define POSTFIX_TEXT "<>: Recipient address rejected: "

/* level_of - what the options say about an identity */
static enum policy_level level_of(const struct policy_options *options,
				  const struct spf_result *result, bool is_bounce)
{
	bool by_helo = is_bounce || result->identity == SPF_HELO;
	enum policy_level level = by_helo ? options->reject_helo : options->reject_mailfrom;

	if (level == POLICY_NULL && !is_bounce)
		return POLICY_NEVER;
	if (result->domain[0] != '\0' &&
	    policy_list_contains(&options->not_pass, NULL, result->domain))
		return POLICY_NOT_PASS;
	return level;
}

/* is_rejected - is that a result that this level rejects? */
static bool is_rejected(enum policy_level level, enum result result)
{
	switch (result) {
	case RESULT_FAIL: return true;
	case RESULT_SOFTFAIL: return level >= POLICY_SOFTFAIL;
	case RESULT_NEUTRAL: return level >= POLICY_NOT_PASS;
	default: return false;
	}
}

const char *policy_refusal_status(const struct policy_options *options,
				  const struct spf_result *result, bool is_bounce)
{
	enum policy_level level = level_of(options, result, is_bounce);

	if (level <= POLICY_NEVER)
		return NULL;
	if (result->result == RESULT_TEMPERROR && options->defer_temperror)
		return "DEFER_IF_PERMIT 4.4.3"; /* RFC 7208 8.6; a reject after us still counts */
	if (options->only_no_mail && !result->sends_no_mail)
		return NULL;
	if (is_rejected(level, result->result))
		return "550 5.7.23"; /* RFC 7372 3.2 */
	if (result->result == RESULT_PERMERROR && options->reject_permerror)
		return "550 5.7.24"; /* RFC 7372 3.2 */
	return NULL;
}

/* explanation_of - what the result says, and the domain itself */
static const char *explanation_of(struct pool *pool, const struct spf_result *result)
{
	const char *identity = result->identity == SPF_HELO ? "HELO" : "MAIL FROM";

	if (result->explanation != NULL)
		return pool_printf(pool, "SPF %s of %s, %s explains: %s",
				   result_word(result->result), identity, result->domain,
				   result->explanation);
	return pool_printf(pool, "SPF %s of %s: %s", result_word(result->result), identity,
			   result->reason);
}

/* fill_in - the text of --reject-text */
static const char *fill_in(struct pool *pool, const char *text, const char *spf, bool is_rejection)
{
	struct buffer filled;
	const char *whole;

	buffer_init(&filled, TEXT_MAX);
	while (*text != '\0') {
		bool is_spf = strncmp(text, "{spf}", 5) == 0;
		bool is_word = strncmp(text, "{rejectdefer}", 13) == 0;

		if (is_spf)
			buffer_add_text(&filled, spf);
		else if (is_word)
			buffer_add_text(&filled, is_rejection ? "rejected" : "deferred");
		else
			buffer_add_byte(&filled, *text);
		text += is_spf ? 5 : is_word ? 13 : 1;
	}
	whole = slice_copy(pool, buffer_slice(&filled));
	buffer_free(&filled);
	return whole;
}

const char *policy_refusal(struct pool *pool, const struct policy_options *options,
			   const char *status, const struct spf_result *result,
			   const char *recipient)
{
	size_t taken = strlen(status) + 1 + strlen(POSTFIX_TEXT) + strlen(recipient);
	size_t room = taken + TEXT_MIN < REPLY_MAX ? REPLY_MAX - taken : TEXT_MIN;
	const char *text = explanation_of(pool, result);

	if (options->reject_text != NULL)
		text = fill_in(pool, options->reject_text, text, status[0] == '5');
	return pool_printf(pool, "%s %.*s", status, (int)room, text);
}

bool policy_helo_matters(const struct policy_options *options)
{
	if (options->reject_helo == POLICY_NO_CHECK)
		return false;
	return options->reject_helo >= POLICY_FAIL || options->not_pass.list != NULL ||
	       options->helo_pass != NULL || options->reject_mailfrom == POLICY_NO_CHECK;
}

/* allowed_by_domain - the SPF record of a listed domain permits the client */
static const char *allowed_by_domain(struct pool *pool, const struct policy_options *options,
				     const struct spf_query *query, struct dns *dns,
				     struct dns_budget *budget)
{
	const struct host_list *list = options->allow_domains.list;
	struct spf_query forwarder = *query;
	struct spf_result result;

	for (size_t i = 0; list != NULL && i < host_list_count(list); i++) {
		const char *domain = host_list_name(list, i);

		if (domain == NULL)
			continue;
		forwarder.helo = domain;
		forwarder.sender = pool_printf(pool, "postmaster@%s", domain);
		spf_check(pool, &forwarder, SPF_MAILFROM, dns, budget, NULL, &result);
		if (result.result == RESULT_PASS)
			return pool_printf(
			    pool, "SPF of %s, in --allow-domains, permits the client", domain);
	}
	return NULL;
}

/* allowed_by_ptr - one of the client's validated names lies below a listed domain */
static const char *allowed_by_ptr(struct pool *pool, const struct policy_options *options,
				  const struct spf_query *query, struct dns *dns,
				  struct dns_budget *budget)
{
	const struct host_list *list = options->allow_ptr.list;

	for (size_t i = 0; list != NULL && i < host_list_count(list); i++) {
		const char *domain = host_list_name(list, i);

		if (domain != NULL &&
		    spf_client_is_below(pool, &query->client, domain, dns, budget))
			return pool_printf(pool, "the client's name is in %s, in --allow-ptr",
					   domain);
	}
	return NULL;
}

/* allowed_by_helo - anybody can say a name, so the address has to be that of the host */
static const char *allowed_by_helo(struct pool *pool, const struct policy_options *options,
				   const struct spf_query *query, struct dns *dns,
				   struct dns_budget *budget)
{
	const char *helo = domain_canonical(pool, slice_of(query->helo));

	if (helo == NULL || !policy_list_contains(&options->allow_helo, NULL, helo) ||
	    !spf_client_is_host(pool, &query->client, helo, dns, budget))
		return NULL;
	return pool_printf(pool, "the client is %s, in --allow-helo", helo);
}

const char *policy_exception(struct pool *pool, const struct policy_options *options,
			     const struct spf_query *query, const char *client_name,
			     struct dns *dns)
{
	struct dns_budget budget = dns_budget_for(options->allow_timeout, DNS_QUERIES_MAX);
	const char *name = domain_canonical(pool, slice_of(client_name));
	const char *why;

	if (policy_list_contains(&options->allow_addresses, &query->client, name))
		return "the client is in --allow-addresses";
	why = allowed_by_helo(pool, options, query, dns, &budget);
	if (why == NULL)
		why = allowed_by_domain(pool, options, query, dns, &budget);
	return why != NULL ? why : allowed_by_ptr(pool, options, query, dns, &budget);
}

/* unfold - a field on one line */
static const char *unfold(struct pool *pool, const char *field)
{
	char *text = pool_copy(pool, field, strlen(field));
	char *end = text;

	for (; *field != '\0'; field++) {
		if (*field != '\n')
			*end++ = *field == '\t' ? ' ' : *field;
	}
	*end = '\0';
	return text;
}

/* sealed - the field with the seal at its end, as far as it fits; NULL if not even the field does
 */
static const char *sealed(struct pool *pool, const char *field, const struct run_seal *seal)
{
	struct slice value = slice_skip(slice_of(field), slice_find(slice_of(field), ':') + 1);
	const char *tag = run_seal_field(pool, seal, value);

	if (strlen(field) > POLICY_FIELD_MAX)
		return NULL;
	if (tag == NULL || strlen(field) + strlen("; ") + strlen(tag) > POLICY_FIELD_MAX)
		return field;
	return pool_printf(pool, "%s; %s", field, tag);
}

/* A sender and a HELO name together may be too much; then the field says only who was checked. */
const char *policy_received_spf(struct pool *pool, const struct spf_query *query,
				const struct spf_result *result, const struct run_seal *seal)
{
	struct spf_query less = *query;
	struct spf_result core = *result;
	const char *field = unfold(pool, spf_received_field(pool, query, result));

	if (strlen(field) <= POLICY_FIELD_MAX)
		return sealed(pool, field, seal);
	less.helo = "";
	core.mechanism = NULL;
	core.reason = "";
	return sealed(pool, unfold(pool, spf_received_field(pool, &less, &core)), seal);
}

const char *policy_authentication_results(struct pool *pool, const struct spf_query *query,
					  const struct spf_result *result)
{
	struct authres_writer writer;
	const char *field;

	authres_begin(&writer, query->receiver, "spf", result->result);
	if (result->identity == SPF_HELO)
		authres_add(&writer, "smtp", "helo", result->domain);
	else
		authres_add(&writer, "smtp", "mailfrom", result->sender);
	field = unfold(pool, authres_end(&writer, pool));
	return strlen(field) <= POLICY_FIELD_MAX ? field : NULL;
}
