/*
 * options - the command line, the same way in every tool; see tool/options.h
 */
#include "tool/options.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/version.h"
#include "mail/abnf.h"
#include "mail/ip_address.h"
#include "tool/host_name.h"

#define LONG_FIRST  256 /* what getopt(3) answers for option n without a letter is this + n */
#define HELP_COLUMN 30  /* where the explanations begin */
#define TIME_MAX    253402300799 /* 9999-12-31: RFC 5322 3.3 has four digits of a year */

#define FILTER_OPTIONS 7 /* the first of the shared options: only for tools that read a message */

/* -h and -V: not kept, acted upon when they are met. */
struct request {
	bool help;
	bool version;
};

bool option_flag(const char *argument, void *target, struct error *error)
{
	(void)argument;
	(void)error;
	*(bool *)target = true;
	return true;
}

bool option_text(const char *argument, void *target, struct error *error)
{
	(void)error;
	*(const char **)target = argument;
	return true;
}

bool option_count(const char *argument, void *target, struct error *error)
{
	unsigned long long number;

	if (!slice_to_number(slice_of(argument), UINT_MAX, &number) || number == 0)
		return error_set(error, STATUS_CONFIG, "is not a number above 0");
	*(unsigned *)target = (unsigned)number;
	return true;
}

/* set_seconds - a number above 0 and not above max */
static bool set_seconds(const char *argument, double max, double *target, struct error *error)
{
	char *end;
	double seconds = strtod(argument, &end);

	if (end == argument || *end != '\0' || !isfinite(seconds) || seconds <= 0 || seconds > max)
		return error_set(error, STATUS_CONFIG, "is not a number of seconds up to %.0f",
				 max);
	*target = seconds;
	return true;
}

bool option_timeout(const char *argument, void *target, struct error *error)
{
	return set_seconds(argument, OPTIONS_TIMEOUT_MAX, target, error);
}

bool option_seconds(const char *argument, void *target, struct error *error)
{
	return set_seconds(argument, OPTIONS_SECONDS_MAX, target, error);
}

bool option_epoch(const char *argument, void *target, struct error *error)
{
	unsigned long long number;

	if (!slice_to_number(slice_of(argument), TIME_MAX, &number))
		return error_set(error, STATUS_CONFIG,
				 "is not a number of seconds since 1970, before the year 10000");
	*(time_t *)target = (time_t)number;
	return true;
}

bool option_address(const char *argument, void *target, struct error *error)
{
	if (ip_address_parse(slice_of(argument), target))
		return true;
	return error_set(error, STATUS_CONFIG, "is no IP address");
}

/* id_is_valid - a host name or any other text without what would need care in a field */
static bool id_is_valid(struct slice id)
{
	for (size_t i = 0; i < id.len; i++) {
		if (!is_alnum(id.data[i]) && strchr(".-_", id.data[i]) == NULL)
			return false;
	}
	return id.len > 0;
}

bool option_id(const char *argument, void *target, struct error *error)
{
	if (!id_is_valid(slice_of(argument)))
		return error_set(error, STATUS_CONFIG,
				 "is no authserv-id: letters, digits and .-_");
	return option_text(argument, target, error);
}

bool option_id_list(const char *argument, void *target, struct error *error)
{
	struct option_list *list = target;
	struct slice rest = slice_of(argument);
	struct slice id;

	while (slice_cut(&rest, ',', &id)) {
		if (!id_is_valid(slice_trim(id)))
			return error_set(error, STATUS_CONFIG,
					 "is no list of authserv-ids, separated by commas");
		list->items = pool_grow(list->pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] = slice_copy(list->pool, slice_trim(id));
	}
	return true;
}

