/*
 * verdict - what the stages of a stream have found; see postfix/verdict.h
 */
#include "postfix/verdict.h"

#include <string.h>

#include "base/pool.h"
#include "base/printable.h"
#include "mail/authres_parse.h"
#include "mail/taglist.h"

#define LINE_MAX   4096 /* octets of a line, as far as lists are concerned */
#define REASON_MAX 300  /* octets of a reason */

static const char *const words[] = {
    [DISPOSITION_ABSENT] = "",
    [DISPOSITION_NONE] = "none",
    [DISPOSITION_QUARANTINE] = "quarantine",
    [DISPOSITION_REJECT] = "reject",
    [DISPOSITION_DEFER] = "defer",
};

/* clean - a text without these octets */
static char *clean(char *text, const char *octets)
{
	for (char *p = text; *p != '\0'; p++) {
		if (strchr(octets, *p) != NULL)
			*p = '?';
	}
	return text;
}

const char *verdict_word(struct pool *pool, const char *text)
{
	return clean(text_printable(pool, slice_of(text)), " \",;<>[]");
}

const char *verdict_reason(struct pool *pool, struct slice text)
{
	if (text.len > REASON_MAX)
		text.len = REASON_MAX;
	return clean(text_printable(pool, text), "\"");
}

/* add_pair - one more "DOMAIN:WORD" of a list */
static void add_pair(struct pool *pool, const char **list, const char *domain, const char *word)
{
	if (strlen(*list) > LINE_MAX)
		return;
	*list = pool_printf(pool, "%s%s%s%s%s", *list, **list != '\0' ? "," : "",
			    verdict_word(pool, domain), *domain != '\0' ? ":" : "",
			    verdict_word(pool, word));
}

/* property - of a result; "" if it has none */
static const char *property(const struct authres_result *result, const char *type, const char *name)
{
	const char *value = authres_property(result, type, name);

	return value != NULL ? value : "";
}

/* policy_in - of "dmarc=fail (p=reject dis=none) ..." (RFC 9989 10.1: p= in a comment) */
static const char *policy_in(struct pool *pool, struct slice text)
{
	static const char mark[] = "(p=";
	const char *start = slice_copy(pool, text);
	const char *found = strstr(start, mark);

	if (found == NULL)
		return "";
	found += strlen(mark);
	return verdict_word(pool, pool_copy(pool, found, strcspn(found, " )")));
}

/* take_result - one resinfo */
static void take_result(struct pool *pool, struct slice text, unsigned *signatures,
			struct verdict *verdict)
{
	struct authres authres;
	const struct authres_result *result;
	const char *value = pool_printf(pool, "x; %s", slice_copy(pool, text));

	if (!authres_parse(pool, slice_of(value), &authres) || authres.count == 0)
		return;
	result = &authres.results[0];
	if (strcmp(result->method, "spf") == 0) {
		verdict->spf = verdict_word(pool, result->word);
	} else if (strcmp(result->method, "dkim") == 0) {
		if ((*signatures)++ < VERDICT_SIGNATURES_MAX)
			add_pair(pool, &verdict->dkim, property(result, "header", "d"),
				 result->word);
	} else if (strcmp(result->method, "dmarc") == 0) {
		verdict->dmarc = verdict_word(pool, result->word);
		verdict->author = verdict_word(pool, property(result, "header", "from"));
		verdict->policy = policy_in(pool, text);
	}
}

static enum disposition disposition_of(struct slice text)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_is(text, words[i]))
			return (enum disposition)i;
	}
	return DISPOSITION_ABSENT;
}

/* take_attribute - of the frame that came out */
static void take_attribute(struct pool *pool, struct slice name, struct slice value,
			   unsigned *signatures, struct verdict *verdict)
{
	if (slice_is(name, "result")) {
		take_result(pool, value, signatures, verdict);
	} else if (slice_is(name, "disposition")) {
		verdict->disposition = disposition_of(value);
	} else if (slice_is(name, "reason")) {
		verdict->reason = verdict_reason(pool, value);
	}
}

/* take_signature - of a field DKIM-Signature that has been added: whose it is */
static void take_signature(struct pool *pool, struct slice value, struct verdict *verdict)
{
	struct taglist list;
	struct error error;
	const struct slice *domain, *selector;

	if (!taglist_parse(pool, value, &list, &error))
		return;
	domain = taglist_value(&list, "d");
	selector = taglist_value(&list, "s");
	if (domain != NULL && selector != NULL)
		add_pair(pool, &verdict->signed_by, slice_copy(pool, *domain),
			 slice_copy(pool, *selector));
}

void verdict_read(struct pool *pool, const struct frame *frame, const struct changes *changes,
		  struct verdict *verdict)
{
	struct slice rest = buffer_slice(&frame->attributes);
	struct slice name, value;
	unsigned signatures = 0;

	*verdict = (struct verdict){.author = "",
				    .spf = "",
				    .dkim = "",
				    .dmarc = "",
				    .policy = "",
				    .reason = "",
				    .signed_by = ""};
	while (frame_next(&rest, &name, &value))
		take_attribute(pool, name, value, &signatures, verdict);
	if (signatures > VERDICT_SIGNATURES_MAX)
		verdict->dkim = pool_printf(pool, "%s,...", verdict->dkim);
	for (size_t i = 0; i < changes->added_count && i < VERDICT_SIGNATURES_MAX; i++) {
		if (slice_is_nocase(changes->added[i].name, "DKIM-Signature"))
			take_signature(pool, changes->added[i].value, verdict);
	}
}

const char *verdict_line(struct pool *pool, const struct milter_client *client,
			 const struct milter_message *message, const struct verdict *verdict,
			 const char *action, double seconds)
{
	const char *line = pool_printf(
	    pool, "%s: client=%s[%s], helo=<%s>, from=<%s>", verdict_word(pool, message->queue_id),
	    client->is_local ? "localhost" : verdict_word(pool, client->name),
	    verdict_word(pool, client->address), verdict_word(pool, client->helo),
	    verdict_word(pool, message->sender));
	const struct {
		const char *name;
		const char *value;
	} attributes[] = {
	    {"author", verdict->author},    {"spf", verdict->spf},
	    {"dkim", verdict->dkim},        {"dmarc", verdict->dmarc},
	    {"policy", verdict->policy},    {"disposition", words[verdict->disposition]},
	    {"signed", verdict->signed_by},
	};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		if (*attributes[i].value != '\0')
			line = pool_printf(pool, "%s, %s=%s", line, attributes[i].name,
					   attributes[i].value);
	}
	line = pool_printf(pool, "%s, action=%s", line, action);
	if (*verdict->reason != '\0')
		line = pool_printf(pool, "%s, reason=\"%s\"", line, verdict->reason);
	return pool_printf(pool, "%s, delay=%.2f", line, seconds);
}
