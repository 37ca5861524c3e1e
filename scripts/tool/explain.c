// SPDX-License-Identifier: GPL-2.0
/*
 * Explains a kill in sentences with figures. Scores are computed as in
 * mm/oom_kill.c: oom_badness(), from figures that were recorded when the victim was chosen.
 */
#include <string.h>

#include "kill.h"

static const char *name_and_pid(const struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;

	return format_words("%s (pid %s)", words_comm(process->comm), words_pid(process));
}

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

/* Such as 1,234 pages (4.8 MiB). */
static const char *pages_and_size(const struct record *rec, __u64 pages)
{
	return format_words("%s (%s)", plural(pages, "page", "pages"), words_pages(rec, pages));
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

/* --- why this victim ---------------------------------------------------------------- */

static bool has_terms(const struct record *rec)
{
	return rec->victim.process.points != OOMWATCH_UNKNOWN_S64 &&
		rec->victim.score_adj != OOMWATCH_UNKNOWN_S64;
}

/* The task with the highest score outside of the victim's process. */
static const struct record *runner_up(const struct episode *episode, const struct record *victim)
{
	const struct record *rec, *best = NULL;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (rec->victim.process.tgid != victim->victim.process.tgid && has_terms(rec) &&
		    (!best || rec->victim.process.points > best->victim.process.points))
			best = rec;
	return best;
}

static __s64 points_without_adj(const struct record *rec)
{
	return rec->victim.process.points - rec->victim.score_adj;
}

/* The task with the highest score if every oom_score_adj were 0. */
static const struct record *biggest(const struct episode *episode)
{
	const struct record *rec, *best = NULL;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (has_terms(rec) &&
		    (!best || points_without_adj(rec) > points_without_adj(best)))
			best = rec;
	return best;
}

/* Whether there was nobody else to choose. */
static bool is_only(const struct episode *episode)
{
	return episode->excluded && episode->excluded->excluded.eligible == 1;
}

static void explain_sum(struct prose *to, const struct episode *episode,
			const struct record *victim)
{
	const struct oomwatch_victim *v = &victim->victim;
	const struct record *next = runner_up(episode, victim);
	__s64 second = next ? next->victim.process.points : 0;
	const char *more = "", *of = "was chosen, with the highest score";

	if (next && second == v->process.points)
		more = format_words(" %s had the same score: of equal scores the kernel takes the one that it visits last.",
				    name_and_pid(next));
	else if (next && second < v->process.points)
		more = format_words(" The runner-up, %s, had %s: %s less.", name_and_pid(next),
				    words_signed(second),
				    pages_and_size(victim, v->process.points - second));
	if (is_only(episode))
		of = "was the only one that could be chosen";
	else if (episode->excluded && is_some(episode->excluded->excluded.eligible))
		of = format_words("was chosen, with the highest score of %s",
				  plural(episode->excluded->excluded.eligible,
					 "process", "processes"));
	paragraph(to, "%s %s: %s resident, %s swapped out, %s of page tables and %s for its oom_score_adj of %s make %s.%s",
		  name_and_pid(victim), of, plural(v->score_rss, "page", "pages"),
		  words_number(v->score_swap), words_number(v->score_pgtables),
		  words_signed(v->score_adj), words_id(v->process.oom_score_adj),
		  words_signed(v->process.points), more);
}

/* More bytes of a command line would bury the rest of the text. */
#define CMDLINE_SHOWN 200

static void explain_program(struct prose *to, const struct episode *episode,
			    const struct record *victim)
{
	const struct oomwatch_process *process = &victim->victim.process;
	const struct record *rec = program_of(episode, process->tgid);
	const char *thread = "", *how = "The command line with which its program was started: ";

	if (!rec)
		return;
	if (comm_known(rec->cmdline.leader_comm) && strcmp(rec->cmdline.leader_comm, process->comm))
		thread = format_words("%s is a thread of %s (process %s). ",
				      words_comm(process->comm),
				      words_comm(rec->cmdline.leader_comm),
				      words_id(process->tgid));
	if (rec->cmdline.read_at == OOMWATCH_CMDLINE_LOAD)
		how = "The command line of its program, which ran before oomwatch kept it: ";
	if (rec->cmdline.cmdline.off)
		paragraph(to, "%s%s%s", thread, how, words_cmdline(rec, CMDLINE_SHOWN));
	else
		paragraph(to, "%s", thread);
}

/* Whom vm.oom_kill_allocating_task has spared. */
static const char *words_by_score(const struct episode *episode, const struct record *victim)
{
	const struct record *best = runner_up(episode, victim);

	if (victim->victim.process.rank == 1)
		return "It had the highest score, too.";
	if (best)
		return format_words("By score it would have been %s, with %s.", name_and_pid(best),
				    pages_and_size(best, best->victim.process.points));
	if (episode->stream->log)
		return "Who had the highest score is not known.";
	return format_words("Who had the highest score is not known, as this setting is there to avoid a walk over all processes; with the knob candidates_always at 1 oomwatch makes that walk all the same.");
}

static void explain_choice(struct prose *to, const struct episode *episode,
			   const struct record *victim)
{
	const char *name = name_and_pid(victim);

	switch (episode->oom ? episode->oom->oom.verdict : OOMWATCH_VERDICT_HIGHEST_SCORE) {
	case OOMWATCH_VERDICT_ALLOCATING_TASK:
		paragraph(to, "%s was killed as it was the one that asked: vm.oom_kill_allocating_task was 1. No scores were compared. %s",
			  name, words_by_score(episode, victim));
		return;
	case OOMWATCH_VERDICT_OOM_ORIGIN:
		paragraph(to, "%s was killed as it had asked to be the first, as swapoff does. No scores were compared.",
			  name);
		return;
	case OOMWATCH_VERDICT_DYING_TRIGGER:
		paragraph(to, "Nobody was killed: %s, which asked, was dying already, and got access to the memory reserves so that it could.",
			  name);
		return;
	case OOMWATCH_VERDICT_DYING_CHOSEN:
		paragraph(to, "Nobody was killed: %s, which had the highest score, was dying already, and got access to the memory reserves so that it could.",
			  name);
		return;
	}
	if (has_terms(victim))
		explain_sum(to, episode, victim);
	else if (victim->unfinished)
		paragraph(to, "%s was chosen, with the highest score. The log does not have the kill: it was of this process, or of a child of it.",
			  name);
	else
		paragraph(to, "%s was killed; by which score is not known.", name);
}

/* --- oom_score_adj ------------------------------------------------------------------- */

static const char *words_setter(const struct record *rec)
{
	const struct oomwatch_setter *set_by = &rec->set_by;

	if (!rec->victim.process.oom_score_adj)
		return "";
	if (!comm_known(set_by->comm))
		return format_words(" Who gave %s its oom_score_adj of %s is not known.",
				    words_comm(rec->victim.process.comm),
				    words_id(rec->victim.process.oom_score_adj));
	if (set_by->on_tgid == rec->victim.process.tgid &&
	    (set_by->pid == rec->victim.process.tgid || set_by->pid == rec->victim.process.pid))
		return format_words(" %s had set its oom_score_adj of %s itself, %s before%s.",
				    words_comm(rec->victim.process.comm),
				    words_id(rec->victim.process.oom_score_adj),
				    words_duration(ns_since(rec, set_by->time_ns)),
				    !strcmp(set_by->comm, rec->victim.process.comm) ? "" :
				    format_words(", when its name was %s",
						 words_comm(set_by->comm)));
	return format_words(" %s has its oom_score_adj of %s from %s (pid %s, uid %s), who wrote it %s before%s.",
			    words_comm(rec->victim.process.comm),
			    words_id(rec->victim.process.oom_score_adj), words_comm(set_by->comm),
			    words_id(set_by->pid), words_uid(set_by->uid),
			    words_duration(ns_since(rec, set_by->time_ns)),
			    set_by->on_tgid == rec->victim.process.tgid ? "" :
			    format_words(" to process %s, from which it came by fork",
					 words_id(set_by->on_tgid)));
}

/* Why the winner could be another process: candidates whose scores are not recorded. */
static const char *words_caveat(const struct episode *episode)
{
	const struct oomwatch_excluded *x = episode->excluded ? &episode->excluded->excluded : NULL;
	unsigned int kept = count_of(episode, OOMWATCH_TYPE_TASK);
	const char *caveat = "";

	if (x && is_some(x->eligible) && x->eligible > kept)
		caveat = format_words(" (Only the %s of %s scores %s recorded.)",
				      kept == 1 ? "highest" : format_words("%u highest", kept),
				      words_number(x->eligible), kept == 1 ? "is" : "are");
	return caveat;
}

/* The largest process with -1000; NULL if it is not recorded, or may be a busy one. */
static const struct record *largest_unkillable(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	if (is_some(episode->excluded->excluded.busy))
		return NULL;
	for_each_of(rec, episode, PROTECTED, at)
		if (rec->victim.process.oom_score_adj == -1000 && is_known(held_by(rec)))
			return rec;
	return NULL;
}

/* The largest process with -1000 in the table of a log, which has all of them, or NULL. */
static const struct record *largest_in_table(const struct episode *episode)
{
	const struct record *rec, *largest = NULL;
	size_t at;

	for_each_of(rec, episode, PROTECTED, at)
		if (is_known(held_by(rec)) && (!largest || held_by(rec) > held_by(largest)))
			largest = rec;
	return largest;
}

/*
 * Processes with -1000 are candidates, too, if every oom_score_adj is 0. Older captures have only
 * what they hold in all. Returns whether one of them may have a higher score than @winner.
 */
static bool explain_unkillable(struct prose *to, const struct episode *episode,
			       const struct record *victim, const struct record *winner)
{
	const struct oomwatch_excluded *x = episode->excluded ? &episode->excluded->excluded : NULL;
	const struct record *largest = NULL;

	if (episode->stream->log) {
		largest = largest_in_table(episode);
		if (!largest)
			return false;
	} else {
		if (!x || !is_some(x->unkillable) ||
		    (__s64)x->unkillable_pages <= points_without_adj(winner))
			return false;
		largest = largest_unkillable(episode);
	}
	if (largest && (__s64)held_by(largest) <= points_without_adj(winner))
		return false;
	if (largest)
		paragraph(to, "oom_score_adj decided this: with all at 0 %s, which has -1000, would have been killed, with %s against %s.%s",
			  name_and_pid(largest), pages_and_size(winner, held_by(largest)),
			  words_signed(points_without_adj(victim)), words_setter(victim));
	else if (x->unkillable == 1)
		paragraph(to, "oom_score_adj decided this: with all at 0 the one process with -1000 would have been killed, with %s against %s.%s",
			  pages_and_size(winner, x->unkillable_pages),
			  words_signed(points_without_adj(victim)), words_setter(victim));
	else
		paragraph(to, "Which process would have been killed with every oom_score_adj at 0 is not known: the %s with -1000 hold %s in all, and how much each of them holds is not recorded.%s",
			  words_number(x->unkillable), words_pages(winner, x->unkillable_pages),
			  words_setter(victim));
	return true;
}

static void explain_adj(struct prose *to, const struct episode *episode,
			const struct record *victim)
{
	const struct record *winner = biggest(episode);

	if (!winner || explain_unkillable(to, episode, victim, winner))
		return;
	if (is_only(episode) && !victim->victim.process.oom_score_adj)
		return;
	if (winner->victim.process.tgid == victim->victim.process.tgid)
		paragraph(to, "With every oom_score_adj at 0 it would have been the same one, with %s.%s%s",
			  pages_and_size(winner, points_without_adj(winner)), words_setter(victim),
			  words_caveat(episode));
	else
		paragraph(to, "oom_score_adj decided this: with all at 0 %s would have been killed, with %s against %s.%s%s%s",
			  name_and_pid(winner), pages_and_size(winner, points_without_adj(winner)),
			  words_signed(points_without_adj(victim)), words_setter(victim),
			  words_setter(winner), words_caveat(episode));
}

static __s64 floor_div(__s64 a, __s64 b)
{
	return a / b - (a % b < 0);
}

/*
 * The highest oom_score_adj that puts the victim's score below the runner-up's; -1000 if no other
 * value does. An equal score is not enough: of equals the kernel chooses the one it visits last.
 */
static __s64 sparing_adj(const struct record *victim, const struct record *next, __u64 step)
{
	__s64 adj;

	if (!step)
		return -1000;
	adj = floor_div(next->victim.process.points - 1 - points_without_adj(victim), step);
	return adj < -999 ? -1000 : adj;
}

/* Whether the victim would have died with other, too: memory.oom.group killed both. */
static bool dies_with_group(const struct episode *episode, const struct record *victim,
			    const struct record *other)
{
	const struct record *rec;
	size_t at;

	if (!has_flag(&victim->victim.process, OOMWATCH_TASK_GROUP))
		return false;
	for_each_of(rec, episode, VICTIM, at)
		if (rec->victim.process.tgid == other->victim.process.tgid)
			return true;
	return false;
}

/* In a cgroup's kill it is not known which of equal scores the kernel visits last. */
static bool is_tied(const struct episode *episode, const struct record *victim,
		    const struct record *next)
{
	const struct record *rec;
	size_t at;

	if (!episode->oom || episode->oom->oom.kind != OOMWATCH_KIND_MEMCG)
		return false;
	for_each_of(rec, episode, TASK, at)
		if (rec != next && rec->victim.process.tgid != victim->victim.process.tgid &&
		    rec->victim.process.points == next->victim.process.points)
			return true;
	return false;
}

static void explain_sparing(struct prose *to, const struct episode *episode,
			    const struct record *victim)
{
	const struct record *next = runner_up(episode, victim);
	__u64 totalpages = episode->oom ? episode->oom->oom.totalpages : OOMWATCH_UNKNOWN_U64;
	__s32 had = victim->victim.process.oom_score_adj;
	__s64 adj;

	if (totalpages == OOMWATCH_UNKNOWN_U64 || !episode->excluded)
		return;
	if (!next) {
		paragraph(to, "Of all values of its own oom_score_adj only -1000 would have spared it, and then there would have been nobody to kill.");
		return;
	}
	if (dies_with_group(episode, victim, next)) {
		paragraph(to, "Only an oom_score_adj of -1000 would have spared it: with another of its group chosen it would have died all the same.");
		return;
	}
	adj = sparing_adj(victim, next, totalpages / 1000);
	if (adj > had)
		return;
	if (adj == -1000)
		paragraph(to, "Only an oom_score_adj of -1000 would have spared it: a step of oom_score_adj is worth %s here, a thousandth of the %s that could be used.",
			  plural(totalpages / 1000, "page", "pages"),
			  words_pages(victim, totalpages));
	else
		paragraph(to, "The smallest change that would have spared it: an oom_score_adj of %lld in place of %d (a step is worth %s). Then %s%s would have been killed.",
			  adj, had, pages_and_size(victim, totalpages / 1000), name_and_pid(next),
			  is_tied(episode, victim, next) ? ", or another with the same score," : "");
}

/* --- spared processes, other victims, earlier and later kills -------------------------- */

static void explain_spared(struct prose *to, const struct episode *episode)
{
	const struct oomwatch_excluded *x = &episode->excluded->excluded;
	const char *list = words_spared(episode->excluded), *largest = words_protected(episode);

	if (*list)
		paragraph(to, "Spared, whatever they held: %s.%s", list, !*largest ? "" :
			  format_words(" The largest: %s.", largest));
	if (is_some(x->busy))
		paragraph(to, "%s could not be looked at without waiting, and may be missing here.",
			  plural(x->busy, "process", "processes"));
}

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

static bool has_verdict(const struct episode *episode, unsigned int verdict)
{
	return episode->oom && episode->oom->oom.verdict == verdict;
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
	explain_program(to, episode, victim);
	explain_choice(to, episode, victim);
	/* Scores mean nothing if the one that asked was chosen. */
	if (has_terms(victim) && !has_verdict(episode, OOMWATCH_VERDICT_ALLOCATING_TASK)) {
		explain_adj(to, episode, victim);
		if (has_verdict(episode, OOMWATCH_VERDICT_HIGHEST_SCORE) &&
		    victim_matters(episode, victim))
			explain_sparing(to, episode, victim);
	}
	if (episode->excluded)
		explain_spared(to, episode);
	explain_others(to, episode, victim);
	explain_after(to, episode, victim);
	explain_series(to, capture, episode);
}
