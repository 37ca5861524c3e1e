// SPDX-License-Identifier: GPL-2.0
/*
 * What a dry run would say if a process had another oom_score_adj, or a cgroup another limit: the
 * scores are computed anew by the rule of mm/oom_kill.c: oom_badness().
 */
#include <errno.h>
#include <linux/kcmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "kill.h"
#include "tool.h"
#include "whatif.h"

#define ADJ_MIN (-1000)
#define ADJ_MAX 1000

/* --- what is asked -------------------------------------------------------------------------- */

static bool read_int(const char **text, long least, long most, long *value)
{
	char *end;

	errno = 0;
	*value = strtol(*text, &end, 10);
	if (errno || end == *text || *value < least || *value > most)
		return false;
	*text = end;
	return true;
}

static void parse_adj(struct what_if *what, const char *text)
{
	const char *at = text;
	long pid, adj;

	if (!read_int(&at, 1, 0x7fffffff, &pid) || *at++ != '=' ||
	    !read_int(&at, ADJ_MIN, ADJ_MAX, &adj) || *at)
		die(EXIT_USAGE, "--if takes PID=ADJ, with an ADJ from -1000 to 1000, such as 1234=500, not \"%s\"",
		    text);
	what->pid = pid;
	what->adj = adj;
}

/* A size as memory.max takes it, in whole pages. */
static bool read_size(const char *text, __u64 *pages)
{
	static const char units[] = "KMGT";
	const char *unit;
	__u64 bytes;
	char *end;

	if (!strcmp(text, "max")) {
		*pages = OOMWATCH_NO_LIMIT;
		return true;
	}
	errno = 0;
	bytes = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9')
		return false;
	unit = *end ? strchr(units, *end & ~0x20) : NULL;
	if (*end && (!unit || end[1] ||
		     __builtin_mul_overflow(bytes, 1ULL << 10 * (unit - units + 1), &bytes)))
		return false;
	*pages = bytes / sysconf(_SC_PAGESIZE);
	return true;
}

static void parse_max(struct what_if *what, const char *text)
{
	const char *equals = strrchr(text, '=');

	if (!equals || equals == text || !read_size(equals + 1, &what->max))
		die(EXIT_USAGE, "--if-max takes CGROUP=SIZE, with a SIZE such as 512M or 2G, not \"%s\"",
		    text);
	what->memcg = cgroup_meant(format_words("%.*s", (int)(equals - text), text));
}

void what_if_parse(struct what_if *what, const char *adj, const char *max)
{
	*what = (struct what_if) { };
	if (adj)
		parse_adj(what, adj);
	if (max)
		parse_max(what, max);
}

/* --- totalpages --------------------------------------------------------------------------- */

static bool has_swappiness(void)
{
	FILE *file = fopen("/proc/sys/vm/swappiness", "re");
	unsigned int swappiness = 1;

	if (file) {
		if (fscanf(file, "%u", &swappiness) != 1)
			swappiness = 1;
		fclose(file);
	}
	return swappiness;
}

/* As mm/oom_kill.c: constrained_alloc() and mm/memcontrol.c: mem_cgroup_get_max(), of v2. */
static __u64 totalpages(const char *memcg, __u64 max)
{
	__u64 page_size = sysconf(_SC_PAGESIZE), swap, limit;
	struct sysinfo info;

	if (sysinfo(&info))
		die(EXIT_FAILED, "sysinfo: %s", why_not(errno));
	swap = (__u64)info.totalswap * info.mem_unit / page_size;
	if (!memcg)
		return (__u64)info.totalram * info.mem_unit / page_size + swap;
	limit = cgroup_swap_limit(memcg);
	if (is_known(limit) && limit < swap)
		swap = limit;
	return max + (has_swappiness() ? swap : 0) ?: 1;
}

/* --- scores ---------------------------------------------------------------------------------- */

static bool is_candidate(const struct record *rec) { return rec->head.type == OOMWATCH_TYPE_TASK; }

static bool is_listed(const struct record *rec)
{
	return is_candidate(rec) || rec->head.type == OOMWATCH_TYPE_PROTECTED;
}

