// SPDX-License-Identifier: GPL-2.0
/* Messages, memory and files. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"
#include "words.h"

static void __attribute__((format(printf, 1, 0))) vcomplain(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("oomwatch: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
}

void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	exit(status);
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die(EXIT_FAILED, "out of memory");
	return memory;
}

/* The size doubles when nr is a power of two; between these there is room already. */
void *grow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = reallocarray(array, nr ? 2 * nr : 1, size);
	if (!array)
		die(EXIT_FAILED, "out of memory");
	return array;
}

char *copy_string(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		die(EXIT_FAILED, "out of memory");
	return copy;
}

char *copy_bytes(struct bytes bytes)
{
	char *copy = strndup((const char *)bytes.at, bytes.len);

	if (!copy)
		die(EXIT_FAILED, "out of memory");
	return copy;
}

/* --- files ---------------------------------------------------------------------- */

static bool is_stdout(const char *path) { return !strcmp(path, "-"); }

FILE *file_begin(const char *path, unsigned int mode)
{
	const char *part = format_words("%s.part", path);
	FILE *to = NULL;
	int fd;

	words_scope();
	if (is_stdout(path))
		return stdout;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd >= 0)
		to = fdopen(fd, "w");
	if (!to)
		die(EXIT_FAILED, "%s: %s", part, strerror(errno));
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
	die(EXIT_FAILED, "%s: %s", path, strerror(error));
}
