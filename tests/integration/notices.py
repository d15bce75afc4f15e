#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""People are told: a daemon, the programs that deliver, and on the loopback a mail server and a web server that take what they are given.
Daemon and senders are killed at random moments, the servers are away for an hour and for three days (of the daemon's clock, which goes by a
file), an alert is written by a stranger: each notice arrives once, whole and harmless.

    notices.py SHOPBELLD SHOPBELL SHOPBELL-SEND FAULT.SO FOLDER SEED [journal]

With `journal`: what the journal is told, in a /run of the test's own.

Prints a line for each case; exits with 10 when one failed. Nothing sleeps: a test waits for a row of the store or for something to arrive; a
kill at a random instant is a wait for an end that runs out."""
import atexit
import collections
import contextlib
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import queue
import random
import re
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

DAEMON, CLI, SEND, FAULT, TOP = sys.argv[1:6]
started = []        # ended at the end, however that comes
rng = random.Random(int(sys.argv[6]))
failures = 0
PATIENCE = 60
KILLS = int(os.environ.get('NOTICES_KILLS', 10))

EVIL = ('x\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script><img src=x onerror=y>\u202e <!channel> @everyone [a](http://e) \x1b[2J '
        '$(touch /tmp/no) `id` ; --help \xe4\u200b')


def check(what, holds, details=''):
    global failures
    print('%s %s' % ('ok' if holds else 'not ok', what), flush=True)
    if not holds:
        failures += 1
        print('\n'.join('    ' + line for line in str(details).splitlines()[:30]), flush=True)


# ---- Servers ----

def start(*args, **kwargs):
    started.append(subprocess.Popen(*args, **kwargs))
    return started[-1]


@atexit.register
def end_all():
    for process in started:
        if process.poll() is None:
            process.kill()


def free_port(address):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


class Mail:
    """Takes mails, over TLS and after a password."""

    def __init__(self, folder):
        self.got, self.news, self.refuses = [], threading.Condition(), None
        self.ca = os.path.join(folder, 'ca.pem')
        key = os.path.join(folder, 'key.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '9000', '-subj', '/CN=localhost', '-addext',
                        'subjectAltName=DNS:localhost,DNS:' + socket.gethostname(), '-keyout', key, '-out', self.ca], check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.ca, key)
        self.port = free_port('127.0.0.1')
        self.controller = None
        self.start()

    def start(self):
        self.controller = Controller(self, hostname='127.0.0.1', port=self.port, ssl_context=self.tls, server_hostname='localhost',
                                     auth_required=True, auth_require_tls=False, authenticator=self.authenticate)
        self.controller.start()

    def stop(self):
        self.controller.stop()

    def authenticate(self, server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (b'bell', b'a long password'))

    async def handle_DATA(self, server, session, envelope):
        if self.refuses:
            return self.refuses
        with self.news:
            self.got.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.SMTP), envelope.content))
            self.news.notify_all()
        return '250 OK'


class Web:
    """Takes requests."""

    def __init__(self):
        self.got, self.news, self.says = [], threading.Condition(), 204
        self.server = None
        self.port = 0
        self.start()

    def start(self):
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers['Content-Length']))
                if len(body) < int(self.headers['Content-Length']):
                    return
                if web.says < 300:
                    with web.news:
                        web.got.append((self.path, self.headers, body))
                        web.news.notify_all()
                self.send_response(web.says)
                self.send_header('Content-Length', '0')
                self.end_headers()

            def log_message(self, *args):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={'poll_interval': 0.02}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


# ---- The shop ----

class Shop:
    def __init__(self, name, notices):
        self.folder = os.path.join(TOP, name)
        os.makedirs(self.folder)
        self.state, self.config, self.log = self.path('state'), self.path('shopbell.yml'), self.path('auth.log')
        self.credentials, self.offset_file = self.path('credentials'), self.path('offset')
        os.makedirs(self.credentials)
        for file, text in (('password', 'a long password\n'), ('key', 'a secret'), ('slack', 'http://127.0.0.1:%d/slack' % web.port)):
            self.write(os.path.join(self.credentials, file), text)
        self.offset = 0
        self.write(self.offset_file, '0')
        self.write(self.log, '')
        rules = ''
        for user, level in (('root', 'critical'), ('ana', 'high'), ('bo', 'medium')):
            rules += ('title: %s failed\nid: %s\nlevel: %s\nlogsource: {product: shopbell, category: login}\n'
                      'detection: {s: {user.name|startswith: %s}, condition: s}\nshopbell.sentence: "{user.name} came in"\n---\n' % (user, user, level, user))
        self.write(self.path('rules.yml'), rules)
        self.write(self.config, 'rules: rules.yml\ninputs:\n- {name: auth, tail: auth.log}\nnotices:\n' + notices)
        self.env = dict(os.environ, LD_PRELOAD=FAULT, FAULT_CLOCK_FILE=self.offset_file, CREDENTIALS_DIRECTORY=self.credentials, RUNTIME_DIRECTORY=self.folder,
                        ASAN_OPTIONS=os.environ.get('ASAN_OPTIONS', '') + ':verify_asan_link_order=0')
        self.env.pop('http_proxy', None)
        self.senders, self.n, self.daemon = {}, 0, None

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, path, text):
        with open(path + '.new', 'w') as file:
            file.write(text)
        os.rename(path + '.new', path)

    def start(self):
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.settimeout(PATIENCE)
        path = self.path('notify')
        if os.path.exists(path):
            os.unlink(path)
        ready.bind(path)
        self.daemon = start([DAEMON, '--config', self.config, '--state', self.state], env=dict(self.env, NOTIFY_SOCKET=path),
                                       stderr=open(self.path('stderr'), 'a'))
        while b'READY=1' not in ready.recv(4096):
            pass

    def send(self, channel):
        self.senders[channel] = start([SEND, '--state', self.state, channel], env=self.env, stderr=open(self.path('stderr'), 'a'))

    def stop(self):
        for sender in self.senders.values():
            sender.terminate()
            sender.wait()
        self.daemon.terminate()
        return self.daemon.wait()

    def ask(self, text):
        db = sqlite3.connect('file:%s?mode=ro' % os.path.join(self.state, 'shopbell.db'), uri=True, timeout=30)
        try:
            return db.execute(text).fetchall()
        finally:
            db.close()

    def wait(self, what, text, holds=lambda rows: bool(rows[0][0])):
        deadline = time.monotonic() + PATIENCE
        while not holds(rows := self.ask(text)):
            if time.monotonic() > deadline:
                check(what, False, '%s: %s\n%s' % (text, rows, self.said()))
                return False
        return True

    def said(self):
        with open(self.path('stderr')) as file:
            return file.read()[-3000:]

    def login(self, user):
        self.n += 1
        at = time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(time.time() + self.offset))
        with open(self.log, 'a') as file:
            file.write('%s.%06d+00:00 web1 sshd[%d]: Accepted password for %s from 203.0.113.9 port %d ssh2\n' % (at, self.n, self.n, user, self.n))

    def poke(self):
        """Whatever is asked of it, the daemon looks at its clock."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as s:
            s.connect(os.path.join(self.state, 'shopbelld.socket'))
            s.send(b'status')
            s.recv(65536)

    def later(self, seconds):
        self.offset += seconds
        self.write(self.offset_file, str(self.offset))
        self.poke()

    def cli(self, *args):
        return subprocess.run([CLI, *args, '--state', self.state], env=dict(self.env, LD_PRELOAD=''), capture_output=True, text=True, timeout=2 * PATIENCE)


