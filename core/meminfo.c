// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/meminfo after a kill: figures of the machine that the kernel gives a module in no other
 * way. They hardly change by a kill, and their record says how long after it they were read.
 *
 * The file is opened and read once at load. A seq_file keeps its buffer, so later reads allocate
 * nothing, and a worker can make them while memory is short.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "internal.h"

#define MEMINFO_SIZE	4096

static struct file *meminfo_file;
static char meminfo_text[MEMINFO_SIZE];	/* the worker's, and that of the load before */

/* The newest kill that the worker has not served yet. */
static struct {
	raw_spinlock_t lock;
	u64 oom;		/* 0: none */
	u64 kill_ns;
} wanted = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(wanted.lock),
};

#define LINE(name, member) { "\n" name ":", offsetof(struct oomwatch_meminfo, member) }

static const struct {
	const char *name;
	size_t offset;
} lines[] = {
	LINE("HugePages_Total", hugepages_total),
	LINE("HugePages_Free", hugepages_free),
	LINE("HugePages_Rsvd", hugepages_reserved),
	LINE("Hugepagesize", hugepage_size),
	LINE("Hugetlb", hugetlb),
	LINE("VmallocUsed", vmalloc),
	LINE("Percpu", percpu),
	LINE("Zswap", zswap),
	LINE("Zswapped", zswapped),
	LINE("CmaTotal", cma_total),
	LINE("HardwareCorrupted", hardware_corrupted),
	LINE("AnonHugePages", anon_thp),
	LINE("SwapTotal", swap_total),
	LINE("CommitLimit", commit_limit),
	LINE("Committed_AS", committed),
	LINE("HugePages_Surp", hugepages_surplus),
};

/* Returns false if the file can't be read, or is longer than the buffer. */
static bool meminfo_read(char text[MEMINFO_SIZE])
{
	loff_t pos = 0;
	ssize_t len;

	len = kernel_read(meminfo_file, text, MEMINFO_SIZE - 1, &pos);
	if (len <= 0 || len == MEMINFO_SIZE - 1)
		return false;
	text[len] = '\0';
	return true;
}

/* A line is "Name:   123 kB", or without the unit for a number. Names begin with a capital. */
static u64 meminfo_value(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	u64 value;
	char unit;

	if (!at || sscanf(at + strlen(name), " %llu %c", &value, &unit) != 2)
		return OOMWATCH_UNKNOWN_U64;
	return unit == 'k' ? value * 1024 : value;
}

static void meminfo_commit(u64 oom, u64 kill_ns)
{
	struct oomwatch_meminfo rec;
	u64 now = ktime_get_boottime_ns();
	unsigned int i;

	record_init(&rec.head, OOMWATCH_TYPE_MEMINFO, now, oom);
	rec.since_kill_ns = now - kill_ns;
	for (i = 0; i < ARRAY_SIZE(lines); i++)
		*(u64 *)((u8 *)&rec + lines[i].offset) = meminfo_value(meminfo_text, lines[i].name);
	record_commit_as_is(&rec.head);
}

static void meminfo_work_fn(struct work_struct *work)
{
	u64 oom, kill_ns;

	raw_spin_lock_irq(&wanted.lock);
	oom = wanted.oom;
	kill_ns = wanted.kill_ns;
	wanted.oom = 0;
	raw_spin_unlock_irq(&wanted.lock);
	if (oom && meminfo_read(meminfo_text))
		meminfo_commit(oom, kill_ns);
}

static DECLARE_WORK(meminfo_work, meminfo_work_fn);

static void meminfo_queue(struct irq_work *work)
{
	work_start(&meminfo_work);
}

static DEFINE_IRQ_WORK(meminfo_irq_work, meminfo_queue);

/**
 * meminfo_want() - have a record made of /proc/meminfo
 * @oom: the episode's number, with OOM_STORM if its records are those of a storm
 * @kill_ns: when it killed
 *
 * Of several kills that come before the worker runs, the newest gets the record, but none of a
 * storm does if there is another.
 *
 * Context: any but NMI.
 */
