// SPDX-License-Identifier: GPL-2.0
/*
 * Keeps the reports of several hosts apart, whose lines a log server mixes. While lines of a host
 * are read, capture->log and capture->records are those of that host alone.
 */
#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"
#include "tool.h"

static int by_host(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	return cmp_u64(x->hash, y->hash);
}

static struct klog *log_of(struct host *host)
{
	return (struct klog *)((char *)host - offsetof(struct klog, host));
}

static struct klog *add_host(struct hosts *hosts)
{
	struct klog *log = allocate(sizeof(*log));

	log->hosts = hosts;
	log->first_ns = OOMWATCH_UNKNOWN_U64;
	log->last_ns = OOMWATCH_UNKNOWN_U64;
	log->stamp.real_ns = OOMWATCH_UNKNOWN_U64;
	hosts->of = grow(hosts->of, hosts->nr, sizeof(log));
	hosts->of[hosts->nr++] = log;
	return log;
}

struct klog *klog_begin(void)
{
	struct hosts *hosts = allocate(sizeof(*hosts));

	hosts->last = add_host(hosts);
	return hosts->last;
}

static void no_free(void *host) { (void)host; }

void klog_free(struct klog *log)
{
	struct hosts *hosts = log->hosts;
	size_t i;

	tdestroy(hosts->tree, no_free);
	for (i = 0; i < hosts->nr; i++)
		free(hosts->of[i]);
	free(hosts->of);
	free(hosts);
}

/* Gives a host its name, by which it is found. */
static struct klog *name_host(struct klog *log, const struct host *host)
{
	log->host = *host;
	if (!tsearch(&log->host, &log->hosts->tree, by_host))
		die_no_memory();
	return log;
}

/* A line that does not tell its host is of the same one as the line before. */
static struct klog *find_host(struct klog *log, const struct host *host)
{
	struct hosts *hosts = log->hosts;
	struct host **found;

	if (!host->hash || host->hash == hosts->last->host.hash)
		return hosts->last;
	if (!hosts->of[0]->host.hash)
		return name_host(hosts->of[0], host);
	found = tfind(host, &hosts->tree, by_host);
	return found ? log_of(*found) : NULL;
}

static void enter(struct capture *capture, struct klog *log)
{
	struct klog *from = capture->log;

	if (from == log)
		return;
	from->records = capture->records;
	from->nr_records = capture->nr_records;
	capture->records = log->records;
	capture->nr_records = log->nr_records;
	capture->log = log;
	log->form = from->form;
	log->stamp = from->stamp;
}

bool klog_enter_host(struct capture *capture, const struct host *host, const char *line)
{
	struct hosts *hosts = capture->log->hosts;
	struct klog *log = find_host(capture->log, host);
	bool new_boot = line && hosts->between_boots && log == hosts->last;

	if (line)
		hosts->between_boots = false;
	if (!log && !(line && klog_may_begin(line)))
		return false;
	hosts->last = log ?: name_host(add_host(hosts), host);
	enter(capture, hosts->last);
	/* Between lines of two hosts it only tells that these have not one boot. */
	if (new_boot)
		klog_begin_boot(capture);
	return true;
}

void klog_leave_host(struct capture *capture)
{
	enter(capture, capture->log->hosts->of[0]);
}

void klog_end_hosts(struct capture *capture, void (*end)(struct capture *capture))
{
	struct hosts *hosts = capture->log->hosts;
	size_t i, j;

	for (i = 0; i < hosts->nr; i++) {
		enter(capture, hosts->of[i]);
		end(capture);
	}
	klog_leave_host(capture);
	for (i = 1; i < hosts->nr; i++) {
		for (j = 0; j < hosts->of[i]->nr_records; j++) {
			capture->records = grow(capture->records, capture->nr_records,
						sizeof(*capture->records));
			capture->records[capture->nr_records++] = hosts->of[i]->records[j];
		}
		free(hosts->of[i]->records);
	}
}
