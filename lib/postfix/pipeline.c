/*
 * pipeline - the stages of a command line, kept alive as a stream; see postfix/pipeline.h
 */
#include "postfix/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "base/process.h"

#define STREAM_OPTION "--stream"
#define SEPARATOR     "|"

#define INTERVAL_NANOSECONDS 1000000L /* how often we look whether stages have ended */

struct stage {
	char **words; /* with STREAM_OPTION, and a NULL after the last one */
	pid_t process;
};

struct pipeline {
	struct pool *pool;
	struct stage *stages;
	size_t count;
	size_t running; /* how many have been started */
	struct timespec started;
	unsigned long long messages; /* that they have handled */
	struct writer writer;        /* to the first stage; fd -1: they do not run */
	struct reader reader;        /* from the last one */
	int said;                    /* what they say is read from here; -1: they do not run */
	struct buffer words;         /* that they have said */
};

/* add_stage - of some words */
static void add_stage(struct pipeline *pipeline, char **words, size_t count)
{
	struct stage *stage;

	pipeline->stages =
	    pool_grow(pipeline->pool, pipeline->stages, pipeline->count, sizeof(*pipeline->stages));
	stage = &pipeline->stages[pipeline->count++];
	/* Zeroed, so that NULL ends it. */
	*stage = (struct stage){
	    .words = pool_alloc(pipeline->pool, (count + 2) * sizeof(*stage->words))};
	stage->words[0] = words[0];
	stage->words[1] = pool_printf(pipeline->pool, STREAM_OPTION);
	memcpy(stage->words + 2, words + 1, (count - 1) * sizeof(*words));
}

/* add_stages - all of a command line */
static bool add_stages(struct pipeline *pipeline, char **words, struct error *error)
{
	size_t count;

	for (;;) {
		for (count = 0; words[count] != NULL && strcmp(words[count], SEPARATOR) != 0;)
			count++;
		if (count == 0)
			return error_set(error, STATUS_CONFIG, "a stage without a command");
		if (pipeline->count == PIPELINE_STAGES_MAX)
			return error_set(error, STATUS_CONFIG, "more than %d stages",
					 PIPELINE_STAGES_MAX);
		add_stage(pipeline, words, count);
		if (words[count] == NULL)
			return true;
		words += count + 1;
	}
}

struct pipeline *pipeline_new(char **words, struct error *error)
{
	struct pipeline *pipeline = memory_alloc(sizeof(*pipeline));

	pipeline->pool = pool_new();
	pipeline->said = -1;
	writer_init(&pipeline->writer, -1);
	reader_init(&pipeline->reader, -1);
	buffer_init(&pipeline->words, PIPELINE_SAID_MAX);
	if (add_stages(pipeline, words, error))
		return pipeline;
	pipeline_free(pipeline);
	return NULL;
}

void pipeline_free(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	pipeline_end(pipeline);
	writer_free(&pipeline->writer);
	reader_free(&pipeline->reader);
	buffer_free(&pipeline->words);
	pool_free(pipeline->pool);
	free(pipeline);
}

/* close_at - a descriptor that is open */
static void close_at(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* hear - what the stages have said until now; what there is no room for is dropped */
static void hear(struct pipeline *pipeline)
{
	char chunk[4096];
	ssize_t got;

	while (pipeline->said >= 0 && (got = read(pipeline->said, chunk, sizeof(chunk))) > 0) {
		size_t room = pipeline->words.max - pipeline->words.len;

		buffer_add(&pipeline->words, chunk, (size_t)got < room ? (size_t)got : room);
	}
}

void pipeline_stop(struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->running; i++)
		process_stop(pipeline->stages[i].process, 0);
	pipeline->running = 0;
	hear(pipeline);
	close_at(&pipeline->writer.fd);
	close_at(&pipeline->reader.fd);
	close_at(&pipeline->said);
	/* Whatever is in them belongs to stages that are gone. */
	writer_free(&pipeline->writer);
	reader_free(&pipeline->reader);
}

