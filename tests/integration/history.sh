#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# History that cannot be quietly rewritten: the chain, made again by hand as the manual says; changes that shopbell verify must find;
# heads in the file and in the journal; copies, and what other programs read.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "history" "python3 is not installed"
        exit 0
fi
mkdir "$tmp/rules" "$tmp/spool"
cat >"$tmp/rules/rules.yml" <<'YML'
title: Signs in
id: signs-in
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: ConsoleLogin}, condition: s}
level: medium
tags: [attack.initial-access, attack.t1078.004, attack.t1078]
shopbell.class: [login]
---
title: Stops the log
id: stops
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: StopLogging}, condition: s}
level: high
tags: [attack.defense_evasion]
shopbell.playbook: ["Switch it on again <now>."]
YML
cat >"$tmp/log.py" <<'PY'
import json, sys
for n, word in enumerate(sys.argv[1:]):
    user, name = word.split(',')
    print(json.dumps({"eventVersion": "1.08", "eventID": word + sys.argv[1], "eventName": name, "eventSource": "signin.amazonaws.com",
        "eventTime": f"2026-03-04T08:{n:02}:00Z", "sourceIPAddress": "203.0.113.%d" % (n + 1), "awsRegion": "eu-central-1",
        "userIdentity": {"type": "IAMUser", "userName": user}}))
PY
drop() { name=$1; shift; python3 "$tmp/log.py" "$@" >"$tmp/new" && mv "$tmp/new" "$tmp/spool/$name.ndjson"; }
cat >"$tmp/shopbell.yml" <<YML
rules: [$tmp/rules]
inputs:
  - {name: trail, spool: $tmp/spool}
