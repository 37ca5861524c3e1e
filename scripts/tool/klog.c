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

/*
 * A record of the module has NULs in its head. A console may have some later, and a file that was
 * emptied while a program wrote to it begins with many.
 */
bool klog_is_text(const __u8 *bytes, size_t len)
{
	size_t hole = 0;

	while (hole < len && !bytes[hole])
		hole++;
	bytes += hole;
	len -= hole;
	return (len || hole) && !memchr(bytes, '\0', len < 16 ? len : 16);
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

	if (klog_is_cut(log) && (log->hosts->has_reports || log->hosts->unread || is_kernels(log)))
		capture_damaged(capture, "the lines are cut at %zu bytes, within words, as by a terminal: figures may be wrong; dmesg >FILE or journalctl -k >FILE has them whole",
				log->cuts.width);
}

static void note_lost(struct capture *capture)
{
	unsigned long long lost = capture->log->hosts->lost;

	words_scope();
	if (lost)
		capture_damaged(capture, "%s missing within a report, as the log itself tells; dmesg >FILE or journalctl -k >FILE may have more",
				plural(lost, "message of the kernel is",
				       "messages of the kernel are"));
}

static void note_unread(struct capture *capture)
{
	const struct klog *log = capture->log;

	capture->unread = log->hosts->unread;
	capture->quoted = log->quoted && !log->hosts->has_reports;
	/* Without other kills it is said why there are none. */
	if (log->hosts->unread && log->hosts->has_reports)
		capture_damaged(capture, "%s", UNREAD);
}

void klog_drop_stream(struct capture *capture)
{
	struct klog *log = capture->log;
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_streams; i++)
		if (capture->streams[i] != log->stream)
			capture->streams[nr++] = capture->streams[i];
	capture->nr_streams = nr;
	stream_free(log->stream);
	log->stream = NULL;
	log->releases = false;
}

/* Drops all that was made of the host's lines. */
static void drop_records(struct capture *capture)
{
	struct klog *log = capture->log;

	while (capture->nr_records &&
	       capture->records[capture->nr_records - 1]->stream == log->stream)
		free(capture->records[--capture->nr_records]);
	klog_drop_stream(capture);
	log->oom = NULL;
	log->unsure = false;
}

static void note_turned(struct capture *capture)
{
	if (capture->log->hosts->is_turned)
		capture_damaged(capture, "its newest line comes first, so its kills are not read; tac FILE turns it round, and journalctl -k without -r writes the oldest first");
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

	if (log->hosts->has_reports || log->hosts->is_turned || log->hosts->unread ||
	    log->quoted || !is_kernels(log))
		return;
	capture->nr_quiet++;
	capture->quiet = capture->names[capture->nr_names - 1];
	capture->quiet_others |= capture->others;
	capture->quiet_from_ns = log->has_boot || log->first_ns < 1000000000 ?
		OOMWATCH_UNKNOWN_U64 : log->first_ns;
}

static void end_host(struct capture *capture)
{
	struct klog *log = capture->log;
	struct hosts *hosts = log->hosts;
	const struct record *last;

	if (klog_is_turned(log)) {
		drop_records(capture);
		hosts->is_turned = true;
	}
	klog_finish_report(capture);
	note_coarse(capture);
	if (log->stream)
		log->stream->unread = log->unread;
	/* A report that is no kill leaves no records. */
	if (log->stream && capture->nr_records) {
		last = capture->records[capture->nr_records - 1];
		log->stream->newest_ns = last->real_ns;
		log->stream->newest = last->date;
	}
	hosts->has_reports |= !!log->stream;
	hosts->unread |= log->unread;
	hosts->lost += log->lost;
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
	size_t used;

	if (!capture->log) {
		capture->log = klog_begin();
		klog_begin_journal(capture->log);
	}
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
		klog_end_hosts(capture, end_host);
		note_turned(capture);
		note_cut(capture);
		note_run_on(capture);
		note_lost(capture);
		note_unread(capture);
		note_quiet(capture);
		klog_free(capture->log);
		capture->log = NULL;
	}
	return used;
}
