# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables shared with the scripts that source this
#
# Boots guests in QEMU and watches them to their end. Sourced by scripts/host/lib.sh, which makes
# their root. What differs between architectures is in scripts/host/kernels.sh.

# --- start and stop -----------------------------------------------------------

pack_root()
{
	(cd "$work/root" && find . | cpio --quiet -o -H newc -R 0:0 | gzip -1) >"$work/initramfs" ||
		die "could not pack the guest's root"
}

# A guest has to end where it would hang: a lockup panics, and a panic reboots.
cmdline="loglevel=6 log_buf_len=4M noirqdebug oops=panic softlockup_panic=1 sysctl.kernel.panic_on_rcu_stall=1 panic=-1"
# Options of QEMU that a test may replace.
machine=(-no-reboot)
# A balloon takes two fifths of the memory as soon as the guest loads the balloon's module. A kernel of
# the caller's own may have it built in.
balloon=()
# If set, the console goes through two pipes (.in, .out) to a reader that can be stopped.
console_pipe=

# start_guest JOB ACCELERATION CONSOLE-LOG RESULT-FILE: console and results are appended.
start_guest()
{
	local job=$1 accel=$2 console=$3 results=$4
	local port="file,id=console,path=$console,append=on" qmp=

	pack_root
	if [ "$arch" = amd64 ] && ! own_kernel; then
		balloon=(-device virtio-balloon-pci -qmp stdio)
		qmp='{"execute": "qmp_capabilities"} {"execute": "balloon", "arguments": {"value": '$((guest_mb * 3 / 5 << 20))'}}'
	fi
	if [ -n "$console_pipe" ]; then
		port=pipe,id=console,path=$console_pipe
		cat "$console_pipe.out" >>"$console" &
		echo $! >"$console_pipe.reader"
	fi
	# shellcheck disable=SC2086 # two words
	"${qemu[@]}" $accel -m "$guest_mb" -display none -monitor none "${machine[@]}" "${balloon[@]}" \
		-kernel "$kernel" -initrd "$work/initramfs" \
		-append "console=$console_port $clock $cmdline oomwatch.job=$job oomwatch.port=$results_port" \
		-chardev "$port" -serial chardev:console \
		-chardev "file,id=results,path=$results,append=on" \
		-device "$results_device,chardev=results" >"$work/qemu.log" 2>&1 \
		<<<"$qmp" &
	guest_pid=$!
}

guest_runs() { kill -0 "$guest_pid" 2>/dev/null; }

# wait_exit SECONDS: whether the guest ends by itself.
wait_exit()
{
	local n

	for ((n = 0; n < $1 * 10; n++)); do
		guest_runs || return 0
		sleep 0.1
	done
	return 1
}

stop_guest()
{
	[ -n "$guest_pid" ] || return 0
	kill "$guest_pid" 2>/dev/null
	wait_exit 1 || kill -9 "$guest_pid"
	wait "$guest_pid" 2>/dev/null
	guest_pid=
}

# --- acceleration ---------------------------------------------------------------

# tcg multi|single: emulation with a thread for each CPU, or one for all. With a thread for each,
# a CPU can go on running an old translation of code that another CPU has patched. If that has a
# breakpoint, the kernel dies of it (see stale_breakpoint()) or, as it believes that the breakpoint
# has just been removed, runs the same code again without end (kprobe_int3_handler()).
tcg() { echo "-accel tcg,thread=$1 -cpu $tcg_cpu"; }

is_emulated() { [[ $accel = *tcg* ]]; }

# threads multi|single: sets that for the next guests, if they are emulated.
threads() { ! is_emulated || accel=$(tcg "$1"); }