/* Only its own memory counts, so a process has the same figures under each limit. */
static void rescore(struct record *rec, __u64 total)
{
	struct oomwatch_victim *task = &rec->victim;
	__u64 size = sum_of(task->score_rss, task->score_swap, task->score_pgtables);

	if (!is_known(size))
		die(EXIT_FAILED, "the score of pid %d has no terms; the module and this program may differ in version",
		    task->process.tgid);
	task->score_adj = (__s64)task->process.oom_score_adj * (__s64)(total / 1000);
	task->process.points = (__s64)size + task->score_adj;
}

static void set_adj(struct what_if *what, struct record *rec)
{
	struct oomwatch_process *process = &rec->victim.process;

	process->oom_score_adj = what->adj;
	rec->head.type = what->adj == ADJ_MIN ? OOMWATCH_TYPE_PROTECTED : OOMWATCH_TYPE_TASK;
	/* Nobody has set it. */
	rec->set_by.comm[OOMWATCH_COMM_LEN - 1] = 1;
	what->changed = grow(what->changed, what->nr_changed, sizeof(*what->changed));
	what->changed[what->nr_changed++] = rec;
}

bool what_if_changed(const struct what_if *what, const struct record *rec)
{
	size_t i;

	for (i = 0; i < what->nr_changed; i++)
		if (what->changed[i] == rec)
			return true;
	return false;
}

static bool shares_mm(const struct record *a, const struct record *b)
{
	long order;

	if (!has_flag(&b->victim.process, OOMWATCH_TASK_SHARES_MM))
		return false;
	order = syscall(SYS_kcmp, a->victim.process.pid, b->victim.process.pid, KCMP_VM, 0UL, 0UL);
	if (order < 0 && errno != ESRCH)
		die(EXIT_FAILED, "pid %d shares its memory; whether pid %d does, which would then get its oom_score_adj, is not known: kcmp(): %s",
		    a->victim.process.tgid, b->victim.process.tgid, why_not(errno));
	return !order;
}

/* As fs/proc/base.c: __set_oom_adj(): those that share its memory get the value, too, but init. */
static void change_adj(struct what_if *what, struct capture *capture)
{
	struct record *rec, *found = NULL;
	size_t i;

	for (i = 0; i < capture->nr_records; i++) {
		rec = capture->records[i];
		if (is_listed(rec) && (rec->victim.process.tgid == what->pid ||
				       rec->victim.process.pid == what->pid))
			found = rec;
	}
	if (!found && kill(what->pid, 0) && errno == ESRCH)
		die(EXIT_FAILED, "there is no process %d; oomwatch who shows those that could be chosen",
		    what->pid);
	if (!found || found->victim.process.tgid == 1)
		die(EXIT_FAILED, "process %d is none that can be chosen here, whatever its oom_score_adj; oomwatch who shows those that can be",
		    what->pid);
	what->old_adj = found->victim.process.oom_score_adj;
	what->rec = found;
	set_adj(what, found);
	if (!has_flag(&found->victim.process, OOMWATCH_TASK_SHARES_MM))
		return;
	for (i = 0; i < capture->nr_records; i++) {
		rec = capture->records[i];
		if (rec != found && is_listed(rec) && rec->victim.process.tgid != 1 &&
		    shares_mm(found, rec))
			set_adj(what, rec);
	}
}

/* --- the ranking ----------------------------------------------------------------------------- */

struct place {
	struct record *rec;
	size_t at;			/* before: of equal scores, the order stays */
};

static bool is_above(const struct record *a, const struct record *b)
{
	bool origin = has_flag(&a->victim.process, OOMWATCH_TASK_ORIGIN);

	if (origin != has_flag(&b->victim.process, OOMWATCH_TASK_ORIGIN))
		return origin;
	return a->victim.process.points > b->victim.process.points;
}

static int by_score(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (is_above(x->rec, y->rec))
		return -1;
	return is_above(y->rec, x->rec) || x->at > y->at ? 1 : -1;
}

