// SPDX-License-Identifier: GPL-2.0
/* The commands, and how each is used. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "tool.h"
#include "words.h"

const struct command * const commands[] = {
#define ADDRESS_OF_COMMAND(name) (&command_##name)
	COMMANDS(ADDRESS_OF_COMMAND), NULL
};

static void put_option(FILE *to, const struct option_row *row)
{
	if (row->letter)
		fprintf(to, "-%c", row->letter);
	else
		fprintf(to, "--%s", row->name);
	if (row->value)
		fprintf(to, " %s", row->value);
}

/* A command that takes an ID shows --all as the alternative to it: [ID | --all]. */
static bool is_in_argument(const struct command *command, const struct option_row *row)
{
	return row == &option_all && (command->argument == MAYBE_ID ||
				      command->argument == MAYBE_IDS);
}

static const char *words_argument(const struct command *command)
{
	switch (command->argument) {
	case MAYBE_ID:
		return takes(command, &option_all) ? "[ID | --all]" : "[ID]";
	case MAYBE_IDS:
		return takes(command, &option_all) ? "[ID... | --all]" : "[ID...]";
	case FILE_NAME:
		return "FILE";
	default:
		return NULL;
	}
}

/*
 * The argument and options of a command, if it takes any, with space before the first. -f is left
 * out: the usage explains it once for all commands.
 */
static void put_taken(FILE *to, const struct command *command, const char *space)
{
	const char *argument = words_argument(command);
	const struct option_row * const *row;

	if (argument) {
		fprintf(to, "%s%s", space, argument);
		space = " ";
	}
	for (row = command->takes; row && *row; row++) {
		if (*row == &option_file || is_in_argument(command, *row))
			continue;
		fprintf(to, "%s%s", space, *row == command->must ? "" : "[");
		put_option(to, *row);
		fputs(*row == command->must ? "" : "]", to);
		space = " ";
	}
}

void put_usage(FILE *to)
{
	const struct command * const *command;

	words_scope();
	fputs("usage: oomwatch COMMAND [-f FILE] ...\n\n", to);
	for (command = commands; *command; command++) {
		fprintf(to, "  %s", (*command)->name);
		put_taken(to, *command, format_words("%*s", 9 - (int)strlen((*command)->name), ""));
		fprintf(to, "\n%11s%s\n", "", (*command)->what);
	}
	fputs("\nID is a number from list; without it the newest kill is meant (events: all records).\n"
	      "-f FILE reads a file that save wrote, or a log of the kernel (dmesg, journalctl -k),\n"
	      "not the running module (-: standard input).\n"
	      "It may be packed by gzip, and -f may stand before the command.\n"
	      "Several files may be given; a kill that is in several of them counts once.\n"
	      "TIME is 10m, \"2 hours ago\", 11:40, yesterday, or a date: \"2026-01-31 12:00\".\n"
	      "See oomwatch(8).\n", to);
}

void put_usage_of(const struct command *command, FILE *to)
{
	fprintf(to, "usage: oomwatch %s%s", command->name,
		takes(command, &option_file) ? " [-f FILE]" : "");
	put_taken(to, command, " ");
	fputc('\n', to);
}

void bad_usage(const struct command *command)
{
	if (command)
		put_usage_of(command, stderr);
	else
		put_usage(stderr);
	exit(EXIT_USAGE);
}
