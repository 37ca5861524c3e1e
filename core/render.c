// SPDX-License-Identifier: GPL-2.0
/*
 * Render: records to text. One record, one line. Everything here depends on the record alone; the
 * seq_file is only where the text goes.
 */

#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/ctype.h>
#include <linux/math64.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "internal.h"
#include "names.h"

/* The record format has no holes and doesn't depend on the architecture. */
static_assert(sizeof(struct oomwatch_head) == 32);
static_assert(sizeof(struct oomwatch_start) == 56);
static_assert(sizeof(struct oomwatch_lost) == 40);
static_assert(sizeof(struct oomwatch_oom) == 496);
static_assert(sizeof(struct oomwatch_zone) == 168);
static_assert(sizeof(struct oomwatch_stack) == 40);
static_assert(sizeof(struct oomwatch_setter) == 40);
static_assert(sizeof(struct oomwatch_process) == 128);
static_assert(sizeof(struct oomwatch_task) == 160);
static_assert(sizeof(struct oomwatch_victim) == 192);
static_assert(sizeof(struct oomwatch_excluded) == 112);
static_assert(sizeof(struct oomwatch_sharer) == 72);
static_assert(sizeof(struct oomwatch_end) == 64);
static_assert(sizeof(struct oomwatch_reap) == 48);
static_assert(sizeof(struct oomwatch_exit) == 56);
static_assert(sizeof(struct oomwatch_adj) == 88);

static void put_u64(struct seq_file *m, const char *key, u64 value)
{
	if (value == OOMWATCH_UNKNOWN_U64)
		seq_printf(m, " %s=-", key);
	else
		seq_printf(m, " %s=%llu", key, value);
}

static void put_s64(struct seq_file *m, const char *key, s64 value)
{
	if (value == OOMWATCH_UNKNOWN_S64)
		seq_printf(m, " %s=-", key);
	else
		seq_printf(m, " %s=%lld", key, value);
}

static void put_s32(struct seq_file *m, const char *key, s32 value)
{
	put_s64(m, key, value == OOMWATCH_UNKNOWN_S32 ? OOMWATCH_UNKNOWN_S64 : value);
}

static void put_u32(struct seq_file *m, const char *key, u32 value)
{
	put_u64(m, key, value == OOMWATCH_UNKNOWN_U32 ? OOMWATCH_UNKNOWN_U64 : value);
}

static void put_kb(struct seq_file *m, const char *key, u64 pages)
{
	if (pages == OOMWATCH_NO_LIMIT)
		seq_printf(m, " %s=max", key);
	else if (pages == OOMWATCH_UNKNOWN_U64)
		seq_printf(m, " %s=-", key);
	else
		seq_printf(m, " %s=%llu", key, pages << (PAGE_SHIFT - 10));
}

/* Time since then; what was begun while the record was made has just begun. */
static void put_ago(struct seq_file *m, const char *key, const struct oomwatch_head *rec, u64 then)
{
	put_u64(m, key, rec->time_ns > then ? rec->time_ns - then : 0);
}

/* One of the kernel's own names, empty where it isn't known. */
static void put_name(struct seq_file *m, const char *key, const char *name)
{
	seq_printf(m, " %s=%s", key, *name ? name : "-");
}

/* Names are anybody's bytes: a line must stay one line, and parse back. */
static void put_quoted(struct seq_file *m, const char *key, const u8 *s, size_t len)
{
	seq_printf(m, " %s=\"", key);
	for (; len; s++, len--) {
		if (*s == '"' || *s == '\\')
			seq_printf(m, "\\%c", *s);
		else if (isascii(*s) && isprint(*s))
			seq_putc(m, *s);
		else
			seq_printf(m, "\\x%02x", *s);
	}
	seq_putc(m, '"');
}

static void put_comm(struct seq_file *m, const char *key, const char *comm)
{
	put_quoted(m, key, comm, strnlen(comm, OOMWATCH_COMM_LEN));
}

static const void *ref_bytes(const struct oomwatch_head *rec, struct oomwatch_ref ref)
{
	return (const u8 *)rec + ref.off;
}

static void put_ref(struct seq_file *m, const char *key, const struct oomwatch_head *rec,
		    struct oomwatch_ref ref)
{
	if (ref.off)
		put_quoted(m, key, ref_bytes(rec, ref), ref.len);
	else
		seq_printf(m, " %s=-", key);
}

