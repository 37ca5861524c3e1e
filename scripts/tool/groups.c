// SPDX-License-Identifier: GPL-2.0
/* Groups of kills that have something in common. */
#include <stdlib.h>
#include <string.h>

#include "kill.h"
#include "tool.h"

/* A group of one. The second name may be NULL: then there is one only. */
struct kill_group group_of(const char *by, const char *and, const struct episode *episode)
{
	return (struct kill_group) {
		.name = group_name(by, episode), .and = and ? group_name(and, episode) : "",
		.nr = 1, .first = episode, .last = episode,
	};
}

static int compare_names(const struct kill_group *x, const struct kill_group *y)
{
	return strcmp(x->name, y->name) ?: strcmp(x->and, y->and);
}

static int by_time(const struct episode *x, const struct episode *y)
{
	return cmp_u64(episode_ns(x), episode_ns(y)) ?: is_before(y, x) - is_before(x, y);
}

static int by_name(const void *a, const void *b)
{
	const struct kill_group *x = a, *y = b;

	return compare_names(x, y) ?: by_time(x->first, y->first);
}

static int by_number(const void *a, const void *b)
{
	const struct kill_group *x = a, *y = b;

	return (x->nr < y->nr) - (x->nr > y->nr) ?: compare_names(x, y);
}

/*
 * Makes one group of those with the same names, and sorts them: the largest first, or by name.
 * Returns their number.
 */
size_t unite_groups(struct kill_group *groups, size_t nr, bool largest_first)
{
	size_t i, to = 0;

	qsort(groups, nr, sizeof(*groups), by_name);
	for (i = 1; i < nr; i++) {
		if (compare_names(&groups[to], &groups[i])) {
			groups[++to] = groups[i];
			continue;
		}
		groups[to].nr += groups[i].nr;
		groups[to].last = groups[i].last;
	}
	nr = nr ? to + 1 : 0;
	if (largest_first)
		qsort(groups, nr, sizeof(*groups), by_number);
	return nr;
}
