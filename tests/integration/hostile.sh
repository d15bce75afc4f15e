#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records and rules made to cost much: the hits are right, what is refused is told and counted, nothing else is lost, and no
# run takes more than seconds of processor time. The limit is generous, for sanitizers and slow machines; without the caps
# that are tested here most of these runs would take minutes to days, or all memory.
. "$(dirname "$0")/lib.sh"
cpu=120 # seconds
memory=4000000 # KiB of address space; a sanitizer needs more than there is
if grep -q '__asan_init' "$shopbell" 2>/dev/null; then memory=unlimited; fi
# bounded NAME CODE COMMAND…: as exits, under these limits.
bounded() {
        bounded_name=$1 bounded_code=$2
        shift 2
        exits "$bounded_name" "$bounded_code" sh -c 'ulimit -t "$1"; ulimit -v "$2"; shift 2; exec "$@"' sh $cpu $memory "$@"
}
mkdir "$tmp/in" "$tmp/rules" "$tmp/bad"

# record FILE V: a CloudTrail record whose requestParameters are {V}.
record() {
        {
                printf '{"eventVersion":"1","eventSource":"iam.amazonaws.com","eventName":"GetUser","awsRegion":"r",'
                printf '"eventTime":"2026-03-04T08:15:30Z","eventID":"%s","userIdentity":{"type":"IAMUser"},"requestParameters":{' "$1"
                cat
                printf '}}\n'
        } >"$tmp/in/$1.ndjson"
}
# letters N WORD: WORD over and over, N bytes.
letters() { yes "$2" | tr -d '\n' | head -c "$1"; }
# rule FILE ID SELECTION [CONDITION]
rule() {
        {
                printf 'title: %s\nid: %s\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n  s:\n' "$2" "$2"
                printf '%s\n' "$3" | sed 's/^/    /'
                printf '  condition: %s\n' "${4:-s}"
        } >"$1"
}
# hits NAME IDS: the rules that hit in $out are these.
hits() {
        found=$(printf '%s\n' "$out" | grep -o '"id":"h-[a-z0-9-]*"' | cut -d '"' -f 4 | sort -u | tr '\n' ' ')
        if [ "$found" = "$2" ]; then ok "$1"; else not_ok "$1" "hits of: $found, not of: $2"; fi
}
scan() { bounded "$1" 0 "$shopbell" scan --hits -o ndjson --rules "$2" "$3"; }

# ---- Records ----
{ printf '"v":"'; letters 5000 a; printf '!"'; } | record stuck
{ printf '"v":"'; letters 200000 a; printf '!"'; } | record slow
{ printf '"v":"'; letters 10000000 ab; printf 'needle"'; } | record long
{ printf '"v":['; awk 'BEGIN { for (i = 0; i < 99900; i++) printf "\"x%d\",", i }'; printf '"needle"]'; } | record array
{ awk 'BEGIN { for (i = 0; i < 10000; i++) printf "\"k%d\":\"y\",", i }'; printf '"v":"needle"'; } | record keys
printf '"v":"needle"' | record plain

v=requestParameters.v
rule "$tmp/rules/contains.yml" h-contains "$v|contains: needle"
rule "$tmp/rules/endswith.yml" h-endswith "$v|endswith: needle"
rule "$tmp/rules/glob.yml" h-glob "$v: '*n?e*dle'"
rule "$tmp/rules/many-stars.yml" h-many-stars "$v: '*a*a*b*a*a*b*n*e*e*d?e'"
rule "$tmp/rules/re.yml" h-re "$v|re: 'ne{2}dle\$'"
rule "$tmp/rules/keyword.yml" h-keyword '- needle'
rule "$tmp/rules/none.yml" h-none "$v|contains|all: [needle, nadel]"
found='h-contains h-endswith h-glob h-keyword h-re '
for name in array keys plain; do
        scan "$name" "$tmp/rules" "$tmp/in/$name.ndjson"
        hits "$name: hits" "$found"
done
scan "a value of 10 MB" "$tmp/rules" "$tmp/in/long.ndjson"
hits "a value of 10 MB: hits" 'h-contains h-endswith h-glob h-keyword h-many-stars h-re '
bounded "all of it, with the starter pack" 0 "$shopbell" scan -o csv "$tmp/in"
has "all of it is read" "$err" '^6 records, 0 alerts'

# ---- Expressions that explode ----
mkdir "$tmp/explode"
rule "$tmp/explode/nested.yml" h-nested "$v|re: '^(a+)+\$'"
rule "$tmp/explode/either.yml" h-either "$v|re: '(a|aa)+\$'"
rule "$tmp/explode/twice.yml" h-twice "$v|re: '(.*)*x(.*)*y\$|([a-z]+)*\\d'"
scan "expressions that explode" "$tmp/explode" "$tmp/in/stuck.ndjson"
hits "they do not hit" ''
has "they are counted" "$err" '[1-9][0-9]* regex_limit'
# None of these comes near the limit from one beginning; from all of them it would take minutes.
mkdir "$tmp/slow"
rule "$tmp/slow/windows.yml" h-windows "$v|re: '.{0,300}.{0,300}[yz]'"
rule "$tmp/slow/choices.yml" h-choices "$v|re: '(?:a|aa){1,12}[yz]'"
rule "$tmp/slow/span.yml" h-span "$v|re: 'a.{0,5000}[yz]'"
for name in slow long; do
        scan "expressions slow from everywhere: $name" "$tmp/slow" "$tmp/in/$name.ndjson"
        has "they are counted: $name" "$err" '[23] regex_limit'
done
bounded "rules check finds those that explode" 1 "$shopbell" rules check "$tmp/explode"
has "rules check names them" "$out" 'nested.yml:.*match limit'

