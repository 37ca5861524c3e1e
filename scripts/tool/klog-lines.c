// SPDX-License-Identifier: GPL-2.0
/*
 * The kinds of lines of a report in the kernel's log, and what the lines of a kill have. Names of
 * tasks and cgroups in them are anybody's bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "klog-report.h"
#include "tool.h"
#include "words.h"

/* --- mm/oom_kill.c: dump_header(), dump_oom_summary() --------------------------- */

/* drivers/tty/sysrq.c: it comes before the report. Older kernels: SysRq : ... */
static void take_sysrq(struct capture *capture, const char *line, const char *at)
{
	(void)line;
	(void)at;
	capture->log->sysrq = true;
	capture->log->sysrq_at = capture->log->stamp;
}

/* Another kernel than that of the report before is another boot, which the log may not tell. */
static void note_build(struct capture *capture, const char *begin, const char *end)
{
	struct klog *log = capture->log;
	__u64 build = klog_hash(begin, end - begin);
	size_t i;

	if (log->build && log->build != build && !log->stamp.boot) {
		log->boot++;
		for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);)
			capture->records[i]->log_boot = log->boot;
	}
	log->build = build;
}

/* Distributions name the architecture at the end. These have one size of pages. */
static bool names_x86(const char *release)
{
	static const char * const ends[] = { ".x86_64", ".i686", ".i586", "-amd64", "-686-pae" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends_with(release, ends[i]))
			return true;
	return false;
}

/*
 * RELEASE #1 ... after the name, which may have such words, too. A log of several kernels has no
 * release of its own.
 */
static void take_release(struct capture *capture, const char *line)
{
	struct klog *log = capture->log;
	const char *at = line, *end = NULL, *begin;
	char *release;

	for (; (at = strstr(at, " #")); at++)
		if (at[2] >= '0' && at[2] <= '9')
			end = at;
	if (!end)
		return;
	for (begin = end; begin > line && begin[-1] != ' '; begin--)
		;
	note_build(capture, begin, end + 2 + strspn(end + 2, "0123456789"));
	release = copy_bytes((struct bytes) { (const __u8 *)begin, end - begin });
	if (names_x86(release))
		log->page_kb = 4;
	if (log->releases && strcmp(release, log->stream->release)) {
		free(release);
		release = copy_string("-");
	}
	log->releases = true;
	free((char *)log->stream->release);
	log->stream->release = release;
}

/* The line that names the task first may be missing. */
static void take_asker(struct klog *log, const char *name)
{
	static const char * const ends[] = { " Not tainted", " Tainted: " };
	struct oomwatch_oom *oom = &log->oom->oom;
	const char *end = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ends) && !end; i++)
		end = strstr(name, ends[i]);
	if (!comm_known(oom->comm) && end)
		klog_set_comm(oom->comm, name, end - name);
}

/*
 * Whether a name in the head of a trace, and what follows, is of the task that asked: another CPU
 * may print a trace of its own between the lines of the report. The stack that follows is then not
 * the report's.
 */
static bool is_asker(struct capture *capture, const char *name)
{
	struct klog *log = capture->log;
	const char *comm;
	bool named;
	size_t len;

	if (!log->oom || log->unsure)
		klog_open_unsure(capture);
	comm = log->oom->oom.comm;
	len = strlen(comm);
	named = !comm_known(comm) || (!strncmp(name, comm, len) && strchr(" ", name[len]));
	log->other_trace = log->has_head || !named;
	log->has_head = log->has_head || named;
	if (!log->other_trace)
		take_asker(log, name);
	return !log->other_trace;
}

/* CPU: 0 UID: 0 PID: 139 Comm: NAME Not tainted 6.12.1 #1 ...; before 6.12 without UID */
static void take_cpu(struct capture *capture, const char *line, const char *at)
{
	static const char comm[] = " Comm: ";
	struct klog *log = capture->log;
	const char *name = strstr(line, comm);
	struct oomwatch_oom *oom;
	__s64 uid;

	(void)at;
	if (!name || !is_asker(capture, name + strlen(comm)))
		return;
	oom = &log->oom->oom;
	take_release(capture, name);
	klog_set_s32(&oom->pid, line, " PID: ");
	if (klog_number(line, " UID: ", &uid) && uid >= 0 && uid < 0xffffffff)
		oom->uid = uid;
}

/* Before 3.4: Pid: 5795, comm: NAME Not tainted 2.6.32 #1 */
static void take_pid(struct capture *capture, const char *line, const char *at)
{
	static const char comm[] = ", comm: ";
	const char *name = strstr(line, comm);

	(void)at;
	if (!name || !is_asker(capture, name + strlen(comm)))
		return;
	take_release(capture, name);
	klog_set_s32(&capture->log->oom->oom.pid, line, "Pid: ");
}

/* Registers of x86, which has one size of pages. */
static void take_x86(struct capture *capture, const char *line, const char *at)
{
	(void)line;
	(void)at;
	if (capture->log->oom)
		capture->log->page_kb = 4;
}

/* NAME cpuset=/ mems_allowed=0-1: before 5.0. A name may have such words: the last ones count. */
static void take_cpuset(struct capture *capture, const char *line, const char *at)
{
	static const char key[] = " mems_allowed=";
	struct record *rec = capture->log->oom;
	const char *more = at;

	(void)line;
	while ((more = strstr(more + 1, key)))
		at = more;
	if (rec)
		klog_set_nodes(rec, &rec->oom.mems_allowed, at + strlen(key));
}

