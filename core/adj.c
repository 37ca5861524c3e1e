// SPDX-License-Identifier: GPL-2.0
/*
 * adj: the oom_score_adj of processes, and the tasks that wrote it.
 *
 * The event of a write fires after the write, so the old value must be known from
 * earlier. The writer must be remembered until a kill. The table has the processes
 * whose value isn't 0, those that were written to, and those that share their mm. It
 * is filled at load, and kept up to date by writes, forks and exits.
 *
 * Sharers of an mm: fs/proc/base.c: __set_oom_adj() gives all of them the value that is
 * written to one, without an event for the others. To find the others at a write would take a
 * walk over all processes. So the node of the sharer that was written to last can be
 * found by the mm, too. The nodes of the others are stale: the one found by mm counts for
 * them. If its process is gone, or has another mm, their value is unknown.
 *
 * Room: a user other than root gets a quarter of the table, and the last free quarter
 * is for root. A process that there was no room for is untracked. A worker inserts it when
 * nodes become free; who wrote its value stays unknown.
 */

#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "internal.h"

/* === The table ============================================================ */

#define ADJ_HASH_BITS	10
#define NR_ADJ_NODES	4096
#define NR_ADJ_QUARTER	(NR_ADJ_NODES / 4)
#define UNTRACKED_BITS	15
#define LEFT_OUT_MANY	1024
#define REFILL_JIFFIES	(5 * HZ)
#define THREADS_MAX	64

struct adj_node {
	struct hlist_node link;		/* in a bucket, or in the list of free nodes */
	struct hlist_node mm_link;	/* in a bucket of sharers, if mm isn't NULL */
	const struct signal_struct *signal; /* exists as long as the node: adj_exit() removes it */
	const struct mm_struct *mm;	/* compared only; no other write to a sharer came later */
	short adj;
	u16 payer;
	bool stale;		/* the value may be another's, by mm */
	struct oomwatch_setter setter;	/* time_ns is 0 if the write wasn't seen */
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	bool in_use;		/* else all is unknown: forks or exits aren't seen */
	bool filled;		/* with the processes from before the load */
	unsigned int nr_free;
	struct hlist_head free;
	struct hlist_head bucket[1 << ADJ_HASH_BITS];
	struct hlist_head mm_bucket[1 << ADJ_HASH_BITS];
	u16 taken[NR_PAYERS];	/* nodes, by who pays for them */
	DECLARE_BITMAP(untracked, 1 << UNTRACKED_BITS); /* by a hash of the process */
	DECLARE_BITMAP(untracked_before, 1 << UNTRACKED_BITS); /* the refill that is under way */
	DECLARE_BITMAP(waiting, NR_PAYERS); /* have untracked processes */
	unsigned int left_out;	/* processes that became untracked */
	struct adj_node node[NR_ADJ_NODES];
} adj_table = { .lock = __RAW_SPIN_LOCK_UNLOCKED(adj_table.lock) };

static void adj_refill(struct work_struct *work);
static DECLARE_DELAYED_WORK(refill, adj_refill);

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
	adj_table.nr_free = NR_ADJ_NODES;
}

static struct hlist_head *adj_bucket(const struct signal_struct *signal)
{
	return &adj_table.bucket[hash_ptr(signal, ADJ_HASH_BITS)];
}

static struct hlist_head *adj_mm_bucket(const struct mm_struct *mm)
{
	return &adj_table.mm_bucket[hash_ptr(mm, ADJ_HASH_BITS)];
}

static struct adj_node *adj_find(const struct signal_struct *signal)
{
	struct adj_node *node;

	lockdep_assert_held(&adj_table.lock);
	hlist_for_each_entry(node, adj_bucket(signal), link)
		if (node->signal == signal)
			return node;
	return NULL;
}

static struct adj_node *adj_find_by_mm(const struct mm_struct *mm)
{
	struct adj_node *node;

	lockdep_assert_held(&adj_table.lock);
	hlist_for_each_entry(node, adj_mm_bucket(mm), mm_link)
		if (node->mm == mm)
			return node;
	return NULL;
}

