/*
 * arc - chains of seals: a choice, a key record, a line "%%", results, another such line, a message
 *
 * The chain that the message has is verified as it is, by that record. Then others pass the message
 * on, with those results: if it had no chain, theirs is valid, and not any more when something of
 * it or the body is changed; a chain that is there already does not become valid by that.
 */
#include "dkim/arc.h"

#include <string.h>

#include "base/base64.h"
#include "base/pool.h"
#include "dkim/body_hash.h"
#include "dkim/private_key_file.h"
#include "dkim/signed_fields.h"
#include "fuzz.h"
#include "mail/domain.h"

#define SECRET         "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=" /* RFC 8463 A.2 */
#define RECORD         "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" /* of it */
#define SECONDS        60
#define NOW            1700000000
#define TXT_STRING_LEN 255 /* RFC 1035 3.3: a character-string */
#define KINDS          3   /* fields of a set */

/* The bits of the choice. */
#define RELAXED_HEADER 1U
#define RELAXED_BODY   2U
#define SETS_SHIFT     2
#define SETS_MAX       3U
#define PLACE_SHIFT    4

/* A message that is passed on. */
struct passed {
	struct pool *pool;
	unsigned choice;
	unsigned sets;
	const char *results;
	struct slice text;
	struct field fields[SETS_MAX * KINDS]; /* of our sets, in the order of a seal */
};

/* open_zone - with the record to be tried and that of our sealers */
static struct dns *open_zone(struct slice record)
{
	struct buffer text;
	struct error error;
	struct dns *dns;

	buffer_init(&text, SIZE_MAX);
	buffer_add_text(&text, "ed._domainkey.list.example TXT \"" RECORD "\"\n"
			       "ed._domainkey.forwarder.example TXT \"" RECORD "\"\n"
			       "arc._domainkey.list.example TXT \"");
	for (size_t i = 0; i < record.len; i++)
		buffer_printf(&text, "%s\\%03u", i > 0 && i % TXT_STRING_LEN == 0 ? "\" \"" : "",
			      (unsigned)(unsigned char)record.data[i]);
	buffer_add_text(&text, "\"\n");
	dns = dns_open_zone(fuzz_path(2, buffer_slice(&text)), NULL, &error);
	fuzz_expect(dns != NULL);
	buffer_free(&text);
	return dns;
}

/* verify - the verdict on the chain; what it says holds together */
static struct arc_result verify(struct pool *pool, struct slice text, struct dns *dns)
{
	const struct arc_policy policy = {.min_key_bits = DKIM_KEY_BITS_MIN, .now = NOW};
	struct dns_budget budget = dns_budget_for(SECONDS, DNS_QUERIES_MAX);
	struct message *message = message_new();
	int fd = fuzz_file(0, text);
	struct arc_verifier *verifier;
	struct arc_result result;
	struct error error;
	bool good;

	fuzz_expect(message_read_header(message, source_of_fd(fd), &error));
	verifier = arc_verify_new(pool, message, &policy, NULL);
	fuzz_expect(
	    message_read_body(message, source_of_fd(fd), arc_verify_body, verifier, &error));
	arc_verify_finish(verifier, dns, &budget, &result);
	good = result.result == RESULT_PASS;
	fuzz_expect(good || result.result == RESULT_FAIL || result.result == RESULT_NONE ||
		    result.result == RESULT_TEMPERROR);
	fuzz_expect((result.reason == NULL) == (good || result.result == RESULT_NONE));
	fuzz_expect(good == (result.sets > 0) && good == (result.sealer_count > 0));
	fuzz_expect(result.sealer_count <= result.sets && result.sets <= ARC_INSTANCE_MAX);
	fuzz_expect(good || result.passed_author == NULL);
	if (result.passed_author != NULL)
		fuzz_expect(fuzz_same_text(domain_canonical(pool, slice_of(result.passed_author)),
					   result.passed_author));
	arc_verify_free(verifier);
	message_free(message);
	return result;
}

