// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: what records say of a task. In the kill path no lock of a task is waited for.
 */

#include <linux/build_bug.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "internal.h"

static_assert(OOMWATCH_COMM_LEN == TASK_COMM_LEN);

/**
 * process_copy_comm() - a task's name, which it may change at any time: whatever is read, it ends
 * @to: OOMWATCH_COMM_LEN bytes
 * @task: the task
 *
 * Context: any.
 */
void process_copy_comm(char *to, const struct task_struct *task)
{
	memcpy(to, task->comm, OOMWATCH_COMM_LEN);
	to[OOMWATCH_COMM_LEN - 1] = '\0';
}

/**
 * process_uid() - a task's user, as the initial user namespace has him
 * @task: the task
 *
 * Context: any.
 */
u32 process_uid(struct task_struct *task)
{
	u32 uid;

	rcu_read_lock();
	uid = __kuid_val(__task_cred(task)->uid);
	rcu_read_unlock();
	return uid;
}

/**
 * process_fill() - a task as it is now, but for its cgroup and the setter of its value
 * @to: what is filled
 * @task: the task
 * @usage: usage_of() it
 * @totalpages: of the domain; 0: not known, or the kernel didn't come to a choice
 *
 * Context: rcu_read_lock().
 */
void process_fill(struct oomwatch_process *to, struct task_struct *task,
		  const struct usage *usage, unsigned long totalpages)
{
	*to = (struct oomwatch_process) {
		.pid = task->pid, .tgid = task->tgid, .uid = process_uid(task),
		.oom_score_adj = usage->adj,
		.threads = get_nr_threads(task),
		.total_vm = usage->total_vm,
		.anon_rss = usage->anon,
		.file_rss = usage->file,
		.shmem_rss = usage->shmem,
		.swap = usage->swap,
		.pgtables = usage->pgtables,
		.points = usage_points(usage, totalpages),
		.memcg_id = OOMWATCH_UNKNOWN_U64,
		.start_ns = READ_ONCE(task->group_leader)->start_boottime,
		.ppid = rcu_dereference(task->real_parent)->tgid,
	};
	process_copy_comm(to->comm, task);
}

/**
 * process_trylock_mm() - a thread that still has the process's mm, which then is stable
 * @process: a task of the process
 * @held: a task whose alloc_lock the caller holds, or NULL
 *
 * mm/oom_kill.c: find_lock_task_mm(), but for waiting.
 *
 * Context: rcu_read_lock().
 * Return: the thread, for process_unlock(); NULL: none has; -EBUSY: a lock is not free.
 */
struct task_struct *process_trylock_mm(struct task_struct *process, struct task_struct *held)
{
	struct task_struct *task;

	for_each_thread(process, task) {
		/* Once it is gone it doesn't come back. */
		if (!READ_ONCE(task->mm))
			continue;
		if (!process_trylock(task, held))
			return ERR_PTR(-EBUSY);
		if (task->mm)
			return task;
		process_unlock(task, held);
	}
	return NULL;
}

/**
 * process_has_mm() - whether it is that process's mm
 * @process: a task of the process
 * @mm: compared only
 *
 * mm/oom_kill.c: process_shares_mm().
 *
 * Context: rcu_read_lock().
 */
bool process_has_mm(struct task_struct *process, const struct mm_struct *mm)
{
	struct task_struct *task;

	for_each_thread(process, task) {
		const struct mm_struct *its = READ_ONCE(task->mm);

		if (its)
			return its == mm;
	}
	return false;
}
