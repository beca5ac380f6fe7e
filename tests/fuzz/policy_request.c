/*
 * policy_request - what comes in from Postfix, or from whoever can reach the socket
 *
 * Whatever it is, a good request after it must be understood.
 */
#include "postfix/policy_request.h"

#include <stdio.h>
#include <string.h>

#include "base/pool.h"
#include "fuzz.h"

#define GOOD                                                                                       \
	"\n\nrequest=smtpd_access_policy\nprotocol_state=RCPT\ninstance=1.2\n"                     \
	"client_address=192.0.2.1\nhelo_name=h\nsender=s\nrecipient=r\n\n"

/* check_values - all are there, none is too long, and their sum is bounded */
static void check_values(const struct policy_request *request)
{
	size_t octets = 0;

	for (size_t i = 0; i < POLICY_ATTRIBUTES; i++) {
		fuzz_expect(request->values[i] != NULL);
		fuzz_expect(strlen(request->values[i]) <= POLICY_VALUE_MAX);
		octets += strlen(request->values[i]);
	}
	fuzz_expect(octets <= POLICY_REQUEST_MAX);
}

/* is_value - does the text have a line with this attribute and value? */
static bool is_value(struct slice text, const char *name, const char *value)
{
	struct slice line;

	while (slice_cut(&text, '\n', &line)) {
		size_t len = strlen(name);

		if (line.len != 0 && line.data[line.len - 1] == '\r')
			line.len--;
		if (line.len > len && line.data[len] == '=' &&
		    slice_is(slice_from(line.data, len), name) &&
		    slice_is(slice_skip(line, len + 1), value))
			return true;
	}
	return false;
}

/* check_good - the last request is the one that was added */
static void check_good(const struct policy_request *request)
{
	fuzz_expect(request->reason == NULL);
	fuzz_expect(strcmp(request->values[POLICY_REQUEST], "smtpd_access_policy") == 0);
	fuzz_expect(strcmp(request->values[POLICY_CLIENT_ADDRESS], "192.0.2.1") == 0);
	fuzz_expect(strcmp(request->values[POLICY_RECIPIENT], "r") == 0);
	fuzz_expect(*request->values[POLICY_SASL_USERNAME] == '\0');
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct policy_request request = {.reason = "none was read"};
	struct policy_request next;
	struct policy_reader *reader;
	struct slice text;
	struct buffer stream;

	buffer_init(&stream, input.len + sizeof(GOOD));
	buffer_add_slice(&stream, input);
	buffer_add_text(&stream, GOOD);
	text = buffer_slice(&stream);
	reader = policy_reader_new(fuzz_file(0, text));
	while (policy_read(reader, pool, &next)) {
		request = next;
		check_values(&request);
		if (*request.values[POLICY_SENDER] != '\0')
			fuzz_expect(is_value(text, "sender", request.values[POLICY_SENDER]));
	}
	check_good(&request);
	policy_reader_free(reader);
	buffer_free(&stream);
	pool_free(pool);
}
