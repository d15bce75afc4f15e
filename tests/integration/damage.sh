#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The disk fills up, the store cannot be written any more, pages of it or journal files are damaged, the clock goes back: a
# clear message, nothing lost or counted twice, and on it goes when that is mended.
. "$(dirname "$0")/lib.sh"
fault="$SHOPBELL_BUILD/tests/fault/fault.so"
log="$tmp/auth.log" config="$tmp/shopbell.yml"
printf 'inputs:\n- {name: auth, tail: %s, source: sshd}\n' "$log" >"$config"
base=$(($(date +%s) + 3600))
grow() { # grow FROM TO: failed logins, a second apart
        n=$1
        while [ "$n" -lt "$2" ]; do
                printf '%s web1 sshd[%d]: Failed password for root from 203.0.113.5 port %d ssh2\n' \
                        "$(date -u -d "@$((base + n))" +%Y-%m-%dT%H:%M:%S+00:00)" "$n" $((2000 + n)) >>"$log"
                n=$((n + 1))
        done
}
once() { # once STATE [SETTING=VALUE…]: what the daemon says is left in $err, its exit code in $code
        state=$1
        shift
        [ $# = 0 ] || set -- env LD_PRELOAD="$fault" ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 "$@"
        "$@" "$shopbelld" --config "$config" --state "$state" --once 2>"$tmp/err" </dev/null
        code=$? err=$(cat "$tmp/err")
}
goes() { once "$@"; if [ $code = 0 ]; then ok "$what: it goes on"; else not_ok "$what: it goes on" "exit $code: $err"; fi; }
ends() { # ends PATTERN STATE …: with a message
        pattern=$1
        shift
        once "$@"
        if [ $code = 3 ]; then ok "$what: the daemon ends"; else not_ok "$what: the daemon ends" "exit $code: $err"; fi
        has "$what: the message" "$err" "$pattern"
}
told() { # told STATE RECORDS: an alert of all of them, none twice
        has "$what: $2 records" "$("$shopbell" status --state "$1")" "^records +$2 "
        has "$what: one alert of $2" "$("$shopbell" alerts --state "$1" -o csv)" "^[^,]*,[^,]*,[^,]*,$2,|[^0-9]$2 failed logins"
}

what="disk full"
grow 0 30
goes "$tmp/full"
grow 30 60
ends 'shopbell.db.*: .*(disk|full)' "$tmp/full" FAULT_AT=3 FAULT_KIND=enospc FAULT_FOREVER=1 FAULT_PATH="$tmp/full"
goes "$tmp/full"
told "$tmp/full" 60

what="a small disk"
mkdir "$tmp/disk"
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=2m none "$tmp/disk" 2>/dev/null; then
        goes "$tmp/disk/state"
        dd if=/dev/zero of="$tmp/disk/rest" bs=1k 2>/dev/null
        grow 60 90
        ends 'shopbell.db.*: .*(the disk is full: make room|look at the disk)' "$tmp/disk/state"
        rm "$tmp/disk/rest"
        goes "$tmp/disk/state"
        told "$tmp/disk/state" 90

        what="read-only"
        grow 90 100
        mount -o remount,ro "$tmp/disk"
        ends 'shopbell.db.*: .*[Rr]ead-only|[Rr]ead-only' "$tmp/disk/state"
        mount -o remount,rw "$tmp/disk"
        goes "$tmp/disk/state"
        told "$tmp/disk/state" 100
        umount "$tmp/disk"
else
        skip "$what, and a read-only one" "nothing can be mounted here"
        grow 60 100
fi

what="a damaged page"
goes "$tmp/page"
cp -r "$tmp/page" "$tmp/copy"
rm -f "$tmp/page"/shopbell.db-wal "$tmp/page"/shopbell.db-shm
size=$(stat -c %s "$tmp/page/shopbell.db")
dd if=/dev/urandom of="$tmp/page/shopbell.db" bs=4096 seek=1 count=$((size / 4096 - 1)) conv=notrunc 2>/dev/null
grow 100 110
ends 'shopbell.db.*damaged.*restore a copy' "$tmp/page"
rm -rf "$tmp/page" && mv "$tmp/copy" "$tmp/page"
goes "$tmp/page"
told "$tmp/page" 110

what="the clock goes back by a day"
goes "$tmp/clock"
grow 110 120
goes "$tmp/clock" FAULT_CLOCK=-86400
grow 120 130
goes "$tmp/clock" FAULT_CLOCK=-86400
goes "$tmp/clock"
told "$tmp/clock" 130

what="a damaged journal file"
remote=
for candidate in /lib/systemd/systemd-journal-remote /usr/lib/systemd/systemd-journal-remote; do
        [ -x "$candidate" ] && remote=$candidate
done
if [ -n "$remote" ]; then
        mkdir "$tmp/journal"
        python3 -c '
for n in range(30):
    t = 1772614800000000 + n * 1000000
    print("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=fedcba9876543210fedcba9876543210\n"
          "_HOSTNAME=web1\n_TRANSPORT=syslog\n_UID=0\n_COMM=sshd\n_PID=%d\nSYSLOG_IDENTIFIER=sshd\nPRIORITY=6\n"
          "MESSAGE=Failed password for root from 203.0.113.5 port %d ssh2\n" % (t, t - 1772614000000000, 1000 + n, 2000 + n))' >"$tmp/export"
        "$remote" -o "$tmp/journal/good.journal" "$tmp/export" >/dev/null 2>&1
        head -c 100000 /dev/urandom >"$tmp/journal/noise.journal"
        cp "$tmp/journal/good.journal" "$tmp/journal/zeroes.journal"
        dd if=/dev/zero of="$tmp/journal/zeroes.journal" bs=1k seek=1 count=20 conv=notrunc 2>/dev/null
        printf 'inputs:\n- {name: sshd, journal: [_COMM=sshd], directory: %s}\n' "$tmp/journal" >"$config"
        goes "$tmp/state"
        told "$tmp/state" 30
else
        skip "$what" "systemd-journal-remote is not installed"
fi
finish
