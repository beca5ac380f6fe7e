/*
 * html_text - escaping; see report/html_text.h
 */
#include "report/html_text.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/pool.h"

#define GROUP 3 /* digits between two commas */

void html_raw(struct buffer *page, const char *markup)
{
	buffer_add_text(page, markup);
}

void html_format(struct buffer *page, const char *format, ...)
{
	struct pool *pool = pool_new();
	va_list args;

	va_start(args, format);
	buffer_add_text(page, pool_vprintf(pool, format, args));
	va_end(args);
	pool_free(pool);
}

/* add_escaped - one octet */
static void add_escaped(struct buffer *page, char byte)
{
	switch (byte) {
	case '&': buffer_add_text(page, "&amp;"); break;
	case '<': buffer_add_text(page, "&lt;"); break;
	case '>': buffer_add_text(page, "&gt;"); break;
	case '"': buffer_add_text(page, "&quot;"); break;
	case '\'': buffer_add_text(page, "&#39;"); break;
	default: buffer_add_byte(page, byte);
	}
}

void html_text(struct buffer *page, const char *text)
{
	for (; *text != '\0'; text++)
		add_escaped(page, *text);
}

void html_foreign(struct buffer *page, const char *text)
{
	unsigned shown = 0;

	html_raw(page, "<bdi>");
	for (; *text != '\0'; text++) {
		bool starts = ((unsigned char)*text & 0xc0) != 0x80;

		if (starts && ++shown > HTML_SHOWN_MAX) {
			html_raw(page, "\xe2\x80\xa6"); /* an ellipsis */
			break;
		}
		add_escaped(page, *text);
	}
	html_raw(page, "</bdi>");
}

void html_number(struct buffer *page, unsigned long long number)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%llu", number);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % GROUP == 0)
			buffer_add_byte(page, ',');
		buffer_add_byte(page, digits[i]);
	}
}

void html_percent(struct buffer *page, unsigned long long part, unsigned long long all)
{
	unsigned long long tenths = all != 0 ? part * 1000 / all : 0;

	html_format(page, "%llu.%llu\xc2\xa0%%", tenths / 10, tenths % 10);
}