# Sets accel: KVM if a probe boot works within seconds, else emulation.
choose_accel()
{
	local known

	accel=$(tcg multi)
	[ "$arch" = "$(host_arch)" ] && [ -w /dev/kvm ] || return 0
	known=$cache/kvm-$(uname -r)-$(stat -c %s-%Y "$(realpath "$kernel")")
	if [ ! -e "$known" ]; then
		say "trying KVM for a few seconds ..."
		# In a subshell with no output, as the shell would report a QEMU that aborts.
		if (
			start_guest probe "-accel kvm -cpu host" "$work/probe.console" "$work/probe.results"
			watch_guest "$work/probe.console" "$work/probe.results" 8
			worked=$?
			stop_guest
			exit $worked
		) 2>/dev/null; then
			echo yes >"$known"
		else
			echo no >"$known"
		fi
	fi
	if [ "$(cat "$known")" = no ]; then
		say "KVM does not work here: the guests are emulated"
	else
		accel="-accel kvm -cpu host"
	fi
}

# --- watching -------------------------------------------------------------------

# Seconds without a word on the console after which a boot, or a panic, counts as hung. A
# kernel that boots says something every few seconds. On a machine that is busy with other things
# these seconds don't count until QEMU had a CPU for half of them, or five times as many have
# passed.
boot_silence=60
clock_ticks=$(getconf CLK_TCK)

# guest_cpu: prints the seconds of CPU time that QEMU has had.
guest_cpu()
{
	local stat fields

	{ stat=$(<"/proc/$guest_pid/stat"); } 2>/dev/null || { echo 0; return; }
	# The name, in brackets, may have spaces.
	read -ra fields <<<"${stat##*) }"
	echo $(((fields[11] + fields[12]) / clock_ticks))
}

# has_hung SINCE CPU: whether the guest hangs. It has said nothing since the time SINCE, when QEMU
# had had CPU seconds of CPU time.
has_hung()
{
	local silence=$((SECONDS - $1))

	[ $silence -ge $boot_silence ] || return
	[ $silence -ge $((5 * boot_silence)) ] || [ $(($(guest_cpu) - $2)) -ge $((boot_silence / 2)) ]
}

# guest_stage CONSOLE-LOG: prints boot (until /init runs), up, or panic (until the next boot).
guest_stage()
{
	local marks='oomwatch guest: begin|Kernel panic - not|Rebooting in |Restarting system|Linux version [0-9]'

	case $(grep -aoE "$marks" "$1" 2>/dev/null | tail -n 1) in
	oomwatch*) echo up ;;
	Kernel*) echo panic ;;
	*) echo boot ;;
	esac
}

is_done() { grep -aq '^guest: done' "$1" 2>/dev/null; }

# watch_guest CONSOLE-LOG RESULT-FILE SECONDS: waits until the guest is done, or sets trouble to
# what is wrong, and qemu_status if QEMU has ended. A reboot may be silent for as long as the first
# boot may.
watch_guest()
{
	local console=$1 results=$2 end=$((SECONDS + $3)) spoke=$SECONDS cpu=0 size=0 now stage

	trouble='' qemu_status=0
	until is_done "$results"; do
		if ! guest_runs; then
			# Its last output may have come after the look above.
			is_done "$results" || trouble=crashed
			wait "$guest_pid" 2>/dev/null
			qemu_status=$?
			break
		fi
		now=$(stat -c %s "$console" 2>/dev/null)
		if [ "$now" != "$size" ]; then
			size=$now stage=speaks
		else
			# Search for the stage only when the log does not grow: searching is slow.
			stage=$(guest_stage "$console")
		fi
		case $stage in
		# A guest that is up may be silent.
		speaks | up) spoke=$SECONDS cpu=$(guest_cpu) ;;
		esac
		if has_hung $spoke "$cpu"; then
			trouble="hung in its $stage, without a word for $((SECONDS - spoke)) s"
		elif [ $SECONDS -ge $end ]; then
			trouble="did not end in $3 s"
		fi
		[ -z "$trouble" ] || break
		sleep 0.2
	done
	[ -z "$trouble" ]
}

# --- faults of the emulator -------------------------------------------------------

