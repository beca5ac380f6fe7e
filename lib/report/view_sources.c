/*
 * view_sources - rows summed up by their source; see report/view_sources.h
 *
 * The index record_source has the rows of a source side by side, so that a source is complete
 * before the next one begins, and those with the same results are one group of the query.
 */
#include "report/view_sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define CLASS_DKIM         1
#define CLASS_SPF          2
#define DISPOSITION(class) ((class) >> 2)

#define PARSED_CACHE                                                                               \
	65536 /* lists of results that are remembered; a busy site has some thousand               \
	       */

/* What passed, of a list of results (report/incoming.h). */
struct passed_results {
	sqlite3_int64 id;
	unsigned count;
	struct {
		bool is_spf;
		const char *name;
	} items[2 * SOURCE_NAMES_MAX];
};

/* A query that is being summed up. */
struct source_reading {
	struct pool *pool;
	sqlite3_stmt *text;   /* the text of a number */
	sqlite3_int64 source; /* of the last row */
	sqlite3_int64 domain;
	const char *domain_text;
	struct passed_results **parsed;
	sqlite3_int64 reasons;
	bool is_forward; /* the reasons speak of forwarding */
	struct source_list *list;
};

const char *source_class_word(enum source_class class)
{
	static const char *const words[] = {"ours", "service", "forwarder", "stranger"};

	return words[class];
}

const char *source_names_text(struct pool *pool, const struct source_names *names)
{
	const char *text = names->count > 0 ? names->items[0].name : "";

	for (unsigned i = 1; i < names->count; i++)
		text = pool_printf(pool, "%s %s", text, names->items[i].name);
	return text;
}

const char *source_known_as(const struct source *source)
{
	if (*source->name != '\0')
		return source->name;
	if (source->envelopes.count > 0)
		return source->envelopes.items[0].name;
	return source->signers.count > 0 ? source->signers.items[0].name : "";
}

/* text_of - by its number */
static const char *text_of(struct source_reading *reading, sqlite3_int64 id)
{
	const char *text = "";

	if (id == 0)
		return text;
	sqlite3_bind_int64(reading->text, 1, id);
	if (sqlite3_step(reading->text) == SQLITE_ROW)
		text = view_text(reading->pool, reading->text, 0);
	sqlite3_reset(reading->text);
	return text;
}

/* note_name - of a signer or an envelope; the ones with most messages are in front */
static void note_name(struct source_names *names, const char *name, unsigned long long messages)
{
	unsigned i = 0;

	while (i < names->count && strcmp(names->items[i].name, name) != 0)
		i++;
	if (i == SOURCE_NAMES_MAX)
		return;
	if (i == names->count)
		names->items[names->count++] = (struct source_name){name, 0};
	names->items[i].messages += messages;
	for (; i > 0 && names->items[i].messages > names->items[i - 1].messages; i--) {
		struct source_name other = names->items[i - 1];

		names->items[i - 1] = names->items[i];
		names->items[i] = other;
	}
}

/* parse_results - what passed in them */
static struct passed_results *parse_results(struct pool *pool, sqlite3_int64 id, const char *text)
{
	struct passed_results *passed = pool_alloc(pool, sizeof(*passed));
	struct slice rest = slice_of(text);
	struct slice line, method, domain, detail;

	passed->id = id;
	while (passed->count < 2 * SOURCE_NAMES_MAX && slice_cut(&rest, '\n', &line)) {
		if (!slice_cut(&line, '\t', &method) || !slice_cut(&line, '\t', &domain) ||
		    !slice_cut(&line, '\t', &detail) || !slice_is(line, "pass") || domain.len == 0)
			continue;
		passed->items[passed->count].is_spf = slice_is(method, "spf");
		passed->items[passed->count++].name =
		    slice_is(method, "spf") || detail.len == 0
			? slice_copy(pool, domain)
			: pool_printf(pool, "%.*s/%.*s", (int)domain.len, domain.data,
				      (int)detail.len, detail.data);
	}
	return passed;
}

/* results_of - by their number */
static const struct passed_results *results_of(struct source_reading *reading, sqlite3_int64 id)
{
	struct passed_results **place = &reading->parsed[(unsigned long long)id % PARSED_CACHE];

	if (*place == NULL || (*place)->id != id)
		*place = parse_results(reading->pool, id, text_of(reading, id));
	return *place;
}

/* note_results - of messages that are alike */
static void note_results(struct source *source, const struct passed_results *passed,
			 unsigned long long messages)
{
	for (unsigned i = 0; i < passed->count; i++)
		note_name(passed->items[i].is_spf ? &source->envelopes : &source->signers,
			  passed->items[i].name, messages);
}

/* is_forward - do the reasons of an override speak of it? */
static bool is_forward(const char *reasons)
{
	static const char *const words[] = {"forwarded", "mailing_list", "trusted_forwarder"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(reasons, words[i]) != NULL)
			return true;
	}
	return false;
}

