// SPDX-License-Identifier: GPL-2.0
/*
 * Episodes: which records belong to one, its outcome, and what is known without some source.
 */
#include "harness.h"

#include <sys/swap.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

FIXTURE(states) {
	int unused;
};

FIXTURE_SETUP(states)
{
	reset_machine();
	if (have_memcg())
		make_cgroup(CGROUPS "/s", 8 * 1024);
	spew(DEBUGFS "clear", "1");
}

FIXTURE_TEARDOWN(states)
{
	if (have_memcg())
		remove_cgroup(CGROUPS "/s");
}

/* Records in the ring of kills. */
static long long kills_held(void)
{
	return stat_of("records_held") - stat_of("adj_ring_held") - stat_of("nobody_ring_held");
}

/* The module is attached to each source that the kernel has. */
TEST_F(states, sources)
{
	static const struct { const char *name, *where; } sources[] = {
		{ "oom_notifier", "/proc" },
		{ "out_of_memory", KPROBES },
		{ "oom_kill_process", KPROBES },
		{ "mark_victim", TRACING "events/oom/mark_victim" },
		{ "wake_reaper", TRACING "events/oom/wake_reaper" },
		{ "start_task_reaping", TRACING "events/oom/start_task_reaping" },
		{ "finish_task_reaping", TRACING "events/oom/finish_task_reaping" },
		{ "skip_task_reaping", TRACING "events/oom/skip_task_reaping" },
		{ "oom_score_adj_update", TRACING "events/oom/oom_score_adj_update" },
		{ "reclaim_retry_zone", TRACING "events/oom/reclaim_retry_zone" },
		{ "compact_retry", TRACING "events/oom/compact_retry" },
		{ "sched_process_exit", TRACING "events/sched/sched_process_exit" },
		{ "task_newtask", TRACING "events/task/task_newtask" },
		{ "signal_generate", TRACING "events/signal/signal_generate" },
	};
	unsigned int i;

	if (access(TRACING "events", F_OK))
		SKIP(return, "no tracefs at " TRACING);
	for (i = 0; i < sizeof(sources) / sizeof(*sources); i++)
		EXPECT_EQ(!access(sources[i].where, F_OK), have_source(sources[i].name))
			TH_LOG("source %u", i);
}

/* A group kill is one episode, with one oom record and one end. */
TEST_F(states, group)
{
	long long episodes = stat_of("episodes"), groups = stat_of("victims_group");
	const struct event *oom, *end;
	struct events all;
	pid_t pid[5];
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	cgroup_set(CGROUPS "/s", "memory.oom.group", "1");
	for (i = 0; i < 4; i++)
		pid[i] = start_sitting_hog("-c " CGROUPS "/s -m 512");
	pid[4] = start_hog("-c " CGROUPS "/s");
	for (i = 0; i < 5; i++)
		EXPECT_TRUE(was_killed(pid[i]));
	pause_ms(50);
	all = read_events("last");
	EXPECT_EQ(1, count_type(&all, "oom"));
	EXPECT_EQ(5, count_type(&all, "victim"));
	EXPECT_EQ(1, count_type(&all, "end"));
	EXPECT_EQ(5, count_type(&all, "exit"));
	oom = &all.event[0];
	ASSERT_STREQ("oom", oom->type);
	end = find_event(&all, "end", "oom", num_of(oom, "oom"));
	ASSERT_NE(NULL, end);
	EXPECT_EQ(5, num_of(end, "victims"));
	for (i = 0; i < 5; i++) {
		const struct event *victim = find_event(&all, "victim", "pid", pid[i]);

		ASSERT_NE(NULL, victim);
		EXPECT_EQ(num_of(oom, "oom"), num_of(victim, "oom"));
		EXPECT_STREQ("group", text_of(victim, "flags"));
		/* All of them were candidates. */
		EXPECT_EQ(num_of(find_event(&all, "task", "tgid", pid[i]), "rank"),
			  num_of(victim, "rank"));
	}
	EXPECT_LE(episodes + 1, stat_of("episodes"));
	EXPECT_EQ(groups + 5, stat_of("victims_group"));
}

/*
 * A process that was sent SIGKILL and can't die. If sysrq chooses it, the kernel marks it as a
 * victim, but does not kill it: the outcome is "dying".
 */
TEST_F(states, dying)
{
	long long kills = vmstat_kills(), dying = stat_of("outcome_dying");
	const struct event *victim;
	struct events all;
	pid_t pid;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	pid = start_sitting_hog("-m 20000 -a 1000 -n frozen");
	hold_exit(pid);
	kill(pid, SIGKILL);
	wait_held(pid);
	sysrq_oom();
	let_exit(pid);
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	victim = find_event(&all, "victim", "pid", pid);
	ASSERT_NE(NULL, victim);
	EXPECT_STREQ("dying", text_of(victim, "flags"));
	EXPECT_STREQ("dying_chosen", text_of(&all.event[0], "verdict"));
	EXPECT_STREQ("dying", text_of(find_event(&all, "end", "victims", 1), "outcome"));
	EXPECT_EQ(0, num_of(find_event(&all, "end", "victims", 1), "kills"));
	EXPECT_EQ(num_of(victim, "points"), num_of(&all.event[0], "chosen_points"));
	EXPECT_EQ(dying + 1, stat_of("outcome_dying"));
	EXPECT_EQ(kills, vmstat_kills());
}

