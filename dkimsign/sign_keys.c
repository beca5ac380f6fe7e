/*
 * sign_keys - who the author is, and which keys are his; see sign_keys.h
 */
#include "sign_keys.h"

#include <string.h>

#include "base/pool.h"
#include "dkim/private_key_file.h"
#include "mail/domain.h"

#define AUTHOR_OCTETS_MAX 998 /* RFC 5322 2.1.1: what does not fit in a line is no address */

/* read_authors - of all From fields */
static void read_authors(struct signing *signing)
{
	struct author *author = &signing->author;

	author_read(signing->filter->pool, signing->filter->message, author);
	if (author->reason != NULL)
		trace_print(&signing->filter->context->trace, "author: %s", author->reason);
	if (author->kind == AUTHOR_NONE)
		signing->unsigned_reason = author->reason;
}

/*
 * foreign_author - one that the domain cannot sign for, in words; NULL if there is none. A parent
 * and a subdomain of the author's can: relaxed alignment takes both (RFC 9989 4.4).
 */
static const char *foreign_author(const struct author *author, const char *domain)
{
	for (size_t i = 0; i < author->count; i++) {
		if (!domain_is_within(author->domains[i], domain) &&
		    !domain_is_within(domain, author->domains[i]))
			return author->domains[i];
	}
	return author->incomplete ? "an author without a domain" : NULL;
}

/* identity_fits - RFC 6376 3.5 i=: its domain is that of d= or below */
static bool identity_fits(struct pool *pool, const char *identity, const char *domain)
{
	const char *own = domain_canonical(pool, slice_of(strrchr(identity, '@') + 1));

	return own != NULL && domain_is_within(own, domain);
}

/* is_repeated - two keys of one selector: verifiers would find only one of them */
static bool is_repeated(const struct signing *signing, const struct dkim_sign_key *key)
{
	for (size_t i = 0; i < signing->key_count; i++) {
		if (domain_equal(signing->keys[i].domain, key->domain) &&
		    slice_is_nocase(slice_of(signing->keys[i].selector), key->selector))
			return true;
	}
	return false;
}

/* may_sign - is the domain that of the author, or of the list? With --third-party anybody's may be
 */
static bool may_sign(struct signing *signing, const char *domain)
{
	struct pool *pool = signing->filter->pool;
	const char *foreign;

	if (signing->list_domain != NULL)
		foreign =
		    domain_is_within(signing->list_domain, domain) ? NULL : signing->list_domain;
	else
		foreign = foreign_author(&signing->author, domain);
	if (foreign == NULL)
		return true;
	if (signing->arguments->third_party) {
		signing_warn(signing, "%s signs for %s, whose DMARC policy does not count it",
			     domain, foreign);
		return true;
	}
	signing->unsigned_reason = pool_printf(pool, "%s does not sign for %s", domain, foreign);
	trace_print(&signing->filter->context->trace, "%s", signing->unsigned_reason);
	return false;
}

/* add_key - reads the key of one signature, if the domain may sign */
static bool add_key(struct signing *signing, struct dkim_sign_key key, const char *path,
		    struct error *error)
{
	struct pool *pool = signing->filter->pool;

	if (!may_sign(signing, key.domain))
		return true;
	if (is_repeated(signing, &key))
		return error_set(error, STATUS_CONFIG,
				 "two signatures for %s with the same selector %s", key.domain,
				 key.selector);
	if (!private_key_file_read(pool, path, &key.key, error))
		return false;
	if (key.key.type == DKIM_KEY_RSA && key.key.bits < DKIM_KEY_BITS_ADVISED)
		signing_warn(signing,
			     "key file %s has an RSA key of %u bits; it should have %d (RFC 8301)",
			     path, key.key.bits, DKIM_KEY_BITS_ADVISED);
	if (key.identity != NULL && !identity_fits(pool, key.identity, key.domain)) {
		signing_warn(signing, "no i=: %s is not within %s", key.identity, key.domain);
		key.identity = NULL;
	}
	signing->keys = pool_grow(pool, signing->keys, signing->key_count, sizeof(key));
	signing->keys[signing->key_count++] = key;
	return true;
}

