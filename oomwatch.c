// SPDX-License-Identifier: GPL-2.0
/*
 * oomwatch: a flight recorder for the OOM killer
 *
 * Records every task that the OOM killer marks, with all the inputs of its
 * badness score, and keeps the newest records in memory.
 *
 * This file has the event sources, init and exit. The rest of the module is in
 * core/. Kbuild compiles this file to core/face.o.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/binfmts.h>
#include <linux/init.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/tracepoint.h>
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
 *   event source --> episode --> capture --> record --> ring --> files, log
 *   (this file)      (one call   (kernel     (a typed   (the     (debugfs, text,
 *                    of out_of_  state ->    record)    newest   kernel log,
 *                    memory())   figures)               win)     panic)
 *
 * Data goes one way: nothing calls back up, and no two files call each other.
 * core/internal.h declares what the files share, with a section for each file:
 *
 *  ===================  ======================================================
 *  oomwatch.c           event sources, init and exit
 *  core/episode.c       one call of out_of_memory(), from entry to return
 *  core/capture.c       builds the records of an episode
 *  core/candidates.c    ... the candidates, and counts of excluded processes
 *  core/cause.c         ... what the memory went to
 *  core/memory.c        ... the machine's memory and its zones; core/meminfo.c: the
 *                       figures that only /proc/meminfo has
 *  core/memcg.c         ... memory cgroups: limits, groups, children, paths
 *  core/memstat.c       ... the items of their memory.stat; core/btf.c: where
 *                       the kernel keeps them
 *  core/pressure.c      ... how long tasks had waited for memory (PSI)
 *  core/process.c       ... a task's figures, without waiting for its locks
 *  core/stack.c         ... the trigger's stack
 *  core/reclaim.c       what the machine did to get memory since that first failed
 *  core/retries.c       what a task tried before it called the OOM killer
 *  core/adj.c           writes of oom_score_adj, and the tasks that made them
 *  core/cmdline.c       the command lines that programs were started with
 *  core/victims.c       the marked tasks, and what became of them
 *  core/nobody.c        calls that found nobody to kill: which of them get records
 *  core/storm.c         kills that come in storms, for a lane of their own
 *  core/trace.c         the trace events of an episode; core/trace.h: their fields
 *  core/record.c        builds, packs and commits records
 *  core/ring.c          the ring; of a record it knows only the head
 *  core/dump.c          ... where a dump of the machine has it
 *  core/persist.c       the ring in memory that outlives a crash
 *  core/reader.c        reads records from the ring and completes them
 *  core/render.c        records to text
 *  core/files.c         the files in debugfs; core/dryrun.c: candidates, core/report.c: report
 *  core/log.c           the kernel log, and the report of a panic
 *  core/knobs.c         the knobs; core/counters.c: the counters; core/fields.c: the
 *                       fields of records, from their rows
 *  core/work.c          work that readers wait for
 *  core/check.c         the ring's self-check, if built with DEBUG=1; core/kunit.c:
 *                       tests in a kernel tree
 *  core/compat.h        the differences between kernels
 *  ===================  ======================================================
 *
 * Each thing is defined in one place, as a row of a table that other files include:
 * core/fields.h has the fields of all records, core/names.h the names of values,
 * core/knobs.h the knobs, core/counters.h the counters, core/files.h the files in
 * debugfs. The fields' table serves to initialize records to unknown, to render them,
 * and to read them in programs. A new field is a member at the end of its structure in
 * oomwatch.h, a row in core/fields.h, and the line that captures it.
 *
 * In the ring, long records are packed, stacks are addresses, and paths of v1 cgroups and
 * the names of gfp flags are missing. core/reader.c unpacks records, looks up symbols, and
 * adds the paths and names.
 *
 * The ring
 * --------
 * The ring has four lanes: %RING_ADJ holds the records of oom_score_adj writes, which everybody
 * can cause at any rate. %RING_NOBODY holds those of calls that found nobody to kill, which the
 * owner of a cgroup can cause at any rate. %RING_STORM holds those of kills that users can cause at
 * any rate, as core/storm.c tells them from others. %RING_MAIN holds all other records. Each lane
 * has a buffer of bytes, with whole records of any length, back to back::
 *
 *     base            tail                       head
 *      |               |                          |
 *      v               v                          v
 *      +---------------+------+-----+------+------+--------------+
 *      |  overwritten  | rec  | rec | rec  | rec  |     free     |
 *      +---------------+------+-----+------+------+--------------+
 *                      ^ first                   ^ next
 *
 * first and next are numbers in the lane's own count. Sequence numbers count the records of
 * all lanes, in the order of their commits. One lock guards them, so a reader that
 * takes the lower number of the next record of each lane gets all in that order.
 *
 * Positions count bytes and only grow; a position's place in the buffer is
 * (position - base) modulo size. A resize copies what fits to a new buffer and
 * sets base to where the copy begins, so that cursors stay valid across it.
 *
 * A record is built outside the ring. The commit gives it a sequence number and
 * makes it readable. It stays in the lane until it is the oldest there and a newer record
 * of the lane needs its place, or until the ring is cleared or the lane made smaller.
 *
 * Loss: written = held + overwritten + cleared + resize_dropped, always, for each lane. A
 * reader holds a cursor: the sequence number that it expects next, and a place in each
 * lane. If the next record has a higher number, the reader has missed exactly the
 * difference, and is told so. Each lane has the number of its newest record that is gone.
 * If that is below what the reader expects, it has missed none of the lane.
 *
 * Contexts and locking
 * --------------------
 *  ========================  ==============================================
 *  out_of_memory() scope,    task context, oom_lock held, inside the
 *  oom notifier, choice      allocator: never sleeps, never allocates
 *  tracers of our events     as above, with preemption off, when the episode is closed:
 *                            in the return probe of out_of_memory(); no lock but oom_lock
 *  mark_victim               as above, mostly with the victim's alloc_lock held,
 *                            so never take that lock
 *  wake_reaper               timer softirq, or a thread on PREEMPT_RT
 *  other reaper events       the oom_reaper thread
 *  task_newtask,             any task: a few loads; one short lock at a fork if
 *  sched_process_exit        oom_score_adj isn't 0, and at the exit of such a process
 *  sched_process_exec        any task, after its execve(): one of many short locks
 *  reclaim_retry_zone,       any task, at the rate of allocations: no lock
 *  compact_retry
 *  oom_score_adj_update      task context, oom_adj_mutex held
 *  signal_generate           any context: one comparison, unless it is a SIGKILL
 *  panic notifier            any, with other CPUs stopped: locks are only tried
 *  wake-up of readers        irq_work: interrupt context, or a thread on PREEMPT_RT;
 *                            not in the probes, because a wake-up takes locks
 *  readers, knobs            task context, may sleep
 *  workers                   task context, may sleep: the kernel log, /proc/meminfo,
 *                            paths of v1 cgroups, calls without a victim, and what was
 *                            running at the load; irq_work queues them
 *  ========================  ==============================================
 *
 * ring.lock, victims.lock, adj_table.lock, nobody.lock, late.lock and wanted.lock (meminfo.c) are
 * raw spinlocks, taken with interrupts off and held for a bounded time; none is taken inside
 * another. So are the locks of the buckets of command lines, which are taken with interrupts on,
 * and only tried in a kill, and spell.lock in reclaim.c, which is only ever tried.
 * The open episode, its ranking and the scratch record need no lock of the module:
 * they are only written under the kernel's oom_lock. No probe runs in NMI context, the
 * only one that could interrupt a holder of the raw spinlocks.
 *
 * Episodes
 * --------
 * One call of out_of_memory() is one episode. The kretprobe opens and closes it. If
 * the kretprobe isn't attached, or is disarmed, the probe of mark_victim opens an
 * episode. Marks by one trigger within %GUESS_NS of each other then count as one.
 */

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
	/* A bool is in the low byte; the other bytes of the register are undefined. */
	episode_leave(regs_return_value(regs) & 0xff);
	return 0;
}

