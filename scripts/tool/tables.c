// SPDX-License-Identifier: GPL-2.0
/* The tables about kills, for a terminal and for a page. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "tool.h"
#include "zones.h"

/* Adds a row for each record of a type. */
static void add_rows(struct table *table, const struct episode *episode, unsigned int type)
{
	const struct record *rec;
	size_t at = 0;

	while ((rec = episode_next(episode, type, &at)))
		table_row(table, &(struct row) { .rec = rec }, STYLE_PLAIN);
}

/* --- kills ------------------------------------------------------------------------------ */

/* NULL if no victim of the episode is recorded, or none is recorded any more. */
static const struct oomwatch_process *victim_of(const struct row *row)
{
	const struct record *victim = main_victim(row->episode);

	return victim ? &victim->victim.process : NULL;
}

static const char *cell_id(const struct row *row)
{
	return words_kill_id(row->episode->stream, row->episode->id);
}

static const char *cell_time(const struct row *row)
{
	return words_when(row->episode);
}

static const char *cell_second(const struct row *row)
{
	return words_second(row->episode);
}

static const char *cell_kind(const struct row *row)
{
	return row->episode->oom ? kind_name(row->episode->oom->oom.kind) : "-";
}

static const char *cell_victim(const struct row *row)
{
	if (is_nobody(row->episode))
		return "nobody";
	return words_victim(row->episode);
}

/* The victim and the number of others that died with it. */
static const char *cell_victims(const struct row *row)
{
	unsigned int nr = nr_victims(row->episode) + nr_sharers(row->episode);

	return nr > 1 ? format_words("%s +%u", cell_victim(row), nr - 1) : cell_victim(row);
}

static const char *cell_victim_pid(const struct row *row)
{
	const struct oomwatch_process *victim = victim_of(row);

	return victim ? words_id(victim->pid) : "-";
}

static const char *cell_victim_score(const struct row *row)
{
	const struct oomwatch_process *victim = victim_of(row);

	return victim ? words_signed(victim->points) : "-";
}

static const char *cell_victim_place(const struct row *row)
{
	const struct record *victim = main_victim(row->episode), *oom = row->episode->oom;

	if (victim && victim->victim.process.memcg.off)
		return words_place(ref_bytes(victim, victim->victim.process.memcg));
	/* A kernel log may lack the cgroup of the victim, and have the cgroup at its limit. */
	if (oom && oom->oom.memcg.off)
		return words_place(ref_bytes(oom, oom->oom.memcg));
	return is_nobody(row->episode) && oom && oom->oom.kind != OOMWATCH_KIND_UNKNOWN &&
		oom->oom.kind != OOMWATCH_KIND_MEMCG ? "machine" : "-";
}

static const char *cell_victim_path(const struct row *row)
{
	const struct record *victim = main_victim(row->episode), *oom = row->episode->oom;

	if (victim && victim->victim.process.memcg.off)
		return words_ref(victim, victim->victim.process.memcg);
	/* Of a log, and of calls that found nobody, the cgroup at its limit is known. */
	return oom ? words_ref(oom, oom->oom.memcg) : "-";
}

static const char *cell_cause(const struct row *row)
{
	return row->episode->oom ? words_cause_name(row->episode) : "-";
}

/* A plus says that there may be more, in swap. */
static const char *cell_page_size(const struct row *row)
{
	__u64 pages = pages_of_killed(row->episode, own_pages);

	return is_known(pages) ? format_words("%s%s", words_pages(main_victim(row->episode), pages),
					      killed_swap_is_known(row->episode) ? "" : "+") : "-";
}

static const char *cell_size(const struct row *row)
{
	return words_tight(cell_page_size(row));
}

/* The limit that the cause is about can be that of memory and swap together. */
static const char *cell_page_limit(const struct row *row)
{
	const struct record *rec = row->episode->oom;

	if (!rec || rec->oom.kind != OOMWATCH_KIND_MEMCG)
		return "-";
	if (is_known(rec->oom.cause_bound))
		return words_pages(rec, rec->oom.cause_bound);
	return words_pages(rec, is_memsw_full(&rec->oom) ? rec->oom.memcg_memsw_limit :
			   rec->oom.memcg_limit);
}

