/*
 * report_options - the options that send and print share
 */
#ifndef DMARCREPORT_REPORT_OPTIONS_H
#define DMARCREPORT_REPORT_OPTIONS_H

#include "job.h"
#include "report/aggregate.h"

#define RUN_SECONDS      120.0 /* for all DNS work of a run, by default */
#define DESTINATIONS_MAX 10    /* of a report, by default */

struct report_options {
	struct report_submitter submitter;
	const char *only_domain;
	const char *suppress_file;
	const char *ignore_file;
	const char *legacy_file;
	long long first; /* days, counted from 1970-01-01 */
	long long last;
	double seconds; /* of DNS work, for the whole run */
	unsigned destinations_max;
	unsigned known_days; /* --only-if-known; 0: off */
	bool legacy;
};

/* All of them as they are without options. */
struct report_options report_options_default(void);

void report_options_add(struct job_options *list, struct job *job, struct report_options *options);

/* Are they complete? Puts domain names into their canonical form, and the last day before today. */
bool report_options_check(const struct job *job, struct report_options *options,
			  struct error *error);

#endif
