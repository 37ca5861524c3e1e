// SPDX-License-Identifier: GPL-2.0
/*
 * Storms: which kills are recorded in a lane of their own. The owner of a cgroup can have processes
 * killed at its limit at any rate, and thousands at once. And each user can fill the machine, with
 * a small process that is killed again and again. Such kills must not push out others. So of a
 * day's kills, the first of each user are in the ring of kills, and those of root, of which each
 * limit has the first few; and of each kill the first victims. All others are in RING_STORM, where
 * they push out each other. Who can have root's processes killed by filling the machine, again and
 * again as something starts them anew, is not held back.
 */

#include <linux/compiler.h>
#include <linux/ktime.h>
#include <linux/string.h>

#include "internal.h"

#define DAY_NS		(24 * 3600ULL * NSEC_PER_SEC)

/*
 * A day's kills that are no storm: of one user but root, of all these, and of root at the limits of
 * cgroups.
 */
#define MOST_OF_USER	8
#define MOST_OF_USERS	48
#define MOST_OF_ROOT	64

/*
 * They have these parts of the ring, and root's kills of the whole machine the others. A kill that
 * takes more than a part, as one of many processes with long paths, counts as several.
 */
#define RING_PARTS	128

/* Containers run as root: so each limit has its share, too. */
#define MOST_OF_LIMIT	4

struct storm_limit {
	u64 id;			/* of the cgroup */
	unsigned int kills;	/* 0: this slot is free */
};

/* oom_lock guards all but @forget. @limit has a slot for each kill that is no storm. */
static struct {
	bool forget;
	struct payments *paid;	/* by the newest kill; NULL: one of a storm, or without a limit */
	unsigned int payer;
	struct storm_limit *of;	/* the limit that it counts for, or NULL */
	u64 since;		/* where the ring was before it */
	u64 day_ns;		/* when the day of the next three began; 0: none has */
	struct payments users;
	struct payments root;
	struct storm_limit limit[MOST_OF_USERS + MOST_OF_ROOT];
} storm;

/**
 * storm_forget() - let all limits and users begin anew
 *
 * For the file clear, which leaves nothing that could be pushed out.
 *
 * Context: any.
 */
void storm_forget(void)
{
	WRITE_ONCE(storm.forget, true);
}

static void storm_begin_day(u64 now)
{
	if (storm.day_ns && now - storm.day_ns < DAY_NS && !READ_ONCE(storm.forget))
		return;
	WRITE_ONCE(storm.forget, false);
	storm.day_ns = now;
	memset(&storm.users, 0, sizeof(storm.users));
	memset(&storm.root, 0, sizeof(storm.root));
	memset(storm.limit, 0, sizeof(storm.limit));
}

static bool storm_pay(unsigned int payer)
{
	bool root = payer == PAYER_ROOT;
	struct payments *payments = root ? &storm.root : &storm.users;

	if (!payments_take(payments, payer, root ? MOST_OF_ROOT : MOST_OF_USERS, MOST_OF_USER, 0))
		return false;
	storm.paid = payments;
	storm.payer = payer;
	storm.since = ring_written(&records, RING_MAIN);
	return true;
}

/* The slot of a limit, or one that is free; NULL if there is neither. */
static struct storm_limit *storm_slot(u64 id)
{
	struct storm_limit *slot = storm.limit;

	for (; slot < storm.limit + ARRAY_SIZE(storm.limit); slot++)
		if (!slot->kills || slot->id == id)
			return slot;
	return NULL;
}

static bool storm_has_memcg(u64 id, unsigned int payer)
{
	struct storm_limit *slot = storm_slot(id);

	if (!slot || slot->kills == MOST_OF_LIMIT || !storm_pay(payer))
		return true;
	slot->id = id;
	slot->kills++;
	storm.of = slot;
	return false;
}

/**
 * storm_has() - whether a kill is one of a storm
 * @id: the cgroup at its limit; 0: it is the machine, or not known
 * @victim: the first victim
 * @now: the time
 *
 * Context: oom_lock held. Once for each kill.
 */
bool storm_has(u64 id, struct task_struct *victim, u64 now)
{
	unsigned int payer = process_payer(victim);

	storm.paid = NULL;
	storm.of = NULL;
	storm_begin_day(now);
	if (id)
		return storm_has_memcg(id, payer);
	return payer != PAYER_ROOT && !storm_pay(payer);
}

/**
 * storm_end() - a kill has its records, or there was none
 * @killed: a task was marked
 *
 * Context: oom_lock held. Once for each kill that storm_has() was asked of.
 */
void storm_end(bool killed)
{
	u64 parts;

	if (!storm.paid)
		return;
	if (!killed) {
		payments_return(storm.paid, storm.payer);
		if (storm.of)
			storm.of->kills--;
		return;
	}
	parts = ring_share(&records, RING_MAIN, storm.since, RING_PARTS);
	if (parts > 1)
		payments_add(storm.paid, storm.payer, parts - 1, UINT_MAX);
}
