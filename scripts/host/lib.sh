# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# Shared by the scripts that boot guests: get a kernel and what else is needed, build the module,
# make the guest's root, boot it. Nothing here changes the host's own kernel or loads a module on
# it. scripts/host/kernels.sh has the kernels, and what the module is built with for each.
#
# The caller sets top, the project's folder. From the environment:
#
# KERNEL, KDIR    image and build folder of the caller's own kernel
# GUEST_MB        the guest's memory
# QEMU            own: run guests in this machine's QEMU, however old
# DEBIAN_MIRROR   mirror of Debian (default: the one of this machine's apt)
# APT_WAIT        seconds to wait for another apt to end (default 600)
# XDG_CACHE_HOME, TMPDIR

# Scripts parse what tools print: have it in one language.
export LC_ALL=C

cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/oomwatch

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }
# bad_usage MESSAGE: says what is wrong with the command line, and prints the script's usage().
bad_usage() { say "$(basename "$0"): $*"; usage; exit 2; }

# takes_nothing [ARGUMENT...]: for a command without arguments.
takes_nothing()
{
	[ $# -gt 0 ] || return 0
	usage() { say "usage: $0"; }
	[ "$1" = -h ] || [ "$1" = --help ] || bad_usage "it takes no arguments"
	usage
	exit
}

# --- the folder of this run, removed at its end ------------------------------

# Not set before make_work: with set -u, a script that forgot it ends at the first "$work/...", and
# writes nothing into /.
unset work
guest_pid=
cleanup()
{
	trap '' INT TERM HUP
	stop_guest
	# shellcheck disable=SC2046 # a list
	kill $(jobs -p) 2>/dev/null
	[ -z "${work:-}" ] || rm -rf "$work"
}
# check_path VARIABLE PATH [OTHER-VARIABLE]: refuses a path that kbuild or QEMU would misread.
check_path()
{
	case $2 in
	*[[:space:],:\#%\$\&\;\|\\\"\'\`\<\>\(\)\*\?\[\]]*)
		die "$1 is \"$2\": kbuild and QEMU misread spaces, commas, colons and special characters; set ${3:-$1} to another path"
		;;
	esac
}

# check_folder VARIABLE PATH [OTHER-VARIABLE]: also refuses a relative path, as commands that run
# in other folders write to it.
check_folder()
{
	check_path "$@"
	[ "${2#/}" != "$2" ] || die "$1 is \"$2\": set ${3:-$1} to a path that begins with /"
}

# make_work MIB CACHE-MIB: makes $work, if about that much is free for this run and in the cache.
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

# new_logs NAME: makes $logs, a folder for the consoles and results of this run alone. Those of runs
# that are a week old are removed.
new_logs()
{
	logs=$cache/logs/$1-$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$logs"
	find "$cache/logs" -mindepth 1 -maxdepth 1 -name '*-20??????-??????-*' -mtime +7 -exec rm -rf {} +
}

# --- room on the disk ---------------------------------------------------------

# By folder, the most MiB that want_room was asked for.
declare -A room_wanted

# free_mib FOLDER: the folder need not exist yet.
free_mib()
{
	local folder=$1

	while [ ! -e "$folder" ]; do
		folder=$(dirname "$folder")
	done
	df -Pk "$folder" | awk 'END { print int($4 / 1024) }'
}

# no_room FOLDER: says that it is full, and what to do.
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

# want_room FOLDER MIB: ends the script if less than that is free.
want_room()
{
	[ "${room_wanted[$1]:-0}" -gt "$2" ] || room_wanted[$1]=$2
	[ "$(free_mib "$1")" -ge "$2" ] || die "$(no_room "$1")"
}

# out_of_room LOG: whether the command of that log failed because a disk is full; says which
# folder. A log on a full disk may lack the error, so a folder also counts as full if less than a
# tenth of what it needs is free.
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

# failed LOG MESSAGE: ends the script with the log's end and the message. If a disk is full, says
# only that.
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

# The process that holds the lock that apt could not get.
lock_holder()
{
	sed -nE -e 's/^E: Could not get lock ([^ ]*)\. It is held by process ([0-9]+) \((.*)\).*/\3 (process \2), which holds \1/p' \
		-e 't' -e 's/^E: Could not get lock ([^ ]*[^ .]).*/another program, which holds \1/p' "$work/apt.log" |
		head -n 1 | grep .
}

# run_apt COMMAND...: logs to apt.log, and waits while another apt holds a lock, as one often does
# after boot. apt's own option for that (DPkg::Lock::Timeout) does not cover the lock of the lists.
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

# Why run_apt failed, in a line or two.
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

# counted FOLDER MIB COMMAND...: runs the command. On a terminal, counts the MiB that arrive in the
# folder; MIB is how many there will be, or 0 if that is unknown.
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

# The size of a download in MiB, from the output of apt-get --print-uris; 0 if there is none.
mib_of_uris() { awk '{ sum += $3 } END { print sum ? int(sum / 1048576) + 1 : 0 }'; }
in_brackets() { [ "$1" = 0 ] || echo "($1 MiB) "; }

# Updates the package lists, once in a run. A failure need not matter, as the broken source may be
# one of other packages. So it only sets update_reason, for the step that fails next.
lists_read=
update_reason=
apt_update()
{
	[ -z "$lists_read" ] || return
	lists_read=yes
	say "reading the lists of this machine's packages ..."
	if ! as_root true; then
		update_reason="only root can update this machine's package lists: run this as root, or install sudo"
		return
	fi
	want_room /var/lib/apt/lists 100
	run_apt as_root apt-get -qq -o APT::Update::Error-Mode=any update || update_reason=$(apt_reason)
}

# names_elsewhere COLUMN PACKAGE...: their names in Fedora (COLUMN 2) or Arch (3).
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

# say_missing PACKAGE...: ends the script on a machine without apt.
say_missing()
{
	say "missing: $*"
	say "  in Fedora: dnf install $(names_elsewhere 2 "$@")"
	say "  in Arch:   pacman -S $(names_elsewhere 3 "$@")"
	own_kernel || say "  and give a kernel of your own, as getting Debian's needs apt: KERNEL=bzImage KDIR=build $0"
	die "install what is missing, then try again; nothing was installed"
}

# is_there WANTED: a command, an absolute path, or a static library that gcc finds.
is_there()
{
	case $1 in
	/*) [ -e "$1" ] ;;
	*.a) [ -e "$(gcc -print-file-name="$1" 2>/dev/null)" ] ;;
	*) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
	esac
}

# need WANTED:PACKAGE...: installs the package of each WANTED that is missing. Skips empty words.
need()
{
	local pair packages=() archives mib reason

	for pair; do
		[ -z "$pair" ] || is_there "${pair%%:*}" || packages+=("${pair#*:}")
	done
	[ ${#packages[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || say_missing "${packages[@]}"
	as_root true ||
		die "this needs root, sudo, or an administrator who runs: apt-get install ${packages[*]}"
	apt_update
	eval "$(apt-config shell archives Dir::Cache::archives/d)"
	mib=$(apt-get -qq -y --no-install-recommends --print-uris install "${packages[@]}" 2>/dev/null | mib_of_uris)
	want_room "$archives" "$mib"
	# Packages take about four times their size when unpacked.
	want_room /usr $((mib * 4))
	say "installing ${packages[*]} $(in_brackets "$mib")..."
	counted "$archives" "$mib" run_apt as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -qq -y --no-install-recommends install "${packages[@]}" && return
	reason=$(apt_reason)
	# The package may be in a list that could not be read.
	[ "${reason#there is no package}" = "$reason" ] || reason=${update_reason:-$reason}
	die "could not install ${packages[*]}: $reason"
}

# Runs at the same time fill the cache one after the other.
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

# Whether the caller gave a kernel of their own.
own_kernel() { [ -n "${KERNEL:-}${KDIR:-}" ]; }

# one_kernel_wanted NAME: NAME is that of --kernel, or empty. Refuses both it and a kernel of the
# caller's own.
one_kernel_wanted()
{
	[ -z "$1" ] || ! own_kernel || die "give either --kernel, or KERNEL and KDIR, not both"
	! own_kernel || kernel_name=own
}

# Sets kernel, kdir and modules.
get_kernel()
{
	if own_kernel; then
		[ -n "${KERNEL:-}" ] || die "KDIR is set, but KERNEL is not: set KERNEL to the image to boot"
		[ -n "${KDIR:-}" ] || die "KERNEL is set, but KDIR is not: set KDIR to the folder to build against"
		kernel=$KERNEL
		[ -r "$kernel" ] || die "KERNEL=$kernel can't be read"
		[ -e "$KDIR/Makefile" ] || die "KDIR=$KDIR is not a kernel's build folder or headers"
		kdir=$(realpath "$KDIR")
		modules=$kdir
	else
		fetch_kernel
	fi
}

# For the guest's architecture: a static busybox; and, for kselftest's runner, the timeout of
# coreutils with its library.
guest_packages() { printf '%s\n' busybox-static coreutils libc6; }

# host_busybox FOLDER: copies the host's busybox there, if it is static and the guest can run it.
host_busybox()
{
	local busybox

	busybox=$(command -v busybox) && [ "$arch-$(uname -m)" = amd64-x86_64 ] || return
	! readelf -l "$busybox" | grep -q INTERP || return
	mkdir -p "$1/bin"
	cp "$busybox" "$1/bin/busybox"
}

# get_busybox: for a job that needs no other tool in the guest. With the caller's own kernel and
# the host's busybox, nothing has to come from Debian.
get_busybox()
{
	guest_tools=$cache/guest-$arch
	[ ! -e "$guest_tools/bin/busybox" ] || return 0
	! own_kernel || ! host_busybox "$work/guest" || { guest_tools=$work/guest; return; }
	have_debian || die "this machine has no apt: install a static busybox (in Fedora and Arch: busybox), or copy one to $guest_tools/bin/busybox"
	get_guest_tools
}

get_guest_tools()
{
	guest_tools=$cache/guest-$arch
	[ ! -e "$guest_tools/usr/bin/timeout" ] || return 0
	have_debian || die "this machine has no apt: copy what a guest needs to $guest_tools by hand:
  a static busybox to bin/busybox; the timeout of coreutils to usr/bin/timeout;
  and what ldd lists for timeout: libc.so.6 to lib, the loader (ld-linux-x86-64.so.2) to lib64"
	fetch "$cache/part" bookworm guest_packages
	rm -rf "$guest_tools"
	mv -T "$cache/part" "$guest_tools"
}

# $package, with everything that it depends on.
program_packages()
{
	suite_apt "$suite" apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances "$package" | grep '^[a-z]'
}

# get_program PACKAGE [SUITE]: unpacks a program for $arch, with all its libraries.
get_program()
{
	local package=$1 to=$cache/programs/$1-$arch

	[ ! -e "$to" ] || return 0
	have_debian || die "this machine has no apt: copy $1 to $to/usr/bin by hand, and the libraries that ldd lists to $to/usr/lib"
	mkdir -p "$cache/programs"
	fetch "$cache/part" "${2:-bookworm}" program_packages
	mv -T "$cache/part" "$to"
}

# is_new_qemu COMMAND: whether it is QEMU 10 or newer. QEMU 7.2 takes half as long again, and may
# go on running an old translation of code that was patched.
is_new_qemu()
{
	"$1" --version 2>/dev/null |
		awk '/^QEMU emulator version/ { new = $4 + 0 >= 10 } END { exit !new }'
}

# This machine's architecture, as Debian calls it.
host_arch() { uname -m | sed 's/^x86_64$/amd64/; s/^aarch64$/arm64/'; }

# Where QEMU is unpacked: for this machine's architecture, whatever the guest's.
qemu_folder() { echo "$cache/programs/$qemu_package-$(host_arch)"; }

# has_own_qemu: whether guests run in this machine's QEMU: QEMU=own asks for it, it is new, or
# Debian's can't be got. With a kernel of the caller's own, Debian's is not fetched just for this.
has_own_qemu()
{
	[ "${QEMU:-}" = own ] || is_new_qemu "${qemu[0]}" || ! have_debian || { own_kernel && [ ! -e "$(qemu_folder)" ]; }
}

# This machine's QEMU, if guests run in it, as an argument of need().
qemu_wanted() { ! has_own_qemu || echo "${qemu[0]}:$qemu_package"; }

# get_qemu: unless guests run in this machine's QEMU, unpacks (does not install) that of Debian 13
# and sets qemu to it.
get_qemu()
{
	local dir arch

	[ "${QEMU:-own}" = own ] || die "QEMU=$QEMU: set it to own, for this machine's QEMU, or not at all"
	! has_own_qemu || return 0
	dir=$(qemu_folder)
	arch=${dir##*-}
	get_program "$qemu_package" trixie
	qemu=("$(loader_of "$dir" "usr/bin/${qemu[0]}")" --library-path "$(echo "$dir"/usr/lib/*-linux-gnu)"
		"$dir/usr/bin/${qemu[0]}" -L "$dir/usr/share/qemu" -L "$dir/usr/share/seabios" "${qemu[@]:1}")
	"${qemu[@]:0:4}" --version >"$work/qemu.log" 2>&1 ||
		failed "$work/qemu.log" "the QEMU in $dir does not run; remove that folder, or use this machine's QEMU: QEMU=own $0"
}

# Unpacks kselftest's headers and makefile, and checkpatch.
get_kernel_source()
{
	source_tree=$cache/linux-source-6.1
	[ ! -e "$source_tree" ] || return 0
	have_debian || die "this machine has no apt: link the source of a kernel (6.1 or newer) by hand: ln -s FOLDER $source_tree"
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

# copy_module FOLDER: copies the module's sources, without build results.
copy_module()
{
	mkdir -p "$1"
	cp -r "$top"/Kbuild "$top"/Makefile "$top"/oomwatch.[ch] "$top"/core "$1"
	find "$1" \( -name '*.o' -o -name '.*.cmd' \) -delete
}

# sign_modules FOLDER TREE: with the key of a kernel that loads no others, as the README says. Each
# kernel with lockdown has a key, but it may lack the hash, and refuse what it need not check.
sign_modules()
{
	local key=$2/certs/signing_key

	grep -qs '^CONFIG_MODULE_SIG_FORCE=y' "$2/.config" && [ -e "$key.pem" ] || return 0
	find "$1" -name '*.ko' -exec "$2/scripts/sign-file" sha512 "$key.pem" "$key.x509" {} \;
}

# make_modules FOLDER WHAT MAKE-ARGUMENT...: make's output is in FOLDER/make.log.
make_modules()
{
	local to=$1 what=$2
	shift 2
	kmake -s -j "$(nproc)" "$@" modules >"$to/make.log" 2>&1 ||
		failed "$to/make.log" "$what does not build against $kdir"
	# A guest unpacks its files at each boot, and has them in RAM: without 8 MiB of debug information.
	find "$to" -name '*.ko' -exec "${cross}strip" --strip-debug {} +
	sign_modules "$to" "$kdir"
}

# build_module FOLDER [MAKE-ARGUMENT...]: builds a copy, so that the checkout stays as it is.
build_module()
{
	local to=$1
	shift
	copy_module "$to"
	make_modules "$to" "the module" -C "$to" KDIR="$kdir" "$@"
}

# build_helper FOLDER SOURCES [MAKE-ARGUMENT...]: another module: selftests/crashpoint for
# panic.sh, or scripts/benchmarks/retrier for bench.
build_helper()
{
	local to=$1 from=$2
	shift 2
	mkdir -p "$to"
	cp "$top/$from"/Kbuild "$top/$from"/*.c "$to"
	make_modules "$to" "$from" -C "$kdir" M="$to" "$@"
}

# build_warned FOLDER...: prints the warnings of the compiler and modpost. Others are the kernel's
# makefiles' own.
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
	# For swap on compressed RAM, a disk in RAM, loop devices, a log that survives a reboot, a
	# filesystem that hangs, a balloon, and the port for results on s390x.
	for file in lzo-rle zsmalloc lz4_compress lz4hc_compress zram brd loop reed_solomon ramoops \
		fuse virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci \
		virtio_balloon virtio_console; do
		find "$modules"/ -name "$file.ko*" -exec cp -t "$root/lib" {} + 2>/dev/null
	done
	find "$root/lib" -name '*.xz' -exec xz -d {} +
}

# make_job_root JOB: makes the guest's root, with the module, hog, fill, and scripts/guest/JOB.
make_job_root()
{
	say "building the module ..."
	build_module "$work/module"
	make_root
	local program
	for program in hog fill; do
		"${cross}gcc" -O2 -static -pthread -o "$work/root/bin/$program" \
			"$top/selftests/$program.c" || die "$program.c does not build"
	done
	cp "$work/module/oomwatch.ko" "$work/root/lib/"
	cp "$top/scripts/guest/send" "$work/root/bin/"
	cp "$top/scripts/guest/$1" "$work/root/job/"
}

# guest_lines NAME: what the job printed below the line @NAME.
guest_lines() { sed -nE "/^@$1\$/,/^(@|guest:)/p" "$work/results" | sed '1d;$d'; }

# guest_file NAME: a file that scripts/guest/send sent.
guest_file() { guest_lines "$1" | base64 -d | gunzip; }

# interpreter_of FILE: the dynamic linker that it names.
interpreter_of() { readelf -l "$1" | sed -n 's/.*program interpreter: \(.*\)]/\1/p'; }

# loader_of FOLDER FILE: the dynamic linker of the program FOLDER/FILE, below FOLDER.
loader_of() { find "$1" -name "$(basename "$(interpreter_of "$1/$2")")" ! -type d | head -n 1; }

# libraries_of FILE: the names of the libraries that it is linked with.
libraries_of() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

# add_program PACKAGE FILE...: copies programs of that package into the guest's root, with the
# libraries they need and no other file: the guest's memory is small.
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
