/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Decoded records: checked, in this machine's byte order, with all fields of the format that this
 * program knows. Fields that the record did not have are unknown.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <linux/types.h>

#include "oomwatch.h"
/* For struct field. In this program its offset is the one in struct record. */
#include "core/form.h"

/* A date of a log, in any language. */
struct log_date {
	char text[40];		/* as the log writes it, of words in ASCII; empty: none */
	__u64 day;		/* the same number for all lines of a day; 0: not known */
	__u32 second;		/* of the day */
	__u8 of_month;		/* the day of the month; 0: not known */
	__u8 month;		/* 1 to 12, of an English date without a year; 0: not known */
};

/* What the START record of a stream says about the records that follow it. */
struct stream {
	size_t number;			/* its place among streams that do not overlap; 0: alone */
	struct stream *whole;		/* stands for this stream and those that overlap with it */
	bool log;			/* made of a text log of the kernel */
	bool coarse;			/* and its times since boot are whole seconds */
	bool unread;			/* and it has a kill in a line that is not read */
	bool swapped;			/* written by a machine of the other byte order */
	__u32 page_size;
	__u64 first_seq;		/* of the records that follow */
	__u64 boot_ns, real_ns;	/* the same moment, by two clocks */
	__u64 newest_ns;		/* of the last record of a log, by the clock or unknown; */
	struct log_date newest;		/* and by its date */
	const char *release;
	__u64 load;			/* of the module; 0: not known */
	/* NULL: not known. The boot's ID has 32 digits, if nobody has changed the file. */
	const char *host, *version, *boot, *machine;
};

/* START records of before have no more. */
#define START_LEAST offsetof(struct oomwatch_start, load)
#define ID_DIGITS 32

/* A task is stored as a victim, whose structure also has the terms of the score. */
struct record {
	union {
		struct oomwatch_head head;
		struct oomwatch_lost lost;
		struct oomwatch_oom oom;
		struct oomwatch_reclaim reclaim;
		struct oomwatch_node node;
		struct oomwatch_zone zone;
		struct oomwatch_victim victim;
		struct oomwatch_stack stack;
		struct oomwatch_end end;
		struct oomwatch_calls calls;
		struct oomwatch_reap reap;
		struct oomwatch_exit exit;
		struct oomwatch_adj adj;
		struct oomwatch_excluded excluded;
		struct oomwatch_sharer sharer;
		struct oomwatch_memcg memcg;
		struct oomwatch_child child;
		struct oomwatch_meminfo meminfo;
		struct oomwatch_cmdline cmdline;
	};
	struct oomwatch_setter set_by;	/* of a task or victim, if comm_known() */
	const struct stream *stream;
	bool unfinished;	/* a victim that was chosen: the log does not have its kill */
	bool not_in_table;	/* a victim that the log's task table does not have */
	bool rows_lost;		/* a victim: that table lacks lines */
	const struct record *higher;	/* a row of that table with a higher score; NULL: none */
	bool floored;		/* a score of a log: it was below 1, so the kernel made 1 of it */
	bool below_one;		/* a score of a log that is below 1, or was taken as 1 */
	__u32 thousandths;	/* the score of the chosen one in a log; 0: not known */
	bool was_free;		/* a log's report: by its figures memory was free again */
	bool maybe_policy;	/* and a memory policy may have forbidden the nodes that have it */
	bool had_no_room;	/* a log's report: no zone had enough free, by its marks */
	bool has_all_zones;	/* a log's report: it has all zones of the machine */
	bool has_heading;	/* the first line of its table of processes, */
	bool has_other_rows;	/* or rows of that without it */
	const char *left_out;	/* and the name of those that it lacks; NULL: not known */
	__u32 page_kb;		/* of a log: the size of the machine's pages; 0: not known */
	__u64 left;		/* pages that a log's reaper left; 0: none, or not known */
	bool not_memcg;		/* a log's kill: no memory cgroup was at its limit */
	/* A log's report: sums of its nodes, in pages; 0: none, or not known. */
	__u64 gpu_active, gpu_reclaim, balloon;
	struct oomwatch_ref most_allocated;	/* and the first line of its table of allocations */
	char slab_name[32];	/* the largest cache of its table of slab, and how much it has */
	__u64 slab_pages;
	__u64 real_ns;		/* of a log that has the clock's time; else unknown */
	struct log_date date;	/* of a log that has dates */
	__u64 log_boot;		/* of a log: the same number for all records of a boot */
	__u64 log_host;		/* of a log: a number for the host's name; 0: not known */
	__u8 bytes[];		/* the record as it was read; references are offsets into it */
};

/* Untrusted bytes: not terminated, and of any value. */
struct bytes {
	const __u8 *at;		/* NULL: not known */
	size_t len;
};

struct record *record_decode(const void *bytes, const struct stream *stream, const char **wrong);
/* All fields are unknown. Texts of up to room bytes go to bytes, from head.len on. */
struct record *record_unknown(unsigned int type, size_t room, const struct stream *stream);
struct record *record_parse(char *line, const struct stream *stream);
const char *record_type_name(const struct record *rec);
const struct field *record_fields(const struct record *rec, size_t *nr);

const char *enum_name(const struct field *field, __u64 value);
const char *flag_name(unsigned int bit);
const char *cause_name(unsigned int cause);
const char *kind_name(unsigned int kind);

__u64 field_unsigned(const struct record *rec, const struct field *field);
__u64 field_ago(const struct record *rec, const struct field *field);
__s64 field_signed(const struct record *rec, const struct field *field);
struct bytes field_bytes(const struct record *rec, const struct field *field);
bool field_known(const struct record *rec, const struct field *field);

struct bytes ref_bytes(const struct record *rec, struct oomwatch_ref ref);
__u64 ref_u64(const struct record *rec, struct oomwatch_ref ref, unsigned int n);
struct bytes comm_bytes(const char *comm);
/* Whether path is above or a path below it. */
bool is_below(struct bytes path, struct bytes above);
bool comm_known(const char *comm);
bool lost_no_kills(const struct record *rec);

/* For the heads of records that are not decoded yet. */
__u32 swap_u32(__u32 value, bool swapped);
__u16 swap_u16(__u16 value, bool swapped);
__u64 swap_u64(__u64 value, bool swapped);

static inline bool is_known(__u64 value)
{
	return value < OOMWATCH_NO_LIMIT;
}

/* For a sum of what is known. */
static inline __u64 known_or_0(__u64 value)
{
	return is_known(value) ? value : 0;
}

/* Whether two lines of logs may be of one host, by rec->log_host. */
static inline bool may_be_one_host(__u64 a, __u64 b)
{
	return !a || !b || a == b;
}

#endif /* RECORD_H */
