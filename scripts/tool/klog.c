// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the kernel's own reports of OOM kills from a text log. What a log does not have stays
 * unknown. Names of tasks and cgroups in it are anybody's bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog.h"
#include "tool.h"

#define MAX_LINE 4096
#define PAGE_SIZE 4096		/* figures in kB fit any page size; see take_from_table() */

#define MAX_COLUMNS 16
enum column {
	TGID, UID, TOTAL_VM, RSS, RSS_ANON, RSS_FILE, RSS_SHMEM, PGTABLES, SWAP, ADJ, NR_COLUMNS
};

/* A report is open from its first line to its kill. */
struct klog {
	struct stream *stream;
	struct record *oom;	/* NULL: no report is open */
	__u64 id, seq;
	__u64 time_ns;		/* of the line; unknown if it has none */
	__u64 ram_pages;
	/* The last kill and its victim; NULL: a report has begun since. */
	struct record *last_oom, *last;
	struct record *group;	/* the kill of a group: its other victims follow */
	bool sysrq;		/* the next report is one that sysrq-f asked for */
	bool same_pages;	/* the table's pages have PAGE_SIZE */
	__u8 columns[MAX_COLUMNS];	/* enum column; NR_COLUMNS: any other */
	size_t nr_columns;	/* before the name; 0: the table has not begun */
	char task_memcg[MAX_LINE];
};

bool klog_is_text(const __u8 *bytes, size_t len)
{
	return len && !memchr(bytes, '\0', len);
}

/* --- records ---------------------------------------------------------------------------- */

static struct stream *add_stream(struct capture *capture)
{
	struct stream *stream = allocate(sizeof(*stream));

	stream->log = true;
	stream->page_size = PAGE_SIZE;
	stream->first_seq = 1;
	stream->boot_ns = 0;
	stream->real_ns = OOMWATCH_UNKNOWN_U64;
	stream->release = copy_string("-");
	capture->streams = grow(capture->streams, capture->nr_streams, sizeof(stream));
	capture->streams[capture->nr_streams++] = stream;
	return stream;
}

static struct record *add(struct capture *capture, unsigned int type)
{
	struct klog *log = capture->log;
	/* A table may have many rows; these have no text. */
	size_t room = type_is_task(type) ? 0 : 3 * MAX_LINE;
	struct record *rec = record_unknown(type, room, log->stream);

	rec->head.seq = ++log->seq;
	rec->head.oom = log->id;
	rec->head.time_ns = log->time_ns;
	capture->records = grow(capture->records, capture->nr_records, sizeof(rec));
	capture->records[capture->nr_records++] = rec;
	return rec;
}

/* The line that begins a report may be missing: it was rate limited, or the log is cut. */
static struct record *open_report(struct capture *capture)
{
	struct klog *log = capture->log;

	if (!log->stream)
		log->stream = add_stream(capture);
	if (log->oom)
		return log->oom;
	log->group = NULL;
	log->last = NULL;
	log->id++;
	log->ram_pages = OOMWATCH_UNKNOWN_U64;
	log->nr_columns = 0;
	log->same_pages = false;
	log->task_memcg[0] = '\0';
	log->oom = add(capture, OOMWATCH_TYPE_OOM);
	return log->oom;
}

static void set_text(struct record *rec, struct oomwatch_ref *ref, const char *at, size_t len)
{
	if (!len || rec->head.len + len > 3 * MAX_LINE)
		return;
	ref->off = rec->head.len;
	ref->len = len;
	memcpy(rec->bytes + rec->head.len, at, len);
	rec->head.len += len;
}

static void set_comm(char *comm, const char *at, size_t len)
{
	memset(comm, 0, OOMWATCH_COMM_LEN);
	memcpy(comm, at, len < OOMWATCH_COMM_LEN ? len : OOMWATCH_COMM_LEN - 1);
}

/* --- figures ---------------------------------------------------------------------------- */

static bool number_after(const char *line, const char *key, __s64 *number)
{
	const char *at = strstr(line, key);
	char *end;

	if (!at)
		return false;
	at += strlen(key);
	*number = strtoll(at, &end, 0);
	return end != at;
}

static __u64 pages_after(const char *line, const char *key)
{
	__s64 kb;

	if (!number_after(line, key, &kb) || kb < 0)
		return OOMWATCH_UNKNOWN_U64;
	/* The kernel prints PAGE_COUNTER_MAX for a limit that is not set. */
	return kb >= 9007199254740000 ? OOMWATCH_NO_LIMIT : (__u64)kb * 1024 / PAGE_SIZE;
}

