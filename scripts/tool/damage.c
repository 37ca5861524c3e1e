// SPDX-License-Identifier: GPL-2.0
/* What is wrong with a file that is read. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "stream.h"
#include "tool.h"
#include "words.h"

static const char *name_of(const struct capture *capture)
{
	return capture->names[capture->nr_names - 1];
}

/* Nothing more is read of this file. */
void capture_damaged(struct capture *capture, const char *fmt, ...)
{
	const char *message;
	char *what, *before = capture->damage;
	va_list ap;

	words_scope();
	if (capture->stopped)
		return;
	capture->stopped = true;
	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		die_no_memory();
	va_end(ap);
	message = capture->read ?
		format_words("%s: at byte %llu: %s; read %s before that; another copy may have more",
			     name_of(capture), capture->read, what,
			     plural(capture->nr_records - capture->had, "record", "records")) :
		format_words("%s: %s", name_of(capture), what);
	capture->damage = copy_string(before ? format_words("%s; %s", before, message) : message);
	free(before);
	free(what);
}
