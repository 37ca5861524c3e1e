/* SPDX-License-Identifier: GPL-2.0 */
/* A dump of a machine's memory, as a file. */
#ifndef DUMPFILE_H
#define DUMPFILE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

struct dump;

bool is_dump(const __u8 *bytes, size_t len);
/* Whether a file that can be read at any place is a dump. */
bool dump_is_in(int fd);
/* NULL if it can't be read: *wrong says why. */
struct dump *dump_open(int fd, const char **wrong);
void dump_close(struct dump *dump);
/* False if the dump has not all bytes at this physical address. */
bool dump_read(const struct dump *dump, __u64 at, void *to, size_t len);

/* Calls found() with each physical address, a multiple of align, where the bytes are. */
struct dump_wanted {
	const char *bytes;
	size_t align;
	void (*found)(__u64 at, void *arg);
	void *arg;
};

void dump_each(const struct dump *dump, const struct dump_wanted *wanted);
/* The same for memory of the dump that begins at a physical address. */
void dump_search(const __u8 *memory, size_t len, __u64 at, const struct dump_wanted *wanted);

/* --- compressed.c: the same, of what makedumpfile has compressed ---------------------------- */

struct compressed;

struct compressed *compressed_open(int fd, const char **wrong);
void compressed_close(struct compressed *dump);
bool compressed_read(const struct compressed *dump, __u64 at, void *to, size_t len);
void compressed_each(const struct compressed *dump, const struct dump_wanted *wanted);

#endif /* DUMPFILE_H */
