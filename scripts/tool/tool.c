// SPDX-License-Identifier: GPL-2.0
/* Messages and memory. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

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
