/*
 * export - the rows of the history one by one, for an engine that a site already runs
 *
 * A cursor says up to which day the rows of each host have been taken. Days are taken whole, when
 * nothing can be added to them any more: those of this host when they are over, those of a merged
 * one when a later day of it is here.
 */
#ifndef ASSAY_HISTORY_EXPORT_H
#define ASSAY_HISTORY_EXPORT_H

#include "history/history.h"

/* A host, and the days of it that are to be taken. */
struct export_host {
	long long id;
	const char *name; /* random: it is the same in every file that this one is merged into */
	long long first;
	long long last; /* before first: nothing */
};

struct export_hosts {
	size_t count;
	struct export_host *items; /* in the order of ids; the first is this host itself */
};

/* All hosts with the days from first to last; with complete, only those that stay as they are. */
bool export_hosts(struct history *history, struct pool *pool, long long first, long long last,
		  bool complete, struct export_hosts *hosts, struct error *error);

/* Is told a row: its columns, the name of its host, the organization. False ends it, with error. */
typedef bool export_sink(void *context, const char *host, const struct history_texts *texts,
			 struct error *error);

/* All rows of the hosts' days, in the order of days. Nobody is kept from writing meanwhile. */
bool export_rows(struct history *history, const struct export_hosts *hosts, export_sink *sink,
		 void *context, struct error *error);

#endif
