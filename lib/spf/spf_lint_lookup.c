/*
 * spf_lint_lookup - what DNS answers to terms; see spf/spf_lint_lookup.h
 */
#include "spf/spf_lint_lookup.h"

#include "base/pool.h"
#include "mail/domain.h"
#include "spf/evaluate.h"
#include "spf/macro.h"

bool spf_lint_is_void(const struct dns_answer *answer)
{
	return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

/* ask - a question for a term; trouble is a finding */
static const struct dns_answer *ask(struct spf_linter *linter, const struct spf_visit *visit,
				    const struct spf_term *term, const char *name,
				    enum dns_type type)
{
	const struct dns_answer *answer = dns_query(linter->dns, name, type, linter->budget);

	if (answer->status != DNS_FOUND && !spf_lint_is_void(answer))
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){
			.section = "5",
			.text = pool_printf(linter->pool, "DNS %s for %s: temperror",
					    dns_status_word(answer->status), name),
			.remedy = pool_printf(linter->pool,
					      "mend the name servers of %s, or take the term out",
					      name)});
	return answer;
}

/* count_void - a term whose answers are empty for clients of either family or of both */
static void count_void(struct spf_linter *linter, const struct spf_visit *visit,
		       const struct spf_term *term, bool void4, bool void6)
{
	linter->voids[SPF_FAMILY_IP4] += void4;
	linter->voids[SPF_FAMILY_IP6] += void6;
	if (!void4 || !void6)
		return;
	linter->lint->void_lookups++;
	spf_finding_warn(
	    linter, visit, term,
	    (struct spf_advice){.section = "4.6.4",
				.text = "a void lookup: there is nothing in DNS",
				.remedy = "take it out, or publish an address for the name",
				.write = ""});
}

void spf_lint_a(struct spf_linter *linter, const struct spf_visit *visit,
		const struct spf_term *term, const char *target)
{
	bool void4 = spf_lint_is_void(ask(linter, visit, term, target, DNS_A));
	bool void6 = spf_lint_is_void(ask(linter, visit, term, target, DNS_AAAA));

	count_void(linter, visit, term, void4, void6);
}

void spf_lint_mx(struct spf_linter *linter, const struct spf_visit *visit,
		 const struct spf_term *term, const char *target)
{
	const struct dns_answer *answer = ask(linter, visit, term, target, DNS_MX);
	bool void4 = spf_lint_is_void(answer);
	bool void6 = void4;

	if (answer->count > SPF_MX_MAX) {
		spf_finding_warn(
		    linter, visit, term,
		    (struct spf_advice){
			.section = "4.6.4",
			.text =
			    pool_printf(linter->pool, "%zu mail hosts, %d are allowed: permerror",
					answer->count, SPF_MX_MAX),
			.remedy = "name the networks of the mail hosts by ip4: and ip6:"});
		return;
	}
	for (size_t i = 0; i < answer->count; i++) {
		const char *host = answer->records[i].mx.exchange;

		if (host[0] == '\0')
			continue;
		void4 = spf_lint_is_void(ask(linter, visit, term, host, DNS_A)) || void4;
		void6 = spf_lint_is_void(ask(linter, visit, term, host, DNS_AAAA)) || void6;
	}
	count_void(linter, visit, term, void4, void6);
}

void spf_lint_exists(struct spf_linter *linter, const struct spf_visit *visit,
		     const struct spf_term *term, const char *target)
{
	bool nothing = spf_lint_is_void(ask(linter, visit, term, target, DNS_A));

	count_void(linter, visit, term, nothing, nothing);
}

/* For macros: what is known without a message. */
struct known {
	const struct spf_linter *linter;
	const struct spf_visit *visit;
};

/* known_value - a spf_macro_source: %{d} is the domain of the record, %{o} that of the sender */
static struct slice known_value(void *context, char letter)
{
	const struct known *known = context;

	if (letter == 'd' && known->visit->domain[0] != '\0')
		return slice_of(known->visit->domain);
	if (letter == 'o' && known->linter->sender_domain != NULL)
		return slice_of(known->linter->sender_domain);
	return slice_of(NULL);
}

const char *spf_lint_target(struct spf_linter *linter, const struct spf_visit *visit,
			    const struct spf_term *term, bool *is_known)
{
	struct known known = {.linter = linter, .visit = visit};
	struct spf_macro_source source = {.value = known_value, .context = &known};
	const char *target;

	*is_known = true;
	if (term->domain_spec.data == NULL) {
		*is_known = visit->domain[0] != '\0';
		return *is_known ? visit->domain : NULL;
	}
	*is_known = spf_macro_expand(linter->pool, term->domain_spec, &source) != NULL;
	if (!*is_known)
		return NULL;
	target = spf_macro_target(linter->pool, term->domain_spec, &source);
	return target != NULL ? domain_canonical(linter->pool, slice_of(target)) : NULL;
}

void spf_lint_no_name(struct spf_linter *linter, const struct spf_visit *visit,
		      const struct spf_term *term, bool follows)
{
	spf_finding_term(
	    linter, visit, follows ? FINDING_ERROR : FINDING_WARNING, term->text,
	    (struct spf_advice){
		.section = "4.8",
		.text = follows ? "is no name that DNS can be asked for: permerror"
				: "is no name that DNS can be asked for: it never matches",
		.remedy = "write a name with labels of 1 to 63 octets, or take the term out",
		.write = ""});
}

void spf_lint_exp(struct spf_linter *linter, const struct spf_visit *visit,
		  const struct spf_term *term)
{
	bool is_known;
	const char *target = spf_lint_target(linter, visit, term, &is_known);
	const struct dns_answer *answer;
	struct spf_syntax_error ignored;
	struct spf_advice advice = {.section = "6.2", .write = ""};

	if (target == NULL)
		return;
	answer = ask(linter, visit, term, target, DNS_TXT);
	advice.remedy = pool_printf(
	    linter->pool, "publish one TXT record with the text at %s, or take exp= out", target);
	if (spf_lint_is_void(answer))
		advice.text = pool_printf(linter->pool, "there is no explanation at %s", target);
	else if (answer->count > 1)
		advice.text = pool_printf(linter->pool, "%zu TXT records at %s: none is used",
					  answer->count, target);
	else if (answer->count == 1 &&
		 !spf_macro_check(answer->records[0].text, SPF_EXPLAIN_STRING, &ignored))
		advice.text =
		    pool_printf(linter->pool, "the text at %s is not used: %s at position %zu",
				target, ignored.what, ignored.position);
	if (advice.text != NULL)
		spf_finding_warn(linter, visit, term, advice);
}
