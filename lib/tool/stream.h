/*
 * stream - many messages with one process: the filters with --stream
 *
 * Frames (mail/frame.h) on standard input until it ends; for each of them one on standard output,
 * in order. Nothing is kept from one message to the next: memory, answers of DNS, errors. What
 * stays is what was there before the first: options and the files that they name, the sandbox, the
 * open history. A name server's own memory is the place for answers that several messages need; it
 * knows how long they are good.
 *
 * A message that cannot be handled leaves as status=4.x.x with no message, and such a frame is
 * passed on by all later stages; the next message finds everything as if the failed one had not
 * been there. A broken frame, a write that fails and the lack of memory end the process with
 * status 75: then nobody can know any more where a frame begins. Attributes that are no frame's
 * fault but nonsense, such as two senders, are the message's failure.
 */
#ifndef ASSAY_TOOL_STREAM_H
#define ASSAY_TOOL_STREAM_H

#include "tool/filter.h"

/* Handles the stream; the exit status: 0 when it has ended between two frames. */
int stream_run(struct tool_context *context, const struct filter_job *job);

#endif
