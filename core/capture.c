// SPDX-License-Identifier: GPL-2.0
/*
 * Capture: kernel state to records.
 *
 * All here runs while the machine is out of memory, most of it under oom_lock:
 * no allocation, no sleeping, no printing, no lock that is waited for long.
 */

#include <linux/bits.h>
#include <linux/cpuset.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/ktime.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/timekeeping.h>

#include "compat.h"
#include "internal.h"

/* Marks by one trigger, this close, are one episode where its scope is unknown. */
#define GUESS_NS	(100 * NSEC_PER_MSEC)

/* Victims remembered for the reap and exit events that follow a kill. */
#define NR_VICTIMS	1024

static_assert(OOMWATCH_COMM_LEN == TASK_COMM_LEN);

/* --- victims: what reap and exit events belong to ------------------------- */

struct victim {
	const struct signal_struct *signal;	/* compared only; NULL: exited */
	pid_t pid;
	pid_t tgid;
	u64 oom;
	u64 kill_ns;
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	unsigned int next;	/* the oldest, to be replaced next */
	struct victim slot[NR_VICTIMS];
} victims = { .lock = __RAW_SPIN_LOCK_UNLOCKED(victims.lock) };

/*
 * Returns whether the event of the process's exit may be past. Where that comes early, it may
 * have come between the SIGKILL and this mark; or the mark is of a thread on its way out that
 * wants memory for its robust futexes. Asked under the lock, so that an exit that isn't seen
 * here finds the slot.
 */
static bool victims_add(const struct task_struct *task, u64 oom, u64 now)
{
	struct victim *victim;
	unsigned long flags;
	bool exited;

	raw_spin_lock_irqsave(&victims.lock, flags);
	victim = &victims.slot[victims.next];
	if (victim->signal)
		count(COUNTER_VICTIMS_FORGOTTEN);
	*victim = (struct victim) {
		.signal = task->signal, .pid = task->pid, .tgid = task->tgid,
		.oom = oom, .kill_ns = now,
	};
	victims.next = (victims.next + 1) % NR_VICTIMS;
	exited = exit_comes_early && !atomic_read(&task->signal->live);
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return exited;
}

/* The newest victim of that pid, also when it has exited. */
static bool victims_find_pid(pid_t pid, struct victim *found)
{
	unsigned long flags;
	unsigned int i, n;

	raw_spin_lock_irqsave(&victims.lock, flags);
	for (n = 1; n <= NR_VICTIMS; n++) {
		i = (victims.next - n) % NR_VICTIMS;
		if (victims.slot[i].oom && victims.slot[i].pid == pid)
			break;
	}
	if (n <= NR_VICTIMS)
		*found = victims.slot[i];
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return n <= NR_VICTIMS;
}

/*
 * The victims of a process that is gone, one a call: several of its threads may
 * have been marked. Each is found once.
 */
static bool victims_find_exited(const struct task_struct *task, struct victim *found)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&victims.lock, flags);
	for (i = 0; i < NR_VICTIMS; i++)
		if (victims.slot[i].signal == task->signal && victims.slot[i].tgid == task->tgid)
			break;
	if (i < NR_VICTIMS) {
		*found = victims.slot[i];
		victims.slot[i].signal = NULL;
	}
	raw_spin_unlock_irqrestore(&victims.lock, flags);
	return i < NR_VICTIMS;
}

/**
 * copy_comm() - a task's name, which it may change at any time: whatever is read, it ends
 * @to: OOMWATCH_COMM_LEN bytes
 * @task: the task
 *
 * Context: any.
 */
void copy_comm(char *to, const struct task_struct *task)
{
	memcpy(to, task->comm, OOMWATCH_COMM_LEN);
	to[OOMWATCH_COMM_LEN - 1] = '\0';
}

/**
 * uid_of() - a task's user, as the initial user namespace has him
 * @task: the task
 *
 * Context: any.
 */
u32 uid_of(struct task_struct *task)
{
	u32 uid;

	rcu_read_lock();
	uid = __kuid_val(__task_cred(task)->uid);
	rcu_read_unlock();
	return uid;
}

/*
 * struct episode - the open episode
 *
 * Only touched by the task inside out_of_memory(), which holds oom_lock.
 */
static struct episode {
	u64 id;			/* its number; 0: there was none yet */
	struct oom_control *oc;	/* the kernel's own; NULL: the scope isn't known */
	struct task_struct *trigger;
	pid_t trigger_pid;
	u64 start_ns;
	u64 mark_ns;		/* its newest mark */
	u64 spent_ns;		/* inside probes */
	u64 kernel_kills;	/* kernel_oom_kills() at its beginning */
	u64 kills_seen;		/* of those since then, how many marks have told of */
	u32 victims;
	bool freed;		/* a notifier freed memory */
	bool choice_seen;	/* by episode_choice() */
	bool allocating_task;	/* chosen for vm.oom_kill_allocating_task */
	const struct signal_struct *chosen; /* whose the next is, compared only */
	struct oomwatch_process process; /* of the chosen task, before it was sent SIGKILL */
	const struct signal_struct *sent; /* SIGKILL, last, to be marked next; compared only */
	struct oomwatch_setter setter;	/* of that process's oom_score_adj */
	/* the newest victim; compared only */
	const struct signal_struct *victim;
	const struct mm_struct *victim_mm;
	pid_t victim_pid;
} episode;

