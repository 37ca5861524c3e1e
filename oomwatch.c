// SPDX-License-Identifier: GPL-2.0
/*
 * oomwatch: a flight recorder for the OOM killer
 *
 * Records every task that the OOM killer marks, with all the inputs of its
 * badness score, and keeps the records in memory for whoever asks afterwards.
 *
 * This file is the module's face: event sources, files, knobs, init. The parts
 * behind it are in core/. Kbuild compiles it to core/face.o.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/poll.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/tracepoint.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <trace/events/oom.h>
#include <trace/events/sched.h>
#include <trace/events/signal.h>
#include <trace/events/task.h>

#include "core/compat.h"
#include "core/internal.h"

/* === Overview ============================================================= */

/**
 * DOC: overview
 *
 * Data flow
 * ---------
 * ::
 *
 *   event source --> capture --> ring --> render --> reader
 *   (notifier,       (kernel     (over-   (record    (debugfs,
 *    tracepoints,     state ->    writes   -> text)   kernel log)
 *    out_of_memory)   record)     oldest)
 *
 * The ring, capture and render are in core/, with core/internal.h as what they
 * share and core/compat.h for all that differs between kernels. Sources and
 * readers are here, in this order.
 *
 * In the ring long records are packed (core/pack.c), and stacks are addresses:
 * readers see them unpacked and with symbols.
 *
 * The ring
 * --------
 * One buffer of bytes holds whole records of any length, back to back::
 *
 *     base            tail                       head
 *      |               |                          |
 *      v               v                          v
 *      +---------------+------+-----+------+------+--------------+
 *      |  overwritten  | rec  | rec | rec  | rec  |     free     |
 *      +---------------+------+-----+------+------+--------------+
 *                      ^ first_seq               ^ next_seq
 *
 * Positions count bytes and only grow; a position's place in the buffer is
 * (position - base) modulo size. A resize copies what fits to a new buffer and
 * sets base to where the copy begins, so that cursors stay good across it.
 *
 * A record's life: it is built in memory of its source, committed (gets its
 * sequence number and becomes readable), and stays until it is the oldest and a
 * newer one needs its place, or the ring is cleared or made smaller.
 *
 * Loss: written = held + overwritten + cleared + resize_dropped, always. A
 * reader holds a cursor, the sequence number it expects next; what is gone by
 * then is the difference to first_seq, exactly, and the reader is told.
 *
 * Contexts and locking
 * --------------------
 *  ========================  ==============================================
 *  out_of_memory() scope,    task context, oom_lock held, inside the
 *  oom notifier, choice      allocator: never sleeps, never allocates
 *  mark_victim               the same; the victim's alloc_lock is held too,
 *                            so no task_lock() of it
 *  wake_reaper               timer softirq, or a thread on PREEMPT_RT
 *  other reaper events       the oom_reaper thread
 *  task_newtask,             task context, of anybody: a few loads, and of each
 *  sched_process_exit        process's exit one short lock
 *  oom_score_adj_update      task context, oom_adj_mutex held
 *  signal_generate           any, of anybody: two loads but for SIGKILL
 *  panic notifier            any, with other CPUs stopped: locks are only tried
 *  readers, knobs            task context, may sleep
 *  ========================  ==============================================
 *
 * ring.lock, victims.lock, adj_table.lock and late.lock are raw spinlocks, taken with
 * interrupts off and held for a bounded time; none is taken inside another.
 * The open episode, its ranking and the scratch record need no lock of ours: all that touch
 * them run under the kernel's oom_lock. From no context but NMI is there a
 * probe that could interrupt a holder of these locks and want one itself.
 *
 * Episodes
 * --------
 * One call of out_of_memory() is one episode. The kretprobe opens and closes it.
 * Where that isn't attached, or is disarmed, mark_victim opens one itself:
 * marks by one trigger within %GUESS_NS of each other are then taken for one.
 */

/* === Data ================================================================= */

/* Knobs; written by sysctl under knob_lock, read anywhere with READ_ONCE(). */
unsigned int knob_enabled = 1;
unsigned int knob_stack_depth = 24;
unsigned int knob_panic_report = 1;
static unsigned int knob_ring_kb = 1024;
unsigned int knob_adj_updates = 1;
unsigned int knob_adj_per_min = 1000;
static unsigned int knob_candidates = 32;
static unsigned int knob_log;