/* has_running - does one of the stages run by then? */
static bool has_running(const struct pipeline *pipeline, const struct timespec *deadline)
{
	const struct timespec interval = {.tv_nsec = INTERVAL_NANOSECONDS};

	for (size_t i = 0; i < pipeline->running; i++) {
		while (!process_has_ended(pipeline->stages[i].process)) {
			if (deadline_left(deadline) == 0)
				return true;
			nanosleep(&interval, NULL);
		}
	}
	return false;
}

void pipeline_end(struct pipeline *pipeline)
{
	const struct timespec deadline = deadline_after(PIPELINE_END_SECONDS);

	close_at(&pipeline->writer.fd);
	has_running(pipeline, &deadline);
	pipeline_stop(pipeline);
}

/* start_stage - that reads from there; the number of an error, or 0 */
static int start_stage(struct pipeline *pipeline, struct stage *stage, int *input, int errors)
{
	struct process_command command = {.words = stage->words, .input = *input};
	int ends[2];
	int error_number;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return errno;
	command.output = ends[1];
	command.errors = errors;
	error_number = process_start(&command, &stage->process);
	close(ends[1]);
	close(*input);
	*input = ends[0];
	pipeline->running += error_number == 0;
	return error_number;
}

/* not_started - with the number of an error */
static bool not_started(const char *what, int error_number, struct error *error)
{
	return error_set(error, STATUS_OTHER, "cannot run %s: %s", what, strerror(error_number));
}

/* start_stages - what the last one writes is left in *input */
static bool start_stages(struct pipeline *pipeline, int *input, int errors, struct error *error)
{
	for (size_t i = 0; i < pipeline->count; i++) {
		struct stage *stage = &pipeline->stages[i];
		int error_number = start_stage(pipeline, stage, input, errors);

		if (error_number != 0)
			return not_started(stage->words[0], error_number, error);
	}
	return true;
}

/* start_all - with the pipes to them */
static bool start_all(struct pipeline *pipeline, struct error *error)
{
	int input[2], errors[2];
	bool started;

	if (pipe2(input, O_CLOEXEC) != 0)
		return not_started("the stages", errno, error);
	if (pipe2(errors, O_CLOEXEC | O_NONBLOCK) != 0) {
		close(input[0]);
		close(input[1]);
		return not_started("the stages", errno, error);
	}
	writer_init(&pipeline->writer, input[1]);
	fcntl(input[1], F_SETFL, O_NONBLOCK);
	pipeline->said = errors[0];
	started = start_stages(pipeline, &input[0], errors[1], error);
	close(errors[1]);
	reader_init(&pipeline->reader, input[0]);
	fcntl(input[0], F_SETFL, O_NONBLOCK);
	if (!started)
		pipeline_stop(pipeline);
	return started;
}

/* is_usable - do the stages wait for a message? */
static bool is_usable(const struct pipeline *pipeline)
{
	struct pollfd poller = {.fd = pipeline->reader.fd, .events = POLLIN};

	if (pipeline->running == 0 || deadline_passed(&pipeline->started) > PIPELINE_SECONDS)
		return false;
	for (size_t i = 0; i < pipeline->running; i++) {
		if (process_has_ended(pipeline->stages[i].process))
			return false;
	}
	return pipeline->reader.start == pipeline->reader.end && poll(&poller, 1, 0) == 0;
}

bool pipeline_start(struct pipeline *pipeline, struct error *error)
{
	if (is_usable(pipeline))
		return true;
	pipeline_end(pipeline);
	pipeline->started = deadline_after(0);
	pipeline->messages = 0;
	return start_all(pipeline, error);
}

bool pipeline_is_new(const struct pipeline *pipeline)
{
	return pipeline->messages == 0;
}

struct writer *pipeline_begin(struct pipeline *pipeline, const struct timespec *deadline)
{
	pipeline->writer.deadline = deadline;
	pipeline->reader.deadline = deadline;
	return &pipeline->writer;
}

struct reader *pipeline_output(struct pipeline *pipeline)
{
	return &pipeline->reader;
}

void pipeline_done(struct pipeline *pipeline)
{
	pipeline->messages++;
}

struct slice pipeline_said(struct pipeline *pipeline, struct pool *pool)
{
	struct slice said;

	hear(pipeline);
	said = slice_trim(buffer_slice(&pipeline->words));
	said = slice_from(slice_copy(pool, said), said.len);
	buffer_reset(&pipeline->words);
	return said;
}