/* Built here where it would be too large for the stack. Guarded as the episode. */
static union {
	struct oomwatch_head head;
	struct oomwatch_oom oom;
	struct oomwatch_task task;
	struct oomwatch_victim victim;
	struct oomwatch_excluded excluded;
	struct oomwatch_zone zone;
	struct oomwatch_stack stack;
	u8 bytes[OOMWATCH_RECORD_MAX];
} scratch;

static char path_buf[PATH_MAX];	/* guarded as the episode */

/*
 * Ids and paths stay what they were, also when the cgroup is gone a moment later.
 *
 * Context: rcu_read_lock(). @buf has PATH_MAX bytes, @memcg may be NULL.
 */
static void capture_cgroup(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 *id,
			   struct mem_cgroup *memcg, char *buf)
{
	struct cgroup *cgrp;
	char *path;

	*id = OOMWATCH_UNKNOWN_U64;
	*ref = (struct oomwatch_ref) { };
	if (!memcg)
		return;
	cgrp = memcg_cgroup(memcg);
	path = cgroup_path_nowait(cgrp, buf, PATH_MAX);
	*id = cgroup_id(cgrp);
	if (!path) {
		if (!oops_in_progress)
			late_path_want(memcg_css(memcg), *id);
		return;
	}
	if (*path != '/')
		count(COUNTER_STRINGS_TRUNCATED);
	record_append(rec, ref, path, buf + PATH_MAX - path);
}

static void capture_nodes(struct oomwatch_head *rec, struct oomwatch_ref *ref,
			  const nodemask_t *nodes)
{
	u64 words[DIV_ROUND_UP(MAX_NUMNODES, 64)] = { };
	int nid;

	for_each_node_mask(nid, *nodes)
		words[nid / 64] |= BIT_ULL(nid % 64);
	record_append(rec, ref, words, sizeof(u64) * DIV_ROUND_UP(nr_node_ids, 64));
}

/**
 * fill_process() - a task as it is now, but for its cgroup and the setter of its value
 * @to: what is filled
 * @task: the task
 * @usage: usage_of() it
 * @totalpages: of the domain; 0: not known, or the kernel didn't come to a choice
 *
 * Context: rcu_read_lock().
 */
void fill_process(struct oomwatch_process *to, struct task_struct *task,
		  const struct usage *usage, unsigned long totalpages)
{
	*to = (struct oomwatch_process) {
		.pid = task->pid, .tgid = task->tgid, .uid = uid_of(task),
		.oom_score_adj = usage->adj,
		.threads = get_nr_threads(task),
		.total_vm = usage->total_vm,
		.anon_rss = usage->anon,
		.file_rss = usage->file,
		.shmem_rss = usage->shmem,
		.swap = usage->swap,
		.pgtables = usage->pgtables,
		.points = usage_points(usage, totalpages),
		.memcg_id = OOMWATCH_UNKNOWN_U64,
		.start_ns = READ_ONCE(task->group_leader)->start_boottime,
		.ppid = rcu_dereference(task->real_parent)->tgid,
	};
	copy_comm(to->comm, task);
}

/**
 * append_process() - what a process's record says of it behind the structure
 * @rec: the record
 * @process: in it
 * @task: a task of the process
 * @path_buf: PATH_MAX bytes
 *
 * Context: any but NMI; rcu_read_lock().
 */
void append_process(struct oomwatch_head *rec, struct oomwatch_process *process,
		    struct task_struct *task, char *path_buf)
{
	struct oomwatch_setter setter;

	capture_cgroup(rec, &process->memcg, &process->memcg_id, memcg_of_task(task), path_buf);
	if (adj_setter(task->signal, &setter))
		record_append(rec, &process->set_by, &setter, sizeof(setter));
}

static unsigned long episode_totalpages(void)
{
	return episode.oc ? episode.oc->totalpages : 0;
}

static enum oomwatch_kind episode_kind(void)
{
	static const u8 kinds[] = {
		[CONSTRAINT_NONE] = OOMWATCH_KIND_GLOBAL,
		[CONSTRAINT_CPUSET] = OOMWATCH_KIND_CPUSET,
		[CONSTRAINT_MEMORY_POLICY] = OOMWATCH_KIND_MEMPOLICY,
		[CONSTRAINT_MEMCG] = OOMWATCH_KIND_MEMCG,
	};
	const struct oom_control *oc = episode.oc;

