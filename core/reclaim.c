// SPDX-License-Identifier: GPL-2.0
/*
 * Reclaim: what the machine did to get memory since that first failed.
 *
 * A task that has reclaimed memory and still gets none has an event before it tries again. The
 * first such event after a second without one begins a spell of failure: its task sums up the
 * machine's counters. That costs some loads per CPU, once in a second at most, in a task that has
 * just looked through the lists of pages. A kill within the spell takes the difference, and begins
 * a new spell.
 */

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "internal.h"

#ifdef CONFIG_VM_EVENT_COUNTERS

/* A spell ends if no reclaim fails for this long. */
#define QUIET_MS	MSEC_PER_SEC

/* The end of a spell is put off no more often than this: all CPUs share that cache line. */
#define STEP_MS		(QUIET_MS / 8)

/* What is counted: its member in struct oomwatch_reclaim, and where the kernel counts it. */
static const struct {
	u16 offset;
	bool is_node;		/* a counter of nodes, else of events */
	s16 first;
	s16 nr;			/* as many that follow each other are one */
} counted[] = {
#define AT(member)	offsetof(struct oomwatch_reclaim, member)
	{ AT(pgscan_anon), PGSCAN_IS_NODE, PGSCAN_ANON, 1 },
	{ AT(pgscan_file), PGSCAN_IS_NODE, PGSCAN_FILE, 1 },
	{ AT(pgsteal_anon), PGSCAN_IS_NODE, PGSTEAL_ANON, 1 },
	{ AT(pgsteal_file), PGSCAN_IS_NODE, PGSTEAL_FILE, 1 },
	{ AT(refault_anon), true, WORKINGSET_REFAULT_ANON, 1 },
	{ AT(refault_file), true, WORKINGSET_REFAULT_FILE, 1 },
	/* One for each type of zone; not all kernels have one for ZONE_DEVICE, which comes last. */
	{ AT(allocstall), false, ALLOCSTALL_NORMAL - ZONE_NORMAL, ZONE_MOVABLE + 1 },
	{ AT(pswpin), false, PSWPIN, 1 },
	{ AT(pswpout), false, PSWPOUT, 1 },
};

struct sums {
	u64 of[ARRAY_SIZE(counted)];
};

static struct {
	atomic64_t failed_ms;	/* the newest failure, to STEP_MS; 0: none yet */
	raw_spinlock_t lock;	/* only tried; guards what follows. Preemption off, no interrupts */
	u64 begin_ns;
	struct sums begin;
} spell = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(spell.lock),
};

static void sums_read(struct sums *sums)
{
	unsigned int i;
	int cpu, n;

	for (i = 0; i < ARRAY_SIZE(counted); i++)
		sums->of[i] = counted[i].is_node ? global_node_page_state(counted[i].first) : 0;
	for_each_possible_cpu(cpu) {
		const unsigned long *event = per_cpu(vm_event_states, cpu).event;

		for (i = 0; i < ARRAY_SIZE(counted); i++)
			for (n = 0; n < counted[i].nr && !counted[i].is_node; n++)
				sums->of[i] += READ_ONCE(event[counted[i].first + n]);
	}
}

static bool spell_is_over(u64 ms)
{
	u64 failed_ms = atomic64_read(&spell.failed_ms);

	/* Another CPU may have written it after @ms was read. */
	return !failed_ms || (s64)(ms - failed_ms) > (s64)QUIET_MS;
}

/**
 * reclaim_failed() - the current task has reclaimed memory, and got none all the same
 * @now: ktime_get_boottime_ns()
 *
 * Context: task context, preemption off.
 */
void reclaim_failed(u64 now)
{
	u64 ms = div_u64(now, NSEC_PER_MSEC);

	if (!spell_is_over(ms)) {
		if ((s64)(ms - atomic64_read(&spell.failed_ms)) > (s64)STEP_MS)
			atomic64_set(&spell.failed_ms, ms);
		return;
	}
	if (!raw_spin_trylock(&spell.lock))
		return;
	if (spell_is_over(ms)) {
		spell.begin_ns = now;
		sums_read(&spell.begin);
		atomic64_set(&spell.failed_ms, ms);
	}
	raw_spin_unlock(&spell.lock);
}

/**
 * reclaim_build() - build the record of what reclaim did
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @now: the record's time
 * @oom: the episode
 *
 * Context: task context; oom_lock held.
 * Return: false if no reclaim has failed lately, or a task is just beginning a spell.
 */
bool reclaim_build(struct oomwatch_reclaim *rec, u64 now, u64 oom)
{
	struct sums sums;
	unsigned int i;

	if (spell_is_over(div_u64(now, NSEC_PER_MSEC)) || !raw_spin_trylock(&spell.lock))
		return false;
	sums_read(&sums);
	record_init(&rec->head, OOMWATCH_TYPE_RECLAIM, now, oom);
	rec->since_ns = max_t(s64, now - spell.begin_ns, 0);
	for (i = 0; i < ARRAY_SIZE(counted); i++) {
		s64 more = sums.of[i] - spell.begin.of[i];

		/* Less than before while the counts of a CPU that goes offline are taken over. */
		if (more >= 0)
			*(u64 *)((u8 *)rec + counted[i].offset) = more;
	}
	spell.begin_ns = now;
	spell.begin = sums;
	raw_spin_unlock(&spell.lock);
	return true;
}

#else

void reclaim_failed(u64 now)
{
}

bool reclaim_build(struct oomwatch_reclaim *rec, u64 now, u64 oom)
{
	return false;
}

#endif
