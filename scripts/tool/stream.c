// SPDX-License-Identifier: GPL-2.0
/* Reads records up to the first damage, and sorts them into episodes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "command.h"
#include "dumpfile.h"
#include "kill.h"
#include "klog.h"
#include "module.h"
#include "stream.h"
#include "tool.h"
#include "words.h"

/* --- a stream of bytes -------------------------------------------------------- */

static const char not_records[] =
	"neither records, as oomwatch save writes them, nor a kernel log with a kill; " WRITE_ONE;

static const char wide[] =
	"a text in UTF-16; iconv -f UTF-16 -t UTF-8 FILE >OTHER makes one that can be read";

static const char piped[] = "a dump of a machine can't be read from a pipe; name its file";

static const char *words_wrong(const __u8 *bytes, size_t len)
{
	const char *by = packed_by(bytes, len);

	if (is_dump(bytes, len))
		return piped;
	if (len > 1 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
		return wide;
	return !by ? not_records :
		format_words("packed by %s, which can't be unpacked from a pipe: %s -dc FILE | oomwatch ... -f -",
			     by, by);
}

/* The magic number tells the byte order, which all other fields depend on. */
static bool is_start(const __u8 *bytes, size_t len, bool *swapped)
{
	struct oomwatch_start start;

	if (len < START_LEAST)
		return false;
	memcpy(&start, bytes, START_LEAST);
	*swapped = start.magic != OOMWATCH_MAGIC;
	return swap_u32(start.magic, *swapped) == OOMWATCH_MAGIC &&
		swap_u16(start.head.type, *swapped) == OOMWATCH_TYPE_START;
}

/* A text that the START record refers to, to free(); NULL: not known. */
static char *start_text(struct oomwatch_ref ref, const __u8 *bytes, size_t len, bool swapped)
{
	__u16 off = swap_u16(ref.off, swapped), text_len = swap_u16(ref.len, swapped);

	return off && off + text_len <= len ?
		copy_bytes((struct bytes) { bytes + off, text_len }) : NULL;
}

static char *host_text(struct oomwatch_ref ref, const __u8 *bytes, size_t len, bool swapped)
{
	char *host = start_text(ref, bytes, len, swapped);

	/* The kernel's own, until somebody sets one. */
	if (!host || strcmp(host, "(none)"))
		return host;
	free(host);
	return NULL;
}

/* Who is recorded: members that the START record may lack. */
static void read_identity(struct stream *stream, const struct oomwatch_start *start,
			  const __u8 *bytes, size_t len)
{
	bool swapped = stream->swapped;

	if (start->load != OOMWATCH_UNKNOWN_U64)
		stream->load = swap_u64(start->load, swapped);
	stream->host = host_text(start->host, bytes, len, swapped);
	stream->version = start_text(start->version, bytes, len, swapped);
	stream->boot = start_text(start->boot, bytes, len, swapped);
	stream->machine = start_text(start->machine, bytes, len, swapped);
}

/* Begins a stream with its START record. */
static void add_stream(struct capture *capture, const __u8 *bytes, size_t len, bool swapped)
{
	struct stream *stream = allocate(sizeof(*stream));
	struct oomwatch_start start = { };
	__u16 fixed;

	memcpy(&start, bytes, sizeof(start.head));
	fixed = swap_u16(start.head.fixed, swapped);
	fixed = fixed < sizeof(start) ? fixed : sizeof(start);
	memcpy(&start, bytes, fixed < len ? fixed : len);
	stream->swapped = swapped;
	stream->page_size = swap_u32(start.page_size, swapped);
	stream->first_seq = swap_u64(start.head.seq, swapped);
	stream->boot_ns = swap_u64(start.head.time_ns, swapped);
	stream->real_ns = swap_u64(start.realtime_ns, swapped);
	stream->release = start_text(start.release, bytes, len, swapped) ?: copy_string("-");
	read_identity(stream, &start, bytes, len);
	if (swap_u16(start.major, swapped) != OOMWATCH_MAJOR)
		capture_damaged(capture, "the records have format %u, but this program reads format %u; use the program that came with that module",
				swap_u16(start.major, swapped), OOMWATCH_MAJOR);
	if (stream->page_size < 1024 || stream->page_size & (stream->page_size - 1)) {
		capture_damaged(capture, "a page size of %u bytes is impossible",
				stream->page_size);
		stream->page_size = 4096;
	}
	capture->streams = grow(capture->streams, capture->nr_streams, sizeof(stream));
	capture->streams[capture->nr_streams++] = stream;
}

static void add_record(struct capture *capture, const __u8 *bytes)
{
	const struct stream *stream = capture->streams[capture->nr_streams - 1];
	struct record *rec;
	const char *wrong;

	rec = record_decode(bytes, stream, &wrong);
	if (!rec) {
		capture_damaged(capture, "a record %s", wrong);
		return;
	}
	if (!record_type_name(rec)) {
		capture->unknown++;
		free(rec);
		return;
	}
	capture->records = grow(capture->records, capture->nr_records, sizeof(rec));
	capture->records[capture->nr_records++] = rec;
}

/* The length of the record at bytes by its head; 0 if it is invalid or exceeds len. */
static size_t length_of(const __u8 *bytes, size_t len, bool swapped)
{
	struct oomwatch_head head;
	__u32 length;

	if (len < sizeof(head))
		return 0;
	memcpy(&head, bytes, sizeof(head));
	length = swap_u32(head.len, swapped);
	return length < sizeof(head) || length % 8 || length > OOMWATCH_RECORD_MAX ||
		length > len ? 0 : length;
}

/* Begins a file, which capture_add() and capture_end() then read. */
void capture_begin(struct capture *capture, const char *name)
{
	capture->names = grow(capture->names, capture->nr_names, sizeof(name));
	capture->names[capture->nr_names++] = name;
	capture->begun = capture->nr_streams;
	capture->had = capture->nr_records;
	capture->read = 0;
	capture->others = 0;
	capture->stopped = false;
	capture->unread = false;
	capture->quoted = false;
}

static bool has_begun(const struct capture *capture)
{
	return capture->nr_streams > capture->begun;
}

/* Whether records begin somewhere in a log. */
static bool has_start(const __u8 *bytes, size_t len)
{
	static const __u32 magics[] = { OOMWATCH_MAGIC, __builtin_bswap32(OOMWATCH_MAGIC) };
	const size_t before = offsetof(struct oomwatch_start, magic);
	const __u8 *at;
	bool swapped;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(magics); i++)
		for (at = bytes; (at = memmem(at, bytes + len - at, &magics[i], 4)); at++)
			if ((size_t)(at - bytes) >= before &&
			    is_start(at - before, bytes + len - at + before, &swapped))
				return true;
	return false;
}

