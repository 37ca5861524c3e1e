/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fields of all types of records. A row has the key of a field in text, its member of the
 * structure, how the member is read, and what it means:
 *
 *	FIELD(TYPE, KEY, MEMBER, FORM, MEANING)
 *	NAMED(TYPE, KEY, MEMBER, FORM, NAMES, MEANING)
 *	SETTER(KEY, MEMBER, FORM, MEANING)	of the setter that a task or victim refers to
 *	UNPRINTED(TYPE, MEMBER, FORM, MEANING)	a member that text does not have
 *	UNPRINTED_SETTER(MEMBER, FORM, MEANING)
 *
 * in the order of the text. A file that includes this defines these macros before. The meanings
 * are for the manual. New rows go to the end of their type. Each byte after a record's head has
 * its row: selftests/format.c checks this.
 *
 * Include it in one source file, after form.h and names.h.
 */

static const struct field start_fields[] = {
	UNPRINTED(start, magic, HEX, "OOMWATCH_MAGIC, in the byte order of the machine")
	UNPRINTED(start, major, UNSIGNED, "major version of the format")
	UNPRINTED(start, minor, UNSIGNED, "minor version of the format")
	UNPRINTED(start, page_size, UNSIGNED, "bytes of a page")
	UNPRINTED(start, release, TEXT, "the kernel's release, as uname -r has it")
	UNPRINTED(start, realtime_ns, UNSIGNED, "CLOCK_REALTIME at the time of this record")
	UNPRINTED(start, load, HEX, "a random number that this load of the module drew")
	UNPRINTED(start, host, TEXT, "the host's name, as uname -n has it outside of containers")
	UNPRINTED(start, version, TEXT, "the kernel's version, as uname -v has it")
	UNPRINTED(start, boot, TEXT, "the boot's ID, which the program adds")
	UNPRINTED(start, machine, TEXT, "the machine's ID, which the program adds")
};

static const struct field lost_fields[] = {
	FIELD(lost, "count", count, UNSIGNED,
	      "how many records this reader missed, from seq on")
	FIELD(lost, "adj", adj, UNSIGNED,
	      "the same if all of them are adj records; not known if others may be among them")
	FIELD(lost, "kills", kills, UNSIGNED,
	      "how many are of kills: 0, or not known if some may be")
};

