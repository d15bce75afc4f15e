#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# When the kernel says that memory runs short, correlations hold less, which is counted and told; with little held, nothing is
# forgotten. The kernel's file is one of ours here.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "pressure" "python3 is not installed"
        exit 0
fi
cat >"$tmp/run.py" <<'PY'
"""run.py SHOPBELLD DIR HIGH…: the daemon on DIR/shopbell.yml; when it is ready, memory.events counts up to each HIGH in turn, once the
line about the one before has come. What it logs goes to stdout."""
import os
import signal
import socket
import subprocess
import sys

shopbelld, top, marks = sys.argv[1], sys.argv[2], sys.argv[3:]
events = top + '/memory.events'
bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
bell.bind(top + '/notify')
bell.settimeout(120)
open(events, 'w').write('high 5\n')
env = dict(os.environ, NOTIFY_SOCKET=top + '/notify', SHOPBELL_MEMORY_EVENTS=events)
daemon = subprocess.Popen([shopbelld, '--config', top + '/shopbell.yml', '--state', top + '/state'], env=env, stderr=subprocess.PIPE, text=True)
signal.alarm(150)
while 'READY=1' not in bell.recv(4096).decode():
    pass
for mark in marks:
    open(events, 'w').write('high %s\n' % mark)
    for line in daemon.stderr:
        print(line, end='', flush=True)
        if 'memory runs short' in line:
            break
daemon.terminate()
sys.exit(daemon.wait())
PY
value() { "$shopbell" status --state "$tmp/state" -o csv | grep "^$1," | cut -d , -f 2; }

printf 'inputs: [{name: a, tail: %s/auth.log, source: sshd}]\n' "$tmp" >"$tmp/shopbell.yml"
python3 -c '
for n in range(40000):
    print("2026-03-04T09:%02d:%02d+00:00 web1 sshd[2]: Failed password for u%d from 10.%d.%d.%d port 5 ssh2"
          % (n // 60 % 60, n % 60, n, n >> 16, n >> 8 & 255, n & 255))' >"$tmp/auth.log"
out=$(timeout 200 python3 "$tmp/run.py" "$shopbelld" "$tmp" 6 2>&1)
has "much is held: it gets less room" "$out" 'memory runs short: correlations hold at most [0-9]+ MB from now on'
has "that is counted" "$(value memory_short)" '^1$'
has "and what was forgotten" "$(value window_keys_evicted)" '^[1-9][0-9]*$'
has "an alert tells of it" "$("$shopbell" alerts --all --state "$tmp/state")" 'had to forget what it held'

rm -rf "$tmp/state" "$tmp/notify"
head -n 10 "$tmp/auth.log" >"$tmp/few.log" && mv "$tmp/few.log" "$tmp/auth.log"
out=$(timeout 200 python3 "$tmp/run.py" "$shopbelld" "$tmp" 6 2>&1)
has "little is held: it is not that" "$out" 'memory runs short, but not for what correlations hold: .*MemoryHigh='
has "nothing is forgotten" "$(value window_keys_evicted)" '^0$'
has "it is counted all the same" "$(value memory_short)" '^1$'
finish
