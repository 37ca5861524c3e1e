// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines of victims. The oracle is /proc/PID/cmdline, read right before the kill.
 */
#include "harness.h"

#include <pthread.h>

#define KEPT 128	/* the knob's default */
#define HOG_KIB 8192

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* --- victims ------------------------------------------------------------------ */

struct oracle {
	char text[8192];
	size_t len;		/* without the NUL of the last argument */
};

/* A thread's own file also has the command line after the leader has ended. */
static struct oracle ask_kernel(pid_t pid, pid_t thread)
{
	struct oracle oracle = { };
	char path[64];
	size_t i;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/cmdline", pid, thread);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		err(1, "%s", path);
	oracle.len = read(fd, oracle.text, sizeof(oracle.text));
	close(fd);
	if (oracle.len)
		oracle.len--;
	for (i = 0; i < oracle.len; i++)
		if (!oracle.text[i])
			oracle.text[i] = ' ';
	return oracle;
}

/* A hog that has its memory and waits, with one more argument. */
static pid_t sit(const char *argument, uid_t uid)
{
	char ready[16], size[16], id[16], c;
	int ends[2];
	pid_t pid;

	if (pipe(ends))
		err(1, "pipe");
	snprintf(ready, sizeof(ready), "%d", ends[1]);
	snprintf(size, sizeof(size), "%d", HOG_KIB);
	snprintf(id, sizeof(id), "%d", uid);
	pid = fork_child();
	if (!pid) {
		execl("./hog", "hog", "-a", "500", "-m", size, "-u", id, "-r", ready, "--",
		      argument, NULL);
		err(1, "./hog");
	}
	close(ends[1]);
	if (read(ends[0], &c, 1) != 1)
		errx(1, "hog: did not get ready");
	close(ends[0]);
	return pid;
}

static void take_memory(int ready)
{
	char *memory = malloc(HOG_KIB * 1024);

	spew("/proc/self/oom_score_adj", "500");
	memset(memory, 1, HOG_KIB * 1024);
	if (write(ready, "", 1) != 1)
		err(1, "ready");
	for (;;)
		pause();
}

static void *take_in_thread(void *ready)
{
	prctl(PR_SET_NAME, "worker");
	take_memory(*(int *)ready);
	return NULL;
}

static void take_without_leader(int ready)
{
	static int fd;
	pthread_t thread;

	fd = ready;
	prctl(PR_SET_NAME, "boss");
	errno = pthread_create(&thread, NULL, take_in_thread, &fd);
	if (errno)
		err(1, "thread");
	/* Not exit(), which would end the thread as well. */
	syscall(SYS_exit, 0);
}

/* A child that has not called execve(), with its memory. */
static pid_t sit_forked(void (*take)(int ready))
{
	int ends[2];
	pid_t pid;
	char c;

	if (pipe(ends))
		err(1, "pipe");
	pid = fork_child();
	if (!pid)
		take(ends[1]);
	close(ends[1]);
	if (read(ends[0], &c, 1) != 1)
		errx(1, "child: did not get ready");
	close(ends[0]);
	return pid;
}

/* --- their records ------------------------------------------------------------- */

/* Has the process killed. Returns its record, or NULL. */
static const struct event *kill_it(struct __test_metadata *_metadata, pid_t pid,
				   const struct event **victim)
{
	static struct events all;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	spew(path, "1000");
	sysrq_oom();
	EXPECT_TRUE(was_killed(pid));
	all = read_events("last");
	*victim = find_event(&all, "victim", "tgid", pid);
	EXPECT_NE(NULL, *victim);
	return find_event(&all, "cmdline", "tgid", pid);
}

static void compare(struct __test_metadata *_metadata, const struct event *rec,
		    const struct oracle *oracle, size_t kept)
{
	size_t len = oracle->len < kept ? oracle->len : kept;
	const struct pair *pair;

	ASSERT_NE(NULL, rec)
		TH_LOG("no command line: %s; %lld were not kept, for %lld a lock was busy",
		       oracle->text, stat_of("cmdlines_untracked"), stat_of("cmdlines_busy"));
	pair = field_of(rec, "cmdline");
	ASSERT_TRUE(pair->quoted) TH_LOG("not known: %s", oracle->text);
	EXPECT_EQ(oracle->len, num_of(rec, "length"));
	ASSERT_EQ(len, pair->len);
	EXPECT_EQ(0, memcmp(pair->value, oracle->text, len))
		TH_LOG("%s, not %s", pair->value, oracle->text);
}

static void check(struct __test_metadata *_metadata, pid_t pid, size_t kept, const char *read_at)
{
	struct oracle oracle = ask_kernel(pid, pid);
	const struct event *victim, *rec = kill_it(_metadata, pid, &victim);

	compare(_metadata, rec, &oracle, kept);
	EXPECT_STREQ(read_at, text_of(rec, "read_at"));
	EXPECT_EQ(num_of(victim, "pid"), num_of(rec, "pid"));
	EXPECT_TRUE(is_text(rec, "leader_comm", text_of(victim, "comm")));
}

/* --- the tests ---------------------------------------------------------------- */

TEST(exec)
{
	check(_metadata, sit("a b", 0), KEPT, "exec");
}

TEST(empty_argument)
{
	check(_metadata, sit("", 0), KEPT, "exec");
}