# stale_breakpoint CONSOLE-LOG: prints where the kernel died of a breakpoint that is not in
# memory. An oops shows the code, with <> around the byte after the breakpoint. If the byte before
# that is not cc (int3), the CPU ran an old translation: the kernel itself removes a breakpoint
# only when no CPU can be in it any more (arch/x86/kernel/alternative.c: text_poke_bp_batch()).
stale_breakpoint()
{
	awk '
	/int3: [0-9]+ \[#1\]/ { died = 1 }
	died && !place && /RIP: [0-9]+:/ { place = $0; sub(/.*RIP: [0-9]+:/, "", place) }
	died && / Code: / {
		match($0, /[0-9a-f][0-9a-f] <[0-9a-f][0-9a-f]>/)
		stale = RSTART && substr($0, RSTART, 2) != "cc"
		exit
	}
	END { if (stale) print place; exit !stale }' "$1"
}

# wrong_clock CONSOLE-LOG: whether the last boot found two rates of the TSC, of which the kernel takes
# the one that a busy host can falsify (arch/x86/kernel/tsc.c: pit_hpet_ptimer_calibrate_cpu()). The
# guest ends then, before any test.
wrong_clock()
{
	awk '
	/Linux version [0-9]/ { wrong = 0 }
	/tsc: PIT calibration deviates/ { wrong = 1 }
	/oomwatch guest: begin/ { wrong = 0 }
	END { exit !wrong }' "$1"
}

# lost_timer CONSOLE-LOG: whether the last boot ended because a timer of the kernel did not fire. At
# that time nothing of this project had run.
lost_timer()
{
	awk '
	/Linux version [0-9]/ { begun = waited = lost = 0 }
	/oomwatch guest: begin/ { begun = 1 }
	/rcu: .* kthread timer wakeup didn.t happen/ { waited = 1 }
	/Kernel panic - not syncing: RCU Stall/ { lost = waited && !begun }
	END { exit !lost }' "$1"
}

# signal_of_qemu: prints the signal with which QEMU ended itself, as by a failed assertion of its own:
# whatever a guest does, QEMU is to go on. Others may have sent SIGKILL and SIGTERM.
signal_of_qemu()
{
	local name

	[ "$qemu_status" -gt 128 ] && name=$(kill -l "$qemu_status") || return
	case $name in
	ILL | TRAP | ABRT | BUS | FPE | SEGV | SYS) echo "SIG$name" ;;
	*) return 1 ;;
	esac
}

# emulator_fault CONSOLE-LOG: prints what went wrong, if that was the emulator's fault. A boot that
# hangs is: before /init nothing of this project runs in the guest.
emulator_fault()
{
	local place signal

	is_emulated || return
	case $trouble in
	"hung in its boot"*)
		# A kernel of the caller's may have no driver for the console.
		! own_kernel || [ -s "$1" ] || return
		echo "$trouble"
		;;
	crashed)
		! signal=$(signal_of_qemu) || { echo "ended as QEMU itself died of $signal"; return; }
		! wrong_clock "$1" || { echo "took its clock for faster than it is"; return; }
		! lost_timer "$1" || { echo "waited in its boot for a timer that did not fire"; return; }
		place=$(stale_breakpoint "$1") || return
		echo "died at $place of a breakpoint that is not in its memory"
		;;
	*) return 1 ;;
	esac
}

# resume_guest CONSOLE-LOG RESULT-FILE: prepares a guest that is started again; false if it must
# not be. This one has the guest repeat its whole job. scripts/check has one of its own
# (results.sh), by which the guest goes on with the test that was interrupted.
resume_guest()
{
	say "starting it again"
	: >"$2"
}

faults_allowed=3

