// SPDX-License-Identifier: GPL-2.0
/*
 * record: keeps the module's records in a store, over reloads and reboots, and tells the journal.
 *
 * A file of records holds the module, so it is open only while there is something to read; in
 * between, the counters are polled. Each time the module gives all that it holds. What the store
 * has is known by the number of the load and the numbers of the records, also after this program
 * was ended and started again.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "journal.h"
#include "kill.h"
#include "module.h"
#include "store.h"
#include "tool.h"
#include "words.h"

static __u64 most_mib = 16, most_boots = 10;

static const struct option_row option_size = { 0, "size", "MIB", .number = &most_mib,
	.what = "keep at most MIB MiB of a boot (default 16)" };
static const struct option_row option_boots = { 0, "boots", "N", .number = &most_boots,
	.what = "keep the newest N boots (default 10)" };

static bool no_journal;

static const struct option_row option_no_journal = { .name = "no-journal", .flag = &no_journal,
	.what = "write no entries to the journal" };

#define MOST_MIB 1048576U
#define START_MAX 1024
#define KEPT "kept-"

struct recorder {
	const char *dir;
	char boot[ID_DIGITS + 1];
	int fd;			/* of the newest file */
	__u64 size;		/* of that file: whole records */
	__u64 load, seen;	/* the newest load of the store, and its newest record there */
	__u64 kill, kill_ns;	/* the newest kill of the machine that was just read; 0: none */
	bool begins;		/* a START record must come before the next records */
	bool refused;		/* it was said that the store takes no records */
	__u8 start[START_MAX];	/* the START record of what is being read */
	size_t start_len;
	struct journal journal;
};

/* The newest file (part: ""), or the one before it (".1"). */
static const char *path_of(const struct recorder *to, const char *part)
{
	return format_words("%s/%s%s.rec", to->dir, to->boot, part);
}

/* --- bounds --------------------------------------------------------------------------- */

/* Whether both files are of one boot: their names begin with its ID. */
static bool same_boot(const char *dir, const char *a, const char *b)
{
	size_t at = strlen(dir) + 1;

	return strcspn(a + at, ".") == strcspn(b + at, ".") &&
		!strncmp(a + at, b + at, strcspn(a + at, "."));
}

/* Says once that a file can't be removed: the store keeps more than it was asked to. */
static void remove_old(const char *path)
{
	static bool said;

	if (!unlink(path) || errno == ENOENT || said)
		return;
	complain("%s: it can't be removed: %s", path, why_not(errno));
	said = true;
}

/* What take_kept() has stored is of no boot that is known. */
static bool is_kept(const struct recorder *to, const char *path)
{
	return !strncmp(path + strlen(to->dir) + 1, KEPT, strlen(KEPT));
}

/* Removes the oldest boots. The one that is written is the newest. */
static void prune(const struct recorder *to)
{
	struct store_files files = store_files(to->dir);
	size_t i = files.nr, boots = 0;
	const char *newer = NULL;

	words_scope();
	while (i--) {
		if (!is_kept(to, files.path[i])) {
			boots += !newer || !same_boot(to->dir, files.path[i], newer);
			newer = files.path[i];
		}
		/* A clock that went back makes this boot look old. */
		if (boots > most_boots && !same_boot(to->dir, files.path[i], path_of(to, "")))
			remove_old(files.path[i]);
	}
	store_free(&files);
}

