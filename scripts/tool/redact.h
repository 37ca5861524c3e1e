/* SPDX-License-Identifier: GPL-2.0 */
/* Replaces the names in what was read, so that it can be given to others. */
#ifndef REDACT_H
#define REDACT_H

#include "stream.h"

/* How many different names of each kind were replaced. */
struct redacted {
	size_t tasks, cgroups, users, hosts, cmdlines;
};

struct redacted capture_redact(struct capture *capture);
/* The path of a mount, which is in no record; after capture_redact() replaced, too. */
const char *words_mount(const char *path);

#endif /* REDACT_H */
