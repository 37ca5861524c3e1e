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

/* A narrow page has the heading beside each cell, as a row does not fit on a line. */
void cell_begin(const struct column *column)
{
	markup(column->align == RIGHT ? "<td class=\"n\" data-h=\"%s\">" : "<td data-h=\"%s\">",
	       column->heading);
}

static void row_put(const struct table *table, char * const *cells, enum style style)
{
	size_t i;

	markup(style == STYLE_RED ? "<tr class=\"kill\">" : "<tr>");
	for (i = 0; i < table->nr_columns; i++) {
		cell_begin(&table->columns[i]);
		text_put(cells[i]);
		markup("</td>");
	}
	markup("</tr>\n");
}

/* The head of a table, or its body. */
static void part_begin(const char *name)
{
	markup("<t%s>\n", name);
}

static void part_end(const char *name)
{
	markup("</t%s>\n", name);
}

/*
 * Up to the first row. A region scrolls sideways if it is wider than the page; tabindex lets keys
 * scroll it.
 */
void rows_begin(const struct table *table, const char *label, const char *caption)
{
	const struct column *column = table->columns;

	markup("<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>\n",
	       label);
	element_put("caption", caption);
	part_begin("head");
	markup("<tr>");
	for (; column < table->columns + table->nr_columns; column++)
		markup(column->align == RIGHT ? "<th scope=\"col\" class=\"n\">%s</th>" :
		       "<th scope=\"col\">%s</th>", column->heading);
	markup("</tr>\n");
	part_end("head");
	part_begin("body");
}

void rows_end(void)
{
	part_end("body");
	markup("</table></div>\n");
}

/* Empties the table, as table_print() does. Rows that say nothing are left out. */
void table_put(struct table *table, const char *label, const char *caption)
{
	size_t row;

	rows_begin(table, label, caption);
	for (row = 0; row < table->nr_rows; row++)
		if (table->row_styles[row] != STYLE_DIM)
			row_put(table, table->cells + row * table->nr_columns,
				table->row_styles[row]);
	rows_end();
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

/* What follows is written there. Returns where it went before. */
FILE *page_divert(FILE *to)
{
	FILE *before = page;

	page = to;
	return before;
}

void page_begin(FILE *to, const char *title)
{
	page_divert(to);
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
