// SPDX-License-Identifier: GPL-2.0
/* Shared by the tests: see oomtest.h. */
#include "oomtest.h"

#include <linux/userfaultfd.h>
#include <sched.h>
#include <sys/ioctl.h>

/* --- files ---------------------------------------------------------------- */

char *slurp(const char *path, size_t *len)
{
	size_t size = 1 << 16, used = 0;
	char *buf = malloc(size);
	int fd = open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		err(1, "%s", path);
	while ((n = read(fd, buf + used, size - used - 1)) > 0) {
		used += n;
		if (size - used < 4096)
			buf = realloc(buf, size *= 2);
	}
	if (n < 0)
		err(1, "reading %s", path);
	close(fd);
	buf[used] = '\0';
	if (len)
		*len = used;
	return buf;
}

int try_read(const char *path)
{
	static char buf[1 << 16];
	int fd = open(path, O_RDONLY | O_NONBLOCK), error = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	if (n < 0 && errno != EAGAIN)
		error = errno;
	close(fd);
	return error;
}

int try_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY);
	int error = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = write(fd, text, len);
	if (n < 0)
		error = errno;
	else if ((size_t)n != len)
		error = EIO;
	close(fd);
	return error;
}

void spew(const char *path, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	errno = try_write(path, text, strlen(text));
	if (errno)
		err(1, "%s > %s", text, path);
}

long long number_in(const char *path, const char *name)
{
	char *text = slurp(path, NULL), *at = text;
	size_t len = name ? strlen(name) : 0;
	long long value;

	while (name && strncmp(at, name, len)) {
		at = strchr(at, '\n');
		if (!at)
			errx(1, "no %s in %s", name, path);
		at++;
	}
	value = strtoll(at + len, NULL, 10);
	free(text);
	return value;
}

long long stat_of(const char *name)
{
	char key[64];

	snprintf(key, sizeof(key), "%s: ", name);
	return number_in(DEBUGFS "stats", key);
}

long long vmstat_kills(void)
{
	return number_in("/proc/vmstat", "oom_kill ");
}

long long our_kills(void)
{
	return stat_of("victims") - stat_of("victims_dying") + stat_of("rekills");
}

void knob_set(const char *name, unsigned int value)
{
	char path[128];

	snprintf(path, sizeof(path), KNOBS "%s", name);
	spew(path, "%u", value);
}

unsigned int knob_get(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), KNOBS "%s", name);
	return number_in(path, NULL);
}

/* --- events as text ------------------------------------------------------- */

/* Unescapes the value after key= in place; returns the rest of the line, or NULL on an error. */
static char *parse_value(char *s, struct pair *field)
{
	char *out = s;

	field->value = s;
	field->quoted = *s == '"';
	if (!field->quoted) {
		s += strcspn(s, " ");
		field->len = s - field->value;
	} else {
		for (s++; *s != '"'; s++) {
			char hex[3] = { };

			if (!*s || !isprint((unsigned char)*s) || (unsigned char)*s > 0x7e)
				return NULL;
			if (*s != '\\') {
				*out++ = *s;
				continue;
			}
			s++;
			if (*s == '"' || *s == '\\') {
				*out++ = *s;
			} else if (*s == 'x' && isxdigit((unsigned char)s[1]) &&
				   isxdigit((unsigned char)s[2])) {
				memcpy(hex, s + 1, 2);
				*out++ = strtol(hex, NULL, 16);
				s += 2;
			} else {
				return NULL;
			}
		}
		s++;
		field->len = out - field->value;
	}
	if (*s && *s != ' ')
		return NULL;
	s = *s ? s + 1 : s;
	field->value[field->len] = '\0';
	return s;
}

