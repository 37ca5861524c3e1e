/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names that text has for values in records, for the module and for programs. Include it
 * in one source file, after oomwatch.h and a header that defines static_assert().
 */
#ifndef OOMWATCH_NAMES_H
#define OOMWATCH_NAMES_H

#include "form.h"

static const char * const type_names[] = {
	[OOMWATCH_TYPE_NONE] = "none",
	[OOMWATCH_TYPE_START] = "start",
	[OOMWATCH_TYPE_LOST] = "lost",
	[OOMWATCH_TYPE_OOM] = "oom",
	[OOMWATCH_TYPE_ZONE] = "zone",
	[OOMWATCH_TYPE_VICTIM] = "victim",
	[OOMWATCH_TYPE_TASK] = "task",
	[OOMWATCH_TYPE_STACK] = "stack",
	[OOMWATCH_TYPE_END] = "end",
	[OOMWATCH_TYPE_REAP] = "reap",
	[OOMWATCH_TYPE_EXIT] = "exit",
	[OOMWATCH_TYPE_MEMINFO] = "meminfo",
	[OOMWATCH_TYPE_ADJ] = "adj",
	[OOMWATCH_TYPE_EXCLUDED] = "excluded",
	[OOMWATCH_TYPE_SHARER] = "sharer",
	[OOMWATCH_TYPE_MEMCG] = "memcg",
	[OOMWATCH_TYPE_CHILD] = "child",
	[OOMWATCH_TYPE_PROTECTED] = "protected",
	[OOMWATCH_TYPE_CMDLINE] = "cmdline",
	[OOMWATCH_TYPE_NODE] = "node",
	[OOMWATCH_TYPE_RECLAIM] = "reclaim",
	[OOMWATCH_TYPE_CALLS] = "calls",
};

static const char * const kind_names[] = {
	[OOMWATCH_KIND_UNKNOWN] = "-",
	[OOMWATCH_KIND_GLOBAL] = "global",
	[OOMWATCH_KIND_MEMCG] = "memcg",
	[OOMWATCH_KIND_CPUSET] = "cpuset",
	[OOMWATCH_KIND_MEMPOLICY] = "mempolicy",
};

static const char * const trigger_names[] = {
	[OOMWATCH_TRIGGER_UNKNOWN] = "-",
	[OOMWATCH_TRIGGER_ALLOC] = "alloc",
	[OOMWATCH_TRIGGER_MEMCG] = "memcg",
	[OOMWATCH_TRIGGER_SYSRQ] = "sysrq",
	[OOMWATCH_TRIGGER_KSWAPD] = "kswapd",
	[OOMWATCH_TRIGGER_MEMORY_MAX] = "memory_max",
};

/* As the kernel's oom-kill: line has them. */
static const char * const constraint_names[] = {
	[OOMWATCH_CONSTRAINT_UNKNOWN] = "-",
	[OOMWATCH_CONSTRAINT_NONE] = "CONSTRAINT_NONE",
	[OOMWATCH_CONSTRAINT_CPUSET] = "CONSTRAINT_CPUSET",
	[OOMWATCH_CONSTRAINT_MEMORY_POLICY] = "CONSTRAINT_MEMORY_POLICY",
	[OOMWATCH_CONSTRAINT_MEMCG] = "CONSTRAINT_MEMCG",
};

static const char * const verdict_names[] = {
	[OOMWATCH_VERDICT_UNKNOWN] = "-",
	[OOMWATCH_VERDICT_HIGHEST_SCORE] = "highest_score",
	[OOMWATCH_VERDICT_ALLOCATING_TASK] = "allocating_task",
	[OOMWATCH_VERDICT_DYING_TRIGGER] = "dying_trigger",
	[OOMWATCH_VERDICT_DYING_CHOSEN] = "dying_chosen",
	[OOMWATCH_VERDICT_OOM_ORIGIN] = "oom_origin",
};

