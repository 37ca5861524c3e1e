// SPDX-License-Identifier: GPL-2.0
/* Reads a packed file by the program for such files: so there is no library to build with. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream.h"
#include "tool.h"
#include "words.h"

#define MAGIC_MOST 6

static const struct packer {
	const char *name;		/* of the program */
	char magic[MAGIC_MOST + 1];
} packers[] = {
	{ "gzip", "\x1f\x8b" },
	{ "xz", "\xfd\067zXZ" },
	{ "zstd", "\x28\xb5\x2f\xfd" },
	{ "bzip2", "BZh" },
};

const char *packed_by(const __u8 *bytes, size_t len)
{
	const struct packer *packer;

	for (packer = packers; packer < packers + ARRAY_SIZE(packers); packer++)
		if (len >= strlen(packer->magic) &&
		    !memcmp(bytes, packer->magic, strlen(packer->magic)))
			return packer->name;
	return NULL;
}

/* Makes *fd the unpacked file, if it is packed. */
struct unpacking unpack_begin(int *fd)
{
	struct unpacking unpacking = { };
	__u8 magic[MAGIC_MOST];
	ssize_t len = pread(*fd, magic, sizeof(magic), 0);
	int ends[2];

	/* pread() fails on a pipe. */
	unpacking.by = len > 0 ? packed_by(magic, len) : NULL;
	if (!unpacking.by)
		return unpacking;
	if (pipe(ends))
		die(EXIT_FAILED, "%s can't be run: %s", unpacking.by, why_not(errno));
	unpacking.pid = fork();
	if (unpacking.pid < 0)
		die(EXIT_FAILED, "%s can't be run: %s", unpacking.by, why_not(errno));
	if (!unpacking.pid) {
		dup2(*fd, STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execlp(unpacking.by, unpacking.by, "-dcq", NULL);
		_exit(127);
	}
	close(ends[1]);
	close(*fd);
	*fd = ends[0];
	return unpacking;
}

/* Call it after the descriptor is closed. Returns what went wrong, or NULL. */
const char *unpack_end(struct unpacking unpacking)
{
	int status;

	if (!unpacking.by || waitpid(unpacking.pid, &status, 0) < 0)
		return NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return format_words("%s, which unpacks it, can't be run; install it", unpacking.by);
	/* SIGPIPE: no more of it was wanted. */
	if (!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE))
		return NULL;
	return format_words("%s can't unpack all of it; another copy of the file may be whole",
			    unpacking.by);
}