static void sync_folder(const struct recorder *to)
{
	int fd = open(to->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static bool is_no_room(int error) { return error == ENOSPC || error == EDQUOT; }

/* Drops the oldest of the store's files for newer records. Returns whether there was one. */
static bool make_room(struct recorder *to)
{
	struct store_files files = store_files(to->dir);
	const char *newest;
	bool made = false;
	size_t i;

	words_scope();
	newest = path_of(to, "");
	for (i = 0; i < files.nr && !made; i++)
		made = strcmp(files.path[i], newest) && !unlink(files.path[i]);
	store_free(&files);
	return made;
}

/* Goes on with an empty file; the one before takes the place of the one before that. */
static void rotate(struct recorder *to)
{
	const char *path;

	words_scope();
	path = path_of(to, "");
	if (to->fd >= 0) {
		fdatasync(to->fd);
		close(to->fd);
		if (rename(path, path_of(to, ".1")))
			die(EXIT_FAILED, "%s: %s", path, why_not(errno));
	}
	do {
		to->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	} while (to->fd < 0 && is_no_room(errno) && make_room(to));
	if (to->fd < 0)
		die(EXIT_FAILED, "%s: %s", path, why_not(errno));
	sync_folder(to);
	to->size = 0;
	to->begins = true;
}

/* --- writing ---------------------------------------------------------------------------- */

static bool write_all(struct recorder *to, const __u8 *bytes, size_t len)
{
	struct iovec parts[] = {
		{ to->start, to->begins ? to->start_len : 0 }, { (void *)bytes, len },
	};
	ssize_t n, all = parts[0].iov_len + len;

	n = pwritev(to->fd, parts, 2, to->size);
	if (n == all) {
		to->size += all;
		to->begins = false;
		return true;
	}
	/* Only a write that fails as a whole tells why. */
	if (n >= 0 && pwrite(to->fd, bytes, 1, to->size + n) >= 0)
		errno = EAGAIN;
	/* So that no half of a record stays. */
	n = errno;
	if (ftruncate(to->fd, to->size))
		return false;
	errno = n;
	return false;
}

/* Says once that the store does not take records. */
static void say_refused(struct recorder *to, int error)
{
	static const char full[] = {
		"the oldest records of the store make room for new ones, and those that find none stay in the module"
	};
	static const char broken[] = {
		"records that are not stored stay in the module, and go to the store once it takes them"
	};

	words_scope();
	if (!to->refused)
		complain("%s: %s; %s", path_of(to, ""), strerror(error),
			 is_no_room(error) ? full : broken);
	to->refused = true;
}

/* Returns false if it can't be written. What was not written stays in the module for a while. */
static bool append(struct recorder *to, const __u8 *bytes, size_t len, bool kill)
{
	struct oomwatch_head head;
	int error;

	memcpy(&head, bytes, sizeof(head));
	if (to->size && to->size + len > most_mib << 19) {
		rotate(to);
		prune(to);
	}
	/* The file tells from which record on it has this load. */
	memcpy(to->start + offsetof(struct oomwatch_head, seq), &head.seq, sizeof(head.seq));
	while (!write_all(to, bytes, len)) {
		error = errno;
		say_refused(to, error);
		if (!is_no_room(error))
			return false;
		if (make_room(to))
			continue;
		if (!to->size)
			return false;
		/* It is the only file that is left: the older half of it is worth less. */
		rotate(to);
	}
	if (kill && fdatasync(to->fd))
		complain("%s: %s", path_of(to, ""), why_not(errno));
	return true;
}

/* --- reading ------------------------------------------------------------------------------ */

/* A record that the store has not; a loss may be in it in part. */
static bool is_new(struct recorder *to, struct oomwatch_head *head, __u64 *last)
{
	struct oomwatch_lost *lost = (struct oomwatch_lost *)head;
	__u64 known;

	*last = head->seq;
	if (head->type != OOMWATCH_TYPE_LOST)
		return head->seq > to->seen;
	*last += lost->count - 1;
	if (*last <= to->seen || head->seq > to->seen)
		return *last > to->seen;
	known = to->seen + 1 - head->seq;
	head->seq += known;
	lost->count -= known;
	/* A module of before that has no such field. */
	if (head->fixed >= offsetof(struct oomwatch_lost, adj) + sizeof(lost->adj) &&
	    lost->adj != OOMWATCH_UNKNOWN_U64)
		lost->adj -= known;
	return true;
}

/* What the module has lost before it was read: it tells only those of the time while it is read. */
static bool append_gap(struct recorder *to, __u64 next, __u64 time_ns)
{
	struct oomwatch_lost lost = {
		.head = { .len = sizeof(lost), .type = OOMWATCH_TYPE_LOST, .fixed = sizeof(lost),
			  .seq = to->seen + 1, .time_ns = time_ns },
		.count = next - to->seen - 1,
		.adj = OOMWATCH_UNKNOWN_U64, .kills = OOMWATCH_UNKNOWN_U64,
	};

	if (!to->seen || next <= to->seen + 1)
		return true;
	if (!append(to, (const __u8 *)&lost, sizeof(lost), false))
		return false;
	to->seen = next - 1;
	return true;
}

/* Takes the START record. A load that the store has not begins anew. False: it is not written. */
static bool take_start(struct recorder *to, __u8 *bytes, size_t *len, bool reloaded)
{
	struct oomwatch_start start;

	if (*len < sizeof(start))
		die(EXIT_DAMAGED, "%s: it is empty", OOMWATCH_RECORDS);
	memcpy(&start, bytes, sizeof(start));
	if (start.head.type != OOMWATCH_TYPE_START || start.magic != OOMWATCH_MAGIC ||
	    start.head.len > START_MAX || start.head.len > *len)
		die(EXIT_DAMAGED, "%s: it does not begin as records do", OOMWATCH_RECORDS);
	memcpy(to->start, bytes, start.head.len);
	to->start_len = start.head.len;
	/* An older module has no such number. */
	if (start.load != to->load || (start.load == OOMWATCH_UNKNOWN_U64 && reloaded)) {
		to->load = start.load;
		to->seen = 0;
		to->begins = true;
	}
	*len -= start.head.len;
	memmove(bytes, bytes + start.head.len, *len);
	return append_gap(to, start.head.seq, start.head.time_ns);
}

/* The length of the record at bytes; 0 if not all of it is there yet. */
static size_t length_of(const __u8 *bytes, size_t len)
{
	struct oomwatch_head head;

	if (len < sizeof(head))
		return 0;
	memcpy(&head, bytes, sizeof(head));
	if (head.len < sizeof(head) || head.len > OOMWATCH_RECORD_MAX || head.len % 8)
		die(EXIT_DAMAGED, "%s: a record can't be %u bytes long", OOMWATCH_RECORDS,
		    head.len);
	return head.len <= len ? head.len : 0;
}

static void note_kill(struct recorder *to, const struct oomwatch_head *head)
{
	const struct oomwatch_oom *oom = (const struct oomwatch_oom *)head;

	if (head->type != OOMWATCH_TYPE_OOM ||
	    head->fixed < offsetof(struct oomwatch_oom, kind) + sizeof(oom->kind) ||
	    oom->kind != OOMWATCH_KIND_GLOBAL)
		return;
	to->kill = head->oom;
	to->kill_ns = head->time_ns;
}

/*
 * Appends those of some records that are new, and takes the whole records out of the bytes. Returns
 * false if these can't be written.
 */
static bool take_records(struct recorder *to, __u8 *bytes, size_t *len)
{
	size_t at, kept = 0, step;
	__u64 last = to->seen;
	bool kill = false;

	for (at = 0; (step = length_of(bytes + at, *len - at)); at += step) {
		struct oomwatch_head *head = (struct oomwatch_head *)(bytes + at);
		__u64 its;

		if (!is_new(to, head, &its))
			continue;
		last = its;
		kill = kill || head->oom;
		note_kill(to, head);
		memmove(bytes + kept, bytes + at, step);
		kept += step;
	}
	if (kept && !append(to, bytes, kept, kill))
		return false;
	*len -= at;
	memmove(bytes, bytes + at, *len);
	to->seen = last;
	return true;
}

/* Returns false if something is left to read that had no room. */
static bool take_all(struct recorder *to, bool reloaded)
{
	static __u8 bytes[1 << 16];
	bool begun = false, room = true;
	int fd = open_records();
	size_t have = 0;
	ssize_t n;

	if (fd < 0 && (errno == ENOENT || errno == ENXIO))
		return true;
	if (fd < 0)
		die_without_records(errno);
	while (room && (n = read_records(fd, bytes + have, sizeof(bytes) - have)) > 0) {
		have += n;
		if (!begun) {
			room = take_start(to, bytes, &have, reloaded);
			journal_begin(&to->journal, to->start, to->start_len, to->load);
			begun = true;
		}
		journal_add(&to->journal, bytes, have);
		room = room && take_records(to, bytes, &have);
	}
	if (room && n < 0 && errno != EAGAIN && errno != EINTR)
		complain("%s: %s", OOMWATCH_RECORDS, why_not(errno));
	close(fd);
	if (to->kill)
		later_keep(to->load, to->kill, to->kill_ns);
	to->kill = 0;
	if (room && to->refused && begun) {
		complain("%s: records go there again", to->dir);
		to->refused = false;
	}
	/* After the store. What that has no room for is told all the same. */
	return (!begun || journal_end(&to->journal)) && room;
}

/* --- what an earlier load has left ------------------------------------------------------- */

static bool write_kept(struct recorder *to, int fd, const __u8 *bytes, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, bytes, len);
		if (n < 0 && (!is_no_room(errno) || !make_room(to)))
			return false;
		if (n > 0) {
			bytes += n;
			len -= n;
		}
	}
	return true;
}

