#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reloads of a running shopbelld: by `shopbell reload` and by SIGHUP, with rules and sources that are added, removed,
changed, broken and repaired while records stream in.

    reload.py SHOPBELLD SHOPBELL FOLDER

Prints a line for each case; exits with 10 when one failed. Nothing sleeps: a test waits for a row of the store, a line of the log, or an answer."""
import json
import os
import queue
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading

from stir import Stir

DAEMON, CLI, TOP = sys.argv[1:4]
RULES, SOURCES = os.environ['SHOPBELL_RULES'], os.environ['SHOPBELL_SOURCES']
failures = 0


def check(what, holds, details=''):
    global failures
    print('%s %s' % ('ok' if holds else 'not ok', what))
    if not holds:
        failures += 1
        print('\n'.join('    ' + line for line in str(details).splitlines()[:30]))


def failed(n, address='203.0.113.9'):
    return '2026-03-01T%02d:%02d:%02d.%06d+00:00 web1 sshd[%d]: Failed password for root from %s port %d ssh2\n' % (
        n // 3600 % 24, n // 60 % 60, n % 60, n, 100 + n, address, 1024 + n)


LOGIN = '''title: Failed login
name: failed
level: informational
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: failure}, condition: s}
'''


def count(title, limit, timespan='10m'):
    return 'title: %s\nlevel: high\ncorrelation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: %s, condition: {gte: %d}}\n' % (
        title, timespan, limit)


class Shop:
    """A folder with rules, sources and a log, and the daemon that reads it."""

    def __init__(self, name, rules=None, extra=''):
        self.folder = os.path.join(TOP, name)
        self.state, self.config = self.path('state'), self.path('shopbell.yml')
        self.log, self.rules, self.sources = self.path('auth.log'), self.path('rules'), self.path('sources')
        os.makedirs(self.folder)
        self.stir = Stir(self.folder)
        shutil.copytree(SOURCES, self.sources)
        if rules is None:
            shutil.copytree(RULES, self.rules)
        else:
            os.mkdir(self.rules)
            for file, text in rules.items():
                self.rule(file, text)
        self.write(self.config, 'rules: rules\nsources: sources\n%sinputs:\n- {name: auth, tail: auth.log, source: sshd}\n' % extra)
        self.write(self.log, '')
        self.env = dict(os.environ)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.path('notify'))
        self.heard = queue.Queue()      # taken at once, as systemd does: a full socket would hold the daemon up
        threading.Thread(target=self.listen, daemon=True).start()
        self.env['NOTIFY_SOCKET'] = self.path('notify')
        self.start()

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, path, text):
        with open(path, 'w') as file:
            file.write(text)

    def rule(self, name, text):
        self.write(os.path.join(self.rules, name), text)

    def start(self):
        self.daemon = subprocess.Popen([DAEMON, '--config', self.config, '--state', self.state], env=self.env,
                                       stderr=open(self.path('stderr'), 'a'))
        self.told('READY=1')

    def stop(self):
        self.daemon.terminate()
        if self.daemon.wait() != 0:
            check('%s ended well' % self.folder, False, self.said())

    def listen(self):
        while True:
            self.heard.put(self.notify.recv(4096).decode().splitlines())

    def told(self, word):
        """Waits until the daemon tells systemd so."""
        while True:
            lines = self.heard.get(timeout=60)
            if word in lines:
                return lines

    def drain(self):
        """Forgets what systemd was told so far."""
        while not self.heard.empty():
            self.heard.get()

    def said(self):
        with open(self.path('stderr')) as file:
            return file.read()

    def ended(self):
        return 'it ended with %s' % self.daemon.returncode if self.daemon.poll() is not None else None

    def wait_said(self, pattern, times=1):
        why = self.stir.until(lambda: len(re.findall(pattern, self.said())) >= times, self.ended)
        if why:
            sys.exit('shopbelld never said %s: %s\n%s' % (pattern, why, self.said()))

    def run(self, *words):
        return subprocess.run([CLI, *words, '--state', self.state], capture_output=True, text=True)

    def reload(self):
        return self.run('reload')

    def status(self):
        out = self.run('status', '-o', 'ndjson').stdout
        return {row['counter']: row['value'] for row in map(json.loads, out.splitlines())}

    def append(self, *lines):
        with open(self.log, 'a') as file:
            file.write(''.join(lines))

    def wait_records(self, n):
        why = self.stir.until(lambda: self.status().get('records', 0) >= n, self.ended)
        if why:
            sys.exit('%d records were never read: %s\n%s' % (n, why, self.said()))

    def alerts(self):
        return told(self.run('alerts', '--all', '-o', 'ndjson').stdout)

    def counts(self):
        """Title to the counts of its alerts."""
        ret = {}
        for alert in self.alerts():
            ret.setdefault(alert['rule']['title'], []).append(alert['count'])
        return ret


def told(out):
    """Alerts that stand, whether they ring or another one tells of them; what they add up to (risk) is no matter here."""
    alerts = [json.loads(line) for line in out.splitlines()]
    return [a for a in alerts if a['state'] == 'open' and a['rule']['id'] != 'shopbell-risk']


def key(alert):
    return (alert['rule']['title'], json.dumps(alert['group'], sort_keys=True), alert['first_seen'], alert['last_seen'], alert['count'],
            alert['id'], alert['sentence'], len(alert['records']))


def changed_and_kept():
    shop = Shop('changed', {'a.yml': LOGIN, 'kept.yml': count('Kept', 3), 'changed.yml': count('Changed', 3)})
    shop.append(failed(1), failed(2))
    shop.wait_records(2)
    shop.rule('changed.yml', count('Changed', 3, '11m'))
    shop.rule('0-added.yml', count('Added', 2))
    answer = shop.reload()
    check('reload is done', answer.returncode == 0 and 'reload done: 4 rules, 1 added, 0 removed, 1 changed, 2 unchanged' in answer.stdout, answer)
    check('what changed is named', 'added: Added (' in answer.stdout and 'changed: Changed (' in answer.stdout, answer.stdout)
    check('the log says so too', 'shopbelld: changed: Changed (' in shop.said() and 'reload done: 4 rules' in shop.said(), shop.said())
    shop.append(failed(3))
    shop.wait_records(3)
    check('windows of an unchanged rule go on', shop.counts() == {'Kept': [3]}, shop.counts())
    shop.append(failed(4))
    shop.wait_records(4)
    check('an added rule begins with what comes', shop.counts() == {'Kept': [4], 'Added': [2]}, shop.counts())
    shop.append(failed(5))
    shop.wait_records(5)
    check('a changed rule begins afresh', shop.counts() == {'Kept': [5], 'Added': [3], 'Changed': [3]}, shop.counts())
    os.remove(os.path.join(shop.rules, 'changed.yml'))
    answer = shop.reload()
    check('a deleted file is a removed rule', answer.returncode == 0 and 'removed: Changed (' in answer.stdout and '3 rules, 0 added, 1 removed' in answer.stdout, answer)
    shop.append(failed(6))
    shop.wait_records(6)
    check('alerts of a removed rule stay as they are', shop.counts() == {'Kept': [6], 'Added': [4], 'Changed': [3]}, shop.counts())
    status = shop.status()
    check('status knows', status['daemon'] == 'running' and status['rules'] == 3 and status['load_errors'] == 0 and
          status['last_reload_outcome'] == 'done' and status['last_reload'].endswith('Z'), status)
    shop.daemon.kill()
    shop.daemon.wait()
    shop.start()
    shop.append(failed(7))
    shop.wait_records(7)
    check('kill -9 after a reload: state is that of the new rules', shop.counts() == {'Kept': [7], 'Added': [5], 'Changed': [3]}, shop.counts())
    check('a fresh daemon has not reloaded', shop.status()['last_reload'] == 'never', shop.status())
    shop.stop()


def bad_files():
    shop = Shop('bad', {'a.yml': LOGIN, 'two.yml': count('Two', 2), 'always-bad.yml': 'title: [\n'})
    shop.append(failed(1))
    shop.wait_records(1)
    shop.rule('two.yml', count('Two', 2) + 'sentence: [\n')
    shop.rule('added.yml', count('Added', 1))
    answer = shop.reload()
    check('a good file that is bad now: refused', answer.returncode == 1 and 'reload refused: the 2 rules that run stay' in answer.stdout, answer)
    check('its error has a place', re.search(r'error: \S*/two.yml:\d+:\d+: ', answer.stdout), answer.stdout)
    check('a file that was bad before is not to blame', 'always-bad.yml' not in answer.stdout, answer.stdout)
    status = shop.status()
    check('status says refused', status['last_reload_outcome'] == 'refused' and status['rules'] == 2 and status['load_errors'] == 1, status)
    shop.append(failed(2))
    shop.wait_records(2)
    check('the old rules go on, whole', shop.counts() == {'Two': [2]}, shop.counts())
    os.remove(os.path.join(shop.rules, 'a.yml'))
    shop.rule('two.yml', count('Two', 2))
    answer = shop.reload()
    check('a rule that others need is gone: refused', answer.returncode == 1 and re.search(r'two.yml:3:\d+: .*no rule has the id or name failed', answer.stdout), answer)
    shop.rule('a.yml', LOGIN)
    shop.rule('new-bad.yml', 'title: x\nlogsource: {product: aws}\ndetection: {s: {a|contians: b}, condition: s}\n')
    answer = shop.reload()
    check('a new file that is bad is left out and named', answer.returncode == 0 and re.search(r'left out: \S*/new-bad.yml:3:\d+: ', answer.stdout) and
          re.search(r'left out: \S*/always-bad.yml:', answer.stdout) and '3 rules, 1 added' in answer.stdout, answer)
    shop.rule('new-bad.yml', count('Repaired', 1))
    answer = shop.reload()
    check('once repaired it is added', answer.returncode == 0 and 'added: Repaired (' in answer.stdout, answer)
    os.rename(shop.rules, shop.rules + '.away')
    answer = shop.reload()
    check('the folder of the rules is gone: refused', answer.returncode == 1 and shop.status()['rules'] == 4, answer)
    os.rename(shop.rules + '.away', shop.rules)
    text = open(shop.config).read()
    shop.write(shop.config, text + 'inptus: []\n')
    answer = shop.reload()
    check('a bad configuration: refused', answer.returncode == 1 and re.search(r'shopbell.yml:\d+:1: unknown key inptus', answer.stdout), answer)
    shop.write(shop.config, text.replace('rules: rules\n', 'rules: [rules, more]\n') + 'zone: UTC\n')
    os.mkdir(shop.path('more'))
    shop.write(shop.path('more/x.yml'), count('More', 1))
    answer = shop.reload()
    check('folders are those of the configuration as it is now', answer.returncode == 0 and 'added: More (' in answer.stdout, answer)
    check('the rest of it waits for a restart', 'counts from the next restart' in answer.stdout, answer.stdout)
    for n in range(300):
        shop.write(shop.path('more/%d.yml' % n), count('Many %d %s' % (n, 'x' * 5000), 1000))
    answer = shop.reload()
    check('many changes: some by name, all counted', answer.returncode == 0 and 'and 200 more changes' in answer.stdout and '300 added' in answer.stdout and
          len(answer.stdout) < 64 * 1024, answer.stdout[-2000:])
    shop.stop()


def sources():
    shop = Shop('sources')
    for n in range(1, 16):
        shop.append(failed(n))
    shop.wait_records(15)
    file = os.path.join(shop.sources, 'sshd.yml')
    os.rename(file, shop.path('sshd.yml'))
    answer = shop.reload()
    check('the source of an input is gone: refused', answer.returncode == 1 and 'the log source sshd of the input auth is gone' in answer.stdout, answer)
    os.rename(shop.path('sshd.yml'), file)
    for other in os.listdir(shop.sources):      # sshd has another number now
        if other < 'b':
            os.remove(os.path.join(shop.sources, other))
    shop.write(os.path.join(shop.sources, '0.yml'), 'name: zero\ntitle: Zero\nlogsource: {product: zero}\nformat: json\nrecognise: {has: [zero]}\nfields:\n  user.name: zero\n')
    answer = shop.reload()
    check('sources come and go', answer.returncode == 0 and 'added: zero (' in answer.stdout and 'removed: aws-cloudtrail (' in answer.stdout, answer)
    for n in range(16, 30):
        shop.append(failed(n))
    shop.wait_records(29)
    out = subprocess.run([CLI, 'scan', '-q', '--all', '--source', 'sshd', '-o', 'ndjson', shop.log], capture_output=True, text=True).stdout
    check('windows do not depend on the number of their source', out and sorted(map(key, shop.alerts())) == sorted(map(key, told(out))),
          shop.alerts())
    with open(file, 'a') as f:
        f.write('  - oops: [\n')
    answer = shop.reload()
    check('a good source that is bad now: refused', answer.returncode == 1 and re.search(r'error: \S*/sshd.yml:\d+:\d+: ', answer.stdout), answer)
    shop.stop()


def hangup():
    shop = Shop('hangup', {'a.yml': LOGIN, 'two.yml': count('Two', 2)})
    shop.drain()
    shop.rule('three.yml', count('Three', 3))
    shop.daemon.send_signal(signal.SIGHUP)
    shop.wait_said(r'reload done: 3 rules, 1 added')
    lines = shop.told('RELOADING=1')
    check('SIGHUP reloads; systemd hears RELOADING=1 and since when', any(re.fullmatch(r'MONOTONIC_USEC=\d+', x) for x in lines), lines)
    check('then READY=1', shop.told('READY=1'))
    shop.rule('three.yml', 'title: [\n')
    shop.daemon.send_signal(signal.SIGHUP)
    shop.wait_said(r'reload refused: the 3 rules that run stay')
    check('a refused reload is READY=1 again', shop.told('READY=1'))
    check('the refusal names the place', re.search(r'shopbelld: error: \S*/three.yml:\d+:\d+: ', shop.said()), shop.said())
    second = subprocess.run([DAEMON, '--config', shop.config, '--state', shop.state, '--once'], capture_output=True, text=True)
    check('a second daemon on one folder is refused', second.returncode == 3 and 'another shopbelld' in second.stderr, second)
    path = os.path.join(shop.state, 'shopbelld.socket')
    check('the socket is for owner and group', stat.S_IMODE(os.stat(path).st_mode) == 0o660, oct(os.stat(path).st_mode))
    strangers(shop, path)
    shop.stop()
    check('the socket goes with the daemon', not os.path.exists(path))
    answer = shop.reload()
    check('no daemon: said, exit 3', answer.returncode == 3 and 'no shopbelld runs on this state folder' in answer.stderr, answer)
    check('status without a daemon', shop.status()['daemon'] == 'stopped', shop.status())


def strangers(shop, path):
    """What others may send: nothing of it stops the daemon."""
    def connect():
        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        s.connect(path)         # waits while the daemon has others to take first
        s.settimeout(60)
        return s
    idle = [connect() for _ in range(40)]       # more than it holds: the oldest are dropped
    for word in b'nonsense', b'x' * 5000, b'reload\n', b'\0':
        s = connect()
        s.send(word)
        answer = s.recv(65536)
        check('the word %r is no reload' % word[:10], answer in (b'', b'unknown\n'), answer)
        s.close()
    check('idle connections do not keep others out', shop.status()['daemon'] == 'running', shop.status())
    for s in idle:
        s.close()
    if os.geteuid() != 0 or not shutil.which('setpriv'):
        print('skip reload by another user: needs root')
        return
    nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', sys.executable, '-c', '''
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
s.send(sys.argv[2].encode())
print(s.recv(65536).decode().split()[0])''', path]
    closed = subprocess.run([*nobody, 'status'], capture_output=True, text=True)
    check('others cannot open the socket', 'PermissionError' in closed.stderr, closed)
    for folder in TOP, shop.folder, shop.state, path:
        os.chmod(folder, 0o777)
    said = subprocess.run([*nobody, 'reload'], capture_output=True, text=True)
    if 'PermissionError' in said.stderr:
        print('skip reload by another user: it cannot reach %s' % TOP)
        return
    check('others may not reload', said.stdout == 'forbidden\n', said)
    said = subprocess.run([*nobody, 'status'], capture_output=True, text=True)
    check('who may open the socket may ask for the status', said.stdout == 'done\n', said)


def stream():
    """The alerts of the rules that never change are those of a scan, whatever happens to the others meanwhile."""
    rng = random.Random(7)
    shop = Shop('stream')
    lines, reloads, refused = 3000, 0, 0
    good = os.path.join(shop.rules, 'linux', 'linux_sshd_root_password.yml')
    text = open(good).read()
    second = 0
    for n in range(lines):
        second += rng.randrange(12)
        who = rng.choice(['root', 'ana', 'invalid user x%d' % rng.randrange(40)])
        verb = 'Accepted' if rng.random() < 0.02 else 'Failed'
        shop.append('2026-03-%02dT%02d:%02d:%02d.%06d+00:00 web1 sshd[%d]: %s password for %s from 203.0.113.%d port %d ssh2\n' % (
            1 + second // 86400, second // 3600 % 24, second // 60 % 60, second % 60, n, 100 + n, verb, who, rng.randrange(12), 1024 + n))
        if n % 60 != 30:
            continue
        what = rng.choice(['add', 'remove', 'change', 'break', 'hangup', 'source', 'same', 'kill'])
        file = os.path.join(shop.rules, '%d.yml' % rng.randrange(5))
        if what in ('add', 'change'):
            shop.write(file, 'title: Other\nid: %s\nlevel: low\nlogsource: {product: shopbell, category: login}\n'
                             'detection: {s: {source.port|lt: %d}, condition: s}\n' % (file[-5], n))
        elif what == 'remove' and os.path.exists(file):
            os.remove(file)
        elif what == 'source':
            file = os.path.join(shop.sources, 'a%d.yml' % rng.randrange(3))
            if os.path.exists(file):
                os.remove(file)
            else:
                name = os.path.basename(file)[:-4]
                shop.write(file, 'name: %s\ntitle: T\nlogsource: {product: x}\nformat: json\nrecognise: {has: [%s]}\nfields:\n  user.name: x\n' % (name, name))
        if what == 'hangup':
            shop.daemon.send_signal(signal.SIGHUP)
            continue
        if what == 'kill':
            shop.daemon.kill()
            shop.daemon.wait()
            shop.drain()
            shop.start()
            continue
        shop.write(good, 'title: [\n' if what == 'break' else text)
        code = shop.reload().returncode
        shop.write(good, text)
        reloads += 1
        refused += code == 1
        if code != (what == 'break'):
            check('reload %s' % what, False, '%d\n%s' % (code, shop.said()[-2000:]))
    shop.wait_records(lines)
    check('no record was read twice', shop.status()['records'] == lines and shop.status()['duplicates'] == 0, shop.status())
    shop.stop()
    ours = sorted(key(a) for a in shop.alerts() if a['rule']['title'] != 'Other')
    out = subprocess.run([CLI, 'scan', '-q', '--all', '--source', 'sshd', '-o', 'ndjson', shop.log], capture_output=True, text=True).stdout
    theirs = sorted(map(key, told(out)))
    check('%d reloads, %d of them refused, while %d records came: %d alerts, those of a scan' % (reloads, refused, lines, len(theirs)),
          theirs and refused and ours == theirs, '%s\n%s' % ([x for x in ours if x not in theirs][:5], [x for x in theirs if x not in ours][:5]))


def databases():
    def make(name, layout):
        subprocess.run([sys.executable, os.path.join(os.environ['SHOPBELL_SRCDIR'], 'samples', 'geoip.py'), name + '.new', layout], check=True)
        os.rename(name + '.new', name)      # as geoipupdate does

    os.mkdir(os.path.join(TOP, 'db'))
    geo, asn = os.path.join(TOP, 'db', 'geo.mmdb'), os.path.join(TOP, 'db', 'asn.mmdb')
    make(geo, 'country')
    rule = ('title: Login\nlevel: high\nlogsource: {product: shopbell, category: login}\n'
            'detection: {s: {source.geo.country_iso_code: KR}, condition: s}\n'
            'shopbell.sentence: "from {source.geo.country_iso_code}, {shopbell.network}"\n')
    networks = os.path.join(TOP, 'db', 'networks.yml')
    with open(networks, 'w') as file:
        file.write('- {name: mobile net, class: mobile, cidr: 198.51.100.0/24}\n')
    shop = Shop('places', {'kr.yml': rule}, 'geoip: [%s, %s]\nnetworks: ../db/networks.yml\n' % (geo, asn))
    shop.append(failed(1, '198.51.100.77'), failed(2, '192.0.2.1'), failed(3, '192.88.99.1'))
    shop.wait_records(3)
    check('a missing database is told, the others work', asn + ': the database cannot be opened' in shop.said() and
          shop.counts() == {'Login': [1]}, shop.said())
    rows = shop.run('status').stdout
    check('status shows databases', re.search(r'^geoip +GeoLite2-Country +built 2026-03-02, \S*/geo.mmdb$', rows, re.M) and
          re.search(r'^geoip +broken +\S*/asn.mmdb: ', rows, re.M) and re.search(r'^networks +1 ', rows, re.M), rows[-1500:])
    status = shop.status()
    check('status counts addresses without an answer', (status['places_unknown'], status['as_unknown']) == (1, 1), status)
    check('an alert names the network', shop.alerts()[0]['sentence'] == 'from KR, mobile net', shop.alerts())
    make(geo, 'city')
    make(asn, 'asn')
    answer = shop.reload()
    check('reload takes other databases', answer.returncode == 0, answer)
    rows = shop.run('status').stdout
    check('status shows them', 'GeoLite2-City' in rows and 'GeoLite2-ASN' in rows and 'broken' not in rows, rows)
    shop.append(failed(4, '198.51.100.78'))
    shop.wait_records(4)
    shown = shop.run('show', shop.alerts()[0]['id'], '-o', 'json').stdout
    check('places are those of the new one', shown.count('"source.geo.city_name":"Seoul"') == 1, shown)
    with open(geo, 'rb') as file:
        whole = file.read()
    os.remove(geo)
    with open(geo, 'wb') as file:
        file.write(whole[:900])
    answer = shop.reload()
    check('a good database that is broken now: refused', answer.returncode == 1 and geo + ': ' in answer.stdout, answer)
    os.remove(geo)
    with open(geo, 'wb') as file:
        file.write(whole)
    with open(networks, 'w') as file:
        file.write('- {name: office, cidr: 198.51.100.1/24}\n')
    answer = shop.reload()
    check('networks with a mistake: refused, with its place', answer.returncode == 1 and
          re.search(r'networks.yml:1:24: this network has bits behind', answer.stdout), answer)
    shop.stop()


for test in changed_and_kept, bad_files, sources, hangup, databases, stream:
    test()
sys.exit(10 if failures else 0)