/* Takes a line apart in place; false if it does not have the documented form. */
static bool parse_event(char *line, struct event *event)
{
	char *s = line + strcspn(line, " ");

	event->type = line;
	event->nr_fields = 0;
	if (!*s)
		return false;
	*s++ = '\0';
	while (*s) {
		struct pair *field = &event->field[event->nr_fields];
		size_t len = strcspn(s, "= \"");

		if (!len || s[len] != '=' || event->nr_fields == MAX_FIELDS)
			return false;
		field->key = s;
		s[len] = '\0';
		s = parse_value(s + len + 1, field);
		if (!s)
			return false;
		event->nr_fields++;
	}
	return event->nr_fields >= 3;
}

struct events parse_events(const char *path, char *text)
{
	struct events all = { };
	char *line, *next, copy[160];

	if (strncmp(text, "# oomwatch 1\n", 13))
		errx(1, "%s doesn't begin with its header: %.40s", path, text);
	for (line = text + 13; *line; line = next) {
		next = strchr(line, '\n');
		if (!next)
			errx(1, "%s ends within a line", path);
		*next++ = '\0';
		snprintf(copy, sizeof(copy), "%s", line);
		all.event = realloc(all.event, (all.nr + 1) * sizeof(*all.event));
		if (!parse_event(line, &all.event[all.nr++]))
			errx(1, "a line of %s is not well formed: %s", path, copy);
	}
	return all;
}

struct events read_events(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "%s", name);
	return parse_events(path, slurp(path, NULL));
}

const struct pair *find_field(const struct event *event, const char *key)
{
	int i;

	for (i = 0; i < event->nr_fields; i++)
		if (!strcmp(event->field[i].key, key))
			return &event->field[i];
	return NULL;
}

const struct pair *field_of(const struct event *event, const char *key)
{
	const struct pair *field = find_field(event, key);

	if (!field)
		errx(1, "no %s in a record of type %s", key, event->type);
	return field;
}

const char *text_of(const struct event *event, const char *key)
{
	return field_of(event, key)->value;
}

bool is_known(const struct event *event, const char *key)
{
	const struct pair *field = field_of(event, key);

	return field->quoted || strcmp(field->value, "-");
}

long long num_of(const struct event *event, const char *key)
{
	const char *text = text_of(event, key);
	long long value;
	char *end;

	if (!is_known(event, key))
		errx(1, "%s of a record of type %s is unknown", key, event->type);
	value = strtoll(text, &end, 0);
	if (*end)
		errx(1, "%s=%s is not a number", key, text);
	return value;
}

bool is_type(const struct event *event, const char *type)
{
	return !strcmp(event->type, type);
}

int count_type(const struct events *all, const char *type)
{
	int i, n = 0;

	for (i = 0; i < all->nr; i++)
		n += is_type(&all->event[i], type);
	return n;
}

bool is_text(const struct event *event, const char *key, const char *text)
{
	return !strcmp(text_of(event, key), text);
}

bool has_number(const struct event *event, const char *key, long long value)
{
	char *end;

	return strtoll(text_of(event, key), &end, 0) == value && !*end;
}

const struct event *find_event(const struct events *all, const char *type,
			       const char *key, long long value)
{
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], type) && is_known(&all->event[i], key) &&
		    has_number(&all->event[i], key, value))
			return &all->event[i];
	return NULL;
}

const struct event *find_text(const struct events *all, const char *type,
			      const char *key, const char *text)
{
	int i;

	for (i = 0; i < all->nr; i++)
		if (is_type(&all->event[i], type) && is_text(&all->event[i], key, text))
			return &all->event[i];
	return NULL;
}

/* --- records ---------------------------------------------------------------- */

bool tally_record(struct tally *tally, const struct oomwatch_head *head)
{
	const struct oomwatch_lost *lost = (const void *)head;

	if (head->type == OOMWATCH_TYPE_START) {
		tally->first = head->seq;
		tally->next = head->seq;
		return false;
	}
	if (head->seq != tally->next)
		errx(1, "record %llu came for %llu", (unsigned long long)head->seq, tally->next);
	if (head->type == OOMWATCH_TYPE_LOST) {
		tally->next += lost->count;
		tally->missed += lost->count;
		return false;
	}
	tally->next++;
	tally->received++;
	return true;
}

