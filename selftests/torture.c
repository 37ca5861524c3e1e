// SPDX-License-Identifier: GPL-2.0
/*
 * Kills of all kinds at once, while readers stall, and the ring is resized and cleared. In the
 * end the kernel's count of kills has to be oomwatch's; what each reader received and was told it
 * missed has to be all that was written; and no memory may be lost. OOMWATCH_TORTURE is the
 * number of kills. reload.sh tests loads and unloads during kills.
 */
#include "harness.h"

#include <stdatomic.h>
#include <sys/mman.h>

#define DEFAULT_KILLS 60
#define NR_READERS 3
#define NR_KILLERS 3
/* A debug kernel on a slow machine makes a kill in less than that. */
#define SECONDS_A_KILL 10
#define SETTLE_SECONDS 4

/* What the processes of a storm share. */
static struct shared {
	atomic_bool stop;		/* no more kills, no more knobs */
	atomic_ullong last_seq;		/* then: the newest record; 0: not known yet */
	struct {
		bool done;
		struct tally tally;
	} readers[NR_READERS];
} *shared;

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

FIXTURE(torture) {
};

FIXTURE_SETUP(torture)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
}

FIXTURE_TEARDOWN(torture)
{
	munmap(shared, sizeof(*shared));
}

/* --- processes that make kills --------------------------------------------------- */

static void kill_in_cgroup(int nr)
{
	char path[64];

	snprintf(path, sizeof(path), CGROUPS "/torture/%d", nr);
	while (!shared->stop)
		oom_kill_hog("-c %s -a %d", path, nr * 100);
}

static void kill_group(int nr)
{
	pid_t pid[2];

	while (!shared->stop) {
		pid[0] = start_hog("-c " CGROUPS "/torture/group -m 1000");
		pid[1] = start_hog("-c " CGROUPS "/torture/group -m 1000 -t 3 -l");
		pause_ms(100);
		oom_kill_hog("-c " CGROUPS "/torture/group");
		stop_all(pid, 2);
	}
}

static void kill_by_sysrq(int nr)
{
	pid_t pid;

	while (!shared->stop) {
		/* Another kill may take it before sysrq does. */
		pid = start_hog("-m 2000 -a 1000 -p 1");
		pause_ms(200);
		spew("/proc/sysrq-trigger", "f");
		pause_ms(200);
		stop(pid);
	}
}

static void kill_machine(int nr)
{
	while (!shared->stop) {
		oom_kill_hog("-n machine");
		pause_ms(2000);
	}
}

/* --- processes that disturb ------------------------------------------------------ */

/* Writes the oom_score_adj of a child, which may become a victim at any time. */
static void write_adj(int nr)
{
	char path[64], text[16];
	pid_t pid = 0;
	unsigned int n;

	for (n = 0; !shared->stop; n++) {
		if (!pid || waitpid(pid, NULL, WNOHANG) == pid) {
			pid = fork_child();
			while (!pid)
				pause();
		}
		snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
		snprintf(text, sizeof(text), "%d", (int)(n % 2000) - 1000);
		try_write(path, text, strlen(text));
		pause_ms(5);
	}
	stop(pid);
}

/*
 * In a storm there may be no memory for a ring or a ranking, as no task is to be killed for them:
 * then the knob stays as it is, and who reads is told.
 */
static void allow_no_memory(const char *path, int error)
{
	if (error && error != ENOMEM)
		errx(1, "%s: %s", path, strerror(error));
}

static void turn(const char *path, unsigned int value)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", value);
	allow_no_memory(path, try_write(path, text, strlen(text)));
}

/* Turns knobs over their range. reset_machine() sets them back in the end. */
static void turn_knobs(int nr)
{
	static const unsigned int sizes[] = { 64, 2048, 128, 1024 };
	unsigned int n;

	for (n = 0; !shared->stop; n++) {
		turn(KNOBS "ring_kb", sizes[n % 4]);
		turn(KNOBS "storm_ring_kb", sizes[(n + 1) % 4]);
		turn(KNOBS "candidates", n * 37 % 1025);
		knob_set("stack_depth", n * 7 % 65);
		if (n % 5 == 0)
			spew(DEBUGFS "clear", "1");
		pause_ms(150);
	}
}

static void read_text(int nr)
{
	static const char * const names[] = { "events", "last", "candidates", "report", "stats" };
	char path[128];
	unsigned int n;

	for (n = 0; !shared->stop; n++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", names[n % 5]);
		allow_no_memory(path, try_read(path));
		pause_ms(20);
	}
}

/* --- readers ------------------------------------------------------------------------ */

static int records[NR_READERS];

