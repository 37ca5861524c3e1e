// SPDX-License-Identifier: GPL-2.0
/* The table of tasks in a kernel log: mm/oom_kill.c: dump_tasks(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"

/*
 * The heading names the columns of the rows:
 *	[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
 *	[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes ...
 */
void klog_take_heading(struct capture *capture, const char *line, const char *at)
{
	static const char * const names[NR_COLUMNS] = {
		[TGID] = "tgid", [UID] = "uid", [TOTAL_VM] = "total_vm", [RSS] = "rss",
		[RSS_ANON] = "rss_anon", [RSS_FILE] = "rss_file", [RSS_SHMEM] = "rss_shmem",
		[PGTABLES] = "pgtables_bytes", [NR_PTES] = "nr_ptes", [NR_PMDS] = "nr_pmds",
		[NR_PUDS] = "nr_puds", [SWAP] = "swapents", [ADJ] = "oom_score_adj",
	};
	struct klog *log = capture->log;
	size_t len, i;

	(void)line;
	klog_open(capture)->has_heading = true;
	log->nr_columns = 0;
	log->has_pgtables = false;
	for (at = strchr(at, ']') + 1; *(at += strspn(at, " ")); at += len) {
		len = strcspn(at, " ");
		if (log->nr_columns == MAX_COLUMNS || (len == 4 && !strncmp(at, "name", 4)))
			return;
		for (i = 0; i < NR_COLUMNS; i++)
			if (strlen(names[i]) == len && !strncmp(at, names[i], len))
				break;
		log->has_pgtables |= i == PGTABLES;
		log->columns[log->nr_columns++] = i;
	}
	log->nr_columns = 0;
}

/* An unknown value is negative here, and all ones in a record. */
static __u64 unsigned_of(__s64 value)
{
	return value < 0 ? OOMWATCH_UNKNOWN_U64 : (__u64)value;
}

/* Older kernels have a column for each level of page tables, in pages; newer kernels, a sum. */
static void set_tables(struct oomwatch_process *process, const __s64 *value)
{
	static const enum task_column levels[] = { NR_PTES, NR_PMDS, NR_PUDS };
	size_t i;

	process->pgtables = unsigned_of(value[PGTABLES]);
	if (value[NR_PTES] < 0)
		return;
	process->pgtables = 0;
	for (i = 0; i < ARRAY_SIZE(levels); i++)
		if (value[levels[i]] > 0 && value[levels[i]] < 1LL << 40)
			process->pgtables += value[levels[i]] * PAGE_SIZE;
}

static void set_process(struct oomwatch_process *process, const __s64 *value)
{
	if (value[TGID] >= 0 && value[TGID] <= 0x7fffffff)
		process->tgid = value[TGID];
	/* Printed as a signed number, such as -2 */
	if (value[UID] >= -0x7fffffff && value[UID] < 0xffffffff && value[UID] != -1)
		process->uid = value[UID];
	if (value[ADJ] >= -1000 && value[ADJ] <= 1000)
		process->oom_score_adj = value[ADJ];
	process->total_vm = unsigned_of(value[TOTAL_VM]);
	process->anon_rss = unsigned_of(value[RSS_ANON]);
	process->file_rss = unsigned_of(value[RSS_FILE]);
	process->shmem_rss = unsigned_of(value[RSS_SHMEM]);
	process->swap = unsigned_of(value[SWAP]);
	set_tables(process, value);
}

/* Reads the columns before the name. Returns how many are there; *at becomes what follows them. */
static size_t read_columns(const struct klog *log, const char **at, __s64 *value)
{
	size_t i;
	char *end;

	for (i = 0; i < log->nr_columns; i++, *at = end) {
		value[log->columns[i]] = strtoll(*at, &end, 10);
		if (end == *at)
			break;
	}
	return i;
}

/* Whether a line without the table's heading has the numbers of a row, and a name. */
static bool is_row(const char *at)
{
	unsigned int nr = 0;
	char *end;

	for (; strtoll(at, &end, 10), end > at && (*end == ' ' || !*end); at = end)
		nr++;
	return nr >= 6 && *at == ' ';
}

/* The size of the machine's pages may be known only later: klog_scale_table(). */
void klog_take_row(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	__s64 value[NR_COLUMNS + 1];
	struct record *rec;
	char *end;
	__s64 pid;
	size_t i;

	(void)line;
	pid = strtoll(at + 1, &end, 10);
	if (end == at + 1 || *end != ']')
		return;
	if (!log->nr_columns && is_row(end + 1)) {
		klog_settle(capture, WITHIN_TABLE);
		klog_open(capture)->has_other_rows = true;
	}
	if (!log->oom || !log->nr_columns)
		return;
	for (i = 0; i <= NR_COLUMNS; i++)
		value[i] = OOMWATCH_UNKNOWN_S64;
	at = end + 1;
	if (read_columns(log, &at, value) < log->nr_columns)
		return;
	rec = klog_add_record(capture, value[ADJ] == -1000 ? OOMWATCH_TYPE_PROTECTED :
			      OOMWATCH_TYPE_TASK, log->id);
	rec->victim.process.pid = pid >= 0 && pid <= 0x7fffffff ? pid : OOMWATCH_UNKNOWN_S32;
	if (*at == ' ')
		klog_set_comm(rec->victim.process.comm, at + 1, strlen(at + 1));
	set_process(&rec->victim.process, value);
	rec->victim.score_rss = unsigned_of(value[RSS]);
	rec->victim.score_swap = unsigned_of(value[SWAP]);
}