static void adj_unlink_mm(struct adj_node *node)
{
	if (node->mm)
		hlist_del(&node->mm_link);
	node->mm = NULL;
}

static void adj_link_mm(struct adj_node *node, const struct mm_struct *mm)
{
	node->mm = mm;
	hlist_add_head(&node->mm_link, adj_mm_bucket(mm));
}

static bool adj_has_room(unsigned int payer)
{
	if (payer == PAYER_ROOT)
		return adj_table.nr_free;
	return adj_table.taken[payer] < NR_ADJ_QUARTER && adj_table.nr_free > NR_ADJ_QUARTER;
}

/* A node of @payer became free. It may be room for that user, or the first for all others. */
static void adj_free_up(unsigned int payer)
{
	if (!adj_table.in_use || bitmap_empty(adj_table.waiting, NR_PAYERS))
		return;
	if (test_bit(payer, adj_table.waiting) || adj_table.nr_free == 1 ||
	    adj_table.nr_free == NR_ADJ_QUARTER + 1)
		schedule_delayed_work(&refill, REFILL_JIFFIES);
}

static void adj_forget(struct adj_node *node)
{
	adj_unlink_mm(node);
	hlist_del(&node->link);
	hlist_add_head(&node->link, &adj_table.free);
	adj_table.nr_free++;
	adj_table.taken[node->payer]--;
	adj_free_up(node->payer);
}

/* The process's bit: collisions only make more values unknown. */
static unsigned int untracked_bit(const struct signal_struct *signal)
{
	return hash_ptr(signal, UNTRACKED_BITS);
}

static bool adj_is_untracked(const struct signal_struct *signal)
{
	unsigned int bit = untracked_bit(signal);

	return test_bit(bit, adj_table.untracked) || test_bit(bit, adj_table.untracked_before);
}

/* Whether all that a process has done was seen: if it is not in the table, its value is 0. */
static bool adj_is_tracked(const struct signal_struct *signal)
{
	return adj_table.filled && !adj_is_untracked(signal);
}

/*
 * There is no room for a process. @again: there was none before, and it was counted then. The bits
 * of processes that have exited stay until a refill, so it must come when many were set.
 */
static void adj_leave_out(const struct signal_struct *signal, unsigned int payer, bool again)
{
	__set_bit(untracked_bit(signal), adj_table.untracked);
	__set_bit(payer, adj_table.waiting);
	if (again)
		return;
	count(COUNTER_ADJ_UNTRACKED);
	if (!(++adj_table.left_out % LEFT_OUT_MANY))
		schedule_delayed_work(&refill, REFILL_JIFFIES);
}

/* A new node, or NULL if there is no room or the process has exited. @again: as adj_leave_out(). */
static struct adj_node *adj_insert(struct task_struct *task, short adj, bool stale,
				   const struct oomwatch_setter *setter, bool again)
{
	static const struct oomwatch_setter nobody;
	const struct signal_struct *signal = task->signal;
	unsigned int payer = process_payer(task);
	struct adj_node *node;

	if (!adj_has_room(payer)) {
		adj_leave_out(signal, payer, again);
		return NULL;
	}
	node = hlist_entry(adj_table.free.first, struct adj_node, link);
	hlist_del(&node->link);
	adj_table.nr_free--;
	adj_table.taken[payer]++;
	node->signal = signal;
	node->mm = NULL;
	node->adj = adj;
	node->payer = payer;
	node->stale = stale;
	node->setter = setter ? *setter : nobody;
	hlist_add_head(&node->link, adj_bucket(signal));
	/*
	 * Nothing would remove a node that is inserted after adj_exit(), which doesn't take the
	 * lock if it sees an empty bucket. The last thread sets live to 0, and then looks at the
	 * bucket. Here the bucket is set first, then live is looked at. With a barrier in both
	 * places, one of the two sees what the other has set. Pairs with adj_exit().
	 */
	smp_mb();
	if (atomic_read(&signal->live))
		return node;
	adj_forget(node);
	return NULL;
}

