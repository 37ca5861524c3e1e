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
 * structure ignores what it doesn't know. A reader that knows a longer one treats
 * members at or beyond head.fixed as unknown. A reader that meets a type it
 * doesn't know skips the record. OOMWATCH_MAJOR changes if this stops being true.
 *
 * The sequence number counts records of all types, from 1 and without gaps, since the module was
 * loaded. Records OOMWATCH_TYPE_ADJ are kept in a ring of their own, those of calls that found
 * nobody to kill in another, those of storms of kills in a third, and all others in a fourth,
 * but a reader gets all in the order of this number. Where numbers are missing, a record
 * OOMWATCH_TYPE_LOST stands for the records that this reader does not get: it was too slow, the
 * ring was cleared, or one ring goes back further than the others. Records OOMWATCH_TYPE_LOST
 * and OOMWATCH_TYPE_START are made for one reader and are not counted.
 *
 * Units: times in ns of CLOCK_BOOTTIME, memory in pages unless the comment says
 * otherwise (oomwatch_start.page_size is the size of a page), uids in the initial
 * user namespace, pids in the initial pid namespace.
 *
 * An unknown value is not zero: an unsigned field is all ones, a signed one its
 * type's minimum. An enum that has a value ..._UNKNOWN has that value, a reference
 * has offset 0.
 */
#ifndef _UAPI_OOMWATCH_H
#define _UAPI_OOMWATCH_H

#include <linux/types.h>

#define OOMWATCH_MAGIC		0x4f4f4d57	/* "OOMW" */
#define OOMWATCH_MAJOR		1
#define OOMWATCH_MINOR		1
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
	OOMWATCH_TYPE_OOM,	/* an episode: its trigger, limit and memory */
	OOMWATCH_TYPE_ZONE,	/* a memory zone, after its episode */
	OOMWATCH_TYPE_VICTIM,	/* a task the kernel marked */
	OOMWATCH_TYPE_TASK,	/* a candidate, before the victims */
	OOMWATCH_TYPE_STACK,	/* the trigger's stack, after its episode */
	OOMWATCH_TYPE_END,	/* out_of_memory() returned */
	OOMWATCH_TYPE_REAP,	/* the OOM reaper and a victim */
	OOMWATCH_TYPE_EXIT,	/* a victim's last thread is gone */
	OOMWATCH_TYPE_ADJ,	/* a write of oom_score_adj */
	OOMWATCH_TYPE_EXCLUDED,	/* counts of excluded processes, after the candidates */
	OOMWATCH_TYPE_SHARER,	/* a process killed because it has a victim's mm */
	OOMWATCH_TYPE_MEMCG,	/* the memory of the cgroup at its limit, after its episode */
	OOMWATCH_TYPE_CHILD,	/* a large child of that cgroup, or of the root */
	OOMWATCH_TYPE_PROTECTED, /* a large process that can't be chosen, after the candidates */
	OOMWATCH_TYPE_MEMINFO,	/* figures of the machine, read after a kill */
	OOMWATCH_TYPE_CMDLINE,	/* the command line of a victim or candidate */
	OOMWATCH_TYPE_NODE,	/* a NUMA node, before the zones; not in a cgroup's kill */
	OOMWATCH_TYPE_RECLAIM,	/* what reclaim did since it first failed, before the nodes */
	OOMWATCH_TYPE_CALLS,	/* more calls that found nobody to kill: OOMWATCH_NOBODY */
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
	OOMWATCH_TRIGGER_MEMORY_MAX,	/* a write of memory.max, to less than is in use */
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

/* Why the kernel chose this task. */
enum oomwatch_verdict {
	OOMWATCH_VERDICT_UNKNOWN,
	OOMWATCH_VERDICT_HIGHEST_SCORE,	/* of all candidates */
	OOMWATCH_VERDICT_ALLOCATING_TASK, /* vm.oom_kill_allocating_task */
	OOMWATCH_VERDICT_DYING_TRIGGER,	/* the trigger was dying: marked, not killed */
	OOMWATCH_VERDICT_DYING_CHOSEN,	/* the chosen task was dying: marked, not killed */
	OOMWATCH_VERDICT_OOM_ORIGIN,	/* it had asked to be first, as swapoff does: no score */
	__OOMWATCH_VERDICT_MAX
};

/*
 * The result of a call of out_of_memory(). Only KILLED and DYING leave an episode, and some of
 * NO_VICTIM, and the last two: OOMWATCH_NOBODY.
 */