	if (!oc)
		return OOMWATCH_KIND_UNKNOWN;
	if (oc->memcg)
		return OOMWATCH_KIND_MEMCG;
	/* Without totalpages the kernel had not come to constrained_alloc(). */
	if (!oc->totalpages || oc->constraint >= ARRAY_SIZE(kinds))
		return OOMWATCH_KIND_UNKNOWN;
	return kinds[oc->constraint];
}

/*
 * Whether chosen_points came of a scan. Without one they are 0, or LONG_MAX for a
 * task that had asked to be the first; 0 is only sure if the choice was seen.
 */
static bool choice_was_scanned(const struct oom_control *oc)
{
	return !episode.allocating_task && oc->chosen_points != LONG_MAX &&
	       (episode.choice_seen || oc->chosen_points);
}

/* Why this task, from what out_of_memory() has left in its oom_control. */
static enum oomwatch_verdict episode_verdict(bool dying)
{
	const struct oom_control *oc = episode.oc;

	if (!oc)
		return OOMWATCH_VERDICT_UNKNOWN;
	if (!oc->chosen)
		return OOMWATCH_VERDICT_DYING_TRIGGER;
	if (dying)
		return OOMWATCH_VERDICT_DYING_CHOSEN;
	if (episode.allocating_task)
		return OOMWATCH_VERDICT_ALLOCATING_TASK;
	if (oc->chosen_points == LONG_MAX)
		return OOMWATCH_VERDICT_OOM_ORIGIN;
	return choice_was_scanned(oc) ? OOMWATCH_VERDICT_HIGHEST_SCORE : OOMWATCH_VERDICT_UNKNOWN;
}

/* The points of the one chosen, as the kernel made them by its scan. */
static s64 episode_points(void)
{
	const struct oom_control *oc = episode.oc;

	if (!oc || !oc->chosen || !choice_was_scanned(oc))
		return OOMWATCH_UNKNOWN_S64;
	return oc->chosen_points;
}

/*
 * total_swap_pages isn't exported, but the totalpages of an unconstrained choice
 * are RAM + swap. RAM may have grown in between, by a balloon or by hotplug.
 */
static u64 swap_total(const struct oom_control *oc)
{
	if (!IS_ENABLED(CONFIG_SWAP))
		return 0;
	if (episode_kind() == OOMWATCH_KIND_GLOBAL && oc->totalpages >= totalram_pages())
		return oc->totalpages - totalram_pages();
	return OOMWATCH_UNKNOWN_U64;
}

static void capture_machine(struct oomwatch_oom *rec)
{
	rec->ram_total = totalram_pages();
	rec->ram_free = global_zone_page_state(NR_FREE_PAGES);
	rec->swap_total = swap_total(episode.oc);
	rec->swap_free = get_nr_swap_pages();
	rec->inactive_anon = global_node_page_state(NR_INACTIVE_ANON);
	rec->active_anon = global_node_page_state(NR_ACTIVE_ANON);
	rec->inactive_file = global_node_page_state(NR_INACTIVE_FILE);
	rec->active_file = global_node_page_state(NR_ACTIVE_FILE);
	rec->unevictable = global_node_page_state(NR_UNEVICTABLE);
	rec->isolated_anon = global_node_page_state(NR_ISOLATED_ANON);
	rec->isolated_file = global_node_page_state(NR_ISOLATED_FILE);
	rec->dirty = global_node_page_state(NR_FILE_DIRTY);
	rec->writeback = global_node_page_state(NR_WRITEBACK);
	rec->slab_reclaimable = global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B);
	rec->slab_unreclaimable = global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B);
	rec->mapped = global_node_page_state(NR_FILE_MAPPED);
	rec->shmem = global_node_page_state(NR_SHMEM);
	rec->pagetables = PAGETABLE_PAGES;
	rec->kernel_stack = global_node_page_state(NR_KERNEL_STACK_KB) * 1024;
	rec->page_cache = global_node_page_state(NR_FILE_PAGES);
	rec->swap_cache = SWAP_CACHE_PAGES;
}

static void capture_zone(struct zone *zone, int nid, u64 now)
{
	u64 reserve[MAX_NR_ZONES], blocks[ARRAY_SIZE(zone->free_area)];
	struct oomwatch_zone *rec = &scratch.zone;
	int i;

	record_init(&rec->head, OOMWATCH_TYPE_ZONE, now, episode.id);
	rec->node = nid;
	strscpy(rec->name, zone->name, sizeof(rec->name));
	rec->free = zone_page_state(zone, NR_FREE_PAGES);
	rec->boost = zone->watermark_boost;
	rec->min = min_wmark_pages(zone);
	rec->low = low_wmark_pages(zone);
	rec->high = high_wmark_pages(zone);
	rec->managed = zone_managed_pages(zone);
	rec->present = zone->present_pages;
	rec->inactive_anon = zone_page_state(zone, NR_ZONE_INACTIVE_ANON);
	rec->active_anon = zone_page_state(zone, NR_ZONE_ACTIVE_ANON);
	rec->inactive_file = zone_page_state(zone, NR_ZONE_INACTIVE_FILE);
	rec->active_file = zone_page_state(zone, NR_ZONE_ACTIVE_FILE);
	rec->unevictable = zone_page_state(zone, NR_ZONE_UNEVICTABLE);
	rec->write_pending = zone_page_state(zone, NR_ZONE_WRITE_PENDING);
	for (i = 0; i < ARRAY_SIZE(reserve); i++)
		reserve[i] = zone->lowmem_reserve[i];
	/* Without the zone's lock: they may be a few off each other. */
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = READ_ONCE(zone->free_area[i].nr_free);
	record_append(&rec->head, &rec->lowmem_reserve, reserve, sizeof(reserve));
	record_append(&rec->head, &rec->free_blocks, blocks, sizeof(blocks));
	record_commit(&rec->head);
}

