/*
 * sign - making DKIM signatures; see sign.h
 *
 * The field is written up to "b=" first, hashed as the last of the signed fields (RFC 6376
 * section 3.7) and then completed: b= is the last tag and nothing is after it, so that no
 * reading of "without the value of b=" differs from another.
 */
#include "dkim/sign.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "base/pool.h"
#include "dkim/tag_values.h"
#include "mail/abnf.h"

#define FIELD_NAME  "DKIM-Signature"
#define FOLD_COLUMN 8                   /* where a folded line goes on: after one TAB */
#define QUOTED_LEN  (1 + HEX_OCTET_LEN) /* "=3B" */

/* A field that is signed; NULL for the one that must not be there. */
struct signed_field {
	struct slice name; /* as in h= */
	const struct field *field;
};

struct dkim_signer {
	struct pool *pool;
	const struct message *message;
	const struct dkim_sign_policy *policy;
	struct dkim_hash *hash;
	struct dkim_canon_body body;
	struct dkim_canon_writer writer;
	const char *body_hash; /* base64 */
	struct signed_field *fields;
	size_t field_count;
};

/* Text that is folded on its way. */
struct folder {
	struct buffer text;
	size_t column;
};

static bool is_listed(struct slice list, struct slice name)
{
	struct slice item;

	while (dkim_tag_next_item(&list, &item)) {
		if (slice_equal_nocase(item, name))
			return true;
	}
	return false;
}

/* check_name - may a field of that name be signed? */
static bool check_name(struct slice name, struct error *error)
{
	static const char changing[] = "Received:Return-Path:" FIELD_NAME;
	size_t len = 0;

	while (len < name.len && is_vchar(name.data[len]) && name.data[len] != ';')
		len++;
	if (len == 0 || len < name.len)
		return error_set(error, STATUS_CONFIG,
				 "is no list of field names, separated by colons");
	if (is_listed(slice_of(changing), name))
		return error_set(error, STATUS_CONFIG,
				 "must not have %.*s in it: that changes on the way", (int)name.len,
				 name.data);
	return true;
}

bool dkim_sign_names_are_good(const char *names, struct error *error)
{
	struct slice rest = slice_of(names);
	struct slice name;

	while (*names != '\0' && dkim_tag_next_item(&rest, &name)) {
		if (!check_name(name, error))
			return false;
	}
	return true;
}

bool dkim_sign_has_name(const struct dkim_sign_policy *policy, const char *name)
{
	return is_listed(slice_of(policy->headers), slice_of(name)) ||
	       is_listed(slice_of(policy->oversign), slice_of(name));
}

/* canon_of - one algorithm */
static bool canon_of(struct slice word, enum dkim_canon *canon)
{
	*canon = slice_is(word, "relaxed") ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
	return slice_is(word, "relaxed") || slice_is(word, "simple");
}

bool dkim_sign_canons(struct slice text, struct dkim_sign_policy *policy)
{
	struct slice body = text;
	struct slice header;

	slice_cut(&body, '/', &header);
	policy->body_canon = DKIM_CANON_SIMPLE;
	return canon_of(header, &policy->header_canon) &&
	       (body.data == NULL || canon_of(body, &policy->body_canon));
}

static void add_signed_field(struct dkim_signer *signer, struct slice name,
			     const struct field *field)
{
	signer->fields =
	    pool_grow(signer->pool, signer->fields, signer->field_count, sizeof(*signer->fields));
	signer->fields[signer->field_count++] = (struct signed_field){name, field};
}

/* add_fields - all of that name: h= takes them from the bottom up (RFC 6376 section 5.4.2) */
static void add_fields(struct dkim_signer *signer, struct slice name)
{
	for (size_t i = message_field_count(signer->message); i-- > 0;) {
		const struct field *field = message_field(signer->message, i);

		if (slice_equal_nocase(field->name, name) && !field->removed)
			add_signed_field(signer, name, field);
	}
	if (is_listed(slice_of(signer->policy->oversign), name))
		add_signed_field(signer, name, NULL);
}

/* add_list - the fields of all names in a list that are not in the list before it */
static void add_list(struct dkim_signer *signer, const char *names, const char *done)
{
	struct slice rest = slice_of(names);
	struct slice name;

	while (*names != '\0' && dkim_tag_next_item(&rest, &name)) {
		struct slice before = slice_between(names, name.data);

		if (!is_listed(slice_of(done), name) && !is_listed(before, name))
			add_fields(signer, name);
	}
}

