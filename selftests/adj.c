// SPDX-License-Identifier: GPL-2.0
/*
 * Writes of oom_score_adj: who had what before and after, and who wrote it.
 */
#include "harness.h"

#include <sched.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

static void wait_for_comm(pid_t pid, const char *want)
{
	char path[64], *comm;
	bool same = false;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	while (!same) {
		comm = slurp(path, NULL);
		same = !strncmp(comm, want, strlen(want));
		free(comm);
		pause_ms(1);
	}
}

FIXTURE(adj) {
	pid_t child;
	char path[64];
};

FIXTURE_SETUP(adj)
{
	knob_set("adj_updates", 1);
	spew(DEBUGFS "clear", "1");
	self->child = fork_child();
	if (!self->child) {
		prctl(PR_SET_NAME, "adj child");
		for (;;)
			pause();
	}
	wait_for_comm(self->child, "adj child");
	snprintf(self->path, sizeof(self->path), "/proc/%d/oom_score_adj", self->child);
}

FIXTURE_TEARDOWN(adj)
{
	stop(self->child);
}

/* The nth write that is recorded of a process. */
static const struct event *nth_write(const struct events *all, pid_t pid, int n)
{
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], "adj") && num_of(&all->event[i], "tgid") == pid && !n--)
			return &all->event[i];
	errx(1, "too few writes recorded");
}

/* The child has -1000 by inheritance, so the first write has a known old value, too. */
TEST_F(adj, values)
{
	static const int values[] = { 0, 1000, -1000, 7, 7, -1, 0 };
	const struct event *event;
	struct events all;
	int i, old = -1000;

	for (i = 0; i < 7; i++)
		spew(self->path, "%d", values[i]);
	all = read_events("events");
	EXPECT_EQ(7, count_type(&all, "adj"));
	for (i = 0; i < 7; i++) {
		event = nth_write(&all, self->child, i);
		EXPECT_EQ(self->child, num_of(event, "pid"));
		EXPECT_STREQ("adj child", text_of(event, "comm"));
		EXPECT_EQ(old, num_of(event, "old"));
		EXPECT_EQ(values[i], num_of(event, "new"));
		EXPECT_EQ(getpid(), num_of(event, "by_pid"));
		EXPECT_STREQ("adj", text_of(event, "by_comm"));
		EXPECT_EQ(0, num_of(event, "by_uid"));
		EXPECT_EQ(0, num_of(event, "oom"));
		old = values[i];
	}
}

/* What the kernel refuses is no write. */
TEST_F(adj, refused)
{
	struct events all;

	EXPECT_EQ(EINVAL, try_write(self->path, "1001", 4));
	EXPECT_EQ(EINVAL, try_write(self->path, "-1001", 5));
	all = read_events("events");
	EXPECT_EQ(0, count_type(&all, "adj"));
}

TEST_F(adj, writer)
{
	struct events all;
	int status;
	pid_t pid;

	spew(self->path, "5");
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "10");
		prctl(PR_SET_NAME, "wri\"ter");
		if (setresuid(1234, 1234, 1234))
			_exit(1);
		/* Its /proc files are root's until it says otherwise. */
		prctl(PR_SET_DUMPABLE, 1);
		spew("/proc/self/oom_score_adj", "20");
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	all = read_events("events");
	EXPECT_EQ(-1000, num_of(nth_write(&all, pid, 0), "old"));
	EXPECT_EQ(0, num_of(nth_write(&all, pid, 0), "by_uid"));
	EXPECT_EQ(10, num_of(nth_write(&all, pid, 1), "old"));
	EXPECT_EQ(20, num_of(nth_write(&all, pid, 1), "new"));
	EXPECT_EQ(1234, num_of(nth_write(&all, pid, 1), "by_uid"));
	EXPECT_EQ(pid, num_of(nth_write(&all, pid, 1), "by_pid"));
	EXPECT_STREQ("wri\"ter", text_of(nth_write(&all, pid, 1), "by_comm"));
}

static pid_t fork_sleeper(void)
{
	pid_t pid = fork_child();

	if (pid)
		return pid;
	for (;;)
		pause();
}

/* A process that never wrote has what its parent had at the fork. */
TEST_F(adj, inherited)
{
	struct events all;
	char path[64];
	pid_t pid;

	spew("/proc/self/oom_score_adj", "-321");
	pid = fork_sleeper();
	spew("/proc/self/oom_score_adj", "-1000");
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	spew(path, "3");
	all = read_events("events");
	EXPECT_EQ(-321, num_of(nth_write(&all, pid, 0), "old"));
	stop(pid);
}

