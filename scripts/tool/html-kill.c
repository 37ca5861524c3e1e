// SPDX-License-Identifier: GPL-2.0
/* One kill on a page. */
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "tool.h"
#include "zones.h"

/* --- the victims -------------------------------------------------------------- */

static bool has_victims(const struct episode *episode)
{
	return main_victim(episode) && !main_victim(episode)->unfinished;
}

static bool has_chosen(const struct episode *episode)
{
	return main_victim(episode) && main_victim(episode)->unfinished;
}

static void chosen_put(const struct episode *episode,
		       const struct victims *victims __attribute__((unused)))
{
	struct table table;

	fill_victims(&table, episode);
	table_put(&table, "Chosen", "Who was chosen: the log does not have the kill");
}

static void victims_put(const struct episode *episode,
			const struct victims *victims __attribute__((unused)))
{
	struct table table;

	fill_victims(&table, episode);
	table_put(&table, "Victims", "Who was killed, and what each held then");
}

/* Says how many of nr entries have no bar. */
static void rest_put(unsigned int nr)
{
	if (nr > MAX_BARS)
		markup(" %u more %s in the table.", nr - MAX_BARS,
		       nr - MAX_BARS == 1 ? "is" : "are");
}

/* --- the scores --------------------------------------------------------------- */

/* A log may have only some of its terms. */
static __u64 held(const struct record *rec)
{
	const struct oomwatch_victim *task = &rec->victim;

	return !is_known(task->score_rss) ? OOMWATCH_UNKNOWN_U64 :
		task->score_rss + known_or_0(task->score_swap) + known_or_0(task->score_pgtables);
}

static bool has_points(const struct record *rec)
{
	return rec->victim.process.points != OOMWATCH_UNKNOWN_S64;
}

/* One scale for all bars. It begins below 0 if a score is negative. */
static struct scale score_scale(const struct candidates *of)
{
	struct scale scale = { };
	double points;
	size_t i;

