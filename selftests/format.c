// SPDX-License-Identifier: GPL-2.0
/*
 * The binary format: sizes and offsets are as they were published, records have the same content
 * as the text, and core/fields.h has a row for each byte.
 */
#include "harness.h"

#include <assert.h>
#include <sched.h>
#include <stddef.h>
#include <sys/utsname.h>

#include "core/form.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof(*(array)))
#endif

/* Without the names of values: this test has a table of its own, enums. */
#define ROW(type, in_setter, key, form, member...) \
	{ key, offsetof(struct type, member), sizeof(((struct type *)NULL)->member), \
	  FORM_##form, in_setter, 0, NULL },
#define FIELD(type, key, member, form, meaning) ROW(oomwatch_##type, 0, key, form, member)
#define NAMED(type, key, member, form, names, meaning) ROW(oomwatch_##type, 0, key, form, member)
#define SETTER(key, member, form, meaning) ROW(oomwatch_setter, 1, key, form, member)
#define UNPRINTED(type, member, form, meaning) ROW(oomwatch_##type, 0, NULL, form, member)
#define UNPRINTED_SETTER(member, form, meaning) ROW(oomwatch_setter, 1, NULL, form, member)

#include "core/fields.h"

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* --- the format as it was published ----------------------------------------- */

/*
 * Changing one of these breaks every reader of records. A new field needs a line here, too: the
 * test compares this table with the structures and with core/fields.h.
 */
#define SIZE(type, size) static_assert(sizeof(struct type) == (size), #type)
#define AT(type, field, offset) \
	static_assert(offsetof(struct type, field) == (offset), #type "." #field)

SIZE(oomwatch_head, 32);
AT(oomwatch_head, len, 0);
AT(oomwatch_head, type, 4);
AT(oomwatch_head, fixed, 6);
AT(oomwatch_head, seq, 8);
AT(oomwatch_head, time_ns, 16);
AT(oomwatch_head, oom, 24);
SIZE(oomwatch_ref, 4);
AT(oomwatch_ref, off, 0);
AT(oomwatch_ref, len, 2);
SIZE(oomwatch_start, 80);
SIZE(oomwatch_lost, 56);
SIZE(oomwatch_pressure, 32);
SIZE(oomwatch_oom, 632);
SIZE(oomwatch_reclaim, 112);
SIZE(oomwatch_node, 216);
SIZE(oomwatch_zone, 224);
SIZE(oomwatch_setter, 40);
SIZE(oomwatch_process, 128);
AT(oomwatch_task, process, 32);
SIZE(oomwatch_task, 160);
AT(oomwatch_victim, process, 32);
SIZE(oomwatch_victim, 192);
SIZE(oomwatch_excluded, 112);
SIZE(oomwatch_sharer, 72);
SIZE(oomwatch_memcg, 488);
SIZE(oomwatch_child, 104);
SIZE(oomwatch_cmdline, 72);
SIZE(oomwatch_stack, 40);
SIZE(oomwatch_end, 72);
SIZE(oomwatch_calls, 56);
SIZE(oomwatch_reap, 48);
SIZE(oomwatch_exit, 56);
SIZE(oomwatch_meminfo, 168);
SIZE(oomwatch_adj, 88);

/* A field: its published offset, its offset now, its key and form. */
struct pin {
	unsigned int type;	/* SETTER_PINS: struct oomwatch_setter */
	size_t published;
	size_t offset;
	size_t size;
	const char *key;	/* NULL: the text does not have it */
	unsigned int form;
};

#define SETTER_PINS __OOMWATCH_TYPE_MAX

#define PIN(id, type, published, key, form, member...) \
	{ id, published, offsetof(struct oomwatch_##type, member), \
	  sizeof(((struct oomwatch_##type *)NULL)->member), key, FORM_##form }
#define AT_START(...) PIN(OOMWATCH_TYPE_START, start, __VA_ARGS__)
#define AT_LOST(...) PIN(OOMWATCH_TYPE_LOST, lost, __VA_ARGS__)
#define AT_OOM(...) PIN(OOMWATCH_TYPE_OOM, oom, __VA_ARGS__)
#define AT_RECLAIM(...) PIN(OOMWATCH_TYPE_RECLAIM, reclaim, __VA_ARGS__)
#define AT_NODE(...) PIN(OOMWATCH_TYPE_NODE, node, __VA_ARGS__)
#define AT_ZONE(...) PIN(OOMWATCH_TYPE_ZONE, zone, __VA_ARGS__)
#define AT_VICTIM(...) PIN(OOMWATCH_TYPE_VICTIM, victim, __VA_ARGS__)
#define AT_SETTER(...) PIN(SETTER_PINS, setter, __VA_ARGS__)
#define AT_STACK(...) PIN(OOMWATCH_TYPE_STACK, stack, __VA_ARGS__)
#define AT_END(...) PIN(OOMWATCH_TYPE_END, end, __VA_ARGS__)
#define AT_CALLS(...) PIN(OOMWATCH_TYPE_CALLS, calls, __VA_ARGS__)
#define AT_REAP(...) PIN(OOMWATCH_TYPE_REAP, reap, __VA_ARGS__)
#define AT_EXIT(...) PIN(OOMWATCH_TYPE_EXIT, exit, __VA_ARGS__)
#define AT_MEMINFO(...) PIN(OOMWATCH_TYPE_MEMINFO, meminfo, __VA_ARGS__)
#define AT_ADJ(...) PIN(OOMWATCH_TYPE_ADJ, adj, __VA_ARGS__)
#define AT_EXCLUDED(...) PIN(OOMWATCH_TYPE_EXCLUDED, excluded, __VA_ARGS__)
#define AT_SHARER(...) PIN(OOMWATCH_TYPE_SHARER, sharer, __VA_ARGS__)
#define AT_CHILD(...) PIN(OOMWATCH_TYPE_CHILD, child, __VA_ARGS__)
#define AT_CMDLINE(...) PIN(OOMWATCH_TYPE_CMDLINE, cmdline, __VA_ARGS__)
#define AT_MEMCG(...) PIN(OOMWATCH_TYPE_MEMCG, memcg, __VA_ARGS__)

/* In the order of the bytes. A task is the beginning of a victim. */
static const struct pin pins[] = {
	AT_START(32, NULL, HEX, magic),
	AT_START(36, NULL, UNSIGNED, major),
	AT_START(38, NULL, UNSIGNED, minor),
	AT_START(40, NULL, UNSIGNED, page_size),
	AT_START(44, NULL, TEXT, release),
	AT_START(48, NULL, UNSIGNED, realtime_ns),
	AT_START(56, NULL, HEX, load),
	AT_START(64, NULL, TEXT, host),
	AT_START(68, NULL, TEXT, version),
	AT_START(72, NULL, TEXT, boot),
	AT_START(76, NULL, TEXT, machine),
	AT_LOST(32, "count", UNSIGNED, count),
	AT_LOST(40, "adj", UNSIGNED, adj),
	AT_LOST(48, "kills", UNSIGNED, kills),
	AT_OOM(32, "kind", ENUM, kind),
	AT_OOM(33, "trigger", ENUM, trigger),
	AT_OOM(34, "constraint", ENUM, constraint),
	AT_OOM(35, "verdict", ENUM, verdict),
	AT_OOM(36, "order", SIGNED, order),
	AT_OOM(40, "gfp_mask", HEX, gfp_mask),
	AT_OOM(48, "pid", SIGNED, pid),
	AT_OOM(52, "tgid", SIGNED, tgid),
	AT_OOM(56, "uid", UNSIGNED, uid),
	AT_OOM(60, "oom_score_adj", SIGNED, oom_score_adj),
	AT_OOM(64, "comm", COMM, comm),
	AT_OOM(80, "totalpages", UNSIGNED, totalpages),
	AT_OOM(88, "chosen_points", SIGNED, chosen_points),
	AT_OOM(96, "oom_memcg_id", UNSIGNED, memcg_id),
	AT_OOM(104, "memcg_usage_kb", PAGES, memcg_usage),
	AT_OOM(112, "memcg_limit_kb", PAGES, memcg_limit),
	AT_OOM(120, "memcg_swap_usage_kb", PAGES, memcg_swap_usage),
	AT_OOM(128, "memcg_swap_limit_kb", PAGES, memcg_swap_limit),
	AT_OOM(136, "memcg_failcnt", UNSIGNED, memcg_failcnt),
	AT_OOM(144, "ram_total_kb", PAGES, ram_total),
	AT_OOM(152, "ram_free_kb", PAGES, ram_free),
	AT_OOM(160, "swap_total_kb", PAGES, swap_total),
	AT_OOM(168, "swap_free_kb", PAGES, swap_free),
	AT_OOM(176, "inactive_anon_kb", PAGES, inactive_anon),
	AT_OOM(184, "active_anon_kb", PAGES, active_anon),
	AT_OOM(192, "inactive_file_kb", PAGES, inactive_file),
	AT_OOM(200, "active_file_kb", PAGES, active_file),
	AT_OOM(208, "unevictable_kb", PAGES, unevictable),
	AT_OOM(216, "oom_memcg", TEXT, memcg),
	AT_OOM(220, "nodemask", NODES, nodemask),
	AT_OOM(224, "mems_allowed", NODES, mems_allowed),
	AT_OOM(228, "cause", ENUM, cause),
	AT_OOM(232, "isolated_anon_kb", PAGES, isolated_anon),
	AT_OOM(240, "isolated_file_kb", PAGES, isolated_file),
	AT_OOM(248, "dirty_kb", PAGES, dirty),
	AT_OOM(256, "writeback_kb", PAGES, writeback),
	AT_OOM(264, "slab_reclaimable_kb", PAGES, slab_reclaimable),
	AT_OOM(272, "slab_unreclaimable_kb", PAGES, slab_unreclaimable),
	AT_OOM(280, "mapped_kb", PAGES, mapped),
	AT_OOM(288, "shmem_kb", PAGES, shmem),
	AT_OOM(296, "pagetables_kb", PAGES, pagetables),
	AT_OOM(304, "kernel_stack_kb", BYTES, kernel_stack),
	AT_OOM(312, "page_cache_kb", PAGES, page_cache),
	AT_OOM(320, "swap_cache_kb", PAGES, swap_cache),
	AT_OOM(328, "reclaim_checks", UNSIGNED, reclaim_checks),
	AT_OOM(332, "compact_checks", UNSIGNED, compact_checks),
	AT_OOM(336, "retry_ns", UNSIGNED, retry_ns),
	AT_OOM(344, "retry_node", UNSIGNED, retry_node),
	AT_OOM(348, "no_progress_loops", SIGNED, no_progress_loops),
	AT_OOM(352, "retry_zone", NAME, retry_zone),
	AT_OOM(368, "retry_reclaimable_kb", PAGES, retry_reclaimable),
	AT_OOM(376, "retry_available_kb", PAGES, retry_available),
	AT_OOM(384, "retry_min_wmark_kb", PAGES, retry_min_wmark),
	AT_OOM(392, "compact_priority", NAME, compact_priority),
	AT_OOM(408, "compact_result", NAME, compact_result),
	AT_OOM(432, "compact_retries", SIGNED, compact_retries),
	AT_OOM(436, "compact_max_retries", SIGNED, compact_max_retries),
	AT_OOM(440, "memcg_high_kb", PAGES, memcg_high),
	AT_OOM(448, "memcg_memsw_usage_kb", PAGES, memcg_memsw_usage),
	AT_OOM(456, "memcg_memsw_limit_kb", PAGES, memcg_memsw_limit),
	AT_OOM(464, "trigger_memcg_id", UNSIGNED, trigger_memcg_id),
	AT_OOM(472, "trigger_memcg", TEXT, trigger_memcg),
	AT_OOM(476, NULL, PADDING, reserved),
	AT_OOM(480, "cause_kb", PAGES, cause_amount),
	AT_OOM(488, "cause_bound_kb", PAGES, cause_bound),
	AT_OOM(496, "anon_mapped_kb", PAGES, anon_mapped),
	AT_OOM(504, "sec_pagetables_kb", PAGES, sec_pagetables),
	AT_OOM(512, "kernel_misc_reclaimable_kb", PAGES, kernel_misc_reclaimable),
	AT_OOM(520, "zspages_kb", PAGES, zspages),
	AT_OOM(528, "free_cma_kb", PAGES, free_cma),
	AT_OOM(536, "vmalloc_kb", PAGES, vmalloc),
	AT_OOM(544, "hugetlb_kb", PAGES, hugetlb),
	AT_OOM(552, "balloon_kb", PAGES, balloon),
	AT_OOM(560, "leader_comm", COMM, leader_comm),
	AT_OOM(576, "gfp_flags", TEXT, gfp_flags),
	AT_OOM(580, NULL, PADDING, reserved2),
	AT_OOM(584, "swapoff_kb", PAGES, swapoff),
	AT_OOM(592, "cpu", UNSIGNED, cpu),
	AT_OOM(596, NULL, PADDING, reserved3),
	AT_OOM(600, "psi_some_avg10_bp", UNSIGNED, pressure.some_avg10),
	AT_OOM(604, "psi_full_avg10_bp", UNSIGNED, pressure.full_avg10),
	AT_OOM(608, "psi_some_total_ns", UNSIGNED, pressure.some_total),
	AT_OOM(616, "psi_full_total_ns", UNSIGNED, pressure.full_total),
	AT_OOM(624, "psi_age_ns", UNSIGNED, pressure.age),
	AT_RECLAIM(32, "since_ns", UNSIGNED, since_ns),
	AT_RECLAIM(40, "pgscan_anon", UNSIGNED, pgscan_anon),
	AT_RECLAIM(48, "pgscan_file", UNSIGNED, pgscan_file),
	AT_RECLAIM(56, "pgsteal_anon", UNSIGNED, pgsteal_anon),
	AT_RECLAIM(64, "pgsteal_file", UNSIGNED, pgsteal_file),
	AT_RECLAIM(72, "workingset_refault_anon", UNSIGNED, refault_anon),
	AT_RECLAIM(80, "workingset_refault_file", UNSIGNED, refault_file),
	AT_RECLAIM(88, "allocstall", UNSIGNED, allocstall),
	AT_RECLAIM(96, "pswpin", UNSIGNED, pswpin),
	AT_RECLAIM(104, "pswpout", UNSIGNED, pswpout),
	AT_NODE(32, "node", UNSIGNED, node),
	AT_NODE(36, "kswapd_failures", UNSIGNED, kswapd_failures),
	AT_NODE(40, "active_anon_kb", PAGES, active_anon),
	AT_NODE(48, "inactive_anon_kb", PAGES, inactive_anon),
	AT_NODE(56, "active_file_kb", PAGES, active_file),
	AT_NODE(64, "inactive_file_kb", PAGES, inactive_file),
	AT_NODE(72, "unevictable_kb", PAGES, unevictable),
	AT_NODE(80, "isolated_anon_kb", PAGES, isolated_anon),
	AT_NODE(88, "isolated_file_kb", PAGES, isolated_file),
	AT_NODE(96, "mapped_kb", PAGES, mapped),
	AT_NODE(104, "dirty_kb", PAGES, dirty),
	AT_NODE(112, "writeback_kb", PAGES, writeback),
	AT_NODE(120, "writeback_temp_kb", PAGES, writeback_temp),
	AT_NODE(128, "shmem_kb", PAGES, shmem),
	AT_NODE(136, "shmem_thp_kb", PAGES, shmem_thp),
	AT_NODE(144, "shmem_pmdmapped_kb", PAGES, shmem_pmdmapped),
	AT_NODE(152, "anon_thp_kb", PAGES, anon_thp),
	AT_NODE(160, "kernel_stack_kb", BYTES, kernel_stack),
	AT_NODE(168, "shadow_call_stack_kb", BYTES, shadow_call_stack),
	AT_NODE(176, "pagetables_kb", PAGES, pagetables),
	AT_NODE(184, "sec_pagetables_kb", PAGES, sec_pagetables),
	AT_NODE(192, "balloon_kb", PAGES, balloon),
	AT_NODE(200, "gpu_active_kb", PAGES, gpu_active),
	AT_NODE(208, "gpu_reclaim_kb", PAGES, gpu_reclaim),
	AT_ZONE(32, "node", UNSIGNED, node),
	AT_ZONE(36, NULL, PADDING, reserved),
	AT_ZONE(40, "zone", NAME, name),
	AT_ZONE(56, "free_kb", PAGES, free),
	AT_ZONE(64, "boost_kb", PAGES, boost),
	AT_ZONE(72, "min_kb", PAGES, min),
	AT_ZONE(80, "low_kb", PAGES, low),
	AT_ZONE(88, "high_kb", PAGES, high),
	AT_ZONE(96, "managed_kb", PAGES, managed),
	AT_ZONE(104, "present_kb", PAGES, present),
	AT_ZONE(112, "inactive_anon_kb", PAGES, inactive_anon),
	AT_ZONE(120, "active_anon_kb", PAGES, active_anon),
	AT_ZONE(128, "inactive_file_kb", PAGES, inactive_file),
	AT_ZONE(136, "active_file_kb", PAGES, active_file),
	AT_ZONE(144, "unevictable_kb", PAGES, unevictable),
	AT_ZONE(152, "write_pending_kb", PAGES, write_pending),
	AT_ZONE(160, "lowmem_reserve", NUMBERS, lowmem_reserve),
	AT_ZONE(164, "free_blocks", NUMBERS, free_blocks),
	AT_ZONE(168, "reserved_highatomic_kb", PAGES, reserved_highatomic),
	AT_ZONE(176, "free_highatomic_kb", PAGES, free_highatomic),
	AT_ZONE(184, "free_cma_kb", PAGES, free_cma),
	AT_ZONE(192, "free_pcp_kb", PAGES, free_pcp),
	AT_ZONE(200, "mlocked_kb", PAGES, mlocked),
	AT_ZONE(208, "zspages_kb", PAGES, zspages),
	AT_ZONE(216, "free_types", TEXT, free_types),
	AT_ZONE(220, NULL, PADDING, reserved2),
	AT_VICTIM(32, "pid", SIGNED, process.pid),
	AT_VICTIM(36, "tgid", SIGNED, process.tgid),
	AT_VICTIM(40, "ppid", SIGNED, process.ppid),
	AT_VICTIM(44, "uid", UNSIGNED, process.uid),
	AT_VICTIM(48, "oom_score_adj", SIGNED, process.oom_score_adj),
	AT_VICTIM(52, "threads", UNSIGNED, process.threads),
	AT_VICTIM(56, "comm", COMM, process.comm),
	AT_VICTIM(72, "age_ns", AGO, process.start_ns),
	AT_VICTIM(80, "total_vm_kb", PAGES, process.total_vm),
	AT_VICTIM(88, "anon_rss_kb", PAGES, process.anon_rss),
	AT_VICTIM(96, "file_rss_kb", PAGES, process.file_rss),
	AT_VICTIM(104, "shmem_rss_kb", PAGES, process.shmem_rss),
	AT_VICTIM(112, "swap_kb", PAGES, process.swap),
	AT_VICTIM(120, "pgtables_kb", BYTES, process.pgtables),
	AT_VICTIM(128, "points", SIGNED, process.points),
	AT_VICTIM(136, "memcg_id", UNSIGNED, process.memcg_id),
	AT_VICTIM(144, "memcg", TEXT, process.memcg),
	AT_VICTIM(148, NULL, SETTER, process.set_by),
	AT_VICTIM(152, "flags", FLAGS, process.flags),
	AT_VICTIM(156, "rank", RANK, process.rank),
	AT_VICTIM(160, "score_rss", UNSIGNED, score_rss),
	AT_VICTIM(168, "score_swap", UNSIGNED, score_swap),
	AT_VICTIM(176, "score_pgtables", UNSIGNED, score_pgtables),
	AT_VICTIM(184, "score_adj", SIGNED, score_adj),
	AT_SETTER(0, "set_by_pid", SIGNED, pid),
	AT_SETTER(4, "set_by_uid", UNSIGNED, uid),
	AT_SETTER(8, "set_by_comm", COMM, comm),
	AT_SETTER(24, "set_ago_ns", AGO, time_ns),
	AT_SETTER(32, "set_on_tgid", SIGNED, on_tgid),
	AT_SETTER(36, NULL, PADDING, reserved),
	AT_STACK(32, "nr_frames", UNSIGNED, nr_frames),
	AT_STACK(36, "frames", FRAMES, frames),
	AT_END(32, "outcome", ENUM, outcome),
	AT_END(36, "victims", UNSIGNED, victims),
	AT_END(40, "kills", UNSIGNED, kills),
	AT_END(48, "duration_ns", UNSIGNED, duration_ns),
	AT_END(56, "capture_ns", UNSIGNED, capture_ns),
	AT_END(64, "sharers", UNSIGNED, sharers),
	AT_END(68, NULL, PADDING, reserved),
	AT_CALLS(32, "calls", UNSIGNED, calls),
	AT_CALLS(40, "first_ago_ns", AGO, first_ns),
	AT_CALLS(48, "last_ago_ns", AGO, last_ns),
	AT_REAP(32, "pid", SIGNED, pid),
	AT_REAP(36, "event", ENUM, event),
	AT_REAP(40, "since_kill_ns", UNSIGNED, since_kill_ns),
	AT_EXIT(32, "pid", SIGNED, pid),
	AT_EXIT(36, "tgid", SIGNED, tgid),
	AT_EXIT(40, "since_kill_ns", UNSIGNED, since_kill_ns),
	AT_EXIT(48, "mm", ENUM, mm),
	AT_EXIT(52, NULL, PADDING, reserved),
	AT_MEMINFO(32, "since_kill_ns", UNSIGNED, since_kill_ns),
	AT_MEMINFO(40, "hugetlb_kb", BYTES, hugetlb),
	AT_MEMINFO(48, "hugepages_total", UNSIGNED, hugepages_total),
	AT_MEMINFO(56, "hugepages_free", UNSIGNED, hugepages_free),
	AT_MEMINFO(64, "hugepages_reserved", UNSIGNED, hugepages_reserved),
	AT_MEMINFO(72, "hugepage_size_kb", BYTES, hugepage_size),
	AT_MEMINFO(80, "vmalloc_kb", BYTES, vmalloc),
	AT_MEMINFO(88, "percpu_kb", BYTES, percpu),
	AT_MEMINFO(96, "zswap_kb", BYTES, zswap),
	AT_MEMINFO(104, "zswapped_kb", BYTES, zswapped),
	AT_MEMINFO(112, "cma_total_kb", BYTES, cma_total),
	AT_MEMINFO(120, "hardware_corrupted_kb", BYTES, hardware_corrupted),
	AT_MEMINFO(128, "anon_thp_kb", BYTES, anon_thp),
	AT_MEMINFO(136, "swap_total_kb", BYTES, swap_total),
	AT_MEMINFO(144, "commit_limit_kb", BYTES, commit_limit),
	AT_MEMINFO(152, "committed_kb", BYTES, committed),
	AT_MEMINFO(160, "hugepages_surplus", UNSIGNED, hugepages_surplus),
	AT_ADJ(32, "pid", SIGNED, pid),
	AT_ADJ(36, "tgid", SIGNED, tgid),
	AT_ADJ(40, "old", SIGNED, old_adj),
	AT_ADJ(44, "new", SIGNED, new_adj),
	AT_ADJ(48, "by_pid", SIGNED, by_pid),
	AT_ADJ(52, "by_uid", UNSIGNED, by_uid),
	AT_ADJ(56, "comm", COMM, comm),
	AT_ADJ(72, "by_comm", COMM, by_comm),
	AT_EXCLUDED(32, "eligible", UNSIGNED, eligible),
	AT_EXCLUDED(36, "unkillable", UNSIGNED, unkillable),
	AT_EXCLUDED(40, "init", UNSIGNED, init),
	AT_EXCLUDED(44, "kthreads", UNSIGNED, kthreads),
	AT_EXCLUDED(48, "reaped", UNSIGNED, reaped),
	AT_EXCLUDED(52, "vfork", UNSIGNED, vfork),
	AT_EXCLUDED(56, "exited", UNSIGNED, exited),
	AT_EXCLUDED(60, "outside", UNSIGNED, outside),
	AT_EXCLUDED(64, "busy", UNSIGNED, busy),
	AT_EXCLUDED(68, NULL, PADDING, reserved),
	AT_EXCLUDED(72, "eligible_kb", PAGES, eligible_pages),
	AT_EXCLUDED(80, "unkillable_kb", PAGES, unkillable_pages),
	AT_EXCLUDED(88, "init_kb", PAGES, init_pages),
	AT_EXCLUDED(96, "reaped_kb", PAGES, reaped_pages),
	AT_EXCLUDED(104, "vfork_kb", PAGES, vfork_pages),
	AT_SHARER(32, "pid", SIGNED, pid),
	AT_SHARER(36, "tgid", SIGNED, tgid),
	AT_SHARER(40, "victim_pid", SIGNED, victim_pid),
	AT_SHARER(44, "oom_score_adj", SIGNED, oom_score_adj),
	AT_SHARER(48, "uid", UNSIGNED, uid),
	AT_SHARER(52, NULL, PADDING, reserved),
	AT_SHARER(56, "comm", COMM, comm),
	AT_MEMCG(32, "usage_kb", PAGES, usage),
	AT_MEMCG(40, "anon_kb", PAGES, anon),
	AT_MEMCG(48, "file_kb", PAGES, file),
	AT_MEMCG(56, "kernel_kb", PAGES, kernel),
	AT_MEMCG(64, "kernel_stack_kb", BYTES, kernel_stack),
	AT_MEMCG(72, "pagetables_kb", PAGES, pagetables),
	AT_MEMCG(80, "sec_pagetables_kb", PAGES, sec_pagetables),
	AT_MEMCG(88, "percpu_kb", BYTES, percpu),
	AT_MEMCG(96, "sock_kb", PAGES, sock),
	AT_MEMCG(104, "vmalloc_kb", PAGES, vmalloc),
	AT_MEMCG(112, "shmem_kb", PAGES, shmem),
	AT_MEMCG(120, "zswap_kb", BYTES, zswap),
	AT_MEMCG(128, "zswapped_kb", PAGES, zswapped),
	AT_MEMCG(136, "file_mapped_kb", PAGES, file_mapped),
	AT_MEMCG(144, "file_dirty_kb", PAGES, file_dirty),
	AT_MEMCG(152, "file_writeback_kb", PAGES, file_writeback),
	AT_MEMCG(160, "swapcached_kb", PAGES, swapcached),
	AT_MEMCG(168, "anon_thp_kb", PAGES, anon_thp),
	AT_MEMCG(176, "file_thp_kb", PAGES, file_thp),
	AT_MEMCG(184, "shmem_thp_kb", PAGES, shmem_thp),
	AT_MEMCG(192, "inactive_anon_kb", PAGES, inactive_anon),
	AT_MEMCG(200, "active_anon_kb", PAGES, active_anon),
	AT_MEMCG(208, "inactive_file_kb", PAGES, inactive_file),
	AT_MEMCG(216, "active_file_kb", PAGES, active_file),
	AT_MEMCG(224, "unevictable_kb", PAGES, unevictable),
	AT_MEMCG(232, "slab_reclaimable_kb", BYTES, slab_reclaimable),
	AT_MEMCG(240, "slab_unreclaimable_kb", BYTES, slab_unreclaimable),
	AT_MEMCG(248, "hugetlb_kb", PAGES, hugetlb),
	AT_MEMCG(256, "workingset_refault_anon", UNSIGNED, workingset_refault_anon),
	AT_MEMCG(264, "workingset_refault_file", UNSIGNED, workingset_refault_file),
	AT_MEMCG(272, "workingset_activate_anon", UNSIGNED, workingset_activate_anon),
	AT_MEMCG(280, "workingset_activate_file", UNSIGNED, workingset_activate_file),
	AT_MEMCG(288, "workingset_restore_anon", UNSIGNED, workingset_restore_anon),
	AT_MEMCG(296, "workingset_restore_file", UNSIGNED, workingset_restore_file),
	AT_MEMCG(304, "workingset_nodereclaim", UNSIGNED, workingset_nodereclaim),
	AT_MEMCG(312, "events_low", UNSIGNED, events_low),
	AT_MEMCG(320, "events_high", UNSIGNED, events_high),
	AT_MEMCG(328, "events_max", UNSIGNED, events_max),
	AT_MEMCG(336, "events_oom", UNSIGNED, events_oom),
	AT_MEMCG(344, "events_oom_kill", UNSIGNED, events_oom_kill),
	AT_MEMCG(352, "swap_events_max", UNSIGNED, swap_events_max),
	AT_MEMCG(360, "swap_events_fail", UNSIGNED, swap_events_fail),
	AT_MEMCG(368, "min_kb", PAGES, min),
	AT_MEMCG(376, "low_kb", PAGES, low),
	AT_MEMCG(384, "memsw_failcnt", UNSIGNED, memsw_failcnt),
	AT_MEMCG(392, "kmem_usage_kb", PAGES, kmem_usage),
	AT_MEMCG(400, "kmem_limit_kb", PAGES, kmem_limit),
	AT_MEMCG(408, "kmem_failcnt", UNSIGNED, kmem_failcnt),
	AT_MEMCG(416, "children_usage_kb", PAGES, children_usage),
	AT_MEMCG(424, "children", UNSIGNED, children),
	AT_MEMCG(428, "children_unseen", UNSIGNED, children_unseen),
	AT_MEMCG(432, "children_min_kb", PAGES, children_min),
	AT_MEMCG(440, "children_low_kb", PAGES, children_low),
	AT_MEMCG(448, "zswap_incomp_kb", PAGES, zswap_incomp),
	AT_MEMCG(456, "psi_some_avg10_bp", UNSIGNED, pressure.some_avg10),
	AT_MEMCG(460, "psi_full_avg10_bp", UNSIGNED, pressure.full_avg10),
	AT_MEMCG(464, "psi_some_total_ns", UNSIGNED, pressure.some_total),
	AT_MEMCG(472, "psi_full_total_ns", UNSIGNED, pressure.full_total),
	AT_MEMCG(480, "psi_age_ns", UNSIGNED, pressure.age),
	AT_CHILD(32, "memcg_id", UNSIGNED, memcg_id),
	AT_CHILD(40, "memcg", TEXT, memcg),
	AT_CHILD(44, NULL, PADDING, reserved),
	AT_CHILD(48, "usage_kb", PAGES, usage),
	AT_CHILD(56, "limit_kb", PAGES, limit),
	AT_CHILD(64, "anon_kb", PAGES, anon),
	AT_CHILD(72, "file_kb", PAGES, file),
	AT_CHILD(80, "kernel_kb", PAGES, kernel),
	AT_CHILD(88, "sock_kb", PAGES, sock),
	AT_CHILD(96, "shmem_kb", PAGES, shmem),
	AT_CMDLINE(32, "pid", SIGNED, pid),
	AT_CMDLINE(36, "tgid", SIGNED, tgid),
	AT_CMDLINE(40, "leader_comm", COMM, leader_comm),
	AT_CMDLINE(56, "cmdline", TEXT, cmdline),
	AT_CMDLINE(60, "length", UNSIGNED, length),
	AT_CMDLINE(64, "read_at", ENUM, read_at),
	AT_CMDLINE(68, NULL, PADDING, reserved),
};

/* --- the two forms of one record -------------------------------------------- */

static void same_u64(struct __test_metadata *_metadata, const struct event *text,
		     const char *key, __u64 value)
{
	char want[32] = "-";

	if (value != OOMWATCH_UNKNOWN_U64 && value != OOMWATCH_UNKNOWN_U32)
		snprintf(want, sizeof(want), "%llu", value);
	EXPECT_STREQ(want, text_of(text, key)) TH_LOG("%s %s", text->type, key);
}

static void same_s64(struct __test_metadata *_metadata, const struct event *text,
		     const char *key, __s64 value)
{
	char want[32] = "-";

	if (value != OOMWATCH_UNKNOWN_S64 && value != OOMWATCH_UNKNOWN_S32)
		snprintf(want, sizeof(want), "%lld", value);
	EXPECT_STREQ(want, text_of(text, key)) TH_LOG("%s %s", text->type, key);
}

static void same_kb(struct __test_metadata *_metadata, const struct event *text,
		    const char *key, __u64 pages)
{
	if (pages < OOMWATCH_NO_LIMIT)
		pages *= sysconf(_SC_PAGESIZE) / 1024;
	EXPECT_EQ(pages == OOMWATCH_NO_LIMIT, !strcmp("max", text_of(text, key)));
	if (pages != OOMWATCH_NO_LIMIT)
		same_u64(_metadata, text, key, pages);
}

static void same_ref(struct __test_metadata *_metadata, const struct event *text,
		     const char *key, const void *rec, struct oomwatch_ref ref)
{
	const struct pair *field = field_of(text, key);

	EXPECT_EQ(!!ref.off, field->quoted) TH_LOG("%s %s", text->type, key);
	if (!ref.off)
		return;
	EXPECT_LE(ref.off + ref.len, (int)((const struct oomwatch_head *)rec)->len);
	EXPECT_EQ(ref.len, field->len);
	EXPECT_EQ(0, memcmp((const char *)rec + ref.off, field->value, ref.len));
}

static void same_nodes(struct __test_metadata *_metadata, const struct event *text,
		       const char *key, const void *rec, struct oomwatch_ref ref)
{
	const __u64 *words = (const void *)((const char *)rec + ref.off);
	char want[1024] = "-", *to = want;
	int bit, end;

	for (bit = 0; ref.off && bit < ref.len * 8; bit = end + 1) {
		for (end = bit; end < ref.len * 8 && words[end / 64] >> end % 64 & 1; end++)
			;
		if (end > bit)
			to += sprintf(to, end > bit + 1 ? "%s%d-%d" : "%s%d", to > want ? "," : "",
				      bit, end - 1);
	}
	EXPECT_STREQ(want, text_of(text, key));
}

#define U64(key, value) same_u64(_metadata, text, key, value)
#define S64(key, value) same_s64(_metadata, text, key, value)
#define KB(key, value) same_kb(_metadata, text, key, value)

/* The text has numbers with commas between them. */
static void same_numbers(struct __test_metadata *_metadata, const struct event *text,
			 const char *key, const void *rec, struct oomwatch_ref ref)
{
	const __u64 *numbers = (const void *)((const char *)rec + ref.off);
	char want[512] = "", *to = want;
	unsigned int i;

	ASSERT_NE(0, ref.off);
	for (i = 0; i < ref.len / sizeof(__u64); i++)
		to += sprintf(to, "%s%llu", i ? "," : "", numbers[i]);
	EXPECT_STREQ(want, text_of(text, key));
}

/* The names of values, by the key. */
static const struct {
	const char *key;
	const char *names[17];
} enums[] = {
	{ "kind", { "-", "global", "memcg", "cpuset", "mempolicy" } },
	{ "trigger", { "-", "alloc", "memcg", "sysrq", "kswapd", "memory_max" } },
	{ "constraint", { "-", "CONSTRAINT_NONE", "CONSTRAINT_CPUSET",
			  "CONSTRAINT_MEMORY_POLICY", "CONSTRAINT_MEMCG" } },
	{ "verdict", { "-", "highest_score", "allocating_task", "dying_trigger",
		       "dying_chosen", "oom_origin" } },
	{ "cause", { "-", "sysrq", "memcg_limit", "memcg_ancestor_limit", "cpuset", "mempolicy",
		     "fragmentation", "slab", "page_tables", "lowmem_zone", "shmem",
		     "unkillable_hold", "anon", "min_ttl", "limit_lowered",
		     "swapoff" } },
	{ "outcome", { "-", "killed", "dying", "freed", "in_flight", "repeated", "nofs", "gone",
		       "no_victim", "disabled", "panic", "deadlock" } },
	{ "event", { "wake", "start", "finish", "skip" } },
	{ "mm", { "held", "dropped" } },
	{ "read_at", { "-", "exec", "load" } },
	{ "flags", { "group", "dying", "shares_mm", "origin", "in_flight" } },
};

static const char * const *names_of(const char *key)
{
	unsigned int i = 0;

	while (strcmp(enums[i].key, key))
		i++;
	return enums[i].names;
}

static void same_flags(struct __test_metadata *_metadata, const struct event *text,
		       const char *key, __u64 flags)
{
	const char * const *names = names_of(key);
	int i;

	for (i = 0; i < OOMWATCH_TASK_FLAGS; i++)
		EXPECT_EQ(flags >> i & 1, !!strstr(text_of(text, key), names[i]));
	EXPECT_EQ(!flags, !strcmp(text_of(text, key), "none"));
}

static __u64 unsigned_at(const struct pin *pin, const void *at)
{
	switch (pin->size) {
	case 1:
		return *(const __u8 *)at;
	case 4:
		return *(const __u32 *)at;
	default:
		return *(const __u64 *)at;
	}
}

static __s64 signed_at(const struct pin *pin, const void *at)
{
	return pin->size == 4 ? *(const __s32 *)at : *(const __s64 *)at;
}

static void same_string(struct __test_metadata *_metadata, const struct event *text,
			const struct pin *pin, const struct oomwatch_head *head, const char *at)
{
	struct oomwatch_ref ref;

	memcpy(&ref, at, sizeof(ref));
	switch (pin->form) {
	case FORM_COMM:
		EXPECT_STREQ(at, text_of(text, pin->key));
		break;
	case FORM_NAME:
		EXPECT_STREQ(*at ? at : "-", text_of(text, pin->key));
		break;
	case FORM_TEXT:
	case FORM_FRAMES:
		same_ref(_metadata, text, pin->key, head, ref);
		break;
	case FORM_NODES:
		same_nodes(_metadata, text, pin->key, head, ref);
		break;
	case FORM_NUMBERS:
		same_numbers(_metadata, text, pin->key, head, ref);
		break;
	}
}

static void same_number(struct __test_metadata *_metadata, const struct event *text,
			const struct pin *pin, const struct oomwatch_head *head, __u64 value)
{
	switch (pin->form) {
	case FORM_UNSIGNED:
		U64(pin->key, value);
		break;
	case FORM_HEX:
		EXPECT_EQ(value, (__u64)num_of(text, pin->key));
		break;
	case FORM_PAGES:
		KB(pin->key, value);
		break;
	case FORM_BYTES:
		U64(pin->key, value == OOMWATCH_UNKNOWN_U64 ? value : value / 1024);
		break;
	case FORM_RANK:
		U64(pin->key, value ? value : OOMWATCH_UNKNOWN_U32);
		break;
	case FORM_AGO:
		U64(pin->key, head->time_ns - value);
		break;
	case FORM_ENUM:
		EXPECT_STREQ(names_of(pin->key)[value], text_of(text, pin->key));
		break;
	case FORM_FLAGS:
		same_flags(_metadata, text, pin->key, value);
		break;
	}
}

static void same_field(struct __test_metadata *_metadata, const struct event *text,
		       const struct pin *pin, const struct oomwatch_head *head, const void *at)
{
	switch (pin->form) {
	case FORM_COMM:
	case FORM_NAME:
	case FORM_TEXT:
	case FORM_FRAMES:
	case FORM_NODES:
	case FORM_NUMBERS:
		same_string(_metadata, text, pin, head, at);
		break;
	case FORM_SIGNED:
		S64(pin->key, signed_at(pin, at));
		break;
	default:
		same_number(_metadata, text, pin, head, unsigned_at(pin, at));
	}
}

/* The address of a pin's field; NULL if the field is a setter's and there is none. */
static const void *place_of(const struct pin *pin, const struct oomwatch_head *head)
{
	const struct oomwatch_victim *victim = (const void *)head;
	struct oomwatch_ref ref = victim->process.set_by;

	if (pin->type != SETTER_PINS)
		return (const char *)head + pin->offset;
	return ref.off ? (const char *)head + ref.off + pin->offset : NULL;
}

static void same_terms(struct __test_metadata *_metadata, const struct event *text,
		       const struct oomwatch_process *p)
{
	U64("score_rss", p->anon_rss + p->file_rss + p->shmem_rss);
	U64("score_swap", p->swap);
	U64("score_pgtables", p->pgtables / sysconf(_SC_PAGESIZE));
	if (p->points == OOMWATCH_UNKNOWN_S64) {
		EXPECT_FALSE(is_known(text, "score_adj"));
		return;
	}
	S64("score_adj", p->points - num_of(text, "score_rss") - num_of(text, "score_swap") -
	    num_of(text, "score_pgtables"));
}

static bool is_process(unsigned int type)
{
	return type_is_process(type);
}

/* Whether a type of record has a pin's field, in its own bytes or in those of its setter. */
static bool has_pin(unsigned int type, const struct pin *pin)
{
	if (pin->type == SETTER_PINS)
		return is_process(type);
	if (!type_is_task(type))
		return pin->type == type;
	return pin->type == OOMWATCH_TYPE_VICTIM && pin->offset < sizeof(struct oomwatch_task);
}

static void same_record(struct __test_metadata *_metadata, const struct event *text,
			const struct oomwatch_head *head)
{
	const struct pin *pin;
	const void *at;

	EXPECT_EQ(record_types[head->type].size, head->fixed);
	for (pin = pins; pin < pins + ARRAY_SIZE(pins); pin++) {
		if (!pin->key || !has_pin(head->type, pin))
			continue;
		at = place_of(pin, head);
		if (at)
			same_field(_metadata, text, pin, head, at);
		else
			EXPECT_FALSE(is_known(text, pin->key));
	}
	if (type_is_task(head->type))
		same_terms(_metadata, text, &((const struct oomwatch_task *)head)->process);
}

/* After the type, the text has seq, t and oom, and then the keys in the order of the rows. */
static void same_keys(struct __test_metadata *_metadata, const struct event *text,
		      unsigned int type)
{
	const struct field *row = record_types[type].fields;
	int i, nr = 3;

	for (i = 0; i < record_types[type].nr_fields; i++, row++) {
		if (!row->key)
			continue;
		ASSERT_GT(text->nr_fields, nr);
		EXPECT_STREQ(row->key, text->field[nr++].key);
	}
	EXPECT_EQ(nr, text->nr_fields);
}

static const char * const types[__OOMWATCH_TYPE_MAX] = {
	[OOMWATCH_TYPE_OOM] = "oom",
	[OOMWATCH_TYPE_NODE] = "node",
	[OOMWATCH_TYPE_RECLAIM] = "reclaim",
	[OOMWATCH_TYPE_ZONE] = "zone",
	[OOMWATCH_TYPE_TASK] = "task",
	[OOMWATCH_TYPE_EXCLUDED] = "excluded",
	[OOMWATCH_TYPE_VICTIM] = "victim",
	[OOMWATCH_TYPE_SHARER] = "sharer",
	[OOMWATCH_TYPE_CHILD] = "child",
	[OOMWATCH_TYPE_CMDLINE] = "cmdline",
	[OOMWATCH_TYPE_PROTECTED] = "protected",
	[OOMWATCH_TYPE_CALLS] = "calls",
	[OOMWATCH_TYPE_MEMCG] = "memcg",
	[OOMWATCH_TYPE_STACK] = "stack",
	[OOMWATCH_TYPE_END] = "end",
	[OOMWATCH_TYPE_REAP] = "reap",
	[OOMWATCH_TYPE_EXIT] = "exit",
	[OOMWATCH_TYPE_MEMINFO] = "meminfo",
	[OOMWATCH_TYPE_ADJ] = "adj",
};

/* Holds a victim at its exit until the reaper comes. */
static void make_reaps(struct __test_metadata *_metadata)
{
	long long before = stat_of("reap_finish");
	pid_t pid = start_sitting_hog("-m 9000 -a 1000");
	int i;

	hold_exit(pid);
	sysrq_oom();
	wait_held(pid);
	for (i = 0; i < 100 && stat_of("reap_finish") == before; i++)
		pause_ms(100);
	let_exit(pid);
	EXPECT_TRUE(was_killed(pid));
}

/* Kills of two kinds. */
static void make_records(struct __test_metadata *_metadata)
{
	if (have_memcg()) {
		make_cgroup(CGROUPS "/f", 6 * 1024);
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/f -a 10 -u 7 -n formal"));
		fail_charges(CGROUPS "/f", 3);
		remove_cgroup(CGROUPS "/f");
	}
	EXPECT_NE(0, sysrq_kill_hog("-m 9000 -a 1000 -p 2"));
	pause_ms(50);
}

TEST(same_as_text)
{
	size_t size = 4 << 20;
	char *buf = malloc(size), *at = buf;
	int fd, i, seen[__OOMWATCH_TYPE_MAX] = { }, seen_nobody[__OOMWATCH_TYPE_MAX] = { };
	struct events all = { };
	ssize_t n;

	if (!have_scope())
		SKIP(return, NO_SCOPE);
	spew(DEBUGFS "clear", "1");
	make_records(_metadata);
	make_reaps(_metadata);
	/* The module tells of more calls without a victim ten seconds later. */
	for (i = 0; have_memcg() && i < 15 && !count_type(&all, "nobody_calls"); i++) {
		pause_ms(1000);
		all = read_events("events");
	}
	pause_ms(50);
	fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	n = read(fd, buf, size);
	ASSERT_LT(0, n);
	close(fd);
	all = read_events("events");

	at += ((struct oomwatch_head *)at)->len;
	for (i = 0; i < all.nr; i++) {
		struct oomwatch_head *head = (void *)at;
		const struct event *text = &all.event[i];
		bool nobody = head->type & OOMWATCH_TYPE_NOBODY;
		char t[32], type[32], oom[32];

		ASSERT_GT(buf + n, at);
		head->type &= ~OOMWATCH_TYPE_NOBODY;
		ASSERT_GT(__OOMWATCH_TYPE_MAX, head->type);
		ASSERT_NE(NULL, types[head->type]);
		EXPECT_EQ(nobody, !!(head->oom & OOMWATCH_NOBODY));
		snprintf(type, sizeof(type), "%s%s", nobody ? "nobody_" : "",
			 types[head->type]);
		EXPECT_STREQ(type, text->type);
		U64("seq", head->seq);
		snprintf(oom, sizeof(oom), "%s%llu", nobody ? "n" : "",
			 head->oom & ~OOMWATCH_NOBODY);
		EXPECT_STREQ(oom, text_of(text, "oom"));
		snprintf(t, sizeof(t), "%llu.%09llu", head->time_ns / 1000000000ULL,
			 head->time_ns % 1000000000ULL);
		EXPECT_STREQ(t, text_of(text, "t"));
		same_keys(_metadata, text, head->type);
		same_record(_metadata, text, head);
		(nobody ? seen_nobody : seen)[head->type]++;
		at += head->len;
	}
	EXPECT_EQ(buf + n, at);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_OOM]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_TASK]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_EXCLUDED]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_SHARER]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_NODE]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_ZONE]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_VICTIM]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_CMDLINE]);
	EXPECT_EQ(have_stacks(), seen[OOMWATCH_TYPE_STACK] > 0);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_END]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_EXIT]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_MEMINFO]);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_ADJ]);
	EXPECT_EQ(have_memcg(), seen_nobody[OOMWATCH_TYPE_OOM] > 0);
	EXPECT_EQ(have_memcg(), seen_nobody[OOMWATCH_TYPE_EXCLUDED] > 0);
	EXPECT_EQ(have_memcg(), seen_nobody[OOMWATCH_TYPE_CALLS] > 0);
	EXPECT_LT(0, seen[OOMWATCH_TYPE_REAP]);
}

