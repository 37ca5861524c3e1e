// SPDX-License-Identifier: GPL-2.0
/* The options that several commands share, and their values. */
#include "command.h"

struct options given;

const struct option_row option_file = { 'f', "file", "FILE", .many = true };
const struct option_row option_number = { 'n', "number", "N", .number = &given.last };
const struct option_row option_since = { 0, "since", "TIME", .time = &given.since_ns };
const struct option_row option_memcg = { 0, "memcg", "PATH", .text = &given.memcg };
const struct option_row option_comm = { 0, "comm", "NAME", .text = &given.comm };
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
