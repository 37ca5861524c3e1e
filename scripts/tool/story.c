// SPDX-License-Identifier: GPL-2.0
/* What a person reads of an episode: a kill, or calls that found nobody to kill. */
#include "kill.h"

static void explain_processes(struct prose *to, const struct episode *episode)
{
	const struct oomwatch_excluded *x = &episode->excluded->excluded;
	/* The headline has told of it, if nobody was left. */
	const struct record *holder = largest_protected(episode, true);
	const struct record *told = is_panic_on_oom(episode) ? NULL : holder;
	const char *list = words_spared(episode);
	const char *most = words_protected(episode, told);

	if (*list)
		paragraph(to, "Who was there and can't be killed: %s.%s%s", list, !*most ? "" :
			  format_words(" The largest%s with -1000: %s.",
				       told ? " of the others" : "", most),
			  !holder || !*words_protected(episode, NULL) ? "" :
			  words_setter(holder));
	else if (!is_some(x->busy) && !x->eligible)
		paragraph(to, "No process was there that could be killed, nor one that is protected.");
	if (is_panic_on_oom(episode) && is_some(x->eligible))
		paragraph(to, "%s could have been killed.",
			  plural(x->eligible, "process", "processes"));
	else if (is_some(x->eligible))
		paragraph(to, "When oomwatch looked, after the kernel, %s could be killed.",
			  plural(x->eligible, "process", "processes"));
	if (is_some(x->busy))
		paragraph(to, "%s could not be looked at without waiting, and may be missing here.",
			  plural(x->busy, "process", "processes"));
}

/* Only if that process is a large part of what was full. */
static void explain_remedy(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom, *holder = largest_protected(episode, false);
	const struct oomwatch_process *process;

	if (!rec || !holder || rec->oom.kind != OOMWATCH_KIND_MEMCG ||
	    !is_known(rec->oom.memcg_limit) || !is_known(own_pages(holder)) ||
	    own_pages(holder) < rec->oom.memcg_limit / 4)
		return;
	process = &holder->victim.process;
	if (process->oom_score_adj != -1000)
		return;
	paragraph(to, "What would help: a limit above %s, or an oom_score_adj of -999 for %s: then it is killed if nobody else is left.%s",
		  words_pages(rec, rec->oom.memcg_limit), words_comm(process->comm),
		  !comm_known(holder->set_by.comm) ||
		  holder->set_by.on_tgid == process->tgid ? "" :
		  " Its value came by fork: who starts such a process can set it anew (choom -n 0 -- COMMAND).");
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

static void explain_end(struct prose *to, const struct episode *episode)
{
	const struct record *rec = episode->oom;

	if (is_panic_on_oom(episode))
		paragraph(to, "What to do: with vm.panic_on_oom at 0 the kernel kills a process in place of that (sysctl vm.panic_on_oom=0).");
	else if (is_panic(episode) || will_panic(rec))
		paragraph(to, "The kernel panics then: nobody is left who could give back what this allocation needs.");
	else if (rec->oom.trigger == OOMWATCH_TRIGGER_MEMORY_MAX)
		paragraph(to, "Such a call frees nothing: the write ends, and the limit stays as it was written.");
	else if (rec->oom.trigger == OOMWATCH_TRIGGER_SYSRQ ||
		 rec->oom.kind == OOMWATCH_KIND_UNKNOWN)
		paragraph(to, "Such a call frees nothing.");
	else
		paragraph(to, "Such a call frees nothing: the task that asked gets an error, or asks again.");
}

static void explain_nobody(struct prose *to, const struct capture *capture,
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
	explain_end(to, episode);
	explain_series(to, capture, episode);
}

void explain(struct prose *to, const struct capture *capture, const struct episode *episode)
{
	words_scope();
	if (is_nobody(episode))
		explain_nobody(to, capture, episode);
	else
		explain_kill(to, capture, episode);
}
