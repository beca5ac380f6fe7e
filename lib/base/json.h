/*
 * json - one JSON object on one line (RFC 8259), for -n -j
 *
 * Bytes that are not well-formed UTF-8 come out as U+FFFD, one for each byte.
 */
#ifndef ASSAY_BASE_JSON_H
#define ASSAY_BASE_JSON_H

#include "base/bytes.h"

struct json {
	struct buffer text;
	bool first; /* no comma before the next member */
};

void json_begin(struct json *json);
void json_string(struct json *json, const char *key, const char *value); /* NULL gives "" */
void json_number(struct json *json, const char *key, long long value);
void json_bool(struct json *json, const char *key, bool value);
void json_list_begin(struct json *json, const char *key);
void json_item(struct json *json, const char *value);
void json_list_end(struct json *json);
/* Writes the object and a line end to fd 1; false with errno if that fails. Releases json. */
bool json_end(struct json *json);
/* The same into a buffer. */
void json_end_into(struct json *json, struct buffer *out);

#endif