/* A victim that stays has three reap records: wake, start, finish. */
TEST_F(states, reaped)
{
	struct events all;
	int i, n = 0;
	pid_t pid;

	pid = start_sitting_hog("-m 20000 -a 1000 -n reapable");
	hold_exit(pid);
	sysrq_oom();
	wait_held(pid);
	for (i = 0; i < 200; i++) {
		pause_ms(100);
		all = read_events("last");
		n = count_type(&all, "reap");
		if (n == 3)
			break;
	}
	EXPECT_EQ(3, n);
	let_exit(pid);
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	for (i = 0, n = 0; i < all.nr; i++) {
		static const char * const order[] = { "wake", "start", "finish" };
		const struct event *event = &all.event[i];

		if (!is_type(event, "reap"))
			continue;
		EXPECT_STREQ(order[n++], text_of(event, "event"));
		EXPECT_EQ(num_of(&all.event[0], "oom"), num_of(event, "oom"));
		EXPECT_EQ(pid, num_of(event, "pid"));
		/* OOM_REAPER_DELAY is two seconds, by the kernel's ticks and not by its clock. */
		EXPECT_LT(1500000000LL, num_of(event, "since_kill_ns"));
		EXPECT_GT(10000000000LL, num_of(event, "since_kill_ns"));
	}
	EXPECT_EQ(3, n);
	EXPECT_EQ(1, count_type(&all, "exit"));
}

/* The kernel kills processes that share a victim's memory, without an event. */
TEST_F(states, sharers)
{
	long long before = stat_of("sharers");
	const struct event *victim, *sharer;
	struct events all;
	int i, found = 0;
	bool of_hog;
	pid_t pid;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	pid = start_hog("-c " CGROUPS "/s -n shares -p 3 -a 7 -u 99");
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	/* All four have the same score: any may be the victim. */
	victim = find_event(&all, "victim", "oom_score_adj", 7);
	ASSERT_NE(NULL, victim);
	of_hog = num_of(victim, "pid") == pid;
	EXPECT_NE(NULL, strstr(text_of(victim, "flags"), "shares_mm"));
	EXPECT_EQ(1, count_type(&all, "victim"));
	EXPECT_EQ(1, count_type(&all, "end"));
	EXPECT_NE(NULL, find_event(&all, "end", "sharers", 3));
	for (i = 0; i < all.nr; i++) {
		sharer = &all.event[i];
		if (!is_type(sharer, "sharer"))
			continue;
		found++;
		EXPECT_EQ(num_of(victim, "pid"), num_of(sharer, "victim_pid"));
		EXPECT_NE(num_of(victim, "pid"), num_of(sharer, "pid"));
		of_hog |= num_of(sharer, "pid") == pid;
		EXPECT_EQ(99, num_of(sharer, "uid"));
		EXPECT_EQ(7, num_of(sharer, "oom_score_adj"));
		EXPECT_EQ(num_of(victim, "oom"), num_of(sharer, "oom"));
	}
	EXPECT_EQ(3, found);
	EXPECT_TRUE(of_hog);
	EXPECT_EQ(before + 3, stat_of("sharers"));
}

/* If no process may be killed, a charge fails: that is no kill. For its records see nobody.c. */
TEST_F(states, no_victim)
{
	long long outcome = stat_of("outcome_no_victim"), held = kills_held();

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	fail_charges(CGROUPS "/s", 1);
	EXPECT_LT(outcome, stat_of("outcome_no_victim"));
	EXPECT_EQ(held, kills_held());
}

/*
 * The kernel chooses without a scan: there are no points of the choice, and no candidates unless
 * the knob asks for them. Then the first is the process that it would have chosen by score.
 */
TEST_F(states, allocating_task)
{
	const struct event *task;
	struct events all;
	pid_t sitting, pid;
	int always;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	sitting = start_sitting_hog("-m 2048 -a 1000");
	for (always = 0; always < 2; always++) {
		knob_set("candidates_always", always);
		spew("/proc/sys/vm/oom_kill_allocating_task", "1");
		pid = start_hog("-n allocating");
		EXPECT_TRUE(was_killed(pid));
		spew("/proc/sys/vm/oom_kill_allocating_task", "0");
		pause_ms(50);
		all = read_events("last");
		ASSERT_NE(NULL, find_event(&all, "victim", "pid", pid));
		EXPECT_STREQ("allocating_task", text_of(&all.event[0], "verdict"));
		EXPECT_FALSE(is_known(&all.event[0], "chosen_points"));
		EXPECT_TRUE(is_known(find_event(&all, "victim", "pid", pid), "points"));
		task = find_event(&all, "task", "rank", 1);
		EXPECT_EQ(always, !!task);
		EXPECT_EQ(always, count_type(&all, "excluded"));
		if (always)
			EXPECT_EQ(sitting, num_of(task, "tgid"));
	}
	knob_set("candidates_always", 0);
	/* The kernel's own scan agrees. */
	sysrq_oom();
	EXPECT_TRUE(was_killed(sitting));
}

