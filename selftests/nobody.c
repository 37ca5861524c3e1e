// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of out_of_memory() that find nobody to kill. The oracle is the kernel's own line of each,
 * and the cgroup's memory.events.
 */
#include <stdarg.h>

#include "harness.h"

#define CGROUP CGROUPS "/n"
#define LIMIT_KIB 8192
#define SITTING_KIB 4096

/* The cgroups that get records with all figures in an hour: of all users, and of one. */
#define MOST_PER_HOUR 16
#define MOST_OF_USER 4

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	if (!have_scope())
		skip_program(NO_SCOPE);
	require_memcg();
}

FIXTURE(nobody) {
	int kmsg;
	long long counted, suppressed;	/* by the module, before the test */
};

FIXTURE_SETUP(nobody)
{
	reset_machine();
	make_cgroup(CGROUP, LIMIT_KIB);
	knob_set("adj_updates", 0);
	spew(DEBUGFS "clear", "1");
	self->kmsg = kmsg_open();
	self->counted = stat_of("outcome_no_victim");
	self->suppressed = stat_of("no_victim_suppressed");
}

FIXTURE_TEARDOWN(nobody)
{
	close(self->kmsg);
	knob_set("adj_updates", 1);
	knob_set("ring_kb", 1024);
	knob_set("storm_ring_kb", 256);
	remove_cgroup(CGROUP);
}

/* Counts the kernel's lines about calls that found nobody, and about kills. */
static int logged_both(int kmsg, int *kills)
{
	char line[KMSG_MAX];
	int nr = 0;

	while (kmsg_line(kmsg, line)) {
		nr += !!strstr(line, "no killable processes");
		*kills += !!strstr(line, "Killed process");
	}
	return nr;
}

static int logged(int kmsg)
{
	int kills;

	return logged_both(kmsg, &kills);
}

/* The calls that records stand for; those of an earlier test may be told only now. */
static long long told(const struct events *all)
{
	long long calls = count_type(all, "nobody_oom");
	const struct event *event;

	for (event = all->event; event < all->event + all->nr; event++)
		if (is_type(event, "nobody_calls") &&
		    find_text(all, "nobody_oom", "oom", text_of(event, "oom")))
			calls += num_of(event, "calls");
	return calls;
}

/*
 * Reads the events when so many calls are told. The module does so after ten seconds, and of calls
 * that are not old enough then after twenty. The text of events is not freed, so it is not read
 * often: here nobody could be killed for the memory.
 */
static struct events read_told(long long calls)
{
	struct events all;
	int tries;

	for (tries = 0; ; tries++) {
		all = read_events("events");
		if (told(&all) >= calls || tries == 15)
			return all;
		free(all.event);
		pause_ms(3000);
	}
}

static long long oom_events(void)
{
	return number_in(CGROUP "/memory.events", "oom ");
}

