/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations that the files of oomwatch share. Each file has a section; sections that others
 * need come first. For an overview see ../oomwatch.c.
 */
#ifndef OOMWATCH_INTERNAL_H
#define OOMWATCH_INTERNAL_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/jhash.h>
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
#include "dump.h"
#include "form.h"
#include "memcg.h"

/* For large memory: rather without it than have a task killed for it. */
#define GFP_NO_KILL	(GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN)

/* === knobs.c ================================================================= */

/* Read with READ_ONCE(). */
#define KNOB(name, ...) extern unsigned int knob_##name
#include "knobs.h"
#undef KNOB

/* Upper bounds of knobs. Static buffers have room for STACK_MAX frames. */
#define CANDIDATES_MAX	1024	/* ranked tasks of an episode */
#define STACK_MAX	64	/* frames of a stack record */
#define CMDLINE_MAX	4096	/* bytes of a command line */

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
 * struct lane_cursor - a place in a lane
 * @nr: number of the record there, in the lane's own count
 * @pos: its position; good only while the lane still holds the record
 */
struct lane_cursor {
	u64 nr;
	u64 pos;
};

/**
 * struct ring_cursor - a reader's place in a ring
 * @seq: sequence number of the record to read next
 * @at: the place in each lane
 */
struct ring_cursor {
	u64 seq;
	struct lane_cursor at[RING_LANES];
};

/**
 * struct ring_loss - records that a reader was too late for
 * @count: how many, from the cursor on
 * @lanes: a bit for each lane whose records may be among them
 */
struct ring_loss {
	u64 count;
	unsigned long lanes;
};

/**
 * struct kept_lane - where a lane's records are, for the next boot
 * @turn: higher in the newer of a lane's two
 * @at: as in struct lane
 * @clock_ns: CLOCK_REALTIME less CLOCK_BOOTTIME
 * @sum: of the above
 * @unused: 0
 */
struct kept_lane {
	u64 turn;
	struct lane_places at;
	u64 clock_ns;
	u32 sum;
	u32 unused;
};

/* The sum of what is kept: @len is a multiple of 4. */
static inline u32 kept_sum(const void *bytes, size_t len, u32 seed)
{
	return jhash2(bytes, len / sizeof(u32), seed);
}

/* In kept memory a record is followed by its sum. */
struct kept_sum {
	u32 sum;
	u32 unused;
};

/**
 * struct lane - records of any length, the newest that fit
 * @buf: the records
 * @size: bytes of @buf, a multiple of 8
 * @pages: where these are in physical memory; @size to @at are a struct lane_buffer
 * @at: where the records are
 * @overwritten: records that made room for newer ones
 * @cleared: records dropped by ring_clear()
 * @resize_dropped: records that did not fit into a smaller buffer
 * @list: what @pages is the address of, or NULL
 * @kept: two, in memory that outlives a crash, as @buf is then; NULL: it is not kept
 * @turn: the turn of the newer of these
 * @seed: of the sums of what is kept
 */
struct lane {
	u8 *buf;
	u64 size;
	u64 pages;
	struct lane_places at;
	u64 overwritten;
	u64 cleared;
	u64 resize_dropped;
	u64 *list;
	struct kept_lane *kept;
	u64 turn;
	u32 seed;
};

/**
 * struct ring - records in the order in which they were committed
 * @lock: guards all that follows; interrupts off, from any context but NMI
 * @lane: the records
 * @next_seq: sequence number of the next record of all lanes; READ_ONCE() without @lock
 * @marked: for each lane, the place of its newest record that was committed with a bookmark
 * @bookmark: the bookmark of that record; 0: none
 */
struct ring {
	raw_spinlock_t lock;
	struct lane lane[RING_LANES];
	u64 next_seq;
	struct ring_cursor marked[RING_LANES];
	u64 bookmark[RING_LANES];
};

/* The places of a lane that has no records yet. */
static inline struct lane_places lane_empty(struct lane_cursor at)
{
	return (struct lane_places) {
		.base = at.pos, .tail = at.pos, .head = at.pos, .first = at.nr, .next = at.nr,
	};
}

