// SPDX-License-Identifier: GPL-2.0
/* Processes that could not be chosen. Each reason is a row, from which all commands print it. */
#include "kill.h"
#include "terminal.h"

#define NO_FIGURE 0	/* a record begins with its head: no figure has offset 0 */

static const struct exclusion {
	size_t nr, pages;		/* offsets in struct oomwatch_excluded */
	const char *label;		/* in a table */
	const char *one, *many;		/* after their number, in a list of all reasons */
	const char *spared_one, *spared_many;	/* in why's sentence; NULL: left out there */
} exclusions[] = {
#define FIGURE(member) offsetof(struct oomwatch_excluded, member)
	{ FIGURE(unkillable), FIGURE(unkillable_pages), "have an oom_score_adj of -1000",
	  "with an oom_score_adj of -1000", "with an oom_score_adj of -1000",
	  "process with an oom_score_adj of -1000", "processes with an oom_score_adj of -1000" },
	{ FIGURE(init), FIGURE(init_pages), "init", "init", "init", "init", NULL },
	{ FIGURE(reaped), FIGURE(reaped_pages), "earlier victims, passed over",
	  "earlier victim, passed over", "earlier victims, passed over",
	  "earlier victim, which the kernel passes over",
	  "earlier victims, which the kernel passes over" },
	{ FIGURE(vfork), FIGURE(vfork_pages), "between vfork and exec",
	  "between vfork and exec", "between vfork and exec",
	  "process between vfork and exec, with its parent's memory",
	  "processes between vfork and exec, with their parents' memory" },
	{ FIGURE(exited), NO_FIGURE, "zombies", "zombie", "zombies", NULL, NULL },
	{ FIGURE(outside), NO_FIGURE, "outside of the limit", "outside of the limit",
	  "outside of the limit", NULL, NULL },
	{ FIGURE(kthreads), NO_FIGURE, "kernel threads", "kernel thread", "kernel threads",
	  NULL, NULL },
	{ FIGURE(busy), NO_FIGURE, "locked, so not looked at",
	  "not looked at, as it was locked", "not looked at, as they were locked", NULL, NULL },
};

/* The candidates: the first row of the table. */
static const struct exclusion eligible = {
	FIGURE(eligible), FIGURE(eligible_pages), "could be chosen", NULL, NULL, NULL, NULL
};

#define for_each_exclusion(x) \
	for (x = exclusions; x < exclusions + ARRAY_SIZE(exclusions); x++)

static __u32 number_of(const struct record *rec, const struct exclusion *x)
{
	return *(const __u32 *)((const char *)&rec->excluded + x->nr);
}

static __u64 pages_of(const struct record *rec, const struct exclusion *x)
{
	return x->pages == NO_FIGURE ? OOMWATCH_UNKNOWN_U64 :
		*(const __u64 *)((const char *)&rec->excluded + x->pages);
}

static const char *words_excluded(const struct record *rec)
{
	const struct exclusion *x;
	const char *line = "", *size;
	__u32 nr;

	for_each_exclusion(x) {
		nr = number_of(rec, x);
		if (!is_some(nr))
			continue;
		size = x->pages == NO_FIGURE ? "" :
			format_words(" (%s)", words_pages(rec, pages_of(rec, x)));
		line = format_words("%s%s%s%s", line, *line ? ", " : "",
				    plural(nr, x->one, x->many), size);
	}
	return line;
}

/* Who made it so, in a few words, for a list. */
const char *words_set_by(const struct record *rec)
{
	const struct oomwatch_setter *set_by = &rec->set_by;

	if (rec->victim.process.oom_score_adj != -1000 || !comm_known(set_by->comm))
		return "";
	if (has_set_itself(rec))
		return "set by itself";
	if (set_by->on_tgid == rec->victim.process.tgid)
		return format_words("set by %s (pid %s)", words_comm(set_by->comm),
				    words_id(set_by->pid));
	return format_words("inherited: %s (pid %s) had set %s", words_comm(set_by->comm),
			    words_id(set_by->pid), set_by->on_tgid == set_by->pid ? "its own" :
			    format_words("that of process %s", words_id(set_by->on_tgid)));
}

