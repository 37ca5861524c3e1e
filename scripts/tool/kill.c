// SPDX-License-Identifier: GPL-2.0
/* Figures of a kill that its descriptions are made of. */
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "tool.h"

/* --- values --------------------------------------------------------------------------- */

/* Unknown if one of the three is unknown. */
__u64 sum_of(__u64 a, __u64 b, __u64 c)
{
	return is_known(a) && is_known(b) && is_known(c) ? a + b + c : OOMWATCH_UNKNOWN_U64;
}

/* Known, and not 0. */
bool is_some(__u32 n)
{
	return n && n != OOMWATCH_UNKNOWN_U32;
}

__u64 resident(const struct oomwatch_process *process)
{
	return sum_of(process->anon_rss, process->file_rss, process->shmem_rss);
}

const char *words_pid(const struct oomwatch_process *process)
{
	return words_id(process->tgid == OOMWATCH_UNKNOWN_S32 ? process->pid : process->tgid);
}

__u64 pages_of_bytes(const struct record *rec, __u64 bytes)
{
	return is_known(bytes) ? bytes / rec->stream->page_size : OOMWATCH_UNKNOWN_U64;
}

/* A number of pages that no machine has is unknown, too. */
__u64 bytes_of_pages(const struct record *rec, __u64 pages)
{
	return pages < OOMWATCH_NO_LIMIT / rec->stream->page_size ?
		pages * rec->stream->page_size : OOMWATCH_UNKNOWN_U64;
}

const char *words_piece(const struct record *rec)
{
	__u64 pages = 1ULL << rec->oom.order;

	if (!rec->stream->log)
		return words_pages(rec, pages);
	return rec->page_kb ? words_size(pages * rec->page_kb * 1024) :
		plural(pages, "page", "pages");
}

/* From then to the record. An event while the record was being made counts as 0 ns before it. */
__u64 ns_since(const struct record *rec, __u64 then)
{
	if (then == OOMWATCH_UNKNOWN_U64)
		return then;
	return rec->head.time_ns > then ? rec->head.time_ns - then : 0;
}

/* Whole seconds, by the dates of a log: of one day only, as these have no year or zone. */
static __u64 ns_by_dates(const struct record *from, const struct record *to)
{
	return !from->date.day || from->date.day != to->date.day ||
	       from->date.second > to->date.second ? OOMWATCH_UNKNOWN_U64 :
		(to->date.second - from->date.second) * 1000000000ULL;
}

bool is_by_dates(const struct record *rec)
{
	return rec->head.time_ns == OOMWATCH_UNKNOWN_U64 && rec->real_ns == OOMWATCH_UNKNOWN_U64;
}

static __s64 seconds_from(__u64 from, __u64 to)
{
	return (__s64)(to - from) / (__s64)SECOND_NS;
}

/* Whether two times in seconds are so far apart that rounding and clocks do not explain it. */
static bool differ(__s64 a, __s64 b) { return llabs(a - b) > 5; }

/*
 * Whether the second date is that many seconds after the first, as far as it can be known: how long
 * the month is, is not.
 */
static bool is_day_after(const struct log_date *from, const struct log_date *to, __s64 apart)
{
	const __s64 day = 24 * 60 * 60;
	__s64 days;

	for (days = apart / day; days <= apart / day + 1; days++)
		if (days && !differ(days * day + to->second - from->second, apart))
			return to->of_month == from->of_month + days ||
				(from->of_month + days > 28 && to->of_month <= days);
	return false;
}

/*
 * Whether the clock tells the same of two records of a log as their times since boot. It does not
 * after another boot, which the log need not tell, or after a sleep of the machine.
 */
static bool clocks_agree(const struct record *from, const struct record *to)
{
	__s64 apart = seconds_from(from->head.time_ns, to->head.time_ns);

	if (apart < 0)
		return clocks_agree(to, from);
	if (is_known(from->real_ns) && is_known(to->real_ns))
		return !differ(seconds_from(from->real_ns, to->real_ns), apart);
	if (!from->date.day || !to->date.day)
		return from->stream == to->stream;
	if (from->date.day == to->date.day)
		return !differ((__s64)to->date.second - from->date.second, apart);
	return is_day_after(&from->date, &to->date, apart);
}

/* Whether times since boot tell how far two records are apart. */
static bool is_of_one_boot(const struct record *from, const struct record *to)
{
	if (!is_known(from->head.time_ns) || !is_known(to->head.time_ns))
		return false;
	if (!from->stream->log || !to->stream->log)
		return from->stream->log == to->stream->log;
	if (!may_be_one_host(from->log_host, to->log_host))
		return false;
	return from->log_boot == to->log_boot && clocks_agree(from, to);
}

__u64 ns_between(const struct record *from, const struct record *to)
{
	bool one = is_of_one_boot(from, to);
	__u64 a = one ? from->head.time_ns : from->real_ns;
	__u64 b = one ? to->head.time_ns : to->real_ns;

	/* One of the clocks is wrong, or the log does not tell that there were two boots. */
	if (!one && is_known(from->head.time_ns) && is_known(to->head.time_ns) &&
	    from->log_boot == to->log_boot && (!is_known(a) || !is_known(b)))
		return OOMWATCH_UNKNOWN_U64;
	if (!is_known(a) || !is_known(b))
		return ns_by_dates(from, to);
	return b < a ? OOMWATCH_UNKNOWN_U64 : b - a;
}

