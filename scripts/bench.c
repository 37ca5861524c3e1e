// SPDX-License-Identifier: GPL-2.0
/*
 * bench: what oomwatch costs, measured in a guest; see scripts/bench.
 *
 * Each part measures the same under several variants in turn, round after round, and
 * says of each: NAME VARIANT ROUND VALUE UNIT. The first variant is what the others are
 * compared with.
 */
#include "oomtest.h"

#include <math.h>
#include <strings.h>
#include <sys/mman.h>

#define LOAD "insmod /lib/oomwatch.ko"
#define GROUP CGROUPS "/bench"
#define MAX_ROUNDS 99

static int rounds;

static void say(const char *name, const char *variant, int round, double value, const char *unit)
{
	printf("%s %s %d %.3f %s\n", name, variant, round, value, unit);
	fflush(stdout);
}

static void run(const char *command)
{
	if (system(command))
		errx(1, "%s", command);
}

/* --- variants ----------------------------------------------------------------- */

struct variant {
	const char *name;
	bool loaded;
	int candidates;		/* -1: the default */
	int dump_tasks;
	bool console;		/* the kernel's log is printed, too */
	const char *event;	/* traced by tracefs, or NULL */
};

static void set_module(bool loaded)
{
	if (loaded != is_loaded())
		run(loaded ? LOAD : "rmmod oomwatch");
}

static void enter(const struct variant *variant)
{
	set_module(variant->loaded);
	if (variant->loaded)
		knob_set("candidates", variant->candidates < 0 ? 32 : variant->candidates);
	spew("/proc/sys/vm/oom_dump_tasks", "%d", variant->dump_tasks);
	spew("/proc/sys/kernel/printk", variant->console ? "8" : "1");
	if (variant->event)
		trace_switch(variant->event, "1");
}

static void leave(const struct variant *variant)
{
	if (variant->event)
		trace_switch(variant->event, "0");
	spew("/proc/sys/kernel/printk", "1");
}

/* --- others on the machine ---------------------------------------------------- */

/* Forks n processes, to wait: half with a page of their own, a quarter with two, and so on. */
static void be_crowd(int n)
{
	size_t size = 32 * 4096;
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int i;

	spew("/proc/self/oom_score_adj", "0");
	while (n--) {
		madvise(page, size, MADV_DONTNEED);
		for (i = 0; i < ffs(n); i++)
			page[i * 4096] = 1;
		if (!fork_child())
			for (;;)
				pause();
	}
}

