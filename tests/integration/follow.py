# SPDX-License-Identifier: Apache-2.0
# follow.py SHOPBELL SHOPBELLD SRCDIR TMP: what rings appears in `alerts --follow` and `--watch` while the daemon runs, within a second.
import fcntl, json, os, pty, select, struct, subprocess, sys, termios, time
CLI, DAEMON, TOP, TMP = sys.argv[1:5]
failed = 0

def say(name, good, text=''):
    global failed
    print(('ok ' if good else 'not ok ') + name)
    if not good:
        failed = 1
        print('    ' + str(text).replace('\n', '\n    ')[:3000])

os.mkdir(TMP + '/rules')
os.mkdir(TMP + '/spool')
with open(TMP + '/rules/rules.yml', 'w') as file:
    file.write('title: Stops the log\nid: stops\nlogsource: {product: aws, service: cloudtrail}\n'
               'detection: {s: {eventName: StopLogging}, condition: s}\nlevel: high\nshopbell.sentence: "{user.name} stops it"\n')
with open(TMP + '/shopbell.yml', 'w') as file:
    file.write('rules: [%s/rules]\ninputs:\n- {name: trail, spool: %s/spool}\n' % (TMP, TMP))
os.environ.update({'SHOPBELL_STATE': TMP + '/live', 'TERM': 'xterm'})

def drop(name, user):
    record = {"eventVersion": "1.08", "eventID": name, "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com",
              "eventTime": time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), "sourceIPAddress": "203.0.113.9", "awsRegion": "eu-central-1",
              "userIdentity": {"type": "IAMUser", "userName": user}}
    with open(TMP + '/new', 'w') as file:
        file.write(json.dumps(record) + '\n')
    os.rename(TMP + '/new', TMP + '/spool/%s.ndjson' % name)

class Reader:
    """Text from a descriptor, waited for."""
    def __init__(self, fd):
        self.fd, self.text = fd, ''

    def until(self, good, seconds):
        end = time.monotonic() + seconds
        while not good(self.text):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                return False
            try:
                part = os.read(self.fd, 65536)
            except OSError:
                return False
            if not part:
                return False
            self.text += part.decode()
        return True

subprocess.run([DAEMON, '--config', TMP + '/shopbell.yml', '--state', TMP + '/live', '--once'], stderr=subprocess.DEVNULL, check=True)
drop('a', 'ann')
daemon = subprocess.Popen([DAEMON, '--config', TMP + '/shopbell.yml', '--state', TMP + '/live'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while 'ann' not in subprocess.run([CLI, 'alerts', '-o', 'ndjson'], capture_output=True, text=True).stdout:
    if daemon.poll() is not None:
        sys.exit('the daemon ended')

follow = lambda *words: subprocess.Popen([CLI, 'alerts', '-f', *words], stdout=subprocess.PIPE)
lines, jsons, others = follow(), follow('-o', 'ndjson', '--person', 'bob', '-n', '1'), follow('--country', 'ZZ')
pid, screen = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 12, 90, 0, 0))
    os.execv(CLI, [CLI, 'alerts', '--watch'])
text, records, full = Reader(lines.stdout.fileno()), Reader(jsons.stdout.fileno()), Reader(screen)
say('--follow begins with the last ones', text.until(lambda t: 'ann' in t and t.endswith('\n'), 10), text.text)
say('--watch shows the screen', full.until(lambda t: 'ann' in t and '1 alert of' in t, 10), full.text)
# How long a line takes: the daemon's own time is in it. The quickest counts, since others may work on this machine.
took = []
for i, user in enumerate(['bob', 'cyd', 'dan']):
    at = time.monotonic()
    drop('b%d' % i, user)
    if not text.until(lambda t: user in t and t.endswith('\n'), 10):
        say('a line for each that rings', False, text.text)
    took.append(time.monotonic() - at)
if min(took) >= 1 and os.getloadavg()[0] > os.cpu_count():
    print('skip a line for each that rings, within a second: it took %.1f s, and this machine is busy' % min(took), flush=True)
else:
    say('a line for each that rings, within a second', min(took) < 1, took)
say('each once, in order',
    [u for l in text.text.splitlines() for u in ('ann', 'bob', 'cyd', 'dan') if u in l] == ['ann', 'bob', 'cyd', 'dan'], text.text)
say('those that fit, as JSON', records.until(lambda t: t.endswith('\n'), 10) and [json.loads(l)['person'] for l in records.text.splitlines()] == ['bob'], records.text)
say('the screen has them, the newest first', full.until(lambda t: '4 alerts of' in t and 'dan' in t.split('4 alerts of')[-1], 10), full.text)
last = full.text.split('4 alerts of')[1]
say('and not more than fits', last.count('\n') <= 12 and last.index('dan') < last.index('cyd'), last)
os.kill(pid, 2)
say('Ctrl-C gives the terminal back', full.until(lambda t: t.endswith('\033[?25h\033[?1049l'), 10), full.text[-200:])
say('and is no failure', os.waitpid(pid, 0)[1] == 0)
daemon.kill()
daemon.wait()
drop('c', 'eve')
subprocess.run([DAEMON, '--config', TMP + '/shopbell.yml', '--state', TMP + '/live', '--once'], stderr=subprocess.DEVNULL, check=True)
say('it goes on with the next daemon', text.until(lambda t: 'eve' in t, 10), text.text)
say('it does not look all the time', all(sum(float(x) for x in open('/proc/%d/stat' % p.pid).read().rsplit(')', 1)[1].split()[11:13]) < 100
                                         for p in (lines, jsons, others)))
for p in (lines, jsons, others):
    p.terminate()
say('what does not fit is not told', others.communicate()[0] == b'')
out = subprocess.run([CLI, 'alerts', '--watch'], capture_output=True, text=True)
say('--watch needs a terminal', out.returncode == 2 and '--follow' in out.stderr, out.stderr)
say('--follow has no CSV', subprocess.run([CLI, 'alerts', '-f', '-o', 'csv'], capture_output=True).returncode == 2)
sys.exit(10 if failed else 0)
