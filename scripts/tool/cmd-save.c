// SPDX-License-Identifier: GPL-2.0
/* save: writes the records that the module holds now to a file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "module.h"
#include "tool.h"
#include "words.h"

static int run_save(const struct options *options)
{
	words_scope();

	__u8 *bytes = allocate(1 << 16);
	__u64 total = 0;
	ssize_t n;
	FILE *to;
	int from;

	from = open_records();
	if (from < 0)
		die_without_records(errno);
	to = file_begin(options->output, 0600);
	while ((n = read_records(from, bytes, 1 << 16)) > 0) {
		fwrite(bytes, 1, n, to);
		total += n;
	}
	if (n < 0 && errno != EAGAIN)
		die(EXIT_FAILED, "%s: %s", OOMWATCH_RECORDS, why_not(errno));
	file_finish(to, options->output);
	close(from);
	free(bytes);
	if (!is_stdout(options->output))
		printf("%s saved to %s\n", plural(total, "byte", "bytes"),
		       words_escaped(comm_bytes(options->output)));
	return EXIT_FINE;
}

const struct command command_save = {
	.name = "save",
	.what = "write all records to FILE; other commands read it with -f FILE, on any machine",
	.run = run_save,
	.argument = FILE_NAME,
};
