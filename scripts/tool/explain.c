// SPDX-License-Identifier: GPL-2.0
/* Explains a kill in sentences with figures. */
#include <string.h>

#include "kill.h"

/* The task that asked. Its comm is the thread's; older records don't have that of its process. */
static const char *words_trigger(const struct oomwatch_oom *oom)
{
	if (!comm_known(oom->comm))
		return "A task";
	if (oom->tgid == OOMWATCH_UNKNOWN_S32)
		return oom->pid == OOMWATCH_UNKNOWN_S32 ? words_comm(oom->comm) :
			format_words("%s (task %s)", words_comm(oom->comm), words_id(oom->pid));
	if (oom->pid == oom->tgid)
		return format_words("%s (pid %s)", words_comm(oom->comm), words_id(oom->tgid));
	if (comm_known(oom->leader_comm))
		return format_words("The thread %s (%s) of %s (pid %s)", words_comm(oom->comm),
				    words_id(oom->pid), words_comm(oom->leader_comm),
				    words_id(oom->tgid));
	return format_words("%s (thread %s of process %s)", words_comm(oom->comm),
			    words_id(oom->pid), words_id(oom->tgid));
}

/* --- what ran out ------------------------------------------------------------------- */

static bool is_swapoff(const struct oomwatch_oom *oom)
{
	return is_known(oom->swapoff);
}

/* Whether the machine had no swap at all; false as well if that is not known. */
static bool has_no_swap(const struct episode *episode)
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
static const char *words_no_swap(const struct episode *episode)
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

/* What a cause means, with its two figures. */
static const char *words_meaning(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	struct pair of = words_pair(rec, rec->oom.cause_amount, rec->oom.cause_bound);

	switch (rec->oom.cause) {
	case OOMWATCH_CAUSE_SYSRQ:
		return "somebody asked for a kill";
	case OOMWATCH_CAUSE_MEMCG_LIMIT:
		return format_words("the cgroup of who asked was at its own limit, %s of %s",
				    of.a, of.b);
	case OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT:
		return format_words("a cgroup above that of who asked was at its limit, %s of %s",
				    of.a, of.b);
	case OOMWATCH_CAUSE_CPUSET:
		return format_words("it binds to nodes that are full, with %s free there and %s on others",
				    of.a, of.b);
	case OOMWATCH_CAUSE_MEMPOLICY:
		return format_words("it binds to nodes that are full, with %s free there and %s on others",
				    of.a, of.b);
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return format_words("%s were free where %s have to stay free, but not in one piece",
				    of.a, of.b);
	case OOMWATCH_CAUSE_SLAB:
		return format_words("slab that can't be reclaimed takes %s of %s of RAM",
				    of.a, of.b);
	case OOMWATCH_CAUSE_PAGE_TABLES:
		return format_words("page tables take %s of %s of RAM", of.a, of.b);
	case OOMWATCH_CAUSE_LOWMEM_ZONE:
		return format_words("%s were free in the zones that this allocation may use, %s in others",
				    of.a, of.b);
	case OOMWATCH_CAUSE_SHMEM:
		return format_words("shared memory and tmpfs take %s of %s of RAM",
				    of.a, of.b);
	case OOMWATCH_CAUSE_UNKILLABLE_HOLD:
		return format_words("processes that can't be killed hold %s of %s of RAM",
				    of.a, of.b);
	case OOMWATCH_CAUSE_ANON:
		return format_words("anonymous memory of processes takes %s of %s of RAM",
				    of.a, of.b);
	case OOMWATCH_CAUSE_SWAPOFF:
		return format_words("swap was being switched off, %s of it fitted into no other, and %s of RAM were free",
				    of.a, of.b);
	case OOMWATCH_CAUSE_LIMIT_LOWERED:
		return format_words("the limit was lowered to %s, with %s in use", of.b, of.a);
	case OOMWATCH_CAUSE_MIN_TTL:
		return "kswapd was to keep the working set in memory for lru_gen/min_ttl_ms";
	}
	if (rec->stream->log && rec->oom.kind == OOMWATCH_KIND_MEMCG)
		return format_words("a memory cgroup had run out; the log does not tell whether it is that of who asked");
	return rec->stream->log ? "a log of the kernel does not tell" :
		"no single one is clear from the figures";
}

