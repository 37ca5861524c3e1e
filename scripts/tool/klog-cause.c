// SPDX-License-Identifier: GPL-2.0
/*
 * What follows from a report in a kernel log: how the OOM killer was called, whose memory had run
 * out, and why, as core/cause.c has it. What the lines leave open stays unknown.
 */
#include <string.h>

#include "kill.h"
#include "klog-report.h"
#include "zones.h"

/*
 * Whether the first line of the report tells that an allocation of pages failed: no other call but
 * kswapd's has its flags, sysrq-f has no order, and a page fault has no flags (before 5.16).
 */
static bool tells_allocation(const struct oomwatch_oom *oom)
{
	return oom->kind != OOMWATCH_KIND_UNKNOWN && oom->kind != OOMWATCH_KIND_MEMCG &&
		is_known(oom->gfp_mask) && oom->gfp_mask &&
		oom->order >= 0 && oom->order != OOMWATCH_UNKNOWN_S32 &&
		strncmp(oom->comm, "kswapd", 6);
}

/* How the OOM killer was called. A wrong guess would be worse than none. */
static void take_trigger(struct oomwatch_oom *oom, const struct record *stack)
{
	if (oom->trigger != OOMWATCH_TRIGGER_UNKNOWN || (!stack && !tells_allocation(oom)))
		return;
	if (!stack)
		oom->trigger = OOMWATCH_TRIGGER_ALLOC;
	else if (klog_has_frame(stack, "memory_max_write+"))
		oom->trigger = OOMWATCH_TRIGGER_MEMORY_MAX;
	else if (klog_has_frame(stack, "mem_cgroup_oom_synchronize+") ||
		 klog_has_frame(stack, "try_charge"))
		oom->trigger = OOMWATCH_TRIGGER_MEMCG;
	else if (klog_has_frame(stack, "moom_callback+"))
		oom->trigger = OOMWATCH_TRIGGER_SYSRQ;
	else if (klog_has_frame(stack, "__alloc_pages") ||
		 klog_has_frame(stack, "__alloc_frozen_pages"))
		oom->trigger = OOMWATCH_TRIGGER_ALLOC;
	else if (klog_has_frame(stack, "balance_pgdat+") || klog_has_frame(stack, ";kswapd+"))
		oom->trigger = OOMWATCH_TRIGGER_KSWAPD;
}

/* --- the cause --------------------------------------------------------------------------- */

static void set_cause(struct oomwatch_oom *oom, enum oomwatch_cause cause, __u64 amount,
		      __u64 bound)
{
	oom->cause = cause;
	oom->cause_amount = amount;
	oom->cause_bound = bound;
}

/*
 * Which limit it was, as core/cause.c has it. A log has the cgroup of the victim: that of the
 * trigger is known if both are one process.
 */
static void take_limit(struct record *rec, const struct record *victim)
{
	struct oomwatch_oom *oom = &rec->oom;
	struct bytes limit = ref_bytes(rec, oom->memcg);
	struct bytes task = ref_bytes(victim, victim->victim.process.memcg);
	bool same = limit.at && task.at && limit.len == task.len &&
		!memcmp(limit.at, task.at, task.len);
	__u64 usage = oom->memcg_usage, most = oom->memcg_limit;

	if (oom->trigger == OOMWATCH_TRIGGER_MEMORY_MAX) {
		set_cause(oom, OOMWATCH_CAUSE_LIMIT_LOWERED, usage, most);
		return;
	}
	if (!task.at || !limit.at || oom->pid == OOMWATCH_UNKNOWN_S32 ||
	    (oom->pid != victim->victim.process.pid && oom->pid != victim->victim.process.tgid))
		return;
	klog_set_text(rec, &oom->trigger_memcg, task.at, task.len);
	/* v1: with room for swap, a full limit of memory alone makes the kernel swap. */
	if (oom->memcg_memsw_limit < OOMWATCH_NO_LIMIT && oom->memcg_memsw_limit > most) {
		if (oom->memcg_memsw_usage < oom->memcg_memsw_limit)
			return;
		usage = oom->memcg_memsw_usage;
		most = oom->memcg_memsw_limit;
	}
	set_cause(oom, same ? OOMWATCH_CAUSE_MEMCG_LIMIT : OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT,
		  usage, most);
}

/* --- the machine --------------------------------------------------------------------------- */

