// SPDX-License-Identifier: GPL-2.0
/* Who else was killed: with the victim, before, and after. */
#include <string.h>

#include "kill.h"

/* Adds that the records of so many more are gone. */
static void add_lacking(struct listing *to, unsigned int nr, const char *about)
{
	if (nr)
		listing_add(to, "%s%s%s whose records are gone", to->nr ? "and " : "", about,
			    plural(nr, "other", "others"));
}

/* Other processes that were killed with the chosen one. */
void explain_others(struct prose *to, const struct episode *episode, const struct record *victim)
{
	struct listing group = { }, sharers = { };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at) {
		words_scope();
		if (rec != victim && !is_same_process(rec, victim))
			listing_add(&group, "%s", name_and_pid(rec));
	}
	for_each_of(rec, episode, SHARER, at) {
		words_scope();
		listing_add(&sharers, "%s (pid %s)", words_comm(rec->sharer.comm),
			    words_id(rec->sharer.tgid));
	}
	/* A thread of the chosen one may be among those that lack. */
	add_lacking(&group, nr_lacking(episode), "about ");
	add_lacking(&sharers, nr_lacking_sharers(episode), "");
	if (group.nr)
		paragraph(to, "Killed with it, as memory.oom.group wants: %s.", group.text);
	if (sharers.nr)
		paragraph(to, "Killed with it, as they shared its memory: %s. The kernel's log does not name them.",
			  sharers.text);
	listing_free(&group);
	listing_free(&sharers);
}

#define HOUR_NS (3600ULL * 1000000000)
/* Bounds the search in a storm of kills: a page of all kills searches once for each. */
#define MOST_OTHERS 1000

/* The number of kills before the episode in the stream, and in those before it. */
static size_t index_of(const struct capture *capture, const struct episode *episode)
{
	size_t at = capture->nr_episodes;

	if (!is_nobody(episode))
		return episode - capture->episodes;
	while (at && is_before(episode, &capture->episodes[at - 1]))
		at--;
	return at;
}

/* Whether a kill was for the same limit. Who was dying already was not killed. */
static bool is_like(const struct episode *episode, const struct episode *other)
{
	return same_limit(episode, other) && !was_dying(other);
}

/* Whether kills between two episodes may be missing: overwritten, or not recorded. */
static bool has_gap(const struct episode *older, const struct episode *newer)
{
	return !is_nobody(newer) && !is_nobody(older) && older->stream == newer->stream &&
		newer->id - older->id != (__u64)(newer - older);
}

/* Kills for the same limit within the hour before. */
struct before {
	unsigned int nr;
	bool more;			/* others may be missing */
	const struct episode *last;	/* the newest of them */
};

static struct before before_of(const struct capture *capture, const struct episode *episode)
{
	size_t at = index_of(capture, episode), looked = 0;
	const struct episode *oldest = episode, *other;
	struct before before = { };

	while (at-- && looked++ < MOST_OTHERS) {
		other = &capture->episodes[at];
		if (!other->oom || ns_between(other->oom, episode->oom) >= HOUR_NS)
			continue;
		oldest = other;
		if (is_like(episode, other) && !before.nr++)
			before.last = other;
	}
	/* If the oldest one here is not the first of all, others may have been just before it. */
	before.more = looked > MOST_OTHERS || has_gap(oldest, episode) ||
		(oldest == capture->episodes && oldest != episode && oldest->id > 1);
	return before;
}

/* The next kill at the same limit; NULL if there is none within MOST_OTHERS episodes. */
static const struct episode *next_like(const struct capture *capture, const struct episode *episode)
{
	size_t at = index_of(capture, episode) + !is_nobody(episode), looked = 0;

	for (; at < capture->nr_episodes && looked++ < MOST_OTHERS; at++) {
		const struct episode *other = &capture->episodes[at];

		if (is_like(episode, other))
			return other;
	}
	return NULL;
}

