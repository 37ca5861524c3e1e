# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# What scripts/demo and scripts/check share: get a kernel and what else is
# needed, build, make the guest's root, boot it. Nothing here changes the host's
# own kernel or loads a module on it.
#
# From the caller: $top, the project's folder. From the environment: KERNEL and
# KDIR (a kernel of one's own), GUEST_MB, XDG_CACHE_HOME. Which kernels there are, and
# with what each is built: scripts/kernels.sh.

# Tools are read by programs here: in one language.
export LC_ALL=C

cache=${XDG_CACHE_HOME:-$HOME/.cache}/oomwatch

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
make_work()
{
	mkdir -p "$cache/logs" ||
		die "can't write to $cache; set XDG_CACHE_HOME to a folder that can be written to"
	work=$(mktemp -d "${TMPDIR:-/tmp}/oomwatch.XXXXXX") || die "no temporary folder"
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	# kbuild and QEMU's options can't have them.
	case $cache$work${KDIR:-} in
	*[[:space:],]*) die "no spaces or commas, please, in: $cache $work ${KDIR:-}" ;;
	esac
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

# What can't be read of the lists may not be needed: the next step will tell.
apt_update()
{
	say "reading the lists of Debian's packages ..."
	as_root apt-get -qq update >"$work/apt.log" 2>&1 || tail -n 5 "$work/apt.log" >&2
}

# need COMMAND:PACKAGE...: installs what isn't there.
need()
{
	local pair packages=()

	for pair; do
		case ${pair%%:*} in
		/*) [ -e "${pair%%:*}" ] || packages+=("${pair#*:}") ;;
		*) PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}") ;;
		esac
	done
	[ ${#packages[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || die "missing, by the names of Debian's packages: ${packages[*]}"
	apt_update
	say "installing ${packages[*]} ..."
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		install "${packages[@]}" >"$work/apt.log" 2>&1 </dev/null || {
		tail -n 20 "$work/apt.log" >&2
		die "this needs root, sudo, or somebody to do, as root: apt-get install ${packages[*]}"
	}
}

# Those who run at once fill the cache one after the other.
lock_cache() { exec 9>"$cache/lock"; flock 9; }
unlock_cache() { exec 9>&-; }

# --- what the guest consists of -----------------------------------------------

# shellcheck source=scripts/kernels.sh
. "$top/scripts/kernels.sh"
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
		kdir=$(realpath "$KDIR")
		modules=$kdir
		[ -r "$kernel" ] || die "KERNEL=$kernel can't be read"
		[ -e "$kdir/Makefile" ] || die "KDIR=$kdir is not a kernel's build folder or headers"
	else
		fetch_kernel
	fi
}

# In the guest's architecture: busybox without libraries, and the timeout of coreutils,
# which kselftest's runner wants, with its own.
guest_packages() { printf '%s\n' busybox-static coreutils libc6; }

get_guest_tools()
{
	guest_tools=$cache/guest-$arch
	[ ! -e "$guest_tools" ] || return 0
	have_debian || die "put a static busybox to $guest_tools/bin, and with usr/bin/timeout of coreutils what it needs, in lib and lib64"
	fetch "$cache/part" bookworm guest_packages
	mv -T "$cache/part" "$guest_tools"
}

# $package, with all that it needs.
with_dependencies()
{
	suite_apt bookworm apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances "$package" | grep '^[a-z]'
}

# get_program PACKAGE: a program for the guest that has more libraries than the tests want.
get_program()
{
	local package=$1 to=$cache/programs/$1-$arch

	[ ! -e "$to" ] || return 0
	have_debian || die "put $1 and what it needs to $to, as its package has it"
	mkdir -p "$cache/programs"
	fetch "$cache/part" bookworm with_dependencies
	mv -T "$cache/part" "$to"
}

# kselftest's headers and makefile, checkpatch.
get_kernel_source()
{
	source_tree=$cache/linux-source-6.1
	[ ! -e "$source_tree" ] || return 0
	have_debian || die "unpack a kernel's source to $source_tree (scripts/ and tools/testing/selftests/ are enough)"
	get_source_archive 6.1
	say "unpacking what the tests need of the kernel's source ..."
	rm -rf "$cache/part"
	mkdir "$cache/part"
	tar -C "$cache/part" -xf "$source_archive" \
		--wildcards linux-source-6.1/scripts/ linux-source-6.1/tools/testing/selftests/lib.mk \
		'linux-source-6.1/tools/testing/selftests/kselftest*' \
		linux-source-6.1/tools/testing/selftests/run_kselftest.sh ||
		die "could not unpack the kernel's source"
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
	kmake -s "$@" modules >"$to/make.log" 2>&1 || {
		cat "$to/make.log" >&2
		die "$what does not build against $kdir"
	}
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
# which panic.sh panics, or scripts/retrier, of bench.
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

# libraries_of FILE: those that the dynamic linker wants, by name.
libraries_of() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }

# add_program PACKAGE FILE...: of that package, with their libraries and theirs and no others:
# the guest's memory is small.
add_program()
{
	local from=$cache/programs/$1-$arch files file name added=
	shift

	file=$(readelf -l "$from/$1" | sed -n 's/.*program interpreter: \(.*\)]/\1/p')
	mkdir -p "$work/root/$(dirname "$file")"
	find "$from" -type f -name "$(basename "$file")" -exec cp {} "$work/root/$file" \;
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

# shellcheck source=scripts/qemu.sh
. "$top/scripts/qemu.sh"