/*
 * Adds the complete records at bytes and returns their length. The rest is the beginning of a
 * record, or damage, after which nothing more is added.
 */
size_t capture_add(struct capture *capture, const __u8 *bytes, size_t len)
{
	size_t used = 0, length;
	bool swapped, start;

	if (capture->log || (!has_begun(capture) && klog_is_text(bytes, len))) {
		if (!capture->stopped && has_start(bytes, len))
			capture_damaged(capture, "records begin within a kernel log: they need a file and a -f of their own");
		return klog_add(capture, bytes, len, false);
	}

	while (used < len && !capture->stopped) {
		start = is_start(bytes + used, len - used, &swapped);
		if (!start && !has_begun(capture)) {
			if (len - used >= START_LEAST)
				capture_damaged(capture, "%s", words_wrong(bytes, len));
			break;
		}
		if (!start)
			swapped = capture->streams[capture->nr_streams - 1]->swapped;
		length = length_of(bytes + used, len - used, swapped);
		if (!length)
			break;
		if (start)
			add_stream(capture, bytes + used, length, swapped);
		else
			add_record(capture, bytes + used);
		if (capture->stopped)
			break;
		used += length;
		capture->read += length;
	}
	return used;
}

void stream_free(struct stream *stream)
{
	free((char *)stream->release);
	free((char *)stream->host);
	free((char *)stream->version);
	free((char *)stream->boot);
	free((char *)stream->machine);
	free(stream);
}

#define QUOTED "a line of the log tells of a kill, but nothing shows that the kernel wrote it, so it is not read; journalctl -k >FILE and dmesg >FILE write lines that are"

static const char *words_none(const struct capture *capture, const __u8 *rest, size_t len)
{
	if (!len)
		return format_words("%s",
			"the file is empty: it has no records, and no kernel log; write it again, as root: oomwatch save FILE or dmesg >FILE");
	return words_other(capture->others) ?: words_wrong(rest, len);
}

static const char *words_not_read(const struct capture *capture, const __u8 *rest, size_t len)
{
	if (capture->unread)
		return UNREAD;
	return capture->quoted ? QUOTED : words_none(capture, rest, len);
}