YML
dir="$tmp/state"
once() { exits "$1" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$dir" --once; }
cli() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" "$@"; }

drop 1 mia,ConsoleLogin bo,ConsoleLogin kim,StopLogging
once "the daemon reads"
is_mode() { if [ "$(stat -c %a "$2")" = "$3" ]; then ok "$1"; else not_ok "$1" "$(stat -c %a "$2")"; fi; }
is_mode "a key that only its owner may read" "$dir/shopbell.key" 600
cp "$dir/shopbell.key" "$tmp/key"
cli "it is sound" 0 verify --state "$dir"
has "and said so" "$out" '^The history is sound\.$'
has "with seals" "$out" '^Seals +[0-9]+ checked$'
id=$("$shopbell" alerts --state "$dir" -o ndjson | sed -n '1s/.*"id":"\([0-9a-f]*\)","rule.*/\1/p')
cli "an answer, without the daemon" 0 answer "$id" not-me --note "Mia was asleep" --state "$dir"
cli "a silence" 0 silence add --rule stops --for 2d --reason "the audit" --state "$dir"
drop 2 "m\"i|a<b>,ConsoleLogin" eli,StopLogging
once "the daemon reads on"
cli "the silence is ended" 0 silence end 1 --state "$dir"
same "the key stays" "$tmp/key" "$dir/shopbell.key"
cli "all of it is sound" 0 verify --state "$dir"
has "what people said is covered" "$out" '^Covered +1 answer, 1 silence, 5 alerts'

# ---- By hand, as shopbell-store(7) says, by another program ----
cat >"$tmp/by_hand.py" <<'PY'
import hashlib, sqlite3, struct, sys
folder = sys.argv[1]
key = open(folder + '/shopbell.key', 'rb').read()
db = sqlite3.connect('file:%s/shopbell.db?mode=ro' % folder, uri=True)
db.text_factory = bytes
blake = lambda data, person, key=b'': hashlib.blake2b(data, digest_size=32, person=person, key=key)
number = lambda n: struct.pack('<q', n)
text = lambda t: number(len(t)) + t
def column(c):
    return b'n' if c is None else b'i' + number(c) if isinstance(c, int) else (b't' + text(c) if c in texts else b'b' + text(c))
columns = {
    'answer': ('alert_answer', 'seq', 'seq alert at what note uid user with_alert'),
    'silence': ('silence', 'id', 'id rule who source level since until reason uid user ended_at ended_uid ended_user'),
    'alert': ('alert', 'id', 'id rule_id rule_title classes playbook raised_at'),
    'told': ('alert', 'id', 'id level grouped sentence why person source first_seen last_seen late count'),
    'record': ('record', 'record', 'record time source file idx record_id fields'),
    'raw': ('record', 'record', 'record raw'),
    'sealed': ('record', 'record', 'record sealed')}
before, last, covered = bytes(32), {}, {}
for seq, alert, at, what, words, covers, previous, hash, seal in db.execute('SELECT * FROM alert_history ORDER BY seq'):
    own = blake(number(seq) + text(alert) + number(at) + text(what) + text(words) + text(covers) + before, b'shopbell-history')
    assert previous.decode() == before.hex(), seq
    assert hash.decode() == own.hexdigest(), seq
    assert seal.decode() == blake(own.digest(), b'shopbell-sealing', key).hexdigest(), seq
    before = own.digest()
    last[seq] = own.hexdigest()
    for line in covers.decode().splitlines():
        kind, thing, digest, *more = line.split(' ')
        assert kind in columns, kind
        covered[kind, thing] = digest
for (kind, thing), digest in covered.items():
    table, name, names = columns[kind]
    row = db.execute('SELECT %s, %s FROM %s WHERE %s = ?' % (', '.join(names.split()), ', '.join('typeof(%s)' % n for n in names.split()), table, name), (int(thing) if name in ('seq', 'id') and thing.isdigit() and len(thing) < 20 else thing,)).fetchone()
    n = len(names.split())
    data = b''
    for value, kind_of in zip(row[:n], row[n:]):
        data += {b'null': b'n', b'integer': b'i', b'text': b't', b'blob': b'b'}[kind_of]
        data += b'' if value is None else number(value) if isinstance(value, int) else text(value)
    assert blake(data, b'shopbell-content').hexdigest() == digest, (kind, thing)
for line in open(folder + '/shopbell.heads'):
    at, seq, hash, seal = line.split()
    assert last[int(seq)] == hash, seq
    assert seal == blake(line[:106].encode(), b'shopbell-heading', key).hexdigest()
print(len(last), 'rows,', len(covered), 'things')
PY
exits "the same chain, made by another program" 0 python3 "$tmp/by_hand.py" "$dir"
has "with all that it covers" "$out" '^[0-9]+ rows, [2-9][0-9] things$'
awk '/^This Python program/ { is_near = 1 } is_near && /^\.Bd/ { is_in = 1; next } /^\.Ed/ { is_in = 0 } is_in' "$SHOPBELL_SRCDIR/doc/shopbell-store.7" |
        sed 's/\\e$/\\/' >"$tmp/manual.py"
out=$(cd "$dir" && python3 "$tmp/manual.py" 2>&1)
has "the manual's program runs as printed" "$out" '^head [0-9]+ [0-9a-f]{64}$'
if [ "$(printf '%s\n' "$out" | wc -l)" = 1 ]; then ok "and finds nothing"; else not_ok "and finds nothing" "$out"; fi

# ---- Changed ----
# torn NAME SQL PATTERN: a copy of the folder with something done to it.
torn() {
        rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn"
        python3 - "$tmp/torn/shopbell.db" "$2" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript('DROP TRIGGER alert_history_stays; DROP TRIGGER alert_history_stays_so;' + sys.argv[2])
db.commit()
PY
        cli "$1" 1 verify --state "$tmp/torn"
        has "and it is said what" "$out" "$3"
        has "in the end" "$out" '^The history is NOT sound: '
}
torn "a row is edited" "UPDATE alert_history SET text = 'me by mia' WHERE what = 'answered'" '^row [0-9]+ \(answered, 20.*, alert [0-9a-f]{8}\) was edited'
torn "a row is deleted" "DELETE FROM alert_history WHERE seq = 2" '^row 2 is missing: deleted'
torn "two rows change places" "UPDATE alert_history SET seq = 0 WHERE seq = 2; UPDATE alert_history SET seq = 2 WHERE seq = 3; UPDATE alert_history SET seq = 3 WHERE seq = 0" \
        '^row 2 stands at the wrong place: it is row 3'
torn "the end is cut off" "DELETE FROM alert_history WHERE seq > 5" '^the end is cut off: rows 6 to [0-9]+ are missing; .* says the file of heads'
torn "an answer is edited" "UPDATE alert_answer SET what = 'me'" '^answer 1 was edited: it is not what row [0-9]+ says of it'
torn "a silence is deleted" "DELETE FROM silence" '^silence 1 is gone: row [0-9]+ speaks of it'
torn "a record is edited" "UPDATE record SET fields = replace(fields, 'mia', 'bo') WHERE fields LIKE '%mia%'" '^record [0-9a-f]{32} was edited'
rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn" && rm "$tmp/torn/shopbell.heads"
cli "the file of heads is gone" 1 verify --state "$tmp/torn"
has "which is said" "$out" 'shopbell.heads: the file of heads is gone'
rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn" && head -c 32 /dev/urandom >"$tmp/torn/shopbell.key"
cli "another key" 1 verify --state "$tmp/torn"
has "seals nothing" "$out" '^rows 1 to [0-9]+ bear no seal'
has "and no head, which is said once" "$out" "shopbell\.heads: lines 1 to [0-9]+: not of this store's key\$"
if [ "$(printf '%s\n' "$out" | grep -c 'shopbell\.heads: ')" = 1 ]; then ok "(once)"; else not_ok "(once)" "$out"; fi
rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn" && head -c 100 "$dir/shopbell.heads" >>"$tmp/torn/shopbell.heads"
cli "a head that a power cut tore is none" 0 verify --state "$tmp/torn"
# The daemon goes on all the same, and warns.
rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn"
python3 - "$tmp/torn/shopbell.db" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript('DROP TRIGGER alert_history_stays; DELETE FROM alert_history WHERE seq > 5')
PY
cli "an order on a store that was cut" 0 silence add --rule stops --for 1d --reason x --state "$tmp/torn"
has "warns of it" "$err" 'the history lacks row [0-9]+, which was its head: the store was changed or put back'
cli "and it stays found" 1 verify --state "$tmp/torn" -o json
has "as JSON, too" "$out" '^\{"sound":false,"found":\[.*"the end is cut off: rows 7 to [0-9]+ are missing'

# ---- Heads in the journal ----
head=$("$shopbell" verify --state "$dir" | sed -n 's/^Head  *//p')
cli "the head that somebody kept" 0 verify --state "$dir" --head "$head"
cli "a head that never was" 1 verify --state "$dir" --head "3:${head#*:}"
cli "no head" 2 verify --state "$dir" --head 3
remote=
for candidate in /lib/systemd/systemd-journal-remote /usr/lib/systemd/systemd-journal-remote; do
        [ -x "$candidate" ] && remote=$candidate
done
if [ -n "$remote" ]; then
        rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn" && mkdir "$tmp/journal"
        {
                printf '__REALTIME_TIMESTAMP=1790000000000000\n__MONOTONIC_TIMESTAMP=1\n_BOOT_ID=1c1f8e6ab7d94ef1ab5d4a5a5e5b5c5d\n_UID=%s\n' "$(id -u)"
                printf 'MESSAGE_ID=7c0f4a6bd2a14c7e9b5d3e18f06c92ab\nMESSAGE=x\nSHOPBELL_STORE=%s\n' "$(realpath "$tmp/torn")"
                printf 'SHOPBELL_HISTORY_SEQ=%s\nSHOPBELL_HISTORY_HASH=%s\n\n' "${head%:*}" "${head#*:}"
        } | "$remote" -o "$tmp/journal/heads.journal" - 2>/dev/null
        cli "the journal agrees" 0 verify --state "$tmp/torn" --journal "$tmp/journal"
        has "with one head" "$out" '^Heads .*, 1 in the journal'
        python3 - "$tmp/torn" <<'PY'
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1] + '/shopbell.db')
db.executescript('DROP TRIGGER alert_history_stays; PRAGMA foreign_keys = OFF; DELETE FROM alert_history WHERE seq > 3; DELETE FROM alert_answer; DELETE FROM silence;'
                 "DELETE FROM alert WHERE id NOT IN (SELECT alert FROM alert_history); DELETE FROM alert_record WHERE alert NOT IN (SELECT id FROM alert);"
                 "DELETE FROM alert_quiet")
