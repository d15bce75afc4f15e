#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The units: how much of the system they are closed off from, as systemd itself counts it, and mistakes in them.
. "$(dirname "$0")/lib.sh"
if ! command -v systemd-analyze >/dev/null; then
        skip "units" "systemd-analyze is not installed"
        exit 0
fi
unit=$SHOPBELL_BUILD/systemd/shopbelld.service
out=$(systemd-analyze security --offline=yes --threshold=15 "$unit" 2>&1)
code=$?
if [ "$code" = 0 ]; then ok "exposure of shopbelld.service is at most 1.5"; else not_ok "exposure of shopbelld.service is at most 1.5" "$(printf '%s\n' "$out" | tail -n 3)"; fi

# What the unit starts must be there for systemd-analyze verify.
sed "s|^\(Exec[A-Za-z]*=\)[^ ]*/shopbell|\1$SHOPBELL_BUILD/shopbell|" "$unit" >"$tmp/shopbelld.service"
exits "shopbelld.service has no mistakes" 0 systemd-analyze verify --man=no --recursive-errors=no "$tmp/shopbelld.service"
for line in Type=notify Restart=on-failure PrivateNetwork=yes ProtectSystem=strict NoNewPrivileges=yes StateDirectory=shopbell; do
        has "it says $line" "$(cat "$unit")" "^$line\$"
done
for line in WatchdogSec SystemCallFilter MemoryHigh MemoryMax; do
        has "it has $line" "$(cat "$unit")" "^$line=."
done

# Those that deliver notices: one with the network, one without.
for kind in mail webhook command; do
        unit=$SHOPBELL_BUILD/systemd/shopbell-$kind@.service
        out=$(systemd-analyze security --offline=yes --threshold=15 "$unit" 2>&1)
        code=$?
        if [ "$code" = 0 ]; then ok "exposure of shopbell-$kind@ is at most 1.5"; else not_ok "exposure of shopbell-$kind@ is at most 1.5" "$(printf '%s\n' "$out" | tail -n 3)"; fi
        sed "s|^\(Exec[A-Za-z]*=\)[^ ]*/shopbell-send|\1$SHOPBELL_BUILD/shopbell-send|" "$unit" >"$tmp/shopbell-$kind@.service"
        exits "shopbell-$kind@.service has no mistakes" 0 systemd-analyze verify --man=no --recursive-errors=no "$tmp/shopbell-$kind@.service"
        has "a stop of shopbell-$kind@ cuts nothing off" "$(cat "$unit")" '^KillMode=mixed$'
        has "shopbell-$kind@ sees nothing of the store" "$(cat "$unit")" '^InaccessiblePaths=-.*/shopbell.db$'
        has "and nothing of the bus" "$(cat "$unit")" '^InaccessiblePaths=-/run/dbus/system_bus_socket$'
done
has "commands have no network" "$(cat "$SHOPBELL_BUILD/systemd/shopbell-command@.service")" '^PrivateNetwork=yes$'

ids=$(sed -n 's/^#define MESSAGE_[A-Z_]* "\([0-9a-f]\{32\}\)".*/\1/p' "$SHOPBELL_SRCDIR/monitor/base/messages.h" | sort)
catalog=$(sed -n 's/^-- \([0-9a-f]\{32\}\)$/\1/p' "$SHOPBELL_SRCDIR"/systemd/*.catalog | sort)
has "no id is used twice" ".$(printf '%s\n' "$ids" | uniq -d)" '^\.$'
unknown=$(printf '%s\n' "$catalog" | while read -r id; do printf '%s\n' "$ids" | grep -qx "$id" || echo "$id"; done)
has "what the catalogue explains is written somewhere" ".$unknown" '^\.$'
if command -v journalctl >/dev/null; then
        # Read as journalctl would: --update-catalog compiles it, into a root of our own.
        mkdir -p "$tmp/root/usr/lib/systemd/catalog" "$tmp/root/var/lib/systemd/catalog"
        cp "$SHOPBELL_SRCDIR"/systemd/*.catalog "$tmp/root/usr/lib/systemd/catalog"
        exits "the catalogue compiles" 0 journalctl --update-catalog --root="$tmp/root"
        has "without a word" ".$(grep -v 'No catalog files' "$tmp/err")" '^\.$'
fi
finish
