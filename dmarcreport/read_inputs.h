/*
 * read_inputs - the files that dmarcreport read is to read: named, in a Maildir, in a folder
 */
#ifndef READ_INPUTS_H
#define READ_INPUTS_H

#include "report/octets.h"
#include "tool/sandbox.h"

struct read_input {
	const char *path;
	const char *name;   /* for people */
	const char *target; /* where it goes when it has been read; NULL: it stays */
};

struct read_inputs {
	struct pool *pool;
	bool is_stdin; /* nothing is named */
	size_t count;
	struct read_input *items;
	size_t root_count; /* what the sandbox has to allow */
	const char **roots;
};

/* What -m names: the files in new/ and cur/. */
bool read_inputs_maildir(struct read_inputs *inputs, const char *path, struct error *error);

/* What an operand names: a file, a Maildir, or a folder, whose files are taken. */
bool read_inputs_add(struct read_inputs *inputs, const char *path, struct error *error);

void read_inputs_allow(const struct read_inputs *inputs, struct sandbox *sandbox, bool move);

/* Opens a file. False with an error: it is no file, or cannot be read. */
bool read_input_open(const struct read_input *input, struct blob *blob, struct error *error);

/* Moves it to where it goes; that somebody else has moved it is no matter. False with errno. */
bool read_input_move(const struct read_input *input);

/* All of standard input, spooled. */
bool read_stdin(struct spool *spool, struct blob *blob, struct error *error);

#endif