/* add_listed_keys - of -d, -s and -k */
static bool add_listed_keys(struct signing *signing, struct error *error)
{
	const struct arguments *arguments = signing->arguments;

	for (size_t i = 0; i < sign_count(arguments); i++) {
		struct dkim_sign_key key = {
		    .domain = sign_item(&arguments->domains, i),
		    .selector = sign_item(&arguments->selectors, i),
		    .identity = arguments->identity,
		};

		if (!add_key(signing, key, sign_item(&arguments->key_files, i), error))
			return false;
	}
	return true;
}

/* add_table_keys - what the tables have for the first author, or for the list */
static bool add_table_keys(struct signing *signing, const struct address *author,
			   struct error *error)
{
	const struct arguments *arguments = signing->arguments;
	struct dkim_table_choice *choices = NULL;
	size_t count = 0;

	if (author->text.len > AUTHOR_OCTETS_MAX) {
		signing->unsigned_reason = "the address of the author is too long";
		return true;
	}
	if (author->domain != NULL)
		dkim_tables_choose(signing->filter->pool, signing->tables, author, &choices,
				   &count);
	if (count == 0)
		signing->unsigned_reason =
		    pool_printf(signing->filter->pool, "the signing table has no key for %s",
				author->domain != NULL ? author->domain : "this author");
	for (size_t i = 0; i < count; i++) {
		struct dkim_sign_key key = {
		    .domain = choices[i].domain,
		    .selector = choices[i].selector,
		    .identity =
			choices[i].identity != NULL ? choices[i].identity : arguments->identity,
		};

		if (!add_key(signing, key, choices[i].path, error))
			return false;
	}
	return true;
}

/*
 * list_address - of a list that the message comes from: where it takes mail (RFC 2369 List-Post),
 * or its List-Id, "list.example.org", as list@example.org (RFC 2919); false if it is from none
 */
static bool list_address(const struct signing *signing, struct address *address)
{
	struct pool *pool = signing->filter->pool;
	struct slice value, name;
	size_t start, dot;

	if (message_only_value(signing->filter->message, "List-Post", &value)) {
		start = slice_find(value, '<');
		name = slice_skip(value, start);
		name.len = slice_find(name, '>');
		name.len = slice_find(name, '?'); /* RFC 6068: header fields may follow */
		if (slice_starts_nocase(name, "<mailto:"))
			return address_parse_path(pool, slice_skip(name, strlen("<mailto:")),
						  address);
	}
	if (!message_only_value(signing->filter->message, "List-Id", &value))
		return false;
	start = slice_find_last(value, '<');
	name = start < value.len ? slice_skip(value, start + 1) : value;
	name.len = slice_find(name, '>');
	name = slice_trim(name);
	dot = slice_find(name, '.');
	return dot < name.len &&
	       address_parse_path(
		   pool,
		   slice_of(pool_printf(pool, "%s@%s", slice_copy(pool, slice_from(name.data, dot)),
					slice_copy(pool, slice_skip(name, dot + 1)))),
		   address);
}

bool sign_choose_keys(struct signing *signing, struct error *error)
{
	struct address list;
	const struct address *address;

	if (signing->foreign)
		return true;
	read_authors(signing);
	if (signing->arguments->resign_lists && list_address(signing, &list) &&
	    list.domain != NULL && list.domain[0] != '\0')
		signing->list_domain = list.domain;
	else if (signing->author.kind == AUTHOR_NONE)
		return true;
	if (signing->tables == NULL)
		return add_listed_keys(signing, error);
	address = signing->list_domain != NULL ? &list : &signing->author.addresses.items[0];
	return add_table_keys(signing, address, error);
}
