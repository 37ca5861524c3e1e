/* SPDX-License-Identifier: GPL-2.0 */
/* Zones: what was free there for an allocation, and what the kernel keeps free. */
#ifndef ZONES_H
#define ZONES_H

#include "kill.h"

/* include/linux/mmzone.h: enum zone_type, with those that a kernel may lack. */
enum zone_rank {
	RANK_DMA, RANK_DMA32, RANK_NORMAL, RANK_HIGHMEM, RANK_MOVABLE, NR_ZONE_RANKS,
};

/* include/linux/gfp_types.h */
#define GFP_DMA_BIT	0x1
#define GFP_HIGHMEM_BIT	0x2
#define GFP_DMA32_BIT	0x4
#define GFP_MOVABLE_BIT	0x8
#define GFP_ZONE_BITS	0xf

/* The zones by their order. An allocation may use its highest one and the lower ones. */
enum zone_rank zone_rank(const char *name);
enum zone_rank highest_zone_rank(__u64 gfp_mask);

const char *words_zone(const struct record *rec);
bool zone_has_marks(const struct oomwatch_zone *zone);
/* What only atomic allocations of several pages get, and what is free without that. */
__u64 zone_highatomic(const struct oomwatch_zone *zone);
__u64 zone_usable(const struct oomwatch_zone *zone);
bool zone_has_block(const struct record *zone, const struct oomwatch_oom *oom);

/* Whether all zones of the machine are recorded. A log may lack some. */
bool has_all_zones(const struct episode *episode);
/* Whether an allocation has failed in the zones: a cgroup's limit has nothing to do with them. */
bool is_about_zones(const struct episode *episode);
/*
 * What a zone keeps from this allocation above its marks, as that may use a higher zone: its
 * lowmem_reserve. Unknown if the records leave it open.
 */
__u64 zone_reserve(const struct episode *episode, const struct record *zone);
/*
 * The reserve of a zone while a log's report is read, in pages of the machine. @top is the highest
 * zone of the node that the allocation may use.
 */
__u64 zone_reserve_below(const struct record *zone, const struct record *top,
			 enum zone_rank highest);
/* What has to be free there at least: its mark min, and its reserve, as far as known. */
__u64 zone_keeps(const struct episode *episode, const struct record *zone);
bool zone_is_short(const struct episode *episode, const struct record *zone);
bool was_free(const struct episode *episode);

#endif
