/*
 * answer - words for people, and budgets; see dns/answer.h
 */
#include "dns/answer.h"

#include "base/deadline.h"

struct dns_budget dns_budget_for(double seconds, unsigned queries)
{
	return (struct dns_budget){.deadline = deadline_after(seconds), .queries = queries};
}

struct dns_budget dns_budget_part(const struct dns_budget *whole, double seconds)
{
	struct dns_budget part = *whole;

	if (seconds < dns_budget_left(whole))
		part.deadline = deadline_after(seconds);
	return part;
}

double dns_budget_left(const struct dns_budget *budget)
{
	return deadline_left(&budget->deadline);
}

const char *dns_status_word(enum dns_status status)
{
	static const char *const words[] = {
	    [DNS_FOUND] = "found",       [DNS_NODATA] = "no such record",
	    [DNS_NXDOMAIN] = "NXDOMAIN", [DNS_SERVFAIL] = "SERVFAIL",
	    [DNS_TIMEOUT] = "timeout",   [DNS_EXHAUSTED] = "query limit reached",
	};

	return words[status];
}

const char *dns_type_word(enum dns_type type)
{
	static const char *const words[] = {
	    [DNS_A] = "A",   [DNS_CNAME] = "CNAME", [DNS_PTR] = "PTR",
	    [DNS_MX] = "MX", [DNS_TXT] = "TXT",     [DNS_AAAA] = "AAAA",
	};

	return words[type];
}
