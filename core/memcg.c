// SPDX-License-Identifier: GPL-2.0
/*
 * Memory cgroups: limits, groups and paths. Built with CONFIG_MEMCG only; without it memcg.h has
 * stubs.
 */

#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/irq_work.h>
#include <linux/limits.h>
#include <linux/memcontrol.h>
#include <linux/minmax.h>
#include <linux/page_counter.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "internal.h"

/* --- limits --------------------------------------------------------------- */

static u64 limit_of(unsigned long counter_max)
{
	return counter_max == PAGE_COUNTER_MAX ? OOMWATCH_NO_LIMIT : counter_max;
}

/**
 * memcg_use() - read what a cgroup uses, and its limits
 * @memcg: the cgroup
 *
 * Context: any; @memcg is held, or within rcu_read_lock().
 */
struct memcg_use memcg_use(struct mem_cgroup *memcg)
{
	return (struct memcg_use) {
		.known = true,
		.memory = page_counter_read(&memcg->memory),
		.memory_max = READ_ONCE(memcg->memory.max),
		.memsw = page_counter_read(&memcg->memsw),
		.memsw_max = READ_ONCE(memcg->memsw.max),
	};
}

/**
 * memcg_fill() - put usage and limits of a cgroup into an episode's record
 * @rec: the record, with these fields unknown
 * @memcg: the cgroup whose limit was hit
 * @use: its usage and limits
 *
 * Context: any; @memcg is held, or within rcu_read_lock().
 */
void memcg_fill(struct oomwatch_oom *rec, struct mem_cgroup *memcg, const struct memcg_use *use)
{
	rec->memcg_usage = use->memory;
	rec->memcg_limit = limit_of(use->memory_max);
	rec->memcg_failcnt = counter_failcnt(&memcg->memory);
	if (memcg_on_v2(memcg)) {
		rec->memcg_high = limit_of(READ_ONCE(memcg->memory.high));
		rec->memcg_swap_usage = page_counter_read(&memcg->swap);
		rec->memcg_swap_limit = limit_of(READ_ONCE(memcg->swap.max));
	} else if (use->memsw) {
		/* With swapaccount=0 the kernel counts nothing there. */
		rec->memcg_memsw_usage = use->memsw;
		rec->memcg_memsw_limit = limit_of(use->memsw_max);
	}
}

/* What CPUs may have charged in advance, in pages. */
static unsigned long charged_ahead(void)
{
	return MEMCG_CHARGE_BATCH * num_online_cpus();
}

/**
 * memcg_has_room() - whether a cgroup is below its limit
 * @memcg: the cgroup whose limit was hit
 * @use: its usage and limits
 *
 * By more than what the CPUs may have charged ahead, as they may give that back. The rest is
 * mm/memcontrol.c: mem_cgroup_margin().
 *
 * Context: any; @memcg is held, or within rcu_read_lock().
 */
bool memcg_has_room(struct mem_cgroup *memcg, const struct memcg_use *use)
{
	unsigned long ahead = charged_ahead();

	if (use->memory + ahead >= use->memory_max)
		return false;
	return memcg_on_v2(memcg) || use->memsw + ahead < use->memsw_max;
}

/**
 * memcg_hit_memsw() - whether the limit of memory and swap together was hit (cgroup v1)
 * @rec: filled in by memcg_fill()
 *
 * If it leaves room, a full limit of memory alone makes the kernel swap, and not kill.
 *
 * Context: any.
 */
bool memcg_hit_memsw(const struct oomwatch_oom *rec)
{
	if (rec->memcg_memsw_usage == OOMWATCH_UNKNOWN_U64 ||
	    rec->memcg_memsw_limit <= rec->memcg_limit)
		return false;
	return rec->memcg_memsw_usage + charged_ahead() >= rec->memcg_memsw_limit;
}

/**
 * memcg_max_pages() - the totalpages of an OOM at a cgroup's limit
 * @memcg: the cgroup
 * @total_swap: swap space, in pages
 *
 * As mm/memcontrol.c: mem_cgroup_get_max(), but assumes that vm.swappiness, which is not
 * exported, is more than 0.
 *
 * Context: any.
 * Return: pages; at least 1.
 */
