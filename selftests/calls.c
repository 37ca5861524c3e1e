// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls at every file and every knob, from several processes at once, with odd pointers,
 * sizes, offsets and texts. Each has to succeed or to fail with a usual error. In the end nothing
 * may be killed or left open, and oomwatch has to work as before.
 */
#include "harness.h"

#include <dirent.h>
#include <limits.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/uio.h>

#define NR_CALLS 100000
#define NR_PROCESSES 4
#define NR_OPEN 8
#define MAX_FILES 32
#define BUF_SIZE 65536UL

static char files[MAX_FILES][512];
static unsigned int nr_files;

/* What the processes share. */
static struct shared {
	atomic_ullong calls, succeeded;
	atomic_uint errors[256];
	atomic_int strange;		/* an error that none of these should have */
} *shared;

/* A process's own. */
static struct {
	int fd[NR_OPEN];
	int pipe[2];
	char *buf;		/* BUF_SIZE bytes, and no page after them */
	char *constant;		/* a page that can't be written */
} own;

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* --- odd arguments --------------------------------------------------------------------- */

static unsigned int below(unsigned int n)
{
	return random() % n;
}

static size_t any_size(void)
{
	static const size_t sizes[] = {
		0, 1, 2, 7, 8, 9, 63, 64, 4095, 4096, 4097, PATH_MAX, OOMWATCH_RECORD_MAX,
		OOMWATCH_RECORD_MAX - 1, BUF_SIZE, INT_MAX, UINT_MAX, SSIZE_MAX, SIZE_MAX,
	};

	return below(2) ? sizes[below(sizeof(sizes) / sizeof(*sizes))] : below(BUF_SIZE);
}

static off_t any_offset(void)
{
	static const off_t offsets[] = {
		0, 1, -1, 4095, 4096, INT_MAX, UINT_MAX, LLONG_MAX, LLONG_MIN, LLONG_MAX - 4096,
	};

	return below(2) ? offsets[below(sizeof(offsets) / sizeof(*offsets))] : below(1 << 20);
}

/* Mostly so near the end of the buffer that a byte beyond size is a fault. */
static void *any_pointer(size_t size)
{
	switch (below(12)) {
	case 0: return NULL;
	case 1: return (void *)1;
	case 2: return (void *)-1;
	case 3: return (void *)LONG_MIN;
	case 4: return (void *)0xffff888000000000;
	case 5: return own.constant;
	case 6: return own.buf + BUF_SIZE - below(16);
	default: return own.buf + BUF_SIZE - (size < BUF_SIZE ? size : BUF_SIZE);
	}
}

/* Fills the buffer of a write: with a text that a file may accept, or with rubbish. */
static void any_text(char *to, size_t size)
{
	static const char * const texts[] = {
		"0", "1", "-1", "64", "65536", "1000001", "4294967296", "0x10", "1\n", "1 1",
		"", "/", "/\n", "/calls", "/calls/\n", "/..", "//", "\\", "%s%n", "\n\n",
	};
	size_t i;

	size = size < BUF_SIZE ? size : BUF_SIZE;
	if (below(2)) {
		const char *text = texts[below(sizeof(texts) / sizeof(*texts))];

		memset(to, 0, size);
		memcpy(to, text, strlen(text) < size ? strlen(text) : size);
		return;
	}
	for (i = 0; i < size && i < 64; i++)
		to[i] = random();
}

/* --- calls ----------------------------------------------------------------------------- */

static long do_open(int *fd)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR, O_RDONLY };
	static const int flags[] = { 0, O_APPEND, O_TRUNC, O_CLOEXEC, O_DIRECT, O_CREAT | O_EXCL,
				     O_DIRECTORY, O_PATH };
	int new = open(files[below(nr_files)],
		       O_NONBLOCK | modes[below(4)] | (below(4) ? 0 : flags[below(8)]), 0600);

	if (new < 0)
		return -1;
	close(*fd);
	*fd = new;
	return 0;
}

static long do_write(int fd, bool at_offset)
{
	size_t size = below(2) ? below(16) : any_size();
	char *from = any_pointer(size);

	if (from >= own.buf && from < own.buf + BUF_SIZE)
		any_text(from, own.buf + BUF_SIZE - from);
	return at_offset ? pwrite(fd, from, size, any_offset()) : write(fd, from, size);
}

