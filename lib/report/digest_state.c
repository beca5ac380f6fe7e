/*
 * digest_state - lines of a state, compared; see report/digest_state.h
 *
 * A line is KIND TAB NAME TAB VALUE: "rate example.com 987", "step example.com yes",
 * "fails example.com/192.0.2.1 1", "tls example.com 1".
 */
#include "report/digest_state.h"

#include <string.h>

#include "base/pool.h"

/* A comparison that is being made. */
struct comparing {
	struct pool *pool;
	const char *before; /* NULL: nothing was ever told */
	struct buffer state;
	struct digest_news *news;
};

/* last_state - what was told; *text is NULL if nothing was */
static bool last_state(struct report_store *store, struct pool *pool, const char **text,
		       struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int status;

	*text = NULL;
	if (sqlite3_prepare_v2(store->database, "SELECT state FROM told", -1, &statement, NULL) !=
	    SQLITE_OK)
		return store_failed(store, error);
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW) {
		*text = view_text(pool, statement, 0);
		status = sqlite3_step(statement);
	}
	return view_finish(store, statement, status, error);
}

/* find_value - of a line; NULL if it was not there */
static const char *find_value(const struct comparing *comparing, const char *kind, const char *name)
{
	const char *key = pool_printf(comparing->pool, "%s\t%s\t", kind, name);
	struct slice rest = slice_of(comparing->before);
	struct slice line;

	while (slice_cut(&rest, '\n', &line)) {
		if (line.len >= strlen(key) && memcmp(line.data, key, strlen(key)) == 0)
			return slice_copy(comparing->pool, slice_skip(line, strlen(key)));
	}
	return NULL;
}

/* remember - a line of the new state */
static void remember(struct comparing *comparing, const char *kind, const char *name,
		     const char *value)
{
	buffer_printf(&comparing->state, "%s\t%s\t%s\n", kind, name, value);
}

/* tell_state - one sentence */
static void tell_state(struct comparing *comparing, const char *sentence)
{
	struct digest_news *news = comparing->news;

	if (news->count >= DIGEST_FINDINGS_MAX)
		return;
	news->items = pool_grow(comparing->pool, news->items, news->count, sizeof(*news->items));
	news->items[news->count++] = sentence;
}

/* compare_rate - of a domain in the last days */
static void compare_rate(struct comparing *comparing, const struct domain_sums *sums)
{
	unsigned long long tenths = sums->messages != 0 ? sums->passed * 1000 / sums->messages : 0;
	const char *value = pool_printf(comparing->pool, "%llu", tenths);
	const char *before = find_value(comparing, "rate", sums->domain);
	unsigned long long old;

	remember(comparing, "rate", sums->domain, value);
	if (before == NULL)
		tell_state(comparing,
			   pool_printf(comparing->pool,
				       "%s: there are reports for the first time (%llu messages,"
				       " %llu.%llu %% pass).",
				       sums->domain, sums->messages, tenths / 10, tenths % 10));
	else if (slice_to_number(slice_of(before), 1000, &old) && tenths + DIGEST_FALL <= old)
		tell_state(comparing,
			   pool_printf(comparing->pool,
				       "%s: %llu.%llu %% of the messages pass; it was %llu.%llu"
				       " %%.",
				       sums->domain, tenths / 10, tenths % 10, old / 10, old % 10));
}

/* compare_step - what to do next with a domain */
static void compare_step(struct comparing *comparing, const struct readiness *ready)
{
	const char *word = ready_step_word(ready->step);
	const char *before = find_value(comparing, "step", ready->domain);

	remember(comparing, "step", ready->domain, word);
	if (before != NULL && strcmp(before, word) == 0)
		return;
	if (before != NULL || ready->step == READY_NOT_YET || ready->step == READY_GO)
		tell_state(comparing,
			   pool_printf(comparing->pool, "%s: %s", ready->domain, ready->advice));
}

/* compare_source - one that must not fail */
static void compare_source(struct comparing *comparing, const struct source *source)
{
	const char *name = pool_printf(comparing->pool, "%s/%s", source->domain, source->address);

	if (source->failed == 0 ||
	    (source->class != SOURCE_OURS && source->class != SOURCE_SERVICE))
		return;
	remember(comparing, "fails", name, "1");
	if (find_value(comparing, "fails", name) == NULL)
		tell_state(comparing,
			   pool_printf(comparing->pool, "%s: mail of %s (%s) fails: %llu messages.",
				       source->domain, source->address,
				       source_class_word(source->class), source->failed));
}

/* compare_tls - failures of encryption */
static void compare_tls(struct comparing *comparing, const struct tls_sums *sums)
{
	const char *name = pool_printf(comparing->pool, "%s/%s", sums->domain, sums->org);

	if (sums->failed == 0)
		return;
	remember(comparing, "tls", name, "1");
	if (find_value(comparing, "tls", name) == NULL)
		tell_state(comparing,
			   pool_printf(comparing->pool,
				       "%s: %s could not encrypt %llu of its sessions: %s.",
				       sums->domain, sums->org, sums->failed, sums->failures));
}

bool digest_compare(struct report_store *store, struct pool *pool, const struct domain_list *recent,
		    const struct ready_list *ready, const struct source_list *sources,
		    const struct tls_list *tls, struct digest_news *news, struct error *error)
{
	struct comparing comparing = {.pool = pool, .news = news};

	*news = (struct digest_news){.count = 0};
	if (!last_state(store, pool, &comparing.before, error))
		return false;
	buffer_init(&comparing.state, 1U << 26);
	for (size_t i = 0; i < recent->count; i++)
		compare_rate(&comparing, &recent->items[i]);
	for (size_t i = 0; i < ready->count; i++)
		compare_step(&comparing, &ready->items[i]);
	for (size_t i = 0; i < sources->count; i++)
		compare_source(&comparing, &sources->items[i]);
	for (size_t i = 0; i < tls->count; i++)
		compare_tls(&comparing, &tls->items[i]);
	news->state = slice_copy(pool, buffer_slice(&comparing.state));
	buffer_free(&comparing.state);
	return true;
}

bool digest_remember(struct report_store *store, const struct digest_news *news, long long now,
		     struct error *error)
{
	sqlite3_stmt *statement = NULL;
	bool good;

	if (sqlite3_prepare_v2(store->database, "INSERT OR REPLACE INTO told VALUES(1, ?, ?)", -1,
			       &statement, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_bind_text(statement, 1, news->state, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, now);
	good = sqlite3_step(statement) == SQLITE_DONE || store_failed(store, error);
	sqlite3_finalize(statement);
	return good;
}
