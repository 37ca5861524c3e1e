// SPDX-License-Identifier: GPL-2.0
/*
 * html: kills as a page that needs nothing but itself, and in which nothing runs.
 *
 * Names are anybody's choice: they are written by text_put() alone, and neither id, class
 * nor any other attribute is made of them.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "tool.h"

#define MAX_BARS 40		/* more say no more to the eye; the table has them all */

static FILE *page;

/* --- markup ------------------------------------------------------------------------- */

/* Of constant strings and numbers. */
#define markup(...) fprintf(page, __VA_ARGS__)

static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	}
	return "&#39;";
}

/* Any text, printable as words_escaped() and its like make it. */
static void text_put(const char *text)
{
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, "&<>\"'");
		fwrite(text, 1, len, page);
		if (!text[len])
			return;
		fputs(entity_of(text[len]), page);
	}
}

static void element_put(const char *name, const char *text)
{
	markup("<%s>", name);
	text_put(text);
	markup("</%s>\n", name);
}

static void fact_put(const char *name, const char *text)
{
	markup("<dt>%s</dt>", name);
	element_put("dd", text);
}

/* A row of headings where there are no cells. */
static void row_put(const struct table *table, char * const *cells, enum style style)
{
	const char *tag = cells ? "td" : "th scope=\"col\"";
	const struct column *column;
	size_t i;

	markup(style == STYLE_RED ? "<tr class=\"kill\">" : "<tr>");
	for (i = 0; i < table->nr_columns; i++) {
		column = &table->columns[i];
		markup(column->align == RIGHT ? "<%s class=\"n\">" : "<%s>", tag);
		text_put(cells ? cells[i] : column->heading);
		markup("</%.2s>", tag);
	}
	markup("</tr>\n");
}

/* What is wider than the page moves sideways on its own, also by keys. */
static void scroll_begin(const char *label)
{
	markup("<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\">", label);
}

/* As table_print() does it; the table is empty afterwards, too. */
static void table_put(struct table *table, const char *label)
{
	size_t row;

	scroll_begin(label);
	markup("<table>\n");
	row_put(table, NULL, STYLE_PLAIN);
	for (row = 0; row < table->nr_rows; row++)
		row_put(table, table->cells + row * table->nr_columns, table->row_styles[row]);
	markup("</table></div>\n");
	table_free(table);
}

/* --- drawing ------------------------------------------------------------------------ */

/*
 * Across, all is in percent of the width that there is, down it is in pixels: so drawings
 * fit any screen, and the text in them has the same size on all.
 */
static void svg_begin(unsigned int height, const char *title)
{
	markup("<svg role=\"img\" height=\"%u\">", height);
	element_put("title", title);
}

static void svg_end(void)
{
	markup("</svg>\n");
}

struct scale {
	double from, until;
};

