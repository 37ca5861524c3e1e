/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: commands, the options that each takes, and what was said by them. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/types.h>

/* What options say that several commands share; those of one command are variables there. */
struct options {
	const char *file;	/* NULL: the running module */
	__u64 id;		/* of an episode; 0: the newest */
	bool all;
	__u64 last;		/* only so many; 0: all */
	__u64 since_ns;		/* by the clock on the wall */
	const char *memcg, *comm;
	const char *output;
};

/* An option: how it is typed, and where its value goes, which is one of the pointers. */
struct option_row {
	char letter;		/* '\0': it has no short form */
	const char *name;
	const char *value;	/* what a usage calls its value; NULL: it takes none */
	bool *flag;
	const char **text;
	__u64 *number;		/* from 1 on */
	__u64 *time;		/* so long ago, or a date; in ns */
};

extern const struct option_row option_file, option_number, option_since, option_memcg,
	option_comm, option_all, option_output, option_help;

struct command {
	const char *name, *what;
	int (*run)(const struct options *options);
	const struct option_row * const *takes;	/* beside option_help; NULL at the end */
	const struct option_row *must;		/* the one of them that can't be left out */
	enum { NO_ARGUMENT, MAYBE_ID, FILE_NAME } argument;
};

#define TAKES(...) ((const struct option_row * const []) { __VA_ARGS__, NULL })

/* In the order of the usage. Each is a struct command_NAME of a file cmd-NAME.c. */
#define COMMANDS(COMMAND) \
	COMMAND(list), COMMAND(show), COMMAND(why), COMMAND(follow), COMMAND(json), \
	COMMAND(events), COMMAND(html), COMMAND(save), COMMAND(who), COMMAND(policy), \
	COMMAND(metrics)

#define NAME_OF_COMMAND(name) command_##name
extern const struct command
	COMMANDS(NAME_OF_COMMAND);

extern const struct command * const commands[];	/* NULL at the end */

bool takes(const struct command *command, const struct option_row *option);
/* Of the command line, from the command's name on. What is wrong ends the program. */
const struct options *parse_options(const struct command *command, int argc, char **argv);

void put_usage(FILE *to);
void put_usage_of(const struct command *command, FILE *to);
void bad_usage(const struct command *command) __attribute__((noreturn));

#endif /* COMMAND_H */
