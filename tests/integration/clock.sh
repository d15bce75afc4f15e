#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shopbell clock: what a person types, and rows of tests/cases/clock.csv as they come out of the program.
. "$(dirname "$0")/lib.sh"

exits "aware in Seoul" 0 "$shopbell" clock --aware "2026-11-17 16:00 Asia/Seoul" --at "2026-11-18 09:00 Asia/Seoul" --fact people.kr=1200
has "72 hours, in the zone of the authority" "$out" '^Fri 20 Nov 2026 16:00 KST +55 h 0 min +kr-pipa +authority '
has "24 hours of another law" "$out" '^Wed 18 Nov 2026 16:00 KST +7 h 0 min +kr-network '
has "it says why" "$out" 'people\.kr is 1200, which is 1000 or more'
has "it is no legal advice" "$out" '^This is not legal advice'
if printf '%s\n' "$out" | grep -q 'sg-pdpa'; then not_ok "nobody in Singapore: no clock of Singapore" "$out"; else ok "nobody in Singapore: no clock of Singapore"; fi

exits "a risk that nobody rated" 0 "$shopbell" clock eu-gdpr --aware "2026-11-17 16:00 Asia/Seoul" --fact people.de=3
has "what would decide is named" "$out" 'NAME=VALUE\): risk, high-risk$'

exits "all clocks" 0 "$shopbell" clock --all --aware "2026-11-17 16:00 Asia/Seoul" --at "2027-11-18 09:00 Asia/Seoul" --fact people.kr=1200
has "a law that does not apply is there" "$out" 'sg-pdpa .*does not apply'
has "a law that nobody checked for a year is stale" "$out" 'kr-pipa .* stale'
has "and it says what that means" "$out" '^Stale: '

exits "one law, only a complaint so far" 0 "$shopbell" clock kr-pipa --signal 2026-11-16T22:12+09:00 --at 2026-11-20T00:00+09:00 -o csv
has "the signal stands in" "$out" '^kr-pipa,authority,authority,[^,]*,aware,signal,2026-11-16T22:12:00\+09:00,2026-11-19T22:12:00\+09:00,,6480,over,'
has "the advice is on the other stream" "$err" 'not legal advice'

# ---- What is wrong is said ----
exits "no event" 2 "$shopbell" clock
has "no event: what to give" "$err" '--aware "2026'
exits "a moment that is none" 2 "$shopbell" clock --aware yesterday
has "a moment that is none: what to write" "$err" '^shopbell: --aware: "yesterday" is no moment: write "2026'
exits "a day that there is not" 2 "$shopbell" clock --aware "2026-02-29 10:00 Asia/Seoul"
exits "a zone that there is not" 2 "$shopbell" clock --aware "2026-11-17 16:00 Asia/Soul"
has "a zone that there is not: said" "$err" 'no time zone is called Asia/Soul'
exits "a zone that leads elsewhere" 2 "$shopbell" clock --aware "2026-11-17 16:00 ../../../etc/passwd"
exits "an offset that is not the zone's" 2 "$shopbell" clock --aware "2026-11-17T16:00+08:00 Asia/Seoul"
exits "a law that there is not" 2 "$shopbell" clock kr-pip --aware now
has "a law that there is not: near ones" "$err" 'did you mean .*kr-pipa'
exits "a fact that there is not" 2 "$shopbell" clock --aware now --fact peple=3
has "a fact that there is not: near ones" "$err" 'perhaps people'
exits "a value that is none" 2 "$shopbell" clock --aware now --fact people.kr=many
exits "a fact without a value" 2 "$shopbell" clock --aware now --fact people.kr
exits "no folder of laws" 3 "$shopbell" clock --aware now --regimes "$tmp/none"
cp -r "$SHOPBELL_SRCDIR/regimes.d" "$tmp/laws"
sed -i 's/72 hours/3 days/' "$tmp/laws/kr-pipa.yml"
exits "a bad file of a law" 3 "$shopbell" clock --aware now --regimes "$tmp/laws"
has "a bad file of a law: where" "$err" 'kr-pipa\.yml:[0-9]+:[0-9]+: within: say which days'
has "the other laws are there" "$out" ' kr-network '
# A law is somebody else's text: one that could write on the terminal is refused, and what tells of it writes nothing there either.
sed 's/^title:.*/title: "\\e[2Jx"/; s/3 days/72 hours/' "$tmp/laws/kr-pipa.yml" >"$tmp/x" && mv "$tmp/x" "$tmp/laws/kr-pipa.yml"
sed -i 's/^    title: .*/    title: "\\e[2Jx"/' "$tmp/laws/kr-pipa.yml"
exits "a hostile title" 3 "$shopbell" clock --aware now --regimes "$tmp/laws"
has "a hostile title: where" "$err" 'kr-pipa\.yml:2:8: a character that cannot be shown'
has "the other laws are there all the same" "$out" ' kr-network '
if printf '%s%s' "$out" "$err" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no escape gets through" "$out"; else ok "no escape gets through"; fi

# ---- The machine's zone changes nothing but what is shown of now ----
for zone in Asia/Seoul America/New_York; do
        TZ=$zone "$shopbell" clock kr-pipa br-lgpd --aware "2026-11-17 16:00 Asia/Seoul" --at 2026-11-18T00:00Z -o ndjson 2>/dev/null >"$tmp/$(basename "$zone")"
done
same "the machine's zone changes no deadline" "$tmp/Seoul" "$tmp/New_York"
TZ=Asia/Seoul "$shopbell" clock kr-pipa --aware "2026-11-17 16:00" --at 2026-11-18T00:00Z -o ndjson 2>/dev/null >"$tmp/own"
grep kr-pipa "$tmp/Seoul" | diff - "$tmp/own" >/dev/null && ok "a moment without a zone is in the machine's" || not_ok "a moment without a zone is in the machine's"

python3 "$(dirname "$0")/clock.py" "$shopbell" "$SHOPBELL_SRCDIR/tests/cases/clock.csv" || failures=$((failures + 1))
"$SHOPBELL_SRCDIR/tests/dev/make-clock-table" >"$tmp/clock.csv" && same "the table is what make-clock-table makes" "$SHOPBELL_SRCDIR/tests/cases/clock.csv" "$tmp/clock.csv"
finish
