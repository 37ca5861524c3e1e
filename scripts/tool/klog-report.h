/* SPDX-License-Identifier: GPL-2.0 */
/* The report that is being read from a text log, for the readers of its lines. */
#ifndef KLOG_REPORT_H
#define KLOG_REPORT_H

#include "klog.h"

#define MAX_LINE 4096
/* The kernel's own lines are shorter, with what stands before them. */
#define MOST_PRINTED 1200
#define PAGE_SIZE 4096		/* of all records made from a log */

#define MAX_COLUMNS 16
enum task_column {
	TGID, UID, TOTAL_VM, RSS, RSS_ANON, RSS_FILE, RSS_SHMEM, PGTABLES, NR_PTES, NR_PMDS,
	NR_PUDS, SWAP, ADJ, NR_COLUMNS
};

/* How the lines of a log begin, as far as it is the same for all of them: klog-prefix.c. */
struct prefix {
	bool decided;
	bool monotonic;		/* "[time] host kernel: message" */
	bool cpu;		/* "[time] c0 1234 message" */
	bool records;		/* as /dev/kmsg has them */
};

/*
 * How a log is written: as lines, as journalctl -o json and -o export do, or as Docker writes what
 * a container writes: lines within JSON.
 */
enum klog_form { KLOG_LINES, KLOG_JSON, KLOG_EXPORT, KLOG_DOCKER };

/* Which host wrote a line. Only the first name of its domain counts. */
struct host {
	__u64 hash;		/* 0: not known */
	char name[65];		/* as the log writes it, of at most 64 bytes */
};

/* An entry of a journal, as far as it was read. */
struct journal_entry {
	char message[MAX_LINE];
	size_t len;
	bool is_kernel;		/* the kernel wrote it */
	bool is_driver;		/* journald itself wrote it */
	__u64 boot;		/* a hash; 0: it has none */
	struct host host;
	__u64 real_us, boot_us;	/* its times; unknown if it has none */
	__u64 skip;		/* bytes that follow and are left out */
	bool skip_line;		/* what is left of a line is */
};

/* What a line tells of when and where it was written. */
struct stamp {
	__u64 time_ns;		/* since boot; unknown if it has none */
	__u64 real_ns;		/* by the clock; unknown if it does not tell it */
	struct log_date date;
	struct host host;
	__u64 boot;		/* a hash of its ID; 0: the line does not tell it */
};

/* A message that was wrapped, and waits for its rest. */
struct waiting {
	char text[MAX_LINE];
	size_t len;
	unsigned int lines;	/* 0: none waits */
	bool bare;		/* its first line has nothing before the message */
	struct stamp stamp;
};

/*
 * Whether a terminal has cut lines at its width: each line that goes on has exactly that. A mail
 * wraps between words, at any length up to a width.
 */
struct cuts {
	size_t len, before;	/* of the line, and of the line before */
	bool space;		/* the line begins with one */
	size_t width;		/* the longest so far */
	unsigned int at_width;	/* lines that go on in the next one: of the longest, */
	unsigned int shorter;	/* and shorter ones */
};

/* A mail that says that it is quoted-printable. */
struct mail {
	bool is_quoted;
	char line[MAX_LINE];	/* as far as it is there */
	size_t len;
};

/* What tells whether the lines of a log are in order: klog-order.c. */
struct order {
	bool begun;
	struct stamp before;	/* of the line before */
	__u64 rises, falls;	/* how often the time of a line is later, and earlier, than that */
	__u64 turned;		/* kills that stand before the line that tells the choice */
};

/*
 * A report is open from its first line to its kill. Lines of several hosts may be mixed, so each
 * host has one of these, for its reports. That of the first host is also the one of the whole file.
 */
