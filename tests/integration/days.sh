#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Low and slow: correlations over weeks, which keep days, in rules' own tests and over logs in any order.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/rules"
cat >"$tmp/rules/slow.yml" <<'YML'
title: Read an object
name: object_read
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: GetObject}, condition: s}
level: informational
---
title: Much read within a week
id: 5f0ad1c2-8a0d-4f3e-9f0c-0d6f6c1f7b01
correlation: {type: value_sum, rules: [object_read], group-by: [userIdentity.userName], timespan: 7d, condition: {field: additionalEventData.bytesTransferredOut, gte: 5000000000}}
level: high
shopbell.tests:
  - source: aws-cloudtrail
    alerts: 1
    raise:
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '1', eventTime: '2026-03-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 1700000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '2', eventTime: '2026-03-04T17:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 1700000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '3', eventTime: '2026-03-08T23:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 1600000000}}
  - source: aws-cloudtrail
    alerts: 0
    raise: # the second time on the eighth day
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '1', eventTime: '2026-03-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 2600000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '2', eventTime: '2026-03-09T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 2600000000}}
  - source: aws-cloudtrail
    alerts: 0
    raise: # one record, delivered three times; and somebody else's
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '1', eventTime: '2026-03-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 2600000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '1', eventTime: '2026-03-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 2600000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '1', eventTime: '2026-03-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 2600000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '4', eventTime: '2026-03-03T09:00:00Z', userIdentity: {userName: lea}, additionalEventData: {bytesTransferredOut: 2600000000}}
  - source: aws-cloudtrail
    alerts: 2
    raise: # two bursts, weeks apart, the later one first
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '1', eventTime: '2026-04-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 5000000000}}
      - {eventSource: s3.amazonaws.com, eventName: GetObject, eventID: '2', eventTime: '2026-03-02T09:00:00Z', userIdentity: {userName: mia}, additionalEventData: {bytesTransferredOut: 5000000000}}
---
title: Many addresses within a month
id: 5f0ad1c2-8a0d-4f3e-9f0c-0d6f6c1f7b02
correlation: {type: value_count, rules: [object_read], group-by: [userIdentity.userName], timespan: 30d, condition: {field: sourceIPAddress, gte: 100}}
level: high
YML
exits "rules test of a 7d sum" 0 "$shopbell" rules test "$tmp/rules"
has "they all pass" "$out$err" '^4 passed, 0 failed$'

# 4,000 reads of one user within 40 days, from 1,500 addresses, in three files that overlap.
for part in 0 1 2; do
        awk -v part=$part 'BEGIN { for (i = part; i < 4000; i += 3) {
                hours = int(i * 40 * 24 / 4000)
                day = 1 + int(hours / 24); month = 3
                if (day > 31) { day -= 31; month = 4 }
                printf "{\"eventVersion\":\"1.08\",\"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"eventID\":\"%d\",\"awsRegion\":\"eu-central-1\",\"eventTime\":\"2026-%02d-%02dT%02d:%02d:00Z\",\"sourceIPAddress\":\"198.18.%d.%d\",\"userIdentity\":{\"userName\":\"mia\"},\"additionalEventData\":{\"bytesTransferredOut\":1}}\n", i, month, day, hours % 24, i % 60, i % 1500 / 250, i % 250
        } }' >"$tmp/part$part.ndjson"
done
alerts() {
        "$shopbell" scan --rules "$tmp/rules" -o ndjson "$@" 2>"$tmp/err" | sed 's/"id":"[^"]*"//; s/"sentence":.*"why":/"why":/; s/"records":.*//' | sort
}
alerts "$tmp/part0.ndjson" "$tmp/part1.ndjson" "$tmp/part2.ndjson" >"$tmp/forth"
alerts "$tmp/part2.ndjson" "$tmp/part0.ndjson" "$tmp/part1.ndjson" >"$tmp/back"
alerts --threads 2 "$tmp/part1.ndjson" "$tmp/part2.ndjson" "$tmp/part0.ndjson" >"$tmp/two"
same "in another order the same alerts" "$tmp/forth" "$tmp/back"
same "on two threads the same alerts" "$tmp/forth" "$tmp/two"
has "many addresses: estimated, and said so" "$(cat "$tmp/forth")" 'about 1[45][0-9][0-9] distinct sourceIPAddress of at least 100 within 30d \(an estimate, standard error 2.3 %\)'
has "all its hits count" "$(cat "$tmp/forth")" '"count":4000\b'
finish
