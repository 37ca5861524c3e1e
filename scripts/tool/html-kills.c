// SPDX-License-Identifier: GPL-2.0
/* The timeline and the list of kills on a page. */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "tool.h"

unsigned int episode_kind(const struct episode *episode)
{
	unsigned int kind = episode->oom ? episode->oom->oom.kind : OOMWATCH_KIND_UNKNOWN;

	return kind < __OOMWATCH_KIND_MAX ? kind : OOMWATCH_KIND_UNKNOWN;
}

static const char *words_kind(unsigned int kind)
{
	return kind == OOMWATCH_KIND_UNKNOWN ? "kind not known" : kind_name(kind);
}

/* Several captures may have an id twice, so the stream's number is part of the anchor. */
static void kill_link(const struct episode *episode, const struct explained *explained)
{
	if (episode >= (is_nobody(episode) ? explained->nobody : explained->kills))
		markup("<a href=\"#kill-%zu-%s\">", episode->stream->number,
		       words_episode(episode->id));
	else
		markup("<a>");
}

/* --- the timeline ---------------------------------------------------------------------- */

#define SLOTS 50
#define LANE_HEIGHT 52

/* Kills in the same slot share one mark. */
struct mark {
	const struct episode *first, *last;
	__u64 ns;			/* of the first one: see struct timeline */
	unsigned int nr;
	bool here;
};

/* A lane for each kind, and one for calls that found nobody to kill. */
#define NOBODY_LANE __OOMWATCH_KIND_MAX
#define NR_LANES (NOBODY_LANE + 1)

struct timeline {
	const struct episode **of;		/* those with a mark */
	size_t nr;
	const struct episode *here;		/* the one that the page is about; NULL: all */
	const struct explained *explained;
	__u64 *ns;				/* their times, if these are known */
	__u64 begin, span;
	const struct episode *first, *last;	/* by these */
	size_t left_out;			/* those whose times are not known */
	struct mark marks[NR_LANES][SLOTS];
};

/* From the first kill, in both directions; unknown if a log does not tell. */
static __u64 ns_from(const struct episode *first, const struct episode *episode)
{
	const __u64 middle = 1ULL << 62;
	__u64 later = ns_between(first->of[0], episode->of[0]), earlier;

	if (is_known(later))
		return middle + later;
	earlier = ns_between(episode->of[0], first->of[0]);
	return is_known(earlier) ? middle - earlier : OOMWATCH_UNKNOWN_U64;
}

/* The kills of a log without a wall clock, if it tells how far they are apart. */
static bool times_of_log(struct timeline *timeline)
{
	size_t i;

	for (i = 0; i < timeline->nr; i++) {
		const struct stream *stream = timeline->of[i]->stream;

		if (!stream->log || stream != timeline->of[0]->stream)
			return false;
		timeline->ns[i] = ns_from(timeline->of[0], timeline->of[i]);
		if (!is_known(timeline->ns[i]))
			return false;
	}
	return true;
}

/* By the wall clock. Returns false if nothing tells how far the kills are apart. */
static bool timeline_times(struct timeline *timeline)
{
	size_t i, nr = 0;

	timeline->ns = allocate((timeline->nr + 1) * sizeof(*timeline->ns));
	for (i = 0; i < timeline->nr; i++)
		nr += is_known(episode_ns(timeline->of[i]));
	if (!nr)
		return times_of_log(timeline);
	/* Beside these, what has no clock has no place. */
	timeline->left_out = timeline->nr - nr;
	for (i = nr = 0; i < timeline->nr; i++) {
		timeline->ns[nr] = episode_ns(timeline->of[i]);
		timeline->of[nr] = timeline->of[i];
		nr += is_known(timeline->ns[nr]);
	}
	timeline->nr = nr;
	return true;
}

/* Captures of several machines may overlap in time, so the first kill need not be the earliest. */
static void timeline_range(struct timeline *timeline)
{
	__u64 begin = ~0ULL, end = 0;
	bool known = timeline_times(timeline);
	size_t i;

	for (i = 0; i < timeline->nr; i++) {
		if (!known)
			timeline->ns[i] = 0;
		if (timeline->ns[i] < begin) {
			begin = timeline->ns[i];
			timeline->first = timeline->of[i];
		}
		if (timeline->ns[i] >= end) {
			end = timeline->ns[i];
			timeline->last = timeline->of[i];
		}
	}
	timeline->begin = begin;
	timeline->span = end - begin;
}

