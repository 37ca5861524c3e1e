/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rows of tasks and victims, for fields.h. struct oomwatch_victim begins like struct
 * oomwatch_task. A task has no members for the terms of its score, which are computed from the
 * other members.
 */
#if RANK_FIRST
	FIELD(victim, "rank", process.rank, RANK, "its place by points; 1 is the highest score")
#endif
	FIELD(victim, "pid", process.pid, SIGNED,
	      "the thread that has the memory; it is not always the first of its process")
	FIELD(victim, "tgid", process.tgid, SIGNED, "its process")
	FIELD(victim, "ppid", process.ppid, SIGNED, "the process of its parent")
	FIELD(victim, "comm", process.comm, COMM, "the thread's name")
	FIELD(victim, "uid", process.uid, UNSIGNED, "the user that it runs as")
	FIELD(victim, "oom_score_adj", process.oom_score_adj, SIGNED, "its oom_score_adj")
	FIELD(victim, "total_vm_kb", process.total_vm, PAGES, "virtual size")
	FIELD(victim, "anon_rss_kb", process.anon_rss, PAGES, "resident anonymous memory")
	FIELD(victim, "file_rss_kb", process.file_rss, PAGES, "resident pages of files")
	FIELD(victim, "shmem_rss_kb", process.shmem_rss, PAGES, "resident shared memory")
	FIELD(victim, "swap_kb", process.swap, PAGES, "memory that is swapped out")
	FIELD(victim, "pgtables_kb", process.pgtables, BYTES, "page tables")
	FIELD(victim, "points", process.points, SIGNED,
	      "its score in pages: the sum of the following four terms")
	FIELD(victim, "score_rss", score_rss, UNSIGNED, "resident pages")
	FIELD(victim, "score_swap", score_swap, UNSIGNED, "pages swapped out")
	FIELD(victim, "score_pgtables", score_pgtables, UNSIGNED, "pages of page tables")
	FIELD(victim, "score_adj", score_adj, SIGNED, "oom_score_adj * (totalpages / 1000)")
	FIELD(victim, "threads", process.threads, UNSIGNED, "threads of the process")
	FIELD(victim, "age_ns", process.start_ns, AGO, "time since the process was started")
	FIELD(victim, "memcg", process.memcg, TEXT, "path of its memory cgroup")
	FIELD(victim, "memcg_id", process.memcg_id, UNSIGNED,
	      "inode number of that cgroup's directory")
	NAMED(victim, "flags", process.flags, FLAGS, flag_names,
	      "properties of the process, see below")
#if !RANK_FIRST
	FIELD(victim, "rank", process.rank, RANK,
	      "its place among the recorded candidates, if it is one")
#endif
	SETTER("set_by_pid", pid, SIGNED, "the task that last wrote this oom_score_adj")
	SETTER("set_by_comm", comm, COMM, "the writer's name at that time")
	SETTER("set_by_uid", uid, UNSIGNED, "the user that the writer ran as")
	SETTER("set_ago_ns", time_ns, AGO, "time since that write")
	SETTER("set_on_tgid", on_tgid, SIGNED,
	       "the process whose oom_score_adj was written")
	UNPRINTED_SETTER(reserved, PADDING, "0")
	UNPRINTED(victim, process.set_by, SETTER, "the setter")
