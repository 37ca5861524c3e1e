// SPDX-License-Identifier: GPL-2.0
/* The command line: what commands there are, and which options each takes. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tool.h"

/* Options beyond ASCII have no short form. */
enum { OPTION_SINCE = 256, OPTION_MEMCG, OPTION_COMM, OPTION_EXEC, OPTION_ALL };

static const struct option long_options[] = {
	{ "file", required_argument, NULL, 'f' },
	{ "number", required_argument, NULL, 'n' },
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "memcg", required_argument, NULL, OPTION_MEMCG },
	{ "comm", required_argument, NULL, OPTION_COMM },
	{ "json", no_argument, NULL, 'j' },
	{ "exec", required_argument, NULL, OPTION_EXEC },
	{ "all", no_argument, NULL, OPTION_ALL },
	{ "watch", no_argument, NULL, 'w' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

/* What options of a command are there beside -h, by the letters above. */
static const struct command {
	const char *name;
	int (*run)(const struct options *options);
	const char *usage, *what;
	const int *takes;
	enum { NO_ARGUMENT, MAYBE_ID, MAYBE_FILE_NAME, FILE_NAME } argument;
} commands[] = {
#define TAKES(...) (const int[]) { __VA_ARGS__, 0 }
	{ "list", command_list, "[-n N] [--since TIME] [--memcg PATH] [--comm NAME]",
	  "the kills, a line each",
	  TAKES('f', 'n', OPTION_SINCE, OPTION_MEMCG, OPTION_COMM), NO_ARGUMENT },
	{ "show", command_show, "[ID | --all]", "all that is recorded of one, by default the newest",
	  TAKES('f', OPTION_ALL), MAYBE_ID },
	{ "why", command_why, "[ID]", "what it was that led to it, in sentences", TAKES('f'),
	  MAYBE_ID },
	{ "follow", command_follow, "[-j] [--all] [--memcg PATH] [--comm NAME] [--exec COMMAND]",
	  "kills as they happen",
	  TAKES('j', OPTION_ALL, OPTION_MEMCG, OPTION_COMM, OPTION_EXEC), NO_ARGUMENT },
	{ "json", command_json, "[ID | --all]", "the same as show, for programs",
	  TAKES('f', OPTION_ALL), MAYBE_ID },
	{ "events", command_events, "[ID]", "the records as lines of text, as the module has them",
	  TAKES('f'), MAYBE_ID },
	{ "html", command_html, "[ID | --all] -o FILE", "a page for a browser",
	  TAKES('f', OPTION_ALL, 'o'), MAYBE_ID },
	{ "save", command_save, "FILE", "all records, to be read elsewhere with -f FILE", TAKES(0),
	  FILE_NAME },
	{ "who", command_who, "[-n N] [--memcg PATH] [-w]", "who would be killed now",
	  TAKES('n', OPTION_MEMCG, 'w'), NO_ARGUMENT },
	{ "policy", command_policy, "", "what this machine does when memory runs out", TAKES(0),
	  NO_ARGUMENT },
	{ "metrics", command_metrics, "[-o FILE]", "counters for Prometheus' node_exporter",
	  TAKES('f', 'o'), NO_ARGUMENT },
	{ }
};

static void put_usage(FILE *to)
{
	const struct command *command;

	fputs("usage: oomwatch COMMAND [-f FILE] ...\n\n", to);
	for (command = commands; command->name; command++)
		fprintf(to, "  %-8s %s\n%11s%s\n", command->name, command->usage, "",
			command->what);
	fputs("\n-f FILE reads what save wrote (-: standard input) in place of the running module.\n"
	      "TIME is 10m, 2h, 3d ago, or \"2026-01-31\", \"2026-01-31 12:00\". See oomwatch(8).\n",
	      to);
}

static bool takes(const struct command *command, int option)
{
	const int *takes;

	for (takes = command->takes; *takes; takes++)
		if (*takes == option)
			return true;
	return false;
}

static void put_usage_of(const struct command *command, FILE *to)
{
	fprintf(to, "usage: oomwatch %s%s%s%s\n", command->name,
		takes(command, 'f') ? " [-f FILE]" : "", *command->usage ? " " : "",
		command->usage);
}

static void __attribute__((noreturn)) bad_usage(const struct command *command)
{
	if (command)
		put_usage_of(command, stderr);
	else
		put_usage(stderr);
	exit(EXIT_USAGE);
}

/* --- values ------------------------------------------------------------------------- */

static __u64 parse_number(const char *what, const char *text)
{
	__u64 value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || !value)
		die(EXIT_USAGE, "%s must be a number from 1 on, not \"%s\"", what, text);
	return value;
}

