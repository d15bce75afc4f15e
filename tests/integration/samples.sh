#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The sample shop leads to the alerts that its story tells: by scan, by the daemon, on one thread or several.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples"
places="--geoip $samples/geoip.mmdb --networks $samples/shopbell.yml --people $samples/people.yml" # as shopbell.yml says to the daemon

# Title, level, count and person: what a user would compare.
summary() {
        python3 -c '
import json, sys
rows = sorted((a["first_seen"], a["rule"]["level"], a["count"], a["person"] or "", a["rule"]["title"]) for a in map(json.loads, sys.stdin))
print("first_seen,level,count,person,alert")
for row in rows: print(",".join(str(x) for x in row))'
}

# shellcheck disable=SC2086
"$shopbell" scan -q $places -o ndjson "$samples/logs" >"$tmp/scan" 2>"$tmp/err" || not_ok "scan of the sample shop" "$(cat "$tmp/err")"
summary <"$tmp/scan" >"$tmp/scan.csv"
same "the sample shop raises the alerts of its story" "$samples/expected-alerts.csv" "$tmp/scan.csv"

"$shopbell" scan -q $places --threads 1 -o ndjson "$samples/logs" >"$tmp/one"
"$shopbell" scan -q $places --threads 4 -o ndjson "$samples/logs" >"$tmp/four"
same "one thread and four say the same, byte for byte" "$tmp/one" "$tmp/four"

"$shopbelld" --config "$samples/shopbell.yml" --state "$tmp/state" --once 2>"$tmp/err" || not_ok "shopbelld --once" "$(cat "$tmp/err")"
"$shopbell" alerts --state "$tmp/state" -o ndjson >"$tmp/alerts"
summary <"$tmp/alerts" >"$tmp/alerts.csv"
same "the daemon raises the same alerts" "$samples/expected-alerts.csv" "$tmp/alerts.csv"

"$shopbelld" --config "$samples/shopbell.yml" --state "$tmp/state" --once 2>"$tmp/err"
"$shopbell" alerts --state "$tmp/state" -o ndjson >"$tmp/again"
same "a second run reads nothing twice" "$tmp/alerts" "$tmp/again"

id=$(python3 -c 'import json,sys; print([a for a in map(json.loads, open(sys.argv[1])) if a["rule"]["title"].startswith("Many AWS objects")][0]["id"][:8])' "$tmp/alerts")
exits "show" 0 "$shopbell" show --state "$tmp/state" "$id"
has "show says the sentence" "$out" 'Lea fetched 64 different objects'
has "show says why" "$out" '^Why +64 distinct'
has "show gives the records" "$out" 'customers/part-000.csv'
exits "show as JSON" 0 "$shopbell" show --state "$tmp/state" -o json "$id"
has "JSON of an alert" "$out" '"first_seen":"2026-03-10T22:15:30Z","last_seen":"2026-03-10T22:37:33Z","count":64'
exits "alerts by level" 0 "$shopbell" alerts --state "$tmp/state" --level critical -o csv
has "only critical ones" "$out" ',critical,'
if printf '%s' "$out" | grep -q ',medium,'; then not_ok "level filter"; else ok "level filter"; fi
exits "the worst of all" 0 "$shopbell" alerts --state "$tmp/state" --worst-first --limit 1 -o csv
has "the worst of all, not of the newest" "$out" ',critical,'
exits "alerts by person" 0 "$shopbell" alerts --state "$tmp/state" --who backup-svc -o csv
has "who filter" "$out" 'backup-svc'
exits "status" 0 "$shopbell" status --state "$tmp/state"
has "status counts records" "$out" '^records +[1-9]'
exits "fail-on" 1 "$shopbell" scan -q --fail-on critical "$samples/logs"

# What README.md shows is what comes out: line by line, but where it says … that something is left out.
(cd "$SHOPBELL_SRCDIR" && SHOPBELL_SOURCES=parsers/sources SHOPBELL_RULES=rules.d python3 - "$shopbell" README.md 2>&1) >"$tmp/excerpts" <<'PY'
import re, shlex, subprocess, sys
blocks = re.findall(r"^```\n\$ shopbell (.*)\n((?:(?!```).*\n)+)```$", open(sys.argv[2], encoding="utf-8").read(), re.M)
print(len(blocks), "excerpts")
for command, shown in blocks:
    lines = subprocess.run([sys.argv[1]] + shlex.split(command), capture_output=True, text=True).stdout.splitlines()
    at, is_cut = 0, False
    for line in shown.splitlines():
        if line == "…":
            is_cut = True
            continue
        fits = [l.startswith(line[:-1].rstrip()) if line.endswith(" …") else l == line for l in (lines[at:] if is_cut else lines[at:at + 1])]
        if True not in fits:
            print("shopbell", command, "does not print here:", line)
            break
        at, is_cut = at + fits.index(True) + 1, False
    else:
        if at < len(lines) and not is_cut:
            print("shopbell", command, "prints more than that:", lines[at])
PY
has "excerpts are found in README.md" "$(cat "$tmp/excerpts")" '^[3-9] excerpts$'
if [ "$(wc -l <"$tmp/excerpts")" = 1 ]; then ok "README.md shows what comes out"; else not_ok "README.md shows what comes out" "$(cat "$tmp/excerpts")"; fi

python3 "$samples/compose.py" "$tmp/logs" && if diff -r "$samples/logs" "$tmp/logs" >"$tmp/diff"; then ok "the sample shop is what compose.py composes"; else not_ok "compose.py" "$(cat "$tmp/diff")"; fi
finish
