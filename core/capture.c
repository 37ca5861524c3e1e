// SPDX-License-Identifier: GPL-2.0
/*
 * Capture: the records of an episode.
 *
 * This code runs while the machine is out of memory, and under oom_lock. It doesn't allocate,
 * sleep or print, and doesn't wait long for a lock.
 */

#include <linux/cpuset.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/mmzone.h>
#include <linux/nodemask.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/vmalloc.h>

#include "internal.h"

/* Records that are too large for the stack are built here. Guarded by oom_lock. */
static union {
	struct oomwatch_head head;
	struct oomwatch_oom oom;
	struct oomwatch_task task;
	struct oomwatch_victim victim;
	struct oomwatch_excluded excluded;
	struct oomwatch_reclaim reclaim;
	struct oomwatch_node node;
	struct oomwatch_zone zone;
	struct oomwatch_stack stack;
	struct oomwatch_memcg memcg;
	struct oomwatch_child child;
	struct oomwatch_cmdline cmdline;
	struct oomwatch_end end;
	u8 bytes[OOMWATCH_RECORD_MAX];
} scratch;

static char path_buf[PATH_MAX];	/* guarded by oom_lock */

/* The most candidates whose command lines are recorded. */
#define CMDLINES_TOLD	10

/*
 * The records of a choice, which wait until it is certain that there is a victim: this, what
 * stack.c has saved, and the ranking's batch. Guarded by oom_lock.
 */
static struct {
	u64 call;		/* of out_of_memory(), whose choice it was */
	size_t size;		/* bytes of @batch */
	size_t used;		/* of these, used */
	u8 *batch;		/* packed: all but the episode, stack and candidates */
	struct children children;
	unsigned int nr_told;
	struct {
		const struct signal_struct *signal;	/* compared only: may be freed */
		pid_t tgid;
	} told[CMDLINES_TOLD];			/* processes in @batch with a cmdline */
	union {
		struct oomwatch_oom oom;
		u8 bytes[OOMWATCH_RECORD_MAX];
	};
} draft;

/* A zone's record ends with a number for each type of zone, and one and letters for each order. */
#define NR_ORDERS	ARRAY_SIZE(((struct zone *)0)->free_area)
#define ZONE_RECORD_MAX	(sizeof(struct oomwatch_zone) + \
			 sizeof(u64) * (MAX_NR_ZONES + 2 * NR_ORDERS))

/* A child's record ends with its path, which is left out if it is longer than this. */
#define CHILD_PATH_MAX	256
#define CHILD_RECORD_MAX	(sizeof(struct oomwatch_child) + CHILD_PATH_MAX)
#define CMDLINE_RECORD_MAX	(sizeof(struct oomwatch_cmdline) + CMDLINE_MAX)
#define MEMCG_RECORDS_MAX	(sizeof(struct oomwatch_memcg) + CHILDREN_MAX * CHILD_RECORD_MAX)

/**
 * capture_init() - make room for the records of a choice
 *
 * Context: may sleep. Until then there is no episode.
 * Return: 0 or -ENOMEM.
 */
int capture_init(void)
{
	draft.size = MEMCG_RECORDS_MAX + CMDLINES_TOLD * CMDLINE_RECORD_MAX +
		     sizeof(struct oomwatch_reclaim) +
		     (sizeof(struct oomwatch_node) + ZONE_RECORD_MAX * MAX_NR_ZONES) * nr_node_ids;
	draft.batch = __vmalloc(draft.size, GFP_NO_KILL);
	return draft.batch ? 0 : -ENOMEM;
}

/**
 * capture_destroy() - give that back
 *
 * Context: may sleep. There is no episode any more.
 */
void capture_destroy(void)
{
	vfree(draft.batch);
}

/* --- the episode's own record --------------------------------------------- */

static unsigned long totalpages_of(const struct episode *episode)
{
	return episode->oc ? episode->oc->totalpages : 0;
}

/**
 * capture_kind() - whose memory ran out
 * @episode: the episode
 *
 * Context: oom_lock held.
 */
enum oomwatch_kind capture_kind(const struct episode *episode)
{
	static const u8 kinds[] = {
		[CONSTRAINT_NONE] = OOMWATCH_KIND_GLOBAL,
		[CONSTRAINT_CPUSET] = OOMWATCH_KIND_CPUSET,
		[CONSTRAINT_MEMORY_POLICY] = OOMWATCH_KIND_MEMPOLICY,
		[CONSTRAINT_MEMCG] = OOMWATCH_KIND_MEMCG,
	};
	const struct oom_control *oc = episode->oc;