/* So long ago, or a date; in ns of the clock on the wall. */
static __u64 parse_time(const char *text)
{
	static const struct { char unit; __u64 seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
	};
	static const char * const dates[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
					      "%Y-%m-%dT%H:%M:%S" };
	__u64 n, now = time(NULL);
	const char *rest;
	char *end;
	time_t s;
	size_t i;

	n = strtoull(text, &end, 10);
	for (i = 0; i < 4; i++) {
		if (*text < '0' || *text > '9' || *end != units[i].unit || end[1])
			continue;
		if (n > now / units[i].seconds)
			return 0;
		return (now - n * units[i].seconds) * 1000000000;
	}
	for (i = 0; i < 4; i++) {
		struct tm tm = { .tm_isdst = -1 };

		rest = strptime(text, dates[i], &tm);
		if (!rest || *rest)
			continue;
		s = mktime(&tm);
		return s < 0 ? 0 : s * 1000000000ULL;
	}
	die(EXIT_USAGE,
	    "--since takes 30s, 10m, 2h, 3d, or a date such as \"2026-01-31 12:00\", not \"%s\"",
	    text);
}

static void take_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case 'f':
		options->file = value;
		break;
	case 'n':
		options->last = parse_number("-n", value);
		break;
	case 'j':
		options->json = true;
		break;
	case 'w':
		options->watch = true;
		break;
	case 'o':
		options->output = value;
		break;
	case OPTION_SINCE:
		options->since_ns = parse_time(value);
		break;
	case OPTION_MEMCG:
		options->memcg = value;
		break;
	case OPTION_COMM:
		options->comm = value;
		break;
	case OPTION_EXEC:
		options->exec = value;
		break;
	case OPTION_ALL:
		options->all = true;
		break;
	}
}

/* What stands behind the options. */
static void take_argument(struct options *options, const struct command *command, char **argument)
{
	if (command->argument == FILE_NAME)
		options->output = *argument ?: (bad_usage(command), NULL);
	else if (*argument && command->argument == MAYBE_ID)
		options->id = parse_number("ID", *argument);
	else if (*argument)
		bad_usage(command);
	if (*argument && argument[1])
		bad_usage(command);
	if (options->id && options->all)
		die(EXIT_USAGE, "an ID, or --all");
}

/* --- what all commands begin and end with ------------------------------------------------ */

void read_capture(struct capture *capture, const struct options *options)
{
	capture_read(capture, options->file);
}

const struct episode *chosen_episode(const struct capture *capture, const struct options *options)
{
	const struct episode *episode = NULL;
	size_t i = capture->nr_episodes;

	if (options->id)
		episode = episode_by_id(capture, options->id);
	/* The newest of which more than the end is left. */
	while (!options->id && i-- && !episode)
		if (main_victim(&capture->episodes[i]))
			episode = &capture->episodes[i];
	if (!episode && capture->damage)
		die(EXIT_DAMAGED, "%s", capture->damage);
	if (!episode && options->id)
		die(EXIT_NO_KILL, "kill %llu is not recorded; oomwatch list shows which are",
		    options->id);
	if (!episode)
		die(EXIT_NO_KILL, "no kill is recorded");
	return episode;
}

/* Says what was wrong with the records, once all that could be read was shown. */
int capture_finish(struct capture *capture)
{
	int status = EXIT_FINE;

	if (ferror(stdout) || fflush(stdout)) {
		complain("standard output: %s", strerror(errno));
		status = EXIT_FAILED;
	}
	if (capture->unknown)
		complain("%s of a type that this version does not know",
			 plural(capture->unknown, "record is", "records are"));
	if (capture->damage) {
		complain("%s; %s before that could be read", capture->damage,
			 plural(capture->nr_records, "record", "records"));
		status = EXIT_DAMAGED;
	}
	capture_free(capture);
	return status;
}

int main(int argc, char **argv)
{
	const struct command *command = commands;
	struct options options = { };
	int option;

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
	while (command->name && strcmp(command->name, argv[1]))
		command++;
	if (!command->name) {
		complain("there is no command %s", argv[1]);
		bad_usage(NULL);
	}
	/* As what getopt_long() says begins with it. */
	argv[1] = argv[0];
	argv++;
	argc--;
	while ((option = getopt_long(argc, argv, "f:n:jwo:h", long_options, NULL)) != -1) {
		if (option == 'h') {
			put_usage_of(command, stdout);
			puts(command->what);
			return EXIT_FINE;
		}
		if (option == 'f' && !takes(command, option))
			die(EXIT_USAGE, "%s is about the machine it runs on, not a file",
			    command->name);
		if (!takes(command, option))
			bad_usage(command);
		take_option(&options, option, optarg);
	}
	take_argument(&options, command, argv + optind);
	return command->run(&options);
}