struct dkim_signer *dkim_sign_new(struct pool *pool, const struct message *message,
				  const struct dkim_sign_policy *policy)
{
	struct dkim_signer *signer = memory_alloc(sizeof(*signer));

	signer->pool = pool;
	signer->message = message;
	signer->policy = policy;
	signer->hash = dkim_hash_new();
	dkim_canon_body_init(&signer->body, policy->body_canon, dkim_hash_add, signer->hash);
	add_list(signer, policy->headers, "");
	add_list(signer, policy->oversign, policy->headers);
	return signer;
}

void dkim_sign_free(struct dkim_signer *signer)
{
	if (signer == NULL)
		return;
	dkim_hash_free(signer->hash);
	free(signer);
}

void dkim_sign_body(void *context, const char *data, size_t len)
{
	struct dkim_signer *signer = context;

	dkim_canon_body_update(&signer->body, data, len);
}

/* finish_body - its hash, once for all signatures */
static void finish_body(struct dkim_signer *signer)
{
	unsigned char digest[DKIM_HASH_LEN];

	if (signer->body_hash != NULL)
		return;
	dkim_canon_body_finish(&signer->body);
	dkim_hash_digest(signer->hash, digest);
	signer->body_hash = base64_encode(signer->pool, digest, sizeof(digest));
}

static void fold(struct folder *folder)
{
	buffer_add_text(&folder->text, "\n\t");
	folder->column = FOLD_COLUMN;
}

/* add_piece - text that is not folded within, on this line or on the next */
static void add_piece(struct folder *folder, struct slice piece)
{
	if (folder->column + piece.len > DKIM_SIGN_COLUMNS && folder->column > FOLD_COLUMN)
		fold(folder);
	buffer_add_slice(&folder->text, piece);
	folder->column += piece.len;
}

/* add_tag - a tag after a space, or on a line of its own */
static void add_tag(struct folder *folder, struct slice tag)
{
	if (folder->column + 1 + tag.len > DKIM_SIGN_COLUMNS)
		fold(folder);
	else
		add_piece(folder, slice_of(" "));
	add_piece(folder, tag);
}

__attribute__((format(printf, 3, 4))) static void
add_tag_text(struct folder *folder, struct pool *pool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add_tag(folder, slice_of(pool_vprintf(pool, format, args)));
	va_end(args);
}

/* quote - RFC 6376 section 2.11: one octet as it stands in dkim-quoted-printable */
static struct slice quote(char byte, char text[QUOTED_LEN])
{
	if (is_vchar(byte) && strchr(";=|", byte) == NULL) {
		text[0] = byte;
		return slice_from(text, 1);
	}
	text[0] = '=';
	hex_escape(byte, text + 1);
	return slice_from(text, QUOTED_LEN);
}

/* add_quoted - text that may be folded anywhere */
static void add_quoted(struct folder *folder, struct slice text)
{
	char quoted[QUOTED_LEN];

	for (size_t i = 0; i < text.len; i++)
		add_piece(folder, quote(text.data[i], quoted));
}

/* add_identity - i= in one piece */
static void add_identity(struct folder *folder, const char *identity)
{
	struct folder whole = {.column = 0};
	char quoted[QUOTED_LEN];

	if (identity == NULL)
		return;
	buffer_init(&whole.text, SIZE_MAX);
	buffer_add_text(&whole.text, "i=");
	for (; *identity != '\0'; identity++)
		buffer_add_slice(&whole.text, quote(*identity, quoted));
	buffer_add_text(&whole.text, ";");
	add_tag(folder, buffer_slice(&whole.text));
	buffer_free(&whole.text);
}

/* add_names - h=, folded between names */
static void add_names(struct folder *folder, const struct dkim_signer *signer)
{
	for (size_t i = 0; i < signer->field_count; i++) {
		const char *end = i + 1 < signer->field_count ? ":" : ";";
		const char *name =
		    pool_printf(signer->pool, "%s%.*s%s", i == 0 ? "h=" : "",
				(int)signer->fields[i].name.len, signer->fields[i].name.data, end);

		if (i == 0)
			add_tag(folder, slice_of(name));
		else
			add_piece(folder, slice_of(name));
	}
}

