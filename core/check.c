// SPDX-License-Identifier: GPL-2.0
/*
 * The ring's self-check: steps on a small ring, with what must hold after each. Run at
 * load on a ring whose counters are about to wrap; a failure refuses the load.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

enum check_op { CHECK_PUT, CHECK_PUT_ADJ, CHECK_READ, CHECK_CLEAR, CHECK_RESIZE };

static const struct check_step {
	enum check_op op;
	u32 arg;	/* PUT: bytes; READ: records; RESIZE: bytes of the main lane */
	u64 held;	/* records in the ring after the step */
	u64 lost;	/* records overwritten, cleared or dropped, so far */
	u64 missed;	/* READ: records the reader was too late for */
} check_steps[] = {
	{ CHECK_READ, 0, 0, 0, 0 },
	{ CHECK_PUT, 64, 1, 0, 0 },
	{ CHECK_READ, 1, 1, 0, 0 },
	{ CHECK_PUT, 40, 2, 0, 0 },		/* 104 of 256 bytes */
	{ CHECK_PUT, 128, 3, 0, 0 },		/* 232 */
	{ CHECK_PUT, 24 + 32, 3, 1, 0 },	/* wraps; overwrites the 64 */
	{ CHECK_READ, 3, 3, 1, 0 },		/* the 64 had been read */
	{ CHECK_PUT, 256, 1, 4, 0 },		/* fills the whole ring */
	{ CHECK_PUT, 32, 1, 5, 0 },
	{ CHECK_READ, 1, 1, 5, 1 },		/* the 256 were overwritten unread */
	{ CHECK_PUT, 32, 2, 5, 0 },
	{ CHECK_PUT, 32, 3, 5, 0 },
	{ CHECK_CLEAR, 0, 0, 8, 0 },
	{ CHECK_READ, 0, 0, 8, 2 },
	{ CHECK_READ, 0, 0, 8, 0 },		/* told once only */
	{ CHECK_PUT, 96, 1, 8, 0 },
	{ CHECK_PUT, 96, 2, 8, 0 },
	{ CHECK_RESIZE, 512, 2, 8, 0 },		/* grows: all stay */
	{ CHECK_PUT, 96, 3, 8, 0 },
	{ CHECK_PUT, 96, 4, 8, 0 },
	{ CHECK_READ, 1, 4, 8, 0 },		/* a cursor outlives a resize */
	{ CHECK_RESIZE, 200, 2, 10, 0 },	/* shrinks: the newest two stay */
	{ CHECK_READ, 2, 2, 10, 1 },
	{ CHECK_PUT, 96, 2, 11, 0 },
	{ CHECK_READ, 1, 2, 11, 0 },
	{ CHECK_PUT_ADJ, 88, 3, 11, 0 },
	{ CHECK_PUT, 40, 3, 12, 0 },
	{ CHECK_PUT_ADJ, 88, 4, 12, 0 },
	{ CHECK_READ, 2, 4, 12, 0 },		/* both lanes, in the order of numbers */
	{ CHECK_PUT_ADJ, 88, 4, 13, 0 },	/* overwrites records of its lane only */
	{ CHECK_PUT_ADJ, 88, 4, 14, 0 },
	{ CHECK_PUT_ADJ, 88, 4, 15, 0 },
	{ CHECK_PUT, 24, 5, 15, 0 },
	{ CHECK_READ, 1, 5, 15, 2 },
	{ CHECK_PUT, 96, 5, 16, 0 },
	{ CHECK_PUT, 96, 4, 18, 0 },		/* overwrites the 24 unread */
	{ CHECK_READ, 1, 4, 18, 0 },		/* an older one of the other lane comes first */
	{ CHECK_READ, 2, 4, 18, 1 },
	{ CHECK_CLEAR, 0, 0, 22, 0 },
	{ CHECK_READ, 0, 0, 22, 0 },
};

struct check_state {
	struct ring ring;
	struct ring_cursor cursor;
	u64 first_seq;		/* where the numbering began */
	u8 put[512];
	u8 got[OOMWATCH_RECORD_MAX];
};

/* Fills a record so that any byte out of place shows. */
static void check_fill(struct oomwatch_head *rec, u64 seq, u32 len)
{
	memset(rec, (u8)(seq * 37 + len), len);
	rec->len = len;
	rec->seq = seq;
}

static bool check_read(struct check_state *st, u32 n, u64 missed_expected)
{
	struct oomwatch_head *want = (void *)st->put, *got = (void *)st->got;
	struct ring_loss loss;
	u64 missed_all = 0;
	u32 found = 0;

	do {
		bool one = ring_read(&st->ring, &st->cursor, got, &loss);

		missed_all += loss.count;
		if (!one && !loss.count)
			break;
		if (!one)
			continue;
		found++;
		check_fill(want, st->cursor.seq - 1, got->len);
		if (memcmp(want, got, got->len))
			return false;
	} while (found < n);
	return found == n && missed_all == missed_expected;
}

static bool check_sums(const struct check_state *st, const struct check_step *step)
{
	const struct lane *lane = st->ring.lane;
	u64 held = 0, lost = 0;
	int i;

	for (i = 0; i < RING_LANES; i++, lane++) {
		held += lane->at.next - lane->at.first;
		lost += lane->overwritten + lane->cleared + lane->resize_dropped;
	}
	return held == step->held && lost == step->lost &&
	       st->ring.next_seq - st->first_seq == held + lost;
}

static bool check_step(struct check_state *st, const struct check_step *step)
{
	enum ring_lane lane = step->op == CHECK_PUT_ADJ ? RING_ADJ : RING_MAIN;
	struct oomwatch_head *rec = (void *)st->put;
	struct ring *ring = &st->ring;

	switch (step->op) {
	case CHECK_PUT:
	case CHECK_PUT_ADJ:
		check_fill(rec, ring->next_seq, step->arg);
		ring_commit(ring, lane, rec, 0);
		break;
	case CHECK_READ:
		if (!check_read(st, step->arg, step->missed))
			return false;
		break;
	case CHECK_CLEAR:
		ring_clear(ring);
		break;
	case CHECK_RESIZE:
		if (ring_resize(ring, RING_MAIN, step->arg))
			return false;
		break;
	}
	return check_sums(st, step);
}

/* All counters wrap within the table's first steps. */
static int check_begin(struct check_state *st)
{
	const size_t sizes[RING_LANES] = { 256, 256, 256, 256 };
	const struct lane_cursor first = { (u64)-3, (u64)-80 };
	int i, err = ring_init(&st->ring, sizes);

	if (err)
		return err;
	for (i = 0; i < RING_LANES; i++)
		st->ring.lane[i].at = lane_empty(first);
	st->first_seq = (u64)-3;
	st->ring.next_seq = st->first_seq;
	ring_seek_newest(&st->ring, &st->cursor);
	return 0;
}

/**
 * ring_check() - run the self-check of the ring
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINVAL if the ring does not do what the table says.
 */
int ring_check(void)
{
	struct check_state *st = kzalloc(sizeof(*st), GFP_KERNEL);
	int i, err = st ? check_begin(st) : -ENOMEM;

	for (i = 0; i < ARRAY_SIZE(check_steps) && !err; i++) {
		if (check_step(st, &check_steps[i]))
			continue;
		pr_err("self-check of the ring: step %d failed\n", i);
		err = -EINVAL;
	}
	if (!err)
		pr_info("self-check of the ring: %d steps passed\n", i);
	if (st)
		ring_destroy(&st->ring);
	kfree(st);
	return err;
}
