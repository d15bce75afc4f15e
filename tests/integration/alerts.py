# SPDX-License-Identifier: Apache-2.0
# alerts.py SHOPBELL STATE TMP: tables on a terminal of 80 and of 200 columns, colour, the pager.
import fcntl, json, os, pty, re, struct, subprocess, sys, termios, unicodedata
CLI, STATE, TMP = sys.argv[1:4]
failed = 0

def say(name, good, text=''):
    global failed
    print(('ok ' if good else 'not ok ') + name)
    if not good:
        failed = 1
        print('    ' + str(text).replace('\n', '\n    ')[:3000])

def on_terminal(words, columns=80, rows=1000, **env):
    """What the command prints on a terminal of that size."""
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
        for name in ('NO_COLOR', 'PAGER', 'LESS'):
            os.environ.pop(name, None)
        os.environ.update({'TERM': 'xterm', 'SHOPBELL_STATE': STATE}, **env)
        os.execv(CLI, [CLI] + words)
    out = b''
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:
            break
        if not part:
            break
        out += part
    os.close(fd)
    os.waitpid(pid, 0)
    return out.decode().replace('\r\n', '\n')

def plain(text):
    return re.sub('\033\\[[0-9;]*m', '', text)

def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 0 if unicodedata.combining(c) else 1 for c in line)

def words(text):
    return set(re.findall(r'[^\s\[\]()]+', text))

alerts = [json.loads(line) for line in subprocess.run([CLI, 'alerts', '-o', 'ndjson', '--state', STATE], capture_output=True, text=True).stdout.splitlines()]
say('there are alerts', len(alerts) > 20, alerts)
for columns in (80, 200):
    out = on_terminal(['alerts', '--color', 'never'], columns)
    widest = max(out.splitlines(), key=width)
    say('%d columns: no line is wider' % columns, width(widest) <= columns, widest)
    have = words(out)
    for a in alerts:
        lost = (words(a['sentence']) | {a['id'][:8], a['rule']['level'], str(a['count']), *words(a['source'])}) - have
        if lost:
            say('%d columns: nothing is lost' % columns, False, lost)
    first = [line for line in out.splitlines() if line.startswith(alerts[0]['id'][:8])][0]
    say('%d columns: the id, time, level and count stand in one line' % columns,
        first.split()[1:5] == [*alerts[0]['first_seen'][:19].split('T'), alerts[0]['rule']['level'], str(alerts[0]['count'])], first)
say('a wide terminal has the source in a column', ' SOURCE ' in on_terminal(['alerts'], 200) and ' SOURCE ' not in on_terminal(['alerts'], 80))
wide = on_terminal(['alerts', '-o', 'wide', '--color', 'never'], 200)
say('wide has who and where', re.search(r'^ID .* PERSON +COUNTRY +ADDRESS .* RULE ', wide) and re.search(r' Jun +KR ', wide), wide)
say('wide is not wider', max(map(width, wide.splitlines())) <= 200, max(wide.splitlines(), key=width))

out = on_terminal(['alerts'])
say('the level is in colour', '\033[1;31mcritical' in out and '\033[33mmedium' in out, out)
say('and that is all', plain(out) == on_terminal(['alerts', '--color', 'never']), out)
say('NO_COLOR is honoured', '\033' not in on_terminal(['alerts'], NO_COLOR='1'))
say('but not when it is empty', '\033' in on_terminal(['alerts'], NO_COLOR=''))
say('nor against --color always', '\033' in on_terminal(['alerts', '--color', 'always'], NO_COLOR='1'))
say('a dumb terminal has none', '\033' not in on_terminal(['alerts'], TERM='dumb'))
pipe = lambda *words: subprocess.run([CLI, 'alerts', '--state', STATE, *words], capture_output=True, text=True).stdout
say('a pipe has none', '\033' not in pipe() and '\033[31m' in pipe('--color', 'always'))

with open(TMP + '/pager', 'w') as file:
    file.write('#!/bin/sh\n# $1 is a word of $PAGER\ncat >"%s/paged"\nprintf "paged with %%s and %%s\\n" "$1" "$LESS"\n' % TMP)
os.chmod(TMP + '/pager', 0o755)
pager = {'PAGER': TMP + '/pager  one;two'}
out = on_terminal(['alerts'], rows=10, **pager)
say('what is longer than the screen goes to the pager, without a shell', out == 'paged with one;two and FRX\n', out)
with open(TMP + '/paged') as file:
    say('all of it', file.read() == on_terminal(['alerts']))
say('what is not does not', 'paged' not in on_terminal(['alerts', '-n', '2'], 200, 10, **pager))
say('nor with --no-pager', 'paged' not in on_terminal(['alerts', '--no-pager'], rows=10, **pager))
say('nor with an empty PAGER', 'ID ' in on_terminal(['alerts'], rows=10, PAGER=''))
say('one that is not there is done without', 'ID ' in on_terminal(['alerts'], rows=10, PAGER=TMP + '/none'))
say('others have it, too', 'paged' in on_terminal(['show', alerts[0]['id']], rows=10, **pager))
sys.exit(10 if failed else 0)
