// SPDX-License-Identifier: GPL-2.0
/*
 * Candidates: who could have been chosen, and who not.
 *
 * One walk over the processes, in the kill path or for a dry run, by the rules of
 * mm/oom_kill.c: select_bad_process(). What the kernel waits for is only tried
 * here; what can't be had is counted.
 */

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "compat.h"
#include "internal.h"

/* What a record takes in the batch with a path that is not very long; at least without one. */
#define BATCH_RECORD	256

static_assert(sizeof(struct oomwatch_task) <= BATCH_RECORD);

/* So that a task's record has all its bytes from the candidate. */
static_assert(sizeof(struct oomwatch_task) ==
	      sizeof(struct oomwatch_head) + sizeof(struct oomwatch_process));

/**
 * ranking_alloc() - make room for a ranking
 * @max: tasks that it keeps, 1 to CANDIDATES_MAX
 *
 * Context: task context, may sleep.
 * Return: what kvfree() takes back, or NULL.
 */
struct ranking *ranking_alloc(unsigned int max)
{
	size_t batch = max * BATCH_RECORD + OOMWATCH_RECORD_MAX;
	struct ranking *ranking;

	ranking = kvzalloc(struct_size(ranking, slot, max) + batch + max * sizeof(u16),
			   GFP_KERNEL);
	if (!ranking)
		return NULL;
	ranking->max = max;
	ranking->batch = (u8 *)&ranking->slot[max];
	ranking->batch_size = batch;
	ranking->order = (u16 *)(ranking->batch + batch);
	return ranking;
}

/* Swapped by the knob; walked and read within an RCU section, with oom_lock held. */
struct ranking __rcu *ranking;

/**
 * ranking_apply_max() - a new value of the knob candidates
 * @max: tasks to be kept; 0: there is no ranking
 *
 * A walk that goes on keeps to the old one until its RCU section ends.
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int ranking_apply_max(unsigned int max)
{
	struct ranking *new = NULL, *old;

	if (max) {
		new = ranking_alloc(max);
		if (!new)
			return -ENOMEM;
	}
	old = rcu_replace_pointer(ranking, new, true);
	synchronize_rcu();
	kvfree(old);
	return 0;
}

/* process_trylock_mm(), for a walk. Mostly it is the leader, and nobody holds its lock. */
static struct task_struct *trylock_leader_mm(struct task_struct *leader, struct task_struct *held)
{
	if (leader != held && READ_ONCE(leader->mm) && spin_trylock(&leader->alloc_lock)) {
		__release(&leader->alloc_lock);
		if (leader->mm)
			return leader;
		process_unlock(leader, held);
	}
	return process_trylock_mm(leader, held);
}

enum place { INSIDE, OUTSIDE, BUSY };

/* As oom_cpuset_eligible(): one of its threads may use the policy's nodes. */
static enum place place_in_nodes(struct task_struct *leader, const struct oom_domain *domain)
{
	enum place place = OUTSIDE;
	struct task_struct *task;

	for_each_thread(leader, task) {
		if (!domain->nodemask) {
			if (shares_cpuset_nodes(task))
				return INSIDE;
			continue;
		}
		if (!process_trylock(task, domain->held)) {
			place = BUSY;
			continue;
		}
		if (policy_allows_nodes(task, domain->nodemask))
			place = INSIDE;
		process_unlock(task, domain->held);
		if (place == INSIDE)
			return INSIDE;
	}
	return place;
}

static enum place place_in_domain(struct task_struct *leader, const struct oom_domain *domain)
{
	if (domain->memcg)
		return memcg_is_within(memcg_of_task(leader), domain->memcg) ? INSIDE : OUTSIDE;
	return domain->whole ? INSIDE : place_in_nodes(leader, domain);
}

/* Of equal ones the kernel takes the one it meets last. */
static bool candidate_is_below(s64 key, const struct candidate *other,
			       const struct oom_domain *domain)
{
	if (key != other->key)
		return key > other->key;
	return other->signal != domain->chosen;
}

/* Where a new one goes, or NULL where it is below all that are kept. */
static struct candidate *ranking_insert(struct ranking *ranking, const struct oom_domain *domain,
					s64 key)
{
	unsigned int low = 0, high = ranking->nr;
	struct candidate *slot;
	u16 index;

	/* Of many with one score each is above those before it. */
	if (high && candidate_is_below(key, ranking_nth(ranking, 0), domain))
		high = 0;
	while (low < high) {
		unsigned int mid = (low + high) / 2;

		if (candidate_is_below(key, ranking_nth(ranking, mid), domain))
			high = mid;
		else
			low = mid + 1;
	}
	if (low == ranking->max)
		return NULL;
	if (ranking->nr < ranking->max)
		index = ranking->nr++;
	else
		index = ranking->order[ranking->max - 1];
	memmove(&ranking->order[low + 1], &ranking->order[low],
		(ranking->nr - 1 - low) * sizeof(u16));
	ranking->order[low] = index;
	slot = &ranking->slot[index];
	slot->key = key;
	if (ranking->nr == ranking->max)
		ranking->floor = ranking_nth(ranking, ranking->max - 1)->key;
	return slot;
}

