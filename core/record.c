// SPDX-License-Identifier: GPL-2.0
/*
 * Records: builds, packs and commits them to the ring, and wakes readers.
 */

#include <linux/build_bug.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/ktime.h>
#include <linux/random.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/utsname.h>
#include <linux/wait.h>

#include "internal.h"
#include "pack.h"

/* In one page, as a dump has to tell where its lanes are. */
struct ring records __aligned(SZ_1K);
static_assert(sizeof(struct ring) <= SZ_1K, "struct ring");

/**
 * records_init() - allocate the ring
 *
 * Context: task context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int records_init(void)
{
	const size_t sizes[RING_LANES] = {
		[RING_MAIN] = knob_ring_kb * 1024UL,
		[RING_ADJ] = knob_adj_ring_kb * 1024UL,
		[RING_NOBODY] = NOBODY_RING_KB * 1024UL,
		[RING_STORM] = knob_storm_ring_kb * 1024UL,
	};

	return ring_init(&records, sizes);
}

static int record_resize(enum ring_lane lane, unsigned int kb)
{
	if (records.lane[lane].kept)
		return -EBUSY;
	return ring_resize(&records, lane, kb * 1024UL);
}

/**
 * record_apply_ring_kb() - apply the knob ring_kb
 * @kb: the size in KiB
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: 0, -ENOMEM, or -EBUSY if the memory is that of the parameter keep; then nothing changed.
 */
int record_apply_ring_kb(unsigned int kb)
{
	int err = record_resize(RING_MAIN, kb);

	/* What a kill counts depends on the size. */
	if (!err)
		storm_forget();
	return err;
}

/**
 * record_apply_adj_ring_kb() - apply the knob adj_ring_kb
 * @kb: the size in KiB
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: as record_apply_ring_kb().
 */
int record_apply_adj_ring_kb(unsigned int kb)
{
	return record_resize(RING_ADJ, kb);
}

/**
 * record_apply_storm_ring_kb() - apply the knob storm_ring_kb
 * @kb: the size in KiB
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: as record_apply_ring_kb().
 */
int record_apply_storm_ring_kb(unsigned int kb)
{
	return record_resize(RING_STORM, kb);
}

/* --- building ------------------------------------------------------------- */

static enum ring_lane record_lane(enum oomwatch_type type, u64 oom)
{
	if (type == OOMWATCH_TYPE_ADJ)
		return RING_ADJ;
	if (oom & OOMWATCH_NOBODY)
		return RING_NOBODY;
	return oom & OOM_STORM ? RING_STORM : RING_MAIN;
}

/**
 * record_begin() - fill in a record's head
 * @rec: the record
 * @type: its type
 * @time_ns: when it happened, ktime_get_boottime_ns()
 * @oom: the number of its episode, with OOM_STORM if it is one of a storm; 0 for none
 *
 * Until the commit gives the record its sequence number, the lane is in place of it.
 *
 * Context: any.
 */
void record_begin(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom)
{
	u16 size = record_types[type].size;

	*rec = (struct oomwatch_head) {
		.len = size, .type = type, .fixed = size, .seq = record_lane(type, oom),
		.time_ns = time_ns, .oom = oom_number(oom),
	};
}

static void __init record_make_blank(enum oomwatch_type type)
{
	const struct record_type *fields = &record_types[type];
	const struct field *field = fields->fields;
	struct oomwatch_head *rec = fields->blank;
	unsigned int i;

	record_begin(rec, type, 0, 0);
	/* The unknown value of most fields is all ones. */
	memset(rec + 1, 0xff, fields->size - sizeof(*rec));
	for (i = 0; i < fields->nr_fields; i++, field++) {
		if (form_is_ones(field->form) || field->in_setter)
			continue;
		/* A task has rows for the terms of its score, but no members. */
		if (field->offset < fields->size)
			field_set_unknown(field, (u8 *)rec + field->offset);
	}
}

/**
 * records_prepare() - make what record_init() copies, which is quicker than to set each field
 *
 * Context: any, before all else of this file.
 */
void __init records_prepare(void)
{
	int type;

	for (type = 0; type < __OOMWATCH_TYPE_MAX; type++)
		if (record_types[type].blank)
			record_make_blank(type);
}