/* Sorts the candidates among the records, and gives them their ranks. */
static void rank_again(struct capture *capture, __u64 total)
{
	struct place *places = allocate((capture->nr_records + 1) * sizeof(*places));
	size_t i, nr = 0, next = 0;

	for (i = 0; i < capture->nr_records; i++) {
		struct record *rec = capture->records[i];

		if (!is_candidate(rec))
			continue;
		rescore(rec, total);
		places[nr++] = (struct place) { rec, i };
	}
	qsort(places, nr, sizeof(*places), by_score);
	for (i = 0; i < capture->nr_records; i++) {
		if (!is_candidate(capture->records[i]))
			continue;
		places[next].rec->victim.process.rank = next + 1;
		places[next].at = i;
		next++;
	}
	for (i = 0; i < nr; i++)
		capture->records[places[i].at] = places[i].rec;
	free(places);
	capture_sort(capture);
}

/* --- a cgroup that has no limit now ----------------------------------------------------------- */

/* Of the machine's candidates those in the cgroup. */
static void keep_within(struct capture *capture, const char *memcg)
{
	const struct episode *episode = &capture->episodes[0];
	size_t i, nr = 0;

	if (!episode->excluded ||
	    count_of(episode, OOMWATCH_TYPE_TASK) < episode->excluded->excluded.eligible)
		die(EXIT_FAILED, "%s has no limit now, so only processes among the machine's largest are known, and that is not all of them; give it one, if only a large one, and ask again",
		    memcg);
	for (i = 0; i < capture->nr_records; i++) {
		struct record *rec = capture->records[i];

		if (is_listed(rec) &&
		    is_below(ref_bytes(rec, rec->victim.process.memcg), comm_bytes(memcg)))
			capture->records[nr++] = rec;
		else
			free(rec);
	}
	capture->nr_records = nr;
	capture_sort(capture);
}

/* Reads the dry run that the question about a limit is about. */
void what_if_read(const struct what_if *what, struct capture *capture)
{
	bool limited = cgroup_limit(what->memcg) != OOMWATCH_NO_LIMIT;

	read_candidates(capture, limited ? what->memcg : NULL);
	if (!limited && capture->nr_episodes)
		keep_within(capture, what->memcg);
}

/* memcg: whose limit it is about; NULL: the machine. */
void what_if_apply(struct what_if *what, struct capture *capture, const char *memcg)
{
	__u64 max = what->memcg ? what->max : memcg ? cgroup_limit(memcg) : 0;

	words_scope();
	if (what->memcg && max == OOMWATCH_NO_LIMIT)
		die(EXIT_USAGE, "without a limit %s can't reach one; oomwatch who tells of the machine",
		    memcg);
	if (memcg && !is_known(max))
		die(EXIT_FAILED, "%s: its limit (memory.max) can't be read; is cgroup v2 mounted?",
		    memcg);
	if (what->pid)
		change_adj(what, capture);
	rank_again(capture, totalpages(memcg, max));
}

/* Such as: /shop had a limit of 64.0 MiB and not 24.0 MiB, and a (pid 7) had ... */
const char *words_what_if(const struct what_if *what)
{
	const char *adj = "", *max = "";
	__u64 page_size = sysconf(_SC_PAGESIZE), now;

	if (what->pid)
		adj = format_words("%s (pid %d) had an oom_score_adj of %d and not %d",
				   words_comm(what->rec->victim.process.comm), what->pid, what->adj,
				   what->old_adj);
	if (what->nr_changed > 1)
		adj = format_words("%s, as then %s its memory would", adj,
				   plural(what->nr_changed - 1, "other that shares",
					  "others that share"));
	if (!what->memcg)
		return adj;
	now = cgroup_limit(what->memcg);
	max = format_words("%s had a limit of %s and %s", words_escaped(comm_bytes(what->memcg)),
			   words_size(what->max * page_size),
			   is_known(now) ? format_words("not %s", words_size(now * page_size)) :
			   "not none");
	return *adj ? format_words("%s, and %s", max, adj) : max;
}
