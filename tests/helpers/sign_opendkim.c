/*
 * sign_opendkim - signs the message on stdin with libopendkim and rsa-sha256
 * (opendkim-testmsg itself can only do rsa-sha1, which nobody may accept any more)
 *
 * usage: sign_opendkim HEADER/BODY SELECTOR DOMAIN KEYFILE
 */
#include <sys/types.h>

#include <opendkim/dkim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1 << 20)

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "sign_opendkim: %s\n", what);
	exit(1);
}

/* read_all - a whole file, NUL-terminated */
static char *read_all(FILE *file)
{
	char *text = calloc(1, TEXT_MAX);

	if (file == NULL || text == NULL || fread(text, 1, TEXT_MAX - 1, file) == 0)
		fail("cannot read");
	return text;
}

static dkim_canon_t canon_of(const char *word)
{
	return strncmp(word, "relaxed", 7) == 0 ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
}

/* feed_header - one call a field, without the CRLF at its end; returns the body */
static char *feed_header(DKIM *dkim, char *message)
{
	char *field = message;
	char *end;

	while (strncmp(field, "\r\n", 2) != 0) {
		end = field;
		do
			end = strstr(end, "\r\n") + 2;
		while (*end == ' ' || *end == '\t');
		if (dkim_header(dkim, (unsigned char *)field, (size_t)(end - field) - 2) !=
		    DKIM_STAT_OK)
			fail("dkim_header");
		field = end;
	}
	return field + 2;
}

int main(int argc, char **argv)
{
	DKIM_STAT status;
	DKIM_LIB *library = dkim_init(NULL, NULL);
	unsigned char *signature;
	size_t len;
	char *message, *body;
	DKIM *dkim;

	if (argc != 5 || library == NULL)
		fail("usage: HEADER/BODY SELECTOR DOMAIN KEYFILE");
	dkim = dkim_sign(library, (unsigned char *)"test", NULL,
			 (unsigned char *)read_all(fopen(argv[4], "r")), (unsigned char *)argv[2],
			 (unsigned char *)argv[3], canon_of(argv[1]),
			 canon_of(strchr(argv[1], '/') + 1), DKIM_SIGN_RSASHA256, -1, &status);
	if (dkim == NULL)
		fail("dkim_sign");
	message = read_all(stdin);
	body = feed_header(dkim, message);
	if (dkim_eoh(dkim) != DKIM_STAT_OK ||
	    dkim_body(dkim, (unsigned char *)body, strlen(body)) != DKIM_STAT_OK ||
	    dkim_eom(dkim, NULL) != DKIM_STAT_OK ||
	    dkim_getsighdr_d(dkim, strlen(DKIM_SIGNHEADER ": "), &signature, &len) != DKIM_STAT_OK)
		fail("no signature");
	for (const unsigned char *byte = signature; *byte != '\0'; byte++) {
		if (byte == signature)
			fputs("DKIM-Signature: ", stdout);
		if (*byte == '\n' && (byte == signature || byte[-1] != '\r'))
			putchar('\r');
		putchar(*byte);
	}
	fputs("\r\n", stdout);
	fputs(message, stdout);
	return fflush(stdout) == 0 ? 0 : 1;
}