void meminfo_want(u64 oom, u64 kill_ns)
{
	unsigned long flags;

	if (!meminfo_file)
		return;
	raw_spin_lock_irqsave(&wanted.lock, flags);
	if (!(oom & OOM_STORM) || !wanted.oom || (wanted.oom & OOM_STORM)) {
		wanted.oom = oom;
		wanted.kill_ns = kill_ns;
	}
	raw_spin_unlock_irqrestore(&wanted.lock, flags);
	irq_work_queue(&meminfo_irq_work);
}

/**
 * meminfo_wait() - wait until the records that were asked for are there
 *
 * Context: task context, may sleep.
 */
void meminfo_wait(void)
{
	irq_work_sync(&meminfo_irq_work);
	flush_work(&meminfo_work);
}

/**
 * meminfo_is_known() - whether /proc/meminfo can be read
 *
 * Context: any.
 */
bool meminfo_is_known(void)
{
	return meminfo_file;
}

/**
 * meminfo_total_swap() - the size of the swap space
 * @pages: set to it
 *
 * The kernel doesn't export total_swap_pages, but shows it.
 *
 * Context: task context, may sleep; not while a seq_file is shown: this reads another.
 * Return: 0; -ENOMEM; or -ENODATA if /proc/meminfo can't be read.
 */
int meminfo_total_swap(unsigned long *pages)
{
	u64 bytes = OOMWATCH_UNKNOWN_U64;
	char *text;

	*pages = 0;
	if (!IS_ENABLED(CONFIG_SWAP))
		return 0;
	if (!meminfo_file)
		return -ENODATA;
	text = kmalloc(MEMINFO_SIZE, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (meminfo_read(text))
		bytes = meminfo_value(text, "\nSwapTotal:");
	kfree(text);
	if (bytes == OOMWATCH_UNKNOWN_U64)
		return -ENODATA;
	*pages = bytes >> PAGE_SHIFT;
	return 0;
}

#ifdef MODULE

/* A container may have a program's file there, which would be asked after each kill. */
static struct file *meminfo_open(void)
{
	struct file *file = filp_open("/proc/meminfo", O_RDONLY, 0);

	if (IS_ERR(file) || file_inode(file)->i_sb->s_magic == PROC_SUPER_MAGIC)
		return file;
	filp_close(file, NULL);
	return ERR_PTR(-EXDEV);
}

#else

/* At boot nobody has mounted proc yet. This mount stays, where no path leads to it. */
static struct file *meminfo_open(void)
{
	struct file_system_type *type = get_fs_type("proc");
	struct vfsmount *proc;

	if (!type)
		return ERR_PTR(-ENODEV);
	proc = kern_mount(type);
	put_filesystem(type);
	return IS_ERR(proc) ? ERR_CAST(proc) : file_open_root_mnt(proc, "meminfo", O_RDONLY, 0);
}

#endif

/**
 * meminfo_init() - open /proc/meminfo
 *
 * Without it, kills have no such record.
 *
 * Context: task context, may sleep. The caller's file system must have /proc.
 */
void meminfo_init(void)
{
	struct file *file = meminfo_open();

	if (IS_ERR(file)) {
		if (file == ERR_PTR(-EXDEV))
			pr_warn("/proc/meminfo is not the kernel's own here: doing without its figures after a kill\n");
		else
			pr_warn("no /proc/meminfo (%ld): doing without its figures after a kill\n",
				PTR_ERR(file));
		return;
	}
	meminfo_file = file;
	if (meminfo_read(meminfo_text))
		return;
	pr_warn("/proc/meminfo can't be read: doing without its figures after a kill\n");
	meminfo_exit();
}

/**
 * meminfo_exit() - close it
 *
 * Context: task context, may sleep; after meminfo_wait(), and no episode is left.
 */
void meminfo_exit(void)
{
	if (meminfo_file)
		filp_close(meminfo_file, NULL);
	meminfo_file = NULL;
}
