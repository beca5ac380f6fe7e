/*
 * counting - which messages the history must not count; see dmarc/counting.h
 *
 * RFC 5321 section 4.5.5 (null sender), RFC 9990 section 2.6 (Subject of a report), RFC 5965
 * (failure reports). A spoof must not hide from reports by a line that its author chooses, so a
 * report has to pass, and a bounce to go to our report address.
 */
#include "dmarc/counting.h"

#include <string.h>

#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"

#define REPORT_SUBJECT "Report Domain:"
#define REPORT_TYPE    "multipart/report"
#define FOR            " for <"

/* starts_with - a field of that name, after white space and comments */
static bool starts_with(const struct message *message, const char *name, const char *text)
{
	struct slice value;

	if (!message_only_value(message, name, &value))
		return false;
	return slice_starts_nocase(slice_skip(value, skip_cfws(value)), text);
}

/* is_ours - the address, also with an extension after a "+" as --verp makes it */
static bool is_ours(const char *local, const char *domain, const struct address *ours)
{
	size_t len = strlen(ours->local);

	return domain != NULL && domain_equal(domain, ours->domain) &&
	       slice_starts_nocase(slice_of(local), ours->local) &&
	       (local[len] == '\0' || local[len] == '+');
}

/* names_only - does a field name this address, and no other? */
static bool names_only(struct pool *pool, const struct message *message, const char *name,
		       const struct address *ours)
{
	struct address_list list;
	struct error error;
	struct slice value;

	return message_only_value(message, name, &value) &&
	       address_parse_list(pool, value, &list, &error) && list.count == 1 &&
	       is_ours(list.items[0].local, list.items[0].domain, ours);
}

/* recipient - in the topmost Received field, which our own mail system wrote; or NULL */
static const char *recipient(struct pool *pool, const struct message *message)
{
	size_t index = message_find(message, "Received", 0);
	struct slice rest;
	const char *found = NULL;

	if (index == message_field_count(message))
		return NULL;
	rest = message_field(message, index)->value;
	for (; rest.len > 0; rest = slice_skip(rest, 1)) {
		struct slice text;

		if (!slice_starts_nocase(rest, FOR))
			continue;
		text = slice_skip(rest, strlen(FOR));
		found = slice_copy(pool, slice_from(text.data, slice_find(text, '>')));
	}
	return found;
}

/*
 * goes_to - is it for our address alone?
 *
 * What our own mail system says counts; a stranger can write To as he likes. Where it does not say
 * it, To has to name nobody else.
 */
static bool goes_to(struct pool *pool, const struct message *message, const struct address *ours)
{
	const char *path = recipient(pool, message);
	struct address address;

	if (path != NULL)
		return address_parse_path(pool, slice_of(path), &address) &&
		       is_ours(address.local, address.domain, ours);
	return names_only(pool, message, "To", ours) &&
	       message_find(message, "Cc", 0) == message_field_count(message);
}

/* is_bounce - from the null sender, or a delivery status notification (RFC 3464) */
static bool is_bounce(const struct message *message, const struct dmarc_input *input)
{
	struct slice path;

	if (input->envelope_from != NULL && *input->envelope_from == '\0')
		return true;
	if (message_only_value(message, "Return-Path", &path) && slice_is(slice_trim(path), "<>"))
		return true;
	return starts_with(message, "Content-Type", REPORT_TYPE);
}

/* is_feedback - multipart/report of that type (RFC 5965) */
static bool is_feedback(const struct message *message)
{
	struct slice value;

	if (!message_only_value(message, "Content-Type", &value))
		return false;
	for (; value.len > 0; value = slice_skip(value, 1)) {
		if (slice_starts_nocase(value, "feedback-report"))
			return true;
	}
	return false;
}

const char *dmarc_uncounted(struct pool *pool, const struct message *message,
			    const struct dmarc_input *input, const struct dmarc_result *result,
			    const char *report_address)
{
	struct address ours;

	if (result->record == NULL)
		return "no policy";
	if (result->disposition == DMARC_DISPOSITION_DEFER)
		return "deferred, it will come again";
	if (result->result == RESULT_PASS && starts_with(message, "Subject", REPORT_SUBJECT))
		return "an aggregate report";
	if (result->result == RESULT_PASS && starts_with(message, "Content-Type", REPORT_TYPE) &&
	    is_feedback(message))
		return "a failure report";
	if (report_address == NULL || !address_parse_path(pool, slice_of(report_address), &ours) ||
	    *ours.domain == '\0')
		return NULL;
	if (result->result == RESULT_PASS && names_only(pool, message, "From", &ours))
		return "a report of our own";
	if (goes_to(pool, message, &ours) && is_bounce(message, input))
		return "a bounce to the report address";
	return NULL;
}
