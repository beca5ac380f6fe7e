/*
 * aggregate_xml - a report as XML; see aggregate_xml.h
 *
 * Words that a schema has a list of are taken from tables here, never from a row itself.
 */
#include "report/aggregate_xml.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/version.h"
#include "mail/abnf.h"
#include "mail/ip_address.h"

#define NAMESPACE  "urn:ietf:params:xml:ns:dmarc-2.0"
#define GENERATOR  "assay " ASSAY_VERSION
#define IP6_GROUPS 8
#define NO_DOMAIN  "unknown.invalid"
#define ENTITY_MAX 6 /* octets of "&quot;" */

#define NUMBER_DIGITS_MAX 20 /* of unsigned long long */

/* entity_of - what stands for an octet in XML; NULL: itself */
static const char *entity_of(char octet)
{
	switch (octet) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	default: return NULL;
	}
}

/* is_noncharacter - U+FFFE and U+FFFF: well-formed UTF-8, but nothing that XML can have */
static bool is_noncharacter(struct slice text)
{
	return text.len >= 3 && (memcmp(text.data, "\xef\xbf\xbe", 3) == 0 ||
				 memcmp(text.data, "\xef\xbf\xbf", 3) == 0);
}

/* plain_len - octets at the start that can be written as they are */
static size_t plain_len(struct slice text)
{
	size_t len = 0;

	while (len < text.len && (text.data[len] == ' ' || is_vchar(text.data[len])) &&
	       entity_of(text.data[len]) == NULL)
		len++;
	return len;
}

/* put_xml - copies octets; returns where the next ones go */
static char *put_xml(char *out, const char *octets, size_t len)
{
	memcpy(out, octets, len);
	return out + len;
}

/* put_text - escaped; needs room for ENTITY_MAX octets for each one of the text */
static char *put_text(char *out, struct slice text)
{
	while (text.len > 0) {
		size_t len = plain_len(text);
		const char *entity;

		if (len == 0 && !is_noncharacter(text))
			len = skip_utf8_tail(text);
		out = put_xml(out, text.data, len);
		if (len == 0) {
			entity = entity_of(text.data[0]);
			entity = entity != NULL ? entity : "?";
			out = put_xml(out, entity, strlen(entity));
			len = 1;
		}
		text = slice_skip(text, len);
	}
	return out;
}

void report_xml_add_text(struct buffer *out, const char *text)
{
	char *room = buffer_reserve(out, ENTITY_MAX * strlen(text));

	if (room != NULL)
		out->len += (size_t)(put_text(room, slice_of(text)) - room);
}

static void open_element(struct buffer *out, const char *name)
{
	buffer_add_byte(out, '<');
	buffer_add_text(out, name);
	buffer_add_text(out, ">\n");
}

static void close_element(struct buffer *out, const char *name)
{
	buffer_add_text(out, "</");
	buffer_add_text(out, name);
	buffer_add_text(out, ">\n");
}

/* add_element - with a text in it; most of a report is made of these, so it is done in one go */
static void add_element(struct buffer *out, const char *name, const char *text)
{
	size_t name_len = strlen(name);
	struct slice content = slice_of(text);
	char *room =
	    buffer_reserve(out, 2 * name_len + strlen("<></>\n") + ENTITY_MAX * content.len);
	char *at = room;

	if (room == NULL)
		return;
	*at++ = '<';
	at = put_xml(at, name, name_len);
	*at++ = '>';
	at = put_text(at, content);
	at = put_xml(at, "</", 2);
	at = put_xml(at, name, name_len);
	at = put_xml(at, ">\n", 2);
	out->len += (size_t)(at - room);
}

/* add_optional - NULL and "" are not there */
static void add_optional(struct buffer *out, const char *name, const char *text)
{
	if (text != NULL && *text != '\0')
		add_element(out, name, text);
}

