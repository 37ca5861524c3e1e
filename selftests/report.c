// SPDX-License-Identifier: GPL-2.0
/*
 * The file report: a kill for a person, or a call that found nobody to kill. Its figures are those
 * of the records, and it is never longer or wider than a page, whatever names there are.
 */
#include "harness.h"

#define FILE_NAME DEBUGFS "report"
#define GROUP CGROUPS "/report"
#define LIMIT_KB (16 * 1024)
#define NO_KILL "No OOM kill is in the ring.\n"

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* What was read of a kill: the report, and the records in the file last. */
struct seen {
	char *text;
	struct events all;
};

FIXTURE(report) {
	struct seen seen;
};

FIXTURE_SETUP(report)
{
	self->seen.text = NULL;
	spew(FILE_NAME, "0");
}

FIXTURE_TEARDOWN(report)
{
	free(self->seen.text);
	spew(FILE_NAME, "0");
}

/* Checks that it is a page: at most 60 lines of at most 100 printable characters. */
static void check_page(struct __test_metadata *_metadata, const char *text)
{
	const char *line, *end;
	int lines = 0;

	for (line = text; *line; line = end + 1, lines++) {
		end = strchr(line, '\n');
		ASSERT_NE(NULL, end) TH_LOG("no newline after %s", line);
		EXPECT_GE(100, end - line) TH_LOG("%.*s", (int)(end - line), line);
		for (; line < end; line++)
			EXPECT_TRUE(*line >= ' ' && *line <= '~') TH_LOG("%#x", *line);
	}
	EXPECT_LT(0, lines);
	EXPECT_GE(60, lines);
}

/* The first record of a type; NULL if there is none. */
static const struct event *first_event(const struct events *all, const char *type)
{
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], type))
			return &all->event[i];
	return NULL;
}

/* Checks that the text has these words in one piece. */
static void expect(struct __test_metadata *_metadata, const char *text, const char *fmt, ...)
{
	char want[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want, sizeof(want), fmt, ap);
	va_end(ap);
	EXPECT_NE(NULL, strstr(text, want)) TH_LOG("no \"%s\" in\n%s", want, text);
}

/* A figure of a record in MiB, as the report has it. */
static const char *mib(const struct event *rec, const char *key)
{
	static char text[8][32];
	static int nr;
	char *to = text[nr++ % 8];
	long long tenths;

	if (!is_known(rec, key) || !strcmp(text_of(rec, key), "max"))
		return text_of(rec, key);
	tenths = (num_of(rec, key) * 10 + 512) / 1024;
	snprintf(to, sizeof(*text), "%lld.%lld", tenths / 10, tenths % 10);
	return to;
}

static void check_victim(struct __test_metadata *_metadata, const char *text,
			 const struct event *rec)
{
	expect(_metadata, text, "\nKilled: pid %lld, uid %lld, ", num_of(rec, "pid"),
	       num_of(rec, "uid"));
	expect(_metadata, text, "\n  size: anon %s, file %s, shmem %s, swap %s, page tables %s\n",
	       mib(rec, "anon_rss_kb"), mib(rec, "file_rss_kb"), mib(rec, "shmem_rss_kb"),
	       mib(rec, "swap_kb"), mib(rec, "pgtables_kb"));
	expect(_metadata, text, "\n  score: oom_score_adj %lld, points %s\n",
	       num_of(rec, "oom_score_adj"), text_of(rec, "points"));
}

/* Checks a line of the table, and that the terms in it are those of the record. */
static void check_row(struct __test_metadata *_metadata, const char *text,
		      const struct event *rec)
{
	long long pid = num_of(rec, "pid"), rss, swap, tables, adj;
	char want[32], points[32];
	const char *row;

	snprintf(want, sizeof(want), "\n  %7lld ", pid);
	row = strstr(text, want);
	ASSERT_NE(NULL, row) TH_LOG("no row of %lld in\n%s", pid, text);
	ASSERT_TRUE(sscanf(row, "%lld %lld %lld %lld %lld %31s", &pid, &rss, &swap, &tables, &adj,
			   points) == 6);
	EXPECT_EQ(num_of(rec, "score_rss"), rss);
	EXPECT_EQ(num_of(rec, "score_swap"), swap);
	EXPECT_EQ(num_of(rec, "score_pgtables"), tables);
	EXPECT_EQ(num_of(rec, "oom_score_adj"), adj);
	EXPECT_STREQ(text_of(rec, "points"), points);
}

