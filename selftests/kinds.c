// SPDX-License-Identifier: GPL-2.0
/*
 * Kinds of OOM kills, and their causes: the test provokes each, and looks at its record.
 */
#include "harness.h"

#include <linux/futex.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
}

FIXTURE(kinds) {
	struct events all;
	long long boost;	/* as the kernel had it */
};

/* The distance of a zone's watermarks, in 10,000ths of the zone; the kernel's default is 10. */
static void part_watermarks(const char *scale)
{
	spew("/proc/sys/vm/watermark_scale_factor", "%s", scale);
}

#define BOOST "/proc/sys/vm/watermark_boost_factor"

/* Boosted watermarks would take some MiB from the kind of memory that is to be most. */
FIXTURE_SETUP(kinds)
{
	reset_machine();
	self->boost = number_in(BOOST, "");
	spew(BOOST, "0");
	let_cpus_keep("1000");
	spew(DEBUGFS "clear", "1");
}

FIXTURE_TEARDOWN(kinds)
{
	spew(BOOST, "%lld", self->boost);
	let_cpus_keep("0");
	part_watermarks("10");
}

/* The oom record of the episode in which a process was killed. */
static const struct event *episode_of(struct events *all, pid_t pid)
{
	const struct event *victim;

	pause_ms(50);
	*all = read_events("events");
	victim = find_event(all, "victim", "tgid", pid);
	if (!victim)
		errx(1, "no record of victim %d", pid);
	return find_event(all, "oom", "oom", num_of(victim, "oom"));
}

static const struct event *of_episode(const struct events *all, const struct event *oom,
				      const char *type)
{
	const struct event *event = find_event(all, type, "oom", num_of(oom, "oom"));

	if (!event)
		errx(1, "no %s record in the episode", type);
	return event;
}

/* A record that the module writes after the kill, by a worker. */
static const struct event *later_record(struct events *all, const struct event *oom,
					const char *type)
{
	long long id = num_of(oom, "oom");
	const struct event *rec;
	int i;

	for (i = 0; i < 600; i++) {
		rec = find_event(all, type, "oom", id);
		if (rec)
			return rec;
		pause_ms(100);
		*all = read_events("events");
	}
	errx(1, "no %s record of kill %lld", type, id);
}

static unsigned long ram_kb(void)
{
	return number_in("/proc/meminfo", "MemTotal:");
}

/* If the kernel has stacks, the trigger's has one of the two frames. */
static void expect_either_frame(struct __test_metadata *_metadata, const struct events *all,
				const struct event *oom, const char *a, const char *b)
{
	const char *frames;

	if (!have_stacks())
		return;
	frames = text_of(of_episode(all, oom, "stack"), "frames");
	EXPECT_TRUE(strstr(frames, a) || strstr(frames, b)) TH_LOG("frames: %s", frames);
}

static void expect_frame(struct __test_metadata *_metadata, const struct events *all,
			 const struct event *oom, const char *frame)
{
	expect_either_frame(_metadata, all, oom, frame, frame);
}

/* --- triggers -------------------------------------------------------------- */

TEST_F(kinds, page_fault)
{
	const struct event *oom;
	pid_t pid = start_hog("-n faulter");

	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("global", text_of(oom, "kind"));
	EXPECT_STREQ("alloc", text_of(oom, "trigger"));
	expect_frame(_metadata, &self->all, oom, "handle_mm_fault+");
}

/* A limit is hit by memory that the kernel holds for a process: pipes. */
TEST_F(kinds, kernel_memory)
{
	const struct event *oom;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/k", 8 * 1024);
	pid = start_hog("-c " CGROUPS "/k -k -n piper");
	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("memcg", text_of(oom, "trigger"));
	EXPECT_STREQ("memcg_limit", text_of(oom, "cause"));
	EXPECT_STREQ("piper", text_of(oom, "comm"));
	/* In one of some 60 kills a new pipe or its file asks, not the data in a pipe. */
	expect_either_frame(_metadata, &self->all, oom, "pipe_write+", "_sys_pipe");
	/* At most half of the limit is in pages of the process. */
	EXPECT_GT(4096, num_of(of_episode(&self->all, oom, "victim"), "anon_rss_kb"));
	remove_cgroup(CGROUPS "/k");
}

/* Who lowers a limit below the usage asks for no memory. */
static void check_lowering(struct __test_metadata *_metadata, struct events *all)
{
	const struct event *oom;
	pid_t pid;

	make_cgroup(CGROUPS "/k", 40 * 1024);
	pid = start_sitting_hog("-c " CGROUPS "/k -m 12000");
	spew(CGROUPS "/k/memory.max", "4M");
	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(all, pid);
	EXPECT_STREQ("memory_max", text_of(oom, "trigger"));
	EXPECT_STREQ("limit_lowered", text_of(oom, "cause"));
	EXPECT_EQ(getpid(), num_of(oom, "pid"));
	EXPECT_EQ(4096, num_of(oom, "memcg_limit_kb"));
	EXPECT_EQ(4096, num_of(oom, "cause_bound_kb"));
	EXPECT_LT(12000, num_of(oom, "cause_kb"));
	remove_cgroup(CGROUPS "/k");
}

TEST_F(kinds, limit_lowered)
{
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	if (!have_stacks() || !have_source("oom_kill_process"))
		SKIP(return, "no stack of who asks");
	check_lowering(_metadata, &self->all);
	/* Also if the record is to have no stack. */
	knob_set("stack_depth", 0);
	check_lowering(_metadata, &self->all);
	/* A charge beyond that limit is none of these. */
	make_cgroup(CGROUPS "/k", 4 * 1024);
	pid = start_hog("-c " CGROUPS "/k");
	EXPECT_TRUE(was_killed(pid));
	EXPECT_STREQ("memcg_limit", text_of(episode_of(&self->all, pid), "cause"));
	remove_cgroup(CGROUPS "/k");
}

