// SPDX-License-Identifier: GPL-2.0
/*
 * Trace events: one for each victim, and one for each of its recorded candidates. They are made of
 * the records of an episode, which are read back from the ring when the episode has ended.
 *
 * Tracers run in the return probe of out_of_memory(): in the task that asked for memory, with
 * preemption off and oom_lock held, but with no lock of this module, of a task or of a cgroup.
 * There a tracer can't sleep, and kprobes on functions that it calls don't fire.
 */

#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "internal.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* All below is guarded by oom_lock. */

static union {
	struct oomwatch_head head;
	struct oomwatch_oom oom;
	struct oomwatch_task task;
	struct oomwatch_victim victim;
	u8 bytes[OOMWATCH_RECORD_MAX];
} record;

static struct trace_words words;

/* The two highest scores, the higher first. A task's process has one record. */
static struct {
	pid_t pid, tgid;
	s64 points;		/* OOMWATCH_UNKNOWN_S64, which is the lowest: there is none */
} highest[2];

/*
 * Bytes that a user chose. A line of the trace has fields with spaces between them, and the parsers
 * of its format can't read quotes, so spaces are escaped, too. Unknown if they don't fit.
 */
static void set_text(char *to, size_t size, const u8 *bytes, size_t len)
{
	const u8 *end = bytes + len;
	char *at = to;

	for (; bytes < end && at + 4 < to + size; bytes++) {
		if (isascii(*bytes) && isgraph(*bytes) && *bytes != '\\')
			*at++ = *bytes;
		else
			at += sprintf(at, "\\x%02x", *bytes);
	}
	if (!len || bytes < end) {
		at = to;
		*at++ = '-';
	}
	*at = '\0';
}

static void set_path(char *to, size_t size, const struct oomwatch_ref *ref)
{
	set_text(to, size, record.bytes + ref->off, ref->len);
}

static void take_process(const struct oomwatch_process *process)
{
	set_text(words.comm, sizeof(words.comm), (const u8 *)process->comm,
		 strnlen(process->comm, sizeof(process->comm)));
	set_path(words.memcg, sizeof(words.memcg), &process->memcg);
}

static void take_oom(void)
{
	words.kind = oom_value_name(offsetof(struct oomwatch_oom, kind), record.oom.kind);
	words.cause = oom_value_name(offsetof(struct oomwatch_oom, cause), record.oom.cause);
	words.oom_memcg_id = record.oom.memcg_id;
	set_path(words.oom_memcg, sizeof(words.oom_memcg), &record.oom.memcg);
	highest[0].points = OOMWATCH_UNKNOWN_S64;
	highest[1].points = OOMWATCH_UNKNOWN_S64;
}

static void emit_candidate(void)
{
	const struct oomwatch_process *process = &record.task.process;
	int place = process->points > highest[0].points ? 0 : 1;

	if (!place)
		highest[1] = highest[0];
	if (process->points > highest[place].points) {
		highest[place].pid = process->pid;
		highest[place].tgid = process->tgid;
		highest[place].points = process->points;
	}
	if (!trace_candidate_enabled())
		return;
	take_process(process);
	trace_candidate(&record.task, &words);
}

static void emit_kill(void)
{
	const struct oomwatch_process *process = &record.victim.process;
	int next = highest[0].tgid == process->tgid ? 1 : 0;

	words.runner_up_pid = -1;
	words.runner_up_points = highest[next].points;
	words.margin = OOMWATCH_UNKNOWN_S64;
	if (words.runner_up_points != OOMWATCH_UNKNOWN_S64) {
		words.runner_up_pid = highest[next].pid;
		if (process->points != OOMWATCH_UNKNOWN_S64)
			words.margin = process->points - words.runner_up_points;
	}
	take_process(process);
	trace_kill(&record.victim, &words);
}

static void emit_record(void)
{
	switch (record.head.type) {
	case OOMWATCH_TYPE_OOM:
		take_oom();
		break;
	case OOMWATCH_TYPE_TASK:
		emit_candidate();
		break;
	case OOMWATCH_TYPE_VICTIM:
		emit_kill();
		break;
	}
}

/**
 * trace_episode() - emit the trace events of an episode
 * @oom: its number; it has a victim, and its records are committed
 *
 * Where the ring was too small for the episode, events are missing as records are.
 *
 * Context: oom_lock held, no other lock.
 */
void trace_episode(u64 oom)
{
	struct ring_cursor cursor;
	struct ring_loss loss;
	bool begun = false;

	if (!trace_kill_enabled() && !trace_candidate_enabled())
		return;
	if (ring_seek_bookmark(&records, RING_KILLS, &cursor) != oom)
		return;
	for (;;) {
		if (!ring_read(&records, &cursor, &record.head, &loss)) {
			if (!loss.count)
				return;
			continue;
		}
		if (record.head.oom != oom)
			continue;
		if (record.head.type == OOMWATCH_TYPE_END)
			return;
		record_unpack(&record.head);
		/* What is emitted has fields of that record. */
		begun |= record.head.type == OOMWATCH_TYPE_OOM;
		if (begun)
			emit_record();
	}
}