/* A list such as 0,2-3. */
static void put_nodes(struct seq_file *m, const char *key, const struct oomwatch_head *rec,
		      struct oomwatch_ref ref)
{
	const u64 *words = ref_bytes(rec, ref);
	unsigned int bit, end, bits = ref.len * 8;
	const char *comma = "";

	seq_printf(m, " %s=%s", key, ref.off ? "" : "-");
	for (bit = 0; ref.off && bit < bits; bit = end + 1) {
		end = bit;
		if (!(words[bit / 64] & BIT_ULL(bit % 64)))
			continue;
		while (end + 1 < bits && words[(end + 1) / 64] & BIT_ULL((end + 1) % 64))
			end++;
		if (end > bit)
			seq_printf(m, "%s%u-%u", comma, bit, end);
		else
			seq_printf(m, "%s%u", comma, bit);
		comma = ",";
	}
}

static void put_numbers(struct seq_file *m, const char *key, const struct oomwatch_head *rec,
			struct oomwatch_ref ref)
{
	const u64 *numbers = ref_bytes(rec, ref);
	int i;

	seq_printf(m, " %s=%s", key, ref.off ? "" : "-");
	for (i = 0; ref.off && i < ref.len / sizeof(u64); i++)
		seq_printf(m, "%s%llu", i ? "," : "", numbers[i]);
}

static void put_flags(struct seq_file *m, const char *key, u32 flags)
{
	const char *comma = "";
	int i;

	seq_printf(m, " %s=%s", key, flags ? "" : "none");
	for (i = 0; i < ARRAY_SIZE(flag_names); i++) {
		if (!(flags & BIT(i)))
			continue;
		seq_printf(m, "%s%s", comma, flag_names[i]);
		comma = ",";
	}
}

static void render_oom(struct seq_file *m, const struct oomwatch_oom *rec)
{
	seq_printf(m, " kind=%s trigger=%s constraint=%s", kind_names[rec->kind],
		   trigger_names[rec->trigger], constraint_names[rec->constraint]);
	put_s32(m, "pid", rec->pid);
	put_s32(m, "tgid", rec->tgid);
	put_comm(m, "comm", rec->comm);
	put_u32(m, "uid", rec->uid);
	put_s32(m, "oom_score_adj", rec->oom_score_adj);
	if (rec->gfp_mask == OOMWATCH_UNKNOWN_U64)
		seq_puts(m, " gfp_mask=-");
	else
		seq_printf(m, " gfp_mask=0x%llx", rec->gfp_mask);
	put_s32(m, "order", rec->order);
	put_nodes(m, "nodemask", &rec->head, rec->nodemask);
	put_nodes(m, "mems_allowed", &rec->head, rec->mems_allowed);
	put_u64(m, "totalpages", rec->totalpages);
	put_s64(m, "chosen_points", rec->chosen_points);
	seq_printf(m, " verdict=%s", verdict_names[rec->verdict]);
	put_ref(m, "oom_memcg", &rec->head, rec->memcg);
	put_u64(m, "oom_memcg_id", rec->memcg_id);
	put_kb(m, "memcg_usage_kb", rec->memcg_usage);
	put_kb(m, "memcg_limit_kb", rec->memcg_limit);
	put_kb(m, "memcg_swap_usage_kb", rec->memcg_swap_usage);
	put_kb(m, "memcg_swap_limit_kb", rec->memcg_swap_limit);
	put_u64(m, "memcg_failcnt", rec->memcg_failcnt);
	put_kb(m, "ram_total_kb", rec->ram_total);
	put_kb(m, "ram_free_kb", rec->ram_free);
	put_kb(m, "swap_total_kb", rec->swap_total);
	put_kb(m, "swap_free_kb", rec->swap_free);
	put_kb(m, "active_anon_kb", rec->active_anon);
	put_kb(m, "inactive_anon_kb", rec->inactive_anon);
	put_kb(m, "active_file_kb", rec->active_file);
	put_kb(m, "inactive_file_kb", rec->inactive_file);
	put_kb(m, "unevictable_kb", rec->unevictable);
	put_kb(m, "isolated_anon_kb", rec->isolated_anon);
	put_kb(m, "isolated_file_kb", rec->isolated_file);
	put_kb(m, "dirty_kb", rec->dirty);
	put_kb(m, "writeback_kb", rec->writeback);
	put_kb(m, "slab_reclaimable_kb", rec->slab_reclaimable);
	put_kb(m, "slab_unreclaimable_kb", rec->slab_unreclaimable);
	put_kb(m, "mapped_kb", rec->mapped);
	put_kb(m, "shmem_kb", rec->shmem);
	put_kb(m, "pagetables_kb", rec->pagetables);
	put_u64(m, "kernel_stack_kb", rec->kernel_stack >> 10);
	put_kb(m, "page_cache_kb", rec->page_cache);
	put_kb(m, "swap_cache_kb", rec->swap_cache);
	put_u32(m, "reclaim_checks", rec->reclaim_checks);
	put_u32(m, "compact_checks", rec->compact_checks);
	put_u64(m, "retry_ns", rec->retry_ns);
	put_u32(m, "retry_node", rec->retry_node);
	put_name(m, "retry_zone", rec->retry_zone);
	put_s32(m, "no_progress_loops", rec->no_progress_loops);
	put_kb(m, "retry_reclaimable_kb", rec->retry_reclaimable);
	put_kb(m, "retry_available_kb", rec->retry_available);
	put_kb(m, "retry_min_wmark_kb", rec->retry_min_wmark);
	put_name(m, "compact_priority", rec->compact_priority);
	put_name(m, "compact_result", rec->compact_result);
	put_s32(m, "compact_retries", rec->compact_retries);
	put_s32(m, "compact_max_retries", rec->compact_max_retries);
	put_kb(m, "memcg_high_kb", rec->memcg_high);
	put_kb(m, "memcg_memsw_usage_kb", rec->memcg_memsw_usage);
	put_kb(m, "memcg_memsw_limit_kb", rec->memcg_memsw_limit);
	put_ref(m, "trigger_memcg", &rec->head, rec->trigger_memcg);
	put_u64(m, "trigger_memcg_id", rec->trigger_memcg_id);
	seq_printf(m, " cause=%s", cause_names[rec->cause]);
	put_kb(m, "cause_kb", rec->cause_amount);
	put_kb(m, "cause_bound_kb", rec->cause_bound);
}