	for (i = 0; i < of->nr && i < MAX_BARS; i++) {
		const struct record *rec = of->all[i];

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

/* What a negative oom_score_adj takes off is hatched, from the score to the end of the terms. */
static void score_draw(const struct record *rec, const struct scale *scale)
{
	const struct oomwatch_victim *task = &rec->victim;
	double rss = task->score_rss, swap = rss + known_or_0(task->score_swap), all = held(rec);
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

/* Pages, and what they are in bytes. */
static const char *words_both(const struct record *rec, __u64 pages)
{
	if (!is_known(pages) || !pages)
		return words_number(pages);
	return format_words("%s (%s)", words_number(pages), words_pages(rec, pages));
}

static const char *words_both_signed(const struct record *rec, __s64 pages)
{
	__u64 size = pages < 0 ? -(__u64)pages : (__u64)pages;

	if (pages == OOMWATCH_UNKNOWN_S64 || !pages)
		return words_signed(pages);
	return format_words("%s (%s%s)", words_signed(pages), pages < 0 ? "-" : "",
			    words_size(size * rec->stream->page_size));
}

static void score_put(const struct record *rec, const struct scale *scale,
		      const struct record *victim)
{
	const struct oomwatch_process *process = &rec->victim.process;

	words_scope();
	markup(victim ? "<li class=\"kill\"><span class=\"who\">" : "<li><span class=\"who\">");
	text_put(words_comm(process->comm));
	markup(" <small>%s</small>%s</span><span class=\"sum\">%s</span>\n", words_id(process->pid),
	       !victim ? "" : victim->unfinished ? " <b>chosen</b>" : " <b>victim</b>",
	       words_both_signed(rec, process->points));
	score_draw(rec, scale);
	markup("</li>\n");
}

static bool has_scores_in_pages(const struct candidates *of)
{
	size_t i;

	for (i = 0; i < of->nr && !has_points(of->all[i]); i++)
		;
	return i < of->nr;
}

static void scores_draw(const struct candidates *of, const struct victims *victims)
{
	struct scale scale = score_scale(of);
	bool scores = has_scores_in_pages(of);
	size_t i;

	markup("<figure><ul class=\"key\">\n");
	key_put("rss", "resident");
	key_put("swap", "swapped out");
	key_put("pgt", "page tables");
	if (scores) {
		key_put("adj", "added by oom_score_adj");
		key_put("off", "taken off by oom_score_adj");
		key_put("score", "score");
	}
	markup("</ul>\n<ol class=\"bars\">\n");
	for (i = 0; i < of->nr && i < MAX_BARS; i++)
		score_put(of->all[i], &scale,
			  victim_by_pid(victims, of->all[i]->victim.process.pid));
	markup("</ol>\n<figcaption>%s in pages; all bars are of one scale.",
	       scores ? "Scores" : "What they held,");
	rest_put(of->nr);
	markup("</figcaption></figure>\n");
}

#define BOTH_CELL(name, words, value) \
	static const char *cell_both_##name(const struct row *row) \
	{ \
		return words(row->rec, value); \
	}

BOTH_CELL(points, words_both_signed, row->rec->victim.process.points)
BOTH_CELL(rss, words_both, row->rec->victim.score_rss)
BOTH_CELL(swap, words_both, row->rec->victim.score_swap)
BOTH_CELL(pgtables, words_both, row->rec->victim.score_pgtables)
BOTH_CELL(adj, words_both_signed, row->rec->victim.score_adj)

static const char *cell_pid(const struct row *row)
{
	return words_id(row->rec->victim.process.pid);
}

/* As fill_candidates(), with sizes beside the pages. */
static const struct column scores[] = {
	{ "RANK", RIGHT, WHOLE, cell_rank, NULL },
	{ "PID", RIGHT, WHOLE, cell_pid, NULL },
	{ "NAME", LEFT, WHOLE, cell_comm, NULL },
	{ "SCORE", RIGHT, WHOLE, cell_both_points, NULL },
	{ "= RSS", RIGHT, WHOLE, cell_both_rss, NULL },
	{ "+ SWAP", RIGHT, WHOLE, cell_both_swap, NULL },
	{ "+ PGTBL", RIGHT, WHOLE, cell_both_pgtables, NULL },
	{ "+ ADJ", RIGHT, WHOLE, cell_both_adj, NULL },
	{ "OOM_SCORE_ADJ", RIGHT, WHOLE, cell_oom_score_adj, NULL },
	{ "WHERE", LEFT, WHOLE, cell_place, NULL },
};

static bool has_scores(const struct episode *episode)
{
	return first_of(episode, OOMWATCH_TYPE_TASK);
}

static void scores_put(const struct episode *episode, const struct victims *victims)
{
	struct candidates of = candidates_of(episode);
	struct table table;
	size_t i;

	scores_draw(&of, victims);
	table_begin(&table, COLUMNS(scores));
	words_scope();
	for (i = 0; i < of.nr; i++)
		table_row(&table, &(struct row) { .rec = of.all[i] },
			  victim_by_pid(victims, of.all[i]->victim.process.pid) ?
			  STYLE_RED : STYLE_PLAIN);
	table_put(&table, "Candidates", has_points(of.all[0]) ?
		  "Candidates, the highest score first, in pages" :
		  "Candidates, the largest first, in pages");
	free(of.all);
}

static bool has_excluded(const struct episode *episode)
{
	return episode->excluded;
}

static void excluded_put(const struct episode *episode,
			 const struct victims *victims __attribute__((unused)))
{
	struct table table;

	fill_excluded(&table, episode->excluded);
	table_put(&table, "Candidates and exclusions", "Processes by whether they could be chosen");
}

/* --- the memory ------------------------------------------------------------------ */

static const char *words_use(const struct part *use, __u64 total)
{
	if (!is_known(use->bytes) || !is_known(total) || !total)
		return format_words("%s %s", use->name, words_bytes(use->bytes));
	return format_words("%s %s, %.1f%%", use->name, words_size(use->bytes),
			    100.0 * use->bytes / total);
}

static void uses_draw(const struct part *uses, size_t nr, __u64 total)
{
	struct scale scale = { 0, total };
	const char *title = "";
	double from = 0;
	size_t i;

	for (i = 0; i < nr; i++)
		title = format_words("%s%s%s", title, i ? "; " : "",
				     words_use(&uses[i], total));
	svg_begin(32, title);
	for (i = 0; i < nr; i++) {
		if (!is_known(uses[i].bytes))
			continue;
		svg_rect(uses[i].class, &scale, from, from + uses[i].bytes, 2, 28);
		from += uses[i].bytes;
	}
	svg_end();
	markup("<ul class=\"key uses\">\n");
	for (i = 0; i < nr; i++)
		if (uses[i].bytes)
			key_put(uses[i].class, words_use(&uses[i], total));
	markup("</ul>\n");
}

/* With the rest, the parts add up to all. */
static void parts_draw(struct parts *parts)
{
	if (parts->rest)
		parts->of[parts->nr++] = (struct part) { "rest", "the rest", parts->rest, 0 };
	uses_draw(parts->of, parts->nr, parts->total);
}

/* By the lists of pages, which do not tell anonymous from shared memory. */
static void lists_draw(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	struct part uses[] = {
		/* The lists have all that can be swapped out. */
		{ "anon", "anonymous, shared memory and tmpfs",
		  bytes_of_pages(rec, sum_of(oom->active_anon, oom->inactive_anon,
					     oom->isolated_anon)), 0 },
		{ "file", "file",
		  bytes_of_pages(rec, sum_of(oom->active_file, oom->inactive_file,
					     oom->isolated_file)), 0 },
		{ "locked", "unevictable", bytes_of_pages(rec, oom->unevictable), 0 },
		{ "slab", "slab, unreclaimable", bytes_of_pages(rec, oom->slab_unreclaimable), 0 },
		{ "cache", "slab, reclaimable", bytes_of_pages(rec, oom->slab_reclaimable), 0 },
		{ "pgt", "page tables", bytes_of_pages(rec, oom->pagetables), 0 },
		{ "stack", "kernel stacks", oom->kernel_stack, 0 },
		{ "rest", "the rest", OOMWATCH_UNKNOWN_U64, 0 },
		{ "free", "free", bytes_of_pages(rec, oom->ram_free), 0 },
	};
	size_t i, nr = ARRAY_SIZE(uses);
	__u64 known = 0, total = bytes_of_pages(rec, oom->ram_total);

	for (i = 0; i < nr; i++)
		known += is_known(uses[i].bytes) ? uses[i].bytes : 0;
	if (is_known(total) && known <= total)
		uses[nr - 2].bytes = total - known;
	uses_draw(uses, nr, is_known(total) && total > known ? total : known);
}

static bool is_about_machine(const struct episode *episode)
{
	return episode->oom && episode->oom->oom.kind == OOMWATCH_KIND_GLOBAL;
}

static bool is_about_part(const struct episode *episode)
{
	return episode->oom && episode->oom->oom.kind != OOMWATCH_KIND_GLOBAL &&
		is_known(episode->oom->oom.ram_free);
}

static void memory_put(const struct episode *episode,
		       const struct victims *victims __attribute__((unused)))
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	struct parts parts;

	markup("<figure>");
	if (is_about_machine(episode) && parts_of(&parts, episode))
		parts_draw(&parts);
	else
		lists_draw(rec);
	markup("<figcaption>RAM %s; %s.\n", words_pages(rec, oom->ram_total), words_swap(episode));
	markup("Within these: shared memory and tmpfs %s, dirty %s, under writeback %s.",
	       words_pages(rec, oom->shmem), words_pages(rec, oom->dirty),
	       words_pages(rec, oom->writeback));
	markup("</figcaption></figure>\n");
}

/* What the cgroup at its limit held; for the machine that is memory_put(). */
static bool has_cgroup(const struct episode *episode)
{
	struct parts parts;

	return episode->oom && episode->oom->oom.kind == OOMWATCH_KIND_MEMCG &&
		parts_of(&parts, episode);
}

static void cgroup_put(const struct episode *episode,
		       const struct victims *victims __attribute__((unused)))
{
	struct parts parts;

	parts_of(&parts, episode);
	markup("<figure>");
	parts_draw(&parts);
	markup("<figcaption>%s in use%s.</figcaption></figure>\n", words_size(parts.total),
	       episode->oom->oom.cause == OOMWATCH_CAUSE_LIMIT_LOWERED ? "" : ", at the limit");
}

/* --- reclaim ------------------------------------------------------------------------ */

static bool has_reclaim(const struct episode *episode)
{
	const struct record *rec = first_of(episode, OOMWATCH_TYPE_RECLAIM);

	return rec && is_known(rec->reclaim.since_ns);
}

static void reclaim_put(const struct episode *episode,
			const struct victims *victims __attribute__((unused)))
{
	const struct record *rec = first_of(episode, OOMWATCH_TYPE_RECLAIM);
	struct table table;

	fill_reclaim(&table, rec);
	table_put(&table, "Reclaim before", words_reclaim(rec));
}

/* --- child cgroups ---------------------------------------------------------------- */

static bool has_children(const struct episode *episode)
{
	return first_of(episode, OOMWATCH_TYPE_CHILD);
}

static __u64 usage_of(const struct record *child)
{
	return bytes_of_pages(child, child->child.usage);
}

static struct scale child_scale(const struct episode *episode)
{
	struct scale scale = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, CHILD, at)
		if (is_known(rec->child.usage) && usage_of(rec) > scale.until)
			scale.until = usage_of(rec);
	return scale;
}

/* A part is never drawn beyond what the cgroup uses: figures are of different moments. */
static void child_draw(const struct record *rec, const struct scale *scale)
{
	const struct oomwatch_child *child = &rec->child;
	const struct part uses[] = {
		{ "anon", "anonymous", bytes_of_pages(rec, child->anon), 0 },
		{ "shmem", "tmpfs and shared memory", bytes_of_pages(rec, child->shmem), 0 },
		{ "file", "page cache", bytes_of_pages(rec, child_cache(child)), 0 },
		{ "slab", "of the kernel", bytes_of_pages(rec, child->kernel), 0 },
		{ "sock", "buffers of sockets", bytes_of_pages(rec, child->sock), 0 },
	};
	double from = 0, until, known = 0, usage = usage_of(rec);
	const char *title = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		title = format_words("%s%s%s %s", title, i ? ", " : "", uses[i].name,
				     words_bytes(uses[i].bytes));
		known += known_or_0(uses[i].bytes);
	}
	if (known < usage)
		title = format_words("%s, not known what %s", title, words_size(usage - known));
	svg_begin(24, title);
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		if (!is_known(uses[i].bytes))
			continue;
		until = from + uses[i].bytes;
		svg_rect(uses[i].class, scale, from, until < usage ? until : usage, 4, 16);
		from = until;
	}
	if (from < usage)
		svg_rect("rest", scale, from, usage, 4, 16);
	svg_end();
}

