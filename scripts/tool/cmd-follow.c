// SPDX-License-Identifier: GPL-2.0
/* follow: prints kills as they happen. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "terminal.h"
#include "tool.h"

static bool as_json;
static const char *exec_command;

static const struct option_row option_json = { 'j', "json", .flag = &as_json,
	.what = "print lines of JSON" };
static const struct option_row option_exec = { 0, "exec", "COMMAND", .text = &exec_command,
	.what = "run this for each, with its JSON as standard input" };

/* --- a kill, or calls that found nobody to kill ---------------------------------------------- */

/* Names of recent victims: the records of their exits and reaps have only the pid. */
static struct name {
	__s32 pid;
	char comm[OOMWATCH_COMM_LEN];
} names[64];

/* The place of a pid's name, which may have another's. */
static struct name *name_of(__s32 pid)
{
	return &names[(__u32)pid % ARRAY_SIZE(names)];
}

static void remember_name(const struct record *rec)
{
	struct name *name = name_of(rec->victim.process.pid);

	name->pid = rec->victim.process.pid;
	memcpy(name->comm, rec->victim.process.comm, sizeof(name->comm));
}

static bool is_remembered(__s32 pid)
{
	return name_of(pid)->pid == pid;
}

static const char *remembered_name(__s32 pid)
{
	return is_remembered(pid) ? words_comm(name_of(pid)->comm) : "a victim";
}

static const char *clock_of(const struct record *rec)
{
	return words_time(real_ns(rec->stream, rec->head.time_ns));
}

static void say_kill(const struct episode *episode)
{
	const struct record *rec;
	size_t at;

	for_each_of(rec, episode, VICTIM, at) {
		const struct oomwatch_process *process = &rec->victim.process;

		words_scope();
		printf("%s  %skill %llu%s: %s (pid %s) in %s, score %s, oom_score_adj %s, %s resident",
		       clock_of(rec), style(STYLE_RED), episode->id, style(STYLE_PLAIN),
		       words_comm(process->comm), words_id(process->pid),
		       words_place(ref_bytes(rec, process->memcg)), words_signed(process->points),
		       words_id(process->oom_score_adj),
		       words_pages(rec, resident(process)));
		if (episode->oom)
			printf("; %s; %s", kind_name(episode->oom->oom.kind), words_cause(episode));
		putchar('\n');
	}
}

static void say_nobody(const struct episode *episode)
{
	words_scope();

	printf("%s  %s%s%s: %s\n", clock_of(episode->of[0]), style(STYLE_RED),
	       words_episode(episode->id), style(STYLE_PLAIN), words_nobody(episode));
}

static void say_json(struct json_object *object)
{
	words_scope();
	puts(json_text(object, JSON_C_TO_STRING_PLAIN));
	json_object_put(object);
}

static void write_json(int fd, const struct episode *episode)
{
	words_scope();
	struct json_object *object = json_of_episode(episode);
	const char *text = json_text(object, JSON_C_TO_STRING_PLAIN);
	size_t len = strlen(text);
	ssize_t n;

	/* A command may end without reading its input: that is no error. */
	while (len && (n = write(fd, text, len)) > 0) {
		text += n;
		len -= n;
	}
	if (!len)
		n = write(fd, "\n", 1);
	json_object_put(object);
}

/*
 * Names of processes and cgroups may be chosen by an attacker. They reach the command by standard
 * input only, never by the command line that the shell evaluates.
 */
