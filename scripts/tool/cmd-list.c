// SPDX-License-Identifier: GPL-2.0
/* list: prints a line for each kill. */
#include "command.h"
#include "kill.h"
#include "terminal.h"
#include "tool.h"

static enum style style_of(const struct episode *episode)
{
	return has_flag(&main_victim(episode)->victim.process, OOMWATCH_TASK_DYING) ?
		STYLE_DIM : STYLE_PLAIN;
}

static int run_list(const struct options *options)
{
	struct table table;
	struct row row = { };
	struct capture capture = { };
	size_t i, nr = 0, skip = 0;

	capture_read(&capture, options->file);
	for (i = 0; i < capture.nr_episodes; i++)
		nr += episode_matches(&capture.episodes[i], options);
	if (options->last && nr > options->last)
		skip = nr - options->last;
	begin_kills(&table);
	for (i = 0; i < capture.nr_episodes; i++) {
		row.episode = &capture.episodes[i];
		if (episode_matches(row.episode, options) && (!skip || !skip--))
			table_row(&table, &row, style_of(row.episode));
	}
	if (nr)
		table_print(&table, "");
	else if (!capture.damage)
		complain(options->comm || options->memcg || options->since_ns ?
			 "no recorded kill matches the options given" : "no kill is recorded");
	table_free(&table);
	return capture_finish(&capture);
}

const struct command command_list = {
	.name = "list",
	.what = "list the recorded kills, one a line",
	.run = run_list,
	.takes = TAKES(&option_file, &option_number, &option_since, &option_memcg, &option_comm),
};
