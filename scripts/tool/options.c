// SPDX-License-Identifier: GPL-2.0
/* Parses the command line. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "store.h"
#include "tool.h"
#include "words.h"

/* --- values ------------------------------------------------------------------------- */

/* Returns 0 if the text is no whole number of 1 or more. */
static __u64 number_of(const char *text)
{
	__u64 value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	return errno || *end || *text < '0' || *text > '9' ? 0 : value;
}

static __u64 parse_number(const char *what, const char *text)
{
	__u64 value = number_of(text);

	words_scope();
	if (!value)
		die(EXIT_USAGE, "%s must be a whole number of 1 or more, not \"%s\"", what,
		    text);
	return value;
}

/* Returns the time in ns of CLOCK_REALTIME. */
static __u64 parse_time(const char *what, const char *text)
{
	__u64 then;

	if (!moment_read(text, time(NULL), &then))
		die(EXIT_USAGE,
		    "--%s takes 10m, \"2 hours ago\", 11:40, yesterday, @SECONDS, or a date such as \"2026-01-31 12:00\", not \"%s\"",
		    what, text);
	return __builtin_mul_overflow(then, 1000000000ULL, &then) ? ~0ULL : then;
}

static void add_file(const char *path)
{
	given.files = grow(given.files, given.nr_files, sizeof(path));
	given.files[given.nr_files++] = path;
}

/*
 * An ID such as 7, or 2.7 if several captures are read, or 4f3a:7 of a boot; n7 if there was nobody
 * to kill. False if the text is none.
 */
static bool read_id(char *text, struct kill_id *id)
{
	char *end = strpbrk(text, ":.");
	bool is_nobody;

	if (end && *end == ':') {
		id->boot = text;
		text = end + 1;
		*end = '\0';
		if (!*id->boot || id->boot[strspn(id->boot, "0123456789abcdefABCDEF-")])
			return false;
	} else if (end) {
		*end = '\0';
		id->stream = number_of(text);
		text = end + 1;
		if (!id->stream)
			return false;
	}
	is_nobody = *text == 'n';
	id->id = number_of(text + is_nobody);
	if (!id->id)
		return false;
	id->id |= is_nobody ? OOMWATCH_NOBODY : 0;
	return true;
}

static void parse_id(char *text)
{
	struct kill_id new = { };

	words_scope();
	const char *given_text = words_escaped(comm_bytes(text));

	if (!read_id(text, &new))
		die(EXIT_USAGE, "\"%s\" is no ID: it is a number as list shows it, such as 7, n7 (nobody was killed), 2.7 (of the second capture) or 4f3a:7 (of the boot 4f3a...)",
		    given_text);
	given.ids = grow(given.ids, given.nr_ids, sizeof(new));
	given.ids[given.nr_ids++] = new;
}

static void take_option(const struct option_row *option, const char *value)
{
	const char letter[] = { '-', option->letter, '\0' };

	words_scope();
	if (option->flag)
		*option->flag = true;
	else if (option->text)
		*option->text = value;
	else if (option->many)
		add_file(value);
	else if (option->number)
		*option->number = parse_number(option->letter ? letter :
					       format_words("--%s", option->name), value);
	else if (option->time)
		*option->time = parse_time(option->name, value);
}

/* A word that is no number, and the name of a file that is there, is a capture without its -f. */
static bool is_file(const char *word)
{
	return word[strspn(word, "0123456789.n")] && !access(word, F_OK);
}

static void refuse_files(const struct command *command, char **words)
{
	const char *source, *others = "", *first = NULL;
	size_t nr = given.nr_files;

	words_scope();
	if (command->argument == FILE_NAME || !takes(command, &option_file))
		return;
	source = words_source();
	for (; *words; words++) {
		if (!is_file(*words)) {
			others = format_words("%s %s", others, words_retyped(*words));
			continue;
		}
		source = format_words("%s -f %s", source, words_retyped(*words));
		first = first ?: words_escaped(comm_bytes(*words));
		nr++;
	}
	if (first)
		die(EXIT_USAGE, "\"%s\" is a file%s: oomwatch %s%s%s", first,
		    nr == 1 ? "; to read it" : ", and each file needs a -f of its own",
		    command->name, others, source);
}

/* The argument after the options: an ID, or several, a pid, or a file name. */
static void take_argument(const struct command *command, char **argument)
{
	bool takes_one = command->argument != NO_ARGUMENT;
	const char *excess = *argument && takes_one ? argument[1] : *argument;

	refuse_files(command, argument);
	if (excess && command->argument != MAYBE_IDS) {
		complain("%s: \"%s\" is one argument too many", command->name, excess);
		bad_usage(command);
	}
	if (command->argument == FILE_NAME && !*argument) {
		complain("%s needs the name of a file to write", command->name);
		bad_usage(command);
	}
	if (command->argument == FILE_NAME)
		given.output = *argument++;
	if (command->argument == MAYBE_PID && *argument)
		given.pid = parse_number("PID", *argument++);
	while (*argument)
		parse_id(*argument++);
	if (given.nr_ids && given.all)
		die(EXIT_USAGE, "an ID and --all exclude each other: give one of them");
}

/* --- parsing ---------------------------------------------------------------------------- */

