/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests share: reading oomwatch's files and the kernel's log, making
 * cgroups and victims. Functions that can't go on end the test with a message.
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

/* The whole of a file, with a NUL behind it; free() it. */
char *slurp(const char *path, size_t *len);

/* 0, or the errno of open() or write(); a short write is EIO. */
int try_write(const char *path, const char *text, size_t len);
void spew(const char *path, const char *fmt, ...);

/* The number in a file, behind a name at the beginning of a line if there is one. */
long long number_in(const char *path, const char *name);
long long stat_of(const char *name);
long long vmstat_kills(void);

/* SIGKILLs as the kernel counts them. */
long long our_kills(void);
void knob_set(const char *name, unsigned int value);
unsigned int knob_get(const char *name);

/* --- events as text ------------------------------------------------------- */

struct pair {
	char *key;
	char *value;		/* unescaped, NUL behind it */
	size_t len;
	bool quoted;
};

#define MAX_FIELDS 96

struct event {
	char *type;
	int nr_fields;
	struct pair field[MAX_FIELDS];
};

struct events {
	int nr;
	struct event *event;
};

/* Text of the form of events. A line that doesn't parse ends the test. */
struct events parse_events(const char *path, char *text);

/* All of events, last or candidates. */
struct events read_events(const char *name);
const struct pair *field_of(const struct event *event, const char *key);
const char *text_of(const struct event *event, const char *key);
bool is_known(const struct event *event, const char *key);
long long num_of(const struct event *event, const char *key);
bool is_type(const struct event *event, const char *type);
int count_type(const struct events *all, const char *type);
bool is_text(const struct event *event, const char *key, const char *text);

/* The first record of a type whose key has a value. */
const struct event *find_event(const struct events *all, const char *type,
			       const char *key, long long value);

/* --- records ---------------------------------------------------------------- */

/* What one reader of records has got, and was told that it missed. */
struct tally {
	unsigned long long first, next;	/* sequence numbers: its first, the one to come */
	unsigned long long received, missed;
};

/*
 * Counts a record; true where it is one of the ring's. A gap in the sequence that wasn't told
 * ends the test.
 */
bool tally_record(struct tally *tally, const struct oomwatch_head *head);

/* --- the kernel's log ----------------------------------------------------- */

/* From now on. */
int kmsg_open(void);

/*
 * The text of the next line; false where there is none. Lines that were lost
 * would let a comparison pass that should not: that ends the test.
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
	int order, trigger_adj;
	char constraint[32], nodemask[64], mems_allowed[64];
	char oom_memcg[256], task_memcg[256];
	int pid, uid;
	bool complete;
};

/* What is behind a name, up to one of the given characters. */
void cut(const char *line, const char *name, const char *ends, char *to, size_t size);
long long number_behind(const char *line, const char *name);
bool hear_killed(const char *line, struct killed *k);
bool is_invocation(const char *line);

/* True with the second of the lines. */
bool hear_summary(const char *line, struct summary *s);

/* --- the kernel's own events ---------------------------------------------- */

#define TRACING "/sys/kernel/debug/tracing/"

void trace_switch(const char *event, const char *on);

/* From now on, with times as records have them; false where the event can't be traced. */
bool trace_begin(const char *event);

/* What there was; free() it. */
char *trace_end(const char *event);

/* --- victims -------------------------------------------------------------- */

void pause_ms(long ms);

/* A child that doesn't outlive the test, whatever ends that. */
pid_t fork_child(void);
pid_t start_process(void (*run)(int nr), int nr);
bool ended_well(pid_t pid);

/* Starts ./hog with options as one string. */
pid_t start_hog(const char *fmt, ...);

/* A hog that has taken what it was told to take, and waits. */
pid_t start_sitting_hog(const char *fmt, ...);

/* Waits for it; true where a signal killed it. */
bool was_killed(pid_t pid);
bool oom_kill_hog(const char *fmt, ...);
void stop(pid_t pid);
void stop_all(const pid_t *pid, int n);

/* A cgroup with a memory limit, 0 for none; its parent hands the controller on. */
void make_cgroup(const char *path, unsigned long limit_kib);
void cgroup_set(const char *path, const char *file, const char *text);
void remove_cgroup(const char *path);

/* Returns when out_of_memory() has: then its time is added up. */
void sysrq_oom(void);

/* Starts a hog, which is to be the one whom sysrq kills; 0 where it did not die of that. */
pid_t sysrq_kill_hog(const char *fmt, ...);

/*
 * One that is traced stops on its way out, with its memory, also when SIGKILL sends
 * it there.
 */
void hold_exit(pid_t pid);
void wait_held(pid_t pid);
void let_exit(pid_t pid);

/* --- swap ----------------------------------------------------------------- */

bool swap_on(void);
void swap_off(void);

/* --- the module ----------------------------------------------------------- */

bool is_loaded(void);
void skip_program(const char *why);

/* What an earlier test may have left, had it been ended. */
void reset_machine(void);

/* Tests that can't run say so and are skipped; the rest are no victims. */
void require_oomwatch(void);

/* Whether the module has found this source of events, and listens to it. */
bool have_source(const char *name);

/* What a call of out_of_memory() was about is known by a kretprobe on it. */
bool have_scope(void);
bool have_stacks(void);

#define NO_STACKS "no CONFIG_STACKTRACE"
#define NO_SCOPE "no kprobe on out_of_memory()"

/* Whether the root of cgroup v2 hands that controller on. */
bool have_controller(const char *name);
bool have_memcg(void);

#define NO_MEMCG "no cgroup v2 with the memory controller at " CGROUPS

void require_memcg(void);

#endif /* OOMTEST_H */
