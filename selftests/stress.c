// SPDX-License-Identifier: GPL-2.0
/*
 * stress-ng's memory stressors, in cgroups and on the whole machine, with a reader of records that
 * keeps up. The test does not choose the victims. In the end the records are compared with the
 * kernel's log, /proc/vmstat and memory.events.
 *
 * Runs for OOMWATCH_STRESS seconds. It is not run by default, as it takes minutes and needs
 * stress-ng: see scripts/torture.
 */
#include "harness.h"

#define DEFAULT_SECONDS 60
/* Each stress-ng runs for SLICE_SECONDS, and then has GRACE_SECONDS to end by itself. */
#define SLICE_SECONDS 12
#define GRACE_SECONDS 6
/* After this pause the kernel's next report says how many the rate limit kept back. */
#define RATELIMIT_MS 5500
#define MAX_KILLS 20000
#define TOP CGROUPS "/stress"

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
	require_memcg();
	if (!have_scope())
		skip_program(NO_SCOPE);
	if (system("stress-ng --version >/dev/null 2>&1"))
		skip_program("no stress-ng");
}

/* --- the stressors ----------------------------------------------------------------- */

/*
 * By default stress-ng protects its processes (-1000), except for those that take memory: these
 * have 1000, and are started again when they were killed. With --oomable all have 1000, and
 * none is started again. With --no-oom-adjust all keep the value that they have here. brk and
 * fork never take much: they are more candidates.
 */
static const struct work {
	const char *cgroup;
	unsigned int limit_mib;	/* 0: none, so that the machine runs out of memory */
	bool group;		/* memory.oom.group */
	unsigned int uid;
	int adj;
	const char *args;
} works[] = {
	{ "vm", 24, .args = "--vm 2 --vm-bytes 64M --vm-keep" },
	{ "machine-vm", 0, .args = "--vm 2 --vm-bytes 100%" },
	{ "brk", 16, .args = "--brk 2 --bigheap 1 --bigheap-growth 256K" },
	{ "bigheap", 24, .args = "--bigheap 2 --bigheap-growth 512K" },
	{ "machine-bigheap", 0, .args = "--bigheap 1 --bigheap-growth 4M --fork 1" },
	{ "mmap", 24, .args = "--mmap 2 --mmap-bytes 96M" },
	{ "fork", 16, .args = "--fork 2 --bigheap 1 --bigheap-growth 64K" },
	{ "machine-all", 0, .args = "--vm 1 --vm-bytes 50% --brk 1 --mmap 1 --mmap-bytes 100%" },
	{ "oomable", 24, .args = "--vm 1 --vm-bytes 64M --brk 1 --bigheap 1 --fork 1 --oomable" },
	{ "group", 24, .group = true, .args = "--bigheap 2 --bigheap-growth 256K --oomable" },
	{ "machine-oomable", 0, .args = "--bigheap 2 --bigheap-growth 4M --oomable" },
	{ "user", 24, .uid = 1000, .adj = 100,
	  .args = "--vm 1 --vm-bytes 64M --brk 1 --fork 1 --no-oom-adjust" },
	{ "shm", 24, .uid = 33, .adj = -100,
	  .args = "--mmap 1 --mmap-bytes 48M --shm 1 --no-oom-adjust" },
};

#define NR_WORKS ((int)(sizeof(works) / sizeof(*works)))
#define NR_SLOTS 3		/* works that run at once */

static time_t end_time;

static const char *cgroup_of(const struct work *work)
{
	static char path[128];

	snprintf(path, sizeof(path), TOP "/%s", work->cgroup);
	return path;
}

/* stress-ng ends when its time is over, or earlier if it has no process left to start. */
static pid_t start_stress(const struct work *work)
{
	char line[256], *argv[32] = { "stress-ng" };
	pid_t pid = fork_child();
	int n = 1, null;

	if (pid)
		return pid;
	cgroup_set(cgroup_of(work), "cgroup.procs", "0");
	spew("/proc/self/oom_score_adj", "%d", work->adj);
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (work->uid && (setgid(work->uid) || setuid(work->uid)))
		err(1, "setuid");
	snprintf(line, sizeof(line), "--temp-path /tmp --timeout %d %s", SLICE_SECONDS, work->args);
	for (argv[n] = strtok(line, " "); argv[n]; argv[n] = strtok(NULL, " "))
		n++;
	execvp(*argv, argv);
	err(1, "stress-ng");
}

