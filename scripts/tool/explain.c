// SPDX-License-Identifier: GPL-2.0
/* Explains a kill in sentences with figures. */
#include "kill.h"
#include "zones.h"

/* By its own figures a report came too late. What is known is who had been killed right before. */
static void explain_late(struct prose *to, const struct capture *capture,
			 const struct episode *episode)
{
	const struct episode *before = episode - 1;
	const struct record *victim;
	const char *gap;

	if (!was_free(episode) || episode->oom->maybe_policy || episode == capture->episodes ||
	    before->stream != episode->stream)
		return;
	victim = main_victim(before);
	/* Memory of one that was killed longer ago is not what came back. */
	gap = victim && ns_between(victim, episode->oom) <= 10 * SECOND_NS ?
		words_apart(victim, episode->oom) : NULL;
	if (gap && !victim->unfinished && is_known(own_pages(victim)))
		paragraph(to, "%s had been killed %s before, with %s.",
			  name_and_pid(victim), gap, words_own(victim));
}

static const char *words_after(const struct record *reap)
{
	__u64 ns = reap->reap.since_kill_ns;

	if (!is_known(ns) || (reap->stream->log && !ns))
		return "";
	return format_words(" after %s", words_duration(ns));
}

/* mm/oom_kill.c: __oom_reap_task_mm(): kernels before 6.1 may leave memory that is locked. */
static const char *words_reaped(const struct record *reap, const struct record *victim)
{
	bool much = is_known(reap->left) && is_known(own_pages(victim)) &&
		reap->left > own_pages(victim) / 10;

	return much ? format_words(" The OOM reaper was done%s, and had left %s.",
				   words_after(reap), words_pages(reap, reap->left)) :
		format_words(" The OOM reaper had taken its memory%s.", words_after(reap));
}

/* mm/oom_kill.c: MAX_OOM_REAP_RETRIES */
#define REAP_TRIES 10

/*
 * mm/oom_kill.c: oom_reap_task(): the reaper ends a try that fails in the same way, and tries
 * again, so only what follows tells which it was. That it passes a process over has two reasons:
 * others hold a lock of the memory, or it was freed. A log has lines of success alone.
 */
static const char *words_reaper(const struct episode *episode, const struct record *victim,
				bool gone)
{
	const struct record *rec, *last = NULL;
	unsigned int tries = 0;
	size_t at;

	for_each_of(rec, episode, REAP, at)
		if (rec->reap.pid == victim->victim.process.pid &&
		    rec->reap.event != OOMWATCH_REAP_WAKE) {
			last = rec;
			tries += rec->reap.event != OOMWATCH_REAP_START;
		}
	if (last && last->reap.event == OOMWATCH_REAP_FINISH && tries < REAP_TRIES)
		return words_reaped(last, victim);
	return gone || !tries ? "" :
		format_words(" The OOM reaper had tried to take its memory %s.",
			     tries == 1 ? "once" : format_words("%u times", tries));
}

static void explain_after(struct prose *to, const struct episode *episode,
			  const struct record *victim)
{
	const struct record *gone = exit_of(episode, victim->victim.process.pid);
	const char *reaper = words_reaper(episode, victim, gone);

	if (gone)
		paragraph(to, "%s was gone %s after %s.%s", name_and_pid(victim),
			  words_duration(gone->exit.since_kill_ns),
			  was_dying(episode) ? "that" : "the kill", reaper);
	else if (victim->stream->log && *reaper)
		paragraph(to, "%s", reaper + 1);
	else if (!victim->stream->log)
		paragraph(to, "That %s was gone is not recorded: it was still there, or the ring has gone on.%s",
			  name_and_pid(victim), reaper);
}

/* What a person asks first comes first. */
void explain_kill(struct prose *to, const struct capture *capture, const struct episode *episode)
{
	const struct record *victim = main_victim(episode);

	paragraph(to, "%s", words_headline(episode));
	if (episode->oom) {
		explain_late(to, capture, episode);
		explain_memory(to, episode);
		explain_slab(to, episode);
		explain_allocations(to, episode);
		explain_holders(to, episode, victim);
		explain_asked(to, episode);
		explain_shortage(to, episode);
	}
	if (victim)
		explain_victim(to, episode, victim);
	if (victim && episode->oom)
		explain_growth(to, capture, episode, victim);
	if (episode->oom)
		explain_advice(to, episode, victim);
	if (!victim)
		return;
	explain_others(to, episode, victim);
	explain_after(to, episode, victim);
	explain_series(to, capture, episode);
}