/* The zones as they are behind an episode's first victim. Context: mark_victim. */
static void capture_zones(u64 now)
{
	int nid, i;

	for_each_online_node(nid)
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = &NODE_DATA(nid)->node_zones[i];

			if (populated_zone(zone))
				capture_zone(zone, nid, now);
		}
}

/* What only the scope of out_of_memory() knows. Context: RCU. */
static void capture_control(struct oomwatch_oom *rec, const struct oom_control *oc)
{
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
		capture_nodes(&rec->head, &rec->nodemask, oc->nodemask);
	if (oc->memcg) {
		memcg_read_counters(oc->memcg, rec);
		capture_cgroup(&rec->head, &rec->memcg, &rec->memcg_id, oc->memcg, path_buf);
	}
}

/* Frames of probes lie above those that tell something. */
#define PROBE_FRAMES	16

/* The trigger's. Too large for a stack that may be deep already; guarded as the episode. */
static struct {
	unsigned long frames[STACK_MAX + PROBE_FRAMES];
	unsigned int first, nr;
	unsigned long caller;		/* of the probe of mark_victim */
} stack;

/* Whether a frame is still that of a probe: on @entry, or called by stack.caller. */
static bool is_probe_frame(unsigned long frame, unsigned long entry)
{
	/* As far into the function as a breakpoint or a call of ftrace is. */
	return entry ? frame - entry >= 16 : frame != stack.caller;
}

/* @entry: of the function that is just being entered; 0 within it. */
static void stack_save(unsigned long entry)
{
	unsigned int depth = READ_ONCE(knob_stack_depth), first = 0, nr;

	stack.nr = 0;
	if (!depth)
		return;
	nr = save_stack(stack.frames,
			min_t(size_t, depth + PROBE_FRAMES, ARRAY_SIZE(stack.frames)));
	while (first < nr && is_probe_frame(stack.frames[first], entry))
		first++;
	/* Rather those of probes, too, than none. */
	if (first == nr)
		first = 0;
	stack.first = first;
	stack.nr = min(nr - first, depth);
}

static void capture_stack(u64 now)
{
	static u64 addresses[STACK_MAX];
	struct oomwatch_stack *rec = &scratch.stack;
	unsigned int i;

	if (!STACK_ENDS_AT_KRETPROBE || !stack.nr)
		stack_save(0);
	if (!stack.nr)
		return;
	for (i = 0; i < stack.nr; i++)
		addresses[i] = stack.frames[stack.first + i];
	record_init(&rec->head, OOMWATCH_TYPE_STACK, now, episode.id);
	rec->nr_frames = stack.nr;
	record_append(&rec->head, &rec->frames, addresses, stack.nr * sizeof(u64));
	record_commit(&rec->head);
	stack.nr = 0;
}

/**
 * stack_to_symbols() - make the frames of a stack record fit to be seen
 * @rec: as it lay in the ring, in OOMWATCH_RECORD_MAX bytes of memory
 *
 * Context: task context.
 */
void stack_to_symbols(struct oomwatch_stack *rec)
{
	u64 addresses[STACK_MAX];
	char *text = (char *)(rec + 1);
	size_t room = OOMWATCH_RECORD_MAX - sizeof(*rec), len = 0;
	unsigned int i;

	memcpy(addresses, (u8 *)rec + rec->frames.off, rec->frames.len);
	for (i = 0; i < rec->nr_frames; i++)
		len += scnprintf(text + len, room - len, "%s%pB", i ? ";" : "",
				 (void *)(unsigned long)addresses[i]);
	rec->frames = (struct oomwatch_ref) { .off = sizeof(*rec), .len = len };
	memset(text + len, 0, ALIGN(len, 8) - len);
	rec->head.len = sizeof(*rec) + ALIGN(len, 8);
}