static void set_memcg(struct capture *capture, const char *at, size_t len)
{
	struct record *rec = klog_open(capture);

	rec->oom.kind = OOMWATCH_KIND_MEMCG;
	rec->oom.constraint = OOMWATCH_CONSTRAINT_MEMCG;
	if (!rec->oom.memcg.off)
		klog_set_text(rec, &rec->oom.memcg, at, len);
}

static void set_task_memcg(struct klog *log, const char *at, size_t len)
{
	snprintf(log->task_memcg, sizeof(log->task_memcg), "%.*s", (int)len, at);
}

static void set_constraint(struct oomwatch_oom *oom, const char *at)
{
	static const struct { const char *name; __u8 kind, constraint; } constraints[] = {
		{ "CONSTRAINT_NONE", OOMWATCH_KIND_GLOBAL, OOMWATCH_CONSTRAINT_NONE },
		{ "CONSTRAINT_CPUSET", OOMWATCH_KIND_CPUSET, OOMWATCH_CONSTRAINT_CPUSET },
		{ "CONSTRAINT_MEMORY_POLICY", OOMWATCH_KIND_MEMPOLICY,
		  OOMWATCH_CONSTRAINT_MEMORY_POLICY },
		{ "CONSTRAINT_MEMCG", OOMWATCH_KIND_MEMCG, OOMWATCH_CONSTRAINT_MEMCG },
	};
	size_t i, len = strcspn(at, ",");

	for (i = 0; i < ARRAY_SIZE(constraints); i++)
		if (len == strlen(constraints[i].name) &&
		    !strncmp(at, constraints[i].name, len)) {
			oom->kind = constraints[i].kind;
			oom->constraint = constraints[i].constraint;
		}
}

/*
 * Where the path of the cgroup at its limit ends, and that of the victim begins. A path may have
 * the words between them. The victim's path begins with that of the cgroup; and a line before may
 * have told that one alone.
 */
static const char *end_of_memcg(const struct record *oom, const char *path)
{
	static const char next[] = ",task_memcg=";
	struct bytes known = ref_bytes(oom, oom->oom.memcg);
	const char *at = path, *end = NULL;
	size_t len;

	while ((at = strstr(at, next))) {
		len = at - path;
		if (known.at && known.len == len && !memcmp(known.at, path, len))
			return at;
		if (!end && (len == 1 || !strncmp(at + strlen(next), path, len)))
			end = at;
		at++;
	}
	return end;
}

/* ,task=NAME,pid=7,uid=0 ends the line. The table tells the name, which may have the same words. */
static void take_task(struct capture *capture, const char *path)
{
	static const char task[] = ",task=", key[] = ",pid=";
	struct klog *log = capture->log;
	const struct record *row;
	const char *at = path, *pid = NULL, *name = NULL;
	size_t len;

	while ((at = strstr(at, key)))
		pid = at++;
	if (!pid)
		return;
	klog_set_s32(&log->chosen, pid, key);
	row = klog_row(capture, log->chosen);
	for (at = path; (at = strstr(at, task)) && at < pid; at++) {
		name = at;
		len = pid - at - strlen(task);
		if (row && strlen(row->victim.process.comm) == len &&
		    !strncmp(row->victim.process.comm, at + strlen(task), len))
			break;
	}
	if (!name)
		return;
	set_task_memcg(log, path, name - path);
	snprintf(log->chosen_comm, sizeof(log->chosen_comm), "%.*s",
		 (int)(pid - name - strlen(task)), name + strlen(task));
}

/*
 * oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=NAME,mems_allowed=0,
 * oom_memcg=/a,task_memcg=/a/b,task=hog,pid=7,uid=0; in a kill of the machine with global_oom in
 * place of oom_memcg. NAME has no slash.
 */
static void take_oom_kill(struct capture *capture, const char *line, const char *at)
{
	static const char memcg[] = ",oom_memcg=/", global[] = ",global_oom,task_memcg=/";
	static const char all[] = ",nodemask=(null),cpuset=/,";
	const struct record *before = klog_kill_before(capture->log);
	struct record *rec = klog_open(capture);
	const char *limit = strstr(line, memcg), *whole = strstr(line, global);
	const char *path = NULL, *end, *mems = NULL;

	at += strlen("oom-kill:constraint=");
	set_constraint(&rec->oom, at);
	end = limit && (!whole || limit < whole) ? limit : whole;
	at = strstr(at, ",nodemask=");
	/* The root cpuset has all nodes. */
	capture->log->all_nodes = at && !strncmp(at, all, strlen(all));
	if (at && end)
		klog_set_nodes(rec, &rec->oom.nodemask, at + strlen(",nodemask="));
	while (end && (at = strstr(at ? at + 1 : line, ",mems_allowed=")) && at < end)
		mems = at;
	if (mems)
		klog_set_nodes(rec, &rec->oom.mems_allowed, mems + strlen(",mems_allowed="));
	if (end && end == limit) {
		path = limit + strlen(memcg) - 1;
		end = end_of_memcg(rec, path);
		if (end) {
			set_memcg(capture, path, end - path);
			path = end + strlen(",task_memcg=");
		}
	} else if (whole) {
		path = whole + strlen(global) - 1;
	}
	if (path && end)
		take_task(capture, path);
	else if (!end && at)
		/* A kernel without cpusets and memory cgroups. */
		take_task(capture, at + 1 + strcspn(at + 1, ","));
	klog_note_chosen(capture->log, before);
}

