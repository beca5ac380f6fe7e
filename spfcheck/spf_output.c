/*
 * spf_output - what spfcheck says: fields of a message, lines of check mode
 */
#include "spf_output.h"

#include "base/json.h"
#include "mail/authres_trust.h"
#include "mail/authres_write.h"
#include "spf/spf_received.h"

/* spf_resinfo - the result on one line */
static const char *spf_resinfo(struct filter *filter, const struct spf_result *result)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "spf", result->result);
	authres_reason(&writer, result->reason);
	authres_add(&writer, "smtp", "mailfrom", result->sender);
	return authres_end(&writer, filter->pool);
}

void output_fields(struct filter *filter, const char *header, const struct spf_query *query,
		   const struct spf_result *result)
{
	const char *id = filter->context->options.authserv_id;
	const struct authres_zone zone = filter_find_zone(filter, 1, true);
	struct authres_writer writer;

	authres_strip(filter->message, id, zone.end);
	authres_strip_spf(filter->message, id, 0);
	if (!slice_is(slice_of(header), "spf")) {
		authres_begin(&writer, id, "spf", result->result);
		authres_add(&writer, "smtp", "mailfrom", result->sender);
		message_add_field(filter->message, authres_end(&writer, filter->pool));
	}
	if (!slice_is(slice_of(header), "ar"))
		message_add_field(filter->message, spf_received_field(filter->pool, query, result));
	filter_seal(filter, &zone);
	filter_add_result(filter, spf_resinfo(filter, result));
}

/* write_spf_json - check mode with -j */
static bool write_spf_json(const struct spf_query *query, const struct spf_result *result)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "method", "spf");
	json_string(&json, "result", result_word(result->result));
	json_string(&json, "reason", result->reason);
	json_string(&json, "identity", result->identity == SPF_HELO ? "helo" : "mailfrom");
	json_string(&json, "domain", result->domain);
	json_string(&json, "sender", result->sender);
	json_string(&json, "ip", query->client.text);
	json_string(&json, "helo", query->helo);
	json_string(&json, "mechanism", result->mechanism);
	json_string(&json, "explanation", result->explanation);
	json_number(&json, "lookups", result->lookups);
	json_number(&json, "void_lookups", result->void_lookups);
	return json_end(&json);
}

bool output_line(struct filter *filter, const struct spf_query *query,
		 const struct spf_result *result)
{
	return filter->context->options.json ? write_spf_json(query, result)
					     : tool_print(spf_resinfo(filter, result));
}