/* field_of - as it would be read */
static struct field field_of(const char *text)
{
	size_t colon = slice_find(slice_of(text), ':');

	return (struct field){.name = slice_from(text, colon),
			      .value = slice_of(text + colon + 1),
			      .raw = slice_of(text)};
}

/* complete - a field that ends with "b=" gets its signature */
static struct field complete(struct passed *passed, const char *text, struct dkim_hash *hash)
{
	unsigned char digest[DKIM_HASH_LEN];
	struct private_key key;
	struct slice signature;
	struct error error;

	dkim_hash_digest(hash, digest);
	fuzz_expect(private_key_file_parse(passed->pool, slice_of(SECRET), &key, &error));
	fuzz_expect(private_key_sign(passed->pool, &key, digest, &signature, &error));
	return field_of(pool_printf(passed->pool, "%s%s", text,
				    base64_encode(passed->pool, signature.data, signature.len)));
}

/* hash_last - the field that holds the signature, and the digest is complete */
static void hash_last(struct dkim_canon_writer *writer, enum dkim_canon canon, const char *text)
{
	const struct field field = field_of(text);

	dkim_canon_signature(writer, canon, &field, slice_skip(field.value, field.value.len));
	dkim_canon_flush(writer);
}

static const char *sealer_of(unsigned set)
{
	return set % 2 == 0 ? "list.example" : "forwarder.example";
}

/* sign_message - the ARC-Message-Signature of a set, counted from 0 */
static struct field sign_message(struct passed *passed, const struct message *message, unsigned set,
				 const struct dkim_body_hash *body)
{
	bool relaxed = (passed->choice & RELAXED_HEADER) != 0;
	enum dkim_canon canon = relaxed ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
	struct dkim_header *header = signed_fields_new(passed->pool, message);
	struct dkim_hash *hash = dkim_hash_new();
	struct dkim_canon_writer writer;
	const char *text = pool_printf(
	    passed->pool,
	    "ARC-Message-Signature: i=%u; a=ed25519-sha256; c=%s/%s; d=%s; s=ed; h=From:To; "
	    "bh=%s; b=",
	    set + 1, relaxed ? "relaxed" : "simple",
	    (passed->choice & RELAXED_BODY) != 0 ? "relaxed" : "simple", sealer_of(set),
	    base64_encode(passed->pool, body->digest, DKIM_HASH_LEN));
	static const char *const names[] = {"From", "To"};
	struct field field;

	dkim_canon_writer_init(&writer, dkim_hash_add, hash);
	signed_fields_restart(header, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct field *covered = signed_fields_take(header, slice_of(names[i]));

		if (covered != NULL)
			dkim_canon_field(&writer, canon, covered);
	}
	hash_last(&writer, canon, text);
	field = complete(passed, text, hash);
	dkim_hash_free(hash);
	return field;
}

/* sign_sets - the ARC-Seal of a set, over all that there are */
static struct field sign_sets(struct passed *passed, unsigned set)
{
	struct dkim_hash *hash = dkim_hash_new();
	struct dkim_canon_writer writer;
	const char *text = pool_printf(
	    passed->pool, "ARC-Seal: i=%u; a=ed25519-sha256; cv=%s; d=%s; s=ed; b=", set + 1,
	    set == 0 ? "none" : "pass", sealer_of(set));
	struct field field;

	dkim_canon_writer_init(&writer, dkim_hash_add, hash);
	for (size_t i = 0; i < set * KINDS + 2; i++)
		dkim_canon_field(&writer, DKIM_CANON_RELAXED, &passed->fields[i]);
	hash_last(&writer, DKIM_CANON_RELAXED, text);
	field = complete(passed, text, hash);
	dkim_hash_free(hash);
	return field;
}