/* True if there was a process. */
static bool kill_all_in(const struct work *work)
{
	char path[160], *procs, *at;
	bool found;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup_of(work));
	procs = slurp(path, NULL);
	found = *procs;
	for (at = strtok(procs, "\n"); at; at = strtok(NULL, "\n"))
		kill(atoi(at), SIGKILL);
	free(procs);
	return found;
}

/* Runs stress-ng again and again until the time is over; kills what it leaves behind. */
static void run_slice(const struct work *work)
{
	time_t until = time(NULL) + SLICE_SECONDS;
	pid_t pid;

	if (until > end_time)
		until = end_time;
	while (time(NULL) < until) {
		pid = start_stress(work);
		while (!waitpid(pid, NULL, WNOHANG)) {
			if (time(NULL) >= until + GRACE_SECONDS)
				kill_all_in(work);
			pause_ms(100);
		}
		while (kill_all_in(work))
			pause_ms(50);
	}
}

static void run_slot(int slot)
{
	int i;

	for (i = slot; time(NULL) < end_time; i += NR_SLOTS)
		run_slice(&works[i % NR_WORKS]);
}

static void make_cgroups(void)
{
	int i;

	make_cgroup(TOP, 0);
	cgroup_set(TOP, "cgroup.subtree_control", "+memory");
	for (i = 0; i < NR_WORKS; i++) {
		make_cgroup(cgroup_of(&works[i]), works[i].limit_mib * 1024);
		if (works[i].group)
			cgroup_set(cgroup_of(&works[i]), "memory.oom.group", "1");
	}
}

static void remove_cgroups(void)
{
	int i;

	for (i = 0; i < NR_WORKS; i++)
		remove_cgroup(cgroup_of(&works[i]));
	remove_cgroup(TOP);
}

/* --- what oomwatch says ------------------------------------------------------------- */

struct episode {
	unsigned long long id;
	struct oomwatch_oom oom;
	char memcg[128];
};

struct victim {
	unsigned long long oom;
	struct oomwatch_process process;
	char memcg[128];
	int said;		/* number of "Killed process" lines in the log */
};

static struct episode episode[MAX_KILLS];
static struct victim victim[MAX_KILLS];
static int nr_episodes, nr_victims, nr_ends, nr_exits;
static unsigned long long kills_of_ends;
static struct tally tally;

static void text_at(const void *record, struct oomwatch_ref ref, char to[128])
{
	snprintf(to, 128, "%.*s", ref.len, (const char *)record + ref.off);
}

static void take_record(const struct oomwatch_head *head)
{
	const struct oomwatch_victim *v = (const void *)head;
	const struct oomwatch_oom *o = (const void *)head;
	const struct oomwatch_end *e = (const void *)head;

	switch (head->type) {
	case OOMWATCH_TYPE_OOM:
		episode[nr_episodes].oom = *o;
		text_at(o, o->memcg, episode[nr_episodes].memcg);
		episode[nr_episodes++].id = head->oom;
		break;
	case OOMWATCH_TYPE_VICTIM:
		victim[nr_victims].oom = head->oom;
		victim[nr_victims].process = v->process;
		text_at(v, v->process.memcg, victim[nr_victims++].memcg);
		break;
	case OOMWATCH_TYPE_EXIT:
		nr_exits++;
		break;
	case OOMWATCH_TYPE_END:
		nr_ends++;
		kills_of_ends += e->kills;
		break;
	}
	if (nr_episodes == MAX_KILLS || nr_victims == MAX_KILLS)
		errx(1, "too many kills");
}