const char *words_apart(const struct record *from, const struct record *to)
{
	__u64 ns = ns_between(from, to);

	if (!is_known(ns) || (to->stream->log && !ns))
		return NULL;
	return (to->stream->coarse || ns % SECOND_NS == 0) && ns < 60 * SECOND_NS ?
		format_words("%llu s", ns / 1000000000) : words_duration(ns);
}

const char *words_when(const struct episode *episode)
{
	__u64 ns = episode->of[0]->head.time_ns;

	if (!episode->stream->log || episode_ns(episode) != OOMWATCH_UNKNOWN_U64)
		return words_time(episode_ns(episode));
	if (*episode->of[0]->date.text)
		return words_escaped(comm_bytes(episode->of[0]->date.text));
	if (ns == OOMWATCH_UNKNOWN_U64)
		return "-";
	return format_words("boot + %llu%s s", ns / 1000000000, episode->stream->coarse ? "" :
			    format_words(".%03llu", ns / 1000000 % 1000));
}

/* 18:00:00 ends it. Seconds since boot have no such thing. */
const char *words_second(const struct episode *episode)
{
	const char *when = words_when(episode), *colon = strchr(when, ':');

	return colon ? format_words("%.*s", (int)(colon - when) + 6, when) : when;
}

const char *words_comma_when(const struct episode *episode)
{
	const char *when = words_when(episode);

	return strcmp(when, "-") ? format_words(", %s", when) : "";
}

bool has_flag(const struct oomwatch_process *process, __u32 flag)
{
	return process->flags != OOMWATCH_UNKNOWN_U32 && process->flags & flag;
}

bool is_memsw_full(const struct oomwatch_oom *oom)
{
	/* mm/memcontrol.c: a charge is of several pages, and a CPU may give some back. */
	const __u64 batch = 64;

	return oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64 &&
		oom->memcg_memsw_limit < OOMWATCH_NO_LIMIT &&
		oom->memcg_memsw_usage + batch > oom->memcg_memsw_limit;
}

__u64 memsw_swap(const struct oomwatch_oom *oom)
{
	return is_known(oom->memcg_memsw_usage) && oom->memcg_memsw_usage > oom->memcg_usage ?
		oom->memcg_memsw_usage - oom->memcg_usage : 0;
}

/* What dies with a process. A log that has no table does not tell what was in swap. */
__u64 own_pages(const struct record *rec)
{
	if (rec->stream->log && !is_known(rec->victim.process.swap))
		return rec->victim.process.anon_rss;
	return sum_of(rec->victim.process.anon_rss, rec->victim.process.swap, 0);
}

const char *words_own(const struct record *rec)
{
	return format_words("%s of its own%s", words_pages(rec, own_pages(rec)),
			    is_known(rec->victim.process.swap) ? "" : " in RAM");
}

/* The page cache of a child without tmpfs: its figures may be of different moments. */
__u64 child_cache(const struct oomwatch_child *child)
{
	return is_known(child->shmem) ? without(child->file, child->shmem, 0) :
		OOMWATCH_UNKNOWN_U64;
}

__u64 anon_pages(const struct record *rec) { return rec->victim.process.anon_rss; }

/* A log without a table has pids alone. */
bool is_same_process(const struct record *a, const struct record *b)
{
	const struct oomwatch_process *x = &a->victim.process, *y = &b->victim.process;

	return x->tgid == OOMWATCH_UNKNOWN_S32 || y->tgid == OOMWATCH_UNKNOWN_S32 ?
		x->pid == y->pid : x->tgid == y->tgid;
}

__u64 used_pages(const struct episode *episode)
{
	const struct oomwatch_oom *oom = episode->oom ? &episode->oom->oom : NULL;

	if (oom && oom->kind == OOMWATCH_KIND_MEMCG)
		return sum_of(oom->memcg_usage, is_known(oom->memcg_memsw_usage) ? memsw_swap(oom) :
			      oom->memcg_swap_usage, 0);
	return OOMWATCH_UNKNOWN_U64;
}

__u64 pages_of_killed(const struct episode *episode, __u64 (*pages)(const struct record *))
{
	const struct record *main = main_victim(episode), *rec;
	__u64 sum = main && !nr_lacking(episode) ? pages(main) : OOMWATCH_UNKNOWN_U64;
	__u64 used = used_pages(episode);
	size_t at;

	/* The kernel kills the chosen one again with its group. */
	for_each_of(rec, episode, VICTIM, at)
		if (!is_same_process(rec, main))
			sum = sum_of(sum, pages(rec), 0);
	return is_known(sum) && is_known(used) && sum > used ? used : sum;
}

bool killed_swap_is_known(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at)
		if (!is_known(rec->victim.process.swap))
			return false;
	return true;
}

const char *name_and_pid(const struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;

	return format_words("%s (pid %s)", words_comm(process->comm), words_pid(process));
}