static void *take_in_thread(void *unused)
{
	prctl(PR_SET_NAME, "timer");
	for (;;)
		memset(malloc(65536), 1, 65536);
	return unused;
}

static void be_java(int unused)
{
	pthread_t thread;

	(void)unused;
	prctl(PR_SET_NAME, "java");
	spew("/proc/self/oom_score_adj", "0");
	spew(CGROUPS "/k/cgroup.procs", "0");
	pthread_create(&thread, NULL, take_in_thread, NULL);
	pause();
}

/* A thread with a name of its own asks: the record has its process's, too. */
TEST_F(kinds, thread)
{
	const struct event *oom;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/k", 8 * 1024);
	pid = start_process(be_java, 0);
	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("timer", text_of(oom, "comm"));
	EXPECT_STREQ("java", text_of(oom, "leader_comm"));
	EXPECT_EQ(pid, num_of(oom, "tgid"));
	EXPECT_NE(pid, num_of(oom, "pid"));
	remove_cgroup(CGROUPS "/k");
}

TEST_F(kinds, sysrq_by_kernel_thread)
{
	const struct event *oom;
	pid_t pid = sysrq_kill_hog("-m 9000 -a 1000");

	EXPECT_NE(0, pid);
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("sysrq", text_of(oom, "trigger"));
	EXPECT_STREQ("sysrq", text_of(oom, "cause"));
	EXPECT_FALSE(is_known(oom, "cause_kb"));
	EXPECT_EQ(0, strncmp("kworker/", text_of(oom, "comm"), 8));
	EXPECT_EQ(-1, num_of(oom, "order"));
}

static void write_to_loop(void)
{
	char *data;
	int fd;

	if (posix_memalign((void **)&data, 4096, 1 << 16))
		_exit(1);
	memset(data, 1, 1 << 16);
	spew("/proc/self/oom_score_adj", "0");
	cgroup_set(CGROUPS "/k", "cgroup.procs", "0");
	fd = open("/dev/loop0", O_WRONLY | O_DIRECT);
	while (write(fd, data, 1 << 16) > 0)
		;
	_exit(1);
}

static bool loop_up(void)
{
	if (access("/dev/loop0", F_OK) && system("insmod /lib/loop.ko 2>/dev/null"))
		return false;
	return !system("truncate -s 64M /dev/shm/disk && losetup /dev/loop0 /dev/shm/disk");
}

static void loop_down(void)
{
	if (system("losetup -d /dev/loop0"))
		err(1, "losetup -d");
	unlink("/dev/shm/disk");
}

/*
 * The worker of a loop device writes to tmpfs for a process that writes to the device, and charges
 * the cgroup of that process.
 */
TEST_F(kinds, charge_by_kernel_thread)
{
	const struct event *oom;
	bool killed, charged;
	pid_t pid;

	if (!have_memcg() || try_write(CGROUPS "/cgroup.subtree_control", "+io", 3))
		SKIP(return, "no memory and io controllers of cgroup v2");
	if (!loop_up())
		SKIP(return, "no loop device to be had");
	make_cgroup(CGROUPS "/k", 8 * 1024);
	pid = fork_child();
	if (!pid)
		write_to_loop();
	killed = was_killed(pid);
	charged = number_in(CGROUPS "/k/memory.events", "max ") > 0;
	loop_down();
	remove_cgroup(CGROUPS "/k");
	cgroup_set(CGROUPS, "cgroup.subtree_control", "-io");
	if (!charged)
		SKIP(return, "this kernel's loop device charges nobody");
	EXPECT_TRUE(killed);
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("/k", text_of(oom, "oom_memcg"));
	EXPECT_EQ(0, strncmp("kworker/", text_of(oom, "comm"), 8))
		TH_LOG("triggered by %s", text_of(oom, "comm"));
	expect_frame(_metadata, &self->all, oom, "kthread+");
	/* The worker is in no cgroup below the limit: oomwatch can't tell whose limit was hit. */
	EXPECT_STREQ("-", text_of(oom, "cause"));
}

/* --- memory cgroups --------------------------------------------------------- */

