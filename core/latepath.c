// SPDX-License-Identifier: GPL-2.0
/*
 * Late paths: of cgroups of the v1 hierarchies, which may be renamed, a path can only
 * be made under a lock that the kill path must not wait for (on PREEMPT_RT it
 * sleeps). So there the cgroup is held, a worker makes the path, and readers put it
 * into the record by the cgroup's id.
 */

#include <linux/cgroup.h>
#include <linux/irq_work.h>
#include <linux/limits.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "internal.h"

#define NR_PATHS	128
#define PATH_KEPT	240	/* bytes; of a longer one, the end */

#ifdef CONFIG_MEMCG
struct late_path {
	u64 id;					/* of the cgroup; 0: not in use */
	struct cgroup_subsys_state *css;	/* held, until there is a path */
	u16 len;
	char path[PATH_KEPT];
};

static struct {
	raw_spinlock_t lock;	/* guards the rest; interrupts off, any context but NMI */
	unsigned int next;	/* the oldest, to be replaced next */
	struct late_path slot[NR_PATHS];
} late = { .lock = __RAW_SPIN_LOCK_UNLOCKED(late.lock) };

/* One that waits for its path. */
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
		/* Nobody else takes it away: what is pending is not replaced. */
		raw_spin_lock_irq(&late.lock);
		late_finish(slot, buf);
		raw_spin_unlock_irq(&late.lock);
		css_put(css);
	}
}

static DECLARE_WORK(late_work, late_work_fn);

static void late_queue(struct irq_work *work)
{
	schedule_work(&late_work);
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

/**
 * late_path_want() - a record is made that will want a cgroup's path
 * @css: of the cgroup
 * @id: the cgroup's
 *
 * Context: any but NMI; rcu_read_lock().
 */
void late_path_want(struct cgroup_subsys_state *css, u64 id)
{
	struct late_path *slot;
	unsigned long flags;

	raw_spin_lock_irqsave(&late.lock, flags);
	if (late_find(id))
		goto out;
	slot = &late.slot[late.next];
	/* Of another cgroup, or of this one, if all are pending. */
	if (slot->id)
		count(COUNTER_PATHS_FORGOTTEN);
	if (slot->css || !css_tryget(css))
		goto out;
	slot->id = id;
	slot->len = 0;
	slot->css = css;
	late.next = (late.next + 1) % NR_PATHS;
	irq_work_queue(&late_irq_work);
out:
	raw_spin_unlock_irqrestore(&late.lock, flags);
}

/**
 * late_path_wait() - wait for the paths that are wanted
 *
 * Context: task context, may sleep.
 */
void late_path_wait(void)
{
	irq_work_sync(&late_irq_work);
	flush_work(&late_work);
}

/*
 * Puts a path in, where the cgroup is known and its path isn't. Returns false where it
 * still isn't.
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
#else
void late_path_want(struct cgroup_subsys_state *css, u64 id)
{
}

void late_path_wait(void)
{
}

static bool late_complete(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 id)
{
	return true;
}
#endif /* CONFIG_MEMCG */

/**
 * late_path_complete() - put the paths that were made late into a record
 * @rec: the record, unpacked, in OOMWATCH_RECORD_MAX bytes of memory
 *
 * Context: task context.
 * Return: false where one that is wanted isn't made yet.
 */
bool late_path_complete(struct oomwatch_head *rec)
{
	struct oomwatch_process *process = &((struct oomwatch_task *)rec)->process;
	struct oomwatch_oom *oom = (struct oomwatch_oom *)rec;

	switch (rec->type) {
	case OOMWATCH_TYPE_OOM:
		return late_complete(rec, &oom->memcg, oom->memcg_id) &
		       late_complete(rec, &oom->trigger_memcg, oom->trigger_memcg_id);
	case OOMWATCH_TYPE_TASK:
	case OOMWATCH_TYPE_VICTIM:
		return late_complete(rec, &process->memcg, process->memcg_id);
	default:
		return true;
	}
}
