// SPDX-License-Identifier: GPL-2.0
/* What to do: about what filled the memory, about the cause, and about the limit. */
#include <string.h>

#include "kill.h"
#include "zones.h"

/* What is true of a class, whoever holds it, and what empties it. */
static const struct { const char *class, *words; } remedies[] = {
	{ "shmem",
	  "delete files of the tmpfs that are not needed, and segments of System V shared memory (df -t tmpfs and ipcs -m show what there is): they stay when the processes that wrote them are killed or restarted. Mount option size= keeps a tmpfs small."
	},

	{ "unevictable",
	  "delete files of a ramfs, which stay until then; memory that a process has locked (mlock) stays until it ends."
	},
	{ "mlocked",
	  "have processes lock less (mlock(), mlockall(); ulimit -l bounds it): such memory stays until it is unlocked, or its process ends."
	},
	{ "sock",
	  "look at the sockets (ss -tm): this is data that was sent and not acknowledged, or received and not read by the process that has the socket."
	},
	{ "file_dirty",
	  "use a faster disk, or have writers wait earlier (a lower vm.dirty_bytes): the kernel can only reclaim such pages when they are on the disk."
	},
	{ "slab",
	  "look at the kinds of slab (slabtop shows them): the kernel keeps names and inodes of files, sockets, messages and much else there, and frees them with what they describe."
	},
	{ "page_tables",
	  "look at how many processes map the same memory, and at maps that are used here and there: page tables are freed with the processes. Huge pages need fewer of them."
	},
	{ "stacks",
	  "look at the number of threads (pids.max limits it): each has a stack in the kernel."
	},
	{ "hugetlb",
	  "lower the number of huge pages (nr_hugepages of each size in /sys/kernel/mm/hugepages): they stay reserved until then, and in use as long as somebody has them."
	},
	{ "zram",
	  "give the machine swap that is not in RAM, as zram is: pages that don't compress well take as much there as before, and swapping them frees nothing."
	},
	{ "uncounted",
	  "find who takes pages without a counter, as drivers and modules that are not the kernel's own do. Booted with page_owner=on, the kernel knows it (/sys/kernel/debug/page_owner)."
	},
	{ "gpu",
	  "look at the processes that use the graphics card (lines drm-total-* in /proc/PID/fdinfo/* have what each of them holds)."
	},
	{ "balloon",
	  "have the host give memory back to this guest: its balloon has it (with libvirt: virsh setmem)."
	},
	{ "kernel",
	  "look at the number of processes and threads (pids.max limits it), and of pipes, BPF maps and the like that they have open: the kernel's memory for these is freed when the processes end."
	},
};

/* For shmem that processes map. */
static const char shared_remedy[] = {
	"make the shared memory smaller, or end all processes that have it: it is given back when neither a process nor a file has it any more."
};

/* For shmem of which that is not known. */
static const char some_remedy[] = {
	"look for files of a tmpfs that are not needed, and segments of System V shared memory (df -t tmpfs and ipcs -m show what there is): they stay when the processes that wrote them are killed or restarted. What neither shows is shared by processes, which give it back when all that have it end, or is a graphics driver's."
};

/* vm.nr_hugepages is for the size that /proc/meminfo has; a log does not tell which that is. */
static const char *words_huge_knob(const struct record *rec)
{
	return !rec->stream->log ? "vm.nr_hugepages" :
		format_words("/sys/kernel/mm/hugepages/hugepages-%llukB/nr_hugepages",
			     rec->meminfo.hugepage_size / 1024);
}

/* NULL if it is not known how many are in use. */
static const char *words_hugetlb(const struct episode *episode)
{
	const struct record *rec = first_of(episode, OOMWATCH_TYPE_MEMINFO);
	const struct oomwatch_meminfo *meminfo;
	__u64 idle, lower;

	/* Mount option memory_hugetlb_accounting */
	if (episode->oom->oom.kind == OOMWATCH_KIND_MEMCG)
		return format_words("%s",
			"have its processes use fewer huge pages: the cgroup is charged for those in use.");
	if (!rec || !huge_pages_known(&rec->meminfo))
		return NULL;
	meminfo = &rec->meminfo;
	idle = meminfo->hugepages_free;
	if (idle == meminfo->hugepages_total)
		return format_words("lower %s: huge pages stay reserved until then.",
				    words_huge_knob(rec));
	if (is_known(meminfo->hugepages_reserved))
		idle = without(idle, meminfo->hugepages_reserved, 0);
	/* mm/hugetlb.c: set_max_huge_pages(): surplus ones count, and go when they are freed. */
	lower = without(idle, meminfo->hugepages_surplus, 0);
	if (lower)
		return format_words("lower %s by %s: that is how many huge pages were %s. For more, those who use huge pages have to use fewer of them.",
				    words_huge_knob(rec), words_number(lower),
				    lower < idle ? "free, and no surplus ones" :
				    is_known(meminfo->hugepages_reserved) ? "not in use" :
				    "free, though some may be promised to a process");
	if (meminfo->hugepages_surplus == meminfo->hugepages_total)
		return format_words("%s",
			"have those who use huge pages use fewer of them: all were surplus ones (vm.nr_overcommit_hugepages), which are given back when they are freed.");
	return format_words("have those who use huge pages use fewer of them, and then lower %s%s.",
			    words_huge_knob(rec), idle ? "" :
			    ": all of them were in use, or promised to a process");
}

