/*
 * adsp - Author Domain Signing Practices (RFC 5617 sections 2.7, 4.2, 4.3 and 5.4); see dkim/adsp.h
 */
#include "dkim/adsp.h"

#include "base/pool.h"
#include "mail/domain.h"
#include "mail/taglist.h"

/* What a record says (RFC 5617 section 4.2.1), for mail without a signature of the author's. */
static const struct {
	const char *practice;
	enum result result;
	const char *meaning;
} practices[] = {
    {"unknown", RESULT_UNKNOWN, "some mail of the domain may be unsigned"},
    {"all", RESULT_FAIL, "all mail of the domain is signed"},
    {"discardable", RESULT_DISCARD, "unsigned mail is to be discarded"},
};

static struct adsp_result conclude(enum result result, const char *reason)
{
	return (struct adsp_result){.result = result, .reason = reason};
}

/* has_author_signature - RFC 5617 section 2.7 */
static bool has_author_signature(const char *author_domain, const struct dkim_result *verdicts,
				 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].result == RESULT_PASS &&
		    domain_equal(verdicts[i].domain, author_domain))
			return true;
	}
	return false;
}

/* may_have_author_signature - a key that DNS did not give now could make it one */
static bool may_have_author_signature(const char *author_domain, const struct dkim_result *verdicts,
				      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (verdicts[i].result == RESULT_TEMPERROR &&
		    domain_equal(verdicts[i].domain, author_domain))
			return true;
	}
	return false;
}

/* read_adsp_record - RFC 5617 section 4.2.1: "dkim" is the first tag; what is no record is ignored
 */
static struct adsp_result read_adsp_record(struct pool *pool, struct slice text)
{
	struct taglist list;
	struct error error;

	if (!taglist_parse(pool, text, &list, &error))
		return conclude(RESULT_PERMERROR, pool_printf(pool, "ADSP record: %s", error.text));
	if (!slice_is(list.tags[0].name, "dkim"))
		return conclude(RESULT_PERMERROR, "ADSP record: does not begin with dkim=");
	for (size_t i = 0; i < sizeof(practices) / sizeof(practices[0]); i++) {
		if (slice_is(list.tags[0].value, practices[i].practice))
			return conclude(practices[i].result, practices[i].meaning);
	}
	/* unknown values are to be read as "unknown" */
	return conclude(RESULT_UNKNOWN, "the practice has an unknown name");
}

/* of_status - the result of a question that found nothing */
static struct adsp_result of_status(struct pool *pool, enum dns_status status)
{
	if (status == DNS_NODATA || status == DNS_NXDOMAIN)
		return conclude(RESULT_NONE, "no ADSP record");
	return conclude(RESULT_TEMPERROR, pool_printf(pool, "DNS %s", dns_status_word(status)));
}

/* exists - RFC 5617 section 4.3: is the author domain a name in DNS at all? */
static bool exists(struct pool *pool, const char *author_domain, struct dns *dns,
		   struct dns_budget *budget, struct adsp_result *result)
{
	const struct dns_answer *answer = dns_query(dns, author_domain, DNS_MX, budget);

	if (answer->status == DNS_FOUND || answer->status == DNS_NODATA)
		return true;
	*result = answer->status == DNS_NXDOMAIN
		      ? conclude(RESULT_NXDOMAIN, "the author domain does not exist")
		      : of_status(pool, answer->status);
	return false;
}

/* look_up - what the author domain says of unsigned mail */
static struct adsp_result look_up(struct pool *pool, const char *author_domain, struct dns *dns,
				  struct dns_budget *budget)
{
	const char *name = pool_printf(pool, "_adsp._domainkey.%s", author_domain);
	const struct dns_answer *answer;
	struct adsp_result result;

	if (!exists(pool, author_domain, dns, budget, &result))
		return result;
	answer = dns_query(dns, name, DNS_TXT, budget);
	if (answer->status != DNS_FOUND)
		return of_status(pool, answer->status);
	if (answer->count > 1)
		return conclude(RESULT_PERMERROR, "more than one ADSP record");
	return read_adsp_record(pool, answer->records[0].text);
}

void adsp_evaluate(struct pool *pool, const char *author_domain, const struct dkim_result *verdicts,
		   size_t count, struct dns *dns, struct dns_budget *budget,
		   const struct trace *trace, struct adsp_result *result)
{
	if (author_domain == NULL)
		*result = conclude(RESULT_PERMERROR, "no single author domain");
	else if (has_author_signature(author_domain, verdicts, count))
		*result = conclude(RESULT_PASS, "signed by the author domain");
	else
		*result = look_up(pool, author_domain, dns, budget);
	if ((result->result == RESULT_FAIL || result->result == RESULT_DISCARD) &&
	    may_have_author_signature(author_domain, verdicts, count))
		*result =
		    conclude(RESULT_TEMPERROR, "the author's signature could not be verified");
	trace_print(trace, "ADSP for %s: %s, %s", author_domain != NULL ? author_domain : "?",
		    result_word(result->result), result->reason);
}
