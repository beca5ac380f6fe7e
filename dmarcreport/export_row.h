/*
 * export_row - a row of the history as a line of CSV (RFC 4180) or a JSON object
 */
#ifndef DMARCREPORT_EXPORT_ROW_H
#define DMARCREPORT_EXPORT_ROW_H

#include "base/bytes.h"
#include "history/row.h"

/* The names of the columns, as the first line of CSV. */
void export_row_head(struct buffer *out);

void export_row_csv(struct pool *pool, struct buffer *out, const char *host,
		    const struct history_texts *texts);
void export_row_json(struct pool *pool, struct buffer *out, const char *host,
		     const struct history_texts *texts);

#endif
