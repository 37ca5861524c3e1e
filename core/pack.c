// SPDX-License-Identifier: GPL-2.0
/*
 * Pack: records as they lie in the ring. Most of a record's bytes are zero: small
 * numbers in wide fields. So behind the head, which stays as it is, comes a u16, the
 * number of words of 8 bytes; and of each word a byte that tells which of its bytes
 * aren't zero, and these::
 *
 *	word   00 00 00 00 00 02 5a 10	->	07 10 5a 02
 *
 * Readers get records unpacked.
 */

#include <linux/bits.h>
#include <linux/string.h>
#include <asm/byteorder.h>

#include "internal.h"

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
