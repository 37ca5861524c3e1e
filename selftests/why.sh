#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# What oomwatch why says of kills where the memory went to something that a victim's name does not
# tell. Each case makes such memory, has a process killed for it, and reads the sentences. Figures in
# them are compared with the kernel's own: its report of the same kill, /proc/meminfo.

# shellcheck disable=SC2317 # functions that conditions call
# shellcheck source=selftests/functions.sh
. ./functions.sh
command -v oomwatch >/dev/null || skip_all "the program oomwatch is not installed"
[ -e "$ko" ] || skip_all "no module at $ko"
have_memcg || skip_all "no memory controller of cgroup v2"
for source in out_of_memory memory_stat; do
	grep -q "^source_$source: attached" $debugfs/stats || skip_all "the source $source is missing"
done

group=/cg/why
dir=/tmp/why
fillers=
spares=
# Gives the machine its memory back.
deflate()
{
	for module in virtio_balloon virtio_pci virtio_pci_legacy_dev virtio_pci_modern_dev virtio_ring virtio; do
		! grep -q "^$module " /proc/modules || rmmod "$module"
	done
}
ends()
{
	# shellcheck disable=SC2086 # a list
	[ -z "$fillers$spares" ] || kill -9 $fillers $spares 2>/dev/null
	fillers=
	[ ! -e /sys/block/ram0 ] || rmmod brd
	! grep -qs "^/dev/zram0 " /proc/swaps || swapoff /dev/zram0
	deflate
	umount "$dir" 2>/dev/null
	echo 0 >/proc/sys/vm/nr_hugepages
	echo 0 >/proc/sys/vm/overcommit_memory
	echo 20 >/proc/sys/vm/dirty_ratio
	echo 10 >/proc/sys/vm/dirty_background_ratio
}
trap 'ends; restore' EXIT

# filling KIND ARGUMENT...: has ./fill take memory of that kind, and waits until it has.
filling()
{
	mkfifo $dir.ready
	./fill "$@" -r 9 9>$dir.ready &
	fillers="$fillers $!"
	head -c 1 $dir.ready >/dev/null
	rm $dir.ready
}

# The IDs of the kills, the newest last.
kills() { oomwatch list | awk '$1 ~ /^[0-9]+$/ && $5 != "spare" { print $1 }'; }

# begin LIMIT: a cgroup with that limit. The kernel prints ten reports in five seconds.
begin()
{
	sleep 0.6
	before=$(kills | tail -n 1)
	mkdir $group
	echo "$1" >$group/memory.max
}

# killed COMMAND...: runs it until it is killed. It is ended if nobody does that: reclaim may wait for
# a slow disk for a minute on a busy machine. Nothing is started while it dies: who asks for memory
# just then would be told that nobody is left to kill.
killed() { { timeout -s KILL 300 "$@"; } 2>/dev/null; }

# tell [ID]: reads what why says of a kill, otherwise of the newest, as one line, and the kernel's log.
tell()
{
	sleep 0.5
	said=$(oomwatch why "${1:-$(kills | tail -n 1)}" | tr -s '\n' ' ')
	dmesg >$dir.log
}

# over: the case is over; what filled the memory ends.
over()
{
	# shellcheck disable=SC2086 # a list
	[ -z "$fillers" ] || { kill $fillers; wait $fillers; } 2>/dev/null
	fillers=
	umount $dir 2>/dev/null
	n=0
	[ ! -e $group ] || until rmdir $group/* $group 2>/dev/null || [ ! -e $group ] || [ $n = 50 ]; do
		n=$((n + 1))
		sleep 0.1
	done
}

# says PATTERN: whether the sentences have it, an extended regular expression.
says()
{
	printf '%s\n' "$said" | grep -qE -- "$1" && return
	echo "# no \"$1\" in: $said"
	return 1
}

# figure PATTERN: the number that the group in the pattern has, in MiB.
figure()
{
	printf '%s\n' "$said" | sed -nE "s/.*$1.*/\1/p" |
		awk '{ print $1 * ($2 == "KiB" ? 1 / 1024 : $2 == "GiB" ? 1024 : 1) }'
}

