/* SPDX-License-Identifier: GPL-2.0 */
/* What several commands, or a command and the fuzzer, share to describe a kill. */
#ifndef KILL_H
#define KILL_H

#include <stdio.h>

#include "stream.h"
#include "table.h"
#include "words.h"

/* --- containers and units, from a cgroup's path: container.c ---------------------------- */

struct container {
	const char *runtime;	/* NULL: the path names no known runtime */
	char id[65];
	char pod[40];
	bool is_pod;		/* the cgroup is that of the pod itself */
	size_t pod_end;		/* where the pod's name ends in the path, escaped */
	char unit[256];		/* systemd unit */
	size_t end;		/* where the name of the container, or of the unit, ends */
	bool is_below;		/* the path goes on after that name */
	char user[12];		/* of a user's slice: the uid */
};

/* What the files of this machine call it: pods.c. Each name is printable, without a slash. */
struct pod_names {
	char namespace[256], pod[256];
	char container[256];	/* or, of Docker alone, without a pod */
};

/* Also those that the store has. If this program keeps it, it adds those that it finds. */
struct pod_names names_of(const struct container *container);

/* Whether a part of a path is the name of a service or a scope. */
bool is_unit_name(const char *name);
bool is_slice_name(const char *name);
struct container container_of_path(struct bytes path);
const char *words_place(struct bytes path);
/* As words_place(), but a part of a container or unit is not called by the name of that. */
const char *words_whole_place(struct bytes path);
bool is_of_all_pods(struct bytes path);
const char *words_limit_setting(struct bytes path);
/* Such as ", which is docker 0123...", to follow a path; "": the path names nothing known. */
const char *words_container(struct bytes path);

/* --- what is read right after a kill of the machine: later.c ------------------------------ */

struct json_object;
struct parts;

/* Reads it, and adds it to the store. The kill was at @kill_ns, of CLOCK_BOOTTIME. */
void later_keep(__u64 load, __u64 oom, __u64 kill_ns);
/* As json has it; NULL: it is not known. */
struct json_object *json_later(const struct episode *episode);
void explain_later(struct prose *to, const struct episode *episode, const struct parts *parts);

/* --- figures of a kill: kill.c ----------------------------------------------------------- */

bool is_some(__u32 n);
__u64 sum_of(__u64 a, __u64 b, __u64 c);
__u64 without(__u64 sum, __u64 a, __u64 b);
/* Pages that a process holds in RAM. */
__u64 resident(const struct oomwatch_process *process);
const char *name_and_pid(const struct record *rec);
/* The pid of the process. If that is not known: the pid of the task. */
const char *words_pid(const struct oomwatch_process *process);
__u64 pages_of_bytes(const struct record *rec, __u64 bytes);
__u64 bytes_of_pages(const struct record *rec, __u64 pages);
/* The size of the piece that was asked for, if the order is that of one. */
const char *words_piece(const struct record *rec);
__u64 ns_since(const struct record *rec, __u64 then);
/* From one record to a later one. Unknown if the time of one is, or if they are not in order. */
__u64 ns_between(const struct record *from, const struct record *to);
/* Whether a log has only a date for it. */
bool is_by_dates(const struct record *rec);
/* ns_between() in words. NULL: the time is not known, or is less than a log's times can tell. */
const char *words_apart(const struct record *from, const struct record *to);
/* Whether two episodes are for the same limit. */
bool same_limit(const struct episode *a, const struct episode *b);
bool has_flag(const struct oomwatch_process *process, __u32 flag);
/* cgroup v1: the limit that was hit is that of memory and swap together. */
bool is_memsw_full(const struct oomwatch_oom *oom);
/* What such a cgroup has in swap; 0 if it is not known. */
__u64 memsw_swap(const struct oomwatch_oom *oom);

struct victims {
	const struct record **all;
	size_t nr;
};

/* What dies with a process: anonymous memory, in RAM and in swap. */
__u64 own_pages(const struct record *rec);
const char *words_own(const struct record *rec);
/* The part of it that is in RAM. */
__u64 anon_pages(const struct record *rec);
__u64 child_cache(const struct oomwatch_child *child);
/* Whether two victims, candidates or tasks are of one process. */
bool is_same_process(const struct record *a, const struct record *b);
/* What a full cgroup had in RAM and in swap. */
__u64 used_pages(const struct episode *episode);
/*
 * The sum over all processes that were killed, but not more than the cgroup had: what processes
 * share after fork counts for each.
 */
