/*
 * failure_read - the fields of a failure report; see report/failure_read.h
 */
#include "report/failure_read.h"

#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"
#include "mail/ip_address.h"
#include "report/mime_reader.h"

#define EXIM_TEXT "A message claiming to be from you has failed the published DMARC policy"

/* first_field - of that name, "" if there is none */
static const char *first_field(struct pool *pool, struct slice fields, const char *name)
{
	struct slice rest = fields;
	const char *value = mime_field(pool, &rest, name);

	return incoming_word(pool, slice_of(value));
}

/* address_of - the usual form of an address, "" if it is none */
static const char *address_of(struct pool *pool, const char *text)
{
	struct ip_address address;

	if (!ip_address_parse(slice_of(text), &address))
		return "";
	return pool_printf(pool, "%s", address.text);
}

/* domain_of - a name as it is compared, "" if it is none */
static const char *domain_of(struct pool *pool, const char *text)
{
	const char *name = domain_canonical(pool, slice_of(text));

	return name != NULL ? name : "";
}

/* tell_failure - a report of one row; who sent it is known by the mail alone */
static void tell_failure(struct pool *pool, const struct incoming_sink *sink,
			 const struct incoming_failure *failure, const char *domain,
			 const char *generator)
{
	const struct incoming_head head = {
	    .kind = INCOMING_FAILURE,
	    .org = "",
	    .email = "",
	    .id = "",
	    .domain = domain_of(pool, domain),
	    .policy = "",
	    .generator = generator,
	    .remark = "",
	};

	if (sink->begin(sink->context, INCOMING_FAILURE) && sink->failure(sink->context, failure))
		sink->end(sink->context, &head);
}

bool failure_read(struct slice fields, const struct incoming_sink *sink)
{
	struct pool *pool = pool_new();
	bool is_failure = strncmp(first_field(pool, fields, "Feedback-Type"), "auth-failure",
				  strlen("auth-failure")) == 0;
	const struct incoming_failure failure = {
	    .source = address_of(pool, first_field(pool, fields, "Source-IP")),
	    .cause = first_field(pool, fields, "Auth-Failure"),
	    .delivery = first_field(pool, fields, "Delivery-Result"),
	    .fields = fields,
	};

	if (is_failure)
		tell_failure(pool, sink, &failure, first_field(pool, fields, "Reported-Domain"),
			     first_field(pool, fields, "User-Agent"));
	pool_free(pool);
	return is_failure;
}

/* line_after - what follows a label in a text, up to the end of the line */
static const char *line_after(struct pool *pool, struct slice text, const char *label)
{
	const char *found = memmem(text.data, text.len, label, strlen(label));
	struct slice rest;

	if (found == NULL)
		return "";
	rest = slice_between(found + strlen(label), text.data + text.len);
	return incoming_word(pool, slice_from(rest.data, slice_find(rest, '\n')));
}

bool failure_read_text(struct slice text, const struct incoming_sink *sink)
{
	struct slice trimmed = slice_trim(text);
	struct pool *pool = pool_new();
	bool is_failure = slice_starts_nocase(trimmed, EXIM_TEXT);
	const struct incoming_failure failure = {
	    .source = address_of(pool, line_after(pool, trimmed, "Sender IP Address:")),
	    .cause = "dmarc",
	    .delivery = "",
	    .fields = text,
	};

	if (is_failure)
		tell_failure(pool, sink, &failure, line_after(pool, trimmed, "Sender Domain:"), "");
	pool_free(pool);
	return is_failure;
}
