// SPDX-License-Identifier: GPL-2.0
/* list: a line a kill. show: all of one, in the order in which the kernel's report is read. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

/* --- list ------------------------------------------------------------------------- */

static __u64 episode_real_ns(const struct episode *episode)
{
	return real_ns(episode->stream, episode->of[0]->head.time_ns);
}

/* A path that is it, or below it. */
static bool is_below(struct bytes path, const char *above)
{
	size_t len = strlen(above);

	while (len && above[len - 1] == '/')
		len--;
	return path.at && path.len >= len && !memcmp(path.at, above, len) &&
		(path.len == len || path.at[len] == '/');
}

static bool victim_matches(const struct record *victim, const struct options *options)
{
	const struct oomwatch_process *process = &victim->victim.process;

	return (!options->comm || !fnmatch(options->comm, process->comm, 0)) &&
		(!options->memcg || is_below(ref_bytes(victim, process->memcg), options->memcg));
}

/* Whether one of its victims is asked for; of the cgroup also by whose limit it was. */
bool episode_matches(const struct episode *episode, const struct options *options)
{
	struct options any_memcg = *options;
	const struct record *victim;
	size_t at;

	if (!main_victim(episode) || episode_real_ns(episode) < options->since_ns)
		return false;
	if (options->memcg && episode->oom &&
	    is_below(ref_bytes(episode->oom, episode->oom->oom.memcg), options->memcg))
		any_memcg.memcg = NULL;
	for_each_of(victim, episode, VICTIM, at)
		if (victim_matches(victim, &any_memcg))
			return true;
	return false;
}

static void list_episode(struct table *table, const struct episode *episode)
{
	const struct record *victim = main_victim(episode), *oom = episode->oom;
	const struct oomwatch_process *process = &victim->victim.process;
	unsigned int others = count_of(episode, OOMWATCH_TYPE_VICTIM) - 1 +
		count_of(episode, OOMWATCH_TYPE_SHARER);

	table_cell(table, "%llu", episode->id);
	table_cell(table, "%s", words_time(episode_real_ns(episode)));
	table_cell(table, "%s", oom ? kind_name(oom->oom.kind) : "-");
	table_cell(table, others ? "%s +%u" : "%s", words_comm(process->comm), others);
	table_cell(table, "%s", words_id(process->pid));
	table_cell(table, "%s", words_signed(process->points));
	table_cell(table, "%s", words_place(ref_bytes(victim, process->memcg)));
	table_cell(table, "%s", oom ? cause_name(oom->oom.cause) : "-");
	table_style(table, process->flags & OOMWATCH_TASK_DYING ? STYLE_DIM : STYLE_PLAIN);
}

void put_heading(struct table *table, const char * const *names)
{
	for (; *names; names++)
		table_cell(table, "%s", *names);
	table_style(table, STYLE_BOLD);
}

int command_list(const struct options *options)
{
	static const char * const heading[] = { "ID", "TIME", "KIND", "VICTIM", "PID", "SCORE",
						"WHERE", "CAUSE", NULL };
	struct table table = { .columns = "rllLrrLl" };
	struct capture capture = { };
	size_t i, nr = 0, skip = 0;

	read_capture(&capture, options);
	for (i = 0; i < capture.nr_episodes; i++)
		nr += episode_matches(&capture.episodes[i], options);
	if (options->last && nr > options->last)
		skip = nr - options->last;
	put_heading(&table, heading);
	for (i = 0; i < capture.nr_episodes; i++)
		if (episode_matches(&capture.episodes[i], options) && (!skip || !skip--))
			list_episode(&table, &capture.episodes[i]);
	if (nr)
		table_print(&table, "");
	else if (!capture.damage)
		complain("no kill is recorded%s", options->comm || options->memcg ||
			 options->since_ns ? " that was asked for" : "");
	return capture_finish(&capture);
}

/* --- show --------------------------------------------------------------------------- */

#define LABEL_WIDTH 12

/* Label and words, which go on below themselves. */
static void put_line(const char *label, const char *words)
{
	printf("%s%-*s%s", style(STYLE_BOLD), LABEL_WIDTH, label, style(STYLE_PLAIN));
	put_wrapped(stdout, words, LABEL_WIDTH);
}

static void put_section(const char *label)
{
	printf("\n%s%s%s\n", style(STYLE_BOLD), label, style(STYLE_PLAIN));
}