/* Whether a cause of the module says what filled the machine, and not which limit was hit. */
static bool is_filling(__u32 cause)
{
	return cause == OOMWATCH_CAUSE_SLAB || cause == OOMWATCH_CAUSE_PAGE_TABLES ||
		cause == OOMWATCH_CAUSE_SHMEM || cause == OOMWATCH_CAUSE_UNKILLABLE_HOLD ||
		cause == OOMWATCH_CAUSE_ANON;
}

/* Such as memcg_limit/shmem: which limit, and after a slash what filled it. "-": not known. */
const char *words_cause_name(const struct episode *episode)
{
	__u32 cause = episode->oom->oom.cause;
	const char *name = cause_name(cause), *by = filled_by(episode);

	if (is_nobody(episode))
		name = is_panic_on_oom(episode) ? "panic_on_oom" : "nobody_left";
	if (is_nobody(episode))
		return by ? format_words("%s/%s", name, by) : name;
	/* Memory was not full: its pieces were too small, or other zones had enough. */
	if (cause == OOMWATCH_CAUSE_FRAGMENTATION || cause == OOMWATCH_CAUSE_LOWMEM_ZONE)
		return name;
	if (is_filling(cause))
		return format_words("machine/%s", name);
	/* A log has the kind, and not which of the cgroups was at its limit. */
	if (!cause && by)
		name = episode->oom->oom.kind == OOMWATCH_KIND_MEMCG ? "memcg" : "machine";
	return by ? format_words("%s/%s", name, by) : name;
}

const char *words_cause(const struct episode *episode)
{
	const char *name = words_cause_name(episode), *meaning = NULL;

	if (!episode->oom->oom.cause)
		meaning = words_filled_machine(episode);
	if (!meaning)
		meaning = words_meaning(episode);
	return strcmp(name, "-") ? format_words("%s: %s", name, meaning) : meaning;
}

/* Such as "node 2, the only node that the memory policy allows". @happened is told before that. */
static const char *words_allowed(const struct record *rec, const char *happened)
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

/*
 * What this allocation lacked, though much may have been free. @where is "", or tells the nodes.
 * NULL: by the cause it lacked no certain kind of memory.
 */
static const char *words_lack(const struct record *rec, const char *where)
{
	switch (rec->oom.cause) {
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return format_words("No free piece that this allocation could use was large enough%s",
				    where);
	case OOMWATCH_CAUSE_LOWMEM_ZONE:
		return format_words("The zones that this allocation can use had run out%s", where);
	}
	return NULL;
}

/* A log's report came when memory was free again. */
static const char *words_too_late(const char *where)
{
	return format_words("The kernel had found too little%s; when it wrote its report, there was enough",
			    where);
}

/* What was short on the nodes that a cpuset or a memory policy allows. */
static const char *words_nodes_shortage(const struct record *rec)
{
	const char *where = format_words(" on %s", words_allowed(rec, ""));
	const char *lack = words_lack(rec, where);

	if (lack)
		return lack;
	return rec->was_free ? words_too_late(where) :
		format_words("The memory of %s", words_allowed(rec, " had run out"));
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
		return format_words("the machine: %s of RAM, %s free", of.a, of.b);
	}
	return "not known";
}

/* The names first: they say more to people than the IDs. */
static const char *words_named(const struct container *container, const struct pod_names *names)
{
	const char *which = names->container[0] ?
		format_words("the container %s%s", names->container, names->pod[0] ? " of " : "") :
		container->is_pod || (container->runtime && !container->is_below) ? "" : "in ";
	const char *pod = !names->pod[0] ? "" :
		format_words("the pod %s of namespace %s", names->pod, names->namespace);
	const char *id = !container->runtime ? "" :
		format_words("%s %s%s", container->runtime, container->id,
			     container->pod[0] ? ", " : "");

	return format_words(", which is %s%s (%s%s%s)", which, pod, id,
			    container->pod[0] ? "uid " : "", container->pod);
}

static const char *words_container(struct bytes path)
{
	struct container container = container_of_path(path);
	struct pod_names names = names_of(&container);
	const char *in = container.is_below ? "in " : "";

	if (names.pod[0] || names.container[0])
		return words_named(&container, &names);
	if (container.runtime)
		return format_words(", which is %s%s %s%s%s", in, container.runtime, container.id,
				    container.pod[0] ? " of pod " : "", container.pod);
	if (container.unit[0] && container.user[0])
		return format_words(", which is %s%s of user %s", in, container.unit,
				    container.user);
	if (container.unit[0])
		return format_words(", which is %s%s", in, container.unit);
	if (container.pod[0])
		return format_words(", which is %spod %s", container.is_pod ? "" : "in ",
				    container.pod);
	if (container.user[0])
		return format_words(", which is of user %s", container.user);
	return "";
}

