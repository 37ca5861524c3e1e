/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the kernel's own reports of OOM kills from a text log: makes records of them. */
#ifndef KLOG_H
#define KLOG_H

#include "stream.h"

struct klog;

bool klog_is_text(const __u8 *bytes, size_t len);
/* Takes whole lines, or all that is left (last), and returns how many bytes these were. */
size_t klog_add(struct capture *capture, const __u8 *bytes, size_t len, bool last);

/* After the last file: drops reports that logs have twice. */
void klog_drop_twins(struct capture *capture);

#endif /* KLOG_H */
