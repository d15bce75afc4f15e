#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The clocks of a case are heard: at their steps, over a channel, once each, whatever is killed; and end by themselves. The daemon's clock
# is set forward by a file.
. "$(dirname "$0")/lib.sh"
fault="$SHOPBELL_BUILD/tests/fault/fault.so"
if [ ! -f "$fault" ]; then
        skip "reminders" "tests/fault/fault.so is not built"
        exit 0
fi
state="$tmp/state" heard="$tmp/heard" offset="$tmp/offset"
mkdir "$state" "$tmp/laws" "$tmp/run"
export SHOPBELL_REGIMES="$tmp/laws" RUNTIME_DIRECTORY="$tmp/run"
ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0"
export ASAN_OPTIONS
cp "$SHOPBELL_SRCDIR/regimes.d/kr-pipa.yml" "$tmp/laws/"
printf 'logged\n' >"$tmp/a.log"
printf '%s\n' '#!/bin/sh' 'printf "%s|%s|%s\n" "$2" "$3" "$4" >>"$1"' >"$tmp/tell"
chmod +x "$tmp/tell"
printf 'inputs: [{name: a, tail: %s/a.log, source: sshd}]\nnotices:\n  - {name: owner, command: [%s/tell, %s, "{reason}", "{level}", "{sentence}"], escalate: {after: 30m, to: deputy}}\n  - {name: deputy, level: critical, command: [%s/tell, %s.deputy, "{reason}", "{level}", "{sentence}"]}\n' \
        "$tmp" "$tmp" "$heard" "$tmp" "$heard" >"$tmp/shopbell.yml"
: >"$heard"
: >"$heard.deputy"
echo 0 >"$offset"

shifted() { LD_PRELOAD="$fault" FAULT_CLOCK_FILE="$offset" "$@"; }
case_() { shifted "$shopbell" case "$@" --state "$state"; }
begin() {
        LD_PRELOAD="$fault" FAULT_CLOCK_FILE="$offset" "$shopbelld" --config "$tmp/shopbell.yml" --state "$state" 2>>"$tmp/daemon.err" &
        daemon=$!
        up "$state" $daemon
}
# later HOURS [MINUTES]: sets the clocks, and lets the daemon see it.
later() {
        echo $(($1 * 3600 + ${2:-0} * 60)) >"$offset.new"
        mv "$offset.new" "$offset"
        "$shopbell" status --state "$state" >/dev/null 2>&1
}
# told N [FILE]: until so many lines were heard, or somebody is gone who tells.
told() {
        python3 "$SHOPBELL_SRCDIR/tests/integration/until.py" lines "${2:-$heard}" "$1" $daemon $sender $deputy 2>>"$tmp/send.err"
        tail -n 1 "${2:-$heard}"
}
open_now() { "$shopbell" alerts --state "$state" --rule shopbell-clock -o ndjson; }
figure() { "$shopbell" status --state "$state" -o csv | sed -n "s/^\"\{0,1\}$1\"\{0,1\},//p"; }

begin
LD_PRELOAD="$fault" FAULT_CLOCK_FILE="$offset" "$SHOPBELL_BUILD/shopbell-send" --state "$state" owner 2>>"$tmp/send.err" &
sender=$!
LD_PRELOAD="$fault" FAULT_CLOCK_FILE="$offset" "$SHOPBELL_BUILD/shopbell-send" --state "$state" deputy 2>>"$tmp/send.err" &
deputy=$!
has "no case is open" "$(figure cases_open)" '^"?0'
exits "a case" 0 case_ open --signal "a customer wrote that his address is on a forum" --at now --by Mei
exits "of people in Korea" 0 case_ set 1 people.kr=1200 data+=email --by Mei
exits "the shop is aware" 0 case_ mark 1 aware --at now --by Mei --because "the dump has our order numbers"
later 1
first=$(told 1)
has "what has no number is heard at once, or the first step" "$first" '^rang\|(high|medium)\|.*Case 1 '
has "one case is open" "$(figure cases_open)" '^"?1'
has "the next end is known" "$(figure next_deadline)" '^"?20[0-9-]+T'
has "and whose it is" "$(figure next_duty)" 'kr-pipa'
has "Prometheus has it" "$("$shopbell" status --state "$state" -o prometheus)" '^shopbell_next_deadline_timestamp_seconds [0-9]+'

later 1 40
has "what nobody answers goes to the next one" "$(told 1 "$heard.deputy")" '^escalated\|high\|.*Case 1 '
n=$(wc -l <"$heard")
later 67
has "six hours before the end" "$(told $((n + 1)))" '^rang\|critical\|.*Case 1 .*in 6 hours or less'
has "one alert" "$(open_now | wc -l)" '^1$'
while "$shopbell" notices --state "$state" -o csv | grep -q 'sending\|committing'; do kill -0 $sender 2>/dev/null || break; done # else nobody knows of it
kill -9 $daemon
wait $daemon 2>/dev/null
begin
later 68
has "after a kill it is not told again" "$(wc -l <"$heard")" "^$((n + 1))\$"
later 71
has "an hour before" "$(told $((n + 2)))" '^rang\|critical\|.*Case 1 .*in an hour or less'
later 73
has "it is over" "$(told $((n + 3)))" '^rang\|critical\|.*Case 1 .* was due .* and is not done'
has "with what to write" "$(open_now)" 'delay-reason'
has "status has it" "$(figure clocks_over)" '^"?[1-9]'
has "one alert still" "$(open_now | wc -l)" '^1$'

# ---- Done
duties=$(sed -n 's/^  - id: //p' "$tmp/laws/kr-pipa.yml")
for duty in $duties; do
        case_ done 1 "kr-pipa/$duty" --at now --by Mei >/dev/null 2>&1
done
later 73
has "done, nothing is open" "$(open_now | wc -l)" '^0$'
has "with the reason" "$("$shopbell" alerts --state "$state" --rule shopbell-clock --all -o ndjson | wc -l)" '^[3-9]$'
exits "the history" 0 "$shopbell" verify --state "$state"
exits "the case is closed" 0 case_ close 1 --because "told, and mended" --by Mei
later 74
has "none is open" "$(figure cases_open)" '^"?0'
kill $sender $deputy $daemon
wait $sender $deputy $daemon 2>/dev/null
has "nothing went wrong in the daemon" "$(grep -c 'runtime error\|Sanitizer' "$tmp/daemon.err")" '^0$'
finish