# item NAME: an item of the cgroup's memory.stat in the kernel's newest report, in MiB. Newer
# kernels print a sum; of older ones the caller asks for the items.
item()
{
	sed 's/^\[[^]]*\] *//' $dir.log | awk -v name="$1" '
		/^Memory cgroup stats for/ { value = "" }
		$1 == name && NF == 2 { value = $2 }
		END { print value / 1048576 }'
}

# near A B [MIB]: two figures in MiB differ by less than MIB. By 0.8 they may: CPUs charge pages in
# advance, and figures are rounded.
near()
{
	awk -v a="$1" -v b="$2" -v mib="${3:-0.8}" '
		BEGIN { d = a - b; exit !(a != "" && b != "" && d < mib && d > -mib) }'
}

# What compaction moves at once: see moved_pages() in memstat.c.
moved=2.8

size='[0-9.]+ [KMG]?i?B'
was="^OOM kill [0-9]+, .* \(pid [0-9]+\) was killed, with $size of its own\. The memory cgroup /why had used $size of its limit of $size \(memory.max\), most of that"

mkdir -p $dir
sleep 5

# All others are at -1000. The kernel panics if it has nobody left to kill, and it believes that also
# when the memory of the one that it killed came free just after its last look for a free page.
for n in 1 2 3 4; do
	./hog -n spare -m 64 -a -999 &
	spares="$spares $!"
done

# --- a tmpfs, whose writer is gone
begin 32M
mount -t tmpfs none $dir
./fill -c $group -d $dir -m 25000 files
killed ./fill -c $group -m 20000 -a 0 -n service anon
tell
says "$was tmpfs and shared memory\. Where the memory went: $size \([0-9]+%\) were tmpfs and shared memory, and $size \([0-9]+%\) anonymous memory"
ok "tmpfs: where the memory went"
near "$(figure "went: ($size) \([0-9]+%\) were tmpfs")" "$(item shmem)"; ok "as the kernel's report has it"
says "Who holds it: the processes of /why have mapped $size of the tmpfs and shared memory at most\. The other $size stay when these are killed, as long as the files are there\."
ok "tmpfs: no process holds it"
says "What to do: delete files of the tmpfs.* Or to give /why more, raise its memory.max: the machine as a whole had $size of RAM free"
ok "tmpfs: what to do"
! says "oom_score_adj of -" >/dev/null; ok "tmpfs: no advice about the victim"
over

# --- files that are copied to a slow disk
slow=
if ! insmod /lib/brd.ko rd_nr=1 rd_size=65536 2>/dev/null || ! [ -b /dev/ram0 ]; then
	slow="no disk in RAM to be had"
elif ! echo +io >/cg/cgroup.subtree_control 2>/dev/null; then
	slow="no io controller"
else
	begin 32M
	disk=$(cat /sys/block/ram0/dev)
	echo "$disk wbps=1024" >$group/io.max 2>/dev/null || slow="no limit of a disk's speed"
	[ -z "$slow" ] || over
fi
if [ -z "$slow" ]; then
	echo 90 >/proc/sys/vm/dirty_ratio
	echo 80 >/proc/sys/vm/dirty_background_ratio
	filling -c $group -d /dev/ram0 -m 20000 -n cp dirty
	killed ./fill -c $group -m 20000 -a 0 -n small anon
	tell
	echo "$disk wbps=max" >$group/io.max
	says "$was page cache that waits to be written.* Where the memory went: $size \([0-9]+%\) were page cache that waits to be written"
	ok "a slow disk: where the memory went"
	near "$(figure "went: ($size) \([0-9]+%\) were page cache that")" \
		"$(awk "BEGIN { print $(item file_dirty) + $(item file_writeback) }")"
	ok "as the kernel's report has it"
	says "What to do: use a faster disk"; ok "a slow disk: what to do"
	over
