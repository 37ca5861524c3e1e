// SPDX-License-Identifier: GPL-2.0
/*
 * Report: a kill for a person, at most REPORT_LINES lines of at most COLUMNS columns. A read
 * collects the records of the kill from the ring, one after the other, and prints them at the end.
 * A panic prints the same to the kernel log, with fewer lines. A call of out_of_memory() that found
 * nobody to kill has a report, too: it counts as a kill here, and OOMWATCH_NOBODY is in its number.
 */

#include <linux/ctype.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/uaccess.h>

#include "internal.h"

#define REPORT_LINES	60
#define COLUMNS		REPORT_COLUMNS

/* How much of each there is room for in REPORT_LINES. */
#define CANDIDATES	10
#define FRAMES		8
#define REAPS		3

/**
 * struct extent - how much a report shows
 * @victims: after the first
 * @classes: of memory
 * @tasks: candidates
 * @protected: processes that can't be chosen
 */
struct extent {
	unsigned int victims;
	unsigned int classes;
	unsigned int tasks;
	unsigned int protected;
};

static const struct extent page_extent = {
	.victims = 4, .classes = 8, .tasks = CANDIDATES, .protected = CANDIDATES,
};

static const struct extent panic_extent = { .victims = 1, .classes = 3, .tasks = 5 };

/* What was chosen by a write, for all readers; 0: the newest. */
static atomic64_t chosen;

/* A record with all that it refers to; its type is 0 if there is none. */
union slot {
	struct oomwatch_head head;
	struct oomwatch_oom oom;
	struct oomwatch_victim victim;
	struct oomwatch_stack stack;
	u8 bytes[OOMWATCH_RECORD_MAX];
};

/* The first tasks of a type, without what they refer to, and how many there are in all. */
struct tasks {
	unsigned int nr;
	struct oomwatch_process task[CANDIDATES];
};

/**
 * struct kill - what is known of a kill
 * @found: there is a record of it
 * @nobody: it is a call that found nobody to kill
 * @lost: records that may be its own are gone
 * @exits: victims that have exited
 * @reaps: how many of @reap there are
 * @sharers: processes that were killed because they had a victim's mm
 * @candidates: the best of them
 * @protected: the largest of them
 * @victims: in the order of their marks
 * @reap: what the reaper did with the first victim
 * @exit: the first victim's exit
 * @memcg: the memory of the cgroup at its limit
 * @excluded: counts of those that could be chosen, and of others
 * @end: the end of the episode
 * @calls: of more calls like the one that found nobody, the number
 * @calls_ns: the time of the newest of these
 * @episode: the episode itself
 * @victim: the first victim
 * @stack: the trigger's stack
 */
struct kill {
	bool found;
	bool nobody;
	bool lost;
	unsigned int exits;
	unsigned int reaps;
	unsigned int sharers;
	struct tasks candidates;
	struct tasks protected;
	struct tasks victims;
	struct oomwatch_reap reap[REAPS];
	struct oomwatch_exit exit;
	struct oomwatch_memcg memcg;
	struct oomwatch_excluded excluded;
	struct oomwatch_end end;
	u64 calls;
	u64 calls_ns;
	union slot episode;
	union slot victim;
	union slot stack;
};

/**
 * struct report - an open file
 * @lock: guards the rest
 * @reader: its place in the ring
 * @oom: the number of the kill, with OOMWATCH_NOBODY; 0 if there is none
 * @kill: what was found of it
 */
struct report {
	struct mutex lock;		/* readers and writers may share an open file */
	struct reader reader;
	u64 oom;
	struct kill kill;
};

/* --- collecting ------------------------------------------------------------ */

static void keep_slot(union slot *slot, const struct oomwatch_head *rec)
{
	if (!slot->head.type)
		memcpy(slot->bytes, rec, rec->len);
}

static void keep_task(struct tasks *tasks, const struct oomwatch_head *rec)
{
	if (tasks->nr < CANDIDATES)
		tasks->task[tasks->nr] = ((const struct oomwatch_task *)rec)->process;
	tasks->nr++;
}

static void keep_reap(struct kill *kill, const struct oomwatch_reap *rec)
{
	if (rec->pid == kill->victim.victim.process.pid && kill->reaps < REAPS)
		kill->reap[kill->reaps++] = *rec;
}