/* Swap of a cgroup of v2. */
static const char *words_memcg_swap(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of;

	if (oom->memcg_swap_limit == 0)
		return " The cgroup may not swap (memory.swap.max is 0).";
	if (oom->memcg_swap_usage == OOMWATCH_UNKNOWN_U64)
		return "";
	if (oom->memcg_swap_usage == 0 && oom->swap_free == 0)
		return format_words(" The cgroup had nothing in swap, and %s.",
				    words_no_swap(episode));
	of = words_pair(rec, oom->memcg_swap_usage, oom->memcg_swap_limit);
	return format_words(" The cgroup had %s in swap, and %s.",
			    oom->memcg_swap_usage ? of.a : "nothing",
			    oom->memcg_swap_limit == OOMWATCH_NO_LIMIT ? "no limit for that" :
			    format_words("may have %s there (memory.swap.max)", of.b));
}

static bool is_v1(const struct oomwatch_oom *oom)
{
	return oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64;
}

/* The knob's name is the version's: only figures of one version tell which it is. */
static const char *words_knob(const struct record *rec)
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

static const char *words_memcg_limit(const struct episode *episode, const char *filled)
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
static const char *words_memcg(const struct record *rec)
{
	return rec->oom.memcg.off ? words_whole_place(ref_bytes(rec, rec->oom.memcg)) : "-";
}

static void list_zones_below_min(struct listing *to, const struct episode *episode)
{
	const struct record *rec;
	struct pair of;
	size_t at;

	for_each_of(rec, episode, ZONE, at) {
		words_scope();
		of = words_pair(rec, zone_usable(&rec->zone), rec->zone.min);
		if (zone_is_short(&rec->zone))
			listing_add(to, "%s had %s free of the %s it must keep", words_zone(rec),
				    of.a, of.b);
	}
}

/* Whether zones are short because of pages that are free, but not for all. */
static bool is_kept_for_atomic(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, ZONE, at)
		if (zone_is_short(&rec->zone) && zone_usable(&rec->zone) < rec->zone.free)
			return true;
	return false;
}

/* What was short on the machine. */
static const char *words_shortage(const struct record *rec)
{
	const char *lack = words_lack(rec, "");

	if (lack)
		return lack;
	if (is_machine_full(rec))
		return "The whole machine had run out";
	if (rec->oom.trigger != OOMWATCH_TRIGGER_ALLOC)
		return "What had run out is not known";
	return rec->was_free ? words_too_late("") :
		"The kernel found no memory that this allocation could use";
}

/* A log may lack the figures. */
static const char *words_free(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of = words_pair(rec, oom->ram_total, oom->ram_free);

	if (!is_known(oom->ram_free))
		return !is_known(oom->ram_total) ? "" :
			format_words("; it has %s of RAM", words_pages(rec, oom->ram_total));
	if (!is_known(oom->ram_total))
		return format_words(": %s of RAM were free", words_pages(rec, oom->ram_free));
	return format_words(": of %s of RAM%s %s were free", of.a, words_present(episode), of.b);
}

static const char *words_free_anywhere(const struct record *rec)
{
	return !is_known(rec->oom.ram_free) ? "" :
		format_words(" The machine as a whole had %s of RAM free.",
			     words_pages(rec, rec->oom.ram_free));
}

/* --- the answer in a line ---------------------------------------------------------------- */

