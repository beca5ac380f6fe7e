/*
 * dmarc_record - a DMARC policy record (RFC 9989 sections 4.7, 4.8 and 4.10.1); see
 * dmarc/dmarc_record.h
 *
 * After the version a record is read leniently, as section 4.8 demands: an
 * unknown tag is passed over and a value with a syntax error counts as its default.
 * Only the policy tags are different. A record in which one of them is wrong asks for
 * nothing, so that a slip of the pen never makes mail disappear (4.10.1).
 *
 * Tag names are case-sensitive by RFC 6376 section 3.2, which 4.7 builds on, but everybody else
 * takes them in any case, and a domain that publishes P=reject means it. Of a tag that is there
 * twice the first counts.
 */
#include "dmarc/dmarc_record.h"

#include <string.h>

#include "base/hex.h"
#include "base/pool.h"
#include "base/printable.h"
#include "mail/abnf.h"
#include "mail/taglist.h"

#define VERSION      "DMARC1"
#define FO_DEFAULT   "0"
#define MAILTO       "mailto"
#define UNREADABLE   ((struct slice){.data = NULL, .len = 0})
#define MEMBERS(set) (sizeof(set) / sizeof((set)[0]))

static const char *const policy_words[] = {
    [DMARC_POLICY_NONE] = "none",
    [DMARC_POLICY_QUARANTINE] = "quarantine",
    [DMARC_POLICY_REJECT] = "reject",
};

const char *dmarc_policy_word(enum dmarc_policy policy)
{
	return policy_words[policy == DMARC_POLICY_UNSET ? DMARC_POLICY_NONE : policy];
}

/* A record that is being read. */
struct reading {
	struct pool *pool;
	struct dmarc_record *record;
	bool bad_policy; /* a tag p, sp or np is there, but not its value */
};

/* policy_of - dmarc-request; UNSET if it is none */
static enum dmarc_policy policy_of(struct reading *reading, struct slice value)
{
	for (size_t i = DMARC_POLICY_NONE; i < MEMBERS(policy_words); i++) {
		if (slice_is_nocase(value, policy_words[i]))
			return (enum dmarc_policy)i;
	}
	reading->bad_policy = true;
	return DMARC_POLICY_UNSET;
}

static void read_p(struct reading *reading, struct slice value)
{
	reading->record->p = policy_of(reading, value);
}

static void read_sp(struct reading *reading, struct slice value)
{
	reading->record->sp = policy_of(reading, value);
}

static void read_np(struct reading *reading, struct slice value)
{
	reading->record->np = policy_of(reading, value);
}

static void read_psd(struct reading *reading, struct slice value)
{
	if (slice_is_nocase(value, "y"))
		reading->record->psd = 'y';
	else if (slice_is_nocase(value, "n"))
		reading->record->psd = 'n';
}

static void read_t(struct reading *reading, struct slice value)
{
	reading->record->testing = slice_is_nocase(value, "y");
}

static void read_adkim(struct reading *reading, struct slice value)
{
	reading->record->dkim_strict = slice_is_nocase(value, "s");
}

static void read_aspf(struct reading *reading, struct slice value)
{
	reading->record->spf_strict = slice_is_nocase(value, "s");
}

static void read_rua(struct reading *reading, struct slice value)
{
	if (value.len > 0)
		reading->record->rua = slice_copy(reading->pool, value);
}

static void read_ruf(struct reading *reading, struct slice value)
{
	if (value.len > 0)
		reading->record->ruf = slice_copy(reading->pool, value);
}

/* is_fo - dmarc-fo: options divided by colons, each at most once, "0" not beside "1" */
static bool is_fo(struct slice value)
{
	static const char options[] = "01ds";
	bool seen[sizeof(options)] = {false};
	struct slice rest = value;
	struct slice part;
	const char *option;

	while (slice_cut(&rest, ':', &part)) {
		if (part.len != 1 || part.data[0] == '\0')
			return false;
		option = strchr(options, byte_lower(part.data[0]));
		if (option == NULL || seen[option - options])
			return false;
		seen[option - options] = true;
	}
	return value.len > 0 && !(seen[0] && seen[1]);
}

static void read_fo(struct reading *reading, struct slice value)
{
	if (is_fo(value))
		reading->record->fo = slice_lower(reading->pool, value);
}

static const struct {
	const char *name;
	void (*read)(struct reading *reading, struct slice value);
} tags[] = {
    {"p", read_p},     {"sp", read_sp},       {"np", read_np},     {"psd", read_psd},
    {"t", read_t},     {"adkim", read_adkim}, {"aspf", read_aspf}, {"rua", read_rua},
    {"ruf", read_ruf}, {"fo", read_fo},
};

bool dmarc_record_is(struct slice text)
{
	struct slice rest = text;
	struct tag tag;

	/* Other tag lists allow white space in front, the dmarc-record of section 4.8 does not. */
	return text.len > 0 && !is_wsp(text.data[0]) && taglist_next(&rest, &tag) == TAGLIST_TAG &&
	       slice_is_nocase(tag.name, "v") && slice_is(tag.value, VERSION);
}

