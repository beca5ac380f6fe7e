/*
 * page - from views to HTML; see report/page.h
 */
#include "report/page.h"

#include <string.h>

#include "base/pool.h"
#include "base/version.h"
#include "report/html_text.h"
#include "report/page_chart.h"
#include "report/page_style.h"

/* begin_table - a region that scrolls, and can be reached by the keyboard */
static void begin_table(struct buffer *page, const char *label, const char *heads)
{
	html_format(page,
		    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\">"
		    "<table><thead><tr>%s</tr></thead><tbody>\n",
		    label, heads);
}

/* end_table - and its region */
static void end_table(struct buffer *page)
{
	html_raw(page, "</tbody></table></div>\n");
}

/* add_cell - a number */
static void add_cell(struct buffer *page, unsigned long long number, const char *class)
{
	html_format(page, "<td class=\"n%s\">", class);
	html_number(page, number);
	html_raw(page, "</td>");
}

/* add_domain - or that a report has not said which */
static void add_domain(struct buffer *page, const char *domain)
{
	if (*domain != '\0')
		html_foreign(page, domain);
	else
		html_raw(page, "(not named)");
}

/* add_head - up to the heading */
static void add_head(struct buffer *page, struct pool *pool, const struct page_content *content)
{
	const char *part;

	html_raw(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
	html_format(page,
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"
		    " style-src '%s'; base-uri 'none'; form-action 'none'\">\n",
		    page_style_hash());
	html_raw(page, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		       "<meta name=\"referrer\" content=\"no-referrer\">\n"
		       "<meta name=\"robots\" content=\"noindex\">\n"
		       "<title>DMARC: what the world reports about our mail</title>\n<style>");
	for (unsigned i = 0; (part = page_style_part(i)) != NULL; i++)
		html_raw(page, part);
	html_raw(page, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">To the"
		       " content</a>\n<header>\n<h1>What the world reports about our mail</h1>\n");
	html_format(page, "<p class=\"soft\">DMARC reports on %s to %s",
		    view_day_text(pool, content->filter->since),
		    view_day_text(pool, content->filter->until));
	if (content->filter->domain != NULL) {
		html_raw(page, ", on ");
		add_domain(page, content->filter->domain);
	}
	html_format(page, ". Made on %s.</p>\n</header>\n<main id=\"main\">\n", content->made);
}

/* add_tile - a sum */
static void begin_tile(struct buffer *page, const char *title)
{
	html_format(page, "<div class=\"tile\"><dt>%s</dt><dd>", title);
}

/* add_tiles - the sums of all domains */
static void add_tiles(struct buffer *page, const struct domain_list *domains)
{
	struct domain_sums all = {.messages = 0};

	for (size_t i = 0; i < domains->count; i++) {
		all.messages += domains->items[i].messages;
		all.passed += domains->items[i].passed;
		all.reports += domains->items[i].reports;
		all.unauthenticated += domains->items[i].unauthenticated;
	}
	html_raw(page, "<dl class=\"tiles\">");
	begin_tile(page, "messages reported");
	html_number(page, all.messages);
	html_raw(page, "</dd></div>");
	begin_tile(page, "passed DMARC");
	html_percent(page, all.passed, all.messages);
	html_raw(page, "</dd></div>");
	begin_tile(page, "failed");
	html_number(page, all.messages - all.passed);
	html_raw(page, "</dd></div>");
	begin_tile(page, "reports");
	html_number(page, all.reports);
	html_raw(page, "</dd></div></dl>\n");
	if (all.unauthenticated == 0)
		return;
	html_raw(page, "<p class=\"soft note\">");
	html_number(page, all.unauthenticated);
	html_raw(page, " of these messages are in reports whose sender DMARC has not authenticated:"
		       " anybody may have written them.</p>\n");
}

/* add_step - what to do for a domain */
static void add_step(struct buffer *page, const struct readiness *ready)
{
	static const struct {
		const char *class;
		const char *word;
	} looks[] = {{"wait", "wait"}, {"stop", "not yet"}, {"go", "go on"}, {"go", "done"}};

	html_format(page, "<section class=\"card %s\"><h3>", looks[ready->step].class);
	add_domain(page, ready->domain);
	html_format(page, " <span class=\"tag\">%s</span></h3><p>", looks[ready->step].word);
	html_text(page, ready->advice);
	html_raw(page, "</p>");
	if (*ready->record != '\0') {
		html_raw(page, "<code class=\"publish\">");
		html_text(page, ready->record);
		html_raw(page, "</code>");
	}
	html_raw(page, "</section>\n");
}

/* add_waiting - domains that nothing can be said of yet, in one card */
static void add_waiting(struct buffer *page, const struct ready_list *ready)
{
	unsigned shown = 0;

	for (size_t i = 0; i < ready->count && shown < PAGE_DOMAINS_MAX; i++) {
		if (ready->items[i].step != READY_UNKNOWN)
			continue;
		if (shown++ == 0)
			html_format(
			    page,
			    "<section class=\"card wait\"><h3>More reports are needed"
			    " <span class=\"tag\">wait</span></h3><p>There should be reports on"
			    " %d days and %d messages at least, before anything can be said"
			    " of:</p><p>",
			    READY_DAYS, READY_MESSAGES);
		else
			html_raw(page, ", ");
		add_domain(page, ready->items[i].domain);
	}
	if (shown > 0)
		html_raw(page, "</p></section>\n");
}

/* add_steps - for each domain, those that need work first */
static void add_steps(struct buffer *page, const struct ready_list *ready)
{
	static const enum ready_step order[] = {READY_NOT_YET, READY_GO, READY_DONE};
	unsigned shown = 0;

	html_raw(page, "<h2 id=\"next\">What to do next</h2>\n");
	if (ready->count == 0)
		html_raw(page, "<p>There are no reports on these days. The first ones come in the"
			       " night after a record with rua= is published.</p>\n");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		for (size_t j = 0; j < ready->count; j++) {
			if (ready->items[j].step == order[i] && shown++ < PAGE_DOMAINS_MAX)
				add_step(page, &ready->items[j]);
		}
	}
	add_waiting(page, ready);
}

