/*
 * dkim_copies: which field is not what z= says it was
 */
#include "dkim/copied_fields.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/io.h"
#include "base/pool.h"
#include "tap.h"

#define HEADER "From: a@example.org\nSubject: one\n\ttwo | three\nX: upper\nX: lower\nEmpty:\n"

/* is_changed - the field that these copies say has changed; NULL: none */
static void is_changed(struct pool *pool, const char *copies, const char *field, const char *point)
{
	struct message *message = message_new();
	struct error error;
	int fd = memfd_create("message", 0);

	if (fd < 0 || !io_write(fd, HEADER, strlen(HEADER)) || lseek(fd, 0, SEEK_SET) != 0 ||
	    !message_read_header(message, source_of_fd(fd), &error))
		exit(1);
	is_text(copied_fields_changed(pool, signed_fields_new(pool, message), slice_of(copies)),
		field, point);
	close(fd);
	message_free(message);
}

int main(void)
{
	struct pool *pool = pool_new();

	is_changed(pool, "From:=20a@example.org", NULL, "a copy of what is there");
	is_changed(pool, "FROM : a@exam\r\n ple.org", NULL, "in another case, folded");
	is_changed(pool, "Subject:=20one=20two=20=7C=20three|From:a@example.org", NULL,
		   "two copies, one with a quoted | and unfolded");
	is_changed(pool, "From:b@example.org", "From", "another value");
	is_changed(pool, "From:a@example.org|To:b@example.org", "To", "a field that is gone");
	is_changed(pool, "X:lower|X:upper", NULL, "fields of a name from the bottom up");
	is_changed(pool, "X:upper|X:lower", "X", "in another order");
	is_changed(pool, "Empty:", NULL, "an empty field");
	is_changed(pool, "Empty:=20=0D=0A=09", NULL, "white space is not compared");
	is_changed(pool, "Empty:=", NULL, "what cannot be read says nothing");
	is_changed(pool, "Empty", NULL, "nor does what has no colon");
	is_changed(pool, "", NULL, "nor does nothing");
	is_changed(pool, "|From:x", "From", "an empty copy does not end the list");
	pool_free(pool);
	return done();
}
