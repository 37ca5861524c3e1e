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

pack_root()
{
	(cd "$work/root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$work/initramfs" ||
		die "could not pack the guest's root"
}

# What would hang ends the guest instead: a lockup panics, and a panic reboots.
cmdline="loglevel=6 log_buf_len=4M noirqdebug oops=panic softlockup_panic=1 sysctl.kernel.panic_on_rcu_stall=1 panic=-1"
# QEMU's options that a test may want others of.
machine=(-no-reboot)
# Two pipes (.in, .out), if the console's log is to go through a process that can be stopped.
console_pipe=

# start_guest JOB ACCELERATION CONSOLE-LOG RESULT-FILE
start_guest()
{
	local job=$1 accel=$2 console=$3 results=$4 serial=file:$3

	pack_root
	if [ -n "$console_pipe" ]; then
		serial=pipe:$console_pipe
		cat "$console_pipe.out" >"$console" &
		console_reader=$!
	fi
	# shellcheck disable=SC2086 # two words
	"${qemu[@]}" $accel -m "$guest_mb" -display none -monitor none "${machine[@]}" \
		-kernel "$kernel" -initrd "$work/initramfs" \
		-append "console=$console_port $clock $cmdline oomwatch.job=$job oomwatch.port=$results_port" \
		-serial "$serial" -chardev "file,id=results,path=$results" \
		-device "$results_device,chardev=results" </dev/null >"$work/qemu.log" 2>&1 &
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
	local n

	[ -n "$guest_pid" ] || return 0
	kill "$guest_pid" 2>/dev/null
	for n in 1 2 3 4 5 6 7 8 9 10; do
		kill -0 "$guest_pid" 2>/dev/null || break
		[ "$n" != 10 ] || kill -9 "$guest_pid"
		sleep 0.1
	done
	wait "$guest_pid" 2>/dev/null
	guest_pid=
}

# Emulation with a thread for each CPU, or one for both. With two, and with the
# kernel's code patched all the time, QEMU may go on with a translation of what
# was there before: the guest is stuck at a jump that isn't a breakpoint any more.
tcg() { echo "-accel tcg,thread=$1 -cpu $tcg_cpu"; }

# KVM where a probe boot works within seconds, else emulation. Sets accel.
choose_accel()
{
	local known

	accel=$(tcg multi)
	[ "$arch" = "$(dpkg --print-architecture 2>/dev/null)" ] && [ -w /dev/kvm ] || return 0
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

# boot_guest JOB CONSOLE-LOG RESULT-FILE: some emulated boots hang in the kernel
# before /init, so that is tried three times.
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
	say "the guest did not come up; its console log: $2"
	return 1
}

# What the kernel only says when something is wrong. The boot is left out: there
# it warns of the processor.
splats='BUG:|BUG [^ ]+ \(|WARNING:|INFO: task|INFO: rcu|INFO: possible|INFO: suspicious|UBSAN:|ODEBUG:|KASAN:|KCSAN:|general protection fault|Oops:|Kernel panic|kernel BUG|sleeping function|list_(add|del) corruption|refcount_t:|detected field-spanning|detected buffer overflow|self-detected stall|detected stalls|soft lockup|hard LOCKUP|possible circular locking|kmemleak: [0-9]+ new'

# What may be said all the same, by a test that goes so far.
expected='^$'
# Of the kernel, by the module: it is out of tree (4096) and without a signature (8192).
expected_taint=12288

# What the kernel said but while it booted.
after_boot() { awk '/Linux version [0-9]/ { on = 0 } on; /oomwatch guest: begin/ { on = 1 }' "$1"; }

# judge_guest CONSOLE-LOG RESULT-FILE SECONDS: waits for its end, and says what was
# wrong; true where nothing was, and it said itself that its job succeeded.
judge_guest()
{
	local console=$1 results=$2 seconds=$3 taint n bad=0

	if ! wait_guest "$seconds" "$results" '^guest: done'; then
		say "FAILED: the guest crashed, or did not end in time"
		bad=1
	fi
	for n in $(seq 100); do
		kill -0 "$guest_pid" 2>/dev/null || break
		sleep 0.1
	done
	if [ "$n" = 100 ] && [ "$bad" = 0 ]; then
		say "FAILED: the guest hung when it was to end"
		bad=1
	fi
	stop_guest
	if ! grep -aq '^guest: status 0' "$results"; then
		say "FAILED: the guest does not say that its job succeeded"
		bad=1
	fi
	taint=$(sed -n 's/^guest: tainted //p' "$results")
	if [ $((${taint:-1} & ~expected_taint)) -ne 0 ]; then
		say "FAILED: the kernel is tainted: ${taint:-it did not say}"
		bad=1
	fi
	if ! grep -aq 'oomwatch guest: begin' "$console"; then
		say "FAILED: there is nothing in the console's log"
		bad=1
	fi
	if after_boot "$console" | grep -aE "$splats" |
		grep -avE "$expected" >"$work/splats"; then
		head -n 20 "$work/splats" >&2
		say "FAILED: the kernel complained"
		bad=1
	fi
	return $bad
}