/* Free memory in the zones that the allocation may use, and in the others, in pages. */
struct space {
	__u64 present, managed;
	__u64 all_free;
	__u64 free, free_in_others, high_of_others;
	__u64 zone_free, zone_keeps;	/* of the zone that has most to spare */
	unsigned int nodes;		/* the highest one, and 1 */
	const struct record *top;	/* the highest usable zone of the node that is looked at */
	bool known;
	bool complete;			/* no line about one of its zones is missing */
	bool has_piece;			/* a free one that is large enough may be used */
	bool above_high;		/* in a zone that has more free than its high mark */
};

/* Counts of the machine's pages, as pages of PAGE_SIZE. */
static __u64 scale(const struct klog *log, __u64 pages)
{
	return is_known(pages) ? pages * log->page_kb / 4 : pages;
}

static __u64 piece_of(const struct oomwatch_oom *oom)
{
	return oom->order > 0 && oom->order < 32 ? 1ULL << oom->order : 1;
}

/*
 * Before 3.8 the kernel did not tell the types of pieces, and went by numbers: mm/page_alloc.c:
 * __zone_watermark_ok(): of each lower order none counts, and half of the mark is enough above it.
 */
static bool has_old_piece(const struct record *zone, const struct klog *log, __u64 mark)
{
	const struct oomwatch_oom *oom = &log->oom->oom;
	size_t order, nr = zone->zone.free_blocks.len / sizeof(__u64);
	__u64 free = without(zone->zone.free, scale(log, piece_of(oom)), 0);

	for (order = 0; order < nr && (__s64)order < oom->order; order++) {
		free = without(free, scale(log, ref_u64(zone, zone->zone.free_blocks, order)) <<
			       order, 0);
		mark /= 2;
		if (free <= mark)
			return false;
	}
	return nr;
}

/* Whether a zone has a free piece of the order beyond a mark. */
static bool has_piece(const struct record *zone, const struct klog *log, __u64 mark)
{
	struct bytes types = ref_bytes(zone, zone->zone.free_types);
	size_t i;

	for (i = 0; types.at && i < types.len; i++)
		if (types.at[i] != ',')
			return zone_has_block(zone, &log->oom->oom);
	return has_old_piece(zone, log, mark);
}

static void add_usable(struct space *space, const struct record *rec, const struct klog *log)
{
	const struct oomwatch_oom *oom = &log->oom->oom;
	const struct oomwatch_zone *zone = &rec->zone;
	__u64 free = zone_usable(zone), keeps, reserve, piece = scale(log, piece_of(oom));

	if (!(oom->gfp_mask & GFP_MOVABLE_BIT))
		free = without(free, zone->free_cma, 0);
	reserve = scale(log, zone_reserve_below(rec, space->top, highest_zone_rank(oom->gfp_mask)));
	if (!is_known(reserve)) {
		space->known = false;
		return;
	}
	keeps = zone->min + reserve + piece;
	space->free += free;
	space->has_piece |= free > keeps &&
		(oom->order <= 0 || has_piece(rec, log, zone->min));
	space->above_high |= free > zone->high + reserve + piece &&
		(oom->order <= 0 || has_piece(rec, log, zone->high));
	if ((__s64)(free - keeps) <= (__s64)(space->zone_free - space->zone_keeps))
		return;
	space->zone_free = free;
	space->zone_keeps = keeps;
}

static void add_zone(struct space *space, const struct record *rec, const struct klog *log)
{
	const struct oomwatch_zone *zone = &rec->zone;

	space->present += known_or_0(zone->present);
	space->managed += known_or_0(zone->managed);
	space->all_free += known_or_0(zone->free);
	space->complete &= is_known(zone->managed) && zone->lowmem_reserve.off &&
		zone->free_blocks.off;
	if (zone->node < 1024 && zone->node + 1 > space->nodes)
		space->nodes = zone->node + 1;
	if (!is_known(zone->free) || !is_known(zone->min) || !is_known(zone->high)) {
		space->known = false;
		return;
	}
	if (zone_rank(zone->name) > highest_zone_rank(log->oom->oom.gfp_mask)) {
		space->free_in_others += zone->free;
		space->high_of_others += zone->high;
		return;
	}
	/* A zone without memory has no reserves that tell something. */
	if (!space->top || space->top->zone.node != zone->node || !space->top->zone.managed)
		space->top = rec;
	add_usable(space, rec, log);
}

