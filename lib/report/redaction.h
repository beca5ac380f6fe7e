/*
 * redaction - what may leave the house of a message that failed (RFC 6590, RFC 9991 section 6)
 *
 * Nothing is copied. Of some fields what is not personal is written anew: domains, and local parts
 * as a hash with a key of the site, by which the owner of a domain can tell that two are the same
 * and nobody what they are. Subject, display names, recipients, comments, message ids, trace
 * fields, all other fields and the body stay here.
 */
#ifndef ASSAY_REPORT_REDACTION_H
#define ASSAY_REPORT_REDACTION_H

#include "mail/message.h"

#define REDACTED_SIGNATURES_MAX 10 /* further DKIM-Signature fields are left out */

/* "16 hexadecimal digits" for a local part; the same for the same, in any case of letters. */
const char *redact_local_part(struct pool *pool, const char *key, const char *local);

/* "HASH@domain"; what is no address has no domain either. */
const char *redact_address(struct pool *pool, const char *key, const char *address);

/* Header fields, a line each: From, Sender, Reply-To, List-Id, DKIM-Signature. */
const char *redacted_fields(struct pool *pool, const char *key, const struct message *message);

#endif
