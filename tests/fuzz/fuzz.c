/*
 * fuzz - what the fuzz targets share; see fuzz.h
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define PATH_SIZE 32 /* "/proc/self/fd/N" */
#define SEPARATOR "%%\n"

#define ELEMENTS_MAX 16 /* within each other; a report has five */

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_one(slice_from((const char *)data, size));
	return 0;
}

bool fuzz_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool fuzz_same_record(const struct dns_record *a, const struct dns_record *b)
{
	switch (a->type) {
	case DNS_A: return a->a.s_addr == b->a.s_addr;
	case DNS_AAAA: return memcmp(&a->aaaa, &b->aaaa, sizeof(a->aaaa)) == 0;
	case DNS_MX:
		return a->mx.preference == b->mx.preference &&
		       strcmp(a->mx.exchange, b->mx.exchange) == 0;
	case DNS_TXT: return slice_equal(a->text, b->text);
	default: return strcmp(a->name, b->name) == 0;
	}
}

bool fuzz_is_within(struct slice part, struct slice whole)
{
	return part.len == 0 || (part.data >= whole.data && part.len <= whole.len &&
				 (size_t)(part.data - whole.data) <= whole.len - part.len);
}

unsigned fuzz_choice(struct slice *input)
{
	unsigned choice = 0;

	if (input->len != 0) {
		choice = (unsigned char)input->data[0];
		*input = slice_skip(*input, 1);
	}
	return choice;
}

struct slice fuzz_part(struct slice *input)
{
	size_t separator = strlen(SEPARATOR);
	const char *found =
	    input->len != 0 ? memmem(input->data, input->len, SEPARATOR, separator) : NULL;
	struct slice part = *input;

	if (found == NULL) {
		*input = slice_skip(part, part.len);
		return part;
	}
	part.len = (size_t)(found - part.data);
	*input = slice_skip(*input, part.len + separator);
	return part;
}

/* entity_len - of "&amp;" or its kin at the start, 0 if there is none */
static size_t entity_len(struct slice text)
{
	static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i]);

		if (text.len >= len && memcmp(text.data, entities[i], len) == 0)
			return len;
	}
	return 0;
}

/* text_len - of a character in the text of an element; 0 if XML 1.0 section 2.2 does not have it */
static size_t text_len(struct slice text)
{
	if (text.data[0] == '&')
		return entity_len(text);
	if (text.data[0] == '\n' || (text.data[0] >= ' ' && text.data[0] != '\x7f'))
		return 1;
	return skip_utf8_tail(text);
}

/* Elements that are open; names are parts of the text. */
struct elements {
	size_t depth;
	struct slice names[ELEMENTS_MAX];
};

/* take_tag - false if it does not close the last element that was opened */
static bool take_tag(struct elements *open, struct slice tag)
{
	struct slice name = slice_from(tag.data, slice_find(tag, ' '));

	if (tag.len == 0 || tag.data[0] == '?')
		return tag.len != 0;
	if (tag.data[0] == '/')
		return open->depth != 0 &&
		       slice_equal(slice_skip(tag, 1), open->names[--open->depth]);
	if (tag.data[tag.len - 1] == '/')
		return true;
	open->names[open->depth++] = name;
	return open->depth < ELEMENTS_MAX;
}

bool fuzz_is_xml(struct slice text)
{
	struct elements open = {.depth = 0};

	while (text.len != 0) {
		size_t len;

		if (text.data[0] == '<') {
			len = slice_find(text, '>');
			if (len == text.len || !take_tag(&open, slice_from(text.data + 1, len - 1)))
				return false;
			len++;
		} else {
			len = text_len(text);
		}
		if (len == 0)
			return false;
		text = slice_skip(text, len);
	}
	return open.depth == 0;
}

int fuzz_file(unsigned number, struct slice content)
{
	static int files[FUZZ_FILES];
	int *fd = &files[number];

	if (*fd == 0)
		*fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (*fd <= 0 || ftruncate(*fd, 0) != 0 ||
	    pwrite(*fd, content.data, content.len, 0) != (ssize_t)content.len ||
	    lseek(*fd, 0, SEEK_SET) != 0) {
		perror("fuzz: a file in memory");
		abort();
	}
	return *fd;
}

const char *fuzz_path(unsigned number, struct slice content)
{
	static char paths[FUZZ_FILES][PATH_SIZE];

	snprintf(paths[number], PATH_SIZE, "/proc/self/fd/%d", fuzz_file(number, content));
	return paths[number];
}

struct slice fuzz_content(struct pool *pool, int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *content = pool_alloc(pool, (size_t)size);

	fuzz_expect(pread(fd, content, (size_t)size, 0) == size);
	return slice_from(content, (size_t)size);
}
