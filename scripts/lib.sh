# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # shared with those who source it
#
# What scripts/demo and scripts/check share: get a kernel and what else is
# needed, build, make the guest's root, boot it. Nothing here changes the host's
# own kernel or loads a module on it.
#
# From the caller: $top, the project's folder. From the environment: KERNEL and
# KDIR (a kernel of one's own), GUEST_MB, XDG_CACHE_HOME.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/oomwatch
kernel_name=6.1-cloud
guest_mb=${GUEST_MB:-256}

say() { printf '%s\n' "$*" >&2; }
die() { say "$(basename "$0"): $*"; exit 1; }

# --- a folder for this run, gone with it ------------------------------------

work=
guest_pid=
cleanup()
{
	if [ -n "$guest_pid" ]; then
		kill "$guest_pid" 2>/dev/null
		wait "$guest_pid" 2>/dev/null
	fi
	[ -z "$work" ] || rm -rf "$work"
}
make_work()
{
	mkdir -p "$cache" || die "can't write to $cache; set XDG_CACHE_HOME to a folder that can be written to"
	work=$(mktemp -d "${TMPDIR:-/tmp}/oomwatch.XXXXXX") || die "no temporary folder"
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
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

have_apt() { command -v apt-get >/dev/null && command -v dpkg >/dev/null; }

apt_update()
{
	say "reading the lists of Debian's packages ..."
	as_root apt-get -qq update >"$work/apt.log" 2>&1 || {
		cat "$work/apt.log" >&2
		die "apt-get update failed (it needs root or sudo, and a network)"
	}
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
	have_apt || die "missing, by the names of Debian's packages: ${packages[*]}"
	apt_update
	say "installing ${packages[*]} ..."
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
		install "${packages[@]}" >"$work/apt.log" 2>&1 </dev/null || {
		tail -n 20 "$work/apt.log" >&2
		die "could not install ${packages[*]}; do it by hand, as root: apt-get install ${packages[*]}"
	}
}

# unpack FOLDER PACKAGE...: packages' files to a folder of the cache, installing nothing.
unpack()
{
	local to=$1 deb
	shift
	rm -rf "$work/deb" "$to.part"
	mkdir -p "$work/deb" "$to.part"
	say "downloading $* ..."
	(cd "$work/deb" && apt-get -qq -o APT::Sandbox::User=root download "$@") >"$work/apt.log" 2>&1 || {
		apt_update
		(cd "$work/deb" && apt-get -qq -o APT::Sandbox::User=root download "$@") >"$work/apt.log" 2>&1
	} || {
		cat "$work/apt.log" >&2
		die "could not download $*"
	}
	for deb in "$work"/deb/*.deb; do
		dpkg -x "$deb" "$to.part" || die "could not unpack $deb"
	done
	rm -rf "$work/deb" "$to"
}

# --- the kernel: an image that boots, and headers to build against ------------

depends_on() { apt-cache depends "$1" 2>/dev/null | awk -v re="$2" '$1 == "Depends:" && $2 ~ re { print $2; exit }'; }

fetch_kernel()
{
	local to=$cache/kernels/$kernel_name image headers common kbuild

	if [ ! -e "$to" ]; then
		if ! have_apt || [ "$(dpkg --print-architecture)" != amd64 ]; then
			die "the kernel of Debian 12 for amd64 comes by apt-get; elsewhere give one: KERNEL=bzImage KDIR=build $0"
		fi
		image=$(depends_on linux-image-cloud-amd64 '^linux-image-')
		[ -n "$image" ] || { apt_update; image=$(depends_on linux-image-cloud-amd64 '^linux-image-'); }
		case $image in
		linux-image-6.1.*) ;;
		*) die "no linux-image-cloud-amd64 of Debian 12 here (found: ${image:-none}); give a kernel: KERNEL=bzImage KDIR=build $0" ;;
		esac
		headers=linux-headers-${image#linux-image-}
		common=$(depends_on "$headers" 'common$')
		kbuild=$(depends_on "$headers" '^linux-kbuild')
		unpack "$to" "$image" "$headers" "$common" "$kbuild"
		# The headers' makefile names its folder as if it were installed.
		sed -i "s#\\(include \\|KBUILD_OUTPUT=\\)/usr/src/#\\1$to/usr/src/#" \
			"$to.part/usr/src/$headers/Makefile"
		ln -s "usr/src/$headers" "$to.part/build"
		ln -s "boot/vmlinuz-${image#linux-image-}" "$to.part/vmlinuz"
		mv "$to.part" "$to"
	fi
	kernel=$to/vmlinuz
	kdir=$to/build
	modules=$to/lib/modules
}

# Sets kernel, kdir and modules.
get_kernel()
{
	if [ -n "${KERNEL:-}${KDIR:-}" ]; then
		kernel=${KERNEL:?set KERNEL, the image to boot, too}
		kdir=$(realpath "${KDIR:?set KDIR, the folder to build against, too}")
		modules=$kdir
		[ -r "$kernel" ] || die "KERNEL=$kernel can't be read"
		[ -e "$kdir/Makefile" ] || die "KDIR=$kdir is not a kernel's build folder or headers"
	else
		fetch_kernel
	fi
}

get_busybox()
{
	local found
	busybox=$cache/busybox/bin/busybox
	[ ! -x "$busybox" ] || return 0
	# One that needs no libraries, without replacing the host's.
	found=$(command -v busybox)
	if [ -n "$found" ] && ! ldd "$found" >/dev/null 2>&1; then
		busybox=$found
		return 0
	fi
	have_apt || die "missing: a statically linked busybox"
	unpack "$cache/busybox" busybox-static
	mv "$cache/busybox.part" "$cache/busybox"
}

# kselftest's headers and makefile, checkpatch: from the kernel's source package.
get_kernel_source()
{
	source_tree=$cache/linux-source-6.1
	[ ! -e "$source_tree" ] || return 0
	have_apt || die "unpack a kernel's source to $source_tree (scripts/ and tools/testing/selftests/ are enough)"
	unpack "$cache/source" linux-source-6.1
	say "unpacking what the tests need of it ..."
	tar -C "$cache/source.part" -xf "$cache"/source.part/usr/src/linux-source-6.1.tar.xz \
		--wildcards linux-source-6.1/scripts/ linux-source-6.1/tools/testing/selftests/lib.mk \
		'linux-source-6.1/tools/testing/selftests/kselftest*' \
		linux-source-6.1/tools/testing/selftests/run_kselftest.sh ||
		die "could not unpack the kernel's source"
	mv "$cache/source.part/linux-source-6.1" "$source_tree"
	rm -rf "$cache/source.part"
}

# --- build --------------------------------------------------------------------

# build_module FOLDER [MAKE-ARGUMENT...]: in a copy, so that the checkout stays as it is.
build_module()
{
	local to=$1
	shift
	mkdir -p "$to"
	cp -r "$top"/Kbuild "$top"/Makefile "$top"/oomwatch.[ch] "$top"/core "$to"
	find "$to" \( -name '*.o' -o -name '.*.cmd' \) -delete
	make -s -C "$to" KDIR="$kdir" "$@" >"$to/make.log" 2>&1 || {
		cat "$to/make.log" >&2
		die "the module does not build against $kdir"
	}
}

# --- the guest ----------------------------------------------------------------

# Begins the guest's root; jobs add to $work/root.
make_root()
{
	local root=$work/root file

	mkdir -p "$root"/{bin,etc,lib,tmp,job}
	cp "$busybox" "$root/bin/busybox"
	cp "$top/scripts/guest/init" "$root/init"
	chmod 755 "$root/init"
	# Swap on compressed RAM. In the order of loading.
	for file in lzo-rle zsmalloc zram; do
		find "$modules"/ -name "$file.ko" -exec cp -t "$root/lib" {} + 2>/dev/null
	done
}

pack_root()
{
	(cd "$work/root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$work/initramfs" ||
		die "could not pack the guest's root"
}

# What would hang ends the guest instead: a lockup panics, and a panic reboots.
cmdline="console=ttyS0 loglevel=6 log_buf_len=4M noirqdebug oops=panic softlockup_panic=1 sysctl.kernel.panic_on_rcu_stall=1 panic=-1"

# start_guest JOB ACCELERATION CONSOLE-LOG RESULT-FILE
start_guest()
{
	local job=$1 accel=$2 console=$3 results=$4

	pack_root
	# shellcheck disable=SC2086 # two words
	qemu-system-x86_64 $accel -m "$guest_mb" -smp 2,sockets=2,cores=1,threads=1 \
		-display none -monitor none -nodefaults -no-reboot \
		-kernel "$kernel" -initrd "$work/initramfs" \
		-append "$cmdline oomwatch.job=$job" \
		-serial "file:$console" -serial "file:$results" </dev/null >"$work/qemu.log" 2>&1 &
	guest_pid=$!
}

# wait_guest SECONDS RESULT-FILE PATTERN: until the results have it, or the guest is gone.
wait_guest()
{
	local until=$((SECONDS + $1))

	while [ $SECONDS -lt $until ]; do
		grep -q "$3" "$2" 2>/dev/null && return 0
		kill -0 "$guest_pid" 2>/dev/null || { grep -q "$3" "$2" 2>/dev/null; return; }
		sleep 0.1
	done
	return 1
}

stop_guest()
{
	kill "$guest_pid" 2>/dev/null
	# The shell tells of a guest that crashed; that isn't for the user.
	wait "$guest_pid" 2>/dev/null
	guest_pid=
}

# Emulation with a thread for each CPU, or one for both. With two, and with the
# kernel's code patched all the time, QEMU may go on with a translation of what
# was there before: the guest is stuck at a jump that isn't a breakpoint any more.
tcg() { echo "-accel tcg,thread=$1 -cpu max"; }

# KVM where a probe boot works within seconds, else emulation. Sets accel.
choose_accel()
{
	local known

	accel=$(tcg multi)
	[ -w /dev/kvm ] || return 0
	known=$cache/kvm-$(uname -r)-$(stat -c %s-%Y "$(realpath "$kernel")")
	if [ ! -e "$known" ]; then
		say "trying KVM for a few seconds ..."
		# In a subshell of its own, as the shell would tell of a QEMU that aborts.
		if (
			start_guest probe "-accel kvm -cpu host" "$work/probe.console" "$work/probe.results"
			wait_guest 8 "$work/probe.results" '^guest: done'
			worked=$?
			stop_guest
			exit $worked
		) 2>/dev/null; then
			echo yes >"$known"
		else
			echo no >"$known"
		fi
	fi
	[ "$(cat "$known")" = no ] || accel="-accel kvm -cpu host"
}

# boot_guest JOB CONSOLE-LOG RESULT-FILE: some emulated boots
# hang in the kernel before /init, so that is tried three times.
boot_guest()
{
	local try

	for try in 1 2 3; do
		rm -f "$2" "$3"
		start_guest "$1" "$accel" "$2" "$3"
		wait_guest 40 "$3" '^guest: up' && return 0
		kill -0 "$guest_pid" 2>/dev/null || break
		say "the guest hung before /init, try $try of 3"
		stop_guest
	done
	[ ! -s "$work/qemu.log" ] || cat "$work/qemu.log" >&2
	die "the guest did not come up; its console log: $2"
}

# Anything the kernel says that it only says when something is wrong.
splats='BUG:|WARNING:|INFO: task|INFO: rcu|INFO: possible|INFO: suspicious|UBSAN:|ODEBUG:|KASAN:|KCSAN:|general protection fault|Oops:|Kernel panic|kernel BUG|sleeping function|list_(add|del) corruption|refcount_t:|detected field-spanning|detected buffer overflow|kmemleak: [0-9]+ new|rcu_.*self-detected stall|detected stalls|soft lockup|hard LOCKUP|possible circular locking|Call Trace:.*oomwatch'