/* pass_on - with one set more */
static void pass_on(struct passed *passed)
{
	struct message *message = message_new();
	struct dkim_body *body = dkim_body_new();
	const struct dkim_body_hash *body_hash = dkim_body_want(
	    body, passed->pool,
	    (passed->choice & RELAXED_BODY) != 0 ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE,
	    DKIM_NO_NUMBER);
	struct field *own = passed->fields + (size_t)passed->sets * KINDS;
	int fd = fuzz_file(0, passed->text);
	struct error error;

	fuzz_expect(message_read_header(message, source_of_fd(fd), &error));
	fuzz_expect(message_read_body(message, source_of_fd(fd), dkim_body_add, body, &error));
	dkim_body_finish(body);
	own[0] = field_of(pool_printf(passed->pool, "ARC-Authentication-Results: i=%u; %s",
				      passed->sets + 1, passed->results));
	own[1] = sign_message(passed, message, passed->sets, body_hash);
	own[2] = sign_sets(passed, passed->sets);
	for (size_t i = 0; i < KINDS; i++)
		message_add_field(message, own[i].raw.data);
	fd = fuzz_file(1, slice_of(NULL));
	fuzz_expect(message_write_fd(message, fd, &error));
	passed->text = fuzz_content(passed->pool, fd);
	passed->sets++;
	dkim_body_free(body);
	message_free(message);
}

/* one_line - of what is to be in a field */
static const char *one_line(struct pool *pool, struct slice text)
{
	char *line = slice_copy(pool, text);

	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	}
	return line;
}

/* check_changed - an octet of any of our fields that is another one, but for the seal on top, whose
 * white space is nobody's */
static void check_changed(const struct passed *passed, struct dns *dns)
{
	size_t number = (passed->choice >> PLACE_SHIFT) % (passed->sets * KINDS - 1);
	struct slice raw = passed->fields[number].raw;
	char *changed = slice_copy(passed->pool, passed->text);
	char *place = memmem(changed, passed->text.len, raw.data, raw.len);

	fuzz_expect(place != NULL);
	place[(passed->choice * 7919U + passed->text.len) % raw.len] ^= 1;
	fuzz_expect(verify(passed->pool, slice_from(changed, passed->text.len), dns).result !=
		    RESULT_PASS);
}

/* check_body - one octet more */
static void check_body(const struct passed *passed, struct dns *dns)
{
	struct slice text = passed->text;
	char *longer = pool_alloc(passed->pool, text.len + 1);

	if (memmem(text.data, text.len, "\n\n", 2) == NULL &&
	    memmem(text.data, text.len, "\n\r\n", 3) == NULL)
		return;
	memcpy(longer, text.data, text.len);
	longer[text.len] = 'x';
	fuzz_expect(verify(passed->pool, slice_from(longer, text.len + 1), dns).result ==
		    RESULT_FAIL);
}

/* check_passed_on - the message after all sets */
static void check_passed_on(const struct passed *passed, enum result before, struct dns *dns)
{
	struct arc_result after = verify(passed->pool, passed->text, dns);

	if (before != RESULT_NONE) {
		fuzz_expect(after.result != RESULT_PASS);
		return;
	}
	fuzz_expect(after.result == RESULT_PASS && after.sets == passed->sets);
	fuzz_expect(after.sealer_count == (passed->sets > 1 ? 2 : 1));
	fuzz_expect(after.passed_author == NULL || strcasestr(passed->results, "dmarc") != NULL);
	check_changed(passed, dns);
	check_body(passed, dns);
}

void fuzz_one(struct slice input)
{
	unsigned choice = fuzz_choice(&input);
	struct slice record = fuzz_part(&input);
	struct slice results = fuzz_part(&input);
	struct pool *pool = pool_new();
	struct dns *dns = open_zone(record);
	struct passed passed = {.pool = pool, .choice = choice, .text = input};

	if (input.len > 0) {
		enum result before = verify(pool, input, dns).result;

		passed.results = one_line(pool, results);
		do {
			pass_on(&passed);
		} while (passed.sets < 1 + (choice >> SETS_SHIFT) % SETS_MAX);
		check_passed_on(&passed, before, dns);
	}
	dns_close(dns);
	pool_free(pool);
}
