/*
 * input - from header fields to the input of DMARC; see input.h
 *
 * RFC 8601 section 2.7.1 and 2.7.2 (what dkim= and spf= say), RFC 7208 section 9.1
 * (Received-SPF). Verifiers in use write header.i without header.d, and MAIL FROM as a bare
 * domain. All that is read.
 *
 * Some write MAIL FROM as they have got it, and in a local part a stranger can have put what looks
 * like another result. If the caller knows MAIL FROM, a field that tells of another domain in it
 * is not believed at all.
 */
#include "dmarc/input.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "mail/address.h"
#include "mail/author.h"
#include "mail/authres_parse.h"
#include "mail/authres_trust.h"
#include "mail/domain.h"
#include "mail/received_spf.h"

#define AUTHRES_FIELD      "Authentication-Results"
#define RECEIVED_SPF_FIELD "Received-SPF"

/* One DKIM result, and what tells it from others. */
struct signature {
	struct dmarc_identifier identifier;
	const char *value; /* header.b (RFC 6008), or NULL */
	size_t index;      /* from the top */
	bool repeated;
};

/* What is being gathered. */
struct gathering {
	struct pool *pool;
	const struct message *message;
	const struct dmarc_trust *trust;
	const struct trace *trace;
	const char *sender_domain; /* of MAIL FROM, as the caller knows it; NULL: not known */
	struct authres_zone zone;
	struct received_spf received_spf; /* the first field, all NULL unless it is believed */
	bool null_sender;                 /* MAIL FROM is known to be <> */
	struct dmarc_identifier *spf;     /* NULL as long as none was found */
	bool has_spf; /* there was an SPF result about MAIL FROM, usable or not */
	size_t signature_count;
	struct signature *signatures;
	struct dmarc_chain arc;
};

/* address_domain - of an address, in brackets or not; NULL also for "<>" */
static const char *address_domain(struct pool *pool, const char *text)
{
	struct address address;

	if (!address_parse_path(pool, slice_of(text), &address) || *address.domain == '\0')
		return NULL;
	return address.domain;
}

/* mail_domain - the same, or a bare domain */
static const char *mail_domain(struct pool *pool, const char *text)
{
	struct slice value = slice_trim(slice_of(text));

	if (slice_find(value, '@') == value.len && !slice_starts_nocase(value, "<"))
		return domain_canonical(pool, value);
	return address_domain(pool, text);
}

/* is_of_sender - can this be the domain of MAIL FROM? */
static bool is_of_sender(const struct gathering *gathering, const char *domain)
{
	return gathering->sender_domain == NULL ||
	       (domain != NULL && domain_equal(domain, gathering->sender_domain));
}

/* set_spf - keeps the result, if its domain can be used */
static void set_spf(struct gathering *gathering, enum result result, const char *domain,
		    const char *field)
{
	if (domain == NULL)
		return;
	gathering->spf = pool_alloc(gathering->pool, sizeof(*gathering->spf));
	*gathering->spf = (struct dmarc_identifier){.result = result, .domain = domain};
	trace_print(gathering->trace, "SPF: %s for %s (%s)", result_word(result), domain, field);
}

/*
 * take_spf - one spf= result
 *
 * Without smtp.mailfrom it is about HELO, which says nothing of the author's domain
 * (CVE-2019-20790): a client can say any name there whose owner lets it. Only where MAIL FROM is
 * known to be null its identity is postmaster@HELO (RFC 7208 2.4).
 */
static void take_spf(struct gathering *gathering, const struct authres_result *result)
{
	const char *mail_from = authres_property(result, "smtp", "mailfrom");
	const char *helo = authres_property(result, "smtp", "helo");

	if (mail_from == NULL && !gathering->null_sender)
		return;
	gathering->has_spf = gathering->has_spf || mail_from != NULL;
	if (gathering->spf != NULL)
		return;
	if (mail_from != NULL)
		set_spf(gathering, result->result, mail_domain(gathering->pool, mail_from),
			AUTHRES_FIELD);
	if (gathering->spf == NULL && gathering->null_sender && helo != NULL)
		set_spf(gathering, result->result,
			domain_canonical(gathering->pool, slice_of(helo)), AUTHRES_FIELD);
}

/* signing_domain - header.d, or what comes after the "@" in header.i */
static const char *signing_domain(struct pool *pool, const struct authres_result *result)
{
	const char *domain = authres_property(result, "header", "d");
	const char *identity = authres_property(result, "header", "i");

	if (domain != NULL)
		return domain_canonical(pool, slice_of(domain));
	return identity != NULL ? mail_domain(pool, identity) : NULL;
}