/*
 * Copies the records from what was read first on to a file, and tells the journal of those kills
 * that it has not. If that does not take them, it says so, and the file is kept all the same.
 */
static bool copy_kept(struct recorder *to, int from, __u8 *bytes, size_t size, ssize_t n, int fd)
{
	struct oomwatch_start start;
	bool written;
	int error;

	memcpy(&start, bytes, sizeof(start));
	journal_begin(&to->journal, bytes, start.head.len, start.load);
	journal_add(&to->journal, bytes + start.head.len, n - start.head.len);
	while ((written = write_kept(to, fd, bytes, n)) && (n = read(from, bytes, size)) > 0)
		journal_add(&to->journal, bytes, n);
	error = errno;
	journal_end(&to->journal);
	errno = error;
	return written && !n && !fsync(fd);
}

static void store_kept(struct recorder *to, int from)
{
	static __u8 bytes[1 << 16];
	/* The module gives whole records, and the START record first. */
	ssize_t n = read(from, bytes, sizeof(bytes));
	const char *path, *part;
	struct oomwatch_start start;
	int fd;

	if (n < (ssize_t)sizeof(start))
		return;
	memcpy(&start, bytes, sizeof(start));
	if (start.magic != OOMWATCH_MAGIC || !start.load)
		return;
	words_scope();
	path = format_words("%s/" KEPT "%016llx.rec", to->dir, start.load);
	part = format_words("%s.part", path);
	if (!access(path, F_OK))
		return;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || !copy_kept(to, from, bytes, sizeof(bytes), n, fd) || rename(part, path)) {
		complain("%s: what an earlier load has left is not stored: %s", path,
			 why_not(errno));
		unlink(part);
	}
	if (fd >= 0)
		close(fd);
	sync_folder(to);
}

