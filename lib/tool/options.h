/*
 * options - the command line, the same way in every tool
 *
 * A tool describes its options in a table; parsing, --help and the checks for
 * unknown, repeated and malformed options follow from it. Options that all
 * tools share are added here.
 */
#ifndef ASSAY_TOOL_OPTIONS_H
#define ASSAY_TOOL_OPTIONS_H

#include <time.h>

#include "base/bytes.h"
#include "base/error.h"

#define OPTIONS_TIMEOUT     20.0  /* -T: seconds of DNS work for one message (RFC 7208 4.6.4) */
#define OPTIONS_TIMEOUT_MAX 60.0  /* a message holds a process of Postfix all that time */
#define OPTIONS_SECONDS_MAX 900.0 /* Postfix pipe(8) bounces after command_time_limit, 1000 s */

#define LONG_ONLY 0 /* the letter of an option that has none */

/* Takes the argument (NULL for a flag) into target; false with what is wrong with it in error. */
typedef bool option_setter(const char *argument, void *target, struct error *error);

struct option_spec {
	char letter; /* or LONG_ONLY */
	const char *name;
	const char *argument; /* what it is called in --help; NULL for a flag; "[=N]": may be
				 missing, then the setter gets NULL */
	const char *help;
	option_setter *set;
	void *target;
	unsigned modes;    /* in which modes of the tool it has a meaning: OPTION_IN(n) | ... */
	const char *needs; /* another option without which it has none, or NULL */
	bool is_envelope;  /* it tells of one message; with --stream its frame does */
};

#define OPTION_IN(mode) (1U << (mode))

/*
 * A job that a tool can do. The first one that was asked for counts, else mode 0. An option that
 * no mode of a tool with modes has is an error of ours, which the first run shows.
 */
struct tool_mode {
	const char *option; /* asks for it; NULL for mode 0 */
	const char *phrase; /* "option --x has no meaning PHRASE" */
	bool is_query;      /* there is no message: as if -n were given */
	bool is_service;    /* it writes no results: -n has no meaning */
};

option_setter option_flag;    /* bool: becomes true */
option_setter option_text;    /* const char *: any text */
option_setter option_count;   /* unsigned: a decimal number above 0 */
option_setter option_timeout; /* double: of DNS work; above 0, at most OPTIONS_TIMEOUT_MAX */
option_setter option_seconds; /* double: above 0, at most OPTIONS_SECONDS_MAX */
option_setter option_epoch;   /* time_t: seconds since 1970 */
option_setter option_address; /* struct ip_address: of an SMTP client */
option_setter option_id;      /* const char *: an authserv-id (RFC 8601 2.5) */
option_setter option_id_list; /* struct option_list *: ids separated by commas */
option_setter option_each;    /* struct option_list *: any text; may be given several times */

struct option_list {
	struct pool *pool;
	size_t count;
	const char **items;
};

/* What a tool is; all texts are literals. */
struct tool {
	const char *name;
	const char *log_name; /* in the system log; NULL: name */
	const char *synopsis; /* usage after the name, e.g. "[options] < message" */
	const char *summary;  /* one sentence */
	const char *notes;    /* lines for --help after the options; NULL: none */
	const struct option_spec *options;
	size_t option_count;
	struct option_list *operands;  /* where arguments that are no options go; NULL: an error */
	const struct tool_mode *modes; /* NULL: it has only one */
	size_t mode_count;
	const char *page;    /* of the manual; NULL: NAME(1) */
	bool writes_results; /* in the name of this host, which must be its full name */
	bool is_command; /* handles no message: of the shared options it has only -v, -q, -h, -V */
};

/* The options that all tools share. */
struct common_options {
	const char *authserv_id; /* -a, by default the full name of the host */
	bool has_short_id;       /* no full name was found, and this is no trial with -z */
	const char *zone;        /* -z, or NULL */
	double timeout;          /* -T */
	time_t now;              /* -t, by default the current time */
	bool stream;             /* --stream */
	bool check;              /* -n */
	bool json;               /* -j */
	bool verbose;            /* -v */
	bool quiet;              /* -q */
	unsigned mode;           /* index of the tool's mode */
};

/* An argument that is no option where none is expected; of a file it says how files are read. */
bool options_unexpected(const char *argument, struct error *error);

enum options_outcome {
	OPTIONS_RUN,  /* go on */
	OPTIONS_DONE, /* --help or --version was printed: exit 0 */
	OPTIONS_BAD,  /* error says why */
};

/* Reads the command line. Operands are an error unless the tool has a place for them. */
enum options_outcome options_parse(const struct tool *tool, struct pool *pool, int argc,
				   char **argv, struct common_options *common, struct error *error);

#endif
