/*
 * spf_repair - what somebody meant who wrote a term of an SPF record wrongly
 *
 * The mistakes that people publish are few, and the same again and again: a name misspelt, an
 * address without one, a list with commas, a dash that a word processor has made longer. A term is
 * changed step by step, as whoever helps would do it, until the grammar takes it (RFC 7208 12).
 */
#ifndef ASSAY_SPF_SPF_REPAIR_H
#define ASSAY_SPF_SPF_REPAIR_H

#include "base/bytes.h"

#define SPF_REPAIR_STEPS_MAX 16 /* RFC 7208 names none: what takes more is not understood */

struct spf_repair {
	const char *meant;  /* what is wrong with it, in words; NULL if that is not known */
	const char *remedy; /* what to write or to do; always set */
	const char *write;  /* the term or terms to write; "": none; NULL: that needs a decision */
	bool takes_next;    /* the next word of the record belongs to it, and is in write */
};

/* term is not plausible (spf/spf_plausible.h); next is the word after it, empty if there is none.
 */
void spf_repair(struct pool *pool, struct slice term, struct slice next, struct spf_repair *repair);

#endif