static void render_zone(struct seq_file *m, const struct oomwatch_zone *rec)
{
	put_u32(m, "node", rec->node);
	seq_printf(m, " zone=%s", rec->name);
	put_kb(m, "free_kb", rec->free);
	put_kb(m, "min_kb", rec->min);
	put_kb(m, "low_kb", rec->low);
	put_kb(m, "high_kb", rec->high);
	put_kb(m, "managed_kb", rec->managed);
	put_kb(m, "present_kb", rec->present);
	put_kb(m, "boost_kb", rec->boost);
	put_kb(m, "active_anon_kb", rec->active_anon);
	put_kb(m, "inactive_anon_kb", rec->inactive_anon);
	put_kb(m, "active_file_kb", rec->active_file);
	put_kb(m, "inactive_file_kb", rec->inactive_file);
	put_kb(m, "unevictable_kb", rec->unevictable);
	put_kb(m, "write_pending_kb", rec->write_pending);
	put_numbers(m, "lowmem_reserve", &rec->head, rec->lowmem_reserve);
	put_numbers(m, "free_blocks", &rec->head, rec->free_blocks);
}

static void put_terms(struct seq_file *m, s64 points, const struct score *score)
{
	put_s64(m, "points", points);
	put_u64(m, "score_rss", score->rss);
	put_u64(m, "score_swap", score->swap);
	put_u64(m, "score_pgtables", score->pgtables);
	put_s64(m, "score_adj", score->adj);
}

static void put_process(struct seq_file *m, const struct oomwatch_process *process)
{
	put_s32(m, "pid", process->pid);
	put_s32(m, "tgid", process->tgid);
	put_s32(m, "ppid", process->ppid);
	put_comm(m, "comm", process->comm);
	put_u32(m, "uid", process->uid);
	put_s32(m, "oom_score_adj", process->oom_score_adj);
	put_kb(m, "total_vm_kb", process->total_vm);
	put_kb(m, "anon_rss_kb", process->anon_rss);
	put_kb(m, "file_rss_kb", process->file_rss);
	put_kb(m, "shmem_rss_kb", process->shmem_rss);
	put_kb(m, "swap_kb", process->swap);
	put_u64(m, "pgtables_kb", process->pgtables >> 10);
}

static void put_rest_of_process(struct seq_file *m, const struct oomwatch_head *rec,
				const struct oomwatch_process *process)
{
	put_u32(m, "threads", process->threads);
	put_ago(m, "age_ns", rec, process->start_ns);
	put_ref(m, "memcg", rec, process->memcg);
	put_u64(m, "memcg_id", process->memcg_id);
	put_flags(m, "flags", process->flags);
}

