// SPDX-License-Identifier: GPL-2.0
/*
 * Candidates: the processes that could have been chosen, and counts of the others.
 *
 * One walk over the processes, in the kill path or for a dry run, by the rules of
 * mm/oom_kill.c: select_bad_process(). Locks that the kernel waits for are only tried
 * here; a process whose lock is busy is counted as busy.
 */

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "glance.h"
#include "internal.h"

/* Bytes of the batch for each record: always enough without a path, mostly enough with one. */
#define BATCH_RECORD	256

static_assert(sizeof(struct oomwatch_task) <= BATCH_RECORD);

/* ranking_build_task() sets the head and the process: that must be all of the record. */
static_assert(sizeof(struct oomwatch_task) ==
	      sizeof(struct oomwatch_head) + sizeof(struct oomwatch_process));

/**
 * ranking_alloc() - make room for a ranking
 * @max: the most candidates to keep, 1 to CANDIDATES_MAX
 *
 * Context: task context, may sleep.
 * Return: the ranking, to be freed with vfree(), or NULL.
 */
struct ranking *ranking_alloc(unsigned int max)
{
	size_t batch = (max + PROTECTED_MAX) * BATCH_RECORD + OOMWATCH_RECORD_MAX;
	struct ranking *ranking;
	size_t order = 2 * max * sizeof(*ranking->order);

	ranking = __vmalloc(struct_size(ranking, slot, max) + batch + order,
			    GFP_NO_KILL | __GFP_ZERO);
	if (!ranking)
		return NULL;
	ranking->max = max;
	ranking->batch = (u8 *)&ranking->slot[max];
	ranking->batch_size = batch;
	return ranking;
}

/* Where the order begins, until places before it are taken: it has room for twice as many. */
static struct candidate **ranking_first_order(struct ranking *ranking)
{
	return (struct candidate **)(ranking->batch + ranking->batch_size);
}

/* Replaced by the knob; used within an RCU section, with oom_lock held. */
struct ranking __rcu *ranking;

/**
 * ranking_apply_max() - apply the knob candidates
 * @max: the most candidates to keep; 0: no ranking
 *
 * A walk that is under way uses the old ranking until its RCU section ends.
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
	vfree(old);
	return 0;
}

/* process_trylock_mm() with a fast path: mostly the leader has the mm, and its lock is free. */
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

/* As oom_cpuset_eligible(): a process is inside if one of its threads may use the nodes. */
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

/* Whether @other is below a new @key. The kernel chooses the last that it meets of equal scores. */
static bool candidate_is_below(s64 key, const struct candidate *other,
			       const struct oom_domain *domain)
{
	if (key != other->key)
		return key > other->key;
	return other->signal != domain->chosen;
}

/* Makes room at a place of the order, by moving those before it or those behind: the fewer. */
static void ranking_open(struct ranking *ranking, unsigned int at)
{
	struct candidate **order = ranking->order, **first = ranking_first_order(ranking);
	unsigned int i;

	if (at > ranking->nr / 2) {
		memmove(&order[at + 1], &order[at], (ranking->nr - 1 - at) * sizeof(*order));
		return;
	}
	if (order == first) {
		order += ranking->max;
		memcpy(order, first, (ranking->nr - 1) * sizeof(*order));
	}
	ranking->order = order - 1;
	/* Mostly few: a call of memmove() would cost more. */
	for (i = 0; i < at; i++)
		ranking->order[i] = ranking->order[i + 1];
}

/* The place for a new candidate. It begins with that of the one before: many have one score. */
static unsigned int ranking_place(const struct ranking *ranking, const struct oom_domain *domain,
				  s64 key)
{
	unsigned int low = 0, high = ranking->nr, place = ranking->last_place;

	while (low < high) {
		if (candidate_is_below(key, ranking_nth(ranking, place), domain))
			high = place;
		else
			low = place + 1;
		place = (low + high) / 2;
	}
	return low;
}

/* The slot for a new candidate, or NULL if it is below all that are kept. */
static struct candidate *ranking_insert(struct ranking *ranking, const struct oom_domain *domain,
					s64 key)
{
	unsigned int place = ranking_place(ranking, domain, key), max = ranking->max;
	struct candidate *slot;

	if (place == max)
		return NULL;
	if (ranking->nr < max)
		slot = &ranking->slot[ranking->nr++];
	else
		slot = ranking->order[max - 1];
	slot->key = key;
	ranking_open(ranking, place);
	ranking->order[place] = slot;
	ranking->last_place = place;
	if (ranking->nr == max)
		ranking->floor = ranking->order[max - 1]->key;
	return slot;
}