/* --- the kernel's log ----------------------------------------------------- */

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		err(1, "/dev/kmsg");
	return fd;
}

bool kmsg_line(int fd, char line[KMSG_MAX])
{
	char buf[KMSG_MAX], *text;
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	if (n < 0 && errno == EAGAIN)
		return false;
	if (n < 0)
		err(1, "/dev/kmsg");
	buf[n] = '\0';
	text = strchr(buf, ';');
	text = text ? text + 1 : buf;
	text[strcspn(text, "\n")] = '\0';
	strcpy(line, text);
	return true;
}

void cut(const char *line, const char *name, const char *ends, char *to, size_t size)
{
	const char *at = strstr(line, name);
	size_t len = 0;

	if (at) {
		at += strlen(name);
		len = strcspn(at, ends);
	}
	snprintf(to, size, "%.*s", at ? (int)len : 0, at ? at : "");
}

long long number_behind(const char *line, const char *name)
{
	const char *at = strstr(line, name);

	if (!at)
		errx(1, "no %s in: %s", name, line);
	return strtoll(at + strlen(name), NULL, 0);
}

bool hear_killed(const char *line, struct killed *k)
{
	const char *at = strstr(line, "Killed process ");

	if (!at)
		return false;
	k->pid = number_behind(at, "Killed process ");
	cut(at, " (", ")", k->comm, sizeof(k->comm));
	k->total_vm = number_behind(at, "total-vm:");
	k->anon = number_behind(at, "anon-rss:");
	k->file = number_behind(at, "file-rss:");
	k->shmem = number_behind(at, "shmem-rss:");
	k->uid = number_behind(at, "UID:");
	k->pgtables = number_behind(at, "pgtables:");
	k->adj = number_behind(at, "oom_score_adj:");
	return true;
}

bool is_invocation(const char *line)
{
	return strstr(line, " invoked oom-killer: ");
}

bool hear_summary(const char *line, struct summary *s)
{
	if (is_invocation(line)) {
		snprintf(s->trigger, sizeof(s->trigger), "%.*s",
			 (int)(strstr(line, " invoked oom-killer: ") - line), line);
		s->gfp_mask = number_behind(line, "gfp_mask=");
		cut(strstr(line, "gfp_mask="), "(", ")", s->gfp_flags, sizeof(s->gfp_flags));
		s->order = number_behind(line, "order=");
		s->trigger_adj = number_behind(line, "oom_score_adj=");
	}
	if (strncmp(line, "oom-kill:", 9))
		return false;
	cut(line, "constraint=", ",", s->constraint, sizeof(s->constraint));
	cut(line, "nodemask=", ",", s->nodemask, sizeof(s->nodemask));
	cut(line, "mems_allowed=", ",", s->mems_allowed, sizeof(s->mems_allowed));
	cut(line, "oom_memcg=", ",", s->oom_memcg, sizeof(s->oom_memcg));
	cut(line, "task_memcg=", ",", s->task_memcg, sizeof(s->task_memcg));
	s->pid = number_behind(line, ",pid=");
	s->uid = number_behind(line, ",uid=");
	s->complete = *s->trigger;
	return true;
}

/* --- the kernel's own events ---------------------------------------------- */

void trace_switch(const char *event, const char *on)
{
	char path[128];

	snprintf(path, sizeof(path), TRACING "events/%s/enable", event);
	spew(path, "%s", on);
}

bool trace_begin(const char *event)
{
	char path[128];

	snprintf(path, sizeof(path), TRACING "events/%s/enable", event);
	if (access(path, W_OK))
		return false;
	spew(TRACING "trace_clock", "boot");
	spew(TRACING "trace", "\n");
	trace_switch(event, "1");
	return true;
}

