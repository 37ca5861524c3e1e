// SPDX-License-Identifier: GPL-2.0
/*
 * Storms: who owns a cgroup can have processes killed there at any rate, and many at once, and
 * pushes out no other kill. The oracle is what the ring had before.
 */
#include "harness.h"

#define CGROUP CGROUPS "/storm"
#define LIMIT_KIB 4096

/* A day's kills that are no storm: of a limit, of a user; and a kill's victims. */
#define MOST_OF_LIMIT 4
#define MOST_OF_USER 8
#define KILL_VICTIMS 4

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
	require_memcg();
}

FIXTURE(storm) {
	long long overwritten;
};

FIXTURE_SETUP(storm)
{
	reset_machine();
	knob_set("adj_updates", 0);
	make_cgroup(CGROUP, LIMIT_KIB);
	spew(DEBUGFS "clear", "1");
	self->overwritten = stat_of("storm_ring_overwritten");
}

FIXTURE_TEARDOWN(storm)
{
	reset_machine();
	remove_cgroup(CGROUP);
}

static void kill_in(struct __test_metadata *_metadata, const char *cgroup, int kills)
{
	while (kills--)
		EXPECT_TRUE(oom_kill_hog("-c %s -n stormy", cgroup));
}

/* The kill's first record, if its last is there, too. */
static const struct event *whole_kill(const struct events *all, long long oom)
{
	return find_event(all, "end", "oom", oom) ? find_event(all, "oom", "oom", oom) : NULL;
}

/* The number of the newest kill whose last record is there. */
static long long newest_kill(const struct events *all)
{
	long long oom = 0;
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], "end"))
			oom = num_of(&all->event[i], "oom");
	return oom;
}

/* As many kills at one limit as make the ring of storms forget one. */
static int kill_until_overwritten(struct __test_metadata *_metadata, long long overwritten)
{
	int kills;

	knob_set("storm_ring_kb", 64);
	for (kills = 0; kills < 200 && stat_of("storm_ring_overwritten") == overwritten; kills++)
		kill_in(_metadata, CGROUP, 1);
	EXPECT_LT(overwritten, stat_of("storm_ring_overwritten"));
	return kills;
}

/* The records of kills that a reader was told it missed. */
static long long lost_kills(const struct events *all)
{
	long long lost = 0;
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], "lost") && !is_known(&all->event[i], "kills"))
			lost += num_of(&all->event[i], "count");
	return lost;
}

/* Whether the report of a kill, of a victim of that name, says that records of it may be gone. */
static bool report_may_lack(struct __test_metadata *_metadata, long long oom, const char *victim)
{
	char *text;
	bool lack;

	spew(DEBUGFS "report", "%lld", oom);
	text = slurp(DEBUGFS "report", NULL);
	spew(DEBUGFS "report", "0");
	EXPECT_NE(NULL, strstr(text, victim));
	lack = strstr(text, "may be gone");
	free(text);
	return lack;
}

/* The machine's kill and the limit's first stay, however many come after them. */
TEST_F(storm, limit)
{
	long long machine, used, all_overwritten = stat_of("records_overwritten");
	struct events all;
	int kills, i;

	EXPECT_LT(0, sysrq_kill_hog("-m 2000 -a 1000 -n first"));
	all = read_events("events");
	machine = newest_kill(&all);
	kill_in(_metadata, CGROUP, MOST_OF_LIMIT);
	pause_ms(300);
	used = stat_of("ring_used_bytes");
	kills = MOST_OF_LIMIT + kill_until_overwritten(_metadata, self->overwritten);
	kill_in(_metadata, CGROUP, 3);
	kills += 3;
	pause_ms(300);
	/* With what the reaper may have done late. */
	EXPECT_GT(used + 1024, stat_of("ring_used_bytes"));
	all = read_events("events");
	for (i = 0; i <= MOST_OF_LIMIT; i++)
		EXPECT_NE(NULL, whole_kill(&all, machine + i));
	EXPECT_NE(NULL, find_text(&all, "victim", "comm", "first"));
	EXPECT_NE(NULL, whole_kill(&all, machine + kills));
	/* The oldest of the storm, and no other, is gone. */
	EXPECT_EQ(NULL, find_event(&all, "oom", "oom", machine + MOST_OF_LIMIT + 1));
	EXPECT_EQ(stat_of("storm_ring_overwritten") - self->overwritten, lost_kills(&all));
	EXPECT_EQ(stat_of("records_overwritten") - all_overwritten, lost_kills(&all));
	EXPECT_FALSE(report_may_lack(_metadata, machine, "first"));
}

/* The newest kill is the newest, in whichever ring it is. */
TEST_F(storm, newest)
{
	struct events all;
	char *text;

	kill_in(_metadata, CGROUP, MOST_OF_LIMIT + 1);
	pause_ms(300);
	EXPECT_LT(0, stat_of("storm_ring_held"));
	all = read_events("last");
	EXPECT_NE(NULL, whole_kill(&all, newest_kill(&all)));
	EXPECT_NE(NULL, find_text(&all, "victim", "comm", "stormy"));
	EXPECT_EQ(0, count_type(&all, "lost"));
	EXPECT_LT(0, sysrq_kill_hog("-m 2000 -a 1000 -n after"));
	all = read_events("last");
	EXPECT_NE(NULL, find_text(&all, "victim", "comm", "after"));
	kill_in(_metadata, CGROUP, 1);
	text = slurp(DEBUGFS "report", NULL);
	EXPECT_NE(NULL, strstr(text, "stormy"));
	free(text);
	EXPECT_EQ(256 << 10, stat_of("storm_ring_bytes"));
	EXPECT_LT(0, stat_of("storm_ring_used_bytes"));
}

