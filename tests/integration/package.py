# SPDX-License-Identifier: Apache-2.0
"""package.py ROOT DEB: boots the Debian in ROOT as a container, installs DEB there, and looks at it as its owner would.

Prints a line for each case; exits with 10 when one failed, with 77 when the container does not start. Nothing sleeps: a step
waits for a message of systemd, a line of the journal or an alert."""
import json
import os
import re
import select
import shutil
import socket
import subprocess
import sys
import time

root, deb = sys.argv[1:3]
WAIT = 30                       # seconds; what is waited for takes less than one, on a machine that is not busy
CLEAN = {'PATH': '/usr/sbin:/usr/bin:/sbin:/bin', 'LC_ALL': 'C.UTF-8'}
failed = 0


def say(what, good, why=''):
    global failed
    print(('ok ' if good else 'not ok ') + what, flush=True)
    if not good:
        failed += 1
        print('\n'.join('    ' + line for line in str(why).splitlines()[-30:]), flush=True)


class Container:
    def __init__(self):
        path = root + '.notify'
        self.bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.bell.bind(path)
        self.bell.settimeout(60)
        env = dict(os.environ, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY='1', NOTIFY_SOCKET=path)
        self.nspawn = subprocess.Popen(
            ['systemd-nspawn', '-q', '-D', root, '--boot', '--register=no', '--keep-unit', '--console=pipe', '--notify-ready=yes'],
            env=env, stdin=subprocess.DEVNULL, stdout=open(root + '.log', 'wb'), stderr=subprocess.STDOUT)
        self.leader = None

    def boot(self):
        """Waits until systemd in there says that it is up."""
        is_ready = False
        while not (is_ready and self.leader):
            try:
                told = self.bell.recv(4096).decode()
            except socket.timeout:
                return False
            is_ready |= 'READY=1' in told.split('\n')
            found = re.search(r'X_NSPAWN_LEADER_PID=(\d+)', told)
            self.leader = found.group(1) if found else self.leader
        return self.run('systemctl', 'is-system-running', '--wait').returncode == 0

    def command(self, *argv):
        return ['nsenter', '-a', '-t', self.leader, *argv]

    def run(self, *argv):
        return subprocess.run(self.command(*argv), env=CLEAN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120, check=False)

    def end(self):
        """Process 1 of a container takes all others along."""
        if self.leader:
            subprocess.run(['kill', '-KILL', self.leader], check=False, stderr=subprocess.DEVNULL)
        else:
            self.nspawn.kill()
        self.nspawn.wait()


class Stream:
    """What a program in there says while it runs."""

    def __init__(self, box, *argv):
        self.follow = subprocess.Popen(box.command(*argv), env=CLEAN, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
        self.text = ''

    def wait(self, pattern, seconds=WAIT):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.follow.stdout], [], [], left)[0]:
                return False
            self.text += os.read(self.follow.stdout.fileno(), 65536).decode(errors='replace')
        return True

    def close(self):
        self.follow.kill()
        self.follow.wait()


class Journal(Stream):
    """What the journal says from now on."""

    def __init__(self, box, *match):
        cursor = box.run('journalctl', '-n', '0', '--show-cursor', '-q').stdout.strip().split('cursor: ')[-1]
        super().__init__(box, 'journalctl', '-f', '-q', '-o', 'cat', '--after-cursor', cursor, *match)


def quick(what, took):
    """A second is a promise about a machine that has time."""
    busy = os.getloadavg()[0]
    if took is not None and took > 1 and busy > os.cpu_count():
        print('skip %s: it took %.1f s, and this machine is busy (load %.1f)' % (what, took, busy), flush=True)
    else:
        say(what, took is not None and took <= 1, took)


def put(path, text):
    os.makedirs(os.path.dirname(root + path), exist_ok=True)
    with open(root + path, 'w') as out:
        out.write(text)


def state(box, name):
    return box.run('systemctl', 'show', '-P', name, 'shopbelld').stdout.strip()


def alerts(box):
    out = box.run('shopbell', 'alerts', '-o', 'ndjson').stdout
    return [json.loads(line) for line in out.splitlines() if line.startswith('{')]


def wait_alert(box, word):
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        for alert in alerts(box):
            if word in alert['sentence']:
                return alert
    return None


def delay(box, word, write):
    """Seconds from before the line is written until after the alert can be read, the best of three."""
    best = None
    for n in range(3):
        address = '198.51.100.%d' % (10 * word + n)
        before = time.time()
        write(address)
        if not wait_alert(box, address):
            return None
        took = time.time() - before
        best = took if best is None else min(best, took)
        if best <= 1:
            break
    return best