struct klog {
	struct hosts *hosts;	/* all of the file */
	struct record **records;	/* while those of another host are in the capture */
	size_t nr_records;
	struct host host;	/* whose reports these are; unknown until a line tells it */
	struct stream *stream;
	bool begun;		/* the form is known */
	enum klog_form form;
	struct journal_entry entry;	/* of a journal */
	struct prefix prefix;
	bool joined;		/* the rest of the line may be several */
	bool run_on;		/* a line was, but no times tell where each begins */
	bool releases;		/* a line told the kernel's release */
	__u64 build;		/* a hash of the newest, with the number of its build; 0: none */
	bool is_kernel;		/* a line begins as only the kernel's do */
	bool has_boot;		/* the kernel's first line is there */
	__u64 boot;		/* of the line: a number, the same for all lines of a boot */
	__u64 last_ns;		/* the newest time since that boot; unknown if no line had one */
	bool fine;		/* a time since boot is no whole second */
	__u64 first_ns;		/* the first time of a line; unknown if none has one */
	struct record *oom;	/* NULL: no report is open */
	bool unsure;		/* no line of it is the OOM killer's alone */
	__u64 id, seq, nobody;
	struct stamp stamp;	/* of the line */
	bool bare;		/* nothing stands before the message */
	bool indented;
	bool foreign;		/* the line is another program's */
	unsigned long long lost;	/* messages that are missing within reports */
	bool unread;		/* a line has a kill, behind something that is not known */
	bool quoted;		/* another program's line has one */
	struct order order;
	struct waiting waiting;
	struct cuts cuts;
	struct mail mail;
	/* The last kill and its victim; NULL: a report has begun since. */
	struct record *last_oom, *last;
	struct record *group;	/* the kill of a group: its other victims follow */
	struct record *alone;	/* the last report that found nobody to kill */
	bool sysrq;		/* sysrq-f asked for a report, */
	struct stamp sysrq_at;	/* then */
	/* of the open report */
	struct record *memcg, *stack, *zone, *meminfo;
	__u64 ram_pages, highmem_pages;
	bool has_memory;		/* the lines of the machine's memory have begun */
	bool other_memory;		/* the ones that follow are of another report */
	bool has_head;			/* the line that names the task of its trace */
	bool other_trace;		/* the lines of a trace are of another one */
	bool allocations;		/* the next line has the largest of the kernel's */
	unsigned int nodes, zones;	/* lines of each */
	unsigned int stacks;		/* lines of nodes that have kernel stacks */
	bool no_numa;			/* zones have no node: the kernel knows of one only */
	bool all_nodes;			/* neither a cpuset nor a memory policy left out some */
	bool zone_lost;			/* a zone's line is missing */
	bool lines_lost;		/* the log tells that lines are missing */
	__u32 split_node;		/* of a line that has no more: its rest follows */
	__u64 page_kb;		/* the size of the machine's pages; 0: not known */
	__s32 chosen;		/* the pid that a line tells as chosen, and its name */
	char chosen_comm[OOMWATCH_COMM_LEN];
	bool child;		/* an older kernel may kill a child of the chosen one */
	__u8 columns[MAX_COLUMNS];	/* enum task_column; NR_COLUMNS: any other */
	bool has_pgtables;	/* the table has page tables in bytes */
	size_t nr_columns;	/* before the name; 0: the table has not begun */
	bool rows_lost;		/* lines of the table are missing */
	char task_memcg[MAX_LINE];
};

/* The hosts whose lines a file has. */
struct hosts {
	struct klog **of;		/* in their order; the first is that of the file, too */
	size_t nr;
	struct klog *last;		/* whose line was read last */
	bool between_boots;		/* journalctl told that the next line is of another one */
	void *tree;			/* their names: tsearch() */
	/* Once they are ended: of any of them */
	bool has_reports, unread, is_turned;
	unsigned long long lost;	/* messages that are missing within reports */
};

/* --- klog-prefix.c ------------------------------------------------------------------------ */

/* The kernel's message in a line, which may be changed; NULL: another program wrote it. */
const char *klog_message(struct klog *log, char *line);
/* A number for a name. */
__u64 klog_hash(const char *at, size_t len);
/* Hosts are told apart without their domain. */
void klog_set_host(struct host *host, const char *name, size_t len);
/* Takes printk's time from the beginning of a message; NULL: it has none. */
const char *klog_after_time(struct klog *log, const char *line);
/* What follows a time, or a date and "kernel:", at the beginning of a line; NULL: there is none. */
const char *klog_after_beginning(const char *line);

/* --- klog-wrap.c --------------------------------------------------------------------------- */