/* As with most processes: nobody wrote to it before, nor to where it comes from. */
TEST_F(adj, first_write)
{
	const struct event *event;
	struct events all;
	int status;
	pid_t pid;

	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "0");
		pid = fork_child();
		if (!pid) {
			spew("/proc/self/oom_score_adj", "77");
			_exit(0);
		}
		waitpid(pid, &status, 0);
		_exit(status);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	all = read_events("events");
	event = find_event(&all, "adj", "new", 77);
	ASSERT_NE(NULL, event);
	EXPECT_NE(pid, num_of(event, "tgid"));
	EXPECT_EQ(0, num_of(event, "old"));
}

static int sleeper(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return 0;
}

/*
 * Processes that share an mm get each other's value with no event; the next write
 * knows it all the same.
 */
TEST_F(adj, shared_mm)
{
	static char stack[65536];
	struct events all;
	char path[64];
	pid_t pid;

	pid = clone(sleeper, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
	ASSERT_LT(0, pid);
	spew("/proc/self/oom_score_adj", "-500");
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	EXPECT_EQ(-500, number_in(path, NULL));
	spew(path, "-400");
	all = read_events("events");
	EXPECT_EQ(-500, num_of(nth_write(&all, pid, 0), "old"));
	EXPECT_EQ(-400, num_of(nth_write(&all, pid, 0), "new"));
	stop(pid);
}

/* Of a process that is gone, but for its parent's asking, nothing is known any more. */
TEST_F(adj, zombie)
{
	struct events all;
	char path[64];
	siginfo_t info;
	pid_t pid;

	pid = fork_child();
	if (!pid)
		_exit(0);
	ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOWAIT));
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	spew(path, "11");
	spew(path, "12");
	all = read_events("events");
	EXPECT_FALSE(is_known(nth_write(&all, pid, 0), "old"));
	EXPECT_FALSE(is_known(nth_write(&all, pid, 1), "old"));
	EXPECT_EQ(12, num_of(nth_write(&all, pid, 1), "new"));
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
}

/* Who it is that had set the value of a task that was killed, and for whom. */
static const struct event *setter_at_kill(struct __test_metadata *_metadata, pid_t pid)
{
	static struct events all;
	const struct event *victim;

	sysrq_oom();
	EXPECT_TRUE(was_killed(pid));
	all = read_events("last");
	victim = find_event(&all, "victim", "tgid", pid);
	if (!victim)
		errx(1, "pid %d was not the victim", pid);
	/* Its line in the ranking says the same. */
	EXPECT_STREQ(text_of(victim, "set_by_pid"),
		     text_of(find_event(&all, "task", "tgid", pid), "set_by_pid"));
	return victim;
}

TEST_F(adj, setter)
{
	const struct event *victim;
	char path[64];
	pid_t pid;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	pid = fork_sleeper();
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	spew(path, "10");
	pause_ms(30);
	spew(path, "1000");
	pause_ms(30);
	victim = setter_at_kill(_metadata, pid);
	EXPECT_EQ(getpid(), num_of(victim, "set_by_pid"));
	EXPECT_STREQ("adj", text_of(victim, "set_by_comm"));
	EXPECT_EQ(0, num_of(victim, "set_by_uid"));
	EXPECT_EQ(pid, num_of(victim, "set_on_tgid"));
	EXPECT_LE(30000000LL, num_of(victim, "set_ago_ns"));
	EXPECT_GT(num_of(victim, "age_ns"), num_of(victim, "set_ago_ns"));
}

/* By fork from one that is gone by then, and through exec and another name. */
TEST_F(adj, setter_of_ancestor)
{
	const struct event *victim;
	int pipes[2], status;
	pid_t pid, child;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	ASSERT_EQ(0, pipe(pipes));
	/* Its child becomes the test's when it has gone. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = fork_child();
	if (!pid) {
		prctl(PR_SET_NAME, "ancestor");
		spew("/proc/self/oom_score_adj", "990");
		child = fork();
		if (!child) {
			/* Not one that dies with its parent, which goes at once. */
			child = fork();
			if (!child)
				execlp("sleep", "sleep", "1000", NULL);
			if (write(pipes[1], &child, sizeof(child)) != sizeof(child))
				_exit(1);
			_exit(0);
		}
		waitpid(child, NULL, 0);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ((ssize_t)sizeof(child), read(pipes[0], &child, sizeof(child)));
	pause_ms(100);
	victim = setter_at_kill(_metadata, child);
	EXPECT_EQ(990, num_of(victim, "oom_score_adj"));
	EXPECT_EQ(pid, num_of(victim, "set_by_pid"));
	EXPECT_STREQ("ancestor", text_of(victim, "set_by_comm"));
	EXPECT_EQ(pid, num_of(victim, "set_on_tgid"));
	prctl(PR_SET_CHILD_SUBREAPER, 0);
}

