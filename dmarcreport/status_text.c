/*
 * status_text - what status tells; see status_text.h
 */
#include "status_text.h"

#include "base/json.h"
#include "base/pool.h"
#include "base/printable.h"
#include "day_text.h"

/* print_text - a line, without what could harm a terminal */
static void print_text(struct pool *pool, const char *text)
{
	puts(text_make_printable(pool_printf(pool, "%s", text)));
}

/* print_json - what stdio has before it comes first */
static void print_json(struct json *json)
{
	fflush(stdout);
	json_end(json);
}

/* state_text - for people: a mail that waits after a failure says until when */
static const char *state_text(struct pool *pool, const struct ledger_destination *destination)
{
	const char *until = time_text(pool, destination->next);

	if (destination->state == LEDGER_SENDING)
		return "being sent, or in doubt if no run is at work";
	if (destination->state == LEDGER_SENT || destination->state == LEDGER_GIVEN_UP)
		return pool_printf(pool, "%s %s", ledger_state_word(destination->state),
				   time_text(pool, destination->changed));
	if (destination->tries == 0)
		return destination->next == 0 ? "pending"
					      : pool_printf(pool, "pending, not before %s", until);
	return pool_printf(pool, "failed %u time%s, not before %s", destination->tries,
			   destination->tries > 1 ? "s" : "", until);
}

/* entry_json - a destination as an object */
static void entry_json(struct pool *pool, const struct ledger_entry *entry)
{
	const struct ledger_destination *destination = &entry->destination;
	struct json json;

	json_begin(&json);
	json_string(&json, "type", "destination");
	json_string(&json, "day", day_text(pool, entry->report.day));
	json_string(&json, "domain", entry->report.domain);
	json_string(&json, "report", *entry->report.source == '\0' ? "aggregate" : "failure");
	json_string(&json, "report_id", entry->report.name);
	json_string(&json, "uri", destination->uri);
	json_string(&json, "address", destination->address);
	json_string(&json, "state", ledger_state_word(destination->state));
	json_number(&json, "tries", destination->tries);
	json_number(&json, "next", destination->next);
	json_number(&json, "changed", destination->changed);
	json_string(&json, "reason", destination->reason);
	print_json(&json);
}

void status_print_entry(struct pool *pool, const struct ledger_entry *entry, bool json)
{
	const struct ledger_destination *destination = &entry->destination;
	const char *to = *destination->address != '\0' ? destination->address : destination->uri;
	const char *kind = *entry->report.source == '\0' ? "" : " (failure report)";

	if (json) {
		entry_json(pool, entry);
		return;
	}
	print_text(pool,
		   pool_printf(pool, "%s %s%s to %s: %s%s%s", day_text(pool, entry->report.day),
			       entry->report.domain, kind, to, state_text(pool, destination),
			       *destination->reason != '\0' ? ": " : "", destination->reason));
}

void status_print_suppression(struct pool *pool, const struct suppression *suppression, bool json)
{
	bool is_all = *suppression->domain == '\0';
	struct json object;

	if (json) {
		json_begin(&object);
		json_string(&object, "type", "suppressed");
		json_string(&object, "domain", suppression->domain);
		json_string(&object, "address", suppression->address);
		json_number(&object, "since", suppression->since);
		json_number(&object, "until", suppression->until);
		json_string(&object, "reason", suppression->reason);
		print_json(&object);
		return;
	}
	print_text(pool,
		   pool_printf(pool, "suppressed since %s%s%s%s%s: %s: %s",
			       time_text(pool, suppression->since),
			       suppression->until != 0 ? " until " : "",
			       suppression->until != 0 ? time_text(pool, suppression->until) : "",
			       is_all ? "" : " for reports on ", suppression->domain,
			       suppression->address, suppression->reason));
}

void status_print_refusal(struct pool *pool, const struct quota_refusal *refusal, bool json)
{
	const char *who = refusal->organization;
	struct json object;

	if (json) {
		json_begin(&object);
		json_string(&object, "type", "refused");
		json_string(&object, "day", day_text(pool, refusal->day));
		json_string(&object, "organization", who);
		json_number(&object, "messages", (long long)refusal->messages);
		json_string(&object, "reason", refusal->reason);
		print_json(&object);
		return;
	}
	print_text(pool,
		   pool_printf(pool, "%s: %llu messages%s%s are in no report: %s",
			       day_text(pool, refusal->day), refusal->messages,
			       who != NULL ? " of " : "", who != NULL ? who : "", refusal->reason));
}

