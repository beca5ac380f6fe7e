/*
 * spf_networks - addresses and networks as people write them into SPF records
 */
#ifndef ASSAY_SPF_SPF_NETWORKS_H
#define ASSAY_SPF_SPF_NETWORKS_H

#include "spf/spf_record.h"

#define SPF_RANGE_MAX 8 /* RFC 7208 names none: networks that a range is written as */

/*
 * The terms that stand for an argument, each after the qualifier: a netmask, a range, an asterisk,
 * a port, leading zeros, an address that is cut short. NULL if it is none that can be told.
 */
const char *spf_networks_meant(struct pool *pool, struct slice argument, const char *qualifier);

/* Why a network cannot be what its owner wants, or NULL: private, loopback, link-local, ... */
const char *spf_network_danger(const struct spf_term *term);

/* Is the network the whole world, or so much of it that it makes no difference? */
bool spf_network_is_world(const struct spf_term *term);

/* The same network without bits after its prefix; NULL if there are none. */
const char *spf_network_clean(struct pool *pool, const struct spf_term *term);

#endif
