// SPDX-License-Identifier: GPL-2.0
/* What the readers of lines fill the records of a report with. */
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"
#include "tool.h"

static struct stream *add_stream(struct capture *capture, const struct host *host)
{
	struct stream *stream = allocate(sizeof(*stream));

	stream->log = true;
	stream->page_size = PAGE_SIZE;
	stream->first_seq = 1;
	stream->boot_ns = 0;
	stream->real_ns = OOMWATCH_UNKNOWN_U64;
	stream->newest_ns = OOMWATCH_UNKNOWN_U64;
	stream->release = copy_string("-");
	stream->host = host->hash ? copy_string(host->name) : NULL;
	capture->streams = grow(capture->streams, capture->nr_streams, sizeof(stream));
	capture->streams[capture->nr_streams++] = stream;
	return stream;
}

size_t klog_room_of(unsigned int type)
{
	switch (type) {
	case OOMWATCH_TYPE_OOM:
		return 3 * MAX_LINE;
	case OOMWATCH_TYPE_VICTIM:
	case OOMWATCH_TYPE_STACK:
	case OOMWATCH_TYPE_CHILD:
		return MAX_LINE;
	case OOMWATCH_TYPE_ZONE:
		return 1024;
	}
	return 0;
}

struct record *klog_add_record(struct capture *capture, unsigned int type, __u64 oom)
{
	struct klog *log = capture->log;
	struct record *rec = record_unknown(type, klog_room_of(type), log->stream);

	rec->head.seq = ++log->seq;
	rec->head.oom = oom;
	rec->head.time_ns = log->stamp.time_ns;
	rec->real_ns = log->stamp.real_ns;
	rec->date = log->stamp.date;
	rec->log_boot = log->boot;
	rec->log_host = log->host.hash;
	capture->records = grow(capture->records, capture->nr_records, sizeof(rec));
	capture->records[capture->nr_records++] = rec;
	return rec;
}

/* Those of the report that is open, or was. */
static void forget_records(struct klog *log)
{
	log->oom = NULL;
	log->memcg = NULL;
	log->stack = NULL;
	log->zone = NULL;
	log->meminfo = NULL;
}

static void begin_report(struct capture *capture)
{
	struct klog *log = capture->log;

	if (!log->stream)
		log->stream = add_stream(capture, &log->host);
	forget_records(log);
	log->has_memory = false;
	log->other_memory = false;
	log->has_head = false;
	log->other_trace = false;
	log->id++;
	log->ram_pages = OOMWATCH_UNKNOWN_U64;
	log->highmem_pages = OOMWATCH_UNKNOWN_U64;
	log->allocations = false;
	log->nodes = 0;
	log->zones = 0;
	log->no_numa = false;
	log->all_nodes = false;
	log->zone_lost = false;
	log->lines_lost = false;
	log->split_node = OOMWATCH_UNKNOWN_U32;
	log->stacks = 0;
	log->nr_columns = 0;
	log->rows_lost = false;
	log->page_kb = 0;
	log->chosen = OOMWATCH_UNKNOWN_S32;
	log->chosen_comm[0] = '\0';
	log->child = false;
	log->task_memcg[0] = '\0';
	log->oom = klog_add_record(capture, OOMWATCH_TYPE_OOM, log->id);
}

/* The line that begins a report may be missing: it was rate limited, or the log is cut. */
struct record *klog_open(struct capture *capture)
{
	struct klog *log = capture->log;

	if (log->oom && !log->unsure)
		return log->oom;
	if (!log->oom)
		begin_report(capture);
	log->unsure = false;
	log->group = NULL;
	log->alone = NULL;
	log->last = NULL;
	return log->oom;
}

void klog_open_unsure(struct capture *capture)
{
	struct klog *log = capture->log;

	klog_drop_unsure(capture);
	if (log->oom)
		return;
	begin_report(capture);
	log->unsure = true;
}

