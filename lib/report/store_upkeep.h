/*
 * store_upkeep - old days out of the store, the store of another host into it
 */
#ifndef ASSAY_REPORT_STORE_UPKEEP_H
#define ASSAY_REPORT_STORE_UPKEEP_H

#include "report/report_writer.h"

/* Removes reports on days before that one, and rejects as old. *reports: how many. */
bool store_expire(struct report_store *store, long long day, unsigned long long *reports,
		  struct error *error);

/*
 * Tells the writer all reports of another store, as if they had just come in: what it knows is a
 * duplicate. In one transaction of the writer's store.
 */
bool store_merge(struct report_store *other, struct report_writer *writer, struct error *error);

#endif
