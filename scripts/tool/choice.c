// SPDX-License-Identifier: GPL-2.0
/*
 * Explains in sentences why a victim was the one. Scores are computed as in mm/oom_kill.c:
 * oom_badness(), from figures that were recorded when the victim was chosen.
 */
#include <string.h>

#include "kill.h"

/* Such as 1,234 pages (4.8 MiB). */
static const char *pages_and_size(const struct record *rec, __u64 pages)
{
	return format_words("%s (%s)", plural(pages, "page", "pages"), words_pages(rec, pages));
}

/* --- scores ---------------------------------------------------------------------- */

static bool has_terms(const struct record *rec)
{
	return rec->victim.process.points != OOMWATCH_UNKNOWN_S64 &&
		rec->victim.score_adj != OOMWATCH_UNKNOWN_S64;
}

/* Whether a task is of the process of another. */
static bool is_of(const struct record *rec, const struct record *victim)
{
	return rec->victim.process.tgid == victim->victim.process.tgid;
}

/* Whether a task's process was killed because it had the memory of a victim. */
static bool is_sharer(const struct episode *episode, const struct record *task)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, SHARER, at)
		if (rec->sharer.tgid == task->victim.process.tgid)
			return true;
	return false;
}

/* The task with the highest score outside of the victim's process, and of its sharers or not. */
static const struct record *runner_up(const struct episode *episode, const struct record *victim,
				      bool sharers)
{
	const struct record *rec, *best = NULL;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (!is_of(rec, victim) && has_terms(rec) &&
		    (sharers || !is_sharer(episode, rec)) &&
		    (!best || rec->victim.process.points > best->victim.process.points))
			best = rec;
	return best;
}

/* A row of a log's table may have a size, and a score of which only is known that it is lower. */
static bool has_size(const struct record *rec)
{
	return has_terms(rec) || (rec->stream->log && is_known(held_by(rec)) &&
				  is_known(rec->victim.score_pgtables));
}

static __s64 points_without_adj(const struct record *rec)
{
	return has_terms(rec) ? rec->victim.process.points - rec->victim.score_adj :
		(__s64)held_by(rec);
}

/* The task with the highest score if every oom_score_adj were 0: the victim's, if it is one. */
static const struct record *biggest(const struct episode *episode, const struct record *victim)
{
	const struct record *rec, *best = NULL;
	size_t at;
	__s64 more;

	for_each_of(rec, episode, TASK, at) {
		if (!has_size(rec))
			continue;
		more = best ? points_without_adj(rec) - points_without_adj(best) : 1;
		if (more > 0 || (!more && is_of(rec, victim)))
			best = rec;
	}
	return best;
}

/*
 * Another process that would have as high a score as @winner if every oom_score_adj were 0. @now:
 * whether it may have the same score as it is.
 */
static const struct record *as_big(const struct episode *episode, const struct record *winner,
				   bool now)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (has_size(rec) && !is_of(rec, winner) &&
		    points_without_adj(rec) == points_without_adj(winner) &&
		    (now || rec->victim.process.points != winner->victim.process.points))
			return rec;
	return NULL;
}

/*
 * Why the victim was chosen of those with the same score. A log's table has the processes in the
 * order in which the kernel visits them.
 */
static const char *words_tie(const struct episode *episode, const struct record *victim)
{
	const struct record *rec, *last = NULL;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (has_terms(rec) && rec->victim.process.points == victim->victim.process.points)
			last = rec;
	if (episode->stream->log && last && !is_of(last, victim))
		return format_words(" by the log's task table, which does not tell why it was not the one");
	return ": of equal scores the kernel takes the one that it visits last";
}

/* Whether there was nobody else to choose. */
static bool is_only(const struct episode *episode)
{
	return episode->excluded && episode->excluded->excluded.eligible == 1 &&
		!is_some(episode->excluded->excluded.busy);
}

