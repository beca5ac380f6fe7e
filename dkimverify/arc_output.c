/*
 * arc_output - what dkimverify says of an ARC chain; see arc_output.h
 */
#include "arc_output.h"

#include "base/json.h"
#include "base/pool.h"
#include "mail/authres_write.h"

/* add_arc_properties - who has sealed it, for dmarceval; a stranger's chain has at most 50 of them
 */
static void add_arc_properties(struct authres_writer *writer, struct pool *pool,
			       const struct arc_result *arc)
{
	if (arc->reason != NULL)
		authres_reason(writer, arc->reason);
	if (arc->result == RESULT_PASS)
		authres_add(writer, "policy", "arc-sealers",
			    pool_printf(pool, "%u", arc->sealer_count));
	for (unsigned i = 0; i < arc->sealer_count; i++)
		authres_add(writer, "policy", pool_printf(pool, "arc-seal-%u", i + 1),
			    arc->sealers[i]);
	authres_add(writer, "policy", "arc-from", arc->passed_author);
}

void arc_output_field(struct filter *filter, const struct arc_result *arc)
{
	struct authres_writer writer;

	authres_begin(&writer, filter->context->options.authserv_id, "arc", arc->result);
	add_arc_properties(&writer, filter->pool, arc);
	message_add_field(filter->message, authres_end(&writer, filter->pool));
}

const char *arc_output_resinfo(struct pool *pool, const struct arc_result *arc)
{
	struct authres_writer writer;

	authres_begin_bare(&writer, "arc", arc->result);
	add_arc_properties(&writer, pool, arc);
	return authres_end(&writer, pool);
}

bool arc_output_line(struct filter *filter, const struct arc_result *arc)
{
	struct json json;

	if (!filter->context->options.json)
		return tool_print(arc_output_resinfo(filter->pool, arc));
	json_begin(&json);
	json_string(&json, "method", "arc");
	json_string(&json, "result", result_word(arc->result));
	json_string(&json, "reason", arc->reason);
	json_number(&json, "sets", arc->sets);
	json_list_begin(&json, "sealers");
	for (unsigned i = 0; i < arc->sealer_count; i++)
		json_item(&json, arc->sealers[i]);
	json_list_end(&json);
	json_string(&json, "passed_author", arc->passed_author);
	return json_end(&json);
}
