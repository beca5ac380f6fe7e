/*
 * address - mail addresses (RFC 5322 section 3.4, RFC 6532, RFC 6854; RFC 5321 4.1.2)
 *
 * One strict parser for the From field and its kin: display names, comments,
 * quoted strings, encoded words, groups, obsolete routes, several addresses.
 * Who reads a From field by pattern is fooled by the first comment in it.
 */
#ifndef ASSAY_MAIL_ADDRESS_H
#define ASSAY_MAIL_ADDRESS_H

#include "base/bytes.h"
#include "base/error.h"

#define ADDRESS_LIST_MAX 10000U /* addresses in one field; more is a syntax error */

struct address {
	const char *local; /* unquoted; NUL bytes make the address invalid; "" for <> */
	const char
	    *domain;       /* canonical, see mail/domain.h; NULL: none, a literal, no domain name */
	struct slice text; /* addr-spec as written, without angle brackets */
	struct slice display; /* display name as written, may be empty */
	bool in_brackets;     /* it was written as <addr-spec> */
};

struct address_list {
	size_t count;
	struct address *items; /* in the pool */
};

/*
 * The addresses of a From (Sender, Reply-To, ...) field body. Group members
 * are listed like other addresses; a group may be empty. False on a syntax
 * error, with the addresses before it in list. An addr-spec without "@"
 * (as in "From: root") is listed with domain NULL, but an encoded word in its
 * place is an error (RFC 2047 section 5).
 */
bool address_parse_list(struct pool *pool, struct slice value, struct address_list *list,
			struct error *error);

/*
 * An envelope address: with or without angle brackets, source route ignored,
 * "" and "<>" are the null sender (local and domain are ""). UTF-8 allowed (RFC 6531).
 * Envelope syntax is the MTA's business, so everything with a domain after
 * the last "@" that canonicalizes is accepted; false otherwise, also for a
 * domain literal.
 */
bool address_parse_path(struct pool *pool, struct slice text, struct address *address);

#endif
