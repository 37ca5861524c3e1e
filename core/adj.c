// SPDX-License-Identifier: GPL-2.0
/*
 * adj: the oom_score_adj that a write replaces.
 *
 * The event fires after the write, so the value before must be known from
 * earlier: this table has the processes whose value isn't 0. Filled at load,
 * kept by writes, forks and exits. Once it was full, a process that isn't in it
 * has an unknown value.
 */

#include <linux/hash.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "compat.h"
#include "internal.h"

#define ADJ_HASH_BITS	10
#define NR_ADJ_NODES	4096

struct adj_node {
	struct hlist_node link;		/* in a bucket, or in the list of free nodes */
	const struct signal_struct *signal; /* compared only: gone by the time it exits */
	short adj;
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	bool was_full;
	struct hlist_head free;
	struct hlist_head bucket[1 << ADJ_HASH_BITS];
	struct adj_node node[NR_ADJ_NODES];
} adj_table = { .lock = __RAW_SPIN_LOCK_UNLOCKED(adj_table.lock) };

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

static void adj_insert(const struct signal_struct *signal, short adj)
{
	struct adj_node *node;

	if (hlist_empty(&adj_table.free)) {
		adj_table.was_full = true;
		count(COUNTER_ADJ_UNTRACKED);
		return;
	}
	node = hlist_entry(adj_table.free.first, struct adj_node, link);
	hlist_del(&node->link);
	node->signal = signal;
	node->adj = adj;
	hlist_add_head(&node->link, &adj_table.bucket[hash_ptr(signal, ADJ_HASH_BITS)]);
}

/*
 * Takes note of a process's value and returns the one before, or unknown.
 *
 * Once a process is gone no exit would remove it: signal->live, read under the
 * lock that adj_exit() takes after it has become 0, tells.
 */
static int adj_set(const struct signal_struct *signal, short adj)
{
	int old = OOMWATCH_UNKNOWN_S32;
	struct adj_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	node = adj_find(signal);
	if (node)
		old = node->adj;
	else if (!adj_table.was_full)
		old = 0;
	if (node && adj)
		node->adj = adj;
	else if (node)
		adj_forget(node);
	else if (adj && atomic_read(&signal->live))
		adj_insert(signal, adj);
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	return old;
}

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

/* Processes that have a value when the module is loaded; the probes are attached. */
void adj_snapshot(void)
{
	struct task_struct *task;
	unsigned long flags;

	rcu_read_lock();
	for_each_process(task) {
		const struct signal_struct *signal = task->signal;

		raw_spin_lock_irqsave(&adj_table.lock, flags);
		if (signal->oom_score_adj && atomic_read(&signal->live) && !adj_find(signal))
			adj_insert(signal, signal->oom_score_adj);
		raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	}
	rcu_read_unlock();
}

/*
 * Processes that share an mm get each other's value with no event of their own,
 * so for them the table doesn't know. A lock that isn't free at once counts as
 * not knowing, too.
 */
static bool adj_is_shared(struct task_struct *task)
{
	bool shared;

	if (!spin_trylock(&task->alloc_lock))
		return true;
	shared = task->mm && mm_was_shared(task->mm);
	spin_unlock(&task->alloc_lock);
	return shared;
}

/*
 * Notes that somebody wrote a process's value; returns the one before, if known.
 *
 * Context: any but NMI.
 */
int adj_write(struct task_struct *task)
{
	int old = adj_set(task->signal, task->signal->oom_score_adj);

	return adj_is_shared(task) ? OOMWATCH_UNKNOWN_S32 : old;
}

/* A new process has its parent's value. Context: any but NMI. */
void adj_fork(const struct signal_struct *signal)
{
	if (signal->oom_score_adj)
		adj_set(signal, signal->oom_score_adj);
}
