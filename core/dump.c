// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps: an anchor in memory tells who reads a dump of the machine where the ring is. It is made at
 * load, and refers to the lanes, so that who records has nothing to do for it.
 */

#include <linux/io.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "internal.h"

static struct dump_anchor anchor __aligned(DUMP_ALIGN);

/* The physical address of a variable of this module. */
static u64 dump_address(const void *at)
{
	if (__is_defined(MODULE))
		return page_to_phys(vmalloc_to_page(at)) + offset_in_page(at);
	return __pa_symbol(at);
}

/**
 * dump_init() - make the anchor
 *
 * Context: task context, may sleep; the ring is set up.
 */
void dump_init(void)
{
	int i;

	BUILD_BUG_ON(sizeof(anchor) > DUMP_ALIGN);
	BUILD_BUG_ON(offsetof(struct lane, at) - offsetof(struct lane, size) !=
		     offsetof(struct lane_buffer, at));
	anchor.version = DUMP_VERSION;
	anchor.page_size = PAGE_SIZE;
	anchor.self = dump_address(&anchor);
	for (i = 0; i < RING_LANES; i++)
		anchor.lane[i] = dump_address(&records.lane[i].size);
	anchor.after = records.lane[RING_MAIN].kept ? sizeof(struct kept_sum) : 0;
	record_start((struct oomwatch_start *)anchor.start);
	dump_tell_clock();
	memcpy(anchor.magic, DUMP_MAGIC, sizeof(anchor.magic));
}

/**
 * dump_exit() - take the anchor away: its memory may be in a later dump
 *
 * Context: any.
 */
void dump_exit(void)
{
	memset(&anchor, 0, sizeof(anchor));
}

/**
 * dump_tell_clock() - tell what time it is: the clock may have been set since the load
 *
 * Context: any.
 */
void dump_tell_clock(void)
{
	/* Other clocks may wait forever in a panic. */
	WRITE_ONCE(anchor.clock_ns, ktime_get_real_fast_ns() - ktime_get_boot_fast_ns());
}