static char *owned_cgroup(int nr)
{
	static char path[64];

	snprintf(path, sizeof(path), CGROUPS "/of_user%d", nr);
	return path;
}

/* Who owns many cgroups has no more kills in the ring of kills than who owns a few. */
TEST_F(storm, user)
{
	int i;

	for (i = 0; i < MOST_OF_USER; i++) {
		make_cgroup(owned_cgroup(i), LIMIT_KIB);
		EXPECT_TRUE(oom_kill_hog("-c %s -u 1000", owned_cgroup(i)));
	}
	EXPECT_EQ(0, stat_of("storm_ring_held"));
	for (i = 0; i < 2; i++)
		EXPECT_TRUE(oom_kill_hog("-c %s -u 1000", owned_cgroup(i)));
	pause_ms(300);
	EXPECT_LT(0, stat_of("storm_ring_held"));
	spew(DEBUGFS "clear", "1");
	/* Root's own, and those of another user, are no part of it. */
	for (i = 0; i < MOST_OF_USER; i++)
		EXPECT_TRUE(oom_kill_hog("-c %s -u 1000", owned_cgroup(i)));
	kill_in(_metadata, CGROUP, 1);
	EXPECT_TRUE(oom_kill_hog("-c %s -u 1001", owned_cgroup(0)));
	EXPECT_EQ(0, stat_of("storm_ring_held"));
	for (i = 0; i < MOST_OF_USER; i++)
		remove_cgroup(owned_cgroup(i));
}

/* So with the machine's, whose victims are the user's. */
TEST_F(storm, machine)
{
	long long used;
	int i;

	for (i = 0; i < MOST_OF_USER; i++)
		EXPECT_LT(0, sysrq_kill_hog("-m 2000 -a 1000 -u 1000"));
	pause_ms(300);
	EXPECT_EQ(0, stat_of("storm_ring_held"));
	EXPECT_LT(0, sysrq_kill_hog("-m 2000 -a 1000 -u 1000"));
	EXPECT_LT(0, stat_of("storm_ring_held"));
	/* To open the file waits for the records of /proc/meminfo. */
	pause_ms(300);
	read_events("last");
	used = stat_of("ring_used_bytes");
	EXPECT_LT(0, sysrq_kill_hog("-m 2000 -a 1000 -u 1000"));
	pause_ms(300);
	read_events("last");
	EXPECT_EQ(used, stat_of("ring_used_bytes"));
	spew(DEBUGFS "clear", "1");
	for (i = 0; i < 2 * MOST_OF_USER; i++)
		EXPECT_LT(0, sysrq_kill_hog("-m 2000 -a 1000"));
	pause_ms(300);
	EXPECT_EQ(0, stat_of("storm_ring_held"));
}

/* A kill with many victims has the first of them with its own records, and all in their order. */
TEST_F(storm, group)
{
	enum { SITTING = 60 };
	pid_t sitting[SITTING];
	struct events all;
	long long oom;
	int i;

	cgroup_set(CGROUP, "memory.max", "64M");
	cgroup_set(CGROUP, "memory.oom.group", "1");
	for (i = 0; i < SITTING; i++)
		sitting[i] = start_sitting_hog("-c " CGROUP " -m 64 -n grouped");
	cgroup_set(CGROUP, "memory.max", "2M");
	for (i = 0; i < SITTING; i++)
		EXPECT_TRUE(was_killed(sitting[i]));
	pause_ms(300);
	all = read_events("events");
	oom = newest_kill(&all);
	EXPECT_NE(NULL, whole_kill(&all, oom));
	for (i = 0; i < SITTING; i++) {
		EXPECT_NE(NULL, find_event(&all, "victim", "pid", sitting[i]));
		EXPECT_NE(NULL, find_event(&all, "exit", "pid", sitting[i]));
	}
	/* A victim has a record and one of its exit, and others. */
	EXPECT_LE(2 * (SITTING - KILL_VICTIMS), stat_of("storm_ring_held"));
	EXPECT_GT(stat_of("records_held"), stat_of("storm_ring_held") + 2 * KILL_VICTIMS);
	EXPECT_FALSE(report_may_lack(_metadata, oom, "grouped"));
	kill_until_overwritten(_metadata, self->overwritten);
	EXPECT_TRUE(report_may_lack(_metadata, oom, "grouped"));
}

/* So have the processes that are killed for using the victim's memory. */
TEST_F(storm, sharers)
{
	enum { SHARERS = 30 };
	struct events all;
	long long oom;

	cgroup_set(CGROUP, "memory.max", "8M");
	EXPECT_TRUE(oom_kill_hog("-c " CGROUP " -p %d", SHARERS));
	pause_ms(300);
	all = read_events("last");
	oom = newest_kill(&all);
	EXPECT_NE(NULL, whole_kill(&all, oom));
	EXPECT_EQ(1, count_type(&all, "victim"));
	EXPECT_EQ(SHARERS, count_type(&all, "sharer"));
	EXPECT_NE(NULL, find_event(&all, "end", "sharers", SHARERS));
	EXPECT_EQ(1 + SHARERS - KILL_VICTIMS, stat_of("storm_ring_held"));
	EXPECT_FALSE(report_may_lack(_metadata, oom, "hog"));
	/* How many there were stays known when their records are gone. */
	kill_until_overwritten(_metadata, self->overwritten);
	all = read_events("events");
	EXPECT_NE(NULL, find_event(&all, "end", "sharers", SHARERS));
	EXPECT_TRUE(report_may_lack(_metadata, oom, "hog"));
}

TEST_HARNESS_MAIN
