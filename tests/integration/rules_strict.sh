#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shopbell rules test --strict: a rule that does not show a hit, a miss and a look-alike fails; without it nothing changes.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/rules"
login() { printf "'2026-03-04T09:%s:00+00:00 web1 sshd[1]: %s password for %s from 203.0.113.9 port 1 ssh2'" "$1" "$2" "$3"; }
# rule FILE TITLE TEST…: root signs in on the server.
rule() {
        file=$1 title=$2
        shift 2
        {
                printf 'title: %s\nname: %s\nlevel: low\nlogsource: {product: shopbell, category: login}\n' "$title" "${file%.yml}"
                printf 'detection: {s: {user.name: root, event.outcome: success}, condition: s}\nshopbell.tests:\n'
                for test in "$@"; do printf '  - {source: sshd, %s}\n' "$test"; done
        } >"$tmp/rules/$file"
}
rule a.yml whole "hit: $(login 00 Accepted root)" "miss: $(login 00 Failed root)"
exits "whole" 0 "$shopbell" rules test --strict --rules "$tmp/rules"
has "whole" "$out" '^ok whole: complete$'
has "each rule is one test more" "$out" '^3 passed, 0 failed$'
exits "without --strict there is none" 0 "$shopbell" rules test --rules "$tmp/rules"
has "without --strict there is none" "$out" '^2 passed, 0 failed$'

# A miss that nobody would take for a hit is none: another user, and not even in.
rule b.yml far "hit: $(login 00 Accepted root)" "miss: $(login 00 Failed mia)"
rule c.yml hitless "miss: $(login 00 Failed root)"
rule d.yml missless "hit: $(login 00 Accepted root)"
printf 'title: empty\nname: e\nlevel: low\nlogsource: {product: shopbell, category: login}\ndetection: {s: {user.name: root}, condition: s}\n' >"$tmp/rules/e.yml"
exits "what lacks fails" 1 "$shopbell" rules test --strict --rules "$tmp/rules"
has "no look-alike" "$out" '^not ok .*/b\.yml:1:1: far: its tests show no look-alike: a miss that differs from a hit in one thing$'
has "no hit" "$out" '^not ok .*/c\.yml:1:1: hitless: its tests show no hit$'
has "no miss" "$out" '^not ok .*/d\.yml:1:1: missless: its tests show no miss$'
has "no tests" "$out" '^not ok .*/e\.yml:1:1: empty: its tests show no hit, no miss$'
has "the others stay whole" "$out" '^ok whole: complete$'
has "they are counted" "$out" '^4 rules lack a hit, a miss or a look-alike'
has "failures are counted" "$out" ' 4 failed$'
exits "rules of others load and pass without" 0 "$shopbell" rules test --rules "$tmp/rules"
has "and it says how many lack something" "$out" '^4 rules lack a hit, a miss or a look-alike: --strict names them$'
exits "as junit" 1 "$shopbell" rules test --strict -o junit --rules "$tmp/rules"
has "as junit" "$out" '<testcase classname="far" name="complete"'

# Correlations: no alert though records are counted, or nearly.
rm "$tmp"/rules/[b-e].yml
correlation() { # correlation RECORD…: the records that must raise nothing
        {
                printf 'title: three\nlevel: low\ncorrelation: {type: event_count, rules: [a], timespan: 10m, condition: {gte: 3}}\nshopbell.tests:\n'
                printf '  - {source: sshd, raise: [%s, %s, %s]}\n' "$(login 00 Accepted root)" "$(login 01 Accepted root)" "$(login 02 Accepted root)"
                printf '  - {source: sshd, alerts: 0, raise: [%s]}\n' "$1"
        } >"$tmp/rules/f.yml"
}
correlation "$(login 00 Accepted root), $(login 01 Accepted root)"
exits "a correlation that counts two of three" 0 "$shopbell" rules test --strict --rules "$tmp/rules"
has "a correlation is whole" "$out" '^ok three: complete$'
correlation "$(login 00 Failed root)"
exits "one that nearly counts" 0 "$shopbell" rules test --strict --rules "$tmp/rules"
correlation "$(login 00 Failed mia)"
exits "one with records of something else" 1 "$shopbell" rules test --strict --rules "$tmp/rules"
has "one with records of something else" "$out" 'three: its tests show no look-alike'

finish
