# SPDX-License-Identifier: Apache-2.0
# manual.py SHOPBELL SHOPBELLD SRCDIR TMP: every command that a manual page shows is one, and is run as printed, on the sample shop. Only
# what lies outside of a sandbox is moved into it (/etc, /var, /usr/local, /tmp), and an id that is an example is a real one.
import glob, json, os, re, shutil, subprocess, sys
CLI, DAEMON, TOP, TMP = sys.argv[1:5]
failed = 0

def say(name, good, text=''):
    global failed
    print(('ok ' if good else 'not ok ') + name)
    if not good:
        failed = 1
        print('    ' + str(text).replace('\n', '\n    ')[:2000])

def plain(text):
    """Of the mdoc escapes those that commands hold."""
    for escape, char in (('\\(dq', '"'), ('\\(aq', "'"), ('\\&', ''), ('\\-', '-'), ('\\(em', '—'), ('\\e', '\\')):
        text = text.replace(escape, char)
    return text

def examples(page):
    """Commands of literal lines; what stands there without a prompt counts when it begins with one of our programs."""
    is_literal, found = False, []
    for line in open(page, encoding='utf-8'):
        line = line.rstrip('\n')
        if line.startswith('.Bd -literal'):
            is_literal = True
        elif line.startswith('.Ed'):
            is_literal = False
        if line.startswith(('.Dl ', '.D1 ')):
            line = plain(line[4:])
        elif is_literal and line.startswith('$ '):
            line = plain(line)
        else:
            continue
        command = re.sub(r'^[$#] ', '', line)
        if re.match(r'(sudo |build/)?(shopbell|shopbelld)( |$)', command):
            found.append(command)
    return found

# ---- A place to run them ----
home, root, bin = TMP + '/home', TMP + '/root', TMP + '/bin'
for folder in (home, bin, root + '/etc/shopbell', root + '/var/log', root + '/var/lib/node-exporter', root + '/usr/local/share/shopbell', root + '/tmp'):
    os.makedirs(folder)
for name, text in {'sudo': 'exec "$@"', 'mail': 'cat >/dev/null', 'jq': 'cat'}.items():
    with open(bin + '/' + name, 'w') as file:
        file.write('#!/bin/sh\n%s\n' % text)
    os.chmod(bin + '/' + name, 0o755)
with open(home + '/phrase.txt', 'w') as file:
    file.write('correct horse battery\n')
os.chmod(home + '/phrase.txt', 0o600)
os.symlink(CLI, bin + '/shopbell')
os.symlink(DAEMON, bin + '/shopbelld')
os.symlink(os.path.dirname(CLI), home + '/build')
os.symlink(TOP + '/samples', home + '/samples')
logs = TOP + '/samples/logs'
for name, folder in (('AWSLogs', logs + '/cloudtrail'), ('workspace', logs + '/google-workspace'), ('old-logs', logs)):
    shutil.copytree(folder, home + '/' + name)
shutil.copy(logs + '/sshd/auth.log', root + '/var/log/auth.log.1')
shutil.copytree(logs, root + '/var/log/old')
with open(home + '/customers.csv', 'w') as file:
    file.write('Customer ID,Country Code\n4711,KR\n4712,SG\n')
shutil.copytree(TOP + '/parsers/sources', root + '/usr/local/share/shopbell/sources')
shutil.copytree(TOP + '/rules.d', root + '/usr/local/share/shopbell/rules.d')
shutil.copytree(TOP + '/rules.d/meta_ads', root + '/etc/shopbell/rules.d')
shutil.copytree(TOP + '/regimes.d', root + '/etc/shopbell/regimes.d')
for name in ('my-rules', 'new-rules'):
    shutil.copytree(TOP + '/rules.d/meta_ads', home + '/' + name)
with open(home + '/expect.yml', 'w') as file:
    file.write('- must_not: shopbell-risk\n')
with open(home + '/till.ndjson', 'w') as file:
    for i in range(9):
        file.write(json.dumps({'ts': '2026-03-04T08:0%d:00Z' % i, 'clerk': 'mia', 'action': 'void', 'receipt': i, 'host': 'till-1', 'ip': '192.0.2.7'}) + '\n')
