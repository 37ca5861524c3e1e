// SPDX-License-Identifier: GPL-2.0
/*
 * adj: the oom_score_adj of processes, and the tasks that wrote it.
 *
 * The event of a write fires after the write, so the old value must be known from
 * earlier. The writer must be remembered until a kill. The table has the processes
 * whose value isn't 0, and those that were written to. It is filled at load, and kept
 * up to date by writes, forks and exits. A process that isn't in the table has the
 * value 0 if the table is complete, and an unknown value if the table isn't filled
 * yet or has ever been full.
 */

#include <linux/err.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "internal.h"

#define ADJ_HASH_BITS	10
#define NR_ADJ_NODES	4096

struct adj_node {
	struct hlist_node link;		/* in a bucket, or in the list of free nodes */
	const struct signal_struct *signal; /* compared only; adj_exit() removes the node */
	short adj;
	struct oomwatch_setter setter;	/* time_ns is 0 if the write wasn't seen */
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	bool in_use;		/* else all values are unknown: forks or exits aren't seen */
	bool filled;		/* with the processes from before the load */
	bool overflown;		/* it was full once */
	struct hlist_head free;
	struct hlist_head bucket[1 << ADJ_HASH_BITS];
	struct adj_node node[NR_ADJ_NODES];
} adj_table = { .lock = __RAW_SPIN_LOCK_UNLOCKED(adj_table.lock) };

/**
 * adj_init() - set up the empty table
 *
 * Context: any, once.
 */
void adj_init(void)
{
	int i;

	for (i = 0; i < NR_ADJ_NODES; i++)
		hlist_add_head(&adj_table.node[i].link, &adj_table.free);
}

static struct adj_node *adj_find(const struct signal_struct *signal)
{
	struct adj_node *node;

	lockdep_assert_held(&adj_table.lock);
	hlist_for_each_entry(node, &adj_table.bucket[hash_ptr(signal, ADJ_HASH_BITS)], link)
		if (node->signal == signal)
			return node;
	return NULL;
}

static void adj_forget(struct adj_node *node)
{
	hlist_del(&node->link);
	hlist_add_head(&node->link, &adj_table.free);
}

static void adj_insert(const struct signal_struct *signal, short adj,
		       const struct oomwatch_setter *setter)
{
	struct adj_node *node;

	if (hlist_empty(&adj_table.free)) {
		if (adj)
			adj_table.overflown = true;
		count(COUNTER_ADJ_UNTRACKED);
		return;
	}
	node = hlist_entry(adj_table.free.first, struct adj_node, link);
	hlist_del(&node->link);
	node->signal = signal;
	node->adj = adj;
	node->setter = *setter;
	hlist_add_head(&node->link, &adj_table.bucket[hash_ptr(signal, ADJ_HASH_BITS)]);
}

/* Stores a process's new value and returns the old one, or unknown. */
static int adj_set(const struct signal_struct *signal, short adj,
		   const struct oomwatch_setter *setter)
{
	int old = OOMWATCH_UNKNOWN_S32;
	struct adj_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	/*
	 * Nothing would remove a node that is inserted after adj_exit(). adj_exit() takes the
	 * lock after live has become 0. So either it comes later, or live is 0 here.
	 */
	if (!adj_table.in_use || !atomic_read(&signal->live))
		goto out;
	node = adj_find(signal);
	if (node)
		old = node->adj;
	else if (adj_table.filled && !adj_table.overflown)
		old = 0;
	if (node) {
		node->adj = adj;
		node->setter = *setter;
	} else {
		adj_insert(signal, adj, setter);
	}
out:
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	return old;
}

/**
 * adj_fork() - insert a process that was not written to, if its value isn't 0
 * @signal: the process
 * @parent: the process that it has its value and setter from, or NULL at load
 *
 * Context: any but NMI.
 */
