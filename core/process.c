// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: the figures of a task for its records. The kill path never sleeps on a task's lock.
 */

#include <linux/build_bug.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "internal.h"

static_assert(OOMWATCH_COMM_LEN == TASK_COMM_LEN);

/**
 * process_copy_comm() - copy a task's name
 * @to: OOMWATCH_COMM_LEN bytes
 * @task: the task
 *
 * The task may change its name meanwhile. The copy is always NUL-terminated.
 *
 * Context: any.
 */
void process_copy_comm(char *to, const struct task_struct *task)
{
	memcpy(to, task->comm, OOMWATCH_COMM_LEN);
	to[OOMWATCH_COMM_LEN - 1] = '\0';
}

/**
 * process_uid() - a task's uid in the initial user namespace
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
 * process_payer() - the user whose share of a table a task uses up
 * @task: the task
 *
 * In a user namespace anybody has many uids, so the user who made it pays for them. But root makes
 * namespaces for others.
 *
 * Context: any.
 * Return: below NR_PAYERS.
 */
unsigned int process_payer(struct task_struct *task)
{
	const struct user_namespace *ns;
	const struct cred *cred;
	kuid_t uid;

	rcu_read_lock();
	cred = __task_cred(task);
	uid = cred->uid;
	for (ns = cred->user_ns; ns != &init_user_ns; ns = ns->parent)
		if (ns->parent == &init_user_ns && !uid_eq(ns->owner, GLOBAL_ROOT_UID))
			uid = ns->owner;
	rcu_read_unlock();
	return uid_eq(uid, GLOBAL_ROOT_UID) ? PAYER_ROOT : hash_32(__kuid_val(uid), PAYER_BITS);
}

/**
 * payments_take() - take one, if there is any left for who takes it
 * @payments: what was taken before; counts it
 * @payer: who takes it
 * @most: the most that all may take
 * @most_of_user: the most that a user other than root may take
 * @for_root: as many of @most are left for root
 *
 * Context: any; the caller guards @payments.
 * Return: false if none is left for @payer; nothing is counted then.
 */
bool payments_take(struct payments *payments, unsigned int payer, unsigned int most,
		   unsigned int most_of_user, unsigned int for_root)
{
	unsigned int mine = payer == PAYER_ROOT ? most : most_of_user;

	if (payer != PAYER_ROOT)
		most -= for_root;
	if (payments->all >= most || payments->by[payer] >= mine)
		return false;
	payments->all++;
	payments->by[payer]++;
	return true;
}

/**
 * payments_add() - count more for a payer, also if none is left
 * @payments: what was taken before; counts it
 * @payer: who took it
 * @more: how many more it was worth
 * @most: this call counts no more than that for all: what is left beyond is for others
 *
 * Context: any; the caller guards @payments.
 */
void payments_add(struct payments *payments, unsigned int payer, unsigned int more,
		  unsigned int most)
{
	payments->by[payer] += more;
	payments->all += min(more, max(most, payments->all) - payments->all);
}

/**
 * payments_return() - give back one that was not used
 * @payments: what was taken before
 * @payer: who took it
 *
 * Context: any; the caller guards @payments.
 */
void payments_return(struct payments *payments, unsigned int payer)
{
	payments->by[payer]--;
	payments->all--;
}

/**
 * process_fill() - fill in a task's present figures, without its cgroup and setter
 * @to: filled in
 * @task: the task
 * @usage: the task's usage
 * @totalpages: size of the domain; 0: not known, or the kernel didn't come to a choice
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
 * process_trylock_mm() - lock a thread that has the process's mm, so that the mm is stable
 * @process: a task of the process
 * @held: a task whose alloc_lock the caller holds, or NULL
 *
 * As mm/oom_kill.c: find_lock_task_mm(), but gives up if a lock is not free.
 *
 * Context: rcu_read_lock().
 * Return: the thread, for process_unlock(); NULL: no thread has an mm; -EBUSY: a lock is not free.
 */
struct task_struct *process_trylock_mm(struct task_struct *process, struct task_struct *held)
{
	struct task_struct *task;

	for_each_thread(process, task) {
		/* A user process's mm that is gone doesn't come back. */
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
 * process_mm() - a process's mm
 * @process: a task of the process
 * @most: the most threads to look at
 *
 * As mm/oom_kill.c: process_shares_mm() finds it. Without a lock it may be gone at once.
 *
 * Context: rcu_read_lock().
 * Return: the mm, to be compared only; NULL; or -E2BIG: none of the first threads has one.
 */
const struct mm_struct *process_mm(struct task_struct *process, unsigned int most)
{
	const struct mm_struct *mm;
	struct task_struct *task;

	for_each_thread(process, task) {
		if (!most--)
			return ERR_PTR(-E2BIG);
		mm = READ_ONCE(task->mm);
		if (mm)
			return mm;
	}
	return NULL;
}
