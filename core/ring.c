// SPDX-License-Identifier: GPL-2.0
/*
 * The ring: holds records of any type, of which it knows only the head. Its lanes have a buffer
 * each, so that records of one lane never make room for those of another. For an overview see
 * ../oomwatch.c.
 */

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/jhash.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>
#include <asm/barrier.h>

#include "internal.h"

/* Records that a resize copies before it releases the lock for a moment. */
#define RING_RESIZE_BATCH	8

/* Records that ring_commit_batch() appends before it releases the lock for a moment. */
#define RING_COMMIT_BATCH	16

/**
 * lane_set_up() - set up an empty lane in a buffer
 * @lane: the lane
 * @buf: vmalloc() memory, or kept memory
 * @size: bytes of @buf, a multiple of 8
 * @at: the number and position of the first record
 *
 * Context: any. The lane must not be in use yet.
 */
void lane_set_up(struct lane *lane, void *buf, size_t size, struct lane_cursor at)
{
	*lane = (struct lane) {
		.buf = buf, .size = size, .at = lane_empty(at),
	};
}

/**
 * lane_tell_pages() - tell who reads a dump of the machine where the lane's buffer is
 * @lane: the lane, set up
 * @at: physical address of the buffer, if it is in one piece; 0: it is from vmalloc()
 *
 * Context: task context, may sleep. The lane must not be in use yet.
 * Return: false if there is no memory for that.
 */
bool lane_tell_pages(struct lane *lane, phys_addr_t at)
{
	size_t i, nr = DIV_ROUND_UP(lane->size, PAGE_SIZE);

	/* In one piece, as its address has to tell where all of it is. */
	lane->list = kmalloc_array(nr, sizeof(u64), GFP_NO_KILL);
	if (!lane->list)
		return false;
	for (i = 0; i < nr; i++)
		lane->list[i] = at ? at + i * PAGE_SIZE :
				page_to_phys(vmalloc_to_page(lane->buf + i * PAGE_SIZE));
	lane->pages = virt_to_phys(lane->list);
	return true;
}

/*
 * No task may be killed to make room for the ring: the allocation fails instead. It isn't even
 * tried if too little is available, because it would take pages from others until it fails.
 */
static void *ring_alloc(size_t size)
{
	if (size >> PAGE_SHIFT > max(si_mem_available(), 0L))
		return NULL;
	return __vmalloc(size, GFP_NO_KILL);
}

/* Allocates and sets up a lane; false, with nothing allocated, if there is no memory. */
static bool lane_alloc(struct lane *lane, size_t size, struct lane_cursor at)
{
	lane_set_up(lane, ring_alloc(size), size, at);
	if (!lane->buf)
		return false;
	if (lane_tell_pages(lane, 0))
		return true;
	vfree(lane->buf);
	lane->buf = NULL;
	return false;
}

/**
 * ring_init() - allocate a ring's buffers
 * @ring: the ring
 * @sizes: bytes of each lane, a multiple of 8, at least two times OOMWATCH_RECORD_MAX
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int ring_init(struct ring *ring, const size_t *sizes)
{
	int i;

	for (i = 0; i < RING_LANES; i++) {
		if (!lane_alloc(&ring->lane[i], sizes[i], (struct lane_cursor) { })) {
			ring_destroy(ring);
			return -ENOMEM;
		}
	}
	ring_start(ring, 1);
	return 0;
}

/**
 * ring_start() - begin with a ring whose lanes are set up
 * @ring: the ring
 * @next_seq: the sequence number of its next record
 *
 * Context: any. The ring must not be in use yet.
 */
void ring_start(struct ring *ring, u64 next_seq)
{
	ring->next_seq = next_seq;
	raw_spin_lock_init(&ring->lock);
}

/**
 * ring_written() - how far a lane was written
 * @ring: the ring
 * @which: the lane
 *
 * Context: any but NMI.
 * Return: a position, for ring_share().
 */
u64 ring_written(struct ring *ring, enum ring_lane which)
{
	unsigned long flags;
	u64 pos;

	raw_spin_lock_irqsave(&ring->lock, flags);
	pos = ring->lane[which].at.head;
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return pos;
}

/**
 * ring_share() - how much of a lane was taken
 * @ring: the ring
 * @which: the lane
 * @since: from ring_written()
 * @parts: the number of parts that the lane is divided into
 *
 * Context: any but NMI.
 * Return: how many parts of the lane have been written since, the last of them perhaps not whole.
 */