static void child_put(const struct episode *episode, const struct record *rec,
		      const struct scale *scale)
{
	words_scope();
	markup("<li><span class=\"who\">");
	text_put(words_child(episode, rec));
	markup("</span><span class=\"sum\">%s</span>\n", words_pages(rec, rec->child.usage));
	child_draw(rec, scale);
	markup("</li>\n");
}

static void children_draw(const struct episode *episode, const struct scale *scale)
{
	const struct record *rec;
	size_t at;

	markup("<figure><ul class=\"key\">\n");
	key_put("anon", "anonymous");
	key_put("shmem", "tmpfs and shared memory");
	key_put("file", "page cache");
	key_put("slab", "of the kernel");
	key_put("sock", "buffers of sockets");
	key_put("rest", "not known what");
	markup("</ul>\n<ol class=\"bars\">\n");
	for_each_of(rec, episode, CHILD, at)
		if (is_known(rec->child.usage) && rec->child.usage)
			child_put(episode, rec, scale);
	markup("</ol>\n<figcaption>What each uses; all bars are of one scale.</figcaption></figure>\n");
}

static void children_put(const struct episode *episode,
			 const struct victims *victims __attribute__((unused)))
{
	struct scale scale = child_scale(episode);
	struct table table;

	if (scale.until > 0)
		children_draw(episode, &scale);
	fill_children(&table, episode);
	table_put(&table, "Largest child cgroups",
		  is_about_machine(episode) ? "Cgroups below the root, the largest first" :
		  "Cgroups below the one at its limit, the largest first");
}

