# SPDX-License-Identifier: Apache-2.0
# status.py SHOPBELL SHOPBELLD TMP: what `shopbell status` tells of a running daemon, in every format; Prometheus' is read by its rules.
import json, os, re, subprocess, sys, time
CLI, DAEMON, TMP = sys.argv[1:4]
failed = 0

def say(name, good, text=''):
    global failed
    print(('ok ' if good else 'not ok ') + name)
    if not good:
        failed = 1
        print('    ' + str(text).replace('\n', '\n    ')[:3000])

NAME = re.compile(r'[a-zA-Z_:][a-zA-Z0-9_:]*')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')

def exposition(text):
    """{(name, labels): value} of text in the exposition format 0.0.4; mistakes raise."""
    samples, types, helps, last = {}, {}, set(), None
    assert text.endswith('\n')
    for line in text.splitlines():
        if line.startswith('# '):
            word, name, rest = line[2:].split(' ', 2)
            assert NAME.fullmatch(name), line
            if word == 'HELP':
                assert name not in helps and not re.search(r'\\[^\\n]', rest), line
                helps.add(name)
            else:
                assert word == 'TYPE' and name not in types and rest in ('counter', 'gauge'), line
                assert name.endswith('_total') == (rest == 'counter'), line
                types[name] = rest
            continue
        name = NAME.match(line).group()
        labels, rest = (), line[len(name):]
        if rest.startswith('{'):
            inside, rest = rest[1:].rsplit('}', 1)
            labels = tuple(LABEL.findall(inside))
            assert ','.join('%s="%s"' % l for l in labels) == inside, line
        assert name in types and name in helps and rest[0] == ' ', line
        assert last == name or name not in {n for n, _ in samples}, 'not together: ' + line
        assert (name, labels) not in samples, line
        samples[name, labels] = float(rest)
        last = name
    return samples

def status(*words):
    out = subprocess.run([CLI, 'status', '--state', TMP + '/live', *words], capture_output=True, text=True)
    assert out.returncode == 0, out.stderr
    return out.stdout

log = TMP + '/auth.log'
odd = 'the "odd" \\ one'
with open(TMP + '/live.yml', 'w') as file:
    file.write("inputs:\n- {name: ssh, tail: %s, source: sshd}\n- {name: '%s', spool: %s/spool}\n" % (log, odd, TMP))
os.mkdir(TMP + '/spool')
subprocess.run([DAEMON, '--config', TMP + '/live.yml', '--state', TMP + '/live', '--once'], stderr=subprocess.DEVNULL, check=True)
before = exposition(status('-o', 'prometheus'))
say('without a daemon', before['shopbell_daemon_up', ()] == 0 and before['shopbell_records_total', ()] == 0, before)
daemon = subprocess.Popen([DAEMON, '--config', TMP + '/live.yml', '--state', TMP + '/live'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
at = time.time() - 100
stamp = time.strftime('%Y-%m-%dT%H:%M:%S+00:00', time.gmtime(at))
with open(log, 'a') as file:
    for i in range(7):
        file.write('%s web1 sshd[2149]: Failed password for jun from 203.0.113.66 port 50000 ssh2\n' % stamp)
    file.write('no line of a log at all\n')
of = lambda name, input='ssh': (name, (('input', input.replace('\\', '\\\\').replace('"', '\\"')),))
while True:
    samples = exposition(status('-o', 'prometheus'))
    if samples.get(of('shopbell_input_raws_total'), 0) >= 8 and samples['shopbell_records_total', ()] >= 7: # the store is asked first
        break
    if daemon.poll() is not None:
        sys.exit('the daemon ended')
say('Prometheus can read it', samples['shopbell_daemon_up', ()] == 1 and samples['shopbell_records_total', ()] == 7, samples)
say('every input', samples[of('shopbell_input_records_total')] == 7 and samples[of('shopbell_input_raws_total', odd)] == 0, samples)
say('its rate', samples[of('shopbell_input_records_per_minute')] == 7, samples)
say('its lag', 99 <= samples[of('shopbell_input_lag_seconds')] < 200, samples)
say('its last record', abs(samples[of('shopbell_input_last_record_timestamp_seconds')] - at) < 2, samples)
say('none for what brought nothing', of('shopbell_input_lag_seconds', odd) not in samples, samples)
say('the store, and its caps', samples['shopbell_store_bytes', ()] > 4096 and samples['shopbell_store_rejects_max', ()] == 10000, samples)
say('the rules', samples['shopbell_rules', ()] > 50 and samples['shopbell_load_errors', ()] == 0, samples)
rows = {row['counter']: row for row in json.loads(status('-o', 'json'))}
say('JSON has the same', rows['input_records{input="ssh"}']['value'] == 7 and rows['daemon']['value'] == 'running' and
    rows['input_last_record{input="ssh"}']['value'] == stamp.replace('+00:00', 'Z'), rows)
table = status()
say('a table of the inputs', re.search(r'^INPUT +RECORDS +PER_MINUTE +LAST_RECORD +LAG +LAST_READ +REJECTS\nssh +7 +7 +\S+ \S+ +\S+ +\S+ \S+ +\d', table, re.M), table)
say('and of the rest', re.search(r'^COUNTER +VALUE +MEANING', table) and 'input_records' not in table, table)
daemon.kill()
daemon.wait()
sys.exit(10 if failed else 0)
