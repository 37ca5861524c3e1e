#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The panic report. Each case brings the machine down, the machine reboots, and the test looks at
# the log that pstore kept. It has to be run again after each boot, until no case is left. For a
# machine with ramoops that may be rebooted: set OOMWATCH_REBOOT=1. If OOMWATCH_CASE is set, the
# test begins with that case, and counts its results from OOMWATCH_TESTS on. With the argument
# "began" it only says, by its status, whether it goes on after a boot.

# shellcheck disable=SC2317 # the functions of the cases are called by name
# shellcheck source=selftests/functions.sh
. ./functions.sh
[ "${OOMWATCH_REBOOT:-}" = 1 ] || skip_all "reboots the machine: set OOMWATCH_REBOOT=1"
[ -e $debugfs/stats ] || skip_all "oomwatch is not loaded"
grep -q "^source_out_of_memory: attached" $debugfs/stats || skip_all "no kprobe on out_of_memory()"
pstore=/sys/fs/pstore
mount -t pstore pstore $pstore 2>/dev/null
[ "$(cat /sys/module/pstore/parameters/backend)" = ramoops ] || skip_all "no ramoops"

if [ "${1:-}" = began ]; then
	[ -n "$(ls $pstore)${OOMWATCH_CASE:-}" ]
	exit
fi

crashpoint=${OOMWATCH_CRASHPOINT:-/lib/crashpoint.ko}
stages="scan choice begun half_told self_locked told reaping running locked"
cases="system_wide compulsory no_victim newest newest_nobody off $stages"
have_memcg || { cases="system_wide no_victim off $stages"; }

# --- how each case goes down ---

kill_in_cgroup()
{
	mkdir -p /cg/p
	echo 8M >/cg/p/memory.max
	./hog -c /cg/p -n "in\"side" -a 17 "$@"
}

do_system_wide() { sysctl_set vm/panic_on_oom 1; ./hog -n greedy; }
do_compulsory() { sysctl_set vm/panic_on_oom 2; kill_in_cgroup; }
do_no_victim() { ./hog -n unkillable -a -1000; }
# The kernel's own first line of a kill comes after the call that began it.
say_begin() { echo "<4>a kill begins" >/dev/kmsg; }
do_newest() { say_begin; kill_in_cgroup; sleep 0.3; echo c >/proc/sysrq-trigger; }
# A write to a file fails if its cgroup is full of what can't be killed. It comes after a kill.
do_newest_nobody()
{
	kill_in_cgroup -n earlier
	say_begin
	./fill -c /cg/p -n alone -d /tmp -m 16384 files
	echo "<4>the call is over" >/dev/kmsg
	sleep 0.3
	echo c >/proc/sysrq-trigger
}

do_off() { echo 0 >"$knobs/panic_report"; sysctl_set vm/panic_on_oom 1; ./hog; }

# point_of CASE: where crashpoint panics. A kprobe can't be hit in what another kprobe calls.
# lock=1 works as a struct ring begins with its lock. nth=3: the first record of an episode is
# "oom", the next two are zones. capture_sharer() is called after the victim is recorded, for a
# process that shares its memory.
point_of()
{
	case $1 in
	scan) echo "at=oom_evaluate_task" ;;
	choice) echo "at=oom_kill_process" ;;
	begun) echo "at=oomwatch:ring_commit" ;;
	half_told) echo "at=oomwatch:ring_commit nth=3" ;;
	self_locked) echo "at=oomwatch:ring_commit nth=3 lock=1" ;;
	told) echo "at=oomwatch:capture_sharer" ;;
	reaping) echo "at=oomwatch:victims_reap nth=2" ;;
	running) echo "at=oom_kill_process stop=1" ;;
	locked) echo "at=oomwatch:ring_commit nth=3 lock=1 stop=1" ;;
	esac
}

# lacks CASE: says what the case lacks. If nothing, it is false, and has loaded crashpoint for a
# case that has a point.
lacks()
{
	point=$(point_of "$1")
	[ -n "$point" ] || return
	have_memcg || { echo "no cgroup to kill in"; return; }
	[ -e "$crashpoint" ] || { echo "no $crashpoint"; return; }
	case $1 in
	running | locked) [ "$(nproc)" -gt 1 ] || { echo "one CPU"; return; } ;;
	esac
	echo 0 >"$knobs/adj_updates"
	kill_in_cgroup -n earlier
	# shellcheck disable=SC2086 # a list
	insmod "$crashpoint" $point 2>/dev/null && return 1
	# The module has to have its function: the case runs, and fails as nothing panics.
	case $point in *oomwatch:*) return 1 ;; esac
	echo "no kprobe: $point"
}

# The kill stops on one CPU for good, and another CPU panics. The loop that waits must not need
# the stopped CPU, so it starts no process.
panic_beside()
{
	taskset -p 1 $$ >/dev/null
	mkdir -p /cg/p
	taskset 2 ./hog -c /cg/p -n "in\"side" &
	echo "<4>oomwatch stops: $!" >/dev/kmsg
	stopped=N
	tries=0
	while [ "$stopped" = N ] && [ "$tries" -lt 50000 ]; do
		read -r stopped </sys/module/crashpoint/parameters/stopped
		tries=$((tries + 1))
	done
	[ "$stopped" = Y ] && echo c >/proc/sysrq-trigger
}