else
	nr=$((nr + 1)); echo "ok $nr a slow disk # SKIP $slow"
fi
[ ! -e /sys/block/ram0 ] || rmmod brd
echo -io >/cg/cgroup.subtree_control 2>/dev/null

# --- sockets
begin 32M
filling -c $group -m 26000 -n proxy sockets
killed ./fill -c $group -m 26000 -a 0 -n small anon
tell
says "$was buffers of network sockets.* Where the memory went: $size \([0-9]+%\) were buffers of network sockets"
ok "sockets: where the memory went"
near "$(figure "went: ($size) \([0-9]+%\) were buffers")" "$(item sock)"; ok "as the kernel's report has it"
says "What to do: look at the sockets \(ss -tm\)"; ok "sockets: what to do"
over

# --- page tables
begin 32M
filling -c $group -m 26000 -n mapper tables
killed ./fill -c $group -m 20000 -a 0 -n small anon
tell
# Older kernels do not count them in a cgroup.
if [ -n "$(sed -n 's/.*pagetables \([0-9]\)/\1/p' $dir.log)" ]; then
	says "$was page tables\. Where the memory went: $size \([0-9]+%\) were page tables"
	ok "page tables: where the memory went"
	near "$(figure "went: ($size) \([0-9]+%\) were page tables")" "$(item pagetables)"
	ok "as the kernel's report has it"
	says "Who holds it[^:]*: mapper \(pid [0-9]+\) with $size of page tables\."; ok "page tables: who holds them"
else
	says "$was other memory of the kernel"; ok "page tables: memory of the kernel"
fi
over

# --- a ramfs
begin 32M
mount -t ramfs none $dir
./fill -c $group -d $dir -m 25000 files
killed ./fill -c $group -m 20000 -a 0 -n small anon
tell
says "$was page cache that can't be reclaimed, as in a ramfs\. Where the memory went: $size \([0-9]+%\) were page cache that can't"
ok "ramfs: where the memory went"
says "What to do: delete files of a ramfs"; ok "ramfs: what to do"
over

# --- a pod, one of whose containers holds most of it
begin 32M
echo +memory >$group/cgroup.subtree_control
mkdir $group/sidecar $group/app
mount -t tmpfs none $dir
./fill -c $group/sidecar -d $dir -m 20000 files
killed ./fill -c $group/app -m 26000 -a 0 -n app anon
tell
says "Of the 2 cgroups directly below it the largest were: sidecar with $size \($size of it tmpfs and shared memory\), app with $size\."
ok "children: which of them holds how much"
near "$(figure "sidecar with ($size)")" "$(awk '{ print $1 / 1048576 }' $group/sidecar/memory.current)"
ok "as the cgroup has it"
over

# --- a segment that many processes share
begin 48M
filling -c $group -n postgres -w backend -p 12 -m 38000 -a 0 shared
./fill -c $group -m 14000 -a 0 -n report anon &
report=$!
first_shared() { oomwatch list | awk '$5 == "postgres" || $5 == "backend" { print $1; exit }'; }
n=0
until [ -n "$(first_shared)" ] || [ $n = 300 ]; do
	n=$((n + 1))
	sleep 0.2