def delay_followed(box):
    """The same for what `shopbell alerts -f` prints, of somebody else each time: the best of five, as the first may come before it
    listens."""
    told = Stream(box, 'shopbell', 'alerts', '-f', '-o', 'ndjson')
    best = None
    for n in range(5):
        before = time.time()
        append('203.0.113.7', 'owner%d' % n)
        if told.wait('owner%d came in' % n, 5):
            took = time.time() - before
            best = took if best is None else min(best, took)
            if best <= 1:
                break
    told.close()
    return best


class Sshd:
    """As root's sshd: the journal says what program wrote a line, and that is what counts. It lives on, as journald looks at the
    process when it takes the line."""

    def __init__(self, box):
        self.process = subprocess.Popen(box.command('/root/sshd', '-t', 'sshd'), env=CLEAN, stdin=subprocess.PIPE, text=True)

    def log_in(self, address):
        self.process.stdin.write('Accepted password for root from %s port 2001 ssh2\n' % address)
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def append(address, user='root'):
    with open(root + '/var/log/shop-auth.log', 'a') as log:
        log.write('%s web2 sshd[7]: Accepted password for %s from %s port 2001 ssh2\n' %
                  (time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime()), user, address))


OWN_RULE = """title: Of our own
logsource: {product: linux, service: sshd}
detection: {selection: {user|startswith: owner}, condition: selection}
level: high
shopbell.sentence: "{user.name} came in from {source.address}"
"""


def test_install(box):
    out = box.run('dpkg', '-i', '/root/shopbell.deb')
    say('the package installs', out.returncode == 0, out.stdout)
    out = box.run('systemctl', 'status', '--no-pager', 'shopbelld')
    say('the service is active', out.returncode == 0, out.stdout)
    say('it is enabled', state(box, 'UnitFileState') == 'enabled', state(box, 'UnitFileState'))
    status = box.run('cat', '/proc/%s/status' % state(box, 'MainPID')).stdout
    uid = box.run('id', '-u', 'shopbell').stdout.strip()
    facts = dict(line.split(':\t', 1) for line in status.splitlines() if ':\t' in line)
    say('it runs as its own user', facts.get('Uid', '').split()[:1] == [uid], status)
    say('it has no capabilities and gets none', int(facts.get('CapBnd', '1'), 16) == 0 == int(facts.get('CapEff', '1'), 16), status)
    say('no new privileges, and only some system calls', facts.get('NoNewPrivs') == '1' and facts.get('Seccomp') == '2', status)
    bus = box.run('busctl', '--system', 'status', 'org.shopbell.Monitor')
    say('it has its name on the bus', bus.returncode == 0, bus.stdout)
    net = box.run('cat', '/proc/%s/net/dev' % state(box, 'MainPID')).stdout
    say('it sees no network', len(net.splitlines()) == 3 and ' lo:' in net, net)
    mounts = box.run('cat', '/proc/%s/mountinfo' % state(box, 'MainPID')).stdout
    say('it sees / read-only', re.search(r'(?m)^\d+ \d+ \S+ \S+ / ro', mounts) is not None, mounts)


def test_alerts(box):
    sshd = Sshd(box)
    took = delay(box, 1, sshd.log_in)
    quick('a line of the journal is an alert within a second', took)
    put('/etc/shopbell/shopbell.yml', 'inputs:\n- {name: sshd, journal: [_COMM=sshd], from: end}\n'
        '- {name: auth, tail: /var/log/shop-auth.log, source: sshd}\n'
        'rules: [/usr/share/shopbell/rules.d, /etc/shopbell/rules.d]\n')
    put('/etc/shopbell/rules.d/own.yml', OWN_RULE)
    put('/var/log/shop-auth.log', '')
    shutil.chown(root + '/var/log/shop-auth.log', group=4)
    os.chmod(root + '/var/log/shop-auth.log', 0o640)
    out = box.run('systemctl', 'restart', 'shopbelld')
    say('it takes another configuration', out.returncode == 0, out.stdout + box.run('journalctl', '-n', '20', '--no-pager').stdout)
    # Of somebody else each time: an alert that only grows keeps the address of its latest record, and a log's seconds are whole.
    took = delay(box, 2, lambda address: append(address, 'owner' + address.rsplit('.', 1)[1]))
    quick('a line of a file is an alert within a second', took)
    if '--follow' in box.run('shopbell', 'alerts', '--help').stdout:
        took = delay_followed(box)
        quick('alerts -f shows a line of a file within a second', took)
    sshd.close()


