/*
 * host_list - lists of hosts as opendkim (InternalHosts, PeerList) and opendmarc
 * (IgnoreHosts) have them
 *
 * One entry a line: an address, a network in CIDR notation, a host name, or a domain and all
 * below it as ".example.com" or "*.example.com". An entry after "!" is excepted. The most
 * precise entry decides, wherever it stands: names before addresses, a host before its
 * domain, a smaller network before a larger one; of equals the exception.
 *
 * Names match only the name that the caller knows of the client; nothing is looked up.
 */
#ifndef ASSAY_MAIL_HOST_LIST_H
#define ASSAY_MAIL_HOST_LIST_H

#include "base/error.h"
#include "mail/ip_address.h"

struct host_list;

struct host_list *host_list_new(struct pool *pool);

/* Adds one entry; false with what is wrong with it. */
bool host_list_add(struct host_list *list, struct slice entry, struct error *error);

/*
 * A list from a file, which may be named as opendkim does it, with "file:" or "refile:" in
 * front. Errors name file and line; NULL if it cannot be used.
 */
struct host_list *host_list_read(struct pool *pool, const char *path, struct error *error);

/* How many entries there are; the name or .domain of one, NULL if it is a network or excepted. */
size_t host_list_count(const struct host_list *list);
const char *host_list_name(const struct host_list *list, size_t index);

/*
 * Is this client in the list? address may be NULL or have family 0, name (canonical, see
 * mail/domain.h, and verified by the MTA) may be NULL: not known.
 */
bool host_list_contains(const struct host_list *list, const struct ip_address *address,
			const char *name);

#endif
