// SPDX-License-Identifier: GPL-2.0
/* Finds the command that was asked for, and runs it. */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "tool.h"
#include "words.h"

static const char *next_command(size_t i)
{
	return commands[i] ? commands[i]->name : NULL;
}

static const struct command *find_command(const char *name)
{
	const struct command * const *command;

	for (command = commands; *command; command++)
		if (!strcmp((*command)->name, name))
			return *command;
	if (strpbrk(name, "./") && !access(name, F_OK))
		die(EXIT_USAGE, "there is no command \"%s\", but a file: oomwatch why -f %s",
		    name, words_retyped(name));
	die(EXIT_USAGE, "there is no command \"%s\"%soomwatch --help lists the commands",
	    name, words_nearest(name, "", next_command));
}

/*
 * Moves the command before the options -f that stand in front of it, to where the options of a
 * command begin.
 */
static void move_command(int argc, char **argv)
{
	char *name;
	int i;

	for (i = 1; i < argc && *argv[i] == '-'; i++) {
		if (!strcmp(argv[i], "-f") || !strcmp(argv[i], "--file"))
			i++;
		else if (strncmp(argv[i], "-f", 2) && strncmp(argv[i], "--file=", 7))
			die(EXIT_USAGE, "only -f may stand before the command, not \"%s\"; put it after the command",
			    argv[i]);
	}
	if (i >= argc)
		die(EXIT_USAGE, "there is no command after \"%s\"; oomwatch --help lists the commands",
		    argv[argc - 1]);
	name = argv[i];
	memmove(argv + 2, argv + 1, (i - 1) * sizeof(*argv));
	argv[1] = name;
}

/* help, or help COMMAND */
static int show_help(const char *name)
{
	if (name && *name != '-')
		put_help_of(find_command(name), stdout);
	else
		put_usage(stdout);
	return stdout_finish();
}

int main(int argc, char **argv)
{
	const struct command *command;
	int status;

	words_scope();
	if (argc < 2)
		bad_usage(NULL);
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))
		return show_help(argv[2]);
	if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version")) {
		printf("oomwatch %s, for records of format %d.%d\n", VERSION, OOMWATCH_MAJOR,
		       OOMWATCH_MINOR);
		return stdout_finish();
	}
	move_command(argc, argv);
	command = find_command(argv[1]);
	status = command->run(parse_options(command, argc - 1, argv + 1));
	return status ?: stdout_finish();
}
