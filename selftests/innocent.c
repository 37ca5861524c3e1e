// SPDX-License-Identifier: GPL-2.0
/*
 * An allocation that fails without an OOM kill leaves no record.
 */
#include "harness.h"

#include <sys/mman.h>
#include <sys/resource.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

FIXTURE(innocent) {
	long long records, kills;
};

FIXTURE_SETUP(innocent)
{
	knob_set("enabled", 1);
	/* The test's own writes of oom_score_adj must make no records. */
	knob_set("adj_updates", 0);
	self->records = stat_of("records_written");
	self->kills = vmstat_kills();
}

FIXTURE_TEARDOWN(innocent)
{
	EXPECT_EQ(self->kills, vmstat_kills());
	EXPECT_EQ(self->records, stat_of("records_written"));
	knob_set("adj_updates", 1);
}

/*
 * In a process of its own; returns how many pieces it got before malloc() failed, 255 if it
 * didn't.
 */
static int pieces_until_failure(rlim_t limit, size_t piece)
{
	struct rlimit rlimit = { limit, limit };
	int status, n;
	pid_t pid;

	pid = fork_child();
	if (!pid) {
		spew("/proc/self/oom_score_adj", "1000");
		if (limit && setrlimit(RLIMIT_AS, &rlimit))
			err(255, "setrlimit");
		for (n = 0; n < 255; n++) {
			char *at = malloc(piece);

			if (!at)
				_exit(n);
			/* Without a limit there may not be enough memory to touch. */
			if (limit)
				memset(at, 1, piece);
		}
		_exit(255);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		errx(1, "the process died of something: %x", status);
	return WEXITSTATUS(status);
}

TEST_F(innocent, rlimit_as)
{
	EXPECT_GT(32, pieces_until_failure(32 << 20, 1 << 20));
}

TEST_F(innocent, overcommit_2)
{
	long long mode = number_in("/proc/sys/vm/overcommit_memory", NULL);
	long long ratio = number_in("/proc/sys/vm/overcommit_ratio", NULL);
	long long ram = number_in("/proc/meminfo", "MemTotal:");
	/* What processes have asked for before, victims on their way out among them. */
	long long committed = number_in("/proc/meminfo", "Committed_AS:");
	int got;

	spew("/proc/sys/vm/overcommit_ratio", "%lld", 20 + committed * 100 / ram);
	spew("/proc/sys/vm/overcommit_memory", "2");
	/* A piece is a 32nd of the RAM. */
	got = pieces_until_failure(0, ram * 32);
	spew("/proc/sys/vm/overcommit_memory", "%lld", mode);
	spew("/proc/sys/vm/overcommit_ratio", "%lld", ratio);
	EXPECT_GT(255, got);
}

/*
 * An allocation of an order above 3 fails without a kill. A pipe of 65,536 slots has an array of
 * them, 40 bytes each, in one piece: order 10.
 */
TEST_F(innocent, costly_order)
{
	int fd[256][2], n, error = 0;

	if (number_in("/proc/meminfo", "MemTotal:") > 900 << 10)
		SKIP(return, "more RAM than 256 pipes take");
	for (n = 0; n < 256 && !error; n++) {
		if (pipe(fd[n]))
			err(1, "pipe");
		if (fcntl(fd[n][1], F_SETPIPE_SZ, 65536 * 4096) < 0)
			error = errno;
	}
	while (n--) {
		close(fd[n][0]);
		close(fd[n][1]);
	}
	EXPECT_EQ(ENOMEM, error);
}

TEST_HARNESS_MAIN
