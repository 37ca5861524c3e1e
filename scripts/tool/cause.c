// SPDX-License-Identifier: GPL-2.0
/* The cause of a kill, by its name and in words. */
#include <string.h>

#include "kill.h"

/* What filled the machine, with its verb, if the cause says that; NULL: the cause is another. */
static const char *words_filling(__u32 cause)
{
	switch (cause) {
	case OOMWATCH_CAUSE_SLAB:
		return "slab that can't be reclaimed takes";
	case OOMWATCH_CAUSE_PAGE_TABLES:
		return "page tables take";
	case OOMWATCH_CAUSE_SHMEM:
		return "shared memory and tmpfs take";
	case OOMWATCH_CAUSE_UNKILLABLE_HOLD:
		return "processes that can't be killed hold";
	case OOMWATCH_CAUSE_ANON:
		return "anonymous memory of processes takes";
	}
	return NULL;
}

/* What a cause means, with its two figures. */
static const char *words_meaning(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	struct pair of = words_pair(rec, rec->oom.cause_amount, rec->oom.cause_bound);
	const char *filling = words_filling(rec->oom.cause);

	if (filling)
		return format_words("%s %s of %s of RAM", filling, of.a, of.b);
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
	case OOMWATCH_CAUSE_MEMPOLICY:
		return format_words("it binds to nodes that are full, with %s free there and %s on others",
				    of.a, of.b);
	case OOMWATCH_CAUSE_FRAGMENTATION:
		return format_words("%s were free where %s have to stay free, but not in one piece",
				    of.a, of.b);
	case OOMWATCH_CAUSE_LOWMEM_ZONE:
		return format_words("%s were free in the zones that this allocation may use, %s in others",
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

/* Such as memcg_limit/shmem: which limit, and after a slash what filled it. "-": not known. */
const char *words_cause_name(const struct episode *episode)
{
	__u32 cause = episode->oom->oom.cause;
	const char *name = cause_name(cause), *by = filled_by(episode);

	if (is_nobody(episode))
		name = is_panic_on_oom(episode) ? "panic_on_oom" : "nobody_left";
	/* Memory was not full: its pieces were too small, or other zones had enough. */
	if (cause == OOMWATCH_CAUSE_FRAGMENTATION || cause == OOMWATCH_CAUSE_LOWMEM_ZONE)
		return name;
	if (is_nobody(episode))
		return by ? format_words("%s/%s", name, by) : name;
	if (words_filling(cause))
		return format_words("machine/%s", name);
	/* A log has the kind, and not which of the cgroups was at its limit. */
	if (!cause && episode->oom->oom.kind == OOMWATCH_KIND_MEMCG && (by || episode->stream->log))
		name = "memcg";
	else if (!cause && by)
		name = "machine";
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