u64 ring_share(struct ring *ring, enum ring_lane which, u64 since, unsigned int parts)
{
	const struct lane *lane = &ring->lane[which];
	unsigned long flags;
	u64 taken;

	raw_spin_lock_irqsave(&ring->lock, flags);
	taken = DIV64_U64_ROUND_UP((lane->at.head - since) * parts, lane->size);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return taken;
}

/**
 * ring_destroy() - free a ring's buffers
 * @ring: the ring; no writer and no reader may be left
 *
 * Context: may sleep.
 */
void ring_destroy(struct ring *ring)
{
	int i;

	for (i = 0; i < RING_LANES; i++) {
		if (!ring->lane[i].kept)
			vfree(ring->lane[i].buf);
		kfree(ring->lane[i].list);
		ring->lane[i].buf = NULL;
		ring->lane[i].list = NULL;
	}
}

/* --- one lane ------------------------------------------------------------- */

/* The number of contiguous bytes from a position on, at most @len; sets @at to the first. */
static size_t lane_piece(const struct lane *lane, u64 pos, size_t len, u8 **at)
{
	u64 offset;

	div64_u64_rem(pos - lane->at.base, lane->size, &offset);
	*at = lane->buf + offset;
	return min_t(size_t, len, lane->size - offset);
}

static void lane_copy_in(struct lane *lane, u64 pos, const void *src, size_t len)
{
	u8 *at;
	size_t piece = lane_piece(lane, pos, len, &at);

	memcpy(at, src, piece);
	memcpy(lane->buf, src + piece, len - piece);
}

static void lane_copy_out(const struct lane *lane, u64 pos, void *dst, size_t len)
{
	u8 *at;
	size_t piece = lane_piece(lane, pos, len, &at);

	memcpy(dst, at, piece);
	memcpy(dst + piece, lane->buf, len - piece);
}

/* Buffer, positions and records are multiples of 8, so a record's len never wraps. */
static u32 lane_record_len(const struct lane *lane, u64 pos)
{
	u8 *at;

	BUILD_BUG_ON(offsetof(struct oomwatch_head, len) != 0);
	lane_piece(lane, pos, sizeof(u32), &at);
	return *(u32 *)at;
}

/* A record's seq is 8 bytes further, and doesn't wrap either. */
static u64 lane_record_seq(const struct lane *lane, u64 pos)
{
	u8 *at;

	BUILD_BUG_ON(offsetof(struct oomwatch_head, seq) % 8);
	lane_piece(lane, pos + offsetof(struct oomwatch_head, seq), sizeof(u64), &at);
	return *(u64 *)at;
}

/* The bytes that a record takes in a lane. */
static size_t lane_span(const struct lane *lane, u32 len)
{
	return len + (lane->kept ? sizeof(struct kept_sum) : 0);
}

/*
 * Tells the next boot where the lane's records are. This is written to one of two places in turn,
 * because a crash may tear one.
 */
static void lane_keep_places(struct lane *lane)
{
	struct kept_lane now;

	if (!lane->kept)
		return;
	now = (struct kept_lane) {
		.turn = ++lane->turn, .at = lane->at,
		/* Other clocks may wait forever in a panic. */
		.clock_ns = ktime_get_real_fast_ns() - ktime_get_boot_fast_ns(),
	};
	now.sum = kept_sum(&now, offsetof(struct kept_lane, sum), lane->seed);
	/* After the records that it tells of. */
	wmb();
	lane->kept[now.turn % 2] = now;
	/* Before what comes next in place of a record that this tells of no more. */
	wmb();
}

static void lane_keep_sum(struct lane *lane, const struct oomwatch_head *rec)
{
	struct kept_sum sum = { };

	if (!lane->kept)
		return;
	sum.sum = kept_sum(rec, rec->len, lane->seed);
	lane_copy_in(lane, lane->at.head + rec->len, &sum, sizeof(sum));
}

static void lane_make_room(struct lane *lane, size_t len)
{
	u64 tail = lane->at.tail;

	while (lane->size - (lane->at.head - lane->at.tail) < len) {
		lane->at.gone = lane_record_seq(lane, lane->at.tail) + 1;
		lane->at.tail += lane_span(lane, lane_record_len(lane, lane->at.tail));
		lane->at.first++;
		lane->overwritten++;
	}
	if (tail != lane->at.tail)
		lane_keep_places(lane);
}

