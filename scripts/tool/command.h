/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: the commands, the options that each takes, and the values given. */
#ifndef COMMAND_H
#define COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <linux/types.h>

/* The ID of a kill, as in 2.7 or 4f3a:7. */
struct kill_id {
	const char *boot;	/* the first digits of its boot's ID; NULL: none given */
	__u64 stream;		/* the number of its stream; 0: none given */
	__u64 id;		/* of the episode */
};

/* Values of options that several commands share; an option of one command is a variable there. */
struct options {
	const char **files;
	size_t nr_files;	/* 0: the running module */
	struct kill_id *ids;
	size_t nr_ids;
	bool all;
	__u64 last;		/* show at most this many; 0: all */
	__u64 since_ns, until_ns;	/* by CLOCK_REALTIME */
	const char *kind, *cause, *host, *memcg, *unit, *pod, *comm;
	__u64 pid;		/* 0: any */
	const char *output;
	const char *store;	/* NULL: the command doesn't read the store */
	bool must_store;	/* it was named */
	bool no_store;
};

/* An option: its spelling, and the one pointer that says where its value is stored. */
struct option_row {
	char letter;		/* '\0': no short form */
	const char *name;
	const char *value;	/* the name of its value in a usage; NULL: it takes none */
	bool *flag;
	const char **text;
	bool many;		/* its text is a file, and may be given again */
	bool is_source;		/* it says where records are read from */
	__u64 *number;		/* 1 or more */
	__u64 *time;		/* see moment.c; stored in ns of CLOCK_REALTIME */
	const char *what;	/* what it does, for --help and completion */
};

extern const struct option_row option_file, option_number, option_since, option_until,
	option_kind, option_cause, option_host, option_memcg, option_unit, option_pod, option_comm,
	option_pid, option_all, option_output, option_store, option_no_store, option_help,
	option_version;

/* The values, which parse_options() stores. */
extern struct options given;
extern bool wants_help;

/* What an option does in a command, if that is not what its row says. */
struct meaning {
	const struct option_row *row;
	const char *what;
};

struct command {
	const char *name, *what;
	int (*run)(const struct options *options);
	const struct option_row * const *takes;	/* besides option_help; ends with NULL */
	const struct option_row *must;		/* the required one of takes, if any */
	const struct meaning *means;		/* ends with an empty one; NULL: as the rows say */
	enum { NO_ARGUMENT, MAYBE_ID, MAYBE_IDS, MAYBE_PID, FILE_NAME } argument;
};

/* Where a command reads records from that takes files and the store. */
#define SOURCE &option_file, &option_store, &option_no_store

#define TAKES(...) ((const struct option_row * const []) { __VA_ARGS__, NULL })
#define MEANS(...) ((const struct meaning []) { __VA_ARGS__, { } })

/* In the order of the usage. Each is a struct command_NAME of a file cmd-NAME.c. */
#define COMMANDS(COMMAND) \
	COMMAND(list), COMMAND(show), COMMAND(why), COMMAND(follow), COMMAND(json), \
	COMMAND(events), COMMAND(html), COMMAND(save), COMMAND(who), COMMAND(adj), \
	COMMAND(policy), COMMAND(status), COMMAND(metrics), COMMAND(record), \
	COMMAND(report)

#define NAME_OF_COMMAND(name) command_##name
extern const struct command
	COMMANDS(NAME_OF_COMMAND);

extern const struct command * const commands[];	/* ends with NULL */

bool moment_read(const char *text, __u64 now, __u64 *then);
bool takes(const struct command *command, const struct option_row *option);
/* argv begins at the command's name. A wrong command line ends the program with a message. */
const struct options *parse_options(const struct command *command, int argc, char **argv);

/* A name as bash takes it, in quotes if it needs them. */
const char *words_retyped(const char *name);
/* The options given that say where records are read from, each after a space; "": none. */
const char *words_source(void);

void put_usage(FILE *to);
void put_help_of(const struct command *command, FILE *to);
void bad_usage(const struct command *command) __attribute__((noreturn));

#endif /* COMMAND_H */
