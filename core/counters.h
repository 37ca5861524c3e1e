/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of the file stats, in its order. A row is
 *
 *	COUNTER(ID, NAME, MEANING)
 *
 * A file that includes this defines COUNTER before. The meanings are for the manual. All
 * counters are 0 when the module is loaded. The counters of an enum's values are in the order
 * of the values in oomwatch.h.
 */

COUNTER(EPISODES, "episodes", "calls of out_of_memory(), or kills if the calls can't be seen")

/* results of these calls: enum oomwatch_outcome */
COUNTER(OUTCOME_UNKNOWN, "outcome_unknown", "calls that killed nobody, for an unknown reason")
COUNTER(OUTCOME_KILLED, "outcome_killed", "calls that sent SIGKILL to at least one task")
COUNTER(OUTCOME_DYING, "outcome_dying", "calls that gave a dying task access to reserves")
COUNTER(OUTCOME_FREED, "outcome_freed", "calls that ended because an OOM notifier freed memory")
COUNTER(OUTCOME_IN_FLIGHT, "outcome_in_flight", "calls while an earlier victim was still exiting")
COUNTER(OUTCOME_REPEATED, "outcome_repeated", "calls by a task that was an earlier victim itself")
COUNTER(OUTCOME_NOFS, "outcome_nofs", "calls for allocations that must not enter filesystems")
COUNTER(OUTCOME_GONE, "outcome_gone", "calls that chose a task that was gone, or marked before")
COUNTER(OUTCOME_NO_VICTIM, "outcome_no_victim", "calls that found no candidate")
COUNTER(OUTCOME_DISABLED, "outcome_disabled", "calls while the OOM killer was off, as in suspend")

COUNTER(VICTIMS, "victims", "tasks that the kernel marked as victims")
COUNTER(VICTIMS_DYING, "victims_dying", "of these, tasks that were dying before")
COUNTER(VICTIMS_GROUP, "victims_group", "of these, tasks killed with their cgroup")
/* victims by kind: enum oomwatch_kind */
COUNTER(KIND_UNKNOWN, "victims_unknown", "victims of calls that were not seen, or made no choice")
COUNTER(KIND_GLOBAL, "victims_global", "victims of the whole machine's lack of memory")
COUNTER(KIND_MEMCG, "victims_memcg", "victims of a memory cgroup's limit")
COUNTER(KIND_CPUSET, "victims_cpuset", "victims of a lack of memory on a cpuset's nodes")
COUNTER(KIND_MEMPOLICY, "victims_mempolicy", "victims of a lack of memory on a policy's nodes")
COUNTER(REKILLS, "rekills", "SIGKILLs by the OOM killer to tasks that were marked before")
COUNTER(SHARERS, "sharers", "processes killed because they used a victim's memory")
COUNTER(NOTIFICATIONS, "notifications", "calls of the OOM notifiers")

/* enum oomwatch_reap_event */
COUNTER(REAP_WAKE, "reap_wake", "victims handed to the OOM reaper")
COUNTER(REAP_START, "reap_start", "victims whose memory the OOM reaper began to take")
COUNTER(REAP_FINISH, "reap_finish", "victims whose memory the OOM reaper gave back")
COUNTER(REAP_SKIP, "reap_skip", "victims that the OOM reaper left alone")
COUNTER(EXITS, "exits", "victims whose last thread is gone")
COUNTER(ADJ_UPDATES, "adj_updates", "writes of oom_score_adj")
COUNTER(ADJ_SUPPRESSED, "adj_suppressed", "writes not recorded, for adj_per_min or a user's part")

/* what was lost, or not recorded */
COUNTER(RECORDS_SUPPRESSED, "records_suppressed", "records not written because enabled was 0")
COUNTER(NO_VICTIM_SUPPRESSED, "no_victim_suppressed", "calls that found nobody, in no record")
COUNTER(STRINGS_TRUNCATED, "strings_truncated", "strings and lists that a record had no room for")
COUNTER(VICTIMS_FORGOTTEN, "victims_forgotten", "victims forgotten before they had exited")
COUNTER(PATHS_FORGOTTEN, "paths_forgotten", "paths of v1 cgroups not known any more, or never")
COUNTER(ADJ_UNTRACKED, "adj_untracked", "processes that the table of oom_score_adj had no room for")
COUNTER(CMDLINES_UNTRACKED, "cmdlines_untracked", "programs whose command line was not kept")
COUNTER(CMDLINES_BUSY, "cmdlines_busy", "command lines not recorded because a lock was busy")
COUNTER(MEMSTAT_UNSURE, "memstat_unsure", "cgroups whose memory.stat did not add up to the usage")
COUNTER(RETRIES_UNTRACKED, "retries_untracked", "checks for retries by tasks that had no slot")

COUNTER(CAPTURE_NS_TOTAL, "capture_ns_total", "nanoseconds spent by oomwatch in out_of_memory()")
COUNTER(CAPTURE_NS_MAX, "capture_ns_max", "the most nanoseconds spent in one call")
