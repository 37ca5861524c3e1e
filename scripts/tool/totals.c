// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of kills that go on: over what the ring overwrites, a clear, a reload and a reboot.
 *
 * The file of metrics that a call writes is where the next one goes on: its counters are read
 * back, with the newest kill that they count. Kills after that one are added, and those that are
 * not there any more are counted as lost. So each kill is in one counter once.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kill.h"
#include "metrics.h"
#include "module.h"
#include "tool.h"

/* A call that has not returned by then is taken as it is. */
#define OVER_NS 10000000000ULL
#define MOST_BYTES (16 << 20)

#define KILLS "oomwatch_kills_total"
#define MARKED "oomwatch_marked_total"
#define LOST "oomwatch_kills_lost_total"
#define SIZES "oomwatch_victim_size_bytes"
#define COUNTED "oomwatch_counted_kill"

static const struct { __u64 bytes; const char *le; } bounds[] = {
	{ 1ULL << 20, "1048576.0" }, { 4ULL << 20, "4194304.0" },
	{ 16ULL << 20, "16777216.0" }, { 64ULL << 20, "67108864.0" },
	{ 256ULL << 20, "268435456.0" }, { 1ULL << 30, "1073741824.0" },
	{ 4ULL << 30, "4294967296.0" }, { 16ULL << 30, "17179869184.0" },
	{ 64ULL << 30, "68719476736.0" }, { 256ULL << 30, "274877906944.0" },
	{ ~0ULL, "+Inf" },
};

#define NR_BOUNDS ARRAY_SIZE(bounds)

/* Sizes of the victims that have one cause. */
struct sizes {
	const char *cause;		/* a label */
	__u64 within[NR_BOUNDS], sum, count;
};

struct totals {
	struct tally kills;
	struct sizes *sizes;
	size_t nr_sizes;
	__u64 gone, not_recorded;	/* kills that no counter has */
	__u64 load, counted;		/* the newest kill that is in the counters */
};

static void totals_free(struct totals *totals)
{
	free(totals->kills.all);
	free(totals->sizes);
	*totals = (struct totals) { };
}

/* --- what was written before -------------------------------------------------------------- */

/* NULL: there is no such file yet. Anything else there is an error: it can't be replaced either. */
char *totals_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	size_t len;
	char *text;

	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &st))
		die(EXIT_FAILED, "%s: %s", path, why_not(errno));
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return NULL;
	}
	text = file_text(fd, MOST_BYTES, &len);
	if (!text && errno == EFBIG)
		die(EXIT_FAILED, "%s: no file of metrics is so large: remove it, and counters of kills begin anew",
		    path);
	if (!text)
		die(EXIT_FAILED, "%s: %s", path, why_not(errno));
	close(fd);
	return text;
}

/* The end of a label that is written as this program does; NULL: it isn't one. */
static const char *label_end(const char *at, const char *name)
{
	size_t len = strlen(name);

	if (strncmp(at, name, len) || strncmp(at + len, "=\"", 2))
		return NULL;
	for (at += len + 2; *at && *at != '"'; at++)
		if (!isprint((unsigned char)*at) || (*at == '\\' && !strchr("\\\"", *++at)) || !*at)
			return NULL;
	return *at ? at + 1 : NULL;
}

/* Takes a label and what separates it from the next one. */
static char *next_label(char *at, const char *name, char **label)
{
	char *end = (char *)label_end(at, name);

	*label = at;
	if (!end || (*end && *end != ','))
		return NULL;
	if (*end)
		*end++ = '\0';
	return end;
}

static bool is_place(const char *at)
{
	static const char * const more[] = {
		"unit", "pod_uid", "namespace", "pod", "container", NULL
	};
	const char * const *name;
	const char *end = label_end(at, "memcg"), *next;

	for (name = more; end && *end == ',' && *name; name++) {
		next = label_end(end + 1, *name);
		end = next ?: end;
	}
	return end && !*end;
}

static bool take_victims(struct totals *to, char *labels, __u64 killed, __u64 marked)
{
	char *kind, *cause, *full, *place = next_label(labels, "kind", &kind);

	place = place ? next_label(place, "cause", &cause) : NULL;
	place = place ? next_label(place, "full_cause", &full) : NULL;
	if (!place || !is_place(place))
		return false;
	tally_add(&to->kills, &(struct entry) {
		.cause = format_words("%s,%s,%s", kind, cause, full), .place = place,
		.killed = killed, .marked = marked,
	});
	return true;
}

static struct sizes *sizes_of(struct totals *totals, const char *cause)
{
	size_t i;

	for (i = 0; i < totals->nr_sizes; i++)
		if (!strcmp(totals->sizes[i].cause, cause))
			return &totals->sizes[i];
	totals->sizes = grow(totals->sizes, i, sizeof(*totals->sizes));
	totals->sizes[totals->nr_sizes++] = (struct sizes) { .cause = cause };
	return &totals->sizes[i];
}

