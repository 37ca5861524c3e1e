// SPDX-License-Identifier: GPL-2.0
/*
 * Candidates: the dry run is compared with /proc and with real kills. Also processes that are left
 * out, with the reason, and bad input.
 */
#include "harness.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>

#define FILE_NAME DEBUGFS "candidates"

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

FIXTURE(candidates) {
	int unused;
};

FIXTURE_SETUP(candidates)
{
	reset_machine();
	spew(DEBUGFS "clear", "1");
}

FIXTURE_TEARDOWN(candidates)
{
}

/* The dry run of a memory cgroup. */
static struct events dry_run_of(const char *cgroup)
{
	static char text[1 << 20];
	int fd = open(FILE_NAME, O_RDWR);
	size_t used = 0;
	ssize_t n;

	if (fd < 0 || write(fd, cgroup, strlen(cgroup)) < 0)
		err(1, "%s > %s", cgroup, FILE_NAME);
	while ((n = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += n;
	close(fd);
	text[used] = '\0';
	return parse_events(FILE_NAME, text);
}

static long long proc_number(const char *pid, const char *file)
{
	char path[300];

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	return number_in(path, NULL);
}

/* The processes in /proc, counted by what the dry run should call them. */
struct census {
	int all, kthreads, exited, unkillable, eligible, gone;
};

/* Returns false if the process has gone. */
static bool read_status(const char *pid, char *text, size_t size)
{
	char path[300];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	fd = open(path, O_RDONLY);
	if (fd >= 0) {
		n = read(fd, text, size - 1);
		close(fd);
	}
	text[n > 0 ? n : 0] = '\0';
	return n > 0;
}

static struct census take_census(void)
{
	struct census census = { };
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	char status[8192];

	while ((entry = readdir(proc))) {
		const char *pid = entry->d_name;

		if (!isdigit(*pid))
			continue;
		census.all++;
		if (!read_status(pid, status, sizeof(status)))
			census.gone++;
		else if (strstr(status, "State:\tZ"))
			census.exited++;
		else if (!strstr(status, "VmRSS:"))
			census.kthreads++;
		else if (!strcmp(pid, "1"))
			continue;
		else if (proc_number(pid, "oom_score_adj") == -1000)
			census.unkillable++;
		else
			census.eligible++;
	}
	closedir(proc);
	return census;
}

/* A dry run, and who was there meanwhile: the kernel's own threads come and go at any time. */
static struct events quiet_dry_run(const char *cgroup, struct census *census)
{
	struct census after;
	struct events all;
	int tries;

	for (tries = 0; tries < 100; tries++) {
		*census = take_census();
		all = cgroup ? dry_run_of(cgroup) : read_events("candidates");
		after = take_census();
		if (!census->gone && !memcmp(census, &after, sizeof(after)))
			return all;
		pause_ms(20);
	}
	errx(1, "processes come and go all the time");
}

static long long total_pages(void)
{
	return (number_in("/proc/meminfo", "MemTotal:") +
		number_in("/proc/meminfo", "SwapTotal:")) * 1024 / sysconf(_SC_PAGESIZE);
}

/* fs/proc/base.c: proc_oom_score() */
static long long oom_score(long long points, long long total)
{
	return (1000 + points * 1000 / total) * 2 / 3;
}

static const struct event *excluded_of(const struct events *all)
{
	const struct event *last = &all->event[all->nr - 1];

	if (!is_type(last, "excluded"))
		errx(1, "the last line is not of what was excluded");
	return last;
}

/* Pages: a running process may change by them, and newer kernels count no closer. */
#define RSS_SLACK 256

/* The largest of those that can't be chosen follow the candidates, the largest first. */
static void compare_protected(struct __test_metadata *_metadata, const struct events *all,
			      const struct census *census)
{
	int first = count_type(all, "task"), nr = count_type(all, "protected"), i;
	long long last = LLONG_MAX, held, resident;
	char path[64], *statm;

	EXPECT_EQ(census->unkillable < 4 ? census->unkillable + 1 : 5, nr);
	for (i = first; i < first + nr; i++) {
		const struct event *task = &all->event[i];
		const char *pid = text_of(task, "tgid");

		ASSERT_STREQ("protected", task->type);
		EXPECT_FALSE(is_known(task, "points"));
		EXPECT_FALSE(is_known(task, "rank"));
		held = num_of(task, "score_rss") + num_of(task, "score_swap") +
			num_of(task, "score_pgtables");
		EXPECT_GE(last, held);
		last = held;
		EXPECT_TRUE(proc_number(pid, "oom_score_adj") == -1000 || !strcmp(pid, "1"));
		snprintf(path, sizeof(path), "/proc/%s/statm", pid);
		statm = slurp(path, NULL);
		resident = strtoll(strchr(statm, ' '), NULL, 10);
		free(statm);
		EXPECT_GE(RSS_SLACK, llabs(resident - num_of(task, "score_rss")))
			TH_LOG("pid %s", pid);
	}
}

static void compare_with_proc(struct __test_metadata *_metadata)
{
	struct census census;
	struct events all = quiet_dry_run(NULL, &census);
	const struct event *excluded = excluded_of(&all);
	long long total = total_pages(), last = LLONG_MAX;
	int i;

	for (i = 0; i < count_type(&all, "task"); i++) {
		const struct event *task = &all.event[i];
		const char *pid = text_of(task, "tgid");

		ASSERT_STREQ("task", task->type);
		EXPECT_EQ(i + 1, num_of(task, "rank"));
		EXPECT_EQ(0, num_of(task, "oom"));
		EXPECT_GE(last, num_of(task, "points"));
		last = num_of(task, "points");
		EXPECT_EQ(proc_number(pid, "oom_score"), oom_score(last, total))
			TH_LOG("pid %s", pid);
		EXPECT_EQ(proc_number(pid, "oom_score_adj"), num_of(task, "oom_score_adj"));
		EXPECT_EQ(num_of(task, "oom_score_adj") * (total / 1000),
			  num_of(task, "score_adj"));
		EXPECT_EQ(last, num_of(task, "score_rss") + num_of(task, "score_swap") +
			  num_of(task, "score_pgtables") + num_of(task, "score_adj"));
	}
	compare_protected(_metadata, &all, &census);
	EXPECT_EQ(census.eligible, all.nr - 1 - count_type(&all, "protected"));
	EXPECT_EQ(census.eligible, num_of(excluded, "eligible"));
	EXPECT_EQ(census.unkillable, num_of(excluded, "unkillable"));
	EXPECT_EQ(census.kthreads, num_of(excluded, "kthreads"));
	EXPECT_EQ(census.exited, num_of(excluded, "exited"));
	EXPECT_EQ(1, num_of(excluded, "init"));
	EXPECT_EQ(0, num_of(excluded, "outside"));
	EXPECT_EQ(0, num_of(excluded, "busy"));
	EXPECT_EQ(census.all, census.eligible + census.unkillable + census.kthreads +
		  census.exited + 1);
}

enum { SITTERS = 20 };

static void start_sitters(pid_t *pid)
{
	int i;

	for (i = 0; i < SITTERS; i++)
		pid[i] = start_sitting_hog("-n \"sits%d\" -m %d -a %d -t %d", i, 100 + 97 * i,
					   i % 6 ? 37 * i - 350 : -1000, i % 3);
}

/* The dry run of a quiet machine; then a real kill takes the first of it. */
TEST_F(candidates, machine)
{
	pid_t pid[SITTERS], zombie, first;
	struct events all;
	siginfo_t info;
	int i;

	zombie = fork_child();
	if (!zombie)
		_exit(0);
	ASSERT_EQ(0, waitid(P_PID, zombie, &info, WEXITED | WNOWAIT));
	start_sitters(pid);
	pause_ms(100);
	compare_with_proc(_metadata);
	for (i = 0; i < 3; i++) {
		all = read_events("candidates");
		first = num_of(&all.event[0], "tgid");
		sysrq_oom();
		EXPECT_TRUE(was_killed(first));
		all = read_events("last");
		EXPECT_NE(NULL, find_event(&all, "victim", "tgid", first));
	}
	stop_all(pid, SITTERS);
	waitpid(zombie, NULL, 0);
}

/* What oom_score_adj adds to the score of a process, in a first read at an offset. */
static long long score_adj_at(off_t offset, pid_t pid)
{
	static char text[1 << 17];
	char key[32];
	int fd = open(DEBUGFS "candidates", O_RDONLY);
	ssize_t n = pread(fd, text, sizeof(text) - 1, offset);
	char *at;

	close(fd);
	text[n > 0 ? n : 0] = '\0';
	snprintf(key, sizeof(key), " tgid=%d ", pid);
	at = strstr(text, key);
	return at ? number_behind(at, " score_adj=") : 0;
}

TEST_F(candidates, with_swap)
{
	pid_t pid[SITTERS];

	if (!swap_on())
		SKIP(return, "no zram to swap to");
	start_sitters(pid);
	pause_ms(100);
	EXPECT_LT(0, number_in("/proc/meminfo", "SwapTotal:"));
	compare_with_proc(_metadata);
	/* The second process has an oom_score_adj of -313. */
	EXPECT_GT(0, score_adj_at(0, pid[1]));
	EXPECT_EQ(score_adj_at(0, pid[1]), score_adj_at(1, pid[1]));
	stop_all(pid, SITTERS);
	swap_off();
}

/* A dry run of a cgroup ranks the processes inside, by its limit. Then the limit is hit. */
TEST_F(candidates, memcg)
{
	pid_t inside[3], outside, trigger;
	long long limit = 16 << 20 >> 12;
	const struct event *excluded;
	struct census census;
	struct events all;
	int i;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/c", 16 * 1024);
	cgroup_set(CGROUPS "/c", "cgroup.subtree_control", "+memory");
	make_cgroup(CGROUPS "/c/below", 0);
	outside = start_sitting_hog("-m 9000 -a 1000");
	for (i = 0; i < 3; i++)
		inside[i] = start_sitting_hog("-c " CGROUPS "/c/below -m %d -a %d", 1000 + 900 * i,
					      i == 1 ? 400 : 0);
	all = quiet_dry_run("/c\n", &census);
	ASSERT_EQ(4, all.nr);
	EXPECT_EQ(inside[1], num_of(&all.event[0], "tgid"));
	EXPECT_EQ(inside[2], num_of(&all.event[1], "tgid"));
	EXPECT_EQ(inside[0], num_of(&all.event[2], "tgid"));
	EXPECT_EQ(400 * (limit / 1000), num_of(&all.event[0], "score_adj"));
	EXPECT_STREQ("/c/below", text_of(&all.event[0], "memcg"));
	excluded = excluded_of(&all);
	EXPECT_EQ(census.kthreads, num_of(excluded, "kthreads"));
	EXPECT_EQ(census.all, 3 + num_of(excluded, "kthreads") + num_of(excluded, "outside"));

	/* The process that hits the limit is not the victim. */
	trigger = start_hog("-c " CGROUPS "/c/below -a -900");
	EXPECT_TRUE(was_killed(inside[1]));
	stop(trigger);
	all = read_events("events");
	EXPECT_NE(NULL, find_event(&all, "victim", "tgid", inside[1]));
	stop(inside[0]);
	stop(inside[2]);
	stop(outside);
	remove_cgroup(CGROUPS "/c/below");
	remove_cgroup(CGROUPS "/c");
}

/* Each has its error, and the file still works. */
TEST_F(candidates, bad_paths)
{
	char path[PATH_MAX + 10], text[64];
	int fd;

	fd = open(FILE_NAME, O_RDWR);
	ASSERT_LE(0, fd);
	memset(path, 'x', sizeof(path));
	EXPECT_EQ(-1, write(fd, path, sizeof(path)));
	EXPECT_EQ(ENAMETOOLONG, errno);
	EXPECT_EQ(-1, write(fd, "/\0x", 3));
	EXPECT_EQ(EINVAL, errno);
	if (have_memcg()) {
		EXPECT_EQ(-1, write(fd, "/none/such", 10));
		EXPECT_EQ(ENOENT, errno);
		make_cgroup(CGROUPS "/nolimit", 0);
		EXPECT_EQ(-1, write(fd, "/nolimit", 8));
		EXPECT_EQ(ENODATA, errno);
		EXPECT_EQ(-1, write(fd, "/cgroup.procs", 13));
		EXPECT_EQ(ENOTDIR, errno);
		/* A cgroup without the memory controller has no limit. */
		make_cgroup(CGROUPS "/nolimit/deep", 0);
		EXPECT_EQ(-1, write(fd, "/nolimit/deep", 13));
		EXPECT_EQ(EOPNOTSUPP, errno);
		remove_cgroup(CGROUPS "/nolimit/deep");
		remove_cgroup(CGROUPS "/nolimit");
	}
	EXPECT_EQ(1, write(fd, "\n", 1));
	ASSERT_LT(0, read(fd, text, sizeof(text)));
	EXPECT_EQ(0, memcmp("# oomwatch 1\n", text, 13));
	close(fd);
}

static int vfork_child(void *arg)
{
	pid_t pid = getpid();

	if (write(*(int *)arg, &pid, sizeof(pid)) != sizeof(pid))
		return 1;
	for (;;)
		pause();
	return 0;
}

/* A child of vfork() has its parent's memory, and is no candidate. */
TEST_F(candidates, vfork)
{
	static char stack[65536];
	const struct event *excluded;
	struct events all;
	pid_t pid, child;
	int pipes[2];

	ASSERT_EQ(0, pipe(pipes));
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "100");
		child = clone(vfork_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD,
			      &pipes[1]);
		_exit(child < 0);
	}
	ASSERT_EQ((ssize_t)sizeof(child), read(pipes[0], &child, sizeof(child)));
	all = read_events("candidates");
	excluded = excluded_of(&all);
	EXPECT_EQ(1, num_of(excluded, "vfork"));
	EXPECT_LT(0, num_of(excluded, "vfork_kb"));
	EXPECT_NE(NULL, find_event(&all, "task", "tgid", pid));
	kill(child, SIGKILL);
	stop(pid);
}