TEST(hostile)
{
	check(_metadata, sit("\"\\ .\n\x1b[2J\x7f\xff\xc3\x28 cmdline=\"x\"", 0), KEPT, "exec");
}

TEST(user)
{
	check(_metadata, sit("user", 12345), KEPT, "exec");
}

/* The test itself was started by execve(); its child was not. */
TEST(forked)
{
	check(_metadata, sit_forked(take_memory), KEPT, "exec");
}

TEST(long_line)
{
	char argument[6000] = "";

	memset(argument, 'x', sizeof(argument) - 1);
	check(_metadata, sit(argument, 0), KEPT, "exec");
	knob_set("cmdline", 4096);
	check(_metadata, sit(argument, 0), 4096, "exec");
	knob_set("cmdline", 1);
	check(_metadata, sit(argument, 0), 1, "exec");
	knob_set("cmdline", KEPT);
}

/* The memory is the thread's alone when the leader has ended. */
static pid_t sit_without_leader(void)
{
	pid_t pid = sit_forked(take_without_leader);
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	for (;;) {
		text = slurp(path, NULL);
		if (strstr(text, ") Z "))
			break;
		free(text);
		pause_ms(10);
	}
	free(text);
	return pid;
}

static pid_t other_thread(pid_t pid)
{
	char path[64];
	pid_t thread;

	for (thread = pid + 1; thread < pid + 100; thread++) {
		snprintf(path, sizeof(path), "/proc/%d/task/%d", pid, thread);
		if (!access(path, F_OK))
			return thread;
	}
	errx(1, "no other thread of %d", pid);
}

TEST(thread)
{
	pid_t pid = sit_without_leader();
	struct oracle oracle = ask_kernel(pid, other_thread(pid));
	const struct event *victim, *rec = kill_it(_metadata, pid, &victim);

	compare(_metadata, rec, &oracle, KEPT);
	EXPECT_STREQ("worker", text_of(victim, "comm"));
	EXPECT_STREQ("boss", text_of(rec, "leader_comm"));
	EXPECT_EQ(num_of(victim, "pid"), num_of(rec, "pid"));
}

/* Read from the memory of processes that run when the knob is written, as at a load. */
TEST(running)
{
	pid_t pid;

	leave_pages(true);
	pid = sit("was there before", 0);
	knob_set("cmdline", 0);
	knob_set("cmdline", KEPT);
	check(_metadata, pid, KEPT, "load");
	pid = sit("was there before", 12345);
	knob_set("cmdline", 64);
	check(_metadata, pid, 64, "load");
	knob_set("cmdline", KEPT);
	leave_pages(false);
}

TEST(off)
{
	const struct event *victim;
	pid_t before = sit("before", 0), after;
	char *stats;
	size_t len;

	knob_set("cmdline", 0);
	after = sit("after", 0);
	EXPECT_EQ(NULL, kill_it(_metadata, before, &victim));
	EXPECT_EQ(NULL, kill_it(_metadata, after, &victim));
	stats = slurp(DEBUGFS "stats", &len);
	EXPECT_NE(NULL, strstr(stats, "source_sched_process_exec: off\n"));
	free(stats);
	/* The names of threads are known all the same. */
	before = sit_without_leader();
	EXPECT_NE(NULL, kill_it(_metadata, before, &victim));
	knob_set("cmdline", KEPT);
	check(_metadata, sit("on again", 0), KEPT, "exec");
}

#define FLOOD 300

static void start_many(uid_t uid)
{
	int i;

	for (i = 0; i < FLOOD; i++) {
		pid_t pid = fork_child();

		if (!pid) {
			if (setresuid(uid, uid, uid))
				err(1, "uid");
			fclose(stderr);
			execl("./hog", "hog", "-?", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
	}
}

/* Many short programs, of a user or of root, leave the command lines of others alone. */
TEST(flood)
{
	pid_t pid[4];
	int i;

	for (i = 0; i < 4; i += 2) {
		pid[i] = sit("root's", 0);
		pid[i + 1] = sit("a user's", 12345);
		start_many(12346);
		start_many(0);
	}
	for (i = 0; i < 4; i++)
		check(_metadata, pid[i], KEPT, "exec");
}

/* Candidates have theirs, too: at most ten, and the victim's is not told twice. */
TEST(candidates)
{
	struct events all;
	pid_t pid[12];
	int i, nr;

	for (i = 0; i < 12; i++)
		pid[i] = sit("candidate", 0);
	sysrq_oom();
	all = read_events("last");
	nr = 0;
	for (i = 0; i < 12; i++) {
		const struct event *task = find_event(&all, "task", "tgid", pid[i]);
		const struct event *rec = find_event(&all, "cmdline", "tgid", pid[i]);

		ASSERT_NE(NULL, task);
		EXPECT_EQ(num_of(task, "rank") <= 10, !!rec);
		if (rec && kill(pid[i], 0) == 0 && !find_event(&all, "victim", "tgid", pid[i])) {
			struct oracle oracle = ask_kernel(pid[i], pid[i]);

			compare(_metadata, rec, &oracle, KEPT);
			nr++;
		}
	}
	EXPECT_EQ(9, nr);
	EXPECT_EQ(10, count_type(&all, "cmdline"));
	stop_all(pid, 12);
}

TEST_HARNESS_MAIN
