/*
 * copied_fields - what the copies of the signed fields tell; see copied_fields.h
 *
 * Field and copy are compared in relaxed form: folding is no change that a reader would see.
 */
#include "dkim/copied_fields.h"

#include <stdint.h>

#include "base/pool.h"
#include "dkim/canonicalization.h"
#include "dkim/tag_values.h"

#define NAME_SHOWN_MAX 76 /* octets of a name; RFC 5322 has none of 30 */

/* collect - a message_sink; context is a buffer */
static void collect(void *context, const char *data, size_t len)
{
	buffer_add(context, data, len);
}

static void add_relaxed(struct buffer *text, const struct field *field)
{
	struct dkim_canon_writer writer;

	dkim_canon_writer_init(&writer, collect, text);
	dkim_canon_field(&writer, DKIM_CANON_RELAXED, field);
	dkim_canon_flush(&writer);
}

/* is_copy - is the field still what its copy is? */
static bool is_copy(struct pool *pool, const struct field *field, struct slice value)
{
	struct field copy = {.name = field->name};
	struct buffer texts[2];
	bool same;

	if (!dkim_tag_quoted(pool, value, &copy.value))
		return true; /* nobody can say */
	buffer_init(&texts[0], SIZE_MAX);
	buffer_init(&texts[1], SIZE_MAX);
	add_relaxed(&texts[0], field);
	add_relaxed(&texts[1], &copy);
	same = slice_equal(buffer_slice(&texts[0]), buffer_slice(&texts[1]));
	buffer_free(&texts[0]);
	buffer_free(&texts[1]);
	return same;
}

const char *copied_fields_changed(struct pool *pool, struct dkim_header *header,
				  struct slice copies)
{
	struct slice rest = copies;
	struct slice value;

	while (slice_cut(&rest, '|', &value)) {
		const struct field *field;
		struct slice name;

		slice_cut(&value, ':', &name);
		name = slice_trim(name);
		field = signed_fields_take(header, name);
		if (value.data == NULL || (field != NULL && is_copy(pool, field, value)))
			continue;
		name.len = name.len < NAME_SHOWN_MAX ? name.len : NAME_SHOWN_MAX;
		return slice_copy(pool, name);
	}
	return NULL;
}
