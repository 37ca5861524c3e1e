// SPDX-License-Identifier: GPL-2.0
/* The dry run: the module's file candidates ranks the processes that could be killed now. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kill.h"
#include "module.h"
#include "tool.h"

/* A line of each of the four million processes that a machine can have needs less. */
#define MOST_BYTES (1024U << 20)

/* Why the module refuses a cgroup that is written to its file. */
static const char *why_no_cgroup(int error)
{
	static const char no_memory[] =
		"its parent does not enable memory: echo +memory >PARENT/cgroup.subtree_control";
	static const char no_limit[] =
		"the cgroup has no limit of its own (memory.max); see who --if-max";

	switch (error) {
	case ENOENT:
		return "there is no such cgroup; give a path as in /proc/PID/cgroup";
	case EOPNOTSUPP:
		return no_memory;
	case ENODATA:
		return no_limit;
	}
	return why_not(error);
}

static const char *why_no_ranking(int error)
{
	if (error != ENODATA)
		return why_not(error);
	return format_words("%s",
		"the module could not read /proc/meminfo when it was loaded, so the size of swap is not known; load it outside of containers");
}

/* Makes one episode of the file's lines, though no kill has happened. */
static void parse_candidates(struct capture *capture, char *text)
{
	struct stream *stream = allocate(sizeof(*stream));
	char *line, *rest = text;

	stream->page_size = sysconf(_SC_PAGESIZE);
	stream->release = allocate(1);
	capture->streams = grow(NULL, 0, sizeof(stream));
	capture->streams[capture->nr_streams++] = stream;
	while ((line = strsep(&rest, "\n"))) {
		struct record *rec = *line && *line != '#' ? record_parse(line, stream) : NULL;

		if (!rec)
			continue;
		/* Records of a dry run have no episode: give them one. */
		rec->head.oom = 1;
		capture->records = grow(capture->records, capture->nr_records, sizeof(rec));
		capture->records[capture->nr_records++] = rec;
	}
	capture_sort(capture);
}

/* Returns NULL, or a message that says what is wrong. *status is then the exit status. */
static const char *try_candidates(struct capture *capture, const char *memcg, int *status)
{
	int fd = open(OOMWATCH_CANDIDATES, (memcg ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	const char *wrong = NULL;
	char *text = NULL;
	size_t len;

	*status = fd < 0 ? EXIT_NO_MODULE : EXIT_FAILED;
	if (fd < 0)
		return format_words("%s: %s", OOMWATCH_CANDIDATES, why_no_file(errno));
	if (memcg && write(fd, memcg, strlen(memcg)) < 0)
		wrong = format_words("%s: %s", words_escaped(comm_bytes(memcg)),
				     why_no_cgroup(errno));
	else
		text = file_text(fd, MOST_BYTES, &len);
	if (!wrong && !text)
		wrong = format_words("%s: %s", OOMWATCH_CANDIDATES, why_no_ranking(errno));
	close(fd);
	if (text)
		parse_candidates(capture, text);
	free(text);
	return wrong;
}

void read_candidates(struct capture *capture, const char *memcg)
{
	int status;
	const char *wrong = try_candidates(capture, memcg, &status);

	words_scope();
	if (wrong)
		die(status, "%s", wrong);
}

/* A sentence about the process that would be killed if the machine ran out of memory. */
const char *words_next_victim(void)
{
	struct capture capture = { };
	const struct record *first;
	const char *words;
	int status;

	words = try_candidates(&capture, NULL, &status);
	if (words)
		return format_words("Which process that would be now is not known (%s).", words);
	first = capture.nr_episodes ? first_of(&capture.episodes[0], OOMWATCH_TYPE_TASK) : NULL;
	words = first ? format_words("Now that would be %s (pid %s), with a score of %s.",
				     words_comm(first->victim.process.comm),
				     words_id(first->victim.process.tgid),
				     words_signed(first->victim.process.points)) :
		"Now there would be no process to kill.";
	capture_free(&capture);
	return words;
}
