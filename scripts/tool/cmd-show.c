// SPDX-License-Identifier: GPL-2.0
/* show: prints all of a kill, in the order of the kernel's own report. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kill.h"
#include "terminal.h"
#include "tool.h"

#define LABEL_WIDTH 12

/* A label, and words that are wrapped to the right of it. */
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

static const char *words_gfp_mask(const struct record *rec)
{
	const char *mask = !is_known(rec->oom.gfp_mask) ? "-" :
		format_words("%#llx", (unsigned long long)rec->oom.gfp_mask);

	return !rec->oom.gfp_flags.off ? mask :
		format_words("%s: %s", mask, words_ref(rec, rec->oom.gfp_flags));
}

static const char *words_trigger(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;

	switch (oom->trigger) {
	case OOMWATCH_TRIGGER_ALLOC:
		return format_words("asked the page allocator for %s (order %s, gfp_mask %s)",
				    oom->order >= 0 && oom->order < 32 ?
				    words_piece(rec) : "memory",
				    words_id(oom->order), words_gfp_mask(rec));
	case OOMWATCH_TRIGGER_MEMCG:
		return format_words("was charged over the limit of a memory cgroup (order %s, gfp_mask %s)",
				    words_id(oom->order), words_gfp_mask(rec));
	case OOMWATCH_TRIGGER_MEMORY_MAX:
		return "wrote a limit to memory.max that was below the usage";
	case OOMWATCH_TRIGGER_SYSRQ:
		return "does so for somebody who asked for a kill by sysrq-f";
	case OOMWATCH_TRIGGER_KSWAPD:
		return "could not keep what lru_gen/min_ttl_ms wants kept";
	}
	return "asked for memory";
}

/*
 * mm/memcontrol.c: try_charge() tries with a batch of pages, then with those it needs, and again
 * after reclaim: the counter of the limit has each failure. memory.events counts when it goes on to
 * reclaim, and newer kernels count there a charge that they force, too.
 */
static void put_failed_charges(const struct record *rec, const struct episode *episode)
{
	const struct record *memcg = first_of(episode, OOMWATCH_TYPE_MEMCG);
	bool both = is_memsw_full(&rec->oom);
	__u64 nr = !both ? rec->oom.memcg_failcnt : memcg ? memcg->memcg.memsw_failcnt :
		OOMWATCH_UNKNOWN_U64;
	const char *events = "";

	if (!is_known(nr))
		return;
	if (memcg && is_known(memcg->memcg.events_max))
		events = format_words("; memory.events, which does not count each try, has max %s",
				      words_number(memcg->memcg.events_max));
	put_line("", format_words("%s to charge memory failed at it so far%s",
				  plural(nr, "try", "tries"), events));
}

static void put_limit(const struct record *rec, const struct episode *episode)
{
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of;

	put_line("limit", words_limit(episode));
	if (oom->kind != OOMWATCH_KIND_MEMCG)
		return;
	of = words_pair(rec, oom->memcg_swap_usage, oom->memcg_swap_limit);
	if (oom->memcg_swap_usage != OOMWATCH_UNKNOWN_U64)
		put_line("", format_words("swap: %s, limit %s", of.a, of.b));
	of = words_pair(rec, oom->memcg_memsw_usage, oom->memcg_memsw_limit);
	/* With swapaccount=0 the kernel counts none, and says 0. */
	if (oom->memcg_memsw_usage != OOMWATCH_UNKNOWN_U64 &&
	    (oom->memcg_memsw_usage || !oom->memcg_usage))
		put_line("", format_words("memory and swap: %s, limit %s", of.a, of.b));
	put_failed_charges(rec, episode);
	if (oom->trigger_memcg_id != oom->memcg_id && oom->trigger_memcg.off)
		put_line("", format_words("the task that asked is in %s",
					  words_ref(rec, oom->trigger_memcg)));
}

