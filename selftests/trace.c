// SPDX-License-Identifier: GPL-2.0
/*
 * The trace events oomwatch:kill and oomwatch:candidate: their lines have to say what the records
 * say, and what the kernel says in its log.
 */
#include "harness.h"

#include <linux/perf_event.h>
#include <sched.h>

#define GROUP CGROUPS "/t"

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (access(TRACING "events", F_OK))
		skip_program("no tracefs at " TRACING);
	if (access(TRACING "events/oomwatch", F_OK))
		skip_program("no CONFIG_EVENT_TRACING");
	if (!have_scope())
		skip_program(NO_SCOPE);
}

FIXTURE(trace) {
	int kmsg;
};

FIXTURE_SETUP(trace)
{
	reset_machine();
	trace_switch("oomwatch", "0");
	if (have_memcg())
		make_cgroup(GROUP, 8 * 1024);
	spew(DEBUGFS "clear", "1");
	self->kmsg = kmsg_open();
}

FIXTURE_TEARDOWN(trace)
{
	trace_switch("oomwatch", "0");
	if (have_memcg())
		remove_cgroup(GROUP);
	close(self->kmsg);
}

/* --- the trace -------------------------------------------------------------------------- */

/* The lines of a trace, in the form of the file events. */
static struct events parse_trace(char *trace)
{
	static const char * const types[] = { "kill", "candidate" };
	char *text = malloc(strlen(trace) + 16), *to = text, *line, *at, mark[16];
	unsigned int i;

	to = stpcpy(to, "# oomwatch 1\n");
	while ((line = strsep(&trace, "\n")))
		for (i = 0; i < 2; i++) {
			snprintf(mark, sizeof(mark), " %s: ", types[i]);
			at = strstr(line, mark);
			if (at)
				to += sprintf(to, "%s %s\n", types[i], at + strlen(mark));
		}
	return parse_events(TRACING "trace", text);
}

/* The trace, when it has the event of a kill. */
static struct events trace_of(pid_t pid)
{
	struct events all;
	int i;

	for (i = 0; i < 200; i++) {
		all = parse_trace(slurp(TRACING "trace", NULL));
		if (find_event(&all, "kill", "pid", pid))
			break;
		pause_ms(50);
	}
	return all;
}

/* What an event has beside the fields of records. */
static bool is_derived(const char *key)
{
	return !strcmp(key, "flags") || !strcmp(key, "runner_up_pid") ||
	       !strcmp(key, "runner_up_points") || !strcmp(key, "margin");
}

/* Unknown numbers, and paths of cgroup v1, which only readers of records look up. */
static bool is_unknown(const struct pair *its, const char *said)
{
	if (its->quoted)
		return !strcmp(said, "-") && !have_memcg() && strstr(its->key, "memcg");
	return !strcmp(its->value, "-") && !strcmp(said, "-1");
}

/* Each field has its text in one of the records. */
static void compare(struct __test_metadata *_metadata, const struct event *event,
		    const struct event *rec, const struct event *oom)
{
	const struct pair *field, *its;
	int i;

	for (i = 0; i < event->nr_fields; i++) {
		field = &event->field[i];
		if (is_derived(field->key))
			continue;
		its = find_field(rec, field->key) ?: find_field(oom, field->key);
		ASSERT_NE(NULL, its) TH_LOG("%s", field->key);
		if (is_unknown(its, field->value))
			continue;
		EXPECT_STREQ(its->value, field->value) TH_LOG("%s of a %s", field->key,
							      event->type);
	}
}

static const struct event *runner_up(const struct events *all, const struct event *victim)
{
	const struct event *best = NULL;
	int i;

	for (i = 0; i < all->nr; i++) {
		const struct event *task = &all->event[i];

		if (!is_type(task, "task") || num_of(task, "tgid") == num_of(victim, "tgid"))
			continue;
		if (!best || num_of(task, "points") > num_of(best, "points"))
			best = task;
	}
	return best;
}

static void compare_runner_up(struct __test_metadata *_metadata, const struct event *kill,
			      const struct events *all, const struct event *victim)
{
	const struct event *next = runner_up(all, victim);

	if (!next) {
		EXPECT_EQ(-1, num_of(kill, "runner_up_pid"));
		EXPECT_STREQ("-9223372036854775808", text_of(kill, "runner_up_points"));
		EXPECT_STREQ("-9223372036854775808", text_of(kill, "margin"));
		return;
	}
	EXPECT_EQ(num_of(next, "pid"), num_of(kill, "runner_up_pid"));
	EXPECT_EQ(num_of(next, "points"), num_of(kill, "runner_up_points"));
	EXPECT_EQ(num_of(victim, "points") - num_of(next, "points"), num_of(kill, "margin"));
}

