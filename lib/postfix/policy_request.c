/*
 * policy_request - requests of Postfix's access policy protocol; see postfix/policy_request.h
 *
 * SMTPD_POLICY_README: attributes come in any order, unknown ones are to be ignored, and of
 * two with the same name the server may keep either: it is the first here.
 */
#include "postfix/policy_request.h"

#include <stdlib.h>

#include "base/io.h"
#include "base/pool.h"

#define CHUNK    4096                                     /* octets read at once */
#define LINE_MAX (POLICY_NAME_MAX + 1 + POLICY_VALUE_MAX) /* "name=value" */

struct policy_reader {
	int fd;
	struct buffer line; /* the current one, as far as it fits */
	struct slice rest;  /* of the chunk */
	char chunk[CHUNK];
};

static const char *const names[] = {
    [POLICY_REQUEST] = "request",         [POLICY_PROTOCOL_STATE] = "protocol_state",
    [POLICY_INSTANCE] = "instance",       [POLICY_QUEUE_ID] = "queue_id",
    [POLICY_CLIENT_NAME] = "client_name", [POLICY_CLIENT_ADDRESS] = "client_address",
    [POLICY_HELO_NAME] = "helo_name",     [POLICY_SENDER] = "sender",
    [POLICY_RECIPIENT] = "recipient",     [POLICY_SASL_USERNAME] = "sasl_username",
};

struct policy_reader *policy_reader_new(int fd)
{
	struct policy_reader *reader = memory_alloc(sizeof(*reader));

	reader->fd = fd;
	buffer_init(&reader->line, LINE_MAX);
	return reader;
}

void policy_reader_free(struct policy_reader *reader)
{
	if (reader == NULL)
		return;
	buffer_free(&reader->line);
	free(reader);
}

/* fill - the next chunk; false if there is none */
static bool fill(struct policy_reader *reader)
{
	ssize_t got = io_read(reader->fd, reader->chunk, sizeof(reader->chunk));

	if (got <= 0)
		return false;
	reader->rest = slice_from(reader->chunk, (size_t)got);
	return true;
}

/* read_line - up to LF; what does not fit is dropped and leaves an overflow in the buffer */
static bool read_line(struct policy_reader *reader)
{
	size_t len;

	buffer_reset(&reader->line);
	for (;;) {
		if (reader->rest.len == 0 && !fill(reader))
			return false;
		len = slice_find(reader->rest, '\n');
		buffer_add(&reader->line, reader->rest.data, len);
		if (len < reader->rest.len) {
			reader->rest = slice_skip(reader->rest, len + 1);
			return true;
		}
		reader->rest = slice_of(NULL);
	}
}

/* set_value - keeps the value of an attribute that is wanted, unless there is one already */
static void set_value(struct pool *pool, struct slice name, struct slice value,
		      struct policy_request *request)
{
	for (size_t i = 0; i < POLICY_ATTRIBUTES; i++) {
		if (request->values[i] == NULL && slice_is(name, names[i]))
			request->values[i] = slice_copy(pool, value);
	}
}

/* take_line - one "name=value"; what is wrong with it, or NULL */
static const char *take_line(struct pool *pool, struct slice line, struct policy_request *request)
{
	size_t len = slice_find(line, '=');
	struct slice value;

	if (len == line.len)
		return "a line without \"=\"";
	value = slice_skip(line, len + 1);
	if (len == 0 || len > POLICY_NAME_MAX)
		return len == 0 ? "an attribute without a name" : "a name that is too long";
	if (value.len > POLICY_VALUE_MAX)
		return "a value that is too long";
	if (slice_find(value, '\0') < value.len)
		return "a value with a NUL octet";
	set_value(pool, slice_from(line.data, len), value, request);
	return NULL;
}

/* without_cr - people who try it by hand over a terminal send CR LF */
static struct slice without_cr(struct slice line)
{
	if (line.len != 0 && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* finish_request - what is missing is empty */
static void finish_request(struct policy_request *request)
{
	for (size_t i = 0; i < POLICY_ATTRIBUTES; i++) {
		if (request->values[i] == NULL)
			request->values[i] = "";
	}
}

bool policy_read(struct policy_reader *reader, struct pool *pool, struct policy_request *request)
{
	size_t left = POLICY_REQUEST_MAX;

	*request = (struct policy_request){.reason = NULL};
	while (read_line(reader)) {
		struct slice line = without_cr(buffer_slice(&reader->line));

		if (line.len == 0 && !reader->line.overflow) {
			finish_request(request);
			return true;
		}
		if (reader->line.overflow)
			request->reason = "a line that is too long";
		else if (line.len >= left)
			request->reason = "too many octets";
		if (request->reason != NULL)
			continue;
		left -= line.len;
		request->reason = take_line(pool, line, request);
	}
	return false;
}
