/*
 * sendmail - hands a mail over to a command; see report/sendmail.h
 *
 * The record has up to three lines:
 *
 *   TOKEN                  announced
 *   started                the command can have seen the mail from here on
 *   ended STATUS REASON    exit status, or 128 and the number of a signal, as shells have it
 */
#include "report/sendmail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/io.h"
#include "base/pool.h"
#include "base/printable.h"
#include "base/process.h"

#define STARTED       "started\n"
#define ENDED         "ended "
#define SHELL         "/bin/sh"
#define RECORD_MAX    4096  /* octets of the record */
#define ENVELOPE_MAX  65536 /* octets of both addresses */
#define SAID_MAX      400   /* octets of what a command says that are kept */
#define SIGNAL_BASE   128   /* of a status: killed by a signal */
#define STATUS_LATE   (-1)  /* the command has been stopped, for its time was up */
#define GRACE_SECONDS 2     /* between SIGTERM and SIGKILL */

/* Commands that say so are not asked often (sysexits.h). */
static const int refusals[] = {EX_DATAERR, EX_NOUSER, EX_NOHOST, EX_UNAVAILABLE};

bool sendmail_announce(const struct sendmail *sendmail, const char *token, struct error *error)
{
	int record = sendmail->record;

	if (ftruncate(record, 0) == 0 && lseek(record, 0, SEEK_SET) == 0 &&
	    io_write(record, token, strlen(token)) && io_write(record, "\n", 1))
		return true;
	return error_set(error, STATUS_FULL, "cannot write the record of what is sent: %s",
			 strerror(errno));
}

/*
 * run_command - for one mail; its status as the record has it. A mail system that delivers in the
 * background goes on when the command has ended.
 */
static int run_command(struct pool *pool, const struct sendmail *sendmail,
		       const struct sendmail_envelope *envelope, struct slice *said)
{
	char *words[] = {SHELL,      "-c", (char *)(size_t)sendmail->command,
			 "sendmail", NULL, (char *)(size_t)sendmail->copy,
			 NULL};
	const struct process_command command = {
	    .words = words, .input = sendmail->mail, .output = -1};
	const struct process_limits limits = {
	    .deadline = deadline_after(sendmail->seconds),
	    .grace = GRACE_SECONDS,
	    .said_max = SAID_MAX,
	    .leaves_rest = true,
	};
	struct process_end end;

	words[4] = pool_printf(pool, "%s", envelope->recipient);
	*said = slice_of(NULL);
	/* All other descriptors are closed by exec; so the locks stay with our process. */
	if (setenv("SENDER", envelope->sender, 1) != 0 ||
	    setenv("RCPT", envelope->recipient, 1) != 0 ||
	    lseek(sendmail->mail, 0, SEEK_SET) != 0 ||
	    process_run(pool, &command, &limits, &end) != 0)
		return EX_OSERR;
	*said = end.said;
	if (!end.in_time)
		return STATUS_LATE;
	return WIFEXITED(end.status) ? WEXITSTATUS(end.status) : SIGNAL_BASE + WTERMSIG(end.status);
}

/* note_end - in the record: what the command has said on one line */
static void note_end(struct pool *pool, int record, int status, struct slice said)
{
	char *text = slice_copy(pool, said);
	const char *line;

	for (char *end = text; (end = strchr(end, '\n')) != NULL;)
		*end = ' ';
	line = pool_printf(pool, ENDED "%d %s\n", status, text_make_printable(text));
	io_write(record, line, strlen(line));
}

/* hand_over_mail - runs the command for one mail, and notes how it has ended */
static void hand_over_mail(const struct sendmail *sendmail,
			   const struct sendmail_envelope *envelope)
{
	struct pool *pool = pool_new();
	struct slice said;
	int status;

	if (io_write(sendmail->record, STARTED, strlen(STARTED))) {
		status = run_command(pool, sendmail, envelope, &said);
		note_end(pool, sendmail->record, status, said);
	}
	pool_free(pool);
}

/* read_envelope - from a packet: sender and recipient, with a NUL byte after each */
static bool read_envelope(const char *packet, size_t len, struct sendmail_envelope *envelope)
{
	const char *end = len > 0 ? memchr(packet, '\0', len - 1) : NULL;

	if (end == NULL || packet[len - 1] != '\0')
		return false;
	envelope->sender = packet;
	envelope->recipient = end + 1;
	return true;
}

