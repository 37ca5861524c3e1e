// SPDX-License-Identifier: GPL-2.0
/*
 * Things that hang during a kill: readers, a full ring, a victim that can't die, a console. They
 * must not add to the time that oomwatch takes in a kill.
 */
#include "harness.h"

#include <linux/fuse.h>
#include <sys/mount.h>
#include <termios.h>

#define NR_KILLS 9
#define NR_READERS 16
#define FUSE_DIR "/tmp/stuck"

/* oomwatch's own time may vary by this factor, and an interrupt of the timer may come in. */
#define MOST_TIMES 4
#define MOST_MORE_NS 2000000

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* --- the time that a kill takes ----------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
	long long x = *(const long long *)a, y = *(const long long *)b;

	return (x > y) - (x < y);
}

static void kill_once(void)
{
	if (!sysrq_kill_hog("-m 1000 -a 1000"))
		errx(1, "another was killed");
}

/* Nanoseconds that oomwatch takes in a kill: the median of some kills, and the longest. */
static long long capture_ns(long long *longest)
{
	long long ns[NR_KILLS];
	struct events last;
	int i;

	for (i = 0; i < NR_KILLS; i++) {
		kill_once();
		last = read_events("last");
		for (; last.nr && !is_type(&last.event[last.nr - 1], "end"); last.nr--)
			;
		ns[i] = last.nr ? num_of(&last.event[last.nr - 1], "capture_ns") : 0;
	}
	qsort(ns, NR_KILLS, sizeof(*ns), compare);
	*longest = ns[NR_KILLS - 1];
	return ns[NR_KILLS / 2];
}

/* --- readers ---------------------------------------------------------------------------------- */

/* Begins to read and stops, with the file open. */
static pid_t start_stalled_reader(const char *name, bool blocks)
{
	char path[128], buf[OOMWATCH_RECORD_MAX];
	pid_t pid = fork_child();
	int fd;

	if (pid)
		return pid;
	snprintf(path, sizeof(path), DEBUGFS "%s", name);
	fd = open(path, O_RDONLY | (blocks ? 0 : O_NONBLOCK));
	if (fd < 0 || read(fd, buf, sizeof(buf)) < 0)
		err(1, "%s", path);
	raise(SIGSTOP);
	_exit(0);
}

TEST(stalled_readers_and_a_full_ring)
{
	static const char * const names[] = { "records", "events", "last", "candidates" };
	long long before, with, longest, written;
	pid_t reader[NR_READERS];
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	before = capture_ns(&longest);
	for (i = 0; i < NR_READERS; i++)
		reader[i] = start_stalled_reader(names[i % 4], i % 8 < 4);
	knob_set("ring_kb", 64);
	knob_set("adj_ring_kb", 64);
	knob_set("log", 1);
	written = stat_of("records_overwritten");
	for (i = 0; i < 2000; i++)
		spew("/proc/self/oom_score_adj", "%d", i % 2 ? -999 : -1000);
	spew("/proc/self/oom_score_adj", "-1000");
	EXPECT_LT(written, stat_of("records_overwritten"));
	with = capture_ns(&longest);
	stop_all(reader, NR_READERS);
	reset_machine();

	TH_LOG("oomwatch takes %lld us of a kill, and %lld us with all of that (at most %lld us)",
	       before / 1000, with / 1000, longest / 1000);
	EXPECT_LT(0, before);
	EXPECT_GE(before * MOST_TIMES + MOST_MORE_NS, with);
	/* stats has the longest time, too. */
	EXPECT_LE(longest, stat_of("capture_ns_max"));
}

/* --- a victim that can't die ------------------------------------------------------------------ */

/* Answers the request that a mount needs (FUSE_INIT), and no other. */
static void serve_nothing(int fuse)
{
	static char buf[FUSE_MIN_READ_BUFFER * 16];
	const struct fuse_in_header *in = (const void *)buf;
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} answer = {
		.head.len = sizeof(answer),
		.init = { .major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
			  .max_write = 4096 },
	};

	while (read(fuse, buf, sizeof(buf)) > 0) {
		if (in->opcode != FUSE_INIT)
			continue;
		answer.head.unique = in->unique;
		if (write(fuse, &answer, sizeof(answer)) != sizeof(answer))
			err(1, "fuse");
	}
	_exit(0);
}

/* 0 if this kernel has no FUSE. */
static pid_t start_server(void)
{
	char options[128];
	int fuse;
	pid_t pid;

	if (access("/dev/fuse", F_OK) && system("insmod /lib/fuse.ko 2>/dev/null"))
		return 0;
	fuse = open("/dev/fuse", O_RDWR);
	if (fuse < 0)
		return 0;
	if (mkdir(FUSE_DIR, 0755) && errno != EEXIST)
		err(1, FUSE_DIR);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	if (mount("stuck", FUSE_DIR, "fuse", 0, options))
		err(1, "mounting " FUSE_DIR);
	pid = fork_child();
	if (!pid)
		serve_nothing(fuse);
	close(fuse);
	return pid;
}

static char state_of(pid_t pid)
{
	char path[64], *text, *end, state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (access(path, F_OK))
		return 0;
	text = slurp(path, NULL);
	end = strrchr(text, ')');
	state = end ? end[2] : 0;
	free(text);
	return state;
}

