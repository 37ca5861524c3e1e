// SPDX-License-Identifier: GPL-2.0
/* Markup, tables and drawings of a page. */
#include <stdarg.h>
#include <string.h>

#include "html.h"

static FILE *page;

/* --- markup ------------------------------------------------------------------------- */

void markup(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(page, fmt, ap);
	va_end(ap);
}

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	}
	return "&#39;";
}

/* Escapes text for HTML. Unprintable bytes must have been escaped by words_escaped(). */
void text_put(const char *text)
{
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, "&<>\"'");
		fwrite(text, 1, len, page);
		if (!text[len])
			return;
		fputs(entity_of(text[len]), page);
	}
}

void element_put(const char *name, const char *text)
{
	markup("<%s>", name);
	text_put(text);
	markup("</%s>\n", name);
}

void fact_put(const char *name, const char *text)
{
	markup("<dt>%s</dt>", name);
	element_put("dd", text);
}

/* One row; cells is NULL for the row of headings. */
static void row_put(const struct table *table, char * const *cells, enum style style)
{
	const char *tag = cells ? "td" : "th scope=\"col\"";
	const struct column *column;
	size_t i;

	markup(style == STYLE_RED ? "<tr class=\"kill\">" : "<tr>");
	for (i = 0; i < table->nr_columns; i++) {
		column = &table->columns[i];
		markup(column->align == RIGHT ? "<%s class=\"n\">" : "<%s>", tag);
		text_put(cells ? cells[i] : column->heading);
		markup("</%.2s>", tag);
	}
	markup("</tr>\n");
}

/* A region that scrolls sideways if it is wider than the page; tabindex lets keys scroll it. */
void scroll_begin(const char *label)
{
	markup("<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">", label);
}

/* Empties the table, as table_print() does. */
void table_put(struct table *table, const char *label)
{
	size_t row;

	scroll_begin(label);
	markup("<table>\n");
	row_put(table, NULL, STYLE_PLAIN);
	for (row = 0; row < table->nr_rows; row++)
		row_put(table, table->cells + row * table->nr_columns, table->row_styles[row]);
	markup("</table></div>\n");
	table_free(table);
}

/* --- drawing ------------------------------------------------------------------------ */

/*
 * Horizontal positions are percentages and vertical ones are pixels. So a drawing fits any screen,
 * and its text is not scaled.
 */
void svg_begin(unsigned int height, const char *title)
{
	markup("<svg role=\"img\" height=\"%u\">", height);
	element_put("title", title);
}

void svg_end(void)
{
	markup("</svg>\n");
}

/* The position of a value on the scale in percent; values outside are moved to its ends. */
double share(const struct scale *scale, double value)
{
	double percent;

	if (!(scale->until > scale->from))
		return 0;
	percent = 100 * (value - scale->from) / (scale->until - scale->from);
	return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

void svg_rect(const char *class, const struct scale *scale, double from, double until,
	      unsigned int top, unsigned int height)
{
	double left = share(scale, from), width = share(scale, until) - left;

	if (width > 0)
		markup("<rect class=\"%s\" x=\"%.3f%%\" y=\"%u\" width=\"%.3f%%\" height=\"%u\"/>",
		       class, left, top, width, height);
}

void svg_line(const char *class, double x, unsigned int top, unsigned int bottom)
{
	markup("<line class=\"%s\" x1=\"%.3f%%\" y1=\"%u\" x2=\"%.3f%%\" y2=\"%u\"/>",
	       class, x, top, x, bottom);
}

void svg_text(const char *class, double x, unsigned int y, const char *text)
{
	markup("<text class=\"%s\" x=\"%.3f%%\" y=\"%u\">", class, x, y);
	text_put(text);
	markup("</text>");
}

void key_put(const char *class, const char *text)
{
	markup("<li><i class=\"%s\"></i>", class);
	text_put(text);
	markup("</li>\n");
}

/* --- the page ------------------------------------------------------------------------ */

extern const char style_sheet[];

/* .incbin, as kernel/configs.c includes the kernel's configuration. */
__asm__(".pushsection .rodata, \"a\"\n"
	".global style_sheet\n"
	"style_sheet:\n"
	".incbin \"scripts/tool/html.css\"\n"
	".byte 0\n"
	".popsection\n");

void page_begin(FILE *to, const char *title)
{
	page = to;
	markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	       "<meta http-equiv=\"Content-Security-Policy\"\n"
	       "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	element_put("title", title);
	markup("<style>\n");
	fputs(style_sheet, page);
	markup("</style>\n</head>\n<body>\n<svg class=\"pattern\" aria-hidden=\"true\"><defs>\n"
	       "<pattern id=\"off\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"\n"
	       "patternTransform=\"rotate(45)\"><path d=\"M3 0v6\"/></pattern></defs></svg>\n");
}

void page_end(void)
{
	markup("</main>\n</body>\n</html>\n");
}
