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
#include "history/query.h"
#include "mail/domain.h"
#include "report/report_mail.h"

struct print_arguments {
	struct job job;
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

/* print_mail - to a file, or to standard output with an empty line behind it */
static bool print_mail(struct print_arguments *arguments, struct pool *pool,
		       const struct report_mail *mail, struct error *error)
{
	bool good;
	int fd;

	if (arguments->directory == NULL)
		return write_mail(pool, mail, error);
	fd = open_file(pool, arguments->directory,
		       report_token(pool, mail->report->id, mail->number), error);
	if (fd < 0)
		return false;
	good = report_mail_write(mail, fd, error);
	if (close(fd) != 0 && good)
		good = error_set(error, STATUS_OTHER, "cannot write the mail: %s", strerror(errno));
	return good;
}

/* print_all - the mails of one report, or why there is none */
static bool print_all(struct print_arguments *arguments, struct pool *pool,
		      const struct aggregate_report *report, const struct report_content *content,
		      const struct ledger_destinations *list, struct error *error)
{
	bool good = true;

	for (size_t i = 0; good && i < list->count; i++) {
		const struct ledger_destination *destination = &list->items[i];
		const struct report_mail mail = {.report = report,
						 .content = content,
						 .recipient = destination->address,
						 .number = (unsigned)i + 1};

		if (destination->state == LEDGER_PENDING)
			good = print_mail(arguments, pool, &mail, error);
		else if (!arguments->job.context.options.quiet)
			fprintf(stderr, "dmarcreport: %s: not to %s: %s\n", report->policy_domain,
				destination->uri,
				text_make_printable(pool_printf(pool, "%s", destination->reason)));
	}
	return good;
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
		*report = job_new_report(job, pool, policy);
	return true;
}

/* find_policies - that have no report, or all */
static bool find_policies(struct print_arguments *arguments, struct history_policies *policies,
			  struct error *error)
{
	struct job *job = &arguments->job;
	struct pool *pool = job->context.pool;

	if (arguments->all)
		return history_policies(job->history, pool, job->first, job->last, policies, error);
	return ledger_unreported(job->history, pool, job->first, job->last, policies, error);
}

/* print_report - one policy of one day */
static bool print_report(struct print_arguments *arguments, struct pool *pool,
			 const struct history_policy *policy, struct error *error)
{
	struct job *job = &arguments->job;
	struct ledger_destinations list;
	struct report_submitter submitter;
	struct aggregate_report aggregate;
	struct report_content content;
	struct ledger_report report;
	bool good;

	if (!find_report(arguments, pool, policy, &report, error))
		return false;
	if (!plan_destinations(job, pool, policy->domain, policy->record, &list, error))
		return false;
	if (list.count == 0)
		return true;
	aggregate = job_aggregate(job, pool, &report, &submitter);
	good = report_build(job->builder, &aggregate, policy->id, &content, error);
	if (good && content.records > 0)
		good = print_all(arguments, pool, &aggregate, &content, &list, error);
	report_content_free(&content);
	return good;
}

/* print - the whole work */
static bool print(struct print_arguments *arguments, struct error *error)
{
	struct job *job = &arguments->job;
	struct history_policies policies;
	bool good = true;

	if (!find_policies(arguments, &policies, error))
		return false;
	for (size_t i = 0; good && i < policies.count; i++) {
		struct pool *pool = pool_new();

		if (job->only_domain == NULL ||
		    domain_equal(policies.items[i].domain, job->only_domain))
			good = print_report(arguments, pool, &policies.items[i], error);
		pool_free(pool);
	}
	return good;
}

/* check - is the command line complete? */
static bool check(void *context, struct error *error)
{
	struct print_arguments *arguments = context;

	return job_check_report(&arguments->job, error);
}

/* work - the whole of it */
static bool work(void *context, struct error *error)
{
	struct print_arguments *arguments = context;

	if (arguments->directory != NULL)
		sandbox_allow_write(&arguments->job.sandbox, arguments->directory);
	return job_open_report(&arguments->job, error) && print(arguments, error);
}

int print_main(int argc, char **argv)
{
	struct print_arguments arguments = {.all = false};
	struct job_options options = {.count = 0};
	const struct job_command command = {
	    .synopsis = "print --db FILE --org NAME --email ADDR [options]",
	    .summary = "Writes the mails that send would send.",
	    .check = check,
	    .work = work,
	};

	job_add_common(&options, &arguments.job);
	job_add_report(&options, &arguments.job);
	job_add_option(&options,
		       (struct option_spec){'o', "output", "DIR", "a file for each mail in DIR",
					    option_text, &arguments.directory});
	job_add_option(&options,
		       (struct option_spec){LONG_ONLY, "all", NULL, "also what has been reported",
					    option_flag, &arguments.all});
	return job_run(&arguments.job, &options, &command, &arguments, argc, argv);
}
