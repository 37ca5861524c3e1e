// SPDX-License-Identifier: GPL-2.0
/*
 * Tells whether logs have a kill twice: files overlap, or the kernel has printed the chosen victim
 * again, as one of its group, and the line between is missing.
 *
 * A pid is not given again at once, and a process of the same size and name is not killed again
 * with the same pid.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"
#include "tool.h"
#include "words.h"

static int compare(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

static int by_process(const void *a, const void *b)
{
	const struct oomwatch_process *x = &((const struct record *)a)->victim.process;
	const struct oomwatch_process *y = &((const struct record *)b)->victim.process;

	return compare(x->pid, y->pid) ?: compare(x->total_vm, y->total_vm) ?:
		memcmp(x->comm, y->comm, sizeof(x->comm));
}

static bool same_figures(const struct record *a, const struct record *b)
{
	const struct oomwatch_process *x = &a->victim.process, *y = &b->victim.process;

	return x->anon_rss == y->anon_rss && x->file_rss == y->file_rss &&
		x->shmem_rss == y->shmem_rss && x->pgtables == y->pgtables &&
		x->oom_score_adj == y->oom_score_adj;
}

static bool within_second(__u64 a, __u64 b)
{
	return a - b + SECOND_NS <= 2 * SECOND_NS;
}

/*
 * Without a time that both have, the same figures have to do. The boot does not count where the
 * times are the same to the microsecond: files that were joined have the same boot twice.
 */
static bool is_same_moment(const struct record *a, const struct record *b)
{
	if (is_known(a->head.time_ns) && is_known(b->head.time_ns))
		return (a->head.time_ns == b->head.time_ns && same_figures(a, b)) ||
			(a->log_boot == b->log_boot &&
			 within_second(a->head.time_ns, b->head.time_ns));
	if (is_known(a->real_ns) && is_known(b->real_ns))
		return within_second(a->real_ns, b->real_ns);
	if (a->date.day && b->date.day)
		return a->date.day == b->date.day &&
			a->date.second - b->date.second + 1 <= 2;
	return same_figures(a, b);
}

bool klog_is_twin(struct capture *capture, struct record *victim)
{
	struct record **known;

	/* Lines of very old kernels have no size. */
	if (!is_known(victim->victim.process.total_vm))
		return false;
	known = tsearch(victim, &capture->log_victims, by_process);
	if (!known)
		die(EXIT_FAILED, "out of memory; end other programs, and try again");
	if (*known != victim && is_same_moment(*known, victim))
		return true;
	*known = victim;
	return false;
}

static void keep(void *record) { (void)record; }

void klog_forget_victims(struct capture *capture)
{
	tdestroy(capture->log_victims, keep);
	capture->log_victims = NULL;
}
