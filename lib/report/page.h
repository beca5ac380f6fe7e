/*
 * page - all that the store has to say, as one page of HTML
 *
 * It has no script, loads nothing, and says so in its Content-Security-Policy. It can be read
 * on a phone, on paper, with a keyboard and with a screen reader (WCAG 2.2 AA).
 */
#ifndef ASSAY_REPORT_PAGE_H
#define ASSAY_REPORT_PAGE_H

#include "report/view_ready.h"

#define PAGE_ROWS_MAX                                                                              \
	50U /* our choice: sources of one kind that the page has; the view sources                 \
	       has all */
#define PAGE_DOMAINS_MAX 30U         /* our choice: domains that it has, those with most messages */
#define PAGE_TLS_MAX     30U         /* our choice: rows on TLS */
#define PAGE_SIZE_MAX    (16U << 20) /* our choice: octets; far more than those limits lead to */

struct page_content {
	const struct view_filter *filter;
	const struct domain_list *domains;
	const struct day_list *days;
	const struct source_list *sources;
	const struct ready_list *ready;
	const struct tls_list *tls;
	size_t rejects;
	const char *made; /* when, for people */
};

/* Adds the page to a buffer, which says by its overflow if there was no room. */
void page_write(struct buffer *page, struct pool *pool, const struct page_content *content);

#endif
