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

/* Says why no kill is listed. Returns the exit status. */
static int say_none(const struct options *options, const struct capture *capture)
{
	static const char where[] =
		". --memcg takes what WHERE shows there, or a path as in /proc/PID/cgroup";
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_episodes; i++)
		nr += !!main_victim(&capture->episodes[i]);
	if (!nr)
		complain("no kill is recorded");
	else
		complain("no recorded kill matches the options given, of %s; oomwatch list without them lists all%s",
			 plural(nr, "kill", "kills"), options->memcg ? where : "");
	return options->comm || options->memcg || options->since_ns ? EXIT_NO_KILL : EXIT_FINE;
}

static void say_gap(const char *text)
{
	complain("%s", text);
}

static int run_list(const struct options *options)
{
	struct table table;
	struct row row = { };
	struct capture capture = { };
	size_t i, nr = 0, skip = 0;
	int status = EXIT_FINE;

	words_scope();
	capture_read(&capture, options);
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
		status = say_none(options, &capture);
	each_gap(&capture, say_gap);
	table_free(&table);
	return capture_finish(&capture) ?: status;
}

const struct command command_list = {
	.name = "list",
	.what = "list the recorded kills, one a line",
	.run = run_list,
	.takes = TAKES(&option_file, &option_number, &option_since, &option_memcg, &option_comm),
};