/*
 * Before 4.19: Task in /a/b killed as a result of limit of /a. Alibaba's kernel has "host" there
 * in a kill of the machine.
 */
static void take_task_in(struct capture *capture, const char *line, const char *at)
{
	static const char middle[] = " killed as a result of limit of ";
	const char *limit = strstr(line, middle), *above;
	struct bytes task, full;

	if (!limit)
		return;
	at += strlen("Task in ");
	above = limit + strlen(middle);
	/* A form may have left a space at the end. */
	full = comm_bytes(above);
	while (full.len && above[full.len - 1] == ' ')
		full.len--;
	/* A line that was wrapped has only part of a path. */
	task = (struct bytes) { (const __u8 *)at, limit - at };
	if (*above == '/')
		set_memcg(capture, above, is_below(task, full) ? full.len : 0);
	set_task_memcg(capture->log, at, limit - at);
}

/* --- oom_kill_process() ----------------------------------------------------------- */

/* Tasks in /a are going to be killed due to memory.oom.group set: after the chosen victim's line */
static void take_group(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)line;
	(void)at;
	if (!log->last)
		return;
	log->last->victim.process.flags = OOMWATCH_TASK_GROUP;
	log->group = log->last_oom;
}

/* Kernels may print the chosen victim again, as one of its group. */
static bool is_listed(const struct capture *capture, __s32 pid)
{
	const struct record *rec;
	size_t i;

	for (i = capture->nr_records; i--;) {
		rec = capture->records[i];
		if (!klog_is_of_report(capture, i))
			return false;
		if (rec->head.type == OOMWATCH_TYPE_VICTIM && rec->victim.process.pid == pid)
			return true;
	}
	return false;
}

static bool begins(const char *line, const char *words)
{
	return !strncmp(line, words, strlen(words));
}

/* mm/oom_kill.c: oom_kill_memcg_member(): all of a group are told in the words of the first one. */
static bool is_of_kind(const struct record *rec, const char *line)
{
	return begins(line, "Memory cgroup") ? rec->oom.kind == OOMWATCH_KIND_MEMCG :
		!begins(line, "Out of memory") || rec->oom.kind != OOMWATCH_KIND_MEMCG;
}

/* Seconds from one day and second to another, if that is a day later at most; else more. */
static __s64 seconds_between(const struct log_date *from, const struct log_date *to)
{
	const __s64 day = 24 * 60 * 60, later = (__s64)to->second - from->second;

	return from->day == to->day ? llabs(later) : later + day;
}

/* How far apart the times of two lines are; unknown if the lines do not tell. */
static __u64 ns_apart(const struct stamp *now, const struct stamp *before)
{
	if (is_known(now->time_ns) && is_known(before->time_ns))
		return llabs((__s64)(now->time_ns - before->time_ns));
	if (is_known(now->real_ns) && is_known(before->real_ns))
		return llabs((__s64)(now->real_ns - before->real_ns));
	return !now->date.day || !before->date.day ? OOMWATCH_UNKNOWN_U64 :
		seconds_between(&before->date, &now->date) * SECOND_NS;
}

static bool is_after(__u64 apart, unsigned int seconds)
{
	return is_known(apart) && apart > seconds * SECOND_NS;
}

static __u64 ns_since_record(const struct klog *log, const struct record *rec)
{
	const struct stamp before = {
		.time_ns = rec->head.time_ns, .real_ns = rec->real_ns, .date = rec->date,
	};

	return ns_apart(&log->stamp, &before);
}

/*
 * Whether the line is of another kill than a report whose newest record is this. The kernel writes
 * a report in one go, though lines may take seconds to get to a slow console.
 */
bool klog_is_long_after(const struct klog *log, const struct record *rec, unsigned int seconds)
{
	return is_after(ns_since_record(log, rec), seconds);
}

static bool has_rows(const struct capture *capture)
{
	size_t i;

	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);)
		if (type_is_task(capture->records[i]->head.type))
			return true;
	return false;
}

/*
 * The kill of a group that this victim belongs to, or NULL. The kernel kills a group in one go. A
 * later line is of another kill, whose report was rate limited.
 */
static struct record *group_now(const struct capture *capture, const char *line, __s32 pid)
{
	const struct klog *log = capture->log;

	if (!log->group || !is_of_kind(log->group, line) || klog_is_long_after(log, log->last, 1))
		return NULL;
	/* Without times, the table tells. Hardly ever a child has begun after it was printed. */
	return is_known(ns_since_record(log, log->last)) || !has_rows(capture) ||
		klog_row(capture, pid) ? log->group : NULL;
}

/* The line that names the cgroup may be missing. */
static void take_kind(struct record *rec, const char *line)
{
	if (begins(line, "Memory cgroup"))
		rec->oom.kind = OOMWATCH_KIND_MEMCG;
	rec->not_memcg |= begins(line, "Out of memory") || begins(line, OLD_KILLED);
	if (begins(line, NO_MEMORY))
		rec->oom.kind = begins(line, NO_MEMORY "in cpuset") ? OOMWATCH_KIND_CPUSET :
			OOMWATCH_KIND_MEMPOLICY;
}

