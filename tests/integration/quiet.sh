#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Few false alarms: what is silenced, inhibited or told by another alert, what adds up on one person, and what people answer. While
# the daemon runs, while it does not, and though it is killed in the middle.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "quiet" "python3 is not installed"
        exit 0
fi
mkdir "$tmp/rules" "$tmp/spool"
cat >"$tmp/rules/rules.yml" <<'YML'
title: Signs in, says one
id: one
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: ConsoleLogin}, condition: s}
level: medium
---
title: Signs in, says another
id: another
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: ConsoleLogin}, condition: s}
level: high
---
title: Reads a secret
id: reads
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: GetSecretValue}, condition: s}
level: medium
---
title: Stops the log
id: stops
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: StopLogging}, condition: s}
level: high
shopbell.inhibits: {rules: [reads], timespan: 30m}
---
title: Lists
id: lists
name: lists
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: ListBuckets}, condition: s}
level: informational
---
title: Lists from a new address
id: new
correlation: {type: new_value, rules: [lists], group-by: [user.name], timespan: 1h, learning: 1m, memory: 1d, condition: {field: source.ip}}
level: medium
YML
cat >"$tmp/log.py" <<'PY'
import json, sys
# "mia ConsoleLogin 8:10" a word
for word in sys.argv[1:]:
    user, name, at = word.split(',')
    hour, minute = at.split(':')
    print(json.dumps({"eventVersion": "1.08", "eventID": word, "eventName": name, "eventSource": "signin.amazonaws.com",
        "eventTime": f"2026-03-04T{int(hour):02}:{minute}:00Z", "sourceIPAddress": "203.0.113.9", "awsRegion": "eu-central-1",
        "userIdentity": {"type": "IAMUser", "userName": user}}))