char *trace_end(const char *event)
{
	char *trace;

	trace_switch(event, "0");
	trace = slurp(TRACING "trace", NULL);
	spew(TRACING "trace_clock", "local");
	return trace;
}

struct tries tries_in(char *trace, const char *task, const char *event, const struct event *oom)
{
	struct tries tries = { };
	double t, before = 0;
	char *line;

	for (line = strtok(trace, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strstr(line, task) || !strstr(line, event))
			continue;
		if (sscanf(strstr(line, task), "%*s [%*d] %*s %lf:", &t) != 1)
			errx(1, "no time in: %s", line);
		if (t > strtod(text_of(oom, "t"), NULL))
			break;
		if (t - before > 1)
			tries = (struct tries) { };
		tries.unclear |= t - before > 0.9 && t - before < 1.1;
		before = t;
		tries.last = line;
		tries.nr++;
	}
	return tries;
}

void let_cpus_keep(const char *fraction)
{
	try_write("/proc/sys/vm/percpu_pagelist_high_fraction", fraction, strlen(fraction));
}

/* --- victims -------------------------------------------------------------- */

char state_of(pid_t pid)
{
	char path[64], *text, *end, state;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (access(path, F_OK))
		return 0;
	text = slurp(path, NULL);
	end = strrchr(text, ')');
	state = end ? end[2] : 0;
	free(text);
	return state;
}

long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void pause_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

/*
 * The kernel prints ten reports in five seconds. Tests before may have used them up: waits until it
 * prints again.
 */
void wait_for_reports(void)
{
	pause_ms(5500);
}

void use_cpu(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		err(1, "CPU %d", cpu);
}

pid_t fork_child(void)
{
	pid_t pid, parent = getpid();

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		/* Has the parent died before that? 0: it is in another PID namespace. */
		if (getppid() && getppid() != parent)
			_exit(0);
	}
	return pid;
}

pid_t start_process(void (*run)(int nr), int nr)
{
	pid_t pid = fork_child();

	if (pid)
		return pid;
	run(nr);
	_exit(0);
}

bool ended_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

int wait_at(void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)page, .len = sysconf(_SC_PAGESIZE) },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_NONBLOCK);

	if (fd < 0 || (!ioctl(fd, UFFDIO_API, &api) && !ioctl(fd, UFFDIO_REGISTER, &range)))
		return fd;
	close(fd);
	return -1;
}

#define LINE_LEN 1024

/* The options of a hog. */
static void set_line(char *line, const char *fmt, va_list ap)
{
	if (vsnprintf(line, LINE_LEN, fmt, ap) >= LINE_LEN)
		errx(1, "hog %s: too many options", line);
}

pid_t start_hog(const char *fmt, ...)
{
	char line[LINE_LEN], *argv[32] = { "hog" };
	int n = 1, null;
	va_list ap;
	pid_t pid;

	va_start(ap, fmt);
	set_line(line, fmt, ap);
	va_end(ap);
	pid = fork_child();
	if (pid)
		return pid;
	for (argv[n] = strtok(line, " "); argv[n]; argv[n] = strtok(NULL, " "))
		n++;
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	execv("./hog", argv);
	err(1, "./hog");
}

pid_t start_sitting_hog(const char *fmt, ...)
{
	char line[LINE_LEN], c;
	int ready[2];
	va_list ap;
	pid_t pid;

	if (pipe(ready))
		err(1, "pipe");
	va_start(ap, fmt);
	set_line(line, fmt, ap);
	va_end(ap);
	pid = start_hog("%s -r %d", line, ready[1]);
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		errx(1, "hog %s: did not get ready", line);
	close(ready[0]);
	return pid;
}