/**
 * record_init() - begin a record with all fields unknown
 * @rec: the record
 * @type: its type
 * @time_ns: when it happened, ktime_get_boottime_ns()
 * @oom: as for record_begin()
 *
 * Context: any.
 */
void record_init(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom)
{
	const struct oomwatch_head *blank = record_types[type].blank;

	record_begin(rec, type, time_ns, oom);
	memcpy(rec + 1, blank + 1, blank->len - sizeof(*blank));
}

/**
 * record_append() - append bytes to a record
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @ref: set to the bytes, or to unknown if there is no room, which is counted
 * @src: the bytes
 * @len: how many
 *
 * Context: any.
 */
void record_append(struct oomwatch_head *rec, struct oomwatch_ref *ref,
		   const void *src, size_t len)
{
	size_t room = OOMWATCH_RECORD_MAX - rec->len;

	if (ALIGN(len, 8) > room) {
		*ref = (struct oomwatch_ref) { };
		count(COUNTER_STRINGS_TRUNCATED);
		return;
	}
	ref->off = rec->len;
	ref->len = len;
	memcpy((u8 *)rec + rec->len, src, len);
	memset((u8 *)rec + rec->len + len, 0, ALIGN(len, 8) - len);
	rec->len += ALIGN(len, 8);
}

/* --- the beginning of a stream --------------------------------------------- */

/**
 * record_load() - a number that tells the records of this load of the module from those of others
 *
 * Context: task context.
 */
u64 record_load(void)
{
	static u64 load;

	while (!load)
		load = get_random_u64();
	return load;
}

/* A copy, because sethostname() may change a name meanwhile. It stays NUL-terminated. */
static void record_add_name(struct oomwatch_start *start, struct oomwatch_ref *ref, const char *uts)
{
	char name[__NEW_UTS_LEN + 1];

	strscpy(name, uts, sizeof(name));
	record_append(&start->head, ref, name, strlen(name));
}

/**
 * record_start() - build the record that begins a stream
 * @start: in START_MAX bytes of memory
 *
 * Context: task context.
 */
void record_start(struct oomwatch_start *start)
{
	/* Three names, each with its padding. */
	BUILD_BUG_ON(sizeof(*start) + 3 * (__NEW_UTS_LEN + 8) > START_MAX);
	record_init(&start->head, OOMWATCH_TYPE_START, ktime_get_boottime_ns(), 0);
	start->magic = OOMWATCH_MAGIC;
	start->major = OOMWATCH_MAJOR;
	start->minor = OOMWATCH_MINOR;
	start->page_size = PAGE_SIZE;
	start->realtime_ns = ktime_get_real_ns();
	start->load = record_load();
	record_add_name(start, &start->release, init_utsname()->release);
	record_add_name(start, &start->host, init_utsname()->nodename);
	record_add_name(start, &start->version, init_utsname()->version);
}

/* --- packing -------------------------------------------------------------- */

/*
 * Longer records are mostly text, which grows when packed. And a record is unpacked in place, so
 * both of its forms must fit into OOMWATCH_RECORD_MAX.
 */
#define PACK_MAX	(OOMWATCH_RECORD_MAX / 2)

/* Tasks build these at the same time. */
static_assert(sizeof(struct oomwatch_adj) < PACK_MIN);
static_assert(sizeof(struct oomwatch_reap) < PACK_MIN);
static_assert(sizeof(struct oomwatch_exit) < PACK_MIN);

/**
 * record_pack() - pack a record if that makes it shorter
 * @rec: the record
 *
 * Context: oom_lock held, for records of PACK_MIN bytes and more.
 * Return: @rec, or its packed form, which is valid until the next call.
 */
struct oomwatch_head *record_pack(struct oomwatch_head *rec)
{
	static union {
		struct oomwatch_head head;
		u8 bytes[PACK_MAX / 8 * PACKED_WORD_MAX + 16];
	} packed;
	const u8 *from = (const u8 *)(rec + 1), *end = (const u8 *)rec + rec->len;
	u16 words = (end - from) / 8;
	u8 *to = packed.bytes + sizeof(packed.head);
	size_t len;

