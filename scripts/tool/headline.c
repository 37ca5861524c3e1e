// SPDX-License-Identifier: GPL-2.0
/* The answer in a line: who was killed, and what had run out. */
#include "kill.h"
#include "zones.h"

/* The task that asked. Its comm is the thread's; older records don't have that of its process. */
const char *words_asker(const struct oomwatch_oom *oom)
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

/* Memory was free again. */
static const char *words_too_late(const struct episode *episode, const char *where)
{
	return format_words("The kernel had found too little%s; when it %s, there was enough",
			    where, episode->stream->log ? "wrote its report" : "chose whom to kill");
}

/*
 * What this allocation lacked, though much may have been free. @where is "", or tells the nodes.
 * NULL: by the cause it lacked no certain kind of memory.
 */
static const char *words_lack(const struct episode *episode, const char *where)
{
	if (!episode->stream->log && was_free(episode))
		return words_too_late(episode, where);
	switch (episode->oom->oom.cause) {
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return format_words("No free piece that this allocation could use was large enough%s",
				    where);
	case OOMWATCH_CAUSE_LOWMEM_ZONE:
		return format_words("The zones that this allocation can use had run out%s", where);
	}
	return NULL;
}

/* What was short on the nodes that a cpuset or a memory policy allows. */
static const char *words_nodes_shortage(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const char *where = format_words(" on %s", words_allowed(rec, ""));
	const char *lack = words_lack(episode, where);

	if (lack)
		return lack;
	if (was_free(episode))
		return words_too_late(episode, where);
	/* A log may lack the figures of the zones. */
	if (episode->stream->log && !rec->had_no_room)
		return format_words("The kernel found no memory that this allocation could use%s",
				    where);
	return format_words("The memory of %s", words_allowed(rec, " had run out"));
}

/* What was short on the machine. */
static const char *words_shortage(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const char *lack = words_lack(episode, "");

	if (lack)
		return lack;
	if (is_machine_full(episode))
		return "The whole machine had run out";
	if (rec->oom.trigger != OOMWATCH_TRIGGER_ALLOC)
		return "What had run out is not known";
	return was_free(episode) && !rec->maybe_policy ? words_too_late(episode, "") :
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

/* What had run out, and what had filled it, as a sentence. */
static const char *words_what(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const char *filled = words_filled(episode);
	struct pair of;

	switch (oom->trigger) {
	case OOMWATCH_TRIGGER_SYSRQ:
		return format_words("Somebody asked for a kill by sysrq-f, whatever was free%s.",
				    words_free(episode));
	case OOMWATCH_TRIGGER_KSWAPD:
		/* With CONFIG_LRU_GEN: mm/vmscan.c: lru_gen_age_node() */
		return format_words("kswapd asked for a kill to keep the working set in memory for as long as lru_gen/min_ttl_ms says%s.",
				    words_free(episode));
	case OOMWATCH_TRIGGER_MEMORY_MAX:
		of = words_pair(rec, oom->memcg_limit, oom->memcg_usage);
		return format_words("%s%s set the limit of %s to %s (memory.max), below the %s that it had in use%s.",
				    words_asker(oom), !oom->trigger_memcg.off ? "" :
				    format_words(", of the cgroup %s,",
						 words_ref(rec, oom->trigger_memcg)),
				    words_the_memcg(rec, false), of.a, of.b, filled);
	}
	switch (oom->kind) {
	case OOMWATCH_KIND_MEMCG:
		return format_words("%s %s.", words_the_memcg(rec, true),
				    words_memcg_limit(episode, filled));
	case OOMWATCH_KIND_GLOBAL:
		return format_words("%s%s%s.", words_shortage(episode), words_free(episode),
				    is_machine_full(episode) ? filled : "");
	case OOMWATCH_KIND_CPUSET:
	case OOMWATCH_KIND_MEMPOLICY:
		return format_words("%s.%s", words_nodes_shortage(episode),
				    words_free_anywhere(rec));
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
	unsigned int lacking = nr_lacking(episode);
	unsigned int group = lacking, sharers = nr_sharers(episode);
	__u64 own = pages_of_killed(episode, own_pages);
	const char *who[2], *sum = "";
	size_t at, nr = 0;

	for_each_of(rec, episode, VICTIM, at)
		group += !is_same_process(rec, victim);
	if (group)
		/* A thread of the first victim may be among those that lack. */
		who[nr++] = format_words("%s%s of its group (memory.oom.group)",
					 lacking ? "about " : "", plural(group, "other", "others"));
	if (sharers)
		who[nr++] = format_words("%s that shared its memory",
					 plural(sharers, "process", "processes"));
	if (group && is_known(own))
		sum = format_words(": %s%s in all%s", own == used_pages(episode) ? "at most " : "",
				   words_pages(victim, own),
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