/* Ends a file. rest is what capture_add() did not take: an incomplete record, or no record. */
void capture_end(struct capture *capture, const __u8 *rest, size_t len)
{
	size_t nr_quiet = capture->nr_quiet;
	struct oomwatch_head head;
	__u32 length;

	words_scope();
	if (capture->log) {
		klog_add(capture, rest, len, true);
		if (capture->nr_quiet > nr_quiet)
			return;
		len = has_begun(capture) ? 0 : 1;
	}
	if (capture->stopped || (!len && has_begun(capture)))
		return;
	if (!has_begun(capture)) {
		capture_damaged(capture, "%s", words_not_read(capture, rest, len));
		return;
	}
	if (len < sizeof(head)) {
		capture_damaged(capture, "cut off within a record");
		return;
	}
	memcpy(&head, rest, sizeof(head));
	length = swap_u32(head.len, capture->streams[capture->nr_streams - 1]->swapped);
	if (length > len && length <= OOMWATCH_RECORD_MAX && length % 8 == 0)
		capture_damaged(capture, "cut off within a record of %u bytes", length);
	else
		capture_damaged(capture, "a record can't be %u %s long", length,
				length == 1 ? "byte" : "bytes");
}

/* --- files ---------------------------------------------------------------------- */

static int open_source(const char **path)
{
	struct stat st;
	int fd;

	if (!*path) {
		*path = OOMWATCH_RECORDS;
		fd = open_records();
		if (fd < 0 && !is_loaded())
			die(EXIT_NO_MODULE, "%s: %s. Without it, %s", OOMWATCH_RECORDS,
			    why_no_file(errno), FROM_LOG);
		if (fd < 0)
			die_without_records(errno);
		return fd;
	}
	if (!strcmp(*path, "-"))
		return STDIN_FILENO;
	fd = open(*path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(EXIT_FAILED, "%s: %s", *path, why_not(errno));
	/* /dev/kmsg: who reads it waits for the next line. */
	if (!fstat(fd, &st) && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 11))
		die(EXIT_FAILED, "%s: it has no end; dmesg >FILE writes what it has, and -f FILE reads that",
		    *path);
	return fd;
}

static ssize_t read_bytes(int fd, __u8 *bytes, size_t size)
{
	return read(fd, bytes, size);
}

/*
 * Whether the rest of a store's file is the beginning of a record: it is being written, or the
 * machine crashed then.
 */
static bool is_unfinished(const struct capture *capture, const __u8 *rest, size_t len)
{
	struct oomwatch_head head;
	__u32 length;

	if (capture->log || !has_begun(capture))
		return !len;
	if (len < sizeof(head))
		return true;
	memcpy(&head, rest, sizeof(head));
	length = swap_u32(head.len, capture->streams[capture->nr_streams - 1]->swapped);
	return length > len && length <= OOMWATCH_RECORD_MAX && length % 8 == 0;
}

/* Reads a whole file, or all that the module holds now (path is NULL). */
static void read_file(struct capture *capture, const char *path, bool of_store)
{
	ssize_t (*reads)(int fd, __u8 *bytes, size_t size) = path ? read_bytes : read_records;
	size_t size = 1 << 16, have = 0, used;
	int fd = open_source(&path);
	struct unpacking unpacks = unpack_begin(&fd);
	const char *wrong = vmcore_begin(&fd);
	__u8 *bytes = allocate(size);
	ssize_t n;

	capture_begin(capture, path);
	while ((n = reads(fd, bytes + have, size - have)) > 0) {
		have += n;
		used = capture_add(capture, bytes, have);
		have -= used;
		memmove(bytes, bytes + used, have);
		if (capture->stopped)
			break;
	}
	if (n < 0 && errno == EISDIR)
		die(EXIT_FAILED, "%s: this is a folder; -f takes a file that oomwatch save wrote, or a kernel log",
		    path);
	if (n < 0 && errno != EAGAIN)
		capture_damaged(capture, "%s", why_not(errno));
	if (fd != STDIN_FILENO)
		close(fd);
	wrong = unpack_end(unpacks) ?: wrong;
	if (wrong && !capture->stopped)
		capture_damaged(capture, "%s", wrong);
	if (!of_store || !is_unfinished(capture, bytes, have))
		capture_end(capture, bytes, have);
	free(bytes);
}

