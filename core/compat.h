/* SPDX-License-Identifier: GPL-2.0 */
#ifndef OOMWATCH_COMPAT_H
#define OOMWATCH_COMPAT_H

#include <linux/cpumask.h>
#include <linux/io.h>
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

/*
 * The n-th argument of a probed function, counted from 0. Kernels of some architectures, such as
 * 32-bit arm and mips, don't tell where it is: there the probes that need it are not attached.
 */
#if defined(CONFIG_S390)
#define CAN_READ_ARGUMENTS 1
static inline unsigned long argument(struct pt_regs *regs, unsigned int n)
{
	/* regs_get_kernel_argument() calls a function that s390 doesn't export. */
	return regs->gprs[2 + n];
}
#elif defined(CONFIG_HAVE_FUNCTION_ARG_ACCESS_API)
#define CAN_READ_ARGUMENTS 1
static inline unsigned long argument(struct pt_regs *regs, unsigned int n)
{
	return regs_get_kernel_argument(regs, n);
}
#else
#define CAN_READ_ARGUMENTS 0
static inline unsigned long argument(struct pt_regs *regs, unsigned int n)
{
	return 0;
}
#endif

/*
 * Whether a probe has the prototype of this kernel's event, for __builtin_choose_expr().
 * check_probe_types() makes the compiler check that the chosen probe fits.
 */
