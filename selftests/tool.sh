#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The program oomwatch with the running module: its output is compared with the kernel's log, and
# its predictions with what the kernel then does.

# shellcheck disable=SC2317 # functions that conditions call
# shellcheck source=selftests/functions.sh
. ./functions.sh
command -v oomwatch >/dev/null || skip_all "the program oomwatch is not installed"
[ -e "$ko" ] || skip_all "no module at $ko"
tmp=$(mktemp -d)
children=
ends()
{
	# shellcheck disable=SC2086 # a list
	[ -z "$children" ] || kill -9 $children 2>/dev/null
	echo 0 >/proc/sys/vm/oom_kill_allocating_task
	echo 0 >/proc/sys/vm/overcommit_memory
	rm -rf "$tmp"
	restore
}
trap ends EXIT

# sitting NAME KIB ADJ [CGROUP]: starts a process there that holds that much memory. Sets pid.
sitting()
{
	mkfifo "$tmp/ready"
	./hog ${4:+-c "$4"} -n "$1" -m "$2" -a "$3" -r 9 9>"$tmp/ready" &
	pid=$!
	children="$children $pid"
	head -c 1 "$tmp/ready" >/dev/null
	rm "$tmp/ready"
}
kills() { sed -n 's/^capture_ns_total: //p' $debugfs/stats; }
sysrq_kill()
{
	before=$(kills)
	echo f >/proc/sysrq-trigger
	for n in $(seq 600); do
		[ "$(kills)" = "$before" ] || break
		sleep 0.1
	done
	sleep 0.3
}
# The victim of the newest kill, from the kernel's log.
logged_name() { dmesg | sed -n 's/.*Killed process [0-9]* (\(.*\)) total-vm.*/\1/p' | tail -n 1; }
logged_pid() { dmesg | sed -n 's/.*Killed process \([0-9]*\) (.*/\1/p' | tail -n 1; }
alive() { [ "$(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null || echo Z)" != Z ]; }
# ends_with STATUS COMMAND...
ends_with()
{
	want=$1
	shift
	"$@" >"$tmp/said" 2>&1
	[ $? = "$want" ]
}
# On one line: oomwatch why wraps its sentences.
why() { oomwatch why | tr '\n' ' '; }
# ok_with_scope DESCRIPTION: as ok, but a skip if only the kprobe on out_of_memory() could tell.
ok_with_scope()
{
	status=$?
	if [ $status -eq 0 ] || grep -q "^source_out_of_memory: attached" $debugfs/stats; then
		[ $status -eq 0 ]; ok "$@"
	else
		nr=$((nr + 1)); echo "ok $nr $* # SKIP no kprobe on out_of_memory()"
	fi
}
# found PATTERN FILE: waits for it, and gives up after half a minute.
found()
{
	for n in $(seq 120); do
		! grep -q "$1" "$2" || return 0
		sleep 0.25
	done
	return 1
}

# --- without the module, and without a kill
rmmod oomwatch
for command in list show why json events follow "save $tmp/none" who status metrics; do
	# shellcheck disable=SC2086 # two words
	ends_with 3 oomwatch $command && grep -q "not loaded; load it: insmod" "$tmp/said"
	ok "without the module, $command says so"
done
[ ! -e "$tmp/none" ]; ok "and saves nothing"
ends_with 0 oomwatch report "$tmp/none.tar" && grep -q "the report has no kills: the module is not loaded" "$tmp/said"
ok "report writes one without kills, and says so"
ends_with 0 oomwatch policy; ok "policy needs no module"
insmod "$ko"
ends_with 5 oomwatch show && grep -q "no kill is recorded" "$tmp/said"; ok "no kill: show says so"
ends_with 0 oomwatch list && grep -q "no kill is recorded" "$tmp/said"; ok "no kill: list says so"

# --- a kill: who would be killed, and who was
oomwatch follow -j --exec "tr '\\0' ' ' </proc/\$\$/cmdline >>$tmp/cmdline; cat >>$tmp/exec" \
	>"$tmp/follow" 2>"$tmp/follow.err" &
