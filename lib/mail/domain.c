/*
 * domain - one form for domain names; see mail/domain.h
 *
 * RFC 1035 2.3.4 (limits), RFC 5321 2.3.5 and 4.1.2 (mail domains), RFC 5890
 * and 5891 (A-labels and U-labels). International labels are mapped before they
 * are converted, as browsers and mail programs do (UTS 46, nontransitional):
 * what a reader takes for the same name has to compare as the same name.
 *
 * libidn2 sees one international label at a time. Its mapping may produce any
 * ASCII ("a/c" of U+2100), so what comes back is checked here, and its STD3 flag,
 * which drops characters it does not like, is not used.
 */
#include "mail/domain.h"

#include <idn2.h>
#include <string.h>

#include "base/pool.h"
#include "mail/abnf.h"

#define UTF8_OCTETS_MAX 4 /* RFC 3629 section 3 */
/* An A-label is no shorter than its U-label has characters; more cannot become a name. */
#define INPUT_MAX     (DOMAIN_TEXT_MAX * UTF8_OCTETS_MAX)
#define ALABEL_PREFIX "xn--" /* RFC 5890 2.3.2.1 */

/* is_label - one to 63 printable ASCII characters */
static bool is_label(struct slice label)
{
	for (size_t i = 0; i < label.len; i++) {
		if (!is_vchar(label.data[i]))
			return false;
	}
	return label.len >= 1 && label.len <= DOMAIN_LABEL_MAX;
}

/* every_label - does the test hold for each label, and is the name short enough? */
static bool every_label(struct slice name, bool (*test)(struct slice label))
{
	struct slice rest = name;
	struct slice label;

	if (name.len == 0 || name.len > DOMAIN_TEXT_MAX)
		return false;
	while (slice_cut(&rest, '.', &label)) {
		if (!test(label))
			return false;
	}
	return true;
}

/* is_mapped_text - mapping and conversion make letters, digits, hyphens and dots, or mischief */
static bool is_mapped_text(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alnum(s.data[i]) && s.data[i] != '-' && s.data[i] != '.')
			return false;
	}
	return true;
}

/* add_alabel - the A-label of an international label; a full-width dot may make it several */
static bool add_alabel(struct buffer *ascii, struct pool *pool, struct slice label)
{
	const char *copy = slice_copy(pool, label);
	uint8_t *converted = NULL;
	bool good = false;
	int outcome;

	if (slice_find(label, '\0') != label.len)
		return false;
	outcome = idn2_lookup_u8((const uint8_t *)copy, &converted,
				 IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (outcome == IDN2_MALLOC)
		memory_fail();
	if (outcome == IDN2_OK) {
		struct slice mapped = slice_of((const char *)converted);

		good = is_mapped_text(mapped) && buffer_add_slice(ascii, mapped);
	}
	idn2_free(converted);
	return good;
}

/* to_ascii - every label as an A-label or as it was; the empty slice if one cannot be converted */
static struct slice to_ascii(struct pool *pool, struct slice name)
{
	struct slice rest = name;
	struct slice label;
	struct slice result;
	struct buffer ascii;
	bool good = true;

	buffer_init(&ascii, DOMAIN_TEXT_MAX);
	while (good && slice_cut(&rest, '.', &label)) {
		if (label.data != name.data)
			buffer_add_byte(&ascii, '.');
		good = slice_is_ascii(label) ? buffer_add_slice(&ascii, label)
					     : add_alabel(&ascii, pool, label);
	}
	result = good ? slice_of(slice_copy(pool, buffer_slice(&ascii))) : slice_of(NULL);
	buffer_free(&ascii);
	return result;
}

const char *domain_canonical(struct pool *pool, struct slice text)
{
	struct slice name = text;

	if (name.len > 0 && name.data[name.len - 1] == '.')
		name.len--;
	if (name.len > INPUT_MAX)
		return NULL;
	if (!slice_is_ascii(name))
		name = to_ascii(pool, name);
	return every_label(name, is_label) ? slice_lower(pool, name) : NULL;
}

/* ulabel - the U-label of an A-label, if converting it back gives the same A-label */
static const char *ulabel(struct pool *pool, struct slice label)
{
	const char *alabel = slice_copy(pool, label);
	const char *shown = NULL;
	char *converted = NULL;

	if (idn2_to_unicode_8z8z(alabel, &converted, 0) == IDN2_OK) {
		const char *back = domain_canonical(pool, slice_of(converted));

		if (back != NULL && domain_equal(back, alabel))
			shown = slice_copy(pool, slice_of(converted));
	}
	idn2_free(converted);
	return shown != NULL ? shown : alabel;
}

const char *domain_for_display(struct pool *pool, const char *name)
{
	struct slice rest = slice_of(name);
	struct slice label;
	struct buffer text;
	const char *shown;

	buffer_init(&text, INPUT_MAX);
	while (slice_cut(&rest, '.', &label)) {
		if (label.data != name)
			buffer_add_byte(&text, '.');
		if (slice_starts_nocase(label, ALABEL_PREFIX))
			label = slice_of(ulabel(pool, label));
		buffer_add_slice(&text, label);
	}
	shown = text.overflow ? name : slice_copy(pool, buffer_slice(&text));
	buffer_free(&text);
	return shown;
}

/* is_host_label - RFC 5321 4.1.2: sub-domain; the underscore counts as a letter */
static bool is_host_label(struct slice label)
{
	for (size_t i = 0; i < label.len; i++) {
		if (!is_alnum(label.data[i]) && label.data[i] != '-' && label.data[i] != '_')
			return false;
	}
	return is_label(label) && label.data[0] != '-' && label.data[label.len - 1] != '-';
}

bool domain_is_qualified(const char *name)
{
	return domain_label_count(name) >= 2 && every_label(slice_of(name), is_host_label);
}

bool domain_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool domain_is_within(const char *name, const char *ancestor)
{
	size_t name_len = strlen(name);
	size_t ancestor_len = strlen(ancestor);

	if (name_len <= ancestor_len)
		return domain_equal(name, ancestor);
	return name[name_len - ancestor_len - 1] == '.' &&
	       domain_equal(name + name_len - ancestor_len, ancestor);
}

unsigned domain_label_count(const char *name)
{
	unsigned count = *name != '\0';

	for (; *name != '\0'; name++)
		count += *name == '.';
	return count;
}

const char *domain_parent(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL ? dot + 1 : NULL;
}

const char *domain_last_labels(const char *name, unsigned count)
{
	if (count == 0)
		return name + strlen(name);
	for (unsigned labels = domain_label_count(name); labels > count; labels--)
		name = domain_parent(name);
	return name;
}
