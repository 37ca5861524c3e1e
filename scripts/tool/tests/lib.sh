# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # inner shells'; shared with those who source it, or run it
#
# What the tests of the tool share. From scripts/check-tool: $tool, the program, built
# with ASan and UBSan; $data, the folder with captures; $out, a folder for what a test
# makes; $top, the project's folder.

set -u
capture=$data/6.1.rec

# mangle SCRIPT: the capture, of which Perl's script may change each record, as $_, with
# what its head has as $len, $type, $fixed.
mangle()
{
	perl -e '
		my $code = shift;
		local $/;
		my $all = <STDIN>;
		while (length $all) {
			my ($len, $type, $fixed) = unpack "LSS", $all;
			local $_ = substr $all, 0, $len, "";
			eval $code; die $@ if $@;
			substr($_, 0, 8) = pack "LSS", length $_, $type, $fixed;
			print;
		}' "$1" <"$capture" >"$out/mangled.rec"
}
# with_module COMMANDS COMMAND...: runs it where debugfs has nothing but a folder oomwatch,
# once the shell's COMMANDS have put into that what there is to be.
debugfs=/sys/kernel/debug
with_module()
{
	unshare -rm sh -c "mount -t tmpfs none $debugfs && mkdir $debugfs/oomwatch && $1"' && shift && exec "$@"' - "$@"
}

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
