/*
 * text_octets - encodings of characters; see report/text_octets.h
 */
#include "report/text_octets.h"

#include <string.h>

#include "base/ascii.h"

#define UTF8_MAX        4       /* octets of a character */
#define HIGH_SURROGATES 0xd800U /* RFC 2781 */
#define LOW_SURROGATES  0xdc00U
#define SURROGATES_END  0xe000U
#define REPLACEMENT     0xfffdU
#define FIRST_ASTRAL    0x10000U
#define WINDOWS_FIRST   0x80U

size_t text_write_utf8(unsigned character, char *out)
{
	if (character < 0x80) {
		out[0] = (char)character;
		return 1;
	}
	if (character < 0x800) {
		out[0] = (char)(0xc0 | character >> 6);
		out[1] = (char)(0x80 | (character & 0x3f));
		return 2;
	}
	if (character < FIRST_ASTRAL) {
		out[0] = (char)(0xe0 | character >> 12);
		out[1] = (char)(0x80 | (character >> 6 & 0x3f));
		out[2] = (char)(0x80 | (character & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | character >> 18);
	out[1] = (char)(0x80 | (character >> 12 & 0x3f));
	out[2] = (char)(0x80 | (character >> 6 & 0x3f));
	out[3] = (char)(0x80 | (character & 0x3f));
	return UTF8_MAX;
}

unsigned text_windows_character(unsigned char octet)
{
	static const unsigned short differing[32] = {
	    0x20ac,      REPLACEMENT, 0x201a, 0x0192, 0x201e, 0x2026,      0x2020, 0x2021,
	    0x02c6,      0x2030,      0x0160, 0x2039, 0x0152, REPLACEMENT, 0x017d, REPLACEMENT,
	    REPLACEMENT, 0x2018,      0x2019, 0x201c, 0x201d, 0x2022,      0x2013, 0x2014,
	    0x02dc,      0x2122,      0x0161, 0x203a, 0x0153, REPLACEMENT, 0x017e, 0x0178,
	};

	if (octet >= WINDOWS_FIRST && octet < WINDOWS_FIRST + 32)
		return differing[octet - WINDOWS_FIRST];
	return octet;
}

/* fill_text - as much as there is room for; false at the end of it all */
static bool fill_text(struct text_octets *text, size_t wanted)
{
	while (text->end - text->start < wanted) {
		size_t got;

		if (text->start > 0) {
			memmove(text->input, text->input + text->start, text->end - text->start);
			text->end -= text->start;
			text->start = 0;
		}
		got = text->from->read(text->from, (char *)text->input + text->end,
				       TEXT_INPUT - text->end);
		if (got == 0)
			return false;
		text->end += got;
	}
	return true;
}

/* is_declared_8bit - encoding="..." of the declaration names neither UTF-8 nor UTF-16 nor ASCII */
static bool is_declared_8bit(struct slice beginning)
{
	struct slice declaration = slice_from(beginning.data, slice_find(beginning, '>'));
	const char *found;
	struct slice value;

	if (!slice_starts_nocase(declaration, "<?xml"))
		return false;
	found = memmem(declaration.data, declaration.len, "encoding", strlen("encoding"));
	if (found == NULL)
		return false;
	value = slice_between(found + strlen("encoding"), declaration.data + declaration.len);
	while (value.len > 0 && !is_alnum(value.data[0]))
		value = slice_skip(value, 1);
	return value.len > 0 && !slice_starts_nocase(value, "utf") &&
	       !slice_starts_nocase(value, "us-ascii") && !slice_starts_nocase(value, "ucs") &&
	       !slice_starts_nocase(value, "unicode");
}

/* skip_blanks - before the document */
static void skip_blanks(struct text_octets *text)
{
	while (fill_text(text, 1) && strchr(" \t\r\n", text->input[text->start]) != NULL &&
	       text->input[text->start] != '\0') {
		text->start++;
		text->has_blanks = true;
	}
}

/* skip_mark - a byte order mark in UTF-8 */
static void skip_mark(struct text_octets *text)
{
	if (fill_text(text, 3) && memcmp(text->input + text->start, "\xef\xbb\xbf", 3) == 0)
		text->start += 3;
}

/* find_encoding - by the mark, by the zeros, by the declaration */
static void find_encoding(struct text_octets *text)
{
	const unsigned char *first = text->input;

	if (!fill_text(text, 2))
		return;
	if ((first[0] == 0xff && first[1] == 0xfe) || (first[0] != 0 && first[1] == 0))
		text->encoding = TEXT_UTF16_LITTLE;
	else if ((first[0] == 0xfe && first[1] == 0xff) || (first[0] == 0 && first[1] != 0))
		text->encoding = TEXT_UTF16_BIG;
	if (text->encoding != TEXT_UTF8) {
		text->start += first[0] >= 0xfe ? 2 : 0;
		return;
	}
	skip_mark(text);
	skip_blanks(text);
	skip_mark(text);
	fill_text(text, TEXT_BEGINNING);
	if (is_declared_8bit(
		slice_from((char *)text->input + text->start, text->end - text->start)))
		text->encoding = TEXT_8BIT;
}

/* unit_of - two octets of UTF-16 */
static unsigned unit_of(const struct text_octets *text, size_t at)
{
	unsigned first = text->input[at], second = text->input[at + 1];

	return text->encoding == TEXT_UTF16_BIG ? first << 8 | second : second << 8 | first;
}

/* next_utf16 - one character; false at the end, and for an octet that is left over */
static bool next_utf16(struct text_octets *text, unsigned *character)
{
	unsigned low;

	if (!fill_text(text, 2))
		return false;
	*character = unit_of(text, text->start);
	text->start += 2;
	if (*character < HIGH_SURROGATES || *character >= SURROGATES_END)
		return true;
	low = *character < LOW_SURROGATES && fill_text(text, 2) ? unit_of(text, text->start) : 0;
	if (low < LOW_SURROGATES || low >= SURROGATES_END) {
		*character = REPLACEMENT;
		return true;
	}
	text->start += 2;
	*character = FIRST_ASTRAL + ((*character - HIGH_SURROGATES) << 10) + (low - LOW_SURROGATES);
	return true;
}

/* next_character - in UTF-16 or 8 bits */
static bool next_character(struct text_octets *text, unsigned *character)
{
	if (text->encoding != TEXT_8BIT)
		return next_utf16(text, character);
	if (!fill_text(text, 1))
		return false;
	*character = text_windows_character(text->input[text->start++]);
	return true;
}

/* next_text - as UTF-8 */
static size_t next_text(struct octets *octets, char *data, size_t size)
{
	struct text_octets *text = (struct text_octets *)octets;
	unsigned character;
	size_t len = 0;

	if (text->encoding == TEXT_UTF8) {
		len = text->end - text->start;
		if (len == 0)
			return text->from->read(text->from, data, size);
		len = len < size ? len : size;
		memcpy(data, text->input + text->start, len);
		text->start += len;
		return len;
	}
	while (len + UTF8_MAX <= size && next_character(text, &character))
		len += text_write_utf8(character, data + len);
	return len;
}

void text_octets_init(struct text_octets *text, struct octets *from)
{
	text->octets.read = next_text;
	text->from = from;
	text->encoding = TEXT_UTF8;
	text->has_blanks = false;
	text->start = 0;
	text->end = 0;
	find_encoding(text);
}

char text_first_character(struct slice beginning)
{
	for (size_t i = 0; i < beginning.len; i++) {
		char byte = beginning.data[i];

		/* zeros and marks of UTF-16, the mark of UTF-8 */
		if (byte != '\0' && strchr(" \t\r\n\xef\xbb\xbf\xff\xfe", byte) == NULL)
			return byte;
	}
	return '\0';
}