static unsigned int lane_of(const struct episode *episode)
{
	return is_nobody(episode) ? NOBODY_LANE : episode_kind(episode);
}

static void timeline_fill(struct timeline *timeline)
{
	const struct episode *episode;
	struct mark *mark;
	double part;
	size_t i;

	for (i = 0; i < timeline->nr; i++) {
		episode = timeline->of[i];
		part = timeline->span ?
			(double)(timeline->ns[i] - timeline->begin) / timeline->span : 0;
		mark = &timeline->marks[lane_of(episode)][(unsigned int)(part * (SLOTS - 1))];
		if (!mark->nr++) {
			mark->first = episode;
			mark->ns = timeline->ns[i];
		}
		mark->last = episode;
		mark->here = mark->here || episode == timeline->here;
	}
}

/* In percent; 3 % at either end are room for half a mark. */
static double timeline_x(const struct timeline *timeline, __u64 since)
{
	return timeline->span ? 3 + 94 * ((double)since / timeline->span) : 50;
}

static const char *words_mark(const struct mark *mark)
{
	bool nobody = is_nobody(mark->first);

	if (mark->nr > 1)
		return format_words("%s: the first %s, the last %s",
				    plural(mark->nr, nobody ? "time nobody" : "kill",
					   nobody ? "times nobody" : "kills"),
				    words_kill_id(mark->first->stream, mark->first->id),
				    words_kill_id(mark->last->stream, mark->last->id));
	return format_words("%s %s%s%s", nobody ? "calls" : "kill",
			    words_kill_id(mark->first->stream, mark->first->id),
			    words_comma_when(mark->first), words_colon_victim(mark->first));
}

/*
 * Leaves out a label that would overlap the one before it, from free_from on; the mark's title has
 * the text in any case. Returns where the next label may begin.
 */
static double mark_put(const struct timeline *timeline, const struct mark *mark,
		       unsigned int top, double free_from)
{
	double x = timeline_x(timeline, mark->ns - timeline->begin), half;
	const char *label;

	words_scope();
	label = mark->nr > 1 ? format_words("%ux", mark->nr) :
		words_kill_id(mark->first->stream, mark->first->id);
	half = strlen(label) + 0.75;
	markup(mark->here ? "<g class=\"here\">" : "<g>");
	if (!timeline->here)
		kill_link(mark->last, timeline->explained);
	element_put("title", words_mark(mark));
	markup("<circle cx=\"%.3f%%\" cy=\"%u\" r=\"%u\"/>", x, top + 42,
	       mark->nr > 1 ? 7 : 5);
	if (x - half >= free_from || mark->here) {
		svg_text("", x, top + 30, label);
		free_from = x + half;
	}
	markup(timeline->here ? "</g>\n" : "</a></g>\n");
	return free_from;
}

static bool lane_is_empty(const struct mark *marks)
{
	unsigned int i;

	for (i = 0; i < SLOTS && !marks[i].nr; i++)
		;
	return i == SLOTS;
}

static void lane_put(const struct timeline *timeline, unsigned int lane, unsigned int top)
{
	const struct mark *marks = timeline->marks[lane];
	double free_from = 0;
	unsigned int i;

	svg_text("lane", 0, top + 10, lane == NOBODY_LANE ? "nobody killed" : words_kind(lane));
	markup("<line x1=\"0\" y1=\"%u\" x2=\"100%%\" y2=\"%u\"/>\n", top + 42, top + 42);
	for (i = 0; i < SLOTS; i++)
		if (marks[i].nr)
			free_from = mark_put(timeline, &marks[i], top, free_from);
}

/* The smallest round step that fits into the span at most five times. */
static __u64 timeline_step(__u64 span)
{
	static const __u32 seconds[] = { 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
					 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000,
					 1728000, 4320000, 8640000, 17280000, 43200000 };
	__u64 step = 1000;
	size_t i;

	for (; step < 1000000000; step *= 10)
		for (i = 0; i < 3; i++)
			if (span / (step * seconds[i]) <= 5)
				return step * seconds[i];
	for (i = 0; i < ARRAY_SIZE(seconds) - 1; i++)
		if (span / (seconds[i] * 1000000000ULL) <= 5)
			break;
	return seconds[i] * 1000000000ULL;
}