/* Takes a line of a mail that is quoted-printable, once it is whole; false: it is of none. */
bool klog_is_of_mail(struct capture *capture, char *line);
void klog_end_mail(struct capture *capture);
/* A line as the log has it, which is changed. */
void klog_take_line(struct capture *capture, char *line);
/* Takes what waits as it is. */
void klog_end_wrapped(struct capture *capture);
/* Whether the lines of the log are cut at a width, within words. */
bool klog_is_cut(const struct klog *log);

/* --- klog-journal.c ------------------------------------------------------------------------- */

enum klog_form klog_form_of(const __u8 *bytes, size_t len);
void klog_begin_journal(struct klog *log);
/* As klog_add(), of a log with entries. */
size_t klog_add_journal(struct capture *capture, const __u8 *bytes, size_t len, bool last);

/* --- klog-lines.c ---------------------------------------------------------------------------- */

/* A message of the kernel, which may have several lines, and is changed. */
void klog_take_message(struct capture *capture, char *line);
/* Whether a line begins as a message of a report does. */
bool klog_begins_message(const char *line);
/* Whether a line has the words of a report's first line, or of its last one. */
bool klog_has_kill(const char *line);
/* Whether a report may begin with a line, or it may tell of a kill. */
bool klog_may_begin(const char *line);
/* Words that come late in a line of its kind; NULL: it has none that are always there. */
const char *klog_late_words(const char *line);
/* Ends a report that has no line of its end. */
void klog_finish_report(struct capture *capture);
/* Drops the stream of the host, of which no record is left. */
void klog_drop_stream(struct capture *capture);
/* What follows is of another boot of the host. */
void klog_begin_boot(struct capture *capture);

/* --- klog-hosts.c ---------------------------------------------------------------------------- */

struct klog *klog_begin(void);
void klog_free(struct klog *log);
/*
 * Makes capture->log that of a host, with the stamp of the line that is read. False: there is none
 * for that host, and the line (NULL: none) does not begin one.
 */
bool klog_enter_host(struct capture *capture, const struct host *host, const char *line);
/* Makes capture->log that of the file again. */
void klog_leave_host(struct capture *capture);
/* Calls end() for each host, when no more lines come, and puts their records together. */
void klog_end_hosts(struct capture *capture, void (*end)(struct capture *capture));

/* Whether a line comes more than so many seconds after a record of the log. */
bool klog_is_long_after(const struct klog *log, const struct record *rec, unsigned int seconds);

/* --- klog-order.c ---------------------------------------------------------------------------- */

void klog_note_time(struct klog *log);
/* The kill that stands before this line, if no line has told a choice since; else NULL. */
const struct record *klog_kill_before(const struct klog *log);
/* Notes that a line tells the choice. @last: the kill that stands before the line, or NULL. */
void klog_note_chosen(struct klog *log, const struct record *last);
/* Whether the newest line comes first. To be asked before the last report is ended. */
bool klog_is_turned(const struct klog *log);

/* --- klog-record.c --------------------------------------------------------------------------- */

struct record *klog_add_record(struct capture *capture, unsigned int type, __u64 oom);
/* The open report; opens one if there is none. For lines that only the OOM killer writes. */
struct record *klog_open(struct capture *capture);
/*
 * Opens a report by a line that other reports of the kernel have, too: the one that begins it is
 * missing, or it is another one. A former one of that kind is dropped.
 */
void klog_open_unsure(struct capture *capture);
/* Where a line that only the OOM killer writes stands in its report. */
enum klog_place { OF_OTHERS, AFTER_STACK, WITHIN_TABLE, AFTER_REPORT };

/*
 * Such a line comes: the open report is dropped if it may be another one. The kernel may write the
 * line of a kill without its report.
 */