static const char *words_process(const char *comm, __s32 pid, __u32 uid, __s32 adj)
{
	return format_words("%s, pid %s, uid %s, oom_score_adj %s", words_comm(comm), words_id(pid),
			    words_uid(uid), words_id(adj));
}

static const char *words_trigger(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	switch (oom->trigger) {
	case OOMWATCH_TRIGGER_ALLOC:
		return format_words("asked the page allocator for %s (order %d, gfp_mask %#llx)",
				    oom->order >= 0 && oom->order < 32 ?
				    words_pages(rec, 1ULL << oom->order) : "memory",
				    oom->order, (unsigned long long)oom->gfp_mask);
	case OOMWATCH_TRIGGER_MEMCG:
		return format_words("was charged over the limit of a memory cgroup (order %d, gfp_mask %#llx)",
				    oom->order, (unsigned long long)oom->gfp_mask);
	case OOMWATCH_TRIGGER_SYSRQ:
		return "does so for somebody who asked for a kill by sysrq-f";
	case OOMWATCH_TRIGGER_KSWAPD:
		return "could not keep what lru_gen/min_ttl_ms wants kept";
	}
	return "asked for memory";
}

const char *words_limit(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;

	switch (oom->kind) {
	case OOMWATCH_KIND_MEMCG:
		return format_words("memory cgroup %s: %s of %s", words_ref(rec, oom->memcg),
				    words_pages(rec, oom->memcg_usage),
				    words_pages(rec, oom->memcg_limit));
	case OOMWATCH_KIND_CPUSET:
		return format_words("the memory of node %s, where the cpuset lets it allocate",
				    words_nodes(rec, oom->mems_allowed));
	case OOMWATCH_KIND_MEMPOLICY:
		return format_words("the memory of node %s, where the memory policy lets it allocate",
				    words_nodes(rec, oom->nodemask));
	case OOMWATCH_KIND_GLOBAL:
		return format_words("the machine: %s of RAM, %s free", words_pages(rec, oom->ram_total),
				    words_pages(rec, oom->ram_free));
	}
	return "not known";
}

static void put_limit(const struct record *rec, const struct episode *episode)
{
	const struct oomwatch_oom *oom = &rec->oom;

	put_line("limit", words_limit(episode));
	if (oom->kind != OOMWATCH_KIND_MEMCG)
		return;
	if (oom->memcg_swap_usage != OOMWATCH_UNKNOWN_U64)
		put_line("", format_words("swap: %s, limit %s", words_pages(rec, oom->memcg_swap_usage),
					  words_pages(rec, oom->memcg_swap_limit)));
	if (oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64)
		put_line("", format_words("memory and swap: %s, limit %s",
					  words_pages(rec, oom->memcg_memsw_usage),
					  words_pages(rec, oom->memcg_memsw_limit)));
	if (oom->memcg_failcnt != OOMWATCH_UNKNOWN_U64)
		put_line("", format_words("charges hit it %s so far",
					  plural(oom->memcg_failcnt, "time", "times")));
	if (oom->trigger_memcg_id != oom->memcg_id && oom->trigger_memcg.off)
		put_line("", format_words("who asked is in %s", words_ref(rec, oom->trigger_memcg)));
}

/* Not known if one of them isn't. */
static __u64 sum(__u64 a, __u64 b, __u64 c)
{
	return a == OOMWATCH_UNKNOWN_U64 || b == OOMWATCH_UNKNOWN_U64 || c == OOMWATCH_UNKNOWN_U64 ?
		OOMWATCH_UNKNOWN_U64 : a + b + c;
}

/* What the machine's memory was used for. */
static void put_memory(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	const struct { const char *name; __u64 pages; } uses[] = {
		{ "anonymous", sum(oom->active_anon, oom->inactive_anon, oom->isolated_anon) },
		{ "file", sum(oom->active_file, oom->inactive_file, oom->isolated_file) },
		{ "unevictable", oom->unevictable },
		{ "shared and tmpfs", oom->shmem },
		{ "slab", sum(oom->slab_reclaimable, oom->slab_unreclaimable, 0) },
		{ "of it unreclaimable", oom->slab_unreclaimable },
		{ "page tables", oom->pagetables },
		{ "kernel stacks", oom->kernel_stack == OOMWATCH_UNKNOWN_U64 ? OOMWATCH_UNKNOWN_U64 :
		  oom->kernel_stack / rec->stream->page_size },
		{ "dirty", oom->dirty },
		{ "under writeback", oom->writeback },
	};
	const char *line = "", *comma = "";
	size_t i;

	put_line("memory", format_words("RAM %s, free %s; swap %s, free %s",
					words_pages(rec, oom->ram_total), words_pages(rec, oom->ram_free),
					words_pages(rec, oom->swap_total), words_pages(rec, oom->swap_free)));
	for (i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		line = format_words("%s%s%s %s", line, comma, uses[i].name,
				    words_pages(rec, uses[i].pages));
		comma = ", ";
	}
	put_line("", line);
}

