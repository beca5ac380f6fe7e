/*
 * dns_hook - a command of the administrator that changes DNS: nsupdate(1) or what a provider has
 *
 * The command is run by a process that is there before its parent enters the sandbox, which forbids
 * to run any. It gets a script for nsupdate(1) on its standard input.
 */
#ifndef DNS_HOOK_H
#define DNS_HOOK_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/error.h"

#define DNS_HOOK_SECONDS    120.0 /* that a command may take */
#define DNS_HOOK_SAID_MAX   1024  /* octets of what it says that are shown */
#define DNS_HOOK_SCRIPT_MAX 65536 /* octets; the largest key makes 2,000 */

struct dns_hook {
	const char *command; /* for sh(1); NULL: there is none, and nothing is run */
	int runner;          /* to the process that runs it */
	pid_t process;
};

/* Starts the process that will run the command. */
bool dns_hook_start(struct dns_hook *hook, struct error *error);

/* Runs the command with a script; false if it fails, with what it has said in error. */
bool dns_hook_run(struct pool *pool, const struct dns_hook *hook, const char *script,
		  struct error *error);

/* Ends the process. */
void dns_hook_stop(struct dns_hook *hook);

#endif