/* What the store has, and what the module holds now, if it is loaded: also of an earlier load. */
static void read_all(struct capture *capture, const struct options *options)
{
	size_t i;

	if (options->store && !options->no_store) {
		capture->store = store_files(options->store);
		store_use(options->store, false);
	}
	if (!capture->store.nr && options->must_store)
		die(EXIT_FAILED, "%s: %s", options->store,
		    errno ? why_not(errno) : "no file of records is there");
	for (i = 0; i < capture->store.nr; i++)
		read_file(capture, capture->store.path[i], true);
	if (!access(OOMWATCH_BEFORE, R_OK))
		read_file(capture, OOMWATCH_BEFORE, false);
	if (is_loaded() || !(capture->store.nr || capture->may_be_none))
		read_file(capture, NULL, false);
}

/* Whether a log has the report, and neither who was killed nor that nobody was. */
static bool is_cut(const struct episode *episode)
{
	return episode->stream->log && episode->oom && !episode->end && !main_victim(episode);
}

/* The last of nr such reports. */
static const char *words_cut(const struct episode *cut, size_t nr)
{
	const char *id = words_kill_id(cut->stream, cut->id), *asked = "", *part = "a part";

	if (comm_known(cut->oom->oom.comm) && cut->oom->oom.order != OOMWATCH_UNKNOWN_S32) {
		asked = format_words(": %s invoked oom-killer", words_comm(cut->oom->oom.comm));
		part = "the beginning";
	}
	return format_words("the kernel log has %s of %s (kill %s%s%s), but no line that tells who was killed; oomwatch why %s%s has what is there, and journalctl -k >FILE may have all of it",
			    part, nr == 1 ? "a report" : format_words("%zu reports, the last", nr),
			    id, words_comma_when(cut), asked, id, words_source());
}

/* A newer report that is cut off must not be passed over for an older one that is whole. */
static void note_cut(struct capture *capture)
{
	char *before = capture->damage;
	const struct episode *cut = NULL;
	size_t i, nr = 0;

	words_scope();
	for (i = 0; i < capture->nr_episodes; i++)
		/* If the log has a kill that is not read, the log's own message tells of that. */
		if (is_cut(&capture->episodes[i]) && !capture->episodes[i].stream->unread) {
			cut = &capture->episodes[i];
			nr++;
		}
	if (!cut)
		return;
	capture->damage = copy_string(format_words("%s%s%s", before ?: "", before ? "; " : "",
						   words_cut(cut, nr)));
	free(before);
}

void capture_read(struct capture *capture, const struct options *options)
{
	size_t i;

	words_scope();
	if (!options->nr_files)
		read_all(capture, options);
	for (i = 0; i < options->nr_files; i++)
		read_file(capture, options->files[i], false);
	capture_unite(capture);
	capture_sort(capture);
	note_cut(capture);
}

void capture_free(struct capture *capture)
{
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		free(capture->records[i]);
	for (i = 0; i < capture->nr_streams; i++)
		stream_free(capture->streams[i]);
	store_free(&capture->store);
	free(capture->names);
	free(capture->episodes);
	free(capture->nobody);
	free(capture->sorted);
	free(capture->records);
	free(capture->streams);
	free(capture->damage);
	*capture = (struct capture) { };
}

const char *words_quiet(const struct capture *capture)
{
	const char *begins = "", *others;

	if (!capture->nr_quiet || capture->nr_records)
		return NULL;
	others = words_quiet_others(capture->quiet_others);
	if (capture->nr_quiet > 1)
		return format_words("the kernel logs have no report of the OOM killer%s; look for older ones: journalctl -k -b -1 >FILE, or /var/log/kern.log.1",
				    others);
	if (capture->quiet_from_ns != OOMWATCH_UNKNOWN_U64)
		begins = format_words(". Its beginning is missing: the first line is of %s after boot; journalctl -k -b >FILE may have more",
				      words_duration(capture->quiet_from_ns));
	return format_words("%s: the kernel log has no report of the OOM killer%s%s; look for an older one: journalctl -k -b -1 >FILE, or /var/log/kern.log.1",
			    words_escaped(comm_bytes(capture->quiet)), others, begins);
}

/* Called last, so that messages about damage come after what could be shown. */
int capture_finish(struct capture *capture)
{
	int status;

	words_scope();
	status = stdout_finish();
	if (words_quiet(capture))
		complain("%s", words_quiet(capture));
	if (capture->nr_gone)
		complain("%s no kill, and not here: the process that the kernel had chosen was exiting already",
			 plural(capture->nr_gone, "report of the log is",
				"reports of the log are"));
	if (capture->unknown)
		complain("%s of a type that this version of oomwatch does not know; a newer one shows them",
			 plural(capture->unknown, "record is", "records are"));
	if (capture->damage) {
		complain("%s", capture->damage);
		status = EXIT_DAMAGED;
	}
	capture_free(capture);
	return status;
}
