// SPDX-License-Identifier: GPL-2.0
/*
 * Access: an ordinary user, root of a user namespace and root of a container can read nothing but
 * stats and the knobs, and can set nothing. No file has an address of the kernel's memory in it.
 */
#include "harness.h"

#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>

#define USER 1000

static const char * const files[] = {
	"events", "last", "records", "candidates", "report", "stats", "clear",
};

static const char * const knobs[] = {
	"enabled", "ring_kb", "adj_ring_kb", "storm_ring_kb", "adj_updates", "adj_per_min",
	"candidates", "candidates_always", "children", "stack_depth", "cmdline", "log",
	"panic_report",
};

#define LEN(array) (sizeof(array) / sizeof(*(array)))

static void __attribute__((constructor)) require(void)
{
	require_oomwatch();
}

/* --- what a process can do --------------------------------------------------------------- */

/* 0, or the errno of open(). */
static int open_error(const char *dir, const char *name, int mode)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s%s", dir, name);
	fd = open(path, mode | O_NONBLOCK);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static bool is_refusal(int error)
{
	return error == EACCES || error == EPERM || error == EROFS || error == ENOENT;
}

/* Reports what this process can do and should not; returns how many such things. */
static int opens_too_much(const char *debugfs, bool reads_stats)
{
	int wrong = 0, error;
	unsigned int i;

	for (i = 0; i < LEN(files); i++) {
		bool readable = reads_stats && !strcmp(files[i], "stats");

		error = open_error(debugfs, files[i], O_RDONLY);
		if (readable ? error : !is_refusal(error)) {
			warnx("reading %s: %s", files[i], strerror(error));
			wrong++;
		}
		error = open_error(debugfs, files[i], O_WRONLY);
		if (!is_refusal(error)) {
			warnx("writing %s: %s", files[i], strerror(error));
			wrong++;
		}
	}
	for (i = 0; i < LEN(knobs); i++) {
		error = open_error(KNOBS, knobs[i], O_WRONLY);
		if (!is_refusal(error)) {
			warnx("setting %s: %s", knobs[i], strerror(error));
			wrong++;
		}
	}
	return wrong;
}

static void become_user(void)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		err(1, "becoming a user");
	/* Without this /proc/self belongs to root after the change of user. */
	prctl(PR_SET_DUMPABLE, 1);
}

/* False if there are no user namespaces. */
static bool become_namespace_root(void)
{
	become_user();
	if (unshare(CLONE_NEWUSER))
		return false;
	spew("/proc/self/setgroups", "deny");
	spew("/proc/self/uid_map", "0 %d 1", USER);
	spew("/proc/self/gid_map", "0 %d 1", USER);
	if (unshare(CLONE_NEWNS) || geteuid())
		err(1, "becoming root of a user namespace");
	return true;
}

static void drop_capability(int nr)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		err(1, "capget");
	data[0].effective &= ~(1U << nr);
	data[0].permitted &= ~(1U << nr);
	data[0].inheritable = 0;
	if (syscall(SYS_capset, &head, data))
		err(1, "capset");
}

/* As container engines do it: another root, /proc/sys read only, no debugfs. */
static bool become_container_root(void)
{
	static const char root[] = "/tmp/container";

	if (unshare(CLONE_NEWNS))
		return false;
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(root, 0755) && errno != EEXIST) || mount("none", root, "tmpfs", 0, NULL) ||
	    chdir(root) || mkdir("proc", 0755) || mkdir("sys", 0755) ||
	    mkdir("tmp", 0755) ||
	    mount("none", "proc", "proc", 0, NULL) ||
	    mount("none", "sys", "sysfs", MS_RDONLY, NULL) ||
	    mount("proc/sys", "proc/sys", NULL, MS_BIND, NULL) ||
	    mount("none", "proc/sys", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) ||
	    chroot("."))
		err(1, "making a container");
	drop_capability(CAP_SYS_ADMIN);
	return true;
}

/* The exit status of a child that can't try; otherwise that is the number of wrong things. */
#define CANT_TRY 77

