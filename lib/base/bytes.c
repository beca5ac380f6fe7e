/*
 * bytes - slices of memory and bounded growing buffers; see base/bytes.h
 */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define BUFFER_START 256
#define ROOM_MIN     4096  /* octets that are worth a call of read() */
#define ROOM_WANTED  65536 /* the capacity of a pipe */

struct slice slice_of(const char *text)
{
	return slice_from(text, text != NULL ? strlen(text) : 0);
}

struct slice slice_from(const char *data, size_t len)
{
	return (struct slice){.data = data, .len = len};
}

struct slice slice_between(const char *start, const char *end)
{
	return slice_from(start, (size_t)(end - start));
}

struct slice slice_skip(struct slice s, size_t count)
{
	return count == 0 ? s : slice_from(s.data + count, s.len - count);
}

/* is_space - white space of a header field, line ends included */
static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct slice slice_trim(struct slice s)
{
	while (s.len > 0 && is_space(s.data[0]))
		s = slice_skip(s, 1);
	while (s.len > 0 && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (byte_lower(a.data[i]) != byte_lower(b.data[i]))
			return false;
	}
	return true;
}

bool slice_is(struct slice s, const char *text)
{
	return slice_equal(s, slice_of(text));
}

bool slice_is_nocase(struct slice s, const char *text)
{
	return slice_equal_nocase(s, slice_of(text));
}

bool slice_is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] > 127)
			return false;
	}
	return true;
}

bool slice_starts_nocase(struct slice s, const char *prefix)
{
	size_t len = strlen(prefix);

	return s.len >= len && slice_is_nocase(slice_from(s.data, len), prefix);
}

size_t slice_find(struct slice s, char byte)
{
	const char *found = s.len != 0 ? memchr(s.data, byte, s.len) : NULL;

	return found != NULL ? (size_t)(found - s.data) : s.len;
}

size_t slice_find_last(struct slice s, char byte)
{
	const char *found = s.len != 0 ? memrchr(s.data, byte, s.len) : NULL;

	return found != NULL ? (size_t)(found - s.data) : s.len;
}

bool slice_to_number(struct slice s, unsigned long long max, unsigned long long *number)
{
	unsigned long long value = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned)(unsigned char)s.data[i] - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*number = value;
	return s.len != 0;
}

bool slice_cut(struct slice *rest, char separator, struct slice *part)
{
	size_t len = slice_find(*rest, separator);

	if (rest->data == NULL)
		return false;
	*part = slice_from(rest->data, len);
	if (len < rest->len)
		*rest = slice_skip(*rest, len + 1);
	else
		*rest = slice_of(NULL);
	return true;
}

char *slice_copy(struct pool *pool, struct slice s)
{
	return pool_copy(pool, s.data, s.len);
}

char *slice_lower(struct pool *pool, struct slice s)
{
	char *copy = slice_copy(pool, s);

	for (size_t i = 0; i < s.len; i++)
		copy[i] = byte_lower(copy[i]);
	return copy;
}

char byte_lower(char byte)
{
	return byte >= 'A' && byte <= 'Z' ? (char)(byte + ('a' - 'A')) : byte;
}

char byte_upper(char byte)
{
	return byte >= 'a' && byte <= 'z' ? (char)(byte - ('a' - 'A')) : byte;
}

void buffer_init(struct buffer *buffer, size_t max)
{
	*buffer = (struct buffer){.max = max};
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->data);
	buffer_init(buffer, buffer->max);
}

void buffer_reset(struct buffer *buffer)
{
	buffer->len = 0;
	buffer->overflow = false;
}

/* grown_size - the size to grow to so that needed bytes fit */
static size_t grown_size(const struct buffer *buffer, size_t needed)
{
	size_t size = buffer->size != 0 ? buffer->size : BUFFER_START;

	while (size < needed)
		size = size > buffer->max / 2 ? buffer->max : size * 2;
	return size < buffer->max ? size : buffer->max;
}

char *buffer_reserve(struct buffer *buffer, size_t count)
{
	if (buffer->overflow || count > buffer->max - buffer->len) {
		buffer->overflow = true;
		return NULL;
	}
	if (buffer->data == NULL || count > buffer->size - buffer->len) {
		buffer->size = grown_size(buffer, buffer->len + count);
		buffer->data = memory_resize(buffer->data, buffer->size);
	}
	return buffer->data + buffer->len;
}

/* smaller_of - two sizes */
static size_t smaller_of(size_t a, size_t b)
{
	return a < b ? a : b;
}

char *buffer_room(struct buffer *buffer, size_t *room)
{
	size_t possible = buffer->max - buffer->len;

	*room = 0;
	if (possible == 0)
		buffer->overflow = true;
	if (buffer->overflow)
		return NULL;
	if (buffer->size - buffer->len < smaller_of(possible, ROOM_MIN))
		buffer_reserve(buffer, smaller_of(possible, ROOM_WANTED));
	*room = buffer->size - buffer->len;
	return buffer->data + buffer->len;
}

bool buffer_add(struct buffer *buffer, const void *data, size_t len)
{
	char *room = buffer_reserve(buffer, len);

	if (room == NULL)
		return false;
	if (len != 0)
		memcpy(room, data, len);
	buffer->len += len;
	return true;
}

bool buffer_add_slice(struct buffer *buffer, struct slice s)
{
	return buffer_add(buffer, s.data, s.len);
}

bool buffer_add_text(struct buffer *buffer, const char *text)
{
	return buffer_add(buffer, text, strlen(text));
}

bool buffer_add_byte(struct buffer *buffer, char byte)
{
	return buffer_add(buffer, &byte, 1);
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	char *room;
	int len;

	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, format, args);
	room = len < 0 ? NULL : buffer_reserve(buffer, (size_t)len + 1);
	if (room != NULL) {
		vsnprintf(room, (size_t)len + 1, format, again);
		buffer->len += (size_t)len;
	}
	va_end(again);
	va_end(args);
	return room != NULL;
}

struct slice buffer_slice(const struct buffer *buffer)
{
	return slice_from(buffer->data, buffer->len);
}