/* What the machine's memory was used for. */
static void put_memory(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;
	const struct { const char *name; __u64 pages; } uses[] = {
		/* The lists have all that can be swapped out. */
		{ "anonymous with shared and tmpfs",
		  sum_of(oom->active_anon, oom->inactive_anon, oom->isolated_anon) },
		{ "file", sum_of(oom->active_file, oom->inactive_file, oom->isolated_file) },
		{ "unevictable", oom->unevictable },
		{ "shared and tmpfs alone", oom->shmem },
		{ "slab", sum_of(oom->slab_reclaimable, oom->slab_unreclaimable, 0) },
		{ "of it unreclaimable", oom->slab_unreclaimable },
		{ "page tables", oom->pagetables },
		{ "kernel stacks", pages_of_bytes(rec, oom->kernel_stack) },
		{ "dirty", oom->dirty },
		{ "under writeback", oom->writeback },
	};
	bool known = is_known(oom->ram_total) || is_known(oom->ram_free);
	const char *line = "", *comma = "";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(uses); i++)
		known = known || is_known(uses[i].pages);
	/* The kernel's report of a cgroup's kill has nothing of the machine. */
	if (!known)
		return;
	put_line("memory", format_words("RAM %s, free %s; %s", words_pages(rec, oom->ram_total),
					words_pages(rec, oom->ram_free), words_swap(episode)));
	for (i = 0; i < ARRAY_SIZE(uses); i++) {
		line = format_words("%s%s%s %s", line, comma, uses[i].name,
				    words_pages(rec, uses[i].pages));
		comma = ", ";
	}
	put_line("", line);
}

/* Shares of the last ten seconds, in hundredths of a percent. */
static void put_pressure(const struct oomwatch_pressure *pressure)
{
	if (pressure->some_avg10 == OOMWATCH_UNKNOWN_U32)
		return;
	put_line("pressure", format_words("some tasks waited for memory in %u.%02u%% of the last ten seconds, all in %u.%02u%%",
					  pressure->some_avg10 / 100, pressure->some_avg10 % 100,
					  pressure->full_avg10 / 100, pressure->full_avg10 % 100));
}

/* What no line above has, by the keys of the records. */
static void put_figures(const struct episode *episode)
{
	static const struct {
		__u32 type;
		const char *label;
	} sections[] = {
		{ OOMWATCH_TYPE_MEMCG, "cgroup" },
		{ OOMWATCH_TYPE_RECLAIM, "reclaim" },
		{ OOMWATCH_TYPE_NODE, "node" },
		{ OOMWATCH_TYPE_MEMINFO, "meminfo" },
	};
	const char *heading = "more figures", *figures;
	size_t i, at;

	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		for (at = 0; at < episode->nr; at++) {
			if (episode->of[at]->head.type != sections[i].type)
				continue;
			words_scope();
			figures = words_figures(episode->of[at]);
			if (!*figures)
				continue;
			if (heading)
				put_section(heading);
			heading = NULL;
			put_line(sections[i].label, figures);
		}
	}
}

static void put_retries(const struct record *rec)
{
	const struct oomwatch_oom *oom = &rec->oom;
	struct pair of = words_pair(rec, oom->retry_available, oom->retry_min_wmark);
	const char *found = "", *compacted = "";

	if (!is_some(oom->reclaim_checks))
		return;
	if (oom->retry_zone[0])
		found = format_words("; node %s %s could have come to %s, with all that is reclaimable, of the %s that it needed",
				     words_count(oom->retry_node),
				     words_escaped(comm_bytes(oom->retry_zone)),
				     of.a, of.b);
	if (is_some(oom->compact_checks))
		compacted = format_words("; compaction: %s, the last %s",
					 plural(oom->compact_checks, "check", "checks"),
					 oom->compact_result[0] ?
					 words_escaped(comm_bytes(oom->compact_result)) : "-");
	put_line("tried", format_words("%s in %s, %s without progress%s%s",
				       plural(oom->reclaim_checks, "check of reclaim",
					      "checks of reclaim"),
				       words_duration(oom->retry_ns),
				       words_id(oom->no_progress_loops), found, compacted));
}

