/*
 * opendkim_conf - the settings of opendkim.conf(5), and what has become of each of them here
 */
#ifndef OPENDKIM_CONF_H
#define OPENDKIM_CONF_H

#include "base/bytes.h"
#include "base/error.h"

#define OPENDKIM_INCLUDE_MAX 5 /* opendkim.conf(5), Include: levels */

/* One line of the file; texts in the pool. */
struct opendkim_setting {
	const char *name; /* as opendkim.conf(5) spells it, or as written if it has no such name */
	const char *value;
	const char *file;
	size_t line;
};

struct opendkim_conf {
	size_t count;
	struct opendkim_setting *settings; /* in the order of reading, included files in between */
};

/* What can be made of a setting. */
enum opendkim_fate {
	OPENDKIM_CARRIED, /* import-opendkim writes it into tables or the command line */
	OPENDKIM_MOOT,    /* there is nothing it could mean here */
	OPENDKIM_BY_HAND, /* there is a counterpart that somebody has to choose */
	OPENDKIM_LACKING, /* there is none */
};

/* Reads the file and those that it includes. False with error, which names file and line. */
bool opendkim_conf_read(struct pool *pool, const char *path, struct opendkim_conf *conf,
			struct error *error);

/* The value of a setting, the last one if it is there twice; NULL if it is not there. */
const char *opendkim_conf_value(const struct opendkim_conf *conf, const char *name);

/* The same for a Boolean; only the first octet of the value counts. */
bool opendkim_conf_is_true(const struct opendkim_conf *conf, const char *name);

/* What can be made of a setting; *text says it in words. A name that opendkim does not have lacks.
 */
enum opendkim_fate opendkim_conf_fate(const char *name, const char **text);

/*
 * The items of a data set: separated by commas ("csl:" or nothing in front), or the first words of
 * the lines of a file ("file:", "refile:", or a path). False with error for any other type, of
 * which only the type is named.
 */
bool opendkim_conf_items(struct pool *pool, const char *value, size_t *count, const char ***items,
			 struct error *error);

#endif
