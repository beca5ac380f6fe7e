/*
 * page_chart - bars, a line and a table; see report/page_chart.h
 */
#include "report/page_chart.h"

#include "base/pool.h"
#include "report/html_text.h"

#define BAR_STEP    10 /* units of the picture for a bar, with the gap */
#define BAR_WIDTH   8
#define HEIGHT      1000.0
#define DAYS_A_WEEK 7

/* The bars: days or weeks without gaps. */
struct chart {
	size_t count;
	struct day_sums *bars;
	unsigned long long most; /* messages of the highest bar, rounded up for the axis */
	bool in_weeks;
};

/* round_up - to a number that an axis can show: two digits and zeros */
static unsigned long long round_up(unsigned long long number)
{
	static const unsigned steps[] = {10, 12, 15, 20, 25, 30, 40, 50, 60, 80};
	unsigned long long unit = 1;

	for (;;) {
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			if (steps[i] * unit >= number)
				return steps[i] * unit;
		}
		unit *= 10;
	}
}

/* chart_of - fills the gaps, and puts days together if there are too many */
static struct chart chart_of(struct pool *pool, const struct day_list *days)
{
	long long first = days->items[0].day, last = days->items[days->count - 1].day;
	bool in_weeks = last - first >= CHART_BARS_MAX;
	long long step = in_weeks ? DAYS_A_WEEK : 1;
	struct chart chart = {.count = (size_t)((last - first) / step + 1), .in_weeks = in_weeks};

	chart.bars = pool_alloc(pool, chart.count * sizeof(*chart.bars));
	for (size_t i = 0; i < chart.count; i++)
		chart.bars[i].day = first + (long long)i * step;
	for (size_t i = 0; i < days->count; i++) {
		struct day_sums *bar = &chart.bars[(days->items[i].day - first) / step];

		bar->messages += days->items[i].messages;
		bar->passed += days->items[i].passed;
	}
	for (size_t i = 0; i < chart.count; i++) {
		if (chart.bars[i].messages > chart.most)
			chart.most = chart.bars[i].messages;
	}
	chart.most = round_up(chart.most);
	return chart;
}

/* add_bar - a day: what passed, and on top of it what did not */
static void add_bar(struct buffer *page, const struct chart *chart, size_t number)
{
	const struct day_sums *bar = &chart->bars[number];
	double scale = HEIGHT / (double)chart->most;
	double passed = (double)bar->passed * scale;
	double failed = (double)(bar->messages - bar->passed) * scale;

	if (bar->passed > 0)
		html_format(page,
			    "<rect class=\"p\" x=\"%zu\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
			    number * BAR_STEP + 1, HEIGHT - passed, BAR_WIDTH, passed);
	if (bar->messages > bar->passed)
		html_format(page,
			    "<rect class=\"f\" x=\"%zu\" y=\"%.1f\" width=\"%d\" height=\"%.1f\"/>",
			    number * BAR_STEP + 1, HEIGHT - passed - failed, BAR_WIDTH, failed);
}

/* add_dates - under a picture */
static void add_dates(struct buffer *page, struct pool *pool, const struct chart *chart)
{
	const struct day_sums *bars = chart->bars;

	html_format(page, "<div class=\"axis under\" aria-hidden=\"true\"><span>%s</span>",
		    view_day_text(pool, bars[0].day));
	if (chart->count > 2)
		html_format(page, "<span class=\"wide\">%s</span>",
			    view_day_text(pool, bars[chart->count / 2].day));
	html_format(page, "<span>%s</span></div>", view_day_text(pool, bars[chart->count - 1].day));
}

