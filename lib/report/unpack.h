/*
 * unpack - what is packed with gzip (RFC 1952), whatever its name says, and what that may cost
 *
 * gzip has several members, octets after its end, a wrong checksum, or is cut: what comes out is
 * kept. Everything is charged to a budget, which a bomb overdraws; for zip see report/zip_reader.h.
 */
#ifndef ASSAY_REPORT_UNPACK_H
#define ASSAY_REPORT_UNPACK_H

#include <zlib.h>

#include "base/deadline.h"
#include "report/octets.h"

#define UNPACK_TOTAL_MAX                                                                           \
	(100U << 20)                 /* RFC 9990 names no size: octets out of one mail or file     \
				      */
#define UNPACK_RATIO_MAX  200U       /* unpacked to packed; XML of a stranger is at 20 to 100 */
#define UNPACK_RATIO_FROM (1U << 20) /* octets that the ratio does not count for */
#define UNPACK_SECONDS    60.0       /* RFC 9990 names no time: for one mail or file */
#define UNPACK_INPUT      16384      /* octets read at once */

/* What the unpacking of one mail or file may still cost. */
struct unpack_budget {
	unsigned long long packed;   /* octets of the container that is being read */
	unsigned long long before;   /* unpacked before it */
	unsigned long long unpacked; /* in all */
	struct timespec deadline;    /* base/deadline.h: by when it has to be over */
	const char *refused;         /* why nothing of it counts, or NULL */
	const char *unreadable;      /* why something in it cannot be unpacked, or NULL */
	bool damaged;                /* cut, or not what its checksum and sizes say */
};

/* A new container; unless it is inside one: there its packed size is the outer one's. */
void unpack_begin(struct unpack_budget *budget, unsigned long long packed);

/* Nothing has been spent yet. */
void unpack_budget_init(struct unpack_budget *budget);

/* Charges octets; false with refused if that is too much. */
bool unpack_charge(struct unpack_budget *budget, size_t count);

struct gunzip {
	struct octets octets; /* first member */
	struct octets *from;
	struct unpack_budget *budget;
	z_stream stream;
	size_t fill; /* octets in input */
	bool ended;
	char input[UNPACK_INPUT];
};

bool unpack_is_gzip(struct slice beginning);
bool unpack_is_zip(struct slice beginning);

void gunzip_init(struct gunzip *gunzip, struct octets *from, struct unpack_budget *budget);
void gunzip_end(struct gunzip *gunzip);

#endif