/* === Event sources ======================================================== */

/* --- the scope of out_of_memory() ----------------------------------------- */

static struct kretprobe scope;

static int scope_enter(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	episode_enter((void *)argument(regs, 0), (unsigned long)scope.kp.addr);
	return 0;
}

static int scope_leave(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	/* A bool is a byte; above it there may be rubbish. */
	episode_leave(regs_return_value(regs) & 0xff);
	return 0;
}

/* oom_lock lets one task in at a time. */
static struct kretprobe scope = {
	.kp.symbol_name = "out_of_memory",
	.entry_handler = scope_enter,
	.handler = scope_leave,
	.maxactive = 4,
};

/* --- the choice ----------------------------------------------------------- */

static int choice_enter(struct kprobe *kp, struct pt_regs *regs)
{
	episode_choice((void *)argument(regs, 0), (void *)argument(regs, 1));
	return 0;
}

/* Static in the kernel, but the one place between the choice and its SIGKILL. */
static struct kprobe choice = {
	.symbol_name = "oom_kill_process",
	.pre_handler = choice_enter,
};

/* --- the notifier --------------------------------------------------------- */

/*
 * For what isn't a memcg's own, before anything is chosen. Last in the chain, so
 * that it sees what all others freed. It must not touch *freed itself: more than
 * 0 cancels the kill.
 */
static int notify_oom(struct notifier_block *nb, unsigned long action, void *freed)
{
	episode_freed(*(unsigned long *)freed > 0);
	return NOTIFY_OK;
}

static struct notifier_block oom_notifier = {
	.notifier_call = notify_oom,
	.priority = INT_MIN,
};

/* --- tracepoints ---------------------------------------------------------- */

static void probe_mark_victim(void *data, struct task_struct *task, uid_t uid)
{
	episode_mark(task, _RET_IP_);
}

/*
 * Older. The kernel holds the task's alloc_lock. If that one calls execve(), its pid may
 * have gone to the leader that it takes the place of, which has no mm and leads to it.
 */
static void probe_mark_victim_pid(void *data, int pid)
{
	struct task_struct *task;

	rcu_read_lock();
	task = pid_task(find_pid_ns(pid, &init_pid_ns), PIDTYPE_PID);
	if (task && !READ_ONCE(task->mm))
		task = READ_ONCE(task->group_leader);
	if (task && READ_ONCE(task->mm))
		episode_mark(task, _RET_IP_);
	rcu_read_unlock();
}

static void probe_reap(void *event, int pid)
{
	count(COUNTER_REAP_WAKE + (long)event);
	capture_reap(pid, (long)event);
}

static void probe_adj_update(void *data, struct task_struct *task)
{
	adj_write(task);
}

static void probe_newtask(void *data, struct task_struct *task, u64 clone_flags)
{
	if (!(clone_flags & CLONE_THREAD))
		adj_fork(task->signal, current->signal);
}

/* Older. */
static void probe_newtask_long(void *data, struct task_struct *task, unsigned long clone_flags)
{
	probe_newtask(data, task, clone_flags);
}

/* Of threads that exit at once, more than one may find itself the last. */
static bool is_last_with_mm(struct task_struct *task)
{
	struct task_struct *other;
	bool last = true;

	rcu_read_lock();
	for_each_thread(task, other)
		if (other != task && READ_ONCE(other->mm))
			last = false;
	rcu_read_unlock();
	return last;
}

/* Fires before exit_mm(), and says itself which thread is the last. */
static void probe_exit_group(void *data, struct task_struct *task, bool group_dead)
{
	if (!group_dead)
		return;
	adj_exit(task->signal);
	if (tsk_is_oom_victim(task))
		capture_exit(task, OOMWATCH_EXIT_MM_HELD);
}

/* Older: fires behind exit_mm(). */
static void probe_exit(void *data, struct task_struct *task)
{
	if (atomic_read(&task->signal->live))
		return;
	adj_exit(task->signal);
	if (tsk_is_oom_victim(task) && is_last_with_mm(task))
		capture_exit(task, OOMWATCH_EXIT_MM_DROPPED);
}

static void probe_reclaim_retry(void *data, struct zoneref *zoneref, int order,
				unsigned long reclaimable, unsigned long available,
				unsigned long min_wmark, int no_progress_loops, bool wmark_check)
{
	struct reclaim_check check = {
		.zone = zonelist_zone(zoneref), .reclaimable = reclaimable,
		.available = available, .min_wmark = min_wmark,
		.no_progress_loops = no_progress_loops,
	};

	retries_reclaim(&check);
}