/*
 * Whether the kernel compared scores. A log tells of other verdicts alone. If the record of the
 * call is gone, that is not known, and the first candidates may be gone with it.
 */
static bool is_by_score(const struct episode *episode)
{
	if (episode->stream->log)
		return !episode->oom || episode->oom->oom.verdict == OOMWATCH_VERDICT_UNKNOWN;
	return episode->oom && episode->oom->oom.verdict == OOMWATCH_VERDICT_HIGHEST_SCORE;
}

static const char lost_rows[] = {
	" Lines of the log's task table are missing, so the runner-up is not known."
};

/* Others with the same score. */
static const char *words_equals(const struct episode *episode, const struct record *victim)
{
	const struct record *rec, *one = NULL;
	unsigned int nr = 0;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (has_terms(rec) && !is_of(rec, victim) &&
		    rec->victim.process.points == victim->victim.process.points) {
			one = rec;
			nr++;
		}
	if (victim->rows_lost || !nr)
		return "";
	return format_words(" %s had a score of 1, too.", nr == 1 ? name_and_pid(one) :
			    format_words("%s others", words_number(nr)));
}

static void explain_floored(struct prose *to, const struct episode *episode,
			    const struct record *victim)
{
	const struct oomwatch_victim *v = &victim->victim;

	paragraph(to, "%s was chosen, with a score of 1: %s resident, %s swapped out and %s of page tables did not count, as its oom_score_adj of %s takes all of that, and this kernel makes 1 of each score below 1.%s%s",
		  name_and_pid(victim), plural(v->score_rss, "page", "pages"),
		  words_number(v->score_swap), words_number(v->score_pgtables),
		  words_id(v->process.oom_score_adj), words_equals(episode, victim),
		  victim->rows_lost ? lost_rows : "");
}

/* The terms of a score, as a sum. */
static const char *words_sum(const struct record *victim)
{
	const struct oomwatch_victim *v = &victim->victim;

	return format_words("%s resident, %s swapped out, %s of page tables and %s for its oom_score_adj of %s make %s",
			    plural(v->score_rss, "page", "pages"), words_number(v->score_swap),
			    words_number(v->score_pgtables), words_signed(v->score_adj),
			    words_id(v->process.oom_score_adj), words_signed(v->process.points));
}

/* Points are pages, but what an oom_score_adj makes of them is no memory. */
static const char *words_less(const struct record *a, const struct record *b, __s64 points)
{
	return a->victim.process.oom_score_adj || b->victim.process.oom_score_adj ?
		words_signed(points) : pages_and_size(a, points);
}

static void explain_sum(struct prose *to, const struct episode *episode,
			const struct record *victim)
{
	const struct oomwatch_victim *v = &victim->victim;
	const struct record *next = runner_up(episode, victim, true);
	__s64 second = next ? next->victim.process.points : 0;
	const char *more = "", *of = "was chosen, with the highest score";

	if (victim->rows_lost)
		more = lost_rows;
	else if (next && second == v->process.points)
		more = format_words(" %s had the same score%s.", name_and_pid(next),
				    words_tie(episode, victim));
	else if (next && second < v->process.points)
		more = format_words(" The runner-up, %s, had %s: %s less.", name_and_pid(next),
				    words_signed(second),
				    words_less(victim, next, v->process.points - second));
	if (is_only(episode))
		of = "was the only one that could be chosen";
	else if (episode->excluded && is_some(episode->excluded->excluded.eligible))
		of = format_words("was chosen, with the highest score of %s",
				  plural(episode->excluded->excluded.eligible,
					 "process", "processes"));
	paragraph(to, "%s %s: %s.%s", name_and_pid(victim), of, words_sum(victim), more);
}

/* More bytes of a command line would bury the rest of the text. */
#define CMDLINE_SHOWN 200

