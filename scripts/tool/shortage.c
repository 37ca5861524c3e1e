// SPDX-License-Identifier: GPL-2.0
/* How long memory had been short before a kill: what reclaim did, and how long tasks waited. */
#include <stddef.h>

#include "kill.h"

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
	paragraph(to, "Memory had been short for at least %s: in that time the kernel looked at pages %s times and freed %s%s%s.",
		  words_duration(reclaim->since_ns), words_signed(scanned),
		  words_pages(rec, freed), swapped, read);
}

static void explain_pressure(struct prose *to, const struct oomwatch_pressure *of,
			     const char *tasks)
{
	if (of->some_avg10 == OOMWATCH_UNKNOWN_U32 || of->some_avg10 < SHARE ||
	    !is_known(of->age) || of->age > 10 * SECOND_NS)
		return;
	paragraph(to, "In the ten seconds before, %s had waited for memory for %u%% of the time%s.",
		  tasks, of->some_avg10 / 100, of->full_avg10 == OOMWATCH_UNKNOWN_U32 ? "" :
		  format_words(", all of them at once for %u%%", of->full_avg10 / 100));
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

/* --- as a table ------------------------------------------------------------------------- */

static const struct reclaimed {
	const char *label;
	size_t scanned, freed, refaulted;	/* offsets in struct oomwatch_reclaim */
} kinds[] = {
#define FIGURE(member) offsetof(struct oomwatch_reclaim, member)
	/* The kernel counts by lists of pages, see lists_draw(). */
	{ "anonymous, shared memory and tmpfs",
	  FIGURE(pgscan_anon), FIGURE(pgsteal_anon), FIGURE(refault_anon) },
	{ "files", FIGURE(pgscan_file), FIGURE(pgsteal_file), FIGURE(refault_file) },
};

static __u64 figure_of(const struct row *row, size_t offset)
{
	return *(const __u64 *)((const char *)&row->rec->reclaim + offset);
}

static const char *cell_label(const struct row *row)
{
	return row->reclaimed->label;
}

static const char *cell_scanned(const struct row *row)
{
	return words_number(figure_of(row, row->reclaimed->scanned));
}

static const char *cell_freed(const struct row *row)
{
	return words_pages(row->rec, figure_of(row, row->reclaimed->freed));
}

static const char *cell_refaulted(const struct row *row)
{
	return words_pages(row->rec, figure_of(row, row->reclaimed->refaulted));
}

static const struct column columns[] = {
	{ "PAGES", LEFT, WHOLE, cell_label, NULL },
	{ "LOOKED AT", RIGHT, WHOLE, cell_scanned, NULL },
	{ "FREED", RIGHT, WHOLE, cell_freed, NULL },
	{ "NEEDED AGAIN", RIGHT, WHOLE, cell_refaulted, NULL },
};

void fill_reclaim(struct table *table, const struct record *rec)
{
	const struct reclaimed *kind;

	table_begin(table, COLUMNS(columns));
	for (kind = kinds; kind < kinds + ARRAY_SIZE(kinds); kind++)
		table_row(table, &(struct row) { .rec = rec, .reclaimed = kind }, STYLE_PLAIN);
}

const char *words_reclaim(const struct record *rec)
{
	const struct oomwatch_reclaim *reclaim = &rec->reclaim;
	const char *stalls = "", *swap = "";

	if (is_known(reclaim->allocstall))
		stalls = format_words(" Tasks had to reclaim memory themselves %s.",
				      plural(reclaim->allocstall, "time", "times"));
	if (is_known(reclaim->pswpout) && is_known(reclaim->pswpin))
		swap = format_words(" %s were written to swap and %s read from it.",
				    words_pages(rec, reclaim->pswpout),
				    words_pages(rec, reclaim->pswpin));
	return format_words("Of the whole machine, in the %s since reclaim first got nothing, or since the kill before.%s%s",
			    words_duration(reclaim->since_ns), stalls, swap);
}
