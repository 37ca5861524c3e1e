// SPDX-License-Identifier: GPL-2.0
/*
 * hog: takes memory, 1 KiB at a time, until it is killed or has as much as it was told to
 *
 * The victim of the tests and of the demo.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "self.h"

static const char usage[] =
	"usage: hog [-m KIB] [-c CGROUP] [-a ADJ] [-u UID] [-n COMM] [-t THREADS] [-p PROCESSES] [-l]\n"
	"           [-s] [-k] [-x] [-e] [-N NODE] [-r FD]\n"
	"  -m KIB      take this much, then wait to be killed (default: never enough)\n"
	"  -c CGROUP   join this cgroup's directory first, and keep to the CPUs that it was started on\n"
	"  -a ADJ      have this oom_score_adj (default 0); keep: what it is started with\n"
	"  -u UID      be this user\n"
	"  -n COMM     have this name\n"
	"  -t THREADS  start so many threads, beside the one that takes memory\n"
	"  -p PROCESSES  start so many processes that share its memory\n"
	"  -l          end the leader of the thread group; another thread goes on\n"
	"  -s          take shared memory instead of malloc()'s\n"
	"  -k          take kernel memory: pipes full of data\n"
	"  -x          take page tables\n"
	"  -e          be held at the exit, and so never be gone\n"
	"  -N NODE     take memory of this node only\n"
	"  -r FD       write a byte to FD when all of -m is taken\n";

static unsigned long want_kib;
static int sum;
static bool shared, pipes, tables;
static int ready_fd = -1;

/* mmap() by the MiB for shared memory; malloc() by the KiB otherwise. */
static char *take_kib(unsigned long n)
{
	static char *chunk;

	if (!shared)
		return malloc(1024);
	if (n % 1024 == 0)
		chunk = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return chunk == MAP_FAILED ? NULL : chunk + n % 1024 * 1024;
}

static void take_memory(void)
{
	unsigned long n;
	char *kib;

	for (n = 0; !want_kib || n < want_kib; n++) {
		kib = take_kib(n);
		if (!kib)
			errx(3, "no more memory after %lu KiB, and not killed", n);
		/* It may lie on two pages. */
		kib[0] = 1;
		kib[1023] = 1;
	}
}

/* A pipe holds 64 KiB. */
static void take_pipes(void)
{
	static char data[65536];
	unsigned long n;
	int ends[2];

	for (n = 0; !want_kib || n < want_kib; n += 64)
		if (pipe(ends) || write(ends[1], data, sizeof(data)) != sizeof(data))
			err(3, "no more pipes after %lu KiB, and not killed", n);
}

/* Each 2 MiB that are read from take a page table; the data is the shared page of zeros. */
static void take_tables(void)
{
	const unsigned long stride = 2 << 20, piece = 1 << 30;
	unsigned long n, at;
	char *map;

	for (n = 0; !want_kib || n < want_kib; ) {
		map = mmap(NULL, piece, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			   -1, 0);
		if (map == MAP_FAILED)
			err(3, "no more page tables after %lu KiB, and not killed", n);
		/* An error, which is ignored, if the kernel has no huge pages. */
		madvise(map, piece, MADV_NOHUGEPAGE);
		for (at = 0; at < piece; at += stride, n += 4)
			sum += map[at];
	}
}

static void *take(void *unused)
{
	if (pipes)
		take_pipes();
	else if (tables)
		take_tables();
	else
		take_memory();
	if (ready_fd >= 0 && write(ready_fd, "", 1) != 1)
		err(1, "ready");
	for (;;)
		pause();
	return unused;
}

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static int idle_process(void *parent)
{
	end_with(*(pid_t *)parent);
	idle(NULL);
	return 0;
}

/* A process with the same mm, but with its own signals and its own oom_score_adj. */
static void start_process(void)
{
	static pid_t self;
	char *stack = malloc(65536);

	self = getpid();
	if (!stack || clone(idle_process, stack + 65536, CLONE_VM | SIGCHLD, &self) < 0)
		err(1, "clone");
}

/* Has another process trace this one, so that it stops at its exit. */
static void hold_exit(void)
{
	pid_t pid = getpid();
	int ends[2];
	char byte;

	if (pipe(ends))
		err(1, "pipe");
	if (!fork()) {
		end_with(pid);
		if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT) ||
		    write(ends[1], "", 1) != 1)
			err(1, "ptrace");
		idle(NULL);
	}
	close(ends[1]);
	if (read(ends[0], &byte, 1) != 1)
		errx(1, "not traced");
}

static void start_thread(void *(*fn)(void *))
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, fn, NULL);
	if (errno)
		err(1, "thread");
}

int main(int argc, char **argv)
{
	const char *cgroup = NULL, *adj = "0", *comm = NULL;
	struct rlimit files = { 1 << 20, 1 << 20 };
	pid_t parent = getppid();
	unsigned long nodes = 0;
	bool leader_exits = false;
	int opt, threads = 0, processes = 0;
	long uid = 0;

	/* In an arena of its own a thread calls mprotect() for each page: slow on debug kernels. */
	mallopt(M_ARENA_MAX, 1);
	while ((opt = getopt(argc, argv, "m:c:a:u:n:t:p:lskxeN:r:")) != -1) {
		switch (opt) {
		case 'm':
			want_kib = strtoul(optarg, NULL, 0);
			break;
		case 'c':
			cgroup = optarg;
			break;
		case 'a':
			adj = optarg;
			break;
		case 'u':
			uid = strtol(optarg, NULL, 0);
			break;
		case 'n':
			comm = optarg;
			break;
		case 't':
			threads = atoi(optarg);
			break;
		case 'p':
			processes = atoi(optarg);
			break;
		case 'l':
			leader_exits = true;
			break;
		case 's':
			shared = true;
			break;
		case 'k':
			pipes = true;
			break;
		case 'x':
			tables = true;
			break;
		case 'e':
			hold_exit();
			break;
		case 'N':
			nodes = 1UL << atoi(optarg);
			break;
		case 'r':
			ready_fd = atoi(optarg);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}

	/* Before it joins: in a full cgroup it could be the only candidate, so must be killable. */
	if (strcmp(adj, "keep"))
		write_file("/proc/self", "oom_score_adj", adj);
	if (cgroup)
		join(cgroup);
	if (nodes && syscall(SYS_set_mempolicy, MPOL_BIND, &nodes, 64))
		err(1, "node");
	if (pipes && setrlimit(RLIMIT_NOFILE, &files))
		err(1, "files");
	if (uid && setresuid(uid, uid, uid))
		err(1, "uid %ld", uid);
	/* After setresuid(), which clears the signal of end_with(). */
	end_with(parent);
	if (comm)
		prctl(PR_SET_NAME, comm);
	while (processes--)
		start_process();
	while (threads--)
		start_thread(idle);
	if (leader_exits) {
		start_thread(take);
		pthread_exit(NULL);
	}
	take(NULL);
	return 0;
}
