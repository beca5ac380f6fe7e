/*
 * failure - which failing messages a domain wants to hear of, and what it is told (RFC 9991)
 */
#ifndef ASSAY_REPORT_FAILURE_H
#define ASSAY_REPORT_FAILURE_H

#include "dmarc/evaluation.h"
#include "history/incident.h"
#include "mail/ip_address.h"

/* Does the record ask for a report on such a message (fo=, RFC 9989 section 4.7)? Never psd=y. */
bool failure_is_wanted(const struct dmarc_input *input, const struct dmarc_result *result);

/* What is known about the message besides. */
struct failure_message {
	const struct message *message;
	const struct ip_address *client;
	const char *sender; /* MAIL FROM, or NULL */
	const char *authserv_id;
	const char *key; /* incident_key() */
	time_t now;
};

/* The incident, redacted. DNS is asked for the SPF record that has failed, if budget allows. */
void failure_incident(struct pool *pool, const struct failure_message *message,
		      const struct dmarc_input *input, const struct dmarc_result *result,
		      struct dns *dns, struct dns_budget *budget, struct incident *incident);

#endif
