// SPDX-License-Identifier: GPL-2.0
/*
 * bench: what oomwatch costs, measured in a guest; see scripts/bench.
 *
 * Each part measures several variants in turn, round after round, and prints for each: NAME
 * VARIANT ROUND VALUE UNIT. The others are compared with the first variant.
 */
#include "oomtest.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <strings.h>
#include <sys/mman.h>

#include "core/names.h"
#include "core/pack.h"

#define DEFAULTS "oomwatch.ko"
#define GROUP CGROUPS "/bench"
#define MAX_ROUNDS 99

static int rounds;

static void say(const char *name, const char *variant, int round, double value, const char *unit)
{
	printf("%s %s %d %.3f %s\n", name, variant, round, value, unit);
	fflush(stdout);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

#define TRIES 5

/* The quickest of a few: a disturbance only adds time. */
static double quickest(double (*once)(void))
{
	double best = HUGE_VAL, t;
	int i;

	for (i = 0; i < TRIES; i++) {
		t = once();
		if (t < best)
			best = t;
	}
	return best;
}

static void run(const char *command)
{
	if (system(command))
		errx(1, "%s", command);
}

/* --- variants ----------------------------------------------------------------- */

struct variant {
	const char *name;
	const char *module;	/* what is loaded, with its parameters, or NULL */
	int dump_tasks;
	bool console;		/* the kernel's log is printed, too */
	const char *event;	/* traced by tracefs, or NULL */
	const char *tracer;	/* a program that attaches to TRACER_PROBE, or NULL */
};

#define TRACER_PROBE "oom_kill_process"
#define TRACER_OUTPUT "/tmp/tracer"

static bool tracer_is_attached(void)
{
	char *list = slurp("/sys/kernel/debug/kprobes/list", NULL);
	bool found = strstr(list, TRACER_PROBE);

	free(list);
	return found;
}

static void start_tracer(const char *command)
{
	char line[256];
	int tries;

	snprintf(line, sizeof(line), "%s >" TRACER_OUTPUT " 2>&1 &", command);
	run(line);
	for (tries = 0; !tracer_is_attached(); tries++) {
		if (tries == 600) {
			run("cat " TRACER_OUTPUT);
			errx(1, "%s attaches to nothing", command);
		}
		pause_ms(100);
	}
	/* It may still print something before it waits. */
	pause_ms(1000);
}

static void stop_tracer(void)
{
	run("killall -INT bpftrace oomkill 2>/dev/null || :");
	while (tracer_is_attached())
		pause_ms(100);
}

/* Loads it anew, or unloads it: NULL. */
static void load_module(const char *module)
{
	char command[128];

	if (is_loaded())
		run("rmmod oomwatch");
	snprintf(command, sizeof(command), "insmod /lib/%s", module ?: "");
	if (module)
		run(command);
}

static void set_module(bool loaded)
{
	if (loaded != is_loaded())
		load_module(loaded ? DEFAULTS : NULL);
}

static void enter(const struct variant *variant)
{
	load_module(variant->module);
	spew("/proc/sys/vm/oom_dump_tasks", "%d", variant->dump_tasks);
	spew("/proc/sys/kernel/printk", variant->console ? "8" : "1");
	if (variant->event)
		trace_switch(variant->event, "1");
	if (variant->tracer)
		start_tracer(variant->tracer);
}

static void leave(const struct variant *variant)
{
	if (variant->tracer)
		stop_tracer();
	if (variant->event)
		trace_switch(variant->event, "0");
	spew("/proc/sys/kernel/printk", "1");
}

/* --- other processes ---------------------------------------------------------- */

/* As on most machines, some processes are larger than all others. */
#define LARGE 40

enum crowd { LARGE_LAST, LARGE_FIRST, EQUAL };

/* Half have one page, a quarter two, and so on; the LARGE ones with the lowest n have a MiB. */
static int pages_of(int n, enum crowd kind)
{
	if (kind == EQUAL)
		return 1;
	return n < LARGE ? 256 + n : ffs(n);
}

/* Forks n processes that wait. */
static void be_crowd(int n, enum crowd kind)
{
	size_t size = (256 + LARGE) * 4096;
	char *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int nth, i, pages;

	spew("/proc/self/oom_score_adj", "0");
	for (nth = 0; nth < n; nth++) {
		pages = pages_of(kind == LARGE_FIRST ? nth : n - 1 - nth, kind);
		madvise(page, size, MADV_DONTNEED);
		for (i = 0; i < pages; i++)
			page[i * 4096] = 1;
		if (!fork_child())
			for (;;)
				pause();
	}
}

/* Starts n processes. Returns their parent, which is one of them: see end_crowd(). */
static pid_t start_crowd(int n, enum crowd kind)
{
	int ready[2];
	pid_t leader;
	char c;

	if (pipe(ready))
		err(1, "pipe");
	leader = fork_child();
	if (!leader) {
		be_crowd(n - 1, kind);
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

/*
 * The processes end with their parent, and become this process's children. It must have no others:
 * waits for all of them.
 */
static void end_crowd(pid_t leader)
{
	kill(leader, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
}

/* Takes kib of memory, then writes a byte and waits; takes without end if kib is 0. */
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
 * All variants have the same two probes. Probes that are registered last see a call first and its
 * return last. So they are registered again for each variant, and the time has the module's own
 * probes in it.
 */
static void watch_oom(void)
{
	if (!access(PROBES "enable", F_OK))
		spew(PROBES "enable", "0");
	/* The first time there are none to remove. */
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
	/* The time, "123.456789:", is the word before the event. */
	for (at--; at > line && at[-1] != ' '; at--)
		;
	*t = strtod(at, NULL);
	return true;
}

/*
 * The longest call since the trace was emptied; -1 if there is none yet. Other calls come while
 * the victim exits, and return at once. oom_lock is held, so calls don't overlap.
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

/* The time is to include the kernel's report of the kill: it prints ten in 5 s. */
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

/* The quickest of a few kills: a disturbance only adds time. */
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

	/* A first round for warm caches. */
	time_variant(kill_one, &variants[0]);
	for (round = 1; round <= rounds; round++)
		for (i = 0; i < n; i++)
			say(name, variants[i].name, round,
			    time_variant(kill_one, &variants[i]), "us");
	set_module(false);
}

static const struct variant kill_variants[] = {
	{ "stock" },
	{ "oomwatch", DEFAULTS },
	{ "candidates=0", DEFAULTS " candidates=0" },
	{ "mark_victim-traced", .event = "oom/mark_victim" },
	{ "dump", .dump_tasks = 1 },
	{ "dump-to-console", .dump_tasks = 1, .console = true },
};

#define NR_KILL_VARIANTS ((int)ARRAY_SIZE(kill_variants))

static void time_kills_among(const char *what, void (*kill_one)(void), int processes,
			     enum crowd kind, int variants)
{
	pid_t crowd = start_crowd(processes, kind);
	char name[64];

	snprintf(name, sizeof(name), "%s-%d", what, processes);
	time_kills(name, kill_one, kill_variants, variants);
	end_crowd(crowd);
}

static void bench_global(void)
{
	time_kills_among("global", kill_sysrq, 100, LARGE_LAST, NR_KILL_VARIANTS);
	time_kills_among("global", kill_sysrq, 1000, LARGE_LAST, NR_KILL_VARIANTS);
	time_kills_among("global", kill_sysrq, 5000, LARGE_LAST, NR_KILL_VARIANTS);
	time_kills_among("early", kill_sysrq, 5000, LARGE_FIRST, 3);
	time_kills_among("equal", kill_sysrq, 5000, EQUAL, 3);
}

/* Without the variant that prints to the console, which would take minutes. */
static void bench_crowd(void)
{
	time_kills_among("global", kill_sysrq, 20000, LARGE_LAST, NR_KILL_VARIANTS - 1);
}

static void bench_memcg(void)
{
	make_cgroup(GROUP, 8192);
	time_kills_among("memcg", kill_memcg, 10000, LARGE_LAST, NR_KILL_VARIANTS);
	remove_cgroup(GROUP);
}

static const struct variant tracer_variants[] = {
	{ "stock" },
	{ "oomwatch", DEFAULTS },
	{ "bcc-oomkill", .tracer = "/usr/sbin/oomkill" },
	{ "bpftrace-oomkill", .tracer = "/usr/bin/bpftrace /usr/sbin/oomkill.bt" },
};

#define NR_TRACER_VARIANTS ((int)ARRAY_SIZE(tracer_variants))

static char *take(size_t size)
{
	char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "mmap");
	return memory;
}

/* Memory that the ballast leaves free. */
#define LEFT_KB (48 << 10)

static void bench_alloc(void)
{
	pid_t crowd = start_crowd(1000, LARGE_LAST);
	size_t size = (number_in("/proc/meminfo", "MemAvailable:") - LEFT_KB) << 10;
	char *ballast = take(size);

	time_kills("alloc-1000", kill_alloc, kill_variants, 4);
	munmap(ballast, size);
	end_crowd(crowd);
}

/* --- shares of oomwatch's time in a kill ------------------------------------------ */

/* scripts/bench builds the modules without some of the records of a choice. */
static const struct variant share_variants[] = {
	{ "stock" },
	{ "oomwatch", DEFAULTS },
	{ "candidates=0", DEFAULTS " candidates=0" },
	{ "stack_depth=0", DEFAULTS " stack_depth=0" },
	{ "cmdline=0", DEFAULTS " cmdline=0" },
	{ "children=0", DEFAULTS " children=0" },
	{ "no-memcg", "no-memcg.ko" },
	{ "no-machine", "no-machine.ko" },
	{ "no-zones", "no-zones.ko" },
	{ "no-new", "no-new.ko cmdline=0" },
};

static void time_shares(const char *name, void (*kill_one)(void))
{
	time_kills(name, kill_one, share_variants, ARRAY_SIZE(share_variants));
}

#define CHILDREN 10

static pid_t in_child[CHILDREN];

static const char *nth_child(const char *parent, int n)
{
	static char path[64];

	snprintf(path, sizeof(path), "%s/child-%d", parent, n);
	return path;
}

/* Makes cgroups with four processes each. */
static void start_children(const char *parent)
{
	int i;

	for (i = 0; i < CHILDREN; i++) {
		make_cgroup(nth_child(parent, i), 0);
		cgroup_set(nth_child(parent, i), "cgroup.procs", "0");
		in_child[i] = start_crowd(4, EQUAL);
		cgroup_set(CGROUPS, "cgroup.procs", "0");
	}
}

/* Also ends the crowd, as end_crowd() does. */
static void end_children(const char *parent, pid_t crowd)
{
	int i;

	for (i = 0; i < CHILDREN; i++)
		kill(in_child[i], SIGKILL);
	end_crowd(crowd);
	for (i = 0; i < CHILDREN; i++)
		remove_cgroup(nth_child(parent, i));
}

static void kill_in_child(void)
{
	if (!was_killed(start_eater(GROUP "/eater", 0)))
		errx(1, "no kill in a child cgroup");
}

/* Makes GROUP, with children in it, one of them for the eater. */
static void start_family(void)
{
	make_cgroup(GROUP, 16384);
	cgroup_set(GROUP, "cgroup.subtree_control", "+memory");
	make_cgroup(GROUP "/eater", 0);
	start_children(GROUP);
}

static void end_family(pid_t crowd)
{
	end_children(GROUP, crowd);
	remove_cgroup(GROUP "/eater");
	remove_cgroup(GROUP);
}

static void share_cgroups(void)
{
	pid_t crowd = start_crowd(200, LARGE_LAST);

	make_cgroup(GROUP, 8192);
	time_shares("memcg-of-one", kill_memcg);
	remove_cgroup(GROUP);
	start_family();
	time_shares("memcg-of-children", kill_in_child);
	end_family(crowd);
}

static void bench_shares(void)
{
	pid_t crowd = start_crowd(5000, LARGE_LAST);

	start_children(CGROUPS);
	time_shares("global-5000", kill_sysrq);
	end_children(CGROUPS, crowd);
	share_cgroups();
}

/* --- storm ---------------------------------------------------------------------- */

#define STORM_KILLS 900

/* Reads records until stop_fd is closed; returns how many it missed. */
static long long follow(int stop_fd)
{
	struct pollfd fds[] = { { .events = POLLIN }, { .fd = stop_fd, .events = POLLIN } };
	static char buf[1 << 16];
	long long lost = 0;
	ssize_t n, at;

	fds[0].fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	if (fds[0].fd < 0)
		err(1, "records");
	for (;;) {
		n = read(fds[0].fd, buf, sizeof(buf));
		for (at = 0; at < n; at += ((struct oomwatch_head *)(buf + at))->len)
			if (((struct oomwatch_head *)(buf + at))->type == OOMWATCH_TYPE_LOST)
				lost += ((struct oomwatch_lost *)(buf + at))->count;
		if (n > 0)
			continue;
		if (fds[1].revents)
			return lost;
		poll(fds, 2, -1);
	}
}

/* Starts a process that runs follow() until *end_fd is closed, and writes its result. */
static pid_t start_follower(int *end_fd, int *result_fd)
{
	int end[2], result[2];
	long long lost;
	pid_t pid;

	if (pipe(end) || pipe(result))
		err(1, "pipe");
	pid = fork_child();
	if (!pid) {
		close(end[1]);
		lost = follow(end[0]);
		if (write(result[1], &lost, sizeof(lost)) != sizeof(lost))
			err(1, "follower");
		_exit(0);
	}
	close(end[0]);
	close(result[1]);
	*end_fd = end[1];
	*result_fd = result[0];
	return pid;
}

static long long end_follower(pid_t pid, int end_fd, int result_fd)
{
	long long lost;

	close(end_fd);
	if (read(result_fd, &lost, sizeof(lost)) != sizeof(lost))
		errx(1, "the reader of records did not write its result");
	close(result_fd);
	waitpid(pid, NULL, 0);
	return lost;
}

/* Seconds in which the CPU had work since boot. */
static double busy_seconds(void)
{
	char *text = slurp("/proc/uptime", NULL);
	double up, idle;

	if (sscanf(text, "%lf %lf", &up, &idle) != 2)
		errx(1, "/proc/uptime");
	free(text);
	return up - idle;
}

/*
 * Returns kills for each second in which the CPU had work. A fifth of the time it has none, as an
 * exit waits for a tick: how long depends on chance.
 */
static double storm(void)
{
	double begin = busy_seconds();
	int i;

	for (i = 0; i < STORM_KILLS; i++)
		kill_memcg();
	return STORM_KILLS / (busy_seconds() - begin);
}

static long long lines_with(const char *path, const char *word)
{
	char *text = slurp(path, NULL), *at = text;
	long long n = 0;

	while ((at = strstr(at, word))) {
		at += strlen(word);
		n++;
	}
	free(text);
	return n;
}

static void storm_beside(const struct variant *variant, int round)
{
	long long before;

	enter(variant);
	before = variant->module ? our_kills() : 0;
	say("tracers-storm", variant->name, round, storm(), "kills/s");
	/* A tracer may print later. */
	pause_ms(2000);
	leave(variant);
	if (variant->module)
		say("tracers-missed", variant->name, round,
		    STORM_KILLS - (our_kills() - before), "kills");
	if (variant->tracer)
		say("tracers-missed", variant->name, round,
		    STORM_KILLS - lines_with(TRACER_OUTPUT, "Triggered"), "kills");
}

static void bench_storm(void)
{
	int round, end_fd, result_fd;
	pid_t pid;

	make_cgroup(GROUP, 1024);
	for (round = 0; round <= rounds; round++) {
		double stock, alone, read;
		long long lost;

		enter(&(struct variant) { "stock" });
		stock = storm();
		enter(&(struct variant) { "oomwatch", DEFAULTS });
		alone = storm();
		/* The reader is to read the records of its own storm alone. */
		spew(DEBUGFS "clear", "1");
		pid = start_follower(&end_fd, &result_fd);
		read = storm();
		lost = end_follower(pid, end_fd, result_fd);
		/* Round 0 is for warm caches. */
		if (!round)
			continue;
		say("storm", "stock", round, stock, "kills/s");
		say("storm", "oomwatch", round, alone, "kills/s");
		say("storm", "and-a-reader", round, read, "kills/s");
		say("storm-lost", "and-a-reader", round, lost, "records");
	}
	set_module(false);
	remove_cgroup(GROUP);
}

/* Times kills with oomwatch and with other tools, and counts the kills that each missed. */
static void bench_tracers(void)
{
	pid_t crowd = start_crowd(1000, LARGE_LAST);
	int round, i;

	time_kills("tracers-1000", kill_sysrq, tracer_variants, NR_TRACER_VARIANTS);
	end_crowd(crowd);
	make_cgroup(GROUP, 1024);
	for (round = 1; round <= rounds; round++)
		for (i = 0; i < NR_TRACER_VARIANTS; i++)
			storm_beside(&tracer_variants[i], round);
	set_module(false);
	remove_cgroup(GROUP);
}

/* --- reclaim without kills ------------------------------------------------------ */

#define WORK_BYTES (24 << 20)
#define PASSES 4

/* Goes over memory that has to be swapped in again and again. Returns passes a second. */
static double thrash(char *work)
{
	double begin = seconds();
	size_t at;
	int pass;

	for (pass = 0; pass < PASSES; pass++)
		for (at = 0; at < WORK_BYTES; at += 4096)
			work[at] += 1;
	return PASSES / (seconds() - begin);
}

static void bench_thrash(const char *name, char *work)
{
	int round;

	thrash(work);
	for (round = 1; round <= rounds; round++) {
		set_module(false);
		say(name, "stock", round, thrash(work), "passes/s");
		set_module(true);
		say(name, "oomwatch", round, thrash(work), "passes/s");
	}
	set_module(false);
}

static void bench_reclaim(void)
{
	long long before = number_in("/proc/vmstat", "pswpin ");
	char *work;

	if (!swap_on())
		errx(1, "no zram");
	make_cgroup(GROUP, 16 << 10);
	cgroup_set(GROUP, "cgroup.procs", "0");
	work = take(WORK_BYTES);
	bench_thrash("reclaim-memcg", work);
	say("reclaim-swapins", "memcg", 1, number_in("/proc/vmstat", "pswpin ") - before, "pages");
	munmap(work, WORK_BYTES);
	cgroup_set(CGROUPS, "cgroup.procs", "0");
	swap_off();
}

/* --- retries ---------------------------------------------------------------------- */

static void say_retry(const char *variant, int round)
{
	run("insmod /lib/retrier.ko");
	say("reclaim-retry", variant, round,
	    number_in("/sys/module/retrier/parameters/reclaim_ps", NULL) / 1000., "ns");
	say("compact-retry", variant, round,
	    number_in("/sys/module/retrier/parameters/compact_ps", NULL) / 1000., "ns");
	run("rmmod retrier");
}

static void bench_retry(void)
{
	int round;

	for (round = 1; round <= rounds; round++) {
		set_module(false);
		say_retry("stock", round);
		trace_switch("oom/reclaim_retry_zone", "1");
		trace_switch("oom/compact_retry", "1");
		say_retry("traced", round);
		trace_switch("oom/reclaim_retry_zone", "0");
		trace_switch("oom/compact_retry", "0");
		set_module(true);
		say_retry("oomwatch", round);
	}
	set_module(false);
}

/* --- oom_score_adj -------------------------------------------------------------- */

#define WRITES 5000

static double write_adjs(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY), i;
	double begin = seconds();

	for (i = 0; i < WRITES; i++)
		if (pwrite(fd, "-1000", 5, 0) != 5)
			err(1, "oom_score_adj");
	begin = seconds() - begin;
	close(fd);
	return begin * 1e9 / WRITES;
}

static void bench_adj(void)
{
	int round;

	write_adjs();
	for (round = 1; round <= rounds; round++) {
		set_module(false);
		say("adj-write", "stock", round, write_adjs(), "ns");
		trace_switch("oom/oom_score_adj_update", "1");
		say("adj-write", "traced", round, write_adjs(), "ns");
		trace_switch("oom/oom_score_adj_update", "0");
		set_module(true);
		knob_set("adj_per_min", 0);
		say("adj-write", "not-recorded", round, write_adjs(), "ns");
		knob_set("adj_per_min", 1000000);
		say("adj-write", "recorded", round, write_adjs(), "ns");
	}
	set_module(false);
}

/* --- signals -------------------------------------------------------------------- */

#define SIGNALS 5000

/* A signal of a process to itself that has no handler and does nothing. */
static double send_signals(void)
{
	double begin = seconds();
	pid_t pid = getpid();
	int i;

	for (i = 0; i < SIGNALS; i++)
		if (kill(pid, SIGCONT))
			err(1, "kill");
	return (seconds() - begin) * 1e9 / SIGNALS;
}

static void count_signal(int sig)
{
}

/* A signal that a handler takes. */
static double handle_signals(void)
{
	double ns;

	signal(SIGCONT, count_signal);
	ns = send_signals();
	signal(SIGCONT, SIG_DFL);
	return ns;
}

static void say_signals(const char *variant, int round)
{
	say("signal-ignored", variant, round, quickest(send_signals), "ns");
	say("signal-handled", variant, round, quickest(handle_signals), "ns");
}

static void bench_signal(void)
{
	int round;

	handle_signals();
	for (round = 1; round <= rounds; round++) {
		set_module(false);
		say_signals("stock", round);
		trace_switch("signal/signal_generate", "1");
		say_signals("traced", round);
		trace_switch("signal/signal_generate", "0");
		set_module(true);
		say_signals("oomwatch", round);
	}
	set_module(false);
}

/* --- processes, threads, programs ------------------------------------------------ */

#define STARTS 100
#define CPUS 2

/* Forks a process that executes the program, or just exits. Returns ns for each. */
static double start_programs(const char *program)
{
	double begin = seconds();
	pid_t pid;
	int i;

	for (i = 0; i < STARTS; i++) {
		pid = fork();
		if (!pid && program)
			execl(program, program, "-?", NULL);
		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			err(1, "fork");
	}
	return (seconds() - begin) * 1e9 / STARTS;
}

static double fork_exit(void)
{
	return start_programs(NULL);
}

/* A program that does nothing. */
static double fork_exec(void)
{
	return start_programs("/bin/hog");
}

static void *end_thread(void *arg)
{
	return NULL;
}

static double create_join(void)
{
	double begin = seconds();
	pthread_t thread;
	int i;

	for (i = 0; i < STARTS; i++)
		if (pthread_create(&thread, NULL, end_thread, NULL) || pthread_join(thread, NULL))
			errx(1, "no thread");
	return (seconds() - begin) * 1e9 / STARTS;
}

/*
 * A fork copies what the process has, and each measurement may add to that. So processes of their
 * own do each: one on each of these CPUs, all at once. The value is their mean.
 */
static void time_on(int cpus, const char *name, const char *variant, int round,
		    double (*once)(void), const char *adj)
{
	double ns, sum = 0;
	int results[2], start[2], i;
	pid_t pids[CPUS];

	if (pipe(results) || pipe(start))
		err(1, "pipe");
	for (i = 0; i < cpus; i++) {
		pids[i] = fork_child();
		if (pids[i])
			continue;
		use_cpu(i);
		spew("/proc/self/oom_score_adj", "%s", adj);
		close(start[1]);
		/* Until the parent closes its end, too. */
		if (read(start[0], &ns, 1))
			_exit(1);
		ns = quickest(once);
		_exit(write(results[1], &ns, sizeof(ns)) != sizeof(ns));
	}
	close(start[0]);
	close(start[1]);
	close(results[1]);
	for (i = 0; i < cpus; i++) {
		if (read(results[0], &ns, sizeof(ns)) != sizeof(ns))
			errx(1, "%s was not measured", name);
		sum += ns;
	}
	for (i = 0; i < cpus; i++)
		if (!ended_well(pids[i]))
			errx(1, "%s did not end well", name);
	close(results[0]);
	say(name, variant, round, sum / cpus, "ns");
}

/* The module has less to do where oom_score_adj is 0, as that of most processes is. */
static void say_starts(int cpus, const char *variant, int round)
{
	time_on(cpus, "fork-exit", variant, round, fork_exit, "0");
	time_on(cpus, "fork-exit-with-adj", variant, round, fork_exit, "-1000");
	time_on(cpus, "fork-exec-exit", variant, round, fork_exec, "0");
	time_on(cpus, "create-join", variant, round, create_join, "0");
}

static void prepare_starts(void)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, 2);
	/* Else each program has another number of page tables. */
	spew("/proc/sys/kernel/randomize_va_space", "0");
	quickest(fork_exec);
}