static void keep_exit(struct kill *kill, const struct oomwatch_exit *rec)
{
	kill->exits++;
	if (rec->pid == kill->victim.victim.process.pid)
		kill->exit = *rec;
}

static void keep_calls(struct kill *kill, const struct oomwatch_calls *rec)
{
	kill->calls += rec->calls;
	kill->calls_ns = rec->last_ns;
}

/* A victim's record comes before all that follows its death. */
static void keep(struct kill *kill, const struct oomwatch_head *rec)
{
	kill->found = true;
	kill->nobody = rec->oom & OOMWATCH_NOBODY;
	switch (rec->type) {
	case OOMWATCH_TYPE_OOM:
		keep_slot(&kill->episode, rec);
		/* In a ring the oldest records go first: so this kill has lost none before. */
		kill->lost = false;
		break;
	case OOMWATCH_TYPE_MEMCG:
		kill->memcg = *(const struct oomwatch_memcg *)rec;
		break;
	case OOMWATCH_TYPE_EXCLUDED:
		kill->excluded = *(const struct oomwatch_excluded *)rec;
		break;
	case OOMWATCH_TYPE_STACK:
		keep_slot(&kill->stack, rec);
		break;
	case OOMWATCH_TYPE_TASK:
		keep_task(&kill->candidates, rec);
		break;
	case OOMWATCH_TYPE_PROTECTED:
		keep_task(&kill->protected, rec);
		break;
	case OOMWATCH_TYPE_VICTIM:
		keep_slot(&kill->victim, rec);
		keep_task(&kill->victims, rec);
		break;
	case OOMWATCH_TYPE_SHARER:
		kill->sharers++;
		break;
	case OOMWATCH_TYPE_END:
		kill->end = *(const struct oomwatch_end *)rec;
		if (kill->end.sharers == OOMWATCH_UNKNOWN_U32)
			kill->end.sharers = 0;	/* those that have records are known */
		break;
	case OOMWATCH_TYPE_REAP:
		keep_reap(kill, (const void *)rec);
		break;
	case OOMWATCH_TYPE_EXIT:
		keep_exit(kill, (const void *)rec);
		break;
	case OOMWATCH_TYPE_CALLS:
		keep_calls(kill, (const void *)rec);
		break;
	}
}

/* Sets the cursor before the kill's first record; @oom 0: the newest, whose number is looked up. */
static void report_seek(struct report *report, u64 oom)
{
	if (oom)
		ring_seek_oldest(&records, &report->reader.cursor);
	else
		oom = ring_seek_bookmark(&records, RING_ALL, &report->reader.cursor);
	report->oom = oom;
	memset(&report->kill, 0, sizeof(report->kill));
}

/* Whether what a reader missed may be of that kill. */
static bool may_have_missed(const struct oomwatch_lost *lost, u64 oom)
{
	/* If not all are writes of oom_score_adj, some may be of calls that found nobody. */
	if (oom & OOMWATCH_NOBODY)
		return lost->adj == OOMWATCH_UNKNOWN_U64;
	return reader_missed_kills(lost);
}

/* Whether the records of all that were killed are there: what follows is in the same rings. */
static bool is_whole(const struct kill *kill)
{
	return kill->end.head.type && kill->victims.nr >= kill->end.victims &&
		kill->sharers >= kill->end.sharers;
}

/* Collects the records up to the newest at the time of the call. Context: report->lock held. */
static int report_collect(struct report *report, u64 oom)
{
	const struct oomwatch_head *rec = &report->reader.rec.head;
	struct ring_cursor newest;

	report_seek(report, oom);
	ring_seek_newest(&records, &newest);
	if (!report->oom)
		return 0;
	for (; reader_fetch(&report->reader); cond_resched()) {
		if ((s64)(rec->seq - newest.seq) >= 0)
			break;
		if (rec->oom == report->oom)
			keep(&report->kill, rec);
		else if (rec->type == OOMWATCH_TYPE_LOST && !is_whole(&report->kill))
			report->kill.lost |= may_have_missed(&report->reader.rec.lost, report->oom);
		if (signal_pending(current))
			return -ERESTARTSYS;
	}
	return 0;
}

/* --- printing values --------------------------------------------------------- */

static u64 kb_of_pages(u64 pages)
{
	if (pages == OOMWATCH_UNKNOWN_U64 || pages == OOMWATCH_NO_LIMIT)
		return pages;
	return pages << (PAGE_SHIFT - 10);
}

