// SPDX-License-Identifier: GPL-2.0
/*
 * Drops what logs have twice: files overlap, or have one kill in several forms, or the kernel has
 * printed the chosen victim again, as one of its group, and the line between is missing.
 *
 * A pid is not given again at once, and a process that is killed again has another size in some
 * figure. So the same pid, name and size at the same time are one kill.
 */
#include <stdlib.h>
#include <string.h>

#include "klog.h"
#include "tool.h"
#include "words.h"

/* A report of a log. */
struct report {
	const struct stream *stream;
	__u64 id;
	size_t nr;		/* records */
	__u64 before;		/* reports before it that are dropped */
	bool dropped;
};

struct reports {
	struct report *of;
	size_t nr;
};

/* A victim, and its place in the order of the capture. */
struct killed {
	const struct record *rec;
	size_t at;
	const struct stream *took;	/* the last one that had a twin of it */
};

/* --- reports -------------------------------------------------------------------------------- */

static int by_report(const void *a, const void *b)
{
	const struct report *x = a, *y = b;

	return cmp_u64((unsigned long)x->stream, (unsigned long)y->stream) ?:
		cmp_u64(x->id, y->id);
}

static struct reports find_reports(const struct capture *capture)
{
	struct reports reports = {
		.of = allocate((capture->nr_records + 1) * sizeof(*reports.of)),
	};
	struct report *last;
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->stream->log)
			reports.of[nr++] = (struct report) {
				.stream = capture->records[i]->stream,
				.id = capture->records[i]->head.oom,
			};
	qsort(reports.of, nr, sizeof(*reports.of), by_report);
	for (i = 0; i < nr; i++) {
		last = reports.nr ? &reports.of[reports.nr - 1] : NULL;
		if (!last || by_report(last, &reports.of[i]))
			reports.of[reports.nr++] = reports.of[i];
		reports.of[reports.nr - 1].nr++;
	}
	return reports;
}

static struct report *report_of(const struct reports *reports, const struct record *rec)
{
	struct report key = { .stream = rec->stream, .id = rec->head.oom };

	return bsearch(&key, reports->of, reports->nr, sizeof(key), by_report);
}

/* Returns whether one is dropped. */
static bool count_dropped(const struct reports *reports)
{
	const struct stream *stream = NULL;
	__u64 dropped = 0;
	bool any = false;
	size_t i;

	for (i = 0; i < reports->nr; i++) {
		if (reports->of[i].stream != stream)
			dropped = 0;
		stream = reports->of[i].stream;
		dropped += reports->of[i].dropped;
		any = any || reports->of[i].dropped;
		/* Calls that found nobody have numbers of their own. */
		reports->of[i].before = reports->of[i].id & OOMWATCH_NOBODY ? 0 : dropped;
	}
	return any;
}

/* --- victims -------------------------------------------------------------------------------- */

static int compare_processes(const struct record *a, const struct record *b)
{
	const struct oomwatch_process *x = &a->victim.process, *y = &b->victim.process;

	return cmp_u64(x->pid, y->pid) ?: cmp_u64(x->total_vm, y->total_vm) ?:
		memcmp(x->comm, y->comm, sizeof(x->comm));
}

static int by_process(const void *a, const void *b)
{
	const struct killed *x = a, *y = b;

	return compare_processes(x->rec, y->rec) ?: cmp_u64(x->at, y->at);
}

static bool same_figures(const struct record *a, const struct record *b)
{
	const struct oomwatch_process *x = &a->victim.process, *y = &b->victim.process;

	return x->anon_rss == y->anon_rss && x->file_rss == y->file_rss &&
		x->shmem_rss == y->shmem_rss && x->pgtables == y->pgtables &&
		x->oom_score_adj == y->oom_score_adj;
}

static bool within(__u64 a, __u64 b, __u64 most)
{
	return (a > b ? a - b : b - a) <= most;
}

/* Dates of several forms can't be compared, but the times of day can. */
static bool same_date(const struct record *a, const struct record *b)
{
	if (!within(a->date.second, b->date.second, 1))
		return false;
	return a->date.day == b->date.day || strlen(a->date.text) != strlen(b->date.text);
}

static bool both_known(__u64 a, __u64 b) { return is_known(a) && is_known(b); }

static bool within_second(__u64 a, __u64 b)
{
	return both_known(a, b) && within(a, b, SECOND_NS);
}

/* Whether the times of two victims tell whether they are one. */
static bool have_clock(const struct record *a, const struct record *b)
{
	return both_known(a->head.time_ns, b->head.time_ns) ||
		both_known(a->real_ns, b->real_ns) || (a->date.day && b->date.day);
}

