// SPDX-License-Identifier: GPL-2.0
/*
 * More cgroups than a kill looks at: what was left out is not told as if it were known.
 */
#include "harness.h"

#define GROUP CGROUPS "/crowd"
#define ROOM_KB (16 * 1024)
#define CPUS_MAX 4096	/* CPUs of cgroups that a reading of memory.stat looks at */
#define SEEN_MAX 1024	/* children */
#define COST_KB 100	/* what the kernel has for a cgroup, and some to spare */

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
	require_memcg();
}

FIXTURE(crowd) {
	int nr;
	char last[64];
};

static void member_path(char path[64], int i)
{
	snprintf(path, 64, GROUP "/member%d", i);
}

FIXTURE_SETUP(crowd)
{
	int i;

	self->nr = CPUS_MAX / sysconf(_SC_NPROCESSORS_CONF);
	self->nr = (self->nr > SEEN_MAX ? self->nr : SEEN_MAX) + 50;
	if (number_in("/proc/meminfo", "MemFree:") < self->nr * COST_KB)
		SKIP(return, "too little memory for %d cgroups", self->nr);
	make_cgroup(GROUP, 0);
	cgroup_set(GROUP, "cgroup.subtree_control", "+memory");
	for (i = 0; i < self->nr; i++) {
		member_path(self->last, i);
		make_cgroup(self->last, 0);
	}
	/* The kernel charges for cgroups, too. */
	make_cgroup(GROUP, number_in(GROUP "/memory.current", "") / 1024 + ROOM_KB);
}

FIXTURE_TEARDOWN(crowd)
{
	char path[64];
	int i;

	for (i = 0; i < self->nr; i++) {
		member_path(path, i);
		remove_cgroup(path);
	}
	remove_cgroup(GROUP);
}

/*
 * The victim is in the last cgroup, which is not looked at. Mostly the kernel has added up what is
 * there when it reclaimed; if not, what the cgroup has must not be known.
 */
TEST_F(crowd, kill)
{
	const struct event *victim, *rec;
	struct events all;
	pid_t hog;

	hog = start_hog("-c %s", self->last);
	EXPECT_TRUE(was_killed(hog));
	all = read_events("last");
	victim = find_event(&all, "victim", "tgid", hog);
	ASSERT_NE(NULL, victim);
	rec = find_event(&all, "memcg", "oom", num_of(victim, "oom"));
	ASSERT_NE(NULL, rec);
	EXPECT_EQ(SEEN_MAX, num_of(rec, "children"));
	EXPECT_FALSE(is_known(rec, "children_unseen"));
	if (is_known(rec, "anon_kb"))
		EXPECT_LE(ROOM_KB / 2, num_of(rec, "anon_kb"));
}

TEST_HARNESS_MAIN
