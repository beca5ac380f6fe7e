/*
 * aggregate_read - from elements to rows; see report/aggregate_read.h
 */
#include "report/aggregate_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "mail/ip_address.h"
#include "report/aggregate_words.h"
#include "report/text_octets.h"
#include "report/xml_lenient.h"
#include "report/xml_strict.h"

#define RECORD_USES 64 /* records before their memory is given back */

/* A DKIM or SPF result that is being read. */
struct auth_result {
	const char *domain;
	const char *detail; /* selector or scope */
	const char *result;
};

/* A record that is being read. */
struct record {
	struct pool *pool;
	unsigned uses; /* records that the pool has served */
	const char *source;
	const char *count;
	const char *disposition;
	const char *dkim;
	const char *spf;
	const char *header_from;
	const char *envelope_from;
	const char *envelope_to;
	struct buffer results;
	unsigned result_count;
	struct buffer reasons;
	struct auth_result auth;
};

struct aggregate_reader {
	const struct incoming_sink *sink;
	const bool *damaged;
	struct pool *pool; /* of the report */
	struct incoming_head head;
	struct record record;
	struct buffer text;        /* in the innermost element, since the last tag */
	struct xml_repairs mended; /* since the last report */
	const char *reason;
	size_t reports;
	size_t depth;
	size_t feedback; /* depth of the report's element; 0: none is open */
	size_t record_depth;
	bool has_head;   /* of a report that is over and has not been told yet */
	bool has_blanks; /* before the document */
	bool ended;      /* by the sink, or it counts for nothing */
	bool by_sink;
	unsigned char path[XML_DEPTH_MAX + 1];
};

/* count_repair - one more */
static void count_repair(struct aggregate_reader *reader, unsigned what)
{
	reader->head.repairs.counts[what]++;
}

/* parent_of - the element around the innermost one */
static enum element parent_of(const struct aggregate_reader *reader)
{
	return reader->depth > 1 ? reader->path[reader->depth - 2] : ELEMENT_OTHER;
}

/* value_text - of the innermost element, clean and kept as long as its record or its report */
static const char *value_text(struct aggregate_reader *reader, struct pool *pool, size_t max)
{
	bool cut = reader->text.overflow;
	const char *text = incoming_text(pool, buffer_slice(&reader->text), max, &cut);

	if (cut)
		count_repair(reader, REPAIR_LENGTH);
	return text;
}

/* set_once - what is said twice counts as it was said first */
static void set_once(struct aggregate_reader *reader, struct pool *pool, const char **field)
{
	if (*field == NULL || **field == '\0')
		*field = value_text(reader, pool, INCOMING_FIELD_MAX);
}

/* set_word - the same in lower case */
static void set_word(struct aggregate_reader *reader, struct pool *pool, const char **field)
{
	if (*field == NULL || **field == '\0')
		*field = incoming_word(pool, buffer_slice(&reader->text));
}

/* or_empty - a field that was not there */
static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

/* fill_head - what was missing */
static void fill_head(struct incoming_head *head)
{
	const char **const fields[] = {&head->org,    &head->email,     &head->id,    &head->domain,
				       &head->policy, &head->generator, &head->remark};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		*fields[i] = or_empty(*fields[i]);
	head->missing =
	    (*head->org == '\0' ? MISSING_ORG : 0U) | (*head->id == '\0' ? MISSING_ID : 0U) |
	    (*head->domain == '\0' ? MISSING_DOMAIN : 0U) |
	    (head->begin == 0 ? MISSING_BEGIN : 0U) | (head->end == 0 ? MISSING_END : 0U);
}

/* free_record - it is over, or has never been */
static void free_record(struct record *record)
{
	buffer_free(&record->results);
	buffer_free(&record->reasons);
	pool_free(record->pool);
	*record = (struct record){.pool = NULL};
}

/* renew_record - for the next one; memory is kept for some, so that it is not asked for each time
 */
static void renew_record(struct record *record)
{
	struct record next = {.pool = record->pool,
			      .results = record->results,
			      .reasons = record->reasons,
			      .uses = record->uses + 1};

	if (next.pool == NULL || next.uses > RECORD_USES) {
		free_record(record);
		next = (struct record){.pool = pool_new()};
		buffer_init(&next.results, INCOMING_RESULTS_MAX * 4 * INCOMING_FIELD_MAX);
		buffer_init(&next.reasons, INCOMING_FIELD_MAX);
	}
	buffer_reset(&next.results);
	buffer_reset(&next.reasons);
	*record = next;
}

