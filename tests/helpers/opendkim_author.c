/*
 * opendkim_author - the domain that opendkim finds in From fields: the one it looks for a key of
 *
 * Reads fields, each with a NUL after it, from standard input; writes a line for each: the domain,
 * or "-" if it finds none.
 */
#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX (1 << 16)

/* Of libopendkim, which has it for opendkim alone and declares it nowhere. */
int dkim_mail_parse(unsigned char *line, unsigned char **user_out, unsigned char **domain_out);

int main(void)
{
	static char text[TEXT_MAX];
	size_t len = 0;
	int byte;

	while ((byte = getchar()) != EOF) {
		unsigned char *user = NULL;
		unsigned char *domain = NULL;

		if (byte != '\0') {
			if (len == TEXT_MAX - 1)
				return EXIT_FAILURE;
			text[len++] = (char)byte;
			continue;
		}
		text[len] = '\0';
		len = 0;
		if (dkim_mail_parse((unsigned char *)text, &user, &domain) != 0 || domain == NULL)
			puts("-");
		else
			puts((const char *)domain);
	}
	return EXIT_SUCCESS;
}
