/* SPDX-License-Identifier: GPL-2.0 */
/* The files of the running module. */
#ifndef MODULE_H
#define MODULE_H

#include <stdbool.h>
#include <sys/types.h>

#include <linux/types.h>

#define OOMWATCH_DIR "/sys/kernel/debug/oomwatch/"
#define OOMWATCH_RECORDS OOMWATCH_DIR "records"
/* What an earlier load has left in kept memory, if there is something. */
#define OOMWATCH_BEFORE OOMWATCH_DIR "before/records"
#define OOMWATCH_CANDIDATES OOMWATCH_DIR "candidates"
#define OOMWATCH_STATS OOMWATCH_DIR "stats"

struct stat;

/* What the counters say, to tell whether there is something to read. */
struct module_state {
	__u64 inode, load_ns;	/* of the file stats: they change with a reload */
	__u64 events;		/* counts what is told: victims, exits ... */
	__u64 written;
	__u64 held;		/* by the ring that a flood goes to */
};

bool is_loaded(void);
/* The number in a file of /proc/sys; false if there is none. */
bool sysctl_number(const char *name, long long *value);
int open_records(void);
/* These are in identity.c. The size is that of the records of a read, and a kilobyte at least. */
ssize_t read_records(int fd, __u8 *bytes, size_t size);
bool read_boot_id(char *id);
void die_without_records(int error) __attribute__((noreturn));
char *read_stats(struct stat *st);
bool find_stat(const char *stats, const char *name, __u64 *value);
const char *why_no_file(int error);
bool read_state(struct module_state *state);
bool is_reload(const struct module_state *before, const struct module_state *now);
bool has_news(const struct module_state *before, const struct module_state *now, __u64 seen);

#endif /* MODULE_H */
