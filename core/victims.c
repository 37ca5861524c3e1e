// SPDX-License-Identifier: GPL-2.0
/*
 * Victims: remembers the tasks that were marked, for the reap and exit events that follow.
 */

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "internal.h"

/*
 * Slots for the victims of storms, and for the others: a crowd that one user has killed must not
 * push out a victim that takes long to die. Powers of 2.
 */
#define NR_OF_STORMS	1024
#define NR_OF_OTHERS	256

struct victim {
	const struct signal_struct *signal;	/* compared only; NULL: exited */
	const struct task_struct *turn;	/* see victims_is_last(); compared only */
	pid_t pid;
	pid_t tgid;
	u64 oom;		/* with OOM_STORM if its records are those of a storm */
	u64 kill_ns;
};

static struct victim of_storms[NR_OF_STORMS], of_others[NR_OF_OTHERS];

struct victims_part {
	struct victim *slot;
	unsigned int nr;
	unsigned int next;	/* the oldest, to be replaced next */
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	struct victims_part storms, others;
} victims = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(victims.lock),
	.storms = { .slot = of_storms, .nr = NR_OF_STORMS },
	.others = { .slot = of_others, .nr = NR_OF_OTHERS },
};

/* A process's exit event fires before exit_mm(), so a mark may come after the event. */
static bool exit_comes_early;

/**
 * victims_init() - set when this kernel's exit event fires
 * @early: the event of a process's exit fires before exit_mm()
 *
 * Context: any, once.
 */
void victims_init(bool early)
{
	exit_comes_early = early;
}

/**
 * victims_add() - remember a victim
 * @task: the task that was marked
 * @oom: the episode
 * @now: the time of the mark
 *
 * If exit events come early, this process's event may have come between the SIGKILL and this
 * mark. Or the marked thread is exiting and needs memory for its robust futexes. The test is
 * under the lock, so that an exit that isn't seen here finds the slot.
 *
 * Context: any but NMI.
 * Return: whether the process's exit event may have fired already.
 */
bool victims_add(const struct task_struct *task, u64 oom, u64 now)
{
	struct victims_part *part = oom & OOM_STORM ? &victims.storms : &victims.others;
	struct victim *victim;
	unsigned long flags;
	bool exited;

	raw_spin_lock_irqsave(&victims.lock, flags);
	victim = &part->slot[part->next];
	if (victim->signal)
		count(COUNTER_VICTIMS_FORGOTTEN);
	*victim = (struct victim) {
		.signal = task->signal, .pid = task->pid, .tgid = task->tgid,
		.oom = oom, .kill_ns = now,
	};
	part->next = (part->next + 1) & (part->nr - 1);
	exited = exit_comes_early && !atomic_read(&task->signal->live);
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return exited;
}

static bool has_pid(const struct victim *victim, const void *pid)
{
	return victim->pid == *(const pid_t *)pid;
}

static bool has_process(const struct victim *victim, const void *task)
{
	return is_of_process(task, victim->signal, victim->tgid);
}

/* The newest slot of what is wanted that is newer than @than, which may be NULL; else @than. */
static __always_inline struct victim *
newer_of(struct victims_part *part, bool (*is)(const struct victim *, const void *),
	 const void *wanted, struct victim *than)
{
	unsigned int n;

	for (n = 1; n <= part->nr; n++) {
		struct victim *victim = &part->slot[(part->next - n) & (part->nr - 1)];

		/* Slots are filled in the order of time. */
		if (!victim->oom || (than && victim->kill_ns <= than->kill_ns))
			break;
		if (is(victim, wanted))
			return victim;
	}
	return than;
}

/* The newest slot of what is wanted, or NULL. Context: victims.lock held. */
static __always_inline struct victim *
newest_victim(bool (*is)(const struct victim *, const void *), const void *wanted)
{
	struct victim *victim = newer_of(&victims.others, is, wanted, NULL);

	return newer_of(&victims.storms, is, wanted, victim);
}

/* Finds the newest victim with a pid, even if it has exited. */
static bool victims_find_pid(pid_t pid, struct victim *found)
{
	const struct victim *victim;
	unsigned long flags;

	raw_spin_lock_irqsave(&victims.lock, flags);
	victim = newest_victim(has_pid, &pid);
	if (victim)
		*found = *victim;
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return victim;
}

