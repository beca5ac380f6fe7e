/*
 * author - who a message says it is from; see mail/author.h
 */
#include "mail/author.h"

#include "base/pool.h"
#include "mail/domain.h"
#include "mail/encoded_word.h"
#include "mail/loose_address.h"

#define FROM "From"

/* What is being read. */
struct reading {
	struct pool *pool;
	struct author *author;
	size_t field_count;
	bool is_strict;       /* so far */
	bool has_too_many;    /* more domains than there is room for, or time to look for */
	bool has_torn_name;   /* one with commas in it, which is no error of syntax */
	struct error problem; /* of the first field that is not strict */
};

/* has_domain - is it among some? */
static bool has_domain(const char *const *domains, size_t count, const char *domain)
{
	for (size_t i = 0; i < count; i++) {
		if (domain_equal(domains[i], domain))
			return true;
	}
	return false;
}

/* add_domain - to domains or guesses, once; false without room */
static bool add_domain(struct reading *reading, const char **domains, size_t *count,
		       const char *domain)
{
	struct author *author = reading->author;

	if (has_domain(domains, *count, domain))
		return true;
	if (author->count + author->guess_count == AUTHOR_DOMAINS_MAX) {
		reading->has_too_many = true;
		return false;
	}
	domains[(*count)++] = domain;
	return true;
}

/* add_address - one that the domain is of; the others say nothing more */
static void add_address(struct reading *reading, const struct address *address)
{
	struct address_list *list = &reading->author->addresses;

	if (list->count == ADDRESS_LIST_MAX)
		return;
	list->items = pool_grow(reading->pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count++] = *address;
}

/* take_guess - a loose_address_sink for what only guesses can be found in */
static bool take_guess(void *context, const struct address *address, enum loose_reading how)
{
	struct reading *reading = context;
	struct author *author = reading->author;

	(void)how;
	return add_domain(reading, author->guesses, &author->guess_count, address->domain);
}

/* take_loose - a loose_address_sink */
static bool take_loose(void *context, const struct address *address, enum loose_reading how)
{
	struct reading *reading = context;
	struct author *author = reading->author;

	if (how == LOOSE_GUESS)
		return take_guess(context, address, how);
	if (!add_domain(reading, author->domains, &author->count, address->domain))
		return false;
	add_address(reading, address);
	return true;
}

/*
 * is_torn_name - is it one mailbox whose name has commas that nobody has quoted?
 *
 * "Bank, Inc. <service@bank.example>" are two addresses by the grammar, and one for whoever wrote
 * it. A word that is an address without a domain beside one that is not in brackets is taken as
 * such.
 */
static bool is_torn_name(const struct address_list *list)
{
	const struct address *last = &list->items[list->count - 1];

	if (list->count < 2 || !last->in_brackets || last->domain == NULL)
		return false;
	for (size_t i = 0; i + 1 < list->count; i++) {
		const struct address *address = &list->items[i];

		if (address->in_brackets || slice_find(address->text, '@') < address->text.len)
			return false;
	}
	return true;
}

/* take_strict - all of a list in the syntax of RFC 5322 */
static void take_strict(struct reading *reading, const struct address_list *list)
{
	struct author *author = reading->author;
	bool is_torn = list->count > 0 && is_torn_name(list);

	reading->has_torn_name |= is_torn;
	for (size_t i = is_torn ? list->count - 1 : 0; i < list->count; i++) {
		const struct address *address = &list->items[i];

		add_address(reading, address);
		if (address->domain == NULL)
			author->incomplete = true;
		else
			add_domain(reading, author->domains, &author->count, address->domain);
		if (!loose_address_find_encoded(reading->pool, address->text, take_guess, reading))
			reading->has_too_many = true;
	}
}

/* find_loose - all that somebody may read in a field that is not by the book */
static bool find_loose(struct reading *reading, struct slice value)
{
	return loose_address_find(reading->pool, value, take_loose, reading) &&
	       loose_address_find_encoded(reading->pool, value, take_guess, reading);
}

