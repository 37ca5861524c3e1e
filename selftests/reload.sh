#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Loads and unloads the module again and again, while kills run and readers come and go. A reader
# that waits keeps the module from being unloaded. In the end the module's memory must be gone.

# shellcheck disable=SC2317 # functions that the trap calls

rounds=${ROUNDS:-200}
# Seconds after which a slow machine does no more rounds, if it has done a tenth of them.
time=${SECONDS_MAX:-60}
# shellcheck source=selftests/functions.sh
. ./functions.sh
[ -e "$ko" ] || skip_all "no module at $ko"

killers=
stop_all()
{
	touch /tmp/reload.stop
	killall hog 2>/dev/null
	# shellcheck disable=SC2086 # a list
	wait $killers
	rm -f /tmp/reload.stop
	[ ! -d /cg/reload ] || rmdir /cg/reload
	restore
}
trap stop_all EXIT
trap 'exit 1' TERM INT

# Kills without end, in a cgroup and by sysrq.
rm -f /tmp/reload.stop
if have_memcg; then
	mkdir -p /cg/reload
	echo 4M >/cg/reload/memory.max
	( while [ ! -e /tmp/reload.stop ]; do ./hog -c /cg/reload; sleep 0.1; done ) 2>/dev/null &
	killers="$killers $!"
fi
( while [ ! -e /tmp/reload.stop ]; do
	./hog -m 2048 -a 1000 & sleep 0.1; echo f >/proc/sysrq-trigger; wait
done ) 2>/dev/null &
killers="$killers $!"
# Writers of oom_score_adj, forks and exits.
( while [ ! -e /tmp/reload.stop ]; do
	(echo 1 >/proc/self/oom_score_adj); sleep 0.02
done ) 2>/dev/null &
killers="$killers $!"
# Readers that come and go, of any file that is there.
( while [ ! -e /tmp/reload.stop ]; do
	cat $debugfs/events $debugfs/last $debugfs/stats $debugfs/candidates $debugfs/report
	echo $((i = (i + 7) % 1024)) >$knobs/candidates
	echo $((i % 3 * 100)) >$knobs/cmdline
	head -c 64 $debugfs/records
	sleep 0.05
done ) >/dev/null 2>&1 &
killers="$killers $!"

unload()
{
	tries=0
	until rmmod oomwatch 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 500 ] || return 1
		sleep 0.01
	done
}

# Memory that was allocated by code that is gone: the kernel prints an address for its name.
orphans() { awk '$3 ~ /^0x/' /proc/vmallocinfo; }

now() { cut -d. -f1 /proc/uptime; }
bad=0
recorded=0
i=0
begin=$(now)
while [ $i -lt "$rounds" ]; do
	[ $i -lt $((rounds / 10)) ] || [ $(($(now) - begin)) -lt "$time" ] || break
	loaded && { unload || { bad=$((bad + 1)); break; }; }
	insmod "$ko" || { bad=$((bad + 1)); break; }
	if [ $((i % 20)) -eq 0 ]; then
		# A blocked reader holds the module; once it is gone, unloading works.
		cat <$debugfs/records >/dev/null &
		reader=$!
		until readlink /proc/$reader/fd/0 | grep -q oomwatch/records; do sleep 0.05; done
		n=0
		until [ $i -gt 0 ] || grep -q '^victims: [1-9]' $debugfs/stats || [ $n = 300 ]; do
			n=$((n + 1))
			sleep 0.1
		done
		sleep 0.3
		rmmod oomwatch 2>/dev/null && bad=$((bad + 1))
		victims=$(sed -n 's/^victims: //p' $debugfs/stats)
		recorded=$((recorded + ${victims:-0}))
		kill $reader
		wait $reader 2>/dev/null
	fi
	i=$((i + 1))
	[ $((i % 20)) -ne 0 ] || echo "# $i rounds after $(($(now) - begin)) s"
done
[ "$bad" -eq 0 ]; ok "$i rounds, $bad went wrong"
[ "$recorded" -gt 0 ]; ok "kills were recorded meanwhile ($recorded seen)"

unload; ok "unloads with kills running"
! loaded; ok "is not loaded"
! grep -q oomwatch /proc/kallsyms; ok "no symbol of it is left"
! grep -q oomwatch /proc/vmallocinfo && [ -z "$(orphans)" ]; ok "no memory of it is left"
orphans | sed 's/^/# /'
[ ! -e $debugfs ] && [ ! -e $knobs ]; ok "no file of it is left"
insmod "$ko"; ok "loads again"

# The number of a load, 56 bytes from the beginning of its stream.
load_id() { dd if=$debugfs/records bs=8192 count=1 2>/dev/null | od -An -tx8 -j56 -N8; }
last=$(load_id)
[ "$last" = "$(load_id)" ]; ok "a load has one number ($last)"
unload
insmod "$ko"
[ "$last" != "$(load_id)" ]; ok "and the next load has another ($(load_id))"
finish
