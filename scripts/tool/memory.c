// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memory went: the parts of a full cgroup, by its memory.stat, or of the machine. No part
 * is counted in another one.
 */
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "zones.h"

/* --- the parts ------------------------------------------------------------------------ */

static void add_part(struct parts *parts, const char *class, const char *name, __u64 bytes)
{
	if (!is_known(bytes) || !bytes || parts->nr == MAX_PARTS)
		return;
	parts->of[parts->nr++] = (struct part) { .class = class, .name = name, .bytes = bytes };
	parts->known += bytes;
}

static void add_pages(struct parts *parts, const struct record *rec, const char *class,
		      const char *name, __u64 pages)
{
	add_part(parts, class, name, bytes_of_pages(rec, pages));
}

/* A part that the module read after the kill: it can't be more than what the others leave. */
static void add_later(struct parts *parts, const char *class, const char *name,
		      const struct record *rec, __u64 bytes)
{
	size_t nr = parts->nr;

	if (!is_known(parts->total) || !is_known(bytes) || bytes > parts->total - parts->known)
		return;
	add_part(parts, class, name, bytes);
	if (parts->nr > nr)
		parts->of[nr].later_ns = is_known(rec->meminfo.since_kill_ns) ?
			rec->meminfo.since_kill_ns : 0;
}

