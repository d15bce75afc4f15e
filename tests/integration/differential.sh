#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The matcher against the slow reference evaluator: many random rules at once on random events, and real logs. The seed is
# printed; SHOPBELL_SEED repeats it. SHOPBELL_SIGMAHQ may name a copy of SigmaHQ/sigma: then its rules are tried as well.
. "$(dirname "$0")/lib.sh"
tester="$SHOPBELL_SRCDIR/tests/dev/sigma-differential"
matcher="$SHOPBELL_BUILD/tests/dev/sigma_match"
oracle="${SHOPBELL_SHARED:-}/tools/sigma_eval.py"
data="${SHOPBELL_SHARED:-}/data/cloudtrail-attack"

# differs NAME ARGUMENT…: a run of the tester.
differs() {
        name=$1
        shift
        if python3 "$tester" "$matcher" "$@" >"$tmp/out" 2>&1; then
                ok "$name ($(tr '\n' ' ' <"$tmp/out"))"
        else
                not_ok "$name" "$(cat "$tmp/out")"
        fi
}

if [ -z "${SHOPBELL_SHARED:-}" ] || [ ! -f "$oracle" ]; then
        skip "random rules against the reference evaluator" "SHOPBELL_SHARED names no folder with it"
fi
differs "random rules on random events" 100000 "${SHOPBELL_SEED:-0}"

if [ -z "${SHOPBELL_SIGMAHQ:-}" ]; then
        skip "published rules" "SHOPBELL_SIGMAHQ names no copy of SigmaHQ/sigma"
        finish
        exit
fi
differs "published rules on events like them" 200000 "${SHOPBELL_SEED:-0}" "$SHOPBELL_SIGMAHQ/rules"
exits "the published rules load" 0 "$shopbell" rules list -o ndjson --rules "$SHOPBELL_SIGMAHQ/rules"

if [ -d "$data" ]; then
        key='import json, sys
for line in sys.stdin:
    hit = json.loads(line)
    rule = hit["rule"]
    print(rule["id"] if isinstance(rule, dict) else rule, hit["file"].rsplit("/", 1)[-1], hit["index"])'
        "$shopbell" scan -q --hits -o ndjson --rules "$SHOPBELL_SIGMAHQ/rules" "$data" 2>/dev/null | python3 -c "$key" |
                sort >"$tmp/ours"
        python3 "$oracle" hits --logsource product=aws,service=cloudtrail "$SHOPBELL_SIGMAHQ/rules/cloud" -- "$data"/*.json \
                2>/dev/null | python3 -c "$key" | sort >"$tmp/theirs"
        [ -s "$tmp/theirs" ] || not_ok "the reference evaluator says something"
        same "hits of the published rules agree ($(wc -l <"$tmp/theirs") lines)" "$tmp/theirs" "$tmp/ours"
fi
finish
