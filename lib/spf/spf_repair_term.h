/*
 * spf_repair_term - steps that mend the name, the separator or the argument of one term
 *
 * Each takes one word, as those of spf/spf_repair_text.h do.
 */
#ifndef ASSAY_SPF_SPF_REPAIR_TERM_H
#define ASSAY_SPF_SPF_REPAIR_TERM_H

#include "base/bytes.h"

/* "--all", "-redirect=x", "all-" */
const char *spf_repair_fix_qualifier(struct pool *pool, struct slice word);

/* "{i}", "%i", "%(i)" */
const char *spf_repair_fix_macro(struct pool *pool, struct slice word);

/* "include:include:x", "ip4:a:x": the inner one says what the argument is */
const char *spf_repair_drop_name(struct pool *pool, struct slice word);

/* "ipv4:", "inlcude:" */
const char *spf_repair_fix_name(struct pool *pool, struct slice word);

/* "include.x", "include=x", "redirect:x", "ip4::192.0.2.1", "ip4192.0.2.1" */
const char *spf_repair_fix_separator(struct pool *pool, struct slice word);

/* Of a host name: a port, a path */
const char *spf_repair_drop_tail(struct pool *pool, struct slice word);

/* A netmask, a range, an asterisk, a port: the name is right */
const char *spf_repair_fix_network(struct pool *pool, struct slice word);

/* The name does not fit what is after it, or there is none; see spf_networks.h */
const char *spf_repair_fix_argument(struct pool *pool, struct slice word);

#endif
