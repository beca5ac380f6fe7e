/*
 * match - what libspf2 does for us; see match.h
 *
 * RFC 7208 5.3 to 5.7 (mechanisms), 7.2 (letters), 4.6.4 (limits on MX and PTR
 * names), 5.5 (DNS errors while names of the client are validated).
 *
 * libspf2 calls abort() when a DNS layer returns NULL and when the host name is too
 * long for its buffer, so answers are built with memory_alloc(), which does not return
 * on failure, and SPF_server_t is filled in here instead of by SPF_server_new_dns().
 */
#include "spf/match.h"

#include <arpa/inet.h>
#include <spf2/spf.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"

#define RECORDS_MAX 65535 /* an answer has no more: RFC 1035 4.1.1, ANCOUNT */

/* What libspf2 calls the macro letters. */
static const struct {
	char letter;
	unsigned char type;
} parameters[] = {
    {'s', PARM_ENV_FROM},    {'l', PARM_LP_FROM},    {'o', PARM_DP_FROM},
    {'i', PARM_CLIENT_IP},   {'p', PARM_CLIENT_DOM}, {'v', PARM_CLIENT_VER},
    {'c', PARM_CLIENT_IP_P}, {'h', PARM_HELO_DOM},   {'r', PARM_REC_DOM},
};

#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

struct spf_matcher {
	struct pool *pool;
	struct dns *dns;
	struct dns_budget *budget;
	const struct ip_address *client;
	SPF_server_t server;
	SPF_dns_server_t layer; /* its hook is the matcher */
	SPF_request_t *request;

	/* while libspf2 works on one thing */
	bool any_address;      /* a prefix length of 0: every address is the client's */
	bool names_client;     /* ptr or %{p}: DNS errors are no match (RFC 7208 5.5) */
	const char *preferred; /* PTR names at or below it come first (RFC 7208 7.3) */
	enum spf_match failed; /* SPF_MATCH_NO as long as there is none */
	const char *reason;

	bool was_void;
	struct slice values[PARAMETERS]; /* of the letters that were asked for */
	const char *p_domain;            /* the domain that p was found for */
	bool p_was_void;
};

/* answer_new - an answer with room for count records; libspf2 frees it */
static SPF_dns_rr_t *answer_new(SPF_dns_server_t *layer, ns_type type, int status, size_t count)
{
	SPF_dns_rr_t *answer = memory_alloc(sizeof(*answer));

	answer->source = layer;
	answer->rr_type = type;
	answer->herrno = status;
	answer->rr = memory_alloc(count * sizeof(*answer->rr));
	answer->rr_buf_len = memory_alloc(count * sizeof(*answer->rr_buf_len));
	answer->rr_buf_num = (int)count;
	return answer;
}

/* add_record - one more record of len octets, zeroed */
static SPF_dns_rr_data_t *add_record(SPF_dns_rr_t *answer, size_t len)
{
	size_t size = len > sizeof(SPF_dns_rr_data_t) ? len : sizeof(SPF_dns_rr_data_t);
	int index = answer->num_rr++;

	answer->rr_buf_len[index] = size;
	answer->rr[index] = memory_alloc(size);
	return answer->rr[index];
}

static void add_name(SPF_dns_rr_t *answer, const char *name)
{
	size_t len = strlen(name);

	memcpy(add_record(answer, len + 1), name, len);
}

/* preference - 0 for the preferred name, 1 below it, 2 for any other */
static int preference(const struct spf_matcher *matcher, const char *name)
{
	struct slice ancestor = slice_of(matcher->preferred);
	struct slice whole = slice_of(name);

	if (slice_equal_nocase(whole, ancestor))
		return 0;
	if (whole.len <= ancestor.len || whole.data[whole.len - ancestor.len - 1] != '.')
		return 2;
	return slice_equal_nocase(slice_skip(whole, whole.len - ancestor.len), ancestor) ? 1 : 2;
}

