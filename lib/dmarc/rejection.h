/*
 * rejection - whether a message is really rejected (RFC 9989 section 7.4)
 *
 * A receiver must not reject mail for p=reject alone: mailing lists and forwarders break SPF and
 * DKIM of honest mail. It needs to know more. What can be known here is that mail of the author
 * domain does pass on its way to us, so often that one which does not is no accident, and that
 * nothing in the message speaks of an indirect way.
 */
#ifndef ASSAY_DMARC_REJECTION_H
#define ASSAY_DMARC_REJECTION_H

#include "dmarc/exceptions.h"

/* How well a domain has to be known: so much of its mail has passed lately, on several days. */
#define KNOWN_MESSAGES_MIN 20
#define KNOWN_DAYS_MIN     5
#define KNOWN_PERIOD       30 /* days, today is the last one */

enum dmarc_reject {
	DMARC_REJECT_UNSAID, /* the disposition is what is asked for, whatever that leads to */
	DMARC_REJECT_NEVER,
	DMARC_REJECT_KNOWN,
	DMARC_REJECT_ALWAYS,
};

/* What the history has of the mail of an author domain in KNOWN_PERIOD. */
struct dmarc_acquaintance {
	bool is_known;               /* false: the history could not be read */
	unsigned long long messages; /* that passed */
	unsigned long long days;     /* on which they did */
};

/*
 * What speaks of an indirect way, in words; NULL if nothing does. sender is MAIL FROM, or NULL if
 * it is not known. A stranger can put it there, and gets quarantine for it.
 */
const char *dmarc_indirect_sign(struct pool *pool, const struct dmarc_local_rules *rules,
				const struct message *message, const struct dmarc_input *input,
				const char *sender);

/* Is there anything to decide, and does it take an acquaintance? */
bool dmarc_rejection_needs_history(enum dmarc_reject reject, const struct dmarc_result *result,
				   const char *indirect_sign);

/*
 * Makes quarantine of reject where it has to be, and says why in the result and in overrides.
 * acquaintance is NULL if there is no history or it was not needed.
 */
void dmarc_settle_rejection(struct pool *pool, enum dmarc_reject reject,
			    const struct dmarc_acquaintance *acquaintance,
			    const char *indirect_sign, struct dmarc_result *result,
			    struct dmarc_overrides *overrides);

#endif
