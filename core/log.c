// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel log: a line for each victim if the knob log is 1, and a report of the newest OOM
 * kill on a panic. The ring may be lost with the machine, but the console and pstore keep the
 * report.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "internal.h"

/* --- a line for each victim ----------------------------------------------- */

/* Used by the worker, and by log_start() while the worker can't run. */
static struct reader log_reader;
static char log_line[800];

/* Prints a line for each new victim. Runs in a worker: the kill path must not print. */
static void log_new_records(struct work_struct *work)
{
	struct oomwatch_head *rec = &log_reader.rec.head;

	for (; reader_fetch(&log_reader); cond_resched()) {
		struct seq_file m = { .buf = log_line, .size = sizeof(log_line) };

		if (rec->type == OOMWATCH_TYPE_LOST && reader_missed_kills(&log_reader.rec.lost))
			pr_warn("%llu records were gone before the log had them\n",
				log_reader.rec.lost.count);
		if (rec->type != OOMWATCH_TYPE_VICTIM)
			continue;
		render_brief(&m, rec);
		pr_info("%.*s\n", (int)m.count, log_line);
	}
}

static DECLARE_WORK(log_work, log_new_records);

/* Called when victim_waiters are woken. Context: irq_work. */
static int log_wake(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	schedule_work(&log_work);
	return 0;
}

static struct wait_queue_entry log_entry = { .func = log_wake };
static bool log_started;		/* log_entry is in the queue */

static void log_start(void)
{
	ring_seek_newest(&records, &log_reader.cursor);
	add_wait_queue(&victim_waiters, &log_entry);
	/* One may have come in between. */
	schedule_work(&log_work);
	log_started = true;
}

/**
 * log_stop() - stop printing lines
 *
 * Context: task context, may sleep; called by a writer of the knob, or when none is left.
 */
void log_stop(void)
{
	if (!log_started)
		return;
	log_started = false;
	remove_wait_queue(&victim_waiters, &log_entry);
	cancel_work_sync(&log_work);
}

/**
 * log_apply() - apply the knob log
 * @on: the new value
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: 0.
 */
int log_apply(unsigned int on)
{
	if (!on)
		log_stop();
	else if (!log_started)
		log_start();
	return 0;
}

/* --- the report of a panic ------------------------------------------------ */

/* A panic that hangs is worse than a short report, so the search is bounded. */
#define REPORT_RECORDS	2048

/* These need no lock: one CPU panics, once. */
static char panic_text[REPORT_PANIC_LINES * (REPORT_COLUMNS + 1) + 1];
static union {
	struct oomwatch_head head;
	u8 bytes[OOMWATCH_RECORD_MAX];
} panic_record;

static void panic_tell(void)
{
	struct seq_file m = { .buf = panic_text, .size = sizeof(panic_text) };
	const char *line, *end;

	report_panic(&m);
	for (line = panic_text; (end = memchr(line, '\n', panic_text + m.count - line));
	     line = end + 1)
		pr_emerg("%.*s\n", (int)(end - line), line);
}

static void panic_keep_newest(void)
{
	struct ring_cursor cursor = { };
	unsigned int i;
	s64 age_ns;
	u64 oom = 0;

	for (i = 0; i < REPORT_RECORDS; i++) {
		if (!ring_try_read_bookmark(&records, &cursor, &panic_record.head))
			break;
		record_unpack(&panic_record.head);
		if (!oom) {
			oom = panic_record.head.oom;
			/* The fast clock may be a little behind the clock of records. */
			age_ns = ktime_get_boot_fast_ns() - panic_record.head.time_ns;
			pr_emerg("the newest OOM episode was %llu ms ago:\n",
				 div_u64(max_t(s64, age_ns, 0), NSEC_PER_MSEC));
		}
		if (panic_record.head.oom == oom)
			report_keep(&panic_record.head);
	}
	/* The other CPUs are stopped, so the holder will never unlock it. */
	if (!oom && raw_spin_is_locked(&records.lock))
		pr_emerg("the ring is locked, its records can't be read\n");
}

static int panic_report(struct notifier_block *nb, unsigned long event, void *message)
{
	static atomic_t begun;
	pid_t pid = episode_running();

	/* If this is what panics, don't do it again. */
	if (atomic_xchg(&begun, 1))
		return NOTIFY_DONE;
	dump_tell_clock();
	episode_panic(message);
	if (!READ_ONCE(knob_panic_report))
		return NOTIFY_DONE;
	if (pid)
		pr_emerg("this panic came while out_of_memory() was running for pid %d\n", pid);
	if (!episode_report(report_keep))
		panic_keep_newest();
	panic_tell();
	return NOTIFY_DONE;
}

static struct notifier_block panic_notifier = { .notifier_call = panic_report };

/**
 * panic_attach() - report on panics from now on
 *
 * Context: task context.
 */
void panic_attach(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_notifier);
}

/**
 * panic_detach() - stop reporting on panics
 *
 * Context: task context, may sleep.
 */
void panic_detach(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_notifier);
}