/* The episode's own record, in scratch. @ranked may be NULL. Context: RCU, oom_lock held. */
static void build_oom(bool dying, const struct ranking *ranked, u64 now)
{
	struct oomwatch_oom *rec = &scratch.oom;

	record_init(&rec->head, OOMWATCH_TYPE_OOM, now, episode.id);
	rec->kind = episode_kind();
	rec->verdict = episode_verdict(dying);
	rec->pid = current->pid;
	rec->tgid = current->tgid;
	rec->uid = uid_of(current);
	rec->oom_score_adj = current->signal->oom_score_adj;
	copy_comm(rec->comm, current);
	rec->chosen_points = episode_points();
	capture_machine(rec);
	capture_nodes(&rec->head, &rec->mems_allowed, &cpuset_current_mems_allowed);
	if (episode.oc) {
		capture_control(rec, episode.oc);
		cause_find(rec, episode.oc, ranked);
	}
	capture_cgroup(&rec->head, &rec->trigger_memcg, &rec->trigger_memcg_id,
		       memcg_of_task(current), path_buf);
	if (rec->trigger == OOMWATCH_TRIGGER_ALLOC)
		retries_take(rec, now);
}

/**
 * build_task() - a candidate's record
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @candidate: of a ranking
 * @path_buf: PATH_MAX bytes
 * @now: when
 * @oom: the episode, or 0
 *
 * Context: the RCU section of the walk.
 */
void build_task(struct oomwatch_task *rec, const struct candidate *candidate, char *path_buf,
		u64 now, u64 oom)
{
	record_begin(&rec->head, OOMWATCH_TYPE_TASK, now, oom);
	rec->process = candidate->process;
	append_process(&rec->head, &rec->process, candidate->leader, path_buf);
}

/**
 * build_excluded() - the record of who could not be chosen
 * @rec: filled
 * @from: the ranking
 * @now: when
 * @oom: the episode, or 0
 *
 * Context: any.
 */
void build_excluded(struct oomwatch_excluded *rec, const struct ranking *from, u64 now, u64 oom)
{
	*rec = from->excluded;
	record_begin(&rec->head, OOMWATCH_TYPE_EXCLUDED, now, oom);
}

/*
 * Ranks who could have been chosen, if that is wanted and known.
 *
 * Context: RCU, oom_lock held. @held as in struct oom_domain.
 */
static struct ranking *rank_candidates(struct task_struct *held)
{
	struct ranking *now = rcu_dereference(ranking);
	struct oom_domain domain = { .totalpages = episode_totalpages(), .held = held };

	/* The sysctl is there to spare the machine a walk. */
	if (!now || !domain.totalpages || !READ_ONCE(knob_enabled) || episode.allocating_task)
		return NULL;
	domain.memcg = episode.oc->memcg;
	domain.nodemask = episode.oc->nodemask;
	domain.chosen = episode.chosen;
	domain.before = episode.chosen ? &episode.process : NULL;
	ranking_walk(now, &domain);
	now->oom = episode.id;
	return now;
}

/*
 * Puts a record aside; without what is behind its structure, where that would take
 * the room of the @more that are to come.
 */
static void batch_add(struct ranking *to, struct oomwatch_task *rec, unsigned int more)
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

/*
 * The candidates' records are made with the choice: until the victim is marked, the
 * kernel's report, on a slow console, may take its time, and tasks come and go.
 *
 * Context: as for rank_candidates().
 */
static void prepare_candidates(struct task_struct *held, u64 now)
{
	struct ranking *ranked = rank_candidates(held);
	unsigned int i;

	for (i = 0; ranked && i < ranked->nr; i++) {
		build_task(&scratch.task, ranking_nth(ranked, i), path_buf, now, episode.id);
		batch_add(ranked, &scratch.task, ranked->nr - 1 - i);
	}
}

/* That of this episode, if there is one, and the knob hasn't replaced it. Context: RCU. */
static struct ranking *episode_ranking(void)
{
	struct ranking *now = rcu_dereference(ranking);

	return now && now->oom == episode.id ? now : NULL;
}

/* The same, made now if it was not made with the choice; NULL where none can be. */
static struct ranking *need_ranking(struct task_struct *held, u64 now)
{
	if (!episode_ranking())
		prepare_candidates(held, now);
	return episode_ranking();
}

static void capture_candidates(const struct ranking *ranked, u64 now)
{
	struct oomwatch_head *rec;
	size_t at;

	for (at = 0; at < ranked->batch_used; at += rec->len) {
		rec = (struct oomwatch_head *)(ranked->batch + at);
		record_commit_packed(rec);
	}
	build_excluded(&scratch.excluded, ranked, now, episode.id);
	record_commit(&scratch.head);
}

/*
 * What an episode has of its own, before its first victim, whose alloc_lock may be
 * held. Context: RCU.
 */
static void capture_episode(struct task_struct *victim, bool dying, u64 now)
{
	const struct ranking *ranked = need_ranking(victim, now);

	build_oom(dying, ranked, now);
	record_commit_bookmark(&scratch.head, episode.id);
	capture_zones(now);
	capture_stack(now);
	if (ranked)
		capture_candidates(ranked, now);
}

/*
 * By now the victim runs towards its end on another CPU, and what its threads had
 * counted for themselves is being added up. So for the chosen one the terms are
 * those from before, unless the kernel's sum says that these are the right ones.
 */
