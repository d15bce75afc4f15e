#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shopbell backtest: what it says would have happened is what scan says of the same logs and rules, whatever is asked.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "backtest" "python3 is not installed"
        exit 0
fi
samples="$SHOPBELL_SRCDIR/samples"
logs="$samples/logs"
places="--geoip $samples/geoip.mmdb --networks $samples/shopbell.yml --people $samples/people.yml"
# shellcheck disable=SC2086
backtest() { "$shopbell" backtest -q $places "$@"; }

# ---- The sample shop, in words ----
rang=$(grep -cE ',(medium|high|critical),' "$samples/expected-alerts.csv")
listed=$(grep -cE ',(low|informational),' "$samples/expected-alerts.csv")
exits "the sample shop" 0 backtest "$logs"
has "the sentence an owner asks for" "$out" "^In these 14 days \(2026-03-02 to 2026-03-15\) shopbell would have rung $rang times, .* times a week:$"
has "what only stands in the list" "$out" "^$listed more alerts? below medium would only have stood in the list\.$"
has "which, with local time and level" "$out" '^2026-03-11 02:33 critical .*AWS logging'
has "by rule" "$out" '^AWS activity log stopped, deleted or narrowed +critical +1 +0 +0\.5 Lea$'
has "by person" "$out" '^Lea +critical +[0-9]+ +0$'
has "no history before" "$out" '^There is no record before these days: '
TZ=Asia/Seoul backtest "$logs" >"$tmp/seoul"
has "times are local" "$(cat "$tmp/seoul")" '^2026-03-11 11:33 critical .*AWS logging'
exits "fewer are shown" 0 backtest -n 2 "$logs"
has "fewer are shown" "$out" "^and $((rang - 2)) more of no higher level \(-n $rang shows all\)$"
exits "from another level on" 0 backtest --level critical "$logs"
has "from another level on" "$out" "would have rung $(grep -c ',critical,' "$samples/expected-alerts.csv") times"

# ---- The same as scan ----
cat >"$tmp/same.py" <<'EOP'
"""same.py SCAN BACKTEST: the alerts of both, and whether the sums of a backtest are those of its alerts."""
import collections, json, sys
scan = sorted((a["first_seen"], a["last_seen"], a["rule"]["id"], a["rule"]["level"], a["sentence"], a["count"], a["person"], json.dumps(a["group"]))
              for a in map(json.loads, open(sys.argv[1], encoding="utf-8")))
test = json.load(open(sys.argv[2], encoding="utf-8"))
mine = sorted((a["first_seen"], a["last_seen"], a["rule"]["id"], a["level"], a["sentence"], a["count"], a["person"], json.dumps(a["group"])) for a in test["alerts"])
scan = [a for a in scan if a[0] >= test["from"]]
assert mine == scan, "\n".join(str(x) for x in set(mine) ^ set(scan))
assert test["rang"] == sum(a["rings"] for a in test["alerts"]) and test["rang"] + test["listed"] == len(mine)
for sums in test["rules"], test["people"], test["weeks"]:
    assert sum(s["rang"] for s in sums) == test["rang"] and sum(s["listed"] for s in sums) == test["listed"], sums
rules = collections.Counter(a["rule"]["id"] for a in test["alerts"])
assert {r["id"]: r["rang"] + r["listed"] for r in test["rules"]} == rules
for r in test["rules"]:
    assert sum(p["rang"] + p["listed"] for p in r["people"]) == rules[r["id"]], r
print(len(mine), test["earlier"])
EOP
# shellcheck disable=SC2086
"$shopbell" scan -q $places -o ndjson "$logs" >"$tmp/scan"
backtest -o json "$logs" >"$tmp/json"
exits "as scan, and the sums are right" 0 python3 "$tmp/same.py" "$tmp/scan" "$tmp/json"
has "all of them" "$out" "^$((rang + listed)) 0$"
for threads in 1 4; do backtest --threads $threads -o json "$logs" >"$tmp/json.$threads"; done
same "one thread and four say the same" "$tmp/json.1" "$tmp/json.4"
backtest --since 5d -o json "$logs" >"$tmp/json"
exits "the last days: the same alerts, learned from all" 0 python3 "$tmp/same.py" "$tmp/scan" "$tmp/json"
has "the alerts before are counted" "$out" '^[1-9][0-9]* [1-9][0-9]*$'
backtest --since 2026-03-12 -o json "$logs" >"$tmp/json"
exits "since a date" 0 python3 "$tmp/same.py" "$tmp/scan" "$tmp/json"
has "since a date" "$(cat "$tmp/json")" '"from":"2026-03-12T00:00:00Z"'
exits "days without alerts" 0 backtest --since 1d "$logs"
has "days without alerts" "$out" '^On this day \(2026-03-15\) shopbell would not have rung\.$'