/* What had run out, and what had filled it, as a sentence. */
static const char *words_what(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *filled = words_filled(episode);
	struct pair of;

	switch (oom->trigger) {
	case OOMWATCH_TRIGGER_SYSRQ:
		return "Nothing had run out: somebody asked for a kill by sysrq-f.";
	case OOMWATCH_TRIGGER_KSWAPD:
		/* With CONFIG_LRU_GEN: mm/vmscan.c: lru_gen_age_node() */
		of = words_pair(rec, oom->ram_total, oom->ram_free);
		return format_words("kswapd asked for a kill to keep the working set in memory for as long as lru_gen/min_ttl_ms says. Of %s of RAM %s were free.",
				    of.a, of.b);
	case OOMWATCH_TRIGGER_MEMORY_MAX:
		of = words_pair(rec, oom->memcg_limit, oom->memcg_usage);
		return format_words("%s%s lowered the limit of the memory cgroup %s to %s (memory.max), below the %s that it had in use%s.",
				    words_trigger(oom), !oom->trigger_memcg.off ? "" :
				    format_words(", of the cgroup %s,",
						 words_ref(rec, oom->trigger_memcg)),
				    words_memcg(rec), of.a, of.b, filled);
	}
	switch (oom->kind) {
	case OOMWATCH_KIND_MEMCG:
		return format_words("%s %s.", !oom->memcg.off ? "A memory cgroup" :
				    format_words("The memory cgroup %s", words_memcg(rec)),
				    words_memcg_limit(episode, filled));
	case OOMWATCH_KIND_GLOBAL:
		return format_words("%s%s%s.", words_shortage(rec), words_free(episode),
				    is_machine_full(rec) ? filled : "");
	case OOMWATCH_KIND_CPUSET:
	case OOMWATCH_KIND_MEMPOLICY:
		return format_words("%s.%s", words_nodes_shortage(rec), words_free_anywhere(rec));
	}
	if (rec->not_memcg)
		return format_words("No memory cgroup was at its limit: the machine had run out, or the nodes that a cpuset or a memory policy allows, or somebody asked for a kill by sysrq-f.%s",
				    words_free_anywhere(rec));
	return format_words("Whose memory had run out is not known.%s", words_free_anywhere(rec));
}

/* The others that were killed with the victim, and what all of them had. "": there were none. */
static const char *words_others(const struct episode *episode)
{
	const struct record *victim = main_victim(episode), *rec;
	unsigned int group = 0, sharers = count_of(episode, OOMWATCH_TYPE_SHARER);
	__u64 own = pages_of_killed(episode, own_pages);
	const char *who[2], *sum = "";
	size_t at, nr = 0;

	for_each_of(rec, episode, VICTIM, at)
		group += !is_same_process(rec, victim);
	if (group)
		who[nr++] = format_words("%s of its group (memory.oom.group)",
					 plural(group, "other", "others"));
	if (sharers)
		who[nr++] = format_words("%s that shared its memory",
					 plural(sharers, "process", "processes"));
	if (group && is_known(own))
		sum = format_words(": %s in all%s", words_pages(victim, own),
				   killed_swap_is_known(episode) ? "" : " in RAM");
	return nr ? format_words(", and with it %s%s", words_joined(who, nr, "and"), sum) : "";
}

/* Who was killed, and what had run out: one paragraph. */
const char *words_headline(const struct episode *episode)
{
	const struct record *victim = main_victim(episode);
	const char *who = "", *size = "";

	if (is_nobody(episode))
		return format_words("%s.", words_nobody(episode));
	if (victim && is_known(own_pages(victim)))
		size = format_words(", with %s", words_own(victim));
	if (victim && !victim->unfinished &&
	    !has_flag(&victim->victim.process, OOMWATCH_TASK_DYING))
		who = format_words("%s was killed%s%s. ", name_and_pid(victim), size,
				   words_others(episode));
	return format_words("%s%s", who, episode->oom ? words_what(episode) :
			    "How this kill began is not recorded any more.");
}

/* --- who asked ------------------------------------------------------------------------------ */

/*
 * Free pages of CMA, where they are a large part of what was free and of no use:
 * include/linux/gfp.h: allocations without __GFP_MOVABLE, as most of the kernel's own, can't have
 * them.
 */
static __u64 free_cma(const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	bool in_zones = oom->cause == OOMWATCH_CAUSE_LOWMEM_ZONE ||
		oom->cause == OOMWATCH_CAUSE_FRAGMENTATION;
	const struct record *rec;
	__u64 pages = 0;
	size_t at;

	if (oom->kind == OOMWATCH_KIND_MEMCG || oom->trigger == OOMWATCH_TRIGGER_SYSRQ ||
	    oom->trigger == OOMWATCH_TRIGGER_KSWAPD || (oom->gfp_mask & 0x8) ||
	    episode->oom->was_free || !is_known(oom->ram_free))
		return 0;
	for_each_of(rec, episode, ZONE, at)
		pages += is_known(rec->zone.free_cma) ? rec->zone.free_cma : 0;
	return pages >= oom->ram_free / (in_zones ? 10 : 2) ? pages : 0;
}

