// SPDX-License-Identifier: GPL-2.0
/* Calls of out_of_memory() that found nobody to kill: the first for a limit, and more like it. */
#include <string.h>

#include "kill.h"

bool is_nobody(const struct episode *episode)
{
	return episode->id & OOMWATCH_NOBODY;
}

static bool has_outcome(const struct episode *episode, unsigned int outcome)
{
	return episode->end && episode->end->end.outcome == outcome;
}

/* Whether the kernel panicked, and had not looked for a victim. */
bool is_panic_on_oom(const struct episode *episode)
{
	return has_outcome(episode, OOMWATCH_OUTCOME_PANIC);
}

bool is_panic(const struct episode *episode)
{
	return is_panic_on_oom(episode) || has_outcome(episode, OOMWATCH_OUTCOME_DEADLOCK);
}

const char *words_title(const struct episode *episode)
{
	const char *id = words_kill_id(episode->stream, episode->id);

	if (is_panic_on_oom(episode))
		return format_words("A panic in place of a kill (%s)", id);
	return is_nobody(episode) ? format_words("Nobody to kill (%s)", id) :
		format_words("OOM kill %s", id);
}

const char *words_victim(const struct episode *episode)
{
	const struct record *victim = main_victim(episode);

	if (is_nobody(episode))
		return is_panic_on_oom(episode) ? "a panic" : "nobody to kill";
	if (!victim)
		return "-";
	return format_words("%s%s", words_comm(victim->victim.process.comm),
			    victim->unfinished ? " (chosen)" : "");
}

const char *words_colon_victim(const struct episode *episode)
{
	const char *victim = words_victim(episode);

	return strcmp(victim, "-") ? format_words(": %s", victim) : "";
}

/* --- how often ---------------------------------------------------------------------------- */

struct calls {
	__u64 nr, first_ns, last_ns;
};

static struct calls calls_of(const struct episode *episode)
{
	__u64 begin = episode->of[0]->head.time_ns;
	struct calls calls = { !!episode->oom, begin, begin };
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, CALLS, at) {
		if (!is_known(rec->calls.calls) || !is_known(rec->calls.last_ns))
			continue;
		calls.nr += rec->calls.calls;
		if (rec->calls.last_ns > calls.last_ns)
			calls.last_ns = rec->calls.last_ns;
	}
	return calls;
}

/* Such as "743 times in 8.2 s". */
const char *words_calls(const struct episode *episode)
{
	struct calls calls = calls_of(episode);

	if (calls.nr < 2)
		return "once";
	return format_words("%s in %s", plural(calls.nr, "time", "times"),
			    words_duration(calls.last_ns - calls.first_ns));
}

/* --- in a line ------------------------------------------------------------------------------- */

const struct record *largest_protected(const struct episode *episode, bool init)
{
	const struct record *rec, *most = NULL;
	size_t at;

	for_each_of(rec, episode, PROTECTED, at)
		if (is_known(held_by(rec)) && (init || rec->victim.process.tgid != 1) &&
		    (!most || held_by(rec) > held_by(most)))
			most = rec;
	return most;
}

static const char *words_holder(const struct record *holder)
{
	const char *by = words_set_by(holder);

	return format_words("%s (pid %s, oom_score_adj %s%s%s) holds %s",
			    words_comm(holder->victim.process.comm),
			    words_pid(&holder->victim.process),
			    words_id(holder->victim.process.oom_score_adj), *by ? ", " : "", by,
			    words_pages(holder, held_by(holder)));
}

const char *words_nobody(const struct episode *episode)
{
	const struct record *rec = episode->oom, *holder = largest_protected(episode, true);
	const char *full = "", *holds = "";

	if (rec && rec->oom.kind == OOMWATCH_KIND_MEMCG && is_known(rec->oom.memcg_usage))
		full = format_words(": %s was full, with %s%s", words_the_memcg(rec, false),
				    words_pages(rec, rec->oom.memcg_usage),
				    /* An earlier victim's memory may come free meanwhile. */
				    is_panic_on_oom(episode) ? "" : " when the kernel had looked");
	if (holder)
		holds = format_words("%s %s", *full ? ";" : ":", words_holder(holder));
	if (is_panic_on_oom(episode))
		return format_words("The kernel panicked in place of a kill, as vm.panic_on_oom says%s",
				    full);
	return format_words("Nobody was left to kill, %s%s%s", words_calls(episode), full, holds);
}

/* The episode of such calls that began for the same limit after a kill; NULL if there is none. */
static const struct episode *nobody_after(const struct capture *capture,
					  const struct episode *kill)
{
	const struct episode *nobody = capture->nobody;

	for (; nobody < capture->nobody + capture->nr_nobody; nobody++)
		if (same_limit(kill, nobody) && is_known(ns_between(kill->oom, nobody->oom)))
			return nobody;
	return NULL;
}

/*
 * Whether such calls are more than the end of a kill: not those up to when its victim was gone, nor
 * the single one with which a write of memory.max ends what it kills.
 */
bool nobody_stands(const struct episode *nobody, const struct episode *kill)
{
	const struct record *victim = main_victim(kill), *gone;
	struct calls calls = calls_of(nobody);

	if (is_panic(nobody) || !victim || !same_limit(kill, nobody) || !is_before(kill, nobody))
		return true;
	if (nobody->oom->oom.trigger == OOMWATCH_TRIGGER_MEMORY_MAX && calls.nr == 1)
		return false;
	gone = exit_of(kill, victim->victim.process.pid);
	return !gone || calls.last_ns > gone->head.time_ns;
}

void explain_nobody_after(struct prose *to, const struct capture *capture,
			  const struct episode *kill)
{
	const struct episode *nobody = nobody_after(capture, kill);
	const char *gap = nobody ? words_apart(kill->oom, nobody->oom) : NULL;

	if (nobody)
		paragraph(to, "%s the kernel found nobody left to kill for %s, %s: %s.",
			  gap ? format_words("%s later", gap) : "Later",
			  words_series(kill->oom), words_calls(nobody),
			  words_kill_id(nobody->stream, nobody->id));
}

