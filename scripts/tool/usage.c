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

static const char *words_option(const struct option_row *row, bool must)
{
	const char *value = row->value ? format_words(" %s", row->value) : "";
	const char *option = row->letter ? format_words("-%c%s", row->letter, value) :
		format_words("--%s%s", row->name, value);

	return must ? option : format_words("[%s]", option);
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
	case MAYBE_PID:
		return "[PID]";
	case FILE_NAME:
		return "FILE";
	default:
		return NULL;
	}
}

#define INDENT 11
#define WIDTH 80

/* Puts a word, on a line of its own if it does not fit behind the others. */
static void put_word(FILE *to, const char *word, size_t *at)
{
	size_t len = strlen(word);

	if (*at + 1 + len > WIDTH) {
		fprintf(to, "\n%*s", INDENT, "");
		*at = INDENT;
	} else if (*at > INDENT) {
		fputc(' ', to);
		(*at)++;
	}
	fputs(word, to);
	*at += len;
}

/*
 * The name of a command, its argument and its options, if it takes any. Where records are read from
 * is left out: the usage explains it once for all commands.
 */
static void put_taken(FILE *to, const struct command *command)
{
	const char *argument = words_argument(command);
	const struct option_row * const *row;
	size_t at = INDENT;

	fprintf(to, "  %-*s", argument || command->takes ? INDENT - 2 : 0, command->name);
	if (argument)
		put_word(to, argument, &at);
	for (row = command->takes; row && *row; row++)
		if (!(*row)->is_source && !is_in_argument(command, *row))
			put_word(to, words_option(*row, *row == command->must), &at);
}

void put_usage(FILE *to)
{
	const struct command * const *command;

	words_scope();
	fputs("usage: oomwatch COMMAND [-f FILE] ...\n\n", to);
	for (command = commands; *command; command++) {
		put_taken(to, *command);
		fprintf(to, "\n%*s%s\n", INDENT, "", (*command)->what);
	}
	fputs("\nID is a number from list; without it the newest kill is meant (events: all records).\n"
	      "-f FILE reads a file that save wrote, a log of the kernel (dmesg, journalctl -k),\n"
	      "or a dump (vmcore), not the running module (-: standard input).\n"
	      "It may be packed (gzip, xz, zstd, bzip2), and -f may stand before the command.\n"
	      "Several files may be given, each by a -f of its own; a kill in several counts once.\n"
	      "What oomwatch record keeps is read, too: --store DIR (/var/lib/oomwatch), --no-store.\n"
	      "TIME is 10m, \"2 hours ago\", 11:40, yesterday, or a date: \"2026-01-31 12:00\".\n"
	      "See oomwatch(8).\n", to);
}

static void put_usage_of(const struct command *command, FILE *to)
{
	const char *argument;

	words_scope();
	argument = words_argument(command);
	fprintf(to, "usage: oomwatch %s%s%s%s%s%s\n", command->name,
		command->takes ? " [OPTION...]" : "", command->must ? " " : "",
		command->must ? words_option(command->must, true) : "",
		argument ? " " : "", argument ?: "");
}

static const char *meaning_of(const struct command *command, const struct option_row *row)
{
	const struct meaning *means;

	for (means = command->means; means && means->row; means++)
		if (means->row == row)
			return means->what;
	return row->what;
}

/* The completions read these lines: two spaces, the forms of the option, what it does. */
static void put_option(FILE *to, const struct command *command, const struct option_row *row)
{
	const char *letter, *name;

	words_scope();
	letter = row->letter ? format_words("-%c,", row->letter) : "";
	name = format_words("--%s%s%s", row->name, row->value ? " " : "", row->value ?: "");
	fprintf(to, "  %3s %-17s %s\n", letter, name, meaning_of(command, row));
}

void put_help_of(const struct command *command, FILE *to)
{
	const struct option_row * const *row;

	put_usage_of(command, to);
	fprintf(to, "%s\n\n", command->what);
	for (row = command->takes; row && *row; row++)
		put_option(to, command, *row);
	put_option(to, command, &option_help);
}

void bad_usage(const struct command *command)
{
	if (!command)
		put_usage(stderr);
	else
		put_usage_of(command, stderr);
	if (command)
		fprintf(stderr, "oomwatch %s --help shows its options\n", command->name);
	exit(EXIT_USAGE);
}
