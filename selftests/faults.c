// SPDX-License-Identifier: GPL-2.0
/*
 * Lets each allocation fail in turn: those of a load, of opening and reading each file, of each
 * knob that allocates. The call has to succeed or to fail cleanly, and to change nothing if it
 * fails. For a kernel with fault injection (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC).
 */
#include "harness.h"

/* The load is tried some ninety times. Each takes seconds on a debug kernel. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 1500

#define FAIL_NTH "/proc/self/fail-nth"
/* More than any call here has: a test fails if that is no longer so. */
#define MOST_POINTS 3000

static const char *module_path(void)
{
	return getenv("OOMWATCH_KO") ?: "/lib/oomwatch.ko";
}

static void set_up_faults(const char *name)
{
	static const char * const settings[][2] = {
		{ "ignore-gfp-wait", "N" }, { "ignore-gfp-highmem", "N" }, { "min-order", "0" },
		{ "verbose", "0" },
	};
	char path[128];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", name, settings[i][0]);
		if (!access(path, W_OK))
			spew(path, "%s", settings[i][1]);
	}
}

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (access(FAIL_NTH, W_OK) || access("/sys/kernel/debug/failslab", F_OK) ||
	    access("/sys/kernel/debug/fail_page_alloc", F_OK))
		skip_program("no fault injection in this kernel");
	set_up_faults("failslab");
	set_up_faults("fail_page_alloc");
}

/* Runs it with the nth allocation failing; false if it has fewer. */
static bool with_fault(unsigned int nth, int (*run)(const void *arg), const void *arg, int *result)
{
	char text[16] = "";
	int fd = open(FAIL_NTH, O_RDWR);

	if (fd < 0)
		err(1, FAIL_NTH);
	dprintf(fd, "%u", nth);
	*result = run(arg);
	/* If the fault hits this read or write, run() had fewer than nth allocations. */
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		strcpy(text, "1");
	if (pwrite(fd, "0", 1, 0) != 1 && pwrite(fd, "0", 1, 0) != 1)
		err(1, FAIL_NTH);
	close(fd);
	return !atoi(text);
}

/* --- the calls: 0, or an errno ---------------------------------------------------------- */

static int load_module(const void *fd)
{
	return syscall(__NR_finit_module, *(const int *)fd, "", 0) ? errno : 0;
}

static int read_file(const void *path)
{
	return try_read(path);
}

static int write_knob(const void *knob)
{
	const char * const *pair = knob;

	return try_write(pair[0], pair[1], strlen(pair[1]));
}

/* --- tests ------------------------------------------------------------------------------ */

static bool is_clean_error(int error)
{
	return !error || error == ENOMEM || error == EFAULT || error == EINTR;
}

/*
 * Most of the seven hundred allocations are of the kernel's files for trace events. So a run takes
 * one of eight, and another run others.
 */
#define LOAD_STEP 8

TEST(load)
{
	int fd = open(module_path(), O_RDONLY | O_CLOEXEC), error, failed = 0;
	unsigned int nth = 1 + time(NULL) % LOAD_STEP;

	if (fd < 0)
		SKIP(return, "no module");
	ASSERT_EQ(0, system("rmmod oomwatch"));
	for (; nth < MOST_POINTS && with_fault(nth, load_module, &fd, &error); nth += LOAD_STEP) {
		if (!error) {
			/* The module works without what failed, such as a file. */
			EXPECT_EQ(0, system("rmmod oomwatch"));
			continue;
		}
		failed++;
		EXPECT_TRUE(is_clean_error(error)) TH_LOG("at %u: %s", nth, strerror(error));
		EXPECT_NE(0, access("/sys/module/oomwatch", F_OK)) TH_LOG("at %u", nth);
		EXPECT_NE(0, access(DEBUGFS, F_OK)) TH_LOG("at %u", nth);
		EXPECT_NE(0, access(KNOBS, F_OK)) TH_LOG("at %u", nth);
	}
	TH_LOG("some %u allocations; of each %dth one, %d refused the load", nth - 1, LOAD_STEP,
	       failed);
	EXPECT_LT(4, failed);
	EXPECT_GT(MOST_POINTS, nth);
	if (!is_loaded())
		EXPECT_EQ(0, load_module(&fd));
	EXPECT_TRUE(is_loaded());
	reset_machine();
	close(fd);
}

TEST(files)
{
	static const char * const names[] = {
		"events", "last", "records", "candidates", "report", "stats",
	};
	unsigned int nth, i;
	char path[128];
	int error;

	for (i = 0; i < 6; i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", names[i]);
		for (nth = 1; nth < MOST_POINTS && with_fault(nth, read_file, path, &error);
		     nth++) {
			EXPECT_TRUE(is_clean_error(error))
				TH_LOG("%s, at %u: %s", names[i], nth, strerror(error));
		}
		TH_LOG("%s: %u allocations", names[i], nth - 1);
		EXPECT_LT(1, nth);
		EXPECT_GT(MOST_POINTS, nth);
		EXPECT_EQ(0, read_file(path));
	}
}

/* A dry run of a cgroup: opening the file, and writing the path. */
TEST(path)
{
	const char *pair[2] = { DEBUGFS "candidates", "/fault\n" };
	unsigned int nth;
	int error;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/fault", 8 * 1024);
	for (nth = 1; nth < MOST_POINTS && with_fault(nth, write_knob, pair, &error); nth++) {
		EXPECT_TRUE(is_clean_error(error))
			TH_LOG("at %u: %s", nth, strerror(error));
	}
	TH_LOG("%u allocations", nth - 1);
	EXPECT_LT(1, nth);
	EXPECT_GT(MOST_POINTS, nth);
	EXPECT_EQ(0, write_knob(pair));
	remove_cgroup(CGROUPS "/fault");
}

TEST(knobs)
{
	static const struct {
		const char *pair[2], *name;
		unsigned int value;
	} knobs[] = {
		{ { KNOBS "ring_kb", "4096" }, "ring_kb", 4096 },
		{ { KNOBS "ring_kb", "64" }, "ring_kb", 64 },
		{ { KNOBS "candidates", "1024" }, "candidates", 1024 },
		{ { KNOBS "candidates", "7" }, "candidates", 7 },
	};
	unsigned int nth, i, before;
	int error;

	for (i = 0; i < 4; i++) {
		before = knob_get(knobs[i].name);
		for (nth = 1; nth < MOST_POINTS; nth++) {
			if (!with_fault(nth, write_knob, knobs[i].pair, &error))
				break;
			EXPECT_TRUE(is_clean_error(error))
				TH_LOG("%s, at %u: %s", knobs[i].name, nth, strerror(error));
			EXPECT_EQ(error ? before : knobs[i].value, knob_get(knobs[i].name))
				TH_LOG("%s, at %u: %s", knobs[i].name, nth, strerror(error));
			if (!error)
				knob_set(knobs[i].name, before);
		}
		TH_LOG("%s: %u allocations", knobs[i].name, nth - 1);
		EXPECT_GT(MOST_POINTS, nth);
		EXPECT_EQ(knobs[i].value, knob_get(knobs[i].name));
	}
	reset_machine();
}

TEST_HARNESS_MAIN
