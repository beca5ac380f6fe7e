/*
 * dmarc_output - what dmarceval says: fields of a message, lines of check mode
 */
#include "dmarc_output.h"

#include "base/json.h"
#include "base/pool.h"
#include "mail/authres_trust.h"
#include "mail/authres_write.h"

/* aligned_word - as in reports */
static const char *aligned_word(bool aligned)
{
	return aligned ? "pass" : "fail";
}

/* disposition_text - "p=reject dis=quarantine", as other programs write it; NULL: nothing to say */
static const char *disposition_text(struct pool *pool, const struct dmarc_result *result)
{
	const char *word = dmarc_disposition_word(result->disposition);

	if (result->policy_tag != NULL)
		return pool_printf(pool, "p=%s dis=%s", dmarc_policy_word(result->policy), word);
	if (result->disposition > DMARC_DISPOSITION_NONE)
		return pool_printf(pool, "dis=%s", word);
	return NULL;
}

/* policy_word - RFC 9989 9.1 has no word for a message that is to come again */
static const char *policy_word(enum dmarc_disposition disposition)
{
	return dmarc_disposition_word(
	    disposition == DMARC_DISPOSITION_DEFER ? DMARC_DISPOSITION_QUARANTINE : disposition);
}

/* add_properties - RFC 9989 9.1, and the comment that people know from other programs */
static void add_properties(struct authres_writer *writer, struct pool *pool,
			   const struct dmarc_result *result)
{
	authres_add(writer, "header", "from", result->author_domain);
	if (disposition_text(pool, result) != NULL)
		authres_add(writer, "policy", "dmarc", policy_word(result->disposition));
}

/* field_reason - what whoever reads the field would not guess from the rest of it */
static const char *field_reason(const struct dmarc_result *result)
{
	if (result->result == RESULT_PERMERROR || result->result == RESULT_TEMPERROR)
		return result->reason;
	return result->note;
}

/* dmarc_resinfo - the result on one line */
static const char *dmarc_resinfo(struct pool *pool, const struct verdict *verdict)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "dmarc", verdict->result.result);
	authres_reason(&writer, verdict->result.reason);
	authres_comment(&writer, disposition_text(pool, &verdict->result));
	add_properties(&writer, pool, &verdict->result);
	return authres_end(&writer, pool);
}

/* add_attributes - what the next stages of a stream, and the gate, get to know */
static void add_attributes(struct filter *filter, const struct verdict *verdict)
{
	if (!verdict->ignored)
		filter_add_result(filter, dmarc_resinfo(filter->pool, verdict));
	filter_add_attribute(filter, "disposition",
			     dmarc_disposition_word(verdict->result.disposition));
	if (verdict->result.reason != NULL)
		filter_add_attribute(filter, "reason", verdict->result.reason);
}

void output_fields(struct filter *filter, unsigned hops, const char *mark,
		   const struct verdict *verdict)
{
	const char *id = filter->context->options.authserv_id;
	const struct authres_zone zone = filter_find_zone(filter, hops, false);
	struct authres_writer writer;

	authres_strip(filter->message, id, zone.end);
	if (zone.is_sealed)
		message_remove_field(filter->message, zone.seal);
	add_attributes(filter, verdict);
	if (verdict->ignored)
		return;
	authres_begin(&writer, id, "dmarc", verdict->result.result);
	authres_comment(&writer, disposition_text(filter->pool, &verdict->result));
	authres_reason(&writer, field_reason(&verdict->result));
	add_properties(&writer, filter->pool, &verdict->result);
	message_add_field(filter->message, authres_end(&writer, filter->pool));
	if (mark != NULL && verdict->result.disposition > DMARC_DISPOSITION_NONE)
		message_add_field(filter->message, mark);
}

/* write_dmarc_json - check mode with -j */
static bool write_dmarc_json(const struct verdict *verdict)
{
	const struct dmarc_result *result = &verdict->result;
	struct json json;

	json_begin(&json);
	json_string(&json, "method", "dmarc");
	json_string(&json, "result", result_word(result->result));
	json_string(&json, "reason", result->reason);
	json_string(&json, "from", result->author_domain);
	json_string(&json, "org_domain", result->org_domain);
	json_string(&json, "policy_domain", result->policy_domain);
	json_string(&json, "policy_tag", result->policy_tag);
	json_string(&json, "policy",
		    result->policy_tag != NULL ? dmarc_policy_word(result->policy) : NULL);
	json_string(&json, "disposition", dmarc_disposition_word(result->disposition));
	json_string(&json, "spf_aligned", aligned_word(result->spf_aligned));
	json_string(&json, "dkim_aligned", aligned_word(result->dkim_aligned));
	json_list_begin(&json, "override");
	for (size_t i = 0; i < verdict->overrides.count; i++)
		json_item(&json, dmarc_override_word(verdict->overrides.reasons[i].type));
	json_list_end(&json);
	json_list_begin(&json, "queries");
	for (size_t i = 0; i < result->query_count; i++)
		json_item(&json, result->queries[i]);
	json_list_end(&json);
	return json_end(&json);
}

bool output_line(struct filter *filter, const struct verdict *verdict)
{
	return filter->context->options.json ? write_dmarc_json(verdict)
					     : tool_print(dmarc_resinfo(filter->pool, verdict));
}

void output_unrecorded(const struct filter *filter, struct system_log *log, bool lost,
		       const struct error *error)
{
	const char *text;

	if (filter->context->options.quiet && !lost)
		return;
	text =
	    pool_printf(filter->pool, "history: %s%s", error->text,
			lost ? "; the row of this message is lost" : "; the row waits beside it");
	fprintf(stderr, "%s: %s\n", filter->context->tool->name, text);
	system_log_write(log, lost ? LOG_ERR : LOG_WARNING, slice_of(text));
}