db.commit()
lines = [l for l in open(sys.argv[1] + '/shopbell.heads') if int(l.split()[1]) <= 3]
open(sys.argv[1] + '/shopbell.heads', 'w').writelines(lines)
PY
        cli "whoever cuts the file of heads, too, is not found by it" 0 verify --state "$tmp/torn"
        has "(all looks well)" "$out" '^The history is sound'
        cli "but by the journal" 1 verify --state "$tmp/torn" --journal "$tmp/journal"
        has "which says when it was there" "$out" '^the end is cut off: rows 4 to [0-9]+ are missing; the last of them was there at 2026-09-2.*, says the journal$'
else
        skip "heads in the journal" "systemd-journal-remote is not installed"
fi

# What the daemon tells it: a socket in place of journald's, in a mount namespace of our own.
cat >"$tmp/journald.py" <<'PY'
import os, socket, subprocess, sys
os.makedirs('/run/systemd/journal')
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('/run/systemd/journal/socket')
s.settimeout(20)
subprocess.run(sys.argv[1:], check=True, env=dict(os.environ, JOURNAL_STREAM='1:1'), stderr=subprocess.DEVNULL)
print(s.recv(65536).decode())
PY
if unshare -m true 2>/dev/null; then
        rm -rf "$tmp/torn" && cp -r "$dir" "$tmp/torn"
        exits "the daemon ends" 0 unshare -m sh -c 'mount -t tmpfs none /run && exec "$@"' sh python3 "$tmp/journald.py" \
                "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/torn" --once
        has "and tells the journal the head" "$out" "^SHOPBELL_HISTORY_HASH=[0-9a-f]{64}"
        has "by its number" "$out" '^SHOPBELL_HISTORY_SEQ=[0-9]+'
        has "under an id" "$out" '^MESSAGE_ID=7c0f4a6bd2a14c7e9b5d3e18f06c92ab'
        has "in words" "$out" '^MESSAGE=The history has [0-9]+ rows; its head is'
        has "of that folder" "$out" "^SHOPBELL_STORE=$(realpath "$tmp/torn")"
