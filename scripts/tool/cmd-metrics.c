// SPDX-License-Identifier: GPL-2.0
/*
 * metrics: writes metrics for Prometheus, for the textfile collector of node_exporter.
 *
 * The format is Prometheus' text format 0.0.4, which the collector reads. It declares a counter by
 * its full name, foo_total. OpenMetrics declares the counter as foo; the collector makes a metric
 * without a type of that, and promtool refuses it. So a text with counters can't be valid in both
 * formats. The rest is valid in both: bucket bounds have a decimal point, there are no empty lines,
 * and "# EOF" is a comment in one format and the end in the other. Without counters, with -f, the
 * whole text is OpenMetrics, too.
 *
 * Counts of the module since its load are counters. Metrics made of the ring's records go down when
 * the ring overwrites records, so they are gauges, named ..._recorded, and a histogram. Counters of
 * kills by cgroup go on from the file that the call before wrote: totals.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "command.h"
#include "kill.h"
#include "metrics.h"
#include "module.h"
#include "tool.h"

#define LINGERING_NS 10000000000ULL

static __u64 most_cgroups = 100;

static const struct option_row option_cgroups = { 0, "cgroups", "N", .number = &most_cgroups,
	.what = "name only the N cgroups with most victims (default 100)" };

/* Exact decimal digits: a double would round them. */
static const char *words_seconds(__u64 ns)
{
	return format_words("%llu.%09llu", ns / 1000000000, ns % 1000000000);
}

/* --- what the module counts --------------------------------------------------------- */

#define COUNTER(id, name, meaning) { #id, name, meaning },

/* A counter without a family is a metric of its own: see put_single(). */
static const struct counter {
	const char *id, *name, *meaning;
} counters[] = {
#include "../../core/counters.h"
};

#undef COUNTER

#define for_each_counter(counter) \
	for (counter = counters; counter < counters + ARRAY_SIZE(counters); \
	     counter++)

/*
 * Counters that are one metric with a label. They are those whose ID begins with prefix, each with
 * the rest of its name as the label's value: outcome_killed is outcome="killed". Or they are listed
 * with their values; some of these have no row in core/counters.h.
 */
static const struct family {
	const char *name, *type, *label, *help, *prefix;
	struct { const char *stat, *value; } listed[10];
} families[] = {
	{ "oomwatch_calls_total", "counter", "outcome", "Calls of out_of_memory(), by outcome.",
	  "OUTCOME_", { } },
	{ "oomwatch_victims_total", "counter", "kind",
	  "Tasks that the OOM killer marked, by whose memory had run out; includes those that were dying already.",
	  "KIND_", { } },
	{ "oomwatch_reaps_total", "counter", "event", "What the OOM reaper did.", "REAP_", { } },
	{ "oomwatch_ring_records", "gauge", "ring", "Records in each ring.",
	  NULL, { { "ring_held", "kills" }, { "storm_ring_held", "storms" },
		  { "nobody_ring_held", "nobody" }, { "adj_ring_held", "adj" } } },
	{ "oomwatch_ring_overwritten_total", "counter", "ring",
	  "Records of each ring that made room for newer ones; they count as lost ones, too.",
	  NULL, { { "ring_overwritten", "kills" }, { "storm_ring_overwritten", "storms" },
		  { "nobody_ring_overwritten", "nobody" },
		  { "adj_ring_overwritten", "adj" } } },
	{ "oomwatch_records_lost_total", "counter", "reason",
	  "Records that are not in the rings any more, by reason; suppressed: never written, as the knob enabled was 0.",
	  NULL, { { "records_overwritten", "overwritten" }, { "records_cleared", "cleared" },
		  { "records_resize_dropped", "resize_dropped" },
		  { "records_suppressed", "suppressed" } } },
	{ "oomwatch_details_lost_total", "counter", "what",
	  "Details that records lack, by what is missing.",
	  NULL, { { "strings_truncated", "strings_truncated" },
		  { "paths_forgotten", "paths_forgotten" },
		  { "victims_forgotten", "victims_forgotten" },
		  { "scope_missed", "scope_missed" },
		  { "retries_untracked", "retries_untracked" },
		  { "adj_untracked", "adj_untracked" },
		  { "adj_suppressed", "adj_suppressed" } } },
};

#define for_each_family(family) \
	for (family = families; family < families + ARRAY_SIZE(families); family++)