# ---- Other numbers ----
mkdir "$tmp/rules" "$tmp/other"
rules() { # rules FOLDER NUMBER
        cat >"$1/a.yml" <<EOY
title: Failed login
name: failed
level: informational
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: failure}, condition: s}
---
title: Failed logins = many
id: 00000000-0000-4000-8000-000000000001
level: medium
shopbell.sentence: "{count} failed logins from {source.ip}"
correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 10m, condition: {gte: $2}}
---
title: Silent for days
level: low
correlation: {type: dormant, rules: [failed], group-by: [user.name], timespan: 1h}
EOY
}
rules "$tmp/rules" 5
numbers="1 2 3 5 8 13 60 61"
backtest --rules "$tmp/rules" --tune "Failed logins = many=$(echo $numbers | tr ' ' ,)" --tune 'Silent for days=1,2,90' -o json "$logs" >"$tmp/json"
count() { "$shopbell" scan -q --rules "$tmp/other" -o ndjson "$logs" | python3 -c 'import json,sys; print(sum(json.loads(l)["rule"]["title"] == sys.argv[1] for l in sys.stdin))' "$1"; }
for n in $numbers; do
        rules "$tmp/other" "$n"
        echo "$n $(count 'Failed logins = many')"
done >"$tmp/scanned"
python3 -c 'import json,sys; [print(t["number"], t["alerts"]) for t in json.load(sys.stdin)["tuned"][0]["numbers"]]' <"$tmp/json" >"$tmp/tuned"
same "other numbers: as if the rule had them" "$tmp/scanned" "$tmp/tuned"
has "they differ" "$(cut -d' ' -f2 "$tmp/tuned" | sort -u | wc -l)" '^ *[3-9]'
for n in 1 2 90; do
        rules "$tmp/other" 5
        sed -i "s/timespan: 1h}/timespan: 1h, condition: {gte: $n}}/" "$tmp/other/a.yml"
        echo "$n $(count 'Silent for days')"
done >"$tmp/scanned"
python3 -c 'import json,sys; [print(t["number"], t["alerts"]) for t in json.load(sys.stdin)["tuned"][1]["numbers"]]' <"$tmp/json" >"$tmp/tuned"
same "the number that a kind has by itself" "$tmp/scanned" "$tmp/tuned"
exits "in words" 0 backtest --rules "$tmp/rules" --tune 00000000-0000-4000-8000-000000000001=5,61 "$logs"
has "in words: now" "$out" '^  at 5: [0-9]+ alerts?   \(as the rule is\)$'
has "in words: never" "$out" '^  at 61: none$'
has "the calmest" "$out" '^The lowest of these numbers with at most one alert a week: [0-9]+\.$'
exits "numbers of its own" 0 backtest --rules "$tmp/rules" --tune 'Silent for days' "$logs"
has "from an eighth to eight times" "$(printf '%s\n' "$out" | grep -cE '^  at (11|22|45|67|90|135|180|360|720): ')" '^9$'
exits "a number it cannot have" 0 backtest --rules "$tmp/rules" --tune 'Failed logins = many=5,300000' "$logs"
has "a number it cannot have" "$out" '^  at 300000: .*limit is too high'
exits "no such rule" 2 backtest --tune nonsense "$logs"
has "no such rule" "$err" '--tune nonsense: no rule has that id, name or title'
exits "no number" 2 backtest --tune 'AWS root login' "$logs"
has "no number" "$err" 'only correlations do'
exits "no list of numbers" 2 backtest --rules "$tmp/rules" --tune 'Silent for days=5,x' "$logs"

exits "what is muted" 0 backtest --tune 'Surprising login' "$logs"
has "what is muted: not in the report" "$(printf '%s\n' "$out" | grep -c '^Surprising login  ')" '^0$'
has "what is muted: told of the rule as it is" "$out" '^  at [0-9.]+: 2 alerts   \(as the rule is; 2 of them muted\)$'
has "what is muted: counted with every number" "$out" '^Surprising login \(.*, with other numbers in the same days, before anything is muted:$'
backtest --tune 'Surprising login' -o json "$logs" >"$tmp/json"
has "what is muted, in JSON" "$(cat "$tmp/json")" '"now":true,"alerts":2,"rang":2\}.*"left":0,'

