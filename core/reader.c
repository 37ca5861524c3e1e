// SPDX-License-Identifier: GPL-2.0
/*
 * Readers: read records from the ring and complete them for programs and people. A reader that
 * was too late for records is told how many.
 */

#include <linux/ktime.h>
#include <linux/timekeeping.h>

#include "internal.h"

/* Does what the kill path left for later: unpacking, paths of v1 cgroups, symbols. */
static void reader_finish(struct oomwatch_head *rec)
{
	record_unpack(rec);
	memcg_complete(rec);
	if (rec->type == OOMWATCH_TYPE_STACK)
		stack_to_symbols((struct oomwatch_stack *)rec);
}

/* Puts a record of the loss first: the record just read is read again after it. */
static void reader_tell_loss(struct reader *reader, u64 first, u64 missed)
{
	if (reader->held) {
		reader->cursor.seq--;
		reader->cursor.pos -= reader->rec.head.len;
	}
	record_init(&reader->rec.head, OOMWATCH_TYPE_LOST, ktime_get_boottime_ns(), 0);
	reader->rec.head.seq = first;
	reader->rec.lost.count = missed;
	reader->held = true;
}

/**
 * reader_fetch() - fetch the next record into reader->rec
 * @reader: the reader
 *
 * Context: task context.
 * Return: false if there is no next record yet.
 */
bool reader_fetch(struct reader *reader)
{
	u64 first = reader->cursor.seq;
	u64 missed;

	reader->held = ring_read(&records, &reader->cursor, &reader->rec.head, &missed);
	if (missed)
		reader_tell_loss(reader, first, missed);
	else if (reader->held)
		reader_finish(&reader->rec.head);
	return reader->held;
}