done
tell "$(first_shared)"
says "$was tmpfs and shared memory\. Where the memory went: $size \([0-9]+%\) were tmpfs and shared memory"
ok "a shared segment: where the memory went"
says "Who holds it: 12 processes called backend, children of (postgres \(pid [0-9]+\)|process [0-9]+), and others map shared memory: $size if it is counted for each\. Here each page counts once: $size\. A kill of [a-z]+ \(pid [0-9]+\) gives back what it alone has, with its page tables: [0-9.]+ KiB at most\."
ok "a shared segment: who holds it"
near "$(figure "Here each page counts once: ($size)")" "$(awk 'BEGIN { print 38000 / 1024 + 0.4 }')"
ok "it counts once"
awk -v all="$(figure "map shared memory: ($size) if")" 'BEGIN { exit !(all > 11 * 38000 / 1024) }'
ok "and twelve times, or nearly so, if counted for each"
says "What to do: make the shared memory smaller"; ok "a shared segment: what to do"
kill $report 2>/dev/null
over

# --- a server that dies for its workers
begin 64M
killed ./fill -c $group -n server -w worker -p 24 -m 2200 -o 30000 -a 0 anon
tell
says "$was anonymous memory of processes\. Where the memory went: $size \([0-9]+%\) were anonymous memory of processes"
ok "many workers: where the memory went"
near "$(figure "went: ($size) \([0-9]+%\) were anon")" "$(item anon)" $moved; ok "as the kernel's report has it"
says "Who holds it[^:]*: 24 processes called worker, children of server \(pid [0-9]+\), with $size of anonymous memory \(what they share counts for each\)\. No single one of them was large: they are many\."
ok "many workers: who holds it"
parent=$(printf '%s\n' "$said" | sed -nE 's/.*children of server \(pid ([0-9]+)\).*/\1/p')
[ "$parent" = "$(sed -n 's/.*Killed process \([0-9]*\) (server).*/\1/p' $dir.log | tail -n 1)" ]
ok "whose parent is the victim"
sum=$(figure "children of server \(pid [0-9]+\), with ($size)")
awk -v sum="$sum" -v anon="$(item anon)" 'BEGIN { exit !(sum > 45 && sum <= anon + 3) }'
ok "with what they have, but for what tasks have not added up yet"
over

# --- a group that dies together
begin 32M
echo 1 >$group/memory.oom.group
killed ./fill -c $group -n leader -w member -p 3 -m 5000 -o 20000 -a 0 anon
tell
# The kernel kills the chosen one again with its group.
sum=$(sed -n '/invoked oom-killer/h; /Killed process/H; ${ g; p; }' $dir.log |
	sed -nE 's/.*Killed process ([0-9]+) .* anon-rss:([0-9]+)kB.*/\1 \2/p' |
	awk '!seen[$1]++ { n++; kb += $2 } END { if (n == 4) print kb / 1024 }')
near "$(figure "a limit higher by ($size) has room for as much as was killed\.")" "$sum"
ok "a group: room for all of it"
said=$(oomwatch list | tail -n 1)
near "$(figure " [+]3 .* ([0-9.]+)MiB +32\.0MiB ")" "$sum"; ok "and the size is that of all"
over

# --- too many processes
begin 16M
killed ./fill -c $group -n bomb -w bomb -p 2000 -m 0 -a 0 anon
# The first: at later ones many are gone.
tell "$(kills | awk -v before="${before:-0}" '$1 > before { print; exit }')"
says "$was (other )?memory of the kernel"; ok "a fork bomb: where the memory went"
says "Who holds it[^:]*\(of the 32 with the highest scores that are recorded, of [0-9]+\): 32 processes called bomb"
ok "a fork bomb: who holds it"
[ "$(printf '%s\n' "$said" | sed -nE 's/.*recorded, of ([0-9]+)\): .*/\1/p')" -gt 60 ]; ok "and how many there are"
says "What to do: look at the number of processes and threads \(pids.max limits it\)"; ok "a fork bomb: what to do"
over

# --- many threads
begin 32M
filling -c $group -n java -m 13000 stacks
killed ./fill -c $group -m 26000 -a 0 -n small anon
tell
says "Where the memory went: .*$size \([0-9]+%\) (were )?kernel stacks of threads"; ok "threads: where the memory went"
near "$(figure "[ :]($size) \([0-9]+%\) (were )?kernel stacks")" "$(item kernel_stack)"; ok "as the kernel's report has it"
says "Who holds it[^:]*: java \(pid [0-9]+\) with 81[0-9] threads( and $size of anonymous memory)?[.,]"; ok "threads: who has them"
over

