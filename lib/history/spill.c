/*
 * spill - the file that rows wait in; see spill.h
 */
#include "history/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_lock.h"
#include "base/hex.h"
#include "base/io.h"
#include "base/pool.h"

#define TITLE          "assay-history-side 1 " /* 1: the version of the format */
#define TITLE_LEN      (sizeof(TITLE) - 1)
#define NAME_OCTETS    16
#define NAME_LEN       (2 * NAME_OCTETS)
#define FIRST_LINE_LEN (TITLE_LEN + NAME_LEN + 1)
#define DAMAGED_SUFFIX "-damaged"

/* side_path - its name, from that of the database */
static const char *side_path(struct pool *pool, const char *path)
{
	return pool_printf(pool, "%s" SPILL_SUFFIX, path);
}

/* first_line - with a name that no other spill file has had */
static const char *first_line(struct pool *pool)
{
	unsigned char octets[NAME_OCTETS];
	char *name = pool_alloc(pool, NAME_LEN + 1);

	if (getentropy(octets, sizeof(octets)) != 0)
		return NULL;
	hex_text(name, octets, sizeof(octets));
	return pool_printf(pool, TITLE "%s\n", name);
}

/* last_octet - of a file that is not empty */
static char last_octet(int fd, off_t size)
{
	char octet = '\0';

	return pread(fd, &octet, 1, size - 1) == 1 ? octet : '\0';
}

/*
 * add_spill_line - after whatever is there; a line that was cut short is ended first
 *
 * Others may do the same at the same time. Each line is one write() at the end of the file, so
 * lines are not mixed up; a second first line, an empty line, and a part of a line when the disk
 * is full are damaged lines, which are left out.
 */
static bool add_spill_line(struct pool *pool, int fd, const char *line)
{
	struct stat status;
	const char *before = "";
	const char *text;

	if (fstat(fd, &status) != 0)
		return false;
	if (status.st_size == 0)
		before = first_line(pool);
	else if (last_octet(fd, status.st_size) != '\n')
		before = "\n";
	if (before == NULL)
		return false;
	text = pool_printf(pool, "%s%s\n", before, line);
	return io_write(fd, text, strlen(text));
}

/* read_spill_name - from the first line; NULL if that is none of ours */
static const char *read_spill_name(struct pool *pool, int fd)
{
	char line[FIRST_LINE_LEN];

	if (pread(fd, line, sizeof(line), 0) != (ssize_t)sizeof(line) ||
	    memcmp(line, TITLE, TITLE_LEN) != 0 || line[sizeof(line) - 1] != '\n')
		return NULL;
	return pool_copy(pool, line + TITLE_LEN, NAME_LEN);
}

/* is_readable - can rows of it ever be taken in? */
static bool is_readable(struct pool *pool, int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 &&
	       (status.st_size == 0 || read_spill_name(pool, fd) != NULL);
}

/* is_at - does it still have this name? It may have been renamed before it was locked */
static bool is_at(int fd, const char *name)
{
	struct stat opened;
	struct stat named;

	return fstat(fd, &opened) == 0 && stat(name, &named) == 0 &&
	       opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

/* set_aside - a file that nobody will read, before a row is added to it */
static bool set_aside(struct pool *pool, const char *path, int fd, const struct timespec *deadline)
{
	if (!file_lock(fd, LOCK_EX, deadline))
		return false;
	return !is_at(fd, side_path(pool, path)) || is_readable(pool, fd) ||
	       spill_discard(pool, path);
}

/*
 * open_to_append - the file of that name, locked, or -1 with errno
 *
 * It is renamed only by who has it locked alone; so it is the right one as long as we lock it.
 */
static int open_to_append(struct pool *pool, const char *path, const struct timespec *deadline)
{
	const char *name = side_path(pool, path);
	bool good = true;
	int number;
	int fd;

	do {
		fd = open(name, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY,
			  S_IRUSR | S_IWUSR);
		if (fd < 0)
			return -1;
		good = file_lock(fd, LOCK_SH, deadline);
		if (good && is_at(fd, name) && is_readable(pool, fd))
			return fd;
		good = good && set_aside(pool, path, fd, deadline);
		number = good ? ETIMEDOUT : errno;
		close(fd);
	} while (good && deadline_left(deadline) > 0);
	errno = number;
	return -1;
}

bool spill_append(struct pool *pool, const char *path, const char *line,
		  const struct timespec *deadline, struct error *error)
{
	const char *name = side_path(pool, path);
	bool good;
	int fd;

	if (strlen(line) > SPILL_LINE_MAX)
		return error_set(error, STATUS_OTHER, "%s: the row is too long", name);
	fd = open_to_append(pool, path, deadline);
	good = fd >= 0 && add_spill_line(pool, fd, line);
	if (!good)
		error_set(error, STATUS_OTHER, "%s: %s", name, strerror(errno));
	if (fd >= 0)
		close(fd);
	return good;
}

/* reserve - room on the disk for worse times, if the file system can do that */
static void reserve(int fd)
{
	fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, SPILL_RESERVE);
}

/* create - an empty file with its reserve */
static void create(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);

	if (fd < 0)
		return;
	reserve(fd);
	close(fd);
}

bool spill_is_waiting(struct pool *pool, const char *path)
{
	const char *name = side_path(pool, path);
	struct stat status;

	if (stat(name, &status) == 0)
		return status.st_size > 0;
	create(name);
	return false;
}

/* look - how long it is, and what its name is; false if there is nothing to read */
static bool look(struct pool *pool, struct spill *side)
{
	struct stat status;

	if (fstat(side->fd, &status) != 0 || status.st_size == 0)
		return false;
	side->start = FIRST_LINE_LEN;
	side->size = status.st_size;
	side->name = read_spill_name(pool, side->fd);
	return true;
}

bool spill_open(struct pool *pool, const char *path, struct spill *side)
{
	side->path = side_path(pool, path);
	side->fd = open(side->path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (side->fd < 0)
		return false;
	if (look(pool, side))
		return true;
	spill_close(side);
	return false;
}

bool spill_lock(struct pool *pool, struct spill *side)
{
	return flock(side->fd, LOCK_EX | LOCK_NB) == 0 && is_at(side->fd, side->path) &&
	       look(pool, side);
}

struct slice spill_read(struct pool *pool, const struct spill *side, off_t offset)
{
	size_t room = SPILL_LINE_MAX + 1;
	char *data;
	ssize_t got;

	if (offset >= side->size)
		return slice_of(NULL);
	if (side->size - offset < (off_t)room)
		room = (size_t)(side->size - offset);
	data = pool_alloc(pool, room);
	got = pread(side->fd, data, room, offset);
	return slice_from(data, got > 0 ? (size_t)got : 0);
}

void spill_clear(struct spill *side)
{
	if (ftruncate(side->fd, 0) == 0)
		reserve(side->fd);
}

bool spill_discard(struct pool *pool, const char *path)
{
	return rename(side_path(pool, path), pool_printf(pool, "%s" DAMAGED_SUFFIX, path)) == 0;
}

void spill_close(struct spill *side)
{
	close(side->fd);
	side->fd = -1;
}