/* Holds the trace of the newest episode against its records; returns how many kills it had. */
static int compare_all(struct __test_metadata *_metadata, const struct events *trace)
{
	struct events all = read_events("last");
	long long oom = num_of(&all.event[0], "oom");
	int i, kills = 0, candidates = 0;

	ASSERT_STREQ("oom", all.event[0].type) {
		return 0;
	}
	for (i = 0; i < trace->nr; i++) {
		const struct event *event = &trace->event[i], *rec;
		bool kill = is_type(event, "kill");

		if (num_of(event, "oom") != oom)
			continue;
		rec = find_event(&all, kill ? "victim" : "task", "pid", num_of(event, "pid"));
		ASSERT_NE(NULL, rec) {
			return 0;
		}
		compare(_metadata, event, rec, &all.event[0]);
		if (kill)
			compare_runner_up(_metadata, event, &all, rec);
		/* The candidates come first. */
		EXPECT_FALSE(!kill && kills);
		kills += kill;
		candidates += !kill;
	}
	EXPECT_EQ(count_type(&all, "victim"), kills);
	EXPECT_EQ(count_type(&all, "task"), candidates);
	return kills;
}

/* The kernel's line about a victim. */
static void compare_log(struct __test_metadata *_metadata, int kmsg, const struct event *kill)
{
	char line[KMSG_MAX];
	struct killed said;

	while (kmsg_line(kmsg, line)) {
		if (!hear_killed(line, &said) || said.pid != num_of(kill, "pid"))
			continue;
		EXPECT_STREQ(said.comm, text_of(kill, "comm"));
		EXPECT_EQ(said.uid, num_of(kill, "uid"));
		EXPECT_EQ(said.adj, num_of(kill, "oom_score_adj"));
		return;
	}
	EXPECT_TRUE(false) TH_LOG("the log has no line for %s", text_of(kill, "pid"));
}

static void expect_no_splat(struct __test_metadata *_metadata, int kmsg)
{
	char line[KMSG_MAX];

	while (kmsg_line(kmsg, line))
		EXPECT_FALSE(strstr(line, "WARNING:") || strstr(line, "BUG:") ||
			     strstr(line, "Oops")) TH_LOG("%s", line);
}

/* --- tests ------------------------------------------------------------------------------ */

/* perf and trace-cmd parse the format: the text that they print by must not have a quote. */
TEST_F(trace, format)
{
	static const char * const files[] = { "kill", "candidate" };
	static const char begin[] = "\nprint fmt: \"";
	char path[128], *text, *at;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), TRACING "events/oomwatch/%s/format", files[i]);
		text = slurp(path, NULL);
		at = strstr(text, begin);
		ASSERT_NE(NULL, at);
		at = strchr(at + strlen(begin), '"');
		ASSERT_NE(NULL, at);
		EXPECT_EQ(0, strncmp(at, "\", REC->oom,", 12)) TH_LOG("%s", at);
		free(text);
	}
}

/* The victim has oom_score_adj against it, so that the runner-up is larger. */
TEST_F(trace, cgroup)
{
	const struct event *kill;
	struct events trace;
	pid_t sits, dies;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	sits = start_sitting_hog("-c " GROUP " -m 4096 -n sits");
	ASSERT_TRUE(trace_begin("oomwatch"));
	dies = start_hog("-c " GROUP " -a 900 -n dies -u 12");
	EXPECT_TRUE(was_killed(dies));
	trace = trace_of(dies);
	EXPECT_EQ(1, compare_all(_metadata, &trace));
	kill = find_event(&trace, "kill", "pid", dies);
	ASSERT_NE(NULL, kill);
	compare_log(_metadata, self->kmsg, kill);
	EXPECT_EQ(sits, num_of(kill, "runner_up_pid"));
	EXPECT_STREQ("memcg", text_of(kill, "kind"));
	EXPECT_STREQ("memcg_limit", text_of(kill, "cause"));
	EXPECT_STREQ("/t", text_of(kill, "oom_memcg"));
	EXPECT_STREQ("dies", text_of(kill, "comm"));
	EXPECT_EQ(12, num_of(kill, "uid"));
	EXPECT_EQ(900, num_of(kill, "oom_score_adj"));
	stop(sits);
}