static void take_verdict(struct record *rec, const char *line)
{
	static const char allocating[] = "Out of memory (oom_kill_allocating_task)";

	if (begins(line, allocating))
		rec->oom.verdict = OOMWATCH_VERDICT_ALLOCATING_TASK;
}

/*
 * Before 5.2: Memory cgroup out of memory: Kill process 7 (hog) score 634 or sacrifice child
 * Before 2.6.36: kill process. The line about the victim follows, unless the log ends here: so the
 * chosen one is marked.
 */
static void take_kill(struct capture *capture, const char *line, const char *at)
{
	static const char after[] = ") score ";
	const char *name = strchr(at, '('), *end = NULL, *more = at;
	struct klog *log = capture->log;
	const struct record *before = klog_kill_before(log);
	struct record *row;

	klog_open(capture);
	log->child = true;
	take_kind(log->oom, line);
	take_verdict(log->oom, line);
	klog_set_s32(&log->chosen, at, "ill process ");
	klog_note_chosen(log, before);
	while ((more = strstr(more, after)))
		end = more++;
	if (log->chosen == OOMWATCH_UNKNOWN_S32 || !name || !end || end < name)
		return;
	row = klog_row(capture, log->chosen);
	if (!row) {
		row = klog_add_record(capture, OOMWATCH_TYPE_TASK, log->id);
		row->victim.process.pid = log->chosen;
		klog_set_comm(row->victim.process.comm, name + 1, end - name - 1);
	}
	if (log->oom->oom.verdict == OOMWATCH_VERDICT_ALLOCATING_TASK)
		return;
	row->victim.process.rank = 1;	/* by the kernel's own scores */
	/* Since 2.6.36, which has a capital letter there. */
	if (strstr(line, "Kill process "))
		row->thousandths = strtoul(end + strlen(after), NULL, 10);
}

/*
 * Whether a victim's line and the open report are of different kinds. mm/oom_kill.c:
 * oom_kill_process() and dump_header() ask the same is_memcg_oom(); before 3.9 the report of a
 * cgroup has the machine's memory, too.
 */
static bool is_of_other_kind(const struct klog *log, const char *line)
{
	bool is_memcg = log->memcg || log->oom->oom.kind == OOMWATCH_KIND_MEMCG;

	if (!strncmp(line, "Out of memory", strlen("Out of memory")))
		return is_memcg;
	return !strncmp(line, "Memory cgroup", strlen("Memory cgroup")) && !is_memcg && log->zones;
}

/*
 * A report without its choice has lost lines. If the table of a cgroup's kill does not have the
 * victim, it has lost lines as well, or the line is of another kill: then that is later.
 */
static bool may_be_chosen(const struct capture *capture, __s32 pid, const char *line)
{
	const struct klog *log = capture->log;
	bool in_table = !log->memcg || !log->nr_columns || klog_row(capture, pid);
	const struct record *newest = capture->records[capture->nr_records - 1];

	return !is_of_other_kind(log, line) &&
		!klog_is_long_after(log, newest, in_table ? 60 : 2);
}

/*
 * Whether the open report is that of this victim. Of a kill that is not the report's only this line
 * may be in the log. A process that has lost its first thread has another pid than was chosen.
 */
static bool is_chosen(const struct capture *capture, __s32 pid, const char *line)
{
	const struct klog *log = capture->log;
	const struct record *row;

	if (!log->oom || log->child || log->chosen == pid)
		return true;
	if (log->chosen == OOMWATCH_UNKNOWN_S32)
		return may_be_chosen(capture, pid, line);
	row = klog_row(capture, pid);
	return row && row->victim.process.tgid == log->chosen;
}

/*
 * (NAME) total-vm:..., (NAME), UID 0, total-vm:... and , UID 0, (NAME) total-vm:... are the forms
 * that there are. The last such words count: a name may have the same.
 */
static const char *end_of_name(const char *at)
{
	static const char * const ends[] = { ") total-vm:", "), UID " };
	const char *end = NULL, *more;
	size_t i;

	for (i = 0; i < 2 && !end; i++)
		for (more = at; (more = strstr(more, ends[i])); more++)
			end = more;
	/* Before 2.6.31 nothing follows; a form may have put something there. */
	return end ?: strrchr(at, ')');
}

/* What the line has. A row of the table has more. */
static void take_victim(struct oomwatch_process *process, const char *at)
{
	/* The words before may have a bracket, too: (oom_kill_allocating_task) */
	const char *name = strchr(strstr(at, "illed process "), '(');
	const char *end = end_of_name(at), *more = end ?: at;
	__s64 number;

	if (name && end && name < end)
		klog_set_comm(process->comm, name + 1, end - name - 1);
	process->total_vm = klog_pages(more, "total-vm:");
	process->anon_rss = klog_pages(more, "anon-rss:");
	process->file_rss = klog_pages(more, "file-rss:");
	process->shmem_rss = klog_pages(more, "shmem-rss:");
	if (klog_number(more, "pgtables:", &number) && number >= 0 && number < 1LL << 50)
		process->pgtables = number * 1024;
	if ((klog_number(more, "UID:", &number) || klog_number(more, ", UID ", &number)) &&
	    number >= 0 && number < 0xffffffff)
		process->uid = number;
	klog_set_s32(&process->oom_score_adj, more, "oom_score_adj:");
}

