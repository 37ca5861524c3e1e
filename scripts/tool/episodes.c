// SPDX-License-Identifier: GPL-2.0
/* Sorts records into episodes. */
#include <stdlib.h>

#include "stream.h"
#include "tool.h"

struct entry {
	const struct record *rec;
	size_t at;			/* in the order of the stream */
};

static int by_episode(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->rec->stream != y->rec->stream)
		return x->rec->stream->number < y->rec->stream->number ? -1 : 1;
	if (x->rec->head.oom != y->rec->head.oom)
		return x->rec->head.oom < y->rec->head.oom ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

static bool same_episode(const struct record *a, const struct record *b)
{
	return a->stream == b->stream && a->head.oom == b->head.oom;
}

static void fill_episode(struct episode *episode)
{
	episode->id = episode->of[0]->head.oom;
	episode->stream = episode->of[0]->stream;
	episode->oom = first_of(episode, OOMWATCH_TYPE_OOM);
	episode->stack = first_of(episode, OOMWATCH_TYPE_STACK);
	episode->excluded = first_of(episode, OOMWATCH_TYPE_EXCLUDED);
	episode->end = first_of(episode, OOMWATCH_TYPE_END);
}

/* A new episode at the end of those of its kind. */
static struct episode *add_episode(struct capture *capture, bool nobody)
{
	struct episode **all = nobody ? &capture->nobody : &capture->episodes;
	size_t *nr = nobody ? &capture->nr_nobody : &capture->nr_episodes;

	*all = grow(*all, *nr, sizeof(**all));
	return &(*all)[(*nr)++];
}

/*
 * Makes episodes of the records, by number. An episode may lack its first records, which the ring
 * has overwritten, and have only its exits. Or it lacks victims, which are in another ring if they
 * are many.
 */
void capture_sort(struct capture *capture)
{
	struct entry *entries = allocate((capture->nr_records + 1) * sizeof(*entries));
	struct episode *episode = NULL;
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->head.oom)
			entries[nr++] = (struct entry) { capture->records[i], i };
	qsort(entries, nr, sizeof(*entries), by_episode);
	free(capture->sorted);
	capture->sorted = allocate((nr + 1) * sizeof(*capture->sorted));
	capture->nr_episodes = 0;
	capture->nr_nobody = 0;
	for (i = 0; i < nr; i++) {
		capture->sorted[i] = entries[i].rec;
		if (!i || !same_episode(entries[i - 1].rec, entries[i].rec)) {
			episode = add_episode(capture, entries[i].rec->head.oom & OOMWATCH_NOBODY);
			*episode = (struct episode) { .of = &capture->sorted[i] };
		}
		episode->nr++;
	}
	free(entries);
	for (i = 0; i < capture->nr_episodes; i++)
		fill_episode(&capture->episodes[i]);
	for (i = 0; i < capture->nr_nobody; i++)
		fill_episode(&capture->nobody[i]);
}

/* Finds the next record of a type from *at on, and moves *at past it. */
const struct record *episode_next(const struct episode *episode, unsigned int type, size_t *at)
{
	while (*at < episode->nr)
		if (episode->of[(*at)++]->head.type == type)
			return episode->of[*at - 1];
	return NULL;
}

const struct record *first_of(const struct episode *episode, unsigned int type)
{
	size_t at = 0;

	return episode_next(episode, type, &at);
}

/* The chosen process. It has the episode's first victim record; others died with it. */
const struct record *main_victim(const struct episode *episode)
{
	return first_of(episode, OOMWATCH_TYPE_VICTIM);
}

bool is_before(const struct episode *a, const struct episode *b)
{
	if (a->stream != b->stream)
		return a->stream->number < b->stream->number;
	return a->of[0]->head.seq < b->of[0]->head.seq;
}

unsigned int count_of(const struct episode *episode, unsigned int type)
{
	unsigned int n = 0;
	size_t at = 0;

	while (episode_next(episode, type, &at))
		n++;
	return n;
}

/* The records of a type, with those that are gone: the end of the kill has their number. */
static unsigned int nr_with_gone(const struct episode *episode, unsigned int type, __u32 all)
{
	unsigned int nr = count_of(episode, type);

	return all != OOMWATCH_UNKNOWN_U32 && all > nr ? all : nr;
}

/* All that were killed or marked, also those whose records are gone. */
unsigned int nr_victims(const struct episode *episode)
{
	return nr_with_gone(episode, OOMWATCH_TYPE_VICTIM,
			    episode->end ? episode->end->end.victims : OOMWATCH_UNKNOWN_U32);
}

/* The victims whose records are gone. */
unsigned int nr_lacking(const struct episode *episode)
{
	return nr_victims(episode) - count_of(episode, OOMWATCH_TYPE_VICTIM);
}

/* Whether nobody was killed: the one that was marked was dying already. */
bool was_dying(const struct episode *episode)
{
	__u32 verdict = episode->oom ? episode->oom->oom.verdict : OOMWATCH_VERDICT_UNKNOWN;

	return verdict == OOMWATCH_VERDICT_DYING_TRIGGER ||
		verdict == OOMWATCH_VERDICT_DYING_CHOSEN;
}

/* All that were killed as they had a victim's memory, also those whose records are gone. */
unsigned int nr_sharers(const struct episode *episode)
{
	return nr_with_gone(episode, OOMWATCH_TYPE_SHARER,
			    episode->end ? episode->end->end.sharers : OOMWATCH_UNKNOWN_U32);
}

/* The sharers whose records are gone. */
unsigned int nr_lacking_sharers(const struct episode *episode)
{
	return nr_sharers(episode) - count_of(episode, OOMWATCH_TYPE_SHARER);
}

const struct record *exit_of(const struct episode *episode, __s32 pid)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, EXIT, at)
		if (rec->exit.pid == pid)
			return rec;
	return NULL;
}

/*
 * Converts CLOCK_BOOTTIME to CLOCK_REALTIME, by the two clocks in the START record. A log has none:
 * the time is unknown, but an entry of a journal has it.
 */
__u64 real_ns(const struct stream *stream, __u64 boot_ns)
{
	if (stream->real_ns == OOMWATCH_UNKNOWN_U64)
		return stream->real_ns;
	return stream->real_ns - stream->boot_ns + boot_ns;
}

__u64 record_ns(const struct record *rec)
{
	return rec->real_ns != OOMWATCH_UNKNOWN_U64 ? rec->real_ns :
		real_ns(rec->stream, rec->head.time_ns);
}

/* How long after the kill its first record is: what came later may be all that is left. */
static __u64 first_since_ns(const struct episode *episode)
{
	const struct record *first = episode->of[0];

	return first->head.type == OOMWATCH_TYPE_EXIT ? first->exit.since_kill_ns :
		first->head.type == OOMWATCH_TYPE_REAP ? first->reap.since_kill_ns : 0;
}

static __u64 time_before(__u64 ns, __u64 since)
{
	return is_known(ns) && is_known(since) ? ns - since : OOMWATCH_UNKNOWN_U64;
}

__u64 episode_ns(const struct episode *episode)
{
	return time_before(record_ns(episode->of[0]), first_since_ns(episode));
}

__u64 episode_boot_ns(const struct episode *episode)
{
	return time_before(episode->of[0]->head.time_ns, first_since_ns(episode));
}
