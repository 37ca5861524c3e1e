// SPDX-License-Identifier: GPL-2.0
/* Lines of a log which tell that messages of the kernel are missing there. */
#include <stdio.h>
#include <string.h>

#include "klog-report.h"

/*
 * Counts messages that the host's open report lacks. The table of that report is whole once a line
 * has named the chosen one.
 */
static void note_lost(struct capture *capture, unsigned long long nr)
{
	struct klog *log = capture->log;

	if (!log->oom)
		return;
	log->lost += log->unsure ? 0 : nr;
	log->lines_lost = true;
	log->rows_lost = log->rows_lost ||
		(log->nr_columns && log->chosen == OOMWATCH_UNKNOWN_S32);
}

static void lose(struct capture *capture, const struct host *host, unsigned long long nr)
{
	klog_end_wrapped(capture);
	if (!klog_enter_host(capture, host, NULL))
		return;
	note_lost(capture, nr);
	klog_leave_host(capture);
}

/* ** 214 printk messages dropped **: older kernels write the next message in the same line. */
static const char *after_dropped(const char *line, unsigned long long *nr)
{
	int len = 0;

	return sscanf(line, "** %19llu printk messages dropped **%n", nr, &len) == 1 && len ?
		line + len : NULL;
}

char *klog_after_dropped(struct capture *capture, char *line)
{
	unsigned long long nr;
	const char *at = after_dropped(line, &nr);
	const struct host any = { };

	if (!at)
		return line;
	lose(capture, &any, nr);
	at += strspn(at, " \r");
	return *at ? line + (at - line) : NULL;
}

void klog_take_dropped(struct capture *capture, const char *line, const char *at)
{
	unsigned long long nr;

	(void)at;
	if (after_dropped(line, &nr))
		note_lost(capture, nr);
}

void klog_take_missed(struct capture *capture, const struct host *host, const char *message)
{
	unsigned long long nr;
	int len = 0;

	if (sscanf(message, "Missed %19llu kernel messages%n", &nr, &len) != 1 || !len ||
	    message[len + strspn(message + len, "\r")])
		return;
	lose(capture, host, nr);
}

void klog_take_journald(struct capture *capture, const char *line)
{
	static const char name[] = " systemd-journald[";
	const char *at = strstr(line, name), *message, *begin;
	struct host host = { };

	message = at ? strstr(at, "]: ") : NULL;
	if (!message)
		return;
	for (begin = at; begin > line && begin[-1] != ' ';)
		begin--;
	klog_set_host(&host, begin, at - begin);
	klog_take_missed(capture, &host, message + strlen("]: "));
}
