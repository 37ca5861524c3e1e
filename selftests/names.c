// SPDX-License-Identifier: GPL-2.0
/*
 * Anybody can name tasks and cgroups, with any bytes. Each record has to stay one line, which
 * parses back to the same bytes.
 */
#include "harness.h"

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	require_memcg();
}

static const char * const names[] = {
	"new\nline",
	"\"",
	"quo\"te\" a=\"b",
	"back\\slash\\",
	"\\x41\\\"",
	"\033[2J\033]0;x\a",
	"\x80\xff\xc3\x28",
	"caf\xc3\xa9",
	") pid=1",
	"oom seq=1 t=0",
	" lead and trail",
	"tab\tcr\rdel\x7f",
	"-",
	"%s%n%x",
};

/* Not a hog, whose options have no room for the longest path of a cgroup, or for any name. */
static pid_t start_named(const char *comm, const char *cgroup)
{
	pid_t pid;

	pid = fork_child();
	if (pid)
		return pid;
	spew("/proc/self/oom_score_adj", "0");
	if (cgroup)
		cgroup_set(cgroup, "cgroup.procs", "0");
	prctl(PR_SET_NAME, comm);
	for (;;)
		memset(malloc(65536), 1, 65536);
}

static void make_parent(void)
{
	make_cgroup(CGROUPS "/n", 0);
	cgroup_set(CGROUPS "/n", "cgroup.subtree_control", "+memory");
}

TEST(comm)
{
	struct events all;
	unsigned int i;

	make_parent();
	make_cgroup(CGROUPS "/n/c", 6 * 1024);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct pair *comm;
		char want[16];
		pid_t pid = start_named(names[i], CGROUPS "/n/c");

		ASSERT_TRUE(was_killed(pid));
		pause_ms(50);
		/* This also checks the form of each line. */
		all = read_events("last");
		ASSERT_NE(NULL, find_event(&all, "victim", "pid", pid));
		comm = field_of(find_event(&all, "victim", "pid", pid), "comm");
		snprintf(want, sizeof(want), "%s", names[i]);
		EXPECT_EQ(strlen(want), comm->len);
		EXPECT_EQ(0, memcmp(want, comm->value, comm->len)) TH_LOG("name %u", i);
		EXPECT_STREQ(want, text_of(find_event(&all, "oom", "pid", pid), "comm"));
	}
	remove_cgroup(CGROUPS "/n/c");
	remove_cgroup(CGROUPS "/n");
}

/* Kills in a cgroup and compares both paths, byte by byte. */
static void check_path(struct __test_metadata *_metadata, const char *path)
{
	const struct event *victim, *oom;
	struct events all;
	char dir[5000];
	pid_t pid;

	snprintf(dir, sizeof(dir), CGROUPS "%s", path);
	pid = start_named("pathfinder", dir);
	ASSERT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	victim = find_event(&all, "victim", "pid", pid);
	oom = find_event(&all, "oom", "pid", pid);
	ASSERT_NE(NULL, victim);
	ASSERT_NE(NULL, oom);
	EXPECT_EQ(strlen(path), field_of(victim, "memcg")->len);
	EXPECT_STREQ(path, text_of(victim, "memcg"));
	EXPECT_STREQ(path, text_of(oom, "oom_memcg"));
}

TEST(cgroup)
{
	char path[512], dir[600];
	unsigned int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	make_parent();
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		/* The one byte that cgroup refuses in a name. */
		if (strchr(names[i], '\n'))
			continue;
		snprintf(path, sizeof(path), "/n/%s", names[i]);
		snprintf(dir, sizeof(dir), CGROUPS "%s", path);
		make_cgroup(dir, 6 * 1024);
		check_path(_metadata, path);
		remove_cgroup(dir);
	}
	remove_cgroup(CGROUPS "/n");
}

