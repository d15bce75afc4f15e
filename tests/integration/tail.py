# SPDX-License-Identifier: Apache-2.0
# tail.py SHOPBELL SRCDIR TMP: `shopbell tail` shows records as they are written, from files that are named and from a configuration.
import json, os, select, shutil, subprocess, sys, time
CLI, TOP, TMP = sys.argv[1:4]
failed = 0

def say(name, good, text=''):
    global failed
    print(('ok ' if good else 'not ok ') + name)
    if not good:
        failed = 1
        print('    ' + str(text).replace('\n', '\n    ')[:3000])

class Tail:
    """A `shopbell tail` that has come to the end of its logs."""
    def __init__(self, write, *words):
        self.process = subprocess.Popen([CLI, 'tail', *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.text = ''
        self.write = write

    def until(self, good, seconds=20):
        end = time.monotonic() + seconds
        while not good(self.text):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                return False
            part = os.read(self.process.stdout.fileno(), 65536)
            if not part:
                return False
            self.text += part.decode()
        return True

    def ready(self, user, shown):
        """Lines are written until one is seen: then it follows."""
        for i in range(200):
            self.write(user)
            if self.until(lambda t: shown in t, 0.1):
                return True
        return False

    def end(self):
        self.process.terminate()
        return self.process.communicate()[1].decode()

log = TMP + '/auth.log'
stamp = time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime())
def ssh(user, address='203.0.113.66', word='Failed'):
    with open(log, 'a') as file:
        file.write('%s web1 sshd[2149]: %s password for %s from %s port 50000 ssh2\n' % (stamp, word, user, address))
ssh('old')
tail = Tail(ssh, log, '--color', 'never', '--geoip', TOP + '/samples/geoip.mmdb')
say('it follows a file', tail.ready('mark', ' mark '), tail.text)
ssh('jun')
say('what is written is shown', tail.until(lambda t: ' jun ' in t), tail.text)
line = [l for l in tail.text.splitlines() if ' jun ' in l][0]
say('with time, class, person, action, outcome, address, country and source',
    line.split() == [*stamp[:19].split('T'), 'login', 'jun', 'failed', 'failure', '203.0.113.66', 'BR', 'sshd'], line)
say('what was there before is not', ' old ' not in tail.text, tail.text)
os.rename(log, log + '.1')
ssh('ann')
say('through rotation', tail.until(lambda t: ' ann ' in t), tail.text)
ssh('\033[31mred\033]0;owned\007')
ssh('last')
say('nothing of a log steers the terminal', tail.until(lambda t: ' last ' in t) and '\033' not in tail.text and '\007' not in tail.text, tail.text)
tail.end()

tail = Tail(ssh, log, '-o', 'ndjson', '--text', 'ACCEPTED', '--class', 'login')
tail.write = lambda user: (ssh('jun'), ssh(user, word='Accepted'))
say('it follows again', tail.ready('kim', '}\n'))
records = [json.loads(l) for l in tail.text.splitlines()]
say('whole records as JSON, those that fit', records and all(r['user.name'] == 'kim' and r['event.outcome'] == 'success' for r in records), tail.text)
tail.end()

# ---- By the configuration ----
os.mkdir(TMP + '/spool')
shutil.copytree(TOP + '/samples/logs/google-ads', TMP + '/spool/old')
with open(TMP + '/shopbell.yml', 'w') as file:
    file.write('people: %s/samples/people.yml\ninputs:\n- {name: ssh, tail: %s, source: sshd}\n- {name: ads, spool: %s/spool}\n- {name: gone, spool: %s/none}\n' % (TOP, log, TMP, TMP))
tail = Tail(ssh, '--config', TMP + '/shopbell.yml', '--color', 'always')
say('all inputs of a configuration', tail.ready('jun', 'Jun'), tail.text)
say('with their people, in colour', '\033[1mJun\033[m' in tail.text and '\033[31mfailure\033[m' in tail.text, tail.text)
name = sorted(os.listdir(TOP + '/samples/logs/google-ads'))[0]
shutil.copy(TOP + '/samples/logs/google-ads/' + name, TMP + '/new')
before = tail.text
os.rename(TMP + '/new', TMP + '/spool/' + name)
say('a file that comes into a spool', tail.until(lambda t: 'google-ads' in t), tail.text)
say('and none that lay there', 'google-ads' not in before, before)
said = tail.end()
say('what cannot be read is said', 'gone' in said or 'none' in said, said)

def fails(name, code, text, *words):
    out = subprocess.run([CLI, 'tail', *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    say(name, out.returncode == code and text in out.stderr, out.stderr)
fails('no configuration', 3, 'none.yml', '--config', TMP + '/none.yml')
fails('standard input has no end', 3, 'parse', '-')
fails('no CSV', 2, 'ndjson', '-o', 'json', log)
fails('a source that is none', 2, 'no such log source', '--source', 'nope', log)
sys.exit(10 if failed else 0)