static const struct oomwatch_process *at_choice(struct task_struct *task,
						const struct oomwatch_process *now)
{
	if (!episode.oc || episode.chosen != task->signal ||
	    now->points == episode.oc->chosen_points)
		return now;
	return &episode.process;
}

/* Context: as mark_victim, RCU; @task->mm is stable, its alloc_lock may be held. */
static void capture_victim(struct task_struct *task, u32 flags, u64 now)
{
	struct oomwatch_victim *rec = &scratch.victim;
	struct oomwatch_process *process = &rec->process;
	const struct ranking *ranked = episode_ranking();
	const struct oomwatch_process *choice;
	struct usage usage = usage_of(task);
	struct score score;

	record_init(&rec->head, OOMWATCH_TYPE_VICTIM, now, episode.id);
	fill_process(process, task, &usage, episode_totalpages());
	choice = at_choice(task, process);
	score = score_of(choice);
	rec->score_rss = score.rss;
	rec->score_swap = score.swap;
	rec->score_pgtables = score.pgtables;
	rec->score_adj = score.adj;
	process->points = choice->points;
	process->flags = flags;
	process->rank = ranked ? ranking_find(ranked, task->signal) : 0;
	append_process(&rec->head, process, task, path_buf);
	/* On its way out already, and so forgotten. */
	if (!process->set_by.len && episode.setter.time_ns && episode.sent == task->signal)
		record_append(&rec->head, &process->set_by, &episode.setter,
			      sizeof(episode.setter));
	record_commit(&rec->head);
}

/* The record that closes an episode. Context: out_of_memory() returns. */
static void capture_end(enum oomwatch_outcome outcome, u64 kills, u64 now)
{
	struct oomwatch_end rec;

	record_init(&rec.head, OOMWATCH_TYPE_END, now, episode.id);
	rec.outcome = outcome;
	rec.victims = episode.victims;
	if (IS_ENABLED(CONFIG_VM_EVENT_COUNTERS))
		rec.kills = kills;
	rec.duration_ns = now - episode.start_ns;
	rec.capture_ns = episode.spent_ns;
	record_commit(&rec.head);
}

/* --- what becomes of victims ----------------------------------------------- */

/**
 * capture_reap() - the OOM reaper and a victim
 * @pid: as the event has it
 * @event: what it did
 *
 * Context: any but NMI.
 */
void capture_reap(pid_t pid, enum oomwatch_reap_event event)
{
	u64 now = ktime_get_boottime_ns();
	struct oomwatch_reap rec;
	struct victim victim = { };
	bool found = victims_find_pid(pid, &victim);

	record_init(&rec.head, OOMWATCH_TYPE_REAP, now, victim.oom);
	rec.pid = pid;
	rec.event = event;
	if (found)
		rec.since_kill_ns = now - victim.kill_ns;
	record_commit(&rec.head);
}

/**
 * capture_exit() - the last thread of a process with victims exits
 * @task: the thread
 * @mm: what has become of its mm
 *
 * Context: any but NMI.
 */
void capture_exit(const struct task_struct *task, enum oomwatch_exit_mm mm)
{
	u64 now = ktime_get_boottime_ns();
	struct victim victim = {};

	while (victims_find_exited(task, &victim)) {
		struct oomwatch_exit rec;

		count(COUNTER_EXITS);
		record_init(&rec.head, OOMWATCH_TYPE_EXIT, now, victim.oom);
		rec.pid = victim.pid;
		rec.tgid = victim.tgid;
		rec.since_kill_ns = now - victim.kill_ns;
		rec.mm = mm;
		record_commit(&rec.head);
	}
}

/* --- episodes, from one end to the other ---------------------------------- */

static void episode_open(struct oom_control *oc, u64 now)
{
	episode = (struct episode) {
		.id = episode.id + 1, .oc = oc,
		.trigger = current, .trigger_pid = current->pid,
		.start_ns = now, .kernel_kills = kernel_oom_kills(),
	};
	count(COUNTER_EPISODES);
}

/* Of the open or newest episode; its pointer alone may be another task's by now. */
static bool is_trigger(void)
{
	return READ_ONCE(episode.trigger) == current && episode.trigger_pid == current->pid;
}

/* Opens an episode for a mark whose scope wasn't seen. */
static void episode_guess(u64 now)
{
	/* Left over where the probe was disarmed before its call returned. */
	episode.oc = NULL;
	if (!is_trigger() || now - episode.mark_ns > GUESS_NS) {
		episode_open(NULL, now);
		/* Of a call that killed nobody. */
		stack.nr = 0;
	}
}

static void episode_spent(u64 since)
{
	episode.spent_ns += ktime_get_boottime_ns() - since;
}

/**
 * episode_enter() - out_of_memory() was called
 * @oc: its argument, which stays the kernel's
 * @entry: its address
 *
 * Context: oom_lock held, as for all of an episode.
 */
