// SPDX-License-Identifier: GPL-2.0
/*
 * Victims: remembers the tasks that were marked, for the reap and exit events that follow.
 */

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "internal.h"

#define NR_VICTIMS	1024

struct victim {
	const struct signal_struct *signal;	/* compared only; NULL: exited */
	pid_t pid;
	pid_t tgid;
	u64 oom;
	u64 kill_ns;
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	unsigned int next;	/* the oldest, to be replaced next */
	struct victim slot[NR_VICTIMS];
} victims = { .lock = __RAW_SPIN_LOCK_UNLOCKED(victims.lock) };

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
	struct victim *victim;
	unsigned long flags;
	bool exited;

	raw_spin_lock_irqsave(&victims.lock, flags);
	victim = &victims.slot[victims.next];
	if (victim->signal)
		count(COUNTER_VICTIMS_FORGOTTEN);
	*victim = (struct victim) {
		.signal = task->signal, .pid = task->pid, .tgid = task->tgid,
		.oom = oom, .kill_ns = now,
	};
	victims.next = (victims.next + 1) % NR_VICTIMS;
	exited = exit_comes_early && !atomic_read(&task->signal->live);
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return exited;
}

/* Finds the newest victim with a pid, even if it has exited. */
static bool victims_find_pid(pid_t pid, struct victim *found)
{
	unsigned long flags;
	unsigned int i, n;

	raw_spin_lock_irqsave(&victims.lock, flags);
	for (n = 1; n <= NR_VICTIMS; n++) {
		i = (victims.next - n) % NR_VICTIMS;
		if (victims.slot[i].oom && victims.slot[i].pid == pid)
			break;
	}
	if (n <= NR_VICTIMS)
		*found = victims.slot[i];
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return n <= NR_VICTIMS;
}

/*
 * Finds a victim of a process that is gone. Several threads of a process may have been
 * marked: each call finds another, until it returns false.
 */
static bool victims_find_exited(const struct task_struct *task, struct victim *found)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&victims.lock, flags);
	for (i = 0; i < NR_VICTIMS; i++)
		if (victims.slot[i].signal == task->signal && victims.slot[i].tgid == task->tgid)
			break;
	if (i < NR_VICTIMS) {
		*found = victims.slot[i];
		victims.slot[i].signal = NULL;
	}
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return i < NR_VICTIMS;
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
	u64 now = ktime_get_boottime_ns();
	struct oomwatch_reap rec;
	struct victim victim = { };
	bool found = victims_find_pid(pid, &victim);

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
	u64 now = ktime_get_boottime_ns();
	struct victim victim = {};

	while (victims_find_exited(task, &victim)) {
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