TEST_F(kinds, memcg_facts)
{
	const struct event *oom, *victim;
	struct stat top, leaf;
	bool swap;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/k", 8 * 1024);
	cgroup_set(CGROUPS "/k", "memory.high", "20M");
	swap = !access(CGROUPS "/k/memory.swap.max", F_OK);
	if (swap)
		cgroup_set(CGROUPS "/k", "memory.swap.max", "3M");
	cgroup_set(CGROUPS "/k", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/k/leaf", 64 * 1024);
	ASSERT_EQ(0, stat(CGROUPS "/k", &top));
	ASSERT_EQ(0, stat(CGROUPS "/k/leaf", &leaf));
	pid = start_hog("-c " CGROUPS "/k/leaf");
	EXPECT_TRUE(was_killed(pid));
	/* The record must not depend on the cgroups being there. */
	remove_cgroup(CGROUPS "/k/leaf");
	remove_cgroup(CGROUPS "/k");
	oom = episode_of(&self->all, pid);
	victim = of_episode(&self->all, oom, "victim");
	EXPECT_STREQ("/k", text_of(oom, "oom_memcg"));
	EXPECT_EQ((long long)top.st_ino, num_of(oom, "oom_memcg_id"));
	EXPECT_STREQ("/k/leaf", text_of(oom, "trigger_memcg"));
	EXPECT_EQ((long long)leaf.st_ino, num_of(oom, "trigger_memcg_id"));
	EXPECT_STREQ("/k/leaf", text_of(victim, "memcg"));
	EXPECT_EQ((long long)leaf.st_ino, num_of(victim, "memcg_id"));
	EXPECT_EQ(8192, num_of(oom, "memcg_limit_kb"));
	EXPECT_EQ(20480, num_of(oom, "memcg_high_kb"));
	if (swap) {
		EXPECT_EQ(3072, num_of(oom, "memcg_swap_limit_kb"));
		EXPECT_EQ(0, num_of(oom, "memcg_swap_usage_kb"));
	}
	/* Newer kernels count failures for cgroup v1 only. */
	if (is_known(oom, "memcg_failcnt"))
		EXPECT_LT(0, num_of(oom, "memcg_failcnt"));
	EXPECT_FALSE(is_known(oom, "memcg_memsw_limit_kb"));
	EXPECT_STREQ("memcg_ancestor_limit", text_of(oom, "cause"));
	EXPECT_EQ(8192, num_of(oom, "cause_bound_kb"));
	EXPECT_EQ(num_of(oom, "memcg_usage_kb"), num_of(oom, "cause_kb"));
	EXPECT_GE(8192, num_of(oom, "memcg_usage_kb"));
	/* Less than the limit by no more than what two CPUs may have charged in advance. */
	EXPECT_LE(8192 - 512, num_of(oom, "memcg_usage_kb"));
}

/* --- nodes ------------------------------------------------------------------- */

static bool two_nodes(void)
{
	return !access("/sys/devices/system/node/node1", F_OK);
}

/*
 * Adds up a number of /proc/zoneinfo, in pages there and in KiB here: for the zones of a node
 * (-1: all nodes), except for those of one name.
 */
static unsigned long sum_zones(const char *format, int node, const char *but)
{
	char *text = slurp("/proc/zoneinfo", NULL), *line, zone[32] = "";
	unsigned long pages, sum = 0;
	int its_node = -1;

	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (sscanf(line, "Node %d, zone %31s", &its_node, zone) == 2)
			continue;
		if ((node < 0 || node == its_node) && strcmp(zone, but) &&
		    sscanf(line, format, &pages) == 1)
			sum += pages;
	}
	free(text);
	return sum * sysconf(_SC_PAGESIZE) / 1024;
}

/* KiB that can be taken from a node before the kernel reclaims. */
static unsigned long free_of_node(int node)
{
	unsigned long low = sum_zones(" low %lu", node, "");
	unsigned long free = sum_zones(" pages free %lu", node, "");

	if (free < low)
		errx(1, "zoneinfo: %lu KiB free, low %lu", free, low);
	return free - low;
}

/* A kill because some nodes ran out of memory. */
static void check_nodes(struct __test_metadata *_metadata, const struct events *all,
			const struct event *oom, const char *what)
{
	EXPECT_STREQ(what, text_of(oom, "kind"));
	EXPECT_STREQ(what, text_of(oom, "cause"));
	EXPECT_GT(num_of(oom, "cause_bound_kb"), num_of(oom, "cause_kb"));
	EXPECT_GT(num_of(oom, "ram_total_kb"), num_of(oom, "totalpages") * 4);
	EXPECT_EQ(num_of(of_episode(all, oom, "victim"), "points"), num_of(oom, "chosen_points"));
	EXPECT_EQ(1, num_of(of_episode(all, oom, "task"), "rank"));
	EXPECT_EQ(num_of(of_episode(all, oom, "victim"), "tgid"),
		  num_of(of_episode(all, oom, "task"), "tgid"));
}

static bool had_cpusets;

/* Makes a cgroup whose tasks get memory of node 1 only. Returns false if there are no cpusets. */
static bool begin_cpuset(void)
{
	had_cpusets = have_controller("cpuset");
	if (try_write(CGROUPS "/cgroup.subtree_control", "+cpuset", 7))
		return false;
	make_cgroup(CGROUPS "/n1", 0);
	cgroup_set(CGROUPS "/n1", "cpuset.mems", "1");
	return true;
}

static void end_cpuset(void)
{
	remove_cgroup(CGROUPS "/n1");
	if (!had_cpusets)
		cgroup_set(CGROUPS, "cgroup.subtree_control", "-cpuset");
}

TEST_F(kinds, cpuset)
{
	const struct event *oom;
	pid_t pid, other;

	if (!two_nodes())
		SKIP(return, "one memory node only");
	if (!begin_cpuset())
		SKIP(return, "no cpusets of cgroup v2");
	make_cgroup(CGROUPS "/n0", 0);
	cgroup_set(CGROUPS "/n0", "cpuset.mems", "0");
	other = start_sitting_hog("-c " CGROUPS "/n0 -m 4000 -a 1000");
	pid = start_hog("-c " CGROUPS "/n1 -n bound");
	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(&self->all, pid);
	check_nodes(_metadata, &self->all, oom, "cpuset");
	EXPECT_STREQ("CONSTRAINT_CPUSET", text_of(oom, "constraint"));
	EXPECT_STREQ("1", text_of(oom, "mems_allowed"));
	EXPECT_EQ(1, num_of(of_episode(&self->all, oom, "excluded"), "outside"));
	EXPECT_EQ(NULL, find_event(&self->all, "task", "tgid", other));
	stop(other);
	remove_cgroup(CGROUPS "/n0");
	end_cpuset();
}

