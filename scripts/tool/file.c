// SPDX-License-Identifier: GPL-2.0
/* Files that are written whole, or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"
#include "words.h"

bool is_stdout(const char *path)
{
	return !strcmp(path, "-");
}

/* Renaming a file to a device or a link would take its place: root would have no /dev/null more. */
static void refuse_others(const char *path)
{
	struct stat it;

	if (lstat(path, &it) || S_ISREG(it.st_mode))
		return;
	if (S_ISDIR(it.st_mode))
		die(EXIT_FAILED, "%s: it is a folder; name a file in it", path);
	if (S_ISLNK(it.st_mode))
		die(EXIT_FAILED, "%s: %s", path, why_not(ELOOP));
	die(EXIT_FAILED, "%s: it is not a file; name one, or write to standard output: -o -", path);
}

static const char *why_not_made(const char *path, int error)
{
	const char *slash = strrchr(path, '/');

	if (error != ENOENT || !slash)
		return why_not(error);
	return format_words("there is no folder %.*s; make it, or name another file",
			    (int)(slash - path), path);
}

FILE *file_begin(const char *path, unsigned int mode)
{
	const char *part = format_words("%s.part", path);
	FILE *to = NULL;
	int fd, error;

	words_scope();
	if (is_stdout(path))
		return stdout;
	refuse_others(path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0)
		to = fdopen(fd, "w");
	error = errno;
	if (!to)
		die(EXIT_FAILED, "%s: %s", error == ENOENT ? path : part,
		    why_not_made(path, error));
	return to;
}

void file_finish(FILE *to, const char *path)
{
	const char *part = format_words("%s.part", path);
	bool failed = fflush(to) || ferror(to);
	int error;

	words_scope();
	if (!is_stdout(path))
		failed = failed || fsync(fileno(to)) || fclose(to) || rename(part, path);
	if (!failed)
		return;
	error = errno;
	if (!is_stdout(path))
		unlink(part);
	die(EXIT_FAILED, "%s: %s", path, why_not(error));
}
