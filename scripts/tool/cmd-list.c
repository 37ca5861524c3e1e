// SPDX-License-Identifier: GPL-2.0
/* list: prints a line for each kill. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "terminal.h"
#include "tool.h"

static enum style style_of(const struct episode *episode)
{
	if (is_nobody(episode))
		return STYLE_YELLOW;
	return has_flag(&main_victim(episode)->victim.process, OOMWATCH_TASK_DYING) ?
		STYLE_DIM : STYLE_PLAIN;
}

/* --- kills of a log, which --since and --until can't choose ------------------------------- */

enum clock { CLOCK_BOOT, CLOCK_DATE, CLOCK_NONE, NR_CLOCKS };

static enum clock clock_of(const struct record *rec)
{
	if (*rec->date.text)
		return CLOCK_DATE;
	return rec->head.time_ns == OOMWATCH_UNKNOWN_U64 ? CLOCK_NONE : CLOCK_BOOT;
}

static void count_timeless(const struct episode *episodes, size_t nr,
			   const struct options *options, size_t *counts)
{
	struct options anytime = *options;
	const struct episode *episode;

	anytime.since_ns = 0;
	anytime.until_ns = ~0ULL;
	for (episode = episodes; episode < episodes + nr; episode++)
		if (episode_ns(episode) == OOMWATCH_UNKNOWN_U64 &&
		    episode_matches(episode, &anytime))
			counts[clock_of(episode->of[0])]++;
}

/* Returns how many there are that the other options choose. */
static size_t say_timeless(const struct options *options, const struct capture *capture)
{
	static const char * const clocks[] = {
		[CLOCK_BOOT] = "only as seconds since boot (journalctl -k -o json has the clock's)",
		[CLOCK_DATE] = "as dates, which are shown and not compared (journalctl -k -o json has times that are)",
		[CLOCK_NONE] = "not at all",
	};
	size_t counts[NR_CLOCKS] = { }, i, nr = 0;

	words_scope();
	if (!options->since_ns && !~options->until_ns)
		return 0;
	count_timeless(capture->episodes, capture->nr_episodes, options, counts);
	count_timeless(capture->nobody, capture->nr_nobody, options, counts);
	for (i = 0; i < NR_CLOCKS; i++) {
		nr += counts[i];
		if (counts[i])
			complain("--since and --until can't choose %s of a kernel log, which tells times %s; list without them shows all",
				 plural(counts[i], "report", "reports"), clocks[i]);
	}
	return nr;
}

/* Says why no kill is listed. Returns the exit status. */
static int say_none(const struct options *options, const struct capture *capture, size_t timeless)
{
	static const char where[] =
		". --memcg takes what WHERE shows there, or a path as in /proc/PID/cgroup";
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_episodes; i++)
		nr += !!main_victim(&capture->episodes[i]);
	/* Of a log capture_finish() says it. */
	if (!nr && !words_quiet(capture))
		complain("%s", words_none_recorded(capture));
	else if (nr && !timeless)
		complain("no recorded kill matches the options given, of %s; oomwatch list%s lists all%s",
			 plural(nr, "kill", "kills"), words_source(), options->memcg ? where : "");
	return chooses(options) ? EXIT_NO_KILL : EXIT_FINE;
}

/* --- what is not there ---------------------------------------------------------------- */

static void say_gap(const struct gap *gap)
{
	words_scope();
	complain("%s", words_gap(gap));
}

/* Kills of which some records are gone, and a victim's is there. */
static void say_cut(const struct capture *capture, const char *stats, const struct episode **kills,
		    size_t nr)
{
	const struct episode *cut = NULL;
	const char *id, *who;
	size_t i, cuts = 0;

	words_scope();
	for (i = 0; i < nr; i++) {
		if ((kills[i]->oom && !nr_lacking(kills[i]) && !nr_lacking_sharers(kills[i])) ||
		    kills[i]->stream->log)
			continue;
		cut = kills[i];
		cuts++;
		if (cut->stream != live_stream(capture))
			stats = NULL;
	}
	if (!cuts)
		return;
	id = words_kill_id(cut->stream, cut->id);
	who = cuts == 1 ? format_words("kill %s has lost some of its", id) :
		format_words("%zu kills, the last of them %s, have lost some of their", cuts, id);
	complain("%s records: %s; a larger ring keeps more: sysctl vm.oomwatch.ring_kb, or storm_ring_kb",
		 who, words_reasons(stats));
}

