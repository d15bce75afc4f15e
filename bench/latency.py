#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make bench-latency`: from a line's end in a tailed file to its alert in the store, as another reader of the store sees it,
while BENCH_RATE (5000) lines a second are appended for BENCH_SECONDS (10). One line in a hundred raises an alert. Then, with
nothing to read: how often the daemon wakes up.

    latency.py SHOPBELLD"""
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

RATE, SECONDS, EVERY = int(os.environ.get('BENCH_RATE', 5000)), float(os.environ.get('BENCH_SECONDS', 10)), 100
RULE = '''title: Login
id: login
level: low
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: success}, condition: s}
'''


def write_lines(path, stamps, base):
    """Appends lines at the wanted rate; notes when each alerting one was complete."""
    begin, n = time.monotonic(), 0
    with open(path, 'ab', buffering=0) as log, open(stamps, 'w') as out:
        while n < RATE * SECONDS:
            due = int((time.monotonic() - begin) * RATE)
            if due <= n:
                time.sleep(0.0005)
                continue
            text, alerting = [], []
            for n in range(n + 1, min(due, int(RATE * SECONDS)) + 1):
                verb, who = ('Accepted', 'u%d' % n) if n % EVERY == 0 else ('Failed', 'x%d' % (n % 50))
                stamp = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(base + n // RATE))
                text.append('%s.%06d+00:00 web1 sshd[%d]: %s password for %s from 203.0.113.%d port %d ssh2\n' % (
                    stamp, n % RATE * 1000000 // RATE, n, verb, who, n % 250, 1024 + n % 60000))
                if n % EVERY == 0:
                    alerting.append(who)
            log.write(''.join(text).encode())
            now = time.monotonic()
            for who in alerting:
                out.write('%s %.6f\n' % (who, now))


def switches(pid):
    with open('/proc/%d/status' % pid) as status:
        return {line.split(':')[0]: int(line.split()[1]) for line in status if 'ctxt_switches' in line}['voluntary_ctxt_switches']


def main():
    with tempfile.TemporaryDirectory() as top:
        log, stamps, state = (os.path.join(top, name) for name in ('auth.log', 'stamps', 'state'))
        open(log, 'w').close()
        open(os.path.join(top, 'rules.yml'), 'w').write(RULE)
        with open(os.path.join(top, 'shopbell.yml'), 'w') as file:
            file.write('rules: rules.yml\ninputs:\n- {name: auth, tail: auth.log, source: sshd}\n')
        daemon = subprocess.Popen([sys.argv[1], '--config', os.path.join(top, 'shopbell.yml'), '--state', state])
        store = os.path.join(state, 'shopbell.db')
        while not os.path.exists(store):
            time.sleep(0.01)
        db = sqlite3.connect('file:%s?mode=ro' % store, uri=True)
        writer = os.fork()
        if writer == 0:
            write_lines(log, stamps, int(time.time()))
            os._exit(0)
        seen, last, end = {}, 0, time.monotonic() + SECONDS + 10
        wanted = int(RATE * SECONDS) // EVERY
        while len(seen) < wanted and time.monotonic() < end:
            try:
                rows = db.execute('SELECT rowid, person FROM alert WHERE rowid > ?', (last,)).fetchall()
            except sqlite3.OperationalError:
                continue
            now = time.monotonic()
            for last, person in rows:
                seen[person] = now
        os.waitpid(writer, 0)
        times = sorted(seen[who] - float(at) for who, at in map(str.split, open(stamps)) if who in seen)
        if len(times) < wanted:
            sys.exit('bench-latency: only %d of %d alerts came' % (len(times), wanted))
        milli = lambda share: 1000 * times[min(len(times) - 1, int(share * len(times)))]
        print('%d lines/s, %d alerts: p50 %.1f ms, p99 %.1f ms, max %.1f ms' % (RATE, len(times), milli(0.5), milli(0.99), milli(1)))
        time.sleep(1)
        before = switches(daemon.pid)
        time.sleep(5)
        print('idle: %.1f wake-ups a second' % ((switches(daemon.pid) - before) / 5))
        daemon.terminate()
        daemon.wait()


main()
