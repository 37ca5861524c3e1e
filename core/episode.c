// SPDX-License-Identifier: GPL-2.0
/*
 * Episodes: one call of out_of_memory(), from entry to return, and its result. For an overview
 * see ../oomwatch.c.
 */

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "internal.h"

/* If the scope is unknown, marks by one trigger this close together are one episode. */
#define GUESS_NS	(100 * NSEC_PER_MSEC)

/* The open episode, or the newest. Written only by the task inside out_of_memory(): oom_lock. */
static struct episode episode;

/* The newest episode that has a victim. */
static u64 newest_id;

/* The probe of the choice is there, so each kill comes after one. */
static bool choice_is_expected;

/**
 * episode_expect_choice() - say whether episode_choice() is called before kills
 * @yes: it is
 *
 * Context: task context.
 */
void episode_expect_choice(bool yes)
{
	WRITE_ONCE(choice_is_expected, yes);
}

static void episode_count_kills(void)
{
	episode.kernel_kills = kernel_oom_kills();
	episode.counts_kills = IS_ENABLED(CONFIG_VM_EVENT_COUNTERS);
}

static void episode_open(struct oom_control *oc, u64 now)
{
	episode = (struct episode) {
		.call = episode.call + 1, .id = newest_id + 1, .oc = oc,
		.trigger = current, .trigger_pid = current->pid,
		.start_ns = now, .records = READ_ONCE(knob_enabled),
	};
	/* Most calls kill nobody, and to sum up the counters of all CPUs takes time. */
	if (oc && !READ_ONCE(choice_is_expected))
		episode_count_kills();
	count(COUNTER_EPISODES);
}

/* Whether current is the trigger. The pid is compared, too: a task_struct may be reused. */
static bool is_trigger(void)
{
	return READ_ONCE(episode.trigger) == current && episode.trigger_pid == current->pid;
}

/* Opens an episode for a mark whose scope wasn't seen. */
static void episode_guess(u64 now)
{
	/* Left over only from a task that an oops has ended inside out_of_memory(). */
	episode.oc = NULL;
	if (!is_trigger() || now - episode.mark_ns > GUESS_NS) {
		episode_open(NULL, now);
		stack_drop();
	}
}

/* Decides where the episode's records go, when it gets some. */
static void episode_place(struct task_struct *victim, u64 now)
{
	struct mem_cgroup *memcg = episode.oc ? episode.oc->memcg : NULL;

	if (!episode.placed && storm_has(memcg ? memcg_id_of(memcg) : 0, victim, now))
		episode.id |= OOM_STORM;
	episode.placed = true;
}

static void episode_spent(u64 since)
{
	episode.spent_ns += ktime_get_boottime_ns() - since;
}

/**
 * episode_enter() - out_of_memory() was called
 * @oc: its argument, which stays the kernel's
 * @entry: its address
 *
 * Context: oom_lock held, as for all of an episode.
 */
void episode_enter(struct oom_control *oc, unsigned long entry)
{
	u64 now = ktime_get_boottime_ns();

	episode_open(oc, now);
	stack_enter(entry);
	episode_spent(now);
}

/**
 * episode_freed() - the last of the OOM notifiers was called
 * @freed: the others freed memory, so there may be no kill
 *
 * Context: oom_lock held.
 */
void episode_freed(bool freed)
{
	count(COUNTER_NOTIFICATIONS);
	episode.freed = freed;
}

/**
 * episode_choice() - the kernel is about to kill the task that it chose
 * @oc: the kernel's, with the choice
 * @message: the message that the kernel is going to log
 * @entry: the address of oom_kill_process()
 *
 * All figures but the victim's own are of this moment: the kernel prints its report next, which
 * takes seconds on a slow console.
 *
 * Context: oom_lock held; the chosen task's alloc_lock is not.
 */
void episode_choice(const struct oom_control *oc, const char *message, unsigned long entry)
{
	u64 now = ktime_get_boottime_ns();
	struct task_struct *task;
	struct usage usage;

	if (episode.oc != oc)
		return;
	episode.choice_seen = true;
	episode.allocating_task = strstr(message, "oom_kill_allocating_task");
	if (!episode.counts_kills)
		episode_count_kills();
	stack_choice(entry);

	rcu_read_lock();
	task = process_trylock_mm(oc->chosen, NULL);
	if (!IS_ERR_OR_NULL(task)) {
		usage = usage_of(task);
		process_fill(&episode.process, task, &usage, oc->totalpages);
		episode.chosen = task->signal;
		process_unlock(task, NULL);
	}
	if (episode.records) {
		episode_place(oc->chosen, now);
		capture_choice(&episode, NULL, now);
	}
	rcu_read_unlock();
	episode_spent(now);
}

/*
 * The kernel counts a kill before it marks the victim, so a mark without a new
 * kill is of a task that was dying already. Without the scope or the counters this
 * can't be known, and the result is false.
 */