static void bench_exec(void)
{
	int round;

	prepare_starts();
	for (round = 1; round <= rounds; round++) {
		set_module(false);
		say_starts(1, "stock", round);
		set_module(true);
		say_starts(1, "oomwatch", round);
		knob_set("cmdline", 0);
		say_starts(1, "cmdline=0", round);
	}
	set_module(false);
}

static void say_pair(const char *variant, int round)
{
	say_starts(CPUS, variant, round);
	time_on(CPUS, "signal-ignored", variant, round, send_signals, "0");
	time_on(CPUS, "signal-handled", variant, round, handle_signals, "0");
	time_on(CPUS, "adj-write", variant, round, write_adjs, "0");
}

/* What the CPUs share costs more if all use it at once. */
static void bench_pair(void)
{
	int round;

	prepare_starts();
	for (round = 1; round <= rounds; round++) {
		set_module(false);
		say_pair("stock", round);
		set_module(true);
		say_pair("oomwatch", round);
	}
	set_module(false);
}

/* --- nothing happens ------------------------------------------------------------ */

#define IDLE_MS 20000

static void count_idle(const char *variant, int round)
{
	long long switches, interrupts;

	set_module(strcmp(variant, "stock"));
	pause_ms(2000);
	switches = number_in("/proc/stat", "ctxt ");
	interrupts = number_in("/proc/stat", "intr ");
	pause_ms(IDLE_MS);
	say("idle-switches", variant, round, number_in("/proc/stat", "ctxt ") - switches, "in-20s");
	say("idle-interrupts", variant, round, number_in("/proc/stat", "intr ") - interrupts,
	    "in-20s");
}

