/* SPDX-License-Identifier: GPL-2.0 */
/* What scripts/bench-native makes global in mm/oom_kill.c. */
struct oom_control;

void select_bad_process(struct oom_control *oc);
