// SPDX-License-Identifier: GPL-2.0
/*
 * Command lines: with which arguments programs were started.
 *
 * In a kill, the memory of another process can't be read. So the command line is copied by
 * execve(), which has just written it, to a table, and is looked up there in a kill.
 *
 * Forks cost nothing: execve() opens the program, and mm->exe_file is that struct file, which no
 * other execve() has. A fork copies the pointer, together with mm->arg_start and mm->arg_end. So
 * these three find the command line of a process, whether it called execve() itself or an ancestor
 * did. (prctl(PR_SET_MM) can change all three. Then mostly nothing is found.) A struct file's
 * address can be used again, but only after all these processes are gone, and the next execve()
 * replaces the entry.
 *
 * Exits cost nothing either: an entry stays until a newer one takes its place. A place is only
 * taken from a process that is gone, or has another program now. Its forked children may still
 * run; as most programs leave none, the newest of such entries goes first, so that a flood of
 * short programs takes one place again and again.
 *
 * Users: a user other than root gets a quarter of the places of each bucket, and the last quarter
 * is for root.
 *
 * The programs that run when the table is made are read by a worker, which borrows their mm. It
 * reads only what is in RAM, so that no process can keep it waiting.
 */

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/pid_namespace.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "internal.h"

#define BUCKET_BITS	7
#define NR_PLACES	16	/* of a bucket */
#define NR_QUARTER	(NR_PLACES / 4)
#define NR_CMDLINES	(NR_PLACES << BUCKET_BITS)

/* A command line. All members are guarded by the bucket's lock. */
struct cmdline {
	const struct file *exe;	/* compared only; NULL: the place is free */
	unsigned long start;	/* mm->arg_start, arg_end */
	unsigned long end;
	u64 process_ns;		/* start_boottime and self_exec_id of the process */
	u64 exec_id;
	unsigned long since;	/* jiffies */
	pid_t tgid;
	u16 payer;
	u16 len;		/* bytes that are kept */
	u8 read_at;		/* enum oomwatch_cmdline_read */
};

struct bucket {
	raw_spinlock_t lock;	/* held for a copy at most; a kill only tries it */
	struct cmdline place[NR_PLACES];
};

struct cmdlines {
	unsigned int max;	/* bytes that are kept of each */
	struct bucket bucket[1 << BUCKET_BITS];
	u8 text[];
};

static struct cmdlines __rcu *cmdlines;	/* NULL: none are kept */
static int (*attach_exec)(bool on);

/* === The table ============================================================ */

static u8 *text_of(struct cmdlines *all, const struct bucket *bucket, const struct cmdline *line)
{
	size_t nr = (bucket - all->bucket) * NR_PLACES + (line - bucket->place);

	return all->text + nr * all->max;
}

static struct bucket *bucket_of(struct cmdlines *all, const struct file *exe)
{
	return &all->bucket[hash_ptr(exe, BUCKET_BITS)];
}

static struct cmdline *find_exe(struct bucket *bucket, const struct file *exe)
{
	int i;

	lockdep_assert_held(&bucket->lock);
	for (i = 0; i < NR_PLACES; i++)
		if (bucket->place[i].exe == exe)
			return &bucket->place[i];
	return NULL;
}

/* Whether the process still has the program that it had. Context: RCU. */
static bool has_program(const struct cmdline *line)
{
	struct task_struct *leader = pid_task(find_pid_ns(line->tgid, &init_pid_ns), PIDTYPE_TGID);

	return leader && leader->start_boottime == line->process_ns &&
	       READ_ONCE(leader->self_exec_id) == line->exec_id &&
	       atomic_read(&leader->signal->live);
}

/* Whether a payer may get the place. @own: how many places in the bucket the payer has. */
static bool may_replace(const struct cmdline *line, unsigned int payer, unsigned int own)
{
	if (payer == PAYER_ROOT)
		return true;
	return own < NR_QUARTER ? line->payer != PAYER_ROOT : line->payer == payer;
}

/* A place for a new command line, or NULL. Context: RCU. */
static struct cmdline *find_place(struct bucket *bucket, unsigned int payer)
{
	struct cmdline *line, *end = bucket->place + NR_PLACES, *found = NULL;
	unsigned int own = 0, users = 0;

