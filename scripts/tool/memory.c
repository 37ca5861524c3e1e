// SPDX-License-Identifier: GPL-2.0
/*
 * Where the memory went: the parts of a full cgroup, by its memory.stat, or of the machine. No part
 * is counted in another one.
 */
#include <stdlib.h>
#include <string.h>

#include "kill.h"

/* --- the parts ------------------------------------------------------------------------ */

static void add_part(struct parts *parts, const char *class, const char *name, __u64 pages)
{
	if (!is_known(pages) || !pages || parts->nr == MAX_PARTS)
		return;
	parts->of[parts->nr++] = (struct part) { .class = class, .name = name, .pages = pages };
	parts->known += pages;
}

/* A part that was read after the kill: it can't be more than what the others leave. */
static void add_later(struct parts *parts, const char *class, const char *name,
		      const struct record *rec, __u64 bytes)
{
	__u64 pages = pages_of_bytes(rec, bytes);
	size_t nr = parts->nr;

	if (!is_known(parts->total) || !is_known(pages) || pages > parts->total - parts->known)
		return;
	add_part(parts, class, name, pages);
	if (parts->nr > nr)
		parts->of[nr].later_ns = rec->meminfo.since_kill_ns;
}

/* What is left of a sum without some of its parts; unknown parts are left in it. */
static __u64 without(__u64 sum, __u64 a, __u64 b)
{
	__u64 parts = (is_known(a) ? a : 0) + (is_known(b) ? b : 0);

	return !is_known(sum) ? sum : sum > parts ? sum - parts : 0;
}

static int by_size(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return (x->pages < y->pages) - (x->pages > y->pages);
}

/* The rest is what no part has. It is a part as well, but not one with a name of its own. */
static void finish_parts(struct parts *parts)
{
	parts->rest = is_known(parts->total) && parts->total > parts->known ?
		parts->total - parts->known : 0;
	qsort(parts->of, parts->nr, sizeof(*parts->of), by_size);
}

/* The kernel's own memory by kind, and what has no kind of its own. */
static void add_kernel(struct parts *parts, const struct record *rec)
{
	const struct oomwatch_memcg *memcg = &rec->memcg;
	__u64 slab = pages_of_bytes(rec, sum_of(memcg->slab_reclaimable,
						memcg->slab_unreclaimable, 0));
	__u64 stacks = pages_of_bytes(rec, memcg->kernel_stack);
	__u64 percpu = pages_of_bytes(rec, memcg->percpu);
	__u64 zswap = pages_of_bytes(rec, memcg->zswap), vmalloc, other;

	add_part(parts, "slab", "slab of the kernel", slab);
	add_part(parts, "page_tables", "page tables", memcg->pagetables);
	add_part(parts, "page_tables", "page tables of virtual machines", memcg->sec_pagetables);
	add_part(parts, "stacks", "kernel stacks of threads", stacks);
	add_part(parts, "percpu", "per-CPU memory of the kernel", percpu);
	add_part(parts, "zswap", "compressed pages (zswap)", zswap);
	other = without(without(without(memcg->kernel, slab, stacks), memcg->pagetables,
				memcg->sec_pagetables), percpu, zswap);
	/* A stack in the kernel is vmalloc()'s memory as well. */
	vmalloc = without(memcg->vmalloc, stacks, 0);
	if (vmalloc > other)
		vmalloc = other;
	add_part(parts, "vmalloc", "memory of vmalloc() in the kernel", vmalloc);
	add_part(parts, "kernel", "other memory of the kernel, such as pipes' buffers",
		 without(other, vmalloc, 0));
}

