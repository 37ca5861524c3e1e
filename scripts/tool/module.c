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
 * Returns the text of the module's counters. Returns NULL and sets errno if the file can't be read;
 * errno is ENOENT if the module is not loaded, and ENXIO while it is being unloaded. st, unless it
 * is NULL, gets the status of the same open file.
 */
char *read_stats(struct stat *st)
{
	int error, fd = open(OOMWATCH_STATS, O_RDONLY | O_CLOEXEC);
	char *stats;
	size_t len;

	if (fd < 0 && (errno == ENOENT || errno == ENXIO))
		return NULL;
	if (fd < 0)
		die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_STATS, why_no_file(errno));
	stats = file_text(fd, 1 << 16, &len);
	if (stats && ((st && fstat(fd, st)) || !len)) {
		errno = len ? errno : EIO;
		free(stats);
		stats = NULL;
	}
	error = errno;
	close(fd);
	errno = error;
	return stats;
}

/* False if this version of the module does not have the counter. */
bool find_stat(const char *stats, const char *name, __u64 *value)
{
	size_t len = strlen(name);
	const char *line;

	for (line = stats; line; line = strchr(line, '\n'), line += !!line)
		if (!strncmp(line, name, len) && line[len] == ':') {
			*value = strtoull(line + len + 1, NULL, 10);
			return true;
		}
	return false;
}

bool sysctl_number(const char *name, long long *value)
{
	bool known;
	FILE *file;

	words_scope();
	file = fopen(format_words("/proc/sys/%s", name), "re");
	known = file && fscanf(file, "%lld", value) == 1;
	if (file)
		fclose(file);
	return known;
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