static const char *cell_limit(const struct row *row)
{
	return words_tight(cell_page_limit(row));
}

static const struct column kills[] = {
	{ "ID", RIGHT, WHOLE, cell_id, NULL },
	{ "TIME", LEFT, WHOLE, cell_second, cell_time },
	{ "KIND", LEFT, DROP(6), cell_kind, NULL },
	{ "VICTIM", LEFT, CUT_END, cell_victims, NULL },
	{ "PID", RIGHT, DROP(3), cell_victim_pid, NULL },
	{ "SCORE", RIGHT, DROP(7), cell_victim_score, NULL },
	{ "SIZE", RIGHT, WHOLE, cell_size, cell_page_size },
	{ "LIMIT", RIGHT, DROP(5), cell_limit, cell_page_limit },
	{ "WHERE", LEFT, DROP(2) | CUT_BEGIN, cell_victim_place, NULL },
	{ "CAUSE", LEFT, WHOLE, cell_cause, NULL },
};

/* For list -v: no column is left out, no cell is cut, and the path is the full one. */
static const struct column kills_in_full[] = {
	{ "ID", RIGHT, WHOLE, cell_id, NULL },
	{ "TIME", LEFT, WHOLE, cell_time, NULL },
	{ "KIND", LEFT, WHOLE, cell_kind, NULL },
	{ "VICTIM", LEFT, WHOLE, cell_victims, NULL },
	{ "PID", RIGHT, WHOLE, cell_victim_pid, NULL },
	{ "SCORE", RIGHT, WHOLE, cell_victim_score, NULL },
	{ "SIZE", RIGHT, WHOLE, cell_size, NULL },
	{ "LIMIT", RIGHT, WHOLE, cell_limit, NULL },
	{ "WHERE", LEFT, WHOLE, cell_victim_place, NULL },
	{ "CAUSE", LEFT, WHOLE, cell_cause, NULL },
	{ "CGROUP", LEFT, WHOLE, cell_victim_path, NULL },
};

static const struct stream *stream_of(const struct row *row)
{
	return row->episode ? row->episode->stream : row->rec->stream;
}

static const char *cell_host(const struct row *row)
{
	return words_host(stream_of(row));
}

static const char *cell_boot(const struct row *row)
{
	return format_words("%.8s", words_boot(stream_of(row)));
}

#define MOST_COLUMNS 13

/* Begins a table, with columns of the host and the boot after some others if they are needed. */
void begin_with_boots(struct table *table, const struct capture *capture, size_t after,
		      const struct column *of, size_t nr)
{
	static struct column columns[MOST_COLUMNS];
	size_t at = after;

	assert(nr + 2 <= MOST_COLUMNS);
	memcpy(columns, of, after * sizeof(*of));
	if (has_several_hosts(capture))
		columns[at++] = (struct column) {
			"HOST", LEFT, DROP(1) | CUT_END, cell_host, NULL,
		};
	if (has_several_boots(capture))
		columns[at++] = (struct column) { "BOOT", LEFT, DROP(4), cell_boot, NULL };
	memcpy(columns + at, of + after, (nr - after) * sizeof(*of));
	table_begin(table, columns, at + nr - after);
}

void begin_kills(struct table *table, const struct capture *capture)
{
	begin_with_boots(table, capture, 2, COLUMNS(kills));
}

void begin_kills_in_full(struct table *table, const struct capture *capture)
{
	begin_with_boots(table, capture, 2, COLUMNS(kills_in_full));
}

/* --- groups of kills ------------------------------------------------------------------- */

static const char *hour_of_kill(const struct row *row)
{
	const char *time = cell_time(row), *colon = strchr(time, ':');
	const struct record *rec = row->episode->of[0];

	if (colon)
		return format_words("%.*s:00", (int)(colon - time), time);
	/* A log may have nothing but seconds since boot. */
	return rec->head.time_ns == OOMWATCH_UNKNOWN_U64 ? "-" :
		format_words("boot + %llu h", rec->head.time_ns / (3600 * 1000000000ULL));
}

static const struct grouping {
	const char *by, *heading;
	const char *(*cell)(const struct row *row);
} groupings[] = {
	{ "cgroup", "CGROUP", cell_victim_place }, { "cause", "CAUSE", cell_cause },
	{ "victim", "VICTIM", cell_victim }, { "host", "HOST", cell_host },
	{ "hour", "HOUR", hour_of_kill },
};

