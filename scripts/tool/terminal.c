// SPDX-License-Identifier: GPL-2.0
/* Tables, wrapped text and colours, for the terminal that there is, if there is one. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool.h"

/* Of a file or pipe: nothing is cut there. */
#define NO_WIDTH 10000

static bool has_colours(void)
{
	static int has = -1;
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (has < 0)
		has = isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
			term && strcmp(term, "dumb");
	return has;
}

const char *style(enum style style)
{
	static const char * const codes[] = {
		[STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m", [STYLE_DIM] = "\033[2m",
		[STYLE_RED] = "\033[31m", [STYLE_YELLOW] = "\033[33m",
	};

	return has_colours() ? codes[style] : "";
}

unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	unsigned int width = 0;

	if (isatty(STDOUT_FILENO) && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		width = size.ws_col;
	if (!width && columns)
		width = strtoul(columns, NULL, 10);
	return width ?: NO_WIDTH;
}

/* Lines behind the first are indented; a word that is too long stands alone. */
void put_wrapped(FILE *to, const char *text, unsigned int indent)
{
	unsigned int width = terminal_width(), at = indent, len;

	if (width == NO_WIDTH)
		width = 100;
	for (; *text; text += len + strspn(text + len, " ")) {
		len = strcspn(text, " ");
		if (at > indent && at + 1 + len > width) {
			fprintf(to, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', to);
			at++;
		}
		fwrite(text, 1, len, to);
		at += len;
	}
	fputc('\n', to);
}

void table_cell(struct table *table, const char *fmt, ...)
{
	va_list ap;

	table->cell = grow(table->cell, table->nr_cells, sizeof(*table->cell));
	va_start(ap, fmt);
	if (vasprintf(&table->cell[table->nr_cells++], fmt, ap) < 0)
		die(EXIT_FAILED, "out of memory");
	va_end(ap);
}

/* Ends a row, and says how it looks. */
void table_style(struct table *table, enum style style)
{
	table->row_style = grow(table->row_style, table->nr_rows, sizeof(*table->row_style));
	table->row_style[table->nr_rows++] = style;
}

/* Columns, and their names as the first row. */
void table_begin(struct table *table, const char *columns, const char * const *names)
{
	table->columns = columns;
	for (; *names; names++)
		table_cell(table, "%s", *names);
	table_style(table, STYLE_BOLD);
}

void table_free(struct table *table)
{
	while (table->nr_cells)
		free(table->cell[--table->nr_cells]);
	free(table->cell);
	free(table->row_style);
	*table = (struct table) { };
}

static bool may_shrink(char column) { return column == 'L' || column == 'P'; }

/* Narrower, the widest first, until it fits or nothing may get narrower. */
static void fit(const char *columns, size_t *width, size_t nr, size_t most)
{
	size_t i, widest, sum;

	for (;;) {
		for (i = 0, sum = 0, widest = nr; i < nr; i++) {
			sum += width[i] + 2;
			if (may_shrink(columns[i]) && width[i] > 4 &&
			    (widest == nr || width[i] > width[widest]))
				widest = i;
		}
		if (sum <= most + 2 || widest == nr)
			return;
		width[widest]--;
	}
}

static void put_cell(const char *cell, char column, size_t width, bool last)
{
	size_t len = strlen(cell);
	char cut[width + 1];

	if (len > width && column == 'P') {
		memcpy(cut, cell + len - width, width + 1);
		memcpy(cut, "..", 2);
		cell = cut;
	} else if (len > width) {
		memcpy(cut, cell, width - 2);
		memcpy(cut + width - 2, "..", 3);
		cell = cut;
	}
	if (column == 'r')
		printf("%*s", (int)width, cell);
	else
		printf("%-*s", last ? 0 : (int)width, cell);
	if (!last)
		fputs("  ", stdout);
}

/* The first row is the heading. The table is empty afterwards. */
void table_print(struct table *table, const char *indent)
{
	size_t nr = strlen(table->columns), row, i, len;
	size_t width[nr];

	memset(width, 0, sizeof(width));
	for (i = 0; i < table->nr_cells; i++) {
		len = strlen(table->cell[i]);
		if (len > width[i % nr])
			width[i % nr] = len;
	}
	fit(table->columns, width, nr, terminal_width() - strlen(indent));
	for (row = 0; row < table->nr_rows; row++) {
		enum style row_style = row ? table->row_style[row] : STYLE_BOLD;

		printf("%s%s", indent, row_style ? style(row_style) : "");
		for (i = 0; i < nr; i++)
			put_cell(table->cell[row * nr + i], table->columns[i], width[i],
				 i + 1 == nr);
		printf("%s\n", row_style ? style(STYLE_PLAIN) : "");
	}
	table_free(table);
}