#ifdef CONFIG_COMPACTION
static void probe_compact_retry(void *data, int order, enum compact_priority priority,
				enum compact_result result, int retries, int max_retries, bool ret)
{
	struct compact_check check = {
		.priority = priority, .result = result,
		.retries = retries, .max_retries = max_retries,
	};

	retries_compact(&check);
}
#endif

/* Comes with each signal on the machine; SIGKILLs by interrupts aren't the OOM killer's. */
static void probe_signal(void *data, int sig, struct kernel_siginfo *info,
			 struct task_struct *task, int group, int result)
{
	if (sig == SIGKILL && result == TRACE_SIGNAL_DELIVERED && in_task())
		episode_signal(task);
}

#define MARK_VICTIM \
	__builtin_choose_expr(PROBE_FITS(mark_victim, probe_mark_victim), \
			      probe_mark_victim, probe_mark_victim_pid)
#define PROCESS_EXIT \
	__builtin_choose_expr(PROBE_FITS(sched_process_exit, probe_exit_group), \
			      probe_exit_group, probe_exit)
const bool exit_comes_early = PROBE_FITS(sched_process_exit, probe_exit_group);

#define NEWTASK \
	__builtin_choose_expr(PROBE_FITS(task_newtask, probe_newtask), \
			      probe_newtask, probe_newtask_long)

/* Never called: refuses to compile where an event has another prototype. */
static void __maybe_unused check_probe_types(void)
{
	check_trace_callback_type_mark_victim(MARK_VICTIM);
	check_trace_callback_type_wake_reaper(probe_reap);
	check_trace_callback_type_start_task_reaping(probe_reap);
	check_trace_callback_type_finish_task_reaping(probe_reap);
	check_trace_callback_type_skip_task_reaping(probe_reap);
	check_trace_callback_type_oom_score_adj_update(probe_adj_update);
	check_trace_callback_type_reclaim_retry_zone(probe_reclaim_retry);
	check_trace_callback_type_sched_process_exit(PROCESS_EXIT);
	check_trace_callback_type_task_newtask(NEWTASK);
	check_trace_callback_type_signal_generate(probe_signal);
#ifdef CONFIG_COMPACTION
	check_trace_callback_type_compact_retry(probe_compact_retry);
#endif
}

/*
 * The events' tracepoints aren't exported, so they are found by name. In the
 * order of attaching: mark_victim last, when all that follows a kill is there.
 */
static struct trace_source {
	const char *name;
	void *probe;
	void *data;
	const char *without;		/* what isn't known without it; NULL: it must be */
	struct tracepoint *tp;
	bool attached;
} trace_sources[] = {
	{ "sched_process_exit", PROCESS_EXIT, NULL, "exits of victims" },
	{ "task_newtask", NEWTASK, NULL, "inherited oom_score_adj values" },
	{ "oom_score_adj_update", probe_adj_update, NULL, "writes of oom_score_adj" },
	{ "reclaim_retry_zone", probe_reclaim_retry, NULL, "reclaim retries" },
#ifdef CONFIG_COMPACTION
	{ "compact_retry", probe_compact_retry, NULL, "compaction retries" },
#endif
	{ "signal_generate", probe_signal, NULL, "processes killed for a victim's mm" },
	{ "wake_reaper", probe_reap, (void *)OOMWATCH_REAP_WAKE, "the OOM reaper's wake-ups" },
	{ "start_task_reaping", probe_reap, (void *)OOMWATCH_REAP_START, "begins of reaping" },
	{ "finish_task_reaping", probe_reap, (void *)OOMWATCH_REAP_FINISH, "ends of reaping" },
	{ "skip_task_reaping", probe_reap, (void *)OOMWATCH_REAP_SKIP, "skipped reaping" },
	{ "mark_victim", MARK_VICTIM, NULL, NULL },
};

static bool is_attached(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(trace_sources); i++)
		if (!strcmp(name, trace_sources[i].name))
			return trace_sources[i].attached;
	return false;
}

static bool notifier_attached;
static bool scope_attached;
static bool choice_attached;

static void find_tracepoint(struct tracepoint *tp, void *data)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(trace_sources); i++)
		if (!strcmp(tp->name, trace_sources[i].name))
			trace_sources[i].tp = tp;
}