/* finish_report - its element is over; what comes after it may still need a repair */
static void finish_report(struct aggregate_reader *reader, bool complete)
{
	if (reader->record_depth != 0) {
		count_repair(reader, REPAIR_RECORD);
		complete = false;
		reader->record_depth = 0;
	}
	reader->head.incomplete = reader->head.incomplete || !complete;
	fill_head(&reader->head);
	reader->has_head = true;
	reader->feedback = 0;
}

/* tell_report - the head of the one that is over */
static void tell_report(struct aggregate_reader *reader)
{
	if (!reader->has_head)
		return;
	for (unsigned i = 0; i < XML_REPAIRS; i++)
		reader->head.repairs.counts[i] = reader->mended.counts[i];
	reader->head.repairs.counts[REPAIR_BLANKS] = reader->has_blanks;
	reader->head.repairs.counts[REPAIR_CONTAINER] = *reader->damaged;
	reader->mended = (struct xml_repairs){.counts = {0}};
	if (!reader->ended)
		reader->ended = !reader->sink->end(reader->sink->context, &reader->head);
	pool_free(reader->pool);
	reader->pool = NULL;
	reader->has_head = false;
}

/* begin_report - its element has begun */
static void begin_report(struct aggregate_reader *reader)
{
	tell_report(reader);
	reader->feedback = reader->depth;
	reader->pool = pool_new();
	reader->head = (struct incoming_head){.kind = INCOMING_AGGREGATE};
	reader->reports++;
	if (!reader->ended)
		reader->ended = !reader->sink->begin(reader->sink->context, INCOMING_AGGREGATE);
}

/* begin_record - a new row */
static void begin_record(struct aggregate_reader *reader)
{
	reader->record_depth = reader->depth;
	renew_record(&reader->record);
}

/* add_report_line - a result, see report/incoming.h */
static void add_report_line(struct buffer *results, const char *method,
			    const struct auth_result *auth, const char *word)
{
	buffer_add_text(results, method);
	buffer_add_byte(results, '\t');
	buffer_add_text(results, or_empty(auth->domain));
	buffer_add_byte(results, '\t');
	buffer_add_text(results, or_empty(auth->detail));
	buffer_add_byte(results, '\t');
	buffer_add_text(results, word);
	buffer_add_byte(results, '\n');
}

/* add_result - a DKIM or SPF result is complete */
static void add_result(struct aggregate_reader *reader, const char *method)
{
	struct record *record = &reader->record;
	const struct auth_result *auth = &record->auth;
	bool mapped = false;
	const char *word = aggregate_result_word(or_empty(auth->result), &mapped);

	if (mapped)
		count_repair(reader, REPAIR_WORD);
	if (++record->result_count > INCOMING_RESULTS_MAX)
		count_repair(reader, REPAIR_RESULTS);
	else
		add_report_line(&record->results, method, auth, word);
	record->auth = (struct auth_result){.domain = NULL};
}

/* add_reason - the type of an override, once */
static void add_reason(struct aggregate_reader *reader, const char *word)
{
	struct record *record = &reader->record;

	word = aggregate_reason_word(word);
	if (word == NULL ||
	    (record->reasons.len > 0 &&
	     memmem(record->reasons.data, record->reasons.len, word, strlen(word)) != NULL))
		return;
	if (record->reasons.len > 0)
		buffer_add_byte(&record->reasons, ' ');
	buffer_add_text(&record->reasons, word);
}

/* is_aligned_pass - a word of policy_evaluated */
static bool is_aligned_pass(struct aggregate_reader *reader, const char *word)
{
	if (strcmp(or_empty(word), "pass") != 0 && strcmp(or_empty(word), "fail") != 0)
		count_repair(reader, REPAIR_WORD);
	return strcmp(or_empty(word), "pass") == 0;
}

/* row_of - all that was read; texts are those of the record */
static struct incoming_row row_of(struct aggregate_reader *reader)
{
	struct record *record = &reader->record;
	bool mapped = false;
	struct incoming_row row = {
	    .disposition = aggregate_disposition(or_empty(record->disposition), &mapped),
	    .dkim = is_aligned_pass(reader, record->dkim),
	    .spf = is_aligned_pass(reader, record->spf),
	    .header_from = or_empty(record->header_from),
	    .envelope_from = or_empty(record->envelope_from),
	    .envelope_to = or_empty(record->envelope_to),
	    .results = slice_copy(record->pool, buffer_slice(&record->results)),
	    .reasons = slice_copy(record->pool, buffer_slice(&record->reasons)),
	};

	if (mapped)
		count_repair(reader, REPAIR_WORD);
	return row;
}