	if (!oc)
		return OOMWATCH_KIND_UNKNOWN;
	if (oc->memcg)
		return OOMWATCH_KIND_MEMCG;
	/* Without totalpages the kernel has not called constrained_alloc(). */
	if (!oc->totalpages || oc->constraint >= ARRAY_SIZE(kinds))
		return OOMWATCH_KIND_UNKNOWN;
	return kinds[oc->constraint];
}

/*
 * Whether chosen_points are a score from a scan. They are LONG_MAX for a task that
 * had asked to be killed first, and 0 without a scan. A score can be 0, too: then only
 * the probe of the choice tells.
 */
static bool choice_was_scanned(const struct episode *episode)
{
	const struct oom_control *oc = episode->oc;

	return !episode->allocating_task && oc->chosen_points != LONG_MAX &&
	       (episode->choice_seen || oc->chosen_points);
}

/* Why the kernel chose this task, from what out_of_memory() left in its oom_control. */
static enum oomwatch_verdict verdict_of(const struct episode *episode, bool dying)
{
	const struct oom_control *oc = episode->oc;

	if (!oc || episode->panic)
		return OOMWATCH_VERDICT_UNKNOWN;
	if (!oc->chosen)
		return OOMWATCH_VERDICT_DYING_TRIGGER;
	if (dying)
		return OOMWATCH_VERDICT_DYING_CHOSEN;
	if (episode->allocating_task)
		return OOMWATCH_VERDICT_ALLOCATING_TASK;
	if (oc->chosen_points == LONG_MAX)
		return OOMWATCH_VERDICT_OOM_ORIGIN;
	return choice_was_scanned(episode) ? OOMWATCH_VERDICT_HIGHEST_SCORE :
	       OOMWATCH_VERDICT_UNKNOWN;
}

/* The score of the chosen task, as the kernel computed it in its scan. */
static s64 points_of(const struct episode *episode)
{
	const struct oom_control *oc = episode->oc;

	if (!oc || !oc->chosen || !choice_was_scanned(episode))
		return OOMWATCH_UNKNOWN_S64;
	return oc->chosen_points;
}

/*
 * mm/memcontrol.c: memory_max_write() kills until the usage is below the new limit. A charge may
 * not go beyond the limit.
 */
static bool is_limit_lowered(const struct oomwatch_oom *rec)
{
	return rec->memcg_limit != OOMWATCH_NO_LIMIT && rec->memcg_usage > rec->memcg_limit &&
	       stack_has_memory_max();
}

/*
 * Fills in the cgroup at its limit. What decided that there are records is not read again: tasks
 * that were killed go on to free their memory.
 */
static void capture_fill_memcg(struct oomwatch_oom *rec, const struct episode *episode)
{
	struct mem_cgroup *memcg = episode->oc->memcg;
	struct memcg_use use = episode->use.known ? episode->use : memcg_use(memcg);

	memcg_fill(rec, memcg, &use);
	if (is_limit_lowered(rec))
		rec->trigger = OOMWATCH_TRIGGER_MEMORY_MAX;
	memcg_append(&rec->head, &rec->memcg, &rec->memcg_id, memcg, path_buf);
}

/* Fills in what only oom_control has, which is known within the scope. Context: RCU. */
static void capture_fill_control(struct oomwatch_oom *rec, const struct episode *episode)
{
	const struct oom_control *oc = episode->oc;
	static const u8 constraints[] = {
		[CONSTRAINT_NONE] = OOMWATCH_CONSTRAINT_NONE,
		[CONSTRAINT_CPUSET] = OOMWATCH_CONSTRAINT_CPUSET,
		[CONSTRAINT_MEMORY_POLICY] = OOMWATCH_CONSTRAINT_MEMORY_POLICY,
		[CONSTRAINT_MEMCG] = OOMWATCH_CONSTRAINT_MEMCG,
	};

	rec->gfp_mask = (__force u32)oc->gfp_mask;
	rec->order = oc->order;
	if (oc->order == -1)
		rec->trigger = OOMWATCH_TRIGGER_SYSRQ;
	else if (oc->memcg)
		rec->trigger = OOMWATCH_TRIGGER_MEMCG;
	else if (current_is_kswapd())
		rec->trigger = OOMWATCH_TRIGGER_KSWAPD;
	else
		rec->trigger = OOMWATCH_TRIGGER_ALLOC;
	if (oc->totalpages) {
		rec->totalpages = oc->totalpages;
		if (oc->constraint < ARRAY_SIZE(constraints))
			rec->constraint = constraints[oc->constraint];
	}
	if (oc->nodemask)
		memory_append_nodes(&rec->head, &rec->nodemask, oc->nodemask);
	if (oc->memcg)
		capture_fill_memcg(rec, episode);
}

