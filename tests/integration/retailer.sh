#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The retailer's breach of 2025 with its published times, which are those of Seoul: a customer's complaint on 16 November 22:12; 4,536
# accounts confirmed on the 18th at 22:52, which the firm called "aware", and the ministry set to the 17th 16:00; the report to KISA on the
# 19th at 21:35; 33.7 million after the logs were read further back, on the 27th at 03:47. Sources: the ministry's release of 10
# February 2026 (msit.go.kr, nttSeqNo=1221), Korean press of 18 November to 4 December 2025.
. "$(dirname "$0")/lib.sh"

mkdir "$tmp/spool"
cat >"$tmp/shopbell.yml" <<YML
inputs: [{name: none, spool: $tmp/spool}]
shop: {seller: kr, organisation: 'A retailer, Seoul'}
YML
exits "a store" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
case_() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" case "$@" --state "$tmp/state"; }

case_ "a complaint opens a case" 0 open --signal "a customer writes that somebody knows her address" --at "2025-11-16 22:12 Asia/Seoul" --title "Customers read" --by desk --config "$tmp/shopbell.yml"
has "laws of other countries wait until their people are named" "$out" 'kr-network/authority +yes'
if printf '%s\n' "$out" | grep -q 'cn-cac'; then not_ok "and are not shown first" "$out"; else ok "and are not shown first"; fi
has "but counted" "$out" '^[0-9]+ more clocks may run'
case_ "what the configuration says of the shop is in it" 0 show 1 --no-pager
has "its name" "$out" '^ +organisation +A retailer, Seoul'
has "and where that is from" "$out" 'shopbell\.yml'
case_ "whose data" 0 set 1 illegal-access=yes data=name,email,address,phone --by desk
case_ "the first count" 0 set 1 people.kr="at least 4536" --estimated --by desk --because "what was read until 18 November"
case_ "the firm's own view" 0 mark 1 aware --at "2025-11-18 22:52 Asia/Seoul" --by ceo --because "4,536 accounts were confirmed"
case_ "its clocks" 0 show 1 --no-pager
has "24 hours by the firm's view" "$out" '19 Nov 2025 22:52.*kr-network/authority'
case_ "KISA is told" 0 done 1 kr-network/authority --at "2025-11-19 21:35 Asia/Seoul" --by counsel
case_ "in time, by the firm's view" 0 show 1 --no-pager -o json
has "done" "$out" '"state": ?"done"'

case_ "the ministry sees it otherwise" 0 mark 1 aware --at "2025-11-17 16:00 Asia/Seoul" --by ministry --because "found by the ministry: the complaint was looked into then"
case_ "the clocks, as the ministry counts them" 0 show 1 --no-pager
has "24 hours" "$out" '18 Nov 2025 16:00.*kr-network/authority'
has "72 hours to the PIPC" "$out" '20 Nov 2025 16:00.*kr-pipa-2025/authority'
has "72 hours to the people" "$out" '20 Nov 2025 16:00.*kr-pipa-2025/people'
has "the report was late" "$out" 'done late|29h|late'
has "who moved it, and why" "$out" 'the complaint was looked into then'
has "what stood there before is not lost" "$out" '4,536 accounts were confirmed'

exits "without a case, too" 0 "$shopbell" clock kr-network kr-pipa-2025 --aware "2025-11-17 16:00 Asia/Seoul" --fact people.kr=4536 --at "2025-11-19 21:35 Asia/Seoul"
has "29 h 35 min late" "$out" '^Tue 18 Nov 2025 16:00 KST over by 29 h 35 min kr-network +authority'
has "of the 72 hours 18 h 25 min were left" "$out" '^Thu 20 Nov 2025 16:00 KST 18 h 25 min +kr-pipa-2025 people'

# The count: never final before the review is.
draft() { case_ "$1" 0 draft 1 --regime kr-pipa-2025 --to authority --stage "$2" --lang "$3" -o text; }
draft "told with the first count" investigating en
has "at least 4,536 so far" "$out" 'at least 4,536'
has "and the review goes on" "$out" '[Rr]eview'
case_ "the logs of five months more are read" 0 set 1 people.kr="at least 33700000" --estimated --by desk --because "logs since 14 April were read"
draft "told with the second one" confirmed en
has "at least 33,700,000 so far" "$out" 'at least 33,700,000'
if printf '%s\n' "$out" | grep -q '4,536'; then not_ok "the first count is not told any more" "$out"; else ok "the first count is not told any more"; fi
draft "in Korean" confirmed ko
has "as at least so many" "$out" '최소 33,700,000명'
has "a leak is called one" "$out" '유출'
if printf '%s\n' "$out" | sed '1,/begins below/d' | grep -q '노출'; then not_ok "and not an exposure" "$out"; else ok "and not an exposure"; fi
exits "the history is sound" 0 "$shopbell" verify --state "$tmp/state"
finish
