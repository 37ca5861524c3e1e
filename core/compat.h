/* SPDX-License-Identifier: GPL-2.0 */
#ifndef OOMWATCH_COMPAT_H
#define OOMWATCH_COMPAT_H

#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/kernfs.h>
#include <linux/memcontrol.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/page_counter.h>
#include <linux/ptrace.h>
#include <linux/sched/coredump.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <linux/vmstat.h>

#include "../oomwatch.h"

/* === Kernel compatibility ================================================= */

/*
 * All that differs between kernels, or goes with a CONFIG, is here. Told apart
 * by what the headers define, not by version: stable series backport. Of functions
 * and members C can't ask whether they exist: Kbuild does, and defines HAVE_...
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

/* The same of a sysctl's handler. */
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
static inline struct cgroup_subsys_state *memcg_css(struct mem_cgroup *memcg)
{
	return &memcg->css;
}

static inline struct cgroup *memcg_cgroup(struct mem_cgroup *memcg)
{
	return memcg->css.cgroup;
}

static inline bool memcg_on_v2(struct mem_cgroup *memcg)
{
	return memcg->css.cgroup->root == &cgrp_dfl_root;
}

/* Context: rcu_read_lock(). May be NULL. */
static inline struct mem_cgroup *memcg_of_task(struct task_struct *task)
{
	return mem_cgroup_disabled() ? NULL : mem_cgroup_from_task(task);
}

/* Two tasks with the same are in the same memory cgroup. Context: rcu_read_lock(). */
static inline const void *cgroups_of_task(struct task_struct *task)
{
	return rcu_access_pointer(task->cgroups);
}

/* Context: rcu_read_lock(). @memcg may be NULL. */
static inline bool memcg_is_within(struct mem_cgroup *memcg, struct mem_cgroup *root)
{
	return memcg && mem_cgroup_is_descendant(memcg, root);
}

/*
 * mm/memcontrol.c: mem_cgroup_get_max(), but for vm.swappiness, which is not
 * exported, and is taken to be more than 0.
 *
 * Context: @total_swap in pages.
 */
static inline unsigned long memcg_max_pages(struct mem_cgroup *memcg, unsigned long total_swap)
{
	return (READ_ONCE(memcg->memory.max) + min(READ_ONCE(memcg->swap.max), total_swap)) ?: 1;
}

/*
 * The memory cgroup of a path in the v2 hierarchy, for memcg_put(). Only one with a
 * limit of its own can run out of memory by itself.
 */
static inline struct mem_cgroup *memcg_get_by_path(const char *path)
{
	struct cgroup *cgrp = cgroup_get_from_path(path);
	struct cgroup_subsys_state *css;
	struct mem_cgroup *memcg;

	if (IS_ERR(cgrp))
		return ERR_CAST(cgrp);
	rcu_read_lock();
	css = rcu_dereference(cgrp->subsys[memory_cgrp_id]);
	if (css && !css_tryget_online(css))
		css = NULL;
	rcu_read_unlock();
	cgroup_put(cgrp);
	if (!css)
		return ERR_PTR(-EOPNOTSUPP);
	memcg = mem_cgroup_from_css(css);
	if (READ_ONCE(memcg->memory.max) != PAGE_COUNTER_MAX)
		return memcg;
	css_put(css);
	return ERR_PTR(-ENODATA);
}

static inline void memcg_put(struct mem_cgroup *memcg)
{
	css_put(&memcg->css);
}

static inline u64 memcg_pages(unsigned long counter_max)
{
	return counter_max == PAGE_COUNTER_MAX ? OOMWATCH_NO_LIMIT : counter_max;
}

/* Newer kernels count it for cgroup v1 only, which shows it. */
static inline u64 memcg_failcnt(const struct page_counter *counter)
{
#ifdef HAVE_TRACK_FAILCNT
	if (!counter->track_failcnt)
		return OOMWATCH_UNKNOWN_U64;
#endif
	return READ_ONCE(counter->failcnt);
}

