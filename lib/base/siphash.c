/*
 * siphash - SipHash-2-4 (Aumasson and Bernstein, 2012); see base/siphash.h
 */
#include "base/siphash.h"

#define WORD_LEN     8
#define ROUNDS       2 /* for each word of the text */
#define FINAL_ROUNDS 4

/* little_endian - up to eight octets */
static uint64_t little_endian(const unsigned char *octets, size_t count)
{
	uint64_t word = 0;

	for (size_t i = 0; i < count; i++)
		word |= (uint64_t)octets[i] << 8 * i;
	return word;
}

static uint64_t rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

/* mix - some rounds */
static void mix(uint64_t v[4], int rounds)
{
	for (int i = 0; i < rounds; i++) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32) + v[3];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

/* absorb - a word of the text */
static void absorb(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, ROUNDS);
	v[0] ^= word;
}

uint64_t siphash(const unsigned char key[SIPHASH_KEY_LEN], struct slice text)
{
	uint64_t k0 = little_endian(key, WORD_LEN);
	uint64_t k1 = little_endian(key + WORD_LEN, WORD_LEN);
	uint64_t v[4] = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d),
			 k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
	const unsigned char *octets = (const unsigned char *)text.data;
	size_t left = text.len;

	for (; left >= WORD_LEN; left -= WORD_LEN, octets += WORD_LEN)
		absorb(v, little_endian(octets, WORD_LEN));
	absorb(v, little_endian(octets, left) | (uint64_t)(text.len & 0xff) << 56);
	v[2] ^= 0xff;
	mix(v, FINAL_ROUNDS);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