static void bench_idle(void)
{
	static const char * const fields[] = { "VmallocUsed:", "Slab:", "Percpu:" };
	long long before[3];
	int round, i;

	for (round = 1; round <= rounds; round++) {
		count_idle("stock", round);
		count_idle("oomwatch", round);
	}
	set_module(false);
	for (i = 0; i < 3; i++)
		before[i] = number_in("/proc/meminfo", fields[i]);
	set_module(true);
	say("memory-module", "oomwatch", 1, number_in("/proc/modules", "oomwatch ") / 1024., "KiB");
	say("memory-ring", "oomwatch", 1, stat_of("ring_bytes") / 1024., "KiB");
	for (i = 0; i < 3; i++) {
		char name[64];

		snprintf(name, sizeof(name), "memory-%.*s", (int)strlen(fields[i]) - 1, fields[i]);
		say(name, "oomwatch", 1, number_in("/proc/meminfo", fields[i]) - before[i], "KiB");
	}
	set_module(false);
}

/* --- reading -------------------------------------------------------------------- */

/* As many events as a ring of 2 MiB holds. */
#define EVENTS 10000

/* Reads everything that a file has now; says events and bytes a second. */
static void time_reading(const char *path, const char *variant, int round)
{
	static char buf[1 << 16];
	int fd = open(path, O_RDONLY | O_NONBLOCK);
	double begin = seconds(), bytes = 0;
	ssize_t n;

	if (fd < 0)
		err(1, "%s", path);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		bytes += n;
	begin = seconds() - begin;
	close(fd);
	say("read-events", variant, round, EVENTS / begin, "events/s");
	say("read-bytes", variant, round, bytes / begin / 1e6, "MB/s");
}

