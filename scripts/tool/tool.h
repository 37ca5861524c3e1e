/* SPDX-License-Identifier: GPL-2.0 */
/* Messages, memory and files. */
#ifndef TOOL_H
#define TOOL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "record.h"

/* Exit codes, see the manual. */
enum {
	EXIT_FINE,
	EXIT_FAILED,		/* something else, such as a file that can't be read */
	EXIT_USAGE,
	EXIT_NO_MODULE,
	EXIT_DAMAGED,		/* what could be read was shown */
	EXIT_NO_KILL,		/* no such record */
};

void die(int status, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Memory, zeroed; without it the program ends. */
void *allocate(size_t size);
/* Room for one more than nr. */
void *grow(void *array, size_t nr, size_t size);

/* Copies; free() them. */
char *copy_bytes(struct bytes bytes);
char *copy_string(const char *string);

/* A file, written beside its place so that none is left half done; "-": standard output. */
FILE *file_begin(const char *path, unsigned int mode);
void file_finish(FILE *to, const char *path);

#endif /* TOOL_H */
