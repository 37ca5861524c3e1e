// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the kernel's own reports of OOM kills from a text log. What a log does not have stays
 * unknown. Names of tasks and cgroups in it are anybody's bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"
#include "tool.h"
#include "words.h"

/* A record of the module has NULs in its head. A console may have some later. */
bool klog_is_text(const __u8 *bytes, size_t len)
{
	return len && !memchr(bytes, '\0', len < 16 ? len : 16);
}

/* Without NULs, which a console may have. */
static void copy_line(char *line, const __u8 *bytes, size_t len)
{
	char *to = line;

	for (; len && to < line + MAX_LINE - 1; bytes++, len--)
		if (*bytes)
			*to++ = *bytes;
	*to = '\0';
}

/*
 * A form or a chat may have lost the ends of lines. In a line that is longer than any of the
 * kernel's, and begins as these do, another begins where a time is. Returns where, or 0.
 */
static size_t next_beginning(struct klog *log, const char *line, size_t length)
{
	const char *at = klog_after_beginning(line);
	bool whole = strlen(line) == (length < MAX_LINE ? length : MAX_LINE - 1);

	log->joined = log->joined || (length > MOST_PRINTED && at);
	if (!log->joined || !at || !whole)
		return 0;
	while ((at = strchr(at, ' ')))
		if (klog_after_beginning(++at))
			return at - line;
	return 0;
}

/* Whole seconds tell no duration, and no moment within a kill. */
static void note_coarse(struct capture *capture)
{
	struct klog *log = capture->log;
	struct record *rec;
	size_t i;

	if (!log->stream || log->fine)
		return;
	log->stream->coarse = true;
	for (i = capture->nr_records; i-- && capture->records[i]->stream == log->stream;) {
		rec = capture->records[i];
		if (rec->head.type == OOMWATCH_TYPE_REAP)
			rec->reap.since_kill_ns = OOMWATCH_UNKNOWN_U64;
	}
}

/* Whether a line was the kernel's, be it of a kill or not. */
static bool is_kernels(const struct klog *log)
{
	return log->is_kernel || log->has_boot;
}

static void note_cut(struct capture *capture)
{
	const struct klog *log = capture->log;

	if (klog_is_cut(log) && (log->stream || log->unread || is_kernels(log)))
		capture_damaged(capture, "the lines are cut at %zu bytes, within words, as by a terminal: figures may be wrong; dmesg >FILE or journalctl -k >FILE has them whole",
				log->cuts.width);
}

static void note_lost(struct capture *capture)
{
	words_scope();
	if (capture->log->lost)
		capture_damaged(capture, "%s missing within a report, as the log itself tells; dmesg >FILE or journalctl -k >FILE may have more",
				plural(capture->log->lost, "message of the kernel is",
				       "messages of the kernel are"));
}

static void note_unread(struct capture *capture)
{
	const struct klog *log = capture->log;

	capture->unread = log->unread;
	capture->quoted = log->quoted && !log->stream;
	if (log->stream)
		log->stream->unread = log->unread;
}

/* Drops all that was made of the log. */
static void drop_records(struct capture *capture)
{
	struct klog *log = capture->log;

	while (capture->nr_records &&
	       capture->records[capture->nr_records - 1]->stream == log->stream)
		free(capture->records[--capture->nr_records]);
	stream_free(log->stream);
	capture->nr_streams--;
	log->stream = NULL;
	log->oom = NULL;
}

static bool note_turned(struct capture *capture)
{
	if (!klog_is_turned(capture->log))
		return false;
	drop_records(capture);
	capture_damaged(capture, "its newest line comes first, so its kills are not read; tac FILE turns it round, and journalctl -k without -r writes the oldest first");
	return true;
}

static void note_run_on(struct capture *capture)
{
	const struct klog *log = capture->log;

	if (log->run_on)
		capture_damaged(capture, "the ends of its lines are lost, and no times tell where each begins; dmesg >FILE or journalctl -k >FILE has them whole");
}

/*
 * A log that has no report of the OOM killer. The kernel's buffer, and so dmesg, may have lost the
 * first lines: then quiet_from_ns is the time of the first one left.
 */
static void note_quiet(struct capture *capture)
{
	const struct klog *log = capture->log;

	if (log->stream || log->unread || log->quoted || !is_kernels(log))
		return;
	capture->nr_quiet++;
	capture->quiet = capture->names[capture->nr_names - 1];
	capture->quiet_others |= capture->others;
	capture->quiet_from_ns = log->has_boot || log->first_ns < 1000000000 ?
		OOMWATCH_UNKNOWN_U64 : log->first_ns;
}

static struct klog *begin_log(void)
{
	struct klog *log = allocate(sizeof(*log));

	log->first_ns = OOMWATCH_UNKNOWN_U64;
	log->last_ns = OOMWATCH_UNKNOWN_U64;
	log->stamp.real_ns = OOMWATCH_UNKNOWN_U64;
	klog_begin_journal(log);
	return log;
}

/* The first bytes tell the form. A pipe may give a few of them. */
#define ENOUGH_FOR_FORM 16

static size_t add_lines(struct capture *capture, const __u8 *bytes, size_t len, bool last)
{
	struct klog *log = capture->log;
	size_t used = 0, length, next;
	char line[MAX_LINE];
	const __u8 *end;

	while (used < len) {
		end = memchr(bytes + used, '\n', len - used);
		if (!end && !last && len - used < MAX_LINE)
			break;
		length = end ? (size_t)(end - bytes) - used : len - used;
		copy_line(line, bytes + used, length);
		next = next_beginning(log, line, length);
		if (next)
			line[next - 1] = '\0';
		else
			log->joined = false;
		capture->others |= other_text(line);
		if (!klog_is_of_mail(capture, line))
			klog_take_line(capture, line);
		used += next ?: length + !!end;
	}
	return used;
}

size_t klog_add(struct capture *capture, const __u8 *bytes, size_t len, bool last)
{
	struct klog *log;
	bool turned;
	size_t used;

	if (!capture->log)
		capture->log = begin_log();
	log = capture->log;
	if (!log->begun && len < ENOUGH_FOR_FORM && !last)
		return 0;
	if (!log->begun)
		log->form = klog_form_of(bytes, len);
	log->begun = true;
	used = log->form == KLOG_LINES ? add_lines(capture, bytes, len, last) :
		klog_add_journal(capture, bytes, len, last);
	if (last) {
		klog_end_mail(capture);
		klog_end_wrapped(capture);
		turned = note_turned(capture);
		klog_finish_report(capture);
		note_coarse(capture);
		note_cut(capture);
		note_run_on(capture);
		note_lost(capture);
		note_unread(capture);
		if (!turned)
			note_quiet(capture);
		free(capture->log);
		capture->log = NULL;
	}
	return used;
}