/*
 * Keeps what an earlier load has left in kept memory, in a file of its own: of the boot only the
 * load is known. A file of that name has all of it already.
 */
static void take_kept(struct recorder *to)
{
	int from = open(OOMWATCH_BEFORE, O_RDONLY | O_CLOEXEC);

	if (from < 0)
		return;
	store_kept(to, from);
	close(from);
}

/* --- the store ---------------------------------------------------------------------------- */

/* Reads on from a file what the store has. Returns the length of its whole records. */
static __u64 look_at(struct recorder *to, int fd)
{
	union {
		struct oomwatch_head head;
		struct oomwatch_start start;
		struct oomwatch_lost lost;
		__u8 bytes[OOMWATCH_RECORD_MAX];
	} rec;
	__u64 at = 0;
	ssize_t n;

	while ((n = pread(fd, &rec, sizeof(rec), at)) >= (ssize_t)sizeof(rec.head)) {
		if (rec.head.len < sizeof(rec.head) || rec.head.len > n)
			break;
		if (rec.head.type == OOMWATCH_TYPE_START) {
			to->load = rec.head.fixed < sizeof(rec.start) ?
				OOMWATCH_UNKNOWN_U64 : rec.start.load;
			to->seen = 0;
		} else if (rec.head.type == OOMWATCH_TYPE_LOST) {
			to->seen = rec.head.seq + rec.lost.count - 1;
		} else {
			to->seen = rec.head.seq;
		}
		at += rec.head.len;
	}
	return at;
}

