/* SPDX-License-Identifier: GPL-2.0 */
/* What numbers and names are called for a person, and sentences. */
#ifndef WORDS_H
#define WORDS_H

#include "record.h"

/*
 * Words are strings that nobody frees by hand: those that are made in a block with a
 * words_scope() live until its end. So such a block returns none of them; what is to outlive
 * it is copied. What makes words without a block of its own makes them for its caller's.
 */
#define words_scope() \
	size_t words_begun __attribute__((cleanup(words_end), unused)) = words_begin()

size_t words_begin(void);
void words_end(const size_t *begun);

const char *format_words(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *words_escaped(struct bytes bytes);
const char *words_comm(const char *comm);
const char *words_ref(const struct record *rec, struct oomwatch_ref ref);
const char *words_size(__u64 bytes);
const char *words_bytes(__u64 bytes);
const char *words_pages(const struct record *rec, __u64 pages);
const char *words_number(__u64 n);
const char *words_signed(__s64 n);
const char *words_duration(__u64 ns);
const char *words_time(__u64 real_ns);
const char *words_iso_time(__u64 real_ns);
const char *words_id(__s32 id);
const char *words_uid(__u32 uid);
const char *words_nodes(const struct record *rec, struct oomwatch_ref ref);
const char *words_count(__u32 n);
const char *plural(__u64 n, const char *one, const char *many);
const char *plural_count(__u32 n, const char *one, const char *many);

/* --- sentences ------------------------------------------------------------------ */

/* Paragraphs go out one by one, in the form of where they go. */
struct prose {
	void (*put)(const struct prose *prose, const char *text);
	size_t nr;		/* with this one */
};

void paragraph(struct prose *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * With commas between; it may have thousands. It stays where it is, as the stream points into
 * it.
 */
struct listing {
	FILE *to;
	char *text;		/* NULL: nothing was added */
	size_t size, nr;
};

void listing_add(struct listing *listing, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void listing_free(struct listing *listing);

#endif /* WORDS_H */