/* --- the table of fields ---------------------------------------------------- */

static bool is_same(const struct field *row, const struct pin *pin)
{
	bool setter = pin->type == SETTER_PINS;

	if (row->in_setter != setter || row->offset != pin->offset)
		return false;
	if (!row->key || !pin->key)
		return row->key == pin->key;
	return !strcmp(row->key, pin->key);
}

/* A victim's record has the terms of the score. A task's has not: the text computes them. */
static bool is_computed(unsigned int type, const struct field *row)
{
	return type_is_task(type) && !row->in_setter &&
	       row->offset >= sizeof(struct oomwatch_task);
}

static const struct pin *pin_of(unsigned int type, const struct field *row)
{
	const struct pin *pin;

	for (pin = pins; pin < pins + ARRAY_SIZE(pins); pin++)
		if (has_pin(type, pin) && is_same(row, pin))
			return pin;
	return NULL;
}

TEST(fields_are_where_they_were)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pins); i++) {
		const char *key = pins[i].key ? pins[i].key : "a field without key";

		EXPECT_EQ(pins[i].published, pins[i].offset)
			TH_LOG("type %u, %s", pins[i].type, key);
	}
}

TEST(rows_are_as_published)
{
	unsigned int type, i, nr, wanted;

	for (type = 1; type < __OOMWATCH_TYPE_MAX; type++) {
		for (i = nr = 0; i < record_types[type].nr_fields; i++) {
			const struct field *row = &record_types[type].fields[i];
			const struct pin *pin = pin_of(type, row);

			if (is_computed(type, row))
				continue;
			ASSERT_NE(NULL, pin)
				TH_LOG("type %u, offset %u: %s is published nowhere", type,
				       row->offset, row->key ? row->key : "a row without key");
			EXPECT_EQ(pin->form, row->form) TH_LOG("type %u, %s", type, row->key);
			EXPECT_EQ(pin->size, row->size) TH_LOG("type %u, %s", type, row->key);
			nr++;
		}
		for (i = wanted = 0; i < ARRAY_SIZE(pins); i++)
			wanted += has_pin(type, &pins[i]);
		EXPECT_EQ(wanted, nr) TH_LOG("type %u: published fields have no row", type);
	}
}

