// SPDX-License-Identifier: GPL-2.0
/*
 * Unites streams that overlap, such as two saves of one load of the module: each record is kept
 * once.
 *
 * A stream names its load of the module. Those of older modules do not. But the module numbers the
 * records of a load, and a record has the time since boot in ns and other figures. So two records
 * with the same number and the same figures are one record, and their streams are of one load.
 * Such streams that have no record in common may be of one load or not: they stay apart. What logs
 * have twice is dropped before: klog-twins.c.
 */
#include <stdlib.h>
#include <string.h>

#include "klog.h"
#include "stream.h"
#include "tool.h"

struct entry {
	struct record *rec;
	size_t at;			/* in the order of the capture */
};

/*
 * A later read of a record may have what an earlier one lacked, such as a path. So the bytes that
 * references point to are not compared.
 */
static int compare_figures(const struct record *a, const struct record *b)
{
	const struct field *field;
	size_t nr;
	int order;

	for (field = record_fields(a, &nr); nr; field++, nr--) {
		if (field->in_setter || form_is_ref(field->form))
			continue;
		order = memcmp((const __u8 *)a + field->offset, (const __u8 *)b + field->offset,
			       field->size);
		if (order)
			return order;
	}
	return 0;
}

static int compare_machines(const struct stream *a, const struct stream *b)
{
	return cmp_u64(a->swapped, b->swapped) ?: cmp_u64(a->page_size, b->page_size) ?:
		cmp_u64(a->load, b->load) ?: strcmp(a->release, b->release);
}

/* 0: both are reads of one record. */
static int compare_records(const struct record *a, const struct record *b)
{
	return cmp_u64(a->head.seq, b->head.seq) ?: cmp_u64(a->head.time_ns, b->head.time_ns) ?:
		cmp_u64(a->head.oom, b->head.oom) ?: cmp_u64(a->head.type, b->head.type) ?:
		compare_machines(a->stream, b->stream) ?: compare_figures(a, b);
}

static int by_record(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return compare_records(x->rec, y->rec) ?: cmp_u64(x->at, y->at);
}

/* The stream that stands for a stream and all that overlap with it: the first one. */
static struct stream *whole_of(const struct capture *capture, const struct stream *stream)
{
	struct stream *whole = capture->streams[stream->number];

	while (whole->whole != whole) {
		whole->whole = whole->whole->whole;
		whole = whole->whole;
	}
	return whole;
}

static void join(struct stream *a, struct stream *b)
{
	if (a->number < b->number)
		b->whole = a;
	else
		a->whole = b;
}

/* Whether a record may be in another stream, too. LOST ones are made for one reader. */
static bool may_be_shared(const struct record *rec)
{
	return !rec->stream->log && rec->head.type != OOMWATCH_TYPE_LOST;
}

static struct entry *sorted_entries(const struct capture *capture, size_t *nr)
{
	struct entry *entries = allocate((capture->nr_records + 1) * sizeof(*entries));
	size_t i;

	for (*nr = i = 0; i < capture->nr_records; i++)
		if (may_be_shared(capture->records[i]))
			entries[(*nr)++] = (struct entry) { capture->records[i], i };
	qsort(entries, *nr, sizeof(*entries), by_record);
	return entries;
}

/*
 * Whether streams that have records in common also have different records of the same number. A
 * machine that was copied while it ran leaves such streams.
 */
static bool contradict(const struct capture *capture, const struct entry *entries, size_t nr)
{
	size_t i;

	for (i = 1; i < nr; i++) {
		const struct record *a = entries[i - 1].rec, *b = entries[i].rec;

		if (a->head.seq == b->head.seq && a->stream != b->stream &&
		    whole_of(capture, a->stream) == whole_of(capture, b->stream) &&
		    compare_records(a, b))
			return true;
	}
	return false;
}

/* Keeps the longer one of two reads: it has a path or names that the other lacks. */
static void keep_one(struct capture *capture, struct entry *kept, const struct entry *other)
{
	if (other->rec->head.len > kept->rec->head.len) {
		capture->records[kept->at] = other->rec;
		free(kept->rec);
		kept->rec = other->rec;
	} else {
		free(other->rec);
	}
	capture->records[other->at] = NULL;
}