/* A victim that stays is no candidate any more when the reaper has freed its memory. */
TEST_F(candidates, reaped)
{
	long long before = stat_of("reap_finish");
	const struct event *excluded;
	struct events all;
	pid_t pid;
	int i;

	pid = start_sitting_hog("-m 20000 -a 1000");
	hold_exit(pid);
	sysrq_oom();
	wait_held(pid);
	/* The reaper comes after two seconds: it may have been here already. */
	all = read_events("candidates");
	if (stat_of("reap_finish") == before) {
		ASSERT_NE(NULL, find_event(&all, "task", "tgid", pid));
		EXPECT_STREQ("in_flight",
			     text_of(find_event(&all, "task", "tgid", pid), "flags"));
	}
	/* The kernel marks the memory as gone after its event. */
	for (i = 0; i < 200; i++) {
		pause_ms(100);
		all = read_events("candidates");
		excluded = excluded_of(&all);
		if (stat_of("reap_finish") > before && num_of(excluded, "reaped"))
			break;
	}
	EXPECT_EQ(1, num_of(excluded, "reaped"));
	EXPECT_LT(0, num_of(excluded, "reaped_kb"));
	EXPECT_EQ(NULL, find_event(&all, "task", "tgid", pid));
	let_exit(pid);
	EXPECT_TRUE(was_killed(pid));
}

