/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers, names and sentences as text for people. */
#ifndef WORDS_H
#define WORDS_H

#include "record.h"

#define SECOND_NS 1000000000ULL

/*
 * Words are strings that are freed when the block with the innermost words_scope() ends. A block
 * with a words_scope() therefore must not return words made in it; copy_string() makes a string
 * that outlives it. A function without a words_scope() makes its words in the caller's scope.
 */
#define words_scope() \
	size_t words_begun __attribute__((cleanup(words_end), unused)) = words_begin()

size_t words_begin(void);
void words_end(const size_t *begun);

const char *words_keep(char *text);
const char *format_words(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *words_escaped(struct bytes bytes);
const char *words_printable(struct bytes bytes);
const char *words_comm(const char *comm);
const char *words_ref(const struct record *rec, struct oomwatch_ref ref);
const char *words_size(__u64 bytes);
const char *words_size_up(__u64 bytes);
const char *words_tight(const char *size);
const char *words_bytes(__u64 bytes);
const char *words_pages(const struct record *rec, __u64 pages);

struct pair { const char *a, *b; };

struct pair words_sizes(__u64 a, __u64 b);
struct pair words_pair(const struct record *rec, __u64 a, __u64 b);
const char *words_number(__u64 n);
const char *words_signed(__s64 n);
const char *words_duration(__u64 ns);
const char *words_time(__u64 real_ns);		/* - if it is not known */
const char *words_iso_time(__u64 real_ns);
const char *words_id(__s32 id);
const char *words_uid(__u32 uid);
const char *words_nodes(const struct record *rec, struct oomwatch_ref ref);
__u64 widened(__u32 n);
const char *words_count(__u32 n);
/* The number of a record's episode, as text has it: 7, or n7 if there was nobody to kill. */
const char *words_episode(__u64 id);
/* A record's type, as text has it. */
const char *words_type(const struct record *rec);
/* An ID as list shows it, and as commands take it: 7, or 2.7 if several captures are read. */
const char *words_kill_id(const struct stream *stream, __u64 id);
/*
 * "a and b", or "a, b, and c": with a comma before the last of more than two, or if one has a comma
 * or an "and" of its own. @last: the word before the last item.
 */
const char *words_joined(const char * const *items, size_t nr, const char *last);
const char *plural(__u64 n, const char *one, const char *many);
const char *plural_count(__u32 n, const char *one, const char *many);
/* "; did you mean X? " with the most similar of the names after a mark; "; " if none is similar. */
const char *words_nearest(const char *word, const char *mark, const char *(*name)(size_t i));

/* --- sentences ------------------------------------------------------------------ */

/* put() writes a paragraph, in the form of the output: text or a page. */
struct prose {
	void (*put)(const struct prose *prose, const char *text);
	size_t nr;		/* paragraphs so far, this one included */
};

void paragraph(struct prose *to, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * A list with commas, for thousands of items. The structure must not be moved or copied: the
 * stream holds pointers to its members text and size.
 */
struct listing {
	FILE *to;
	char *text;		/* NULL: the list is empty */
	size_t size, nr;
};

void listing_add(struct listing *listing, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void listing_free(struct listing *listing);

#endif /* WORDS_H */