/* Marks the bytes of a row; false if one is another row's, or outside of the structure. */
static bool cover(char *covered, const struct field *row, size_t begin, size_t size)
{
	size_t at;

	for (at = row->offset; at < row->offset + row->size; at++) {
		if (at < begin || at >= size || covered[at])
			return false;
		covered[at] = 1;
	}
	return true;
}

/* Each byte of a type's structure, or of the setter's, has to have a row. */
static void cover_all(struct __test_metadata *_metadata, unsigned int type, bool setter,
		      size_t begin, size_t size)
{
	const char *of = setter ? "'s setter" : "";
	char covered[1024] = { };
	size_t at;
	int i;

	for (i = 0; i < record_types[type].nr_fields; i++) {
		const struct field *row = &record_types[type].fields[i];

		if (row->in_setter != setter || is_computed(type, row))
			continue;
		EXPECT_TRUE(cover(covered, row, begin, size))
			TH_LOG("type %u%s, bytes from %u: two rows, or not its own", type, of,
			       row->offset);
	}
	for (at = begin; at < size && covered[at]; at++)
		;
	EXPECT_EQ(size, at)
		TH_LOG("type %u%s, byte %zu has no row in core/fields.h", type, of, at);
}

TEST(each_byte_has_one_row)
{
	unsigned int type;

	for (type = 1; type < __OOMWATCH_TYPE_MAX; type++) {
		ASSERT_LT(0, record_types[type].nr_fields) TH_LOG("type %u has no rows", type);
		cover_all(_metadata, type, false, sizeof(struct oomwatch_head),
			  record_types[type].size);
		if (is_process(type))
			cover_all(_metadata, type, true, 0, sizeof(struct oomwatch_setter));
	}
}

