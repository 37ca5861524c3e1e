// SPDX-License-Identifier: GPL-2.0
/*
 * The file "walks" in debugfs: reading it times the kernel's two walks over the processes that a
 * kill makes, alone and with oomwatch's between them, in cycles. scripts/bench-native adds this to
 * a kernel that has oomwatch built in.
 */

#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "walks.h"
#include "internal.h"

#define ROUNDS		41
#define OTHER_BYTES	(96 << 20)	/* more than the caches have */
#define LINE_BYTES	64

static struct ranking *own;
static u8 *other;
static unsigned long shares;

static u64 cycles(void)
{
	u32 low, high;

	asm volatile("lfence; rdtsc" : "=a" (low), "=d" (high) : : "memory");
	return (u64)high << 32 | low;
}

/* As in mm/oom_kill.c: the choice, and then who else has the victim's memory. */
static u64 time_walks(bool with)
{
	struct oom_control oc = { .gfp_mask = GFP_KERNEL, .totalpages = totalram_pages() };
	struct oom_domain domain = { .totalpages = oc.totalpages, .whole = true };
	struct task_struct *p;
	u64 begin = cycles();

	select_bad_process(&oc);
	rcu_read_lock();
	if (with)
		ranking_walk(own, &domain);
	for_each_process(p)
		shares += process_shares_mm(p, oc.chosen->mm);
	rcu_read_unlock();
	begin = cycles() - begin;
	put_task_struct(oc.chosen);
	return begin;
}

static void empty_caches(void)
{
	size_t i;

	for (i = 0; i < OTHER_BYTES; i += LINE_BYTES)
		other[i]++;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static void show_rounds(struct seq_file *m, const char *caches)
{
	static u64 took[2][ROUNDS];
	bool cold = !strcmp(caches, "cold");
	int i, with;

	for (i = 0; i < ROUNDS; i++) {
		for (with = 0; with < 2; with++) {
			if (cold)
				empty_caches();
			took[with][i] = time_walks(with);
		}
	}
	for (with = 0; with < 2; with++)
		sort(took[with], ROUNDS, sizeof(u64), compare, NULL);
	seq_printf(m, "%s %llu %llu\n", caches, took[0][ROUNDS / 2], took[1][ROUNDS / 2]);
}

/* Lines of: the state of the caches, the median without oomwatch, and that with it. */
static int walks_show(struct seq_file *m, void *v)
{
	own = ranking_alloc(32);
	other = vzalloc(OTHER_BYTES);
	if (own && other) {
		show_rounds(m, "warm");
		show_rounds(m, "cold");
	}
	vfree(other);
	kvfree(own);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(walks);

static int __init walks_init(void)
{
	debugfs_create_file("walks", 0400, NULL, NULL, &walks_fops);
	return 0;
}
late_initcall(walks_init);
