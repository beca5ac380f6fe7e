/*
 * host_secret - what the programs of this host know, and nobody who sends it mail
 *
 * It is made of the kernel's boot id and of /etc/machine-id (machine-id(5)), so it needs no file of
 * ours and no option. It changes with each boot. Whoever may run programs on this host can know it.
 */
#ifndef ASSAY_BASE_HOST_SECRET_H
#define ASSAY_BASE_HOST_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/siphash.h"

struct host_secret {
	bool is_known;
	unsigned char key[SIPHASH_KEY_LEN];
};

/* Reads it, while files can be read. Without /proc it is not known. */
void host_secret_read(struct host_secret *secret);

/*
 * A tag of a text that only this host can make. Texts for different purposes must begin
 * differently. The secret must be known.
 */
uint64_t host_secret_tag(const struct host_secret *secret, struct slice text);

#endif
