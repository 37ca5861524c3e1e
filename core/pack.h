/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed records, for the module and for programs.
 *
 * Most bytes of a record are zero: small numbers in wide fields. So a packed record has, after
 * the head, a u16 with the number of 8-byte words. Then comes, for each word, a mask of the bytes
 * that aren't zero, and these bytes::
 *
 *	word   00 00 00 00 00 02 5a 10	->	07 10 5a 02
 *
 * Readers get records unpacked.
 */
#ifndef OOMWATCH_PACK_H
#define OOMWATCH_PACK_H

#include <linux/types.h>

#include "../oomwatch.h"

/* Set in head.fixed of a packed record: no structure is that large. */
#define PACKED		0x8000

/* Unpacks a word. Returns what follows it; NULL if it is cut off. */
static inline const __u8 *unpack_word(const __u8 *from, const __u8 *end, __u8 *word)
{
	__u8 mask = *from++;
	int i;

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
