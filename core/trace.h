/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The trace events oomwatch:kill and oomwatch:candidate. Their fields have the keys of fields.h,
 * and signed types: a number that is not known is -1, or INT64_MIN if it can be negative.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM oomwatch

#if !defined(OOMWATCH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define OOMWATCH_TRACE_H

#include <linux/tracepoint.h>

#include "internal.h"

/* A victim. The cgroup's limit that was hit is oom_memcg's. */
TRACE_EVENT(kill,

	TP_PROTO(const struct oomwatch_victim *victim, const struct trace_words *words),

	TP_ARGS(victim, words),

	TP_STRUCT__entry(
		__field(u64, oom)
		__field(int, pid)
		__field(int, tgid)
		__string(comm, words->comm)
		__field(u32, uid)
		__field(int, oom_score_adj)
		__field(s64, anon_rss_kb)
		__field(s64, file_rss_kb)
		__field(s64, shmem_rss_kb)
		__field(s64, swap_kb)
		__field(s64, pgtables_kb)
		__field(s64, points)
		__field(u32, flags)
		__string(kind, words->kind)
		__string(cause, words->cause)
		__string(oom_memcg, words->oom_memcg)
		__field(s64, oom_memcg_id)
		__string(memcg, words->memcg)
		__field(s64, memcg_id)
		__field(int, runner_up_pid)
		__field(s64, runner_up_points)
		__field(s64, margin)
	),

	TP_fast_assign(
		__entry->oom = victim->head.oom;
		__entry->pid = victim->process.pid;
		__entry->tgid = victim->process.tgid;
		ASSIGN_STR(comm, words->comm);
		__entry->uid = victim->process.uid;
		__entry->oom_score_adj = victim->process.oom_score_adj;
		__entry->anon_rss_kb = victim->process.anon_rss << (PAGE_SHIFT - 10);
		__entry->file_rss_kb = victim->process.file_rss << (PAGE_SHIFT - 10);
		__entry->shmem_rss_kb = victim->process.shmem_rss << (PAGE_SHIFT - 10);
		__entry->swap_kb = victim->process.swap << (PAGE_SHIFT - 10);
		__entry->pgtables_kb = victim->process.pgtables >> 10;
		__entry->points = victim->process.points;
		__entry->flags = victim->process.flags;
		ASSIGN_STR(kind, words->kind);
		ASSIGN_STR(cause, words->cause);
		ASSIGN_STR(oom_memcg, words->oom_memcg);
		__entry->oom_memcg_id = words->oom_memcg_id;
		ASSIGN_STR(memcg, words->memcg);
		__entry->memcg_id = victim->process.memcg_id;
		__entry->runner_up_pid = words->runner_up_pid;
		__entry->runner_up_points = words->runner_up_points;
		__entry->margin = words->margin;
	),

	TP_printk("oom=%llu pid=%d tgid=%d comm=%s uid=%u oom_score_adj=%d anon_rss_kb=%lld file_rss_kb=%lld shmem_rss_kb=%lld swap_kb=%lld pgtables_kb=%lld points=%lld flags=0x%x kind=%s cause=%s oom_memcg=%s oom_memcg_id=%lld memcg=%s memcg_id=%lld runner_up_pid=%d runner_up_points=%lld margin=%lld",
		__entry->oom, __entry->pid, __entry->tgid, __get_str(comm), __entry->uid,
		__entry->oom_score_adj, __entry->anon_rss_kb, __entry->file_rss_kb,
		__entry->shmem_rss_kb, __entry->swap_kb, __entry->pgtables_kb, __entry->points,
		__entry->flags, __get_str(kind), __get_str(cause), __get_str(oom_memcg),
		__entry->oom_memcg_id, __get_str(memcg), __entry->memcg_id,
		__entry->runner_up_pid, __entry->runner_up_points, __entry->margin)
);

/* One of the recorded processes that could have been chosen, the victim among them. */
TRACE_EVENT(candidate,

	TP_PROTO(const struct oomwatch_task *task, const struct trace_words *words),

	TP_ARGS(task, words),

	TP_STRUCT__entry(
		__field(u64, oom)
		__field(u32, rank)
		__field(int, pid)
		__field(int, tgid)
		__string(comm, words->comm)
		__field(u32, uid)
		__field(int, oom_score_adj)
		__field(s64, anon_rss_kb)
		__field(s64, file_rss_kb)
		__field(s64, shmem_rss_kb)
		__field(s64, swap_kb)
		__field(s64, pgtables_kb)
		__field(s64, points)
		__field(u32, flags)
		__string(memcg, words->memcg)
		__field(s64, memcg_id)
	),

	TP_fast_assign(
		__entry->oom = task->head.oom;
		__entry->rank = task->process.rank;
		__entry->pid = task->process.pid;
		__entry->tgid = task->process.tgid;
		ASSIGN_STR(comm, words->comm);
		__entry->uid = task->process.uid;
		__entry->oom_score_adj = task->process.oom_score_adj;
		__entry->anon_rss_kb = task->process.anon_rss << (PAGE_SHIFT - 10);
		__entry->file_rss_kb = task->process.file_rss << (PAGE_SHIFT - 10);
		__entry->shmem_rss_kb = task->process.shmem_rss << (PAGE_SHIFT - 10);
		__entry->swap_kb = task->process.swap << (PAGE_SHIFT - 10);
		__entry->pgtables_kb = task->process.pgtables >> 10;
		__entry->points = task->process.points;
		__entry->flags = task->process.flags;
		ASSIGN_STR(memcg, words->memcg);
		__entry->memcg_id = task->process.memcg_id;
	),

	TP_printk("oom=%llu rank=%u pid=%d tgid=%d comm=%s uid=%u oom_score_adj=%d anon_rss_kb=%lld file_rss_kb=%lld shmem_rss_kb=%lld swap_kb=%lld pgtables_kb=%lld points=%lld flags=0x%x memcg=%s memcg_id=%lld",
		__entry->oom, __entry->rank, __entry->pid, __entry->tgid, __get_str(comm),
		__entry->uid, __entry->oom_score_adj, __entry->anon_rss_kb, __entry->file_rss_kb,
		__entry->shmem_rss_kb, __entry->swap_kb, __entry->pgtables_kb, __entry->points,
		__entry->flags, __get_str(memcg), __entry->memcg_id)
);

#endif /* OOMWATCH_TRACE_H */

/* The folder of oomwatch.c is in the path of includes: see Kbuild. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH core
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
