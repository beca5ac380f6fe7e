/*
 * history_side - rows that wait in a file beside the database until it can be written
 *
 * One row a line (history_row.h) behind a first line with a random name. Whoever takes rows in
 * notes that name and the octets he has read in the same transaction, so that each row is taken
 * in once even if he is killed before he can empty the file.
 *
 * Nothing is brought to the disk by force (fsync): a row survives the death of any process, like
 * one in the database, but the last ones not a loss of power.
 *
 * As long as all is well the file is empty, but owns HISTORY_SIDE_RESERVE octets on the disk:
 * so many can wait there when the disk is full.
 */
#ifndef ASSAY_HISTORY_SIDE_H
#define ASSAY_HISTORY_SIDE_H

#include <sys/types.h>
#include <time.h>

#include "bytes.h"
#include "report.h"

#define HISTORY_SIDE_SUFFIX   "-side"
#define HISTORY_SIDE_RESERVE  (1U << 20) /* some thousand rows */
#define HISTORY_SIDE_LINE_MAX (1U << 20) /* octets; a longer row is not accepted */

/* A side file. Others may add lines as long as it is not locked. */
struct history_side {
	int fd;
	const char *path;
	off_t start; /* of the rows */
	off_t size;
	const char *name; /* NULL: nobody knows what of it has been taken in */
};

/*
 * Adds a line; path is that of the database. All of it is in the file then, or nothing. A file that
 * cannot be understood is given another name first, as by history_side_discard().
 */
bool history_side_append(struct pool *pool, const char *path, const char *line,
			 const struct timespec *deadline, struct error *error);

/* Is anything waiting? Also takes care of the reserve. */
bool history_side_waiting(struct pool *pool, const char *path);

/* Opens it; false if there is nothing to read. */
bool history_side_open(struct pool *pool, const char *path, struct history_side *side);

/*
 * Locks it until it is closed, and looks again how long it is; false if others are adding lines, or
 * have given it another name.
 */
bool history_side_lock(struct pool *pool, struct history_side *side);

/* The octets from there on, so many that a line fits in; empty at the end. */
struct slice history_side_read(struct pool *pool, const struct history_side *side, off_t offset);

/* Everything has been taken in: empties it. */
void history_side_clear(struct history_side *side);

/* It is locked, but cannot be understood: gives it the name of the database with "-damaged" added.
 */
bool history_side_discard(struct pool *pool, const char *path);

void history_side_close(struct history_side *side);

#endif