/* Each call is in a record, and the records say the same as the kernel. */
TEST_F(nobody, all_are_told)
{
	const struct event *call, *more, *holder;
	struct events all;
	const char *oom;
	long long lines;
	pid_t pid;

	use_cpu(0);
	pid = start_sitting_hog("-c " CGROUP " -m %d -a -1000 -n session", SITTING_KIB);
	fail_charges(CGROUP, 21);
	lines = logged(self->kmsg);
	EXPECT_LE(21, lines);
	/* The kernel counts before it looks for room once more, which may end without a call. */
	EXPECT_LE(lines, oom_events());
	EXPECT_EQ(lines, stat_of("outcome_no_victim") - self->counted);
	EXPECT_EQ(self->suppressed, stat_of("no_victim_suppressed"));
	all = read_told(lines);
	EXPECT_EQ(lines, told(&all));
	EXPECT_EQ(1, count_type(&all, "nobody_oom"));

	call = find_text(&all, "nobody_oom", "oom_memcg", "/n");
	ASSERT_NE(NULL, call);
	oom = text_of(call, "oom");
	EXPECT_EQ('n', *oom);
	EXPECT_STREQ("memcg", text_of(call, "kind"));
	EXPECT_STREQ("memcg", text_of(call, "trigger"));
	EXPECT_STREQ("nobody", text_of(call, "comm"));
	EXPECT_STREQ("-", text_of(call, "verdict"));
	EXPECT_EQ(LIMIT_KIB, num_of(call, "memcg_limit_kb"));
	EXPECT_GE(LIMIT_KIB, num_of(call, "memcg_usage_kb"));
	EXPECT_LE(LIMIT_KIB - 1024, num_of(call, "memcg_usage_kb"));

	more = find_text(&all, "nobody_calls", "oom", oom);
	ASSERT_NE(NULL, more);
	EXPECT_LE(num_of(more, "last_ago_ns"), num_of(more, "first_ago_ns"));

	holder = find_event(&all, "nobody_protected", "pid", pid);
	ASSERT_NE(NULL, holder);
	EXPECT_STREQ(oom, text_of(holder, "oom"));
	EXPECT_STREQ("session", text_of(holder, "comm"));
	EXPECT_EQ(-1000, num_of(holder, "oom_score_adj"));
	EXPECT_STREQ("/n", text_of(holder, "memcg"));
	EXPECT_LE(SITTING_KIB, num_of(holder, "anon_rss_kb"));
	stop(pid);

	/* The hog and the process that wrote. */
	more = find_text(&all, "nobody_excluded", "oom", oom);
	ASSERT_NE(NULL, more);
	EXPECT_EQ(0, num_of(more, "eligible"));
	EXPECT_EQ(2, num_of(more, "unkillable"));

	more = find_text(&all, "nobody_memcg", "oom", oom);
	ASSERT_NE(NULL, more);
	EXPECT_EQ(num_of(call, "memcg_usage_kb"), num_of(more, "usage_kb"));
}

/* --- as a person reads it ------------------------------------------------------------- */

#define STORY_KIB (40 * 1024)
#define SESSION_KIB (30 * 1024)
#define BYSTANDERS 4

/* What a command prints, on one line. */
static char *said(const char *command)
{
	char *text = calloc(1, 1 << 16), *at;
	FILE *from = popen(command, "r");

	if (!from)
		err(1, "%s", command);
	fread(text, 1, (1 << 16) - 1, from);
	pclose(from);
	for (at = text; (at = strchr(at, '\n'));)
		*at = ' ';
	return text;
}

/* What the score counts of a process. */
static double held_mib(const struct event *task)
{
	return (num_of(task, "anon_rss_kb") + num_of(task, "file_rss_kb") +
		num_of(task, "shmem_rss_kb") + num_of(task, "swap_kb") +
		num_of(task, "pgtables_kb")) / 1024.0;
}

