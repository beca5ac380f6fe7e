/*
 * host_secret - what the programs of this host know; see base/host_secret.h
 */
#include "base/host_secret.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/io.h"

#define BOOT_ID     "/proc/sys/kernel/random/boot_id"
#define MACHINE_ID  "/etc/machine-id"
#define ID_TEXT_MAX 64 /* 32 digits, with or without hyphens, and a line end */
#define ID_DIGITS   (2 * SIPHASH_KEY_LEN)
#define WORD_LEN    sizeof(uint64_t)

/* read_id - the 16 octets that a file has as hexadecimal digits */
static bool read_id(const char *path, unsigned char id[SIPHASH_KEY_LEN])
{
	char text[ID_TEXT_MAX], digits[ID_TEXT_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd == -1 ? -1 : io_read(fd, text, sizeof(text));
	size_t len = 0;

	if (fd != -1)
		close(fd);
	for (ssize_t i = 0; i < got && text[i] != '\n'; i++) {
		if (text[i] != '-')
			digits[len++] = text[i];
	}
	if (len != ID_DIGITS)
		return false;
	for (size_t i = 0; i < SIPHASH_KEY_LEN; i++) {
		if (!hex_octet(slice_from(digits + 2 * i, 2), (char *)&id[i]))
			return false;
	}
	return true;
}

void host_secret_read(struct host_secret *secret)
{
	unsigned char boot[SIPHASH_KEY_LEN];
	unsigned char machine[1 + SIPHASH_KEY_LEN] = {0};

	*secret = (struct host_secret){.is_known = read_id(BOOT_ID, boot)};
	if (!secret->is_known)
		return;
	read_id(MACHINE_ID, machine + 1); /* containers may lack it */
	for (size_t word = 0; word < SIPHASH_KEY_LEN / WORD_LEN; word++) {
		uint64_t half;

		machine[0] = (unsigned char)word;
		half = siphash(boot, slice_from((const char *)machine, sizeof(machine)));
		memcpy(secret->key + word * WORD_LEN, &half, WORD_LEN);
	}
}

uint64_t host_secret_tag(const struct host_secret *secret, struct slice text)
{
	return siphash(secret->key, text);
}