/* take_dkim - one dkim= result; "none" is not about a signature */
static void take_dkim(struct gathering *gathering, const struct authres_result *result)
{
	struct signature *signature;

	if (result->result == RESULT_NONE)
		return;
	gathering->signatures = pool_grow(gathering->pool, gathering->signatures,
					  gathering->signature_count, sizeof(*signature));
	signature = &gathering->signatures[gathering->signature_count];
	*signature = (struct signature){
	    .identifier = {.result = result->result,
			   .domain = signing_domain(gathering->pool, result),
			   .selector = authres_property(result, "header", "s")},
	    .value = authres_property(result, "header", "b"),
	    .index = gathering->signature_count++,
	};
	trace_print(gathering->trace, "DKIM: %s for %s", result->word,
		    signature->identifier.domain != NULL ? signature->identifier.domain
							 : "an unreadable domain");
}

/*
 * take_sealers - policy.arc-seal-1, -2 and so on, as many as policy.arc-sealers says; if one is
 * missing or no canonical name, the chain has none
 */
static void take_sealers(struct gathering *gathering, const struct authres_result *result)
{
	struct dmarc_chain *chain = &gathering->arc;
	const char *count = authres_property(result, "policy", "arc-sealers");
	unsigned long long wanted;

	if (count == NULL || !slice_to_number(slice_of(count), AUTHRES_PROPERTIES_MAX, &wanted))
		return;
	chain->sealers = pool_alloc(gathering->pool, wanted * sizeof(*chain->sealers));
	for (size_t i = 0; i < wanted; i++) {
		const char *sealer = authres_property(
		    result, "policy", pool_printf(gathering->pool, "arc-seal-%zu", i + 1));

		if (sealer != NULL)
			sealer = domain_canonical(gathering->pool, slice_of(sealer));
		if (sealer == NULL)
			return;
		chain->sealers[i] = sealer;
	}
	chain->sealer_count = wanted;
}

/* take_arc - the one arc= result; of several the topmost counts */
static void take_arc(struct gathering *gathering, const struct authres_result *result)
{
	const char *author = authres_property(result, "policy", "arc-from");

	if (gathering->arc.result != RESULT_NONE)
		return;
	gathering->arc.result = result->result;
	if (result->result != RESULT_PASS)
		return;
	take_sealers(gathering, result);
	if (author != NULL)
		gathering->arc.author = domain_canonical(gathering->pool, slice_of(author));
}

static const struct {
	const char *name;
	void (*take)(struct gathering *gathering, const struct authres_result *result);
} methods[] = {
    {"spf", take_spf},
    {"dkim", take_dkim},
    {"arc", take_arc},
};

/* is_trusted - is this authserv-id our own or one that is trusted by name? */
static bool is_trusted(const struct gathering *gathering, const char *id)
{
	const struct dmarc_trust *trust = gathering->trust;

	if (authres_same_id(gathering->pool, id, trust->id))
		return true;
	for (size_t i = 0; i < trust->trusted_count; i++) {
		if (authres_same_id(gathering->pool, id, trust->trusted_ids[i]))
			return true;
	}
	return false;
}

/* take_result - gives one result to whom it may concern */
static void take_result(struct gathering *gathering, const struct authres_result *result)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(result->method, methods[i].name) == 0)
			methods[i].take(gathering, result);
	}
}

/* is_of_this_mail - is no SPF result in the field about somebody else in MAIL FROM? */
static bool is_of_this_mail(const struct gathering *gathering, const struct authres *authres)
{
	for (size_t i = 0; i < authres->count; i++) {
		const struct authres_result *result = &authres->results[i];
		const char *mail_from = authres_property(result, "smtp", "mailfrom");

		if (strcmp(result->method, "spf") == 0 && mail_from != NULL &&
		    !is_of_sender(gathering, mail_domain(gathering->pool, mail_from)))
			return false;
	}
	return true;
}

/* take_authres - one Authentication-Results field inside the trust boundary */
static void take_authres(struct gathering *gathering, struct slice value)
{
	struct authres authres;

	if (!authres_parse(gathering->pool, value, &authres)) {
		trace_print(gathering->trace, "%s: not well-formed, not believed", AUTHRES_FIELD);
		return;
	}
	if (!is_trusted(gathering, authres.id)) {
		trace_print(gathering->trace, "%s: %s is not trusted", AUTHRES_FIELD, authres.id);
		return;
	}
	if (!is_of_this_mail(gathering, &authres)) {
		trace_print(gathering->trace, "%s: is about another sender, not believed",
			    AUTHRES_FIELD);
		return;
	}
	for (size_t i = 0; i < authres.count; i++)
		take_result(gathering, &authres.results[i]);
}

/* is_null_sender - says the field that there was none in MAIL FROM? */
static bool is_null_sender(const struct received_spf *field)
{
	const char *sender = field->values[RECEIVED_SPF_ENVELOPE_FROM];

	return sender != NULL && (*sender == '\0' || strcmp(sender, "<>") == 0);
}