/* add_copies - z=, every signed field that is there */
static void add_copies(struct folder *folder, const struct dkim_signer *signer)
{
	const char *before = "z=";

	if (!signer->policy->copies)
		return;
	for (size_t i = 0; i < signer->field_count; i++) {
		const struct field *field = signer->fields[i].field;

		if (field == NULL)
			continue;
		if (*before == 'z')
			add_tag(folder, slice_of(before));
		else
			add_piece(folder, slice_of(before));
		add_piece(folder, slice_of(pool_printf(signer->pool, "%.*s:", (int)field->name.len,
						       field->name.data)));
		add_quoted(folder, field->value);
		before = "|";
	}
	if (*before == '|')
		add_piece(folder, slice_of(";"));
}

static const char *canon_word(enum dkim_canon canon)
{
	return canon == DKIM_CANON_RELAXED ? "relaxed" : "simple";
}

/* add_tags - everything but the value of b= */
static void add_tags(struct folder *folder, const struct dkim_signer *signer,
		     const struct dkim_sign_key *key)
{
	const struct dkim_sign_policy *policy = signer->policy;
	struct pool *pool = signer->pool;

	add_piece(folder, slice_of(FIELD_NAME ":"));
	add_tag(folder, slice_of("v=1;"));
	add_tag_text(folder, pool, "a=%s-sha256;",
		     key->key.type == DKIM_KEY_RSA ? "rsa" : "ed25519");
	add_tag_text(folder, pool, "c=%s/%s;", canon_word(policy->header_canon),
		     canon_word(policy->body_canon));
	add_tag_text(folder, pool, "d=%s;", key->domain);
	add_tag_text(folder, pool, "s=%s;", key->selector);
	if (policy->time != DKIM_NO_NUMBER)
		add_tag_text(folder, pool, "t=%llu;", policy->time);
	if (policy->expiry != DKIM_NO_NUMBER)
		add_tag_text(folder, pool, "x=%llu;", policy->expiry);
	add_identity(folder, key->identity);
	add_names(folder, signer);
	add_tag_text(folder, pool, "bh=%s;", signer->body_hash);
	add_copies(folder, signer);
	fold(folder);
	add_piece(folder, slice_of("b="));
}

/* field_of - the field as it would be read */
static struct field field_of(struct slice text)
{
	return (struct field){
	    .name = slice_from(text.data, strlen(FIELD_NAME)),
	    .value = slice_skip(text, strlen(FIELD_NAME ":")),
	    .raw = text,
	};
}

/* digest_header - RFC 6376 section 3.7, hash step 2 */
static void digest_header(struct dkim_signer *signer, struct slice text,
			  unsigned char digest[DKIM_HASH_LEN])
{
	enum dkim_canon canon = signer->policy->header_canon;
	struct field own = field_of(text);

	dkim_hash_restart(signer->hash);
	dkim_canon_writer_init(&signer->writer, dkim_hash_add, signer->hash);
	for (size_t i = 0; i < signer->field_count; i++) {
		if (signer->fields[i].field != NULL)
			dkim_canon_field(&signer->writer, canon, signer->fields[i].field);
	}
	dkim_canon_signature(&signer->writer, canon, &own, slice_skip(own.value, own.value.len));
	dkim_canon_flush(&signer->writer);
	dkim_hash_digest(signer->hash, digest);
}

/* add_signature - b=, each line filled */
static void add_signature(struct folder *folder, struct slice base64)
{
	while (base64.len > 0) {
		size_t room =
		    folder->column < DKIM_SIGN_COLUMNS ? DKIM_SIGN_COLUMNS - folder->column : 0;
		size_t len = base64.len < room ? base64.len : room;

		if (len == 0)
			fold(folder);
		add_piece(folder, slice_from(base64.data, len));
		base64 = slice_skip(base64, len);
	}
}

const char *dkim_sign_field(struct dkim_signer *signer, const struct dkim_sign_key *key,
			    struct error *error)
{
	struct folder folder = {.column = 0};
	unsigned char digest[DKIM_HASH_LEN];
	const char *field = NULL;
	struct slice signature;

	finish_body(signer);
	buffer_init(&folder.text, MESSAGE_HEADER_MAX);
	add_tags(&folder, signer, key);
	digest_header(signer, buffer_slice(&folder.text), digest);
	if (private_key_sign(signer->pool, &key->key, digest, &signature, error)) {
		add_signature(&folder,
			      slice_of(base64_encode(signer->pool, signature.data, signature.len)));
		if (folder.text.overflow)
			error_set(error, STATUS_TOO_BIG,
				  "the signature field would be larger than %u octets",
				  MESSAGE_HEADER_MAX);
		else
			field = slice_copy(signer->pool, buffer_slice(&folder.text));
	}
	buffer_free(&folder.text);
	return field;
}