/* The knob limits the number of candidates; with 0 there is no walk. */
TEST_F(candidates, knob)
{
	static const unsigned int max[] = { 0, 1, 7, 32, 1024 };
	pid_t pid[SITTERS];
	struct events all;
	unsigned int i;
	int eligible;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	start_sitters(pid);
	for (i = 0; i < sizeof(max) / sizeof(*max); i++) {
		knob_set("candidates", max[i]);
		pid_t top = start_sitting_hog("-m 3000 -a 1000");

		eligible = take_census().eligible;
		sysrq_oom();
		EXPECT_TRUE(was_killed(top));
		all = read_events("last");
		EXPECT_EQ((int)max[i] < eligible ? (int)max[i] : eligible,
			  count_type(&all, "task"));
		EXPECT_EQ(max[i] > 0, count_type(&all, "excluded"));
		EXPECT_EQ(max[i] > 0, is_known(find_event(&all, "victim", "tgid", top), "rank"));
	}
	stop_all(pid, SITTERS);
}

/*
 * The candidates of a kill are the first of the dry run's. Some scores here differ by less than
 * what per-CPU counters may not have summed up yet, and some by more.
 */
TEST_F(candidates, few_of_many)
{
	static const int max[] = { 1, 5, 32 };
	struct events all, few;
	pid_t pid[60], top;
	size_t i;
	int k;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	for (i = 0; i < 60; i++)
		pid[i] = start_sitting_hog("-m %zu", i % 10 ? 100 + i * 37 % 61 : 3000 + i);
	for (i = 0; i < sizeof(max) / sizeof(*max); i++) {
		knob_set("candidates", max[i]);
		top = start_sitting_hog("-m 3000 -a 1000");
		all = read_events("candidates");
		EXPECT_LT(60, count_type(&all, "task"));
		sysrq_oom();
		EXPECT_TRUE(was_killed(top));
		few = read_events("last");
		ASSERT_EQ(max[i], count_type(&few, "task"));
		for (k = 0; k < max[i]; k++) {
			const struct event *task = find_event(&few, "task", "rank", k + 1);

			EXPECT_EQ(num_of(&all.event[k], "tgid"), num_of(task, "tgid"));
			EXPECT_EQ(num_of(&all.event[k], "points"), num_of(task, "points"));
		}
		EXPECT_EQ(num_of(excluded_of(&all), "eligible"),
			  num_of(find_event(&few, "excluded", "reaped", 0), "eligible"));
	}
	stop_all(pid, 60);
}

/* A dry run walks once over the processes, however long its text is. */
TEST_F(candidates, one_walk)
{
	pid_t pid[SITTERS];
	struct events all;

	if (access(TRACING "kprobe_events", W_OK))
		SKIP(return, "no CONFIG_KPROBE_EVENTS");
	start_sitters(pid);
	spew(TRACING "kprobe_events", "p:walks ranking_walk");
	trace_switch("kprobes/walks", "1");
	all = read_events("candidates");
	EXPECT_LT(SITTERS / 2, count_type(&all, "task"));
	EXPECT_EQ(1, number_in(TRACING "kprobe_profile", "  walks"));
	trace_switch("kprobes/walks", "0");
	spew(TRACING "kprobe_events", "-:walks");
	stop_all(pid, SITTERS);
}

TEST_F(candidates, as_another_user)
{
	pid_t pid = fork_child();
	int status;

	if (!pid) {
		if (setresuid(1234, 1234, 1234))
			_exit(1);
		_exit(open(FILE_NAME, O_RDONLY) >= 0 || open(FILE_NAME, O_WRONLY) >= 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_HARNESS_MAIN
