// SPDX-License-Identifier: GPL-2.0
/* who: a dry run. What would be killed now, by the module's file candidates. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "terminal.h"
#include "tool.h"

static bool again;

static const struct option_row option_watch = { 'w', "watch", .flag = &again };

#define CANDIDATES OOMWATCH_DIR "candidates"

static const char *why_no_cgroup(int error)
{
	switch (error) {
	case ENOENT:
		return format_words("there is no such cgroup; paths are as in /proc/PID/cgroup, such as /system.slice");
	case EOPNOTSUPP:
		return "the memory controller is not handed on to this cgroup";
	case ENODATA:
		return "this cgroup has no limit (memory.max), or swap can't be known here";
	}
	return strerror(error);
}

static char *read_all(int fd, const char *memcg)
{
	size_t size = 1 << 16, have = 0;
	char *text = allocate(size + 1);
	ssize_t n;

	while ((n = read(fd, text + have, size - have)) > 0) {
		have += n;
		if (have == size) {
			size *= 2;
			text = realloc(text, size + 1);
			if (!text)
				die(EXIT_FAILED, "out of memory");
		}
	}
	if (n < 0)
		die(EXIT_FAILED, "%s: %s", memcg ?: CANDIDATES, why_no_cgroup(errno));
	text[have] = '\0';
	return text;
}

/* Of the file's lines, as an episode that has not happened. */
static void read_candidates(struct capture *capture, const struct options *options)
{
	int fd = open(CANDIDATES, (options->memcg ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	struct stream *stream = allocate(sizeof(*stream));
	char *text, *line, *rest;

	if (fd < 0)
		die(EXIT_NO_MODULE, "%s: %s", CANDIDATES, why_no_file(CANDIDATES, errno));
	if (options->memcg && write(fd, options->memcg, strlen(options->memcg)) < 0)
		die(EXIT_FAILED, "%s: %s", options->memcg, why_no_cgroup(errno));
	stream->page_size = sysconf(_SC_PAGESIZE);
	stream->release = allocate(1);
	capture->streams = grow(NULL, 0, sizeof(stream));
	capture->streams[capture->nr_streams++] = stream;
	text = read_all(fd, options->memcg);
	close(fd);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		struct record *rec = *line && *line != '#' ? record_parse(line, stream) : NULL;

		if (!rec)
			continue;
		/* Records of a dry run belong to no kill; here they make up one. */
		rec->head.oom = 1;
		capture->records = grow(capture->records, capture->nr_records, sizeof(rec));
		capture->records[capture->nr_records++] = rec;
	}
	free(text);
	capture_sort(capture);
}

/* What /proc/PID/oom_adj of before would say: fs/proc/base.c: oom_adj_read(). */
static int legacy_oom_adj(__s32 oom_score_adj)
{
	int oom_adj = oom_score_adj * 17 / 1000;

	return oom_adj > 15 ? 15 : oom_adj;
}

static const char *cell_rank(const struct row *row)
{
	return format_words("%u", row->rec->victim.process.rank);
}

static const char *cell_tgid(const struct row *row)
{
	return words_id(row->rec->victim.process.tgid);
}

static const char *cell_oom_adj(const struct row *row)
{
	return format_words("%d", legacy_oom_adj(row->rec->victim.process.oom_score_adj));
}

static const struct column ranked[] = {
	{ "RANK", RIGHT, WHOLE, cell_rank, NULL },
	{ "PID", RIGHT, WHOLE, cell_tgid, NULL },
	SCORE_COLUMNS,
	{ "OOM_ADJ", RIGHT, WHOLE, cell_oom_adj, NULL },
	{ "WHERE", LEFT, CUT_BEGIN, cell_place, NULL },
};

static void put_ranked(const struct episode *episode, __u64 most)
{
	struct table table;
	const struct record *rec;
	size_t at;

	table_begin(&table, COLUMNS(ranked));
	for_each_of(rec, episode, TASK, at) {
		__u32 rank = rec->victim.process.rank;

		if (most && rank > most)
			break;
		table_row(&table, &(struct row) { .rec = rec },
			  rank == 1 ? STYLE_RED : STYLE_PLAIN);
	}
	table_print(&table, "");
}

static int show_candidates(const struct options *options)
{
	struct capture capture = { };
	const struct episode *episode;
	const struct record *first;
	const char *whose = options->memcg ? words_escaped(comm_bytes(options->memcg)) :
		"the whole machine";

	words_scope();
	read_candidates(&capture, options);
	if (!capture.nr_episodes)
		die(EXIT_FAILED, "%s has no line that can be read", CANDIDATES);
	episode = &capture.episodes[0];
	first = first_of(episode, OOMWATCH_TYPE_TASK);
	if (first)
		printf("If %s ran out of memory now, %s%s (pid %s)%s would be killed. Scores are in pages.\n\n",
		       whose, style(STYLE_RED), words_comm(first->victim.process.comm),
		       words_id(first->victim.process.tgid), style(STYLE_PLAIN));
	else
		printf("If %s ran out of memory now, there would be nobody to kill.\n\n", whose);
	if (first)
		put_ranked(episode, options->last);
	if (episode->excluded)
		put_excluded(episode->excluded);
	capture_free(&capture);
	return EXIT_FINE;
}

/* The first candidate for a kill of the machine, in words; NULL without the module. */
const char *words_next_victim(void)
{
	const struct options machine = { };
	struct capture capture = { };
	const struct record *first;
	const char *words = NULL;

	if (access(CANDIDATES, R_OK))
		return NULL;
	read_candidates(&capture, &machine);
	first = capture.nr_episodes ? first_of(&capture.episodes[0], OOMWATCH_TYPE_TASK) : NULL;
	if (first)
		words = format_words("%s (pid %s), with a score of %s",
				     words_comm(first->victim.process.comm),
				     words_id(first->victim.process.tgid),
				     plural(first->victim.process.points, "page", "pages"));
	capture_free(&capture);
	return words;
}

static int run_who(const struct options *options)
{
	while (again) {
		/* Home, and what was there is gone. */
		printf("%s", isatty(STDOUT_FILENO) ? "\033[H\033[J" : "");
		show_candidates(options);
		fflush(stdout);
		sleep(2);
	}
	return show_candidates(options);
}

const struct command command_who = {
	.name = "who",
	.what = "who would be killed now",
	.run = run_who,
	.takes = TAKES(&option_number, &option_memcg, &option_watch),
};
