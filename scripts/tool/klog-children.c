// SPDX-License-Identifier: GPL-2.0
/*
 * The cgroups directly below that at its limit: before 5.3 the kernel prints a line for each cgroup
 * below, with figures of its own alone. A cgroup comes before those below it, and all of these
 * before the next: mm/memcontrol.c: mem_cgroup_print_oom_info(), for_each_mem_cgroup_tree().
 */
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"
#include "tool.h"

/* The part of a path that is directly below another; its len is 0 if there is none. */
static struct bytes directly_below(const struct record *oom, const char *path, size_t len)
{
	struct bytes above = ref_bytes(oom, oom->oom.memcg);
	size_t at = above.len;

	if (!above.at || len <= at + 1 || memcmp(path, above.at, at) || path[at] != '/')
		return (struct bytes) { };
	for (at++; at < len && path[at] != '/';)
		at++;
	return (struct bytes) { (const __u8 *)path, at };
}

static bool is_of_path(const struct record *rec, struct bytes path)
{
	struct bytes its = ref_bytes(rec, rec->child.memcg);

	return its.at && its.len == path.len && !memcmp(its.at, path.at, path.len);
}

/* The child whose line, or that of one below it, was the last one; or a new one. */
static struct record *child_of(struct capture *capture, struct bytes path)
{
	struct record *rec = capture->records[capture->nr_records - 1];

	if (rec->head.type == OOMWATCH_TYPE_CHILD && is_of_path(rec, path))
		return rec;
	rec = klog_add_record(capture, OOMWATCH_TYPE_CHILD, capture->log->id);
	klog_set_text(rec, &rec->child.memcg, path.at, path.len);
	rec->child.usage = 0;
	return rec;
}

/* An item that the line has, in pages, is added to what is known of it. */
static __u64 add_item(__u64 *sum, const char *stats, const char *item)
{
	__u64 pages = klog_pages(stats, item);

	if (is_known(pages))
		*sum = known_or_0(*sum) + pages;
	return known_or_0(pages);
}

void klog_take_child(struct capture *capture, const char *path, size_t len, const char *stats)
{
	struct klog *log = capture->log;
	struct bytes below = directly_below(log->oom, path, len);
	struct oomwatch_child *child;

	if (!below.len)
		return;
	child = &child_of(capture, below)->child;
	child->usage += add_item(&child->file, stats, " cache:");
	child->usage += add_item(&child->anon, stats, " rss:");
	add_item(&child->shmem, stats, " shmem:");
}

static int by_usage(const void *a, const void *b)
{
	const struct record * const *x = a, * const *y = b;

	return cmp_u64((*y)->child.usage, (*x)->child.usage);
}

void klog_rank_children(struct capture *capture)
{
	struct klog *log = capture->log;
	size_t i, first = capture->nr_records, nr = 0;
	__u64 usage = 0, seq;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		if (capture->records[i]->head.type != OOMWATCH_TYPE_CHILD)
			continue;
		usage += capture->records[i]->child.usage;
		first = i;
		nr++;
	}
	/* Lines of other kinds are not between them. */
	if (!nr || !log->memcg ||
	    capture->records[first + nr - 1]->head.type != OOMWATCH_TYPE_CHILD)
		return;
	seq = capture->records[first]->head.seq;
	qsort(capture->records + first, nr, sizeof(*capture->records), by_usage);
	for (i = 0; i < nr; i++)
		capture->records[first + i]->head.seq = seq + i;
	if (log->lines_lost)
		return;
	log->memcg->memcg.children = nr;
	log->memcg->memcg.children_unseen = 0;
	log->memcg->memcg.children_usage = usage;
}