static void detach_tracepoints(void)
{
	int i;

	for (i = ARRAY_SIZE(trace_sources) - 1; i >= 0; i--) {
		struct trace_source *source = &trace_sources[i];

		if (source->attached)
			tracepoint_probe_unregister(source->tp, source->probe, source->data);
		source->attached = false;
	}
	tracepoint_synchronize_unregister();
}

static int attach_tracepoints(void)
{
	int i, err;

	for_each_kernel_tracepoint(find_tracepoint, NULL);
	for (i = 0; i < ARRAY_SIZE(trace_sources); i++) {
		struct trace_source *source = &trace_sources[i];

		err = -ENOENT;
		if (source->tp)
			err = tracepoint_probe_register(source->tp, source->probe, source->data);
		source->attached = !err;
		if (err && !source->without) {
			pr_err("no tracepoint %s (%d): nothing could be recorded\n",
			       source->name, err);
			detach_tracepoints();
			return err;
		}
		if (err)
			pr_warn("no tracepoint %s (%d): doing without %s\n",
				source->name, err, source->without);
	}
	return 0;
}

/* What can be done without, and is then unknown in the records. */
static void attach_scope(void)
{
	int err = register_kretprobe(&scope);

	scope_attached = !err;
	if (err)
		pr_warn("no kretprobe on %s (%d): doing without what only it knows: limit, constraint, totalpages, scores' adj terms, end records, rekills\n",
			scope.kp.symbol_name, err);
}

/* Of use only within the scope. */
static void attach_choice(void)
{
	int err = scope_attached ? register_kprobe(&choice) : -ENOENT;

	choice_attached = !err;
	if (err)
		pr_warn("no kprobe on %s (%d): doing without the terms of scores as they were at the choice\n",
			choice.symbol_name, err);
}

static void detach_choice(void)
{
	if (choice_attached)
		unregister_kprobe(&choice);
	choice_attached = false;
}

static void detach_scope(void)
{
	if (scope_attached)
		unregister_kretprobe(&scope);
	scope_attached = false;
}

static void look_for_stacks(void)
{
	if (!IS_ENABLED(CONFIG_STACKTRACE))
		pr_warn("no CONFIG_STACKTRACE: doing without the trigger's stack\n");
}

static void attach_notifier(void)
{
	int err = register_oom_notifier(&oom_notifier);

	notifier_attached = !err;
	if (err)
		pr_warn("no OOM notifier (%d): doing without what other notifiers freed\n", err);
}

static void detach_notifier(void)
{
	if (notifier_attached)
		unregister_oom_notifier(&oom_notifier);
	notifier_attached = false;
}

/* --- what stats says of them ----------------------------------------------- */

static void sources_show(struct seq_file *m)
{
	static const char * const state[] = { "missing", "attached" };
	int i;

	seq_printf(m, "source_oom_notifier: %s\n", state[notifier_attached]);
	seq_printf(m, "source_out_of_memory: %s\n", state[scope_attached]);
	seq_printf(m, "source_oom_kill_process: %s\n", state[choice_attached]);
	seq_printf(m, "source_stack_trace: %s\n", state[IS_ENABLED(CONFIG_STACKTRACE)]);
	for (i = 0; i < ARRAY_SIZE(trace_sources); i++)
		seq_printf(m, "source_%s: %s\n", trace_sources[i].name,
			   state[trace_sources[i].attached]);
}

static const struct source_stats source_stats = {
	.scope_missed = &scope.nmissed,
	.show = sources_show,
};

/* === sysctl and module parameters ========================================= */

struct knob {
	const char *name;
	unsigned int *value;
	unsigned int min;
	unsigned int max;
	int (*apply)(unsigned int value);	/* NULL: storing it is all */
};

static DEFINE_MUTEX(knob_lock);		/* writers of knobs */

static int apply_ring_kb(unsigned int kb)
{
	return ring_resize(&records, kb * 1024UL);
}

/* A walk that goes on keeps to the old one until its RCU section ends. */
static int apply_candidates(unsigned int max)
{
	struct ranking *new = NULL, *old;

	if (max) {
		new = ranking_alloc(max);
		if (!new)
			return -ENOMEM;
	}
	old = rcu_replace_pointer(ranking, new, true);
	synchronize_rcu();
	kvfree(old);
	return 0;
}

