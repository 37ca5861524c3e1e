// SPDX-License-Identifier: GPL-2.0
/*
 * retrier: what the tracepoint reclaim_retry_zone costs with the probes attached to it
 *
 * For bench. Calls the attached probes many times in a row, as the kernel does when an
 * allocation considers another round of reclaim. The reclaim itself is left out: next to it
 * the probes could not be measured.
 */

#include <linux/ktime.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/tracepoint.h>
#include <trace/events/oom.h>

#define BATCH 1000	/* calls until others may run */
#define BATCHES 200

static unsigned long picoseconds;
module_param(picoseconds, ulong, 0444);
MODULE_PARM_DESC(picoseconds, "read-only: what a call took");

static struct tracepoint *event;

static void find_event(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "reclaim_retry_zone"))
		event = tp;
}

typedef void (*retry_probe)(void *data, struct zoneref *zoneref, int order,
			    unsigned long reclaimable, unsigned long available,
			    unsigned long min_wmark, int no_progress_loops, bool wmark_check);

/* Never called: does not compile if the event has another prototype. */
static void __maybe_unused check_probe_type(retry_probe probe)
{
	check_trace_callback_type_reclaim_retry_zone(probe);
}

static void call_attached(struct zoneref *zoneref)
{
	struct tracepoint_func *func;

	preempt_disable_notrace();
	for (func = rcu_dereference_sched(event->funcs); func && func->func; func++)
		((retry_probe)func->func)(func->data, zoneref, 0, 1000, 2000, 3000, 1, true);
	preempt_enable_notrace();
}

static int __init retrier_init(void)
{
	struct zoneref *zoneref = node_zonelist(0, GFP_KERNEL)->_zonerefs;
	u64 begin, spent = 0;
	unsigned int i, n;

	for_each_kernel_tracepoint(find_event, NULL);
	if (!event)
		return -ENOENT;
	for (n = 0; n < BATCHES; n++) {
		begin = ktime_get_ns();
		for (i = 0; i < BATCH; i++)
			call_attached(zoneref);
		spent += ktime_get_ns() - begin;
		cond_resched();
	}
	picoseconds = spent / BATCHES;	/* ns of BATCH calls */
	return 0;
}

static void __exit retrier_exit(void)
{
}

module_init(retrier_init);
module_exit(retrier_exit);

MODULE_DESCRIPTION("What reclaim_retry_zone costs");
MODULE_AUTHOR("The oomwatch authors");
MODULE_LICENSE("GPL");
