// SPDX-License-Identifier: GPL-2.0
/*
 * The ring and its readers: each record that is lost is counted.
 *
 * Most tests write this process's oom_score_adj: each write makes one record, of a known size.
 */
#include "harness.h"

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

static void write_records(int n)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	if (fd < 0)
		err(1, "oom_score_adj");
	while (n--)
		if (pwrite(fd, "-1000", 5, 0) != 5)
			err(1, "oom_score_adj");
	close(fd);
}

/* What a reader of records has received so far. */
struct reader {
	int fd;
	long long starts, got, lost;
	unsigned long long next_seq;	/* what has to come next; 0: anything */
	bool broken;			/* a gap without a lost record, or a malformed record */
};

static void account(struct reader *reader, const struct oomwatch_head *head)
{
	const struct oomwatch_lost *lost = (const void *)head;

	if (head->type == OOMWATCH_TYPE_START) {
		reader->starts++;
		reader->next_seq = head->seq;
		return;
	}
	if (reader->next_seq && head->seq != reader->next_seq)
		reader->broken = true;
	reader->next_seq = head->seq + 1;
	if (head->type == OOMWATCH_TYPE_LOST) {
		reader->lost += lost->count;
		reader->next_seq = head->seq + lost->count;
	} else {
		reader->got++;
	}
}

/* Takes in what read() returned. */
static void account_all(struct reader *reader, const char *buf, ssize_t n)
{
	ssize_t at = 0;

	while (n > at) {
		const struct oomwatch_head *head = (void *)(buf + at);

		if (n - at < (ssize_t)sizeof(*head) || head->len < sizeof(*head) ||
		    head->len % 8 || head->len > n - at || !head->type ||
		    head->type >= __OOMWATCH_TYPE_MAX || head->fixed > head->len) {
			reader->broken = true;
			break;
		}
		account(reader, head);
		at += head->len;
	}
}

/* The first record of a stream has names, so it may be longer than the others here. */
#define START_MAX 512

/* Reads once, with a buffer of this size; returns what read() did. */
static ssize_t read_some(struct reader *reader, size_t size)
{
	char *buf = malloc(size);
	ssize_t n = read(reader->fd, buf, size);

	account_all(reader, buf, n);
	free(buf);
	return n;
}

static void open_reader(struct reader *reader)
{
	*reader = (struct reader) { .fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK) };
	if (reader->fd < 0)
		err(1, "records");
}

static void drain(struct reader *reader)
{
	while (read_some(reader, 65536) > 0)
		;
}

FIXTURE(ring) {
	struct reader a, b;
	long long overwritten;
};

FIXTURE_SETUP(ring)
{
	knob_set("enabled", 1);
	knob_set("adj_updates", 1);
	knob_set("adj_ring_kb", 64);
	spew(DEBUGFS "clear", "1");
	open_reader(&self->a);
	open_reader(&self->b);
	self->overwritten = stat_of("adj_ring_overwritten");
}

FIXTURE_TEARDOWN(ring)
{
	EXPECT_FALSE(self->a.broken);
	EXPECT_FALSE(self->b.broken);
	close(self->a.fd);
	close(self->b.fd);
	knob_set("adj_ring_kb", 256);
	EXPECT_LE(0, (long long)stat_of("records_overwritten"));
	/* Each record that was written is held or counted as gone. */
	EXPECT_EQ(stat_of("records_written"),
		  stat_of("records_held") + stat_of("records_overwritten") +
		  stat_of("records_cleared") + stat_of("records_resize_dropped"));
}

#define RING_RECORDS ((64 << 10) / (int)sizeof(struct oomwatch_adj))

TEST_F(ring, wrap)
{
	long long overwritten = stat_of("records_overwritten");

	write_records(RING_RECORDS);
	EXPECT_EQ(RING_RECORDS, stat_of("records_held"));
	EXPECT_EQ(overwritten, stat_of("records_overwritten"));
	write_records(1);
	EXPECT_EQ(RING_RECORDS, stat_of("records_held"));
	EXPECT_EQ(overwritten + 1, stat_of("records_overwritten"));
	write_records(2999 - RING_RECORDS);
	EXPECT_EQ(overwritten + 3000 - RING_RECORDS, stat_of("records_overwritten"));
	drain(&self->a);
	EXPECT_EQ(1, self->a.starts);
	EXPECT_EQ(RING_RECORDS, self->a.got);
	EXPECT_EQ(3000 - RING_RECORDS, self->a.lost);
}

