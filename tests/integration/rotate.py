#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tailing through rotations and kills: shopbelld follows a file that is written, rotated three times by rename and three
times by copytruncate, while it is killed with SIGKILL ten times at random; its alerts must be those of a scan of the
whole text.

    rotate.py SHOPBELLD SHOPBELL FOLDER SEED

Nothing sleeps for luck: after the last line the script waits until the store's position says that everything was read.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys

from stir import Stir

DAEMON, CLI, FOLDER, SEED = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
STIR = Stir(FOLDER)
LINES, ROTATIONS, KILLS = 3000, 6, 10
rng = random.Random(SEED)
log, whole = os.path.join(FOLDER, 'log', 'auth.log'), os.path.join(FOLDER, 'whole.log')
state, config = os.path.join(FOLDER, 'state'), os.path.join(FOLDER, 'shopbell.yml')


def line(n):
    second = n * 3
    stamp = '2026-03-%02dT%02d:%02d:%02d.%06d+00:00' % (1 + second // 86400, second // 3600 % 24, second // 60 % 60, second % 60, n)
    who = rng.choice(['root', 'ana', 'invalid user x%d' % rng.randrange(40)])
    verb = 'Accepted' if rng.random() < 0.02 else 'Failed'
    return '%s web1 sshd[%d]: %s password for %s from 203.0.113.%d port %d ssh2\n' % (stamp, 100 + n, verb, who, rng.randrange(12), 1024 + n)


def start():
    return subprocess.Popen([DAEMON, '--config', config, '--state', state], stderr=open(os.path.join(FOLDER, 'stderr'), 'a'))


def read_so_far():
    """Records the store has committed."""
    out = subprocess.run([CLI, 'status', '--state', state, '-o', 'ndjson'], capture_output=True, text=True)
    for row in out.stdout.splitlines():
        row = json.loads(row)
        if row['counter'] == 'records':
            return row['value']
    return 0


def wait_for(records, daemon):
    """Waits until so many records are committed; the store is the only thing that says so."""
    why = STIR.until(lambda: read_so_far() >= records,
                     lambda: 'shopbelld ended with %s' % daemon.returncode if daemon.poll() is not None else None)
    if why:
        sys.exit('only %d of %d records were read: %s' % (read_so_far(), records, why))


def rotate(kind, n):
    for i in range(ROTATIONS, 0, -1):
        if os.path.exists('%s.%d' % (log, i)):
            os.rename('%s.%d' % (log, i), '%s.%d' % (log, i + 1))
    if kind == 'rename':
        os.rename(log, log + '.1')
        open(log, 'w').close()
    else:
        shutil.copyfile(log, log + '.1')
        os.truncate(log, 0)


def alerts(lines):
    rows = [json.loads(row) for row in lines]
    return sorted((a['rule']['id'], json.dumps(a['group'], sort_keys=True), a['first_seen'], a['last_seen'], a['count'],
                   '' if a['rule']['id'] == 'shopbell-risk' else a['id']) for a in rows)      # its id is that of its birth


def main():
    os.makedirs(os.path.dirname(log), exist_ok=True)
    with open(config, 'w') as file:
        file.write('inputs:\n- {name: auth, tail: log/auth.log, source: sshd}\n')
    marks = list(range(1, LINES))
    rotations = dict(zip(sorted(rng.sample(marks, ROTATIONS)), ['rename', 'copytruncate'] * 3))
    kills = set(rng.sample(marks, KILLS))
    open(log, 'w').close()
    daemon = start()
    with open(whole, 'w') as copy:
        for n in range(LINES):
            text = line(n)
            copy.write(text)
            half = rng.randrange(len(text)) if rng.random() < 0.05 else 0
            with open(log, 'a') as file:        # half a line first, now and then
                if half:
                    file.write(text[:half])
                    file.flush()
                file.write(text[half:])
            if n == 0:          # from here on the daemon knows the file: whatever becomes of it must be followed
                wait_for(1, daemon)
            if n in rotations:
                rotate(rotations[n], n)
            if n in kills:
                os.kill(daemon.pid, signal.SIGKILL)
                daemon.wait()
                daemon = start()
    wait_for(LINES, daemon)
    daemon.terminate()
    if daemon.wait() != 0:
        sys.exit('shopbelld did not end well')
    if read_so_far() != LINES:
        sys.exit('%d records were read, not %d' % (read_so_far(), LINES))
    tailed = subprocess.run([CLI, 'alerts', '--state', state, '-o', 'ndjson'], capture_output=True, text=True, check=True)
    scanned = subprocess.run([CLI, 'scan', '-q', '--source', 'sshd', '-o', 'ndjson', whole], capture_output=True, text=True, check=True)
    one, other = alerts(tailed.stdout.splitlines()), alerts(scanned.stdout.splitlines())
    if one != other:
        sys.exit('the alerts differ:\n%s\n%s' % ([a for a in one if a not in other], [a for a in other if a not in one]))
    if not scanned.stdout:
        sys.exit('no alerts at all')
    print('%d lines, %d rotations, %d kills, %d alerts' % (LINES, ROTATIONS, KILLS, len(scanned.stdout.splitlines())))


main()