else
        skip "what the daemon tells the journal" "mount namespaces are not allowed here"
fi

# ---- Copies ----
cli "a copy" 0 export --with-records --state "$dir"
printf '%s\n' "$out" >"$tmp/copy.ndjson"
has "the head is said apart" "$err" "the head of the history is $head; keep that apart"
cli "is as sound as the store" 0 verify "$tmp/copy.ndjson"
cli "with the key, too" 0 verify "$tmp/copy.ndjson" --state "$dir" --head "$head"
sed 's/"note":"Mia was asleep"/"note":"Mia was awake"/' "$tmp/copy.ndjson" >"$tmp/other.ndjson"
cli "changed, it is not" 1 verify "$tmp/other.ndjson"
has "which says what" "$out" '^answer 1 was edited'
head -n 8 "$tmp/copy.ndjson" >"$tmp/other.ndjson"
cli "cut off, neither" 1 verify "$tmp/other.ndjson"
has "the first line knows" "$out" "says the copy's first line"
cli "of one person" 0 export --who mia -q --with-records --state "$dir"
printf '%s\n' "$out" >"$tmp/mia.ndjson"
cli "it is sound" 0 verify "$tmp/mia.ndjson" --state "$dir"
has "and says nothing of others" "$out" '^Rows +[0-9]+, [0-9]+ of them without what they say'
if grep -q kim "$tmp/mia.ndjson"; then not_ok "no word of kim"; else ok "no word of kim"; fi
printf 'x\n' >"$tmp/other.ndjson"
cli "what is no copy" 3 verify "$tmp/other.ndjson"

