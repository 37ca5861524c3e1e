// SPDX-License-Identifier: GPL-2.0
/*
 * Knobs: each reads back what was written, accepts its bounds and nothing beyond, and keeps its
 * value when it refuses another. Other tests check the effect of some knobs.
 */
#include "harness.h"

#include <dirent.h>

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

static const struct {
	const char *name;
	unsigned int min, max, initial;
} knobs[] = {
	{ "enabled", 0, 1, 1 },
	{ "ring_kb", 64, 65536, 1024 },
	{ "adj_ring_kb", 64, 65536, 256 },
	{ "storm_ring_kb", 64, 65536, 256 },
	{ "adj_updates", 0, 1, 1 },
	/* As reset_machine() leaves it. */
	{ "adj_per_min", 0, 1000000, 1000000 },
	{ "candidates", 0, 1024, 32 },
	{ "candidates_always", 0, 1, 0 },
	{ "children", 0, 64, 8 },
	{ "stack_depth", 0, 64, 24 },
	{ "cmdline", 0, 4096, 128 },
	{ "log", 0, 1, 0 },
	{ "panic_report", 0, 1, 1 },
};

#define NR_KNOBS (sizeof(knobs) / sizeof(*knobs))

static int write_knob(const char *name, const char *text, size_t len)
{
	char path[128];

	snprintf(path, sizeof(path), KNOBS "%s", name);
	return try_write(path, text, len);
}

static int write_number(const char *name, long long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld\n", value);
	return write_knob(name, text, strlen(text));
}

/* The knobs of the table, and no other. */
TEST(all_are_here)
{
	DIR *dir = opendir(KNOBS);
	struct dirent *entry;
	unsigned int i, found = 0;

	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		for (i = 0; i < NR_KNOBS && strcmp(entry->d_name, knobs[i].name); i++)
			;
		EXPECT_GT(NR_KNOBS, i) TH_LOG("unknown: %s", entry->d_name);
		found++;
	}
	closedir(dir);
	EXPECT_EQ(NR_KNOBS, found);
}

TEST(bounds)
{
	unsigned int i;

	for (i = 0; i < NR_KNOBS; i++) {
		const char *name = knobs[i].name;

		EXPECT_EQ(knobs[i].initial, knob_get(name)) TH_LOG("%s", name);
		EXPECT_EQ(0, write_number(name, knobs[i].min));
		EXPECT_EQ(knobs[i].min, knob_get(name));
		EXPECT_EQ(EINVAL, write_number(name, (long long)knobs[i].min - 1));
		EXPECT_EQ(knobs[i].min, knob_get(name));
		EXPECT_EQ(0, write_number(name, knobs[i].max));
		EXPECT_EQ(knobs[i].max, knob_get(name));
		EXPECT_EQ(EINVAL, write_number(name, (long long)knobs[i].max + 1));
		EXPECT_EQ(knobs[i].max, knob_get(name));
		EXPECT_EQ(0, write_number(name, knobs[i].initial));
	}
}

TEST(rubbish)
{
	static const char * const texts[] = {
		"", "\n", " ", "x", "-", "-1", "+", "1 1", "1x", "1.0", "0x", "1e1", "64k",
		"4294967296", "4294967297", "18446744073709551616", "99999999999999999999999",
		"1\n1", "\xff", "1;", "\"1\"", "%d",
	};
	unsigned int i, t;

	for (i = 0; i < NR_KNOBS; i++) {
		unsigned int before = knob_get(knobs[i].name);

		/* From the second text on: a write of no bytes may not reach the knob. */
		for (t = 1; t < sizeof(texts) / sizeof(*texts); t++) {
			EXPECT_EQ(EINVAL, write_knob(knobs[i].name, texts[t], strlen(texts[t])))
				TH_LOG("%s: '%s'", knobs[i].name, texts[t]);
			EXPECT_EQ(before, knob_get(knobs[i].name));
		}
		EXPECT_EQ(EINVAL, write_knob(knobs[i].name, "1\0001", 3));
		EXPECT_EQ(before, knob_get(knobs[i].name));
	}
}

TEST(modes)
{
	unsigned int i;
	struct stat st;
	char path[128];

	for (i = 0; i < NR_KNOBS; i++) {
		snprintf(path, sizeof(path), KNOBS "%s", knobs[i].name);
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(0644, st.st_mode & 07777);
	}
}