# --- a limit that is lowered
begin 40M
filling -c $group -m 12000 -a 0 -n job anon
echo 4M >$group/memory.max
tell
says "job \(pid [0-9]+\) was killed, with $size of its own\. (sh|why.sh) \(pid $$\), of the cgroup /, set the limit of the memory cgroup /why to 4\.0 MiB \(memory.max\), below the $size that it had in use, most of that anonymous memory of processes\."
ok "a limit is lowered: who did it"
says "What to do: a limit of $size would have held what was in use\."; ok "a limit is lowered: what to do"
over

# --- the machine
ram=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
part() { echo $((ram * $1 / 100)); }
# A kernel with a zone for memory that can move may have had some left there.
out="^OOM kill [0-9]+, .* \(pid [0-9]+\) was killed, with $size of its own\. The (whole machine|zones that this allocation can use) had run out: of $size of RAM $size were free, (most|much) of the rest"
echo 1 >/proc/sys/vm/overcommit_memory

# What is in which tmpfs, and in which slab cache, the program reads right after a kill.
oomwatch record --no-journal --store $dir.store &
recorder=$!
spares="$spares $recorder"
# tell_stored: tells it again, with what the program has read.
tell_stored()
{
	id=$(kills | tail -n 1)
	n=0
	until grep -qs "^[0-9a-f]* $id {" $dir.store/later || [ $n = 600 ]; do
		n=$((n + 1))
		sleep 0.1
	done
	said=$(oomwatch why --store $dir.store "$id" | tr -s '\n' ' ')
}
# was_enough: whether a zone of the kernel's newest report has more free than its min watermark.
was_enough()
{
	awk '/ invoked oom-killer:/ { enough = 0 }
		match($0, / free:[0-9]+kB/) {
			free = substr($0, RSTART + 6, RLENGTH - 8)
			if (match($0, / min:[0-9]+kB/) && free + 0 > substr($0, RSTART + 5, RLENGTH - 7) + 0)
				enough = 1
		}
		END { exit !enough }' $dir.log
}
# short COMMAND...: has a command killed when the machine is short of memory, and reads what why
# says of that. Memory may come back between the last look for it and the choice, as other CPUs go
# on: why says so then, and another one is killed.
short()
{
	for try in 1 2 3; do
		killed "$@"
		tell
		case $said in
		*"when it chose whom to kill, there was enough"*) was_enough || return ;;
		*) return ;;
		esac
		echo "# try $try: memory had come back"
	done
}
page_kb=$(awk '/^KernelPageSize:/ { print $2; exit }' /proc/self/smaps)
# largest_cache: its name, and how much it has, in MiB.
largest_cache()
{
	awk 'NR > 2 && $6 * $15 > most { most = $6 * $15; name = $1 }
		END { print name, most * kb / 1024 }' kb="$page_kb" /proc/slabinfo
}