static const struct field oom_fields[] = {
	NAMED(oom, "kind", kind, ENUM, kind_names, "whose memory ran out")
	NAMED(oom, "trigger", trigger, ENUM, trigger_names, "how the OOM killer was called")
	NAMED(oom, "constraint", constraint, ENUM, constraint_names,
	      "the kernel's own name for the kind, as in its oom-kill: line")
	FIELD(oom, "pid", pid, SIGNED, "the trigger; with sysrq, a kernel worker")
	FIELD(oom, "tgid", tgid, SIGNED, "the trigger's process")
	FIELD(oom, "comm", comm, COMM, "the trigger's name")
	FIELD(oom, "uid", uid, UNSIGNED, "the user that the trigger runs as")
	FIELD(oom, "oom_score_adj", oom_score_adj, SIGNED, "the trigger's oom_score_adj")
	FIELD(oom, "gfp_mask", gfp_mask, HEX, "flags of the allocation")
	FIELD(oom, "order", order, SIGNED,
	      "order of the allocation: it wanted 2^order pages in one piece; -1: sysrq")
	FIELD(oom, "nodemask", nodemask, NODES, "nodes of the trigger's memory policy, as a list")
	FIELD(oom, "mems_allowed", mems_allowed, NODES,
	      "nodes of the trigger's cpuset, as a list")
	FIELD(oom, "totalpages", totalpages, UNSIGNED, "size of the domain, in pages")
	FIELD(oom, "chosen_points", chosen_points, SIGNED,
	      "score of the chosen task, as the kernel computed it")
	NAMED(oom, "verdict", verdict, ENUM, verdict_names, "why the kernel chose that task")
	FIELD(oom, "oom_memcg", memcg, TEXT, "path of the memory cgroup whose limit was hit")
	FIELD(oom, "oom_memcg_id", memcg_id, UNSIGNED, "inode number of that cgroup's directory")
	FIELD(oom, "memcg_usage_kb", memcg_usage, PAGES, "memory that the cgroup used")
	FIELD(oom, "memcg_limit_kb", memcg_limit, PAGES, "its limit (memory.max)")
	FIELD(oom, "memcg_swap_usage_kb", memcg_swap_usage, PAGES, "swap space used (cgroup v2)")
	FIELD(oom, "memcg_swap_limit_kb", memcg_swap_limit, PAGES,
	      "its limit of swap space (memory.swap.max; cgroup v2)")
	FIELD(oom, "memcg_failcnt", memcg_failcnt, UNSIGNED,
	      "how often charges hit its limit (newer kernels: cgroup v1 only)")
	FIELD(oom, "ram_total_kb", ram_total, PAGES, "RAM that the kernel manages")
	FIELD(oom, "ram_free_kb", ram_free, PAGES, "free RAM")
	FIELD(oom, "swap_total_kb", swap_total, PAGES, "swap space; only known in a global kill")
	FIELD(oom, "swap_free_kb", swap_free, PAGES, "free swap space")
	FIELD(oom, "active_anon_kb", active_anon, PAGES,
	      "anonymous memory and shmem used recently")
	FIELD(oom, "inactive_anon_kb", inactive_anon, PAGES,
	      "anonymous memory and shmem not used recently")
	FIELD(oom, "active_file_kb", active_file, PAGES, "pages of files used recently")
	FIELD(oom, "inactive_file_kb", inactive_file, PAGES, "pages of files not used recently")
	FIELD(oom, "unevictable_kb", unevictable, PAGES, "pages that can't be reclaimed")
	FIELD(oom, "isolated_anon_kb", isolated_anon, PAGES,
	      "anonymous memory and shmem that is off these lists for reclaim or migration")
	FIELD(oom, "isolated_file_kb", isolated_file, PAGES,
	      "pages of files that are off these lists for reclaim or migration")
	FIELD(oom, "dirty_kb", dirty, PAGES, "dirty pages of files")
	FIELD(oom, "writeback_kb", writeback, PAGES, "pages of files that are being written")
	FIELD(oom, "slab_reclaimable_kb", slab_reclaimable, PAGES,
	      "slab that the kernel can reclaim")
	FIELD(oom, "slab_unreclaimable_kb", slab_unreclaimable, PAGES,
	      "slab that the kernel can't reclaim")
	FIELD(oom, "mapped_kb", mapped, PAGES, "pages of files mapped into processes")
	FIELD(oom, "shmem_kb", shmem, PAGES, "shared memory and tmpfs")
	FIELD(oom, "pagetables_kb", pagetables, PAGES, "page tables")
	FIELD(oom, "kernel_stack_kb", kernel_stack, BYTES, "kernel stacks")
	FIELD(oom, "page_cache_kb", page_cache, PAGES,
	      "page cache, with shared memory and swap cache in it")
	FIELD(oom, "swap_cache_kb", swap_cache, PAGES, "swap cache")
	FIELD(oom, "reclaim_checks", reclaim_checks, UNSIGNED,
	      "how often the trigger checked whether to reclaim memory once more")
	FIELD(oom, "compact_checks", compact_checks, UNSIGNED,
	      "how often it checked whether to compact memory once more (order > 0)")
	FIELD(oom, "retry_ns", retry_ns, UNSIGNED,
	      "time from the first of these checks to the kill")
	FIELD(oom, "retry_node", retry_node, UNSIGNED, "node of the zone that it checked last")
	FIELD(oom, "retry_zone", retry_zone, NAME, "name of that zone")
	FIELD(oom, "no_progress_loops", no_progress_loops, SIGNED,
	      "rounds without progress at that time; the kernel gives up after 16")
	FIELD(oom, "retry_reclaimable_kb", retry_reclaimable, PAGES,
	      "memory in that zone that could be reclaimed")
	FIELD(oom, "retry_available_kb", retry_available, PAGES,
	      "the same plus the free memory in the zone")
	FIELD(oom, "retry_min_wmark_kb", retry_min_wmark, PAGES,
	      "memory that must stay free in the zone")
	FIELD(oom, "compact_priority", compact_priority, NAME,
	      "how hard the last compaction tried: async, sync_light or sync_full")
	FIELD(oom, "compact_result", compact_result, NAME,
	      "result of the last compaction, by the kernel's name for it")
	FIELD(oom, "compact_retries", compact_retries, SIGNED, "how often it was tried again")
	FIELD(oom, "compact_max_retries", compact_max_retries, SIGNED,
	      "how often it could be tried again at most")
	FIELD(oom, "memcg_high_kb", memcg_high, PAGES,
	      "the cgroup's memory.high (cgroup v2)")
	FIELD(oom, "memcg_memsw_usage_kb", memcg_memsw_usage, PAGES,
	      "memory and swap space that it used together (cgroup v1)")
	FIELD(oom, "memcg_memsw_limit_kb", memcg_memsw_limit, PAGES,
	      "its limit of memory and swap together (cgroup v1)")
	FIELD(oom, "trigger_memcg", trigger_memcg, TEXT,
	      "path of the trigger's memory cgroup")
	FIELD(oom, "trigger_memcg_id", trigger_memcg_id, UNSIGNED,
	      "inode number of that cgroup's directory")
	NAMED(oom, "cause", cause, ENUM, cause_names,
	      "what the memory had gone to")
	FIELD(oom, "cause_kb", cause_amount, PAGES, "amount of memory that shows it, see below")
	FIELD(oom, "cause_bound_kb", cause_bound, PAGES, "what to compare cause_kb with")
	FIELD(oom, "anon_mapped_kb", anon_mapped, PAGES,
	      "anonymous memory of processes, without shared memory and tmpfs")
	UNPRINTED(oom, reserved, PADDING, "0")
	FIELD(oom, "sec_pagetables_kb", sec_pagetables, PAGES,
	      "page tables of virtual machines and devices")
	FIELD(oom, "kernel_misc_reclaimable_kb", kernel_misc_reclaimable, PAGES,
	      "memory of the kernel, not slab, that it can reclaim")
	FIELD(oom, "zspages_kb", zspages, PAGES, "compressed pages, of zram and zswap")
	FIELD(oom, "free_cma_kb", free_cma, PAGES,
	      "part of ram_free_kb: only for allocations of movable memory")
	FIELD(oom, "vmalloc_kb", vmalloc, PAGES,
	      "memory that the kernel mapped by vmalloc(); newer kernels")
	FIELD(oom, "hugetlb_kb", hugetlb, PAGES,
	      "huge pages in use (hugetlb), without free ones; newer kernels")
	FIELD(oom, "balloon_kb", balloon, PAGES,
	      "memory that a balloon gave back to the host; newer kernels")
	FIELD(oom, "leader_comm", leader_comm, COMM, "the name of the trigger's process")
	FIELD(oom, "gfp_flags", gfp_flags, TEXT, "gfp_mask by the kernel's names")
	UNPRINTED(oom, reserved2, PADDING, "0")
	FIELD(oom, "swapoff_kb", swapoff, PAGES,
	      "what has to leave swap that is being switched off, and fits into no other swap")
	FIELD(oom, "cpu", cpu, UNSIGNED, "the CPU that the trigger ran on")
	UNPRINTED(oom, reserved3, PADDING, "0")
	FIELD(oom, "psi_some_avg10_bp", pressure.some_avg10, UNSIGNED,
	      "part of the last 10 s in which a task waited for memory, in 0.01 %")
	FIELD(oom, "psi_full_avg10_bp", pressure.full_avg10, UNSIGNED,
	      "part of the last 10 s in which all waited, in 0.01 %")
	FIELD(oom, "psi_some_total_ns", pressure.some_total, UNSIGNED,
	      "how long a task waited, since boot")
	FIELD(oom, "psi_full_total_ns", pressure.full_total, UNSIGNED,
	      "how long all waited, since boot")
	FIELD(oom, "psi_age_ns", pressure.age, UNSIGNED,
	      "time since the kernel made these averages")
};