/* Only root may read records or change anything. */
TEST(as_another_user)
{
	static const char * const files[] = { "events", "last", "records", "clear", "stats" };
	unsigned int i;
	char path[128];

	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", files[i]);
		EXPECT_EQ(-1, open(path, O_RDWR));
		EXPECT_EQ(EACCES, errno);
	}
	for (i = 0; i < NR_KNOBS; i++)
		EXPECT_EQ(EACCES, write_number(knobs[i].name, knobs[i].initial));
}

TEST(enabled)
{
	long long written, suppressed, updates;

	written = stat_of("records_written");
	suppressed = stat_of("records_suppressed");
	updates = stat_of("adj_updates");
	knob_set("enabled", 0);
	spew("/proc/self/oom_score_adj", "-999");
	knob_set("enabled", 1);
	EXPECT_EQ(written, stat_of("records_written"));
	EXPECT_EQ(suppressed + 1, stat_of("records_suppressed"));
	EXPECT_EQ(updates + 1, stat_of("adj_updates"));
	spew("/proc/self/oom_score_adj", "-998");
	EXPECT_EQ(written + 1, stat_of("records_written"));
	EXPECT_EQ(suppressed + 1, stat_of("records_suppressed"));
}

/* What the OOM reaper does to a victim may have records of its own. */
#define REAP_RECORDS	4

/* A kill without records counts as one that was not written, whatever figures it would have had. */
TEST(enabled_for_kills)
{
	long long written = stat_of("records_written"), victims = stat_of("victims");
	long long suppressed = stat_of("records_suppressed");

	knob_set("adj_updates", 0);
	knob_set("enabled", 0);
	EXPECT_TRUE(oom_kill_hog("-a 1000"));
	knob_set("enabled", 1);
	knob_set("adj_updates", 1);
	EXPECT_EQ(victims + 1, stat_of("victims"));
	EXPECT_GE(written + REAP_RECORDS, stat_of("records_written"));
	EXPECT_LE(suppressed + 1, stat_of("records_suppressed"));
	EXPECT_GE(suppressed + 1 + REAP_RECORDS, stat_of("records_suppressed"));
}

TEST(adj_updates)
{
	long long written = stat_of("records_written"), updates = stat_of("adj_updates");

	knob_set("adj_updates", 0);
	spew("/proc/self/oom_score_adj", "-997");
	knob_set("adj_updates", 1);
	EXPECT_EQ(written, stat_of("records_written"));
	EXPECT_EQ(updates + 1, stat_of("adj_updates"));
}

TEST(adj_per_min)
{
	long long written = stat_of("records_written"), updates = stat_of("adj_updates");
	long long suppressed = stat_of("adj_suppressed");
	int i;

	knob_set("adj_per_min", 3);
	for (i = 0; i < 10; i++)
		spew("/proc/self/oom_score_adj", "%d", -990 + i);
	EXPECT_EQ(written + 3, stat_of("records_written"));
	EXPECT_EQ(suppressed + 7, stat_of("adj_suppressed"));
	EXPECT_EQ(updates + 10, stat_of("adj_updates"));
	knob_set("adj_per_min", 0);
	spew("/proc/self/oom_score_adj", "-1000");
	EXPECT_EQ(written + 3, stat_of("records_written"));
	knob_set("adj_per_min", 1000000);
}

TEST(stack_depth)
{
	static const unsigned int depths[] = { 0, 1, 5, 64 };
	struct events all;
	unsigned int i;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	if (!have_stacks())
		SKIP(return, NO_STACKS);
	make_cgroup(CGROUPS "/d", 6 * 1024);
	for (i = 0; i < 4; i++) {
		const struct event *stack;

		knob_set("stack_depth", depths[i]);
		pid = start_hog("-c " CGROUPS "/d");
		EXPECT_TRUE(was_killed(pid));
		pause_ms(50);
		all = read_events("last");
		ASSERT_NE(NULL, find_event(&all, "victim", "pid", pid));
		EXPECT_EQ(!!depths[i], count_type(&all, "stack"));
		if (!depths[i])
			continue;
		stack = find_event(&all, "stack", "oom", num_of(&all.event[0], "oom"));
		ASSERT_NE(NULL, stack);
		EXPECT_LT(0, num_of(stack, "nr_frames"));
		EXPECT_GE(depths[i], num_of(stack, "nr_frames"));
		if (depths[i] < 64)
			EXPECT_EQ(depths[i], num_of(stack, "nr_frames"));
	}
	knob_set("stack_depth", 24);
	remove_cgroup(CGROUPS "/d");
}