	if (rec->len < PACK_MIN || rec->len > PACK_MAX)
		return rec;
	memcpy(to, &words, sizeof(words));
	for (to += sizeof(words); from < end; from += 8)
		to = pack_word(to, from);
	len = ALIGN(to - packed.bytes, 8);
	if (len >= rec->len)
		return rec;
	memset(to, 0, packed.bytes + len - to);
	packed.head = *rec;
	packed.head.len = len;
	packed.head.fixed |= PACKED;
	return &packed.head;
}

/**
 * record_unpack() - unpack a record, unless it isn't packed
 * @rec: the record as it was in the ring, in OOMWATCH_RECORD_MAX bytes of memory
 *
 * Context: any.
 */
void record_unpack(struct oomwatch_head *rec)
{
	unpack_record(rec, false);
}

/* --- committing ----------------------------------------------------------- */

DECLARE_WAIT_QUEUE_HEAD(record_waiters);
DECLARE_WAIT_QUEUE_HEAD(victim_waiters);

static void record_wake(struct irq_work *work)
{
	wake_up_interruptible_all(&record_waiters);
	wake_up_interruptible_all(&victim_waiters);
}

static DEFINE_IRQ_WORK(wake_work, record_wake);

/* wq_has_sleeper() pairs with the barriers of prepare_to_wait_event() and records_poll(). */
static bool record_is_awaited(enum oomwatch_type type)
{
	return wq_has_sleeper(&record_waiters) ||
	       (type == OOMWATCH_TYPE_VICTIM && wq_has_sleeper(&victim_waiters));
}

/* The kill path must not take the locks of a wake-up, so irq_work wakes the waiters. */
static void record_wake_waiters(enum oomwatch_type type)
{
	if (record_is_awaited(type))
		irq_work_queue(&wake_work);
}

static void record_publish(struct oomwatch_head *rec, u64 bookmark)
{
	if (!READ_ONCE(knob_enabled)) {
		count(COUNTER_RECORDS_SUPPRESSED);
		return;
	}
	ring_commit(&records, rec->seq, rec, bookmark);
	record_wake_waiters(rec->type);
}

/**
 * record_commit() - commit a record to the ring and wake its waiters
 * @rec: the record, complete except for its sequence number
 *
 * Context: any but NMI; with oom_lock held, for records that record_pack() packs.
 */
void record_commit(struct oomwatch_head *rec)
{
	record_publish(record_pack(rec), 0);
}

/**
 * record_commit_bookmark() - commit a record and remember its place
 * @rec: the record; the bookmark is the number of its episode, which is not 0
 *
 * Context: as record_commit().
 */
void record_commit_bookmark(struct oomwatch_head *rec)
{
	record_publish(record_pack(rec), rec->oom);
}

/**
 * record_commit_as_is() - commit a record without packing it
 * @rec: what record_pack() has returned, a copy of it, or a record that it was not called for
 *
 * Context: any but NMI.
 */
void record_commit_as_is(struct oomwatch_head *rec)
{
	record_publish(rec, 0);
}

/**
 * record_commit_batch() - commit records that follow each other in memory
 * @batch: copies of what record_pack() has returned, all of one episode and none of a victim
 * @size: bytes of @batch
 *
 * Context: any but NMI.
 */
void record_commit_batch(void *batch, size_t size)
{
	struct oomwatch_head *rec = batch, *end = batch + size;

	if (rec == end)
		return;
	if (!READ_ONCE(knob_enabled)) {
		for (; rec < end; rec = (void *)rec + rec->len)
			count(COUNTER_RECORDS_SUPPRESSED);
		return;
	}
	ring_commit_batch(&records, rec->seq, batch, size);
	record_wake_waiters(rec->type);
}

/**
 * record_commit_panic() - commit a record of the call of out_of_memory() that panics
 * @rec: the record
 *
 * The lane of kills has more room than that of calls without a victim. Nobody is woken.
 *
 * Context: panic, oom_lock held. Never waits.
 */
void record_commit_panic(struct oomwatch_head *rec)
{
	if (READ_ONCE(knob_enabled))
		ring_try_commit(&records, RING_MAIN, record_pack(rec));
}

/**
 * record_drain() - wait until pending wake-ups are done
 *
 * Context: task context, may sleep; nothing is committed any more.
 */
void record_drain(void)
{
	irq_work_sync(&wake_work);
}