/* begin_picture - a figure with its words, up to the picture */
static void begin_picture(struct buffer *page, const struct chart *chart, const char *caption,
			  const char *class)
{
	html_format(page, "<figure><figcaption>%s</figcaption><div class=\"plot\">", caption);
	html_raw(page, "<div class=\"axis up\" aria-hidden=\"true\">");
	if (*class == '\0') {
		html_raw(page, "<span>");
		html_number(page, chart->most);
		html_raw(page, "</span><span>0</span></div>");
	} else {
		html_raw(page, "<span>100\xc2\xa0%</span><span>0\xc2\xa0%</span></div>");
	}
	html_format(page,
		    "<svg%s viewBox=\"0 0 %zu %.0f\" preserveAspectRatio=\"none\" role=\"img\""
		    " aria-label=\"%s. The figures are in the table below.\">"
		    "<path class=\"grid\" d=\"M0 %.0fH%zu\"/>",
		    class, chart->count * BAR_STEP, HEIGHT, caption, HEIGHT / 2,
		    chart->count * BAR_STEP);
}

/* add_volume - messages a day */
static void add_volume(struct buffer *page, struct pool *pool, const struct chart *chart)
{
	begin_picture(page, chart,
		      chart->in_weeks ? "Messages a week, passed and failed"
				      : "Messages a day, passed and failed",
		      "");
	for (size_t i = 0; i < chart->count; i++)
		add_bar(page, chart, i);
	html_raw(page, "</svg>");
	add_dates(page, pool, chart);
	html_raw(page,
		 "</div><ul class=\"key\">"
		 "<li><svg viewBox=\"0 0 10 8\" aria-hidden=\"true\"><rect class=\"p\" width=\"10\""
		 " height=\"8\"/></svg>passed (lower part)</li>"
		 "<li><svg viewBox=\"0 0 10 8\" aria-hidden=\"true\"><rect class=\"f\" width=\"10\""
		 " height=\"8\"/></svg>failed (on top)</li></ul></figure>\n");
}

/* add_rate - what part has passed, as a line over the days that have messages */
static void add_rate(struct buffer *page, struct pool *pool, const struct chart *chart)
{
	bool begun = false;

	begin_picture(page, chart, chart->in_weeks ? "Pass rate a week" : "Pass rate a day",
		      " class=\"low\"");
	html_raw(page, "<path class=\"rate\" d=\"");
	for (size_t i = 0; i < chart->count; i++) {
		const struct day_sums *bar = &chart->bars[i];

		if (bar->messages == 0)
			continue;
		html_format(page, "%s%zu %.1f", begun ? "L" : "M", i * BAR_STEP + BAR_STEP / 2,
			    HEIGHT - (double)bar->passed * HEIGHT / (double)bar->messages);
		begun = true;
	}
	html_raw(page, "\"/></svg>");
	add_dates(page, pool, chart);
	html_raw(page, "</div></figure>\n");
}

/* add_figures - for who cannot see the pictures */
static void add_figures(struct buffer *page, struct pool *pool, const struct chart *chart)
{
	html_format(
	    page,
	    "<details><summary>The figures</summary><div class=\"scroll\" tabindex=\"0\""
	    " role=\"region\" aria-label=\"Messages by date\"><table><thead><tr>"
	    "<th scope=\"col\">%s</th><th scope=\"col\" class=\"n\">messages</th>"
	    "<th scope=\"col\" class=\"n\">passed</th><th scope=\"col\" class=\"n\">rate</th>"
	    "</tr></thead><tbody>\n",
	    chart->in_weeks ? "week from" : "day");
	for (size_t i = chart->count; i-- > 0;) {
		const struct day_sums *bar = &chart->bars[i];

		if (bar->messages == 0)
			continue;
		html_format(page, "<tr><th scope=\"row\">%s</th><td class=\"n\">",
			    view_day_text(pool, bar->day));
		html_number(page, bar->messages);
		html_raw(page, "</td><td class=\"n\">");
		html_number(page, bar->passed);
		html_raw(page, "</td><td class=\"n\">");
		html_percent(page, bar->passed, bar->messages);
		html_raw(page, "</td></tr>\n");
	}
	html_raw(page, "</tbody></table></div></details>\n");
}

void page_chart(struct buffer *page, struct pool *pool, const struct day_list *days)
{
	struct chart chart;

	if (days->count == 0)
		return;
	chart = chart_of(pool, days);
	html_raw(page, "<h2 id=\"days\">Day by day</h2>\n");
	add_volume(page, pool, &chart);
	add_rate(page, pool, &chart);
	add_figures(page, pool, &chart);
}