/* The process that calls swapoff() is killed first: it is the one that needs the memory. */
TEST_F(states, oom_origin)
{
	const struct event *oom, *task;
	struct events all;
	pid_t sitting, pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!swap_on())
		SKIP(return, "no zram to swap to");
	sitting = start_sitting_hog("-c " CGROUPS "/s -m 24000 -a 900");
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "-1000");
		cgroup_set(CGROUPS "/s", "cgroup.procs", "0");
		_exit(!swapoff("/dev/zram0"));
	}
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	task = find_event(&all, "task", "pid", pid);
	ASSERT_NE(NULL, oom);
	ASSERT_NE(NULL, task);
	EXPECT_STREQ("oom_origin", text_of(oom, "verdict"));
	EXPECT_FALSE(is_known(oom, "chosen_points"));
	EXPECT_EQ(1, num_of(task, "rank"));
	EXPECT_STREQ("origin", text_of(task, "flags"));
	ASSERT_NE(NULL, find_event(&all, "victim", "pid", pid));
	/* An oom_score_adj of -1000 does not protect it. */
	EXPECT_EQ(-1000, num_of(task, "oom_score_adj"));
	stop(sitting);
	swap_off();
}

/*
 * With kprobes disarmed there is no scope. Kills are still recorded, and what only the scope
 * knows is unknown.
 */
TEST_F(states, without_scope)
{
	const char *switch_file = KPROBES "/enabled";
	struct events all;
	pid_t pid[3];
	int i;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	if (access(switch_file, W_OK))
		SKIP(return, "kprobes can't be disarmed here");
	cgroup_set(CGROUPS "/s", "memory.oom.group", "1");
	spew(switch_file, "0");
	for (i = 0; i < 2; i++)
		pid[i] = start_sitting_hog("-c " CGROUPS "/s -m 512 -a 7");
	pid[2] = start_hog("-c " CGROUPS "/s");
	for (i = 0; i < 3; i++)
		EXPECT_TRUE(was_killed(pid[i]));
	pause_ms(50);
	spew(switch_file, "1");
	all = read_events("last");
	EXPECT_EQ(1, count_type(&all, "oom"));
	EXPECT_EQ(3, count_type(&all, "victim"));
	EXPECT_EQ(3, count_type(&all, "exit"));
	EXPECT_EQ(0, count_type(&all, "end"));
	EXPECT_EQ(pid[2], num_of(&all.event[0], "pid"));
	EXPECT_STREQ("-", text_of(&all.event[0], "kind"));
	EXPECT_STREQ("-", text_of(&all.event[0], "constraint"));
	EXPECT_FALSE(is_known(&all.event[0], "totalpages"));
	EXPECT_FALSE(is_known(&all.event[0], "chosen_points"));
	EXPECT_FALSE(is_known(&all.event[0], "oom_memcg"));
	EXPECT_FALSE(is_known(&all.event[0], "order"));
	EXPECT_FALSE(is_known(find_event(&all, "victim", "pid", pid[0]), "points"));
	EXPECT_TRUE(is_known(find_event(&all, "victim", "pid", pid[2]), "points"));
	EXPECT_LT(0, num_of(find_event(&all, "victim", "pid", pid[0]), "score_rss"));

	/* With the scope back, all is known again. */
	EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/s"));
	pause_ms(50);
	all = read_events("last");
	EXPECT_STREQ("memcg", text_of(&all.event[0], "kind"));
	EXPECT_EQ(1, count_type(&all, "end"));
}

/* The file last has the newest episode, without an earlier one or later records of no episode. */
TEST_F(states, last)
{
	struct events all;
	pid_t pid;
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/s -n former"));
	pid = start_hog("-c " CGROUPS "/s -n latter");
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	spew("/proc/self/oom_score_adj", "-1000");
	all = read_events("last");
	EXPECT_EQ(6 + have_stacks(), all.nr - count_type(&all, "zone") - count_type(&all, "task") -
				     count_type(&all, "cmdline"));
	EXPECT_EQ(1, count_type(&all, "memcg"));
	EXPECT_EQ(1, count_type(&all, "task"));
	EXPECT_EQ(1, count_type(&all, "excluded"));
	EXPECT_LT(0, count_type(&all, "zone"));
	EXPECT_EQ(have_stacks(), count_type(&all, "stack"));
	for (i = 0; i < all.nr; i++)
		EXPECT_EQ(num_of(&all.event[0], "oom"), num_of(&all.event[i], "oom"));
	EXPECT_NE(NULL, find_event(&all, "victim", "pid", pid));
	EXPECT_LT(0, num_of(find_event(&all, "exit", "pid", pid), "since_kill_ns"));
	all = read_events("events");
	EXPECT_LE(9, all.nr);
}

TEST_HARNESS_MAIN