/* In the unit of the step. */
static const char *words_tick(__u64 ns, __u64 step)
{
	static const struct { __u64 ns; const char *unit; } units[] = {
		{ 86400000000000, "d" }, { 3600000000000, "h" }, { 60000000000, "min" },
		{ 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" },
	};
	size_t i;

	for (i = 0; i < 5 && step % units[i].ns; i++)
		;
	return format_words("+%llu %s", ns / units[i].ns, units[i].unit);
}

static void ticks_put(const struct timeline *timeline, unsigned int bottom)
{
	__u64 step = timeline_step(timeline->span), at;
	unsigned int n;

	if (!timeline->span)
		return;
	for (n = 1, at = step; n <= 6 && at <= timeline->span; n++, at += step) {
		svg_line("tick", timeline_x(timeline, at), 0, bottom);
		svg_text("tick", timeline_x(timeline, at), bottom + 13, words_tick(at, step));
	}
}

static void timeline_draw(const struct timeline *timeline)
{
	unsigned int lane, nr = 0, at = 0;

	for (lane = 0; lane < NR_LANES; lane++)
		nr += !lane_is_empty(timeline->marks[lane]);
	markup("<svg class=\"timeline\" role=\"group\" aria-label=\"Kills by time\" height=\"%u\">",
	       nr * LANE_HEIGHT + 16);
	ticks_put(timeline, nr * LANE_HEIGHT);
	for (lane = 0; lane < NR_LANES; lane++)
		if (!lane_is_empty(timeline->marks[lane]))
			lane_put(timeline, lane, at++ * LANE_HEIGHT);
	svg_end();
	if (timeline->nr > 1 && !timeline->span)
		return;
	markup("<p class=\"ends\"><span>");
	text_put(words_when(timeline->first));
	markup("</span><span>");
	text_put(timeline->span ? words_when(timeline->last) : "");
	markup("</span></p>\n");
}

static bool has_groups(const struct timeline *timeline)
{
	unsigned int lane, i;

	for (lane = 0; lane < NR_LANES; lane++)
		for (i = 0; i < SLOTS; i++)
			if (timeline->marks[lane][i].nr > 1)
				return true;
	return false;
}

static const char *words_timeline(const struct timeline *timeline)
{
	const char *nobody = lane_is_empty(timeline->marks[NOBODY_LANE]) ? "" :
		" On the line \"nobody killed\" it is calls of the OOM killer without a victim.";
	const char *near = timeline->span ?
		format_words(" within %s", words_duration(timeline->span / (SLOTS - 1))) : "";
	const char *apart = timeline->nr == 1 || timeline->span ? "" :
		" The log's times do not tell how far they are apart.";

	if (timeline->left_out)
		apart = format_words("%s The times of %zu others are not known.", apart,
				     timeline->left_out);

	if (!has_groups(timeline))
		return format_words("A dot is a kill, on the line of its kind.%s%s", nobody, apart);
	return format_words("A dot is a kill, on the line of its kind.%s A large dot stands for several on its line%s: their number is in its title, and above it where there is room.%s",
			    nobody, near, apart);
}

/* The place of an episode among the kills. */
static size_t place_of(const struct capture *capture, const struct episode *episode)
{
	size_t at = 0;

	if (!is_nobody(episode))
		return episode - capture->episodes;
	while (at < capture->nr_episodes && is_before(&capture->episodes[at], episode))
		at++;
	return at;
}

/* Adds the kills between two places, and the calls without a victim between these kills. */
static void timeline_choose(struct timeline *timeline, const struct capture *capture, size_t from,
			    size_t until)
{
	const struct episode *nobody = capture->nobody, *kills = capture->episodes;
	size_t i, nr = capture->nr_episodes;

	timeline->of = allocate((nr + capture->nr_nobody + 1) * sizeof(*timeline->of));
	for (i = from; i < until; i++)
		timeline->of[timeline->nr++] = &kills[i];
	for (; nobody < capture->nobody + capture->nr_nobody; nobody++)
		if ((!from || is_before(&kills[from], nobody)) &&
		    (until == nr || is_before(nobody, &kills[until])))
			timeline->of[timeline->nr++] = nobody;
}

static void timeline_figure(const struct timeline *timeline, const char *of_how_many)
{
	markup("<h2 id=\"when\">When</h2>\n<figure>");
	timeline_draw(timeline);
	element_put("figcaption", format_words("%s%s", words_timeline(timeline), of_how_many));
	markup("</figure>\n");
}

/* All if here is NULL; otherwise here, and ten kills before and after it. */
void timeline_put(const struct capture *capture, const struct episode *here,
		  const struct explained *explained)
{
	struct timeline *timeline = allocate(sizeof(*timeline));
	size_t nr = capture->nr_episodes, at = here ? place_of(capture, here) : 0;
	size_t from = here && at > 10 ? at - 10 : 0, until = here && nr - at > 11 ? at + 11 : nr;

	timeline_choose(timeline, capture, from, until);
	timeline->here = here;
	timeline->explained = explained;
	timeline_range(timeline);
	timeline_fill(timeline);
	if (timeline->nr)
		timeline_figure(timeline, here && until - from < nr ?
				format_words(" These are %zu of the %zu kills that are recorded.",
					     until - from, nr) : "");
	free(timeline->of);
	free(timeline->ns);
	free(timeline);
}

/* --- groups ------------------------------------------------------------------------------ */

#define MOST_GROUPS 20

static const char *cell_cause(const struct row *row)
{
	return row->group->and;
}

static const struct column groups[] = {
	{ "KILLS", RIGHT, WHOLE, cell_group_count, NULL },
	{ "WHERE", LEFT, WHOLE, cell_group_name, NULL },
	{ "CAUSE", LEFT, WHOLE, cell_cause, NULL },
	{ "FIRST", LEFT, WHOLE, cell_group_first, NULL },
	{ "LAST", LEFT, WHOLE, cell_group_last, NULL },
};

/* By the victim's cgroup and the cause, the largest groups. */
void groups_put(const struct capture *capture)
{
	size_t i, nr = capture->nr_episodes;
	struct kill_group *all = allocate((nr + 1) * sizeof(*all));
	struct table table;

	words_scope();
	for (i = 0; i < nr; i++)
		all[i] = group_of("cgroup", "cause", &capture->episodes[i]);
	nr = unite_groups(all, nr, true);
	table_begin(&table, COLUMNS(groups));
	for (i = 0; i < nr && i < MOST_GROUPS; i++)
		table_row(&table, &(struct row) { .group = &all[i] }, STYLE_PLAIN);
	markup("<h2 id=\"groups\">By cgroup and cause</h2>\n");
	table_put(&table, "Kills by cgroup and cause", nr > MOST_GROUPS ?
		  format_words("The largest %u of %zu groups", MOST_GROUPS, nr) :
		  "Kills of the same cgroup and cause");
	free(all);
}

/* --- the list --------------------------------------------------------------------------- */

/* One row of the list; its first cell is a link to the kill. */
static void listed_put(const struct table *columns, const struct episode *episode,
		       const struct explained *explained)
{
	const struct column *first = columns->columns, *column;
	const struct row row = { .episode = episode };
	size_t i;

	words_scope();
	markup("<tr>");
	for (i = 0; i < columns->nr_columns; i++) {
		column = &first[i];
		cell_begin(column);
		if (!i)
			kill_link(episode, explained);
		text_put((column->page_cell ?: column->cell)(&row));
		markup(i ? "</td>" : "</a></td>");
		if (column->align == LEFT)
			markup("\n");
	}
	markup("</tr>\n");
}

/* Says of which kills there is no more on the page than in the list. */
static const char *words_list(const struct capture *capture, const struct explained *explained)
{
	const char *all = capture->nr_nobody ?
		"All kills, and calls that found nobody to kill, the newest first" :
		"All kills, the newest first";

	if (explained->kills == capture->episodes && explained->nobody == capture->nobody)
		return all;
	return format_words("%s; those whose ID is a link are explained below, and oomwatch html ID makes a page of any other",
			    all);
}

void list_put(const struct capture *capture, const struct explained *explained)
{
	size_t kills = capture->nr_episodes, nobody = capture->nr_nobody;
	const struct episode *episode;
	struct table columns;

	begin_kills(&columns, capture);
	markup("<h2 id=\"list\">Kills</h2>\n<div class=\"list\">");
	rows_begin(&columns, "List of kills", words_list(capture, explained));
	while (kills || nobody) {
		if (kills && nobody && is_before(&capture->episodes[kills - 1],
						 &capture->nobody[nobody - 1]))
			episode = &capture->nobody[--nobody];
		else
			episode = kills ? &capture->episodes[--kills] : &capture->nobody[--nobody];
		listed_put(&columns, episode, explained);
	}
	rows_end();
	markup("</div>\n");
}