PY
log() { python3 "$tmp/log.py" "$@"; }
drop() { name=$1; shift; log "$@" >"$tmp/new" && mv "$tmp/new" "$tmp/spool/$name.ndjson"; }
scan() { "$shopbell" scan -q -o ndjson --rules "$tmp/rules" "$@"; }
# of NAME TEXT FILTER EXPECTED: what a filter of python makes of NDJSON.
lines_of() { printf '%s\n' "$1" | python3 -c '
import json, sys
for line in sorted(eval(sys.argv[1])(json.loads(l)) for l in sys.stdin if l.strip()):
    print(line)' "$2"; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "this:
$2
not this:
$3"; fi; }
brief='lambda a: a["rule"]["id"] + " " + a["person"] + " " + ",".join(o["rule"] for o in a["also"]) + " " + ",".join(o["rule"] for o in a["inhibits"])'
state='lambda a: " ".join([a["rule"]["id"], a["person"], a["state"], a["muted"] or "-", str(a["silence"] or "-"), a["answer"] or "-", "rang" if a["rang"] else "quiet"])'

# ---- Told once ----
log mia,ConsoleLogin,8:10 mia,GetSecretValue,8:20 mia,StopLogging,8:50 bo,GetSecretValue,8:20 bo,StopLogging,8:51 >"$tmp/a.ndjson"
out=$(scan "$tmp/a.ndjson")
is "the higher of two rules on one record tells of both; a rule inhibits another within its time" "$(lines_of "$out" "$brief")" \
        "another mia one 
reads bo  
stops bo  
stops mia  reads"
out=$(scan --all "$tmp/a.ndjson")
is "nothing is lost" "$(lines_of "$out" "$state")" "another mia open - - - rang
one mia open same - - quiet
reads bo open - - - rang
reads mia open inhibited - - quiet
stops bo open - - - rang
stops mia open - - - rang"
"$shopbell" scan -q --rules "$tmp/rules" "$tmp/a.ndjson" >"$tmp/table" 2>&1
has "a table says so" "$(cat "$tmp/table")" 'Signs in, says another \(also: Signs in, says one\)'
log bo,StopLogging,8:51 mia,StopLogging,8:50 mia,GetSecretValue,8:20 mia,ConsoleLogin,8:10 bo,GetSecretValue,8:20 >"$tmp/b.ndjson"
is "in whatever order" "$(lines_of "$(scan --all "$tmp/b.ndjson")" "$state")" "$(lines_of "$out" "$state")"

# ---- Risk ----
log mia,ConsoleLogin,8:10 mia,StopLogging,9:50 mia,GetSecretValue,11:20 >"$tmp/r.ndjson"
out=$(scan "$tmp/r.ndjson")
is "signs meet on a person" "$(lines_of "$out" 'lambda a: a["rule"]["id"] + " " + str(a["count"]) + " " + a["rule"]["level"]')" "another 1 high
reads 1 medium
shopbell-risk 3 high
stops 1 high"
has "and are listed" "$out" '"why":"risk 119, the line is 100; it falls by half in 7 days:\\n49.7 high: Stops the log'

# ---- A store, without a daemon ----
cat >"$tmp/shopbell.yml" <<YML
rules: [$tmp/rules]
inputs:
  - {name: trail, spool: $tmp/spool}
YML
dir="$tmp/state"
once() { exits "$1" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$dir" --once; }
cli() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" "$@" --state "$dir"; }
show_all() { "$shopbell" alerts --all -o ndjson --state "$dir"; }
cli "no store, no silence" 3 silence add --who mia --for 1h --reason x
if [ -e "$dir" ]; then not_ok "and none is made"; else ok "and none is made"; fi
once "the daemon reads nothing"
cli "a silence needs a reason" 1 silence add --rule reads --for 2d
has "and says so" "$out" 'needs a reason'
cli "a silence needs a time" 1 silence add --rule reads --reason x
cli "one end, not two" 2 silence add --rule reads --for 2d --until 2999-01-01 --reason x
has "and says so" "$err" 'not both'
cli "a time to come" 1 silence add --rule reads --until 2001-01-01 --reason x
has "and says so" "$out" 'gone by already'
cli "not one of everything" 1 silence add --for 2d --reason x
cli "not for ever" 1 silence add --rule reads --for 3000d --reason x
cli "a level that exists" 2 silence add --level loud --for 2d --reason x
cli "a silence" 0 silence add --rule "READS A SECRET" --who bo --for 2d --reason "the audit; \"Bo\" knows"
has "it has a number" "$out" '^silence 1, until 20'
drop 1 bo,GetSecretValue,8:20 mia,GetSecretValue,8:20
once "the daemon reads"
is "what fits it is quiet, and kept" "$(lines_of "$(show_all)" "$state")" "reads bo open - 1 - quiet
reads mia open - - - rang"
is "the others ring" "$("$shopbell" alerts -o ndjson --state "$dir" | grep -c .)" 1
cli "it is listed" 0 silence list -o ndjson
has "with who set it, why, and how many alerts it keeps quiet" "$out" \
        "^\{\"id\":1,\"rule\":\"READS A SECRET\",\"who\":\"bo\",.*\"alerts\":1,\"by\":\"$(id -un)\",\"reason\":\"the audit; ..Bo.. knows\",\"ended\":\"\""
cli "counted" 0 status -o csv
has "by name" "$out" '^"?alerts_silenced"?,"?1'
cli "ended" 0 silence end 1
cli "once" 1 silence end 1
cli "and no other" 1 silence end 7
cli "then none counts" 0 silence list
has "and says so" "$out" '^No silences'
cli "it is still on record" 0 silence list --all
has "with its end" "$out" 'READS A SECRET.*bo'
drop 2 bo,GetSecretValue,8:25
once "the daemon reads on"
is "an alert that goes on after it rings" "$(lines_of "$(show_all)" "$state" | grep bo)" "reads bo open - - - rang"

# ---- A parent that comes late ----
drop 3 mia,StopLogging,8:40
once "the daemon reads what inhibits"
is "what has rung stays, and is linked" "$(lines_of "$(show_all)" "$state" | grep mia)" "reads mia open inhibited - - rang
stops mia open - - - rang"
is "and is still among those that rang" "$("$shopbell" alerts -o ndjson --state "$dir" | grep -c '"rule":."id":"reads"')" 2

# ---- Answers ----
id=$(show_all | python3 -c 'import json,sys
for l in sys.stdin:
    a = json.loads(l)
    if (a["rule"]["id"], a["person"]) == ("reads", "bo"): print(a["id"][:8])')
cli "a word that is no answer" 2 answer "$id" maybe
cli "an alert that is none" 1 answer ffff me
cli "not me" 0 answer "$id" not-me --note "Bo was on holiday"
has "raises the level" "$(show_all)" '"id":"reads","title":"Reads a secret","level":"high".*"person":"bo"'
cli "no answer twice" 1 answer "$id" not-me
cli "seen" 0 acknowledge "$id"
cli "me" 0 answer "$id" me
is "closes it" "$(lines_of "$(show_all)" "$state" | grep bo)" "reads bo open - - me rang"
is "it is told no more" "$("$shopbell" alerts -o ndjson --state "$dir" | grep -c '"person":"bo"')" 0
cli "no risk for what was me" 0 risk bo
has "none" "$out" '^No risk'
cli "taken back" 0 answer "$id" undo
is "it is as it was" "$(lines_of "$(show_all)" "$state" | grep bo)" "reads bo open - - acknowledged rang"
cli "all of it is on record" 0 show "$id"
has "with who and why" "$out" "answered  not-me by $(id -un): Bo was on holiday"
has "and what was taken back" "$out" "answered  undo by $(id -un)"
# later NAME DAY ADDRESS WORD…
later() { name=$1 day=$2 address=$3; shift 3; log "$@" | sed "s/2026-03-04/$day/g; s/203.0.113.9/$address/g; s/,List/$day,List/g" >"$tmp/new" && mv "$tmp/new" "$tmp/spool/$name.ndjson"; }
later 5a 2026-03-04 203.0.113.1 joe,ListBuckets,0:30 eli,ListBuckets,0:30
drop 5 joe,ListBuckets,1:00 eli,ListBuckets,1:00
once "somebody comes from a new address"
mine() { show_all | python3 -c 'import json,sys
for l in sys.stdin:
    a = json.loads(l)
    if (a["rule"]["id"], a["person"], a["first_seen"][11:13]) == ("new", "joe", sys.argv[1]): print(a["id"][:12])' "$1"; }
first=$(mine 01)
cli "that was me" 0 answer "$first" me
later 6 2026-03-10 203.0.113.9 joe,ListBuckets,9:00 eli,ListBuckets,9:00
once "and again, when that is forgotten"
is "what was me does not ring again; of others it does" "$(lines_of "$(show_all)" "$state" | grep '^new')" "new eli open - - - rang
new eli open - - - rang
new joe open - - me rang
new joe open known - - quiet"
cli "shown with its reason" 0 show "$(mine 09)"
has "by the one that was answered" "$out" "^Quiet +known by $(printf '%.8s' "$first")"
cli "no, it was not" 0 answer "$first" undo
is "then it rings after all" "$(lines_of "$(show_all)" "$state" | grep '^new joe')" "new joe open - - - rang
new joe open - - - rang"
today=$(date -u +%Y-%m-%d)
log kim,ConsoleLogin,0:00 kim,StopLogging,0:00 | sed "s/2026-03-04/$today/g" >"$tmp/new" && mv "$tmp/new" "$tmp/spool/4.ndjson"
once "the daemon reads of today"
cli "risk" 0 risk -o ndjson
has "of whom, how much, and of what" "$out" '^\{"person":"kim","risk":[0-9]{2,3}\.[0-9],"alerts":2,"rules":2,.*"made_of":\[\{"points":[0-9.]+,"level":"high","rule":"(another|stops)"'
is "it falls" "$(printf '%s\n' "$out" | python3 -c 'import json,sys; print(86 < json.loads(sys.stdin.readline())["risk"] <= 100)')" True
cli "in a table" 0 risk
has "in words" "$out" '^kim +[0-9.]+ +2 +2 '

# ---- The daemon runs; and is killed ----
cat >"$tmp/kill.py" <<'PY'
import json, os, random, shutil, signal, subprocess, sys
DAEMON, CLI, TOP, LOG = sys.argv[1:5]
rng = random.Random(7)
failed = 0

def say(name, good, text=''):
    global failed
    print(('ok ' if good else 'not ok ') + name)
    if not good:
        failed = 1
        print('    ' + str(text).replace('\n', '\n    ')[:3000])

def config(name):
    folder = os.path.join(TOP, name)
    os.makedirs(os.path.join(folder, 'spool'))
    with open(os.path.join(folder, 'shopbell.yml'), 'w') as file:
        file.write('rules: [%s/rules]\ninputs:\n- {name: trail, spool: %s/spool}\n' % (TOP, folder))
    return folder

def start(folder, *more):
    return subprocess.Popen([DAEMON, '--config', folder + '/shopbell.yml', '--state', folder + '/state', *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

def cli(folder, *words):
    return subprocess.run([CLI, *words, '--state', folder + '/state'], capture_output=True, text=True)

def alerts(folder):
    out = cli(folder, 'alerts', '--all', '-o', 'ndjson').stdout
    return [json.loads(line) for line in out.splitlines()]

def essence(folder):
    all = alerts(folder)
    rule = {a['id']: (a['rule']['id'], a['person'], a['first_seen']) for a in all}
    return sorted(str((rule[a['id']], a['last_seen'], a['count'], a['state'], a['muted'], rule.get(a['muted_by']), a['silence'],
                       a['why'] if a['rule']['id'] == 'shopbell-risk' else '')) for a in all if a['state'] == 'open')

def running(folder):
    """A daemon that answers."""
    daemon = start(folder)
    while '"value":"running"' not in cli(folder, 'status', '-o', 'json').stdout.replace('": "', '":"'):
        if daemon.poll() is not None:
            sys.exit('the daemon ended')
    return daemon

people, names = ['mia', 'bo', 'kim', 'ana', 'eli', 'joe'], ['ConsoleLogin', 'GetSecretValue', 'StopLogging']
files = [['%s,%s,%d:%02d' % (rng.choice(people), rng.choice(names), 1 + i // 2, rng.randrange(60)) for _ in range(8)] for i in range(40)]

def drop(folder, i):
    text = subprocess.run([sys.executable, LOG, *files[i]], capture_output=True, text=True, check=True).stdout
    with open(folder + '/new', 'w') as file:
        file.write(text)
    os.rename(folder + '/new', folder + '/spool/%04d.ndjson' % i)

calm, torn = config('calm'), config('torn')
for folder in (calm, torn):
    daemon = running(folder)
    out = cli(folder, 'silence', 'add', '--who', 'kim', '--level', 'medium', '--for', '2d', '--reason', 'works late')
    say('a silence while the daemon runs', out.returncode == 0 and out.stdout.startswith('silence 1'), out.stderr)
    out = cli(folder, 'silence', 'add', '--who', 'kim', '--for', '2d')
    say('refused by the daemon, with its reason', out.returncode == 1 and 'needs a reason' in out.stdout, out.stdout + out.stderr)
    daemon.kill()
    daemon.wait()
    say('it outlives the daemon', 'works late' in cli(folder, 'silence', 'list').stdout)
for i in range(len(files)):
    drop(calm, i)
start(calm, '--once').wait()
kills = 0
for i in range(len(files)):
    drop(torn, i)
    daemon = start(torn, '--once')
    try:
        daemon.wait(timeout=rng.random() * 0.08)
    except subprocess.TimeoutExpired:
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        kills += 1
start(torn, '--once').wait()
say('killed in the middle', kills > 5, kills)
a, b = essence(calm), essence(torn)
say('the same alerts, muted by the same, silenced alike, the same risk', a == b and len(a) > 20,
    '\n'.join(sorted(set(a) ^ set(b))))
kinds = {(x['muted'], bool(x['silence'])) for x in alerts(torn) if x['state'] == 'open'}
say('some of each', {('same', False), ('inhibited', False), (None, True), (None, False)} <= kinds, kinds)
say('signs met', any('shopbell-risk' in x for x in a), a[:3])
import sqlite3
db = sqlite3.connect(torn + '/state/shopbell.db')
twice = db.execute("SELECT alert FROM alert_history WHERE what = 'raised' GROUP BY alert HAVING count(*) > 1").fetchall()
say('each raised once', [x for x in twice if db.execute('SELECT rule_id FROM alert WHERE id = ?', x).fetchone()[0] != 'shopbell-risk'] == [], twice)
loud = db.execute("SELECT count(*) FROM alert a JOIN alert_quiet q ON q.alert = a.id WHERE state = 'open' AND "
                  "((rang_at IS NULL) <> (silence <> 0 OR muted_by <> '')) AND rang_at IS NULL").fetchone()[0]
say('what does not ring has a reason', loud == 0, loud)
orphans = db.execute("SELECT count(*) FROM alert_quiet q JOIN alert a ON a.id = q.alert WHERE a.state = 'open' AND q.muted_by <> '' AND NOT EXISTS ("
                     "SELECT 1 FROM alert p JOIN alert_quiet r ON r.alert = p.id WHERE p.id = q.muted_by AND p.state = 'open' AND r.silence = 0)").fetchone()[0]
say('whoever mutes is there', orphans == 0, orphans)
daemon = running(torn)
one = next(x for x in alerts(torn) if x['state'] == 'open' and x['also'])
out = cli(torn, 'answer', one['id'][:12], 'me', '--note', 'on call')
say('an answer while the daemon runs', out.returncode == 0, out.stdout + out.stderr)
told = {x['id']: x['answer'] for x in alerts(torn)}
say('it is that of all that the alert tells of', told[one['id']] == 'me' and all(told[o['alert']] == 'me' for o in one['also']), told)
daemon.kill()
daemon.wait()
out = cli(torn, 'answer', one['id'], 'undo')
say('taken back without it', out.returncode == 0 and {x['id']: x['answer'] for x in alerts(torn)}[one['id']] is None, out.stdout + out.stderr)
say('and all is as before', essence(torn) == b, '\n'.join(sorted(set(essence(torn)) ^ set(b))))
sys.exit(10 if failed else 0)
PY
timeout 300 python3 "$tmp/kill.py" "$shopbelld" "$shopbell" "$tmp" "$tmp/log.py"
code=$?
case $code in
0) ;;
10) failures=1 ;;
*) not_ok "kill.py ended with $code" ;;
esac
finish