void episode_enter(struct oom_control *oc, unsigned long entry)
{
	u64 now = ktime_get_boottime_ns();

	episode_open(oc, now);
	if (STACK_ENDS_AT_KRETPROBE)
		stack_save(entry);
	episode_spent(now);
}

/**
 * episode_freed() - the last of the OOM notifiers
 * @freed: the others freed memory, so there may be no kill
 *
 * Context: oom_lock held.
 */
void episode_freed(bool freed)
{
	count(COUNTER_NOTIFICATIONS);
	episode.freed = freed;
}

/**
 * episode_choice() - the kernel is about to kill the task that it chose
 * @oc: with the choice in it
 * @message: what the kernel is going to say in its log
 *
 * Context: oom_lock held; the chosen task's alloc_lock is not.
 */
void episode_choice(const struct oom_control *oc, const char *message)
{
	u64 now = ktime_get_boottime_ns();
	struct task_struct *task;
	struct usage usage;

	if (episode.oc != oc)
		return;
	episode.choice_seen = true;
	episode.allocating_task = strstr(message, "oom_kill_allocating_task");

	rcu_read_lock();
	task = trylock_task_mm(oc->chosen, NULL);
	if (!IS_ERR_OR_NULL(task)) {
		usage = usage_of(task);
		fill_process(&episode.process, task, &usage, oc->totalpages);
		episode.chosen = task->signal;
		unlock_task(task, NULL);
	}
	prepare_candidates(NULL, now);
	rcu_read_unlock();
	episode_spent(now);
}

/*
 * The kernel counts a kill before it marks the victim, so a mark with no new
 * kill is of a task that was dying already. Without the scope or the counters
 * there is no telling.
 */
static bool mark_is_of_dying(void)
{
	u64 kills = kernel_oom_kills() - episode.kernel_kills;
	bool dying = episode.oc && IS_ENABLED(CONFIG_VM_EVENT_COUNTERS) &&
		     kills == episode.kills_seen;

	/* One of them is this mark's; others were of tasks marked before. */
	if (!dying)
		episode.kills_seen++;
	return dying;
}

static u32 victim_flags(struct task_struct *task)
{
	struct mem_cgroup *domain = episode.oc ? episode.oc->memcg : NULL;
	struct mm_struct *mm = task->mm;
	u32 flags = 0;

	rcu_read_lock();
	if (mark_is_of_dying())
		flags |= OOMWATCH_TASK_DYING;
	else if (memcg_kills_group(task, domain))
		flags |= OOMWATCH_TASK_GROUP;
	rcu_read_unlock();
	if (mm_was_shared(mm) && atomic_read(&mm->mm_users) > get_nr_threads(task))
		flags |= OOMWATCH_TASK_SHARES_MM;
	return flags;
}

static void count_victim(u32 flags)
{
	count(COUNTER_VICTIMS);
	count(COUNTER_KIND_UNKNOWN + episode_kind());
	if (flags & OOMWATCH_TASK_DYING)
		count(COUNTER_VICTIMS_DYING);
	if (flags & OOMWATCH_TASK_GROUP)
		count(COUNTER_VICTIMS_GROUP);
}

/**
 * episode_mark() - the kernel marked a task as a victim
 * @task: the task; its mm is stable
 * @caller: where the probe returns to
 *
 * Context: oom_lock held, and mostly @task's alloc_lock, see
 * mm/oom_kill.c: mark_oom_victim(). So no task_lock() of it, nor what takes it.
 */
void episode_mark(struct task_struct *task, unsigned long caller)
{
	u64 now = ktime_get_boottime_ns();
	bool exited;
	u32 flags;

	stack.caller = caller;
	if (!episode.oc || episode.trigger != current)
		episode_guess(now);
	flags = victim_flags(task);
	count_victim(flags);
	exited = victims_add(task, episode.id, now);
	rcu_read_lock();
	if (!episode.victims)
		capture_episode(task, flags & OOMWATCH_TASK_DYING, now);
	capture_victim(task, flags, now);
	/* Until now a panic's report would not find it in the ring. */
	episode.victims++;
	rcu_read_unlock();
	if (exited)
		capture_exit(task, OOMWATCH_EXIT_MM_HELD);
	episode.victim = task->signal;
	episode.victim_mm = task->mm;
	episode.victim_pid = task->pid;
	episode.mark_ns = now;
	episode_spent(now);
}

/**
 * episode_signal() - current sends a SIGKILL
 * @task: to whom
 *
 * Within an episode it is to a task that is marked next, or, after a mark, to one
 * that has the victim's mm: mm/oom_kill.c: __oom_kill_process().
 *
 * Context: task context.
 */
