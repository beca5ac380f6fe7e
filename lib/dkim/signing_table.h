/*
 * signing_table - reads a signing table, of lines "PATTERN NAME[:IDENTITY]"
 */
#ifndef ASSAY_DKIM_SIGNING_TABLE_H
#define ASSAY_DKIM_SIGNING_TABLE_H

#include "dkim/table_lines.h"

/* Reads it into the tables of the reader, which have the keys already. */
bool signing_table_read(struct table_reader *reader, const char *path);

#endif
