// SPDX-License-Identifier: GPL-2.0
/* why: a kill in sentences, see explain.c. */
#include "command.h"
#include "tool.h"

static int run_why(const struct options *options)
{
	struct paragraphs words = { };
	struct capture capture = { };
	const struct episode *episode;
	size_t i;

	capture_read(&capture, options->file);
	episode = chosen_episode(&capture, options);
	printf("%sOOM kill %llu%s, %s\n", style(STYLE_BOLD), episode->id, style(STYLE_PLAIN),
	       words_time(episode_ns(episode)));
	explain(&words, &capture, episode);
	for (i = 0; i < words.nr; i++) {
		putchar('\n');
		put_wrapped(stdout, words.text[i], 0);
	}
	paragraphs_free(&words);
	return capture_finish(&capture);
}

const struct command command_why = {
	.name = "why",
	.what = "what it was that led to it, in sentences",
	.run = run_why,
	.takes = TAKES(&option_file),
	.argument = MAYBE_ID,
};
