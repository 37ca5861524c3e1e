// SPDX-License-Identifier: GPL-2.0
/* Messages and memory. */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"
#include "tool.h"

bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);

	return len >= end_len && !strcmp(s + len - end_len, end);
}

/* A message may have the name of a file or an argument, which may be made to control a terminal. */
static char *escape_controls(const char *text)
{
	char *escaped = malloc(4 * strlen(text) + 1), *to = escaped;

	for (; escaped && *text; text++)
		if (*text >= ' ' && *text < 0x7f)
			*to++ = *text;
		else
			to += sprintf(to, "\\x%02x", (unsigned char)*text);
	if (escaped)
		*to = 0;
	return escaped;
}

/* In a file or a journal a message is one line. */
static void __attribute__((format(printf, 1, 0))) vcomplain(const char *fmt, va_list ap)
{
	static const char name[] = "oomwatch: ";
	char *text, *escaped = NULL;

	fflush(stdout);
	if (vasprintf(&text, fmt, ap) >= 0) {
		escaped = escape_controls(text);
		free(text);
	}
	fputs(name, stderr);
	/* What cannot be escaped is not said. */
	if (escaped && isatty(STDERR_FILENO))
		put_wrapped(stderr, escaped, strlen(name));
	else
		fprintf(stderr, "%s\n", escaped ?: why_not(ENOMEM));
	free(escaped);
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

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i].error == error)
			return ways[i].words;
	return strerror(error);
}

int stdout_finish(void)
{
	static bool said;
	/* Why an earlier write failed is not known any more. */
	bool failed = ferror(stdout);
	int error = fflush(stdout) && !failed ? errno : 0;

	if (!failed && !error)
		return EXIT_FINE;
	if (!said)
		complain("standard output: %s", error ? why_not(error) :
			 NOT_ALL);
	said = true;
	return EXIT_FAILED;
}

void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	exit(status);
}

void die_no_memory(void)
{
	die(EXIT_FAILED, "%s", why_not(ENOMEM));
}

void *allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die_no_memory();
	return memory;
}

FILE *text_begin(char **text, size_t *size)
{
	FILE *to = open_memstream(text, size);

	if (!to)
		die_no_memory();
	return to;
}

void text_end(FILE *to)
{
	bool failed = ferror(to);

	if (fclose(to) || failed)
		die_no_memory();
}

/* The size doubles when nr is a power of two; between these there is room already. */
void *grow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	array = reallocarray(array, nr ? 2 * nr : 1, size);
	if (!array)
		die_no_memory();
	return array;
}

char *copy_string(const char *string)
{
	char *copy = strdup(string);

	if (!copy)
		die_no_memory();
	return copy;
}

char *copy_bytes(struct bytes bytes)
{
	char *copy = strndup((const char *)bytes.at, bytes.len);

	if (!copy)
		die_no_memory();
	return copy;
}
