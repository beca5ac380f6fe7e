/*
 * make_record - dmarceval --make-record; see make_record.h
 *
 * Nothing is published that --lint would call an error. A destination counts as external when
 * it is neither the domain nor above or below it; DNS, which would know better, is not asked.
 */
#include "make_record.h"

#include <string.h>
#include <sysexits.h>

#include "base/pool.h"
#include "base/printable.h"
#include "dmarc/destination.h"
#include "dmarc/dmarc_lint.h"
#include "dns/txt_strings.h"
#include "mail/domain.h"

#define TEXT_MAX 65535U /* RFC 1035 3.2.1: octets of a record */

/* What the words on the command line say. */
struct wish {
	const char *domain; /* NULL: not told */
	struct slice rua;
	struct slice ruf;
	struct buffer record;
};

/* add_tag - a word "tag=value" */
static void add_tag(struct wish *wish, struct slice word)
{
	struct slice name = slice_from(word.data, slice_find(word, '='));
	struct slice value = slice_skip(word, name.len + 1);

	if (slice_is_nocase(name, "rua"))
		wish->rua = value;
	if (slice_is_nocase(name, "ruf"))
		wish->ruf = value;
	if (slice_is_nocase(name, "v"))
		return;
	buffer_add_text(&wish->record, "; ");
	buffer_add_slice(&wish->record, word);
}

/* read_words - tags, and at most one domain */
static bool read_words(struct pool *pool, const struct option_list *words, struct wish *wish,
		       struct error *error)
{
	for (size_t i = 0; i < words->count; i++) {
		struct slice word = slice_of(words->items[i]);

		if (slice_find(word, ';') < word.len)
			return error_set(
			    error, STATUS_CONFIG,
			    "\"%s\" has a ';' in it: each tag is an argument of its own",
			    words->items[i]);
		if (slice_find(word, '=') < word.len) {
			add_tag(wish, word);
			continue;
		}
		if (wish->domain != NULL)
			return error_set(error, STATUS_CONFIG, "unexpected argument \"%s\"",
					 words->items[i]);
		wish->domain = domain_canonical(pool, word);
		if (wish->domain == NULL)
			return error_set(error, STATUS_CONFIG,
					 "\"%s\" is neither tag=value nor a domain",
					 words->items[i]);
	}
	if (wish->record.overflow)
		return error_set(error, STATUS_CONFIG, "the record is too long");
	return true;
}

/* tag_name - of a word "tag=value"; the empty slice for others */
static struct slice tag_name(const char *word)
{
	struct slice text = slice_of(word);
	size_t len = slice_find(text, '=');

	return slice_from(text.data, len < text.len ? len : 0);
}

/* has_policy - is p among the tags? */
static bool has_policy(const struct option_list *words)
{
	for (size_t i = 0; i < words->count; i++) {
		if (slice_is_nocase(tag_name(words->items[i]), "p"))
			return true;
	}
	return false;
}

/* check_names - a tag that DMARC does not have is a slip if there is no policy, else ignored */
static bool check_names(struct pool *pool, const struct option_list *words, struct error *error)
{
	for (size_t i = 0; i < words->count && !has_policy(words); i++) {
		struct slice name = tag_name(words->items[i]);

		if (name.len > 0 && !dmarc_lint_knows_tag(name))
			return error_set(
			    error, STATUS_CONFIG, "tag %s is unknown%s: --help has a list of them",
			    text_excerpt(pool, name),
			    slice_starts_nocase(name, "pol") ? ", the policy is p=" : "");
	}
	return true;
}

/* check_wanted_record - no record with an error in it; what else there is to say of a tag is said
 */
static bool check_wanted_record(struct tool_context *context, const char *record,
				struct error *error)
{
	struct dmarc_lint lint;

	if (!dmarc_lint(context->pool, record, NULL, NULL, &lint, error))
		return false;
	for (size_t i = 0; i < lint.findings.count; i++) {
		const struct finding *finding = &lint.findings.items[i];

		if (finding->severity == FINDING_ERROR)
			return error_set(error, STATUS_CONFIG, "%s%s%s (%s)",
					 finding->term != NULL ? finding->term : "",
					 finding->term != NULL ? " " : "", finding->text,
					 finding->section);
		if (finding->term != NULL && !context->options.quiet)
			fprintf(stderr, "dmarceval: %s %s (%s)\n", finding->term, finding->text,
				finding->section);
	}
	return true;
}

/* print_line - owner, type and text */
static bool print_line(struct pool *pool, const char *owner, struct slice text)
{
	return tool_print(pool_printf(pool, "%s IN TXT %s", owner, txt_strings(pool, text)));
}

/* is_external - as far as the names tell */
static bool is_external(const char *domain, const char *host)
{
	return !domain_is_within(domain, host) && !domain_is_within(host, domain);
}

/* is_repeated - does a destination before it, of rua or ruf, have the same host? */
static bool is_repeated(const struct dmarc_destinations *list, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (list->items[i].host != NULL &&
		    domain_equal(list->items[i].host, list->items[index].host))
			return true;
	}
	return false;
}

/* all_destinations - of rua and ruf */
static void all_destinations(struct pool *pool, const struct wish *wish,
			     struct dmarc_destinations *all)
{
	struct dmarc_destinations more;

	dmarc_destinations_parse(pool, wish->rua, all);
	dmarc_destinations_parse(pool, wish->ruf, &more);
	for (size_t i = 0; i < more.count; i++) {
		all->items = pool_grow(pool, all->items, all->count, sizeof(*all->items));
		all->items[all->count++] = more.items[i];
	}
}

/* print_permissions - what the owners of other domains have to publish, each record once */
static bool print_permissions(struct pool *pool, const struct wish *wish)
{
	const char *domain = wish->domain;
	struct dmarc_destinations list;

	all_destinations(pool, wish, &list);
	for (size_t i = 0; i < list.count; i++) {
		const char *host = list.items[i].host;

		if (host == NULL || (domain != NULL && !is_external(domain, host)) ||
		    is_repeated(&list, i))
			continue;
		if (!print_line(pool,
				domain != NULL
				    ? pool_printf(pool, "%s._report._dmarc.%s.", domain, host)
				    : pool_printf(pool, "*._report._dmarc.%s.", host),
				slice_of("v=DMARC1")))
			return false;
	}
	return true;
}

/* print - all lines, for two zones and more */
static bool print(struct pool *pool, const struct wish *wish)
{
	const char *owner =
	    wish->domain != NULL ? pool_printf(pool, "_dmarc.%s.", wish->domain) : "_dmarc";

	return print_line(pool, owner, buffer_slice(&wish->record)) &&
	       print_permissions(pool, wish);
}

int make_record_run(struct tool_context *context, const struct option_list *words)
{
	struct wish wish = {.domain = NULL};
	struct error error;
	bool good;

	tool_confine(context, (struct sandbox){.dns = false});
	buffer_init(&wish.record, TEXT_MAX);
	buffer_add_text(&wish.record, "v=DMARC1");
	good = read_words(context->pool, words, &wish, &error) &&
	       check_names(context->pool, words, &error) &&
	       check_wanted_record(context, slice_copy(context->pool, buffer_slice(&wish.record)),
				   &error);
	if (!good) {
		buffer_free(&wish.record);
		return tool_usage(context, &error);
	}
	good = print(context->pool, &wish);
	buffer_free(&wish.record);
	return good ? EX_OK : tool_unwritten(context);
}