enum knob_index {
	KNOB_ENABLED,
	KNOB_RING_KB,
	KNOB_ADJ_UPDATES,
	KNOB_ADJ_PER_MIN,
	KNOB_CANDIDATES,
	KNOB_STACK_DEPTH,
	KNOB_LOG,
	KNOB_PANIC_REPORT,
};

static struct knob knobs[] = {
	[KNOB_ENABLED] = { "enabled", &knob_enabled, 0, 1, NULL },
	[KNOB_RING_KB] = { "ring_kb", &knob_ring_kb, 64, 65536, apply_ring_kb },
	[KNOB_ADJ_UPDATES] = { "adj_updates", &knob_adj_updates, 0, 1, NULL },
	[KNOB_ADJ_PER_MIN] = { "adj_per_min", &knob_adj_per_min, 0, 1000000, adj_apply_per_min },
	[KNOB_CANDIDATES] = { "candidates", &knob_candidates, 0, CANDIDATES_MAX,
			      apply_candidates },
	[KNOB_STACK_DEPTH] = { "stack_depth", &knob_stack_depth, 0, STACK_MAX, NULL },
	[KNOB_LOG] = { "log", &knob_log, 0, 1, log_apply },
	[KNOB_PANIC_REPORT] = { "panic_report", &knob_panic_report, 0, 1, NULL },
};

/* -EINVAL for anything but one number within the knob's range. */
static int knob_parse(const struct knob *knob, const char *text, unsigned int *value)
{
	if (kstrtouint(text, 0, value) || *value < knob->min || *value > knob->max)
		return -EINVAL;
	return 0;
}

static int knob_write(const struct knob *knob, const char *text)
{
	unsigned int value;
	int err;

	err = knob_parse(knob, text, &value);
	if (err)
		return err;
	err = mutex_lock_interruptible(&knob_lock);
	if (err)
		return err;
	if (knob->apply)
		err = knob->apply(value);
	if (!err)
		WRITE_ONCE(*knob->value, value);
	mutex_unlock(&knob_lock);
	return err;
}

/* proc_dointvec_minmax() would take the 1 of "1 and rubbish" before it complains. */
static int knob_sysctl(const struct ctl_table *table, int write, void *buffer, size_t *lenp,
		       loff_t *ppos)
{
	const struct knob *knob = table->extra1;

	if (!write)
		return proc_douintvec((struct ctl_table *)table, write, buffer, lenp, ppos);
	if (*ppos || strnlen(buffer, *lenp) != *lenp)
		return -EINVAL;
	return knob_write(knob, strim(buffer));
}

/* Older. */
static int knob_sysctl_mutable(struct ctl_table *table, int write, void *buffer, size_t *lenp,
			       loff_t *ppos)
{
	return knob_sysctl(table, write, buffer, lenp, ppos);
}

#define KNOB_HANDLER \
	__builtin_choose_expr(HANDLER_FITS(knob_sysctl), knob_sysctl, knob_sysctl_mutable)

/* The last stays empty, where that ends a table. */
static struct ctl_table knob_table[ARRAY_SIZE(knobs) + 1];
static struct ctl_table_header *knob_header;

static int sysctl_add(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(knobs); i++) {
		knob_table[i] = (struct ctl_table) {
			.procname = knobs[i].name,
			.data = knobs[i].value,
			.maxlen = sizeof(*knobs[i].value),
			.mode = 0644,
			.proc_handler = KNOB_HANDLER,
			.extra1 = &knobs[i],
		};
	}
	knob_header = register_knobs("vm/" KBUILD_MODNAME, knob_table, ARRAY_SIZE(knobs));
	if (!knob_header && !IS_ENABLED(CONFIG_SYSCTL))
		pr_warn("no sysctl: knobs can only be set as parameters at load\n");
	return knob_header || !IS_ENABLED(CONFIG_SYSCTL) ? 0 : -ENOMEM;
}

static void sysctl_remove(void)
{
	unregister_sysctl_table(knob_header);
}

/* At load: nothing to apply yet, and the one chance to say what is wrong. */
static int knob_param_set(const char *text, const struct kernel_param *param)
{
	const struct knob *knob = param->arg;
	unsigned int value;

	if (!text || knob_parse(knob, text, &value)) {
		pr_err("%s=%s: must be a number from %u to %u\n", knob->name, text ?: "",
		       knob->min, knob->max);
		return -EINVAL;
	}
	*knob->value = value;
	return 0;
}

