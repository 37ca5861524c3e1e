// SPDX-License-Identifier: GPL-2.0
/* Lines of a stack in a report of the kernel's log. */
#include <string.h>

#include "klog-report.h"

static struct record *open_stack(struct klog *log, struct capture *capture)
{
	if (log->oom && !log->stack && !log->other_trace)
		log->stack = klog_add_record(capture, OOMWATCH_TYPE_STACK, log->id);
	return log->stack;
}

/*
 * On 32-bit arm each line names a function and its caller: callee from caller+0x1/0x2, or
 * [<c0104540>] (callee+0x0/0x3) from [<c0107dbc>] (caller+0x1/0x2). NULL: it is no such line.
 */
static const char *arm_frame(const char *line)
{
	static const char from[] = " from ";
	const char *at = strstr(line, from), *bracket;

	if (!at)
		return NULL;
	at += strlen(from);
	bracket = strchr(at, '(');
	return bracket && !strncmp(at, "[<", 2) ? bracket + 1 : at;
}

/*
 *  symbol+0x1/0x2, or  [<ffffffff8178219b>] symbol+0x1/0x2 [module]. A frame with ? is a guess.
 * dump_stack() and dump_header() are the report's own.
 */
void klog_take_frame(struct capture *capture, const char *line, const char *at)
{
	static const char own[][16] = { "dump_stack", "dump_header", "show_stack", "__dump_stack",
					"dump_backtrace", "dump_stack_lvl" };
	struct klog *log = capture->log;
	const char *arm = arm_frame(line);
	/* It has no line that begins the trace. */
	struct record *rec = arm ? open_stack(log, capture) : log->stack;
	struct oomwatch_ref *ref;
	size_t len, i, name;

	(void)at;
	if (!log->oom || !rec || log->other_trace)
		return;
	/* A line that is cut may have no end of the address. */
	if (arm)
		line = arm;
	else if (!strncmp(line, "[<", 2))
		line = strchr(line, ']') ?: line;
	line += strspn(line, "] ");
	len = strcspn(line, arm ? " );" : " ;");
	name = strcspn(line, "+");
	if (*line == '?' || name >= len || strncmp(line + name, "+0x", 3) || line[len] == ';')
		return;
	/* dump_header.isra.17 */
	for (i = 0; i < ARRAY_SIZE(own); i++)
		if (!strncmp(line, own[i], strlen(own[i])) &&
		    strchr("+.", line[strlen(own[i])]))
			return;
	ref = &rec->stack.frames;
	if (rec->head.len + len + 1 > klog_room_of(OOMWATCH_TYPE_STACK))
		return;
	if (!ref->off)
		ref->off = rec->head.len;
	else
		rec->bytes[rec->head.len++] = ';';
	memcpy(rec->bytes + rec->head.len, line, len);
	rec->head.len += len;
	ref->len = rec->head.len - ref->off;
	rec->stack.nr_frames = rec->stack.nr_frames == OOMWATCH_UNKNOWN_U32 ? 1 :
		rec->stack.nr_frames + 1;
}

bool klog_has_frame(const struct record *stack, const char *name)
{
	struct bytes frames = ref_bytes(stack, stack->stack.frames);

	return frames.at && memmem(frames.at, frames.len, name, strlen(name));
}

bool klog_has_stack(const struct klog *log)
{
	return log->stack && log->stack->stack.frames.off;
}

/* A cgroup's kill has mem_cgroup_out_of_memory() there. */
bool klog_has_other_stack(const struct klog *log)
{
	return klog_has_stack(log) && !klog_has_frame(log->stack, "out_of_memory") &&
		!klog_has_frame(log->stack, "oom_kill_process");
}

/*
 * Both wrap set_current_oom_origin() around that: mm/swapfile.c, and run_store() of mm/ksm.c. Of
 * these tasks the OOM killer takes the first that it visits.
 */
bool klog_is_origin(const struct klog *log)
{
	const struct record *stack = log->stack;

	if (!stack)
		return false;
	return (klog_has_frame(stack, "try_to_unuse+") && klog_has_frame(stack, "swapoff+")) ||
		klog_has_frame(stack, "unmerge_and_remove_all_rmap_items+");
}

/* A second trace in the report is another CPU's. */
void klog_take_trace(struct capture *capture, const char *line, const char *at)
{
	struct klog *log = capture->log;

	(void)line;
	(void)at;
	log->other_trace = log->other_trace || (log->oom && log->stack);
	open_stack(log, capture);
}