static bool has_cmdlines(const struct episode *episode)
{
	return first_of(episode, OOMWATCH_TYPE_CMDLINE);
}

static void cmdlines_put(const struct episode *episode,
			 const struct victims *victims __attribute__((unused)))
{
	struct table table;

	fill_cmdlines(&table, episode);
	table_put(&table, "Command lines", "Of victims and candidates, as they were started");
}

/* --- the zones -------------------------------------------------------------------- */

/* A zone's marks for this allocation. Each of them has the reserve in it. */
struct marks {
	__u64 free, reserve, min, low, high;
	bool is_short;
	bool known;		/* whether the reserve is; if not, it is 0 here */
};

static struct marks marks_of(const struct episode *episode, const struct record *rec)
{
	const struct oomwatch_zone *zone = &rec->zone;
	__u64 reserve = zone_reserve(episode, rec);
	struct marks marks = {
		.free = zone_usable(zone), .is_short = zone_is_short(episode, rec),
		.known = is_known(reserve), .reserve = known_or_0(reserve),
	};

	marks.min = zone->min + marks.reserve;
	marks.low = zone->low + marks.reserve;
	marks.high = zone->high + marks.reserve;
	return marks;
}

/* To have just a mark is not enough: mm/page_alloc.c: __zone_watermark_ok() */
static const char *words_level(const struct marks *marks)
{
	if (marks->is_short)
		return "below min";
	if (!marks->known)
		return "-";
	return marks->free <= marks->low ? "below low" :
		marks->free <= marks->high ? "below high" : "above high";
}