static bool take_sizes(struct totals *to, const char *what, char *labels, __u64 n)
{
	char *cause, *le, *rest = next_label(labels, "full_cause", &cause);
	struct sizes *sizes;
	size_t i;

	if (!rest)
		return false;
	sizes = sizes_of(to, cause);
	if (!*rest && !strcmp(what, "_sum"))
		sizes->sum = n;
	else if (!*rest && !strcmp(what, "_count"))
		sizes->count = n;
	if (!*rest)
		return true;
	rest = next_label(rest, "le", &le);
	if (!rest || *rest)
		return false;
	for (i = 0; i < NR_BOUNDS; i++)
		if (!strcmp(le, format_words("le=\"%s\"", bounds[i].le)))
			sizes->within[i] = n;
	return true;
}

static bool take_counted(struct totals *to, const char *label, __u64 n)
{
	char end;

	to->counted = n;
	return sscanf(label, "load_id=\"%16llx%c", &to->load, &end) == 2 && end == '"';
}

static bool take_lost(struct totals *to, const char *label, __u64 n)
{
	if (!strcmp(label, "reason=\"gone\""))
		to->gone = n;
	else if (!strcmp(label, "reason=\"not_recorded\""))
		to->not_recorded = n;
	else
		return false;
	return true;
}

/* False: it is a line of these counters, and is not as this program writes it. */
static bool take_line(struct totals *to, char *line)
{
	char *labels = strchr(line, '{'), *number = strrchr(line, ' '), *end;
	__u64 n;

	if (*line == '#' || !labels || !number || number < labels + 2)
		return true;
	n = strtoull(number + 1, &end, 10);
	*labels++ = '\0';
	if (strncmp(line, SIZES, strlen(SIZES)) && strcmp(line, KILLS) && strcmp(line, MARKED) &&
	    strcmp(line, LOST) && strcmp(line, COUNTED))
		return true;
	if (number[-1] != '}' || !isdigit((unsigned char)number[1]) || *end)
		return false;
	number[-1] = '\0';
	if (!strcmp(line, KILLS))
		return take_victims(to, labels, n, 0);
	if (!strcmp(line, MARKED))
		return take_victims(to, labels, 0, n);
	if (!strcmp(line, LOST))
		return take_lost(to, labels, n);
	if (!strcmp(line, COUNTED))
		return take_counted(to, labels, n);
	return take_sizes(to, line + strlen(SIZES), labels, n);
}

/* With other bounds the buckets would not fit. */
static bool fit(const struct totals *totals)
{
	const struct sizes *sizes;
	size_t i;

	for (sizes = totals->sizes; sizes < totals->sizes + totals->nr_sizes; sizes++) {
		for (i = 1; i < NR_BOUNDS; i++)
			if (sizes->within[i] < sizes->within[i - 1])
				return false;
		if (sizes->within[NR_BOUNDS - 1] != sizes->count)
			return false;
	}
	return true;
}

static void take_all(struct totals *to, char *text, const char *path)
{
	bool fine = true;
	char *line;

	while (fine && (line = strsep(&text, "\n")))
		fine = take_line(to, line);
	if (fine && fit(to))
		return;
	totals_free(to);
	complain("%s: its counters of kills are not as this program writes them, and begin anew",
		 path);
}

/* --- what came since then ------------------------------------------------------------------ */

static void add_sizes(struct totals *to, const struct episode *episode)
{
	const struct record *rec;
	struct sizes *sizes;
	__u64 bytes;
	size_t at, i;

	for_each_of(rec, episode, VICTIM, at) {
		if (has_flag(&rec->victim.process, OOMWATCH_TASK_DYING) ||
		    !is_known(anon_pages(rec)) || !is_known(rec->victim.process.swap))
			continue;
		bytes = bytes_of_pages(rec, own_pages(rec));
		sizes = sizes_of(to, words_full_cause_label(episode));
		for (i = NR_BOUNDS; i && bytes <= bounds[i - 1].bytes; i--)
			sizes->within[i - 1]++;
		sizes->sum += bytes;
		sizes->count++;
	}
}

/* Whether both are the same cgroup: the first label says which. */
static bool same_memcg(const char *a, const char *b)
{
	const char *end = label_end(a, "memcg");

	return end && !strncmp(a, b, end - a) && (!b[end - a] || b[end - a] == ',');
}

/* A cgroup keeps the labels that it had first: a pod that is gone has no name any more. */
static void add_episode(struct totals *to, const struct episode *episode)
{
	size_t had = to->kills.nr, i, j;

	tally_episode(&to->kills, episode);
	to->gone += nr_lacking(episode);
	for (i = had; i < to->kills.nr; i++)
		for (j = 0; j < had; j++)
			if (same_memcg(to->kills.all[j].place, to->kills.all[i].place))
				to->kills.all[i].place = to->kills.all[j].place;
	add_sizes(to, episode);
}

/* The newest kill may go on: it is counted when all of it is there. */
static bool is_over(const struct capture *capture, const struct episode *episode)
{
	return episode->end || episode < capture->episodes + capture->nr_episodes - 1 ||
		episode->of[0]->head.time_ns + OVER_NS <= episode->stream->boot_ns;
}

