/*
 * output - what dmarceval says: fields of a message, lines of check mode
 */
#include "output.h"

#include "authres.h"
#include "json.h"
#include "pool.h"

/* aligned_word - as in reports */
static const char *aligned_word(bool aligned)
{
	return aligned ? "pass" : "fail";
}

/* add_properties - RFC 9989 9.1, and the comment that people know from other programs */
static void add_properties(struct authres_writer *writer, struct pool *pool, const char *from,
			   const struct dmarc_result *result)
{
	if (result->policy_tag != NULL)
		authres_comment(writer,
				pool_printf(pool, "p=%s dis=%s", dmarc_policy_word(result->policy),
					    dmarc_policy_word(result->disposition)));
	authres_add(writer, "header", "from", from);
	if (result->policy_tag != NULL)
		authres_add(writer, "policy", "dmarc", dmarc_policy_word(result->disposition));
}

void output_fields(struct filter *filter, unsigned hops, const char *mark, const char *from,
		   const struct dmarc_result *result)
{
	const char *id = filter->options.authserv_id;
	struct authres_writer writer;

	authres_strip(filter->message, id, hops, false);
	authres_begin(&writer, id, "dmarc", result->result);
	add_properties(&writer, filter->pool, from, result);
	message_add_field(filter->message, authres_end(&writer, filter->pool));
	if (mark != NULL && result->disposition > DMARC_POLICY_NONE)
		message_add_field(filter->message, mark);
}

/* write_resinfo - check mode */
static bool write_resinfo(struct pool *pool, const char *from, const struct dmarc_result *result)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "dmarc", result->result);
	authres_reason(&writer, result->reason);
	add_properties(&writer, pool, from, result);
	return filter_print(authres_end(&writer, pool));
}

/* write_json - check mode with -j */
static bool write_json(const char *from, const struct dmarc_result *result)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "method", "dmarc");
	json_string(&json, "result", result_word(result->result));
	json_string(&json, "reason", result->reason);
	json_string(&json, "from", from);
	json_string(&json, "org_domain", result->org_domain);
	json_string(&json, "policy_domain", result->policy_domain);
	json_string(&json, "policy_tag", result->policy_tag);
	json_string(&json, "policy",
		    result->policy_tag != NULL ? dmarc_policy_word(result->policy) : NULL);
	json_string(&json, "disposition", dmarc_policy_word(result->disposition));
	json_string(&json, "spf_aligned", aligned_word(result->spf_aligned));
	json_string(&json, "dkim_aligned", aligned_word(result->dkim_aligned));
	json_list_begin(&json, "override");
	if (result->test_mode)
		json_item(&json, "policy_test_mode");
	json_list_end(&json);
	json_list_begin(&json, "queries");
	for (size_t i = 0; i < result->query_count; i++)
		json_item(&json, result->queries[i]);
	json_list_end(&json);
	return json_end(&json);
}

bool output_line(struct filter *filter, const char *from, const struct dmarc_result *result)
{
	return filter->options.json ? write_json(from, result)
				    : write_resinfo(filter->pool, from, result);
}
