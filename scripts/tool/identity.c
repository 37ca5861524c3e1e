// SPDX-License-Identifier: GPL-2.0
/*
 * Whose records these are. The module begins a stream with the host's name, and with a number of
 * its load. The IDs of the boot and of the machine are known in user space: who reads the module
 * adds them to the START record, so that a file has them, too.
 */
#include <ctype.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kill.h"
#include "module.h"
#include "tool.h"

/* --- what this machine says ---------------------------------------------------------- */

/* Takes 32 hex digits, with or without dashes, and a newline. */
static bool parse_id(const char *text, char *id)
{
	size_t nr = 0;

	for (; *text && *text != '\n'; text++) {
		if (*text == '-')
			continue;
		if (nr == ID_DIGITS || !isxdigit((__u8)*text))
			return false;
		id[nr++] = tolower((__u8)*text);
	}
	id[nr] = '\0';
	return nr == ID_DIGITS;
}

static bool read_id(int fd, char *id)
{
	char text[64] = "";
	bool good;

	good = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && parse_id(text, id);
	if (fd >= 0)
		close(fd);
	return good;
}

/* Containers have a file of their own mounted over the kernel's: that is not this boot's ID. */
bool read_boot_id(char *id)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	struct statfs fs;

	if (fd >= 0 && (fstatfs(fd, &fs) || fs.f_type != PROC_SUPER_MAGIC)) {
		close(fd);
		fd = -1;
	}
	return read_id(fd, id);
}

static bool read_machine_id(char *id)
{
	return read_id(open("/etc/machine-id", O_RDONLY | O_CLOEXEC), id);
}

/* --- the START record ----------------------------------------------------------------- */

/* A module of before has a shorter START record, and one reference in it. */
static size_t lengthen(__u8 *bytes, size_t len)
{
	const size_t more = sizeof(struct oomwatch_start) - START_LEAST;
	struct oomwatch_start start = { };

	memcpy(&start, bytes, START_LEAST);
	memmove(bytes + sizeof(start), bytes + START_LEAST, len - START_LEAST);
	start.head.len += more;
	start.head.fixed += more;
	start.release.off += start.release.off ? more : 0;
	start.load = OOMWATCH_UNKNOWN_U64;
	memcpy(bytes, &start, sizeof(start));
	return len + more;
}

static size_t add_id(__u8 *bytes, size_t len, size_t member, const char *id)
{
	struct oomwatch_head head;
	struct oomwatch_ref ref;

	memcpy(&head, bytes, sizeof(head));
	memmove(bytes + head.len + ID_DIGITS, bytes + head.len, len - head.len);
	memcpy(bytes + head.len, id, ID_DIGITS);
	ref = (struct oomwatch_ref) { head.len, ID_DIGITS };
	memcpy(bytes + member, &ref, sizeof(ref));
	head.len += ID_DIGITS;
	memcpy(bytes, &head, sizeof(head));
	return len + ID_DIGITS;
}

static bool begins_stream(const __u8 *bytes, size_t len)
{
	struct oomwatch_start start;

	if (len < START_LEAST)
		return false;
	memcpy(&start, bytes, START_LEAST);
	return start.magic == OOMWATCH_MAGIC && start.head.type == OOMWATCH_TYPE_START &&
		start.head.len >= start.head.fixed && start.head.len <= len &&
		(start.head.fixed == START_LEAST || start.head.fixed >= sizeof(start));
}

static size_t add_ids(__u8 *bytes, size_t len)
{
	char id[ID_DIGITS + 1];

	if (!begins_stream(bytes, len))
		return len;
	if (((struct oomwatch_head *)bytes)->fixed == START_LEAST)
		len = lengthen(bytes, len);
	if (read_boot_id(id))
		len = add_id(bytes, len, offsetof(struct oomwatch_start, boot), id);
	if (read_machine_id(id))
		len = add_id(bytes, len, offsetof(struct oomwatch_start, machine), id);
	return len;
}

/* As read(), of the module's records: the first that is read after an open gets its IDs. */
ssize_t read_records(int fd, __u8 *bytes, size_t size)
{
	const size_t room = sizeof(struct oomwatch_start) - START_LEAST + 2 * ID_DIGITS;
	ssize_t n;

	/* It is full of what is no record. */
	if (size <= room)
		return read(fd, bytes, size);
	n = read(fd, bytes, size - room);
	return n > 0 ? (ssize_t)add_ids(bytes, n) : n;
}

/* --- words ---------------------------------------------------------------------------- */

const char *words_host(const struct stream *stream)
{
	return stream->host ? words_escaped(comm_bytes(stream->host)) : "-";
}

const char *words_boot(const struct stream *stream)
{
	return stream->boot ? words_escaped(comm_bytes(stream->boot)) : "-";
}

/* A boot is meant by the first digits of its ID, in either of its forms. */
bool boot_begins(const struct stream *stream, const char *digits)
{
	const char *at = stream->boot;

	if (!at)
		return false;
	for (; *digits; digits++) {
		if (*digits == '-')
			continue;
		if (*at++ != tolower((__u8)*digits))
			return false;
	}
	return true;
}

static const char *host_of(const struct stream *stream) { return stream->host ?: ""; }
static const char *boot_of(const struct stream *stream) { return stream->boot ?: ""; }

static bool has_several(const struct capture *capture, const char *(*of)(const struct stream *))
{
	size_t i;

	for (i = 1; i < capture->nr_streams; i++)
		if (strcmp(of(capture->streams[i]), of(capture->streams[0])))
			return true;
	return false;
}

bool has_several_hosts(const struct capture *capture) { return has_several(capture, host_of); }
bool has_several_boots(const struct capture *capture) { return has_several(capture, boot_of); }
