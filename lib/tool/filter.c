/*
 * filter - what the filters do alike; see tool/filter.h
 */
#include "tool/filter.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"

#define ATTRIBUTES_ROOM 4096 /* octets of a frame that results leave for other attributes */

bool filter_read_header(struct filter *filter, struct error *error)
{
	filter->message = message_new();
	if (filter->context->options.check)
		message_discard_body(filter->message);
	return message_read_header(filter->message, filter->source, error);
}

bool filter_read_body(struct filter *filter, message_sink *sink, void *context, struct error *error)
{
	return message_read_body(filter->message, filter->source, sink, context, error);
}

struct dns_budget filter_budget(const struct filter *filter, double share)
{
	struct dns_budget budget = tool_budget(filter->context);

	if (filter->frame == NULL)
		return budget;
	budget.deadline = filter->deadline;
	return dns_budget_part(&budget, share * dns_budget_left(&budget));
}

void filter_add_result(struct filter *filter, const char *result)
{
	struct frame *frame = filter->frame;

	if (frame == NULL)
		return;
	if (frame->attributes.len + strlen(result) > FRAME_ATTRIBUTES_MAX - ATTRIBUTES_ROOM ||
	    !frame_add(frame, "result", slice_of(result)))
		trace_print(&filter->context->trace, "no room in the frame for: %s", result);
}

void filter_add_attribute(struct filter *filter, const char *name, const char *value)
{
	char *text = pool_printf(filter->pool, "%s", value);

	if (filter->frame != NULL &&
	    !frame_add(filter->frame, name, slice_of(text_make_printable(text))))
		filter->overflow = true;
}

struct run_seal filter_run_seal(const struct filter *filter)
{
	return (struct run_seal){
	    .secret = &filter->context->secret,
	    .id = filter->context->options.authserv_id,
	    .now = time(NULL),
	};
}

struct authres_zone filter_find_zone(const struct filter *filter, unsigned hops, bool wants_smtpd)
{
	const struct run_seal seal = filter_run_seal(filter);
	struct authres_zone zone;

	if (filter->frame == NULL)
		return authres_find_zone(filter->pool, filter->message, hops, &seal, wants_smtpd);
	zone = authres_find_zone(filter->pool, filter->message, hops, NULL, false);
	if (!zone.is_bordered && !filter->is_first)
		zone.end = authres_block(filter->message);
	return zone;
}

/* count_left - the fields of earlier tools of this run that were not removed */
static size_t count_left(const struct message *message, const struct authres_zone *zone)
{
	size_t count = 0;

	for (size_t i = 0; i < zone->end; i++)
		count += message_field(message, i)->removed ? 0 : 1;
	return count;
}

void filter_seal(struct filter *filter, const struct authres_zone *zone)
{
	const struct run_seal seal = filter_run_seal(filter);

	if (filter->frame != NULL || zone->is_bordered)
		return;
	if (zone->is_sealed)
		message_remove_field(filter->message, zone->seal);
	run_seal_add(filter->pool, filter->message, &seal, count_left(filter->message, zone));
}

void filter_end(struct filter *filter)
{
	message_free(filter->message);
	pool_free(filter->pool);
}