/* That many small processes. Returns the one that they end with. */
static pid_t start_crowd(int n)
{
	int ready[2];
	pid_t leader;
	char c;

	if (pipe(ready))
		err(1, "pipe");
	leader = fork_child();
	if (!leader) {
		be_crowd(n - 1);
		if (write(ready[1], "", 1) != 1)
			err(1, "crowd");
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		errx(1, "not so many processes");
	close(ready[0]);
	return leader;
}

/* They are this process's children when their parent is gone. */
static void end_crowd(pid_t leader)
{
	kill(leader, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Takes memory, and writes a byte when it has it; without end where kib is 0. */
static void eat(const char *cgroup, size_t kib, int ready)
{
	size_t n;
	char *page;

	spew("/proc/self/oom_score_adj", "1000");
	if (cgroup)
		cgroup_set(cgroup, "cgroup.procs", "0");
	for (n = 0; !kib || n < kib; n += 4) {
		page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		if (page == MAP_FAILED)
			err(1, "mmap");
		*page = 1;
	}
	if (write(ready, "", 1) != 1)
		err(1, "ready");
	for (;;)
		pause();
}

static pid_t start_eater(const char *cgroup, size_t kib)
{
	int ready[2];
	pid_t pid;
	char c;

	if (pipe(ready))
		err(1, "pipe");
	pid = fork_child();
	if (!pid)
		eat(cgroup, kib, ready[1]);
	close(ready[1]);
	if (kib && read(ready[0], &c, 1) != 1)
		errx(1, "a process got no %zu KiB", kib);
	close(ready[0]);
	return pid;
}

/* --- kills -------------------------------------------------------------------- */

static void kill_sysrq(void)
{
	pid_t pid = start_eater(NULL, 4096);

	spew("/proc/sysrq-trigger", "f");
	if (!was_killed(pid))
		errx(1, "no kill by sysrq");
}

static void kill_memcg(void)
{
	if (!was_killed(start_eater(GROUP, 0)))
		errx(1, "no kill in a cgroup");
}

static void kill_alloc(void)
{
	if (!was_killed(start_eater(NULL, 0)))
		errx(1, "no kill by an allocation");
}

/* --- time in out_of_memory() -------------------------------------------------- */

#define PROBES TRACING "events/kprobes/"

/*
 * The same two probes for all variants. Those registered last see a call first and its
 * return last: so they are made anew when the module has come or gone, and its own are
 * within what is measured.
 */
static void watch_oom(void)
{
	if (!access(PROBES "enable", F_OK))
		spew(PROBES "enable", "0");
	/* The first time there are none. */
	try_write(TRACING "kprobe_events", "-:oom_in", 8);
	try_write(TRACING "kprobe_events", "-:oom_out", 9);
	spew(TRACING "kprobe_events", "r:oom_out out_of_memory");
	spew(TRACING "kprobe_events", "p:oom_in out_of_memory");
	spew(TRACING "trace_clock", "mono");
	spew(PROBES "enable", "1");
}

static bool trace_time(const char *line, const char *event, double *t)
{
	char *at = strstr(line, event);

	if (!at)
		return false;
	while (at > line && at[-1] == ' ')
		at--;
	/* "123.456789:" is before it. */
	for (at--; at > line && at[-1] != ' '; at--)
		;
	*t = strtod(at, NULL);
	return true;
}

/*
 * The longest call since the trace was emptied: others come while the victim is on its way
 * out, and return at once. oom_lock is held, so calls don't overlap. -1: none yet.
 */
static double longest_call(void)
{
	char *trace = slurp(TRACING "trace", NULL), *line, *rest = trace;
	double begin = -1, end, longest = -1;

	while ((line = strsep(&rest, "\n"))) {
		if (trace_time(line, " oom_in: ", &begin) ||
		    !trace_time(line, " oom_out: ", &end) || begin < 0)
			continue;
		if (end - begin > longest)
			longest = end - begin;
	}
	free(trace);
	return longest;
}

/* The kernel's report of a kill is part of it, but not of more than ten within 5 s. */
#define PACE_MS 550

static double time_kill(void (*kill_one)(void))
{
	double longest;
	int i;

	pause_ms(PACE_MS);
	spew(TRACING "trace", "\n");
	kill_one();
	for (i = 0; i < 500; i++) {
		longest = longest_call();
		if (longest >= 0)
			return longest * 1e6;
		pause_ms(10);
	}
	errx(1, "out_of_memory() was not traced");
}

#define KILLS 4

/* The quickest of a few: what disturbs only adds. */
static double time_variant(void (*kill_one)(void), const struct variant *variant)
{
	double best = HUGE_VAL, t;
	int i;

	enter(variant);
	watch_oom();
	for (i = 0; i < KILLS; i++) {
		t = time_kill(kill_one);
		if (t < best)
			best = t;
	}
	leave(variant);
	return best;
}

static void time_kills(const char *name, void (*kill_one)(void), const struct variant *variants,
		       int n)
{
	int round, i;

	/* The first time all is cold. */
	time_variant(kill_one, &variants[0]);
	for (round = 1; round <= rounds; round++)
		for (i = 0; i < n; i++)
			say(name, variants[i].name, round,
			    time_variant(kill_one, &variants[i]), "us");
	set_module(false);
}

static const struct variant kill_variants[] = {
	{ "stock", false, -1 },
	{ "oomwatch", true, -1 },
	{ "candidates=0", true, 0 },
	{ "mark_victim-traced", false, -1, .event = "oom/mark_victim" },
	{ "dump", false, -1, 1 },
	{ "dump-to-console", false, -1, 1, true },
};

#define NR_KILL_VARIANTS ((int)(sizeof(kill_variants) / sizeof(*kill_variants)))

static void time_kills_among(const char *what, void (*kill_one)(void), int processes, int variants)
{
	pid_t crowd = start_crowd(processes);
	char name[64];

	snprintf(name, sizeof(name), "%s-%d", what, processes);
	time_kills(name, kill_one, kill_variants, variants);
	end_crowd(crowd);
}

static void bench_global(void)
{
	time_kills_among("global", kill_sysrq, 100, NR_KILL_VARIANTS);
	time_kills_among("global", kill_sysrq, 1000, NR_KILL_VARIANTS);
	time_kills_among("global", kill_sysrq, 5000, NR_KILL_VARIANTS);
}

/* Without the console, which would take minutes. */
static void bench_crowd(void)
{
	time_kills_among("global", kill_sysrq, 20000, NR_KILL_VARIANTS - 1);
}

static void bench_memcg(void)
{
	make_cgroup(GROUP, 8192);
	time_kills_among("memcg", kill_memcg, 10000, NR_KILL_VARIANTS);
	remove_cgroup(GROUP);
}

static char *take(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	return memory;
}

/* What is left for others to take. */
#define LEFT_KB (48 << 10)

static void bench_alloc(void)
{
	pid_t crowd = start_crowd(1000);
	size_t size = (number_in("/proc/meminfo", "MemAvailable:") - LEFT_KB) << 10;
	char *ballast = take(size);

	time_kills("alloc-1000", kill_alloc, kill_variants, 4);
	munmap(ballast, size);
	end_crowd(crowd);
}

/* --- parts -------------------------------------------------------------------- */

static const struct part {
	const char *name;
	void (*run)(void);
} parts[] = {
	{ "global", bench_global },
	{ "crowd", bench_crowd },
	{ "memcg", bench_memcg },
	{ "alloc", bench_alloc },
};

static void prepare(void)
{
	spew("/proc/self/oom_score_adj", "-1000");
	spew("/proc/sys/kernel/threads-max", "60000");
	spew("/proc/sys/kernel/printk", "1");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		err(1, "subreaper");
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc != 3)
		errx(2, "usage: bench PART ROUNDS");
	rounds = atoi(argv[2]);
	prepare();
	for (i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (!strcmp(parts[i].name, argv[1])) {
			parts[i].run();
			return 0;
		}
	errx(2, "no part %s", argv[1]);
}
