// SPDX-License-Identifier: GPL-2.0
/*
 * Packs and unpacks words by the module's own functions: each way to choose a word's bytes from a
 * few values, and random words. Ends with 1 at the first word that doesn't come back.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/types.h>

#include "core/pack.h"

#define WORDS	64
#define RUNS	200000

static const __u8 values[] = { 0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff };
#define NR_VALUES (sizeof(values) / sizeof(*values))

/* Bytes of a packed word, by the description in core/pack.h. */
static size_t size_of(const __u8 *word)
{
	size_t i, ones = 0, used = 0;

	for (i = 0; i < 8; i++) {
		used += word[i] != 0;
		ones += i && word[i] == 0xff;
	}
	return word[0] && ones == 7 ? 2 : 1 + used;
}

/* Packs the words one after the other, and unpacks them in place as the module does. */
static void try_words(const __u8 *words, size_t nr)
{
	__u8 packed[(WORDS + 1) * PACKED_WORD_MAX], back[2 * sizeof(packed)];
	const __u8 *from;
	__u8 *to = packed;
	size_t i, len;

	for (i = 0; i < nr; i++) {
		__u8 *end = pack_word(to, words + 8 * i);

		if (end - to != (long)size_of(words + 8 * i)) {
			printf("word %zu of %zu has %td bytes\n", i, nr, end - to);
			exit(1);
		}
		to = end;
	}
	len = to - packed;
	from = memcpy(back + sizeof(back) - len, packed, len);
	for (i = 0; i < nr; i++)
		from = unpack_word(from, back + sizeof(back), back + 8 * i);
	if (from == back + sizeof(back) && !memcmp(back, words, 8 * nr))
		return;
	for (i = 0; i < 8 * nr; i++)
		printf("%02x%s", words[i], i % 8 == 7 ? "\n" : " ");
	exit(1);
}

/* Each of the values in each byte. */
static void try_edges(void)
{
	__u8 words[3 * 8] = { };
	unsigned int all, n, i;

	for (all = 1, i = 0; i < 8; i++)
		all *= NR_VALUES;
	for (n = 0; n < all; n++) {
		unsigned int rest = n;

		for (i = 0; i < 8; i++, rest /= NR_VALUES)
			words[8 + i] = values[rest % NR_VALUES];
		try_words(words, 3);
		/* What is beside it: zeros, and then what it was before. */
		memcpy(words, words + 8, 8);
		memcpy(words + 16, words + 8, 8);
	}
}

static void try_random(void)
{
	__u8 words[WORDS * 8];
	unsigned int run, i;

	srandom(1);
	for (run = 0; run < RUNS; run++) {
		size_t nr = random() % (WORDS + 1);

		for (i = 0; i < 8 * nr; i++)
			words[i] = random() % 3 ? values[random() % NR_VALUES] : random();
		for (i = 0; i < nr; i++)
			if (random() % 4 == 0)
				memset(words + 8 * i + 1, 0xff, 7);
		try_words(words, nr);
	}
}

int main(void)
{
	try_edges();
	try_random();
	return 0;
}