/* sums_json - the figures as one object */
static void sums_json(struct pool *pool, const struct status_sums *sums)
{
	struct json json;

	json_begin(&json);
	json_string(&json, "type", "total");
	for (unsigned i = 0; i < LEDGER_STATES; i++)
		json_number(&json, ledger_state_word((enum ledger_state)i),
			    (long long)sums->states[i]);
	json_number(&json, "unreported", (long long)sums->unreported);
	if (sums->unreported > 0)
		json_string(&json, "unreported_since", day_text(pool, sums->unreported_day));
	json_number(&json, "late_messages", (long long)sums->late.messages);
	json_number(&json, "messages_today", (long long)sums->today.messages);
	json_number(&json, "domains_today", (long long)sums->today.domains);
	json_number(&json, "domains_asking_today", (long long)sums->today.asking);
	json_number(&json, "suppressed", (long long)sums->suppressed);
	json_number(&json, "refused_messages", (long long)sums->refused);
	json_number(&json, "octets", sums->octets);
	print_json(&json);
}

/* today_text - what the day that is not over has brought */
static const char *today_text(struct pool *pool, const struct ledger_today *today)
{
	const char *then = "no report is asked for";

	if (today->asking == 1)
		then = today->domains == 1 ? "its report after 00:00 UTC"
					   : "the report for 1 of them after 00:00 UTC";
	else if (today->asking == today->domains)
		then = "their reports after 00:00 UTC";
	else if (today->asking > 1)
		then = pool_printf(pool, "the reports for %llu of them after 00:00 UTC",
				   today->asking);
	return pool_printf(pool, "%llu message%s of %llu domain%s today; %s", today->messages,
			   today->messages == 1 ? "" : "s", today->domains,
			   today->domains == 1 ? "" : "s", then);
}

void status_print_sums(struct pool *pool, const struct status_sums *sums, bool json)
{
	const unsigned long long *states = sums->states;

	if (json) {
		sums_json(pool, sums);
		return;
	}
	if (sums->unreported > 0)
		printf("%llu reports on days that are over have not been begun, the oldest on"
		       " %s\n",
		       sums->unreported, day_text(pool, sums->unreported_day));
	if (sums->late.messages > 0)
		printf("%llu messages came after the reports on their day (%zu) were made\n",
		       sums->late.messages, sums->late.reports);
	if (sums->today.messages > 0)
		puts(today_text(pool, &sums->today));
	printf("%llu sent, %llu waiting, %llu given up\n", states[LEDGER_SENT],
	       states[LEDGER_UNVERIFIED] + states[LEDGER_PENDING] + states[LEDGER_SENDING],
	       states[LEDGER_GIVEN_UP]);
}

/* add_figure - one without labels */
static void add_figure(struct buffer *out, const char *name, const char *help, long long value)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name,
		      value);
}

void status_figures(struct buffer *out, const struct status_sums *sums, long long now)
{
	static const char *const labels[LEDGER_STATES] = {
	    [LEDGER_UNVERIFIED] = "unverified", [LEDGER_PENDING] = "pending",
	    [LEDGER_SENDING] = "sending",       [LEDGER_SENT] = "sent",
	    [LEDGER_GIVEN_UP] = "given_up",
	};

	buffer_add_text(out, "# HELP assay_report_destinations Report mails by state, of the days"
			     " that are kept.\n# TYPE assay_report_destinations gauge\n");
	for (unsigned i = 0; i < LEDGER_STATES; i++)
		buffer_printf(out, "assay_report_destinations{state=\"%s\"} %llu\n", labels[i],
			      sums->states[i]);
	add_figure(out, "assay_reports_not_begun", "Reports on days that are over.",
		   (long long)sums->unreported);
	add_figure(out, "assay_late_messages", "Messages that came after the report on their day.",
		   (long long)sums->late.messages);
	add_figure(out, "assay_messages_today", "Messages counted since 00:00 UTC.",
		   (long long)sums->today.messages);
	add_figure(out, "assay_domains_today", "Policy domains of these messages.",
		   (long long)sums->today.domains);
	add_figure(out, "assay_suppressed_addresses", "Addresses that mail has come back from.",
		   (long long)sums->suppressed);
	add_figure(out, "assay_refused_messages", "Messages that limits have left out of reports.",
		   (long long)sums->refused);
	add_figure(out, "assay_history_octets", "Size of the history.", sums->octets);
	add_figure(out, "assay_status_time_seconds", "When these figures were taken.", now);
}
