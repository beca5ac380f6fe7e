/*
 * gate_session - serves connections of Postfix' milter protocol; see postfix/gate_session.h
 */
#include "postfix/gate_session.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "base/system_log.h"
#include "postfix/changes.h"
#include "postfix/milter.h"
#include "postfix/pipeline.h"
#include "postfix/verdict.h"

struct gate {
	const struct gate_settings *settings;
	struct pipeline *pipeline;
	struct system_log log;
};

/* One message on its way. */
struct judging {
	struct gate *gate;
	struct milter *milter;
	struct milter_message *message;
	const struct milter_client *client;
	struct pool *pool;
	struct timespec deadline;
	struct slice border;
	struct frame sent, received;
	struct changes changes;
	struct verdict verdict;
	bool is_told;       /* a stage has said that it cannot handle it, and is well */
	bool is_too_big;    /* it never can be handled */
	const char *action; /* for the log */
	const char *reply;  /* to the client; NULL: the message is taken */
};

struct gate *gate_new(const struct gate_settings *settings, struct error *error)
{
	struct pipeline *pipeline = pipeline_new(settings->stages, error);
	struct gate *gate;

	if (pipeline == NULL)
		return NULL;
	gate = memory_alloc(sizeof(*gate));
	gate->settings = settings;
	gate->pipeline = pipeline;
	system_log_open(&gate->log, settings->tag);
	return gate;
}

void gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	pipeline_free(gate->pipeline);
	system_log_close(&gate->log);
	free(gate);
}

/* warn - about a message */
static void warn(const struct judging *judging, struct slice text)
{
	const char *line = pool_printf(judging->pool, "%s: warning: %s",
				       verdict_word(judging->pool, judging->message->queue_id),
				       slice_copy(judging->pool, text));

	system_log_write(&judging->gate->log, LOG_WARNING, slice_of(line));
}

/* log_said - what the stages have said about a message */
static void log_said(const struct judging *judging)
{
	struct slice said = pipeline_said(judging->gate->pipeline, judging->pool);
	struct slice line;

	while (said.len > 0 && slice_cut(&said, '\n', &line)) {
		if (slice_trim(line).len > 0)
			warn(judging, line);
	}
}

/* add_recipients - as many as there is room for; no stage needs them all */
static bool add_recipients(struct frame *frame, const struct milter_message *message)
{
	size_t octets = 0;

	for (size_t i = 0; i < message->recipient_count; i++) {
		struct slice recipient = slice_of(message->recipients[i]);

		octets += recipient.len;
		if (octets > GATE_RECIPIENTS_MAX)
			return true;
		if (!frame_add(frame, "recipient", recipient))
			return false;
	}
	return true;
}

/* make_frame - the envelope, as attributes. What came by sendmail(1) has an empty address. */
static bool make_frame(struct judging *judging, struct error *error)
{
	const struct milter_client *client = judging->client;
	const struct milter_message *message = judging->message;
	struct frame *frame = &judging->sent;
	const char *seconds = pool_printf(judging->pool, "%.3f", judging->gate->settings->seconds);
	bool good = frame_add(frame, "queue_id", slice_of(message->queue_id)) &&
		    frame_add(frame, "deadline", slice_of(seconds)) &&
		    frame_add(frame, "sender", slice_of(message->sender));

	if (client->is_local)
		good = good && frame_add(frame, "client_address", slice_of(NULL));
	else if (*client->address != '\0')
		good = good && frame_add(frame, "client_address", slice_of(client->address)) &&
		       frame_add(frame, "client_name", slice_of(client->name)) &&
		       frame_add(frame, "helo_name", slice_of(client->helo));
	return (good && add_recipients(frame, message)) ||
	       error_set(error, STATUS_OTHER, "the envelope cannot be passed to the stages");
}

/* send - the message to the stages */
static bool send_message(struct judging *judging, struct error *error)
{
	struct writer *writer = pipeline_begin(judging->gate->pipeline, &judging->deadline);
	size_t len = changes_input_len(judging->message, judging->border);

	if (frame_begin(&judging->sent, len, writer) &&
	    changes_write(judging->message, judging->border, writer) && frame_end(writer))
		return true;
	return error_set(error, STATUS_OTHER, "cannot write to the stages: %s",
			 errno == ETIMEDOUT ? "they have not read all in time" : strerror(errno));
}

