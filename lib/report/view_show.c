/*
 * view_show - single reports; see report/view_show.h
 */
#include "report/view_show.h"

#include "base/pool.h"
#include "report/incoming.h"

#define TEXT(column) "(SELECT value FROM text WHERE text.id = " column ")"

const char *view_flat(struct pool *pool, const char *lines)
{
	char *text = pool_printf(pool, "%s", lines);

	for (char *byte = text; *byte != '\0'; byte++) {
		if (*byte == '\t')
			*byte = ' ';
		else if (*byte == '\n')
			*byte = byte[1] != '\0' ? ';' : '\0';
	}
	return text;
}

/* add_shown_row - of a report */
static void add_shown_row(struct pool *pool, struct shown_report *report, sqlite3_stmt *row)
{
	int class = sqlite3_column_int(row, 2);

	report->items = pool_grow(pool, report->items, report->count, sizeof(*report->items));
	report->items[report->count++] = (struct shown_row){
	    .source = view_text(pool, row, 0),
	    .messages = view_number(row, 1),
	    .dkim = (class & 1) != 0,
	    .spf = (class & 2) != 0,
	    .disposition = (unsigned)class >> 2,
	    .header_from = view_text(pool, row, 3),
	    .envelope_from = view_text(pool, row, 4),
	    .results = view_text(pool, row, 5),
	    .reasons = view_text(pool, row, 6),
	    .envelope_to = view_text(pool, row, 7),
	};
}

/* read_rows - of one report */
static bool read_rows(struct report_store *store, struct pool *pool, struct shown_report *report,
		      struct error *error)
{
	static const char query[] =
	    "SELECT " TEXT("source") ", messages, class, " TEXT("header_from") ", " TEXT(
		"envelope_from") ", " TEXT("results") ", " TEXT("reasons") ", " TEXT("envelope_"
										     "to") " FR"
											   "OM "
											   "rec"
											   "ord"
											   " WH"
											   "ERE"
											   " "
											   "rep"
											   "ort"
											   " = "
											   "? "
											   "ORD"
											   "ER "
											   "BY "
											   "num"
											   "be"
											   "r";
	sqlite3_stmt *statement = NULL;
	int status;

	if (sqlite3_prepare_v2(store->database, query, -1, &statement, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_bind_int64(statement, 1, report->number);
	while ((status = sqlite3_step(statement)) == SQLITE_ROW)
		add_shown_row(pool, report, statement);
	return view_finish(store, statement, status, error);
}

/* add_shown_report - its head */
static struct shown_report *add_shown_report(struct pool *pool, struct shown_list *list,
					     sqlite3_stmt *row)
{
	list->items = pool_grow(pool, list->items, list->count, sizeof(*list->items));
	list->items[list->count] = (struct shown_report){
	    .number = sqlite3_column_int64(row, 0),
	    .kind = (unsigned)sqlite3_column_int(row, 1),
	    .org = view_text(pool, row, 2),
	    .email = view_text(pool, row, 3),
	    .id = view_text(pool, row, 4),
	    .domain = view_text(pool, row, 5),
	    .sender = view_text(pool, row, 6),
	    .policy = view_text(pool, row, 7),
	    .generator = view_text(pool, row, 8),
	    .remark = view_text(pool, row, 9),
	    .repairs = view_text(pool, row, 10),
	    .missing = incoming_missing_words(pool, (unsigned)sqlite3_column_int(row, 11)),
	    .begin = sqlite3_column_int64(row, 12),
	    .end = sqlite3_column_int64(row, 13),
	    .rows = view_number(row, 14),
	    .messages = view_number(row, 15),
	    .rejected_rows = view_number(row, 16),
	    .incomplete = sqlite3_column_int(row, 17) != 0,
	    .received = sqlite3_column_int64(row, 18),
	    .missing_parts = (unsigned)sqlite3_column_int(row, 11),
	};
	return &list->items[list->count++];
}

/* HEAD - the columns of a report, in the order of add_shown_report() */
#define HEAD                                                                                       \
	"SELECT id, kind, " TEXT("org") ", email, name, " TEXT("domain") ", " TEXT(                \
	    "sender") ", policy, generator, remark, repairs, missing, begin, end, rows, messages," \
		      " rejects, incomplete, received FROM report "

bool view_show(struct report_store *store, struct pool *pool, const char *id,
	       struct shown_list *list, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	bool good = true;
	int status;

	*list = (struct shown_list){.count = 0};
	if (sqlite3_prepare_v2(store->database, HEAD "WHERE name = ? ORDER BY begin, id", -1,
			       &statement, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
	while (good && (status = sqlite3_step(statement)) == SQLITE_ROW)
		good = read_rows(store, pool, add_shown_report(pool, list, statement), error);
	if (good)
		return view_finish(store, statement, status, error);
	sqlite3_finalize(statement);
	return false;
}

bool view_each(struct report_store *store, const struct view_filter *filter,
	       bool (*tell)(void *context, struct pool *pool, const struct shown_report *report,
			    struct error *error),
	       void *context, struct error *error)
{
	sqlite3_stmt *statement = view_prepare(
	    store, HEAD "WHERE day BETWEEN ?1 AND ?2 AND (?3 = 0 OR domain = ?3) ORDER BY id",
	    filter, error);
	bool good = statement != NULL;
	int status = SQLITE_ERROR;

	while (good && (status = sqlite3_step(statement)) == SQLITE_ROW) {
		struct shown_list list = {.count = 0};
		struct pool *pool = pool_new();
		struct shown_report *report = add_shown_report(pool, &list, statement);

		good = read_rows(store, pool, report, error) && tell(context, pool, report, error);
		pool_free(pool);
	}
	if (good)
		return view_finish(store, statement, status, error);
	sqlite3_finalize(statement);
	return false;
}
