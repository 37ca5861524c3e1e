// SPDX-License-Identifier: GPL-2.0
/* Messages and memory. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"
#include "tool.h"

/* In a file or a journal a message is one line. */
static void __attribute__((format(printf, 1, 0))) vcomplain(const char *fmt, va_list ap)
{
	static const char name[] = "oomwatch: ";
	char *text = NULL;
	va_list again;

	fflush(stdout);
	va_copy(again, ap);
	fputs(name, stderr);
	if (isatty(STDERR_FILENO) && vasprintf(&text, fmt, again) < 0)
		text = NULL;
	va_end(again);
	if (text) {
		put_wrapped(stderr, text, strlen(name));
	} else {
		vfprintf(stderr, fmt, ap);
		fputc('\n', stderr);
	}
	free(text);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
}

const char *why_not(int error)
{
	static const struct { int error; const char *words; } ways[] = {
		{ ENOENT, "No such file or directory; look at its name" },
		{ EACCES, "Permission denied; run oomwatch as root, or as a user who may" },
		{ EPERM, "Operation not permitted; run oomwatch as root" },
		{ ENOTDIR, "Not a directory; look at the path" },
		{ ENOSPC, "No space left on device; make room, or name another file" },
		{ EDQUOT, "Disk quota exceeded; make room, or name another file" },
		{ EROFS, "Read-only file system; name a file on another one" },
		{ ELOOP, "It is a symbolic link; name the file itself" },
		{ EMFILE, "Too many open files; raise the limit: ulimit -n" },
		{ EIO, "Input/output error; dmesg tells what the kernel says of it" },
		{ ENOMEM, "Out of memory; end other programs, and try again" },
		{ EAGAIN, "Too many processes; end some, or raise the limit: ulimit -u" },
	};
	size_t i;

	for (i = 0; i < sizeof(ways) / sizeof(*ways); i++)
		if (ways[i].error == error)
			return ways[i].words;
	return strerror(error);
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
		die(EXIT_FAILED, "out of memory; end other programs, and try again");
	return memory;
}

/* The size doubles when nr is a power of two; between these there is room already. */
void *grow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = reallocarray(array, nr ? 2 * nr : 1, size);
	if (!array)
		die(EXIT_FAILED, "out of memory; end other programs, and try again");
	return array;
}

char *copy_string(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		die(EXIT_FAILED, "out of memory; end other programs, and try again");
	return copy;
}

char *copy_bytes(struct bytes bytes)
{
	char *copy = strndup((const char *)bytes.at, bytes.len);

	if (!copy)
		die(EXIT_FAILED, "out of memory; end other programs, and try again");
	return copy;
}
