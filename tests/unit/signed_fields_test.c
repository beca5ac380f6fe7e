/*
 * dkim_header: h= takes fields from the bottom up, in bounded time
 */
#include "dkim/signed_fields.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

#define SECONDS_MAX 5 /* what takes hundreds of them if every name is looked for in every field */

/* message_of - a message with this header section */
static struct message *message_of(struct slice header)
{
	struct message *message = message_new();
	struct error error;
	int fd = memfd_create("message", 0);

	if (fd < 0 || !io_write(fd, header.data, header.len) || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error))
		exit(1);
	close(fd);
	return message;
}

/* takes - the next field of a name has this value; NULL: there is none left */
static void takes(struct dkim_header *header, const char *name, const char *value,
		  const char *point)
{
	const struct field *field = signed_fields_take(header, slice_of(name));

	if (value == NULL)
		ok(field == NULL, "%s", point);
	else
		ok(field != NULL && slice_is(slice_trim(field->value), value), "%s", point);
}

static void test_selection(struct pool *pool)
{
	struct message *message = message_of(slice_of("A: 1\nb: 2\na : 3\nno field\nA: 4\n"
						      "DKIM-Signature: 5\nDkim-Signature: 6\n"));
	struct dkim_header *header = signed_fields_new(pool, message);

	takes(header, "a", "4", "the lowest field of a name first");
	takes(header, "B", "2", "names in any case");
	takes(header, "A", "3", "then the next one above, with white space before its colon");
	takes(header, "a", "1", "then the topmost");
	takes(header, "a", NULL, "then there is none left");
	takes(header, "ab", NULL, "a longer name is another one");
	takes(header, "", NULL, "what is no field is never taken");
	takes(header, "a-name-longer-than-all-that-are-in-the-message", NULL, "a very long name");
	signed_fields_restart(header, message_field(message, 5));
	takes(header, "a", "4", "all over again for the next signature");
	takes(header, "dkim-signature", "6", "another signature may be signed");
	takes(header, "dkim-signature", NULL, "but never the own one");
	message_free(message);
}

static void test_removed(struct pool *pool)
{
	struct message *message = message_of(slice_of("A: 1\nA: 2\n"));

	message_remove_field(message, 1);
	takes(signed_fields_new(pool, message), "a", "2",
	      "a field that will be removed was signed nevertheless");
	message_free(message);
}

/* test_work - as many fields as a message may have, and twice as many names */
static void test_work(struct pool *pool)
{
	struct buffer text;
	struct message *message;
	struct dkim_header *header;
	size_t taken = 0;
	clock_t start = clock();

	buffer_init(&text, MESSAGE_HEADER_MAX);
	for (unsigned i = 0; i < MESSAGE_FIELDS_MAX; i++)
		buffer_printf(&text, "X-Field-%u: x\n", i % 2 == 0 ? i : 1);
	message = message_of(buffer_slice(&text));
	header = signed_fields_new(pool, message);
	for (unsigned i = 0; i < 2 * MESSAGE_FIELDS_MAX; i++) {
		char name[40];
		int len = snprintf(name, sizeof(name), "x-field-%u", i % 2 == 0 ? i : 1);

		taken += signed_fields_take(header, slice_from(name, (size_t)len)) != NULL;
	}
	ok(taken == MESSAGE_FIELDS_MAX, "every one of %u fields is taken once", MESSAGE_FIELDS_MAX);
	ok((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS_MAX, "in less than %d seconds",
	   SECONDS_MAX);
	message_free(message);
	buffer_free(&text);
}

int main(void)
{
	struct pool *pool = pool_new();

	test_selection(pool);
	test_removed(pool);
	test_work(pool);
	pool_free(pool);
	return done();
}