/* Whether one process had most of what was full: then the reader asks whether it leaks. */
static bool is_alone(const struct episode *episode, const struct record *victim)
{
	const struct oomwatch_oom *oom = &episode->oom->oom;
	__u64 all = oom->kind == OOMWATCH_KIND_MEMCG ? oom->memcg_limit :
		oom->kind == OOMWATCH_KIND_GLOBAL ? oom->ram_total : OOMWATCH_UNKNOWN_U64;

	return oom->trigger != OOMWATCH_TRIGGER_SYSRQ &&
		oom->trigger != OOMWATCH_TRIGGER_KSWAPD &&
		oom->trigger != OOMWATCH_TRIGGER_MEMORY_MAX &&
		!victim->unfinished && !was_dying(episode) && nr_victims(episode) == 1 &&
		is_known(all) && is_known(own_pages(victim)) && own_pages(victim) > all / 2;
}

/* The newest kill before for the same limit, of a process of the same name. */
static const struct episode *last_of_name(const struct capture *capture,
					  const struct episode *episode,
					  const struct record *victim)
{
	size_t at = index_of(capture, episode), looked = 0;
	const struct record *other;

	while (at-- && looked++ < MOST_OTHERS) {
		other = main_victim(&capture->episodes[at]);
		if (other && same_limit(episode, &capture->episodes[at]) &&
		    !strcmp(other->victim.process.comm, victim->victim.process.comm))
			return &capture->episodes[at];
	}
	return NULL;
}

static const char *words_run(const struct record *victim)
{
	return format_words("had run for %s",
			    words_duration(ns_since(victim, victim->victim.process.start_ns)));
}

void explain_growth(struct prose *to, const struct capture *capture,
		    const struct episode *episode, const struct record *victim)
{
	const struct episode *last;
	const struct record *before;
	const char *earlier = "";

	if (!is_known(victim->victim.process.start_ns) || !is_alone(episode, victim))
		return;
	last = last_of_name(capture, episode, victim);
	before = last ? main_victim(last) : NULL;
	if (before && is_known(before->victim.process.start_ns) && is_known(own_pages(before)))
		earlier = format_words(" %s, of kill %s, %s, and had %s.", name_and_pid(before),
				       words_kill_id(last->stream, last->id), words_run(before),
				       words_own(before));
	paragraph(to, "%s %s.%s Whether it needs that much, or leaks, is not known.",
		  name_and_pid(victim), words_run(victim), earlier);
}

/* For some nodes the same limit is not claimed: two kills may have been for different nodes. */
const char *words_series(const struct record *rec)
{
	switch (rec->oom.kind) {
	case OOMWATCH_KIND_GLOBAL:
		return "the whole machine";
	case OOMWATCH_KIND_CPUSET:
		return "nodes of a cpuset";
	case OOMWATCH_KIND_MEMPOLICY:
		return "nodes of a memory policy";
	}
	return "the same limit";
}

void explain_series(struct prose *to, const struct capture *capture, const struct episode *episode)
{
	const struct episode *next;
	const char *gap, *by, *what;
	struct before before;

	if (!episode->oom)
		return;
	by = is_by_dates(episode->oom) ? ", by the log's dates" : "";
	before = before_of(capture, episode);
	next = next_like(capture, episode);
	what = words_series(episode->oom);
	if (before.nr == 1)
		paragraph(to, "Within the hour before%s, kill %s was for %s%s.", by,
			  words_kill_id(before.last->stream, before.last->id), what,
			  before.more ? ", and perhaps others that are not recorded" : "");
	else if (before.nr)
		paragraph(to, "Within the hour before%s, %s%s were for %s, the last of them kill %s.",
			  by, before.more ? "at least " : "",
			  plural(before.nr, "kill", "kills"), what,
			  words_kill_id(before.last->stream, before.last->id));
	gap = next ? words_apart(episode->oom, next->oom) : NULL;
	if (next)
		paragraph(to, "The next %skill for %s was kill %s%s.",
			  has_gap(episode, next) ? "recorded " : "", what,
			  words_kill_id(next->stream, next->id),
			  gap ? format_words(", %s later%s", gap, by) : "");
	if (!is_nobody(episode))
		explain_nobody_after(to, capture, episode);
}
