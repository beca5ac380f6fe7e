/*
 * quota - what a stranger can make the history grow by; see history/quota.h
 *
 * The shares of newcomers and the sum of a day are rows like those of an organization, under names
 * that no domain can have.
 */
#include "history/quota.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define ALL      " all"
#define PASSED   " passed"
#define FAILED   " failed"
#define OVERHEAD 64 /* octets of a row besides its texts: numbers, lengths, its part of a page */

/* What has been used, and what is known of the organization. */
struct usage {
	long long rows;
	long long policies;
	bool known;      /* seen on an earlier day */
	long long all;   /* octets of the day */
	long long share; /* octets of the share that it would be counted in as a newcomer */
	bool has_policy; /* there are rows of this policy on this day */
};

/* row_organization - its own name if it is not known */
static const char *row_organization(const struct history_texts *texts)
{
	const char *organization = texts->column[HISTORY_ORGANIZATION];

	return *organization != '\0' ? organization : texts->column[HISTORY_POLICY_DOMAIN];
}

/* share_of - which newcomers' share a row would count in */
static const char *share_of(const struct history_texts *texts)
{
	bool passed = strcmp(texts->column[HISTORY_SPF_ALIGNED], "pass") == 0 ||
		      strcmp(texts->column[HISTORY_DKIM_ALIGNED], "pass") == 0;

	return passed ? PASSED : FAILED;
}

/* cost_of - a new row in octets; a new policy is there twice, once in its index */
static long long cost_of(const struct history_texts *texts, bool has_policy)
{
	size_t octets = OVERHEAD;

	for (size_t i = HISTORY_SOURCE; i < HISTORY_COUNT; i++)
		octets += strlen(texts->column[i]);
	if (!has_policy)
		octets += 2 * (strlen(texts->column[HISTORY_POLICY_RECORD]) +
			       strlen(texts->column[HISTORY_POLICY_DOMAIN]));
	return (long long)octets;
}

/* bind - parameters that are texts, from ?1 on */
static void bind(sqlite3_stmt *statement, const char *const *texts, int count)
{
	for (int i = 0; i < count; i++)
		sqlite3_bind_text(statement, i + 1, texts[i], -1, SQLITE_STATIC);
}

/* read_usage - before the row is stored */
static bool read_usage(struct history *history, const struct history_texts *texts,
		       struct usage *usage, struct error *error)
{
	const char *const parameters[] = {row_organization(texts), texts->column[HISTORY_DAY],
					  share_of(texts), texts->column[HISTORY_POLICY_DOMAIN],
					  texts->column[HISTORY_POLICY_RECORD]};
	sqlite3_stmt *statement = history_prepare(
	    history,
	    "SELECT coalesce((SELECT rows FROM quota WHERE organization = ?1 AND day = ?2), 0),"
	    " coalesce((SELECT policies FROM quota WHERE organization = ?1 AND day = ?2), 0),"
	    " EXISTS(SELECT 1 FROM quota WHERE organization = ?1 AND day < ?2 AND rows > 0),"
	    " coalesce((SELECT octets FROM quota WHERE organization = '" ALL "' AND day = ?2), 0),"
	    " coalesce((SELECT octets FROM quota WHERE organization = ?3 AND day = ?2), 0),"
	    " EXISTS(SELECT 1 FROM messages WHERE day = ?2 AND policy ="
	    "  (SELECT id FROM policy WHERE domain = ?4 AND record = ?5))",
	    error);
	bool good;

	if (statement == NULL)
		return false;
	bind(statement, parameters, 5);
	sqlite3_bind_int64(statement, 2, atoll(texts->column[HISTORY_DAY]));
	good = sqlite3_step(statement) == SQLITE_ROW;
	if (!good)
		history_failed(history, error);
	*usage = (struct usage){
	    .rows = sqlite3_column_int64(statement, 0),
	    .policies = sqlite3_column_int64(statement, 1),
	    .known = sqlite3_column_int(statement, 2) != 0,
	    .all = sqlite3_column_int64(statement, 3),
	    .share = sqlite3_column_int64(statement, 4),
	    .has_policy = sqlite3_column_int(statement, 5) != 0,
	};
	sqlite3_finalize(statement);
	return good;
}

/* add_to_quota - to what a name has used on the day of the row */
static bool add_to_quota(struct history *history, const struct history_texts *texts,
			 const char *name, const long long numbers[4], struct error *error)
{
	sqlite3_stmt *statement = history_prepare(
	    history,
	    "INSERT INTO quota VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET"
	    " rows = rows + excluded.rows, policies = policies + excluded.policies,"
	    " octets = octets + excluded.octets, refused = refused + excluded.refused",
	    error);

	if (statement != NULL) {
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
		sqlite3_bind_int64(statement, 2, atoll(texts->column[HISTORY_DAY]));
		for (int i = 0; i < 4; i++)
			sqlite3_bind_int64(statement, i + 3, numbers[i]);
	}
	return history_finish(history, statement, error);
}

/* remember_member - that the policy domain belongs to an organization of another name */
static bool remember_member(struct history *history, const struct history_texts *texts,
			    struct error *error)
{
	const char *const parameters[] = {texts->column[HISTORY_POLICY_DOMAIN],
					  row_organization(texts)};
	sqlite3_stmt *statement;

