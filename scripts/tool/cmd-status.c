// SPDX-License-Identifier: GPL-2.0
/* status: tells whether the module records, what it has, and what it could not keep. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "terminal.h"
#include "tool.h"

#define LABEL_WIDTH 10

/* A label, before the first line that has it, and words to the right of it. */
static void put_line(const char **label, const char *words)
{
	printf("%s%-*s%s", style(STYLE_BOLD), LABEL_WIDTH, *label, style(STYLE_PLAIN));
	put_wrapped(stdout, words, LABEL_WIDTH);
	*label = "";
}

/* --- kills and rings ------------------------------------------------------------------- */

static void put_loaded(const struct stat *st)
{
	__u64 load_ns = st->st_ctim.tv_sec * 1000000000ULL + st->st_ctim.tv_nsec;
	__u64 now_ns = time(NULL) * 1000000000ULL;
	const char *label = "module";

	put_line(&label, format_words("loaded since %.19s (%s)", words_time(load_ns),
				      words_duration(now_ns > load_ns ? now_ns - load_ns : 0)));
}

/* What the module says of the machine, at the beginning of its records. */
static void put_machine(void)
{
	struct capture capture = { };
	const struct stream *stream;
	const char *label = "host";
	int fd = open_records();
	__u8 *bytes = allocate(1 << 16);
	ssize_t n;

	n = fd < 0 ? fd : read_records(fd, bytes, 1 << 16);
	if (fd >= 0)
		close(fd);
	capture_begin(&capture, OOMWATCH_RECORDS);
	if (n > 0)
		capture_add(&capture, bytes, n);
	if (capture.nr_streams) {
		stream = capture.streams[0];
		put_line(&label, format_words("%s, with kernel %s", words_host(stream),
					      words_escaped(comm_bytes(stream->release))));
		put_line(&label, format_words("booted %.19s, boot %s",
					      words_time(real_ns(stream, 0)), words_boot(stream)));
	} else {
		put_line(&label, "-");
	}
	capture_free(&capture);
	free(bytes);
}

struct figure {
	const char *stat, *one, *many, *more;
};

/* Prints the figures that are not 0. Returns whether one is; *known: whether all are known. */
static bool put_figures(const char **label, const char *stats, const struct figure *figures,
			bool *known)
{
	bool some = false;
	__u64 n;

	*known = true;
	for (; figures->stat; figures++) {
		words_scope();
		if (!find_stat(stats, figures->stat, &n)) {
			*known = false;
			continue;
		}
		if (!n)
			continue;
		put_line(label, format_words("%s%s", plural(n, figures->one, figures->many),
					     figures->more));
		some = true;
	}
	return some;
}

static void put_kills(const char *stats)
{
	static const struct figure kinds[] = {
		{ "victims_global", "victim", "victims", " of the whole machine's lack of memory" },
		{ "victims_memcg", "victim", "victims", " of the limit of a memory cgroup" },
		{ "victims_cpuset", "victim", "victims", " of a cpuset's nodes" },
		{ "victims_mempolicy", "victim", "victims", " of a memory policy's nodes" },
		{ "victims_unknown", "victim", "victims", " of a call that was not seen" },
		{ "outcome_no_victim", "call", "calls", " of the OOM killer found nobody to kill" },
		{ NULL, NULL, NULL, NULL },
	};
	const char *label = "kills";
	bool known;

	if (!put_figures(&label, stats, kinds, &known))
		put_line(&label, known ? "none since then" : "-");
}

static void put_ring(const char *stats, const char *name, const char *of)
{
	const char *label = *of ? "" : "rings";
	__u64 used, size;

	words_scope();
	if (!find_stat(stats, format_words("%sring_bytes", name), &size) || !size ||
	    !find_stat(stats, format_words("%sring_used_bytes", name), &used))
		return;
	put_line(&label, format_words("%s of %s used (%llu%%), by %s", words_size(used),
				      words_size(size), 100 * used / size,
				      *of ? of : "kills and what followed"));
}

/* What outlives the module. */
static void put_store(void)
{
	struct store_files files = store_files(STORE);
	const char *label = "store";
	struct stat st;
	__u64 size = 0;
	size_t i;

	words_scope();
	for (i = 0; i < files.nr; i++)
		size += stat(files.path[i], &st) ? 0 : st.st_size;
	if (files.nr)
		put_line(&label, format_words("%s with %s in %s",
					      plural(files.nr, "file", "files"),
					      words_size(size), STORE));
	else
		put_line(&label, "nothing is in " STORE ": oomwatch record keeps records there over a reboot");
	store_free(&files);
}

/* --- losses ------------------------------------------------------------------------------ */