TEST_F(kinds, mempolicy)
{
	const struct event *oom;
	pid_t pid, other;

	if (!two_nodes())
		SKIP(return, "one memory node only");
	other = start_sitting_hog("-N 0 -m 4000 -a 1000");
	pid = start_hog("-N 1 -n bound");
	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(&self->all, pid);
	check_nodes(_metadata, &self->all, oom, "mempolicy");
	EXPECT_STREQ("CONSTRAINT_MEMORY_POLICY", text_of(oom, "constraint"));
	EXPECT_STREQ("1", text_of(oom, "nodemask"));
	EXPECT_EQ(1, num_of(of_episode(&self->all, oom, "excluded"), "outside"));
	EXPECT_EQ(NULL, find_event(&self->all, "task", "tgid", other));
	stop(other);
}

/* Fills node 0 to its low watermarks: it has less free memory than its high ones say. */
static pid_t fill_node0(void)
{
	part_watermarks("1000");
	/* malloc() takes 16 bytes more for each KiB. */
	return start_sitting_hog("-N 0 -a -1000 -m %lu", free_of_node(0) / 65 * 64);
}

/*
 * Whether the kernel asked for memory that can't move, and the zones for memory that can had some
 * left: then they are the cause, whatever else has the memory. An allocation of such a kind, as for
 * a page table, may be the one that fails, and who ends leaves pages there.
 */
static bool movable_was_left(const struct events *all, const struct event *oom)
{
	long long free_kb = 512;	/* that may have moved since the cause was found */
	int i;

	for (i = 0; i < all->nr; i++) {
		const struct event *zone = &all->event[i];

		if (is_type(zone, "zone") && has_number(zone, "oom", num_of(oom, "oom")) &&
		    is_text(zone, "zone", "Movable"))
			free_kb += num_of(zone, "free_kb") - num_of(zone, "high_kb");
	}
	return !(num_of(oom, "gfp_mask") & 0x8) && free_kb > 0;
}

/* A kill for some nodes while the others were full as well: the nodes are not its cause. */
static void check_full(struct __test_metadata *_metadata, const struct events *all,
		       const struct event *oom, const char *kind)
{
	EXPECT_STREQ(kind, text_of(oom, "kind"));
	if (is_text(oom, "cause", "lowmem_zone") && movable_was_left(all, oom))
		return;
	EXPECT_TRUE(is_text(oom, "cause", "anon") || is_text(oom, "cause", "unkillable_hold"))
		TH_LOG("cause=%s", text_of(oom, "cause"));
	EXPECT_EQ(ram_kb(), num_of(oom, "cause_bound_kb"));
}

TEST_F(kinds, cpuset_in_full_machine)
{
	pid_t pid, holder;

	if (!two_nodes())
		SKIP(return, "one memory node only");
	if (!begin_cpuset())
		SKIP(return, "no cpusets of cgroup v2");
	holder = fill_node0();
	pid = start_hog("-c " CGROUPS "/n1 -n bound");
	EXPECT_TRUE(was_killed(pid));
	stop(holder);
	check_full(_metadata, &self->all, episode_of(&self->all, pid), "cpuset");
	end_cpuset();
}

TEST_F(kinds, mempolicy_in_full_machine)
{
	pid_t pid, holder;

	if (!two_nodes())
		SKIP(return, "one memory node only");
	holder = fill_node0();
	pid = start_hog("-N 1 -n bound");
	EXPECT_TRUE(was_killed(pid));
	stop(holder);
	check_full(_metadata, &self->all, episode_of(&self->all, pid), "mempolicy");
}

/*
 * Older kernels have another rule whether a task that interleaves over other nodes is a candidate.
 * On each kernel the chosen task has rank 1.
 */
TEST_F(kinds, interleave)
{
	unsigned long node = 1UL << 0;
	int i, n = 0;
	pid_t pid, other;

	if (!two_nodes())
		SKIP(return, "one memory node only");
	ASSERT_EQ(0, syscall(SYS_set_mempolicy, MPOL_INTERLEAVE, &node, 64));
	other = start_sitting_hog("-m 4000 -a 1000");
	ASSERT_EQ(0, syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0));
	pid = start_hog("-N 1 -n bound");
	EXPECT_TRUE(was_killed(pid));
	EXPECT_STREQ("mempolicy", text_of(episode_of(&self->all, pid), "kind"));
	for (i = 0; i < self->all.nr; i++) {
		const struct event *event = &self->all.event[i];

		if (is_type(event, "victim")) {
			EXPECT_EQ(1, num_of(event, "rank"));
			n++;
		}
	}
	EXPECT_LT(0, n);
	stop(other);
}

/*
 * Robust futexes, which the kernel reads one after the other when their owner exits: as many as it
 * reads (ROBUST_LIST_LIMIT), each on a page that is not mapped yet and needs a page table of its
 * own.
 */
#define NR_FUTEXES	2048
#define STRIDE		(2UL << 20)
#define HUNGER_KB	(2 * NR_FUTEXES * 4)

/* Prepares this process to take HUNGER_KB from node 1 in its exit. */
static void exit_hungry(void)
{
	static struct robust_list_head head;
	unsigned long node = 1UL << 1, at;
	int fd = memfd_create("futexes", 0);
	char *base, *next;

	if (fd < 0 || ftruncate(fd, NR_FUTEXES * STRIDE))
		err(1, "futexes");
	base = mmap(NULL, NR_FUTEXES * STRIDE, PROT_READ, MAP_SHARED, fd, 0);
	if (base == MAP_FAILED)
		err(1, "futexes");
	for (at = 0; at < NR_FUTEXES * STRIDE; at += STRIDE) {
		next = at + STRIDE < NR_FUTEXES * STRIDE ? base + at + STRIDE : (char *)&head;
		if (pwrite(fd, &next, sizeof(next), at) != sizeof(next))
			err(1, "futex");
	}
	head.list.next = (void *)base;
	head.futex_offset = getpagesize();
	if (syscall(SYS_set_robust_list, &head, sizeof(head)) ||
	    syscall(SYS_set_mempolicy, MPOL_BIND, &node, 64))
		err(1, "robust futexes of node 1");
}

