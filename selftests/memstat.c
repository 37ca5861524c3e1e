// SPDX-License-Identifier: GPL-2.0
/*
 * What the memory of a cgroup at its limit went to. ./fill fills a cgroup with memory of one
 * kind, then a hog takes the rest and is killed. The record's figures are compared with those that
 * the kernel prints in its own report of the same kill.
 */
#include "harness.h"

#include <sys/mount.h>

#define GROUP CGROUPS "/stat"
#define DIR "/tmp/stat"
#define LIMIT_KB (32 * 1024)
#define FILL_KB (16 * 1024)

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
	require_memcg();
	if (!have_source("memory_stat"))
		skip_program(NO_MEMORY_STAT);
}

/* --- memory of all kinds ---------------------------------------------------- */

/* Which of fill's kinds, and where the record has it. */
static const struct kind {
	const char *name, *key;
	const char *filesystem;		/* for files */
} kinds[] = {
	{ "anon", "anon_kb", NULL },
	{ "locked", "unevictable_kb", NULL },
	{ "shared", "shmem_kb", NULL },
	{ "files", "shmem_kb", "tmpfs" },
	{ "files", "unevictable_kb", "ramfs" },
	{ "names", "kernel_kb", "tmpfs" },
	{ "pipes", "kernel_kb", NULL },
	{ "tables", "kernel_kb", NULL },
	{ "stacks", "kernel_stack_kb", NULL },
	{ "sockets", "sock_kb", NULL },
};

static pid_t filler;

/* Returns false if the memory could not be taken. */
static bool start_filler(const struct kind *kind)
{
	char size[16], fd[16], c;
	int ready[2], got;

	if (kind->filesystem) {
		mkdir(DIR, 0755);
		if (mount("none", DIR, kind->filesystem, 0, NULL))
			return false;
	}
	if (pipe(ready))
		err(1, "pipe");
	snprintf(size, sizeof(size), "%d", FILL_KB);
	snprintf(fd, sizeof(fd), "%d", ready[1]);
	filler = fork_child();
	if (!filler) {
		execl("./fill", "fill", "-c", GROUP, "-m", size, "-d", DIR, "-r", fd, kind->name,
		      NULL);
		err(1, "./fill");
	}
	close(ready[1]);
	got = read(ready[0], &c, 1);
	close(ready[0]);
	return got == 1;
}

static void empty(void)
{
	kill(filler, SIGKILL);
	waitpid(filler, NULL, 0);
	umount(DIR);
	remove_cgroup(GROUP);
}

/* --- the kernel's report ---------------------------------------------------- */

#define MAX_ITEMS 128

static struct item {
	char name[40];
	long long bytes;
} items[MAX_ITEMS];

static int nr_items;
static long long log_usage_kb;
static bool in_stats;

/* An item is a line of the log, or older kernels have them all in one line. */
static void hear_item(const char *text)
{
	struct item *item = &items[nr_items];

	if (nr_items < MAX_ITEMS && sscanf(text, "%39s %lld", item->name, &item->bytes) == 2)
		nr_items++;
	else
		in_stats = false;
}

static void hear_stats(char *line)
{
	char *next = strstr(line, "memory: usage ");

	if (next)
		log_usage_kb = atoll(next + strlen("memory: usage "));
	if (strstr(line, "Memory cgroup stats for /stat:")) {
		in_stats = true;
		nr_items = 0;
		return;
	}
	while (in_stats && line && *line) {
		next = strstr(line, "\\x0a");
		if (next) {
			*next = '\0';
			next += 4;
		}
		hear_item(line);
		line = next;
	}
}

static void listen_to(int kmsg)
{
	char line[KMSG_MAX];

	nr_items = 0;
	in_stats = false;
	while (kmsg_line(kmsg, line))
		hear_stats(line);
}

/* --- the tests ---------------------------------------------------------------- */

/*
 * How many pages compaction has taken, moved and put back since the boot. It takes up to 512 at
 * once, which meanwhile are on no list and mapped nowhere, so in no item, but charged:
 * mm/compaction.c: isolate_migratepages_block(). The record and the kernel's report are not of the
 * same instant, so either may have them.
 */
static long long moved_pages(void)
{
	static const char * const counters[] = {
		"\npgmigrate_success ", "\npgmigrate_fail ", "\ncompact_isolated ",
	};
	char *vmstat = slurp("/proc/vmstat", NULL), *at;
	long long moved = 0;
	unsigned int i;

	/* No such counters: no compaction. */
	for (i = 0; i < sizeof(counters) / sizeof(*counters); i++) {
		at = strstr(vmstat, counters[i]);
		if (at)
			moved += atoll(at + strlen(counters[i]));
	}
	free(vmstat);
	return moved;
}

static const struct event *record_of(struct events *all, pid_t pid, const char *type)
{
	const struct event *victim;

	pause_ms(50);
	*all = read_events("last");
	victim = find_event(all, "victim", "tgid", pid);
	if (!victim)
		errx(1, "no record of victim %d", pid);
	return find_event(all, type, "oom", num_of(victim, "oom"));
}