/*
 * For anon, if it filled the machine. More swap would only have helped if it was nearly full, and
 * what is in RAM may be swapped out.
 */
static const char *words_anon(const struct episode *episode, const struct parts *parts)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	__u64 stay = unswappable(episode, parts);
	bool enough = is_known(oom->swap_total) && oom->swap_total &&
		      is_known(oom->swap_free) && oom->swap_free >= oom->swap_total / 10;

	enough |= is_known(stay) && bytes_of_pages(episode->oom, stay) >= parts->total / 2;
	return format_words("limit those who hold it (memory.max of a cgroup that they are in; in cgroup v1 memory.limit_in_bytes), or give the machine more RAM%s.",
			    enough ? "" : " or swap");
}

/* Size of the zones that the allocation may use. */
static __u64 usable_zones(const struct episode *episode)
{
	enum zone_rank highest = highest_zone_rank(episode->oom->oom.gfp_mask);
	const struct record *rec;
	__u64 pages = 0;
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		if (zone_rank(rec->zone.name) <= highest && is_known(rec->zone.managed))
			pages += rec->zone.managed;
	return pages;
}

/*
 * If only some zones were full, less memory of processes need not leave more there: it may lie in
 * the others. Half of a part that is twice as large as all of these does not.
 */
static bool is_in_way(const struct episode *episode, const struct part *part)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;

	return oom->cause != OOMWATCH_CAUSE_LOWMEM_ZONE || part_is_kernel(part) ||
	       (is_known(oom->ram_total) &&
		without(oom->ram_total, usable_zones(episode), 0) <=
		pages_of_bytes(episode->oom, part->bytes) / 2);
}

/* The part that has to become smaller. Its class is NULL if that is not known. */
static struct part main_part(struct parts *parts, const struct episode *episode)
{
	struct part most;

	if (!parts_of(parts, episode) || was_free(episode))
		return (struct part) { };
	most = parts_filler(parts);
	if (!most.class)
		return most;
	parts_count_rest(parts, episode);
	/* If no kind has half, the one that has the most. A process has page tables, too. */
	if (!most.bytes || (parts_are_sum(parts, &most) && part_is_kernel(&parts->of[0]) &&
			    parts->of[0].bytes >= parts->total / 4 &&
			    strcmp(parts->of[0].class, "page_tables")))
		most = parts->of[0];
	return is_in_way(episode, &most) ? most : (struct part) { };
}

static const char *remedy_of(const struct part *part, const struct parts *parts,
			     const struct episode *episode)
{
	const char *words;
	size_t i;

	if (!strcmp(part->class, "shmem") &&
	    maps_shared(episode, pages_of_bytes(episode->oom, part->bytes)))
		return shared_remedy;
	if (!strcmp(part->class, "shmem") && !knows_shared(episode))
		return some_remedy;
	words = !strcmp(part->class, "hugetlb") ? words_hugetlb(episode) : NULL;
	if (words)
		return words;
	if (!strcmp(part->class, "anon") && episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL)
		return words_anon(episode, parts);
	/* Without the machine's counters it may be in one of these. */
	if (!strcmp(part->class, "uncounted") && !has_counters(episode))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(remedies); i++)
		if (!strcmp(remedies[i].class, part->class))
			return remedies[i].words;
	return NULL;
}

/* NULL: there is nothing to say. */
struct part_remedies {
	const char *main;	/* about what filled the memory */
	const char *other;	/* about another part that has a quarter of it */
};

/* To limit processes is said of the main part alone. */
static struct part_remedies part_remedies(const struct episode *episode)
{
	struct parts parts;
	struct part most = main_part(&parts, episode);
	struct part_remedies found = { };
	const struct part *part;

