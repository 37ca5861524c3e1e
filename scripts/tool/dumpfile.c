// SPDX-License-Identifier: GPL-2.0
/*
 * Reads dumps of a machine's memory: ELF files, as kdump's /proc/vmcore and QEMU's
 * dump-guest-memory make them, and by compressed.c those that makedumpfile has compressed.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/elf.h>

#include "dumpfile.h"
#include "stream.h"
#include "tool.h"
#include "words.h"

/* Bytes of memory that follow each other in the file. */
struct segment {
	__u64 at, len, offset;
};

struct dump {
	int fd;
	struct compressed *compressed;	/* NULL: an ELF file, with: */
	struct segment *segments;
	size_t nr;
};

#define SEGMENTS_MOST 65534u

static bool begins(const __u8 *bytes, size_t len, const char *with)
{
	return len >= strlen(with) && !memcmp(bytes, with, strlen(with));
}

bool is_dump(const __u8 *bytes, size_t len)
{
	return begins(bytes, len, ELFMAG) || begins(bytes, len, "KDUMP   ") ||
		begins(bytes, len, "makedumpfile");
}

static bool read_at(int fd, __u64 offset, void *to, size_t len)
{
	__u8 *at = to;
	ssize_t n;

	while (len) {
		n = offset <= INT64_MAX ? pread(fd, at, len, offset) : -1;
		if (n <= 0)
			return false;
		at += n;
		len -= n;
		offset += n;
	}
	return true;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_ORDER ELFDATA2LSB
#else
#define HOST_ORDER ELFDATA2MSB
#endif

/* --- the headers of an ELF file ------------------------------------------------------------ */

static const char cut_off[] = "the dump is cut off";
static const char headers_damaged[] = "the headers of the dump are damaged";

static void add_segment(struct dump *dump, const struct elf64_phdr *header, bool swapped)
{
	struct segment *segment;

	dump->segments = grow(dump->segments, dump->nr, sizeof(*dump->segments));
	segment = &dump->segments[dump->nr++];
	*segment = (struct segment) {
		.at = swap_u64(header->p_paddr, swapped),
		.len = swap_u64(header->p_filesz, swapped),
		.offset = swap_u64(header->p_offset, swapped),
	};
}

/* The dump of a program has no physical addresses: all are 0, or -1. */
static bool has_addresses(const struct dump *dump)
{
	size_t i;

	for (i = 1; i < dump->nr; i++)
		if (dump->segments[i].at != dump->segments[0].at)
			return true;
	return dump->nr == 1 && dump->segments[0].at != ~0ULL;
}

static const char *check_segments(const struct dump *dump)
{
	const struct segment *segment;
	struct stat file;
	__u64 all = 0;

	if (!dump->nr)
		return "the dump has no memory in it";
	if (!has_addresses(dump))
		return format_words("%s",
			"the dump does not tell physical addresses: it is that of a program, not of a machine");
	if (fstat(dump->fd, &file))
		return why_not(errno);
	for (segment = dump->segments; segment < dump->segments + dump->nr; segment++) {
		if (segment->at + segment->len < segment->at ||
		    segment->offset + segment->len < segment->offset)
			return headers_damaged;
		if (segment->offset + segment->len > (__u64)file.st_size)
			return cut_off;
		all += segment->len;
		/* kdump has the memory of the kernel's text twice. */
		if (all > 2 * (__u64)file.st_size)
			return headers_damaged;
	}
	return NULL;
}

static const char *read_headers(struct dump *dump)
{
	struct elf64_phdr header;
	struct elf64_hdr elf;
	bool swapped;
	__u64 offset;
	unsigned int nr;

	if (!read_at(dump->fd, 0, &elf, sizeof(elf)))
		return cut_off;
	if (elf.e_ident[EI_CLASS] != ELFCLASS64)
		return "an ELF file of 32 bits, which this program can't read";
	swapped = elf.e_ident[EI_DATA] != HOST_ORDER;
	if (swap_u16(elf.e_type, swapped) != ET_CORE)
		return "an ELF file, but not a dump, so it has no records; " WRITE_ONE;
	offset = swap_u64(elf.e_phoff, swapped);
	nr = swap_u16(elf.e_phnum, swapped);
	if (nr > SEGMENTS_MOST || swap_u16(elf.e_phentsize, swapped) != sizeof(header))
		return "the dump has headers that this program can't read";
	for (; nr; nr--, offset += sizeof(header)) {
		if (!read_at(dump->fd, offset, &header, sizeof(header)))
			return cut_off;
		if (swap_u32(header.p_type, swapped) == PT_LOAD && header.p_filesz)
			add_segment(dump, &header, swapped);
	}
	return check_segments(dump);
}

/* --- memory ----------------------------------------------------------------------------- */

bool dump_is_in(int fd)
{
	__u8 magic[16];

	/* pread() fails on a pipe. */
	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) && is_dump(magic, sizeof(magic));
}