static void ranking_keep(struct ranking *ranking, const struct oom_domain *domain,
			 struct task_struct *leader, struct task_struct *task,
			 const struct usage *usage)
{
	struct candidate *slot;
	s64 key;

	if (oom_task_origin(leader))
		key = S64_MAX;
	/* The kernel met no higher score, though others may have grown since. */
	else if (leader->signal == domain->chosen && domain->scanned)
		key = S64_MAX;
	else if (leader->signal == domain->chosen && domain->before)
		key = domain->before->points;
	else
		key = usage_points(usage, domain->totalpages);
	/* Most are below those that are kept, and cost no more than this. */
	if (key < ranking->floor)
		return;
	slot = ranking_insert(ranking, domain, key);
	if (!slot)
		return;
	slot->leader = leader;
	slot->task = task;
	slot->signal = leader->signal;
	slot->usage = *usage;
}

/* The rest of one that was kept: many are only until others are met. */
static void candidate_fill(struct candidate *slot, const struct oom_domain *domain)
{
	bool chosen = slot->signal == domain->chosen;

	if (chosen && domain->before)
		slot->process = *domain->before;
	else
		process_fill(&slot->process, slot->task, &slot->usage, domain->totalpages);
	if (tsk_is_oom_victim(slot->leader) && !chosen)
		slot->process.flags |= OOMWATCH_TASK_IN_FLIGHT;
	if (oom_task_origin(slot->leader))
		slot->process.flags |= OOMWATCH_TASK_ORIGIN;
}

/* Memory that belongs to it alone, as far as can be told. Context: @task->mm is stable. */
static u64 usage_own_anon(struct task_struct *task, const struct usage *usage)
{
	if (atomic_read(&task->mm->mm_users) > get_nr_threads(task))
		return 0;
	return usage->anon + usage->pgtables / PAGE_SIZE;
}

/* Whether it is below all that are kept, whatever its counters may be wrong by. */
static bool ranking_is_above(const struct ranking *ranking, const struct oom_domain *domain,
			     struct task_struct *leader, const struct usage *about)
{
	if (about->adj == OOM_SCORE_ADJ_MIN || oom_task_origin(leader) ||
	    leader->signal == domain->chosen)
		return false;
	return usage_points(about, domain->totalpages) + usage_slack() < ranking->floor;
}

/*
 * A process too small to be ranked gets approximate counters: exact sums cost as much as the
 * rest of the visit, or, with many CPUs, much more.
 */
static struct usage ranking_usage(const struct ranking *ranking, const struct oom_domain *domain,
				  struct task_struct *leader, struct task_struct *task)
{
	/* Hardly any process is below a smaller floor. */
	if (usage_slack() && ranking->floor > usage_slack()) {
		struct usage about = usage_read(task, false);

		if (ranking_is_above(ranking, domain, leader, &about))
			return about;
	}
	return usage_of(task);
}

/* By the rules of oom_evaluate_task() and oom_badness(). Context: @task->mm is stable. */
static void ranking_weigh(struct ranking *ranking, const struct oom_domain *domain,
			  struct task_struct *leader, struct task_struct *task)
{
	struct oomwatch_excluded *excluded = &ranking->excluded;
	struct usage usage = ranking_usage(ranking, domain, leader, task);
	u64 pages = usage_pages(&usage);

	if (is_global_init(leader)) {
		excluded->init++;
		excluded->init_pages += pages;
		ranking->unkillable_anon += usage_own_anon(task, &usage);
	} else if (mm_is_reaped(task->mm)) {
		excluded->reaped++;
		excluded->reaped_pages += pages;
	} else if (usage.adj == OOM_SCORE_ADJ_MIN && !oom_task_origin(leader)) {
		excluded->unkillable++;
		excluded->unkillable_pages += pages;
		ranking->unkillable_anon += usage_own_anon(task, &usage);
	} else if (task->vfork_done && in_vfork(task) && !oom_task_origin(leader)) {
		excluded->vfork++;
		excluded->vfork_pages += pages;
	} else {
		excluded->eligible++;
		excluded->eligible_pages += pages;
		ranking_keep(ranking, domain, leader, task, &usage);
	}
}

/* Apart from the walk, which has to be short. Returns where it is. */
static noinline enum place ranking_visit(struct ranking *ranking, const struct oom_domain *domain,
					 struct task_struct *leader)
{
	struct oomwatch_excluded *excluded = &ranking->excluded;
	enum place place = place_in_domain(leader, domain);
	struct task_struct *task;

