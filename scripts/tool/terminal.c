// SPDX-License-Identifier: GPL-2.0
/* Tables, wrapped text and colours on standard output, which may be a terminal. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "terminal.h"

/* The width of a file or pipe: no cell is cut there. */
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

static unsigned int width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long width = 0;

	if (isatty(fd) && !ioctl(fd, TIOCGWINSZ, &size))
		width = size.ws_col;
	if (!width && columns)
		width = strtol(columns, NULL, 10);
	if (width <= 0)
		return NO_WIDTH;
	return width < NO_WIDTH ? width : NO_WIDTH - 1;
}

unsigned int terminal_width(void) { return width_of(STDOUT_FILENO); }

/* All lines after the first are indented; a word longer than a line gets its own. */
void put_wrapped(FILE *to, const char *text, unsigned int indent)
{
	unsigned int width = width_of(fileno(to)), at = indent, len;

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

/* A column that is left out has no width. */
static size_t sum_of_widths(const size_t *width, size_t nr)
{
	size_t i, sum = 0;

	for (i = 0; i < nr; i++)
		sum += width[i] ? width[i] + 2 : 0;
	return sum;
}

static unsigned int cut_of(const struct column *column)
{
	return column->narrow & (DROP(1) - 1);
}

/* A cell that is longer is rather cut than a column left out for it: most names are shorter. */
#define LONG_CELL 24
/* The end of a path says more than no path. */
#define SHORT_CELL 8

/* The column that is left out next; the number of columns if there is none. */
static size_t next_to_drop(const struct table *table, const size_t *width)
{
	size_t i, next = table->nr_columns;
	unsigned int number, highest = 0;

	for (i = 0; i < table->nr_columns; i++) {
		number = table->columns[i].narrow / DROP(1);
		if (width[i] && number > highest) {
			highest = number;
			next = i;
		}
	}
	return next;
}

static void drop_columns(const struct table *table, size_t *width, size_t most)
{
	size_t i, nr = table->nr_columns, wanted[nr];

	for (i = 0; i < nr; i++)
		wanted[i] = cut_of(&table->columns[i]) && width[i] > LONG_CELL ? LONG_CELL :
			width[i];
	while (sum_of_widths(wanted, nr) > most + 2 && (i = next_to_drop(table, wanted)) < nr)
		wanted[i] = cut_of(&table->columns[i]) && wanted[i] > SHORT_CELL ? SHORT_CELL : 0;
	for (i = 0; i < nr; i++)
		if (!wanted[i])
			width[i] = 0;
}

/* A heading is not cut, and of a cell two bytes are left. */
static size_t least_of(const struct column *column)
{
	size_t len = strlen(column->heading);

	return len > 4 ? len : 4;
}

/* Narrows the widest column that may be cut, until the table fits or none may be cut further. */
static void fit(const struct table *table, size_t *width, size_t most)
{
	size_t i, widest, nr = table->nr_columns;

	while (sum_of_widths(width, nr) > most + 2) {
		for (i = 0, widest = nr; i < nr; i++)
			if (cut_of(&table->columns[i]) && width[i] > least_of(&table->columns[i]) &&
			    (widest == nr || width[i] > width[widest]))
				widest = i;
		if (widest == nr)
			return;
		width[widest]--;
	}
}

/* How long the end of a cell is that must not be cut: " +2", as of a kill with three victims. */
static size_t kept_end(const char *cell, size_t width)
{
	const char *end = strrchr(cell, ' ');
	size_t len = end && end[1] == '+' ? strlen(end) : 0;

	return len + strlen("..") < width ? len : 0;
}

static void put_cell(const char *cell, const struct column *column, size_t width, bool last)
{
	size_t len = strlen(cell), end = kept_end(cell, width);
	char cut[width + 1];

	if (len > width && cut_of(column) == CUT_BEGIN) {
		memcpy(cut, cell + len - width, width + 1);
		memcpy(cut, "..", 2);
		cell = cut;
	} else if (len > width) {
		memcpy(cut, cell, width - end - 2);
		memcpy(cut + width - end - 2, "..", 2);
		memcpy(cut + width - end, cell + len - end, end + 1);
		cell = cut;
	}
	if (column->align == RIGHT)
		printf("%*s", (int)width, cell);
	else
		printf("%-*s", last ? 0 : (int)width, cell);
	if (!last)
		fputs("  ", stdout);
}

/* The i-th cell of a row; cells is NULL for the row of headings. */
static const char *cell_of(const struct table *table, char * const *cells, size_t i)
{
	return cells ? cells[i] : table->columns[i].heading;
}

static void put_row(const struct table *table, char * const *cells, enum style row_style,
		    const size_t *width)
{
	size_t i, nr = table->nr_columns, last = nr - 1;

	while (last && !width[last])
		last--;
	fputs(row_style ? style(row_style) : "", stdout);
	for (i = 0; i < nr; i++)
		if (width[i])
			put_cell(cell_of(table, cells, i), &table->columns[i], width[i], i == last);
	printf("%s\n", row_style ? style(STYLE_PLAIN) : "");
}

void table_print(struct table *table, const char *indent)
{
	size_t nr = table->nr_columns, row, i, len;
	size_t width[nr];

	for (i = 0; i < nr; i++)
		width[i] = strlen(table->columns[i].heading);
	for (i = 0; i < table->nr_cells; i++) {
		len = strlen(table->cells[i]);
		if (len > width[i % nr])
			width[i % nr] = len;
	}
	drop_columns(table, width, terminal_width() - strlen(indent));
	fit(table, width, terminal_width() - strlen(indent));
	fputs(indent, stdout);
	put_row(table, NULL, STYLE_BOLD, width);
	for (row = 0; row < table->nr_rows; row++) {
		fputs(indent, stdout);
		put_row(table, table->cells + row * nr, table->row_styles[row], width);
	}
	table_free(table);
}
