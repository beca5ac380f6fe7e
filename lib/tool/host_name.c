/*
 * host_name - the full name of this host; see tool/host_name.h
 */
#include "tool/host_name.h"

#include <resolv.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/config_file.h"
#include "dns/dns.h"

#define HOST_NAME_LEN   256
#define HOSTS           "/etc/hosts"
#define ADDRESS_QUERIES 4 /* A and AAAA, each with an alias */

/* next_word - hosts(5): words are divided by blanks */
static bool next_word(struct slice *line, struct slice *word)
{
	size_t len = 0;

	*line = slice_trim(*line);
	while (len < line->len && strchr(" \t\r", line->data[len]) == NULL)
		len++;
	*word = slice_from(line->data, len);
	*line = slice_skip(*line, len);
	return len != 0;
}

/* full_name_in - the first name with a dot in a line of /etc/hosts that has the host name */
static const char *full_name_in(struct pool *pool, struct slice line, const char *name)
{
	struct slice word, full = {.len = 0};
	bool is_ours = false;

	next_word(&line, &word); /* the address */
	while (next_word(&line, &word)) {
		is_ours = is_ours || slice_is_nocase(word, name);
		if (full.len == 0 && slice_find(word, '.') < word.len)
			full = word;
	}
	return is_ours && full.len != 0 ? slice_copy(pool, full) : NULL;
}

/* find_in_hosts - NULL if the file does not tell */
static const char *find_in_hosts(struct pool *pool, const char *name)
{
	struct config_file file;
	struct error error;
	struct slice line;
	const char *full = NULL;

	if (!config_file_read(pool, HOSTS, &file, &error))
		return NULL;
	while (full == NULL && config_file_next(&file, &line))
		full = full_name_in(pool, line, name);
	return full;
}

/* has_address - is it a name of a host? */
static bool has_address(struct dns *dns, const char *name, struct dns_budget *budget)
{
	return dns_query(dns, name, DNS_A, budget)->status == DNS_FOUND ||
	       dns_query(dns, name, DNS_AAAA, budget)->status == DNS_FOUND;
}

/* find_in_dns - NULL if no search domain has the host */
static const char *find_in_dns(struct pool *pool, const char *name)
{
	struct __res_state state = {0};
	struct dns *dns;
	struct dns_budget budget = dns_budget_for(HOST_NAME_SECONDS_MAX, ADDRESS_QUERIES);
	const char *full = NULL;

	if (res_ninit(&state) != 0)
		return NULL;
	dns = dns_open_resolver(NULL);
	for (char **domain = state.dnsrch; full == NULL && *domain != NULL; domain++) {
		const char *candidate = pool_printf(pool, "%s.%s", name, *domain);

		if (**domain != '\0' && strcmp(*domain, ".") != 0 &&
		    has_address(dns, candidate, &budget))
			full = candidate;
	}
	dns_close(dns);
	res_nclose(&state);
	return full;
}

const char *host_name(struct pool *pool, bool may_ask)
{
	char *name = pool_alloc(pool, HOST_NAME_LEN);
	const char *full;

	if (gethostname(name, HOST_NAME_LEN - 1) != 0)
		return "localhost";
	if (strchr(name, '.') != NULL)
		return name;
	full = find_in_hosts(pool, name);
	if (full == NULL && may_ask)
		full = find_in_dns(pool, name);
	return full != NULL ? full : name;
}