static void read_records(int fd)
{
	static char buf[1 << 16];
	const struct oomwatch_head *head;
	const char *at;
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (at = buf; at < buf + n; at += head->len) {
			head = (const void *)at;
			if (tally_record(&tally, head))
				take_record(head);
		}
	}
	if (n < 0 && errno != EAGAIN)
		err(1, "reading records");
}

static struct victim *victim_of(int pid)
{
	int i;

	for (i = 0; i < nr_victims; i++)
		if (victim[i].process.pid == pid)
			return &victim[i];
	return NULL;
}

static struct victim *victim_of_process(int tgid)
{
	int i;

	for (i = 0; i < nr_victims; i++)
		if (victim[i].process.tgid == tgid)
			return &victim[i];
	return NULL;
}

static const struct episode *episode_of(const struct victim *v)
{
	int i;

	for (i = 0; i < nr_episodes; i++)
		if (episode[i].id == v->oom)
			return &episode[i];
	return NULL;
}

static bool was_dying(const struct victim *v)
{
	return v->process.flags & OOMWATCH_TASK_DYING;
}

/* --- what the kernel says ----------------------------------------------------------- */

static struct killed killed[MAX_KILLS];
static struct summary summary[MAX_KILLS];
static int nr_killed, nr_summaries, nr_gone;
static long long nr_suppressed, nr_lines;

static void listen_to(int kmsg)
{
	char line[KMSG_MAX], *at;

	while (kmsg_line(kmsg, line)) {
		nr_lines++;
		nr_killed += hear_killed(line, &killed[nr_killed]);
		nr_summaries += hear_summary(line, &summary[nr_summaries]);
		nr_gone += !!strstr(line, " is already exited. Skip killing the task");
		at = strstr(line, "oom_kill_process: ");
		if (at && strstr(at, " callbacks suppressed"))
			nr_suppressed += number_behind(at, "oom_kill_process: ");
		if (nr_killed == MAX_KILLS || nr_summaries == MAX_KILLS)
			errx(1, "too many kills");
	}
}

/* --- the comparison ----------------------------------------------------------------- */

/* For what threads have not added to the counters yet, and for file pages that are reclaimed. */
#define SLACK_KB (72 * 4)

static int nr_exact, nr_near, nr_moved;

static bool near_kb(long long there, unsigned long long pages)
{
	return llabs(there - (long long)(pages * (sysconf(_SC_PAGESIZE) / 1024))) <= SLACK_KB;
}

/* A task that asked for its own kill can't run meanwhile. Others may take and free memory. */
static void compare_figures(struct __test_metadata *_metadata, const struct victim *v,
			    const struct killed *k)
{
	const struct oomwatch_process *p = &v->process;
	const struct episode *e = episode_of(v);
	bool near = near_kb(k->total_vm, p->total_vm) && near_kb(k->anon, p->anon_rss) &&
		    near_kb(k->file, p->file_rss) && near_kb(k->shmem, p->shmem_rss) &&
		    llabs(k->pgtables - (long long)p->pgtables / 1024) <= SLACK_KB;

	if (p->threads == 1 && e && e->oom.tgid == p->tgid) {
		nr_exact++;
		EXPECT_TRUE(near) TH_LOG("figures of pid %d, which asked for its own kill", k->pid);
		EXPECT_EQ(k->total_vm, (long long)p->total_vm * sysconf(_SC_PAGESIZE) / 1024);
		EXPECT_EQ(k->pgtables, (long long)p->pgtables / 1024);
	} else if (near) {
		nr_near++;
	} else {
		nr_moved++;
	}
}

/* Each line of the log has its victim. Returns how many are not the first of a victim. */
static long long compare_killed(struct __test_metadata *_metadata)
{
	long long again = 0;
	int i;

	for (i = 0; i < nr_killed; i++) {
		const struct killed *k = &killed[i];
		struct victim *v = victim_of(k->pid);

		EXPECT_NE(NULL, v) TH_LOG("no victim record of pid %d (%s)", k->pid, k->comm);
		if (!v)
			continue;
		if (v->said++ || was_dying(v)) {
			again++;
			continue;
		}
		EXPECT_STREQ(k->comm, v->process.comm);
		EXPECT_EQ(k->uid, v->process.uid);
		EXPECT_EQ(k->adj, v->process.oom_score_adj) TH_LOG("pid %d", k->pid);
		compare_figures(_metadata, v, k);
	}
	return again;
}