/* Checks the rows of the first ten records of a type. Returns how many there are. */
static int check_rows(struct __test_metadata *_metadata, const char *text,
		      const struct events *all, const char *type)
{
	int i, nr = 0;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], type) && nr++ < 10)
			check_row(_metadata, text, &all->event[i]);
	return nr;
}

static void check_trigger(struct __test_metadata *_metadata, const char *text,
			  const struct events *all)
{
	const struct event *oom = first_event(all, "oom");
	const struct event *stack = first_event(all, "stack");
	const char *frames;

	expect(_metadata, text, "\nTrigger: pid %lld, uid %lld, ", num_of(oom, "pid"),
	       num_of(oom, "uid"));
	expect(_metadata, text, ", order %s, gfp %s; cause: %s\n", text_of(oom, "order"),
	       text_of(oom, "gfp_mask"), text_of(oom, "cause"));
	if (!stack)
		return;
	frames = text_of(stack, "frames");
	expect(_metadata, text, "\n  stack: %.*s\n", (int)strcspn(frames, ";"), frames);
}

static void check_end(struct __test_metadata *_metadata, const char *text,
		      const struct events *all)
{
	long long us = num_of(first_event(all, "exit"), "since_kill_ns") / 1000;

	expect(_metadata, text, "\n  the victim's exit: after %lld.%03lld ms\n", us / 1000,
	       us % 1000);
	us = num_of(first_event(all, "end"), "duration_ns") / 1000;
	expect(_metadata, text, "\n  out_of_memory() took %lld.%03lld ms\n", us / 1000, us % 1000);
}

static void check_excluded(struct __test_metadata *_metadata, const char *text,
			   const struct event *rec)
{
	ASSERT_NE(NULL, rec);
	expect(_metadata, text,
	       "\nCould be chosen: %lld; not: %lld at -1000, %lld outside, %lld with MMF_OOM_SKIP\n",
	       num_of(rec, "eligible"), num_of(rec, "unkillable"), num_of(rec, "outside"),
	       num_of(rec, "reaped"));
}

static void read_both(struct seen *seen)
{
	pause_ms(100);
	free(seen->text);
	seen->text = slurp(FILE_NAME, NULL);
	seen->all = read_events("last");
}

static void check_all(struct __test_metadata *_metadata, struct seen *seen, pid_t pid)
{
	const struct event *victim;

	read_both(seen);
	victim = find_event(&seen->all, "victim", "tgid", pid);
	ASSERT_NE(NULL, victim);
	check_page(_metadata, seen->text);
	expect(_metadata, seen->text, "OOM kill %lld, ", num_of(victim, "oom"));
	check_victim(_metadata, seen->text, victim);
	EXPECT_LT(0, check_rows(_metadata, seen->text, &seen->all, "task"));
	check_excluded(_metadata, seen->text, first_event(&seen->all, "excluded"));
	check_rows(_metadata, seen->text, &seen->all, "protected");
	check_trigger(_metadata, seen->text, &seen->all);
	check_end(_metadata, seen->text, &seen->all);
}

/* A line of the table of classes. */
static void check_class(struct __test_metadata *_metadata, const char *text,
			const struct event *rec, const char *key, const char *name)
{
	expect(_metadata, text, "\n%10s  %s\n", mib(rec, key), name);
}