follower=$!
children="$children $follower"
sleep 0.5
sitting small 8000 0
small=$pid
# shellcheck disable=SC2016 # a name that a shell must not run
sitting '$(>/tmp/x)`' 16000 0
big=$pid
oomwatch who --legacy >"$tmp/who"
grep -q "out of memory now, .*(pid $big) would be killed" "$tmp/who"; ok "who names the biggest"
[ "$(awk '/^ *RANK/ { on = 1; next } on { print $2; exit }' "$tmp/who")" = $big ]; ok "at the first rank"
for pid in $small $big; do
	[ "$(awk -v pid="$pid" '$2 == pid && $9 == 0 { print $10 }' "$tmp/who")" = "$(cat "/proc/$pid/oom_adj")" ]
	ok "its oom_adj is the kernel's"
done
# Without the space that stands for the NUL at the end.
cmdline=$(tr '\0' ' ' <"/proc/$big/cmdline" | sed 's/ $//')
sysrq_kill
[ "$(logged_pid)" = $big ]; ok "the kernel kills that one"
oomwatch list >"$tmp/list"
[ "$(awk 'NR == 2 { print $6 }' "$tmp/list")" = $big ]; ok "list has it"
# shellcheck disable=SC2016
oomwatch show | grep -qF 'victim      $(>/tmp/x)`, pid '"$big, uid 0, oom_score_adj 0"; ok "show has it"
oomwatch show | grep -q "^ *$big  *.*  ./hog -n " && oomwatch show | grep -qF "$cmdline"; ok "and its command line"
oomwatch show | grep -q "^node  *node=0 .*active_anon_kb="; ok "and figures that have no line of their own"
why | grep -qF "$cmdline"; ok "why has its command line"
oomwatch json | grep -qF "\"cmdline\":\"$cmdline\""; ok "json has its command line"
oomwatch html -o - | grep -q "<td.*>./hog -n \$(&gt;/tmp/x)"; ok "html has its command line, escaped"
# A lost record is made for each reader, and has the time when that read it.
timeless() { sed 's/^\(lost seq=[0-9]*\) t=[0-9.]*/\1/'; }
# same_events OPTION...: whether events prints what the module does.
same_events()
{
	timeless <$debugfs/events >"$tmp/events"
	oomwatch events "$@" | timeless | cmp -s - "$tmp/events"
}
same_saved() { oomwatch save "$tmp/saved" >/dev/null && same_events -f "$tmp/saved"; }
same_show()
{
	oomwatch save "$tmp/saved" >/dev/null && oomwatch show >"$tmp/live" &&
		oomwatch show -f "$tmp/saved" | cmp -s - "$tmp/live"
}
records_written() { sed -n 's/^records_written: //p' $debugfs/stats; }
# at_once COMMAND: its result. It is done again if a late record of the kill has come meanwhile, as
# that of its exit.
at_once()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		before=$(records_written)
		"$@"
		result=$?
		[ "$before" != "$(records_written)" ] || return $result
	done
	return 1
}
at_once same_events; ok "events are the module's own, to the byte"
at_once same_saved; ok "and so are those of a saved file"
at_once same_show; ok "of which show is the same"
oomwatch report "$tmp/report.tar" >/dev/null && tar xf "$tmp/report.tar" -C "$tmp"; ok "report writes an archive"
same_events -f "$tmp/oomwatch-report/records"; ok "with the records"
grep -q "Killed process $big " "$tmp/oomwatch-report/log.txt"; ok "and the kernel's line of the kill"
grep -q "^candidates: 32$" "$tmp/oomwatch-report/module.txt"; ok "and the knobs"
oomwatch report --redact "$tmp/bare.tar" >/dev/null && ! tar xOf "$tmp/bare.tar" | grep -qF '(>/tmp/x)'
ok "without names it has not that of the victim"
found "\"type\":\"exit\".*\"pid\":$big," "$tmp/follow"; ok "follow -j has its exit"
grep -q "\"type\":\"episode\".*\"victims\":\[{\"type\":\"victim\".*\"pid\":$big," "$tmp/follow"; ok "and the kill"
found "\"pid\":$big," "$tmp/exec"; ok "the command of --exec has it on its standard input"
[ ! -e /tmp/x ] && ! grep -qF '/tmp/x' "$tmp/cmdline"; ok "and nothing of it on its command line"

