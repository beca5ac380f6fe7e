/*
 * key_tables - who signs with which key: opendkim's KeyTable and SigningTable
 *
 * A key table has lines "NAME DOMAIN:SELECTOR:FILE[:ALGORITHM]". DOMAIN may be "%", the author's
 * domain;
 * "%" in FILE is replaced by it. FILE begins with "/", "./" or "../".
 *
 * A signing table has lines "PATTERN NAME[:IDENTITY]". NAME is one of the key table, or "%" for
 * a key of the name of the author's domain. IDENTITY becomes i=, "%" in it the domain.
 * In a file of patterns ("refile:") "*" matches any text and the first line that matches counts.
 * In a plain one ("file:") the most precise line counts: user@domain, domain,
 * user@.parent, .parent, user@*, "*". A file named without prefix is taken as what its lines
 * look like. All lines with the same pattern as the one that counts give a signature each.
 *
 * Comparison is without regard to case. Errors name file and line.
 */
#ifndef ASSAY_DKIM_KEY_TABLES_H
#define ASSAY_DKIM_KEY_TABLES_H

#include "base/bytes.h"
#include "base/error.h"
#include "dkim/table_lines.h"
#include "mail/address.h"

/* One signature to be made. */
struct dkim_table_choice {
	const char *domain;
	const char *selector;
	const char *path;
	const char *identity; /* or NULL */
	size_t line;          /* of the signing table */
};

/* signing_table may be NULL. NULL and error if a table cannot be used. */
struct dkim_tables *dkim_tables_read(struct pool *pool, const char *key_table,
				     const char *signing_table, struct error *error);

size_t dkim_tables_key_count(const struct dkim_tables *tables);
/* In the order of the file. */
const struct dkim_table_key *dkim_tables_key(const struct dkim_tables *tables, size_t index);

/*
 * The signatures for mail of the author at address, in the order of the signing table; count 0:
 * none. The address must have a domain.
 */
void dkim_tables_choose(struct pool *pool, const struct dkim_tables *tables,
			const struct address *address, struct dkim_table_choice **choices,
			size_t *count);

#endif
