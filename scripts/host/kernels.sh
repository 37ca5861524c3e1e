# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# The kernels that the tests know by name: where each comes from, which compiler builds modules
# for it, how it is booted. Sourced by scripts/host/lib.sh.

# Name, suite of Debian, series, flavour. If the suite is "source", the kernel is built from
# Debian's kernel source, and the flavour is its configuration: scripts/host/configs/base without
# a symbol (CONFIG_X), or with other files of that folder (+FILE).
known_kernels()
{
	cat <<-'END'
		5.10-old      bullseye            5.10  cloud-amd64
		5.10          bullseye-security   5.10  cloud-amd64
		6.1           bookworm-security   6.1   cloud-amd64
		6.1-rt        bookworm-security   6.1   rt-amd64
		6.12          trixie-security     6.12  cloud-amd64
		6.12-rt       trixie-security     6.12  rt-amd64
		7.2           sid                 7.2   cloud-amd64
		7.2-rt        sid                 7.2   rt-amd64
		7.3           trixie-backports    7.3   cloud-amd64
		6.1-arm64     bookworm-security   6.1   cloud-arm64
		6.12-arm64    trixie-security     6.12  cloud-arm64
		6.1-s390x     bookworm            6.1   s390x
		no-numa       source              6.1   CONFIG_NUMA
		no-memcg      source              6.1   CONFIG_MEMCG
		no-cgroups    source              6.1   CONFIG_CGROUPS
		no-swap       source              6.1   CONFIG_SWAP
		no-kprobes    source              6.1   CONFIG_KPROBES
		no-stacktrace source              6.1   CONFIG_STACKTRACE
		no-compaction source              6.1   CONFIG_COMPACTION
		no-smp        source              6.1   CONFIG_SMP
		signed        source              6.1   +signed
		kasan         source              6.1   +debug+kasan+faults
		kcsan         source              6.1   +kcsan
		rt-lockdep    source              6.12  +debug+rt+faults
		gcov          source              6.1   +gcov+faults
	END
}

# What a change must pass, in half an hour: kernels, those that take longest first, and a pattern of
# the tests on each; the rest of a line tells it in words. keep.sh runs on 7.3, which has more of it
# to run. 7.3 and 5.10-old run those of what differs between kernels: memory, processes, the log,
# calls. A debug kernel is slow, so kasan runs those that copy and free the most; scripts/check
# --debug runs all. 6.1-rt differs from 6.1 in its locks, so it runs those that kill, wait and race.
gate()
{
	cat <<-'END'
		6.1       ^([^k]|k[^e])   all but keep.sh
		kasan     ^(calls|candidates|faults|memcg_v1|ring|states|torture)$
		7.3       ^(calls|candidates|cmdline|figures|format|keep|kinds|klog|memstat|nobody|report|states|storm|tool|trace|why)
		5.10-old  ^(calls|candidates|figures|format|kinds|klog|memcg_v1|memstat|report|why)
		6.1-rt    ^(adj|calls|candidates|kinds|memcg_v1|reload|states|torture)
	END
}

# list_kernels [GROUP]: the names of all kernels or of a group.
list_kernels()
{
	known_kernels | awk -v group="${1:-all}" '
		{ mine = $4; sub(".*-", "", mine) }
		$2 == "source" { mine = $4 ~ /^\+/ && $4 != "+signed" ? "debug" : "config" }
		group == "all" || group == mine { print $1 }'
}

# choose_kernel NAME: sets kernel_name, suite, series, flavour, and what depends on the
# architecture.
choose_kernel()
{
	read -r kernel_name suite series flavour < <(known_kernels | awk -v name="$1" '$1 == name')
	[ -n "$kernel_name" ] || return 1
	# A larger kernel leaves less of the memory to the tests.
	guest_mb=${GUEST_MB:-272}
	case $series-$flavour in
	7.* | *-rt-*) guest_mb=${GUEST_MB:-336} ;;
	*-+*) guest_mb=${GUEST_MB:-368} ;;
	esac
	case $flavour in
	*arm64) choose_arch arm64 ;;
	*s390x) choose_arch s390x ;;
	*) choose_arch amd64 ;;
	esac
}

