/*
 * text_octets - the characters of an XML document as UTF-8, in whatever they were written
 *
 * UTF-8 with or without a byte order mark, UTF-16 in either order, and the 8-bit encodings that
 * a declaration names, which are read as windows-1252: between them only display texts differ.
 * White space before the document, which XML forbids, is dropped.
 */
#ifndef ASSAY_REPORT_TEXT_OCTETS_H
#define ASSAY_REPORT_TEXT_OCTETS_H

#include "report/octets.h"

#define TEXT_BEGINNING                                                                             \
	512 /* octets in which a document has to begin, and its declaration to end                 \
	     */
#define TEXT_INPUT 8192

struct text_octets {
	struct octets octets; /* first member */
	struct octets *from;
	enum {
		TEXT_UTF8,
		TEXT_UTF16_LITTLE,
		TEXT_UTF16_BIG,
		TEXT_8BIT,
	} encoding;
	bool has_blanks; /* there was white space before the document */
	size_t start;    /* in input: what has not been handed on */
	size_t end;
	unsigned char input[TEXT_INPUT];
};

void text_octets_init(struct text_octets *text, struct octets *from);

/* The first character that is no white space in the beginning of a text in any of them; '\0': none.
 */
char text_first_character(struct slice beginning);

/* Writes a character in UTF-8, up to four octets; how many. */
size_t text_write_utf8(unsigned character, char *out);

/* The character of an octet of windows-1252. */
unsigned text_windows_character(unsigned char octet);

#endif
