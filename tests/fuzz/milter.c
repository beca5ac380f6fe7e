/*
 * milter - what comes over a milter connection, and what stages make of a message
 *
 * The input has two parts: packets, and what comes out of the stages for each message of theirs; if
 * the second is empty, they give the message back as it was, which must be no change.
 */
#include "postfix/milter.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/source.h"
#include "fuzz.h"
#include "mail/message.h"
#include "postfix/changes.h"

#define BORDER "Received: by localhost\n"

/* check_message - its fields are its header section, and its body has the length that is told */
static void check_message(struct pool *pool, const struct milter_message *message)
{
	size_t len = 0;

	for (size_t i = 0; i < message->field_count; i++) {
		fuzz_expect(message->fields[i].start == len);
		len += message->fields[i].len;
		fuzz_expect(milter_field_name(message, i).len < milter_field_raw(message, i).len);
	}
	fuzz_expect(message->failed || len == message->header.len);
	fuzz_expect(message->field_count <= MESSAGE_FIELDS_MAX);
	fuzz_expect(message->body.fd >= 0 || message->body.memory.len == message->body_len);
	for (size_t i = 0; i < message->recipient_count; i++)
		fuzz_expect(message->recipients[i] != NULL);
	(void)pool;
}

/* check_changes - of what came out: it is the message but for them */
static void check_changes(struct pool *pool, const struct milter_message *message, struct slice out)
{
	const struct slice border = slice_of(BORDER);
	const struct source source = source_of_fd(fuzz_file(2, out));
	struct changes changes;
	struct error error;

	if (!changes_read(pool, message, border, &source, out.len, &changes, &error))
		return;
	fuzz_expect(changes.removed_count <= message->field_count);
	for (size_t i = 0; i < changes.removed_count; i++)
		fuzz_expect(changes.removed[i] < message->field_count);
	for (size_t i = 0; i < changes.added_count; i++) {
		fuzz_expect(changes.added[i].name.len > 0);
		fuzz_expect(slice_find(changes.added[i].value, '\0') == changes.added[i].value.len);
	}
}

/* check_unchanged - what went in comes out */
static void check_unchanged(struct pool *pool, const struct milter_message *message)
{
	const struct slice border = slice_of(BORDER);
	int fd = fuzz_file(1, slice_of(NULL));
	struct writer writer;
	struct source source;
	struct changes changes;
	struct error error;
	size_t len = changes_input_len(message, border);

	writer_init(&writer, fd);
	fuzz_expect(changes_write(message, border, &writer) && writer_flush(&writer));
	writer_free(&writer);
	fuzz_expect(lseek(fd, 0, SEEK_END) == (off_t)len && lseek(fd, 0, SEEK_SET) == 0);
	source = source_of_fd(fd);
	if (changes_read(pool, message, border, &source, len, &changes, &error))
		fuzz_expect(changes.removed_count == 0);
}

/* take - a message that is complete, and answer it */
static void take(struct milter *milter, struct slice out)
{
	struct pool *pool = pool_new();
	const struct milter_message *message = milter_message(milter);

	check_message(pool, message);
	if (!message->failed && out.len > 0)
		check_changes(pool, message, out);
	else if (!message->failed)
		check_unchanged(pool, message);
	if (message->field_count > 0)
		milter_remove_field(milter, message, message->field_count - 1);
	milter_add_field(milter, slice_of("X"), slice_of(" y"));
	milter_finish(milter, NULL);
	pool_free(pool);
}

void fuzz_one(struct slice input)
{
	struct slice packets = fuzz_part(&input);
	int nobody = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct milter *milter = milter_new(fuzz_file(0, packets), nobody);
	enum milter_event event;
	struct error error;

	do {
		event = milter_next(milter, &error);
		if (event == MILTER_MESSAGE)
			take(milter, input);
	} while (event != MILTER_ENDED && event != MILTER_BROKEN);
	milter_free(milter);
	close(nobody);
}
