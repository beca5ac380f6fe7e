/*
 * counting - which messages the history must not count; see dmarc/counting.h
 *
 * RFC 3834 section 5 (Auto-Submitted), RFC 5321 section 4.5.5 (null sender), RFC 9990 section 2.6
 * (Subject of a report).
 */
#include "dmarc/counting.h"

#include "mail/abnf.h"
#include "mail/address.h"
#include "mail/domain.h"

#define REPORT_SUBJECT "Report Domain:"
#define REPORT_TYPE    "multipart/report"

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

	if (!message_only_value(message, name, &value))
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

	if (!message_only_value(message, name, &value) ||
	    !address_parse_list(pool, value, &list, &error))
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
	if (message_only_value(message, "Return-Path", &path) && slice_is(slice_trim(path), "<>"))
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
	if (result->disposition == DMARC_DISPOSITION_DEFER)
		return "deferred, it will come again";
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
