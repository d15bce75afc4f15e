#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# People, places and the census: whose account acts, who is behind what, what is left open; from logs and from the store, in
# any order, after kill -9, and when the file of people is broken while the daemon runs.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples"
places="--geoip $samples/geoip.mmdb --networks $samples/shopbell.yml"

# ---- Fields
mkdir "$tmp/rules"
cat >"$tmp/rules/leaver.yml" <<'END'
title: A leaver signed in
level: high
logsource: {product: shopbell, category: login}
detection: {s: {shopbell.left: yes}, away: {shopbell.at_home: no}, condition: s and away}
shopbell.sentence: "{shopbell.person} ({shopbell.role}) signed in after leaving"
shopbell.tests:
  - hit: &record {eventVersion: '1.09', userIdentity: {type: IAMUser, userName: lea}, eventTime: '2026-03-07T00:00:00Z',
      eventSource: signin.amazonaws.com, eventName: ConsoleLogin, awsRegion: us-east-1, sourceIPAddress: 198.51.100.77, eventID: a,
      responseElements: {ConsoleLogin: Success}}
    source: aws-cloudtrail
    needs: [people, geoip]
  - miss: {<<: *record, eventTime: '2026-03-06T23:59:59Z'}
    source: aws-cloudtrail
    needs: people
END
# shellcheck disable=SC2086
exits "a rule asks who left" 0 "$shopbell" scan -q --rules "$tmp/rules" $places --people "$samples/people.yml" -o ndjson "$samples/logs"
has "and hears of one" "$out" '"sentence":"Lea \(staff\) signed in after leaving"'
# shellcheck disable=SC2086
exits "without people it hears of none" 0 "$shopbell" scan -q --rules "$tmp/rules" $places -o ndjson "$samples/logs"
has "none" "[$out]" '^\[\]$'
exits "its tests pass" 0 "$shopbell" rules test --geoip "$samples/geoip.mmdb" --people "$samples/people.yml" "$tmp/rules"
has "both of them" "$out" '^2 passed, 0 failed$'
exits "and are skipped without people" 0 "$shopbell" rules test "$tmp/rules"
has "with a word" "$out" '^2 tests skipped: they look at places, people or networks, give --geoip, --people, --networks$'

# ---- Mistakes
printf -- '- {name: Mei, role: owner, accounts: mei}\n- {name: Tom, role: boss, accounts: tom}\n' >"$tmp/people.yml"
exits "a people file with a mistake" 3 "$shopbell" scan --people "$tmp/people.yml" "$samples/logs"
has "is named with its place" "$err" 'people.yml:2:21: role: one of owner, manager'
printf -- '- {name: Mei, role: owner, accounts: {wordpres: mei}}\n' >"$tmp/people.yml"
exits "a platform that nobody knows" 0 "$shopbell" parse --people "$tmp/people.yml" "$samples/logs/wordpress"
has "is a remark" "$err" 'people.yml:1:39: .* called wordpres; did you mean wordpress\?'

# ---- The census, from logs
# shellcheck disable=SC2086
exits "people" 0 "$shopbell" people $places --people "$samples/people.yml" -o csv "$samples/logs"
has "strangers first" "$(printf '%s\n' "$out" | sed -n 2p)" '^backup-svc,unknown,aws-cloudtrail,backup-svc,2026-03-11T02:40:00Z,'
has "one person of two platforms" "$out" '^Tom,manager,meta-ads-activities,tom ferrer,'
# shellcheck disable=SC2086
exits "one person in full" 0 "$shopbell" people $places --people "$samples/people.yml" --who lea "$samples/logs"
has "with where she came from" "$out" '^  country   KR  2026-03-10 22:00'
exits "as JSON" 0 "$shopbell" people -o json --who backup-svc "$samples/logs"
has "JSON" "$out" '"kind":"grant","value":"arn:aws:iam::aws:policy/AdministratorAccess".*"n":1,"text":"lea"'
exits "a draft" 0 "$shopbell" people suggest "$samples/logs"
printf '%s\n' "$out" >"$tmp/draft.yml"
exits "that is a people file" 0 "$shopbell" people --people "$tmp/draft.yml" -o csv "$samples/logs"
if printf '%s\n' "$out" | grep -q ',unknown,'; then has "with everybody who acted" "$out" ',unknown,google-ads-users,growth'; else ok "with everybody who acted"; fi
exits "and leaves nothing to draft" 0 "$shopbell" people suggest --people "$tmp/draft.yml" "$samples/logs"
has "nothing" "$out" '^# Every account that was seen to act'

