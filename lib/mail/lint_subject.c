/*
 * lint_subject - what --lint is asked about; see mail/lint_subject.h
 */
#include "mail/lint_subject.h"

#include "base/pool.h"
#include "base/printable.h"
#include "mail/domain.h"

#define STRINGS_MAX 65535 /* RFC 1035 3.2.1: octets of the data of a DNS record */

/* take_octet - of a character-string: "\DDD" and "\X" stand for one octet (RFC 1035 5.1) */
static char take_octet(struct slice *rest)
{
	unsigned long long number;
	size_t len = 1;
	char octet = rest->data[0];

	if (octet == '\\' && rest->len > 3 &&
	    slice_to_number(slice_from(rest->data + 1, 3), 255, &number)) {
		octet = (char)number;
		len = 4;
	} else if (octet == '\\' && rest->len > 1) {
		octet = rest->data[1];
		len = 2;
	}
	*rest = slice_skip(*rest, len);
	return octet;
}

/* join_strings - "..." "...", as a zone file or dig has them; false if it is anything else */
static bool join_strings(struct slice text, struct buffer *joined, size_t *longest)
{
	struct slice rest = slice_trim(text);

	while (rest.len > 0) {
		size_t before = joined->len;

		if (rest.data[0] != '"')
			return false;
		rest = slice_skip(rest, 1);
		while (rest.len > 0 && rest.data[0] != '"')
			buffer_add_byte(joined, take_octet(&rest));
		if (rest.len == 0)
			return false; /* not closed */
		if (joined->len - before > *longest)
			*longest = joined->len - before;
		rest = slice_trim(slice_skip(rest, 1));
	}
	return joined->len > 0;
}

/* has_version - "v=" at the beginning, or the version of some record anywhere */
static bool has_version(struct slice text)
{
	struct slice rest = slice_trim(text);

	if (slice_starts_nocase(rest, "v")) {
		struct slice value = slice_trim(slice_skip(rest, 1));

		if (value.len > 0 && value.data[0] == '=')
			return true;
	}
	for (; rest.len > 0; rest = slice_skip(rest, 1)) {
		if (slice_starts_nocase(rest, "spf1") || slice_starts_nocase(rest, "dmarc1") ||
		    slice_starts_nocase(rest, "v=spf"))
			return true;
	}
	return false;
}

/* is_mail_domain - with the letters of one; a top-level domain may have a record, too */
static bool is_mail_domain(struct pool *pool, const char *domain)
{
	return domain_is_qualified(pool_printf(pool, "x.%s", domain));
}

/* host_within - the name in an address of mail or the web */
static struct slice host_within(struct slice text)
{
	struct slice host = slice_trim(text);
	size_t at;

	if (slice_starts_nocase(host, "http://") || slice_starts_nocase(host, "https://"))
		host = slice_skip(host, slice_find(host, '/') + 2);
	host.len = slice_find(host, '/');
	host.len = slice_find(host, ':');
	at = slice_find_last(host, '@');
	return at < host.len ? slice_skip(host, at + 1) : host;
}

/* read_neither - what was perhaps meant */
static void read_neither(struct pool *pool, struct slice text, struct lint_subject *subject)
{
	const char *host = domain_canonical(pool, host_within(text));

	subject->kind = LINT_NEITHER;
	subject->reason =
	    pool_printf(pool, "\"%s\" is neither a domain nor a record that begins with v=",
			text_excerpt(pool, text));
	subject->remedy = "give a domain, such as example.com, or a record in quotes";
	if (host != NULL && domain_is_qualified(host))
		subject->remedy = pool_printf(pool, "give the domain: --lint %s", host);
}

/* read_subject_record - in the quotes of a zone file, or as it is */
static void read_subject_record(struct pool *pool, struct lint_subject *subject)
{
	struct buffer joined;

	subject->kind = LINT_RECORD;
	buffer_init(&joined, STRINGS_MAX);
	if (join_strings(subject->text, &joined, &subject->longest))
		subject->text = slice_from(slice_copy(pool, buffer_slice(&joined)), joined.len);
	else
		subject->longest = 0;
	buffer_free(&joined);
}

void lint_subject_read(struct pool *pool, const char *text, struct lint_subject *subject)
{
	const char *domain = domain_canonical(pool, slice_trim(slice_of(text)));

	*subject = (struct lint_subject){.kind = LINT_DOMAIN, .text = slice_of(text)};
	if (domain != NULL && is_mail_domain(pool, domain))
		subject->domain = domain;
	else if (has_version(subject->text))
		read_subject_record(pool, subject);
	else
		read_neither(pool, subject->text, subject);
}
