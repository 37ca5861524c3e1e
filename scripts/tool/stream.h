/* SPDX-License-Identifier: GPL-2.0 */
/* The records read from the module or from a file, and the episodes that they make up. */
#ifndef STREAM_H
#define STREAM_H

#include <sys/types.h>

#include "record.h"
#include "store.h"

/* One call of out_of_memory() and what followed. A record that is missing is NULL. */
struct episode {
	__u64 id;
	const struct stream *stream;
	const struct record *oom;
	const struct record *stack;
	const struct record *excluded;
	const struct record *end;
	const struct record **of;	/* all its records, in the order of the stream */
	size_t nr;
};

struct capture {
	const char **names;		/* of the files that were read; the last is being read */
	struct store_files store;	/* those of them that are the store's */
	size_t nr_names;
	struct stream **streams;	/* one, or more if several captures are read */
	size_t nr_streams;
	size_t begun, had;		/* streams and records of the files before that one */
	struct record **records;
	size_t nr_records;
	const struct record **sorted;	/* by episode; episodes point into it */
	struct episode *episodes;	/* kills */
	size_t nr_episodes;
	struct episode *nobody;		/* calls that found nobody to kill; see kill.h */
	size_t nr_nobody;
	__u64 unknown;		/* records of types that this program doesn't know */
	__u64 read;			/* bytes of whole records of the file so far */
	bool stopped;			/* at a damage of the file being read */
	struct klog *log;		/* of the file being read, if it is a text log */
	size_t nr_gone;			/* reports of logs that chose who was exiting already */
	bool unread;			/* the last log has a kill in a line that is not read */
	bool quoted;			/* or one of another program, and none of the kernel's */
	unsigned int others;		/* what it has that is not the kernel's; see other-text.c */
	size_t nr_quiet;		/* kernel logs that have no report of the OOM killer */
	const char *quiet;		/* the name of the last of these, */
	unsigned int quiet_others;	/* and what they have that is not the kernel's */
	__u64 quiet_from_ns;		/* the first time of the last of these; see klog.c */
	char *damage;			/* a message about each damaged file; NULL: none */
	bool may_be_none;		/* there may be no module and no store to read */
};

/* Dumps of a machine's memory: vmcore.c. */
const char *vmcore_begin(int *fd);

/* Packed files: unpack.c. */
struct unpacking {
	const char *by;			/* the program; NULL: the file is not packed */
	pid_t pid;
};

const char *packed_by(const __u8 *bytes, size_t len);
struct unpacking unpack_begin(int *fd);
const char *unpack_end(struct unpacking unpacking);

struct kill_id;
struct options;

/* Reads all files of the options, or what the running module holds now. */
void capture_read(struct capture *capture, const struct options *options);
void capture_begin(struct capture *capture, const char *name);
size_t capture_add(struct capture *capture, const __u8 *bytes, size_t len);
void capture_end(struct capture *capture, const __u8 *rest, size_t len);
void stream_free(struct stream *stream);
/* Notes a damage of the file that is being read. */
void capture_damaged(struct capture *capture, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void capture_unite(struct capture *capture);
void capture_sort(struct capture *capture);
void capture_free(struct capture *capture);
/* Reports damage and unknown records, frees the capture, and returns the exit status. */
int capture_finish(struct capture *capture);

const struct record *episode_next(const struct episode *episode, unsigned int type, size_t *at);
const struct record *first_of(const struct episode *episode, unsigned int type);
const struct record *main_victim(const struct episode *episode);
/* Whether episode a began before b. Kills have IDs in this order. */
bool is_before(const struct episode *a, const struct episode *b);
unsigned int count_of(const struct episode *episode, unsigned int type);
unsigned int nr_victims(const struct episode *episode);
unsigned int nr_lacking(const struct episode *episode);
unsigned int nr_sharers(const struct episode *episode);
bool was_dying(const struct episode *episode);
unsigned int nr_lacking_sharers(const struct episode *episode);
const struct record *exit_of(const struct episode *episode, __s32 pid);

/* Loops over the episode's records of a type. */
#define for_each_of(rec, episode, type, at) \
	for (at = 0; (rec = episode_next(episode, OOMWATCH_TYPE_##type, &at));)

__u64 real_ns(const struct stream *stream, __u64 boot_ns);
__u64 record_ns(const struct record *rec);
/* The time of the episode, as far as what is left of it tells. */
__u64 episode_ns(const struct episode *episode);
/* The episode's time since boot, as far as what is left of it tells. */
__u64 episode_boot_ns(const struct episode *episode);
/* Advice for a person who has no record of a kill. */
#define FROM_LOG "the kernel log tells of earlier kills: dmesg >dmesg.txt (after a reboot: journalctl -k -b -1 >dmesg.txt), and oomwatch why -f dmesg.txt"

/* Advice for a person whose file has neither records nor a log. */
#define WRITE_ONE "write one, as root: oomwatch save FILE, dmesg >FILE or journalctl -k >FILE"

/* Says that a log has no report, if nothing else was read; else NULL. */
const char *words_quiet(const struct capture *capture);
/* episode_ns() in words; of a log, which has no date, the time since boot. */
const char *words_when(const struct episode *episode);
/* words_when() after a comma. "" if the time is not known. */
const char *words_comma_when(const struct episode *episode);
/* Without parts of a second, for a list. */
const char *words_second(const struct episode *episode);

#endif /* STREAM_H */