/* In percent; what is beyond the scale ends with it. */
static double share(const struct scale *scale, double value)
{
	double percent;

	if (!(scale->until > scale->from))
		return 0;
	percent = 100 * (value - scale->from) / (scale->until - scale->from);
	return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

static void svg_rect(const char *class, const struct scale *scale, double from, double until,
		     unsigned int top, unsigned int height)
{
	double left = share(scale, from), width = share(scale, until) - left;

	if (width > 0)
		markup("<rect class=\"%s\" x=\"%.3f%%\" y=\"%u\" width=\"%.3f%%\" height=\"%u\"/>",
		       class, left, top, width, height);
}

static void svg_line(const char *class, double x, unsigned int top, unsigned int bottom)
{
	markup("<line class=\"%s\" x1=\"%.3f%%\" y1=\"%u\" x2=\"%.3f%%\" y2=\"%u\"/>",
	       class, x, top, x, bottom);
}

static void svg_text(const char *class, double x, unsigned int y, const char *text)
{
	markup("<text class=\"%s\" x=\"%.3f%%\" y=\"%u\">", class, x, y);
	text_put(text);
	markup("</text>");
}

static void key_put(const char *class, const char *text)
{
	markup("<li><i class=\"%s\"></i>", class);
	text_put(text);
	markup("</li>\n");
}

/* --- values ------------------------------------------------------------------------- */

static unsigned int episode_kind(const struct episode *episode)
{
	unsigned int kind = episode->oom ? episode->oom->oom.kind : OOMWATCH_KIND_UNKNOWN;

	return kind < __OOMWATCH_KIND_MAX ? kind : OOMWATCH_KIND_UNKNOWN;
}

static const char *words_kind(unsigned int kind)
{
	return kind == OOMWATCH_KIND_UNKNOWN ? "kind not known" : kind_name(kind);
}

static const char *words_victim(const struct episode *episode)
{
	const struct record *victim = main_victim(episode);

	return victim ? words_comm(victim->victim.process.comm) : "-";
}

/* Files put together may have a number more than once. */
static void kill_link(const struct episode *episode)
{
	markup("<a href=\"#kill-%zu-%llu\">", episode->stream->number, episode->id);
}

/* --- when: all kills ------------------------------------------------------------------ */

#define SLOTS 50
#define LANE_HEIGHT 52

/* Kills too near to each other to be told apart are one mark. */
struct mark {
	const struct episode *first, *last;
	unsigned int nr;
	bool here;
};

struct timeline {
	const struct episode *from, *until;	/* until is the one behind the last */
	const struct episode *here;		/* the one that the page is about; NULL: all */
	__u64 begin, span;
	struct mark marks[__OOMWATCH_KIND_MAX][SLOTS];
};

/* Boots may be in any order: of each it is known only that its kills are. */
static void timeline_range(struct timeline *timeline)
{
	const struct episode *episode;
	__u64 ns, begin = ~0ULL, end = 0;

	for (episode = timeline->from; episode < timeline->until; episode++) {
		ns = episode_ns(episode);
		begin = ns < begin ? ns : begin;
		end = ns > end ? ns : end;
	}
	timeline->begin = begin;
	timeline->span = end - begin;
}

static void timeline_fill(struct timeline *timeline)
{
	const struct episode *episode;
	struct mark *mark;
	double part;

	for (episode = timeline->from; episode < timeline->until; episode++) {
		part = timeline->span ?
			(double)(episode_ns(episode) - timeline->begin) / timeline->span : 0;
		mark = &timeline->marks[episode_kind(episode)][(unsigned int)(part * (SLOTS - 1))];
		if (!mark->nr++)
			mark->first = episode;
		mark->last = episode;
		mark->here = mark->here || episode == timeline->here;
	}
}

/* With room at both ends for half a mark. */
static double timeline_x(const struct timeline *timeline, __u64 since)
{
	return timeline->span ? 3 + 94 * ((double)since / timeline->span) : 50;
}

static const char *words_mark(const struct mark *mark)
{
	if (mark->nr > 1)
		return format_words("%s, %llu to %llu", plural(mark->nr, "kill", "kills"),
				    mark->first->id, mark->last->id);
	return format_words("kill %llu, %s: %s", mark->first->id,
			    words_time(episode_ns(mark->first)), words_victim(mark->first));
}

/* Labels that would lie on one another are left out; titles have them all. */
static double mark_put(const struct timeline *timeline, const struct mark *mark,
		       unsigned int top, double free_from)
{
	double x = timeline_x(timeline, episode_ns(mark->first) - timeline->begin), half;
	const char *label = mark->nr > 1 ? format_words("%ux", mark->nr) :
		format_words("%llu", mark->first->id);

	words_scope();
	half = strlen(label) + 0.75;
	markup(mark->here ? "<g class=\"here\">" : "<g>");
	if (!timeline->here)
		kill_link(mark->last);
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

static void lane_put(const struct timeline *timeline, unsigned int kind, unsigned int top)
{
	double free_from = 0;
	unsigned int i;

	svg_text("lane", 0, top + 10, words_kind(kind));
	markup("<line x1=\"0\" y1=\"%u\" x2=\"100%%\" y2=\"%u\"/>\n", top + 42, top + 42);
	for (i = 0; i < SLOTS; i++)
		if (timeline->marks[kind][i].nr)
			free_from = mark_put(timeline, &timeline->marks[kind][i], top, free_from);
}

/* Round steps, of which at most five fit in. */
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
	for (i = 0; i < sizeof(seconds) / sizeof(*seconds) - 1; i++)
		if (span / (seconds[i] * 1000000000ULL) <= 5)
			break;
	return seconds[i] * 1000000000ULL;
}

static const char *words_step(__u64 ns)
{
	static const struct { __u64 ns; const char *unit; } units[] = {
		{ 86400000000000, "d" }, { 3600000000000, "h" }, { 60000000000, "min" },
		{ 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" },
	};
	size_t i;

	for (i = 0; i < 5 && ns % units[i].ns; i++)
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
		svg_text("tick", timeline_x(timeline, at), bottom + 13, words_step(at));
	}
}

static void timeline_draw(const struct timeline *timeline)
{
	unsigned int kind, lanes = 0, lane = 0;

	for (kind = 0; kind < __OOMWATCH_KIND_MAX; kind++)
		lanes += !lane_is_empty(timeline->marks[kind]);
	markup("<svg class=\"timeline\" role=\"group\" aria-label=\"Kills by time\" height=\"%u\">",
	       lanes * LANE_HEIGHT + 16);
	ticks_put(timeline, lanes * LANE_HEIGHT);
	for (kind = 0; kind < __OOMWATCH_KIND_MAX; kind++)
		if (!lane_is_empty(timeline->marks[kind]))
			lane_put(timeline, kind, lane++ * LANE_HEIGHT);
	svg_end();
	markup("<p class=\"ends\"><span>");
	text_put(words_time(timeline->begin));
	markup("</span><span>");
	text_put(timeline->span ? words_time(timeline->begin + timeline->span) : "");
	markup("</span></p>\n");
}

/* Of all, or of one with those around it. */
static void timeline_put(const struct capture *capture, const struct episode *here)
{
	struct timeline *timeline = allocate(sizeof(*timeline));
	size_t nr = capture->nr_episodes, at = here ? here - capture->episodes : 0;
	size_t from = here && at > 10 ? at - 10 : 0, until = here && nr - at > 11 ? at + 11 : nr;

	timeline->from = capture->episodes + from;
	timeline->until = capture->episodes + until;
	timeline->here = here;
	timeline_range(timeline);
	timeline_fill(timeline);
	markup("<h2>When</h2>\n<figure>");
	timeline_draw(timeline);
	if (here && until - from < nr)
		element_put("figcaption", format_words("%zu of the %zu kills that are recorded.",
						       until - from, nr));
	markup("</figure>\n");
	free(timeline);
}

/* As the columns say it, but that the first cell leads to the kill. */
static void listed_put(const struct table *columns, const struct episode *episode)
{
	const struct column *first = columns->columns, *column;
	const struct row row = { .episode = episode };
	size_t i;

	words_scope();
	markup("<tr>");
	for (i = 0; i < columns->nr_columns; i++) {
		column = &first[i];
		markup(column->align == RIGHT ? "<td class=\"n\">" : "<td>");
		if (!i)
			kill_link(episode);
		text_put((column->page_cell ?: column->cell)(&row));
		markup(i ? "</td>" : "</a></td>");
		if (column->align == LEFT)
			markup("\n");
	}
	markup("</tr>\n");
}

static void list_put(const struct capture *capture)
{
	size_t i = capture->nr_episodes, n;
	struct table columns;

	begin_kills(&columns);
	scroll_begin("List of kills");
	markup("<table class=\"list\">\n<tr>");
	for (n = 0; n < columns.nr_columns; n++)
		markup("<th scope=\"col\">%s</th>", columns.columns[n].heading);
	markup("</tr>\n");
	while (i--)
		listed_put(&columns, &capture->episodes[i]);
	markup("</table></div>\n");
}

/* --- one kill: who ---------------------------------------------------------------------- */

static void victims_put(const struct episode *episode)
{
	struct table table;

	if (!main_victim(episode))
		return;
	markup("<h3>Victims</h3>\n");
	fill_victims(&table, episode);
	table_put(&table, "Victims");
}

/* --- one kill: the scores --------------------------------------------------------------- */

static __u64 held(const struct record *rec)
{
	const struct oomwatch_victim *task = &rec->victim;

	return sum_of(task->score_rss, task->score_swap, task->score_pgtables);
}

static bool has_points(const struct record *rec)
{
	return rec->victim.process.points != OOMWATCH_UNKNOWN_S64;
}

/* All bars are of the same scale, which goes below 0 where a score does. */
static struct scale score_scale(const struct episode *episode)
{
	struct scale scale = { };
	const struct record *rec;
	unsigned int n = 0;
	double points;
	size_t at;

	for_each_of(rec, episode, TASK, at) {
		if (n++ == MAX_BARS)
			break;
		points = has_points(rec) ? rec->victim.process.points : 0;
		scale.from = points < scale.from ? points : scale.from;
		scale.until = points > scale.until ? points : scale.until;
		if (is_known(held(rec)) && held(rec) > scale.until)
			scale.until = held(rec);
	}
	return scale;
}

static const char *words_terms(const struct record *rec)
{
	const struct oomwatch_victim *task = &rec->victim;

	return format_words("%s, pid %s: %s = rss %s + swap %s + page tables %s + adj %s",
			    words_comm(task->process.comm), words_id(task->process.pid),
			    words_signed(task->process.points), words_number(task->score_rss),
			    words_number(task->score_swap), words_number(task->score_pgtables),
			    words_signed(task->score_adj));
}

/* What an oom_score_adj takes off is crossed out: from the end of all back to the score. */
static void score_draw(const struct record *rec, const struct scale *scale)
{
	const struct oomwatch_victim *task = &rec->victim;
	double rss = task->score_rss, swap = rss + task->score_swap, all = held(rec);
	double points = task->process.points;

	svg_begin(24, words_terms(rec));
	if (is_known(held(rec))) {
		svg_rect("rss", scale, 0, rss, 4, 16);
		svg_rect("swap", scale, rss, swap, 4, 16);
		svg_rect("pgt", scale, swap, all, 4, 16);
		if (has_points(rec)) {
			svg_rect("adj", scale, all, points, 4, 16);
			svg_rect("wash", scale, points, all, 4, 16);
			svg_rect("off", scale, points, all, 4, 16);
		}
	}
	if (scale->from < 0)
		svg_line("axis", share(scale, 0), 0, 24);
	if (has_points(rec))
		svg_line("score", share(scale, points), 0, 24);
	svg_end();
}

static void score_put(const struct record *rec, const struct scale *scale, bool victim)
{
	const struct oomwatch_process *process = &rec->victim.process;

	words_scope();
	markup(victim ? "<li class=\"kill\"><span class=\"who\">" : "<li><span class=\"who\">");
	text_put(words_comm(process->comm));
	markup(" <small>%s</small>%s</span><span class=\"sum\">%s</span>\n", words_id(process->pid),
	       victim ? " <b>victim</b>" : "", words_signed(process->points));
	score_draw(rec, scale);
	markup("</li>\n");
}

static void scores_draw(const struct episode *episode, const struct victims *victims)
{
	struct scale scale = score_scale(episode);
	unsigned int n = 0, nr = count_of(episode, OOMWATCH_TYPE_TASK);
	const struct record *rec;
	size_t at;

	markup("<figure><ul class=\"key\">\n");
	key_put("rss", "resident");
	key_put("swap", "swapped out");
	key_put("pgt", "page tables");
	key_put("adj", "added by oom_score_adj");
	key_put("off", "taken off by oom_score_adj");
	key_put("score", "score");
	markup("</ul>\n<ol class=\"bars\">\n");
	for_each_of(rec, episode, TASK, at) {
		if (n++ == MAX_BARS)
			break;
		score_put(rec, &scale, victim_by_pid(victims, rec->victim.process.pid));
	}
	markup("</ol>\n<figcaption>Scores in pages; all bars are of one scale.");
	if (nr > MAX_BARS)
		markup(" %u more are in the table.", nr - MAX_BARS);
	markup("</figcaption></figure>\n");
}

static void scores_put(const struct episode *episode, const struct victims *victims)
{
	struct table table;

	if (!first_of(episode, OOMWATCH_TYPE_TASK))
		return;
	markup("<h3>Candidates</h3>\n");
	scores_draw(episode, victims);
	fill_candidates(&table, episode, victims);
	table_put(&table, "Candidates");
}

static void excluded_put(const struct record *rec)
{
	struct table table;

	markup("<h3>Who was in question, and who not</h3>\n");
	fill_excluded(&table, rec);
	table_put(&table, "Who was in question, and who not");
}

/* --- one kill: the memory ------------------------------------------------------------------ */

struct use {
	const char *class, *name;
	__u64 pages;
};

/* None is in another, so that together with the rest they are all there is. */
static const char *words_use(const struct record *rec, const struct use *use)
{
	__u64 total = rec->oom.ram_total;

	if (!is_known(use->pages) || !is_known(total) || !total)
		return format_words("%s %s", use->name, words_pages(rec, use->pages));
	return format_words("%s %s, %.1f%%", use->name, words_pages(rec, use->pages),
			    100.0 * use->pages / total);
}

static void uses_draw(const struct record *rec, const struct use *uses, size_t nr, __u64 total)
{
	struct scale scale = { 0, total };
	const char *title = "";
	double from = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		title = format_words("%s%s%s", title, i ? "; " : "", words_use(rec, &uses[i]));
	svg_begin(32, title);
	for (i = 0; i < nr; i++) {
		if (!is_known(uses[i].pages))
			continue;
		svg_rect(uses[i].class, &scale, from, from + uses[i].pages, 2, 28);
		from += uses[i].pages;
	}
	svg_end();
	markup("<ul class=\"key uses\">\n");
	for (i = 0; i < nr; i++)
		key_put(uses[i].class, words_use(rec, &uses[i]));
	markup("</ul>\n");
}

static void memory_put(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	struct use uses[] = {
		{ "anon", "anonymous",
		  sum_of(oom->active_anon, oom->inactive_anon, oom->isolated_anon) },
		{ "file", "file",
		  sum_of(oom->active_file, oom->inactive_file, oom->isolated_file) },
		{ "locked", "unevictable", oom->unevictable },
		{ "slab", "slab, unreclaimable", oom->slab_unreclaimable },
		{ "cache", "slab, reclaimable", oom->slab_reclaimable },
		{ "pgt", "page tables", oom->pagetables },
		{ "stack", "kernel stacks", pages_of_bytes(rec, oom->kernel_stack) },
		{ "rest", "the rest", OOMWATCH_UNKNOWN_U64 },
		{ "free", "free", oom->ram_free },
	};
	size_t i, nr = sizeof(uses) / sizeof(*uses);
	__u64 known = 0;

	for (i = 0; i < nr; i++)
		known += is_known(uses[i].pages) ? uses[i].pages : 0;
	if (is_known(oom->ram_total) && known <= oom->ram_total)
		uses[nr - 2].pages = oom->ram_total - known;
	markup("<h3>The machine's memory</h3>\n<figure>");
	uses_draw(rec, uses, nr, is_known(oom->ram_total) && oom->ram_total > known ?
		  oom->ram_total : known);
	markup("<figcaption>RAM %s; swap %s, of it free %s.\n", words_pages(rec, oom->ram_total),
	       words_pages(rec, oom->swap_total), words_pages(rec, oom->swap_free));
	markup("Within these: shared memory and tmpfs %s, dirty %s, under writeback %s.",
	       words_pages(rec, oom->shmem), words_pages(rec, oom->dirty),
	       words_pages(rec, oom->writeback));
	markup("</figcaption></figure>\n");
}

/* --- one kill: the zones -------------------------------------------------------------------- */

static const char *words_level(const struct oomwatch_zone *zone)
{
	if (!zone_has_marks(zone))
		return "-";
	return zone->free < zone->min ? "below min" : zone->free < zone->low ? "below low" :
		zone->free < zone->high ? "below high" : "above high";
}

/* What is far beyond the highest mark is of no interest: an arrow says that it goes on. */
static void zone_draw(const struct record *rec)
{
	const struct oomwatch_zone *zone = &rec->zone;
	struct scale scale = { 0, 1.5 * zone->high };

	svg_begin(38, format_words("free %s; min %s, low %s, high %s", words_pages(rec, zone->free),
				   words_pages(rec, zone->min), words_pages(rec, zone->low),
				   words_pages(rec, zone->high)));
	svg_rect("room", &scale, 0, scale.until, 4, 16);
	svg_rect(zone_is_short(zone) ? "short" : "level", &scale, 0, zone->free, 4, 16);
	if (zone->free > scale.until)
		markup("<svg x=\"100%%\" class=\"beyond\"><path d=\"M-14 7l8 5-8 5z\"/></svg>");
	svg_line("score", share(&scale, zone->min), 0, 24);
	svg_line("score", share(&scale, zone->low), 0, 24);
	svg_line("score", share(&scale, zone->high), 0, 24);
	svg_text("min", share(&scale, zone->min), 36, "min");
	svg_text("", share(&scale, zone->low), 36, "low");
	svg_text("high", share(&scale, zone->high), 36, "high");
	svg_end();
}

static void zone_put(const struct record *rec)
{
	const struct oomwatch_zone *zone = &rec->zone;

	words_scope();
	markup(zone_is_short(zone) ? "<li class=\"kill\"><span class=\"who\">" :
	       "<li><span class=\"who\">");
	text_put(format_words("node %s %s", words_count(zone->node), words_comm(zone->name)));
	markup(zone_is_short(zone) ? " <b>%s</b>" : " <small>%s</small>", words_level(zone));
	markup("</span><span class=\"sum\">%s</span>\n", words_pages(rec, zone->free));
	if (zone_has_marks(zone))
		zone_draw(rec);
	markup("</li>\n");
}

static void zones_put(const struct episode *episode)
{
	struct table table;
	const struct record *rec;
	unsigned int n = 0;
	size_t at;

	if (!first_of(episode, OOMWATCH_TYPE_ZONE))
		return;
	markup("<h3>Zones</h3>\n<figure><ol class=\"bars\">\n");
	for_each_of(rec, episode, ZONE, at)
		if (n++ < MAX_BARS)
			zone_put(rec);
	markup("</ol>\n<figcaption>Each bar is what is free, on a scale of its own: up to one and\n"
	       "a half times the zone&#39;s high watermark. An arrow: it goes on beyond.");
	if (n > MAX_BARS)
		markup(" %u more are in the table.", n - MAX_BARS);
	markup("</figcaption></figure>\n");
	fill_zones(&table, episode);
	table_put(&table, "Zones");
}

/* --- one kill: how it came there, and what came of it ---------------------------------------- */

static void stack_put(const struct record *rec)
{
	char *text, *frame, *rest;

	if (!rec || !rec->stack.frames.off)
		return;
	markup("<h3>Stack of who asked</h3>\n<pre>");
	text = copy_bytes(comm_bytes(words_ref(rec, rec->stack.frames)));
	rest = text;
	while ((frame = strsep(&rest, ";"))) {
		text_put(frame);
		markup("\n");
	}
	free(text);
	markup("</pre>\n");
}

static void events_put(const struct episode *episode, const struct victims *victims)
{
	struct table table;

	markup("<h3>What happened</h3>\n");
	fill_events(&table, episode, victims);
	table_put(&table, "What happened");
}

/* --- one kill ------------------------------------------------------------------------------- */

static void paragraph_put(const struct prose *prose __attribute__((unused)), const char *text)
{
	element_put("p", text);
}

static void why_put(const struct capture *capture, const struct episode *episode)
{
	struct prose prose = { .put = paragraph_put };

	explain(&prose, capture, episode);
}

static void asked_put(const struct record *rec, const struct episode *episode)
{
	const struct oomwatch_oom *oom = &rec->oom;

	fact_put("Asked", format_words("%s, pid %s, uid %s, oom_score_adj %s",
				       words_comm(oom->comm), words_id(oom->pid),
				       words_uid(oom->uid), words_id(oom->oom_score_adj)));
	fact_put("Limit", words_limit(episode));
}

static void episode_head(const struct capture *capture, const struct episode *episode)
{
	markup("<section id=\"kill-%zu-%llu\">\n<h2>Kill %llu: ", episode->stream->number,
	       episode->id, episode->id);
	text_put(words_victim(episode));
	markup("</h2>\n<dl>");
	fact_put("Time", format_words("%s, %.3f s after boot", words_time(episode_ns(episode)),
				      episode->of[0]->head.time_ns / 1e9));
	fact_put("Kind", kind_name(episode_kind(episode)));
	if (episode->oom)
		asked_put(episode->oom, episode);
	if (capture->nr_streams > 1)
		fact_put("Kernel", words_escaped(comm_bytes(episode->stream->release)));
	markup("</dl>\n");
}

static void episode_put(const struct capture *capture, const struct episode *episode)
{
	struct victims victims = victims_of(episode);

	words_scope();
	episode_head(capture, episode);
	why_put(capture, episode);
	victims_put(episode);
	scores_put(episode, &victims);
	if (episode->excluded)
		excluded_put(episode->excluded);
	if (episode->oom)
		memory_put(episode->oom);
	zones_put(episode);
	stack_put(episode->stack);
	events_put(episode, &victims);
	markup("</section>\n");
	free(victims.all);
}

/* --- the page ------------------------------------------------------------------------------- */

static const char style_sheet[] =
	":root{color-scheme:light dark;--bg:#fff;--panel:#f5f6f8;--ink:#1c2126;--muted:#59626c;\n"
	"--line:#d5d9de;--link:#1f5fa8;--alarm:#b3261e;--tint:#fcefed;--blue:#3b76b5;--sky:#8bb3da;\n"
	"--violet:#8659b5;--teal:#2c8c82;--amber:#b96a17;--sand:#d9a45b;--grey:#8b949e;\n"
	"--rose:#b5507d}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--bg:#15181b;--panel:#1d2125;\n"
	"--ink:#e4e7ea;--muted:#a0a9b3;--line:#363d44;--link:#80b4ea;--alarm:#ff8a80;--tint:#33201f;\n"
	"--blue:#5795d5;--sky:#315f8c;--violet:#ab86d9;--teal:#46b0a4;--amber:#dd9443;--sand:#94683a;\n"
	"--grey:#757f89;--rose:#d37aa2}}\n"
	"*{box-sizing:border-box}\n"
	"html{-webkit-text-size-adjust:100%;text-size-adjust:100%}\n"
	"body{margin:0 auto;max-width:72rem;padding:1.5rem 1rem 4rem;background:var(--bg);\n"
	"color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}\n"
	"h1{font-size:1.75rem;line-height:1.2;margin:0 0 .75rem}\n"
	"h2{font-size:1.35rem;line-height:1.25;margin:2.5rem 0 .75rem}\n"
	"h3{font-size:1.05rem;margin:2rem 0 .6rem}\n"
	"section{border-top:1px solid var(--line);margin-top:3rem}\n"
	"section h2{margin-top:1.5rem}\n"
	"p{max-width:46rem;margin:.7rem 0}\n"
	"a{color:var(--link)}\n"
	"small,figcaption,.ends,dt,th{color:var(--muted)}\n"
	"small{font-size:.85em}\n"
	"dl{display:grid;grid-template-columns:5.5rem 1fr;gap:.15rem .75rem;margin:0 0 1rem;\n"
	"font-size:.925rem}\n"
	"dd{margin:0}\n"
	"figure{margin:0 0 1rem;padding:.9rem 1rem;background:var(--panel);border-radius:6px}\n"
	"figcaption{font-size:.85rem;margin-top:.6rem}\n"
	".note{border-left:3px solid var(--amber);padding-left:.75rem}\n"
	".scroll{overflow-x:auto}\n"
	".scroll:has(.list){max-height:26rem;overflow-y:auto}\n"
	"table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;\n"
	"overflow-wrap:normal;white-space:nowrap}\n"
	"th,td{text-align:left;padding:.3rem 1.1rem .3rem 0;border-bottom:1px solid var(--line)}\n"
	"th{font-size:.75rem;font-weight:600;letter-spacing:.02em}\n"
	".n{text-align:right}\n"
	"tr.kill td,.kill .who,.kill .sum{color:var(--alarm);font-weight:600}\n"
	"pre{margin:0;padding:.9rem 1rem;background:var(--panel);border-radius:6px;font-size:.8125rem;\n"
	"line-height:1.5;white-space:pre-wrap}\n"
	".key,.bars{list-style:none;margin:0;padding:0}\n"
	".key{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;font-size:.85rem;margin-bottom:.7rem}\n"
	".uses{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));\n"
	"margin:.6rem 0 0;font-variant-numeric:tabular-nums}\n"
	".key i{display:inline-block;width:.8em;height:.8em;margin-right:.45em;background:var(--c);\n"
	"vertical-align:-.05em}\n"
	".key i.off{background:repeating-linear-gradient(45deg,var(--amber) 0 1.5px,\n"
	"transparent 1.5px 4.5px);outline:1px solid var(--amber);outline-offset:-1px}\n"
	".key i.score{width:2px;height:1.05em;vertical-align:-.2em;margin-left:.3em}\n"
	".bars li{display:grid;grid-template-columns:13rem minmax(0,1fr) 5.5rem;align-items:center;\n"
	"gap:0 1rem;padding:.15rem 0;break-inside:avoid;grid-template-areas:'who bar sum'}\n"
	".who{grid-area:who;line-height:1.3;font-size:.9rem}\n"
	".who b{font-size:.75rem}\n"
	".sum{grid-area:sum;text-align:right;font-size:.9rem;font-variant-numeric:tabular-nums}\n"
	".bars svg{grid-area:bar}\n"
	"svg{display:block;width:100%;overflow:visible}\n"
	"svg text{font-size:.75rem;fill:var(--muted);text-anchor:middle}\n"
	"rect{fill:var(--c);stroke:var(--panel);stroke-width:1px}\n"
	".rss,.anon,.level{--c:var(--blue)}\n"
	".swap,.locked{--c:var(--violet)}\n"
	".pgt{--c:var(--teal)}\n"
	".adj,.slab{--c:var(--amber)}\n"
	".file{--c:var(--sky)}\n"
	".cache{--c:var(--sand)}\n"
	".stack{--c:var(--rose)}\n"
	".rest{--c:var(--grey)}\n"
	".free,.room{--c:var(--line)}\n"
	".short{--c:var(--alarm)}\n"
	".score{--c:var(--ink)}\n"
	"rect.wash{fill:var(--panel);stroke:none;opacity:.78}\n"
	"rect.off{fill:url(#off);stroke:var(--amber)}\n"
	"#off path{stroke:var(--amber);stroke-width:2px}\n"
	"line{stroke:var(--muted);stroke-width:1px}\n"
	"line.score{stroke:var(--ink);stroke-width:2px}\n"
	"line.tick{stroke:var(--line)}\n"
	".beyond path{fill:var(--panel)}\n"
	"text.min{text-anchor:end}\n"
	"text.high,text.lane{text-anchor:start}\n"
	"text.lane{font-weight:600}\n"
	"circle{fill:var(--blue);stroke:var(--panel);stroke-width:1.5px}\n"
	"a:hover circle,.here circle{fill:var(--alarm)}\n"
	".here text{fill:var(--alarm);font-weight:700}\n"
	".ends{display:flex;justify-content:space-between;gap:1rem;max-width:none;margin:.3rem 0 0;\n"
	"font-size:.8rem;font-variant-numeric:tabular-nums}\n"
	".ends :last-child{text-align:right}\n"
	".pattern{position:absolute;width:0;height:0}\n"
	"@media (max-width:40rem){body{padding-top:1rem}h1{font-size:1.5rem}\n"
	".bars li{grid-template-columns:minmax(0,1fr) auto;padding:.3rem 0;\n"
	"grid-template-areas:'who sum' 'bar bar'}.uses{grid-template-columns:1fr}\n"
	"figure,pre{padding:.75rem}th,td{padding-right:.8rem}table{font-size:.8125rem}}\n"
	"@media print{body{max-width:none;padding:0;font-size:10pt}\n"
	"*{print-color-adjust:exact;-webkit-print-color-adjust:exact}\n"
	".scroll,.scroll:has(.list){overflow:visible;max-height:none}\n"
	"table{white-space:normal;font-size:8pt}figure,tr{break-inside:avoid}\n"
	"h2,h3{break-after:avoid}}\n";

static void page_begin(const char *title)
{
	markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	       "<meta http-equiv=\"Content-Security-Policy\"\n"
	       "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
	       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
	element_put("title", title);
	markup("<style>\n");
	fputs(style_sheet, page);
	markup("</style>\n</head>\n<body>\n<svg class=\"pattern\" aria-hidden=\"true\"><defs>\n"
	       "<pattern id=\"off\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"\n"
	       "patternTransform=\"rotate(45)\"><path d=\"M3 0v6\"/></pattern></defs></svg>\n");
}

/* To the second, with the zone of all times here. */
static const char *words_now(void)
{
	__u64 now = time(NULL) * 1000000000ULL;
	const char *iso = words_iso_time(now);
	size_t len = strlen(iso);

	return format_words("%.19s, UTC%s, as are all times here", words_time(now),
			    len > 6 ? iso + len - 6 : "");
}

static __u64 count_lost(const struct capture *capture)
{
	__u64 lost = 0;
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->head.type == OOMWATCH_TYPE_LOST)
			lost += capture->records[i]->lost.count;
	return lost;
}

