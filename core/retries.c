// SPDX-License-Identifier: GPL-2.0
/*
 * Retries: what a task has tried before it called the OOM killer.
 *
 * The events fire at the allocator's rate, in many tasks at the same time. Each task
 * counts them in a slot that no other task writes while it is in use. So there is no
 * lock, and a task that comes to out_of_memory() reads what it wrote itself.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/threads.h>
/* Not self-contained: include it last. */
#include <linux/compaction.h>

#include "internal.h"

#define SLOT_BITS	8

/* The slots that a task can have: tasks whose pids have the same hash need different ones. */
#define NR_CHOICES	16

/* A slot that was not written for this long begins anew, or goes to another task. */
#define QUIET_MS	MSEC_PER_SEC

/*
 * A slot's use: the pid of the task that has it, and above that the time of its last write, in
 * ms. Both change in one step, so a task that takes over a quiet slot and the task that comes
 * back to it can't both have it. 0 is nobody's.
 */
#define PID_BITS	22
static_assert(!((PID_MAX_LIMIT - 1) >> PID_BITS));

static struct retries {
	atomic64_t use;
	u32 reclaim_checks;
	u32 compact_checks;
	u64 first_ns;
	struct reclaim_check reclaim;	/* the last */
	struct compact_check compact;	/* the last */
} slots[1 << SLOT_BITS];

/* The time of the last check that no slot has; what was before the start is of that kind. */
static atomic64_t untracked_ms;

static bool tracked;	/* the events are attached */
static bool compact_tracked;	/* compact_retry is attached, or the kernel has no compaction */

/* All events, counted per CPU; retries_show() adds the counts up. */
static DEFINE_PER_CPU(unsigned long, reclaim_retries);
static DEFINE_PER_CPU(unsigned long, compact_retries);

static u64 use_of(u64 ms)
{
	return ms << PID_BITS | current->pid;
}

static bool use_is_own(u64 use)
{
	return (use & (BIT(PID_BITS) - 1)) == current->pid;
}

static bool use_is_quiet(u64 use, u64 ms)
{
	/* Another CPU may have written it after @ms was read. */
	return !use || (s64)(ms - (use >> PID_BITS)) > (s64)QUIET_MS;
}

static struct retries *slot_choice(unsigned int n)
{
	return &slots[(hash_32(current->pid, SLOT_BITS) + n) % ARRAY_SIZE(slots)];
}

/* The slot that the current task has, or NULL; sets its use. */
static struct retries *slot_find(u64 *use)
{
	unsigned int n;

	for (n = 0; n < NR_CHOICES; n++) {
		struct retries *slot = slot_choice(n);

		*use = atomic64_read(&slot->use);
		if (use_is_own(*use))
			return slot;
	}
	return NULL;
}

static void slot_begin(struct retries *slot, u64 now)
{
	slot->reclaim_checks = 0;
	slot->compact_checks = 0;
	slot->first_ns = now;
}

/* A check by a task that has no slot. */
static void slot_missed(u64 ms)
{
	atomic64_set(&untracked_ms, ms);
	count(COUNTER_RETRIES_UNTRACKED);
}

/* A new slot for the current task; NULL if all that it can have are in use. */
static struct retries *slot_take(u64 now)
{
	u64 ms = div_u64(now, NSEC_PER_MSEC);
	unsigned int n;

	for (n = 0; n < NR_CHOICES; n++) {
		struct retries *slot = slot_choice(n);
		u64 use = atomic64_read(&slot->use);

		if (!use_is_quiet(use, ms))
			continue;
		if (atomic64_cmpxchg(&slot->use, use, use_of(ms)) != use)
			continue;
		slot_begin(slot, now);
		return slot;
	}
	slot_missed(ms);
	return NULL;
}

/*
 * The current task's slot, or NULL.
 *
 * Context: preemption off until the slot is written: after a pause it may be another task's.
 */
static struct retries *slot_get(u64 now)
{
	u64 ms = div_u64(now, NSEC_PER_MSEC), use;
	struct retries *slot = slot_find(&use);

	if (!slot || atomic64_cmpxchg(&slot->use, use, use_of(ms)) != use)
		return slot_take(now);
	if (use_is_quiet(use, ms))
		slot_begin(slot, now);
	return slot;
}

/*
 * Called after a write to a slot. If the CPU was held up for QUIET_MS before it, as a hypervisor
 * may do, the slot may be another task's by now. What that task has tried isn't known then.
 */
static void slot_written(const struct retries *slot)
{
	if (!use_is_own(atomic64_read(&slot->use)))
		slot_missed(div_u64(ktime_get_boottime_ns(), NSEC_PER_MSEC));
}

/**
 * retries_reclaim() - the current task checks whether to retry reclaim
 * @check: what it found
 *
 * Context: task context, of any allocation that reclaims.
 */
void retries_reclaim(const struct reclaim_check *check)
{
	struct retries *slot;
	u64 now;

	preempt_disable();
	now = ktime_get_boottime_ns();
	__this_cpu_inc(reclaim_retries);
	reclaim_failed(now);
	slot = slot_get(now);
	if (slot) {
		slot->reclaim = *check;
		slot->reclaim_checks++;
		slot_written(slot);
	}
	preempt_enable();
}

