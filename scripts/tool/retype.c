// SPDX-License-Identifier: GPL-2.0
/* Parts of commands in messages, as a person can type them again. */
#include <string.h>

#include "command.h"
#include "words.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_^"

/* As bash reads it: words_escaped() has escaped all that is special there, except a quote. */
static const char *words_quoted(const char *name)
{
	const char *escaped = words_escaped(comm_bytes(name)), *next, *quoted = "";

	for (; (next = strchr(escaped, '\'')); escaped = next + 1)
		quoted = format_words("%s%.*s\\'", quoted, (int)(next - escaped), escaped);
	return format_words("$'%s%s'", quoted, escaped);
}

const char *words_retyped(const char *name)
{
	return *name && !name[strspn(name, PLAIN)] ? format_words("%s", name) : words_quoted(name);
}

const char *words_source(void)
{
	const char *words = "";
	size_t i;

	for (i = 0; i < given.nr_files; i++)
		words = format_words("%s -f %s", words, words_retyped(given.files[i]));
	if (given.must_store)
		words = format_words("%s --store %s", words, words_retyped(given.store));
	return given.no_store ? format_words("%s --no-store", words) : words;
}
