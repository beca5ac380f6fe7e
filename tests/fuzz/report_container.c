/*
 * report_container - mails, gzip and zip with reports of others in them
 */
#include "report/intake.h"

#include "fuzz.h"
#include "report_sink.h"

/* A mail, and what may have to be undone. */
static void take_mail(void *context, const char *sender)
{
	(void)context;
	fuzz_expect(is_clean(sender));
}

static void take_mark(void *context, enum intake_mark mark)
{
	(void)context;
	(void)mark;
}

static bool settle(void *context, enum intake_mark mark, bool keep)
{
	struct counted *counted = context;

	(void)mark;
	(void)keep;
	counted->is_open = false;
	return true;
}

static bool refuse(void *context, const char *reason)
{
	(void)context;
	fuzz_expect(*reason != '\0');
	return true;
}

static bool is_over(void *context)
{
	(void)context;
	return false;
}

void fuzz_one(struct slice input)
{
	struct counted counted = {.begun = 0};
	const struct intake_handler handler = {.sink = sink_for(&counted),
					       .mail = take_mail,
					       .mark = take_mark,
					       .settle = settle,
					       .refuse = refuse};
	const struct intake intake = {&handler, "mx.example.com", is_over};
	const struct blob blob = {.data = input.data, .fd = -1, .size = input.len};
	struct error error;
	size_t found;

	if (input.len == 0)
		return;
	fuzz_expect(intake_read(&intake, &blob, &found, &error));
	fuzz_expect(found <= counted.begun);
}
