/* SPDX-License-Identifier: GPL-2.0 */
#ifndef OOMWATCH_COMPAT_H
#define OOMWATCH_COMPAT_H

#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/page_counter.h>
#include <linux/ptrace.h>
#include <linux/sched/coredump.h>
#include <linux/stacktrace.h>
#include <linux/sysctl.h>
#include <linux/vmstat.h>

#include "../oomwatch.h"

/* === Kernel compatibility ================================================= */

/*
 * This file has what differs between kernels or depends on a CONFIG, except what memory cgroups
 * need: that is in memcg.h. Kernels are told apart by what their headers define and not by their
 * version, because stable series backport changes. C can't test whether a function or a member
 * exists: Kbuild does, and defines HAVE_...
 */

#ifndef CONFIG_TRACEPOINTS
#error "oomwatch needs a kernel with tracepoints: CONFIG_FTRACE, and with it CONFIG_TRACEPOINTS"
#endif

/* Newer kernels declare it in a header that older kernels don't have. */
extern struct atomic_notifier_head panic_notifier_list;

/* The n-th argument of a probed function, counted from 0. */
static inline unsigned long argument(struct pt_regs *regs, unsigned int n)
{
#ifdef CONFIG_S390
	/* regs_get_kernel_argument() calls a function that s390 doesn't export. */
	return regs->gprs[2 + n];
#else
	return regs_get_kernel_argument(regs, n);
#endif
}

/*
 * Whether a probe has the prototype of this kernel's event, for __builtin_choose_expr().
 * check_probe_types() makes the compiler check that the chosen probe fits.
 */