static u64 kb_of_bytes(u64 bytes)
{
	return bytes == OOMWATCH_UNKNOWN_U64 ? bytes : bytes >> 10;
}

/* MiB, rounded to tenths. */
static void put_mib(struct seq_file *m, const char *before, int width, u64 kb)
{
	u64 tenths;
	u32 tenth;

	seq_puts(m, before);
	if (kb == OOMWATCH_UNKNOWN_U64 || kb == OOMWATCH_NO_LIMIT) {
		seq_printf(m, "%*s", width, kb == OOMWATCH_NO_LIMIT ? "max" : "-");
		return;
	}
	tenths = div_u64(kb * 10 + 512, 1024);
	tenths = div_u64_rem(tenths, 10, &tenth);
	seq_printf(m, "%*llu.%u", max(width - 2, 0), tenths, tenth);
}

static void put_pages(struct seq_file *m, const char *before, u64 pages)
{
	put_mib(m, before, 0, kb_of_pages(pages));
}

static void put_unsigned(struct seq_file *m, const char *before, int width, u64 value)
{
	seq_puts(m, before);
	if (value == OOMWATCH_UNKNOWN_U64)
		seq_printf(m, "%*s", width, "-");
	else
		seq_printf(m, "%*llu", width, value);
}

static void put_u32(struct seq_file *m, const char *before, u32 value)
{
	put_unsigned(m, before, 0, value == OOMWATCH_UNKNOWN_U32 ? OOMWATCH_UNKNOWN_U64 : value);
}

static void put_signed(struct seq_file *m, const char *before, int width, s64 value)
{
	seq_puts(m, before);
	if (value == OOMWATCH_UNKNOWN_S64)
		seq_printf(m, "%*s", width, "-");
	else
		seq_printf(m, "%*lld", width, value);
}

static void put_s32(struct seq_file *m, const char *before, int width, s32 value)
{
	put_signed(m, before, width, value == OOMWATCH_UNKNOWN_S32 ? OOMWATCH_UNKNOWN_S64 : value);
}

static void put_ms(struct seq_file *m, const char *before, u64 ns)
{
	u32 us;
	u64 ms;

	seq_puts(m, before);
	if (ns == OOMWATCH_UNKNOWN_U64) {
		seq_putc(m, '-');
		return;
	}
	ms = div_u64_rem(div_u64(ns, NSEC_PER_USEC), USEC_PER_MSEC, &us);
	seq_printf(m, "%llu.%03u ms", ms, us);
}

/* The columns that are left of a line that begins at @begin in the buffer. */
static size_t columns_left(const struct seq_file *m, size_t begin)
{
	size_t used = m->count - begin;

	/* If the buffer is full, the count is of no use, and the text is thrown away. */
	return COLUMNS - min_t(size_t, used, COLUMNS / 2 + 20);
}

static void put_comm(struct seq_file *m, size_t begin, const char *comm)
{
	if (comm[OOMWATCH_COMM_LEN - 1])
		seq_putc(m, '-');
	else
		render_short(m, comm, strlen(comm), columns_left(m, begin), false);
	seq_putc(m, '\n');
}

