/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * oomwatch: the binary record format
 *
 * /sys/kernel/debug/oomwatch/records is a stream of records. Each begins with
 * struct oomwatch_head; head.type says which structure it is, head.len how many
 * bytes to step to the next one (always a multiple of 8, never more than
 * OOMWATCH_RECORD_MAX). Integers have the byte order of the machine that wrote
 * them; oomwatch_start.magic tells which that was.
 *
 *	0          head.fixed                          head.len
 *	+------+---+------------------------------------+------+
 *	| head | … | strings and node masks             | pad  |
 *	+------+---+------------------------------------+------+
 *	         |___ struct oomwatch_ref: offset, length ___^
 *
 * Structures only ever grow at their end. A reader that knows a shorter
 * structure ignores what it doesn't know; one that knows a longer one treats
 * what lies at or beyond head.fixed as unknown; one that meets a type it
 * doesn't know skips the record. OOMWATCH_MAJOR would change if that broke.
 *
 * The sequence number counts records, from 1 and without gaps, since the module
 * was loaded. Where a reader was too slow or the ring was cleared, a record
 * OOMWATCH_TYPE_LOST stands for what it missed. It and OOMWATCH_TYPE_START
 * are made for one reader and are not counted.
 *
 * Units: times in ns of CLOCK_BOOTTIME, memory in pages unless the comment says
 * otherwise (oomwatch_start.page_size gives theirs), ids of users as the initial
 * user namespace has them, of tasks as the initial pid namespace has them.
 *
 * What is not known is told apart from zero: unsigned fields are all ones,
 * signed ones their type's minimum, a reference has offset 0.
 */
#ifndef _UAPI_OOMWATCH_H
#define _UAPI_OOMWATCH_H

#include <linux/types.h>

#define OOMWATCH_MAGIC		0x4f4f4d57	/* "OOMW" */
#define OOMWATCH_MAJOR		1
#define OOMWATCH_MINOR		0
#define OOMWATCH_RECORD_MAX	8192	/* bytes; a read of this size always gets a record */
#define OOMWATCH_COMM_LEN	16	/* bytes, NUL-terminated */

#define OOMWATCH_UNKNOWN_U32	0xffffffffU
#define OOMWATCH_UNKNOWN_U64	0xffffffffffffffffULL
#define OOMWATCH_UNKNOWN_S32	(-0x7fffffff - 1)
#define OOMWATCH_UNKNOWN_S64	(-0x7fffffffffffffffLL - 1)
/* A limit that is not set. */
#define OOMWATCH_NO_LIMIT	0xfffffffffffffffeULL

enum oomwatch_type {
	OOMWATCH_TYPE_NONE,
	OOMWATCH_TYPE_START,	/* the first record a reader gets */
	OOMWATCH_TYPE_LOST,	/* stands for records that this reader missed */
	OOMWATCH_TYPE_OOM,	/* an episode: who asked, and under which limit */
	OOMWATCH_TYPE_ZONE,	/* a memory zone, behind its episode */
	OOMWATCH_TYPE_VICTIM,	/* a task the kernel marked */
	OOMWATCH_TYPE_TASK,	/* a task that could have been chosen, before the victims */
	OOMWATCH_TYPE_STACK,	/* how the trigger came there, behind its episode */
	OOMWATCH_TYPE_END,	/* out_of_memory() returned */
	OOMWATCH_TYPE_REAP,	/* the OOM reaper and a victim */
	OOMWATCH_TYPE_EXIT,	/* a victim's last thread is gone */
	OOMWATCH_TYPE_ADJ,	/* somebody wrote an oom_score_adj */
	OOMWATCH_TYPE_EXCLUDED,	/* what could not be chosen, behind the tasks that could */
	OOMWATCH_TYPE_SHARER,	/* sent SIGKILL because it has a victim's mm */
	__OOMWATCH_TYPE_MAX
};