static void set_s32(__s32 *to, const char *line, const char *key)
{
	__s64 number;

	if (number_after(line, key, &number) && number >= -0x7fffffff && number <= 0x7fffffff)
		*to = number;
}

/* --- lines: mm/oom_kill.c: dump_header(), dump_oom_summary() --------------------------- */

/* NAME invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0 */
static void take_invoked(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	struct oomwatch_oom *oom;
	const char *names;
	__s64 gfp;

	log->oom = NULL;
	oom = &open_report(capture)->oom;
	if (log->sysrq)
		oom->trigger = OOMWATCH_TRIGGER_SYSRQ;
	log->sysrq = false;
	set_comm(oom->comm, line, at - line);
	set_s32(&oom->order, at, "order=");
	set_s32(&oom->oom_score_adj, at, "oom_score_adj=");
	if (number_after(at, "gfp_mask=", &gfp))
		oom->gfp_mask = gfp;
	names = at + strcspn(at, "(,");
	if (*names == '(')
		set_text(capture->log->oom, &oom->gfp_flags, names + 1, strcspn(names + 1, ")"));
	/* drivers/tty/sysrq.c: moom_callback(); older kernels say order 0 there. */
	if (oom->order == -1)
		oom->trigger = OOMWATCH_TRIGGER_SYSRQ;
}

/* drivers/tty/sysrq.c: it comes before the report. Older kernels: SysRq : ... */
static void take_sysrq(struct capture *capture, const char *line, const char *at)
{
	(void)line;
	(void)at;
	capture->log->sysrq = true;
}

/* CPU: 0 PID: 139 Comm: plain ... */
static void take_cpu(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	if (capture->log->oom)
		set_s32(&capture->log->oom->oom.pid, line, " PID: ");
}

static void set_memcg(struct capture *capture, const char *at, size_t len)
{
	struct record *rec = open_report(capture);

	rec->oom.kind = OOMWATCH_KIND_MEMCG;
	rec->oom.constraint = OOMWATCH_CONSTRAINT_MEMCG;
	rec->oom.trigger = OOMWATCH_TRIGGER_UNKNOWN;
	set_text(rec, &rec->oom.memcg, at, len);
}

static void set_task_memcg(struct klog *log, const char *at, size_t len)
{
	snprintf(log->task_memcg, sizeof(log->task_memcg), "%.*s", (int)len, at);
}

/* oom-kill:constraint=CONSTRAINT_NONE,...,global_oom,task_memcg=/a,task=hog,pid=7,uid=0 */
static void take_oom_kill(struct capture *capture, const char *line, const char *at)
{
	static const struct { const char *name; __u8 kind, constraint; } constraints[] = {
		{ "CONSTRAINT_NONE", OOMWATCH_KIND_GLOBAL, OOMWATCH_CONSTRAINT_NONE },
		{ "CONSTRAINT_CPUSET", OOMWATCH_KIND_CPUSET, OOMWATCH_CONSTRAINT_CPUSET },
		{ "CONSTRAINT_MEMORY_POLICY", OOMWATCH_KIND_MEMPOLICY,
		  OOMWATCH_CONSTRAINT_MEMORY_POLICY },
		{ "CONSTRAINT_MEMCG", OOMWATCH_KIND_MEMCG, OOMWATCH_CONSTRAINT_MEMCG },
	};
	struct record *rec = open_report(capture);
	const char *task = strstr(line, ",task_memcg="), *memcg = strstr(line, ",oom_memcg=");
	const char *name = task ? strstr(task, ",task=") : NULL;
	size_t i;

	at += strlen("oom-kill:constraint=");
	for (i = 0; i < sizeof(constraints) / sizeof(*constraints); i++)
		if (strcspn(at, ",") == strlen(constraints[i].name) &&
		    !strncmp(at, constraints[i].name, strlen(constraints[i].name))) {
			rec->oom.kind = constraints[i].kind;
			rec->oom.constraint = constraints[i].constraint;
		}
	if (memcg && task && memcg < task)
		set_memcg(capture, memcg + strlen(",oom_memcg="),
			  task - memcg - strlen(",oom_memcg="));
	if (name)
		set_task_memcg(capture->log, task + strlen(",task_memcg="),
			       name - task - strlen(",task_memcg="));
}