/*
 * The episode's own record, in the draft, with the verdict if the chosen task was not dying
 * before. Context: RCU, oom_lock held.
 */
static void capture_build_oom(const struct episode *episode, u64 now)
{
	struct oomwatch_oom *rec = &draft.oom;

	record_init(&rec->head, OOMWATCH_TYPE_OOM, now, episode->id);
	rec->kind = capture_kind(episode);
	rec->verdict = verdict_of(episode, false);
	rec->pid = current->pid;
	rec->tgid = current->tgid;
	rec->uid = process_uid(current);
	rec->oom_score_adj = current->signal->oom_score_adj;
	process_copy_comm(rec->comm, current);
	process_copy_comm(rec->leader_comm, current->group_leader);
	rec->cpu = raw_smp_processor_id();
	rec->chosen_points = points_of(episode);
	memory_fill(rec, episode->oc);
	pressure_of_machine(&rec->pressure);
	memory_append_nodes(&rec->head, &rec->mems_allowed, &cpuset_current_mems_allowed);
	if (episode->oc) {
		capture_fill_control(rec, episode);
		cause_find(rec, episode->oc);
	}
	memcg_append(&rec->head, &rec->trigger_memcg, &rec->trigger_memcg_id,
		     memcg_of_task(current), path_buf);
	if (rec->trigger == OOMWATCH_TRIGGER_ALLOC)
		retries_take(rec, now);
}

/* --- candidates ----------------------------------------------------------- */

/*
 * Ranks the candidates; NULL if the knobs are against it or the domain isn't known.
 *
 * Context: RCU, oom_lock held. @held as in struct oom_domain.
 */
static struct ranking *capture_rank(const struct episode *episode, struct task_struct *held)
{
	struct ranking *now = rcu_dereference(ranking);
	struct oom_domain domain = { .totalpages = totalpages_of(episode), .held = held };

	if (!now || !domain.totalpages)
		return NULL;
	/* vm.oom_kill_allocating_task is there to avoid a walk over all processes. */
	if (episode->allocating_task && !READ_ONCE(knob_candidates_always))
		return NULL;
	domain.memcg = episode->oc->memcg;
	domain.nodemask = episode->oc->nodemask;
	domain.whole = !domain.memcg && !domain.nodemask && may_use_all_nodes(current);
	domain.chosen = episode->chosen;
	domain.scanned = choice_was_scanned(episode);
	domain.before = episode->chosen ? &episode->process : NULL;
	ranking_walk(now, &domain);
	now->call = episode->call;
	return now;
}

/* Ranks the candidates, and makes their records, which wait in the ranking. */
static void capture_candidates(const struct episode *episode, struct task_struct *held, u64 now)
{
	struct ranking *ranked = capture_rank(episode, held);
	const struct candidate *candidate;
	enum oomwatch_type type;
	unsigned int i, nr;

	nr = ranked ? ranked->nr + ranked->nr_protected : 0;
	for (i = 0; i < nr; i++) {
		candidate = ranking_member(ranked, i, &type);
		ranking_build_task(&scratch.task, type, candidate, path_buf, now, episode->id);
		ranking_batch(ranked, &scratch.task, nr - 1 - i);
	}
}

/* This episode's ranking; NULL if none was made or the knob has replaced it. Context: RCU. */
static struct ranking *ranking_of(const struct episode *episode)
{
	struct ranking *now = rcu_dereference(ranking);

	return now && now->call == episode->call ? now : NULL;
}

/* This episode's ranking, made now if it wasn't made at the choice; NULL if that fails. */
static struct ranking *need_ranking(const struct episode *episode, struct task_struct *held,
				    u64 now)
{
	if (!ranking_of(episode))
		capture_candidates(episode, held, now);
	return ranking_of(episode);
}

