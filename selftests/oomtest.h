/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shared by the tests: reading oomwatch's files and the kernel's log, making cgroups and
 * victims. A function that can't go on ends the test with a message.
 */
#ifndef OOMTEST_H
#define OOMTEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "oomwatch.h"

#define DEBUGFS "/sys/kernel/debug/oomwatch/"
#define KNOBS "/proc/sys/vm/oomwatch/"
#define CGROUPS "/cg"
#define KPROBES "/sys/kernel/debug/kprobes"

#define SKIP_STATUS 4

/* --- files ---------------------------------------------------------------- */

/* A whole file, with a NUL after it; free() it. */
char *slurp(const char *path, size_t *len);

/* Reads all that there is, without waiting; 0, or the errno of open() or read(). */
int try_read(const char *path);

/* 0, or the errno of open() or write(); a short write is EIO. */
int try_write(const char *path, const char *text, size_t len);
void spew(const char *path, const char *fmt, ...);

/* The number after a name at the beginning of a line; without a name, the first in the file. */
long long number_in(const char *path, const char *name);
long long stat_of(const char *name);
long long vmstat_kills(void);

/* oomwatch's count of the SIGKILLs that vmstat_kills() counts. */
long long our_kills(void);
void knob_set(const char *name, unsigned int value);
unsigned int knob_get(const char *name);

/* --- events as text ------------------------------------------------------- */

struct pair {
	char *key;
	char *value;		/* unescaped, and a NUL after it */
	size_t len;
	bool quoted;
};

#define MAX_FIELDS 128

struct event {
	char *type;
	int nr_fields;
	struct pair field[MAX_FIELDS];
};

struct events {
	int nr;
	struct event *event;
};

/* Parses text in the form of the file events. A line that doesn't parse ends the test. */
struct events parse_events(const char *path, char *text);

/* Parses the file events, last or candidates. */
struct events read_events(const char *name);

/* A record's field: find_field() returns NULL if there is none, field_of() ends the test. */
const struct pair *find_field(const struct event *event, const char *key);
const struct pair *field_of(const struct event *event, const char *key);
const char *text_of(const struct event *event, const char *key);
bool is_known(const struct event *event, const char *key);
long long num_of(const struct event *event, const char *key);
/* Whether that is the number; text is none, such as the n1 of a call without a victim. */
bool has_number(const struct event *event, const char *key, long long value);
bool is_type(const struct event *event, const char *type);
int count_type(const struct events *all, const char *type);
bool is_text(const struct event *event, const char *key, const char *text);

/* The first record of a type whose key has a value. */
const struct event *find_event(const struct events *all, const char *type,
			       const char *key, long long value);
const struct event *find_text(const struct events *all, const char *type,
			      const char *key, const char *text);

/* --- records ---------------------------------------------------------------- */

/* The records that one reader received, and those that it was told it missed. */
struct tally {
	unsigned long long first, next;	/* sequence numbers: of the first record, of the next */
	unsigned long long received, missed;
};

/*
 * Counts a record; true if it comes from the ring. A gap in the sequence that no lost record
 * accounts for ends the test.
 */
bool tally_record(struct tally *tally, const struct oomwatch_head *head);

/* --- the kernel's log ----------------------------------------------------- */

/* Opens the log at its end: only later lines are read. */
int kmsg_open(void);

/*
 * The text of the next line; false if there is none. Lost lines end the test, as a comparison
 * without them could pass when it should fail.
 */
#define KMSG_MAX 8192

bool kmsg_line(int fd, char line[KMSG_MAX]);

/* A "Killed process" line. Memory in KiB. */
struct killed {
	int pid;
	char comm[16];
	long long total_vm, anon, file, shmem, uid, pgtables, adj;
};

/* An "invoked oom-killer" line and the "oom-kill:" line that ends its report. */
struct summary {
	char trigger[16];
	unsigned long long gfp_mask;
	char gfp_flags[256];
	int order, trigger_adj;
	char constraint[32], nodemask[64], mems_allowed[64];
	char oom_memcg[256], task_memcg[256];
	int pid, uid;
	bool complete;
};

/* Copies what follows a name, up to one of the given characters. */
void cut(const char *line, const char *name, const char *ends, char *to, size_t size);
long long number_behind(const char *line, const char *name);
bool hear_killed(const char *line, struct killed *k);
bool is_invocation(const char *line);

/* Takes in either line; true if it was the second. */
bool hear_summary(const char *line, struct summary *s);

/* --- the kernel's own events ---------------------------------------------- */

#define TRACING "/sys/kernel/debug/tracing/"

void trace_switch(const char *event, const char *on);

