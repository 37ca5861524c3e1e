// SPDX-License-Identifier: GPL-2.0
/*
 * The program reads the kernel's own report of a kill from the kernel's log. The module's record of
 * the same kill is the oracle: what the log has must be what the record has.
 */
#include "harness.h"

#define LOG "/tmp/klog.log"
#define READ "/tmp/klog.events"

/* The kernel prints ten reports in five seconds at most. */
#define REPORT_MS 700

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (system("command -v oomwatch >/dev/null"))
		skip_program("the program oomwatch is not installed");
	/* Tests before this one may have used all of it up. */
	pause_ms(5000);
}

/* --- both sides of a kill --------------------------------------------------------- */

struct sides {
	struct events log, module;
	long long log_oom, module_oom;
};

static const struct event *victim_of(const struct events *all, pid_t pid)
{
	const struct event *victim = NULL;
	int i;

	/* The newest: pids come again. */
	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], "victim") && num_of(&all->event[i], "pid") == pid)
			victim = &all->event[i];
	return victim;
}

/* Reads both; the victim's record is in both, or the test ends. */
static struct sides read_sides(pid_t pid)
{
	struct sides sides;
	const struct event *victim;

	pause_ms(REPORT_MS);
	/*
	 * Earlier programs of tests may have filled the log: all of it takes much memory. Of the
	 * first report the beginning may be missing.
	 */
	if (system("dmesg | tail -n 2000 | sed -n '/Manual OOM\\|invoked oom-killer/,$p' >" LOG
		   " && oomwatch events -f " LOG " >" READ))
		errx(1, "oomwatch does not read the log");
	sides.log = parse_events(READ, slurp(READ, NULL));
	sides.module = read_events("events");
	victim = victim_of(&sides.log, pid);
	if (!victim)
		errx(1, "the log has no kill of %d", pid);
	sides.log_oom = num_of(victim, "oom");
	victim = victim_of(&sides.module, pid);
	if (!victim)
		errx(1, "the module has no kill of %d", pid);
	sides.module_oom = num_of(victim, "oom");
	return sides;
}

/* The next record of an episode that has a type, from *at on. */
static const struct event *next_of(const struct events *all, long long oom, const char *type,
				   int *at)
{
	while (*at < all->nr) {
		const struct event *event = &all->event[(*at)++];

		if (is_type(event, type) && num_of(event, "oom") == oom)
			return event;
	}
	return NULL;
}

static const struct event *first_of(const struct events *all, long long oom, const char *type)
{
	int at = 0;

	return next_of(all, oom, type, &at);
}

/* --- comparing ---------------------------------------------------------------------- */

/* What may change between the choice and the kernel's report, or lie on other CPUs: 512 pages. */
#define MOVES_KB 2048

/* Limits and sizes: these stay, while memory comes and goes. */
static bool stays(const char *key)
{
	static const char * const keys[] = {
		"memcg_limit_kb", "memcg_swap_limit_kb", "memcg_memsw_limit_kb", "ram_total_kb",
		"swap_total_kb", "managed_kb", "present_kb", "total_vm_kb",
	};
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

static bool ends_in(const char *text, const char *end)
{
	return strlen(text) >= strlen(end) && !strcmp(text + strlen(text) - strlen(end), end);
}

/* Counts, as memory is in pages there. */
static bool moves(const char *key)
{
	return ends_in(key, "_kb") || !strncmp(key, "score_", 6) ||
		!strncmp(key, "workingset_", 11) || !strcmp(key, "memcg_failcnt");
}

/* Numbers of the log alone, and what has no equal: free blocks come and go one by one. */
static bool is_own(const char *key)
{
	static const char * const keys[] = {
		"seq", "t", "oom", "free_blocks", "free_types", "nr_frames", "frames", "flags",
	};
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(key, keys[i]))
			return true;
	return false;
}

/*
 * What only the log has. In newer kernels it has a count of memory.events, and calls it failcnt:
 * compare_failcnt(). A module without BTF does not know the items of memory.stat. The module has
 * the size of all swap only in a kill for the whole machine.
 */
