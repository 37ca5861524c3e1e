// SPDX-License-Identifier: GPL-2.0
/*
 * Memstat: what a memory cgroup's memory went to, by the counters that its memory.stat shows.
 *
 * The kernel exports no function that reads them, and since 5.19 the structures that have them are
 * private to mm/memcontrol.c. So their layout is taken from the kernel's BTF when the module is
 * loaded. Without BTF the items are unknown.
 *
 * A counter is kept in parts: what was summed up (state), what children have handed on (pending),
 * and on each CPU what was not handed on yet. The kernel's own report adds the parts up by a
 * flush, which takes a lock. Here they are only read.
 */

#include <linux/cgroup.h>
#include <linux/cpumask.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "btf.h"
#include "compat.h"
#include "internal.h"

/*
 * The items: their members in struct oomwatch_memcg, the kernel's enumerators, and the factor from
 * the kernel's unit to the member's.
 */
static const struct item {
	const char *name;
	u16 offset;
	u16 factor;
} items[] = {
#define ITEM(member, enumerator, factor) \
	{ #enumerator, offsetof(struct oomwatch_memcg, member), factor }
	ITEM(anon, NR_ANON_MAPPED, 1),
	ITEM(file, NR_FILE_PAGES, 1),
	ITEM(kernel, MEMCG_KMEM, 1),
	ITEM(kernel_stack, NR_KERNEL_STACK_KB, 1024),
	ITEM(pagetables, NR_PAGETABLE, 1),
	ITEM(sec_pagetables, NR_SECONDARY_PAGETABLE, 1),
	ITEM(percpu, MEMCG_PERCPU_B, 1),
	ITEM(sock, MEMCG_SOCK, 1),
	ITEM(vmalloc, MEMCG_VMALLOC, 1),
	ITEM(vmalloc, NR_VMALLOC, 1),		/* the same in newer kernels */
	ITEM(shmem, NR_SHMEM, 1),
	ITEM(zswap, MEMCG_ZSWAP_B, 1),
	ITEM(zswapped, MEMCG_ZSWAPPED, 1),
	ITEM(zswap_incomp, MEMCG_ZSWAP_INCOMP, 1),
	ITEM(file_mapped, NR_FILE_MAPPED, 1),
	ITEM(file_dirty, NR_FILE_DIRTY, 1),
	ITEM(file_writeback, NR_WRITEBACK, 1),
	ITEM(swapcached, NR_SWAPCACHE, 1),
#ifdef CONFIG_TRANSPARENT_HUGEPAGE
	ITEM(anon_thp, NR_ANON_THPS, THP_PAGES),
#ifndef HAVE_VMSTATS_ARRAY
	ITEM(file_thp, NR_FILE_THPS, 1),
	ITEM(shmem_thp, NR_SHMEM_THPS, 1),
#endif
#endif
	ITEM(inactive_anon, NR_INACTIVE_ANON, 1),
	ITEM(active_anon, NR_ACTIVE_ANON, 1),
	ITEM(inactive_file, NR_INACTIVE_FILE, 1),
	ITEM(active_file, NR_ACTIVE_FILE, 1),
	ITEM(unevictable, NR_UNEVICTABLE, 1),
	ITEM(slab_reclaimable, NR_SLAB_RECLAIMABLE_B, 1),
	ITEM(slab_unreclaimable, NR_SLAB_UNRECLAIMABLE_B, 1),
	ITEM(hugetlb, NR_HUGETLB, 1),
	ITEM(workingset_refault_anon, WORKINGSET_REFAULT_ANON, 1),
	ITEM(workingset_refault_file, WORKINGSET_REFAULT_FILE, 1),
	ITEM(workingset_activate_anon, WORKINGSET_ACTIVATE_ANON, 1),
	ITEM(workingset_activate_file, WORKINGSET_ACTIVATE_FILE, 1),
	ITEM(workingset_restore_anon, WORKINGSET_RESTORE_ANON, 1),
	ITEM(workingset_restore_file, WORKINGSET_RESTORE_FILE, 1),
	ITEM(workingset_nodereclaim, WORKINGSET_NODERECLAIM, 1),
};

/* Where a kernel keeps the items. Written at load. */
static struct {
	bool known;
	bool proven;			/* once the items have added up to the usage */
	s16 index[ARRAY_SIZE(items)];	/* in the arrays below; negative: this kernel has it not */
	/* offsets of arrays of long */
	int state;			/* in struct memcg_vmstats */
	int pending;
	int cpu_state;			/* in struct memcg_vmstats_percpu */
	int cpu_prev;			/* the part of it that was handed on */
} layout;

/* --- the layout ----------------------------------------------------------- */

/*
 * Since 6.10 the arrays have only the items that memory cgroups use, in the order of
 * mm/memcontrol.c: memcg_node_stat_items and memcg_stat_items. This is the order of all
 * kernels: none has all of these, and newer ones have added to it in between.
 */
static const char * const order[] __initconst = {
	"NR_INACTIVE_ANON", "NR_ACTIVE_ANON", "NR_INACTIVE_FILE", "NR_ACTIVE_FILE",
	"NR_UNEVICTABLE", "NR_SLAB_RECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE_B",
	"WORKINGSET_REFAULT_ANON", "WORKINGSET_REFAULT_FILE", "WORKINGSET_ACTIVATE_ANON",
	"WORKINGSET_ACTIVATE_FILE", "WORKINGSET_RESTORE_ANON", "WORKINGSET_RESTORE_FILE",
	"WORKINGSET_NODERECLAIM", "NR_ANON_MAPPED", "NR_FILE_MAPPED", "NR_FILE_PAGES",
	"NR_FILE_DIRTY", "NR_WRITEBACK", "NR_SHMEM", "NR_SHMEM_THPS", "NR_FILE_THPS",
	"NR_ANON_THPS", "NR_VMSCAN_WRITE", "NR_VMALLOC", "NR_KERNEL_STACK_KB", "NR_PAGETABLE",
	"NR_SECONDARY_PAGETABLE", "NR_SWAPCACHE", "PGPROMOTE_SUCCESS", "PGDEMOTE_KSWAPD",
	"PGDEMOTE_DIRECT", "PGDEMOTE_KHUGEPAGED", "PGDEMOTE_PROACTIVE", "PGSTEAL_KSWAPD",
	"PGSTEAL_DIRECT", "PGSTEAL_KHUGEPAGED", "PGSTEAL_PROACTIVE", "PGSTEAL_ANON",
	"PGSTEAL_FILE", "PGSCAN_KSWAPD", "PGSCAN_DIRECT", "PGSCAN_KHUGEPAGED",
	"PGSCAN_PROACTIVE", "PGSCAN_ANON", "PGSCAN_FILE", "PGROTATE_ANON", "PGROTATE_FILE",
	"PGREFILL", "NR_HUGETLB",
	"MEMCG_SWAP", "MEMCG_SOCK", "MEMCG_PERCPU_B", "MEMCG_VMALLOC", "MEMCG_KMEM",
	"MEMCG_ZSWAP_B", "MEMCG_ZSWAPPED", "MEMCG_ZSWAP_INCOMP",
};

/* All kernels have this one, but older ones don't count it for memory cgroups. */
#define UNCOUNTED_ONCE	"NR_VMSCAN_WRITE"

struct kernel_enums {
	const struct btf_image *image;
	const struct btf_type *node;	/* enum node_stat_item */
	const struct btf_type *memcg;	/* enum memcg_stat_item */
};

static int __init value_of(const struct kernel_enums *enums, const char *name)
{
	int value = btf_image_value(enums->image, enums->node, name);

	return value < 0 ? btf_image_value(enums->image, enums->memcg, name) : value;
}

/* Sets the indices by @order, for arrays of @length. Returns false if the lengths differ. */
static bool __init layout_by_order(const struct kernel_enums *enums, unsigned int length,
				   bool all_counted)
{
	unsigned int i, item, nr = 0;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (value_of(enums, order[i]) < 0 ||
		    (!all_counted && !strcmp(order[i], UNCOUNTED_ONCE)))
			continue;
		for (item = 0; item < ARRAY_SIZE(items); item++)
			if (!strcmp(items[item].name, order[i]))
				layout.index[item] = nr;
		nr++;
	}
	return nr == length;
}