/* Each victim has its line in the log. */
static int compare_victims(struct __test_metadata *_metadata)
{
	int i, dying = 0;

	for (i = 0; i < nr_victims; i++) {
		struct victim *v = &victim[i];

		dying += was_dying(v);
		EXPECT_TRUE(v->said || was_dying(v))
			TH_LOG("the kernel does not say that it killed %d (%s)", v->process.pid,
			       v->process.comm);
		EXPECT_EQ(v, victim_of(v->process.pid));
		EXPECT_NE(NULL, episode_of(v));
	}
	return dying;
}

/* The log's reports of kills, which have a rate limit. Some are of a task that had gone by then. */
static void compare_summaries(struct __test_metadata *_metadata)
{
	static const char * const names[] = {
		[OOMWATCH_CONSTRAINT_NONE] = "CONSTRAINT_NONE",
		[OOMWATCH_CONSTRAINT_CPUSET] = "CONSTRAINT_CPUSET",
		[OOMWATCH_CONSTRAINT_MEMORY_POLICY] = "CONSTRAINT_MEMORY_POLICY",
		[OOMWATCH_CONSTRAINT_MEMCG] = "CONSTRAINT_MEMCG",
	};
	int i, gone = 0;

	for (i = 0; i < nr_summaries; i++) {
		const struct summary *s = &summary[i];
		const struct victim *v = victim_of_process(s->pid);
		const struct episode *e = v ? episode_of(v) : NULL;

		if (!e) {
			gone++;
			continue;
		}
		EXPECT_STREQ(s->constraint, names[e->oom.constraint]);
		EXPECT_STREQ(s->oom_memcg, e->memcg);
		EXPECT_STREQ(s->task_memcg, v->memcg);
		EXPECT_EQ(s->uid, (int)v->process.uid);
		EXPECT_STREQ(s->trigger, e->oom.comm);
		EXPECT_EQ(s->gfp_mask, e->oom.gfp_mask);
		EXPECT_EQ(s->order, e->oom.order);
		EXPECT_EQ(s->trigger_adj, e->oom.oom_score_adj);
	}
	EXPECT_GE(nr_gone, gone);
}

/* The kernel counts SIGKILLs in the victim's cgroup and all above it. */
static void compare_memory_events(struct __test_metadata *_metadata, const struct work *work)
{
	char file[160], path[128];
	int i, n = 0;

	snprintf(path, sizeof(path), "/stress/%s", work->cgroup);
	for (i = 0; i < nr_victims; i++)
		if (!strcmp(victim[i].memcg, path))
			n += victim[i].said;
	snprintf(file, sizeof(file), "%s/memory.events", cgroup_of(work));
	EXPECT_EQ(number_in(file, "oom_kill "), n) TH_LOG("%s", path);
	TH_LOG("%s: %d kills", path, n);
}

/* --- the run ------------------------------------------------------------------------ */

FIXTURE(stress) {
	int kmsg, records;
	long long kills, ours, rekills, written, killed, gone, pid_max;
};

FIXTURE_SETUP(stress)
{
	knob_set("ring_kb", 4096);
	knob_set("storm_ring_kb", 4096);
	/* No pid is used twice. */
	self->pid_max = number_in("/proc/sys/kernel/pid_max", NULL);
	spew("/proc/sys/kernel/pid_max", "4194304");
	spew(DEBUGFS "clear", "1");
	make_cgroups();
	self->kmsg = kmsg_open();
	self->records = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, self->records);
	read_records(self->records);
	tally.received = 0;
	self->kills = vmstat_kills();
	self->ours = our_kills();
	self->rekills = stat_of("rekills");
	self->written = stat_of("records_written");
	self->killed = stat_of("outcome_killed");
	self->gone = stat_of("outcome_gone");
}

