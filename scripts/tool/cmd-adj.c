// SPDX-License-Identifier: GPL-2.0
/* adj: who set the oom_score_adj of which process: the recorded writes, and the values of now. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "kill.h"
#include "module.h"
#include "terminal.h"
#include "tool.h"

/* --- recorded writes ------------------------------------------------------------------------ */

static const char *cell_time(const struct row *row)
{
	return format_words("%.23s", words_time(real_ns(row->rec->stream,
							row->rec->head.time_ns)));
}

static const char *cell_pid(const struct row *row) { return words_id(row->rec->adj.tgid); }

static const char *cell_name(const struct row *row) { return words_comm(row->rec->adj.comm); }

static const char *cell_old(const struct row *row) { return words_id(row->rec->adj.old_adj); }

static const char *cell_new(const struct row *row) { return words_id(row->rec->adj.new_adj); }

static const char *cell_by(const struct row *row) { return words_comm(row->rec->adj.by_comm); }

static const char *cell_by_pid(const struct row *row) { return words_id(row->rec->adj.by_pid); }

static const char *cell_by_uid(const struct row *row) { return words_uid(row->rec->adj.by_uid); }

static const struct column writes[] = {
	{ "TIME", LEFT, WHOLE, cell_time, NULL },
	{ "PID", RIGHT, WHOLE, cell_pid, NULL },
	{ "NAME", LEFT, CUT_END, cell_name, NULL },
	{ "FROM", RIGHT, WHOLE, cell_old, NULL },
	{ "TO", RIGHT, WHOLE, cell_new, NULL },
	{ "BY", LEFT, CUT_END, cell_by, NULL },
	{ "BY PID", RIGHT, WHOLE, cell_by_pid, NULL },
	{ "UID", RIGHT, WHOLE, cell_by_uid, NULL },
};

static bool is_write(const struct record *rec, __u64 pid)
{
	return rec->head.type == OOMWATCH_TYPE_ADJ &&
		(!pid || rec->adj.tgid == (__s64)pid || rec->adj.pid == (__s64)pid);
}

/* The newest ones, the oldest first. Returns how many there are. */
static size_t put_writes(const struct capture *capture, const struct options *options)
{
	size_t i, nr = 0, skip;
	struct table table;

	for (i = 0; i < capture->nr_records; i++)
		nr += is_write(capture->records[i], options->pid);
	if (!nr)
		return 0;
	skip = options->last && options->last < nr ? nr - options->last : 0;
	if (skip)
		printf("The newest %s of %s of oom_score_adj that are recorded:\n",
		       words_number(nr - skip), plural(nr, "write", "writes"));
	else
		puts("Recorded writes of oom_score_adj:");
	begin_with_boots(&table, capture, 1, COLUMNS(writes));
	for (i = 0; i < capture->nr_records; i++)
		if (is_write(capture->records[i], options->pid) && !(skip && skip--))
			table_row(&table, &(struct row) { .rec = capture->records[i] },
				  STYLE_PLAIN);
	table_print(&table, "  ");
	return nr;
}

static void say_lost(const char *stats, const char *name, const char *one, const char *many,
		     const char *more)
{
	__u64 n;

	words_scope();
	if (find_stat(stats, name, &n) && n)
		complain("%s%s", plural(n, one, many), more);
}

static void say_losses(const char *stats)
{
	say_lost(stats, "adj_ring_overwritten", "older write has", "older writes have",
		 " been overwritten; a larger ring keeps more: sysctl vm.oomwatch.adj_ring_kb");
	say_lost(stats, "adj_suppressed", "write was", "writes were",
		 " not recorded, for a user's part or the knob adj_per_min");
	say_lost(stats, "adj_untracked", "process", "processes",
		 " had no room in the table: who set theirs is not known");
}

/* --- the values of now ----------------------------------------------------------------------- */

/* A process now: a record with the pid, the name and the value, and the setter if it is known. */
static struct record *process_now(const struct stream *stream, __s32 pid)
{
	struct record *rec = record_unknown(OOMWATCH_TYPE_TASK, 0, stream);
	struct oomwatch_process *process = &rec->victim.process;
	FILE *adj, *comm;
	bool known;
	size_t len;

	words_scope();
	adj = fopen(format_words("/proc/%d/oom_score_adj", pid), "re");
	comm = fopen(format_words("/proc/%d/comm", pid), "re");
	process->pid = pid;
	process->tgid = pid;
	known = adj && fscanf(adj, "%d", &process->oom_score_adj) == 1;
	if (comm) {
		memset(process->comm, 0, sizeof(process->comm));
		len = fread(process->comm, 1, sizeof(process->comm) - 1, comm);
		if (len && process->comm[len - 1] == '\n')
			process->comm[len - 1] = '\0';
		fclose(comm);
	}
	if (adj)
		fclose(adj);
	if (known)
		return rec;
	free(rec);
	return NULL;
}

/*
 * Of the dry run, for which the module looks into its table: that has also what was inherited. It
 * lacks processes of -1000 but the largest. A recorded write does not tell: a later one may not
 * have been recorded.
 */
static void take_setter(struct record *rec, const struct capture *now)
{
	const struct record *other;
	size_t i;

	for (i = 0; i < now->nr_records; i++) {
		other = now->records[i];
		if ((other->head.type == OOMWATCH_TYPE_TASK ||
		     other->head.type == OOMWATCH_TYPE_PROTECTED) &&
		    other->victim.process.tgid == rec->victim.process.tgid &&
		    other->victim.process.oom_score_adj == rec->victim.process.oom_score_adj) {
			rec->set_by = other->set_by;
			return;
		}
	}
}