/* A crash may have left the beginning of a record: it goes, and that record is read again. */
static void go_on(struct recorder *to)
{
	int before;

	words_scope();
	before = open(path_of(to, ".1"), O_RDONLY | O_CLOEXEC);
	to->load = OOMWATCH_UNKNOWN_U64;
	to->begins = true;
	if (before >= 0) {
		look_at(to, before);
		close(before);
	}
	to->fd = open(path_of(to, ""), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (to->fd < 0) {
		rotate(to);
		return;
	}
	to->size = look_at(to, to->fd);
	to->begins = !to->size;
	if (ftruncate(to->fd, to->size))
		die(EXIT_FAILED, "%s: %s", path_of(to, ""), why_not(errno));
}

/* The lock is held as long as the program runs. */
static void open_store(struct recorder *to)
{
	const char *path;
	int lock;

	words_scope();
	path = format_words("%s/lock", to->dir);
	if (mkdir(to->dir, 0700) && errno != EEXIST)
		die(EXIT_FAILED, "%s: %s", to->dir, why_not(errno));
	lock = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (lock < 0)
		die(EXIT_FAILED, "%s: %s", path, why_not(errno));
	if (flock(lock, LOCK_EX | LOCK_NB))
		die(EXIT_FAILED, "%s: another oomwatch record writes there; end it first, or name another folder by --store",
		    to->dir);
	if (!read_boot_id(to->boot))
		die(EXIT_FAILED, "the ID of this boot is not known: run oomwatch record outside of containers");
	go_on(to);
	prune(to);
	store_use(to->dir, true);
	journal_open(&to->journal, no_journal ? -1 : lock);
}

/* --- the service ------------------------------------------------------------------------------ */

#define PAUSE_NS 200000000
/* How many pauses records of no kill, as writes of oom_score_adj, may wait. */
#define PATIENCE 10

static bool is_news(const struct recorder *to, const struct module_state *before,
		    const struct module_state *now, unsigned int waited)
{
	return has_news(before, now, to->seen) ||
		(waited >= PATIENCE && now->written != to->seen);
}

/* The signals that end the program wait until it pauses, so no write is cut off. */
static sigset_t ends;

static void hold_signals(void)
{
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	sigprocmask(SIG_BLOCK, &ends, NULL);
}

/* Returns whether one has come. */
static bool pause_ends(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	return sigtimedwait(&ends, NULL, &pause) > 0;
}

static void say_gone(bool *gone)
{
	if (!*gone)
		complain("the module is not loaded; waiting until it is");
	*gone = true;
}

static void watch(struct recorder *to)
{
	struct module_state before = { }, now;
	bool gone = false, again = false, reload;
	unsigned int waited = 0;

	for (; !pause_ends(); waited++) {
		if (!read_state(&now)) {
			say_gone(&gone);
			continue;
		}
		reload = is_reload(&before, &now);
		if (reload)
			take_kept(to);
		if (reload || (again && waited >= PATIENCE) ||
		    (!again && is_news(to, &before, &now, waited))) {
			again = !take_all(to, reload);
			waited = 0;
		}
		gone = false;
		before = now;
	}
	if (!gone)
		take_all(to, false);
}

static int run_record(const struct options *options)
{
	struct recorder to = { .dir = options->store, .fd = -1 };

	if (most_mib > MOST_MIB)
		die(EXIT_USAGE, "--size takes a number up to %u, of MiB", MOST_MIB);
	hold_signals();
	open_store(&to);
	watch(&to);
	if (fdatasync(to.fd) || close(to.fd))
		die(EXIT_FAILED, "%s: %s", to.dir, why_not(errno));
	return EXIT_FINE;
}

const struct command command_record = {
	.name = "record",
	.what = "keep all records in a folder, over reloads and reboots; a service runs this",
	.run = run_record,
	.takes = TAKES(&option_store, &option_size, &option_boots, &option_no_journal),
	.means = MEANS({ &option_store, "the folder to keep them in (default " STORE ")" }),
};
