# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # variables of the scripts that source this
#
# Which lines of the module ran in the guests. On a kernel with CONFIG_GCOV_KERNEL the module
# counts, and guests send the counters with their results. This file sums up those of all guests.
# scripts/host/unreached has the reasons for lines that are not reached. Sourced by scripts/check.

# If a smaller percentage of the lines is reached, that is a failure.
coverage_least=90

counts_lines() { [[ $flavour == *+gcov* ]]; }

# collect_counters NAME RESULT-FILE: unpacks the counters that a guest sent, by the paths of the
# objects on this machine. A guest that lacks debugfs or is locked down sends none.
collect_counters()
{
	local to=$work/counters/$1

	mkdir -p "$to"
	sed -n 's/^counters: //p' "$2" | base64 -d 2>/dev/null | tar -C "$to" -xz 2>/dev/null
}

# kgcov ARGUMENT...: the gcov of the module's compiler, see kmake.
kgcov()
{
	local gcov=${cc/gcc/gcov}

	if [ -z "$chroot" ]; then
		"$gcov" "$@"
	else
		in_debian "$chroot" "$(id -u):$(id -g)" "$cache $work" "$gcov" "$@"
	fi
}

# For each line with code, in each guest and build: file, number, count.
counted_lines()
{
	local counters object

	find "$work/counters" -name '*.gcda' | while IFS= read -r counters; do
		object=${counters#"$work"/counters/*/}
		cp "/${object%.gcda}.gcno" "${counters%.gcda}.gcno" && kgcov -t "$counters"
	done 2>"$work/gcov.log" | awk -v work="$work/" '
		{ count = $0; sub(/:.*/, "", count); line = $0; sub(/^[^:]*: */, "", line) }
		# Only sources of the module: copies of them are in $work, those of the kernel are not.
		line ~ /^0:Source:/ {
			file = substr(line, 10)
			ours = index(file, work) == 1
			file = substr(file, length(work) + 1)
			sub(/^[^\/]*\//, "", file)
		}
		ours && line + 0 > 0 && count !~ /-/ {
			gsub(/[ *]/, "", count)
			print file, line + 0, count ~ /^[#=]/ ? 0 : count
		}'
}

# For each line: file, number, and 1 if any guest and build reached it, else 0.
merged_lines()
{
	awk '
		{ lines[$1 " " $2] += $3 > 0 }
		END { for (line in lines) print line, (lines[line] > 0) }' | sort -k1,1 -k2,2n
}

# coverage_table FILE: the numbers of each source, from the output of merged_lines.
coverage_table()
{
	awk '
		function row(name, of, reached) {
			printf "%-20s %6d %8d %11.1f\n", name, of, reached, of ? 100 * reached / of : 0
		}
		function end_file() { if (n) row(file, n, reached); n = reached = 0 }
		BEGIN { printf "%-20s %6s %8s %11s\n", "file", "lines", "reached", "per cent" }
		$1 != file { end_file(); file = $1 }
		{ n++; reached += $3; all++; all_reached += $3 }
		END { end_file(); row("total", all, all_reached) }' "$1"
}

# unreached FILE: prints the lines that were not reached, by reason, and a function once if none of
# its lines was. Fails if a row of scripts/host/unreached matches no line of the sources any more.
unreached()
{
	awk -v top="$top/" '
		function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
		# The text of each line, and its function.
		function read_source(file,    n, line, name) {
			if (file in seen) return
			seen[file] = 1
			while ((getline line <(top file)) > 0) {
				if (line ~ /^[A-Za-z_].*\(/ && line !~ /;$/) {
					name = line
					sub(/\(.*/, "", name)
					sub(/.*[ *]/, "", name)
				}
				text[file, ++n] = trim(line)
				within[file, n] = name ? name : "-"
				if (line ~ /^}/) name = ""
			}
			length_of[file] = n
		}
		function fits(r, file, n) {
			return of_file[r] == file && (of_function[r] == "*" || of_function[r] == within[file, n]) &&
				index(text[file, n], of_text[r])
		}
		function reason_of(file, n,    r) {
			for (r = 1; r <= reasons; r++)
				if (fits(r, file, n)) return reason[r]
			return "no reason known"
		}
		function is_used(r,    n) {
			read_source(of_file[r])
			for (n = 1; n <= length_of[of_file[r]]; n++)
				if (fits(r, of_file[r], n)) return 1
			return 0
		}
		function add(why, said, n) {
			if (!(why in lines)) order[++groups] = why
			lines[why] += n
			list[why] = list[why] "  " said "\n"
		}
		# --- the reasons
		FNR == NR && (/^#/ || NF == 0) { next }
		FNR == NR && /^[^\t]/ { why = $0; next }
		FNR == NR {
			reason[++reasons] = why
			of_file[reasons] = $1
			of_function[reasons] = $2
			rest = trim($0)
			sub(/^[^ \t]+[ \t]+[^ \t]+[ \t]*/, "", rest)
			of_text[reasons] = rest
			next
		}
		# --- the lines
		{
			read_source($1)
			where = $1 " " within[$1, $2]
			code[where]++
			reached[where] += $3
			if (!$3) { file[++n] = $1; number[n] = $2 }
		}
		END {
			for (i = 1; i <= n; i++) {
				where = file[i] " " within[file[i], number[i]]
				why = reason_of(file[i], number[i])
				if (reached[where])
					add(why, file[i] ":" number[i] " " within[file[i], number[i]] "(): " text[file[i], number[i]], 1)
				else if (!said[where, why]++)
					whole[++wholes] = where SUBSEP why
				if (!reached[where]) of_whole[where, why]++
			}
			for (i = 1; i <= wholes; i++) {
				split(whole[i], part, SUBSEP)
				split(part[1], name, " ")
				add(part[2], name[1] " " name[2] "(): all of it", of_whole[part[1], part[2]])
			}
			for (i = 1; i <= groups; i++)
				printf "\nnot reached, %d: %s\n%s", lines[order[i]], order[i], list[order[i]]
			for (r = 1; r <= reasons; r++)
				if (!is_used(r)) {
					printf "\nno line matches this row of scripts/host/unreached: %s %s %s\n", of_file[r], of_function[r], of_text[r]
					unused = 1
				}
			exit unused
		}' "$top/scripts/host/unreached" "$1"
}

# report_coverage: prints the table and the lines that are not reached. If all tests have run, also
# judges the sum.
report_coverage()
{
	local lines=$work/lines said=ok

	counted_lines | merged_lines >"$lines"
	echo
	coverage_table "$lines"
	unreached "$lines" || said="not ok"
	echo
	[ "$pattern" = . ] || return 0
	awk -v least="$coverage_least" -v reasons="$said" -v numbers="$work/coverage.numbers" '
		{ n++; reached += $3 }
		END {
			enough = n && 100 * reached >= least * n
			printf "%s coverage: %.1f %% of %d lines\n", enough ? "ok" : "not ok", n ? 100 * reached / n : 0, n
			print reasons, "reasons for lines that are not reached are of lines that there are"
			passed = enough + (reasons == "ok")
			print passed, "passed,", 2 - passed, "failed, 0 skipped" >numbers
		}' "$lines"
}
