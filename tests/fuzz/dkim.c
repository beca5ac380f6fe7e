/*
 * dkim - signatures and key records: a choice, a key record, a line "%%", and a message
 *
 * The message is verified as it is, by that record. Then we sign it: whatever it is, our signature
 * must be good, and must not be so any more when the body is another one.
 */
#include "dkim/verify.h"

#include <string.h>

#include "base/pool.h"
#include "dkim/canonicalization.h"
#include "dkim/copied_fields.h"
#include "dkim/digest.h"
#include "dkim/key_record.h"
#include "dkim/private_key_file.h"
#include "dkim/sign.h"
#include "fuzz.h"
#include "mail/domain.h"

#define DOMAIN         "example.com"
#define SECRET         "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=" /* RFC 8463 A.2 */
#define RECORD         "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" /* of it */
#define QUERIES        100
#define SECONDS        60
#define NOW            1700000000
#define BITS_OF_OCTET  8
#define TXT_STRING_LEN 255 /* RFC 1035 3.3: a character-string */

/* The bits of the choice. */
#define RELAXED_HEADER 1U
#define RELAXED_BODY   2U
#define COPIES         4U

/* open_zone - with the record to be tried, that of our own key and those of RFC 8463 appendix A */
static struct dns *open_zone(struct slice record)
{
	struct buffer text;
	struct error error;
	struct dns *dns;

	buffer_init(&text, SIZE_MAX);
	buffer_add_text(&text, "ed._domainkey.example.com TXT \"" RECORD "\"\n"
			       "brisbane._domainkey.football.example.com TXT \"" RECORD "\"\n"
			       "sel._domainkey.example.com TXT \"");
	for (size_t i = 0; i < record.len; i++)
		buffer_printf(&text, "%s\\%03u", i > 0 && i % TXT_STRING_LEN == 0 ? "\" \"" : "",
			      (unsigned)(unsigned char)record.data[i]);
	buffer_add_text(&text, "\"\n");
	dns = dns_open_zone(fuzz_path(2, buffer_slice(&text)), NULL, &error);
	fuzz_expect(dns != NULL);
	buffer_free(&text);
	return dns;
}

/* check_key - a key record; nothing random is its signature */
static void check_key(struct pool *pool, struct slice record)
{
	unsigned char digest[DKIM_HASH_LEN] = {1};
	struct key_record key;
	enum result result = RESULT_NONE;
	const char *reason = NULL;

	if (!key_record_parse(pool, record, &key, &result, &reason)) {
		fuzz_expect(reason != NULL && result != RESULT_NONE && result != RESULT_PASS);
		return;
	}
	fuzz_expect(
	    key.public_key.type == DKIM_KEY_ED25519 ||
	    (key.public_key.bits >= DKIM_KEY_BITS_MIN && key.public_key.bits <= DKIM_KEY_BITS_MAX));
	fuzz_expect(key.public_key.type == DKIM_KEY_ED25519 ||
		    (key.public_key.modulus.len ==
			 (key.public_key.bits + BITS_OF_OCTET - 1) / BITS_OF_OCTET &&
		     key.public_key.modulus.data[0] != '\0'));
	fuzz_expect(!public_key_verify(&key.public_key, digest, record));
}

static void check_result(struct pool *pool, const struct dkim_result *result)
{
	fuzz_expect(result->result <= RESULT_PERMERROR && result->result != RESULT_NONE);
	fuzz_expect(result->result == RESULT_PASS || result->reason != NULL);
	if (result->domain != NULL)
		fuzz_expect(fuzz_same_text(domain_canonical(pool, slice_of(result->domain)),
					   result->domain));
	fuzz_expect(result->result != RESULT_PASS ||
		    (result->domain != NULL && result->selector != NULL && result->verified &&
		     result->key_bits != 0));
}

/* verify - the verdict on the topmost signature */
static enum result verify(struct pool *pool, struct slice text, struct dns *dns)
{
	static const struct dkim_policy policy = {
	    .min_key_bits = DKIM_KEY_BITS_MIN, .max_signatures = DKIM_SIGNATURES_MAX, .now = NOW};
	static const struct author author = {.kind = AUTHOR_EXACT, .count = 1, .domains = {DOMAIN}};
	struct dns_budget budget = dns_budget_for(SECONDS, QUERIES);
	struct message *message = message_new();
	int fd = fuzz_file(0, text);
	struct dkim_verifier *verifier;
	struct dkim_result *results;
	struct error error;
	size_t count;

	fuzz_expect(message_read_header(message, source_of_fd(fd), &error));
	verifier = dkim_verify_new(pool, message, &policy, &author, NULL);
	fuzz_expect(
	    message_read_body(message, source_of_fd(fd), dkim_verify_body, verifier, &error));
	results = dkim_verify_finish(verifier, dns, &budget, &count);
	for (size_t i = 0; i < count; i++)
		check_result(pool, &results[i]);
	dkim_verify_free(verifier);
	message_free(message);
	return count != 0 ? results[0].result : RESULT_NONE;
}