# ---- For other programs ----
"$shopbell" export -o ecs --with-records --all --rules "$tmp/rules" --state "$dir" >"$tmp/ecs"
"$shopbell" export -o ocsf --with-records --all --rules "$tmp/rules" --state "$dir" >"$tmp/ocsf"
cat >"$tmp/check.py" <<'PY'
import ipaddress, json, sys
ecs = [json.loads(l) for l in open(sys.argv[1])]
ocsf = [json.loads(l) for l in open(sys.argv[2])]
assert len(ecs) == len(ocsf) == 5, (len(ecs), len(ocsf))
by_rule = {}
for d in ecs:
    assert d['event']['kind'] == 'alert' and d['ecs']['version'].startswith('8.') and len(d['event']['id']) == 32
    assert d['rule']['id'] in ('signs-in', 'stops') and d['rule']['name'] and d['observer']['vendor'] == 'shopbell'
    for ip in d['related']['ip']:
        ipaddress.ip_address(ip)
    assert d['related']['user'] and d['shopbell']['records'][0]['fields']['event.action']
    by_rule.setdefault(d['rule']['id'], d)
t = by_rule['signs-in']['threat']
assert t == {'framework': 'MITRE ATT&CK', 'tactic': {'id': ['TA0001'], 'name': ['Initial Access']},
             'technique': {'id': ['T1078', 'T1078'], 'subtechnique': {'id': ['T1078.004']}}}, t
assert by_rule['stops']['threat'] == {'framework': 'MITRE ATT&CK', 'tactic': {'id': ['TA0005'], 'name': ['Defense Evasion']}}
assert by_rule['signs-in']['event']['category'] == ['authentication'] and by_rule['signs-in']['event']['severity'] == 47
assert any('m"i|a<b>' in u for d in ecs for u in d['related']['user'])
for d in ocsf:
    assert (d['category_uid'], d['class_uid']) == (2, 2004) and d['type_uid'] == 200400 + d['activity_id']
    for need in ('time', 'severity_id', 'metadata', 'finding_info', 'message', 'status_id', 'is_alert', 'observables', 'evidences'):
        assert need in d, need
    assert d['metadata']['version'] == '1.8.0' and d['metadata']['product']['vendor_name'] and d['finding_info']['uid']
    assert d['finding_info']['analytic']['type_id'] == 1 and 10 ** 12 < d['time'] < 10 ** 13
    for e in d['evidences']:
        assert set(e) & {'actor', 'src_endpoint', 'data'}, e
    for o in d['observables']:
        assert o['type_id'] in (2, 4) and o['value'] and o['name']
    for a in d['finding_info'].get('attacks', []):
        assert set(a) & {'tactic', 'technique', 'sub_technique'}
answered = [d for d in ocsf if d['unmapped'].get('answer') == 'not-me']
assert len(answered) == 1 and answered[0]['status'] == 'In Progress' and answered[0]['severity'] == 'High', answered
assert any(d.get('remediation') == {'desc': 'Switch it on again <now>.'} for d in ocsf)
assert not any(d['is_alert'] for d in ocsf if d['metadata']['uid'] in {e['event']['id'] for e in ecs if not e['shopbell']['rang']})
PY
exits "ECS documents and OCSF findings say what they must" 0 python3 "$tmp/check.py" "$tmp/ecs" "$tmp/ocsf"
is_n() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2, not $3"; fi; }
is_n "filters" "$("$shopbell" export -o ecs --level high --rules "$tmp/rules" --state "$dir" | wc -l)" 2
is_n "without what does not ring" "$("$shopbell" export -o ecs --rules "$tmp/rules" --state "$dir" | wc -l)" 4
cli "no format of ours" 2 export -o stix --state "$dir"

