/*
 * notice - a mail about another mail; see report/notice.h
 */
#include "report/notice.h"

#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"
#include "report/transfer_decoding.h"

#define DECODING_ROOM 3 /* see transfer_decode() */

bool notice_cut_group(struct slice *rest, struct slice *group)
{
	struct slice at = *rest;
	struct slice line;

	if (rest->len == 0)
		return false;
	*group = slice_from(rest->data, 0);
	while (at.len > 0 && slice_cut(&at, '\n', &line)) {
		if (slice_trim(line).len == 0)
			break;
		group->len = (size_t)(line.data + line.len - rest->data);
	}
	*rest = at.data != NULL ? at : slice_from("", 0);
	return true;
}

/* unfold - a value on one line (RFC 5322 section 2.2.3) */
static const char *unfold(struct pool *pool, struct slice value)
{
	char *text = slice_copy(pool, slice_trim(value));
	char *out = text;

	for (const char *in = text; *in != '\0'; in++) {
		if (*in != '\r' && *in != '\n')
			*out++ = *in;
	}
	*out = '\0';
	return text;
}

const char *notice_field(struct pool *pool, struct slice header, const char *name)
{
	struct slice line;

	while (slice_cut(&header, '\n', &line)) {
		size_t colon = slice_find(line, ':');
		struct slice value, fold;

		if (colon == line.len ||
		    !slice_is_nocase(slice_trim(slice_from(line.data, colon)), name))
			continue;
		value = slice_skip(line, colon + 1);
		while (header.len > 0 && is_wsp(header.data[0]) && slice_cut(&header, '\n', &fold))
			value = slice_between(value.data, fold.data + fold.len);
		return unfold(pool, value);
	}
	return NULL;
}

/* read_value - of a parameter: a token or a quoted string */
static const char *read_value(struct pool *pool, struct slice text)
{
	size_t quoted = skip_quoted_string(text);
	char *value, *out;

	if (quoted == 0)
		return slice_copy(pool, slice_from(text.data, skip_token(text)));
	value = slice_copy(pool, slice_from(text.data + 1, quoted - 2));
	out = value;
	for (const char *in = value; *in != '\0'; in++) {
		if (*in == '\\' && in[1] != '\0')
			in++;
		*out++ = *in;
	}
	*out = '\0';
	return value;
}

const char *notice_parameter(struct pool *pool, const char *value, const char *name)
{
	struct slice rest = slice_of(value);

	rest = slice_skip(rest, slice_find(rest, ';'));
	while (rest.len > 0) {
		size_t len = 1 + skip_cfws(slice_skip(rest, 1));
		struct slice word = slice_skip(rest, len);
		size_t name_len = skip_token(word);

		rest = slice_skip(word, name_len);
		rest = slice_skip(rest, skip_cfws(rest));
		if (rest.len == 0 || rest.data[0] != '=') {
			rest = slice_skip(rest, slice_find(rest, ';'));
			continue;
		}
		rest = slice_skip(rest, 1 + skip_cfws(slice_skip(rest, 1)));
		if (slice_is_nocase(slice_from(word.data, name_len), name))
			return read_value(pool, rest);
		rest = slice_skip(rest, skip_quoted_string(rest));
		rest = slice_skip(rest, slice_find(rest, ';'));
	}
	return NULL;
}

/* type_of - the media type of a header section */
static const char *type_of(struct pool *pool, const char *content_type)
{
	struct slice text = slice_of(content_type);

	text = slice_skip(text, skip_cfws(text));
	text = slice_trim(slice_from(text.data, slice_find(text, ';')));
	return text.len > 0 ? slice_lower(pool, text) : "text/plain";
}

/* decode - by the Content-Transfer-Encoding of a header section */
static struct slice decode(struct pool *pool, struct slice header, struct slice body)
{
	const char *name = notice_field(pool, header, "Content-Transfer-Encoding");
	enum transfer_encoding encoding = transfer_encoding_of(slice_of(name));
	struct transfer_decoding decoding;
	char *out;