static const struct field zone_fields[] = {
	FIELD(zone, "node", node, UNSIGNED, "the zone's NUMA node")
	FIELD(zone, "zone", name, NAME, "the zone's name")
	FIELD(zone, "free_kb", free, PAGES, "free memory")
	FIELD(zone, "min_kb", min, PAGES, "its min watermark, including boost_kb")
	FIELD(zone, "low_kb", low, PAGES, "its low watermark, including boost_kb")
	FIELD(zone, "high_kb", high, PAGES, "its high watermark, including boost_kb")
	FIELD(zone, "managed_kb", managed, PAGES, "memory that the page allocator manages")
	FIELD(zone, "present_kb", present, PAGES, "memory that is present")
	FIELD(zone, "boost_kb", boost, PAGES, "how much the watermarks are raised at the moment")
	FIELD(zone, "active_anon_kb", active_anon, PAGES,
	      "anonymous memory and shmem used recently")
	FIELD(zone, "inactive_anon_kb", inactive_anon, PAGES,
	      "anonymous memory and shmem not used recently")
	FIELD(zone, "active_file_kb", active_file, PAGES, "pages of files used recently")
	FIELD(zone, "inactive_file_kb", inactive_file, PAGES, "pages of files not used recently")
	FIELD(zone, "unevictable_kb", unevictable, PAGES, "pages that can't be reclaimed")
	FIELD(zone, "write_pending_kb", write_pending, PAGES, "dirty, or being written")
	FIELD(zone, "lowmem_reserve", lowmem_reserve, NUMBERS,
	      "for each type of zone: pages kept from allocations that may use that type, too")
	FIELD(zone, "free_blocks", free_blocks, NUMBERS,
	      "number of free blocks of each order: single pages, pairs, fours, ...")
	UNPRINTED(zone, reserved, PADDING, "0")
	FIELD(zone, "reserved_highatomic_kb", reserved_highatomic, PAGES,
	      "blocks for atomic allocations of order > 0")
	FIELD(zone, "free_highatomic_kb", free_highatomic, PAGES,
	      "what is free of these, a part of free_kb; newer kernels")
	FIELD(zone, "free_cma_kb", free_cma, PAGES,
	      "part of free_kb: only for allocations of movable memory")
	FIELD(zone, "free_pcp_kb", free_pcp, PAGES,
	      "free pages on per-CPU lists, which free_kb does not have")
	FIELD(zone, "mlocked_kb", mlocked, PAGES, "pages locked by mlock()")
	FIELD(zone, "zspages_kb", zspages, PAGES, "compressed pages, of zram and zswap")
	FIELD(zone, "free_types", free_types, TEXT,
	      "for each order: the types of its free blocks, by the letters below")
	UNPRINTED(zone, reserved2, PADDING, "0")
};

