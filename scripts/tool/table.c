// SPDX-License-Identifier: GPL-2.0
/* Fills tables with cells; terminal.c and html.c draw them. */
#include <stdlib.h>

#include "table.h"
#include "tool.h"
#include "words.h"

void table_begin(struct table *table, const struct column *columns, size_t nr)
{
	*table = (struct table) { .columns = columns, .nr_columns = nr };
}

void table_row(struct table *table, const struct row *row, enum style style)
{
	size_t i;

	words_scope();
	for (i = 0; i < table->nr_columns; i++) {
		table->cells = grow(table->cells, table->nr_cells, sizeof(*table->cells));
		table->cells[table->nr_cells++] = copy_string(table->columns[i].cell(row));
	}
	table->row_styles = grow(table->row_styles, table->nr_rows, sizeof(*table->row_styles));
	table->row_styles[table->nr_rows++] = style;
}

void table_free(struct table *table)
{
	while (table->nr_cells)
		free(table->cells[--table->nr_cells]);
	free(table->cells);
	free(table->row_styles);
	*table = (struct table) { };
}