static const char * const outcome_names[] = {
	[OOMWATCH_OUTCOME_UNKNOWN] = "-",
	[OOMWATCH_OUTCOME_KILLED] = "killed",
	[OOMWATCH_OUTCOME_DYING] = "dying",
	[OOMWATCH_OUTCOME_FREED] = "freed",
	[OOMWATCH_OUTCOME_IN_FLIGHT] = "in_flight",
	[OOMWATCH_OUTCOME_REPEATED] = "repeated",
	[OOMWATCH_OUTCOME_NOFS] = "nofs",
	[OOMWATCH_OUTCOME_GONE] = "gone",
	[OOMWATCH_OUTCOME_NO_VICTIM] = "no_victim",
	[OOMWATCH_OUTCOME_DISABLED] = "disabled",
	[OOMWATCH_OUTCOME_PANIC] = "panic",
	[OOMWATCH_OUTCOME_DEADLOCK] = "deadlock",
};

static const char * const cause_names[] = {
	[OOMWATCH_CAUSE_UNKNOWN] = "-",
	[OOMWATCH_CAUSE_SYSRQ] = "sysrq",
	[OOMWATCH_CAUSE_MEMCG_LIMIT] = "memcg_limit",
	[OOMWATCH_CAUSE_MEMCG_ANCESTOR_LIMIT] = "memcg_ancestor_limit",
	[OOMWATCH_CAUSE_CPUSET] = "cpuset",
	[OOMWATCH_CAUSE_MEMPOLICY] = "mempolicy",
	[OOMWATCH_CAUSE_FRAGMENTATION] = "fragmentation",
	[OOMWATCH_CAUSE_LOWMEM_ZONE] = "lowmem_zone",
	[OOMWATCH_CAUSE_SLAB] = "slab",
	[OOMWATCH_CAUSE_PAGE_TABLES] = "page_tables",
	[OOMWATCH_CAUSE_SHMEM] = "shmem",
	[OOMWATCH_CAUSE_UNKILLABLE_HOLD] = "unkillable_hold",
	[OOMWATCH_CAUSE_ANON] = "anon",
	[OOMWATCH_CAUSE_MIN_TTL] = "min_ttl",
	[OOMWATCH_CAUSE_LIMIT_LOWERED] = "limit_lowered",
	[OOMWATCH_CAUSE_SWAPOFF] = "swapoff",
};

static const char * const reap_names[] = {
	[OOMWATCH_REAP_WAKE] = "wake",
	[OOMWATCH_REAP_START] = "start",
	[OOMWATCH_REAP_FINISH] = "finish",
	[OOMWATCH_REAP_SKIP] = "skip",
};

static const char * const exit_mm_names[] = {
	[OOMWATCH_EXIT_MM_HELD] = "held",
	[OOMWATCH_EXIT_MM_DROPPED] = "dropped",
};

static const char * const cmdline_read_names[] = {
	[OOMWATCH_CMDLINE_UNKNOWN] = "-",
	[OOMWATCH_CMDLINE_EXEC] = "exec",
	[OOMWATCH_CMDLINE_LOAD] = "load",
};

static const char * const flag_names[] = { "group", "dying", "shares_mm", "origin", "in_flight" };

static_assert(ARRAY_SIZE(type_names) == __OOMWATCH_TYPE_MAX, "type_names");
static_assert(ARRAY_SIZE(kind_names) == __OOMWATCH_KIND_MAX, "kind_names");
static_assert(ARRAY_SIZE(trigger_names) == __OOMWATCH_TRIGGER_MAX, "trigger_names");
static_assert(ARRAY_SIZE(constraint_names) == __OOMWATCH_CONSTRAINT_MAX, "constraint_names");
static_assert(ARRAY_SIZE(verdict_names) == __OOMWATCH_VERDICT_MAX, "verdict_names");
static_assert(ARRAY_SIZE(outcome_names) == __OOMWATCH_OUTCOME_MAX, "outcome_names");
static_assert(ARRAY_SIZE(cause_names) == __OOMWATCH_CAUSE_MAX, "cause_names");
static_assert(ARRAY_SIZE(reap_names) == __OOMWATCH_REAP_MAX, "reap_names");
static_assert(ARRAY_SIZE(exit_mm_names) == __OOMWATCH_EXIT_MM_MAX, "exit_mm_names");
static_assert(ARRAY_SIZE(cmdline_read_names) == __OOMWATCH_CMDLINE_MAX, "cmdline_read_names");
static_assert(ARRAY_SIZE(flag_names) == OOMWATCH_TASK_FLAGS, "flag_names");

#endif /* OOMWATCH_NAMES_H */
