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
 * the kernel's unit to the member's. First are the items that a child's record has, and those that
 * tell whether these can be believed: see items_fit().
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
	ITEM(sock, MEMCG_SOCK, 1),
	ITEM(shmem, NR_SHMEM, 1),
	ITEM(swapcached, NR_SWAPCACHE, 1),
	ITEM(hugetlb, NR_HUGETLB, 1),
	ITEM(kernel_stack, NR_KERNEL_STACK_KB, 1024),
	ITEM(pagetables, NR_PAGETABLE, 1),
	ITEM(sec_pagetables, NR_SECONDARY_PAGETABLE, 1),
	ITEM(percpu, MEMCG_PERCPU_B, 1),
	ITEM(vmalloc, MEMCG_VMALLOC, 1),
	ITEM(vmalloc, NR_VMALLOC, 1),		/* the same in newer kernels */
	ITEM(zswap, MEMCG_ZSWAP_B, 1),
	ITEM(zswapped, MEMCG_ZSWAPPED, 1),
	ITEM(zswap_incomp, MEMCG_ZSWAP_INCOMP, 1),
	ITEM(file_mapped, NR_FILE_MAPPED, 1),
	ITEM(file_dirty, NR_FILE_DIRTY, 1),
	ITEM(file_writeback, NR_WRITEBACK, 1),
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
	ITEM(workingset_refault_anon, WORKINGSET_REFAULT_ANON, 1),
	ITEM(workingset_refault_file, WORKINGSET_REFAULT_FILE, 1),
	ITEM(workingset_activate_anon, WORKINGSET_ACTIVATE_ANON, 1),
	ITEM(workingset_activate_file, WORKINGSET_ACTIVATE_FILE, 1),
	ITEM(workingset_restore_anon, WORKINGSET_RESTORE_ANON, 1),
	ITEM(workingset_restore_file, WORKINGSET_RESTORE_FILE, 1),
	ITEM(workingset_nodereclaim, WORKINGSET_NODERECLAIM, 1),
};

#define NR_FEW	7

/* An item that this kernel has. */
struct place {
	u16 index;		/* in the kernel's arrays */
	u16 offset;		/* as in struct item */
	u16 factor;
};

/* Where a kernel keeps the items. Written at load. */
static struct {
	bool known;
	bool proven;			/* once the items have added up to the usage */
	unsigned int nr_few;		/* of the first NR_FEW items */
	unsigned int nr;		/* of all items */
	struct place place[ARRAY_SIZE(items)];
	/* offsets of arrays of long */
	int state;			/* in struct memcg_vmstats */
	int pending;
	int cpu_state;			/* in struct memcg_vmstats_percpu */
	int cpu_prev;			/* the part of it that was handed on */
} layout;

/* --- the layout ----------------------------------------------------------- */

/* Indices of the items in the kernel's arrays; negative: this kernel has it not. */
static s16 indices[ARRAY_SIZE(items)] __initdata;

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
/* Kernels that do so have this one. */
#define COUNTED_SINCE	"MEMCG_ZSWAP_INCOMP"

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
				indices[item] = nr;
		nr++;
	}
	return nr == length;
}

/* Sets the indices by the values of the enumerators. */
static bool __init layout_by_value(const struct kernel_enums *enums)
{
	unsigned int item;

	for (item = 0; item < ARRAY_SIZE(items); item++)
		indices[item] = value_of(enums, items[item].name);
	return true;
}

/* Whether all items that only memory cgroups have are in @order. */
static bool __init order_is_whole(const struct kernel_enums *enums, int all)
{
	int common = btf_image_value(enums->image, enums->node, "NR_VM_NODE_STAT_ITEMS");
	unsigned int i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		nr += btf_image_value(enums->image, enums->memcg, order[i]) >= 0;
	return common > 0 && nr == all - common;
}

