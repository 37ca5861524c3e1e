// SPDX-License-Identifier: GPL-2.0
/*
 * Cause: what the memory went to, from the kernel's figures.
 *
 * The rules are ordered from certain to likely, and the first that holds gives the cause.
 * If none holds, the cause is unknown: a wrong cause would be worse than none.
 */

#include <linux/cpumask.h>
#include <linux/cpuset.h>
#include <linux/gfp.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/oom.h>
#include <linux/sched.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "internal.h"

static void cause_set(struct oomwatch_oom *rec, enum oomwatch_cause cause, u64 amount, u64 bound)
{
	rec->cause = cause;
	rec->cause_amount = amount;
	rec->cause_bound = bound;
}

/* Free memory in the zones that the allocation may use, and in the others. */
struct space {
	u64 free;
	u64 free_on_other_nodes;
	u64 high_on_other_nodes;	/* watermarks of these */
	u64 free_in_other_zones;	/* of the usable nodes */
	u64 high_of_other_zones;	/* sum of their high watermarks */
	/* the usable zone that has the most free beyond what must stay free */
	s64 surplus;
	u64 zone_free;
	u64 zone_keeps;
};

/* The free pages that the allocation may use: mm: __zone_watermark_unusable_free() */
static u64 space_free_in(struct zone *zone, const struct oom_control *oc)
{
	u64 free = zone_page_state(zone, NR_FREE_PAGES);
	u64 kept = zone_unusable_highatomic(zone);

	if (!(oc->gfp_mask & __GFP_MOVABLE))
		kept += zone_page_state(zone, NR_FREE_CMA_PAGES);
	return free - min(free, kept);
}

static void space_add_usable(struct space *space, struct zone *zone, const struct oom_control *oc)
{
	u64 free = space_free_in(zone, oc);
	u64 keeps = min_wmark_pages(zone) + zone->lowmem_reserve[gfp_zone(oc->gfp_mask)] +
		    (oc->order > 0 ? 1UL << oc->order : 1);

	space->free += free;
	if ((s64)(free - keeps) <= space->surplus)
		return;
	space->surplus = free - keeps;
	space->zone_free = free;
	space->zone_keeps = keeps;
}

/*
 * Without __GFP_HARDWALL the kernel also takes nodes of a cpuset above (cpuset_zone_allowed()). If
 * constrained_alloc() has found no constraint, no node is forbidden.
 */
static bool is_usable_node(int nid, const struct oomwatch_oom *rec, const struct oom_control *oc)
{
	if (oc->nodemask && !node_isset(nid, *oc->nodemask))
		return false;
	return rec->constraint == OOMWATCH_CONSTRAINT_NONE ||
	       node_isset(nid, cpuset_current_mems_allowed);
}

static struct space space_find(const struct oomwatch_oom *rec, const struct oom_control *oc)
{
	struct space space = { .surplus = S64_MIN };
	int nid, i;

	for_each_online_node(nid)
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			if (!populated_zone(zone))
				continue;
			if (!is_usable_node(nid, rec, oc)) {
				space.free_on_other_nodes += zone_page_state(zone, NR_FREE_PAGES);
				space.high_on_other_nodes += high_wmark_pages(zone);
			} else if (i > gfp_zone(oc->gfp_mask)) {
				space.free_in_other_zones += zone_page_state(zone, NR_FREE_PAGES);
				space.high_of_other_zones += high_wmark_pages(zone);
			} else {
				space_add_usable(&space, zone, oc);
			}
		}
	return space;
}

/* Sets @cause if @pages are at least half of the machine's memory. */
static bool cause_is_most(struct oomwatch_oom *rec, enum oomwatch_cause cause, u64 pages)
{
	if (pages < rec->ram_total / 2)
		return false;
	cause_set(rec, cause, pages, rec->ram_total);
	return true;
}

/*
 * Nodes that the trigger may not use had room. If they were full as well, the kill has the
 * cause that it would have had without a cpuset or memory policy.
 */
static bool cause_in_nodes(struct oomwatch_oom *rec, const struct space *space)
{
	enum oomwatch_cause cause;

	if (rec->constraint == OOMWATCH_CONSTRAINT_CPUSET)
		cause = OOMWATCH_CAUSE_CPUSET;
	else if (rec->constraint == OOMWATCH_CONSTRAINT_MEMORY_POLICY)
		cause = OOMWATCH_CAUSE_MEMPOLICY;
	else
		return false;
	if (space->free_on_other_nodes <= space->high_on_other_nodes)
		return false;
	cause_set(rec, cause, space->free, space->free_on_other_nodes);
	return true;
}

