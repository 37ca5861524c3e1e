// SPDX-License-Identifier: GPL-2.0
/*
 * Records: begun, filled, committed to the ring, and there for those who wait.
 */

#include <linux/bits.h>
#include <linux/irq_work.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <asm/byteorder.h>

#include "internal.h"

struct ring records;

/**
 * record_apply_ring_kb() - a new value of the knob ring_kb
 * @kb: the ring's size in KiB
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: 0, or -ENOMEM with nothing changed.
 */
int record_apply_ring_kb(unsigned int kb)
{
	return ring_resize(&records, kb * 1024UL);
}

/* --- to begin and to fill ------------------------------------------------- */

/**
 * record_begin() - fill in a record's head
 * @rec: the record
 * @type: its type
 * @time_ns: when it happened, ktime_get_boottime_ns()
 * @oom: the number of its episode, 0 for none
 *
 * Context: any.
 */
void record_begin(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom)
{
	u16 size = record_types[type].size;

	*rec = (struct oomwatch_head) {
		.len = size, .type = type, .fixed = size, .time_ns = time_ns, .oom = oom,
	};
}

/**
 * record_init() - begin a record of which nothing is known yet
 * @rec: the record
 * @type: its type
 * @time_ns: when it happened, ktime_get_boottime_ns()
 * @oom: the number of its episode, 0 for none
 *
 * Context: any.
 */
void record_init(struct oomwatch_head *rec, enum oomwatch_type type, u64 time_ns, u64 oom)
{
	const struct record_type *fields = &record_types[type];
	const struct field *field = fields->fields;
	unsigned int i;

	record_begin(rec, type, time_ns, oom);
	/* Most fields are done with by this, in no time. */
	memset(rec + 1, 0xff, fields->size - sizeof(*rec));
	for (i = 0; i < fields->nr_fields; i++, field++) {
		if (form_is_ones(field->form) || field->in_setter)
			continue;
		/* The terms of a task's score are in its rows, but not in its structure. */
		if (field->offset < fields->size)
			field_set_unknown(field, (u8 *)rec + field->offset);
	}
}

/**
 * record_append() - put bytes behind a record's structure
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @ref: set to where they are; to unknown, and counted, where there is no room
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

/* --- as they lie in the ring ---------------------------------------------- */

/*
 * Most of a record's bytes are zero: small numbers in wide fields. So behind the head, which
 * stays as it is, comes a u16, the number of words of 8 bytes; and of each word a byte that
 * tells which of its bytes aren't zero, and these::
 *
 *	word   00 00 00 00 00 02 5a 10	->	07 10 5a 02
 *
 * Readers get records unpacked.
 */

/* In head.fixed of a packed record: no structure is so large. */
#define PACKED		BIT(15)

/*
 * Shorter ones gain little, and may be built by several at once, while the packed
 * form is in one place. Longer ones are mostly text; and what is unpacked in place
 * must leave room for text, which takes more when packed.
 */
#define PACK_MIN	128
#define PACK_MAX	(OOMWATCH_RECORD_MAX / 2)

/* The first byte is the lowest here; so a small number, and most are, is done with soon. */
static u8 *pack_word(u8 *to, const u8 *word)
{
	u64 rest = le64_to_cpup((const __le64 *)word);
	u8 *mask = to++;
	int i;

	*mask = 0;
	for (i = 0; rest; i++, rest >>= 8)
		if (rest & 0xff) {
			*mask |= BIT(i);
			*to++ = rest;
		}
	return to;
}

static const u8 *unpack_word(const u8 *from, u8 *word)
{
	u8 mask = *from++;
	int i;

	for (i = 0; i < 8; i++)
		word[i] = mask & BIT(i) ? *from++ : 0;
	return from;
}

/**
 * record_pack() - a record's form in the ring
 * @rec: the record
 *
 * Context: oom_lock held, for records of PACK_MIN bytes and more.
 * Return: @rec, or its packed form, good until the next call.
 */
struct oomwatch_head *record_pack(struct oomwatch_head *rec)
{
	static union {
		struct oomwatch_head head;
		u8 bytes[PACK_MAX * 9 / 8 + 16];
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
 * record_unpack() - what record_pack() was given
 * @rec: as it lay in the ring, in OOMWATCH_RECORD_MAX bytes of memory
 *
 * Context: any.
 */
void record_unpack(struct oomwatch_head *rec)
{
	u8 *to = (u8 *)(rec + 1), *end = (u8 *)rec + OOMWATCH_RECORD_MAX;
	size_t len = rec->len - sizeof(*rec);
	const u8 *from = end - len;
	u16 words;

	if (!(rec->fixed & PACKED))
		return;
	memmove(end - len, to, len);
	memcpy(&words, from, sizeof(words));
	for (from += sizeof(words); words; words--, to += 8)
		from = unpack_word(from, to);
	rec->fixed &= ~PACKED;
	rec->len = to - (u8 *)rec;
}

/* --- to commit ------------------------------------------------------------ */

DECLARE_WAIT_QUEUE_HEAD(record_waiters);
DECLARE_WAIT_QUEUE_HEAD(victim_waiters);

static void record_wake(struct irq_work *work)
{
	wake_up_interruptible_all(&record_waiters);
	wake_up_interruptible_all(&victim_waiters);
}

static DEFINE_IRQ_WORK(wake_work, record_wake);

/* Pairs with the barrier of prepare_to_wait_event(), and that of records_poll(). */
static bool record_is_awaited(enum oomwatch_type type)
{
	return wq_has_sleeper(&record_waiters) ||
	       (type == OOMWATCH_TYPE_VICTIM && wq_has_sleeper(&victim_waiters));
}

static void record_publish(struct oomwatch_head *rec, u64 bookmark)
{
	if (!READ_ONCE(knob_enabled)) {
		count(COUNTER_RECORDS_SUPPRESSED);
		return;
	}
	ring_commit(&records, rec, bookmark);
	/* This is the kill path: to wake somebody is left to interrupt context. */
	if (record_is_awaited(rec->type))
		irq_work_queue(&wake_work);
}

/**
 * record_commit() - put a record into the ring, and wake those who wait for it
 * @rec: the record, whole but for its sequence number
 *
 * Context: any but NMI; with oom_lock held, for records that record_pack() packs.
 */
void record_commit(struct oomwatch_head *rec)
{
	record_publish(record_pack(rec), 0);
}

/**
 * record_commit_bookmark() - the same, and remember where it is
 * @rec: the record
 * @bookmark: for ring_seek_bookmark(); not 0
 *
 * Context: as record_commit().
 */
void record_commit_bookmark(struct oomwatch_head *rec, u64 bookmark)
{
	record_publish(record_pack(rec), bookmark);
}

/**
 * record_commit_packed() - the same of a record that was packed before
 * @rec: what record_pack() has returned, or a copy of it
 *
 * Context: any but NMI.
 */
void record_commit_packed(struct oomwatch_head *rec)
{
	record_publish(rec, 0);
}

/**
 * record_drain() - wait for those who are being woken
 *
 * Context: task context, may sleep; nothing is committed any more.
 */
void record_drain(void)
{
	irq_work_sync(&wake_work);
}