/* read_field - one From field, strictly if it allows that */
static void read_field(struct reading *reading, struct slice value)
{
	struct address_list list;
	struct error error;
	bool good = true;

	reading->field_count++;
	if (address_parse_list(reading->pool, value, &list, &error)) {
		take_strict(reading, &list);
	} else {
		if (reading->is_strict)
			reading->problem = error;
		reading->is_strict = false;
		good = find_loose(reading, value);
	}
	if (!good || !loose_address_find_folded(reading->pool, value, take_guess, reading))
		reading->has_too_many = true;
}

/* names_of - for a reason: "a.example, b.example" */
static const char *names_of(struct pool *pool, const struct author *author)
{
	const char *text = author->domains[0];

	for (size_t i = 1; i < author->count; i++)
		text = pool_printf(pool, "%s, %s", text, author->domains[i]);
	return text;
}

/* syntax_text - what is wrong with the field, or with there being several */
static const char *syntax_text(const struct reading *reading)
{
	if (reading->field_count > 1)
		return "there are several From fields";
	if (!reading->is_strict)
		return pool_printf(reading->pool, "the From field is not well-formed: %s",
				   reading->problem.text);
	if (reading->has_torn_name)
		return "the From field is not well-formed: a comma in a name without quotes";
	return NULL;
}

/* no_domain_text - why there is no author domain */
static const char *no_domain_text(const struct reading *reading)
{
	const struct author *author = reading->author;

	if (reading->field_count == 0)
		return "there is no From field";
	if (!reading->is_strict)
		return pool_printf(reading->pool, "the From field cannot be read: %s",
				   reading->problem.text);
	if (author->incomplete)
		return "the From field has an address without a domain name";
	return "the From field has no address";
}

/* settle_none - nobody can be judged */
static void settle_none(struct reading *reading)
{
	struct author *author = reading->author;

	author->kind = AUTHOR_NONE;
	author->reason =
	    reading->has_too_many
		? pool_printf(reading->pool, "From has more than %d domains", AUTHOR_DOMAINS_MAX)
		: no_domain_text(reading);
	author->count = 0;
	author->guess_count = 0;
}

/* drop_known_guesses - a guess that is written elsewhere is none */
static void drop_known_guesses(struct author *author)
{
	size_t kept = 0;

	for (size_t i = 0; i < author->guess_count; i++) {
		if (!has_domain(author->domains, author->count, author->guesses[i]))
			author->guesses[kept++] = author->guesses[i];
	}
	author->guess_count = kept;
}

/* settle_author - what all of it amounts to */
static void settle_author(struct reading *reading)
{
	struct author *author = reading->author;

	drop_known_guesses(author);
	if (author->count == 0 || reading->has_too_many) {
		settle_none(reading);
		return;
	}
	author->reason = syntax_text(reading);
	author->repeated = author->count == 1 && reading->field_count > 1;
	if (author->count > 1) {
		author->kind = AUTHOR_SEVERAL;
		author->reason =
		    pool_printf(reading->pool, "the From field has several domains: %s",
				names_of(reading->pool, author));
		return;
	}
	author->kind = author->reason == NULL ? AUTHOR_EXACT : AUTHOR_RECOVERED;
	if (author->incomplete && author->reason == NULL)
		author->reason = "the From field has an address without a domain name";
	if (author->incomplete)
		author->kind = AUTHOR_RECOVERED;
}

/* begin - nothing is known yet */
static struct reading begin(struct pool *pool, struct author *author)
{
	*author = (struct author){.kind = AUTHOR_NONE};
	return (struct reading){.pool = pool, .author = author, .is_strict = true};
}

void author_read(struct pool *pool, const struct message *message, struct author *author)
{
	struct reading reading = begin(pool, author);
	size_t count = message_field_count(message);

	author->reason = message_excess(message);
	if (author->reason != NULL)
		return;
	for (size_t i = message_find(message, FROM, 0); i < count && !reading.has_too_many;
	     i = message_find(message, FROM, i + 1))
		read_field(&reading, message_field(message, i)->value);
	settle_author(&reading);
}

void author_read_value(struct pool *pool, struct slice value, struct author *author)
{
	struct reading reading = begin(pool, author);

	read_field(&reading, value);
	settle_author(&reading);
}

const char *author_domain(const struct author *author)
{
	return author->count == 1 && !author->incomplete ? author->domains[0] : NULL;
}
