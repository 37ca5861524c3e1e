/* SPDX-License-Identifier: GPL-2.0 */
#ifndef OOMWATCH_GLANCE_H
#define OOMWATCH_GLANCE_H

#include <linux/cpumask.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "internal.h"

/* === A glance at a process ================================================== */

/*
 * The inputs of a process's badness, read without its alloc_lock. To take the lock and to give it
 * back costs more than all else of a visit, and for nearly all processes it is not needed.
 *
 * What keeps the memory that is read:
 *
 * - RCU keeps the leader and its signal_struct, as for the kernel's own walk.
 * - The leader's reference keeps its mm. exec_mmap() and exit_mm() change leader->mm first, under
 *   alloc_lock, and drop the reference then, by an atomic operation that is a full barrier. Whoever
 *   reads what a later owner of the memory wrote there, and then does smp_rmb(), therefore doesn't
 *   find this mm in leader->mm any more. So the values are good if leader->mm is the same after
 *   they were read as before. Kernel threads may borrow a user's mm: the caller leaves them out.
 * - The allocator may give the mm's address to the mm of a later exec(). Between two execs
 *   begin_new_exec() raises self_exec_id, so a glance that began before the first and ended after
 *   the second finds another one.
 * - Memory that was freed may be mapped no more: it is read by __get_kernel_nofault(), which then
 *   fails, and the compiler's instrumentation (KASAN) is not asked.
 *
 * What is not so simple goes the locked way: no mm in the leader, vfork(), an mm that was reaped, a
 * counter below 0, for which the kernel takes 0.
 */

#if defined(CONFIG_64BIT) && defined(CONFIG_MMU) && defined(__get_kernel_nofault)

#define glance_read(to, from, gone) __get_kernel_nofault(&(to), (from), typeof(to), gone)

/* Whether @leader still has @mm, and so all that was read of it before was its. */
static __always_inline bool glance_holds(const struct task_struct *leader,
					 const struct mm_struct *mm, u64 execs)
{
	/* Pairs with the full barrier between the change of leader->mm and the mm's end. */
	smp_rmb();
	/* An exec changes the mm first: what it has counted is read after the mm. */
	return likely(smp_load_acquire(&leader->mm) == mm &&
		      READ_ONCE(leader->self_exec_id) == execs);
}

/**
 * glance() - read the inputs of a process's badness without its lock
 * @leader: the process, no kernel thread
 * @usage: filled in, with the counters as get_mm_counter() has them
 *
 * Context: rcu_read_lock(), page faults disabled.
 * Return: whether that was possible; if not, process_trylock_mm() has to be used.
 */
static __always_inline bool glance(struct task_struct *leader, struct usage *usage)
{
	unsigned long flags, total_vm;
	long anon, file, shmem, swap, pgtables;
	struct mm_struct *mm;
	u64 execs = READ_ONCE(leader->self_exec_id);

	/* Read before the mm: pairs with the barriers of an exec. */
	smp_rmb();
	mm = READ_ONCE(leader->mm);
	if (unlikely(!mm || leader->vfork_done))
		return false;
	glance_read(flags, MM_FLAGS(mm, MMF_OOM_SKIP), gone);
	glance_read(anon, MM_COUNTER(mm, MM_ANONPAGES), gone);
	glance_read(file, MM_COUNTER(mm, MM_FILEPAGES), gone);
	glance_read(shmem, MM_COUNTER(mm, MM_SHMEMPAGES), gone);
	glance_read(swap, MM_COUNTER(mm, MM_SWAPENTS), gone);
	glance_read(pgtables, &mm->pgtables_bytes.counter, gone);
	glance_read(total_vm, &mm->total_vm, gone);
	if (!glance_holds(leader, mm, execs) || unlikely((anon | file | shmem | swap) < 0) ||
	    unlikely(flags & BIT_MASK(MMF_OOM_SKIP)))
		return false;
	usage->anon = anon;
	usage->file = file;
	usage->shmem = shmem;
	usage->swap = swap;
	usage->pgtables = pgtables;
	usage->total_vm = total_vm;
	usage->adj = READ_ONCE(leader->signal->oom_score_adj);
	return true;
gone:
	return false;
}
#else
static inline bool glance(struct task_struct *leader, struct usage *usage)
{
	return false;
}
#endif

#if defined(glance_read) && defined(COUNTERS_BY_CPU)
/**
 * glance_exactly() - as glance(), with what CPUs keep of the counters
 * @leader: the process
 * @usage: filled in
 *
 * As get_mm_counter_sum(). That takes a lock, so that no CPU moves what it keeps into the counter
 * meanwhile; here the counters are read before and after, and tell whether one did.
 *
 * Context: as glance().
 * Return: as glance().
 */
static inline bool glance_exactly(struct task_struct *leader, struct usage *usage)
{
	s64 kept[NR_MM_COUNTERS] = { };
	unsigned long parts[NR_MM_COUNTERS];
	u64 execs = READ_ONCE(leader->self_exec_id);
	struct mm_struct *mm;
	struct usage before;
	unsigned int i, cpu;
	s32 part;

	/* As in glance(). */
	smp_rmb();
	mm = READ_ONCE(leader->mm);
	if (!mm)
		return false;
	for (i = 0; i < NR_MM_COUNTERS; i++)
		glance_read(parts[i], (unsigned long *)&mm->rss_stat[i].counters, gone);
	/* Only now it is known that these are pointers, of s32 for each CPU. */
	if (!glance(leader, &before) || !glance_holds(leader, mm, execs))
		return false;
	for_each_cpu_or(cpu, cpu_online_mask, cpu_dying_mask) {
		for (i = 0; i < NR_MM_COUNTERS; i++) {
			glance_read(part, per_cpu_ptr((s32 __percpu *)parts[i], cpu), gone);
			kept[i] += part;
		}
	}
	/* Read between the two glances at the counters. */
	smp_rmb();
	if (!glance(leader, usage) || !glance_holds(leader, mm, execs) ||
	    usage->anon != before.anon || usage->file != before.file ||
	    usage->shmem != before.shmem || usage->swap != before.swap)
		return false;
	usage->anon = max_t(s64, usage->anon + kept[MM_ANONPAGES], 0);
	usage->file = max_t(s64, usage->file + kept[MM_FILEPAGES], 0);
	usage->shmem = max_t(s64, usage->shmem + kept[MM_SHMEMPAGES], 0);
	usage->swap = max_t(s64, usage->swap + kept[MM_SWAPENTS], 0);
	return true;
gone:
	return false;
}
#else
static inline bool glance_exactly(struct task_struct *leader, struct usage *usage)
{
	return glance(leader, usage);
}
#endif

#endif /* OOMWATCH_GLANCE_H */
