// SPDX-License-Identifier: GPL-2.0
/*
 * Writes of oom_score_adj: the old value, the new one, and the writer.
 */
#include "harness.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>

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

static void write_adj(pid_t pid, int adj)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	spew(path, "%d", adj);
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

/* The nth recorded write of a process's value. */
static const struct event *nth_write(const struct events *all, pid_t pid, int n)
{
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], "adj") && num_of(&all->event[i], "tgid") == pid && !n--)
			return &all->event[i];
	errx(1, "too few writes recorded");
}

/* The child inherits -1000, so the first write has a known old value, too. */
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

/* A write that the kernel refuses is not recorded. */
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
		/* Without this its /proc files belong to root. */
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

/* Before its first write a process has the value of its parent at the fork. */
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

/* The first write to a process that inherited 0, as most do: the old value is known to be 0. */
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
 * The kernel gives a new value to all processes that share an mm, without an event for each. The
 * next write still knows the old value.
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

/*
 * The value that a process got by a write to a sharer is not the one in its own entry. When the
 * sharer is gone, it is unknown, until the next write.
 */
TEST_F(adj, shared_mm_gone)
{
	static char stacks[2][65536];
	struct events all;
	pid_t pid[2];
	int i;

	for (i = 0; i < 2; i++) {
		pid[i] = clone(sleeper, stacks[i] + sizeof(stacks[i]), CLONE_VM | SIGCHLD, NULL);
		ASSERT_LT(0, pid[i]);
	}
	write_adj(pid[0], -100);
	write_adj(pid[1], -200);
	write_adj(pid[0], -300);
	write_adj(pid[1], -400);
	stop(pid[1]);
	EXPECT_EQ(-400, number_in("/proc/self/oom_score_adj", NULL));
	write_adj(pid[0], -500);
	write_adj(getpid(), -600);
	stop(pid[0]);
	all = read_events("events");
	EXPECT_EQ(-1000, num_of(nth_write(&all, pid[0], 0), "old"));
	EXPECT_EQ(-100, num_of(nth_write(&all, pid[1], 0), "old"));
	EXPECT_EQ(-200, num_of(nth_write(&all, pid[0], 1), "old"));
	EXPECT_EQ(-300, num_of(nth_write(&all, pid[1], 1), "old"));
	EXPECT_FALSE(is_known(nth_write(&all, pid[0], 2), "old"));
	EXPECT_EQ(-500, num_of(nth_write(&all, getpid(), 0), "old"));
	spew("/proc/self/oom_score_adj", "-1000");
}

#define MOST_DEAD	100
#define THREAD_STACK	16384

/* A process with a sharer of its mm, of which all threads but the last die and are not reaped. */
struct dying {
	int pipe[2];		/* its end lets the threads exit */
	pid_t pid;
	pid_t sharer;
	pid_t thread[MOST_DEAD];
	int nr;
	bool ready;
};

/* Exits alone: the process goes on. */
static int exit_at_end(void *arg)
{
	const struct dying *dying = arg;
	char c;

	if (read(dying->pipe[0], &c, 1))
		_exit(1);
	syscall(SYS_exit, 0);
	return 0;
}

static pid_t start_thread(int (*run)(void *arg), void *arg, int flags)
{
	char *stack = malloc(THREAD_STACK);
	pid_t pid = clone(run, stack + THREAD_STACK, CLONE_VM | flags, arg);

	if (pid < 0)
		err(1, "clone");
	return pid;
}

static void run_dying(struct dying *dying)
{
	const int flags = CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	int i;

	close(dying->pipe[1]);
	for (i = 0; i < dying->nr; i++)
		dying->thread[i] = start_thread(exit_at_end, dying, flags);
	start_thread(sleeper, NULL, flags);
	dying->sharer = start_thread(sleeper, NULL, SIGCHLD);
	__atomic_store_n(&dying->ready, true, __ATOMIC_RELEASE);
	exit_at_end(dying);
}

static void wait_for_zombie(pid_t pid, pid_t tid)
{
	char path[64], *stat = NULL;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	do {
		pause_ms(1);
		free(stat);
		stat = slurp(path, NULL);
	} while (!strstr(stat, ") Z"));
	free(stat);
}