/* A task that needs memory while it exits: the kernel marks it as a victim. */
TEST_F(kinds, last_breath)
{
	long long kills = vmstat_kills(), exits = stat_of("exits");
	const struct event *oom, *victim;
	pid_t pid, other;

	if (!two_nodes())
		SKIP(return, "one memory node only");
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "1000");
		exit_hungry();
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, NULL, WUNTRACED));
	/* malloc() takes 16 bytes more for each KiB. Not all of the free memory can be taken. */
	other = start_sitting_hog("-N 1 -m %lu", (free_of_node(1) - HUNGER_KB / 2) / 65 * 64);
	kill(pid, SIGCONT);
	EXPECT_TRUE(ended_well(pid));
	stop(other);
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("dying_trigger", text_of(oom, "verdict"));
	victim = of_episode(&self->all, oom, "victim");
	EXPECT_STREQ("dying", text_of(victim, "flags"));
	EXPECT_EQ(pid, num_of(of_episode(&self->all, oom, "exit"), "pid"));
	EXPECT_EQ(exits + 1, stat_of("exits"));
	EXPECT_EQ(kills, vmstat_kills());
}

/* --- causes --------------------------------------------------------------------- */

/* The cause is that a global kill's memory is mostly of one kind: half of the RAM or more. */
static void check_share(struct __test_metadata *_metadata, const struct events *all,
			const struct event *oom, const char *cause)
{
	EXPECT_STREQ("global", text_of(oom, "kind"));
	if (is_text(oom, "cause", "lowmem_zone") && movable_was_left(all, oom))
		return;
	EXPECT_STREQ(cause, text_of(oom, "cause"));
	if (!is_text(oom, "cause", cause))
		return;
	EXPECT_EQ(ram_kb(), num_of(oom, "cause_bound_kb"));
	EXPECT_LE(ram_kb() / 2, num_of(oom, "cause_kb"));
	EXPECT_GT(ram_kb(), num_of(oom, "cause_kb"));
}

TEST_F(kinds, anon)
{
	pid_t pid = start_hog("-n anon");

	EXPECT_TRUE(was_killed(pid));
	check_share(_metadata, &self->all, episode_of(&self->all, pid), "anon");
}

/* Files in a tmpfs, which belong to no process. */
TEST_F(kinds, shmem)
{
	const struct event *oom;
	char command[128];
	pid_t pid;

	snprintf(command, sizeof(command),
		 "dd if=/dev/zero of=/tmp/big bs=1k count=%lu 2>/dev/null",
		 ram_kb() * 55 / 100);
	ASSERT_EQ(0, system("mount -o remount,size=90% /tmp"));
	ASSERT_EQ(0, system(command));
	pid = start_hog("-n innocent");
	EXPECT_TRUE(was_killed(pid));
	unlink("/tmp/big");
	oom = episode_of(&self->all, pid);
	check_share(_metadata, &self->all, oom, "shmem");
	EXPECT_LE(num_of(oom, "cause_kb"), num_of(oom, "shmem_kb"));
}

/*
 * Messages that no process fetches. This process can't be killed, so they must fit into the zones
 * that the kernel may use for its own data.
 */
TEST_F(kinds, slab)
{
	static struct { long type; char text[8000]; } message = { 1 };
	long long want = ram_kb() * 52 / 100;
	int queue, n;
	pid_t pid;

	if (access("/proc/sys/kernel/msgmnb", W_OK))
		SKIP(return, "no System V messages");
	spew("/proc/sys/kernel/msgmnb", "%lld", want * 1024);
	queue = msgget(IPC_PRIVATE, 0600);
	ASSERT_LE(0, queue);
	for (n = 0; n % 256 || number_in("/proc/meminfo", "SUnreclaim:") < want; n++)
		ASSERT_EQ(0, msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT));
	pid = start_hog("-n innocent");
	EXPECT_TRUE(was_killed(pid));
	ASSERT_EQ(0, msgctl(queue, IPC_RMID, NULL));
	check_share(_metadata, &self->all, episode_of(&self->all, pid), "slab");
}

#define SPARES	10

/*
 * Page tables are not freed by the OOM reaper. Until the victim has freed them itself, the kernel
 * looks for another process if a kernel thread allocates, and panics if there is none.
 */
TEST_F(kinds, page_tables)
{
	pid_t pid, spare[SPARES];
	int i;

	for (i = 0; i < SPARES; i++)
		spare[i] = start_sitting_hog("-m 64 -n spare");
	spew("/proc/sys/vm/overcommit_memory", "1");
	pid = start_hog("-x -n tables");
	EXPECT_TRUE(was_killed(pid));
	stop_all(spare, SPARES);
	spew("/proc/sys/vm/overcommit_memory", "0");
	check_share(_metadata, &self->all, episode_of(&self->all, pid), "page_tables");
}

/* The lines of /proc/meminfo that a record has, and its keys. */
static const char * const meminfo_lines[][2] = {
	{ "HugePages_Total:", "hugepages_total" }, { "HugePages_Free:", "hugepages_free" },
	{ "HugePages_Rsvd:", "hugepages_reserved" }, { "HugePages_Surp:", "hugepages_surplus" },
	{ "Hugepagesize:", "hugepage_size_kb" },
	{ "Hugetlb:", "hugetlb_kb" }, { "CmaTotal:", "cma_total_kb" },
	{ "HardwareCorrupted:", "hardware_corrupted_kb" }, { "SwapTotal:", "swap_total_kb" },
	{ "CommitLimit:", "commit_limit_kb" },
};