exits "posture" 0 "$shopbell" posture --people "$samples/people.yml" "$samples/logs"
has "a leaver acts" "$out" '^critical Lea left on 2026-03-06, and the account lea'
exits "posture as JSON" 0 "$shopbell" posture --people "$samples/people.yml" -o json "$samples/logs"
has "a strange administrator" "$out" '"check":"admin-unknown","level":"high","source":"google-ads-users","account":"growth.partner@example.net"'
exits "posture without people" 0 "$shopbell" posture "$samples/logs"
has "says what it cannot say" "$out" '^Without a people file nothing can be said about people who left'
if printf '%s\n' "$out" | grep -q 'administrator ('; then not_ok "and nothing of strangers" "$out"; else ok "and nothing of strangers"; fi

# ---- The same from the daemon's store, twice over, in any order
config() { # config FILE LOGS…
        printf 'geoip: %s\nnetworks: %s\ninputs:\n' "$samples/geoip.mmdb" "$samples/shopbell.yml" >"$1"
        n=0 file=$1
        shift
        for log; do
                n=$((n + 1))
                printf -- '- {name: in%s, files: %s}\n' "$n" "$log"
        done >>"$file"
}
census() { sqlite3 "$1/shopbell.db" 'SELECT * FROM account ORDER BY 1, 2; SELECT * FROM account_fact ORDER BY 1, 2, 3, 4'; }
config "$tmp/daemon.yml" "$samples/logs/cloudtrail" "$samples/logs/google-workspace" "$samples/logs/wordpress" "$samples/logs/sshd"
exits "the daemon takes the census" 0 "$shopbelld" --config "$tmp/daemon.yml" --state "$tmp/one" --once
config "$tmp/daemon.yml" "$samples/logs/sshd" "$samples/logs/wordpress" "$samples/logs/google-workspace" "$samples/logs/cloudtrail"
exits "in another order" 0 "$shopbelld" --config "$tmp/daemon.yml" --state "$tmp/two" --once
# shellcheck disable=SC2086
exits "people of the store" 0 "$shopbell" people --state "$tmp/one" --people "$samples/people.yml" -o json
cp "$tmp/out" "$tmp/people.store"
# shellcheck disable=SC2086
"$shopbell" people $places --people "$samples/people.yml" -o json "$samples/logs/cloudtrail" "$samples/logs/google-workspace" "$samples/logs/wordpress" \
        "$samples/logs/sshd" >"$tmp/people.logs"
same "the store and the logs say the same" "$tmp/people.logs" "$tmp/people.store"
if command -v sqlite3 >/dev/null; then
        census "$tmp/one" >"$tmp/census.one"
        census "$tmp/two" >"$tmp/census.two"
        same "the order of logs does not matter" "$tmp/census.one" "$tmp/census.two"
        sqlite3 "$tmp/one/shopbell.db" 'DELETE FROM position'
        "$shopbelld" --config "$tmp/daemon.yml" --state "$tmp/one" --once 2>/dev/null
        census "$tmp/one" >"$tmp/census.again"
        same "records that come again change nothing" "$tmp/census.one" "$tmp/census.again"
else
        skip "the order of logs does not matter" "sqlite3 is not installed"
fi

# ---- Killed at any moment, and reloads
if command -v python3 >/dev/null && command -v sqlite3 >/dev/null; then
        python3 "$SHOPBELL_SRCDIR/tests/integration/people.py" "$shopbelld" "$shopbell" "$tmp/py" "$samples" || failures=$((failures + 1))
else
        skip "kill -9 and reload" "python3 or sqlite3 is not installed"
fi
finish