/* spoilt_tag - the tag of a tag-spec that is not well-formed: its name, and no value */
static struct tag spoilt_tag(struct slice spec)
{
	struct slice name = slice_from(spec.data, slice_find(spec, '='));

	return (struct tag){.name = slice_trim(name), .value = UNREADABLE};
}

/* next_tag - the next tag, with no value if that has a syntax error; false at the end */
static bool next_tag(struct slice *rest, struct tag *tag)
{
	struct slice before = *rest;
	enum taglist_step step = taglist_next(rest, tag);

	if (step == TAGLIST_BAD)
		*tag = spoilt_tag(slice_from(before.data, slice_find(before, ';')));
	return step != TAGLIST_END;
}

/* read_tags - everything after the version */
static void read_tags(struct reading *reading, struct slice text)
{
	bool seen[MEMBERS(tags)] = {false};
	struct tag tag;

	next_tag(&text, &tag);
	while (next_tag(&text, &tag)) {
		for (size_t i = 0; i < MEMBERS(tags); i++) {
			if (!slice_is_nocase(tag.name, tags[i].name) || seen[i])
				continue;
			seen[i] = true;
			tags[i].read(reading, tag.value);
		}
	}
}

/* is_uri_text - RFC 3986 section 2, without what 4.8 wants encoded ("!"; commas are cut before) */
static bool is_uri_text(struct slice s)
{
	static const char punctuation[] = "-._~:/?#[]@$&'()*+;=%";

	for (size_t i = 0; i < s.len; i++) {
		char octet;

		if (!is_alnum(s.data[i]) && !is_any_of(s.data[i], punctuation))
			return false;
		if (s.data[i] == '%' && !hex_octet(slice_skip(s, i + 1), &octet))
			return false;
	}
	return true;
}

/* is_mailbox - is there a local part and a domain (RFC 6068 section 2: addr-spec)? */
static bool is_mailbox(struct slice s)
{
	size_t len = slice_find(s, '?');
	size_t at = slice_find_last(slice_from(s.data, len), '@');

	return at > 0 && at < len && at + 1 < len;
}

/* is_uri - RFC 3986 URI; a mailto needs an address that a report could go to */
static bool is_uri(struct slice uri)
{
	size_t scheme = dmarc_uri_scheme_len(uri);
	struct slice part;

	if (scheme == 0)
		return false;
	part = slice_skip(uri, scheme + 1);
	if (slice_is_nocase(slice_from(uri.data, scheme), MAILTO) && !is_mailbox(part))
		return false;
	return is_uri_text(part);
}

/* has_uri - does a dmarc-urilist hold at least one valid URI? */
static bool has_uri(const char *list)
{
	struct slice rest = slice_of(list);
	struct slice part;

	while (slice_cut(&rest, ',', &part)) {
		part = slice_trim(part);
		if (is_uri(slice_from(part.data, part.len - dmarc_uri_size_len(part))))
			return true;
	}
	return false;
}

/* settle_policy - RFC 9989 4.10.1: what a record without valid policy tags amounts to */
static void settle_policy(struct dmarc_record *record, bool bad_policy)
{
	if (!bad_policy && record->p != DMARC_POLICY_UNSET) {
		record->usable = true;
		return;
	}
	record->p = DMARC_POLICY_NONE;
	record->sp = DMARC_POLICY_UNSET;
	record->np = DMARC_POLICY_UNSET;
	record->p_forced = has_uri(record->rua);
	record->usable = record->p_forced;
}

const struct dmarc_record *dmarc_record_parse(struct pool *pool, struct slice text)
{
	struct dmarc_record *record = pool_alloc(pool, sizeof(*record));
	struct reading reading = {.pool = pool, .record = record};

	*record =
	    (struct dmarc_record){.psd = 'u', .fo = FO_DEFAULT, .text = text_printable(pool, text)};
	read_tags(&reading, text);
	settle_policy(record, reading.bad_policy);
	if (record->ruf == NULL)
		record->fo = FO_DEFAULT; /* 4.7: fo is ignored without ruf */
	return record;
}

size_t dmarc_uri_scheme_len(struct slice uri)
{
	size_t len = 0;

	if (uri.len == 0 || !is_alpha(uri.data[0]))
		return 0;
	while (len < uri.len &&
	       (is_alnum(uri.data[len]) || (uri.data[len] != '\0' && strchr("+-.", uri.data[len]))))
		len++;
	return len < uri.len && uri.data[len] == ':' ? len : 0;
}

size_t dmarc_uri_size_len(struct slice uri)
{
	size_t mark = slice_find_last(uri, '!');
	size_t at = mark + 1;

	while (at < uri.len && is_digit(uri.data[at]))
		at++;
	if (mark == uri.len || at == mark + 1)
		return 0;
	if (at < uri.len && uri.data[at] != '\0' && strchr("kmgt", byte_lower(uri.data[at])))
		at++;
	return at == uri.len ? uri.len - mark : 0;
}