void episode_signal(struct task_struct *task)
{
	struct oomwatch_sharer rec;
	bool shares = false;
	u64 now;

	/* Anybody's SIGKILL comes here. */
	if (!is_trigger() || !episode.oc)
		return;
	now = ktime_get_boottime_ns();
	episode.sent = task->signal;
	if (!adj_setter(task->signal, &episode.setter))
		episode.setter.time_ns = 0;
	if (!episode.victim_mm) {
		episode_spent(now);
		return;
	}
	rcu_read_lock();
	if (task->signal != episode.victim)
		shares = process_has_mm(task, episode.victim_mm);
	rcu_read_unlock();
	if (!shares)
		return;
	count(COUNTER_SHARERS);
	record_init(&rec.head, OOMWATCH_TYPE_SHARER, now, episode.id);
	rec.pid = task->pid;
	rec.tgid = task->tgid;
	rec.victim_pid = episode.victim_pid;
	rec.oom_score_adj = task->signal->oom_score_adj;
	rec.uid = uid_of(task);
	copy_comm(rec.comm, task);
	record_commit(&rec.head);
	episode_spent(now);
}

/* Of the ranking, as many as a panic's report has. */
#define REPORT_TASKS	5

/*
 * From the records that were made with the choice: since then tasks may be gone, and
 * the victim's alloc_lock may be held by who panics.
 */
static void report_candidates(const struct ranking *ranked,
			      void (*show)(const struct oomwatch_head *rec))
{
	const struct oomwatch_head *rec;
	unsigned int i = 0;
	size_t at;

	for (at = 0; at < ranked->batch_used && i < REPORT_TASKS; at += rec->len, i++) {
		rec = (const struct oomwatch_head *)(ranked->batch + at);
		memcpy(&scratch, rec, rec->len);
		record_unpack(&scratch.head);
		show(&scratch.head);
	}
}

/**
 * episode_report() - show what is known of current's open episode, if that has no victim
 * @show: called with each record
 *
 * For a panic by out_of_memory() itself, which leaves no records otherwise.
 *
 * Context: panic. Nothing is waited for.
 * Return: false where there is no such episode.
 */
bool episode_report(void (*show)(const struct oomwatch_head *rec))
{
	/* The other clocks wait for who sets them, which a CPU may have been stopped at. */
	u64 now = ktime_get_boot_fast_ns();
	const struct ranking *ranked;

	if (!is_trigger() || !episode.oc || episode.victims)
		return false;
	rcu_read_lock();
	ranked = need_ranking(NULL, now);
	build_oom(false, ranked, now);
	show(&scratch.head);
	if (ranked) {
		report_candidates(ranked, show);
		build_excluded(&scratch.excluded, ranked, now, episode.id);
		show(&scratch.head);
	}
	rcu_read_unlock();
	return true;
}

/**
 * episode_running() - who is inside out_of_memory()
 *
 * Context: panic.
 * Return: the task's pid, 0 if nobody is known to be.
 */
pid_t episode_running(void)
{
	return READ_ONCE(episode.oc) ? episode.trigger_pid : 0;
}

/* What an episode without a victim came to; in the order of the kernel's tests. */
static enum oomwatch_outcome idle_outcome(const struct oom_control *oc, bool ret)
{
	if (oc->chosen == (void *)-1UL)
		return OOMWATCH_OUTCOME_IN_FLIGHT;
	if (oc->chosen)
		return OOMWATCH_OUTCOME_GONE;
	if (oc->totalpages)
		return OOMWATCH_OUTCOME_NO_VICTIM;
	if (!ret)
		return OOMWATCH_OUTCOME_DISABLED;
	if (episode.freed)
		return OOMWATCH_OUTCOME_FREED;
	if (test_tsk_thread_flag(current, TIF_MEMDIE) && current->mm && !mm_is_reaped(current->mm))
		return OOMWATCH_OUTCOME_REPEATED;
	if (oc->gfp_mask && !(oc->gfp_mask & __GFP_FS))
		return OOMWATCH_OUTCOME_NOFS;
	return OOMWATCH_OUTCOME_UNKNOWN;
}

/**
 * episode_leave() - out_of_memory() returns
 * @ret: what it returns
 *
 * Does nothing where its beginning wasn't seen.
 *
 * Context: oom_lock held.
 */
void episode_leave(bool ret)
{
	u64 now = ktime_get_boottime_ns();
	/* Less than before while the counts of a CPU that goes offline are taken over. */
	s64 kills = max_t(s64, kernel_oom_kills() - episode.kernel_kills, episode.kills_seen);
	enum oomwatch_outcome outcome;

	if (!episode.oc)
		return;
	if (!episode.victims)
		outcome = idle_outcome(episode.oc, ret);
	else
		outcome = episode.kills_seen ? OOMWATCH_OUTCOME_KILLED : OOMWATCH_OUTCOME_DYING;
	count(COUNTER_OUTCOME_UNKNOWN + outcome);
	atomic64_add(kills - episode.kills_seen, &counters[COUNTER_REKILLS]);
	if (episode.victims)
		capture_end(outcome, kills, now);
	episode_spent(now);
	atomic64_add(episode.spent_ns, &counters[COUNTER_CAPTURE_NS_TOTAL]);
	count_max(COUNTER_CAPTURE_NS_MAX, episode.spent_ns);
	episode.oc = NULL;
	episode.trigger = NULL;
}