static const struct grouping *grouping_of(const char *by)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(groupings); i++)
		if (!strcmp(by, groupings[i].by))
			return &groupings[i];
	return NULL;
}

bool can_group_by(const char *by) { return grouping_of(by); }

const char *group_name(const char *by, const struct episode *episode)
{
	return grouping_of(by)->cell(&(struct row) { .episode = episode });
}

const char *cell_group_count(const struct row *row)
{
	return words_number(row->group->nr);
}

const char *cell_group_first(const struct row *row)
{
	return words_second(row->group->first);
}

const char *cell_group_last(const struct row *row)
{
	return words_second(row->group->last);
}

const char *cell_group_name(const struct row *row)
{
	return row->group->name;
}

static const struct column groups[] = {
	{ "KILLS", RIGHT, WHOLE, cell_group_count, NULL },
	{ "FIRST", LEFT, DROP(1), cell_group_first, NULL },
	{ "LAST", LEFT, WHOLE, cell_group_last, NULL },
};

/* The column of their names is headed by what they have in common. */
void begin_groups(struct table *table, const char *by)
{
	enum { NAME = ARRAY_SIZE(groups) };
	static struct column columns[NAME + 1];

	memcpy(columns, groups, sizeof(groups));
	columns[NAME] = (struct column) {
		grouping_of(by)->heading, LEFT, CUT_BEGIN, cell_group_name, NULL,
	};
	table_begin(table, COLUMNS(columns));
}

/* --- candidates ------------------------------------------------------------------------- */

const char *cell_rank(const struct row *row)
{
	__u32 rank = row->rec->victim.process.rank;

	return rank ? words_count(rank) : "-";
}

static const char *cell_pid(const struct row *row)
{
	return words_id(row->rec->victim.process.pid);
}

const char *cell_comm(const struct row *row)
{
	return words_comm(row->rec->victim.process.comm);
}

const char *cell_points(const struct row *row)
{
	return words_signed(row->rec->victim.process.points);
}

const char *cell_score_rss(const struct row *row)
{
	return words_number(row->rec->victim.score_rss);
}

const char *cell_score_swap(const struct row *row)
{
	return words_number(row->rec->victim.score_swap);
}

const char *cell_score_pgtables(const struct row *row)
{
	return words_number(row->rec->victim.score_pgtables);
}

const char *cell_score_adj(const struct row *row)
{
	return words_signed(row->rec->victim.score_adj);
}

const char *cell_oom_score_adj(const struct row *row)
{
	return words_id(row->rec->victim.process.oom_score_adj);
}

const char *cell_place(const struct row *row)
{
	return words_place(ref_bytes(row->rec, row->rec->victim.process.memcg));
}

/* Which task set a process's oom_score_adj: of the process itself, or of what it is a child of. */
const char *cell_set_by(const struct row *row)
{
	const struct oomwatch_process *process = &row->rec->victim.process;
	const struct oomwatch_setter *set_by = &row->rec->set_by;

	if (!comm_known(set_by->comm))
		return "-";
	if (has_set_itself(row->rec))
		return "itself";
	return format_words("%s (%s)%s", words_comm(set_by->comm), words_id(set_by->pid),
			    set_by->on_tgid == process->tgid ? "" :
			    format_words(", on %s", words_id(set_by->on_tgid)));
}

static const struct column candidates[] = {
	{ "RANK", RIGHT, DROP(1), cell_rank, NULL },
	{ "PID", RIGHT, WHOLE, cell_pid, NULL },
	SCORE_COLUMNS,
	{ "WHERE", LEFT, CUT_BEGIN, cell_place, NULL },
};

void fill_candidates(struct table *table, const struct episode *episode,
		     const struct victims *victims)
{
	struct candidates of = candidates_of(episode);
	size_t i;

	table_begin(table, COLUMNS(candidates));
	for (i = 0; i < of.nr; i++)
		table_row(table, &(struct row) { .rec = of.all[i] },
			  victim_by_pid(victims, of.all[i]->victim.process.pid) ?
			  STYLE_RED : STYLE_PLAIN);
	free(of.all);
}