/* Whether the text has these words; shows both if not. */
static bool says(const char *text, const char *fmt, ...)
{
	char words[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(words, sizeof(words), fmt, ap);
	va_end(ap);
	if (strstr(text, words))
		return true;
	warnx("not said: %s\nbut: %s", words, text);
	return false;
}

/*
 * A login daemon with -1000 starts a session, which holds most of its cgroup. The bystanders die,
 * then nobody is left.
 */
TEST_F(nobody, story)
{
	int i, kills = 0, lines = 0;
	const struct event *holder, *memcg;
	char command[64], *text;
	double full;
	struct events all;
	pid_t pid;

	if (system("command -v oomwatch >/dev/null"))
		SKIP(return, "the program oomwatch is not installed");
	if (!have_source("memory_stat"))
		SKIP(return, NO_MEMORY_STAT);
	make_cgroup(CGROUP, STORY_KIB);
	spew("/proc/self/oom_score_adj", "-1000");
	pid = start_sitting_hog("-c " CGROUP " -m %d -a keep -n session", SESSION_KIB);
	for (i = 0; i < BYSTANDERS; i++)
		start_sitting_hog("-c " CGROUP " -m 1024 -n bystander");
	for (i = 0; i < 20; i++) {
		fail_charges(CGROUP, 10);
		lines += logged_both(self->kmsg, &kills);
	}
	EXPECT_EQ(BYSTANDERS, kills);
	EXPECT_LE(200, lines);
	all = read_told(lines);
	EXPECT_EQ(lines, told(&all));
	holder = find_event(&all, "nobody_protected", "pid", pid);
	ASSERT_NE(NULL, holder);
	full = num_of(find_text(&all, "nobody_oom", "oom", text_of(holder, "oom")),
		      "memcg_usage_kb") / 1024.0;

	text = said("oomwatch why");
	EXPECT_TRUE(says(text, "Nobody was left to kill, %d times in ", lines));
	EXPECT_TRUE(says(text, "s: the memory cgroup /n was full, with %.1f MiB when ", full));
	EXPECT_TRUE(says(text, " when the kernel had looked; session (pid %d, ", pid));
	EXPECT_TRUE(says(text, "session (pid %d, oom_score_adj -1000, inherited: nobody (pid %d) ",
			 pid, getpid()));
	EXPECT_TRUE(says(text, "had set its own) holds %.1f MiB.", held_mib(holder)));
	memcg = find_text(&all, "nobody_memcg", "oom", text_of(holder, "oom"));
	EXPECT_TRUE(says(text, "Where the memory went: %.1f MiB (",
			 num_of(memcg, "anon_kb") / 1024.0));
	EXPECT_TRUE(says(text, "session has inherited its oom_score_adj of -1000: nobody (pid %d, ",
			 getpid()));
	EXPECT_TRUE(says(text, ") had set its own, "));
	EXPECT_TRUE(says(text, "What would help: a limit above 40.0 MiB, or an oom_score_adj of "));
	EXPECT_TRUE(says(text, "of -999 for session: then it is killed if nobody else is left. "));
	/* Others may have been within the hour: the tests before this one cleared the ring. */
	EXPECT_TRUE(says(text, " %d kills were for the same limit, ", kills));
	free(text);
	text = said("oomwatch list | awk '/ nobody / { print $4, $5, $6, $7, $8, $9, $10, $11 }'");
	EXPECT_STREQ("memcg nobody - - - 40.0MiB /n nobody_left/anon ", text);
	free(text);
	snprintf(command, sizeof(command), "oomwatch why %lld",
		 num_of(find_text(&all, "victim", "comm", "bystander"), "oom"));
	text = said(command);
	EXPECT_TRUE(says(text, " later the kernel found nobody left to kill for the same limit, "));
	EXPECT_TRUE(says(text, " for the same limit, %d times ", lines));
	free(text);
	stop(pid);
}

/* A write of memory.max goes on to call when what it killed is gone: with room, none is missed. */
TEST_F(nobody, limit_lowered)
{
	long long batches = 4 * 64 * sysconf(_SC_NPROCESSORS_ONLN);
	const struct event *event;
	struct events all;
	int i, kills = 0;

	for (i = 0; i < 10; i++) {
		cgroup_set(CGROUP, "memory.max", "max");
		start_sitting_hog("-c " CGROUP " -m 12000 -n lowered");
		cgroup_set(CGROUP, "memory.max", "4194304");
	}
	logged_both(self->kmsg, &kills);
	EXPECT_LE(10, kills);
	all = read_events("events");
	for (event = all.event; event < all.event + all.nr; event++)
		if (is_type(event, "nobody_oom"))
			EXPECT_LE(4096 - batches, num_of(event, "memcg_usage_kb"));
}

/* A write of memory.max that finds nobody is told as one. */
TEST_F(nobody, limit_lowered_in_vain)
{
	const struct event *call;
	struct events all;
	pid_t pid;

	cgroup_set(CGROUP, "memory.max", "max");
	pid = start_sitting_hog("-c " CGROUP " -m 12000 -a -1000 -n lowered");
	cgroup_set(CGROUP, "memory.max", "4194304");
	all = read_events("events");
	call = find_text(&all, "nobody_oom", "oom_memcg", "/n");
	ASSERT_NE(NULL, call);
	EXPECT_STREQ("memory_max", text_of(call, "trigger"));
	EXPECT_EQ(getpid(), num_of(call, "pid"));
	EXPECT_EQ(4096, num_of(call, "memcg_limit_kb"));
	EXPECT_LE(12000, num_of(call, "memcg_usage_kb"));
	stop(pid);
}

/* Has a hog killed; the number of that kill. */
static long long kill_a_hog(struct __test_metadata *_metadata, pid_t *pid)
{
	const struct event *victim;
	struct events all;

	*pid = start_hog("-c " CGROUP);
	EXPECT_TRUE(was_killed(*pid));
	pause_ms(50);
	all = read_events("last");
	victim = find_event(&all, "victim", "pid", *pid);
	ASSERT_NE(NULL, victim);
	return num_of(victim, "oom");
}

/* Such a call takes no number of a kill, and the file last stays with kills. */
TEST_F(nobody, is_no_kill)
{
	struct events all;
	long long before, after;
	pid_t pid;

	before = kill_a_hog(_metadata, &pid);
	fail_charges(CGROUP, 3);
	all = read_events("last");
	EXPECT_NE(NULL, find_event(&all, "victim", "pid", pid));
	EXPECT_EQ(0, count_type(&all, "nobody_oom"));
	EXPECT_EQ(0, count_type(&all, "nobody_calls"));

	after = kill_a_hog(_metadata, &pid);
	EXPECT_EQ(before + 1, after);
}

/* How many calls a record tells of, if it is of that number. */
static long long calls_of(const struct oomwatch_head *head, unsigned long long nr)
{
	return head->type != (OOMWATCH_TYPE_NOBODY | OOMWATCH_TYPE_CALLS) ||
	       head->oom != (OOMWATCH_NOBODY | nr) ? 0 :
		((const struct oomwatch_calls *)head)->calls;
}

/* A reader that waits gets what was counted, though nobody asks again. */
TEST_F(nobody, told_later)
{
	static char buf[1 << 16];
	struct pollfd reader = { .events = POLLIN };
	long long calls = 0, wanted;
	const struct event *call;
	unsigned long long nr;
	struct events all;
	char *at;
	ssize_t n;

	fail_charges(CGROUP, 1);
	all = read_events("events");
	call = find_text(&all, "nobody_oom", "oom_memcg", "/n");
	ASSERT_NE(NULL, call);
	nr = strtoull(text_of(call, "oom") + 1, NULL, 10);
	reader.fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, reader.fd);
	fail_charges(CGROUP, 5);
	/* One has the records with all figures. */
	wanted = logged(self->kmsg) - 1;
	EXPECT_LE(5, wanted);
	while (calls < wanted && poll(&reader, 1, 60000) == 1) {
		n = read(reader.fd, buf, sizeof(buf));
		for (at = buf; at < buf + n; at += ((struct oomwatch_head *)at)->len)
			calls += calls_of((void *)at, nr);
	}
	close(reader.fd);
	EXPECT_EQ(wanted, calls);
}