/* Reserves as many huge pages as half of the RAM can hold. Other tests leave it in pieces. */
static long long reserve_huge_pages(void)
{
	int i;

	for (i = 0; i < 5; i++) {
		if (!access("/proc/sys/vm/compact_memory", W_OK))
			spew("/proc/sys/vm/compact_memory", "1");
		spew("/proc/sys/vm/nr_hugepages", "%lld",
		     ram_kb() / 2 / number_in("/proc/meminfo", "Hugepagesize:"));
	}
	return number_in("/proc/meminfo", "Hugetlb:");
}

/* RAM is reserved as huge pages, which no process uses. */
TEST_F(kinds, huge_pages)
{
	const struct event *meminfo;
	long long reserved, begin, read;
	unsigned int i;
	char *theirs;
	pid_t pid;

	if (access("/proc/sys/vm/nr_hugepages", W_OK))
		SKIP(return, "no huge pages");
	reserved = reserve_huge_pages();
	ASSERT_LT(0, reserved);
	begin = now_ns();
	pid = start_hog("-n innocent");
	EXPECT_TRUE(was_killed(pid));
	meminfo = later_record(&self->all, episode_of(&self->all, pid), "meminfo");
	read = now_ns();
	theirs = slurp("/proc/meminfo", NULL);
	for (i = 0; i < sizeof(meminfo_lines) / sizeof(*meminfo_lines); i++) {
		const char *line = meminfo_lines[i][0], *key = meminfo_lines[i][1];

		EXPECT_EQ(!!strstr(theirs, line), is_known(meminfo, key)) TH_LOG("%s", key);
		if (is_known(meminfo, key))
			EXPECT_EQ(number_in("/proc/meminfo", line), num_of(meminfo, key))
				TH_LOG("%s", key);
	}
	free(theirs);
	EXPECT_LT(0, num_of(meminfo, "percpu_kb"));
	EXPECT_EQ(reserved, num_of(meminfo, "hugetlb_kb"));
	EXPECT_GT(read - begin, num_of(meminfo, "since_kill_ns"));
	spew("/proc/sys/vm/nr_hugepages", "0");
}

TEST_F(kinds, unkillable_hold)
{
	pid_t holder, pid;

	holder = start_sitting_hog("-m %lu -a -1000", ram_kb() * 55 / 100);
	pid = start_hog("-n innocent");
	EXPECT_TRUE(was_killed(pid));
	check_share(_metadata, &self->all, episode_of(&self->all, pid), "unkillable_hold");
	stop(holder);
}

/* An address in a process's memory. */
static off_t address_in(pid_t pid)
{
	unsigned long address;
	char path[64], *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = slurp(path, NULL);
	address = strtoul(maps, NULL, 16);
	free(maps);
	return address;
}

/*
 * Starts a process that reads a byte of another's memory, and waits at its own page for it. So it
 * holds the other's mm. Returns its pid, or 0 without userfaultfd.
 */
static pid_t start_stuck_reader(pid_t of)
{
	struct pollfd fault = { .events = POLLIN };
	int ends[2];
	char byte;
	pid_t pid;

	if (pipe(ends))
		err(1, "pipe");
	pid = fork_child();
	if (!pid) {
		char *page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), path[64];
		off_t address = address_in(of);

		fault.fd = wait_at(page);
		if (fault.fd < 0)
			_exit(0);
		snprintf(path, sizeof(path), "/proc/%d/mem", of);
		if (fork_child())
			_exit(pread(open(path, O_RDONLY), page, 1, address) != 1);
		_exit(poll(&fault, 1, -1) != 1 || write(ends[1], "", 1) != 1);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		pid = 0;
	close(ends[0]);
	return pid;
}

/* A reader of a process's memory doesn't share this memory. */
TEST_F(kinds, unkillable_hold_read)
{
	pid_t holder, reader, pid;

	holder = start_sitting_hog("-m %lu -a -1000", ram_kb() * 55 / 100);
	reader = start_stuck_reader(holder);
	if (!reader) {
		stop(holder);
		SKIP(return, NO_USERFAULTFD);
	}
	pid = start_hog("-n innocent");
	EXPECT_TRUE(was_killed(pid));
	check_share(_metadata, &self->all, episode_of(&self->all, pid), "unkillable_hold");
	stop(reader);
	stop(holder);
}

static int wait_in_vfork(void *to)
{
	pid_t pid = getpid();

	if (write(*(int *)to, &pid, sizeof(pid)) != sizeof(pid))
		return 1;
	for (;;)
		pause();
	return 0;
}

/* A process and its child of vfork() have the same memory: it counts once. */
TEST_F(kinds, unkillable_hold_vfork)
{
	size_t size = ram_kb() * 55 / 100 * 1024;
	static char stack[65536];
	pid_t holder, child, pid;
	char *memory;
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	holder = fork_child();
	if (!holder) {
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			      0);
		memset(memory, 1, size);
		clone(wait_in_vfork, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
		      &ends[1]);
		_exit(1);
	}
	ASSERT_EQ((ssize_t)sizeof(child), read(ends[0], &child, sizeof(child)));
	pid = start_hog("-n innocent");
	EXPECT_TRUE(was_killed(pid));
	check_share(_metadata, &self->all, episode_of(&self->all, pid), "unkillable_hold");
	kill(child, SIGKILL);
	stop(holder);
}

/* KiB of the movable zone of a node (-1: of all nodes). */
static unsigned long movable_zone(int node)
{
	return sum_zones(" managed %lu", node, "") - sum_zones(" managed %lu", node, "Movable");
}