/* A path of long names that need escapes is whole, if it is no longer than PATH_MAX. */
TEST(deep_cgroup)
{
	char path[3600] = "/n", dir[3700];
	int depth;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	make_parent();
	for (depth = 0; depth < 12; depth++) {
		sprintf(path + strlen(path), "/%0200d\x01\"", depth);
		snprintf(dir, sizeof(dir), CGROUPS "%s", path);
		make_cgroup(dir, depth < 11 ? 0 : 6 * 1024);
		if (depth < 11)
			cgroup_set(dir, "cgroup.subtree_control", "+memory");
	}
	check_path(_metadata, path);
	for (; depth; depth--) {
		snprintf(dir, sizeof(dir), CGROUPS "%s", path);
		remove_cgroup(dir);
		*strrchr(path, '/') = '\0';
	}
	remove_cgroup(CGROUPS "/n");
}

/* Makes a cgroup and enters it. By a relative path, as the whole is too long for a system call. */
static void go_down(char *path, int depth, unsigned long limit_kib)
{
	char name[256];

	sprintf(name, "%0200d", depth);
	sprintf(path + strlen(path), "/%s", name);
	make_cgroup(name, limit_kib);
	cgroup_set(name, "cgroup.subtree_control", "+memory");
	if (chdir(name))
		err(1, "%s", name);
}

static void go_up(char *path)
{
	char *name = strrchr(path, '/');

	if (chdir(".."))
		err(1, "..");
	remove_cgroup(name + 1);
	*name = '\0';
}

static pid_t start_sitter(void)
{
	pid_t pid = fork_child();

	if (pid)
		return pid;
	spew("/proc/self/oom_score_adj", "0");
	for (;;)
		pause();
}

#define LIMIT_DEPTH	20	/* the deepest whose path is not too long */
#define SITTERS		6

/*
 * The end of a path longer than PATH_MAX is recorded. A record has no path if it, or the memory
 * for all paths of a kill, has no room for that.
 */
TEST(too_deep_cgroup)
{
	long long truncated = stat_of("strings_truncated");
	char path[5000] = "/n", limited[5000];
	pid_t pid, sitter[SITTERS];
	const struct event *victim, *oom;
	const struct pair *memcg;
	int depth, i, tasks = 0, named = 0;
	struct events all;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	make_parent();
	ASSERT_EQ(0, chdir(CGROUPS "/n"));
	for (depth = 1; depth <= LIMIT_DEPTH; depth++)
		go_down(path, depth, depth < LIMIT_DEPTH ? 0 : 8 * 1024);
	strcpy(limited, path);
	ASSERT_GT(4096, strlen(limited));
	sprintf(path + strlen(path), "/%0200d", depth);
	make_cgroup(strrchr(path, '/') + 1, 0);
	ASSERT_EQ(0, chdir(strrchr(path, '/') + 1));
	for (i = 0; i < SITTERS; i++) {
		sitter[i] = start_sitter();
		dprintf(open("cgroup.procs", O_WRONLY), "%d", sitter[i]);
	}
	pid = start_named("deep", ".");
	EXPECT_TRUE(was_killed(pid));
	pause_ms(50);
	all = read_events("last");
	oom = find_event(&all, "oom", "pid", pid);
	victim = find_event(&all, "victim", "pid", pid);
	ASSERT_NE(NULL, oom);
	ASSERT_NE(NULL, victim);
	EXPECT_STREQ(limited, text_of(oom, "oom_memcg"));
	EXPECT_FALSE(is_known(oom, "trigger_memcg"));
	EXPECT_EQ(num_of(victim, "memcg_id"), num_of(oom, "trigger_memcg_id"));
	memcg = field_of(victim, "memcg");
	EXPECT_NE('/', *memcg->value);
	EXPECT_LT(3800, memcg->len);
	EXPECT_STREQ(path + strlen(path) - memcg->len, memcg->value);
	for (i = 0; i < all.nr; i++)
		if (is_type(&all.event[i], "task") &&
		    num_of(&all.event[i], "memcg_id") == num_of(victim, "memcg_id")) {
			tasks++;
			named += is_known(&all.event[i], "memcg");
		}
	EXPECT_EQ(SITTERS + 1, tasks);
	EXPECT_LT(0, named);
	EXPECT_GT(tasks, named);
	EXPECT_LT(truncated, stat_of("strings_truncated"));
	stop_all(sitter, SITTERS);
	while (strchr(path + 1, '/'))
		go_up(path);
	EXPECT_EQ(0, chdir("/"));
	remove_cgroup(CGROUPS "/n");
}

TEST_HARNESS_MAIN