struct dump *dump_open(int fd, const char **wrong)
{
	struct dump *dump;
	__u8 magic[16];

	*wrong = NULL;
	if (!read_at(fd, 0, magic, sizeof(magic)))
		*wrong = cut_off;
	else if (begins(magic, sizeof(magic), "makedumpfile"))
		*wrong = format_words("%s",
				      "a dump that makedumpfile has flattened (-F): makedumpfile -R DUMP <FILE makes a dump of it");
	if (*wrong)
		return NULL;
	dump = allocate(sizeof(*dump));
	dump->fd = fd;
	if (begins(magic, sizeof(magic), "KDUMP   "))
		dump->compressed = compressed_open(fd, wrong);
	else
		*wrong = read_headers(dump);
	if (!*wrong)
		return dump;
	dump_close(dump);
	return NULL;
}

void dump_close(struct dump *dump)
{
	if (dump->compressed)
		compressed_close(dump->compressed);
	free(dump->segments);
	free(dump);
}

static const struct segment *find_segment(const struct dump *dump, __u64 at)
{
	const struct segment *segment = dump->segments;

	for (; segment < dump->segments + dump->nr; segment++)
		if (at >= segment->at && at - segment->at < segment->len)
			return segment;
	return NULL;
}

/* A dump that is made to waste time has small ones. */
#define SEGMENTS_AT_ONCE 16

bool dump_read(const struct dump *dump, __u64 at, void *to, size_t len)
{
	const struct segment *segment;
	size_t piece, done, i;

	if (dump->compressed)
		return compressed_read(dump->compressed, at, to, len);
	for (i = done = 0; done < len && i < SEGMENTS_AT_ONCE; i++, done += piece) {
		segment = find_segment(dump, at + done);
		if (!segment)
			return false;
		piece = segment->len - (at + done - segment->at);
		piece = piece < len - done ? piece : len - done;
		if (!read_at(dump->fd, segment->offset + (at + done - segment->at),
			     (__u8 *)to + done, piece))
			return false;
	}
	return done == len;
}

void dump_search(const __u8 *memory, size_t len, __u64 at, const struct dump_wanted *wanted)
{
	size_t i;

	for (i = 0; i + strlen(wanted->bytes) <= len; i += wanted->align)
		if (!memcmp(memory + i, wanted->bytes, strlen(wanted->bytes)))
			wanted->found(at + i, wanted->arg);
}

/* A MiB, as most of the memory has nothing to find. */
#define PIECE 0x100000

void dump_each(const struct dump *dump, const struct dump_wanted *wanted)
{
	const struct segment *segment = dump->segments;
	__u64 skip, len;
	__u8 *piece;

	if (dump->compressed) {
		compressed_each(dump->compressed, wanted);
		return;
	}
	piece = allocate(PIECE);
	for (; segment < dump->segments + dump->nr; segment++)
		for (skip = -segment->at % wanted->align; skip < segment->len; skip += PIECE) {
			len = segment->len - skip < PIECE ? segment->len - skip : PIECE;
			if (read_at(dump->fd, segment->offset + skip, piece, len))
				dump_search(piece, len, segment->at + skip, wanted);
		}
	free(piece);
}
