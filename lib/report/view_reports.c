/*
 * view_reports - queries on reports; see report/view_reports.h
 */
#include "report/view_reports.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pool.h"

#define WEEK (7LL * STORE_SECONDS_A_DAY)

/* Names what is looked at; by a text so that the number of the domain is found only once. */
#define IN_DAYS   "day BETWEEN ?1 AND ?2"
#define OF_DOMAIN "(?3 = 0 OR domain = ?3)"

const char *view_day_text(struct pool *pool, long long day)
{
	time_t moment = (time_t)(day * STORE_SECONDS_A_DAY);
	struct tm parts = {.tm_mday = 1};

	gmtime_r(&moment, &parts);
	return pool_printf(pool, "%04d-%02d-%02d", parts.tm_year + 1900, parts.tm_mon + 1,
			   parts.tm_mday);
}

const char *view_text(struct pool *pool, sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return pool_copy(pool, text, text != NULL ? strlen((const char *)text) : 0);
}

unsigned long long view_number(sqlite3_stmt *statement, int column)
{
	return (unsigned long long)sqlite3_column_int64(statement, column);
}

/* domain_id - its number; -1 if no report is about it */
static bool domain_id(struct report_store *store, const char *domain, sqlite3_int64 *id,
		      struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int status;

	*id = 0;
	if (domain == NULL)
		return true;
	if (sqlite3_prepare_v2(store->database, "SELECT id FROM text WHERE value = ?", -1,
			       &statement, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_bind_text(statement, 1, domain, -1, SQLITE_STATIC);
	status = sqlite3_step(statement);
	*id = status == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : -1;
	sqlite3_finalize(statement);
	return status == SQLITE_ROW || status == SQLITE_DONE || store_failed(store, error);
}

sqlite3_stmt *view_prepare(struct report_store *store, const char *query,
			   const struct view_filter *filter, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_int64 id;

	if (!domain_id(store, filter->domain, &id, error))
		return NULL;
	if (sqlite3_prepare_v2(store->database, query, -1, &statement, NULL) != SQLITE_OK) {
		store_failed(store, error);
		return NULL;
	}
	sqlite3_bind_int64(statement, 1, filter->since);
	sqlite3_bind_int64(statement, 2, filter->until);
	sqlite3_bind_int64(statement, 3, id);
	return statement;
}

bool view_finish(struct report_store *store, sqlite3_stmt *statement, int status,
		 struct error *error)
{
	bool good = status == SQLITE_DONE || store_failed(store, error);

	sqlite3_finalize(statement);
	return good;
}

bool view_last_told(struct report_store *store, long long now, long long *told, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int status;

	*told = now - WEEK;
	if (sqlite3_prepare_v2(store->database, "SELECT time FROM told", -1, &statement, NULL) !=
	    SQLITE_OK)
		return store_failed(store, error);
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW) {
		*told = sqlite3_column_int64(statement, 0);
		status = sqlite3_step(statement);
	}
	return view_finish(store, statement, status, error);
}

/* latest_policy - of a domain, as the latest report has seen it */
static bool latest_policy(struct report_store *store, struct pool *pool, struct domain_sums *sums,
			  sqlite3_int64 domain, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int status;

	sums->policy = "";
	if (sqlite3_prepare_v2(store->database,
			       "SELECT policy FROM report WHERE kind = 0 AND domain = ? AND day = ?"
			       " AND policy != '' LIMIT 1",
			       -1, &statement, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_bind_int64(statement, 1, domain);
	sqlite3_bind_int64(statement, 2, sums->last);
	status = sqlite3_step(statement);
	if (status == SQLITE_ROW) {
		sums->policy = view_text(pool, statement, 0);
		status = sqlite3_step(statement);
	}
	return view_finish(store, statement, status, error);
}

/* by_messages - for qsort(3): most first */
static int by_messages(const void *a, const void *b)
{
	const struct domain_sums *one = a, *other = b;

	if (one->messages != other->messages)
		return one->messages < other->messages ? 1 : -1;
	return strcmp(one->domain, other->domain);
}

/* add_domain - from a row */
static bool add_domain(struct report_store *store, struct pool *pool, sqlite3_stmt *row,
		       struct domain_list *list, struct error *error)
{
	struct domain_sums *sums;

	list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
	sums = &list->items[list->count++];
	*sums = (struct domain_sums){
	    .domain = view_text(pool, row, 1),
	    .messages = view_number(row, 2),
	    .passed = view_number(row, 3),
	    .quarantined = view_number(row, 4),
	    .rejected = view_number(row, 5),
	    .reports = view_number(row, 6),
	    .reporters = view_number(row, 7),
	    .unauthenticated = view_number(row, 8),
	    .first = sqlite3_column_int64(row, 9),
	    .last = sqlite3_column_int64(row, 10),
	    .fresh = view_number(row, 11),
	};
	return latest_policy(store, pool, sums, sqlite3_column_int64(row, 0), error);
}

bool view_domains(struct report_store *store, struct pool *pool, const struct view_filter *filter,
		  struct domain_list *list, struct error *error)
{
	static const char query[] =
	    "SELECT domain, (SELECT value FROM text WHERE text.id = domain), sum(messages), "
	    "sum(passed),"
	    " sum(quarantined), sum(rejected), count(*), count(DISTINCT org),"
	    " sum(iif(sender = 0, messages, 0)), min(day), max(day), sum(received > ?4) FROM report"
	    " WHERE kind = 0 AND " OF_DOMAIN " AND " IN_DAYS " GROUP BY domain";
	sqlite3_stmt *statement = view_prepare(store, query, filter, error);
	long long told;
	int status;

	*list = (struct domain_list){.count = 0};
	if (statement == NULL || !view_last_told(store, time(NULL), &told, error)) {
		sqlite3_finalize(statement);
		return false;
	}
	sqlite3_bind_int64(statement, 4, told);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		if (filter->failing && view_number(statement, 2) == view_number(statement, 3))
			continue;
		if (!add_domain(store, pool, statement, list, error))
			break;
	}
	if (list->count > 0)
		qsort(list->items, list->count, sizeof(*list->items), by_messages);
	return view_finish(store, statement, status, error);
}

bool view_days(struct report_store *store, struct pool *pool, const struct view_filter *filter,
	       struct day_list *list, struct error *error)
{
	static const char query[] =
	    "SELECT day, sum(messages), sum(passed) FROM report WHERE kind = 0 AND " OF_DOMAIN
	    " AND " IN_DAYS " GROUP BY day ORDER BY day";
	sqlite3_stmt *statement = view_prepare(store, query, filter, error);
	int status;

	*list = (struct day_list){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] =
		    (struct day_sums){sqlite3_column_int64(statement, 0), view_number(statement, 1),
				      view_number(statement, 2)};
	}
	return view_finish(store, statement, status, error);
}

/* one_line - what is in lines of fields, for people */
static const char *one_line(struct pool *pool, const char *lines)
{
	struct slice rest = slice_of(lines);
	struct slice line, part;
	const char *text = "";

	while (slice_cut(&rest, '\n', &line)) {
		const char *separator = *text != '\0' ? ", " : "";

		while (line.len > 0 && slice_cut(&line, '\t', &part)) {
			if (part.len > 0)
				text = pool_printf(pool, "%s%s%.*s", text, separator, (int)part.len,
						   part.data);
			separator = " ";
		}
	}
	return text;
}

bool view_tls(struct report_store *store, struct pool *pool, const struct view_filter *filter,
	      struct tls_list *list, struct error *error)
{
	static const char query[] =
	    "SELECT (SELECT value FROM text WHERE text.id = tls.domain),"
	    " (SELECT value FROM text WHERE text.id = report.org),"
	    " (SELECT value FROM text WHERE text.id = tls.type), sum(good), sum(failed),"
	    " count(DISTINCT report.id), max(tls.day), max(failures) FROM tls"
	    " JOIN report ON report.id = tls.report"
	    " WHERE tls.day BETWEEN ?1 AND ?2 AND (?3 = 0 OR tls.domain = ?3)"
	    " GROUP BY tls.domain, report.org, tls.type ORDER BY sum(failed) DESC, sum(good) DESC";
	sqlite3_stmt *statement = view_prepare(store, query, filter, error);
	int status;

	*list = (struct tls_list){.count = 0};
	if (statement == NULL)
		return false;
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		if (filter->failing && view_number(statement, 4) == 0)
			continue;
		list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct tls_sums){
		    .domain = view_text(pool, statement, 0),
		    .org = view_text(pool, statement, 1),
		    .type = view_text(pool, statement, 2),
		    .good = view_number(statement, 3),
		    .failed = view_number(statement, 4),
		    .reports = view_number(statement, 5),
		    .last = sqlite3_column_int64(statement, 6),
		    .failures = one_line(pool, view_text(pool, statement, 7)),
		};
	}
	return view_finish(store, statement, status, error);
}

bool view_rejects(struct report_store *store, struct pool *pool, const struct view_filter *filter,
		  struct reject_list *list, struct error *error)
{
	static const char query[] =
	    "SELECT received, file, (SELECT value FROM text WHERE text.id = sender), org, domain,"
	    " reason, excerpt FROM reject"
	    " WHERE received / 86400 BETWEEN ?1 AND ?2 AND (?4 IS NULL OR domain = ?4)"
	    " ORDER BY id DESC";
	sqlite3_stmt *statement = view_prepare(store, query, filter, error);
	int status;

	*list = (struct reject_list){.count = 0};
	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 4, filter->domain, -1, SQLITE_STATIC);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
		list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
		list->items[list->count++] = (struct reject_entry){
		    .received = sqlite3_column_int64(statement, 0),
		    .file = view_text(pool, statement, 1),
		    .sender = view_text(pool, statement, 2),
		    .org = view_text(pool, statement, 3),
		    .domain = view_text(pool, statement, 4),
		    .reason = view_text(pool, statement, 5),
		    .excerpt = view_text(pool, statement, 6),
		};
	}
	return view_finish(store, statement, status, error);
}
