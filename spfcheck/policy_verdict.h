/*
 * policy_verdict - what the options make of a result: reply codes, texts, fields, exceptions
 *
 * RFC 7208 8 (results), RFC 7372 3.2 (status codes), access(5) for the actions.
 */
#ifndef ASSAY_SPFCHECK_POLICY_VERDICT_H
#define ASSAY_SPFCHECK_POLICY_VERDICT_H

#include "mail/run_seal.h"
#include "policy_options.h"
#include "postfix/policy_request.h"
#include "spf/evaluate.h"

#define POLICY_FIELD_MAX 998 /* RFC 5322 2.1.1: octets of a line */

/*
 * Status code and the word before it of an action that refuses, or NULL if the result is no reason
 * to. is_bounce: the sender is null, so that the HELO name is all there is (RFC 7208 2.4).
 */
const char *policy_refusal_status(const struct policy_options *options,
				  const struct spf_result *result, bool is_bounce);

/* The action, short enough for one line of SMTP with what Postfix adds to it. */
const char *policy_refusal(struct pool *pool, const struct policy_options *options,
			   const char *status, const struct spf_result *result,
			   const char *recipient);

/* Could the result of a HELO check change the answer about a message that is no bounce? */
bool policy_helo_matters(const struct policy_options *options);

/*
 * Why the message is not refused all the same: a sentence, or NULL. This asks DNS; client_name is
 * the one that Postfix has verified.
 */
const char *policy_exception(struct pool *pool, const struct policy_options *options,
			     const struct spf_query *query, const char *client_name,
			     struct dns *dns);

/* The fields on one line; NULL if it does not fit. Received-SPF has a seal, see mail/run_seal.h. */
const char *policy_received_spf(struct pool *pool, const struct spf_query *query,
				const struct spf_result *result, const struct run_seal *seal);
const char *policy_authentication_results(struct pool *pool, const struct spf_query *query,
					  const struct spf_result *result);

#endif