/* add_client_names - at most SPF_PTR_MAX names, the preferred ones first */
static void add_client_names(const struct spf_matcher *matcher, SPF_dns_rr_t *answer,
			     const struct dns_answer *found)
{
	size_t count = found->count < SPF_PTR_MAX ? found->count : SPF_PTR_MAX;

	for (int wanted = 0; wanted <= 2; wanted++) {
		for (size_t i = 0; i < count; i++) {
			const char *name = found->records[i].name;

			if (name[0] != '\0' && preference(matcher, name) == wanted)
				add_name(answer, name);
		}
	}
}

/* add_mail_hosts - all of them; a null MX (RFC 7505) names none */
static void add_mail_hosts(SPF_dns_rr_t *answer, const struct dns_answer *found)
{
	for (size_t i = 0; i < found->count; i++) {
		if (found->records[i].mx.exchange[0] != '\0')
			add_name(answer, found->records[i].mx.exchange);
	}
}

/* add_addresses - with a prefix length of 0, the client's in place of any other */
static void add_addresses(const struct spf_matcher *matcher, SPF_dns_rr_t *answer,
			  const struct dns_answer *found)
{
	for (size_t i = 0; i < found->count && i < RECORDS_MAX; i++) {
		const struct dns_record *record = &found->records[i];
		SPF_dns_rr_data_t *data = add_record(answer, sizeof(*data));

		if (record->type == DNS_A)
			data->a = matcher->any_address ? matcher->client->a : record->a;
		else
			data->aaaa = matcher->any_address ? matcher->client->aaaa : record->aaaa;
	}
}

/* set_reason - the first one counts */
static void set_reason(struct spf_matcher *matcher, enum spf_match failed, const char *reason)
{
	if (matcher->failed != SPF_MATCH_NO)
		return;
	matcher->failed = failed;
	matcher->reason = reason;
}

/* is_over - has the work on this message to end, whatever was asked? */
static bool is_over(const struct spf_matcher *matcher, enum dns_status status)
{
	return status == DNS_EXHAUSTED || dns_budget_left(matcher->budget) <= 0;
}

/* failed_answer - DNS did not say */
static SPF_dns_rr_t *failed_answer(struct spf_matcher *matcher, const char *name, ns_type type,
				   enum dns_status status)
{
	if (matcher->names_client && !is_over(matcher, status))
		return answer_new(&matcher->layer, type, NO_DATA, 0);
	set_reason(matcher, SPF_MATCH_TEMPERROR,
		   pool_printf(matcher->pool, "DNS %s for %s %s", dns_status_word(status), name,
			       dns_type_word((enum dns_type)type)));
	return answer_new(&matcher->layer, type, TRY_AGAIN, 0);
}

/* found_answer - the records as libspf2 wants them */
static SPF_dns_rr_t *found_answer(struct spf_matcher *matcher, ns_type type,
				  const struct dns_answer *found)
{
	size_t room = found->count < RECORDS_MAX ? found->count : RECORDS_MAX;
	SPF_dns_rr_t *answer;

	if (type == ns_t_mx && found->count > SPF_MX_MAX) {
		set_reason(matcher, SPF_MATCH_PERMERROR,
			   pool_printf(matcher->pool,
				       "%zu MX hosts, allowed are %d (RFC 7208 4.6.4)",
				       found->count, SPF_MX_MAX));
		return answer_new(&matcher->layer, type, NO_DATA, 0);
	}
	answer = answer_new(&matcher->layer, type, NETDB_SUCCESS, room);
	if (type == ns_t_ptr)
		add_client_names(matcher, answer, found);
	else if (type == ns_t_mx)
		add_mail_hosts(answer, found);
	else
		add_addresses(matcher, answer, found);
	return answer;
}

