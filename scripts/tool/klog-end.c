// SPDX-License-Identifier: GPL-2.0
/* Lines of the kernel's log that end a report without a kill, or come after a kill. */
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"

/* --- lines: no kill ------------------------------------------------------------------------ */

static void end_alone(struct capture *capture, const struct record *oom, unsigned int outcome)
{
	klog_add_record(capture, OOMWATCH_TYPE_END, oom->head.oom)->end.outcome = outcome;
}

/*
 * The report is no kill: its records get a number of their own, as the module's do. A panic tells
 * what has happened by itself: all before it may be missing.
 */
static struct record *leave_without_victim(struct capture *capture, bool is_panic)
{
	struct klog *log = capture->log;
	struct record *oom = is_panic ? klog_open(capture) : log->oom;
	size_t i;

	if (!oom)
		return NULL;
	klog_conclude_without_victim(capture);
	log->nobody++;
	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);)
		capture->records[i]->head.oom = OOMWATCH_NOBODY | log->nobody;
	log->id--;
	log->oom = NULL;
	return oom;
}

/* Out of memory and no killable processes...: before 4.19 the message of the panic */
void klog_take_nobody(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	bool is_panic = !strncmp(line, KLOG_PANIC, strlen(KLOG_PANIC));

	(void)at;
	log->alone = leave_without_victim(capture, is_panic);
	if (is_panic)
		end_alone(capture, log->alone, OOMWATCH_OUTCOME_DEADLOCK);
}

/* System is deadlocked on memory: since 4.19 */
void klog_take_deadlock(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)line;
	(void)at;
	if (!log->alone)
		log->alone = leave_without_victim(capture, true);
	end_alone(capture, log->alone, OOMWATCH_OUTCOME_DEADLOCK);
	log->alone = NULL;
}

/* Out of memory: compulsory panic_on_oom is enabled; system-wide */
void klog_take_panic_on_oom(struct capture *capture, const char *line, const char *at)
{
	struct record *oom = strstr(line, " panic_on_oom is enabled") ?
		leave_without_victim(capture, true) : NULL;

	(void)at;
	if (!oom)
		return;
	end_alone(capture, oom, OOMWATCH_OUTCOME_PANIC);
	/* mm/oom_kill.c: check_panic_on_oom() */
	if (strstr(line, ": system-wide"))
		oom->oom.kind = OOMWATCH_KIND_GLOBAL;
}

/*
 * Out of memory: OOM victim 7 (hog) is already exiting. Skip killing the task: there was no kill,
 * and nobody had to be found in vain. The module has no records of such a call, either.
 */
void klog_take_gone(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)line;
	(void)at;
	if (!log->oom)
		return;
	klog_drop_report(capture);
	capture->nr_gone++;
}

/* --- lines: after the kill ----------------------------------------------------------------- */

/* Whether a line has a process's name, in brackets. */
static bool names(const char *line, const char *comm)
{
	const char *name = strchr(line, '(');
	size_t len = strlen(comm);

	return !comm_known(comm) || !name ||
		(!strncmp(name + 1, comm, len) && name[1 + len] == ')');
}

/* oom_reaper: reaped process 7 (hog), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB */
void klog_take_reaped(struct capture *capture, const char *line, const char *at)
{
	const struct record *rec;
	struct record *reap;
	__s32 pid = OOMWATCH_UNKNOWN_S32;
	size_t i, most = 20000;

	(void)at;
	klog_set_s32(&pid, line, "reaped process ");
	/* The reaper is a few seconds behind at most. */
	for (i = capture->nr_records; i-- && most--;) {
		rec = capture->records[i];
		if (rec->head.type != OOMWATCH_TYPE_VICTIM || rec->victim.process.pid != pid)
			continue;
		/* Another boot, or no time at all. */
		if (rec->stream != capture->log->stream || !capture->log->stream ||
		    rec->log_boot != capture->log->boot || !names(line, rec->victim.process.comm) ||
		    klog_is_long_after(capture->log, rec, 60))
			return;
		reap = klog_add_record(capture, OOMWATCH_TYPE_REAP, rec->head.oom);
		reap->reap.pid = pid;
		reap->reap.event = OOMWATCH_REAP_FINISH;
		reap->left = klog_pages(line, "now anon-rss:");
		if (rec->head.time_ns <= reap->head.time_ns &&
		    reap->head.time_ns != OOMWATCH_UNKNOWN_U64)
			reap->reap.since_kill_ns = reap->head.time_ns - rec->head.time_ns;
		return;
	}
}
