// SPDX-License-Identifier: GPL-2.0
/*
 * Things that hang during a kill: readers, a full ring, a victim that can't die, a console. They
 * must not add to the time that oomwatch takes in a kill.
 */
#include "harness.h"

#include <linux/fuse.h>
#include <pthread.h>
#include <sys/mman.h>
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

static void answer(int fuse, __u64 unique, const void *with, size_t size)
{
	char buf[sizeof(struct fuse_out_header) + sizeof(struct fuse_attr_out)];
	struct fuse_out_header head = { .len = sizeof(head) + size, .unique = unique };

	memcpy(buf, &head, sizeof(head));
	memcpy(buf + sizeof(head), with, size);
	if (write(fuse, buf, head.len) != head.len)
		err(1, "fuse");
}

/* Answers the requests that a mount, stat() and open() need, and no other. */
static void serve_nothing(int fuse, mode_t mode)
{
	static const struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = 4096,
	};
	const struct fuse_attr_out attr = {
		.attr_valid = 1000,
		.attr = { .ino = 1, .size = 1 << 30, .mode = mode, .nlink = 1 },
	};
	static const struct fuse_open_out opened;
	static char buf[FUSE_MIN_READ_BUFFER * 16];
	const struct fuse_in_header *in = (const void *)buf;

	while (read(fuse, buf, sizeof(buf)) > 0) {
		if (in->opcode == FUSE_INIT)
			answer(fuse, in->unique, &init, sizeof(init));
		else if (in->opcode == FUSE_GETATTR)
			answer(fuse, in->unique, &attr, sizeof(attr));
		else if (in->opcode == FUSE_OPEN)
			answer(fuse, in->unique, &opened, sizeof(opened));
	}
	_exit(0);
}

/* Mounts what is never answered for on a directory or a file. 0 if this kernel has no FUSE. */
static pid_t start_server(const char *path, mode_t mode)
{
	char options[128];
	int fuse;
	pid_t pid;

	if (access("/dev/fuse", F_OK) && system("insmod /lib/fuse.ko 2>/dev/null"))
		return 0;
	fuse = open("/dev/fuse", O_RDWR);
	if (fuse < 0)
		return 0;
	snprintf(options, sizeof(options), "fd=%d,rootmode=%o,user_id=0,group_id=0", fuse, mode);
	if (mount("stuck", path, "fuse", 0, options))
		err(1, "mounting %s", path);
	pid = fork_child();
	if (!pid)
		serve_nothing(fuse, mode);
	close(fuse);
	return pid;
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
	long long before, with, longest, reaped;
	pid_t server, stuck;
	struct events all;
	int i;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	mkdir(FUSE_DIR, 0755);
	server = start_server(FUSE_DIR, S_IFDIR);
	if (!server)
		SKIP(return, "no FUSE in this kernel");
	before = capture_ns(&longest);
	spew(DEBUGFS "clear", "1");
	stuck = start_stuck();
	for (i = 0; i < 1000 && state_of(stuck) != 'D'; i++)
		pause_ms(10);
	reaped = stat_of("reap_finish");
	sysrq_oom();
	pause_ms(500);
	EXPECT_EQ('D', state_of(stuck));
	/* After two seconds the reaper takes its memory; then others can be killed. */
	pause_ms(3500);
	for (i = 0; i < 600 && stat_of("reap_finish") == reaped; i++)
		pause_ms(100);
	/* The kernel marks the memory as gone after the event. */
	pause_ms(100);
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

/* --- threads that exit at the same time ------------------------------------------------------- */

enum { LATE_THREADS = 200 };

#define FUSE_FILE "/tmp/never"

struct late {
	char *page;
	int ready;
};

/* At its exit the kernel clears a word in the page, and has to wait for the file's server. */
static void *exit_late(void *arg)
{
	struct late *late = arg;

	syscall(SYS_set_tid_address, late->page);
	if (write(late->ready, "", 1) != 1)
		err(1, "ready");
	for (;;)
		pause();
	return NULL;
}

/* A process whose threads all begin to exit, and then wait, with the mm. */
static void be_late(int ready)
{
	static struct late late[LATE_THREADS];
	size_t size = sysconf(_SC_PAGESIZE);
	struct stat file;
	pthread_t thread;
	char *map;
	int i;

	spew("/proc/self/oom_score_adj", "1000");
	/* Only stat() asks for the size of the file. */
	if (stat(FUSE_FILE, &file))
		err(1, FUSE_FILE);
	map = mmap(NULL, LATE_THREADS * size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		   open(FUSE_FILE, O_RDONLY), 0);
	if (map == MAP_FAILED)
		err(1, FUSE_FILE);
	madvise(map, LATE_THREADS * size, MADV_RANDOM);
	for (i = 0; i < LATE_THREADS; i++) {
		late[i] = (struct late) { .page = map + i * size, .ready = ready };
		if (i && pthread_create(&thread, NULL, exit_late, &late[i]))
			err(1, "thread");
	}
	exit_late(&late[0]);
}

/* The threads of a process that are in uninterruptible sleep. */
static int count_waiting(pid_t pid)
{
	char command[128];
	FILE *lines;
	int n;

	snprintf(command, sizeof(command), "grep -l '^State:.D' /proc/%d/task/*/status | wc -l",
		 pid);
	lines = popen(command, "r");
	if (!lines || fscanf(lines, "%d", &n) != 1)
		err(1, "%s", command);
	pclose(lines);
	return n;
}

/* The one record of the exit is made when none of the threads has the mm any more. */
TEST(threads_that_exit_late)
{
	const struct event *exit_record;
	pid_t server, victim;
	struct events all;
	int ends[2], i;
	bool early;
	char byte;

	close(open(FUSE_FILE, O_CREAT | O_WRONLY, 0600));
	server = start_server(FUSE_FILE, S_IFREG | 0400);
	if (!server)
		SKIP(return, "no FUSE in this kernel");
	ASSERT_EQ(0, pipe(ends));
	spew(DEBUGFS "clear", "1");
	victim = fork_child();
	if (!victim)
		be_late(ends[1]);
	close(ends[1]);
	for (i = 0; i < LATE_THREADS; i++)
		ASSERT_EQ(1, read(ends[0], &byte, 1));
	sysrq_oom();
	for (i = 0; i < 100 && count_waiting(victim) < LATE_THREADS; i++)
		pause_ms(100);
	EXPECT_EQ(LATE_THREADS, count_waiting(victim));
	all = read_events("events");
	EXPECT_NE(NULL, find_event(&all, "victim", "tgid", victim));
	early = find_event(&all, "exit", "tgid", victim);

	/* The connection ends with its server, and with it the waiting. */
	stop(server);
	EXPECT_TRUE(was_killed(victim));
	umount2(FUSE_FILE, MNT_DETACH);
	unlink(FUSE_FILE);
	all = read_events("events");
	EXPECT_EQ(1, count_type(&all, "exit"));
	exit_record = find_event(&all, "exit", "tgid", victim);
	ASSERT_NE(NULL, exit_record);
	EXPECT_STREQ(early ? "held" : "dropped", text_of(exit_record, "mm"));
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
	be_patient(true);
	spew("/proc/sys/vm/oom_dump_tasks", "0");
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