static bool mark_is_of_dying(void)
{
	bool dying = false;

	/* Before its choice the kernel marks the trigger alone, and only if that is dying. */
	if (episode.oc && !episode.oc->chosen)
		return true;
	if (episode.counts_kills)
		dying = kernel_oom_kills() - episode.kernel_kills == episode.kills_seen;
	/* One new kill is this mark's. Any others were of tasks marked before. */
	if (!dying)
		episode.kills_seen++;
	return dying;
}

static u32 victim_flags(struct task_struct *task)
{
	u32 flags = 0;

	rcu_read_lock();
	if (mark_is_of_dying())
		flags |= OOMWATCH_TASK_DYING;
	else if (memcg_kills_group(task, episode.oc))
		flags |= OOMWATCH_TASK_GROUP;
	rcu_read_unlock();
	if (process_shares_its_mm(task))
		flags |= OOMWATCH_TASK_SHARES_MM;
	return flags;
}

static void count_victim(u32 flags)
{
	count(COUNTER_VICTIMS);
	count(COUNTER_KIND_UNKNOWN + capture_kind(&episode));
	if (flags & OOMWATCH_TASK_DYING)
		count(COUNTER_VICTIMS_DYING);
	if (flags & OOMWATCH_TASK_GROUP)
		count(COUNTER_VICTIMS_GROUP);
}

/**
 * episode_mark() - the kernel marked a task as a victim
 * @task: the task; its mm is stable
 * @caller: the return address of the probe
 *
 * Context: oom_lock held, and mostly @task's alloc_lock, see
 * mm/oom_kill.c: mark_oom_victim(). So never take that lock, nor call what takes it.
 */
void episode_mark(struct task_struct *task, unsigned long caller)
{
	u64 now = ktime_get_boottime_ns();
	bool exited;
	u32 flags;

	if (!episode.oc || episode.trigger != current)
		episode_guess(now);
	episode.caller = caller;
	flags = victim_flags(task);
	count_victim(flags);
	newest_id = oom_number(episode.id);
	if (episode.records)
		episode_place(task, now);
	exited = episode.records && victims_add(task, episode_victim_id(&episode), now);
	rcu_read_lock();
	if (episode.records && !episode.victims)
		capture_begin(&episode, task, flags & OOMWATCH_TASK_DYING, now);
	if (episode.records)
		capture_victim(&episode, task, flags, now);
	else
		count(COUNTER_RECORDS_SUPPRESSED);
	/* Counted now that its record is in the ring: see episode_report(). */
	episode.victims++;
	rcu_read_unlock();
	if (exited)
		victims_exit(task, OOMWATCH_EXIT_MM_HELD);
	episode.victim = task->signal;
	episode.victim_mm = task->mm;
	episode.victim_pid = task->pid;
	episode.mark_ns = now;
	episode_spent(now);
}

/**
 * episode_signal() - current sends a SIGKILL
 * @task: the task that gets it
 *
 * Within an episode that is a task to be marked next or, after a mark, a task that has
 * the victim's mm: mm/oom_kill.c: __oom_kill_process().
 *
 * Context: task context.
 */
void episode_signal(struct task_struct *task)
{
	bool shares = false;
	u64 now;

	/* This is called for each SIGKILL on the machine. */
	if (!is_trigger() || !episode.oc)
		return;
	now = ktime_get_boottime_ns();
	episode.sent = task->signal;
	if (!adj_setter(task, &episode.setter))
		episode.setter.time_ns = 0;
	rcu_read_lock();
	if (episode.victim_mm && task->signal != episode.victim)
		shares = process_mm(task, UINT_MAX) == episode.victim_mm;
	rcu_read_unlock();
	if (shares)
		count(COUNTER_SHARERS);
	if (shares && episode.records)
		capture_sharer(&episode, task, now);
	episode.sharers += shares;
	episode_spent(now);
}

/* The messages of mm/oom_kill.c: check_panic_on_oom() and out_of_memory(). */
static const struct {
	const char *message;
	enum oomwatch_outcome outcome;
} own_panics[] = {
	{ "Out of memory: system-wide panic_on_oom is enabled", OOMWATCH_OUTCOME_PANIC },
	{ "Out of memory: compulsory panic_on_oom is enabled", OOMWATCH_OUTCOME_PANIC },
	{ "System is deadlocked on memory", OOMWATCH_OUTCOME_DEADLOCK },
};

/**
 * episode_panic() - record current's open episode if that is why the kernel panics
 * @message: of the panic
 *
 * Such a panic comes before a choice, so nothing of the episode is in the ring.
 *
 * Context: panic. Never waits.
 */
void episode_panic(const char *message)
{
	int i;

	if (!message || !is_trigger() || !episode.oc || episode.victims)
		return;
	for (i = 0; i < ARRAY_SIZE(own_panics); i++)
		if (str_has_prefix(message, own_panics[i].message))
			episode.panic = own_panics[i].outcome;
	if (!episode.panic)
		return;
	episode.id = OOMWATCH_NOBODY | nobody_next();
	episode_report(record_commit_panic);
}