bool lane_tell_pages(struct lane *lane, phys_addr_t at);
void lane_set_up(struct lane *lane, void *buf, size_t size, struct lane_cursor at);
int ring_init(struct ring *ring, const size_t *sizes);
void ring_start(struct ring *ring, u64 next_seq);
void ring_destroy(struct ring *ring);
void ring_commit(struct ring *ring, enum ring_lane lane, struct oomwatch_head *rec, u64 bookmark);
void ring_commit_batch(struct ring *ring, enum ring_lane lane, void *batch, size_t size);
void ring_try_commit(struct ring *ring, enum ring_lane lane, struct oomwatch_head *rec);
bool ring_read(struct ring *ring, struct ring_cursor *cursor,
	       struct oomwatch_head *rec, struct ring_loss *loss);
void ring_seek_oldest(struct ring *ring, struct ring_cursor *cursor);
void ring_seek_newest(struct ring *ring, struct ring_cursor *cursor);
u64 ring_seek_bookmark(struct ring *ring, unsigned long lanes, struct ring_cursor *cursor);
bool ring_try_read_bookmark(struct ring *ring, struct ring_cursor *cursor,
			    struct oomwatch_head *rec);
void ring_clear(struct ring *ring);
int ring_resize(struct ring *ring, enum ring_lane which, size_t size);
u64 ring_written(struct ring *ring, enum ring_lane which);
u64 ring_share(struct ring *ring, enum ring_lane which, u64 since, unsigned int parts);
void lane_keep(struct lane *lane, struct kept_lane *kept, u32 seed);
bool lane_find(struct lane *lane, void *buf, size_t size, struct kept_lane *kept, u32 seed,
	       u64 *clock_ns);
u64 lane_recover(struct lane *to, const struct lane *from, struct oomwatch_head *rec);

#if defined(DEBUG) || IS_ENABLED(CONFIG_OOMWATCH_KUNIT_TEST)
int ring_check(void);
#else
static inline int ring_check(void)
{
	return 0;
}
#endif

/* === fields.c, record.c ====================================================== */

/* The size of RING_NOBODY, which needs no knob: nobody.c limits the rate of its records. */
#define NOBODY_RING_KB	64

/*
 * Within the module it is set in the number of an episode whose records go to RING_STORM. Records
 * have the number without it: record_begin().
 */
#define OOM_STORM	BIT_ULL(62)

/* An episode's number, as records have it. */
static inline u64 oom_number(u64 id)
{
	return id & ~OOM_STORM;
}

/* The one ring that all records go to. */
extern struct ring records;

/* Waiters for any record, and waiters for a victim's record. */
extern struct wait_queue_head record_waiters;
extern struct wait_queue_head victim_waiters;

const char *record_type_name(enum oomwatch_type type);
const char *oom_value_name(size_t offset, unsigned int value);
void record_begin(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom);
void record_init(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom);
void record_append(struct oomwatch_head *rec, struct oomwatch_ref *ref,
		   const void *src, size_t len);
struct oomwatch_head *record_pack(struct oomwatch_head *rec);
void record_unpack(struct oomwatch_head *rec);
void record_commit(struct oomwatch_head *rec);
void record_commit_bookmark(struct oomwatch_head *rec);
void record_commit_as_is(struct oomwatch_head *rec);
void record_commit_batch(void *batch, size_t size);
void record_commit_panic(struct oomwatch_head *rec);
void record_drain(void);
int record_apply_ring_kb(unsigned int kb);
int record_apply_adj_ring_kb(unsigned int kb);
int record_apply_storm_ring_kb(unsigned int kb);
u64 record_load(void);
void record_start(struct oomwatch_start *start);
void records_prepare(void);
int records_init(void);

/* === dump.c ================================================================== */

void dump_init(void);
void dump_exit(void);
void dump_tell_clock(void);

/* === persist.c ================================================================ */

struct symbols;

int persist_init(struct ring *ring);
void persist_exit(void);
struct ring *persist_before(void);
void persist_start(struct oomwatch_start *start);
void persist_complete(struct oomwatch_head *rec, struct symbols *symbols);

/* === work.c: work that readers wait for ======================================= */

struct work_struct;

int work_init(void);
void work_exit(void);
void work_start(struct work_struct *work);

/* === process.c =============================================================== */

