// SPDX-License-Identifier: GPL-2.0
/* html: writes a page about one kill, or about all. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "html.h"
#include "tool.h"

static bool has_log(const struct capture *capture)
{
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->stream->log)
			return true;
	return false;
}

/* The time to the second, and its zone, which all times of records have on the page. */
static const char *words_now(const struct capture *capture)
{
	__u64 now = time(NULL) * 1000000000ULL;
	const char *iso = words_iso_time(now);
	size_t len = strlen(iso);

	/* The dates of a log are those of the machine that wrote it. */
	return format_words("%.19s, UTC%s%s", words_time(now), len > 6 ? iso + len - 6 : "",
			    has_log(capture) ? "" : ", as are all times here");
}

static __u64 count_lost(const struct capture *capture)
{
	__u64 lost = 0;
	size_t i;

	for (i = 0; i < capture->nr_records; i++)
		if (capture->records[i]->head.type == OOMWATCH_TYPE_LOST &&
		    !lost_no_kills(capture->records[i]))
			lost += capture->records[i]->lost.count;
	return lost;
}

static void note_put(const char *text)
{
	markup("<p class=\"note\">");
	text_put(text);
	markup("</p>\n");
}

static void sentence_put(const char *text)
{
	words_scope();
	note_put(format_words("%c%s.", toupper(*text), text + 1));
}

static void gap_put(const struct gap *gap)
{
	words_scope();
	sentence_put(words_gap(gap));
}

/* Of one kill, or of all if it is NULL. */
static void lacks_put(const struct capture *capture, const struct episode *one)
{
	struct lacks lacks = { };
	const char *words;
	size_t i;

	if (one)
		lacks_add(&lacks, one);
	for (i = 0; !one && i < capture->nr_episodes; i++)
		lacks_add(&lacks, &capture->episodes[i]);
	for (i = 0; !one && i < capture->nr_nobody; i++)
		lacks_add(&lacks, &capture->nobody[i]);
	words = words_lacks(&lacks);
	if (words)
		sentence_put(words);
}

static void page_head(const struct capture *capture, const char *title,
		      const struct stream *stream, const struct episode *one)
{
	__u64 lost = count_lost(capture);
	size_t i;

	markup("<header>\n");
	element_put("h1", title);
	markup("<dl>");
	/* If there are several captures, each kill names its kernel itself. */
	if (stream && !stream->number)
		stream_put(stream);
	for (i = 0; i < capture->nr_names; i++)
		fact_put("Read from", words_escaped(comm_bytes(capture->names[i])));
	fact_put("Written", words_now(capture));
	markup("</dl>\n");
	if (capture->damage)
		note_put(format_words("Not all could be read: %s",
				      words_escaped(comm_bytes(capture->damage))));
	if (lost)
		note_put(format_words("%s missing: they were gone before they could be read.",
				      plural(lost, "record is", "records are")));
	each_gap(capture, NULL, NULL, gap_put);
	lacks_put(capture, one);
}

/* For the page's title: browsers have many of them. */
static const char *words_on_host(const struct capture *capture, const struct stream *stream)
{
	return !stream->host || has_several_hosts(capture) ? "" :
		format_words(" on %s", words_host(stream));
}

static void page_of_one(FILE *to, const struct capture *capture, const struct episode *episode)
{
	const char *title = words_title(episode);

	page_begin(to, format_words("%s%s%s", title, words_colon_victim(episode),
				    words_on_host(capture, episode->stream)));
	page_head(capture, title, episode->stream, episode);
	markup("</header>\n<main>\n");
	timeline_put(capture, episode, NULL);
	episode_put(capture, episode, true);
	page_end();
}

/*
 * Kills take up to so much of the page, and calls that found nobody as much again. With more a
 * browser is slow.
 */
#define MOST_BYTES (1024 * 1024)

/* What the page says of kills, made before what comes above it: that has links to it. */
struct sections {
	char *text;
	size_t size;
	struct explained explained;
};

/* The newest comes first. Returns the oldest that still has a section. */
static const struct episode *make_some(struct sections *sections, FILE *to,
				       const struct capture *capture,
				       const struct episode *episodes, size_t nr)
{
	size_t most = sections->size + MOST_BYTES;

	while (nr && sections->size < most) {
		episode_put(capture, &episodes[--nr], false);
		fflush(to);
	}
	return episodes + nr;
}

static void make_sections(struct sections *sections, const struct capture *capture)
{
	FILE *to = text_begin(&sections->text, &sections->size), *before = page_divert(to);

	sections->explained.kills = make_some(sections, to, capture, capture->episodes,
					      capture->nr_episodes);
	sections->explained.nobody = make_some(sections, to, capture, capture->nobody,
					       capture->nr_nobody);
	page_divert(before);
	text_end(to);
}

static void page_of_all(FILE *to, const struct capture *capture)
{
	const char *title = plural(capture->nr_episodes, "OOM kill", "OOM kills");
	struct sections sections = { };
	size_t nr = capture->nr_episodes;

	page_begin(to, format_words("%s%s", title,
				    nr ? words_on_host(capture, capture->episodes->stream) : ""));
	page_head(capture, title, nr ? capture->episodes[nr - 1].stream : NULL, NULL);
	make_sections(&sections, capture);
	if (nr) {
		markup("<nav aria-label=\"Page\"><a href=\"#when\">When</a>\n"
		       "<a href=\"#groups\">By cgroup and cause</a>\n"
		       "<a href=\"#list\">Kills</a></nav>\n</header>\n<main>\n");
		timeline_put(capture, NULL, &sections.explained);
		groups_put(capture);
		list_put(capture, &sections.explained);
	} else {
		markup("</header>\n<main>\n");
	}
	fwrite(sections.text, 1, sections.size, to);
	free(sections.text);
	page_end();
}

/* About all kills if episode is NULL: all that list shows, of which a victim's record is left. */
void write_page(FILE *to, const struct capture *capture, const struct episode *episode)
{
	struct capture kills = *capture;
	size_t i;

	words_scope();
	if (episode)
		return page_of_one(to, capture, episode);
	kills.episodes = allocate((capture->nr_episodes + 1) * sizeof(*kills.episodes));
	for (i = 0, kills.nr_episodes = 0; i < capture->nr_episodes; i++)
		if (main_victim(&capture->episodes[i]))
			kills.episodes[kills.nr_episodes++] = capture->episodes[i];
	page_of_all(to, &kills);
	free(kills.episodes);
}

static int run_html(const struct options *options)
{
	const struct episode *episode = NULL;
	struct capture capture = { };
	FILE *to;

	if (!options->output)
		die(EXIT_USAGE, "html needs -o FILE; -o - writes the page to standard output");
	capture_read(&capture, options);
	if (!options->all || !capture.nr_episodes)
		episode = chosen_episode(&capture, options);
	to = file_begin(options->output, 0600);
	write_page(to, &capture, episode);
	file_finish(to, options->output);
	return capture_finish(&capture);
}

const struct command command_html = {
	.name = "html",
	.what = "write a page about a kill, or about all kills, for a browser",
	.run = run_html,
	.takes = TAKES(SOURCE, &option_all, &option_output),
	.must = &option_output,
	.argument = MAYBE_ID,
};