/* Without its key. The rest of a candidate is filled in after the walk. */
static void candidate_set(struct candidate *slot, struct task_struct *leader,
			  struct task_struct *task, const struct usage *usage)
{
	slot->leader = leader;
	slot->task = task;
	slot->signal = leader->signal;
	slot->usage = *usage;
}

static s64 candidate_key(const struct oom_domain *domain, const struct task_struct *leader,
			 const struct usage *usage)
{
	if (oom_task_origin(leader))
		return S64_MAX;
	/* The kernel met no higher score, though others may have grown since. */
	if (leader->signal == domain->chosen && domain->scanned)
		return S64_MAX;
	if (leader->signal == domain->chosen && domain->before)
		return domain->before->points;
	return usage_points(usage, domain->totalpages);
}

/* Counts a process that could have been chosen, and keeps it if it is one of the highest. */
static void ranking_keep(struct ranking *ranking, const struct oom_domain *domain,
			 struct task_struct *leader, struct task_struct *task,
			 const struct usage *usage)
{
	s64 key = candidate_key(domain, leader, usage);
	struct candidate *slot;

	ranking->excluded.eligible++;
	ranking->excluded.eligible_pages += usage_pages(usage);
	if (key < ranking->floor)
		return;
	slot = ranking_insert(ranking, domain, key);
	if (slot)
		candidate_set(slot, leader, task, usage);
}

/* Keeps a process that can't be chosen, if it is one of the largest. */
static void ranking_protect(struct ranking *ranking, struct task_struct *leader,
			    struct task_struct *task, const struct usage *usage, s64 size)
{
	struct candidate *all = ranking->protected;
	unsigned int at = ranking->nr_protected;

	if (!size)
		return;
	if (at == PROTECTED_MAX) {
		if (size <= all[at - 1].key)
			return;
		at--;
	}
	ranking->nr_protected = at + 1;
	for (; at && size > all[at - 1].key; at--)
		all[at] = all[at - 1];
	all[at].key = size;
	candidate_set(&all[at], leader, task, usage);
}

/* Fills in a candidate. Done after the walk, because many candidates don't stay until then. */
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

/*
 * Memory of the process alone: 0 if others use its mm, too. A child of vfork() has its parent's.
 *
 * Context: @task->mm is stable.
 */
static u64 usage_own_anon(struct task_struct *task, const struct usage *usage)
{
	if (process_shares_its_mm(task) || in_vfork(task))
		return 0;
	return usage->anon + usage->pgtables / PAGE_SIZE;
}

/* By the rules of oom_evaluate_task() and oom_badness(). Context: @task->mm is stable. */
static void ranking_weigh(struct ranking *ranking, const struct oom_domain *domain,
			  struct task_struct *leader, struct task_struct *task)
{
	struct oomwatch_excluded *excluded = &ranking->excluded;
	struct usage usage = usage_of(task);
	u64 pages = usage_pages(&usage);

	if (is_global_init(leader)) {
		excluded->init++;
		excluded->init_pages += pages;
		ranking_protect(ranking, leader, task, &usage, pages);
		ranking->unkillable_anon += usage_own_anon(task, &usage);
	} else if (mm_is_reaped(task->mm)) {
		excluded->reaped++;
		excluded->reaped_pages += pages;
	} else if (usage.adj == OOM_SCORE_ADJ_MIN && !oom_task_origin(leader)) {
		excluded->unkillable++;
		excluded->unkillable_pages += pages;
		ranking_protect(ranking, leader, task, &usage, pages);
		ranking->unkillable_anon += usage_own_anon(task, &usage);
	} else if (task->vfork_done && in_vfork(task) && !oom_task_origin(leader)) {
		excluded->vfork++;
		excluded->vfork_pages += pages;
	} else {
		ranking_keep(ranking, domain, leader, task, &usage);
	}
}

/* A process that is inside the domain. */
static void ranking_meet(struct ranking *ranking, const struct oom_domain *domain,
			 struct task_struct *leader)
{
	struct task_struct *task;
	struct usage usage;

	if (!is_global_init(leader) && glance_exactly(leader, &usage) &&
	    usage.adj != OOM_SCORE_ADJ_MIN) {
		ranking_keep(ranking, domain, leader, leader, &usage);
		return;
	}
	task = trylock_leader_mm(leader, domain->held);
	if (IS_ERR(task)) {
		ranking->excluded.busy++;
	} else if (!task) {
		ranking->excluded.exited++;
	} else {
		ranking_weigh(ranking, domain, leader, task);
		process_unlock(task, domain->held);
	}
}

