/*
 * gate_pipe - lets a message go through filters, and back into Postfix: what pipe(8) runs for it
 *
 * Its command line is
 *
 *	STAGE [| STAGE]... -- SENDER [SERVER [NAME=VALUE]...] -- RECIPIENT...
 *
 * and the message is on standard input. A STAGE is a command with its arguments (postfix/stages.h).
 * What comes out is handed to sendmail(1) or, if there is a SERVER, to that by SMTP
 * (postfix/smtp_client.h), with the attributes of XFORWARD. A SENDER of MAILER-DAEMON, as pipe(8)
 *has it for bounces, is the null sender.
 *
 * Exit status 0: the message has been handed over, for all recipients. Any other, with output that
 * begins "4.": it has not, and pipe(8) keeps it and tries again later.
 *
 * Of the message it looks at the topmost Received field, and for octets above 127.
 */
#ifndef ASSAY_POSTFIX_GATE_PIPE_H
#define ASSAY_POSTFIX_GATE_PIPE_H

#include <stdbool.h>

/* Does the command line hand the message to sendmail? That one needs the privileges of a group. */
bool gate_pipe_uses_sendmail(char **words);

/* Does the job of a command line, which ends with NULL; the exit status. */
int gate_pipe(char **words);

#endif