static void explain_cma(struct prose *to, const struct episode *episode)
{
	__u64 pages = free_cma(episode);
	struct pair of = words_pair(episode->oom, pages, episode->oom->oom.ram_free);

	if (pages)
		paragraph(to, "Of the %s that were free %s were CMA, which this allocation may not use: that is for pages that can move.",
			  of.b, of.a);
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
	return oom->gfp_mask & 0x5;
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

/* A cause that tells no more than the sentences before is named for a search in lists. */
static void explain_cause(struct prose *to, const struct episode *episode)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	const char *by = filled_by(episode);

	/* The figures are those of the module: a log has few of them. */
	if (episode->stream->log && oom->cause == OOMWATCH_CAUSE_UNKNOWN)
		return;
	switch (oom->cause) {
	case OOMWATCH_CAUSE_SYSRQ:
	case OOMWATCH_CAUSE_MEMCG_LIMIT:
	case OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT:
	case OOMWATCH_CAUSE_LIMIT_LOWERED:
	case OOMWATCH_CAUSE_MIN_TTL:
		return;
	}
	if (by && (!oom->cause || !strcmp(by, cause_name(oom->cause))))
		return;
	paragraph(to, "Cause, by the figures: %s.", words_cause(episode));
}

/* The zones and the swap of the machine. */
static const char *words_machine(const struct episode *episode, const struct listing *zones)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of = words_pair(rec, oom->swap_total, oom->swap_free);
	const char *swap = "";

	if (is_swapoff(oom))
		swap = format_words(" Swap was being switched off: %s that were still there fitted into no other swap.",
				    words_pages(rec, oom->swapoff));
	else if (has_no_swap(episode))
		swap = " The machine has no swap.";
	else if (is_known(oom->swap_total) && is_known(oom->swap_free))
		swap = format_words(" Of %s of swap %s were free.", of.a, of.b);
	else if (is_known(oom->swap_total))
		swap = format_words(" How much of its %s of swap was free is not known.", of.a);
	if (!zones->nr)
		return swap;
	return format_words("%s Of its zones %s%s.", swap, zones->text,
			    is_kept_for_atomic(episode) ?
			    ", without what is free for atomic allocations alone" : "");
}

/* What cgroup v1 has besides: swap, if it is not told with its limit, and memory of the kernel. */
static const char *words_v1(const struct episode *episode)
{
	const struct record *rec = episode->oom, *memcg = first_of(episode, OOMWATCH_TYPE_MEMCG);
	const struct oomwatch_oom *oom = &rec->oom;
	const char *swap = "", *kmem = "";

	if (!is_memsw_full(oom) && memsw_swap(oom))
		swap = format_words(" The cgroup had %s in swap.",
				    words_pages(rec, memsw_swap(oom)));
	if (memcg && is_known(memcg->memcg.kmem_limit) && is_known(memcg->memcg.kmem_usage) &&
	    memcg->memcg.kmem_usage >= memcg->memcg.kmem_limit)
		kmem = format_words(" Of its limit of %s for memory of the kernel (memory.kmem.limit_in_bytes) nothing was left.",
				    words_pages(memcg, memcg->memcg.kmem_limit));
	return format_words("%s%s", swap, kmem);
}

static const char *words_cgroup(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *below = "", *full = "";

	if (oom->trigger_memcg.off && (rec->stream->log ?
				       oom->cause == OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT :
				       oom->trigger_memcg_id != oom->memcg_id))
		below = format_words(" from %s, below it: the limit that was hit is not that of its own cgroup",
				     words_ref(rec, oom->trigger_memcg));
	if (*words_container(ref_bytes(rec, oom->memcg)))
		full = format_words(" The cgroup is %s%s.", words_ref(rec, oom->memcg),
				    words_container(ref_bytes(rec, oom->memcg)));
	return format_words("%s.%s%s", below, full, is_v1(oom) ? words_v1(episode) :
			    words_memcg_swap(episode));
}

static bool is_end_alone(const struct record *rec)
{
	return rec->stream->log && !rec->oom.trigger && !rec->oom.memcg.off &&
		!comm_known(rec->oom.comm) && !is_known(rec->oom.ram_free);
}

/* mm/oom_kill.c: oom_kill_process() limits how often it writes all but the last line. */
static const char *words_end_alone(const struct episode *episode)
{
	bool more = episode->oom->oom.constraint || count_of(episode, OOMWATCH_TYPE_TASK);

	return format_words("Who asked for more is not known: the log has only the end of the kernel's report%s journalctl -k may have the rest.",
			    more ? ";" :
			    ". When many kills come at once, the kernel writes no more than that; else");
}