# choose_arch ARCHITECTURE: by Debian's name. Sets what differs between architectures.
choose_arch()
{
	arch=$1
	cross_packages=()
	keep_at=0 keep_out='' clock=''
	case $arch in
	amd64)
		cross=
		make_arch=()
		qemu=(qemu-system-x86_64 -nodefaults -smp "2,sockets=2,cores=1,threads=1")
		qemu_package="qemu-system-x86"
		# String instructions (ERMS) and a fifth level of page tables (LA57) are slow to
		# emulate. Without ERMS turn off FSRM, too: no real CPU has FSRM alone, and the
		# kernel hangs early on one.
		tcg_cpu=max,-erms,-fsrm,-la57
		# tsc=reliable: otherwise the kernel reads the time from a timer that is slow to
		# emulate. no_timer_check: the kernel panics if there are no ticks for some ten
		# milliseconds of the TSC, in which a busy host may not run QEMU's timer at all.
		clock="tsc=reliable no_timer_check"
		console_port=ttyS0
		results_port=ttyS1
		results_device=isa-serial,index=1
		# 4 MiB that the kernel leaves alone, so that their content survives a reboot.
		keep_at=0x7000000
		keep_out="memmap=4M\$$keep_at"
		;;
	arm64)
		cross=aarch64-linux-gnu-
		cross_packages=("${cross}gcc:gcc-aarch64-linux-gnu"
			/usr/aarch64-linux-gnu/include/stdlib.h:libc6-dev-arm64-cross)
		make_arch=(ARCH=arm64 "CROSS_COMPILE=$cross")
		qemu=(qemu-system-aarch64 -M virt -nodefaults -smp 2)
		qemu_package="qemu-system-arm"
		# Pointer authentication by the architecture's own algorithm is slow to emulate.
		tcg_cpu=max,pauth-impdef=on
		console_port=ttyAMA0
		results_port=ttyS0
		results_device=pci-serial
		keep_at=$(printf '%#x' $((0x40000000 + ((guest_mb - 4) << 20))))
		keep_out="mem=$((guest_mb - 4))M"
		;;
	s390x)
		# Big-endian.
		cross=s390x-linux-gnu-
		cross_packages=("${cross}gcc:gcc-s390x-linux-gnu"
			/usr/s390x-linux-gnu/include/stdlib.h:libc6-dev-s390x-cross)
		make_arch=(ARCH=s390 "CROSS_COMPILE=$cross")
		qemu=(qemu-system-s390x -M s390-ccw-virtio -nodefaults -smp 2 -device virtio-serial-ccw)
		qemu_package="qemu-system-misc"
		tcg_cpu=max
		console_port=ttyS1
		# The kernel logs to both of the machine's consoles: results need another port.
		results_port=vport0p1
		results_device=virtserialport
		;;
	esac
}

# --- suites of Debian -----------------------------------------------------------

have_debian() { command -v apt-get >/dev/null && command -v dpkg >/dev/null; }
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# What the user can do without Debian's packages.
without_debian()
{
	if own_kernel; then
		echo "install a static busybox (busybox-static), which is enough for scripts/demo"
	else
		echo "give a kernel of your own: KERNEL=bzImage KDIR=build $0"
	fi
}

# want_debian: ends the script without apt; installs the keys of Debian's packages. Other
# distributions with apt, such as Ubuntu, have a package of them, too.
want_debian()
{
	have_debian || die "the kernels are packages of Debian, and this machine has no apt to get them
  $(without_debian)"
	need "$keyring:debian-archive-keyring"
}

# site_of LABEL: the mirror from which this machine's apt gets Debian, Debian-Security or Ubuntu.
site_of()
{
	# shellcheck disable=SC2016 # apt's own variable
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Label: $1" |
		grep -v '^cdrom:' | head -n 1
}

# The security suite that find_mirror has already reported as unknown.
told_of=
# find_mirror SUITE: sets mirror, and suite: SUITE itself, or without its -security if apt knows no
# mirror of security updates, as after debootstrap.
find_mirror()
{
	local security

	suite=$1
	mirror=${DEBIAN_MIRROR:-$(site_of Debian)}
	if [ -z "$mirror" ]; then
		apt_update
		mirror=$(site_of Debian)
	fi
	[ -n "$mirror" ] || die "${update_reason:-the apt of this machine knows no mirror of Debian}
  name a mirror: DEBIAN_MIRROR=http://HOST/debian $0
  or $(without_debian)"
	[ "${suite%-security}" != "$suite" ] || return 0
	security=$(site_of Debian-Security)
	if [ -n "$security" ]; then
		mirror=$security
	else
		suite=${suite%-security}
		[ "$told_of" = "$1" ] ||
			say "this machine's apt knows no $1, so this uses $suite, which is older; for $1 add to sources.list: deb ${mirror%/}-security $1 main"
		told_of=$1
	fi
}