bool was_killed(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

bool oom_kill_hog(const char *fmt, ...)
{
	char line[LINE_LEN];
	va_list ap;

	va_start(ap, fmt);
	set_line(line, fmt, ap);
	va_end(ap);
	return was_killed(start_hog("%s", line));
}

void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

void stop_all(const pid_t *pid, int n)
{
	while (n--)
		stop(pid[n]);
}

void make_cgroup(const char *path, unsigned long limit_kib)
{
	char file[5000];

	if (mkdir(path, 0755) && errno != EEXIST)
		err(1, "%s", path);
	if (!limit_kib)
		return;
	snprintf(file, sizeof(file), "%s/memory.max", path);
	spew(file, "%luK", limit_kib);
}

void cgroup_set(const char *path, const char *file, const char *text)
{
	char name[5000];

	snprintf(name, sizeof(name), "%s/%s", path, file);
	spew(name, "%s", text);
}

void remove_cgroup(const char *path)
{
	int i;

	for (i = 0; i < 100 && rmdir(path); i++)
		pause_ms(20);
}

#define FILLED "/dev/shm/fill"

static void write_until(int fd, int failures)
{
	static char block[65536];

	while (failures) {
		if (write(fd, block, sizeof(block)) >= 0)
			continue;
		if (errno != ENOMEM)
			err(1, "%s", FILLED);
		failures--;
	}
}

void fail_charges_as(uid_t uid, const char *cgroup, int failures)
{
	pid_t pid = fork_child();
	int fd;

	if (!pid) {
		spew("/proc/self/oom_score_adj", "-1000");
		/* An inode that can't be charged is an ENOSPC. */
		fd = open(FILLED, O_CREAT | O_RDWR | O_TRUNC, 0600);
		if (fd < 0)
			err(1, "%s", FILLED);
		cgroup_set(cgroup, "cgroup.procs", "0");
		if (setuid(uid))
			err(1, "setuid");
		write_until(fd, failures);
		_exit(0);
	}
	if (!ended_well(pid))
		errx(1, "the writes in %s did not all fail as they should", cgroup);
	unlink(FILLED);
}

void fail_charges(const char *cgroup, int failures)
{
	fail_charges_as(0, cgroup, failures);
}

void sysrq_oom(void)
{
	long long before = stat_of("capture_ns_total");
	int i;

	spew("/proc/sysrq-trigger", "f");
	for (i = 0; i < 1000 && stat_of("capture_ns_total") == before; i++)
		pause_ms(10);
}

pid_t sysrq_kill_hog(const char *fmt, ...)
{
	char line[LINE_LEN];
	va_list ap;
	pid_t pid;

	va_start(ap, fmt);
	set_line(line, fmt, ap);
	va_end(ap);
	pid = start_sitting_hog("%s", line);
	sysrq_oom();
	return was_killed(pid) ? pid : 0;
}

void hold_exit(pid_t pid)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT))
		err(1, "ptrace");
}

void wait_held(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_EXIT << 8))
		errx(1, "%d was not held at its exit (%#x)", pid, status);
}

void let_exit(pid_t pid)
{
	if (ptrace(PTRACE_CONT, pid, NULL, NULL))
		err(1, "ptrace");
}

/* --- swap ----------------------------------------------------------------- */

bool swap_on(void)
{
	return swap_on_kb(SWAP_KB);
}

bool swap_on_kb(unsigned int kb)
{
	if (access("/proc/swaps", F_OK))
		return false;
	/* A test that failed may have left its swap on. */
	if (!system("swapoff /dev/zram0 2>/dev/null"))
		spew("/sys/block/zram0/reset", "1");
	/* In the order of their dependencies. Loading one that is there already fails. */
	if (system("cd /lib; for m in lzo-rle zsmalloc lz4_compress lz4hc_compress zram; "
		   "do insmod $m.ko; done 2>/dev/null") &&
	    access("/sys/block/zram0", F_OK))
		return false;
	spew("/sys/block/zram0/disksize", "%uK", kb);
	return !system("(mkswap /dev/zram0 && swapon /dev/zram0) >/dev/null 2>&1");
}