void explain_asked(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct listing zones = { };
	const char *what = "more", *rest;

	if (oom->trigger == OOMWATCH_TRIGGER_SYSRQ || oom->trigger == OOMWATCH_TRIGGER_KSWAPD)
		return;
	if (oom->trigger == OOMWATCH_TRIGGER_MEMORY_MAX) {
		paragraph(to, "When a limit is lowered, the kernel first reclaims what it can, and then kills until the rest fits.");
		return;
	}
	if (oom->order > 0 && oom->order < 32)
		what = format_words("%s in one piece", words_piece(rec));
	if (oom->kind == OOMWATCH_KIND_GLOBAL)
		list_zones_below_min(&zones, episode);
	rest = oom->kind == OOMWATCH_KIND_MEMCG ? words_cgroup(episode) :
		format_words(".%s", oom->kind == OOMWATCH_KIND_GLOBAL ?
			     words_machine(episode, &zones) : "");
	if (is_end_alone(rec))
		paragraph(to, "%s", words_end_alone(episode));
	else if (comm_known(oom->comm) || *rest != '.')
		paragraph(to, "%s asked for %s%s", words_trigger(oom), what, rest);
	else
		paragraph(to, "Who asked for %s is not known%s", what, rest);
	listing_free(&zones);
	explain_cause(to, episode);
	explain_cma(to, episode);
}

/* By its own figures a report came too late. What is known is who had been killed right before. */
static void explain_late(struct prose *to, const struct capture *capture,
			 const struct episode *episode)
{
	const struct episode *before = episode - 1;
	const struct record *victim;
	const char *gap;

	if (!episode->oom->was_free || episode == capture->episodes ||
	    before->stream != episode->stream)
		return;
	victim = main_victim(before);
	gap = victim ? words_apart(victim, episode->oom) : NULL;
	if (gap && !victim->unfinished && is_known(own_pages(victim)))
		paragraph(to, "%s had been killed %s before, with %s.",
			  name_and_pid(victim), gap, words_own(victim));
}

/* --- what to do ------------------------------------------------------------------------------ */