# suite_apt SUITE TOOL ARGUMENT...: apt-get or apt-cache for that suite alone, without the
# machine's own state.
suite_apt()
{
	local root=$cache/apt/$1-$arch tool=$2
	shift 2

	"$tool" -qq -o Dir::State::lists="$root/lists" -o Dir::Cache="$root/cache" \
		-o Dir::Etc::sourcelist="$root/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::State::status=/dev/null -o APT::Sandbox::User=root \
		-o Acquire::Languages=none -o APT::Update::Error-Mode=any \
		-o APT::Architecture="$arch" -o APT::Architectures::="$arch" \
		-o APT::Architectures::=amd64 "$@"
}

# update_suite SUITE: reads its package list from $mirror, which find_mirror sets.
update_suite()
{
	local root=$cache/apt/$1-$arch

	mkdir -p "$root"/{lists,cache/archives}/partial
	echo "deb [arch=amd64,$arch signed-by=$keyring] $mirror $1 main" >"$root/sources.list"
	# For the unpacked list and apt's index of it. On a full disk apt may wait for ever.
	want_room "$cache" 150
	say "reading the list of $1's packages (about 10 MiB) ..."
	counted "$root/lists" 10 run_apt suite_apt "$1" apt-get update && return
	rm "$root/sources.list"
	die "could not read the list of $1's packages: $(apt_reason)"
}

# want_room_for SUITE NAME...: wants room for these packages and for their unpacked files. Sets
# mib, the size of the download.
want_room_for()
{
	local suite=$1
	shift

	mib=$(suite_apt "$suite" apt-get --print-uris download "$@" 2>/dev/null | mib_of_uris)
	want_room "${TMPDIR:-/tmp}" "$mib"
	want_room "$cache" "$(suite_apt "$suite" apt-cache show --no-all-versions "$@" 2>/dev/null |
		awk '/^Installed-Size:/ { sum += $2 } END { print int(sum / 1024) + 1 }')"
}

