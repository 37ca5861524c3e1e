/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files in debugfs. A row is
 *
 *	FILE(NAME, MODE, OF, FOPS, MEANING)
 *	BEFORE(NAME, MODE, FOPS, MEANING)	in the folder "before"
 *
 * and makes a file; OF is its i_private. The meanings are sentences, for the manual and for the
 * kernel's list of interfaces. A file that includes this defines both macros before.
 */

FILE("events", 0400, NULL, text_fops, "All records as text, the oldest first.")
FILE("last", 0400, &of_newest, text_fops, "The records of the newest kill as text.")
FILE("records", 0400, NULL, records_fops, "The records in binary form, for programs.")
/* Root can write despite the mode. Under lockdown a file with 0600 can't even be read. */
FILE("candidates", 0400, NULL, dry_run_fops, "A dry run: who would be killed now.")
FILE("report", 0400, NULL, report_fops, "The newest kill, or call that found nobody, on a page.")
FILE("stats", 0444, NULL, stats_fops, "Counters, as lines of a name, a colon and a number.")
FILE("clear", 0200, NULL, clear_fops, "A write of anything empties the rings.")
BEFORE("events", 0400, text_fops, "What an earlier load has kept, as text.")
BEFORE("records", 0400, records_fops, "What an earlier load has kept, in binary form.")