/*
 * The mm of a task's process, or of a node's; an error if it is not known. A process may have many
 * threads that are dead but not reaped: with the lock held, not all of them are looked at.
 */
static const struct mm_struct *adj_mm_of_task(struct task_struct *task)
{
	const struct mm_struct *mm;

	rcu_read_lock();
	mm = process_mm(task, THREADS_MAX);
	rcu_read_unlock();
	return mm;
}

static const struct mm_struct *adj_mm_of_node(const struct adj_node *node)
{
	const struct mm_struct *mm;
	struct task_struct *leader;

	rcu_read_lock();
	leader = pid_task(node->signal->pids[PIDTYPE_TGID], PIDTYPE_TGID);
	mm = leader ? adj_mm_of_task(leader) : NULL;
	rcu_read_unlock();
	return mm;
}

/*
 * Whether the process of a node has an mm now. If that is node->mm, the node is right for all that
 * have it: a later mm at the same address would be this process's by exec, and others could
 * have it only by clone, with the value of this process.
 */
static bool adj_has_mm(const struct adj_node *node, const struct mm_struct *mm)
{
	return adj_mm_of_node(node) == mm;
}

static bool adj_may_have_mm(const struct adj_node *node, const struct mm_struct *mm)
{
	const struct mm_struct *has = adj_mm_of_node(node);

	return has == mm || IS_ERR(has);
}

/* The node that has a process's value and setter, or NULL. @node is the process's own. */
static const struct adj_node *adj_last(const struct adj_node *node, struct task_struct *task)
{
	const struct mm_struct *mm;

	/* The kernel doesn't give init the values of others. */
	if (!node || !node->stale || is_global_init(task))
		return node;
	mm = adj_mm_of_task(task);
	node = IS_ERR_OR_NULL(mm) ? NULL : adj_find_by_mm(mm);
	return node && adj_has_mm(node, mm) ? node : NULL;
}

/* === Forks, exits, and the processes from before ========================== */

/* kernel/fork.c: copy_oom_score_adj(): the child shares its parent's mm and values. */
static bool is_sharing_clone(const struct task_struct *child, u64 clone_flags)
{
	return child->mm &&
	       (clone_flags & (CLONE_VM | CLONE_THREAD | CLONE_VFORK)) == CLONE_VM;
}

/* The parent, current, begins to share its mm: what is known of it now is known by mm. */
static void adj_share(void)
{
	struct adj_node *node = adj_find(current->signal);
	struct adj_node *last = adj_find_by_mm(current->mm);

	if (last && adj_may_have_mm(last, current->mm))
		return;
	if (!node && adj_is_tracked(current->signal))
		node = adj_insert(current, 0, false, NULL, false);
	if (!node || node->stale)
		return;
	if (last)
		adj_unlink_mm(last);
	adj_unlink_mm(node);
	adj_link_mm(node, current->mm);
}

/**
 * adj_fork() - insert current's new child process, if its value isn't 0 or may change unseen
 * @child: its first task
 * @clone_flags: of the clone
 *
 * Context: the event task_newtask.
 */
