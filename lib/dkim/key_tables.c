/*
 * key_tables - opendkim's KeyTable and SigningTable; see key_tables.h
 *
 * Reading sorts the keys by name, so that each line of the signing table finds its key in
 * logarithmic time; choosing is one pass over the signing table.
 */
#include "dkim/key_tables.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_file.h"
#include "base/pool.h"
#include "mail/abnf.h"
#include "mail/domain.h"

#define RANK_NONE SIZE_MAX

/* What the first word of a line in a signing table is; the plain forms most precise first. */
enum form {
	FORM_ADDRESS,       /* user@domain */
	FORM_DOMAIN,        /* domain */
	FORM_ADDRESS_BELOW, /* user@.domain */
	FORM_BELOW,         /* .domain */
	FORM_USER,          /* user@* */
	FORM_ANY,           /* * */
	FORM_PATTERN,
};

struct signing {
	const char *pattern;
	enum form form;
	struct slice user; /* of the plain forms */
	const char *domain;
	const char *key; /* name in the key table, or "%" */
	const char *identity;
	size_t line;
};

struct dkim_tables {
	struct dkim_table_key *keys;
	const struct dkim_table_key **sorted; /* by name */
	size_t key_count;
	struct signing *signings;
	size_t signing_count;
};

/* Where reading has come to. */
struct reader {
	struct pool *pool;
	struct config_file file;
	struct dkim_tables *tables;
	struct error *error;
};

static bool fails(struct reader *reader, const char *what)
{
	return config_file_error(reader->file.path, reader->file.line, reader->error, "%s", what);
}

static bool is_percent(const char *text)
{
	return strcmp(text, "%") == 0;
}

/* two_words - the two words that every line has */
static bool two_words(struct reader *reader, struct slice line, const char *wanted,
		      struct slice *first, struct slice *second)
{
	struct slice more;

	if (config_file_word(&line, first) && config_file_word(&line, second) &&
	    !config_file_word(&line, &more))
		return true;
	return fails(reader, wanted);
}

/* is_label_byte - RFC 5321 4.1.2: sub-domain, and the underscore that DNS has */
static bool is_label_byte(char byte)
{
	return is_alnum(byte) || byte == '-' || byte == '_';
}

const char *dkim_selector_error(struct slice text)
{
	struct slice rest = text;
	struct slice label;

	if (text.len == 0 || text.len > DOMAIN_TEXT_MAX)
		return "is no selector: it is empty or too long";
	while (slice_cut(&rest, '.', &label)) {
		size_t len = 0;

		if (slice_is_nocase(label, "_domainkey"))
			return "is no selector: leave \"_domainkey\" and what follows it out";
		while (len < label.len && is_label_byte(label.data[len]))
			len++;
		if (len == 0 || len < label.len || len > DOMAIN_LABEL_MAX)
			return "is no selector: letters, digits, - and _ in dotted labels";
	}
	return NULL;
}

bool dkim_selector_is_good(struct slice text)
{
	return dkim_selector_error(text) == NULL;
}

/* is_path - opendkim takes anything else for the key itself */
static bool is_path(struct slice text)
{
	return slice_starts_nocase(text, "/") || slice_starts_nocase(text, "./") ||
	       slice_starts_nocase(text, "../");
}

/*
 * take_algorithm - a fourth part after the name of the file, which OpenDKIM's development branch
 * has; the key says the same, so that all but rsa-sha1 are left at that
 */
static bool take_algorithm(struct reader *reader, struct slice *file)
{
	size_t colon = slice_find_last(*file, ':');
	struct slice algorithm = colon < file->len ? slice_skip(*file, colon + 1) : slice_of(NULL);

	if (slice_is_nocase(algorithm, "rsa-sha1"))
		return fails(reader, "nobody accepts signatures by rsa-sha1 any more (RFC 8301): "
				     "write rsa-sha256");
	if (slice_is_nocase(algorithm, "rsa-sha256") ||
	    slice_is_nocase(algorithm, "ed25519-sha256"))
		file->len = colon;
	return true;
}