/* What is left of a sum without some of its parts; unknown parts are left in it. */
__u64 without(__u64 sum, __u64 a, __u64 b)
{
	__u64 parts = (is_known(a) ? a : 0) + (is_known(b) ? b : 0);

	return !is_known(sum) ? sum : sum > parts ? sum - parts : 0;
}

/* In a log cgroups have no IDs, and lines may lack the time. */
static bool same_path(const struct record *a, const struct record *b)
{
	struct bytes x = ref_bytes(a, a->oom.memcg), y = ref_bytes(b, b->oom.memcg);

	if (!is_known(ns_between(a, b)) && !is_known(ns_between(b, a)))
		return false;
	/* A log may be of several machines. */
	if (!may_be_one_host(a->log_host, b->log_host))
		return false;
	return a->oom.kind != OOMWATCH_KIND_UNKNOWN &&
		(a->oom.kind != OOMWATCH_KIND_MEMCG || x.at) &&
		x.len == y.len && (!x.len || !memcmp(x.at, y.at, x.len));
}

bool same_limit(const struct episode *a, const struct episode *b)
{
	/* A kill that somebody asked for is for no limit. */
	return a->stream == b->stream && a->oom && b->oom &&
		a->oom->oom.trigger != OOMWATCH_TRIGGER_SYSRQ &&
		b->oom->oom.trigger != OOMWATCH_TRIGGER_SYSRQ &&
		a->oom->oom.kind == b->oom->oom.kind &&
		a->oom->oom.memcg_id == b->oom->oom.memcg_id &&
		(!a->stream->log || same_path(a->oom, b->oom));
}

/* --- victims, sorted by pid: a kill of a group may have thousands ------------------------ */

static int by_pid(const void *a, const void *b)
{
	const struct record * const *x = a, * const *y = b;
	__s32 p = (*x)->victim.process.pid, q = (*y)->victim.process.pid;

	return (p > q) - (p < q);
}

/* The caller frees the array all. */
struct victims victims_of(const struct episode *episode)
{
	struct victims victims = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at) {
		victims.all = grow(victims.all, victims.nr, sizeof(*victims.all));
		victims.all[victims.nr++] = rec;
	}
	if (victims.nr)
		qsort(victims.all, victims.nr, sizeof(*victims.all), by_pid);
	return victims;
}

/* NULL if no victim has the pid. */
const struct record *victim_by_pid(const struct victims *victims, __s32 pid)
{
	size_t low = 0, high = victims->nr, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (victims->all[middle]->victim.process.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < victims->nr && victims->all[low]->victim.process.pid == pid ?
		victims->all[low] : NULL;
}

/* --- candidates ---------------------------------------------------------------------------- */

static __s64 held_or_none(const struct record *rec)
{
	const struct oomwatch_victim *v = &rec->victim;
	/* Where the table has no swap, no row does. */
	__u64 held = sum_of(v->score_rss, is_known(v->score_swap) ? v->score_swap : 0, 0);

	return is_known(held) ? (__s64)held : -1;
}

/* For the tasks of a log: its table has another order, and a rank or score may be unknown. */
static int by_height(const void *a, const void *b)
{
	const struct record *x = *(const struct record * const *)a;
	const struct record *y = *(const struct record * const *)b;
	__u32 rank = x->victim.process.rank, other = y->victim.process.rank;
	__s64 score = x->victim.process.points, lower = y->victim.process.points;

	if (is_some(rank) != is_some(other))
		return is_some(rank) ? -1 : 1;
	if (is_some(rank) && rank != other)
		return rank < other ? -1 : 1;
	/* Either all have a score, or none has. Unknown is the lowest number. */
	if (score == lower) {
		score = held_or_none(x);
		lower = held_or_none(y);
	}
	if (score != lower)
		return score > lower ? -1 : 1;
	return x->head.seq < y->head.seq ? -1 : 1;
}

/* The module records them in the order of their ranks. The caller frees the array all. */
struct candidates candidates_of(const struct episode *episode)
{
	struct candidates candidates = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, TASK, at) {
		candidates.all = grow(candidates.all, candidates.nr, sizeof(*candidates.all));
		candidates.all[candidates.nr++] = rec;
	}
	if (candidates.nr && episode->stream->log)
		qsort(candidates.all, candidates.nr, sizeof(*candidates.all), by_height);
	return candidates;
}

/* --- programs ------------------------------------------------------------------------------ */

/* NULL if it is not recorded. */
const struct record *program_of(const struct episode *episode, __s32 tgid)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, CMDLINE, at)
		if (rec->cmdline.tgid == tgid)
			return rec;
	return NULL;
}

/* The command line, escaped; dots stand for what was cut, by the module or at most bytes. */
const char *words_cmdline(const struct record *rec, size_t most)
{
	struct bytes bytes = ref_bytes(rec, rec->cmdline.cmdline);
	bool cut = bytes.len > most || rec->cmdline.length > bytes.len;

	if (!bytes.at)
		return "-";
	if (bytes.len > most)
		bytes.len = most;
	return format_words("%s%s", words_escaped(bytes), cut ? " ..." : "");
}
