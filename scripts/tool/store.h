/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The store: a folder of records that outlive the module and the boot. BOOT.rec has the newest of a
 * boot, by its ID. Those before are in BOOT.1.rec.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define STORE "/var/lib/oomwatch"

/* Paths of its files, the oldest first; store_free() them. None, and errno set: no such folder. */
struct store_files {
	char **path;
	size_t nr;
};

struct store_files store_files(const char *dir);
void store_free(struct store_files *files);

/*
 * Files of lines beside the records, of what only this machine can tell, as names of pods: NAME has
 * the newest lines, NAME.1 those before. store_use() says which store is meant, and whether this
 * program keeps it.
 */
void store_use(const char *dir, bool keeps);
bool store_is_kept(void);
/* Opens the file of the older lines, or that of the newest lines. NULL: that file is not there. */
FILE *store_lines(const char *name, bool older);
/* If it fails, it says so once. */
void store_add_line(const char *name, const char *line);

#endif /* STORE_H */
