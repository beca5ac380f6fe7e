/*
 * slow_hosts - whose name servers have kept us waiting; see slow_hosts.h
 */
#include "slow_hosts.h"

#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"

#define LABELS 2

struct slow_host {
	const char *name;
	unsigned count;
};

/* In the order of strcmp(). */
struct slow_hosts {
	struct pool *pool;
	size_t count;
	struct slow_host *items;
};

struct slow_hosts *slow_hosts_new(struct pool *pool)
{
	struct slow_hosts *slow = pool_alloc(pool, sizeof(*slow));

	slow->pool = pool;
	return slow;
}

/* place_of - where a name is, or would be */
static size_t place_of(const struct slow_hosts *slow, const char *name)
{
	size_t low = 0;
	size_t high = slow->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(slow->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* is_at - is it there? */
static bool is_at(const struct slow_hosts *slow, size_t place, const char *name)
{
	return place < slow->count && strcmp(slow->items[place].name, name) == 0;
}

unsigned slow_hosts_count(const struct slow_hosts *slow, const char *name)
{
	const char *key = domain_last_labels(name, LABELS);
	size_t place = place_of(slow, key);

	return is_at(slow, place, key) ? slow->items[place].count : 0;
}

void slow_hosts_add(struct slow_hosts *slow, const char *name)
{
	const char *key = domain_last_labels(name, LABELS);
	size_t place = place_of(slow, key);

	if (!is_at(slow, place, key)) {
		slow->items = pool_grow(slow->pool, slow->items, slow->count, sizeof(*slow->items));
		memmove(slow->items + place + 1, slow->items + place,
			(slow->count - place) * sizeof(*slow->items));
		slow->items[place] = (struct slow_host){pool_printf(slow->pool, "%s", key), 0};
		slow->count++;
	}
	slow->items[place].count++;
}
