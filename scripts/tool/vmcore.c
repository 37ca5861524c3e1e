// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the records from a dump of a machine's memory: finds the anchor of core/dump.h, reads the
 * lanes, and writes what the module's file would have. All bytes are those of another machine: they
 * are checked before they are used.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dumpfile.h"
#include "stream.h"
#include "tool.h"
#include "words.h"
#include "core/dump.h"
#include "core/pack.h"

/* More than the module makes. */
#define LANE_MOST (128u << 20)

/* A lane that was read. */
struct lane {
	__u8 *bytes;
	__u64 size;
	struct lane_places at;		/* the tail is that of the record to read next */
	unsigned int after;		/* bytes after each record */
	__u64 least;			/* the lowest sequence number that it may have */
};

struct reader {
	const struct dump *dump;
	bool swapped;
	struct dump_anchor anchor;	/* in this machine's byte order, but for the START record */
	struct oomwatch_start start;	/* the head of that */
	struct lane lane[RING_LANES];
	__u64 seq;			/* of the record to write next */
	FILE *to;
	const char *wrong;		/* NULL: nothing is */
};

static const char torn[] = "some records of the dump are torn or damaged";

static void swap_all(__u64 *at, size_t nr, bool swapped)
{
	for (; nr; nr--, at++)
		*at = swap_u64(*at, swapped);
}

/* --- the anchor --------------------------------------------------------------------- */

static bool start_is_whole(const struct dump_anchor *anchor, bool swapped,
			   struct oomwatch_start *start)
{
	memcpy(start, anchor->start, START_LEAST);
	start->head.len = swap_u32(start->head.len, swapped);
	start->head.type = swap_u16(start->head.type, swapped);
	start->head.time_ns = swap_u64(start->head.time_ns, swapped);
	start->realtime_ns = swap_u64(start->realtime_ns, swapped);
	return start->head.type == OOMWATCH_TYPE_START && start->head.len >= START_LEAST &&
		start->head.len <= START_MAX && start->head.len % 8 == 0 &&
		swap_u32(start->magic, swapped) == OOMWATCH_MAGIC;
}

/* Whether there is an anchor at the address, and not a copy of one; reads it. */
static bool read_anchor(const struct dump *dump, __u64 at, struct reader *reader)
{
	struct dump_anchor *anchor = &reader->anchor;
	bool swapped;

	if (!dump_read(dump, at, anchor, sizeof(*anchor)) ||
	    memcmp(anchor->magic, DUMP_MAGIC, sizeof(anchor->magic)))
		return false;
	swapped = anchor->version > 0xffff;
	reader->swapped = swapped;
	anchor->version = swap_u32(anchor->version, swapped);
	anchor->page_size = swap_u32(anchor->page_size, swapped);
	anchor->after = swap_u32(anchor->after, swapped);
	anchor->self = swap_u64(anchor->self, swapped);
	anchor->clock_ns = swap_u64(anchor->clock_ns, swapped);
	swap_all(anchor->lane, RING_LANES, swapped);
	return anchor->self == at;
}

/* What an anchor says is wrong with it; NULL: nothing. */
static const char *check_anchor(struct reader *reader)
{
	const struct dump_anchor *anchor = &reader->anchor;

	if (anchor->version != DUMP_VERSION)
		return format_words("the module has left its records in form %u, but this program reads form %u; use the program that came with that module",
				    anchor->version, DUMP_VERSION);
	if (anchor->page_size < 4096 || anchor->page_size > 1 << 20 ||
	    anchor->page_size & (anchor->page_size - 1) || anchor->after % 8 ||
	    anchor->after > 64 || !start_is_whole(anchor, reader->swapped, &reader->start))
		return "what tells where the records are is damaged";
	return NULL;
}

/* A dump may have several anchors, as of an earlier boot: the newest load's is taken. */
static void take_anchor(__u64 at, void *arg)
{
	struct reader *best = arg, found = *best;

	if (!read_anchor(best->dump, at, &found))
		return;
	found.wrong = check_anchor(&found);
	if (best->anchor.self && !best->wrong &&
	    (found.wrong || found.start.realtime_ns < best->start.realtime_ns))
		return;
	*best = found;
}

