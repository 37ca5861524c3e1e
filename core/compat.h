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
 * All that differs between kernels is here, and what goes with a CONFIG, but for memory
 * cgroups, which have memcg.h. Told apart by what the headers define, not by version: stable
 * series backport. Of functions and members C can't ask whether they exist: Kbuild does, and
 * defines HAVE_...
 */

#ifndef CONFIG_TRACEPOINTS
#error "oomwatch needs a kernel with tracepoints: CONFIG_FTRACE, and with it CONFIG_TRACEPOINTS"
#endif

/* In a header that older kernels don't have. */
extern struct atomic_notifier_head panic_notifier_list;

/* A probed function's argument, by its place. */
static inline unsigned long argument(struct pt_regs *regs, unsigned int n)
{
#ifdef CONFIG_S390
	/* regs_get_kernel_argument() calls what is not exported there. */
	return regs->gprs[2 + n];
#else
	return regs_get_kernel_argument(regs, n);
#endif
}

/*
 * Whether a probe has the prototype that this kernel's event has: for
 * __builtin_choose_expr(). check_probe_types() holds the choice against the event's own.
 */
#define PROBE_FITS(event, probe) \
	__builtin_types_compatible_p(typeof(check_trace_callback_type_##event), \
				     void (typeof(probe) *))

/* Whether a handler has the prototype of those of sysctls. */
#define HANDLER_FITS(handler) __builtin_types_compatible_p(proc_handler, typeof(handler))

/* A table with its size, or with an empty entry at its end. */
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
 * A counter as oom_badness() reads it: where per-CPU counters are summed up for it, under a
 * lock of theirs, and where their approximation has to do. With !exact it is that in any case,
 * which is wrong by counter_slack() at most.
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

static inline bool mm_was_shared(struct mm_struct *mm)
{
	return MM_HAS_FLAG(mm, MMF_MULTIPROCESS);
}

static inline bool mm_is_reaped(struct mm_struct *mm)
{
	return MM_HAS_FLAG(mm, MMF_OOM_SKIP);
}

/*
 * These changed within a year, and are enums and members: told apart by a flag of
 * that year. No kernel that is kept lies between.
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

/* mm/oom_kill.c: oom_cpuset_eligible(), for an allocation by current without a policy. */
static inline bool shares_cpuset_nodes(struct task_struct *task)
{
#ifdef CONFIG_CPUSETS
	/* They mostly have one of the first nodes in common. */
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
 * Where unwinders do not get past a kretprobe's trampoline, a stack must be saved
 * before that is in place: at each call of the function, not only when it matters.
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
 * The kernel's count of OOM kills. all_vm_events() can sleep; this can't.
 * oom_kill.c counts under oom_lock, so within an episode differences are exact,
 * but for the moment in which a CPU goes offline and its count is moved.
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
/* Newer kernels count it for cgroup v1 only, which shows it. */
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