static void put_rank(struct seq_file *m, u32 rank)
{
	put_u32(m, "rank", rank ?: OOMWATCH_UNKNOWN_U32);
}

static void put_setter(struct seq_file *m, const struct oomwatch_head *rec,
		       struct oomwatch_ref ref)
{
	const struct oomwatch_setter *setter = ref_bytes(rec, ref);

	if (!ref.off) {
		seq_puts(m, " set_by_pid=- set_by_comm=- set_by_uid=- set_ago_ns=- set_on_tgid=-");
		return;
	}
	put_s32(m, "set_by_pid", setter->pid);
	put_comm(m, "set_by_comm", setter->comm);
	put_u32(m, "set_by_uid", setter->uid);
	put_ago(m, "set_ago_ns", rec, setter->time_ns);
	put_s32(m, "set_on_tgid", setter->on_tgid);
}

static void render_task(struct seq_file *m, const struct oomwatch_task *rec)
{
	const struct oomwatch_process *process = &rec->process;
	struct score score = score_of(process);

	put_rank(m, process->rank);
	put_process(m, process);
	put_terms(m, process->points, &score);
	put_rest_of_process(m, &rec->head, process);
	put_setter(m, &rec->head, process->set_by);
}

static void render_victim(struct seq_file *m, const struct oomwatch_victim *rec)
{
	const struct oomwatch_process *process = &rec->process;
	struct score score = {
		.rss = rec->score_rss, .swap = rec->score_swap,
		.pgtables = rec->score_pgtables, .adj = rec->score_adj,
	};

	put_process(m, process);
	put_terms(m, process->points, &score);
	put_rest_of_process(m, &rec->head, process);
	put_rank(m, process->rank);
	put_setter(m, &rec->head, process->set_by);
}

static void render_excluded(struct seq_file *m, const struct oomwatch_excluded *rec)
{
	put_u32(m, "eligible", rec->eligible);
	put_kb(m, "eligible_kb", rec->eligible_pages);
	put_u32(m, "unkillable", rec->unkillable);
	put_kb(m, "unkillable_kb", rec->unkillable_pages);
	put_u32(m, "init", rec->init);
	put_kb(m, "init_kb", rec->init_pages);
	put_u32(m, "kthreads", rec->kthreads);
	put_u32(m, "reaped", rec->reaped);
	put_kb(m, "reaped_kb", rec->reaped_pages);
	put_u32(m, "vfork", rec->vfork);
	put_kb(m, "vfork_kb", rec->vfork_pages);
	put_u32(m, "exited", rec->exited);
	put_u32(m, "outside", rec->outside);
	put_u32(m, "busy", rec->busy);
}

static void render_sharer(struct seq_file *m, const struct oomwatch_sharer *rec)
{
	put_s32(m, "pid", rec->pid);
	put_s32(m, "tgid", rec->tgid);
	put_comm(m, "comm", rec->comm);
	put_u32(m, "uid", rec->uid);
	put_s32(m, "oom_score_adj", rec->oom_score_adj);
	put_s32(m, "victim_pid", rec->victim_pid);
}

static void render_stack(struct seq_file *m, const struct oomwatch_stack *rec)
{
	put_u32(m, "nr_frames", rec->nr_frames);
	put_ref(m, "frames", &rec->head, rec->frames);
}

static void render_end(struct seq_file *m, const struct oomwatch_end *rec)
{
	seq_printf(m, " outcome=%s", outcome_names[rec->outcome]);
	put_u32(m, "victims", rec->victims);
	put_u64(m, "kills", rec->kills);
	put_u64(m, "duration_ns", rec->duration_ns);
	put_u64(m, "capture_ns", rec->capture_ns);
}

static void render_reap(struct seq_file *m, const struct oomwatch_reap *rec)
{
	put_s32(m, "pid", rec->pid);
	seq_printf(m, " event=%s", reap_names[rec->event]);
	put_u64(m, "since_kill_ns", rec->since_kill_ns);
}

static void render_exit(struct seq_file *m, const struct oomwatch_exit *rec)
{
	put_s32(m, "pid", rec->pid);
	put_s32(m, "tgid", rec->tgid);
	put_u64(m, "since_kill_ns", rec->since_kill_ns);
	seq_printf(m, " mm=%s", exit_mm_names[rec->mm]);
}

