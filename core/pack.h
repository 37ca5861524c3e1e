/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed records, for the module and for programs: include it after headers that declare memcpy(),
 * memset() and bool.
 *
 * A packed record has, after the head, a u16 with the number of 8-byte words, and then the packed
 * words. Readers get records unpacked.
 *
 * Most bytes of a record are zero: small numbers in wide fields. So a packed word is a mask of the
 * bytes that aren't zero, and these bytes::
 *
 *	word   00 00 00 00 00 02 5a 10	->	07 10 5a 02
 *
 * An unknown number is all ones, and "no limit" nearly so. Behind a mask there is never a zero. So
 * a byte and a zero stand for a word that begins with this byte, and goes on with ones::
 *
 *	word   ff ff ff ff ff ff ff fe	->	fe 00
 *
 * (A word's first byte is written last here.)
 */
#ifndef OOMWATCH_PACK_H
#define OOMWATCH_PACK_H

#include <linux/types.h>

#include "../oomwatch.h"

/* Set in head.fixed of a packed record: no structure is that large. */
#define PACKED		0x8000

/*
 * Shorter records gain little, and several tasks may build them at the same time, but there is one
 * buffer for the packed form.
 */
#define PACK_MIN	96

/* The most bytes of a packed word. */
#define PACKED_WORD_MAX	9

/* A bit for each byte that isn't zero, the first byte's lowest. */
static inline __u8 nonzero_bytes(__u64 word)
{
	const __u64 low_bits = 0x7f7f7f7f7f7f7f7fULL;
	/* Moves bit 8 * i to bit 56 + i. */
	const __u64 gather = 0x0102040810204080ULL;
	__u64 high_bits = (((word & low_bits) + low_bits) | word) & ~low_bits;

	return (high_bits >> 7) * gather >> 56;
}

/* A word with its first byte lowest. Compilers make this a load. */
static inline __u64 load_word(const __u8 *from)
{
	return (__u64)from[0] | (__u64)from[1] << 8 | (__u64)from[2] << 16 |
	       (__u64)from[3] << 24 | (__u64)from[4] << 32 | (__u64)from[5] << 40 |
	       (__u64)from[6] << 48 | (__u64)from[7] << 56;
}

/* @to has room for PACKED_WORD_MAX bytes. Returns their end. */
static inline __u8 *pack_word(__u8 *to, const __u8 *word)
{
	__u64 rest = load_word(word);
	unsigned int mask, first, second;

	if (!rest) {
		*to = 0;
		return to + 1;
	}
	mask = nonzero_bytes(rest);
	if (mask == 0xff && rest >> 8 == ~0ULL >> 8) {
		to[0] = rest;
		to[1] = 0;
		return to + 2;
	}
	*to++ = mask;
	first = mask & 0xf;
	second = mask >> 4;
	/*
	 * Mostly a word is a number, or two of half a word, and no byte is zero before the last
	 * that isn't. Whole halves are stored then: there is room for them, and what comes next
	 * overwrites the zeros.
	 */
	if (!(first & (first + 1)) && !(second & (second + 1))) {
		memcpy(to, word, 4);
		to += 31 - __builtin_clz(2 * first + 1);
		memcpy(to, word + 4, 4);
		return to + 31 - __builtin_clz(2 * second + 1);
	}
	for (; rest; rest >>= 8)
		if (rest & 0xff)
			*to++ = rest;
	return to;
}

/* Unpacks a word that begins before @end. Returns what follows it; NULL if it is cut off. */
static inline const __u8 *unpack_word(const __u8 *from, const __u8 *end, __u8 *word)
{
	__u8 mask = *from++;
	int i;

	if (mask && from < end && !*from) {
		word[0] = mask;
		memset(word + 1, 0xff, 7);
		return from + 1;
	}
	for (i = 0; i < 8; i++) {
		if (mask >> i & 1 && from == end)
			return NULL;
		word[i] = mask >> i & 1 ? *from++ : 0;
	}
	return from;
}

/*
 * Unpacks a record in place, unless it isn't packed. Its head is in this machine's byte order; what
 * follows may be swapped. There are OOMWATCH_RECORD_MAX bytes of memory. False if it is malformed.
 */
static inline bool unpack_record(struct oomwatch_head *rec, bool swapped)
{
	__u8 *to = (__u8 *)(rec + 1), *end = (__u8 *)rec + OOMWATCH_RECORD_MAX;
	size_t len = rec->len - sizeof(*rec);
	const __u8 *from = end - len;
	__u16 words;

	if (!(rec->fixed & PACKED))
		return true;
	if (len < sizeof(words))
		return false;
	memmove(end - len, to, len);
	memcpy(&words, from, sizeof(words));
	if (swapped)
		words = words >> 8 | words << 8;
	for (from += sizeof(words); words; words--, to += 8) {
		/* A word must not overwrite what is not read yet. */
		if (from == end || from - to < 7)
			return false;
		from = unpack_word(from, end, to);
		if (!from)
			return false;
	}
	rec->fixed &= ~PACKED;
	rec->len = to - (__u8 *)rec;
	return true;
}

#endif /* OOMWATCH_PACK_H */
