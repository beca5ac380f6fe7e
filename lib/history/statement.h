/*
 * statement - SQL statements with parameters, for those who keep tables of their own in the history
 *
 * Between two statements others may be writing; each one waits for them for HISTORY_PATIENCE.
 */
#ifndef ASSAY_HISTORY_STATEMENT_H
#define ASSAY_HISTORY_STATEMENT_H

#include "history/store.h"

/* What a parameter ?1, ?2, ... is. */
struct parameter {
	const char *text; /* NULL: number */
	long long number;
};

#define TEXT(value)   ((struct parameter){.text = (value)})
#define NUMBER(value) ((struct parameter){.number = (long long)(value)})

/* NULL with error. The texts have to stay as long as the statement. */
sqlite3_stmt *statement_prepare(struct history *history, const char *text,
				const struct parameter *parameters, int count, struct error *error);

#define PREPARE(history, text, parameters, error)                                                  \
	statement_prepare(history, text, parameters,                                               \
			  (int)(sizeof(parameters) / sizeof((parameters)[0])), error)
#define RUN(history, text, parameters, error)                                                      \
	history_finish(history, PREPARE(history, text, parameters, error), error)

/* The columns of the only row of a query. Releases it; NULL is false. */
bool statement_numbers(struct history *history, sqlite3_stmt *statement, int count,
		       long long *numbers, struct error *error);

/* A transaction: history_begin() and history_end(), with that patience. */
bool statement_begin(struct history *history, struct error *error);
bool statement_end(struct history *history, bool good, struct error *error);

#endif