# ---- Rule files ----
# refused NAME FILE PATTERN: the file of that name in $tmp/bad is refused in these words; a good one beside it is not.
refused() {
        cp "$tmp/rules/contains.yml" "$tmp/bad/"
        scan "$1" "$tmp/bad" "$tmp/in/plain.ndjson"
        has "$1: why" "$err" "$2"
        hits "$1: the other rule hits" 'h-contains '
        rm -f "$tmp/bad"/*
}
head='title: b
id: h-bad
level: low
logsource: {product: aws, service: cloudtrail}
detection:'
# repeated N TEXT: TEXT N times, each on a line; %d becomes the number.
repeated() { awk -v n="$1" -v text="$2" 'BEGIN { for (i = 0; i < n; i++) printf text "\n", i }'; }

{ echo "$head"; repeated 1000000 '  s%d: {a: x}'; echo '  condition: 1 of them'; } >"$tmp/bad/million.yml"
cp "$tmp/bad/million.yml" "$tmp/million.yml"
refused "a million selections" 'million.yml: larger than 8388608 bytes'
{ echo "$head"; repeated 5000 '  s%d: {a: x}'; echo '  condition: 1 of them'; } >"$tmp/bad/selections.yml"
refused "5,000 selections" 'selections.yml:1006:3: more than 1000 selections'
{ echo "$head"; echo '  s:'; echo '    eventName:'; repeated 100000 '    - x%d'; echo '  condition: s'; } >"$tmp/bad/values.yml"
refused "100,000 values" 'values.yml:2[0-9]*:[0-9]+: more than 20000 values in one rule'
{ echo "$head"; echo '  s:'; echo '    eventName:'; letters 400 x >"$tmp/x"; repeated 19000 "    - %d$(cat "$tmp/x")"; echo '  condition: s'; } >"$tmp/bad/long.yml"
refused "long values" 'long.yml:[0-9]+:[0-9]+: more than 20000 values in one rule, or too long ones'
{ echo 'action: global'; echo "$head"; echo '  s:'; echo '    eventName:'; repeated 19000 '    - x%d'; echo '  condition: s'; repeated 3000 '---\nlevel: low'; } >"$tmp/bad/global.yml"
refused "3,000 times 19,000 values" 'global.yml:[0-9]+:1: more than 100000 values in all rules of this file'
rule "$tmp/bad/regex.yml" h-bad "$v|re: $(letters 1000000 a)"
refused "a regular expression of 1 MB" 'regex.yml:7:[0-9]+: re: the regular expression is longer than 16384 bytes'
rule "$tmp/bad/windash.yml" h-bad "$v|windash: '$(repeated 30 ' -a' | tr -d '\n')'"
scan "windash over 30 dashes" "$tmp/bad" "$tmp/in/plain.ndjson"
hits "windash over 30 dashes: no hit" ''
{ printf '"v":"'; repeated 30 ' /a' | tr -d '\n'; printf '"'; } | record dashes
scan "windash over 30 dashes" "$tmp/bad" "$tmp/in/dashes.ndjson"
hits "windash over 30 dashes: a hit" 'h-bad '
rm "$tmp/bad"/*
{ letters 200000 '['; letters 200000 ']'; } >"$tmp/bad/deep.yml"
refused "deep YAML" 'deep.yml:1:[0-9]+: nested deeper than 64 levels'
rule "$tmp/bad/parentheses.yml" h-bad 'a: x' "$(letters 20000 '(')s$(letters 20000 ')')"
refused "20,000 parentheses" 'parentheses.yml:8:[0-9]+: condition: nested deeper than 100'
rule "$tmp/bad/nots.yml" h-bad 'a: x' "$(letters 40000 'not ')s"
refused "10,000 times not" 'nots.yml:8:[0-9]+: condition: nested deeper than 100'
{ echo "$head"; repeated 1000 '  s%d: {a: x}'; printf '  condition: ['; repeated 50000 '1 of them,' | tr -d '\n'; echo 's1]'; } >"$tmp/bad/ofs.yml"
refused "50,000 times 1 of 1,000" 'ofs.yml:1006:[0-9]+: condition: its `of`s stand for more than 100000 selections'
{ echo 'a: &a [x, x, x, x, x, x, x, x, x]'; for pair in a:b b:c c:d d:e e:f f:g g:h h:i; do o="*${pair%:*}"; echo "${pair#*:}: &${pair#*:} [$o, $o, $o, $o, $o, $o, $o, $o, $o]"; done; } >"$tmp/bad/bomb.yml"
refused "a bomb of aliases" 'bomb.yml:6:[0-9]+: more than 500000 values, aliases counted where they are used'
{ echo 'title: f'; echo 'logsource: {product: aws}'; echo 'filter:'; echo '  rules: any'; echo '  f:'; echo '    eventName:'; repeated 19000 '    - x%d'; echo '  condition: not f'; } >"$tmp/bad/filter.yml"
repeated 200 "---\ntitle: r%d\nlevel: low\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {a: x}, condition: s}" >"$tmp/bad/200.yml"
refused "a filter of 19,000 values for 200 rules" 'filter.yml:4:3: filter: the filters add more than 200000 values'

# The daemon runs on with the others.
cp "$tmp/million.yml" "$tmp/rules/"
printf 'inputs:\n- {name: a, files: in/plain.ndjson}\nrules: rules\n' >"$tmp/shopbell.yml"
bounded "the daemon, with a million selections" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
has "the daemon: why" "$err" 'million.yml: larger than 8388608 bytes'
has "the daemon: the others hit" "$("$shopbell" status --state "$tmp/state")" '^hits +5 '
finish