# --- a reload under a reader
n=0
until rmmod oomwatch 2>/dev/null || [ $n = 50 ]; do n=$((n + 1)); sleep 0.1; done
! loaded; ok "follow doesn't keep the module from being unloaded"
insmod "$ko"
found "loaded again" "$tmp/follow.err"; ok "follow says that it was loaded again"
sitting second 16000 0
second=$pid
sysrq_kill
found "\"type\":\"episode\".*\"pid\":$second," "$tmp/follow"; ok "and goes on with what is killed then"

# --- a reader that is too slow
echo 64 >$knobs/adj_ring_kb
echo 1000000 >$knobs/adj_per_min
sleep 1
kill -STOP $follower
written=$(records_written)
n=0
while [ $n -lt 2000 ]; do echo $((n % 7)) >/proc/self/oom_score_adj; n=$((n + 1)); done 2>/dev/null
echo -1000 >/proc/self/oom_score_adj
more=$(($(records_written) - written))
held=$(sed -n 's/^records_held: //p' $debugfs/stats)
kill -CONT $follower
found '"type":"lost"' "$tmp/follow"; ok "follow says what it missed"
# How far follow had read before it was stopped is not known: allow for 40 records.
missed=$(sed -n 's/.*"type":"lost".*"count":\([0-9]*\).*/\1/p' "$tmp/follow")
[ "$missed" -gt 0 ] && [ $((missed + held)) -ge $more ] && [ $((missed + held)) -le $((more + 40)) ]
ok "the count is right: $missed missed and $held held are some $more written"
kill $follower
echo 256 >$knobs/adj_ring_kb
kill -9 $small 2>/dev/null

# --- the predictions of why
sitting runner 8000 0
sitting chosen 20000 0
sysrq_kill
[ "$(logged_name)" = chosen ]; ok "of two the bigger is killed"
adj=$(why | sed -n 's/.*would have spared it: an oom_score_adj of \(-*[0-9]*\) in place of 0.*/\1/p')
[ -n "$adj" ] && [ "$adj" -lt 0 ]; ok_with_scope "why says which oom_score_adj would have spared it: $adj"
# A process's counters may lag by 64 pages a thread: try some steps to either side.
sitting chosen 20000 $((adj + 4))
sysrq_kill
[ "$(logged_name)" = chosen ]; ok "with four more it is killed"
sitting chosen 20000 $((adj - 3))
sysrq_kill
[ "$(logged_name)" = runner ] && alive $pid; ok_with_scope "with three less it is spared"
spared=$pid
sitting runner 8000 300
sysrq_kill
why | grep -q "oom_score_adj decided this: with all at 0 chosen (pid $spared) would have been killed"
ok_with_scope "why says who would have been killed with all at 0"
why | grep -q "runner had set its oom_score_adj of 300 itself, .* before, when its name was hog"; ok_with_scope "and who had set what decided"
kill -9 $spared

# --- who --if: with the oom_score_adj from which on the kernel kills another one, and one less
# first_with PID ADJ: whom the kernel would kill first if the process had that oom_score_adj.
first_with() { oomwatch who --if "$1=$2" | sed -n 's/^If .* and not .*(pid \([0-9]*\)) would be killed.*/\1/p'; }
# turning_point PID: the least oom_score_adj with which the process would be killed, by halves.
turning_point()
{
	low=-999 high=1000
	while [ $low -lt $high ]; do
		middle=$(((low + high + 2000) / 2 - 1000))
		if [ "$(first_with "$1" $middle)" = "$1" ]; then high=$middle; else low=$((middle + 1)); fi
	done
	echo $low
}
me=$(cat /proc/$$/comm)
for less in 1 0; do
	sitting larger 20000 0
	larger=$pid
	sitting smaller 8000 0
	smaller=$pid
	adj=$(($(turning_point "$smaller") - less))
	if [ $less = 1 ]; then predicted=$larger; else predicted=$smaller; fi
	[ "$adj" -gt 0 ] && [ "$(first_with "$smaller" $adj)" = "$predicted" ]; ok "who --if of $adj: who is killed"
	echo $adj >"/proc/$smaller/oom_score_adj"
	oomwatch adj "$smaller" >"$tmp/adj"
	grep -q " $smaller  smaller  *0  *$adj  $me  *$$  *0$" "$tmp/adj"; ok "adj has the write, and who it was"
	grep -q "^ *$smaller  smaller  *$adj  $me ($$)  *0  " "$tmp/adj"; ok "and the value that it has now"
	oomwatch who | awk -v pid="$smaller" '$2 == pid' | grep -q " $adj  $me ($$) "; ok "who has who set it"
	sysrq_kill
	[ "$(logged_pid)" = "$predicted" ]; ok "the kernel kills that one"
	kill -9 $larger $smaller 2>/dev/null
	sleep 0.2