/**
 * episode_report() - show what is known of current's open episode, if it has no victim yet
 * @show: called with each record
 *
 * For a panic within out_of_memory(): the ring may have no records of such an episode.
 *
 * Context: panic. Never waits.
 * Return: false if there is no such episode.
 */
bool episode_report(void (*show)(struct oomwatch_head *rec))
{
	/* Other clocks would wait forever if a CPU was stopped while it updated the timekeeper. */
	u64 now = ktime_get_boot_fast_ns();

	if (!is_trigger() || !episode.oc || episode.victims)
		return false;
	rcu_read_lock();
	capture_show(&episode, now, show);
	rcu_read_unlock();
	return true;
}

/**
 * episode_running() - the task that is inside out_of_memory()
 *
 * Context: panic.
 * Return: the task's pid, or 0 if no task is known to be inside.
 */
pid_t episode_running(void)
{
	return READ_ONCE(episode.oc) ? episode.trigger_pid : 0;
}

/*
 * The result of an episode without a victim. What the kernel tests last comes first, as that
 * leaves traces in @oc; the rest is in the order of the kernel's tests.
 */
static enum oomwatch_outcome idle_outcome(const struct oom_control *oc, bool ret)
{
	if (oc->chosen == (void *)-1UL)
		return OOMWATCH_OUTCOME_IN_FLIGHT;
	if (oc->chosen)
		return OOMWATCH_OUTCOME_GONE;
	if (oc->totalpages)
		return OOMWATCH_OUTCOME_NO_VICTIM;
	if (!ret)
		return OOMWATCH_OUTCOME_DISABLED;
	if (episode.freed)
		return OOMWATCH_OUTCOME_FREED;
	if (test_tsk_thread_flag(current, TIF_MEMDIE) && current->mm && !mm_is_reaped(current->mm))
		return OOMWATCH_OUTCOME_REPEATED;
	if (oc->gfp_mask && !(oc->gfp_mask & __GFP_FS))
		return OOMWATCH_OUTCOME_NOFS;
	return OOMWATCH_OUTCOME_UNKNOWN;
}

/* Such calls come in storms: nobody.c says which of them get records. */
static void episode_nobody(u64 now)
{
	struct mem_cgroup *memcg = episode.oc->memcg;
	u64 id, nr, since;

	if (!episode.records)
		return;
	/*
	 * A write of memory.max kills until enough is free: what it killed may be gone already, and
	 * nobody is missed. A charge fails, even if there is room by now.
	 */
	if (memcg) {
		episode.use = memcg_use(memcg);
		if (memcg_has_room(memcg, &episode.use) && stack_has_memory_max())
			return;
	}
	id = memcg ? memcg_id_of(memcg) : 0;
	nr = nobody_call(id, now);
	if (!nr)
		return;
	since = ring_written(&records, RING_NOBODY);
	episode.id = OOMWATCH_NOBODY | nr;
	rcu_read_lock();
	capture_nobody(&episode, now);
	rcu_read_unlock();
	if (id)
		nobody_charge(since);
}

/* SIGKILLs since the beginning, as the kernel counts them. */
static u64 episode_kills(void)
{
	s64 kills = 0;

	if (episode.counts_kills)
		kills = kernel_oom_kills() - episode.kernel_kills;
	/* Less than before while the counts of a CPU that goes offline are taken over. */
	return max_t(s64, kills, episode.kills_seen);
}

/**
 * episode_leave() - out_of_memory() returns
 * @ret: what it returns
 *
 * Does nothing if the call's beginning wasn't seen.
 *
 * Context: oom_lock held.
 */
void episode_leave(bool ret)
{
	u64 now = ktime_get_boottime_ns(), kills;
	enum oomwatch_outcome outcome;

	if (!episode.oc)
		return;
	if (!episode.victims)
		outcome = idle_outcome(episode.oc, ret);
	else
		outcome = episode.kills_seen ? OOMWATCH_OUTCOME_KILLED : OOMWATCH_OUTCOME_DYING;
	count(COUNTER_OUTCOME_UNKNOWN + outcome);
	kills = episode_kills();
	atomic64_add(kills - episode.kills_seen, &counters[COUNTER_REKILLS]);
	if (episode.victims && episode.records) {
		capture_end(&episode, outcome, kills, now);
		if (capture_kind(&episode) != OOMWATCH_KIND_MEMCG)
			meminfo_want(episode.id, episode.mark_ns);
	}
	if (episode.placed)
		storm_end(episode.victims);
	if (outcome == OOMWATCH_OUTCOME_NO_VICTIM)
		episode_nobody(now);
	/* What a tracer does, such as to send a signal, is no part of the episode. */
	episode.oc = NULL;
	episode.trigger = NULL;
	episode_spent(now);
	atomic64_add(episode.spent_ns, &counters[COUNTER_CAPTURE_NS_TOTAL]);
	count_max(COUNTER_CAPTURE_NS_MAX, episode.spent_ns);
	/* Takes as long as the tracers do. */
	if (episode.victims)
		trace_episode(oom_number(episode.id));
}
