/* SPDX-License-Identifier: GPL-2.0 */
/* A dry run with another oom_score_adj, or another limit. */
#ifndef WHATIF_H
#define WHATIF_H

#include <stdbool.h>

#include "stream.h"

struct what_if {
	__s32 pid;			/* 0: its oom_score_adj is not asked about */
	__s32 adj, old_adj;
	const char *memcg;		/* NULL: its limit is not asked about */
	__u64 max;			/* the limit, in pages */
	const struct record *rec;	/* of the process */
	const struct record **changed;	/* of those that get the value, the process first */
	size_t nr_changed;
};

/* Of the options --if and --if-max, which may be NULL. A wrong one ends the program. */
void what_if_parse(struct what_if *what, const char *adj, const char *max);
/* For a question about a limit: the dry run of the cgroup, also if it has no limit now. */
void what_if_read(const struct what_if *what, struct capture *capture);
/* Ranks the candidates as they would be. */
void what_if_apply(struct what_if *what, struct capture *capture, const char *memcg);
bool what_if_changed(const struct what_if *what, const struct record *rec);
const char *words_what_if(const struct what_if *what);

#endif /* WHATIF_H */
