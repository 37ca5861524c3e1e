// SPDX-License-Identifier: GPL-2.0
/*
 * Pressure: how long tasks had to wait for memory, as the kernel's PSI has it: Documentation/
 * accounting/psi.rst. A read of the kernel's own files sums up the CPUs under a mutex. Here only
 * the last sums are read, which are two seconds old at most while there is pressure.
 */

#include <linux/cgroup.h>
#include <linux/minmax.h>
#include <linux/psi_types.h>
#include <linux/rculist.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/loadavg.h>

#include "compat.h"
#include "internal.h"

#if defined(CONFIG_PSI) && defined(CONFIG_CGROUPS)

/* A percentage in fixed point, as basis points. */
static u32 basis_points(unsigned long avg)
{
	return LOAD_INT(avg) * 100 + LOAD_FRAC(avg);
}

/* @group may be NULL. */
static void pressure_fill(struct oomwatch_pressure *to, const struct psi_group *group)
{
	u64 updated;

	if (!group || !group->pcpu || !PSI_IS_ON(group))
		return;
	to->some_avg10 = basis_points(READ_ONCE(group->avg[PSI_MEM_SOME][0]));
	to->full_avg10 = basis_points(READ_ONCE(group->avg[PSI_MEM_FULL][0]));
	to->some_total = READ_ONCE(group->total[PSI_AVGS][PSI_MEM_SOME]);
	to->full_total = READ_ONCE(group->total[PSI_AVGS][PSI_MEM_FULL]);
	updated = READ_ONCE(group->avg_last_update);
	/* The clocks of two CPUs may differ a little. */
	to->age = max_t(s64, sched_clock() - updated, 0);
}

#ifdef HAVE_PSI_PARENT
/*
 * The machine's group isn't exported, but it is the parent of all others. The root cgroup has none
 * of its own; then any child leads to it.
 */
static const struct psi_group *group_of_machine(void)
{
	const struct psi_group *group = CGROUP_PSI(task_dfl_cgroup(current));
	struct cgroup_subsys_state *child;

	if (!group) {
		child = list_first_or_null_rcu(&cgrp_dfl_root.cgrp.self.children,
					       struct cgroup_subsys_state, sibling);
		group = child ? CGROUP_PSI(child->cgroup) : NULL;
	}
	while (group && group->parent)
		group = group->parent;
	return group;
}
#else
static const struct psi_group *group_of_machine(void)
{
	return NULL;
}
#endif

/**
 * pressure_of_machine() - put the machine's pressure into a record
 * @to: a part of the record, unknown
 *
 * Context: rcu_read_lock().
 */
void pressure_of_machine(struct oomwatch_pressure *to)
{
	pressure_fill(to, group_of_machine());
}

/**
 * pressure_of_cgroup() - put a cgroup's pressure into a record
 * @to: a part of the record, unknown
 * @cgrp: the cgroup
 *
 * Of a cgroup of v1 it stays unknown: the kernel has a group for it, but accounts no task there
 * (kernel/sched/psi.c: task_psi_group()).
 *
 * Context: rcu_read_lock().
 */
void pressure_of_cgroup(struct oomwatch_pressure *to, struct cgroup *cgrp)
{
	if (cgroup_on_v2(cgrp) && cgroup_parent(cgrp))
		pressure_fill(to, CGROUP_PSI(cgrp));
}

#else

void pressure_of_machine(struct oomwatch_pressure *to)
{
}

void pressure_of_cgroup(struct oomwatch_pressure *to, struct cgroup *cgrp)
{
}

#endif