static void explain_program(struct prose *to, const struct episode *episode,
			    const struct record *victim)
{
	const struct oomwatch_process *process = &victim->victim.process;
	const struct record *rec = program_of(episode, process->tgid);
	const char *thread = "", *how = "was started as";

	if (!rec)
		return;
	if (comm_known(rec->cmdline.leader_comm) && strcmp(rec->cmdline.leader_comm, process->comm))
		thread = format_words("%s is a thread of %s (process %s). ",
				      words_comm(process->comm),
				      words_comm(rec->cmdline.leader_comm),
				      words_id(process->tgid));
	if (rec->cmdline.read_at == OOMWATCH_CMDLINE_LOAD)
		how = "ran before oomwatch kept its command line";
	if (rec->cmdline.cmdline.off)
		paragraph(to, "%sThe program of %s %s: %s", thread, name_and_pid(victim), how,
			  words_cmdline(rec, CMDLINE_SHOWN));
	else if (*thread)
		paragraph(to, "%s", thread);
}

static const char no_walk[] = {
	"Who had the highest score is not known, as this setting is there to avoid a walk over all processes; with the knob candidates_always at 1 oomwatch makes that walk all the same."
};

/* A log has no ranks, and may have a table with scores. */
static const char *words_by_table(const struct record *best, const struct record *victim)
{
	__s64 more;

	if (!best || !has_terms(victim))
		return "Who had the highest score is not known.";
	more = best->victim.process.points - victim->victim.process.points;
	if (more <= 0)
		return "By the log's task table no process had a higher score.";
	return format_words("By the log's task table %s had the highest score, %s against %s.",
			    name_and_pid(best), words_signed(best->victim.process.points),
			    words_signed(victim->victim.process.points));
}

/* Whom vm.oom_kill_allocating_task has spared. */
static const char *words_by_score(const struct episode *episode, const struct record *victim)
{
	const struct record *best = runner_up(episode, victim, true);

	if (episode->stream->log)
		return words_by_table(best, victim);
	if (victim->victim.process.rank == 1)
		return "It had the highest score, too.";
	if (best)
		return format_words("By score it would have been %s, with %s.", name_and_pid(best),
				    words_less(best, best, best->victim.process.points));
	return no_walk;
}

/* A log may have what decided, and not the score. */
static const char *words_adj(const struct record *victim)
{
	const struct oomwatch_process *process = &victim->victim.process;

	if (!process->oom_score_adj || process->oom_score_adj == OOMWATCH_UNKNOWN_S32)
		return "";
	return format_words(" Its oom_score_adj was %s.", words_id(process->oom_score_adj));
}

/* An older kernel may kill a child of the one that it has chosen. A thread has a pid, too. */
static const char *words_instead(const struct episode *episode, const struct record *victim)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, TASK, at)
		if (episode->stream->log && rec != victim && rec->victim.process.rank == 1)
			return format_words(" The kernel had chosen %s (task %s), with the highest score: this is its process, or a child of it.",
					    words_comm(rec->victim.process.comm),
					    words_id(rec->victim.process.pid));
	return "";
}

/*
 * Before 5.2 the kernel told the task that asked, and killed a child of it if it had one. Now the
 * victim is the process of that task.
 */
static const char *words_asked(const struct episode *episode, const struct record *victim)
{
	const struct oomwatch_process *process = &victim->victim.process;
	const struct oomwatch_oom *oom = &episode->oom->oom;

	if (!episode->stream->log || oom->pid == OOMWATCH_UNKNOWN_S32 || oom->pid == process->pid ||
	    oom->pid == process->tgid ||
	    (oom->tgid != OOMWATCH_UNKNOWN_S32 && oom->tgid == process->tgid))
		return "it was the one that asked";
	return format_words("%s (task %s) had asked: it is a child of that, or its process",
			    words_comm(oom->comm), words_id(oom->pid));
}