static const char *words_reserve(const struct record *rec, const struct marks *marks)
{
	return marks->reserve ? format_words(" (with a lowmem_reserve of %s)",
					     words_pages(rec, marks->reserve)) : "";
}

/* The scale ends at 1.5 times the high mark. An arrow stands for free memory beyond that. */
static void zone_draw(const struct record *rec, const struct marks *marks)
{
	struct scale scale = { 0, 1.5 * marks->high };

	svg_begin(38, format_words("free %s; min %s, low %s, high %s%s",
				   words_pages(rec, marks->free), words_pages(rec, marks->min),
				   words_pages(rec, marks->low), words_pages(rec, marks->high),
				   words_reserve(rec, marks)));
	svg_rect("room", &scale, 0, scale.until, 4, 16);
	svg_rect(marks->is_short ? "short" : "level", &scale, 0, marks->free, 4, 16);
	if (marks->free > scale.until)
		markup("<svg x=\"100%%\" class=\"beyond\"><path d=\"M-14 7l8 5-8 5z\"/></svg>");
	svg_line("score", share(&scale, marks->min), 0, 24);
	svg_line("score", share(&scale, marks->low), 0, 24);
	svg_line("score", share(&scale, marks->high), 0, 24);
	svg_text("min", share(&scale, marks->min), 36, "min");
	svg_text("", share(&scale, marks->low), 36, "low");
	svg_text("high", share(&scale, marks->high), 36, "high");
	svg_end();
}

static void zone_put(const struct episode *episode, const struct record *rec)
{
	struct marks marks = marks_of(episode, rec);
	bool has_marks = zone_has_marks(&rec->zone);

	words_scope();
	markup(marks.is_short ? "<li class=\"kill\"><span class=\"who\">" :
	       "<li><span class=\"who\">");
	text_put(words_zone(rec));
	markup(marks.is_short ? " <b>%s</b>" : " <small>%s</small>",
	       has_marks ? words_level(&marks) : "-");
	markup("</span><span class=\"sum\">%s</span>\n", words_pages(rec, marks.free));
	if (has_marks)
		zone_draw(rec, &marks);
	markup("</li>\n");
}

static bool has_zones(const struct episode *episode)
{
	return first_of(episode, OOMWATCH_TYPE_ZONE);
}

static void zones_put(const struct episode *episode,
		      const struct victims *victims __attribute__((unused)))
{
	struct table table;
	const struct record *rec;
	unsigned int n = 0;
	size_t at;

	markup("<figure><ol class=\"bars\">\n");
	for_each_of(rec, episode, ZONE, at)
		if (n++ < MAX_BARS)
			zone_put(episode, rec);
	markup("</ol>\n<figcaption>Each bar is what is free, without what only atomic allocations of\n"
	       "several pages get, on a scale of its own: up to one and a half times the zone&#39;s\n"
	       "high watermark. An arrow: more is free than that.");
	if (is_about_zones(episode))
		markup(" The marks are those for this request: what lower zones keep for others\n"
		       "(lowmem_reserve) is in them.");
	rest_put(n);
	markup("</figcaption></figure>\n");
	fill_zones(&table, episode);
	table_put(&table, "Zones", "Zones with their watermarks");
}

/* --- the stack and the events ------------------------------------------------------- */

static bool has_stack(const struct episode *episode)
{
	return episode->stack && episode->stack->stack.frames.off;
}

static void stack_put(const struct episode *episode,
		      const struct victims *victims __attribute__((unused)))
{
	const struct record *rec = episode->stack;
	char *text, *frame, *rest;

	markup("<pre>");
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

	fill_events(&table, episode, victims);
	table_put(&table, "What happened", "Times since the choice");
}

/* --- the whole section ------------------------------------------------------------------------ */

static void paragraph_put(const struct prose *prose __attribute__((unused)), const char *text)
{
	element_put("p", text);
}

static void why_put(const struct capture *capture, const struct episode *episode)
{
	struct prose prose = { .put = paragraph_put };

	explain(&prose, capture, episode);
}

