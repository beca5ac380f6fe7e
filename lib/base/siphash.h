/*
 * siphash - a hash that nobody can foretell who does not know its key (SipHash-2-4)
 */
#ifndef ASSAY_BASE_SIPHASH_H
#define ASSAY_BASE_SIPHASH_H

#include <stdint.h>

#include "base/bytes.h"

#define SIPHASH_KEY_LEN 16

uint64_t siphash(const unsigned char key[SIPHASH_KEY_LEN], struct slice text);

#endif
