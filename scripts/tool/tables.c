// SPDX-License-Identifier: GPL-2.0
/* What of a kill is a table, on a terminal and on a page. */
#include <stdlib.h>

#include "tool.h"

/* --- values --------------------------------------------------------------------------- */

bool is_known(__u64 value)
{
	return value < OOMWATCH_NO_LIMIT;
}

/* Not known if one of them isn't. */
__u64 sum_of(__u64 a, __u64 b, __u64 c)
{
	return is_known(a) && is_known(b) && is_known(c) ? a + b + c : OOMWATCH_UNKNOWN_U64;
}

/* Known, and not 0. */
bool is_some(__u32 n)
{
	return n && n != OOMWATCH_UNKNOWN_U32;
}

__u64 pages_of_bytes(const struct record *rec, __u64 bytes)
{
	return is_known(bytes) ? bytes / rec->stream->page_size : OOMWATCH_UNKNOWN_U64;
}

/* Up to the record; what came while it was made has just come. */
__u64 ns_since(const struct record *rec, __u64 then)
{
	if (then == OOMWATCH_UNKNOWN_U64)
		return then;
	return rec->head.time_ns > then ? rec->head.time_ns - then : 0;
}

bool has_flag(const struct oomwatch_process *process, __u32 flag)
{
	return process->flags != OOMWATCH_UNKNOWN_U32 && process->flags & flag;
}

/* --- victims, by pid, of which there may be thousands ----------------------------------- */

static int by_pid(const void *a, const void *b)
{
	const struct record * const *x = a, * const *y = b;
	__s32 p = (*x)->victim.process.pid, q = (*y)->victim.process.pid;

	return (p > q) - (p < q);
}

/* Free all afterwards. */
struct victims victims_of(const struct episode *episode)
{
	struct victims victims = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at) {
		victims.all = grow(victims.all, victims.nr, sizeof(*victims.all));
		victims.all[victims.nr++] = rec;
	}
	if (victims.nr)
		qsort(victims.all, victims.nr, sizeof(*victims.all), by_pid);
	return victims;
}

