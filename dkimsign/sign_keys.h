/*
 * sign_keys - the keys that a message is signed with: those of its author, or of the list it is
 * from
 *
 * They are chosen and read as soon as the header section is known, so that whatever is wrong with
 * them is found before the body is read.
 */
#ifndef SIGN_KEYS_H
#define SIGN_KEYS_H

#include "signing.h"

/*
 * By the authors; with --resign-lists by the list whose mail it is. Without an error there may be
 * no key: unsigned_reason tells why.
 */
bool sign_choose_keys(struct signing *signing, struct error *error);

#endif