/* Why a log that has a task table does not tell the reason. */
static const char *words_table(const struct record *victim)
{
	if (victim->higher)
		return format_words(" The log's task table does not explain it: by its figures %s had a higher score. The table also has processes that can't be chosen, such as earlier victims, and the kernel reads it a little later than it chooses.",
				    name_and_pid(victim->higher));
	if (victim->below_one)
		return format_words("%s",
			" By the log's figures its score was below 1. Kernels before 5.9 may make 1 of each score below 1: then size does not decide among these.");
	if (victim->rows_lost)
		return " Lines of the log's task table are missing.";
	if (victim->not_in_table)
		return " The log's task table, as far as it could be read, does not have it.";
	return "";
}

static const char *words_highest(const struct record *victim)
{
	return victim->thousandths ?
		format_words("the highest score (%s by the log, in thousandths)",
			     words_number(victim->thousandths)) : "the highest score";
}

/* Before 5.2 the kernel could kill a child of who had the highest score. */
static void explain_unfinished(struct prose *to, const struct record *victim)
{
	if (victim->victim.process.rank == 1)
		paragraph(to, "%s was chosen, with %s. The log does not have the kill: it was of this process, or of a child of it.",
			  name_and_pid(victim), words_highest(victim));
	else
		paragraph(to, "%s was chosen; by which score is not known.%s The log does not have the kill.",
			  name_and_pid(victim), words_table(victim));
}

static void explain_choice(struct prose *to, const struct episode *episode,
			   const struct record *victim)
{
	const char *name = name_and_pid(victim);

	switch (episode->oom ? episode->oom->oom.verdict : OOMWATCH_VERDICT_UNKNOWN) {
	case OOMWATCH_VERDICT_ALLOCATING_TASK:
		paragraph(to, "%s was killed as %s. vm.oom_kill_allocating_task was 1, so no scores were compared. %s",
			  name, words_asked(episode, victim), words_by_score(episode, victim));
		return;
	case OOMWATCH_VERDICT_OOM_ORIGIN:
		paragraph(to, "%s was killed as it had asked to be the first, as swapoff does. No scores were compared.",
			  name);
		return;
	case OOMWATCH_VERDICT_DYING_TRIGGER:
		paragraph(to, "Nobody was killed: %s, which asked, was dying already, and got access to the memory reserves so that it could.",
			  name);
		return;
	case OOMWATCH_VERDICT_DYING_CHOSEN:
		paragraph(to, "Nobody was killed: %s, which had the highest score, was dying already, and got access to the memory reserves so that it could.",
			  name);
		return;
	}
	if (!is_by_score(episode)) {
		paragraph(to, "%s was killed. Why it was the one is not recorded.%s", name,
			  !has_terms(victim) ? "" :
			  format_words(" Its score: %s.", words_sum(victim)));
		return;
	}
	if (has_terms(victim) && victim->floored)
		explain_floored(to, episode, victim);
	else if (has_terms(victim))
		explain_sum(to, episode, victim);
	if (has_terms(victim) && victim->unfinished)
		paragraph(to, "The log does not have the kill.");
	else if (has_terms(victim))
		return;
	else if (victim->unfinished)
		explain_unfinished(to, victim);
	else if (victim->victim.process.rank == 1)
		paragraph(to, "%s was killed, with %s.%s", name, words_highest(victim),
			  words_adj(victim));
	else
		paragraph(to, "%s was killed; by which score is not known.%s%s%s", name,
			  words_adj(victim), words_instead(episode, victim),
			  words_table(victim));
}

/* --- oom_score_adj ------------------------------------------------------------------- */