TEST_F(ring, two_paces)
{
	int round;

	for (round = 0; round < 40; round++) {
		write_records(100);
		drain(&self->a);
	}
	drain(&self->b);
	EXPECT_EQ(4000, self->a.got);
	EXPECT_EQ(0, self->a.lost);
	EXPECT_EQ(RING_RECORDS, self->b.got);
	EXPECT_EQ(4000 - RING_RECORDS, self->b.lost);
}

/* Buffers whose size is no multiple of a record's; some are too small for a record. */
TEST_F(ring, odd_sizes)
{
	static const size_t too_small[] = { 1, 7, 8, 31, 32, 55 };
	unsigned int i;
	/* By strtoul(), as the compiler would warn about a constant. */
	void *nowhere = (void *)strtoul("8", NULL, 10);
	size_t size;

	for (i = 0; i < sizeof(too_small) / sizeof(*too_small); i++) {
		EXPECT_EQ(-1, read_some(&self->a, too_small[i]));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(0, read(self->a.fd, NULL, 0));
	EXPECT_LT(0, read_some(&self->a, START_MAX));
	write_records(500);
	for (size = 89, i = 0; i < 500 && self->a.got < 400; i++, size = 89 + i * 37 % 911)
		EXPECT_LT(0, read_some(&self->a, size));
	EXPECT_LE(400, self->a.got);
	EXPECT_EQ(-1, read_some(&self->a, sizeof(struct oomwatch_adj) - 1));
	EXPECT_EQ(EINVAL, errno);
	/* A bad pointer is an error, and the record stays. */
	EXPECT_EQ(-1, read(self->a.fd, nowhere, 4096));
	EXPECT_EQ(EFAULT, errno);
	drain(&self->a);
	EXPECT_EQ(500, self->a.got);
	EXPECT_EQ(0, self->a.lost);
}

TEST_F(ring, nonblock)
{
	drain(&self->a);
	EXPECT_EQ(-1, read_some(&self->a, 4096));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ((off_t)-1, lseek(self->a.fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	write_records(1);
	EXPECT_EQ(sizeof(struct oomwatch_adj), (size_t)read_some(&self->a, 4096));
}

/* For what comes at once, on a machine that may be busy. */
#define PATIENCE_MS 60000

TEST_F(ring, poll)
{
	struct pollfd p = { .fd = self->a.fd, .events = POLLIN };

	drain(&self->a);
	EXPECT_EQ(0, poll(&p, 1, 50));
	write_records(1);
	EXPECT_EQ(1, poll(&p, 1, PATIENCE_MS));
	EXPECT_EQ(POLLIN, p.revents);
	drain(&self->a);
	EXPECT_EQ(0, poll(&p, 1, 50));
	/* A poll() that waits when the record comes. */
	if (!fork_child()) {
		pause_ms(100);
		write_records(1);
		_exit(0);
	}
	EXPECT_EQ(1, poll(&p, 1, PATIENCE_MS));
	wait(NULL);
}

TEST_F(ring, blocked_reader_wakes)
{
	struct timespec begin, end;
	int fd = open(DEBUGFS "records", O_RDONLY);
	char buf[8192];

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, buf, sizeof(buf)));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (!fork_child()) {
		pause_ms(300);
		write_records(1);
		_exit(0);
	}
	EXPECT_EQ(sizeof(struct oomwatch_adj), (size_t)read(fd, buf, sizeof(buf)));
	clock_gettime(CLOCK_MONOTONIC, &end);
	EXPECT_LE(200, (end.tv_sec - begin.tv_sec) * 1000 +
		  (end.tv_nsec - begin.tv_nsec) / 1000000);
	wait(NULL);
	close(fd);
}

static void nothing(int sig)
{
	(void)sig;
}

/* A signal ends a wait, also that of a second reader of the same open file. */
TEST_F(ring, blocked_reader_is_interrupted)
{
	struct sigaction sa = { .sa_handler = nothing };
	int fd = open(DEBUGFS "records", O_RDONLY), i, status, tries;
	char buf[8192];
	pid_t pid[2];

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, buf, sizeof(buf)));
	for (i = 0; i < 2; i++) {
		pid[i] = fork_child();
		if (pid[i])
			continue;
		sigaction(SIGUSR1, &sa, NULL);
		_exit(read(fd, buf, sizeof(buf)) == -1 && errno == EINTR ? 0 : 1);
	}
	for (i = 0; i < 2; i++) {
		/* It sleeps in nothing else, unless it has ended. */
		for (tries = 0; tries < 6000 && !strchr("SZ", state_of(pid[i])); tries++)
			pause_ms(10);
		kill(pid[i], SIGUSR1);
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	close(fd);
}