/* For count_gap(): each_gap() hands on nothing of its caller. */
static struct totals *counting;
static const struct stream *counted;
static __u64 since, upto;

static void count_gap(const struct gap *gap)
{
	__u64 first = gap->first > since ? gap->first : since + 1;

	if (gap->stream != counted || gap->last < first || gap->last > upto)
		return;
	if (gap->hole)
		counting->gone += gap->last + 1 - first;
	else
		counting->not_recorded += gap->last + 1 - first;
	if (gap->last > counting->counted)
		counting->counted = gap->last;
}

static void add_new(struct totals *to, const struct capture *capture, const char *stats)
{
	const struct episode *episode;

	/* What an earlier load has left was counted then. */
	counted = live_stream(capture);
	since = to->counted;
	upto = ~0ULL;
	for (episode = capture->episodes; episode < capture->episodes + capture->nr_episodes;
	     episode++) {
		if (episode->stream != counted || episode->id <= since)
			continue;
		if (!is_over(capture, episode)) {
			upto = episode->id;
			break;
		}
		add_episode(to, episode);
		to->counted = episode->id;
	}
	counting = to;
	each_gap(capture, NULL, stats, count_gap);
}

/* The numbers of kills begin again with each load. One without an ID is told by its counters. */
static void begin_load(struct totals *to, const struct capture *capture, const char *stats)
{
	const struct stream *live = live_stream(capture);
	__u64 load = live ? live->load : 0, killed = 0, dying = 0;

	find_stat(stats, "outcome_killed", &killed);
	find_stat(stats, "outcome_dying", &dying);
	if (load != to->load || (!load && killed + dying < to->counted))
		to->counted = 0;
	to->load = load;
}

/* Counts for each place how many of its victims have a record. */
static void look_up(struct totals *to, const struct capture *capture)
{
	struct tally recorded = { };
	size_t i, j;

	for (i = 0; i < capture->nr_episodes; i++)
		if (capture->episodes[i].stream == live_stream(capture))
			tally_episode(&recorded, &capture->episodes[i]);
	tally_bound(&recorded, ~0UL);
	for (i = 0; i < to->kills.nr; i++)
		for (j = 0; j < recorded.nr; j++)
			if (same_memcg(to->kills.all[i].place, recorded.all[j].place))
				to->kills.all[i].recorded += recorded.all[j].killed +
					recorded.all[j].marked;
	free(recorded.all);
}

/* --- the metrics ---------------------------------------------------------------------------- */

static void put_sizes(FILE *to, const struct totals *totals)
{
	const struct sizes *sizes;
	size_t i;

	put_metric_head(to, SIZES, "histogram",
			"What victims that were killed had of their own, anonymous memory in RAM and in swap, by full_cause.");
	for (sizes = totals->sizes; sizes < totals->sizes + totals->nr_sizes; sizes++) {
		for (i = 0; i < NR_BOUNDS; i++)
			fprintf(to, "%s_bucket{%s,le=\"%s\"} %llu\n", SIZES, sizes->cause,
				bounds[i].le, sizes->within[i]);
		fprintf(to, "%s_sum{%s} %llu\n%s_count{%s} %llu\n", SIZES, sizes->cause,
			sizes->sum, SIZES, sizes->cause, sizes->count);
	}
}

static void put_all(FILE *to, const struct totals *totals)
{
	put_metric_head(to, KILLS, "counter",
			"Victims that were killed, by what had run out (kind, cause; full_cause also says what filled it) and by the victim's cgroup; a bounded number of cgroups have their names, all others together are (others).");
	tally_put(to, KILLS, &totals->kills, false);
	put_metric_head(to, MARKED, "counter",
			"Victims that were dying already and were only marked; labels as for oomwatch_kills_total.");
	tally_put(to, MARKED, &totals->kills, true);
	put_sizes(to, totals);
	put_metric_head(to, LOST, "counter",
			"Kills that are in no other counter by cgroup; gone: their records were overwritten or cleared before this file was written; not_recorded: the knob enabled was 0.");
	fprintf(to, "%s{reason=\"gone\"} %llu\n", LOST, totals->gone);
	fprintf(to, "%s{reason=\"not_recorded\"} %llu\n", LOST, totals->not_recorded);
	put_metric_head(to, COUNTED, "gauge",
			"The ID of the newest kill that is in these counters: where the next call goes on.");
	fprintf(to, "%s{load_id=\"%016llx\"} %llu\n", COUNTED, totals->load, totals->counted);
}

void put_totals(FILE *to, const char *path, char *before, const struct capture *capture,
		const char *stats, size_t most)
{
	struct totals totals = { };

	words_scope();
	if (before)
		take_all(&totals, before, path);
	begin_load(&totals, capture, stats);
	add_new(&totals, capture, stats);
	look_up(&totals, capture);
	tally_bound(&totals.kills, most);
	put_all(to, &totals);
	totals_free(&totals);
}
