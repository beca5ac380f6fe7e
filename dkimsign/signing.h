/*
 * signing - a message on its way through dkimsign, and what it has to warn about
 *
 * Warnings are kept until the message has been delivered: if it cannot be, the reason for that is
 * what the MTA has to see first.
 */
#ifndef SIGNING_H
#define SIGNING_H

#include "dkim/sign_lint.h"
#include "dkimsign.h"
#include "mail/author.h"

/* One message on its way through. */
struct signing {
	struct filter *filter;
	const struct arguments *arguments;
	const struct dkim_tables *tables; /* or NULL */
	struct dkim_sign_policy policy;
	struct author author;
	const char *list_domain; /* of a list whose mail is signed in its name; or NULL */
	struct dkim_sign_key *keys;
	size_t key_count;
	const char *unsigned_reason; /* of the last key that was not used, or why there is none */
	bool foreign;                /* it is not ours to sign */
	struct dkim_signer *signer;
	struct dkim_lint lint;
	struct option_list warnings;
};

__attribute__((format(printf, 2, 3))) void signing_warn(struct signing *signing, const char *format,
							...);

/* When nothing can go wrong any more. */
void signing_print_warnings(const struct signing *signing);

#endif
