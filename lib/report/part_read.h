/*
 * part_read - one attachment or file, decoded: packed or not, a report or not
 */
#ifndef ASSAY_REPORT_PART_READ_H
#define ASSAY_REPORT_PART_READ_H

#include "report/intake_handler.h"

#define INTAKE_MEMORY_MAX (1U << 20) /* octets of a part kept in memory, more in a file */
#define INTAKE_LEVELS_MAX 2U         /* RFC 9990 3.5.1: one; containers in each other */
#include "report/unpack.h"

/* Reads the parts of one mail, or one file. */
struct part_reader {
	const struct intake *intake;
	struct unpack_budget budget; /* for all of them together */
	size_t found;                /* reports */
};

void part_reader_init(struct part_reader *reader, const struct intake *intake);

/* Is it packed, XML or JSON? Then part_read() can have a use for it. */
bool part_is_known(struct slice beginning);

/* Reads a part; false with an error if that is our own trouble. */
bool part_read(struct part_reader *reader, const struct blob *blob, struct error *error);

#endif