union start {
	struct oomwatch_start start;
	char bytes[OOMWATCH_RECORD_MAX];
};

static void read_start(union start *rec)
{
	int fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);

	if (fd < 0 || read(fd, rec, sizeof(*rec)) <= 0)
		err(1, "records");
	close(fd);
}

static bool start_has(const union start *rec, struct oomwatch_ref ref, const char *text)
{
	return ref.off && ref.len == strlen(text) && !memcmp(rec->bytes + ref.off, text, ref.len);
}

TEST(start_record)
{
	struct timespec real, boot;
	struct utsname uts;
	union start rec;

	read_start(&rec);
	uname(&uts);
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_BOOTTIME, &boot);
	EXPECT_EQ(OOMWATCH_TYPE_START, rec.start.head.type);
	EXPECT_EQ(OOMWATCH_MAGIC, rec.start.magic);
	EXPECT_EQ(OOMWATCH_MAJOR, rec.start.major);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), rec.start.page_size);
	EXPECT_TRUE(start_has(&rec, rec.start.release, uts.release));
	EXPECT_TRUE(start_has(&rec, rec.start.version, uts.version));
	/* Within a second of each other, and of now. */
	EXPECT_GE(1, real.tv_sec - (long long)(rec.start.realtime_ns / 1000000000ULL));
	EXPECT_GE(1, boot.tv_sec - (long long)(rec.start.head.time_ns / 1000000000ULL));
	/* Only programs know these. */
	EXPECT_EQ(0, rec.start.boot.off);
	EXPECT_EQ(0, rec.start.machine.off);
}

/* The name is the host's, also if a container with another name reads. */
TEST(start_names_the_host)
{
	char inside[] = "not-the-host";
	struct utsname uts;
	union start rec;

	uname(&uts);
	if (unshare(CLONE_NEWUTS))
		SKIP(return, "no UTS namespaces");
	ASSERT_EQ(0, sethostname(inside, strlen(inside)));
	read_start(&rec);
	EXPECT_TRUE(start_has(&rec, rec.start.host, uts.nodename));
}

/* All streams of a load have the same number; reload.sh sees that the next load has another. */
TEST(start_names_the_load)
{
	union start one, other;

	read_start(&one);
	read_start(&other);
	EXPECT_EQ(one.start.load, other.start.load);
	EXPECT_NE(OOMWATCH_UNKNOWN_U64, one.start.load);
}

TEST_HARNESS_MAIN