/* The inputs of a task's badness, each read once; memory in pages. */
struct usage {
	u64 anon;
	u64 file;
	u64 shmem;
	u64 swap;
	u64 pgtables;		/* bytes */
	long adj;		/* oom_score_adj */
	u64 total_vm;		/* not an input; read at the same time */
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

/* In a panic, a stopped CPU may hold the lock of a counter: don't take it then. */
static inline struct usage usage_of(struct task_struct *task)
{
	return usage_read(task, !oops_in_progress);
}

/* The most pages by which a usage that is not exact may be wrong. */
static inline s64 usage_slack(void)
{
	return 4 * counter_slack();
}

static inline u64 usage_pages(const struct usage *usage)
{
	return usage->anon + usage->file + usage->shmem + usage->swap +
	       usage->pgtables / PAGE_SIZE;
}

/* Unknown without totalpages, unless oom_score_adj is 0. */
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

/* An alloc_lock is only held for a few loads and stores, so a few tries mostly get it. */
#define LOCK_TRIES	64

/*
 * Tries to lock a task; @held is a task whose alloc_lock the caller holds, or NULL.
 * The annotations are for sparse, which can't follow a lock that is taken conditionally.
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

/* Undoes process_trylock() or process_trylock_mm(). */
static inline void process_unlock(struct task_struct *task, struct task_struct *held)
{
	if (task == held)
		return;
	__acquire(&task->alloc_lock);
	spin_unlock(&task->alloc_lock);
}

/*
 * Whether other processes use the mm of @task's process, too; not known of a child of vfork(), for
 * which the kernel sets no flag. A reader of the process's /proc/PID/mem raises mm_users as well.
 *
 * Context: @task's mm is stable.
 */
static inline bool process_shares_its_mm(struct task_struct *task)
{
	return mm_was_shared(task->mm) &&
	       atomic_read(&task->mm->mm_users) > get_nr_threads(task);
}

/* Users are counted by a hash of their uid; root apart from all. */
#define PAYER_BITS	8
#define PAYER_ROOT	BIT(PAYER_BITS)
#define NR_PAYERS	(PAYER_ROOT + 1)

/* What was taken of something that all may cause, and that there is a limit for. */
struct payments {
	unsigned int all;
	unsigned int by[NR_PAYERS];
};

/*
 * Whether a task is of a process that was remembered by these. A signal_struct that is only
 * compared may be another process's by now, which has another tgid.
 */
static inline bool is_of_process(const struct task_struct *task,
				 const struct signal_struct *signal, pid_t tgid)
{
	return task->signal == signal && task->tgid == tgid;
}

struct task_struct *process_trylock_mm(struct task_struct *process, struct task_struct *held);
const struct mm_struct *process_mm(struct task_struct *process, unsigned int most);
void process_copy_comm(char *to, const struct task_struct *task);
u32 process_uid(struct task_struct *task);
unsigned int process_payer(struct task_struct *task);
bool payments_take(struct payments *payments, unsigned int payer, unsigned int most,
		   unsigned int most_of_user, unsigned int for_root);
void payments_add(struct payments *payments, unsigned int payer, unsigned int more,
		  unsigned int most);
void payments_return(struct payments *payments, unsigned int payer);
void process_fill(struct oomwatch_process *to, struct task_struct *task,
		  const struct usage *usage, unsigned long totalpages);

/* === memory.c ================================================================ */

void memory_append_nodes(struct oomwatch_head *rec, struct oomwatch_ref *ref,
			 const nodemask_t *nodes);
void memory_fill(struct oomwatch_oom *rec, const struct oom_control *oc);
void memory_name_gfp(struct oomwatch_oom *rec);
void memory_build_node(struct oomwatch_node *rec, struct pglist_data *node, u64 now, u64 oom);
void memory_build_zone(struct oomwatch_zone *rec, struct zone *zone, u64 now, u64 oom);

/* === reclaim.c: what was done to get memory ================================== */

void reclaim_failed(u64 now);
bool reclaim_build(struct oomwatch_reclaim *rec, u64 now, u64 oom);

/* === pressure.c ============================================================== */

void pressure_of_machine(struct oomwatch_pressure *to);
void pressure_of_cgroup(struct oomwatch_pressure *to, struct cgroup *cgrp);

/* === meminfo.c: /proc/meminfo after a kill ==================================== */

void meminfo_init(void);
void meminfo_exit(void);
void meminfo_want(u64 oom, u64 kill_ns);
void meminfo_wait(void);
bool meminfo_is_known(void);
int meminfo_total_swap(unsigned long *pages);

/* === stack.c ================================================================= */

/* When a stack was recorded. */
enum stack_boot {
	STACK_THIS_BOOT,
	STACK_SAME_KERNEL,	/* at an earlier boot of this kernel */
	STACK_OTHER_KERNEL,
};

void stack_init(void);
void stack_drop(void);
bool stack_has_memory_max(void);
void stack_enter(unsigned long entry);
void stack_choice(unsigned long entry);
bool stack_build(struct oomwatch_stack *rec, unsigned long caller, u64 now, u64 oom);

/**
 * struct symbols - texts of addresses in the kernel itself, where a symbol stays the same
 * @slot: by the address's hash; address 0 has none
 *
 * In a storm the stacks are alike, and to look up a symbol takes longer than all else of a stack.
 */
struct symbols {
	struct {
		u64 address;
		char text[72];
	} slot[64];
};

void stack_to_symbols(struct oomwatch_stack *rec, enum stack_boot boot, u64 moved,
		      struct symbols *symbols);

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

void retries_start(bool compact);
void retries_reclaim(const struct reclaim_check *check);
void retries_compact(const struct compact_check *check);
void retries_take(struct oomwatch_oom *rec, u64 now);
void retries_show(struct seq_file *m);

/* === adj.c: values of oom_score_adj, and the tasks that wrote them =========== */

void adj_init(void);
void adj_start(void);
void adj_write(struct task_struct *task);
void adj_stop(void);
void adj_fork(struct task_struct *child, u64 clone_flags);
bool adj_setter(struct task_struct *task, struct oomwatch_setter *setter);
void adj_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, struct task_struct *task);
void adj_exit(const struct signal_struct *signal);
int adj_apply_per_min(unsigned int per_min);

