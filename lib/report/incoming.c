/*
 * incoming - words and texts of reports that come in; see report/incoming.h
 */
#include "report/incoming.h"

#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "base/utf8.h"
#include "report/xml_lenient.h"

#define MILLISECONDS_FROM 100000000000LL /* seconds: the year 5138 */
#define TIME_MAX          253402300799LL /* 9999-12-31 */
#define C1_LEAD           0xc2 /* U+0080 to U+009F in UTF-8, with a second octet below 0xa0 */
#define YEAR_MAX          9999ULL

const char *incoming_kind_word(enum incoming_kind kind)
{
	static const char *const words[INCOMING_KINDS] = {"aggregate", "failure", "tls"};

	return words[kind];
}

const char *incoming_repair_word(unsigned number)
{
	static const char *const words[] = {
	    "blanks-before",     "word", "period", "too-long", "too-many-results", "cut-record",
	    "damaged-container",
	};

	return number < XML_REPAIRS ? xml_repair_word(number) : words[number - XML_REPAIRS];
}

const char *incoming_missing_words(struct pool *pool, unsigned missing)
{
	return pool_printf(
	    pool, "%s%s%s%s%s", missing & MISSING_ORG ? "org " : "",
	    missing & MISSING_ID ? "report_id " : "", missing & MISSING_DOMAIN ? "domain " : "",
	    missing & MISSING_BEGIN ? "begin " : "", missing & MISSING_END ? "end " : "");
}

/* is_invisible - U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF */
static bool is_invisible(const unsigned char *octets)
{
	if (octets[0] == 0xef)
		return octets[1] == 0xbb && octets[2] == 0xbf;
	if (octets[0] != 0xe2)
		return false;
	if (octets[1] == 0x80)
		return (octets[2] >= 0x8b && octets[2] <= 0x8f) ||
		       (octets[2] >= 0xa8 && octets[2] <= 0xae);
	return octets[1] == 0x81 && octets[2] >= 0xa0 && octets[2] <= 0xaf;
}

/*
 * is_control - C0, DEL, C1 in UTF-8, and what changes the direction of a text or is not seen
 *
 * A domain that is written from the right to the left reads as another one.
 */
static bool is_control(struct slice rest, size_t len)
{
	unsigned char byte = (unsigned char)rest.data[0];

	if (len == 1)
		return byte < ' ' || byte == 0x7f;
	if (len == 2)
		return byte == C1_LEAD && (unsigned char)rest.data[1] < 0xa0;
	return len == 3 && is_invisible((const unsigned char *)rest.data);
}

/* clean_step - the octets of the next character; 0: the octet is no UTF-8 */
static size_t clean_step(struct slice rest)
{
	return (unsigned char)rest.data[0] < 0x80 ? 1 : skip_utf8_tail(rest);
}

const char *incoming_text(struct pool *pool, struct slice text, size_t max, bool *cut)
{
	struct slice rest = slice_trim(text);
	char *copy = pool_alloc(pool, (rest.len < max ? rest.len : max) + 1);
	size_t out = 0;

	while (rest.len > 0) {
		size_t len = clean_step(rest);
		size_t step = len != 0 ? len : 1;

		if (out + step > max) {
			*cut = true;
			break;
		}
		if (len == 0 || is_control(rest, len)) {
			copy[out++] = len == 0 ? '?' : ' ';
		} else {
			memcpy(copy + out, rest.data, step);
			out += step;
		}
		rest = slice_skip(rest, step);
	}
	return copy;
}

const char *incoming_word(struct pool *pool, struct slice text)
{
	bool cut;
	char *word = (char *)(size_t)incoming_text(pool, text, INCOMING_FIELD_MAX, &cut);

	for (char *byte = word; *byte != '\0'; byte++)
		*byte = byte_lower(*byte);
	return word;
}

/* cut_number - so many digits, and the separator after them if it is one of the set */
static bool cut_number(struct slice *text, size_t digits, const char *separators,
		       unsigned long long *number)
{
	if (text->len < digits ||
	    !slice_to_number(slice_from(text->data, digits), YEAR_MAX, number))
		return false;
	*text = slice_skip(*text, digits);
	if (text->len > 0 && is_any_of(text->data[0], separators))
		*text = slice_skip(*text, 1);
	return true;
}

/* iso_time - 2024-12-01T00:00:00Z; the time may be missing, an offset is ignored */
static long long iso_time(struct slice text)
{
	unsigned long long year, month, day, hour = 0, minute = 0, second = 0;
	struct tm parts = {.tm_isdst = 0};

	if (!cut_number(&text, 4, "-", &year) || !cut_number(&text, 2, "-", &month) ||
	    !cut_number(&text, 2, "T ", &day))
		return 0;
	if (text.len > 0 &&
	    (!cut_number(&text, 2, ":", &hour) || !cut_number(&text, 2, ":", &minute)))
		return 0;
	cut_number(&text, 2, "", &second);
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
	    second > 60)
		return 0;
	parts.tm_year = (int)year - 1900;
	parts.tm_mon = (int)month - 1;
	parts.tm_mday = (int)day;
	parts.tm_hour = (int)hour;
	parts.tm_min = (int)minute;
	parts.tm_sec = (int)second;
	return timegm(&parts);
}

long long incoming_time(struct slice text, bool *mended)
{
	struct slice whole = slice_from(text.data, slice_find(text, '.'));
	unsigned long long number;
	long long time;

	*mended = whole.len < text.len;
	if (slice_to_number(whole, (unsigned long long)TIME_MAX * 1000, &number)) {
		time = (long long)number;
		if (time >= MILLISECONDS_FROM) {
			*mended = true;
			time /= 1000;
		}
	} else {
		*mended = true;
		time = iso_time(text);
	}
	return time > 0 && time <= TIME_MAX ? time : 0;
}