PEOPLE = """u lea - "a member"
m lea shopbell
u eve - "a stranger"
"""


def test_polkit(box):
    """With the real polkit, and a daemon that is not root: who may answer, and that the programs that deliver notices may not."""
    def as_user(name, *command, group=None):
        return box.run('setpriv', '--reuid', name, '--regid', group or name, '--init-groups', *command)
    put('/etc/sysusers.d/people.conf', PEOPLE)
    box.run('systemd-sysusers', 'people.conf')
    known = alerts(box)[0]['id']
    out = as_user('lea', 'shopbell', 'answer', known, 'me')
    say('a member answers by the leave of polkit', out.returncode == 0 and 'answered: me' in out.stdout, out.stdout + box.run('journalctl', '-n', '20', '--no-pager').stdout)
    say('which was asked', box.run('systemctl', 'is-active', 'polkit').stdout.strip() == 'active')
    out = as_user('lea', 'shopbell', 'answer', known, 'undo')
    say('and takes it back', out.returncode == 0, out.stdout)
    out = as_user('lea', 'shopbell', 'silence', 'add', '--who', 'root', '--for', '1h', '--reason', 'x')
    say('for a silence polkit wants a password', out.returncode != 0 and 'silence 1' not in out.stdout, out.stdout)
    out = as_user('eve', 'shopbell', 'answer', known, 'me')
    say('a stranger may not', out.returncode != 0, out.stdout)
    events = ['busctl', 'call', 'org.shopbell.Monitor', '/org/shopbell/Monitor', 'org.shopbell.Monitor1', 'Events', 'tu', '0', '1']
    say('a member reads what rang', as_user('lea', *events).returncode == 0)
    out = as_user('shopbell-send', *events, group='shopbell')
    say('who delivers notices does not', out.returncode != 0, out.stdout)


def doctor(box):
    return [json.loads(line) for line in box.run('shopbell', 'doctor', '-o', 'ndjson').stdout.splitlines() if line.startswith('{')]


def test_doctor(box):
    rows = doctor(box)
    wrong = [r for r in rows if r['result'] == 'wrong' and r['check'] != 'clock']       # which is the machine's
    say('the doctor finds nothing wrong', rows and not wrong, wrong or rows)
    say('and sees the daemon', any(r['check'] == 'daemon' and r['result'] == 'ok' for r in rows), rows)
    os.chmod(root + '/var/log/shop-auth.log', 0o600)
    shutil.chown(root + '/var/lib/shopbell/shopbell.db', user=0)
    wrong = {r['check']: r for r in doctor(box) if r['result'] == 'wrong'}
    say('a log without rights is found', 'shop-auth.log' in wrong.get('inputs', {}).get('found', ''), wrong)
    say('and a store that root owns', 'shopbell.db' in wrong.get('store', {}).get('found', ''), wrong)
    os.chmod(root + '/var/log/shop-auth.log', 0o640)
    box.run('chown', 'shopbell:', '/var/lib/shopbell/shopbell.db')
    say('no longer', not [r for r in doctor(box) if r['result'] == 'wrong' and r['check'] != 'clock'])
    box.run('chgrp', 'games', '/var/log/shop-auth.log')
    say('a log of another group is found', [r for r in doctor(box) if r['result'] == 'wrong' and r['check'] == 'inputs'])
    put('/etc/systemd/system/shopbelld.service.d/own.conf', '[Service]\nSupplementaryGroups=games\n')
    say('unless the unit was given that group', not [r for r in doctor(box) if r['result'] == 'wrong' and r['check'] == 'inputs'])
    os.unlink(root + '/etc/systemd/system/shopbelld.service.d/own.conf')
    box.run('chgrp', 'adm', '/var/log/shop-auth.log')


def test_reload(box):
    journal = Journal(box, '-u', 'shopbelld')
    out = box.run('systemctl', 'reload', 'shopbelld')
    say('systemctl reload takes good rules', out.returncode == 0, out.stdout)
    put('/etc/shopbell/rules.d/own.yml', OWN_RULE.replace('condition: selection', 'condition: selecton'))
    out = box.run('systemctl', 'reload', 'shopbelld')
    say('systemctl reload fails when a rule is broken', out.returncode != 0, out.stdout)
    say('the journal says where', journal.wait(r'/etc/shopbell/rules\.d/own\.yml:3:\d+: '), journal.text)
    told = box.run('journalctl', '-x', '-u', 'shopbelld', '-n', '8', '--no-pager').stdout
    say('journalctl -x explains it', 'shopbell rules check' in told, told)
    say('the service goes on', state(box, 'ActiveState') == 'active', state(box, 'ActiveState'))
    say('systemctl status tells of it', 'refused' in state(box, 'StatusText'), state(box, 'StatusText'))
    took = delay(box, 3, append)
    say('with the rules that it had', took is not None, took)
    os.remove(root + '/etc/shopbell/rules.d/own.yml')
    out = box.run('systemctl', 'reload', 'shopbelld')
    say('and takes the next good set', out.returncode == 0, out.stdout)
    journal.close()


