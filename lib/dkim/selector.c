/*
 * selector - how a selector may be called; see dkim/selector.h
 */
#include "dkim/selector.h"

#include "base/ascii.h"
#include "mail/domain.h"

bool dkim_is_label_byte(char byte)
{
	return is_alnum(byte) || byte == '-' || byte == '_';
}

const char *dkim_selector_error(struct slice text)
{
	struct slice rest = text;
	struct slice label;

	if (text.len == 0 || text.len > DOMAIN_TEXT_MAX)
		return "is no selector: it is empty or too long";
	while (slice_cut(&rest, '.', &label)) {
		size_t len = 0;

		if (slice_is_nocase(label, "_domainkey"))
			return "is no selector: leave \"_domainkey\" and what follows it out";
		while (len < label.len && dkim_is_label_byte(label.data[len]))
			len++;
		if (len == 0 || len < label.len || len > DOMAIN_LABEL_MAX)
			return "is no selector: letters, digits, - and _ in dotted labels";
	}
	return NULL;
}

bool dkim_selector_is_good(struct slice text)
{
	return dkim_selector_error(text) == NULL;
}