/* "Free swap  = -12kB" in the kernel's own report. */
static long long logged_free_swap(int kmsg)
{
	long long swap_free = 0;
	char line[KMSG_MAX];

	while (kmsg_line(kmsg, line))
		if (!strncmp(line, "Free swap", 9))
			swap_free = number_behind(line, "= ");
	return swap_free;
}

/* Swap is switched off, and what is there does not fit into RAM. */
TEST_F(kinds, swapoff)
{
	const struct event *oom;
	long long swap_free;
	pid_t holder, pid;
	int kmsg, status;

	/* Room for all that is swapped out, also after the kill: all but one task are at -1000. */
	if (!swap_on_kb(2 * SWAP_KB))
		SKIP(return, "no zram to swap to");
	kmsg = kmsg_open();
	holder = start_sitting_hog("-a -1000 -m %lld",
				   number_in("/proc/meminfo", "MemAvailable:") + 16000);
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "0");
		_exit(swapoff("/dev/zram0") != 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	stop(holder);
	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		close(kmsg);
		spew("/sys/block/zram0/reset", "1");
		SKIP(return, "all that was in swap fitted into RAM");
	}
	swap_off();
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	oom = episode_of(&self->all, pid);
	swap_free = logged_free_swap(kmsg);
	close(kmsg);
	EXPECT_GT(0, swap_free);
	EXPECT_EQ(0, num_of(oom, "swap_free_kb"));
	/* It only gets less, until the kernel prints it: nothing is swapped out any more. */
	EXPECT_LE(-swap_free, num_of(oom, "swapoff_kb"));
	EXPECT_GT(2 * SWAP_KB, num_of(oom, "swapoff_kb"));
	EXPECT_STREQ("oom_origin", text_of(oom, "verdict"));
	EXPECT_STREQ("swapoff", text_of(oom, "cause"));
	EXPECT_EQ(num_of(oom, "swapoff_kb"), num_of(oom, "cause_kb"));
	EXPECT_EQ(num_of(oom, "ram_free_kb"), num_of(oom, "cause_bound_kb"));
}

/* The task that the kernel's log names as that of the newest kill. */
static struct summary logged_kill(int kmsg)
{
	struct summary said = { };
	char line[KMSG_MAX];

	while (kmsg_line(kmsg, line))
		hear_summary(line, &said);
	return said;
}

/*
 * kswapd asks for a kill if no page is as old as min_ttl_ms. The kernel leaves kswapd alone while
 * its reclaim fails, so there is swap: then reclaim by the hog itself makes progress.
 */
TEST_F(kinds, min_ttl)
{
	const char *enabled = "/sys/kernel/mm/lru_gen/enabled";
	const char *min_ttl = "/sys/kernel/mm/lru_gen/min_ttl_ms";
	const struct event *oom;
	struct summary said;
	char *was;
	pid_t pid;
	int kmsg;

	if (access(min_ttl, F_OK))
		SKIP(return, "no multi-gen LRU");
	if (!swap_on())
		SKIP(return, "no zram to swap to");
	was = slurp(enabled, NULL);
	spew(enabled, "y");
	kmsg = kmsg_open();
	spew(min_ttl, "100000000");
	pid = start_hog("-n worker");
	EXPECT_TRUE(was_killed(pid));
	spew(min_ttl, "0");
	spew(enabled, "%s", was);
	free(was);
	swap_off();
	oom = episode_of(&self->all, pid);
	said = logged_kill(kmsg);
	close(kmsg);
	EXPECT_EQ(0, strncmp("kswapd", said.trigger, 6)) TH_LOG("triggered by %s", said.trigger);
	EXPECT_STREQ(said.trigger, text_of(oom, "comm"));
	EXPECT_STREQ("kswapd", text_of(oom, "trigger"));
	EXPECT_STREQ("min_ttl", text_of(oom, "cause"));
	EXPECT_FALSE(is_known(oom, "cause_kb"));
}

/* A kill while no kind of memory has half of the RAM; false if the cause was lowmem_zone. */
static bool kill_piper(struct __test_metadata *_metadata, struct events *all,
		       const struct event **oom)
{
	int i, nr = two_nodes() ? 2 : 1;
	pid_t holder[2], pid;

	/* Fills the movable zones, but not the rest of a small node. */
	for (i = 0; i < nr; i++)
		holder[i] = start_sitting_hog("-a -1000 -m %lu %s",
					      movable_zone(nr < 2 ? -1 : i) + 2048,
					      nr < 2 ? "" : i ? "-N 1" : "-N 0");
	pid = start_hog("-k -n piper");
	EXPECT_TRUE(was_killed(pid));
	*oom = episode_of(all, pid);
	stop_all(holder, nr);
	return strcmp(text_of(*oom, "cause"), "lowmem_zone");
}

TEST_F(kinds, unclear)
{
	const struct event *oom;
	int i;

	/* A process that ends meanwhile may free memory in a movable zone: try again. */
	for (i = 0; i < 3 && !kill_piper(_metadata, &self->all, &oom); i++)
		;
	EXPECT_STREQ("-", text_of(oom, "cause"));
	EXPECT_FALSE(is_known(oom, "cause_kb"));
	EXPECT_FALSE(is_known(oom, "cause_bound_kb"));
}

/* The kernel's own memory can't come from the movable zone. */
TEST_F(kinds, lowmem_zone)
{
	const struct event *oom;
	pid_t pid;

	/* On most machines it has no pages. */
	if (system("grep -A8 'zone *Movable' /proc/zoneinfo | grep -q 'managed *[1-9]'"))
		SKIP(return, "no movable zone: boot with movablecore=32M");
	pid = start_hog("-k -n piper");
	EXPECT_TRUE(was_killed(pid));
	oom = episode_of(&self->all, pid);
	EXPECT_STREQ("lowmem_zone", text_of(oom, "cause"));
	EXPECT_LT(0, num_of(oom, "cause_bound_kb"));
}

