// SPDX-License-Identifier: GPL-2.0
/* What to do about what filled the memory. */
#include <string.h>

#include "kill.h"

/* What is true of a class, whoever holds it, and what empties it. */
static const struct { const char *class, *words; } remedies[] = {
	{ "shmem",
	  "delete files of the tmpfs that are not needed, and segments of System V shared memory (df -t tmpfs and ipcs -m show what there is): they stay when the processes that wrote them are killed or restarted. Mount option size= keeps a tmpfs small."
	},

	{ "unevictable",
	  "delete files of a ramfs, which stay until then; memory that a process has locked (mlock) stays until it ends."
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
	__u64 idle;

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
	if (idle)
		return format_words("lower %s by %s: so many huge pages were %s. For more, those who use huge pages have to use fewer of them.",
				    words_huge_knob(rec), words_number(idle),
				    is_known(meminfo->hugepages_reserved) ? "not in use" :
				    "free, though some may be promised to a process");
	if (meminfo->hugepages_surplus == meminfo->hugepages_total)
		return format_words("%s",
			"have those who use huge pages use fewer of them: all were surplus ones (vm.nr_overcommit_hugepages), which are given back when they are freed.");
	return format_words("have those who use huge pages use fewer of them, and then lower %s: all of them were in use, or promised to a process.",
			    words_huge_knob(rec));
}

/*
 * For anon, if it filled the machine. More swap would only have helped if it was nearly full, and
 * what is in RAM may be swapped out.
 */
static const char *words_machine(const struct episode *episode, const struct parts *parts)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	__u64 stay = unswappable(episode, parts);
	bool enough = is_some(oom->swap_total) && is_known(oom->swap_free) &&
		      oom->swap_free >= oom->swap_total / 10;

	enough |= is_known(stay) && bytes_of_pages(episode->oom, stay) >= parts->total / 2;
	return format_words("limit those who hold it (memory.max of a cgroup that they are in), or give the machine more RAM%s.",
			    enough ? "" : " or swap");
}

/* If only some zones were full, less memory of processes need not leave more there. */
static bool is_in_way(const struct episode *episode, const struct part *part)
{
	return episode->oom->oom.cause != OOMWATCH_CAUSE_LOWMEM_ZONE || part_is_kernel(part);
}

/* The part that has to become smaller. Its class is NULL if that is not known. */
static struct part main_part(struct parts *parts, const struct episode *episode)
{
	struct part most;

	if (!parts_of(parts, episode) || episode->oom->was_free)
		return (struct part) { };
	most = parts_filler(parts);
	if (!most.class || !is_in_way(episode, &most))
		return (struct part) { };
	parts_count_rest(parts, episode);
	/* If no kind has half, the one that has the most. A process has page tables, too. */
	if (!most.bytes || (parts_are_sum(parts, &most) && part_is_kernel(&parts->of[0]) &&
			    parts->of[0].bytes >= parts->total / 4 &&
			    strcmp(parts->of[0].class, "page_tables")))
		return parts->of[0];
	return most;
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
		return words_machine(episode, parts);
	/* Without the machine's counters it may be in one of these. */
	if (!strcmp(part->class, "uncounted") && !has_counters(episode))
		return NULL;
	for (i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (!strcmp(remedies[i].class, part->class))
			return remedies[i].words;
	return NULL;
}

/* What to do about what filled the memory; NULL if there is nothing to say. */
const char *words_remedy(const struct episode *episode)
{
	struct parts parts;
	struct part most = main_part(&parts, episode);

	return most.class ? remedy_of(&most, &parts, episode) : NULL;
}

/* And about another part that has a quarter of it. To limit processes is said of the main one. */
const char *words_other_remedy(const struct episode *episode)
{
	struct parts parts;
	struct part most = main_part(&parts, episode);
	const struct part *part = parts.of;

	if (!most.class)
		return NULL;
	for (; part < parts.of + parts.nr && part->bytes >= parts.total / 4; part++)
		if (strcmp(part->class, most.class) && strcmp(part->class, "anon") &&
		    strcmp(part->class, "page_tables") && is_in_way(episode, part) &&
		    !(part_is_kernel(part) && part_is_kernel(&most)))
			return remedy_of(part, &parts, episode);
	return NULL;
}