static bool may_lack(const struct event *module, const char *key)
{
	return !strcmp(key, "memcg_failcnt") || is_type(module, "memcg") ||
		!strcmp(key, "swap_total_kb");
}

static int compared;

static bool is_watermark(const struct event *module, const char *key)
{
	return is_type(module, "zone") && (!strcmp(key, "min_kb") || !strcmp(key, "low_kb") ||
					   !strcmp(key, "high_kb") || !strcmp(key, "boost_kb"));
}

/* Watermarks include their boost, which may end at any time. Older kernels don't print it. */
static void compare_watermarks(struct __test_metadata *_metadata, const struct event *log,
			       const struct event *module)
{
	static const char * const keys[] = { "min_kb", "low_kb", "high_kb" };
	long long here, there;
	unsigned int i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		here = num_of(module, keys[i]) - num_of(module, "boost_kb");
		there = num_of(log, keys[i]);
		if (is_known(log, "boost_kb"))
			there -= num_of(log, "boost_kb");
		EXPECT_LE(here, there);
		if (is_known(log, "boost_kb"))
			EXPECT_GE(here, there);
	}
}

/*
 * A CPU gives the free pages that it keeps back to their zone when it did not use them for a while,
 * or when an allocation asks for them (mm/vmstat.c: refresh_cpu_vm_stats(), mm/page_alloc.c:
 * drain_all_pages()). So hundreds of pages may become free_kb between both sides: compare_free().
 */
static bool may_be_kept(const struct event *module, const char *key)
{
	if (!strcmp(key, "ram_free_kb"))
		return true;
	return is_type(module, "zone") && (!strcmp(key, "free_kb") || !strcmp(key, "free_pcp_kb"));
}

static void compare_field(struct __test_metadata *_metadata, const struct event *module,
			  const struct pair *field)
{
	const struct pair *other = find_field(module, field->key);
	long long here, there;

	if (is_own(field->key) || is_watermark(module, field->key) ||
	    may_be_kept(module, field->key) || (!field->quoted && !strcmp(field->value, "-")))
		return;
	ASSERT_NE(NULL, other) TH_LOG("%s %s", module->type, field->key);
	if (!other->quoted && !strcmp(other->value, "-") && may_lack(module, field->key))
		return;
	compared++;
	if (!moves(field->key) || stays(field->key) || !isdigit(*field->value)) {
		EXPECT_EQ(true, field->len == other->len &&
			  !memcmp(field->value, other->value, field->len))
			TH_LOG("%s %s: \"%s\" in the log, \"%s\" here", module->type, field->key,
			       field->value, other->value);
		return;
	}
	here = strtoll(other->value, NULL, 10);
	there = strtoll(field->value, NULL, 10);
	EXPECT_GE(MOVES_KB, llabs(here - there) * (ends_in(field->key, "_kb") ? 1 : 4))
		TH_LOG("%s %s: %s in the log, %s here", module->type, field->key, field->value,
		       other->value);
}

/* A zone's free pages, with those that CPUs keep. */
static void compare_free(struct __test_metadata *_metadata, const struct event *log,
			 const struct event *module)
{
	long long here = num_of(module, "free_kb") + num_of(module, "free_pcp_kb");
	long long there = num_of(log, "free_kb") + num_of(log, "free_pcp_kb");

	compared += 2;
	EXPECT_GE(MOVES_KB, llabs(here - there))
		TH_LOG("zone %s: %lld kB in the log, %lld here", text_of(log, "zone"), there, here);
}

static void compare(struct __test_metadata *_metadata, const struct event *log,
		    const struct event *module)
{
	int i;

	for (i = 0; i < log->nr_fields; i++)
		compare_field(_metadata, module, &log->field[i]);
	if (!is_type(log, "zone"))
		return;
	compare_watermarks(_metadata, log, module);
	compare_free(_metadata, log, module);
}