/* --- the lanes ------------------------------------------------------------------------ */

/* Whether records are among these bytes of the buffer. */
static bool are_used(const struct lane *lane, size_t from, size_t len)
{
	__u64 first = (lane->at.tail - lane->at.base) % lane->size;
	__u64 used = lane->at.head - lane->at.tail;

	return (from + lane->size - first) % lane->size < used ||
		(used && (first + lane->size - from) % lane->size < len);
}

/* What is not used yet is zero, and makedumpfile leaves out pages of zeros. */
static const char *read_pages(const struct reader *reader, struct lane *lane, __u64 list)
{
	size_t page = reader->anchor.page_size, done, piece;
	__u64 at;

	for (done = 0; done < lane->size; done += piece, list += sizeof(at)) {
		piece = lane->size - done < page ? lane->size - done : page;
		if (!are_used(lane, done, piece))
			continue;
		if (!dump_read(reader->dump, list, &at, sizeof(at)) ||
		    !dump_read(reader->dump, swap_u64(at, reader->swapped), lane->bytes + done,
			       piece))
			return "the dump lacks pages that the records are in";
	}
	return NULL;
}

static const char *read_lane(const struct reader *reader, unsigned int i, struct lane *lane)
{
	struct lane_buffer buffer;

	if (!dump_read(reader->dump, reader->anchor.lane[i], &buffer, sizeof(buffer)))
		return "the dump lacks the page that tells where the records are";
	swap_all((__u64 *)&buffer, sizeof(buffer) / sizeof(__u64), reader->swapped);
	lane->at = buffer.at;
	lane->size = buffer.size;
	lane->after = reader->anchor.after;
	if (!buffer.size || buffer.size % 8 || buffer.size > LANE_MOST ||
	    lane->at.head - lane->at.tail > buffer.size ||
	    (lane->at.tail - lane->at.base) % 8 || (lane->at.head - lane->at.tail) % 8)
		return "what tells where the records are is damaged";
	if (!buffer.pages)
		return "the module had no memory to tell where the records are";
	lane->bytes = allocate(buffer.size);
	return read_pages(reader, lane, buffer.pages);
}

static void copy_out(const struct lane *lane, __u64 pos, void *to, size_t len)
{
	size_t at = (pos - lane->at.base) % lane->size;
	size_t piece = len < lane->size - at ? len : lane->size - at;

	memcpy(to, lane->bytes + at, piece);
	memcpy((__u8 *)to + piece, lane->bytes, len - piece);
}

/* The head of the lane's next record; false if there is none, or it is damaged. */
static bool next_head(struct reader *reader, struct lane *lane, struct oomwatch_head *head)
{
	__u64 left = lane->at.head - lane->at.tail;
	bool swapped = reader->swapped;

	if (!left)
		return false;
	if (left >= sizeof(*head)) {
		copy_out(lane, lane->at.tail, head, sizeof(*head));
		head->len = swap_u32(head->len, swapped);
		head->type = swap_u16(head->type, swapped);
		head->fixed = swap_u16(head->fixed, swapped);
		head->seq = swap_u64(head->seq, swapped);
		head->oom = swap_u64(head->oom, swapped);
		if (head->len >= sizeof(*head) && head->len <= OOMWATCH_RECORD_MAX &&
		    head->len % 8 == 0 && head->len + lane->after <= left &&
		    head->seq >= lane->least)
			return true;
	}
	/* The rest is lost, as if it had been overwritten. */
	reader->wrong = torn;
	lane->at.tail = lane->at.head;
	lane->at.gone = lane->at.end;
	return false;
}

/* --- writing --------------------------------------------------------------------------- */

/* Writes a record whose head is in this machine's byte order, except for the time. */
static void put_record(const struct reader *reader, struct oomwatch_head *rec)
{
	size_t len = rec->len;

	rec->len = swap_u32(rec->len, reader->swapped);
	rec->type = swap_u16(rec->type, reader->swapped);
	rec->fixed = swap_u16(rec->fixed, reader->swapped);
	rec->seq = swap_u64(rec->seq, reader->swapped);
	rec->oom = swap_u64(rec->oom, reader->swapped);
	fwrite(rec, len, 1, reader->to);
}

