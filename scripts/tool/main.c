// SPDX-License-Identifier: GPL-2.0
/* Finds the command that was asked for, and runs it. */
#include <string.h>

#include "command.h"
#include "tool.h"

static const struct command *find_command(const char *name)
{
	const struct command * const *command;

	for (command = commands; *command; command++)
		if (!strcmp((*command)->name, name))
			return *command;
	die(EXIT_USAGE, "there is no command \"%s\"; oomwatch --help lists the commands", name);
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2)
		bad_usage(NULL);
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		put_usage(stdout);
		return EXIT_FINE;
	}
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
		printf("oomwatch, for records of format %d.%d\n", OOMWATCH_MAJOR, OOMWATCH_MINOR);
		return EXIT_FINE;
	}
	command = find_command(argv[1]);
	/* getopt_long() begins its messages with the first word: make that the program's name. */
	argv[1] = argv[0];
	return command->run(parse_options(command, argc - 1, argv + 1));
}
