// SPDX-License-Identifier: GPL-2.0
/* The files of the running module, and why one can't be opened. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module.h"
#include "tool.h"
#include "words.h"

bool is_loaded(void)
{
	return !access(OOMWATCH_DIR, F_OK) || !access("/proc/sys/vm/oomwatch", F_OK);
}

static const char *why_not_loaded(void)
{
	static const char not_loaded[] =
		"the module is not loaded; load it: insmod oomwatch.ko, or modprobe oomwatch";
	static const char no_modules[] = {
		"the module is not loaded, and this kernel can't load one: it was built without CONFIG_MODULES"
	};

	/* Without /proc nothing is known of the kernel. */
	return access("/proc/version", F_OK) || !access("/proc/modules", F_OK) ? not_loaded :
		no_modules;
}

/* Why one of the module's files can't be opened, and what to do about it. */
const char *why_no_file(int error)
{
	static const char other_version[] =
		"the loaded module does not have this file; load the version of this program";

	if (error == EACCES)
		return "only root may open it: run oomwatch as root";
	if (error == EPERM)
		return "the kernel refuses it, as one that is locked down does: see dmesg";
	if (error == ENXIO)
		return "the module is being unloaded; load it again: insmod oomwatch.ko";
	if (error != ENOENT)
		return why_not(error);
	if (!is_loaded())
		return why_not_loaded();
	if (access(OOMWATCH_DIR, F_OK))
		return "debugfs is not mounted; mount it: mount -t debugfs none /sys/kernel/debug";
	return other_version;
}

/* O_NONBLOCK: a read returns EAGAIN at the end of the records and does not wait for a kill. */
int open_records(void)
{
	return open(OOMWATCH_RECORDS, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

void die_without_records(int error)
{
	die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_RECORDS, why_no_file(error));
}

/*
 * Returns the text of the module's counters, with a newline put before it: find_stat() then finds
 * each line by the newline in front of it. Returns NULL and sets errno if the file can't be read;
 * errno is ENOENT if the module is not loaded, and ENXIO while it is being unloaded. st, unless it
 * is NULL, gets the status of the same open file.
 */
char *read_stats(struct stat *st)
{
	const size_t size = 1 << 16;
	size_t have = 1;
	char *stats;
	ssize_t n;
	int error, fd = open(OOMWATCH_STATS, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && (errno == ENOENT || errno == ENXIO))
		return NULL;
	if (fd < 0)
		die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_STATS, why_no_file(errno));
	/* Zeroed, so the text is terminated. */
	stats = allocate(size);
	*stats = '\n';
	while ((n = read(fd, stats + have, size - 1 - have)) > 0)
		have += n;
	if (!n && st)
		n = fstat(fd, st);
	error = n < 0 ? errno : EIO;
	close(fd);
	if (!n && have > 1)
		return stats;
	free(stats);
	errno = error;
	return NULL;
}

/* False if this version of the module does not have the counter. */
bool find_stat(const char *stats, const char *name, __u64 *value)
{
	const char *at = strstr(stats, format_words("\n%s: ", name));

	words_scope();
	if (at)
		*value = strtoull(at + strlen(name) + 3, NULL, 10);
	return at;
}

/* --- what happens in it ------------------------------------------------------------ */

static __u64 counter_of(const char *stats, const char *name)
{
	__u64 value = 0;

	find_stat(stats, name, &value);
	return value;
}

/* False if the module is not loaded or is being unloaded. */
bool read_state(struct module_state *state)
{
	struct stat st;
	char *stats = read_stats(&st);

	if (!stats)
		return false;
	*state = (struct module_state) {
		.inode = st.st_ino,
		.load_ns = st.st_ctim.tv_sec * 1000000000ULL + st.st_ctim.tv_nsec,
		.events = counter_of(stats, "victims") + counter_of(stats, "sharers") +
			counter_of(stats, "reap_finish") + counter_of(stats, "exits") +
			counter_of(stats, "nobody_ring_held") +
			counter_of(stats, "nobody_ring_overwritten"),
		.written = counter_of(stats, "records_written"),
		.held = counter_of(stats, "records_held"),
	};
	find_stat(stats, "adj_ring_held", &state->held);
	free(stats);
	return true;
}

bool is_reload(const struct module_state *before, const struct module_state *now)
{
	return before->inode != now->inode || before->load_ns != now->load_ns;
}

/*
 * Whether there is something to read, of which the record with the number seen is known. A flood of
 * other records, such as writes of oom_score_adj, is read before the ring overwrites it.
 */
bool has_news(const struct module_state *before, const struct module_state *now, __u64 seen)
{
	return now->events != before->events || now->written - seen > now->held / 2;
}
