// SPDX-License-Identifier: GPL-2.0
/* How long memory had been short before a kill: what reclaim did, and how long tasks waited. */
#include "kill.h"

#define SECOND_NS 1000000000ULL

/* Less is part of each kill. The share is in basis points. */
#define SPELL_NS SECOND_NS
#define SHARE 1000

static void explain_reclaim(struct prose *to, const struct record *rec)
{
	const struct oomwatch_reclaim *reclaim = &rec->reclaim;
	__u64 scanned = sum_of(reclaim->pgscan_anon, reclaim->pgscan_file, 0);
	__u64 freed = sum_of(reclaim->pgsteal_anon, reclaim->pgsteal_file, 0);
	__u64 again = sum_of(reclaim->refault_anon, reclaim->refault_file, 0);
	const char *swapped = "", *read = "";

	if (!is_known(reclaim->since_ns) || reclaim->since_ns < SPELL_NS ||
	    !is_known(scanned) || !is_known(freed))
		return;
	if (is_known(reclaim->pswpout) && reclaim->pswpout)
		swapped = format_words(" (%s went to swap)", words_pages(rec, reclaim->pswpout));
	if (is_known(again) && again)
		read = format_words(", and read %s again that it had freed",
				    words_pages(rec, again));
	paragraph(to, "Memory had been short for %s: in that time the kernel looked at pages %s times and freed %s%s%s.",
		  words_duration(reclaim->since_ns), words_signed(scanned),
		  words_pages(rec, freed), swapped, read);
}

static void explain_pressure(struct prose *to, const struct oomwatch_pressure *of,
			     const char *tasks)
{
	if (of->some_avg10 == OOMWATCH_UNKNOWN_U32 || of->some_avg10 < SHARE ||
	    !is_known(of->age) || of->age > 10 * SECOND_NS)
		return;
	paragraph(to, "In the ten seconds before, %s had waited for memory for %u%% of the time, all of them at once for %u%%.",
		  tasks, of->some_avg10 / 100, of->full_avg10 / 100);
}

void explain_shortage(struct prose *to, const struct episode *episode)
{
	const struct record *reclaim = first_of(episode, OOMWATCH_TYPE_RECLAIM);
	const struct record *memcg = first_of(episode, OOMWATCH_TYPE_MEMCG);

	if (reclaim)
		explain_reclaim(to, reclaim);
	if (episode->oom->oom.kind == OOMWATCH_KIND_MEMCG && memcg)
		explain_pressure(to, &memcg->memcg.pressure, "tasks of the cgroup");
	else if (episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL)
		explain_pressure(to, &episode->oom->oom.pressure, "tasks");
}
