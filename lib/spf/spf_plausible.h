/*
 * spf_plausible - can a term be what was meant?
 */
#ifndef ASSAY_SPF_SPF_PLAUSIBLE_H
#define ASSAY_SPF_SPF_PLAUSIBLE_H

#include "base/bytes.h"

/*
 * Is a term good: without a syntax error, and with nothing in it that only a mistake can have put
 * there (a port, a user, the name of another term)?
 */
bool spf_term_is_plausible(struct pool *pool, struct slice term);

#endif