unsigned long memcg_max_pages(struct mem_cgroup *memcg, unsigned long total_swap)
{
	return (READ_ONCE(memcg->memory.max) + min(READ_ONCE(memcg->swap.max), total_swap)) ?: 1;
}

/**
 * memcg_kills_group() - whether a victim takes its whole cgroup with it
 * @task: the victim
 * @oc: the kernel's, or NULL if it is not known
 *
 * By the rules of mm/memcontrol.c: mem_cgroup_get_oom_group(). Of the cgroups above the victim's,
 * those up to the one at its limit count. If that is not known, only the victim's own does.
 *
 * Context: rcu_read_lock().
 */
bool memcg_kills_group(struct task_struct *task, const struct oom_control *oc)
{
	struct mem_cgroup *memcg = memcg_of_task(task);
	bool group = false;

	if (!memcg || !memcg_on_v2(memcg))
		return false;
	if (oc && oc->memcg && !mem_cgroup_is_descendant(memcg, oc->memcg))
		return false;
	for (; memcg; memcg = parent_mem_cgroup(memcg)) {
		group |= READ_ONCE(memcg->oom_group);
		if (!oc || memcg == oc->memcg)
			break;
	}
	return group;
}

/* --- the cgroup at its limit, and its children ---------------------------- */

/**
 * memcg_root() - the root of the hierarchy that current is in
 *
 * Context: rcu_read_lock().
 * Return: the root cgroup, or NULL without memory cgroups.
 */
struct mem_cgroup *memcg_root(void)
{
	struct mem_cgroup *memcg = memcg_of_task(current), *parent;

	while (memcg && (parent = parent_mem_cgroup(memcg)))
		memcg = parent;
	return memcg;
}

/* The most children to look at, so that a kill's work has an end. */
#define SEEN_MAX	1024

/* Keeps a child if it is one of the largest, and uses memory at all. */
static void children_keep(struct children *children, struct mem_cgroup *child, u64 usage)
{
	unsigned int at = children->nr;

	if (!usage)
		return;
	if (at == children->max) {
		if (!at || usage <= children->usage_of[at - 1])
			return;
		at--;
	} else {
		children->nr++;
	}
	for (; at && usage > children->usage_of[at - 1]; at--) {
		children->largest[at] = children->largest[at - 1];
		children->usage_of[at] = children->usage_of[at - 1];
	}
	children->largest[at] = child;
	children->usage_of[at] = usage;
}

/**
 * memcg_find_children() - find the largest direct children of a cgroup
 * @children: where to, with max set
 * @memcg: the cgroup
 *
 * A child that was removed is still a child as long as memory is charged to it.
 *
 * Context: rcu_read_lock().
 */
void memcg_find_children(struct children *children, struct mem_cgroup *memcg)
{
	struct cgroup_subsys_state *css;
	u64 usage;

	children->nr = 0;
	children->seen = 0;
	children->unseen = 0;
	children->usage = 0;
	/* As css_next_child(), which isn't exported: RCU frees a child after it was unlinked. */
	list_for_each_entry_rcu(css, &memcg->css.children, sibling) {
		if (children->seen == SEEN_MAX) {
			children->unseen = OOMWATCH_UNKNOWN_U32;
			break;
		}
		usage = page_counter_read(&mem_cgroup_from_css(css)->memory);
		children->seen++;
		children->usage += usage;
		children_keep(children, mem_cgroup_from_css(css), usage);
	}
}

static void memcg_fill_events(struct oomwatch_memcg *rec, struct mem_cgroup *memcg)
{
	const atomic_long_t *events = memcg->memory_events;

	rec->events_low = atomic_long_read(&events[MEMCG_LOW]);
	rec->events_high = atomic_long_read(&events[MEMCG_HIGH]);
	rec->events_max = atomic_long_read(&events[MEMCG_MAX]);
	rec->events_oom = atomic_long_read(&events[MEMCG_OOM]);
	rec->events_oom_kill = atomic_long_read(&events[MEMCG_OOM_KILL]);
	rec->swap_events_max = atomic_long_read(&events[MEMCG_SWAP_MAX]);
	rec->swap_events_fail = atomic_long_read(&events[MEMCG_SWAP_FAIL]);
	rec->min = READ_ONCE(memcg->memory.min);
	rec->low = READ_ONCE(memcg->memory.low);
}