static const struct field reclaim_fields[] = {
	FIELD(reclaim, "since_ns", since_ns, UNSIGNED,
	      "to this kill, from the first reclaim that got nothing, or the kill before if newer")
	FIELD(reclaim, "pgscan_anon", pgscan_anon, UNSIGNED, "anonymous and shmem pages scanned")
	FIELD(reclaim, "pgscan_file", pgscan_file, UNSIGNED, "pages of files scanned")
	FIELD(reclaim, "pgsteal_anon", pgsteal_anon, UNSIGNED, "anonymous and shmem pages freed")
	FIELD(reclaim, "pgsteal_file", pgsteal_file, UNSIGNED, "pages of files freed")
	FIELD(reclaim, "workingset_refault_anon", refault_anon, UNSIGNED,
	      "anonymous and shmem pages that were reclaimed, and needed again")
	FIELD(reclaim, "workingset_refault_file", refault_file, UNSIGNED,
	      "pages of files that were reclaimed, and needed again")
	FIELD(reclaim, "allocstall", allocstall, UNSIGNED,
	      "how often a task had to reclaim memory itself")
	FIELD(reclaim, "pswpin", pswpin, UNSIGNED, "pages read from swap")
	FIELD(reclaim, "pswpout", pswpout, UNSIGNED, "pages written to swap")
};

static const struct field node_fields[] = {
	FIELD(node, "node", node, UNSIGNED, "the NUMA node")
	FIELD(node, "kswapd_failures", kswapd_failures, UNSIGNED,
	      "how often in a row kswapd freed nothing there; at 16 it gives up")
	FIELD(node, "active_anon_kb", active_anon, PAGES,
	      "anonymous memory and shmem used recently")
	FIELD(node, "inactive_anon_kb", inactive_anon, PAGES,
	      "anonymous memory and shmem not used recently")
	FIELD(node, "active_file_kb", active_file, PAGES, "pages of files used recently")
	FIELD(node, "inactive_file_kb", inactive_file, PAGES, "pages of files not used recently")
	FIELD(node, "unevictable_kb", unevictable, PAGES, "pages that can't be reclaimed")
	FIELD(node, "isolated_anon_kb", isolated_anon, PAGES,
	      "anonymous memory and shmem that is off these lists for reclaim or migration")
	FIELD(node, "isolated_file_kb", isolated_file, PAGES,
	      "pages of files that are off these lists for reclaim or migration")
	FIELD(node, "mapped_kb", mapped, PAGES, "pages of files mapped into processes")
	FIELD(node, "dirty_kb", dirty, PAGES, "dirty pages of files")
	FIELD(node, "writeback_kb", writeback, PAGES, "pages of files that are being written")
	FIELD(node, "writeback_temp_kb", writeback_temp, PAGES,
	      "copies of pages that FUSE is writing; older kernels")
	FIELD(node, "shmem_kb", shmem, PAGES, "shared memory and tmpfs")
	FIELD(node, "shmem_thp_kb", shmem_thp, PAGES,
	      "shared memory and tmpfs in transparent huge pages")
	FIELD(node, "shmem_pmdmapped_kb", shmem_pmdmapped, PAGES,
	      "what of that is mapped as huge pages")
	FIELD(node, "anon_thp_kb", anon_thp, PAGES, "anonymous memory in transparent huge pages")
	FIELD(node, "kernel_stack_kb", kernel_stack, BYTES, "kernel stacks")
	FIELD(node, "shadow_call_stack_kb", shadow_call_stack, BYTES,
	      "shadow call stacks, on arm64")
	FIELD(node, "pagetables_kb", pagetables, PAGES,
	      "page tables; the oldest kernels count them by zone only")
	FIELD(node, "sec_pagetables_kb", sec_pagetables, PAGES,
	      "page tables of virtual machines and devices")
	FIELD(node, "balloon_kb", balloon, PAGES,
	      "memory that a balloon gave back to the host; newer kernels")
	FIELD(node, "gpu_active_kb", gpu_active, PAGES,
	      "memory of graphics drivers; newer kernels")
	FIELD(node, "gpu_reclaim_kb", gpu_reclaim, PAGES,
	      "memory in pools of graphics drivers that can be reclaimed; newer kernels")
};