# names_in_short NAME...: for messages, as a program may come with a hundred libraries.
names_in_short() { if [ $# -le 4 ]; then echo "$*"; else echo "$1 and $(($# - 1)) others"; fi; }

# download SUITE NAME...
download() { (cd "$work/deb" && suite_apt "$1" apt-get download "${@:2}"); }

# fetch FOLDER SUITE FUNCTION: downloads the packages that the function names and unpacks them in
# the folder; installs nothing. If that fails it reads the list again, as names may have changed.
fetch()
{
	local to=$1 suite names deb try mib reason

	want_debian
	find_mirror "$2"
	rm -rf "$work/deb"
	mkdir -p "$work/deb"
	for try in 1 2; do
		if [ "$try" = 2 ] || [ ! -e "$cache/apt/$suite-$arch/sources.list" ]; then
			update_suite "$suite"
		fi
		names=$($3)
		reason="there are none"
		[ -n "$names" ] || continue
		# shellcheck disable=SC2086 # a list
		want_room_for "$suite" $names
		# shellcheck disable=SC2086 # a list
		say "downloading $(names_in_short $names) $(in_brackets "$mib")..."
		# shellcheck disable=SC2086
		counted "$work/deb" "$mib" run_apt download "$suite" $names && reason= && break
		reason=$(apt_reason)
	done
	[ -z "$reason" ] || die "could not get the ${3//_/ } of $suite: $reason"
	rm -rf "$to"
	mkdir -p "$to"
	for deb in "$work"/deb/*.deb; do
		dpkg -x "$deb" "$to" 2>"$work/dpkg.log" || failed "$work/dpkg.log" "could not unpack $deb"
	done
	rm -rf "$work/deb"
}

# make_debian FOLDER PACKAGE[,PACKAGE]... SUITE...: installs a Debian in a folder.
make_debian()
{
	local to=$1 packages=$2 first=$3 wanted suite reason sources=()
	shift 2

	want_debian
	need mmdebstrap:mmdebstrap
	for wanted; do
		find_mirror "$wanted"
		[[ " ${sources[*]}" = *" $suite main"* ]] ||
			sources+=("deb [signed-by=$keyring] $mirror $suite main")
	done
	as_root true || die "making a Debian in a folder ($first, with $packages) needs root or sudo"
	want_room "$(dirname "$to")" 500
	apt-config dump Acquire >"$work/apt.conf"
	say "downloading a Debian ($first) with $packages (100 MiB or more) ..."
	counted "$to" 0 run_apt as_root mmdebstrap --mode=root --variant=essential --aptopt="$work/apt.conf" \
		--include="$packages" "$first" "$to" "${sources[@]}" && return
	reason=$(apt_reason)
	as_root rm -rf "$to"
	die "could not make a Debian ($first) with $packages: $reason"
}

# debian_of NAME PACKAGE[,PACKAGE]...: where the cache has the Debian of that name with these packages.
debian_of() { echo "$cache/chroots/$1-$(cksum <<<"$2" | cut -d ' ' -f 1)"; }

# forget_debians NAME: those of that name, which have other packages.
forget_debians() { as_root rm -rf "$cache/chroots/$1" "$cache/chroots/$1"-*[0-9]; }

# in_debian FOLDER USER:GROUP FOLDERS COMMAND...: runs the command in that Debian. FOLDERS of this
# machine are mounted there, in a mount namespace that ends with the command.
in_debian()
{
	# shellcheck disable=SC2016 # for the inner shell
	as_root unshare -m sh -ec '
		root=$1 user=$2 binds=$3
		shift 3
		# The command can only make a mount namespace if its root is a mount point.
		mount --bind "$root" "$root"
		for dir in /proc /dev $binds; do
			mkdir -p "$root$dir"
			mount --bind "$dir" "$root$dir"
		done
		exec chroot --userspec="$user" "$root" \
			env -i LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
	' sh "$@"
}

# --- kernels of Debian ----------------------------------------------------------

# The packages of the newest kernel of the series: headers and what they need, image and modules.
# The names of the last two differ between suites.
kernel_packages()
{
	local names headers release

	names=$(suite_apt "$suite" apt-cache pkgnames linux-)
	headers=$(grep -E "^linux-headers-${series//./\\.}[.+][^ ]*-$flavour\$" <<<"$names" | sort -V | tail -n 1)
	[ -n "$headers" ] || return
	release=${headers#linux-headers-}
	echo "$headers"
	suite_apt "$suite" apt-cache depends "$headers" | awk '$1 == "Depends:" { print $2 }' |
		sed -nE 's/:any$//; /^linux-headers-.*common/p; s/^(linux-kbuild-[^:]*)$/\1:amd64/p'
	grep -Fx -e "linux-image-$release" -e "linux-binary-$release" <<<"$names" ||
		grep -Fx -e "linux-image-$release-unsigned" -e "linux-binary-unsigned-$release" <<<"$names"
	grep -Fx "linux-modules-$release" <<<"$names"
}

# The package of a kernel's source. Debian 12's (6.1) serves for everything except PREEMPT_RT,
# which the source has from 6.12 on.
source_package() { echo "linux-source-$source_series"; }

# get_source_archive SERIES: sets source_archive. It stays in the cache, as several things are
# unpacked from it.
get_source_archive()
{
	local suite to=$cache/source-$1

	source_series=$1
	suite=$(known_kernels | awk -v series="$1" '$3 == series && $2 != "source" { print $2; exit }')
	[ "$1" != 6.1 ] || to=$cache/source
	source_archive=$to/usr/src/linux-source-$1.tar.xz
	[ -e "$source_archive" ] || fetch "$to" "$suite" source_package
}

# unpack_source FOLDER: what get_source_archive has got, in place of what is there.
unpack_source()
{
	say "unpacking the kernel's source ..."
	rm -rf "$1"
	mkdir -p "$1"
	tar -C "$1" --strip-components=1 -xf "$source_archive" 2>"$work/tar.log" ||
		failed "$work/tar.log" "could not unpack $source_archive"
}

# wanted_config WHAT: prints base without the symbol WHAT, or with other files (+FILE...).
wanted_config()
{
	local file

	case $1 in
	+*)
		cat "$top/scripts/host/configs/base"
		for file in ${1//+/ }; do
			cat "$top/scripts/host/configs/$file"
		done
		;;
	*)
		grep -v "^$1=" "$top/scripts/host/configs/base"
		echo "$1=n"
		;;
	esac
	echo "CONFIG_LOCALVERSION=\"-$kernel_name\""
}

# config_kernel FOLDER WHAT: builds a small kernel of that configuration. Keeps what it takes to
# boot it and to build modules.
config_kernel()
{
	local to=$1 what=$2 tree=$1.tree
	local make=(make -s -C "$1.tree" -j"$(nproc)" KBUILD_BUILD_USER=oomwatch KBUILD_BUILD_HOST=oomwatch)

	say "building the kernel $kernel_name ($what), which takes some minutes ..."
	rm -rf "$to"
	mkdir -p "$to"
	unpack_source "$tree"
	# Kconfig selects STACKTRACE for tracepoints and for SLUB's debugging. Their code works
	# without it, except for one call.
	[ "$what" != CONFIG_STACKTRACE ] ||
		sed -i -e '/^config TRACING$/,/^$/s/select STACKTRACE .*//' \
			-e '/^\tselect STACKDEPOT if STACKTRACE_SUPPORT$/d' \
			-e '/^\tftrace_trace_userstack(tr, buffer, trace_ctx);$/d' \
			"$tree"/kernel/trace/{Kconfig,trace.c} "$tree/mm/Kconfig.debug"
	wanted_config "$what" >"$tree/wanted"
	{
		"${make[@]}" KCONFIG_ALLCONFIG=wanted allnoconfig &&
			"${make[@]}" bzImage modules
	} >"$work/kernel.log" 2>&1 || failed "$work/kernel.log" "the kernel $kernel_name does not build"
	! grep -q "^$what=y" "$tree/.config" || die "the kernel $kernel_name has $what, which it is to lack"
	grep '=[ym]$' "$tree/wanted" | grep -Fxv -f "$tree/.config" | sed "s/^/$kernel_name: without /" >&2
	(
		cd "$tree" || exit
		mkdir "$to/modules" "$to/build"
		[ ! -e certs/signing_key.pem ] || cp --parents certs/signing_key.{pem,x509} "$to/build"
		sign_modules . .
		find . -name '*.ko' -exec mv -t "$to/modules" {} +
		cp wanted "$to/wanted"
		cp arch/x86/boot/bzImage "$to/vmlinuz"
		find . -name '*.o' ! -path './scripts/*' ! -path './tools/objtool/*' -delete
		cp -a --parents Makefile Kbuild .config Module.symvers include scripts tools/objtool \
			arch/x86/Makefile* arch/x86/include "$to/build"
	) || die "could not keep the kernel $kernel_name"
	rm -rf "$tree"
}

# debian_kernel FOLDER
debian_kernel()
{
	local makefile

	fetch "$1" "$suite" kernel_packages
	makefile=$(ls "$1"/usr/src/linux-headers-*-"$flavour"/Makefile) || die "no headers for $kernel_name"
	# The makefile names its folder as if the package were installed.
	sed -i "s#\\(include \\|KBUILD_OUTPUT=\\)/usr/src/#\\1$cache/kernels/$kernel_name/usr/src/#" "$makefile"
	ln -s "usr/src/$(basename "$(dirname "$makefile")")" "$1/build"
	(cd "$1" && ln -s "$(find . -name 'vmlinuz*' -type f | head -n 1)" vmlinuz)
}

# build_apart FOLDER: builds a kernel, which takes minutes, without the lock of the cache. Other
# runs wait for it only if they want the same kernel.
build_apart()
{
	unlock_cache
	mkdir -p "$(dirname "$1")"
	exec 8>"$1.lock"
	flock 8
	if [ ! -e "$1" ]; then
		config_kernel "$1.part" "$flavour"
		mv -T "$1.part" "$1"
	fi
	rm -f "$1.lock"
	exec 8>&-
	lock_cache
}

# About how many MiB the cache needs for the kernel, and for what else a first run gets.
kernel_mib()
{
	if own_kernel || [ -e "$cache/kernels/$kernel_name" ]; then
		echo 50
	else
		case $suite-$flavour in
		source-*) echo 3000 ;;
		*-rt-*) echo 700 ;;
		*) echo 400 ;;
		esac
	fi
}

