// SPDX-License-Identifier: GPL-2.0
/*
 * Whether the newest line of a log comes first, as journalctl -r and viewers of logs write it. Its
 * reports are then upside down, so that lines of one kill would be taken for those of another.
 */
#include "klog-report.h"

/*
 * 0 if it can't be told. The time since boot begins anew with each boot, so the clock comes first.
 * Dates without a year have no order.
 */
static __s64 later_by(const struct stamp *now, const struct stamp *before)
{
	__s64 later = 0;

	if (now->date.day && before->date.day && now->date.day != before->date.day)
		return 0;
	if (now->real_ns != OOMWATCH_UNKNOWN_U64 && before->real_ns != OOMWATCH_UNKNOWN_U64)
		later = now->real_ns - before->real_ns;
	else if (now->date.day && before->date.day)
		later = (__s64)now->date.second - before->date.second;
	if (!later && now->time_ns != OOMWATCH_UNKNOWN_U64 &&
	    before->time_ns != OOMWATCH_UNKNOWN_U64)
		later = now->time_ns - before->time_ns;
	return later;
}

void klog_note_time(struct klog *log)
{
	__s64 later = log->order.begun ? later_by(&log->stamp, &log->order.before) : 0;

	log->order.rises += later > 0;
	log->order.falls += later < 0;
	log->order.before = log->stamp;
	log->order.begun = true;
}

void klog_note_chosen(struct klog *log, const struct record *last)
{
	log->order.turned += last && log->chosen != OOMWATCH_UNKNOWN_S32 &&
		last->victim.process.pid == log->chosen;
}

const struct record *klog_kill_before(const struct klog *log)
{
	return log->oom || log->chosen != OOMWATCH_UNKNOWN_S32 ? NULL : log->last;
}

bool klog_is_turned(const struct klog *log)
{
	const struct order *order = &log->order;
	bool begins = log->oom && comm_known(log->oom->oom.comm);

	/*
	 * Of a log that has been searched only a few lines of a report may be left. A single fall
	 * may be that of another boot.
	 */
	return (order->turned && order->falls >= order->rises) ||
		(order->falls > 1 && !order->rises && log->last_oom && begins);
}
