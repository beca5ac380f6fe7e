/*
 * zone - records that answer in place of the DNS; see zone.h
 *
 * RFC 4592 (wildcards and empty non-terminals).
 *
 * Records are sorted by their owner's labels from the right. So the names below
 * a name follow it at once, and whether a name exists is one binary search.
 */
#include "dns/zone.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define LABELS_MAX (DNS_NAME_SIZE / 2) /* each takes two octets at least */
#define KIND_FIRST INT_MIN             /* before all kinds of entries */

/* The labels of a name from the right, each with its length before it. */
struct zone_key {
	size_t len;
	char octets[DNS_NAME_SIZE];
};

struct zone_entry {
	struct slice key;
	int kind;        /* enum dns_type or enum dns_zone_kind */
	size_t sequence; /* keeps the order of adding among records of a type */
	struct dns_record record;
};

struct dns_zone {
	struct pool *pool;
	size_t count;
	struct zone_entry *entries; /* sorted when complete */
	struct dns_record *records; /* those of the entries, in the same order */
};

struct dns_zone *dns_zone_new(struct pool *pool)
{
	struct dns_zone *zone = pool_alloc(pool, sizeof(*zone));

	zone->pool = pool;
	return zone;
}

/* zone_key_of - the labels from the right */
static void zone_key_of(const struct dns_name *name, struct zone_key *key)
{
	size_t end = name->len;

	key->len = name->len;
	for (size_t at = 0; at < name->len; at += 1 + name->labels[at]) {
		size_t len = 1 + name->labels[at];

		end -= len;
		memcpy(key->octets + end, name->labels + at, len);
	}
}

void dns_zone_add(struct dns_zone *zone, const struct dns_name *owner, int kind,
		  const struct dns_record *record)
{
	struct zone_key key;

	zone_key_of(owner, &key);
	zone->entries = pool_grow(zone->pool, zone->entries, zone->count, sizeof(*zone->entries));
	zone->entries[zone->count] = (struct zone_entry){
	    .key = slice_from(pool_copy(zone->pool, key.octets, key.len), key.len),
	    .kind = kind,
	    .sequence = zone->count,
	    .record = *record,
	};
	zone->count++;
}

/* compare_keys - whatever order, but a name comes before those below it, and they follow it */
static int compare_keys(struct slice a, struct slice b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len != 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* compare_to - where an entry is in relation to a key and kind */
static int compare_to(const struct zone_entry *entry, struct slice key, int kind)
{
	int order = compare_keys(entry->key, key);

	return order != 0 ? order : (entry->kind > kind) - (entry->kind < kind);
}

static int compare_entries(const void *left, const void *right)
{
	const struct zone_entry *a = left;
	const struct zone_entry *b = right;
	int order = compare_to(a, b->key, b->kind);

	return order != 0 ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

void dns_zone_complete(struct dns_zone *zone)
{
	if (zone->count != 0)
		qsort(zone->entries, zone->count, sizeof(*zone->entries), compare_entries);
	zone->records = pool_alloc(zone->pool, zone->count * sizeof(*zone->records));
	for (size_t i = 0; i < zone->count; i++)
		zone->records[i] = zone->entries[i].record;
}

/* lower_bound - index of the first entry that is not before a key and kind */
static size_t lower_bound(const struct dns_zone *zone, struct slice key, int kind)
{
	size_t low = 0;
	size_t high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_to(&zone->entries[middle], key, kind) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* exists - is the name, or one below it, the owner of an entry? */
static bool exists(const struct dns_zone *zone, const struct zone_key *key, size_t len)
{
	struct slice wanted = slice_from(key->octets, len);
	size_t index = lower_bound(zone, wanted, KIND_FIRST);

	return index < zone->count && zone->entries[index].key.len >= len &&
	       slice_equal(slice_from(zone->entries[index].key.data, len), wanted);
}

/*
 * take_wildcard - RFC 4592 section 3.3.1: the name does not exist, so its
 * closest encloser is the longest name above it that does; only the wildcard
 * right below that one counts
 */
static bool take_wildcard(const struct dns_zone *zone, struct zone_key *key)
{
	static const char wildcard[] = "\1*";
	size_t enclosers[LABELS_MAX]; /* their lengths, from the root on */
	size_t count = 0;

	for (size_t at = 0; at < key->len; at += 1 + (unsigned char)key->octets[at])
		enclosers[count++] = at;
	while (count != 0) {
		size_t len = enclosers[--count];

		if (!exists(zone, key, len))
			continue;
		memcpy(key->octets + len, wildcard, sizeof(wildcard) - 1);
		key->len = len + sizeof(wildcard) - 1;
		return exists(zone, key, key->len);
	}
	return false;
}

/* records_at - the records of a type that a name owns */
static struct dns_answer records_at(const struct dns_zone *zone, const struct zone_key *key,
				    enum dns_type type)
{
	struct slice owner = slice_from(key->octets, key->len);
	size_t first = lower_bound(zone, owner, (int)type);
	size_t end = first;

	while (end < zone->count && compare_to(&zone->entries[end], owner, (int)type) == 0)
		end++;
	return (struct dns_answer){
	    .status = end != first ? DNS_FOUND : DNS_NODATA,
	    .count = end - first,
	    .records = zone->records + first,
	};
}

/* status_at - what every question for a name ends with, or DNS_FOUND */
static enum dns_status status_at(const struct dns_zone *zone, const struct zone_key *key)
{
	struct slice owner = slice_from(key->octets, key->len);
	size_t index = lower_bound(zone, owner, KIND_FIRST);

	if (index == zone->count || !slice_equal(zone->entries[index].key, owner))
		return DNS_FOUND;
	switch (zone->entries[index].kind) {
	case DNS_ZONE_SERVFAIL: return DNS_SERVFAIL;
	case DNS_ZONE_TIMEOUT: return DNS_TIMEOUT;
	case DNS_ZONE_NXDOMAIN: return DNS_NXDOMAIN;
	default: return DNS_FOUND;
	}
}

/* ask_once - one name; *alias is its CNAME where that has to be followed */
static struct dns_answer ask_once(const struct dns_zone *zone, const struct dns_question *question,
				  const char **alias)
{
	struct dns_answer answer;
	struct dns_answer cname;
	struct zone_key key;

	*alias = NULL;
	zone_key_of(&question->name, &key);
	if (!exists(zone, &key, key.len) && !take_wildcard(zone, &key))
		return (struct dns_answer){.status = DNS_NXDOMAIN};
	if (status_at(zone, &key) != DNS_FOUND)
		return (struct dns_answer){.status = status_at(zone, &key)};
	answer = records_at(zone, &key, question->type);
	cname = records_at(zone, &key, DNS_CNAME);
	if (answer.count == 0 && cname.count != 0)
		*alias = cname.records[0].name;
	return answer;
}

struct dns_answer dns_zone_ask(const struct dns_zone *zone, const struct dns_question *question)
{
	struct dns_question current = *question;
	const char *alias;

	for (unsigned links = 0; links <= DNS_CNAME_MAX; links++) {
		struct dns_answer answer = ask_once(zone, &current, &alias);

		if (alias == NULL)
			return answer;
		if (!dns_name_of_text(&current.name, alias))
			return (struct dns_answer){.status = DNS_NXDOMAIN};
	}
	return (struct dns_answer){.status = DNS_SERVFAIL};
}
