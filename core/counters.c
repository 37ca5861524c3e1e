// SPDX-License-Identifier: GPL-2.0
/* Counters: the table of counters.h, and its lines of the file stats. */

#include <linux/build_bug.h>
#include <linux/seq_file.h>

#include "internal.h"

atomic64_t counters[NR_COUNTERS];

#define COUNTER(id, name, meaning) name,
static const char * const names[] = {
#include "counters.h"
};

#undef COUNTER

/*
 * An enum with a counter for each value must have as many counters as values. After a panic nobody
 * reads counters.
 */
static_assert(COUNTER_OUTCOME_DISABLED - COUNTER_OUTCOME_UNKNOWN + 1 == OOMWATCH_OUTCOME_PANIC);
static_assert(COUNTER_KIND_MEMPOLICY - COUNTER_KIND_UNKNOWN + 1 == __OOMWATCH_KIND_MAX);
static_assert(COUNTER_REAP_SKIP - COUNTER_REAP_WAKE + 1 == __OOMWATCH_REAP_MAX);

/**
 * counters_show() - print all counters, a line each
 * @m: where the lines go
 *
 * Context: any.
 */
void counters_show(struct seq_file *m)
{
	int i;

	for (i = 0; i < NR_COUNTERS; i++)
		seq_printf(m, "%s: %lld\n", names[i], atomic64_read(&counters[i]));
}
