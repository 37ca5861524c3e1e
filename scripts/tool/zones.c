// SPDX-License-Identifier: GPL-2.0
/* Zones: what was free there for an allocation, and what the kernel keeps free. */
#include <string.h>

#include "kill.h"
#include "zones.h"

enum zone_rank zone_rank(const char *name)
{
	static const char * const names[NR_ZONE_RANKS] = {
		[RANK_DMA] = "DMA", [RANK_DMA32] = "DMA32", [RANK_NORMAL] = "Normal",
		[RANK_HIGHMEM] = "HighMem", [RANK_MOVABLE] = "Movable",
	};
	int i;

	for (i = 0; i < NR_ZONE_RANKS && strcmp(name, names[i]); i++)
		;
	return i;
}

/* include/linux/gfp.h: GFP_ZONE_TABLE. All kernels have these four flags in the lowest bits. */
enum zone_rank highest_zone_rank(__u64 gfp_mask)
{
	switch (gfp_mask & GFP_ZONE_BITS) {
	case GFP_DMA_BIT:
	case GFP_DMA_BIT | GFP_MOVABLE_BIT:
		return RANK_DMA;
	case GFP_DMA32_BIT:
	case GFP_DMA32_BIT | GFP_MOVABLE_BIT:
		return RANK_DMA32;
	case GFP_HIGHMEM_BIT:
		return RANK_HIGHMEM;
	case GFP_HIGHMEM_BIT | GFP_MOVABLE_BIT:
		return RANK_MOVABLE;
	}
	return RANK_NORMAL;
}

bool zone_has_marks(const struct oomwatch_zone *zone)
{
	return is_known(sum_of(zone->min, zone->low, zone->high)) && zone->high &&
		is_known(zone->free);
}

/* mm: __zone_watermark_unusable_free(): older kernels count the whole reserve. */
__u64 zone_highatomic(const struct oomwatch_zone *zone)
{
	return is_known(zone->free_highatomic) ? zone->free_highatomic : zone->reserved_highatomic;
}

__u64 zone_usable(const struct oomwatch_zone *zone)
{
	return without(zone->free, zone_highatomic(zone), 0);
}

/*
 * By the zone's line of free blocks: of a type that is not kept for others (H, I), and with
 * __GFP_MOVABLE in CMA (C), too.
 */
bool zone_has_block(const struct record *zone, const struct oomwatch_oom *oom)
{
	struct oomwatch_ref blocks = zone->zone.free_blocks;
	struct bytes types = ref_bytes(zone, zone->zone.free_types);
	const char *usable = oom->gfp_mask & GFP_MOVABLE_BIT ? "UMEC" : "UME";
	size_t order = 0, i;

	for (i = 0; types.at && i < types.len; i++) {
		order += types.at[i] == ',';
		if ((__s64)order >= oom->order && order < blocks.len / sizeof(__u64) &&
		    types.at[i] && strchr(usable, types.at[i]) && ref_u64(zone, blocks, order))
			return true;
	}
	return false;
}

/* --- what lower zones keep from allocations that may use higher ones ----------------------- */

static unsigned int nr_reserves(const struct record *zone)
{
	return zone->zone.lowmem_reserve.off ?
		zone->zone.lowmem_reserve.len / sizeof(__u64) : 0;
}

static __u64 nth_reserve(const struct record *zone, unsigned int n)
{
	return ref_u64(zone, zone->zone.lowmem_reserve, n);
}

/* How many types of zones come first from whose allocations the zone keeps nothing. */
static unsigned int nr_unreserved(const struct record *zone)
{
	unsigned int nr = nr_reserves(zone), n = 0;

	while (n < nr && !nth_reserve(zone, n))
		n++;
	return n;
}

static bool keeps_no_reserve(const struct record *zone)
{
	return nr_reserves(zone) && nr_unreserved(zone) == nr_reserves(zone);
}

/*
 * How many types of zones there are up to the highest one that the allocation may use. A zone has
 * no reserve against its own type, lower ones, and those that have no memory on its node. HighMem
 * has none by default, and is followed by Movable alone.
 */
static unsigned int nr_types(const struct record *top, enum zone_rank highest)
{
	unsigned int n = nr_unreserved(top);

	return keeps_no_reserve(top) && zone_rank(top->zone.name) == RANK_HIGHMEM &&
		highest != RANK_MOVABLE ? n - 1 : n;
}

/*
 * lowmem_reserve has a number for each type of zone that the kernel has, and which these are is not
 * told. Since 6.10 some kernels have 0 for a type that has no memory.
 */