done

# --- kills that are missing
newest=$(oomwatch list 2>/dev/null | awk 'END { print $1 }')
echo 0 >$knobs/enabled
sitting unseen 16000 0
sysrq_kill
[ "$(logged_name)" = unseen ]; ok "with recording off one is killed"
ends_with 0 oomwatch list
grep -q "^oomwatch: kill $((newest + 1)) was not recorded: .*; 1 kill, after " "$tmp/said"
ok_with_scope "list says so before another kill"
grep -q "^oomwatch: recording is off .*: sysctl vm.oomwatch.enabled=1" "$tmp/said"; ok "and how to record again"
echo 1 >$knobs/enabled
oomwatch save "$tmp/one" >/dev/null
sitting seen 16000 0
sysrq_kill
# Again, if a record has come after the save: of a victim's exit, for one.
for _ in 1 2 3 4 5; do
	oomwatch save "$tmp/two" >/dev/null
	same_events -f "$tmp/two" -f "$tmp/one"
	same=$?
	[ $same != 0 ] || break
	sleep 0.5
done
[ "$same" = 0 ]; ok "two saves that overlap have each record once"
ends_with 0 oomwatch list
grep -q "^oomwatch: kill $((newest + 1)) was not recorded: recording was off .*; 1 kill, between " "$tmp/said"
ok "list says which kill was not recorded"
echo 1 >$debugfs/clear
sitting last 16000 0
sysrq_kill
ends_with 0 oomwatch list
grep -q "^oomwatch: kills 1 to $((newest + 2)) are not here: cleared or not recorded; $((newest + 2)) kills, before " "$tmp/said"
ok "and which were cleared"
oomwatch save "$tmp/three" >/dev/null
oomwatch list -f "$tmp/one" -f "$tmp/three" 2>/dev/null | grep -q "^ *$((newest + 3)) .* last "
ok "a save of this load with no record in common is one with the others"
oomwatch json -f "$tmp/three" >"$tmp/json"
grep -q "\"boot_id\": *\"$(tr -d '\n-' </proc/sys/kernel/random/boot_id)\"" "$tmp/json" &&
	grep -q "\"host\": *\"$(uname -n)\"" "$tmp/json"; ok "it has the boot and the host"
grep -q "\"kernel_version\": *\"$(uname -v)\"" "$tmp/json"; ok "and the kernel's version"