if [ -w /proc/sys/kernel/msgmnb ]; then
	# Less than a process gets, and both more than the guest's files, which are in RAM.
	filling -m "$(part 25)" messages
	slab=$(sed -n 's/^SUnreclaim: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	short ./hog -n leaky
	tell_stored
	[ ! -r /proc/slabinfo ] || cache=$(largest_cache)
	says "$out (anonymous memory of processes and slab that can't be reclaimed|slab that can't be reclaimed and anonymous memory of processes)\."
	ok "slab and a process: both"
	near "$(figure "[ :]($size) \([0-9]+%\) (were )?slab that can't")" "$(awk "BEGIN { print $slab / 1024 }")"
	ok "as /proc/meminfo has it"
	if [ -n "${cache:-}" ]; then
		near "$(figure "Slab by cache, [0-9.]+ m?s after the kill: ${cache% *} ($size)[,.]")" "${cache#* }" ||
			{ echo "# $cache in /proc/slabinfo; $said"; false; }
		ok "and in which cache it is, as /proc/slabinfo has it"
	else
		nr=$((nr + 1)); echo "ok $nr the largest slab cache # SKIP no /proc/slabinfo"
	fi
	over
else
	nr=$((nr + 1)); echo "ok $nr slab and a process # SKIP no System V messages"
fi

# Not too many: they come from the zones that the kernel itself needs.
huge=0
if [ -w /proc/sys/vm/nr_hugepages ]; then
	for n in 1 2 3 4 5; do
		[ ! -w /proc/sys/vm/compact_memory ] || echo 1 >/proc/sys/vm/compact_memory
		echo $(($(part 36) / 2048)) >/proc/sys/vm/nr_hugepages
	done
	huge=$(awk '/^Hugetlb:/ { print $2 }' /proc/meminfo)
fi
if [ "$huge" -gt "$(part 25)" ]; then
	short ./hog -n innocent
	says "$out .*reserved as huge pages, none of them in use"; ok "huge pages: where the memory went"
	near "$(figure "[ :]($size) \([0-9]+%\) (were )?reserved as huge pages")" "$(awk "BEGIN { print $huge / 1024 }")"
	ok "as /proc/meminfo has it"
else
	nr=$((nr + 1)); echo "ok $nr huge pages # SKIP no room for them in one piece"
fi
echo 0 >/proc/sys/vm/nr_hugepages

if insmod /lib/brd.ko rd_nr=1 rd_size="$ram" 2>/dev/null && [ -b /dev/ram0 ]; then
	# The most of all kinds, and not half: what is left is to be enough for the guest. The victim
	# may have had a quarter of the RAM, too.
	(echo 0 >/proc/self/oom_score_adj
	 exec dd if=/dev/zero of=/dev/ram0 bs=1024 count="$(part 42)" oflag=direct) 2>/dev/null
	short ./hog -n bystander
	says "$out memory that no counter has( and anonymous memory of processes)?\. Where the memory went: $size \([0-9]+%\) were memory that no counter has"
	ok "pages that no counter has: they come first"
	says "What to do: find who takes pages without a counter"; ok "pages that no counter has: what to do"
	rmmod brd
else
	nr=$((nr + 1)); echo "ok $nr pages that no counter has # SKIP no disk in RAM to be had"
fi

# --- pages of pipes can't move, and are counted nowhere
if grep -A8 'zone *Movable' /proc/zoneinfo | grep -q 'managed *[1-9]'; then
	short ./hog -k -n piper
	says "The zones that this allocation can use had run out: .*(most|much) of the rest memory that no counter has\."
	ok "a zone that the kernel can't use: what was short"
	says "What to do: find who takes pages without a counter.* Or have less memory in the zone Movable"
	ok "what filled the others comes first"
else
	nr=$((nr + 1)); echo "ok $nr a zone that the kernel can't use # SKIP no zone Movable"
fi

# --- no kind has half: files of a tmpfs, page tables, and a process
mount -t tmpfs -o size=90% none $dir
filling -m "$(part 22)" -n mapper tables
./fill -d $dir -m "$(part 14)" files
tables=$(sed -n 's/^PageTables: *\([0-9]*\) kB/\1/p' /proc/meminfo)
short ./hog -n third
tell_stored
says "Where the memory went: $size \([0-9]+%\) (were )?(tmpfs and shared memory|anonymous memory of processes|page tables), $size \([0-9]+%\) (tmpfs and shared memory|anonymous memory of processes|page tables),( and)? $size \([0-9]+%\) (tmpfs and shared memory|anonymous memory of processes|page tables)[.,]"
ok "a third each: all three"
near "$(figure "[ :]($size) \([0-9]+%\) (were )?page tables")" "$(awk "BEGIN { print $tables / 1024 }")"
ok "as /proc/meminfo has it"
near "$(figure "Tmpfs by mount, [0-9.]+ m?s after the kill: .tmp.why ($size)[,.]")" "$(du -sk $dir | awk '{ print $1 / 1024 }')"
ok "and in which tmpfs the files are"
kill $recorder
over

# --- swap that lives in RAM, full of pages that don't compress
for module in lzo-rle zsmalloc lz4_compress lz4hc_compress zram; do
	[ ! -e "/lib/$module.ko" ] || insmod "/lib/$module.ko" 2>/dev/null
done
if [ -e /sys/block/zram0 ] && echo "${ram}K" >/sys/block/zram0/disksize &&
   { mkswap /dev/zram0 && swapon /dev/zram0; } >/dev/null 2>&1; then
	filling -m "$(part 45)" -n random noise
	short ./hog -n swapper
	says "$out .*compressed pages of zram and zswap"; ok "swap that lives in RAM: where the memory went"
	says "Who holds it[^:]*: .*random \(pid [0-9]+\) with ($size of anonymous memory and )?$size in swap"; ok "swap that lives in RAM: who holds it"
	says "(What to do:|Or) give the machine swap that is not in RAM, as zram is"; ok "swap that lives in RAM: what to do"
	over
	swapoff /dev/zram0
	echo 1 >/sys/block/zram0/reset
else
	nr=$((nr + 1)); echo "ok $nr swap that lives in RAM # SKIP no zram to swap to"
fi

# --- a balloon, which gives memory back to the host
balloon="virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_balloon"
for module in $balloon; do
	[ ! -e "/lib/$module.ko" ] || insmod "/lib/$module.ko" 2>/dev/null
done
mem_total() { sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo; }
left=$ram
if grep -q '^virtio_balloon ' /proc/modules; then
	# It takes memory for some time, with pauses if QEMU has to wait for a CPU.
	n=0
	same=0
	until [ $same = 6 ] || [ $n = 120 ]; do
		n=$((n + 1))
		same=$((same + 1))
		if [ "$left" -ge "$(part 75)" ] || [ "$left" != "$(mem_total)" ]; then
			same=0
		fi
		left=$(mem_total)
		sleep 0.3
	done
fi
if [ "$left" -lt "$(part 75)" ]; then
	short ./hog -n squeezed
	says "The (whole machine|zones that this allocation can use) had run out: of $size of RAM \(the machine has $size\) $size were free, (most|much) of the rest"
	ok "a balloon: how much is left"
	near "$(figure "run out: of ($size) of RAM")" "$(awk "BEGIN { print $left / 1024 }")"; ok "as /proc/meminfo has it"
	says "The machine has $size of RAM, of which $size are not for use: .* or what the host has back \(a balloon, virtio-mem\)\."
	ok "a balloon: where the rest went"
	awk -v gone="$(figure "of RAM, of which ($size) are not for use")" -v want=$(((ram - left) / 1024)) \
		'BEGIN { exit !(gone >= want) }'
	ok "all that the balloon took is in it"
else
	nr=$((nr + 1)); echo "ok $nr a balloon # SKIP no balloon that takes memory"
fi
deflate

# --- a kill that somebody asks for
filling -m 9000 -a 1000 -n asked anon
asked=${fillers##* }
echo f >/proc/sysrq-trigger
n=0
while [ "$(cut -d' ' -f3 "/proc/$asked/stat" 2>/dev/null || echo Z)" != Z ] && [ $n -lt 300 ]; do
	n=$((n + 1))
	sleep 0.2
done
tell
says "asked \(pid $asked\) was killed, with $size of its own\. Somebody asked for a kill by sysrq-f, whatever was free: of $size of RAM $size were free"
ok "sysrq: who died"
over
finish
