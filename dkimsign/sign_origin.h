/*
 * sign_origin - is a message ours to sign, by who has handed it over?
 */
#ifndef SIGN_ORIGIN_H
#define SIGN_ORIGIN_H

#include "signing.h"

/* With --internal-hosts: is the client one of ours? Sets foreign if it is not. */
bool sign_check_client(struct signing *signing, const struct host_list *hosts, struct error *error);

/*
 * With --first-hop: local mail has one Received field, of this host, or none. Who may send by SMTP
 * is the mail server's business.
 */
void sign_find_origin(struct signing *signing);

#endif