# --- a memory cgroup
if have_memcg; then
	mkdir -p /cg/tool && echo +memory >/cg/tool/cgroup.subtree_control && mkdir -p /cg/tool/below
	echo 20M >/cg/tool/memory.max
	sitting sitter 9000 0 /cg/tool/below
	sitter=$pid
	oomwatch who --memcg /tool | grep -q "If /tool ran out of memory now, sitter (pid $sitter)"
	ok "who --memcg names who would be killed there"
	ends_with 1 oomwatch who --memcg /none && grep -q "no such cgroup" "$tmp/said"; ok "of no cgroup it says so"
	# With a larger limit an oom_score_adj counts for more: then it is another one.
	sitting adjusted 4000 100 /cg/tool/below
	adjusted=$pid
	oomwatch who --memcg /tool | grep -q "(pid $sitter) would be killed\. It has .* of 20.0 MiB in use"
	ok "who --memcg says how full it is"
	oomwatch who --if-max /tool=21M | grep -q "^If /tool had a limit of 21.0 MiB and not 20.0 MiB, sitter (pid $sitter) would"
	ok "who --if-max: of a limit like that the same one"
	oomwatch who --if-max /tool=64M | grep -q "and not 20.0 MiB, adjusted (pid $adjusted) would"
	ok "of one that is larger, another one"
	echo 64M >/cg/tool/memory.max
	./hog -c /cg/tool/below -n filler -a -999 &
	filler=$!
	children="$children $filler"
	n=0
	while alive $adjusted && alive $sitter && [ $n -lt 600 ]; do n=$((n + 1)); sleep 0.1; done
	sleep 0.3
	dmesg | grep "Killed process" | tail -n 3 >"$tmp/killed"
	grep "Killed process" "$tmp/killed" | grep -q "process $adjusted (adjusted)" && ! sed '/(adjusted)/q' "$tmp/killed" | grep -q "(sitter)"
	ok "and that is whom the kernel kills first"
	kill -9 $filler $sitter 2>/dev/null
	wait $filler $sitter 2>/dev/null
	oomwatch who --if-max /tool/below=8M | grep -q "^/tool/below has no limit of its own now"; ok "of a cgroup without a limit it says so"
	echo 20M >/cg/tool/memory.max
	sitting sitter 9000 0 /cg/tool/below
	sitter=$pid
	oomwatch who --if-max /tool/below=8M | grep -q "^If /tool/below had a limit of 8.0 MiB and not none, sitter (pid $sitter) would"
	ok "and who would be killed with one"
	./hog -c /cg/tool/below -n greedy
	sleep 0.3
	why | grep -q "The memory cgroup /tool had used .*(memory.max).*from /tool/below, below it"
	ok_with_scope "why names the limit that bound"
	[ "$(oomwatch list --memcg /tool/below | awk 'END { print $5 }')" = "$(logged_name)" ]
	ok "list --memcg has the victim"
	ends_with 5 oomwatch list --memcg /elsewhere &&
		grep -q "no recorded kill matches the options given" "$tmp/said"
	ok "list --memcg has no other"
	kill -9 $sitter
	sleep 0.2
	rmdir /cg/tool/below /cg/tool
else
	echo "# SKIP no memory controller"
fi

# --- status says what the counters do
oomwatch status >"$tmp/status"
for name in victims_global victims_memcg outcome_no_victim records_cleared records_suppressed; do
	count=$(sed -n "s/^$name: //p" $debugfs/stats)
	case $name in
	victims_global) words="victims? of the whole machine's" ;;
	victims_memcg) words="victims? of the limit of a memory cgroup" ;;
	outcome_no_victim) words="calls? of the OOM killer found nobody" ;;
	records_cleared) words="records? (was|were) removed by a write to the file clear" ;;
	records_suppressed) words="records? (was|were) not written because recording was off" ;;
	esac
	told=$(tr -d , <"$tmp/status" | sed -nE "s/^[a-z]* *([0-9]+) $words.*/\1/p")
	[ "${told:-0}" = "$count" ]; ok "status has $name"
done
missing=$(sed -n 's/^source_\(.*\): missing$/\1/p' $debugfs/stats)
for name in $missing; do
	grep -q " $name is missing: " "$tmp/status"; ok "status names the missing source $name"
done
[ -n "$missing" ] || grep -q "^sources *all are there$" "$tmp/status"; ok "status: no other is missing"
grep -q "^knobs *adj_per_min is 1000000, and not 1000 as by default$" "$tmp/status"; ok "status: a knob that is not at its default"
echo 1000 >$knobs/adj_per_min
oomwatch status | grep -q "^knobs *all have their defaults$"; ok "status: knobs at their defaults"
[ "$(wc -l <"$tmp/status")" -le 25 ]; ok "status fits on a screen"

# --- policy says what is so
oomwatch policy >"$tmp/policy"
for name in vm/panic_on_oom vm/oom_kill_allocating_task vm/oom_dump_tasks vm/overcommit_memory \
	vm/overcommit_ratio vm/min_free_kbytes vm/swappiness kernel/panic; do
	[ -e /proc/sys/$name ] || continue
	[ "$(awk -v name="$(echo $name | tr / .)" '$1 == name { print $2 }' "$tmp/policy")" = "$(cat /proc/sys/$name)" ]
	ok "policy has the value of $name"