	task = place == INSIDE ? trylock_leader_mm(leader, domain->held) : NULL;
	if (place == OUTSIDE) {
		excluded->outside++;
	} else if (place == BUSY || IS_ERR(task)) {
		excluded->busy++;
	} else if (!task) {
		excluded->exited++;
	} else {
		ranking_weigh(ranking, domain, leader, task);
		process_unlock(task, domain->held);
	}
	return place;
}

/**
 * ranking_walk() - rank the processes of a domain
 * @ranking: what it is put into
 * @domain: whose tasks
 *
 * As bounded as the kernel's own walk, each process once, but with preemption off in the
 * probe of the choice. Those outside a memory cgroup mostly cost the comparison of a
 * pointer: they follow others of their cgroups.
 *
 * Context: rcu_read_lock(), kept for as long as the candidates' leaders are used.
 */
void ranking_walk(struct ranking *ranking, const struct oom_domain *domain)
{
	struct oomwatch_excluded *excluded = &ranking->excluded;
	const void *outside_cgroups = ERR_PTR(-ENOENT);	/* nobody's */
	unsigned int kthreads = 0, outside = 0, i;
	struct task_struct *leader;

	memset(excluded, 0, sizeof(*excluded));
	ranking->unkillable_anon = 0;
	ranking->nr = 0;
	ranking->floor = S64_MIN;
	ranking->batch_used = 0;
	for_each_process(leader) {
		const void *cgroups = memcg_cgroups_of(leader);

		if (unlikely(leader->flags & PF_KTHREAD))
			kthreads++;
		else if (likely(cgroups == outside_cgroups))
			outside++;
		/* If it moved meanwhile, there is no telling which of the two is outside. */
		else if (ranking_visit(ranking, domain, leader) == OUTSIDE && domain->memcg &&
			 cgroups == memcg_cgroups_of(leader))
			outside_cgroups = cgroups;
	}
	excluded->kthreads = kthreads;
	excluded->outside += outside;
	for (i = 0; i < ranking->nr; i++) {
		struct candidate *slot = &ranking->slot[ranking->order[i]];

		candidate_fill(slot, domain);
		slot->process.rank = i + 1;
	}
}

/**
 * ranking_find() - a process's place in a ranking
 * @ranking: the ranking
 * @signal: the process; compared only
 *
 * Context: any.
 * Return: from 1, or 0.
 */
unsigned int ranking_find(const struct ranking *ranking, const struct signal_struct *signal)
{
	unsigned int i;

	for (i = 0; i < ranking->nr; i++)
		if (ranking_nth(ranking, i)->signal == signal)
			return i + 1;
	return 0;
}

/**
 * ranking_build_task() - a candidate's record
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @candidate: of a ranking
 * @path_buf: PATH_MAX bytes
 * @now: when
 * @oom: the episode, or 0
 *
 * Context: the RCU section of the walk.
 */
void ranking_build_task(struct oomwatch_task *rec, const struct candidate *candidate,
			char *path_buf, u64 now, u64 oom)
{
	record_begin(&rec->head, OOMWATCH_TYPE_TASK, now, oom);
	rec->process = candidate->process;
	memcg_append(&rec->head, &rec->process.memcg, &rec->process.memcg_id,
		     memcg_of_task(candidate->leader), path_buf);
	adj_append(&rec->head, &rec->process.set_by, candidate->leader->signal);
}

/**
 * ranking_build_excluded() - the record of who could not be chosen
 * @rec: filled
 * @from: the ranking
 * @now: when
 * @oom: the episode, or 0
 *
 * Context: any.
 */
void ranking_build_excluded(struct oomwatch_excluded *rec, const struct ranking *from, u64 now,
			    u64 oom)
{
	*rec = from->excluded;
	record_begin(&rec->head, OOMWATCH_TYPE_EXCLUDED, now, oom);
}

/**
 * ranking_batch() - put a candidate's record aside
 * @to: the ranking
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @more: how many are still to come
 *
 * Without what is behind its structure, where that would take the room of those to come.
 *
 * Context: oom_lock held.
 */
void ranking_batch(struct ranking *to, struct oomwatch_task *rec, unsigned int more)
{
	const struct oomwatch_head *packed = record_pack(&rec->head);

	if (to->batch_used + packed->len + more * sizeof(*rec) > to->batch_size) {
		count(COUNTER_STRINGS_TRUNCATED);
		rec->head.len = sizeof(*rec);
		rec->process.memcg = (struct oomwatch_ref) { };
		rec->process.set_by = (struct oomwatch_ref) { };
		packed = record_pack(&rec->head);
	}
	memcpy(to->batch + to->batch_used, packed, packed->len);
	to->batch_used += packed->len;
}