static const struct kernel_param_ops knob_param_ops = { .set = knob_param_set };

module_param_cb(enabled, &knob_param_ops, &knobs[KNOB_ENABLED], 0);
__MODULE_PARM_TYPE(enabled, "uint");
MODULE_PARM_DESC(enabled, "record OOM kills, 0 or 1 (default 1)");

module_param_cb(ring_kb, &knob_param_ops, &knobs[KNOB_RING_KB], 0);
__MODULE_PARM_TYPE(ring_kb, "uint");
MODULE_PARM_DESC(ring_kb, "size of the ring in KiB, 64 to 65536 (default 1024)");

module_param_cb(adj_updates, &knob_param_ops, &knobs[KNOB_ADJ_UPDATES], 0);
__MODULE_PARM_TYPE(adj_updates, "uint");
MODULE_PARM_DESC(adj_updates, "record writes of oom_score_adj, 0 or 1 (default 1)");

module_param_cb(adj_per_min, &knob_param_ops, &knobs[KNOB_ADJ_PER_MIN], 0);
__MODULE_PARM_TYPE(adj_per_min, "uint");
MODULE_PARM_DESC(adj_per_min, "at most so many of these a minute, 0 to 1000000 (default 1000)");

module_param_cb(candidates, &knob_param_ops, &knobs[KNOB_CANDIDATES], 0);
__MODULE_PARM_TYPE(candidates, "uint");
MODULE_PARM_DESC(candidates, "tasks ranked and kept for each OOM kill, 0 to 1024 (default 32)");

module_param_cb(stack_depth, &knob_param_ops, &knobs[KNOB_STACK_DEPTH], 0);
__MODULE_PARM_TYPE(stack_depth, "uint");
MODULE_PARM_DESC(stack_depth, "frames kept of the trigger's stack, 0 to 64 (default 24)");

module_param_cb(log, &knob_param_ops, &knobs[KNOB_LOG], 0);
__MODULE_PARM_TYPE(log, "uint");
MODULE_PARM_DESC(log, "one line in the kernel log for each kill, 0 or 1 (default 0)");

module_param_cb(panic_report, &knob_param_ops, &knobs[KNOB_PANIC_REPORT], 0);
__MODULE_PARM_TYPE(panic_report, "uint");
MODULE_PARM_DESC(panic_report, "on a panic print the newest OOM kill, 0 or 1 (default 1)");

/* === Module =============================================================== */

static void attach_optional(void)
{
	attach_notifier();
	look_for_stacks();
	attach_scope();
	attach_choice();
	panic_attach();
}

static void detach_optional(void)
{
	panic_detach();
	detach_choice();
	detach_scope();
	detach_notifier();
}

/* No probe is left, and no reader: what they had queued may still run. */
static void drain(void)
{
	log_stop();
	record_drain();
	late_path_wait();
}

static int __init oomwatch_init(void)
{
	int err;

	err = ring_check();
	if (err)
		return err;
	err = ring_init(&records, knob_ring_kb * 1024UL);
	if (err)
		return err;
	err = apply_candidates(knob_candidates);
	if (err)
		goto err_ring;
	log_apply(knob_log);
	adj_init();

	err = sysctl_add();
	if (err)
		goto err_log;
	attach_optional();
	err = attach_tracepoints();
	if (err)
		goto err_sources;
	if (is_attached("task_newtask") && is_attached("sched_process_exit"))
		adj_start();
	/* Last: from here on others may have our files open, and nothing fails. */
	files_add(&source_stats);
	return 0;

err_sources:
	detach_optional();
	sysctl_remove();
err_log:
	drain();
	apply_candidates(0);
err_ring:
	ring_destroy(&records);
	return err;
}

static void __exit oomwatch_exit(void)
{
	files_remove();
	detach_tracepoints();
	detach_optional();
	sysctl_remove();
	drain();
	apply_candidates(0);
	ring_destroy(&records);
	/* No task is inside a file's release any more: that doesn't sleep once it let go. */
	synchronize_rcu_tasks();
}

module_init(oomwatch_init);
module_exit(oomwatch_exit);

MODULE_DESCRIPTION("Flight recorder for the OOM killer");
MODULE_AUTHOR("The oomwatch authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("1.0");
