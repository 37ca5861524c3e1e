# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # variables of the scripts that source this
#
# Shows and counts what kselftest's runner says in a guest. After a fault of the emulator, finds
# the test that the guest goes on with. Sourced by scripts/check.

# --- shown and counted ------------------------------------------------------------

# show_results FILE: shows results from standard input as they come: a line for each test, all
# lines of a program that failed, and how long a program took. On a terminal the line below them
# counts. The numbers go to the file.
show_results()
{
	local now=() count=0

	# By default mawk reads whole buffers and would show results late. Other kinds of awk do not.
	! awk -W version 2>/dev/null </dev/null | grep -q mawk || now=(-W interactive)
	[ ! -t 1 ] || count=1
	awk "${now[@]}" -v verbose="$verbose" -v count="$count" -v begin_run="$epoch" \
		-v before="$(sum_numbers | tr -d ,)" -v expected="$(took "$kernel_name")" '
	function line(text) {
		if (count) printf "\r\033[K"
		print text
		if (count) printf "%s", progress()
		fflush()
	}
	function progress(   s) {
		s = systime() - begin_run
		split(before, earlier, " ")
		split(expected, last, " ")
		return sprintf("%d tests%s, %d:%02d%s", earlier[1] + earlier[5] + passed + skipped + tests + skips,
			(last[1] ? " of some " last[1] : ""), s / 60, s % 60,
			(last[2] ? sprintf(" of some %d:%02d", last[2] / 60, last[2] % 60) : ""))
	}
	function begin_program() { said = ""; bad = results = plan = tests = skips = 0; begin = systime() }
	# A program ended: if it failed, show all that it said.
	function end_program(ok, why) {
		if (plan && results != plan) { why = why " # ran " results " of " plan; ok = 0 }
		if (!ok && !bad) failed++
		passed += tests
		skipped += skips
		if (!ok && !verbose) { if (count) printf "\r\033[K"; printf "%s", said }
		tests = skips = 0
		line($0 why " # " systime() - begin " s")
	}
	/^# selftests: / { begin_program(); line($0); next }
	# A program that was interrupted counts when it is run again.
	/^guest: again / { begin_program(); next }
	/^# 1\.\.[0-9]+ *$/ { split($2, range, "\\.\\."); plan = range[2] }
	/^# 1\.\.0 # SKIP/ { skips++; line($0); next }
	/^# (ok|not ok) [0-9]+/ {
		results++
		if (/# SKIP/) skips++
		else if (/^# not ok/) { failed++; bad++ }
		else tests++
		line($0)
		next
	}
	/^# / { if (verbose) line($0); else said = said $0 "\n"; next }
	/^not ok/ { end_program(0, "") }
	/^ok/ { end_program(!bad, "") }
	END {
		if (count) printf "\r\033[K"
		printf "%d passed, %d failed, %d skipped\n", passed + tests, failed, skipped + skips > "/dev/stderr"
	}
	' 2>"$1"
}

# sum_numbers: the sum of the guests so far.
sum_numbers()
{
	cat "$work"/*.numbers 2>/dev/null | awk '{ passed += $1; failed += $3; skipped += $5 }
		END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }'
}

# --- a guest that is started again --------------------------------------------------

# interrupted RESULT-FILE: how many tests of the program that has not ended failed, and its name.
interrupted()
{
	awk '/^# selftests: / { name = $NF; failed = 0 }
		/^# not ok/ { failed++ }
		/^(not )?ok / { name = "" }
		END { print failed + 0, name }' "$1"
}

# resume_guest CONSOLE-LOG RESULT-FILE: the guest goes on with the program that was
# interrupted, and panic.sh with its case. No test that has failed is tried again.
resume_guest()
{
	local program failed

	read -r failed program < <(interrupted "$2")
	[ "$failed" -eq 0 ] || { say "FAILED: tests of $program had failed before that"; return 1; }
	say "going on with ${program:-what comes next}"
	[ -n "$program" ] || return 0
	if [ "$program" = panic.sh ]; then
		resume_panics "$1"
	else
		sed -i "/^$program\$/,\$!d" "$work/root/job/tests"
		# On a line of its own, as the last line may be incomplete.
		printf '\nguest: again %s\n' "$program" >>"$2"
	fi
}

# resume_panics CONSOLE-LOG: goes on with the case that the machine went down for last, as the
# log that pstore kept of it is gone.
resume_panics()
{
	local went tests

	went=$(sed -n 's/.*oomwatch goes down: \([a-z_]*\).*/\1/p' "$1" | tail -n 1)
	tests=$(sed -n 's/.*oomwatch tests so far: \([0-9]*\).*/\1/p' "$1" | tail -n 1)
	[ -n "$went" ] || return 0
	cmdline="${cmdline% OOMWATCH_CASE=*} OOMWATCH_CASE=$went OOMWATCH_TESTS=$tests"
}