TEST_F(report, cgroup)
{
	const struct event *oom, *memcg;
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(GROUP, LIMIT_KB);
	pid = start_hog("-c " GROUP);
	EXPECT_TRUE(was_killed(pid));
	check_all(_metadata, &self->seen, pid);
	oom = first_event(&self->seen.all, "oom");
	expect(_metadata, self->seen.text, "\nLimit: cgroup \"/report\"\n");
	expect(_metadata, self->seen.text, "\n  usage %s, limit %s, swap %s, its limit ",
	       mib(oom, "memcg_usage_kb"), mib(oom, "memcg_limit_kb"),
	       mib(oom, "memcg_swap_usage_kb"));
	expect(_metadata, self->seen.text, ", limit 16.0, ");
	expect(_metadata, self->seen.text, "\n  cgroup: \"/report\"\n");
	memcg = first_event(&self->seen.all, "memcg");
	if (memcg && is_known(memcg, "anon_kb"))
		check_class(_metadata, self->seen.text, memcg, "anon_kb", "anonymous memory");
	remove_cgroup(GROUP);
}

TEST_F(report, machine)
{
	const struct event *oom, *protected;
	const char *text;
	pid_t pid, sits;

	sits = start_sitting_hog("-m 3000 -a -1000");
	pid = sysrq_kill_hog("-m 2000 -a 1000");
	ASSERT_NE(0, pid);
	check_all(_metadata, &self->seen, pid);
	text = self->seen.text;
	oom = first_event(&self->seen.all, "oom");
	expect(_metadata, text, "\nLimit: the machine, not hit: sysrq-f\n  RAM %s, free %s, ",
	       mib(oom, "ram_total_kb"), mib(oom, "ram_free_kb"));
	expect(_metadata, text, "\nMemory of the machine, ");
	check_class(_metadata, text, oom, "anon_mapped_kb", "anonymous memory");
	check_class(_metadata, text, oom, "ram_free_kb", "free");
	expect(_metadata, text, "\n  by sysrq-f, order -1, ");
	protected = find_event(&self->seen.all, "protected", "tgid", sits);
	ASSERT_NE(NULL, protected);
	check_row(_metadata, text, protected);
	stop(sits);
}

/* --- the kernel's own log ---------------------------------------------------- */

#define NR_SITTING 13
#define MAX_ROWS 64

/* A line of the kernel's table of tasks, or of ours: in pages. */
struct row {
	int pid;
	long long rss, swap, pgtables, adj, points;
};

/* What the kernel said of a kill. */
struct said {
	struct row row[MAX_ROWS];
	int nr;
	long long usage_kb, limit_kb;
	struct killed killed;
	int nobody;	/* calls that found nobody to kill: of the first is all of the above */
};

static void hear_row(struct said *said, const char *line, bool has_kinds)
{
	struct row *row = &said->row[said->nr];

	/* Newer kernels have columns for the kinds of resident pages. */
	if (said->nr == MAX_ROWS ||
	    sscanf(line, has_kinds ? "[%d] %*d %*d %*d %lld %*d %*d %*d %lld %lld %lld" :
		   "[%d] %*d %*d %*d %lld %lld %lld %lld", &row->pid, &row->rss, &row->pgtables,
		   &row->swap, &row->adj) != 5)
		return;
	row->pgtables /= sysconf(_SC_PAGESIZE);
	row->points = row->rss + row->swap + row->pgtables;
	said->nr++;
}

static struct said hear(int kmsg)
{
	struct said said = { };
	bool has_kinds = false;
	char line[KMSG_MAX];

	while (kmsg_line(kmsg, line)) {
		said.nobody += !!strstr(line, "no killable processes");
		if (said.nobody)
			continue;
		if (!strncmp(line, "[  pid  ] ", 10))
			has_kinds = strstr(line, " rss_anon ");
		if (!strncmp(line, "memory: usage ", 14)) {
			said.usage_kb = number_behind(line, "usage ");
			said.limit_kb = number_behind(line, "limit ");
		}
		hear_row(&said, line, has_kinds);
		hear_killed(line, &said.killed);
	}
	return said;
}

static int by_points(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	return (x->points < y->points) - (x->points > y->points);
}

