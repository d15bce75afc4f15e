#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# rules check finds what cannot have been meant, at its place; rules explain says why a rule hits a record, or does not.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/rules"
cat >"$tmp/rules/bad.yml" <<'YML'
title: Root login
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
level: high
detection:
  selection:
    eventNam: ConsoleLogin
    userIdentity.type: Root
  never:
    eventName: A
  other:
    errorCode|re: '^(a+)+$'
  unused:
    requestParameters.any.thing: x
  condition: selection and never and not never and other
---
title: Same id
id: 11111111-1111-4111-8111-111111111111
logsource: {product: aws, service: cloudtrail}
detection: {selection: {eventName: A}, condition: selection}
YML
cat >"$tmp/rules/good.yml" <<'YML'
title: A key made
logsource: {product: aws, service: cloudtrail}
level: low
detection:
  selection:
    eventName|startswith: [CreateAccess, CreateLogin]
    requestParameters.userName|exists: true
  robot:
    userIdentity.userName: robot
  condition: selection and not robot
YML

exits "rules check finds mistakes" 1 "$shopbell" rules check "$tmp/rules"
has "an unknown field, with the nearest one" "$out" 'bad.yml:7:5: aws-cloudtrail has no field eventNam: did you mean eventName\? \[warning: unknown-field\]'
has "a selection that nobody asks for" "$out" 'bad.yml:13:3: .* the selection unused.* \[warning: unused-selection\]'
has "a regex that explodes" "$out" "bad.yml:12:19: .* on a text like 'a' repeated .* \[warning: regex-explodes\]"
has "a condition that is never true" "$out" 'bad.yml:15:14: condition: no record can ever meet it.* \[warning: never-true\]'
has "an id that is taken" "$out" 'bad.yml:18:5: the id 11111111-.* is that of .*bad.yml:1 already.* \[error: load\]'
has "they are counted" "$out" '^1 errors, 4 warnings, 0 remarks$'
if printf '%s' "$out" | grep -q 'good.yml'; then not_ok "a good rule is left alone" "$out"; else ok "a good rule is left alone"; fi
exits "as JSON" 1 "$shopbell" rules check -o json "$tmp/rules"
if printf '%s' "$out" | python3 -c '
import json, sys
found = json.load(sys.stdin)
assert len(found) == 5, found
field = [f for f in found if f["check"] == "unknown-field"]
assert field[0]["line"] in (7, "7") and field[0]["column"] in (5, "5") and field[0]["severity"] == "warning", field
assert field[0]["file"].endswith("bad.yml") and "eventName" in field[0]["message"], field' 2>"$tmp/err"; then
        ok "JSON holds all of it"
else
        not_ok "JSON holds all of it" "$(cat "$tmp/err") $out"
fi
exits "good rules pass" 0 "$shopbell" rules check "$tmp/rules/good.yml"
has "how large the compiled set is" "$out" '^1 rules \(0 off\), 0 filters; 4 tests for 1 log sources, [0-9.]+ MB$'
exits "the starter pack is clean" 0 "$shopbell" rules check
has "clean but for two rules that wait for the owner" "$out" '^0 errors, 0 warnings, 2 remarks$'
has "these are off" "$out" 'placeholder canary_customers; write in shopbell.yml .*\[remark: load\]$'

record() { # record NAME EVENT USER PARAMETERS
        printf '{"eventVersion":"1.08","eventSource":"iam.amazonaws.com","awsRegion":"eu-central-1","eventTime":"2026-03-02T10:00:00Z","eventID":"%s","eventName":"%s","userIdentity":{"type":"IAMUser","userName":"%s"},"requestParameters":%s}\n' "$@"
}
{
        record e0 ListUsers mia null
        record e1 CreateAccessKey robot '{"userName":"x"}'
        record e2 CreateAccessKey "mia$(printf '\\u001b')[31m" '{"userName":"x"}'
} >"$tmp/log.ndjson"
exits "explain a record" 0 "$shopbell" rules explain --rules "$tmp/rules/good.yml" "A key made" "$tmp/log.ndjson:1"
has "the record is named" "$out" 'log.ndjson:1, aws-cloudtrail, 2026-03-02T10:00:00Z: no hit$'
has "what held" "$out" '^yes    selection:$'
has "the value that held" "$out" "^yes        'CreateAccess'$"
has "what the record has" "$out" 'eventName.startswith: one of 2 values  is "CreateAccessKey"$'
has "what did not hold" "$out" '^no     not:$'
has "because of" "$out" "^yes        userIdentity.userName: 'robot'  is \"robot\"$"
exits "explain finds the hit" 0 "$shopbell" rules explain "$tmp/rules/good.yml" "$tmp/log.ndjson"
has "the first hit" "$out" '^3 records, 3 of them .*, 1 hits; the first:$'
has "no control characters" "$out" 'log.ndjson:2, .*: hit$'
if printf '%s' "$out" | grep -q "$(printf '\033')"; then not_ok "a value cannot steer the terminal" "$out"; else ok "a value cannot steer the terminal"; fi
exits "explain a miss" 0 "$shopbell" rules explain "AWS root login" "$tmp/log.ndjson"
has "the nearest record" "$out" ' 0 hits; the one that comes nearest:$'
exits "explain a correlation" 0 "$shopbell" rules explain "Many AWS objects read" "$tmp/log.ndjson:0"
has "by its rules" "$out" 'aws_object_read.yml:1: AWS object read$'
exits "explain another platform's rule" 0 "$shopbell" rules explain "AWS root login" "$SHOPBELL_SRCDIR/samples/logs/sshd/auth.log:0"
has "not its source" "$out" '^no   the rule is for another log source: product aws service cloudtrail$'
exits "explain a class" 0 "$shopbell" rules explain "Second factor removed" "$tmp/log.ndjson:0"
has "not its class" "$out" '^no   it is not of class mfa: the rule is not tried on it$'
exits "no such rule" 2 "$shopbell" rules explain "nothing" "$tmp/log.ndjson"
exits "no such record" 3 "$shopbell" rules explain "AWS root login" "$tmp/log.ndjson:99"
finish