# run_guest JOB CONSOLE-LOG RESULT-FILE SECONDS: runs a guest to its end; true if it says that it
# is done. After a fault of the emulator it starts the guest again, at most three times, and keeps
# the log of the console until then as .1, .2 and .3.
run_guest()
{
	local job=$1 console=$2 results=$3 seconds=$4 fault faults=0

	rm -f "$console"*
	# Emptied, not removed: a tail -f may be reading it.
	: >"$results"
	while start_guest "$job" "$accel" "$console" "$results" &&
		! watch_guest "$console" "$results" "$seconds"; do
		cat "$work/qemu.log" >&2
		stop_guest
		fault=$(emulator_fault "$console") || { say "FAILED: the guest $trouble"; return 1; }
		echo "$fault" >>"$work/faults"
		say "emulator fault: the guest $fault"
		[ $faults -lt $faults_allowed ] ||
			{ say "FAILED: the guest was started again $faults times already"; return 1; }
		resume_guest "$console" "$results" || return
		faults=$((faults + 1))
		mv "$console" "$console.$faults"
	done
	wait_exit 10 || { say "FAILED: the guest was done, but did not end in 10 s"; stop_guest; return 1; }
	stop_guest
}

# Emulator faults of this run, which may have ended before it had a folder.
count_faults() { { [ -n "${work:-}" ] && grep -c . "$work/faults" 2>/dev/null; } || echo 0; }

# --- judging ----------------------------------------------------------------------

# What the kernel says only when something is wrong. The boot is not searched, as the kernel
# warns about the processor there.
splats='BUG:|BUG [^ ]+ \(|WARNING:|INFO: task|INFO: rcu|INFO: possible|INFO: suspicious|UBSAN:|ODEBUG:|KASAN:|KCSAN:|general protection fault|Oops:|int3: [0-9]|Kernel panic|kernel BUG|sleeping function|list_(add|del) corruption|refcount_t:|detected field-spanning|detected buffer overflow|self-detected stall|detected stalls|soft lockup|hard LOCKUP|possible circular locking|kmemleak: [0-9]+ new'

# The complaints that a test provokes on purpose.
expected='^$'
# The module taints the kernel: it is out of tree (4096) and has no signature (8192).
expected_taint=12288

# after_boot CONSOLE-LOG: what the kernel said except while it booted.
after_boot() { awk '/Linux version [0-9]/ { on = 0 } on; /oomwatch guest: begin/ { on = 1 }' "$1"; }

# complaints CONSOLE-LOG: the kernel's complaints, also in the logs of a guest that was started
# again. Each of those may end with the oops of the emulator's fault, which is left out.
complaints()
{
	local file

	for file in "$1".[0-9] "$1"; do
		[ -e "$file" ] || continue
		if [ "$file" != "$1" ] && stale_breakpoint "$file" >/dev/null; then
			after_boot "$file" | sed '/int3: [0-9]* \[#1\]/,$d'
		else
			after_boot "$file"
		fi
	done | grep -aE "$splats" | grep -avE "$expected"
}

# judge_guest CONSOLE-LOG RESULT-FILE: says what was wrong with a guest that is done; true if
# nothing was.
judge_guest()
{
	local console=$1 results=$2 taint bad=0

	if ! grep -aq '^guest: status 0' "$results"; then
		say "FAILED: the guest does not say that its job succeeded"
		bad=1
	fi
	taint=$(sed -n 's/^guest: tainted //p' "$results" | tail -n 1)
	case $taint in
	'' | *[!0-9]*)
		say "FAILED: the kernel did not say whether it is tainted"
		bad=1
		;;
	*)
		if [ $((taint & ~expected_taint)) -ne 0 ]; then
			say "FAILED: the kernel is tainted: $taint"
			bad=1
		fi
		;;
	esac
	if ! grep -aq 'oomwatch guest: begin' "$console"; then
		say "FAILED: the console's log does not have the begin of the guest's job"
		bad=1
	fi
	if complaints "$console" >"$work/splats"; then
		head -n 20 "$work/splats" >&2
		say "FAILED: the kernel complained, see above"
		bad=1
	fi
	return $bad
}
