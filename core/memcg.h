/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory cgroups, with stubs for kernels that have none. Functions that the walk over all
 * processes calls are inline.
 */
#ifndef OOMWATCH_MEMCG_H
#define OOMWATCH_MEMCG_H

#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../oomwatch.h"

#ifdef CONFIG_MEMCG
void memcg_fill(struct oomwatch_oom *rec, struct mem_cgroup *memcg);
void memcg_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 *id,
		  struct mem_cgroup *memcg, char *buf);
bool memcg_kills_group(struct task_struct *task, struct mem_cgroup *domain);
unsigned long memcg_max_pages(struct mem_cgroup *memcg, unsigned long total_swap);
struct mem_cgroup *memcg_get_by_path(const char *path);
void memcg_put(struct mem_cgroup *memcg);
bool memcg_complete(struct oomwatch_head *rec);
void memcg_wait(void);

/* Context: rcu_read_lock(). May return NULL. */
static inline struct mem_cgroup *memcg_of_task(struct task_struct *task)
{
	return mem_cgroup_disabled() ? NULL : mem_cgroup_from_task(task);
}

/* Tasks with the same css_set are in the same memory cgroup. Context: rcu_read_lock(). */
static inline const void *memcg_cgroups_of(struct task_struct *task)
{
	return rcu_access_pointer(task->cgroups);
}

/* Context: rcu_read_lock(). @memcg may be NULL. */
static inline bool memcg_is_within(struct mem_cgroup *memcg, struct mem_cgroup *root)
{
	return memcg && mem_cgroup_is_descendant(memcg, root);
}

#else

static inline void memcg_fill(struct oomwatch_oom *rec, struct mem_cgroup *memcg)
{
}

static inline void memcg_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 *id,
				struct mem_cgroup *memcg, char *buf)
{
	*ref = (struct oomwatch_ref) { };
	*id = OOMWATCH_UNKNOWN_U64;
}

static inline bool memcg_kills_group(struct task_struct *task, struct mem_cgroup *domain)
{
	return false;
}

static inline unsigned long memcg_max_pages(struct mem_cgroup *memcg, unsigned long total_swap)
{
	return 0;
}

static inline struct mem_cgroup *memcg_get_by_path(const char *path)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void memcg_put(struct mem_cgroup *memcg)
{
}

static inline bool memcg_complete(struct oomwatch_head *rec)
{
	return true;
}

static inline void memcg_wait(void)
{
}

static inline struct mem_cgroup *memcg_of_task(struct task_struct *task)
{
	return NULL;
}

static inline const void *memcg_cgroups_of(struct task_struct *task)
{
	return NULL;
}

static inline bool memcg_is_within(struct mem_cgroup *memcg, struct mem_cgroup *root)
{
	return false;
}

#endif /* CONFIG_MEMCG */

#endif /* OOMWATCH_MEMCG_H */