/*
 * Kernels sum a cgroup's items up only if they believe that much has changed since the last time.
 * Newer ones may lose count of that while another CPU sums up (mm/memcontrol.c:
 * memcg_rstat_updated(), 7.3): then a report's items are old by any amount. But its usage is not.
 */
static bool adds_up(const struct event *memcg, long long usage_kb)
{
	long long sum;

	if (!is_known(memcg, "kernel_kb"))
		return true;
	sum = num_of(memcg, "anon_kb") + num_of(memcg, "file_kb") + num_of(memcg, "kernel_kb") +
		num_of(memcg, "sock_kb");
	return llabs(usage_kb - sum) <= MOVES_KB;
}

/* Compares with the log's items, or where these are old, with its usage. */
static void compare_memcg(struct __test_metadata *_metadata, const struct sides *sides)
{
	const struct event *log = first_of(&sides->log, sides->log_oom, "memcg");
	const struct event *module = first_of(&sides->module, sides->module_oom, "memcg");
	const struct event *oom = first_of(&sides->log, sides->log_oom, "oom");

	if (!log)
		return;
	ASSERT_NE(NULL, module);
	EXPECT_TRUE(adds_up(module, num_of(oom, "memcg_usage_kb")));
	if (adds_up(log, num_of(oom, "memcg_usage_kb")))
		compare(_metadata, log, module);
	else
		TH_LOG("the log's items are older than its usage");
}

static void compare_failcnt(struct __test_metadata *_metadata, const struct sides *sides)
{
	const struct event *log = first_of(&sides->log, sides->log_oom, "oom");
	const struct event *module = first_of(&sides->module, sides->module_oom, "oom");
	const struct event *memcg = first_of(&sides->module, sides->module_oom, "memcg");

	if (!is_known(log, "memcg_failcnt") || is_known(module, "memcg_failcnt") || !memcg)
		return;
	EXPECT_LE(num_of(memcg, "events_max"), num_of(log, "memcg_failcnt"));
	EXPECT_GE(num_of(memcg, "events_max") + 16, num_of(log, "memcg_failcnt"));
}

/* What CPUs keep of all zones that one side has. */
static long long kept_kb(const struct events *all, long long oom)
{
	const struct event *zone;
	long long kb = 0;
	int at = 0;

	while ((zone = next_of(all, oom, "zone", &at)))
		kb += num_of(zone, "free_pcp_kb");
	return kb;
}

/* The log may not have all zones: no more moves than CPUs kept. */
static void compare_ram_free(struct __test_metadata *_metadata, const struct sides *sides)
{
	const struct event *log = first_of(&sides->log, sides->log_oom, "oom");
	const struct event *module = first_of(&sides->module, sides->module_oom, "oom");
	long long there = kept_kb(&sides->log, sides->log_oom);
	long long here = kept_kb(&sides->module, sides->module_oom);

	if (!is_known(log, "ram_free_kb"))
		return;
	compared++;
	EXPECT_GE(MOVES_KB + (here > there ? here : there),
		  llabs(num_of(log, "ram_free_kb") - num_of(module, "ram_free_kb")))
		TH_LOG("%lld kB are free in the log, %lld here", num_of(log, "ram_free_kb"),
		       num_of(module, "ram_free_kb"));
}

static const struct event *like(const struct sides *sides, const struct event *log,
				const char *type, const char *key, const char *and)
{
	const struct event *module;
	int at = 0;

	while ((module = next_of(&sides->module, sides->module_oom, type, &at)))
		if (!strcmp(text_of(module, key), text_of(log, key)) &&
		    !strcmp(text_of(module, and), text_of(log, and)))
			return module;
	return NULL;
}

/*
 * Each frame of the log after out_of_memory() is in the record, in this order. While the module is
 * loaded, the kernel's trace has something else in place of the caller of out_of_memory(), and on
 * older kernels ends there.
 */
