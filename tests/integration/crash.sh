#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The daemon is killed and its writes fail, again and again: nothing is lost, nothing is told twice.
#   CRASH_KILLS   how often (200); make crash-test sets 1000     CRASH_SEED   another seed
. "$(dirname "$0")/lib.sh"
remote=
for candidate in /lib/systemd/systemd-journal-remote /usr/lib/systemd/systemd-journal-remote; do
        [ -x "$candidate" ] && remote=$candidate
done
kills=${CRASH_KILLS:-200}
if [ -z "${CRASH_KILLS:-}" ] && ldd "$shopbelld" | grep -q libasan; then
        kills=40 # starting takes ten times as long with sanitizers
fi
seed=${CRASH_SEED:-1}
mkdir "$tmp/crash"
if said=$(timeout 1500 python3 "$(dirname "$0")/crash.py" "$shopbelld" "$shopbell" "$SHOPBELL_BUILD/tests/fault/fault.so" "$tmp/crash" \
        "$seed" "$kills" $remote 2>&1); then
        ok "$kills ends in the middle, seed $seed: $said"
else
        not_ok "$kills ends in the middle, seed $seed" "$said"
fi
[ -n "$remote" ] || skip "a journal among them" "systemd-journal-remote is not installed"
finish
