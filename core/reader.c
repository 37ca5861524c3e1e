// SPDX-License-Identifier: GPL-2.0
/*
 * Readers: read records from the ring and complete them for programs and people. A reader that
 * was too late for records is told how many.
 */

#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "internal.h"

/**
 * reader_ring() - the ring that a reader reads
 * @reader: the reader
 *
 * Context: any.
 */
struct ring *reader_ring(const struct reader *reader)
{
	return reader->before ? persist_before() : &records;
}

/**
 * reader_start() - make the record that begins a stream
 * @reader: the reader, before its first reader_fetch()
 *
 * Context: task context.
 */
void reader_start(struct reader *reader)
{
	struct oomwatch_start *start = &reader->rec.start;

	if (reader->before)
		persist_start(start);
	else
		record_start(start);
	dump_tell_clock();
	start->head.seq = reader->cursor.seq;
	reader->held = true;
}

/* Does what the kill path left for later: unpacking, paths of v1 cgroups, names, symbols. */
static void reader_finish(struct reader *reader, struct oomwatch_head *rec)
{
	record_unpack(rec);
	if (reader->before) {
		persist_complete(rec, &reader->symbols);
		return;
	}
	memcg_complete(rec);
	if (rec->type == OOMWATCH_TYPE_OOM)
		memory_name_gfp((struct oomwatch_oom *)rec);
	if (rec->type == OOMWATCH_TYPE_STACK)
		stack_to_symbols((struct oomwatch_stack *)rec, STACK_THIS_BOOT, 0,
				 &reader->symbols);
}

static void reader_tell_loss(struct reader *reader, u64 first, const struct ring_loss *loss)
{
	struct oomwatch_lost *lost = &reader->rec.lost;

	record_init(&lost->head, OOMWATCH_TYPE_LOST, ktime_get_boottime_ns(), 0);
	lost->head.seq = first;
	lost->count = loss->count;
	if (!(loss->lanes & ~BIT(RING_ADJ)))
		lost->adj = loss->count;
	if (!(loss->lanes & RING_KILLS))
		lost->kills = 0;
}

/**
 * reader_fetch() - fetch the next record into reader->rec
 * @reader: the reader
 *
 * Records that this reader missed give a record of the loss, in the place where they would be.
 *
 * Context: task context.
 * Return: false if there is no next record yet.
 */
bool reader_fetch(struct reader *reader)
{
	u64 first = reader->cursor.seq;
	struct ring_loss loss;

	reader->held = ring_read(reader_ring(reader), &reader->cursor, &reader->rec.head, &loss);
	if (reader->held) {
		reader_finish(reader, &reader->rec.head);
	} else if (loss.count) {
		reader_tell_loss(reader, first, &loss);
		reader->held = true;
	}
	return reader->held;
}

/**
 * reader_missed_kills() - whether records of kills may be among those that a reader missed
 * @lost: the record of the loss
 *
 * Context: any.
 */
bool reader_missed_kills(const struct oomwatch_lost *lost)
{
	return lost->kills;
}
