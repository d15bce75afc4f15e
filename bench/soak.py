#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make soak`: SOAK_RECORDS (10^8) records through one daemon, by finished files in a folder, with addresses and people that come
and go. Prints the resident memory as it goes on; fails when it rises above what it was within the first three tenths by more
than a tenth and 8 MB.

    soak.py SHOPBELLD"""
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

RECORDS, BLOCK, AHEAD = int(float(os.environ.get('SOAK_RECORDS', 1e8))), 100000, 3
SPAN = 60 * 86400            # of the log, however many records: all windows and memories come to rest within the warm-up
WARM, TOLERANCE, SLACK_KB = 0.3, 1.1, 8192
RULES = '''title: Failed
name: failed
level: informational
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: failure}, condition: s}
---
title: Login
name: done
level: low
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: success}, condition: s}
'''
KINDS = ('type: event_count, timespan: 5m, condition: {gte: 50}', 'type: value_count, timespan: 10m, condition: {field: user.name, gte: 100}',
         'type: event_count, timespan: 7d, condition: {gte: 180000}', 'type: new_value, timespan: 1h, learning: 1h, memory: 2d, condition: {field: user.name}')


def block(first, base):
    lines, before = [], None
    for n in range(first, first + BLOCK):
        second = n * SPAN // RECORDS
        if second != before:
            stamp, before = time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime(base + second)), second
        era = second // 21600       # addresses and people are others every six hours
        lines.append('%s web1 sshd[%d]: %s password for u%d from 10.%d.%d.%d port %d ssh2\n' % (
            stamp, n % 30000, 'Failed' if n % 500 else 'Accepted', era % 50 * 100 + n % 100, era % 200, n % 40, n * 7 % 25, 1024 + n // 30000 % 60000))
    return ''.join(lines)


def resident_kb(pid):
    with open('/proc/%d/status' % pid) as status:
        return next(int(line.split()[1]) for line in status if line.startswith('VmRSS'))


def main():
    base = int(time.time()) - SPAN - 3600
    with tempfile.TemporaryDirectory() as top:
        spool, state = os.path.join(top, 'spool'), os.path.join(top, 'state')
        os.mkdir(spool)
        with open(os.path.join(top, 'rules.yml'), 'w') as file:
            file.write(RULES)
            for n, kind in enumerate(KINDS):
                file.write('---\ntitle: Kind %d\nid: k%d\nlevel: low\ncorrelation: {rules: [failed], group-by: [source.ip], %s}\n' % (n, n, kind))
        with open(os.path.join(top, 'shopbell.yml'), 'w') as file:
            file.write('rules: rules.yml\ninputs:\n- {name: spool, spool: spool, source: sshd}\n')
        daemon = subprocess.Popen([sys.argv[1], '--config', os.path.join(top, 'shopbell.yml'), '--state', state])
        store = os.path.join(state, 'shopbell.db')
        while not os.path.exists(store):
            time.sleep(0.01)
        db = sqlite3.connect('file:%s?mode=ro' % store, uri=True)

        def taken():
            try:
                row = db.execute("SELECT value FROM counter WHERE name = 'records'").fetchone()
            except sqlite3.OperationalError:
                return 0
            return row[0] if row else 0

        began, written, warm, peak, shown = time.monotonic(), 0, 0, 0, 0
        while taken() < RECORDS:
            if daemon.poll() is not None:
                sys.exit('soak: shopbelld ended with %s' % daemon.returncode)
            if written < RECORDS and written - taken() < AHEAD * BLOCK:
                name = os.path.join(top, 'next')
                with open(name, 'w') as file:
                    file.write(block(written, base))
                os.rename(name, os.path.join(spool, '%07d.log' % (written // BLOCK)))
                written += BLOCK
                old = os.path.join(spool, '%07d.log' % (written // BLOCK - 2 * AHEAD - 2))
                if os.path.exists(old):
                    os.unlink(old)
            else:
                time.sleep(0.01)
            now = resident_kb(daemon.pid)
            peak = max(peak, now)
            if taken() < WARM * RECORDS:
                warm = peak
            elif now > warm * TOLERANCE + SLACK_KB:
                sys.exit('soak: %d MB resident after %d records, %d MB in the first three tenths' % (now // 1024, taken(), warm // 1024))
            if os.environ.get('SOAK_VERBOSE') and taken() // (RECORDS // 20) > shown:
                shown = taken() // (RECORDS // 20)
                print('%d records, %d MB' % (taken(), now // 1024), flush=True)
        seconds = time.monotonic() - began
        print('%d records in %.0f s, %d MB in the first three tenths, at most %d MB, %d MB at the end' % (
            RECORDS, seconds, warm // 1024, peak // 1024, resident_kb(daemon.pid) // 1024))
        daemon.terminate()
        daemon.wait()


main()
