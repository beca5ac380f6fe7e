/*
 * verdict - what the stages of a stream have found, as the gate logs it and acts on it
 *
 * It is read from the attributes of a frame (mail/frame.h): "result", a resinfo of RFC 8601 each,
 * and "disposition" and "reason" of dmarceval. All is text of strangers, with nothing in it that
 * ends a word of the log: white space, quotes, angle brackets, commas.
 */
#ifndef ASSAY_POSTFIX_VERDICT_H
#define ASSAY_POSTFIX_VERDICT_H

#include "mail/frame.h"
#include "postfix/changes.h"

#define VERDICT_SIGNATURES_MAX 10U /* DKIM results, and own signatures, that are logged */

enum disposition {
	DISPOSITION_ABSENT, /* no stage has an opinion */
	DISPOSITION_NONE,
	DISPOSITION_QUARANTINE,
	DISPOSITION_REJECT,
	DISPOSITION_DEFER,
};

/* All texts are in a pool; "" is what nobody has said. */
struct verdict {
	const char *author; /* the domain in From */
	const char *spf;    /* a result */
	const char *dkim;   /* "DOMAIN:RESULT,DOMAIN:RESULT" */
	const char *dmarc;  /* a result */
	const char *policy; /* that the domain has published: none, quarantine, reject */
	enum disposition disposition;
	const char *reason;    /* with blanks */
	const char *signed_by; /* "DOMAIN:SELECTOR,DOMAIN:SELECTOR" of signatures that were added */
};

void verdict_read(struct pool *pool, const struct frame *frame, const struct changes *changes,
		  struct verdict *verdict);

/* A stranger's word: what is not printable ASCII, and what could end the word, is '?'. */
const char *verdict_word(struct pool *pool, const char *text);

/* A stranger's sentence, which the log has in quotes. */
const char *verdict_reason(struct pool *pool, struct slice text);

/* One line for the log; action is what the gate has made of it, seconds how long it took. */
const char *verdict_line(struct pool *pool, const struct milter_client *client,
			 const struct milter_message *message, const struct verdict *verdict,
			 const char *action, double seconds);

#endif