static void fill_memcg(struct parts *parts, const struct record *rec)
{
	const struct oomwatch_memcg *memcg = &rec->memcg;
	/* The page cache has shmem and the swap cache in it. */
	__u64 cache = without(memcg->file, memcg->shmem, memcg->swapcached);
	__u64 dirty = sum_of(memcg->file_dirty, memcg->file_writeback, 0);
	/* The unevictable list has pages of all kinds. Page cache there is on no list of files. */
	__u64 stuck = without(cache, memcg->inactive_file, memcg->active_file);

	parts->total = memcg->usage;
	add_part(parts, "anon", "anonymous memory of processes", memcg->anon);
	add_part(parts, "shmem", "tmpfs and shared memory", memcg->shmem);
	add_part(parts, "swapcache", "pages that are in swap as well", memcg->swapcached);
	if (stuck > memcg->unevictable)
		stuck = memcg->unevictable;
	add_part(parts, "unevictable", "page cache that can't be reclaimed, as in a ramfs", stuck);
	cache = without(cache, stuck, 0);
	if (is_known(dirty) && is_known(cache) && dirty > cache)
		dirty = cache;
	add_part(parts, "file_dirty", "page cache that waits to be written", dirty);
	add_part(parts, "file", is_known(memcg->shmem) ? "page cache" :
		 "page cache, with tmpfs and shared memory", without(cache, dirty, 0));
	add_part(parts, "sock", "buffers of network sockets", memcg->sock);
	add_part(parts, "hugetlb", "huge pages (hugetlb)", memcg->hugetlb);
	add_kernel(parts, rec);
}

/* Reserved huge pages are no process's memory, also while none of them is in use. */
static const char *name_of_hugetlb(const struct oomwatch_meminfo *meminfo)
{
	return is_known(meminfo->hugepages_total) && meminfo->hugepages_total &&
	       meminfo->hugepages_free == meminfo->hugepages_total ?
		"reserved as huge pages, none of them in use" : "reserved as huge pages (hugetlb)";
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

/*
 * The module has a count of mapped anonymous pages, and a log the lists of pages. On the lists of
 * anonymous memory are tmpfs, shared memory and pages that are in swap as well, which are parts of
 * their own. What is locked is on another list, with page cache as of a ramfs.
 */
static __u64 anon_of(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	__u64 lists = sum_of(oom->active_anon, oom->inactive_anon, oom->unevictable), files;

	if (is_known(oom->anon_mapped) || !rec->stream->log)
		return oom->anon_mapped;
	if (!is_known(oom->shmem) || !is_known(oom->page_cache))
		return OOMWATCH_UNKNOWN_U64;
	files = without(without(oom->page_cache, oom->shmem, oom->swap_cache),
			sum_of(oom->active_file, oom->inactive_file, 0), oom->isolated_file);
	return without(without(sum_of(lists, 0, is_known(oom->isolated_anon) ?
					oom->isolated_anon : 0), files, 0),
		       oom->shmem, oom->swap_cache);
}

static void fill_machine(struct parts *parts, const struct episode *episode)
{
	const struct record *rec = episode->oom, *later = first_of(episode, OOMWATCH_TYPE_MEMINFO);
	const struct oomwatch_oom *oom = &rec->oom;

	parts->total = oom->ram_total;
	add_part(parts, "anon", "anonymous memory of processes", anon_of(rec));
	add_part(parts, "shmem", "tmpfs and shared memory", oom->shmem);
	add_part(parts, "file", "page cache of files", without(oom->page_cache, oom->shmem,
							       oom->swap_cache));
	add_part(parts, "swapcache", "pages that are in swap as well", oom->swap_cache);
	add_part(parts, "slab", "slab that can't be reclaimed", oom->slab_unreclaimable);
	add_part(parts, "slab", "slab that can be reclaimed", oom->slab_reclaimable);
	add_part(parts, "page_tables", "page tables", oom->pagetables);
	add_part(parts, "stacks", "kernel stacks of threads",
		 pages_of_bytes(rec, oom->kernel_stack));
	add_part(parts, "page_tables", "page tables of virtual machines", oom->sec_pagetables);
	add_part(parts, "zram", "compressed pages of zram and zswap", oom->zspages);
	add_part(parts, "kernel", "other memory of the kernel that can be reclaimed",
		 oom->kernel_misc_reclaimable);
	add_part(parts, "vmalloc", "memory of vmalloc() in the kernel",
		 without(oom->vmalloc, pages_of_bytes(rec, oom->kernel_stack), 0));
	if (!later)
		add_part(parts, "hugetlb", "huge pages (hugetlb) in use", oom->hugetlb);
	add_part(parts, "free", "free", oom->ram_free);
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
		fill_memcg(parts, memcg_of(episode));
	else if (rec->oom.kind == OOMWATCH_KIND_GLOBAL && is_known(anon_of(rec)))
		fill_machine(parts, episode);
	finish_parts(parts);
	return parts->nr && is_known(parts->total) && parts->total;
}

/* The part that is at least half of all, NULL if there is none. Free memory filled nothing. */
static const struct part *largest(const struct parts *parts)
{
	const struct part *part = parts->of;

	return parts->nr && part->pages >= parts->total / 2 && strcmp(part->class, "free") ?
		part : NULL;
}

/* What filled the memory. No part may have half of it: that is "mixed". No class: not known. */
static struct part filler(const struct episode *episode)
{
	const struct part *most;
	struct parts parts;

	if (!parts_of(&parts, episode))
		return (struct part) { };
	most = largest(&parts);
	if (most)
		return *most;
	if (parts.rest >= parts.total / 2)
		return (struct part) { .class = "uncounted", .name = "memory in no counter",
				       .pages = parts.rest };
	/* Half of it was free: it was not full. */
	if (parts.of[0].pages >= parts.total / 2)
		return (struct part) { };
	return (struct part) { .class = "mixed" };
}

/* A class of parts, "mixed" or "uncounted"; NULL: not known. */
const char *filled_by(const struct episode *episode)
{
	return filler(episode).class;
}

/* What filled the machine, with its share; NULL: not known, or it was no kill of the machine. */
const char *words_filled_machine(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	struct part most = filler(episode);

	if (!most.class || rec->oom.kind != OOMWATCH_KIND_GLOBAL)
		return NULL;
	if (!most.pages)
		return "no single one is clear from the figures";
	return format_words("%s, %s of %s of RAM", most.name, words_pages(rec, most.pages),
			    words_pages(rec, rec->oom.ram_total));
}

/* --- sentences ------------------------------------------------------------------------- */

static const char *words_share(const struct record *rec, __u64 pages, __u64 total)
{
	return format_words("%s (%.0f%%)", words_pages(rec, pages), 100.0 * pages / total);
}

static const char *words_later(const struct part *part)
{
	return part->later_ns ? format_words(" (read %s after the kill)",
					     words_duration(part->later_ns)) : "";
}

/* The largest parts, at most three, that have a hundredth of all. */
static const char *words_largest(const struct record *rec, const struct parts *parts)
{
	const char *list = "";
	size_t i, nr = 0;

	while (nr < parts->nr && nr < 3 && parts->of[nr].pages >= parts->total / 100)
		nr++;
	for (i = 0; i < nr; i++)
		list = format_words("%s%s%s %s%s%s", list, !i ? "" : i + 1 == nr ? " and " : ", ",
				    words_share(rec, parts->of[i].pages, parts->total),
				    i ? "" : "were ", parts->of[i].name,
				    words_later(&parts->of[i]));
	return list;
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
				    words_pages(episode->oom, parts.of[i].pages),
				    words_later(&parts.of[i]));
	return parts.rest ? format_words("%s, in no counter %s", list,
					 words_pages(episode->oom, parts.rest)) : list;
}

