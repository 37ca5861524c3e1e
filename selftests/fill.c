// SPDX-License-Identifier: GPL-2.0
/*
 * fill: takes memory of one kind, then waits to be killed
 *
 * Fills cgroups for the tests, beside hog, which is their victim.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "self.h"

static const char usage[] =
	"usage: fill [-m KIB] [-c CGROUP] [-a ADJ] [-n COMM] [-d DIR] [-r FD] [-p N [-w COMM] [-o KIB]] KIND\n"
	"  -m KIB     take this much (default 16384)\n"
	"  -c CGROUP  join this cgroup's directory first, and keep to the CPUs it was started on\n"
	"  -a ADJ     have this oom_score_adj (default -1000: not to be killed)\n"
	"  -n COMM    have this name\n"
	"  -d DIR     where files are made; for dirty, the device that is written to\n"
	"  -r FD      write a byte to FD when all of it is taken\n"
	"  -p N       have N children take it, each as much; shared: all of them the same\n"
	"  -w COMM    the children have this name (default worker)\n"
	"  -o KIB     then take so much anonymous memory itself\n"
	"             If a child is killed, end all, as some servers do\n"
	"kinds, which are freed with the process:\n"
	"  anon, noise (does not compress), locked, shared, pipes, tables, stacks, sockets, dirty,\n"
	"  messages (by SIGTERM)\n"
	"kinds that stay: fill does not wait\n"
	"  files (tmpfs or ramfs, by what DIR is), names\n";

static unsigned long want_kib = 16384;
static const char *dir = "/tmp";

static char data[65536];
static int sum;

static void fill_anon(void)
{
	char *map = mmap(NULL, want_kib * 1024, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (want_kib && map == MAP_FAILED)
		err(1, "mmap");
}

/* A generator of numbers is enough: mm/zsmalloc stores what does not compress as it is. */
static void fill_noise(void)
{
	unsigned long i, n = want_kib * 1024 / sizeof(unsigned long), x = 88172645463325252UL;
	unsigned long *map = mmap(NULL, want_kib * 1024, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		map[i] = x;
	}
}

static void fill_locked(void)
{
	char *map = mmap(NULL, want_kib * 1024, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED || mlock(map, want_kib * 1024))
		err(1, "mlock");
}

static void fill_file(void)
{
	char path[4096];
	unsigned long kib;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	for (kib = 0; kib < want_kib; kib += 64) {
		n = write(fd, data, sizeof(data));
		if (n == sizeof(data))
			continue;
		/* With nobody to kill there is no page for a message, either. */
		if (n >= 0 || errno == ENOMEM)
			_exit(1);
		err(1, "%s", path);
	}
}

static void fill_pipes(void)
{
	unsigned long kib;
	int ends[2];

	for (kib = 0; kib < want_kib; kib += 64)
		if (pipe(ends) || write(ends[1], data, sizeof(data)) != sizeof(data))
			err(1, "pipe");
}

/* Each name takes about 1 KiB of slab: a dentry and an inode. */
static void fill_names(void)
{
	char path[4096];
	unsigned long n;

	for (n = 0; n < want_kib; n++) {
		snprintf(path, sizeof(path), "%s/%050lu", dir, n);
		if (mknod(path, S_IFREG | 0600, 0))
			err(1, "%s", path);
	}
}

static void fill_tables(void)
{
	const unsigned long stride = 2UL << 20, piece = want_kib / 4 * stride;
	unsigned long at;
	char *map = mmap(NULL, piece, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);

	if (map == MAP_FAILED)
		err(1, "mmap");
	madvise(map, piece, MADV_NOHUGEPAGE);
	for (at = 0; at < piece; at += stride)
		sum += map[at];
}

static void *wait_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* A stack in the kernel has 16 KiB. */
static void fill_stacks(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	unsigned long kib;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	for (kib = 0; kib < want_kib; kib += 16)
		if (pthread_create(&thread, &attr, wait_forever, NULL))
			errx(1, "pthread_create");
}

static void loopback_up(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo))
		err(1, "lo");
	close(fd);
}

