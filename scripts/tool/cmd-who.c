// SPDX-License-Identifier: GPL-2.0
/* who: prints which process would be killed now, by the dry run in the module's file candidates. */
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "terminal.h"
#include "tool.h"
#include "whatif.h"

static bool again, legacy;
static const char *if_adj, *if_max;

static const struct option_row option_watch = { 'w', "watch", .flag = &again,
	.what = "refresh every two seconds" };

static const struct option_row option_if = { 0, "if", "PID=ADJ", .text = &if_adj,
	.what = "if that process had this oom_score_adj" };
static const struct option_row option_if_max = { 0, "if-max", "CGROUP=SIZE", .text = &if_max,
	.what = "if that cgroup had this limit, and were at it" };
static const struct option_row option_legacy = { 0, "legacy", .flag = &legacy,
	.what = "the obsolete oom_adj in place of SET BY and FULL" };

/* What the old file /proc/PID/oom_adj shows, see fs/proc/base.c: oom_adj_read(). */
static int legacy_oom_adj(__s32 oom_score_adj)
{
	int oom_adj = oom_score_adj * 17 / 1000;

	return oom_adj > 15 ? 15 : oom_adj;
}

static const char *cell_tgid(const struct row *row)
{
	return words_id(row->rec->victim.process.tgid);
}

static const char *cell_oom_adj(const struct row *row)
{
	return format_words("%d", legacy_oom_adj(row->rec->victim.process.oom_score_adj));
}

static const char *cell_full(const struct row *row)
{
	return words_full(ref_bytes(row->rec, row->rec->victim.process.memcg));
}

static const struct column ranked[] = {
	{ "RANK", RIGHT, WHOLE, cell_rank, NULL },
	{ "PID", RIGHT, WHOLE, cell_tgid, NULL },
	SCORE_COLUMNS,
	{ "SET BY", LEFT, DROP(1), cell_set_by, NULL },
	{ "FULL", RIGHT, DROP(2), cell_full, NULL },
	{ "WHERE", LEFT, CUT_BEGIN, cell_place, NULL },
};

static const struct column ranked_legacy[] = {
	{ "RANK", RIGHT, WHOLE, cell_rank, NULL },
	{ "PID", RIGHT, WHOLE, cell_tgid, NULL },
	SCORE_COLUMNS,
	{ "OOM_ADJ", RIGHT, WHOLE, cell_oom_adj, NULL },
	{ "WHERE", LEFT, CUT_BEGIN, cell_place, NULL },
};

/*
 * How many processes have the score of the first. A process with another oom_score_adj than it has
 * now may come before or after those with the same score: *changed.
 */
static unsigned int count_first(const struct episode *episode, const struct what_if *what,
				bool *changed)
{
	const struct record *rec, *first = first_of(episode, OOMWATCH_TYPE_TASK);
	unsigned int n = 0;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (rec->victim.process.points == first->victim.process.points) {
			*changed = *changed || what_if_changed(what, rec);
			n++;
		}
	return n;
}

/*
 * Who would be killed. Of equal scores the kernel takes the one that it visits last. For the
 * whole machine that is the first here. In a cgroup the kernel's order is not known.
 */
static const char *words_killed(const struct episode *episode, const struct what_if *what,
				bool knows_order)
{
	const struct record *first = episode ? first_of(episode, OOMWATCH_TYPE_TASK) : NULL;
	bool changed = false;
	unsigned int n = first ? count_first(episode, what, &changed) : 0;

	if (!first)
		return "there would be nobody to kill.";
	if (n > 1 && (changed || !knows_order))
		return format_words("%sone of the first %u%s would be killed: they have the same score, and which of them the kernel would take is not known.",
				    style(STYLE_RED), n, style(STYLE_PLAIN));
	return format_words("%s%s (pid %s)%s would be killed.", style(STYLE_RED),
			    words_comm(first->victim.process.comm),
			    words_id(first->victim.process.tgid), style(STYLE_PLAIN));
}

/* A setting by which the score does not decide: mm/oom_kill.c: out_of_memory() */
static const char *words_setting(const char *memcg)
{
	long long panics, asker;

	if (sysctl_number("vm/panic_on_oom", &panics) && panics > !!memcg)
		return format_words("the kernel would panic (vm.panic_on_oom is %lld); without that setting ",
				    panics);
	if (memcg || !sysctl_number("vm/oom_kill_allocating_task", &asker) || !asker)
		return "";
	return format_words("the process that asks would be killed (vm.oom_kill_allocating_task is %lld); without that setting ",
			    asker);
}