/* add_share - how much of a source has passed, as a bar; the figures are beside it */
static void add_share(struct buffer *page, unsigned long long part, unsigned long long all)
{
	html_format(page,
		    "<svg class=\"share\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\""
		    " aria-hidden=\"true\"><rect width=\"100\" height=\"6\"/>"
		    "<rect class=\"p\" width=\"%.1f\" height=\"6\"/></svg>",
		    all != 0 ? (double)part * 100 / (double)all : 0.0);
}

/* add_page_source - a row */
static void add_page_source(struct buffer *page, struct pool *pool, const struct source *source)
{
	unsigned long long passed = source->aligned + source->partly;

	html_raw(page, "<tr><th scope=\"row\" class=\"w\"><code>");
	html_text(page, source->address);
	html_raw(page, "</code><span class=\"as\">");
	html_foreign(page, source_known_as(source));
	html_raw(page, "</span><span class=\"as narrow\">for ");
	add_domain(page, source->domain);
	html_raw(page, "</span></th><td class=\"w wide\">");
	add_domain(page, source->domain);
	html_raw(page, "</td>");
	add_cell(page, source->failed, source->failed > 0 ? " red" : "");
	add_cell(page, passed, "");
	html_raw(page, "<td class=\"wide\">");
	html_percent(page, passed, passed + source->failed);
	add_share(page, passed, passed + source->failed);
	html_raw(page, "</td><td class=\"wide mid w\">");
	html_foreign(page, source_names_text(pool, &source->signers));
	html_format(page, "</td><td class=\"wide n\">%s</td></tr>\n",
		    view_day_text(pool, source->last));
}

/* add_sources - of one class */
static void add_sources(struct buffer *page, struct pool *pool, const struct source_list *sources,
			enum source_class class, const char *title, const char *words)
{
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		if (sources->items[i].class != class)
			continue;
		if (count == 0) {
			html_format(page, "<h3>%s</h3><p class=\"soft\">%s</p>\n", title, words);
			begin_table(page, title,
				    "<th scope=\"col\">host</th>"
				    "<th scope=\"col\" class=\"wide\">in the name of</th>"
				    "<th scope=\"col\" class=\"n\">failed</th>"
				    "<th scope=\"col\" class=\"n\">passed</th>"
				    "<th scope=\"col\" class=\"wide\">share</th>"
				    "<th scope=\"col\" class=\"wide mid\">signed by</th>"
				    "<th scope=\"col\" class=\"wide\">last seen</th>");
		}
		if (count++ < PAGE_ROWS_MAX)
			add_page_source(page, pool, &sources->items[i]);
	}
	if (count == 0)
		return;
	end_table(page);
	if (count > PAGE_ROWS_MAX)
		html_format(page,
			    "<p class=\"soft\">%zu more are shown by <code>dmarcreport"
			    " sources</code>.</p>\n",
			    count - PAGE_ROWS_MAX);
}