static void bench_read(void)
{
	int round, i;

	set_module(true);
	knob_set("adj_per_min", 1000000);
	knob_set("adj_ring_kb", 2048);
	spew(TRACING "buffer_size_kb", "4096");
	trace_switch("oom/oom_score_adj_update", "1");
	for (round = 1; round <= rounds; round++) {
		spew(DEBUGFS "clear", "1");
		spew(TRACING "trace", "\n");
		for (i = 0; i < EVENTS / WRITES; i++)
			write_adjs();
		if (stat_of("adj_ring_held") != EVENTS)
			errx(1, "the ring does not hold %d events", EVENTS);
		time_reading(TRACING "trace", "tracefs-trace", round);
		time_reading(TRACING "trace_pipe", "tracefs-pipe", round);
		time_reading(DEBUGFS "events", "events", round);
		time_reading(DEBUGFS "records", "records", round);
	}
	trace_switch("oom/oom_score_adj_update", "0");
	set_module(false);
}

/* --- what a kill takes of the ring ---------------------------------------------- */

/* By type of record; the last is the sum. */
struct sizes {
	long long bytes[__OOMWATCH_TYPE_MAX + 1];
};

/*
 * What a record has in the ring: see record_pack() in core/record.c. Not for a stack. A worker
 * makes the record meminfo, and does not pack it.
 */