/*
 * In a cgroup's kill only the table counts in pages. The victim's line has its size in kB, and its
 * row in pages: together they tell how large a page is.
 */
static void find_page_size(struct klog *log, __u64 victim, __u64 row)
{
	__u64 kb;

	if (log->page_kb || !is_known(victim) || !is_known(row) || !row)
		return;
	/* Between the two lines it may have mapped or unmapped something. */
	for (kb = 4; kb <= 64; kb *= 2)
		if (victim * 4 / kb >= row - row / 64 && victim * 4 / kb <= row + row / 64)
			log->page_kb = kb;
}

static void take_swap(const struct oomwatch_oom *oom, struct oomwatch_process *process,
		      const struct record *row)
{
	if (row)
		process->swap = row->victim.process.swap;
	/* Without swap nobody has any there. */
	if (oom->swap_total == 0 && oom->swapoff == OOMWATCH_UNKNOWN_U64)
		process->swap = 0;
}

/*
 * vm.oom_kill_allocating_task: the kernel tells the pid of the thread that asked. The table has
 * processes, in pages that are not scaled yet. NULL: none, or several, have the thread's memory.
 */
static const struct record *row_of_thread(const struct capture *capture,
					  const struct oomwatch_process *thread)
{
	const struct klog *log = capture->log;
	const struct record *rec, *row = NULL;
	size_t i;

	if (log->oom->oom.verdict != OOMWATCH_VERDICT_ALLOCATING_TASK ||
	    thread->total_vm >= OOMWATCH_NO_LIMIT)
		return NULL;
	for (i = capture->nr_records; i-- && klog_is_of_report(capture, i);) {
		rec = capture->records[i];
		if (!type_is_task(rec->head.type) || rec->victim.process.total_vm *
		    (log->page_kb ?: 4) != thread->total_vm * 4)
			continue;
		if (row)
			return NULL;
		row = rec;
	}
	return row;
}

static void take_from_row(struct capture *capture, struct record *victim)
{
	struct oomwatch_process *process = &victim->victim.process;
	const struct record *row = klog_row(capture, process->pid) ?:
		row_of_thread(capture, process);
	struct klog *log = capture->log;

	if (row)
		find_page_size(log, process->total_vm, row->victim.process.total_vm);
	klog_scale_memory(capture);
	klog_scale_table(capture);
	victim->rows_lost = log->rows_lost;
	take_swap(&log->oom->oom, process, row);
	if (!row) {
		victim->not_in_table = has_rows(capture) && !log->rows_lost;
		return;
	}
	process->tgid = row->victim.process.tgid;
	process->rank = row->victim.process.rank;
	victim->thousandths = row->thousandths;
	/* Kernels that write "Kill process" first may have had another formula. */
	victim->higher = klog_score(capture, row);
	if (log->child)
		victim->higher = NULL;
	victim->floored = row->floored;
	victim->below_one = row->below_one;
	process->points = row->victim.process.points;
	victim->victim.score_rss = row->victim.score_rss;
	victim->victim.score_swap = row->victim.score_swap;
	victim->victim.score_pgtables = row->victim.score_pgtables;
	victim->victim.score_adj = row->victim.score_adj;
	if (process->pgtables == OOMWATCH_UNKNOWN_U64)
		process->pgtables = row->victim.process.pgtables;
	if (process->uid == OOMWATCH_UNKNOWN_U32)
		process->uid = row->victim.process.uid;
	if (process->oom_score_adj == OOMWATCH_UNKNOWN_S32)
		process->oom_score_adj = row->victim.process.oom_score_adj;
}

/* Before 5.2 a child of it may be killed. Before 3.8 it gets an oom_score_adj of 1000 instead. */
static void take_origin(struct klog *log, const struct oomwatch_process *victim)
{
	struct oomwatch_oom *oom = &log->oom->oom;

	if (oom->verdict != OOMWATCH_VERDICT_ALLOCATING_TASK && !log->child &&
	    oom->pid != OOMWATCH_UNKNOWN_S32 && oom->pid == victim->pid && klog_is_origin(log))
		oom->verdict = OOMWATCH_VERDICT_OOM_ORIGIN;
}

static void close_report(struct capture *capture, struct record *victim)
{
	struct klog *log = capture->log;
	struct oomwatch_oom *oom = &log->oom->oom;
	const struct record *row;

	klog_set_text(victim, &victim->victim.process.memcg, log->task_memcg,
		      strlen(log->task_memcg));
	log->task_memcg[0] = '\0';
	take_origin(log, &victim->victim.process);
	take_from_row(capture, victim);
	row = oom->pid == OOMWATCH_UNKNOWN_S32 ? NULL : klog_row(capture, oom->pid);
	if (row)
		oom->tgid = row->victim.process.tgid;
	if (row && oom->uid == OOMWATCH_UNKNOWN_U32)
		oom->uid = row->victim.process.uid;
	klog_conclude(capture, victim);
}

static void take_chosen(const struct klog *log, struct oomwatch_process *process)
{
	process->pid = log->chosen;
	if (*log->chosen_comm)
		klog_set_comm(process->comm, log->chosen_comm, strlen(log->chosen_comm));
}