/* The newest slot of a process that isn't gone, or NULL. Context: victims.lock held. */
static struct victim *slot_of_process(const struct task_struct *task)
{
	return newest_victim(has_process, task);
}

/*
 * Finds a victim of a process that is gone. Several threads of a process may have been
 * marked: each call finds another, until it returns false.
 */
static bool victims_find_exited(const struct task_struct *task, struct victim *found)
{
	struct victim *victim;
	unsigned long flags;

	raw_spin_lock_irqsave(&victims.lock, flags);
	victim = slot_of_process(task);
	if (victim) {
		*found = *victim;
		victim->signal = NULL;
	}
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return victim;
}

/* Whether a thread has the turn. The first that asks takes it: it has to begin with the list. */
static bool turn_is_own(const struct task_struct *task, bool *first)
{
	struct victim *victim;
	unsigned long flags;
	bool own;

	raw_spin_lock_irqsave(&victims.lock, flags);
	victim = slot_of_process(task);
	*first = victim && !victim->turn;
	if (*first)
		victim->turn = task;
	own = victim && victim->turn == task;
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return own;
}

/*
 * Gives the turn to another thread; false if that has no mm. The test is under the lock: a thread
 * that drops the mm later takes the lock later, too, and finds that it has the turn. If a new mark
 * or a full table has replaced the slot, @task doesn't have the turn any more.
 */
static bool turn_give(const struct task_struct *task, const struct task_struct *to)
{
	struct victim *victim;
	unsigned long flags;
	bool has_mm;

	raw_spin_lock_irqsave(&victims.lock, flags);
	has_mm = READ_ONCE(to->mm);
	victim = slot_of_process(task);
	if (has_mm && victim && victim->turn == task)
		victim->turn = to;
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return has_mm;
}

/**
 * victims_is_last() - whether a thread was the last of its process that had the mm
 * @task: the current thread, which has dropped the mm; all threads of the process are exiting
 *
 * All threads of a process may ask at the same time, so a thread must not look at all others. One
 * thread has the turn to look. It gives the turn to the next in the list of threads that has the
 * mm. When that thread has dropped the mm, it goes on from its own place: the threads before it
 * have none. Together they go over the list once. A thread without the turn is not the last.
 *
 * Context: any but NMI.
 */
bool victims_is_last(struct task_struct *task)
{
	struct list_head *threads = &task->signal->thread_head;
	struct task_struct *other = task;
	bool first, last = true;

	if (!turn_is_own(task, &first))
		return false;
	rcu_read_lock();
	if (first)
		other = list_entry_rcu(threads->next, struct task_struct, thread_node);
	list_for_each_entry_from_rcu(other, threads, thread_node) {
		last = !READ_ONCE(other->mm) || !turn_give(task, other);
		if (!last)
			break;
	}
	rcu_read_unlock();
	return last;
}

/**
 * victims_reap() - record what the OOM reaper did with a victim
 * @pid: the victim's pid, from the event
 * @event: what the OOM reaper did
 *
 * Context: any but NMI.
 */
void victims_reap(pid_t pid, enum oomwatch_reap_event event)
{
	struct oomwatch_reap rec;
	/* If it is forgotten, very many others were marked: then this is one of a storm. */
	struct victim victim = { .oom = OOM_STORM };
	bool found = victims_find_pid(pid, &victim);
	/* Not before: the victim may have been marked just now. */
	u64 now = ktime_get_boottime_ns();

	record_init(&rec.head, OOMWATCH_TYPE_REAP, now, victim.oom);
	rec.pid = pid;
	rec.event = event;
	if (found)
		rec.since_kill_ns = now - victim.kill_ns;
	record_commit(&rec.head);
}

/**
 * victims_exit() - record the exit of a process's victims
 * @task: the process's last thread
 * @mm: the state of its mm
 *
 * Context: any but NMI.
 */
void victims_exit(const struct task_struct *task, enum oomwatch_exit_mm mm)
{
	struct victim victim = {};

	while (victims_find_exited(task, &victim)) {
		/* Not before: the victim may have been marked just now. */
		u64 now = ktime_get_boottime_ns();
		struct oomwatch_exit rec;

		count(COUNTER_EXITS);
		record_init(&rec.head, OOMWATCH_TYPE_EXIT, now, victim.oom);
		rec.pid = victim.pid;
		rec.tgid = victim.tgid;
		rec.since_kill_ns = now - victim.kill_ns;
		rec.mm = mm;
		record_commit(&rec.head);
	}
}