static void memcg_fill_v1(struct oomwatch_memcg *rec, struct mem_cgroup *memcg)
{
	struct page_counter *kmem = KMEM_OF(memcg);

	rec->memsw_failcnt = counter_failcnt(&memcg->memsw);
	if (!kmem)
		return;
	rec->kmem_usage = page_counter_read(kmem);
	rec->kmem_limit = limit_of(READ_ONCE(kmem->max));
	rec->kmem_failcnt = counter_failcnt(kmem);
}

/**
 * memcg_build() - build the record of the cgroup at its limit
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @memcg: the cgroup; the root has neither a usage nor a limit
 * @children: its children
 * @now: the record's time
 * @oom: the episode
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void memcg_build(struct oomwatch_memcg *rec, struct mem_cgroup *memcg,
		 const struct children *children, u64 now, u64 oom)
{
	record_init(&rec->head, OOMWATCH_TYPE_MEMCG, now, oom);
	rec->children = children->seen;
	rec->children_unseen = children->unseen;
	rec->children_usage = children->usage;
	if (memcg_on_v2(memcg)) {
		rec->children_min = atomic_long_read(&memcg->memory.children_min_usage);
		rec->children_low = atomic_long_read(&memcg->memory.children_low_usage);
	}
	pressure_of_cgroup(&rec->pressure, memcg->css.cgroup);
	if (!parent_mem_cgroup(memcg))
		return;
	memstat_fill(rec, memcg);
	if (memcg_on_v2(memcg))
		memcg_fill_events(rec, memcg);
	else
		memcg_fill_v1(rec, memcg);
}

/**
 * memcg_build_child() - build the record of a child
 * @rec: OOMWATCH_RECORD_MAX bytes
 * @child: the child
 * @path_buf: PATH_MAX bytes
 * @now: the record's time
 * @oom: the episode
 *
 * Context: rcu_read_lock(), oom_lock held.
 */
void memcg_build_child(struct oomwatch_child *rec, struct mem_cgroup *child, char *path_buf,
		       u64 now, u64 oom)
{
	static struct oomwatch_memcg all;	/* too large for the stack */

	memstat_fill_few(&all, child);
	record_init(&rec->head, OOMWATCH_TYPE_CHILD, now, oom);
	rec->usage = all.usage;
	rec->limit = limit_of(READ_ONCE(child->memory.max));
	rec->anon = all.anon;
	rec->file = all.file;
	rec->kernel = all.kernel;
	rec->sock = all.sock;
	rec->shmem = all.shmem;
	memcg_append(&rec->head, &rec->memcg, &rec->memcg_id, child, path_buf);
}

/* --- a cgroup by its path ------------------------------------------------- */

/**
 * memcg_get_by_path() - find a memory cgroup by its path in the v2 hierarchy
 * @path: as in /proc/PID/cgroup
 *
 * Refuses a cgroup without a limit of its own, which can't run out of memory by itself.
 *
 * Context: task context, may sleep.
 * Return: the cgroup, for memcg_put(); -ENOENT: there is no such cgroup; -EOPNOTSUPP: the memory
 * controller is not enabled for it; -ENODATA: it has no limit.
 */
struct mem_cgroup *memcg_get_by_path(const char *path)
{
	struct cgroup *cgrp = cgroup_get_from_path(path);
	struct cgroup_subsys_state *css;
	struct mem_cgroup *memcg;

	if (IS_ERR(cgrp))
		return ERR_CAST(cgrp);
	rcu_read_lock();
	css = rcu_dereference(cgrp->subsys[memory_cgrp_id]);
	if (css && !css_tryget_online(css))
		css = NULL;
	rcu_read_unlock();
	cgroup_put(cgrp);
	if (!css)
		return ERR_PTR(-EOPNOTSUPP);
	memcg = mem_cgroup_from_css(css);
	if (READ_ONCE(memcg->memory.max) != PAGE_COUNTER_MAX)
		return memcg;
	css_put(css);
	return ERR_PTR(-ENODATA);
}

