/*
 * part_read - containers and documents; see report/part_read.h
 */
#include "report/part_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "report/aggregate_read.h"
#include "report/text_octets.h"
#include "report/tls_read.h"
#include "report/zip_reader.h"

/* What is being read: the octets of a blob, unpacked if they are packed with gzip. */
struct document {
	struct octets octets; /* first member: the beginning once more, then the rest */
	struct part_reader *reader;
	const struct blob *blob;
	struct blob_octets plain;
	struct gunzip *gunzip; /* NULL: not packed */
	unsigned long long spent;
	size_t start; /* in beginning */
	size_t end;
	bool is_fresh; /* nothing but the beginning has been read */
	char beginning[TEXT_BEGINNING];
};

/* A part, while its containers are opened. */
struct part {
	struct part_reader *reader;
	unsigned level; /* containers around what is being read */
	const char *reason;
	struct error *error;
	bool failed;
};

static bool read_blob(struct part *part, const struct blob *blob);

void part_reader_init(struct part_reader *reader, const struct intake *intake)
{
	reader->intake = intake;
	reader->found = 0;
	unpack_budget_init(&reader->budget);
}

bool part_is_known(struct slice beginning)
{
	char first = text_first_character(beginning);

	return unpack_is_gzip(beginning) || unpack_is_zip(beginning) || first == '<' ||
	       first == '{';
}

/* read_through - from where it really comes; what is not unpacked is charged as well */
static size_t read_through(struct document *document, char *data, size_t size)
{
	struct octets *from =
	    document->gunzip != NULL ? &document->gunzip->octets : &document->plain.octets;
	size_t got = from->read(from, data, size);

	if (document->gunzip == NULL && !unpack_charge(&document->reader->budget, got))
		return 0;
	return got;
}

/* next_of_document - the beginning that was looked at, then the rest */
static size_t next_of_document(struct octets *octets, char *data, size_t size)
{
	struct document *document = (struct document *)octets;
	size_t len = document->end - document->start;

	if (len == 0) {
		document->is_fresh = false;
		return read_through(document, data, size);
	}
	len = len < size ? len : size;
	memcpy(data, document->beginning + document->start, len);
	document->start += len;
	return len;
}

/* start_document - reads its beginning, so that it can be told what it is */
static void start_document(struct document *document, bool is_packed)
{
	size_t got;

	blob_octets_init(&document->plain, document->blob);
	if (is_packed) {
		document->gunzip = memory_buffer(sizeof(*document->gunzip));
		gunzip_init(document->gunzip, &document->plain.octets, &document->reader->budget);
	}
	document->start = 0;
	document->end = 0;
	do {
		got = read_through(document, document->beginning + document->end,
				   TEXT_BEGINNING - document->end);
		document->end += got;
	} while (got > 0 && document->end < TEXT_BEGINNING);
	document->is_fresh = true;
}

/* stop_document - releases what it holds */
static void stop_document(struct document *document)
{
	if (document->gunzip != NULL)
		gunzip_end(document->gunzip);
	free(document->gunzip);
	document->gunzip = NULL;
}

/* open_document - from its beginning, for the second time too: that is not charged twice */
static struct octets *open_document(void *context)
{
	struct document *document = context;
	bool is_packed = document->gunzip != NULL;

	if (document->is_fresh && document->start == 0)
		return &document->octets;
	stop_document(document);
	document->reader->budget.unpacked = document->spent;
	start_document(document, is_packed);
	return &document->octets;
}

/* forget_document - what it has told */
static void forget_document(void *context)
{
	struct document *document = context;
	const struct intake_handler *handler = document->reader->intake->handler;

	handler->settle(handler->sink.context, INTAKE_DOCUMENT, false);
	handler->mark(handler->sink.context, INTAKE_DOCUMENT);
}

/* read_xml - perhaps an aggregate report */
static bool read_xml(struct part *part, struct document *document, size_t *reports)
{
	const struct intake_handler *handler = part->reader->intake->handler;
	const struct aggregate_source source = {document, open_document, forget_document,
						&part->reader->budget.damaged};
	bool good;

	handler->mark(handler->sink.context, INTAKE_DOCUMENT);
	good = aggregate_read(&source, &handler->sink, reports, &part->reason);
	return handler->settle(handler->sink.context, INTAKE_DOCUMENT, good) && good;
}