static void put_start(struct reader *reader)
{
	struct oomwatch_start *start = (struct oomwatch_start *)reader->anchor.start;

	start->realtime_ns = swap_u64(reader->start.head.time_ns + reader->anchor.clock_ns,
				      reader->swapped);
	start->head.seq = swap_u64(reader->seq, reader->swapped);
	fwrite(start, reader->start.head.len, 1, reader->to);
}

/* As the module's readers tell of what they miss: core/reader.c. */
static void put_loss(const struct reader *reader, __u64 end)
{
	struct oomwatch_lost lost = {
		.head = {
			.len = sizeof(lost), .type = OOMWATCH_TYPE_LOST, .fixed = sizeof(lost),
			.seq = reader->seq,
			.time_ns = swap_u64(reader->start.head.time_ns, reader->swapped),
		},
		.count = swap_u64(end - reader->seq, reader->swapped),
		.adj = OOMWATCH_UNKNOWN_U64, .kills = OOMWATCH_UNKNOWN_U64,
	};
	unsigned long gone = 0;
	unsigned int i;

	for (i = 0; i < RING_LANES; i++)
		if (reader->lane[i].at.gone > reader->seq)
			gone |= _BITUL(i);
	if (!(gone & ~_BITUL(RING_ADJ)))
		lost.adj = lost.count;
	if (!(gone & RING_KILLS))
		lost.kills = 0;
	put_record(reader, &lost.head);
}

/* In the ring a stack's frames are addresses; no symbols are here. */
static bool frames_to_text(const struct reader *reader, struct oomwatch_stack *rec)
{
	size_t off = swap_u16(rec->frames.off, reader->swapped), len = 0, i;
	size_t nr = swap_u16(rec->frames.len, reader->swapped) / sizeof(__u64);
	char text[OOMWATCH_RECORD_MAX - sizeof(*rec)] = "";
	__u64 address;

	if (rec->head.fixed != sizeof(*rec) || rec->head.len < sizeof(*rec) || off < sizeof(*rec) ||
	    off + nr * sizeof(address) > rec->head.len || nr > sizeof(text) / 24)
		return false;
	for (i = 0; i < nr; i++) {
		memcpy(&address, (__u8 *)rec + off + i * sizeof(address), sizeof(address));
		len += sprintf(text + len, "%s0x%llx", i ? ";" : "",
			       swap_u64(address, reader->swapped));
	}
	rec->frames.off = swap_u16(sizeof(*rec), reader->swapped);
	rec->frames.len = swap_u16(len, reader->swapped);
	rec->head.len = sizeof(*rec) + (len + 7) / 8 * 8;
	memcpy(rec + 1, text, rec->head.len - sizeof(*rec));
	return true;
}

/* Does what the module does for its readers: core/reader.c, core/files.c. */
static void put_next(struct reader *reader, struct lane *lane, const struct oomwatch_head *head)
{
	union {
		struct oomwatch_head head;
		struct oomwatch_stack stack;
		__u8 bytes[OOMWATCH_RECORD_MAX];
	} rec = { };

	copy_out(lane, lane->at.tail, &rec, head->len);
	rec.head = *head;
	lane->at.tail += head->len + lane->after;
	lane->least = head->seq + 1;
	reader->seq = head->seq + 1;
	if (!unpack_record(&rec.head, reader->swapped) ||
	    (head->type == OOMWATCH_TYPE_STACK && !frames_to_text(reader, &rec.stack))) {
		reader->wrong = torn;
		return;
	}
	if (rec.head.oom & OOMWATCH_NOBODY)
		rec.head.type |= OOMWATCH_TYPE_NOBODY;
	put_record(reader, &rec.head);
}

/* The lane that has the next record; NULL: no lane has one. */
static struct lane *next_lane(struct reader *reader, struct oomwatch_head *head)
{
	struct lane *lane, *next = NULL;
	struct oomwatch_head its;

