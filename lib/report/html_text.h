/*
 * html_text - text for a page of HTML: nothing that a stranger has written becomes markup
 */
#ifndef ASSAY_REPORT_HTML_TEXT_H
#define ASSAY_REPORT_HTML_TEXT_H

#include "base/bytes.h"

#define HTML_SHOWN_MAX 80U /* our choice: characters of a stranger's text that a page shows */

/* Our own markup. */
void html_raw(struct buffer *page, const char *markup);
void html_format(struct buffer *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A text with & < > " ' escaped. */
void html_text(struct buffer *page, const char *text);

/* The same in an element of its own direction, cut if it is long. For what strangers write. */
void html_foreign(struct buffer *page, const char *text);

/* 1234567 as 1,234,567. */
void html_number(struct buffer *page, unsigned long long number);

/* A part of all in percent, with one decimal and rounded down: 100 % means all. */
void html_percent(struct buffer *page, unsigned long long part, unsigned long long all);

#endif