static int by_size(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/* The rest is what no part has. It is a part as well, but not one with a name of its own. */
static void finish_parts(struct parts *parts)
{
	parts->rest = is_known(parts->total) && parts->total > parts->known ?
		parts->total - parts->known : 0;
	qsort(parts->of, parts->nr, sizeof(*parts->of), by_size);
}

/* The kernel's own memory. A log of cgroup v1 has it by another name. */
static __u64 kernel_sum(const struct record *rec)
{
	return is_known(rec->memcg.kernel) || !rec->stream->log ? rec->memcg.kernel :
		rec->memcg.kmem_usage;
}

/* What a log lacks is within what is left. @ahead: so is what CPUs have charged ahead. */
static const char *name_of_rest(const struct record *rec, bool ahead)
{
	static const char * const names[][2] = {
		{ "memory of the kernel", "memory of the kernel, and what is charged ahead" },
		{ "other memory of the kernel",
		  "other memory of the kernel, and what is charged ahead" },
		{ "other memory of the kernel, such as pipes' buffers",
		  "other memory of the kernel, such as pipes' buffers, and what is charged ahead" },
	};
	bool slab = is_known(rec->memcg.slab_unreclaimable);
	bool stacks = is_known(rec->memcg.kernel_stack);

	return names[rec->stream->log ? slab + stacks : 2][ahead];
}

/* A part that can't be more than @most. What is not known limits nothing. */
static __u64 at_most(__u64 part, __u64 most)
{
	return is_known(part) && part > most ? most : part;
}

/* The kernel's own memory by kind, and what has no kind of its own. */
static void add_kernel(struct parts *parts, const struct record *rec)
{
	const struct oomwatch_memcg *memcg = &rec->memcg;
	__u64 slab = sum_of(memcg->slab_reclaimable, memcg->slab_unreclaimable, 0);
	__u64 stacks = memcg->kernel_stack, percpu = memcg->percpu, zswap = memcg->zswap;
	__u64 tables = bytes_of_pages(rec, memcg->pagetables);
	__u64 sec_tables = bytes_of_pages(rec, memcg->sec_pagetables), vmalloc, other;

	add_part(parts, "slab", "slab of the kernel", slab);
	add_part(parts, "page_tables", "page tables", tables);
	add_part(parts, "page_tables", "page tables of virtual machines", sec_tables);
	add_part(parts, "stacks", "kernel stacks of threads", stacks);
	add_part(parts, "percpu", "per-CPU memory of the kernel", percpu);
	add_part(parts, "zswap", "compressed pages (zswap)", zswap);
	other = without(without(without(bytes_of_pages(rec, kernel_sum(rec)), slab, stacks), tables,
				sec_tables), percpu, zswap);
	/* A stack in the kernel is vmalloc()'s memory as well. */
	vmalloc = without(bytes_of_pages(rec, memcg->vmalloc), stacks, 0);
	vmalloc = at_most(vmalloc, other);
	add_part(parts, "vmalloc", "memory of vmalloc() in the kernel", vmalloc);
	add_part(parts, "kernel", name_of_rest(rec, false), without(other, vmalloc, 0));
}

static const char unmapped_name[] = "pages that are in swap as well, and mapped by no process";
static const char stuck_name[] = "page cache that can't be reclaimed, as in a ramfs";
static const char locked_name[] = "page cache that processes have locked (mlock)";

/* The unevictable list has all that is stuck, and all that is locked: what is both for certain. */
static __u64 locked_cache(const struct episode *episode, __u64 stuck)
{
	const struct record *rec;
	__u64 locked = 0;
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		locked += is_known(rec->zone.mlocked) ? rec->zone.mlocked : 0;
	return is_known(stuck) ?
		at_most(without(locked + stuck, episode->oom->oom.unevictable, 0), stuck) : 0;
}

/* The unevictable list has pages of all kinds. Page cache there is on no list of files. */
static __u64 stuck_cache(__u64 cache, __u64 listed, __u64 unevictable)
{
	return is_known(listed) && is_known(unevictable) ?
		at_most(without(cache, listed, 0), unevictable) : OOMWATCH_UNKNOWN_U64;
}

/*
 * Pages of the swap cache that no process maps; the others are anonymous memory of processes as
 * well. All that is anonymous is on @lists, with shmem and, of what can't be evicted, page cache.
 */
static __u64 unmapped_swapcache(__u64 swapcache, __u64 lists, __u64 stuck, __u64 anon, __u64 shmem)
{
	return at_most(swapcache, without(without(lists, stuck, 0), anon, shmem));
}

/*
 * The usage is read for the choice, and again with the items: in between, CPUs may have charged
 * ahead for what comes. One figure is told, the first, if it has all parts.
 */
static void take_first_usage(struct parts *parts, const struct record *rec,
			     const struct oomwatch_oom *oom)
{
	__u64 first = bytes_of_pages(rec, oom->memcg_usage);

	if (is_known(first) && first >= parts->known && first < parts->total)
		parts->total = first;
}

static void fill_memcg(struct parts *parts, const struct record *rec,
		       const struct oomwatch_oom *oom)
{
	const struct oomwatch_memcg *memcg = &rec->memcg;
	/* The page cache has shmem and the swap cache in it. */
	__u64 cache = without(memcg->file, memcg->shmem, memcg->swapcached);
	__u64 dirty = sum_of(memcg->file_dirty, memcg->file_writeback, 0);
	__u64 stuck = stuck_cache(cache, sum_of(memcg->inactive_file, memcg->active_file, 0),
				  memcg->unevictable);

	parts->total = bytes_of_pages(rec, memcg->usage);
	add_pages(parts, rec, "anon", "anonymous memory of processes", memcg->anon);
	add_pages(parts, rec, "shmem", "tmpfs and shared memory", memcg->shmem);
	add_pages(parts, rec, "swapcache", unmapped_name,
		  unmapped_swapcache(memcg->swapcached,
				     sum_of(memcg->active_anon, memcg->inactive_anon,
					    memcg->unevictable), stuck, memcg->anon, memcg->shmem));
	add_pages(parts, rec, "unevictable", stuck_name, stuck);
	cache = without(cache, stuck, 0);
	dirty = at_most(dirty, cache);
	add_pages(parts, rec, "file_dirty", "page cache that waits to be written", dirty);
	add_pages(parts, rec, "file", is_known(memcg->shmem) ? "page cache" :
		  "page cache, with tmpfs and shared memory", without(cache, dirty, 0));
	add_pages(parts, rec, "sock", "buffers of network sockets", memcg->sock);
	add_pages(parts, rec, "hugetlb", "huge pages (hugetlb)", memcg->hugetlb);
	add_kernel(parts, rec);
	take_first_usage(parts, rec, oom);
	/* Older kernels have no sum of their own memory. The other parts leave that much. */
	if (!is_known(kernel_sum(rec)) &&
	    is_known(sum_of(memcg->anon, memcg->file, memcg->sock)))
		add_part(parts, "kernel", name_of_rest(rec, true),
			 without(parts->total, parts->known, 0));
	if (is_memsw_full(oom) && is_known(bytes_of_pages(rec, memsw_swap(oom)))) {
		parts->swap = bytes_of_pages(rec, memsw_swap(oom));
		parts->total += parts->swap;
		add_part(parts, "swap", "swapped out", parts->swap);
	}
}

bool huge_pages_known(const struct oomwatch_meminfo *meminfo)
{
	__u64 total = meminfo->hugepages_total, free = meminfo->hugepages_free;

	return is_known(total) && total && is_known(free) && free <= total &&
		is_known(meminfo->hugepage_size) &&
		total * meminfo->hugepage_size == meminfo->hugetlb;
}

/* Reserved huge pages are no process's memory, also while none of them is in use. */
static const char *name_of_hugetlb(const struct oomwatch_meminfo *meminfo)
{
	__u64 total = meminfo->hugepages_total, free = meminfo->hugepages_free;

	if (!huge_pages_known(meminfo))
		return "reserved as huge pages (hugetlb)";
	if (free == total)
		return "reserved as huge pages, none of them in use";
	return format_words("reserved as huge pages (hugetlb), %s of it in use",
			    free ? words_size((total - free) * meminfo->hugepage_size) : "all");
}

static void add_meminfo(struct parts *parts, const struct oomwatch_oom *oom,
			const struct record *rec)
{
	const struct oomwatch_meminfo *meminfo = &rec->meminfo;

	add_later(parts, "hugetlb", name_of_hugetlb(meminfo), rec, meminfo->hugetlb);
	add_later(parts, "percpu", "per-CPU memory of the kernel", rec, meminfo->percpu);
	/* A stack in the kernel is vmalloc()'s memory as well. */
	if (!is_known(oom->vmalloc) && is_known(meminfo->vmalloc))
		add_later(parts, "vmalloc", "memory of vmalloc() in the kernel", rec,
			  without(meminfo->vmalloc, oom->kernel_stack, 0));
}

/* Anonymous memory, with what can't be evicted. */
static __u64 anon_lists(const struct oomwatch_oom *oom)
{
	return sum_of(sum_of(oom->active_anon, oom->inactive_anon, oom->unevictable),
		      is_known(oom->isolated_anon) ? oom->isolated_anon : 0, 0);
}

/*
 * The module has a count of mapped anonymous pages, and a log the lists of pages. On the lists of
 * anonymous memory are tmpfs, shared memory and pages that are in swap as well, which are parts of
 * their own. What is locked is on another list, with page cache as of a ramfs.
 */
static __u64 ram_anon(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	__u64 files;

	if (is_known(oom->anon_mapped) || !rec->stream->log)
		return oom->anon_mapped;
	if (!is_known(oom->shmem) || !is_known(oom->page_cache))
		return OOMWATCH_UNKNOWN_U64;
	files = without(without(oom->page_cache, oom->shmem, oom->swap_cache),
			sum_of(oom->active_file, oom->inactive_file, 0), oom->isolated_file);
	return without(without(anon_lists(oom), files, 0), oom->shmem, oom->swap_cache);
}

/* On large machines CPUs keep a lot, which the sum of free pages is without. */
static __u64 kept_by_cpus(const struct episode *episode)
{
	const struct record *rec;
	__u64 pages = 0;
	size_t at;

	if (!has_all_zones(episode))
		return OOMWATCH_UNKNOWN_U64;
	for_each_of(rec, episode, ZONE, at)
		pages = sum_of(pages, rec->zone.free_pcp, 0);
	return pages;
}

/* Pages that drivers of the kernel have, by counters of the nodes that newer kernels have. */
static void add_drivers(struct parts *parts, const struct episode *episode)
{
	const struct record *oom = episode->oom, *rec;
	__u64 active = oom->gpu_active, reclaim = oom->gpu_reclaim;
	size_t at;

	for_each_of(rec, episode, NODE, at) {
		active = sum_of(active, rec->node.gpu_active, 0);
		reclaim = sum_of(reclaim, rec->node.gpu_reclaim, 0);
	}
	add_pages(parts, oom, "gpu", "memory of graphics drivers", active);
	add_pages(parts, oom, "gpu", "free pages that graphics drivers keep", reclaim);
	add_pages(parts, oom, "balloon", "pages that a balloon gave back to the host",
		  oom->balloon);
}

static void fill_machine(struct parts *parts, const struct episode *episode)
{
	const struct record *rec = episode->oom, *later = first_of(episode, OOMWATCH_TYPE_MEMINFO);
	const struct oomwatch_oom *oom = &rec->oom;
	__u64 cache = without(oom->page_cache, oom->shmem, oom->swap_cache), dirty, stuck;
	__u64 swapcache = oom->swap_cache;

	stuck = stuck_cache(cache, sum_of(oom->inactive_file, oom->active_file,
					  is_known(oom->isolated_file) ? oom->isolated_file : 0),
			    oom->unevictable);
	cache = without(cache, stuck, 0);
	/* Pages that are being written to swap are in the sum of writeback, too. */
	dirty = at_most(sum_of(oom->dirty, without(oom->writeback, oom->swap_cache, 0), 0), cache);
	if (is_known(oom->anon_mapped))
		swapcache = unmapped_swapcache(swapcache, anon_lists(oom), stuck,
					       oom->anon_mapped, oom->shmem);
	parts->total = bytes_of_pages(rec, oom->ram_total);
	add_pages(parts, rec, "anon", "anonymous memory of processes", ram_anon(rec));
	add_pages(parts, rec, "shmem", "tmpfs and shared memory", oom->shmem);
	add_pages(parts, rec, "mlocked", locked_name, locked_cache(episode, stuck));
	add_pages(parts, rec, "unevictable", stuck_name,
		  without(stuck, locked_cache(episode, stuck), 0));
	add_pages(parts, rec, "file_dirty", "page cache that waits to be written", dirty);
	add_pages(parts, rec, "file", "page cache of files",
		  without(cache, is_known(dirty) ? dirty : 0, 0));
	add_pages(parts, rec, "swapcache", is_known(oom->anon_mapped) ? unmapped_name :
		  "pages that are in swap as well", swapcache);
	add_pages(parts, rec, "slab", "slab that can't be reclaimed", oom->slab_unreclaimable);
	add_pages(parts, rec, "slab", "slab that can be reclaimed", oom->slab_reclaimable);
	add_pages(parts, rec, "page_tables", "page tables", oom->pagetables);
	add_part(parts, "stacks", "kernel stacks of threads", oom->kernel_stack);
	add_pages(parts, rec, "page_tables", "page tables of virtual machines",
		  oom->sec_pagetables);
	add_pages(parts, rec, "zram", "compressed pages of zram and zswap", oom->zspages);
	add_pages(parts, rec, "kernel", "other memory of the kernel that can be reclaimed",
		  oom->kernel_misc_reclaimable);
	add_part(parts, "vmalloc", "memory of vmalloc() in the kernel",
		 without(bytes_of_pages(rec, oom->vmalloc), oom->kernel_stack, 0));
	if (!later)
		add_pages(parts, rec, "hugetlb", "huge pages (hugetlb) in use", oom->hugetlb);
	add_drivers(parts, episode);
	add_pages(parts, rec, "free", "free", oom->ram_free);
	add_pages(parts, rec, "free", "free and kept ready by CPUs", kept_by_cpus(episode));
	if (later)
		add_meminfo(parts, oom, later);
}

static const struct record *memcg_of(const struct episode *episode)
{
	const struct record *rec = first_of(episode, OOMWATCH_TYPE_MEMCG);

	return rec && is_known(rec->memcg.anon) && is_known(rec->memcg.usage) ? rec : NULL;
}

/* Returns false if it is not known where the memory went, or if no memory had run out. */
bool parts_of(struct parts *parts, const struct episode *episode)
{
	const struct record *rec = episode->oom;

	*parts = (struct parts) { .total = OOMWATCH_UNKNOWN_U64 };
	if (!rec || rec->oom.trigger == OOMWATCH_TRIGGER_SYSRQ)
		return false;
	if (rec->oom.kind == OOMWATCH_KIND_MEMCG && memcg_of(episode))
		fill_memcg(parts, memcg_of(episode), &rec->oom);
	else if (rec->oom.kind == OOMWATCH_KIND_GLOBAL && is_known(ram_anon(rec)))
		fill_machine(parts, episode);
	finish_parts(parts);
	return parts->nr && is_known(parts->total) && parts->total;
}

/* The part that is at least half of all, NULL if there is none. Free memory filled nothing. */
static const struct part *largest(const struct parts *parts)
{
	const struct part *part = parts->of;

	return parts->nr && part->bytes >= parts->total / 2 && strcmp(part->class, "free") ?
		part : NULL;
}

bool part_is_kernel(const struct part *part)
{
	static const char * const classes[] = {
		"slab", "page_tables", "stacks", "percpu", "vmalloc", "kernel",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		if (!strcmp(part->class, classes[i]))
			return true;
	return false;
}

/* The kernel's own memory, of all kinds together. */
static __u64 kernel_bytes(const struct parts *parts)
{
	__u64 bytes = 0;
	size_t i;

	for (i = 0; i < parts->nr; i++)
		bytes += part_is_kernel(&parts->of[i]) ? parts->of[i].bytes : 0;
	return bytes;
}

struct part parts_filler(const struct parts *parts)
{
	const struct part *most = largest(parts);

	if (most)
		return *most;
	if (parts->rest >= parts->total / 2)
		return (struct part) { .class = "uncounted", .name = "memory that no counter has",
				       .bytes = parts->rest };
	if (kernel_bytes(parts) >= parts->total / 2)
		return (struct part) { .class = "kernel", .name = "memory of the kernel",
				       .bytes = kernel_bytes(parts) };
	/* Half of it was free: it was not full. */
	if (parts->of[0].bytes >= parts->total / 2)
		return (struct part) { };
	return (struct part) { .class = "mixed" };
}

/* A class of parts, "mixed" or "uncounted"; NULL: not known. */
const char *filled_by(const struct episode *episode)
{
	struct parts parts;

	if (!parts_of(&parts, episode) || was_free(episode))
		return NULL;
	return parts_filler(&parts).class;
}

/* --- sentences ------------------------------------------------------------------------- */

static const char *words_share(__u64 bytes, __u64 total)
{
	/* The two may not be of one moment. */
	if (bytes > total)
		return words_size(bytes);
	return format_words("%s (%.0f%%)", words_size(bytes), 100.0 * bytes / total);
}

static const char *words_later(const struct part *part)
{
	return part->later_ns ? format_words(" (read %s after the kill)",
					     words_duration(part->later_ns)) : "";
}

/* Whether all counters of the machine are known. A log has some of /proc/meminfo's at most. */
bool has_counters(const struct episode *episode)
{
	const struct record *later = first_of(episode, OOMWATCH_TYPE_MEMINFO);

	return later && is_known(later->meminfo.percpu) &&
		(is_known(later->meminfo.vmalloc) || is_known(episode->oom->oom.vmalloc)) &&
		(!is_of_older(episode->oom) ||
		 episode->oom->head.fixed > offsetof(struct oomwatch_oom, balloon));
}

/* A log may lack the lines that have huge pages, and has no other counters. */
static const char *name_of_uncounted(const struct episode *episode)
{
	const struct record *later = first_of(episode, OOMWATCH_TYPE_MEMINFO);

	if (has_counters(episode))
		return "memory that no counter has";
	if (episode->oom->oom.kind == OOMWATCH_KIND_MEMCG ||
	    (later && is_known(later->meminfo.hugetlb)))
		return "memory that no counter here has";
	return "memory that no counter here has (reserved huge pages, for one)";
}

void parts_count_rest(struct parts *parts, const struct episode *episode)
{
	if (parts->rest < parts->total / 4)
		return;
	parts->of[parts->nr++] = (struct part) {
		.class = "uncounted", .bytes = parts->rest, .name = name_of_uncounted(episode),
	};
	qsort(parts->of, parts->nr, sizeof(*parts->of), by_size);
}

/* What filled the machine, with its share; NULL: not known, or it was no kill of the machine. */
const char *words_filled_machine(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	struct parts parts;
	struct part most;
	struct pair of;

	if (rec->oom.kind != OOMWATCH_KIND_GLOBAL || !parts_of(&parts, episode))
		return NULL;
	most = parts_filler(&parts);
	if (!most.class)
		return NULL;
	if (!most.bytes)
		return "no kind of memory has half of the RAM";
	of = words_sizes(most.bytes, parts.total);
	return format_words("%s, %s of %s of RAM", strcmp(most.class, "uncounted") ? most.name :
			    name_of_uncounted(episode), of.a, of.b);
}

/*
 * The largest parts: at most three that have a hundredth of all. If these are not most of it, also
 * those that have a twentieth.
 */
static const char *words_largest(const struct parts *parts)
{
	const char *items[6];
	__u64 told = 0;
	size_t nr;

	for (nr = 0; nr < parts->nr && nr < ARRAY_SIZE(items); nr++) {
		const struct part *part = &parts->of[nr];
		bool goes_on = nr < 3 || told < parts->total / 5 * 4;

		if (!goes_on || part->bytes < parts->total / (nr < 3 ? 100 : 20))
			break;
		items[nr] = format_words("%s %s%s%s", words_share(part->bytes, parts->total),
					 nr ? "" : "were ", part->name, words_later(part));
		told += part->bytes;
	}
	return words_joined(items, nr, "and");
}

/* What filled the memory, for the end of a sentence: what has a quarter. "": not known. */
const char *words_filled(const struct episode *episode)
{
	const char *items[4], *list;
	struct parts parts;
	struct part most;
	__u64 bytes = 0;
	size_t nr;

	if (!parts_of(&parts, episode))
		return "";
	most = parts_filler(&parts);
	parts_count_rest(&parts, episode);
	for (nr = 0; nr < parts.nr && nr < 4; nr++) {
		if (parts.of[nr].bytes < parts.total / 4 || !strcmp(parts.of[nr].class, "free"))
			break;
		bytes += parts.of[nr].bytes;
		items[nr] = parts.of[nr].name;
	}
	list = words_joined(items, nr, "and");
	if (most.bytes > bytes) {
		list = most.name;
		bytes = most.bytes;
	}
	if (!bytes)
		return "";
	return format_words(", %s of %s %s", bytes >= parts.total / 2 ? "most" : "much",
			    episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL ? "the rest" : "that",
			    list);
}

/* All parts; NULL if it is not known where the memory went. */
const char *words_parts(const struct episode *episode)
{
	const char *list = "";
	struct parts parts;
	size_t i;

	if (!parts_of(&parts, episode))
		return NULL;
	for (i = 0; i < parts.nr; i++)
		list = format_words("%s%s%s %s%s", list, i ? ", " : "", parts.of[i].name,
				    words_size(parts.of[i].bytes),
				    words_later(&parts.of[i]));
	return !parts.rest ? list :
		format_words("%s, in no counter %s", list, words_size(parts.rest));
}

/* A log may not tell how much was free, or why that was of no use, as in pieces. */
bool is_machine_full(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;

	if (!rec->stream->log)
		return !was_free(episode);
	return !rec->was_free && (oom->order == 0 || rec->had_no_room) &&
		is_known(oom->ram_free) && is_known(oom->ram_total) &&
		oom->ram_free <= oom->ram_total / 20;
}

/* RAM that the machine has, by its zones, if much of it is not managed by the kernel; or 0. */
static __u64 present_ram(const struct episode *episode)
{
	const struct record *rec;
	__u64 present = 0, managed = 0;
	size_t at;

	if (!has_all_zones(episode))
		return 0;
	for_each_of(rec, episode, ZONE, at) {
		if (!is_known(rec->zone.present) || !is_known(rec->zone.managed))
			return 0;
		present += rec->zone.present;
		managed += rec->zone.managed;
	}
	return present > managed && present - managed >= present / 4 ? present : 0;
}

/* For a sentence that has the size of the RAM that the kernel manages. */
const char *words_present(const struct episode *episode)
{
	__u64 present = present_ram(episode);

	return present ? format_words(" (the machine has %s)",
				      words_pages(episode->oom, present)) : "";
}

static void explain_unmanaged(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;
	__u64 present = present_ram(episode);

	if (present && is_known(rec->oom.ram_total) && present > rec->oom.ram_total)
		paragraph(to, "The machine has %s of RAM, of which %s are not for use: the kernel itself, what was reserved at boot (a crash kernel, for one), or what the host has back (a balloon, virtio-mem).",
			  words_pages(rec, present),
			  words_pages(rec, present - rec->oom.ram_total));
}

bool parts_are_sum(const struct parts *parts, const struct part *most)
{
	return most->class && !strcmp(most->class, "kernel") && most->bytes != parts->of[0].bytes;
}

/* Pages of processes and of shared memory that can't be swapped out; unknown for single nodes. */
__u64 unswappable(const struct episode *episode, const struct parts *parts)
{
	const struct record *rec = episode->oom, *memcg = first_of(episode, OOMWATCH_TYPE_MEMCG);
	__u64 pages = OOMWATCH_UNKNOWN_U64, stuck = 0;
	size_t i;

	if (rec->oom.kind == OOMWATCH_KIND_GLOBAL)
		pages = rec->oom.unevictable;
	else if (rec->oom.kind == OOMWATCH_KIND_MEMCG && memcg)
		pages = memcg->memcg.unevictable;
	for (i = 0; i < parts->nr; i++)
		if (!strcmp(parts->of[i].class, "unevictable") ||
		    !strcmp(parts->of[i].class, "mlocked"))
			stuck += pages_of_bytes(rec, parts->of[i].bytes);
	return without(pages, stuck, 0);
}

static void explain_unswappable(struct prose *to, const struct episode *episode,
				const struct parts *parts)
{
	__u64 pages = unswappable(episode, parts);

	if (is_known(pages) && bytes_of_pages(episode->oom, pages) >= parts->total / 4)
		paragraph(to, "%s of that were unevictable: locked (mlock) or of a kind that can't be swapped out.",
			  words_pages(episode->oom, pages));
}

void explain_memory(struct prose *to, const struct episode *episode)
{
	const char *kernel = "";
	struct parts parts;
	struct part most;

	if (!parts_of(&parts, episode))
		return;
	most = parts_filler(&parts);
	parts_count_rest(&parts, episode);
	if (parts_are_sum(&parts, &most))
		kernel = format_words(" In all the kernel itself had %s.",
				      words_share(most.bytes, parts.total));
	paragraph(to, "Where the memory went: %s.%s", words_largest(&parts), kernel);
	explain_unswappable(to, episode, &parts);
	if (episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL)
		explain_unmanaged(to, episode);
}

/* Whether the victim itself was what filled the memory: then its oom_score_adj matters. */
bool victim_matters(const struct episode *episode, const struct record *victim)
{
	struct parts parts;
	struct part most;

	if (!parts_of(&parts, episode))
		return true;
	most = parts_filler(&parts);
	return !most.bytes || !strcmp(most.class, "anon") || !strcmp(most.class, "swap") ||
		!is_known(own_pages(victim)) ||
		bytes_of_pages(victim, own_pages(victim)) >= parts.total / 4;
}