/**
 * memcg_put() - drop the reference of memcg_get_by_path()
 * @memcg: the cgroup
 *
 * Context: any.
 */
void memcg_put(struct mem_cgroup *memcg)
{
	css_put(&memcg->css);
}

/* --- paths that are made late --------------------------------------------- */

/*
 * A cgroup of a v1 hierarchy may be renamed, so its path can only be made under a lock that the
 * kill path must not wait for (on PREEMPT_RT it sleeps). The kill path takes a reference on the
 * cgroup instead, a worker makes the path, and readers find the path by the cgroup's id.
 */
#define NR_PATHS	128
#define PATH_KEPT	240	/* bytes; a longer path loses its beginning */

struct late_path {
	u64 id;					/* of the cgroup; 0: not in use */
	struct cgroup_subsys_state *css;	/* referenced until the path is made */
	u16 len;
	char path[PATH_KEPT];
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	unsigned int next;	/* the oldest, to be replaced next */
	struct late_path slot[NR_PATHS];
} late = { .lock = __RAW_SPIN_LOCK_UNLOCKED(late.lock) };

/* A slot whose path isn't made yet, or NULL. */
static struct late_path *late_pending(void)
{
	unsigned int i;

	lockdep_assert_held(&late.lock);
	for (i = 0; i < NR_PATHS; i++)
		if (late.slot[i].css)
			return &late.slot[i];
	return NULL;
}

static void late_finish(struct late_path *slot, const char *path)
{
	size_t len = strlen(path);

	lockdep_assert_held(&late.lock);
	if (len > PATH_KEPT) {
		count(COUNTER_STRINGS_TRUNCATED);
		path += len - PATH_KEPT;
		len = PATH_KEPT;
	}
	memcpy(slot->path, path, len);
	slot->len = len;
	slot->css = NULL;
}

static void late_work_fn(struct work_struct *work)
{
	static char buf[PATH_MAX];	/* the worker's alone */
	struct cgroup_subsys_state *css;
	struct late_path *slot;

	for (;;) {
		raw_spin_lock_irq(&late.lock);
		slot = late_pending();
		css = slot ? slot->css : NULL;
		raw_spin_unlock_irq(&late.lock);
		if (!slot)
			return;
		if (cgroup_path(css->cgroup, buf, sizeof(buf)) < 0)
			*buf = '\0';
		/* The slot still has this css: late_want() doesn't replace a pending slot. */
		raw_spin_lock_irq(&late.lock);
		late_finish(slot, buf);
		raw_spin_unlock_irq(&late.lock);
		css_put(css);
	}
}

static DECLARE_WORK(late_work, late_work_fn);

static void late_queue(struct irq_work *work)
{
	work_start(&late_work);
}

static DEFINE_IRQ_WORK(late_irq_work, late_queue);

static struct late_path *late_find(u64 id)
{
	unsigned int i;

	lockdep_assert_held(&late.lock);
	for (i = 0; i < NR_PATHS; i++)
		if (late.slot[i].id == id)
			return &late.slot[i];
	return NULL;
}

/* Asks the worker for a cgroup's path, for a record being built. Context: rcu_read_lock(). */
static void late_want(struct cgroup_subsys_state *css, u64 id)
{
	struct late_path *slot;
	unsigned long flags;

	raw_spin_lock_irqsave(&late.lock, flags);
	if (late_find(id))
		goto out;
	slot = &late.slot[late.next];
	/* If the slot is pending or the cgroup gone, this path is lost; else the slot's is. */
	if (slot->css || !css_tryget(css)) {
		count(COUNTER_PATHS_FORGOTTEN);
		goto out;
	}
	if (slot->id)
		count(COUNTER_PATHS_FORGOTTEN);
	slot->id = id;
	slot->len = 0;
	slot->css = css;
	late.next = (late.next + 1) % NR_PATHS;
	irq_work_queue(&late_irq_work);
out:
	raw_spin_unlock_irqrestore(&late.lock, flags);
}

/**
 * memcg_wait() - wait until the worker has made all paths asked for
 *
 * Context: task context, may sleep.
 */