#define PROBE_FITS(event, probe) \
	__builtin_types_compatible_p(typeof(check_trace_callback_type_##event), \
				     void (typeof(probe) *))

/* Whether a handler has this kernel's prototype of a sysctl handler. */
#define HANDLER_FITS(handler) __builtin_types_compatible_p(proc_handler, typeof(handler))

/* Newer kernels take the size of a table, older ones want an empty entry at its end. */
#ifdef register_sysctl
#define register_knobs(path, table, nr) register_sysctl_sz(path, table, nr)
#else
#define register_knobs(path, table, nr) register_sysctl(path, table)
#endif

#ifdef NUM_MM_FLAG_BITS
#define MM_HAS_FLAG(mm, flag) mm_flags_test(flag, mm)
#else
#define MM_HAS_FLAG(mm, flag) test_bit(flag, &(mm)->flags)
#endif

/*
 * A counter as oom_badness() reads it. Kernels with get_mm_rss_sum() sum up per-CPU counters for
 * it, under a lock of the counter. With !exact, an approximation is read instead, which is wrong
 * by counter_slack() at most. Other kernels always read the one value that they have.
 */
#ifdef HAVE_GET_MM_RSS_SUM
static inline u64 counter_of_mm(struct mm_struct *mm, int member, bool exact)
{
	return exact ? get_mm_counter_sum(mm, member) : get_mm_counter(mm, member);
}

static inline s64 counter_slack(void)
{
	return percpu_counter_batch * num_online_cpus();
}
#else
static inline u64 counter_of_mm(struct mm_struct *mm, int member, bool exact)
{
	return get_mm_counter(mm, member);
}

static inline s64 counter_slack(void)
{
	return 0;
}
#endif

/* Renamed when this macro came. */
#ifdef task_is_running
#define TASK_STATE(task) READ_ONCE((task)->__state)
#else
#define TASK_STATE(task) READ_ONCE((task)->state)
#endif

static inline bool mm_was_shared(struct mm_struct *mm)
{
	return MM_HAS_FLAG(mm, MMF_MULTIPROCESS);
}

static inline bool mm_is_reaped(struct mm_struct *mm)
{
	return MM_HAS_FLAG(mm, MMF_OOM_SKIP);
}

/*
 * These are enums and members, which can't be tested for. All changed within a year, so a
 * macro from that year tells. No maintained kernel has only a part of the changes.
 */
#ifdef MPOL_F_NUMA_BALANCING
#define POLICY_NODES(policy) ((policy)->nodes)
#define MODE_THAT_BINDS_TOO MPOL_BIND
#define PAGETABLE_PAGES global_node_page_state(NR_PAGETABLE)
#define HAVE_SWAP_CACHE_PAGES 1
#else
#define POLICY_NODES(policy) ((policy)->v.nodes)
#define MODE_THAT_BINDS_TOO MPOL_INTERLEAVE
#define PAGETABLE_PAGES global_zone_page_state(NR_PAGETABLE)
#define HAVE_SWAP_CACHE_PAGES 0
#endif

#ifndef CONFIG_SWAP
#define SWAP_CACHE_PAGES 0
#elif HAVE_SWAP_CACHE_PAGES
#define SWAP_CACHE_PAGES global_node_page_state(NR_SWAPCACHE)
#else
#define SWAP_CACHE_PAGES OOMWATCH_UNKNOWN_U64
#endif

/* Free pages that only highatomic allocations get: mm: __zone_watermark_unusable_free() */
static inline u64 zone_free_highatomic(const struct zone *zone)
{
#ifdef HAVE_FREE_HIGHATOMIC
	return READ_ONCE(zone->nr_free_highatomic);
#else
	return READ_ONCE(zone->nr_reserved_highatomic);
#endif
}

/* mm/oom_kill.c: oom_cpuset_eligible(), for an allocation by current without a policy. */
static inline bool shares_cpuset_nodes(struct task_struct *task)
{
#ifdef CONFIG_CPUSETS
	/* A fast path: tasks mostly have one of the first nodes in common. */
	return (*nodes_addr(current->mems_allowed) & *nodes_addr(task->mems_allowed)) ||
	       nodes_intersects(current->mems_allowed, task->mems_allowed);
#else
	return true;
#endif
}

/*
 * mm/mempolicy.c: mempolicy_in_oom_domain(), in older kernels mempolicy_nodemask_intersects().
 * Context: @task's alloc_lock held.
 */
static inline bool policy_allows_nodes(struct task_struct *task, const nodemask_t *nodes)
{
#ifdef CONFIG_NUMA
	struct mempolicy *policy = task->mempolicy;

	return !policy || (policy->mode != MPOL_BIND && policy->mode != MODE_THAT_BINDS_TOO) ||
	       nodes_intersects(POLICY_NODES(policy), *nodes);
#else
	return true;
#endif
}

/*
 * If unwinders stop at a kretprobe's trampoline, the stack must be saved before the
 * trampoline is in place: at each call of out_of_memory(), even if that kills nobody.
 */
#ifdef CONFIG_ARCH_CORRECT_STACKTRACE_ON_KRETPROBE
#define STACK_ENDS_AT_KRETPROBE 0
#else
#define STACK_ENDS_AT_KRETPROBE 1
#endif

#ifdef CONFIG_STACKTRACE
static inline unsigned int save_stack(unsigned long *frames, unsigned int size)
{
	return stack_trace_save(frames, size, 0);
}
#else
static inline unsigned int save_stack(unsigned long *frames, unsigned int size)
{
	return 0;
}
#endif

#ifdef CONFIG_VM_EVENT_COUNTERS
/*
 * The kernel's count of OOM kills. all_vm_events() can sleep; this doesn't.
 * oom_kill.c counts under oom_lock, so differences within an episode are exact,
 * except while a CPU goes offline and its count is moved to another CPU.
 */
static inline u64 kernel_oom_kills(void)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(vm_event_states, cpu).event[OOM_KILL]);
	return sum;
}
#else
static inline u64 kernel_oom_kills(void)
{
	return 0;
}
#endif

#ifdef CONFIG_MEMCG
/* Newer kernels count it for cgroup v1 only, where a file shows it. */
static inline u64 counter_failcnt(const struct page_counter *counter)
{
#ifdef HAVE_TRACK_FAILCNT
	if (!counter->track_failcnt)
		return OOMWATCH_UNKNOWN_U64;
#endif
	return READ_ONCE(counter->failcnt);
}
#endif

#endif /* OOMWATCH_COMPAT_H */