/* run_sendmail - the process between us and the commands: one mail after the other, until we end */
static void run_sendmail(const struct sendmail *sendmail, int requests)
{
	struct sendmail_envelope envelope;
	char *packet = memory_alloc(ENVELOPE_MAX);
	ssize_t len;

	setsid(); /* what ends the terminal's session must not end us */
	while ((len = io_read(requests, packet, ENVELOPE_MAX)) > 0 &&
	       read_envelope(packet, (size_t)len, &envelope)) {
		hand_over_mail(sendmail, &envelope);
		if (!io_write(requests, "", 1))
			break;
	}
	free(packet);
	close(sendmail->record); /* and with it the lock: before our end of the socket */
}

bool sendmail_start(struct sendmail *sendmail, struct error *error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(error, STATUS_OTHER, "cannot make a socket: %s", strerror(errno));
	sendmail->process = fork();
	if (sendmail->process == 0) {
		close(ends[0]);
		run_sendmail(sendmail, ends[1]);
		_exit(EX_OK);
	}
	close(ends[1]);
	sendmail->runner = ends[0];
	if (sendmail->process > 0)
		return true;
	close(ends[0]);
	return error_set(error, STATUS_OTHER, "cannot start a process: %s", strerror(errno));
}

void sendmail_stop(struct sendmail *sendmail)
{
	char nothing;

	io_write(sendmail->runner, "", 1); /* no envelope: the end */
	io_read(sendmail->runner, &nothing, 1);
	close(sendmail->runner);
}

/* is_refusal - does trying again hardly help? */
static bool is_refusal(long status)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (refusals[i] == status)
			return true;
	}
	return false;
}

/* read_end - the last line, after its first word */
static enum sendmail_outcome read_end(struct pool *pool, struct slice line, const char **reason)
{
	char *rest;
	long status = strtol(slice_copy(pool, line), &rest, 10);

	if (status == 0)
		return SENDMAIL_SENT;
	while (*rest == ' ')
		rest++;
	if (status == STATUS_LATE)
		*reason = pool_printf(pool, "the command did not end in time %s", rest);
	else if (status > SIGNAL_BASE)
		*reason = pool_printf(pool, "the command was ended by signal %ld %s",
				      status - SIGNAL_BASE, rest);
	else
		*reason = pool_printf(pool, "exit status %ld %s", status, rest);
	*reason = slice_copy(pool, slice_trim(slice_of(*reason)));
	return is_refusal(status) ? SENDMAIL_REFUSED : SENDMAIL_FAILED;
}

enum sendmail_outcome sendmail_recall(struct pool *pool, int record, const char *token,
				      const char **reason)
{
	char *text = pool_alloc(pool, RECORD_MAX);
	ssize_t len = pread(record, text, RECORD_MAX, 0);
	struct slice rest = slice_from(text, len > 0 ? (size_t)len : 0);
	struct slice line;

	*reason = "";
	if (!slice_cut(&rest, '\n', &line) || !slice_is(line, token) || rest.data == NULL)
		return SENDMAIL_UNKNOWN;
	if (rest.len == 0)
		return SENDMAIL_NOT_STARTED;
	if (slice_cut(&rest, '\n', &line) && slice_cut(&rest, '\n', &line) &&
	    slice_starts_nocase(line, ENDED) && rest.data != NULL)
		return read_end(pool, slice_skip(line, strlen(ENDED)), reason);
	return SENDMAIL_UNKNOWN;
}

/* put_envelope - 0 if it is too long */
static size_t put_envelope(const struct sendmail_envelope *envelope, char *packet)
{
	size_t sender = strlen(envelope->sender) + 1;
	size_t recipient = strlen(envelope->recipient) + 1;

	if (sender > ENVELOPE_MAX || recipient > ENVELOPE_MAX - sender)
		return 0;
	memcpy(packet, envelope->sender, sender);
	memcpy(packet + sender, envelope->recipient, recipient);
	return sender + recipient;
}

bool sendmail_run(struct pool *pool, const struct sendmail *sendmail,
		  const struct sendmail_envelope *envelope, enum sendmail_outcome *outcome,
		  const char **reason, struct error *error)
{
	char *packet = pool_alloc(pool, ENVELOPE_MAX);
	size_t len = put_envelope(envelope, packet);

	*outcome = SENDMAIL_REFUSED;
	*reason = "the address is too long";
	if (len == 0)
		return true;
	if (!io_write(sendmail->runner, packet, len))
		return error_set(error, STATUS_OTHER, "the process that runs the command: %s",
				 strerror(errno));
	io_read(sendmail->runner, packet, 1); /* whether it has done its work or has died */
	*outcome = sendmail_recall(pool, sendmail->record, envelope->token, reason);
	return true;
}
