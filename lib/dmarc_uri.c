/*
 * dmarc_uri - the ends of a URI in a dmarc-urilist; see dmarc_uri.h
 */
#include "dmarc_uri.h"

#include <string.h>

#include "abnf.h"

size_t dmarc_uri_scheme_len(struct slice uri)
{
	size_t len = 0;

	if (uri.len == 0 || !is_alpha(uri.data[0]))
		return 0;
	while (len < uri.len &&
	       (is_alnum(uri.data[len]) || (uri.data[len] != '\0' && strchr("+-.", uri.data[len]))))
		len++;
	return len < uri.len && uri.data[len] == ':' ? len : 0;
}

size_t dmarc_uri_size_len(struct slice uri)
{
	size_t mark = slice_find_last(uri, '!');
	size_t at = mark + 1;

	while (at < uri.len && is_digit(uri.data[at]))
		at++;
	if (mark == uri.len || at == mark + 1)
		return 0;
	if (at < uri.len && uri.data[at] != '\0' && strchr("kmgt", byte_lower(uri.data[at])))
		at++;
	return at == uri.len ? uri.len - mark : 0;
}