/* A line. If the path is too long for it, the end of the path says most. */
static void put_path(struct seq_file *m, const char *before, const union slot *slot,
		     const struct oomwatch_ref *path)
{
	size_t begin = m->count;

	seq_puts(m, before);
	if (path->off)
		render_short(m, slot->bytes + path->off, path->len, columns_left(m, begin), true);
	else
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

/* A line. */
static void put_task(struct seq_file *m, const char *before, s32 pid, s32 tgid, u32 uid,
		     const char *comm)
{
	size_t begin = m->count;

	put_s32(m, before, 0, pid);
	if (tgid != pid)
		put_s32(m, " of process ", 0, tgid);
	put_u32(m, ", uid ", uid);
	seq_puts(m, ", ");
	put_comm(m, begin, comm);
}

/* --- sections ---------------------------------------------------------------- */

static void put_process(struct seq_file *m, const char *before, const struct oomwatch_process *of)
{
	put_task(m, before, of->pid, of->tgid, of->uid, of->comm);
}

/* @all: how many there were; the records of some may be gone. */
static void show_more_victims(struct seq_file *m, const struct tasks *victims, unsigned int all,
			      unsigned int most)
{
	unsigned int i;

	for (i = 1; i < victims->nr && i <= most; i++)
		put_process(m, victims->task[i].flags & OOMWATCH_TASK_DYING ?
			    "  marked too: pid " : "  killed too: pid ", &victims->task[i]);
	if (i < all)
		seq_printf(m, "  and %u more\n", all - i);
}

/* More calls are told some time after they were made, so this is what was told so far. */
static void show_calls(struct seq_file *m, const struct kill *kill)
{
	const struct oomwatch_head *first = &kill->episode.head;

	seq_printf(m, "Killed: nobody; calls at this limit that found nobody, as far as told: %llu",
		   kill->calls + !!first->type);
	if (kill->calls)
		put_ms(m, ", in ", first->type ? kill->calls_ns - first->time_ns :
		       OOMWATCH_UNKNOWN_U64);
	seq_putc(m, '\n');
}

static void show_victims(struct seq_file *m, const struct kill *kill, const struct extent *extent)
{
	const struct oomwatch_process *of = &kill->victim.victim.process;
	unsigned int sharers = max(kill->sharers, kill->end.sharers);

	if (kill->end.outcome == OOMWATCH_OUTCOME_PANIC ||
	    kill->end.outcome == OOMWATCH_OUTCOME_DEADLOCK) {
		seq_printf(m, "Killed: nobody; the kernel panicked%s\n",
			   kill->end.outcome == OOMWATCH_OUTCOME_PANIC ?
			   ", as vm.panic_on_oom says" : "");
		return;
	}
	if (kill->nobody) {
		show_calls(m, kill);
		return;
	}
	if (!kill->victim.head.type) {
		seq_puts(m, "Killed: -\n");
		return;
	}
	put_process(m, of->flags & OOMWATCH_TASK_DYING ? "Marked, was dying: pid " :
		    "Killed: pid ", of);
	put_pages(m, "  size: anon ", of->anon_rss);
	put_pages(m, ", file ", of->file_rss);
	put_pages(m, ", shmem ", of->shmem_rss);
	put_pages(m, ", swap ", of->swap);
	put_mib(m, ", page tables ", 0, kb_of_bytes(of->pgtables));
	put_s32(m, "\n  score: oom_score_adj ", 0, of->oom_score_adj);
	put_signed(m, ", points ", 0, of->points);
	seq_putc(m, '\n');
	put_path(m, "  cgroup: ", &kill->victim, &of->memcg);
	show_more_victims(m, &kill->victims, max(kill->victims.nr, kill->end.victims),
			  extent->victims);
	if (sharers)
		seq_printf(m, "  killed too, as they had its memory: %u\n", sharers);
}

static const char * const limits[__OOMWATCH_KIND_MAX] = {
	[OOMWATCH_KIND_UNKNOWN] = "-",
	[OOMWATCH_KIND_GLOBAL] = "the machine",
	[OOMWATCH_KIND_MEMCG] = "a cgroup",
	[OOMWATCH_KIND_CPUSET] = "the nodes of a cpuset",
	[OOMWATCH_KIND_MEMPOLICY] = "the nodes of a memory policy",
};

static bool is_memcg_kill(const struct kill *kill)
{
	return kill->episode.oom.kind == OOMWATCH_KIND_MEMCG;
}

/* cgroup v1 has a limit of memory and swap together, v2 one of swap alone. */
static void show_swap_limit(struct seq_file *m, const struct oomwatch_oom *oom)
{
	bool v1 = oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64;

	put_pages(m, v1 ? ", memory and swap " : ", swap ",
		  v1 ? oom->memcg_memsw_usage : oom->memcg_swap_usage);
	put_pages(m, ", its limit ", v1 ? oom->memcg_memsw_limit : oom->memcg_swap_limit);
}

static void show_limit(struct seq_file *m, const struct kill *kill)
{
	const struct oomwatch_oom *oom = &kill->episode.oom;

	if (!oom->head.type || oom->kind >= __OOMWATCH_KIND_MAX) {
		seq_puts(m, "Limit: -\n");
		return;
	}
	if (is_memcg_kill(kill)) {
		put_path(m, "Limit: cgroup ", &kill->episode, &oom->memcg);
		put_pages(m, "  usage ", oom->memcg_usage);
		put_pages(m, ", limit ", oom->memcg_limit);
		show_swap_limit(m, oom);
	} else {
		seq_printf(m, "Limit: %s%s\n", limits[oom->kind],
			   oom->trigger == OOMWATCH_TRIGGER_SYSRQ ? ", not hit: sysrq-f" : "");
		put_pages(m, "  RAM ", oom->ram_total);
		put_pages(m, ", free ", oom->ram_free);
		put_pages(m, ", swap ", oom->swap_total);
		put_pages(m, ", free ", oom->swap_free);
	}
	seq_putc(m, '\n');
}

/* A class of memory that has a use: a member of a record. */
struct use {
	const char *name;
	u16 offset;
	bool bytes;
};

#define USE(type, member, unit, text) \
	{ text, offsetof(struct oomwatch_##type, member), unit }
#define IN_PAGES false
#define IN_BYTES true

static const struct use oom_classes[] = {
	USE(oom, anon_mapped, IN_PAGES, "anonymous memory"),
	USE(oom, page_cache, IN_PAGES, "page cache, with shared memory and swap cache"),
	USE(oom, shmem, IN_PAGES, "shared memory and tmpfs, in the page cache"),
	USE(oom, slab_unreclaimable, IN_PAGES, "slab, unreclaimable"),
	USE(oom, slab_reclaimable, IN_PAGES, "slab, reclaimable"),
	USE(oom, kernel_misc_reclaimable, IN_PAGES, "kernel, other reclaimable memory"),
	USE(oom, pagetables, IN_PAGES, "page tables"),
	USE(oom, sec_pagetables, IN_PAGES, "page tables of virtual machines and devices"),
	USE(oom, kernel_stack, IN_BYTES, "kernel stacks"),
	USE(oom, zspages, IN_PAGES, "compressed pages"),
	USE(oom, vmalloc, IN_PAGES, "vmalloc"),
	USE(oom, hugetlb, IN_PAGES, "huge pages in use"),
	USE(oom, balloon, IN_PAGES, "given back to the host"),
	USE(oom, ram_free, IN_PAGES, "free"),
};

static const struct use memcg_classes[] = {
	USE(memcg, anon, IN_PAGES, "anonymous memory"),
	USE(memcg, file, IN_PAGES, "page cache, with shared memory and swap cache"),
	USE(memcg, shmem, IN_PAGES, "shared memory and tmpfs, in the page cache"),
	USE(memcg, sock, IN_PAGES, "buffers of sockets"),
	USE(memcg, kernel, IN_PAGES, "kernel"),
	USE(memcg, slab_unreclaimable, IN_BYTES, "slab, unreclaimable, in the kernel's"),
	USE(memcg, slab_reclaimable, IN_BYTES, "slab, reclaimable, in the kernel's"),
	USE(memcg, pagetables, IN_PAGES, "page tables, in the kernel's"),
	USE(memcg, kernel_stack, IN_BYTES, "kernel stacks, in the kernel's"),
	USE(memcg, percpu, IN_BYTES, "per-CPU memory, in the kernel's"),
	USE(memcg, vmalloc, IN_PAGES, "vmalloc, in the kernel's"),
	USE(memcg, sec_pagetables, IN_PAGES, "page tables of virtual machines, in the kernel's"),
	USE(memcg, zswap, IN_BYTES, "compressed pages, in the kernel's"),
	USE(memcg, hugetlb, IN_PAGES, "huge pages"),
};

static u64 class_kb(const struct use *class, const void *rec)
{
	u64 value = *(const u64 *)(rec + class->offset);

	return class->bytes ? kb_of_bytes(value) : kb_of_pages(value);
}

/* What is less is 0.0 MiB, and left out. */
#define LEAST_KB	52

/* The largest class that is not in @shown, a bit for each; @nr if none is left. */
static unsigned int largest_class(const struct use *classes, unsigned int nr, const void *rec,
				  unsigned long shown)
{
	unsigned int i, best = nr;
	u64 kb, most = LEAST_KB - 1;

	for (i = 0; i < nr; i++) {
		kb = class_kb(&classes[i], rec);
		if (kb == OOMWATCH_UNKNOWN_U64 || kb <= most || shown & BIT(i))
			continue;
		most = kb;
		best = i;
	}
	return best;
}

static void show_classes(struct seq_file *m, const struct use *classes, unsigned int nr,
			 const void *rec, unsigned int most)
{
	unsigned int i, n, unknown = 0;
	unsigned long shown = 0;

	for (i = 0; i < nr; i++)
		unknown += class_kb(&classes[i], rec) == OOMWATCH_UNKNOWN_U64;
	for (n = 0; n < most; n++) {
		i = largest_class(classes, nr, rec, shown);
		if (i == nr)
			break;
		shown |= BIT(i);
		put_mib(m, "", 10, class_kb(&classes[i], rec));
		seq_printf(m, "  %s\n", classes[i].name);
	}
	if (unknown)
		seq_printf(m, "         -  not known: %u more\n", unknown);
}

static void show_memory(struct seq_file *m, const struct kill *kill, const struct extent *extent)
{
	bool memcg = is_memcg_kill(kill);

	if (memcg ? !kill->memcg.head.type : !kill->episode.head.type) {
		seq_puts(m, "Memory: -\n");
		return;
	}
	seq_printf(m, "Memory of the %s, the largest classes:\n", memcg ? "cgroup" : "machine");
	if (memcg)
		show_classes(m, memcg_classes, ARRAY_SIZE(memcg_classes), &kill->memcg,
			     extent->classes);
	else
		show_classes(m, oom_classes, ARRAY_SIZE(oom_classes), &kill->episode,
			     extent->classes);
}

static u64 rss_of(const struct oomwatch_process *of)
{
	if (of->anon_rss == OOMWATCH_UNKNOWN_U64 || of->file_rss == OOMWATCH_UNKNOWN_U64 ||
	    of->shmem_rss == OOMWATCH_UNKNOWN_U64)
		return OOMWATCH_UNKNOWN_U64;
	return of->anon_rss + of->file_rss + of->shmem_rss;
}

static u64 pages_of_bytes(u64 bytes)
{
	return bytes == OOMWATCH_UNKNOWN_U64 ? bytes : bytes >> PAGE_SHIFT;
}

/* A line of the table, in pages, as the points are. */
static void put_row(struct seq_file *m, const struct oomwatch_process *of)
{
	size_t begin = m->count;

	put_s32(m, "  ", 7, of->pid);
	put_unsigned(m, " ", 10, rss_of(of));
	put_unsigned(m, " ", 10, of->swap);
	put_unsigned(m, " ", 10, pages_of_bytes(of->pgtables));
	put_s32(m, " ", 5, of->oom_score_adj);
	put_signed(m, " ", 11, of->points);
	seq_puts(m, "  ");
	put_comm(m, begin, of->comm);
}

static void show_tasks(struct seq_file *m, const char *title, const struct tasks *tasks,
		       unsigned int most)
{
	unsigned int i, nr = min(tasks->nr, most);

	if (!nr) {
		seq_printf(m, "%s: -\n", title);
		return;
	}
	seq_printf(m, "%s, %u of %u that have a record, in pages:\n", title, nr, tasks->nr);
	seq_puts(m, "      pid        rss       swap pagetables   adj      points  comm\n");
	for (i = 0; i < nr; i++)
		put_row(m, &tasks->task[i]);
}

static void show_excluded(struct seq_file *m, const struct kill *kill)
{
	const struct oomwatch_excluded *of = &kill->excluded;

	if (!of->head.type) {
		seq_puts(m, "Could be chosen: -\n");
		return;
	}
	put_u32(m, "Could be chosen: ", of->eligible);
	put_u32(m, "; not: ", of->unkillable);
	put_u32(m, " at -1000, ", of->outside);
	put_u32(m, " outside, ", of->reaped);
	seq_puts(m, " with MMF_OOM_SKIP\n");
}

static void show_stack(struct seq_file *m, const struct kill *kill)
{
	const struct oomwatch_stack *stack = &kill->stack.stack;
	const char *frame, *end, *next;
	unsigned int i;

	if (!stack->head.type || !stack->frames.off) {
		seq_puts(m, "  stack: -\n");
		return;
	}
	frame = kill->stack.bytes + stack->frames.off;
	end = frame + stack->frames.len;
	for (i = 0; i < FRAMES && frame < end; i++, frame = next + 1) {
		next = memchr(frame, ';', end - frame) ?: end;
		seq_printf(m, "  %s %.*s\n", i ? "      " : "stack:",
			   (int)min_t(size_t, next - frame, COLUMNS - 9), frame);
	}
}

static const char * const triggers[__OOMWATCH_TRIGGER_MAX] = {
	[OOMWATCH_TRIGGER_UNKNOWN] = "-",
	[OOMWATCH_TRIGGER_ALLOC] = "an allocation",
	[OOMWATCH_TRIGGER_MEMCG] = "a charge of its cgroup",
	[OOMWATCH_TRIGGER_SYSRQ] = "sysrq-f",
	[OOMWATCH_TRIGGER_KSWAPD] = "lru_gen/min_ttl_ms",
	[OOMWATCH_TRIGGER_MEMORY_MAX] = "a write of memory.max",
};

static void show_trigger(struct seq_file *m, const struct kill *kill)
{
	const struct oomwatch_oom *oom = &kill->episode.oom;

	if (!oom->head.type) {
		seq_puts(m, "Trigger: -\n");
	} else {
		put_task(m, "Trigger: pid ", oom->pid, oom->tgid, oom->uid, oom->comm);
		seq_printf(m, "  by %s", oom->trigger < __OOMWATCH_TRIGGER_MAX ?
			   triggers[oom->trigger] : "-");
		put_s32(m, ", order ", 0, oom->order);
		seq_puts(m, ", gfp ");
		if (oom->gfp_mask == OOMWATCH_UNKNOWN_U64)
			seq_putc(m, '-');
		else
			seq_printf(m, "0x%llx", oom->gfp_mask);
		seq_printf(m, "; cause: %s\n",
			   oom_value_name(offsetof(struct oomwatch_oom, cause), oom->cause));
	}
}

static const char * const reaps[__OOMWATCH_REAP_MAX] = {
	[OOMWATCH_REAP_WAKE] = "was woken",
	[OOMWATCH_REAP_START] = "began",
	[OOMWATCH_REAP_FINISH] = "finished",
	[OOMWATCH_REAP_SKIP] = "left the victim alone",
};

static void show_end(struct seq_file *m, const struct kill *kill)
{
	const struct oomwatch_reap *reap = kill->reap;
	unsigned int i;

	seq_puts(m, "After the kill:\n");
	for (i = 0; i < kill->reaps; i++) {
		seq_printf(m, "  the reaper %s", reap[i].event < __OOMWATCH_REAP_MAX ?
			   reaps[reap[i].event] : "-");
		put_ms(m, " after ", reap[i].since_kill_ns);
		seq_putc(m, '\n');
	}
	if (!kill->reaps)
		seq_puts(m, "  the reaper: -\n");
	put_ms(m, "  the victim's exit: after ", kill->exit.head.type ?
	       kill->exit.since_kill_ns : OOMWATCH_UNKNOWN_U64);
	if (kill->victims.nr > 1)
		seq_printf(m, "; %u of %u victims have exited", kill->exits, kill->victims.nr);
	put_ms(m, "\n  out_of_memory() took ", kill->end.head.type ?
	       kill->end.duration_ns : OOMWATCH_UNKNOWN_U64);
	seq_putc(m, '\n');
}

/* --- the file ------------------------------------------------------------------ */

/* In a panic nobody may have been killed yet. */
static void put_title(struct seq_file *m, const struct kill *kill, u64 oom)
{
	if (kill->nobody)
		seq_printf(m, "OOM call n%llu %s", oom & ~OOMWATCH_NOBODY,
			   kill->end.outcome == OOMWATCH_OUTCOME_PANIC ?
			   "panicked rather than kill" : "found nobody to kill");
	else if (kill->episode.head.type && !kill->victim.head.type)
		seq_printf(m, "OOM episode %llu", oom);
	else
		seq_printf(m, "OOM kill %llu", oom);
}

static void show_head(struct seq_file *m, const struct kill *kill, u64 oom)
{
	const struct oomwatch_head *head = &kill->episode.head;
	u64 s;
	u32 ns;

	put_title(m, kill, oom);
	if (head->type) {
		s = div_u64_rem(head->time_ns, NSEC_PER_SEC, &ns);
		seq_printf(m, ", %llu.%09u s after boot", s, ns);
	}
	seq_puts(m, ". Sizes are in MiB.\n");
	if (kill->lost || !head->type)
		seq_printf(m, "Records of this %s may be gone.\n", kill->nobody ? "call" : "kill");
}

/* What a page and a panic show. */
static void show_kill(struct seq_file *m, const struct kill *kill, u64 oom,
		      const struct extent *extent)
{
	show_head(m, kill, oom);
	show_victims(m, kill, extent);
	show_limit(m, kill);
	show_memory(m, kill, extent);
	show_tasks(m, "Candidates", &kill->candidates, extent->tasks);
	show_excluded(m, kill);
	if (extent->protected)
		show_tasks(m, "Protected", &kill->protected, extent->protected);
	show_trigger(m, kill);
}

static void report_print(struct seq_file *m, const struct report *report, u64 wanted)
{
	const struct kill *kill = &report->kill;

	if (!kill->found) {
		if (wanted)
			seq_printf(m, "OOM %s%llu is not in the ring any more.\n",
				   wanted & OOMWATCH_NOBODY ? "call n" : "kill ",
				   wanted & ~OOMWATCH_NOBODY);
		else
			seq_puts(m, "No OOM kill is in the ring.\n");
		return;
	}
	show_kill(m, kill, report->oom, &page_extent);
	if (kill->nobody)
		return;
	show_stack(m, kill);
	show_end(m, kill);
}

static int report_show(struct seq_file *m, void *v)
{
	struct report *report = m->private;
	u64 wanted = atomic64_read(&chosen);
	int err;

	err = mutex_lock_interruptible(&report->lock);
	if (err)
		return err;
	err = report_collect(report, wanted);
	if (!err)
		report_print(m, report, wanted);
	mutex_unlock(&report->lock);
	return err;
}

static int report_open(struct inode *inode, struct file *file)
{
	struct report *report;
	int err;

	err = files_hold_module(file);
	if (err)
		return err;
	err = -ENOMEM;
	report = kvzalloc(sizeof(*report), GFP_KERNEL);
	if (report) {
		mutex_init(&report->lock);
		err = single_open_size(file, report_show, report, REPORT_LINES * (COLUMNS + 1));
	}
	if (err) {
		kvfree(report);
		files_release_module(file);
	}
	return err;
}

static int report_release(struct inode *inode, struct file *file)
{
	kvfree(((struct seq_file *)file->private_data)->private);
	single_release(inode, file);
	files_release_module(file);
	return 0;
}

/* Chooses what is in the ring, or by 0 the newest. */
static int report_choose(struct report *report, u64 oom)
{
	int err;

	err = mutex_lock_interruptible(&report->lock);
	if (err)
		return err;
	if (oom)
		err = report_collect(report, oom);
	if (!err && oom && !report->kill.found)
		err = -ENOENT;
	if (!err)
		atomic64_set(&chosen, oom);
	mutex_unlock(&report->lock);
	return err;
}

/* A kill's number, or with n before it that of a call that found nobody. */
static int parse_number(const char *text, u64 *oom)
{
	u64 nobody = *text == 'n' ? OOMWATCH_NOBODY : 0;

	if (nobody)
		text++;
	if (!isdigit(*text) || kstrtou64(text, 10, oom) || (nobody && !*oom))
		return -EINVAL;
	if (*oom & OOMWATCH_NOBODY)
		return -ENOENT;
	*oom |= nobody;
	return 0;
}

/* A number; 0, or nothing in the line, is the newest of all. */
static ssize_t report_write(struct file *file, const char __user *from, size_t size, loff_t *ppos)
{
	struct report *report = ((struct seq_file *)file->private_data)->private;
	char text[24] = "";
	u64 oom = 0;
	int err;

	if (size >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, size))
		return -EFAULT;
	if (strlen(text) != size)
		return -EINVAL;
	err = size && strcmp(text, "\n") ? parse_number(text, &oom) : 0;
	if (!err)
		err = report_choose(report, oom);
	return err ?: size;
}

/* --- in a panic ----------------------------------------------------------------- */

/* These need no lock: one CPU panics, once. */
static struct kill panicked;
static u64 panicked_oom;

/**
 * report_keep() - keep a record for report_panic()
 * @rec: the record; all are of the same episode
 *
 * Context: panic.
 */
void report_keep(struct oomwatch_head *rec)
{
	if (!panicked.found)
		panicked_oom = rec->oom;
	keep(&panicked, rec);
}

/**
 * report_panic() - print the short form of a report, of the records that were kept
 * @m: where the text goes, at most REPORT_PANIC_LINES lines; nothing if there was no record
 *
 * Context: panic. Never waits.
 */
void report_panic(struct seq_file *m)
{
	if (panicked.found)
		show_kill(m, &panicked, panicked_oom, &panic_extent);
}

const struct file_operations report_fops = {
	.open = report_open,
	.read = seq_read,
	.write = report_write,
	.llseek = seq_lseek,
	.release = report_release,
};
