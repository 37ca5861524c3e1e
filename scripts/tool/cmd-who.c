// SPDX-License-Identifier: GPL-2.0
/* who: prints which process would be killed now, by the dry run in the module's file candidates. */
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "terminal.h"
#include "tool.h"

static bool again;

static const struct option_row option_watch = { 'w', "watch", .flag = &again,
	.what = "refresh every two seconds" };

/* What the old file /proc/PID/oom_adj shows, see fs/proc/base.c: oom_adj_read(). */
static int legacy_oom_adj(__s32 oom_score_adj)
{
	int oom_adj = oom_score_adj * 17 / 1000;

	return oom_adj > 15 ? 15 : oom_adj;
}

static const char *cell_rank(const struct row *row)
{
	return format_words("%u", row->rec->victim.process.rank);
}

static const char *cell_tgid(const struct row *row)
{
	return words_id(row->rec->victim.process.tgid);
}

static const char *cell_oom_adj(const struct row *row)
{
	return format_words("%d", legacy_oom_adj(row->rec->victim.process.oom_score_adj));
}

static const struct column ranked[] = {
	{ "RANK", RIGHT, WHOLE, cell_rank, NULL },
	{ "PID", RIGHT, WHOLE, cell_tgid, NULL },
	SCORE_COLUMNS,
	{ "OOM_ADJ", RIGHT, WHOLE, cell_oom_adj, NULL },
	{ "WHERE", LEFT, CUT_BEGIN, cell_place, NULL },
};

/* How many processes have the score of the first. */
static unsigned int count_first(const struct episode *episode)
{
	const struct record *rec, *first = first_of(episode, OOMWATCH_TYPE_TASK);
	unsigned int n = 0;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		n += rec->victim.process.points == first->victim.process.points;
	return n;
}

/*
 * The answer in a sentence. Of equal scores the kernel takes the one that it visits last. For the
 * whole machine that is the first here. In a cgroup the kernel's order is not known.
 */
static void put_first(const struct episode *episode, const char *whose, bool knows_order)
{
	const struct record *first = first_of(episode, OOMWATCH_TYPE_TASK);
	unsigned int n = first && !knows_order ? count_first(episode) : 1;

	if (!first)
		printf("If %s ran out of memory now, there would be nobody to kill.\n\n", whose);
	else if (n > 1)
		printf("If %s ran out of memory now, %sone of the first %u%s would be killed: they have the same score, and which of them the kernel would take is not known. Scores are in pages.\n\n",
		       whose, style(STYLE_RED), n, style(STYLE_PLAIN));
	else
		printf("If %s ran out of memory now, %s%s (pid %s)%s would be killed. Scores are in pages.\n\n",
		       whose, style(STYLE_RED), words_comm(first->victim.process.comm),
		       words_id(first->victim.process.tgid), style(STYLE_PLAIN));
}

static void put_ranked(const struct episode *episode, __u64 most)
{
	struct table table;
	const struct record *rec;
	size_t at;

	table_begin(&table, COLUMNS(ranked));
	for_each_of(rec, episode, TASK, at) {
		__u32 rank = rec->victim.process.rank;

		if (most && rank > most)
			break;
		table_row(&table, &(struct row) { .rec = rec },
			  rank == 1 ? STYLE_RED : STYLE_PLAIN);
	}
	table_print(&table, "");
}

static int show_candidates(const struct options *options)
{
	struct capture capture = { };
	const struct episode *episode;
	const char *memcg, *whose;

	words_scope();
	memcg = options->memcg ? cgroup_meant(options->memcg) : NULL;
	whose = memcg ? words_escaped(comm_bytes(memcg)) : "the whole machine";
	read_candidates(&capture, memcg);
	if (!capture.nr_episodes)
		die(EXIT_FAILED, "%s: no line could be read; the module and this program may differ in version",
		    OOMWATCH_CANDIDATES);
	episode = &capture.episodes[0];
	put_first(episode, whose, !options->memcg);
	if (first_of(episode, OOMWATCH_TYPE_TASK))
		put_ranked(episode, options->last);
	if (episode->excluded)
		put_excluded(episode);
	capture_free(&capture);
	return EXIT_FINE;
}

static int run_who(const struct options *options)
{
	while (again) {
		/* Cursor to the top left, clear the screen. */
		printf("%s", isatty(STDOUT_FILENO) ? "\033[H\033[J" : "");
		show_candidates(options);
		fflush(stdout);
		sleep(2);
	}
	return show_candidates(options);
}

const struct command command_who = {
	.name = "who",
	.what = "rank the processes that the OOM killer could choose now; nothing is killed",
	.run = run_who,
	.takes = TAKES(&option_number, &option_memcg, &option_watch),
};
