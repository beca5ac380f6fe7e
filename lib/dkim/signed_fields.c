/*
 * signed_fields - selection of header fields by h= (RFC 6376 section 5.4.2); see signed_fields.h
 *
 * Sorted and not hashed: a sender who knows the hash function would choose
 * names that all collide.
 */
#include "dkim/signed_fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

/* A field with a name. */
struct entry {
	struct slice name; /* in lower case */
	size_t index;      /* in the message */
	const struct field *field;
};

/* All fields of one name, neighbours among the entries. */
struct group {
	size_t first;
	size_t count;
	size_t left; /* not taken yet: the upper ones */
};

struct dkim_header {
	struct entry *entries; /* sorted by name, then from top to bottom */
	size_t entry_count;
	struct group *groups; /* sorted by name */
	size_t group_count;
	const struct field *own;
	char *wanted; /* room for the longest name */
	size_t wanted_max;
};

/* compare_names - any order will do; the length first is the fastest */
static int compare_names(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

/* compare_entries - for qsort() */
static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	int order = compare_names(a->name, b->name);

	if (order != 0)
		return order;
	return a->index < b->index ? -1 : a->index > b->index;
}

/* lower - writes a name in lower case */
static void lower(char *to, struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		to[i] = byte_lower(name.data[i]);
}

/* add_entries - one for each field that has a name */
static void add_entries(struct dkim_header *header, struct pool *pool,
			const struct message *message)
{
	size_t count = message_field_count(message);

	header->entries = pool_alloc(pool, count * sizeof(*header->entries));
	for (size_t i = 0; i < count; i++) {
		const struct field *field = message_field(message, i);
		char *name = pool_alloc(pool, field->name.len);

		if (field->name.len == 0)
			continue;
		if (field->name.len > header->wanted_max)
			header->wanted_max = field->name.len;
		lower(name, field->name);
		header->entries[header->entry_count++] = (struct entry){
		    .name = slice_from(name, field->name.len),
		    .index = i,
		    .field = field,
		};
	}
}

/* add_groups - one for each name among the sorted entries */
static void add_groups(struct dkim_header *header, struct pool *pool)
{
	struct group *group = NULL;

	header->groups = pool_alloc(pool, header->entry_count * sizeof(*header->groups));
	for (size_t i = 0; i < header->entry_count; i++) {
		struct slice name = header->entries[i].name;

		if (group == NULL || compare_names(header->entries[group->first].name, name) != 0) {
			group = &header->groups[header->group_count++];
			group->first = i;
		}
		group->count++;
	}
}

struct dkim_header *signed_fields_new(struct pool *pool, const struct message *message)
{
	struct dkim_header *header = pool_alloc(pool, sizeof(*header));

	add_entries(header, pool, message);
	qsort(header->entries, header->entry_count, sizeof(*header->entries), compare_entries);
	add_groups(header, pool);
	header->wanted = pool_alloc(pool, header->wanted_max);
	signed_fields_restart(header, NULL);
	return header;
}

void signed_fields_restart(struct dkim_header *header, const struct field *own)
{
	header->own = own;
	for (size_t i = 0; i < header->group_count; i++)
		header->groups[i].left = header->groups[i].count;
}

/* find_group - the fields of that name in lower case, or NULL */
static struct group *find_group(struct dkim_header *header, struct slice name)
{
	size_t low = 0;
	size_t high = header->group_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		struct group *group = &header->groups[middle];
		int order = compare_names(name, header->entries[group->first].name);

		if (order == 0)
			return group;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct field *signed_fields_take(struct dkim_header *header, struct slice name)
{
	struct group *group;

	if (name.len > header->wanted_max)
		return NULL;
	lower(header->wanted, name);
	group = find_group(header, slice_from(header->wanted, name.len));
	while (group != NULL && group->left > 0) {
		const struct field *field = header->entries[group->first + --group->left].field;

		if (field != header->own)
			return field;
	}
	return NULL;
}
