/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of oomwatch share: a section for each file, those first that others need. The
 * picture of the whole is in ../oomwatch.c.
 */
#ifndef OOMWATCH_INTERNAL_H
#define OOMWATCH_INTERNAL_H

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "../oomwatch.h"
#include "compat.h"
#include "form.h"
#include "memcg.h"

/* === knobs.c ================================================================= */

/* Read with READ_ONCE(). */
#define KNOB(name, ...) extern unsigned int knob_##name
#include "knobs.h"
#undef KNOB

/* What these knobs may be at most: room is made for that. */
#define CANDIDATES_MAX	1024	/* ranked tasks of an episode */
#define STACK_MAX	64	/* frames of a stack record */

int knobs_add(void);
void knobs_remove(void);

/* === counters.c ============================================================== */

#define COUNTER(id, name, meaning) COUNTER_##id,
enum counter {
#include "counters.h"
	NR_COUNTERS
};

#undef COUNTER

extern atomic64_t counters[NR_COUNTERS];

static inline void count(enum counter id)
{
	atomic64_inc(&counters[id]);
}

static inline void count_max(enum counter id, u64 value)
{
	if (value > atomic64_read(&counters[id]))
		atomic64_set(&counters[id], value);
}

void counters_show(struct seq_file *m);

/* === ring.c, check.c ========================================================= */

/**
 * struct ring_cursor - a reader's place in a ring
 * @seq: sequence number of the record to read next
 * @pos: its position; good only while the ring still holds the record
 */
struct ring_cursor {
	u64 seq;
	u64 pos;
};

/**
 * struct ring - records of any length, the newest that fit
 * @lock: guards all that follows; interrupts off, from any context but NMI
 * @buf: the records
 * @size: bytes of @buf, a multiple of 8
 * @base: the position that is @buf's first byte
 * @tail: position of the oldest record
 * @head: position behind the newest record
 * @first_seq: sequence number of the oldest record, @next_seq if there is none
 * @next_seq: sequence number of the next record; READ_ONCE() without @lock
 * @marked: the newest record that was committed with a bookmark
 * @bookmark: that; 0: there is none
 * @overwritten: records that made room for newer ones
 * @cleared: records dropped by ring_clear()
 * @resize_dropped: records that did not fit into a smaller buffer
 */
struct ring {
	raw_spinlock_t lock;
	u8 *buf;
	size_t size;
	u64 base;
	u64 tail;
	u64 head;
	u64 first_seq;
	u64 next_seq;
	struct ring_cursor marked;
	u64 bookmark;
	u64 overwritten;
	u64 cleared;
	u64 resize_dropped;
};

int ring_init(struct ring *ring, size_t size);
void ring_set_up(struct ring *ring, void *buf, size_t size, u64 seq, u64 pos);
void ring_destroy(struct ring *ring);
void ring_commit(struct ring *ring, struct oomwatch_head *rec, u64 bookmark);
bool ring_read(struct ring *ring, struct ring_cursor *cursor,
	       struct oomwatch_head *rec, u64 *missed);
void ring_seek_oldest(struct ring *ring, struct ring_cursor *cursor);
void ring_seek_newest(struct ring *ring, struct ring_cursor *cursor);
u64 ring_seek_bookmark(struct ring *ring, struct ring_cursor *cursor);
bool ring_try_read_bookmark(struct ring *ring, struct ring_cursor *cursor,
			    struct oomwatch_head *rec);
void ring_clear(struct ring *ring);
int ring_resize(struct ring *ring, size_t size);

#ifdef DEBUG
int ring_check(void);
#else
static inline int ring_check(void)
{
	return 0;
}
#endif

/* === fields.c, record.c ====================================================== */

/* The one ring that all records go to. */
extern struct ring records;

/* Who waits for any record, and who for that of a victim. */
extern struct wait_queue_head record_waiters;
extern struct wait_queue_head victim_waiters;

const char *record_type_name(enum oomwatch_type type);
void record_begin(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom);
void record_init(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom);
void record_append(struct oomwatch_head *rec, struct oomwatch_ref *ref,
		   const void *src, size_t len);
struct oomwatch_head *record_pack(struct oomwatch_head *rec);
void record_unpack(struct oomwatch_head *rec);
void record_commit(struct oomwatch_head *rec);
void record_commit_bookmark(struct oomwatch_head *rec, u64 bookmark);
void record_commit_packed(struct oomwatch_head *rec);
void record_drain(void);
int record_apply_ring_kb(unsigned int kb);

