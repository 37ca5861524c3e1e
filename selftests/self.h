/* SPDX-License-Identifier: GPL-2.0 */
/* What hog and fill do to themselves before they take memory. */
#ifndef SELF_H
#define SELF_H

#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static inline void write_file(const char *dir, const char *file, const char *text)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "%s", path);
	close(fd);
}

/* A task that joins a cgroup with the cpuset controller gets all CPUs of its cpuset. */
static inline void join(const char *cgroup)
{
	cpu_set_t cpus;

	if (sched_getaffinity(0, sizeof(cpus), &cpus))
		err(1, "CPUs");
	write_file(cgroup, "cgroup.procs", "0");
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "CPUs");
}

/* Has this process killed when its parent ends. */
static inline void end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The parent ended before that. */
	if (getppid() != parent)
		_exit(0);
}

#endif /* SELF_H */
