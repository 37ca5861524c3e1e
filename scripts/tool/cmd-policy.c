// SPDX-License-Identifier: GPL-2.0
/*
 * policy: explains what this machine does when memory runs out: the settings that matter, what each
 * means here, and what would happen now.
 */
#include <ctype.h>
#include <dirent.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "module.h"
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
	/* Lists of numbers have tabs. */
	for (got = line; (got = strchr(got, '\t'));)
		*got = ' ';
	return words_escaped((struct bytes) { (__u8 *)line, strlen(line) });
}

#define NO_NUMBER (-0x7fffffffffffffffLL)

static long long number_of(const char *name)
{
	long long number;

	return sysctl_number(name, &number) ? number : NO_NUMBER;
}

/* The number of a line of /proc/meminfo; 0 if it is not there. */
static __u64 meminfo_number(const char *name)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long number, found = 0;
	char key[64];

	/* Lines of huge pages have no unit. */
	while (file && fscanf(file, " %63[^:]: %llu%*[^\n]", key, &number) == 2)
		if (!strcmp(key, name))
			found = number;
	if (file)
		fclose(file);
	return found;
}

static __u64 meminfo_of(const char *name) { return meminfo_number(name) * 1024; }

static __u64 page_size(void) { return sysconf(_SC_PAGESIZE); }

static const char *size_of(const char *name) { return words_size(meminfo_of(name)); }

/* --- what each setting means ----------------------------------------------------------- */

static const char *mean_panic_on_oom(long long value)
{
	static const char * const meanings[] = {
		"the kernel kills a process; it does not panic",
		"the kernel panics if the whole machine runs out of memory; at the limit of a memory cgroup, a cpuset or a memory policy it kills a process",
		"the kernel panics whenever memory runs out, also at the limit of a memory cgroup, a cpuset or a memory policy",
	};

	return meanings[value == 0 || value == 1 ? value : 2];
}

static const char *mean_allocating_task(long long value)
{
	static const char * const meanings[] = {
		"the kernel kills the process with the highest score",
		"the kernel kills the process that asks for memory, whatever it holds; if its oom_score_adj is -1000, and at the limit of a memory cgroup, the kernel kills the process with the highest score",
	};

	return meanings[!!value];
}

static const char *mean_dump_tasks(long long value)
{
	static const char * const meanings[] = {
		"the kernel log gets no table of processes",
		"with each kill, the kernel log gets a table of processes; this has nothing to do with core dumps",
	};

	return meanings[!!value];
}

static const char *mean_overcommit(long long value)
{
	static const char * const meanings[] = {
		"the kernel refuses a request only if it alone is larger than all RAM and swap; so it may promise more memory than there is",
		"the kernel refuses no request; so it may promise more memory than there is",
	};

	if (value == 0 || value == 1)
		return meanings[value];
	return format_words("the kernel refuses requests (ENOMEM) that would promise more than CommitLimit, even while memory is free; it has promised %s of %s",
			    size_of("Committed_AS"), size_of("CommitLimit"));
}

static const char *only_mode_2(const char *meaning)
{
	return number_of("vm/overcommit_memory") == 2 ? meaning :
		format_words("no effect, because overcommit_memory is not 2 (%s)", meaning);
}

static const char *mean_overcommit_ratio(long long value)
{
	if (number_of("vm/overcommit_kbytes") > 0)
		return "no effect, because overcommit_kbytes is set";
	return only_mode_2(format_words("CommitLimit is %lld %% of RAM, plus all swap", value));
}

static const char *mean_overcommit_kbytes(long long value)
{
	if (!value)
		return "not set: overcommit_ratio is used";
	return only_mode_2(format_words("CommitLimit is %s, plus all swap",
					words_size(value * 1024)));
}

static const char *mean_min_free(long long value)
{
	return format_words("the kernel keeps %s free for requests that can't wait, divided among the zones as their min watermarks; if a zone is below its min watermark, a process that asks for memory has to reclaim some first, and if that fails, a process is killed",
			    words_size(value * 1024));
}

static const char *mean_admin_reserve(long long value)
{
	return only_mode_2(format_words("the last %s below CommitLimit are reserved for processes with CAP_SYS_ADMIN",
					words_size(value * 1024)));
}

static const char *mean_user_reserve(long long value)
{
	return only_mode_2(format_words("a process can't have the last %s below CommitLimit, or the last 1/32 of its own size if that is less",
					words_size(value * 1024)));
}

static const char *mean_lowmem_reserve(long long value)
{
	(void)value;
	return format_words("a number N for each zone, from the lowest: requests that could also use higher zones must leave 1/N of their size free in this zone; 0: they need not leave anything");
}

