/*
 * key_table - reads a key table, of lines "NAME DOMAIN:SELECTOR:FILE[:ALGORITHM]"
 */
#ifndef ASSAY_DKIM_KEY_TABLE_H
#define ASSAY_DKIM_KEY_TABLE_H

#include "dkim/table_lines.h"

/* Reads them into the tables of the reader. */
bool key_table_read(struct table_reader *reader, const char *path);

#endif