/* A task's line begins with its rank; a victim's line has the rank further back. */
static const struct field task_fields[] = {
#define RANK_FIRST 1
#include "process_fields.h"
#undef RANK_FIRST
};

static const struct field victim_fields[] = {
#define RANK_FIRST 0
#include "process_fields.h"
#undef RANK_FIRST
};

static const struct field stack_fields[] = {
	FIELD(stack, "nr_frames", nr_frames, UNSIGNED, "how many frames there are")
	FIELD(stack, "frames", frames, FRAMES,
	      "symbol+offset/size of each frame, the innermost first, with ; between them")
};

static const struct field end_fields[] = {
	NAMED(end, "outcome", outcome, ENUM, outcome_names, "the result of the call")
	FIELD(end, "victims", victims, UNSIGNED, "how many tasks were marked")
	FIELD(end, "kills", kills, UNSIGNED,
	      "SIGKILLs as the kernel counts them (oom_kill in /proc/vmstat)")
	FIELD(end, "duration_ns", duration_ns, UNSIGNED, "time that out_of_memory() took")
	FIELD(end, "capture_ns", capture_ns, UNSIGNED, "oomwatch's own part of that time")
	FIELD(end, "sharers", sharers, UNSIGNED,
	      "how many processes were killed because they used a victim's memory")
	UNPRINTED(end, reserved, PADDING, "0")
};

static const struct field calls_fields[] = {
	FIELD(calls, "calls", calls, UNSIGNED, "how many more calls for this limit found nobody")
	FIELD(calls, "first_ago_ns", first_ns, AGO, "how long ago the first of them was")
	FIELD(calls, "last_ago_ns", last_ns, AGO, "how long ago the last of them was")
};

static const struct field reap_fields[] = {
	FIELD(reap, "pid", pid, SIGNED, "the pid of the victim's record")
	NAMED(reap, "event", event, ENUM, reap_names, "what the OOM reaper did")
	FIELD(reap, "since_kill_ns", since_kill_ns, UNSIGNED, "time since the kill")
};

static const struct field exit_fields[] = {
	FIELD(exit, "pid", pid, SIGNED, "the pid of the victim's record")
	FIELD(exit, "tgid", tgid, SIGNED, "the process whose last thread exits")
	FIELD(exit, "since_kill_ns", since_kill_ns, UNSIGNED, "time since the kill")
	NAMED(exit, "mm", mm, ENUM, exit_mm_names, "the state of its memory at that time")
	UNPRINTED(exit, reserved, PADDING, "0")
};

static const struct field meminfo_fields[] = {
	FIELD(meminfo, "since_kill_ns", since_kill_ns, UNSIGNED, "time since the kill")
	FIELD(meminfo, "hugetlb_kb", hugetlb, BYTES,
	      "reserved as huge pages of any size, used or not")
	FIELD(meminfo, "hugepages_total", hugepages_total, UNSIGNED,
	      "huge pages of the size hugepage_size_kb")
	FIELD(meminfo, "hugepages_free", hugepages_free, UNSIGNED, "those of them not in use")
	FIELD(meminfo, "hugepages_reserved", hugepages_reserved, UNSIGNED,
	      "those of them not in use, but promised to a process")
	FIELD(meminfo, "hugepage_size_kb", hugepage_size, BYTES, "the usual size of huge pages")
	FIELD(meminfo, "vmalloc_kb", vmalloc, BYTES, "memory that the kernel mapped by vmalloc()")
	FIELD(meminfo, "percpu_kb", percpu, BYTES, "the kernel's memory for each CPU")
	FIELD(meminfo, "zswap_kb", zswap, BYTES, "memory that zswap takes; newer kernels")
	FIELD(meminfo, "zswapped_kb", zswapped, BYTES, "what it holds there; newer kernels")
	FIELD(meminfo, "cma_total_kb", cma_total, BYTES, "memory kept for movable allocations")
	FIELD(meminfo, "hardware_corrupted_kb", hardware_corrupted, BYTES,
	      "memory put out of use because it is broken")
	FIELD(meminfo, "anon_thp_kb", anon_thp, BYTES,
	      "anonymous memory in transparent huge pages")
	FIELD(meminfo, "swap_total_kb", swap_total, BYTES, "swap space")
	FIELD(meminfo, "commit_limit_kb", commit_limit, BYTES,
	      "how much memory processes may ask for, if vm.overcommit_memory is 2")
	FIELD(meminfo, "committed_kb", committed, BYTES, "how much they have asked for")
	FIELD(meminfo, "hugepages_surplus", hugepages_surplus, UNSIGNED,
	      "huge pages of that size beyond vm.nr_hugepages")
};