/* /proc/meminfo has the free ones of the default size alone, as this setting is. */
static const char *mean_hugepages(long long value)
{
	__u64 size = meminfo_of("Hugepagesize");

	if (!value)
		return "no RAM is reserved as huge pages of the default size";
	return format_words("%s of RAM are reserved as huge pages of %s, of which %s are free; only programs that ask for huge pages get them, and no kill gives them back to others",
			    words_size(value * size), words_size(size),
			    words_size(meminfo_number("HugePages_Free") * size));
}

static const char *mean_zone_reclaim(long long value)
{
	if (!(value & 7))
		return format_words("a process that finds a zone low takes memory from the next one, also of another node");
	return format_words("a process that finds a zone low first reclaims page cache from a near node%s%s, and only then takes memory from the next one",
			    value & 2 ? ", writes dirty pages" : "",
			    value & 4 ? ", unmaps and swaps out pages" : "");
}

static const char *mean_dirty(long long value)
{
	if (!value)
		return "not set: dirty_bytes is used";
	return format_words("a process that writes to files has to write data back itself once %lld %% of free memory and page cache is dirty",
			    value);
}

static const char *mean_dirty_background(long long value)
{
	if (!value)
		return "not set: dirty_background_bytes is used";
	return format_words("the kernel begins to write data back in the background once %lld %% is dirty",
			    value);
}

static const char *mean_swappiness(long long value)
{
	if (!meminfo_of("SwapTotal"))
		return format_words("no effect, because there is no swap: anonymous memory can't be reclaimed");
	if (!value)
		return format_words("anonymous memory is swapped out only if hardly any page cache is left");
	return format_words("reclaim weighs anonymous memory, which it swaps out, against page cache at %lld to %lld",
			    value, 200 - value);
}

static const char *mean_panic(long long value)
{
	if (!value)
		return "after a panic the machine hangs until somebody resets it";
	return value < 0 ? "after a panic the machine reboots at once" :
		format_words("after a panic the machine reboots in %s",
			     plural(value, "second", "seconds"));
}

static const char *mean_core_pattern(long long value)
{
	(void)value;
	return "where core dumps go; a process that the OOM killer kills leaves none";
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
	{ "vm/zone_reclaim_mode", mean_zone_reclaim },
	{ "vm/nr_hugepages", mean_hugepages },
	{ "vm/dirty_ratio", mean_dirty },
	{ "vm/dirty_background_ratio", mean_dirty_background },
	{ "vm/swappiness", mean_swappiness },
	{ "kernel/panic", mean_panic },
	{ "kernel/core_pattern", mean_core_pattern },
};

/* Name and value on one line; the meaning to the right of them, or below if there is no room. */
static void put_setting(const char *name, const char *value, const char *meaning)
{
	const char *label = format_words("%-28s %s", name, value);
	bool below = terminal_width() < 90 || strlen(label) > 41;

	printf("%s%s%s%*s", style(STYLE_BOLD), label, style(STYLE_PLAIN),
	       below ? 0 : 42 - (int)strlen(label), "");
	if (below)
		printf("\n    ");
	put_wrapped(stdout, meaning, below ? 4 : 42);
}

/* --- memory.high ------------------------------------------------------------------------- */

#define CGROUPS "/sys/fs/cgroup"
#define MOST_HIGH 10		/* cgroups that are shown */

static unsigned int nr_high;

/* How often a cgroup was above its memory.high; NULL if that can't be read. */
static const char *words_breached(const char *path)
{
	FILE *file = fopen(format_words("%s/memory.events", path), "re");
	const char *breached = NULL;
	unsigned long long n;
	char key[64];

	while (file && !breached && fscanf(file, "%63s %llu", key, &n) == 2)
		if (!strcmp(key, "high"))
			breached = format_words(", which happened %s",
						plural(n, "time", "times"));
	if (file)
		fclose(file);
	return breached ?: "";
}

static int look_at_high(const char *path, const struct stat *st __attribute__((unused)), int type,
			struct FTW *ftw __attribute__((unused)))
{
	const char *high, *usage;

	words_scope();
	high = type == FTW_D ? line_of(format_words("%s/memory.high", path)) : NULL;
	if (!high || !isdigit((unsigned char)*high) || nr_high++ >= MOST_HIGH)
		return 0;
	usage = line_of(format_words("%s/memory.current", path));
	put_setting("memory.high", words_size(strtoull(high, NULL, 10)),
		    format_words("of the cgroup %s, which uses %s: above it the kernel reclaims from the cgroup and slows its processes down%s; it kills none of them for that",
				 words_escaped(comm_bytes(path + strlen(CGROUPS))),
				 usage ? words_size(strtoull(usage, NULL, 10)) : "-",
				 words_breached(path)));
	return 0;
}

