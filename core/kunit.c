// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit tests of what needs no kill: the ring, packing, and text. They are built in a kernel tree,
 * with CONFIG_OOMWATCH_KUNIT_TEST; the selftests have all the rest.
 */

#include <kunit/test.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "internal.h"
#include "pack.h"

static void ring_does_what_the_table_says(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ring_check(), 0);
}

/* Words that packing has a rule for, or almost. */
static const u64 words[] = {
	0, 1, 0xff, 0x100, 0x1234, 0x12003400, 0xffffffff, 0x100000000, 0x1200000034,
	OOMWATCH_UNKNOWN_U64, OOMWATCH_UNKNOWN_S64, OOMWATCH_UNKNOWN_U64 - 1,
	0xffffffffffffff00, 0xffffffffffffff, 0xff00ff00ff00ff00, 0x0102030405060708,
};

static void words_are_the_same_after_packing(struct kunit *test)
{
	u8 packed[PACKED_WORD_MAX], got[sizeof(u64)];
	const u8 *end;
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		end = pack_word(packed, (const u8 *)&words[i]);
		KUNIT_EXPECT_LE(test, (size_t)(end - packed), (size_t)PACKED_WORD_MAX);
		KUNIT_EXPECT_PTR_EQ(test, unpack_word(packed, end, got), end);
		KUNIT_EXPECT_EQ(test, memcmp(got, &words[i], sizeof(got)), 0);
	}
}

static void packed_records_that_are_cut_off_are_refused(struct kunit *test)
{
	u8 packed[PACKED_WORD_MAX], got[sizeof(u64)];
	const u8 *end;
	int i, len;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		end = pack_word(packed, (const u8 *)&words[i]);
		for (len = 1; len < end - packed; len++)
			KUNIT_EXPECT_NULL(test, unpack_word(packed, packed + len, got));
	}
}

/* Renders @adj, and expects @line. */
static void expect_line(struct kunit *test, const struct oomwatch_adj *adj, const char *line)
{
	struct seq_file m = { .size = 512 };

	m.buf = kunit_kzalloc(test, m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	render_record(&m, &adj->head);
	KUNIT_ASSERT_LT(test, m.count, m.size);
	m.buf[m.count] = '\0';
	KUNIT_EXPECT_STREQ(test, m.buf, line);
}

static void text_escapes_names_and_shows_what_is_not_known(struct kunit *test)
{
	struct oomwatch_adj adj = {
		.head = {
			.len = sizeof(adj), .fixed = sizeof(adj), .type = OOMWATCH_TYPE_ADJ,
			.seq = 7, .time_ns = 1000000042,
		},
		.pid = 12, .tgid = 11, .old_adj = OOMWATCH_UNKNOWN_S32, .new_adj = -1000,
		.by_pid = 1, .by_uid = 0,
		.comm = "a\"b\\c\nd", .by_comm = "init",
	};

	expect_line(test, &adj,
		    "adj seq=7 t=1.000000042 oom=0 pid=12 tgid=11 comm=\"a\\\"b\\\\c\\x0ad\" old=- new=-1000 by_pid=1 by_comm=\"init\" by_uid=0\n");
	/* A name without an end is not known. */
	memset(adj.comm, 'x', sizeof(adj.comm));
	adj.head.oom = OOMWATCH_NOBODY | 3;
	expect_line(test, &adj,
		    "nobody_adj seq=7 t=1.000000042 oom=n3 pid=12 tgid=11 comm=- old=- new=-1000 by_pid=1 by_comm=\"init\" by_uid=0\n");
}

static struct kunit_case cases[] = {
	KUNIT_CASE(ring_does_what_the_table_says),
	KUNIT_CASE(words_are_the_same_after_packing),
	KUNIT_CASE(packed_records_that_are_cut_off_are_refused),
	KUNIT_CASE(text_escapes_names_and_shows_what_is_not_known),
	{}
};

static struct kunit_suite suite = {
	.name = "oomwatch",
	.test_cases = cases,
};

kunit_test_suite(suite);
