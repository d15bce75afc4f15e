#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What people say of alerts, as the command line takes it and shows it again: while the daemon runs, and while it does not.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/rules" "$tmp/spool"
cat >"$tmp/rules/rules.yml" <<'YML'
title: Stops the log
id: stops
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: StopLogging}, condition: s}
level: high
YML
cat >"$tmp/shopbell.yml" <<YML
rules: [$tmp/rules]
inputs:
  - {name: trail, spool: $tmp/spool}
YML
dir="$tmp/state"
when=$(date -u -d "1 hour ago" +%Y-%m-%dT%H:%M:%SZ) # at any time of the day it has been
record() { printf '{"eventVersion":"1.08","eventID":"%s","eventName":"StopLogging","eventSource":"cloudtrail.amazonaws.com","eventTime":"%s","sourceIPAddress":"203.0.113.9","awsRegion":"eu-central-1","userIdentity":{"type":"IAMUser","userName":"%s"}}\n' "$1" "$when" "$2"; }
{ record e1 mia; record e2 bo; } >"$tmp/new" && mv "$tmp/new" "$tmp/spool/1.ndjson"
cli() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" "$@" --state "$dir"; }
# field ID NAME: of an alert
field() { "$shopbell" show -o json "$1" --state "$dir" | grep -o "\"$2\":[^,}]*" | head -n 1; }
count() { "$shopbell" alerts -o ndjson --state "$dir" "$@" | grep -c .; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2, not $3"; fi; }

exits "two alerts" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$dir" --once
id=$("$shopbell" alerts -o ndjson --state "$dir" | grep '"person":"mia"' | grep -o '"id":"[0-9a-f]*"' | head -n 1 | cut -d '"' -f 4)
cli "ack" 0 ack "$id" -m "on it"
is "has been seen" "$(field "$id" answer)" '"answer":"acknowledged"'
cli "acknowledge is the same" 1 acknowledge "$id"
has "and has been said" "$out" 'its answer already'
cli "a verdict that is none" 2 close "$id" --as maybe
has "says which there are" "$err" 'true: .*false: .*benign'
cli "a note needs its text" 2 note "$id"
cli "a note" 0 note "$id" -m "called Mia, she
is on leave"
cli "a risk" 0 risk mia
has "of hers" "$out" '^mia '
cli "a false alarm" 0 close "$id" --as false -m "the drill of Monday"
is "is closed so" "$(field "$id" answer)" '"answer":"closed-false"'
is "and is not listed" "$(count)" 1
cli "it was no risk" 0 risk mia
has "none" "$out" '^No risk'
cli "shown" 0 show "$id"
has "closed as what" "$out" '^Quiet +closed-false'
has "who said what, first" "$out" "answered  acknowledged by $(id -un): on it"
has "noted, in one line" "$out" "answered  note by $(id -un): called Mia, she is on leave"
has "and last" "$out" "answered  closed-false by $(id -un): the drill of Monday"
cli "as JSON" 0 show -o json "$id"
has "too" "$out" '"history":\[\{"at":"[^"]*","what":"raised".*"what":"answered","text":"closed-false by [^"]*: the drill of Monday"\}\]'
cli "closed, as something else" 0 close "$id" --as true
cli "reopened" 0 reopen "$id" -m "no drill"
is "it is as it was before" "$(field "$id" answer)" '"answer":"acknowledged"'
is "and is listed" "$(count)" 2
cli "what is open cannot be opened" 1 reopen "$id"

"$shopbelld" --config "$tmp/shopbell.yml" --state "$dir" >/dev/null 2>&1 &
daemon=$!
up "$dir" $daemon
cli "while the daemon runs" 0 close "$id" --as benign -m "asked for"
is "closed so" "$(field "$id" answer)" '"answer":"closed-benign"'
cli "noted" 0 note "$id" -m "x"
cli "reopened" 0 reopen "$id"
kill $daemon
wait $daemon
is "and it has been kept" "$(field "$id" answer)" '"answer":"acknowledged"'
finish
