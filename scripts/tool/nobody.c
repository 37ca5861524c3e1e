// SPDX-License-Identifier: GPL-2.0
/* Calls of out_of_memory() that found nobody to kill: the first for a limit, and more like it. */
#include <string.h>

#include "kill.h"

bool is_nobody(const struct episode *episode)
{
	return episode->id & OOMWATCH_NOBODY;
}

/* Whether the kernel panicked, and had not looked for a victim. */
bool is_panic_on_oom(const struct episode *episode)
{
	return episode->oom && episode->oom->panic_on_oom;
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

/* --- the story ------------------------------------------------------------------------------ */

/* The largest process that can't be chosen; NULL if its size is not recorded. */
static const struct record *holder_of(const struct episode *episode)
{
	const struct record *rec, *most = NULL;
	size_t at;

	for_each_of(rec, episode, PROTECTED, at)
		if (is_known(held_by(rec)) && (!most || held_by(rec) > held_by(most)))
			most = rec;
	return most;
}

static const char *words_holder(const struct record *holder)
{
	return format_words("%s (pid %s, oom_score_adj %s%s) holds %s",
			    words_comm(holder->victim.process.comm),
			    words_pid(&holder->victim.process),
			    words_id(holder->victim.process.oom_score_adj), words_set_by(holder),
			    words_pages(holder, held_by(holder)));
}

const char *words_nobody(const struct episode *episode)
{
	const struct record *rec = episode->oom, *holder = holder_of(episode);
	const char *full = "", *holds = "";

	if (rec && rec->oom.kind == OOMWATCH_KIND_MEMCG && is_known(rec->oom.memcg_usage))
		full = format_words(": the memory cgroup %s was full, with %s%s",
				    words_place(ref_bytes(rec, rec->oom.memcg)),
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

static void explain_processes(struct prose *to, const struct episode *episode)
{
	const struct oomwatch_excluded *x = &episode->excluded->excluded;
	const char *list = words_spared(episode->excluded), *most = words_protected(episode);
	const struct record *holder = holder_of(episode);

	if (*list)
		paragraph(to, "Who was there and can't be killed: %s.%s%s", list, !*most ? "" :
			  format_words(" The largest with -1000: %s.", most),
			  !*most || !holder ? "" : words_setter(holder));
	else if (!is_some(x->busy) && !x->eligible)
		paragraph(to, "No process was there that could be killed, nor one that is protected.");
	if (is_some(x->eligible))
		paragraph(to, "When oomwatch looked, after the kernel, %s could be killed.",
			  plural(x->eligible, "process", "processes"));
	if (is_some(x->busy))
		paragraph(to, "%s could not be looked at without waiting, and may be missing here.",
			  plural(x->busy, "process", "processes"));
}

/* Only if that process is a large part of what was full. */
static void explain_remedy(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom, *holder = holder_of(episode);
	const struct oomwatch_process *process;

	if (!rec || !holder || rec->oom.kind != OOMWATCH_KIND_MEMCG ||
	    !is_known(rec->oom.memcg_limit) || !is_known(own_pages(holder)) ||
	    own_pages(holder) < rec->oom.memcg_limit / 4)
		return;
	process = &holder->victim.process;
	if (process->oom_score_adj != -1000)
		return;
	paragraph(to, "What would help: a limit above %s, or an oom_score_adj of -999 for %s: then it is killed if nobody else is left, which gives back %s.%s",
		  words_pages(rec, rec->oom.memcg_limit), words_comm(process->comm),
		  words_pages(holder, own_pages(holder)), !comm_known(holder->set_by.comm) ||
		  holder->set_by.on_tgid == process->tgid ? "" :
		  " Its value came by fork: who starts such a process can set it anew (choom -n 0 -- COMMAND).");
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

	if (!victim || !same_limit(kill, nobody) || !is_before(kill, nobody))
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
		paragraph(to, "%s the same limit was hit with nobody left to kill, %s: %s.",
			  gap ? format_words("%s later", gap) : "Later",
			  words_calls(nobody), words_kill_id(nobody->stream, nobody->id));
}

/* mm/oom_kill.c: out_of_memory(): it panics unless a cgroup's limit or sysrq-f was the reason. */
static bool will_panic(const struct record *rec)
{
	switch (rec->oom.kind) {
	case OOMWATCH_KIND_GLOBAL:
	case OOMWATCH_KIND_CPUSET:
	case OOMWATCH_KIND_MEMPOLICY:
		return rec->oom.trigger != OOMWATCH_TRIGGER_SYSRQ;
	}
	return false;
}

static void explain_end(struct prose *to, const struct record *rec)
{
	if (rec->panic_on_oom)
		paragraph(to, "What to do: with vm.panic_on_oom at 0 the kernel kills a process in place of that (sysctl vm.panic_on_oom=0).");
	else if (rec->panicked || will_panic(rec))
		paragraph(to, "The kernel panics then: the machine has no memory, and nobody who can give some back.");
	else if (rec->oom.trigger == OOMWATCH_TRIGGER_MEMORY_MAX)
		paragraph(to, "Such a call frees nothing: the write ends, and the limit stays as it was written.");
	else if (rec->oom.trigger == OOMWATCH_TRIGGER_SYSRQ ||
		 rec->oom.kind == OOMWATCH_KIND_UNKNOWN)
		paragraph(to, "Such a call frees nothing.");
	else
		paragraph(to, "Such a call frees nothing: the task that asked gets an error, or asks again.");
}

void explain_nobody(struct prose *to, const struct capture *capture,
		    const struct episode *episode)
{
	paragraph(to, "%s", words_headline(episode));
	if (!episode->oom) {
		paragraph(to, "How these calls began is not recorded any more.");
		return;
	}
	explain_memory(to, episode);
	if (episode->excluded)
		explain_processes(to, episode);
	explain_asked(to, episode);
	explain_remedy(to, episode);
	explain_end(to, episode->oom);
	explain_series(to, capture, episode);
}