done
echo 1 >/proc/sys/vm/oom_kill_allocating_task
oomwatch policy | grep -q "It kills the process that asked"; ok "oom_kill_allocating_task is told"
sitting holder $(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 2)) 0
holder=$pid
./hog -n asker -a 0
sleep 0.3
[ "$(logged_name)" = asker ] && alive $holder; ok "with it the one that asks is killed, not the one that holds the most"
why | grep -q "asker .*was killed as it was the one that asked"; ok_with_scope "and why says so"
echo 0 >/proc/sys/vm/oom_kill_allocating_task
kill -9 $holder

pattern=$(cat /proc/sys/kernel/core_pattern)
echo "$tmp/core.%e" >/proc/sys/kernel/core_pattern
# shellcheck disable=SC3045 # the shells that there are have it
ulimit -c unlimited
sitting dumped 16000 0
sysrq_kill
[ "$(logged_name)" = dumped ] && ! ls "$tmp"/core.* >/dev/null 2>&1; ok "oom_dump_tasks and a kill make no core dump"
echo "$pattern" >/proc/sys/kernel/core_pattern

sitting older 12000 0
older=$pid
sleep 3
sitting newer 12000 0
score_of() { oomwatch who | awk -v pid="$1" '$2 == pid { gsub(",", "", $4); print $4 }'; }
difference=$(($(score_of $older) - $(score_of $pid)))
# Newer kernels count in batches for each CPU, which oom_badness() does not sum up.
[ $difference -ge -130 ] && [ $difference -le 130 ]; ok "run time plays no part in a score"
for pair in 15:1000 8:470 0:0 -8:-470 -16:-941 -17:-1000; do
	echo ${pair%:*} >/proc/$older/oom_adj 2>/dev/null
	[ "$(cat /proc/$older/oom_score_adj)" = ${pair#*:} ]; ok "an oom_adj of ${pair%:*} is an oom_score_adj of ${pair#*:}"
done
kill -9 $older $pid

# --- the store: kills before and after a restart of the program, and a reload of the module
store=$tmp/store
stored() { oomwatch list --store "$store" 2>/dev/null | awk '$3 ~ /^[0-9][0-9]:/' | grep -c " $1 "; }
keeps() { for _ in $(seq 120); do
	[ "$(oomwatch list -f "$store"/*.rec 2>/dev/null | grep -c " $1 ")" = 0 ] || return 0; sleep 0.25; done; return 1; }
recorder_starts() { oomwatch record --store "$store" 2>>"$tmp/recorder" & recorder=$!; children="$children $recorder"; }
recorder_ends() { kill -TERM $recorder && wait $recorder; }
kill_one() { sitting "$1" 16000 0; sysrq_kill; }
recorder_starts
kill_one kept-1
keeps kept-1; ok "the store has a kill while it goes on"
recorder_ends; ok "the program that keeps it ends by SIGTERM"
kill_one kept-2
recorder_starts
keeps kept-2; ok "and a kill that was before the program was started again"
[ "$(stored kept-1)" = 1 ] && [ "$(stored kept-2)" = 1 ]; ok "each is there once"
# It has the file open while it reads.
n=0
until rmmod oomwatch 2>/dev/null || [ $n = 50 ]; do n=$((n + 1)); sleep 0.1; done
! loaded && insmod "$ko"; ok "the program does not keep the module from being unloaded"
kill_one kept-3
keeps kept-3; ok "the kill after a reload is there"
recorder_ends
[ "$(stored kept-1)" = 1 ] && [ "$(stored kept-2)" = 1 ] && [ "$(stored kept-3)" = 1 ]; ok "all are, each once"
oomwatch json --all --no-store >"$tmp/json"
! grep -q kept-1 "$tmp/json"; ok "the module has not"
rmmod oomwatch
oomwatch why --store "$store" 2>/dev/null | grep -q "^kept-3 "; ok "without the module why tells of the newest"
insmod "$ko"
[ "$(cd "$store" && echo *.rec)" = "$(tr -d '\n-' </proc/sys/kernel/random/boot_id).rec" ]
ok "the file has the boot's name"
finish
