/*
 * least_policies - domains that this site is stricter with; see dmarc/least_policies.h
 */
#include "dmarc/least_policies.h"

#include <string.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"

struct least_policy {
	const char *domain; /* canonical */
	bool only_below;
	enum dmarc_policy policy;
};

struct least_policies {
	struct pool *pool;
	struct least_policy *entries;
	size_t count;
};

/* parse_owner - the first word of a line */
static bool parse_owner(struct pool *pool, struct slice word, struct least_policy *entry)
{
	struct slice name = word;

	if (slice_starts_nocase(name, "*."))
		name = slice_skip(name, 1);
	entry->only_below = name.len > 0 && name.data[0] == '.';
	if (entry->only_below)
		name = slice_skip(name, 1);
	entry->domain = domain_canonical(pool, name);
	return entry->domain != NULL && strpbrk(entry->domain, "/:*!,[]@") == NULL;
}

/* parse_policy_word - the second one */
static bool parse_policy_word(struct slice word, enum dmarc_policy *policy)
{
	for (*policy = DMARC_POLICY_NONE; *policy <= DMARC_POLICY_REJECT; (*policy)++) {
		if (slice_is_nocase(word, dmarc_policy_word(*policy)))
			return true;
	}
	return false;
}

/* add_policy_line - false with what is wrong with it */
static bool add_policy_line(struct least_policies *list, struct slice line, struct error *error)
{
	struct least_policy entry;
	struct slice rest = line;
	struct slice owner = slice_of("");
	struct slice policy = slice_of("");
	struct slice more;

	config_file_word(&rest, &owner);
	config_file_word(&rest, &policy);
	if (!parse_owner(list->pool, owner, &entry))
		return error_set(error, STATUS_CONFIG, "\"%s\" is no domain",
				 text_excerpt(list->pool, owner));
	if (!parse_policy_word(policy, &entry.policy) || config_file_word(&rest, &more))
		return error_set(error, STATUS_CONFIG,
				 "\"%s\": write none, quarantine or reject after the domain",
				 text_excerpt(list->pool, line));
	list->entries = pool_grow(list->pool, list->entries, list->count, sizeof(entry));
	list->entries[list->count++] = entry;
	return true;
}

const struct least_policies *least_policies_read(struct pool *pool, const char *path,
						 struct error *error)
{
	struct least_policies *list = pool_alloc(pool, sizeof(*list));
	struct config_file file;
	struct slice line;
	struct error cause;

	list->pool = pool;
	if (!config_file_name(&path, NULL, error) || !config_file_read(pool, path, &file, error))
		return NULL;
	while (config_file_next(&file, &line)) {
		if (!add_policy_line(list, line, &cause)) {
			config_file_error(path, file.line, error, "%s", cause.text);
			return NULL;
		}
	}
	return list;
}

/* weight - how precisely an entry fits; 0 if it does not */
static size_t weight(const struct least_policy *entry, const char *domain)
{
	if (!domain_is_within(domain, entry->domain))
		return 0;
	if (domain_equal(domain, entry->domain))
		return entry->only_below ? 0 : DOMAIN_TEXT_MAX + 1;
	return strlen(entry->domain);
}

enum dmarc_policy least_policies_find(const struct least_policies *list, const char *domain)
{
	enum dmarc_policy policy = DMARC_POLICY_UNSET;
	size_t best = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct least_policy *entry = &list->entries[i];
		size_t found = weight(entry, domain);

		/* Of two lines that fit alike the stricter one counts. */
		if (found > best || (found > 0 && found == best && entry->policy > policy)) {
			best = found;
			policy = entry->policy;
		}
	}
	return policy;
}
