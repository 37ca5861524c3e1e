# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# What scripts/demo and scripts/check share: get a kernel and what else is
# needed, build, make the guest's root, boot it. Nothing here changes the host's
# own kernel or loads a module on it.
#
# From the caller: $top, the project's folder. From the environment: KERNEL and
# KDIR (a kernel of one's own), GUEST_MB, XDG_CACHE_HOME, TMPDIR; DEBIAN_MIRROR, an address
# that packages of Debian are got from, if not those of the machine's own apt; APT_WAIT, for how
# many seconds another apt is waited for (600). Which kernels there are, and with what each is
# built: scripts/host/kernels.sh.

# Tools are read by programs here: in one language.
export LC_ALL=C

cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/oomwatch

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# --- a folder for this run, gone with it ------------------------------------

work=
guest_pid=
cleanup()
{
	trap '' INT TERM HUP
	stop_guest
	# shellcheck disable=SC2046 # a list
	kill $(jobs -p) 2>/dev/null
	[ -z "$work" ] || rm -rf "$work"
}
# check_path VARIABLE PATH [OTHER-VARIABLE]: kbuild and QEMU's options can't have every path.
check_path()
{
	case $2 in
	*[[:space:],:\#%\$\&\;\|\\\"\'\`\<\>\(\)\*\?\[\]]*)
		die "$1 is \"$2\": no spaces, commas, colons or special characters, please; set ${3:-$1} to another path"
		;;
	esac
}

# check_folder VARIABLE PATH [OTHER-VARIABLE]: for one that is written to from other folders.
check_folder()
{
	check_path "$@"
	[ "${2#/}" != "$2" ] || die "$1 is \"$2\": set ${3:-$1} to a path that begins with /"
}

# make_work MIB CACHE-MIB: what is about needed, for this run and in the cache.
make_work()
{
	local parent=${TMPDIR:-/tmp}

	if [ -n "${XDG_CACHE_HOME:-}" ]; then
		check_folder XDG_CACHE_HOME "$XDG_CACHE_HOME"
	else
		check_folder HOME "${HOME:-}" XDG_CACHE_HOME
	fi
	check_folder TMPDIR "$parent"
	check_path KDIR "${KDIR:-}"
	want_room "$parent" "$1"
	want_room "$cache" "$2"
	{ mkdir -p "$cache/logs" && [ -w "$cache" ]; } ||
		die "can't write to $cache; set XDG_CACHE_HOME to a folder that can be written to"
	work=$(mktemp -d "$parent/oomwatch.XXXXXX") ||
		die "can't write to $parent; set TMPDIR to a folder that can be written to"
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# --- room on the disk ---------------------------------------------------------

# How many MiB each folder was found to need, or another of its filesystem.
declare -A room_wanted

# free_mib FOLDER: there need not be one yet.
free_mib()
{
	local folder=$1

	while [ ! -e "$folder" ]; do
		folder=$(dirname "$folder")
	done
	df -Pk "$folder" | awk 'END { print int($4 / 1024) }'
}

# no_room FOLDER: what to do about it.
no_room()
{
	local free other=

	free=$(free_mib "$1")
	case $1 in
	"$cache"*) other=", or name another folder: XDG_CACHE_HOME=FOLDER $0" ;;
	"${TMPDIR:-/tmp}"*) other=", or name another folder: TMPDIR=FOLDER $0" ;;
	esac
	echo "no room in $1: $free MiB are free, about ${room_wanted[$1]} MiB are needed; make room$other"
}

# want_room FOLDER MIB: before they are used.
want_room()
{
	[ "${room_wanted[$1]:-0}" -gt "$2" ] || room_wanted[$1]=$2
	[ "$(free_mib "$1")" -ge "$2" ] || die "$(no_room "$1")"
}

