/*
 * dns - DNS questions with a deadline and a budget; see dns/dns.h
 *
 * What both sources of answers have in common: names, the budget, the memory
 * of answers and the trace. The sources are dns_server (the name servers of
 * the system) and dns_zone (a file, which dns_zone_read reads).
 */
#include "dns/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/deadline.h"
#include "base/pool.h"
#include "dns/packet.h"
#include "dns/server.h"
#include "dns/zone_file.h"

#define MILLISECONDS  1000 /* in a second */
#define MEMORY_CHAINS 256  /* of the hash table: two answers each at DNS_QUERIES_MAX */
#define DURATION_SIZE 32   /* "12345.6 ms" */

/* A question that was asked, and what came of it. */
struct remembered {
	struct remembered *next; /* of the same chain */
	struct dns_question question;
	struct dns_answer answer;
};

struct dns {
	const struct trace *trace;
	struct pool *pool;           /* of the sources; lives as long as the handle */
	struct dns_zone *zone;       /* NULL: the servers are asked */
	struct dns_servers *servers; /* NULL until the first question for them */
	struct pool *memory;         /* of the answers; lives until dns_forget() */
	struct remembered *chains[MEMORY_CHAINS];
};

/* What is answered when nothing was asked. */
static const struct dns_answer no_such_name = {.status = DNS_NXDOMAIN};
static const struct dns_answer too_late = {.status = DNS_TIMEOUT};
static const struct dns_answer exhausted = {.status = DNS_EXHAUSTED};

static struct dns *dns_new(const struct trace *trace)
{
	struct dns *dns = memory_alloc(sizeof(*dns));

	dns->trace = trace;
	dns->pool = pool_new();
	dns->memory = pool_new();
	return dns;
}

struct dns *dns_open_resolver(const struct trace *trace)
{
	return dns_new(trace);
}

struct dns *dns_open_zone(const char *path, const struct trace *trace, struct error *error)
{
	struct dns *dns = dns_new(trace);

	dns->zone = dns_zone_read(dns->pool, path, error);
	if (dns->zone != NULL)
		return dns;
	dns_close(dns);
	return NULL;
}

void dns_close(struct dns *dns)
{
	if (dns == NULL)
		return;
	pool_free(dns->memory);
	pool_free(dns->pool);
	free(dns);
}

void dns_forget(struct dns *dns)
{
	pool_free(dns->memory);
	dns->memory = pool_new();
	memset(dns->chains, 0, sizeof(dns->chains));
}

/* chain_of - where the answer to a question is kept: FNV-1a of its name */
static struct remembered **chain_of(struct dns *dns, const struct dns_question *question)
{
	uint32_t hash = 2166136261U;

	for (size_t i = 0; i < question->name.len; i++)
		hash = (hash ^ question->name.labels[i]) * 16777619U;
	return &dns->chains[hash % MEMORY_CHAINS];
}

/* recall - the answer to the same question, or NULL */
static const struct dns_answer *recall(struct dns *dns, const struct dns_question *question)
{
	for (struct remembered *known = *chain_of(dns, question); known; known = known->next) {
		if (known->question.type == question->type &&
		    dns_name_equal(&known->question.name, &question->name))
			return &known->answer;
	}
	return NULL;
}

static const struct dns_answer *remember(struct dns *dns, const struct dns_question *question,
					 struct dns_answer answer)
{
	struct remembered *known = pool_alloc(dns->memory, sizeof(*known));
	struct remembered **chain = chain_of(dns, question);

	*known = (struct remembered){.next = *chain, .question = *question, .answer = answer};
	*chain = known;
	return &known->answer;
}

void dns_prepare(struct dns *dns)
{
	if (dns->zone != NULL || dns->servers != NULL)
		return;
	dns->servers = pool_alloc(dns->pool, sizeof(*dns->servers));
	dns_servers_configure(dns->servers);
}

static struct dns_answer ask_servers(struct dns *dns, const struct dns_question *question,
				     struct dns_budget *budget)
{
	dns_prepare(dns);
	return dns_servers_ask(dns->servers, dns->memory, question, budget);
}

/* ask_dns - the source itself; an answer that a larger budget would change is not remembered */
static const struct dns_answer *ask_dns(struct dns *dns, const struct dns_question *question,
					struct dns_budget *budget)
{
	struct dns_answer answer;

	if (dns->zone != NULL)
		return remember(dns, question, dns_zone_ask(dns->zone, question));
	if (dns_budget_left(budget) <= 0)
		return &too_late;
	answer = ask_servers(dns, question, budget);
	return answer.status == DNS_EXHAUSTED ? &exhausted : remember(dns, question, answer);
}

/* explain_answer - one line for -v */
static void explain_answer(const struct dns *dns, const char *name, enum dns_type type,
			   const struct dns_answer *answer, const char *how)
{
	trace_print(dns->trace, "DNS %s %s: %s, %zu record%s, %s", dns_type_word(type), name,
		    dns_status_word(answer->status), answer->count, answer->count == 1 ? "" : "s",
		    how);
}

const struct dns_answer *dns_query(struct dns *dns, const char *name, enum dns_type type,
				   struct dns_budget *budget)
{
	struct dns_question question = {.type = type};
	const struct dns_answer *answer;
	const struct timespec start = deadline_after(0);
	char duration[DURATION_SIZE];

	if (!dns_name_of_text(&question.name, name))
		return &no_such_name;
	if (budget->queries == 0)
		return &exhausted;
	budget->queries--;
	answer = recall(dns, &question);
	if (answer != NULL) {
		explain_answer(dns, name, type, answer, "remembered");
		return answer;
	}
	answer = ask_dns(dns, &question, budget);
	snprintf(duration, sizeof(duration), "%.1f ms", deadline_passed(&start) * MILLISECONDS);
	explain_answer(dns, name, type, answer, duration);
	return answer;
}
