#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Real CloudTrail of an attacked account: every record is read, a person is told what happened, and the single-event rules
# hit exactly what the slow reference evaluator says.
. "$(dirname "$0")/lib.sh"
data="${SHOPBELL_SHARED:-}/data/cloudtrail-attack"
oracle="${SHOPBELL_SHARED:-}/tools/sigma_eval.py"
if [ -z "${SHOPBELL_SHARED:-}" ] || [ ! -d "$data" ]; then
        skip "CloudTrail of an attacked account" "SHOPBELL_SHARED names no folder with it"
        exit 0
fi

exits "scan of the attacked account" 0 "$shopbell" scan --rules "$SHOPBELL_RULES" "$data" -o csv
has "2,900 records are read" "$err" '^2900 records'
has "login without a second factor" "$out" 'signed in to the AWS console from 192.168.10.20 without a second factor'
has "log stopped" "$out" 'switched off or cut down AWS logging'
has "users created" "$out" 'created the AWS user'
has "keys created" "$out" 'made a new AWS key or password'
has "snapshots shared" "$out" 'shared .* with another AWS account'
has "secrets read" "$out" 'read [0-9]+ different AWS secrets within 10m'

# Few enough to read, the worst on top.
"$shopbell" scan -q --worst-first -o ndjson --rules "$SHOPBELL_RULES" "$data" 2>/dev/null | python3 -c '
import json, sys
levels = [json.loads(line)["rule"]["level"] for line in sys.stdin]
order = ["critical", "high", "medium", "low", "informational"]
print(len(levels), levels[0], "sorted" if levels == sorted(levels, key=order.index) else levels)' >"$tmp/levels"
has "at most 25 alerts, the worst first" "$(cat "$tmp/levels")" '^(1?[0-9]|2[0-5]) critical sorted$'

key='import json, sys
for line in sys.stdin:
    hit = json.loads(line)
    rule = hit["rule"]
    print(rule["id"] if isinstance(rule, dict) else rule, hit["file"].rsplit("/", 1)[-1], hit["index"])'
"$shopbell" scan -q --hits -o ndjson --rules "$SHOPBELL_RULES/aws" "$data" | python3 -c "$key" | sort >"$tmp/ours"
python3 "$oracle" hits "$SHOPBELL_RULES/aws" -- "$data"/*.json | python3 -c "$key" | sort >"$tmp/theirs"
[ -s "$tmp/theirs" ] || not_ok "the reference evaluator says something"
same "hits agree with the reference evaluator ($(wc -l <"$tmp/theirs") lines)" "$tmp/theirs" "$tmp/ours"
finish
