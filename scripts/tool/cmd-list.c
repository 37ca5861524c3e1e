// SPDX-License-Identifier: GPL-2.0
/* list: a line a kill. */
#include "command.h"
#include "tool.h"

static void list_episode(struct table *table, const struct episode *episode)
{
	const struct record *victim = main_victim(episode), *oom = episode->oom;
	const struct oomwatch_process *process = &victim->victim.process;
	unsigned int others = count_of(episode, OOMWATCH_TYPE_VICTIM) - 1 +
		count_of(episode, OOMWATCH_TYPE_SHARER);

	table_cell(table, "%llu", episode->id);
	/* To the second, as there is little room. */
	table_cell(table, "%.19s", words_time(episode_ns(episode)));
	table_cell(table, "%s", oom ? kind_name(oom->oom.kind) : "-");
	table_cell(table, others ? "%s +%u" : "%s", words_comm(process->comm), others);
	table_cell(table, "%s", words_id(process->pid));
	table_cell(table, "%s", words_signed(process->points));
	table_cell(table, "%s", words_place(ref_bytes(victim, process->memcg)));
	table_cell(table, "%s", oom ? cause_name(oom->oom.cause) : "-");
	table_style(table, has_flag(process, OOMWATCH_TASK_DYING) ? STYLE_DIM : STYLE_PLAIN);
}

static int run_list(const struct options *options)
{
	static const char * const heading[] = { "ID", "TIME", "KIND", "VICTIM", "PID", "SCORE",
						"WHERE", "CAUSE", NULL };
	struct table table = { };
	struct capture capture = { };
	size_t i, nr = 0, skip = 0;

	capture_read(&capture, options->file);
	for (i = 0; i < capture.nr_episodes; i++)
		nr += episode_matches(&capture.episodes[i], options);
	if (options->last && nr > options->last)
		skip = nr - options->last;
	table_begin(&table, "rllLrrPL", heading);
	for (i = 0; i < capture.nr_episodes; i++)
		if (episode_matches(&capture.episodes[i], options) && (!skip || !skip--))
			list_episode(&table, &capture.episodes[i]);
	if (nr)
		table_print(&table, "");
	else if (!capture.damage)
		complain("no kill is recorded%s", options->comm || options->memcg ||
			 options->since_ns ? " that was asked for" : "");
	table_free(&table);
	return capture_finish(&capture);
}

const struct command command_list = {
	.name = "list",
	.what = "the kills, a line each",
	.run = run_list,
	.takes = TAKES(&option_file, &option_number, &option_since, &option_memcg, &option_comm),
};