/* === process.c =============================================================== */

/* What a task's badness is made of, each read once; memory in pages. */
struct usage {
	u64 anon;
	u64 file;
	u64 shmem;
	u64 swap;
	u64 pgtables;		/* bytes */
	long adj;		/* oom_score_adj */
	u64 total_vm;		/* no part of it, and of the same moment */
};

/* mm/oom_kill.c: oom_badness(). Context: @task's mm is stable. */
static inline struct usage usage_read(struct task_struct *task, bool exact)
{
	struct mm_struct *mm = task->mm;

	return (struct usage) {
		.anon = counter_of_mm(mm, MM_ANONPAGES, exact),
		.file = counter_of_mm(mm, MM_FILEPAGES, exact),
		.shmem = counter_of_mm(mm, MM_SHMEMPAGES, exact),
		.swap = counter_of_mm(mm, MM_SWAPENTS, exact),
		.pgtables = mm_pgtables_bytes(mm),
		.adj = READ_ONCE(task->signal->oom_score_adj),
		.total_vm = mm->total_vm,
	};
}

/* In a panic the lock of a counter may belong to a CPU that is stopped. */
static inline struct usage usage_of(struct task_struct *task)
{
	return usage_read(task, !oops_in_progress);
}

/* By how many pages it may be wrong where it is not exact. */
static inline s64 usage_slack(void)
{
	return 4 * counter_slack();
}

static inline u64 usage_pages(const struct usage *usage)
{
	return usage->anon + usage->file + usage->shmem + usage->swap +
	       usage->pgtables / PAGE_SIZE;
}

/* Unknown without totalpages, unless there is nothing to weigh by them. */
static inline s64 usage_points(const struct usage *usage, unsigned long totalpages)
{
	if (!usage->adj)
		return usage_pages(usage);
	if (!totalpages)
		return OOMWATCH_UNKNOWN_S64;
	return usage_pages(usage) + usage->adj * (long)(totalpages / 1000);
}

/* The terms of a process's points. */
struct score {
	u64 rss;
	u64 swap;
	u64 pgtables;
	s64 adj;
};

static inline struct score score_of(const struct oomwatch_process *process)
{
	struct score score = {
		.rss = process->anon_rss + process->file_rss + process->shmem_rss,
		.swap = process->swap,
		.pgtables = process->pgtables / PAGE_SIZE,
		.adj = OOMWATCH_UNKNOWN_S64,
	};

	if (process->points != OOMWATCH_UNKNOWN_S64)
		score.adj = process->points - (s64)(score.rss + score.swap + score.pgtables);
	return score;
}

/* Holders of an alloc_lock read or set a few fields. */
#define LOCK_TRIES	64

/*
 * Locks a task without waiting; @held is a task whose alloc_lock the caller holds, or NULL.
 * Sparse can't follow a lock that a function may return with; hence the annotations.
 */
static inline bool process_trylock(struct task_struct *task, struct task_struct *held)
{
	int tries;

	for (tries = 0; task != held && tries < LOCK_TRIES; tries++) {
		if (spin_trylock(&task->alloc_lock)) {
			__release(&task->alloc_lock);
			return true;
		}
		cpu_relax();
	}
	return task == held;
}

/* Done with what process_trylock() or process_trylock_mm() has locked. */
static inline void process_unlock(struct task_struct *task, struct task_struct *held)
{
	if (task == held)
		return;
	__acquire(&task->alloc_lock);
	spin_unlock(&task->alloc_lock);
}

struct task_struct *process_trylock_mm(struct task_struct *process, struct task_struct *held);
bool process_has_mm(struct task_struct *process, const struct mm_struct *mm);
void process_copy_comm(char *to, const struct task_struct *task);
u32 process_uid(struct task_struct *task);
void process_fill(struct oomwatch_process *to, struct task_struct *task,
		  const struct usage *usage, unsigned long totalpages);

/* === memory.c ================================================================ */

void memory_append_nodes(struct oomwatch_head *rec, struct oomwatch_ref *ref,
			 const nodemask_t *nodes);
void memory_fill(struct oomwatch_oom *rec, const struct oom_control *oc);
void memory_build_zone(struct oomwatch_zone *rec, struct zone *zone, u64 now, u64 oom);

/* === stack.c ================================================================= */

void stack_drop(void);
void stack_enter(unsigned long entry);
void stack_choice(unsigned long entry);
bool stack_build(struct oomwatch_stack *rec, unsigned long caller, u64 now, u64 oom);
void stack_to_symbols(struct oomwatch_stack *rec);