/* Whose memory had run out. */
enum oomwatch_kind {
	OOMWATCH_KIND_UNKNOWN,
	OOMWATCH_KIND_GLOBAL,
	OOMWATCH_KIND_MEMCG,
	OOMWATCH_KIND_CPUSET,
	OOMWATCH_KIND_MEMPOLICY,
	__OOMWATCH_KIND_MAX
};

/* How the OOM killer came to be called. */
enum oomwatch_trigger {
	OOMWATCH_TRIGGER_UNKNOWN,
	OOMWATCH_TRIGGER_ALLOC,		/* the page allocator */
	OOMWATCH_TRIGGER_MEMCG,		/* a charge over a memory cgroup's limit */
	OOMWATCH_TRIGGER_SYSRQ,		/* sysrq-f */
	OOMWATCH_TRIGGER_KSWAPD,	/* multi-gen LRU's lru_gen/min_ttl_ms */
	__OOMWATCH_TRIGGER_MAX
};

/* The kernel's enum oom_constraint. */
enum oomwatch_constraint {
	OOMWATCH_CONSTRAINT_UNKNOWN,
	OOMWATCH_CONSTRAINT_NONE,
	OOMWATCH_CONSTRAINT_CPUSET,
	OOMWATCH_CONSTRAINT_MEMORY_POLICY,
	OOMWATCH_CONSTRAINT_MEMCG,
	__OOMWATCH_CONSTRAINT_MAX
};

/* Why this task. */
enum oomwatch_verdict {
	OOMWATCH_VERDICT_UNKNOWN,
	OOMWATCH_VERDICT_HIGHEST_SCORE,	/* of all that were eligible */
	OOMWATCH_VERDICT_ALLOCATING_TASK, /* vm.oom_kill_allocating_task */
	OOMWATCH_VERDICT_DYING_TRIGGER,	/* the trigger was dying: marked, not killed */
	OOMWATCH_VERDICT_DYING_CHOSEN,	/* the one chosen was dying: marked, not killed */
	OOMWATCH_VERDICT_OOM_ORIGIN,	/* it had said so itself, as swapoff does: no score */
	__OOMWATCH_VERDICT_MAX
};

/* What one call of out_of_memory() came to. Only the first two leave records. */
enum oomwatch_outcome {
	OOMWATCH_OUTCOME_UNKNOWN,
	OOMWATCH_OUTCOME_KILLED,	/* at least one task was sent SIGKILL */
	OOMWATCH_OUTCOME_DYING,		/* a task that was dying got access to reserves */
	OOMWATCH_OUTCOME_FREED,		/* an OOM notifier freed memory */
	OOMWATCH_OUTCOME_IN_FLIGHT,	/* an earlier victim is still on its way out */
	OOMWATCH_OUTCOME_REPEATED,	/* the trigger is itself an earlier victim */
	OOMWATCH_OUTCOME_NOFS,		/* an allocation that must not enter filesystems */
	OOMWATCH_OUTCOME_GONE,		/* the chosen task was gone or marked before */
	OOMWATCH_OUTCOME_NO_VICTIM,	/* nobody was eligible */
	OOMWATCH_OUTCOME_DISABLED,	/* the OOM killer is off, as in suspend */
	__OOMWATCH_OUTCOME_MAX
};

/*
 * What the memory went to, from figures: oomwatch_oom.cause_amount compared with
 * cause_bound, both in pages.
 */
enum oomwatch_cause {
	OOMWATCH_CAUSE_UNKNOWN,		/* none of these is clear */
	OOMWATCH_CAUSE_SYSRQ,		/* somebody asked for it: no figures */
	OOMWATCH_CAUSE_MEMCG_LIMIT,	/* the trigger's cgroup: usage, limit */
	OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT, /* one above the trigger's: usage, limit */
	OOMWATCH_CAUSE_CPUSET,		/* free on the cpuset's nodes, and on the others */
	OOMWATCH_CAUSE_MEMPOLICY,	/* free on the policy's nodes, and on the others */
	OOMWATCH_CAUSE_FRAGMENTATION,	/* free where it may allocate, what must stay free */
	OOMWATCH_CAUSE_SLAB,		/* unreclaimable slab, all RAM */
	OOMWATCH_CAUSE_PAGE_TABLES,	/* page tables, all RAM */
	OOMWATCH_CAUSE_LOWMEM_ZONE,	/* free in the zones that it may use, and in the others */
	OOMWATCH_CAUSE_SHMEM,		/* shared memory and tmpfs, all RAM */
	OOMWATCH_CAUSE_UNKILLABLE_HOLD,	/* what tasks that can't be killed hold, all RAM */
	OOMWATCH_CAUSE_ANON,		/* anonymous memory, all RAM */
	__OOMWATCH_CAUSE_MAX
};

