/*
 * suppress_list - who gets no reports, in a file of the administrator
 *
 * One entry a line: an address, a domain, or ".example.org" for a domain and all below it. A
 * domain stands for all addresses in it as well as for reports about it.
 */
#ifndef ASSAY_REPORT_SUPPRESS_LIST_H
#define ASSAY_REPORT_SUPPRESS_LIST_H

#include "base/bytes.h"
#include "base/error.h"

struct suppress_list;

/* NULL with error, which names file and line. */
struct suppress_list *suppress_list_read(struct pool *pool, const char *path, struct error *error);

/* Is the address in the list? */
bool suppress_list_has_address(const struct suppress_list *list, const char *address);

/* Is the canonical domain, or one above it with a dot in front, in the list? */
bool suppress_list_has_domain(const struct suppress_list *list, const char *domain);

/* The form in which addresses are compared: the domain is canonical. NULL if it is no address. */
const char *suppress_address(struct pool *pool, const char *address);

#endif