/*
 * Kernels print what they have summed up lately: since then, each CPU may have charged a batch of
 * 64 pages. The record has all.
 */
static long long slack_kb(void)
{
	return 64 * 4 * sysconf(_SC_NPROCESSORS_ONLN) + 64;
}

static long long log_kb(const char *name)
{
	int i;

	for (i = 0; i < nr_items; i++)
		if (!strcmp(items[i].name, name))
			return items[i].bytes / 1024;
	return -1;
}

/*
 * Newer kernels may lose count of what changes while another CPU sums up (mm/memcontrol.c:
 * memcg_rstat_updated(), 7.3). Then the items of their report are old, but its usage is not.
 */
static bool log_is_old(void)
{
	long long sum = log_kb("anon") + log_kb("file") + log_kb("kernel") + log_kb("sock");

	return log_kb("kernel") >= 0 && llabs(log_usage_kb - sum) > 2 * slack_kb();
}

static void compare_items(struct __test_metadata *_metadata, const struct event *rec)
{
	int i, compared = 0;
	char key[128];

	for (i = 0; i < nr_items; i++) {
		bool counts = !strncmp(items[i].name, "workingset", 10);
		long long log = counts ? items[i].bytes : items[i].bytes / 1024, ours;

		snprintf(key, sizeof(key), "%.40s%s", items[i].name, counts ? "" : "_kb");
		if (!find_field(rec, key))
			continue;
		compared++;
		if (!is_known(rec, key)) {
			EXPECT_TRUE(false) TH_LOG("%s is not known; the log has %lld", key, log);
			continue;
		}
		ours = num_of(rec, key);
		EXPECT_TRUE(ours - log <= slack_kb() && log - ours <= slack_kb())
			TH_LOG("%s: %lld, in the log %lld", key, ours, log);
	}
	EXPECT_LT(15, compared) TH_LOG("%d items in the log, %d compared", nr_items, compared);
}

static void check_sum(struct __test_metadata *_metadata, const struct event *rec)
{
	long long sum = num_of(rec, "anon_kb") + num_of(rec, "file_kb") + num_of(rec, "sock_kb");
	long long rest = num_of(rec, "usage_kb") - sum;

	if (is_known(rec, "kernel_kb"))
		rest -= num_of(rec, "kernel_kb");
	else
		EXPECT_GT(LIMIT_KB, rest);
	EXPECT_TRUE(!is_known(rec, "kernel_kb") || llabs(rest) < 2 * slack_kb())
		TH_LOG("%lld KiB of the usage are in no item", rest);
}

static long long held_kb(const struct event *rec, const char *key)
{
	/* Kernels that don't count their own memory in one sum: what is left of the usage. */
	if (!strcmp(key, "kernel_kb") && !is_known(rec, key))
		return num_of(rec, "usage_kb") - num_of(rec, "anon_kb") - num_of(rec, "file_kb") -
			num_of(rec, "sock_kb");
	return num_of(rec, key);
}

static void hold_against_log(struct __test_metadata *_metadata, const struct kind *kind,
			     const struct event *rec)
{
	EXPECT_LE(FILL_KB - slack_kb(), held_kb(rec, kind->key))
		TH_LOG("%s %s", kind->name, kind->key);
	if (log_is_old())
		TH_LOG("the items are older than the usage in the log");
	else
		compare_items(_metadata, rec);
	EXPECT_GE(2 * slack_kb(), llabs(log_usage_kb - num_of(rec, "usage_kb")));
	check_sum(_metadata, rec);
}

/* Returns false if the figures may be of different states: see moved_pages(). */
static bool kill_beside(struct __test_metadata *_metadata, const struct kind *kind)
{
	long long unsure = stat_of("memstat_unsure"), moved;
	const struct event *rec;
	struct events all;
	bool settled;
	int kmsg;
	pid_t pid;

	make_cgroup(GROUP, LIMIT_KB);
	ASSERT_TRUE(start_filler(kind)) TH_LOG("%s: fill failed", kind->name);
	/* Only now: the kernel makes room for the stacks of a thousand threads by compaction. */
	moved = moved_pages();
	kmsg = kmsg_open();
	pid = start_hog("-c " GROUP " -n tail");
	EXPECT_TRUE(was_killed(pid));
	rec = record_of(&all, pid, "memcg");
	ASSERT_NE(NULL, rec);
	listen_to(kmsg);
	close(kmsg);
	settled = moved_pages() == moved;
	if (settled) {
		hold_against_log(_metadata, kind, rec);
		EXPECT_EQ(unsure, stat_of("memstat_unsure"));
	}
	empty();
	return settled;
}

#define TRIES 10

TEST(memstat)
{
	unsigned int nr;
	int tries;

	leave_pages(true);
	wait_for_reports();
	for (nr = 0; nr < sizeof(kinds) / sizeof(*kinds); nr++) {
		tries = 1;
		while (!kill_beside(_metadata, &kinds[nr])) {
			ASSERT_GT(TRIES, tries++)
				TH_LOG("%s: pages move all the time", kinds[nr].name);
			wait_for_reports();
		}
	}
	leave_pages(false);
}

