#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# On a kernel without debugfs (CONFIG_DEBUG_FS=n, or booted with debugfs=off) the module says so,
# and still records, for the kernel log and the panic report.

# shellcheck source=selftests/functions.sh
. ./functions.sh
loaded || skip_all "oomwatch is not loaded"
[ ! -e $debugfs ] || skip_all "there is debugfs: for a kernel booted with debugfs=off"

dmesg | grep -q "oomwatch: no debugfs (-[0-9]*): records can only go to the kernel log"
ok "it says that there is no debugfs"

echo 1 >$knobs/log; ok "the knob log can be set"
./hog -n nofiles
sleep 1
pid=$(dmesg | sed -n 's/.*Killed process \([0-9]*\) (nofiles).*/\1/p')
[ -n "$pid" ]; ok "the kernel killed (pid $pid)"
dmesg | grep -q "oomwatch: oom=[0-9]* .*pid=$pid comm=\"nofiles\""; ok "its line is in the kernel log"
echo 0 >$knobs/log

rmmod oomwatch; ok "unloads"
insmod "$ko"; ok "loads again"
finish