	if (strcmp(parameters[0], parameters[1]) == 0)
		return true;
	statement = history_prepare(
	    history,
	    "INSERT INTO member VALUES(?1, ?2) ON CONFLICT DO UPDATE SET"
	    " organization = excluded.organization WHERE organization <> excluded.organization",
	    error);
	if (statement != NULL)
		bind(statement, parameters, 2);
	return history_finish(history, statement, error);
}

/* refuse_row - a newcomer gets no row of its own for that */
static bool refuse_row(struct history *history, const struct history_texts *texts,
		       const struct usage *usage, struct error *error)
{
	const long long numbers[4] = {0, 0, 0, atoll(texts->column[HISTORY_COUNT])};
	bool own = usage->rows >= HISTORY_ROWS_MAX || usage->policies >= HISTORY_POLICIES_MAX;
	const char *name = own ? row_organization(texts) : usage->known ? ALL : share_of(texts);

	return add_to_quota(history, texts, name, numbers, error);
}

/* has_room - for a row of that cost */
static bool has_room(const struct usage *usage, long long cost)
{
	if (usage->rows >= HISTORY_ROWS_MAX || usage->all + cost > HISTORY_DAY_OCTETS_MAX)
		return false;
	if (!usage->has_policy && usage->policies >= HISTORY_POLICIES_MAX)
		return false;
	return usage->known || usage->share + cost <= HISTORY_NEWCOMERS_MAX;
}

bool quota_take(struct history *history, const struct history_texts *texts, bool *admitted,
		struct error *error)
{
	long long numbers[4] = {1, 0, 0, 0};
	struct usage usage;

	if (!read_usage(history, texts, &usage, error))
		return false;
	numbers[1] = usage.has_policy ? 0 : 1;
	numbers[2] = cost_of(texts, usage.has_policy);
	*admitted = has_room(&usage, numbers[2]);
	if (!*admitted)
		return refuse_row(history, texts, &usage, error);
	return add_to_quota(history, texts, row_organization(texts), numbers, error) &&
	       add_to_quota(history, texts, ALL, numbers, error) &&
	       (usage.known || add_to_quota(history, texts, share_of(texts), numbers, error)) &&
	       remember_member(history, texts, error);
}

/* reason_of - why a name has used up what it has */
static const char *reason_of(struct pool *pool, const char *name)
{
	if (strcmp(name, ALL) == 0)
		return pool_printf(pool, "the day has %u MiB of rows",
				   HISTORY_DAY_OCTETS_MAX >> 20);
	if (strcmp(name, PASSED) == 0 || strcmp(name, FAILED) == 0)
		return pool_printf(pool,
				   "domains never seen on an earlier day, whose mail %s, have used"
				   " their %u MiB",
				   name + 1, HISTORY_NEWCOMERS_MAX >> 20);
	return pool_printf(pool, "it has %d rows or %d policies on that day", HISTORY_ROWS_MAX,
			   HISTORY_POLICIES_MAX);
}

/* read_refusal - the current row */
static struct quota_refusal read_refusal(struct pool *pool, sqlite3_stmt *statement)
{
	const char *name = history_column_text(pool, statement, 1);

	return (struct quota_refusal){
	    .day = sqlite3_column_int64(statement, 0),
	    .organization = *name == ' ' ? NULL : name,
	    .reason = reason_of(pool, name),
	    .messages = (unsigned long long)sqlite3_column_int64(statement, 2),
	};
}

bool quota_refused(struct history *history, struct pool *pool, struct quota_refusals *refusals,
		   struct error *error)
{
	sqlite3_stmt *statement =
	    history_prepare(history,
			    "SELECT day, organization, refused FROM quota WHERE refused > 0"
			    " ORDER BY day DESC, organization LIMIT ?1",
			    error);
	int status;

	*refusals = (struct quota_refusals){.count = 0};
	if (statement == NULL)
		return false;
	sqlite3_bind_int64(statement, 1, QUOTA_REFUSALS_MAX);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		refusals->items =
		    pool_grow(pool, refusals->items, refusals->count, sizeof(*refusals->items));
		refusals->items[refusals->count++] = read_refusal(pool, statement);
	}
	return history_end_query(history, statement, status, error);
}

bool quota_days(struct history *history, const char *organization, long long *days,
		struct error *error)
{
	sqlite3_stmt *statement = history_prepare(
	    history, "SELECT count(*) FROM quota WHERE organization = ?1 AND rows > 0", error);
	int status;

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, organization, -1, SQLITE_STATIC);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		*days = sqlite3_column_int64(statement, 0);
	return history_end_query(history, statement, status, error);
}

const char *quota_organization(struct history *history, struct pool *pool, const char *domain,
			       struct error *error)
{
	sqlite3_stmt *statement =
	    history_prepare(history, "SELECT organization FROM member WHERE domain = ?1", error);
	const char *organization = domain;
	int status;

	if (statement == NULL)
		return NULL;
	sqlite3_bind_text(statement, 1, domain, -1, SQLITE_STATIC);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		organization = history_column_text(pool, statement, 0);
	return history_end_query(history, statement, status, error) ? organization : NULL;
}