/* The moment of boot, by the clock of when the records were read. A text log has no clock. */
void stream_put(const struct stream *stream)
{
	if (stream->host)
		fact_put("Host", words_host(stream));
	fact_put("Kernel", words_escaped(comm_bytes(stream->release)));
	if (stream->log)
		return;
	fact_put("Booted", format_words("%.19s%s", words_time(real_ns(stream, 0)), stream->boot ?
					format_words(" (boot %s)", words_boot(stream)) : ""));
}

static void asked_put(const struct record *rec, const struct episode *episode)
{
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of;

	fact_put("Asked", format_words("%s, pid %s, uid %s, oom_score_adj %s",
				       words_comm(oom->comm), words_id(oom->pid),
				       words_uid(oom->uid), words_id(oom->oom_score_adj)));
	of = words_pair(rec, oom->memcg_memsw_usage, oom->memcg_memsw_limit);
	fact_put("Limit", !is_memsw_full(oom) ? words_limit(episode) :
		 format_words("%s; memory and swap: %s of %s", words_limit(episode), of.a, of.b));
}

static void episode_head(const struct episode *episode)
{
	markup("<section id=\"kill-%zu-%s\">\n<h2>%s %s", episode->stream->number,
	       words_episode(episode->id), is_nobody(episode) ? "Calls" : "Kill",
	       words_kill_id(episode->stream, episode->id));
	text_put(words_colon_victim(episode));
	markup("</h2>\n<dl>");
	fact_put("Time", episode->stream->log || !is_known(episode_boot_ns(episode)) ?
		 words_when(episode) :
		 format_words("%s, %.3f s after boot", words_time(episode_ns(episode)),
			      episode_boot_ns(episode) / 1e9));
	fact_put("Kind", kind_name(episode_kind(episode)));
	if (episode->oom)
		asked_put(episode->oom, episode);
	if (episode->stream->number)
		stream_put(episode->stream);
	markup("</dl>\n");
}

static bool has_any(const struct episode *episode __attribute__((unused)))
{
	return true;
}

/* What there is of a kill, below what explains it. */
static const struct topic {
	const char *id, *heading;
	bool (*has)(const struct episode *episode);
	void (*put)(const struct episode *episode, const struct victims *victims);
} topics[] = {
	{ "cgroup", "The cgroup's memory", has_cgroup, cgroup_put },
	{ "machine", "The machine's memory", is_about_machine, memory_put },
	{ "reclaim", "Reclaim before", has_reclaim, reclaim_put },
	{ "children", "Largest child cgroups", has_children, children_put },
	{ "victims", "Victims", has_victims, victims_put },
	{ "victims", "Chosen", has_chosen, chosen_put },
	{ "scores", "Candidates", has_scores, scores_put },
	{ "excluded", "Candidates and exclusions", has_excluded, excluded_put },
	{ "programs", "Command lines", has_cmdlines, cmdlines_put },
	{ "machine", "The machine's memory", is_about_part, memory_put },
	{ "zones", "Zones", has_zones, zones_put },
	{ "stack", "Stack of the task that asked", has_stack, stack_put },
	{ "events", "What happened", has_any, events_put },
};

#define for_each_topic(topic, episode) \
	for (topic = topics; topic < topics + ARRAY_SIZE(topics); topic++) \
		if (topic->has(episode))

static void topic_id(const struct topic *topic, const struct episode *episode)
{
	markup("%s-%zu-%llu\">", topic->id, episode->stream->number, episode->id);
	text_put(topic->heading);
}

static void topics_link(const struct episode *episode, bool alone)
{
	const struct topic *topic;

	markup("<nav aria-label=\"Kill %s\">", words_kill_id(episode->stream, episode->id));
	if (!alone)
		markup("<a href=\"#list\">All kills</a>\n");
	for_each_topic(topic, episode) {
		markup("<a href=\"#");
		topic_id(topic, episode);
		markup("</a>\n");
	}
	markup("</nav>\n");
}

static void topics_put(const struct episode *episode, const struct victims *victims)
{
	const struct topic *topic;

	for_each_topic(topic, episode) {
		markup("<h3 id=\"");
		topic_id(topic, episode);
		markup("</h3>\n");
		topic->put(episode, victims);
	}
}

void episode_put(const struct capture *capture, const struct episode *episode, bool alone)
{
	struct victims victims = victims_of(episode);

	words_scope();
	episode_head(episode);
	topics_link(episode, alone);
	why_put(capture, episode);
	topics_put(episode, &victims);
	markup("</section>\n");
	free(victims.all);
}
