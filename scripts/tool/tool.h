/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands share: messages, memory, words for a person. */
#ifndef TOOL_H
#define TOOL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "capture.h"
#include "table.h"

/* Exit codes, see the manual. */
enum {
	EXIT_FINE,
	EXIT_FAILED,		/* something else, such as a file that can't be read */
	EXIT_USAGE,
	EXIT_NO_MODULE,
	EXIT_DAMAGED,		/* what could be read was shown */
	EXIT_NO_KILL,		/* no such record */
};

void die(int status, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Memory, zeroed; without it the program ends. */
void *allocate(size_t size);
/* Room for one more than nr. */
void *grow(void *array, size_t nr, size_t size);

/* A file, written beside its place so that none is left half done; "-": standard output. */
FILE *file_begin(const char *path, unsigned int mode);
void file_finish(FILE *to, const char *path);

/* --- words, in buffers that are used again after some tens of calls ------------- */

/* As a string, for what outlives many calls of these; free() it. */
char *copy_bytes(struct bytes bytes);
char *copy_string(const char *string);
const char *format_words(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *words_escaped(struct bytes bytes);
const char *words_comm(const char *comm);
const char *words_ref(const struct record *rec, struct oomwatch_ref ref);
const char *words_size(__u64 bytes);
const char *words_bytes(__u64 bytes);
const char *words_pages(const struct record *rec, __u64 pages);
const char *words_number(__u64 n);
const char *words_signed(__s64 n);
const char *words_duration(__u64 ns);
const char *words_time(__u64 real_ns);
const char *words_iso_time(__u64 real_ns);
const char *words_id(__s32 id);
const char *words_uid(__u32 uid);
const char *words_nodes(const struct record *rec, struct oomwatch_ref ref);
const char *words_count(__u32 n);
const char *plural(__u64 n, const char *one, const char *many);
const char *plural_count(__u32 n, const char *one, const char *many);

/* --- terminals ------------------------------------------------------------------ */

const char *style(enum style style);
unsigned int terminal_width(void);
void put_wrapped(FILE *to, const char *text, unsigned int indent);

/* The table is empty afterwards. */
void table_print(struct table *table, const char *indent);

/* --- paragraphs, for a terminal or a page --------------------------------------- */

struct paragraphs {
	char **text;
	size_t nr;
};

void paragraph(struct paragraphs *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void paragraphs_free(struct paragraphs *paragraphs);

/*
 * With commas between; it may have thousands, more than there are buffers for words. It stays
 * where it is, as the stream points into it.
 */
struct listing {
	FILE *to;
	char *text;		/* NULL: nothing was added */
	size_t size, nr;
};

void listing_add(struct listing *listing, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void listing_free(struct listing *listing);

/* --- what a cgroup's path says ---------------------------------------------------- */

struct container {
	const char *runtime;	/* NULL: none that is known */
	char id[65];
	char pod[40];
	char unit[128];		/* of systemd, escaped */
};

struct container container_of_path(struct bytes path);
const char *words_place(struct bytes path);

/* --- tables of a kill ---------------------------------------------------------------- */

struct victims {
	const struct record **all;
	size_t nr;
};

struct victims victims_of(const struct episode *episode);
const struct record *victim_by_pid(const struct victims *victims, __s32 pid);
bool is_known(__u64 value);
bool is_some(__u32 n);
__u64 sum_of(__u64 a, __u64 b, __u64 c);
/* What a process holds in RAM. */
__u64 resident(const struct oomwatch_process *process);
__u64 pages_of_bytes(const struct record *rec, __u64 bytes);
__u64 ns_since(const struct record *rec, __u64 then);
bool has_flag(const struct oomwatch_process *process, __u32 flag);
bool zone_has_marks(const struct oomwatch_zone *zone);
bool zone_is_short(const struct oomwatch_zone *zone);
void begin_kills(struct table *table);
void fill_candidates(struct table *table, const struct episode *episode,
		     const struct victims *victims);
void fill_victims(struct table *table, const struct episode *episode);
void fill_excluded(struct table *table, const struct record *rec);
void fill_zones(struct table *table, const struct episode *episode);
void fill_events(struct table *table, const struct episode *episode, const struct victims *victims);

const char *words_excluded(const struct record *rec);
const char *words_spared(const struct record *rec);

/* A score with its terms, of those who are ranked. */
const char *cell_comm(const struct row *row);
const char *cell_points(const struct row *row);
const char *cell_score_rss(const struct row *row);
const char *cell_score_swap(const struct row *row);
const char *cell_score_pgtables(const struct row *row);
const char *cell_score_adj(const struct row *row);
const char *cell_oom_score_adj(const struct row *row);
const char *cell_place(const struct row *row);

#define SCORE_COLUMNS \
	{ "NAME", LEFT, CUT_END, cell_comm, NULL }, \
	{ "SCORE", RIGHT, WHOLE, cell_points, NULL }, \
	{ "= RSS", RIGHT, WHOLE, cell_score_rss, NULL }, \
	{ "+ SWAP", RIGHT, WHOLE, cell_score_swap, NULL }, \
	{ "+ PGTBL", RIGHT, WHOLE, cell_score_pgtables, NULL }, \
	{ "+ ADJ", RIGHT, WHOLE, cell_score_adj, NULL }, \
	{ "OOM_SCORE_ADJ", RIGHT, WHOLE, cell_oom_score_adj, NULL }

/* --- kills ------------------------------------------------------------------------ */

struct json_object;
struct options;

const struct episode *chosen_episode(const struct capture *capture, const struct options *options);
bool episode_matches(const struct episode *episode, const struct options *options);
void put_record_line(FILE *to, const struct record *rec);
void print_episode(const struct episode *episode);
void explain(struct paragraphs *to, const struct capture *capture, const struct episode *episode);
const char *words_cause(const struct episode *episode);
const char *words_limit(const struct episode *episode);
void put_excluded(const struct record *rec);
void write_page(FILE *to, const struct capture *capture, const struct episode *episode);
void put_recorded(FILE *to, const struct capture *capture);
const char *words_next_victim(void);
struct json_object *json_of_episode(const struct episode *episode);
struct json_object *json_of_record(const struct record *rec);

#endif /* TOOL_H */