static void put_lost(const char *stats)
{
	static const struct figure losses[] = {
		{ "records_overwritten", "old record was", "old records were",
		  " overwritten by newer ones; larger rings keep more (the knobs *ring_kb)" },
		{ "records_cleared", "record was", "records were",
		  " removed by a write to the file clear" },
		{ "records_resize_dropped", "record was", "records were",
		  " dropped when a ring was made smaller" },
		{ "records_suppressed", "record was", "records were",
		  " not written, because recording was off (the knob enabled was 0)" },
		{ "no_victim_suppressed", "call", "calls",
		  " that found nobody to kill are in no record: too many limits were hit" },
		{ "scope_missed", "call", "calls",
		  " of the OOM killer came while too many others ran, and were not seen" },
		{ "rekills", "SIGKILL", "SIGKILLs",
		  " went to a task that had been killed before, and has no record" },
		{ "adj_suppressed", "write", "writes",
		  " of oom_score_adj had no room, for a user's part or the knob adj_per_min" },
		{ "adj_untracked", "process", "processes",
		  " had no room in the table of oom_score_adj: who set theirs is not known" },
		{ "strings_truncated", "name or list was", "names or lists were",
		  " cut, as a record had no room" },
		{ "victims_forgotten", "victim's exit", "victims' exits",
		  " can't be told: too many others were killed meanwhile" },
		{ "paths_forgotten", "path", "paths", " of cgroups (v1) had no room" },
		{ "cmdlines_untracked", "program", "programs",
		  " had no room in the table of command lines" },
		{ "cmdlines_busy", "command line was", "command lines were",
		  " not recorded, because a lock was busy" },
		{ "memstat_unsure", "cgroup's", "cgroups'",
		  " figures were not taken: they changed, or too many cgroups were below" },
		{ "retries_untracked", "check", "checks", " for a retry had no room" },
		{ NULL, NULL, NULL, NULL },
	};
	const char *label = "lost";
	bool known;

	if (!put_figures(&label, stats, losses, &known))
		put_line(&label, known ? "nothing" : "-");
}

/* --- sources -------------------------------------------------------------------------------- */

static const struct { const char *name, *means; } sources[] = {
	{ "out_of_memory", "kind, limit, cause and the other candidates are not known" },
	{ "oom_kill_process",
	  "figures are those of the kill, after the kernel's report, and not of the choice" },
	{ "oom_notifier", "it is not counted when an OOM notifier has freed memory" },
	{ "stack_trace", "there are no stacks" },
	{ "memory_stat", "where the memory of a full cgroup went is not known" },
	{ "meminfo", "huge pages and other figures of /proc/meminfo are not known" },
	{ "sched_process_exec", "command lines are not known" },
	{ "sched_process_exit", "exits of victims, and who set an oom_score_adj, are not known" },
	{ "task_newtask", "who set an oom_score_adj is not known" },
	{ "oom_score_adj_update", "who set an oom_score_adj is not known" },
	{ "reclaim_retry_zone", "what the kernel tried before is not known" },
	{ "compact_retry", "what compaction had tried is not known" },
	{ "signal_generate", "processes that died as they shared a victim's memory are not known" },
	{ "wake_reaper", "it is not known when the OOM reaper was called" },
	{ "start_task_reaping", "it is not known when the OOM reaper began" },
	{ "finish_task_reaping", "it is not known when the OOM reaper was done" },
	{ "skip_task_reaping", "it is not known what the OOM reaper left alone" },
};

/* What it means that a source is missing; "" for a source of a newer module. */
static const char *words_missing(const char *source)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (!strcmp(source, sources[i].name))
			return format_words(": %s", sources[i].means);
	return "";
}

static void put_sources(const char *stats)
{
	static const char begin[] = "\nsource_", missing[] = ": missing\n";
	const char *label = "sources", *at = strstr(stats, begin), *name;
	const char *none = at ? "all are there" : "-";
	size_t len;

	for (; at; at = strstr(at, begin)) {
		words_scope();
		at += strlen(begin);
		len = strcspn(at, ":");
		if (strncmp(at + len, missing, strlen(missing)))
			continue;
		name = format_words("%.*s", (int)len, at);
		put_line(&label, format_words("%s is missing%s", name, words_missing(name)));
	}
	if (*label)
		put_line(&label, none);
}

/* --- knobs ------------------------------------------------------------------------------- */

static void put_knob(const char **label, const char *name, unsigned int usual)
{
	long long value;

	words_scope();
	if (sysctl_number(format_words("vm/oomwatch/%s", name), &value) && value != usual)
		put_line(label, format_words("%s is %lld, and not %u as by default", name, value,
					     usual));
}

static void put_knobs(void)
{
	const char *label = "knobs";

	words_scope();
#define KNOB(name, usual, least, most, apply, meaning) put_knob(&label, #name, usual)
#include "core/knobs.h"
#undef KNOB
	if (*label)
		put_line(&label, "all have their defaults");
}

static int run_status(const struct options *options __attribute__((unused)))
{
	struct stat st;
	char *stats = read_stats(&st);

	words_scope();
	if (!stats)
		die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_STATS, why_no_file(errno));
	put_machine();
	put_loaded(&st);
	put_kills(stats);
	put_ring(stats, "", "");
	put_ring(stats, "storm_", "kills that came in storms");
	put_ring(stats, "adj_", "writes of oom_score_adj");
	put_store();
	put_lost(stats);
	put_sources(stats);
	put_knobs();
	free(stats);
	return EXIT_FINE;
}

const struct command command_status = {
	.name = "status",
	.what = "tell whether the module records, what it has, and what it could not keep",
	.run = run_status,
};
