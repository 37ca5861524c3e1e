// SPDX-License-Identifier: GPL-2.0
/*
 * A kill by the memory controller of cgroup v1. This takes the controller from v2, and can't give
 * it back: a removed cgroup exists for as long as memory is charged to it. So this needs a machine
 * of its own, where no test has made cgroups before.
 */
#include "harness.h"

#include <limits.h>
#include <sys/mount.h>

#define V1 "/tmp/v1"

/* The controller leaves v2 only when all cgroups that had it are freed, with their memory. */
static bool mount_v1(void)
{
	int i;

	mkdir(V1, 0755);
	if (have_memcg())
		cgroup_set(CGROUPS, "cgroup.subtree_control", "-memory");
	for (i = 0; i < 50; i++) {
		spew("/proc/sys/vm/drop_caches", "3");
		if (!mount("none", V1, "cgroup", 0, "memory"))
			return true;
		pause_ms(100);
	}
	return false;
}

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
	if (mount_v1())
		return;
	try_write(CGROUPS "/cgroup.subtree_control", "+memory", 7);
	skip_program("no memory controller of cgroup v1, or cgroup v2 holds it");
}

TEST(memcg_v1)
{
	const struct event *oom, *victim, *memcg;
	struct events all;
	struct stat dir;
	bool memsw;
	pid_t pid;

	ASSERT_EQ(0, mkdir(V1 "/old", 0755));
	spew(V1 "/old/memory.limit_in_bytes", "8M");
	memsw = !access(V1 "/old/memory.memsw.limit_in_bytes", F_OK);
	if (memsw)
		spew(V1 "/old/memory.memsw.limit_in_bytes", "12M");
	ASSERT_EQ(0, stat(V1 "/old", &dir));
	pid = start_hog("-c " V1 "/old -a 100");
	EXPECT_TRUE(was_killed(pid));
	remove_cgroup(V1 "/old");
	pause_ms(50);
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	victim = find_event(&all, "victim", "pid", pid);
	ASSERT_NE(NULL, oom);
	ASSERT_NE(NULL, victim);
	EXPECT_STREQ("memcg", text_of(oom, "kind"));
	EXPECT_EQ((long long)dir.st_ino, num_of(oom, "oom_memcg_id"));
	EXPECT_EQ((long long)dir.st_ino, num_of(victim, "memcg_id"));
	EXPECT_EQ(8192, num_of(oom, "memcg_limit_kb"));
	EXPECT_FALSE(is_known(oom, "memcg_swap_limit_kb"));
	EXPECT_FALSE(is_known(oom, "memcg_high_kb"));
	if (memsw)
		EXPECT_EQ(12288, num_of(oom, "memcg_memsw_limit_kb"));
	EXPECT_LT(0, num_of(oom, "memcg_memsw_usage_kb"));
	EXPECT_EQ(num_of(victim, "points"), num_of(oom, "chosen_points"));
	EXPECT_STREQ("memcg_limit", text_of(oom, "cause"));
	EXPECT_EQ(8192, num_of(oom, "cause_bound_kb"));
	/* With v1 paths are looked up after the kill; the cgroup is removed by now. */
	EXPECT_STREQ("/old", text_of(oom, "oom_memcg"));
	EXPECT_STREQ("/old", text_of(oom, "trigger_memcg"));
	EXPECT_STREQ("/old", text_of(victim, "memcg"));
	/* The kernel counts these for cgroups of v2 alone. */
	memcg = find_event(&all, "memcg", "oom", num_of(oom, "oom"));
	ASSERT_NE(NULL, memcg);
	EXPECT_FALSE(is_known(memcg, "psi_age_ns"));
	EXPECT_FALSE(is_known(memcg, "psi_some_avg10_bp"));
	EXPECT_FALSE(is_known(memcg, "sock_kb"));
	EXPECT_FALSE(is_known(memcg, "zswap_kb"));
	EXPECT_FALSE(is_known(memcg, "zswapped_kb"));
}

/* The line of the kernel's report that begins so, as the records have it. */
static void compare_line(struct __test_metadata *_metadata, const char *line,
			 const struct event *amounts, const char *usage, const char *limit,
			 const struct event *failures, const char *failcnt)
{
	/* Each CPU may have charged a batch in advance, and give it back. */
	long long batches = 64 * sysconf(_SC_PAGESIZE) / 1024 * sysconf(_SC_NPROCESSORS_ONLN);
	long long there = number_behind(line, "limit ");
	bool no_limit = there >= LLONG_MAX / 2048;

	EXPECT_GE(batches, llabs(num_of(amounts, usage) - number_behind(line, "usage ")))
		TH_LOG("%s=%s: %s", usage, text_of(amounts, usage), line);
	EXPECT_EQ(no_limit, !strcmp(text_of(amounts, limit), "max")) TH_LOG("%s", line);
	EXPECT_TRUE(no_limit || num_of(amounts, limit) == there) TH_LOG("%s", line);
	EXPECT_EQ(number_behind(line, "failcnt "), num_of(failures, failcnt)) TH_LOG("%s", line);
}