static bool __init layout_indices(const struct btf_image *image, unsigned int length)
{
	const struct kernel_enums enums = {
		.image = image,
		.node = btf_image_enum(image, "node_stat_item"),
		.memcg = btf_image_enum(image, "memcg_stat_item"),
	};
	int all = btf_image_value(image, enums.memcg, "MEMCG_NR_STAT");

	memset(indices, 0xff, sizeof(indices));
	if (all <= 0 || !enums.node)
		return false;
	if (length == all)
		return layout_by_value(&enums);
	if (!order_is_whole(&enums, all))
		return false;
	if (layout_by_order(&enums, length, false))
		return true;
	/* Otherwise an older kernel has an item that is not in @order. */
	return btf_image_value(image, enums.memcg, COUNTED_SINCE) >= 0 &&
		layout_by_order(&enums, length, true);
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

static void __init layout_set(void)
{
	unsigned int item;

	for (item = 0; item < ARRAY_SIZE(items); item++) {
		if (indices[item] < 0)
			continue;
		layout.place[layout.nr++] = (struct place) {
			indices[item], items[item].offset, items[item].factor,
		};
		if (item < NR_FEW)
			layout.nr_few = layout.nr;
	}
}

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
	if (layout.known)
		layout_set();
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

/* The first items that this kernel has: a sum for each, in the kernel's units. */
struct sums {
	unsigned int nr;
	long item[ARRAY_SIZE(items)];
};

#ifdef HAVE_VMSTATS_ARRAY
void memstat_begin(void)
{
}

/* These have what CPUs have handed on in batches. So do the figures of the kernel's report. */
static bool sums_read(struct sums *sums, struct mem_cgroup *memcg)
{
	unsigned int i;

	for (i = 0; i < sums->nr; i++)
		sums->item[i] = atomic_long_read(&memcg->vmstats[layout.place[i].index]);
	return true;
}
#else
/*
 * The most CPUs of cgroups to look at: in a reading, and in all readings of a kill. Who owns a
 * cgroup can have many below it.
 */
#define CPUS_MAX	4096
#define CPUS_OF_KILL	(4 * CPUS_MAX)

static unsigned int cpus_left;		/* of this kill; guarded by oom_lock */

/**
 * memstat_begin() - begin with the readings of a kill
 *
 * Context: oom_lock held.
 */
void memstat_begin(void)
{
	cpus_left = CPUS_OF_KILL;
}

/*
 * The counters may change meanwhile. READ_ONCE() would take twice the instructions here: compilers
 * don't put what is volatile into another instruction's operand.
 */
static void sums_add(struct sums *sums, const long *array)
{
	unsigned int i, nr = sums->nr;

#pragma GCC unroll 4
	for (i = 0; i < nr; i++)
		/* A word is read whole. */
		sums->item[i] += data_race(array[layout.place[i].index]);
}

/* What a CPU has counted, without what it has handed on. */
static void sums_add_cpu(struct sums *sums, const void *stats)
{
	const long *state = stats + layout.cpu_state, *prev = stats + layout.cpu_prev;
	unsigned int i, nr = sums->nr;

#pragma GCC unroll 4
	for (i = 0; i < nr; i++) {
		unsigned long index = layout.place[i].index;

		/* As in sums_add(). */
		sums->item[i] += data_race(state[index]) - data_race(prev[index]);
	}
}

/* What a group has not handed on to its parent yet. */
static void sums_add_group(struct sums *sums, struct mem_cgroup *memcg)
{
	int cpu;

	sums_add(sums, (void *)VMSTATS_OF(memcg) + layout.pending);
	for_each_possible_cpu(cpu)
		sums_add_cpu(sums, per_cpu_ptr((void __percpu *)memcg->vmstats_percpu, cpu));
}

/* Returns whether all of it was read: false if there are too many groups. */
static bool sums_read(struct sums *sums, struct mem_cgroup *memcg)
{
	unsigned int cpus = num_possible_cpus(), left = max(CPUS_MAX / cpus, 1U);
	struct cgroup_subsys_state *css;

	memset(sums->item, 0, sums->nr * sizeof(*sums->item));
	sums_add(sums, (void *)VMSTATS_OF(memcg) + layout.state);
	css_for_each_descendant_pre(css, &memcg->css) {
		if (!left-- || cpus_left < cpus)
			return false;
		cpus_left -= cpus;
		sums_add_group(sums, mem_cgroup_from_css(css));
	}
	return true;
}
#endif

static u64 *member_of(struct oomwatch_memcg *rec, unsigned int offset)
{
	return (void *)rec + offset;
}

static void items_set(struct oomwatch_memcg *rec, const struct sums *sums)
{
	const struct place *place = layout.place;
	unsigned int i, nr = sums->nr;

	/* The parts of a sum that is 0 may be read as slightly less. */
	for (i = 0; i < nr; i++, place++)
		*member_of(rec, place->offset) = max(sums->item[i], 0L) * place->factor;
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

static void items_forget(struct oomwatch_memcg *rec, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		*member_of(rec, items[i].offset) = OOMWATCH_UNKNOWN_U64;
}

/*
 * On cgroup v1 the kernel does not count these as items: mm/memcontrol.c:
 * mem_cgroup_charge_skmem(), obj_cgroup_charge_zswap()
 */
static void items_forget_uncounted(struct oomwatch_memcg *rec, struct mem_cgroup *memcg)
{
	if (memcg_on_v2(memcg))
		return;
	rec->sock = OOMWATCH_UNKNOWN_U64;
	rec->zswap = OOMWATCH_UNKNOWN_U64;
	rec->zswapped = OOMWATCH_UNKNOWN_U64;
}

/* Another CPU may be handing on its part, which then is missing or counts twice. */
#define TRIES	3

/*
 * Whether a reading can be believed. Mostly its items add up to the usage. They don't while a
 * process exits: its pages are in no item any more, but are charged until a batch of them is freed.
 * Nor do they while compaction moves pages, up to 512 at once: these are mapped nowhere meanwhile.
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
	       !memcmp(sums->item, before->item, sums->nr * sizeof(*sums->item));
}

/*
 * Sets the first @nr items, and the usage. Returns whether that was possible. A reading that had to
 * leave out groups may add up all the same. If not, another would leave out the same groups.
 */
static bool memstat_read(struct oomwatch_memcg *rec, struct mem_cgroup *memcg, unsigned int nr)
{
	static struct sums sums[2];	/* too large for the stack */
	bool whole = true;
	int tries;

	for (tries = 0; whole && tries < TRIES; tries++) {
		struct sums *now = &sums[tries % 2];

		now->nr = nr;
		whole = sums_read(now, memcg);
		rec->usage = page_counter_read(&memcg->memory);
		items_set(rec, now);
		if (sums_are_right(rec, now, whole && tries ? &sums[!(tries % 2)] : NULL)) {
			items_forget_uncounted(rec, memcg);
			return true;
		}
	}
	count(COUNTER_MEMSTAT_UNSURE);
	return false;
}

/**
 * memstat_fill() - put the items of memory.stat into a record
 * @rec: the record, with these unknown; usage is set, too
 * @memcg: the cgroup
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void memstat_fill(struct oomwatch_memcg *rec, struct mem_cgroup *memcg)
{
	rec->usage = page_counter_read(&memcg->memory);
	if (layout.known && !memstat_read(rec, memcg, layout.nr))
		items_forget(rec, ARRAY_SIZE(items));
}

/**
 * memstat_fill_few() - as memstat_fill(), with only the items that a child's record has
 * @rec: the record; nothing else of it is set
 * @memcg: the cgroup
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void memstat_fill_few(struct oomwatch_memcg *rec, struct mem_cgroup *memcg)
{
	rec->usage = page_counter_read(&memcg->memory);
	items_forget(rec, NR_FEW);
	if (layout.known && !memstat_read(rec, memcg, layout.nr_few))
		items_forget(rec, NR_FEW);
}
