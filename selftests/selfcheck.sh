#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In a module built with DEBUG=1 the self-check of the ring passes at load. A bad parameter
# refuses the load, with a message that names the range.

# shellcheck source=selftests/functions.sh
. ./functions.sh
[ -e "$ko" ] || skip_all "no module at $ko"
trap restore EXIT

rmmod oomwatch
! loaded; ok "unloaded"

# Nobody knows who set a value before the module was loaded.
./hog -m 6000 -a 900 &
before=$!
until [ "$(cat /proc/$before/oom_score_adj)" = 900 ]; do sleep 0.1; done
sleep 0.5
insmod "$ko"
echo f >/proc/sysrq-trigger
wait $before 2>/dev/null
sleep 0.2
grep -q "^victim .* pid=$before .* oom_score_adj=900 .* set_by_pid=- set_by_comm=- " $debugfs/last
ok "a value from before the load was set by nobody known"
rmmod oomwatch

if [ -e "$debug_ko" ]; then
	insmod "$debug_ko"; ok "the module with the self-check loads"
	log_has 'oomwatch: self-check of the ring: [0-9]* steps passed'; ok "the self-check ran"
	rmmod oomwatch; ok "and unloads"
else
	echo "# SKIP no module built with DEBUG=1 at $debug_ko"
fi

# refused PARAMETER RANGE
refused()
{
	dmesg -c >/dev/null
	! insmod "$ko" "$1" 2>/dev/null; ok "$1 refuses the load"
	! loaded; ok "$1: not loaded"
	log_has "oomwatch: ${1%%=*}=.*: must be a number from $2"; ok "$1: the log names the range"
	[ ! -e $debugfs ] && [ ! -e $knobs ]; ok "$1: nothing is left behind"
}

refused ring_kb=63 '64 to 65536'
refused ring_kb=65537 '64 to 65536'
refused ring_kb= '64 to 65536'
refused ring_kb=1M '64 to 65536'
refused enabled=2 '0 to 1'
refused enabled=-1 '0 to 1'
refused adj_updates=yes '0 to 1'
refused log=10 '0 to 1'
refused candidates=1025 '0 to 1024'
refused stack_depth=65 '0 to 64'
refused panic_report=2 '0 to 1'

insmod "$ko" ring_kb=64 enabled=0 adj_updates=0 log=1; ok "good parameters load"
[ "$(cat $knobs/ring_kb $knobs/enabled $knobs/adj_updates $knobs/log | tr '\n' ' ')" = "64 0 0 1 " ]
ok "and are what the knobs say"
grep -q '^ring_bytes: 65536$' $debugfs/stats; ok "the ring has the size asked for"
rmmod oomwatch
insmod "$ko"; ok "loads again"
finish
