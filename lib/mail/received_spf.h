/*
 * received_spf - reading Received-SPF fields (RFC 7208 section 9.1); spf_received_field() writes
 *
 * Several verifiers do not quote what a stranger has said in HELO and MAIL FROM, although it may
 * look like more of the field. So a field that could have been written for more than one sender is
 * not read at all.
 */
#ifndef ASSAY_MAIL_RECEIVED_SPF_H
#define ASSAY_MAIL_RECEIVED_SPF_H

#include "base/bytes.h"
#include "mail/result.h"

enum received_spf_key {
	RECEIVED_SPF_IDENTITY,
	RECEIVED_SPF_ENVELOPE_FROM,
	RECEIVED_SPF_HELO,
	RECEIVED_SPF_RECEIVER,
	RECEIVED_SPF_CLIENT_IP,
	RECEIVED_SPF_KEYS,
};

struct received_spf {
	enum result result;
	const char *values[RECEIVED_SPF_KEYS]; /* unquoted; NULL: the key is not there */
	/*
	 * The sender is written "local part"@domain without quotes around all of it, as policyd-spf
	 * does; that could be the text of a stranger, unless the sender is known to be this one.
	 */
	bool needs_sender;
};

/* Reads a field body. False if it is not well-formed or has no one meaning. */
bool received_spf_parse(struct pool *pool, struct slice value, struct received_spf *field);

#endif