/* A value of 0 that was written has a writer; its heirs have what all have. */
TEST_F(adj, setter_of_zero)
{
	struct events all;
	char path[64];
	pid_t pid;

	pid = start_sitting_hog("-m 100 -a 0");
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	all = read_events("candidates");
	EXPECT_EQ(pid, num_of(find_event(&all, "task", "tgid", pid), "set_by_pid"));
	spew(path, "0");
	all = read_events("candidates");
	EXPECT_EQ(getpid(), num_of(find_event(&all, "task", "tgid", pid), "set_by_pid"));
	stop(pid);
}

/* The older file has another scale: -17 to 15. Recorded is what it came to. */
TEST_F(adj, legacy)
{
	struct events all;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_adj", self->child);
	if (access(path, F_OK))
		SKIP(return, "this kernel has no oom_adj");
	spew(path, "15");
	spew(path, "-17");
	spew(path, "8");
	all = read_events("events");
	EXPECT_EQ(1000, num_of(nth_write(&all, self->child, 0), "new"));
	EXPECT_EQ(-1000, num_of(nth_write(&all, self->child, 1), "new"));
	EXPECT_EQ(8 * 1000 / 17, num_of(nth_write(&all, self->child, 2), "new"));
	EXPECT_EQ(8 * 1000 / 17, number_in(self->path, NULL));
}

#define SLEEPERS	4200	/* the table has 4096 */
#define SLEEPER_STACK	1024
/* Of each the kernel has a stack and its structures. */
#define SLEEPERS_KIB	300000

/* Many processes that have nothing of their own, of a namespace, to be gone with its first. */
static pid_t start_sleepers(int *ready)
{
	char *stacks, c = 0;
	int own = open("/proc/self/ns/pid", O_RDONLY), pipes[2], i;
	pid_t pid;

	if (pipe(pipes))
		err(1, "pipe");
	*ready = pipes[0];
	if (unshare(CLONE_NEWPID))
		err(1, "unshare");
	pid = fork_child();
	if (pid) {
		close(pipes[1]);
		/* What is forked from here on is not to be gone with them. */
		if (setns(own, CLONE_NEWPID))
			err(1, "setns");
		close(own);
		return pid;
	}
	stacks = malloc((SLEEPERS + 1) * SLEEPER_STACK);
	for (i = 1; i <= SLEEPERS; i++)
		if (clone(sleeper, stacks + i * SLEEPER_STACK,
			  CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD, NULL) < 0)
			err(1, "clone");
	if (write(pipes[1], &c, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* What doesn't fit in is counted, and not made up. For good, so the module is loaded anew. */
TEST_F(adj, full_table)
{
	const char *ko = getenv("OOMWATCH_KO") ?: "/lib/oomwatch.ko", *child = self->path;
	long long untracked = stat_of("adj_untracked");
	char command[256], path[64], c;
	struct events all;
	pid_t pid, other;
	int ready;

	if (access(ko, R_OK))
		SKIP(return, "no module to load anew");
	if (access("/proc/self/ns/pid", F_OK))
		SKIP(return, "no PID namespaces");
	if (number_in("/proc/meminfo", "MemFree:") < SLEEPERS_KIB)
		SKIP(return, "too little memory for 4,200 processes");
	spew("/proc/sys/kernel/threads-max", "20000");
	/* Its own value is known, and stays so. */
	spew(child, "-5");
	pid = start_sleepers(&ready);
	ASSERT_EQ(1, read(ready, &c, 1));
	EXPECT_LE(untracked + SLEEPERS - 4096, stat_of("adj_untracked"));
	other = fork_sleeper();
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", other);
	spew(path, "5");
	spew(child, "-6");
	all = read_events("events");
	EXPECT_FALSE(is_known(nth_write(&all, other, 0), "old"));
	EXPECT_EQ(-5, num_of(nth_write(&all, self->child, 1), "old"));
	stop(other);
	stop(pid);
	snprintf(command, sizeof(command), "rmmod oomwatch && insmod %s", ko);
	EXPECT_EQ(0, system(command));
	reset_machine();
}

TEST_HARNESS_MAIN