void adj_fork(struct task_struct *child, u64 clone_flags)
{
	bool shares = is_sharing_clone(child, clone_flags);
	short adj = READ_ONCE(child->signal->oom_score_adj);
	const struct oomwatch_setter *setter = NULL;
	const struct adj_node *from;
	unsigned long flags;
	bool stale;

	/* One of the two was written to since the child got its value, and that value is gone. */
	stale = shares || adj != READ_ONCE(current->signal->oom_score_adj);
	if (!adj && !stale)
		return;
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	if (!adj_table.in_use)
		goto out;
	if (shares)
		adj_share();
	from = adj_last(adj_find(current->signal), current);
	if (from && from->adj == adj)
		setter = &from->setter;
	/* If a write came first, the table has the newer value. */
	if (!adj_find(child->signal))
		adj_insert(child, adj, stale, setter, false);
out:
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

/**
 * adj_exit() - remove a process that exits
 * @signal: the process
 *
 * Context: any but NMI; the process's last thread has decremented live.
 */
void adj_exit(const struct signal_struct *signal)
{
	struct adj_node *node;
	unsigned long flags;

	/* Most processes aren't in the table, and take no lock. Pairs with adj_insert(). */
	smp_mb();
	if (hlist_empty(adj_bucket(signal)))
		return;
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	node = adj_find(signal);
	if (node)
		adj_forget(node);
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

/* Whether other processes may have its mm. If a lock is busy, it is taken for shared. */
static bool shares_mm(struct task_struct *process)
{
	struct task_struct *task = process_trylock_mm(process, NULL);
	bool shared;

	if (IS_ERR_OR_NULL(task))
		return task;
	shared = mm_was_shared(task->mm);
	process_unlock(task, NULL);
	return shared;
}

/*
 * Inserts a process whose fork wasn't seen, or that there was no room for. Of any other all was
 * seen; a write to it that is under way has its event yet to come.
 */
static void adj_add(struct task_struct *process)
{
	const struct signal_struct *signal = process->signal;
	bool shares = shares_mm(process);
	unsigned long flags;

	if (!READ_ONCE(signal->oom_score_adj) && !shares)
		return;
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	if (adj_table.in_use && atomic_read(&signal->live) && !adj_is_tracked(signal) &&
	    !adj_find(signal))
		adj_insert(process, READ_ONCE(signal->oom_score_adj), shares, NULL,
			   adj_table.filled);
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

static void adj_fill(void)
{
	struct task_struct *process;
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	bitmap_copy(adj_table.untracked_before, adj_table.untracked, 1 << UNTRACKED_BITS);
	bitmap_zero(adj_table.untracked, 1 << UNTRACKED_BITS);
	bitmap_zero(adj_table.waiting, NR_PAYERS);
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	rcu_read_lock();
	for_each_process(process)
		adj_add(process);
	rcu_read_unlock();
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	bitmap_zero(adj_table.untracked_before, 1 << UNTRACKED_BITS);
	adj_table.filled = true;
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
}

static void adj_refill(struct work_struct *work)
{
	adj_fill();
}

/**
 * adj_start() - fill the table
 *
 * Context: task context; the events of writes, forks and exits are attached.
 */
void adj_start(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	adj_table.in_use = true;
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	adj_fill();
}

/**
 * adj_stop() - stop using the table
 *
 * Context: task context, may sleep; before the event of exits is detached, because then processes
 * that have a node may be gone.
 */
void adj_stop(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&adj_table.lock, flags);
	adj_table.in_use = false;
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	/* Exits, which are still seen, don't queue it any more. */
	cancel_delayed_work_sync(&refill);
}

/* === Setters ============================================================== */

/**
 * adj_setter() - find the task that wrote a process's current value
 * @task: a task of the process
 * @setter: filled in
 *
 * Context: any but NMI.
 * Return: false if the writer isn't known.
 */
bool adj_setter(struct task_struct *task, struct oomwatch_setter *setter)
{
	const struct adj_node *node = NULL;
	unsigned long flags;

	/* In a panic, a stopped CPU may hold the lock. */
	if (!oops_in_progress)
		raw_spin_lock_irqsave(&adj_table.lock, flags);
	else if (!raw_spin_trylock_irqsave(&adj_table.lock, flags))
		return false;
	if (adj_table.in_use)
		node = adj_last(adj_find(task->signal), task);
	if (node && node->adj == READ_ONCE(task->signal->oom_score_adj))
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
 * @task: a task of the process
 *
 * Context: any but NMI.
 */
void adj_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, struct task_struct *task)
{
	struct oomwatch_setter setter;

	if (adj_setter(task, &setter))
		record_append(rec, ref, &setter, sizeof(setter));
}

/* === Writes =============================================================== */

/* A process was written to: the node of a sharer that was written to before is stale. */
static void adj_supersede(const struct mm_struct *mm)
{
	struct adj_node *last = adj_find_by_mm(mm);

	if (!last)
		return;
	last->stale = last->stale || adj_may_have_mm(last, mm);
	adj_unlink_mm(last);
}

/* The value before a write to a process, or unknown. @node is the process's own. */
static int adj_old(const struct adj_node *node, struct task_struct *task)
{
	const struct adj_node *last = adj_last(node, task);

	if (!node)
		return adj_is_tracked(task->signal) ? 0 : OOMWATCH_UNKNOWN_S32;
	/* adj_fill() may have found the new value, after the write and before the event. */
	if (!last || (!last->setter.time_ns && !adj_is_tracked(task->signal)))
		return OOMWATCH_UNKNOWN_S32;
	return last->adj;
}

/*
 * Stores a process's new value and returns the old one, or unknown. A process that is still being
 * made may not have had its event, and then not be in the table. And copy_oom_score_adj()
 * may yet give it its parent's value. So its old value is unknown, and its node is stale.
 */
static int adj_set(struct task_struct *task, const struct oomwatch_setter *setter)
{
	short adj = READ_ONCE(task->signal->oom_score_adj);
	int old = OOMWATCH_UNKNOWN_S32;
	const struct mm_struct *mm;
	struct adj_node *node;
	unsigned long flags;
	bool is_new;

	rcu_read_lock();
	/* As __set_oom_adj(): a vfork child has a value of its own. */
	mm = READ_ONCE(task->vfork_done) ? NULL : process_mm(task, UINT_MAX);
	rcu_read_unlock();
	raw_spin_lock_irqsave(&adj_table.lock, flags);
	if (!adj_table.in_use || !atomic_read(&task->signal->live))
		goto out;
	/* With the lock held: either the event's node is seen here, or this comes before it. */
	is_new = data_race(thread_group_leader(task)) && (TASK_STATE(task) & TASK_NEW);
	node = adj_find(task->signal);
	if (!is_new)
		old = adj_old(node, task);
	if (mm)
		adj_supersede(mm);
	if (node) {
		adj_unlink_mm(node);
		node->adj = adj;
		node->stale = is_new;
		node->setter = *setter;
	} else {
		node = adj_insert(task, adj, is_new, setter, adj_is_untracked(task->signal));
	}
	if (node && mm && !is_new)
		adj_link_mm(node, mm);
out:
	raw_spin_unlock_irqrestore(&adj_table.lock, flags);
	return old;
}

static int adj_note_write(struct task_struct *task)
{
	struct oomwatch_setter setter = {
		.pid = current->pid, .uid = process_uid(current),
		.time_ns = ktime_get_boottime_ns(), .on_tgid = task->tgid,
	};

	process_copy_comm(setter.comm, current);
	return adj_set(task, &setter);
}

/*
 * Any task can write its own value again and again. So the number of records in a minute is
 * limited, each user but root gets a part of it, and a part is for root. Guarded by the kernel's
 * oom_adj_mutex, which is held when the event fires; but the knob sets renew without it.
 */
#define USER_SHARE	10	/* of adj_per_min: a tenth */
#define ROOT_SHARE	4	/* a quarter, which others can't take */

static struct {
	u64 begin;		/* jiffies */
	struct payments taken;
	bool renew;
} minute = { .renew = true };

static bool adj_is_within_limit(void)
{
	unsigned int limit = READ_ONCE(knob_adj_per_min);
	u64 now = get_jiffies_64();

	if (READ_ONCE(minute.renew) || time_after64(now, minute.begin + 60 * HZ)) {
		WRITE_ONCE(minute.renew, false);
		minute.begin = now;
		memset(&minute.taken, 0, sizeof(minute.taken));
	}
	return payments_take(&minute.taken, process_payer(current), limit,
			     DIV_ROUND_UP(limit, USER_SHARE), limit / ROOT_SHARE);
}

static void adj_commit(struct task_struct *task, int old)
{
	struct oomwatch_adj rec;

	record_init(&rec.head, OOMWATCH_TYPE_ADJ, ktime_get_boottime_ns(), 0);
	rec.pid = task->pid;
	rec.tgid = task->tgid;
	process_copy_comm(rec.comm, task);
	rec.old_adj = old;
	rec.new_adj = READ_ONCE(task->signal->oom_score_adj);
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
