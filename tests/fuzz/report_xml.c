/*
 * report_xml - aggregate reports; and both readers of XML tell the same of what is well-formed
 */
#include "report/aggregate_read.h"

#include "base/pool.h"
#include "fuzz.h"
#include "report/text_octets.h"
#include "report/xml_lenient.h"
#include "report/xml_strict.h"
#include "report_sink.h"

#define EVENTS_MAX (4U << 20)

/* The events of a document as a text. */
static bool note_start(void *context, struct slice name)
{
	buffer_add_byte(context, '<');
	return buffer_add_slice(context, name);
}

static bool note_text(void *context, struct slice text)
{
	struct buffer *events = context;

	/* One reader has \r\n as a line end, the other one as it is. */
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '\r' && text.data[i] != '\n')
			buffer_add_byte(events, text.data[i]);
	}
	return true;
}

static bool note_end(void *context, bool closed)
{
	(void)closed;
	return buffer_add_byte(context, '>');
}

/* read_events - by one of the readers */
static enum xml_outcome read_events(const struct blob *blob, bool lenient, struct buffer *events)
{
	const struct xml_handler handler = {events, note_start, note_text, note_end};
	struct xml_repairs repairs = {.counts = {0}};
	struct blob_octets octets;
	struct text_octets text;
	const char *reason;

	buffer_init(events, EVENTS_MAX);
	blob_octets_init(&octets, blob);
	text_octets_init(&text, &octets.octets);
	return lenient ? xml_lenient(&text.octets, &handler, &repairs, &reason)
		       : xml_strict(&text.octets, &handler, &reason);
}

/* is_small - no tag is so long that one of the readers minds */
static bool is_small(struct slice input)
{
	return input.len < XML_TOKEN_MAX;
}

/* check_readers - the same events */
static void check_readers(const struct blob *blob, struct slice input)
{
	struct buffer strict, lenient;
	bool is_same;

	if (read_events(blob, false, &strict) == XML_COMPLETE && is_small(input)) {
		enum xml_outcome outcome = read_events(blob, true, &lenient);

		is_same = outcome == XML_COMPLETE &&
			  slice_equal(buffer_slice(&strict), buffer_slice(&lenient));
		fuzz_expect(is_same);
		buffer_free(&lenient);
	}
	buffer_free(&strict);
}

/* A document that can be opened twice. */
struct twice {
	const struct blob *blob;
	struct blob_octets octets;
	struct counted *counted;
};

static struct octets *open_again(void *context)
{
	struct twice *twice = context;

	blob_octets_init(&twice->octets, twice->blob);
	return &twice->octets.octets;
}

static void forget(void *context)
{
	struct twice *twice = context;

	*twice->counted = (struct counted){.begun = 0};
}

void fuzz_one(struct slice input)
{
	const struct blob blob = {.data = input.data, .fd = -1, .size = input.len};
	const bool damaged = false;
	struct counted counted = {.begun = 0};
	struct twice twice = {.blob = &blob, .counted = &counted};
	const struct aggregate_source source = {&twice, open_again, forget, &damaged};
	const struct incoming_sink sink = sink_for(&counted);
	const char *reason;
	size_t reports;

	if (input.len == 0)
		return;
	check_readers(&blob, input);
	if (aggregate_read(&source, &sink, &reports, &reason)) {
		fuzz_expect(counted.begun == reports);
		fuzz_expect(counted.ended == reports || reason == NULL);
	}
}
