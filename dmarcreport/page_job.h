/*
 * page_job - gathers what the page says; for page and for the page in the mail of digest
 */
#ifndef PAGE_JOB_H
#define PAGE_JOB_H

#include "report/page.h"
#include "view_job.h"

/* All that is gathered; as long as the pool of the view. */
struct page_gathered {
	struct domain_list domains;
	struct day_list days;
	struct source_list sources;
	struct ready_list ready;
	struct tls_list tls;
	struct reject_list rejects;
};

bool page_job_gather(struct view_job *view, struct page_gathered *gathered, struct error *error);

/* Adds the page to a buffer of PAGE_SIZE_MAX. */
bool page_job_write(struct view_job *view, const struct page_gathered *gathered,
		    struct buffer *page, struct error *error);

#endif
