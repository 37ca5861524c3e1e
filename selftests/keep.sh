#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Kept memory: what the next load of the module finds after a crash, a reset or a reload. Each case
# brings the machine down, and the test has to be run again after each boot, until no case is left.
# For a machine with ramoops that may be rebooted: set OOMWATCH_REBOOT=1, and OOMWATCH_KEEP to the
# address of 3 MiB that the kernel leaves alone. The last of them tells the next boot what went
# before. OOMWATCH_STORMS is the number of crashes at a random moment. With the argument "began" the
# test only says, by its status, whether it goes on after a boot.

# shellcheck disable=SC2317 # the functions of the cases are called by name
# shellcheck source=selftests/functions.sh
. ./functions.sh
[ "${OOMWATCH_REBOOT:-}" = 1 ] || skip_all "reboots the machine: set OOMWATCH_REBOOT=1"
[ -n "${OOMWATCH_KEEP:-}" ] || skip_all "no memory that outlives a reboot: set OOMWATCH_KEEP"
have_memcg || skip_all "no cgroup to kill in"
[ -c /dev/mem ] || skip_all "no /dev/mem"
at=$((OOMWATCH_KEEP))
cases="crash reset wrap panicked deadlocked named"
for i in $(seq "${OOMWATCH_STORMS:-3}"); do cases="$cases storm_$i"; done

# --- what one boot tells the next ---

notes=$(((at + 0x200000) / 4096))
write_notes()
{
	{ echo "oomwatch keeps: $*"; cat /dev/zero; } |
		head -c 4096 | dd of=/dev/mem bs=4096 seek=$notes conv=notrunc 2>/dev/null
}
read_notes()
{
	dd if=/dev/mem bs=4096 skip=$notes count=1 2>/dev/null |
		tr -d '\000' | sed -n 's/^oomwatch keeps: //p'
}

told=$(read_notes)
if [ "${1:-}" = began ]; then
	[ -n "$told" ]
	exit
fi
if [ -z "$told" ]; then
	write_notes probe
	[ "$(read_notes)" = probe ] || skip_all "/dev/mem does not reach this memory"
fi

# --- killing ---

# kill_in_cgroup NAME: a kill at a limit of 2 MiB.
kill_in_cgroup()
{
	mkdir -p /cg/k
	echo 2M >/cg/k/memory.max
	./hog -c /cg/k -n "$1" 2>/dev/null
}

# kill_by_sysrq NAME: its records take the most room. The victim is the largest process by then.
kill_by_sysrq()
{
	[ -p /tmp/ready ] || mkfifo /tmp/ready
	./hog -m 1024 -n "$1" -r 9 9>/tmp/ready &
	hog=$!
	head -c 1 /tmp/ready >/dev/null
	echo f >/proc/sysrq-trigger
	wait "$hog" 2>/dev/null
}

# load SIZE [PARAMETER]...: loads the module with that much kept memory.
load()
{
	size=$1
	shift
	dmesg -c >/dev/null
	insmod "$ko" "keep=$size@$at" "$@"
}

# load_small [PARAMETER]...: so does this, with less for each ring.
load_small() { load 512K adj_ring_kb=64 storm_ring_kb=192 "$@"; }

# go_down CASE [FACT]: leaves word for the next boot. Waits until the output has left the machine.
go_down()
{
	sysctl_set kernel/panic 1
	write_notes "$1 $nr ${2:-}"
	sleep 0.5
}

# --- what is found ---

# victims FILE: the names of the victims.
victims() { sed -n 's/^victim .* comm="\([^"]*\)".*/\1/p' "$1" | tr '\n' ' '; }

# victim_pids FILE: their pids.
victim_pids() { sed -n 's/^victim .* pid=\([0-9]*\) .*/\1/p' "$1"; }

# is_told NAME...: what was kept has these kills and no other, in the file and by the program.
is_told()
{
	cat /sys/kernel/debug/oomwatch/before/events >/tmp/events
	found=$(victims /tmp/events)
	[ "$found" = "$* " ]; ok "$name: kept: $*" || echo "# found: $found"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records list >/tmp/list; status=$?
	[ "$status" = 0 ]; ok "$name: the program reads it"
	for victim; do
		grep -q " $victim " /tmp/list; ok "$name: list has $victim"
	done
}