/* parse_key_value - DOMAIN:SELECTOR:FILE. What is wrong with it is not repeated: it may be a key */
static bool parse_key_value(struct reader *reader, struct slice value, struct dkim_table_key *key)
{
	struct slice rest = value;
	struct slice domain;
	struct slice selector;

	if (!slice_cut(&rest, ':', &domain) || !slice_cut(&rest, ':', &selector) || rest.len == 0)
		return fails(reader, "the second word is not DOMAIN:SELECTOR:FILE");
	key->domain = slice_is(domain, "%") ? "%" : domain_canonical(reader->pool, domain);
	if (key->domain == NULL || (!is_percent(key->domain) && !domain_is_qualified(key->domain)))
		return fails(reader, "the domain of the key is no domain name");
	if (!dkim_selector_is_good(selector))
		return fails(reader, pool_printf(reader->pool, "the selector of the key %s",
						 dkim_selector_error(selector)));
	if (!take_algorithm(reader, &rest))
		return false;
	if (!is_path(rest))
		return fails(reader, "the file of the key does not begin with / or ./ or ../");
	key->selector = slice_copy(reader->pool, selector);
	key->path = slice_copy(reader->pool, rest);
	return true;
}

static bool parse_key(struct reader *reader, struct slice line)
{
	struct dkim_tables *tables = reader->tables;
	struct dkim_table_key key = {.line = reader->file.line};
	struct slice name;
	struct slice value;

	if (!two_words(reader, line, "a line is NAME DOMAIN:SELECTOR:FILE", &name, &value) ||
	    !parse_key_value(reader, value, &key))
		return false;
	key.name = slice_lower(reader->pool, name);
	tables->keys = pool_grow(reader->pool, tables->keys, tables->key_count, sizeof(key));
	tables->keys[tables->key_count++] = key;
	return true;
}

static int compare_keys(const void *left, const void *right)
{
	const struct dkim_table_key *const *a = left;
	const struct dkim_table_key *const *b = right;
	int order = strcmp((*a)->name, (*b)->name);

	if (order != 0)
		return order;
	return (*a)->line < (*b)->line ? -1 : (*a)->line > (*b)->line;
}

/* sort_keys - and no two of one name */
static bool sort_keys(struct reader *reader)
{
	struct dkim_tables *tables = reader->tables;
	size_t count = tables->key_count;
	const struct dkim_table_key **sorted = pool_alloc(reader->pool, count * sizeof(*sorted));

	for (size_t i = 0; i < count; i++)
		sorted[i] = &tables->keys[i];
	if (count > 0)
		qsort(sorted, count, sizeof(*sorted), compare_keys);
	tables->sorted = sorted;
	for (size_t i = 1; i < count; i++) {
		if (strcmp(sorted[i]->name, sorted[i - 1]->name) == 0)
			return config_file_error(reader->file.path, sorted[i]->line, reader->error,
						 "key %s is already in line %zu", sorted[i]->name,
						 sorted[i - 1]->line);
	}
	return true;
}

static int compare_name(const void *name, const void *key)
{
	return strcmp(name, (*(const struct dkim_table_key *const *)key)->name);
}

/* find_key - the key of that name in lower case, or NULL */
static const struct dkim_table_key *find_key(const struct dkim_tables *tables, const char *name)
{
	const struct dkim_table_key **found = NULL;

	if (tables->key_count > 0)
		found = bsearch(name, tables->sorted, tables->key_count, sizeof(*tables->sorted),
				compare_name);
	return found != NULL ? *found : NULL;
}