enum oomwatch_outcome {
	OOMWATCH_OUTCOME_UNKNOWN,
	OOMWATCH_OUTCOME_KILLED,	/* at least one task was sent SIGKILL */
	OOMWATCH_OUTCOME_DYING,		/* a task that was dying got access to reserves */
	OOMWATCH_OUTCOME_FREED,		/* an OOM notifier freed memory */
	OOMWATCH_OUTCOME_IN_FLIGHT,	/* an earlier victim is still on its way out */
	OOMWATCH_OUTCOME_REPEATED,	/* the trigger is itself an earlier victim */
	OOMWATCH_OUTCOME_NOFS,		/* an allocation that must not enter filesystems */
	OOMWATCH_OUTCOME_GONE,		/* the chosen task was gone or marked before */
	OOMWATCH_OUTCOME_NO_VICTIM,	/* there was no candidate */
	OOMWATCH_OUTCOME_DISABLED,	/* the OOM killer is off, as in suspend */
	OOMWATCH_OUTCOME_PANIC,		/* the kernel panicked rather than kill: vm.panic_on_oom */
	OOMWATCH_OUTCOME_DEADLOCK,	/* the kernel panicked, as there was no candidate */
	__OOMWATCH_OUTCOME_MAX
};

/*
 * What the memory went to. The comments name the two figures that show it, in pages:
 * oomwatch_oom.cause_amount, and cause_bound to compare it with.
 */
enum oomwatch_cause {
	OOMWATCH_CAUSE_UNKNOWN,		/* none of these is clear */
	OOMWATCH_CAUSE_SYSRQ,		/* sysrq-f: no figures */
	OOMWATCH_CAUSE_MEMCG_LIMIT,	/* the trigger's cgroup: usage, limit */
	OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT, /* an ancestor of the trigger's: usage, limit */
	OOMWATCH_CAUSE_CPUSET,		/* free on the cpuset's nodes, and on the others */
	OOMWATCH_CAUSE_MEMPOLICY,	/* free on the policy's nodes, and on the others */
	OOMWATCH_CAUSE_FRAGMENTATION,	/* free in a usable zone, what must stay free there */
	OOMWATCH_CAUSE_SLAB,		/* unreclaimable slab, all RAM */
	OOMWATCH_CAUSE_PAGE_TABLES,	/* page tables, all RAM */
	OOMWATCH_CAUSE_LOWMEM_ZONE,	/* free in the usable zones, and in higher ones */
	OOMWATCH_CAUSE_SHMEM,		/* shared memory and tmpfs, all RAM */
	OOMWATCH_CAUSE_UNKILLABLE_HOLD,	/* anon and page tables of unkillable tasks, all RAM */
	OOMWATCH_CAUSE_ANON,		/* anonymous memory, all RAM */
	OOMWATCH_CAUSE_MIN_TTL,		/* kswapd keeps lru_gen/min_ttl_ms: no figures */
	OOMWATCH_CAUSE_LIMIT_LOWERED,	/* a cgroup's limit was lowered: usage, limit */
	OOMWATCH_CAUSE_SWAPOFF,		/* oomwatch_oom.swapoff, free RAM */
	__OOMWATCH_CAUSE_MAX
};