/* A report that ends with the choice: the kill is not in the log. */
void klog_finish_report(struct capture *capture)
{
	struct klog *log = capture->log;
	const struct record *row = log->oom ? klog_row(capture, log->chosen) : NULL;
	struct record *victim;

	klog_drop_unsure(capture);
	if (log->oom && log->chosen != OOMWATCH_UNKNOWN_S32) {
		victim = klog_add_record(capture, OOMWATCH_TYPE_VICTIM, log->id);
		if (row)
			victim->victim.process = row->victim.process;
		else
			take_chosen(log, &victim->victim.process);
		victim->unfinished = true;
		close_report(capture, victim);
	} else if (log->oom) {
		klog_conclude_without_victim(capture);
	}
	log->oom = NULL;
}

/* [Memory cgroup o|O]ut of memory...: Killed process 164 (plain) total-vm:189256kB, ... */
static void take_killed(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	struct record *group, *rec, *victim;
	__s32 pid = OOMWATCH_UNKNOWN_S32;

	klog_set_s32(&pid, at, "illed process ");
	group = group_now(capture, line, pid);
	if (pid == OOMWATCH_UNKNOWN_S32 || (group && is_listed(capture, pid)))
		return;
	if (!group && !is_chosen(capture, pid, line)) {
		/* It may be another thread of the one that the line oom-kill: has. */
		log->chosen = log->child ? log->chosen : OOMWATCH_UNKNOWN_S32;
		klog_finish_report(capture);
	}
	rec = group ?: klog_open(capture);
	take_kind(rec, line);
	take_verdict(rec, line);
	victim = klog_add_record(capture, OOMWATCH_TYPE_VICTIM, rec->head.oom);
	victim->victim.process.pid = pid;
	take_victim(&victim->victim.process, at);
	if (group) {
		victim->victim.process.flags = OOMWATCH_TASK_GROUP;
		take_swap(&rec->oom, &victim->victim.process, klog_row(capture, pid));
	} else {
		close_report(capture, victim);
	}
	log->last = victim;
	log->last_oom = rec;
	log->oom = NULL;
	log->sysrq = false;
}

/* --- the next report ---------------------------------------------------------------- */

/*
 * NAME invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0; some kernels have
 * gfp_mask at the end, or not at all.
 */
static void take_invoked(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;
	const char *mask = strstr(at, "gfp_mask="), *nodes = strstr(at, " nodemask=");
	const char *names = mask ? mask + strcspn(mask, "(,") : "";
	struct oomwatch_oom *oom;
	__s64 gfp;

	/* Somebody may only talk of it. */
	if (!mask && !strstr(at, "order="))
		return;
	klog_finish_report(capture);
	oom = &klog_open(capture)->oom;
	klog_set_comm(oom->comm, line, at - line);
	klog_set_s32(&oom->order, at, "order=");
	klog_set_s32(&oom->oom_score_adj, at, "oom_score_adj=");
	if (klog_number(at, "gfp_mask=", &gfp))
		oom->gfp_mask = gfp;
	if (*names == '(')
		klog_set_text(log->oom, &oom->gfp_flags, names + 1, strcspn(names + 1, ")"));
	if (nodes)
		klog_set_nodes(log->oom, &oom->nodemask, nodes + strlen(" nodemask="));
	/* drivers/tty/sysrq.c: moom_callback(); older kernels say order 0 there. */
	if (oom->order == -1 || (oom->order == 0 && log->sysrq &&
				 !is_after(ns_apart(&log->stamp, &log->sysrq_at), 2)))
		oom->trigger = OOMWATCH_TRIGGER_SYSRQ;
	log->sysrq = false;
}

/*
 * A row for each kind of line. The first words, by their length, can't be within the name of a
 * task. The others may be in a name or path: so lines that begin with words of their own are told
 * first, and of the rest first those that have a name.
 */