TEST_F(trace, nobody_else)
{
	struct events trace;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	ASSERT_TRUE(trace_begin("oomwatch"));
	pid = start_hog("-c " GROUP);
	EXPECT_TRUE(was_killed(pid));
	trace = trace_of(pid);
	EXPECT_EQ(1, compare_all(_metadata, &trace));
	ASSERT_NE(NULL, find_event(&trace, "kill", "pid", pid));
	EXPECT_EQ(-1, num_of(find_event(&trace, "kill", "pid", pid), "runner_up_pid"));
}

TEST_F(trace, group)
{
	struct events trace;
	pid_t pid[3];
	int i;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	cgroup_set(GROUP, "memory.oom.group", "1");
	ASSERT_TRUE(trace_begin("oomwatch"));
	for (i = 0; i < 2; i++)
		pid[i] = start_sitting_hog("-c " GROUP " -m 512");
	pid[2] = start_hog("-c " GROUP);
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(was_killed(pid[i]));
	trace = trace_of(pid[2]);
	EXPECT_EQ(3, compare_all(_metadata, &trace));
	for (i = 0; i < 3; i++) {
		const struct event *kill = find_event(&trace, "kill", "pid", pid[i]);

		ASSERT_NE(NULL, kill);
		EXPECT_EQ(OOMWATCH_TASK_GROUP, num_of(kill, "flags"));
	}
}

TEST_F(trace, machine)
{
	const struct event *kill;
	struct events trace;
	pid_t pid;

	ASSERT_TRUE(trace_begin("oomwatch"));
	pid = sysrq_kill_hog("-m 8192 -a 1000");
	ASSERT_NE(0, pid);
	trace = trace_of(pid);
	EXPECT_EQ(1, compare_all(_metadata, &trace));
	kill = find_event(&trace, "kill", "pid", pid);
	ASSERT_NE(NULL, kill);
	compare_log(_metadata, self->kmsg, kill);
	EXPECT_STREQ("global", text_of(kill, "kind"));
	EXPECT_STREQ("sysrq", text_of(kill, "cause"));
}

static void wait_for_line(const char *words)
{
	char *text;
	bool found;
	int i;

	for (i = 0, found = false; i < 200 && !found; i++) {
		pause_ms(50);
		text = slurp(TRACING "trace", NULL);
		found = strstr(text, words);
		free(text);
	}
}

/* An event that is off has no line, and the other has all of its own. */
TEST_F(trace, one_of_both)
{
	struct events trace;
	pid_t pid;

	ASSERT_TRUE(trace_begin("oomwatch/kill"));
	pid = sysrq_kill_hog("-m 8192 -a 1000");
	ASSERT_NE(0, pid);
	trace = trace_of(pid);
	EXPECT_EQ(1, count_type(&trace, "kill"));
	EXPECT_EQ(0, count_type(&trace, "candidate"));
	free(trace_end("oomwatch/kill"));

	ASSERT_TRUE(trace_begin("oomwatch/candidate"));
	ASSERT_NE(0, sysrq_kill_hog("-m 8192 -a 1000"));
	wait_for_line("candidate: ");
	trace = parse_trace(trace_end("oomwatch/candidate"));
	EXPECT_EQ(0, count_type(&trace, "kill"));
	EXPECT_LT(0, count_type(&trace, "candidate"));

	spew(TRACING "trace", "\n");
	ASSERT_NE(0, sysrq_kill_hog("-m 8192 -a 1000"));
	trace = parse_trace(slurp(TRACING "trace", NULL));
	EXPECT_EQ(0, trace.nr);
}

/* Users choose names of tasks and cgroups. A path that is too long for an event is unknown. */
TEST_F(trace, names)
{
	char deep[1024] = GROUP, name[210] = "/";
	struct events trace, all;
	const struct event *kill;
	pid_t pid;
	int i;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	memset(name + 1, 'x', 200);
	for (i = 0; i < 4; i++) {
		cgroup_set(deep, "cgroup.subtree_control", "+memory");
		strcat(deep, name);
		make_cgroup(deep, 0);
	}
	ASSERT_TRUE(trace_begin("oomwatch"));
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "0");
		cgroup_set(deep, "cgroup.procs", "0");
		prctl(PR_SET_NAME, "a\" pid=1\n\\");
		for (;;)
			memset(malloc(65536), 1, 65536);
	}
	EXPECT_TRUE(was_killed(pid));
	trace = trace_of(pid);
	all = read_events("last");
	kill = find_event(&trace, "kill", "pid", pid);
	ASSERT_NE(NULL, kill);
	ASSERT_NE(NULL, find_event(&all, "victim", "pid", pid));
	EXPECT_STREQ("a\"\\x20pid=1\\x0a\\x5c", text_of(kill, "comm"));
	EXPECT_STREQ("-", text_of(kill, "memcg"));
	EXPECT_EQ(num_of(find_event(&all, "victim", "pid", pid), "memcg_id"),
		  num_of(kill, "memcg_id"));
	EXPECT_STREQ("/t", text_of(kill, "oom_memcg"));
	for (; i; i--) {
		remove_cgroup(deep);
		*strrchr(deep, '/') = '\0';
	}
	expect_no_splat(_metadata, self->kmsg);
}

