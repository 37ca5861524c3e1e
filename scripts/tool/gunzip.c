// SPDX-License-Identifier: GPL-2.0
/* Reads a file that gzip wrote, by the program gzip: so there is no library to build with. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stream.h"
#include "tool.h"

bool is_gzip(const __u8 *bytes, size_t len)
{
	return len >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

/* Makes *fd the unpacked file. Returns the process that unpacks it; 0: the file isn't packed. */
pid_t gunzip_begin(int *fd)
{
	__u8 magic[2];
	int ends[2];
	pid_t pid;

	/* pread() fails on a pipe. */
	if (pread(*fd, magic, 2, 0) != 2 || !is_gzip(magic, 2))
		return 0;
	if (pipe(ends))
		die(EXIT_FAILED, "gzip can't be run: %s", why_not(errno));
	pid = fork();
	if (pid < 0)
		die(EXIT_FAILED, "gzip can't be run: %s", why_not(errno));
	if (!pid) {
		dup2(*fd, STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execlp("gzip", "gzip", "-dcq", NULL);
		_exit(127);
	}
	close(ends[1]);
	close(*fd);
	*fd = ends[0];
	return pid;
}

/* Call it after the descriptor is closed. Returns what went wrong, or NULL. */
const char *gunzip_end(pid_t pid)
{
	int status;

	if (!pid || waitpid(pid, &status, 0) < 0)
		return NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return "gzip, which unpacks it, can't be run; install it";
	return WIFEXITED(status) && WEXITSTATUS(status) ?
		"gzip can't unpack all of it; another copy of the file may be whole" : NULL;
}