	if (!most.class)
		return found;
	found.main = remedy_of(&most, &parts, episode);
	for (part = parts.of; part < parts.of + parts.nr && part->bytes >= parts.total / 4; part++)
		if (strcmp(part->class, most.class) && strcmp(part->class, "anon") &&
		    strcmp(part->class, "page_tables") && is_in_way(episode, part) &&
		    !(part_is_kernel(part) && part_is_kernel(&most))) {
			found.other = remedy_of(part, &parts, episode);
			break;
		}
	return found;
}

/* Whether the machine has zones of a name. Those that a log leaves out are not recorded. */
static bool has_zones(const struct episode *episode, const char *name)
{
	const char *left_out = episode->oom->left_out;
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		if (!strcmp(rec->zone.name, name))
			return true;
	return left_out && !strcmp(left_out, name);
}

/* include/linux/gfp.h: an allocation for DMA may use the lowest zones only, whatever is above. */
static bool is_for_dma(const struct oomwatch_oom *oom)
{
	return oom->gfp_mask & (GFP_DMA_BIT | GFP_DMA32_BIT);
}

static const char movable_remedy[] = {
	"have less memory in the zone Movable, which is for pages that can move: put memory online with online_kernel in place of online_movable, and boot without movable_node, movablecore= and kernelcore=."
};

/* What would have given this allocation more of what was free. */
static const char *words_zone_remedy(const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;

	if (free_cma(episode))
		return "reserve less for CMA (boot parameter cma=): the kernel can't use it.";
	if (oom->cause != OOMWATCH_CAUSE_LOWMEM_ZONE || is_for_dma(oom))
		return NULL;
	if (has_zones(episode, "HighMem"))
		return "use a 64-bit kernel: with 32 bits its own memory can't be in HighMem.";
	if (has_zones(episode, "Movable"))
		return movable_remedy;
	return NULL;
}

static const char *words_cause_remedy(const struct episode *episode)
{
	switch (episode->oom->oom.cause) {
	case OOMWATCH_CAUSE_CPUSET:
		return "give the task that asked more nodes (cpuset.mems).";
	case OOMWATCH_CAUSE_MEMPOLICY:
		return "give the task that asked more nodes (set_mempolicy, numactl).";
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return "a write of 1 to /proc/sys/vm/compact_memory joins free pieces.";
	case OOMWATCH_CAUSE_MIN_TTL:
		return "with 0 in /sys/kernel/mm/lru_gen/min_ttl_ms kswapd asks for no kill.";
	case OOMWATCH_CAUSE_SWAPOFF:
		return "have room for what is in that swap before swapoff.";
	case OOMWATCH_CAUSE_UNKILLABLE_HOLD:
		return "give processes with an oom_score_adj of -1000 a higher one.";
	}
	return words_zone_remedy(episode);
}

/* By how much, if those killed had a part of the limit that is worth a word. */
static const char *words_more(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	__u64 all = killed_swap_is_known(episode) ? pages_of_killed(episode, own_pages) :
		OOMWATCH_UNKNOWN_U64;
	/* Swap is no part of what a limit of memory alone is about. */
	__u64 own = is_memsw_full(oom) ? all : pages_of_killed(episode, anon_pages);

	if (was_dying(episode) || !is_known(own) || !is_known(oom->memcg_limit) ||
	    own < oom->memcg_limit / 20 ||
	    (is_known(oom->ram_free) && own >= oom->ram_free))
		return "";
	return format_words("a limit higher by %s has room for as much as was killed%s",
			    words_pages(rec, own), own == all ? "" : " in RAM");
}

/* The limit to raise. The kernel takes no limit of memory that is above that of both. */
static const char *words_limit_to_raise(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	const char *knob = words_knob(rec), *setting;

	setting = words_limit_setting(ref_bytes(rec, oom->memcg));
	if (is_memsw_full(oom))
		knob = oom->memcg_memsw_limit > oom->memcg_limit &&
			(oom->swap_free || oom->memcg_usage < oom->memcg_limit) ?
			"memory.memsw.limit_in_bytes" :
			"memory.memsw.limit_in_bytes and then its memory.limit_in_bytes";
	else if (!*knob)
		knob = "limit";
	/* systemd has no setting for both; and one that knows v1 alone knows no MemoryMax=. */
	if (strstr(setting, "MemoryMax=") && is_memsw_full(oom))
		setting = "";
	else if (strstr(setting, "MemoryMax=") && !strcmp(knob, "memory.limit_in_bytes"))
		setting = format_words("%s, before systemd 231 MemoryLimit=", setting);
	return *setting ? format_words("%s (%s)", knob, setting) : knob;
}