static const struct pattern {
	const char *words;
	bool anywhere;
	klog_take *take;
	const char *late;	/* words that come late in each such line, or NULL */
} patterns[] = {
	{ " invoked oom-killer: ", true, take_invoked, NULL },
	{ "sysrq: Manual OOM execution", false, take_sysrq, NULL },
	{ "SysRq : Manual OOM execution", false, take_sysrq, NULL },
	{ "sysrq: SysRq : Manual OOM execution", false, take_sysrq, NULL },
	{ "CPU: ", false, take_cpu, " #" },
	{ "Pid: ", false, take_pid, " #" },
	{ "RIP: ", false, take_x86, NULL },
	{ "EIP: ", false, take_x86, NULL },
	{ "RAX: ", false, take_x86, NULL },
	{ "EAX: ", false, take_x86, NULL },
	{ "Call Trace:", false, klog_take_trace, NULL },
	{ "Call trace:", false, klog_take_trace, NULL },
	{ "oom-kill:constraint=", false, take_oom_kill, ",uid=" },
	{ "** ", false, klog_take_dropped, NULL },
	{ "Tasks in ", false, take_group, NULL },
	{ "Task in ", false, take_task_in, NULL },
	{ "memory: usage ", false, klog_take_memory, " failcnt " },
	{ "swap: usage ", false, klog_take_swap, " failcnt " },
	{ "memory+swap: usage ", false, klog_take_memsw, " failcnt " },
	{ "kmem: usage ", false, klog_take_kmem, " failcnt " },
	{ "Memory cgroup stats for ", false, klog_take_stats, ":" },
	{ "Mem-Info:", false, klog_take_mem_info, NULL },
	{ "Mem-info:", false, klog_take_mem_info, NULL },
	{ "active_anon:", false, klog_take_counts, NULL },
	{ "Active_anon:", false, klog_take_counts, NULL },
	{ "active_file:", false, klog_take_counts, NULL },
	{ "unevictable:", false, klog_take_counts, NULL },
	{ "slab_reclaimable:", false, klog_take_counts, NULL },
	{ "mapped:", false, klog_take_counts, NULL },
	{ "sec_pagetables:", false, klog_take_counts, NULL },
	{ "kernel_misc_reclaimable:", false, klog_take_counts, NULL },
	{ "free:", false, klog_take_counts, NULL },
	{ "free_cma:", false, klog_take_counts, NULL },
	{ "Node ", false, klog_take_node, NULL },
	{ "DMA", false, klog_take_node, NULL },
	{ "Normal", false, klog_take_node, NULL },
	{ "HighMem", false, klog_take_node, NULL },
	{ "hugepages_total=", false, klog_take_node, NULL },
	{ "Movable", false, klog_take_node, NULL },
	{ "lowmem_reserve[]:", false, klog_take_reserve, NULL },
	{ "Memory allocations", false, klog_take_allocations, NULL },
	{ "Free swap ", false, klog_take_free_swap, NULL },
	{ "Free swap:", false, klog_take_free_swap, NULL },
	{ "Total swap ", false, klog_take_total_swap, NULL },
	{ "[ pid ] ", false, klog_take_heading, " name" },
	{ "[  pid  ] ", false, klog_take_heading, " name" },
	{ "[<", false, klog_take_frame, NULL },
	{ "[", false, klog_take_row, NULL },
	{ "Out of memory: Kill process ", false, take_kill, " score " },
	{ "Out of memory: kill process ", false, take_kill, " score " },
	{ "Memory cgroup out of memory: Kill process ", false, take_kill, " score " },
	{ "Memory cgroup out of memory: kill process ", false, take_kill, " score " },
	{ "Out of memory (oom_kill_allocating_task): Kill process ", false, take_kill, " score " },
	{ "Killed process ", false, take_killed, "-rss:" },
	/* Before 2.6.19. */
	{ OLD_KILLED, false, take_killed, NULL },
	{ NO_MEMORY "(MPOL_BIND): Killed process ", false, take_killed, NULL },
	{ NO_MEMORY "in cpuset: Killed process ", false, take_killed, NULL },
	{ "Out of Memory: Kill process ", false, take_kill, " score " },
	{ "Out of memory: Killed process ", false, take_killed, "-rss:" },
	{ "Out of memory (oom_kill_allocating_task): Killed process ", false, take_killed,
	  "-rss:" },
	{ "Memory cgroup out of memory: Killed process ", false, take_killed, "-rss:" },
	{ "Out of memory and no killable processes", false, klog_take_nobody, NULL },
	{ KLOG_PANIC "Out of memory and no killable processes", false, klog_take_nobody, NULL },
	{ KLOG_PANIC "System is deadlocked on memory", false, klog_take_deadlock, NULL },
	{ KLOG_PANIC "Out of memory: ", false, klog_take_panic_on_oom, NULL },
	{ "Out of memory: OOM victim ", false, klog_take_gone, NULL },
	{ "Memory cgroup out of memory: OOM victim ", false, klog_take_gone, NULL },
	{ "oom_reaper: reaped process ", false, klog_take_reaped, NULL },
	{ "KB ", true, klog_take_cache, NULL },
	{ " func:", true, klog_take_allocation, NULL },
	{ " mems_allowed=", true, take_cpuset, NULL },
	{ " total pagecache pages", true, klog_take_page_cache, NULL },
	{ " pages in swap cache", true, klog_take_swap_cache, NULL },
	{ " pages RAM", true, klog_take_ram, NULL },
	{ " pages HighMem", true, klog_take_highmem, NULL },
	{ " pages reserved", true, klog_take_reserved, NULL },
	{ " pages swap cached", true, klog_take_swap_cache, NULL },
	{ " pages of RAM", true, klog_take_ram, NULL },
	{ " reserved pages", true, klog_take_reserved, NULL },
	{ "+0x", true, klog_take_frame, NULL },
	{ "kB", true, klog_take_rest, NULL },
	{ " ", true, klog_take_stat, NULL },
};

/* --- all lines ------------------------------------------------------------------------------ */

/* The row of a line; NULL: none. *line loses its indent, and *at becomes where the words are. */
static const struct pattern *pattern_of(const char **line, const char **at)
{
	const struct pattern *pattern, *end = patterns + ARRAY_SIZE(patterns);

	for (pattern = patterns; pattern < end; pattern++) {
		*at = pattern->anywhere ? strstr(*line, pattern->words) :
			strncmp(*line, pattern->words, strlen(pattern->words)) ? NULL : *line;
		if (*at)
			return pattern;
		/* Only the name of a task has spaces of its own at the beginning of a line. */
		if (pattern == patterns)
			*line += strspn(*line, " ");
	}
	return NULL;
}