# said TEXT: the module has said so at its load.
said() { dmesg | grep -q "oomwatch: $1"; ok "$name: says: $1"; }

# record_for_a_moment: runs the service until it has stored what there is.
record_for_a_moment()
{
	oomwatch record --store /tmp/store --no-journal &
	service=$!
	tries=0
	until find /tmp/store -name 'kept-*.rec' | grep -q . || [ "$tries" = 300 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	sleep 2
	kill "$service"
	wait "$service"
}

# is_stored NAME...: the service keeps these kills in a file of their own, and once.
is_stored()
{
	record_for_a_moment
	kept=$(find /tmp/store -name 'kept-*.rec')
	[ -s "$kept" ]; ok "$name: record has stored it: $kept"
	[ -z "$(find /tmp/store -name '*.part')" ]; ok "$name: and has left nothing else"
	stat -c '%i %Y' "$kept" >/tmp/first
	record_for_a_moment
	stat -c '%i %Y' "$kept" | cmp -s - /tmp/first; ok "$name: it is stored once"
	oomwatch list --store /tmp/store >/tmp/list
	for victim; do
		[ "$(grep -c " $victim " /tmp/list)" = 1 ]; ok "$name: store and module have $victim once"
	done
}

# The pids of the newest kills in the kernel's own log of the crash. The last kill may be in one of
# both alone, as the machine may go down between the two.
same_kills()
{
	cat /sys/kernel/debug/oomwatch/before/events >/tmp/events
	victim_pids /tmp/events | tail -n 40 >/tmp/ours
	sed -n 's/.*Killed process \([0-9]*\) .*/\1/p' /sys/fs/pstore/dmesg-* | tail -n 21 >/tmp/theirs
	nr_kills=$(wc -l </tmp/theirs)
	[ "$nr_kills" -ge 3 ]; ok "$name: the kernel's log has $nr_kills of the newest kills"
	grep -Fxf /tmp/theirs /tmp/ours >/tmp/both
	sed '$d' /tmp/theirs | grep -vFxf /tmp/both >/tmp/missing
	[ ! -s /tmp/missing ]; ok "$name: none of them is missing" || sed 's/^/# missing: /' /tmp/missing
	[ "$(tail -n 20 /tmp/ours | grep -vcFxf /tmp/theirs)" -le 1 ]; ok "$name: and there is no other"
	grep -Fxf /tmp/both /tmp/theirs | cmp -s - /tmp/both; ok "$name: in their order"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records list >/tmp/list; status=$?
	[ "$status" = 0 ]; ok "$name: the program reads it"
	said 'keep: an earlier load has left [0-9]* records, and 0 were torn or damaged'
}

# --- the cases ---

do_crash()
{
	for victim in one two three; do kill_in_cgroup "$victim"; done
	go_down crash
	echo c >/proc/sysrq-trigger
}

check_crash()
{
	load 2M
	said 'keep: an earlier load has left [0-9]* records, and 0 were torn or damaged'
	is_told one two three
	pid=$(sed -n 's/.*Killed process \([0-9]*\) (three).*/\1/p' /sys/fs/pstore/dmesg-* | tail -n 1)
	grep -q "^victim .* pid=$pid .*comm=\"three\"" /tmp/events; ok "crash: the pid is the kernel's: $pid"
	frames=$(sed -n 's/^stack .*frames="\([^"]*\)".*/\1/p' /tmp/events | tail -n 1)
	case $(uname -m) in
	x86_64) echo "$frames" | grep -q "mem_cgroup_out_of_memory+"; ok "crash: the stack has symbols" ;;
	*) echo "$frames" | grep -q "0x[0-9a-f]*;"; ok "crash: the stack has addresses" ;;
	esac
	oomwatch -f /sys/kernel/debug/oomwatch/before/records show 3 | grep -q "$(uname -r)"; ok "crash: show has the kernel"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records why 3 >/tmp/why
	grep -q '"three"\|three' /tmp/why; ok "crash: why tells of it"
	# What was recorded since is of this load, and beside it.
	kill_in_cgroup four
	sleep 0.3
	oomwatch list --no-store >/tmp/list
	for victim in one two three four; do
		grep -q " $victim " /tmp/list; ok "crash: list has $victim beside the others"
	done
	is_told one two three
	is_stored one two three
}