bool klog_row_is_cut(const struct klog *log, const char *line)
{
	const char *at = line + strspn(line, "[ "), *end = at + strspn(at, "0123456789");
	__s64 value[NR_COLUMNS + 1];

	if (*line != '[' || end == at || end[strspn(end, " ")] != ']' || !log->oom ||
	    !log->nr_columns)
		return false;
	at = strchr(end, ']') + 1;
	read_columns(log, &at, value);
	return !at[strspn(at, " ")];
}

struct record *klog_row(const struct capture *capture, __s32 pid)
{
	struct record *rec;
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		rec = capture->records[i];
		if (type_is_task(rec->head.type) && rec->victim.process.pid == pid)
			return rec;
	}
	return NULL;
}

static void scale(__u64 *pages, __u64 page_kb)
{
	if (!page_kb || *pages > OOMWATCH_NO_LIMIT / 1024)
		*pages = OOMWATCH_UNKNOWN_U64;
	else
		*pages = *pages * page_kb / 4;
}

void klog_scale_table(struct capture *capture)
{
	struct klog *log = capture->log;
	struct oomwatch_victim *row;
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		row = &capture->records[i]->victim;
		if (!type_is_task(row->head.type))
			continue;
		scale(&row->process.total_vm, log->page_kb);
		scale(&row->process.anon_rss, log->page_kb);
		scale(&row->process.file_rss, log->page_kb);
		scale(&row->process.shmem_rss, log->page_kb);
		scale(&row->process.swap, log->page_kb);
		scale(&row->score_rss, log->page_kb);
		scale(&row->score_swap, log->page_kb);
		if (row->head.type == OOMWATCH_TYPE_PROTECTED && log->has_pgtables &&
		    row->process.pgtables < 1ULL << 60)
			row->score_pgtables = row->process.pgtables / PAGE_SIZE;
	}
}

/* --- scores ----------------------------------------------------------------------------- */

/*
 * What the kernel could use in all: mm/oom_kill.c: constrained_alloc(). Of a cgroup's kill the log
 * does not tell how much swap there is.
 */
static __u64 totalpages_of(const struct oomwatch_oom *oom)
{
	if (oom->constraint == OOMWATCH_CONSTRAINT_NONE && oom->ram_total < OOMWATCH_NO_LIMIT &&
	    oom->swap_total < OOMWATCH_NO_LIMIT && oom->swapoff == OOMWATCH_UNKNOWN_U64)
		return oom->ram_total + oom->swap_total;
	if (oom->constraint == OOMWATCH_CONSTRAINT_MEMCG && oom->memcg_swap_limit == 0)
		return oom->memcg_limit < OOMWATCH_NO_LIMIT ? oom->memcg_limit :
			OOMWATCH_UNKNOWN_U64;
	return OOMWATCH_UNKNOWN_U64;
}

/* As much memory counts at least. For a cgroup the kernel adds swap to the limit. */
static __u64 least_totalpages_of(const struct oomwatch_oom *oom)
{
	if (totalpages_of(oom) != OOMWATCH_UNKNOWN_U64)
		return totalpages_of(oom);
	if (oom->constraint == OOMWATCH_CONSTRAINT_MEMCG && oom->memcg_limit < OOMWATCH_NO_LIMIT)
		return oom->memcg_limit;
	return 0;
}

static bool has_score(const struct oomwatch_victim *row)
{
	return row->score_rss < 1ULL << 50 && row->score_swap < 1ULL << 50 &&
		row->process.pgtables < 1ULL << 60 &&
		row->process.oom_score_adj != OOMWATCH_UNKNOWN_S32;
}

struct release {
	unsigned int major, minor, patch;
};

/* False: the log does not tell it. */
static bool release_of(const struct klog *log, struct release *to)
{
	*to = (struct release) { };
	return sscanf(log->stream->release, "%3u.%3u.%5u", &to->major, &to->minor,
		      &to->patch) >= 2;
}

static bool is_older(const struct release *release, unsigned int major, unsigned int minor)
{
	return release->major < major || (release->major == major && release->minor < minor);
}

