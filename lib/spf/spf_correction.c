/*
 * spf_correction - a record with its remedies in it; see spf/spf_correction.h
 */
#include "spf/spf_correction.h"

#include <string.h>

#include "base/ascii.h"
#include "base/pool.h"
#include "spf/spf_record.h"

#define SOFT_FAIL "~all" /* what to begin with: mail from a host that was forgotten is not lost */

struct word {
	struct slice text;
	const char *write; /* NULL: as it is */
};

struct spf_correction {
	struct pool *pool;
	size_t count;
	struct word *words;
};

/* The terms of the new record. */
struct draft {
	struct pool *pool;
	size_t count;
	struct slice *terms;
	struct slice all;      /* empty until there is one */
	struct slice redirect; /* the same */
};

struct spf_correction *spf_correction_new(struct pool *pool, struct slice terms)
{
	struct spf_correction *correction = pool_alloc(pool, sizeof(*correction));
	struct slice text;

	correction->pool = pool;
	while (slice_cut(&terms, ' ', &text)) {
		struct word word = {.text = text};

		if (text.len == 0)
			continue;
		correction->words =
		    pool_grow(pool, correction->words, correction->count, sizeof(word));
		correction->words[correction->count++] = word;
	}
	return correction;
}

void spf_correction_set(struct spf_correction *correction, struct slice word, const char *write)
{
	for (size_t i = 0; i < correction->count; i++) {
		if (correction->words[i].text.data == word.data &&
		    correction->words[i].write == NULL)
			correction->words[i].write = write;
	}
}

/* is_all - with or without a qualifier */
static bool is_all(struct slice term)
{
	if (term.len > 0 && is_any_of(term.data[0], "+-~?"))
		term = slice_skip(term, 1);
	return slice_is_nocase(term, "all");
}

/* add_term - once */
static void add_term(struct draft *draft, struct slice term)
{
	if (is_all(term)) {
		if (draft->all.len == 0)
			draft->all = term;
		return;
	}
	if (slice_starts_nocase(term, "redirect=")) {
		if (draft->redirect.len == 0)
			draft->redirect = term;
		return;
	}
	for (size_t i = 0; i < draft->count; i++) {
		if (slice_equal_nocase(draft->terms[i], term))
			return;
	}
	draft->terms = pool_grow(draft->pool, draft->terms, draft->count, sizeof(term));
	draft->terms[draft->count++] = term;
}

/* add_terms - with blanks between them */
static void add_terms(struct draft *draft, struct slice text)
{
	struct slice term;

	while (slice_cut(&text, ' ', &term)) {
		if (term.len > 0)
			add_term(draft, term);
	}
}

/* is_modifier - they come after all */
static bool is_modifier(struct slice term)
{
	size_t equals = slice_find(term, '=');

	return equals < term.len && slice_find(term, ':') > equals;
}

/* written - the record; NULL if it is none yet */
static const char *written(struct draft *draft)
{
	struct pool *pool = draft->pool;
	struct slice end = draft->all.len > 0        ? draft->all
			   : draft->redirect.len > 0 ? draft->redirect
						     : slice_of(SOFT_FAIL);
	const char *text = SPF_VERSION;
	struct spf_record record;

	for (int modifiers = 0; modifiers < 2; modifiers++) {
		if (modifiers)
			text = pool_printf(pool, "%s %.*s", text, (int)end.len, end.data);
		for (size_t i = 0; i < draft->count; i++) {
			if (is_modifier(draft->terms[i]) == (modifiers == 1))
				text = pool_printf(pool, "%s %.*s", text, (int)draft->terms[i].len,
						   draft->terms[i].data);
		}
	}
	return spf_record_parse(pool, slice_of(text), &record) ? text : NULL;
}

const char *spf_correction_record(const struct spf_correction *correction)
{
	struct draft draft = {.pool = correction->pool};

	for (size_t i = 0; i < correction->count; i++) {
		const struct word *word = &correction->words[i];

		if (word->write != NULL)
			add_terms(&draft, slice_of(word->write));
		else if (slice_find(word->text, '\0') < word->text.len)
			return NULL;
		else
			add_term(&draft, word->text);
	}
	return written(&draft);
}

const char *spf_correction_merge(struct pool *pool, struct slice first, struct slice second)
{
	struct draft draft = {.pool = pool};

	add_terms(&draft, slice_skip(first, strlen(SPF_VERSION)));
	add_terms(&draft, slice_skip(second, strlen(SPF_VERSION)));
	return written(&draft);
}