/* look_up - the DNS layer; never returns NULL */
static SPF_dns_rr_t *look_up(SPF_dns_server_t *layer, const char *name, ns_type type,
			     int should_cache)
{
	struct spf_matcher *matcher = layer->hook;
	const struct dns_answer *found;

	(void)should_cache; /* dns_query() remembers everything */
	if (matcher->failed != SPF_MATCH_NO)
		return answer_new(layer, type, TRY_AGAIN, 0);
	if (type != ns_t_a && type != ns_t_aaaa && type != ns_t_mx && type != ns_t_ptr)
		return answer_new(layer, type, NO_DATA, 0);
	found = dns_query(matcher->dns, name, (enum dns_type)type, matcher->budget);
	switch (found->status) {
	case DNS_FOUND: return found_answer(matcher, type, found);
	case DNS_NODATA:
	case DNS_NXDOMAIN: matcher->was_void = true; return answer_new(layer, type, NO_DATA, 0);
	default: return failed_answer(matcher, name, type, found->status);
	}
}

static void set_client(SPF_request_t *request, const struct ip_address *client)
{
	if (client->family == AF_INET)
		SPF_request_set_ipv4(request, client->a);
	else
		SPF_request_set_ipv6(request, client->aaaa);
}

/* request_new - who the client is and says it is; NULL if libspf2 has no memory */
static SPF_request_t *request_new(SPF_server_t *server, const struct spf_query *query)
{
	SPF_request_t *request = SPF_request_new(server);

	if (request == NULL)
		return NULL;
	if (SPF_request_set_env_from(request, query->sender) != SPF_E_SUCCESS ||
	    SPF_request_set_helo_dom(request, query->helo) != SPF_E_SUCCESS) {
		SPF_request_free(request);
		return NULL;
	}
	set_client(request, &query->client);
	return request;
}

struct spf_matcher *spf_matcher_new(struct pool *pool, const struct spf_query *query,
				    struct dns *dns, struct dns_budget *budget)
{
	struct spf_matcher *matcher = pool_alloc(pool, sizeof(*matcher));

	matcher->pool = pool;
	matcher->dns = dns;
	matcher->budget = budget;
	matcher->client = &query->client;
	matcher->layer = (SPF_dns_server_t){.lookup = look_up, .name = "assay", .hook = matcher};
	matcher->server = (SPF_server_t){
	    .resolver = &matcher->layer,
	    .rec_dom = slice_copy(pool, slice_of(query->receiver)),
	    .max_dns_mech = SPF_LOOKUPS_MAX,
	    .max_dns_ptr = SPF_PTR_MAX,
	    .max_dns_mx = SPF_MX_MAX,
	};
	matcher->request = request_new(&matcher->server, query);
	return matcher;
}

void spf_matcher_free(struct spf_matcher *matcher)
{
	if (matcher->request != NULL)
		SPF_request_free(matcher->request);
}

/* network_text - "ip4:ADDRESS/BITS"; with 0 bits the client's own address with all bits */
static const char *network_text(struct spf_matcher *matcher, const struct spf_term *term)
{
	char address[INET6_ADDRSTRLEN];
	bool is_ip4 = term->type == SPF_TERM_IP4;
	unsigned bits = is_ip4 ? term->prefix4 : term->prefix6;

	if (bits == 0)
		return pool_printf(matcher->pool, "v=spf1 %s:%s", is_ip4 ? "ip4" : "ip6",
				   matcher->client->text);
	inet_ntop(is_ip4 ? AF_INET : AF_INET6, &term->network4, address, sizeof(address));
	return pool_printf(matcher->pool, "v=spf1 %s:%s/%u", is_ip4 ? "ip4" : "ip6", address, bits);
}

/* host_text - "a/BITS" or "a//BITS", for the client's family; the name is the current domain */
static const char *host_text(struct spf_matcher *matcher, const struct spf_term *term)
{
	bool is_ip4 = matcher->client->family == AF_INET;
	const char *name = term->type == SPF_TERM_A ? "a" : "mx";
	unsigned bits = is_ip4 ? term->prefix4 : term->prefix6;

	if (bits == 0)
		return pool_printf(matcher->pool, "v=spf1 %s", name);
	return pool_printf(matcher->pool, "v=spf1 %s%s/%u", name, is_ip4 ? "" : "/", bits);
}

