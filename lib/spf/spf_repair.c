/*
 * spf_repair - what somebody meant who wrote a term wrongly; see spf/spf_repair.h
 *
 * Steps that cannot be wrong come first. A step never makes a term out of nothing.
 */
#include "spf/spf_repair.h"

#include "base/ascii.h"
#include "base/pasted.h"
#include "base/pool.h"
#include "base/printable.h"
#include "spf/spf_name.h"
#include "spf/spf_plausible.h"
#include "spf/spf_repair_term.h"
#include "spf/spf_repair_text.h"

/* One step: *write is what was meant, in place of a word. */
struct step {
	const char *(*apply)(struct pool *pool, struct slice word);
	const char *meant;
};

static const struct step steps[] = {
    {spf_repair_fix_blanks, "a control character is no space"},
    {spf_repair_fix_macro, "macros are written %{i}"},
    {spf_repair_drop_marks, "quotes, brackets and backslashes have no place in a record"},
    {spf_repair_split_list, "terms are separated by blanks, by nothing else"},
    {spf_repair_drop_url, "a term takes a host or a domain, not an address of the web"},
    {spf_repair_drop_user, "a term takes a domain, not an address of mail"},
    {spf_repair_fix_qualifier,
     "there is one of + - ~ ? in front of a mechanism, and none before a modifier"},
    {spf_repair_split_all,
     "a blank is missing before all; the strings of a TXT record are joined without one"},
    {spf_repair_split_terms,
     "a blank is missing between two terms; the strings of a TXT record are joined without one"},
    {spf_repair_drop_name, "the name of a second term is in the place of the argument"},
    {spf_repair_fix_name, "the name is misspelt"},
    {spf_repair_fix_dots, "a dot too many"},
    {spf_repair_fix_separator, "a colon follows the name of a mechanism, \"=\" that of a modifier"},
    {spf_repair_fix_network,
     "one address, or a network as address and length of its prefix, 192.0.2.0/24"},
    {spf_repair_fix_argument, "the name does not fit what follows it"},
    {spf_repair_drop_tail, "a term takes no port and no path"},
    {spf_repair_drop_end, "nothing may follow the name"},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* A term on its way. */
struct work {
	struct pool *pool;
	const char *meant; /* the first step says what is wrong */
	const char *terms; /* what is done */
	unsigned steps;
	bool failed;
};

static void mend(struct work *work, struct slice text);

/* mend_word - one word, until it is good or nothing helps */
static void mend_word(struct work *work, struct slice word)
{
	if (slice_is_nocase(word, "all") || slice_is_nocase(word, "+all"))
		word = slice_of("~all"); /* no remedy lets the whole world pass */
	if (spf_term_is_plausible(work->pool, word)) {
		work->terms =
		    pool_printf(work->pool, "%s%s%.*s", work->terms,
				work->terms[0] != '\0' ? " " : "", (int)word.len, word.data);
		return;
	}
	if (word.len == 1 && spf_is_qualifier(word.data[0]))
		return; /* a dash that stands alone means nothing */
	for (size_t i = 0; i < STEPS && work->steps < SPF_REPAIR_STEPS_MAX; i++) {
		const char *write = steps[i].apply(work->pool, word);

		if (write == NULL || slice_is(word, write))
			continue;
		work->steps++;
		if (work->meant == NULL)
			work->meant = steps[i].meant;
		mend(work, slice_of(write));
		return;
	}
	work->failed = true;
}

/* mend - words; each step above makes a word shorter or better, and there is a limit */
static void mend(struct work *work, struct slice text)
{
	struct slice word;

	while (!work->failed && slice_cut(&text, ' ', &word)) {
		if (word.len > 0)
			mend_word(work, word);
	}
}

/* mended - the terms that were meant by a text, or NULL */
static const char *mended(struct pool *pool, struct slice text, const char **meant)
{
	struct work work = {.pool = pool, .terms = ""};

	mend(&work, text);
	if (*meant == NULL)
		*meant = work.meant;
	return work.failed ? NULL : work.terms;
}

/* advice_for - where no step helps: what the part should look like */
static const char *advice_for(struct slice word)
{
	struct slice name = slice_skip(word, spf_skip_qualifiers(word));

	name.len = spf_name_len(name);
	if (slice_is_nocase(name, "ip4"))
		return "write four numbers from 0 to 255 with dots, and perhaps the length of the "
		       "network: "
		       "ip4:192.0.2.1 or ip4:192.0.2.0/24";
	if (slice_is_nocase(name, "ip6"))
		return "write an IPv6 address, and perhaps the length of the network: "
		       "ip6:2001:db8::1 or "
		       "ip6:2001:db8::/32";
	if (slice_find(word, '%') < word.len)
		return "write macros as %{i}, a letter of s l o d i p h v in braces, and %% for a "
		       "percent "
		       "sign";
	if (slice_is_nocase(name, "include") || slice_is_nocase(name, "redirect"))
		return "write the full name of the domain whose record is to be used: "
		       "include:_spf.example.com";
	if (slice_is_nocase(name, "a") || slice_is_nocase(name, "mx") ||
	    slice_is_nocase(name, "exists") || slice_is_nocase(name, "ptr") ||
	    slice_is_nocase(name, "exp"))
		return "write the full name of the host or domain, of labels of at most 63 octets, "
		       "with "
		       "dots between them: a:mail.example.com";
	if (slice_is_nocase(name, "all"))
		return "write \"-all\" or \"~all\"";
	return "take it out, or write one of ip4: ip6: a mx include: exists: all redirect= in its "
	       "place";
}

/* join - "include: example.com", "- all": a blank too many */
static const char *join(struct pool *pool, struct slice word, struct slice next)
{
	bool is_open = word.len > 0 && is_any_of(word.data[word.len - 1], ":=/") &&
		       !spf_term_is_plausible(pool, next);
	bool is_sign = word.len == spf_skip_qualifiers(word);
	struct slice name = slice_skip(word, spf_skip_qualifiers(word));
	bool is_name = spf_exact_name(name) != NULL || spf_nearest_name(name) != NULL;
	bool has_mark = next.len > 0 && is_any_of(next.data[0], ":=/");
	const char *joined;

	if (next.len == 0 || word.len == 0)
		return NULL;
	joined = pool_printf(pool, "%.*s%s%.*s", (int)word.len, word.data,
			     is_open || is_sign || has_mark ? ""
			     : is_name && spf_nearest_name(name) != NULL &&
				     spf_is_modifier_name(spf_nearest_name(name))
				 ? "="
				 : ":",
			     (int)next.len, next.data);
	if (is_open || is_sign || has_mark)
		return joined;
	/* "include example.com", "ip4 192.0.2.1"; but "a" and "mx" may stand alone */
	return is_name && name.len > 2 && !spf_term_is_plausible(pool, next) ? joined : NULL;
}

void spf_repair(struct pool *pool, struct slice term, struct slice next, struct spf_repair *repair)
{
	struct slice word = term;
	const char *joined;

	*repair = (struct spf_repair){.meant = NULL};
	if (pasted_find(term) < term.len) {
		struct slice rest = slice_skip(term, pasted_find(term));
		const char *ascii = pasted_to_ascii(pool, term);

		repair->meant = pool_printf(pool, "%s is no character of a record",
					    pasted_describe(pool, rest));
		repair->remedy =
		    "write it in ASCII; an internationalized name as its A-label, xn--...";
		if (ascii == NULL)
			return;
		word = slice_of(ascii);
	}
	joined = join(pool, word, next);
	if (joined != NULL)
		repair->write = mended(pool, slice_of(joined), &(const char *){NULL});
	if (repair->write != NULL) {
		repair->takes_next = true;
		if (repair->meant == NULL)
			repair->meant = "a blank divides what belongs together";
	} else {
		repair->write = mended(pool, word, &repair->meant);
	}
	if (repair->write == NULL)
		repair->remedy = advice_for(word);
	else if (repair->write[0] == '\0')
		repair->remedy = "take it out";
	else
		repair->remedy =
		    pool_printf(pool, "write \"%s\"", text_visible(pool, slice_of(repair->write)));
}
