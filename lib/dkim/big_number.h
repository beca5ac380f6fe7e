/*
 * big_number - the integers of RSA, by GMP
 *
 * GMP ends the process by a signal when there is no memory, unless it is given functions for
 * that: with ours it ends as everything else does (see base/pool.h). They must be there before GMP
 * has taken any memory in the process.
 */
#ifndef ASSAY_DKIM_BIG_NUMBER_H
#define ASSAY_DKIM_BIG_NUMBER_H

#include <gmp.h>

#include "base/bytes.h"
#include "base/pool.h"

/* Gives GMP our functions for memory; as often as one likes. */
void big_number_start(void);

/* The number that octets are, most significant first. number has been initialized. */
void big_number_set(mpz_t number, struct slice octets);

/* len octets in the pool, zeros in front; the number is not negative and fits. */
struct slice big_number_octets(struct pool *pool, const mpz_t number, size_t len);

/* Octets that a number needs; 1 for zero. */
size_t big_number_len(const mpz_t number);

#endif
