/*
 * view_sources - who sends in the name of our domains: hosts, how their mail fared, and a guess
 * whose they are
 */
#ifndef ASSAY_REPORT_VIEW_SOURCES_H
#define ASSAY_REPORT_VIEW_SOURCES_H

#include "report/view_reports.h"

#define SOURCE_NAMES_MAX                                                                           \
	8U /* our choice: domains and selectors that are shown of a source; most                   \
	      have one or two */

enum source_class {
	SOURCE_OURS,    /* the domain's SPF record names it itself */
	SOURCE_SERVICE, /* it may send for the domain: by an include, or with the domain's signature
			 */
	SOURCE_FORWARDER, /* passes on what was signed, or sent, by others for the domain */
	SOURCE_STRANGER,  /* nothing speaks for it */
};

const char *source_class_word(enum source_class class);

/* A domain, or a domain and a selector, and how many messages passed with it. */
struct source_name {
	const char *name;
	unsigned long long messages;
};

struct source_names {
	unsigned count;
	struct source_name items[SOURCE_NAMES_MAX];
};

struct source {
	const char *address;
	const char *domain;         /* in whose name */
	unsigned long long aligned; /* messages: DKIM and SPF passed for the domain */
	unsigned long long partly;  /* one of them */
	unsigned long long failed;  /* none */
	unsigned long long quarantined;
	unsigned long long rejected;
	unsigned long long dkim; /* messages that passed by DKIM */
	unsigned long long spf;
	unsigned long long forwarded;  /* that their receiver took for forwarded or for a list's */
	struct source_names signers;   /* passed: "example.com/s1" */
	struct source_names envelopes; /* passed SPF: domains */
	long long first;               /* days */
	long long last;
	enum source_class class;
	bool is_in_spf;   /* we have asked: the domain's record lets it send */
	const char *name; /* of the host by DNS, or "" */
};

struct source_list {
	size_t count;
	struct source *items; /* failing ones first, most messages first */
};

bool view_sources(struct report_store *store, struct pool *pool, const struct view_filter *filter,
		  struct source_list *list, struct error *error);

/* The names in one line. */
const char *source_names_text(struct pool *pool, const struct source_names *names);

/* What it is called: its name, who signs for it, its envelope domain, or nothing. */
const char *source_known_as(const struct source *source);

#endif