# ---- What goes with its age ----
fault="$SHOPBELL_BUILD/tests/fault/fault.so"
later() { # later NAME DAYS: the daemon runs so many days from now
        exits "$1" 0 env LD_PRELOAD="$fault" FAULT_CLOCK=$(($2 * 86400)) ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
                "$shopbelld" --config "$tmp/old.yml" --state "$tmp/old" --once
}
if [ -e "$fault" ]; then
        { echo 'retention: {records: 10d, alerts: 100d}' && cat "$tmp/shopbell.yml"; } >"$tmp/old.yml"
        cp -r "$dir" "$tmp/old"
        records() { "$shopbell" export -q --with-records --state "$tmp/old" | grep -c '"type":"record".*"raw":{"bytes":"7b'; }
        is_n "five records as they were logged" "$(records)" 5
        later "the next week" 7
        is_n "they are there" "$(records)" 5
        later "a month later" 30
        is_n "one is left: of an alert that was answered with not-me" "$(records)" 1
        cli "the history is sound" 0 verify --state "$tmp/old"
        has "what went is counted" "$out" '^Purged +8 with their age'
        cli "in the status, too" 0 status -o csv --state "$tmp/old"
        has "by name" "$out" '^records_retired,4,'
        cli "an alert is shown without them" 0 show "$("$shopbell" alerts --state "$tmp/old" -o ndjson | grep -v not-me | sed -n '1s/.*"id":"\([0-9a-f]*\)","rule.*/\1/p')" --state "$tmp/old"
        "$shopbell" export -q --with-records --who bo --state "$tmp/old" >"$tmp/other.ndjson"
        cli "a copy of some is sound" 0 verify "$tmp/other.ndjson"
        later "half a year later" 180
        is_n "and one alert" "$("$shopbell" alerts --all --state "$tmp/old" -o ndjson | wc -l)" 1
        cli "the history is sound" 0 verify --state "$tmp/old"
        has "and says so" "$("$shopbell" export -q --state "$tmp/old")" '"what":"purged","text":"4 alerts, of alerts to which nothing happened since 20'
else
        skip "what goes with its age" "tests/fault/fault.so is not built"
fi

# ---- Under pseudonyms ----
mkdir "$tmp/hidden"
drop 3 zoe,ConsoleLogin zoe,StopLogging
mv "$tmp/spool/3.ndjson" "$tmp/hidden"
printf 'pseudonyms: yes\nrules: [%s]\ninputs:\n  - {name: trail, spool: %s}\n' "$tmp/rules" "$tmp/hidden" >"$tmp/hidden.yml"
exits "the daemon keeps records under pseudonyms" 0 "$shopbelld" --config "$tmp/hidden.yml" --state "$tmp/sealed" --once
cat >"$tmp/sealed.py" <<'PY'
import hashlib, json, sqlite3, sys
folder = sys.argv[1]
key = open(folder + '/shopbell.key', 'rb').read()
hide = lambda v: 'p:' + hashlib.blake2b(v.encode(), digest_size=32, person=b'shopbell-pseudon', key=key).hexdigest()[:16]
rows = sqlite3.connect(folder + '/shopbell.db').execute('SELECT fields, raw, sealed FROM record ORDER BY idx').fetchall()
assert len(rows) == 2, rows
for (fields, raw, sealed), ip in zip(rows, ('203.0.113.1', '203.0.113.2')):
    f = json.loads(fields)
    assert raw == b'' and len(sealed) > 300 and b'zoe' not in sealed
    assert f['user.name'] == f['shopbell.person'] == hide('zoe') and f['source.ip'] == hide(ip), f
    assert 'zoe' not in fields.replace('zoe,', '') and f['event.action'], f
