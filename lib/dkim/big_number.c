/*
 * big_number - the integers of RSA, by GMP; see dkim/big_number.h
 */
#include "dkim/big_number.h"

#include <stdlib.h>

#define OCTET_BITS 8

static void *resize(void *memory, size_t old, size_t size)
{
	(void)old;
	return memory_resize(memory, size);
}

static void release(void *memory, size_t size)
{
	(void)size;
	free(memory);
}

void big_number_start(void)
{
	mp_set_memory_functions(memory_buffer, resize, release);
}

void big_number_set(mpz_t number, struct slice octets)
{
	mpz_import(number, octets.len, 1, 1, 1, 0, octets.data);
}

size_t big_number_len(const mpz_t number)
{
	return (mpz_sizeinbase(number, 2) + OCTET_BITS - 1) / OCTET_BITS;
}

struct slice big_number_octets(struct pool *pool, const mpz_t number, size_t len)
{
	char *octets = pool_alloc(pool, len);

	mpz_export(octets + len - big_number_len(number), NULL, 1, 1, 1, 0, number);
	return slice_from(octets, len);
}