static void put_high(void)
{
	nr_high = 0;
	nftw(CGROUPS, look_at_high, 32, FTW_PHYS);
	if (nr_high > MOST_HIGH)
		printf("and memory.high of %s\n",
		       plural(nr_high - MOST_HIGH, "other cgroup", "other cgroups"));
}

static void put_settings(void)
{
	const char *name, *slash, *value, *meaning;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		words_scope();
		name = settings[i].name;
		slash = strchr(name, '/');
		value = line_of(format_words("/proc/sys/%s", name));
		meaning = value ? settings[i].meaning(strtoll(value, NULL, 10)) :
			"this kernel does not have this setting, or hides it here";
		put_setting(format_words("%.*s.%s", (int)(slash - name), name, slash + 1),
			    value ?: "-", meaning);
	}
	put_setting("CommitLimit", size_of("CommitLimit"),
		    "from /proc/meminfo: how much memory may be promised if overcommit_memory is 2");
	put_setting("Committed_AS", size_of("Committed_AS"), "from /proc/meminfo: how much memory is promised");
}

/* --- what would happen ------------------------------------------------------------------ */

/* Programs that kill before the kernel does, and when they do by their manuals. */
static const struct killer {
	const char *name, *what;
} killers[] = {
	{
		"systemd-oomd",
		"It kills a whole cgroup that is told so by ManagedOOMSwap= or ManagedOOMMemoryPressure=, if swap is nearly used up or memory pressure stays high.",
	},
	{
		"earlyoom",
		"It sends SIGTERM, and then SIGKILL, to the process with the highest oom_score if little memory is available and little swap is free.",
	},
	{
		"nohang",
		"It sends signals to a process if little memory is available, little swap is free, or memory pressure stays high.",
	},
	{
		"oomd",
		"It kills a cgroup if memory pressure stays high or swap is nearly used up, by rules of its own.",
	},
};

static void say_killer(struct prose *to, const char *comm, const char *pid)
{
	size_t i;

	for (i = 0; comm && i < ARRAY_SIZE(killers); i++)
		if (!strcmp(comm, killers[i].name))
			paragraph(to, "A process called %s is running (pid %s). %s Such a kill is not by the OOM killer, so oomwatch does not record it.",
				  comm, pid, killers[i].what);
}

static void say_killers(struct prose *to)
{
	struct dirent *entry;
	DIR *proc = opendir("/proc");

	while (proc && (entry = readdir(proc))) {
		words_scope();
		if (isdigit((unsigned char)*entry->d_name))
			say_killer(to, line_of(format_words("/proc/%s/comm", entry->d_name)),
				   entry->d_name);
	}
	if (proc)
		closedir(proc);
}

static void say_before(struct prose *to)
{
	const char *swaps = " (there is no swap)";

	say_killers(to);
	if (number_of("vm/overcommit_memory") == 2) {
		__u64 limit = meminfo_of("CommitLimit"), promised = meminfo_of("Committed_AS");

		paragraph(to, "When %s more are promised, the kernel refuses requests for memory (ENOMEM), as overcommit_memory is 2.",
			  words_size(limit > promised ? limit - promised : 0));
	}
	if (meminfo_of("SwapTotal"))
		swaps = format_words(" and swaps out anonymous memory (%s of swap are free)",
				     size_of("SwapFree"));
	paragraph(to, "%s of the %s of RAM are available now. When free memory gets low, kswapd reclaims page cache%s. If a zone is below its min watermark, a process that asks for memory has to reclaim some itself, and waits.",
		  size_of("MemAvailable"), size_of("MemTotal"), swaps);
	paragraph(to, "After 16 rounds of reclaim without progress the kernel calls its OOM killer; sooner, if all that is free or could be reclaimed is not enough for any zone. A write to vm.drop_caches frees clean page cache and reclaimable slab once, which reclaim has tried by then.");
}

/* What follows "The kernel panics". */
static const char *words_panic(void)
{
	long long value = number_of("kernel/panic");

	/* The caller's sentence is about a panic already. */
	return value == NO_NUMBER ? "" :
		format_words(", and %s", mean_panic(value) + strlen("after a panic "));
}

/* A step of oom_score_adj for a kill of the whole machine, in bytes. */
static __u64 adj_step(void)
{
	return (meminfo_of("MemTotal") + meminfo_of("SwapTotal")) / page_size() / 1000 *
		page_size();
}

