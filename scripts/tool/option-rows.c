// SPDX-License-Identifier: GPL-2.0
/* The options that several commands share, and their values. */
#include "command.h"

struct options given = { .until_ns = ~0ULL };

const struct option_row option_file = { 'f', "file", "FILE", .many = true };
const struct option_row option_number = { 'n', "number", "N", .number = &given.last };
const struct option_row option_since = { 0, "since", "TIME", .time = &given.since_ns };
const struct option_row option_until = { 0, "until", "TIME", .time = &given.until_ns };
const struct option_row option_kind = { 0, "kind", "KIND", .text = &given.kind };
const struct option_row option_cause = { 0, "cause", "CAUSE", .text = &given.cause };
const struct option_row option_memcg = { 0, "memcg", "PATH", .text = &given.memcg };
const struct option_row option_unit = { 0, "unit", "NAME", .text = &given.unit };
const struct option_row option_pod = { 0, "pod", "UID", .text = &given.pod };
const struct option_row option_comm = { 0, "comm", "NAME", .text = &given.comm };
const struct option_row option_pid = { 0, "pid", "PID", .number = &given.pid };
const struct option_row option_all = { .name = "all", .flag = &given.all };
const struct option_row option_output = { 'o', "output", "FILE", .text = &given.output };

/* Every command takes --help. */
bool wants_help;
const struct option_row option_help = { 'h', "help", .flag = &wants_help };

/* No command takes --version: main() handles it before a command is looked up. */
const struct option_row option_version = { .name = "version" };

bool takes(const struct command *command, const struct option_row *option)
{
	const struct option_row * const *row;

	for (row = command->takes; row && *row; row++)
		if (*row == option)
			return true;
	return option == &option_help;
}