/* Not inlined, to keep the loop of the walk small. Returns the place of the process. */
static noinline enum place ranking_visit(struct ranking *ranking, const struct oom_domain *domain,
					 struct task_struct *leader)
{
	enum place place = place_in_domain(leader, domain);

	if (place == OUTSIDE)
		ranking->excluded.outside++;
	else if (place == BUSY)
		ranking->excluded.busy++;
	else
		ranking_meet(ranking, domain, leader);
	return place;
}

/*
 * Ranks a process by a glance, and returns whether that was enough; the caller counts it then. Most
 * processes are candidates below all that are kept. Where the kernel sums up counters by CPU, no
 * sums are made for these: with many CPUs that costs much more than all else. A process that may be
 * kept has to be read exactly there.
 */
static __always_inline bool ranking_glance(struct ranking *ranking,
					   const struct oom_domain *domain,
					   struct task_struct *leader, struct usage *usage,
					   s64 slack)
{
	struct candidate *slot;
	s64 points;

	if (unlikely(!glance(leader, usage) || oom_task_origin(leader) ||
		     leader->signal == domain->chosen))
		return false;
	points = usage_pages(usage);
	if (unlikely(usage->adj)) {
		if (usage->adj == OOM_SCORE_ADJ_MIN)
			return false;
		points = usage_points(usage, domain->totalpages);
	}
	if (likely(points + slack < ranking->floor))
		return true;
	if (slack)
		return false;
	/* One at the floor is kept: of equal scores the kernel chooses the last. */
	slot = ranking_insert(ranking, domain, points);
	if (slot)
		candidate_set(slot, leader, leader, usage);
	return true;
}

/* Empties a ranking. Keys below @floor will not be kept. */
static void ranking_begin(struct ranking *ranking, s64 floor)
{
	memset(&ranking->excluded, 0, sizeof(ranking->excluded));
	ranking->unkillable_anon = 0;
	ranking->nr_protected = 0;
	ranking->nr = 0;
	ranking->last_place = 0;
	ranking->order = ranking_first_order(ranking);
	ranking->floor = floor;
	ranking->batch_used = 0;
}

/*
 * What a process has to have to be among the highest, as far as glances tell: of as many as can be
 * kept, the lowest, less what its counters may be wrong by. S64_MIN if there are not that many.
 */
static s64 ranking_likely_floor(struct ranking *ranking, const struct oom_domain *domain, s64 slack)
{
	struct task_struct *leader = next_task(&init_task);
	struct usage usage;
	s64 key;

	ranking_begin(ranking, S64_MIN);
	while ((leader = next_task(leader)) != &init_task) {
		if (unlikely(leader->flags & PF_KTHREAD) || unlikely(!glance(leader, &usage)) ||
		    unlikely(usage.adj == OOM_SCORE_ADJ_MIN))
			continue;
		key = usage_points(&usage, domain->totalpages);
		/* The slots keep their keys alone, and belong to nobody. */
		if (key > ranking->floor)
			ranking_insert(ranking, domain, key);
	}
	return ranking->floor == S64_MIN ? S64_MIN : ranking->floor - slack;
}

/*
 * The walk of ranking_walk(), compiled twice: for the whole machine, and for a part of it. There
 * a process outside the memory cgroup mostly costs the comparison of a pointer, because processes
 * of one cgroup mostly follow each other.
 */
static __always_inline void ranking_visit_all(struct ranking *ranking,
					      const struct oom_domain *domain, const bool machine)
{
	const void *outside_cgroups = ERR_PTR(-ENOENT), *cgroups;	/* no task has this */
	unsigned int kthreads = 0, outside = 0, eligible = 0;
	struct task_struct *leader = &init_task;
	const s64 slack = usage_slack();
	struct usage usage;
	u64 eligible_pages = 0;

	if (machine) {
		leader = next_task(leader);
		ranking_visit(ranking, domain, leader);
	}
	for (;;) {
		leader = next_task(leader);
		if (unlikely(leader->flags & PF_KTHREAD)) {
			/* The end of the list is a kernel thread, too. */
			if (leader == &init_task)
				break;
			kthreads++;
		} else if (machine) {
			if (ranking_glance(ranking, domain, leader, &usage, slack)) {
				eligible++;
				eligible_pages += usage_pages(&usage);
			} else {
				ranking_visit(ranking, domain, leader);
			}
		} else {
			cgroups = memcg_cgroups_of(leader);
			/* If it moves meanwhile, its css_set may be the one that is inside. */
			if (likely(cgroups == outside_cgroups))
				outside++;
			else if (ranking_visit(ranking, domain, leader) == OUTSIDE &&
				 domain->memcg && cgroups == memcg_cgroups_of(leader))
				outside_cgroups = cgroups;
		}
	}
	ranking->excluded.kthreads = kthreads;
	ranking->excluded.outside += outside;
	ranking->excluded.eligible += eligible;
	ranking->excluded.eligible_pages += eligible_pages;
}