void memcg_wait(void)
{
	irq_work_sync(&late_irq_work);
	flush_work(&late_work);
}

/*
 * Appends a cgroup's path to a record that has its id but no path. Returns false if there is
 * no path yet.
 */
static bool late_complete(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 id)
{
	char path[PATH_KEPT];
	struct late_path *slot;
	size_t len = 0;

	if (ref->off || id == OOMWATCH_UNKNOWN_U64)
		return true;
	raw_spin_lock_irq(&late.lock);
	slot = late_find(id);
	if (slot) {
		len = slot->len;
		memcpy(path, slot->path, len);
	}
	raw_spin_unlock_irq(&late.lock);
	if (len)
		record_append(rec, ref, path, len);
	return len;
}

/**
 * memcg_complete() - append the paths that the worker made to a record
 * @rec: the record, unpacked, in OOMWATCH_RECORD_MAX bytes of memory
 *
 * Context: task context.
 * Return: false if there is no path yet for a cgroup of the record.
 */
bool memcg_complete(struct oomwatch_head *rec)
{
	struct oomwatch_process *process = &((struct oomwatch_task *)rec)->process;
	struct oomwatch_child *child = (struct oomwatch_child *)rec;
	struct oomwatch_oom *oom = (struct oomwatch_oom *)rec;

	switch (rec->type) {
	case OOMWATCH_TYPE_OOM:
		return late_complete(rec, &oom->memcg, oom->memcg_id) &
		       late_complete(rec, &oom->trigger_memcg, oom->trigger_memcg_id);
	case OOMWATCH_TYPE_TASK:
	case OOMWATCH_TYPE_PROTECTED:
	case OOMWATCH_TYPE_VICTIM:
		return late_complete(rec, &process->memcg, process->memcg_id);
	case OOMWATCH_TYPE_CHILD:
		return late_complete(rec, &child->memcg, child->memcg_id);
	default:
		return true;
	}
}

/* --- paths ---------------------------------------------------------------- */

/*
 * Writes the path of a cgroup to the end of @buf and returns its first byte. A path
 * that is too long loses its beginning, and then doesn't begin with a slash.
 *
 * kernfs_path() takes a lock that sleeps on PREEMPT_RT, and that a stopped CPU may hold
 * in a panic. A cgroup of the v2 hierarchy is never renamed, its kernfs node lives as
 * long as the cgroup, and it holds a reference on its parent. So its names can be
 * followed without a lock. For a v1 cgroup this returns NULL.
 *
 * Context: rcu_read_lock().
 */
static char *path_nowait(struct cgroup *cgrp, char *buf, size_t size)
{
	char *begin = buf + size;
	struct cgroup *parent;

	if (!cgroup_on_v2(cgrp))
		return NULL;
	if (!cgroup_parent(cgrp))
		*--begin = '/';
	for (; (parent = cgroup_parent(cgrp)); cgrp = parent) {
		const char *name = (__force const char *)cgrp->kn->name;
		size_t len = strlen(name);

		if (len + 1 > begin - buf)
			return begin + 1;
		begin -= len;
		memcpy(begin, name, len);
		*--begin = '/';
	}
	return begin;
}

/**
 * memcg_append() - put a cgroup's id and path into a record
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @ref: set to the path, or to unknown
 * @id: set to the id, or to unknown
 * @memcg: the cgroup, or NULL
 * @buf: PATH_MAX bytes
 *
 * Context: any but NMI; rcu_read_lock().
 */
void memcg_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 *id,
		  struct mem_cgroup *memcg, char *buf)
{
	struct cgroup *cgrp;
	char *path;

	*id = OOMWATCH_UNKNOWN_U64;
	*ref = (struct oomwatch_ref) { };
	if (!memcg)
		return;
	cgrp = memcg->css.cgroup;
	path = path_nowait(cgrp, buf, PATH_MAX);
	*id = cgroup_id(cgrp);
	if (!path) {
		if (!oops_in_progress)
			late_want(&memcg->css, *id);
		return;
	}
	if (*path != '/')
		count(COUNTER_STRINGS_TRUNCATED);
	record_append(rec, ref, path, buf + PATH_MAX - path);
}
