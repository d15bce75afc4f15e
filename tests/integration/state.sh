#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What correlations hold between records, shown and forgotten.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null || ! command -v flock >/dev/null; then
        skip "state" "python3 or flock is not installed"
        exit 0
fi
mkdir "$tmp/rules" "$tmp/spool"
cat >"$tmp/rules/rules.yml" <<'YML'
title: Somebody signs in
name: signs_in
id: s1
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: ConsoleLogin}, condition: s}
level: informational
---
title: Signs in again and again
id: c1
correlation: {type: event_count, rules: [signs_in], group-by: [userIdentity.userName, sourceIPAddress], timespan: 1h, condition: {gte: 3}}
level: high
---
title: Signs in from a new place
id: c2
correlation: {type: new_value, rules: [signs_in], group-by: [userIdentity.userName], timespan: 1h, condition: {field: sourceIPAddress}}
level: low
---
title: Reads a secret
id: r1
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: GetSecretValue}, condition: s}
level: low
YML
cat >"$tmp/log.py" <<'PY'
import json, sys
def put(name, user, ip, minute):
    print(json.dumps({"eventVersion": "1.08", "eventID": f"{name}-{user}-{ip}-{minute}", "eventName": name,
        "eventSource": "signin.amazonaws.com", "eventTime": f"2026-03-04T08:{minute:02}:00Z", "sourceIPAddress": ip,
        "awsRegion": "eu-central-1", "userIdentity": {"type": "IAMUser", "userName": user}}))
for minute in range(int(sys.argv[1]), int(sys.argv[1]) + 3):
    put("ConsoleLogin", "mia", "203.0.113.9", minute)
put("ConsoleLogin", "mia", "203.0.113.10", minute)
put("ConsoleLogin", "red\x1b[31m\u202e", "203.0.113.9", minute)
put("GetSecretValue", "mia", "203.0.113.9", minute)
PY
python3 "$tmp/log.py" 10 >"$tmp/spool/1.ndjson"
cat >"$tmp/shopbell.yml" <<YML
rules: [$tmp/rules]
inputs:
  - {name: trail, spool: $tmp/spool}
YML
state="$tmp/state"
once() { exits "$1" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$state" --once; }
show() { name=$1; shift; exits "$name" 0 "$shopbell" state show --state "$state" --rules "$tmp/rules" "$@"; }
forget() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" state forget --state "$state" --rules "$tmp/rules" "$@"; }
lines() { if [ "$(printf '%s\n' "$out" | grep -c .)" = "$2" ]; then ok "$1"; else not_ok "$1" "not $2 lines:
$out"; fi; }

exits "no store, nothing to show" 3 "$shopbell" state show --state "$tmp/nowhere"
exits "no store, nothing to forget" 3 "$shopbell" state forget --state "$tmp" c1
if [ -e "$tmp/shopbelld.lock" ]; then not_ok "where no store is, nothing is made"; else ok "where no store is, nothing is made"; fi
once "the daemon reads"

show "all of it" -o ndjson
lines "a line for each key" 6
has "id, rule, fields and values, hits, episodes" "$out" \
        '^\{"id":"c1","rule":"Signs in again and again","key":\[\{"field":"userIdentity.userName","value":"mia"\},\{"field":"sourceIPAddress","value":"203.0.113.9"\}\],"hits":3,"known":0,"episodes":1,"first":"2026-03-04T08:10:00(.000000)?Z","last":"2026-03-04T08:12:00(.000000)?Z","bytes":[0-9]+\}$'
has "a rule without a correlation" "$out" '^\{"id":"r1","rule":"Reads a secret","key":\[\{"field":"shopbell.person","value":"mia"\}\],"hits":1'
has "a value out of a log stays one" "$out" '"value":"red\\u001b\[31m'
show "one JSON document" -o json
if printf '%s' "$out" | python3 -c 'import json,sys; assert len(json.load(sys.stdin)) == 6'; then ok "that reads"; else not_ok "that reads" "$out"; fi
show "a table" c1 mia 203.0.113.9
has "field and value" "$out" '^Signs in again and again +userIdentity.userName=mia, sourceIPAddress=203.0.113.9 +3 +0 +1 '
show "harmless to a terminal"
if printf '%s' "$out" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no control characters" "$out"; else ok "no control characters"; fi
show "by title" "signs in AGAIN and again" -o ndjson
lines "the keys of one rule" 3
show "by value" c1 mia -o ndjson
lines "keys that have it" 2
show "the first" -n 2 -o ndjson
lines "no more than asked for" 2
has "the others are counted" "$err" '4 more keys are not shown'
show "nothing fits" c1 nobody
has "and says so" "$out" '^No state\.$'
exits "without rules" 0 "$shopbell" state show --state "$state" --rules "$tmp/spool" -o csv c1
has "ids and values" "$out" '^c1,c1,"mia, 203.0.113.9",3,0,1,'

forget "a rule must be named" 2
forget "no such key" 3 c1 nobody
has "what to do" "$err" 'nothing is held there: .shopbell state show. shows what is'
exits "not while the daemon runs" 3 flock "$state/shopbelld.lock" "$shopbell" state forget --state "$state" --rules "$tmp/rules" c1
has "the daemon is to be stopped" "$err" 'stop it first'
show "nothing is gone" c1 -o ndjson
lines "all keys are there" 3
forget "one key" 0 c1 mia 203.0.113.9
has "how many" "$out" '^Forgot 1 key\.$'
show "the others stay" c1 -o ndjson
lines "two keys" 2
forget "a whole rule" 0 c2
has "all its keys" "$out" '^Forgot 2 keys\.$'
show "the rest" -o ndjson
lines "three keys" 3
exits "alerts stay" 0 "$shopbell" alerts --state "$state" --rule c1 -o csv
lines "the one that was raised" 2

python3 "$tmp/log.py" 20 >"$tmp/spool/2.ndjson"
once "the daemon goes on"
show "it began anew" c1 mia 203.0.113.9 -o ndjson
has "with what came since" "$out" '"hits":3,"known":0,"episodes":1,"first":"2026-03-04T08:20:00'
python3 - "$state/"*.db <<'PY' || not_ok "a row of the store is damaged"
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE window SET blob = x'00' WHERE rule LIKE 'r1#%'")
db.commit()
PY
show "what is damaged" r1
has "is called so" "$out" 'unreadable'
finish
