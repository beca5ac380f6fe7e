/*
 * signing_table - reads opendkim's SigningTable; see dkim/signing_table.h
 */
#include "dkim/signing_table.h"

#include <string.h>

#include "base/pool.h"
#include "dkim/selector.h"
#include "mail/domain.h"

/* form_of - what a pattern is; only the last of its parts may be an asterisk in a plain file */
static enum table_form form_of(struct slice pattern)
{
	size_t asterisk = slice_find(pattern, '*');
	size_t at_sign = slice_find_last(pattern, '@');
	struct slice domain = at_sign < pattern.len ? slice_skip(pattern, at_sign + 1) : pattern;
	bool below = domain.len > 0 && domain.data[0] == '.';

	if (slice_is(pattern, "*"))
		return FORM_ANY;
	if (asterisk < pattern.len)
		return asterisk > at_sign && slice_is(domain, "*") ? FORM_USER : FORM_PATTERN;
	if (at_sign < pattern.len)
		return below ? FORM_ADDRESS_BELOW : FORM_ADDRESS;
	return below ? FORM_BELOW : FORM_DOMAIN;
}

/*
 * can_match - is there an author that the pattern can match? opendkim does not say so either if
 * there is none, and mail leaves unsigned.
 */
static bool can_match(struct table_reader *reader, struct slice pattern)
{
	size_t at_sign = slice_find_last(pattern, '@');
	struct slice domain = at_sign < pattern.len ? slice_skip(pattern, at_sign + 1) : pattern;
	const char *written = slice_copy(reader->pool, domain);

	if (pattern.data[0] == '"' || pattern.data[pattern.len - 1] == '"')
		return table_line_fails(reader, "the pattern has quotes around it: leave them out");
	if (at_sign == 0)
		return table_line_fails(
		    reader, pool_printf(reader->pool,
					"no author is called \"\" at %s: write *@%s, or "
					"%s in a file without patterns",
					written, written, written));
	if (domain.len == 0)
		return table_line_fails(reader, "the first word has no domain name");
	if (domain.data[domain.len - 1] == '.')
		return table_line_fails(reader, "no author's domain ends in a dot: leave it out");
	for (size_t i = 0; i < domain.len; i++) {
		if (!dkim_is_label_byte(domain.data[i]) && (unsigned char)domain.data[i] < 0x80 &&
		    domain.data[i] != '.' && domain.data[i] != '*')
			return table_line_fails(
			    reader, pool_printf(reader->pool, "no author's domain has \"%c\" in it",
						domain.data[i]));
	}
	return true;
}

/* parse_plain - user and domain of a pattern that is one of the plain forms */
static bool parse_plain(struct table_reader *reader, struct slice pattern,
			struct table_line *signing)
{
	size_t at_sign = slice_find_last(pattern, '@');
	struct slice domain = pattern;

	if (signing->form == FORM_PATTERN || signing->form == FORM_ANY)
		return true;
	if (at_sign < pattern.len) {
		signing->user = slice_from(signing->pattern, at_sign);
		domain = slice_skip(pattern, at_sign + 1);
	}
	if (signing->form == FORM_USER)
		return true;
	if (signing->form == FORM_ADDRESS_BELOW || signing->form == FORM_BELOW)
		domain = slice_skip(domain, 1);
	signing->domain = domain_canonical(reader->pool, domain);
	return signing->domain != NULL ||
	       table_line_fails(reader, "the first word has no domain name");
}

/* parse_signing_value - NAME or NAME:IDENTITY */
static bool parse_signing_value(struct table_reader *reader, struct slice value,
				struct table_line *signing)
{
	struct slice name;
	struct slice identity = value;

	slice_cut(&identity, ':', &name);
	signing->key = slice_lower(reader->pool, name);
	if (!table_is_percent(signing->key) && table_find_key(reader->tables, signing->key) == NULL)
		return config_file_error(reader->file.path, reader->file.line, reader->error,
					 "the key table has no key %s", signing->key);
	if (identity.data == NULL)
		return true;
	if (slice_find(identity, '@') == identity.len)
		return table_line_fails(reader, "the identity after the colon has no @");
	signing->identity = slice_copy(reader->pool, identity);
	return true;
}

/* comparable - a pattern in lower case, its domain as authors' domains are: with A-labels */
static const char *comparable(struct pool *pool, struct slice pattern)
{
	size_t at_sign = slice_find_last(pattern, '@');
	const char *domain = NULL;

	if (at_sign < pattern.len)
		domain = domain_canonical(pool, slice_skip(pattern, at_sign + 1));
	if (domain == NULL)
		return slice_lower(pool, pattern);
	return pool_printf(pool, "%s@%s", slice_lower(pool, slice_from(pattern.data, at_sign)),
			   domain);
}

static bool parse_signing(struct table_reader *reader, struct slice line)
{
	struct dkim_tables *tables = reader->tables;
	struct table_line signing = {.line = reader->file.line};
	struct slice pattern;
	struct slice value;

	if (!table_two_words(reader, line, "a line is PATTERN KEYNAME[:IDENTITY]", &pattern,
			     &value))
		return false;
	signing.pattern = comparable(reader->pool, pattern);
	signing.form = form_of(pattern);
	if (!can_match(reader, pattern) || !parse_plain(reader, pattern, &signing) ||
	    !parse_signing_value(reader, value, &signing))
		return false;
	tables->signings =
	    pool_grow(reader->pool, tables->signings, tables->signing_count, sizeof(signing));
	tables->signings[tables->signing_count++] = signing;
	return true;
}

/* use_patterns - every line is a pattern, in the order of the file */
static bool use_patterns(struct table_reader *reader)
{
	struct dkim_tables *tables = reader->tables;

	for (size_t i = 0; i < tables->signing_count; i++) {
		if (strpbrk(tables->signings[i].pattern, "@*") == NULL)
			return config_file_error(reader->file.path, tables->signings[i].line,
						 reader->error,
						 "a pattern without @ and * matches no address");
		tables->signings[i].form = FORM_PATTERN;
	}
	return true;
}

/* settle_kind - are the lines patterns or plain? */
static bool settle_kind(struct table_reader *reader, enum config_file_kind kind)
{
	const struct dkim_tables *tables = reader->tables;
	size_t first = 0;

	while (first < tables->signing_count && tables->signings[first].form != FORM_PATTERN)
		first++;
	if (kind == CONFIG_FILE_PATTERNS)
		return use_patterns(reader);
	if (first == tables->signing_count)
		return true;
	if (kind == CONFIG_FILE_UNSAID)
		return use_patterns(reader);
	return config_file_error(reader->file.path, tables->signings[first].line, reader->error,
				 "a pattern needs \"refile:\" in front of the file name");
}

bool signing_table_read(struct table_reader *reader, const char *path)
{
	enum config_file_kind kind;
	struct slice line;

	if (!config_file_name(&path, &kind, reader->error) ||
	    !config_file_read(reader->pool, path, &reader->file, reader->error))
		return false;
	while (config_file_next(&reader->file, &line)) {
		if (!parse_signing(reader, line))
			return false;
	}
	return settle_kind(reader, kind);
}
