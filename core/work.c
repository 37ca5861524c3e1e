// SPDX-License-Identifier: GPL-2.0
/*
 * Work that readers wait for. The system's queue needs memory to begin one more worker, and after
 * a kill there may be none. This queue has a worker that was made when the module was loaded.
 */

#include <linux/errno.h>
#include <linux/workqueue.h>

#include "internal.h"

static struct workqueue_struct *queue;

/**
 * work_init() - make the queue
 *
 * Context: task context, may sleep; once.
 * Return: 0 or -ENOMEM.
 */
int work_init(void)
{
	queue = alloc_workqueue(KBUILD_MODNAME, WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return queue ? 0 : -ENOMEM;
}

/**
 * work_exit() - remove the queue
 *
 * Context: task context, may sleep; nothing is queued any more.
 */
void work_exit(void)
{
	destroy_workqueue(queue);
}

/**
 * work_start() - have a worker do some work
 * @work: the work; it must not allocate memory, nor wait for who does
 *
 * Context: any but NMI and the kill path, which must not take the queue's locks.
 */
void work_start(struct work_struct *work)
{
	queue_work(queue, work);
}