/* While the knob is on, the log has one line a kill, with the name escaped. */
TEST(log_line)
{
	char line[KMSG_MAX], want[128];
	int kmsg, found = 0;
	struct events all;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/l", 6 * 1024);
	kmsg = kmsg_open();
	knob_set("log", 1);
	pid = start_hog("-c " CGROUPS "/l -n lo\"g\033ged");
	EXPECT_TRUE(was_killed(pid));
	pause_ms(300);
	knob_set("log", 0);
	EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/l -n silent"));
	pause_ms(300);
	all = read_events("events");
	ASSERT_NE(NULL, find_event(&all, "victim", "pid", pid));
	snprintf(want, sizeof(want),
		 "oomwatch: oom=%s killed pid=%d comm=\"lo\\\"g\\x1bged\" uid=0",
		 text_of(find_event(&all, "victim", "pid", pid), "oom"), pid);
	/* /dev/kmsg shows a backslash as \x5c. */
	while (kmsg_line(kmsg, line)) {
		char *at, plain[KMSG_MAX], *to = plain;

		if (strncmp(line, "oomwatch: oom=", 14))
			continue;
		for (at = line; *at; at++) {
			*to++ = *at;
			if (!strncmp(at, "\\x5c", 4)) {
				to[-1] = '\\';
				at += 3;
			}
		}
		*to = '\0';
		found++;
		EXPECT_EQ(0, strncmp(want, plain, strlen(want))) TH_LOG("%s", plain);
		EXPECT_NE(NULL, strstr(plain, " memcg=\"/l\""));
	}
	EXPECT_EQ(1, found);
	remove_cgroup(CGROUPS "/l");
}

/* The records that the log says were gone, and its lines of kills of a name. */
static long long gone_from_log(int kmsg, const char *name, int *kills)
{
	char line[KMSG_MAX], want[64];
	long long gone = 0;

	*kills = 0;
	snprintf(want, sizeof(want), "comm=\"%s\"", name);
	while (kmsg_line(kmsg, line)) {
		if (strncmp(line, "oomwatch: ", 10))
			continue;
		/* There may be several such lines: the ring may lose more in the meantime. */
		if (strstr(line, "records were gone before the log had them"))
			gone += strtoll(line + 10, NULL, 10);
		*kills += !!strstr(line, want);
	}
	return gone;
}

/* The log says how many records of kills the ring had lost before they were logged. */
TEST(log_is_late)
{
	pid_t pid[1000];
	int kmsg, i, kills;
	long long gone;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	if (number_in("/proc/sys/kernel/threads-max", "") < 1300)
		SKIP(return, "kernel.threads-max is below 1300: too few processes to fill a ring");
	for (i = 0; i < 1000; i++) {
		pid[i] = fork_child();
		if (pid[i])
			continue;
		spew("/proc/self/oom_score_adj", "0");
		for (;;)
			pause();
	}
	kmsg = kmsg_open();
	knob_set("ring_kb", 64);
	knob_set("candidates", 1024);
	spew(DEBUGFS "clear", "1");
	knob_set("log", 1);
	/* The candidates of this kill are more than the ring holds. */
	EXPECT_TRUE(sysrq_kill_hog("-m 2000 -a 1000 -n late"));
	pause_ms(300);
	reset_machine();
	for (i = 0; i < 1000; i++)
		stop(pid[i]);
	gone = gone_from_log(kmsg, "late", &kills);
	EXPECT_LT(100, gone);
	EXPECT_GT(1000, gone);
	EXPECT_EQ(1, kills);
}

/* Writes of oom_score_adj that are gone are not what the log is about. */
TEST(log_lacks_adj_only)
{
	int kmsg, i, kills;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(CGROUPS "/l", 6 * 1024);
	kmsg = kmsg_open();
	knob_set("adj_ring_kb", 64);
	knob_set("log", 1);
	for (i = 0; i < 3000; i++)
		spew("/proc/self/oom_score_adj", "-%d", 900 + i % 100);
	EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/l -n late"));
	pause_ms(300);
	reset_machine();
	spew("/proc/self/oom_score_adj", "-1000");
	EXPECT_EQ(0, gone_from_log(kmsg, "late", &kills));
	EXPECT_EQ(1, kills);
	remove_cgroup(CGROUPS "/l");
}

TEST_HARNESS_MAIN
