/*
 * config_file_test - lines, words and comments of configuration files
 */
#include "base/config_file.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

/* open_text - a file with that content, read */
static struct config_file open_text(struct pool *pool, struct slice text)
{
	char path[] = "/tmp/config_file_test.XXXXXX";
	struct config_file file = {.path = ""};
	int fd = mkstemp(path);
	struct error error;

	if (fd < 0 || write(fd, text.data, text.len) != (ssize_t)text.len ||
	    !config_file_read(pool, path, &file, &error))
		ok(false, "a file");
	close(fd);
	unlink(path);
	return file;
}

/* all_lines - "number:text|number:text" */
static const char *all_lines(struct pool *pool, const char *text)
{
	struct config_file file = open_text(pool, slice_of(text));
	const char *found = "";
	struct slice line;

	while (config_file_next(&file, &line))
		found = pool_printf(pool, "%s%s%zu:%s", found, *found != '\0' ? "|" : "", file.line,
				    slice_copy(pool, line));
	return found;
}

static void test_lines(struct pool *pool)
{
	is_text(all_lines(pool, ""), "", "an empty file has no line");
	is_text(all_lines(pool, "\n\n \t\n#\n # x\n"), "",
		"nor has one of white space and comments");
	is_text(all_lines(pool, "a\n\n b c \r\nd#e\nf"), "1:a|3:b c|4:d|5:f",
		"lines are trimmed and counted, the last one needs no end");
}

static void test_words(void)
{
	struct slice line = slice_of(" one\t two");
	struct slice word;

	ok(config_file_word(&line, &word) && slice_is(word, "one"), "the first word");
	ok(config_file_word(&line, &word) && slice_is(word, "two"), "the second word");
	ok(!config_file_word(&line, &word), "no third one");
}

static void test_name(void)
{
	static const char *const foreign[] = {
	    "dsn:mysql://user:SECRET@host/db",
	    "csl:SECRET",
	    "db:/SECRET",
	    "lua:/SECRET",
	    "ldap://SECRET",
	    "pgsql:SECRET",
	    "mysql://u:SECRET@h/d",
	};
	const char *patterns = "refile:/a";
	const char *plain = "file:file:b";
	const char *unsaid = "/file:c";
	enum config_file_kind kind;
	struct error error;

	ok(config_file_name(&patterns, &kind, &error) && kind == CONFIG_FILE_PATTERNS, "refile:");
	is_text(patterns, "/a", "is cut off");
	ok(config_file_name(&plain, &kind, &error) && kind == CONFIG_FILE_PLAIN, "file:");
	is_text(plain, "file:b", "is cut off once");
	ok(config_file_name(&unsaid, &kind, &error) && kind == CONFIG_FILE_UNSAID, "only in front");
	is_text(unsaid, "/file:c", "where there is none, nothing is");
	for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		const char *name = foreign[i];

		ok(!config_file_name(&name, NULL, &error) &&
		       strncmp(strchr(error.text, '"') + 1, name, strcspn(name, ":")) == 0 &&
		       strstr(error.text, "SECRET") == NULL,
		   "%.4s... is named by its type alone", name);
	}
}

static void test_nul(struct pool *pool)
{
	struct config_file file;
	struct error error;
	char path[] = "/tmp/config_file_test.XXXXXX";
	int fd = mkstemp(path);

	ok(fd >= 0 && write(fd, "a\nb\0c\n", 6) == 6 &&
	       !config_file_read(pool, path, &file, &error) &&
	       strstr(error.text, ":2: has a NUL octet") != NULL,
	   "a NUL octet is an error, with its line");
	close(fd);
	unlink(path);
}

static void test_errors(struct pool *pool)
{
	struct config_file file;
	struct error error;

	ok(!config_file_read(pool, "/nonexistent/file", &file, &error) &&
	       strstr(error.text, "/nonexistent/file: No such file") != NULL,
	   "a file that is not there: %s", error.text);
	ok(!config_file_read(pool, "/", &file, &error), "a directory: %s", error.text);
	ok(!config_file_error("a", 7, &error, "%s is wrong", "it"), "an error is false");
	is_text(error.text, "a:7: it is wrong", "and has file and line");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_lines(pool);
	test_words();
	test_name();
	test_nul(pool);
	test_errors(pool);
	pool_free(pool);
	return done();
}