/* is_address - an IP address and nothing else (inet_pton(3)) */
static bool is_address(const char *text, struct ip_address *address)
{
	for (const char *byte = text; *byte != '\0'; byte++) {
		if (!is_hexdigit(*byte) && *byte != '.' && *byte != ':')
			return false;
	}
	return ip_address_parse(slice_of(text), address);
}

/* tell_record - as a row, or why it is none */
static bool tell_record(struct aggregate_reader *reader)
{
	const struct incoming_sink *sink = reader->sink;
	struct record *record = &reader->record;
	struct incoming_row row = row_of(reader);
	struct ip_address address;

	if (record->source == NULL)
		return sink->reject(sink->context, "no address of a sending host", "");
	if (!is_address(record->source, &address))
		return sink->reject(sink->context, "no IP address", record->source);
	if (record->count == NULL)
		return sink->reject(sink->context, "no number of messages", record->source);
	if (!slice_to_number(slice_of(record->count), INCOMING_COUNT_MAX, &row.messages) ||
	    row.messages == 0)
		return sink->reject(sink->context, "not a number of messages from 1 to 10^9",
				    record->count);
	row.source = address.text;
	return sink->row(sink->context, &row);
}

/* end_record - with its end tag, or without */
static void end_record(struct aggregate_reader *reader, bool closed)
{
	if (closed)
		reader->ended = reader->ended || !tell_record(reader);
	else
		count_repair(reader, REPAIR_RECORD);
	reader->head.incomplete = reader->head.incomplete || !closed;
	reader->record_depth = 0;
}

/* end_in_record - a value of a row */
static void end_in_record(struct aggregate_reader *reader, enum element element,
			  enum element parent)
{
	struct record *record = &reader->record;
	struct pool *pool = record->pool;
	bool in_result = parent == ELEMENT_DKIM || parent == ELEMENT_SPF;

	if (element == ELEMENT_SOURCE_IP && (parent == ELEMENT_ROW || parent == ELEMENT_RECORD))
		set_word(reader, pool, &record->source);
	else if (element == ELEMENT_COUNT && (parent == ELEMENT_ROW || parent == ELEMENT_RECORD))
		set_once(reader, pool, &record->count);
	else if (element == ELEMENT_DISPOSITION)
		set_word(reader, pool, &record->disposition);
	else if (element == ELEMENT_DKIM && parent == ELEMENT_EVALUATED)
		set_word(reader, pool, &record->dkim);
	else if (element == ELEMENT_SPF && parent == ELEMENT_EVALUATED)
		set_word(reader, pool, &record->spf);
	else if (element == ELEMENT_DKIM && parent == ELEMENT_AUTH)
		add_result(reader, "dkim");
	else if (element == ELEMENT_SPF && parent == ELEMENT_AUTH)
		add_result(reader, "spf");
	else if (element == ELEMENT_REASON || (element == ELEMENT_TYPE && parent == ELEMENT_REASON))
		add_reason(reader, incoming_word(pool, buffer_slice(&reader->text)));
	else if (element == ELEMENT_HEADER_FROM)
		set_word(reader, pool, &record->header_from);
	else if (element == ELEMENT_ENVELOPE_FROM)
		set_word(reader, pool, &record->envelope_from);
	else if (element == ELEMENT_ENVELOPE_TO)
		set_word(reader, pool, &record->envelope_to);
	else if (element == ELEMENT_DOMAIN && in_result)
		set_word(reader, pool, &record->auth.domain);
	else if ((element == ELEMENT_SELECTOR || element == ELEMENT_SCOPE) && in_result)
		set_word(reader, pool, &record->auth.detail);
	else if (element == ELEMENT_RESULT && in_result)
		set_word(reader, pool, &record->auth.result);
}

/* set_time - begin or end */
static void set_time(struct aggregate_reader *reader, long long *field)
{
	bool mended;

	if (*field != 0)
		return;
	*field = incoming_time(slice_trim(buffer_slice(&reader->text)), &mended);
	if (mended)
		count_repair(reader, REPAIR_PERIOD);
}

/* add_read_policy - one tag of what was published */
static void add_read_policy(struct aggregate_reader *reader, const char *tag)
{
	const char *value = incoming_word(reader->pool, buffer_slice(&reader->text));
	const char *before = or_empty(reader->head.policy);

	if (*value != '\0' && strlen(before) < INCOMING_FIELD_MAX)
		reader->head.policy = pool_printf(reader->pool, "%s%s%s=%s", before,
						  *before != '\0' ? " " : "", tag, value);
}

/* end_in_policy - a value of policy_published; of several the first one counts */
static void end_in_policy(struct aggregate_reader *reader, enum element element)
{
	if (element == ELEMENT_DOMAIN)
		set_word(reader, reader->pool, &reader->head.domain);
	else if (aggregate_policy_tag(element) != NULL)
		add_read_policy(reader, aggregate_policy_tag(element));
}