enum oomwatch_reap_event {
	OOMWATCH_REAP_WAKE,		/* queued, two seconds after the kill */
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

/* When a command line was read from the memory of a process. */
enum oomwatch_cmdline_read {
	OOMWATCH_CMDLINE_UNKNOWN,
	OOMWATCH_CMDLINE_EXEC,		/* by execve() */
	OOMWATCH_CMDLINE_LOAD,		/* later: the program ran before oomwatch kept any */
	__OOMWATCH_CMDLINE_MAX
};

/* oomwatch_process.flags */
#define OOMWATCH_TASK_GROUP	0x1	/* killed with its cgroup, by memory.oom.group */
#define OOMWATCH_TASK_DYING	0x2	/* it was dying already: marked, not killed */
#define OOMWATCH_TASK_SHARES_MM	0x4	/* other processes use its mm, too */
#define OOMWATCH_TASK_ORIGIN	0x8	/* it had asked to be killed first, as swapoff does */
#define OOMWATCH_TASK_IN_FLIGHT	0x10	/* an earlier victim that has not exited yet */
#define OOMWATCH_TASK_FLAGS	5	/* the number of flags */

/*
 * Calls of out_of_memory() that found nobody to kill, and one by which the kernel panics rather
 * than kill, have numbers of their own, from 1. In
 * oomwatch_head.oom of their records this bit is set beside the number. In the file records
 * OOMWATCH_TYPE_NOBODY is set in the type, too: a program that takes each number for that of a kill
 * doesn't know these types, and skips the records.
 */
#define OOMWATCH_NOBODY		0x8000000000000000ULL
#define OOMWATCH_TYPE_NOBODY	0x8000

struct oomwatch_head {
	__u32 len;		/* bytes to the next record */
	__u16 type;		/* enum oomwatch_type */
	__u16 fixed;		/* bytes before the data that references point to */
	__u64 seq;
	__u64 time_ns;
	__u64 oom;		/* the episode's number; 0: none */
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
	/* since minor version 1 */
	__u64 load;			/* a random number: of this load of the module */
	struct oomwatch_ref host;	/* uname -n, outside of containers */
	struct oomwatch_ref version;	/* uname -v */
	/* 32 hex digits each. The module doesn't know these: a program that reads it adds them. */
	struct oomwatch_ref boot;	/* text: /proc/sys/kernel/random/boot_id */
	struct oomwatch_ref machine;	/* text: /etc/machine-id */
};

struct oomwatch_lost {
	struct oomwatch_head head;	/* seq: the first record missed */
	__u64 count;
	/* since minor version 1 */
	__u64 adj;			/* count, if all were OOMWATCH_TYPE_ADJ, else unknown */
	__u64 kills;			/* 0, if none was of a kill, else unknown */
};

/*
 * How long tasks waited for memory (PSI): some of them, or all that were not idle. Embedded in
 * other records; does not grow. The kernel sums this up every two seconds, or if somebody reads it.
 */
struct oomwatch_pressure {
	__u32 some_avg10;		/* of the last 10 s, in basis points: 0.01 % */
	__u32 full_avg10;
	__u64 some_total;		/* ns since boot, or since the cgroup was made */
	__u64 full_total;
	__u64 age;			/* ns since the averages were made */
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
	__s64 chosen_points;		/* the kernel's own; unknown if it computed none */
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
	struct oomwatch_ref mems_allowed; /* cpuset's nodes, in the same form */
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
	__u64 page_cache;		/* including swap cache and shmem */
	__u64 swap_cache;
	/*
	 * How often the trigger checked whether to retry reclaim or compaction, and what the
	 * last checks found. The counts begin anew after an episode of the trigger, and after a
	 * second without a check. Only known if the trigger is the page allocator. An unknown
	 * string is empty.
	 */
	__u32 reclaim_checks;
	__u32 compact_checks;
	__u64 retry_ns;			/* from the first check to the kill */
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
	/* the trigger's own memory cgroup, which may be a descendant */
	__u64 trigger_memcg_id;		/* inode number of its directory */
	struct oomwatch_ref trigger_memcg; /* path */
	__u32 reserved;
	__u64 cause_amount;
	__u64 cause_bound;
	/* since minor version 1 */
	__u64 anon_mapped;		/* anonymous memory of processes, without shmem */
	__u64 sec_pagetables;		/* of virtual machines and devices */
	__u64 kernel_misc_reclaimable;
	__u64 zspages;			/* compressed pages, of zram and zswap */
	__u64 free_cma;			/* part of ram_free */
	/* counted by newer kernels only */
	__u64 vmalloc;
	__u64 hugetlb;			/* huge pages in use */
	__u64 balloon;			/* given back to the host */
	char leader_comm[OOMWATCH_COMM_LEN]; /* of the trigger's process */
	struct oomwatch_ref gfp_flags;	/* text: gfp_mask by the kernel's names */
	__u32 reserved2;
	__u64 swapoff;			/* in swap that is being switched off, fits in no other */
	__u32 cpu;			/* that the trigger ran on */
	__u32 reserved3;
	struct oomwatch_pressure pressure; /* of the machine; unknown before Linux 6.1 */
};

/* The watermarks min, low and high include boost. */
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
	struct oomwatch_ref lowmem_reserve; /* a __u64 for each type of zone, in pages */
	struct oomwatch_ref free_blocks; /* a __u64 for each order: number of free blocks */
	/* since minor version 1 */
	__u64 reserved_highatomic;
	__u64 free_highatomic;		/* part of free; newer kernels */
	__u64 free_cma;			/* part of free */
	__u64 free_pcp;			/* on the CPUs' own lists, not in free */
	__u64 mlocked;
	__u64 zspages;
	struct oomwatch_ref free_types;	/* text: for each order the types of the free blocks */
	__u32 reserved2;
};

