/*
 * dmarcreport digest - a mail from cron, only when something is new or worse
 *
 * The mail goes out first and is remembered then: when it cannot be sent, the next run tries again.
 */
#include "dmarcreport.h"
#include "page_job.h"

#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/pool.h"
#include "base/spool.h"
#include "report/digest_mail.h"
#include "report/sendmail.h"
#include "report/suppress_list.h"

#define RECENT_DAYS 8  /* of the pass rate: a week, and the day whose reports come now */
#define TOKEN_LEN   12 /* octets by chance */

struct digest_arguments {
	struct view_job view; /* first member */
	const char *to;
	const char *from;
	const char *command;
	bool always;
	struct sendmail sendmail;
};

/* make_token - nobody else's */
static const char *make_token(struct pool *pool, time_t now)
{
	unsigned char octets[TOKEN_LEN] = {0};
	char text[HEX_OCTET_LEN * TOKEN_LEN + 1];

	if (getrandom(octets, sizeof(octets), 0) != (ssize_t)sizeof(octets))
		octets[0] = (unsigned char)getpid();
	hex_text(text, octets, sizeof(octets));
	return pool_printf(pool, "digest.%lld.%s", (long long)now, text);
}

/* hand_over_digest - to the command */
static bool hand_over_digest(struct digest_arguments *arguments, const char *token,
			     struct error *error)
{
	const struct sendmail_envelope envelope = {arguments->from, arguments->to, token};
	enum sendmail_outcome outcome;
	const char *reason;

	if (!sendmail_announce(&arguments->sendmail, token, error) ||
	    !sendmail_run(arguments->view.job.context.pool, &arguments->sendmail, &envelope,
			  &outcome, &reason, error))
		return false;
	return outcome == SENDMAIL_SENT ||
	       error_set(error, STATUS_OTHER, "the mail to %s could not be sent: %s", arguments->to,
			 *reason != '\0' ? reason : "the command could not be started");
}

/* send_digest - with the page */
static bool send_digest(struct digest_arguments *arguments, const struct page_gathered *gathered,
			const struct digest_news *news, struct error *error)
{
	struct view_job *view = &arguments->view;
	struct digest_mail mail = {
	    .from = arguments->from,
	    .to = arguments->to,
	    .now = view->job.context.options.now,
	    .token = make_token(view->job.context.pool, view->job.context.options.now),
	    .news = news,
	};
	struct buffer page;
	bool good;

	buffer_init(&page, PAGE_SIZE_MAX);
	good = page_job_write(view, gathered, &page, error);
	mail.page = buffer_slice(&page);
	good = good && digest_mail_write(&mail, arguments->sendmail.mail, error) &&
	       hand_over_digest(arguments, mail.token, error);
	buffer_free(&page);
	return good;
}

/* tell_digest - if there is anything to tell */
static bool tell_digest(struct digest_arguments *arguments, struct error *error)
{
	struct view_job *view = &arguments->view;
	struct view_filter recent = view->filter;
	struct pool *pool = view->job.context.pool;
	struct page_gathered gathered;
	struct domain_list last_days;
	struct digest_news news;

	recent.since = recent.until - RECENT_DAYS;
	if (!page_job_gather(view, &gathered, error) ||
	    !view_domains(view->job.store, pool, &recent, &last_days, error) ||
	    !digest_compare(view->job.store, pool, &last_days, &gathered.ready, &gathered.sources,
			    &gathered.tls, &news, error))
		return false;
	if (news.count == 0 && !arguments->always) {
		trace_print(&view->job.context.trace, "nothing is new or worse");
		return true;
	}
	if (!send_digest(arguments, &gathered, &news, error) ||
	    !digest_remember(view->job.store, &news, view->job.context.options.now, error))
		return false;
	for (size_t i = 0; i < news.count; i++)
		trace_print(&view->job.context.trace, "%s", news.items[i]);
	return true;
}

/* work_digest - and the end of the process that runs the command */
static bool work_digest(void *context, int *status, struct error *error)
{
	struct digest_arguments *arguments = context;
	bool good = tell_digest(arguments, error);

	(void)status;
	sendmail_stop(&arguments->sendmail);
	close(arguments->sendmail.mail);
	close(arguments->sendmail.record);
	return good;
}

/* prepare_digest - commands are run outside of the sandbox */
static bool prepare_digest(void *context, struct error *error)
{
	struct digest_arguments *arguments = context;
	struct sendmail *sendmail = &arguments->sendmail;

	*sendmail = (struct sendmail){.command = arguments->command, .seconds = SENDMAIL_SECONDS};
	sendmail->record = spool_file(error);
	if (sendmail->record < 0)
		return false;
	sendmail->mail = spool_file(error);
	return sendmail->mail >= 0 && sendmail_start(sendmail, error);
}

/* check_digest - whom does it go to? */
static bool check_digest(void *context, struct error *error)
{
	struct digest_arguments *arguments = context;
	struct pool *pool = arguments->view.job.context.pool;

	if (arguments->to == NULL)
		return error_set(error, STATUS_CONFIG, "option --to is needed");
	if (arguments->from == NULL)
		arguments->from = arguments->to;
	if (suppress_address(pool, arguments->to) == NULL ||
	    suppress_address(pool, arguments->from) == NULL)
		return error_set(error, STATUS_CONFIG,
				 "--to and --from want addresses like dmarc@example.com");
	return view_job_check(context, error);
}

int digest_main(int argc, char **argv)
{
	struct digest_arguments arguments = {.command = SENDMAIL_DEFAULT};
	struct store_job *job = &arguments.view.job;
	const struct store_command command = {
	    .synopsis = "digest --store FILE --to ADDRESS [options]",
	    .summary = "Sends a mail if something is new or worse, with the page attached.",
	    .asks = true,
	    .check = check_digest,
	    .prepare = prepare_digest,
	    .work = work_digest,
	};
	const struct option_spec specs[] = {
	    {LONG_ONLY, "to", "ADDRESS", "recipient of the mail", option_text, &arguments.to, 0,
	     NULL},
	    {LONG_ONLY, "from", "ADDRESS", "its sender (that of --to)", option_text,
	     &arguments.from, 0, NULL},
	    {LONG_ONLY, "sendmail", "CMD", "command that takes the mail (sendmail)", option_text,
	     &arguments.command, 0, NULL},
	    {LONG_ONLY, "always", NULL, "send the mail even if nothing is new", option_flag,
	     &arguments.always, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++)
		store_job_option(job, specs[i]);
	view_job_options(&arguments.view, false, true);
	return store_job_run(job, &command, &arguments, argc, argv);
}
