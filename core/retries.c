// SPDX-License-Identifier: GPL-2.0
/*
 * Retries: what a task has tried before it called the OOM killer.
 *
 * The events fire at the allocator's rate, in many tasks at the same time. Each task
 * counts them in a slot, which is found by its pid, and which no other task writes
 * while it is in use. So there is no lock, and a task that comes to out_of_memory()
 * reads what it wrote itself.
 */

#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>
/* Not self-contained: include it last. */
#include <linux/compaction.h>

#include "internal.h"

#define SLOT_BITS	8

/* A slot that wasn't written for this time begins anew, and other tasks may take it. */
#define QUIET_NS	NSEC_PER_SEC

static struct retries {
	pid_t owner;		/* pid; 0: none; taken with cmpxchg() */
	u32 reclaim_checks;
	u32 compact_checks;
	u64 first_ns;
	u64 last_ns;
	struct reclaim_check reclaim;	/* the last check */
	struct compact_check compact;	/* the last check */
} slots[1 << SLOT_BITS];

/* All events, counted per CPU; retries_show() adds the counts up. */
static DEFINE_PER_CPU(unsigned long, reclaim_retries);
static DEFINE_PER_CPU(unsigned long, compact_retries);

static struct retries *slot_of_current(void)
{
	return &slots[hash_32(current->pid, SLOT_BITS)];
}

static void slot_begin(struct retries *slot, u64 now)
{
	slot->reclaim_checks = 0;
	slot->compact_checks = 0;
	slot->first_ns = now;
}

/* The current task's slot, or NULL if another task with the same hash is using it. */
static struct retries *slot_get(void)
{
	struct retries *slot = slot_of_current();
	u64 now = ktime_get_boottime_ns();
	pid_t owner = READ_ONCE(slot->owner);
	bool quiet = now - READ_ONCE(slot->last_ns) > QUIET_NS;

	if (owner != current->pid) {
		if ((owner && !quiet) || cmpxchg(&slot->owner, owner, current->pid) != owner) {
			count(COUNTER_RETRIES_UNTRACKED);
			return NULL;
		}
		quiet = true;
	}
	if (quiet)
		slot_begin(slot, now);
	WRITE_ONCE(slot->last_ns, now);
	return slot;
}

/**
 * retries_reclaim() - the current task checks whether to retry reclaim
 * @check: what it found
 *
 * Context: task context, of any allocation that reclaims.
 */
void retries_reclaim(const struct reclaim_check *check)
{
	struct retries *slot = slot_get();

	this_cpu_inc(reclaim_retries);
	if (!slot)
		return;
	slot->reclaim_checks++;
	slot->reclaim = *check;
}

/**
 * retries_compact() - the current task checks whether to retry compaction
 * @check: the result of the last compaction
 *
 * Context: as retries_reclaim().
 */
void retries_compact(const struct compact_check *check)
{
	struct retries *slot = slot_get();

	this_cpu_inc(compact_retries);
	if (!slot)
		return;
	slot->compact_checks++;
	slot->compact = *check;
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

/**
 * retries_take() - put what the current task has tried into its episode's record
 * @rec: the record, with its retries unknown
 * @now: ktime_get_boottime_ns()
 *
 * Context: as retries_reclaim().
 */
void retries_take(struct oomwatch_oom *rec, u64 now)
{
	struct retries *slot = slot_of_current();

	rec->reclaim_checks = 0;
	rec->compact_checks = 0;
	if (READ_ONCE(slot->owner) != current->pid || now - slot->last_ns > QUIET_NS)
		return;
	rec->reclaim_checks = slot->reclaim_checks;
	rec->compact_checks = slot->compact_checks;
	rec->retry_ns = now - slot->first_ns;
	if (slot->reclaim_checks) {
		const struct reclaim_check *check = &slot->reclaim;

		rec->retry_node = zone_to_nid(check->zone);
		strscpy(rec->retry_zone, check->zone->name, sizeof(rec->retry_zone));
		rec->retry_reclaimable = check->reclaimable;
		rec->retry_available = check->available;
		rec->retry_min_wmark = check->min_wmark;
		rec->no_progress_loops = check->no_progress_loops;
	}
	if (slot->compact_checks) {
		const struct compact_check *check = &slot->compact;

		strscpy(rec->compact_priority, priority_name(check->priority),
			sizeof(rec->compact_priority));
		strscpy(rec->compact_result, result_name(check->result),
			sizeof(rec->compact_result));
		rec->compact_retries = check->retries;
		rec->compact_max_retries = check->max_retries;
	}
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