/* Data that nobody reads waits in the receiver's buffer. */
static void fill_sockets(void)
{
	struct sockaddr_in at = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int listener = socket(AF_INET, SOCK_STREAM, 0), to, size = 4 << 20, i;
	unsigned long taken = 0;
	ssize_t wrote;
	socklen_t len = sizeof(at);

	loopback_up();
	if (bind(listener, (void *)&at, len) || listen(listener, 64) ||
	    getsockname(listener, (void *)&at, &len))
		err(1, "listen");
	for (i = 0; i < 64; i++) {
		to = socket(AF_INET, SOCK_STREAM, 0);
		setsockopt(to, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
		if (connect(to, (void *)&at, len) || accept(listener, NULL, NULL) < 0)
			err(1, "connect");
		fcntl(to, F_SETFL, O_NONBLOCK);
		while (taken < want_kib * 1024 && (wrote = write(to, data, sizeof(data))) > 0)
			taken += wrote;
	}
}

/* Pages that several processes map, or one. Children map what their parent has. */
static void fill_shared(void)
{
	static char *map;
	unsigned long at;

	if (!map)
		map = mmap(NULL, want_kib * 1024, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (map == MAP_FAILED)
		err(1, "mmap");
	for (at = 0; at < want_kib * 1024; at += 4096)
		sum += map[at];
}

/* Page cache of a device that stays dirty as long as the device is slow. Its close waits. */
static void fill_dirty(void)
{
	int fd = open(dir, O_WRONLY);
	unsigned long kib;

	for (kib = 0; kib < want_kib; kib += 64)
		if (write(fd, data, sizeof(data)) != sizeof(data))
			err(1, "%s", dir);
}

static int queue;

static void end_queue(int unused)
{
	(void)unused;
	msgctl(queue, IPC_RMID, NULL);
	_exit(0);
}

/* Slab that can't be reclaimed: messages that nobody fetches. They stay after a SIGKILL. */
static void fill_messages(void)
{
	struct { long type; char text[8000]; } message = { .type = 1 };
	unsigned long kib;
	char size[32];

	snprintf(size, sizeof(size), "%lu", want_kib * 1024);
	write_file("/proc/sys/kernel", "msgmnb", size);
	queue = msgget(IPC_PRIVATE, 0600);
	signal(SIGTERM, end_queue);
	for (kib = 0; kib + 8 < want_kib; kib += 8)
		if (msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT))
			err(1, "msgsnd");
}

static const struct kind {
	const char *name;
	void (*fill)(void);
	int stays;
} kinds[] = {
	{ "anon", fill_anon, 0 },
	{ "noise", fill_noise, 0 },
	{ "locked", fill_locked, 0 },
	{ "shared", fill_shared, 0 },
	{ "pipes", fill_pipes, 0 },
	{ "tables", fill_tables, 0 },
	{ "stacks", fill_stacks, 0 },
	{ "sockets", fill_sockets, 0 },
	{ "files", fill_file, 1 },
	{ "names", fill_names, 1 },
	{ "dirty", fill_dirty, 0 },
	{ "messages", fill_messages, 0 },
};

static const struct kind *kind_of(const char *name)
{
	unsigned int i;

	for (i = 0; name && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	fputs(usage, stderr);
	exit(2);
}

/* --- children ----------------------------------------------------------------------- */

static const char *child_comm = "worker";
static unsigned long nr_children, own_kib;

static void be_child(const struct kind *kind, pid_t parent, int ready_fd)
{
	end_with(parent);
	prctl(PR_SET_NAME, child_comm);
	kind->fill();
	if (write(ready_fd, "", 1) != 1)
		_exit(1);
	wait_forever(NULL);
}

/* Returns when all of them have their memory. Forks until it is killed if there are too many. */
static void have_children(const struct kind *kind)
{
	pid_t self = getpid();
	unsigned long n;
	int ready[2];
	char c;

	if (pipe(ready))
		err(1, "pipe");
	if (kind->fill == fill_shared)
		fill_shared();
	for (n = 0; n < nr_children; n++)
		if (!fork())
			be_child(kind, self, ready[1]);
	while (n && read(ready[0], &c, 1) == 1)
		n--;
	want_kib = own_kib;
	fill_anon();
}

int main(int argc, char **argv)
{
	const char *cgroup = NULL, *adj = "-1000", *comm = NULL;
	struct rlimit files = { 1 << 20, 1 << 20 };
	const struct kind *kind;
	pid_t parent = getppid();
	int opt, ready_fd = -1;

	while ((opt = getopt(argc, argv, "m:c:a:n:d:r:p:w:o:")) != -1) {
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
		case 'n':
			comm = optarg;
			break;
		case 'd':
			dir = optarg;
			break;
		case 'r':
			ready_fd = atoi(optarg);
			break;
		case 'p':
			nr_children = strtoul(optarg, NULL, 0);
			break;
		case 'w':
			child_comm = optarg;
			break;
		case 'o':
			own_kib = strtoul(optarg, NULL, 0);
			break;
		default:
			kind_of(NULL);
		}
	}
	kind = kind_of(argv[optind]);
	end_with(parent);
	if (comm)
		prctl(PR_SET_NAME, comm);
	write_file("/proc/self", "oom_score_adj", adj);
	if (cgroup)
		join(cgroup);
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "files");
	if (nr_children)
		have_children(kind);
	else
		kind->fill();
	if (ready_fd >= 0 && write(ready_fd, "", 1) != 1)
		err(1, "ready");
	/* The children end with their parent. */
	if (nr_children)
		wait(NULL);
	else if (!kind->stays)
		wait_forever(NULL);
	return 0;
}