/* A reader that was too late is told that no kill is missing, and that not only writes are. */
TEST_F(nobody, missed)
{
	static char buf[OOMWATCH_RECORD_MAX * 2];
	const struct oomwatch_head *start = (void *)buf;
	const struct oomwatch_lost *lost;
	int fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);

	ASSERT_LE(0, fd);
	fail_charges(CGROUP, 1);
	EXPECT_LT(0, stat_of("nobody_ring_held"));
	spew(DEBUGFS "clear", "1");
	ASSERT_LT(0, read(fd, buf, sizeof(buf)));
	close(fd);
	lost = (void *)(buf + start->len);
	ASSERT_EQ(OOMWATCH_TYPE_LOST, lost->head.type);
	EXPECT_LT(0, lost->count);
	EXPECT_EQ(OOMWATCH_UNKNOWN_U64, lost->adj);
	EXPECT_EQ(0, lost->kills);
}

/* The machine's calls: sysrq finds nobody, and does not panic. */
TEST_F(nobody, machine)
{
	const struct event *call;
	struct events all;

	sysrq_oom();
	if (!logged(self->kmsg))
		SKIP(return, "sysrq-f found a process to kill");
	all = read_events("events");
	call = find_text(&all, "nobody_oom", "trigger", "sysrq");
	ASSERT_NE(NULL, call);
	EXPECT_STREQ("global", text_of(call, "kind"));
	EXPECT_FALSE(is_known(call, "oom_memcg"));
}