def test_watchdog(box):
    put('/etc/systemd/system/shopbelld.service.d/short.conf', '[Service]\nWatchdogSec=2\nRestartSec=0\nTimeoutAbortSec=2\nLimitCORE=0\n')
    box.run('systemctl', 'daemon-reload')
    box.run('systemctl', 'restart', 'shopbelld')
    known = len(alerts(box))
    journal = Journal(box, 'UNIT=shopbelld.service')
    pid = state(box, 'MainPID')
    box.run('sh', '-c', 'kill -STOP ' + pid)
    say('a daemon that hangs is noticed', journal.wait(r'Watchdog timeout'), journal.text)
    say('and started again', journal.wait(r'(?s)Scheduled restart.*Started shopbelld'), journal.text)
    say('another process, the same alerts', state(box, 'MainPID') != pid and len(alerts(box)) == known, known)
    say('which goes on reading', delay(box, 4, append) is not None, journal.text)
    journal.close()


def test_upgrade(box):
    known, pid = len(alerts(box)), state(box, 'MainPID')
    configuration = open(root + '/etc/shopbell/shopbell.yml').read()
    subprocess.run(['dpkg-deb', '-R', root + '/root/shopbell.deb', root + '/root/next'], check=True)
    control = root + '/root/next/DEBIAN/control'
    text = re.sub(r'(?m)^(Version: .*)$', r'\1+next', open(control).read())
    open(control, 'w').write(text)
    with open(root + '/root/next/etc/shopbell/shopbell.yml', 'a') as out:
        out.write('# of the next version\n')
    subprocess.run(['dpkg-deb', '-b', '-Znone', root + '/root/next', root + '/root/next.deb'], check=True, stdout=subprocess.DEVNULL)
    out = box.run('dpkg', '--force-confold', '-i', '/root/next.deb')
    say('the next version installs', out.returncode == 0, out.stdout)
    say('and runs', state(box, 'ActiveState') == 'active' and state(box, 'MainPID') != pid, out.stdout)
    say('with the alerts of before', len(alerts(box)) == known > 0, known)
    say('and the configuration that its owner wrote', open(root + '/etc/shopbell/shopbell.yml').read() == configuration)
    say('and goes on reading', delay(box, 5, append) is not None)


def left_over():
    found = []
    for folder, names, files in os.walk(root):
        if folder == root:
            names[:] = [n for n in names if n not in ('proc', 'sys', 'dev', 'root')]
        found += [os.path.join(folder, n) for n in names + files if n.startswith('shopbell')]
    return [path for path in found if not path.endswith(('/shopbelld.service.d', '.log'))]


def test_remove(box):
    out = box.run('dpkg', '-r', 'shopbell')
    say('it can be removed', out.returncode == 0, out.stdout)
    say('nothing of it runs', state(box, 'MainPID') == '0' and state(box, 'ActiveState') == 'inactive')
    say('its store and its configuration are still there', os.path.exists(root + '/var/lib/shopbell/shopbell.db') and
        os.path.exists(root + '/etc/shopbell/shopbell.yml'))
    out = box.run('dpkg', '-P', 'shopbell')
    say('it can be purged', out.returncode == 0, out.stdout)
    say('no file is left', not left_over(), '\n'.join(left_over()))
    names = open(root + '/etc/passwd').read() + open(root + '/etc/group').read()
    say('nor the account', 'shopbell' not in names, names)


def main():
    shutil.copy(deb, root + '/root/shopbell.deb')
    shutil.copy(root + '/usr/bin/logger', root + '/root/sshd')
    box = Container()
    try:
        if not box.boot():
            sys.stderr.write(open(root + '.log', errors='replace').read()[-2000:])
            return 77
        for test in (test_install, test_alerts, test_polkit, test_doctor, test_reload, test_watchdog, test_upgrade, test_remove):
            test(box)
    finally:
        box.end()
    return 10 if failed else 0


sys.exit(main())