static void compare_stacks(struct __test_metadata *_metadata, const struct sides *sides)
{
	const struct event *log = first_of(&sides->log, sides->log_oom, "stack");
	const struct event *module = first_of(&sides->module, sides->module_oom, "stack");
	char *frames, *frame, *rest;
	const char *at;
	int missed = 0, found = 0;

	if (!have_stacks() || !module || !is_known(module, "frames"))
		return;
	ASSERT_NE(NULL, log);
	frames = strstr(text_of(log, "frames"), "out_of_memory+");
	ASSERT_NE(NULL, frames);
	rest = strdup(frames);
	frame = strsep(&rest, ";");
	at = text_of(module, "frames");
	while ((frame = strsep(&rest, ";"))) {
		const char *next = strstr(at, frame);

		found += !!next;
		missed += !next;
		if (next)
			at = next;
	}
	if (found + missed > 1)
		EXPECT_LT(0, found) TH_LOG("%s", text_of(log, "frames"));
	/* The caller's place; a deep stack is cut in the record. */
	if (num_of(module, "nr_frames") < 24)
		EXPECT_GE(1, missed) TH_LOG("%s", text_of(log, "frames"));
}

/*
 * All records that a log can have. The table has all tasks, the record the highest; on newer
 * kernels the log has only zones that the allocation could use.
 */
static void compare_kills(struct __test_metadata *_metadata, pid_t pid, int min_tasks)
{
	static const char * const others[][3] = {
		{ "zone", "node", "zone" }, { "task", "pid", "comm" },
		{ "protected", "pid", "comm" },
	};
	struct sides sides = read_sides(pid);
	const struct event *log, *module;
	int at, tasks = 0;
	unsigned int i;

	compared = 0;
	log = first_of(&sides.log, sides.log_oom, "oom");
	module = first_of(&sides.module, sides.module_oom, "oom");
	ASSERT_NE(NULL, log);
	compare(_metadata, log, module);
	compare(_metadata, victim_of(&sides.log, pid), victim_of(&sides.module, pid));
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		for (at = 0; (log = next_of(&sides.log, sides.log_oom, others[i][0], &at)); ) {
			module = like(&sides, log, others[i][0], others[i][1], others[i][2]);
			if (!module && i)
				continue;
			ASSERT_NE(NULL, module) TH_LOG("no %s", others[i][0]);
			compare(_metadata, log, module);
			tasks += i == 1;
		}
	EXPECT_LE(min_tasks, tasks);
	compare_ram_free(_metadata, &sides);
	compare_memcg(_metadata, &sides);
	compare_failcnt(_metadata, &sides);
	compare_stacks(_metadata, &sides);
	free(sides.log.event);
	free(sides.module.event);
	TH_LOG("%d figures are the same", compared);
}

/* --- kills -------------------------------------------------------------------------- */

/* A hog that is killed while CPUs keep few free pages for themselves; 0: it was not killed. */
static pid_t kill_exactly(const char *options)
{
	pid_t pid;
	bool killed;

	let_cpus_keep("1000");
	pid = start_hog("%s", options);
	killed = was_killed(pid);
	let_cpus_keep("0");
	return killed ? pid : 0;
}

TEST(machine)
{
	pid_t pid;

	pid = kill_exactly("-n machine -u 7");
	ASSERT_LT(0, pid);
	compare_kills(_metadata, pid, 1);
	EXPECT_LT(60, compared);
}

TEST(sysrq)
{
	pid_t pid = sysrq_kill_hog("-n asked -m 8000 -a 500");

	ASSERT_NE(0, pid);
	compare_kills(_metadata, pid, 1);
}

TEST(allocating_task)
{
	pid_t pid;

	spew("/proc/sys/vm/oom_kill_allocating_task", "1");
	pid = kill_exactly("-n asker -a 300");
	ASSERT_LT(0, pid);
	spew("/proc/sys/vm/oom_kill_allocating_task", "0");
	compare_kills(_metadata, pid, 0);
}

