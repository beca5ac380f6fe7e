/*
 * status_text - what status tells: as sentences, as JSON lines, or as figures for Prometheus
 */
#ifndef DMARCREPORT_STATUS_TEXT_H
#define DMARCREPORT_STATUS_TEXT_H

#include "history/quota.h"
#include "report/ledger.h"
#include "report/suppression.h"

/* Everything that is one figure. */
struct status_sums {
	unsigned long long states[LEDGER_STATES];
	unsigned long long unreported; /* reports on days that are over that have not been begun */
	long long unreported_day;      /* the oldest of them */
	struct ledger_late late;
	struct ledger_today today;
	unsigned long long suppressed; /* addresses */
	unsigned long long refused;    /* messages that quotas left out */
	long long octets;              /* of the file of the history */
};

/* One line each, on standard output. */
void status_print_entry(struct pool *pool, const struct ledger_entry *entry, bool json);
void status_print_suppression(struct pool *pool, const struct suppression *suppression, bool json);
void status_print_refusal(struct pool *pool, const struct quota_refusal *refusal, bool json);
void status_print_sums(struct pool *pool, const struct status_sums *sums, bool json);

/* The figures in the text format of Prometheus, for the textfile collector of its node exporter. */
void status_figures(struct buffer *out, const struct status_sums *sums, long long now);

#endif
