// SPDX-License-Identifier: GPL-2.0
/* Reads dumps that makedumpfile has compressed, by libkdumpfile if the program is built with it. */
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBKDUMPFILE
#include <libkdumpfile/kdumpfile.h>
#endif

#include "dumpfile.h"
#include "tool.h"
#include "words.h"
#include "core/dump.h"

#ifdef HAVE_LIBKDUMPFILE
#define PAGE_MOST 0x100000

struct compressed {
	kdump_ctx_t *context;
	kdump_bmp_t *pages;		/* those that the dump has */
	size_t page_size;
};

static kdump_status open_context(struct compressed *dump, int fd)
{
	kdump_attr_t pages = { .type = KDUMP_BITMAP };
	kdump_num_t size;
	kdump_status status;

	status = kdump_open_fd(dump->context, fd);
	if (status == KDUMP_OK)
		status = kdump_get_number_attr(dump->context, KDUMP_ATTR_PAGE_SIZE, &size);
	if (status == KDUMP_OK)
		status = kdump_get_typed_attr(dump->context, KDUMP_ATTR_FILE_PAGEMAP, &pages);
	if (status != KDUMP_OK)
		return status;
	dump->page_size = size;
	dump->pages = pages.val.bitmap;
	return size >= DUMP_ALIGN && size <= PAGE_MOST ? KDUMP_OK : KDUMP_ERR_CORRUPT;
}

struct compressed *compressed_open(int fd, const char **wrong)
{
	struct compressed *dump = allocate(sizeof(*dump));
	const char *why;

	dump->context = kdump_new();
	if (dump->context && open_context(dump, fd) == KDUMP_OK)
		return dump;
	why = dump->context ? kdump_get_err(dump->context) : NULL;
	*wrong = format_words("libkdumpfile can't read this dump%s%s", why ? ": " : "",
			      why ? words_escaped(comm_bytes(why)) : "");
	compressed_close(dump);
	return NULL;
}

void compressed_close(struct compressed *dump)
{
	if (dump->context)
		kdump_free(dump->context);
	free(dump);
}

bool compressed_read(const struct compressed *dump, __u64 at, void *to, size_t len)
{
	size_t all = len;

	return kdump_read(dump->context, KDUMP_MACHPHYSADDR, at, to, &len) == KDUMP_OK &&
		len == all;
}

void compressed_each(const struct compressed *dump, const struct dump_wanted *wanted)
{
	__u8 *page = allocate(dump->page_size);
	kdump_addr_t nr;

	for (nr = 0; kdump_bmp_find_set(dump->pages, &nr) == KDUMP_OK; nr++)
		if (compressed_read(dump, nr * dump->page_size, page, dump->page_size))
			dump_search(page, dump->page_size, nr * dump->page_size, wanted);
	free(page);
}
#else
struct compressed *compressed_open(int fd __attribute__((unused)), const char **wrong)
{
	*wrong = format_words("%s",
			      "a dump that makedumpfile has compressed, which this program was built without libkdumpfile to read: install libkdumpfile-dev (Debian, Ubuntu) or libkdumpfile-devel (Fedora) and build it again; or have makedumpfile copy /proc/vmcore as ELF (option -E, without -c, -l, -p and -z)");
	return NULL;
}

void compressed_close(struct compressed *dump __attribute__((unused)))
{
}

bool compressed_read(const struct compressed *dump __attribute__((unused)),
		     __u64 at __attribute__((unused)), void *to __attribute__((unused)),
		     size_t len __attribute__((unused)))
{
	return false;
}

void compressed_each(const struct compressed *dump __attribute__((unused)),
		     const struct dump_wanted *wanted __attribute__((unused)))
{
}
#endif
