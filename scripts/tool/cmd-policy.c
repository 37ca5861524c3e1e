// SPDX-License-Identifier: GPL-2.0
/*
 * policy: explains what this machine does when memory runs out: the settings that matter, what each
 * means here, and what would happen now.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "terminal.h"
#include "tool.h"

/* --- the machine's own figures ------------------------------------------------------ */

/* The first line of a file, without its newline; NULL if it can't be read. */
static const char *line_of(const char *path)
{
	char line[512];
	FILE *file = fopen(path, "re");
	char *got;

	if (!file)
		return NULL;
	got = fgets(line, sizeof(line), file);
	fclose(file);
	if (!got)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return words_escaped((struct bytes) { (__u8 *)line, strlen(line) });
}

#define NO_NUMBER (-0x7fffffffffffffffLL)

static long long number_of(const char *name)
{
	const char *line = line_of(format_words("/proc/sys/%s", name));

	return line ? strtoll(line, NULL, 10) : NO_NUMBER;
}

/* A value of /proc/meminfo in bytes; 0 if it is not there. */
static __u64 meminfo_of(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib, found = 0;
	char key[64];

	while (file && fscanf(file, "%63[^:]: %llu%*[^\n] ", key, &kib) == 2)
		if (!strcmp(key, name))
			found = kib;
	if (file)
		fclose(file);
	return found * 1024;
}

static const char *size_of(const char *name) { return words_size(meminfo_of(name)); }

/* --- what each setting means ----------------------------------------------------------- */

static const char *mean_panic_on_oom(long long value)
{
	static const char * const meanings[] = {
		"a process is killed, the kernel does not panic",
		"the kernel panics when the whole machine has run out; kills for the limit of a cpuset, a memory policy or a memory cgroup go on",
		"the kernel panics, also when but a memory cgroup, a cpuset or a memory policy has run out",
	};

	return meanings[value == 0 || value == 1 ? value : 2];
}

static const char *mean_allocating_task(long long value)
{
	static const char * const meanings[] = {
		"the process with the highest score is killed",
		"the process that asks for memory is killed, whoever holds how much, unless its oom_score_adj is -1000; at the limit of a memory cgroup it is still the highest score",
	};

	return meanings[!!value];
}

static const char *mean_dump_tasks(long long value)
{
	static const char * const meanings[] = {
		"the kernel log gets no table of the processes",
		"the kernel log gets a table of the processes with each kill; no core dump is made of anything",
	};

	return meanings[!!value];
}

static const char *mean_overcommit(long long value)
{
	static const char * const meanings[] = {
		"by a guess: refused is only what alone is larger than RAM and swap, so memory that was promised may not be there",
		"nothing is ever refused: all that is promised may not be there",
	};

	if (value == 0 || value == 1)
		return meanings[value];
	return format_words("beyond CommitLimit allocations are refused (ENOMEM), before memory has run out: %s are promised of %s",
			    size_of("Committed_AS"), size_of("CommitLimit"));
}

static const char *only_mode_2(const char *meaning)
{
	return number_of("vm/overcommit_memory") == 2 ? meaning :
		format_words("of no effect, as overcommit_memory is not 2 (%s)", meaning);
}

static const char *mean_overcommit_ratio(long long value)
{
	if (number_of("vm/overcommit_kbytes") > 0)
		return "of no effect, as overcommit_kbytes is set";
	return only_mode_2(format_words("CommitLimit is %lld %% of RAM, and all swap", value));
}

static const char *mean_overcommit_kbytes(long long value)
{
	if (!value)
		return "not set: overcommit_ratio counts";
	return only_mode_2(format_words("CommitLimit is %s, and all swap",
					words_size(value * 1024)));
}

static const char *mean_min_free(long long value)
{
	return format_words("%s stay free for what can't wait, shared out among the zones as their min watermark; where a zone is below it, who asks has to reclaim, and in the end somebody is killed",
			    words_size(value * 1024));
}

static const char *mean_admin_reserve(long long value)
{
	return only_mode_2(format_words("%s below CommitLimit are for processes with CAP_SYS_ADMIN",
					words_size(value * 1024)));
}

static const char *mean_user_reserve(long long value)
{
	return only_mode_2(format_words("a process can't take the last %s, or 1/32 of its own size if that is less",
					words_size(value * 1024)));
}