static unsigned int packed_bytes(const struct oomwatch_head *rec)
{
	const unsigned char *from = (const unsigned char *)rec;
	unsigned char word[PACKED_WORD_MAX];
	unsigned int at, packed;

	packed = sizeof(*rec) + sizeof(__u16);
	for (at = sizeof(*rec); at < rec->len; at += 8)
		packed += pack_word(word, from + at) - word;
	packed = (packed + 7) / 8 * 8;
	if (rec->type == OOMWATCH_TYPE_MEMINFO || rec->len < PACK_MIN ||
	    rec->len > OOMWATCH_RECORD_MAX / 2)
		return rec->len;
	return packed < rec->len ? packed : rec->len;
}

/* Removes the names of the flags, which the reader adds at the end. */
static void remove_names(struct oomwatch_oom *rec)
{
	if (rec->gfp_flags.len)
		rec->head.len = rec->gfp_flags.off;
	rec->gfp_flags = (struct oomwatch_ref) { };
}

/* The stack is the rest: a reader gets symbols in place of its addresses. */
static struct sizes sizes_of(long long used)
{
	int fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK), type;
	static char buf[1 << 16];
	struct sizes sizes = { };
	ssize_t n, at, len;

	if (fd < 0)
		err(1, "records");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (at = 0; at < n; at += len) {
			struct oomwatch_head *rec = (struct oomwatch_head *)(buf + at);

			len = rec->len;
			if (rec->type == OOMWATCH_TYPE_OOM)
				remove_names((struct oomwatch_oom *)rec);
			if (rec->type < __OOMWATCH_TYPE_MAX)
				sizes.bytes[rec->type] += packed_bytes(rec);
		}
	close(fd);
	/* Made for this reader; and what the other ring has. */
	sizes.bytes[OOMWATCH_TYPE_START] = 0;
	sizes.bytes[OOMWATCH_TYPE_LOST] = 0;
	sizes.bytes[OOMWATCH_TYPE_ADJ] = 0;
	sizes.bytes[OOMWATCH_TYPE_STACK] = used;
	for (type = 0; type < __OOMWATCH_TYPE_MAX; type++)
		if (type != OOMWATCH_TYPE_STACK)
			sizes.bytes[OOMWATCH_TYPE_STACK] -= sizes.bytes[type];
	sizes.bytes[__OOMWATCH_TYPE_MAX] = used;
	return sizes;
}

