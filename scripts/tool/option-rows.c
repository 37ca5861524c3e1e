// SPDX-License-Identifier: GPL-2.0
/* The options that several commands share, and their values. */
#include "command.h"
#include "store.h"

struct options given = { .until_ns = ~0ULL };

const struct option_row option_file = { 'f', "file", "FILE", .many = true, .is_source = true,
	.what = "read a saved file, log, vmcore (-: stdin); each by a -f" };
const struct option_row option_number = { 'n', "number", "N", .number = &given.last,
	.what = "only the newest N kills" };
const struct option_row option_since = { 0, "since", "TIME", .time = &given.since_ns,
	.what = "only from then on: 10m, yesterday, \"2026-01-31 12:00\"" };
const struct option_row option_until = { 0, "until", "TIME", .time = &given.until_ns,
	.what = "only up to then" };
const struct option_row option_kind = { 0, "kind", "KIND", .text = &given.kind,
	.what = "only global, memcg, cpuset or mempolicy" };
const struct option_row option_cause = { 0, "cause", "CAUSE", .text = &given.cause,
	.what = "only what CAUSE shows, or a part of it, such as shmem" };
const struct option_row option_memcg = { 0, "memcg", "PATH", .text = &given.memcg,
	.what = "only this cgroup and those below it; or as WHERE has it" };
const struct option_row option_unit = { 0, "unit", "NAME", .text = &given.unit,
	.what = "only this unit of systemd" };
const struct option_row option_pod = { 0, "pod", "UID", .text = &given.pod,
	.what = "only this pod of Kubernetes; its first digits will do" };
const struct option_row option_host = { 0, "host", "NAME", .text = &given.host,
	.what = "only kills of this host" };
const struct option_row option_comm = { 0, "comm", "NAME", .text = &given.comm,
	.what = "only kills with a victim of this name" };
const struct option_row option_pid = { 0, "pid", "PID", .number = &given.pid,
	.what = "only kills with this victim" };
const struct option_row option_all = { .name = "all", .flag = &given.all,
	.what = "all kills" };
const struct option_row option_output = { 'o', "output", "FILE", .text = &given.output,
	.what = "the file to write; - is standard output" };

const struct option_row option_store = { 0, "store", "DIR", .text = &given.store,
	.is_source = true, .what = "read what record keeps in DIR, too (" STORE ")" };
const struct option_row option_no_store = { .name = "no-store", .flag = &given.no_store,
	.is_source = true, .what = "read only what the module has" };

/* Every command takes --help. */
bool wants_help;
const struct option_row option_help = { 'h', "help", .flag = &wants_help,
	.what = "show this" };

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