static void capture_commit_candidates(const struct episode *episode, const struct ranking *ranked,
				      u64 now)
{
	record_commit_batch(ranked->batch, ranked->batch_used);
	ranking_build_excluded(&scratch.excluded, ranked, now, episode->id);
	record_commit(&scratch.head);
}

/* --- records before the first victim -------------------------------------- */

/* Adds the record in @scratch to the draft's batch, which has room for all that may come. */
static void capture_batch(void)
{
	const struct oomwatch_head *packed = record_pack(&scratch.head);

	if (packed->len > draft.size - draft.used)
		return;
	memcpy(draft.batch + draft.used, packed, packed->len);
	draft.used += packed->len;
}

/* What reclaim did, and the nodes. A cgroup's limit is about neither. */
static void capture_build_machine(const struct episode *episode, u64 now)
{
	int nid;

	if (capture_kind(episode) == OOMWATCH_KIND_MEMCG)
		return;
	if (reclaim_build(&scratch.reclaim, now, episode->id))
		capture_batch();
	for_each_online_node(nid) {
		if (!NODE_DATA(nid)->node_present_pages)
			continue;
		memory_build_node(&scratch.node, NODE_DATA(nid), now, episode->id);
		capture_batch();
	}
}

static void capture_build_zones(const struct episode *episode, u64 now)
{
	int nid, i;

	for_each_online_node(nid)
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			if (!populated_zone(zone))
				continue;
			memory_build_zone(&scratch.zone, zone, now, episode->id);
			capture_batch();
		}
}

static void capture_build_child(const struct episode *episode, struct mem_cgroup *child, u64 now)
{
	memcg_build_child(&scratch.child, child, path_buf, now, episode->id);
	if (scratch.child.memcg.len > CHILD_PATH_MAX) {
		count(COUNTER_STRINGS_TRUNCATED);
		scratch.child.memcg = (struct oomwatch_ref) { };
		scratch.head.len = sizeof(scratch.child);
	}
	capture_batch();
}

/*
 * The cgroup at its limit, and the largest of its children, at most @most; those of the root if the
 * machine is full.
 */
static void capture_build_memcg(const struct episode *episode, unsigned int most, u64 now)
{
	struct children *children = &draft.children;
	struct mem_cgroup *memcg;
	unsigned int i;

	if (!episode->oc)
		return;
	memcg = episode->oc->memcg ?: memcg_root();
	if (!memcg)
		return;
	children->max = min(READ_ONCE(knob_children), most);
	memstat_begin();
	memcg_find_children(children, memcg);
	memcg_build(&scratch.memcg, memcg, children, now, episode->id);
	capture_batch();
	for (i = 0; i < children->nr; i++)
		capture_build_child(episode, children->largest[i], now);
}

/* A candidate's program. @held as in struct oom_domain. */
static void capture_build_cmdline(const struct episode *episode, const struct candidate *candidate,
				  struct task_struct *held, u64 now)
{
	struct task_struct *task = process_trylock_mm(candidate->leader, held);
	bool known;

	if (IS_ERR_OR_NULL(task)) {
		if (task)
			count(COUNTER_CMDLINES_BUSY);
		return;
	}
	known = cmdline_build(&scratch.cmdline, task, now, episode->id);
	process_unlock(task, held);
	if (!known)
		return;
	scratch.cmdline.pid = candidate->process.pid;
	capture_batch();
	draft.told[draft.nr_told].signal = candidate->signal;
	draft.told[draft.nr_told++].tgid = candidate->process.tgid;
}

/* The programs of the highest candidates. Context: RCU, oom_lock held. */
static void capture_build_cmdlines(const struct episode *episode, struct task_struct *held, u64 now)
{
	const struct ranking *ranked = ranking_of(episode);
	unsigned int i, nr = ranked ? min_t(unsigned int, ranked->nr, CMDLINES_TOLD) : 0;

	draft.nr_told = 0;
	for (i = 0; i < nr; i++)
		capture_build_cmdline(episode, ranking_nth(ranked, i), held, now);
}

/* Whether the process's program is among the records of the choice. */
static bool is_told(const struct task_struct *task)
{
	unsigned int i;

	for (i = 0; i < draft.nr_told; i++)
		if (is_of_process(task, draft.told[i].signal, draft.told[i].tgid))
			return true;
	return false;
}

