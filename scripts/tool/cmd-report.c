// SPDX-License-Identifier: GPL-2.0
/* report: writes an archive of what a bug report needs, with --redact without names. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "redact.h"
#include "tar.h"
#include "tool.h"

/* The folder that the archive unpacks to. */
#define FOLDER "oomwatch-report/"

static bool redact;

static const struct option_row option_redact = { .name = "redact", .flag = &redact,
	.what = "replace names, user IDs and command lines" };

struct report {
	const struct options *options;
	struct capture capture;
	struct redacted redacted;
};

/* --- parts ----------------------------------------------------------------------- */

/* A function that makes a part returns NULL, or why there is none. */

/* A report is made without the module, too. NULL: a source of kills was read. */
static const char *why_no_kills(const struct report *report)
{
	return report->capture.nr_names ? NULL : why_no_file(ENOENT);
}

static const char *make_html(FILE *to, const struct report *report)
{
	const char *why = why_no_kills(report);

	if (!why)
		write_page(to, &report->capture, NULL);
	return why;
}

static const char *make_json(FILE *to, const struct report *report)
{
	const char *why = why_no_kills(report);

	if (!why)
		put_all_json(to, &report->capture);
	return why;
}

static const char *make_records(FILE *to, const struct report *report __attribute__((unused)))
{
	__u8 *bytes = allocate(1 << 16);
	int fd = open_records(), error = errno;
	ssize_t n;

	if (fd < 0) {
		free(bytes);
		return why_no_file(error);
	}
	while ((n = read_records(fd, bytes, 1 << 16)) > 0)
		fwrite(bytes, 1, n, to);
	error = errno;
	close(fd);
	free(bytes);
	return n < 0 && error != EAGAIN ? why_no_file(error) : NULL;
}

