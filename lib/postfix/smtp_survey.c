/*
 * smtp_survey - octets and Received of a message; see postfix/smtp_survey.h
 */
#include "postfix/smtp_survey.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "mail/message.h"

/* note_octets - message_sink: are there any above 127? */
static void note_octets(void *context, const char *data, size_t len)
{
	struct smtp_needs *needs = context;

	needs->eight_bit = needs->eight_bit || !slice_is_ascii(slice_from(data, len));
}

/* came_with_utf8 - as the topmost Received field has it; pipe(8) does not tell */
static bool came_with_utf8(struct pool *pool, const struct message *message)
{
	size_t index = message_find(message, "Received", 0);
	const char *last = "";
	char *rest;

	if (index == message_field_count(message))
		return false;
	rest = slice_copy(pool, message_field(message, index)->value);
	for (const char *word; (word = strtok_r(rest, " \t\r\n", &rest)) != NULL; last = word) {
		if (strcmp(last, "with") == 0 && strncmp(word, "UTF8", strlen("UTF8")) == 0)
			return true;
	}
	return false;
}

bool smtp_survey(struct pool *pool, int fd, struct smtp_needs *needs, struct error *error)
{
	struct message *message = message_new();
	bool good;

	*needs = (struct smtp_needs){false, false};
	message_discard_body(message);
	good = message_read_header(message, source_of_fd(fd), error);
	for (size_t i = 0; good && i < message_field_count(message); i++) {
		struct slice raw = message_field(message, i)->raw;

		note_octets(needs, raw.data, raw.len);
	}
	good = good && message_read_body(message, source_of_fd(fd), note_octets, needs, error);
	needs->utf8 = good && came_with_utf8(pool, message);
	message_free(message);
	if (good && lseek(fd, 0, SEEK_SET) != 0)
		return error_set(error, STATUS_OTHER, "cannot read the message again: %s",
				 strerror(errno));
	return good;
}