	for (lane = reader->lane; lane < reader->lane + RING_LANES; lane++) {
		if (!next_head(reader, lane, &its) || (next && its.seq >= head->seq))
			continue;
		*head = its;
		next = lane;
	}
	return next;
}

static void put_stream(struct reader *reader)
{
	struct oomwatch_head head;
	struct lane *lane = next_lane(reader, &head);
	unsigned int i;
	__u64 end = 0;

	reader->seq = lane ? head.seq : 1;
	put_start(reader);
	for (; lane; lane = next_lane(reader, &head)) {
		if (head.seq > reader->seq)
			put_loss(reader, head.seq);
		put_next(reader, lane, &head);
	}
	for (i = 0; i < RING_LANES; i++)
		if (reader->lane[i].at.gone > end)
			end = reader->lane[i].at.gone;
	if (end > reader->seq)
		put_loss(reader, end);
}

/* --- all of it -------------------------------------------------------------------------- */

static const char *read_dump(struct reader *reader)
{
	const char *wrong;
	unsigned int i;

	dump_each(reader->dump, &(struct dump_wanted) {
		.bytes = DUMP_MAGIC, .align = DUMP_ALIGN, .found = take_anchor, .arg = reader,
	});
	if (!reader->anchor.self)
		return format_words("%s",
			"the dump has no records of oomwatch: the module was not loaded, or the dump lacks the kernel's own pages");
	if (reader->wrong)
		return reader->wrong;
	for (i = 0; i < RING_LANES; i++) {
		wrong = read_lane(reader, i, &reader->lane[i]);
		if (wrong)
			return wrong;
	}
	put_stream(reader);
	return reader->wrong;
}

/* Writes the records of the dump. Returns what is wrong with it, or NULL. */
static const char *write_records(int fd, int records)
{
	struct reader reader = { .to = fdopen(records, "w") };
	const char *wrong;
	struct dump *dump;

	if (!reader.to)
		die_no_memory();
	dump = dump_open(fd, &wrong);
	if (dump) {
		reader.dump = dump;
		wrong = read_dump(&reader);
	}
	if (ferror(reader.to) || fclose(reader.to))
		die(EXIT_FAILED, "no memory for the records of the dump: %s", why_not(errno));
	return wrong;
}

static int new_memory(void)
{
	int fd = memfd_create("oomwatch", MFD_CLOEXEC);

	if (fd < 0)
		die(EXIT_FAILED, "no memory for the records of the dump: %s", why_not(errno));
	return fd;
}

/* A process of its own reads the dump, as the library for compressed ones may crash. */
static void read_apart(int fd, int records, int message)
{
	const char *wrong = write_records(fd, records);

	_exit(wrong && write(message, wrong, strlen(wrong)) < 0 ? EXIT_FAILED : EXIT_FINE);
}

/* What that process has said; NULL: nothing. */
static const char *read_message(int message)
{
	char text[512];
	ssize_t len = pread(message, text, sizeof(text), 0);

	return len > 0 ? format_words("%.*s", (int)len, text) : NULL;
}

/* Makes *fd the records, if it is a dump. Returns what is wrong with it, or NULL. */
const char *vmcore_begin(int *fd)
{
	int records, message, status;
	const char *wrong;
	pid_t pid;

	if (!dump_is_in(*fd))
		return NULL;
	records = new_memory();
	message = new_memory();
	fflush(NULL);
	pid = fork();
	if (!pid)
		read_apart(*fd, records, message);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die(EXIT_FAILED, "the dump: %s", why_not(errno));
	/* It has said why. */
	if (WIFEXITED(status) && WEXITSTATUS(status))
		exit(WEXITSTATUS(status));
	wrong = WIFSIGNALED(status) ?
		format_words("the dump is damaged: its reader died of signal %d (%s)",
			     WTERMSIG(status), strsignal(WTERMSIG(status))) :
		read_message(message);
	lseek(records, 0, SEEK_SET);
	close(message);
	close(*fd);
	*fd = records;
	return wrong;
}
