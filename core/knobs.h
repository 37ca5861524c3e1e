/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The knobs. A row is
 *
 *	KNOB(NAME, DEFAULT, LEAST, MOST, APPLY, MEANING);
 *
 * and makes a variable, knob_NAME, that is read with READ_ONCE(), a sysctl, vm.oomwatch.NAME,
 * and a parameter of the module. A sysctl's new value, from LEAST to MOST, is passed to APPLY,
 * unless that is NULL, and is not stored if APPLY fails. APPLY may sleep. At load,
 * oomwatch_init() applies the values itself. A file that includes this defines KNOB before.
 */

KNOB(enabled, 1, 0, 1, NULL, "record OOM kills; with 0 kills are only counted");
KNOB(ring_kb, 1024, 64, 65536, record_apply_ring_kb, "KiB of the ring of kills");
KNOB(adj_ring_kb, 256, 64, 65536, record_apply_adj_ring_kb, "KiB of the ring of adj records");
KNOB(storm_ring_kb, 256, 64, 65536, record_apply_storm_ring_kb, "KiB of the ring of storms");
KNOB(adj_updates, 1, 0, 1, NULL, "record writes of oom_score_adj");
KNOB(adj_per_min, 1000, 0, 1000000, adj_apply_per_min, "most adj records written in a minute");
KNOB(candidates, 32, 0, CANDIDATES_MAX, ranking_apply_max, "most candidates recorded per kill");
KNOB(candidates_always, 0, 0, 1, NULL, "rank also if vm.oom_kill_allocating_task chose");
KNOB(children, 8, 0, CHILDREN_MAX, NULL, "most child cgroups recorded per kill");
KNOB(stack_depth, 24, 0, STACK_MAX, NULL, "most frames recorded of the trigger's stack");
KNOB(cmdline, 128, 0, CMDLINE_MAX, cmdline_apply, "most bytes kept of a command line");
KNOB(log, 0, 0, 1, log_apply, "print a line in the kernel log for each victim");
KNOB(panic_report, 1, 0, 1, NULL, "print the newest kill on a panic");