static const char *mib_of(long long kb)
{
	static char text[8][32];
	static int nr;
	char *to = text[nr++ % 8];
	long long tenths = (kb * 10 + 512) / 1024;

	snprintf(to, sizeof(*text), "%lld.%lld", tenths / 10, tenths % 10);
	return to;
}

static const struct row *row_of(const struct said *said, int pid)
{
	int i;

	for (i = 0; i < said->nr; i++)
		if (said->row[i].pid == pid)
			return &said->row[i];
	return NULL;
}

/*
 * Our table has the ten of the kernel's table that have the most points, the first one first. Of
 * those with the same points any may come first.
 */
static void compare_rows(struct __test_metadata *_metadata, const char *text, struct said *said)
{
	const char *line = strstr(text, "      pid        rss ");
	const struct row *theirs;
	struct row row;
	int i;

	qsort(said->row, said->nr, sizeof(*said->row), by_points);
	for (i = 0; i < 10; i++) {
		line = line ? strchr(line + 1, '\n') : NULL;
		ASSERT_NE(NULL, line) TH_LOG("%d rows", i);
		ASSERT_TRUE(sscanf(line, "%d %lld %lld %lld %lld %lld", &row.pid, &row.rss,
				   &row.swap, &row.pgtables, &row.adj, &row.points) == 6);
		EXPECT_EQ(said->row[i].points, row.points) TH_LOG("row %d", i);
		theirs = row_of(said, row.pid);
		ASSERT_NE(NULL, theirs) TH_LOG("row %d: pid %d", i, row.pid);
		EXPECT_EQ(theirs->rss, row.rss) TH_LOG("row %d", i);
		EXPECT_EQ(theirs->swap, row.swap) TH_LOG("row %d", i);
		EXPECT_EQ(theirs->pgtables, row.pgtables) TH_LOG("row %d", i);
		EXPECT_EQ(theirs->adj, row.adj) TH_LOG("row %d", i);
		EXPECT_EQ(theirs->points, row.points) TH_LOG("row %d", i);
	}
}

static void compare_log(struct __test_metadata *_metadata, const char *text, struct said *said)
{
	const struct killed *k = &said->killed;

	expect(_metadata, text, "\nKilled: pid %d, uid %lld, \"%s\"\n", k->pid, k->uid, k->comm);
	expect(_metadata, text, "\n  size: anon %s, file %s, shmem %s, swap ", mib_of(k->anon),
	       mib_of(k->file), mib_of(k->shmem));
	expect(_metadata, text, ", page tables %s\n  score: oom_score_adj %lld, points ",
	       mib_of(k->pgtables), k->adj);
	expect(_metadata, text, "\n  usage %s, limit %s, swap ", mib_of(said->usage_kb),
	       mib_of(said->limit_kb));
	expect(_metadata, text, "\nCandidates, 10 of %d that have a record, in pages:\n", said->nr);
	expect(_metadata, text, "\nCould be chosen: %d; not: 0 at -1000, ",
	       said->nr);
	compare_rows(_metadata, text, said);
}

/* On one CPU, nobody runs between the kernel's reading and ours. */
TEST_F(report, kernel_log)
{
	pid_t sits[NR_SITTING], pid;
	struct said said;
	int kmsg, i;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	use_cpu(0);
	make_cgroup(GROUP, 40 * 1024);
	for (i = 0; i < NR_SITTING; i++)
		sits[i] = start_sitting_hog("-c " GROUP " -n sits -a 0 -m %d", 400 + 100 * i);
	wait_for_reports();
	kmsg = kmsg_open();
	pid = start_hog("-c " GROUP " -n grows -a 0");
	EXPECT_TRUE(was_killed(pid));
	said = hear(kmsg);
	close(kmsg);
	read_both(&self->seen);
	EXPECT_EQ(pid, said.killed.pid);
	EXPECT_EQ(NR_SITTING + 1, said.nr);
	EXPECT_EQ(40 * 1024, said.limit_kb);
	compare_log(_metadata, self->seen.text, &said);
	check_page(_metadata, self->seen.text);
	stop_all(sits, NR_SITTING);
	remove_cgroup(GROUP);
}

