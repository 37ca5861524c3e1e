#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What the machine went down with is on the console and in pstore. Each case panics,
# the machine reboots, and what pstore kept of it is looked at. Run again after each
# boot, until there is no case left. For a machine that may be rebooted, with ramoops:
# with OOMWATCH_REBOOT=1.

# shellcheck disable=SC2317 # the functions of the cases are called by name
# shellcheck source=selftests/functions.sh
. ./functions.sh
[ "${OOMWATCH_REBOOT:-}" = 1 ] || skip_all "reboots the machine: set OOMWATCH_REBOOT=1"
[ -e $debugfs/stats ] || skip_all "oomwatch is not loaded"
grep -q "^source_out_of_memory: attached" $debugfs/stats || skip_all "no kprobe on out_of_memory()"
pstore=/sys/fs/pstore
mount -t pstore pstore $pstore 2>/dev/null
[ "$(cat /sys/module/pstore/parameters/backend)" = ramoops ] || skip_all "no ramoops"

cases="system_wide compulsory no_victim newest off"
root='"/"'
have_memcg || { cases="system_wide no_victim off"; root=-; }
after() { echo "$cases" | sed -n "s/.*\\<$1\\> *\\([a-z_]*\\).*/\\1/p"; }

# --- what is done, to go down ---

sysctl_set() { echo "$2" >"/proc/sys/$1"; }

kill_in_cgroup()
{
	mkdir -p /cg/p
	echo 8M >/cg/p/memory.max
	./hog -c /cg/p -n "in\"side" -a 17
}

do_system_wide() { sysctl_set vm/panic_on_oom 1; ./hog -n greedy; }
do_compulsory() { sysctl_set vm/panic_on_oom 2; kill_in_cgroup; }
do_no_victim() { ./hog -n unkillable -a -1000; }
do_newest() { kill_in_cgroup; sleep 0.3; echo c >/proc/sysrq-trigger; }
do_off() { echo 0 >"$knobs/panic_report"; sysctl_set vm/panic_on_oom 1; ./hog; }

# --- what is left of it ---

has() { grep -q -- "$1" "$kept"; ok "$name: has: $1"; }
hasnt() { ! grep -q -- "$1" "$kept"; ok "$name: has not: $1"; }

# The pid in the kernel's own report of the trigger, named by oomwatch, too.
trigger_is_named()
{
	pid=$(sed -n 's/.* PID: \([0-9]*\) Comm: .*/\1/p' "$kept" | tail -n 1)
	has "oomwatch: this panic came while out_of_memory() was running for pid $pid\$"
	has "oomwatch: oom=[0-9]* kind=.* pid=$pid "
}

check_system_wide()
{
	has "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled"
	trigger_is_named
	has 'oomwatch: oom=[0-9]* kind=global trigger=alloc cause=anon .* comm="greedy"'
	has "oomwatch: oom=[0-9]* rank=1 pid=[0-9]* comm=\"greedy\" .* memcg=$root"
	has 'oomwatch: oom=[0-9]* eligible=[1-9]'
}

check_compulsory()
{
	has "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled"
	trigger_is_named
	has 'kind=memcg trigger=memcg cause=memcg_limit .* comm="in\\"side" .* oom_memcg="/p"'
	has 'rank=1 pid=[0-9]* comm="in\\"side" .* oom_score_adj=17 .* memcg="/p"'
}

check_no_victim()
{
	has "Kernel panic - not syncing: System is deadlocked on memory"
	trigger_is_named
	has 'oomwatch: oom=[0-9]* eligible=0 eligible_kb=0 unkillable=[1-9]'
	hasnt "rank="
}

check_newest()
{
	pid=$(sed -n 's/.*Killed process \([0-9]*\) .*/\1/p' "$kept")
	has "Kernel panic - not syncing: sysrq triggered crash"
	hasnt "this panic came while"
	has "oomwatch: the newest OOM episode was [3-9][0-9][0-9] ms ago:"
	has "oomwatch: oom=[0-9]* kind=memcg .* pid=$pid comm=\"in\\\\\"side\""
	has "oomwatch: oom=[0-9]* killed pid=$pid comm=\"in\\\\\"side\" .* oom_score_adj=17"
	has "oomwatch: oom=[0-9]* rank=1 pid=$pid "
}

check_off()
{
	has "Kernel panic - not syncing: Out of memory"
	hasnt "oomwatch: .*oom="
	hasnt "oomwatch: this panic"
}

# With 1 a kill by a cgroup's limit is no reason to panic.
stays_up()
{
	sysctl_set vm/panic_on_oom 1
	kill_in_cgroup
	[ $? = 137 ]; ok "panic_on_oom=1: a cgroup's kill kills"
	sysctl_set vm/panic_on_oom 0
}

# --- one boot ---

next=system_wide
kept=$(find $pstore -name 'dmesg-*' | sort | tail -n 1)
if [ -n "$kept" ]; then
	name=$(sed -n 's/.*oomwatch goes down: //p' "$kept" | tail -n 1)
	[ -n "$name" ] || { echo "Bail out! pstore has something else: $kept"; exit 1; }
	nr=$(sed -n 's/.*oomwatch tests so far: //p' "$kept" | tail -n 1)
	"check_$name"
	[ $failed = 0 ] || { echo "# all of it:"; sed 's/^/# /' "$kept"; }
	rm -f $pstore/*
	next=$(after "$name")
elif have_memcg; then
	stays_up
fi
[ -n "$next" ] || finish

# The kernel's own way to come back, after a second.
sysctl_set kernel/panic 1
# A failure is not carried over a reboot, but has been said.
echo "<4>oomwatch tests so far: $nr" >/dev/kmsg
echo "<4>oomwatch goes down: $next" >/dev/kmsg
# For what was said to get out.
sleep 0.5
"do_$next"
sleep 5
echo "Bail out! $next: no panic"
exit 1