/* Traces an event, with the clock that records have; false if it can't be traced. */
bool trace_begin(const char *event);
/* Ends the trace, and returns it; free() it. */
char *trace_end(const char *event);
/*
 * The tries of a task up to a kill: lines of an event in a trace, which is changed. oomwatch counts
 * anew after a second without a try. Its clock is not the trace's, so a gap of about a second makes
 * the number unclear.
 */
struct tries {
	int nr;
	bool unclear;
	char *last;	/* NULL: none */
};

struct tries tries_in(char *trace, const char *task, const char *event, const struct event *oom);

/* --- victims -------------------------------------------------------------- */

/*
 * Free pages that a CPU keeps for itself are not in the count of free pages, and of no use to a
 * task on another one: if reclaim has freed nothing, the kernel kills without asking for them. By
 * default ("0") a newer kernel lets CPUs keep an eighth of a zone: too many to fill a node by that
 * count, or a machine with what can't be killed.
 */
void let_cpus_keep(const char *fraction);
/* The state of a process, as ps shows the state; 0 if the process is gone. */
char state_of(pid_t pid);
long long now_ns(void);
void pause_ms(long ms);
void wait_for_reports(void);

/* Runs the test and its later children on this CPU alone. */
void use_cpu(int cpu);
/* A child that is killed when the test ends, for whatever reason. */
pid_t fork_child(void);
pid_t start_process(void (*run)(int nr), int nr);
bool ended_well(pid_t pid);

/*
 * A task that touches this page for the first time waits until the returned userfaultfd has given
 * it content. -1: this kernel has none.
 */
int wait_at(void *page);

#define NO_USERFAULTFD "no userfaultfd()"

/* Starts ./hog with options as one string. */
pid_t start_hog(const char *fmt, ...);

/* Returns when the hog has taken its memory (-m) and waits. */
pid_t start_sitting_hog(const char *fmt, ...);

/* Waits for the process; true if SIGKILL killed it. */
bool was_killed(pid_t pid);
bool oom_kill_hog(const char *fmt, ...);
void stop(pid_t pid);
void stop_all(const pid_t *pid, int n);

/* With a memory limit, or 0 for none. The parent has to have the memory controller on. */
void make_cgroup(const char *path, unsigned long limit_kib);
void cgroup_set(const char *path, const char *file, const char *text);
void remove_cgroup(const char *path);

/*
 * A child that can't be killed writes to a tmpfs until this many of its writes have failed at the
 * cgroup's limit, with nobody to kill.
 */
void fail_charges(const char *cgroup, int failures);
void fail_charges_as(uid_t uid, const char *cgroup, int failures);

/* Asks for a kill by sysrq; returns when oomwatch has added up its time for it. */
void sysrq_oom(void);

/* Starts a hog and asks sysrq for a kill; 0 if the hog was not the victim. */
pid_t sysrq_kill_hog(const char *fmt, ...);

/*
 * Holds a process at its exit, with its memory: a traced process stops there, also after
 * SIGKILL.
 */
void hold_exit(pid_t pid);
void wait_held(pid_t pid);
void let_exit(pid_t pid);

/* --- swap ----------------------------------------------------------------- */

#define SWAP_KB (48 * 1024)

bool swap_on(void);
bool swap_on_kb(unsigned int kb);
void swap_off(void);

/* --- the module ----------------------------------------------------------- */

bool is_loaded(void);
void skip_program(const char *why);

/* Resets knobs and sysctls that a test may have left behind, if it was killed. */
void reset_machine(void);

/*
 * Has the kernel's own watchdogs wait for a minute, or as long as before: to them a CPU that waits
 * for a slow console looks like one that hangs.
 */
void be_patient(bool patient);

/*
 * Has the kernel leave pages where they are, as long as it needs no others, or move them as before.
 * What is being moved is charged, but on no list and mapped nowhere. NUMA balancing takes the
 * access to its pages from a process that has used a second of CPU time, until it touches them
 * again: then they can't be read, as if they were in swap.
 */
void leave_pages(bool leave);

/* Skips the program if it can't run here. Otherwise makes the test itself unkillable. */
void require_oomwatch(void);

/* Whether the module is attached to this source of events. */
bool have_source(const char *name);

/* Whether the module has its kretprobe on out_of_memory(), which tells what a call is about. */
bool have_scope(void);
bool have_stacks(void);

#define NO_STACKS "no CONFIG_STACKTRACE"
#define NO_SCOPE "no kprobe on out_of_memory()"
#define NO_MEMORY_STAT "the items of memory.stat can't be read: no BTF of the kernel"

/* Whether children of the root of cgroup v2 have that controller. */
bool have_controller(const char *name);
bool have_memcg(void);

#define NO_MEMCG "no cgroup v2 with the memory controller at " CGROUPS

void require_memcg(void);

#endif /* OOMTEST_H */