do_scan() { kill_in_cgroup; }
do_choice() { kill_in_cgroup; }
do_begun() { kill_in_cgroup; }
do_half_told() { kill_in_cgroup; }
do_self_locked() { kill_in_cgroup; }
do_told() { kill_in_cgroup -p 1; }
do_reaping() { kill_in_cgroup -e; }
do_running() { panic_beside; }
do_locked() { panic_beside; }

# --- what pstore has of each case ---

has() { grep -q -- "$1" "$kept"; ok "$name: has: $1"; }
hasnt() { ! grep -q -- "$1" "$kept"; ok "$name: has not: $1"; }

# oomwatch names the pid that the kernel's own report has.
trigger_is_named()
{
	pid=$(sed -n 's/.* PID: \([0-9]*\) Comm: .*/\1/p' "$kept" | tail -n 1)
	has "oomwatch: this panic came while out_of_memory() was running for pid $pid\$"
	has "oomwatch: Trigger: pid $pid, uid 0, "
}

# It is the limit of kill_in_cgroup.
limit_is_kept()
{
	has 'oomwatch: Limit: cgroup "/p"$'
	has "oomwatch:   usage [78].[0-9], limit 8.0, swap "
	has "oomwatch: Memory of the cgroup, the largest classes:\$"
}

# first_row COMM [ADJ]: the first line of the table, of pid 0 to 9999999.
first_row() { has "oomwatch:  *[0-9]*  *[0-9]*  *[0-9]*  *[0-9]*  *${2:-[-0-9]*}  *[-0-9]*  \"$1\"\$"; }

check_system_wide()
{
	has "Kernel panic - not syncing: Out of memory: system-wide panic_on_oom is enabled"
	trigger_is_named
	has 'oomwatch: OOM call n[0-9]* panicked rather than kill, '
	has 'oomwatch: Killed: nobody; the kernel panicked, as vm.panic_on_oom says$'
	has 'oomwatch: Limit: the machine$'
	has 'oomwatch: Trigger: pid [0-9]*, uid 0, "greedy"$'
	has 'oomwatch:   by an allocation, order 0, gfp 0x[0-9a-f]*; cause: anon$'
	first_row greedy
	has 'oomwatch: Could be chosen: [1-9]'
}

check_compulsory()
{
	has "Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled"
	trigger_is_named
	limit_is_kept
	has 'oomwatch: Trigger: pid [0-9]*, uid 0, "in\\"side"$'
	has 'oomwatch:   by a charge of its cgroup, order 0, gfp 0x[0-9a-f]*; cause: memcg_limit$'
	first_row 'in\\"side' 17
}

check_no_victim()
{
	has "Kernel panic - not syncing: System is deadlocked on memory"
	trigger_is_named
	has 'oomwatch: OOM call n[0-9]* found nobody to kill, '
	has 'oomwatch: Killed: nobody; the kernel panicked$'
	has 'oomwatch: Candidates: -$'
	has 'oomwatch: Could be chosen: 0; not: [1-9]'
}

# log_ms TEXT: when the kernel's log has that line, in ms.
log_ms() { sed -n "/$1/{s/^[^[]*\[ *\([0-9]*\)\.\([0-9][0-9][0-9]\).*/\1\2/p;q}" "$kept"; }

# ago_is_right TEXT: the report's age of the episode lies between two times of the kernel's log: from
# before the call that began it to the report, and from TEXT, which came after it, to the panic.
ago_is_right()
{
	report="oomwatch: the newest OOM episode was"
	ms=$(sed -n "s/.*$report \([0-9]*\) ms ago:.*/\1/p" "$kept")

	[ "$ms" -ge 300 ] &&
		[ "$ms" -le $(($(log_ms "$report") - $(log_ms "a kill begins") + 1)) ] &&
		[ "$ms" -ge $(($(log_ms "sysrq triggered crash") - $(log_ms "$1") - 1)) ]
	ok "$name: the episode was as long ago as the log says"
}

check_newest()
{
	pid=$(sed -n 's/.*Killed process \([0-9]*\) .*/\1/p' "$kept")
	has "Kernel panic - not syncing: sysrq triggered crash"
	hasnt "this panic came while"
	ago_is_right "Killed process"
	limit_is_kept
	has "oomwatch: Trigger: pid $pid, uid 0, \"in\\\\\"side\"\$"
	has "oomwatch: Killed: pid $pid, uid 0, \"in\\\\\"side\"\$"
	has "oomwatch:   score: oom_score_adj 17, points [1-9]"
	has "oomwatch:  *$pid  *[0-9]*  *[0-9]*  *[0-9]*  *17  *[0-9]*  \"in\\\\\"side\"\$"
}

