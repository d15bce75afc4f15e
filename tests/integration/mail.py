#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A Maildir and an mbox under a daemon that is killed: each notice is told once.

    mail.py SHOPBELLD SHOPBELL FOLDER

Mails are delivered as a mail server does it (tmp, then new; mbox under a lock), moved to cur and marked as a mail program
does it, deleted, and delivered between two kills. Nothing sleeps for luck: the script waits for what the store says.
"""
import fcntl
import json
import os
import random
import signal
import subprocess
import sys

from stir import Stir

DAEMON, CLI, FOLDER = sys.argv[1:4]
STIR = Stir(FOLDER)
MAILS, KILLS = 60, 12
box, mbox, state = os.path.join(FOLDER, 'Maildir'), os.path.join(FOLDER, 'spool'), os.path.join(FOLDER, 'mailstate')
config = os.path.join(FOLDER, 'mail.yml')
rng = random.Random(20261130)


def notice(n):
    when = 'Mon, 23 Nov 2026 %02d:%02d:00 +0000' % (8 + n // 60, n % 60)
    return ('Received: from mail by mx.example.com; %s\nAuthentication-Results: mx.example.com; dmarc=pass header.from=klaviyo.com\n'
            'From: Klaviyo <no-reply@klaviyo.com>\nTo: user%d@example.com\nSubject: Log in alert: new device\nDate: %s\n'
            'Message-ID: <%d@klaviyo.com>\n\nIP address: 203.0.113.%d\n' % (when, n, when, n, n))


def deliver(n):
    if n % 3 == 0:
        with open(mbox, 'a') as file:
            fcntl.lockf(file, fcntl.LOCK_EX)
            file.write('From a@example.com Mon Nov 23 08:00:00 2026\n' + notice(n)[:200])
            file.flush()                # half of it lies there, under the lock
            file.write(notice(n)[200:] + '\n')
            file.flush()
        return
    name = '17%08d.%d.host' % (n, n)
    with open(os.path.join(box, 'tmp', name), 'w') as file:
        file.write(notice(n))
    os.rename(os.path.join(box, 'tmp', name), os.path.join(box, 'new', name))


def shuffle():
    """What a mail program does: moves what is new, marks what was seen, deletes now and then what was read long ago."""
    for name in sorted(os.listdir(os.path.join(box, 'new'))):
        if rng.random() < 0.5:
            os.rename(os.path.join(box, 'new', name), os.path.join(box, 'cur', name + ':2,'))
    for name in sorted(os.listdir(os.path.join(box, 'cur'))):
        if rng.random() < 0.3:
            os.rename(os.path.join(box, 'cur', name), os.path.join(box, 'cur', name.split(':')[0] + ':2,' + rng.choice(['S', 'RS', 'FS'])))


def start():
    return subprocess.Popen([DAEMON, '--config', config, '--state', state], stderr=open(os.path.join(FOLDER, 'stderr'), 'a'))


def counters():
    out = subprocess.run([CLI, 'status', '--state', state, '-o', 'ndjson'], capture_output=True, text=True)
    rows = [json.loads(row) for row in out.stdout.splitlines()]
    return {row['counter']: row['value'] for row in rows}


def wait_for(records, daemon):
    why = STIR.until(lambda: counters().get('records', 0) >= records,
                     lambda: 'shopbelld ended with %s' % daemon.returncode if daemon.poll() is not None else None)
    if why:
        sys.exit('only %s of %d records were read: %s' % (counters().get('records'), records, why))


def main():
    for part in ('tmp', 'new', 'cur'):
        os.makedirs(os.path.join(box, part))
    open(mbox, 'w').close()
    with open(config, 'w') as file:
        file.write('inputs:\n- {name: box, maildir: %s, authserv: mx.example.com}\n- {name: file, mbox: %s, authserv: mx.example.com}\n' % (box, mbox))
    daemon = start()
    deliver(0)
    deliver(1)
    wait_for(2, daemon)         # alert while it runs
    kills = set(rng.sample(range(2, MAILS), KILLS))
    for n in range(2, MAILS):
        deliver(n)
        if n in kills:
            os.kill(daemon.pid, signal.SIGKILL)
            daemon.wait()
        shuffle()
        if n in kills:
            daemon = start()
    wait_for(MAILS, daemon)
    gone = sorted(os.listdir(os.path.join(box, 'cur')))[:5]
    for name in gone:
        os.unlink(os.path.join(box, 'cur', name))
    shuffle()
    deliver(MAILS)              # comes behind all that in the folders' events
    deliver(MAILS + 1)
    wait_for(MAILS + 2, daemon)
    daemon.terminate()
    if daemon.wait() != 0:
        sys.exit('shopbelld did not end well')
    seen = counters()
    if seen['records'] != MAILS + 2 or seen['duplicates'] != 0 or seen['rejects_malformed'] or seen['rejects_unknown']:
        sys.exit('counters: %s' % seen)
    out = subprocess.run([CLI, 'alerts', '--state', state, '-o', 'ndjson'], capture_output=True, text=True, check=True)
    alerts = [json.loads(row) for row in out.stdout.splitlines()]
    told = sorted(a['first_seen'] for a in alerts if a['rule']['title'].startswith('A platform without a log'))
    if len(told) != MAILS + 2 or len(set(told)) != len(told):
        sys.exit('%d alerts for %d notices' % (len(told), MAILS + 2))
    print('%d notices, %d kills, %d alerts: each once' % (MAILS + 2, KILLS, len(told)))


main()