__u64 zone_reserve_below(const struct record *zone, const struct record *top,
			 enum zone_rank highest)
{
	unsigned int nr = nr_types(top, highest), n;
	__u64 most = 0, last = 0;

	if (zone == top)
		return 0;
	if (!nr || nr > nr_reserves(zone))
		return OOMWATCH_UNKNOWN_U64;
	for (n = 0; n < nr; n++) {
		last = nth_reserve(zone, n);
		most = last > most ? last : most;
	}
	if (most == last || zone_rank(top->zone.name) == highest)
		return most;
	/* Only a kernel of 32 bits has HighMem: else Normal is the highest. */
	return highest == RANK_HIGHMEM ? OOMWATCH_UNKNOWN_U64 : last;
}

/* The highest zone of a node that has memory, and that the allocation may use. */
static const struct record *top_zone(const struct episode *episode, __u32 node,
				     enum zone_rank highest)
{
	const struct record *rec, *top = NULL;
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		if (rec->zone.node == node && rec->zone.managed &&
		    zone_rank(rec->zone.name) <= highest &&
		    (!top || zone_rank(rec->zone.name) > zone_rank(top->zone.name)))
			top = rec;
	return top;
}

bool has_all_zones(const struct episode *episode)
{
	return !episode->stream->log || episode->oom->has_all_zones;
}

bool is_about_zones(const struct episode *episode)
{
	const struct record *oom = episode->oom;

	return oom && oom->oom.trigger == OOMWATCH_TRIGGER_ALLOC &&
		oom->oom.kind != OOMWATCH_KIND_MEMCG;
}

__u64 zone_reserve(const struct episode *episode, const struct record *zone)
{
	const struct record *oom = episode->oom, *top;
	enum zone_rank highest;
	__u64 reserve;

	if (keeps_no_reserve(zone))
		return 0;
	if (!is_about_zones(episode))
		return oom && !oom->oom.trigger && oom->oom.kind != OOMWATCH_KIND_MEMCG ?
			OOMWATCH_UNKNOWN_U64 : 0;
	highest = highest_zone_rank(oom->oom.gfp_mask);
	if (zone_rank(zone->zone.name) > highest)
		return 0;
	/* 0: a page fault failed. Older kernels forget its mask before they write the report. */
	if (!oom->oom.gfp_mask || !is_known(oom->oom.gfp_mask) || !has_all_zones(episode))
		return OOMWATCH_UNKNOWN_U64;
	top = top_zone(episode, zone->zone.node, highest);
	reserve = top ? zone_reserve_below(zone, top, highest) : OOMWATCH_UNKNOWN_U64;
	return is_known(reserve) && oom->page_kb ? reserve * oom->page_kb / 4 : reserve;
}

/* mm/page_alloc.c: __zone_watermark_ok() */
__u64 zone_keeps(const struct episode *episode, const struct record *zone)
{
	return zone->zone.min + known_or_0(zone_reserve(episode, zone));
}

bool zone_is_short(const struct episode *episode, const struct record *zone)
{
	return zone_has_marks(&zone->zone) &&
		zone_usable(&zone->zone) <= zone_keeps(episode, zone);
}

/* Far above what the kernel asks of a zone: a sum of free pages may lack what CPUs have counted. */
static bool zone_has_room(const struct episode *episode, const struct record *rec)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	const struct oomwatch_zone *zone = &rec->zone;
	__u64 free = zone_usable(zone), reserve = zone_reserve(episode, rec);

	if (!zone_has_marks(zone) || zone_rank(zone->name) > highest_zone_rank(oom->gfp_mask) ||
	    !is_known(reserve))
		return false;
	if (!(oom->gfp_mask & GFP_MOVABLE_BIT))
		free = without(free, zone->free_cma, 0);
	return free / 2 > zone->high + reserve && (oom->order <= 0 || zone_has_block(rec, oom));
}

/*
 * Whether memory was free again when the kernel chose, or, in a log, when it wrote its report: a
 * task may free some after the kernel's last try.
 */
bool was_free(const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	const struct record *rec;
	size_t at;

	if (episode->stream->log)
		return episode->oom->was_free;
	if (oom->kind != OOMWATCH_KIND_GLOBAL || oom->trigger != OOMWATCH_TRIGGER_ALLOC)
		return false;
	for_each_of(rec, episode, ZONE, at)
		if (zone_has_room(episode, rec))
			return true;
	return false;
}

/* The node's number may be missing from a log. */
const char *words_zone(const struct record *rec)
{
	const char *name = words_comm(rec->zone.name);

	return rec->zone.node == OOMWATCH_UNKNOWN_U32 ? format_words("%s of a node", name) :
		format_words("node %s %s", words_count(rec->zone.node), name);
}