check_newest_nobody()
{
	has "Out of memory and no killable processes"
	has "Kernel panic - not syncing: sysrq triggered crash"
	ago_is_right "the call is over"
	has 'oomwatch: OOM call n1 found nobody to kill, '
	has 'oomwatch: Killed: nobody; calls at this limit that found nobody, as far as told: 1'
	limit_is_kept
	has 'oomwatch: Trigger: pid [0-9]*, uid 0, "alone"$'
	has 'oomwatch: Could be chosen: 0; not: 1 at -1000, '
	hasnt "oomwatch: .*earlier"
}

check_off()
{
	has "Kernel panic - not syncing: Out of memory"
	hasnt "oomwatch: \(OOM\|Killed\|Trigger\)"
	hasnt "oomwatch: this panic"
}

# is_open_one FUNCTION: the panic came in that function, during a kill that has no victim yet.
is_open_one()
{
	has "Kernel panic - not syncing: crashpoint: $1"
	trigger_is_named
	limit_is_kept
	has 'oomwatch: Trigger: pid [0-9]*, uid 0, "in\\"side"$'
	has 'oomwatch:   by a charge of its cgroup, order 0, gfp 0x[0-9a-f]*; cause: memcg_limit$'
	first_row 'in\\"side' 17
	has 'oomwatch: Killed: -$'
	hasnt "oomwatch: .*\(Killed: pid\|earlier\|newest\|locked\)"
}

# is_newest COMM: the report has the newest kill in the ring, of that victim.
is_newest()
{
	has "oomwatch: the newest OOM episode was [0-9]* ms ago:"
	has "oomwatch: Limit: cgroup \"/p\"\$"
	has "oomwatch: Trigger: pid [0-9]*, uid 0, \"$1\"\$"
	has "oomwatch: Killed: pid [0-9]*, uid 0, \"$1\"\$"
	first_row "$1"
}

check_scan() { is_open_one oom_evaluate_task; }
check_choice() { is_open_one oom_kill_process; }
check_begun() { is_open_one oomwatch:ring_commit; }
check_half_told() { is_open_one oomwatch:ring_commit; }
check_self_locked() { is_open_one oomwatch:ring_commit; }

check_told()
{
	has "Kernel panic - not syncing: crashpoint: oomwatch:capture_sharer"
	trigger_is_named
	is_newest 'in\\"side'
	hasnt "oomwatch: .*earlier"
}

check_reaping()
{
	has "Kernel panic - not syncing: crashpoint: oomwatch:victims_reap"
	has " PID: [0-9]* Comm: oom_reaper "
	hasnt "this panic came while"
	is_newest 'in\\"side'
	hasnt "oomwatch: .*earlier"
}

# oomwatch names the pid that panic_beside logged.
other_is_named()
{
	has "Kernel panic - not syncing: sysrq triggered crash"
	pid=$(sed -n 's/.*oomwatch stops: //p' "$kept" | tail -n 1)
	has "oomwatch: this panic came while out_of_memory() was running for pid $pid\$"
}

check_running()
{
	other_is_named
	is_newest earlier
}

check_locked()
{
	other_is_named
	has "oomwatch: the ring is locked, its records can't be read"
	hasnt "oomwatch: \(OOM\|Killed\|Trigger\)"
}

# No more lines than oomwatch(5) says.
is_bounded()
{
	said=$(sed -n '/Kernel panic - /,$p' "$kept" | grep -c "oomwatch: ")
	[ "$said" -le 28 ]; ok "$name: oomwatch says $said lines, at most 28"
}

# With panic_on_oom=1 a kill by a cgroup's limit does not panic.
stays_up()
{
	sysctl_set vm/panic_on_oom 1
	kill_in_cgroup
	[ $? = 137 ]; ok "panic_on_oom=1: a cgroup's kill kills"
	sysctl_set vm/panic_on_oom 0
}

# --- one boot ---

next=${OOMWATCH_CASE:-system_wide}
kept=$(find $pstore -name 'dmesg-*' | sort | tail -n 1)
if [ -n "$kept" ]; then
	name=$(sed -n 's/.*oomwatch goes down: //p' "$kept" | tail -n 1)
	[ -n "$name" ] || { echo "Bail out! pstore has something else: $kept"; exit 1; }
	nr=$(sed -n 's/.*oomwatch tests so far: //p' "$kept" | tail -n 1)
	"check_$name"
	is_bounded
	[ $failed = 0 ] || { echo "# all of it:"; sed 's/^/# /' "$kept"; }
	rm -f $pstore/*
	next=$(after "$name")
elif [ -n "${OOMWATCH_CASE:-}" ]; then
	nr=${OOMWATCH_TESTS:-0}
elif have_memcg; then
	stays_up
fi
while why=$(lacks "$next") && [ -n "$why" ]; do
	nr=$((nr + 1)); echo "ok $nr $next # SKIP $why"
	next=$(after "$next")
done
[ -n "$next" ] || finish

# Have the kernel reboot a second after the panic.
sysctl_set kernel/panic 1
# The reboot forgets that a test has failed: whoever reads the results has seen it.
echo "<4>oomwatch tests so far: $nr" >/dev/kmsg
echo "<4>oomwatch goes down: $next" >/dev/kmsg
# Wait until the output has left the machine.
sleep 0.5
"do_$next"
sleep 5
echo "Bail out! $next: no panic"
exit 1
