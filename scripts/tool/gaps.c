// SPDX-License-Identifier: GPL-2.0
/* Says which kills are not there, when they were, and why if that is known. */
#include <stdlib.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "tool.h"

#define NEVER OOMWATCH_UNKNOWN_U64

/* --- words ------------------------------------------------------------------------------- */

/* The module's counter; unknown, as in a file, counts as 1: it may be the reason. */
static __u64 counted(const char *stats, const char *name)
{
	__u64 n = 1;

	if (stats)
		find_stat(stats, name, &n);
	return n;
}

/*
 * What may have happened to records: by the module's counters if there are any. Those of a running
 * module were not torn by a crash.
 */
const char *words_reasons(const char *stats)
{
	__u64 adjs = stats ? counted(stats, "adj_ring_overwritten") : 0;
	const char *reasons[5];
	size_t nr = 0;

	if (counted(stats, "records_overwritten") > adjs)
		reasons[nr++] = "overwritten";
	if (counted(stats, "records_cleared"))
		reasons[nr++] = "cleared";
	if (stats && counted(stats, "records_resize_dropped"))
		reasons[nr++] = "dropped when the ring was made smaller";
	if (!stats)
		reasons[nr++] = "torn by a crash";
	if (counted(stats, "records_suppressed"))
		reasons[nr++] = "not recorded";
	return nr ? words_joined(reasons, nr, "or") : "lost";
}

/* The stream that the running module's counters are about, if any are. */
const struct stream *live_stream(const struct capture *capture)
{
	return capture->nr_streams ? capture->streams[capture->nr_streams - 1]->whole : NULL;
}

static const char *words_span(const struct gap *gap)
{
	const char *after = format_words("%.19s", words_time(gap->after_ns));
	const char *before = format_words("%.19s", words_time(gap->before_ns));

	if (gap->after_ns == NEVER && gap->before_ns == NEVER)
		return "since the load";
	if (gap->after_ns == NEVER)
		return format_words("before %s", before);
	return gap->before_ns == NEVER ? format_words("after %s", after) :
		format_words("between %s and %s", after, before);
}

const char *words_gap(const struct gap *gap)
{
	bool one = gap->first == gap->last;
	const char *kills = one ? format_words("kill %s", words_kill_id(gap->stream, gap->first)) :
		format_words("kills %s to %s", words_kill_id(gap->stream, gap->first),
			     words_kill_id(gap->stream, gap->last));
	const char *nr = plural(gap->last - gap->first + 1, "kill", "kills");
	const char *when = format_words("%s, %s", nr, words_span(gap));

	if (gap->hole)
		return format_words("%s %s not here: %s; %s", kills, one ? "is" : "are",
				    words_reasons(gap->stats), when);
	return format_words("%s %s not recorded: recording was off (the knob enabled was 0); %s",
			    kills, one ? "was" : "were", when);
}

/* --- gaps -------------------------------------------------------------------------------- */

struct search {
	const struct options *options;	/* NULL: all gaps are wanted */
	const char *stats;		/* of the running module; NULL: it is not about that */
	const struct stream *live;	/* the stream that stats is about */
	void (*say)(const struct gap *gap);
	struct gap gap;			/* since the last kill that is there; first: the next ID */
	__u64 last_seq;
};

/* The gap ends here. before_ns is NEVER at the end of all records. */
static void end_gap(struct search *search, __u64 next, __u64 before_ns)
{
	const struct options *options = search->options;
	struct gap *gap = &search->gap;

	words_scope();
	if (next <= gap->first)
		return;
	gap->last = next - 1;
	gap->before_ns = before_ns;
	if (options && (gap->before_ns < options->since_ns ||
			(gap->after_ns != NEVER && gap->after_ns > options->until_ns)))
		return;
	gap->stats = gap->stream == search->live ? search->stats : NULL;
	search->say(gap);
}

static void begin_stream(struct search *search, const struct stream *stream)
{
	search->gap = (struct gap) { .stream = stream, .first = 1, .after_ns = NEVER };
	search->last_seq = 0;
}

static void look_at(struct search *search, const struct record *rec)
{
	struct gap *gap = &search->gap;

	if (rec->stream != gap->stream)
		begin_stream(search, rec->stream);
	gap->hole = gap->hole || rec->head.seq > search->last_seq + 1;
	search->last_seq = rec->head.seq;
	if (rec->head.type != OOMWATCH_TYPE_VICTIM || rec->head.oom < gap->first)
		return;
	end_gap(search, rec->head.oom, real_ns(rec->stream, rec->head.time_ns));
	*gap = (struct gap) { .stream = rec->stream, .first = rec->head.oom + 1,
			      .after_ns = real_ns(rec->stream, rec->head.time_ns) };
}

/*
 * The module counts the kills that it has seen: all that were counted before the records were read
 * had their numbers by then.
 */
static void look_at_end(struct search *search)
{
	const struct stream *stream = search->live;
	__u64 killed, dying, written;

	if (!search->stats || !find_stat(search->stats, "outcome_killed", &killed) ||
	    !find_stat(search->stats, "outcome_dying", &dying) ||
	    !find_stat(search->stats, "records_written", &written))
		return;
	/* The module has no record, and the store may have those of a load before. */
	if (search->gap.stream != stream)
		begin_stream(search, stream);
	search->gap.hole = search->gap.hole || written > search->last_seq;
	end_gap(search, killed + dying + 1, NEVER);
}

/*
 * Calls say() for each gap in the IDs of the recorded kills. Records are numbered without gaps, and
 * each kill makes a record of its victim while recording is on. So if all records between two kills
 * are there, a kill between them was not recorded. If some are not there, they may have been its
 * records. stats is what the module had counted before the records were read; NULL: it was a file.
 */
void each_gap(const struct capture *capture, const struct options *options, const char *stats,
	      void (*say)(const struct gap *gap))
{
	struct search search = {
		.options = options, .stats = stats, .say = say, .live = live_stream(capture),
	};
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		/* What a log lacks, it does not tell. */
		if (capture->records[i]->head.type != OOMWATCH_TYPE_LOST &&
		    !capture->records[i]->stream->log)
			look_at(&search, capture->records[i]);
	if (capture->nr_streams)
		look_at_end(&search);
}