#define MOST_OPTIONS 64

/*
 * The options that getopt_long() is told about. Those of other commands are among them: they are
 * spelt correctly, so getopt_long() should not call them unrecognized.
 */
struct known {
	const struct option_row *rows[MOST_OPTIONS];
	struct option long_options[MOST_OPTIONS + 1];
	char letters[2 * MOST_OPTIONS + 2];
	bool seen[MOST_OPTIONS];
	size_t nr;
};

/* If commands have options of the same name, the first one added counts. */
static void know(struct known *known, const struct option_row *row)
{
	size_t i, end = strlen(known->letters);

	for (i = 0; i < known->nr; i++)
		if (!strcmp(known->rows[i]->name, row->name))
			return;
	if (known->nr == MOST_OPTIONS)
		die(EXIT_FAILED, "more options than this program has room for");
	if (row->letter && !strchr(known->letters, row->letter)) {
		known->letters[end++] = row->letter;
		if (row->value)
			known->letters[end] = ':';
	}
	known->rows[known->nr] = row;
	known->long_options[known->nr] = (struct option) {
		.name = row->name,
		.has_arg = row->value ? required_argument : no_argument,
		.val = 256 + known->nr,
	};
	known->nr++;
}

static void know_all_of(struct known *known, const struct command *command)
{
	const struct option_row * const *row;

	for (row = command->takes; row && *row; row++)
		know(known, *row);
}

/* NULL if no command has the option. */
static const struct option_row *known_option(const struct known *known, int value)
{
	size_t i;

	if (value >= 256)
		return known->rows[value - 256];
	for (i = 0; i < known->nr; i++)
		if (known->rows[i]->letter == value)
			return known->rows[i];
	return NULL;
}

static const struct command *spelt;

static const char *next_option(size_t i)
{
	return spelt->takes && spelt->takes[i] ? spelt->takes[i]->name : NULL;
}

/* Refuses what getopt_long() can't read. why is ':' where a value is missing. */
static void __attribute__((noreturn))
bad_option(const struct command *command, const struct known *known, int why, const char *word)
{
	const struct option_row *option = optopt ? known_option(known, optopt) : NULL;
	const char letter[] = { '-', optopt, '\0' };
	bool is_long = !optopt || optopt >= 256;

	words_scope();
	if (is_long)
		word = words_escaped((struct bytes) { (const __u8 *)word, strcspn(word, "=") });
	else
		word = words_escaped(comm_bytes(letter));
	if (option && !takes(command, option))
		die(EXIT_USAGE, "%s has no option %s; oomwatch %s --help shows its options",
		    command->name, word, command->name);
	if (option)
		die(EXIT_USAGE, "%s %s; oomwatch %s --help shows its options", word,
		    why == ':' ? "needs a value" : "takes no value", command->name);
	spelt = command;
	die(EXIT_USAGE, "%s has no option %s%soomwatch %s --help shows its options",
	    command->name, word, is_long ? words_nearest(word + 2, "--", next_option) : "; ",
	    command->name);
}

static void check_option(const struct command *command, const struct option_row *option)
{
	if (takes(command, option))
		return;
	words_scope();
	if (!strcmp(option->name, "json"))
		die(EXIT_USAGE, "%s has no option -j, --json; oomwatch json has the kills as JSON",
		    command->name);
	if (option == &option_file)
		die(EXIT_USAGE, "%s takes no -f: it is about the machine it runs on, not about a file; leave it out",
		    command->name);
	die(EXIT_USAGE, "%s has no option %s--%s; oomwatch %s --help shows its options",
	    command->name, option->letter ? format_words("-%c, ", option->letter) : "",
	    option->name, command->name);
}

/* All of them would be meant, but there is room for one value. */
static void refuse_second(struct known *known, const struct option_row *option)
{
	size_t i;

	for (i = 0; i < known->nr && known->rows[i] != option; i++)
		;
	if (known->seen[i] && option->value && !option->many)
		die(EXIT_USAGE, "--%s can be given once only", option->name);
	known->seen[i] = true;
}

const struct options *parse_options(const struct command *command, int argc, char **argv)
{
	const struct command * const *other;
	const struct option_row *option;
	struct known known = { };
	int value;

	/* A leading ':' has getopt_long() tell a missing value from an unknown option. */
	strcpy(known.letters, ":");
	opterr = 0;
	know_all_of(&known, command);
	know(&known, &option_help);
	know(&known, &option_version);
	for (other = commands; *other; other++)
		know_all_of(&known, *other);
	while ((value = getopt_long(argc, argv, known.letters, known.long_options, NULL)) != -1) {
		if (value == '?' || value == ':')
			bad_option(command, &known, value, argv[optind - 1]);
		option = known_option(&known, value);
		check_option(command, option);
		refuse_second(&known, option);
		take_option(option, optarg);
		if (wants_help) {
			put_help_of(command, stdout);
			exit(EXIT_FINE);
		}
	}
	take_argument(command, argv + optind);
	given.must_store = given.store;
	if (given.must_store && (given.nr_files || given.no_store))
		die(EXIT_USAGE, "--store excludes -f and --no-store: give one of them");
	if (!given.store && takes(command, &option_store))
		given.store = STORE;
	return &given;
}