static void drop_copies(struct capture *capture, struct entry *entries, size_t nr)
{
	const struct stream *stream = NULL;
	struct entry *kept = NULL;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!kept || compare_records(kept->rec, entries[i].rec)) {
			kept = &entries[i];
			stream = kept->rec->stream;
		} else if (entries[i].rec->stream != stream) {
			keep_one(capture, kept, &entries[i]);
		}
	}
}

static int by_whole(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return cmp_u64(x->rec->stream->number, y->rec->stream->number) ?:
		cmp_u64(x->rec->head.seq, y->rec->head.seq) ?: cmp_u64(x->at, y->at);
}

/* Makes a LOST record stand for the numbers from first to before end. */
static void set_lost(struct record *rec, __u64 first, __u64 end)
{
	struct oomwatch_lost *lost = &rec->lost;

	lost->adj = lost->adj == lost->count ? end - first : OOMWATCH_UNKNOWN_U64;
	lost->head.seq = first;
	lost->count = end - first;
}

static __u64 end_of(const struct record *lost) { return lost->head.seq + lost->lost.count; }

/* Takes a record out of the entries. */
static void drop(struct entry *entry)
{
	free(entry->rec);
	entry->rec = NULL;
}

/*
 * What one reader missed, another may have: of the LOST records one is kept for a gap that is left,
 * and stands for that gap. The entries are in the order of their streams and numbers.
 */
static void mend_lost(struct entry *entries, size_t nr)
{
	const struct stream *stream = NULL;
	struct entry *lost = NULL;
	__u64 next = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		struct record *rec = entries[i].rec;

		if (rec->stream != stream) {
			stream = rec->stream;
			lost = NULL;
			next = rec->head.seq;
		}
		if (rec->head.type == OOMWATCH_TYPE_LOST) {
			if (lost && end_of(lost->rec) >= end_of(rec)) {
				drop(&entries[i]);
				continue;
			}
			if (lost)
				drop(lost);
			lost = &entries[i];
			continue;
		}
		if (lost && rec->head.seq > next) {
			set_lost(lost->rec, next, rec->head.seq);
			lost = NULL;
		} else if (lost && rec->head.seq + 1 >= end_of(lost->rec)) {
			drop(lost);
			lost = NULL;
		}
		next = rec->head.seq + 1;
	}
}

/* Gives the records that are left to the whole streams, and puts them in order. */
static void move_records(struct capture *capture)
{
	struct entry *entries = allocate((capture->nr_records + 1) * sizeof(*entries));
	size_t i, nr = 0;

	for (i = 0; i < capture->nr_records; i++) {
		struct record *rec = capture->records[i];

		if (!rec)
			continue;
		rec->stream = whole_of(capture, rec->stream);
		entries[nr++] = (struct entry) { rec, i };
	}
	qsort(entries, nr, sizeof(*entries), by_whole);
	mend_lost(entries, nr);
	for (capture->nr_records = i = 0; i < nr; i++)
		if (entries[i].rec)
			entries[capture->nr_records++] = entries[i];
	qsort(entries, capture->nr_records, sizeof(*entries), by_whole);
	for (i = 0; i < capture->nr_records; i++)
		capture->records[i] = entries[i].rec;
	free(entries);
}

/* What cat wrote has no IDs, and what the program saved has them. */
static void take_ids(struct stream *whole, struct stream *part)
{
	if (!whole->boot) {
		whole->boot = part->boot;
		part->boot = NULL;
	}
	if (!whole->machine) {
		whole->machine = part->machine;
		part->machine = NULL;
	}
}