static void cause_in_machine(struct oomwatch_oom *rec, const struct oom_control *oc)
{
	struct space space = space_find(rec, oc);

	if (cause_in_nodes(rec, &space))
		return;
	/* mm/page_alloc.c: __zone_watermark_ok() passes with as much as it keeps. */
	if (oc->order > 0 && space.surplus >= 0)
		return cause_set(rec, OOMWATCH_CAUSE_FRAGMENTATION, space.zone_free,
			     space.zone_keeps);
	/* Kernel memory fills the lower zones, so it is tested before these. */
	if (cause_is_most(rec, OOMWATCH_CAUSE_SLAB, rec->slab_unreclaimable) ||
	    cause_is_most(rec, OOMWATCH_CAUSE_PAGE_TABLES, rec->pagetables))
		return;
	if (space.free_in_other_zones > space.high_of_other_zones)
		return cause_set(rec, OOMWATCH_CAUSE_LOWMEM_ZONE, space.free,
			     space.free_in_other_zones);
	/* The memory that follows could have been swapped out. */
	if (rec->swapoff != OOMWATCH_UNKNOWN_U64)
		return cause_set(rec, OOMWATCH_CAUSE_SWAPOFF, rec->swapoff, rec->ram_free);
	if (cause_is_most(rec, OOMWATCH_CAUSE_SHMEM, rec->shmem))
		return;
	cause_is_most(rec, OOMWATCH_CAUSE_ANON, rec->anon_mapped);
}

/* No cause if a kernel thread charged another cgroup than its own. */
static void cause_in_memcg(struct oomwatch_oom *rec, const struct oom_control *oc)
{
	u64 usage = rec->memcg_usage, limit = rec->memcg_limit;
	struct mem_cgroup *memcg;

	if (rec->trigger == OOMWATCH_TRIGGER_MEMORY_MAX)
		return cause_set(rec, OOMWATCH_CAUSE_LIMIT_LOWERED, usage, limit);
	if (memcg_hit_memsw(rec)) {
		usage = rec->memcg_memsw_usage;
		limit = rec->memcg_memsw_limit;
	}
	memcg = memcg_of_task(current);
	if (memcg == oc->memcg)
		cause_set(rec, OOMWATCH_CAUSE_MEMCG_LIMIT, usage, limit);
	else if (memcg_is_within(memcg, oc->memcg))
		cause_set(rec, OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT, usage, limit);
}

/**
 * cause_find() - put the cause of an episode into its record
 * @rec: the record, with the machine's and the cgroup's figures, and the cause unknown
 * @oc: the kernel's, after its choice
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void cause_find(struct oomwatch_oom *rec, const struct oom_control *oc)
{
	if (rec->trigger == OOMWATCH_TRIGGER_SYSRQ)
		rec->cause = OOMWATCH_CAUSE_SYSRQ;
	else if (rec->trigger == OOMWATCH_TRIGGER_KSWAPD)
		rec->cause = OOMWATCH_CAUSE_MIN_TTL;
	else if (oc->memcg)
		cause_in_memcg(rec, oc);
	else
		cause_in_machine(rec, oc);
}

/**
 * cause_find_unkillable() - what only the walk over all processes tells of the cause
 * @rec: the record, after cause_find()
 * @ranked: the episode's ranking, or NULL
 *
 * Processes that can't be killed may hold most of the memory. Then no kill gives that back, so
 * this is the cause in place of anonymous memory. It replaces no other cause.
 *
 * Context: oom_lock held.
 */
void cause_find_unkillable(struct oomwatch_oom *rec, const struct ranking *ranked)
{
	if (ranked && rec->kind != OOMWATCH_KIND_MEMCG && rec->kind != OOMWATCH_KIND_UNKNOWN &&
	    (rec->cause == OOMWATCH_CAUSE_UNKNOWN || rec->cause == OOMWATCH_CAUSE_ANON))
		cause_is_most(rec, OOMWATCH_CAUSE_UNKILLABLE_HOLD, ranked->unkillable_anon);
}