/* A process has the value of the one that it came from by fork, or has its memory with. */
static const char *words_inherited(const struct record *rec)
{
	const struct oomwatch_setter *set_by = &rec->set_by;
	const char *whose = set_by->on_tgid == set_by->pid ? "its own" :
		format_words("that of process %s", words_id(set_by->on_tgid));

	return format_words(" %s %s its oom_score_adj of %s: %s (pid %s, uid %s) had set %s, %s before.",
			    words_comm(rec->victim.process.comm),
			    has_flag(&rec->victim.process, OOMWATCH_TASK_SHARES_MM) ? "got" :
			    "has inherited",
			    words_id(rec->victim.process.oom_score_adj), words_comm(set_by->comm),
			    words_id(set_by->pid), words_uid(set_by->uid), whose,
			    words_duration(ns_since(rec, set_by->time_ns)));
}

bool has_set_itself(const struct record *rec)
{
	const struct oomwatch_process *process = &rec->victim.process;
	const struct oomwatch_setter *set_by = &rec->set_by;

	return set_by->on_tgid == process->tgid &&
		(set_by->pid == process->tgid || set_by->pid == process->pid);
}

const char *words_setter(const struct record *rec)
{
	const struct oomwatch_setter *set_by = &rec->set_by;

	if (!rec->victim.process.oom_score_adj)
		return "";
	if (!comm_known(set_by->comm))
		return format_words(" Who gave %s its oom_score_adj of %s is not known.",
				    words_comm(rec->victim.process.comm),
				    words_id(rec->victim.process.oom_score_adj));
	if (has_set_itself(rec))
		return format_words(" %s had set its oom_score_adj of %s itself, %s before%s.",
				    words_comm(rec->victim.process.comm),
				    words_id(rec->victim.process.oom_score_adj),
				    words_duration(ns_since(rec, set_by->time_ns)),
				    !strcmp(set_by->comm, rec->victim.process.comm) ? "" :
				    format_words(", when its name was %s",
						 words_comm(set_by->comm)));
	return set_by->on_tgid == rec->victim.process.tgid ?
		format_words(" %s (pid %s, uid %s) had set the oom_score_adj of %s to %s, %s before.",
			     words_comm(set_by->comm), words_id(set_by->pid),
			     words_uid(set_by->uid), words_comm(rec->victim.process.comm),
			     words_id(rec->victim.process.oom_score_adj),
			     words_duration(ns_since(rec, set_by->time_ns))) :
		words_inherited(rec);
}

/* Why the winner could be another process: candidates whose scores are not recorded. */
static const char *words_caveat(const struct episode *episode)
{
	const struct oomwatch_excluded *x = episode->excluded ? &episode->excluded->excluded : NULL;
	unsigned int kept = count_of(episode, OOMWATCH_TYPE_TASK);
	const char *caveat = "";

	if (x && is_some(x->eligible) && x->eligible > kept)
		caveat = format_words(" (Only the %s of %s scores %s recorded.)",
				      kept == 1 ? "highest" : format_words("%u highest", kept),
				      words_number(x->eligible), kept == 1 ? "is" : "are");
	return caveat;
}

/* The largest process with -1000, but init; NULL if it is not recorded, or may be a busy one. */
static const struct record *largest_unkillable(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	if (is_some(episode->excluded->excluded.busy))
		return NULL;
	for_each_of(rec, episode, PROTECTED, at)
		if (rec->victim.process.oom_score_adj == -1000 && is_known(held_by(rec)) &&
		    rec->victim.process.tgid != 1)
			return rec;
	return NULL;
}

const struct record *spared_holder(const struct episode *episode, const struct record *victim)
{
	const struct record *largest = NULL;

	if (!is_by_score(episode) || episode->oom->oom.trigger == OOMWATCH_TRIGGER_SYSRQ)
		return NULL;
	if (episode->stream->log)
		largest = largest_protected(episode, false);
	else if (episode->excluded)
		largest = largest_unkillable(episode);
	if (!largest || victim->victim.process.points == OOMWATCH_UNKNOWN_S64)
		return NULL;
	return (__s64)held_by(largest) > victim->victim.process.points ? largest : NULL;
}

/*
 * Processes with -1000 are candidates, too, if every oom_score_adj is 0. Older captures have only
 * what they hold in all. Returns whether one of them may have a higher score than @winner.
 */
