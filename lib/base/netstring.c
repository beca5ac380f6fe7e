/*
 * netstring - LENGTH:OCTETS,; see base/netstring.h
 */
#include "base/netstring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/pool.h"

#define LENGTH_SIZE 24   /* of an unsigned long long in digits, with the colon and a NUL */
#define TOO_LONG    (-3) /* beside what reader_byte() returns */

/* ended - an octet is missing: a failed read, or the end of the input */
static bool ended(int octet, struct error *error)
{
	if (octet == READER_FAILED)
		return error_set(error, STATUS_OTHER, "cannot read a frame: %s", strerror(errno));
	return error_set(error, STATUS_OTHER, "the input ends in the middle of a frame");
}

/* misplaced - an octet that is not the one that must be here */
static bool misplaced(int octet, const char *wanted, struct error *error)
{
	if (octet < 0)
		return ended(octet, error);
	return error_set(error, STATUS_OTHER, "bad frame: octet 0x%02x instead of %s",
			 (unsigned)octet, wanted);
}

static bool is_digit_octet(int octet)
{
	return octet >= '0' && octet <= '9';
}

/* read_digits - the length, from its first digit on; the octet after it, or TOO_LONG with error */
static int read_digits(struct netstring *netstring, int octet, unsigned long long max,
		       struct error *error)
{
	do {
		unsigned digit = (unsigned)(octet - '0');

		if (digit > max || netstring->len > (max - digit) / 10) {
			error_set(error, STATUS_TOO_BIG,
				  "bad frame: a part of it is longer than %llu octets", max);
			return TOO_LONG;
		}
		netstring->len = netstring->len * 10 + digit;
		octet = reader_byte(netstring->reader);
	} while (is_digit_octet(octet) && netstring->len != 0);
	return octet;
}

/* read_length - from its first digit on, with the colon */
static bool read_length(struct netstring *netstring, int octet, unsigned long long max,
			struct error *error)
{
	if (!is_digit_octet(octet))
		return misplaced(octet, "a length", error);
	octet = read_digits(netstring, octet, max, error);
	if (octet == TOO_LONG)
		return false;
	netstring->left = netstring->len;
	return octet == ':' || misplaced(octet, "a colon after a length", error);
}

enum netstring_outcome netstring_open(struct netstring *netstring, struct reader *reader,
				      unsigned long long max, struct error *error)
{
	int octet = reader_byte(reader);

	*netstring = (struct netstring){.reader = reader, .outcome = NETSTRING_OPEN};
	if (octet == READER_END)
		netstring->outcome = NETSTRING_ABSENT;
	else if (!read_length(netstring, octet, max, error))
		netstring->outcome = NETSTRING_BROKEN;
	return netstring->outcome;
}

/* broken - nothing can be read any more; -1 */
static ssize_t broken(struct netstring *netstring)
{
	netstring->outcome = NETSTRING_BROKEN;
	return -1;
}

/* read_comma - 0, or -1 with error */
static ssize_t read_comma(struct netstring *netstring, struct error *error)
{
	int octet = reader_byte(netstring->reader);

	if (octet != ',') {
		misplaced(octet, "a comma", error);
		return broken(netstring);
	}
	netstring->outcome = NETSTRING_ABSENT;
	return 0;
}

ssize_t netstring_read(struct netstring *netstring, void *data, size_t size, struct error *error)
{
	ssize_t got;

	if (netstring->outcome == NETSTRING_BROKEN) {
		error_set(error, STATUS_OTHER, "the input is broken");
		return -1;
	}
	if (netstring->outcome == NETSTRING_ABSENT)
		return 0;
	if (netstring->left == 0)
		return read_comma(netstring, error);
	if (size > netstring->left)
		size = (size_t)netstring->left;
	got = reader_read(netstring->reader, data, size);
	if (got <= 0) {
		ended(got == 0 ? READER_END : READER_FAILED, error);
		return broken(netstring);
	}
	netstring->left -= (unsigned long long)got;
	return got;
}

bool netstring_skip(struct netstring *netstring, struct error *error)
{
	char *chunk;
	ssize_t got;

	if (netstring->outcome == NETSTRING_ABSENT)
		return true;
	chunk = memory_buffer(IO_CHUNK);
	do
		got = netstring_read(netstring, chunk, IO_CHUNK, error);
	while (got > 0);
	free(chunk);
	return got == 0;
}

/* read_netstring - a source_reader */
static ssize_t read_netstring(const struct source *source, void *data, size_t size,
			      struct error *error)
{
	return netstring_read(source->context, data, size, error);
}

struct source netstring_source(struct netstring *netstring)
{
	return (struct source){.read = read_netstring, .fd = -1, .context = netstring};
}

bool netstring_begin(struct writer *writer, unsigned long long len)
{
	char text[LENGTH_SIZE];
	int digits = snprintf(text, sizeof(text), "%llu:", len);

	return writer_add(writer, text, (size_t)digits);
}

bool netstring_end(struct writer *writer)
{
	return writer_add(writer, ",", 1);
}
