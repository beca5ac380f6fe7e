/*
 * policy_list - addresses, names and domains that the policy service treats in a way of their own
 *
 * They are given on the command line, separated by commas, or in a file, one entry a line: the
 * files that dmarceval reads (mail/host_list.h). A file is read again when it has changed, as a
 * service may live for an hour. What is wrong with the new one is told once, and the old one
 * stays in force.
 */
#ifndef ASSAY_SPFCHECK_POLICY_LIST_H
#define ASSAY_SPFCHECK_POLICY_LIST_H

#include <sys/stat.h>

#include "base/error.h"
#include "mail/host_list.h"
#include "tool/options.h"
#include "tool/sandbox.h"

struct policy_list {
	const char *path;       /* NULL: on the command line */
	struct pool *pool;      /* of what is in force; of the list, for a file */
	struct host_list *list; /* NULL: none was given */
	struct stat seen;       /* of the file */
};

/* struct policy_list, its pool set: what begins with "/", "./" or "../" is a file. */
option_setter policy_list_set;

/* Reads the file, if it is one. */
bool policy_list_open(struct policy_list *list, struct error *error);

/* What rereading it takes; the file may be replaced, so it is its directory that is read. */
void policy_list_allow(const struct policy_list *list, struct sandbox *sandbox);

/* Reads the file again if it has changed; false if it cannot be used. */
bool policy_list_refresh(struct policy_list *list, struct error *error);

void policy_list_close(struct policy_list *list);

/* Is there such an entry? address and name as in host_list_contains(). */
bool policy_list_contains(const struct policy_list *list, const struct ip_address *address,
			  const char *name);

#endif
