/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the kernel's own reports of OOM kills from a text log: makes records of them. */
#ifndef KLOG_H
#define KLOG_H

#include "stream.h"

struct klog;

bool klog_is_text(const __u8 *bytes, size_t len);
/* Takes whole lines, or all that is left (last), and returns how many bytes these were. */
size_t klog_add(struct capture *capture, const __u8 *bytes, size_t len, bool last);

/* A kill in a line that is not read. */
#define UNREAD "a line of the log tells of a kill, but begins with something that is not known, so it is not read; journalctl -k >FILE and dmesg >FILE write lines that are"

/* Bits that tell of what a line is that is not the kernel's; 0: of nothing that is known. */
unsigned int other_text(const char *line);
/* What a text without kills of the kernel is by all its lines; NULL: not known. */
const char *words_other(unsigned int others);
/* What other kills the lines of a kernel's log tell of, to end a clause; "": of none. */
const char *words_quiet_others(unsigned int others);

/* After the last file: drops reports that logs have twice. */
void klog_drop_twins(struct capture *capture);

#endif /* KLOG_H */
