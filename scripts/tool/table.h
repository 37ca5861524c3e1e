/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables. The columns describe a table once, for the terminal (terminal.c), where cells that are
 * too wide are cut, and for a page (html.c).
 */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

/* STYLE_DIM: a row of zeros; a page leaves it out. */
enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_RED, STYLE_YELLOW };

/* What a row is about. Only the members that the columns of its table read are set. */
struct row {
	const struct record *rec;
	const struct episode *episode;
	const struct victims *victims;
	const struct exclusion *exclusion;
	const struct reclaimed *reclaimed;
	const struct kill_group *group;
};

/*
 * A table too wide for the terminal leaves out columns, that of the highest number first, and then
 * cuts cells, but no headings. CUT_BEGIN: the end of a path says more.
 */
#define WHOLE 0
#define CUT_END 1
#define CUT_BEGIN 2
#define DROP(number) ((number) << 2)

struct column {
	const char *heading;
	enum { LEFT, RIGHT } align;
	unsigned int narrow;	/* how a narrow terminal has it: WHOLE, or DROP() | CUT_... */
	const char *(*cell)(const struct row *row);
	/* Replaces cell in the list of kills of a page, which has more room; NULL: cell. */
	const char *(*page_cell)(const struct row *row);
};

struct table {
	const struct column *columns;
	size_t nr_columns;
	char **cells;		/* row by row */
	size_t nr_cells;
	enum style *row_styles;
	size_t nr_rows;
};

/* The two arguments of table_begin(): an array of columns and its length. */
#define COLUMNS(array) (array), ARRAY_SIZE(array)

void table_begin(struct table *table, const struct column *columns, size_t nr);
void table_row(struct table *table, const struct row *row, enum style style);
void table_free(struct table *table);

#endif /* TABLE_H */
