// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of out_of_memory() that found nobody to kill. They come in storms: the task that asked
 * gets no memory, and asks again. And the owner of a cgroup can cause them at will, in as many
 * cgroups as it may make. So the first call for a limit gets records with all figures, and the
 * others of its storm are counted here, and told in small records.
 *
 * The records have a lane of the ring. What is recorded in an hour fits into it, and each user but
 * root gets a part of that.
 */

#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "internal.h"

/* A storm is over after this time without a call. */
#define QUIET_NS	(60ULL * NSEC_PER_SEC)

/* A storm that lasts longer gets all figures anew. */
#define HOUR_NS		(3600ULL * NSEC_PER_SEC)

/* The cgroups that get records with all figures within an hour: of all, of one user, for root. */
#define MOST_PER_HOUR	16
#define MOST_OF_USER	4
#define LEFT_FOR_ROOT	4

/* Counted calls are told after this time, and later when the storm has lasted longer. */
#define TELL_SECONDS	10ULL

/**
 * struct nobody_domain - a limit: that of a cgroup, or the machine
 * @id: the cgroup's id; 0: the machine
 * @nr: the number of its newest records with all figures; 0: this slot is free
 * @begun_ns: the time of those
 * @told_ns: the newest time at which calls were told
 * @calls: calls that are not told yet
 * @first_ns: the time of the first of @calls
 * @last_ns: the time of the newest call
 */
struct nobody_domain {
	u64 id;
	u64 nr;
	u64 begun_ns;
	u64 told_ns;
	u64 calls;
	u64 first_ns;
	u64 last_ns;
};

/* The first slot is the machine's. There is one for each cgroup that gets records in an hour. */
static struct {
	raw_spinlock_t lock;	/* guards the rest */
	u64 nr;			/* the number of the newest records with all figures */
	u64 hour_ns;		/* when the hour of the next two began */
	struct payments taken;	/* cgroups that got such records in it */
	struct nobody_domain domain[1 + MOST_PER_HOUR];
} nobody = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(nobody.lock),
};

/* --- telling what was counted --------------------------------------------- */

/* Takes the calls of a domain that are not told yet, to be committed without the lock. */
static struct nobody_domain nobody_take(struct nobody_domain *domain, u64 now)
{
	struct nobody_domain taken = *domain;

	domain->calls = 0;
	domain->told_ns = now;
	return taken;
}

static void nobody_commit(const struct nobody_domain *domain, u64 now)
{
	struct oomwatch_calls rec;

	if (!domain->calls)
		return;
	record_init(&rec.head, OOMWATCH_TYPE_CALLS, now, OOMWATCH_NOBODY | domain->nr);
	rec.calls = domain->calls;
	rec.first_ns = domain->first_ns;
	rec.last_ns = domain->last_ns;
	record_commit_as_is(&rec.head);
}

/* The pause is a part of the storm's age, so an hour of it makes a few dozen records. */
static bool nobody_is_due(const struct nobody_domain *domain, u64 now)
{
	u64 pause = max(TELL_SECONDS * NSEC_PER_SEC, (now - domain->begun_ns) / 4);

	return domain->calls && now - domain->told_ns >= pause;
}

/* Returns whether more calls are to be told later. */
static bool nobody_tell_domain(struct nobody_domain *domain)
{
	struct nobody_domain taken = { };
	u64 now = ktime_get_boottime_ns();
	bool more;

	raw_spin_lock_irq(&nobody.lock);
	if (nobody_is_due(domain, now))
		taken = nobody_take(domain, now);
	more = domain->calls;
	raw_spin_unlock_irq(&nobody.lock);
	nobody_commit(&taken, now);
	return more;
}

static void nobody_tell(struct work_struct *work)
{
	bool more = false;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nobody.domain); i++)
		more |= nobody_tell_domain(&nobody.domain[i]);
	if (more)
		schedule_delayed_work(to_delayed_work(work), TELL_SECONDS * HZ);
}

static DECLARE_DELAYED_WORK(nobody_work, nobody_tell);

static void nobody_queue(struct irq_work *work)
{
	schedule_delayed_work(&nobody_work, TELL_SECONDS * HZ);
}

/* The kill path must not take the locks of timers. */
static DEFINE_IRQ_WORK(nobody_irq_work, nobody_queue);

/**
 * nobody_forget() - forget all limits: the next call for each gets records with all figures
 *
 * For the file clear. Calls that were not told yet count as suppressed.
 *
 * Context: any but NMI.
 */
void nobody_forget(void)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&nobody.lock, flags);
	for (i = 0; i < ARRAY_SIZE(nobody.domain); i++)
		atomic64_add(nobody.domain[i].calls, &counters[COUNTER_NO_VICTIM_SUPPRESSED]);
	memset(nobody.domain, 0, sizeof(nobody.domain));
	memset(&nobody.taken, 0, sizeof(nobody.taken));
	raw_spin_unlock_irqrestore(&nobody.lock, flags);
}