static void say_off(void)
{
	long long enabled;

	if (sysctl_number("vm/oomwatch/enabled", &enabled) && !enabled)
		complain("recording is off (the knob enabled is 0); to go on: sysctl vm.oomwatch.enabled=1");
}

/* Under the list: the kills that it lacks. */
static void say_missing(const struct options *options, const struct capture *capture,
			const char *stats, const struct episode **kills, size_t nr)
{
	each_gap(capture, options, stats, say_gap);
	say_cut(capture, stats, kills, nr);
	if (stats)
		say_off();
}

/* --- groups -------------------------------------------------------------------------- */

static const char *group_by;

static bool in_full;

static const struct option_row option_verbose = { 'v', "verbose", .flag = &in_full,
	.what = "all columns, and paths in full, whatever the width" };

static const struct option_row option_by = { 0, "by", "WHAT", .text = &group_by,
	.what = "count kills by cgroup, cause, victim, host or hour" };

static void print_groups(const struct episode **kills, size_t nr)
{
	struct kill_group *groups = allocate((nr + 1) * sizeof(*groups));
	struct table table;
	size_t i;

	words_scope();
	for (i = 0; i < nr; i++)
		groups[i] = group_of(group_by, NULL, kills[i]);
	/* Hours are in the order of time. */
	nr = unite_groups(groups, nr, strcmp(group_by, "hour"));
	begin_groups(&table, group_by);
	for (i = 0; i < nr; i++)
		table_row(&table, &(struct row) { .group = &groups[i] }, STYLE_PLAIN);
	table_print(&table, "");
	free(groups);
}

/* --- kills ---------------------------------------------------------------------------- */

static void print_kills(const struct capture *capture, const struct episode **kills, size_t nr)
{
	struct table table;
	size_t i;

	if (in_full)
		begin_kills_in_full(&table, capture);
	else
		begin_kills(&table, capture);
	for (i = 0; i < nr; i++)
		table_row(&table, &(struct row) { .episode = kills[i] }, style_of(kills[i]));
	table_print(&table, "");
}

static int by_begin(const void *a, const void *b)
{
	const struct episode * const *x = a, * const *y = b;

	return is_before(*y, *x) - is_before(*x, *y);
}

/* Adds calls that found nobody to kill, in their place among the kills. Returns the new number. */
static size_t add_nobody(const struct episode **kills, size_t nr, const struct capture *capture,
			 const struct options *options)
{
	size_t i, before = nr;

	for (i = 0; i < capture->nr_nobody; i++)
		if (episode_matches(&capture->nobody[i], options))
			kills[nr++] = &capture->nobody[i];
	if (nr > before)
		qsort(kills, nr, sizeof(*kills), by_begin);
	return nr;
}

static int run_list(const struct options *options)
{
	struct capture capture = { };
	const struct episode **kills;
	size_t i, nr = 0, skip = 0, timeless;
	int status = EXIT_FINE;
	char *stats;

	words_scope();
	if (group_by && !can_group_by(group_by))
		die(EXIT_USAGE, "--by takes cgroup, cause, victim, host or hour, not \"%s\"",
		    group_by);
	check_choice(options);
	/* Before the records: a kill that comes between is in them, and not missing. */
	stats = options->nr_files ? NULL : read_stats(NULL);
	capture_read(&capture, options);
	kills = allocate((capture.nr_episodes + capture.nr_nobody + 1) * sizeof(*kills));
	for (i = 0; i < capture.nr_episodes; i++)
		if (episode_matches(&capture.episodes[i], options))
			kills[nr++] = &capture.episodes[i];
	if (!group_by)
		nr = add_nobody(kills, nr, &capture, options);
	if (options->last && nr > options->last)
		skip = nr - options->last;
	if (nr && group_by)
		print_groups(kills + skip, nr - skip);
	else if (nr)
		print_kills(&capture, kills + skip, nr - skip);
	timeless = say_timeless(options, &capture);
	if (!nr && !capture.damage)
		status = say_none(options, &capture, timeless);
	say_missing(options, &capture, stats, kills + skip, nr - skip);
	free(stats);
	free(kills);
	return capture_finish(&capture) ?: status;
}

const struct command command_list = {
	.name = "list",
	.what = "list the recorded kills, one a line",
	.run = run_list,
	.takes = TAKES(SOURCE, &option_number, &option_since, &option_until, &option_kind,
		       &option_cause, &option_host, &option_memcg, &option_unit, &option_pod,
		       &option_comm, &option_pid, &option_by, &option_verbose),
};