static long do_vector(int fd, bool out)
{
	struct iovec part[3];
	int i;

	for (i = 0; i < 3; i++) {
		part[i].iov_len = any_size();
		part[i].iov_base = any_pointer(part[i].iov_len);
	}
	return out ? writev(fd, part, below(4)) : readv(fd, part, below(4));
}

static long do_splice(int fd, bool out)
{
	char drop[4096];
	long done;

	if (out)
		return splice(own.pipe[0], NULL, fd, NULL, any_size(), SPLICE_F_NONBLOCK);
	done = below(2) ? splice(fd, NULL, own.pipe[1], NULL, any_size(), SPLICE_F_NONBLOCK) :
	       sendfile(own.pipe[1], fd, NULL, any_size());
	while (below(4) && read(own.pipe[0], drop, sizeof(drop)) > 0)
		;
	return done;
}

/* A child with the same open files reads and exits. */
static long do_fork(int fd)
{
	pid_t pid = fork();

	if (!pid) {
		read(fd, own.buf, BUF_SIZE);
		_exit(0);
	}
	return pid < 0 ? -1 : waitpid(pid, NULL, 0);
}

static long do_share(int *fd)
{
	if (!below(20))
		return do_fork(*fd);
	return dup2(own.fd[below(NR_OPEN)], *fd);
}

static long do_map(int fd)
{
	void *at = mmap(NULL, 4096, below(2) ? PROT_READ : PROT_READ | PROT_WRITE,
			below(2) ? MAP_SHARED : MAP_PRIVATE, fd, any_offset());

	return at == MAP_FAILED ? -1 : munmap(at, 4096);
}

static long do_poll(int fd)
{
	struct pollfd ready = { .fd = fd, .events = random() };

	return poll(&ready, 1, below(2));
}

static long do_other(int fd)
{
	struct statfs fs;
	struct stat st;

	switch (below(8)) {
	case 0: return ioctl(fd, random(), own.buf);
	case 1: return ftruncate(fd, any_offset());
	case 2: return fallocate(fd, 0, 0, 4096);
	case 3: return fsync(fd);
	case 4: return fstat(fd, &st);
	case 5: return fstatfs(fd, &fs);
	case 6: return flock(fd, LOCK_UN);
	default: return fcntl(fd, F_SETPIPE_SZ, 4096);
	}
}

static long do_call(int *fd)
{
	size_t size = any_size();

	/* Open often: otherwise most calls would be on a file that isn't open. */
	if (!below(8))
		return do_open(fd);
	switch (below(13)) {
	case 0:
	case 1: return read(*fd, any_pointer(size), size);
	case 2: return pread(*fd, any_pointer(size), size, any_offset());
	case 3:
	case 4: return do_write(*fd, false);
	case 5: return do_write(*fd, true);
	case 6: return lseek(*fd, any_offset(), below(6));
	case 7: return do_vector(*fd, below(2));
	case 8: return do_splice(*fd, !below(4));
	case 9: return do_poll(*fd);
	case 10: return do_map(*fd);
	case 11: return do_share(fd);
	default: return do_other(*fd);
	}
}

/* --- results --------------------------------------------------------------------------- */

static bool is_usual(int error)
{
	static const int usual[] = {
		EAGAIN, EBADF, EINVAL, EFAULT, ESPIPE, ENOTTY, EPERM, EACCES, EEXIST, ENOTDIR,
		ENODEV, EOVERFLOW, ENOMEM, ENAMETOOLONG, ENOENT, ENODATA, EOPNOTSUPP, EFBIG,
		ENXIO, EISDIR,
	};
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (error == usual[i])
			return true;
	return false;
}

static void count_result(long result, int error)
{
	shared->calls++;
	if (result >= 0)
		shared->succeeded++;
	else if (error < 256)
		shared->errors[error]++;
	if (result < 0 && !is_usual(error))
		shared->strange = error;
}

static void set_up_own(unsigned int seed)
{
	int i;

	srandom(seed);
	own.buf = mmap(NULL, BUF_SIZE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	own.constant = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (own.buf == MAP_FAILED || own.constant == MAP_FAILED ||
	    mprotect(own.buf + BUF_SIZE, 4096, PROT_NONE))
		err(1, "mmap");
	if (pipe2(own.pipe, O_NONBLOCK))
		err(1, "pipe");
	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < NR_OPEN; i++)
		own.fd[i] = -1;
}

static void run_calls(unsigned int seed, int calls)
{
	int i;

	set_up_own(seed);
	for (i = 0; i < calls; i++) {
		long result = do_call(&own.fd[below(NR_OPEN)]);

		count_result(result, errno);
	}
	_exit(0);
}