/* Before 4.19: Task in /a/b killed as a result of limit of /a */
static void take_task_in(struct capture *capture, const char *line, const char *at)
{
	static const char middle[] = " killed as a result of limit of ";
	const char *limit = strstr(line, middle);

	if (!limit)
		return;
	at += strlen("Task in ");
	set_memcg(capture, limit + strlen(middle), strlen(limit + strlen(middle)));
	set_task_memcg(capture->log, at, limit - at);
}

/* mm/memcontrol.c: mem_cgroup_print_oom_meminfo() */
static void take_memory(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_oom *oom = &open_report(capture)->oom;
	__s64 failcnt;

	(void)at;
	oom->kind = OOMWATCH_KIND_MEMCG;
	oom->memcg_usage = pages_after(line, "usage ");
	oom->memcg_limit = pages_after(line, "limit ");
	if (number_after(line, "failcnt ", &failcnt) && failcnt >= 0)
		oom->memcg_failcnt = failcnt;
}

static void take_swap(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_oom *oom = &open_report(capture)->oom;

	(void)at;
	oom->memcg_swap_usage = pages_after(line, "usage ");
	oom->memcg_swap_limit = pages_after(line, "limit ");
}

static void take_memsw(struct capture *capture, const char *line, const char *at)
{
	struct oomwatch_oom *oom = &open_report(capture)->oom;

	(void)at;
	oom->memcg_memsw_usage = pages_after(line, "usage ");
	oom->memcg_memsw_limit = pages_after(line, "limit ");
}

/* --- lines: show_mem() ------------------------------------------------------------------ */

/* Counts of pages of the whole machine. */
#define COUNT(key, member) { key ":", offsetof(struct oomwatch_oom, member) }
static const struct { const char *key; size_t member; } counts[] = {
	COUNT("active_anon", active_anon), COUNT("inactive_anon", inactive_anon),
	COUNT("isolated_anon", isolated_anon), COUNT("active_file", active_file),
	COUNT("inactive_file", inactive_file), COUNT("isolated_file", isolated_file),
	COUNT("unevictable", unevictable), COUNT("dirty", dirty),
	COUNT("writeback", writeback), COUNT("slab_reclaimable", slab_reclaimable),
	COUNT("slab_unreclaimable", slab_unreclaimable), COUNT("mapped", mapped),
	COUNT("shmem", shmem), COUNT("pagetables", pagetables),
	COUNT("sec_pagetables", sec_pagetables), COUNT("free", ram_free),
	COUNT("free_cma", free_cma),
	COUNT("kernel_misc_reclaimable", kernel_misc_reclaimable),
};

static void take_counts(struct capture *capture, const char *line, const char *at)
{
	struct record *rec = capture->log->oom;
	size_t i, len;
	__u64 pages;

	for (; rec && *at; at += strcspn(at, " "), at += strspn(at, " "))
		for (i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
			len = strlen(counts[i].key);
			if (strncmp(at, counts[i].key, len))
				continue;
			pages = strtoull(at + len, NULL, 10);
			memcpy((__u8 *)rec + counts[i].member, &pages, sizeof(pages));
		}
	(void)line;
}

/* Node 0 DMA: 39*4kB (UM) 37*8kB ...: a block of order 0 is a page. */
static void take_buddy(struct capture *capture, const char *line, const char *at)
{
	(void)line;
	(void)at;
	capture->log->same_pages = true;
}

