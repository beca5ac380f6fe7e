/*
 * key_record - key records (RFC 6376 section 3.6, RFC 8301, RFC 8463); see dkim/key_record.h
 */
#include "dkim/key_record.h"

#include "base/pool.h"
#include "dkim/tag_values.h"
#include "mail/taglist.h"

/* A record that is being read. */
struct reading {
	struct pool *pool;
	struct key_record *key;
	struct slice data; /* p=, decoded; empty if the key is revoked */
	bool has_data;
	enum result result; /* if the key cannot be used */
};

/* Reads the value of one tag; returns what is wrong with it, or NULL. */
typedef const char *tag_reader(struct reading *reading, struct slice value);

static const char *read_version(struct reading *reading, struct slice value)
{
	(void)reading;
	return slice_is(value, "DKIM1") ? NULL : "is no DKIM1 record";
}

static const char *read_hashes(struct reading *reading, struct slice value)
{
	(void)reading;
	return dkim_tag_has_item(value, "sha256") ? NULL : "does not allow sha256 (h=)";
}

static const char *read_type(struct reading *reading, struct slice value)
{
	if (slice_is(value, "ed25519"))
		reading->key->public_key.type = DKIM_KEY_ED25519;
	else if (!slice_is(value, "rsa"))
		return "has an unknown type (k=)";
	return NULL;
}

static const char *read_services(struct reading *reading, struct slice value)
{
	(void)reading;
	if (dkim_tag_has_item(value, "*") || dkim_tag_has_item(value, "email"))
		return NULL;
	return "is not for e-mail (s=)";
}

static const char *read_flags(struct reading *reading, struct slice value)
{
	reading->key->testing = dkim_tag_has_item(value, "y");
	reading->key->strict = dkim_tag_has_item(value, "s");
	return NULL;
}

static const char *read_data(struct reading *reading, struct slice value)
{
	reading->has_data = true;
	if (value.len > 0 && !dkim_tag_base64(reading->pool, value, &reading->data))
		return "is not base64 (p=)";
	return NULL;
}

/* All but n=, which no program interprets. g= (RFC 4871) is no tag any more. */
static const struct {
	const char *name;
	tag_reader *read;
} tags[] = {
    {"v", read_version},  {"t", read_flags}, {"h", read_hashes},
    {"s", read_services}, {"k", read_type},  {"p", read_data},
};

/* read_tags - every tag of a record by its own function */
static const char *read_tags(struct reading *reading, const struct taglist *list)
{
	const char *reason = NULL;

	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && reason == NULL; i++) {
		const struct slice *value = taglist_value(list, tags[i].name);

		if (value != NULL)
			reason = tags[i].read(reading, *value);
	}
	return reason;
}

/* read_key_record - all rules, in the order of RFC 6376 section 6.1.2 */
static const char *read_key_record(struct reading *reading, struct slice text)
{
	struct taglist list;
	struct error error;
	const char *reason;

	if (!taglist_parse(reading->pool, text, &list, &error))
		return pool_printf(reading->pool, "has a syntax error: %s", error.text);
	if (taglist_value(&list, "v") != NULL && !slice_is(list.tags[0].name, "v"))
		return "does not begin with v=";
	reason = read_tags(reading, &list);
	if (reason != NULL)
		return reason;
	if (!reading->has_data)
		return "has no p=";
	if (reading->data.len == 0)
		return "is revoked";
	public_key_read(reading->pool, reading->data, &reading->key->public_key, &reading->result,
			&reason);
	return reason;
}

bool key_record_parse(struct pool *pool, struct slice text, struct key_record *key,
		      enum result *result, const char **reason)
{
	struct reading reading = {.pool = pool, .key = key, .result = RESULT_PERMERROR};
	const char *why_not;

	*key = (struct key_record){.public_key = {.type = DKIM_KEY_RSA}};
	why_not = read_key_record(&reading, text);
	*result = reading.result;
	*reason = why_not != NULL ? pool_printf(pool, "key %s", why_not) : NULL;
	return why_not == NULL;
}