/* Sets the indices by the values of the enumerators. */
static bool __init layout_by_value(const struct kernel_enums *enums)
{
	unsigned int item;

	for (item = 0; item < ARRAY_SIZE(items); item++)
		layout.index[item] = value_of(enums, items[item].name);
	return true;
}

static bool __init layout_indices(const struct btf_image *image, unsigned int length)
{
	const struct kernel_enums enums = {
		.image = image,
		.node = btf_image_enum(image, "node_stat_item"),
		.memcg = btf_image_enum(image, "memcg_stat_item"),
	};
	int all = btf_image_value(image, enums.memcg, "MEMCG_NR_STAT");

	memset(layout.index, 0xff, sizeof(layout.index));
	if (all <= 0 || !enums.node)
		return false;
	if (length == all)
		return layout_by_value(&enums);
	return layout_by_order(&enums, length, false) || layout_by_order(&enums, length, true);
}

#ifdef HAVE_VMSTATS_ARRAY
static bool __init layout_find(const struct btf_image *image)
{
	return layout_indices(image, MEMCG_NR_STAT);
}
#else
static bool __init layout_find(const struct btf_image *image)
{
	const struct btf_type *stats = btf_image_struct(image, "memcg_vmstats");
	const struct btf_type *percpu = btf_image_struct(image, "memcg_vmstats_percpu");

	layout.state = btf_image_offset(image, stats, "state");
	layout.pending = btf_image_offset(image, stats, "state_pending");
	layout.cpu_state = btf_image_offset(image, percpu, "state");
	layout.cpu_prev = btf_image_offset(image, percpu, "state_prev");
	if (layout.state < 0 || layout.pending < 0 || layout.cpu_state < 0 || layout.cpu_prev < 0)
		return false;
	return layout_indices(image, btf_image_length(image, stats, "state"));
}
#endif