static void lane_put(struct lane *lane, const struct oomwatch_head *rec)
{
	size_t span = lane_span(lane, rec->len);

	lane_make_room(lane, span);
	lane_copy_in(lane, lane->at.head, rec, rec->len);
	lane_keep_sum(lane, rec);
	lane->at.head += span;
	lane->at.next++;
	lane->at.end = rec->seq + 1;
	lane_keep_places(lane);
}

/* A cursor that was overtaken goes on with the oldest record. Returns whether it was. */
static bool lane_catch_up(const struct lane *lane, struct lane_cursor *cursor)
{
	if ((s64)(lane->at.first - cursor->nr) <= 0)
		return false;
	*cursor = (struct lane_cursor) { lane->at.first, lane->at.tail };
	return true;
}

/* Reads the record at a cursor, which there must be, and steps to the next. */
static void lane_read(const struct lane *lane, struct lane_cursor *cursor,
		      struct oomwatch_head *rec)
{
	u32 len = lane_record_len(lane, cursor->pos);

	lane_copy_out(lane, cursor->pos, rec, len);
	cursor->nr++;
	cursor->pos += lane_span(lane, len);
}

static struct lane_cursor lane_oldest(const struct lane *lane)
{
	return (struct lane_cursor) { lane->at.first, lane->at.tail };
}

static struct lane_cursor lane_newest(const struct lane *lane)
{
	return (struct lane_cursor) { lane->at.next, lane->at.head };
}

/* --- all lanes ------------------------------------------------------------ */

static void ring_set_newest(const struct ring *ring, struct ring_cursor *cursor)
{
	int i;

	*cursor = (struct ring_cursor) { .seq = ring->next_seq };
	for (i = 0; i < RING_LANES; i++)
		cursor->at[i] = lane_newest(&ring->lane[i]);
}

static void ring_put(struct ring *ring, enum ring_lane lane, struct oomwatch_head *rec)
{
	rec->seq = ring->next_seq;
	lane_put(&ring->lane[lane], rec);
	WRITE_ONCE(ring->next_seq, ring->next_seq + 1);
}

/**
 * ring_commit() - append a record
 * @ring: the ring
 * @lane: the lane to put it in
 * @rec: the record, complete except for the sequence number, which is set here
 * @bookmark: a number by which to remember this record's place; 0: don't
 *
 * The oldest records of the lane are overwritten as needed, and counted.
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 */
void ring_commit(struct ring *ring, enum ring_lane lane, struct oomwatch_head *rec, u64 bookmark)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&ring->lock, flags);
	if (bookmark) {
		ring_set_newest(ring, &ring->marked[lane]);
		ring->bookmark[lane] = bookmark;
	}
	ring_put(ring, lane, rec);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/**
 * ring_commit_batch() - append records that follow each other in memory
 * @ring: the ring
 * @lane: the lane to put them in
 * @batch: the records, as for ring_commit()
 * @size: bytes of @batch
 *
 * Takes the lock for several at a time, which costs less. Records of others may come in between.
 *
 * Context: as ring_commit().
 */
void ring_commit_batch(struct ring *ring, enum ring_lane lane, void *batch, size_t size)
{
	struct oomwatch_head *rec = batch, *end = batch + size;
	unsigned long flags;
	int n;

	while (rec < end) {
		raw_spin_lock_irqsave(&ring->lock, flags);
		for (n = 0; n < RING_COMMIT_BATCH && rec < end; n++) {
			ring_put(ring, lane, rec);
			rec = (void *)rec + rec->len;
		}
		raw_spin_unlock_irqrestore(&ring->lock, flags);
	}
}

/**
 * ring_try_commit() - append a record, without waiting
 * @ring: the ring
 * @lane: the lane to put it in
 * @rec: the record, as for ring_commit()
 *
 * For a panic, in which a stopped CPU may hold the lock forever: then the record is dropped.
 *
 * Context: any.
 */