shutil.copy(TOP + '/samples/shopbell.yml', home)
config, state = TOP + '/samples/shopbell.yml', TMP + '/state'
subprocess.run([DAEMON, '--config', config, '--state', state, '--once'], stderr=subprocess.DEVNULL, check=True)
os.environ.update({'PATH': bin + ':' + os.environ['PATH'], 'SHOPBELL_STATE': state, 'HOME': home})
real = json.loads(subprocess.run([CLI, 'alerts', '-n', '1', '-o', 'ndjson'], capture_output=True, text=True).stdout)['id'][:8]

WRONG = re.compile(r'is no command of shopbell|unknown option|needs one of these words|takes no |a value is missing|see shopbell|is no option of|not found')
ENDLESS = re.compile(r'shopbell (tail|alerts .*(-f|--follow|--watch))\b')
MAY_FAIL = re.compile(r'shopbell reload|sources identify till') # no daemon runs; and there is no source for the till yet, as the page says

def run(page, command):
    moved = re.sub(r'(?<![\w.])/(etc|var|usr/local|tmp)/', root + r'/\1/', command).replace('3f2a', real)
    endless = ENDLESS.search(command)
    if endless and ' tail' in command:
        moved += ' --config ' + config
    try:
        out = subprocess.run(['bash', '-o', 'pipefail', '-c', ('timeout 1 ' + moved.replace('sudo ', '')) if endless else moved], cwd=home, capture_output=True,
                             text=True, errors='replace', timeout=60, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as e:
        return say('%s: %s' % (page, command), False, 'it does not end')
    good = out.returncode == 124 if endless else out.returncode in (0, 1) or (out.returncode == 3 and MAY_FAIL.search(command))
    say('%s: %s' % (page, command), good and not WRONG.search(out.stderr), 'exit %d\n%s' % (out.returncode, out.stderr))

total = 0
for path in sorted(glob.glob(TOP + '/doc/*.[1-9]')):
    for command in examples(path):
        total += 1
        run(os.path.basename(path), command)
say('there are many', total > 25, total)

# ---- Synopsis and help ----
help = subprocess.run([CLI, '--help'], capture_output=True, text=True).stdout
commands = re.findall(r'^  ([a-z]+(?: [a-z]+)?)  ', help, re.M)
synopsis = open(TOP + '/doc/shopbell.1', encoding='utf-8').read().split('.Sh SYNOPSIS')[1].split('.Sh DESCRIPTION')[0]
named = {name for names in re.findall(r'^\.Nm\n\.Cm (.*)$', synopsis, re.M) for name in names.split(' | ')}
say('the synopsis has the commands that there are', named == set(commands), named ^ set(commands))
say('their list fits a screen', help.count('\n') <= 60 and max(map(len, help.splitlines())) <= 80, help)
for command in commands:
    text = subprocess.run([CLI, *command.split(), '--help'], capture_output=True, text=True).stdout
    if text.count('\n') > 50 or max(map(len, text.splitlines())) > 80:
        say('the help of %s fits a screen' % command, False, text)
say('so does the help of each command', True)

# ---- The store ----
schema = open(TOP + '/monitor/store/schema.sql', encoding='utf-8').read()
page = open(TOP + '/doc/shopbell-store.7', encoding='utf-8').read()
def listed(text):
    return {name for names in re.findall(r'^\.It Li (.*)$', text, re.M) for name in names.split(' , ')}
tables = set(re.findall(r'^CREATE TABLE IF NOT EXISTS (\w+)', schema, re.M))
words = re.search(r'^ +what TEXT NOT NULL, +-- (raised.*\n(?: +-- .*\n)*)', schema, re.M).group(1)
words = set(re.findall(r'[a-z-]+[a-z]', words.replace('--', '')))
say('the store\'s page has its tables', listed(page.split('.Ss Tables')[1].split('.Sh ')[0]) == tables, tables)
say('and the rows of the history', listed(page.split('.Sh THE HISTORY')[1].split('.El')[0]) == words, words)
sys.exit(10 if failed else 0)