/* Free memory that the kernel can use for its own data. */
static unsigned long lowmem_free_kb(void)
{
	return sum_zones(" pages free %lu", -1, "Movable");
}

/* Keeps the page cache full of pages that can be dropped. Returns when there are some. */
static void start_reader(void)
{
	static char data[1 << 20];
	int fd, ready[2];

	if (pipe(ready))
		_exit(5);
	if (fork_child()) {
		if (read(ready[0], data, 1) != 1)
			_exit(6);
		return;
	}
	fd = open("/dev/loop0", O_RDONLY);
	for (;;) {
		if (read(fd, data, sizeof(data)) <= 0)
			lseek(fd, 0, SEEK_SET);
		else if (write(ready[1], "", 1) == 1)
			close(ready[1]);
	}
}

/*
 * Pages of pipes can't be moved. The pipes are filled in turn, so a pipe's page lies beside those
 * of its neighbours. When every other pipe is closed, half of the pages are free, each alone.
 */
static void fragment_and_ask(bool cache, int filled)
{
	static char page[4096];
	static int ends[1 << 14][2];
	struct rlimit files = { 1 << 20, 1 << 20 };
	int nr, i, round;

	/* If one kill is not enough, this process is the next victim. */
	spew("/proc/self/oom_score_adj", "0");
	setrlimit(RLIMIT_NOFILE, &files);
	nr = lowmem_free_kb() / 64;
	for (i = 0; i < nr; i++)
		if (pipe(ends[i]))
			_exit(1);
	for (round = 0; round < 16; round++)
		for (i = 0; i < nr && (i % 64 || lowmem_free_kb() > 12000); i++)
			if (write(ends[i][1], page, sizeof(page)) != sizeof(page))
				_exit(2);
	for (i = 0; i < nr; i += 2) {
		close(ends[i][0]);
		close(ends[i][1]);
	}
	if (cache)
		start_reader();
	if (write(filled, "", 1) != 1)
		_exit(3);
	pause_ms(200);
	/* A pipe of 256 slots has an array of 10 KiB in one piece. */
	for (;;)
		if (pipe(ends[0]) || fcntl(ends[0][0], F_SETPIPE_SZ, 1 << 20) < 0)
			_exit(4);
}

/* Returns the victim; *asks is the task that asked for a piece until there was a kill. */
static pid_t fragment(struct __test_metadata *_metadata, bool cache, pid_t *asks)
{
	pid_t victim;
	int pipes[2];
	char c;

	ASSERT_EQ(0, pipe(pipes));
	victim = start_sitting_hog("-m 3000 -a 1000 -n innocent");
	*asks = fork_child();
	if (!*asks)
		fragment_and_ask(cache, pipes[1]);
	ASSERT_EQ(1, read(pipes[0], &c, 1));
	EXPECT_TRUE(was_killed(victim));
	stop(*asks);
	return victim;
}

TEST_F(kinds, fragmentation)
{
	const struct event *oom;
	pid_t victim, asks;

	victim = fragment(_metadata, false, &asks);
	oom = episode_of(&self->all, victim);
	EXPECT_EQ(asks, num_of(oom, "pid"));
	EXPECT_STREQ("fragmentation", text_of(oom, "cause"));
	EXPECT_LT(0, num_of(oom, "order"));
	EXPECT_LT(num_of(oom, "cause_bound_kb"), num_of(oom, "cause_kb"));
}

/* The event has other names for results: include/trace/events/mmflags.h. */
static const char *feedback(const char *result)
{
	if (!strcmp(result, "complete"))
		return "failed";
	return strcmp(result, "success") ? "withdrawn" : "progress";
}

/* While there is something to reclaim the allocator compacts: compares with the kernel's event. */
TEST_F(kinds, compaction)
{
	char *trace, *last, mark[32], want[64];
	const struct event *oom;
	pid_t victim, asks;
	struct tries tries;

	if (!loop_up())
		SKIP(return, "no loop device to be had");
	if (!trace_begin("oom/compact_retry")) {
		loop_down();
		SKIP(return, "no compaction, or no tracefs at " TRACING);
	}
	victim = fragment(_metadata, true, &asks);
	trace = trace_end("oom/compact_retry");
	loop_down();
	oom = episode_of(&self->all, victim);
	ASSERT_EQ(asks, num_of(oom, "pid"));
	snprintf(mark, sizeof(mark), "kinds-%d ", asks);
	tries = tries_in(trace, mark, "compact_retry: ", oom);
	last = tries.last;
	ASSERT_NE(NULL, last);
	if (!tries.unclear)
		EXPECT_EQ(tries.nr, num_of(oom, "compact_checks"));
	snprintf(want, sizeof(want), "priority=COMPACT_PRIO_%s ",
		 text_of(oom, "compact_priority"));
	EXPECT_NE(NULL, strcasestr(last, want)) TH_LOG("%s: %s", want, last);
	snprintf(want, sizeof(want), "compaction_result=%s ",
		 feedback(text_of(oom, "compact_result")));
	EXPECT_NE(NULL, strstr(last, want)) TH_LOG("%s: %s", want, last);
	snprintf(want, sizeof(want), " retries=%lld max_retries=%lld ",
		 num_of(oom, "compact_retries"), num_of(oom, "compact_max_retries"));
	EXPECT_NE(NULL, strstr(last, want)) TH_LOG("%s: %s", want, last);
	/* The free memory is fragmented, unless the reader that fills the cache has taken it. */
	if (!is_text(oom, "cause", "-"))
		EXPECT_STREQ("fragmentation", text_of(oom, "cause"));
	free(trace);
}

TEST_HARNESS_MAIN
