/* SPDX-License-Identifier: GPL-2.0 */
/* Text and tables on standard output, which may be a terminal. */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdio.h>

#include "table.h"

const char *style(enum style style);
unsigned int terminal_width(void);
void put_wrapped(FILE *to, const char *text, unsigned int indent);

/* The table is empty afterwards. */
void table_print(struct table *table, const char *indent);

#endif /* TERMINAL_H */