static bool explain_unkillable(struct prose *to, const struct episode *episode,
			       const struct record *victim, const struct record *winner)
{
	const struct oomwatch_excluded *x = episode->excluded ? &episode->excluded->excluded : NULL;
	const struct record *largest = NULL;

	if (episode->stream->log) {
		largest = largest_protected(episode, false);
		if (!largest)
			return false;
	} else {
		if (!x || !is_some(x->unkillable) ||
		    (__s64)x->unkillable_pages <= points_without_adj(winner))
			return false;
		largest = largest_unkillable(episode);
	}
	if (largest && (__s64)held_by(largest) <= points_without_adj(winner))
		return false;
	if (largest)
		paragraph(to, "oom_score_adj decided this: with all at 0 %s, which has -1000, would have been killed, with %s against %s.%s",
			  name_and_pid(largest), pages_and_size(winner, held_by(largest)),
			  words_signed(points_without_adj(victim)), words_setter(victim));
	else if (x->unkillable == 1)
		paragraph(to, "oom_score_adj decided this: with all at 0 the one process with -1000 would have been killed, with %s against %s.%s",
			  pages_and_size(winner, x->unkillable_pages),
			  words_signed(points_without_adj(victim)), words_setter(victim));
	else
		paragraph(to, "Which process would have been killed with every oom_score_adj at 0 is not known: the %s with -1000 hold %s in all, and how much each of them holds is not recorded.%s",
			  words_number(x->unkillable), words_pages(winner, x->unkillable_pages),
			  words_setter(victim));
	return true;
}

/*
 * The victim would have had the highest score with all at 0, too. Of equal scores the order
 * decides: nothing changes in that if they are equal as they are.
 */
static void explain_same(struct prose *to, const struct episode *episode,
			 const struct record *victim, const struct record *winner)
{
	const struct record *other = as_big(episode, winner, false);

	if (other)
		paragraph(to, "With every oom_score_adj at 0 it would have had the same score as %s, %s: of equal scores the kernel takes the one that it visits last.%s%s",
			  name_and_pid(other), pages_and_size(winner, points_without_adj(winner)),
			  words_setter(victim), words_caveat(episode));
	else
		paragraph(to, "With every oom_score_adj at 0 it would have been the same one, with %s.%s%s",
			  pages_and_size(winner, points_without_adj(winner)), words_setter(victim),
			  words_caveat(episode));
}

static void explain_adj(struct prose *to, const struct episode *episode,
			const struct record *victim)
{
	const struct record *winner = biggest(episode, victim), *other;

	if (!winner || explain_unkillable(to, episode, victim, winner))
		return;
	if (is_only(episode) && !victim->victim.process.oom_score_adj)
		return;
	if (is_of(winner, victim))
		return explain_same(to, episode, victim, winner);
	other = as_big(episode, winner, true);
	paragraph(to, "oom_score_adj decided this: with all at 0 %s%s would have been killed, with %s against %s.%s%s%s",
		  name_and_pid(winner), other ? " or another of its size" : "",
		  pages_and_size(winner, points_without_adj(winner)),
		  words_signed(points_without_adj(victim)), words_setter(victim),
		  other ? "" : words_setter(winner), words_caveat(episode));
}

static __s64 floor_div(__s64 a, __s64 b)
{
	return a / b - (a % b < 0);
}

/*
 * The highest oom_score_adj that puts the victim's score below the runner-up's; -1000 if no other
 * value does. An equal score is not enough: of equals the kernel chooses the one it visits last.
 */
static __s64 sparing_adj(const struct record *victim, const struct record *next, __u64 step)
{
	__s64 adj;

	if (!step)
		return -1000;
	adj = floor_div(next->victim.process.points - 1 - points_without_adj(victim), step);
	return adj < -999 ? -1000 : adj;
}