	for (line = bucket->place; line < end; line++) {
		if (!line->exe)
			found = line;
		else if (line->payer != PAYER_ROOT)
			users++;
		if (line->exe && line->payer == payer)
			own++;
	}
	if (found && (payer == PAYER_ROOT || (own < NR_QUARTER && users < 3 * NR_QUARTER)))
		return found;
	found = NULL;
	for (line = bucket->place; line < end; line++)
		if (line->exe && may_replace(line, payer, own) &&
		    (!found || time_after(line->since, found->since)) && !has_program(line))
			found = line;
	return found;
}

/* Copies the command line of current->mm into a place. */
static bool fill_place(struct cmdline *line, u8 *text, unsigned int max, struct task_struct *leader)
{
	const struct mm_struct *mm = current->mm;

	*line = (struct cmdline) {
		.start = READ_ONCE(mm->arg_start), .end = READ_ONCE(mm->arg_end),
		.process_ns = leader->start_boottime, .exec_id = READ_ONCE(leader->self_exec_id),
		.since = jiffies, .tgid = leader->tgid,
	};
	if (line->end < line->start)
		return false;
	line->len = min_t(unsigned long, line->end - line->start, max);
	return !copy_from_user_nofault(text, (const void __user *)line->start, line->len);
}

/*
 * Keeps the command line that is in current->mm. @leader: the process that has it.
 *
 * Context: RCU.
 */
static void cmdline_keep(struct cmdlines *all, struct task_struct *leader,
			 enum oomwatch_cmdline_read read_at)
{
	const struct file *exe = rcu_access_pointer(current->mm->exe_file);
	unsigned int payer = process_payer(leader);
	struct bucket *bucket = bucket_of(all, exe);
	struct cmdline *line;
	bool kept = false;

	if (!exe)
		return;
	raw_spin_lock(&bucket->lock);
	line = find_exe(bucket, exe);
	/* The entry is by execve(), or by a process that was read before this one: it stays. */
	if (line && read_at == OOMWATCH_CMDLINE_LOAD)
		goto out;
	if (line)
		line->exe = NULL;
	line = find_place(bucket, payer);
	kept = line && fill_place(line, text_of(all, bucket, line), all->max, leader);
	if (kept) {
		line->exe = exe;
		line->payer = payer;
		line->read_at = read_at;
	} else {
		count(COUNTER_CMDLINES_UNTRACKED);
	}
out:
	raw_spin_unlock(&bucket->lock);
}

/**
 * cmdline_exec() - current has called execve()
 *
 * Context: the event sched_process_exec.
 */
void cmdline_exec(void)
{
	struct cmdlines *all;

	rcu_read_lock();
	all = rcu_dereference(cmdlines);
	/* A kernel thread that starts a program has its mm by now. */
	if (all && current->mm)
		cmdline_keep(all, current, OOMWATCH_CMDLINE_EXEC);
	rcu_read_unlock();
}

/* === A kill =============================================================== */

/* As process_trylock(). */
static bool bucket_trylock(struct bucket *bucket)
{
	int tries;

	for (tries = 0; tries < LOCK_TRIES; tries++) {
		if (raw_spin_trylock(&bucket->lock)) {
			__release(&bucket->lock);
			return true;
		}
		cpu_relax();
	}
	return false;
}

/* Appends the kept bytes to a record, without the NUL that ends the last argument. */
static void append_text(struct oomwatch_cmdline *rec, const struct cmdline *line, const u8 *text)
{
	unsigned int length = line->end - line->start, len;
	u8 *to;

	if (length)
		length--;
	len = min_t(unsigned int, line->len, length);
	record_append(&rec->head, &rec->cmdline, text, len);
	to = (u8 *)rec + rec->cmdline.off;
	for (; rec->cmdline.off && len; to++, len--)
		if (!*to)
			*to = ' ';
	rec->length = length;
	rec->read_at = line->read_at;
}

static void cmdline_append(struct oomwatch_cmdline *rec, const struct mm_struct *mm)
{
	const struct file *exe = rcu_access_pointer(mm->exe_file);
	struct cmdlines *all = rcu_dereference(cmdlines);
	const struct cmdline *line;
	struct bucket *bucket;

	if (!all || !exe)
		return;
	bucket = bucket_of(all, exe);
	if (!bucket_trylock(bucket)) {
		count(COUNTER_CMDLINES_BUSY);
		return;
	}
	__acquire(&bucket->lock);
	line = find_exe(bucket, exe);
	if (line && line->start == READ_ONCE(mm->arg_start) && line->end == READ_ONCE(mm->arg_end))
		append_text(rec, line, text_of(all, bucket, line));
	raw_spin_unlock(&bucket->lock);
}