__u64 pages_of_killed(const struct episode *episode, __u64 (*pages)(const struct record *));
bool killed_swap_is_known(const struct episode *episode);
struct victims victims_of(const struct episode *episode);
const struct record *victim_by_pid(const struct victims *victims, __s32 pid);

/* Those that could be chosen, the highest first. */
struct candidates {
	const struct record **all;
	size_t nr;
};

struct candidates candidates_of(const struct episode *episode);

const struct record *program_of(const struct episode *episode, __s32 tgid);
const char *words_cmdline(const struct record *rec, size_t most);

/* --- where the memory went, and who holds it: memory.c, holders.c ------------------------- */

#define MAX_PARTS 24

struct part {
	const char *class;	/* of parts that have one remedy; on a page, one color */
	const char *name;
	__u64 bytes;
	__u64 later_ns;		/* how long after the kill it was read; 0: it is of the choice */
};

struct parts {
	struct part of[MAX_PARTS + 1];	/* the largest first; there is room for the rest */
	size_t nr;
	__u64 total;		/* in bytes */
	__u64 swap;		/* what of it is swap, which counts for a limit of cgroup v1 */
	__u64 known;		/* what the parts have */
	__u64 rest;		/* what they don't */
};

bool parts_of(struct parts *parts, const struct episode *episode);
/* Pages of processes and of shared memory that can't be swapped out; unknown for single nodes. */
__u64 unswappable(const struct episode *episode, const struct parts *parts);
/* What filled the memory. No part may have half of it: that is "mixed". No class: not known. */
struct part parts_filler(const struct parts *parts);
/* The rest as a part like the others, if it is a large one. */
void parts_count_rest(struct parts *parts, const struct episode *episode);
/* Whether the kernel's own memory is what filled it only with all of its kinds together. */
bool parts_are_sum(const struct parts *parts, const struct part *most);
bool part_is_kernel(const struct part *part);
/* Whether all counters that there are were recorded, as far as the kernel has them. */
bool has_counters(const struct episode *episode);
/* Whether the counts of huge pages are all of them: the kernel counts those of one size alone. */
bool huge_pages_known(const struct oomwatch_meminfo *meminfo);
const char *filled_by(const struct episode *episode);
const char *words_filled_machine(const struct episode *episode);
const char *words_filled(const struct episode *episode);
const char *words_present(const struct episode *episode);
const char *words_parts(const struct episode *episode);
const char *words_child(const struct episode *episode, const struct record *child);
bool is_machine_full(const struct episode *episode);
void explain_memory(struct prose *to, const struct episode *episode);
bool knows_shared(const struct episode *episode);
bool maps_shared(const struct episode *episode, __u64 shmem);
/* allocations.c: what of the kernel has most, by tables of a log. */
void explain_slab(struct prose *to, const struct episode *episode);
void explain_allocations(struct prose *to, const struct episode *episode);
void explain_holders(struct prose *to, const struct episode *episode, const struct record *victim);
bool victim_matters(const struct episode *episode, const struct record *victim);

/* --- whose records these are: identity.c --------------------------------------------------- */

const char *words_host(const struct stream *stream);
const char *words_boot(const struct stream *stream);
bool boot_begins(const struct stream *stream, const char *digits);
bool has_several_hosts(const struct capture *capture);
bool has_several_boots(const struct capture *capture);

/* --- which kills: select.c ------------------------------------------------------------ */

/* The episode with an ID, or the newest (NULL). Ends the program if there is no such episode. */
const struct episode *episode_meant(const struct capture *capture, const struct kill_id *id);
const struct episode *newest_kill(const struct capture *capture);
/* For a command that takes one ID. */
const struct episode *chosen_episode(const struct capture *capture, const struct options *options);
bool is_shown(const char *place, const char *shown);
bool chooses(const struct options *options);
const char *words_none_recorded(const struct capture *capture);
void check_choice(const struct options *options);
bool episode_matches(const struct episode *episode, const struct options *options);

/* --- kills that are not there: gaps.c --------------------------------------------------- */

/* Between two recorded ones. */
struct gap {
	const struct stream *stream;
	__u64 first, last;		/* their IDs */
	__u64 after_ns, before_ns;	/* of the recorded ones; unknown: there is none */
	bool hole;			/* records are missing there, too */
	const char *stats;		/* of the running module, if it is about that; else NULL */
};

const char *words_reasons(const char *stats);
const struct stream *live_stream(const struct capture *capture);
const char *words_gap(const struct gap *gap);
void each_gap(const struct capture *capture, const struct options *options, const char *stats,
	      void (*say)(const struct gap *gap));

/* --- how long memory had been short: shortage.c -------------------------------------------- */

