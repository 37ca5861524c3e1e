// SPDX-License-Identifier: GPL-2.0
/*
 * crashpoint: a panic where a test wants it
 *
 * For panic.sh, on a machine that may go down. At the nth call of a function the kernel panics,
 * or that CPU stops for good, so that another can panic. Before that it may take a lock, which is
 * never released.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/processor.h>
#include <linux/ptrace.h>
#include <linux/spinlock.h>

static char *at;
module_param(at, charp, 0);
MODULE_PARM_DESC(at, "the function, or MODULE:FUNCTION");

static unsigned int nth = 1;
module_param(nth, uint, 0);
MODULE_PARM_DESC(nth, "at its nth call from now on (default 1)");

static bool lock;
module_param(lock, bool, 0);
MODULE_PARM_DESC(lock, "take the raw spinlock that its first argument points to (default N)");

static bool stop;
module_param(stop, bool, 0);
MODULE_PARM_DESC(stop, "stop the CPU and don't panic (default N)");

static bool stopped;
module_param(stopped, bool, 0444);
MODULE_PARM_DESC(stopped, "read-only: whether a CPU is stopped");

/* Never unlocks: __release() keeps sparse from complaining. */
static void keep_locked(raw_spinlock_t *held)
{
	raw_spin_lock(held);
	__release(held);
}

static int hit(struct kprobe *kp, struct pt_regs *regs)
{
	static atomic_t hits;

	if (atomic_inc_return(&hits) != nth)
		return 0;
	local_irq_disable();
	if (lock)
		keep_locked((raw_spinlock_t *)regs_get_kernel_argument(regs, 0));
	if (!stop)
		panic("crashpoint: %s", at);
	WRITE_ONCE(stopped, true);
	for (;;)
		cpu_relax();
}

static struct kprobe point = { .pre_handler = hit };

static int __init crashpoint_init(void)
{
	int err;

	if (!at)
		return -EINVAL;
	point.symbol_name = at;
	err = register_kprobe(&point);
	if (err)
		pr_info("no kprobe on %s (%d)\n", at, err);
	return err;
}

static void __exit crashpoint_exit(void)
{
	unregister_kprobe(&point);
}

module_init(crashpoint_init);
module_exit(crashpoint_exit);

MODULE_DESCRIPTION("A panic where a test wants it");
MODULE_AUTHOR("The oomwatch authors");
MODULE_LICENSE("GPL");
