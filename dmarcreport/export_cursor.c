/*
 * export_cursor - up to which day rows have been exported; see export_cursor.h
 */
#include "export_cursor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/atomic_file.h"
#include "base/config_file.h"
#include "base/pool.h"
#include "day_text.h"

#define CURSOR_MAX  (1U << 20) /* octets: some ten thousand hosts */
#define CURSOR_MODE 0600

/* move_on - the host of that name */
static void move_on(struct export_hosts *hosts, struct slice name, long long day)
{
	for (size_t i = 0; i < hosts->count; i++) {
		if (slice_is(name, hosts->items[i].name) && hosts->items[i].first <= day)
			hosts->items[i].first = day + 1;
	}
}

bool export_cursor_read(struct pool *pool, const char *path, struct export_hosts *hosts,
			struct error *error)
{
	struct config_file file;
	struct error cause;
	struct slice line, name, date;
	long long day;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	if (!config_file_read(pool, path, &file, error))
		return false;
	while (config_file_next(&file, &line)) {
		if (!config_file_word(&line, &name) || !config_file_word(&line, &date) ||
		    !day_set(slice_copy(pool, date), &day, &cause))
			return config_file_error(path, file.line, error,
						 "is no line of a cursor: a name and a date");
		move_on(hosts, name, day);
	}
	return true;
}

bool export_cursor_write(struct pool *pool, const char *path, const struct export_hosts *hosts,
			 struct error *error)
{
	struct buffer text;
	bool good;

	buffer_init(&text, CURSOR_MAX);
	for (size_t i = 0; i < hosts->count; i++) {
		const struct export_host *host = &hosts->items[i];
		long long day = host->last >= host->first ? host->last : host->first - 1;

		if (day >= 0)
			buffer_printf(&text, "%s %s\n", host->name, day_text(pool, day));
	}
	good = !text.overflow ||
	       error_set(error, STATUS_TOO_BIG, "%s: there are too many hosts", path);
	good = good && atomic_file_replace(pool, path, buffer_slice(&text), CURSOR_MODE, error);
	buffer_free(&text);
	return good;
}