enum oomwatch_reap_event {
	OOMWATCH_REAP_WAKE,		/* queued: two seconds after the kill, if still alive */
	OOMWATCH_REAP_START,
	OOMWATCH_REAP_FINISH,
	OOMWATCH_REAP_SKIP,		/* mmap_lock was held, or nothing was left to do */
	__OOMWATCH_REAP_MAX
};

/* The state of the victim's mm at its last thread's exit event. */
enum oomwatch_exit_mm {
	OOMWATCH_EXIT_MM_HELD,		/* newer kernels: exit_mm() comes after the event */
	OOMWATCH_EXIT_MM_DROPPED,	/* older kernels: exit_mm() came before it */
	__OOMWATCH_EXIT_MM_MAX
};

/* oomwatch_process.flags */
#define OOMWATCH_TASK_GROUP	0x1	/* memory.oom.group had it killed with others */
#define OOMWATCH_TASK_DYING	0x2	/* it was dying before; it got no SIGKILL for this */
#define OOMWATCH_TASK_SHARES_MM	0x4	/* processes beside its own use its mm */
#define OOMWATCH_TASK_ORIGIN	0x8	/* it had asked to be the first, as swapoff does */
#define OOMWATCH_TASK_IN_FLIGHT	0x10	/* a victim of before, on its way out */
#define OOMWATCH_TASK_FLAGS	5	/* how many there are */

struct oomwatch_head {
	__u32 len;		/* bytes to the next record */
	__u16 type;		/* enum oomwatch_type */
	__u16 fixed;		/* bytes before what the references point to */
	__u64 seq;
	__u64 time_ns;
	__u64 oom;		/* the episode's number; 0: belongs to none */
};

struct oomwatch_ref {
	__u16 off;		/* bytes from the beginning of the record */
	__u16 len;		/* bytes; no terminating NUL */
};

struct oomwatch_start {
	struct oomwatch_head head;	/* seq: the next record to come */
	__u32 magic;
	__u16 major;
	__u16 minor;
	__u32 page_size;		/* bytes */
	struct oomwatch_ref release;	/* uname -r */
	__u64 realtime_ns;		/* CLOCK_REALTIME at head.time_ns */
};

struct oomwatch_lost {
	struct oomwatch_head head;	/* seq: the first record missed */
	__u64 count;
};