FIXTURE_TEARDOWN(stress)
{
	close(self->records);
	close(self->kmsg);
	remove_cgroups();
	spew("/proc/sys/kernel/pid_max", "%lld", self->pid_max);
	reset_machine();
}

static void read_all(int kmsg, int records, int ms)
{
	struct pollfd ready[] = {
		{ .fd = records, .events = POLLIN }, { .fd = kmsg, .events = POLLIN },
	};

	poll(ready, 2, ms);
	read_records(records);
	listen_to(kmsg);
}

static int wanted_seconds(void)
{
	const char *wanted = getenv("OOMWATCH_STRESS");

	return wanted && atoi(wanted) > 0 ? atoi(wanted) : DEFAULT_SECONDS;
}

/* Reads while the stressors run, and until the kernel says how many reports it kept back. */
static void run(struct __test_metadata *_metadata, int kmsg, int records)
{
	pid_t slot[NR_SLOTS];
	int i, status;
	time_t until;

	end_time = time(NULL) + wanted_seconds();
	for (i = 0; i < NR_SLOTS; i++)
		slot[i] = start_process(run_slot, i);
	while (time(NULL) < end_time)
		read_all(kmsg, records, 200);
	for (i = 0; i < NR_SLOTS; i++) {
		while (!waitpid(slot[i], &status, WNOHANG))
			read_all(kmsg, records, 200);
		EXPECT_EQ(0, status);
	}
	until = time(NULL) + RATELIMIT_MS / 1000 + 1;
	while (time(NULL) < until)
		read_all(kmsg, records, 200);
	EXPECT_TRUE(oom_kill_hog("-c " TOP "/vm"));
	pause_ms(3000);
	read_all(kmsg, records, 0);
}

TEST_F_TIMEOUT(stress, beside, NO_TIMEOUT)
{
	long long again, kills, reports, killed_episodes;
	int i, dying;

	run(_metadata, self->kmsg, self->records);
	kills = vmstat_kills() - self->kills;
	again = compare_killed(_metadata);
	dying = compare_victims(_metadata);
	compare_summaries(_metadata);
	EXPECT_LE(wanted_seconds() / 6, kills);
	EXPECT_EQ(kills, nr_killed);
	EXPECT_EQ(kills, our_kills() - self->ours);
	EXPECT_EQ(again, stat_of("rekills") - self->rekills);
	EXPECT_EQ(0, tally.missed);
	EXPECT_EQ(stat_of("records_written") - self->written, tally.received);
	EXPECT_EQ(nr_victims, nr_exits);
	EXPECT_EQ(nr_episodes, nr_ends);
	EXPECT_EQ(kills, kills_of_ends);
	/* Few victims can have changed between the kernel's look at them and oomwatch's. */
	EXPECT_GE(nr_near / 10 + 3, nr_moved);
	/* For each choice the kernel has a report, or counts one that it kept back. */
	reports = nr_summaries + nr_suppressed;
	killed_episodes = stat_of("outcome_killed") - self->killed;
	EXPECT_LE(killed_episodes, reports);
	EXPECT_GE(killed_episodes + stat_of("outcome_gone") - self->gone, reports);
	for (i = 0; i < NR_WORKS; i++)
		compare_memory_events(_metadata, &works[i]);
	TH_LOG("%lld kills, %lld of victims killed before; %d victims in %d episodes, %d dying",
	       kills, again, nr_victims, nr_episodes, dying);
	TH_LOG("the log: %lld lines, %d kills, %d reports, %lld kept back, %d gone", nr_lines,
	       nr_killed, nr_summaries, nr_suppressed, nr_gone);
	TH_LOG("figures: %d of tasks that asked for their own kill, %d near, %d moved", nr_exact,
	       nr_near, nr_moved);
	TH_LOG("%llu records received, %llu missed; oomwatch took at most %lld us in a kill",
	       tally.received, tally.missed, stat_of("capture_ns_max") / 1000);
}

TEST_HARNESS_MAIN
