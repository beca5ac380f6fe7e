/*
 * judgement - the verdict on a message, whoever its author is (RFC 9989 sections 5.3 and 11.5)
 *
 * dmarc_evaluate() judges for one author domain. Here is what becomes of a message that has
 * several of them, or none, or one that DNS has no answer for, and what this site asks for beyond
 * the policies of others. What cannot be judged is never treated better than what fails.
 */
#ifndef ASSAY_DMARC_JUDGEMENT_H
#define ASSAY_DMARC_JUDGEMENT_H

#include "dmarc/evaluation.h"
#include "dmarc/least_policies.h"

/* What this site asks for on its own. */
struct dmarc_demands {
	enum dmarc_disposition no_author;      /* --no-author: nobody can be judged */
	enum dmarc_disposition on_temperror;   /* --on-temperror: DNS does not answer */
	const struct least_policies *at_least; /* --at-least; NULL: none */
};

/*
 * Judges the message for each of input->author. One domain: its result. Several: pass only if
 * every one passes, otherwise the strictest of those that fail, or cannot be judged, decides;
 * result->author_domain is the one that did. None: permerror with the disposition of no_author.
 */
void dmarc_judge(struct pool *pool, const struct dmarc_input *input,
		 const struct dmarc_demands *demands, struct dns *dns, struct dns_budget *budget,
		 const struct trace *trace, struct dmarc_result *result);

#endif