/* NULL if it isn't one. */
const struct record *victim_by_pid(const struct victims *victims, __s32 pid)
{
	size_t low = 0, high = victims->nr, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (victims->all[middle]->victim.process.pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < victims->nr && victims->all[low]->victim.process.pid == pid ?
		victims->all[low] : NULL;
}

/* --- candidates ------------------------------------------------------------------------- */

void score_cells(struct table *table, const struct record *rec)
{
	const struct oomwatch_victim *task = &rec->victim;

	table_cell(table, "%s", words_signed(task->process.points));
	table_cell(table, "%s", words_number(task->score_rss));
	table_cell(table, "%s", words_number(task->score_swap));
	table_cell(table, "%s", words_number(task->score_pgtables));
	table_cell(table, "%s", words_signed(task->score_adj));
	table_cell(table, "%s", words_id(task->process.oom_score_adj));
}

void fill_candidates(struct table *table, const struct episode *episode,
		     const struct victims *victims)
{
	static const char * const heading[] = { "RANK", "PID", "NAME", "SCORE", "= RSS", "+ SWAP",
						"+ PGTBL", "+ ADJ", "OOM_SCORE_ADJ", "WHERE",
						NULL };
	const struct record *rec;
	size_t at;

	table_begin(table, "rrLrrrrrrP", heading);
	for_each_of(rec, episode, TASK, at) {
		const struct oomwatch_process *process = &rec->victim.process;

		table_cell(table, "%s", process->rank ? words_count(process->rank) : "-");
		table_cell(table, "%s", words_id(process->pid));
		table_cell(table, "%s", words_comm(process->comm));
		score_cells(table, rec);
		table_cell(table, "%s", words_place(ref_bytes(rec, process->memcg)));
		table_style(table, victim_by_pid(victims, process->pid) ? STYLE_RED : STYLE_PLAIN);
	}
}

/* --- zones ------------------------------------------------------------------------------- */

bool zone_has_marks(const struct oomwatch_zone *zone)
{
	return is_known(sum_of(zone->min, zone->low, zone->high)) && zone->high &&
		is_known(zone->free);
}

bool zone_is_short(const struct oomwatch_zone *zone)
{
	return zone_has_marks(zone) && zone->free < zone->min;
}

static const char *words_blocks(const struct record *rec)
{
	struct oomwatch_ref blocks = rec->zone.free_blocks;
	const char *line = blocks.off ? "" : "-";
	unsigned int i;

	for (i = 0; i < blocks.len / sizeof(__u64); i++)
		line = format_words("%s%s%llu", line, i ? " " : "", ref_u64(rec, blocks, i));
	return line;
}

static void zone_row(struct table *table, const struct record *rec)
{
	const struct oomwatch_zone *zone = &rec->zone;
	__u64 anon, file;

	table_cell(table, "%s", words_count(zone->node));
	table_cell(table, "%s", words_comm(zone->name));
	table_cell(table, "%s", words_pages(rec, zone->free));
	table_cell(table, "%s", words_pages(rec, zone->min));
	table_cell(table, "%s", words_pages(rec, zone->low));
	table_cell(table, "%s", words_pages(rec, zone->high));
	table_cell(table, "%s", words_pages(rec, zone->managed));
	anon = sum_of(zone->active_anon, zone->inactive_anon, 0);
	file = sum_of(zone->active_file, zone->inactive_file, 0);
	table_cell(table, "%s", words_pages(rec, anon));
	table_cell(table, "%s", words_pages(rec, file));
	table_cell(table, "%s", words_blocks(rec));
	table_style(table, zone_is_short(zone) ? STYLE_RED : STYLE_PLAIN);
}

void fill_zones(struct table *table, const struct episode *episode)
{
	static const char * const heading[] = { "NODE", "ZONE", "FREE", "MIN", "LOW", "HIGH",
						"MANAGED", "ANON", "FILE", "FREE BLOCKS BY ORDER",
						NULL };
	const struct record *rec;
	size_t at;

	table_begin(table, "llrrrrrrrL", heading);
	for_each_of(rec, episode, ZONE, at)
		zone_row(table, rec);
}

/* --- what happened ------------------------------------------------------------------------- */

static const char *words_reap(__u32 event)
{
	static const char * const words[] = {
		[OOMWATCH_REAP_WAKE] = "is still there: the OOM reaper is called",
		[OOMWATCH_REAP_START] = "the OOM reaper begins",
		[OOMWATCH_REAP_FINISH] = "the OOM reaper has taken its memory",
		[OOMWATCH_REAP_SKIP] = "the OOM reaper can do nothing",
	};

	return event < sizeof(words) / sizeof(*words) ? words[event] : "-";
}

/* The process that an event is about, if it is about one. */
static __s32 event_pid(const struct record *rec)
{
	switch (rec->head.type) {
	case OOMWATCH_TYPE_VICTIM:
		return rec->victim.process.pid;
	case OOMWATCH_TYPE_SHARER:
		return rec->sharer.pid;
	case OOMWATCH_TYPE_REAP:
		return rec->reap.pid;
	case OOMWATCH_TYPE_EXIT:
		return rec->exit.pid;
	}
	return OOMWATCH_UNKNOWN_S32;
}

static const char *words_event(const struct record *rec)
{
	switch (rec->head.type) {
	case OOMWATCH_TYPE_OOM:
		return "out_of_memory() has chosen";
	case OOMWATCH_TYPE_VICTIM:
		return has_flag(&rec->victim.process, OOMWATCH_TASK_DYING) ?
			"was dying already, is marked" : "is killed";
	case OOMWATCH_TYPE_SHARER:
		return "is killed with it, as it shares its memory";
	case OOMWATCH_TYPE_END:
		return format_words("out_of_memory() returns after %s, %s of it oomwatch's",
				    words_duration(rec->end.duration_ns),
				    words_duration(rec->end.capture_ns));
	case OOMWATCH_TYPE_REAP:
		return words_reap(rec->reap.event);
	case OOMWATCH_TYPE_EXIT:
		return rec->exit.mm == OOMWATCH_EXIT_MM_HELD ?
			"is gone, its memory is about to be" : "is gone, and its memory";
	}
	return NULL;
}

static void event_row(struct table *table, const struct record *rec, const struct record *first,
		      const struct victims *victims)
{
	const struct record *victim = victim_by_pid(victims, event_pid(rec));
	__u64 ns = rec->head.time_ns, begin = first->head.time_ns;

	table_cell(table, "+%.6f s", ns < begin ? 0 : (ns - begin) / 1e9);
	table_cell(table, "%s", words_id(event_pid(rec)));
	table_cell(table, "%s", victim ? words_comm(victim->victim.process.comm) :
		   rec->head.type == OOMWATCH_TYPE_SHARER ? words_comm(rec->sharer.comm) : "-");
	table_cell(table, "%s", words_event(rec));
	table_style(table, STYLE_PLAIN);
}

void fill_events(struct table *table, const struct episode *episode, const struct victims *victims)
{
	static const char * const heading[] = { "TIME", "PID", "NAME", "EVENT", NULL };
	size_t i;

	table_begin(table, "rrll", heading);
	for (i = 0; i < episode->nr; i++)
		if (words_event(episode->of[i]))
			event_row(table, episode->of[i], episode->oom ?: episode->of[0], victims);
}