/* A table of protected processes, in any order: its rows are the kernel's, and no points. */
static void compare_protected(struct __test_metadata *_metadata, const char *text,
			      const struct said *said)
{
	char want[128];
	int i;

	for (i = 0; i < said->nr; i++) {
		const struct row *row = &said->row[i];

		EXPECT_EQ(-1000, row->adj);
		snprintf(want, sizeof(want), "\n  %7d %10lld %10lld %10lld -1000           -  \"",
			 row->pid, row->rss, row->swap, row->pgtables);
		EXPECT_NE(NULL, strstr(text, want)) TH_LOG("no \"%s\" in\n%s", want, text);
	}
}

/* Reads the report of such calls when so many are told, which takes ten seconds or twenty. */
static char *read_calls(int calls)
{
	char want[64], *text;
	int tries;

	snprintf(want, sizeof(want), " as far as told: %d", calls);
	for (tries = 0; ; tries++) {
		text = slurp(FILE_NAME, NULL);
		if (strstr(text, want) || tries == 15)
			return text;
		free(text);
		pause_ms(2000);
	}
}

/* Has calls find nobody, until the kernel's report of the first is heard. */
static struct said hear_nobody(struct __test_metadata *_metadata)
{
	int kmsg = kmsg_open();
	struct said said;

	use_cpu(0);
	fail_charges(GROUP, 3);
	said = hear(kmsg);
	close(kmsg);
	EXPECT_LE(3, said.nobody);
	return said;
}

/* A call that found nobody, by the kernel's own report of it. */
TEST_F(report, nobody)
{
	pid_t sits[3];
	struct said said;
	char *text;
	unsigned int i;

	if (!have_memcg() || !have_scope())
		SKIP(return, "no memory cgroups, or no kprobe on out_of_memory()");
	spew(DEBUGFS "clear", "1");
	make_cgroup(GROUP, LIMIT_KB);
	/* Another CPU gives back what it has charged in advance when it likes. */
	use_cpu(0);
	for (i = 0; i < 3; i++)
		sits[i] = start_sitting_hog("-c " GROUP " -n sits -a -1000 -m %d", 1000 + 1000 * i);
	said = hear_nobody(_metadata);
	/* The hogs, and the process that wrote. */
	EXPECT_EQ(4, said.nr);
	text = read_calls(said.nobody);
	self->seen.text = text;
	check_page(_metadata, text);
	EXPECT_EQ(0, strncmp(text, "OOM call n", 10)) TH_LOG("%s", text);
	expect(_metadata, text, " found nobody to kill, ");
	expect(_metadata, text, "\nKilled: nobody; calls at this limit that found nobody, ");
	expect(_metadata, text, ", as far as told: %d, in ", said.nobody);
	expect(_metadata, text, "\nLimit: cgroup \"/report\"\n  usage %s, limit %s, swap ",
	       mib_of(said.usage_kb), mib_of(said.limit_kb));
	expect(_metadata, text, "\nMemory of the cgroup, ");
	expect(_metadata, text, "\nCandidates: -\nCould be chosen: 0; not: 4 at -1000, ");
	expect(_metadata, text, "\nProtected, 4 of 4 that have a record, in pages:\n");
	compare_protected(_metadata, text, &said);
	expect(_metadata, text, "\n  by a charge of its cgroup, order 0, gfp 0x");
	EXPECT_EQ(NULL, strstr(text, "After the kill"));
	stop_all(sits, 3);
	remove_cgroup(GROUP);
}

#define NR_TASKS 24

static int named[2];	/* a pipe: a byte for each task that has its name */