/* The lines of the kernel's report that a cgroup of v1 has. */
static int compare_report(struct __test_metadata *_metadata, int kmsg, const struct event *oom,
			  const struct event *memcg)
{
	char line[KMSG_MAX];
	int nr = 0;

	while (kmsg_line(kmsg, line)) {
		if (!strncmp(line, "memory: usage ", 14))
			compare_line(_metadata, line, oom, "memcg_usage_kb", "memcg_limit_kb",
				     oom, "memcg_failcnt");
		else if (!strncmp(line, "memory+swap: usage ", 19))
			compare_line(_metadata, line, oom, "memcg_memsw_usage_kb",
				     "memcg_memsw_limit_kb", memcg, "memsw_failcnt");
		else if (!strncmp(line, "kmem: usage ", 12))
			compare_line(_metadata, line, memcg, "kmem_usage_kb", "kmem_limit_kb",
				     memcg, "kmem_failcnt");
		else
			continue;
		nr++;
	}
	return nr;
}

TEST(report)
{
	const struct event *oom, *memcg;
	struct events all;
	int kmsg;
	pid_t pid;

	ASSERT_EQ(0, mkdir(V1 "/report", 0755));
	spew(V1 "/report/memory.limit_in_bytes", "8M");
	if (!access(V1 "/report/memory.memsw.limit_in_bytes", F_OK))
		spew(V1 "/report/memory.memsw.limit_in_bytes", "8M");
	/* Not on all kernels, and none has to have a limit that can be reached. */
	try_write(V1 "/report/memory.kmem.limit_in_bytes", "6M", 2);
	kmsg = kmsg_open();
	pid = start_hog("-c " V1 "/report");
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	ASSERT_NE(NULL, oom);
	memcg = find_event(&all, "memcg", "oom", num_of(oom, "oom"));
	ASSERT_NE(NULL, memcg);
	EXPECT_EQ(3, compare_report(_metadata, kmsg, oom, memcg));
	close(kmsg);
	remove_cgroup(V1 "/report");
}

/* With swap a full limit of memory is normal: it is the limit of both that kills. */
TEST(memory_and_swap)
{
	const char *limit = V1 "/both/memory.memsw.limit_in_bytes";
	const struct event *oom;
	struct events all;
	pid_t pid;

	ASSERT_EQ(0, mkdir(V1 "/both", 0755));
	spew(V1 "/both/memory.limit_in_bytes", "8M");
	if (access(limit, F_OK) || !swap_on()) {
		remove_cgroup(V1 "/both");
		SKIP(return, "no swap, or it is not accounted to cgroups");
	}
	spew(limit, "16M");
	pid = start_hog("-c " V1 "/both");
	EXPECT_TRUE(was_killed(pid));
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	ASSERT_NE(NULL, oom);
	EXPECT_STREQ("memcg_limit", text_of(oom, "cause"));
	EXPECT_EQ(16384, num_of(oom, "cause_bound_kb"));
	EXPECT_EQ(num_of(oom, "memcg_memsw_usage_kb"), num_of(oom, "cause_kb"));
	swap_off();
	remove_cgroup(V1 "/both");
}

/* The end of a path that is too long is recorded. */
TEST(long_path)
{
	long long truncated = stat_of("strings_truncated");
	const struct event *victim;
	char name[256], dir[300];
	struct events all;
	pid_t pid;

	sprintf(name, "%0250d", 7);
	snprintf(dir, sizeof(dir), V1 "/%s", name);
	ASSERT_EQ(0, mkdir(dir, 0755));
	cgroup_set(dir, "memory.limit_in_bytes", "8M");
	pid = start_hog("-c %s", dir);
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	victim = find_event(&all, "victim", "pid", pid);
	ASSERT_NE(NULL, victim);
	EXPECT_STREQ(name + 10, text_of(victim, "memcg"));
	EXPECT_LT(truncated, stat_of("strings_truncated"));
	remove_cgroup(dir);
}

/* A dry run has the path at once. */
TEST(dry_run)
{
	struct events all;
	pid_t pid;

	ASSERT_EQ(0, mkdir(V1 "/dry", 0755));
	pid = start_sitting_hog("-c " V1 "/dry -m 100");
	all = read_events("candidates");
	EXPECT_STREQ("/dry", text_of(find_event(&all, "task", "tgid", pid), "memcg"));
	stop(pid);
	remove_cgroup(V1 "/dry");
}

TEST_HARNESS_MAIN
