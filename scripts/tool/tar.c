// SPDX-License-Identifier: GPL-2.0
/* An archive of plain files, in the format ustar of POSIX. */
#include <assert.h>
#include <string.h>

#include "tar.h"

#define BLOCK 512

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

static_assert(sizeof(struct header) == BLOCK, "header");

static void put_zeros(FILE *to, size_t n)
{
	while (n--)
		fputc('\0', to);
}

/* A name has less than 100 bytes. */
void tar_file(FILE *to, const char *name, const void *bytes, size_t len, time_t when)
{
	struct header header = {
		.mode = "0000600", .uid = "0000000", .gid = "0000000", .type = '0',
		.magic = "ustar", .version = { '0', '0' },
	};
	const unsigned char *byte = (const void *)&header;
	unsigned int sum = 0;
	size_t i;

	snprintf(header.name, sizeof(header.name), "%s", name);
	snprintf(header.size, sizeof(header.size), "%011llo", (unsigned long long)len);
	snprintf(header.mtime, sizeof(header.mtime), "%011llo", (unsigned long long)when);
	/* The sum is of a header whose sum is of spaces. */
	memset(header.sum, ' ', sizeof(header.sum));
	for (i = 0; i < BLOCK; i++)
		sum += byte[i];
	snprintf(header.sum, sizeof(header.sum), "%06o", sum);
	fwrite(&header, 1, sizeof(header), to);
	fwrite(bytes, 1, len, to);
	put_zeros(to, -len % BLOCK);
}

void tar_end(FILE *to)
{
	put_zeros(to, 2 * BLOCK);
}