/*
 * mail_from_domain - the domain of the MAIL FROM identity that a field is about, or NULL
 *
 * For a null sender it is that of postmaster@HELO (RFC 7208 section 2.4), if the field says what
 * was checked: policyd-spf calls that identity "helo", we and others call it "mailfrom".
 */
static const char *mail_from_domain(struct pool *pool, const struct received_spf *field)
{
	const char *identity = field->values[RECEIVED_SPF_IDENTITY];
	const char *sender = field->values[RECEIVED_SPF_ENVELOPE_FROM];
	const char *helo = field->values[RECEIVED_SPF_HELO];
	bool of_mail_from = identity == NULL || slice_is_nocase(slice_of(identity), "mailfrom");

	if (sender == NULL)
		return NULL;
	if (!is_null_sender(field))
		return of_mail_from ? address_domain(pool, sender) : NULL;
	if (identity == NULL || helo == NULL ||
	    (!of_mail_from && !slice_is_nocase(slice_of(identity), "helo")))
		return NULL;
	return domain_canonical(pool, slice_of(helo));
}

/* is_of_this_sender - is a Received-SPF field about MAIL FROM as far as the caller knows it? */
static bool is_of_this_sender(const struct gathering *gathering, const struct received_spf *field)
{
	const char *domain = mail_from_domain(gathering->pool, field);

	if (gathering->trust->sender == NULL)
		return !field->needs_sender;
	if (gathering->null_sender || is_null_sender(field))
		return gathering->null_sender && is_null_sender(field);
	return domain == NULL || is_of_sender(gathering, domain);
}

/* is_sealed_alone - has our policy service written this field, for this client and sender? */
static bool is_sealed_alone(const struct gathering *gathering, size_t index)
{
	const struct dmarc_trust *trust = gathering->trust;
	struct slice value = message_field(gathering->message, index)->value;
	struct received_spf field;
	struct ip_address client;

	return !gathering->zone.is_bordered && trust->seal != NULL && trust->sender != NULL &&
	       trust->client != NULL && trust->client->family != 0 &&
	       received_spf_parse(gathering->pool, value, &field) &&
	       field.values[RECEIVED_SPF_CLIENT_IP] != NULL &&
	       ip_address_parse(slice_of(field.values[RECEIVED_SPF_CLIENT_IP]), &client) &&
	       strcmp(client.text, trust->client->text) == 0 &&
	       run_seal_field_holds(gathering->pool, trust->seal, value);
}

/*
 * read_received_spf - the first Received-SPF field inside the trust boundary
 *
 * No other counts, even if this one is of no use: a stranger may have chosen an envelope that makes
 * it so, and have written the next.
 */
static void read_received_spf(struct gathering *gathering)
{
	size_t index = message_find(gathering->message, RECEIVED_SPF_FIELD, 0);
	struct received_spf field;

	if (index == message_field_count(gathering->message) ||
	    (index >= gathering->zone.end && !is_sealed_alone(gathering, index)))
		return;
	if (!received_spf_parse(gathering->pool, message_field(gathering->message, index)->value,
				&field)) {
		trace_print(gathering->trace, "%s: not well-formed, not believed",
			    RECEIVED_SPF_FIELD);
		return;
	}
	if (!is_of_this_sender(gathering, &field)) {
		trace_print(gathering->trace, "%s: is about another sender, not believed",
			    RECEIVED_SPF_FIELD);
		return;
	}
	gathering->received_spf = field;
	gathering->null_sender = gathering->null_sender || is_null_sender(&field);
}

/* take_received_spf - its result, unless Authentication-Results has one */
static void take_received_spf(struct gathering *gathering)
{
	const struct received_spf *field = &gathering->received_spf;

	if (!gathering->has_spf && gathering->spf == NULL)
		set_spf(gathering, field->result, mail_from_domain(gathering->pool, field),
			RECEIVED_SPF_FIELD);
}

/* is_null_result - does the first Received-SPF field say that our result is that of <>? */
static bool is_null_result(const struct gathering *gathering)
{
	const struct received_spf *field = &gathering->received_spf;
	const char *domain = mail_from_domain(gathering->pool, field);

	return is_null_sender(field) && domain != NULL && gathering->spf != NULL &&
	       domain_equal(domain, gathering->spf->domain);
}

/* gather_authres - all Authentication-Results fields inside the trust boundary */
static void gather_authres(struct gathering *gathering)
{
	size_t index = 0;

	while ((index = message_find(gathering->message, AUTHRES_FIELD, index)) <
	       gathering->zone.end)
		take_authres(gathering, message_field(gathering->message, index++)->value);
}