static bool read_keys(struct reader *reader, const char *path)
{
	struct slice line;

	if (!config_file_name(&path, NULL, reader->error) ||
	    !config_file_read(reader->pool, path, &reader->file, reader->error))
		return false;
	while (config_file_next(&reader->file, &line)) {
		if (!parse_key(reader, line))
			return false;
	}
	return sort_keys(reader);
}

/* form_of - what a pattern is; only the last of its parts may be an asterisk in a plain file */
static enum form form_of(struct slice pattern)
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
static bool can_match(struct reader *reader, struct slice pattern)
{
	size_t at_sign = slice_find_last(pattern, '@');
	struct slice domain = at_sign < pattern.len ? slice_skip(pattern, at_sign + 1) : pattern;
	const char *written = slice_copy(reader->pool, domain);

	if (pattern.data[0] == '"' || pattern.data[pattern.len - 1] == '"')
		return fails(reader, "the pattern has quotes around it: leave them out");
	if (at_sign == 0)
		return fails(reader, pool_printf(reader->pool,
						 "no author is called \"\" at %s: write *@%s, or "
						 "%s in a file without patterns",
						 written, written, written));
	if (domain.len == 0)
		return fails(reader, "the first word has no domain name");
	if (domain.data[domain.len - 1] == '.')
		return fails(reader, "no author's domain ends in a dot: leave it out");
	for (size_t i = 0; i < domain.len; i++) {
		if (!is_label_byte(domain.data[i]) && (unsigned char)domain.data[i] < 0x80 &&
		    domain.data[i] != '.' && domain.data[i] != '*')
			return fails(reader, pool_printf(reader->pool,
							 "no author's domain has \"%c\" in it",
							 domain.data[i]));
	}
	return true;
}

/* parse_plain - user and domain of a pattern that is one of the plain forms */
static bool parse_plain(struct reader *reader, struct slice pattern, struct signing *signing)
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
	return signing->domain != NULL || fails(reader, "the first word has no domain name");
}