/**
 * cmdline_build() - build the record of a process's program
 * @rec: the record, in OOMWATCH_RECORD_MAX bytes of memory
 * @task: a thread of the process, with a stable mm
 * @now: the record's time
 * @oom: the episode
 *
 * Context: rcu_read_lock(); never waits.
 * Return: false if it would say no more than the process's own record.
 */
bool cmdline_build(struct oomwatch_cmdline *rec, struct task_struct *task, u64 now, u64 oom)
{
	struct task_struct *leader = READ_ONCE(task->group_leader);

	record_init(&rec->head, OOMWATCH_TYPE_CMDLINE, now, oom);
	rec->pid = task->pid;
	rec->tgid = task->tgid;
	process_copy_comm(rec->leader_comm, leader);
	cmdline_append(rec, task->mm);
	return rec->cmdline.off || strncmp(leader->comm, task->comm, OOMWATCH_COMM_LEN);
}

/* === The knob ============================================================= */

/* Guarded by the lock of knobs. */
static struct task_struct *running[NR_CMDLINES];

static unsigned int find_running(void)
{
	struct task_struct *leader;
	unsigned int nr = 0;

	rcu_read_lock();
	for_each_process(leader) {
		if (nr == ARRAY_SIZE(running))
			break;
		if (!(leader->flags & PF_KTHREAD)) {
			get_task_struct(leader);
			running[nr++] = leader;
		}
	}
	rcu_read_unlock();
	return nr;
}

static void cmdline_read(struct cmdlines *all, struct task_struct *leader)
{
	struct mm_struct *mm = get_task_mm(leader);

	if (!mm)
		return;
	kthread_use_mm(mm);
	rcu_read_lock();
	cmdline_keep(all, leader, OOMWATCH_CMDLINE_LOAD);
	rcu_read_unlock();
	kthread_unuse_mm(mm);
	mmput(mm);
}

/* Reads the command lines of programs that run already, in a worker: only a kthread may. */
static void cmdline_fill(struct work_struct *work)
{
	struct cmdlines *all = rcu_dereference_protected(cmdlines, true);
	unsigned int i, nr = find_running();

	for (i = 0; i < nr; i++) {
		cmdline_read(all, running[i]);
		put_task_struct(running[i]);
		cond_resched();
	}
}

static DECLARE_WORK(fill_work, cmdline_fill);

static struct cmdlines *cmdlines_alloc(unsigned int max)
{
	struct cmdlines *all;
	unsigned int i;

	all = __vmalloc(sizeof(*all) + (size_t)NR_CMDLINES * max, GFP_NO_KILL | __GFP_ZERO);
	if (!all)
		return NULL;
	all->max = max;
	for (i = 0; i < ARRAY_SIZE(all->bucket); i++)
		raw_spin_lock_init(&all->bucket[i].lock);
	return all;
}

/**
 * cmdline_init() - set up the source of events
 * @attach: attaches cmdline_exec(), or detaches it and waits until it has returned
 *
 * Context: any, once.
 */
void cmdline_init(int (*attach)(bool on))
{
	attach_exec = attach;
}

/**
 * cmdline_apply() - apply the knob cmdline
 * @max: the most bytes to keep of a command line; 0: keep none
 *
 * What was kept is dropped.
 *
 * Context: task context, may sleep; calls don't overlap.
 * Return: 0, or an error with nothing changed.
 */
int cmdline_apply(unsigned int max)
{
	struct cmdlines *new = NULL, *old;
	int err;

	if (max) {
		new = cmdlines_alloc(max);
		if (!new)
			return -ENOMEM;
		err = attach_exec(true);
		if (err) {
			vfree(new);
			return err;
		}
	}
	old = rcu_replace_pointer(cmdlines, new, true);
	synchronize_rcu();
	vfree(old);
	if (!max)
		return attach_exec(false);
	schedule_work(&fill_work);
	flush_work(&fill_work);
	return 0;
}