PY
exits "which the manual explains" 0 python3 "$tmp/sealed.py" "$tmp/sealed"
cli "it is sound" 0 verify --state "$tmp/sealed"
has "with the boxes" "$out" "2 records' bytes, 2 boxes"
id=$("$shopbell" alerts --state "$tmp/sealed" -o ndjson | sed -n '1s/.*"id":"\([0-9a-f]*\)","rule.*/\1/p')
cli "an alert is shown" 0 show "$id" --state "$tmp/sealed"
has "without the record" "$out" '^\(kept under pseudonyms: --reveal shows it'
has "but with its people" "$out" '^People +zoe \(1\)'
cli "as JSON, too" 0 show "$id" -o json --state "$tmp/sealed"
has "under pseudonyms" "$out" '"user.name":"p:[0-9a-f]{16}".*"raw":null,"sealed":true'
cli "revealed" 0 show "$id" --reveal --note "the police asks" --state "$tmp/sealed"
has "with the record" "$out" '"userIdentity": ..type.: .IAMUser., .userName.: .zoe.'
has "and the history has who looked, and why" "$out" "revealed  records to $(id -un): the police asks"
"$shopbell" export -o ecs --with-records --rules "$tmp/rules" --state "$tmp/sealed" >"$tmp/ecs"
has "an export is under pseudonyms" "$(cat "$tmp/ecs")" '"user.name":"p:[0-9a-f]{16}"'
"$shopbell" export -o ecs --with-records --reveal --level medium --rules "$tmp/rules" --state "$tmp/sealed" >"$tmp/ecs"
has "or in the clear" "$(cat "$tmp/ecs")" '"user.name":"zoe"'
has "and that is on record" "$("$shopbell" export -q --state "$tmp/sealed")" '"what":"revealed","text":"records of an export of alerts, level medium to '
cli "a copy is exact" 2 export --reveal --state "$tmp/sealed"
"$shopbell" export -q --with-records --state "$tmp/sealed" >"$tmp/copy.ndjson"
cli "and sound" 0 verify "$tmp/copy.ndjson"
python3 -c 'import sqlite3,sys; db=sqlite3.connect(sys.argv[1]); db.execute("UPDATE record SET sealed = zeroblob(300) WHERE idx = 1"); db.commit()' "$tmp/sealed/shopbell.db"
cli "is found" 1 verify --state "$tmp/sealed"
has "and said" "$out" '^box of record [0-9a-f]{32} was edited'
cli "an export in the clear goes on" 0 export -o ecs --with-records --reveal --rules "$tmp/rules" --state "$tmp/sealed"
has "with the pseudonyms of the one" "$out" '"user.name":"p:[0-9a-f]{16}"'
has "and the names of the other" "$out" '"user.name":"zoe"'
has "which is warned of" "$err" ' 1 record stays under pseudonyms: its box was sealed with another key, or changed since'
python3 -c 'import sqlite3,sys; db=sqlite3.connect(sys.argv[1]); db.execute("UPDATE record SET sealed = zeroblob(300)"); db.commit()' "$tmp/sealed/shopbell.db"
cli "an alert is shown then as it is" 0 show "$id" --reveal --state "$tmp/sealed"
has "to the end" "$out" '^\(kept under pseudonyms'
has "which is warned of" "$err" ' 1 record stays under pseudonyms'

# ---- While the daemon works, and is killed ----
cat >"$tmp/kill.py" <<'PY'
import random, signal, subprocess, sys, os
daemon, cli, top, log = sys.argv[1:5]
rng = random.Random(3)
state = top + '/state'
verify = lambda: subprocess.run([cli, 'verify', '--state', state], capture_output=True, text=True)
for i in range(12):
    words = ['u%d-%d,%s' % (i, n, rng.choice(['ConsoleLogin', 'StopLogging'])) for n in range(20)]
    text = subprocess.run([sys.executable, log, *words], capture_output=True, text=True, check=True).stdout
    open(top + '/new', 'w').write(text)
    os.rename(top + '/new', top + '/spool/k%03d.ndjson' % i)
    p = subprocess.Popen([daemon, '--config', top + '/shopbell.yml', '--state', state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    said = verify()
    if said.returncode not in (0, 3) or (said.returncode == 3 and 'locked' not in said.stderr):
        sys.exit('while it works: ' + said.stdout + said.stderr)
    try:
        p.wait(timeout=rng.random() * 0.05)
    except subprocess.TimeoutExpired:
        pass
    p.send_signal(signal.SIGKILL)
    p.wait()
    said = verify()
    if said.returncode != 0:
        sys.exit('after a kill: ' + said.stdout + said.stderr)
PY
exits "sound while the daemon works and after each kill" 0 timeout 120 python3 "$tmp/kill.py" "$shopbelld" "$shopbell" "$tmp" "$tmp/log.py"
once "the daemon reads the rest"
exits "by hand, too" 0 python3 "$tmp/by_hand.py" "$dir"
finish