void explain_shortage(struct prose *to, const struct episode *episode);
void fill_reclaim(struct table *table, const struct record *rec);
/* What the table does not have, in sentences. */
const char *words_reclaim(const struct record *rec);

/* --- what an older module did not record: older.c ----------------------------------------- */

/* Of each type the shortest record; NULL: all have what this program knows. */
struct lacks {
	const struct record *least[__OOMWATCH_TYPE_MAX];
	const struct episode *kill;	/* the last that has such records */
	size_t nr_kills;
};

bool is_of_older(const struct record *rec);
void lacks_add(struct lacks *lacks, const struct episode *episode);
/* Calls put() for each type with the keys that are not there. Returns how many keys these are. */
size_t each_lack(const struct lacks *lacks, void (*put)(const char *type, const char *keys));
/* A sentence without its end; NULL: nothing lacks. */
const char *words_lacks(const struct lacks *lacks);
/* On standard error, if something lacks. */
void say_lacks(const struct lacks *lacks);

/* --- nobody was left to kill: nobody.c --------------------------------------------------- */

bool is_nobody(const struct episode *episode);
bool is_panic_on_oom(const struct episode *episode);
/* That, or because nobody was left. */
bool is_panic(const struct episode *episode);
const char *words_title(const struct episode *episode);
/* The victim's name, with a mark if a log has only that it was chosen. */
const char *words_victim(const struct episode *episode);
/* words_victim() after a colon. "" if the victim is not known. */
const char *words_colon_victim(const struct episode *episode);
const char *words_calls(const struct episode *episode);
const char *words_nobody(const struct episode *episode);
bool nobody_stands(const struct episode *nobody, const struct episode *kill);
/* The largest process that can't be chosen, with init or without; NULL: no size is recorded. */
const struct record *largest_protected(const struct episode *episode, bool init);
void explain_nobody_after(struct prose *to, const struct capture *capture,
			  const struct episode *kill);

/* --- tables: tables.c, excluded.c ------------------------------------------------------- */

/* Kills that have something in common: the cgroup of the victim, the cause ... */
struct kill_group {
	const char *name, *and;		/* by what, and by what else ("": nothing) */
	__u64 nr;
	const struct episode *first, *last;
};

struct kill_group group_of(const char *by, const char *and, const struct episode *episode);
size_t unite_groups(struct kill_group *groups, size_t nr, bool largest_first);	/* groups.c */

/* Columns of the host and the boot are only there if there are several. */
void begin_with_boots(struct table *table, const struct capture *capture, size_t after,
		      const struct column *of, size_t nr);
void begin_kills(struct table *table, const struct capture *capture);
void begin_kills_in_full(struct table *table, const struct capture *capture);
void begin_groups(struct table *table, const char *by);
/* The name of the group that a kill is in; NULL: kills can't be grouped by that. */
bool can_group_by(const char *by);
const char *group_name(const char *by, const struct episode *episode);
void fill_candidates(struct table *table, const struct episode *episode,
		     const struct victims *victims);
void fill_victims(struct table *table, const struct episode *episode);
void fill_excluded(struct table *table, const struct record *rec);
__u64 held_by(const struct record *rec);
void fill_cmdlines(struct table *table, const struct episode *episode);
void fill_children(struct table *table, const struct episode *episode);
void fill_zones(struct table *table, const struct episode *episode);
void fill_events(struct table *table, const struct episode *episode, const struct victims *victims);

/* Cells of a group of kills. */
const char *cell_group_count(const struct row *row);
const char *cell_group_first(const struct row *row);
const char *cell_group_last(const struct row *row);
const char *cell_group_name(const struct row *row);

/* Cells of a ranked process: its score and the terms of the score. */
const char *cell_rank(const struct row *row);
const char *cell_comm(const struct row *row);
const char *cell_points(const struct row *row);
const char *cell_score_rss(const struct row *row);
const char *cell_score_swap(const struct row *row);
const char *cell_score_pgtables(const struct row *row);
const char *cell_score_adj(const struct row *row);
const char *cell_oom_score_adj(const struct row *row);
const char *cell_place(const struct row *row);
const char *cell_set_by(const struct row *row);

#define SCORE_COLUMNS \
	{ "NAME", LEFT, CUT_END, cell_comm, NULL }, \
	{ "SCORE", RIGHT, WHOLE, cell_points, NULL }, \
	{ "= RSS", RIGHT, WHOLE, cell_score_rss, NULL }, \
	{ "+ SWAP", RIGHT, WHOLE, cell_score_swap, NULL }, \
	{ "+ PGTBL", RIGHT, WHOLE, cell_score_pgtables, NULL }, \
	{ "+ ADJ", RIGHT, WHOLE, cell_score_adj, NULL }, \
	{ "OOM_SCORE_ADJ", RIGHT, WHOLE, cell_oom_score_adj, NULL }

