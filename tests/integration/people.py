#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The census of a daemon that is killed again and again, and the file of people that is broken and repaired while one runs.

    people.py SHOPBELLD SHOPBELL FOLDER SAMPLES

Prints a line for each case; exits with 1 when one failed."""
import os
import random
import signal
import sqlite3
import socket
import subprocess
import sys

DAEMON, CLI, TOP, SAMPLES = sys.argv[1:5]
KILLS = int(os.environ.get('CRASH_KILLS', '20'))
failures = 0
os.makedirs(TOP)


def check(what, holds, details=''):
    global failures
    print('%s %s' % ('ok' if holds else 'not ok', what))
    if not holds:
        failures += 1
        print('\n'.join('    ' + line for line in str(details).splitlines()[:30]))


def path(name):
    return os.path.join(TOP, name)


def write(name, text):
    with open(path(name), 'w') as file:
        file.write(text)


def census(state):
    db = sqlite3.connect(path(state) + '/shopbell.db')
    rows = db.execute('SELECT * FROM account ORDER BY 1, 2').fetchall(), \
        db.execute('SELECT * FROM account_fact ORDER BY 1, 2, 3, 4').fetchall()
    db.close()
    return rows


def record(n):
    rng = random.Random(n)
    return ('{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","userName":"user%d"},"eventTime":"2026-03-%02dT%02d:%02d:%02dZ",'
            '"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"eu-west-1","sourceIPAddress":"198.51.100.%d",'
            '"userAgent":"okhttp/4.9","eventID":"id%d","responseElements":{"ConsoleLogin":"Success"},'
            '"additionalEventData":{"MFAUsed":"%s"}}\n' % (
                rng.randrange(300), rng.randrange(1, 28), n // 3600 % 24, n // 60 % 60, n % 60, rng.randrange(256), n,
                rng.choice(('Yes', 'No'))))


# ---- kill -9: the census and the positions agree
write('log.ndjson', ''.join(record(n) for n in range(20000)))
write('rule.yml', 'title: T\nlevel: high\nlogsource: {product: shopbell, category: login}\ndetection: {s: {event.outcome: failure}, condition: s}\n')
write('crash.yml', 'rules: rule.yml\ninputs: [{name: log, tail: log.ndjson}]\n')
command = [DAEMON, '--config', path('crash.yml'), '--once', '--state']
assert subprocess.run(command + [path('whole')], stderr=subprocess.DEVNULL).returncode == 0
rng, killed = random.Random(int(os.environ.get('CRASH_SEED', '1'))), 0
for _ in range(KILLS):
    daemon = subprocess.Popen(command + [path('cut')], stderr=subprocess.DEVNULL)
    try:
        daemon.wait(timeout=rng.uniform(0, 0.4))
    except subprocess.TimeoutExpired:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        killed += 1
subprocess.run(command + [path('cut')], stderr=subprocess.DEVNULL)
whole, cut = census('whole'), census('cut')
check('after %d kills the census is that of an undisturbed run' % killed, whole == cut and len(whole[0]) == 300, (len(whole[1]), len(cut[1])))

# ---- Reload
GOOD = '- {name: Mei, role: owner, accounts: mei}\n'
write('people.yml', GOOD)
write('reload.yml', 'people: people.yml\nrules: rule.yml\ninputs: [{name: log, tail: none.ndjson}]\n')
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(path('notify'))
notify.settimeout(60)
daemon = subprocess.Popen([DAEMON, '--config', path('reload.yml'), '--state', path('live')], stderr=subprocess.DEVNULL,
                          env=dict(os.environ, NOTIFY_SOCKET=path('notify')))
while b'READY=1' not in notify.recv(4096):
    pass


def reload():
    return subprocess.run([CLI, 'reload', '--state', path('live')], capture_output=True, text=True)


def status():
    lines = subprocess.run([CLI, 'status', '--state', path('live'), '-o', 'csv'], capture_output=True, text=True).stdout.splitlines()
    return {line.split(',')[0]: line.split(',')[1] for line in lines}


check('status counts people', status().get('people') == '1', status())
check('and says that there are no places', status().get('geoip') == 'none', status())
write('people.yml', '- {name: Mei, role: boss, accounts: mei}\n')
answer = reload()
check('a broken people file is refused', answer.returncode == 1 and 'people.yml:1:21: role: one of' in answer.stdout, answer)
check('and the old one goes on', status().get('people') == '1', status())
write('people.yml', GOOD + '- {name: Tom, role: staff, accounts: {wordpres: tom}}\n')
answer = reload()
check('a repaired one is taken, with a remark', answer.returncode == 0 and 'called wordpres' in answer.stdout, answer)
check('and counts', status().get('people') == '2', status())
daemon.terminate()
check('the daemon ended well', daemon.wait() == 0)
sys.exit(1 if failures else 0)