/* Each byte of such a name takes four columns. */
static void sit_with_name(int nr)
{
	char name[16] = "\033[2J\n\t\x80\xff\x01\x02\x03\x04\x05\x06\x07";

	spew("/proc/self/oom_score_adj", "%d", 900 + nr);
	prctl(PR_SET_NAME, name);
	if (write(named[1], "", 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

/* Names that need escapes, as many tasks as there are lines, and a long path: still a page. */
TEST_F(report, page)
{
	static const char name[] = "\\x1b[2J\\x0a\\x09\\x80\\xff"
				   "\\x01\\x02\\x03\\x04\\x05\\x06\\x07";
	pid_t pid[NR_TASKS], killed;
	const struct event *victim;
	char byte;
	int i;

	ASSERT_EQ(0, pipe(named));
	for (i = 0; i < NR_TASKS; i++)
		pid[i] = start_process(sit_with_name, i);
	for (i = 0; i < NR_TASKS; i++)
		ASSERT_EQ(1, read(named[0], &byte, 1));
	sysrq_oom();
	killed = pid[NR_TASKS - 1];
	EXPECT_TRUE(was_killed(killed));
	read_both(&self->seen);
	check_page(_metadata, self->seen.text);
	victim = find_event(&self->seen.all, "victim", "tgid", killed);
	ASSERT_NE(NULL, victim);
	expect(_metadata, self->seen.text, "\nKilled: pid %d, uid 0, \"%s\"\n", killed, name);
	EXPECT_LE(NR_TASKS, check_rows(_metadata, self->seen.text, &self->seen.all, "task"));
	/* Cut in the table, between two escapes. */
	expect(_metadata, self->seen.text, "  \"\\x1b[2J\\x0a\\x09\\x80\\xff\\x01\\x02\"...\n");
	stop_all(pid, NR_TASKS - 1);
}

TEST_F(report, path)
{
	char path[512], last[256];
	pid_t pid;

	if (!have_memcg())
		SKIP(return, NO_MEMCG);
	make_cgroup(GROUP, 0);
	cgroup_set(GROUP, "cgroup.subtree_control", "+memory");
	memset(last, 'p', 200);
	snprintf(last + 200, sizeof(last) - 200, "\a the end");
	snprintf(path, sizeof(path), GROUP "/%s", last);
	make_cgroup(path, LIMIT_KB);
	pid = fork_child();
	if (!pid) {
		cgroup_set(path, "cgroup.procs", "0");
		spew("/proc/self/oom_score_adj", "0");
		for (;;)
			memset(malloc(65536), 1, 65536);
	}
	EXPECT_TRUE(was_killed(pid));
	read_both(&self->seen);
	check_page(_metadata, self->seen.text);
	expect(_metadata, self->seen.text, "\nLimit: cgroup ...\"pppp");
	expect(_metadata, self->seen.text, "ppp\\x07 the end\"\n");
	remove_cgroup(path);
	remove_cgroup(GROUP);
}

static int choose(const char *text)
{
	return try_write(FILE_NAME, text, strlen(text));
}

/* Whether the report's first line begins so. */
static bool begins(const char *fmt, ...)
{
	char want[64], *text = slurp(FILE_NAME, NULL);
	va_list ap;
	bool is;

	va_start(ap, fmt);
	vsnprintf(want, sizeof(want), fmt, ap);
	va_end(ap);
	is = !strncmp(text, want, strlen(want));
	free(text);
	return is;
}

/* Whether the report is now about this kill. */
static bool is_about(long long oom)
{
	return begins("OOM kill %lld, ", oom);
}

static long long kill_one(struct __test_metadata *_metadata)
{
	pid_t pid = sysrq_kill_hog("-m 2000 -a 1000");
	struct events all;

	EXPECT_NE(0, pid);
	pause_ms(100);
	all = read_events("last");
	return num_of(find_event(&all, "victim", "tgid", pid), "oom");
}

TEST_F(report, number)
{
	static const char * const bad[] = {
		"abc", "-1", "1180591620717411303424", "1x", " 1", "1\n\n", "1 2", "0x1",
		"                              1", "+1", "n", "n0", "nn1", "n-1", "n+1",
		"n 1", "1n",
	};
	long long first = kill_one(_metadata), second = kill_one(_metadata);
	char text[32];
	unsigned int i;

	EXPECT_TRUE(is_about(second));
	snprintf(text, sizeof(text), "%lld\n", first);
	EXPECT_EQ(0, choose(text));
	EXPECT_TRUE(is_about(first));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		EXPECT_EQ(EINVAL, choose(bad[i])) TH_LOG("bad[%u]", i);
	EXPECT_EQ(EINVAL, try_write(FILE_NAME, "0\0", 2));
	snprintf(text, sizeof(text), "%lld", second + 1);
	EXPECT_EQ(ENOENT, choose(text));
	EXPECT_EQ(ENOENT, choose("18446744073709551615"));
	EXPECT_TRUE(is_about(first));
	EXPECT_EQ(0, choose("0"));
	EXPECT_TRUE(is_about(second));
	snprintf(text, sizeof(text), "%lld", first);
	EXPECT_EQ(0, choose(text));
	EXPECT_EQ(0, choose("\n"));
	EXPECT_TRUE(is_about(second));
}

/* The report is of the newest, a kill or a call that found nobody, or of what was chosen. */
TEST_F(report, choose_nobody)
{
	const struct event *call;
	struct events all;
	char chosen[32], bad[32];
	long long nr, kill;

	if (!have_memcg() || !have_scope())
		SKIP(return, "no memory cgroups, or no kprobe on out_of_memory()");
	spew(DEBUGFS "clear", "1");
	make_cgroup(GROUP, 1024);
	kill = kill_one(_metadata);
	EXPECT_TRUE(is_about(kill));
	fail_charges(GROUP, 1);
	all = read_events("events");
	call = first_event(&all, "nobody_oom");
	ASSERT_NE(NULL, call);
	nr = atoll(text_of(call, "oom") + 1);
	EXPECT_TRUE(begins("OOM call n%lld found nobody to kill, ", nr));
	snprintf(chosen, sizeof(chosen), "%lld", kill);
	EXPECT_EQ(0, choose(chosen));
	EXPECT_TRUE(is_about(kill));
	EXPECT_EQ(0, choose("0"));
	EXPECT_TRUE(begins("OOM call n%lld ", nr));
	kill = kill_one(_metadata);
	EXPECT_TRUE(is_about(kill));
	snprintf(chosen, sizeof(chosen), "n%lld\n", nr);
	EXPECT_EQ(0, choose(chosen));
	EXPECT_TRUE(begins("OOM call n%lld ", nr));
	/* A kill's number, though it has the bit that marks such a call. */
	snprintf(bad, sizeof(bad), "%llu", OOMWATCH_NOBODY | nr);
	EXPECT_EQ(ENOENT, choose(bad));
	snprintf(bad, sizeof(bad), "n%llu", OOMWATCH_NOBODY | nr);
	EXPECT_EQ(ENOENT, choose(bad));
	snprintf(bad, sizeof(bad), "n%lld", nr + 1);
	EXPECT_EQ(ENOENT, choose(bad));
	EXPECT_TRUE(begins("OOM call n%lld ", nr));
	spew(DEBUGFS "clear", "1");
	EXPECT_TRUE(begins("OOM call n%lld is not in the ring any more.\n", nr));
	EXPECT_EQ(0, choose("0"));
	EXPECT_TRUE(begins(NO_KILL));
	remove_cgroup(GROUP);
}

TEST_F(report, empty)
{
	long long oom = kill_one(_metadata);
	char text[80];

	spew(DEBUGFS "clear", "1");
	self->seen.text = slurp(FILE_NAME, NULL);
	EXPECT_STREQ(NO_KILL, self->seen.text);
	snprintf(text, sizeof(text), "%lld", oom);
	EXPECT_EQ(ENOENT, choose(text));
	/* A chosen kill that goes later. */
	oom = kill_one(_metadata);
	snprintf(text, sizeof(text), "%lld", oom);
	EXPECT_EQ(0, choose(text));
	spew(DEBUGFS "clear", "1");
	free(self->seen.text);
	self->seen.text = slurp(FILE_NAME, NULL);
	snprintf(text, sizeof(text), "OOM kill %lld is not in the ring any more.\n", oom);
	EXPECT_STREQ(text, self->seen.text);
}

TEST_HARNESS_MAIN