/* What a command prints, with its messages. */
static void put_output(FILE *to, const struct command *command)
{
	static const struct options none = { .until_ns = ~0ULL };
	FILE *said = tmpfile();
	int c, status = 0;
	pid_t pid;

	if (!said)
		die(EXIT_FAILED, "a temporary file: %s", why_not(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(EXIT_FAILED, "%s: %s", command->name, why_not(errno));
	if (!pid) {
		dup2(fileno(said), STDOUT_FILENO);
		dup2(fileno(said), STDERR_FILENO);
		c = command->run(&none);
		fflush(NULL);
		_exit(c);
	}
	waitpid(pid, &status, 0);
	rewind(said);
	while ((c = getc(said)) != EOF)
		putc(c, to);
	fclose(said);
	if (WIFSIGNALED(status))
		fprintf(to, "Signal %d has ended this.\n", WTERMSIG(status));
}

static const char *make_policy(FILE *to, const struct report *report __attribute__((unused)))
{
	put_output(to, &command_policy);
	return NULL;
}

static const char *make_status(FILE *to, const struct report *report __attribute__((unused)))
{
	put_output(to, &command_status);
	return NULL;
}

static const char *make_stats(FILE *to, const struct report *report __attribute__((unused)))
{
	char *stats = read_stats(NULL);

	if (!stats)
		return why_no_file(errno);
	fputs(stats, to);
	free(stats);
	return NULL;
}

/* The first line of a file, without its end; "-" if there is none. */
static void put_line_of(FILE *to, const char *name, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256] = "-";

	words_scope();
	if (file && !fgets(line, sizeof(line), file))
		strcpy(line, "-");
	if (file)
		fclose(file);
	line[strcspn(line, "\n")] = '\0';
	fprintf(to, "%s: %s\n", name, words_escaped(comm_bytes(line)));
}

static const char *make_module(FILE *to, const struct report *report __attribute__((unused)))
{
	fprintf(to, "program: %s\n", VERSION);
	put_line_of(to, "module", "/sys/module/oomwatch/version");
	put_line_of(to, "srcversion", "/sys/module/oomwatch/srcversion");
	put_line_of(to, "taint", "/sys/module/oomwatch/taint");
	if (access("/proc/sys/vm/oomwatch", F_OK))
		return NULL;
#define KNOB(name, usual, least, most, apply, meaning) \
	put_line_of(to, #name, "/proc/sys/vm/oomwatch/" #name)
#include "core/knobs.h"
#undef KNOB
	return NULL;
}

/* --- the kernel ------------------------------------------------------------------ */

/* What the module or the OOM killer depends on. */
static const char * const configs[] = {
	"64BIT", "ARCH_CORRECT_STACKTRACE_ON_KRETPROBE", "CGROUPS", "CMA", "COMPACTION", "CPUSETS",
	"DEBUG_FS", "DEBUG_INFO_BTF", "EVENT_TRACING", "FTRACE", "HUGETLB_PAGE", "KPROBES",
	"KRETPROBES", "LRU_GEN", "LRU_GEN_ENABLED", "MAGIC_SYSRQ", "MEMCG", "MEMCG_V1", "MMU",
	"MODULES", "MODULE_SIG_FORCE", "MODULE_UNLOAD", "NUMA", "PREEMPT", "PREEMPT_DYNAMIC",
	"PREEMPT_RT", "PROC_SYSCTL", "PSI", "SHMEM", "SMP", "STACKTRACE", "SWAP", "TRACEPOINTS",
	"TRANSPARENT_HUGEPAGE", "VM_EVENT_COUNTERS", "ZRAM", "ZSMALLOC", "ZSWAP",
};

/* Whether a line is CONFIG_X=..., or "# CONFIG_X is not set", of an option that matters. */
static bool is_config(const char *line)
{
	size_t i, len;

	if (!strncmp(line, "# ", 2))
		line += 2;
	if (strncmp(line, "CONFIG_", 7))
		return false;
	line += 7;
	len = strcspn(line, "=\n ");
	for (i = 0; i < ARRAY_SIZE(configs); i++)
		if (strlen(configs[i]) == len && !strncmp(configs[i], line, len))
			return true;
	return false;
}

/* Returns the file of the running kernel's configuration, open for reading; -1: there is none. */
static int open_config(const char *release, const char **path)
{
	const char * const paths[] = {
		format_words("/boot/config-%s", release),
		format_words("/lib/modules/%s/config", release),
		format_words("/usr/lib/modules/%s/config", release),
		format_words("/lib/modules/%s/build/.config", release),
		"/proc/config.gz",
	};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		*path = paths[i];
		fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

static const char *make_kernel(FILE *to, const struct report *report __attribute__((unused)))
{
	struct utsname uts;
	const char *path;
	char line[1024];
	struct unpacking unpacks;
	FILE *config;
	int fd;

	words_scope();
	if (uname(&uts))
		return why_not(errno);
	fprintf(to, "release: %s\nversion: %s\nmachine: %s\npage size: %ld\n", uts.release,
		uts.version, uts.machine, sysconf(_SC_PAGESIZE));
	fd = open_config(uts.release, &path);
	if (fd < 0) {
		fputs("\nThe kernel's configuration was not found.\n", to);
		return NULL;
	}
	unpacks = unpack_begin(&fd);
	config = fdopen(fd, "r");
	if (!config)
		die(EXIT_FAILED, "%s: %s", path, why_not(errno));
	fprintf(to, "\n%s has, of what matters here:\n", path);
	while (fgets(line, sizeof(line), config))
		if (is_config(line))
			fputs(line, to);
	fclose(config);
	unpack_end(unpacks);
	return NULL;
}

/* --- the kernel's log ------------------------------------------------------------ */

/* Bytes that could control a terminal become \xNN. */
static void put_log_line(FILE *to, const char *line, size_t len)
{
	for (; len; line++, len--)
		if ((*line >= ' ' && *line < 0x7f) || *line == '\t')
			putc(*line, to);
		else
			fprintf(to, "\\x%02x", (unsigned char)*line);
	putc('\n', to);
}

/*
 * The lines from "invoked oom-killer" to "Killed process", and others that name the two. Returns
 * whether there are any.
 */
static bool put_reports(FILE *to, const char *log)
{
	static const char * const marks[] = {
		"oom-kill", "oom_reaper", "oomwatch:", "Killed process",
	};
	bool inside = false, any = false, wanted;
	const char *line, *end;
	size_t i;

	words_scope();
	for (line = log; *line; line = *end ? end + 1 : end) {
		const char *text;

		end = strchrnul(line, '\n');
		text = format_words("%.*s", (int)(end - line), line);
		if (strstr(text, "invoked oom-killer"))
			inside = true;
		wanted = inside;
		for (i = 0; i < ARRAY_SIZE(marks); i++)
			wanted = wanted || strstr(text, marks[i]);
		if (wanted)
			put_log_line(to, line, end - line);
		any |= wanted;
		if (strstr(text, "Killed process"))
			inside = false;
	}
	return any;
}

#define LOG_READ_ALL 3
#define LOG_SIZE 10

static const char *make_log(FILE *to, const struct report *report __attribute__((unused)))
{
	int size = klogctl(LOG_SIZE, NULL, 0), n;
	bool any = false;
	char *log = allocate(size > 0 ? size + 1 : 1);

	n = size > 0 ? klogctl(LOG_READ_ALL, log, size) : size;
	if (n >= 0)
		any = put_reports(to, log);
	free(log);
	return n < 0 ? why_not(errno) : any ? NULL : "the kernel log has no line about an OOM kill";
}

/* --- the archive ----------------------------------------------------------------- */

static const struct content {
	const char *name, *what;
	const char *(*make)(FILE *to, const struct report *report);
	bool here;		/* of this machine: not with -f */
	bool names;		/* with names that --redact can't find: not with it */
} parts[] = {
	{ "kills.html", "the kills, as a page for a browser", make_html, false, false },
	{ "kills.json", "the kills, as oomwatch json --all prints them", make_json, false, false },
	{ "records", "what oomwatch save writes: the module's records", make_records, true, true },
	{ "policy.txt", "what oomwatch policy prints", make_policy, true, true },
	{ "status.txt", "what oomwatch status prints", make_status, true, true },
	{ "stats.txt", "the module's counters", make_stats, true, false },
	{ "module.txt", "versions and knobs", make_module, true, false },
	{ "kernel.txt", "the kernel's version, and what matters of its configuration",
	  make_kernel, true, false },
	{ "log.txt", "reports of the OOM killer in the kernel log", make_log, true, true },
};

#define NR_PARTS ARRAY_SIZE(parts)

/* What became of a part. */
struct made {
	char *text;
	size_t size;
	const char *missing;	/* why there is none; NULL: it is there */
};

static void make_part(struct made *made, const struct content *part, const struct report *report)
{
	FILE *to;

	if (part->here && report->options->nr_files) {
		made->missing = "of the running machine; the kills are of files (-f)";
		return;
	}
	if (part->names && redact) {
		made->missing = "has names that can't be replaced for certain (--redact)";
		return;
	}
	to = text_begin(&made->text, &made->size);
	made->missing = part->make(to, report);
	text_end(to);
	if (!made->missing && !made->size)
		made->missing = "there is nothing of that";
}

static void put_redacted(FILE *to, const struct redacted *n)
{
	words_scope();
	fprintf(to, "\nThese names were replaced, each by its kind and a number, the same name by the same number\n"
		"in all files: %s, %s, %s, %s and %s.\n"
		"A user's number stands for the user ID; root stays 0. The parts of a cgroup's path were\n"
		"replaced one by one. The machine's ID and the names of files were removed.\n"
		"What stays: numbers such as pids, inode numbers of cgroups, sizes and times; the IDs of the\n"
		"boot and of the module's load; the kernel's version; functions and modules in stacks.\n",
		plural(n->tasks, "name of a task", "names of tasks"),
		plural(n->cgroups, "name of a cgroup", "names of cgroups"),
		plural(n->users, "user", "users"), plural(n->hosts, "host", "hosts"),
		plural(n->cmdlines, "command line", "command lines"));
}

static void make_readme(struct made *readme, const struct made *made, const struct report *report)
{
	FILE *to = text_begin(&readme->text, &readme->size);
	size_t i;

	words_scope();
	fprintf(to, "A report about OOM kills, written by oomwatch %s at %s.\n\n", VERSION,
		words_iso_time(time(NULL) * 1000000000ULL));
	for (i = 0; i < NR_PARTS; i++)
		if (!made[i].missing)
			fprintf(to, "%-12s%s\n", parts[i].name, parts[i].what);
	fputs("\nNot here:\n", to);
	for (i = 0; i < NR_PARTS; i++)
		if (made[i].missing)
			fprintf(to, "%-12s%s\n", parts[i].name, made[i].missing);
	if (redact)
		put_redacted(to, &report->redacted);
	else
		fputs("\nIt may have the names of tasks, cgroups, users' IDs and the host, and command lines, which\n"
		      "can hold secrets. With --redact these are replaced.\n", to);
	text_end(to);
}

/* tar goes by the name to unpack it. */
static bool is_packed_name(const char *path)
{
	static const char * const ends[] = { ".gz", ".tgz", ".xz", ".txz", ".zst", ".bz2", NULL };
	const char *end = strrchr(path, '.');
	const char * const *packed;

	for (packed = ends; end && *packed; packed++)
		if (!strcmp(end, *packed))
			return true;
	return false;
}

/* A new file, that only its owner may read. */
static FILE *begin_archive(const char *path)
{
	struct stat it;

	if (is_packed_name(path))
		die(EXIT_USAGE, "%s: the archive is written as tar, not packed; name it so, or pack it: oomwatch report - | gzip >FILE",
		    path);
	if (!is_stdout(path) && !lstat(path, &it))
		die(EXIT_FAILED, "%s: it is there already; remove it, or name another file", path);
	return file_begin(path, 0600);
}

static void write_archive(FILE *to, const struct made *readme, const struct made *made)
{
	time_t now = time(NULL);
	size_t i;

	tar_file(to, FOLDER "README", readme->text, readme->size, now);
	for (i = 0; i < NR_PARTS; i++)
		if (!made[i].missing)
			tar_file(to, format_words(FOLDER "%s", parts[i].name), made[i].text,
				 made[i].size, now);
	tar_end(to);
}

static void say_written(const char *path, const struct made *made)
{
	size_t i;

	printf("%s was written; only you may read it. It has README",
	       words_escaped(comm_bytes(path)));
	for (i = 0; i < NR_PARTS; i++)
		if (!made[i].missing)
			printf(", %s", parts[i].name);
	puts(redact ? ".\nNames were replaced: README says which." :
	     ".\nIt may have names and command lines: look at it before you send it; --redact replaces them.");
}

static int run_report(const struct options *options)
{
	struct report report = { .options = options, .capture.may_be_none = true };
	struct made made[NR_PARTS] = { }, readme = { };
	const char *why;
	FILE *to;
	size_t i;

	words_scope();
	capture_read(&report.capture, options);
	if (redact)
		report.redacted = capture_redact(&report.capture);
	for (i = 0; i < NR_PARTS; i++)
		make_part(&made[i], &parts[i], &report);
	make_readme(&readme, made, &report);
	to = begin_archive(options->output);
	write_archive(to, &readme, made);
	file_finish(to, options->output);
	if (!is_stdout(options->output))
		say_written(options->output, made);
	why = why_no_kills(&report);
	if (why)
		complain("the report has no kills: %s", why);
	free(readme.text);
	for (i = 0; i < NR_PARTS; i++)
		free(made[i].text);
	return capture_finish(&report.capture);
}

const struct command command_report = {
	.name = "report",
	.what = "write an archive for a bug report; with --redact without names",
	.run = run_report,
	.takes = TAKES(SOURCE, &option_redact),
	.argument = FILE_NAME,
};
