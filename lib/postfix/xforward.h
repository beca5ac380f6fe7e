/*
 * xforward - tells a server of Postfix whom the message came from, so that its log names them
 *
 * Postfix XFORWARD_README. No message is kept back because of it.
 */
#ifndef ASSAY_POSTFIX_XFORWARD_H
#define ASSAY_POSTFIX_XFORWARD_H

#include "postfix/smtp_protocol.h"

/*
 * attributes are NAME=VALUE; those that the server does not know are left out. False with the
 * error of the connection: it is lost, or an attribute is not of that form.
 */
bool xforward_send(struct smtp_connection *connection, char *const *attributes, size_t count);

#endif
