// SPDX-License-Identifier: GPL-2.0
/* Explains a kill in sentences with figures. */
#include <string.h>

#include "kill.h"

/* The task that asked. Its comm is the thread's; older records don't have that of its process. */
static const char *words_trigger(const struct oomwatch_oom *oom)
{
	if (!comm_known(oom->comm))
		return "A task that is not known";
	if (oom->tgid == OOMWATCH_UNKNOWN_S32)
		return oom->pid == OOMWATCH_UNKNOWN_S32 ? words_comm(oom->comm) :
			format_words("%s (task %s)", words_comm(oom->comm), words_id(oom->pid));
	if (oom->pid == oom->tgid)
		return format_words("%s (pid %s)", words_comm(oom->comm), words_id(oom->tgid));
	if (comm_known(oom->leader_comm))
		return format_words("the thread %s (%s) of %s (pid %s)", words_comm(oom->comm),
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

/* The machine's swap. Its size is recorded only if the whole machine ran out. */
const char *words_swap(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	if (is_swapoff(oom))
		return "swap is being switched off";
	if (oom->swap_total == 0)
		return "no swap";
	if (is_known(oom->swap_total))
		return format_words("swap %s, free %s", words_pages(rec, oom->swap_total),
				    words_pages(rec, oom->swap_free));
	return oom->swap_free == 0 ? "no free swap" :
		format_words("free swap %s", words_pages(rec, oom->swap_free));
}

/* What a cause means, with its two figures. */
static const char *words_meaning(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const char *amount = words_pages(rec, rec->oom.cause_amount);
	const char *bound = words_pages(rec, rec->oom.cause_bound);

	switch (rec->oom.cause) {
	case OOMWATCH_CAUSE_SYSRQ:
		return "somebody asked for a kill";
	case OOMWATCH_CAUSE_MEMCG_LIMIT:
		return format_words("the cgroup of who asked was at its own limit, %s of %s",
				    amount, bound);
	case OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT:
		return format_words("a cgroup above that of who asked was at its limit, %s of %s",
				    amount, bound);
	case OOMWATCH_CAUSE_CPUSET:
		return format_words("it binds to nodes that are full, with %s free there and %s on others",
				    amount, bound);
	case OOMWATCH_CAUSE_MEMPOLICY:
		return format_words("it binds to nodes that are full, with %s free there and %s on others",
				    amount, bound);
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return format_words("%s were free where %s have to stay free, but not in one piece",
				    amount, bound);
	case OOMWATCH_CAUSE_SLAB:
		return format_words("slab that can't be reclaimed takes %s of %s of RAM",
				    amount, bound);
	case OOMWATCH_CAUSE_PAGE_TABLES:
		return format_words("page tables take %s of %s of RAM", amount, bound);
	case OOMWATCH_CAUSE_LOWMEM_ZONE:
		return format_words("%s were free in the zones that this allocation may use, %s in others",
				    amount, bound);
	case OOMWATCH_CAUSE_SHMEM:
		return format_words("shared memory and tmpfs take %s of %s of RAM",
				    amount, bound);
	case OOMWATCH_CAUSE_UNKILLABLE_HOLD:
		return format_words("processes that can't be killed hold %s of %s of RAM",
				    amount, bound);
	case OOMWATCH_CAUSE_ANON:
		return format_words("anonymous memory of processes takes %s of %s of RAM",
				    amount, bound);
	case OOMWATCH_CAUSE_SWAPOFF:
		return format_words("swap was being switched off, %s of it fitted into no other, and %s of RAM were free",
				    amount, bound);
	case OOMWATCH_CAUSE_LIMIT_LOWERED:
		return format_words("the limit was lowered to %s, with %s in use", bound, amount);
	case OOMWATCH_CAUSE_MIN_TTL:
		return "kswapd was to keep the working set in memory for lru_gen/min_ttl_ms";
	}
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

const char *words_limit(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;

	switch (oom->kind) {
	case OOMWATCH_KIND_MEMCG:
		return format_words("memory cgroup %s: %s of %s", words_ref(rec, oom->memcg),
				    words_pages(rec, oom->memcg_usage),
				    words_pages(rec, oom->memcg_limit));
	case OOMWATCH_KIND_CPUSET:
		return format_words("the memory of node %s, where the cpuset lets it allocate",
				    words_nodes(rec, oom->mems_allowed));
	case OOMWATCH_KIND_MEMPOLICY:
		return format_words("the memory of node %s, where the memory policy lets it allocate",
				    words_nodes(rec, oom->nodemask));
	case OOMWATCH_KIND_GLOBAL:
		return format_words("the machine: %s of RAM, %s free",
				    words_pages(rec, oom->ram_total),
				    words_pages(rec, oom->ram_free));
	}
	return "not known";
}

static const char *words_container(struct bytes path)
{
	struct container container = container_of_path(path);

	if (container.runtime)
		return format_words(", which is %s %s%s%s,", container.runtime, container.id,
				    container.pod[0] ? " of pod " : "", container.pod);
	if (container.unit[0] && container.user[0])
		return format_words(", which is %s of user %s,", container.unit, container.user);
	if (container.unit[0])
		return format_words(", which is %s,", container.unit);
	if (container.pod[0])
		return format_words(", which is %spod %s,", container.is_pod ? "" : "in ",
				    container.pod);
	if (container.user[0])
		return format_words(", which is of user %s,", container.user);
	return "";
}

/* Swap of a cgroup of v2. A machine without swap has none free, either. */
static const char *words_memcg_swap(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	if (oom->memcg_swap_limit == 0)
		return " It may not swap (memory.swap.max is 0).";
	if (oom->memcg_swap_usage == OOMWATCH_UNKNOWN_U64)
		return "";
	if (oom->memcg_swap_usage == 0 && oom->swap_free == 0)
		return " None of it was in swap, and the machine had no free swap.";
	return format_words(" It had %s in swap, %s.", words_pages(rec, oom->memcg_swap_usage),
			    oom->memcg_swap_limit == OOMWATCH_NO_LIMIT ? "without a limit" :
			    format_words("of at most %s",
					 words_pages(rec, oom->memcg_swap_limit)));
}

/* The knob's name is the version's: only figures of one version tell which it is. */
static const char *words_memcg_limit(const struct record *rec, bool v1)
{
	const struct oomwatch_oom *oom = &rec->oom;
	const char *knob = v1 ? " (memory.limit_in_bytes)" :
		rec->stream->log && oom->memcg_swap_usage == OOMWATCH_UNKNOWN_U64 ? "" :
		" (memory.max)", *memsw = "";

	if (oom->memcg_usage == OOMWATCH_UNKNOWN_U64)
		return "was at its limit";
	if (v1 && oom->memcg_memsw_usage >= oom->memcg_memsw_limit)
		memsw = format_words(", and with swap all of its limit of %s (memory.memsw.limit_in_bytes)",
				     words_pages(rec, oom->memcg_memsw_limit));
	return format_words("had used %s of its limit of %s%s%s",
			    words_pages(rec, oom->memcg_usage), words_pages(rec, oom->memcg_limit),
			    knob, memsw);
}

static void explain_memcg(struct prose *to, const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	bool v1 = oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64;
	const char *below = "", *swap = "", *machine = "";

	if (oom->trigger_memcg.off && (rec->stream->log ?
				       oom->cause == OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT :
				       oom->trigger_memcg_id != oom->memcg_id))
		below = format_words(" from %s, below it: the limit that was hit is not that of its own cgroup",
				     words_ref(rec, oom->trigger_memcg));
	if (!v1)
		swap = words_memcg_swap(rec);
	if (oom->ram_free != OOMWATCH_UNKNOWN_U64)
		machine = format_words(" The machine as a whole had %s of RAM free: this kill was about the limit alone.",
				       words_pages(rec, oom->ram_free));
	paragraph(to, "%s%s %s.%s %s asked for more%s.%s",
		  !oom->memcg.off ? "A memory cgroup" :
		  format_words("The memory cgroup %s", words_ref(rec, oom->memcg)),
		  words_container(ref_bytes(rec, oom->memcg)),
		  words_memcg_limit(rec, v1), swap, words_trigger(oom), below, machine);
}

static void explain_lowered(struct prose *to, const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	paragraph(to, "%s%s lowered the limit of the memory cgroup %s%s to %s (memory.max), below the %s that it had in use. The kernel first reclaims what it can, and then kills until the rest fits.",
		  words_trigger(oom), !oom->trigger_memcg.off ? "" :
		  format_words(" in %s", words_ref(rec, oom->trigger_memcg)),
		  words_ref(rec, oom->memcg), words_container(ref_bytes(rec, oom->memcg)),
		  words_pages(rec, oom->memcg_limit), words_pages(rec, oom->memcg_usage));
}

static void list_zones_below_min(struct listing *to, const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, ZONE, at) {
		words_scope();
		if (zone_is_short(&rec->zone))
			listing_add(to, "node %s %s had %s free of the %s it must keep",
				    words_count(rec->zone.node), words_comm(rec->zone.name),
				    words_pages(rec, rec->zone.free),
				    words_pages(rec, rec->zone.min));
	}
}

/* What was short, though much may have been free. */
static const char *words_shortage(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	switch (oom->cause) {
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return "No free piece that this allocation could use was large enough";
	case OOMWATCH_CAUSE_LOWMEM_ZONE:
		return "The zones that this allocation can use had run out";
	default:
		return is_machine_full(rec) ? "The whole machine had run out" :
			"The kernel found no memory that this allocation could use";
	}
}

/* A log may lack the figures. */
static const char *words_free(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	if (oom->ram_total == OOMWATCH_UNKNOWN_U64 && oom->ram_free == OOMWATCH_UNKNOWN_U64)
		return "";
	return format_words(": of %s of RAM %s were free", words_pages(rec, oom->ram_total),
			    words_pages(rec, oom->ram_free));
}

static void explain_global(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct listing zones = { };
	const char *swap = "", *what = "more";

	list_zones_below_min(&zones, episode);
	if (is_swapoff(oom))
		swap = format_words(" Swap was being switched off: %s that were still there fitted into no other swap.",
				    words_pages(rec, oom->swapoff));
	else if (oom->swap_total == 0)
		swap = " There is no swap.";
	else if (oom->swap_total != OOMWATCH_UNKNOWN_U64)
		swap = format_words(" Of %s of swap %s were free.",
				    words_pages(rec, oom->swap_total),
				    words_pages(rec, oom->swap_free));
	if (oom->order > 0 && oom->order < 32)
		what = format_words("%s in one piece", words_pages(rec, 1ULL << oom->order));
	paragraph(to, "%s%s when %s asked for %s.%s%s%s%s",
		  words_shortage(rec), words_free(rec), words_trigger(oom), what, swap,
		  zones.nr ? " Of its zones " : "", zones.nr ? zones.text : "", zones.nr ? "." : "");
	listing_free(&zones);
}

static void explain_limit(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;

	if (oom->trigger == OOMWATCH_TRIGGER_SYSRQ) {
		paragraph(to, "Nothing had run out: somebody asked for a kill by sysrq-f.");
		return;
	}
	/* With CONFIG_LRU_GEN: mm/vmscan.c: lru_gen_age_node() */
	if (oom->trigger == OOMWATCH_TRIGGER_KSWAPD) {
		paragraph(to, "kswapd asked for a kill to keep the working set in memory for as long as lru_gen/min_ttl_ms says. Of %s of RAM %s were free.",
			  words_pages(rec, oom->ram_total), words_pages(rec, oom->ram_free));
		return;
	}
	if (oom->trigger == OOMWATCH_TRIGGER_MEMORY_MAX)
		explain_lowered(to, rec);
	else if (oom->kind == OOMWATCH_KIND_MEMCG)
		explain_memcg(to, rec);
	else if (oom->kind == OOMWATCH_KIND_GLOBAL)
		explain_global(to, episode);
	else if (oom->kind == OOMWATCH_KIND_UNKNOWN)
		paragraph(to, "%s asked for memory. Whose memory had run out is not known.%s",
			  words_trigger(oom), oom->ram_free == OOMWATCH_UNKNOWN_U64 ? "" :
			  format_words(" The machine had %s of RAM free.",
				       words_pages(rec, oom->ram_free)));
	else
		paragraph(to, "%s asked for memory, which it may have from %s. The machine as a whole had %s of RAM free.",
			  words_trigger(oom), words_limit(episode),
			  words_pages(rec, oom->ram_free));
	/* The figures are those of the module: a log has few of them. */
	if (!rec->stream->log || oom->cause != OOMWATCH_CAUSE_UNKNOWN)
		paragraph(to, "Cause, by the figures: %s.", words_cause(episode));
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
		if (rec != victim && rec->victim.process.tgid != victim->victim.process.tgid)
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

/* In a log cgroups have no IDs, and lines may lack the time. */
static bool same_path(const struct record *a, const struct record *b)
{
	struct bytes x = ref_bytes(a, a->oom.memcg), y = ref_bytes(b, b->oom.memcg);

	if (!is_known(a->head.time_ns) || !is_known(b->head.time_ns))
		return false;
	return a->oom.kind != OOMWATCH_KIND_UNKNOWN &&
		(a->oom.kind != OOMWATCH_KIND_MEMCG || x.at) &&
		x.len == y.len && (!x.len || !memcmp(x.at, y.at, x.len));
}

static bool same_limit(const struct episode *a, const struct episode *b)
{
	/* A kill that somebody asked for is for no limit. */
	return a->stream == b->stream && a->oom && b->oom &&
		a->oom->oom.trigger != OOMWATCH_TRIGGER_SYSRQ &&
		b->oom->oom.trigger != OOMWATCH_TRIGGER_SYSRQ &&
		a->oom->oom.kind == b->oom->oom.kind &&
		a->oom->oom.memcg_id == b->oom->oom.memcg_id &&
		(!a->stream->log || same_path(a->oom, b->oom));
}

#define HOUR_NS (3600ULL * 1000000000)
/* Bounds the search in a storm of kills: a page of all kills searches once for each. */
#define MOST_OTHERS 1000

/* Kills at the same limit within the hour before, among the MOST_OTHERS episodes before. */
static unsigned int count_before(const struct capture *capture, const struct episode *episode)
{
	size_t at = episode - capture->episodes, looked = 0;
	unsigned int nr = 0;

	while (at-- && looked++ < MOST_OTHERS) {
		const struct episode *other = &capture->episodes[at];

		if (same_limit(episode, other))
			nr += ns_since(episode->oom, other->oom->head.time_ns) < HOUR_NS;
	}
	return nr;
}

/* The next kill at the same limit; NULL if there is none within MOST_OTHERS episodes. */
static const struct episode *next_like(const struct capture *capture, const struct episode *episode)
{
	const struct episode *end = capture->episodes + capture->nr_episodes, *other;

	for (other = episode + 1; other < end && other - episode < MOST_OTHERS; other++)
		if (same_limit(episode, other))
			return other;
	return NULL;
}

static void explain_series(struct prose *to, const struct capture *capture,
			   const struct episode *episode)
{
	const struct episode *next;
	unsigned int before;

	if (!episode->oom)
		return;
	before = count_before(capture, episode);
	next = next_like(capture, episode);
	if (before)
		paragraph(to, "Within the hour before, the same limit had led to %s.",
			  plural(before, "kill", "kills"));
	if (next)
		paragraph(to, "The next kill for the same limit was kill %s, %s later.",
			  words_kill_id(next->stream, next->id),
			  words_duration(ns_since(next->oom, episode->oom->head.time_ns)));
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
			reaper = format_words(" The OOM reaper had taken its memory after %s.",
					      words_duration(rec->reap.since_kill_ns));
	if (gone)
		paragraph(to, "It was gone %s after the kill.%s",
			  words_duration(gone->exit.since_kill_ns), reaper);
	else if (victim->stream->log && *reaper)
		paragraph(to, "%s", reaper + 1);
	else if (!victim->stream->log)
		paragraph(to, "That it was gone is not recorded: it was still there, or the ring has gone on.%s",
			  reaper);
}

void explain(struct prose *to, const struct capture *capture, const struct episode *episode)
{
	const struct record *victim = main_victim(episode);

	words_scope();
	if (victim)
		explain_headline(to, episode, victim);
	if (episode->oom)
		explain_limit(to, episode);
	else
		paragraph(to, "How this kill began is not recorded any more.");
	explain_memory(to, episode, victim);
	if (!victim)
		return;
	explain_victim(to, episode, victim);
	explain_others(to, episode, victim);
	explain_after(to, episode, victim);
	explain_series(to, capture, episode);
}
