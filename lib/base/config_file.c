/*
 * config_file - text files that an administrator writes; see base/config_file.h
 */
#include "base/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/io.h"
#include "base/pool.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* of UTF-8 */

/* type_len - octets of the name of a type, which a colon follows; 0 if there is none */
static size_t type_len(const char *path)
{
	size_t len = 0;

	while (is_alnum(path[len]))
		len++;
	return path[len] == ':' ? len : 0;
}

bool config_file_name(const char **path, enum config_file_kind *kind, struct error *error)
{
	size_t len = type_len(*path);
	struct slice type = slice_from(*path, len);
	enum config_file_kind found = CONFIG_FILE_UNSAID;

	if (slice_is(type, "file"))
		found = CONFIG_FILE_PLAIN;
	else if (slice_is(type, "refile"))
		found = CONFIG_FILE_PATTERNS;
	else if (len > 0)
		return error_set(
		    error, STATUS_CONFIG,
		    "tables of type \"%.*s:\" are not supported: export the table to a "
		    "file, see dkimsign(1), TABLES",
		    (int)len, *path);
	if (found != CONFIG_FILE_UNSAID)
		*path += len + 1;
	if (kind != NULL)
		*kind = found;
	return true;
}

/* check_text - words go on as texts that end at a NUL octet; editors hide a byte-order mark */
static bool check_text(const struct config_file *file, struct error *error)
{
	struct slice rest = file->content;
	struct slice line;

	if (slice_starts_nocase(rest, BYTE_ORDER_MARK))
		return config_file_error(
		    file->path, 1, error,
		    "begins with a byte-order mark, so that its first word is none: "
		    "sed -i '1s/^\\xef\\xbb\\xbf//' %s",
		    file->path);
	for (size_t number = 1; slice_cut(&rest, '\n', &line); number++) {
		if (slice_find(line, '\0') != line.len)
			return config_file_error(file->path, number, error,
						 "has a NUL octet in it, so it is no text file");
	}
	return true;
}

bool config_file_read(struct pool *pool, const char *path, struct config_file *file,
		      struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct buffer content;
	bool good;

	buffer_init(&content, CONFIG_FILE_MAX);
	good = fd >= 0 && io_read_all(fd, &content);
	if (good) {
		struct slice text = buffer_slice(&content);

		text.data = slice_copy(pool, text);
		*file = (struct config_file){.path = path, .content = text, .rest = text};
		good = check_text(file, error);
	} else {
		error_set(error, STATUS_CONFIG, "cannot read %s: %s", path, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	buffer_free(&content);
	return good;
}

bool config_file_next(struct config_file *file, struct slice *line)
{
	while (slice_cut(&file->rest, '\n', line)) {
		file->line++;
		line->len = slice_find(*line, '#');
		*line = slice_trim(*line);
		if (line->len > 0)
			return true;
	}
	return false;
}

bool config_file_word(struct slice *line, struct slice *word)
{
	struct slice rest = *line;
	size_t len = 0;

	while (rest.len > 0 && is_wsp(rest.data[0]))
		rest = slice_skip(rest, 1);
	while (len < rest.len && !is_wsp(rest.data[len]))
		len++;
	*word = slice_from(rest.data, len);
	*line = slice_skip(rest, len);
	return len > 0;
}

bool config_file_error(const char *path, size_t line, struct error *error, const char *format, ...)
{
	struct pool *pool = pool_new();
	va_list args;

	va_start(args, format);
	error_set(error, STATUS_CONFIG, "%s:%zu: %s", path, line, pool_vprintf(pool, format, args));
	va_end(args);
	pool_free(pool);
	return false;
}