static void put_retries(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	const char *found = "", *compacted = "";

	if (!oom->reclaim_checks || oom->reclaim_checks == OOMWATCH_UNKNOWN_U32)
		return;
	if (oom->retry_zone[0])
		found = format_words("; node %u %s could have come to %s, with all that is reclaimable, of the %s that it needed",
				     oom->retry_node, words_escaped(comm_bytes(oom->retry_zone)),
				     words_pages(rec, oom->retry_available),
				     words_pages(rec, oom->retry_min_wmark));
	if (oom->compact_checks && oom->compact_checks != OOMWATCH_UNKNOWN_U32)
		compacted = format_words("; compaction: %s, the last %s",
					 plural(oom->compact_checks, "check", "checks"),
					 oom->compact_result[0] ?
					 words_escaped(comm_bytes(oom->compact_result)) : "-");
	put_line("tried", format_words("%s in %s, %d without progress%s%s",
				       plural(oom->reclaim_checks, "check of reclaim", "checks of reclaim"),
				       words_duration(oom->retry_ns), oom->no_progress_loops, found,
				       compacted));
}

static void put_zones(const struct episode *episode)
{
	static const char * const heading[] = { "NODE", "ZONE", "FREE", "MIN", "LOW", "HIGH",
						"MANAGED", "ANON", "FILE", "FREE BLOCKS BY ORDER", NULL };
	struct table table = { .columns = "llrrrrrrrL" };
	const struct record *rec;
	size_t at;

	if (!first_of(episode, OOMWATCH_TYPE_ZONE))
		return;
	put_section("zones");
	put_heading(&table, heading);
	for_each_of(rec, episode, ZONE, at) {
		const struct oomwatch_zone *zone = &rec->zone;
		const char *blocks = "";
		unsigned int i;

		for (i = 0; i < zone->free_blocks.len / sizeof(__u64); i++)
			blocks = format_words("%s%s%llu", blocks, i ? " " : "",
					      ref_u64(rec, zone->free_blocks, i));
		table_cell(&table, "%u", zone->node);
		table_cell(&table, "%s", words_escaped(comm_bytes(zone->name)));
		table_cell(&table, "%s", words_pages(rec, zone->free));
		table_cell(&table, "%s", words_pages(rec, zone->min));
		table_cell(&table, "%s", words_pages(rec, zone->low));
		table_cell(&table, "%s", words_pages(rec, zone->high));
		table_cell(&table, "%s", words_pages(rec, zone->managed));
		table_cell(&table, "%s", words_pages(rec, sum(zone->active_anon, zone->inactive_anon, 0)));
		table_cell(&table, "%s", words_pages(rec, sum(zone->active_file, zone->inactive_file, 0)));
		table_cell(&table, "%s", blocks);
		table_style(&table, zone->free < zone->min ? STYLE_RED : STYLE_PLAIN);
	}
	table_print(&table, "  ");
}

void put_score_cells(struct table *table, const struct record *rec)
{
	const struct oomwatch_victim *task = &rec->victim;

	table_cell(table, "%s", words_signed(task->process.points));
	table_cell(table, "%s", words_number(task->score_rss));
	table_cell(table, "%s", words_number(task->score_swap));
	table_cell(table, "%s", words_number(task->score_pgtables));
	table_cell(table, "%s", words_signed(task->score_adj));
	table_cell(table, "%s", words_id(task->process.oom_score_adj));
}

static bool is_victim(const struct episode *episode, __s32 pid)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at)
		if (rec->victim.process.pid == pid)
			return true;
	return false;
}

static void put_candidates(const struct episode *episode)
{
	static const char * const heading[] = { "RANK", "PID", "NAME", "SCORE", "= RSS", "+ SWAP",
						"+ PGTABLES", "+ ADJ", "OOM_SCORE_ADJ", "WHERE", NULL };
	struct table table = { .columns = "rrLrrrrrrL" };
	const struct record *rec;
	size_t at;

	put_heading(&table, heading);
	for_each_of(rec, episode, TASK, at) {
		const struct oomwatch_process *process = &rec->victim.process;

		table_cell(&table, "%u", process->rank);
		table_cell(&table, "%s", words_id(process->pid));
		table_cell(&table, "%s", words_comm(process->comm));
		put_score_cells(&table, rec);
		table_cell(&table, "%s", words_place(ref_bytes(rec, process->memcg)));
		table_style(&table, is_victim(episode, process->pid) ? STYLE_RED : STYLE_PLAIN);
	}
	table_print(&table, "  ");
}

