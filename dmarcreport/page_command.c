/*
 * dmarcreport page - the reports of others as one page of HTML
 */
#include "dmarcreport.h"
#include "page_job.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/io.h"

#define PAGE_MODE 0644 /* for the server of a web site; the directory may be closed */

struct page_arguments {
	struct view_job view; /* first member */
	const char *output;   /* NULL: standard output */
};

/* put_page - to where it is wanted, in full or not at all */
static bool put_page(struct page_arguments *arguments, const struct buffer *page,
		     struct error *error)
{
	if (arguments->output != NULL)
		return atomic_file_replace(arguments->view.job.context.pool, arguments->output,
					   buffer_slice(page), PAGE_MODE, error);
	return io_write(STDOUT_FILENO, page->data, page->len) ||
	       error_set(error, STATUS_OTHER, "cannot write the page: %s", strerror(errno));
}

/* work_page - the whole of it */
static bool work_page(void *context, int *status, struct error *error)
{
	struct page_arguments *arguments = context;
	struct page_gathered gathered;
	struct buffer page;
	bool good;

	(void)status;
	buffer_init(&page, PAGE_SIZE_MAX);
	good = page_job_gather(&arguments->view, &gathered, error) &&
	       page_job_write(&arguments->view, &gathered, &page, error) &&
	       put_page(arguments, &page, error);
	buffer_free(&page);
	return good;
}

/* prepare_page - where it goes */
static bool prepare_page(void *context, struct error *error)
{
	struct page_arguments *arguments = context;

	(void)error;
	if (arguments->output != NULL)
		sandbox_allow_beside(&arguments->view.job.sandbox, arguments->output);
	return true;
}

int page_main(int argc, char **argv)
{
	struct page_arguments arguments = {.output = NULL};
	const struct store_command command = {
	    .synopsis = "page --store FILE [-o FILE.html] [options]",
	    .summary = "Shows the reports of others as one page of HTML.",
	    .asks = true,
	    .check = view_job_check,
	    .prepare = prepare_page,
	    .work = work_page,
	};

	store_job_option(&arguments.view.job,
			 (struct option_spec){'o', "output", "FILE",
					      "writes the page there (standard output)",
					      option_text, &arguments.output});
	view_job_options(&arguments.view, false, true);
	return store_job_run(&arguments.view.job, &command, &arguments, argc, argv);
}