/* A NUMA node. A machine without NUMA has one. Some figures only newer or older kernels have. */
struct oomwatch_node {
	struct oomwatch_head head;
	__u32 node;
	__u32 kswapd_failures;		/* in a row; at 16 kswapd gives the node up */
	__u64 active_anon;
	__u64 inactive_anon;
	__u64 active_file;
	__u64 inactive_file;
	__u64 unevictable;
	__u64 isolated_anon;
	__u64 isolated_file;
	__u64 mapped;
	__u64 dirty;
	__u64 writeback;
	__u64 writeback_temp;		/* by FUSE */
	__u64 shmem;
	__u64 shmem_thp;
	__u64 shmem_pmdmapped;		/* of shmem_thp, mapped as huge pages */
	__u64 anon_thp;
	__u64 kernel_stack;		/* bytes */
	__u64 shadow_call_stack;	/* bytes; on arm64 */
	__u64 pagetables;
	__u64 sec_pagetables;
	__u64 balloon;
	__u64 gpu_active;		/* of graphics drivers */
	__u64 gpu_reclaim;		/* free, in pools of graphics drivers */
};

/* Differences of counters of /proc/vmstat, of the machine. All but allocstall are pages. */
struct oomwatch_reclaim {
	struct oomwatch_head head;
	__u64 since_ns;	/* from the first failed reclaim, or the kill before, to the choice */
	__u64 pgscan_anon;
	__u64 pgscan_file;
	__u64 pgsteal_anon;
	__u64 pgsteal_file;
	__u64 refault_anon;
	__u64 refault_file;
	__u64 allocstall;		/* how often a task had to reclaim memory itself */
	__u64 pswpin;
	__u64 pswpout;
};

/* The task that wrote a process's current oom_score_adj. */
struct oomwatch_setter {
	__s32 pid;			/* the writer */
	__u32 uid;
	char comm[OOMWATCH_COMM_LEN];
	__u64 time_ns;			/* time of the write */
	__s32 on_tgid;			/* written to: itself, an ancestor or a sharer */
	__u32 reserved;
};

/*
 * A process, embedded in task and victim records. This structure does not grow, because
 * members may follow it there: new members go to the end of those records.
 */
struct oomwatch_process {
	__s32 pid;			/* the thread that has the mm; not always the leader */
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
	__u32 rank;			/* by points, from 1; 0: not ranked */
};

/*
 * mm/oom_kill.c: oom_badness() adds, in pages,
 *	points = score_rss + score_swap + score_pgtables + score_adj
 *	score_adj = oom_score_adj * (totalpages / 1000)
 * The terms of a candidate's score, at the time of the choice:
 *	score_rss = anon_rss + file_rss + shmem_rss
 *	score_swap = swap
 *	score_pgtables = pgtables / page_size
 *
 * A record OOMWATCH_TYPE_PROTECTED has the same structure, without points and rank.
 */
struct oomwatch_task {
	struct oomwatch_head head;
	struct oomwatch_process process;
};

/* The terms and points are from the choice, the rest of process is from the kill, later. */
struct oomwatch_victim {
	struct oomwatch_head head;
	struct oomwatch_process process;
	__u64 score_rss;
	__u64 score_swap;
	__u64 score_pgtables;
	__s64 score_adj;
};

/*
 * Counts of candidates, and of excluded processes by the reason. The members *_pages are what
 * these processes hold, as a score counts it: resident pages, swapped out pages and page tables.
 * If the kernel sums up per-CPU counters for a score, a process too small to be ranked adds
 * approximate figures.
 */
struct oomwatch_excluded {
	struct oomwatch_head head;
	__u32 eligible;
	__u32 unkillable;		/* oom_score_adj is -1000 */
	__u32 init;
	__u32 kthreads;
	__u32 reaped;			/* earlier victims, with MMF_OOM_SKIP */
	__u32 vfork;			/* use the mm of their parent */
	__u32 exited;			/* have no mm any more */
	__u32 outside;			/* of the memory cgroup, cpuset or memory policy */
	__u32 busy;			/* a lock was busy */
	__u32 reserved;
	__u64 eligible_pages;
	__u64 unkillable_pages;
	__u64 init_pages;
	__u64 reaped_pages;
	__u64 vfork_pages;
};

/* A process that the kernel killed because the victim's mm stays as long as this one has it. */
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

/*
 * The memory cgroup whose limit was hit. In an OOM kill of the machine it is the root cgroup, of
 * which only the children are known. The items of memory.stat are unknown as well if they did not
 * add up to the usage: while they are read, other CPUs may change them.
 */