/* record_text - the mechanism as a record of its own; NULL if it cannot match the client */
static const char *record_text(struct spf_matcher *matcher, const struct spf_term *term)
{
	int family = matcher->client->family;

	switch (term->type) {
	case SPF_TERM_IP4: return family == AF_INET ? network_text(matcher, term) : NULL;
	case SPF_TERM_IP6: return family == AF_INET6 ? network_text(matcher, term) : NULL;
	case SPF_TERM_A:
	case SPF_TERM_MX: return host_text(matcher, term);
	case SPF_TERM_PTR: return "v=spf1 ptr";
	case SPF_TERM_EXISTS: return "v=spf1 exists:%{d}";
	default: return NULL;
	}
}

/* libspf2_failed - it should not have: say so, and that the mail may come again */
static enum spf_match libspf2_failed(struct spf_matcher *matcher, const char *what)
{
	set_reason(matcher, SPF_MATCH_TEMPERROR, pool_printf(matcher->pool, "libspf2: %s", what));
	return matcher->failed;
}

/* judge_match - libspf2's result; our own view of what went wrong comes first */
static enum spf_match judge_match(struct spf_matcher *matcher, SPF_errcode_t status,
				  const SPF_response_t *response)
{
	if (matcher->failed != SPF_MATCH_NO)
		return matcher->failed;
	if (status == SPF_E_SUCCESS && response->result == SPF_RESULT_PASS)
		return SPF_MATCH_YES;
	if (response->result == SPF_RESULT_NEUTRAL && response->reason == SPF_REASON_DEFAULT)
		return SPF_MATCH_NO;
	return libspf2_failed(matcher, SPF_strerror(status));
}

/* evaluate_mechanism - lets libspf2 compile and interpret a record of one mechanism */
static enum spf_match evaluate_mechanism(struct spf_matcher *matcher, const char *text,
					 const char *target)
{
	SPF_response_t *response = SPF_response_new(matcher->request);
	SPF_record_t *record = NULL;
	enum spf_match match;
	SPF_errcode_t status;

	if (response == NULL)
		return libspf2_failed(matcher, "out of memory");
	status = SPF_record_compile(&matcher->server, response, &record, text);
	if (status != SPF_E_SUCCESS) {
		match = libspf2_failed(matcher, SPF_strerror(status));
	} else {
		matcher->request->cur_dom = target;
		response->spf_record_exp = record;
		status = SPF_record_interpret(record, matcher->request, response, 0);
		match = judge_match(matcher, status, response);
	}
	if (record != NULL)
		SPF_record_free(record);
	SPF_response_free(response);
	return match;
}

enum spf_match spf_matcher_test(struct spf_matcher *matcher, const struct spf_term *term,
				const char *target)
{
	const char *text = record_text(matcher, term);
	bool is_ip4 = matcher->client->family == AF_INET;

	matcher->failed = SPF_MATCH_NO;
	if (text == NULL)
		return SPF_MATCH_NO;
	if (matcher->request == NULL)
		return libspf2_failed(matcher, "out of memory");
	matcher->any_address = (is_ip4 ? term->prefix4 : term->prefix6) == 0;
	matcher->names_client = term->type == SPF_TERM_PTR;
	matcher->preferred = target;
	return evaluate_mechanism(matcher, text, target);
}

const char *spf_matcher_reason(const struct spf_matcher *matcher)
{
	return matcher->reason;
}

bool spf_matcher_take_void(struct spf_matcher *matcher)
{
	bool was_void = matcher->was_void;

	matcher->was_void = false;
	return was_void;
}