static const struct field adj_fields[] = {
	FIELD(adj, "pid", pid, SIGNED, "the task whose oom_score_adj was written")
	FIELD(adj, "tgid", tgid, SIGNED, "its process")
	FIELD(adj, "comm", comm, COMM, "its name")
	FIELD(adj, "old", old_adj, SIGNED, "the value before the write")
	FIELD(adj, "new", new_adj, SIGNED, "the value that was written")
	FIELD(adj, "by_pid", by_pid, SIGNED, "the task that wrote it")
	FIELD(adj, "by_comm", by_comm, COMM, "the writer's name")
	FIELD(adj, "by_uid", by_uid, UNSIGNED, "the user that the writer runs as")
};

static const struct field excluded_fields[] = {
	FIELD(excluded, "eligible", eligible, UNSIGNED,
	      "processes that could have been chosen, ranked or not")
	FIELD(excluded, "eligible_kb", eligible_pages, PAGES,
	      "memory that they hold; not exact if the kernel keeps a part of it by CPU (7.x)")
	FIELD(excluded, "unkillable", unkillable, UNSIGNED,
	      "processes with an oom_score_adj of -1000")
	FIELD(excluded, "unkillable_kb", unkillable_pages, PAGES, "memory that they hold")
	FIELD(excluded, "init", init, UNSIGNED, "process 1")
	FIELD(excluded, "init_kb", init_pages, PAGES, "memory that it holds")
	FIELD(excluded, "kthreads", kthreads, UNSIGNED, "kernel threads")
	FIELD(excluded, "reaped", reaped, UNSIGNED,
	      "earlier victims, which the kernel passes over (MMF_OOM_SKIP)")
	FIELD(excluded, "reaped_kb", reaped_pages, PAGES, "memory that they hold")
	FIELD(excluded, "vfork", vfork, UNSIGNED,
	      "children that use their parent's memory until they call exec")
	FIELD(excluded, "vfork_kb", vfork_pages, PAGES, "memory that they hold")
	FIELD(excluded, "exited", exited, UNSIGNED, "zombies, which have no memory any more")
	FIELD(excluded, "outside", outside, UNSIGNED,
	      "processes outside the cgroup, or with none of the nodes")
	FIELD(excluded, "busy", busy, UNSIGNED,
	      "processes that could not be looked at without waiting for a lock")
	UNPRINTED(excluded, reserved, PADDING, "0")
};

static const struct field sharer_fields[] = {
	FIELD(sharer, "pid", pid, SIGNED, "the process that was killed with the victim")
	FIELD(sharer, "tgid", tgid, SIGNED, "the same as pid")
	FIELD(sharer, "comm", comm, COMM, "its name")
	FIELD(sharer, "uid", uid, UNSIGNED, "the user that it runs as")
	FIELD(sharer, "oom_score_adj", oom_score_adj, SIGNED, "its oom_score_adj")
	FIELD(sharer, "victim_pid", victim_pid, SIGNED, "the pid of the victim's record")
	UNPRINTED(sharer, reserved, PADDING, "0")
};