/**
 * nobody_stop() - wait until nothing is queued any more
 *
 * Context: task context, may sleep; no episode is left.
 */
void nobody_stop(void)
{
	irq_work_sync(&nobody_irq_work);
	cancel_delayed_work_sync(&nobody_work);
}

/* --- counting -------------------------------------------------------------- */

/* The domain's slot; NULL if it has none. */
static struct nobody_domain *nobody_find(u64 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nobody.domain); i++)
		if (nobody.domain[i].id == id && nobody.domain[i].nr)
			return &nobody.domain[i];
	return NULL;
}

/* The slot for a new domain: a cgroup takes that of the one without a call for longest. */
static struct nobody_domain *nobody_slot(u64 id)
{
	struct nobody_domain *oldest = &nobody.domain[1];
	unsigned int i;

	if (!id)
		return nobody.domain;
	for (i = 2; i < ARRAY_SIZE(nobody.domain); i++)
		if (nobody.domain[i].last_ns < oldest->last_ns)
			oldest = &nobody.domain[i];
	return oldest;
}

/* Whether the call is one of the domain's storm. */
static bool nobody_goes_on(const struct nobody_domain *domain, u64 now)
{
	return domain && now - domain->last_ns < QUIET_NS && now - domain->begun_ns < HOUR_NS;
}

/* Whether there is room for records with all figures. Only root can cause the machine's calls. */
static bool nobody_may_begin(u64 id, unsigned int payer, u64 now)
{
	if (!id)
		return true;
	if (now - nobody.hour_ns >= HOUR_NS) {
		nobody.hour_ns = now;
		memset(&nobody.taken, 0, sizeof(nobody.taken));
	}
	return payments_take(&nobody.taken, payer, MOST_PER_HOUR, MOST_OF_USER, LEFT_FOR_ROOT);
}

/* Counts a call. Returns true if it is the first that waits to be told. */
static bool nobody_count(struct nobody_domain *domain, u64 now)
{
	if (!domain->calls)
		domain->first_ns = now;
	domain->last_ns = now;
	return !domain->calls++;
}

/**
 * nobody_next() - the number for the records of a call by which the kernel panics
 *
 * Context: panic, oom_lock held. Never waits: numbers are given with oom_lock held, so none is now.
 */
u64 nobody_next(void)
{
	return nobody.nr + 1;
}

/**
 * nobody_call() - a call of out_of_memory() found nobody to kill
 * @id: the cgroup at its limit; 0: the machine
 * @now: the time
 *
 * Context: oom_lock held; current made the call.
 * Return: the number for the records of this call, or 0 if it gets none of its own.
 */
u64 nobody_call(u64 id, u64 now)
{
	struct nobody_domain *domain, before = { };
	unsigned int payer = process_payer(current);
	unsigned long flags;
	bool first = false;
	u64 nr = 0;

	raw_spin_lock_irqsave(&nobody.lock, flags);
	domain = nobody_find(id);
	if (!nobody_goes_on(domain, now) && nobody_may_begin(id, payer, now)) {
		domain = domain ?: nobody_slot(id);
		before = nobody_take(domain, now);
		nr = ++nobody.nr;
		*domain = (struct nobody_domain) {
			.id = id, .nr = nr, .begun_ns = now, .told_ns = now, .last_ns = now,
		};
	} else if (domain) {
		first = nobody_count(domain, now);
	} else {
		count(COUNTER_NO_VICTIM_SUPPRESSED);
	}
	raw_spin_unlock_irqrestore(&nobody.lock, flags);
	nobody_commit(&before, now);
	if (first)
		irq_work_queue(&nobody_irq_work);
	return nr;
}

/**
 * nobody_charge() - a call that nobody_call() gave a number has its records
 * @since: where the ring was before them, from ring_written()
 *
 * Records that take more than their part of the ring, as those of long paths, count as several.
 *
 * Context: oom_lock held; current made the call, at the limit of a cgroup.
 */
void nobody_charge(u64 since)
{
	u64 parts = min_t(u64, ring_share(&records, RING_NOBODY, since, MOST_PER_HOUR),
			  MOST_OF_USER);
	unsigned int payer = process_payer(current), most = MOST_PER_HOUR;
	unsigned long flags;

	if (parts <= 1)
		return;
	if (payer != PAYER_ROOT)
		most -= LEFT_FOR_ROOT;
	raw_spin_lock_irqsave(&nobody.lock, flags);
	payments_add(&nobody.taken, payer, parts - 1, most);
	raw_spin_unlock_irqrestore(&nobody.lock, flags);
}