/**
 * memstat_init() - find out where this kernel keeps the items of memory.stat
 *
 * Context: may sleep. Until then the items are unknown.
 */
void __init memstat_init(void)
{
	struct btf_image image;

	if (!btf_image_read(&image))
		layout.known = layout_find(&image);
	btf_image_free(&image);
}

/**
 * memstat_known() - whether the items of memory.stat can be read
 *
 * Context: any.
 */
bool memstat_known(void)
{
	return layout.known;
}

/* --- reading -------------------------------------------------------------- */

/* A sum for each item, in the kernel's units. */
struct sums {
	long item[ARRAY_SIZE(items)];
};

#ifdef HAVE_VMSTATS_ARRAY
/* These have what CPUs have handed on in batches. So do the figures of the kernel's report. */
static void sums_read(struct sums *sums, struct mem_cgroup *memcg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++)
		if (layout.index[i] >= 0)
			sums->item[i] = atomic_long_read(&memcg->vmstats[layout.index[i]]);
}
#else
/* Adds (or takes away) the array at @offset in @base. */
static void sums_add(struct sums *sums, const void *base, int offset, long sign)
{
	const long *array = base + offset;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++)
		if (layout.index[i] >= 0)
			sums->item[i] += sign * READ_ONCE(array[layout.index[i]]);
}

/* The most CPUs of cgroups to look at, so that a reading has an end. */
#define CPUS_MAX	4096

