#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shopbell doctor: what a beginner gets wrong is found, and what to do about it is said. What needs the service's own user is
# in package.sh.
. "$(dirname "$0")/lib.sh"
conf=$tmp/shopbell.yml
row() { printf '%s\n' "$out" | grep "^$1,$2,"; }

exits "no configuration" 1 "$shopbell" doctor --state "$tmp/state" -o csv "$tmp/none.yml"
has "is told" "$(row configuration wrong)" 'none.yml cannot be read: No such file.*shopbell.yml\(5\)'
has "no daemon" "$(row daemon wrong)" 'systemctl enable --now shopbelld'
has "no store yet" "$(row store hint)" 'made when shopbelld starts'

printf 'zone: Seoul\ninputs:\n- {name: a, tail: %s/a.log, source: sshd}\n- {name: b, spool: none}\ngeoip: none.mmdb\n' "$tmp" >"$conf"
exits "mistakes in the configuration" 1 "$shopbell" doctor --state "$tmp/state" -o csv "$conf"
has "are told with their place" "$(row configuration wrong)" 'shopbell.yml:1:7: zone.*shopbell config check'
has "a file that may come later" "$(row inputs hint)" 'input a: there is no .*/a.log'
has "a folder that is missing" "$(row inputs wrong)" 'input b: there is no .*/none,'
has "a database that is missing" "$(row places wrong)" 'none.mmdb cannot be read'
has "nobody is named" "$(row people hint)" 'shopbell people suggest'

printf 'inputs:\n- {name: a, tail: %s/a.log, source: sshd}\n- {name: w, tail: %s/w.log, source: wordpress-activity-log}\n' "$tmp" "$tmp" >"$conf"
printf 'Mar  4 09:00:00 web1 sshd[2]: Accepted password for root from 203.0.113.9 port 52100 ssh2\n' >"$tmp/a.log"
: >"$tmp/w.log"
"$shopbelld" --config "$conf" --state "$tmp/state" --once 2>/dev/null
exits "no daemon runs on it now" 1 "$shopbell" doctor --state "$tmp/state" -o csv "$conf"
has "the configuration is good" "$(row configuration ok)" '2 inputs'
has "no database of places" "$(row places hint)" 'geoipupdate'
has "a source that was heard" "$(row sources ok)" 'input a: sshd was heard'
has "a source that never spoke" "$(row sources hint)" 'input w: nothing of wordpress-activity-log was ever read'
has "rules run" "$(row rules ok)" '[0-9]+ of [0-9]+ rules run'
has "rules that lack values" "$(row rules hint)" 'placeholders'
exits "as JSON" 1 "$shopbell" doctor --state "$tmp/state" -o json "$conf"
has "each row is an object" "$out" '"check":"daemon","result":"wrong","found":"no shopbelld runs'
exits "two configurations" 2 "$shopbell" doctor a b
finish