do_reset()
{
	kill_in_cgroup cleared
	sleep 0.3
	echo 1 >/sys/kernel/debug/oomwatch/clear
	[ ! -e /sys/kernel/debug/oomwatch/before ] || { cat /sys/kernel/debug/oomwatch/before/events >/tmp/events; [ -z "$(victims /tmp/events)" ]; }
	ok "reset: clear drops what was kept"
	kill_in_cgroup r1
	kill_in_cgroup r2
	sleep 0.3
	go_down reset
	echo b >/proc/sysrq-trigger
}

check_reset()
{
	load 2M
	is_told r1 r2
}

# More than the ring holds.
do_wrap()
{
	rmmod oomwatch
	load_small candidates=64
	for idle in $(seq 40); do ./hog -m 64 -n "idle$idle" & done
	for victim in $(seq 60); do kill_by_sysrq "w$victim"; done
	grep -q "^records_overwritten: [1-9]" /sys/kernel/debug/oomwatch/stats; ok "wrap: records were overwritten"
	sleep 0.3
	go_down wrap "$(sed -n 's/^records_written: //p' /sys/kernel/debug/oomwatch/stats)"
	echo b >/proc/sysrq-trigger
}

check_wrap()
{
	load_small
	said 'keep: an earlier load has left [0-9]* records, and 0 were torn or damaged'
	cat /sys/kernel/debug/oomwatch/before/events >/tmp/events
	seq=$(sed -n 's/.* seq=\([0-9]*\) .*/\1/p' /tmp/events | tail -n 1)
	[ "$seq" = "$fact" ]; ok "wrap: the newest record is $fact" || echo "# it is $seq"
	victims /tmp/events | grep -q " w58 w59 w60 $"; ok "wrap: the newest kills are there"
	! victims /tmp/events | grep -q "^w1 "; ok "wrap: the oldest are not"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records list >/tmp/list; ok "wrap: the program reads it"
	grep -q " w60 " /tmp/list; ok "wrap: list has the newest"
}

# The kernel panics before it has chosen.
do_panicked()
{
	rmmod oomwatch
	load 2M
	kill_in_cgroup earlier
	sysctl_set vm/panic_on_oom 2
	go_down panicked
	kill_in_cgroup panics
}

do_deadlocked()
{
	go_down deadlocked
	./hog -n unkillable -a -1000
}

# same_figure TYPE KEY WORDS: the figure is that of the kernel's report of the panic.
same_figure()
{
	ours=$(sed -n "s/^$1 .* $2=\([0-9]*\) .*/\1/p" /tmp/events | tail -n 1)
	theirs=$(sed -n "s/.*$3\([0-9]*\).*/\1/p" /sys/fs/pstore/dmesg-* | tail -n 1)
	[ -n "$ours" ] && [ "$ours" = "$theirs" ]; ok "$name: $2 is the kernel's: $ours" || echo "# theirs: $theirs"
}

# is_panic OUTCOME COMM WORDS: the newest that was kept is the panic, and the program tells of it.
is_panic()
{
	load 2M
	cat /sys/kernel/debug/oomwatch/before/events >/tmp/events
	grep '^nobody_end ' /tmp/events | tail -n 1 | grep -q "oom=n1 outcome=$1 victims=0 kills=0 "; ok "$name: its outcome: $1"
	grep '^nobody_oom ' /tmp/events | grep -q " verdict=- .*comm=\"$2\""; ok "$name: $2 had asked"
	grep -q '^nobody_zone ' /tmp/events; ok "$name: it has the zones"
	same_figure nobody_oom pid ' PID: '
	oomwatch -f /sys/kernel/debug/oomwatch/before/records why >/tmp/why; status=$?
	[ "$status" = 0 ]; ok "$name: the program reads it"
	tr '\n' ' ' </tmp/why | grep -q "$3"; ok "$name: why says: $3" || sed 's/^/# /' /tmp/why
}