/* What a group has not handed on to its parent yet. */
static void sums_add_group(struct sums *sums, struct mem_cgroup *memcg, unsigned int *cpus)
{
	int cpu;

	sums_add(sums, VMSTATS_OF(memcg), layout.pending, 1);
	for_each_possible_cpu(cpu) {
		const void *stats = per_cpu_ptr((void __percpu *)memcg->vmstats_percpu, cpu);

		if (!*cpus)
			return;
		--*cpus;
		sums_add(sums, stats, layout.cpu_state, 1);
		sums_add(sums, stats, layout.cpu_prev, -1);
	}
}

static void sums_read(struct sums *sums, struct mem_cgroup *memcg)
{
	struct cgroup_subsys_state *css;
	unsigned int cpus = CPUS_MAX;

	*sums = (struct sums) { };
	sums_add(sums, VMSTATS_OF(memcg), layout.state, 1);
	css_for_each_descendant_pre(css, &memcg->css) {
		sums_add_group(sums, mem_cgroup_from_css(css), &cpus);
		if (!cpus)
			break;
	}
}
#endif

static void items_set(struct oomwatch_memcg *rec, const struct sums *sums)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++) {
		u64 *member = (void *)rec + items[i].offset;

		/* The parts of a sum that is 0 may be read as slightly less. */
		if (layout.index[i] >= 0)
			*member = max(sums->item[i], 0L) * items[i].factor;
	}
}

/* The usage has what a CPU has charged ahead, and pages that CPUs have not put on a list yet. */
#define SLACK	(2 * MEMCG_CHARGE_BATCH * num_online_cpus())

static u64 or_0(u64 pages)
{
	return pages == OOMWATCH_UNKNOWN_U64 ? 0 : pages;
}

static u64 items_sum(const struct oomwatch_memcg *rec)
{
	return rec->anon + rec->file + or_0(rec->kernel) + or_0(rec->sock) + or_0(rec->hugetlb);
}

/* A mapped page that is in swap as well counts as anon and as file. */
static bool items_fit(const struct oomwatch_memcg *rec)
{
	return items_sum(rec) <= rec->usage + or_0(rec->swapcached) + SLACK;
}

/* Kernels that don't count their own memory in one sum have nothing to add up. */
static bool items_add_up(const struct oomwatch_memcg *rec)
{
	return rec->kernel != OOMWATCH_UNKNOWN_U64 && rec->usage <= items_sum(rec) + SLACK;
}

static void items_forget(struct oomwatch_memcg *rec)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++)
		*(u64 *)((void *)rec + items[i].offset) = OOMWATCH_UNKNOWN_U64;
}

/* Another CPU may be handing on its part, which then is missing or counts twice. */
#define TRIES	3

/*
 * Whether a reading can be believed. Mostly its items add up to the usage. They don't while a
 * process exits: its pages are in no item any more, but are charged until a batch of them is freed.
 * Then two readings in a row must be the same, after one has shown that the layout is right.
 */
static bool sums_are_right(const struct oomwatch_memcg *rec, const struct sums *sums,
			   const struct sums *before)
{
	if (!items_fit(rec))
		return false;
	if (items_add_up(rec)) {
		layout.proven = true;
		return true;
	}
	return before && (layout.proven || rec->kernel == OOMWATCH_UNKNOWN_U64) &&
	       !memcmp(sums, before, sizeof(*sums));
}

/**
 * memstat_fill() - put the items of memory.stat into a record
 * @rec: the record; usage is set, too
 * @memcg: the cgroup
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void memstat_fill(struct oomwatch_memcg *rec, struct mem_cgroup *memcg)
{
	static struct sums sums[2];	/* too large for the stack */
	int tries;

	rec->usage = page_counter_read(&memcg->memory);
	if (!layout.known)
		return;
	for (tries = 0; tries < TRIES; tries++) {
		sums_read(&sums[tries % 2], memcg);
		rec->usage = page_counter_read(&memcg->memory);
		items_set(rec, &sums[tries % 2]);
		if (sums_are_right(rec, &sums[tries % 2], tries ? &sums[!(tries % 2)] : NULL))
			return;
	}
	items_forget(rec);
	count(COUNTER_MEMSTAT_UNSURE);
}
