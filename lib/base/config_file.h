/*
 * config_file - text files that an administrator writes, one entry a line
 *
 * What comes after a "#" is a comment; empty lines do not count. Errors in such a file
 * begin with its name and the number of the line: "/etc/opendkim/key_table:3: ...".
 */
#ifndef ASSAY_BASE_CONFIG_FILE_H
#define ASSAY_BASE_CONFIG_FILE_H

#include "base/bytes.h"
#include "base/error.h"

#define CONFIG_FILE_MAX (64U << 20) /* octets; more is an error */

struct config_file {
	const char *path;
	struct slice content; /* all of it, in the pool */
	struct slice rest;    /* after the current line */
	size_t line;          /* number of the current line, from 1 */
};

/* How opendkim says what a file is: "file:/path", "refile:/path" or only the path. */
enum config_file_kind {
	CONFIG_FILE_UNSAID,
	CONFIG_FILE_PLAIN,    /* file: */
	CONFIG_FILE_PATTERNS, /* refile: */
};

/*
 * Goes past the prefix of a file name. False for a prefix that names anything but a file, such as
 * opendkim's "dsn:" or "lua:": the error names the type and nothing after it, for that can have a
 * password in it. kind may be NULL.
 */
bool config_file_name(const char **path, enum config_file_kind *kind, struct error *error);

/* Reads the whole file. A NUL octet or a byte-order mark in it is an error. */
bool config_file_read(struct pool *pool, const char *path, struct config_file *file,
		      struct error *error);

/* The next line that is not empty, without comment and white space around it; false at the end. */
bool config_file_next(struct config_file *file, struct slice *line);

/* Cuts the first word off a line: up to white space. False if there is none left. */
bool config_file_word(struct slice *line, struct slice *word);

/* An error in that line of the file; returns false. */
bool config_file_error(const char *path, size_t line, struct error *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