/* By how much, if those killed had a part of the limit that is worth a word. */
static const char *words_more(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	__u64 all = killed_swap_is_known(episode) ? pages_of_killed(episode, own_pages) :
		OOMWATCH_UNKNOWN_U64;
	/* Swap is no part of what a limit of memory alone is about. */
	__u64 own = is_memsw_full(oom) ? all : pages_of_killed(episode, anon_pages);

	if (!is_known(own) || !is_known(oom->memcg_limit) || own < oom->memcg_limit / 20 ||
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

	if (is_memsw_full(oom))
		return oom->memcg_memsw_limit > oom->memcg_limit ? "memory.memsw.limit_in_bytes" :
			"memory.memsw.limit_in_bytes and then its memory.limit_in_bytes";
	if (!*knob)
		knob = "limit";
	setting = words_limit_setting(ref_bytes(rec, oom->memcg));
	return *setting ? format_words("%s (%s)", knob, setting) : knob;
}

static const char *words_raise(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *knob, *more = words_more(episode);

	if (oom->kind != OOMWATCH_KIND_MEMCG || !oom->memcg.off ||
	    (!is_known(oom->ram_free) && !is_known(oom->memcg_limit)))
		return NULL;
	/* It was not full any more, or never was: a higher limit may change nothing. */
	if (is_known(oom->memcg_usage) && is_known(oom->memcg_limit) && !is_memsw_full(oom) &&
	    oom->memcg_usage < oom->memcg_limit - oom->memcg_limit / 8)
		return NULL;
	if (oom->trigger == OOMWATCH_TRIGGER_MEMORY_MAX)
		return format_words("a limit of %s would have held what was in use.",
				    words_pages(rec, oom->memcg_usage));
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

static const char *words_cause_remedy(const struct episode *episode)
{
	switch (episode->oom->oom.cause) {
	case OOMWATCH_CAUSE_CPUSET:
		return "give it more nodes (cpuset.mems).";
	case OOMWATCH_CAUSE_MEMPOLICY:
		return "give it more nodes (set_mempolicy, numactl).";
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return "a write of 1 to /proc/sys/vm/compact_memory joins free pieces.";
	case OOMWATCH_CAUSE_MIN_TTL:
		return "with 0 in /sys/kernel/mm/lru_gen/min_ttl_ms kswapd asks for no kill.";
	case OOMWATCH_CAUSE_SWAPOFF:
		return "have room for what is in that swap before swapoff.";
	case OOMWATCH_CAUSE_UNKILLABLE_HOLD:
		return "give them an oom_score_adj above -1000, and they can be chosen.";
	}
	return words_zone_remedy(episode);
}

static void explain_advice(struct prose *to, const struct episode *episode,
			   const struct record *victim)
{
	const char * const advice[] = {
		words_cause_remedy(episode),
		words_remedy(episode),
		words_other_remedy(episode),
		words_raise(episode),
		words_limit_child(episode),
	};
	const char *begin = "What to do:";
	size_t i;

	for (i = 0; i < sizeof(advice) / sizeof(*advice); i++) {
		if (!advice[i])
			continue;
		paragraph(to, "%s %s", begin, advice[i]);
		begin = "Or";
	}
	if (victim)
		explain_sparing(to, episode, victim);
}

/* --- other victims, earlier and later kills -------------------------- */

/* Other processes that were killed with the chosen one. */
static void explain_others(struct prose *to, const struct episode *episode,
			   const struct record *victim)
{
	struct listing group = { }, sharers = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at) {
		words_scope();
		if (rec != victim && !is_same_process(rec, victim))
			listing_add(&group, "%s", name_and_pid(rec));
	}
	for_each_of(rec, episode, SHARER, at) {
		words_scope();
		listing_add(&sharers, "%s (pid %s)", words_comm(rec->sharer.comm),
			    words_id(rec->sharer.tgid));
	}
	if (group.nr)
		paragraph(to, "Killed with it, as memory.oom.group wants: %s.", group.text);
	if (sharers.nr)
		paragraph(to, "Killed with it, as they shared its memory: %s. The kernel's log does not name them.",
			  sharers.text);
	listing_free(&group);
	listing_free(&sharers);
}

#define HOUR_NS (3600ULL * 1000000000)
/* Bounds the search in a storm of kills: a page of all kills searches once for each. */
#define MOST_OTHERS 1000

/* The number of kills before the episode in the stream, and in those before it. */
static size_t index_of(const struct capture *capture, const struct episode *episode)
{
	size_t at = capture->nr_episodes;

	if (!is_nobody(episode))
		return episode - capture->episodes;
	while (at && is_before(episode, &capture->episodes[at - 1]))
		at--;
	return at;
}

/*
 * Kills at the same limit within the hour before, among the MOST_OTHERS episodes before. @last is
 * the newest of them.
 */
static unsigned int count_before(const struct capture *capture, const struct episode *episode,
				 const struct episode **last)
{
	size_t at = index_of(capture, episode), looked = 0;
	unsigned int nr = 0;

	while (at-- && looked++ < MOST_OTHERS) {
		const struct episode *other = &capture->episodes[at];

		if (same_limit(episode, other) &&
		    ns_between(other->oom, episode->oom) < HOUR_NS && !nr++)
			*last = other;
	}
	return nr;
}

/* The next kill at the same limit; NULL if there is none within MOST_OTHERS episodes. */
static const struct episode *next_like(const struct capture *capture, const struct episode *episode)
{
	size_t at = index_of(capture, episode) + !is_nobody(episode), looked = 0;

	for (; at < capture->nr_episodes && looked++ < MOST_OTHERS; at++) {
		const struct episode *other = &capture->episodes[at];

		if (same_limit(episode, other))
			return other;
	}
	return NULL;
}

/* Whether one process had most of what was full: then the reader asks whether it leaks. */
static bool is_alone(const struct episode *episode, const struct record *victim)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	__u64 all = oom->kind == OOMWATCH_KIND_MEMCG ? oom->memcg_limit :
		oom->kind == OOMWATCH_KIND_GLOBAL ? oom->ram_total : OOMWATCH_UNKNOWN_U64;

	return oom->trigger != OOMWATCH_TRIGGER_SYSRQ &&
		oom->trigger != OOMWATCH_TRIGGER_KSWAPD &&
		oom->trigger != OOMWATCH_TRIGGER_MEMORY_MAX &&
		!victim->unfinished && count_of(episode, OOMWATCH_TYPE_VICTIM) == 1 &&
		is_known(all) && is_known(own_pages(victim)) && own_pages(victim) > all / 2;
}

/* The newest kill before for the same limit, of a process of the same name. */
static const struct episode *last_of_name(const struct capture *capture,
					  const struct episode *episode,
					  const struct record *victim)
{
	size_t at = index_of(capture, episode), looked = 0;
	const struct record *other;

	while (at-- && looked++ < MOST_OTHERS) {
		other = main_victim(&capture->episodes[at]);
		if (other && same_limit(episode, &capture->episodes[at]) &&
		    !strcmp(other->victim.process.comm, victim->victim.process.comm))
			return &capture->episodes[at];
	}
	return NULL;
}

