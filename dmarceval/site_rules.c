/*
 * site_rules - what this site has decided on its own; see site_rules.h
 */
#include "site_rules.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"

/* standard_file - the file of an option, or that of the directory if there is one, or NULL */
static const char *standard_file(struct pool *pool, const struct site_options *options,
				 const char *given, const char *name)
{
	const char *directory = options->directory != NULL ? options->directory : SITE_DIRECTORY;
	const char *path;

	if (given != NULL)
		return given;
	path = pool_printf(pool, "%s/%s", directory, name);
	/* Only what is certainly not there is passed over: reading the others says what is wrong.
	 */
	if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	return path;
}

/* read_hosts - NULL for no file */
static bool read_hosts(struct pool *pool, const char *path, const struct host_list **list,
		       struct error *error)
{
	*list = path != NULL ? host_list_read(pool, path, error) : NULL;
	return path == NULL || *list != NULL;
}

/* read_policies - the same for --at-least */
static bool read_policies(struct pool *pool, const char *path, const struct least_policies **list,
			  struct error *error)
{
	*list = path != NULL ? least_policies_read(pool, path, error) : NULL;
	return path == NULL || *list != NULL;
}

/* check_directory - one that was named has to be there; the standard one need not */
static bool check_directory(const struct site_options *options, struct error *error)
{
	if (options->directory == NULL || access(options->directory, X_OK) == 0)
		return true;
	return error_set(error, STATUS_CONFIG, "option --config-dir: %s: %s", options->directory,
			 strerror(errno));
}

/* disposition_of_word - of an option that was checked, or the value without it */
static enum dmarc_disposition disposition_of_word(const char *word,
						  enum dmarc_disposition otherwise)
{
	for (int i = DMARC_DISPOSITION_NONE; word != NULL && i <= DMARC_DISPOSITION_REJECT; i++) {
		if (strcmp(word, dmarc_disposition_word((enum dmarc_disposition)i)) == 0)
			return (enum dmarc_disposition)i;
	}
	return otherwise;
}

/* reject_of_word - the same for --reject */
static enum dmarc_reject reject_of_word(const char *word, enum dmarc_reject otherwise)
{
	if (word == NULL)
		return otherwise;
	if (strcmp(word, "always") == 0)
		return DMARC_REJECT_ALWAYS;
	return strcmp(word, "known") == 0 ? DMARC_REJECT_KNOWN : DMARC_REJECT_NEVER;
}

/* at_most_of_word - the same for --at-most */
static enum dmarc_policy at_most_of_word(const char *word)
{
	if (word == NULL)
		return DMARC_POLICY_UNSET;
	return strcmp(word, "none") == 0 ? DMARC_POLICY_NONE : DMARC_POLICY_QUARANTINE;
}

bool site_rules_read(struct pool *pool, const struct site_options *options, bool is_check,
		     struct site_rules *rules, struct error *error)
{
	*rules = (struct site_rules){
	    .exceptions.at_most = at_most_of_word(options->at_most),
	    .demands = {.no_author =
			    disposition_of_word(options->no_author, DMARC_DISPOSITION_QUARANTINE),
			.on_temperror =
			    disposition_of_word(options->on_temperror, DMARC_DISPOSITION_NONE)},
	    .reject = reject_of_word(options->reject,
				     is_check ? DMARC_REJECT_UNSAID : DMARC_REJECT_NEVER),
	};
	return check_directory(options, error) &&
	       read_hosts(pool, standard_file(pool, options, options->ignored, "ignore-hosts"),
			  &rules->ignored, error) &&
	       read_hosts(pool,
			  standard_file(pool, options, options->forwarders, "trusted-forwarders"),
			  &rules->exceptions.forwarders, error) &&
	       read_hosts(pool, standard_file(pool, options, options->sealers, "trusted-sealers"),
			  &rules->exceptions.sealers, error) &&
	       read_hosts(pool, standard_file(pool, options, options->lists, "mailing-lists"),
			  &rules->exceptions.lists, error) &&
	       read_policies(pool, standard_file(pool, options, options->at_least, "at-least"),
			     &rules->demands.at_least, error);
}