struct oomwatch_oom {
	struct oomwatch_head head;
	__u8 kind;			/* enum oomwatch_kind */
	__u8 trigger;			/* enum oomwatch_trigger */
	__u8 constraint;		/* enum oomwatch_constraint */
	__u8 verdict;			/* enum oomwatch_verdict */
	__s32 order;			/* of the allocation; -1: sysrq */
	__u64 gfp_mask;
	/* the task that asked for memory */
	__s32 pid;
	__s32 tgid;
	__u32 uid;
	__s32 oom_score_adj;
	char comm[OOMWATCH_COMM_LEN];
	/* the choice */
	__u64 totalpages;		/* of the domain */
	__s64 chosen_points;		/* the kernel's own sum; unknown where it made none */
	/* the memory cgroup whose limit was hit */
	__u64 memcg_id;			/* inode number of its directory */
	__u64 memcg_usage;
	__u64 memcg_limit;
	__u64 memcg_swap_usage;		/* cgroup v2 only */
	__u64 memcg_swap_limit;		/* cgroup v2 only */
	__u64 memcg_failcnt;		/* charges that hit the limit */
	/* the machine */
	__u64 ram_total;
	__u64 ram_free;
	__u64 swap_total;
	__u64 swap_free;
	__u64 inactive_anon;
	__u64 active_anon;
	__u64 inactive_file;
	__u64 active_file;
	__u64 unevictable;
	struct oomwatch_ref memcg;	/* path */
	struct oomwatch_ref nodemask;	/* mempolicy's nodes: bit n of the __u64 words is node n */
	struct oomwatch_ref mems_allowed; /* cpuset's nodes, the same way */
	__u32 cause;			/* enum oomwatch_cause */
	/* the machine, by use */
	__u64 isolated_anon;
	__u64 isolated_file;
	__u64 dirty;
	__u64 writeback;
	__u64 slab_reclaimable;
	__u64 slab_unreclaimable;
	__u64 mapped;
	__u64 shmem;
	__u64 pagetables;
	__u64 kernel_stack;		/* bytes */
	__u64 page_cache;		/* with swap cache and shmem */
	__u64 swap_cache;
	/*
	 * What the trigger had tried: checks whether to reclaim or compact once more,
	 * since its last episode or a pause of a second, and what the last one found.
	 * For allocations from the page allocator only; strings are empty if unknown.
	 */
	__u32 reclaim_checks;
	__u32 compact_checks;
	__u64 retry_ns;			/* from the first of them to the kill */
	__u32 retry_node;
	__s32 no_progress_loops;
	char retry_zone[16];
	__u64 retry_reclaimable;
	__u64 retry_available;
	__u64 retry_min_wmark;
	char compact_priority[16];
	char compact_result[24];
	__s32 compact_retries;
	__s32 compact_max_retries;
	/* more of the memory cgroup whose limit was hit */
	__u64 memcg_high;		/* cgroup v2 only */
	__u64 memcg_memsw_usage;	/* memory and swap: cgroup v1 only */
	__u64 memcg_memsw_limit;	/* cgroup v1 only */
	/* the trigger's own, which may be one below */
	__u64 trigger_memcg_id;		/* inode number of its directory */
	struct oomwatch_ref trigger_memcg; /* path */
	__u32 reserved;
	__u64 cause_amount;
	__u64 cause_bound;
};

/* Watermarks are with the boost of the moment in them. */
struct oomwatch_zone {
	struct oomwatch_head head;
	__u32 node;
	__u32 reserved;
	char name[OOMWATCH_COMM_LEN];	/* as the kernel calls it, NUL-terminated */
	__u64 free;
	__u64 boost;
	__u64 min;
	__u64 low;
	__u64 high;
	__u64 managed;
	__u64 present;
	__u64 inactive_anon;
	__u64 active_anon;
	__u64 inactive_file;
	__u64 active_file;
	__u64 unevictable;
	__u64 write_pending;
	struct oomwatch_ref lowmem_reserve; /* __u64 for each type of zone, in pages */
	struct oomwatch_ref free_blocks; /* __u64 for each order: free blocks of it */
};

/* Who gave a process the oom_score_adj that it has. */
struct oomwatch_setter {
	__s32 pid;			/* the writer */
	__u32 uid;
	char comm[OOMWATCH_COMM_LEN];
	__u64 time_ns;			/* when */
	__s32 on_tgid;			/* to which process; others have it from that one by fork */
	__u32 reserved;
};

/*
 * A process, as task and victim records have it. It does not grow: what comes to
 * be known is behind it in these.
 */
struct oomwatch_process {
	__s32 pid;			/* the thread meant; not always the leader */
	__s32 tgid;
	__s32 ppid;
	__u32 uid;
	__s32 oom_score_adj;
	__u32 threads;
	char comm[OOMWATCH_COMM_LEN];
	__u64 start_ns;			/* when the process was started */
	__u64 total_vm;
	__u64 anon_rss;
	__u64 file_rss;
	__u64 shmem_rss;
	__u64 swap;
	__u64 pgtables;			/* bytes */
	__s64 points;
	__u64 memcg_id;			/* inode number of its directory */
	struct oomwatch_ref memcg;	/* path */
	struct oomwatch_ref set_by;	/* struct oomwatch_setter */
	__u32 flags;			/* OOMWATCH_TASK_* */
	__u32 rank;			/* by points, from 1; 0: not among those kept */
};

