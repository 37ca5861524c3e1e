/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory cgroups, with stubs for kernels that have none. Functions that the walk over all
 * processes calls are inline.
 */
#ifndef OOMWATCH_MEMCG_H
#define OOMWATCH_MEMCG_H

#include <linux/err.h>
#include <linux/memcontrol.h>
#include <linux/oom.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "../oomwatch.h"

#define CHILDREN_MAX	64	/* upper bound of the knob children */

/**
 * struct children - direct children of a cgroup
 * @max: the most to keep
 * @nr: how many were kept
 * @seen: how many were looked at
 * @unseen: 0, or unknown if some were not
 * @usage: memory that those looked at use, in pages
 * @largest: the ones kept, the largest first; good until rcu_read_unlock()
 * @usage_of: what each of these uses
 */
struct children {
	unsigned int max;
	unsigned int nr;
	unsigned int seen;
	unsigned int unseen;
	u64 usage;
	struct mem_cgroup *largest[CHILDREN_MAX];
	u64 usage_of[CHILDREN_MAX];
};

/**
 * struct memcg_use - usage and limits of a cgroup at one moment, in pages
 * @known: they were read
 * @memory: what it uses
 * @memory_max: its limit of that; PAGE_COUNTER_MAX: none
 * @memsw: cgroup v1: memory and swap together
 * @memsw_max: cgroup v1: its limit of that
 */
struct memcg_use {
	bool known;
	unsigned long memory, memory_max;
	unsigned long memsw, memsw_max;
};

#ifdef CONFIG_CGROUPS
static inline bool cgroup_on_v2(const struct cgroup *cgrp)
{
	return cgrp->root == &cgrp_dfl_root;
}
#endif

#ifdef CONFIG_MEMCG
static inline bool memcg_on_v2(struct mem_cgroup *memcg)
{
	return cgroup_on_v2(memcg->css.cgroup);
}

void memstat_init(void);
bool memstat_known(void);
void memstat_begin(void);
void memstat_fill(struct oomwatch_memcg *rec, struct mem_cgroup *memcg);
void memstat_fill_few(struct oomwatch_memcg *rec, struct mem_cgroup *memcg);
struct mem_cgroup *memcg_root(void);
void memcg_find_children(struct children *children, struct mem_cgroup *memcg);
void memcg_build(struct oomwatch_memcg *rec, struct mem_cgroup *memcg,
		 const struct children *children, u64 now, u64 oom);
void memcg_build_child(struct oomwatch_child *rec, struct mem_cgroup *child, char *path_buf,
		       u64 now, u64 oom);
struct memcg_use memcg_use(struct mem_cgroup *memcg);
void memcg_fill(struct oomwatch_oom *rec, struct mem_cgroup *memcg, const struct memcg_use *use);
void memcg_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 *id,
		  struct mem_cgroup *memcg, char *buf);
bool memcg_kills_group(struct task_struct *task, const struct oom_control *oc);
bool memcg_has_room(struct mem_cgroup *memcg, const struct memcg_use *use);
bool memcg_hit_memsw(const struct oomwatch_oom *rec);
unsigned long memcg_max_pages(struct mem_cgroup *memcg, unsigned long total_swap);
struct mem_cgroup *memcg_get_by_path(const char *path);
void memcg_put(struct mem_cgroup *memcg);
bool memcg_complete(struct oomwatch_head *rec);
void memcg_wait(void);

/* As in records: the inode number of its directory. */
static inline u64 memcg_id_of(struct mem_cgroup *memcg)
{
	return cgroup_id(memcg->css.cgroup);
}

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

static inline void memstat_init(void)
{
}

static inline bool memstat_known(void)
{
	return false;
}

static inline void memstat_begin(void)
{
}

static inline struct mem_cgroup *memcg_root(void)
{
	return NULL;
}

static inline void memcg_find_children(struct children *children, struct mem_cgroup *memcg)
{
}

static inline void memcg_build(struct oomwatch_memcg *rec, struct mem_cgroup *memcg,
			       const struct children *children, u64 now, u64 oom)
{
}

static inline void memcg_build_child(struct oomwatch_child *rec, struct mem_cgroup *child,
				     char *path_buf, u64 now, u64 oom)
{
}

static inline struct memcg_use memcg_use(struct mem_cgroup *memcg)
{
	return (struct memcg_use) { };
}

static inline void memcg_fill(struct oomwatch_oom *rec, struct mem_cgroup *memcg,
			      const struct memcg_use *use)
{
}

static inline void memcg_append(struct oomwatch_head *rec, struct oomwatch_ref *ref, u64 *id,
				struct mem_cgroup *memcg, char *buf)
{
	*ref = (struct oomwatch_ref) { };
	*id = OOMWATCH_UNKNOWN_U64;
}

static inline bool memcg_kills_group(struct task_struct *task, const struct oom_control *oc)
{
	return false;
}

static inline bool memcg_has_room(struct mem_cgroup *memcg, const struct memcg_use *use)
{
	return false;
}

static inline bool memcg_hit_memsw(const struct oomwatch_oom *rec)
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

static inline u64 memcg_id_of(struct mem_cgroup *memcg)
{
	return 0;
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
