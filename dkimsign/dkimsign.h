/*
 * dkimsign - what the parts of the tool share
 */
#ifndef DKIMSIGN_H
#define DKIMSIGN_H

#include "dkim/key_tables.h"
#include "dkim/sign.h"
#include "mail/host_list.h"
#include "tool/filter.h"

#define DKIMSIGN_LOOPBACK "127.0.0.1" /* who hands messages to sendmail(1) */

/* What the command line says about signing. */
struct arguments {
	struct option_list domains;   /* -d; of each list one for all signatures, or one for each */
	struct option_list selectors; /* -s */
	struct option_list key_files; /* -k */
	struct option_list operands;  /* SELECTOR DOMAIN KEYFILE */
	const char *key_table;
	const char *signing_table;
	const char *internal_hosts;
	struct ip_address client;
	bool is_local;           /* there is no SMTP client: sendmail(1) has taken the message */
	const char *client_name; /* as verified by the MTA */
	struct dkim_sign_policy policy;
	const char *omitted; /* fields not to sign, separated by colons; or NULL */
	const char *identity;
	unsigned lifetime; /* -x, seconds; 0: no expiry */
	bool timestamp;
	bool first_hop;
	bool require;
	bool require_clean;
	bool third_party;  /* sign for authors of other domains, too */
	bool resign_lists; /* mail of a list is signed for the list */
};

/* sign_arguments.c: -c, into the policy; names of fields; -i, of which pipe(8) has none for
 * sendmail(1). */
option_setter sign_set_canonicalization;
option_setter sign_set_names;
option_setter sign_set_omitted;
option_setter sign_set_client;

/* sign_arguments.c: is the command line complete and free of contradictions? */
bool sign_check_arguments(struct pool *pool, struct arguments *arguments, struct error *error);

/*
 * sign_arguments.c: how many signatures the lists of -d, -s and -k ask for, and what a list has for
 * one of them.
 */
size_t sign_count(const struct arguments *arguments);
const char *sign_item(const struct option_list *list, size_t index);

/* sign_message.c: the work of the filter; the exit status. */
int sign_run(struct tool_context *context, const struct arguments *arguments);

/* How a private key and what DNS has for it compare. */
enum key_state {
	KEY_GOOD,
	KEY_ABSENT,  /* no record */
	KEY_REVOKED, /* a record that says so */
	KEY_WRONG,   /* a record that does not fit */
	KEY_UNKNOWN, /* DNS does not answer */
};

/* A key to be made and published. */
struct new_key {
	const char *domain; /* canonical */
	const char *selector;
	const char *directory;
	enum dkim_key_type type;
	unsigned bits; /* RSA only */
};

/* key_texts.c: the name of a file of a key: DIRECTORY/SELECTOR.SUFFIX */
const char *key_file_name(struct pool *pool, const struct new_key *key, const char *suffix);

/* genkey.c: makes the private key, mode 0600; an error if there is one of that name. */
bool key_make(struct pool *pool, const struct new_key *key, struct error *error);

/*
 * genkey.c: writes the record of the key that has been made in three forms: SELECTOR.txt for zone
 * files, SELECTOR.value for web forms, SELECTOR.nsupdate. *record is the value. They may be
 * there already: what they say follows from the key.
 */
bool key_publish(struct pool *pool, const struct new_key *key, const char **record,
		 struct error *error);

/* key_texts.c: scripts for nsupdate(1) that add a record, put it in the place of others, or remove
 * all. */
const char *key_add_script(struct pool *pool, const char *selector, const char *domain,
			   const char *value);
const char *key_replace_script(struct pool *pool, const char *selector, const char *domain,
			       const char *value);
const char *key_delete_script(struct pool *pool, const char *selector, const char *domain);

/*
 * testkey.c: asks DNS until it has the key, or the time of -T is over; *state and *text are those
 * of the last answer.
 */
bool key_await(struct tool_context *context, const struct private_key *key, const char *selector,
	       const char *domain, enum key_state *state, const char **text, struct error *error);

/* Tables that a key is entered into. */
struct key_tables_files {
	const char *key_table;
	const char *signing_table; /* may have "refile:" or "file:" in front */
};

/*
 * add_to_tables.c: enters a key into both tables, which are made if need be: the domain and all
 * below it are signed with it. What is there already stays as it is, so that it can be done again.
 */
bool key_add_to_tables(struct pool *pool, const struct new_key *key,
		       const struct key_tables_files *files, struct error *error);

/* key_texts.c: a TXT record as one line of a zone file, without line end (RFC 1035 5.1). */
const char *key_zone_line(struct pool *pool, const char *selector, const char *domain,
			  const char *value);

/* confine.c: the key files of a table may be read. */
void key_allow_table(struct sandbox *sandbox, const struct dkim_tables *tables);

/*
 * confine.c: the same for files that may come in place of those later, as a stream has many
 * messages and a key that is exchanged has the name of the old one. tables may be NULL.
 */
void key_allow_successors(struct sandbox *sandbox, const struct dkim_tables *tables,
			  const struct option_list *key_files);

/* confine.c: files may be made and exchanged beside the key files of a table, too. */
void key_allow_changes(struct sandbox *sandbox, const struct dkim_tables *tables);

/* testkey.c: compares; *text says what the matter is. False and error for trouble of our own. */
bool key_test(struct tool_context *context, const struct private_key *key, const char *selector,
	      const char *domain, enum key_state *state, const char **text, struct error *error);

/* A subcommand that deals with keys. */
struct key_command {
	struct tool tool;
	/* Is the command line complete and free of contradictions? */
	bool (*check)(struct pool *pool, void *arguments, struct error *error);
	/* All that it is for, with the exit status; false and error for a failure */
	bool (*work)(struct tool_context *context, void *arguments, int *status,
		     struct error *error);
};

/* command.c: runs it with its arguments, which its options fill in; the exit status. */
int key_command_run(struct tool_context *context, const struct key_command *command,
		    void *arguments, int argc, char **argv);

/* A subcommand with its own options; the exit status. */
typedef int subcommand(int argc, char **argv);

subcommand genkey_main;
subcommand testkey_main;
subcommand rotate_main;
subcommand import_opendkim_main;

#endif
