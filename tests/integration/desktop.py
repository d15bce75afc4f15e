#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shopbelld on a system bus of its own; shopbell-notify with dunst under Xvfb, its buttons pressed through dunst's menu.

    desktop.py BUILD SRCDIR FOLDER

Prints a line for each case; exits with 10 when one failed. Nothing sleeps: a test waits for a message of a bus, a row of the store or a
line of a log."""
import json
import os
import pwd
import re
import signal
import socket
import sqlite3
import subprocess
import sys

from stir import Stir

BUILD, SRCDIR, TOP = sys.argv[1:4]
NAME, OBJECT, INTERFACE = 'org.shopbell.Monitor', '/org/shopbell/Monitor', 'org.shopbell.Monitor1'
WAIT = 60
STIR = Stir(TOP)
failures = 0
running = []


def check(what, holds, details=''):
    global failures
    print('%s %s' % ('ok' if holds else 'not ok', what), flush=True)
    if not holds:
        failures += 1
        print('\n'.join('    ' + line for line in str(details).splitlines()[:30]))


def path(*names):
    return os.path.join(TOP, *names)


def write(name, text, mode=0o644):
    with open(path(name), 'w') as f:
        f.write(text)
    os.chmod(path(name), mode)
    return path(name)


def read(name):
    try:
        with open(path(name), errors='replace') as f:
            return f.read()
    except FileNotFoundError:
        return ''


def until(what, holds):
    if STIR.until(holds):
        sys.exit('this never came: %s\n%s\n%s\n%s' % (what, read('daemon.log'), read('agent.log'), read('bubbles')[-3000:]))


def start(log, *command, env=None, **more):
    process = subprocess.Popen(command, stdout=more.pop('stdout', open(path(log), 'a')), stderr=open(path(log), 'a'), env=env, **more)
    running.append(process)
    return process


def stop(process, how=signal.SIGTERM):
    process.send_signal(how)
    process.wait(WAIT)
    running.remove(process)


BUS = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>%s</type><listen>unix:path=%s</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_type="method_return"/><allow send_type="error"/><allow receive_type="method_call"/><allow receive_type="signal"/>
<allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
'''


def start_bus(kind):
    config = write(kind + '.conf', BUS % (kind, path(kind + '.bus')))
    process = start(kind + '.log', 'dbus-daemon', '--config-file', config, '--nofork', '--print-address', stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return 'unix:path=' + path(kind + '.bus')


RULES = '''title: Refused
name: refused
level: informational
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: failure}, condition: s}
---
title: Tried
level: %s
shopbell.sentence: 'Somebody <b>tried</b> & failed as {user.name}'
correlation: {type: event_count, rules: [refused], group-by: [user.name], timespan: 1m, condition: {gte: 1}}
'''


class Shop:
    def __init__(self):
        self.n = 0
        os.mkdir(path('state'), 0o750)
        self.level('high')
        write('shopbell.yml', 'rules: rules.yml\nsources: %s/parsers/sources\ninputs:\n- {name: auth, tail: auth.log, source: sshd}\n' % SRCDIR)
        write('auth.log', '')
        self.start()

    def start(self):
        self.daemon = start('daemon.log', os.path.join(BUILD, 'shopbelld'), '-c', path('shopbell.yml'), '-s', path('state'), env=ENV)
        until('the daemon on the bus', lambda: call('Events', 'tu', '0', '1').returncode == 0)

    def level(self, level):
        write('rules.yml', RULES % level)

    def reload(self, level):
        self.level(level)
        shopbell('reload')

    def line(self, *users):
        with open(path('auth.log'), 'a') as f:
            for user in users:
                self.n += 1
                f.write('2026-03-01T10:%02d:%02d.000000+00:00 web1 sshd[%d]: Failed password for %s from 203.0.113.9 port 1024 ssh2\n' % (
                    self.n // 60 % 60, self.n % 60, self.n, user))


def shopbell(*words, user=None):
    command = [os.path.join(BUILD, 'shopbell'), *words, '--state', path('state')] if words[0] != 'reload' else [
        os.path.join(BUILD, 'shopbell'), 'reload', '--state', path('state')]
    return subprocess.run([*as_user(user), *command], capture_output=True, text=True, env=ENV)


def as_user(user):
    return ['setpriv', '--reuid', user.pw_name, '--regid', str(user.pw_gid), '--init-groups'] if user else []


def call(method, *words, user=None):
    return subprocess.run([*as_user(user), 'busctl', '--address=' + SYSTEM, '--json=short', 'call', NAME, OBJECT, INTERFACE, method, *words],
                          capture_output=True, text=True, env=ENV)


def row(sql, *values):
    db = sqlite3.connect('file:%s?mode=ro' % path('state', 'shopbell.db'), uri=True, timeout=WAIT)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


# ---- The bus ----

def test_bus():
    got = subprocess.run(['busctl', '--address=' + SYSTEM, 'introspect', '--xml-interface', NAME, OBJECT], capture_output=True, text=True).stdout
    got = got[got.index('org.shopbell.Monitor1'):]

    def shape(words):
        return sorted({tuple(sorted(re.findall(r'(?:name|type|direction)="[^"]*"', w))) for w in words})
    got = set(re.findall(r'<(?:method|signal|property|arg) [^>]*', got))
    with open(os.path.join(SRCDIR, 'systemd/org.shopbell.Monitor1.xml')) as f:
        want = set(re.findall(r'<(?:method|signal|property|arg) [^>]*', f.read()))
    check('the interface is as its file says', shape(got) == shape(want), set(shape(got)) ^ set(shape(want)))
    signals = start('signals', 'dbus-monitor', '--address', SYSTEM, "type='signal',interface='%s'" % INTERFACE)
    until('the monitor', lambda: 'NameLost' in read('signals') or 'NameAcquired' in read('signals'))
    SHOP.line('bus')
    until('the signal', lambda: 'member=Changed' in read('signals'))
    stop(signals)
    events = json.loads(call('Events', 'tu', '0', '0').stdout)['data'][0]
    check('what rang is told', [e[2:3] + e[4:6] + e[8:] for e in events] == [['rang', 'high', 'Somebody <b>tried</b> & failed as bus', '', 1, True]], events)
    check('and not again', json.loads(call('Events', 'tu', str(events[0][0]), '0').stdout)['data'][0] == [])
    alert = json.loads(call('Alert', 's', events[0][3][:8]).stdout)['data'][0]
    check('one alert in full', alert['rule'] == 'Tried' and alert['level'] == 'high' and alert['count'] == '1', alert)
    check('an alert that is none', 'no alert' in call('Alert', 's', 'ffffffff').stderr)
    check('an order that is none', 'no order' in call('Order', 's', 'reload').stderr)
    answer = json.loads(call('Order', 's', 'answer\nalert %s\nwhat me\n' % events[0][3]).stdout)['data']
    check('an order', answer == [True, 'answered: me\n'], answer)
    refused = json.loads(call('Order', 's', 'answer\nalert ffffffff\nwhat me\n').stdout)['data']
    check('one that is refused says why', refused[0] is False and refused[1], refused)


def test_people():
    """Root starts everything, so that others can be refused."""
    if os.getuid() != 0:
        print('skip who may: only root can be somebody else')
        return
    nobody, member = pwd.getpwnam('nobody'), pwd.getpwnam('games')
    os.chmod(TOP, 0o755)
    stop(SHOP.daemon)
    os.chown(path('state'), 0, member.pw_gid)
    os.chmod(path('state'), 0o2750)
    for name in os.listdir(path('state')):
        os.chown(path('state', name), 0, member.pw_gid)
    SHOP.start()
    SHOP.line('people')
    until('the alert', lambda: row("SELECT 1 FROM alert WHERE sentence LIKE '%as people'"))
    alert = row("SELECT id FROM alert WHERE sentence LIKE '%as people'")[0][0]
    order = 'answer\nalert %s\nwhat acknowledged\n' % alert
    check('a stranger may not read', 'ccess' in call('Events', 'tu', '0', '0', user=nobody).stderr)
    check('nor the alert', 'ccess' in call('Alert', 's', alert, user=nobody).stderr)
    check('nor answer', 'ccess' in call('Order', 's', order, user=nobody).stderr and not row('SELECT 1 FROM alert_answer WHERE alert = ?', alert))
    check('a member may read', call('Events', 'tu', '0', '0', user=member).returncode == 0)
    done = call('Order', 's', order, user=member)
    check('and answer, where no polkit runs', done.returncode == 0 and row('SELECT user FROM alert_answer WHERE alert = ?', alert) == [('games',)], done.stderr)
    done = shopbell('answer', alert[:8], 'not-me', user=member)
    check('the command line of a member goes over the bus', done.returncode == 0 and 'answered' in done.stdout, done.stderr)
    done = shopbell('answer', alert[:8], 'me', user=nobody)
    check("a stranger's is refused", done.returncode != 0, done.stdout)
    test_polkit(member, order)


def test_polkit(member, order):
    mock = "import sys; sys.path.insert(0, '/usr/lib/python3/dist-packages')\nimport dbusmock"
    if not os.path.exists('/usr/bin/python3') or subprocess.run(['/usr/bin/python3', '-c', mock], capture_output=True).returncode != 0:
        print('skip polkit decides: python3-dbusmock is not installed')
        return
    polkit = start('polkit.log', '/usr/bin/python3', '-m', 'dbusmock', '--system', '--template', 'polkitd', env=ENV)
    owner = ['busctl', '--address=' + SYSTEM, 'status', 'org.freedesktop.PolicyKit1']
    until('polkit', lambda: subprocess.run(owner, capture_output=True).returncode == 0)
    check('polkit decides: no', 'ccess' in call('Order', 's', order, user=member).stderr)
    allow = ['busctl', '--address=' + SYSTEM, 'call', 'org.freedesktop.PolicyKit1', '/org/freedesktop/PolicyKit1/Authority', 'org.freedesktop.DBus.Mock',
             'SetAllowed', 'as', '1', 'org.shopbell.answer']
    subprocess.run(allow, check=True, capture_output=True)
    done = call('Order', 's', order, user=member)
    check('polkit decides: yes', done.returncode == 0, done.stderr)
    silence = call('Order', 's', 'silence-add\nrule Tried\nreason x\nfor 1000000\n', user=member)
    check('of silences by themselves', 'ccess' in silence.stderr, silence.stdout)
    stop(polkit)


# ---- The desktop ----

DUNST = '''[global]
monitor = 0
width = (360, 460)
height = 400
origin = top-right
offset = 24x24
font = DejaVu Sans 11
markup = full
format = "<b>%%s</b>\\n%%b"
word_wrap = yes
frame_width = 1
frame_color = "#8a8f98"
separator_color = frame
padding = 14
horizontal_padding = 16
corner_radius = 6
background = "#fbfbf8"
foreground = "#22252a"
dmenu = %s
notification_limit = 20
[urgency_low]
background = "#fbfbf8"
foreground = "#22252a"
[urgency_normal]
background = "#fbfbf8"
foreground = "#22252a"
timeout = 0
[urgency_critical]
background = "#fff3f0"
foreground = "#7a1200"
frame_color = "#c23616"
timeout = 0
'''
MENU = '''#!/bin/sh
tee -a %s | grep -F -m1 -- "$(cat %s)"
'''


PAGES = '[Desktop Entry]\nType=Application\nName=Pages\nExec=cp %%f %s\nMimeType=text/html;text/plain;application/octet-stream;\n'
PAGES_LIST = '[Default Applications]\ntext/html=pages.desktop\ntext/plain=pages.desktop\napplication/octet-stream=pages.desktop\n'


class Desktop:
    def __init__(self):
        os.makedirs(path('home/.local/share/applications'))
        os.mkdir(path('home/.config'))
        write('home/.local/share/applications/pages.desktop', PAGES % path('opened.html'))
        write('home/.config/mimeapps.list', PAGES_LIST)
        numbers, number = os.pipe()
        self.x = start('x.log', 'Xvfb', '-displayfd', str(number), '-screen', '0', '900x560x24', '-nolisten', 'tcp', pass_fds=[number], env=ENV)
        os.close(number)
        with os.fdopen(numbers) as f:
            ENV['DISPLAY'] = ':' + f.readline().strip()
        ENV['DBUS_SESSION_BUS_ADDRESS'] = start_bus('session')
        write('menu', MENU % (path('menu.seen'), path('menu.choice')), 0o755)
        write('dunstrc', DUNST % path('menu'))
        self.monitor = start('bubbles', 'dbus-monitor', '--address', ENV['DBUS_SESSION_BUS_ADDRESS'], "interface='org.freedesktop.Notifications'")
        until('the monitor', lambda: 'NameAcquired' in read('bubbles') or 'NameLost' in read('bubbles'))
        self.agent = self.dunst = None

    def start_dunst(self):
        self.dunst = start('dunst.log', 'dunst', '-conf', path('dunstrc'), env=ENV)

    def start_agent(self):
        self.agent = start('agent.log', os.path.join(BUILD, 'shopbell-notify'), env=ENV)

    def bubbles(self):
        """Summary, body and urgency of each Notify call."""
        found = []
        for text in read('bubbles').split('member=Notify\n')[1:]:
            if not re.search(r'^   int32 ', text, re.M):
                break       # the rest of it is still to come
            strings = re.findall(r'^   string "((?:[^"]|"(?!\n))*)"$', text[:re.search(r'^   int32 ', text, re.M).start()], re.M)
            urgency = re.search(r'string "urgency"\s+variant\s+byte (\d)', text)
            found.append((strings[2], strings[3], int(urgency.group(1)) if urgency else None))
        return found

    def wait(self, n):
        until('%d bubbles' % n, lambda: len(self.bubbles()) >= n)
        return self.bubbles()[n - 1]

    def displayed(self):
        done = subprocess.run(['dunstctl', 'count', 'displayed'], capture_output=True, text=True, env=ENV)
        return int(done.stdout or -1)

    def press(self, button):
        until('a bubble on the screen', lambda: self.displayed() > 0)
        write('menu.choice', button)
        subprocess.run(['dunstctl', 'context'], env=ENV, check=True)


def answers():
    return [r[0] for r in row('SELECT what FROM alert_answer ORDER BY seq')]


def test_agent():
    d = Desktop()
    SHOP.line('early')
    until('the alert', lambda: row("SELECT 1 FROM alert WHERE sentence LIKE '%as early'"))
    # what rang before the tests of bubbles, except this, was answered
    for alert, in row("SELECT id FROM alert WHERE sentence NOT LIKE '%as early'"):
        shopbell('answer', alert, 'me')
    d.start_agent()
    until('a word about the server', lambda: 'no notification server' in read('agent.log'))
    check('without a server it says so, and waits', d.bubbles() == [] and d.agent.poll() is None, d.bubbles())
    d.start_dunst()
    bubble = d.wait(1)
    check('what rang before the login is told', bubble == ('Needs a look today', 'Somebody &lt;b&gt;tried&lt;/b&gt; &amp; failed as early', 1), bubble)
    until('it on the screen', lambda: d.displayed() == 1)
    before = len(answers())
    d.press('This was me')
    until('the answer', lambda: len(answers()) == before + 1)
    check('This was me', answers()[-1] == 'me' and re.search('This was me', read('menu.seen')), read('menu.seen'))
    until('the bubble to go', lambda: d.displayed() == 0)
    SHOP.line('second')
    d.wait(2)
    d.press('Not me')
    until('the answer', lambda: len(answers()) == before + 2)
    check('Not me', answers()[-1] == 'not-me')
    SHOP.line('third')
    d.wait(3)
    d.press('Later')
    until('a line of what comes again', lambda: 'again ' in read('home/.local/state/shopbell/told'))
    check('Later', len(answers()) == before + 2)
    SHOP.line('fourth')
    d.wait(4)
    d.press('Show')
    until('the page', lambda: '</html>' in read('opened.html'))
    page = read('runtime/shopbell/alerts.html')
    check('Show', 'Somebody &lt;b&gt;tried&lt;/b&gt; &amp; failed as fourth' in page and os.stat(path('runtime/shopbell/alerts.html')).st_mode & 0o77 == 0 and page == read('opened.html'), page)
    test_many(d)
    test_again(d)


def test_many(d):
    n = len(d.bubbles())
    SHOP.line(*['user%d' % i for i in range(200)])
    until('200 alerts', lambda: len(row("SELECT 1 FROM alert WHERE sentence LIKE '%as user%'")) == 200)
    bubble = d.wait(n + 1)
    check('200 at once are one bubble', bubble[0] == '200 alerts, 200 of them high' and bubble[1].count('\n') == 4, bubble)
    told = 'newest %d' % row("SELECT max(seq) FROM alert_history WHERE what = 'rang'")[0][0]
    until('that it is told', lambda: told in read('home/.local/state/shopbell/told'))
    SHOP.reload('critical')
    SHOP.line('worst')
    bubble = d.wait(n + 2)
    check('a critical one', bubble == ('Needs you now', 'Somebody &lt;b&gt;tried&lt;/b&gt; &amp; failed as worst', 2), bubble)


def test_again(d):
    """After a logout: what was critical and not answered, and nothing else."""
    stop(d.agent)
    n = len(d.bubbles())
    check('it ends as asked', d.agent.returncode == 0, read('agent.log'))
    told, asked = read('home/.local/state/shopbell/told'), read('bubbles').count('member=GetCapabilities')
    stop(SHOP.daemon)
    d.start_agent()
    until('the agent at the server', lambda: read('bubbles').count('member=GetCapabilities') > asked)
    stop(d.agent)
    check('what is to come again outlives a login without the daemon', 'again' in told and read('home/.local/state/shopbell/told') == told, told)
    SHOP.start()
    d.start_agent()
    bubble = d.wait(n + 1)
    check('at the next login only what is critical and not answered', 'as worst' in bubble[1], bubble)
    alert = row("SELECT id FROM alert WHERE sentence LIKE '%as worst'")[0][0]
    shopbell('answer', alert, 'me')
    told = 'newest %d' % row('SELECT max(seq) FROM alert_history')[0][0]
    until('that it knows', lambda: 'again 0 ' not in read('home/.local/state/shopbell/told'))
    check('answered elsewhere, it does not come again', alert not in read('home/.local/state/shopbell/told'), told)
    stop(SHOP.daemon)
    SHOP.start()
    SHOP.reload('high')
    SHOP.line('after')
    until('the one behind it', lambda: any('as after' in b[1] for b in d.bubbles()[n + 1:]))
    check('the daemon may come and go, and nothing is told twice', len(d.bubbles()) == n + 2, d.bubbles()[n + 1:])
    stop(d.agent)
    until('the end', lambda: d.agent.returncode is not None)


ENV = dict(os.environ, HOME=path('home'), XDG_RUNTIME_DIR=path('runtime'))
for name in ('XDG_STATE_HOME', 'XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'DISPLAY', 'WAYLAND_DISPLAY', 'NOTIFY_SOCKET'):
    ENV.pop(name, None)
os.mkdir(path('home'))
os.mkdir(path('runtime'), 0o700)
try:
    SYSTEM = start_bus('system')
    ENV['DBUS_SYSTEM_BUS_ADDRESS'] = SYSTEM
    SHOP = Shop()
    test_bus()
    test_people()
    test_agent()
finally:
    for process in reversed(running):
        process.kill()
        process.wait()
sys.exit(10 if failures else 0)