fetch_kernel()
{
	local to=$cache/kernels/$kernel_name

	# Build it again if the configuration has changed.
	[ "$suite" != source ] || wanted_config "$flavour" | cmp -s - "$to/wanted" || rm -rf "$to"
	if [ ! -e "$to" ]; then
		case $suite in
		source)
			need flex:flex bison:bison bc:bc /usr/include/gelf.h:libelf-dev \
				openssl:openssl /usr/include/openssl/opensslv.h:libssl-dev
			get_source_archive "$series"
			build_apart "$to"
			;;
		*)
			debian_kernel "$cache/kernels/part"
			mv -T "$cache/kernels/part" "$to"
			;;
		esac
	fi
	kernel=$to/vmlinuz
	kdir=$to/build
	modules=$to
	choose_compiler
}

# --- the cache --------------------------------------------------------------------

show_cache()
{
	[ -d "$cache" ] || { echo "$cache: nothing"; return; }
	du -sh "$cache"/kernels/* "$cache"/chroots/* "$cache"/apt "$cache"/source* "$cache"/linux-source-6.1 \
		"$cache"/guest-* "$cache"/tree-* "$cache"/{programs,promtool,prometheus-node-exporter,logs} --total 2>/dev/null
}

# A compiler's folder may belong to root.
clean_cache()
{
	[ -d "$cache" ] || return 0
	lock_cache
	rm -rf "${cache:?}" 2>/dev/null || as_root rm -rf "${cache:?}" ||
		die "what is left in $cache belongs to root; run as root: rm -rf $cache"
}

# --- compilers --------------------------------------------------------------------

# Sets cc to a gcc of the major version that built the kernel: this machine's, if the kernel's
# build tools also run here, or else one of the kernel's suite, in a folder: chroot.
choose_compiler()
{
	local major suite_base=${suite%%-*}

	chroot=
	major=$(sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' "$kdir/include/config/auto.conf")
	cc=${cross}gcc-$major
	if command -v "$cc" >/dev/null && "$kdir/scripts/basic/fixdep" 2>&1 | grep -q Usage; then
		need_libraries
		return
	fi
	chroot=$cache/chroots/$suite_base-$cc
	[ -e "$chroot" ] || make_chroot "$suite_base" "$major"
}

# What the kernel's own build tools (linux-kbuild) depend on, by the names it has in this suite.
kbuild_dependencies()
{
	local suite=$suite kbuild

	find_mirror "$suite"
	[ -e "$cache/apt/$suite-$arch/sources.list" ] || update_suite "$suite"
	kbuild=$(kernel_packages | grep '^linux-kbuild-') || return
	suite_apt "$suite" apt-cache depends "$kbuild" | sed -nE 's/^ *Depends: <?([^:>]*).*/\1/p'
}