/*
 * mm/oom_kill.c: oom_badness() adds, in pages,
 *	points = score_rss + score_swap + score_pgtables + score_adj
 *	score_adj = oom_score_adj * (totalpages / 1000)
 * A task that could have been chosen had these when the choice was made:
 *	score_rss = anon_rss + file_rss + shmem_rss
 *	score_swap = swap
 *	score_pgtables = pgtables / page_size
 */
struct oomwatch_task {
	struct oomwatch_head head;
	struct oomwatch_process process;
};

/* The terms are of the choice, what process has of the kill, a moment later. */
struct oomwatch_victim {
	struct oomwatch_head head;
	struct oomwatch_process process;
	__u64 score_rss;
	__u64 score_swap;
	__u64 score_pgtables;
	__s64 score_adj;
};

/*
 * Processes that could have been chosen, and counts of those that could not, by
 * the reason; with what they hold as a score counts it: resident, swapped out and
 * page tables, in pages. Where the kernel sums up per-CPU counters for a score, those below
 * all that are ranked are in eligible_pages without what is not yet summed up.
 */
struct oomwatch_excluded {
	struct oomwatch_head head;
	__u32 eligible;
	__u32 unkillable;		/* oom_score_adj is -1000 */
	__u32 init;
	__u32 kthreads;
	__u32 reaped;			/* victims of before, with nothing left to free */
	__u32 vfork;			/* use the mm of their parent */
	__u32 exited;			/* have no memory any more */
	__u32 outside;			/* of the memory cgroup, cpuset or memory policy */
	__u32 busy;			/* could not be looked at without waiting for a lock */
	__u32 reserved;
	__u64 eligible_pages;
	__u64 unkillable_pages;
	__u64 init_pages;
	__u64 reaped_pages;
	__u64 vfork_pages;
};

/* A process that the kernel killed with a victim: as long as it has the mm, that stays. */
struct oomwatch_sharer {
	struct oomwatch_head head;
	__s32 pid;
	__s32 tgid;
	__s32 victim_pid;
	__s32 oom_score_adj;
	__u32 uid;
	__u32 reserved;
	char comm[OOMWATCH_COMM_LEN];
};

/* Frames are symbols, as symbol+offset/size; of one that has none it is the address. */
struct oomwatch_stack {
	struct oomwatch_head head;
	__u32 nr_frames;
	struct oomwatch_ref frames;	/* text: the innermost first, with ; between them */
};

struct oomwatch_end {
	struct oomwatch_head head;
	__u32 outcome;			/* enum oomwatch_outcome */
	__u32 victims;			/* tasks marked */
	__u64 kills;			/* SIGKILLs, as the kernel counts them (oom_kill) */
	__u64 duration_ns;		/* of out_of_memory() */
	__u64 capture_ns;		/* of which oomwatch's own */
};

struct oomwatch_reap {
	struct oomwatch_head head;
	__s32 pid;			/* as in the victim's record */
	__u32 event;			/* enum oomwatch_reap_event */
	__u64 since_kill_ns;
};

struct oomwatch_exit {
	struct oomwatch_head head;
	__s32 pid;			/* as in the victim's record */
	__s32 tgid;
	__u64 since_kill_ns;
	__u32 mm;			/* enum oomwatch_exit_mm */
	__u32 reserved;
};

struct oomwatch_adj {
	struct oomwatch_head head;
	__s32 pid;
	__s32 tgid;
	__s32 old_adj;
	__s32 new_adj;
	__s32 by_pid;
	__u32 by_uid;
	char comm[OOMWATCH_COMM_LEN];
	char by_comm[OOMWATCH_COMM_LEN];
};

#endif /* _UAPI_OOMWATCH_H */