static const char *add_excluded(const char *line, __u32 n, const char *one, const char *many,
				const char *size)
{
	if (!n || n == OOMWATCH_UNKNOWN_U32)
		return line;
	return format_words("%s%s%s%s%s%s", line, *line ? ", " : "", plural(n, one, many),
			    *size ? " (" : "", size, *size ? ")" : "");
}

static const char *words_excluded(const struct record *rec)
{
	const struct oomwatch_excluded *x = &rec->excluded;
	const char *line = "";

	line = add_excluded(line, x->unkillable, "with an oom_score_adj of -1000",
			    "with an oom_score_adj of -1000", words_pages(rec, x->unkillable_pages));
	line = add_excluded(line, x->init, "init", "init", words_pages(rec, x->init_pages));
	line = add_excluded(line, x->reaped, "earlier victim with nothing left",
			    "earlier victims with nothing left", words_pages(rec, x->reaped_pages));
	line = add_excluded(line, x->vfork, "between vfork and exec", "between vfork and exec",
			    words_pages(rec, x->vfork_pages));
	line = add_excluded(line, x->exited, "zombie", "zombies", "");
	line = add_excluded(line, x->outside, "outside of the limit", "outside of the limit", "");
	line = add_excluded(line, x->kthreads, "kernel thread", "kernel threads", "");
	line = add_excluded(line, x->busy, "not looked at, as it was locked",
			    "not looked at, as they were locked", "");
	return line;
}

void put_excluded(const struct record *rec)
{
	const char *rest = words_excluded(rec);

	printf("  ");
	put_wrapped(stdout, format_words("%s could be chosen (%s)%s%s.",
					 plural(rec->excluded.eligible, "process", "processes"),
					 words_pages(rec, rec->excluded.eligible_pages),
					 *rest ? "; not: " : "", rest), 2);
}

static void put_setter(const struct record *rec)
{
	const struct oomwatch_setter *set_by = &rec->set_by;

	if (!comm_known(set_by->comm))
		return;
	put_line("", format_words("its oom_score_adj was set by %s (pid %s, uid %s) %s before%s",
				  words_comm(set_by->comm), words_id(set_by->pid), words_uid(set_by->uid),
				  words_duration(rec->head.time_ns - set_by->time_ns),
				  set_by->on_tgid == rec->victim.process.tgid ? "" :
				  format_words(", on process %s, from which it has it by fork",
					       words_id(set_by->on_tgid))));
}

static void put_victim(const struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;
	const struct oomwatch_victim *victim = &rec->victim;

	printf("%s", style(STYLE_RED));
	put_line("victim", words_process(process->comm, process->pid, process->uid,
					 process->oom_score_adj));
	put_line("", format_words("process %s of %s with %s, started %s before, parent %s",
				  words_id(process->tgid), words_ref(rec, process->memcg),
				  plural(process->threads, "thread", "threads"),
				  words_duration(rec->head.time_ns - process->start_ns),
				  words_id(process->ppid)));
	put_line("", format_words("resident: anonymous %s, file %s, shared %s; swapped out %s; page tables %s",
				  words_pages(rec, process->anon_rss), words_pages(rec, process->file_rss),
				  words_pages(rec, process->shmem_rss), words_pages(rec, process->swap),
				  words_size(process->pgtables)));
	if (process->points != OOMWATCH_UNKNOWN_S64)
		put_line("", format_words("score %s = rss %s + swap %s + page tables %s + adj %s (pages)",
					  words_signed(process->points), words_number(victim->score_rss),
					  words_number(victim->score_swap),
					  words_number(victim->score_pgtables),
					  words_signed(victim->score_adj)));
	if (process->flags & OOMWATCH_TASK_GROUP)
		put_line("", "memory.oom.group had it killed with others");
	if (process->flags & OOMWATCH_TASK_DYING)
		put_line("", "it was dying already, and was but given access to reserves");
	if (process->flags & OOMWATCH_TASK_SHARES_MM)
		put_line("", "other processes share its memory");
	if (process->flags & OOMWATCH_TASK_ORIGIN)
		put_line("", "it had asked to be the first");
	put_setter(rec);
}

