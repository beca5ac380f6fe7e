/*
 * zone_words - takes a zone file apart: words, lines, parentheses, escapes and names (RFC 1035 5.1)
 *
 * Whatever cannot be read ends the reading, with the first error.
 */
#ifndef ASSAY_DNS_ZONE_WORDS_H
#define ASSAY_DNS_ZONE_WORDS_H

#include "base/error.h"
#include "dns/zone.h"

#define DNS_ZONE_FILE_MAX (64U << 20) /* octets; larger files are an error */

/* A word of the file; escapes are still in it. */
struct zone_word {
	struct slice text; /* without the quotes */
	bool quoted;
};

/* A file that is being read. */
struct zone_reader {
	struct pool *pool;
	const char *path;
	struct error *error;
	struct slice rest; /* what was not read yet */
	size_t line;
	unsigned depth; /* of parentheses: line ends are white space inside */
	bool failed;
	bool has_origin;
	bool has_owner;
	struct dns_name origin; /* the root until $ORIGIN */
	struct dns_name owner;  /* of the last record */
	struct dns_zone *zone;
};

/* Keeps the first error, with file and line; returns false. */
__attribute__((format(printf, 2, 3))) bool zone_fail(struct zone_reader *reader, const char *format,
						     ...);

/* The same about a word of the file. */
bool zone_fail_word(struct zone_reader *reader, const char *what, const struct zone_word *word);

/* Goes on after octets of the file. */
void zone_skip(struct zone_reader *reader, size_t count);

/* Goes on to the next word; stops at a line end outside of parentheses. */
void zone_skip_gap(struct zone_reader *reader);

/* The next word of the record; false at its end or on an error. */
bool zone_take_word(struct zone_reader *reader, struct zone_word *word);

/* The same where something must follow; what names it. */
bool zone_need_word(struct zone_reader *reader, struct zone_word *word, const char *what);

/* The next octet of a word; was it escaped? */
bool zone_take_octet(struct zone_reader *reader, struct slice *rest, char *octet, bool *escaped);

/* A name: absolute, relative to the origin, or the origin itself. */
bool zone_read_name(struct zone_reader *reader, const struct zone_word *word,
		    struct dns_name *name);

/* The next word as the text of a name. */
bool zone_need_name(struct zone_reader *reader, const char **text);

#endif