/* The name is of the moment of the write. A process may have changed its name since. */
static void put_setter(const struct record *rec)
{
	const struct oomwatch_setter *set_by = &rec->set_by;
	bool itself = has_set_itself(rec);

	if (!comm_known(set_by->comm))
		return;
	put_line("", format_words("its oom_score_adj was set by %s (%s %s, uid %s) %s before%s",
				  itself ? "itself" : words_comm(set_by->comm),
				  itself ? "then named" : "pid",
				  itself ? words_comm(set_by->comm) : words_id(set_by->pid),
				  words_uid(set_by->uid),
				  words_duration(ns_since(rec, set_by->time_ns)),
				  set_by->on_tgid == rec->victim.process.tgid ? "" :
				  format_words(", on process %s, from which it has inherited it",
					       words_id(set_by->on_tgid))));
}

/* A log may have nothing of this. */
static void put_process(const struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;

	if (process->tgid == OOMWATCH_UNKNOWN_S32 && !process->memcg.off &&
	    process->threads == OOMWATCH_UNKNOWN_U32 && !is_known(process->start_ns))
		return;
	put_line("", format_words("process %s of %s with %s, started %s before, parent %s",
				  words_id(process->tgid), words_ref(rec, process->memcg),
				  plural_count(process->threads, "thread", "threads"),
				  words_duration(ns_since(rec, process->start_ns)),
				  words_id(process->ppid)));
}

static void put_victim(const struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;
	const struct oomwatch_victim *victim = &rec->victim;

	words_scope();
	printf("%s", style(STYLE_RED));
	put_line(rec->unfinished ? "chosen" : "victim",
		 words_process(process->comm, process->pid, process->uid, process->oom_score_adj));
	put_process(rec);
	put_line("", format_words("resident: anonymous %s, file %s, shared %s; swapped out %s; page tables %s",
				  words_pages(rec, process->anon_rss),
				  words_pages(rec, process->file_rss),
				  words_pages(rec, process->shmem_rss),
				  words_pages(rec, process->swap),
				  words_bytes(process->pgtables)));
	if (process->points != OOMWATCH_UNKNOWN_S64)
		put_line("", format_words("score %s = rss %s + swap %s + page tables %s + adj %s (pages)",
					  words_signed(process->points),
					  words_number(victim->score_rss),
					  words_number(victim->score_swap),
					  words_number(victim->score_pgtables),
					  words_signed(victim->score_adj)));
	if (rec->unfinished)
		put_line("", format_words("the log does not have the kill%s", process->rank != 1 ?
					  "" : ": it was of this process, or of a child of it"));
	if (has_flag(process, OOMWATCH_TASK_GROUP))
		put_line("", "memory.oom.group had it killed with others");
	if (has_flag(process, OOMWATCH_TASK_DYING))
		put_line("", "it was dying already, and was but given access to reserves");
	if (has_flag(process, OOMWATCH_TASK_SHARES_MM))
		put_line("", "other processes share its memory");
	if (has_flag(process, OOMWATCH_TASK_ORIGIN))
		put_line("", "it had asked to be the first");
	put_setter(rec);
}

static void put_victims(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at)
		put_victim(rec);
	for_each_of(rec, episode, SHARER, at) {
		words_scope();
		put_line("with it", format_words("%s, which shares the memory of %s",
						 words_process(rec->sharer.comm, rec->sharer.pid,
							       rec->sharer.uid,
							       rec->sharer.oom_score_adj),
						 words_id(rec->sharer.victim_pid)));
	}
}

static void put_stack(const struct record *rec)
{
	struct bytes frames = rec ? ref_bytes(rec, rec->stack.frames) : (struct bytes) { };
	char *text, *frame, *rest;

	if (!frames.at)
		return;
	put_section("stack of the task that asked");
	text = copy_bytes(comm_bytes(words_escaped(frames)));
	rest = text;
	while ((frame = strsep(&rest, ";")))
		printf("  %s\n", frame);
	free(text);
}

