/*
 * source_guess - SPF and names for sources; see report/source_guess.h
 */
#include "report/source_guess.h"

#include <string.h>

#include "base/pool.h"
#include "mail/domain.h"
#include "spf/evaluate.h"

/* asks_spf - may this host send for the domain? RESULT_TEMPERROR: nobody knows. */
static enum result asks_spf(struct pool *pool, struct source_guess *guess,
			    const struct source *source, bool *by_include)
{
	struct spf_query query = {
	    .helo = source->domain,
	    .sender = pool_printf(pool, "postmaster@%s", source->domain),
	    .receiver = guess->receiver,
	    .now = guess->now,
	};
	struct spf_result result;

	if (!ip_address_parse(slice_of(source->address), &query.client))
		return RESULT_TEMPERROR;
	spf_check(pool, &query, SPF_MAILFROM, guess->dns, &guess->budget, guess->trace, &result);
	*by_include =
	    result.mechanism != NULL && slice_starts_nocase(slice_of(result.mechanism), "include:");
	return result.result;
}

/* is_signed_alone - has it the domain's signature on all it sends, and an envelope of its own? */
static bool has_signature(const struct source *source)
{
	return source->dkim > 0 && source->failed == 0;
}

/* class_of - with what SPF says */
static enum source_class class_of(const struct source *source, enum result result, bool by_include)
{
	if (result == RESULT_PASS)
		return by_include ? SOURCE_SERVICE : SOURCE_OURS;
	if (source->forwarded > 0 || (source->dkim > 0 && !has_signature(source)))
		return SOURCE_FORWARDER;
	if (!has_signature(source))
		return SOURCE_STRANGER;
	/* Signed for the domain without a fault: a service that has a key, unless the envelope is
	   the domain's own, which a forwarder keeps and SPF then fails for. */
	return source->envelopes.count > 0 ? SOURCE_SERVICE : SOURCE_FORWARDER;
}

void guess_classes(struct source_guess *guess, struct source_list *list)
{
	bool answers = true;

	for (size_t i = 0; answers && i < list->count && i < GUESS_SOURCES_MAX; i++) {
		struct source *source = &list->items[i];
		struct pool *scratch = pool_new();
		bool by_include = false;
		enum result result;

		result = asks_spf(scratch, guess, source, &by_include);
		pool_free(scratch);
		answers = result != RESULT_TEMPERROR || dns_budget_left(&guess->budget) > 0;
		if (result == RESULT_TEMPERROR)
			continue;
		source->is_in_spf = result == RESULT_PASS;
		source->class = class_of(source, result, by_include);
	}
}

/* reverse_name - of an address (RFC 1035 3.5, RFC 3596 2.5) */
static const char *reverse_name(struct pool *pool, const struct ip_address *address)
{
	const unsigned char *octets = (const unsigned char *)&address->a;
	const char *text = "";

	if (address->family == AF_INET)
		return pool_printf(pool, "%u.%u.%u.%u.in-addr.arpa", octets[3], octets[2],
				   octets[1], octets[0]);
	octets = address->aaaa.s6_addr;
	for (int i = (int)sizeof(address->aaaa.s6_addr) - 1; i >= 0; i--)
		text = pool_printf(pool, "%s%x.%x.", text, octets[i] & 0xfU, octets[i] >> 4);
	return pool_printf(pool, "%sip6.arpa", text);
}

/* has_address - does the name have that address? Else anybody could call his host as he likes. */
static bool has_address(struct source_guess *guess, const char *name,
			const struct ip_address *address)
{
	bool is_four = address->family == AF_INET;
	const struct dns_answer *answer =
	    dns_query(guess->dns, name, is_four ? DNS_A : DNS_AAAA, &guess->budget);

	for (size_t i = 0; answer->status == DNS_FOUND && i < answer->count; i++) {
		const struct dns_record *record = &answer->records[i];

		if (is_four ? record->a.s_addr == address->a.s_addr
			    : memcmp(&record->aaaa, &address->aaaa, sizeof(record->aaaa)) == 0)
			return true;
	}
	return false;
}

/* ask_name - of a host; "" if it has none, NULL if nobody knows */
static const char *ask_name(struct pool *pool, struct source_guess *guess, const char *text)
{
	const struct dns_answer *answer;
	struct ip_address address;
	const char *name;

	if (!ip_address_parse(slice_of(text), &address))
		return "";
	answer = dns_query(guess->dns, reverse_name(pool, &address), DNS_PTR, &guess->budget);
	if (answer->status != DNS_FOUND)
		return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN ? "" : NULL;
	name = domain_canonical(pool, slice_of(answer->records[0].name));
	return name != NULL && has_address(guess, name, &address) ? name : "";
}

/* known_name - what the store remembers; NULL: nothing, or too old */
static const char *known_name(struct report_store *store, struct pool *pool,
			      const struct source_guess *guess, const char *address)
{
	static const char query[] = "SELECT name FROM host JOIN text ON text.id = host.source"
				    " WHERE text.value = ? AND asked > ?";
	sqlite3_stmt *statement = NULL;
	const char *name = NULL;

	if (sqlite3_prepare_v2(store->database, query, -1, &statement, NULL) != SQLITE_OK)
		return NULL;
	sqlite3_bind_text(statement, 1, address, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2,
			   guess->now - (time_t)GUESS_NAME_DAYS * STORE_SECONDS_A_DAY);
	if (sqlite3_step(statement) == SQLITE_ROW)
		name = view_text(pool, statement, 0);
	sqlite3_finalize(statement);
	return name;
}

/* remember_name - in the store */
static bool remember_name(struct report_store *store, const struct source_guess *guess,
			  const char *address, const char *name, struct error *error)
{
	static const char query[] =
	    "INSERT OR REPLACE INTO host SELECT id, ?2, ?3 FROM text WHERE value = ?1";
	sqlite3_stmt *statement = NULL;
	bool good;

	if (sqlite3_prepare_v2(store->database, query, -1, &statement, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_bind_text(statement, 1, address, -1, SQLITE_STATIC);
	sqlite3_bind_text(statement, 2, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 3, guess->now);
	good = sqlite3_step(statement) == SQLITE_DONE || store_failed(store, error);
	sqlite3_finalize(statement);
	return good;
}

bool guess_names(struct report_store *store, struct pool *pool, struct source_guess *guess,
		 struct source_list *list, struct error *error)
{
	unsigned asked = 0;
	bool good = store_run(store, "BEGIN IMMEDIATE", error);

	for (size_t i = 0; good && i < list->count; i++) {
		struct source *source = &list->items[i];
		const char *name = known_name(store, pool, guess, source->address);

		if (name == NULL && asked++ < GUESS_NAMES_MAX) {
			name = ask_name(pool, guess, source->address);
			if (name != NULL)
				good = remember_name(store, guess, source->address, name, error);
		}
		source->name = name != NULL ? name : "";
	}
	return good && store_run(store, "COMMIT", error);
}