bool option_each(const char *argument, void *target, struct error *error)
{
	struct option_list *list = target;

	(void)error;
	list->items = pool_grow(list->pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = argument;
	return true;
}

/* all_options - the options of the tool and after them those of every tool */
static struct option_spec *all_options(const struct tool *tool, struct pool *pool,
				       struct common_options *common, struct request *request,
				       size_t *count)
{
	const struct option_spec shared[] = {
	    {'a', "authserv-id", "ID", "the name under which we write results (host name)",
	     option_id, &common->authserv_id},
	    {'z', "zone", "FILE", "answer all DNS questions from FILE", option_text, &common->zone},
	    {'T', "timeout", "SECONDS", "time for all DNS work, at most 60 (20)", option_timeout,
	     &common->timeout},
	    {'t', "time", "EPOCH", "act as if it were this time", option_epoch, &common->now},
	    {LONG_ONLY, "stream", NULL, "handle many messages, see assay(7)", option_flag,
	     &common->stream},
	    {'n', "check", NULL, "print the verdict, and no message", option_flag, &common->check},
	    {'j', "json", NULL, "with -n: print JSON", option_flag, &common->json},
	    {'v', "verbose", NULL, "explain each step on standard error", option_flag,
	     &common->verbose},
	    {'q', "quiet", NULL, "print no warnings", option_flag, &common->quiet},
	    {'h', "help", NULL, "print help and exit", option_flag, &request->help},
	    {'V', "version", NULL, "print name and version and exit", option_flag,
	     &request->version},
	};
	size_t skipped = tool->is_command ? FILTER_OPTIONS : 0;
	size_t shared_count = sizeof(shared) / sizeof(shared[0]) - skipped;
	struct option_spec *specs =
	    pool_alloc(pool, (tool->option_count + shared_count) * sizeof(*specs));

	if (tool->option_count > 0)
		memcpy(specs, tool->options, tool->option_count * sizeof(*specs));
	memcpy(specs + tool->option_count, shared + skipped, shared_count * sizeof(*specs));
	*count = tool->option_count + shared_count;
	return specs;
}

/* is_optional - may the argument be missing? */
static bool is_optional(const struct option_spec *spec)
{
	return spec->argument != NULL && spec->argument[0] == '[';
}

/* letters_of - the string that getopt(3) wants; ':' first asks for silence and ':' on error */
static const char *letters_of(struct pool *pool, const struct option_spec *specs, size_t count)
{
	char *letters = pool_alloc(pool, 3 * count + 2);
	size_t len = 0;

	letters[len++] = ':';
	for (size_t i = 0; i < count; i++) {
		if (specs[i].letter == LONG_ONLY)
			continue;
		letters[len++] = specs[i].letter;
		if (specs[i].argument != NULL)
			letters[len++] = ':';
		if (is_optional(&specs[i]))
			letters[len++] = ':';
	}
	return letters;
}

/* answer_for - what getopt(3) answers for an option */
static int answer_for(const struct option_spec *specs, size_t index)
{
	return specs[index].letter != LONG_ONLY ? specs[index].letter : LONG_FIRST + (int)index;
}

/* names_of - the table that getopt_long(3) wants */
static const struct option *names_of(struct pool *pool, const struct option_spec *specs,
				     size_t count)
{
	struct option *names = pool_alloc(pool, (count + 1) * sizeof(*names));

	for (size_t i = 0; i < count; i++) {
		names[i].name = specs[i].name;
		names[i].has_arg = is_optional(&specs[i])      ? optional_argument
				   : specs[i].argument != NULL ? required_argument
							       : no_argument;
		names[i].val = answer_for(specs, i);
	}
	return names;
}

/* print_help - what --help says, made from the table */
static void print_help(const struct tool *tool, const struct option_spec *specs, size_t count)
{
	int column;

	printf("usage: %s %s\n%s\n\n", tool->name, tool->synopsis, tool->summary);
	for (size_t i = 0; i < count; i++) {
		if (specs[i].letter != LONG_ONLY)
			column = printf("  -%c, --%s", specs[i].letter, specs[i].name);
		else
			column = printf("      --%s", specs[i].name);
		if (specs[i].argument != NULL)
			column += printf(is_optional(&specs[i]) ? "%s" : " %s", specs[i].argument);
		if (column >= HELP_COLUMN)
			column = printf("\n") - 1;
		printf("%*s%s\n", HELP_COLUMN - column, "", specs[i].help);
	}
	if (tool->notes != NULL)
		printf("\n%s", tool->notes);
	if (tool->page != NULL)
		printf("\nSee %s for examples and exit status.\n", tool->page);
	else
		printf("\nSee %s(1) for examples and exit status.\n", tool->name);
}

/* set_option - one option that getopt knows */
static bool set_option(const struct option_spec *spec, bool *given, const char *argument,
		       struct error *error)
{
	struct error cause;

	if (*given && spec->set != option_each)
		return error_set(error, STATUS_CONFIG, "option --%s is given twice", spec->name);
	*given = true;
	if (spec->set(argument, spec->target, &cause))
		return true;
	return error_set(error, STATUS_CONFIG, "option --%s: \"%s\" %s", spec->name, argument,
			 cause.text);
}

/* find_option - the one that getopt(3) answers with; count if there is none */
static size_t find_option(const struct option_spec *specs, size_t count, int answer)
{
	size_t i = 0;

	while (i < count && answer_for(specs, i) != answer)
		i++;
	return i;
}

/*
 * bad_option - what getopt complains of, in our words
 *
 * word is the last one that it has done with. That is not where an unknown letter stands which
 * others follow ("-qXv"). What it knows and still complains of is "--quiet=3".
 */
static bool bad_option(const struct option_spec *specs, size_t count, int answer, const char *word,
		       struct error *error)
{
	const char letter[] = {'-', (char)optopt, '\0'};
	bool is_known = find_option(specs, count, optopt) < count;

	if (answer == ':')
		return error_set(error, STATUS_CONFIG, "option %s needs an argument",
				 strncmp(word, "--", 2) == 0 ? word : letter);
	if (is_known)
		return error_set(error, STATUS_CONFIG, "option %s takes no argument", word);
	return error_set(error, STATUS_CONFIG, "option %s is unknown", optopt != 0 ? letter : word);
}

/* read_options - all of argv; an error does not end it, because -n decides the exit status */
static bool read_options(const struct option_spec *specs, size_t count, bool *given,
			 struct pool *pool, int argc, char **argv, struct error *error)
{
	const char *letters = letters_of(pool, specs, count);
	const struct option *names = names_of(pool, specs, count);
	struct error cause;
	bool good = true;
	int answer;

	while ((answer = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		size_t i = find_option(specs, count, answer);
		bool fine = i < count ? set_option(&specs[i], &given[i], optarg, &cause)
				      : bad_option(specs, count, answer, argv[optind - 1], &cause);

		if (good && !fine)
			*error = cause;
		good = good && fine;
	}
	return good;
}

bool options_unexpected(const char *argument, struct error *error)
{
	if (access(argument, F_OK) == 0)
		return error_set(error, STATUS_CONFIG,
				 "unexpected argument \"%s\": messages come on standard input, <%s",
				 argument, argument);
	return error_set(error, STATUS_CONFIG, "unexpected argument \"%s\"", argument);
}

/* read_operands - what getopt has moved to the end of argv */
static bool read_operands(const struct tool *tool, int argc, char **argv, struct error *error)
{
	if (tool->operands == NULL && optind < argc)
		return options_unexpected(argv[optind], error);
	for (int i = optind; i < argc; i++)
		option_each(argv[i], tool->operands, error);
	return true;
}

/* default_id - the full name of this host; what cannot be an authserv-id is none */
static const char *default_id(const struct tool *tool, const struct common_options *common,
			      struct pool *pool)
{
	const char *name = host_name(pool, tool->writes_results && common->zone == NULL);

	return id_is_valid(slice_of(name)) ? name : "localhost";
}

/* is_given - was the option of that name? */
static bool is_given(const struct option_spec *specs, size_t count, const bool *given,
		     const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (given[i] && strcmp(specs[i].name, name) == 0)
			return true;
	}
	return false;
}

/* chosen_mode - the first that was asked for, else 0 */
static unsigned chosen_mode(const struct tool *tool, const struct option_spec *specs, size_t count,
			    const bool *given)
{
	for (unsigned mode = 1; mode < tool->mode_count; mode++) {
		if (is_given(specs, count, given, tool->modes[mode].option))
			return mode;
	}
	return 0;
}

/* is_supplied - by the command line, or in a stream by each frame */
static bool is_supplied(const struct option_spec *specs, size_t count, const bool *given,
			const char *name, const struct common_options *common)
{
	for (size_t i = 0; i < count && common->stream; i++) {
		if (specs[i].is_envelope && strcmp(specs[i].name, name) == 0)
			return true;
	}
	return is_given(specs, count, given, name);
}

/* mode_phrase - "option --x has no meaning ..." */
static const char *mode_phrase(const struct tool *tool, unsigned mode)
{
	return tool->modes != NULL ? tool->modes[mode].phrase : "here";
}

/* check_option_modes - has every option that was given a meaning, and what it needs? */
static bool check_option_modes(const struct tool *tool, const struct option_spec *specs,
			       size_t count, const bool *given, const struct common_options *common,
			       struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		const struct option_spec *spec = &specs[i];

		if (i < tool->option_count && tool->modes != NULL && spec->modes == 0)
			return error_set(error, STATUS_CONFIG, "option --%s is in no mode",
					 spec->name);
		if (!given[i])
			continue;
		if (spec->modes != 0 && (spec->modes & OPTION_IN(common->mode)) == 0)
			return error_set(error, STATUS_CONFIG, "option --%s has no meaning %s",
					 spec->name, mode_phrase(tool, common->mode));
		if (spec->is_envelope && common->stream)
			return error_set(error, STATUS_CONFIG,
					 "option --%s has no meaning with --stream", spec->name);
		if (spec->needs != NULL && !is_supplied(specs, count, given, spec->needs, common))
			return error_set(error, STATUS_CONFIG, "option --%s needs --%s", spec->name,
					 spec->needs);
	}
	if (common->stream && common->mode != 0)
		return error_set(error, STATUS_CONFIG, "option --stream has no meaning %s",
				 mode_phrase(tool, common->mode));
	if (common->stream && common->check)
		return error_set(error, STATUS_CONFIG,
				 "option --check has no meaning with --stream");
	if (tool->modes != NULL && tool->modes[common->mode].is_service && common->check)
		return error_set(error, STATUS_CONFIG, "option --check has no meaning %s",
				 mode_phrase(tool, common->mode));
	return common->check || !common->json ||
	       error_set(error, STATUS_CONFIG, "option --json needs --check");
}

