#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# On a kernel that is locked down (integrity), as with Secure Boot, files can be read, but a write
# to debugfs is refused, and so is a module without a signature. Only a reboot unlocks the machine,
# so this runs with OOMWATCH_REBOOT=1 only.

# shellcheck disable=SC2317 # functions that refused calls
# shellcheck source=selftests/functions.sh
. ./functions.sh
[ "${OOMWATCH_REBOOT:-}" = 1 ] || skip_all "locks down the machine: set OOMWATCH_REBOOT=1"
[ -e $debugfs/stats ] || skip_all "oomwatch is not loaded"
lock=/sys/kernel/security/lockdown
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
[ -e $lock ] || skip_all "no lockdown in this kernel"

# refused COMMAND...: whether it fails with EPERM.
refused() { "$@" 2>&1 >/dev/null | grep -q "Operation not permitted"; }
clear_ring() { echo 1 >"$debugfs/clear"; }

echo integrity >$lock && grep -q '\[integrity\]' $lock; ok "the machine is locked"
for file in events last candidates report stats; do
	grep -q . $debugfs/$file; ok "$file is read"
done
[ "$(head -c 64 $debugfs/records | wc -c)" -eq 64 ]; ok "records is read"
refused clear_ring; ok "clear is refused"
log_has "Lockdown: .*debugfs access is restricted"; ok "and the kernel says why"
echo 2000 >$knobs/adj_per_min && [ "$(cat $knobs/adj_per_min)" = 2000 ]; ok "knobs can be set"

before=$(sed -n 's/^victims: //p' $debugfs/stats)
./hog -m 2048 -a 1000 &
until [ "$(cat /proc/$!/oom_score_adj)" = 1000 ]; do sleep 0.1; done
echo f >/proc/sysrq-trigger
wait $! 2>/dev/null
sleep 0.3
[ "$(sed -n 's/^victims: //p' $debugfs/stats)" -gt "$before" ]; ok "a kill is recorded"

rmmod oomwatch; ok "unloads"
# A kernel loads the module if it trusts the key that signed it. A signature is at the end of the
# module, then its length in four bytes, the highest first, and a line of 28.
unsigned=$ko
if insmod "$ko" 2>/dev/null; then
	ok "loads again, as it is signed"
	rmmod oomwatch
	unsigned=$(mktemp)
	len=$(tail -c 32 "$ko" | head -c 4 | od -An -tu1 | awk '{ print (($1 * 256 + $2) * 256 + $3) * 256 + $4 }')
	head -c -$((len + 40)) "$ko" >"$unsigned"
fi
! insmod "$unsigned" 2>/dev/null && ! loaded && [ ! -e $debugfs ]
ok "without a signature it is refused"
log_has "Lockdown: .*unsigned module loading is restricted\|oading of unsigned module is rejected"
ok "and the kernel says why"
[ "$unsigned" = "$ko" ] || rm -f "$unsigned"
finish
