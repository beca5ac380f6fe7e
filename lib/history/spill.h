/*
 * spill - rows that wait in a file beside the database until it can be written
 *
 * One row a line (history/row.h) after a first line with a random name. Whoever takes rows in
 * notes that name and the octets he has read in the same transaction, so that each row is taken
 * in once even if he is killed before he can empty the file.
 *
 * Nothing is brought to the disk by force (fsync): a row survives the death of any process, like
 * one in the database, but the last ones not a loss of power.
 *
 * As long as all is well the file is empty, but owns SPILL_RESERVE octets on the disk:
 * so many can wait there when the disk is full.
 */
#ifndef ASSAY_HISTORY_SPILL_H
#define ASSAY_HISTORY_SPILL_H

#include <sys/types.h>
#include <time.h>

#include "base/bytes.h"
#include "base/error.h"

#define SPILL_SUFFIX   "-side"
#define SPILL_RESERVE  (1U << 20) /* some thousand rows */
#define SPILL_LINE_MAX (1U << 20) /* octets; a longer row is not accepted */

/* A spill file. Others may add lines as long as it is not locked. */
struct spill {
	int fd;
	const char *path;
	off_t start; /* of the rows */
	off_t size;
	const char *name; /* NULL: nobody knows what of it has been taken in */
};

/*
 * Adds a line; path is that of the database. All of it is in the file then, or nothing. A file that
 * cannot be understood is given another name first, as by spill_discard().
 */
bool spill_append(struct pool *pool, const char *path, const char *line,
		  const struct timespec *deadline, struct error *error);

/* Is anything waiting? Also takes care of the reserve. */
bool spill_is_waiting(struct pool *pool, const char *path);

/* Opens it; false if there is nothing to read. */
bool spill_open(struct pool *pool, const char *path, struct spill *side);

/*
 * Locks it until it is closed, and looks again how long it is; false if others are adding lines, or
 * have given it another name.
 */
bool spill_lock(struct pool *pool, struct spill *side);

/* The octets from there on, so many that a line fits in; empty at the end. */
struct slice spill_read(struct pool *pool, const struct spill *side, off_t offset);

/* Everything has been taken in: empties it. */
void spill_clear(struct spill *side);

/* It is locked, but cannot be understood: gives it the name of the database with "-damaged" added.
 */
bool spill_discard(struct pool *pool, const char *path);

void spill_close(struct spill *side);

#endif