/* === cmdline.c: command lines of programs ===================================== */

void cmdline_init(int (*attach)(bool on));
int cmdline_apply(unsigned int max);
void cmdline_exec(void);
bool cmdline_build(struct oomwatch_cmdline *rec, struct task_struct *task, u64 now, u64 oom);

/* === candidates.c: the processes that could have been chosen ================= */

/**
 * struct oom_domain - the part of the machine that an OOM kill chooses from
 * @totalpages: its size
 * @memcg: the memory cgroup whose limit was hit, or NULL
 * @nodemask: without @memcg: nodes of the allocation's memory policy, or NULL for the cpuset's
 * @whole: without @memcg: all of the machine, whatever @nodemask is
 * @chosen: the process that the kernel has chosen, or NULL; compared only
 * @scanned: the kernel chose @chosen by a scan, and met no higher score
 * @before: the figures of @chosen before it was sent SIGKILL, or NULL
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

/* The most processes to keep that can't be chosen. */
#define PROTECTED_MAX	5

/* A ranked task; @leader and @task are valid within the RCU section of the walk. */
struct candidate {
	struct task_struct *leader;
	struct task_struct *task;	/* the thread that had the mm */
	const struct signal_struct *signal; /* its process; compared only */
	s64 key;			/* what it is ranked by */
	struct usage usage;
	struct oomwatch_process process; /* without memcg and set_by */
};

/**
 * struct ranking - the highest scores of a domain
 * @call: the call of out_of_memory() whose candidates these are
 * @excluded: counts of candidates and of excluded processes
 * @unkillable_anon: anonymous memory and page tables of unkillable processes, in pages
 * @nr_protected: the number of processes in @protected
 * @protected: the largest that can't be chosen, the largest first; their key is their size
 * @max: the most candidates to keep
 * @nr: the number of candidates kept
 * @last_place: the place that the last one got
 * @floor: a process with a lower key is not kept
 * @order: of @slot, the highest score first; it moves, in twice the room that it needs
 * @slot: the candidates
 * @batch: records of the candidates, which wait here to be committed
 * @batch_size: bytes of @batch
 * @batch_used: bytes of @batch in use
 */
struct ranking {
	u64 call;
	struct oomwatch_excluded excluded;
	u64 unkillable_anon;
	unsigned int nr_protected;
	struct candidate protected[PROTECTED_MAX];
	unsigned int max;
	unsigned int nr;
	unsigned int last_place;
	s64 floor;
	size_t batch_size;
	size_t batch_used;
	u8 *batch;
	struct candidate **order;
	struct candidate slot[];
};

extern struct ranking __rcu *ranking;	/* NULL: the knob candidates is 0 */

static inline const struct candidate *ranking_nth(const struct ranking *ranking, unsigned int n)
{
	return ranking->order[n];
}