/* source_of_row - the one that is being summed up, or the next one */
static struct source *source_of_row(struct source_reading *reading, sqlite3_stmt *row)
{
	sqlite3_int64 domain = sqlite3_column_int64(row, 0), id = sqlite3_column_int64(row, 1);
	struct source_list *list = reading->list;

	if (list->count > 0 && id == reading->source && domain == reading->domain)
		return &list->items[list->count - 1];
	if (list->count == 0 || domain != reading->domain)
		reading->domain_text = text_of(reading, domain);
	list->items = pool_grow(reading->pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count] = (struct source){
	    .address = text_of(reading, id),
	    .domain = reading->domain_text,
	    .first = sqlite3_column_int64(row, 5),
	    .name = "",
	};
	reading->source = id;
	reading->domain = domain;
	return &list->items[list->count++];
}

/* add_source_row - messages that are alike */
static void add_source_row(struct source_reading *reading, sqlite3_stmt *row)
{
	struct source *source = source_of_row(reading, row);
	sqlite3_int64 results = sqlite3_column_int64(row, 2),
		      reasons = sqlite3_column_int64(row, 4);
	int class = sqlite3_column_int(row, 3);
	unsigned long long messages = view_number(row, 7);
	long long first = sqlite3_column_int64(row, 5), last = sqlite3_column_int64(row, 6);

	if (reasons != reading->reasons)
		reading->is_forward = is_forward(text_of(reading, reasons));
	reading->reasons = reasons;
	source->aligned += (class & 3) == 3 ? messages : 0;
	source->failed += (class & 3) == 0 ? messages : 0;
	source->partly += (class & 3) == 1 || (class & 3) == 2 ? messages : 0;
	source->dkim += class & CLASS_DKIM ? messages : 0;
	source->spf += class & CLASS_SPF ? messages : 0;
	source->quarantined += DISPOSITION(class) == 1 ? messages : 0;
	source->rejected += DISPOSITION(class) == 2 ? messages : 0;
	source->forwarded += reading->is_forward ? messages : 0;
	source->first = first < source->first ? first : source->first;
	source->last = last > source->last ? last : source->last;
	note_results(source, results_of(reading, results), messages);
}

/* by_failures - for qsort(3): most failures first, then most messages */
static int by_failures(const void *a, const void *b)
{
	const struct source *one = a, *other = b;
	unsigned long long all = one->aligned + one->partly,
			   others = other->aligned + other->partly;

	if (one->failed != other->failed)
		return one->failed < other->failed ? 1 : -1;
	if (all != others)
		return all < others ? 1 : -1;
	return strcmp(one->address, other->address);
}

/* guess_by_reports - with what the reports say alone; that may be a lie (report/source_guess.h) */
static void guess_by_reports(struct source *source)
{
	unsigned long long all = source->aligned + source->partly + source->failed;

	if (source->spf * 2 > all)
		source->class = SOURCE_OURS;
	else if (source->forwarded * 2 > all || (source->dkim > 0 && source->dkim < all))
		source->class = SOURCE_FORWARDER;
	else if (source->dkim == all)
		source->class = source->envelopes.count > 0 ? SOURCE_SERVICE : SOURCE_FORWARDER;
	else
		source->class = SOURCE_STRANGER;
}

/* finish_sources - drops what is not wanted, guesses, sorts */
static void finish_sources(struct source_list *list, bool failing)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (failing && list->items[i].failed == 0)
			continue;
		guess_by_reports(&list->items[i]);
		list->items[kept++] = list->items[i];
	}
	list->count = kept;
	if (kept > 0)
		qsort(list->items, kept, sizeof(*list->items), by_failures);
}

bool view_sources(struct report_store *store, struct pool *pool, const struct view_filter *filter,
		  struct source_list *list, struct error *error)
{
	static const char query[] =
	    "SELECT domain, source, results, class, reasons, min(day), max(day), sum(messages)"
	    " FROM record INDEXED BY record_source"
	    " WHERE (?3 = 0 OR domain = ?3) AND day BETWEEN ?1 AND ?2"
	    " GROUP BY domain, source, results, class, reasons";
	struct source_reading reading = {
	    .pool = pool,
	    .list = list,
	    .parsed = pool_alloc(pool, PARSED_CACHE * sizeof(struct passed_results *)),
	};
	sqlite3_stmt *statement;
	int status;

	*list = (struct source_list){.count = 0};
	if (sqlite3_prepare_v2(store->database, "SELECT value FROM text WHERE id = ?", -1,
			       &reading.text, NULL) != SQLITE_OK)
		return store_failed(store, error);
	statement = view_prepare(store, query, filter, error);
	if (statement == NULL) {
		sqlite3_finalize(reading.text);
		return false;
	}
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		add_source_row(&reading, statement);
	sqlite3_finalize(reading.text);
	finish_sources(list, filter->failing);
	return view_finish(store, statement, status, error);
}