/* --- a flood --------------------------------------------------------------------- */

#define FLOODED 40
/* Enough for what a process needs before it writes, with a batch of charges for each CPU. */
#define FLOODED_KIB 2048

static char *flooded(int nr)
{
	static char path[64];

	snprintf(path, sizeof(path), CGROUPS "/flood%d", nr);
	return path;
}

/* All that is recorded of kills, as text. */
static char *kills_as_text(void)
{
	char *text = slurp(DEBUGFS "events", NULL), *kept = calloc(1, strlen(text) + 1);
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")))
		if (strncmp(line, "lost ", 5) && !strstr(line, " oom=n"))
			strcat(strcat(kept, line), "\n");
	free(text);
	return kept;
}

/* So many kills that the ring of kills is full: one more record makes it forget a kill. */
static void fill_ring(struct __test_metadata *_metadata)
{
	long long before = stat_of("records_overwritten");
	int kills;

	knob_set("ring_kb", 64);
	knob_set("storm_ring_kb", 64);
	for (kills = 0; kills < 100 && stat_of("records_overwritten") == before; kills++)
		EXPECT_TRUE(oom_kill_hog("-c " CGROUP));
	EXPECT_LT(before, stat_of("records_overwritten"));
	pause_ms(200);
}

/* Calls at the limits of many cgroups, all by tasks of one user. */
static void flood(uid_t uid, int cgroups)
{
	int i;

	for (i = 0; i < cgroups; i++) {
		make_cgroup(flooded(i), FLOODED_KIB);
		fail_charges_as(uid, flooded(i), 3);
		remove_cgroup(flooded(i));
	}
}

/* The owner of many cgroups pushes out no records at all, and its calls are counted. */
TEST_F(nobody, flood)
{
	long long lines, suppressed, overwritten = stat_of("nobody_ring_overwritten");
	char *before, *after;
	struct events all;

	fill_ring(_metadata);
	before = kills_as_text();
	flood(0, FLOODED);
	after = kills_as_text();
	EXPECT_STREQ(before, after);
	lines = logged(self->kmsg);
	EXPECT_LE(3 * FLOODED, lines);
	suppressed = stat_of("no_victim_suppressed") - self->suppressed;
	all = read_told(lines - suppressed);
	EXPECT_EQ(MOST_PER_HOUR, count_type(&all, "nobody_oom"));
	EXPECT_EQ(lines, told(&all) + suppressed);
	EXPECT_EQ(overwritten, stat_of("nobody_ring_overwritten"));
	free(before);
	free(after);
}

/* A user's flood costs its own records. */
TEST_F(nobody, user)
{
	struct events all;

	flood(1000, FLOODED);
	all = read_events("events");
	EXPECT_EQ(MOST_OF_USER, count_type(&all, "nobody_oom"));
	fail_charges(CGROUP, 1);
	all = read_events("events");
	EXPECT_NE(NULL, find_text(&all, "nobody_oom", "oom_memcg", "/n"));
}

/* Nor do many users together take root's. */
TEST_F(nobody, users)
{
	struct events all;
	uid_t uid;

	for (uid = 1000; uid < 1005; uid++)
		flood(uid, MOST_OF_USER);
	all = read_events("events");
	EXPECT_EQ(MOST_PER_HOUR - MOST_OF_USER, count_type(&all, "nobody_oom"));
	fail_charges(CGROUP, 1);
	all = read_events("events");
	EXPECT_NE(NULL, find_text(&all, "nobody_oom", "oom_memcg", "/n"));
}

TEST_HARNESS_MAIN