# Installs the libraries that the kernel's build tools lack here, as objtool libelf: its packages are
# unpacked, so apt does not see to that.
need_libraries()
{
	local package packages=()

	ldd "$kdir/tools/objtool/objtool" "$kdir/scripts/mod/modpost" 2>/dev/null |
		grep -q 'not found' || return 0
	for package in $(kbuild_dependencies); do
		packages+=("/usr/share/doc/$package:$package")
	done
	need "${packages[@]}"
}

# make_chroot SUITE MAJOR: makes that folder, with what a module's build needs and no more.
make_chroot()
{
	local gcc=gcc-$2 others

	[ -z "$cross" ] || gcc=gcc-$2-${cross%-}
	others=$(kbuild_dependencies)
	[ -n "$others" ] ||
		die "$suite has no build tools (linux-kbuild) for $kernel_name"
	say "getting $gcc of $1 into a folder of its own ..."
	as_root rm -rf "$cache/chroots/part"
	mkdir -p "$cache/chroots"
	make_debian "$cache/chroots/part" "make,$gcc,${others//$'\n'/,}" "$1"
	as_root mv -T "$cache/chroots/part" "$chroot"
}

# kmake ARGUMENT...: make with the kernel's compiler, for its architecture.
kmake()
{
	if [ -z "${cc:-}" ]; then
		make "$@"
	elif [ -z "$chroot" ]; then
		make "${make_arch[@]}" CC="$cc" "$@"
	else
		in_debian "$chroot" "$(id -u):$(id -g)" "$cache $work" \
			make "${make_arch[@]}" CC="$cc" "$@"
	fi
}