/* sign - the message with a signature on top */
static struct slice sign(struct pool *pool, struct slice text, unsigned choice)
{
	struct dkim_sign_policy policy = {
	    .header_canon = (choice & RELAXED_HEADER) != 0 ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE,
	    .body_canon = (choice & RELAXED_BODY) != 0 ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE,
	    .headers = DKIM_SIGN_HEADERS,
	    .oversign = DKIM_SIGN_OVERSIGN,
	    .time = DKIM_NO_NUMBER,
	    .expiry = DKIM_NO_NUMBER,
	    .copies = (choice & COPIES) != 0,
	};
	struct dkim_sign_key key = {.domain = DOMAIN, .selector = "ed"};
	struct message *message = message_new();
	struct dkim_signer *signer;
	struct error error;
	const char *field;
	int fd = fuzz_file(0, text);

	fuzz_expect(private_key_file_parse(pool, slice_of(SECRET), &key.key, &error));
	fuzz_expect(message_read_header(message, source_of_fd(fd), &error));
	signer = dkim_sign_new(pool, message, &policy);
	fuzz_expect(message_read_body(message, source_of_fd(fd), dkim_sign_body, signer, &error));
	field = dkim_sign_field(signer, &key, &error);
	fuzz_expect(field != NULL);
	message_add_field(message, field);
	fd = fuzz_file(1, slice_of(NULL));
	fuzz_expect(message_write_fd(message, fd, &error));
	dkim_sign_free(signer);
	message_free(message);
	return fuzz_content(pool, fd);
}

/* check_copies - a field as z= of its message; and those that we have made are what is there */
static void check_copies(struct pool *pool, struct slice text, bool made)
{
	struct message *message = message_new();
	struct dkim_signature signature;
	struct dkim_header *header;
	const struct field *field;
	enum result result;
	const char *reason;
	struct error error;

	fuzz_expect(message_read_header(message, source_of_fd(fuzz_file(0, text)), &error));
	header = signed_fields_new(pool, message);
	if (message_field_count(message) != 0) {
		field = message_field(message, 0);
		copied_fields_changed(pool, header, field->value);
		signed_fields_restart(header, field);
		if (dkim_signature_parse(pool, field, &signature, &result, &reason) && made)
			fuzz_expect(copied_fields_changed(pool, header, signature.copies) == NULL);
	}
	message_free(message);
}

/* check_signed - our own signature */
static void check_signed(struct pool *pool, struct slice text, unsigned choice, struct dns *dns)
{
	struct slice with = sign(pool, text, choice);
	char *changed = pool_alloc(pool, with.len + 1);

	fuzz_expect(verify(pool, with, dns) == RESULT_PASS);
	check_copies(pool, with, true);
	memcpy(changed, with.data, with.len);
	changed[with.len] = 'x';
	if (memmem(with.data, with.len, "\n\n", 2) != NULL ||
	    memmem(with.data, with.len, "\n\r\n", 3) != NULL)
		fuzz_expect(verify(pool, slice_from(changed, with.len + 1), dns) == RESULT_FAIL);
}

/* collect - a message_sink */
static void collect(void *context, const char *data, size_t len)
{
	buffer_add(context, data, len);
}

/* canonical - a body in two pieces */
static void canonical(struct slice body, size_t half, enum dkim_canon algorithm,
		      dkim_canon_copier *copier, struct buffer *out)
{
	struct dkim_canon_body canon;

	buffer_init(out, SIZE_MAX);
	dkim_canon_body_init(&canon, algorithm, collect, out);
	if (copier != NULL)
		canon.copier = copier;
	dkim_canon_body_update(&canon, body.data, half);
	body = slice_skip(body, half);
	dkim_canon_body_update(&canon, body.data, body.len);
	dkim_canon_body_finish(&canon);
}

/* check_canon - whichever way it is done, and when it is done again, the text is the same */
static void check_canon(struct slice body, unsigned choice)
{
	enum dkim_canon algorithm =
	    (choice & RELAXED_BODY) != 0 ? DKIM_CANON_RELAXED : DKIM_CANON_SIMPLE;
	struct buffer fast, slow, again;

	canonical(body, choice % body.len, algorithm, NULL, &fast);
	canonical(body, 0, algorithm, dkim_canon_copy_bytes, &slow);
	canonical(buffer_slice(&slow), 0, algorithm, dkim_canon_copy_fast, &again);
	fuzz_expect(slice_equal(buffer_slice(&fast), buffer_slice(&slow)));
	fuzz_expect(slice_equal(buffer_slice(&again), buffer_slice(&slow)));
	buffer_free(&fast);
	buffer_free(&slow);
	buffer_free(&again);
}

void fuzz_one(struct slice input)
{
	unsigned choice = fuzz_choice(&input);
	struct slice record = fuzz_part(&input);
	struct pool *pool = pool_new();
	struct dns *dns = open_zone(record);

	check_key(pool, record);
	if (input.len != 0) {
		check_canon(input, choice);
		verify(pool, input, dns);
		check_copies(pool, input, false);
		check_signed(pool, input, choice, dns);
	}
	dns_close(dns);
	pool_free(pool);
}
