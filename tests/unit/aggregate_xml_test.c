/*
 * report_xml - escaping, words of the schemas, order
 */
#include "report/aggregate_xml.h"

#include "base/pool.h"
#include "base/siphash.h"
#include "tap.h"

#define XML_MAX (1U << 20)

static struct pool *pool;

static const struct report_submitter submitter = {
    .organization = "E & \"Co\" <x>", .email = "d@mx.test", .domain = "mx.test"};

/* a_report - on a policy */
static struct aggregate_report a_report(const char *record, bool legacy)
{
	struct aggregate_report report = {.submitter = &submitter, .id = "id", .legacy = legacy};

	report_set_policy(pool, &report, 20779, "a&b<c.test", record);
	return report;
}

/* a_row - of which only some things are said */
static struct history_row a_row(void)
{
	return (struct history_row){
	    .source = "192.0.2.1",
	    .header_from = "a.test",
	    .envelope_from = "",
	    .spf_domain = "",
	    .disposition = "none",
	    .count = 7,
	};
}

/* text_xml - a text as content */
static const char *text_xml(const char *text)
{
	struct buffer out;
	const char *copy;

	buffer_init(&out, XML_MAX);
	report_xml_add_text(&out, text);
	copy = slice_copy(pool, buffer_slice(&out));
	buffer_free(&out);
	return copy;
}

/* record_xml - a row in a report */
static const char *record_xml(const struct history_row *row, bool legacy)
{
	struct aggregate_report report = a_report("v=DMARC1; p=none", legacy);
	struct buffer out;
	const char *copy;

	buffer_init(&out, XML_MAX);
	report_xml_record(&out, &report, row);
	copy = slice_copy(pool, buffer_slice(&out));
	buffer_free(&out);
	return copy;
}

/* head_xml - all before the first record */
static const char *head_xml(const char *record, bool legacy)
{
	struct aggregate_report report = a_report(record, legacy);
	struct buffer out;
	const char *copy;

	buffer_init(&out, XML_MAX);
	report_xml_head(&out, &report);
	copy = slice_copy(pool, buffer_slice(&out));
	buffer_free(&out);
	return copy;
}

static bool has(const char *xml, const char *part)
{
	return strstr(xml, part) != NULL;
}

/* occurrences - of a part */
static int occurrences(const char *xml, const char *part)
{
	int count = 0;

	for (; (xml = strstr(xml, part)) != NULL; xml++)
		count++;
	return count;
}

static void test_text(void)
{
	is_text(text_xml("a&b<c>\"d\"]]>"), "a&amp;b&lt;c&gt;&quot;d&quot;]]&gt;",
		"characters that mean something are escaped");
	is_text(text_xml("\x01\t\n\r\x7f\x1f"), "??????", "control characters are replaced");
	is_text(text_xml("\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7"),
		"\xc3\xa4\xe2\x82\xac\xf0\x9f\x93\xa7", "UTF-8 stays");
	is_text(text_xml("\xc3(\xff\xed\xa0\x80"), "?(????", "what is no UTF-8 is replaced");
	is_text(text_xml("\xef\xbf\xbe"), "???", "U+FFFE is nothing that XML can have");
	is_text(text_xml("\xef\xbf\xbd"), "\xef\xbf\xbd", "its neighbour is");
	is_text(text_xml(""), "", "the empty text");
}

