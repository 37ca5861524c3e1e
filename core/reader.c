// SPDX-License-Identifier: GPL-2.0
/*
 * Readers: read records from the ring and complete them for programs and people. A reader that
 * was too late for records is told how many.
 */

#include <linux/bits.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "internal.h"

/* Does what the kill path left for later: unpacking, paths of v1 cgroups, names, symbols. */
static void reader_finish(struct oomwatch_head *rec)
{
	record_unpack(rec);
	memcg_complete(rec);
	if (rec->type == OOMWATCH_TYPE_OOM)
		memory_name_gfp((struct oomwatch_oom *)rec);
	if (rec->type == OOMWATCH_TYPE_STACK)
		stack_to_symbols((struct oomwatch_stack *)rec);
}

static void reader_tell_loss(struct reader *reader, u64 first, const struct ring_loss *loss)
{
	struct oomwatch_lost *lost = &reader->rec.lost;

	record_init(&lost->head, OOMWATCH_TYPE_LOST, ktime_get_boottime_ns(), 0);
	lost->head.seq = first;
	lost->count = loss->count;
	if (!(loss->lanes & ~BIT(RING_ADJ)))
		lost->adj = loss->count;
	if (!(loss->lanes & BIT(RING_MAIN)))
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

	reader->held = ring_read(&records, &reader->cursor, &reader->rec.head, &loss);
	if (reader->held) {
		reader_finish(&reader->rec.head);
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
