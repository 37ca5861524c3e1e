/* SPDX-License-Identifier: GPL-2.0 */
/* Kills as entries of the systemd journal: each once, as soon as the store has it. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "stream.h"

/* What was told is kept in the store's lock, so that a restart tells nothing again. */
struct journal {
	int fd;			/* of that file; -1: nothing is told */
	__u64 load;		/* of the module, to which these belong: */
	__u64 kill, nobody;	/* the newest that were told */
	struct capture capture;	/* what was read since journal_begin(), less what was told */
	bool refused;		/* it was said that the journal does not take entries */
	bool forgets;		/* it was said that what was told can't be written down */
};

void journal_open(struct journal *to, int lock);
/* Begins with a START record, which has the number of the load. */
void journal_begin(struct journal *to, const __u8 *start, size_t len, __u64 load);
void journal_add(struct journal *to, const __u8 *bytes, size_t len);
/* Tells the kills that are complete. Returns false if the journal did not take all of them. */
bool journal_end(struct journal *to);

#endif /* JOURNAL_H */