/* parse_signing_value - NAME or NAME:IDENTITY */
static bool parse_signing_value(struct reader *reader, struct slice value, struct signing *signing)
{
	struct slice name;
	struct slice identity = value;

	slice_cut(&identity, ':', &name);
	signing->key = slice_lower(reader->pool, name);
	if (!is_percent(signing->key) && find_key(reader->tables, signing->key) == NULL)
		return config_file_error(reader->file.path, reader->file.line, reader->error,
					 "the key table has no key %s", signing->key);
	if (identity.data == NULL)
		return true;
	if (slice_find(identity, '@') == identity.len)
		return fails(reader, "the identity after the colon has no @");
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

static bool parse_signing(struct reader *reader, struct slice line)
{
	struct dkim_tables *tables = reader->tables;
	struct signing signing = {.line = reader->file.line};
	struct slice pattern;
	struct slice value;

	if (!two_words(reader, line, "a line is PATTERN KEYNAME[:IDENTITY]", &pattern, &value))
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
static bool use_patterns(struct reader *reader)
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
static bool settle_kind(struct reader *reader, enum config_file_kind kind)
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

static bool read_signings(struct reader *reader, const char *path)
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

struct dkim_tables *dkim_tables_read(struct pool *pool, const char *key_table,
				     const char *signing_table, struct error *error)
{
	struct reader reader = {
	    .pool = pool,
	    .tables = pool_alloc(pool, sizeof(*reader.tables)),
	    .error = error,
	};

	if (!read_keys(&reader, key_table))
		return NULL;
	if (signing_table != NULL && !read_signings(&reader, signing_table))
		return NULL;
	return reader.tables;
}

size_t dkim_tables_key_count(const struct dkim_tables *tables)
{
	return tables->key_count;
}

const struct dkim_table_key *dkim_tables_key(const struct dkim_tables *tables, size_t index)
{
	return &tables->keys[index];
}

/* matches - does "*" for any text make the pattern the text? */
static bool matches(const char *pattern, const char *text)
{
	const char *behind_asterisk = NULL;
	const char *retry = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			behind_asterisk = ++pattern;
			retry = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (behind_asterisk != NULL) {
			pattern = behind_asterisk;
			text = ++retry;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}

/* An author as the table has it. */
struct author {
	const char *text; /* user@domain in lower case */
	struct slice user;
	const char *domain;
};

/* applies - does a line match? */
static bool applies(const struct signing *signing, const struct author *author)
{
	bool below = signing->form == FORM_ADDRESS_BELOW || signing->form == FORM_BELOW;

	if (signing->form == FORM_PATTERN)
		return matches(signing->pattern, author->text);
	if (signing->user.data != NULL && !slice_equal(signing->user, author->user))
		return false;
	if (signing->domain == NULL)
		return true;
	if (domain_equal(author->domain, signing->domain))
		return !below;
	return below && domain_is_within(author->domain, signing->domain);
}

/* rank - the smallest counts; of two parents the longer is the nearer one */
static size_t rank(const struct signing *signing, size_t index, const struct author *author)
{
	size_t len = signing->domain != NULL ? strlen(signing->domain) : 0;

	if (!applies(signing, author))
		return RANK_NONE;
	if (signing->form == FORM_PATTERN)
		return index;
	return (size_t)signing->form * (DOMAIN_TEXT_MAX + 1) + DOMAIN_TEXT_MAX - len;
}

/* replace_percent - the text with the domain for every "%" */
static const char *replace_percent(struct pool *pool, const char *text, const char *domain)
{
	struct slice rest = slice_of(text);
	struct buffer result;
	struct slice part;
	const char *copy;

	if (text == NULL || strchr(text, '%') == NULL)
		return text;
	buffer_init(&result, SIZE_MAX);
	while (slice_cut(&rest, '%', &part)) {
		buffer_add_slice(&result, part);
		if (rest.data != NULL)
			buffer_add_text(&result, domain);
	}
	copy = slice_copy(pool, buffer_slice(&result));
	buffer_free(&result);
	return copy;
}

/* add_choice - the signature that a line asks for */
static void add_choice(struct pool *pool, const struct dkim_tables *tables,
		       const struct signing *signing, const char *domain,
		       struct dkim_table_choice **choices, size_t *count)
{
	const char *name = is_percent(signing->key) ? domain : signing->key;
	const struct dkim_table_key *key = find_key(tables, name);

	if (key == NULL)
		return;
	*choices = pool_grow(pool, *choices, *count, sizeof(**choices));
	(*choices)[(*count)++] = (struct dkim_table_choice){
	    .domain = is_percent(key->domain) ? domain : key->domain,
	    .selector = key->selector,
	    .path = replace_percent(pool, key->path, domain),
	    .identity = replace_percent(pool, signing->identity, domain),
	    .line = signing->line,
	};
}

void dkim_tables_choose(struct pool *pool, const struct dkim_tables *tables,
			const struct address *address, struct dkim_table_choice **choices,
			size_t *count)
{
	struct slice text = slice_of(pool_printf(pool, "%s@%s", address->local, address->domain));
	struct author author = {.text = slice_lower(pool, text), .domain = address->domain};
	const struct signing *best = NULL;
	size_t best_rank = RANK_NONE;

	*choices = NULL;
	*count = 0;
	author.user = slice_from(author.text, strlen(address->local));
	if (!domain_is_qualified(address->domain))
		return; /* a name that becomes part of a file name must not have "/" in it */
	for (size_t i = 0; i < tables->signing_count; i++) {
		size_t found = rank(&tables->signings[i], i, &author);

		if (found < best_rank) {
			best_rank = found;
			best = &tables->signings[i];
		}
	}
	for (size_t i = 0; best != NULL && i < tables->signing_count; i++) {
		if (strcmp(tables->signings[i].pattern, best->pattern) == 0)
			add_choice(pool, tables, &tables->signings[i], address->domain, choices,
				   count);
	}
}
