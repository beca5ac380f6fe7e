/*
 * exceptions - when less is done to a message than was asked for; see dmarc/exceptions.h
 *
 * RFC 2919 (List-Id), RFC 9990 section 3.1.2.6 (override types).
 */
#include "dmarc/exceptions.h"

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"

#define LIST_LABELS_MIN 2 /* a top-level domain vouches for nobody */

const char *dmarc_override_word(enum dmarc_override_type type)
{
	static const char *const words[] = {
	    [DMARC_LOCAL_POLICY] = "local_policy",
	    [DMARC_MAILING_LIST] = "mailing_list",
	    [DMARC_OTHER] = "other",
	    [DMARC_POLICY_TEST_MODE] = "policy_test_mode",
	    [DMARC_TRUSTED_FORWARDER] = "trusted_forwarder",
	};

	return words[type];
}

void dmarc_override_add(struct dmarc_overrides *overrides, enum dmarc_override_type type,
			const char *comment)
{
	if (overrides->count == DMARC_REASONS_MAX)
		return;
	overrides->reasons[overrides->count++] =
	    (struct dmarc_reason){.type = type, .comment = comment};
}

/* is_forwarder - a host that is known to break SPF and DKIM in good faith */
static bool is_forwarder(const struct dmarc_local_rules *rules, struct dmarc_client client)
{
	return rules->forwarders != NULL &&
	       host_list_contains(rules->forwarders, client.address, client.name);
}

/* skip_phrase - words and comments before the "<" (RFC 2919 section 3) */
static size_t skip_phrase(struct slice s)
{
	size_t len = skip_cfws(s);
	size_t word = 1;

	while (word > 0) {
		struct slice rest = slice_skip(s, len);

		word = skip_quoted_string(rest);
		if (word == 0)
			word = skip_dot_atom(rest);
		len += word;
		len += skip_cfws(slice_skip(s, len));
	}
	return len;
}

const char *dmarc_list_id(struct pool *pool, const struct message *message)
{
	struct slice rest, id;
	size_t end;

	if (!message_only_value(message, "List-Id", &rest))
		return NULL;
	rest = slice_skip(rest, skip_phrase(rest));
	if (rest.len == 0 || rest.data[0] != '<')
		return NULL;
	rest = slice_skip(rest, 1);
	end = slice_find(rest, '>');
	if (end == rest.len)
		return NULL;
	id = slice_from(rest.data, end);
	rest = slice_skip(rest, end + 1);
	return skip_cfws(rest) == rest.len ? domain_canonical(pool, id) : NULL;
}

/* vouches - did this identifier pass, and is it the list's host? */
static bool vouches(const struct dmarc_identifier *identifier, const char *list)
{
	return identifier->result == RESULT_PASS && identifier->domain != NULL &&
	       domain_label_count(identifier->domain) >= LIST_LABELS_MIN &&
	       domain_is_within(list, identifier->domain);
}

/* is_vouched_for - by the list's own host */
static bool is_vouched_for(const struct dmarc_input *input, const char *list)
{
	if (input->spf != NULL && vouches(input->spf, list))
		return true;
	for (size_t i = 0; i < input->dkim_count; i++) {
		if (vouches(&input->dkim[i], list))
			return true;
	}
	return false;
}

/* known_list - the List-Id, if the message is really from a list that is known; or NULL */
static const char *known_list(struct pool *pool, const struct dmarc_local_rules *rules,
			      const struct message *message, const struct dmarc_input *input)
{
	const char *list;

	if (rules->lists == NULL)
		return NULL;
	list = dmarc_list_id(pool, message);
	if (list == NULL || !host_list_contains(rules->lists, NULL, list))
		return NULL;
	return is_vouched_for(input, list) ? list : NULL;
}

/*
 * trusted_sealer - who has sealed a message that had passed for its author when the first sealer
 * got it; NULL unless all who have sealed it are trusted: each could have changed it (RFC 8617 9.3)
 */
static const char *trusted_sealer(const struct dmarc_local_rules *rules,
				  const struct dmarc_input *input,
				  const struct dmarc_result *result)
{
	const struct dmarc_chain *chain = &input->arc;
	const char *author = author_domain(&input->author);

	if (rules->sealers == NULL || chain->result != RESULT_PASS || chain->sealer_count == 0 ||
	    chain->author == NULL || author == NULL || result->author_domain == NULL ||
	    !domain_equal(chain->author, author) || !domain_equal(author, result->author_domain))
		return NULL;
	for (size_t i = 0; i < chain->sealer_count; i++) {
		if (!host_list_contains(rules->sealers, NULL, chain->sealers[i]))
			return NULL;
	}
	return chain->sealers[chain->sealer_count - 1];
}

/* except - nothing at all is to be done, whoever asks for it */
static void except(struct dmarc_result *result, struct dmarc_overrides *overrides,
		   enum dmarc_override_type type, const char *comment)
{
	result->disposition = DMARC_DISPOSITION_NONE;
	result->local_reason = NULL;
	dmarc_override_add(overrides, type, comment);
}

/* limit - no more than this site wants to be done to any message */
static void limit(struct pool *pool, enum dmarc_policy at_most, struct dmarc_result *result,
		  struct dmarc_overrides *overrides)
{
	if (at_most == DMARC_POLICY_UNSET || result->disposition <= dmarc_disposition_of(at_most))
		return;
	result->disposition = dmarc_disposition_of(at_most);
	result->local_reason = NULL;
	dmarc_override_add(overrides, DMARC_LOCAL_POLICY,
			   pool_printf(pool, "at most %s here", dmarc_policy_word(at_most)));
}

void dmarc_except(struct pool *pool, const struct dmarc_local_rules *rules,
		  const struct message *message, struct dmarc_client client,
		  const struct dmarc_input *input, struct dmarc_result *result,
		  struct dmarc_overrides *overrides)
{
	const char *list, *sealer;

	overrides->count = 0;
	if (result->result == RESULT_TEMPERROR && result->record != NULL)
		dmarc_override_add(overrides, DMARC_OTHER, "temperror");
	if (result->test_mode)
		dmarc_override_add(overrides, DMARC_POLICY_TEST_MODE, "");
	if (result->disposition == DMARC_DISPOSITION_NONE)
		return;
	list = known_list(pool, rules, message, input);
	sealer = trusted_sealer(rules, input, result);
	if (is_forwarder(rules, client))
		except(result, overrides, DMARC_TRUSTED_FORWARDER, "");
	else if (list != NULL)
		except(result, overrides, DMARC_MAILING_LIST, list);
	else if (sealer != NULL)
		except(result, overrides, DMARC_TRUSTED_FORWARDER,
		       pool_printf(pool, "arc=pass, sealed by %s", sealer));
	else
		limit(pool, rules->at_most, result, overrides);
	if (result->local_reason == NULL)
		return;
	dmarc_note(pool, result, "%s", result->local_reason);
	dmarc_override_add(overrides, DMARC_LOCAL_POLICY, result->local_reason);
}
