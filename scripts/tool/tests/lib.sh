# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # for inner shells; shared with the tests
#
# Shared by the tests of the program. scripts/check-tool sets $tool, the program built with ASan and
# UBSan; $data, the folder of captures; $out, a folder for the test's files; $top, the project's
# folder.

set -u
capture=$data/6.1.rec

# mangle SCRIPT: writes mangled.rec, the capture after a Perl script has run on each record. The
# script finds the record in $_, and its head's figures in $len, $type and $fixed.
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

# whose FILE LOAD HOST BOOT DAYS [SCRIPT]: writes the capture as of such a machine, so many days
# later. SCRIPT is for mangle.
whose()
{
	export load=$2 host=$3 boot=$4 days=$5
	mangle 'if ($type == 1) {
			my $off = unpack "S", substr $_, 44, 2;
			substr($_, 44, 2) = pack "S", $off + 24;
			substr($_, 48, 8) = pack "Q", $ENV{days} * 86400e9 + unpack "Q", substr $_, 48, 8;
			substr($_, $fixed, 0) = pack("Q", hex $ENV{load}) . "\0" x 16;
			$fixed += 24;
			for my $at ([64, $ENV{host}], [72, $ENV{boot}]) {
				next unless length $at->[1];
				substr($_, $at->[0], 4) = pack "SS", length $_, length $at->[1];
				$_ .= $at->[1] . "\0" x (-length($at->[1]) % 8);
			}
		}'"${6-}"
	mv "$out/mangled.rec" "$out/$1.rec"
}

# kills_times N: prints the capture with its five kills N times, each time with new numbers.
kills_times()
{
	perl -e '
		local $/;
		my $all = <STDIN>;
		my $start = unpack "L", $all;
		print substr $all, 0, $start;
		for my $round (0 .. $ARGV[0] - 1) {
			my $some = substr $all, $start;
			while (length $some) {
				my $rec = substr $some, 0, (unpack "L", $some), "";
				my $oom = unpack "Q", substr $rec, 24, 8;
				substr($rec, 24, 8) = pack "Q", $oom + 5 * $round if $oom;
				print $rec;
			}
		}' "$1" <"$capture"
}

# as_now EVENTS: the module's text of an older capture, with the fields that came later: they are
# not known.
as_now()
{
	local key script=
	for key in anon_mapped sec_pagetables kernel_misc_reclaimable zspages free_cma vmalloc hugetlb \
		balloon; do
		script+="/^oom .* ${key}_kb=/!s/^oom .*/& ${key}_kb=-/;"
	done
	local psi="psi_some_avg10_bp psi_full_avg10_bp psi_some_total_ns psi_full_total_ns psi_age_ns"
	for key in leader_comm gfp_flags swapoff_kb cpu $psi; do
		script+="/^oom .* $key=/!s/^oom .*/& $key=-/;"
	done
	for key in children_min_kb children_low_kb zswap_incomp_kb $psi; do
		script+="/^memcg .* $key=/!s/^memcg .*/& $key=-/;"
	done
	script+="/^meminfo .* hugepages_surplus=/!s/^meminfo .*/& hugepages_surplus=-/;"
	script+="/^lost .* kills=/!s/^lost .*/& kills=-/;"
	script+="/^end .* sharers=/!s/^end .*/& sharers=-/;"
	for key in reserved_highatomic_kb free_highatomic_kb free_cma_kb free_pcp_kb mlocked_kb \
		zspages_kb free_types; do
		script+="/^zone .* $key=/!s/^zone .*/& $key=-/;"
	done
	# Also records of calls that found nobody to kill.
	sed "${script//^/^\\(nobody_\\)\\?}" "$1"
}

# many N: the kills of $out/whole.rec N times, with numbers that go on.
many()
{
	perl -e '
		local $/;
		my $all = <STDIN>;
		my $len = unpack "L", $all;
		my $start = substr $all, 0, $len, "";
		substr($start, 8, 8) = pack "Q", 1;
		print $start;
		my $seq = 0;
		for my $round (0 .. $ARGV[0] - 1) {
			my $some = $all;
			while (length $some) {
				my $rec = substr $some, 0, (unpack "L", $some), "";
				my $oom = unpack "Q", substr $rec, 24, 8;
				substr($rec, 8, 8) = pack "Q", ++$seq;
				substr($rec, 24, 8) = pack "Q", $oom + 5 * $round if $oom;
				print $rec;
			}
		}' "$1" <"$out/whole.rec"
}

# with_module COMMANDS COMMAND...: runs COMMAND where debugfs has only a folder oomwatch. The shell
# commands COMMANDS fill the folder before that.
debugfs=/sys/kernel/debug
with_module()
{
	unshare -rm sh -c "mount -t tmpfs none $debugfs && mkdir $debugfs/oomwatch && $1"' && shift && exec "$@"' - "$@"
}

# check WHAT COMMAND...: passes if COMMAND succeeds, else shows its output.
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

# For a shell that has begun oomwatch record as $pid: waits until it has opened its store, and a
# signal would end it properly.
export when_ready='for n in $(seq 300); do
	! ls -l /proc/$pid/fd | grep -q store && ! grep -q "^State:.*Z" /proc/$pid/status || break; sleep 0.1; done'

# until_said FILE NUMBER PATTERN COMMAND...: for bash -c. Runs a command that has no end, until that
# number of lines of FILE has the pattern, and a second more.
until_said='"${@:4}" & pid=$!
	for n in $(seq 600); do [ "$(cat "$1" 2>/dev/null | grep -c -- "$3")" -lt "$2" ] || break; sleep 0.1; done
	sleep 1; kill -KILL $pid; wait $pid 2>/dev/null'

# options_of COMMAND: its options, as --help has them, one a line.
options_of() { "$tool" "$1" --help | sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\1\n\2/p' | grep -oE -- '--?[a-z-]+'; }

# ends_with STATUS COMMAND...: whether COMMAND ends with this status.
ends_with()
{
	local want=$1 status
	shift
	"$@"
	status=$?
	[ $status = "$want" ] || { echo "status $status, not $want: $*"; return 1; }
}

# says PATTERN COMMAND...: whether a line of its output matches the extended regular expression.
says()
{
	local pattern=$1 said
	shift
	said=$("$@" 2>&1)
	grep -qaE -- "$pattern" <<<"$said" || { echo "no \"$pattern\" in:"; echo "$said"; return 1; }
}

# silent_of PATTERN COMMAND...: whether no line matches.
silent_of() { ! says "$@" >/dev/null; }
