/*
 * address - the body of a From field, and an envelope address
 */
#include "mail/author.h"

#include <string.h>

#include "base/pool.h"
#include "fuzz.h"
#include "mail/abnf.h"
#include "mail/domain.h"
#include "report/suppress_list.h"

/* check_domain - the canonical form of a canonical name is itself, and so are its other forms */
static void check_domain(struct pool *pool, const char *domain)
{
	const char *display = domain_for_display(pool, domain);

	fuzz_expect(strlen(domain) <= DOMAIN_TEXT_MAX);
	fuzz_expect(fuzz_same_text(domain_canonical(pool, slice_of(domain)), domain));
	fuzz_expect(fuzz_same_text(domain_canonical(pool, slice_of(display)), domain));
	fuzz_expect(domain_is_within(domain, domain));
	fuzz_expect(domain_parent(domain) == NULL ||
		    domain_is_within(domain, domain_parent(domain)));
	fuzz_expect(domain_last_labels(domain, domain_label_count(domain)) == domain);
}

/* quoted - an address with that local-part in quotes */
static struct slice quoted(struct pool *pool, const char *local, const char *domain)
{
	char *text = pool_alloc(pool, 2 * strlen(local) + strlen(domain) + sizeof("\"\"@"));
	char *end = text;

	*end++ = '"';
	for (const char *byte = local; *byte != '\0'; byte++) {
		if (*byte == '"' || *byte == '\\')
			*end++ = '\\';
		*end++ = *byte;
	}
	*end++ = '"';
	*end++ = '@';
	memcpy(end, domain, strlen(domain) + 1);
	return slice_of(text);
}

/* check_mailbox - an address of a list: parts of the text; written again it is the same */
static void check_mailbox(struct pool *pool, struct slice text, const struct address *address)
{
	struct address_list again;
	struct error error;

	fuzz_expect(fuzz_is_within(address->text, text));
	fuzz_expect(fuzz_is_within(address->display, text));
	fuzz_expect(address->local != NULL);
	if (address->domain == NULL)
		return;
	check_domain(pool, address->domain);
	fuzz_expect(address_parse_list(pool, address->text, &again, &error));
	fuzz_expect(again.count == 1);
	fuzz_expect(fuzz_same_text(again.items[0].local, address->local));
	fuzz_expect(fuzz_same_text(again.items[0].domain, address->domain));
}

/*
 * check_path - an envelope address, written again with its local-part in quotes, is the same; but
 * not every local-part can be in quotes, and quotes lose line ends
 */
static void check_path(struct pool *pool, const struct address *address)
{
	struct slice bracketed;
	struct address again;
	struct slice text;

	if (*address->domain == '\0')
		return;
	check_domain(pool, address->domain);
	text = quoted(pool, address->local, address->domain);
	bracketed = slice_of(pool_printf(pool, "<%s>", text.data));
	fuzz_expect(address_parse_path(pool, bracketed, &again));
	if (skip_quoted_string(text) != slice_find_last(text, '@') ||
	    strpbrk(address->local, "\r\n") != NULL)
		return;
	fuzz_expect(fuzz_same_text(again.local, address->local));
	fuzz_expect(fuzz_same_text(again.domain, address->domain));
}

/* check_suppressed - the form in which usual addresses are compared does not change any more */
static void check_suppressed(struct pool *pool, const char *text)
{
	const char *form = suppress_address(pool, text);
	struct slice address = slice_of(form);
	size_t at = slice_find_last(address, '@');

	if (form != NULL && skip_dot_atom(address) == at && domain_is_qualified(form + at + 1))
		fuzz_expect(fuzz_same_text(suppress_address(pool, form), form));
}

/* check_author - who the field is read to be from, by the book or not */
static void check_author(struct pool *pool, struct slice value, const struct address_list *list,
			 bool is_strict)
{
	struct author author;

	author_read_value(pool, value, &author);
	fuzz_expect(author.count + author.guess_count <= AUTHOR_DOMAINS_MAX);
	fuzz_expect((author.count == 0) == (author.kind == AUTHOR_NONE));
	fuzz_expect((author.reason == NULL) == (author.kind == AUTHOR_EXACT));
	fuzz_expect(author.kind != AUTHOR_EXACT || is_strict);
	for (size_t i = 0; i < author.count; i++)
		check_domain(pool, author.domains[i]);
	for (size_t i = 0; i < author.guess_count; i++)
		check_domain(pool, author.guesses[i]);
	/* By the book, nobody else is the author. */
	for (size_t i = 0; is_strict && i < list->count && author.count == 1; i++)
		fuzz_expect(list->items[i].domain == NULL ||
			    domain_equal(list->items[i].domain, author.domains[0]));
}

void fuzz_one(struct slice input)
{
	bool is_strict;
	struct pool *pool = pool_new();
	struct address_list list;
	struct address path;
	struct error error;
	const char *domain = domain_canonical(pool, input);

	is_strict = address_parse_list(pool, input, &list, &error);
	check_author(pool, input, &list, is_strict);
	for (size_t i = 0; i < list.count; i++)
		check_mailbox(pool, input, &list.items[i]);
	if (address_parse_path(pool, input, &path))
		check_path(pool, &path);
	if (domain != NULL)
		check_domain(pool, domain);
	check_suppressed(pool, slice_copy(pool, input));
	pool_free(pool);
}