static const char *mean_lowmem_reserve(long long value)
{
	(void)value;
	return format_words("by zone, from the lowest: 1/N of the zones above is kept in it from allocations that could use those; 0 keeps nothing");
}

static const char *mean_dirty(long long value)
{
	if (!value)
		return "not set: dirty_bytes counts";
	return format_words("who writes has to write back himself once %lld %% of what could be freed is dirty",
			    value);
}

static const char *mean_dirty_background(long long value)
{
	if (!value)
		return "not set: dirty_background_bytes counts";
	return format_words("the kernel begins to write back at %lld %%", value);
}

static const char *mean_swappiness(long long value)
{
	if (!meminfo_of("SwapTotal"))
		return format_words("of no effect, as there is no swap: anonymous memory can't be reclaimed at all");
	if (!value)
		return format_words("anonymous memory is swapped out only when there is hardly any page cache left");
	return format_words("%lld to %lld: how reclaim takes from anonymous memory, by swapping, and from the page cache",
			    value, 200 - value);
}

static const char *mean_panic(long long value)
{
	if (!value)
		return "after a panic the machine stays as it is until somebody resets it";
	return value < 0 ? "after a panic the machine reboots at once" :
		format_words("after a panic the machine reboots in %s",
			     plural(value, "second", "seconds"));
}

static const char *mean_core_pattern(long long value)
{
	(void)value;
	return "where core dumps go; an OOM kill is a SIGKILL, of which none is made";
}

static const struct setting {
	const char *name;
	const char *(*meaning)(long long value);
} settings[] = {
	{ "vm/panic_on_oom", mean_panic_on_oom },
	{ "vm/oom_kill_allocating_task", mean_allocating_task },
	{ "vm/oom_dump_tasks", mean_dump_tasks },
	{ "vm/overcommit_memory", mean_overcommit },
	{ "vm/overcommit_ratio", mean_overcommit_ratio },
	{ "vm/overcommit_kbytes", mean_overcommit_kbytes },
	{ "vm/min_free_kbytes", mean_min_free },
	{ "vm/admin_reserve_kbytes", mean_admin_reserve },
	{ "vm/user_reserve_kbytes", mean_user_reserve },
	{ "vm/lowmem_reserve_ratio", mean_lowmem_reserve },
	{ "vm/dirty_ratio", mean_dirty },
	{ "vm/dirty_background_ratio", mean_dirty_background },
	{ "vm/swappiness", mean_swappiness },
	{ "kernel/panic", mean_panic },
	{ "kernel/core_pattern", mean_core_pattern },
};

/* Name and value on one line; the meaning to the right of them, or below if there is no room. */
static void put_setting(const char *name, const char *value, const char *meaning)
{
	bool narrow = terminal_width() < 90;
	const char *label = format_words("%-28s %-12s ", name, value);

	printf("%s%s%s", style(STYLE_BOLD), label, style(STYLE_PLAIN));
	if (narrow || strlen(label) > 42)
		printf("\n    ");
	put_wrapped(stdout, meaning, narrow || strlen(label) > 42 ? 4 : 42);
}

static void put_settings(void)
{
	const char *name, *slash, *value, *meaning;
	size_t i;

	for (i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		words_scope();
		name = settings[i].name;
		slash = strchr(name, '/');
		value = line_of(format_words("/proc/sys/%s", name));
		meaning = value ? settings[i].meaning(strtoll(value, NULL, 10)) :
			"this kernel does not have it, or hides it here";
		put_setting(format_words("%.*s.%s", (int)(slash - name), name, slash + 1),
			    value ?: "-", meaning);
	}
	put_setting("CommitLimit", size_of("CommitLimit"),
		    "in /proc/meminfo: what may be promised with overcommit_memory at 2");
	put_setting("Committed_AS", size_of("Committed_AS"), "in /proc/meminfo: what is promised");
}

/* --- what would happen ------------------------------------------------------------------ */

/* A program that kills before the kernel does; NULL if none of the known ones runs. */
static const char *early_killer(void)
{
	static const char * const known[] = { "systemd-oomd", "earlyoom", "nohang", "oomd" };
	const char *comm, *found = NULL;
	struct dirent *entry;
	DIR *proc = opendir("/proc");
	size_t i;

	while (proc && !found && (entry = readdir(proc))) {
		words_scope();
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		comm = line_of(format_words("/proc/%s/comm", entry->d_name));
		for (i = 0; comm && i < sizeof(known) / sizeof(*known); i++)
			if (!strcmp(comm, known[i]))
				found = known[i];
	}
	if (proc)
		closedir(proc);
	return found;
}