check_panicked()
{
	is_panic panic panics "The kernel panicked in place of a kill, as vm.panic_on_oom says: the memory cgroup /k was full"
	[ "$(victims /tmp/events)" = "earlier " ]; ok "panicked: the kill before it is there, and no other"
	same_figure nobody_oom memcg_limit_kb 'memory: usage [0-9]*kB, limit '
	grep -q '^nobody_task .*comm="panics"' /tmp/events; ok "panicked: it has the candidates"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records list >/tmp/list
	grep -q '^n1 .* nobody .* /k .* panic_on_oom/anon$' /tmp/list; ok "panicked: list has it" || sed 's/^/# /' /tmp/list
	oomwatch -f /sys/kernel/debug/oomwatch/before/records show n1 | grep -q '^nobody  *was killed: the kernel panicked'; ok "panicked: show has it"
}

check_deadlocked()
{
	is_panic deadlock unkillable "Nobody was left to kill, once: unkillable (pid .*The kernel panics then: nobody is left who could give back"
	[ -z "$(victims /tmp/events)" ]; ok "deadlocked: there is no kill"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records show n1 | grep -q '^nobody  *was left to kill: the kernel panicked$'; ok "deadlocked: show has it"
}

# Memory that the kernel has set apart by a name. It may be elsewhere at the next boot.
reserved() { grep -q 'reserve_mem=2M:4096:oomwatch' /proc/cmdline && grep -qw reserve_mem_find_by_name /proc/kallsyms; }

do_named()
{
	rmmod oomwatch
	dmesg -c >/dev/null
	insmod "$ko" keep=oomwatch; ok "named: loads"
	kill_in_cgroup n1
	kill_in_cgroup n2
	sleep 0.3
	rmmod oomwatch
	dmesg -c >/dev/null
	insmod "$ko" keep=oomwatch
	is_told n1 n2
	kill_in_cgroup n3
	sleep 0.3
	go_down named
	echo b >/proc/sysrq-trigger
}

check_named()
{
	dmesg -c >/dev/null
	insmod "$ko" keep=oomwatch; ok "named: loads after a reset"
	if dmesg | grep -q "keep: no earlier load has left records there"; then
		nr=$((nr + 1)); echo "ok $nr named # SKIP the kernel has reserved another place"
	else
		is_told n3
	fi
}

# Kills and writes of oom_score_adj, until the machine panics at any moment.
do_storm()
{
	rmmod oomwatch
	load_small
	go_down "$next"
	while :; do echo 1 >/proc/self/oom_score_adj; echo 2 >/proc/self/oom_score_adj; done &
	while :; do kill_in_cgroup storm; done &
	# A slow machine may need seconds for the first kills.
	until [ "$(dmesg | grep -c 'Killed process')" -ge 3 ]; do sleep 0.1; done
	moment=$(od -An -N2 -tu2 /dev/urandom)
	sleep $((2 + moment % 4)).$((100 + moment % 900))
	echo c >/proc/sysrq-trigger
}

check_storm() { load_small; same_kills; }

# --- what is refused ---

# refuses PARAMETERS TEXT: the module is not loaded, and says so.
refuses()
{
	dmesg -c >/dev/null
	# shellcheck disable=SC2086 # a list
	insmod "$ko" $1 2>/dev/null
	! loaded; ok "refuses $1"
	! loaded || rmmod oomwatch
	dmesg | grep -q "oomwatch: keep=.*$2"; ok "and says: $2"
}