static const char *words_run(const struct record *victim)
{
	return format_words("had run for %s",
			    words_duration(ns_since(victim, victim->victim.process.start_ns)));
}

static void explain_growth(struct prose *to, const struct capture *capture,
			   const struct episode *episode, const struct record *victim)
{
	const struct episode *last;
	const struct record *before;
	const char *earlier = "";

	if (!is_known(victim->victim.process.start_ns) || !is_alone(episode, victim))
		return;
	last = last_of_name(capture, episode, victim);
	before = last ? main_victim(last) : NULL;
	if (before && is_known(before->victim.process.start_ns) && is_known(own_pages(before)))
		earlier = format_words(" %s, of kill %s, %s, and had %s.", name_and_pid(before),
				       words_kill_id(last->stream, last->id), words_run(before),
				       words_own(before));
	paragraph(to, "%s %s.%s Whether it needs that much, or leaks, is not known.",
		  name_and_pid(victim), words_run(victim), earlier);
}

/* For some nodes the same limit is not claimed: two kills may have been for different nodes. */
const char *words_series(const struct record *rec)
{
	switch (rec->oom.kind) {
	case OOMWATCH_KIND_GLOBAL:
		return "the whole machine";
	case OOMWATCH_KIND_CPUSET:
		return "nodes of a cpuset";
	case OOMWATCH_KIND_MEMPOLICY:
		return "nodes of a memory policy";
	}
	return "the same limit";
}

void explain_series(struct prose *to, const struct capture *capture, const struct episode *episode)
{
	const struct episode *next, *last = NULL;
	unsigned int before;
	const char *gap, *by, *what;

	if (!episode->oom)
		return;
	by = is_by_dates(episode->oom) ? ", by the log's dates" : "";
	before = count_before(capture, episode, &last);
	next = next_like(capture, episode);
	what = words_series(episode->oom);
	if (before == 1)
		paragraph(to, "Within the hour before%s, kill %s was for %s.",
			  by, words_kill_id(last->stream, last->id), what);
	else if (before)
		paragraph(to, "Within the hour before%s, %s were for %s, the last of them kill %s.",
			  by, plural(before, "kill", "kills"), what,
			  words_kill_id(last->stream, last->id));
	gap = next ? words_apart(episode->oom, next->oom) : NULL;
	if (next)
		paragraph(to, "The next kill for %s was kill %s%s.", what,
			  words_kill_id(next->stream, next->id),
			  gap ? format_words(", %s later", gap) : "");
	if (!is_nobody(episode))
		explain_nobody_after(to, capture, episode);
}

static const char *words_after(const struct record *reap)
{
	__u64 ns = reap->reap.since_kill_ns;

	if (!is_known(ns) || (reap->stream->log && !ns))
		return "";
	return format_words(" after %s", words_duration(ns));
}

static void explain_after(struct prose *to, const struct episode *episode,
			  const struct record *victim)
{
	const struct record *gone = exit_of(episode, victim->victim.process.pid), *rec;
	const char *reaper = "";
	size_t at;

	for_each_of(rec, episode, REAP, at)
		if (rec->reap.pid == victim->victim.process.pid &&
		    rec->reap.event == OOMWATCH_REAP_FINISH)
			reaper = format_words(" The OOM reaper had taken its memory%s.",
					      words_after(rec));
	if (gone)
		paragraph(to, "It was gone %s after the kill.%s",
			  words_duration(gone->exit.since_kill_ns), reaper);
	else if (victim->stream->log && *reaper)
		paragraph(to, "%s", reaper + 1);
	else if (!victim->stream->log)
		paragraph(to, "That it was gone is not recorded: it was still there, or the ring has gone on.%s",
			  reaper);
}

/* What a person asks first comes first. */
void explain_kill(struct prose *to, const struct capture *capture, const struct episode *episode)
{
	const struct record *victim = main_victim(episode);

	paragraph(to, "%s", words_headline(episode));
	if (episode->oom) {
		explain_late(to, capture, episode);
		explain_memory(to, episode);
		explain_slab(to, episode);
		explain_allocations(to, episode);
		explain_holders(to, episode, victim);
		explain_asked(to, episode);
		explain_shortage(to, episode);
	}
	if (victim)
		explain_victim(to, episode, victim);
	if (victim && episode->oom)
		explain_growth(to, capture, episode, victim);
	if (episode->oom)
		explain_advice(to, episode, victim);
	if (!victim)
		return;
	explain_others(to, episode, victim);
	explain_after(to, episode, victim);
	explain_series(to, capture, episode);
}
