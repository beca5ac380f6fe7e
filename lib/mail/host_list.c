/*
 * host_list - lists of hosts as opendkim and opendmarc have them; see mail/host_list.h
 *
 * One pass over the entries finds the one that decides. Bits after the prefix length of a
 * network are ignored: "192.168.0.1/24" stands in many a configuration.
 */
#include "mail/host_list.h"

#include <string.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"

#define IP6_BITS 128

enum entry_kind {
	ENTRY_NAME,
	ENTRY_DOMAIN, /* everything below it */
	ENTRY_NETWORK,
};

struct entry {
	enum entry_kind kind;
	bool excepted;
	const char *name; /* canonical */
	struct ip_network network;
};

struct host_list {
	struct pool *pool;
	struct entry *entries;
	size_t count;
};

/* is_number - no host name ends so (RFC 1123 2.1): it is a misspelt address */
static bool is_number(const char *label)
{
	return label[strspn(label, "0123456789")] == '\0';
}

/* parse_name - a host name, or a domain after "." or "*." */
static bool parse_name(struct pool *pool, struct slice text, struct entry *entry)
{
	struct slice name = text;

	if (slice_starts_nocase(name, "*."))
		name = slice_skip(name, 1);
	entry->kind = name.len > 0 && name.data[0] == '.' ? ENTRY_DOMAIN : ENTRY_NAME;
	if (entry->kind == ENTRY_DOMAIN)
		name = slice_skip(name, 1);
	entry->name = domain_canonical(pool, name);
	return entry->name != NULL && strpbrk(entry->name, "/:*!,[]") == NULL &&
	       !is_number(domain_last_labels(entry->name, 1));
}

struct host_list *host_list_new(struct pool *pool)
{
	struct host_list *list = pool_alloc(pool, sizeof(*list));

	list->pool = pool;
	return list;
}

bool host_list_add(struct host_list *list, struct slice text, struct error *error)
{
	struct entry entry = {.excepted = text.len > 0 && text.data[0] == '!'};
	struct slice bare = entry.excepted ? slice_trim(slice_skip(text, 1)) : text;

	if (ip_network_parse(bare, &entry.network))
		entry.kind = ENTRY_NETWORK;
	else if (!parse_name(list->pool, bare, &entry))
		return error_set(error, STATUS_CONFIG,
				 "\"%s\" is no address, network, host or .domain",
				 text_excerpt(list->pool, text));
	list->entries = pool_grow(list->pool, list->entries, list->count, sizeof(entry));
	list->entries[list->count++] = entry;
	return true;
}

struct host_list *host_list_read(struct pool *pool, const char *path, struct error *error)
{
	struct host_list *list = host_list_new(pool);
	struct config_file file;
	struct slice line;
	struct error cause;

	if (!config_file_name(&path, NULL, error) || !config_file_read(pool, path, &file, error))
		return NULL;
	while (config_file_next(&file, &line)) {
		if (!host_list_add(list, line, &cause)) {
			config_file_error(path, file.line, error, "%s", cause.text);
			return NULL;
		}
	}
	return list;
}

/* precision - 0 if the entry does not match; the most precise entry has the largest number */
static size_t precision(const struct entry *entry, const struct ip_address *address,
			const char *name)
{
	if (entry->kind == ENTRY_NETWORK)
		return address != NULL && ip_network_contains(&entry->network, address)
			   ? 1 + entry->network.bits
			   : 0;
	if (name == NULL || !domain_is_within(name, entry->name))
		return 0;
	if (domain_equal(name, entry->name))
		return entry->kind == ENTRY_NAME ? 2 + IP6_BITS + DOMAIN_TEXT_MAX : 0;
	return entry->kind == ENTRY_DOMAIN ? 2 + IP6_BITS + strlen(entry->name) : 0;
}

bool host_list_contains(const struct host_list *list, const struct ip_address *address,
			const char *name)
{
	size_t best = 0;
	bool contained = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct entry *entry = &list->entries[i];
		size_t found = precision(entry, address, name);

		if (found > best || (found == best && found > 0 && entry->excepted))
			contained = !entry->excepted;
		if (found > best)
			best = found;
	}
	return contained;
}

size_t host_list_count(const struct host_list *list)
{
	return list->count;
}

const char *host_list_name(const struct host_list *list, size_t index)
{
	const struct entry *entry = &list->entries[index];

	return entry->excepted || entry->kind == ENTRY_NETWORK ? NULL : entry->name;
}