def took_all(shop):
    """Whose arrival was noted: what follows counts from then."""
    shop.wait('the senders have said how it went', "SELECT count(*) FROM notice WHERE state IN ('sending', 'committing')", lambda rows: rows[0][0] == 0)


def took(server, n, what):
    with server.news:
        if server.news.wait_for(lambda: len(server.got) >= n, PATIENCE):
            return True
    check(what, False, 'only %d of %d arrived' % (len(server.got), n))
    return False


MAIL = '- {name: %s, mail: owner@example.com, from: shopbell@shop.example, server: "smtps://localhost:%d", user: bell, password-credential: password, ca: %s, level: %s%s}\n'
HOOK = '- {name: %s, webhook: "http://127.0.0.1:%d/%s", secret-credential: key, level: %s%s}\n'


def put_alert(shop, alert, sentence):
    """A hostile text in the place of an alert's own: what a log can put there is less."""
    db = sqlite3.connect(os.path.join(shop.state, 'shopbell.db'), timeout=30)
    with db:
        db.execute('UPDATE alert SET sentence = ?, why = ?, playbook = ?, person = ?, rule_title = ? WHERE id = ?', (sentence,) * 5 + (alert,))
        db.execute('UPDATE alert_quiet SET person = ? WHERE alert = ?', (sentence, alert))
    db.close()