/* With rings of the largest size the guest has no memory left, and nobody to kill. */
static bool is_left_alone(const char *name)
{
	return *name == '.' || !strcmp(name, "adj_ring_kb") ||
	       !strcmp(name, "storm_ring_kb");
}

static void find_files(const char *dir)
{
	DIR *all = opendir(dir);
	struct dirent *entry;

	if (!all)
		err(1, "%s", dir);
	while ((entry = readdir(all)) && nr_files < MAX_FILES)
		if (!is_left_alone(entry->d_name))
			snprintf(files[nr_files++], sizeof(*files), "%s%s", dir, entry->d_name);
	closedir(all);
}

/* The module's count of references; 0 if it is built in, as it has none then. */
static long long open_files(void)
{
	static const char refcnt[] = "/sys/module/oomwatch/refcnt";

	return access(refcnt, R_OK) ? 0 : number_in(refcnt, NULL);
}

TEST(random_calls)
{
	long long kills = vmstat_kills(), refs = open_files();
	unsigned int seed = time(NULL), i;
	pid_t pid[NR_PROCESSES];
	int status;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	find_files(DEBUGFS);
	find_files(KNOBS);
	ASSERT_LT(10, nr_files);
	if (have_memcg())
		make_cgroup(CGROUPS "/calls", 4096);
	TH_LOG("%u files, seed %u", nr_files, seed);
	for (i = 0; i < NR_PROCESSES; i++) {
		pid[i] = fork_child();
		if (!pid[i])
			run_calls(seed + i, NR_CALLS / NR_PROCESSES);
	}
	for (i = 0; i < NR_PROCESSES; i++) {
		ASSERT_EQ(pid[i], waitpid(pid[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	if (have_memcg())
		remove_cgroup(CGROUPS "/calls");

	EXPECT_EQ(NR_CALLS, shared->calls);
	EXPECT_EQ(0, shared->strange) TH_LOG("an error: %s", strerror(shared->strange));
	for (i = 0; i < 256; i++)
		if (shared->errors[i])
			TH_LOG("%u: %s", shared->errors[i], strerror(i));
	/* If most calls fail early, the test tries nothing. */
	EXPECT_LT(NR_CALLS / 10, shared->succeeded);
	EXPECT_EQ(refs, open_files());
	EXPECT_EQ(kills, vmstat_kills());
	reset_machine();
	munmap(shared, sizeof(*shared));
}

/* Reads until there is no more; returns the number of records. */
static int read_rest(int fd)
{
	static char buf[1 << 14];
	const struct oomwatch_head *head;
	int records = 0;
	ssize_t n, at;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (at = 0; at < n; at += head->len) {
			head = (const void *)(buf + at);
			if (head->len < sizeof(*head) || head->type == OOMWATCH_TYPE_LOST)
				errx(1, "record of %u bytes, type %u", head->len, head->type);
			records++;
		}
	}
	return records;
}

/* Processes that share an open file share its position: each record goes whole to one of them. */
TEST(one_reader_of_several_processes)
{
	int fd, copy, n, total = 0, status;
	pid_t pid[3];

	spew(DEBUGFS "clear", "1");
	fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	copy = dup(fd);
	EXPECT_EQ(-1, lseek(copy, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	for (n = 0; n < 150; n++)
		spew("/proc/self/oom_score_adj", "%d", n % 2 ? -1000 : -999);
	for (n = 0; n < 3; n++) {
		pid[n] = fork_child();
		if (!pid[n])
			_exit(read_rest(n % 2 ? copy : fd));
	}
	for (n = 0; n < 3; n++) {
		ASSERT_EQ(pid[n], waitpid(pid[n], &status, 0));
		ASSERT_TRUE(WIFEXITED(status));
		total += WEXITSTATUS(status);
	}
	/* With the start record. */
	EXPECT_EQ(1 + 150, total);
	close(copy);
	EXPECT_EQ(0, read_rest(fd));
	close(fd);
}

TEST(works_as_before)
{
	struct events all;
	pid_t pid;

	spew(DEBUGFS "clear", "1");
	pid = sysrq_kill_hog("-m 2000 -a 1000");
	EXPECT_NE(0, pid);
	all = read_events("events");
	EXPECT_NE(NULL, find_event(&all, "victim", "pid", pid));
}

TEST_HARNESS_MAIN