/* expand_parameter - what libspf2 has for one of its parameters; data NULL if it fails */
static struct slice expand_parameter(struct spf_matcher *matcher, unsigned char type)
{
	SPF_data_t data = {.dv = {.parm_type = type}};
	struct slice value = slice_of(NULL);
	char *text = NULL;
	size_t size = 0;

	if (SPF_record_expand_data(&matcher->server, matcher->request, NULL, &data, sizeof(data),
				   &text, &size) == SPF_E_SUCCESS)
		value = slice_of(slice_copy(matcher->pool, slice_of(text)));
	free(text);
	return value;
}

/*
 * client_name - %{p}: a validated name of the client or "unknown", whatever happens
 * (RFC 7208 7.3). libspf2 takes the first, so they are put in order for it.
 */
static struct slice client_name(struct spf_matcher *matcher, const char *domain)
{
	bool was_void = spf_matcher_take_void(matcher);
	struct slice name;

	set_client(matcher->request, matcher->client); /* it forgets the name it found before */
	matcher->any_address = false;
	matcher->names_client = true;
	matcher->preferred = domain;
	matcher->failed = SPF_MATCH_NO;
	name = expand_parameter(matcher, PARM_CLIENT_DOM);
	matcher->failed = SPF_MATCH_NO;
	matcher->p_domain = domain;
	matcher->p_was_void = matcher->was_void;
	matcher->was_void = was_void;
	return name;
}

/* upper_case - libspf2 writes the nibbles of an IPv6 address in lower case, others do not */
static struct slice upper_case(struct pool *pool, struct slice value)
{
	char *copy = slice_copy(pool, value);

	for (size_t i = 0; i < value.len; i++)
		copy[i] = byte_upper(copy[i]);
	return slice_from(copy, value.len);
}

/* find_value - the value of a letter that is not known yet */
static struct slice find_value(struct spf_matcher *matcher, size_t index, const char *domain)
{
	struct slice value;

	if (matcher->request == NULL)
		return slice_of(NULL);
	if (parameters[index].letter == 'p')
		return client_name(matcher, domain);
	value = expand_parameter(matcher, parameters[index].type);
	if (parameters[index].letter == 'i' && value.data != NULL)
		return upper_case(matcher->pool, value);
	return value;
}

struct slice spf_matcher_value(struct spf_matcher *matcher, char letter, const char *domain)
{
	size_t i = 0;
	bool is_stale;

	while (i < PARAMETERS && parameters[i].letter != letter)
		i++;
	if (i == PARAMETERS)
		return slice_of(NULL);
	is_stale =
	    letter == 'p' && (matcher->p_domain == NULL || strcmp(matcher->p_domain, domain) != 0);
	if (matcher->values[i].data == NULL || is_stale)
		matcher->values[i] = find_value(matcher, i, domain);
	if (letter == 'p' && matcher->p_was_void)
		matcher->was_void = true;
	return matcher->values[i];
}

/* test_client_alone - one mechanism, without a message */
static bool test_client_alone(struct pool *pool, const struct ip_address *client,
			      enum spf_term_type type, const char *target, struct dns *dns,
			      struct dns_budget *budget)
{
	const struct spf_query query = {
	    .client = *client, .helo = target, .sender = target, .receiver = ""};
	const struct spf_term term = {.type = type, .prefix4 = 32, .prefix6 = 128};
	struct spf_matcher *matcher = spf_matcher_new(pool, &query, dns, budget);
	enum spf_match match = spf_matcher_test(matcher, &term, target);

	spf_matcher_free(matcher);
	return match == SPF_MATCH_YES;
}

bool spf_client_is_below(struct pool *pool, const struct ip_address *client, const char *domain,
			 struct dns *dns, struct dns_budget *budget)
{
	return test_client_alone(pool, client, SPF_TERM_PTR, domain, dns, budget);
}

bool spf_client_is_host(struct pool *pool, const struct ip_address *client, const char *host,
			struct dns *dns, struct dns_budget *budget)
{
	return test_client_alone(pool, client, SPF_TERM_A, host, dns, budget);
}