#define PROBE_FITS(event, probe) \
	__builtin_types_compatible_p(typeof(check_trace_callback_type_##event), \
				     void (typeof(probe) *))

/* In a trace event: newer kernels have kept the source from __string(). */
#ifdef HAVE_ASSIGN_STR_OF_ONE
#define ASSIGN_STR(to, from) __assign_str(to)
#else
#define ASSIGN_STR(to, from) __assign_str(to, from)
#endif

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
#if defined(HAVE_GET_MM_RSS_SUM) && defined(CONFIG_SMP)
#define COUNTERS_BY_CPU 1

static inline u64 counter_of_mm(struct mm_struct *mm, int member, bool exact)
{
	return exact ? get_mm_counter_sum(mm, member) : get_mm_counter(mm, member);
}

/*
 * lib/percpu_counter.c: each CPU keeps less than percpu_counter_batch, which was never more than
 * max(32, 2 * num_possible_cpus()). The sum has online CPUs and those that are going offline.
 */
static inline s64 counter_slack(void)
{
	return max(32, 2 * (int)num_possible_cpus()) *
	       ((s64)num_online_cpus() + cpumask_weight(cpu_dying_mask));
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

/* Where an mm has a counter, without what CPUs or threads still keep of it, and a flag. */
#ifdef HAVE_MM_RSS_STAT
#define MM_COUNTER(mm, member) (&(mm)->rss_stat.count[member].counter)
#else
#define MM_COUNTER(mm, member) (&(mm)->rss_stat[member].count)
#endif

#ifdef NUM_MM_FLAG_BITS
#define MM_FLAGS(mm, flag) (&ACCESS_PRIVATE(&(mm)->flags, __mm_flags)[BIT_WORD(flag)])
#else
#define MM_FLAGS(mm, flag) (&(mm)->flags)
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
#define ITEM_PAGETABLES NR_PAGETABLE
#define HAVE_SWAP_CACHE_PAGES 1
#else
#define POLICY_NODES(policy) ((policy)->v.nodes)
#define MODE_THAT_BINDS_TOO MPOL_INTERLEAVE
#define PAGETABLE_PAGES global_zone_page_state(NR_PAGETABLE)
#define ITEM_PAGETABLES NO_ITEM
#define HAVE_SWAP_CACHE_PAGES 0
#endif

#ifndef CONFIG_SWAP
#define SWAP_CACHE_PAGES 0
#elif HAVE_SWAP_CACHE_PAGES
#define SWAP_CACHE_PAGES global_node_page_state(NR_SWAPCACHE)
#else
#define SWAP_CACHE_PAGES OOMWATCH_UNKNOWN_U64
#endif

/* Counters of nodes that only some kernels have. */
#define NO_ITEM (-1)

#ifdef HAVE_SEC_PAGETABLES
#define ITEM_SEC_PAGETABLES NR_SECONDARY_PAGETABLE
#else
#define ITEM_SEC_PAGETABLES NO_ITEM
#endif

#ifdef HAVE_NODE_VMALLOC
#define ITEM_VMALLOC NR_VMALLOC
#else
#define ITEM_VMALLOC NO_ITEM
#endif

#if defined(HAVE_NODE_HUGETLB) && defined(CONFIG_HUGETLB_PAGE)
#define ITEM_HUGETLB NR_HUGETLB
#else
#define ITEM_HUGETLB NO_ITEM
#endif

#ifdef HAVE_NODE_BALLOON
#define ITEM_BALLOON NR_BALLOON_PAGES
#else
#define ITEM_BALLOON NO_ITEM
#endif

#ifdef HAVE_NODE_GPU
#define ITEM_GPU_ACTIVE NR_GPU_ACTIVE
#define ITEM_GPU_RECLAIM NR_GPU_RECLAIM
#else
#define ITEM_GPU_ACTIVE NO_ITEM
#define ITEM_GPU_RECLAIM NO_ITEM
#endif

#ifdef HAVE_WRITEBACK_TEMP
#define ITEM_WRITEBACK_TEMP NR_WRITEBACK_TEMP
#else
#define ITEM_WRITEBACK_TEMP NO_ITEM
#endif

#ifdef CONFIG_SHADOW_CALL_STACK
#define ITEM_SHADOW_CALL_STACK NR_KERNEL_SCS_KB
#else
#define ITEM_SHADOW_CALL_STACK NO_ITEM
#endif

/* Older kernels count a transparent huge page as 1, newer kernels count its small pages. */
#ifdef HAVE_THP_IN_PAGES
#define THP_PAGES 1
#else
#define THP_PAGES HPAGE_PMD_NR
#endif

#ifdef HAVE_ATOMIC_FAILURES
#define KSWAPD_FAILURES(node) atomic_read(&(node)->kswapd_failures)
#else
#define KSWAPD_FAILURES(node) READ_ONCE((node)->kswapd_failures)
#endif

/* Newer kernels count reclaim by node. */
#ifdef HAVE_NODE_PGSCAN
#define PGSCAN_IS_NODE true
#else
#define PGSCAN_IS_NODE false
#endif

/* A cgroup's psi_group. Newer kernels have a pointer to it, and can switch it off. */
#ifdef HAVE_PSI_POINTER
#define CGROUP_PSI(cgrp) READ_ONCE((cgrp)->psi)
#else
#define CGROUP_PSI(cgrp) (&(cgrp)->psi)
#endif

#ifdef HAVE_PSI_PARENT
#define PSI_IS_ON(group) READ_ONCE((group)->enabled)
#else
#define PSI_IS_ON(group) true
#endif

/* Without zsmalloc there are no such pages. */
#if IS_ENABLED(CONFIG_ZSMALLOC)
#define ZS_PAGES global_zone_page_state(NR_ZSPAGES)
#define ZONE_ZS_PAGES(zone) zone_page_state(zone, NR_ZSPAGES)
#else
#define ZS_PAGES 0
#define ZONE_ZS_PAGES(zone) 0
#endif

/* The free pages that a CPU keeps of a zone. */
#ifdef HAVE_PER_CPU_PAGES
#define ZONE_PCP(zone, cpu) per_cpu_ptr((zone)->per_cpu_pageset, cpu)
#else
#define ZONE_PCP(zone, cpu) (&per_cpu_ptr((zone)->pageset, cpu)->pcp)
#endif

/* Free pages that only highatomic allocations get. Older kernels count the reserve alone. */
#ifdef HAVE_FREE_HIGHATOMIC
#define ZONE_FREE_HIGHATOMIC(zone) READ_ONCE((zone)->nr_free_highatomic)
#else
#define ZONE_FREE_HIGHATOMIC(zone) OOMWATCH_UNKNOWN_U64
#endif

/* What the kernel takes for these free pages: mm: __zone_watermark_unusable_free() */
static inline u64 zone_unusable_highatomic(const struct zone *zone)
{
	u64 free = ZONE_FREE_HIGHATOMIC(zone);

	return free == OOMWATCH_UNKNOWN_U64 ? READ_ONCE(zone->nr_reserved_highatomic) : free;
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

/* Whether a task may use all nodes that have memory: then it has nodes in common with any other. */
static inline bool may_use_all_nodes(const struct task_struct *task)
{
#ifdef CONFIG_CPUSETS
	return nodes_subset(node_states[N_MEMORY], task->mems_allowed);
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

/* Whether an address, also of an earlier boot, is certainly in the kernel and not in a module. */
static inline bool was_kernel_text(u64 address)
{
#ifdef __START_KERNEL_map
	return address >= __START_KERNEL_map && address < MODULES_VADDR;
#else
	return false;
#endif
}

/* A kernel without I/O memory has no memremap(): there no memory can be kept. */
#ifdef CONFIG_HAS_IOMEM
static inline void *map_memory(phys_addr_t at, size_t size, unsigned long flags)
{
	return memremap(at, size, flags);
}

static inline void unmap_memory(void *map)
{
	memunmap(map);
}
#else
static inline void *map_memory(phys_addr_t at, size_t size, unsigned long flags)
{
	return NULL;
}

static inline void unmap_memory(void *map)
{
}
#endif

/* Newer kernels set memory apart by a name: reserve_mem=. */
#ifdef HAVE_RESERVE_MEM
static inline bool find_reserved(const char *name, phys_addr_t *at, phys_addr_t *size)
{
	return reserve_mem_find_by_name(name, at, size);
}
#else
static inline bool find_reserved(const char *name, phys_addr_t *at, phys_addr_t *size)
{
	return false;
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

/* The counters that memory.stat shows: since 5.19 behind a pointer, before in the cgroup itself. */
#ifdef HAVE_VMSTATS_POINTER
#define VMSTATS_OF(memcg) ((const void *)(memcg)->vmstats)
#else
#define VMSTATS_OF(memcg) ((const void *)&(memcg)->vmstats)
#endif

/* Newer kernels can be built without cgroup v1, and then don't have its counters. */
#if defined(CONFIG_MEMCG_V1) || !defined(HAVE_MEMCG_V1_OPTION)
#define KMEM_OF(memcg) (&(memcg)->kmem)
#else
#define KMEM_OF(memcg) ((struct page_counter *)NULL)
#endif
#endif /* CONFIG_MEMCG */

#endif /* OOMWATCH_COMPAT_H */