static struct sizes sizes_of_kill(void (*kill_one)(void))
{
	long long before;

	spew(DEBUGFS "clear", "1");
	before = stat_of("ring_used_bytes");
	kill_one();
	/* Until the exit, and what a worker reads, are recorded, too. */
	pause_ms(300);
	return sizes_of(stat_of("ring_used_bytes") - before);
}

/* Without stacks the sizes of the other records add up to what the ring has. */
static void check_sizes(void (*kill_one)(void))
{
	struct sizes sizes;

	knob_set("stack_depth", 0);
	sizes = sizes_of_kill(kill_one);
	knob_set("stack_depth", 24);
	if (sizes.bytes[OOMWATCH_TYPE_STACK])
		errx(1, "the records of a kill have %lld bytes more than bench computes",
		     sizes.bytes[OOMWATCH_TYPE_STACK]);
}

/* And oomwatch's own time in it. */
static void measure_kill(const char *variant, void (*kill_one)(void), int round)
{
	const struct event *end;
	struct events all;
	struct sizes sizes;
	char name[64];
	int type;

	check_sizes(kill_one);
	sizes = sizes_of_kill(kill_one);
	snprintf(name, sizeof(name), "bytes-%s", variant);
	say(name, "all", round, sizes.bytes[__OOMWATCH_TYPE_MAX], "bytes");
	for (type = 0; type < __OOMWATCH_TYPE_MAX; type++)
		if (sizes.bytes[type])
			say(name, type_names[type], round, sizes.bytes[type], "bytes");
	all = read_events("last");
	end = find_event(&all, "end", "victims", 1);
	say("ns-a-kill", variant, round, end ? num_of(end, "capture_ns") : -1, "ns");
}

