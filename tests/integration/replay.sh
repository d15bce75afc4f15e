#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The breach replay, four weeks of it: the same logs every time, and the key of somebody who left is told of on the day of its
# first use. `make bench-replay` plays all of it.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "replay" "python3 is not installed"
        exit 0
fi
replay="$SHOPBELL_SRCDIR/bench/replay"
export PYTHONDONTWRITEBYTECODE=1

generate() { PYTHONHASHSEED=$1 python3 "$replay/generate.py" --seed 7 --weeks 4 "$tmp/$2" "$3" 2>"$tmp/err" || not_ok "generate $3" "$(cat "$tmp/err")"; }
generate 1 one coupang_lite.leaver
generate 2 two coupang_lite.leaver
if difference=$(diff -r "$tmp/one" "$tmp/two" 2>&1); then ok "the same arguments, the same bytes"; else not_ok "the same arguments, the same bytes" "$difference"; fi
generate 1 quiet quiet
if cmp -s "$tmp/one/logs/auth.log" "$tmp/quiet/logs/auth.log"; then ok "with or without an incident, the same ordinary life"; else not_ok "the same ordinary life"; fi
if cmp -s "$tmp/one/logs/cloudtrail.ndjson" "$tmp/quiet/logs/cloudtrail.ndjson"; then not_ok "the incident is in the logs"; else ok "the incident is in the logs"; fi

# score NAME RULES CASE: caught, seconds until then, share of customers read, the rule.
score() {
        python3 "$replay/score.py" --shopbell "$shopbell" --seed 7 --weeks 4 --json --rules "$2" "$3" 2>"$tmp/err" | python3 -c '
import json, sys
row = json.load(sys.stdin)["cases"][0]
print(row["caught"], row["after"], row["customers_read"], row["rule"])' >"$tmp/out" 2>>"$tmp/err" || not_ok "$1" "$(cat "$tmp/err")"
        out=$(cat "$tmp/out")
}
score "score" "$replay/rules-leaver" coupang_lite.leaver
has "a leaver's key is told of at its first use" "$out" '^True 0\.0 [0-9.e-]+ Somebody who left is active$'
score "score" "$SHOPBELL_RULES" meta_cookie
has "a stolen session that makes an admin is told of at once" "$out" '^True 0\.0 [0-9.]+ New person on the Meta ad account$'
score "score" "$SHOPBELL_RULES/linux" meta_cookie
has "without the rules it is not" "$out" '^False None None None$'
finish