static const char *words_raise(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *knob, *more = words_more(episode);

	if (oom->kind != OOMWATCH_KIND_MEMCG || !oom->memcg.off ||
	    (!is_known(oom->ram_free) && !is_known(oom->memcg_limit)) ||
	    (oom->memcg_limit == OOMWATCH_NO_LIMIT && !is_memsw_full(oom)))
		return NULL;
	/* It was not full any more, or never was: a higher limit may change nothing. */
	if (is_known(oom->memcg_usage) && is_known(oom->memcg_limit) && !is_memsw_full(oom) &&
	    oom->memcg_usage < oom->memcg_limit - oom->memcg_limit / 8)
		return NULL;
	if (oom->trigger == OOMWATCH_TRIGGER_MEMORY_MAX)
		return format_words("a limit of %s would have held what was in use.",
				    words_size_up(bytes_of_pages(rec, oom->memcg_usage)));
	if (is_of_all_pods(ref_bytes(rec, oom->memcg)))
		return format_words("%s",
			"give each pod of this node a limit of its own (resources.limits.memory), so that none can take what the kubelet leaves to all of them; or let the kubelet reserve less of the machine (systemReserved and kubeReserved).");
	knob = format_words("to give %s more, raise its %s", words_memcg(rec),
			    words_limit_to_raise(rec));
	/* A log does not tell how much the machine had free. */
	if (!is_known(oom->ram_free))
		return *more ? format_words("%s: %s.", knob, more) : format_words("%s.", knob);
	return format_words("%s: the machine as a whole had %s of RAM free%s%s.", knob,
			    words_pages(rec, oom->ram_free), *more ? ", and " : "", more);
}

/* The child of a full cgroup that holds half of it or more; NULL: none, or it is not known. */
static const struct record *main_child(const struct episode *episode)
{
	const struct record *all = first_of(episode, OOMWATCH_TYPE_MEMCG), *rec, *most = NULL;
	size_t at;

	if (!all || !is_known(all->memcg.usage) || !is_some(all->memcg.children) ||
	    all->memcg.children < 2 || all->memcg.children_unseen)
		return NULL;
	for_each_of(rec, episode, CHILD, at)
		if (is_known(rec->child.usage) && (!most || rec->child.usage > most->child.usage))
			most = rec;
	return most && most->child.usage >= all->memcg.usage / 2 ? most : NULL;
}

/* Who is in a child dies for what another child has. A limit of that one's own spares the rest. */
static const char *words_limit_child(const struct episode *episode)
{
	const struct record *rec = main_child(episode);
	const struct oomwatch_oom *oom = &episode->oom->oom;
	const char *own = "no limit of its own";

	if (!rec || oom->cause != OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT ||
	    rec->child.limit == OOMWATCH_UNKNOWN_U64)
		return NULL;
	if (rec->child.limit != OOMWATCH_NO_LIMIT)
		own = format_words("a limit of its own of %s", words_pages(rec, rec->child.limit));
	return format_words("limit the child that holds most, so that the others do not die for it: %s had %s, and %s (%s).",
			    words_child(episode, rec), words_pages(rec, rec->child.usage), own,
			    words_knob(episode->oom));
}

/* If much of the memory can't be had back, others are killed for it, one after another. */
static const char *words_choose_holder(const struct episode *episode, const struct record *victim)
{
	const struct record *rec = episode->oom;
	const struct record *holder = victim ? spared_holder(episode, victim) : NULL;
	__u64 all = rec->oom.kind == OOMWATCH_KIND_MEMCG ? rec->oom.memcg_limit :
		rec->oom.ram_total;

	if (!holder || !is_known(all) || !is_known(own_pages(holder)) ||
	    own_pages(holder) < all / 4)
		return NULL;
	return format_words("let the kernel choose who holds most: %s, which had %s, would have been killed with an oom_score_adj of 0 in place of -1000.",
			    name_and_pid(holder), words_own(holder));
}

void explain_advice(struct prose *to, const struct episode *episode, const struct record *victim)
{
	const struct part_remedies parts = part_remedies(episode);
	const char *cause = words_cause_remedy(episode);
	/* What filled the zones is more than what was free in the others. */
	bool filled = episode->oom->oom.cause == OOMWATCH_CAUSE_LOWMEM_ZONE && parts.main;
	const char * const advice[] = {
		filled ? parts.main : cause,
		filled ? cause : parts.main,
		parts.other,
		words_choose_holder(episode, victim),
		words_raise(episode),
		words_limit_child(episode),
	};
	const char *begin = "What to do:";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(advice); i++) {
		if (!advice[i])
			continue;
		paragraph(to, "%s %s", begin, advice[i]);
		begin = "Or";
	}
	if (victim)
		explain_sparing(to, episode, victim);
}