/* --- victims ------------------------------------------------------------------------------- */

/*
 * A sharer was sent SIGKILL because it shares a victim's memory. That memory is in the victim's
 * row already, so a sharer's row has no figures of memory.
 */
static bool is_sharer(const struct row *row)
{
	return row->rec->head.type == OOMWATCH_TYPE_SHARER;
}

static const char *cell_dead_name(const struct row *row)
{
	return is_sharer(row) ? words_comm(row->rec->sharer.comm) : cell_comm(row);
}

static const char *cell_dead_pid(const struct row *row)
{
	return is_sharer(row) ? words_id(row->rec->sharer.pid) : cell_pid(row);
}

static const char *cell_dead_uid(const struct row *row)
{
	return words_uid(is_sharer(row) ? row->rec->sharer.uid : row->rec->victim.process.uid);
}

static const char *cell_dead_score(const struct row *row)
{
	return is_sharer(row) ? "-" : cell_points(row);
}

static const char *cell_dead_adj(const struct row *row)
{
	return is_sharer(row) ? words_id(row->rec->sharer.oom_score_adj) :
		cell_oom_score_adj(row);
}

static const char *cell_dead_resident(const struct row *row)
{
	return is_sharer(row) ? "-" : words_pages(row->rec, resident(&row->rec->victim.process));
}

static const char *cell_dead_swap(const struct row *row)
{
	return is_sharer(row) ? "-" : words_pages(row->rec, row->rec->victim.process.swap);
}

static const char *cell_dead_pgtables(const struct row *row)
{
	return is_sharer(row) ? "-" : words_bytes(row->rec->victim.process.pgtables);
}

static const char *cell_dead_memcg(const struct row *row)
{
	if (is_sharer(row))
		return format_words("shares the memory of %s",
				    words_id(row->rec->sharer.victim_pid));
	return words_ref(row->rec, row->rec->victim.process.memcg);
}

static const struct column dead[] = {
	{ "NAME", LEFT, CUT_END, cell_dead_name, NULL },
	{ "PID", RIGHT, WHOLE, cell_dead_pid, NULL },
	{ "UID", RIGHT, WHOLE, cell_dead_uid, NULL },
	{ "SCORE", RIGHT, WHOLE, cell_dead_score, NULL },
	{ "OOM_SCORE_ADJ", RIGHT, WHOLE, cell_dead_adj, NULL },
	{ "RESIDENT", RIGHT, WHOLE, cell_dead_resident, NULL },
	{ "SWAP", RIGHT, WHOLE, cell_dead_swap, NULL },
	{ "PAGE TABLES", RIGHT, WHOLE, cell_dead_pgtables, NULL },
	{ "CGROUP", LEFT, CUT_BEGIN, cell_dead_memcg, NULL },
};

void fill_victims(struct table *table, const struct episode *episode)
{
	table_begin(table, COLUMNS(dead));
	add_rows(table, episode, OOMWATCH_TYPE_VICTIM);
	add_rows(table, episode, OOMWATCH_TYPE_SHARER);
}

/* --- zones ------------------------------------------------------------------------------- */

static const char *cell_blocks(const struct row *row)
{
	struct oomwatch_ref blocks = row->rec->zone.free_blocks;
	const char *line = blocks.off ? "" : "-";
	unsigned int i;

	for (i = 0; i < blocks.len / sizeof(__u64); i++)
		line = format_words("%s%s%llu", line, i ? " " : "", ref_u64(row->rec, blocks, i));
	return line;
}

static const char *cell_node(const struct row *row)
{
	return words_count(row->rec->zone.node);
}

static const char *cell_zone(const struct row *row)
{
	return words_comm(row->rec->zone.name);
}

static const char *cell_free(const struct row *row)
{
	return words_pages(row->rec, row->rec->zone.free);
}

static const char *cell_highatomic(const struct row *row)
{
	return words_pages(row->rec, zone_highatomic(&row->rec->zone));
}

static const char *cell_min(const struct row *row)
{
	return words_pages(row->rec, row->rec->zone.min);
}

static const char *cell_low(const struct row *row)
{
	return words_pages(row->rec, row->rec->zone.low);
}

static const char *cell_high(const struct row *row)
{
	return words_pages(row->rec, row->rec->zone.high);
}

