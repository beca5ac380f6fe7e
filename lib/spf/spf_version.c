/*
 * spf_version - how an SPF record begins; see spf/spf_version.h
 */
#include "spf/spf_version.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pasted.h"
#include "base/pool.h"
#include "base/printable.h"
#include "spf/spf_record.h"

/* What is written in place of the version; longer ones come first. */
static const char *const versions[] = {
    "v=spf1",   "v=spf",   "v=sfp1", "v=psf1", "v=pfs1",  "v=fsp1", "v=sf1",  "v=pf1",  "v=sp1",
    "v=spd1",   "v=spf-1", "v=apf1", "v=dpf1", "v:spf1",  "vspf1",  "v-spf1", "v.spf1", "v==spf1",
    "v=v=spf1", "spf=v1",  "spf1",   "=spf1",  "v1=spf1", "spf v1", "spf=1",  "v=1spf", "y=spf1",
};

/* skip_junk - what comes before a record and does not belong to it */
static size_t skip_junk(struct slice text)
{
	size_t at = 0;

	while (at < text.len) {
		struct slice rest = slice_skip(text, at);

		if (is_any_of(rest.data[0], " \t\r\n\"'`\\(<"))
			at++;
		else if (pasted_find(rest) == 0)
			at += pasted_read(rest).len;
		else
			break;
	}
	return at;
}

/* skip_like - over text that reads as wanted without blanks and case; 0 if it does not */
static size_t skip_like(struct slice text, const char *wanted)
{
	size_t at = 0;

	for (; *wanted != '\0'; wanted++) {
		while (at < text.len && *wanted != ' ' && is_any_of(text.data[at], " \t"))
			at++;
		if (at == text.len || byte_lower(text.data[at]) != *wanted)
			return 0;
		at++;
	}
	return at;
}

/* skip_version - the longest of what people write; look-alikes count as what they look like */
static size_t skip_version(struct pool *pool, struct slice text)
{
	size_t best = 0;
	size_t plain = pasted_find(text);

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		size_t len = skip_like(text, versions[i]);

		if (len > best)
			best = len;
	}
	if (best == 0 && plain < strlen(SPF_VERSION) + 1 && plain < text.len) {
		size_t len = pasted_read(slice_skip(text, plain)).len;
		const char *like = pasted_to_ascii(pool, slice_from(text.data, plain + len));
		size_t rest = text.len - plain - len;
		struct slice ascii = slice_of(pool_printf(pool, "%s%.*s", like != NULL ? like : "?",
							  (int)rest, text.data + plain + len));

		if (like != NULL && strlen(like) > plain && ascii.len < text.len) {
			best = skip_version(pool, ascii);
			best = best > plain ? best + len - 1 : 0;
		}
	}
	return best;
}

/* skip_divider - between the version and the first term */
static size_t skip_divider(struct slice text)
{
	size_t at = 0;

	while (at < text.len) {
		struct slice rest = slice_skip(text, at);

		if (is_any_of(rest.data[0], " \t\r\n;,:.=\"'\\|") || is_digit(rest.data[0]))
			at++;
		else if (pasted_find(rest) == 0 && pasted_read(rest).instead != NULL &&
			 is_any_of(pasted_read(rest).instead[0], " "))
			at += pasted_read(rest).len;
		else
			break;
	}
	return at;
}

/* first_difference - from "v=spf1 " */
static size_t first_difference(struct slice text)
{
	static const char wanted[] = SPF_VERSION " ";
	size_t at = 0;

	while (at < text.len && wanted[at] != '\0' && byte_lower(text.data[at]) == wanted[at])
		at++;
	return at;
}

/* character_at - for people */
static const char *character_at(struct pool *pool, struct slice text)
{
	if (text.len == 0)
		return "nothing";
	if (pasted_find(text) == 0)
		return pasted_describe(pool, text);
	if (text.data[0] == ' ')
		return "a blank";
	if (text.data[0] < ' ')
		return "a tab or the end of a line";
	return pool_printf(pool, "\"%s\"", text_printable(pool, slice_from(text.data, 1)));
}

void spf_version_read(struct pool *pool, struct slice text, struct spf_version *version)
{
	size_t junk = skip_junk(text);
	struct slice rest = slice_skip(text, junk);
	size_t len = skip_version(pool, rest);
	size_t at = first_difference(text);

	*version = (struct spf_version){.position = at, .terms = text};
	if (spf_record_is(text)) {
		version->is_near = true;
		version->terms = slice_skip(text, strlen(SPF_VERSION));
		return;
	}
	version->is_near = len > 0 && !slice_starts_nocase(rest, "spf2.0/"); /* RFC 4406 */
	if (!version->is_near) {
		version->position = 0;
		version->wrong = "does not begin with \"v=spf1\" and a space";
		return;
	}
	if (at >= strlen(SPF_VERSION))
		version->wrong =
		    pool_printf(pool, "%s follows \"v=spf1\", not a space: it is no SPF record",
				character_at(pool, slice_skip(text, at)));
	else if (junk > 0)
		version->wrong =
		    pool_printf(pool, "%s comes before \"v=spf1\": it is no SPF record",
				character_at(pool, text));
	else
		version->wrong = pool_printf(
		    pool,
		    "begins with \"%s\", not with \"v=spf1\" and a space: it is no SPF record",
		    text_visible(pool, slice_from(rest.data, len)));
	version->terms = slice_skip(rest, len);
	version->terms = slice_skip(version->terms, skip_divider(version->terms));
}