/* === retries.c: what a task has tried before it called the OOM killer ======== */

struct reclaim_check {
	struct zone *zone;
	u64 reclaimable;	/* pages */
	u64 available;		/* pages, with what could be reclaimed */
	u64 min_wmark;		/* pages */
	int no_progress_loops;
};

struct compact_check {
	int priority;		/* enum compact_priority */
	int result;		/* enum compact_result */
	int retries;
	int max_retries;
};

void retries_reclaim(const struct reclaim_check *check);
void retries_compact(const struct compact_check *check);
void retries_take(struct oomwatch_oom *rec, u64 now);
void retries_show(struct seq_file *m);

/* === adj.c: what a write of oom_score_adj replaces, and who wrote it ========= */

void adj_init(void);
void adj_start(void);
void adj_write(struct task_struct *task);
void adj_fork(const struct signal_struct *signal, const struct signal_struct *parent);
bool adj_setter(const struct signal_struct *signal, struct oomwatch_setter *setter);
void adj_append(struct oomwatch_head *rec, struct oomwatch_ref *ref,
		const struct signal_struct *signal);
void adj_exit(const struct signal_struct *signal);
int adj_apply_per_min(unsigned int per_min);

/* === candidates.c: who could have been chosen ================================ */

/**
 * struct oom_domain - whose tasks an OOM kill chooses from
 * @totalpages: its size
 * @memcg: the memory cgroup whose limit was hit, or NULL for what follows
 * @nodemask: the nodes of the allocation's memory policy, or NULL for the cpuset's
 * @whole: neither: all of the machine
 * @chosen: the process that the kernel has chosen, or NULL; compared only
 * @scanned: the kernel chose it by a scan: no other has a higher score
 * @before: what that was before it was sent SIGKILL, or NULL
 * @held: a task whose alloc_lock the caller holds, or NULL
 */
struct oom_domain {
	unsigned long totalpages;
	struct mem_cgroup *memcg;
	const nodemask_t *nodemask;
	bool whole;
	const struct signal_struct *chosen;
	bool scanned;
	const struct oomwatch_process *before;
	struct task_struct *held;
};

/* A ranked task; @leader and @task are good within the RCU section of the walk. */
struct candidate {
	struct task_struct *leader;
	struct task_struct *task;	/* the thread that had the mm */
	const struct signal_struct *signal; /* its process; compared only */
	s64 key;			/* what it is ranked by */
	struct usage usage;
	struct oomwatch_process process; /* but for memcg and set_by */
};

/**
 * struct ranking - the highest scores of a domain
 * @call: the call of out_of_memory() that it is of
 * @excluded: what else was seen, and how much
 * @unkillable_anon: anonymous memory and page tables of what can't be killed, in pages
 * @max: how many are kept
 * @nr: how many there are
 * @floor: who has less is not kept
 * @order: their indices, the highest score first
 * @slot: they themselves
 * @batch: room for their records, while these wait to be committed
 * @batch_size: bytes of it
 * @batch_used: of these, used
 */
struct ranking {
	u64 call;
	struct oomwatch_excluded excluded;
	u64 unkillable_anon;
	unsigned int max;
	unsigned int nr;
	s64 floor;
	size_t batch_size;
	size_t batch_used;
	u8 *batch;
	u16 *order;
	struct candidate slot[];
};

extern struct ranking __rcu *ranking;	/* of the open episode; NULL: none is wanted */

static inline const struct candidate *ranking_nth(const struct ranking *ranking, unsigned int n)
{
	return &ranking->slot[ranking->order[n]];
}

int ranking_apply_max(unsigned int max);
struct ranking *ranking_alloc(unsigned int max);
void ranking_walk(struct ranking *ranking, const struct oom_domain *domain);
unsigned int ranking_find(const struct ranking *ranking, const struct signal_struct *signal);
void ranking_build_task(struct oomwatch_task *rec, const struct candidate *candidate,
			char *path_buf, u64 now, u64 oom);
void ranking_build_excluded(struct oomwatch_excluded *rec, const struct ranking *from, u64 now,
			    u64 oom);
void ranking_batch(struct ranking *to, struct oomwatch_task *rec, unsigned int more);

/* === cause.c: what the memory went to ======================================== */

void cause_find(struct oomwatch_oom *rec, const struct oom_control *oc,
		const struct ranking *ranked);

/* === victims.c: what becomes of them ========================================= */