/* What the reaper did for a kill before may stand between its records. */
void klog_drop_report(struct capture *capture)
{
	struct klog *log = capture->log;
	size_t i, nr = capture->nr_records;

	while (nr && capture->records[nr - 1] != log->oom)
		nr--;
	for (i = nr ? --nr : 0; i < capture->nr_records; i++)
		if (klog_is_of_report(capture, i))
			free(capture->records[i]);
		else
			capture->records[nr++] = capture->records[i];
	capture->nr_records = nr;
	log->id--;
	log->unsure = false;
	forget_records(log);
}

void klog_drop_unsure(struct capture *capture)
{
	struct klog *log = capture->log;

	if (!log->unsure)
		return;
	klog_drop_report(capture);
	if (!capture->nr_records ||
	    capture->records[capture->nr_records - 1]->stream != log->stream)
		klog_drop_stream(capture);
}

void klog_settle(struct capture *capture, enum klog_place place)
{
	struct klog *log = capture->log;

	if (!log->unsure || place == OF_OTHERS)
		return;
	if (klog_has_other_stack(log) || (place != WITHIN_TABLE && !klog_has_stack(log)) ||
	    (place == AFTER_REPORT && !log->has_memory))
		klog_drop_unsure(capture);
	else
		klog_open(capture);
}

bool klog_is_of_report(const struct capture *capture, size_t i)
{
	const struct record *rec = capture->records[i];

	return rec->stream == capture->log->stream && rec->head.oom == capture->log->id;
}

void klog_set_text(struct record *rec, struct oomwatch_ref *ref, const void *at, size_t len)
{
	if (!len || rec->head.len + len > klog_room_of(rec->head.type))
		return;
	ref->off = rec->head.len;
	ref->len = len;
	memcpy(rec->bytes + rec->head.len, at, len);
	rec->head.len += len;
}

void klog_set_comm(char *comm, const char *at, size_t len)
{
	/* With a prefix that is not known, say. */
	if (len >= OOMWATCH_COMM_LEN)
		return;
	memset(comm, 0, OOMWATCH_COMM_LEN);
	memcpy(comm, at, len);
}

/* --- figures ---------------------------------------------------------------------------- */

bool klog_number(const char *line, const char *key, __s64 *number)
{
	const char *at = strstr(line, key);
	char *end;

	if (!at)
		return false;
	at += strlen(key);
	*number = strtoll(at, &end, 0);
	return end != at;
}

__u64 klog_pages(const char *line, const char *key)
{
	bool is_limit = strstr(key, "limit");
	__s64 kb;

	if (!klog_number(line, key, &kb) || kb < 0)
		return OOMWATCH_UNKNOWN_U64;
	/* The kernel prints PAGE_COUNTER_MAX for a limit that is not set, with 64 or 32 bits. */
	if (kb >= 9007199254740000 || (is_limit && kb == 8589934588))
		return is_limit ? OOMWATCH_NO_LIMIT : OOMWATCH_UNKNOWN_U64;
	return (__u64)kb * 1024 / PAGE_SIZE;
}

void klog_set_s32(__s32 *to, const char *line, const char *key)
{
	__s64 number;

	if (klog_number(line, key, &number) && number >= -0x7fffffff && number <= 0x7fffffff)
		*to = number;
}

/* 0-1,3: a bit for each node, in words of 64. */
void klog_set_nodes(struct record *rec, struct oomwatch_ref *ref, const char *at)
{
	__u64 words[16] = { };
	unsigned long first, last;
	char *end;

	do {
		first = strtoul(at, &end, 10);
		last = first;
		if (end == at)
			return;
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < 1024; first++)
			words[first / 64] |= 1ULL << first % 64;
		at = end + 1;
	} while (*end == ',' && *at >= '0' && *at <= '9');
	for (last = 16; last > 1 && !words[last - 1]; last--)
		;
	if (!ref->off)
		klog_set_text(rec, ref, words, last * sizeof(*words));
}
