#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shopbell config check and config show: all mistakes with their places, and what counts of several files.
. "$(dirname "$0")/lib.sh"
conf=$tmp/shopbell.yml
mkdir "$conf.d"

exits "the example is good" 0 "$shopbell" config check "$SHOPBELL_SRCDIR/doc/shopbell.yml.example"
has "and says so" "$out" 'shopbell.yml.example is good: 1 input, 1 file$'
exits "no file" 3 "$shopbell" config check "$tmp/none.yml"
exits "two files" 2 "$shopbell" config check "$conf" "$conf"

cat >"$conf" <<'YML'
zone: Seoul
rulez: [a]
mail-password: hunter2
networks: [{name: n, cidr: 192.0.2.1/24}]
inputs:
- {name: a, tail: a.log, source: sshb}
- {name: b, tial: b.log}
YML
printf 'memory: lots\n' >"$conf.d/10-more.yml"
exits "a file full of mistakes" 1 "$shopbell" config check "$conf"
printf '%s\n' "$err" | sed "s|^shopbell: $tmp/||; s|: [^:]*\$||" | cut -d : -f 1-3 >"$tmp/places"
printf '%s\n' shopbell.yml:1:7 shopbell.yml:2:1 shopbell.yml:3:1 shopbell.yml:4:28 shopbell.yml.d/10-more.yml:1:9 shopbell.yml:7:13 \
        shopbell.yml:6:3 >"$tmp/want"
same "each has its place" "$tmp/want" "$tmp/places"
has "a key that was meant" "$err" 'unknown key rulez: did you mean rules\?'
has "a key of an input" "$err" 'unknown key tial: did you mean tail\?'
has "a source that was meant" "$err" 'no log source sshb, did you mean sshd;'
has "secrets have their own place" "$err" 'mail-password: no secret is kept in this file.*LoadCredential='
exits "the daemon does not start with it" 3 "$shopbelld" --config "$conf" --state "$tmp/state" --once
has "and says how much is wrong" "$err" 'shopbell.yml:1:7: zone: .*\(and 5 more: shopbell config check\)'
exits "what counts of it cannot be shown" 3 "$shopbell" config show "$conf"

printf 'zone: UTC\nkeys: 2000\ninputs:\n- {name: a, tail: a.log, source: sshd}\n- {name: b, tail: b.log}\n' >"$conf"
printf 'keys: 3000\n' >"$conf.d/10-more.yml"
printf 'inputs: [{name: b, spool: b}, {name: c, tail: c.log}]\n' >"$conf.d/20-inputs.conf"
printf 'never read\n' >"$conf.d/notes.txt"
exits "three files" 0 "$shopbell" config check "$conf"
has "are one configuration" "$out" 'is good: 3 inputs, 3 files$'
exits "what counts" 0 "$shopbell" config show "$conf" -o csv
printf '%s\n' "$out" | sed "s|$tmp/||" | grep -v '^\(state\|sources\|rules\),' | tr -d '\r' >"$tmp/shown"
cat >"$tmp/want" <<'CSV'
key,value,from
zone,UTC,shopbell.yml:1
memory,512M,default
keys,3000,shopbell.yml.d/10-more.yml:1
with-deprecated,false,default
inputs.a,"{""name"":""a"",""tail"":""a.log"",""source"":""sshd""}",shopbell.yml:4
inputs.b,"{""name"":""b"",""spool"":""b""}",shopbell.yml.d/20-inputs.conf:1
inputs.c,"{""name"":""c"",""tail"":""c.log""}",shopbell.yml.d/20-inputs.conf:1
CSV
same "is shown with where it comes from" "$tmp/want" "$tmp/shown"
printf 'Mar  4 09:00:00 web1 sshd[2]: Accepted password for root from 203.0.113.9 port 52100 ssh2\n' >"$tmp/a.log"
mkdir "$tmp/b"
exits "the daemon takes all of it" 0 "$shopbelld" --config "$conf" --state "$tmp/state" --once
exits "what it read" 0 "$shopbell" alerts --state "$tmp/state"
has "an alert of an input" "$out" 'root signed in'
finish