static void note_put(const char *text)
{
	markup("<p class=\"note\">");
	text_put(text);
	markup("</p>\n");
}

static void page_head(const struct capture *capture, const char *title, const struct stream *stream)
{
	__u64 lost = count_lost(capture);

	markup("<header>\n");
	element_put("h1", title);
	markup("<dl>");
	fact_put("Kernel", stream ? words_escaped(comm_bytes(stream->release)) : "-");
	fact_put("Read from", words_escaped(comm_bytes(capture->name)));
	fact_put("Written", words_now());
	markup("</dl>\n");
	if (capture->damage)
		note_put(format_words("Not all could be read: %s",
				      words_escaped(comm_bytes(capture->damage))));
	if (lost)
		note_put(format_words("%s missing: they were gone before they could be read.",
				      plural(lost, "record is", "records are")));
	markup("</header>\n<main>\n");
}

static void page_end(void)
{
	markup("</main>\n</body>\n</html>\n");
}

static void page_of_one(const struct capture *capture, const struct episode *episode)
{
	const char *title = format_words("OOM kill %llu", episode->id);

	page_begin(format_words("%s: %s", title, words_victim(episode)));
	page_head(capture, title, episode->stream);
	timeline_put(capture, episode);
	episode_put(capture, episode);
	page_end();
}

