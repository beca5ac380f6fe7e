/*
 * view_job - what the views on the reports of others do alike
 */
#ifndef VIEW_JOB_H
#define VIEW_JOB_H

#include "report/result_table.h"
#include "report/source_guess.h"
#include "report/view_ready.h"
#include "store_job.h"

#define VIEW_DAYS 90 /* that are looked at by default */

struct view_job {
	struct store_job job; /* first member */
	struct view_filter filter;
	const char *domain;
	bool csv;
	bool names;
};

/* Adds -d, --since, --until; with table also --csv; with sources --names, -z and -T. */
void view_job_options(struct view_job *view, bool table, bool sources);

/* A command whose check is this, or calls it: the period and the domain are right. */
bool view_job_check(void *view, struct error *error);

enum table_format view_job_format(const struct view_job *view);

/* The sources with their classes, and their names if they are wanted. */
bool view_job_sources(struct view_job *view, struct source_list *list, struct error *error);

#endif