/* Whether the victim would have died with other, too: memory.oom.group killed both. */
static bool dies_with_group(const struct episode *episode, const struct record *victim,
			    const struct record *other)
{
	const struct record *rec;
	size_t at;

	if (!has_flag(&victim->victim.process, OOMWATCH_TASK_GROUP))
		return false;
	for_each_of(rec, episode, VICTIM, at)
		if (is_of(rec, other))
			return true;
	return false;
}

/* In a cgroup's kill it is not known which of equal scores the kernel visits last. */
static bool is_tied(const struct episode *episode, const struct record *victim,
		    const struct record *next)
{
	const struct record *rec;
	size_t at;

	if (!episode->oom || episode->oom->oom.kind != OOMWATCH_KIND_MEMCG)
		return false;
	for_each_of(rec, episode, TASK, at)
		if (rec != next && !is_of(rec, victim) &&
		    rec->victim.process.points == next->victim.process.points)
			return true;
	return false;
}

/* Which oom_score_adj would have spared the victim, where that is a way out. */
void explain_sparing(struct prose *to, const struct episode *episode, const struct record *victim)
{
	const struct record *next;
	__u64 totalpages = episode->oom ? episode->oom->oom.totalpages : OOMWATCH_UNKNOWN_U64;
	__s32 had = victim->victim.process.oom_score_adj;
	__s64 adj;

	if (!has_terms(victim) || totalpages == OOMWATCH_UNKNOWN_U64 || !episode->excluded ||
	    episode->oom->oom.verdict != OOMWATCH_VERDICT_HIGHEST_SCORE ||
	    !victim_matters(episode, victim))
		return;
	/* A process has the oom_score_adj of all that have its memory: __set_oom_adj(). */
	next = runner_up(episode, victim, false);
	if (!next && is_only(episode))
		paragraph(to, "Of all values of its own oom_score_adj only -1000 would have spared it, and then there would have been nobody to kill.");
	if (!next)
		return;
	if (dies_with_group(episode, victim, next)) {
		paragraph(to, "Only an oom_score_adj of -1000 would have spared it: with another of its group chosen it would have died all the same.");
		return;
	}
	adj = sparing_adj(victim, next, totalpages / 1000);
	if (adj > had)
		return;
	if (adj == -1000)
		paragraph(to, "Only an oom_score_adj of -1000 would have spared it: a step of oom_score_adj is worth %s here, a thousandth of the %s that could be used.",
			  plural(totalpages / 1000, "page", "pages"),
			  words_pages(victim, totalpages));
	else
		paragraph(to, "The smallest change that would have spared it: an oom_score_adj of %lld in place of %d (a step is worth %s). Then %s%s would have been killed.",
			  adj, had, pages_and_size(victim, totalpages / 1000), name_and_pid(next),
			  is_tied(episode, victim, next) ? ", or another with the same score," : "");
}

/* --- spared processes ------------------------------------------------------------ */

static void explain_spared(struct prose *to, const struct episode *episode)
{
	const struct oomwatch_excluded *x = &episode->excluded->excluded;
	const char *list = words_spared(episode);
	const char *largest = words_protected(episode, NULL);

	if (*list)
		paragraph(to, "Spared, whatever they held: %s.%s", list, !*largest ? "" :
			  format_words(" The largest with -1000: %s.", largest));
	if (is_some(x->busy))
		paragraph(to, "%s could not be looked at without waiting, and may be missing here.",
			  plural(x->busy, "process", "processes"));
}

void explain_victim(struct prose *to, const struct episode *episode, const struct record *victim)
{
	explain_program(to, episode, victim);
	explain_choice(to, episode, victim);
	/* Scores mean nothing if they were not compared, or others are not known. */
	if (has_terms(victim) && !victim->rows_lost && is_by_score(episode))
		explain_adj(to, episode, victim);
	if (episode->excluded)
		explain_spared(to, episode);
}