/* The n-th of all that get a record, the candidates first, and the type of its record. */
static inline const struct candidate *ranking_member(const struct ranking *ranking, unsigned int n,
						     enum oomwatch_type *type)
{
	*type = n < ranking->nr ? OOMWATCH_TYPE_TASK : OOMWATCH_TYPE_PROTECTED;
	return n < ranking->nr ? ranking_nth(ranking, n) : &ranking->protected[n - ranking->nr];
}

int ranking_apply_max(unsigned int max);
struct ranking *ranking_alloc(unsigned int max);
void ranking_walk(struct ranking *ranking, const struct oom_domain *domain);
unsigned int ranking_find(const struct ranking *ranking, const struct task_struct *task);
void ranking_build_task(struct oomwatch_task *rec, enum oomwatch_type type,
			const struct candidate *candidate, char *path_buf, u64 now, u64 oom);
void ranking_build_excluded(struct oomwatch_excluded *rec, const struct ranking *from, u64 now,
			    u64 oom);
void ranking_batch(struct ranking *to, struct oomwatch_task *rec, unsigned int more);

/* === cause.c: what the memory went to ======================================== */

void cause_find(struct oomwatch_oom *rec, const struct oom_control *oc);
void cause_find_unkillable(struct oomwatch_oom *rec, const struct ranking *ranked);

/* === nobody.c: calls that found nobody to kill ================================ */

u64 nobody_call(u64 id, u64 now);
void nobody_charge(u64 since);
u64 nobody_next(void);
void nobody_forget(void);
void nobody_stop(void);

/* === storm.c: kills that may come in any number ============================== */

bool storm_has(u64 id, struct task_struct *victim, u64 now);
void storm_end(bool killed);
void storm_forget(void);

/* === victims.c: what becomes of victims ====================================== */

void victims_init(bool early);
bool victims_add(const struct task_struct *task, u64 oom, u64 now);
void victims_reap(pid_t pid, enum oomwatch_reap_event event);
bool victims_is_last(struct task_struct *task);
void victims_exit(const struct task_struct *task, enum oomwatch_exit_mm mm);

/* === episode.c: one call of out_of_memory() ================================== */

/* Guarded by oom_lock. */
struct episode {
	u64 call;		/* its number among all calls; 0: there was no call yet */
	u64 id;			/* its number among the episodes with a victim, if it gets one */
	bool placed;		/* storm_has() was asked: @id has OOM_STORM if it said yes */
	struct oom_control *oc;	/* the kernel's; NULL: the call was not seen, or has ended */
	bool records;		/* it gets records: the knob enabled, when it began */
	struct task_struct *trigger;
	pid_t trigger_pid;
	u64 start_ns;
	u64 mark_ns;		/* time of the newest mark */
	unsigned long caller;	/* return address of that mark's probe */
	u64 spent_ns;		/* inside probes */
	bool counts_kills;	/* the next two are known */
	u64 kernel_kills;	/* kernel_oom_kills() before the first kill */
	u64 kills_seen;		/* kills since then that marks account for */
	u32 victims;
	u32 sharers;
	bool freed;		/* a notifier freed memory */
	enum oomwatch_outcome panic; /* the kernel panics rather than kill; else UNKNOWN */
	bool choice_seen;	/* episode_choice() was called */
	bool allocating_task;	/* chosen because of vm.oom_kill_allocating_task */
	struct memcg_use use;	/* of the cgroup at its limit, if it was read before the records */
	const struct signal_struct *chosen; /* the process that @process describes; compared only */
	struct oomwatch_process process; /* the chosen task before its SIGKILL */
	const struct signal_struct *sent; /* the last process sent SIGKILL; compared only */
	struct oomwatch_setter setter;	/* of the oom_score_adj of @sent */
	/* the newest victim; compared only */
	const struct signal_struct *victim;
	const struct mm_struct *victim_mm;
	pid_t victim_pid;
};

/* The victims of an episode, with the sharers, whose records go where the episode's go. */
#define KILL_VICTIMS	4

/* The number for the records of the episode's next victim or sharer. */
static inline u64 episode_victim_id(const struct episode *episode)
{
	bool many = episode->victims + episode->sharers >= KILL_VICTIMS;

	return many ? episode->id | OOM_STORM : episode->id;
}

void episode_enter(struct oom_control *oc, unsigned long entry);
void episode_freed(bool freed);
void episode_expect_choice(bool yes);
void episode_choice(const struct oom_control *oc, const char *message, unsigned long entry);
void episode_mark(struct task_struct *task, unsigned long caller);
void episode_signal(struct task_struct *task);
void episode_leave(bool ret);
void episode_panic(const char *message);
bool episode_report(void (*show)(struct oomwatch_head *rec));
pid_t episode_running(void);