/* Reads until the newest record of the storm. */
static void read_records(int nr)
{
	struct pollfd ready = { .fd = records[nr], .events = POLLIN };
	struct tally *tally = &shared->readers[nr].tally;
	const struct oomwatch_head *head;
	char *buf = malloc(1 << 16), *at;
	ssize_t n;

	srand(getpid());
	while (!shared->last_seq || tally->next <= shared->last_seq) {
		poll(&ready, 1, 100);
		n = read(ready.fd, buf, OOMWATCH_RECORD_MAX << rand() % 4);
		if (n < 0 && errno != EAGAIN)
			err(1, "reading records");
		for (at = buf; at < buf + n; at += head->len) {
			head = (const void *)at;
			tally_record(tally, head);
		}
		/* The higher its number, the longer a reader stalls; reader 0 does not. */
		if (!shared->stop)
			pause_ms(rand() % (nr * 300 + 1));
	}
	shared->readers[nr].done = true;
}

/* --- the storm -------------------------------------------------------------------- */

static void make_cgroups(void)
{
	char path[64];
	int i;

	make_cgroup(CGROUPS "/torture", 0);
	cgroup_set(CGROUPS "/torture", "cgroup.subtree_control", "+memory");
	for (i = 0; i < NR_KILLERS; i++) {
		snprintf(path, sizeof(path), CGROUPS "/torture/%d", i);
		make_cgroup(path, 4096);
	}
	make_cgroup(CGROUPS "/torture/group", 6 * 1024);
	cgroup_set(CGROUPS "/torture/group", "memory.oom.group", "1");
}

static void remove_cgroups(void)
{
	char path[64];
	int i;

	for (i = 0; i < NR_KILLERS; i++) {
		snprintf(path, sizeof(path), CGROUPS "/torture/%d", i);
		remove_cgroup(path);
	}
	remove_cgroup(CGROUPS "/torture/group");
	remove_cgroup(CGROUPS "/torture");
}

static int wanted_kills(void)
{
	const char *wanted = getenv("OOMWATCH_TORTURE");

	return wanted && atoi(wanted) > 0 ? atoi(wanted) : DEFAULT_KILLS;
}

static void wait_for_kills(long long until)
{
	time_t end = time(NULL) + 60 + wanted_kills() * SECONDS_A_KILL;

	while (vmstat_kills() < until && time(NULL) < end)
		pause_ms(100);
	shared->stop = true;
}

/* Memory of vmalloc(), which the ring is in. */
static long long vmalloc_kb(void)
{
	pause_ms(1000);
	return number_in("/proc/meminfo", "VmallocUsed:");
}

static void check_readers(struct __test_metadata *_metadata, const pid_t *reader,
			  unsigned long long first_seq)
{
	int i;

	for (i = 0; i < NR_READERS; i++) {
		const struct tally *tally = &shared->readers[i].tally;

		EXPECT_TRUE(ended_well(reader[i]));
		EXPECT_TRUE(shared->readers[i].done);
		/* It began with the oldest record in the ring, and ended with the newest. */
		EXPECT_GE(first_seq, tally->first);
		EXPECT_LT(shared->last_seq, tally->next);
		EXPECT_EQ(tally->next - tally->first, tally->received + tally->missed);
		TH_LOG("reader %d: %llu records, %llu missed", i, tally->received, tally->missed);
	}
}

TEST_F_TIMEOUT(torture, storm, NO_TIMEOUT)
{
	static void (* const others[])(int nr) = {
		kill_by_sysrq, kill_machine, write_adj, turn_knobs, read_text,
	};
	long long kills = vmstat_kills(), ours = our_kills(), vmalloc = vmalloc_kb();
	unsigned long long first_seq = stat_of("records_written") + 1;
	pid_t reader[NR_READERS], other[16];
	int i, n = 0;

	/* Open all readers before the storm can clear records that they would not count. */
	for (i = 0; i < NR_READERS; i++) {
		records[i] = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
		ASSERT_LE(0, records[i]);
	}
	for (i = 0; i < NR_READERS; i++) {
		reader[i] = start_process(read_records, i);
		close(records[i]);
	}
	for (i = 0; i < 5; i++)
		other[n++] = start_process(others[i], i);
	if (have_memcg()) {
		make_cgroups();
		for (i = 0; i < NR_KILLERS; i++)
			other[n++] = start_process(kill_in_cgroup, i);
		/* The first victim of a group is killed twice, which only the scope tells. */
		if (have_scope())
			other[n++] = start_process(kill_group, 0);
	}
	wait_for_kills(kills + wanted_kills());
	while (n)
		EXPECT_TRUE(ended_well(other[--n]));
	pause_ms(SETTLE_SECONDS * 1000);
	shared->last_seq = stat_of("records_written");
	check_readers(_metadata, reader, first_seq);
	reset_machine();
	EXPECT_LE(wanted_kills(), vmstat_kills() - kills);
	EXPECT_EQ(vmstat_kills() - kills, our_kills() - ours);
	/* The kernel keeps some stacks of threads for the next ones. */
	EXPECT_GE(1024, llabs(vmalloc_kb() - vmalloc));
	TH_LOG("%lld kills, %lld of victims killed before; oomwatch took at most %lld us in one",
	       vmstat_kills() - kills, stat_of("rekills"), stat_of("capture_ns_max") / 1000);
	if (have_memcg())
		remove_cgroups();
}

TEST_HARNESS_MAIN