/* A signal ends a read that has more to deliver, and nothing is lost. */
TEST_F(ring, long_read_is_interrupted)
{
	struct sigaction sa = { .sa_handler = nothing };
	long page = sysconf(_SC_PAGESIZE);
	struct pollfd fault = { .events = POLLIN };
	struct uffdio_zeropage zero = { .range.len = page };
	char *buf;
	ssize_t n;
	pid_t pid;

	write_records(300);
	buf = mmap(NULL, 8 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fault.fd = wait_at(buf + page);
	if (fault.fd < 0)
		SKIP(return, NO_USERFAULTFD);
	sigaction(SIGUSR1, &sa, NULL);
	pid = fork_child();
	if (!pid) {
		zero.range.start = (uintptr_t)buf + page;
		_exit(poll(&fault, 1, -1) != 1 || kill(getppid(), SIGUSR1) ||
		      ioctl(fault.fd, UFFDIO_ZEROPAGE, &zero));
	}
	n = read(self->a.fd, buf, 8 * page);
	EXPECT_LT(page, n);
	EXPECT_GE(page + (ssize_t)sizeof(struct oomwatch_adj), n);
	EXPECT_TRUE(ended_well(pid));
	account_all(&self->a, buf, n);
	drain(&self->a);
	EXPECT_EQ(300, self->a.got);
	EXPECT_EQ(0, self->a.lost);
	close(fault.fd);
}

TEST_F(ring, clear)
{
	long long cleared = stat_of("records_cleared"), held;
	struct events all;
	unsigned int i;

	write_records(300);
	held = stat_of("records_held");
	EXPECT_EQ(300, held);
	EXPECT_LT(0, read_some(&self->a, START_MAX));
	/* One record a read: two don't fit. */
	for (i = 0; i < 100 && self->a.got < 100; i++)
		EXPECT_LT(0, read_some(&self->a, 160));
	EXPECT_EQ(100, self->a.got);
	spew(DEBUGFS "clear", "1");
	EXPECT_EQ(0, stat_of("records_held"));
	EXPECT_EQ(0, stat_of("adj_ring_used_bytes"));
	EXPECT_EQ(cleared + held, stat_of("records_cleared"));
	all = read_events("events");
	EXPECT_EQ(0, all.nr);
	all = read_events("last");
	EXPECT_EQ(0, all.nr);
	write_records(7);
	drain(&self->a);
	/* The reader had already fetched one that did not fit into a read: it is not lost. */
	EXPECT_EQ(108, self->a.got);
	EXPECT_EQ(199, self->a.lost);
}

#define FIT_128 ((128 << 10) / (int)sizeof(struct oomwatch_adj))

TEST_F(ring, resize_keeps_the_newest)
{
	long long dropped = stat_of("records_resize_dropped");
	struct events all;

	knob_set("adj_ring_kb", 256);
	write_records(2500);
	EXPECT_EQ(2500, stat_of("records_held"));
	EXPECT_EQ(256 << 10, stat_of("adj_ring_bytes"));
	knob_set("adj_ring_kb", 128);
	EXPECT_EQ(FIT_128, stat_of("records_held"));
	EXPECT_EQ(dropped + 2500 - FIT_128, stat_of("records_resize_dropped"));
	all = read_events("events");
	EXPECT_EQ(FIT_128, all.nr);
	EXPECT_EQ(stat_of("records_written"), num_of(&all.event[all.nr - 1], "seq"));
	knob_set("adj_ring_kb", 256);
	EXPECT_EQ(FIT_128, stat_of("records_held"));
	write_records(10);
	drain(&self->a);
	EXPECT_EQ(FIT_128 + 10, self->a.got);
	EXPECT_EQ(2500 - FIT_128, self->a.lost);
}

static bool resizing;

static void *resizer(void *unused)
{
	int n;

	for (n = 0; __atomic_load_n(&resizing, __ATOMIC_RELAXED); n++)
		knob_set("adj_ring_kb", n % 2 ? 64 : 192);
	return unused;
}

static void *clearer(void *unused)
{
	while (__atomic_load_n(&resizing, __ATOMIC_RELAXED)) {
		spew(DEBUGFS "clear", "1");
		pause_ms(3);
	}
	return unused;
}

/* Writers, readers, resizes and clears at once. In the end each record is accounted for. */
TEST_F(ring, resize_while_kills_run)
{
	long long before = stat_of("records_written"), victims = stat_of("victims");
	pthread_t threads[2];
	int n;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	drain(&self->a);
	make_cgroup(CGROUPS "/r", 4 * 1024);
	resizing = true;
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, resizer, NULL));
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, clearer, NULL));
	for (n = 0; n < 25; n++) {
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/r"));
		write_records(400);
		drain(&self->a);
	}
	__atomic_store_n(&resizing, false, __ATOMIC_RELAXED);
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
	remove_cgroup(CGROUPS "/r");
	drain(&self->a);
	drain(&self->b);
	EXPECT_EQ(victims + 25, stat_of("victims"));
	EXPECT_EQ(stat_of("records_written") - before, self->a.got + self->a.lost);
	EXPECT_EQ(stat_of("records_written") - before, self->b.got + self->b.lost);
}

