// SPDX-License-Identifier: GPL-2.0
/* why: explains a kill in sentences, see explain.c. */
#include "command.h"
#include "kill.h"
#include "terminal.h"

static void put_paragraph(const struct prose *prose __attribute__((unused)), const char *text)
{
	putchar('\n');
	put_wrapped(stdout, text, 0);
}

static int run_why(const struct options *options)
{
	struct prose prose = { .put = put_paragraph };
	struct capture capture = { };
	const struct episode *episode;

	words_scope();
	capture_read(&capture, options);
	episode = chosen_episode(&capture, options);
	printf("%sOOM kill %s%s, %s\n", style(STYLE_BOLD),
	       words_kill_id(episode->stream, episode->id), style(STYLE_PLAIN),
	       words_when(episode));
	explain(&prose, &capture, episode);
	return capture_finish(&capture);
}

const struct command command_why = {
	.name = "why",
	.what = "explain in sentences what led to a kill, and what would have spared the victim",
	.run = run_why,
	.takes = TAKES(&option_file),
	.argument = MAYBE_ID,
};
