/*
 * near_record - why a text that was meant to be a DMARC record is none; see dmarc/near_record.h
 */
#include "dmarc/near_record.h"

#include <string.h>

#include "mail/abnf.h"

#define VERSION "DMARC1"
#define TAGS    "Write v=DMARC1; p=none; and so on, with a semicolon after each tag."

/* find_text - where it begins, in any case; text.len if it is not there */
static size_t find_text(struct slice text, const char *wanted)
{
	for (size_t at = 0; at < text.len; at++) {
		if (slice_starts_nocase(slice_skip(text, at), wanted))
			return at;
	}
	return text.len;
}

bool near_record_is(struct slice text)
{
	return find_text(text, VERSION) < text.len;
}

bool near_record_has_quotes(struct slice text)
{
	/* U+2018 to U+201F in UTF-8, and in Windows-1252 */
	static const char curly[] = "\x91\x92\x93\x94\x98\x99\x9a\x9b\x9c\x9d\x9e\x9f";

	for (size_t at = 0; at < text.len; at++) {
		struct slice rest = slice_skip(text, at);

		if (rest.data[0] == '"' || rest.data[0] == '\'')
			return true;
		if (slice_starts_nocase(rest, "\xe2\x80") && rest.len > 2 &&
		    strchr(curly, rest.data[2]) != NULL)
			return true;
		if ((unsigned char)rest.data[0] >= 0x91 && (unsigned char)rest.data[0] <= 0x94 &&
		    (at == 0 || (unsigned char)text.data[at - 1] < 0x80))
			return true;
	}
	return false;
}

/* after_version - what comes after "v=DMARC1" at the start; the empty slice without it */
static struct slice after_version(struct slice text)
{
	struct slice rest = text;

	if (rest.len == 0 || byte_lower(rest.data[0]) != 'v')
		return slice_of(NULL);
	rest = slice_skip(rest, 1);
	rest = slice_skip(rest, skip_wsp(rest));
	if (rest.len == 0 || rest.data[0] != '=')
		return slice_of(NULL);
	rest = slice_skip(rest, 1);
	rest = slice_skip(rest, skip_wsp(rest));
	return slice_starts_nocase(rest, VERSION) ? slice_skip(rest, strlen(VERSION))
						  : slice_of(NULL);
}

/* explain_separator - what stands where a semicolon has to be */
static struct near_record explain_separator(struct slice rest)
{
	struct slice next = slice_skip(rest, skip_wsp(rest));

	if (next.len > 0 && (next.data[0] == ',' || next.data[0] == ':'))
		return (struct near_record){"there is a comma or a colon after v=DMARC1 in the "
					    "place of a semicolon",
					    TAGS};
	if (next.len > 0 && next.data[0] != ';' && next.len < rest.len)
		return (struct near_record){"there is no semicolon after v=DMARC1", TAGS};
	if (next.len > 0 && next.data[0] != ';')
		return (struct near_record){"the version is not DMARC1 but something longer",
					    "Write v=DMARC1; at the start."};
	return (struct near_record){
	    "the text does not begin with v=DMARC1: the version is not in capital letters",
	    "Write v=DMARC1; at the start."};
}

struct near_record near_record_explain(struct slice text)
{
	struct slice rest = after_version(text);

	if (text.len > 0 && is_wsp(text.data[0]))
		return (struct near_record){
		    "the text does not begin with v=DMARC1: there is a blank before it",
		    "Take the blank away: v has to be the first character."};
	if (find_text(text, "\\;") < text.len)
		return (struct near_record){
		    "there is a backslash before a semicolon, which has become part of the record",
		    "Enter the record without backslashes."};
	if (near_record_is(text) && rest.data == NULL && near_record_has_quotes(text))
		return (struct near_record){
		    "there are quotation marks in it, which have become part of the record",
		    "Enter the record without quotation marks."};
	if (rest.data != NULL)
		return explain_separator(rest);
	if (near_record_is(text))
		return (struct near_record){"v=DMARC1 is not the first tag",
					    "Write v=DMARC1; at the start."};
	return (struct near_record){"it does not begin with v=DMARC1: it is no DMARC record", TAGS};
}
