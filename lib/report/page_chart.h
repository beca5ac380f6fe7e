/*
 * page_chart - volume and pass rate a day as inline SVG
 *
 * Labels are text beside the picture, so that they keep their size on a phone; who cannot see it
 * has the figures in a table below.
 */
#ifndef ASSAY_REPORT_PAGE_CHART_H
#define ASSAY_REPORT_PAGE_CHART_H

#include "report/view_reports.h"

#define CHART_BARS_MAX 92U /* our choice: more days than a quarter has are shown in weeks */

/* Both charts and their table; nothing if there is no day. */
void page_chart(struct buffer *page, struct pool *pool, const struct day_list *days);

#endif
