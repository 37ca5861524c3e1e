// SPDX-License-Identifier: GPL-2.0
/* What ran out, in words: a cgroup's limit, swap, the nodes that are allowed. */
#include <string.h>

#include "kill.h"

bool is_swapoff(const struct oomwatch_oom *oom)
{
	return is_known(oom->swapoff);
}

/* Whether the machine had no swap at all; false as well if that is not known. */
bool has_no_swap(const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	const struct record *later = first_of(episode, OOMWATCH_TYPE_MEMINFO);

	if (is_known(oom->swap_total))
		return !oom->swap_total;
	return later && !later->meminfo.swap_total && !oom->swap_free;
}

/*
 * For the end of a sentence, where none was free. In a cgroup's kill the size of the machine's swap
 * is not recorded. What its processes can have at most is the limit, and swap if there is some, as
 * mm/memcontrol.c: mem_cgroup_get_max() has it; swappiness 0 hides it.
 */
const char *words_no_swap(const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;

	if (has_no_swap(episode))
		return "the machine has no swap";
	if (is_known(oom->swap_total) ||
	    (is_known(oom->totalpages) && is_known(oom->memcg_limit) &&
	     oom->totalpages > oom->memcg_limit))
		return "the machine had no free swap";
	return "the machine had no swap, or none that was free";
}

/* The machine's swap. Its size is recorded only if the whole machine ran out. */
const char *words_swap(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair swap;

	if (is_swapoff(oom))
		return "swap is being switched off";
	if (has_no_swap(episode))
		return "no swap";
	if (is_known(oom->swap_total)) {
		swap = words_pair(rec, oom->swap_total, oom->swap_free);
		return format_words("swap %s, free %s", swap.a, swap.b);
	}
	return oom->swap_free == 0 ? "no swap, or none free" :
		format_words("free swap %s", words_pages(rec, oom->swap_free));
}

/* Such as "node 2, the only node that the memory policy allows". @happened is told before that. */
const char *words_allowed(const struct record *rec, const char *happened)
{
	bool cpuset = rec->oom.kind == OOMWATCH_KIND_CPUSET;
	struct oomwatch_ref of = cpuset ? rec->oom.mems_allowed : rec->oom.nodemask;
	const char *who = cpuset ? "cpuset" : "memory policy";
	const char *nodes = words_nodes(rec, of), *s = strpbrk(nodes, ",-") ? "s" : "";

	if (!of.off)
		return format_words("the nodes that the %s allows%s", who, happened);
	return format_words("node%s %s%s, the only node%s that the %s allows", s, nodes, happened,
			    s, who);
}

const char *words_limit(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of;

	switch (oom->kind) {
	case OOMWATCH_KIND_MEMCG:
		of = words_pair(rec, oom->memcg_usage, oom->memcg_limit);
		return format_words("%s%s", !oom->memcg.off ? "a memory cgroup" :
				    format_words("memory cgroup %s", words_ref(rec, oom->memcg)),
				    oom->memcg_usage == OOMWATCH_UNKNOWN_U64 ? "" :
				    format_words(": %s of %s", of.a, of.b));
	case OOMWATCH_KIND_CPUSET:
	case OOMWATCH_KIND_MEMPOLICY:
		return format_words("the memory of %s", words_allowed(rec, ""));
	case OOMWATCH_KIND_GLOBAL:
		of = words_pair(rec, oom->ram_total, oom->ram_free);
		return format_words("%s: %s of RAM, %s free",
				    oom->trigger == OOMWATCH_TRIGGER_SYSRQ ?
				    "none; the machine" : "the machine", of.a, of.b);
	}
	return "not known";
}

bool is_v1(const struct oomwatch_oom *oom)
{
	return oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64;
}

/* The knob's name is the version's: only figures of one version tell which it is. */
const char *words_knob(const struct record *rec)
{
	if (is_v1(&rec->oom))
		return "memory.limit_in_bytes";
	return rec->stream->log && rec->oom.memcg_swap_usage == OOMWATCH_UNKNOWN_U64 ? "" :
		"memory.max";
}

/* v1 limits memory and swap together, besides memory alone. */
static const char *words_memsw_limit(const struct episode *episode, const char *filled)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of = words_pair(rec, oom->memcg_usage, oom->memcg_limit);
	const char *by = filled_by(episode);

	if (!memsw_swap(oom))
		return format_words("had used all of its limit of %s for memory and swap together (memory.memsw.limit_in_bytes), with nothing in swap%s",
				    words_pages(rec, oom->memcg_memsw_limit), filled);
	/* What is in swap is told in this sentence. */
	return format_words("had used all of its limit of %s for memory and swap together (memory.memsw.limit_in_bytes)%s: %s in swap, and %s in RAM, where its limit is %s (%s)",
			    words_pages(rec, oom->memcg_memsw_limit),
			    by && !strcmp(by, "swap") ? "" : filled,
			    words_pages(rec, memsw_swap(oom)), of.a, of.b, words_knob(rec));
}

const char *words_memcg_limit(const struct episode *episode, const char *filled)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *knob = words_knob(rec);
	struct pair of = words_pair(rec, oom->memcg_usage, oom->memcg_limit);

	if (oom->memcg_usage == OOMWATCH_UNKNOWN_U64)
		return format_words("was at its limit%s", filled);
	if (is_memsw_full(oom))
		return words_memsw_limit(episode, filled);
	return format_words("had used %s%s%s%s", of.a, oom->memcg_limit == OOMWATCH_NO_LIMIT ?
			    ", without a limit" : format_words(" of its limit of %s", of.b),
			    *knob ? format_words(" (%s)", knob) : "", filled);
}

/* A cgroup by the name that lists have for it. */
const char *words_memcg(const struct record *rec)
{
	return rec->oom.memcg.off ? words_whole_place(ref_bytes(rec, rec->oom.memcg)) : "-";
}

/* A log may not tell its name. */
const char *words_the_memcg(const struct record *rec, bool begins)
{
	if (!rec->oom.memcg.off)
		return begins ? "A memory cgroup" : "a memory cgroup";
	return format_words("%she memory cgroup %s", begins ? "T" : "t", words_memcg(rec));
}
