/*
 * key_mistakes - what people publish where a key record should be; see dkim/key_mistakes.h
 */
#include "dkim/key_mistakes.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "dkim/private_key_file.h"
#include "dkim/tag_values.h"
#include "mail/domain.h"
#include "mail/taglist.h"

#define PRIVATE_ALARM                                                                              \
	"has the PRIVATE key in it: whoever reads it can sign in your name. Remove the record, "   \
	"make "                                                                                    \
	"a key with another selector (dkimsign genkey), and never use this one again"

/* contains - does a text have these octets in it? */
static bool contains(struct slice text, const char *part)
{
	return text.len > 0 && memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* find_tag - a tag's value however broken the rest of the record is; data NULL if there is none */
static struct slice find_tag(struct slice record, const char *name)
{
	struct slice rest = record;
	struct slice none = {NULL, 0};
	enum taglist_step step;
	struct tag tag;

	while ((step = taglist_next(&rest, &tag)) != TAGLIST_END) {
		if (step == TAGLIST_TAG && slice_is(tag.name, name))
			return tag.value;
	}
	return none;
}

/* is_private - are these the octets of a private key, of any or of this one? */
static bool is_private(struct pool *pool, struct slice octets, const struct private_key *key)
{
	struct private_key found;
	struct error ignored;

	if (octets.len == DKIM_KEY_SEED_LEN)
		return slice_equal(octets, key->secret);
	return private_key_file_parse(pool, octets, &found, &ignored);
}

/* private_mistake - a private key where anybody can read it */
static const char *private_mistake(struct pool *pool, struct slice record,
				   const struct private_key *key)
{
	struct slice value = find_tag(record, "p");
	struct slice octets;

	if (contains(record, "PRIVATE KEY"))
		return PRIVATE_ALARM;
	if (value.len > 0 && dkim_tag_base64(pool, value, &octets) && is_private(pool, octets, key))
		return PRIVATE_ALARM;
	return NULL;
}

/* is_name - the text is a domain name with a _domainkey label, such as a CNAME points at */
static bool is_name(struct pool *pool, struct slice record)
{
	struct slice text = slice_trim(record);
	const char *name = domain_canonical(pool, text);

	return slice_find(text, '=') == text.len && slice_find(text, '.') < text.len &&
	       name != NULL && domain_label_count(name) > 1;
}

/* quoting_mistake - what zone files and web forms have left in the text */
static const char *quoting_mistake(struct slice record)
{
	if (contains(record, "\\;"))
		return "has a backslash before a semicolon: leave it out, or put the text into "
		       "quotes";
	if (contains(record, "\""))
		return "has quotes in it: the form puts them there itself, so leave them out";
	if (contains(record, "\\"))
		return "has a backslash in it: leave it out";
	if (contains(record, "-----BEGIN") || contains(record, "-----END"))
		return "has the lines BEGIN and END of a PEM file in it: leave them out";
	if (contains(record, "\n") || contains(record, "\r"))
		return "has a line break in it: enter it as one line";
	if (contains(record, "_domainkey") || contains(record, "IN TXT") ||
	    contains(record, "IN\tTXT"))
		return "has a whole line of a zone file in it: enter the value alone, which is in "
		       "the "
		       "file .value";
	return NULL;
}

/* type_mistake - k= of another kind than the key is */
static const char *type_mistake(struct slice record, const struct private_key *key)
{
	struct slice type = find_tag(record, "k");

	if (key->type == DKIM_KEY_ED25519 && type.data == NULL)
		return "has no k=ed25519, so that it is taken for an RSA key: add it before p=";
	if (key->type == DKIM_KEY_ED25519 && !slice_is(type, "ed25519"))
		return "has another k= than ed25519, which the key file has";
	if (key->type == DKIM_KEY_RSA && type.data != NULL && !slice_is(type, "rsa"))
		return "has another k= than rsa, which the key file has";
	return NULL;
}

const char *key_mistake_in(struct pool *pool, struct slice record, const struct private_key *key)
{
	const char *mistake = private_mistake(pool, record, key);

	if (mistake == NULL && is_name(pool, record))
		mistake =
		    pool_printf(pool, "is a name: publish it as a CNAME record to %s, not as text",
				slice_copy(pool, slice_trim(record)));
	if (mistake == NULL)
		mistake = quoting_mistake(record);
	return mistake != NULL ? mistake : type_mistake(record, key);
}

const char *key_mistake_place(struct pool *pool, struct dns *dns, struct dns_budget *budget,
			      const char *selector, const char *domain)
{
	const struct {
		const char *name;
		const char *remedy;
	} places[] = {
	    {pool_printf(pool, "%s._domainkey.%s.%s", selector, domain, domain),
	     "the zone appended its name: end the name with a dot, or leave the domain out"},
	    {pool_printf(pool, "%s._domainkey.%s._domainkey.%s", selector, domain, domain),
	     "enter the selector and _domainkey only once"},
	    {pool_printf(pool, "%s.%s", selector, domain),
	     "\"._domainkey\" is missing in the name"},
	    {pool_printf(pool, "_domainkey.%s", domain), "the selector is missing in the name"},
	    {pool_printf(pool, "%s.domainkey.%s", selector, domain),
	     "the underscore before \"domainkey\" is missing"},
	    {pool_printf(pool, "%s._domainkeys.%s", selector, domain),
	     "it is \"_domainkey\", without s"},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct dns_answer *answer = dns_query(dns, places[i].name, DNS_TXT, budget);

		for (size_t k = 0; answer->status == DNS_FOUND && k < answer->count; k++) {
			if (find_tag(answer->records[k].text, "p").data != NULL)
				return pool_printf(pool, "there is a key record at %s: %s",
						   places[i].name, places[i].remedy);
		}
	}
	return NULL;
}