struct oomwatch_memcg {
	struct oomwatch_head head;
	__u64 usage;
	/* items of memory.stat */
	__u64 anon;
	__u64 file;
	__u64 kernel;
	__u64 kernel_stack;		/* bytes */
	__u64 pagetables;
	__u64 sec_pagetables;
	__u64 percpu;			/* bytes */
	__u64 sock;
	__u64 vmalloc;
	__u64 shmem;
	__u64 zswap;			/* bytes */
	__u64 zswapped;
	__u64 file_mapped;
	__u64 file_dirty;
	__u64 file_writeback;
	__u64 swapcached;
	__u64 anon_thp;
	__u64 file_thp;
	__u64 shmem_thp;
	__u64 inactive_anon;
	__u64 active_anon;
	__u64 inactive_file;
	__u64 active_file;
	__u64 unevictable;
	__u64 slab_reclaimable;		/* bytes */
	__u64 slab_unreclaimable;	/* bytes */
	__u64 hugetlb;
	/* counts since the cgroup was made */
	__u64 workingset_refault_anon;
	__u64 workingset_refault_file;
	__u64 workingset_activate_anon;
	__u64 workingset_activate_file;
	__u64 workingset_restore_anon;
	__u64 workingset_restore_file;
	__u64 workingset_nodereclaim;
	/* memory.events and memory.swap.events, also counts */
	__u64 events_low;
	__u64 events_high;
	__u64 events_max;
	__u64 events_oom;
	__u64 events_oom_kill;
	__u64 swap_events_max;
	__u64 swap_events_fail;
	/* protection */
	__u64 min;
	__u64 low;
	/* fail counts, and memory of the kernel: cgroup v1 only */
	__u64 memsw_failcnt;
	__u64 kmem_usage;
	__u64 kmem_limit;
	__u64 kmem_failcnt;
	/* its direct children */
	__u64 children_usage;		/* of all that were looked at */
	__u32 children;			/* how many were looked at */
	__u32 children_unseen;		/* 0, or unknown if some were not */
	/* what protection the children claim: cgroup v2 only */
	__u64 children_min;
	__u64 children_low;
	__u64 zswap_incomp;		/* of zswapped, what did not become smaller */
	struct oomwatch_pressure pressure; /* cgroup v2 only */
};

/* One of the largest direct children. Items of memory.stat as in struct oomwatch_memcg. */
struct oomwatch_child {
	struct oomwatch_head head;
	__u64 memcg_id;			/* inode number of its directory */
	struct oomwatch_ref memcg;	/* path */
	__u32 reserved;
	__u64 usage;
	__u64 limit;
	__u64 anon;
	__u64 file;
	__u64 kernel;
	__u64 sock;
	__u64 shmem;
};

/*
 * The program of a victim or of one of the highest candidates. A process has the command line of
 * its last execve(), or of that of the ancestor from which it was forked.
 */
struct oomwatch_cmdline {
	struct oomwatch_head head;
	__s32 pid;			/* as in the record of the process */
	__s32 tgid;
	char leader_comm[OOMWATCH_COMM_LEN]; /* name of the process's first thread */
	struct oomwatch_ref cmdline;	/* text: arguments, with a space after each but the last */
	__u32 length;			/* bytes of all; more than @cmdline has: it is cut */
	__u32 read_at;			/* enum oomwatch_cmdline_read */
	__u32 reserved;
};

/* A frame is symbol+offset/size, or the address if there is no symbol. */
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
	__u64 capture_ns;		/* oomwatch's part of it */
	__u32 sharers;			/* processes killed as they had a victim's memory */
	__u32 reserved;
};

/*
 * Calls that found nobody to kill, for the limit of an earlier record OOMWATCH_TYPE_OOM, which has
 * the same number. Each call is in one such record, or is what that earlier record is about.
 */
struct oomwatch_calls {
	struct oomwatch_head head;
	__u64 calls;			/* how many */
	__u64 first_ns;			/* when the first of them was */
	__u64 last_ns;			/* when the last of them was */
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

/* From /proc/meminfo, which has all sizes of huge pages in hugetlb and one size in the others. */
struct oomwatch_meminfo {
	struct oomwatch_head head;
	__u64 since_kill_ns;
	__u64 hugetlb;			/* in bytes, as all that are not numbers of pages */
	__u64 hugepages_total;
	__u64 hugepages_free;
	__u64 hugepages_reserved;
	__u64 hugepage_size;
	__u64 vmalloc;
	__u64 percpu;
	__u64 zswap;
	__u64 zswapped;
	__u64 cma_total;
	__u64 hardware_corrupted;
	__u64 anon_thp;
	__u64 swap_total;
	__u64 commit_limit;
	__u64 committed;
	__u64 hugepages_surplus;
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