# ---- Another pack ----
rules "$tmp/other" 30
sed -i 's/title: Silent for days/title: Quiet for days/; s/timespan: 1h}/timespan: 1h, condition: {gte: 1}}/' "$tmp/other/a.yml"
backtest --rules "$tmp/rules" --against "$tmp/other" -o json "$logs" >"$tmp/here"
backtest --rules "$tmp/other" --against "$tmp/rules" -o json "$logs" >"$tmp/there"
cat >"$tmp/mirror.py" <<'EOP'
import json, sys
a, b = (json.load(open(f, encoding="utf-8")) for f in sys.argv[1:])
x, y = a["against"], b["against"]
assert x["shared"] == y["shared"] > 0 and x["only_here"] == y["only_there"] > 0 and x["only_there"] == y["only_here"] > 0, (x, y)
assert x["shared"] + x["only_here"] == len(a["alerts"]) and x["shared"] + x["only_there"] == len(b["alerts"])
assert (x["rang"], x["listed"]) == (b["rang"], b["listed"])
turn = {"here": "there", "there": "here"}
rows = [sorted((side(d["only"]), d["id"], d["person"], d["alerts"], d["example"]["sentence"]) for d in c["differences"])
        for c, side in ((x, lambda s: s), (y, turn.get))]
assert rows[0] == rows[1], rows
assert {d["title"] for d in x["differences"] if d["only"] == "there"} == {"Quiet for days"}
assert sum(d["alerts"] for d in x["differences"]) == x["only_here"] + x["only_there"]
EOP
exits "two packs, and the other way round" 0 python3 "$tmp/mirror.py" "$tmp/here" "$tmp/there"
exits "a pack against itself" 0 backtest --rules "$tmp/rules" --against "$tmp/rules" "$logs"
has "a pack against itself" "$out" ' of both, 0 only of these, 0 only of the others\.$'
exits "two packs in words" 0 backtest --rules "$tmp/rules" --against "$tmp/other" "$logs"
has "two packs in words" "$out" '^these +Failed logins = many +medium +[A-Za-z]+ +[0-9]+ 2026-03-[0-9 :]+: [0-9]+ failed logins from '
exits "two packs from a pipe" 2 backtest --against "$tmp/other" -
has "two packs from a pipe" "$err" 'reads the logs twice'
exits "no such pack" 3 backtest --against "$tmp/none" "$logs"

# ---- What fails ----
exits "often" 1 backtest --max-per-week 0.1 --rules "$tmp/rules" "$logs"
has "often: which" "$out" '^  Failed logins = many: rang [0-9.]+ times a week, at most 0.1 are allowed$'
exits "not too often" 0 backtest --max-per-week 1000 --rules "$tmp/rules" "$logs"
exits "quiet alerts do not ring" 0 backtest --max-per-week 0 --level critical --rules "$tmp/rules" "$logs"
cat >"$tmp/good.yml" <<EOY
- must: AWS activity log stopped, deleted or narrowed
  person: LEA
  level: critical
  alerts: 1
  from: 2026-03-11
  until: 2026-03-12
- must: Many failed logins from one address
- must_not: any
  person: mei
EOY
exits "as expected" 0 backtest --expect "$tmp/good.yml" "$logs"
cat >"$tmp/signs.yml" <<EOY
- must: shopbell-risk
  person: lea
- must_not: shopbell-state-forgotten
EOY
exits "signs that meet on a person are expected" 0 backtest --expect "$tmp/signs.yml" "$logs"
printf -- '- must_not: Several signs meet on one person\n- must: shopbell-state-forgotten\n' >"$tmp/signs.yml"
exits "signs that must not meet" 1 backtest --expect "$tmp/signs.yml" "$logs"
has "signs that must not meet" "$out" '^  Several signs meet on one person: .*/signs\.yml:1: no alert may come, [0-9]+ came$'
has "an alert of shopbell's own that did not come" "$out" '^  State forgotten at a limit: .*/signs\.yml:2: an alert must come, none came$'
exits "signs that meet too often" 1 backtest --max-per-week 0.1 --level high "$logs"
has "signs that meet too often" "$out" '^  Several signs meet on one person: rang [0-9.]+ times a week, at most 0\.1 are allowed$'
cat >"$tmp/bad.yml" <<EOY
- must: AWS root login
- must_not: any
  person: lea
  level: critical
- must: AWS activity log stopped, deleted or narrowed
  alerts: 3
- must_not: AWS snapshot or image shared with another account
  until: 2026-03-01