/*
 * Ranks the processes of the whole machine. Where the kernel sums up counters by CPU, a walk that
 * sums up nothing finds the floor first. Otherwise nearly all processes would be summed up if the
 * largest were met last.
 *
 * As many processes as can be kept had at least the floor: each has its key less what the counters
 * may be wrong by. So whoever is below it is none of the highest, and whoever is not is kept in
 * the second walk as without a floor, by an exact key of the moment of that walk. Fewer than can
 * be kept are found only if some shrank or ended between the walks: then there is a third one,
 * without a floor.
 */
static void ranking_rank_machine(struct ranking *ranking, const struct oom_domain *domain)
{
	const s64 slack = usage_slack();
	s64 floor = S64_MIN;

	if (slack)
		floor = ranking_likely_floor(ranking, domain, slack);
	for (;;) {
		ranking_begin(ranking, floor);
		ranking_visit_all(ranking, domain, true);
		if (floor == S64_MIN || ranking->nr == ranking->max)
			break;
		floor = S64_MIN;
	}
}

/**
 * ranking_walk() - rank the processes of a domain
 * @ranking: filled in
 * @domain: the domain
 *
 * Visits each process, as the kernel's own walk does, but in the probe of the choice, with
 * preemption off, and interrupts, too, on arm64. Where the kernel sums up counters by CPU, it may
 * do so three times.
 *
 * Context: rcu_read_lock(), held as long as the candidates' leaders are used.
 */
void ranking_walk(struct ranking *ranking, const struct oom_domain *domain)
{
	unsigned int i;

	/* glance() needs it. */
	pagefault_disable();
	/* The first process that was made is the first of the list, and init. */
	if (domain->whole && !domain->memcg && is_global_init(next_task(&init_task))) {
		ranking_rank_machine(ranking, domain);
	} else {
		ranking_begin(ranking, S64_MIN);
		ranking_visit_all(ranking, domain, false);
	}
	pagefault_enable();
	for (i = 0; i < ranking->nr; i++) {
		struct candidate *slot = ranking->order[i];

		candidate_fill(slot, domain);
		slot->process.rank = i + 1;
	}
	for (i = 0; i < ranking->nr_protected; i++) {
		candidate_fill(&ranking->protected[i], domain);
		/* The kernel computes no score for it. */
		ranking->protected[i].process.points = OOMWATCH_UNKNOWN_S64;
	}
}

/**
 * ranking_find() - a process's place in a ranking
 * @ranking: the ranking
 * @task: a thread of the process
 *
 * What the ranking has of a process that is gone may be another's by now: its pid as well has to be
 * the same.
 *
 * Context: any.
 * Return: the place, from 1, or 0 if the process isn't ranked.
 */
unsigned int ranking_find(const struct ranking *ranking, const struct task_struct *task)
{
	const struct candidate *candidate;
	unsigned int i;

	for (i = 0; i < ranking->nr; i++) {
		candidate = ranking_nth(ranking, i);
		if (is_of_process(task, candidate->signal, candidate->process.tgid))
			return i + 1;
	}
	return 0;
}

/**
 * ranking_build_task() - build a candidate's record
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @type: OOMWATCH_TYPE_TASK, or OOMWATCH_TYPE_PROTECTED for one that can't be chosen
 * @candidate: of a ranking
 * @path_buf: PATH_MAX bytes
 * @now: the record's time
 * @oom: the episode, or 0
 *
 * Context: the RCU section of the walk.
 */
void ranking_build_task(struct oomwatch_task *rec, enum oomwatch_type type,
			const struct candidate *candidate, char *path_buf, u64 now, u64 oom)
{
	record_begin(&rec->head, type, now, oom);
	rec->process = candidate->process;
	memcg_append(&rec->head, &rec->process.memcg, &rec->process.memcg_id,
		     memcg_of_task(candidate->leader), path_buf);
	adj_append(&rec->head, &rec->process.set_by, candidate->leader);
}

/**
 * ranking_build_excluded() - build the record that counts excluded processes
 * @rec: filled in
 * @from: the ranking
 * @now: the record's time
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
 * ranking_batch() - add a candidate's record to the batch
 * @to: the ranking
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @more: how many records are still to come
 *
 * The record loses its path and setter if these would take the room of records to come.
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
