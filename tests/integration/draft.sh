#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Drafts of notices: from a case to its letter, sheet, script, SMS and page; wording of one's own; and that the case notes them.
. "$(dirname "$0")/lib.sh"
export SHOPBELL_STATE="$tmp/state"
mkdir "$tmp/state" "$tmp/own" "$tmp/bad"
"$shopbelld" --config "$SHOPBELL_SRCDIR/samples/shopbell.yml" --state "$tmp/state" --once 2>/dev/null
draft() { "$shopbell" case draft 1 --regime kr-pipa "$@"; }

exits "a case" 0 "$shopbell" case open --signal "a customer wrote" --at "2026-11-17 13:12 Asia/Seoul" --by mei
exits "under investigation, in the law's language" 0 draft
has "it says what it is, above the notice" "$out" '^# DRAFT\. Not legal advice; .* Nothing was sent\.'
has "what is missing" "$out" '^#   help-desk .*: shopbell case set 1 help-desk='
has "what is not known yet" "$out" '^#   data '
has "the subject" "$out" '^제목: 개인정보 유출 가능성에 관한 안내$'
has "not yet confirmed whose data" "$out" '어느 고객님의 정보가 유출되었는지는 아직 확인되지 않았습니다'
has "a hole" "$out" '^\[기재 필요: 문의 및 피해 신고 창구\]$'
[ -z "$err" ] && ok "nothing else is said" || not_ok "nothing else is said" "$err"

"$shopbell" case set 1 "organisation=Hanok <b>Goods</b>; 110-81" people.kr=1200 data+=email,entrance-code "help-desk=https://hanok.example/help" \
        "narrative={shop} was exposed" "next-update=2026-12-01 12:00 Asia/Seoul" "refund-options=A voucher" >/dev/null
"$shopbell" case mark 1 aware --at "2026-11-17 16:00 Asia/Seoul" --by mei --because "the log shows it" >/dev/null
exits "confirmed, once it is" 0 draft --lang en
has "the title" "$out" '^Subject: A breach of your personal data'
has "items by name" "$out" '^- building entrance code$'
has "a value is no placeholder" "$out" '^\{shop\} was exposed$'
has "a word to avoid" "$out" '^#   exposed$'
exits "to the authority" 0 draft --to authority --lang en
has "a count does not sound final" "$out" '^at least 1,200 people so far; the review of .* continues$'
exits "for the help desk" 0 draft --to support --lang en
has "what it may offer" "$out" 'voucher\? A voucher$'
exits "an SMS" 0 draft --channel sms --lang de
has "it is counted" "$out" '^# [0-9]+ characters of GSM-7 in [12] parts? of at most 4\.$'
has "the link" "$out" 'https://hanok\.example/help$'
exits "a page" 0 draft -o html --lang ja
has "its language" "$out" '^<html lang="ja" dir="ltr">$'
has "values are escaped" "$out" '<bdi>Hanok &lt;b&gt;Goods&lt;/b&gt;</bdi>'

exits "the case notes them" 0 "$shopbell" case show 1
has "with a digest" "$out" 'drafted kr-pipa/people/confirmed/de/sms [0-9a-f]{20}'
exits "the history covers it" 0 "$shopbell" verify

# ---- Wording of one's own
printf 'reviewed: A. Lee, 2026-11-20\npeople: {greeting: "Dear friend of {shop},"}\n' >"$tmp/own/en.yml"
exits "wording of one's own" 0 draft --lang en --templates "$tmp/own"
has "it counts" "$out" '^Dear friend of Hanok <b>Goods</b>,$'
printf '%s\n' "$out" | grep -q 'was reviewed' && not_ok "reviewed" "$out" || ok "reviewed"
printf 'people:\n  greeting: Dear {costumer},\n' >"$tmp/bad/en.yml"
exits "a mistake" 0 draft --lang en --templates "$tmp/bad"
has "is told with its place" "$err" 'bad/en\.yml:2:13: no placeholder is called \{costumer\}'
has "and the installed wording is used" "$out" '^Dear customer,$'

# ---- What is refused
exits "without a law" 2 "$shopbell" case draft 1
exits "a law that is none" 2 "$shopbell" case draft 1 --regime kr-pip
has "a near one" "$err" 'perhaps .*kr-pipa'
exits "a language that is not there" 3 draft --lang fr
has "those that are" "$err" 'ko, ms, th, vi, zh-Hans'
exits "an audience that is none" 2 draft --to pres
exits "a channel for another" 2 draft --to press --channel sms
exits "a case that is none" 3 "$shopbell" case draft 9 --regime kr-pipa

# ---- Under pseudonyms
printf 'pseudonyms: yes\ninputs: [{spool: %s/spool}]\n' "$tmp" >"$tmp/sealed.yml"
mkdir "$tmp/spool" "$tmp/sealed"
export SHOPBELL_STATE="$tmp/sealed"
"$shopbelld" --config "$tmp/sealed.yml" --state "$tmp/sealed" 2>"$tmp/daemon" &
daemon=$!
up "$tmp/sealed" $daemon
exits "a sealed case" 0 "$shopbell" case open --signal "a customer wrote" --at "2026-11-17 13:12 Asia/Seoul" --by mei
exits "with a text" 0 "$shopbell" case set 1 "narrative=MarkerText"
exits "is not drafted as if nothing was known" 1 draft
has "it says how" "$err" 'sealed.*--reveal --note WHY'
exits "but in the clear" 0 draft --reveal --note "notice to people"
has "with its texts" "$out" '^MarkerText$'
kill $daemon && wait $daemon
grep -aq Marker "$tmp"/sealed/* && not_ok "they stay sealed" "" || ok "they stay sealed"
finish
