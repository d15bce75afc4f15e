#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Journal files and the live journal raise the sshd alerts; the cursor survives a restart.
. "$(dirname "$0")/lib.sh"
remote=
for candidate in /lib/systemd/systemd-journal-remote /usr/lib/systemd/systemd-journal-remote; do
        [ -x "$candidate" ] && remote=$candidate
done

# entries FIRST COUNT: failed logins in the journal's export format, a second apart.
entries() {
        python3 -c '
import sys
first, count = int(sys.argv[1]), int(sys.argv[2])
for n in range(first, first + count):
    t = 1772614800000000 + n * 1000000
    print("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=fedcba9876543210fedcba9876543210\n"
          "_HOSTNAME=web1\n_TRANSPORT=syslog\n_UID=0\n_COMM=sshd\n_PID=%d\nSYSLOG_IDENTIFIER=sshd\nPRIORITY=6\n"
          "MESSAGE=Failed password for root from 203.0.113.5 port %d ssh2\n" % (t, t - 1772614000000000, 1000 + n, 2000 + n))' "$1" "$2"
}
count_of() {
        "$shopbell" alerts --state "$tmp/state" -o ndjson | python3 -c '
import json, sys
print(" ".join("%s=%d" % (a["rule"]["title"], a["count"]) for a in map(json.loads, sys.stdin)))'
}

if [ -z "$remote" ]; then
        skip "journal files" "systemd-journal-remote is not installed"
else
        mkdir -p "$tmp/journal"
        printf 'inputs:\n- {name: sshd, journal: [_COMM=sshd], directory: journal}\n' >"$tmp/shopbell.yml"
        entries 0 15 | "$remote" -o "$tmp/journal/a.journal" - >/dev/null 2>&1
        exits "first part of the journal" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
        has "15 failures are no alert yet" "none $(count_of)" '^none $'
        entries 15 10 | "$remote" -o "$tmp/journal/b.journal" - >/dev/null 2>&1
        exits "second part after a restart" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
        has "25 failures over the restart are one alert" "$(count_of)" '^Many failed logins from one address=25$'
        exits "third start" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
        has "nothing is read twice" "$(count_of)" '^Many failed logins from one address=25$'
fi

if [ -S /run/systemd/journal/socket ] && command -v systemd-cat >/dev/null && journalctl -n 1 -q >/dev/null 2>&1; then
        # Anybody can write to the journal, so the entries are not root's sshd; the trust test is taken out of a copy.
        mkdir -p "$tmp/sources"
        sed '/^journal:/d' "$SHOPBELL_SOURCES/sshd.yml" >"$tmp/sources/sshd.yml"
        printf 'sources: sources\ninputs:\n- {name: live, journal: [SYSLOG_IDENTIFIER=sshd], from: start}\n' >"$tmp/live.yml"
        n=0
        while [ $n -lt 25 ]; do
                echo "Failed password for root from 203.0.113.6 port $((3000 + n)) ssh2" | systemd-cat -t sshd
                n=$((n + 1))
        done
        journalctl --sync
        rm -rf "$tmp/state"
        exits "live journal" 0 "$shopbelld" --config "$tmp/live.yml" --state "$tmp/state" --once
        has "the live journal raises the alert" "$(count_of)" 'Many failed logins from one address='
else
        skip "live journal" "no journal runs here"
fi
finish
