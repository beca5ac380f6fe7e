/*
 * body_hash - body hashes (RFC 6376 section 3.7, hash step 1); see body_hash.h
 */
#include "dkim/body_hash.h"

#include <stdlib.h>

#include "base/pool.h"
#include "dkim/signature.h"

/* The body in one canonicalization. */
struct stream {
	struct dkim_canon_body canon;
	struct dkim_hash *hash; /* NULL if nobody asked for one */
	unsigned long long length;
	struct dkim_body_hash *wanted; /* sorted by length */
	struct dkim_body_hash *next;   /* the first that is longer than what has come */
};

struct dkim_body {
	struct stream streams[DKIM_CANON_RELAXED + 1];
};

struct dkim_body *dkim_body_new(void)
{
	return memory_alloc(sizeof(struct dkim_body));
}

void dkim_body_free(struct dkim_body *body)
{
	if (body == NULL)
		return;
	for (size_t i = DKIM_CANON_SIMPLE; i <= DKIM_CANON_RELAXED; i++)
		dkim_hash_free(body->streams[i].hash);
	free(body);
}

/* take_digest - the hash of everything up to now is the next one that was asked for */
static void take_digest(struct stream *stream)
{
	struct dkim_body_hash *wanted = stream->next;

	dkim_hash_digest(stream->hash, wanted->digest);
	wanted->complete = true;
	stream->next = wanted->next;
}

/* add_canonical - a message_sink for canonical text; context is the stream */
static void add_canonical(void *context, const char *data, size_t len)
{
	struct stream *stream = context;
	size_t done = 0;

	while (stream->next != NULL && stream->next->length - stream->length <= len - done) {
		size_t part = (size_t)(stream->next->length - stream->length);

		dkim_hash_add(stream->hash, data + done, part);
		stream->length += part;
		done += part;
		take_digest(stream);
	}
	if (stream->next != NULL)
		dkim_hash_add(stream->hash, data + done, len - done);
	stream->length += len - done;
}

/* place_of - where in the sorted list a hash of this length is or has to be put in */
static struct dkim_body_hash **place_of(struct stream *stream, unsigned long long length)
{
	struct dkim_body_hash **place = &stream->wanted;

	while (*place != NULL && (*place)->length < length)
		place = &(*place)->next;
	return place;
}

const struct dkim_body_hash *dkim_body_want(struct dkim_body *body, struct pool *pool,
					    enum dkim_canon algorithm, unsigned long long length)
{
	struct stream *stream = &body->streams[algorithm];
	struct dkim_body_hash **place = place_of(stream, length);
	struct dkim_body_hash *wanted = *place;

	if (stream->hash == NULL) {
		stream->hash = dkim_hash_new();
		dkim_canon_body_init(&stream->canon, algorithm, add_canonical, stream);
	}
	if (wanted == NULL || wanted->length != length) {
		wanted = pool_alloc(pool, sizeof(*wanted));
		wanted->length = length;
		wanted->next = *place;
		*place = wanted;
	}
	stream->next = stream->wanted;
	return wanted;
}

void dkim_body_add(void *context, const char *data, size_t len)
{
	struct dkim_body *body = context;

	for (size_t i = DKIM_CANON_SIMPLE; i <= DKIM_CANON_RELAXED; i++) {
		if (body->streams[i].hash != NULL)
			dkim_canon_body_update(&body->streams[i].canon, data, len);
	}
}

/* finish_stream - what is left are hashes of the whole body, and of more than there is */
static void finish_stream(struct stream *stream)
{
	dkim_canon_body_finish(&stream->canon);
	while (stream->next != NULL) {
		if (stream->next->length == stream->length ||
		    stream->next->length == DKIM_NO_NUMBER)
			take_digest(stream);
		else
			stream->next = stream->next->next;
	}
}

void dkim_body_finish(struct dkim_body *body)
{
	for (size_t i = DKIM_CANON_SIMPLE; i <= DKIM_CANON_RELAXED; i++) {
		if (body->streams[i].hash != NULL)
			finish_stream(&body->streams[i]);
	}
}

unsigned long long dkim_body_length(const struct dkim_body *body, enum dkim_canon algorithm)
{
	return body->streams[algorithm].length;
}