/**
 * capture_choice() - make the records of a choice
 * @episode: the episode
 * @held: a task whose alloc_lock the caller holds, or NULL
 * @now: when
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void capture_choice(const struct episode *episode, struct task_struct *held, u64 now)
{
	draft.used = 0;
	/* First: earlier victims go on to free memory, and the walk takes long. */
	capture_build_oom(episode, now);
	capture_build_memcg(episode, UINT_MAX, now);
	capture_build_machine(episode, now);
	capture_build_zones(episode, now);
	capture_candidates(episode, held, now);
	capture_build_cmdlines(episode, held, now);
	cause_find_unkillable(&draft.oom, ranking_of(episode));
	draft.call = episode->call;
}

/**
 * capture_begin() - an episode's records, before its first victim's
 * @episode: the episode
 * @victim: the victim, whose alloc_lock may be held
 * @dying: the victim was dying already
 * @now: the time of the records
 *
 * If the choice was not seen, they are made now. The victim needs its alloc_lock to die; the
 * kernel itself holds it for longer, to print its line.
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void capture_begin(const struct episode *episode, struct task_struct *victim, bool dying, u64 now)
{
	const struct ranking *ranked;
	u64 then;

	if (draft.call != episode->call)
		capture_choice(episode, victim, now);
	ranked = need_ranking(episode, victim, now);
	then = draft.oom.head.time_ns;
	draft.oom.verdict = verdict_of(episode, dying);
	record_commit_bookmark(&draft.oom.head);
	record_commit_batch(draft.batch, draft.used);
	if (stack_build(&scratch.stack, episode->caller, then, episode->id))
		record_commit(&scratch.head);
	if (ranked)
		capture_commit_candidates(episode, ranked, then);
}

/* --- victims, and the end ------------------------------------------------- */

/*
 * At the mark the victim may already be exiting on another CPU, and the counts that its
 * threads had cached are being added up. So the terms of the chosen task's score are those
 * from the choice, unless the present ones add up to the kernel's own score.
 */
static const struct oomwatch_process *capture_at_choice(const struct episode *episode,
							const struct task_struct *task,
							const struct oomwatch_process *now)
{
	if (!episode->oc || episode->chosen != task->signal ||
	    now->points == episode->oc->chosen_points)
		return now;
	return &episode->process;
}

/**
 * capture_victim() - commit a victim's record
 * @episode: the episode
 * @task: the victim; its mm is stable, its alloc_lock may be held
 * @flags: OOMWATCH_TASK_*
 * @now: the time of the records
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void capture_victim(const struct episode *episode, struct task_struct *task, u32 flags, u64 now)
{
	struct oomwatch_victim *rec = &scratch.victim;
	struct oomwatch_process *process = &rec->process;
	const struct ranking *ranked = ranking_of(episode);
	const struct oomwatch_process *choice;
	struct usage usage = usage_of(task);
	u64 id = episode_victim_id(episode);
	struct score score;

	record_init(&rec->head, OOMWATCH_TYPE_VICTIM, now, id);
	process_fill(process, task, &usage, totalpages_of(episode));
	choice = capture_at_choice(episode, task, process);
	score = score_of(choice);
	rec->score_rss = score.rss;
	rec->score_swap = score.swap;
	rec->score_pgtables = score.pgtables;
	rec->score_adj = score.adj;
	process->points = choice->points;
	process->flags = flags;
	process->rank = ranked ? ranking_find(ranked, task) : 0;
	memcg_append(&rec->head, &process->memcg, &process->memcg_id, memcg_of_task(task),
		     path_buf);
	adj_append(&rec->head, &process->set_by, task);
	/* If it is exiting, the table has lost it: use the setter from its SIGKILL. */
	if (!process->set_by.len && episode->setter.time_ns && episode->sent == task->signal)
		record_append(&rec->head, &process->set_by, &episode->setter,
			      sizeof(episode->setter));
	record_commit(&rec->head);
	if (!is_told(task) && cmdline_build(&scratch.cmdline, task, now, id))
		record_commit(&scratch.head);
}

/**
 * capture_sharer() - commit the record of a process that is killed for the victim's mm
 * @episode: the episode
 * @task: a task of the process
 * @now: the time of the records
 *
 * Context: oom_lock held.
 */