static const struct field memcg_fields[] = {
	FIELD(memcg, "usage_kb", usage, PAGES, "memory that the cgroup used")
	FIELD(memcg, "anon_kb", anon, PAGES,
	      "anonymous memory; this and the keys to slab_unreclaimable_kb are as in memory.stat")
	FIELD(memcg, "file_kb", file, PAGES, "page cache, with shmem_kb and swapcached_kb")
	FIELD(memcg, "kernel_kb", kernel, PAGES,
	      "memory of the kernel for the cgroup, of all kinds below")
	FIELD(memcg, "kernel_stack_kb", kernel_stack, BYTES, "stacks of threads in the kernel")
	FIELD(memcg, "pagetables_kb", pagetables, PAGES, "page tables")
	FIELD(memcg, "sec_pagetables_kb", sec_pagetables, PAGES,
	      "page tables of virtual machines and devices")
	FIELD(memcg, "percpu_kb", percpu, BYTES, "per-CPU memory")
	FIELD(memcg, "sock_kb", sock, PAGES, "buffers of network sockets; not a part of kernel_kb")
	FIELD(memcg, "vmalloc_kb", vmalloc, PAGES, "memory that the kernel mapped by vmalloc()")
	FIELD(memcg, "shmem_kb", shmem, PAGES, "tmpfs and shared memory")
	FIELD(memcg, "zswap_kb", zswap, BYTES, "memory that compressed pages take")
	FIELD(memcg, "zswapped_kb", zswapped, PAGES, "memory that these pages had taken")
	FIELD(memcg, "file_mapped_kb", file_mapped, PAGES, "page cache that is mapped")
	FIELD(memcg, "file_dirty_kb", file_dirty, PAGES, "dirty page cache")
	FIELD(memcg, "file_writeback_kb", file_writeback, PAGES, "page cache that is being written")
	FIELD(memcg, "swapcached_kb", swapcached, PAGES, "pages that are in swap as well")
	FIELD(memcg, "anon_thp_kb", anon_thp, PAGES, "anonymous memory in transparent huge pages")
	FIELD(memcg, "file_thp_kb", file_thp, PAGES, "page cache in transparent huge pages")
	FIELD(memcg, "shmem_thp_kb", shmem_thp, PAGES,
	      "tmpfs and shared memory in transparent huge pages")
	FIELD(memcg, "inactive_anon_kb", inactive_anon, PAGES,
	      "anonymous memory and shmem not used recently")
	FIELD(memcg, "active_anon_kb", active_anon, PAGES,
	      "anonymous memory and shmem used recently")
	FIELD(memcg, "inactive_file_kb", inactive_file, PAGES, "pages of files not used recently")
	FIELD(memcg, "active_file_kb", active_file, PAGES, "pages of files used recently")
	FIELD(memcg, "unevictable_kb", unevictable, PAGES,
	      "pages that can't be reclaimed, such as mlock's and ramfs's")
	FIELD(memcg, "slab_reclaimable_kb", slab_reclaimable, BYTES,
	      "slab that the kernel can reclaim")
	FIELD(memcg, "slab_unreclaimable_kb", slab_unreclaimable, BYTES, "slab that it can't")
	FIELD(memcg, "hugetlb_kb", hugetlb, PAGES, "huge pages, if the cgroup is charged for them")
	FIELD(memcg, "workingset_refault_anon", workingset_refault_anon, UNSIGNED,
	      "refaults of anonymous pages; this and the next six are as in memory.stat")
	FIELD(memcg, "workingset_refault_file", workingset_refault_file, UNSIGNED,
	      "refaults of file pages")
	FIELD(memcg, "workingset_activate_anon", workingset_activate_anon, UNSIGNED,
	      "refaulted anonymous pages that were activated at once")
	FIELD(memcg, "workingset_activate_file", workingset_activate_file, UNSIGNED,
	      "refaulted file pages that were activated at once")
	FIELD(memcg, "workingset_restore_anon", workingset_restore_anon, UNSIGNED,
	      "refaulted anonymous pages that had been active before")
	FIELD(memcg, "workingset_restore_file", workingset_restore_file, UNSIGNED,
	      "refaulted file pages that had been active before")
	FIELD(memcg, "workingset_nodereclaim", workingset_nodereclaim, UNSIGNED,
	      "shadow nodes that were reclaimed")
	FIELD(memcg, "events_low", events_low, UNSIGNED, "low in memory.events")
	FIELD(memcg, "events_high", events_high, UNSIGNED, "high in memory.events")
	FIELD(memcg, "events_max", events_max, UNSIGNED,
	      "max in memory.events: how often charges hit the limit")
	FIELD(memcg, "events_oom", events_oom, UNSIGNED, "oom in memory.events, with this OOM")
	FIELD(memcg, "events_oom_kill", events_oom_kill, UNSIGNED,
	      "oom_kill in memory.events, before this kill")
	FIELD(memcg, "swap_events_max", swap_events_max, UNSIGNED, "max in memory.swap.events")
	FIELD(memcg, "swap_events_fail", swap_events_fail, UNSIGNED, "fail in memory.swap.events")
	FIELD(memcg, "min_kb", min, PAGES, "its protection by memory.min")
	FIELD(memcg, "low_kb", low, PAGES, "its protection by memory.low")
	FIELD(memcg, "memsw_failcnt", memsw_failcnt, UNSIGNED,
	      "how often charges hit the limit of memory and swap (cgroup v1)")
	FIELD(memcg, "kmem_usage_kb", kmem_usage, PAGES,
	      "memory of the kernel for the cgroup (cgroup v1)")
	FIELD(memcg, "kmem_limit_kb", kmem_limit, PAGES, "its limit (cgroup v1)")
	FIELD(memcg, "kmem_failcnt", kmem_failcnt, UNSIGNED,
	      "how often charges hit that limit (cgroup v1)")
	FIELD(memcg, "children", children, UNSIGNED, "how many direct children were looked at")
	FIELD(memcg, "children_usage_kb", children_usage, PAGES, "memory that these used")
	FIELD(memcg, "children_unseen", children_unseen, UNSIGNED,
	      "0: all direct children were looked at; unknown: there are more than 1024")
	FIELD(memcg, "children_min_kb", children_min, PAGES,
	      "memory of its children that their memory.min protects (cgroup v2)")
	FIELD(memcg, "children_low_kb", children_low, PAGES,
	      "memory of its children that their memory.low protects (cgroup v2)")
	FIELD(memcg, "zswap_incomp_kb", zswap_incomp, PAGES,
	      "what of zswapped_kb did not become smaller; newer kernels")
	FIELD(memcg, "psi_some_avg10_bp", pressure.some_avg10, UNSIGNED,
	      "part of the last 10 s in which a task of the cgroup waited for memory, in 0.01 %")
	FIELD(memcg, "psi_full_avg10_bp", pressure.full_avg10, UNSIGNED,
	      "part of the last 10 s in which all of the cgroup waited, in 0.01 %")
	FIELD(memcg, "psi_some_total_ns", pressure.some_total, UNSIGNED,
	      "how long a task of the cgroup waited, since it was made")
	FIELD(memcg, "psi_full_total_ns", pressure.full_total, UNSIGNED,
	      "how long all of the cgroup waited, since it was made")
	FIELD(memcg, "psi_age_ns", pressure.age, UNSIGNED,
	      "time since the kernel made these averages")
};