/* end_in_report - a value of the head */
static void end_in_report(struct aggregate_reader *reader, enum element element,
			  enum element parent)
{
	struct incoming_head *head = &reader->head;
	struct pool *pool = reader->pool;

	if (parent == ELEMENT_POLICY) {
		end_in_policy(reader, element);
	} else if (element == ELEMENT_ORG) {
		set_once(reader, pool, &head->org);
	} else if (element == ELEMENT_EMAIL) {
		set_once(reader, pool, &head->email);
	} else if (element == ELEMENT_REPORT_ID) {
		if (head->id == NULL || *head->id == '\0')
			head->id = value_text(reader, pool, INCOMING_ID_MAX);
	} else if (element == ELEMENT_BEGIN) {
		set_time(reader, &head->begin);
	} else if (element == ELEMENT_END) {
		set_time(reader, &head->end);
	} else if (element == ELEMENT_ERROR) {
		set_once(reader, pool, &head->remark);
	} else if (element == ELEMENT_GENERATOR) {
		set_once(reader, pool, &head->generator);
	}
}

/* element_start - of any */
static bool element_start(void *context, struct slice name)
{
	struct aggregate_reader *reader = context;
	enum element element = aggregate_element(name);

	buffer_reset(&reader->text);
	if (element == ELEMENT_HTML && reader->depth == 0)
		return false; /* a page, not a report */
	reader->path[reader->depth++] = (unsigned char)element;
	if (element == ELEMENT_FEEDBACK && reader->feedback == 0)
		begin_report(reader);
	else if (element == ELEMENT_RECORD && reader->feedback != 0 && reader->record_depth == 0)
		begin_record(reader);
	return !reader->ended;
}

/* element_text - of the innermost element */
static bool element_text(void *context, struct slice text)
{
	struct aggregate_reader *reader = context;

	if (reader->feedback != 0 && !reader->text.overflow)
		buffer_add_slice(&reader->text, text);
	return true;
}

/* element_end - of the innermost element */
static bool element_end(void *context, bool closed)
{
	struct aggregate_reader *reader = context;
	enum element element = reader->path[reader->depth - 1];

	if (reader->feedback != 0) {
		if (reader->depth == reader->record_depth)
			end_record(reader, closed);
		else if (reader->depth == reader->feedback)
			finish_report(reader, closed);
		else if (reader->record_depth != 0)
			end_in_record(reader, element, parent_of(reader));
		else
			end_in_report(reader, element, parent_of(reader));
	}
	buffer_reset(&reader->text);
	reader->depth--;
	return !reader->ended;
}

/* end_reading - what is still open */
static void end_reading(struct aggregate_reader *reader)
{
	if (reader->feedback != 0)
		finish_report(reader, false);
	tell_report(reader);
	free_record(&reader->record);
	buffer_free(&reader->text);
}

/* read_once - strictly, or leniently and with the repairs that were needed */
static enum xml_outcome read_once(struct aggregate_reader *reader, struct octets *octets,
				  bool lenient)
{
	const struct xml_handler handler = {reader, element_start, element_text, element_end};
	struct text_octets *text = memory_buffer(sizeof(*text));
	enum xml_outcome outcome;

	buffer_init(&reader->text, XML_TOKEN_MAX);
	text_octets_init(text, octets);
	reader->has_blanks = text->has_blanks;
	outcome = lenient ? xml_lenient(&text->octets, &handler, &reader->mended, &reader->reason)
			  : xml_strict(&text->octets, &handler, &reader->reason);
	free(text);
	reader->by_sink = reader->ended;
	/* broken: it is read again */
	reader->ended = outcome != XML_COMPLETE && outcome != XML_CUT;
	end_reading(reader);
	return outcome;
}

bool aggregate_read(const struct aggregate_source *source, const struct incoming_sink *sink,
		    size_t *reports, const char **reason)
{
	struct aggregate_reader *reader = memory_alloc(sizeof(*reader));
	enum xml_outcome outcome = XML_BROKEN;
	bool by_sink;

	for (int lenient = 0; lenient <= 1 && outcome == XML_BROKEN; lenient++) {
		if (lenient)
			source->forget(source->context);
		memset(reader, 0, sizeof(*reader));
		reader->sink = sink;
		reader->damaged = source->damaged;
		outcome = read_once(reader, source->open(source->context), lenient);
	}
	by_sink = reader->by_sink || (reader->ended && outcome != XML_STOPPED);
	*reports = reader->reports;
	*reason = reader->reason;
	free(reader);
	return outcome != XML_REFUSED && !by_sink;
}