TEST(cgroup)
{
	pid_t pid, other;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/kl", 16 * 1024);
	other = start_sitting_hog("-c " CGROUPS "/kl -n sitter -m 2000 -a 10");
	pid = start_hog("-c " CGROUPS "/kl -n eater");
	ASSERT_TRUE(was_killed(pid));
	compare_kills(_metadata, pid, 2);
	EXPECT_LT(50, compared);
	stop(other);
	remove_cgroup(CGROUPS "/kl");
}

TEST(ancestor)
{
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/kl", 8 * 1024);
	cgroup_set(CGROUPS "/kl", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/kl/below", 64 * 1024);
	pid = start_hog("-c " CGROUPS "/kl/below -n below");
	ASSERT_TRUE(was_killed(pid));
	compare_kills(_metadata, pid, 1);
	remove_cgroup(CGROUPS "/kl/below");
	remove_cgroup(CGROUPS "/kl");
}

TEST(group)
{
	struct sides sides;
	pid_t pid, other;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/kl", 12 * 1024);
	cgroup_set(CGROUPS "/kl", "memory.oom.group", "1");
	other = start_sitting_hog("-c " CGROUPS "/kl -n other -m 2000");
	pid = start_hog("-c " CGROUPS "/kl -n eater");
	ASSERT_TRUE(was_killed(pid));
	ASSERT_TRUE(was_killed(other));
	compare_kills(_metadata, pid, 2);
	sides = read_sides(other);
	compare(_metadata, victim_of(&sides.log, other), victim_of(&sides.module, other));
	EXPECT_EQ(sides.log_oom, num_of(victim_of(&sides.log, pid), "oom"));
	EXPECT_STREQ("group", text_of(victim_of(&sides.log, other), "flags"));
	remove_cgroup(CGROUPS "/kl");
}

TEST(cpuset)
{
	bool had = have_controller("cpuset");
	pid_t pid;

	if (access("/sys/devices/system/node/node1", F_OK))
		SKIP(return, "one memory node only");
	if (try_write(CGROUPS "/cgroup.subtree_control", "+cpuset", 7))
		SKIP(return, "no cpusets of cgroup v2");
	/* The words that come after this name in the kernel's line. */
	make_cgroup(CGROUPS "/n,mems_allowed=0,oom_memcg=,task_memcg=", 0);
	cgroup_set(CGROUPS "/n,mems_allowed=0,oom_memcg=,task_memcg=", "cpuset.mems", "1");
	pid = kill_exactly("-c " CGROUPS "/n,mems_allowed=0,oom_memcg=,task_memcg= -n bound");
	EXPECT_LT(0, pid);
	compare_kills(_metadata, pid, 1);
	remove_cgroup(CGROUPS "/n,mems_allowed=0,oom_memcg=,task_memcg=");
	if (!had)
		cgroup_set(CGROUPS, "cgroup.subtree_control", "-cpuset");
}

/* A name that has a newline is broken in the log. */
TEST(names)
{
	static const char * const names[] = {
		" lead and trail", ") total-vm:1kB", ",task=x,pid=1", "[  7] \x80\xff\t\x1b",
		" pages RAM", "a mems_allowed=",
	};
	unsigned int i;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/kl,task_memcg=", 0);
	cgroup_set(CGROUPS "/kl,task_memcg=", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/kl,task_memcg=/kl,task=x,pid=1", 6 * 1024);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		pid = fork_child();
		if (!pid) {
			spew("/proc/self/oom_score_adj", "0");
			cgroup_set(CGROUPS "/kl,task_memcg=/kl,task=x,pid=1", "cgroup.procs", "0");
			prctl(PR_SET_NAME, names[i]);
			for (;;)
				memset(malloc(65536), 1, 65536);
		}
		ASSERT_TRUE(was_killed(pid));
		compare_kills(_metadata, pid, 1);
	}
	remove_cgroup(CGROUPS "/kl,task_memcg=/kl,task=x,pid=1");
	remove_cgroup(CGROUPS "/kl,task_memcg=");
}

TEST_HARNESS_MAIN