static void test_head(void)
{
	const char *full = head_xml(
	    "v=DMARC1; p=reject; sp=none; np=quarantine; t=y; adkim=s; fo=1; ruf=mailto:r@a.test",
	    false);
	const char *least = head_xml("v=DMARC1; p=none", false);
	const char *legacy = head_xml("v=DMARC1; p=reject; np=none", true);

	ok(has(full, "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">"), "the namespace");
	ok(has(full, "<org_name>E &amp; &quot;Co&quot; &lt;x&gt;</org_name>"), "the organization");
	ok(has(full, "<begin>1795305600</begin>\n<end>1795391999</end>"),
	   "the first and the last second of the day");
	ok(has(full, "<domain>a&amp;b&lt;c.test</domain>\n<discovery_method>treewalk"
		     "</discovery_method>\n<p>reject</p>\n<sp>none</sp>\n<np>quarantine</np>\n"
		     "<fo>1</fo>\n<adkim>s</adkim>\n<aspf>r</aspf>\n<testing>y</testing>\n"),
	   "every tag of a record");
	ok(!has(least, "<sp>") && !has(least, "<np>"), "sp and np are left out if not published");
	ok(has(least, "<fo>0</fo>\n<adkim>r</adkim>\n<aspf>r</aspf>\n<testing>n</testing>"),
	   "defaults of the others are written");
	ok(has(legacy, "<feedback>") && has(legacy, "<sp>reject</sp>\n<pct>100</pct>"),
	   "RFC 7489: no namespace; sp and pct are there");
	ok(!has(legacy, "<np>") && !has(legacy, "discovery") && !has(legacy, "generator"),
	   "RFC 7489: nothing that it does not know");
}

static void test_row(void)
{
	const struct history_reason reasons[] = {{"policy_test_mode", ""}, {"strange", "a<b"}};
	struct history_row row = a_row();

	row.disposition = "pass";
	row.reasons = reasons;
	row.reason_count = 2;
	ok(has(record_xml(&row, false), "<source_ip>192.0.2.1</source_ip>\n<count>7</count>"),
	   "address and count");
	ok(has(record_xml(&row, false), "<disposition>pass</disposition>"), "disposition pass");
	ok(has(record_xml(&row, true), "<disposition>none</disposition>"),
	   "which RFC 7489 does not know");
	ok(has(record_xml(&row, false), "<type>policy_test_mode</type>\n</reason>"), "a reason");
	ok(has(record_xml(&row, true), "<type>other</type>\n<comment>policy_test_mode</comment>"),
	   "RFC 7489: it becomes a comment");
	ok(has(record_xml(&row, false), "<type>other</type>\n<comment>a&lt;b</comment>"),
	   "an unknown reason is another one");
	row.disposition = "<x>";
	ok(has(record_xml(&row, false), "<disposition>none</disposition>"),
	   "a word that the schema does not have is never written");
	ok(!has(record_xml(&row, false), "envelope_from"), "what there was not is not there");
	ok(has(record_xml(&row, true), "<envelope_from></envelope_from>"), "but RFC 7489 wants it");
	ok(has(record_xml(&row, false), "<spf>\n<domain>unknown.invalid</domain>") &&
	       has(record_xml(&row, true), "<spf>\n<domain>unknown.invalid</domain>"),
	   "SPF is always there, and never about a domain that was not checked");
	row.envelope_from = "env.test";
	ok(has(record_xml(&row, false), "<spf>\n<domain>env.test</domain>\n<scope>mfrom</scope>\n"
					"<result>none</result>"),
	   "it is about the envelope if that is known");
	row.envelope_from = "";
	row.source = "2001:db8::a";
	ok(has(record_xml(&row, false), "<source_ip>2001:db8::a</source_ip>"), "IPv6");
	ok(has(record_xml(&row, true), "<source_ip>2001:db8:0:0:0:0:0:a</source_ip>"),
	   "all groups of IPv6 for RFC 7489");
}

static void test_signatures(void)
{
	struct history_signature signatures[150];
	struct history_row row = a_row();
	const char *xml;

	for (size_t i = 0; i < 150; i++)
		signatures[i] = (struct history_signature){"d.test", "s", RESULT_FAIL};
	signatures[0].result = RESULT_PASS;
	signatures[1].selector = "";
	signatures[2].result = RESULT_SOFTFAIL;
	row.dkim = signatures;
	row.dkim_count = 150;
	row.spf_domain = "s.test";
	row.spf_result = RESULT_SOFTFAIL;
	xml = record_xml(&row, false);
	is_number(occurrences(xml, "<dkim>\n"), 100, "no more than 100 signatures");
	ok(strstr(xml, "<result>pass</result>") < strstr(xml, "<result>fail</result>"),
	   "in the order of the history");
	ok(has(xml, "<selector></selector>"), "the selector is there even if it is not known");
	is_number(occurrences(xml, "softfail"), 1, "softfail is for SPF alone");
	ok(strstr(xml, "<dkim>\n<domain>") < strstr(xml, "<spf>\n<domain>"), "dkim before spf");
	row.spf_result = RESULT_POLICY;
	ok(has(record_xml(&row, false), "<scope>mfrom</scope>\n<result>policy</result>"),
	   "policy as a result of SPF");
	ok(!has(record_xml(&row, true), "<scope>mfrom</scope>\n<result>policy</result>"),
	   "which RFC 7489 does not know");
}

static void test_names(void)
{
	unsigned char key[SIPHASH_KEY_LEN];
	char text[15];
	const char *record = "v=DMARC1; p=none";
	const char *id =
	    report_id(pool, "00112233445566778899aabbccddeeff", 20779, "a.test", record);
	struct aggregate_report report = a_report(record, false);

	for (unsigned char i = 0; i < SIPHASH_KEY_LEN; i++)
		key[i] = i;
	for (char i = 0; i < 15; i++)
		text[(int)i] = i;
	ok(siphash(key, slice_from(text, sizeof(text))) == UINT64_C(0xa129ca6149be45e5),
	   "SipHash of its authors' example");
	ok(strncmp(id, "20261122", 8) == 0 && strlen(id) == 24 && report_id_is(slice_of(id)),
	   "Report-ID: the date and 16 digits");
	is_text(report_id(pool, "00112233445566778899aabbccddeeff", 20779, "a.test", record), id,
		"the same for the same report");
	ok(strcmp(report_id(pool, "00112233445566778899aabbccddeefe", 20779, "a.test", record),
		  id) != 0,
	   "another one for another host");
	ok(strcmp(report_id(pool, "00112233445566778899aabbccddeeff", 20779, "b.test", record) + 8,
		  id + 8) != 0,
	   "another one for another domain");
	ok(!report_id_is(slice_of("20261122aaaaaaaaaaaaaaag")),
	   "no hexadecimal digit, no Report-ID");
	is_text(report_file_name(pool, &report),
		"mx.test!a&b<c.test!1795305600!1795391999!id.xml.gz", "the file name");
}

int main(void)
{
	pool = pool_new();
	test_text();
	test_head();
	test_row();
	test_signatures();
	test_names();
	pool_free(pool);
	return done();
}