/* failed_there - a stage says in "status" that it could not handle the message */
static bool failed_there(struct judging *judging, struct slice status, struct error *error)
{
	struct slice code = slice_from(status.data, slice_find(status, ' '));

	if (!slice_starts_nocase(code, "4."))
		code = slice_of(STATUS_OTHER);
	judging->is_too_big = slice_is(code, STATUS_TOO_BIG);
	return error_set(error, slice_copy(judging->pool, code), "%s",
			 slice_copy(judging->pool, status));
}

/* receive - what has become of the message */
static bool receive_message(struct judging *judging, struct error *error)
{
	struct frame *frame = &judging->received;
	struct source source;
	struct slice value;

	switch (frame_read(frame, pipeline_output(judging->gate->pipeline), error)) {
	case FRAME_READ: break;
	case FRAME_ABSENT: return error_set(error, STATUS_OTHER, "a stage has ended");
	case FRAME_BROKEN: return false;
	}
	if (!frame_get(frame, "queue_id", &value) || !slice_is(value, judging->message->queue_id))
		return error_set(error, STATUS_OTHER, "the stages answer for another message");
	if (frame_get(frame, "status", &value)) {
		if (!frame_skip(frame, error))
			return false;
		pipeline_done(judging->gate->pipeline);
		judging->is_told = true;
		return failed_there(judging, value, error);
	}
	source = frame_source(frame);
	if (!changes_read(judging->pool, judging->message, judging->border, &source,
			  (size_t)frame->message.len, &judging->changes, error))
		return false;
	pipeline_done(judging->gate->pipeline);
	return true;
}

/* run_once - the message through the stages. A stage that says it has failed stays; *again: it does
 * not. */
static bool run_once(struct judging *judging, bool *again, struct error *error)
{
	struct pipeline *pipeline = judging->gate->pipeline;

	*again = false;
	if (!pipeline_start(pipeline, error))
		return false;
	if (send_message(judging, error) && receive_message(judging, error))
		return true;
	if (judging->is_told)
		return false;
	*again = !pipeline_is_new(pipeline);
	pipeline_stop(pipeline);
	return false;
}

/* run - with one more try, if the stages had been waiting for long and may have died meanwhile */
static bool run_stages(struct judging *judging, struct error *error)
{
	bool again;

	if (judging->message->failed) {
		*error = judging->message->error;
		judging->is_too_big = strcmp(error->status, STATUS_TOO_BIG) == 0;
		return false;
	}
	if (!make_frame(judging, error))
		return false;
	if (run_once(judging, &again, error))
		return true;
	return again && deadline_left(&judging->deadline) > 0 && run_once(judging, &again, error);
}

/* refuse_mail - with whose policy it is, and whom to ask */
static void refuse_mail(struct judging *judging)
{
	const struct verdict *verdict = &judging->verdict;
	const char *domain = *verdict->author != '\0' ? verdict->author : "the author's domain";
	const char *contact = judging->gate->settings->contact;

	judging->action = "reject";
	judging->reply =
	    pool_printf(judging->pool,
			"550 5.7.1 %s asks to refuse mail in its name that is neither from its "
			"hosts nor signed by it (DMARC, p=%s); its postmaster%s%s can help",
			domain, *verdict->policy != '\0' ? verdict->policy : "reject",
			contact != NULL ? ", or " : "", contact != NULL ? contact : "");
}

/* defer - the policy is not known yet */
static void defer(struct judging *judging)
{
	const char *author = judging->verdict.author;

	judging->action = "defer";
	judging->reply = pool_printf(judging->pool,
				     "451 4.7.1 the DMARC policy of %s cannot be looked up now; "
				     "please try again later",
				     *author != '\0' ? author : "the author's domain");
}

/* quarantine - as the settings have it */
static void quarantine(struct judging *judging)
{
	judging->action = judging->gate->settings->quarantine == GATE_HOLD ? "hold" : "mark";
}

/* refuse_forged - what Postfix would be busy with for long may not stay either */
static void refuse_forged(struct judging *judging)
{
	judging->action = "reject";
	judging->reply = "554 5.6.0 too many forged results in the header section";
}

/* decide_reply - what is done */
static void decide_reply(struct judging *judging)
{
	if (judging->changes.removed_count > CHANGES_REMOVED_MAX) {
		refuse_forged(judging);
		return;
	}
	judging->action = "accept";
	switch (judging->verdict.disposition) {
	case DISPOSITION_ABSENT:
	case DISPOSITION_NONE: return;
	case DISPOSITION_QUARANTINE: quarantine(judging); return;
	case DISPOSITION_DEFER: defer(judging); return;
	case DISPOSITION_REJECT:
		/* Refusing what is queued already would send a bounce to whoever was named as
		 * sender. */
		if (judging->client->is_local)
			quarantine(judging);
		else
			refuse_mail(judging);
		return;
	}
}

