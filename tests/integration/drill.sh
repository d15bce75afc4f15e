#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The drills: each rings, becomes a case and two drafts without anybody at the keyboard; a wrong answer is told; a person's drill is
# remembered for readiness; the logs are what their composer makes.
. "$(dirname "$0")/lib.sh"

drill() { name=$1 code=$2; shift 2; exits "$name" "$code" env TMPDIR="$tmp" "$shopbell" case drill "$@"; }

for one in leaver-key ads-takeover shop-takeover; do
        drill "$one: it goes through unattended" 0 "$one" --unattended --seller kr
        has "$one: it rang" "$out" '^detect +[0-9.]+ it rang for a log line (0s|4m|[0-9]+s) after the first act$'
        has "$one: somebody said that it was not him" "$out" '^confirm +[0-9.]+ not-me$'
        has "$one: to the authority" "$out" '^draft +[0-9.]+ kr-network to authority$'
        has "$one: and to the people" "$out" '^draft +[0-9.]+ kr-pipa-2025 to people$'
        has "$one: 24 hours" "$out" ' 23 ?h 59 ?m.* kr-network/authority'
        has "$one: no advice of a lawyer" "$out" '^# DRAFT\. Not legal advice'
        has "$one: minutes in all" "$out" '^all +[0-9.]+ *$'
done
if [ -z "$(find "$tmp" -maxdepth 1 -name 'shopbell-drill-*')" ]; then ok "nothing is left of the sandbox"; else not_ok "nothing is left of the sandbox" "$(ls "$tmp")"; fi

drill "another country, other laws, as JSON" 0 --unattended --seller sg -o json
has "the steps" "$out" '"step": ?"draft"'
has "Singapore's" "$out" 'sg-pdpa to authority'
drill "a drill that is none" 2 nothing --unattended
has "those that there are" "$err" 'ads-takeover'
drill "a country that is none" 2 --unattended --seller Korea
has "what to write" "$err" 'kr, sg, us-ca'

# Rules that see nothing.
mkdir "$tmp/rules"
cat >"$tmp/rules/none.yml" <<'YML'
title: Never
id: never
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: NoSuchEvent}, condition: s}
level: high
YML
drill "rules that miss it" 1 --unattended --rules "$tmp/rules"
has "it is said" "$err" 'these rules would have missed it'

# A person at a terminal, who says that it was he: what that would have led to. script(1) gives the terminal.
if command -v script >/dev/null; then
        printf 'me\n' | env TMPDIR="$tmp" script -qec "$shopbell case drill" /dev/null >"$tmp/out" 2>&1
        has "a wrong answer" "$(tr -d '\r' <"$tmp/out")" 'would have been closed now'
        mkdir "$tmp/spool"
        printf 'inputs: [{name: none, spool: %s}]\n' "$tmp/spool" >"$tmp/shopbell.yml"
        exits "a store" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
        printf 'not-me\n\n\n\n\n' | env TMPDIR="$tmp" script -qec "$shopbell case drill --by mei --state $tmp/state" /dev/null >"$tmp/out" 2>&1
        has "a right one" "$(tr -d '\r' <"$tmp/out")" '^confirm +[0-9.]+ not-me'
        has "readiness knows of it" "$("$shopbell" readiness --state "$tmp/state" -o json 2>/dev/null)" 'leaver-key, [0-9.]+ minutes'
else
        skip "a person at the terminal" "script is not installed"
fi

if command -v python3 >/dev/null; then
        mkdir "$tmp/composed"
        python3 "$SHOPBELL_SRCDIR/drills.d/compose.py" "$tmp/composed"
        (cd "$tmp/composed" && find . -type f | LC_ALL=C sort | xargs sha256sum) >"$tmp/composed.sums"
        (cd "$SHOPBELL_SRCDIR/drills.d" && find . -type f ! -name drill.yml ! -name compose.py | LC_ALL=C sort | xargs sha256sum) >"$tmp/shipped.sums"
        same "the logs are those that compose.py makes" "$tmp/composed.sums" "$tmp/shipped.sums"
else
        skip "the composer" "python3 is not installed"
fi
finish