/* Its end is missing, and other reports of the kernel have such lines, too. */
static void end_stale_report(struct capture *capture)
{
	const struct klog *log = capture->log;

	if (log->oom && klog_is_long_after(log, capture->records[capture->nr_records - 1], 60))
		klog_finish_report(capture);
}

static enum klog_place place_of(klog_take *take)
{
	static const struct { klog_take *take; enum klog_place place; } places[] = {
		{ take_task_in, AFTER_STACK }, { klog_take_memory, AFTER_STACK },
		{ klog_take_swap, AFTER_STACK }, { klog_take_memsw, AFTER_STACK },
		{ klog_take_kmem, AFTER_STACK }, { klog_take_stats, AFTER_STACK },
		{ klog_take_heading, WITHIN_TABLE }, { take_oom_kill, WITHIN_TABLE },
		{ take_kill, AFTER_REPORT }, { take_killed, AFTER_REPORT },
		{ take_group, AFTER_REPORT }, { klog_take_nobody, AFTER_REPORT },
		{ klog_take_deadlock, AFTER_REPORT }, { klog_take_panic_on_oom, AFTER_REPORT },
		{ klog_take_gone, AFTER_REPORT },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (places[i].take == take)
			return places[i].place;
	return OF_OTHERS;
}

/* Killed process 7 (: a name has 15 bytes at most. */
static bool has_victim(const char *line)
{
	static const char words[] = "Killed process ";
	const char *at = strstr(line, words);
	size_t digits = at ? strspn(at + strlen(words), "0123456789") : 0;

	return digits && strchr(" ,", at[strlen(words) + digits]);
}

static void take_message(struct capture *capture, const char *line)
{
	const char *at;
	const struct pattern *pattern = pattern_of(&line, &at);

	if ((!pattern || pattern->take != take_killed) && has_victim(line))
		capture->log->unread = true;
	if (pattern && pattern->take != take_killed)
		end_stale_report(capture);
	if (!pattern)
		return;
	klog_settle(capture, place_of(pattern->take));
	pattern->take(capture, line, at);
}

bool klog_begins_message(const char *line)
{
	const char *at;
	const struct pattern *pattern = pattern_of(&line, &at);

	return pattern && (!pattern->anywhere || pattern == patterns);
}

bool klog_has_kill(const char *line)
{
	return strstr(line, patterns[0].words) || strstr(line, KILLED);
}

bool klog_may_begin(const char *line)
{
	return klog_begins_message(line) || strstr(line, KILLED);
}

const char *klog_late_words(const char *line)
{
	const char *at;
	const struct pattern *pattern;

	/* What its row looks for may itself be in the rest. */
	if (strstr(line, " invoked oom-killer:")) {
		at = strstr(line, "gfp_mask=");
		return at && strchr(at, '(') && !strchr(at, ')') ? ")" : "adj=";
	}
	pattern = pattern_of(&line, &at);
	return pattern ? pattern->late : NULL;
}

void klog_begin_boot(struct capture *capture)
{
	struct klog *log = capture->log;

	klog_finish_report(capture);
	log->group = NULL;
	log->last = NULL;
	log->sysrq = false;
	log->boot++;
}

/* Lines of several CPUs may be out of order, but not by this much. */
#define BACK_NS (60 * 1000000000ULL)

/*
 * The first line of a boot ends a report of the boot before. A time that goes back within a report
 * may be of another host, if the lines do not tell that. A journal tells the boot itself.
 */
static void note_boot(struct capture *capture, bool first)
{
	struct klog *log = capture->log;
	bool back = is_known(log->stamp.time_ns) && is_known(log->last_ns) &&
		log->stamp.time_ns + BACK_NS < log->last_ns;

	if ((log->form != KLOG_LINES && log->form != KLOG_DOCKER) || !(first || back))
		return;
	if (log->oom && !log->unsure && !first)
		return;
	klog_begin_boot(capture);
}

/* init/version.c: linux_banner. Its time is 0, or when it arrived in the journal. */
static void note_begin(struct capture *capture, const char *line)
{
	struct klog *log = capture->log;
	bool boot = !strncmp(line, "Linux version ", 14);
	bool known = log->stamp.time_ns != OOMWATCH_UNKNOWN_U64;

	if (log->stamp.boot)
		log->boot = log->stamp.boot;
	note_boot(capture, boot);
	klog_note_time(log);
	if (known)
		log->last_ns = log->stamp.time_ns;
	if (log->first_ns == OOMWATCH_UNKNOWN_U64)
		log->first_ns = log->stamp.time_ns;
	log->fine = log->fine || (known && log->stamp.time_ns % 1000000000);
	log->has_boot = log->has_boot || boot;
}

/* Mails and pages leave blanks there. A row of the table ends with a name, which may have some. */
static void trim(char *line)
{
	size_t len = strlen(line);

	while (*line != '[' && len && line[len - 1] == ' ')
		line[--len] = '\0';
}

/* A record of /dev/kmsg may have several lines. */
void klog_take_message(struct capture *capture, char *line)
{
	char *end;

	if (!klog_enter_host(capture, &capture->log->stamp.host, line))
		return;
	note_begin(capture, line);
	for (; line; line = end ? end + 1 : NULL) {
		end = strchr(line, '\n');
		if (end)
			*end = '\0';
		trim(line);
		take_message(capture, line);
	}
	klog_leave_host(capture);
}
