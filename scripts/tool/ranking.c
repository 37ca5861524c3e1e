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

/* Why the module refuses a cgroup that is written to its file. */
static const char *why_no_cgroup(int error)
{
	switch (error) {
	case ENOENT:
		return "there is no such cgroup; give a path as in /proc/PID/cgroup";
	case EOPNOTSUPP:
		return "its parent does not enable memory in cgroup.subtree_control";
	case ENODATA:
		return "the cgroup has no limit of its own (memory.max)";
	}
	return strerror(error);
}

static char *read_all(int fd)
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
		die(EXIT_FAILED, "%s: %s", OOMWATCH_CANDIDATES, errno == ENODATA ?
		    "/proc/meminfo is not the kernel's own here, so the size of swap is not known" :
		    strerror(errno));
	text[have] = '\0';
	return text;
}

/* Makes one episode of the file's lines, though no kill has happened. */
void read_candidates(struct capture *capture, const char *memcg)
{
	int fd = open(OOMWATCH_CANDIDATES, (memcg ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	struct stream *stream = allocate(sizeof(*stream));
	char *text, *line, *rest;

	if (fd < 0)
		die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_CANDIDATES, why_no_file(errno));
	if (memcg && write(fd, memcg, strlen(memcg)) < 0)
		die(EXIT_FAILED, "%s: %s", memcg, why_no_cgroup(errno));
	stream->page_size = sysconf(_SC_PAGESIZE);
	stream->release = allocate(1);
	capture->streams = grow(NULL, 0, sizeof(stream));
	capture->streams[capture->nr_streams++] = stream;
	text = read_all(fd);
	close(fd);
	rest = text;
	while ((line = strsep(&rest, "\n"))) {
		struct record *rec = *line && *line != '#' ? record_parse(line, stream) : NULL;

		if (!rec)
			continue;
		/* Records of a dry run have no episode: give them one. */
		rec->head.oom = 1;
		capture->records = grow(capture->records, capture->nr_records, sizeof(rec));
		capture->records[capture->nr_records++] = rec;
	}
	free(text);
	capture_sort(capture);
}

/* The process that would be killed if the machine ran out of memory. */
const char *words_next_victim(void)
{
	struct capture capture = { };
	const struct record *first;
	const char *words = NULL;

	if (access(OOMWATCH_CANDIDATES, R_OK))
		return NULL;
	read_candidates(&capture, NULL);
	first = capture.nr_episodes ? first_of(&capture.episodes[0], OOMWATCH_TYPE_TASK) : NULL;
	if (first)
		words = format_words("%s (pid %s), with a score of %s",
				     words_comm(first->victim.process.comm),
				     words_id(first->victim.process.tgid),
				     plural(first->victim.process.points, "page", "pages"));
	capture_free(&capture);
	return words;
}
