/*
 * dkim_tables - what administrators write: a key table, a line "%%", a signing table, a line "%%",
 * and authors, an address a line
 *
 * The key table is also read as a list of hosts and as a list of suppressed addresses.
 */
#include "dkim/key_tables.h"

#include <string.h>

#include "base/pool.h"
#include "dkim/selector.h"
#include "fuzz.h"
#include "mail/domain.h"
#include "mail/host_list.h"
#include "report/suppress_list.h"

#define AUTHORS_MAX 4

static void check_keys(struct pool *pool, const struct dkim_tables *tables)
{
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		const struct dkim_table_key *key = dkim_tables_key(tables, i);

		fuzz_expect(*key->name != '\0' && *key->path != '\0' && key->line != 0);
		fuzz_expect(dkim_selector_is_good(slice_of(key->selector)));
		fuzz_expect(
		    strcmp(key->domain, "%") == 0 ||
		    fuzz_same_text(domain_canonical(pool, slice_of(key->domain)), key->domain));
	}
}

/* has_path - does the key table have this path? "%" in it stands for the domain */
static bool has_path(struct pool *pool, const struct dkim_tables *tables, const char *path,
		     const char *domain)
{
	for (size_t i = 0; i < dkim_tables_key_count(tables); i++) {
		struct slice rest = slice_of(dkim_tables_key(tables, i)->path);
		const char *whole = "";
		struct slice part;

		while (slice_cut(&rest, '%', &part))
			whole = pool_printf(pool, "%s%s%s", whole, slice_copy(pool, part),
					    rest.data != NULL ? domain : "");
		if (strcmp(whole, path) == 0)
			return true;
	}
	return false;
}

/* check_choice - a key of the table, for a domain that can be in a file name */
static void check_choice(struct pool *pool, const struct dkim_tables *tables,
			 const struct address *author, const struct dkim_table_choice *choice)
{
	fuzz_expect(strchr(author->domain, '/') == NULL);
	fuzz_expect(
	    fuzz_same_text(domain_canonical(pool, slice_of(choice->domain)), choice->domain));
	fuzz_expect(dkim_selector_is_good(slice_of(choice->selector)));
	fuzz_expect(has_path(pool, tables, choice->path, author->domain));
}

/* choose - the keys for an author */
static void choose(struct pool *pool, const struct dkim_tables *tables, struct slice text)
{
	struct dkim_table_choice *choices;
	struct address author;
	size_t count;

	if (!address_parse_path(pool, text, &author) || *author.domain == '\0')
		return;
	dkim_tables_choose(pool, tables, &author, &choices, &count);
	for (size_t i = 0; i < count; i++)
		check_choice(pool, tables, &author, &choices[i]);
}

/* check_lists - the other files that are written by hand */
static void check_lists(struct pool *pool, struct slice text, struct slice word)
{
	const char *path = fuzz_path(0, text);
	const char *copy = slice_copy(pool, word);
	const char *name = domain_canonical(pool, word);
	struct suppress_list *suppressed;
	struct host_list *hosts;
	struct ip_address address;
	struct error error;

	hosts = host_list_read(pool, path, &error);
	fuzz_expect(hosts != NULL || strncmp(error.text, path, strlen(path)) == 0);
	ip_address_parse(word, &address);
	if (hosts != NULL)
		fuzz_expect(host_list_contains(hosts, &address, name) ==
			    host_list_contains(hosts, &address, name));
	suppressed = suppress_list_read(pool, path, &error);
	fuzz_expect(suppressed != NULL || strncmp(error.text, path, strlen(path)) == 0);
	if (suppressed != NULL && suppress_list_has_address(suppressed, copy))
		fuzz_expect(suppress_address(pool, copy) != NULL);
	if (suppressed != NULL && name != NULL)
		suppress_list_has_domain(suppressed, name);
}

void fuzz_one(struct slice input)
{
	struct pool *pool = pool_new();
	struct slice keys = fuzz_part(&input);
	struct slice signings = fuzz_part(&input);
	struct dkim_tables *tables;
	struct slice author = slice_of(NULL);
	struct error error;

	tables = dkim_tables_read(pool, fuzz_path(0, keys), fuzz_path(1, signings), &error);
	if (tables == NULL)
		fuzz_expect(strncmp(error.text, "/proc/", strlen("/proc/")) == 0);
	else
		check_keys(pool, tables);
	for (size_t i = 0; i < AUTHORS_MAX && slice_cut(&input, '\n', &author); i++) {
		if (tables != NULL)
			choose(pool, tables, author);
	}
	check_lists(pool, keys, author);
	pool_free(pool);
}
