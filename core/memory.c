// SPDX-License-Identifier: GPL-2.0
/*
 * Memory: figures of the machine and its zones, and lists of nodes.
 */

#include <linux/bits.h>
#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/oom.h>
#include <linux/percpu.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/vmstat.h>

#include "compat.h"
#include "internal.h"

/**
 * memory_append_nodes() - put a list of nodes into a record
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @ref: set to the list
 * @nodes: the nodes
 *
 * Context: any.
 */
void memory_append_nodes(struct oomwatch_head *rec, struct oomwatch_ref *ref,
			 const nodemask_t *nodes)
{
	u64 words[DIV_ROUND_UP(MAX_NUMNODES, 64)] = { };
	int nid;

	for_each_node_mask(nid, *nodes)
		words[nid / 64] |= BIT_ULL(nid % 64);
	record_append(rec, ref, words, sizeof(u64) * DIV_ROUND_UP(nr_node_ids, 64));
}

/*
 * total_swap_pages isn't exported, but the totalpages of an unconstrained choice
 * are RAM + swap. RAM may have grown in between, by a balloon or by hotplug.
 */
static u64 swap_total(const struct oomwatch_oom *rec, const struct oom_control *oc)
{
	if (!IS_ENABLED(CONFIG_SWAP))
		return 0;
	if (rec->kind == OOMWATCH_KIND_GLOBAL && oc->totalpages >= totalram_pages())
		return oc->totalpages - totalram_pages();
	return OOMWATCH_UNKNOWN_U64;
}

/*
 * swapoff takes all of a device off the count of free pages first, and then brings back what is
 * there. So the count is negative while that is more than what is free in other swap.
 */
static void fill_swap(struct oomwatch_oom *rec, long nr_free)
{
	rec->swap_free = max(nr_free, 0L);
	if (nr_free < 0)
		rec->swapoff = -nr_free;
}

/* @item: of enum node_stat_item, or NO_ITEM */
static u64 machine_pages(int item)
{
	return item == NO_ITEM ? OOMWATCH_UNKNOWN_U64 : global_node_page_state(item);
}

/**
 * memory_fill() - put the machine's memory into an episode's record
 * @rec: the record, with its kind
 * @oc: the kernel's, or NULL
 *
 * Context: any.
 */
void memory_fill(struct oomwatch_oom *rec, const struct oom_control *oc)
{
	rec->ram_total = totalram_pages();
	rec->ram_free = global_zone_page_state(NR_FREE_PAGES);
	rec->swap_total = swap_total(rec, oc);
	fill_swap(rec, get_nr_swap_pages());
	rec->inactive_anon = global_node_page_state(NR_INACTIVE_ANON);
	rec->active_anon = global_node_page_state(NR_ACTIVE_ANON);
	rec->inactive_file = global_node_page_state(NR_INACTIVE_FILE);
	rec->active_file = global_node_page_state(NR_ACTIVE_FILE);
	rec->unevictable = global_node_page_state(NR_UNEVICTABLE);
	rec->isolated_anon = global_node_page_state(NR_ISOLATED_ANON);
	rec->isolated_file = global_node_page_state(NR_ISOLATED_FILE);
	rec->dirty = global_node_page_state(NR_FILE_DIRTY);
	rec->writeback = global_node_page_state(NR_WRITEBACK);
	rec->slab_reclaimable = global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B);
	rec->slab_unreclaimable = global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B);
	rec->mapped = global_node_page_state(NR_FILE_MAPPED);
	rec->anon_mapped = global_node_page_state(NR_ANON_MAPPED);
	rec->sec_pagetables = machine_pages(ITEM_SEC_PAGETABLES);
	rec->kernel_misc_reclaimable = global_node_page_state(NR_KERNEL_MISC_RECLAIMABLE);
	rec->zspages = ZS_PAGES;
	rec->free_cma = global_zone_page_state(NR_FREE_CMA_PAGES);
	rec->vmalloc = machine_pages(ITEM_VMALLOC);
	rec->hugetlb = machine_pages(ITEM_HUGETLB);
	rec->balloon = machine_pages(ITEM_BALLOON);
	rec->shmem = global_node_page_state(NR_SHMEM);
	rec->pagetables = PAGETABLE_PAGES;
	rec->kernel_stack = global_node_page_state(NR_KERNEL_STACK_KB) * 1024;
	rec->page_cache = global_node_page_state(NR_FILE_PAGES);
	rec->swap_cache = SWAP_CACHE_PAGES;
}