/**
 * retries_compact() - the current task checks whether to retry compaction
 * @check: the result of the last compaction
 *
 * Context: as retries_reclaim().
 */
void retries_compact(const struct compact_check *check)
{
	struct retries *slot;

	preempt_disable();
	__this_cpu_inc(compact_retries);
	slot = slot_get(ktime_get_boottime_ns());
	if (slot) {
		slot->compact = *check;
		slot->compact_checks++;
		slot_written(slot);
	}
	preempt_enable();
}

/* The names are those of the kernel's own trace events. */
static const char *priority_name(int priority)
{
	switch (priority) {
	case COMPACT_PRIO_SYNC_FULL:
		return "sync_full";
	case COMPACT_PRIO_SYNC_LIGHT:
		return "sync_light";
	case COMPACT_PRIO_ASYNC:
		return "async";
	default:
		return "";
	}
}

static const char *result_name(int result)
{
	switch (result) {
	case COMPACT_NOT_SUITABLE_ZONE:
		return "not_suitable_zone";
	case COMPACT_SKIPPED:
		return "skipped";
	case COMPACT_DEFERRED:
		return "deferred";
	case COMPACT_NO_SUITABLE_PAGE:
		return "no_suitable_page";
	case COMPACT_CONTINUE:
		return "continue";
	case COMPACT_COMPLETE:
		return "complete";
	case COMPACT_PARTIAL_SKIPPED:
		return "partial_skipped";
	case COMPACT_CONTENDED:
		return "contended";
	case COMPACT_SUCCESS:
		return "success";
	default:
		return "";
	}
}

static void fill_reclaim(struct oomwatch_oom *rec, const struct reclaim_check *check)
{
	/* Another task may have counted this check, and not written it: see slot_written(). */
	if (!check->zone)
		return;
	rec->retry_node = zone_to_nid(check->zone);
	strscpy(rec->retry_zone, check->zone->name, sizeof(rec->retry_zone));
	rec->retry_reclaimable = check->reclaimable;
	rec->retry_available = check->available;
	rec->retry_min_wmark = check->min_wmark;
	rec->no_progress_loops = check->no_progress_loops;
}

static void fill_compact(struct oomwatch_oom *rec, const struct compact_check *check)
{
	strscpy(rec->compact_priority, priority_name(check->priority),
		sizeof(rec->compact_priority));
	strscpy(rec->compact_result, result_name(check->result), sizeof(rec->compact_result));
	rec->compact_retries = check->retries;
	rec->compact_max_retries = check->max_retries;
}

/**
 * retries_start() - the events are attached
 * @compact: compact_retry is attached, or the kernel has no compaction
 *
 * What a task has tried before is not known.
 *
 * Context: task context, once.
 */
void retries_start(bool compact)
{
	WRITE_ONCE(compact_tracked, compact);
	atomic64_set(&untracked_ms, div_u64(ktime_get_boottime_ns(), NSEC_PER_MSEC));
	/* Pairs with that of retries_take(). */
	smp_store_release(&tracked, true);
}

/**
 * retries_take() - put what the current task has tried into its episode's record
 * @rec: the record, with its retries unknown
 * @now: ktime_get_boottime_ns()
 *
 * They stay unknown if a check that was not tracked may have been this task's, and if none is.
 *
 * Context: as retries_reclaim().
 */
void retries_take(struct oomwatch_oom *rec, u64 now)
{
	u64 ms = div_u64(now, NSEC_PER_MSEC), use;
	struct retries *slot = slot_find(&use);
	u64 since = now;

	/* Pairs with that of retries_start(). */
	if (!smp_load_acquire(&tracked))
		return;
	if (slot && use_is_quiet(use, ms))
		slot = NULL;
	if (slot)
		since = slot->first_ns;
	if (div_u64(since, NSEC_PER_MSEC) <= atomic64_read(&untracked_ms) + QUIET_MS)
		return;
	rec->reclaim_checks = slot ? slot->reclaim_checks : 0;
	if (READ_ONCE(compact_tracked))
		rec->compact_checks = slot ? slot->compact_checks : 0;
	if (!slot)
		return;
	rec->retry_ns = now - slot->first_ns;
	if (slot->reclaim_checks)
		fill_reclaim(rec, &slot->reclaim);
	if (slot->compact_checks)
		fill_compact(rec, &slot->compact);
	/* The next episode of this task gets the checks from here on. */
	slot_begin(slot, now);
}

static u64 sum_per_cpu(unsigned long __percpu *counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(counter, cpu));
	return sum;
}

/**
 * retries_show() - print how many events there were, a line for each
 * @m: where the lines go
 *
 * Context: any.
 */
void retries_show(struct seq_file *m)
{
	seq_printf(m, "reclaim_retries: %llu\n", sum_per_cpu(&reclaim_retries));
	seq_printf(m, "compact_retries: %llu\n", sum_per_cpu(&compact_retries));
}
