// SPDX-License-Identifier: GPL-2.0
/* Finds what a misspelt word may have been meant to be. */
#include <string.h>

#include "tool.h"
#include "words.h"

/* No command or option is longer. */
#define LONGEST 31

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The number of letters to insert, remove or replace that makes b of a. Two letters in the wrong
 * order count as one.
 */
static size_t distance(const char *a, const char *b)
{
	size_t d[LONGEST + 1][LONGEST + 1], i, j, len = strlen(a), other = strlen(b);

	for (i = 0; i <= len; i++)
		d[i][0] = i;
	for (j = 0; j <= other; j++)
		d[0][j] = j;
	for (i = 1; i <= len; i++) {
		for (j = 1; j <= other; j++) {
			d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
					d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[len][other];
}

/* A word is similar if at least half of its letters are right. */
const char *words_nearest(const char *word, const char *mark, const char *(*name)(size_t i))
{
	size_t i, far, least_far = strlen(word) / 2 + 1;
	const char *nearest = NULL;

	if (strlen(word) > LONGEST)
		return "; ";
	for (i = 0; name(i); i++) {
		if (strlen(name(i)) > LONGEST)
			continue;
		far = distance(word, name(i));
		if (far >= least_far)
			continue;
		least_far = far;
		nearest = name(i);
	}
	return nearest ? format_words("; did you mean %s%s? ", mark, nearest) : "; ";
}
