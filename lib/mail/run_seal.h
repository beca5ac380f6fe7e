/*
 * run_seal - which fields of a message the tools of this run have written
 *
 * Results go from tool to tool in the message, and are believed above our own Received field,
 * because nobody outside can write there. A message without such a field has no such place: some
 * sites remove the field, and a stranger can write one of his own. So a tool that finds none
 * removes all results in our name and seals what it adds: one more Authentication-Results field,
 * below its others,
 *
 *	Authentication-Results: ID; x-assay-run=none policy.above=2 policy.below=0
 *		policy.time=1795600000 policy.seal=0123456789abcdef
 *
 * says how many fields above it are of this tool, and how many below are of the tools before it.
 * The seal is a tag that only this host can make (base/host_secret.h), of the whole header
 * section. It is worth nothing in another message, on another host, or an hour later. The next tool
 * replaces it; dmarceval believes the fields that it covers, and takes it out.
 */
#ifndef ASSAY_MAIL_RUN_SEAL_H
#define ASSAY_MAIL_RUN_SEAL_H

#include <time.h>

#include "base/host_secret.h"
#include "mail/message.h"

#define RUN_SEAL_SECONDS_MAX 3600 /* how old a seal may be; a run of pipe(8) takes 1000 at most */

/* Who seals. */
struct run_seal {
	const struct host_secret *secret;
	const char *id; /* our authserv-id */
	time_t now;     /* the real time */
};

/* What a seal says. */
struct sealed {
	size_t index; /* of the field with the seal */
	size_t end;   /* fields 0 to end - 1, the seal among them, are of this run */
};

/* Has the message a seal that holds? Fields must not have been added or removed before. */
bool run_seal_find(struct pool *pool, const struct message *message, const struct run_seal *seal,
		   struct sealed *sealed);

/*
 * Seals all that has been added to the message, and the fields of this run below, as many as are
 * left of them: the last thing to be done to a message. Without a secret, or for a message that
 * cannot be judged (message_excess()), nothing happens.
 */
void run_seal_add(struct pool *pool, struct message *message, const struct run_seal *seal,
		  size_t below);

/*
 * The same for one field that is alone: Received-SPF of the policy service. The tag is for the end
 * of the field, as "x-seal=TIME.TAG"; NULL without a secret.
 */
const char *run_seal_field(struct pool *pool, const struct run_seal *seal, struct slice value);
/* Has the field body such a tag that holds? It may be as old as mail in a queue gets. */
bool run_seal_field_holds(struct pool *pool, const struct run_seal *seal, struct slice value);

#endif
