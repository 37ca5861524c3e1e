# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034 # used by the tests that source this
#
# Shared by the shell tests: results as TAP, loading and unloading.

debugfs=/sys/kernel/debug/oomwatch
knobs=/proc/sys/vm/oomwatch
ko=${OOMWATCH_KO:-/lib/oomwatch.ko}
debug_ko=${OOMWATCH_DEBUG_KO:-/lib/oomwatch-debug.ko}
nr=0
failed=0

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# ok DESCRIPTION: reports whether the command before it succeeded.
ok()
{
	if [ $? -eq 0 ]; then
		nr=$((nr + 1)); echo "ok $nr $*"
	else
		nr=$((nr + 1)); echo "not ok $nr $*"; failed=1
	fi
}

finish()
{
	echo "1..$nr"
	exit $failed
}

loaded() { grep -q '^oomwatch ' /proc/modules; }
have_memcg() { grep -qs memory /cg/cgroup.subtree_control; }
sysctl_set() { echo "$2" >"/proc/sys/$1"; }
# after CASE: the next one of $cases, which the test sets.
# shellcheck disable=SC2154
after() { echo "$cases" | sed -n "s/.*\\<$1\\> *\\([a-z_0-9]*\\).*/\\1/p"; }
log_has() { dmesg | tail -n "${2:-20}" | grep -q "$1"; }

# Every test leaves the module loaded.
restore()
{
	loaded || insmod "$ko"
}

[ "$(id -u)" = 0 ] || skip_all "must be run by root"
[ "${OOMWATCH_KILL:-}" = 1 ] ||
	skip_all "kills processes of this machine: set OOMWATCH_KILL=1 if it may"