/* If there is no memory for a larger ring, the write fails, and nobody is killed for it. */
TEST_F(ring, resize_kills_nobody)
{
	long long kills = vmstat_kills(), left = number_in("/proc/meminfo", "MemAvailable:");
	pid_t pid;

	if (left > 2 << 20)
		SKIP(return, "too much memory to fill");
	pid = start_sitting_hog("-m %lld -a 1000", left - 40 * 1024);
	EXPECT_EQ(ENOMEM, try_write(KNOBS "adj_ring_kb", "65536", 5));
	EXPECT_EQ(64, knob_get("adj_ring_kb"));
	EXPECT_EQ(kills, vmstat_kills());
	stop(pid);
}

/* Writes of oom_score_adj don't push records of kills out. What they push out is told as such. */
TEST_F(ring, kills_stay)
{
	long long lost = 0, written = stat_of("records_written");
	struct events all;
	int i, n;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/r", 4 * 1024);
	for (n = 0; n < 3; n++) {
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/r"));
		write_records(3 * RING_RECORDS);
	}
	remove_cgroup(CGROUPS "/r");
	all = read_events("last");
	EXPECT_EQ(1, count_type(&all, "victim"));
	EXPECT_EQ(0, count_type(&all, "lost"));
	all = read_events("events");
	EXPECT_EQ(3, count_type(&all, "victim"));
	EXPECT_EQ(3, count_type(&all, "exit"));
	EXPECT_EQ(RING_RECORDS, count_type(&all, "adj"));
	for (i = 0; i < all.nr; i++) {
		if (!is_type(&all.event[i], "lost"))
			continue;
		EXPECT_EQ(num_of(&all.event[i], "count"), num_of(&all.event[i], "adj"));
		EXPECT_STREQ("0", text_of(&all.event[i], "kills"));
		lost += num_of(&all.event[i], "count");
	}
	/* The text begins at the oldest record that is held. */
	EXPECT_EQ(stat_of("records_written") - num_of(&all.event[0], "seq") + 1,
		  lost + all.nr - count_type(&all, "lost"));
	/* A binary reader was open all the time. */
	drain(&self->a);
	EXPECT_EQ(stat_of("adj_ring_overwritten") - self->overwritten, self->a.lost);
	EXPECT_EQ(stat_of("records_written") - written, self->a.got + self->a.lost);
}

/* A reader that opens late, and misses records of kills between writes, is told so. */
TEST_F(ring, kills_missed)
{
	const struct event *lost;
	struct events all;
	int n;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	knob_set("ring_kb", 64);
	knob_set("storm_ring_kb", 64);
	self->overwritten = stat_of("records_overwritten");
	make_cgroup(CGROUPS "/r", 4 * 1024);
	write_records(1);
	for (n = 0; n < 100 && stat_of("records_overwritten") == self->overwritten; n++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/r"));
	remove_cgroup(CGROUPS "/r");
	all = read_events("events");
	knob_set("ring_kb", 1024);
	knob_set("storm_ring_kb", 256);
	for (lost = all.event; lost < all.event + all.nr && !is_type(lost, "lost"); lost++)
		;
	ASSERT_NE(all.event + all.nr, lost);
	EXPECT_FALSE(is_known(lost, "adj"));
	EXPECT_FALSE(is_known(lost, "kills"));
}

/* A slow reader of text is told what it missed, too, and its file ends. */
TEST_F(ring, slow_text)
{
	int fd = open(DEBUGFS "events", O_RDONLY), n, lines = 0, lost = 0;
	char buf[4096], *line;

	ASSERT_LE(0, fd);
	write_records(RING_RECORDS);
	ASSERT_LT(0, read(fd, buf, sizeof(buf)));
	write_records(RING_RECORDS);
	while ((n = read(fd, buf, sizeof(buf) - 1)) > 0) {
		buf[n] = '\0';
		for (line = buf; (line = strchr(line, '\n')); line++)
			lines++;
		if (strstr(buf, "lost seq="))
			lost++;
	}
	EXPECT_EQ(0, n);
	EXPECT_EQ(1, lost);
	EXPECT_GT(RING_RECORDS, lines);
	close(fd);
}

TEST_HARNESS_MAIN