static struct dying *start_dying(int nr)
{
	struct dying *dying = mmap(NULL, sizeof(*dying), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int i;

	if (dying == MAP_FAILED || pipe(dying->pipe))
		err(1, "a process with dead threads");
	dying->nr = nr;
	pid = fork_child();
	if (!pid)
		run_dying(dying);
	dying->pid = pid;
	while (!__atomic_load_n(&dying->ready, __ATOMIC_ACQUIRE))
		pause_ms(1);
	/* A tracer's threads stay until it asks for them. */
	for (i = 0; i < nr; i++)
		if (ptrace(PTRACE_SEIZE, dying->thread[i], 0, 0))
			err(1, "PTRACE_SEIZE");
	close(dying->pipe[1]);
	wait_for_zombie(dying->pid, dying->pid);
	for (i = 0; i < nr; i++)
		wait_for_zombie(dying->pid, dying->thread[i]);
	return dying;
}

static void stop_dying(struct dying *dying)
{
	int i;

	for (i = 0; i < dying->nr; i++)
		waitpid(dying->thread[i], NULL, __WALL);
	kill(dying->sharer, SIGKILL);
	stop(dying->pid);
	close(dying->pipe[0]);
	munmap(dying, sizeof(*dying));
}

/*
 * A value that a sharer got is found by the mm, which a thread of the process has. If that comes
 * after very many dead ones, it is not looked for with a lock held, and the old value is unknown.
 */
TEST_F(adj, dead_threads)
{
	static const int dead[] = { 10, MOST_DEAD };
	struct dying *dying;
	struct events all;
	char path[64];
	int i;

	for (i = 0; i < 2; i++) {
		dying = start_dying(dead[i]);
		snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", dying->pid);
		write_adj(dying->sharer, -7);
		EXPECT_EQ(-7, number_in(path, NULL));
		write_adj(dying->pid, -8);
		write_adj(dying->pid, -9);
		all = read_events("events");
		EXPECT_EQ(dead[i] != MOST_DEAD, is_known(nth_write(&all, dying->pid, 0), "old"));
		if (is_known(nth_write(&all, dying->pid, 0), "old"))
			EXPECT_EQ(-7, num_of(nth_write(&all, dying->pid, 0), "old"));
		EXPECT_EQ(-8, num_of(nth_write(&all, dying->pid, 1), "old"));
		stop_dying(dying);
	}
}

/* The old value of a zombie is unknown. */
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

/* Has sysrq kill the process; returns its record as victim, which says who had set its value. */
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
	/* Its task record says the same. */
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

/* The value is inherited from a process that is gone, and survives exec and a change of name. */
TEST_F(adj, setter_of_ancestor)
{
	const struct event *victim;
	int pipes[2], status;
	pid_t pid, child;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	ASSERT_EQ(0, pipe(pipes));
	/* The sleeping process becomes a child of the test when its ancestors are gone. */
	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = fork_child();
	if (!pid) {
		prctl(PR_SET_NAME, "ancestor");
		spew("/proc/self/oom_score_adj", "990");
		child = fork();
		if (!child) {
			/* Not fork_child(): this one has to outlive its parent. */
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

/* A written 0 has a writer, too. */
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

/* The older file oom_adj has another scale, -17 to 15. The record has the oom_score_adj. */
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
/* What the kernel takes for the stacks and structures of all these processes. */
#define SLEEPERS_KIB	300000

static bool have_sleepers(void)
{
	return !access("/proc/self/ns/pid", F_OK) &&
	       number_in("/proc/meminfo", "MemFree:") >= SLEEPERS_KIB;
}

#define NO_SLEEPERS "too little memory for 4,200 processes, or no PID namespaces"

static void become_user(uid_t uid)
{
	const struct rlimit limit = { 20000, 20000 };

	if (!uid)
		return;
	if (setrlimit(RLIMIT_NPROC, &limit) || setresuid(uid, uid, uid))
		err(1, "setresuid");
	/* Without this its /proc files belong to root. */
	prctl(PR_SET_DUMPABLE, 1);
	/* A change of the user has cleared what fork_child() had set. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* Ends some at a time: all of them at once would keep the CPU from the kernel's own threads. */
static void end_sleepers(const pid_t *pids)
{
	int i, at;

	for (at = 0; at < SLEEPERS; at += 50) {
		for (i = at; i < at + 50 && i < SLEEPERS; i++)
			kill(pids[i], SIGKILL);
		for (i = at; i < at + 50 && i < SLEEPERS; i++)
			waitpid(pids[i], NULL, 0);
	}
}

/*
 * Many processes of a user, which share all they can, in a PID namespace: if the test dies, they
 * end with its first process. stop_sleepers() ends them.
 */
static pid_t start_sleepers(uid_t uid, const char *adj)
{
	static pid_t pids[SLEEPERS];
	char *stacks, c = 0;
	sigset_t term;
	int own = open("/proc/self/ns/pid", O_RDONLY), pipes[2], i;
	pid_t pid;

	spew("/proc/sys/kernel/threads-max", "20000");
	if (pipe(pipes))
		err(1, "pipe");
	if (unshare(CLONE_NEWPID))
		err(1, "unshare");
	pid = fork_child();
	if (pid) {
		close(pipes[1]);
		/* Children that are forked from here on are not in that namespace. */
		if (setns(own, CLONE_NEWPID))
			err(1, "setns");
		close(own);
		if (read(pipes[0], &c, 1) != 1)
			errx(1, "sleepers: did not get ready");
		close(pipes[0]);
		return pid;
	}
	spew("/proc/self/oom_score_adj", "%s", adj);
	become_user(uid);
	stacks = malloc((SLEEPERS + 1) * SLEEPER_STACK);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	for (i = 0; i < SLEEPERS; i++) {
		pids[i] = clone(sleeper, stacks + (i + 1) * SLEEPER_STACK,
				CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD, NULL);
		if (pids[i] < 0)
			err(1, "clone");
	}
	if (write(pipes[1], &c, 1) != 1)
		_exit(1);
	sigwaitinfo(&term, NULL);
	end_sleepers(pids);
	_exit(0);
}

static void stop_sleepers(pid_t first)
{
	kill(first, SIGTERM);
	waitpid(first, NULL, 0);
}

/*
 * A process that the table has no room for is counted, and its old value is unknown. When there is
 * room again, the table gets it.
 */
TEST_F(adj, full_table)
{
	long long untracked = stat_of("adj_untracked"), left_out;
	pid_t pid, early, other[30];
	struct events all;
	int i;

	if (!have_sleepers())
		SKIP(return, NO_SLEEPERS);
	/* This value is in the table before it is full, and stays known. */
	write_adj(self->child, -5);
	early = fork_sleeper();
	pid = start_sleepers(0, "-1000");
	left_out = stat_of("adj_untracked") - untracked;
	EXPECT_LE(SLEEPERS - 4096, left_out);
	for (i = 0; i < 30; i++)
		other[i] = fork_sleeper();
	EXPECT_LE(left_out + 30, stat_of("adj_untracked") - untracked);
	write_adj(other[0], 5);
	write_adj(self->child, -6);
	all = read_events("events");
	EXPECT_FALSE(is_known(nth_write(&all, other[0], 0), "old"));
	EXPECT_EQ(-5, num_of(nth_write(&all, self->child, 1), "old"));
	/* There is room for one of them now. Who still has none is not counted again. */
	stop(early);
	pause_ms(6000);
	EXPECT_GT(left_out + 30 + SLEEPERS - 4096, stat_of("adj_untracked") - untracked);
	stop_sleepers(pid);
	for (i = 1; i < 30; i++) {
		pause_ms(1000);
		write_adj(other[i], 5);
		all = read_events("events");
		if (is_known(nth_write(&all, other[i], 0), "old"))
			break;
	}
	ASSERT_GT(30, i);
	EXPECT_EQ(-1000, num_of(nth_write(&all, other[i], 0), "old"));
	for (i = 0; i < 30; i++)
		stop(other[i]);
}

#define FLOODER		1234
#define OTHER		2000	/* another group of users */
#define FLOOD		20000

/* Forks. The parent goes on when the child has called say_ready(). */
static pid_t fork_until_ready(int *ready)
{
	int pipes[2];
	pid_t pid;
	char c;

	if (pipe(pipes))
		err(1, "pipe");
	*ready = pipes[1];
	pid = fork_child();
	if (!pid)
		return 0;
	close(pipes[1]);
	if (read(pipes[0], &c, 1) != 1)
		errx(1, "process %d did not get ready", pid);
	close(pipes[0]);
	return pid;
}

static void say_ready(int ready)
{
	if (write(ready, "", 1) != 1)
		_exit(1);
}

/* Writes its own value without end; the records of these writes have a new value below 100. */
static pid_t start_flood(void)
{
	int fd, i, ready;
	char text[16];
	pid_t pid = fork_until_ready(&ready);

	if (pid)
		return pid;
	spew("/proc/self/oom_score_adj", "0");
	become_user(FLOODER);
	fd = open("/proc/self/oom_score_adj", O_WRONLY);
	for (i = 0; ; i++) {
		snprintf(text, sizeof(text), "%d", i % 100);
		if (pwrite(fd, text, strlen(text), 0) < 0)
			err(1, "flood");
		if (i == FLOOD)
			say_ready(ready);
	}
}

/* A process of another user that sets its own value, as anybody can. */
static pid_t start_other(void)
{
	int ready;
	pid_t pid = fork_until_ready(&ready);

	if (pid)
		return pid;
	spew("/proc/self/oom_score_adj", "0");
	become_user(OTHER);
	spew("/proc/self/oom_score_adj", "1000");
	say_ready(ready);
	for (;;)
		pause();
}

/*
 * An ordinary user writes its value in a loop, and has more processes than the table has room
 * for. All kills stay in the ring, and the writes of another user are recorded and remembered.
 */
TEST_F(adj, flood)
{
	long long kills = vmstat_kills(), updates = stat_of("adj_updates"), flooded = 0;
	pid_t flood, sleepers, other[10];
	const struct event *victim;
	struct events all;
	long long begin, minutes;
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (!have_sleepers())
		SKIP(return, NO_SLEEPERS);
	knob_set("ring_kb", 128);
	knob_set("adj_ring_kb", 64);
	knob_set("adj_per_min", 1000);
	begin = now_ns();
	sleepers = start_sleepers(FLOODER, "500");
	flood = start_flood();
	for (i = 0; i < 10; i++) {
		other[i] = start_other();
		sysrq_oom();
		EXPECT_TRUE(was_killed(other[i]));
	}
	stop(flood);
	stop_sleepers(sleepers);
	minutes = (now_ns() - begin) / 60000000000LL;
	knob_set("adj_per_min", 1000000);
	all = read_events("events");
	EXPECT_EQ(kills + 10, vmstat_kills());
	EXPECT_EQ(10, count_type(&all, "victim"));
	for (i = 0; i < 10; i++) {
		victim = find_event(&all, "victim", "tgid", other[i]);
		ASSERT_NE(NULL, victim);
		EXPECT_EQ(OTHER, num_of(victim, "set_by_uid"));
		EXPECT_EQ(other[i], num_of(victim, "set_on_tgid"));
		EXPECT_EQ(OTHER, num_of(nth_write(&all, other[i], 1), "by_uid"));
		EXPECT_EQ(1000, num_of(nth_write(&all, other[i], 1), "new"));
		EXPECT_EQ(0, num_of(nth_write(&all, other[i], 1), "old"));
	}
	for (i = 0; i < all.nr; i++)
		flooded += is_type(&all.event[i], "adj") &&
			   num_of(&all.event[i], "by_uid") == FLOODER;
	EXPECT_LT(0, flooded);
	/* A tenth of the knob in each minute that has begun. */
	EXPECT_GE(100 * (minutes + 2), flooded);
	EXPECT_LE(updates + FLOOD, stat_of("adj_updates"));
	all = read_events("last");
	EXPECT_EQ(0, count_type(&all, "lost"));
	EXPECT_NE(NULL, find_event(&all, "victim", "tgid", other[9]));
	reset_machine();
}

#define FLOODERS	20

/* Each of many users writes as much as a user may. Together they leave a quarter for root. */
TEST_F(adj, flood_of_users)
{
	long long suppressed;
	struct events all;
	int i, k, flooded = 0;
	pid_t pid;

	knob_set("adj_per_min", 40);
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "0");
		for (i = 0; i < FLOODERS; i++) {
			pid = fork_child();
			if (pid) {
				waitpid(pid, NULL, 0);
				continue;
			}
			become_user(FLOODER + i);
			for (k = 0; k < 4; k++)
				spew("/proc/self/oom_score_adj", "%d", k);
			_exit(0);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	suppressed = stat_of("adj_suppressed");
	for (i = 0; i < 9; i++)
		write_adj(self->child, i);
	EXPECT_EQ(suppressed, stat_of("adj_suppressed"));
	knob_set("adj_per_min", 1000000);
	all = read_events("events");
	for (i = 0; i < all.nr; i++)
		flooded += is_type(&all.event[i], "adj") &&
			   num_of(&all.event[i], "by_uid") >= FLOODER;
	EXPECT_LE(20, flooded);
	EXPECT_GE(30, flooded);
}

/* In a user namespace anybody has many uids: who made it pays for them all. */
TEST_F(adj, flood_of_subusers)
{
	long long suppressed;
	int status, ready[2], mapped[2];
	char path[64], c = 0;
	pid_t pid;
	int i;

	if (access("/proc/self/ns/user", F_OK))
		SKIP(return, "no user namespaces");
	knob_set("adj_per_min", 100);
	suppressed = stat_of("adj_suppressed");
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(mapped));
	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "0");
		become_user(FLOODER);
		if (unshare(CLONE_NEWUSER))
			_exit(2);
		if (write(ready[1], &c, 1) != 1 || read(mapped[0], &c, 1) != 1)
			_exit(1);
		for (i = 0; i < 30; i++) {
			if (setresuid(i + 1, i + 1, 0))
				_exit(1);
			prctl(PR_SET_DUMPABLE, 1);
			spew("/proc/self/oom_score_adj", "%d", i);
			if (setresuid(0, 0, 0))
				_exit(1);
		}
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) == 1) {
		snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
		spew(path, "0 100000 1000\n");
		ASSERT_EQ(1, write(mapped[1], &c, 1));
	}
	close(ready[0]);
	close(mapped[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	knob_set("adj_per_min", 1000000);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 2)
		SKIP(return, "users can't make user namespaces");
	ASSERT_EQ(0, status);
	EXPECT_EQ(suppressed + 30 - 10, stat_of("adj_suppressed"));
}

#define RACES	1000

struct race {
	pid_t next;	/* the pid to come */
	pid_t armed;	/* the writer waits for it */
	pid_t wrote;	/* it was written to */
};

static pid_t peek(const pid_t *at)
{
	return __atomic_load_n(at, __ATOMIC_SEQ_CST);
}

static void poke(pid_t *at, pid_t pid)
{
	__atomic_store_n(at, pid, __ATOMIC_SEQ_CST);
}

/* Writes to each process as soon as it can be found. */
static void race_to_write(struct race *race)
{
	char path[64];

	for (;;) {
		pid_t pid = peek(&race->next);
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
		poke(&race->armed, pid);
		while ((fd = open(path, O_WRONLY)) < 0 && peek(&race->next) == pid)
			;
		if (fd >= 0) {
			if (write(fd, "400", 3) == 3)
				poke(&race->wrote, pid);
			close(fd);
		}
		while (peek(&race->next) == pid)
			;
	}
}

/* Another process of the machine may take the pid to come, and that one has not inherited 500. */
static bool is_child(const pid_t *children, pid_t pid)
{
	int i;

	for (i = 0; i < RACES; i++)
		if (children[i] == pid)
			return true;
	return false;
}

/*
 * A process can be written to before the event of its fork. It has inherited 500, and 0 would be
 * wrong: the old value is 500 or unknown.
 */
TEST_F(adj, write_during_fork)
{
	int i, n, known = 0, unknown = 0;
	pid_t pid, writer, children[RACES];
	struct race *race;
	struct events all;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs two CPUs");
	race = mmap(NULL, sizeof(*race), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		    -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)race);
	knob_set("adj_ring_kb", 1024);
	spew("/proc/self/oom_score_adj", "500");
	writer = fork_child();
	if (!writer)
		race_to_write(race);
	poke(&race->next, writer + 1);
	for (i = 0; i < RACES; i++) {
		for (n = 0; peek(&race->armed) != peek(&race->next) && n < 100000; n++)
			;
		pid = fork_child();
		if (!pid)
			for (;;)
				pause();
		children[i] = pid;
		for (n = 0; pid == peek(&race->next) && peek(&race->wrote) != pid && n < 1000000;
		     n++)
			;
		stop(pid);
		poke(&race->next, pid + 1);
	}
	stop(writer);
	spew("/proc/self/oom_score_adj", "-1000");
	all = read_events("events");
	for (i = 0; i < all.nr; i++) {
		const struct event *event = &all.event[i];

		if (!is_type(event, "adj") || num_of(event, "by_pid") != writer ||
		    !is_child(children, num_of(event, "pid")))
			continue;
		known += is_known(event, "old");
		unknown += !is_known(event, "old");
		if (is_known(event, "old"))
			EXPECT_EQ(500, num_of(event, "old"));
	}
	TH_LOG("%d old values known, %d unknown", known, unknown);
	EXPECT_LT(RACES / 10, known + unknown);
	knob_set("adj_ring_kb", 256);
	munmap((void *)race, sizeof(*race));
}

TEST_HARNESS_MAIN