/* From the last line on: the highest zone of a node comes first. */
static struct space space_of(const struct capture *capture)
{
	const struct klog *log = capture->log;
	struct space space = {
		.known = true, .complete = !log->zone_lost && !log->lines_lost,
		.zone_keeps = 1ULL << 62,
	};
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);)
		if (capture->records[i]->head.type == OOMWATCH_TYPE_ZONE)
			add_zone(&space, capture->records[i], capture->log);
	space.known &= !!space.present;
	return space;
}

/*
 * Before 5.0 no line tells the constraint. The kernel leaves out the zones of nodes that a cpuset
 * forbids: if all are there, none was. A memory policy of some nodes remains possible. Without
 * CONFIG_NUMA there is neither.
 */
static void take_kind(struct oomwatch_oom *oom, const struct space *space)
{
	if (oom->kind != OOMWATCH_KIND_UNKNOWN)
		return;
	oom->kind = OOMWATCH_KIND_GLOBAL;
	if (space->nodes == 1)
		oom->constraint = OOMWATCH_CONSTRAINT_NONE;
}

static bool is_half(const struct oomwatch_oom *oom, __u64 pages)
{
	return is_known(pages) && is_known(oom->ram_total) && pages >= oom->ram_total / 2;
}

/* What is free in zones that the report leaves out; unknown if lines of it are missing. */
static __u64 free_elsewhere(const struct space *space, const struct oomwatch_oom *oom)
{
	if (!space->complete || !is_known(oom->ram_free) || !is_known(oom->ram_total) ||
	    oom->ram_free < space->all_free || oom->ram_total <= space->managed)
		return OOMWATCH_UNKNOWN_U64;
	return oom->ram_free - space->all_free;
}

/* Their marks are not known. A twentieth of a zone is more than its high mark. */
static __u64 marks_elsewhere(const struct space *space, const struct oomwatch_oom *oom)
{
	return (oom->ram_total - space->managed) / 20;
}

/* The name of the zones that are left out; NULL: not known. */
static const char *name_left_out(const struct klog *log, const struct space *space)
{
	__u64 high = scale(log, log->highmem_pages);

	if (highest_zone_rank(log->oom->oom.gfp_mask) < RANK_NORMAL || !is_known(high))
		return NULL;
	if (!high)
		return "Movable";
	return high == scale(log, log->ram_pages) - space->present ? "HighMem" : NULL;
}

/* Since 6.1 the kernel leaves out zones of types that the allocation may not use. */
static void add_left_out(struct space *space, const struct klog *log)
{
	const struct oomwatch_oom *oom = &log->oom->oom;
	__u64 free = free_elsewhere(space, oom);

	if (highest_zone_rank(oom->gfp_mask) == RANK_MOVABLE || !is_known(free))
		return;
	space->free_in_others += free;
	space->high_of_others += marks_elsewhere(space, oom);
	if (space->free_in_others > space->high_of_others)
		log->oom->left_out = name_left_out(log, space);
}

/* If the allocation may use zones of all types, what the report leaves out is on other nodes. */
static bool take_nodes(struct oomwatch_oom *oom, const struct space *space)
{
	__u64 free = free_elsewhere(space, oom);

	if (oom->kind == OOMWATCH_KIND_GLOBAL || highest_zone_rank(oom->gfp_mask) != RANK_MOVABLE ||
	    !is_known(free) || free <= marks_elsewhere(space, oom))
		return false;
	set_cause(oom, oom->kind == OOMWATCH_KIND_CPUSET ? OOMWATCH_CAUSE_CPUSET :
		  OOMWATCH_CAUSE_MEMPOLICY, space->free, free);
	return true;
}

/* These are printed for nodes, of which some may be left out. */
static void forget_sums(struct klog *log)
{
	struct oomwatch_meminfo *meminfo = log->meminfo ? &log->meminfo->meminfo : NULL;

	log->oom->oom.kernel_stack = OOMWATCH_UNKNOWN_U64;
	if (!meminfo)
		return;
	meminfo->hugetlb = OOMWATCH_UNKNOWN_U64;
	meminfo->hugepages_total = OOMWATCH_UNKNOWN_U64;
	meminfo->hugepages_free = OOMWATCH_UNKNOWN_U64;
	meminfo->hugepages_surplus = OOMWATCH_UNKNOWN_U64;
	meminfo->hugepage_size = OOMWATCH_UNKNOWN_U64;
}