/**
 * memory_name_gfp() - put the names of the allocation's flags into an episode's record
 * @rec: the record, unpacked, in OOMWATCH_RECORD_MAX bytes of memory
 *
 * Other kernels have other flags. So the kernel that recorded them names them.
 *
 * Context: task context.
 */
void memory_name_gfp(struct oomwatch_oom *rec)
{
	gfp_t gfp_mask = (__force gfp_t)rec->gfp_mask;
	char names[512];

	if (rec->gfp_mask == OOMWATCH_UNKNOWN_U64)
		return;
	record_append(&rec->head, &rec->gfp_flags, names,
		      scnprintf(names, sizeof(names), "%pGg", &gfp_mask));
}

/* A node's counters: its members in struct oomwatch_node, and the factor to the member's unit. */
static const struct {
	u16 offset;
	s16 item;
	u16 factor;
} node_items[] = {
#define ITEM(member, item, factor) { offsetof(struct oomwatch_node, member), item, factor }
	ITEM(active_anon, NR_ACTIVE_ANON, 1),
	ITEM(inactive_anon, NR_INACTIVE_ANON, 1),
	ITEM(active_file, NR_ACTIVE_FILE, 1),
	ITEM(inactive_file, NR_INACTIVE_FILE, 1),
	ITEM(unevictable, NR_UNEVICTABLE, 1),
	ITEM(isolated_anon, NR_ISOLATED_ANON, 1),
	ITEM(isolated_file, NR_ISOLATED_FILE, 1),
	ITEM(mapped, NR_FILE_MAPPED, 1),
	ITEM(dirty, NR_FILE_DIRTY, 1),
	ITEM(writeback, NR_WRITEBACK, 1),
	ITEM(writeback_temp, ITEM_WRITEBACK_TEMP, 1),
	ITEM(shmem, NR_SHMEM, 1),
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	ITEM(shmem_thp, NR_SHMEM_THPS, THP_PAGES),
	ITEM(shmem_pmdmapped, NR_SHMEM_PMDMAPPED, THP_PAGES),
	ITEM(anon_thp, NR_ANON_THPS, THP_PAGES),
#endif
	ITEM(kernel_stack, NR_KERNEL_STACK_KB, 1024),
	ITEM(shadow_call_stack, ITEM_SHADOW_CALL_STACK, 1024),
	ITEM(pagetables, ITEM_PAGETABLES, 1),
	ITEM(sec_pagetables, ITEM_SEC_PAGETABLES, 1),
	ITEM(balloon, ITEM_BALLOON, 1),
	ITEM(gpu_active, ITEM_GPU_ACTIVE, 1),
	ITEM(gpu_reclaim, ITEM_GPU_RECLAIM, 1),
};

/**
 * memory_build_node() - build a node's record
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @node: the node
 * @now: the record's time
 * @oom: the episode
 *
 * Context: any.
 */
void memory_build_node(struct oomwatch_node *rec, struct pglist_data *node, u64 now, u64 oom)
{
	unsigned int i;

	record_init(&rec->head, OOMWATCH_TYPE_NODE, now, oom);
	rec->node = node->node_id;
	rec->kswapd_failures = KSWAPD_FAILURES(node);
	for (i = 0; i < ARRAY_SIZE(node_items); i++) {
		u64 *member = (void *)rec + node_items[i].offset;
		long count;

		if (node_items[i].item == NO_ITEM)
			continue;
		/* As node_page_state(), which isn't exported. CPUs count ahead of the sum. */
		count = atomic_long_read(&node->vm_stat[node_items[i].item]);
		*member = max(count, 0L) * node_items[i].factor;
	}
}

