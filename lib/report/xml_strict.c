/*
 * xml_strict - well-formed XML, by expat; see report/xml_strict.h
 *
 * expat keeps what it has not understood yet: a tag of 100 MB would be held in memory. So it is
 * left alone as soon as it has told nothing for the length of the longest tag.
 */
#include "report/xml_strict.h"

#include <expat.h>
#include <string.h>

#include "base/pool.h"

#define DOCTYPE_REASON "it has a document type (DOCTYPE), which may define anything"
#define DEPTH_REASON   "its elements are nested deeper than 256"

struct strict_reader {
	XML_Parser parser;
	const struct xml_handler *handler;
	unsigned depth;
	enum xml_outcome outcome; /* if it was ended */
	const char *reason;
};

struct slice xml_local_name(struct slice name)
{
	return slice_skip(name, slice_find(name, ':') < name.len ? slice_find(name, ':') + 1 : 0);
}

/* end_strict - nothing more is told */
static void end_strict(struct strict_reader *reader, enum xml_outcome outcome, const char *reason)
{
	reader->outcome = outcome;
	reader->reason = reason;
	XML_StopParser(reader->parser, XML_FALSE);
}

/* strict_start - for expat */
static void strict_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
	struct strict_reader *reader = context;

	(void)attributes;
	if (reader->outcome != XML_COMPLETE)
		return;
	if (++reader->depth > XML_DEPTH_MAX)
		end_strict(reader, XML_REFUSED, DEPTH_REASON);
	else if (!reader->handler->start(reader->handler->context, xml_local_name(slice_of(name))))
		end_strict(reader, XML_STOPPED, NULL);
}

/* strict_end - for expat */
static void strict_end(void *context, const XML_Char *name)
{
	struct strict_reader *reader = context;

	(void)name;
	reader->depth--;
	if (reader->outcome == XML_COMPLETE &&
	    !reader->handler->end(reader->handler->context, true))
		end_strict(reader, XML_STOPPED, NULL);
}

/* strict_text - for expat */
static void strict_text(void *context, const XML_Char *text, int len)
{
	struct strict_reader *reader = context;

	if (reader->outcome == XML_COMPLETE &&
	    !reader->handler->text(reader->handler->context, slice_from(text, (size_t)len)))
		end_strict(reader, XML_STOPPED, NULL);
}

/* strict_doctype - for expat */
static void strict_doctype(void *context, const XML_Char *name, const XML_Char *system,
			   const XML_Char *public, int internal)
{
	struct slice type = slice_of(name);

	(void)system;
	(void)public;
	(void)internal;
	if (slice_is_nocase(type, "html"))
		end_strict(context, XML_STOPPED, NULL);
	else
		end_strict(context, XML_REFUSED, DOCTYPE_REASON);
}

/* feed_strict - the whole document */
static enum xml_outcome feed_strict(struct strict_reader *reader, struct octets *text)
{
	long long fed = 0;
	size_t got;

	do {
		char *room = XML_GetBuffer(reader->parser, XML_CHUNK);

		if (room == NULL)
			memory_fail();
		got = text->read(text, room, XML_CHUNK);
		fed += (long long)got;
		if (XML_ParseBuffer(reader->parser, (int)got, got == 0) != XML_STATUS_OK)
			return reader->outcome != XML_COMPLETE ? reader->outcome : XML_BROKEN;
		if (fed - XML_GetCurrentByteIndex(reader->parser) > (long long)XML_TOKEN_MAX * 2)
			return XML_BROKEN;
	} while (got > 0);
	return XML_COMPLETE;
}

enum xml_outcome xml_strict(struct octets *text, const struct xml_handler *handler,
			    const char **reason)
{
	struct strict_reader reader = {
	    .parser = XML_ParserCreate("UTF-8"),
	    .handler = handler,
	    .outcome = XML_COMPLETE,
	};
	enum xml_outcome outcome;

	if (reader.parser == NULL)
		memory_fail();
	XML_SetUserData(reader.parser, &reader);
	XML_SetElementHandler(reader.parser, strict_start, strict_end);
	XML_SetCharacterDataHandler(reader.parser, strict_text);
	XML_SetStartDoctypeDeclHandler(reader.parser, strict_doctype);
	outcome = feed_strict(&reader, text);
	if (outcome == XML_BROKEN && XML_GetErrorCode(reader.parser) == XML_ERROR_NO_MEMORY)
		memory_fail();
	*reason = reader.reason;
	XML_ParserFree(reader.parser);
	return outcome;
}
