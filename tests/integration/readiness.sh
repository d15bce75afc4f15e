#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Readiness of the sample shop: what its logs show is found, what they cannot show is asked and remembered, with and without the
# daemon, and the history covers it.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples" conf="$SHOPBELL_SRCDIR/samples/shopbell.yml" state="$tmp/state"
row() { printf '%s\n' "$out" | grep "^$1,$2,"; }
ready() { "$shopbell" readiness --config "$conf" --state "$state" "$@"; }

mkdir "$state"
"$shopbelld" --config "$conf" --state "$state" --once 2>/dev/null
exits "the sample shop is not ready" 1 ready -o csv
has "a second factor is missing" "$(row mfa missing)" 'sign in without a second factor: .*lea.*shopbell posture'
has "a leaver's account lives" "$(row leavers missing)" 'still live: lea'
has "strangers" "$(row data-map missing)" 'of nobody in the people file: backup-svc'
has "who took data out" "$(row export-rights missing)" 'took data out and may not: backup-svc, lea\.'
has "no daemon" "$(row alerts-on missing)" 'no shopbelld runs'
has "no channel" "$(row channels missing)" 'nobody is told'
has "no canary" "$(row canaries missing)" 'canary_customers'
has "records go too early" "$(row logs-kept missing)" 'after 180 days'
has "one who decides" "$(row decider ok)" 'Mei decides'
has "laws are known" "$(row regimes '[a-z]*')" '[0-9]+ laws'
has "examples of contracts are none" "$(row contracts unknown)" 'Nobody has said'
has "what cannot be seen" "$(row drill unknown)" 'Nobody has said.*Was a case drilled lately'
mkdir -p "$tmp/regimes/contract"
sed 's/^checked_on:.*/checked_on: 2020-02-29/' "$SHOPBELL_SRCDIR/regimes.d/kr-pipa.yml" >"$tmp/regimes/kr-pipa.yml"
cp "$SHOPBELL_SRCDIR/regimes.d/contract/amazon.yml" "$tmp/regimes/contract"
exits "with laws of one's own" 1 ready --regimes "$tmp/regimes" -o csv
has "one that nobody looked at for years" "$(row regimes stale)" '1 of 1 law was last looked at more than half a year ago: kr-pipa'
has "a contract" "$(row contracts ok)" '1 contract is among the clocks'
exits "each week less" 1 ready --view weekly -o csv
has "the second factor" "$(row mfa missing)" 'weekly monthly expansion'
row drill unknown >/dev/null && not_ok "but not the drill" "$out" || ok "but not the drill"
exits "a view that is none" 2 ready --view daily

# ---- Answers
exits "an answer" 0 "$shopbell" readiness answer drill 'key leak, 41 minutes' --by Mei --config "$conf" --state "$state"
exits "a no" 0 "$shopbell" readiness answer contacts no --by Tom --config "$conf" --state "$state"
exits "a check that is none" 2 "$shopbell" readiness answer dril yes
has "names a near one" "$err" 'did you mean drill'
exits "what is looked at" 1 "$shopbell" readiness answer leavers yes --state "$state"
has "is not asked" "$err" 'looked at, and not asked'
exits "they are remembered" 1 ready -o csv
has "with who and when" "$(row drill ok)" "Mei said on 20[0-9-]+: key leak, 41 minutes"
has "a no is missing" "$(row contacts missing)" 'Tom said no'
exits "the history" 0 "$shopbell" verify --state "$state"
has "covers them" "$out" '2 case entries'
exits "no case came of it" 0 "$shopbell" status --state "$state" -o json

# ---- On a terminal
if command -v script >/dev/null; then
        printf 'y\n\nin the binder\n\004' | script -qec "$shopbell readiness --config $conf --state $state --view expansion --no-pager" /dev/null >"$tmp/typed" 2>&1
        text=$(tr -d '\r' <"$tmp/typed")
        has "what is not known is asked" "$text" 'Is it written down where else customers'
        has "the question has its check" "$text" 'other-data> '
        exits "what was typed" 1 ready -o csv
        has "is remembered" "$(row other-data ok)" 'said on .*: yes'
        has "nothing is later" "$(row discovery-standard '[a-z]*')$(row contacts missing)" 'Tom said no'
else
        skip "on a terminal" "there is no script(1)"
fi

# ---- While the daemon runs
printf 'people: %s/people.yml\nretention: {records: forever, alerts: forever}\nplaceholders: {canary_customers: [mia@example.com, Ottilie Vane]}\ninputs: [{name: a, tail: %s/a.log, source: sshd}]\nnotices:\n  - {name: owner, command: [/bin/cat], escalate: {after: 15m, to: phone}}\n  - {name: phone, command: [/bin/cat]}\n' \
        "$samples" "$tmp" >"$tmp/shopbell.yml"
conf="$tmp/shopbell.yml"
: >"$tmp/a.log"
"$shopbelld" --config "$conf" --state "$state" 2>"$tmp/daemon.err" &
daemon=$!
up "$state" $daemon
exits "it takes an answer" 0 "$shopbell" readiness answer canaries yes --by Mei --state "$state"
exits "and is seen" 1 ready -o csv
has "to run" "$(row alerts-on ok)" 'rules run'
has "with channels" "$(row channels ok)" '2 channels: owner, phone'
has "that were never tried" "$(row channel-test missing)" 'Nothing ever went over'
has "a chain" "$(row escalation ok)" 'owner to phone after 15m'
has "canaries" "$(row canaries ok)" 'Mei said'
has "logs kept" "$(row logs-kept unknown)" 'cannot be seen'
kill $daemon
wait $daemon 2>/dev/null
finish
