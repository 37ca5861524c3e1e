/* SPDX-License-Identifier: GPL-2.0 */
/* Metrics for Prometheus: what cmd-metrics.c is made of. */
#ifndef METRICS_H
#define METRICS_H

#include <stdio.h>

#include "stream.h"

/* --- victims, counted by their labels: tally.c --------------------------------------------- */

/* Victims that have the same labels. */
struct entry {
	const char *cause, *place;	/* labels as they are written: what ran out, and where */
	__u64 killed, marked;		/* marked: they were dying already */
	__u64 recorded;			/* of the place, those whose records are there */
};

struct tally {
	struct entry *all;
	size_t nr;
};

void tally_add(struct tally *to, const struct entry *entry);
void tally_episode(struct tally *to, const struct episode *episode);
void tally_bound(struct tally *tally, size_t most);
void tally_put(FILE *to, const char *name, const struct tally *tally, bool marked);
const char *words_full_cause_label(const struct episode *episode);
void put_metric_head(FILE *to, const char *name, const char *type, const char *help);

/* --- counters that go on from the file that the call before wrote: totals.c --------------- */

/* The text of that file, to free(); NULL: there is none. */
char *totals_read(const char *path);
/* Changes the text. At most that many cgroups keep their names. */
void put_totals(FILE *to, const char *path, char *before, const struct capture *capture,
		const char *stats, size_t most);

#endif /* METRICS_H */