/* What the kernel's score counts of a process, in pages. */
__u64 held_by(const struct record *rec)
{
	return sum_of(rec->victim.score_rss, rec->victim.score_swap, rec->victim.score_pgtables);
}

/*
 * The largest processes with an oom_score_adj of -1000, without one that was told (NULL: none was);
 * "" if none is recorded, or none is large. init has an item of its own in the lists of reasons.
 */
const char *words_protected(const struct episode *episode, const struct record *told)
{
	const char *list = "", *by;
	const struct record *rec;
	__u64 held;
	size_t at;

	/* Candidates are before them in the ring: if none is left, the largest may be gone, too. */
	if (!episode->oom && !first_of(episode, OOMWATCH_TYPE_TASK))
		return "";
	for_each_of(rec, episode, PROTECTED, at) {
		held = held_by(rec);
		if (rec == told || rec->victim.process.tgid == 1 || !is_known(held) ||
		    held * rec->stream->page_size < 1 << 20)
			continue;
		by = words_set_by(rec);
		list = format_words("%s%s%s with %s%s", list, *list ? ", " : "",
				    name_and_pid(rec), words_pages(rec, held), !*by ? "" :
				    format_words(" (its -1000 was %s)", by));
	}
	return list;
}

void put_excluded(const struct episode *episode)
{
	const struct record *rec = episode->excluded;
	const char *rest = words_excluded(rec), *largest = words_protected(episode, NULL);

	printf("  ");
	put_wrapped(stdout, format_words("%s could be chosen (%s)%s%s.",
					 plural_count(rec->excluded.eligible, "process",
						      "processes"),
					 words_pages(rec, rec->excluded.eligible_pages),
					 *rest ? "; not: " : "", rest), 2);
	if (*largest) {
		printf("  ");
		put_wrapped(stdout, format_words("The largest with -1000: %s.", largest),
			    2);
	}
}

/* A child between vfork and exec dies with the victim whose memory it has. */
const char *words_spared(const struct episode *episode)
{
	const struct record *rec = episode->excluded;
	const struct exclusion *x;
	const char *line = "";
	__u32 nr;

	for_each_exclusion(x) {
		nr = number_of(rec, x);
		if (!x->spared_one || !is_some(nr) ||
		    (x->nr == FIGURE(vfork) && nr_sharers(episode)))
			continue;
		line = format_words("%s%s%s (%s)", line, *line ? ", " : "", x->spared_many ?
				    plural(nr, x->spared_one, x->spared_many) : x->spared_one,
				    words_pages(rec, pages_of(rec, x)));
	}
	return line;
}

/* --- as a table ------------------------------------------------------------------------- */

static const char *cell_label(const struct row *row)
{
	return row->exclusion->label;
}

static const char *cell_number(const struct row *row)
{
	return words_count(number_of(row->rec, row->exclusion));
}

static const char *cell_held(const struct row *row)
{
	return words_pages(row->rec, pages_of(row->rec, row->exclusion));
}

static const struct column columns[] = {
	{ "PROCESSES", LEFT, WHOLE, cell_label, NULL },
	{ "NUMBER", RIGHT, WHOLE, cell_number, NULL },
	{ "HOLD", RIGHT, WHOLE, cell_held, NULL },
};

void fill_excluded(struct table *table, const struct record *rec)
{
	const struct exclusion *x;

	table_begin(table, COLUMNS(columns));
	table_row(table, &(struct row) { .rec = rec, .exclusion = &eligible }, STYLE_PLAIN);
	for_each_exclusion(x)
		table_row(table, &(struct row) { .rec = rec, .exclusion = x },
			  number_of(rec, x) ? STYLE_PLAIN : STYLE_DIM);
}