static void kill_on(int nr)
{
	for (;;)
		oom_kill_hog("-c " GROUP);
}

/* No line is broken, and kills go on. */
TEST_F(trace, switched)
{
	long long before = stat_of("victims");
	struct events trace;
	int i, kills = 0;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	ASSERT_TRUE(trace_begin("oomwatch"));
	pid = start_process(kill_on, 0);
	/* The event is on half of the time: a few kills could all be made in the other half. */
	for (i = 0; i < 200 || (i < 20000 && stat_of("victims") < before + 20); i++) {
		trace_switch(i & 1 ? "oomwatch" : "oomwatch/candidate", i & 2 ? "1" : "0");
		pause_ms(20);
	}
	stop(pid);
	pause_ms(200);
	trace = parse_trace(slurp(TRACING "trace", NULL));
	for (i = 0; i < trace.nr; i++) {
		EXPECT_STREQ("hog", text_of(&trace.event[i], "comm"));
		kills += is_type(&trace.event[i], "kill");
	}
	EXPECT_LT(0, kills);
	EXPECT_LT(before + 1, stat_of("victims"));
	TH_LOG("%d of %lld kills were traced", kills, stat_of("victims") - before);
	expect_no_splat(_metadata, self->kmsg);
}

static int perf_open(const char *event)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	char path[128];

	snprintf(path, sizeof(path), TRACING "events/oomwatch/%s/id", event);
	attr.config = number_in(path, NULL);
	/* On the first CPU, all tasks. */
	return syscall(SYS_perf_event_open, &attr, -1, 0, -1, 0);
}

/* perf counts the events, and keeps the module. */
TEST_F(trace, perf)
{
	int fd = perf_open("kill");
	__u64 nr = 0;
	cpu_set_t old;

	if (fd < 0)
		SKIP(return, "no perf events of tracepoints");
	sched_getaffinity(0, sizeof(old), &old);
	/* The hog asks for memory on that CPU. */
	use_cpu(0);
	if (have_memcg()) {
		EXPECT_TRUE(oom_kill_hog("-c " GROUP));
		EXPECT_TRUE(oom_kill_hog("-c " GROUP));
		EXPECT_EQ(sizeof(nr), read(fd, &nr, sizeof(nr)));
		EXPECT_EQ(2, nr);
	}
	EXPECT_NE(0, system("rmmod oomwatch 2>/dev/null"));
	EXPECT_TRUE(is_loaded());
	close(fd);
	sched_setaffinity(0, sizeof(old), &old);
	expect_no_splat(_metadata, self->kmsg);
}

/* tracefs does not keep the module. The kernel empties the trace when it goes. */
TEST_F(trace, unload)
{
	const char *ko = getenv("OOMWATCH_KO") ?: "/lib/oomwatch.ko";
	struct events trace;
	char command[256];
	pid_t pid;

	if (access(ko, R_OK))
		SKIP(return, "no module to load again");
	snprintf(command, sizeof(command), "insmod %s", ko);
	ASSERT_TRUE(trace_begin("oomwatch"));
	pid = sysrq_kill_hog("-m 8192 -a 1000");
	trace = trace_of(pid);
	EXPECT_LT(0, trace.nr);
	ASSERT_EQ(0, system("rmmod oomwatch"));
	EXPECT_NE(0, access(TRACING "events/oomwatch", F_OK));
	EXPECT_EQ(0, parse_trace(slurp(TRACING "trace", NULL)).nr);
	ASSERT_EQ(0, system(command));
	ASSERT_EQ(0, access(TRACING "events/oomwatch", F_OK));
	EXPECT_EQ(0, number_in(TRACING "events/oomwatch/enable", NULL));
	ASSERT_TRUE(trace_begin("oomwatch"));
	pid = sysrq_kill_hog("-m 8192 -a 1000");
	ASSERT_NE(0, pid);
	trace = trace_of(pid);
	EXPECT_EQ(1, compare_all(_metadata, &trace));
	expect_no_splat(_metadata, self->kmsg);
}

TEST_HARNESS_MAIN
