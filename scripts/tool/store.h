/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: a folder of records that outlive the module and the boot. BOOT.rec has the newest of a
 * boot, by its ID. Those before are in BOOT.1.rec.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>

#define STORE "/var/lib/oomwatch"

/* Paths of its files, the oldest first; store_free() them. None, and errno set: no such folder. */
struct store_files {
	char **path;
	size_t nr;
};

struct store_files store_files(const char *dir);
void store_free(struct store_files *files);

#endif /* STORE_H */