void victims_init(bool early);
bool victims_add(const struct task_struct *task, u64 oom, u64 now);
void victims_reap(pid_t pid, enum oomwatch_reap_event event);
void victims_exit(const struct task_struct *task, enum oomwatch_exit_mm mm);

/* === episode.c: one call of out_of_memory() ================================== */

/* Guarded by oom_lock. */
struct episode {
	u64 call;		/* its number among all calls; 0: there was none yet */
	u64 id;			/* its number among those with a victim, if it gets one */
	struct oom_control *oc;	/* the kernel's own; NULL: the scope isn't known */
	struct task_struct *trigger;
	pid_t trigger_pid;
	u64 start_ns;
	u64 mark_ns;		/* its newest mark */
	unsigned long caller;	/* of the probe of that mark */
	u64 spent_ns;		/* inside probes */
	bool counts_kills;	/* the next two are known */
	u64 kernel_kills;	/* kernel_oom_kills() before its first */
	u64 kills_seen;		/* of those since then, how many marks have told of */
	u32 victims;
	bool freed;		/* a notifier freed memory */
	bool choice_seen;	/* by episode_choice() */
	bool allocating_task;	/* chosen for vm.oom_kill_allocating_task */
	const struct signal_struct *chosen; /* whose the next is, compared only */
	struct oomwatch_process process; /* of the chosen task, before it was sent SIGKILL */
	const struct signal_struct *sent; /* SIGKILL, last, to be marked next; compared only */
	struct oomwatch_setter setter;	/* of that process's oom_score_adj */
	/* the newest victim; compared only */
	const struct signal_struct *victim;
	const struct mm_struct *victim_mm;
	pid_t victim_pid;
};

void episode_enter(struct oom_control *oc, unsigned long entry);
void episode_freed(bool freed);
void episode_expect_choice(bool yes);
void episode_choice(const struct oom_control *oc, const char *message, unsigned long entry);
void episode_mark(struct task_struct *task, unsigned long caller);
void episode_signal(struct task_struct *task);
void episode_leave(bool ret);
bool episode_report(void (*show)(const struct oomwatch_head *rec));
pid_t episode_running(void);

/* === capture.c: the records of an episode ==================================== */

enum oomwatch_kind capture_kind(const struct episode *episode);
int capture_init(void);
void capture_destroy(void);
bool capture_is_scanned(const struct episode *episode);
void capture_choice(const struct episode *episode, struct task_struct *held, u64 now);
void capture_begin(const struct episode *episode, struct task_struct *victim, bool dying, u64 now);
void capture_victim(const struct episode *episode, struct task_struct *task, u32 flags, u64 now);
void capture_sharer(const struct episode *episode, struct task_struct *task, u64 now);
void capture_end(const struct episode *episode, enum oomwatch_outcome outcome, u64 kills, u64 now);
void capture_show(const struct episode *episode, u64 now,
		  void (*show)(const struct oomwatch_head *rec));

/* === reader.c, render.c ====================================================== */

/**
 * struct reader - a reader of the ring
 * @cursor: its place
 * @held: @rec waits to be delivered
 * @rec: the record that was fetched last
 */
struct reader {
	struct ring_cursor cursor;
	bool held;
	union {
		struct oomwatch_head head;
		struct oomwatch_start start;
		struct oomwatch_lost lost;
		u8 bytes[OOMWATCH_RECORD_MAX];
	} rec;
};

bool reader_fetch(struct reader *reader);
void render_record(struct seq_file *m, const struct oomwatch_head *rec);
void render_brief(struct seq_file *m, const struct oomwatch_head *rec);

/* === files.c, dryrun.c ======================================================= */

/**
 * struct source_stats - what the event sources have in the file stats
 * @scope_missed: calls of out_of_memory() for which the kretprobe had no room
 * @show: puts the lines that say which sources there are
 */
struct source_stats {
	const int *scope_missed;
	void (*show)(struct seq_file *m);
};

void files_add(const struct source_stats *of);
void files_remove(void);

extern const struct file_operations dry_run_fops;

/* Within a file's open: it holds the module, or fails where that is being unloaded. */
static inline int files_hold_module(void)
{
	return try_module_get(THIS_MODULE) ? 0 : -ENXIO;
}

/* The last thing that a file's release does: after this it must not sleep. */
static inline void files_release_module(void)
{
	module_put(THIS_MODULE);
}

/* === log.c =================================================================== */

int log_apply(unsigned int on);
void log_stop(void);
void panic_attach(void);
void panic_detach(void);

#endif /* OOMWATCH_INTERNAL_H */