void ring_try_commit(struct ring *ring, enum ring_lane lane, struct oomwatch_head *rec)
{
	unsigned long flags;

	if (!raw_spin_trylock_irqsave(&ring->lock, flags))
		return;
	ring_put(ring, lane, rec);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/* Which of these lanes has the record to read next, or RING_LANES; sets *seq to its number. */
static int ring_next_lane(const struct ring *ring, const struct ring_cursor *cursor,
			  unsigned long lanes, u64 *seq)
{
	int i, next = RING_LANES;

	*seq = ring->next_seq;
	for (i = 0; i < RING_LANES; i++) {
		u64 its;

		if (!(lanes & BIT(i)) || cursor->at[i].nr == ring->lane[i].at.next)
			continue;
		its = lane_record_seq(&ring->lane[i], cursor->at[i].pos);
		if ((s64)(its - *seq) < 0) {
			*seq = its;
			next = i;
		}
	}
	return next;
}

/**
 * ring_read() - copy out the record at a cursor and step to the next
 * @ring: the ring
 * @cursor: the reader's place
 * @rec: OOMWATCH_RECORD_MAX bytes for the record
 * @loss: set to what the reader was too late for
 *
 * A call either reads a record or tells of a loss. So records and losses come in the order of
 * sequence numbers, and each number comes once.
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 * Return: true, or false if there is a loss, or neither a loss nor a newer record.
 */
bool ring_read(struct ring *ring, struct ring_cursor *cursor,
	       struct oomwatch_head *rec, struct ring_loss *loss)
{
	unsigned long flags;
	int i, lane;
	u64 seq;

	raw_spin_lock_irqsave(&ring->lock, flags);
	*loss = (struct ring_loss) { };
	for (i = 0; i < RING_LANES; i++) {
		lane_catch_up(&ring->lane[i], &cursor->at[i]);
		if ((s64)(ring->lane[i].at.gone - cursor->seq) > 0)
			loss->lanes |= BIT(i);
	}
	lane = ring_next_lane(ring, cursor, RING_ALL, &seq);
	loss->count = seq - cursor->seq;
	cursor->seq = seq;
	if (!loss->count && lane != RING_LANES) {
		lane_read(&ring->lane[lane], &cursor->at[lane], rec);
		cursor->seq++;
	}
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return !loss->count && lane != RING_LANES;
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
	int i;

	raw_spin_lock_irqsave(&ring->lock, flags);
	*cursor = (struct ring_cursor) { };
	for (i = 0; i < RING_LANES; i++)
		cursor->at[i] = lane_oldest(&ring->lane[i]);
	ring_next_lane(ring, cursor, RING_ALL, &cursor->seq);
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
	ring_set_newest(ring, cursor);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/* The lane that has the newest record with a bookmark, if there is one in any of these lanes. */
static enum ring_lane ring_marked_lane(const struct ring *ring, unsigned long lanes)
{
	enum ring_lane lane, newest = __ffs(lanes);

	for (lane = 0; lane < RING_LANES; lane++)
		if (lanes & BIT(lane) && ring->bookmark[lane] &&
		    (!ring->bookmark[newest] ||
		     (s64)(ring->marked[lane].seq - ring->marked[newest].seq) > 0))
			newest = lane;
	return newest;
}

/**
 * ring_seek_bookmark() - set a cursor to the newest record with a bookmark
 * @ring: the ring
 * @lanes: a bit for each lane to look in
 * @cursor: set; the record may be gone, then ring_read() counts it as missed
 *
 * Context: any but NMI. Takes @ring->lock with interrupts off.
 * Return: the bookmark, 0 if there was none since the ring was made or cleared.
 */
u64 ring_seek_bookmark(struct ring *ring, unsigned long lanes, struct ring_cursor *cursor)
{
	enum ring_lane lane;
	unsigned long flags;
	u64 bookmark;

	raw_spin_lock_irqsave(&ring->lock, flags);
	lane = ring_marked_lane(ring, lanes);
	*cursor = ring->marked[lane];
	bookmark = ring->bookmark[lane];
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	return bookmark;
}

/* Reads the next record of these lanes; false if there is none. */
static bool ring_read_lanes(const struct ring *ring, struct ring_cursor *cursor,
			    unsigned long lanes, struct oomwatch_head *rec)
{
	int i;

	for (i = 0; i < RING_LANES; i++)
		lane_catch_up(&ring->lane[i], &cursor->at[i]);
	i = ring_next_lane(ring, cursor, lanes, &cursor->seq);
	if (i == RING_LANES)
		return false;
	lane_read(&ring->lane[i], &cursor->at[i], rec);
	return true;
}

/**
 * ring_try_read_bookmark() - read from the newest bookmark of all on, without waiting
 * @ring: the ring
 * @cursor: all zeros before the first call
 * @rec: OOMWATCH_RECORD_MAX bytes for the record
 *
 * For a panic, in which a stopped CPU may hold the lock forever. The records of a kill may be in
 * two lanes; the others, which may have very many, are not read.
 *
 * Context: any.
 * Return: false if there is no record, it is gone, or the lock is not free.
 */
bool ring_try_read_bookmark(struct ring *ring, struct ring_cursor *cursor,
			    struct oomwatch_head *rec)
{
	enum ring_lane marked;
	unsigned long flags;
	bool found = false;

	if (!raw_spin_trylock_irqsave(&ring->lock, flags))
		return false;
	marked = ring_marked_lane(ring, RING_ALL);
	if (!cursor->seq && ring->bookmark[marked])
		*cursor = ring->marked[marked];
	if (cursor->seq && !lane_catch_up(&ring->lane[marked], &cursor->at[marked]))
		found = ring_read_lanes(ring, cursor, BIT(marked) & RING_KILLS ? RING_KILLS :
					BIT(marked), rec);
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
	struct lane *lane;

	raw_spin_lock_irqsave(&ring->lock, flags);
	for (lane = ring->lane; lane < ring->lane + RING_LANES; lane++) {
		if (lane->at.first != lane->at.next)
			lane->at.gone = ring->next_seq;
		lane->cleared += lane->at.next - lane->at.first;
		lane->at.first = lane->at.next;
		lane->at.tail = lane->at.head;
		lane_keep_places(lane);
	}
	memset(ring->bookmark, 0, sizeof(ring->bookmark));
	raw_spin_unlock_irqrestore(&ring->lock, flags);
}

/* --- changing a lane's size ----------------------------------------------- */

/* Copies the record at a cursor to another lane; false if there is none. */
static bool lane_copy_next(const struct lane *from, struct lane *to,
			   struct lane_cursor *cursor, struct oomwatch_head *rec)
{
	/* Overtaken: the copied records and the next one aren't adjacent, so drop the former. */
	if (lane_catch_up(from, cursor))
		to->at = lane_empty(*cursor);
	if (cursor->nr == from->at.next)
		return false;
	lane_read(from, cursor, rec);
	lane_put(to, rec);
	return true;
}

/* Puts another lane's buffer and records in place of a lane's own. */
static void lane_swap(struct lane *lane, struct lane *aside)
{
	s64 dropped = aside->at.first - lane->at.first;

	/* Records lost while the copy was made have been counted: don't bring them back. */
	if (dropped < 0) {
		aside->at.tail = lane->at.tail;
		aside->at.first = lane->at.first;
		dropped = 0;
	}
	lane->resize_dropped += dropped;
	if ((s64)(aside->at.gone - lane->at.gone) > 0)
		lane->at.gone = aside->at.gone;
	swap(lane->buf, aside->buf);
	swap(lane->list, aside->list);
	lane->pages = aside->pages;
	lane->size = aside->size;
	lane->at.base = aside->at.base;
	lane->at.tail = aside->at.tail;
	lane->at.first = aside->at.first;
}

/**
 * ring_resize() - change a lane's size and keep the newest records that fit
 * @ring: the ring
 * @which: the lane
 * @size: as for ring_init()
 *
 * Writers continue meanwhile: the records are copied to a second buffer, a few at a
 * time, and that buffer is swapped in when it has caught up.
 *
 * Context: may sleep. Calls must not overlap.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int ring_resize(struct ring *ring, enum ring_lane which, size_t size)
{
	struct oomwatch_head *rec = kmalloc(OOMWATCH_RECORD_MAX, GFP_KERNEL);
	struct lane *lane = &ring->lane[which], aside;
	struct lane_cursor cursor;
	unsigned long flags;
	int n;

	if (!rec || !lane_alloc(&aside, size, (struct lane_cursor) { })) {
		kfree(rec);
		return -ENOMEM;
	}

	raw_spin_lock_irqsave(&ring->lock, flags);
	cursor = lane_oldest(lane);
	raw_spin_unlock_irqrestore(&ring->lock, flags);
	aside.at = lane_empty(cursor);
	for (;;) {
		raw_spin_lock_irqsave(&ring->lock, flags);
		for (n = 0; n < RING_RESIZE_BATCH; n++)
			if (!lane_copy_next(lane, &aside, &cursor, rec))
				break;
		if (n < RING_RESIZE_BATCH)
			break;
		raw_spin_unlock_irqrestore(&ring->lock, flags);
		cond_resched();
	}
	lane_swap(lane, &aside);
	raw_spin_unlock_irqrestore(&ring->lock, flags);

	vfree(aside.buf);
	kfree(aside.list);
	kfree(rec);
	return 0;
}

/* --- memory that outlives a crash ----------------------------------------- */

/**
 * lane_keep() - keep a lane's records for the next boot
 * @lane: the lane, empty, with its buffer in that memory
 * @kept: two of them, in that memory
 * @seed: a number that no other load has, so that its records are not taken for this one's
 *
 * Context: any. The lane must not be in use yet. It can't be resized.
 */
void lane_keep(struct lane *lane, struct kept_lane *kept, u32 seed)
{
	lane->kept = kept;
	lane->seed = seed;
	/* Both: what an earlier load left there could be of a later turn. */
	lane_keep_places(lane);
	lane_keep_places(lane);
}

/* The newer of two that is whole, or NULL. */
static const struct kept_lane *newer_kept(const struct kept_lane *kept, size_t size, u32 seed)
{
	const struct kept_lane *newer = NULL;
	int i;

	for (i = 0; i < 2; i++) {
		const struct kept_lane *one = &kept[i];

		if (one->sum != kept_sum(one, offsetof(struct kept_lane, sum), seed) ||
		    one->at.head - one->at.tail > size)
			continue;
		if (!newer || one->turn > newer->turn)
			newer = one;
	}
	return newer;
}

/**
 * lane_find() - find a lane that an earlier load has kept
 * @lane: set up with the records that are there
 * @buf: its buffer
 * @size: bytes of @buf, a multiple of 8
 * @kept: as the earlier load gave to lane_keep()
 * @seed: so, too
 * @clock_ns: set to CLOCK_REALTIME less CLOCK_BOOTTIME, of the newest record's time
 *
 * Context: any.
 * Return: false if it can't be told where records are.
 */
bool lane_find(struct lane *lane, void *buf, size_t size, struct kept_lane *kept, u32 seed,
	       u64 *clock_ns)
{
	const struct kept_lane *newer = newer_kept(kept, size, seed);

	if (!newer)
		return false;
	*lane = (struct lane) {
		.buf = buf, .size = size, .at = newer->at, .kept = kept, .seed = seed,
	};
	*clock_ns = newer->clock_ns;
	return true;
}

/* Copies the record at a position if it is whole and not one that was overwritten. */
static bool lane_copy_whole(const struct lane *lane, u64 pos, struct oomwatch_head *rec, u64 least)
{
	u32 len = lane_record_len(lane, pos);
	struct kept_sum sum;

	if (len < sizeof(*rec) || len > OOMWATCH_RECORD_MAX || len % 8 ||
	    lane_span(lane, len) > lane->at.head - pos)
		return false;
	lane_copy_out(lane, pos, rec, len);
	lane_copy_out(lane, pos + len, &sum, sizeof(sum));
	return sum.sum == kept_sum(rec, len, lane->seed) && (s64)(rec->seq - least) >= 0;
}

/**
 * lane_recover() - copy the records that an earlier load has kept
 * @to: the lane that gets them, empty, with a buffer as large as that of @from
 * @from: set up by lane_find()
 * @rec: OOMWATCH_RECORD_MAX bytes
 *
 * Context: task context, may sleep.
 * Return: how many records are missing, which the crash has torn or the memory has not held.
 */
u64 lane_recover(struct lane *to, const struct lane *from, struct oomwatch_head *rec)
{
	u64 pos = from->at.tail, found = 0;
	bool torn = false;

	to->at.gone = from->at.gone;
	to->at.end = from->at.gone;
	for (; pos != from->at.head; cond_resched()) {
		if (!lane_copy_whole(from, pos, rec, to->at.end)) {
			torn = true;
			pos += sizeof(u64);
			continue;
		}
		if (torn)
			to->at.gone = rec->seq;
		torn = false;
		lane_put(to, rec);
		found++;
		pos += lane_span(from, rec->len);
	}
	if (torn)
		to->at.gone = from->at.end;
	to->at.end = from->at.end;
	return from->at.next - from->at.first - found;
}
