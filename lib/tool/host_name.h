/*
 * host_name - the full name of this host, for the name in which we write results
 *
 * Debian's host name is short, "mx". Whoever reads results (SpamAssassin, Sieve, people) expects
 * "mx.example.com" (RFC 8601 2.5), and so do our own tools if one of them was told.
 */
#ifndef ASSAY_TOOL_HOST_NAME_H
#define ASSAY_TOOL_HOST_NAME_H

#include <stdbool.h>

#include "base/pool.h"

#define HOST_NAME_SECONDS_MAX 2.0 /* for DNS, where /etc/hosts does not tell; a message waits */

/*
 * gethostname(2) if that has a dot. Otherwise the first name with a dot in the line of /etc/hosts
 * that has the host name; or, if may_ask, the host name in a search domain of /etc/resolv.conf
 * where DNS has an address. No name service of nsswitch.conf is loaded, so that a static program
 * finds the same. If all this fails, the host name as it is: no dot is in it then.
 */
const char *host_name(struct pool *pool, bool may_ask);

#endif