/* mm/page_alloc.c, mm/show_mem.c: show_migration_types(), for the same letters. */
static const char type_letters[] = {
	[MIGRATE_UNMOVABLE] = 'U',
	[MIGRATE_MOVABLE] = 'M',
	[MIGRATE_RECLAIMABLE] = 'E',
	[MIGRATE_HIGHATOMIC] = 'H',
#ifdef CONFIG_CMA
	[MIGRATE_CMA] = 'C',
#endif
#ifdef CONFIG_MEMORY_ISOLATION
	[MIGRATE_ISOLATE] = 'I',
#endif
};

/* Read without the zone's lock, as the numbers of blocks are. */
static void memory_append_types(struct oomwatch_zone *rec, const struct zone *zone)
{
	char text[ARRAY_SIZE(zone->free_area) * (ARRAY_SIZE(type_letters) + 1)], *to = text;
	int order, type;

	/* capture.c has room for a word for each order. */
	BUILD_BUG_ON(ARRAY_SIZE(type_letters) + 1 > sizeof(u64));

	for (order = 0; order < ARRAY_SIZE(zone->free_area); order++) {
		if (order)
			*to++ = ',';
		for (type = 0; type < ARRAY_SIZE(type_letters); type++)
			if (!list_empty(&zone->free_area[order].free_list[type]))
				*to++ = type_letters[type];
	}
	record_append(&rec->head, &rec->free_types, text, to - text);
}

static u64 zone_free_pcp(const struct zone *zone)
{
	u64 pages = 0;
	int cpu;

	for_each_online_cpu(cpu)
		pages += READ_ONCE(ZONE_PCP(zone, cpu)->count);
	return pages;
}

/**
 * memory_build_zone() - build a zone's record
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @zone: the zone
 * @now: the record's time
 * @oom: the episode
 *
 * Context: any.
 */
void memory_build_zone(struct oomwatch_zone *rec, struct zone *zone, u64 now, u64 oom)
{
	u64 reserve[MAX_NR_ZONES], blocks[ARRAY_SIZE(zone->free_area)];
	int i;

	record_init(&rec->head, OOMWATCH_TYPE_ZONE, now, oom);
	rec->node = zone_to_nid(zone);
	strscpy(rec->name, zone->name, sizeof(rec->name));
	rec->free = zone_page_state(zone, NR_FREE_PAGES);
	rec->boost = zone->watermark_boost;
	rec->min = min_wmark_pages(zone);
	rec->low = low_wmark_pages(zone);
	rec->high = high_wmark_pages(zone);
	rec->managed = zone_managed_pages(zone);
	rec->present = zone->present_pages;
	rec->inactive_anon = zone_page_state(zone, NR_ZONE_INACTIVE_ANON);
	rec->active_anon = zone_page_state(zone, NR_ZONE_ACTIVE_ANON);
	rec->inactive_file = zone_page_state(zone, NR_ZONE_INACTIVE_FILE);
	rec->active_file = zone_page_state(zone, NR_ZONE_ACTIVE_FILE);
	rec->unevictable = zone_page_state(zone, NR_ZONE_UNEVICTABLE);
	rec->write_pending = zone_page_state(zone, NR_ZONE_WRITE_PENDING);
	for (i = 0; i < ARRAY_SIZE(reserve); i++)
		reserve[i] = zone->lowmem_reserve[i];
	/* Read without the zone's lock, so the counts may be of slightly different moments. */
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = READ_ONCE(zone->free_area[i].nr_free);
	record_append(&rec->head, &rec->lowmem_reserve, reserve, sizeof(reserve));
	record_append(&rec->head, &rec->free_blocks, blocks, sizeof(blocks));
	memory_append_types(rec, zone);
	rec->reserved_highatomic = READ_ONCE(zone->nr_reserved_highatomic);
	rec->free_highatomic = ZONE_FREE_HIGHATOMIC(zone);
	rec->free_cma = zone_page_state(zone, NR_FREE_CMA_PAGES);
	rec->free_pcp = zone_free_pcp(zone);
	rec->mlocked = zone_page_state(zone, NR_MLOCK);
	rec->zspages = ZONE_ZS_PAGES(zone);
}
