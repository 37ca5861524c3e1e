// SPDX-License-Identifier: GPL-2.0
/* The files of a store, for what reads them and for what writes them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store.h"
#include "tool.h"
#include "words.h"

/* In the order of their last writes. A file before another of its boot has a lower name, too. */
static int by_age(const void *a, const void *b)
{
	const char *x = *(char * const *)a, *y = *(char * const *)b;
	struct stat s = { }, t = { };

	stat(x, &s);
	stat(y, &t);
	if (s.st_mtim.tv_sec != t.st_mtim.tv_sec)
		return s.st_mtim.tv_sec < t.st_mtim.tv_sec ? -1 : 1;
	if (s.st_mtim.tv_nsec != t.st_mtim.tv_nsec)
		return s.st_mtim.tv_nsec < t.st_mtim.tv_nsec ? -1 : 1;
	return strcmp(x, y);
}

static bool is_of_store(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && !strcmp(name + len - 4, ".rec");
}

struct store_files store_files(const char *dir)
{
	struct store_files files = { };
	struct dirent *entry;
	DIR *folder = opendir(dir);

	if (!folder)
		return files;
	while ((entry = readdir(folder))) {
		words_scope();
		if (!is_of_store(entry->d_name))
			continue;
		files.path = grow(files.path, files.nr, sizeof(*files.path));
		files.path[files.nr++] = copy_string(format_words("%s/%s", dir, entry->d_name));
	}
	closedir(folder);
	if (files.nr)
		qsort(files.path, files.nr, sizeof(*files.path), by_age);
	errno = 0;
	return files;
}

void store_free(struct store_files *files)
{
	while (files->nr)
		free(files->path[--files->nr]);
	free(files->path);
	*files = (struct store_files) { };
}

/* --- lines ---------------------------------------------------------------------------------- */

#define MOST_BYTES (1024 * 1024)

static const char *used;
static bool is_kept;

void store_use(const char *dir, bool keeps)
{
	used = dir;
	is_kept = keeps;
}

bool store_is_kept(void) { return is_kept; }

FILE *store_lines(const char *name, bool older)
{
	return used ? fopen(format_words("%s/%s%s", used, name, older ? ".1" : ""), "re") : NULL;
}

/* Writes all of a line or nothing: the next would be joined to a part of it. */
static bool add_whole(int fd, const char *line)
{
	ssize_t n = write(fd, line, strlen(line));
	int error = n < 0 ? errno : ENOSPC;
	struct stat st;

	if (n == (ssize_t)strlen(line))
		return true;
	if (n > 0 && (fstat(fd, &st) || ftruncate(fd, st.st_size - n)))
		error = EIO;
	errno = error;
	return false;
}

void store_add_line(const char *name, const char *line)
{
	const char *path = format_words("%s/%s", used, name);
	static bool said;
	struct stat st;
	int fd;

	if (!lstat(path, &st) && st.st_size > MOST_BYTES)
		rename(path, format_words("%s.1", path));
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (fd < 0 || !add_whole(fd, line)) {
		if (!said)
			complain("%s: it can't be written: %s", path, why_not(errno));
		said = true;
	}
	if (fd >= 0)
		close(fd);
}