/* The newest first. */
static void page_of_all(const struct capture *capture)
{
	const char *title = plural(capture->nr_episodes, "OOM kill", "OOM kills");
	size_t i = capture->nr_episodes;

	page_begin(title);
	page_head(capture, title, i ? capture->episodes[i - 1].stream : NULL);
	if (i) {
		timeline_put(capture, NULL);
		list_put(capture);
	}
	while (i--)
		episode_put(capture, &capture->episodes[i]);
	page_end();
}

/* Of one, or all that there are. */
void write_page(FILE *to, const struct capture *capture, const struct episode *episode)
{
	words_scope();

	page = to;
	if (episode)
		page_of_one(capture, episode);
	else
		page_of_all(capture);
}

static int run_html(const struct options *options)
{
	const struct episode *episode = NULL;
	struct capture capture = { };
	FILE *to;

	if (!options->output)
		die(EXIT_USAGE, "where to? -o FILE, or -o - for standard output");
	capture_read(&capture, options->file);
	if (!options->all || !capture.nr_episodes)
		episode = chosen_episode(&capture, options);
	to = file_begin(options->output, 0600);
	write_page(to, &capture, episode);
	file_finish(to, options->output);
	return capture_finish(&capture);
}

const struct command command_html = {
	.name = "html",
	.what = "a page for a browser",
	.run = run_html,
	.takes = TAKES(&option_file, &option_all, &option_output),
	.must = &option_output,
	.argument = MAYBE_ID,
};