/* What is true of a class, whoever holds it, and what empties it. */
static const char *words_remedy(const struct part *part)
{
	static const struct { const char *class, *words; } remedies[] = {
		{ "shmem",
		  "Files in a tmpfs stay when the processes that wrote them are killed or restarted, and so do segments of System V shared memory. To give this memory back, delete them (df -t tmpfs and ipcs -m show what there is); mount option size= keeps a tmpfs small."
		},
		{ "unevictable",
		  "Files in a ramfs stay until they are deleted, and pages that a process has locked (mlock) until it ends."
		},
		{ "sock",
		  "This is data on its way: sent and not acknowledged, or received and not read by the process that has the socket. ss -tm shows which sockets."
		},
		{ "file_dirty",
		  "The kernel can only reclaim it when it is on the disk: a slow disk, or a writer that is faster than it. A lower vm.dirty_bytes makes writers wait earlier."
		},
		{ "slab",
		  "The kernel keeps names and inodes of files, sockets and much else there. slabtop shows the kinds; they are freed with what they describe."
		},
		{ "page_tables",
		  "Page tables grow with the number of processes that map the same memory, and with maps that are used here and there. They are freed with the processes; huge pages need fewer."
		},
		{ "stacks",
		  "Each thread has a stack in the kernel: the number of threads is what to look at (pids.max limits it)."
		},
		{ "hugetlb",
		  "Huge pages stay reserved until vm.nr_hugepages is lowered."
		},
		{ "zram",
		  "Swap on zram lives in RAM: pages that don't compress well take as much there as before, and swapping them frees nothing."
		},
		{ "kernel",
		  "Such memory is freed when the processes end that have the pipes, BPF maps and the like open."
		},
	};
	size_t i;

	for (i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (!strcmp(remedies[i].class, part->class))
			return remedies[i].words;
	return NULL;
}

/* A child's path without that of its parent. */
const char *words_child(const struct episode *episode, const struct record *child)
{
	struct bytes path = ref_bytes(child, child->child.memcg);
	struct bytes above = ref_bytes(episode->oom, episode->oom->oom.memcg);

	if (!path.at)
		return format_words("the cgroup %llu", (unsigned long long)child->child.memcg_id);
	if (above.at && path.len > above.len + 1 && !memcmp(path.at, above.at, above.len)) {
		path.at += above.len + 1;
		path.len -= above.len + 1;
	}
	return words_escaped(path);
}

/* What most of a child is, if it is not the memory of processes. */
static const char *words_child_holds(const struct record *rec)
{
	const struct oomwatch_child *child = &rec->child;
	const struct { __u64 pages; const char *name; } kinds[] = {
		{ child->shmem, "tmpfs and shared memory" },
		{ without(child->file, child->shmem, 0), "page cache" },
		{ child->kernel, "memory of the kernel" },
		{ child->sock, "buffers of sockets" },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (is_known(kinds[i].pages) && kinds[i].pages * 2 >= child->usage)
			return format_words(" (%s of it %s)", words_pages(rec, kinds[i].pages),
					    kinds[i].name);
	return "";
}

static void explain_children(struct prose *to, const struct episode *episode, __u64 total)
{
	const struct record *all = first_of(episode, OOMWATCH_TYPE_MEMCG), *rec;
	struct listing children = { };
	unsigned int nr = 0;
	size_t at;

	for_each_of(rec, episode, CHILD, at) {
		words_scope();
		if (nr == 3 || !is_known(rec->child.usage) || rec->child.usage < total / 50)
			break;
		listing_add(&children, "%s with %s%s", words_child(episode, rec),
			    words_pages(rec, rec->child.usage), words_child_holds(rec));
		nr++;
	}
	if (nr && all)
		paragraph(to, "%s %s: %s.",
			  episode->oom->oom.kind == OOMWATCH_KIND_MEMCG ?
			  format_words("Of the %s below it the largest",
				       plural(all->memcg.children, "cgroup", "cgroups")) :
			  "Of the cgroups below the root the largest",
			  nr == 1 ? "was" : "were", children.text);
	listing_free(&children);
}

/* The recorded tasks of one name. */
struct crowd {
	const char *comm;
	unsigned int nr;
	__u64 pages;
};

/* A log that has no table does not tell what was in swap. */
__u64 own_pages(const struct record *rec)
{
	if (rec->stream->log && !is_known(rec->victim.process.swap))
		return rec->victim.process.anon_rss;
	return sum_of(rec->victim.process.anon_rss, rec->victim.process.swap, 0);
}

static struct crowd crowd_of(const struct episode *episode, const char *comm)
{
	struct crowd crowd = { .comm = comm };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (!strcmp(rec->victim.process.comm, comm) && is_known(own_pages(rec))) {
			crowd.nr++;
			crowd.pages += own_pages(rec);
		}
	return crowd;
}

/* Many processes of one name, that hold more than the victim did. */
static void explain_crowd(struct prose *to, const struct episode *episode,
			  const struct record *victim)
{
	struct crowd most = { }, crowd;
	const struct record *rec;
	unsigned int looked = 0;
	size_t at;

	for_each_of(rec, episode, TASK, at) {
		if (looked++ == MAX_CROWDS)
			break;
		crowd = crowd_of(episode, rec->victim.process.comm);
		if (crowd.nr > 2 && crowd.pages > most.pages)
			most = crowd;
	}
	if (most.nr && is_known(own_pages(victim)) && most.pages > 2 * own_pages(victim))
		paragraph(to, "%u processes called %s held %s of anonymous memory together (what they share counts for each), and the victim %s: no single one was large.",
			  most.nr, words_comm(most.comm), words_pages(victim, most.pages),
			  words_pages(victim, own_pages(victim)));
}

/* A log may not tell why memory that was free was of no use. */
bool is_machine_full(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	return !rec->stream->log || !is_known(oom->ram_free) || !is_known(oom->ram_total) ||
		oom->ram_free <= oom->ram_total / 20;
}

/* The answer in a line. */
void explain_headline(struct prose *to, const struct episode *episode, const struct record *victim)
{
	const struct record *rec = episode->oom;
	const struct part *most;
	struct parts parts;
	const char *what;

	if (!parts_of(&parts, episode) || victim->unfinished ||
	    has_flag(&victim->victim.process, OOMWATCH_TASK_DYING) ||
	    (rec->oom.kind == OOMWATCH_KIND_GLOBAL && !is_machine_full(rec)))
		return;
	most = largest(&parts);
	what = rec->oom.kind == OOMWATCH_KIND_GLOBAL ?
		format_words("the machine's %s of RAM were full", words_pages(rec, parts.total)) :
		format_words("the memory cgroup %s was full, with %s",
			     words_place(ref_bytes(rec, rec->oom.memcg)),
			     words_pages(rec, parts.total));
	paragraph(to, "%s (pid %s) was killed, with %s of its own%s: %s%s.",
		  words_comm(victim->victim.process.comm), words_pid(&victim->victim.process),
		  words_pages(victim, own_pages(victim)),
		  is_known(victim->victim.process.swap) ? "" : " in RAM", what,
		  most ? format_words(", most of that %s", most->name) : "");
}

/* RAM that the machine has and the kernel does not manage. Its size is the zones' sum. */
static void explain_unmanaged(struct prose *to, const struct episode *episode)
{
	const struct record *rec;
	__u64 present = 0, managed = 0;
	size_t at;

	for_each_of(rec, episode, ZONE, at) {
		if (!is_known(rec->zone.present) || !is_known(rec->zone.managed))
			return;
		present += rec->zone.present;
		managed += rec->zone.managed;
	}
	if (present <= managed || present - managed < present / 4)
		return;
	paragraph(to, "The machine has %s of RAM, of which %s are not for use: the kernel itself, what was reserved at boot (a crash kernel, for one), or what a balloon gave back to the host.",
		  words_pages(episode->oom, present), words_pages(episode->oom, present - managed));
}

void explain_memory(struct prose *to, const struct episode *episode, const struct record *victim)
{
	const struct part *most;
	struct parts parts;

	if (!parts_of(&parts, episode))
		return;
	most = largest(&parts);
	paragraph(to, "Where the memory went: of %s%s, %s.%s",
		  words_pages(episode->oom, parts.total),
		  episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL ? " of RAM" : "",
		  words_largest(episode->oom, &parts),
		  parts.rest < parts.total / 4 ? "" :
		  format_words(" %s are in none of the counters that are recorded here: %sbuffers of drivers are such memory.",
			       words_share(episode->oom, parts.rest, parts.total),
			       first_of(episode, OOMWATCH_TYPE_MEMINFO) ? "" :
			       "reserved huge pages and "));
	if (most && words_remedy(most))
		paragraph(to, "%s", words_remedy(most));
	if (episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL)
		explain_unmanaged(to, episode);
	explain_children(to, episode, parts.total);
	if (victim)
		explain_crowd(to, episode, victim);
}

/* Whether the victim itself was what filled the memory: then its oom_score_adj matters. */
bool victim_matters(const struct episode *episode, const struct record *victim)
{
	const struct part *most;
	struct parts parts;

	if (!parts_of(&parts, episode))
		return true;
	most = largest(&parts);
	return !most || !strcmp(most->class, "anon") || !is_known(own_pages(victim)) ||
		own_pages(victim) >= parts.total / 4;
}