void klog_settle(struct capture *capture, enum klog_place place);
void klog_drop_unsure(struct capture *capture);
/* Drops all of the open report. */
void klog_drop_report(struct capture *capture);
/* Whether the capture's i-th record is of the open report; other files have the same numbers. */
bool klog_is_of_report(const struct capture *capture, size_t i);
void klog_set_text(struct record *rec, struct oomwatch_ref *ref, const void *at, size_t len);
/* 0-1,3: a bit for each node, in words of 64. */
void klog_set_nodes(struct record *rec, struct oomwatch_ref *ref, const char *at);
void klog_set_comm(char *comm, const char *at, size_t len);
/* Bytes for the texts of a record of that type. */
size_t klog_room_of(unsigned int type);
bool klog_number(const char *line, const char *key, __s64 *number);
__u64 klog_pages(const char *line, const char *key);
/* Leaves *to as it is if there is no such number. */
void klog_set_s32(__s32 *to, const char *line, const char *key);

/* --- what a line of each kind has: klog-memory.c, klog-tasks.c, klog-stack.c, klog-end.c ------ */

/* The line of a kill, however it begins. */
#define KILLED "ut of memory: Killed process "
/* Before 2.6.19, and with a cpuset or a memory policy before 2.6.26. */
#define OLD_KILLED "Out of Memory: Killed process "
/* Of the first line of a report. */
#define INVOKED " invoked oom-killer: gfp_mask=0x"
#define NO_MEMORY "No available memory "
#define KLOG_PANIC "Kernel panic - not syncing: "

typedef void klog_take(struct capture *capture, const char *line, const char *at);

klog_take klog_take_mem_info, klog_take_counts, klog_take_rest, klog_take_node, klog_take_reserve;
klog_take klog_take_page_cache, klog_take_swap_cache, klog_take_free_swap, klog_take_total_swap;
klog_take klog_take_ram, klog_take_highmem, klog_take_reserved;
klog_take klog_take_allocations, klog_take_allocation, klog_take_cache;
klog_take klog_take_memory, klog_take_swap, klog_take_memsw, klog_take_kmem;
klog_take klog_take_stats, klog_take_stat;
klog_take klog_take_heading, klog_take_row;
klog_take klog_take_trace, klog_take_frame;
klog_take klog_take_nobody, klog_take_deadlock, klog_take_panic_on_oom, klog_take_gone;
klog_take klog_take_reaped;
/* Whether the task that asks is one that wants to be killed first, by its stack. */
bool klog_is_origin(const struct klog *log);

/* --- klog-children.c ------------------------------------------------------------------------- */

/* Takes what the line of a cgroup has, if that is below the one at its limit. */
void klog_take_child(struct capture *capture, const char *path, size_t len, const char *stats);
/* Puts the largest first, and counts them, when the report ends. */
void klog_rank_children(struct capture *capture);

/* Counts of pages become pages of PAGE_SIZE, or unknown. */
void klog_scale_memory(struct capture *capture);
void klog_scale_table(struct capture *capture);
/* Whether a line is a row of the table that has not all columns, or no name. */
bool klog_row_is_cut(const struct klog *log, const char *line);
/* The row of a task in the table of the open report; NULL: it has none. */
struct record *klog_row(const struct capture *capture, __s32 pid);
/* Gives the rows their scores, if these explain the choice; else returns one that is higher. */
const struct record *klog_score(struct capture *capture, const struct record *chosen);

/* --- klog-lost.c ----------------------------------------------------------------------------- */

/* Takes what a console tells of messages that it has dropped; NULL: the line has nothing else. */
char *klog_after_dropped(struct capture *capture, char *line);
/* Takes a line of another program, if journald tells there that it has missed messages. */
void klog_take_journald(struct capture *capture, const char *line);
/* Takes such a message without what stands before it. */
void klog_take_missed(struct capture *capture, const struct host *host, const char *message);
klog_take klog_take_dropped;

/* --- klog-stack.c ---------------------------------------------------------------------------- */

bool klog_has_frame(const struct record *stack, const char *name);
/* Whether the open report has a stack, and one that is not the OOM killer's. */
bool klog_has_stack(const struct klog *log);
bool klog_has_other_stack(const struct klog *log);

/* --- klog-cause.c ---------------------------------------------------------------------------- */

/* Fills in what follows from the whole report, which has this victim, or NULL: it has none. */
void klog_conclude(struct capture *capture, const struct record *victim);
/* Fills in what follows from the whole report, which has no victim. */
void klog_conclude_without_victim(struct capture *capture);

#endif /* KLOG_REPORT_H */