/* Counts of pages of another size would be wrong. */
static void forget_counts(struct record *rec)
{
	size_t i;

	for (i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		memset((__u8 *)rec + counts[i].member, 0xff, sizeof(__u64));
	rec->oom.ram_total = OOMWATCH_UNKNOWN_U64;
}

static void take_total_swap(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	if (capture->log->oom)
		capture->log->oom->oom.swap_total = pages_after(line, "Total swap = ");
}

static void take_free_swap(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	if (capture->log->oom)
		capture->log->oom->oom.swap_free = pages_after(line, "Free swap  = ");
}

static void take_ram(struct capture *capture, const char *line, const char *at)
{
	(void)at;
	capture->log->ram_pages = strtoull(line, NULL, 10);
}

static void take_reserved(struct capture *capture, const char *line, const char *at)
{
	__u64 reserved = strtoull(line, NULL, 10);
	struct klog *log = capture->log;

	(void)at;
	if (log->oom && log->ram_pages != OOMWATCH_UNKNOWN_U64 && reserved <= log->ram_pages)
		log->oom->oom.ram_total = log->ram_pages - reserved;
}

/* --- lines: dump_tasks(), oom_reap_task() ------------------------------------------------ */

/*
 * The heading names the columns of the rows:
 *	[ pid ]   uid  tgid total_vm      rss nr_ptes swapents oom_score_adj name
 *	[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes ...
 */
static void take_heading(struct capture *capture, const char *line, const char *at)
{
	static const char * const names[NR_COLUMNS] = {
		[TGID] = "tgid", [UID] = "uid", [TOTAL_VM] = "total_vm", [RSS] = "rss",
		[RSS_ANON] = "rss_anon", [RSS_FILE] = "rss_file", [RSS_SHMEM] = "rss_shmem",
		[PGTABLES] = "pgtables_bytes", [SWAP] = "swapents", [ADJ] = "oom_score_adj",
	};
	struct klog *log = capture->log;
	size_t len, i;

	(void)line;
	open_report(capture);
	log->nr_columns = 0;
	for (at = strchr(at, ']') + 1; *(at += strspn(at, " ")); at += len) {
		len = strcspn(at, " ");
		if (log->nr_columns == MAX_COLUMNS || (len == 4 && !strncmp(at, "name", 4)))
			return;
		for (i = 0; i < NR_COLUMNS; i++)
			if (strlen(names[i]) == len && !strncmp(at, names[i], len))
				break;
		log->columns[log->nr_columns++] = i;
	}
	log->nr_columns = 0;
}

/* An unknown value is negative here, and all ones in a record. */
static __u64 unsigned_of(__s64 value)
{
	return value < 0 ? OOMWATCH_UNKNOWN_U64 : (__u64)value;
}

/* Whether the pages of the table are the PAGE_SIZE of the records is only known at the kill. */
static void take_row(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	__s64 value[NR_COLUMNS + 1];
	struct record *rec;
	struct oomwatch_process *process;
	char *end;
	__s64 pid;
	size_t i;

	(void)line;
	pid = strtoll(at + 1, &end, 10);
	if (!log->oom || !log->nr_columns || *end != ']')
		return;
	for (i = 0; i < NR_COLUMNS; i++)
		value[i] = OOMWATCH_UNKNOWN_S64;
	for (i = 0, at = end + 1; i < log->nr_columns; i++, at = end) {
		value[log->columns[i]] = strtoll(at, &end, 10);
		if (end == at)
			return;
	}
	rec = add(capture, value[ADJ] == -1000 ? OOMWATCH_TYPE_PROTECTED : OOMWATCH_TYPE_TASK);
	process = &rec->victim.process;
	process->pid = pid >= 0 && pid <= 0x7fffffff ? pid : OOMWATCH_UNKNOWN_S32;
	set_comm(process->comm, at + 1, *at ? strlen(at + 1) : 0);
	if (value[TGID] >= 0)
		process->tgid = value[TGID] <= 0x7fffffff ? value[TGID] : OOMWATCH_UNKNOWN_S32;
	if (value[UID] >= 0)
		process->uid = value[UID];
	if (value[ADJ] >= -1000 && value[ADJ] <= 1000)
		process->oom_score_adj = value[ADJ];
	process->total_vm = unsigned_of(value[TOTAL_VM]);
	process->anon_rss = unsigned_of(value[RSS_ANON]);
	process->file_rss = unsigned_of(value[RSS_FILE]);
	process->shmem_rss = unsigned_of(value[RSS_SHMEM]);
	process->swap = unsigned_of(value[SWAP]);
	process->pgtables = unsigned_of(value[PGTABLES]);
	rec->victim.score_rss = unsigned_of(value[RSS]);
	rec->victim.score_swap = unsigned_of(value[SWAP]);
}

/* The rows of the open report: of the victim its process is taken, and what its pages are. */
static void take_from_table(struct capture *capture, struct oomwatch_process *victim)
{
	struct klog *log = capture->log;
	struct oomwatch_victim *row;
	size_t i;

	for (i = capture->nr_records; i-- && capture->records[i]->head.oom == log->id;) {
		row = &capture->records[i]->victim;
		if (!type_is_task(row->head.type) || row->process.pid != victim->pid)
			continue;
		victim->tgid = row->process.tgid;
		log->same_pages |= row->process.total_vm == victim->total_vm;
		break;
	}
	for (i = capture->nr_records; i-- && capture->records[i]->head.oom == log->id;) {
		row = &capture->records[i]->victim;
		if (log->same_pages || !type_is_task(row->head.type))
			continue;
		row->process.total_vm = OOMWATCH_UNKNOWN_U64;
		row->process.anon_rss = OOMWATCH_UNKNOWN_U64;
		row->process.file_rss = OOMWATCH_UNKNOWN_U64;
		row->process.shmem_rss = OOMWATCH_UNKNOWN_U64;
		row->process.swap = OOMWATCH_UNKNOWN_U64;
		row->score_rss = OOMWATCH_UNKNOWN_U64;
		row->score_swap = OOMWATCH_UNKNOWN_U64;
	}
}

/* --- lines: oom_kill_process() ----------------------------------------------------------- */

/* Tasks in /a are going to be killed due to memory.oom.group set: after the chosen victim's line */
static void take_group(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)line;
	(void)at;
	if (!log->last)
		return;
	log->last->victim.process.flags = OOMWATCH_TASK_GROUP;
	log->group = log->last_oom;
}

