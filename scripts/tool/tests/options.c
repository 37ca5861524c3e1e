// SPDX-License-Identifier: GPL-2.0
/*
 * Prints what the program takes, from its own tables, for scripts/lint: each command and each of
 * its options, in both forms. With an argument, an option that has a short form is printed in that
 * form only.
 */
#include <stdbool.h>
#include <stdio.h>

#include "command.h"

static void put_option(const struct command *command, const struct option_row *row, bool shorter)
{
	if (row->letter)
		printf("%s -%c\n", command->name, row->letter);
	if (!row->letter || !shorter)
		printf("%s --%s\n", command->name, row->name);
}

/* scripts/lint renames the program's main() with -Dmain=... */
#undef main

int main(int argc, char **argv __attribute__((unused)))
{
	const struct command * const *command;
	const struct option_row * const *row;

	for (command = commands; *command; command++) {
		puts((*command)->name);
		put_option(*command, &option_help, argc > 1);
		for (row = (*command)->takes; row && *row; row++)
			put_option(*command, *row, argc > 1);
	}
	return 0;
}