/* === capture.c: the records of an episode ==================================== */

enum oomwatch_kind capture_kind(const struct episode *episode);
int capture_init(void);
void capture_destroy(void);
void capture_choice(const struct episode *episode, struct task_struct *held, u64 now);
void capture_begin(const struct episode *episode, struct task_struct *victim, bool dying, u64 now);
void capture_victim(const struct episode *episode, struct task_struct *task, u32 flags, u64 now);
void capture_sharer(const struct episode *episode, struct task_struct *task, u64 now);
void capture_end(const struct episode *episode, enum oomwatch_outcome outcome, u64 kills, u64 now);
void capture_nobody(const struct episode *episode, u64 now);
void capture_show(const struct episode *episode, u64 now,
		  void (*show)(struct oomwatch_head *rec));

/* === trace.c: trace events ==================================================== */

/* Keeps an event below 2048 bytes: older kernels warn if perf gets a larger one. */
#define TRACE_PATH_MAX	768

/* What a trace event has beside its record. Text is escaped, and "-" if it is not known. */
struct trace_words {
	char comm[4 * OOMWATCH_COMM_LEN];
	char memcg[TRACE_PATH_MAX];
	char oom_memcg[TRACE_PATH_MAX];
	u64 oom_memcg_id;
	const char *kind;
	const char *cause;
	pid_t runner_up_pid;	/* -1: unknown */
	s64 runner_up_points;
	s64 margin;		/* by which the victim's points are higher */
};

#ifdef CONFIG_EVENT_TRACING
void trace_episode(u64 oom);
#else
static inline void trace_episode(u64 oom)
{
}
#endif

/* === reader.c, render.c ====================================================== */

/**
 * struct reader - a reader of the ring
 * @before: reads what an earlier load has kept, rather than the ring of this one
 * @cursor: its place
 * @held: @rec waits to be delivered
 * @symbols: of the stacks that it has read
 * @rec: the record that was fetched last
 */
struct reader {
	bool before;
	struct ring_cursor cursor;
	bool held;
	struct symbols symbols;
	union {
		struct oomwatch_head head;
		struct oomwatch_start start;
		struct oomwatch_lost lost;
		u8 bytes[OOMWATCH_RECORD_MAX];
	} rec;
};

struct ring *reader_ring(const struct reader *reader);
void reader_start(struct reader *reader);
bool reader_fetch(struct reader *reader);
bool reader_missed_kills(const struct oomwatch_lost *lost);
void render_record(struct seq_file *m, const struct oomwatch_head *rec);
void render_brief(struct seq_file *m, const struct oomwatch_head *rec);
void render_short(struct seq_file *m, const u8 *s, size_t len, size_t columns, bool end);

/* === files.c, dryrun.c, report.c ============================================= */

/**
 * struct source_stats - what the file stats shows of the event sources
 * @scope_missed: calls of out_of_memory() for which the kretprobe had no room
 * @show: prints a line for each source, which says whether it is attached
 */
struct source_stats {
	const int *scope_missed;
	void (*show)(struct seq_file *m);
};

void files_add(const struct source_stats *of);
void files_remove(void);

extern const struct file_operations dry_run_fops;
extern const struct file_operations report_fops;

#define REPORT_COLUMNS		100
#define REPORT_PANIC_LINES	26

void report_keep(struct oomwatch_head *rec);
void report_panic(struct seq_file *m);

/*
 * The kernel looks for an owner in f_op after open has failed and after release has returned. The
 * module, and its file_operations, may be gone by then: so f_op becomes one of the kernel's own.
 */
static inline void files_let_go(struct file *file)
{
	file->f_op = &generic_ro_fops;
}

/* For a file's open: takes a module reference, or fails if the module is being unloaded. */
static inline int files_hold_module(struct file *file)
{
	if (try_module_get(THIS_MODULE))
		return 0;
	files_let_go(file);
	return -ENXIO;
}

/* The last call of a file's release, which must not sleep after it: see oomwatch_exit(). */
static inline void files_release_module(struct file *file)
{
	files_let_go(file);
	module_put(THIS_MODULE);
}

/* === log.c =================================================================== */

int log_apply(unsigned int on);
void log_stop(void);
void panic_attach(void);
void panic_detach(void);

#endif /* OOMWATCH_INTERNAL_H */
