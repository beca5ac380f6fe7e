/*
 * spf_plausible - can a term be what was meant? See spf/spf_plausible.h
 */
#include "spf/spf_plausible.h"

#include "base/ascii.h"
#include "base/pool.h"
#include "spf/spf_name.h"
#include "spf/spf_record.h"

/* is_odd - in a domain-spec, outside of macros: no host is called so */
static bool is_odd(struct slice spec)
{
	bool in_macro = false;

	for (size_t i = 0; i < spec.len; i++) {
		char byte = spec.data[i];

		if (byte == '{' && i > 0 && spec.data[i - 1] == '%')
			in_macro = true;
		else if (in_macro)
			in_macro = byte != '}';
		else if (!is_alnum(byte) && !is_any_of(byte, "-_.%*"))
			return true;
	}
	return false;
}

/* ends_in_all - "spf.example.com-all" */
static bool ends_in_all(struct slice spec)
{
	struct slice tail = spec.len > 4 ? slice_skip(spec, spec.len - 4) : slice_of(NULL);

	return tail.len > 0 && spf_is_qualifier(tail.data[0]) &&
	       slice_is_nocase(slice_skip(tail, 1), "all");
}

/* has_empty_label - "a..example", and none in a macro */
static bool has_empty_label(struct slice spec)
{
	for (size_t i = 0; i < spec.len; i++) {
		if (spec.data[i] == '.' && (i == 0 || spec.data[i - 1] == '.'))
			return true;
	}
	return false;
}

/* is_typing_error - a modifier that nobody has defined, called almost as a term that there is */
static bool is_typing_error(struct slice text)
{
	struct slice name = slice_from(text.data, spf_name_len(text));

	return spf_is_mechanism_name(name) || (name.len > 2 && spf_nearest_name(name) != NULL);
}

bool spf_term_is_plausible(struct pool *pool, struct slice term)
{
	struct slice text =
	    slice_of(pool_printf(pool, SPF_VERSION " %.*s", (int)term.len, term.data));
	struct spf_record record;
	const struct spf_term *parsed;

	if (slice_find(term, ' ') < term.len || slice_find(term, '\0') < term.len ||
	    !spf_record_parse(pool, text, &record) || record.count != 1)
		return false;
	parsed = &record.terms[0];
	if (parsed->type == SPF_TERM_UNKNOWN)
		return !is_typing_error(term) && !slice_starts_nocase(term, "v=");
	if (parsed->domain_spec.data == NULL)
		return true;
	return !is_odd(parsed->domain_spec) && !ends_in_all(parsed->domain_spec) &&
	       !has_empty_label(parsed->domain_spec);
}