void capture_sharer(const struct episode *episode, struct task_struct *task, u64 now)
{
	struct oomwatch_sharer rec;

	record_init(&rec.head, OOMWATCH_TYPE_SHARER, now, episode_victim_id(episode));
	rec.pid = task->pid;
	rec.tgid = task->tgid;
	rec.victim_pid = episode->victim_pid;
	rec.oom_score_adj = task->signal->oom_score_adj;
	rec.uid = process_uid(task);
	process_copy_comm(rec.comm, task);
	record_commit(&rec.head);
}

static void capture_build_end(struct oomwatch_end *rec, const struct episode *episode,
			      enum oomwatch_outcome outcome, u64 kills, u64 now)
{
	record_init(&rec->head, OOMWATCH_TYPE_END, now, episode->id);
	rec->outcome = outcome;
	rec->victims = episode->victims;
	if (IS_ENABLED(CONFIG_VM_EVENT_COUNTERS))
		rec->kills = kills;
	rec->duration_ns = now - episode->start_ns;
	rec->capture_ns = episode->spent_ns;
	/* If the event of signals is not seen, not even that of the kill was. */
	if (episode->sent || !episode->kills_seen)
		rec->sharers = episode->sharers;
}

/**
 * capture_end() - commit the record that ends an episode
 * @episode: the episode
 * @outcome: what it came to
 * @kills: SIGKILLs, as the kernel counts them
 * @now: the time of the records
 *
 * Context: oom_lock held.
 */
void capture_end(const struct episode *episode, enum oomwatch_outcome outcome, u64 kills, u64 now)
{
	struct oomwatch_end rec;

	capture_build_end(&rec, episode, outcome, kills, now);
	record_commit(&rec.head);
}

/* --- nobody to kill -------------------------------------------------------- */

/* So that what one user may cause in an hour fits into the ring of these records. */
#define NOBODY_CHILDREN	8

/**
 * capture_nobody() - commit the records of a call that found nobody to kill
 * @episode: the episode
 * @now: the time of the records
 *
 * Zones and the stack are left out: these records have little room in the ring.
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void capture_nobody(const struct episode *episode, u64 now)
{
	const struct ranking *ranked;

	draft.used = 0;
	capture_build_oom(episode, now);
	capture_build_memcg(episode, NOBODY_CHILDREN, now);
	ranked = need_ranking(episode, NULL, now);
	cause_find_unkillable(&draft.oom, ranked);
	draft.oom.verdict = OOMWATCH_VERDICT_UNKNOWN;
	record_commit_bookmark(&draft.oom.head);
	record_commit_batch(draft.batch, draft.used);
	if (ranked)
		capture_commit_candidates(episode, ranked, now);
}

/* --- in a panic ----------------------------------------------------------- */

/*
 * Shows the records that were built at the choice. Since then tasks may be gone, and the
 * panicking task may hold the victim's alloc_lock, so new records can't be built.
 */
static void capture_show_batch(const u8 *batch, size_t used,
			       void (*show)(struct oomwatch_head *rec))
{
	const struct oomwatch_head *rec;
	size_t at;

	for (at = 0; at < used; at += rec->len) {
		rec = (const struct oomwatch_head *)(batch + at);
		memcpy(&scratch, rec, rec->len);
		record_unpack(&scratch.head);
		show(&scratch.head);
	}
}

/**
 * capture_show() - show what is known of an episode that has no victim yet
 * @episode: the episode
 * @now: the time of the records
 * @show: called with each record
 *
 * Context: panic, rcu_read_lock(). Never waits.
 */
void capture_show(const struct episode *episode, u64 now,
		  void (*show)(struct oomwatch_head *rec))
{
	const struct ranking *ranked;

	if (draft.call != episode->call)
		capture_choice(episode, NULL, now);
	show(&draft.oom.head);
	capture_show_batch(draft.batch, draft.used, show);
	ranked = need_ranking(episode, NULL, now);
	if (ranked) {
		capture_show_batch(ranked->batch, ranked->batch_used, show);
		ranking_build_excluded(&scratch.excluded, ranked, now, episode->id);
		show(&scratch.head);
	}
	if (episode->panic) {
		capture_build_end(&scratch.end, episode, episode->panic, 0, now);
		show(&scratch.head);
	}
}
