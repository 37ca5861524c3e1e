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
	EXIT_FAILED,		/* any other error, such as a file that can't be read */
	EXIT_USAGE,
	EXIT_NO_MODULE,
	EXIT_DAMAGED,		/* something is damaged or no record; the rest was shown */
	EXIT_NO_KILL,		/* the kill asked for is not recorded */
};

void die(int status, const char *fmt, ...) __attribute__((noreturn, format(printf, 2, 3)));
void die_no_memory(void);
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* An error of a system call in words, with what to do about it. */
const char *why_not(int error);

bool ends_with(const char *s, const char *end);

/* For qsort(). */
static inline int cmp_u64(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

/* Zeroed memory. Ends the program if there is none. */
void *allocate(size_t size);
/* Makes room for element nr of an array that grows one element at a time. */
void *grow(void *array, size_t nr, size_t size);

/* A stream to memory, to free(). Ends the program if there is not enough. */
FILE *text_begin(char **text, size_t *size);
void text_end(FILE *to);

/* Copies; free() them. */
char *copy_bytes(struct bytes bytes);
char *copy_string(const char *string);

/*
 * All that a file has from here on, to free(), with a '\0' after it. NULL and errno if it can't be
 * read; EFBIG if it has more than most bytes.
 */
char *file_text(int fd, size_t most, size_t *len);

/* A path of "-" is standard output. */
bool is_stdout(const char *path);
#define NOT_ALL "not all of it could be written"
/* Says it once if not all could be written there. Returns the program's exit status for that. */
int stdout_finish(void);
/* Writes a file as PATH.part and renames it at the end: no reader sees an incomplete one. */
FILE *file_begin(const char *path, unsigned int mode);
void file_finish(FILE *to, const char *path);

#endif /* TOOL_H */