/* oom_lock admits one task at a time, so a few instances are enough. */
static struct kretprobe scope = {
	.kp.symbol_name = "out_of_memory",
	.entry_handler = scope_enter,
	.handler = scope_leave,
	.maxactive = 4,
};

/* --- the choice ----------------------------------------------------------- */

static int choice_enter(struct kprobe *kp, struct pt_regs *regs)
{
	episode_choice((void *)argument(regs, 0), (void *)argument(regs, 1),
		       (unsigned long)kp->addr);
	return 0;
}

/* A static function, but the only one to probe between the choice and its SIGKILL. */
static struct kprobe choice = {
	.symbol_name = "oom_kill_process",
	.pre_handler = choice_enter,
};

/* --- the notifier --------------------------------------------------------- */

/*
 * The kernel calls this before it chooses, except in a memory cgroup's OOM. The
 * notifier is the last in the chain, so that it sees what all others freed. It must
 * not change *freed: more than 0 cancels the kill.
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
 * Older kernels pass a pid. If the marked thread calls execve() meanwhile, de_thread() may have
 * given that pid to the old leader. The old leader has no mm, and its group_leader is the thread.
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
	victims_reap(pid, (long)event);
}

static void probe_adj_update(void *data, struct task_struct *task)
{
	adj_write(task);
}

static void probe_exec(void *data, struct task_struct *task, pid_t old_pid,
		       struct linux_binprm *bprm)
{
	cmdline_exec();
}

static void probe_newtask(void *data, struct task_struct *task, u64 clone_flags)
{
	if (!(clone_flags & CLONE_THREAD))
		adj_fork(task, clone_flags);
}

/* Older kernels pass clone_flags as unsigned long. */
static void probe_newtask_long(void *data, struct task_struct *task, unsigned long clone_flags)
{
	probe_newtask(data, task, clone_flags);
}