/* Kills in a cgroup that has as many candidates as are recorded, and more. */
static void measure_full_cgroup(void)
{
	pid_t crowd;
	int round;

	make_cgroup(GROUP, 32 * 1024);
	cgroup_set(GROUP, "cgroup.procs", "0");
	crowd = start_crowd(40, EQUAL);
	cgroup_set(CGROUPS, "cgroup.procs", "0");
	for (round = 1; round <= rounds; round++)
		measure_kill("memcg-of-40", kill_memcg, round);
	end_crowd(crowd);
	remove_cgroup(GROUP);
}

/* Kills in a cgroup that has as many children as are recorded, and more. */
static void measure_family(void)
{
	pid_t crowd = start_crowd(200, LARGE_LAST);
	int round;

	start_children(CGROUPS);
	for (round = 1; round <= rounds; round++)
		measure_kill("global-groups", kill_sysrq, round);
	end_children(CGROUPS, crowd);
	crowd = start_crowd(200, LARGE_LAST);
	start_family();
	for (round = 1; round <= rounds; round++)
		measure_kill("memcg-groups", kill_in_child, round);
	end_family(crowd);
}

static void bench_bytes(void)
{
	pid_t crowd = start_crowd(200, LARGE_LAST);
	int round;

	set_module(true);
	make_cgroup(GROUP, 8192);
	for (round = 1; round <= rounds; round++) {
		measure_kill("global", kill_sysrq, round);
		measure_kill("alloc", kill_alloc, round);
		measure_kill("memcg-of-one", kill_memcg, round);
	}
	remove_cgroup(GROUP);
	end_crowd(crowd);
	measure_full_cgroup();
	measure_family();
	set_module(false);
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
	{ "shares", bench_shares },
	{ "storm", bench_storm },
	{ "reclaim", bench_reclaim },
	{ "retry", bench_retry },
	{ "adj", bench_adj },
	{ "signal", bench_signal },
	{ "exec", bench_exec },
	{ "pair", bench_pair },
	{ "idle", bench_idle },
	{ "read", bench_read },
	{ "bytes", bench_bytes },
	{ "tracers", bench_tracers },
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
	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strcmp(parts[i].name, argv[1])) {
			parts[i].run();
			return 0;
		}
	errx(2, "no part %s", argv[1]);
}