/* Metrics that are not named after their counter, or whose counter has no row. */
static const struct single {
	const char *stat, *name, *type, *help;	/* no name: other metrics have it */
} singles[] = {
	{ "victims", NULL, NULL, NULL },
	{ "records_written", "oomwatch_records_written_total", "counter",
	  "Records written to the rings." },
	{ "records_held", "oomwatch_records_held", "gauge", "Records in the rings." },
	{ "ring_bytes", "oomwatch_ring_bytes", "gauge", "Size of the ring of kills." },
	{ "adj_ring_bytes", "oomwatch_adj_ring_bytes", "gauge",
	  "Size of the ring of oom_score_adj writes." },
	{ "adj_ring_used_bytes", "oomwatch_adj_ring_used_bytes", "gauge",
	  "Bytes of the ring of oom_score_adj writes that hold records." },
	{ "storm_ring_bytes", "oomwatch_storm_ring_bytes", "gauge",
	  "Size of the ring of kills that come in storms." },
	{ "storm_ring_used_bytes", "oomwatch_storm_ring_used_bytes", "gauge",
	  "Bytes of the ring of kills that come in storms that hold records." },
	{ "ring_used_bytes", "oomwatch_ring_used_bytes", "gauge",
	  "Bytes of the ring of kills that hold records." },
	{ "capture_ns_total", "oomwatch_capture_seconds_total", "counter",
	  "Time that oomwatch spent inside out_of_memory()." },
	{ "capture_ns_max", "oomwatch_capture_seconds_max", "gauge",
	  "The longest time that oomwatch spent inside one call of out_of_memory()." },
};

#define for_each_single(single) \
	for (single = singles; single < singles + ARRAY_SIZE(singles); single++)

/* The label's value; NULL if the counter is not of the family. */
static const char *value_in(const struct family *family, const struct counter *counter)
{
	size_t i;

	if (family->prefix && !strncmp(counter->id, family->prefix, strlen(family->prefix)))
		return strchr(counter->name, '_') + 1;
	for (i = 0; i < 10 && family->listed[i].stat; i++)
		if (!strcmp(family->listed[i].stat, counter->name))
			return family->listed[i].value;
	return NULL;
}

static void put_labelled(FILE *to, const struct family *family, const char *value,
			 const char *stats, const char *stat)
{
	__u64 n;

	words_scope();
	if (find_stat(stats, stat, &n))
		fprintf(to, "%s{%s=\"%s\"} %llu\n", family->name, family->label, value, n);
}

static void put_family(FILE *to, const struct family *family, const char *stats)
{
	const struct counter *counter;
	size_t i;

	put_metric_head(to, family->name, family->type, family->help);
	if (family->prefix)
		for_each_counter(counter)
			if (value_in(family, counter))
				put_labelled(to, family, value_in(family, counter), stats,
					     counter->name);
	for (i = 0; i < 10 && family->listed[i].stat; i++)
		put_labelled(to, family, family->listed[i].value, stats, family->listed[i].stat);
}

static void put_single(FILE *to, const struct single *single, const char *stats)
{
	__u64 n;

	words_scope();
	if (!single->name || !find_stat(stats, single->stat, &n))
		return;
	put_metric_head(to, single->name, single->type, single->help);
	/* stats has nanoseconds for them. */
	fprintf(to, "%s %s\n", single->name, strstr(single->name, "_seconds") ?
		words_seconds(n) : format_words("%llu", n));
}

static bool is_in_tables(const struct counter *counter)
{
	const struct family *family;
	const struct single *single;

	for_each_family(family)
		if (value_in(family, counter))
			return true;
	for_each_single(single)
		if (!strcmp(single->stat, counter->name))
			return true;
	return false;
}

static void put_counters(FILE *to, const char *stats)
{
	const struct counter *counter;
	const struct family *family;
	const struct single *single;

	for_each_family(family)
		put_family(to, family, stats);
	for_each_single(single)
		put_single(to, single, stats);
	for_each_counter(counter) {
		words_scope();
		if (!is_in_tables(counter))
			put_single(to, &(struct single) {
				counter->name, format_words("oomwatch_%s_total", counter->name),
				"counter", format_words("Counter %s: %s.", counter->name,
							counter->meaning),
			}, stats);
	}
}

static void put_counted(FILE *to, const char *stats)
{
	put_counters(to, stats);
	/* The collector keeps serving a file that is not written any more: this shows its age. */
	put_metric_head(to, "oomwatch_read_timestamp_seconds", "gauge",
			"When these figures were read from the module.");
	fprintf(to, "oomwatch_read_timestamp_seconds %llu\n", (__u64)time(NULL));
}

/* --- exits ---------------------------------------------------------------------------------- */