/* Newer kernels: fires before exit_mm(), and group_dead tells which thread is the last. */
static void probe_exit_group(void *data, struct task_struct *task, bool group_dead)
{
	if (!group_dead)
		return;
	adj_exit(task->signal);
	if (tsk_is_oom_victim(task))
		victims_exit(task, OOMWATCH_EXIT_MM_HELD);
}

/* Older kernels: fires after exit_mm(). */
static void probe_exit(void *data, struct task_struct *task)
{
	if (atomic_read(&task->signal->live))
		return;
	adj_exit(task->signal);
	if (tsk_is_oom_victim(task) && victims_is_last(task))
		victims_exit(task, OOMWATCH_EXIT_MM_DROPPED);
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

/* Called for each signal on the machine. The OOM killer sends its SIGKILLs in task context. */
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

#define NEWTASK \
	__builtin_choose_expr(PROBE_FITS(task_newtask, probe_newtask), \
			      probe_newtask, probe_newtask_long)

/* Never called: it doesn't compile if an event's prototype differs from its probe's. */
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
	check_trace_callback_type_sched_process_exec(probe_exec);
	check_trace_callback_type_signal_generate(probe_signal);
#ifdef CONFIG_COMPACTION
	check_trace_callback_type_compact_retry(probe_compact_retry);
#endif
}

/*
 * The tracepoints aren't exported, so they are found by name. They are attached in this
 * order: mark_victim last, when the probes of all events that follow a kill are attached.
 */
static struct trace_source {
	const char *name;
	void *probe;
	void *data;
	const char *without;		/* what is unknown without it; NULL: it is required */
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
	{ "start_task_reaping", probe_reap, (void *)OOMWATCH_REAP_START, "starts of reaping" },
	{ "finish_task_reaping", probe_reap, (void *)OOMWATCH_REAP_FINISH, "ends of reaping" },
	{ "skip_task_reaping", probe_reap, (void *)OOMWATCH_REAP_SKIP, "skipped reaping" },
	{ "mark_victim", MARK_VICTIM, NULL, NULL },
};

/* Attached while command lines are kept: the knob cmdline. */
static struct trace_source exec_source = { "sched_process_exec", probe_exec };

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
	if (!strcmp(tp->name, exec_source.name))
		exec_source.tp = tp;
}

static int source_attach(struct trace_source *source)
{
	int err = -ENOENT;

	if (source->tp)
		err = tracepoint_probe_register(source->tp, source->probe, source->data);
	source->attached = !err;
	return err;
}

/* The probe may run until tracepoint_synchronize_unregister() has returned. */
static void source_detach(struct trace_source *source)
{
	if (source->attached)
		tracepoint_probe_unregister(source->tp, source->probe, source->data);
	source->attached = false;
}

/* Context: task context, may sleep; calls don't overlap. Returns 0 or an error. */
static int attach_exec(bool on)
{
	if (on == exec_source.attached)
		return 0;
	if (on)
		return source_attach(&exec_source);
	source_detach(&exec_source);
	tracepoint_synchronize_unregister();
	return 0;
}

static void detach_tracepoints(void)
{
	int i;

	for (i = ARRAY_SIZE(trace_sources) - 1; i >= 0; i--)
		source_detach(&trace_sources[i]);
	tracepoint_synchronize_unregister();
}

