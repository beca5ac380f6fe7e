/*
 * pipeline - the stages of a command line, kept alive as a stream of messages (mail/frame.h)
 *
 * A command line has stages separated by words "|", as in a shell: spfcheck '|' dkimverify. Each is
 * started with --stream after its name; what one writes the next one reads. What they say on
 * standard error is collected, and never stops them: what there is no room for is lost.
 *
 * Whatever goes wrong, all of them are ended, and the next message gets new ones.
 */
#ifndef ASSAY_POSTFIX_PIPELINE_H
#define ASSAY_POSTFIX_PIPELINE_H

#include "mail/frame.h"

#define PIPELINE_STAGES_MAX  16    /* of a command line: ours have four */
#define PIPELINE_SECONDS     600.0 /* after which stages are started anew: files may have changed */
#define PIPELINE_END_SECONDS 15.0  /* for the end of stages; a history may take ten */
#define PIPELINE_SAID_MAX    16384U /* octets kept of what stages say about one message */

struct pipeline;

/*
 * Takes the words of a command line, with a NULL after the last one; they stay the caller's. NULL
 * with error if a stage has no word, or there are too many.
 */
struct pipeline *pipeline_new(char **words, struct error *error);
void pipeline_free(struct pipeline *pipeline); /* ends them, as pipeline_end(); accepts NULL */

/*
 * Sees to it that the stages run: starts them if they do not, have died, said something that nobody
 * has asked for, or are old.
 */
bool pipeline_start(struct pipeline *pipeline, struct error *error);

/* Have these stages handled no message yet? */
bool pipeline_is_new(const struct pipeline *pipeline);

/*
 * For one message: where its frame is written to, and what comes out is read from. All has to be
 * done by the deadline, which must live as long.
 */
struct writer *pipeline_begin(struct pipeline *pipeline, const struct timespec *deadline);
struct reader *pipeline_output(struct pipeline *pipeline);

/* The message has been handled; the stages stay for the next one. */
void pipeline_done(struct pipeline *pipeline);

/*
 * Ends the stages between two messages: they hear the end of the stream, and may finish what they
 * do after a message, such as writing into a history.
 */
void pipeline_end(struct pipeline *pipeline);

/* Ends the stages at once, whatever they do. */
void pipeline_stop(struct pipeline *pipeline);

/* What the stages have said since the last call, in pool; also after pipeline_stop(). */
struct slice pipeline_said(struct pipeline *pipeline, struct pool *pool);

#endif