/* Kernels may print the chosen victim again, as one of its group. */
static bool is_listed(const struct capture *capture, __s32 pid)
{
	const struct record *rec;
	size_t i;

	for (i = capture->nr_records; i--;) {
		rec = capture->records[i];
		if (rec->head.oom != capture->log->id)
			return false;
		if (rec->head.type == OOMWATCH_TYPE_VICTIM && rec->victim.process.pid == pid)
			return true;
	}
	return false;
}

/*
 * The kill of a group that this victim belongs to, or NULL. The kernel kills a group in one go. A
 * later line is of another kill, whose report was rate limited.
 */
static struct record *group_now(const struct klog *log)
{
	const __u64 second = 1000000000, before = log->last ? log->last->head.time_ns : 0;

	if (!log->group || log->time_ns == OOMWATCH_UNKNOWN_U64 ||
	    before == OOMWATCH_UNKNOWN_U64)
		return log->group;
	return log->time_ns >= before && log->time_ns - before < second ? log->group : NULL;
}

/* [Memory cgroup o|O]ut of memory...: Killed process 164 (plain) total-vm:189256kB, ... */
static void take_killed(struct capture *capture, const char *line, const char *at)
{
	const char *name = strchr(at, '('), *end = NULL, *more = at;
	struct klog *log = capture->log;
	struct record *group = group_now(log), *rec, *victim;
	struct oomwatch_process *process;
	__s32 pid = OOMWATCH_UNKNOWN_S32;
	__s64 number;

	set_s32(&pid, at, "illed process ");
	if (group && is_listed(capture, pid))
		return;
	rec = group ?: open_report(capture);

	if (!strncmp(line, "Memory cgroup", strlen("Memory cgroup")))
		rec->oom.kind = OOMWATCH_KIND_MEMCG;
	if (!strncmp(line, "Out of memory (oom_kill_allocating_task)",
		     strlen("Out of memory (oom_kill_allocating_task)")))
		rec->oom.verdict = OOMWATCH_VERDICT_ALLOCATING_TASK;
	/* The last one: a task's name may have the same words. */
	while ((more = strstr(more, ") total-vm:")))
		end = more++;
	victim = add(capture, OOMWATCH_TYPE_VICTIM);
	process = &victim->victim.process;
	process->pid = pid;
	if (group)
		process->flags = OOMWATCH_TASK_GROUP;
	more = end ?: at;
	/* Between the number and the name, 5.2 and older may have a uid. */
	if (name && end && name < end)
		set_comm(process->comm, name + 1, end - name - 1);
	process->total_vm = pages_after(more, "total-vm:");
	process->anon_rss = pages_after(more, "anon-rss:");
	process->file_rss = pages_after(more, "file-rss:");
	process->shmem_rss = pages_after(more, "shmem-rss:");
	if (number_after(more, "pgtables:", &number) && number >= 0)
		process->pgtables = number * 1024;
	if (number_after(more, "UID:", &number) && number >= 0)
		process->uid = number;
	take_from_table(capture, process);
	set_s32(&process->oom_score_adj, more, "oom_score_adj:");
	if (!log->same_pages)
		forget_counts(rec);
	set_text(victim, &process->memcg, log->task_memcg, strlen(log->task_memcg));
	log->task_memcg[0] = '\0';
	log->last = victim;
	log->last_oom = rec;
	log->oom = NULL;
}