static const struct field child_fields[] = {
	FIELD(child, "memcg", memcg, TEXT, "its path")
	FIELD(child, "memcg_id", memcg_id, UNSIGNED, "inode number of its directory")
	FIELD(child, "usage_kb", usage, PAGES, "memory that it used, with its own children")
	FIELD(child, "limit_kb", limit, PAGES, "its limit (memory.max)")
	FIELD(child, "anon_kb", anon, PAGES, "anonymous memory")
	FIELD(child, "file_kb", file, PAGES, "page cache, with shmem_kb")
	FIELD(child, "kernel_kb", kernel, PAGES, "memory of the kernel for it")
	FIELD(child, "sock_kb", sock, PAGES, "buffers of network sockets")
	FIELD(child, "shmem_kb", shmem, PAGES, "tmpfs and shared memory")
	UNPRINTED(child, reserved, PADDING, "0")
};

static const struct field cmdline_fields[] = {
	FIELD(cmdline, "pid", pid, SIGNED, "the pid of the process's task or victim record")
	FIELD(cmdline, "tgid", tgid, SIGNED, "the process")
	FIELD(cmdline, "leader_comm", leader_comm, COMM, "the name of its first thread")
	FIELD(cmdline, "cmdline", cmdline, TEXT, "its arguments, with spaces between them")
	FIELD(cmdline, "length", length, UNSIGNED,
	      "bytes of the whole command line, of which cmdline has the first")
	NAMED(cmdline, "read_at", read_at, ENUM, cmdline_read_names, "when it was read")
	UNPRINTED(cmdline, reserved, PADDING, "0")
};

#define RECORD_TYPE(id, type) \
	[OOMWATCH_TYPE_##id] = { sizeof(struct oomwatch_##type), ARRAY_SIZE(type##_fields), \
				 type##_fields, &(struct oomwatch_##type) { } }

const struct record_type record_types[__OOMWATCH_TYPE_MAX] = {
	RECORD_TYPE(START, start),
	RECORD_TYPE(LOST, lost),
	RECORD_TYPE(OOM, oom),
	RECORD_TYPE(ZONE, zone),
	RECORD_TYPE(VICTIM, victim),
	RECORD_TYPE(TASK, task),
	RECORD_TYPE(STACK, stack),
	RECORD_TYPE(END, end),
	RECORD_TYPE(REAP, reap),
	RECORD_TYPE(EXIT, exit),
	RECORD_TYPE(MEMINFO, meminfo),
	RECORD_TYPE(ADJ, adj),
	RECORD_TYPE(EXCLUDED, excluded),
	RECORD_TYPE(SHARER, sharer),
	RECORD_TYPE(MEMCG, memcg),
	RECORD_TYPE(CHILD, child),
	RECORD_TYPE(CMDLINE, cmdline),
	RECORD_TYPE(NODE, node),
	RECORD_TYPE(RECLAIM, reclaim),
	RECORD_TYPE(CALLS, calls),
	[OOMWATCH_TYPE_PROTECTED] = { sizeof(struct oomwatch_task), ARRAY_SIZE(task_fields),
				      task_fields, &(struct oomwatch_task) { } },
};