/* What filled the machine is for the program to tell, from the same figures. */
static void take_cause(struct klog *log, const struct space *space)
{
	struct oomwatch_oom *oom = &log->oom->oom;

	if (oom->order > 0 && space->zone_free > space->zone_keeps)
		set_cause(oom, OOMWATCH_CAUSE_FRAGMENTATION, space->zone_free, space->zone_keeps);
	else if (is_half(oom, oom->slab_unreclaimable) || is_half(oom, oom->pagetables))
		return;
	else if (space->free_in_others > space->high_of_others)
		set_cause(oom, OOMWATCH_CAUSE_LOWMEM_ZONE, space->free, space->free_in_others);
	else if (!take_nodes(oom, space) && log->oom->has_all_zones && is_known(oom->swapoff))
		set_cause(oom, OOMWATCH_CAUSE_SWAPOFF, oom->swapoff, oom->ram_free);
}

static bool is_by_nodes(const struct oomwatch_oom *oom)
{
	return oom->kind == OOMWATCH_KIND_GLOBAL || oom->kind == OOMWATCH_KIND_CPUSET ||
		oom->kind == OOMWATCH_KIND_MEMPOLICY;
}

/* Nothing was short if somebody asked for a kill. */
static void take_shortage(struct klog *log, struct space *space)
{
	struct record *rec = log->oom;
	struct oomwatch_oom *oom = &rec->oom;

	if (oom->trigger == OOMWATCH_TRIGGER_SYSRQ || oom->trigger == OOMWATCH_TRIGGER_KSWAPD ||
	    !is_by_nodes(oom) || !log->page_kb || !space->known ||
	    oom->gfp_mask == OOMWATCH_UNKNOWN_U64)
		return;
	rec->had_no_room = space->zone_free <= space->zone_keeps;
	/*
	 * mm/page_alloc.c: __alloc_pages_may_oom(): before it calls the OOM killer, the kernel
	 * tries again, with the high mark. So what is above that was given back since.
	 */
	rec->was_free = space->above_high;
	rec->maybe_policy = space->nodes > 1 && oom->constraint == OOMWATCH_CONSTRAINT_UNKNOWN;
	if (space->has_piece && (oom->order > 0 || space->above_high))
		return;
	take_cause(log, space);
}

/*
 * Before 3.9 no line has "managed:", and "present:" is without the kernel's maps of the memory,
 * which are reserved (mm/page_alloc.c: free_area_init_core()). All that is not reserved is there.
 */
static bool lists_all_zones(const struct klog *log, const struct space *space)
{
	const struct oomwatch_oom *oom = &log->oom->oom;

	if (!is_known(log->ram_pages) || !log->page_kb)
		return false;
	if (space->managed)
		return space->present == scale(log, log->ram_pages);
	return !log->zone_lost && !log->lines_lost && is_known(oom->ram_total) &&
		space->present >= oom->ram_total;
}

static void take_zones(const struct capture *capture)
{
	struct klog *log = capture->log;
	struct space space = space_of(capture);

	log->oom->has_all_zones = lists_all_zones(log, &space);
	if (log->oom->has_all_zones || log->no_numa)
		take_kind(&log->oom->oom, &space);
	if (log->zone_lost || (!log->oom->has_all_zones && !log->no_numa && !log->all_nodes))
		forget_sums(log);
	else if (!log->oom->has_all_zones)
		add_left_out(&space, log);
	take_shortage(log, &space);
}

void klog_conclude(struct capture *capture, const struct record *victim)
{
	struct klog *log = capture->log;
	struct oomwatch_oom *oom = &log->oom->oom;

	log->oom->page_kb = log->page_kb;
	klog_rank_children(capture);
	take_trigger(oom, log->stack);
	if (oom->trigger == OOMWATCH_TRIGGER_SYSRQ)
		oom->cause = OOMWATCH_CAUSE_SYSRQ;
	else if (oom->trigger == OOMWATCH_TRIGGER_KSWAPD)
		oom->cause = OOMWATCH_CAUSE_MIN_TTL;
	if (oom->kind == OOMWATCH_KIND_MEMCG && victim)
		take_limit(log->oom, victim);
	else if (oom->kind != OOMWATCH_KIND_MEMCG)
		take_zones(capture);
}

void klog_conclude_without_victim(struct capture *capture)
{
	klog_scale_memory(capture);
	klog_scale_table(capture);
	klog_conclude(capture, NULL);
}
