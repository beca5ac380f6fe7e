/*
 * author - who a message says it is from: the author domain (RFC 9989 section 5.3.1)
 */
#ifndef ASSAY_MAIL_AUTHOR_H
#define ASSAY_MAIL_AUTHOR_H

#include "base/error.h"
#include "mail/message.h"

/*
 * The author domain of a message (RFC 9989 5.3.1): all addresses of its one From
 * field are in one domain. NULL with the reason in error otherwise.
 */
const char *author_domain(struct pool *pool, const struct message *message, struct error *error);

#endif
