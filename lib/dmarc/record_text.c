/*
 * record_text - the one form in which a DMARC record is kept; see dmarc/record_text.h
 */
#include "dmarc/record_text.h"

#include <string.h>

#include "base/pool.h"
#include "dmarc/destination.h"

#define RECORD_TEXT_MAX (1U << 17) /* of one DNS answer: 65,535 octets, some of them repeated */
#define RUF_ROOM        1024       /* of a record that is cut: rua leaves so many octets to ruf */
#define FO_ROOM         16         /* "; fo=1:d:s" */

/* add_text_policy - a policy tag that is there */
static void add_text_policy(struct buffer *text, const char *tag, enum dmarc_policy policy)
{
	if (policy != DMARC_POLICY_UNSET)
		buffer_printf(text, "; %s=%s", tag, dmarc_policy_word(policy));
}

/* add_destinations - of a tag, as published, or only those that can be used and fit in */
static void add_destinations(struct pool *pool, struct buffer *text, const char *tag,
			     const char *list, size_t most)
{
	const char *separator = pool_printf(pool, "; %s=", tag);
	struct dmarc_destinations destinations;

	if (list == NULL)
		return;
	if (most == RECORD_TEXT_MAX) {
		buffer_printf(text, "%s%s", separator, list);
		return;
	}
	dmarc_destinations_parse(pool, slice_of(list), &destinations);
	for (size_t i = 0; i < destinations.count; i++) {
		const char *uri = destinations.items[i].uri;

		if (destinations.items[i].blocked_reason != NULL ||
		    text->len + strlen(separator) + strlen(uri) > most)
			continue;
		buffer_printf(text, "%s%s", separator, uri);
		separator = ",";
	}
}

/* record_text - with at most so many octets, RECORD_TEXT_MAX for all of it */
static const char *record_text(struct pool *pool, const struct dmarc_record *record, size_t most)
{
	struct buffer text;
	const char *copy;

	buffer_init(&text, RECORD_TEXT_MAX);
	buffer_add_text(&text, "v=DMARC1");
	add_text_policy(&text, "p", record->p);
	add_text_policy(&text, "sp", record->sp);
	add_text_policy(&text, "np", record->np);
	if (record->psd != 'u')
		buffer_printf(&text, "; psd=%c", record->psd);
	if (record->testing)
		buffer_add_text(&text, "; t=y");
	if (record->dkim_strict)
		buffer_add_text(&text, "; adkim=s");
	if (record->spf_strict)
		buffer_add_text(&text, "; aspf=s");
	add_destinations(pool, &text, "rua", record->rua,
			 most == RECORD_TEXT_MAX ? most : most - RUF_ROOM);
	add_destinations(pool, &text, "ruf", record->ruf, most);
	if (strcmp(record->fo, "0") != 0)
		buffer_printf(&text, "; fo=%s", record->fo);
	copy = slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return copy;
}

const char *dmarc_record_text(struct pool *pool, const struct dmarc_record *record)
{
	const char *text = record_text(pool, record, RECORD_TEXT_MAX);

	if (strlen(text) > DMARC_RECORD_TEXT_MAX)
		text = record_text(pool, record, DMARC_RECORD_TEXT_MAX - FO_ROOM);
	return text;
}