/* spool_document - a container in a container, so that it can be read as a blob */
static void spool_document(struct part *part, struct octets *octets)
{
	char *chunk = memory_buffer(UNPACK_INPUT);
	unsigned long long size = 0;
	struct spool spool;
	size_t got;

	spool_init(&spool, INTAKE_MEMORY_MAX);
	while (!part->failed && (got = octets->read(octets, chunk, UNPACK_INPUT)) > 0) {
		part->failed = !spool_add(&spool, chunk, got, part->error);
		size += got;
	}
	free(chunk);
	if (!part->failed && part->reader->budget.refused == NULL) {
		struct blob blob = blob_of_spool(&spool, size);

		read_blob(part, &blob);
	}
	spool_free(&spool);
}

/* read_document - a report, a container, or nothing of use */
static bool read_document(struct part *part, struct document *document)
{
	struct slice beginning = slice_from(document->beginning, document->end);
	char first = text_first_character(beginning);
	size_t reports = 0;
	bool good = true;

	if (document->gunzip != NULL && (unpack_is_gzip(beginning) || unpack_is_zip(beginning)))
		spool_document(part, &document->octets);
	else if (first == '<')
		good = read_xml(part, document, &reports);
	else if (first == '{')
		good = tls_read(&document->octets, &part->reader->budget.damaged,
				&part->reader->intake->handler->sink, &reports, &part->reason);
	if (good)
		part->reader->found += reports;
	return good;
}

/* read_plain - what is packed with gzip, or not at all */
static bool read_plain(struct part *part, const struct blob *blob, bool is_packed)
{
	struct document *document = memory_buffer(sizeof(*document));
	bool good;

	document->octets.read = next_of_document;
	document->reader = part->reader;
	document->blob = blob;
	document->gunzip = NULL;
	document->spent = part->reader->budget.unpacked;
	start_document(document, is_packed);
	good = read_document(part, document);
	stop_document(document);
	free(document);
	return good;
}

/* has_ending - of a name, in any case */
static bool has_ending(struct slice name, const char *ending)
{
	size_t len = strlen(ending);

	return name.len >= len &&
	       slice_is_nocase(slice_from(name.data + name.len - len, len), ending);
}

/* take_member - of a zip archive */
static bool take_member(void *context, struct slice name, struct octets *octets)
{
	struct part *part = context;

	if (has_ending(name, ".xml") || has_ending(name, ".json") || has_ending(name, ".gz") ||
	    has_ending(name, ".zip"))
		spool_document(part, octets);
	return !part->failed && part->reason == NULL && part->reader->budget.refused == NULL;
}

/* read_blob - a container, or a document; false if nothing of it counts */
static bool read_blob(struct part *part, const struct blob *blob)
{
	char text[TEXT_BEGINNING];
	struct slice beginning = slice_from(text, blob_read(blob, 0, text, sizeof(text)));
	bool is_gzip = unpack_is_gzip(beginning);
	bool good = true;

	if (!is_gzip && !unpack_is_zip(beginning))
		return read_plain(part, blob, false);
	if (part->level == INTAKE_LEVELS_MAX)
		return true;
	part->level++;
	if (is_gzip)
		good = read_plain(part, blob, true);
	else
		zip_read(blob, &part->reader->budget, take_member, part);
	part->level--;
	return good;
}

bool part_read(struct part_reader *reader, const struct blob *blob, struct error *error)
{
	const struct intake_handler *handler = reader->intake->handler;
	struct unpack_budget *budget = &reader->budget;
	struct part part = {.reader = reader, .error = error};
	size_t before = reader->found;
	const char *reason;
	bool kept;

	if (budget->refused != NULL)
		return true; /* the mail has spent all */
	handler->mark(handler->sink.context, INTAKE_PART);
	budget->damaged = false;
	budget->unreadable = NULL;
	unpack_begin(budget, blob->size);
	read_blob(&part, blob);
	reason = budget->refused != NULL ? budget->refused : part.reason;
	if (reason == NULL && reader->found == before)
		reason = budget->unreadable;
	kept = !part.failed && reason == NULL;
	if (!kept)
		reader->found = before;
	if (!handler->settle(handler->sink.context, INTAKE_PART, kept))
		return true; /* the handler has its own error */
	return !part.failed && (reason == NULL || handler->refuse(handler->sink.context, reason));
}