static const char *words_usage(const char *memcg)
{
	__u64 page_size = sysconf(_SC_PAGESIZE), usage = cgroup_usage(memcg);
	__u64 limit = cgroup_limit(memcg);

	if (!is_known(usage))
		return "";
	if (!is_known(limit))
		return format_words(" It has %s in use.", words_size(usage * page_size));
	return format_words(" It has %s of %s in use (%.0f%%).", words_size(usage * page_size),
			    words_size(limit * page_size), limit ? 100.0 * usage / limit : 100.0);
}

static void put_ranked(const struct episode *episode, const struct what_if *what, __u64 most)
{
	struct table table;
	const struct record *rec;
	size_t at;

	if (legacy)
		table_begin(&table, COLUMNS(ranked_legacy));
	else
		table_begin(&table, COLUMNS(ranked));
	for_each_of(rec, episode, TASK, at) {
		__u32 rank = rec->victim.process.rank;

		if (most && rank > most)
			break;
		table_row(&table, &(struct row) { .rec = rec }, rank == 1 ? STYLE_RED :
			  what_if_changed(what, rec) ? STYLE_YELLOW : STYLE_PLAIN);
	}
	table_print(&table, "");
}

/* Now, and then as it would be. Returns the episode that the capture has in the end. */
static const struct episode *put_answers(struct what_if *what, struct capture *capture,
					 const char *memcg)
{
	const struct episode *episode = capture->nr_episodes ? &capture->episodes[0] : NULL;
	const char *whose = memcg ? words_escaped(comm_bytes(memcg)) : "the whole machine";

	if (!what->memcg || is_known(cgroup_limit(memcg)))
		printf("If %s ran out of memory now, %s%s", whose, words_setting(memcg),
		       words_killed(episode, what, !memcg));
	else
		printf("%s has no limit of its own now.", whose);
	printf("%s Scores are in pages.\n\n", memcg ? words_usage(memcg) : "");
	if (!what->pid && !what->memcg)
		return episode;
	what_if_apply(what, capture, memcg);
	episode = capture->nr_episodes ? &capture->episodes[0] : NULL;
	printf("If %s, %s%s\n\n", words_what_if(what), words_setting(memcg),
	       words_killed(episode, what, !memcg));
	return episode;
}

static int show_candidates(const struct options *options)
{
	struct capture capture = { };
	const struct episode *episode;
	struct what_if what;
	const char *memcg;

	words_scope();
	what_if_parse(&what, if_adj, if_max);
	if (what.memcg && options->memcg)
		die(EXIT_USAGE, "--if-max names the cgroup: leave out --memcg");
	memcg = what.memcg ?: options->memcg ? cgroup_meant(options->memcg) : NULL;
	if (what.memcg)
		what_if_read(&what, &capture);
	else
		read_candidates(&capture, memcg);
	if (!capture.nr_episodes && !what.memcg)
		die(EXIT_FAILED, "%s: no line could be read; the module and this program may differ in version; load the one that came with it",
		    OOMWATCH_CANDIDATES);
	episode = put_answers(&what, &capture, memcg);
	if (episode && first_of(episode, OOMWATCH_TYPE_TASK))
		put_ranked(episode, &what, options->last);
	/* It counts as it is now. */
	if (episode && episode->excluded && !what.pid)
		put_excluded(episode);
	free(what.changed);
	capture_free(&capture);
	return EXIT_FINE;
}

static int run_who(const struct options *options)
{
	while (again) {
		/* Cursor to the top left, clear the screen. */
		printf("%s", isatty(STDOUT_FILENO) ? "\033[H\033[J" : "");
		show_candidates(options);
		if (stdout_finish())
			return EXIT_FAILED;
		sleep(2);
	}
	return show_candidates(options);
}

const struct command command_who = {
	.name = "who",
	.what = "rank the processes that the OOM killer could choose now; nothing is killed",
	.run = run_who,
	.takes = TAKES(&option_number, &option_memcg, &option_if, &option_if_max, &option_watch,
		       &option_legacy),
	.means = MEANS({ &option_number, "only the N processes with the highest scores" },
		       { &option_memcg, "if this cgroup were at its limit; or as WHERE shows it" }),
};