static void say_kill(struct prose *to)
{
	long long panics = number_of("vm/panic_on_oom");
	/* What is said of the machine is not so at the limit of a cgroup. */
	const char *next = panics == 1 ? "" : words_next_victim();

	if (panics > 1) {
		paragraph(to, "The kernel panics (panic_on_oom is %lld)%s. No process is killed.",
			  panics, words_panic());
		return;
	}
	if (panics == 1)
		paragraph(to, "The kernel panics (panic_on_oom is 1)%s. No process is killed. What follows happens only at the limit of a memory cgroup, a cpuset or a memory policy.",
			  words_panic());
	if (number_of("vm/oom_kill_allocating_task") > 0)
		paragraph(to, "It kills the process that asked (oom_kill_allocating_task is set). If that has an oom_score_adj of -1000, and at the limit of a memory cgroup, it kills the process with the highest score. %s",
			  next);
	else
		paragraph(to, "It kills the process with the highest score. %s", next);
	paragraph(to, "The score of a process is what it holds: resident pages, swapped out pages and page tables. Each step of its oom_score_adj adds a thousandth of RAM and swap, which is %s here; at the limit of a memory cgroup, of that limit and swap. Run time, CPU time and the user do not count. A write of N to the old oom_adj, from -17 to 15, sets oom_score_adj to N * 1000 / 17: -17 is -1000, -16 is -941, 8 is 470; but 15 is 1000. Kernel threads, init, and processes with an oom_score_adj of -1000 are not killed.",
		  words_size(adj_step()));
	paragraph(to, "The kernel log gets a report %s a table of processes (oom_dump_tasks), but at most ten reports within five seconds.",
		  number_of("vm/oom_dump_tasks") > 0 ? "with" : "without");
	paragraph(to, "The victim is sent SIGKILL, which makes no core dump. It may use memory reserves while it exits. If it does not exit soon, the OOM reaper frees its memory; newer kernels wait two seconds for that.");
	paragraph(to, "If there is no process that can be killed, the kernel panics%s; but not at the limit of a memory cgroup.",
		  words_panic());
}

/* --- what fails without a kill ---------------------------------------------------------- */

/* What is started from the same shell has these limits, too. */
static void say_rlimit(struct prose *to, int resource, const char *name, const char *counts)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	if (limit.rlim_cur == RLIM_INFINITY)
		paragraph(to, "%s has no limit here.", name);
	else
		paragraph(to, "%s is %s here: a process gets no more %s.", name,
			  words_size(limit.rlim_cur), counts);
}

static void say_null(struct prose *to)
{
	long long overcommit = number_of("vm/overcommit_memory");

	if (overcommit >= 0)
		paragraph(to, "overcommit_memory is %lld: %s.", overcommit,
			  mean_overcommit(overcommit));
	say_rlimit(to, RLIMIT_AS, "RLIMIT_AS (ulimit -v)", "address space");
	say_rlimit(to, RLIMIT_DATA, "RLIMIT_DATA (ulimit -d)", "private writable memory");
	paragraph(to, "Otherwise malloc() succeeds. RAM is taken when the memory is first written, and if there is none then, a process is killed.");
}

static void say_no_kill(struct prose *to)
{
	paragraph(to, "More than %s in one piece (order > 3): the request fails.",
		  words_size(8 * page_size()));
	paragraph(to, "A request that may fail (__GFP_RETRY_MAYFAIL, __GFP_NORETRY), and one that can't wait (GFP_ATOMIC, GFP_NOWAIT): it fails.");
	paragraph(to, "Memory of a zone below Normal (GFP_DMA, GFP_DMA32), or of one node alone (__GFP_THISNODE): the request fails if the machine has no such memory. At the limit of a memory cgroup a process is killed all the same.");
	paragraph(to, "A request that can't wait for file systems (GFP_NOFS, GFP_NOIO): the kernel repeats it until others have freed memory. At the limit of a memory cgroup a process is killed all the same.");
	if (number_of("vm/overcommit_memory") == 2)
		paragraph(to, "A promise beyond CommitLimit: it is refused (ENOMEM) before memory is needed, as overcommit_memory is 2.");
}

static void put_step(const struct prose *steps, const char *text)
{
	printf("%3zu. ", steps->nr);
	put_wrapped(stdout, text, 5);
}

static void put_steps(const char *heading, void (*say)(struct prose *to))
{
	struct prose steps = { .put = put_step };

	words_scope();
	printf("\n%s%s%s\n", style(STYLE_BOLD), heading, style(STYLE_PLAIN));
	say(&steps);
}

static void say_course(struct prose *to)
{
	say_before(to);
	say_kill(to);
}

static int run_policy(const struct options *options __attribute__((unused)))
{
	put_settings();
	put_high();
	put_steps("If the whole machine ran out of memory now", say_course);
	put_steps("When malloc() returns NULL", say_null);
	put_steps("For what no process is killed", say_no_kill);
	printf("\n");
	put_wrapped(stdout,
		    "To change a setting until the next boot: sysctl -w NAME=VALUE. To keep it: the line NAME=VALUE in a file /etc/sysctl.d/FILE.conf.",
		    0);
	return EXIT_FINE;
}

const struct command command_policy = {
	.name = "policy",
	.what = "explain this machine's settings, and what happens if memory runs out now",
	.run = run_policy,
};