enum options_outcome options_parse(const struct tool *tool, struct pool *pool, int argc,
				   char **argv, struct common_options *common, struct error *error)
{
	struct request request = {false, false};
	size_t count;
	struct option_spec *specs = all_options(tool, pool, common, &request, &count);
	bool *given = pool_alloc(pool, count * sizeof(*given));
	bool good;

	*common = (struct common_options){.timeout = OPTIONS_TIMEOUT, .now = time(NULL)};
	good = read_options(specs, count, given, pool, argc, argv, error) &&
	       read_operands(tool, argc, argv, error);
	common->mode = chosen_mode(tool, specs, count, given);
	if (tool->modes != NULL && tool->modes[common->mode].is_query)
		common->check = true;
	if (common->authserv_id == NULL) {
		common->authserv_id = default_id(tool, common, pool);
		common->has_short_id = tool->writes_results && common->zone == NULL &&
				       strchr(common->authserv_id, '.') == NULL;
	}
	if (!good)
		return OPTIONS_BAD;
	if (request.help || request.version) {
		if (request.help)
			print_help(tool, specs, count);
		else
			printf("%s (assay) %s\n", tool->name, ASSAY_VERSION);
		return OPTIONS_DONE;
	}
	return check_option_modes(tool, specs, count, given, common, error) ? OPTIONS_RUN
									    : OPTIONS_BAD;
}