static void render_adj(struct seq_file *m, const struct oomwatch_adj *rec)
{
	put_s32(m, "pid", rec->pid);
	put_s32(m, "tgid", rec->tgid);
	put_comm(m, "comm", rec->comm);
	put_s32(m, "old", rec->old_adj);
	put_s32(m, "new", rec->new_adj);
	put_s32(m, "by_pid", rec->by_pid);
	put_comm(m, "by_comm", rec->by_comm);
	put_u32(m, "by_uid", rec->by_uid);
}

/**
 * render_record() - a record as a line of text
 * @m: where the line goes
 * @rec: the record
 *
 * Context: any.
 */
void render_record(struct seq_file *m, const struct oomwatch_head *rec)
{
	u32 ns;
	u64 s = div_u64_rem(rec->time_ns, NSEC_PER_SEC, &ns);

	seq_printf(m, "%s seq=%llu t=%llu.%09u oom=%llu", type_names[rec->type], rec->seq,
		   s, ns, rec->oom);
	switch (rec->type) {
	case OOMWATCH_TYPE_LOST:
		put_u64(m, "count", ((const struct oomwatch_lost *)rec)->count);
		break;
	case OOMWATCH_TYPE_OOM:
		render_oom(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_ZONE:
		render_zone(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_TASK:
		render_task(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_EXCLUDED:
		render_excluded(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_VICTIM:
		render_victim(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_SHARER:
		render_sharer(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_STACK:
		render_stack(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_END:
		render_end(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_REAP:
		render_reap(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_EXIT:
		render_exit(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_ADJ:
		render_adj(m, (const void *)rec);
		break;
	}
	seq_putc(m, '\n');
}

static void brief_oom(struct seq_file *m, const struct oomwatch_oom *rec)
{
	seq_printf(m, " kind=%s trigger=%s cause=%s", kind_names[rec->kind],
		   trigger_names[rec->trigger], cause_names[rec->cause]);
	put_s32(m, "pid", rec->pid);
	put_comm(m, "comm", rec->comm);
	put_u32(m, "uid", rec->uid);
	put_s32(m, "order", rec->order);
	put_u64(m, "totalpages", rec->totalpages);
	put_ref(m, "oom_memcg", &rec->head, rec->memcg);
	put_kb(m, "memcg_usage_kb", rec->memcg_usage);
	put_kb(m, "memcg_limit_kb", rec->memcg_limit);
	put_kb(m, "ram_total_kb", rec->ram_total);
	put_kb(m, "ram_free_kb", rec->ram_free);
	put_kb(m, "swap_free_kb", rec->swap_free);
	put_kb(m, "slab_unreclaimable_kb", rec->slab_unreclaimable);
	put_kb(m, "shmem_kb", rec->shmem);
	put_kb(m, "pagetables_kb", rec->pagetables);
}

static void brief_process(struct seq_file *m, const struct oomwatch_head *rec,
			  const struct oomwatch_process *process, u64 rss, u64 swap)
{
	put_s32(m, "pid", process->pid);
	put_comm(m, "comm", process->comm);
	put_u32(m, "uid", process->uid);
	put_s64(m, "points", process->points);
	put_s32(m, "oom_score_adj", process->oom_score_adj);
	put_kb(m, "rss_kb", rss);
	put_kb(m, "swap_kb", swap);
	put_ref(m, "memcg", rec, process->memcg);
}

static void brief_task(struct seq_file *m, const struct oomwatch_task *rec)
{
	struct score score = score_of(&rec->process);

	put_rank(m, rec->process.rank);
	brief_process(m, &rec->head, &rec->process, score.rss, score.swap);
}

static void brief_victim(struct seq_file *m, const struct oomwatch_victim *rec)
{
	seq_puts(m, rec->process.flags & OOMWATCH_TASK_DYING ? " marked" : " killed");
	brief_process(m, &rec->head, &rec->process, rec->score_rss, rec->score_swap);
}

/**
 * render_brief() - the short form of a record, for the kernel log
 * @m: where it goes, without a newline
 * @rec: the record, of a type that belongs to an episode
 *
 * Context: any.
 */
void render_brief(struct seq_file *m, const struct oomwatch_head *rec)
{
	seq_printf(m, "oom=%llu", rec->oom);
	switch (rec->type) {
	case OOMWATCH_TYPE_OOM:
		brief_oom(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_TASK:
		brief_task(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_EXCLUDED:
		render_excluded(m, (const void *)rec);
		break;
	case OOMWATCH_TYPE_VICTIM:
		brief_victim(m, (const void *)rec);
		break;
	}
}