static inline void memcg_read_counters(struct mem_cgroup *memcg, struct oomwatch_oom *rec)
{
	rec->memcg_usage = page_counter_read(&memcg->memory);
	rec->memcg_limit = memcg_pages(READ_ONCE(memcg->memory.max));
	rec->memcg_failcnt = memcg_failcnt(&memcg->memory);
	if (memcg_on_v2(memcg)) {
		rec->memcg_high = memcg_pages(READ_ONCE(memcg->memory.high));
		rec->memcg_swap_usage = page_counter_read(&memcg->swap);
		rec->memcg_swap_limit = memcg_pages(READ_ONCE(memcg->swap.max));
	} else {
		rec->memcg_memsw_usage = page_counter_read(&memcg->memsw);
		rec->memcg_memsw_limit = memcg_pages(READ_ONCE(memcg->memsw.max));
	}
}

/*
 * Whether this victim takes its whole cgroup with it, by the rules of
 * mm/memcontrol.c: mem_cgroup_get_oom_group().
 *
 * Context: rcu_read_lock().
 */
static inline bool memcg_kills_group(struct task_struct *task, struct mem_cgroup *domain)
{
	struct mem_cgroup *memcg = memcg_of_task(task);
	bool group = false;

	if (!memcg || !memcg_on_v2(memcg))
		return false;
	if (domain && !mem_cgroup_is_descendant(memcg, domain))
		return false;
	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		group |= READ_ONCE(memcg->oom_group);
		if (memcg == domain)
			break;
	}
	return group;
}

/*
 * Writes the path of a cgroup to the end of @buf and returns where it begins. Too
 * long a path loses its beginning, and then doesn't begin with a slash.
 *
 * kernfs_path() takes a lock, which sleeps on PREEMPT_RT, and which in a panic may be
 * held by a CPU that is stopped. A cgroup of the v2 hierarchy is never renamed, its
 * node lives as long as it does, and it holds its parent, so there the names can
 * simply be followed. For others this returns NULL.
 *
 * Context: rcu_read_lock().
 */
static inline char *cgroup_path_nowait(struct cgroup *cgrp, char *buf, size_t size)
{
	char *begin = buf + size;
	struct cgroup *parent;

	if (cgrp->root != &cgrp_dfl_root)
		return NULL;
	if (!cgroup_parent(cgrp))
		*--begin = '/';
	for (; (parent = cgroup_parent(cgrp)); cgrp = parent) {
		const char *name = (__force const char *)cgrp->kn->name;
		size_t len = strlen(name);

		if (len + 1 > begin - buf)
			return begin + 1;
		begin -= len;
		memcpy(begin, name, len);
		*--begin = '/';
	}
	return begin;
}
#else
static inline struct cgroup_subsys_state *memcg_css(struct mem_cgroup *memcg)
{
	return NULL;
}

static inline struct cgroup *memcg_cgroup(struct mem_cgroup *memcg)
{
	return NULL;
}

static inline struct mem_cgroup *memcg_of_task(struct task_struct *task)
{
	return NULL;
}

static inline const void *cgroups_of_task(struct task_struct *task)
{
	return NULL;
}

static inline bool memcg_is_within(struct mem_cgroup *memcg, struct mem_cgroup *root)
{
	return false;
}

static inline unsigned long memcg_max_pages(struct mem_cgroup *memcg, unsigned long total_swap)
{
	return 0;
}

static inline struct mem_cgroup *memcg_get_by_path(const char *path)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void memcg_put(struct mem_cgroup *memcg)
{
}

static inline void memcg_read_counters(struct mem_cgroup *memcg, struct oomwatch_oom *rec)
{
}

static inline bool memcg_kills_group(struct task_struct *task, struct mem_cgroup *domain)
{
	return false;
}

static inline char *cgroup_path_nowait(struct cgroup *cgrp, char *buf, size_t size)
{
	return NULL;
}
#endif /* CONFIG_MEMCG */

#endif /* OOMWATCH_COMPAT_H */
