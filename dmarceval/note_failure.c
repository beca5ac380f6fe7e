/*
 * note_failure - keeps what a domain wants to hear of a failing message; see note_failure.h
 */
#include "note_failure.h"

#include "report/failure.h"

#define SPF_SECONDS 1.0 /* for the record that has failed, after the message has gone */
#define SPF_QUERIES 3

void note_failure(const struct filter *filter, struct history_writer *writer,
		  const struct dmarc_input *input, const struct dmarc_result *result)
{
	const struct trace *trace = &filter->context->trace;
	struct dns_budget budget = dns_budget_for(SPF_SECONDS, SPF_QUERIES);
	struct failure_message message = {
	    .message = filter->message,
	    .client = &filter->envelope.client,
	    .sender = filter->envelope.sender,
	    .authserv_id = filter->context->options.authserv_id,
	    .now = filter->now,
	};
	struct incident incident;
	struct error error;

	if (!failure_is_wanted(input, result))
		return;
	message.key = incident_key(writer, filter->pool, &error);
	if (message.key == NULL) {
		trace_print(trace, "failure report: not kept: %s", error.text);
		return;
	}
	failure_incident(filter->pool, &message, input, result, filter->context->dns, &budget,
			 &incident);
	if (incident_record(writer, filter->pool, &incident, &error))
		trace_print(trace, "failure report: kept for %s", incident.domain);
	else
		trace_print(trace, "failure report: not kept: %s", error.text);
}