static int tried_by(bool (*become)(void), const char *debugfs, bool reads_stats, bool mounts)
{
	pid_t pid = fork_child();
	int status;

	if (!pid) {
		int wrong = 0;

		if (!become())
			_exit(CANT_TRY);
		wrong += opens_too_much(debugfs, reads_stats);
		if (mounts && !mount("none", "/tmp", "debugfs", 0, NULL))
			wrong += opens_too_much("/tmp/oomwatch/", false);
		else if (mounts && errno != EPERM)
			err(1, "mounting debugfs");
		_exit(wrong);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		errx(1, "a child did not end well");
	return WEXITSTATUS(status);
}

static bool become_ordinary(void)
{
	become_user();
	return true;
}

/* --- tests --------------------------------------------------------------------------------- */

static void debugfs_mode(const char *mode)
{
	if (mount("none", "/sys/kernel/debug", "debugfs", MS_REMOUNT, mode))
		err(1, "remounting debugfs");
}

/* By default debugfs lets only root in. */
TEST(ordinary_user)
{
	EXPECT_EQ(0, tried_by(become_ordinary, DEBUGFS, false, false));
}

/* If everybody may enter debugfs, a monitor can read stats as any user. */
TEST(ordinary_user_in_open_debugfs)
{
	int wrong;

	debugfs_mode("mode=0755");
	wrong = tried_by(become_ordinary, DEBUGFS, true, false);
	debugfs_mode("mode=0700");
	EXPECT_EQ(0, wrong);
}

TEST(root_of_a_user_namespace)
{
	int wrong;

	debugfs_mode("mode=0755");
	wrong = tried_by(become_namespace_root, DEBUGFS, true, true);
	debugfs_mode("mode=0700");
	if (wrong == CANT_TRY)
		SKIP(return, "no user namespaces");
	EXPECT_EQ(0, wrong);
}

TEST(root_of_a_container)
{
	int wrong = tried_by(become_container_root, DEBUGFS, false, true);

	if (wrong == CANT_TRY)
		SKIP(return, "no mount namespaces");
	EXPECT_EQ(0, wrong);
}

/* Knobs can be read by all, as other sysctls can. */
TEST(knobs_are_read)
{
	pid_t pid = fork_child();
	unsigned int i;
	int status;

	if (!pid) {
		become_user();
		for (i = 0; i < LEN(knobs); i++)
			if (open_error(KNOBS, knobs[i], O_RDONLY))
				_exit(1);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

/*
 * The address ranges of the kernel on x86_64 and arm64. Small negative numbers are above them.
 * The gap between is left out: two numbers of 32 bits look like that if the second is -1.
 */
static bool is_kernel_address(__u64 value)
{
	return (value >= 0xffff000000000000 && value < 0xffffffff00000000) ||
	       (value >= 0xffffffff80000000 && value < 0xfffffffffff00000);
}

static int addresses_in_bytes(const char *buf, size_t len)
{
	__u64 value;
	size_t at;
	int n = 0;

	for (at = 0; at + sizeof(value) <= len; at += sizeof(value)) {
		memcpy(&value, buf + at, sizeof(value));
		n += is_kernel_address(value);
	}
	return n;
}

static int addresses_in_text(const char *text)
{
	const char *at = text;
	int n = 0;
	size_t len;

	while (*(at += strcspn(at, "0123456789abcdefABCDEF"))) {
		len = strspn(at, "0123456789abcdefABCDEF");
		n += len == 16 && is_kernel_address(strtoull(at, NULL, 16));
		at += len;
	}
	return n;
}

/* Looks at all that a kill leaves, in every form that it is shown in. */
TEST(no_kernel_addresses)
{
	static const char * const texts[] = { "events", "last", "candidates", "report", "stats" };
	static char buf[1 << 20];
	char path[256], line[KMSG_MAX];
	int kmsg = kmsg_open(), fd, said = 0;
	unsigned int i;
	ssize_t n, len = 0;
	pid_t pid;

	spew("/proc/sys/kernel/kptr_restrict", "0");
	spew(DEBUGFS "clear", "1");
	knob_set("log", 1);
	knob_set("stack_depth", 64);
	pid = sysrq_kill_hog("-m 2000 -a 1000");
	EXPECT_NE(0, pid);
	if (have_memcg()) {
		make_cgroup(CGROUPS "/access", 4096);
		EXPECT_TRUE(oom_kill_hog("-c " CGROUPS "/access"));
		remove_cgroup(CGROUPS "/access");
	}
	for (i = 0; i < LEN(texts); i++) {
		char *text;

		snprintf(path, sizeof(path), DEBUGFS "%s", texts[i]);
		text = slurp(path, NULL);
		EXPECT_EQ(0, addresses_in_text(text)) TH_LOG("in %s", texts[i]);
		free(text);
	}
	fd = open(DEBUGFS "records", O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	while ((n = read(fd, buf + len, sizeof(buf) - len)) > 0)
		len += n;
	close(fd);
	EXPECT_LT(1000, len);
	EXPECT_EQ(0, addresses_in_bytes(buf, len));
	while (kmsg_line(kmsg, line)) {
		if (!strstr(line, "oomwatch: "))
			continue;
		said++;
		EXPECT_EQ(0, addresses_in_text(line)) TH_LOG("%s", line);
	}
	EXPECT_LT(0, said);
	close(kmsg);
	reset_machine();
}

TEST_HARNESS_MAIN
