# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034 # shared with those who source it
#
# What the tests of the tool share. From scripts/check-tool: $tool, the program, built
# with ASan and UBSan; $data, the folder with captures; $out, a folder for what a test
# makes; $top, the project's folder.

set -u
capture=$data/6.1.rec

# check WHAT COMMAND...: whether that succeeds; what it says is shown if not.
check()
{
	local what=$1
	shift
	if "$@" >"$out/said" 2>&1; then
		echo "ok $what"
	else
		echo "not ok $what"
		sed 's/^/# /' "$out/said"
	fi
}

skip() { echo "ok $1 # SKIP $2"; }

# ends_with STATUS COMMAND...: whether it ends so.
ends_with()
{
	local want=$1 status
	shift
	"$@"
	status=$?
	[ $status = "$want" ] || { echo "status $status, not $want: $*"; return 1; }
}

# says PATTERN COMMAND...: whether its output has a line with that extended regular expression.
says()
{
	local pattern=$1 said
	shift
	said=$("$@" 2>&1)
	grep -qaE -- "$pattern" <<<"$said" || { echo "no \"$pattern\" in:"; echo "$said"; return 1; }
}

# silent_of PATTERN COMMAND...: whether it has none.
silent_of() { ! says "$@" >/dev/null; }