static void put_victims(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at)
		put_victim(rec);
	for_each_of(rec, episode, SHARER, at)
		put_line("with it", format_words("%s, which shares the memory of %s",
						 words_process(rec->sharer.comm, rec->sharer.pid,
							       rec->sharer.uid,
							       rec->sharer.oom_score_adj),
						 words_id(rec->sharer.victim_pid)));
}

static void put_stack(const struct record *rec)
{
	struct bytes frames = rec ? ref_bytes(rec, rec->stack.frames) : (struct bytes) { };
	char *text, *frame, *rest;

	if (!frames.at)
		return;
	put_section("stack of who asked");
	rest = text = strdup(words_escaped(frames));
	while ((frame = strsep(&rest, ";")))
		printf("  %s\n", frame);
	free(text);
}

static const char *words_event(const struct record *rec)
{
	static const char * const reaps[] = {
		"the OOM reaper is called, as it is still there", "the OOM reaper begins",
		"the OOM reaper has taken its memory", "the OOM reaper can do nothing",
	};

	switch (rec->head.type) {
	case OOMWATCH_TYPE_OOM:
		return "out_of_memory() has chosen";
	case OOMWATCH_TYPE_VICTIM:
		return format_words("%s (%s) is %s", words_comm(rec->victim.process.comm),
				    words_id(rec->victim.process.pid),
				    rec->victim.process.flags & OOMWATCH_TASK_DYING ?
				    "marked" : "killed");
	case OOMWATCH_TYPE_SHARER:
		return format_words("%s (%s) is killed with it", words_comm(rec->sharer.comm),
				    words_id(rec->sharer.pid));
	case OOMWATCH_TYPE_END:
		return format_words("out_of_memory() returns after %s, %s of it oomwatch's",
				    words_duration(rec->end.duration_ns),
				    words_duration(rec->end.capture_ns));
	case OOMWATCH_TYPE_REAP:
		return format_words("%s: %s", words_id(rec->reap.pid),
				    rec->reap.event < 4 ? reaps[rec->reap.event] : "-");
	case OOMWATCH_TYPE_EXIT:
		return format_words("%s is gone%s", words_id(rec->exit.pid),
				    rec->exit.mm == OOMWATCH_EXIT_MM_HELD ?
				    ", its memory is about to be" : ", and its memory");
	}
	return NULL;
}

static void put_timeline(const struct episode *episode)
{
	const struct record *first = episode->oom ?: episode->of[0];
	const char *event;
	size_t i;

	put_section("timeline");
	for (i = 0; i < episode->nr; i++) {
		const struct oomwatch_head *head = &episode->of[i]->head;

		event = words_event(episode->of[i]);
		if (event)
			printf("  %10s  %s\n", format_words("+%.6f", head->time_ns < first->head.time_ns ? 0 :
							    (head->time_ns - first->head.time_ns) / 1e9),
			       event);
	}
}

static void put_trigger(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;

	put_line("asked", words_process(oom->comm, oom->pid, oom->uid, oom->oom_score_adj));
	put_line("", words_trigger(rec));
	put_limit(rec, episode);
	put_line("cause", words_cause(episode));
	put_memory(rec);
	put_retries(rec);
}

void print_episode(const struct episode *episode)
{
	printf("%sOOM kill %llu%s, %s (%.6f s after boot), kernel %s\n\n", style(STYLE_BOLD),
	       episode->id, style(STYLE_PLAIN), words_time(episode_real_ns(episode)),
	       episode->of[0]->head.time_ns / 1e9, words_escaped(comm_bytes(episode->stream->release)));
	if (episode->oom)
		put_trigger(episode);
	else
		puts("The ring has gone on over how it began.");
	put_victims(episode);
	if (first_of(episode, OOMWATCH_TYPE_TASK)) {
		put_section("candidates (scores in pages)");
		put_candidates(episode);
	}
	if (episode->excluded)
		put_excluded(episode->excluded);
	put_zones(episode);
	put_stack(episode->stack);
	put_timeline(episode);
}

int command_show(const struct options *options)
{
	struct capture capture = { };
	size_t i;

	read_capture(&capture, options);
	if (!options->all) {
		print_episode(chosen_episode(&capture, options));
		return capture_finish(&capture);
	}
	for (i = 0; i < capture.nr_episodes; i++) {
		if (i)
			putchar('\n');
		print_episode(&capture.episodes[i]);
	}
	return capture_finish(&capture);
}