/* give_up_session - there is no verdict */
static void give_up_session(struct judging *judging, const struct error *error)
{
	warn(judging, slice_of(error->text));
	judging->verdict.disposition = DISPOSITION_DEFER;
	judging->verdict.reason = verdict_reason(judging->pool, slice_of(error->text));
	judging->action = judging->is_too_big ? "reject" : "defer";
	if (judging->is_too_big)
		judging->reply = "552 5.3.4 the header section of the message is too large";
	else
		judging->reply =
		    pool_printf(judging->pool,
				"451 %s the message cannot be checked now; please try again later",
				error->status);
}

/* change - the message, as the stages have */
static bool change(struct judging *judging)
{
	const struct gate_settings *settings = judging->gate->settings;
	const struct changes *changes = &judging->changes;
	bool is_quarantined = strcmp(judging->action, "mark") == 0;
	bool good = true;

	for (size_t i = changes->removed_count; i > 0 && good; i--)
		good =
		    milter_remove_field(judging->milter, judging->message, changes->removed[i - 1]);
	for (size_t i = changes->added_count; i > 0 && good; i--)
		good = milter_add_field(judging->milter, changes->added[i - 1].name,
					changes->added[i - 1].value);
	if (is_quarantined && settings->quarantine == GATE_FIELD)
		good = good && milter_add_field(judging->milter, settings->field_name,
						settings->field_value);
	if (strcmp(judging->action, "hold") == 0)
		good = good && milter_hold(judging->milter, "DMARC");
	return good;
}

/* note - the message in the log: before Postfix hears, so that the lines come in this order */
static void note(struct judging *judging, const struct timespec *start)
{
	const char *line = verdict_line(judging->pool, judging->client, judging->message,
					&judging->verdict, judging->action, deadline_passed(start));

	system_log_write(&judging->gate->log, LOG_INFO, slice_of(line));
}

/* judge_message - one; false if Postfix is gone */
static bool judge_message(struct judging *judging)
{
	const struct timespec start = deadline_after(0);
	struct error error;

	judging->deadline = deadline_after(judging->gate->settings->seconds + GATE_GRACE_SECONDS);
	judging->border = changes_border(judging->pool, judging->client, judging->message);
	if (run_stages(judging, &error)) {
		verdict_read(judging->pool, &judging->received, &judging->changes,
			     &judging->verdict);
		decide_reply(judging);
	} else {
		verdict_read(judging->pool, &judging->sent, &judging->changes, &judging->verdict);
		give_up_session(judging, &error);
	}
	log_said(judging);
	if (judging->gate->settings->dry_run) {
		judging->action = pool_printf(judging->pool, "dry-run:%s", judging->action);
		judging->reply = NULL;
		judging->changes = (struct changes){.pool = judging->pool};
	}
	note(judging, &start);
	if (judging->reply == NULL && !change(judging))
		return false;
	return milter_finish(judging->milter, judging->reply);
}

/* judge_mail - one message, with SIGTERM blocked */
static bool judge_mail(struct gate *gate, struct milter *milter)
{
	struct judging judging = {
	    .gate = gate,
	    .milter = milter,
	    .message = milter_message(milter),
	    .client = milter_client(milter),
	    .pool = pool_new(),
	};
	sigset_t term, before;
	bool good;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, &before);
	frame_init(&judging.sent);
	frame_init(&judging.received);
	good = judge_message(&judging);
	frame_free(&judging.sent);
	frame_free(&judging.received);
	pool_free(judging.pool);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return good;
}

/* prepare_session - the stages, while the message is still coming; if they cannot be started that
 * is told later */
static void prepare_session(struct gate *gate)
{
	struct error error;

	pipeline_start(gate->pipeline, &error);
}

bool gate_serve(struct gate *gate, int input, int output)
{
	struct milter *milter = milter_new(input, output);
	struct error error;
	enum milter_event event;
	bool good = true;

	do {
		event = milter_next(milter, &error);
		if (event == MILTER_CONTENT)
			prepare_session(gate);
		else if (event == MILTER_MESSAGE)
			good = judge_mail(gate, milter);
	} while (good && event != MILTER_ENDED && event != MILTER_BROKEN);
	if (event == MILTER_BROKEN)
		system_log_write(&gate->log, LOG_WARNING, slice_of(error.text));
	milter_free(milter);
	return event == MILTER_ENDED;
}
