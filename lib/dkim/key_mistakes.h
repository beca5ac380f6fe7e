/*
 * key_mistakes - what people publish where a key record should be, and where they publish it
 *
 * For those who test their own keys. A verifier needs none of this: to it, such a record is no key.
 */
#ifndef ASSAY_DKIM_KEY_MISTAKES_H
#define ASSAY_DKIM_KEY_MISTAKES_H

#include "dkim/private_key.h"
#include "dns/dns.h"

/*
 * The mistake in a TXT record that should have the public key of this private key, with what to do,
 * as the start of a sentence about the record; NULL if it is none that we know.
 */
const char *key_mistake_in(struct pool *pool, struct slice record, const struct private_key *key);

/*
 * There is no record for a selector: is it under one of the names where people put it by mistake?
 * Says so with what to do; NULL if it is in none of them.
 */
const char *key_mistake_place(struct pool *pool, struct dns *dns, struct dns_budget *budget,
			      const char *selector, const char *domain);

#endif