/*
 * A row for each kind of line. The first one, by its length, can't be within the name of a task,
 * and no other one can be, as that comes after the beginning of a line.
 */
static const struct pattern {
	const char *words;
	bool anywhere;
	void (*take)(struct capture *capture, const char *line, const char *at);
} patterns[] = {
	{ " invoked oom-killer: gfp_mask=", true, take_invoked },
	{ "sysrq: Manual OOM execution", false, take_sysrq },
	{ "SysRq : Manual OOM execution", false, take_sysrq },
	{ "CPU: ", false, take_cpu },
	{ "oom-kill:constraint=", false, take_oom_kill },
	{ "Tasks in ", false, take_group },
	{ "Task in ", false, take_task_in },
	{ "memory: usage ", false, take_memory },
	{ "swap: usage ", false, take_swap },
	{ "memory+swap: usage ", false, take_memsw },
	{ "active_anon:", false, take_counts },
	{ "active_file:", false, take_counts },
	{ "unevictable:", false, take_counts },
	{ "slab_reclaimable:", false, take_counts },
	{ "mapped:", false, take_counts },
	{ "sec_pagetables:", false, take_counts },
	{ "kernel_misc_reclaimable:", false, take_counts },
	{ "free:", false, take_counts },
	{ "*4kB ", true, take_buddy },
	{ "Free swap  = ", false, take_free_swap },
	{ "Total swap = ", false, take_total_swap },
	{ " pages RAM", true, take_ram },
	{ " pages reserved", true, take_reserved },
	{ "[ pid ] ", false, take_heading },
	{ "[  pid  ] ", false, take_heading },
	{ "[", false, take_row },
	{ "Killed process ", false, take_killed },
	{ "Out of memory: Killed process ", false, take_killed },
	{ "Out of memory (oom_kill_allocating_task): Killed process ", false, take_killed },
	{ "Memory cgroup out of memory: Killed process ", false, take_killed },
};

/* --- lines ------------------------------------------------------------------------------ */

/* Takes off what syslog, journalctl, the console and printk put before a message. */
static const char *message_of(const char *line, __u64 *time_ns)
{
	const char *kernel = strstr(line, "kernel: ");
	unsigned long long s, us;
	int len = 0;

	*time_ns = OOMWATCH_UNKNOWN_U64;
	if (*line == '<')
		line += strcspn(line, ">") + (strchr(line, '>') ? 1 : 0);
	else if (*line != '[' && kernel)
		line = kernel + strlen("kernel: ");
	if (sscanf(line, "[%llu.%6llu]%n", &s, &us, &len) == 2 && len && s < 1ULL << 32)
		*time_ns = s * 1000000000 + us * 1000;
	/* A time of the clock, by dmesg -T, is no time since boot; a row of the table has no ':' */
	else if (*line == '[' && strchr(line, ']') && memchr(line, ':', strchr(line, ']') - line))
		len = strchr(line, ']') + 1 - line;
	line += len;
	return line + strspn(line, " ");
}

static void take_line(struct capture *capture, const char *line)
{
	const struct pattern *pattern, *end = patterns + sizeof(patterns) / sizeof(*patterns);
	const char *at;

	line = message_of(line, &capture->log->time_ns);
	for (pattern = patterns; pattern < end; pattern++) {
		at = pattern->anywhere ? strstr(line, pattern->words) :
			strncmp(line, pattern->words, strlen(pattern->words)) ? NULL : line;
		if (!at)
			continue;
		pattern->take(capture, line, at);
		return;
	}
}

size_t klog_add(struct capture *capture, const __u8 *bytes, size_t len, bool last)
{
	char line[MAX_LINE];
	size_t used = 0, length, kept;
	const __u8 *end;

	if (!capture->log)
		capture->log = allocate(sizeof(*capture->log));
	while (used < len) {
		end = memchr(bytes + used, '\n', len - used);
		if (!end && !last && len - used < MAX_LINE)
			break;
		length = end ? (size_t)(end - bytes) - used : len - used;
		kept = length < MAX_LINE ? length : MAX_LINE - 1;
		memcpy(line, bytes + used, kept);
		line[kept] = '\0';
		take_line(capture, line);
		used += length + !!end;
	}
	if (last) {
		free(capture->log);
		capture->log = NULL;
	}
	return used;
}
