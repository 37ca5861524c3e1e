// SPDX-License-Identifier: GPL-2.0
/*
 * The ring: holds records of any type, of which it knows only the head. For an overview see
 * ../oomwatch.c.
 */

#include <linux/gfp.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include "internal.h"

/* Records that a resize copies before it releases the lock for a moment. */
#define RING_RESIZE_BATCH	8

/**
 * ring_set_up() - set up an empty ring in a buffer
 * @ring: the ring
 * @buf: from vmalloc()
 * @size: bytes of @buf, a multiple of 8
 * @seq: the first record's sequence number
 * @pos: its position
 *
 * Context: any. The ring must not be in use yet.
 */
void ring_set_up(struct ring *ring, void *buf, size_t size, u64 seq, u64 pos)
{
	*ring = (struct ring) {
		.buf = buf, .size = size,
		.base = pos, .tail = pos, .head = pos,
		.first_seq = seq, .next_seq = seq,
	};
	raw_spin_lock_init(&ring->lock);
}

/*
 * No task may be killed to make room for the ring: the allocation fails instead. It isn't even
 * tried if too little is available, because it would take pages from others until it fails.
 */
static void *ring_alloc(size_t size)
{
	if (size >> PAGE_SHIFT > max(si_mem_available(), 0L))
		return NULL;
	return __vmalloc(size, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
}

/**
 * ring_init() - allocate a ring's buffer
 * @ring: the ring
 * @size: bytes, a multiple of 8, at least two times OOMWATCH_RECORD_MAX
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ring_init(struct ring *ring, size_t size)
{
	void *buf = ring_alloc(size);

	if (!buf)
		return -ENOMEM;
	ring_set_up(ring, buf, size, 1, 0);
	return 0;
}

/**
 * ring_destroy() - free a ring's buffer
 * @ring: the ring; no writer and no reader may be left
 *
 * Context: may sleep.
 */
void ring_destroy(struct ring *ring)
{
	vfree(ring->buf);
}

/* The number of contiguous bytes from a position on, at most @len; sets @at to the first. */
static size_t ring_piece(const struct ring *ring, u64 pos, size_t len, u8 **at)
{
	u64 offset;

	div64_u64_rem(pos - ring->base, ring->size, &offset);
	*at = ring->buf + offset;
	return min_t(size_t, len, ring->size - offset);
}

static void ring_copy_in(struct ring *ring, u64 pos, const void *src, size_t len)
{
	u8 *at;
	size_t piece = ring_piece(ring, pos, len, &at);

	memcpy(at, src, piece);
	memcpy(ring->buf, src + piece, len - piece);
}

static void ring_copy_out(const struct ring *ring, u64 pos, void *dst, size_t len)
{
	u8 *at;
	size_t piece = ring_piece(ring, pos, len, &at);

	memcpy(dst, at, piece);
	memcpy(dst + piece, ring->buf, len - piece);
}

/* Buffer, positions and records are multiples of 8, so a record's len never wraps. */
static u32 ring_record_len(const struct ring *ring, u64 pos)
{
	u8 *at;

	BUILD_BUG_ON(offsetof(struct oomwatch_head, len) != 0);
	ring_piece(ring, pos, sizeof(u32), &at);
	return *(u32 *)at;
}

static void ring_make_room(struct ring *ring, size_t len)
{
	while (ring->size - (ring->head - ring->tail) < len) {
		ring->tail += ring_record_len(ring, ring->tail);
		ring->first_seq++;
		ring->overwritten++;
	}
}

static void ring_put(struct ring *ring, const struct oomwatch_head *rec)
{
	ring_make_room(ring, rec->len);
	ring_copy_in(ring, ring->head, rec, rec->len);
	ring->head += rec->len;
	WRITE_ONCE(ring->next_seq, ring->next_seq + 1);
}

/**
 * ring_commit() - append a record
 * @ring: the ring
 * @rec: the record, complete except for the sequence number, which is set here
 * @bookmark: a number by which to remember this record's place; 0: don't
 *
 * The oldest records are overwritten as needed, and counted.
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 */
void ring_commit(struct ring *ring, struct oomwatch_head *rec, u64 bookmark)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	rec->seq = ring->next_seq;
	if (bookmark) {
		ring->marked = (struct ring_cursor) { ring->next_seq, ring->head };
		ring->bookmark = bookmark;
	}
	ring_put(ring, rec);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/*
 * Reads the record at a cursor and steps to the next; false if there is none. A
 * cursor that was overtaken goes on with the oldest record.
 */
static bool ring_next(const struct ring *ring, struct ring_cursor *cursor,
		      struct oomwatch_head *rec, u64 *missed)
{
	u32 len;

	lockdep_assert_held(&ring->lock);
	*missed = 0;
	if ((s64)(ring->first_seq - cursor->seq) > 0) {
		*missed = ring->first_seq - cursor->seq;
		cursor->seq = ring->first_seq;
		cursor->pos = ring->tail;
	}
	if (cursor->seq == ring->next_seq)
		return false;
	len = ring_record_len(ring, cursor->pos);
	ring_copy_out(ring, cursor->pos, rec, len);
	cursor->seq++;
	cursor->pos += len;
	return true;
}

/**
 * ring_read() - copy out the record at a cursor and step to the next
 * @ring: the ring
 * @cursor: the reader's place
 * @rec: OOMWATCH_RECORD_MAX bytes for the record
 * @missed: set to how many records the reader was too late for, before this one
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 * Return: true, or false if there is no newer record; in both cases @missed is set
 * and the cursor is past the missed records.
 */
bool ring_read(struct ring *ring, struct ring_cursor *cursor,
	       struct oomwatch_head *rec, u64 *missed)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&ring->lock, flags);
	found = ring_next(ring, cursor, rec, missed);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return found;
}