static const char *cell_now_pid(const struct row *row)
{
	return words_id(row->rec->victim.process.tgid);
}

static const char *cell_since(const struct row *row)
{
	const struct oomwatch_setter *set_by = &row->rec->set_by;

	return !comm_known(set_by->comm) ? "-" :
		format_words("%.19s", words_time(real_ns(row->rec->stream, set_by->time_ns)));
}

static const char *cell_uid(const struct row *row)
{
	const struct oomwatch_setter *set_by = &row->rec->set_by;

	return comm_known(set_by->comm) ? words_uid(set_by->uid) : "-";
}

static const struct column values[] = {
	{ "PID", RIGHT, WHOLE, cell_now_pid, NULL },
	{ "NAME", LEFT, CUT_END, cell_comm, NULL },
	{ "OOM_SCORE_ADJ", RIGHT, WHOLE, cell_oom_score_adj, NULL },
	{ "SET BY", LEFT, CUT_END, cell_set_by, NULL },
	{ "UID", RIGHT, WHOLE, cell_uid, NULL },
	{ "SINCE", LEFT, DROP(1), cell_since, NULL },
};

static int by_number(const void *a, const void *b)
{
	const __s32 *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* All processes, or the one with the pid. The caller frees the array. */
static size_t find_pids(__s32 **pids, __u64 pid)
{
	struct dirent *entry;
	size_t nr = 0;
	DIR *proc;

	*pids = NULL;
	if (pid) {
		*pids = grow(*pids, nr, sizeof(**pids));
		(*pids)[nr++] = pid;
		return nr;
	}
	proc = opendir("/proc");
	if (!proc)
		die(EXIT_FAILED, "/proc: %s; mount it: mount -t proc none /proc", strerror(errno));
	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		*pids = grow(*pids, nr, sizeof(**pids));
		(*pids)[nr++] = atoi(entry->d_name);
	}
	closedir(proc);
	qsort(*pids, nr, sizeof(**pids), by_number);
	return nr;
}

/*
 * Those with another value than 0, or the one that was asked for. Returns how many there are. Times
 * are those of the module, which was read last.
 */
static size_t put_values(const struct capture *capture, const struct capture *now, __u64 pid)
{
	const struct stream *stream = capture->streams[capture->nr_streams - 1];
	size_t i, nr, found = 0;
	struct table table;
	__s32 *pids;

	nr = find_pids(&pids, pid);
	table_begin(&table, COLUMNS(values));
	for (i = 0; i < nr; i++) {
		struct record *rec = process_now(stream, pids[i]);

		words_scope();
		if (!rec || (!pid && !rec->victim.process.oom_score_adj)) {
			free(rec);
			continue;
		}
		take_setter(rec, now);
		table_row(&table, &(struct row) { .rec = rec }, STYLE_PLAIN);
		free(rec);
		found++;
	}
	free(pids);
	if (found)
		puts(pid ? "Now:" : "Processes with an oom_score_adj other than 0 now:");
	if (found)
		table_print(&table, "  ");
	else
		table_free(&table);
	return found;
}

static bool is_log_alone(const struct capture *capture)
{
	size_t i;

	for (i = 0; i < capture->nr_streams; i++)
		if (!capture->streams[i]->log)
			return false;
	return capture->nr_streams || capture->nr_quiet;
}

static int run_adj(const struct options *options)
{
	char *stats = options->nr_files ? NULL : read_stats(NULL);
	struct capture capture = { }, now = { };
	size_t found;
	int status;

	words_scope();
	if (options->pid > INT_MAX)
		die(EXIT_USAGE, "no process has the number %llu; pids are lower than 4194304",
		    options->pid);
	capture_read(&capture, options);
	found = put_writes(&capture, options);
	if (!options->nr_files && capture.nr_streams && is_loaded()) {
		read_candidates(&now, NULL);
		puts(found ? "" : !options->pid ? "No write of oom_score_adj is recorded.\n" :
		     "No write of this process's oom_score_adj is recorded.\n");
		found += put_values(&capture, &now, options->pid);
		capture_free(&now);
		if (stats)
			say_losses(stats);
	}
	free(stats);
	if (is_log_alone(&capture)) {
		complain("a kernel log does not have the writes of oom_score_adj: the module records them; oomwatch show%s has the values at a kill",
			 words_source());
		capture_free(&capture);
		return options->pid ? EXIT_FAILED : EXIT_FINE;
	}
	if (!found && options->pid)
		complain("there is no process %llu%s, and no write of its oom_score_adj is recorded; oomwatch adj%s shows all that is",
			 options->pid, options->nr_files ? " in the file" : "", words_source());
	else if (!found)
		complain("no write of oom_score_adj is recorded; the module records those after its load, unless the knob adj_updates is 0");
	status = capture_finish(&capture);
	return status == EXIT_FINE && !found && options->pid ? EXIT_FAILED : status;
}

const struct command command_adj = {
	.name = "adj",
	.what = "tell who set the oom_score_adj of which process, in the past and now",
	.run = run_adj,
	.takes = TAKES(SOURCE, &option_number),
	.means = MEANS({ &option_number, "only the newest N writes" }),
	.argument = MAYBE_PID,
};
