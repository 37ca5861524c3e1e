// SPDX-License-Identifier: GPL-2.0
/* why: explains a kill in sentences, see story.c. */
#include <stdlib.h>

#include "command.h"
#include "kill.h"
#include "terminal.h"
#include "tool.h"

static void put_paragraph(const struct prose *prose __attribute__((unused)), const char *text)
{
	putchar('\n');
	put_wrapped(stdout, text, 0);
}

static void tell_episode(const struct capture *capture, const struct episode *episode)
{
	struct prose prose = { .put = put_paragraph };

	words_scope();
	printf("%s%s%s%s%s\n", style(STYLE_BOLD), words_title(episode), style(STYLE_PLAIN),
	       words_comma_when(episode), has_several_hosts(capture) ?
	       format_words(", host %s", words_host(episode->stream)) : "");
	explain(&prose, capture, episode);
}

/* Returns the kills that are meant, and their number. If one is missing, none is explained. */
static const struct episode **meant(const struct capture *capture, const struct options *options,
				    size_t *nr)
{
	const struct episode **kills = allocate((capture->nr_episodes + options->nr_ids + 1) *
						sizeof(*kills));
	size_t i;

	*nr = 0;
	for (i = 0; options->all && i < capture->nr_episodes; i++)
		if (main_victim(&capture->episodes[i]))
			kills[(*nr)++] = &capture->episodes[i];
	for (i = 0; i < options->nr_ids; i++)
		kills[(*nr)++] = episode_meant(capture, &options->ids[i]);
	/* The newest, or a message that there is none. */
	if (!*nr)
		kills[(*nr)++] = episode_meant(capture, NULL);
	return kills;
}

static int run_why(const struct options *options)
{
	const struct episode **kills;
	struct capture capture = { };
	struct lacks lacks = { };
	size_t i, nr;

	words_scope();
	capture_read(&capture, options);
	kills = meant(&capture, options, &nr);
	for (i = 0; i < nr; i++) {
		if (i)
			printf("\n\n");
		tell_episode(&capture, kills[i]);
		lacks_add(&lacks, kills[i]);
	}
	say_lacks(&lacks);
	free(kills);
	return capture_finish(&capture);
}

const struct command command_why = {
	.name = "why",
	.what = "explain in sentences what led to a kill, and what would have spared the victim",
	.run = run_why,
	.takes = TAKES(SOURCE, &option_all),
	.argument = MAYBE_IDS,
};
