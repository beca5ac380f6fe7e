/*
 * loose_address - addresses in text that is no address list (RFC 5322 section 3.4 gone wrong)
 *
 * Mail programs show an address wherever they believe to see one, each in its own way. Here is
 * found what any of them may show: every "@" outside quoted strings with a domain after it.
 */
#ifndef ASSAY_MAIL_LOOSE_ADDRESS_H
#define ASSAY_MAIL_LOOSE_ADDRESS_H

#include "mail/address.h"

#define LOOSE_SIGNS_MAX 1000 /* "@" in one text that are looked at */

/* How an address was found. */
enum loose_reading {
	LOOSE_PLAIN, /* it is written there */
	LOOSE_GUESS, /* white space, control characters or encoded words have to be read away */
};

/*
 * Receives one address with a qualified domain (mail/domain.h); false: no more of them. The local
 * part may be empty.
 */
typedef bool loose_address_sink(void *context, const struct address *address,
				enum loose_reading reading);

/* Gives all addresses of the text to sink. False if there are too many "@" in it. */
bool loose_address_find(struct pool *pool, struct slice text, loose_address_sink *sink,
			void *context);

/*
 * The same for what encoded words (RFC 2047) in the text say; all of it guesses. RFC 2047 section
 * 5 forbids them in an address, but some programs decode first and look for the address then.
 */
bool loose_address_find_encoded(struct pool *pool, struct slice text, loose_address_sink *sink,
				void *context);

/*
 * The same for comments and quoted strings that go over a line end; all of it guesses. Programs
 * that do not unfold a field before they read it, Python's email.utils for one, end them there.
 */
bool loose_address_find_folded(struct pool *pool, struct slice text, loose_address_sink *sink,
			       void *context);

#endif