refusals()
{
	name=first
	refuses "keep=nobody" "the kernel has reserved no memory of that name"
	refuses "keep=1M" "must be SIZE@ADDRESS"
	refuses "keep=1M@$at," "must be SIZE@ADDRESS"
	refuses "keep=1M@0" "must be SIZE@ADDRESS"
	refuses "keep=0@$at" "must be SIZE@ADDRESS"
	refuses "keep=2M@0xfffffffffff00000" "must be SIZE@ADDRESS"
	refuses "keep=1M@0x1000000" "the kernel uses this memory: keep it free by memmap=0x100000\\\$0x1000000"
	refuses "keep=256K@$at" "too little: with adj_ring_kb=256 and storm_ring_kb=256 it needs 644 KiB"
	refuses "keep=1M@$((at + 8))" "must be whole pages, and at most 64 MiB"
	refuses "keep=65M@$at" "\(must be whole pages, and at most 64 MiB\|the kernel uses this memory\)"
	refuses "keep=1M@$at adj_ring_kb=1024" "too little: with adj_ring_kb=1024 and storm_ring_kb=256 it needs 1412 KiB"
	! grep -q oomwatch /proc/iomem; ok "the memory is free again"
}

# A load that finds nothing, and its knobs.
first_load()
{
	load 2M
	said "keep: no earlier load has left records there"
	[ ! -e /sys/kernel/debug/oomwatch/before ]; ok "first: there is nothing of before"
	grep -q ": oomwatch$" /proc/iomem; ok "first: /proc/iomem has the memory"
	[ "$(cat $knobs/ring_kb)" = $((2048 - 4 - 256 - 64 - 256)) ]; ok "first: ring_kb is what is kept"
	! echo 128 2>/dev/null >$knobs/ring_kb; ok "first: the ring can't be resized"
	! echo 128 2>/dev/null >$knobs/adj_ring_kb; ok "first: nor that of adj records"
	[ "$(cat $knobs/adj_ring_kb)" = 256 ]; ok "first: and adj_ring_kb is what it was"
}

# A reload without a boot, and damage between two loads.
reloads()
{
	name=reload
	kill_in_cgroup ra
	kill_in_cgroup rb
	sleep 0.3
	rmmod oomwatch
	load 2M
	is_told ra rb
	kill_in_cgroup rc
	sleep 0.3
	rmmod oomwatch
	load 2M
	is_told rc
	name=damage
	for victim in d1 d2 d3 d4; do kill_in_cgroup "$victim"; done
	sleep 0.3
	rmmod oomwatch
	# 16 bytes some KiB into the records of kills, which come first.
	printf 'DAMAGEDAMAGEDAMA' | dd of=/dev/mem bs=16 seek=$(((at + 4096 + 3072) / 16)) conv=notrunc 2>/dev/null
	load 2M
	said 'keep: an earlier load has left [0-9]* records, and 1 were torn or damaged'
	cat /sys/kernel/debug/oomwatch/before/events >/tmp/events
	victims /tmp/events | grep -q "d4 $"; ok "damage: what is whole is there"
	oomwatch -f /sys/kernel/debug/oomwatch/before/records list >/tmp/list; status=$?
	[ "$status" = 0 ]; ok "damage: the program reads it"
	grep -q '^lost .*count=1 ' /tmp/events; ok "damage: the loss is told"
	rmmod oomwatch
	name=header
	printf 'X' | dd of=/dev/mem bs=1 seek=$((at + 40)) conv=notrunc 2>/dev/null
	load 2M
	said "keep: the header of what an earlier load has left is damaged"
	[ ! -e /sys/kernel/debug/oomwatch/before ]; ok "header: nothing is told of it"
	rmmod oomwatch
	load 1M
	said "keep: an earlier load had another size"
	rmmod oomwatch
	load 2M
}

# --- one boot ---

if [ -z "$told" ]; then
	refusals
	first_load
	reloads
	next=${cases%% *}
else
	# shellcheck disable=SC2086 # fields
	set -- $told
	name=$1 nr=$2 fact=${3:-}
	"check_${name%_[0-9]*}"
	rm -f /sys/fs/pstore/*
	next=$(after "$name")
fi
if [ "$next" = named ] && ! reserved; then
	nr=$((nr + 1)); echo "ok $nr named # SKIP the kernel has no reserve_mem="
	next=$(after named)
fi
[ -n "$next" ] || finish
name=$next
"do_${next%_[0-9]*}"
sleep 5
echo "Bail out! $next: the machine is still up"
exit 1
