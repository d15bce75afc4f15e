#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All kinds of correlation that Sigma has, over real CloudTrail: the episodes are those of the slow reference evaluator.
. "$(dirname "$0")/lib.sh"
data="${SHOPBELL_SHARED:-}/data/cloudtrail-attack"
oracle="${SHOPBELL_SHARED:-}/tools/sigma_eval.py"
if [ -z "${SHOPBELL_SHARED:-}" ] || [ ! -d "$data" ]; then
        skip "windows over real CloudTrail" "SHOPBELL_SHARED names no folder with it"
        exit 0
fi
cat >"$tmp/rules.yml" <<'YML'
title: Any call
name: any_call
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: '*'}, condition: s}
level: low
---
title: Failed
name: failed
logsource: {product: aws, service: cloudtrail}
detection: {s: {errorCode: '*'}, condition: s}
level: low
---
title: Listing
name: listing
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName|startswith: [List, Describe]}, condition: s}
level: low
---
title: Many calls
id: c1
correlation: {type: event_count, rules: [any_call], group-by: [userIdentity.arn, sourceIPAddress], timespan: 5m, condition: {gte: 20}}
level: high
---
title: Few calls
id: c2
correlation: {type: event_count, rules: [any_call], group-by: [userIdentity.arn], timespan: 30s, condition: {lt: 2}}
level: high
---
title: Many names
id: c3
correlation: {type: value_count, rules: [any_call], group-by: [userIdentity.arn], timespan: 10m, condition: {field: eventName, gt: 6}}
level: high
---
title: Sum
id: c4
correlation: {type: value_sum, rules: [listing, any_call], group-by: [userIdentity.arn], timespan: 15m, condition: {field: requestParameters.maxResults, gte: 300.5}}
level: high
---
title: Average
id: c5
correlation: {type: value_avg, rules: [any_call], group-by: [userIdentity.arn], timespan: 15m, condition: {field: requestParameters.maxResults, gte: 50}}
level: high
---
title: Percentile
id: c6
correlation: {type: value_percentile, rules: [any_call], group-by: [userIdentity.arn], timespan: 1h, condition: {field: requestParameters.maxResults, percentile: 90, gt: 10, lt: 900}}
level: high
---
title: Both
id: c7
correlation: {type: temporal, rules: [failed, listing], group-by: [userIdentity.arn], timespan: 1m}
level: high
---
title: In order
id: c8
correlation: {type: temporal_ordered, rules: [listing, failed], group-by: [userIdentity.arn], timespan: 1m}
level: high
YML
cat >"$tmp/episodes.py" <<'PY'
import json, sys
for line in sys.stdin:
    e = json.loads(line)
    rule = e["rule"]["id"] if isinstance(e["rule"], dict) else e["rule"]
    if e.get("state", "open") != "open" or not rule.startswith("c"):   # merged ones; what they add up to
        continue
    print(rule, json.dumps(e["group"], sort_keys=True), e["first_seen"], e["last_seen"], e["count"])
PY
python3 "$oracle" episodes "$tmp/rules.yml" -- "$data"/*.json | python3 "$tmp/episodes.py" | sort >"$tmp/theirs"
[ -s "$tmp/theirs" ] || not_ok "the reference evaluator says something"
for threads in 1 2; do
        "$shopbell" scan -q --all -o ndjson --threads $threads --rules "$tmp/rules.yml" "$data" | python3 "$tmp/episodes.py" | sort >"$tmp/ours"
        same "$(wc -l <"$tmp/theirs") episodes agree with the reference evaluator, $threads threads" "$tmp/theirs" "$tmp/ours"
done
for kind in c1 c2 c3 c4 c5 c6 c7 c8; do
        grep -q "^$kind " "$tmp/theirs" || not_ok "rule $kind has episodes"
done
"$shopbell" scan -q --all -o ndjson --rules "$tmp/rules.yml" $(ls -r "$data"/*.json) | python3 "$tmp/episodes.py" | sort >"$tmp/ours"
same "the newest file first" "$tmp/theirs" "$tmp/ours"
finish