def what_arrives():
    script = os.path.join(TOP, 'page')
    with open(script, 'w') as file:
        file.write('#!/bin/sh\nfor a in "$@"; do printf "%s\\0" "$a"; done >"$0.args.new"\ncat >"$0.body"\nenv >"$0.env"\n'
                   '(yes; echo $? >"$0.pipe") | head -n 1 >/dev/null\nmv "$0.args.new" "$0.args"\n')
    os.chmod(script, 0o755)
    shop = Shop('arrives', MAIL % ('owner', mail.port, mail.ca, 'medium', '') + HOOK % ('hook', web.port, 'hook', 'medium', '') +
                '- {name: chat, webhook-credential: slack, format: slack}\n'
                '- {name: page, command: [%s, "{level}", "{sentence}", "--x={person}", "{person}"]}\n' % script)
    shop.start()
    shop.login('ana')
    if not shop.wait('an alert is in the outbox', "SELECT count(*) = 4 FROM notice WHERE state = 'waiting'"):
        return
    put_alert(shop, shop.ask("SELECT id FROM alert WHERE rule_id = 'ana'")[0][0], EVIL)
    for channel in ('owner', 'hook', 'chat', 'page'):
        shop.send(channel)
    shop.wait('all are sent', "SELECT count(*) = 4 FROM notice WHERE state = 'sent'")
    if not took(mail, 1, 'a mail arrives') or not took(web, 2, 'requests arrive'):
        return
    rcpt, message, raw = mail.got[0]
    head = raw.split(b'\r\n\r\n')[0]
    known = {'from', 'to', 'subject', 'date', 'message-id', 'auto-submitted', 'x-shopbell-level', 'x-shopbell-reason', 'mime-version', 'content-type',
             'x-peer', 'x-mailfrom', 'x-rcptto'}
    check('mail: only the headers that shopbell writes', {k.lower() for k in message.keys()} <= known and not message.defects, message.keys())
    check('mail: only to the owner', rcpt == ['owner@example.com'] and b'Bcc' not in head and all(32 <= c < 127 or c in b'\r\n' for c in head), head)
    check('mail: the subject is one harmless line', '\u202e' not in message['Subject'] and '\x1b' not in message['Subject'] and '\n' not in message['Subject'] and
          message['Subject'].startswith('[shopbell] high: x'), repr(message['Subject']))
    html = message.get_body(('html',)).get_content()
    text = message.get_body(('plain',)).get_content()
    check('mail: HTML shows markup as text', '<script' not in html and '<img' not in html and '&lt;script&gt;' in html, html)
    check('mail: plain text as well', '<script>' in text and '\x1b' not in text and '\u202e' not in text and 'shopbell show ' in text, text)
    bodies = {path: (headers, body) for path, headers, body in web.got}
    headers, body = bodies['/hook']
    told = json.loads(body)
    fields = dict(part.split('=') for part in headers['X-Shopbell-Signature'].split(','))
    expected = hmac.new(b'a secret', fields['t'].encode() + b'.' + body, hashlib.sha256).hexdigest()
    check('webhook: the signature verifies', hmac.compare_digest(expected, fields['v1']) and abs(int(fields['t']) - time.time()) < 600, fields)
    check('webhook: a key, the same as in the body', headers['Idempotency-Key'] == told['key'] and told['level'] == 'high' and len(told['alerts']) == 1, told)
    check('webhook: harmless JSON', b'\x1b' not in body and '\u202e'.encode() not in body, body)
    slack = json.loads(bodies['/slack'][1])
    check('slack: nothing is markup', '<!channel>' not in slack['text'] and '&lt;!channel&gt;' in slack['text'] and 'mrkdwn' not in json.dumps(slack), slack)
    with open(script + '.args', newline='') as file:
        args = file.read().split('\0')[:-1]
    check('command: four arguments, no shell, no option', len(args) == 4 and args[0] == 'high' and '$(touch /tmp/no)' in args[1] and
          args[2].startswith('--x=x') and args[3].startswith('x') and not any(c in a for a in args for c in '\n\x1b'), args)
    with open(script + '.env') as file:
        env = file.read()
    with open(script + '.body') as file:
        check('command: nothing but its key in the environment, the JSON on its input', 'SHOPBELL_NOTICE=' in env and 'CREDENTIALS' not in env and
              json.load(file)['channel'] == 'page', env)
    with open(script + '.pipe') as file:
        pipe = file.read()
    check('command: a pipe that nobody reads ends who writes, as in a shell', pipe == '%d\n' % (128 + signal.SIGPIPE), pipe)
    out = shop.cli('notices', 'test', 'hook')
    check('notices test', out.returncode == 0 and 'sent over hook' in out.stdout and
          shop.wait('the test is sent', "SELECT count(*) = 1 FROM notice WHERE reason = 'test' AND state = 'sent'"), out)
    out = shop.cli('notices', 'test', 'nobody')
    check('notices test of no channel', out.returncode == 1 and 'no channel' in out.stdout, out)
    out = shop.cli('notices', '-o', 'json')
    rows = json.loads(out.stdout)
    check('shopbell notices lists them', len(rows) == 5 and {r['state'] for r in rows} == {'sent'}, out)
    out = shop.cli('notices', 'channels', '-o', 'json')
    check('shopbell notices channels', [r['channel'] for r in json.loads(out.stdout)] == ['chat', 'hook', 'owner', 'page'], out)
    out = shop.cli('status', '-o', 'json')
    check('shopbell status counts them', {r['counter']: r['value'] for r in json.loads(out.stdout)}['notices_sent'] in (5, '5'), out)
    states = {}
    for web.says in (500, 502, 503, 504, 520, 522, 524):
        shop.cli('notices', 'test', 'hook')
        states[web.says] = shop.ask("SELECT state FROM notice WHERE reason = 'test' ORDER BY id DESC LIMIT 1")[0][0]
    web.says, mail.refuses = 204, '504 5.5.4 no'
    shop.cli('notices', 'test', 'owner')
    mail.refuses = None
    states['mail'] = shop.ask("SELECT state FROM notice WHERE reason = 'test' ORDER BY id DESC LIMIT 1")[0][0]
    check('a proxy that may not know is in doubt, a server that says no is not', [k for k, v in states.items() if v == 'unknown'] == [502, 504, 520, 524] and
          [k for k, v in states.items() if v == 'failed'] == [500, 503, 522, 'mail'], states)
    check('everybody ended well', shop.stop() == 0, shop.said())
    first = start([SEND, '--state', shop.state, 'owner'], env=shop.env, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + PATIENCE
    while (' %d ' % first.pid) not in open('/proc/locks').read() and first.poll() is None and time.monotonic() < deadline:
        pass
    second = subprocess.run([SEND, '--state', shop.state, 'owner'], env=shop.env, capture_output=True, text=True, timeout=2 * PATIENCE)
    check('one sender a channel', second.returncode == 3 and 'another shopbell-send' in second.stderr, second)
    first.kill(), first.wait()
    sender = subprocess.run([SEND, '--state', shop.state, '--once', 'owner'], env=shop.env, capture_output=True, text=True, timeout=2 * PATIENCE)
    check('a sender without a daemon says so', sender.returncode == 3 and 'no shopbelld runs' in sender.stderr, sender)


class Failing:
    """In the daemon's place: hands out one notice for a command, gives the mark, and cannot note how it went until told otherwise."""

    def __init__(self, folder, script):
        self.heard, self.news, self.says_to_end = [], threading.Condition(), b'failed\n'
        self.notice = b'done\nkey %s\nattempt 1\nkind command\nargument %s\n\n{}' % (b'a' * 32, script.encode())
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.bind(os.path.join(folder, 'shopbelld.socket'))
        self.socket.listen(8)
        threading.Thread(target=self.serve, daemon=True).start()

    def answer(self, word):
        if word.startswith('notice-next'):
            return self.notice if not any(w.startswith('notice-mark') for w in self.heard) else None
        return b'done\n' if word.startswith('notice-mark') else self.says_to_end

    def serve(self):
        waiting = []
        while True:
            peer = self.socket.accept()[0]
            word = peer.recv(65536).decode()
            with self.news:
                answer = self.answer(word)
                self.heard.append(word)
                self.news.notify_all()
            if answer is None:
                waiting.append(peer)
            else:
                with contextlib.suppress(BrokenPipeError):      # who asked was killed meanwhile
                    peer.send(answer)
                peer.close()

    def ends(self):
        return [w for w in self.heard if w.startswith('notice-end')]

    def wait(self, what, holds):
        with self.news:
            check(what, self.news.wait_for(holds, PATIENCE), self.heard)


def failing():
    """A daemon whose disk is full answers `failed` and ends: what was sent is not forgotten."""
    folder = os.path.join(TOP, 'failing')
    os.makedirs(folder)
    daemon = Failing(folder, '/bin/true')
    command = [SEND, '--state', folder, 'page']
    env = dict(os.environ, RUNTIME_DIRECTORY=folder)
    first = start(command, env=env, stderr=subprocess.DEVNULL)
    daemon.wait('a daemon that could not note the end is asked again', lambda: len(daemon.ends()) == 2)
    first.kill(), first.wait()
    n = len(daemon.heard)
    daemon.says_to_end = b'done\n'
    second = start(command, env=env, stderr=subprocess.DEVNULL)
    daemon.wait('another sender goes on', lambda: len(daemon.heard) >= n + 2)
    check('and says first what the one before it knew', [w.split()[0] for w in daemon.heard[n:n + 2]] == ['notice-end', 'notice-next'] and
          '\noutcome sent\n' in daemon.heard[n], daemon.heard[n:])
    second.kill(), second.wait()
    os.unlink(os.path.join(folder, 'page.gate'))
    daemon.heard.clear()
    daemon.says_to_end = b'forbidden\n'
    third = start(command, env=env, stderr=subprocess.DEVNULL)
    check('who may not say how it went ends', third.wait(PATIENCE) == 3 and len(daemon.ends()) == 1, daemon.heard)


class Open(Mail):
    """A mail server in the open network: with STARTTLS, or without."""

    def __init__(self, tls):
        self.got, self.news, self.refuses, self.tls = [], threading.Condition(), None, tls
        address = socket.gethostbyname(socket.gethostname())
        self.port = free_port(address)
        self.controller = Controller(self, hostname=address, port=self.port, tls_context=tls, require_starttls=bool(tls))
        self.controller.start()


def secrecy():
    """Nothing leaves this machine without TLS and a certificate that is good."""
    try:
        socket.gethostbyname(socket.gethostname())
        safe, plain = Open(mail.tls), Open(None)
    except OSError as e:
        print('skip STARTTLS: this machine has no name with an address (%s)' % e)
        return
    one = '- {name: %s, mail: owner@example.com, from: shopbell@shop.example, server: "%s", ca: %s}\n'
    name = socket.gethostname()
    shop = Shop('secrecy', one % ('start', 'smtp://%s:%d' % (name, safe.port), mail.ca) + one % ('plain', 'smtp://%s:%d' % (name, plain.port), mail.ca) +
                one % ('stranger', 'smtps://localhost:%d' % mail.port, '/etc/ssl/certs/ca-certificates.crt') +
                '- {name: gone, webhook: "https://localhost:%d/", token-credential: nothing}\n' % web.port)
    shop.start()
    said = {}
    for channel in ('start', 'plain', 'stranger', 'gone'):
        shop.send(channel)
        out = shop.cli('notices', 'test', channel)
        said[channel] = (out.returncode, out.stdout + out.stderr)
    check('a mail over STARTTLS', said['start'][0] == 0 and len(safe.got) == 1 and 'A test' in safe.got[0][1]['Subject'], said)
    check('no mail without it', said['plain'][0] == 1 and not plain.got and 'STARTTLS' in said['plain'][1], said)
    check('no mail to a server that nobody vouches for', said['stranger'][0] == 1 and 'certificate' in said['stranger'][1], said)
    check('a credential that is missing, with what to do', said['gone'][0] == 1 and '/etc/shopbell/credentials/nothing' in said['gone'][1], said)
    shop.stop()
    safe.controller.stop(), plain.controller.stop()


def kills():
    """Each notice once, though daemon and senders are killed again and again at random moments."""
    mail.got.clear(), web.got.clear()
    shop = Shop('kills', MAIL % ('owner', mail.port, mail.ca, 'medium', '') + HOOK % ('hook', web.port, 'hook', 'medium', ''))
    shop.start()
    for channel in ('owner', 'hook'):
        shop.send(channel)
    shop.login('bo')
    shop.wait('the first is sent', "SELECT count(*) = 2 FROM notice WHERE state = 'sent'")
    span = shop.ask('SELECT max(ended_at - made_at) / 1e6 FROM notice')[0][0]
    victims = (['daemon', 'owner', 'hook', 'owner', 'daemon', 'hook', 'owner', 'hook', 'daemon', 'owner'] * KILLS)[:KILLS]
    for i, victim in enumerate(victims):
        shop.later(61)      # no burst
        shop.login('bo%d' % i)
        process = shop.daemon if victim == 'daemon' else shop.senders[victim]
        try:
            process.wait(timeout=rng.uniform(0, 1.2 * span))
        except subprocess.TimeoutExpired:
            pass
        process.kill()
        process.wait()
        if victim == 'daemon':
            shop.start()
        else:
            shop.send(victim)
    n = len(victims) + 1
    wanted = "SELECT count(*) FROM (SELECT DISTINCT rule_id, grouped, id FROM alert WHERE rule_id = 'bo' AND state = 'open')"
    shop.wait('every alert is there', wanted, lambda rows: rows[0][0] == n)
    shop.wait('every notice has ended', "SELECT count(*) FROM notice WHERE ended_at IS NULL", lambda rows: rows[0][0] == 0)
    states = {key: state for key, state in shop.ask("SELECT key, state FROM notice")}
    arrived = collections.Counter(m['Message-ID'][1:33] for _, m, _ in mail.got)
    arrived.update(h['Idempotency-Key'] for _, h, _ in web.got)
    twice = [key for key, times in arrived.items() if times > 1]
    lost = [key for key, state in states.items() if state == 'sent' and key not in arrived]
    unknown = [key for key, state in states.items() if state == 'unknown']
    missing = [key for key, state in states.items() if state != 'unknown' and key not in arrived]
    check('%d kills: nothing twice' % KILLS, not twice, (twice, states, shop.said()))
    check('%d kills: nothing lost' % KILLS, not lost and not missing and len(states) >= 2 * n, (lost, missing, len(states), n, shop.said()))
    alerts = shop.ask("SELECT count(*) FROM alert WHERE rule_id = 'shopbell-notice'")[0][0]
    check('%d kills: what is in doubt has arrived' % KILLS, all(key in arrived for key in unknown), (unknown, states))
    check('%d kills: what nobody knows of is counted and told of (%d of %d)' % (KILLS, len(unknown), len(states)), bool(unknown) == bool(alerts), (states, alerts))
    shop.stop()


def outage():
    """The servers are away for an hour, then for three days."""
    mail.got.clear(), web.got.clear()
    mail.stop(), web.stop()
    shop = Shop('outage', MAIL % ('owner', mail.port, mail.ca, 'medium', '') + HOOK % ('hook', web.port, 'hook', 'medium', '') +
                '- {name: file, command: [/bin/sh, -c, "cat >>$0; echo >>$0", %s], level: high}\n' % os.path.join(TOP, 'trouble'))
    shop.start()
    for channel in ('owner', 'hook', 'file'):
        shop.send(channel)
    shop.login('bo')
    began, attempts = shop.offset, 0
    tries = "SELECT min(attempts), count(*), sum(state = 'waiting'), max(due_at) / 1e6 FROM notice"
    while shop.offset - began < 3600:
        attempts += 1
        if not shop.wait('attempt %d' % attempts, tries, lambda rows: rows[0][0] == attempts and rows[0][1:3] == (2, 2)):
            return
        due = shop.ask(tries)[0][3]
        shop.later(max(1, int(due - time.time() - shop.offset) + 1))
    shop.wait('the last attempt of the hour', tries, lambda rows: rows[0][0] == attempts + 1 and rows[0][2] == 2)
    check('an hour away: a handful of attempts, further and further apart (%d)' % attempts, 6 <= attempts <= 10)
    mail.start(), web.start()
    shop.later(3 * 3600)
    took(mail, 1, 'the mail arrives after the hour'), took(web, 1, 'the request arrives after the hour')
    shop.wait('both are sent', "SELECT count(*) = 2 FROM notice WHERE state = 'sent'")
    check('an hour away: each once', (len(mail.got), len(web.got)) == (1, 1), (mail.got, web.got))
    web.says = 503
    mail.refuses = '451 not now'
    shop.later(61)
    shop.login('bo2')
    shop.wait('refused', "SELECT count(*) = 2 FROM notice WHERE state = 'waiting' AND attempts = 1 AND error <> ''")
    errors = dict(shop.ask("SELECT channel, error FROM notice WHERE state = 'waiting'"))
    check('the list says why', '503' in errors['hook'] and '451' in errors['owner'], errors)
    shop.later(3 * 86400 + 60)
    shop.wait('both are given up', "SELECT count(*) >= 2 FROM notice WHERE state = 'failed'")
    shop.wait('that is an alert, which another channel tells', "SELECT count(*) >= 1 FROM notice n JOIN notice_alert m ON m.notice = n.id JOIN alert a "
              "ON a.id = m.alert WHERE a.rule_id = 'shopbell-notice' AND n.channel = 'file' AND n.state = 'sent'")
    with open(os.path.join(TOP, 'trouble')) as file:
        told = json.loads(file.readline())
    check('given up after three days, and told over the channel that works', 'given up' in told['alerts'][0]['sentence'], told)
    check('nothing more arrived', (len(mail.got), len(web.got)) == (1, 1))
    web.says, mail.refuses = 204, None
    shop.stop()


def escalation():
    web.got.clear()
    shop = Shop('escalation', HOOK % ('owner', web.port, 'owner', 'medium', ', escalate: {after: 30m, to: deputy}, repeat: 1h') +
                HOOK % ('deputy', web.port, 'deputy', 'critical', ', repeat: never') + '- {name: log, journal: yes, level: low}\n')
    shop.start()
    for channel in ('owner', 'deputy'):
        shop.send(channel)
    shop.login('root')
    took(web, 2, 'both are told of a critical one')
    shop.login('ana')
    took(web, 3, 'the owner of a high one')
    shop.wait('the journal as well', "SELECT count(*) = 5 FROM notice WHERE state = 'sent'")
    shop.later(1801)
    took(web, 4, 'the deputy is told that nobody answers')
    shop.wait('not of what was told to the deputy already', "SELECT count(*) = 1 FROM notice WHERE reason = 'escalated' AND state = 'dropped'")
    took_all(shop)
    check('escalated', web.got[3][0] == '/deputy' and [json.loads(web.got[3][2])[k] for k in ('reason', 'level')] == ['escalated', 'high'], web.got[3])
    shop.later(1801)
    took(web, 5, 'the owner is told again')
    again = json.loads(web.got[4][2])
    check('repeated', web.got[4][0] == '/owner' and again['reason'] == 'repeat', again)
    shop.wait('the next one is planned', "SELECT count(*) >= 1 FROM notice WHERE reason = 'repeat' AND state = 'waiting'")
    out = shop.cli('answer', again['alerts'][0]['id'][:12], 'not-me')
    check('answered', out.returncode == 0, out)
    shop.later(7201)
    shop.wait('who was answered is not told of again', "SELECT count(*) FROM notice WHERE ended_at IS NULL AND channel <> 'log'", lambda rows: rows[0][0] == 0)
    shop.login('bo')
    took(web, 6, 'the next alert comes')
    check('nothing else came', json.loads(web.got[5][2])['level'] == 'medium' and len(web.got) == 6, web.got[5:])
    shop.later(61)
    for i in range(200):
        shop.login('bo%d' % i)
    shop.wait('all are there', "SELECT count(*) FROM alert", lambda rows: rows[0][0] >= 203)
    shop.later(6)
    shop.wait('a burst is told', "SELECT count(*) FROM notice WHERE ended_at IS NULL AND reason = 'rang'", lambda rows: rows[0][0] == 0)
    sizes = [json.loads(body)['more'] + len(json.loads(body)['alerts']) for path, _, body in web.got[6:] if json.loads(body)['reason'] == 'rang']
    check('200 alerts at once are a few notices (%s)' % sizes, sum(sizes) == 200 and len(sizes) <= 8, sizes)
    shop.stop()


def journal():
    """In the place of systemd-journald: one datagram an entry (systemd.io, "Native Journal Protocol")."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
        s.settimeout(PATIENCE)
        s.bind('/run/systemd/journal/socket')
        shop = Shop('journal', '- {name: log, journal: yes, level: low}\n')
        shop.start()
        shop.login('ana\x1b[2J\u202eMESSAGE=no')
        entry = s.recv(65536)
        fields = [line.split(b'=', 1) for line in entry.rstrip(b'\n').split(b'\n')]
        got = {k.decode(): v.decode() for k, v in fields if len(k) > 1}
        alert = shop.ask("SELECT id, sentence FROM alert WHERE rule_id = 'ana'")[0]
        check('journal: one entry', shop.wait('it is sent', "SELECT count(*) = 1 FROM notice WHERE state = 'sent'") and len(got) == len(fields), entry)
        check('journal: what it is about', got['SHOPBELL_ALERT'] == alert[0] and got['PRIORITY'] == '3' and got['SHOPBELL_LEVEL'] == 'high' and
              got['SHOPBELL_RULE'] == 'ana failed' and got['SYSLOG_IDENTIFIER'] == 'shopbelld', got)
        check('journal: harmless', '\x1b' not in got['MESSAGE'] and '\u202e' not in got['MESSAGE'] and got['MESSAGE'].startswith('high: ana'), got)
        with open(os.path.join(os.environ['SHOPBELL_SRCDIR'], 'systemd', 'shopbelld.catalog')) as file:
            entry = file.read().partition('\n-- %s\n' % got['MESSAGE_ID'])[2].partition('\n-- ')[0]
        check('journal: the catalogue knows it', entry and all(name in got for name in re.findall('@([A-Z_]+)@', entry)), got)
        shop.stop()


web = Web()
if sys.argv[7:] == ['journal']:
    journal()
    sys.exit(10 if failures else 0)
failing()
mail = Mail(TOP)
what_arrives()
secrecy()
kills()
outage()
escalation()
sys.exit(10 if failures else 0)
