/*
 * sendmail - hands a mail over to a command, and finds out what came of it
 *
 * The command runs under /bin/sh with the mail on its standard input. It finds the envelope in
 * its environment (SENDER, RCPT) and the recipients as its positional parameters ("$@"): a
 * stranger's address never becomes a part of the command itself.
 *
 * What must not happen is that a mail goes out twice or never because its sender was killed. So the
 * mail is complete in a file before the command starts, and a process of its own waits for the
 * command and notes in a second file, the record, what has come of it. That process goes on when
 * the one that started it has died, and shares its locks for as long.
 *
 * It is also the only one that runs commands: it is there before its parent enters the sandbox, and
 * hears nothing from it but envelopes.
 */
#ifndef ASSAY_REPORT_SENDMAIL_H
#define ASSAY_REPORT_SENDMAIL_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

#define SENDMAIL_DEFAULT "/usr/sbin/sendmail -i -f \"$SENDER\" -- \"$@\""
#define SENDMAIL_SECONDS 120.0 /* that a command may take */

struct sendmail {
	const char *command;
	const char *copy; /* a second recipient of each mail, or NULL */
	double seconds;   /* for each */
	int record;       /* a file, open for reading and writing */
	int mail;         /* one that has the mail that is to be handed over */
	int runner;       /* to the process that runs commands */
	pid_t process;
};

struct sendmail_envelope {
	const char *sender;
	const char *recipient;
	const char *token; /* what the record calls this mail: no white space */
};

enum sendmail_outcome {
	SENDMAIL_NOT_STARTED, /* the command has not seen the mail */
	SENDMAIL_SENT,        /* exit status 0 */
	SENDMAIL_FAILED,      /* perhaps it works later */
	SENDMAIL_REFUSED,     /* hardly: there is no such user or host (sysexits.h) */
	SENDMAIL_UNKNOWN,     /* nobody is left to tell */
};

/* Starts the process that will run the commands; all members but the last two are set. */
bool sendmail_start(struct sendmail *sendmail, struct error *error);

/* Ends it, and waits until it holds no lock any more. */
void sendmail_stop(struct sendmail *sendmail);

/*
 * Announces in the record that a mail will be handed over. What the record said before is gone.
 * The caller notes the same in a place of his own afterwards.
 */
bool sendmail_announce(const struct sendmail *sendmail, const char *token, struct error *error);

/*
 * Hands the mail over that has been announced, and waits. *reason is what the command has said,
 * or how it has ended; "" if all is well. False if the process has gone that runs commands.
 */
bool sendmail_run(struct pool *pool, const struct sendmail *sendmail,
		  const struct sendmail_envelope *envelope, enum sendmail_outcome *outcome,
		  const char **reason, struct error *error);

/* What the record knows of a mail whose sender has died. */
enum sendmail_outcome sendmail_recall(struct pool *pool, int record, const char *token,
				      const char **reason);

#endif