/* add_all_sources - what needs work first */
static void add_all_sources(struct buffer *page, struct pool *pool,
			    const struct source_list *sources)
{
	html_raw(page, "<h2 id=\"sources\">Who sends in our name</h2>\n");
	add_sources(page, pool, sources, SOURCE_OURS, "Our own hosts",
		    "Our SPF record names them. What fails here is our own mail: mend it first.");
	add_sources(page, pool, sources, SOURCE_SERVICE, "Services that send for us",
		    "They may use the domain, by an include in SPF or by a key of theirs.");
	add_sources(page, pool, sources, SOURCE_STRANGER, "Strangers",
		    "Nothing speaks for them. Is one of them a service of yours? Let it sign.");
	add_sources(page, pool, sources, SOURCE_FORWARDER, "Forwarders and mailing lists",
		    "They pass on what you have signed. What they change on the way fails.");
}

/* add_domains - sums for each of several */
static void add_domains(struct buffer *page, const struct domain_list *domains)
{
	if (domains->count < 2)
		return;
	html_raw(page, "<h2 id=\"domains\">Our domains</h2>\n");
	begin_table(page, "Domains",
		    "<th scope=\"col\">domain</th><th scope=\"col\" class=\"n\">messages</th>"
		    "<th scope=\"col\" class=\"n\">failed</th><th scope=\"col\">passed</th>"
		    "<th scope=\"col\" class=\"n wide\">rejected</th>"
		    "<th scope=\"col\" class=\"n wide\">quarantined</th>"
		    "<th scope=\"col\" class=\"n wide\">reports</th>");
	for (size_t i = 0; i < domains->count && i < PAGE_DOMAINS_MAX; i++) {
		const struct domain_sums *sums = &domains->items[i];

		html_raw(page, "<tr><th scope=\"row\" class=\"w\">");
		add_domain(page, sums->domain);
		html_raw(page, "</th>");
		add_cell(page, sums->messages, "");
		add_cell(page, sums->messages - sums->passed,
			 sums->messages > sums->passed ? " red" : "");
		html_raw(page, "<td>");
		html_percent(page, sums->passed, sums->messages);
		html_raw(page, "</td>");
		add_cell(page, sums->rejected, " wide");
		add_cell(page, sums->quarantined, " wide");
		add_cell(page, sums->reports, " wide");
		html_raw(page, "</tr>\n");
	}
	end_table(page);
}

/* add_tls - how mail to us is encrypted */
static void add_tls(struct buffer *page, const struct tls_list *tls)
{
	if (tls->count == 0)
		return;
	html_raw(page, "<h2 id=\"tls\">Encryption of mail to us</h2>\n");
	begin_table(
	    page, "SMTP TLS reports",
	    "<th scope=\"col\">domain</th><th scope=\"col\">reporter</th>"
	    "<th scope=\"col\" class=\"n\">failed</th><th scope=\"col\" class=\"n\">good</th>"
	    "<th scope=\"col\" class=\"wide\">policy</th>"
	    "<th scope=\"col\" class=\"wide\">what failed</th>");
	for (size_t i = 0; i < tls->count && i < PAGE_TLS_MAX; i++) {
		const struct tls_sums *sums = &tls->items[i];

		html_raw(page, "<tr><th scope=\"row\" class=\"w\">");
		add_domain(page, sums->domain);
		html_raw(page, "</th><td class=\"w\">");
		html_foreign(page, sums->org);
		html_raw(page, "</td>");
		add_cell(page, sums->failed, sums->failed > 0 ? " red" : "");
		add_cell(page, sums->good, "");
		html_raw(page, "<td class=\"wide\">");
		html_foreign(page, sums->type);
		html_raw(page, "</td><td class=\"wide w\">");
		html_foreign(page, sums->failures);
		html_raw(page, "</td></tr>\n");
	}
	end_table(page);
}

void page_write(struct buffer *page, struct pool *pool, const struct page_content *content)
{
	add_head(page, pool, content);
	add_tiles(page, content->domains);
	add_steps(page, content->ready);
	page_chart(page, pool, content->days);
	add_all_sources(page, pool, content->sources);
	add_domains(page, content->domains);
	add_tls(page, content->tls);
	if (content->rejects > 0)
		html_format(page,
			    "<h2 id=\"rejects\">Not counted</h2>\n<p>%zu reports or rows were not"
			    " counted; <code>dmarcreport rejects</code> says why.</p>\n",
			    content->rejects);
	html_format(page,
		    "</main>\n<footer><p>Made by dmarcreport (assay) %s. This page has no"
		    " script and loads nothing.</p></footer>\n</body>\n</html>\n",
		    ASSAY_VERSION);
}