static void add_number(struct buffer *out, const char *name, unsigned long long number)
{
	char digits[NUMBER_DIGITS_MAX + 1] = {0};
	char *first = &digits[NUMBER_DIGITS_MAX];

	do {
		*--first = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	add_element(out, name, first);
}

/* add_metadata - who reports, and when */
static void add_metadata(struct buffer *out, const struct aggregate_report *report)
{
	open_element(out, "report_metadata");
	add_element(out, "org_name", report->submitter->organization);
	add_element(out, "email", report->submitter->email);
	add_optional(out, "extra_contact_info", report->submitter->contact);
	add_element(out, "report_id", report->id);
	open_element(out, "date_range");
	add_number(out, "begin", (unsigned long long)report->begin);
	add_number(out, "end", (unsigned long long)report->end);
	close_element(out, "date_range");
	if (!report->legacy)
		add_element(out, "generator", GENERATOR);
	close_element(out, "report_metadata");
}

/* add_policy_element - if the owner has published it */
static void add_policy_element(struct buffer *out, const char *name, enum dmarc_policy policy)
{
	if (policy != DMARC_POLICY_UNSET)
		add_element(out, name, dmarc_policy_word(policy));
}

/* add_xml_policy - what was published; tags that are not there have their defaults */
static void add_xml_policy(struct buffer *out, const struct aggregate_report *report)
{
	const struct dmarc_record *policy = report->policy;

	open_element(out, "policy_published");
	add_element(out, "domain", report->policy_domain);
	add_element(out, "discovery_method", "treewalk");
	add_element(out, "p", dmarc_policy_word(policy->p));
	add_policy_element(out, "sp", policy->sp);
	add_policy_element(out, "np", policy->np);
	add_element(out, "fo", policy->fo);
	add_element(out, "adkim", policy->dkim_strict ? "s" : "r");
	add_element(out, "aspf", policy->spf_strict ? "s" : "r");
	add_element(out, "testing", policy->testing ? "y" : "n");
	close_element(out, "policy_published");
}

/* add_legacy_policy - RFC 7489: sp and pct have to be there */
static void add_legacy_policy(struct buffer *out, const struct aggregate_report *report)
{
	const struct dmarc_record *policy = report->policy;

	open_element(out, "policy_published");
	add_element(out, "domain", report->policy_domain);
	add_element(out, "adkim", policy->dkim_strict ? "s" : "r");
	add_element(out, "aspf", policy->spf_strict ? "s" : "r");
	add_element(out, "p", dmarc_policy_word(policy->p));
	add_element(out, "sp",
		    dmarc_policy_word(policy->sp != DMARC_POLICY_UNSET ? policy->sp : policy->p));
	add_number(out, "pct", 100);
	add_element(out, "fo", policy->fo);
	close_element(out, "policy_published");
}

void report_xml_head(struct buffer *out, const struct aggregate_report *report)
{
	buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buffer_add_text(out,
			report->legacy ? "<feedback>\n" : "<feedback xmlns=\"" NAMESPACE "\">\n");
	add_element(out, "version", "1.0");
	add_metadata(out, report);
	if (report->legacy)
		add_legacy_policy(out, report);
	else
		add_xml_policy(out, report);
}

void report_xml_tail(struct buffer *out)
{
	close_element(out, "feedback");
}

/* A word of a row, and what the two schemas call it. */
struct word {
	const char *stored;
	const char *word;
	const char *legacy;
};

/* find_word - the last of the list stands for whatever is not in it */
static const char *find_word(const struct word *list, size_t count, const char *stored, bool legacy)
{
	size_t i = 0;

	while (i < count - 1 && strcmp(list[i].stored, stored) != 0)
		i++;
	return legacy ? list[i].legacy : list[i].word;
}

#define FIND_WORD(list, stored, legacy)                                                            \
	find_word(list, sizeof(list) / sizeof((list)[0]), stored, legacy)

static const struct word dispositions[] = {
    {"pass", "pass", "none"},
    {"quarantine", "quarantine", "quarantine"},
    {"reject", "reject", "reject"},
    {"none", "none", "none"},
};

static const struct word reason_types[] = {
    {"local_policy", "local_policy", "local_policy"},
    {"mailing_list", "mailing_list", "mailing_list"},
    {"policy_test_mode", "policy_test_mode", "other"},
    {"trusted_forwarder", "trusted_forwarder", "trusted_forwarder"},
    {"other", "other", "other"},
};

static const struct word dkim_results[] = {
    {"pass", "pass", "pass"},
    {"fail", "fail", "fail"},
    {"policy", "policy", "policy"},
    {"neutral", "neutral", "neutral"},
    {"temperror", "temperror", "temperror"},
    {"permerror", "permerror", "permerror"},
    {"none", "none", "none"},
};

static const struct word spf_results[] = {
    {"pass", "pass", "pass"},
    {"fail", "fail", "fail"},
    {"softfail", "softfail", "softfail"},
    {"policy", "policy", "fail"},
    {"neutral", "neutral", "neutral"},
    {"temperror", "temperror", "temperror"},
    {"permerror", "permerror", "permerror"},
    {"none", "none", "none"},
};

/* add_reason - RFC 7489 has no word for test mode, so the comment has to tell */
static void add_reason(struct buffer *out, const struct history_reason *reason, bool legacy)
{
	const char *type = FIND_WORD(reason_types, reason->type, legacy);

	open_element(out, "reason");
	add_element(out, "type", type);
	if (*reason->comment != '\0')
		add_element(out, "comment", reason->comment);
	else if (strcmp(type, reason->type) != 0)
		add_element(out, "comment", reason->type);
	close_element(out, "reason");
}

/* add_xml_source - RFC 7489's schema wants all groups of an IPv6 address */
static void add_xml_source(struct buffer *out, const char *source, bool legacy)
{
	const unsigned char *octets;
	struct ip_address address;

	if (!ip_address_parse(slice_of(source), &address)) {
		add_element(out, "source_ip", source);
		return;
	}
	if (!legacy || address.family != AF_INET6) {
		add_element(out, "source_ip", address.text);
		return;
	}
	octets = address.aaaa.s6_addr;
	buffer_add_text(out, "<source_ip>");
	for (size_t i = 0; i < IP6_GROUPS; i++)
		buffer_printf(out, "%s%x", i > 0 ? ":" : "",
			      (unsigned)octets[2 * i] << 8 | octets[2 * i + 1]);
	buffer_add_text(out, "</source_ip>\n");
}

/* add_xml_row - who, how often, and what was done */
static void add_xml_row(struct buffer *out, const struct history_row *row, bool legacy)
{
	open_element(out, "row");
	add_xml_source(out, row->source, legacy);
	add_number(out, "count", row->count);
	open_element(out, "policy_evaluated");
	add_element(out, "disposition", FIND_WORD(dispositions, row->disposition, legacy));
	add_element(out, "dkim", result_word(row->dkim_aligned ? RESULT_PASS : RESULT_FAIL));
	add_element(out, "spf", result_word(row->spf_aligned ? RESULT_PASS : RESULT_FAIL));
	for (size_t i = 0; i < row->reason_count; i++)
		add_reason(out, &row->reasons[i], legacy);
	close_element(out, "policy_evaluated");
	close_element(out, "row");
}

/* add_identifiers - RFC 7489's schema wants envelope_from in any case */
static void add_identifiers(struct buffer *out, const struct history_row *row, bool legacy)
{
	open_element(out, "identifiers");
	if (legacy)
		add_element(out, "envelope_from", row->envelope_from);
	add_element(out, "header_from", row->header_from);
	if (!legacy)
		add_optional(out, "envelope_from", row->envelope_from);
	close_element(out, "identifiers");
}

/* add_signature - the selector has to be there, also if nobody has told us */
static void add_signature(struct buffer *out, const struct history_signature *signature,
			  bool legacy)
{
	open_element(out, "dkim");
	add_element(out, "domain", signature->domain);
	add_element(out, "selector", signature->selector);
	add_element(out, "result", FIND_WORD(dkim_results, result_word(signature->result), legacy));
	if (*signature->selector == '\0')
		add_element(out, "human_result", "the verifier has not said which selector");
	else if (signature->result == RESULT_TEMPERROR)
		add_element(out, "human_result", "DNS has not answered for the key");
	close_element(out, "dkim");
}

/* spf_comment - what the result alone does not say; NULL for nothing */
static const char *spf_comment(enum result result)
{
	if (result == RESULT_TEMPERROR)
		return "DNS has not answered for the record, or for a name in it";
	if (result == RESULT_PERMERROR)
		return "the record is wrong, or needs too many DNS queries";
	return NULL;
}

/*
 * add_spf - in any case: RFC 7489's schema wants one, and readers fall over a record without it.
 * When SPF was not checked, the domain is that of the envelope. There may be none, as in a bounce;
 * both schemas want a text, and it must not look as if a domain had been checked (RFC 2606).
 */
static void add_spf(struct buffer *out, const struct history_row *row, bool legacy)
{
	const char *domain = row->spf_domain;

	open_element(out, "spf");
	if (*domain == '\0')
		domain = *row->envelope_from != '\0' ? row->envelope_from : NO_DOMAIN;
	add_element(out, "domain", domain);
	add_element(out, "scope", "mfrom");
	add_element(out, "result", FIND_WORD(spf_results, result_word(row->spf_result), legacy));
	if (!legacy)
		add_optional(out, "human_result",
			     *row->spf_domain != '\0' ? spf_comment(row->spf_result)
						      : "SPF was not checked");
	close_element(out, "spf");
}

void report_xml_record(struct buffer *out, const struct aggregate_report *report,
		       const struct history_row *row)
{
	open_element(out, "record");
	add_xml_row(out, row, report->legacy);
	add_identifiers(out, row, report->legacy);
	open_element(out, "auth_results");
	for (size_t i = 0; i < row->dkim_count && i < HISTORY_SIGNATURES_MAX; i++)
		add_signature(out, &row->dkim[i], report->legacy);
	add_spf(out, row, report->legacy);
	close_element(out, "auth_results");
	close_element(out, "record");
}