#define NR_CHILDREN 12

static void make_children(pid_t *pid)
{
	char path[64];
	int i;

	make_cgroup(GROUP, LIMIT_KB);
	cgroup_set(GROUP, "cgroup.subtree_control", "+memory");
	for (i = 0; i < NR_CHILDREN; i++) {
		snprintf(path, sizeof(path), GROUP "/child%d", i);
		make_cgroup(path, 0);
		/* Each has more than the one before, and all leave room for the one that asks. */
		pid[i] = start_sitting_hog("-c %s -m %d -a -1000", path, 1024 + i * 128);
	}
	make_cgroup(GROUP "/asks", 0);
}

static void remove_children(pid_t *pid)
{
	char path[64];
	int i;

	stop_all(pid, NR_CHILDREN);
	for (i = 0; i < NR_CHILDREN; i++) {
		snprintf(path, sizeof(path), GROUP "/child%d", i);
		remove_cgroup(path);
	}
	remove_cgroup(GROUP "/asks");
	remove_cgroup(GROUP);
}

static long long usage_kb(const char *cgroup)
{
	char path[128];

	snprintf(path, sizeof(path), CGROUPS "%s/memory.current", cgroup);
	return number_in(path, "") / 1024;
}

/*
 * A cgroup that has done next to nothing since its record. A CPU has charged a batch of pages in
 * advance. It gives them back if another cgroup charges there (mm/memcontrol.c: drain_stock()),
 * and takes them again for a single page.
 */
static void compare_usage(struct __test_metadata *_metadata, const char *cgroup, long long then)
{
	EXPECT_GE(slack_kb(), llabs(then - usage_kb(cgroup)));
}

/* The children's records of an episode, the largest first; returns how many. */
static int check_children(struct __test_metadata *_metadata, const struct events *all,
			  long long oom)
{
	long long before = LIMIT_KB, usage;
	const struct event *rec;
	char want[32];
	int i, nr = 0;

	for (i = 0; i < all->nr; i++) {
		rec = &all->event[i];
		if (!is_type(rec, "child") || !has_number(rec, "oom", oom))
			continue;
		usage = num_of(rec, "usage_kb");
		EXPECT_GE(before, usage);
		before = usage;
		snprintf(want, sizeof(want), "/stat/child%d", NR_CHILDREN - nr);
		if (!nr++) {
			EXPECT_STREQ("/stat/asks", text_of(rec, "memcg"));
			continue;
		}
		EXPECT_STREQ(want, text_of(rec, "memcg"));
		EXPECT_STREQ("max", text_of(rec, "limit_kb"));
		/* They sit there still. */
		compare_usage(_metadata, want, usage);
		EXPECT_LT(1024 - slack_kb(), num_of(rec, "anon_kb"));
		EXPECT_EQ(0, num_of(rec, "shmem_kb"));
	}
	return nr;
}

TEST(children)
{
	const struct event *rec;
	pid_t pid[NR_CHILDREN], hog;
	struct events all;

	/* Each CPU may have charged more in advance than the children differ by. */
	use_cpu(0);
	make_children(pid);
	hog = start_hog("-c " GROUP "/asks");
	EXPECT_TRUE(was_killed(hog));
	rec = record_of(&all, hog, "memcg");
	ASSERT_NE(NULL, rec);
	EXPECT_EQ(NR_CHILDREN + 1, num_of(rec, "children"));
	EXPECT_EQ(0, num_of(rec, "children_unseen"));
	/* All that the cgroup has is in its children. */
	EXPECT_GE(slack_kb(), num_of(rec, "usage_kb") - num_of(rec, "children_usage_kb"));
	EXPECT_EQ(8, check_children(_metadata, &all, num_of(rec, "oom")));
	knob_set("children", 3);
	hog = start_hog("-c " GROUP "/asks");
	EXPECT_TRUE(was_killed(hog));
	rec = record_of(&all, hog, "memcg");
	EXPECT_EQ(3, check_children(_metadata, &all, num_of(rec, "oom")));
	knob_set("children", 8);
	remove_children(pid);
}

/* If the machine is full, the children are those of the root, and the root has no figures. */
TEST(machine)
{
	const struct event *rec, *child;
	struct events all;
	pid_t sits, hog;

	make_cgroup(CGROUPS "/large", 0);
	sits = start_sitting_hog("-c " CGROUPS "/large -m 40000 -a -1000");
	hog = start_hog("-n all");
	EXPECT_TRUE(was_killed(hog));
	rec = record_of(&all, hog, "memcg");
	ASSERT_NE(NULL, rec);
	EXPECT_FALSE(is_known(rec, "usage_kb"));
	EXPECT_FALSE(is_known(rec, "anon_kb"));
	child = record_of(&all, hog, "child");
	ASSERT_NE(NULL, child);
	EXPECT_STREQ("/large", text_of(child, "memcg"));
	compare_usage(_metadata, "/large", num_of(child, "usage_kb"));
	stop(sits);
	remove_cgroup(CGROUPS "/large");
}

TEST_HARNESS_MAIN