static void put_exits(FILE *to, const struct capture *capture)
{
	static const struct { __u64 ns; const char *seconds; } bounds[] = {
		{ 1000000, "0.001" }, { 5000000, "0.005" }, { 10000000, "0.01" },
		{ 50000000, "0.05" }, { 100000000, "0.1" }, { 500000000, "0.5" },
		{ 1000000000, "1.0" }, { 2000000000, "2.0" }, { 5000000000, "5.0" },
		{ 10000000000, "10.0" }, { 30000000000, "30.0" }, { 60000000000, "60.0" },
	};
	const size_t nr = ARRAY_SIZE(bounds);
	__u64 within[ARRAY_SIZE(bounds)] = { }, count = 0, sum = 0;
	const char *name = "oomwatch_exit_seconds_recorded";
	size_t i, bound;

	for (i = 0; i < capture->nr_records; i++) {
		const struct record *rec = capture->records[i];

		if (rec->head.type != OOMWATCH_TYPE_EXIT ||
		    rec->exit.since_kill_ns == OOMWATCH_UNKNOWN_U64)
			continue;
		count++;
		sum += rec->exit.since_kill_ns;
		for (bound = nr; bound && rec->exit.since_kill_ns <= bounds[bound - 1].ns; bound--)
			within[bound - 1]++;
	}
	put_metric_head(to, name, "histogram",
			"Seconds from kill to exit of the victims whose exit is in the ring; goes down as the ring forgets, so do not use rate().");
	for (i = 0; i < nr; i++)
		fprintf(to, "%s_bucket{le=\"%s\"} %llu\n", name, bounds[i].seconds, within[i]);
	fprintf(to, "%s_bucket{le=\"+Inf\"} %llu\n", name, count);
	fprintf(to, "%s_sum %s\n%s_count %llu\n", name, words_seconds(sum), name, count);
}

/* The victims of an episode that have a record, and no exit after LINGERING_NS. */
static __u64 lingering_of(const struct episode *episode)
{
	const struct record *rec;
	__u64 lingering = 0;
	size_t at;

	for_each_of(rec, episode, VICTIM, at)
		lingering += rec->head.time_ns + LINGERING_NS <= episode->stream->boot_ns &&
			!exit_of(episode, rec->victim.process.pid);
	return lingering;
}

static void put_lingering(FILE *to, const struct capture *capture, bool live)
{
	__u64 lingering = 0;
	size_t i;

	/* A load that is over saw no exit any more. */
	for (i = 0; i < capture->nr_episodes; i++)
		if (!live || capture->episodes[i].stream == live_stream(capture))
			lingering += lingering_of(&capture->episodes[i]);
	put_metric_head(to, "oomwatch_lingering_recorded", "gauge",
			"Victims in the ring that were marked more than 10 seconds ago and have no recorded exit.");
	fprintf(to, "oomwatch_lingering_recorded %llu\n", lingering);
}

void put_recorded(FILE *to, const struct capture *capture, bool live)
{
	struct tally victims = { };
	bool has_exits = live;
	size_t i;

	words_scope();
	for (i = 0; i < capture->nr_episodes; i++)
		tally_episode(&victims, &capture->episodes[i]);
	tally_bound(&victims, most_cgroups);
	put_metric_head(to, "oomwatch_kills_recorded", "gauge",
			"Victims in the ring that were killed, by the victim's cgroup; goes down as the ring forgets. A bounded number of cgroups have their names, all others together are (others).");
	tally_put(to, "oomwatch_kills_recorded", &victims, false);
	put_metric_head(to, "oomwatch_marked_recorded", "gauge",
			"Victims in the ring that were dying already and were only marked; labels as for oomwatch_kills_recorded.");
	tally_put(to, "oomwatch_marked_recorded", &victims, true);
	free(victims.all);
	/* A log does not tell them. */
	for (i = 0; i < capture->nr_streams; i++)
		has_exits |= !capture->streams[i]->log;
	if (!has_exits)
		return;
	put_exits(to, capture);
	put_lingering(to, capture, live);
}

static int run_metrics(const struct options *options)
{
	const char *output = options->output ?: "-";
	char *stats = options->nr_files ? NULL : read_stats(NULL);
	/* Standard output is not there to go on from. */
	bool goes_on = stats && !is_stdout(output);
	struct capture capture = { };
	char *before = NULL;
	FILE *to;

	if (!options->nr_files && !stats)
		die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_STATS, why_no_file(errno));
	/* Reads first: if that fails, the old file stays as it is. */
	capture_read(&capture, options);
	if (goes_on)
		before = totals_read(output);
	to = file_begin(output, 0644);
	/* The collector runs as another user, who must be able to read it whatever the umask. */
	if (to != stdout && fchmod(fileno(to), 0644))
		die(EXIT_FAILED, "%s: %s", output, why_not(errno));
	if (stats)
		put_counted(to, stats);
	if (goes_on)
		put_totals(to, output, before, &capture, stats, most_cgroups);
	put_recorded(to, &capture, !options->nr_files);
	fputs("# EOF\n", to);
	file_finish(to, output);
	free(before);
	free(stats);
	return capture_finish(&capture);
}

const struct command command_metrics = {
	.name = "metrics",
	.what = "write metrics for Prometheus, for node_exporter's textfile collector",
	.run = run_metrics,
	.takes = TAKES(&option_file, &option_output, &option_cgroups),
};
