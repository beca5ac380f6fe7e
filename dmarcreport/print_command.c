/*
 * dmarcreport print - the mails that send would send, without sending or booking anything
 */
#include "dmarcreport.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "plan.h"
#include "report/report_mail.h"
#include "report/token.h"

struct print_arguments {
	struct job job;
	struct report_options options;
	struct reporting reporting;
	const char *directory;
	bool all;
};

/* open_file - for one mail; -1 with error */
static int open_file(struct pool *pool, const char *directory, const char *token,
		     struct error *error)
{
	const char *path = pool_printf(pool, "%s/%s.eml", directory, token);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		error_set(error, STATUS_OTHER, "cannot write %s: %s", path, strerror(errno));
	return fd;
}

/* write_separator - a mailbox file (RFC 4155) has a line between its mails */
static bool write_separator(const char *line, struct error *error)
{
	return io_write(STDOUT_FILENO, line, strlen(line)) ||
	       error_set(error, STATUS_OTHER, "cannot write the mail: %s", strerror(errno));
}

/* write_mail - to standard output, as in a mailbox file */
static bool write_mail(struct pool *pool, const struct report_mail *mail, struct error *error)
{
	const char *from =
	    pool_printf(pool, "From %s Thu Jan  1 00:00:00 1970\n", mail->report->submitter->email);

	return write_separator(from, error) && report_mail_write(mail, STDOUT_FILENO, error) &&
	       write_separator("\n", error);
}

/* print_mail - to a file, or to standard output with an empty line after it */
static bool print_mail(struct print_arguments *arguments, struct pool *pool,
		       const struct report_mail *mail, unsigned number, struct error *error)
{
	bool good;
	int fd;

	if (arguments->directory == NULL)
		return write_mail(pool, mail, error);
	fd = open_file(pool, arguments->directory,
		       pool_printf(pool, "%s.%u", mail->report->id, number), error);
	if (fd < 0)
		return false;
	good = report_mail_write(mail, fd, error);
	if (close(fd) != 0 && good)
		good = error_set(error, STATUS_OTHER, "cannot write the mail: %s", strerror(errno));
	return good;
}

/* tell_refused - why a destination would get no mail */
static void tell_refused(const struct print_arguments *arguments, struct pool *pool,
			 const struct ledger_report *report,
			 const struct ledger_destination *destination)
{
	if (!arguments->job.context.options.quiet)
		fprintf(stderr, "dmarcreport: %s: not to %s: %s\n", report->domain,
			destination->uri,
			text_make_printable(pool_printf(pool, "%s", destination->reason)));
}

/* print_form - the mails of a report in one of its forms */
static bool print_form(struct print_arguments *arguments, struct pool *pool,
		       const struct ledger_report *report, const struct ledger_destinations *list,
		       bool legacy, struct error *error)
{
	struct reporting *reporting = &arguments->reporting;
	struct report_submitter submitter;
	struct report_content content;
	const struct aggregate_report aggregate =
	    reporting_aggregate(reporting, pool, report, legacy, &submitter);
	bool good = report_build(reporting->builder, &aggregate, report->policy, &content, error);

	for (size_t i = 0; good && content.records > 0 && i < list->count; i++) {
		const struct ledger_destination *destination = &list->items[i];
		const struct report_mail mail = {
		    .report = &aggregate,
		    .content = &content,
		    .recipient = destination->address,
		    .token =
			report_token(pool, reporting->key, report->name, destination->address)};

		if (destination->state == LEDGER_PENDING &&
		    reporting_is_legacy(reporting, destination->address) == legacy)
			good = print_mail(arguments, pool, &mail, (unsigned)i + 1, error);
	}
	report_content_free(&content);
	return good;
}

/* has_form - does any destination get this one? */
static bool has_form(const struct reporting *reporting, const struct ledger_destinations *list,
		     bool legacy)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].state == LEDGER_PENDING &&
		    reporting_is_legacy(reporting, list->items[i].address) == legacy)
			return true;
	}
	return false;
}

/* verify_all - asks DNS, as send would */
static bool verify_all(struct print_arguments *arguments, struct pool *pool, const char *domain,
		       struct ledger_destinations *list, struct error *error)
{
	size_t published = list->count;