/* --- what ran out: limit.c, cause.c ------------------------------------------------------- */

const char *words_limit(const struct episode *episode);
bool is_swapoff(const struct oomwatch_oom *oom);
/* Whether the machine had no swap at all; false as well if that is not known. */
bool has_no_swap(const struct episode *episode);
const char *words_swap(const struct episode *episode);
/* For the end of a sentence, where none was free. */
const char *words_no_swap(const struct episode *episode);
/* Such as "node 2, the only node that the memory policy allows". @happened is told before that. */
const char *words_allowed(const struct record *rec, const char *happened);
/* Whether the cgroup is one of v1. */
bool is_v1(const struct oomwatch_oom *oom);
/* The name of the file that has the cgroup's limit; "": it may be that of v1 or of v2. */
const char *words_knob(const struct record *rec);
const char *words_memcg_limit(const struct episode *episode, const char *filled);
/* A cgroup by the name that lists have for it; and in a sentence, which may begin with it. */
const char *words_memcg(const struct record *rec);
const char *words_the_memcg(const struct record *rec, bool begins);
const char *words_cause_name(const struct episode *episode);
const char *words_cause(const struct episode *episode);

/* --- sentences: story.c, explain.c and the files of its parts ----------------------------- */

const char *words_asker(const struct oomwatch_oom *oom);
const char *words_headline(const struct episode *episode);
/* The largest process with -1000, if its score at 0 is above the victim's; NULL: not known. */
const struct record *spared_holder(const struct episode *episode, const struct record *victim);
void explain_sparing(struct prose *to, const struct episode *episode, const struct record *victim);
void explain_victim(struct prose *to, const struct episode *episode, const struct record *victim);
void explain(struct prose *to, const struct capture *capture, const struct episode *episode);
void explain_kill(struct prose *to, const struct capture *capture, const struct episode *episode);
void explain_asked(struct prose *to, const struct episode *episode);
/* Free pages of CMA, if they are a large part of what was free and of no use; else 0. */
__u64 free_cma(const struct episode *episode);
void explain_advice(struct prose *to, const struct episode *episode, const struct record *victim);
void explain_others(struct prose *to, const struct episode *episode, const struct record *victim);
void explain_growth(struct prose *to, const struct capture *capture,
		    const struct episode *episode, const struct record *victim);
void explain_series(struct prose *to, const struct capture *capture,
		    const struct episode *episode);
/* What two kills were for, if same_limit() holds for them: the same limit, for instance. */
const char *words_series(const struct record *rec);
/* Whether the process had set its own oom_score_adj, if it is known who did. */
bool has_set_itself(const struct record *rec);
const char *words_setter(const struct record *rec);
const char *words_set_by(const struct record *rec);
const char *words_protected(const struct episode *episode, const struct record *told);
const char *words_spared(const struct episode *episode);
void put_excluded(const struct episode *episode);

/* --- memory cgroups of this machine: cgroups.c --------------------------------------------- */

/* The path of the cgroup that is meant by a path, a pattern or what WHERE shows. */
const char *cgroup_meant(const char *wanted);
/* In pages. A cgroup without a limit has OOMWATCH_NO_LIMIT. */
__u64 cgroup_usage(const char *path);
__u64 cgroup_limit(const char *path);
__u64 cgroup_swap_limit(const char *path);
const char *words_full(struct bytes path);

/* --- a dry run: ranking.c ----------------------------------------------------------------- */

/* Reads the dry run for a memory cgroup, or for the machine (NULL), as an episode. */
void read_candidates(struct capture *capture, const char *memcg);
/* A sentence, also if the module's file candidates can't be read. */
const char *words_next_victim(void);

/* --- whole records and episodes: json.c, and what commands share with the fuzzer ---------- */

struct json_object;

struct json_object *json_of_episode(const struct episode *episode);
struct json_object *json_of_record(const struct record *rec);
const char *json_text(struct json_object *object, int flags);
void put_record_line(FILE *to, const struct record *rec);
const char *words_figures(const struct record *rec);
void print_episode(const struct episode *episode);
void put_recorded(FILE *to, const struct capture *capture, bool live);
void write_page(FILE *to, const struct capture *capture, const struct episode *episode);
/* As json --all prints it. */
void put_all_json(FILE *to, const struct capture *capture);

#endif /* KILL_H */