static int attach_tracepoints(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(trace_sources); i++) {
		struct trace_source *source = &trace_sources[i];

		err = source_attach(source);
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

/* Optional: without the kretprobe, what only it knows is unknown in the records. */
static void attach_scope(void)
{
	int err = CAN_READ_ARGUMENTS ? register_kretprobe(&scope) : -EOPNOTSUPP;

	scope_attached = !err;
	if (err)
		pr_warn("no kretprobe on %s (%d): doing without what only it knows: limit, constraint, totalpages, scores' adj terms, end records, rekills\n",
			scope.kp.symbol_name, err);
}

/* Optional, and useless without the scope: episode_choice() needs an episode with its oc. */
static void attach_choice(void)
{
	int err = scope_attached ? register_kprobe(&choice) : -ENOENT;

	choice_attached = !err;
	episode_expect_choice(choice_attached);
	if (err)
		pr_warn("no kprobe on %s (%d): doing without the figures of the choice: those of records are of the kill, after the kernel's report\n",
			choice.symbol_name, err);
}

static void detach_choice(void)
{
	episode_expect_choice(false);
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

/* --- the sources in the file stats ----------------------------------------- */

static void sources_show(struct seq_file *m)
{
	static const char * const state[] = { "missing", "attached" };
	int i;

	seq_printf(m, "source_oom_notifier: %s\n", state[notifier_attached]);
	seq_printf(m, "source_out_of_memory: %s\n", state[scope_attached]);
	seq_printf(m, "source_oom_kill_process: %s\n", state[choice_attached]);
	seq_printf(m, "source_stack_trace: %s\n", state[IS_ENABLED(CONFIG_STACKTRACE)]);
	seq_printf(m, "source_memory_stat: %s\n", state[memstat_known()]);
	seq_printf(m, "source_meminfo: %s\n", state[meminfo_is_known()]);
	for (i = 0; i < ARRAY_SIZE(trace_sources); i++)
		seq_printf(m, "source_%s: %s\n", trace_sources[i].name,
			   state[trace_sources[i].attached]);
	seq_printf(m, "source_sched_process_exec: %s\n",
		   READ_ONCE(knob_cmdline) ? state[exec_source.attached] : "off");
}

static const struct source_stats source_stats = {
	.scope_missed = &scope.nmissed,
	.show = sources_show,
};

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

/* Waits for work that probes and readers have queued. No probe and no reader is left. */
static void drain(void)
{
	log_stop();
	nobody_stop();
	meminfo_wait();
	record_drain();
	memcg_wait();
	meminfo_exit();
}

/* Optional. Before knobs can be written, because a write of the knob attaches the source, too. */
static int keep_cmdlines(void)
{
	int err;

	cmdline_init(attach_exec);
	err = cmdline_apply(knob_cmdline);
	if (err && err != -ENOMEM)
		pr_warn("no tracepoint %s (%d): doing without command lines\n",
			exec_source.name, err);
	return err == -ENOMEM ? err : 0;
}

static int __init oomwatch_init(void)
{
	int err;

	err = ring_check();
	if (err)
		return err;
	records_prepare();
	err = persist_init(&records);
	if (!err)
		err = records_init();
	if (err < 0)
		return err;
	err = work_init();
	if (err)
		goto err_ring;
	err = capture_init();
	if (err)
		goto err_work;
	err = ranking_apply_max(knob_candidates);
	if (err)
		goto err_capture;
	for_each_kernel_tracepoint(find_tracepoint, NULL);
	err = keep_cmdlines();
	if (err)
		goto err_ranking;
	log_apply(knob_log);
	adj_init();
	memstat_init();
	meminfo_init();
	stack_init();
	victims_init(PROBE_FITS(sched_process_exit, probe_exit_group));

	err = knobs_add();
	if (err)
		goto err_log;
	attach_optional();
	err = attach_tracepoints();
	if (err)
		goto err_sources;
	if (is_attached("task_newtask") && is_attached("sched_process_exit"))
		adj_start();
	if (is_attached("reclaim_retry_zone"))
		retries_start(!IS_ENABLED(CONFIG_COMPACTION) || is_attached("compact_retry"));
	dump_init();
	/* Last: userspace may have files open from here on, so nothing may fail after this. */
	files_add(&source_stats);
	return 0;

err_sources:
	detach_optional();
	knobs_remove();
err_log:
	drain();
	cmdline_apply(0);
err_ranking:
	ranking_apply_max(0);
err_capture:
	capture_destroy();
err_work:
	work_exit();
err_ring:
	ring_destroy(&records);
	persist_exit();
	return err;
}

static void __exit oomwatch_exit(void)
{
	files_remove();
	dump_exit();
	adj_stop();
	detach_tracepoints();
	detach_optional();
	knobs_remove();
	drain();
	cmdline_apply(0);
	ranking_apply_max(0);
	capture_destroy();
	work_exit();
	ring_destroy(&records);
	persist_exit();
	/*
	 * A task may still be in a file's release, after it has dropped the module reference.
	 * It doesn't sleep there, so this waits until it has left.
	 */
	synchronize_rcu_tasks();
}

module_init(oomwatch_init);
module_exit(oomwatch_exit);

MODULE_DESCRIPTION("Flight recorder for the OOM killer");
MODULE_AUTHOR("The oomwatch authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("1.0");