/* Takes memory, and asks the server for a file. */
static pid_t start_stuck(void)
{
	pid_t pid = fork_child();

	if (pid)
		return pid;
	spew("/proc/self/oom_score_adj", "1000");
	if (!memset(malloc(2 << 20), 1, 2 << 20))
		_exit(1);
	close(open(FUSE_DIR "/file", O_RDONLY));
	_exit(0);
}

TEST(victim_in_uninterruptible_sleep)
{
	const struct event *exit_record;
	long long before, with, longest;
	pid_t server, stuck;
	struct events all;
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	server = start_server();
	if (!server)
		SKIP(return, "no FUSE in this kernel");
	before = capture_ns(&longest);
	spew(DEBUGFS "clear", "1");
	stuck = start_stuck();
	for (i = 0; i < 1000 && state_of(stuck) != 'D'; i++)
		pause_ms(10);
	sysrq_oom();
	pause_ms(500);
	EXPECT_EQ('D', state_of(stuck));
	/* After two seconds the reaper takes its memory; then others can be killed. */
	pause_ms(3500);
	EXPECT_EQ('D', state_of(stuck));
	with = capture_ns(&longest);
	EXPECT_EQ('D', state_of(stuck));
	all = read_events("events");
	EXPECT_NE(NULL, find_event(&all, "victim", "pid", stuck));
	EXPECT_NE(NULL, find_event(&all, "reap", "pid", stuck));
	EXPECT_EQ(NULL, find_event(&all, "exit", "pid", stuck));

	/* The connection ends with its server, and with it the victim's sleep. */
	stop(server);
	EXPECT_TRUE(was_killed(stuck));
	umount2(FUSE_DIR, MNT_DETACH);
	all = read_events("events");
	exit_record = find_event(&all, "exit", "pid", stuck);
	ASSERT_NE(NULL, exit_record);
	EXPECT_LT(4000000000, num_of(exit_record, "since_kill_ns"));
	TH_LOG("oomwatch takes %lld us of a kill, and %lld us beside a victim that can't die",
	       before / 1000, with / 1000);
	EXPECT_GE(before * MOST_TIMES + MOST_MORE_NS, with);
	reset_machine();
}

/* --- a console that is stopped ---------------------------------------------------------------- */

/* More bytes than all buffers on the way to the reader can hold. */
#define MOST_ON_THE_WAY 1048576

/*
 * Writes until nothing goes out for a second. Then the kernel waits for each character that it
 * prints there. False if everything goes out.
 */
static bool fill_console(const char *path)
{
	char text[512];
	int fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY), tries = 0, total = 0;
	ssize_t n;

	if (fd < 0)
		err(1, "%s", path);
	memset(text, '.', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	while (total < MOST_ON_THE_WAY && tries < 10) {
		n = write(fd, text, sizeof(text));
		if (n > 0) {
			total += n;
			tries = 0;
		} else {
			pause_ms(100);
			tries++;
		}
	}
	/* Otherwise close() would wait. */
	tcflush(fd, TCOFLUSH);
	close(fd);
	return tries == 10;
}

/* The longest that out_of_memory() took in a kill, with the kernel's printing to the console. */
static long long longest_kill_ns(void)
{
	struct events all = read_events("events");
	long long longest = 0;
	int i;

	for (i = 0; i < all.nr; i++)
		if (is_type(&all.event[i], "end") && num_of(&all.event[i], "duration_ns") > longest)
			longest = num_of(&all.event[i], "duration_ns");
	return longest;
}

/* To the kernel's own watchdogs a CPU that waits for the console looks like one that hangs. */
static void be_patient(void)
{
	static const char * const seconds[] = {
		"/proc/sys/kernel/watchdog_thresh",
		"/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout",
	};
	int i;

	for (i = 0; i < 2; i++)
		if (!access(seconds[i], W_OK))
			spew(seconds[i], "60");
	spew("/proc/sys/vm/oom_dump_tasks", "0");
}

/* The host reads OOMWATCH_HOST, and can stop the reader of OOMWATCH_CONSOLE. */
TEST(stopped_console)
{
	long long before, with, longest, kill_before, kill_with;
	const char *console = getenv("OOMWATCH_CONSOLE"), *host = getenv("OOMWATCH_HOST");
	char *printk = slurp("/proc/sys/kernel/printk", NULL);

	if (!console || !host)
		SKIP(return, "no OOMWATCH_CONSOLE whose reader can be stopped");
	if (!have_scope())
		SKIP(return, NO_SCOPE);
	be_patient();
	/* One line a kill: "Killed process". */
	spew("/proc/sys/kernel/printk", "4");
	spew(DEBUGFS "clear", "1");
	knob_set("log", 1);
	before = capture_ns(&longest);
	kill_before = longest_kill_ns();

	spew(DEBUGFS "clear", "1");
	spew(host, "hang: stop the console\n");
	EXPECT_TRUE(fill_console(console)) TH_LOG("%s is read all the same", console);
	with = capture_ns(&longest);
	kill_with = longest_kill_ns();
	spew(host, "hang: let the console go on\n");
	spew("/proc/sys/kernel/printk", "%.*s", (int)strcspn(printk, "\t"), printk);
	reset_machine();

	TH_LOG("oomwatch takes %lld us of a kill, and %lld us with a console that is stopped",
	       before / 1000, with / 1000);
	TH_LOG("the whole kill takes at most %lld us, and %lld us", kill_before / 1000,
	       kill_with / 1000);
	EXPECT_GE(before * MOST_TIMES + MOST_MORE_NS, with);
}

TEST_HARNESS_MAIN