/**
 * ring_seek_oldest() - set a cursor to the oldest record held
 * @ring: the ring
 * @cursor: set
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 */
void ring_seek_oldest(struct ring *ring, struct ring_cursor *cursor)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	*cursor = (struct ring_cursor) { ring->first_seq, ring->tail };
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/**
 * ring_seek_newest() - set a cursor after the newest record
 * @ring: the ring
 * @cursor: set
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 */
void ring_seek_newest(struct ring *ring, struct ring_cursor *cursor)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	*cursor = (struct ring_cursor) { ring->next_seq, ring->head };
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/**
 * ring_seek_bookmark() - set a cursor to the newest record with a bookmark
 * @ring: the ring
 * @cursor: set; the record may be gone, then ring_read() counts it as missed
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 * Return: the bookmark, 0 if there was none since the ring was made or cleared.
 */
u64 ring_seek_bookmark(struct ring *ring, struct ring_cursor *cursor)
{
	unsigned long flags;
	u64 bookmark;

	raw_spin_lock_irqsave(&ring->lock, flags);
	*cursor = ring->marked;
	bookmark = ring->bookmark;
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return bookmark;
}

/**
 * ring_try_read_bookmark() - read from the newest bookmark on, without waiting
 * @ring: the ring
 * @cursor: all zeros before the first call
 * @rec: OOMWATCH_RECORD_MAX bytes for the record
 *
 * For a panic, in which a stopped CPU may hold the lock forever.
 *
 * Context: any.
 * Return: false if there is no record, it is gone, or the lock is not free.
 */
bool ring_try_read_bookmark(struct ring *ring, struct ring_cursor *cursor,
			    struct oomwatch_head *rec)
{
	unsigned long flags;
	bool found = false;
	u64 missed;

	if (!raw_spin_trylock_irqsave(&ring->lock, flags))
		return false;
	if (!cursor->seq && ring->bookmark && (s64)(ring->marked.seq - ring->first_seq) >= 0)
		*cursor = ring->marked;
	if (cursor->seq)
		found = ring_next(ring, cursor, rec, &missed);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return found;
}

/**
 * ring_clear() - drop all records
 * @ring: the ring
 *
 * Readers that had not read them are told how many they missed.
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 */
void ring_clear(struct ring *ring)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	ring->cleared += ring->next_seq - ring->first_seq;
	ring->first_seq = ring->next_seq;
	ring->tail = ring->head;
	ring->bookmark = 0;
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/* Copies the record at a cursor to another ring; false if there is none. */
static bool ring_copy_next(const struct ring *from, struct ring *to,
			   struct ring_cursor *cursor, struct oomwatch_head *rec)
{
	u64 missed;
	bool found = ring_next(from, cursor, rec, &missed);

	/* Overtaken: the copied records and the next one aren't adjacent, so drop the former. */
	if (missed) {
		to->first_seq = cursor->seq - found;
		to->next_seq = to->first_seq;
		to->base = cursor->pos - (found ? rec->len : 0);
		to->tail = to->base;
		to->head = to->base;
	}
	if (found)
		ring_put(to, rec);
	return found;
}

/* Puts another ring's buffer and records in place of a ring's own. */
static void ring_swap(struct ring *ring, struct ring *aside)
{
	s64 dropped = aside->first_seq - ring->first_seq;

	lockdep_assert_held(&ring->lock);
	/* Records lost while the copy was made have been counted: don't bring them back. */
	if (dropped < 0) {
		aside->tail = ring->tail;
		aside->first_seq = ring->first_seq;
		dropped = 0;
	}
	ring->resize_dropped += dropped;
	swap(ring->buf, aside->buf);
	ring->size = aside->size;
	ring->base = aside->base;
	ring->tail = aside->tail;
	ring->first_seq = aside->first_seq;
}

/**
 * ring_resize() - change a ring's size and keep the newest records that fit
 * @ring: the ring
 * @size: as for ring_init()
 *
 * Writers continue meanwhile: the records are copied to a second buffer, a few at a
 * time, and that buffer is swapped in when it has caught up.
 *
 * Context: may sleep. Calls must not overlap.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int ring_resize(struct ring *ring, size_t size)
{
	struct oomwatch_head *rec = kmalloc(OOMWATCH_RECORD_MAX, GFP_KERNEL);
	struct ring *aside = kmalloc(sizeof(*aside), GFP_KERNEL);
	void *buf = ring_alloc(size);
	struct ring_cursor cursor;
	unsigned long flags;
	int n;

	if (!rec || !aside || !buf) {
		vfree(buf);
		kfree(aside);
		kfree(rec);
		return -ENOMEM;
	}

	ring_seek_oldest(ring, &cursor);
	ring_set_up(aside, buf, size, cursor.seq, cursor.pos);
	for (;;) {
		raw_spin_lock_irqsave(&ring->lock, flags);
		for (n = 0; n < RING_RESIZE_BATCH; n++)
			if (!ring_copy_next(ring, aside, &cursor, rec))
				break;
		if (n < RING_RESIZE_BATCH)
			break;
		raw_spin_unlock_irqrestore(&ring->lock, flags);
		cond_resched();
	}
	ring_swap(ring, aside);
	raw_spin_unlock_irqrestore(&ring->lock, flags);

	vfree(aside->buf);
	kfree(aside);
	kfree(rec);
	return 0;
}