EOY
exits "not as expected" 1 backtest --expect "$tmp/bad.yml" "$logs"
has "what must come" "$out" '^  AWS root login: .*/bad\.yml:1: an alert must come, none came$'
has "what must not come" "$out" '^  any rule: .*/bad\.yml:2: no alert of lea may come, [0-9]+ came$'
has "how many" "$out" '^  AWS activity log stopped.*:5: 3 alerts must come, 1 came$'
has "the others are as expected" "$(printf '%s\n' "$out" | grep -c 'bad\.yml')" '^3$'
exits "as junit" 1 backtest --expect "$tmp/bad.yml" -o junit "$logs"
python3 - "$tmp/out" >"$tmp/read" <<'EOP'
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
cases = root.findall("testsuite/testcase")
failed = [c for c in cases if c.find("failure") is not None]
assert root.get("name") == "shopbell backtest" and int(root.get("tests")) == len(cases) and int(root.get("failures")) == len(failed)
print(len(failed), "of", len(cases) > 20, *sorted(c.get("classname") for c in failed), sep="; ")
EOP
has "a case for each rule" "$(cat "$tmp/read")" '^3; of; True; AWS activity log .*; AWS root login; any rule$'
for wrong in '{}:1:1: one list' '- {must: nonsense}:1:10: no rule has the id' '- {must: any, must_not: any}:1:3: .*exactly one' \
        '- {must_not: any, alerts: 1}:1:27: alerts goes with must' '- {must: any, level: loud}:1:22: level takes' '- {must: any, who: x}:1:15: unknown key who' \
        '- {must: any, from: soon}:1:21: a date' '- x:1:3: text where an expectation'; do
        printf '%s\n' "${wrong%%:1:*}" >"$tmp/wrong.yml"
        exits "a file that is wrong: ${wrong%%:1:*}" 3 backtest --expect "$tmp/wrong.yml" "$logs"
        has "a file that is wrong: ${wrong%%:1:*}" "$err" "wrong\.yml:1:${wrong#*:1:}"
done

# ---- What comes from a log ----
printf '2026-03-04T09:0%s:00+00:00 web1 sshd[1]: Failed password for \033[2Jx\342\200\256<b>&"%s from 203.0.113.9 port 1 ssh2\n' 1 a 2 b 3 c 4 d 5 e >"$tmp/evil.log"
sed -i 's/{count} failed/{user.name}: {count} failed/' "$tmp/rules/a.yml"
for form in words json junit; do
        exits "hostile bytes as $form" 0 backtest --rules "$tmp/rules" --against "$tmp/other" --tune 'Failed logins = many' -o $form "$tmp/evil.log"
        if printf '%s' "$out$err" | LC_ALL=C grep -qE "$(printf '\033|\342\200\256')"; then not_ok "no escape gets through as $form" "$out"; else ok "no escape gets through as $form"; fi
done
backtest --rules "$tmp/rules" "$tmp/evil.log" >"$tmp/out"
has "the alert is there" "$(cat "$tmp/out")" 'x.*<b>&"e: 5 failed logins from 203\.0\.113\.9'

# ---- What cannot be read: as scan has it ----
mkdir "$tmp/polls"
printf '{"results":[{"customerUserAccess":{"userId":"1","accessRole":"ADMIN"}}],"nextPageToken":"x"}\n' >"$tmp/polls/1.json"
i=0
while [ $((i += 1)) -le 7 ]; do echo "no log of anything $i"; done >"$tmp/polls/odd.log"
for command in scan backtest; do
        "$shopbell" $command "$tmp/polls" 2>&1 >/dev/null | sed 's/records, 0 alerts/records/' >"$tmp/told.$command"
        "$shopbell" $command -q "$tmp/polls" 2>"$tmp/quiet.$command" >/dev/null
done
same "what was left out, as scan tells it" "$tmp/told.scan" "$tmp/told.backtest"
has "how many more" "$(cat "$tmp/told.backtest")" ' more records were skipped$'
has "lists are among it" "$(cat "$tmp/told.backtest")" '1 rejects_list'
same "-q keeps no warning back, as of scan" "$tmp/quiet.scan" "$tmp/quiet.backtest"
has "-q: records" "$(cat "$tmp/quiet.backtest")" 'odd\.log: byte 0: .*, skipping this record$'
has "-q: no summary" "$(grep -c ' records, ' "$tmp/quiet.backtest")" '^0$'
exits "in JSON" 0 backtest -o json "$tmp/polls"
has "in JSON" "$out" '"records":0,"skipped":8,'

# ---- Usage ----
exits "no logs" 2 backtest
exits "no such format" 2 backtest -o csv "$logs"
exits "no such span" 2 backtest --since yesterday "$logs"
exits "no such number" 2 backtest --max-per-week often "$logs"
exits "logs that are not there" 3 backtest "$tmp/none"
: >"$tmp/empty.log"
exits "no records" 0 backtest "$tmp/empty.log"
has "no records" "$out" '^There was no record with a time: nothing can be said\.$'
finish
