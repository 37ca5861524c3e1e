// SPDX-License-Identifier: GPL-2.0
/* Files that are read whole, and those that are written whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"
#include "words.h"

char *file_text(int fd, size_t most, size_t *len)
{
	size_t size = 1 << 14;
	char *text = NULL;
	ssize_t n;

	*len = 0;
	do {
		size = size > most / 2 ? most + 1 : 2 * size;
		text = realloc(text, size + 1);
		if (!text)
			die_no_memory();
		while ((n = read(fd, text + *len, size - *len)) > 0)
			*len += n;
	} while (*len == size && size <= most);
	text[*len] = '\0';
	if (!n && *len <= most)
		return text;
	if (n >= 0)
		errno = EFBIG;
	free(text);
	return NULL;
}

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

/* The file that is being written; NULL: none is. */
static char *unfinished;

/* A program that ends early leaves no part of a file. */
static void remove_unfinished(void)
{
	if (unfinished)
		unlink(unfinished);
}

FILE *file_begin(const char *path, unsigned int mode)
{
	const char *part;
	FILE *to = NULL;
	int fd, error;

	words_scope();
	part = format_words("%s.part", path);
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
	unfinished = copy_string(part);
	atexit(remove_unfinished);
	return to;
}

void file_finish(FILE *to, const char *path)
{
	/* Why an earlier write failed is not known any more. */
	bool lost = ferror(to), failed = fflush(to) || lost;

	if (!is_stdout(path))
		failed = failed || fsync(fileno(to)) || fclose(to) || rename(unfinished, path);
	if (failed)
		die(EXIT_FAILED, "%s: %s", path, lost ? NOT_ALL : why_not(errno));
	free(unfinished);
	unfinished = NULL;
}