/* A whole stream begins with the first record of its parts, and its clocks are the newest. */
static void merge_starts(const struct capture *capture)
{
	size_t i;

	for (i = 0; i < capture->nr_streams; i++) {
		struct stream *part = capture->streams[i];
		struct stream *whole = whole_of(capture, part);

		if (part->first_seq < whole->first_seq)
			whole->first_seq = part->first_seq;
		take_ids(whole, part);
		if (part->boot_ns <= whole->boot_ns)
			continue;
		whole->boot_ns = part->boot_ns;
		whole->real_ns = part->real_ns;
	}
}

static int by_load(const void *a, const void *b)
{
	const struct stream * const *x = a, * const *y = b;

	return compare_machines(*x, *y) ?: cmp_u64((*x)->number, (*y)->number);
}

/* Joins the streams that name the same load. Returns whether there are some. */
static bool join_loads(const struct capture *capture)
{
	struct stream **streams = allocate(capture->nr_streams * sizeof(*streams));
	bool found = false;
	size_t i;

	memcpy(streams, capture->streams, capture->nr_streams * sizeof(*streams));
	qsort(streams, capture->nr_streams, sizeof(*streams), by_load);
	for (i = 1; i < capture->nr_streams; i++) {
		if (!streams[i]->load || compare_machines(streams[i - 1], streams[i]))
			continue;
		join(whole_of(capture, streams[i - 1]), whole_of(capture, streams[i]));
		found = true;
	}
	free(streams);
	return found;
}

static void unite(struct capture *capture)
{
	size_t i, nr;
	struct entry *entries = sorted_entries(capture, &nr);
	bool found = join_loads(capture);

	for (i = 1; i < nr; i++) {
		const struct record *a = entries[i - 1].rec, *b = entries[i].rec;

		if (a->stream == b->stream || compare_records(a, b))
			continue;
		join(whole_of(capture, a->stream), whole_of(capture, b->stream));
		found = true;
	}
	if (found && contradict(capture, entries, nr)) {
		complain("captures have records in common, but others of the same number differ, as if the machine had been copied while it ran: they are shown apart");
		for (i = 0; i < capture->nr_streams; i++)
			capture->streams[i]->whole = capture->streams[i];
	} else if (found) {
		drop_copies(capture, entries, nr);
		merge_starts(capture);
		move_records(capture);
	}
	for (i = 0; i < capture->nr_streams; i++)
		capture->streams[i]->whole = whole_of(capture, capture->streams[i]);
	free(entries);
}

/* When a load of the module was read, or the last line of a log was written. */
static __u64 newest_ns(const struct stream *stream)
{
	return stream->log ? stream->newest_ns : stream->real_ns;
}

/* Dates without a year: the nearer way round the year is meant. */
static int compare_dates(const struct log_date *x, const struct log_date *y)
{
	int months = (int)x->month - y->month;

	if (!x->month || !y->month)
		return 0;
	months += months > 6 ? -12 : months < -6 ? 12 : 0;
	return months ?: (int)x->of_month - y->of_month ?: (int)x->second - (int)y->second;
}

/* A load of the module is read before the next load begins. Rotated logs are given in any order. */
static int by_time(const void *a, const void *b)
{
	const struct stream * const *x = a, * const *y = b;

	return cmp_u64(newest_ns(*x), newest_ns(*y)) ?:
		compare_dates(&(*x)->newest, &(*y)->newest) ?:
		cmp_u64((*x)->number, (*y)->number);
}

/* Numbers the whole streams from 1, if there are several. */
void capture_unite(struct capture *capture)
{
	struct stream **wholes = allocate((capture->nr_streams + 1) * sizeof(*wholes));
	size_t i, nr = 0;

	klog_drop_twins(capture);
	for (i = 0; i < capture->nr_streams; i++) {
		capture->streams[i]->number = i;
		capture->streams[i]->whole = capture->streams[i];
	}
	if (capture->nr_streams > 1)
		unite(capture);
	for (i = 0; i < capture->nr_streams; i++)
		if (capture->streams[i]->whole == capture->streams[i])
			wholes[nr++] = capture->streams[i];
	qsort(wholes, nr, sizeof(*wholes), by_time);
	for (i = 0; i < nr; i++)
		wholes[i]->number = nr > 1 ? i + 1 : 0;
	free(wholes);
}
