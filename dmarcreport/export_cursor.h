/*
 * export_cursor - the file that remembers up to which day each host's rows have been exported
 *
 * A line for each host: its name and a date. It is replaced when all rows have been written.
 */
#ifndef DMARCREPORT_EXPORT_CURSOR_H
#define DMARCREPORT_EXPORT_CURSOR_H

#include "history/export.h"

/* Moves the first days of the hosts on. A file that is not there is an empty one. */
bool export_cursor_read(struct pool *pool, const char *path, struct export_hosts *hosts,
			struct error *error);

/* Everything up to the last days of the hosts has been exported. */
bool export_cursor_write(struct pool *pool, const char *path, const struct export_hosts *hosts,
			 struct error *error);

#endif