static const char *cell_reserve(const struct row *row)
{
	return words_pages(row->rec, zone_reserve(row->episode, row->rec));
}

static const char *cell_managed(const struct row *row)
{
	return words_pages(row->rec, row->rec->zone.managed);
}

static const char *cell_anon(const struct row *row)
{
	const struct oomwatch_zone *zone = &row->rec->zone;

	return words_pages(row->rec, sum_of(zone->active_anon, zone->inactive_anon, 0));
}

static const char *cell_file(const struct row *row)
{
	const struct oomwatch_zone *zone = &row->rec->zone;

	return words_pages(row->rec, sum_of(zone->active_file, zone->inactive_file, 0));
}

static const struct column zones[] = {
	{ "NODE", LEFT, WHOLE, cell_node, NULL },
	{ "ZONE", LEFT, WHOLE, cell_zone, NULL },
	{ "FREE", RIGHT, WHOLE, cell_free, NULL },
	{ "HIGHATOMIC", RIGHT, DROP(2), cell_highatomic, NULL },
	{ "MIN", RIGHT, WHOLE, cell_min, NULL },
	{ "LOW", RIGHT, WHOLE, cell_low, NULL },
	{ "HIGH", RIGHT, WHOLE, cell_high, NULL },
	{ "RESERVE", RIGHT, DROP(1), cell_reserve, NULL },
	{ "MANAGED", RIGHT, DROP(3), cell_managed, NULL },
	{ "ANON", RIGHT, DROP(4), cell_anon, NULL },
	{ "FILE", RIGHT, DROP(5), cell_file, NULL },
	{ "FREE BLOCKS BY ORDER", LEFT, CUT_END, cell_blocks, NULL },
};

void fill_zones(struct table *table, const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	table_begin(table, COLUMNS(zones));
	for_each_of(rec, episode, ZONE, at)
		table_row(table, &(struct row) { .episode = episode, .rec = rec },
			  zone_is_short(episode, rec) ? STYLE_RED : STYLE_PLAIN);
}

/* --- programs ------------------------------------------------------------------------------- */

static const char *cell_program_pid(const struct row *row)
{
	return words_id(row->rec->cmdline.pid);
}

static const char *cell_program(const struct row *row)
{
	return words_comm(row->rec->cmdline.leader_comm);
}

static const char *cell_cmdline(const struct row *row)
{
	return words_cmdline(row->rec, OOMWATCH_RECORD_MAX);
}

static const struct column cmdlines[] = {
	{ "PID", RIGHT, WHOLE, cell_program_pid, NULL },
	{ "PROCESS", LEFT, CUT_END, cell_program, NULL },
	{ "COMMAND LINE", LEFT, CUT_END, cell_cmdline, NULL },
};

void fill_cmdlines(struct table *table, const struct episode *episode)
{
	table_begin(table, COLUMNS(cmdlines));
	add_rows(table, episode, OOMWATCH_TYPE_CMDLINE);
}

/* --- child cgroups -------------------------------------------------------------------------- */

static const char *cell_child(const struct row *row)
{
	return words_ref(row->rec, row->rec->child.memcg);
}

#define CHILD_CELL(member) \
	static const char *cell_child_##member(const struct row *row) \
	{ \
		return words_pages(row->rec, row->rec->child.member); \
	}

CHILD_CELL(usage)
CHILD_CELL(limit)
CHILD_CELL(anon)
CHILD_CELL(shmem)
CHILD_CELL(kernel)
CHILD_CELL(sock)

static const char *cell_child_file(const struct row *row)
{
	const struct oomwatch_child *child = &row->rec->child;

	return words_pages(row->rec, child_cache(child));
}

static const struct column children[] = {
	{ "USED", RIGHT, WHOLE, cell_child_usage, NULL },
	{ "LIMIT", RIGHT, WHOLE, cell_child_limit, NULL },
	{ "ANON", RIGHT, WHOLE, cell_child_anon, NULL },
	{ "SHMEM", RIGHT, WHOLE, cell_child_shmem, NULL },
	{ "CACHE", RIGHT, WHOLE, cell_child_file, NULL },
	{ "KERNEL", RIGHT, WHOLE, cell_child_kernel, NULL },
	{ "SOCK", RIGHT, WHOLE, cell_child_sock, NULL },
	{ "CGROUP", LEFT, CUT_BEGIN, cell_child, NULL },
};

