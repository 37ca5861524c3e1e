// SPDX-License-Identifier: GPL-2.0
/*
 * retrier: what the tracepoints reclaim_retry_zone and compact_retry cost with the probes
 * attached to them
 *
 * For bench. Calls the attached probes many times in a row, as the kernel does when an
 * allocation considers another round of reclaim or compaction. The round itself is left out:
 * next to it the probes could not be measured.
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

#include <linux/compaction.h>	/* not self-contained */

#define BATCH 1000	/* calls until others may run */
#define BATCHES 200

static unsigned long reclaim_ps;
module_param(reclaim_ps, ulong, 0444);
MODULE_PARM_DESC(reclaim_ps, "read-only: picoseconds that reclaim_retry_zone took");

static unsigned long compact_ps;
module_param(compact_ps, ulong, 0444);
MODULE_PARM_DESC(compact_ps, "read-only: picoseconds that compact_retry took");

typedef void (*reclaim_probe)(void *data, struct zoneref *zoneref, int order,
			      unsigned long reclaimable, unsigned long available,
			      unsigned long min_wmark, int no_progress_loops, bool wmark_check);
typedef void (*compact_probe)(void *data, int order, enum compact_priority priority,
			      enum compact_result result, int retries, int max_retries, bool ret);

/* Never called: does not compile if an event has another prototype. */
static void __maybe_unused check_probe_types(reclaim_probe reclaim, compact_probe compact)
{
	check_trace_callback_type_reclaim_retry_zone(reclaim);
#ifdef CONFIG_COMPACTION
	check_trace_callback_type_compact_retry(compact);
#endif
}

static void call_reclaim(const struct tracepoint_func *probe)
{
	struct zoneref *zoneref = node_zonelist(0, GFP_KERNEL)->_zonerefs;

	((reclaim_probe)probe->func)(probe->data, zoneref, 0, 1000, 2000, 3000, 1, true);
}

static void call_compact(const struct tracepoint_func *probe)
{
	((compact_probe)probe->func)(probe->data, 3, COMPACT_PRIO_SYNC_LIGHT, COMPACT_COMPLETE,
				     1, 16, true);
}

static struct tracepoint *reclaim_event, *compact_event;

static void find_events(struct tracepoint *tp, void *data)
{
	if (!strcmp(tp->name, "reclaim_retry_zone"))
		reclaim_event = tp;
	if (!strcmp(tp->name, "compact_retry"))
		compact_event = tp;
}

static __always_inline void call_attached(const struct tracepoint *event,
					  void (*call)(const struct tracepoint_func *probe))
{
	struct tracepoint_func *probe;

	preempt_disable_notrace();
	for (probe = rcu_dereference_sched(event->funcs); probe && probe->func; probe++)
		call(probe);
	preempt_enable_notrace();
}

/* Inline, so that the probes are all that is called by a pointer. Returns picoseconds. */
static __always_inline unsigned long measure(const struct tracepoint *event,
					     void (*call)(const struct tracepoint_func *probe))
{
	u64 begin, spent = 0;
	unsigned int i, n;

	for (n = 0; n < BATCHES; n++) {
		begin = ktime_get_ns();
		for (i = 0; i < BATCH; i++)
			call_attached(event, call);
		spent += ktime_get_ns() - begin;
		cond_resched();
	}
	return spent / BATCHES;	/* ns of BATCH calls */
}

static int __init retrier_init(void)
{
	for_each_kernel_tracepoint(find_events, NULL);
	if (!reclaim_event || !compact_event)
		return -ENOENT;
	reclaim_ps = measure(reclaim_event, call_reclaim);
	compact_ps = measure(compact_event, call_compact);
	return 0;
}

static void __exit retrier_exit(void)
{
}

module_init(retrier_init);
module_exit(retrier_exit);

MODULE_DESCRIPTION("What reclaim_retry_zone and compact_retry cost");
MODULE_AUTHOR("The oomwatch authors");
MODULE_LICENSE("GPL");