	for (size_t i = 0; i < published; i++) {
		struct ledger_destinations added;

		if (list->items[i].state != LEDGER_UNVERIFIED)
			continue;
		if (plan_verify(&arguments->reporting, pool, domain, PLAN_ROUNDS - 1,
				&list->items[i], &added, error) == PLAN_ERROR)
			return false;
		for (size_t j = 0; j < added.count; j++) {
			list->items =
			    pool_grow(pool, list->items, list->count, sizeof(*list->items));
			list->items[list->count++] = added.items[j];
		}
	}
	return true;
}

/* find_report - as it was booked, or as it would be */
static bool find_report(struct print_arguments *arguments, struct pool *pool,
			const struct history_policy *policy, struct ledger_report *report,
			struct error *error)
{
	struct job *job = &arguments->job;

	report->id = 0;
	if (arguments->all && !ledger_find_report(job->history, pool, policy->day, policy->domain,
						  policy->record, report, error))
		return false;
	if (report->id == 0)
		*report = reporting_new_report(&arguments->reporting, pool, policy);
	return true;
}

/* print_report - one policy of one day */
static bool print_report(struct print_arguments *arguments, struct pool *pool,
			 const struct history_policy *policy, struct error *error)
{
	struct reporting *reporting = &arguments->reporting;
	const struct dmarc_record *record = dmarc_record_parse(pool, slice_of(policy->record));
	struct ledger_destinations list;
	struct ledger_report report;

	if (!find_report(arguments, pool, policy, &report, error) ||
	    !plan_destinations(reporting, pool, policy->domain, record->rua, &list, error) ||
	    !verify_all(arguments, pool, policy->domain, &list, error))
		return false;
	for (size_t i = 0; i < list.count; i++) {
		if (list.items[i].state != LEDGER_PENDING)
			tell_refused(arguments, pool, &report, &list.items[i]);
	}
	for (int legacy = 0; legacy <= 1; legacy++) {
		if (has_form(reporting, &list, legacy == 1) &&
		    !print_form(arguments, pool, &report, &list, legacy == 1, error))
			return false;
	}
	return true;
}

/* find_policies - the next ones that have no report, or of all */
static bool find_policies(struct print_arguments *arguments, struct pool *pool,
			  const struct history_policy *after, struct history_policies *policies,
			  struct error *error)
{
	struct history *history = arguments->job.history;
	const struct report_options *options = &arguments->options;

	if (arguments->all)
		return history_policies(history, pool, options->first, options->last, after,
					policies, error);
	return ledger_unreported(history, pool, options->first, options->last, after, policies,
				 error);
}

/* print_all - the reports, a page of them at a time */
static bool print_all(struct print_arguments *arguments, struct error *error)
{
	struct history_policy after = {.day = 0};
	struct history_policies policies;
	bool good;

	do {
		struct pool *page = pool_new();

		good = find_policies(arguments, page, &after, &policies, error);
		for (size_t i = 0; good && i < policies.count; i++) {
			struct pool *pool = pool_new();

			after = policies.items[i];
			if (reporting_is_wanted(&arguments->reporting, after.domain))
				good = print_report(arguments, pool, &after, error);
			pool_free(pool);
		}
		pool_free(page);
	} while (good && policies.count > 0);
	return good;
}

/* check_print_options - is the command line complete? */
static bool check_print_options(void *context, struct error *error)
{
	struct print_arguments *arguments = context;

	return report_options_check(&arguments->job, &arguments->options, error);
}

/* do_print - all mails */
static bool do_print(void *context, struct error *error)
{
	struct print_arguments *arguments = context;

	if (arguments->directory != NULL)
		sandbox_allow_write(&arguments->job.sandbox, arguments->directory);
	return reporting_open(&arguments->reporting, &arguments->job, &arguments->options, error) &&
	       print_all(arguments, error);
}

/* end_print - releases what work has opened */
static void end_print(void *context)
{
	struct print_arguments *arguments = context;

	reporting_close(&arguments->reporting);
}

int print_main(int argc, char **argv)
{
	struct print_arguments arguments = {.options = report_options_default()};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "print --db FILE --org NAME --email ADDR [options]",
	    .summary = "Writes the mails that send would send.",
	    .check = check_print_options,
	    .work = do_print,
	    .end = end_print,
	};

	report_options_add(&options, &arguments.job, &arguments.options);
	job_add_option(&options, (struct option_spec){'o', "output", "DIR",
						      "write each mail to a file in DIR",
						      option_text, &arguments.directory});
	job_add_option(&options, (struct option_spec){LONG_ONLY, "all", NULL,
						      "include what has been reported", option_flag,
						      &arguments.all});
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