static void run_command(const char *command, const struct episode *episode)
{
	int pipe_fd[2], status;
	pid_t pid;

	fflush(stdout);
	if (pipe2(pipe_fd, O_CLOEXEC))
		die(EXIT_FAILED, "can't make a pipe for --exec: %s", why_not(errno));
	pid = fork();
	if (pid < 0) {
		complain("can't run the command of --exec: %s", why_not(errno));
		close(pipe_fd[0]);
		close(pipe_fd[1]);
		return;
	}
	if (!pid) {
		dup2(pipe_fd[0], STDIN_FILENO);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	close(pipe_fd[0]);
	write_json(pipe_fd[1], episode);
	close(pipe_fd[1]);
	if (waitpid(pid, &status, 0) == pid && status)
		complain("the command of --exec failed with %s %d; to try it: oomwatch json | COMMAND",
			 WIFSIGNALED(status) ?
			 "signal" : "exit status", WIFSIGNALED(status) ? WTERMSIG(status) :
			 WEXITSTATUS(status));
}

static void tell_episode(const struct episode *episode, const struct options *options)
{
	const struct record *rec;
	size_t at;

	if (!episode_matches(episode, options))
		return;
	for_each_of(rec, episode, VICTIM, at)
		remember_name(rec);
	if (as_json)
		say_json(json_of_episode(episode));
	else if (is_nobody(episode))
		say_nobody(episode);
	else
		say_kill(episode);
	if (exec_command)
		run_command(exec_command, episode);
}

/* --- single records: losses, reaps and exits ------------------------------------- */

static void tell_lost(const struct record *rec)
{
	words_scope();

	if (as_json)
		say_json(json_of_record(rec));
	else if (!lost_no_kills(rec))
		printf("%s  %smissed %s%s: the ring has overwritten them, or was cleared\n",
		       clock_of(rec), style(STYLE_YELLOW),
		       plural(rec->lost.count, "record", "records"), style(STYLE_PLAIN));
}

/* What follows a kill that the options leave out is left out, too. */
static void tell_follow_up(const struct record *rec, const struct options *options)
{
	__s32 pid = rec->head.type == OOMWATCH_TYPE_EXIT ? rec->exit.pid : rec->reap.pid;

	if ((options->memcg || options->comm) && !is_remembered(pid))
		return;
	words_scope();

	if (as_json) {
		say_json(json_of_record(rec));
		return;
	}
	if (rec->head.type == OOMWATCH_TYPE_EXIT)
		printf("%s  kill %llu: %s (pid %s) was gone after %s\n", clock_of(rec),
		       rec->head.oom, remembered_name(rec->exit.pid), words_id(rec->exit.pid),
		       words_duration(rec->exit.since_kill_ns));
	else if (rec->reap.event == OOMWATCH_REAP_FINISH)
		printf("%s  kill %llu: the OOM reaper was done with %s (pid %s) after %s\n",
		       clock_of(rec), rec->head.oom, remembered_name(rec->reap.pid),
		       words_id(rec->reap.pid), words_duration(rec->reap.since_kill_ns));
}

/* --- the stream ------------------------------------------------------------------- */

/*
 * An open file keeps the module from being unloaded. So the file of records is open only while
 * there is something to read; in between, the counters are polled.
 */
struct follow {
	struct capture capture;		/* records read, minus those told */
	__u64 seen_seq;		/* seq of the newest record read */
	__u64 last_told;		/* id of the newest episode told */
	__u64 last_nobody;		/* the same, of those that found nobody to kill */
	struct module_state state;
	__u8 bytes[1 << 16];
	size_t have;
};

/* Frees the records from index from on for which drop() is true. */
static void drop_records(struct follow *follow, size_t from,
			 bool (*drop)(const struct follow *follow, const struct record *rec))
{
	struct capture *capture = &follow->capture;
	size_t i, kept = from;

	for (i = from; i < capture->nr_records; i++) {
		if (drop(follow, capture->records[i]))
			free(capture->records[i]);
		else
			capture->records[kept++] = capture->records[i];
	}
	capture->nr_records = kept;
	capture->nr_episodes = 0;
	capture->nr_nobody = 0;
}

/* The number of a record; of a loss, that of the last record that is lost. */
static __u64 last_seq(const struct record *rec)
{
	return rec->head.seq + (rec->head.type == OOMWATCH_TYPE_LOST ? rec->lost.count - 1 : 0);
}

static bool was_seen(const struct follow *follow, const struct record *rec)
{
	return last_seq(rec) <= follow->seen_seq;
}

/* A reopened file tells once more of records that were lost since, but had been read before. */
static void trim_loss(const struct follow *follow, struct record *rec)
{
	__u64 seen;

	if (rec->head.type != OOMWATCH_TYPE_LOST || rec->head.seq > follow->seen_seq)
		return;
	seen = follow->seen_seq + 1 - rec->head.seq;
	if (rec->lost.adj == rec->lost.count)
		rec->lost.adj -= seen;
	rec->head.seq += seen;
	rec->lost.count -= seen;
}

static bool was_told(const struct follow *follow, const struct record *rec)
{
	return rec->head.oom <= (rec->head.oom & OOMWATCH_NOBODY ? follow->last_nobody :
				 follow->last_told);
}

/*
 * Tells the episodes that are complete: those with an end record, and those before another episode.
 * With all, also the last one, to which nothing more has come.
 */
static void tell_episodes(struct follow *follow, const struct options *options, bool all)
{
	const struct episode *episode;
	size_t i;

	capture_sort(&follow->capture);
	for (i = 0; i < follow->capture.nr_episodes; i++) {
		episode = &follow->capture.episodes[i];
		if (episode->id <= follow->last_told)
			continue;
		if (!episode->end && !all && i + 1 == follow->capture.nr_episodes)
			return;
		tell_episode(episode, options);
		follow->last_told = episode->id;
	}
}

/* The record of the processes is the last of a call. */
static void tell_nobody(struct follow *follow, const struct options *options, bool all)
{
	const struct episode *episode = follow->capture.nobody;
	size_t nr = follow->capture.nr_nobody;

	for (; nr && (episode->excluded || all); episode++, nr--) {
		if (episode->id <= follow->last_nobody)
			continue;
		tell_episode(episode, options);
		follow->last_nobody = episode->id;
	}
}

static bool is_follow_up(const struct record *rec)
{
	return rec->head.type == OOMWATCH_TYPE_EXIT || rec->head.type == OOMWATCH_TYPE_REAP;
}

/* Tells a kill before its reaps and exits: these stay in the capture until the kill was told. */
static void tell_new(struct follow *follow, const struct options *options, bool all)
{
	struct capture *capture = &follow->capture;
	size_t i;

	tell_episodes(follow, options, all);
	tell_nobody(follow, options, all);
	for (i = 0; i < capture->nr_records; i++) {
		const struct record *rec = capture->records[i];

		if (rec->head.type == OOMWATCH_TYPE_LOST)
			tell_lost(rec);
		else if (is_follow_up(rec) && rec->head.oom <= follow->last_told)
			tell_follow_up(rec, options);
	}
	drop_records(follow, 0, was_told);
	if (stdout_finish())
		exit(EXIT_FAILED);
}

/* Reads what is there now. A reopened file begins with old records: those seen are dropped. */
static void take_records(struct follow *follow, int fd)
{
	size_t from = follow->capture.nr_records, used;
	__u8 *bytes = follow->bytes;
	ssize_t n;

	while ((n = read_records(fd, bytes + follow->have,
				 sizeof(follow->bytes) - follow->have)) > 0) {
		follow->have += n;
		used = capture_add(&follow->capture, bytes, follow->have);
		follow->have -= used;
		memmove(bytes, bytes + used, follow->have);
		if (follow->capture.damage)
			die(EXIT_DAMAGED, "%s", follow->capture.damage);
		drop_records(follow, from, was_seen);
		for (; from < follow->capture.nr_records; from++) {
			trim_loss(follow, follow->capture.records[from]);
			follow->seen_seq = last_seq(follow->capture.records[from]);
		}
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		die(EXIT_FAILED, "%s: %s", OOMWATCH_RECORDS, why_not(errno));
}

/* Reports records that were overwritten while the file was closed: no lost record counts these. */
static void tell_gap(const struct stream *stream, __u64 seen_seq)
{
	struct record gap = {
		.head = {
			.type = OOMWATCH_TYPE_LOST,
			.seq = seen_seq + 1,
			.time_ns = stream->boot_ns,
		},
		.stream = stream,
	};

	if (stream->first_seq <= gap.head.seq)
		return;
	gap.lost.count = stream->first_seq - gap.head.seq;
	gap.lost.adj = OOMWATCH_UNKNOWN_U64;
	gap.lost.kills = OOMWATCH_UNKNOWN_U64;
	tell_lost(&gap);
}

/* Without --all, kills from before the start are not told. */
static void skip_episodes(struct follow *follow)
{
	__u64 *last, oom;
	size_t i;

	for (i = 0; i < follow->capture.nr_records; i++) {
		oom = follow->capture.records[i]->head.oom;
		last = oom & OOMWATCH_NOBODY ? &follow->last_nobody : &follow->last_told;
		if (*last < oom)
			*last = oom;
	}
}

/* Opens the file and tells what is new, until nothing has come for 300 ms. */
static void read_news(struct follow *follow, const struct options *options, bool silent)
{
	struct pollfd ready = { .events = POLLIN };
	__u64 seen_before = follow->seen_seq;
	int n = 1;

	ready.fd = open_records();
	if (ready.fd < 0)
		return;
	follow->capture = (struct capture) { };
	capture_begin(&follow->capture, OOMWATCH_RECORDS);
	follow->have = 0;
	take_records(follow, ready.fd);
	if (follow->capture.nr_streams && !silent)
		tell_gap(follow->capture.streams[0], seen_before);
	while (n && !silent) {
		tell_new(follow, options, false);
		n = poll(&ready, 1, 300);
		if (n > 0)
			take_records(follow, ready.fd);
	}
	if (silent)
		skip_episodes(follow);
	else
		tell_new(follow, options, true);
	close(ready.fd);
	capture_free(&follow->capture);
}

static int run_follow(const struct options *options)
{
	struct follow *follow = allocate(sizeof(*follow));
	struct module_state now;
	bool gone = false;

	if (!read_state(&follow->state))
		die(EXIT_NO_MODULE, "%s: %s", OOMWATCH_STATS, why_no_file(errno));
	if (access(OOMWATCH_RECORDS, R_OK))
		die_without_records(errno);
	if (exec_command)
		signal(SIGPIPE, SIG_IGN);
	read_news(follow, options, !options->all);
	for (;; usleep(200000)) {
		if (!read_state(&now)) {
			if (!gone)
				complain("the module was unloaded; waiting until it is back");
			gone = true;
			continue;
		}
		if (is_reload(&follow->state, &now)) {
			complain("the module was loaded again");
			follow->seen_seq = 0;
			follow->last_told = 0;
			follow->last_nobody = 0;
			follow->state.events = 0;
		}
		gone = false;
		/* What the ring overwrote unread, tell_gap() would report as missed. */
		if (has_news(&follow->state, &now, follow->seen_seq))
			read_news(follow, options, false);
		follow->state = now;
	}
}

const struct command command_follow = {
	.name = "follow",
	.what = "print kills as they happen; --exec runs a command for each",
	.run = run_follow,
	.takes = TAKES(&option_json, &option_all, &option_memcg, &option_comm, &option_exec),
	.means = MEANS({ &option_all, "begin with the kills that are already recorded" }),
};