static void put_trigger(const struct episode *episode)
{
	const struct record *rec = episode->oom;
	const struct oomwatch_oom *oom = &rec->oom;

	put_line("asked", words_process(oom->comm, oom->pid, oom->uid, oom->oom_score_adj));
	put_line("", words_trigger(rec));
	put_limit(rec, episode);
	put_line("cause", words_cause(episode));
	if (words_parts(episode))
		put_line("went to", words_parts(episode));
	put_memory(episode);
	put_pressure(&rec->oom.pressure);
	put_retries(rec);
}

static void put_table(const char *label, struct table *table)
{
	/* No heading without rows. */
	if (table->nr_rows) {
		put_section(label);
		table_print(table, "  ");
	}
	table_free(table);
}

static void put_candidates(const struct episode *episode, const struct victims *victims)
{
	struct table table;

	fill_candidates(&table, episode, victims);
	if (!table.nr_rows && episode->excluded)
		put_section("candidates");
	put_table("candidates (scores in pages)", &table);
	if (episode->excluded)
		put_excluded(episode);
}

void print_episode(const struct episode *episode)
{
	struct victims victims = victims_of(episode);
	struct table table;

	words_scope();
	printf("%s%s%s%s%s%s%s%s\n\n", style(STYLE_BOLD), words_title(episode),
	       style(STYLE_PLAIN), words_comma_when(episode),
	       episode->stream->log || !is_known(episode_boot_ns(episode)) ? "" :
	       format_words(" (%.6f s after boot)", episode_boot_ns(episode) / 1e9),
	       !strcmp(episode->stream->release, "-") ? "" :
	       format_words(", kernel %s", words_escaped(comm_bytes(episode->stream->release))),
	       episode->stream->host ?
	       format_words(", host %s", words_host(episode->stream)) : "",
	       episode->stream->boot ?
	       format_words(", boot %s", words_boot(episode->stream)) : "");
	if (episode->oom)
		put_trigger(episode);
	else
		puts("How this began is not recorded.");
	if (is_panic_on_oom(episode))
		put_line("nobody", "was killed: the kernel panicked (vm.panic_on_oom)");
	else if (is_panic(episode))
		put_line("nobody", "was left to kill: the kernel panicked");
	else if (is_nobody(episode))
		put_line("nobody", format_words("was left to kill, %s", words_calls(episode)));
	put_victims(episode);
	fill_children(&table, episode);
	put_table("largest child cgroups", &table);
	put_candidates(episode, &victims);
	fill_cmdlines(&table, episode);
	put_table("command lines, of when these programs were started", &table);
	fill_zones(&table, episode);
	put_table("zones", &table);
	put_figures(episode);
	put_stack(episode->stack);
	fill_events(&table, episode, &victims);
	put_table("what happened", &table);
	free(victims.all);
}

/* Once, after all kills. */
static void put_lacks(const struct lacks *lacks)
{
	words_scope();

	if (!words_lacks(lacks))
		return;
	put_section("not recorded, as an older module made these records");
	each_lack(lacks, put_line);
}

static int run_show(const struct options *options)
{
	const struct episode *episode;
	struct capture capture = { };
	struct lacks lacks = { };

	capture_read(&capture, options);
	if (!options->all || !capture.nr_episodes) {
		episode = chosen_episode(&capture, options);
		print_episode(episode);
		lacks_add(&lacks, episode);
	}
	for (episode = capture.episodes; options->all &&
	     episode < capture.episodes + capture.nr_episodes; episode++) {
		if (episode > capture.episodes)
			putchar('\n');
		print_episode(episode);
		lacks_add(&lacks, episode);
	}
	put_lacks(&lacks);
	return capture_finish(&capture);
}

const struct command command_show = {
	.name = "show",
	.what = "show all that is recorded of a kill",
	.run = run_show,
	.takes = TAKES(SOURCE, &option_all),
	.argument = MAYBE_ID,
};