/* Kernels of distributions have an old version's number, and changes of later versions. */
static bool has_later_changes(const char *release)
{
	static const char * const parts[] = {
		".el", "el8", "uek", ".oe", ".al", ".an", ".tl", "-next-", "5.3.18-", "5.4.0-"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (strstr(release, parts[i]))
			return true;
	return false;
}

/* What oom_badness() makes of a score below 1: before 5.9 and 5.4.144 it makes 1 of it. */
enum floor { NO_FLOOR, FLOOR, UNKNOWN_FLOOR };

static enum floor floor_of(const struct klog *log)
{
	const struct oomwatch_oom *oom = &log->oom->oom;
	struct release release;
	size_t i;

	/* These came later. */
	if (is_known(oom->sec_pagetables) || is_known(oom->kernel_misc_reclaimable))
		return NO_FLOOR;
	for (i = 0; i < log->nr_columns; i++)
		if (log->columns[i] == RSS_ANON)
			return NO_FLOOR;
	if (!release_of(log, &release))
		return UNKNOWN_FLOOR;
	if (!is_older(&release, 5, 9) ||
	    (release.major == 5 && release.minor == 4 && release.patch >= 144))
		return NO_FLOOR;
	return has_later_changes(log->stream->release) ? UNKNOWN_FLOOR : FLOOR;
}

/*
 * mm/oom_kill.c: oom_badness(), since 4.17. If the kernel's sum of memory is not known, at least
 * that much still tells which scores are below 1. Such a score may be unknown: it is lower than
 * those that are known. Returns false if a row lacks a term.
 */
static bool score_row(struct record *rec, const struct oomwatch_oom *oom, enum floor floor)
{
	struct oomwatch_victim *row = &rec->victim;
	__s32 factor = row->process.oom_score_adj;
	bool exact = !factor || totalpages_of(oom) != OOMWATCH_UNKNOWN_U64, below;
	__s64 size, adj;

	if (!has_score(row))
		return false;
	row->score_pgtables = row->process.pgtables / PAGE_SIZE;
	if (row->head.type == OOMWATCH_TYPE_PROTECTED)
		return true;
	size = row->score_rss + row->score_swap + row->score_pgtables;
	adj = factor ? factor * (__s64)(least_totalpages_of(oom) / 1000) : 0;
	below = size + adj < 1;
	rec->floored = below && floor == FLOOR;
	rec->below_one = below && floor == UNKNOWN_FLOOR;
	if (rec->below_one || (below && !exact && !rec->floored))
		return true;
	/* What oom_score_adj takes from the size ends at the floor. */
	row->score_adj = rec->floored ? 1 - size : adj;
	row->process.points = size + row->score_adj;
	return exact || rec->floored;
}

/* The row with the highest score; NULL: none has one. */
static struct record *highest_row(struct capture *capture)
{
	struct record *row, *highest = NULL;
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		row = capture->records[i];
		if (row->head.type == OOMWATCH_TYPE_TASK &&
		    (!highest || row->victim.process.points > highest->victim.process.points))
			highest = row;
	}
	return highest;
}

/* The highest score that the row may have had. */
static __s64 most_points(const struct record *row)
{
	return row->below_one ? 1 : row->victim.process.points;
}

/* Makes the scores of all rows unknown, except those of the row @but. NULL: of every row. */
static void forget_scores(struct capture *capture, const struct record *but)
{
	struct oomwatch_victim *row;
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		row = &capture->records[i]->victim;
		if (!type_is_task(row->head.type) || capture->records[i] == but)
			continue;
		row->process.points = OOMWATCH_UNKNOWN_S64;
		row->score_adj = OOMWATCH_UNKNOWN_S64;
		capture->records[i]->floored = false;
	}
}

/*
 * Before 4.17 oom_badness() gave root a bonus. Since 5.2 no line "Kill process" comes before the
 * kill; of kernels before that the release tells.
 */
static bool has_formula(const struct klog *log)
{
	struct release release;

	return !log->child || (release_of(log, &release) && !is_older(&release, 4, 17));
}

static bool score_rows(struct capture *capture)
{
	struct klog *log = capture->log;
	enum floor floor = floor_of(log);
	bool known = log->has_pgtables && has_formula(log) && log->page_kb == 4;
	size_t i;

	if (!known)
		return false;
	/* Each row has its page tables, also after one whose score is not known. */
	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);)
		if (type_is_task(capture->records[i]->head.type))
			known &= score_row(capture->records[i], &log->oom->oom, floor);
	return known;
}

/*
 * The table has the terms of all scores, at the time of the report. They are only told where they
 * agree with the choice: the kernel may have had another formula, another table, or other reasons.
 * A table that lacks lines tells the score of the chosen one only.
 * Returns the row that has a higher score than the chosen one; NULL: none has, or it is not known.
 */
const struct record *klog_score(struct capture *capture, const struct record *chosen)
{
	struct klog *log = capture->log;
	struct oomwatch_oom *oom = &log->oom->oom;
	const struct record *higher = NULL;
	bool known = chosen->head.type == OOMWATCH_TYPE_TASK &&
		oom->verdict != OOMWATCH_VERDICT_OOM_ORIGIN && score_rows(capture);

	if (known && oom->verdict != OOMWATCH_VERDICT_ALLOCATING_TASK)
		higher = highest_row(capture);
	if (higher && higher->victim.process.points <= most_points(chosen))
		higher = NULL;
	known = known && chosen->victim.process.points != OOMWATCH_UNKNOWN_S64;
	if (!known || higher || log->rows_lost)
		forget_scores(capture, known && !higher ? chosen : NULL);
	if (known && !higher && totalpages_of(oom) != OOMWATCH_UNKNOWN_U64)
		oom->totalpages = totalpages_of(oom);
	return higher;
}
