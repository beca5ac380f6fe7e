/*
 * aggregate - what one report is called; see report/aggregate.h
 */
#include "report/aggregate.h"

#include <inttypes.h>
#include <string.h>

#include "base/hex.h"
#include "base/pool.h"
#include "history/row.h"
#include "mail/abnf.h"

#define ID_DATE_LEN  8  /* 20261122 */
#define ID_HASH_LEN  16 /* hexadecimal */
#define RECEIVER_MAX 80 /* octets of our own domain in a file name */

void report_key_octets(const char *name, unsigned char key[SIPHASH_KEY_LEN])
{
	struct slice rest = slice_of(name);
	char octet;

	memset(key, 0, SIPHASH_KEY_LEN);
	for (size_t i = 0; i < SIPHASH_KEY_LEN && hex_octet(rest, &octet); i++) {
		key[i] = (unsigned char)octet;
		rest = slice_skip(rest, HEX_OCTET_LEN);
	}
}

const char *report_id(struct pool *pool, const char *history_name, long long day,
		      const char *policy_domain, const char *policy_record)
{
	const char *text = pool_printf(pool, "%lld %s %s", day, policy_domain, policy_record);
	time_t begin = (time_t)(day * HISTORY_SECONDS_A_DAY);
	char date[ID_DATE_LEN + 1] = "00000000";
	unsigned char key[SIPHASH_KEY_LEN];
	struct tm parts;

	report_key_octets(history_name, key);
	if (gmtime_r(&begin, &parts) != NULL)
		strftime(date, sizeof(date), "%Y%m%d", &parts);
	return pool_printf(pool, "%s%0*" PRIx64, date, ID_HASH_LEN, siphash(key, slice_of(text)));
}

bool report_id_is(struct slice text)
{
	if (text.len != ID_DATE_LEN + ID_HASH_LEN)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (i < ID_DATE_LEN ? !is_digit(text.data[i]) : !is_hexdigit(text.data[i]))
			return false;
	}
	return true;
}

void report_set_policy(struct pool *pool, struct aggregate_report *report, long long day,
		       const char *policy_domain, const char *policy_record)
{
	report->begin = day * HISTORY_SECONDS_A_DAY;
	report->end = report->begin + HISTORY_SECONDS_A_DAY - 1;
	report->policy_domain = policy_domain;
	report->policy = dmarc_record_parse(pool, slice_of(policy_record));
}

/* shorten - a domain, from its left, to whole labels if that can be */
static const char *shorten(const char *domain, size_t most)
{
	size_t len = strlen(domain);
	const char *end = len > most ? domain + len - most : domain;
	const char *dot = len > most ? strchr(end, '.') : NULL;

	return dot != NULL ? dot + 1 : end;
}

const char *report_file_name(struct pool *pool, const struct aggregate_report *report)
{
	const char *receiver = shorten(report->submitter->domain, RECEIVER_MAX);
	const char *rest =
	    pool_printf(pool, "!%lld!%lld!%s.xml.gz", report->begin, report->end, report->id);
	size_t room = REPORT_NAME_MAX - strlen(receiver) - 1 - strlen(rest);

	return pool_printf(pool, "%s!%s%s", receiver, shorten(report->policy_domain, room), rest);
}
