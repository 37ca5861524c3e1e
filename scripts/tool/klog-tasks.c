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
	klog_open(capture);
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
	static const enum column levels[] = { NR_PTES, NR_PMDS, NR_PUDS };
	size_t i;

	process->pgtables = unsigned_of(value[PGTABLES]);
	if (value[NR_PTES] < 0)
		return;
	process->pgtables = 0;
	for (i = 0; i < sizeof(levels) / sizeof(*levels); i++)
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
	if (!log->oom || !log->nr_columns || end == at + 1 || *end != ']')
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

static bool has_score(const struct oomwatch_victim *row)
{
	return row->score_rss < 1ULL << 50 && row->score_swap < 1ULL << 50 &&
		row->process.pgtables < 1ULL << 60 &&
		row->process.oom_score_adj != OOMWATCH_UNKNOWN_S32;
}

/* mm/oom_kill.c: oom_badness(), since 4.17. Returns false if a row lacks a term. */
static bool score_row(struct oomwatch_victim *row, __u64 totalpages)
{
	if (!has_score(row) ||
	    (row->process.oom_score_adj && totalpages == OOMWATCH_UNKNOWN_U64))
		return false;
	row->score_pgtables = row->process.pgtables / PAGE_SIZE;
	if (row->head.type == OOMWATCH_TYPE_PROTECTED)
		return true;
	row->score_adj = row->process.oom_score_adj ?
		row->process.oom_score_adj * (__s64)(totalpages / 1000) : 0;
	row->process.points = row->score_rss + row->score_swap + row->score_pgtables +
		row->score_adj;
	return true;
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

/* Of all rows but one, if that is not NULL. */
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
	}
}

/*
 * Before 4.17 oom_badness() gave root a bonus. Since 5.2 no line "Kill process" comes before the
 * kill; of kernels before that the release tells.
 */
static bool has_formula(const struct klog *log)
{
	unsigned int major, minor;

	if (!log->child)
		return true;
	return sscanf(log->stream->release, "%3u.%3u", &major, &minor) == 2 &&
		(major > 4 || (major == 4 && minor >= 17));
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
	__u64 totalpages = totalpages_of(&log->oom->oom);
	const struct record *higher = NULL;
	bool known = chosen && log->has_pgtables && has_formula(log) && log->page_kb == 4 &&
		chosen->head.type == OOMWATCH_TYPE_TASK;
	struct oomwatch_victim *row;
	size_t i;

	for (i = capture->nr_records;
	     known && i-- && klog_is_of_report(capture, i);) {
		row = &capture->records[i]->victim;
		if (type_is_task(row->head.type))
			known = score_row(row, totalpages);
	}
	if (known)
		higher = highest_row(capture);
	if (higher && higher->victim.process.points <= chosen->victim.process.points)
		higher = NULL;
	if (!known || higher || log->rows_lost)
		forget_scores(capture, known && !higher ? chosen : NULL);
	if (known && !higher && totalpages != OOMWATCH_UNKNOWN_U64)
		log->oom->oom.totalpages = totalpages;
	return higher;
}
