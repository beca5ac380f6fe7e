/*
 * author - who a message says it is from (RFC 9989 sections 5.3.1 and 11.5)
 *
 * A From field is read strictly first. What is not strict is read again as mail programs read it:
 * they show an address whatever surrounds it, so a message must not get away from its policy by
 * a slip in the syntax. The second reading finds every address that somebody could see there.
 * Text in well-formed quoted strings is a name and no address.
 */
#ifndef ASSAY_MAIL_AUTHOR_H
#define ASSAY_MAIL_AUTHOR_H

#include "mail/address.h"
#include "mail/message.h"

#define AUTHOR_DOMAINS_MAX 8 /* RFC 9989 11.5: domains of one message that are judged */

enum author_kind {
	AUTHOR_NONE,      /* no domain was found, or more than AUTHOR_DOMAINS_MAX */
	AUTHOR_EXACT,     /* one field in the syntax of RFC 5322, one domain */
	AUTHOR_RECOVERED, /* one domain, but the syntax is wrong or there are several fields */
	AUTHOR_SEVERAL,   /* several domains */
};

struct author {
	enum author_kind kind;
	const char *reason;                      /* why it is not exact, one line; NULL if it is */
	size_t count;                            /* 0 for AUTHOR_NONE, 1 for EXACT and RECOVERED */
	const char *domains[AUTHOR_DOMAINS_MAX]; /* canonical, each once, as they come */
	/*
	 * What else could be meant: text that some mail programs put together to the address of
	 * another domain. A message may fail for such a domain, but never pass for it, and nobody
	 * signs for it. count and guess_count together are at most AUTHOR_DOMAINS_MAX.
	 */
	size_t guess_count;
	const char *guesses[AUTHOR_DOMAINS_MAX];
	bool incomplete; /* one of the addresses has no domain that could be judged */
	bool repeated;   /* several fields of one domain: which one was signed cannot be told */
	struct address_list addresses; /* those of domains first, in their order */
};

/* Reads all From fields. Everything in author lives in pool or in the message. */
void author_read(struct pool *pool, const struct message *message, struct author *author);

/* The same for the body of one field. */
void author_read_value(struct pool *pool, struct slice value, struct author *author);

/* The one domain of EXACT and RECOVERED; NULL for the others. */
const char *author_domain(const struct author *author);

#endif