# out_of_room LOG: whether that is why something failed; says which folder is full. A log on a
# full disk may lack the words, and what had no room may be gone again: then next to nothing is
# free.
out_of_room()
{
	local folder free

	[ ${#room_wanted[@]} -gt 0 ] || return
	read -r free folder < <(for folder in "${!room_wanted[@]}"; do
		echo "$(free_mib "$folder") $folder"
	done | sort -n)
	[ $((free * 10)) -lt "${room_wanted[$folder]}" ] || grep -qE 'No space left on device|enough free space' "$1" || return
	no_room "$folder"
}

# failed LOG MESSAGE: the log's end, and the message; or, if there is no room, that alone.
failed()
{
	local log=$1 reason
	shift

	if reason=$(out_of_room "$log"); then
		die "$reason"
	fi
	tail -n 60 "$log" >&2
	die "$*"
}

# --- packages -----------------------------------------------------------------

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		return 1
	fi
}

# Who holds the lock for which apt had to give up.
lock_holder()
{
	sed -nE -e 's/^E: Could not get lock ([^ ]*)\. It is held by process ([0-9]+) \((.*)\).*/\3 (process \2), which holds \1/p' \
		-e 't' -e 's/^E: Could not get lock ([^ ]*[^ .]).*/another program, which holds \1/p' "$work/apt.log" |
		head -n 1 | grep .
}

# run_apt COMMAND...: its words go to apt.log. Waits for another apt, as there is one on a
# machine that was started just now; apt's own option for that (DPkg::Lock::Timeout) is not
# for the lock of the lists.
run_apt()
{
	local until=$((SECONDS + ${APT_WAIT:-600})) holder told=

	while ! "$@" >"$work/apt.log" 2>&1 </dev/null; do
		holder=$(lock_holder) && [ $SECONDS -lt $until ] || return 1
		[ "$holder" = "$told" ] || say "waiting for $holder ..."
		told=$holder
		sleep 2
	done
}

# Why it failed, in a line or two.
apt_reason()
{
	local log=$work/apt.log reason

	if reason=$(out_of_room "$log"); then
		echo "$reason"
	elif reason=$(lock_holder); then
		echo "waited ${APT_WAIT:-600} s for $reason; try again when it has ended"
	elif reason=$(grep -m 1 '^[EW]: Failed to fetch' "$log"); then
		echo "could not download ${reason#*: Failed to fetch }"
	elif reason=$(sed -n -e 's/^E: Unable to locate package //p' \
		-e "s/^E: Package '\(.*\)' has no installation candidate/\1/p" "$log" | xargs | grep .); then
		echo "there is no package of the name $reason"
	else
		reason=$(grep '^E:' "$log" || cat "$log")
		tail -n 5 <<<"$reason"
	fi
}

mib_in() { du -sm "$1" 2>/dev/null | cut -f 1; }

# counted FOLDER MIB COMMAND...: on a terminal, with a count of what comes to that folder. 0 is
# an unknown size.
counted()
{
	local folder=$1 all=" of $2" before now counter status
	shift 2

	[ "$all" != " of 0" ] || all=
	[ -t 2 ] || { "$@"; return; }
	before=$(mib_in "$folder")
	while sleep 1; do
		now=$(($(mib_in "$folder") - ${before:-0}))
		[ "$now" -le 0 ] || printf '\r  %d%s MiB ' "$now" "$all" >&2
	done &
	counter=$!
	"$@"
	status=$?
	kill "$counter"
	wait "$counter" 2>/dev/null
	printf '\r%30s\r' '' >&2
	return "$status"
}

# What is to come, by what apt-get --print-uris says; nothing, if it says nothing.
mib_of_uris() { awk '{ sum += $3 } END { print sum ? int(sum / 1048576) + 1 : 0 }'; }
in_brackets() { [ "$1" = 0 ] || echo "($1 MiB) "; }

# Once in a run. Sets update_reason, if that failed; it may not matter, as when a source of other
# packages is out of order: the next step will tell.
lists_read=
update_reason=
apt_update()
{
	[ -z "$lists_read" ] || return
	lists_read=yes
	say "reading the lists of this machine's packages ..."
	if ! as_root true; then
		update_reason="this machine's lists of packages are read by root only: be root, or have sudo"
		return
	fi
	want_room /var/lib/apt/lists 100
	run_apt as_root apt-get -qq -o APT::Update::Error-Mode=any update || update_reason=$(apt_reason)
}

# names_elsewhere COLUMN PACKAGE...: as Fedora (2) or Arch (3) call them.
names_elsewhere()
{
	local column=$1
	shift

	awk -v column="$column" '
		NR == FNR { name[$1] = $column; next }
		{ print $1 in name ? name[$1] : $1 }' - <(printf '%s\n' "$@") <<-'END' | sort -u | xargs
		bsdutils                util-linux           util-linux
		gcc-12                  gcc                  gcc
		gcc-aarch64-linux-gnu   gcc-aarch64-linux-gnu aarch64-linux-gnu-gcc
		libc6-dev               glibc-static         glibc
		libelf-dev              elfutils-libelf-devel libelf
		libjson-c-dev           json-c-devel         json-c
		qemu-system-arm         qemu-system-aarch64  qemu-system-aarch64
		qemu-system-misc        qemu-system-s390x    qemu-system-s390x
		shellcheck              ShellCheck           shellcheck
		xz-utils                xz                   xz
	END
}

# Where there is no apt.
say_missing()
{
	say "missing: $*"
	say "  in Fedora: dnf install $(names_elsewhere 2 "$@")"
	say "  in Arch:   pacman -S $(names_elsewhere 3 "$@")"
	own_kernel || say "  and a kernel, which else is Debian's: KERNEL=bzImage KDIR=build $0"
	die "install what is missing, then try again; nothing was installed"
}

# is_there WANTED: a command, a file, or a library of the compiler's.
is_there()
{
	case $1 in
	/*) [ -e "$1" ] ;;
	*.a) [ -e "$(gcc -print-file-name="$1" 2>/dev/null)" ] ;;
	*) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
	esac
}

# need WANTED:PACKAGE...: installs what isn't there. An empty word is nothing.
need()
{
	local pair packages=() archives mib reason

	for pair; do
		[ -z "$pair" ] || is_there "${pair%%:*}" || packages+=("${pair#*:}")
	done
	[ ${#packages[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || say_missing "${packages[@]}"
	as_root true ||
		die "this needs root, sudo, or somebody to do, as root: apt-get install ${packages[*]}"
	apt_update
	eval "$(apt-config shell archives Dir::Cache::archives/d)"
	mib=$(apt-get -qq -y --no-install-recommends --print-uris install "${packages[@]}" 2>/dev/null | mib_of_uris)
	want_room "$archives" "$mib"
	# Unpacked it is some four times as much.
	want_room /usr $((mib * 4))
	say "installing ${packages[*]} $(in_brackets "$mib")..."
	counted "$archives" "$mib" run_apt as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install "${packages[@]}" && return
	reason=$(apt_reason)
	# It may be in a list that could not be read.
	[ "${reason#there is no package}" = "$reason" ] || reason=${update_reason:-$reason}
	die "could not install ${packages[*]}: $reason"
}

# Those who run at once fill the cache one after the other.
lock_cache()
{
	exec 9>"$cache/lock"
	flock -n 9 || { say "waiting for another run, which fills $cache ..."; flock 9; }
}
unlock_cache() { exec 9>&-; }

# --- what the guest consists of -----------------------------------------------

# shellcheck source=scripts/host/kernels.sh
. "$top/scripts/host/kernels.sh"
choose_kernel 6.1

# Whether it is one of the caller's.
own_kernel() { [ -n "${KERNEL:-}${KDIR:-}" ]; }

# one_kernel_wanted NAME: which was asked for by its name, if one was.
one_kernel_wanted()
{
	[ -z "$1" ] || ! own_kernel || die "either --kernel, or KERNEL and KDIR"
	! own_kernel || kernel_name=own
}

# Sets kernel, kdir and modules.
get_kernel()
{
	if own_kernel; then
		[ -n "${KERNEL:-}" ] || die "with KDIR set KERNEL, too: the image to boot"
		[ -n "${KDIR:-}" ] || die "with KERNEL set KDIR, too: the folder to build against"
		kernel=$KERNEL
		[ -r "$kernel" ] || die "KERNEL=$kernel can't be read"
		[ -e "$KDIR/Makefile" ] || die "KDIR=$KDIR is not a kernel's build folder or headers"
		kdir=$(realpath "$KDIR")
		modules=$kdir
	else
		fetch_kernel
	fi
}

# In the guest's architecture: busybox without libraries, and the timeout of coreutils,
# which kselftest's runner wants, with its own.
guest_packages() { printf '%s\n' busybox-static coreutils libc6; }

# host_busybox FOLDER: puts there the host's own, if it has one that is static.
host_busybox()
{
	local busybox

	busybox=$(command -v busybox) && [ "$arch-$(uname -m)" = amd64-x86_64 ] || return
	! readelf -l "$busybox" | grep -q INTERP || return
	mkdir -p "$1/bin"
	cp "$busybox" "$1/bin/busybox"
}

# get_busybox: for a job that needs no more of the guest. With a kernel of one's own, nothing
# of Debian need be had.
get_busybox()
{
	guest_tools=$cache/guest-$arch
	[ ! -e "$guest_tools/bin/busybox" ] || return 0
	! own_kernel || ! host_busybox "$work/guest" || { guest_tools=$work/guest; return; }
	have_debian || die "this machine has no apt: install a static busybox (in Fedora and Arch: busybox), or put one to $guest_tools/bin/busybox"
	get_guest_tools
}

get_guest_tools()
{
	guest_tools=$cache/guest-$arch
	[ ! -e "$guest_tools/usr/bin/timeout" ] || return 0
	have_debian || die "this machine has no apt: put to $guest_tools, by hand, what a guest needs:
  bin/busybox, a static one; usr/bin/timeout, that of coreutils;
  and what ldd says of that one: libc.so.6 to lib, the loader (ld-linux-x86-64.so.2) to lib64"
	fetch "$cache/part" bookworm guest_packages
	rm -rf "$guest_tools"
	mv -T "$cache/part" "$guest_tools"
}

# $package, with all that it needs.
program_packages()
{
	suite_apt "$suite" apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances "$package" | grep '^[a-z]'
}

# get_program PACKAGE [SUITE]: a program with its libraries, and theirs, for a machine of $arch.
get_program()
{
	local package=$1 to=$cache/programs/$1-$arch

	[ ! -e "$to" ] || return 0
	have_debian || die "this machine has no apt: put $1 to $to/usr/bin, by hand, and its libraries, which ldd tells, to $to/usr/lib"
	mkdir -p "$cache/programs"
	fetch "$cache/part" "${2:-bookworm}" program_packages
	mv -T "$cache/part" "$to"
}

# is_new_qemu COMMAND: QEMU 7.2 takes half as long again as QEMU 10, and may go on with an old
# translation of code that was patched.
is_new_qemu()
{
	"$1" --version 2>/dev/null |
		awk '/^QEMU emulator version/ { new = $4 + 0 >= 10 } END { exit !new }'
}

# This machine's architecture, as Debian calls it.
host_arch() { uname -m | sed 's/^x86_64$/amd64/; s/^aarch64$/arm64/'; }

# Of this machine's architecture, whatever the guest's.
qemu_folder() { echo "$cache/programs/$qemu_package-$(host_arch)"; }

# has_own_qemu: whether guests run in this machine's QEMU: it is new, or wanted (QEMU=own), or
# nothing else is to be had from Debian.
has_own_qemu()
{
	[ "${QEMU:-}" = own ] || is_new_qemu "${qemu[0]}" || ! have_debian || { own_kernel && [ ! -e "$(qemu_folder)" ]; }
}

# For need.
qemu_wanted() { ! has_own_qemu || echo "${qemu[0]}:$qemu_package"; }

# get_qemu: sets qemu to that of Debian 13, which is not installed but unpacked, where this
# machine's is not the one.
get_qemu()
{
	local dir arch

	[ "${QEMU:-own}" = own ] || die "QEMU=$QEMU: own is all that it can be"
	! has_own_qemu || return 0
	dir=$(qemu_folder)
	arch=${dir##*-}
	get_program "$qemu_package" trixie
	qemu=("$(loader_of "$dir" "usr/bin/${qemu[0]}")" --library-path "$(echo "$dir"/usr/lib/*-linux-gnu)"
		"$dir/usr/bin/${qemu[0]}" -L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios" "${qemu[@]:1}")
	"${qemu[@]:0:4}" --version >"$work/qemu.log" 2>&1 ||
		failed "$work/qemu.log" "QEMU does not run in $dir; remove that folder, or use this machine's own: QEMU=own $0"
}

# kselftest's headers and makefile, checkpatch.
get_kernel_source()
{
	source_tree=$cache/linux-source-6.1
	[ ! -e "$source_tree" ] || return 0
	have_debian || die "this machine has no apt: give a kernel's source (6.1 or newer) by hand: ln -s FOLDER $source_tree"
	get_source_archive 6.1
	say "unpacking what the tests need of the kernel's source ..."
	rm -rf "$cache/part"
	mkdir "$cache/part"
	tar -C "$cache/part" -xf "$source_archive" \
		--wildcards linux-source-6.1/scripts/ linux-source-6.1/tools/testing/selftests/lib.mk \
		'linux-source-6.1/tools/testing/selftests/kselftest*' \
		linux-source-6.1/tools/testing/selftests/run_kselftest.sh 2>"$work/tar.log" ||
		failed "$work/tar.log" "could not unpack the kernel's source"
	mv -T "$cache/part/linux-source-6.1" "$source_tree"
	rm -rf "$cache/part"
}

# --- build --------------------------------------------------------------------

# copy_module FOLDER: its sources, without what was built of them.
copy_module()
{
	mkdir -p "$1"
	cp -r "$top"/Kbuild "$top"/Makefile "$top"/oomwatch.[ch] "$top"/core "$1"
	find "$1" \( -name '*.o' -o -name '.*.cmd' \) -delete
}

# make_modules FOLDER WHAT MAKE-ARGUMENT...: what make says is in make.log there.
make_modules()
{
	local to=$1 what=$2
	shift 2
	kmake -s "$@" modules >"$to/make.log" 2>&1 ||
		failed "$to/make.log" "$what does not build against $kdir"
}

# build_module FOLDER [MAKE-ARGUMENT...]: in a copy, so that the checkout stays as it is.
build_module()
{
	local to=$1
	shift
	copy_module "$to"
	make_modules "$to" "the module" -C "$to" KDIR="$kdir" "$@"
}

# build_helper FOLDER SOURCES [MAKE-ARGUMENT...]: another module: selftests/crashpoint, by
# which panic.sh panics, or scripts/benchmarks/retrier, of bench.
build_helper()
{
	local to=$1 from=$2
	shift 2
	mkdir -p "$to"
	cp "$top/$from"/Kbuild "$top/$from"/*.c "$to"
	make_modules "$to" "$from" -C "$kdir" M="$to" "$@"
}

# What the kernel's own makefiles warn of is not the module's.
build_warned() { cat "${@/%//make.log}" | grep -E '^[^ ]+:[0-9:]+ warning:|WARNING: modpost'; }

module_release() { grep -az '^vermagic=' "$1" | tr -d '\0' | sed 's/^vermagic=\([^ ]*\).*/\1/'; }

# --- the guest ----------------------------------------------------------------

# Begins the guest's root; jobs add to $work/root.
make_root()
{
	local root=$work/root file

	mkdir -p "$root"/{bin,etc,lib,tmp,job}
	cp "$guest_tools/bin/busybox" "$root/bin/busybox"
	cp "$top/scripts/guest/init" "$root/init"
	chmod 755 "$root/init"
	# Swap on compressed RAM, loop devices, filesystems that hang, what keeps the log over a
	# reboot, the port for results on some machines.
	for file in lzo-rle zsmalloc lz4_compress lz4hc_compress zram loop reed_solomon ramoops fuse \
		virtio_console; do
		find "$modules"/ -name "$file.ko*" -exec cp -t "$root/lib" {} + 2>/dev/null
	done
	find "$root/lib" -name '*.xz' -exec xz -d {} +
}

# make_job_root JOB: with the module, hog, and that job of scripts/guest.
make_job_root()
{
	say "building the module ..."
	build_module "$work/module"
	make_root
	"${cross}gcc" -O2 -static -pthread -o "$work/root/bin/hog" "$top/selftests/hog.c" ||
		die "hog.c does not build"
	cp "$work/module/oomwatch.ko" "$work/root/lib/"
	cp "$top/scripts/guest/$1" "$work/root/job/"
}

# interpreter_of FILE: the dynamic linker that it names.
interpreter_of() { readelf -l "$1" | sed -n 's/.*program interpreter: \(.*\)]/\1/p'; }

# loader_of FOLDER FILE: the dynamic linker of that program, in that folder of packages.
loader_of() { find "$1" -name "$(basename "$(interpreter_of "$1/$2")")" ! -type d | head -n 1; }

# libraries_of FILE: those that the dynamic linker wants, by name.
libraries_of() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

# add_program PACKAGE FILE...: of that package, with their libraries and theirs and no others:
# the guest's memory is small.
add_program()
{
	local from=$cache/programs/$1-$arch files file name added=
	shift

	file=$(interpreter_of "$from/$1")
	mkdir -p "$work/root/$(dirname "$file")"
	cp -L "$(loader_of "$from" "$1")" "$work/root/$file"
	files=("$@")
	while [ ${#files[@]} -gt 0 ]; do
		file=${files[0]}
		files=("${files[@]:1}")
		mkdir -p "$work/root/$(dirname "$file")"
		cp -L "$from/$file" "$work/root/$file" || die "$from lacks $file"
		for name in $(libraries_of "$from/$file"); do
			file=$(cd "$from" && find lib lib64 usr/lib -name "$name" 2>/dev/null | head -n 1)
			[ -n "$file" ] || die "no package in $from has $name"
			[[ " $added " = *" $file "* ]] || files+=("$file")
			added="$added $file"
		done
	done
}

# shellcheck source=scripts/host/qemu.sh
. "$top/scripts/host/qemu.sh"
