/*
 * override - local exceptions, and messages that are not counted; see override.h
 *
 * RFC 2919 (List-Id), RFC 3834 section 5 (Auto-Submitted), RFC 5321 section 4.5.5 (null
 * sender), RFC 9990 sections 2.6 (Subject of a report) and 3.1.2.6 (override types).
 */
#include "dmarc/override.h"

#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"

#define LIST_LABELS_MIN 2 /* a top-level domain vouches for nobody */
#define REPORT_SUBJECT  "Report Domain:"
#define REPORT_TYPE     "multipart/report"

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

/* add_reason - at most one of each kind below is added, so there is room */
static void add_reason(struct dmarc_overrides *overrides, enum dmarc_override_type type,
		       const char *comment)
{
	overrides->reasons[overrides->count++] =
	    (struct dmarc_reason){.type = type, .comment = comment};
}

/* is_forwarder - a host that is known to break SPF and DKIM in good faith */
static bool is_forwarder(const struct dmarc_local_rules *rules, struct dmarc_client client)
{
	return rules->forwarders != NULL &&
	       host_list_contains(rules->forwarders, client.address, client.name);
}

/* only_field - the value of a field that is there once */
static bool only_field(const struct message *message, const char *name, struct slice *value)
{
	size_t count = message_field_count(message);
	size_t index = message_find(message, name, 0);

	if (index == count || message_find(message, name, index + 1) != count)
		return false;
	*value = message_field(message, index)->value;
	return true;
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

/* list_id - canonical; NULL without one, or if there could be two opinions on what it is */
static const char *list_id(struct pool *pool, const struct message *message)
{
	struct slice rest, id;
	size_t end;

	if (!only_field(message, "List-Id", &rest))
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
	list = list_id(pool, message);
	if (list == NULL || !host_list_contains(rules->lists, NULL, list))
		return NULL;
	return is_vouched_for(input, list) ? list : NULL;
}

/* except - nothing at all is to be done, whoever asks for it */
static void except(struct dmarc_result *result, struct dmarc_overrides *overrides,
		   enum dmarc_override_type type, const char *comment)
{
	result->disposition = DMARC_POLICY_NONE;
	add_reason(overrides, type, comment);
}

void dmarc_override(struct pool *pool, const struct dmarc_local_rules *rules,
		    const struct message *message, struct dmarc_client client,
		    const struct dmarc_input *input, struct dmarc_result *result,
		    struct dmarc_overrides *overrides)
{
	const char *list;

	overrides->count = 0;
	if (result->result == RESULT_TEMPERROR && result->record != NULL)
		add_reason(overrides, DMARC_OTHER, "temperror");
	if (result->test_mode)
		add_reason(overrides, DMARC_POLICY_TEST_MODE, "");
	if (result->disposition <= DMARC_POLICY_NONE)
		return;
	list = known_list(pool, rules, message, input);
	if (is_forwarder(rules, client)) {
		except(result, overrides, DMARC_TRUSTED_FORWARDER, "");
	} else if (list != NULL) {
		except(result, overrides, DMARC_MAILING_LIST, list);
	} else if (rules->at_most != DMARC_POLICY_UNSET && result->disposition > rules->at_most) {
		result->disposition = rules->at_most;
		add_reason(overrides, DMARC_LOCAL_POLICY,
			   pool_printf(pool, "at most %s here", dmarc_policy_word(rules->at_most)));
	}
}

/* is_automatic - RFC 3834 section 5: whatever is not "no" */
static bool is_automatic(const struct message *message)
{
	size_t count = message_field_count(message);
	size_t index = message_find(message, "Auto-Submitted", 0);
	struct slice value;

	if (index == count)
		return false;
	value = message_field(message, index)->value;
	value = slice_skip(value, skip_cfws(value));
	return !slice_is_nocase(slice_from(value.data, skip_token(value)), "no");
}

/* starts_with - a field of that name, behind white space and comments */
static bool starts_with(const struct message *message, const char *name, const char *text)
{
	struct slice value;

	if (!only_field(message, name, &value))
		return false;
	return slice_starts_nocase(slice_skip(value, skip_cfws(value)), text);
}

/* names_address - is it among the addresses of a field? */
static bool names_address(struct pool *pool, const struct message *message, const char *name,
			  const struct address *wanted)
{
	struct address_list list;
	struct error error;
	struct slice value;

	if (!only_field(message, name, &value) || !address_parse_list(pool, value, &list, &error))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		const struct address *address = &list.items[i];

		if (address->domain != NULL && domain_equal(address->domain, wanted->domain) &&
		    slice_is_nocase(slice_of(address->local), wanted->local))
			return true;
	}
	return false;
}

/* is_bounce - from the null sender, or a delivery status notification (RFC 3464) */
static bool is_bounce(const struct message *message, const struct dmarc_input *input)
{
	struct slice path;

	if (input->envelope_from != NULL && *input->envelope_from == '\0')
		return true;
	if (only_field(message, "Return-Path", &path) && slice_is(slice_trim(path), "<>"))
		return true;
	return starts_with(message, "Content-Type", REPORT_TYPE);
}

const char *dmarc_uncounted(struct pool *pool, const struct message *message,
			    const struct dmarc_input *input, const struct dmarc_result *result,
			    const char *report_address)
{
	struct address ours;

	if (result->record == NULL)
		return "no policy";
	if (is_automatic(message))
		return "Auto-Submitted";
	if (result->result == RESULT_PASS && starts_with(message, "Subject", REPORT_SUBJECT))
		return "an aggregate report";
	if (report_address == NULL || !address_parse_path(pool, slice_of(report_address), &ours) ||
	    *ours.domain == '\0')
		return NULL;
	if (names_address(pool, message, "From", &ours))
		return "a report of our own";
	if (names_address(pool, message, "To", &ours) && is_bounce(message, input))
		return "a bounce to the report address";
	return NULL;
}