/* gather_frame - what earlier stages of the stream have found; nobody else writes there */
static void gather_frame(struct gathering *gathering)
{
	struct slice rest = buffer_slice(&gathering->trust->frame->attributes);
	struct slice name, value;

	while (frame_next(&rest, &name, &value)) {
		if (slice_is(name, "result"))
			take_authres(gathering, slice_of(pool_printf(gathering->pool, "%s; %.*s",
								     gathering->trust->id,
								     (int)value.len, value.data)));
	}
}

/* compare_texts - strcmp() for texts that may be missing */
static int compare_texts(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

/* compare_results - an order that puts results which are the same in everything side by side */
static int compare_results(const struct signature *a, const struct signature *b)
{
	int order = compare_texts(a->identifier.domain, b->identifier.domain);

	if (order == 0)
		order = compare_texts(a->identifier.selector, b->identifier.selector);
	if (order == 0)
		order = compare_texts(a->value, b->value);
	if (order == 0)
		order = (a->identifier.result > b->identifier.result) -
			(a->identifier.result < b->identifier.result);
	return order;
}

/* compare_signatures - the same for qsort(), the topmost first */
static int compare_signatures(const void *left, const void *right)
{
	const struct signature *a = *(const struct signature *const *)left;
	const struct signature *b = *(const struct signature *const *)right;
	int order = compare_results(a, b);

	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/*
 * mark_repeated - a signature that two verifiers have judged alike counts once
 *
 * Where they disagree both results stay, so that nobody hides a good signature
 * after a bad one of the same looks.
 */
static void mark_repeated(struct gathering *gathering)
{
	size_t count = gathering->signature_count;
	struct signature **sorted = pool_alloc(gathering->pool, count * sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &gathering->signatures[i];
	qsort(sorted, count, sizeof(*sorted), compare_signatures);
	for (size_t i = 1; i < count; i++)
		sorted[i]->repeated = compare_results(sorted[i - 1], sorted[i]) == 0;
}

/* set_dkim - the signatures that are left, from the top */
static void set_dkim(struct gathering *gathering, struct dmarc_input *input)
{
	size_t count = gathering->signature_count;
	struct dmarc_identifier *dkim = pool_alloc(gathering->pool, count * sizeof(*dkim));

	mark_repeated(gathering);
	for (size_t i = 0; i < count; i++) {
		if (!gathering->signatures[i].repeated)
			dkim[input->dkim_count++] = gathering->signatures[i].identifier;
	}
	input->dkim = dkim;
}

/* set_author - who it may be, and what was odd about finding out */
static void set_author(struct gathering *gathering, struct dmarc_input *input)
{
	author_read(gathering->pool, gathering->message, &input->author);
	input->author_domain = author_domain(&input->author);
	if (input->author.reason != NULL)
		trace_print(gathering->trace, "author: %s", input->author.reason);
	for (size_t i = 0; i < input->author.count; i++)
		trace_print(gathering->trace, "author domain: %s", input->author.domains[i]);
	for (size_t i = 0; i < input->author.guess_count; i++)
		trace_print(gathering->trace, "author domain, as some may read it: %s",
			    input->author.guesses[i]);
}

/* is_empty_path - the null sender, and no address whose domain is a literal */
static bool is_empty_path(struct slice sender)
{
	struct slice path = slice_trim(sender);

	return path.len == 0 || slice_is(path, "<>");
}

/* set_sender - as far as the caller knows MAIL FROM, and it is an address */
static void set_sender(struct gathering *gathering, struct dmarc_input *input)
{
	const char *sender = gathering->trust->sender;
	struct address address;

	if (sender == NULL)
		return;
	input->envelope_from = "";
	if (!address_parse_path(gathering->pool, slice_of(sender), &address))
		return;
	input->envelope_from = address.domain;
	if (*address.domain != '\0')
		gathering->sender_domain = address.domain;
	else
		gathering->null_sender = is_empty_path(slice_of(sender));
}

void dmarc_input_gather(struct pool *pool, const struct message *message,
			const struct dmarc_trust *trust, const struct trace *trace,
			struct dmarc_input *input)
{
	struct gathering gathering = {
	    .pool = pool, .message = message, .trust = trust, .trace = trace};
	*input = (struct dmarc_input){.author_domain = NULL};
	gathering.zone = authres_find_zone(pool, message, trust->hops, trust->seal, false);
	set_sender(&gathering, input);
	set_author(&gathering, input);
	if (trust->frame != NULL) {
		gather_frame(&gathering);
	} else {
		read_received_spf(&gathering);
		gather_authres(&gathering);
		take_received_spf(&gathering);
	}
	input->spf = gathering.spf;
	if (input->envelope_from == NULL && is_null_result(&gathering))
		input->envelope_from = "";
	set_dkim(&gathering, input);
	input->arc = gathering.arc;
}