void adj_fork(const struct signal_struct *signal, const struct signal_struct *parent)
{
	static const struct oomwatch_setter nobody;
	const struct oomwatch_setter *setter = &nobody;
	const struct adj_node *from;
	unsigned long flags;

	if (!signal->oom_score_adj)
		return;
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	from = parent ? adj_find(parent) : NULL;
	if (from && from->adj == signal->oom_score_adj)
		setter = &from->setter;
	/* If a write came first, the table has the newer value. */
	if (adj_table.in_use && atomic_read(&signal->live) && !adj_find(signal))
		adj_insert(signal, signal->oom_score_adj, setter);
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

/**
 * adj_setter() - find the task that wrote a process's current value
 * @signal: the process
 * @setter: filled in
 *
 * Context: any but NMI.
 * Return: false if the writer isn't known.
 */
bool adj_setter(const struct signal_struct *signal, struct oomwatch_setter *setter)
{
	const struct adj_node *node;
	unsigned long flags;

	/* In a panic, a stopped CPU may hold the lock. */
	if (!oops_in_progress)
		raw_spin_lock_irqsave(&adj_table.lock, flags);
	else if (!raw_spin_trylock_irqsave(&adj_table.lock, flags))
		return false;
	node = adj_find(signal);
	if (node && node->adj == signal->oom_score_adj)
		*setter = node->setter;
	else
		setter->time_ns = 0;
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	return setter->time_ns;
}

/**
 * adj_append() - append the setter of a process's current value to a record
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @ref: set to the setter; left alone if the setter isn't known
 * @signal: the process
 *
 * Context: any but NMI.
 */
void adj_append(struct oomwatch_head *rec, struct oomwatch_ref *ref,
		const struct signal_struct *signal)
{
	struct oomwatch_setter setter;

	if (adj_setter(signal, &setter))
		record_append(rec, ref, &setter, sizeof(setter));
}

/**
 * adj_exit() - remove a process that exits
 * @signal: the process
 *
 * Context: any but NMI.
 */
void adj_exit(const struct signal_struct *signal)
{
	struct adj_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	node = adj_find(signal);
	if (node)
		adj_forget(node);
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

/**
 * adj_start() - fill the table
 *
 * Context: task context; the events of writes, forks and exits are attached.
 */
void adj_start(void)
{
	struct task_struct *task;
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	adj_table.in_use = true;
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	rcu_read_lock();
	for_each_process(task)
		adj_fork(task->signal, NULL);
	rcu_read_unlock();
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	adj_table.filled = true;
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

/* The mm of a process if other processes may have it, too, else NULL. Compared only. */
static const struct mm_struct *find_shared_mm(struct task_struct *process)
{
	struct task_struct *task = process_trylock_mm(process, NULL);
	const struct mm_struct *mm = NULL;

	if (!IS_ERR_OR_NULL(task)) {
		if (mm_was_shared(task->mm))
			mm = task->mm;
		process_unlock(task, NULL);
		return mm;
	}
	/* A lock was busy, so the mm can't be looked at: take it for shared. */
	if (task)
		for_each_thread(process, task) {
			mm = READ_ONCE(task->mm);
			if (mm)
				break;
		}
	return mm;
}

/*
 * fs/proc/base.c: __set_oom_adj() gives all processes that share the mm the same value, but
 * there is no event for them. This finds them by its rules. Returns the old value, or unknown.
 */
static int adj_note_write(struct task_struct *task)
{
	struct oomwatch_setter setter = {
		.pid = current->pid, .uid = process_uid(current),
		.time_ns = ktime_get_boottime_ns(), .on_tgid = task->tgid,
	};
	short adj = task->signal->oom_score_adj;
	const struct mm_struct *mm;
	struct task_struct *other;
	int old;

	process_copy_comm(setter.comm, current);
	old = adj_set(task->signal, adj, &setter);
	rcu_read_lock();
	mm = task->vfork_done ? NULL : find_shared_mm(task);
	if (mm)
		for_each_process(other)
			if (!same_thread_group(task, other) && !other->vfork_done &&
			    !(other->flags & PF_KTHREAD) && !is_global_init(other) &&
			    process_has_mm(other, mm))
				adj_set(other->signal, adj, &setter);
	rcu_read_unlock();
	return old;
}

/*
 * Any task can write its own value again and again, and its records would push those of kills
 * out of the ring. So the number of records in a minute is limited. Guarded by the kernel's
 * oom_adj_mutex, which is held when the event fires; but the knob sets renew without it.
 */
static struct {
	unsigned long begin;	/* jiffies */
	unsigned int taken;
	bool renew;
} minute = { .renew = true };

static bool adj_is_within_limit(void)
{
	if (READ_ONCE(minute.renew) || time_after(jiffies, minute.begin + 60 * HZ)) {
		WRITE_ONCE(minute.renew, false);
		minute.begin = jiffies;
		minute.taken = 0;
	}
	if (minute.taken >= READ_ONCE(knob_adj_per_min))
		return false;
	minute.taken++;
	return true;
}

static void adj_commit(struct task_struct *task, int old)
{
	struct oomwatch_adj rec;

	record_init(&rec.head, OOMWATCH_TYPE_ADJ, ktime_get_boottime_ns(), 0);
	rec.pid = task->pid;
	rec.tgid = task->tgid;
	process_copy_comm(rec.comm, task);
	rec.old_adj = old;
	rec.new_adj = task->signal->oom_score_adj;
	rec.by_pid = current->pid;
	rec.by_uid = process_uid(current);
	process_copy_comm(rec.by_comm, current);
	record_commit(&rec.head);
}

/**
 * adj_write() - current wrote a process's value
 * @task: a task of the process
 *
 * Context: oom_adj_mutex held.
 */
void adj_write(struct task_struct *task)
{
	int old = adj_note_write(task);

	count(COUNTER_ADJ_UPDATES);
	if (!READ_ONCE(knob_adj_updates))
		return;
	if (adj_is_within_limit())
		adj_commit(task, old);
	else
		count(COUNTER_ADJ_SUPPRESSED);
}

/**
 * adj_apply_per_min() - apply the knob adj_per_min: a new minute begins
 * @per_min: the new value
 *
 * Context: any.
 * Return: 0.
 */
int adj_apply_per_min(unsigned int per_min)
{
	WRITE_ONCE(minute.renew, true);
	return 0;
}
