/*
 * view_ready - from sources to the next step; see report/view_ready.h
 */
#include "report/view_ready.h"

#include <string.h>

#include "base/pool.h"

const char *ready_step_word(enum ready_step step)
{
	static const char *const words[] = {"unknown", "not yet", "yes", "done"};

	return words[step];
}

/* policy_of - the value of p in "adkim=r p=none" */
static const char *policy_of(struct pool *pool, const char *policy)
{
	struct slice rest = slice_of(policy);
	struct slice tag;

	while (slice_cut(&rest, ' ', &tag)) {
		if (slice_starts_nocase(tag, "p="))
			return slice_copy(pool, slice_skip(tag, 2));
	}
	return "";
}

/* is_own - a source that must not fail */
static bool is_own(const struct source *source)
{
	return source->class == SOURCE_OURS || source->class == SOURCE_SERVICE;
}

/* add_ready_source - one of the domain */
static void add_ready_source(struct pool *pool, struct readiness *ready,
			     const struct source *source, unsigned *named)
{
	if (source->class == SOURCE_FORWARDER)
		ready->forwarded += source->failed;
	else if (source->class == SOURCE_STRANGER)
		ready->strangers += source->failed;
	if (!is_own(source) || source->failed == 0)
		return;
	ready->own_failed += source->failed;
	if ((*named)++ < READY_NAMES_MAX)
		ready->failing = pool_printf(pool, "%s%s%s (%llu)", ready->failing,
					     *ready->failing != '\0' ? ", " : "", source->address,
					     source->failed);
}

/* next_policy - one step further, never two at once */
static const char *next_policy(const char *policy)
{
	return strcmp(policy, "quarantine") == 0 ? "reject" : "quarantine";
}

/* decide_step - what to do now */
static void decide_step(struct pool *pool, struct readiness *ready)
{
	if (strcmp(ready->policy, "reject") == 0 && ready->own_failed == 0) {
		ready->step = READY_DONE;
		ready->advice = "p=reject is published and no mail of your own fails.";
	} else if (ready->own_failed * READY_FAIL_PART > ready->messages) {
		ready->step = READY_NOT_YET;
		ready->advice = pool_printf(
		    pool,
		    "%llu messages of your own hosts or services pass neither SPF nor DKIM for the"
		    " domain. Let them sign with its key, or send with an envelope address in it: "
		    "%s.",
		    ready->own_failed, ready->failing);
	} else if (ready->days < READY_DAYS || ready->messages < READY_MESSAGES) {
		ready->step = READY_UNKNOWN;
		ready->advice = pool_printf(
		    pool, "Wait: there should be reports on %d days and %d messages at least.",
		    READY_DAYS, READY_MESSAGES);
	} else {
		ready->step = READY_GO;
		ready->record =
		    pool_printf(pool, "_dmarc.%s. TXT \"v=DMARC1; p=%s; rua=mailto:dmarc@%s\"",
				ready->domain, next_policy(ready->policy), ready->domain);
		ready->advice = pool_printf(
		    pool,
		    "Your own mail passes. Publish p=%s (keep the rua= that you have): what"
		    " fails then is mail of strangers%s.",
		    next_policy(ready->policy),
		    ready->forwarded > 0 ? ", and some that is forwarded" : "");
	}
}

void view_ready(struct pool *pool, const struct domain_list *domains,
		const struct source_list *sources, struct ready_list *list)
{
	list->count = domains->count;
	list->items = pool_alloc(pool, domains->count * sizeof(*list->items));
	for (size_t i = 0; i < domains->count; i++) {
		const struct domain_sums *sums = &domains->items[i];
		struct readiness *ready = &list->items[i];
		unsigned named = 0;

		*ready = (struct readiness){.domain = sums->domain,
					    .policy = policy_of(pool, sums->policy),
					    .messages = sums->messages,
					    .days = sums->last - sums->first + 1,
					    .failing = "",
					    .record = ""};
		for (size_t j = 0; j < sources->count; j++) {
			if (strcmp(sources->items[j].domain, sums->domain) == 0)
				add_ready_source(pool, ready, &sources->items[j], &named);
		}
		decide_step(pool, ready);
	}
}