/* Whether two victims with the same pid, name and size are one. */
static bool is_twin(const struct record *a, const struct record *b)
{
	if (!may_be_one_host(a->log_host, b->log_host))
		return false;
	/* The kernel prints a group in one go. What its members have may change meanwhile. */
	if (a->stream == b->stream && a->log_boot == b->log_boot &&
	    within_second(a->head.time_ns, b->head.time_ns))
		return true;
	/* A report that is cut off has its victim without some of the figures. */
	if (a->unfinished != b->unfinished)
		return within_second(a->head.time_ns, b->head.time_ns);
	if (!same_figures(a, b))
		return false;
	if (both_known(a->head.time_ns, b->head.time_ns))
		return a->head.time_ns == b->head.time_ns;
	if (both_known(a->real_ns, b->real_ns))
		return within_second(a->real_ns, b->real_ns);
	return !have_clock(a, b) || same_date(a, b);
}

/* Lines of very old kernels have no size. */
static bool is_told(const struct record *rec)
{
	return rec->stream->log && rec->head.type == OOMWATCH_TYPE_VICTIM &&
		is_known(rec->victim.process.total_vm);
}

static struct killed *find_victims(const struct capture *capture, size_t *nr)
{
	struct killed *killed = allocate((capture->nr_records + 1) * sizeof(*killed));
	size_t i;

	for (*nr = i = 0; i < capture->nr_records; i++)
		if (is_told(capture->records[i]))
			killed[(*nr)++] = (struct killed) {
				.rec = capture->records[i], .at = i,
			};
	qsort(killed, *nr, sizeof(*killed), by_process);
	return killed;
}

/* --- dropping ------------------------------------------------------------------------------- */

/* The time by the clock is more than a date, and a date is more than the time since boot. */
static bool has_less_time(const struct record *a, const struct record *b)
{
	return !is_known(a->real_ns) && (is_known(b->real_ns) || (!a->date.day && b->date.day));
}

/*
 * Drops the shorter of two reports of one kill. If only the shorter report has the line of the
 * kill, both reports stay.
 */
static void drop_twin(const struct reports *reports, struct killed *one, struct killed *other)
{
	struct report *first = report_of(reports, one->rec);
	struct report *second = report_of(reports, other->rec);
	bool same = one->rec->unfinished == other->rec->unfinished;
	bool worse = one->rec->unfinished || has_less_time(one->rec, other->rec);

	if (first->nr < second->nr || (first->nr == second->nr && worse)) {
		first->dropped = same || one->rec->unfinished;
		other->took = one->rec->stream;
	} else {
		second->dropped = same || other->rec->unfinished;
		one->took = other->rec->stream;
	}
}

/* Without a clock, a victim can have one twin in each other log: a second one is another kill. */
static bool has_taken(const struct killed *one, const struct killed *other)
{
	return one->rec->stream != other->rec->stream && !have_clock(one->rec, other->rec) &&
		(one->took == other->rec->stream || other->took == one->rec->stream);
}

static bool is_left(const struct reports *reports, const struct killed *killed)
{
	return !report_of(reports, killed->rec)->dropped;
}

/* A log may be made to have many of one pid, name and size: as many are compared with each. */
#define MOST_COMPARED 256

/* Compares each victim with those before it. A report has each pid once: klog-lines.c. */
static void mark_twins(const struct capture *capture, const struct reports *reports)
{
	struct killed *killed;
	size_t i, j, nr;

	killed = find_victims(capture, &nr);
	for (i = 0; i < nr; i++)
		for (j = i; j-- && i - j <= MOST_COMPARED &&
		     !compare_processes(killed[j].rec, killed[i].rec);)
			if (is_left(reports, &killed[i]) && is_left(reports, &killed[j]) &&
			    !has_taken(&killed[j], &killed[i]) &&
			    is_twin(killed[j].rec, killed[i].rec))
				drop_twin(reports, &killed[j], &killed[i]);
	free(killed);
}

static void move_records(struct capture *capture, const struct reports *reports)
{
	const struct stream *stream = NULL;
	const struct report *report;
	size_t i, nr = 0;
	__u64 seq = 0;

	for (i = 0; i < capture->nr_records; i++) {
		struct record *rec = capture->records[i];

		report = rec->stream->log ? report_of(reports, rec) : NULL;
		if (report && report->dropped) {
			free(rec);
			continue;
		}
		if (report) {
			seq = rec->stream == stream ? seq + 1 : 1;
			stream = rec->stream;
			rec->head.seq = seq;
			rec->head.oom -= report->before;
		}
		capture->records[nr++] = rec;
	}
	capture->nr_records = nr;
}

static bool has_records(const struct capture *capture, const struct stream *stream)
{
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->stream == stream)
			return true;
	return false;
}

static void drop_empty_logs(struct capture *capture)
{
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_streams; i++)
		if (!capture->streams[i]->log || has_records(capture, capture->streams[i]))
			capture->streams[nr++] = capture->streams[i];
		else
			stream_free(capture->streams[i]);
	capture->nr_streams = nr;
}

void klog_drop_twins(struct capture *capture)
{
	struct reports reports = find_reports(capture);

	mark_twins(capture, &reports);
	if (count_dropped(&reports)) {
		move_records(capture, &reports);
		drop_empty_logs(capture);
	}
	free(reports.of);
}