static void say_before(struct prose *to)
{
	const char *killer = early_killer(), *swaps = " (there is no swap)";

	if (killer)
		paragraph(to, "%s runs, and may kill somebody before memory has run out; that is no OOM kill, and not recorded.",
			  killer);
	if (number_of("vm/overcommit_memory") == 2) {
		__u64 limit = meminfo_of("CommitLimit"), promised = meminfo_of("Committed_AS");

		paragraph(to, "Programs are refused memory (ENOMEM) once %s more are promised.",
			  words_size(limit > promised ? limit - promised : 0));
	}
	if (meminfo_of("SwapTotal"))
		swaps = format_words(", and swaps out, to the %s of swap that are free",
				     size_of("SwapFree"));
	paragraph(to, "Of %s of RAM %s are available now. When free memory gets low, kswapd reclaims page cache%s; when a zone is below its min watermark, whoever asks has to reclaim himself, and waits.",
		  size_of("MemTotal"), size_of("MemAvailable"), swaps);
	paragraph(to, "After 16 rounds of reclaim without progress the kernel calls its OOM killer; for pieces larger than 32 KiB and for optional allocations it does not, and refuses.");
}

static const char *words_panic(void)
{
	const char *meaning = mean_panic(number_of("kernel/panic"));

	/* The caller's sentence is about a panic already. */
	return meaning + strlen("after a panic ");
}

static const char *words_victim(void)
{
	const char *victim = words_next_victim();

	return victim ? format_words("Now that would be %s.", victim) :
		"Who that would be now: oomwatch who, with the module loaded and as root.";
}

/* A step of oom_score_adj for a kill of the whole machine, in bytes. */
static __u64 adj_step(void)
{
	__u64 page_size = sysconf(_SC_PAGESIZE);

	return (meminfo_of("MemTotal") + meminfo_of("SwapTotal")) / page_size / 1000 * page_size;
}

static void say_kill(struct prose *to)
{
	long long panics = number_of("vm/panic_on_oom");

	if (panics > 1) {
		paragraph(to, "The kernel panics (panic_on_oom), and %s. Nobody is killed.",
			  words_panic());
		return;
	}
	if (panics == 1)
		paragraph(to, "The kernel panics (panic_on_oom), and %s. Nobody is killed, but where only a memory cgroup, a cpuset or a memory policy has run out.",
			  words_panic());
	if (number_of("vm/oom_kill_allocating_task") > 0)
		paragraph(to, "It kills the process that asked (oom_kill_allocating_task), unless its oom_score_adj is -1000; else, and at the limit of a memory cgroup, the one with the highest score. %s",
			  words_victim());
	else
		paragraph(to, "It kills the process with the highest score. %s", words_victim());
	paragraph(to, "A score is what the process holds (resident, swapped out, page tables), and for each step of oom_score_adj a thousandth of RAM and swap, %s here. How long it has run, its CPU time, and whether it is root's play no part. The old oom_adj, from -17 to 15, maps to oom_score_adj linearly. Kernel threads, init, and processes with -1000 are not killed.",
		  words_size(adj_step()));
	if (number_of("vm/oom_dump_tasks") > 0)
		paragraph(to, "The kernel log gets a report, with a table of the processes; at most ten within five seconds.");
	else
		paragraph(to, "The kernel log gets a report without a table of the processes (oom_dump_tasks); at most ten within five seconds.");
	paragraph(to, "The victim is sent SIGKILL, which makes no core dump, and may use reserves to get away. If it is still there two seconds later, the OOM reaper takes its memory.");
	paragraph(to, "If nobody is left to kill, the kernel panics, and %s.", words_panic());
}

static void put_step(const struct prose *steps, const char *text)
{
	printf("%3zu. ", steps->nr);
	put_wrapped(stdout, text, 5);
}

static int run_policy(const struct options *options __attribute__((unused)))
{
	struct prose steps = { .put = put_step };

	words_scope();
	put_settings();
	printf("\n%sIf the whole machine ran out of memory now%s\n", style(STYLE_BOLD),
	       style(STYLE_PLAIN));
	say_before(&steps);
	say_kill(&steps);
	return EXIT_FINE;
}

const struct command command_policy = {
	.name = "policy",
	.what = "explain this machine's settings, and what happens if memory runs out now",
	.run = run_policy,
};
