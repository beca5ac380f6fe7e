/*
 * page_job - the views that a page is made of; see page_job.h
 */
#include "page_job.h"

bool page_job_gather(struct view_job *view, struct page_gathered *gathered, struct error *error)
{
	struct report_store *store = view->job.store;
	struct pool *pool = view->job.context.pool;
	const struct view_filter *filter = &view->filter;

	if (!view_domains(store, pool, filter, &gathered->domains, error) ||
	    !view_days(store, pool, filter, &gathered->days, error) ||
	    !view_job_sources(view, &gathered->sources, error) ||
	    !view_tls(store, pool, filter, &gathered->tls, error) ||
	    !view_rejects(store, pool, filter, &gathered->rejects, error))
		return false;
	view_ready(pool, &gathered->domains, &gathered->sources, &gathered->ready);
	return true;
}

bool page_job_write(struct view_job *view, const struct page_gathered *gathered,
		    struct buffer *page, struct error *error)
{
	struct pool *pool = view->job.context.pool;
	const struct page_content content = {
	    .filter = &view->filter,
	    .domains = &gathered->domains,
	    .days = &gathered->days,
	    .sources = &gathered->sources,
	    .ready = &gathered->ready,
	    .tls = &gathered->tls,
	    .rejects = gathered->rejects.count,
	    .made = view_day_text(pool, view->job.context.options.now / STORE_SECONDS_A_DAY),
	};

	page_write(page, pool, &content);
	return !page->overflow || error_set(error, STATUS_OTHER, "the page has no room");
}