void fill_children(struct table *table, const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	table_begin(table, COLUMNS(children));
	for_each_of(rec, episode, CHILD, at)
		table_row(table, &(struct row) { .rec = rec },
			  rec->child.usage ? STYLE_PLAIN : STYLE_DIM);
}

/* --- what happened ------------------------------------------------------------------------- */

static const char *words_reap(__u32 event)
{
	static const char * const words[] = {
		[OOMWATCH_REAP_WAKE] = "is still there: the OOM reaper is called",
		[OOMWATCH_REAP_START] = "the OOM reaper begins",
		[OOMWATCH_REAP_FINISH] = "the OOM reaper is done, or tries again later",
		[OOMWATCH_REAP_SKIP] = "the OOM reaper can do nothing",
	};

	return event < ARRAY_SIZE(words) ? words[event] : "-";
}

/* The pid that an event is about; unknown if it is about no process. */
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

/* Both ends: the record was made some time after the last of these calls. */
static const char *words_more_calls(const struct record *rec)
{
	const char *first = words_duration(ns_since(rec, rec->calls.first_ns));
	const char *last = words_duration(ns_since(rec, rec->calls.last_ns));

	if (rec->calls.calls == 1)
		return format_words("1 more call had found nobody, %s before", last);
	return format_words("%s had found nobody, the first %s before and the last %s before",
			    plural(rec->calls.calls, "more call", "more calls"), first, last);
}

static const char *words_event(const struct record *rec)
{
	switch (rec->head.type) {
	case OOMWATCH_TYPE_OOM:
		return rec->head.oom & OOMWATCH_NOBODY ? "out_of_memory() has found nobody" :
			"out_of_memory() has chosen";
	case OOMWATCH_TYPE_CALLS:
		return words_more_calls(rec);
	case OOMWATCH_TYPE_VICTIM:
		if (rec->unfinished)
			return "is chosen; the log does not have the kill";
		return has_flag(&rec->victim.process, OOMWATCH_TASK_DYING) ?
			"was dying already, is marked" : "is killed";
	case OOMWATCH_TYPE_SHARER:
		return "is killed with it, as it shares its memory";
	case OOMWATCH_TYPE_END:
		if (rec->end.outcome == OOMWATCH_OUTCOME_PANIC ||
		    rec->end.outcome == OOMWATCH_OUTCOME_DEADLOCK)
			return "the kernel panics";
		return format_words("out_of_memory() returns, %s after it was called; %s of that were oomwatch's",
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

static const char *cell_since(const struct row *row)
{
	const struct record *first = row->episode->oom;
	__u64 ns = row->rec->head.time_ns, begin;

	if (!first || row->rec->stream->coarse)
		return "-";
	begin = first->head.time_ns;
	if (!is_known(ns) || !is_known(begin) || ns < begin)
		return "-";
	return format_words("+%.6f s", (ns - begin) / 1e9);
}

static const char *cell_event_pid(const struct row *row)
{
	return words_id(event_pid(row->rec));
}

static const char *cell_event_name(const struct row *row)
{
	const struct record *victim = victim_by_pid(row->victims, event_pid(row->rec));

	if (victim)
		return words_comm(victim->victim.process.comm);
	return is_sharer(row) ? words_comm(row->rec->sharer.comm) : "-";
}

static const char *cell_event(const struct row *row)
{
	return words_event(row->rec);
}

static const struct column events[] = {
	{ "TIME", RIGHT, WHOLE, cell_since, NULL },
	{ "PID", RIGHT, WHOLE, cell_event_pid, NULL },
	{ "NAME", LEFT, WHOLE, cell_event_name, NULL },
	{ "EVENT", LEFT, WHOLE, cell_event, NULL },
};

void fill_events(struct table *table, const struct episode *episode, const struct victims *victims)
{
	struct row row = { .episode = episode, .victims = victims };
	size_t i;

	table_begin(table, COLUMNS(events));
	for (i = 0; i < episode->nr; i++) {
		words_scope();
		row.rec = episode->of[i];
		if (words_event(row.rec))
			table_row(table, &row, STYLE_PLAIN);
	}
}