	if (encoding == TRANSFER_IDENTITY)
		return body;
	out = pool_alloc(pool, body.len + DECODING_ROOM);
	transfer_begin(&decoding, encoding);
	return slice_from(out, transfer_decode(&decoding, body, out));
}

/* What is still to be taken apart. */
struct entity {
	struct slice text; /* header section and body */
	bool in_report;
	unsigned depth;
};

/* is_boundary - a line of that multipart; *last: it ends it (RFC 2046 section 5.1.1) */
static bool is_boundary(struct slice line, const char *boundary, bool *last)
{
	size_t len = strlen(boundary);
	struct slice rest;

	if (line.len < len + 2 || memcmp(line.data, "--", 2) != 0 ||
	    memcmp(line.data + 2, boundary, len) != 0)
		return false;
	rest = slice_trim(slice_skip(line, len + 2));
	*last = slice_is(rest, "--");
	return rest.len == 0 || *last;
}

static void parse_entity(struct pool *pool, const struct entity *entity, struct notice *notice);

/* parse_parts - of a multipart; text is cut off by its end as by a boundary */
static void parse_parts(struct pool *pool, struct slice body, const char *boundary,
			struct entity part, struct notice *notice)
{
	const char *start = NULL;
	bool last = false;
	struct slice line;

	while (!last && slice_cut(&body, '\n', &line)) {
		if (!is_boundary(line, boundary, &last))
			continue;
		if (start != NULL) {
			part.text = slice_between(start, line.data);
			parse_entity(pool, &part, notice);
		}
		start = body.data;
	}
	if (!last && start != NULL) {
		part.text = slice_between(start, line.data + line.len);
		parse_entity(pool, &part, notice);
	}
}

/* add_leaf - a part that is looked at as it is */
static void add_leaf(struct pool *pool, struct notice *notice, struct notice_part part)
{
	if (notice->count == NOTICE_PARTS_MAX)
		return;
	notice->parts = pool_grow(pool, notice->parts, notice->count, sizeof(*notice->parts));
	notice->parts[notice->count++] = part;
}

/* parse_entity - a leaf, or what is in a multipart */
static void parse_entity(struct pool *pool, const struct entity *entity, struct notice *notice)
{
	struct slice body = entity->text;
	struct slice header = slice_from("", 0);
	const char *content_type, *type, *boundary;
	bool is_report;

	notice_cut_group(&body, &header);
	content_type = notice_field(pool, header, "Content-Type");
	content_type = content_type != NULL ? content_type : "";
	type = type_of(pool, content_type);
	boundary = notice_parameter(pool, content_type, "boundary");
	if (entity->depth == 0) {
		notice->header = header;
		notice->type = type;
	}
	is_report = strcmp(type, "multipart/report") == 0;
	if (is_report && *notice->report_type == '\0')
		notice->report_type = slice_lower(
		    pool, slice_of(notice_parameter(pool, content_type, "report-type")));
	if (slice_starts_nocase(slice_of(type), "multipart/") && boundary != NULL &&
	    *boundary != '\0' && entity->depth < NOTICE_DEPTH_MAX) {
		parse_parts(pool, body, boundary,
			    (struct entity){.in_report = is_report, .depth = entity->depth + 1},
			    notice);
		return;
	}
	/* A multipart without a boundary has one part: what it is a report of. */
	is_report = entity->depth == 0 && strcmp(notice->report_type, "delivery-status") == 0;
	add_leaf(pool, notice,
		 (struct notice_part){.type = is_report ? "message/delivery-status" : type,
				      .body = decode(pool, header, body),
				      .in_report = is_report || entity->in_report});
}

void notice_parse(struct pool *pool, struct slice text, struct notice *notice)
{
	const struct entity whole = {.text = text};

	*notice = (struct notice){.type = "text/plain", .report_type = ""};
	parse_entity(pool, &whole, notice);
}