void swap_off(void)
{
	/* zram stays loaded. */
	if (system("swapoff /dev/zram0 && echo 1 >/sys/block/zram0/reset"))
		errx(1, "swapoff");
}

/* --- the module ----------------------------------------------------------- */

bool is_loaded(void)
{
	return !access(DEBUGFS "stats", F_OK);
}

void skip_program(const char *why)
{
	printf("1..0 # SKIP %s\n", why);
	exit(SKIP_STATUS);
}

void reset_machine(void)
{
	const char *kprobes = KPROBES "/enabled";

	if (!access(kprobes, W_OK))
		spew(kprobes, "1");
	spew("/proc/sys/vm/oom_kill_allocating_task", "0");
	spew("/proc/sys/vm/oom_dump_tasks", "1");
	spew("/proc/sys/vm/overcommit_memory", "0");
	knob_set("enabled", 1);
	knob_set("ring_kb", 1024);
	knob_set("adj_ring_kb", 256);
	knob_set("storm_ring_kb", 256);
	knob_set("adj_updates", 1);
	/* Tests make records by many writes of oom_score_adj. */
	knob_set("adj_per_min", 1000000);
	knob_set("candidates", 32);
	knob_set("candidates_always", 0);
	knob_set("children", 8);
	knob_set("stack_depth", 24);
	/* A write reads all command lines anew. */
	if (knob_get("cmdline") != 128)
		knob_set("cmdline", 128);
	knob_set("log", 0);
	knob_set("panic_report", 1);
}

/* A setting of the kernel's, which it may lack. */
struct setting {
	const char *path, *value;
	char *usual;		/* NULL: not changed yet */
};

static void change(struct setting *settings, int nr, bool changed)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (access(settings[i].path, W_OK))
			continue;
		if (!settings[i].usual)
			settings[i].usual = slurp(settings[i].path, NULL);
		spew(settings[i].path, "%s", changed ? settings[i].value : settings[i].usual);
	}
}

void be_patient(bool patient)
{
	static struct setting seconds[] = {
		{ "/proc/sys/kernel/watchdog_thresh", "60" },
		{ "/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout", "60" },
	};

	change(seconds, 2, patient);
}

void leave_pages(bool leave)
{
	static struct setting movers[] = {
		{ "/proc/sys/kernel/numa_balancing", "0" },
		{ "/proc/sys/vm/compaction_proactiveness", "0" },
	};

	change(movers, 2, leave);
}

void require_oomwatch(void)
{
	const char *may_kill = getenv("OOMWATCH_KILL") ?: "";

	if (geteuid())
		skip_program("must be run by root");
	if (strcmp(may_kill, "1"))
		skip_program("kills processes of this machine: set OOMWATCH_KILL=1 if it may");
	if (!is_loaded())
		skip_program("oomwatch is not loaded, or debugfs is not mounted");
	reset_machine();
	spew("/proc/self/oom_score_adj", "-1000");
}

bool have_source(const char *name)
{
	char *stats = slurp(DEBUGFS "stats", NULL), want[64];
	bool found;

	snprintf(want, sizeof(want), "\nsource_%s: attached\n", name);
	found = strstr(stats, want);
	free(stats);
	return found;
}

bool have_scope(void)
{
	return have_source("out_of_memory");
}

bool have_stacks(void)
{
	return have_source("stack_trace");
}

bool have_controller(const char *name)
{
	char *controllers;
	bool found;

	if (access(CGROUPS "/cgroup.subtree_control", F_OK))
		return false;
	controllers = slurp(CGROUPS "/cgroup.subtree_control", NULL);
	found = strstr(controllers, name);
	free(controllers);
	return found;
}

bool have_memcg(void)
{
	return have_controller("memory");
}

void require_memcg(void)
{
	if (!have_memcg())
		skip_program(NO_MEMCG);
}
