/*
 * bytes - slices of memory and bounded growing buffers
 *
 * Text from a stranger has a length and may contain NUL bytes, so it is passed
 * around as a slice. A buffer is initialised with the most it may ever hold
 * and fails closed beyond that.
 */
#ifndef ASSAY_BASE_BYTES_H
#define ASSAY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct pool;

/* Some bytes that belong to somebody else. data may be NULL when len is 0. */
struct slice {
	const char *data;
	size_t len;
};

struct slice slice_of(const char *text); /* NULL gives the empty slice */
struct slice slice_from(const char *data, size_t len);
struct slice slice_between(const char *start, const char *end);
struct slice slice_skip(struct slice s, size_t count); /* count <= s.len */
struct slice slice_trim(struct slice s);               /* SP, TAB, CR and LF at both ends */
bool slice_equal(struct slice a, struct slice b);
bool slice_equal_nocase(struct slice a, struct slice b); /* ASCII case only */
bool slice_is(struct slice s, const char *text);
bool slice_is_nocase(struct slice s, const char *text);
bool slice_is_ascii(struct slice s); /* no octet above 127 */
bool slice_starts_nocase(struct slice s, const char *prefix);
/* Index of the first (last) such byte, or s.len. */
size_t slice_find(struct slice s, char byte);
size_t slice_find_last(struct slice s, char byte);
/* Decimal digits only, nothing else; false if empty or above max. */
bool slice_to_number(struct slice s, unsigned long long max, unsigned long long *number);
/*
 * Cuts the part up to the next separator off *rest. False when nothing is
 * left; a text of n separators has n + 1 parts, so the empty text has one:
 * start with rest->data != NULL.
 */
bool slice_cut(struct slice *rest, char separator, struct slice *part);
char *slice_copy(struct pool *pool, struct slice s);  /* NUL-terminated */
char *slice_lower(struct pool *pool, struct slice s); /* the same in ASCII lower case */

char byte_lower(char byte); /* ASCII, whatever the locale */
char byte_upper(char byte);

struct buffer {
	char *data; /* owned; NULL as long as nothing was added */
	size_t len;
	size_t size;
	size_t max;
	bool overflow; /* something did not fit; the content is incomplete */
};

void buffer_init(struct buffer *buffer, size_t max);
void buffer_free(struct buffer *buffer);
void buffer_reset(struct buffer *buffer); /* empty, memory kept */
/* Room for at least count more bytes after data + len, or NULL and overflow. */
char *buffer_reserve(struct buffer *buffer, size_t count);
/*
 * Where to read the next octets to, and how many at most. What has room left is not made larger:
 * growing copies all of it. NULL and overflow if it is as large as it may be.
 */
char *buffer_room(struct buffer *buffer, size_t *room);
bool buffer_add(struct buffer *buffer, const void *data, size_t len);
bool buffer_add_slice(struct buffer *buffer, struct slice s);
bool buffer_add_text(struct buffer *buffer, const char *text);
bool buffer_add_byte(struct buffer *buffer, char byte);
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct slice buffer_slice(const struct buffer *buffer);

#endif
