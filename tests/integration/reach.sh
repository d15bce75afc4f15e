#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who was reached. A key outlives the person whose it was, and reads a few customers a day for weeks; what is known at first is small,
# grows with what is looked at, and is "at least" until somebody says that all was.
. "$(dirname "$0")/lib.sh"
dir="$tmp/state" logs="$tmp/logs" days=16
mkdir -p "$logs"
has_zstd=
! command -v zstd >/dev/null || has_zstd=zstd
counts=$(python3 "$SHOPBELL_SRCDIR/tests/integration/reach.py" "$logs" $days $has_zstd)
all=${counts% *} week=${counts#* }
cat >"$tmp/people.yml" <<'YML'
- {name: Aron, role: contractor, accounts: [aron@example.com], left: 2025-01-01}
- {name: Mei, role: owner, accounts: [mei@example.com]}
YML
cat >"$tmp/shop.log" <<'LOG'
{"@timestamp":"2025-11-08T07:00:00Z","ecs":{"version":"8.11.0"},"event":{"id":"s1","action":"user-login","category":["authentication"],"type":["start"],"outcome":"success"},"user":{"name":"aron@example.com","email":"aron@example.com"},"source":{"ip":"203.0.113.1"},"labels":{"key_id":"k-7"}}
LOG
cat >"$tmp/shopbell.yml" <<YML
inputs:
  - {name: shop, files: [$tmp/shop.log]}
people: $tmp/people.yml
YML
export SHOPBELL_PEOPLE="$tmp/people.yml"
cli() { name=$1 code=$2; shift 2; exits "$name" "$code" "$shopbell" "$@" --state "$dir"; }
json() { printf '%s' "$out" | python3 -c "import json, sys; d = json.load(sys.stdin); print($1)"; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2, not $3"; fi; }
field() { "$shopbell" case show 1 -o json --state "$dir" 2>/dev/null | python3 -c '
import json, sys
values = [v for v in json.load(sys.stdin)["fields"] if ".".join(filter(None, (v["field"], v["part"]))) == sys.argv[1]]
print(values[0]["value"] + " " + values[0]["status"] if values else "-")' "$1"; }

exits "an alert" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$dir" --once
alert=$("$shopbell" alerts -o ndjson --state "$dir" | head -n 1 | sed 's/.*"id":"\([0-9a-f]*\)".*/\1/')
cli "a case of it" 0 case open --from "$alert" --by mei

# ---- It grows ----
cli "the store alone" 0 case customers 1 --base 5000
has "knows of nobody, and says that this is no number" "$out" '^Customers +no customer was recognised yet, which does not say that none was reached; review of .* continues$'
has "and what it does not hold" "$out" 'keeps only the records of alerts'
is "nothing is said of people" "$(field people)" "-"
cli "the last week" 0 case customers 1 --since 2025-11-02 "$logs"
has "at least so many" "$out" "^Customers +at least $week so far; review of 2025-11-02 to 2025-11-08 continues\$"
is "in the case, too" "$(field people)" "at least $week estimated"
cli "all logs" 0 case customers 1 "$logs" -o json
is "so many" "$(json 'd["at_least"]')" "$all"
has "at least" "$(json 'd["people"]')" "^at least $all so far; review of 2025-10-24 to 2025-11-08 continues\$"
is "by country, together" "$(json 'sum(d["countries"].values())')" "$all"
is "the addresses" "$(json 'd["distinct_addresses"]')" 40
is "what was refused is no reach" "$(json 'd["refused"]')" $days
is "in the case, too" "$(field people)" "at least $all estimated"
has "by country" "$(field people.kr)" '^at least [0-9]+ estimated$'
has "the systems" "$(field systems)" 'keys k-7'
cli "less again" 0 case customers 1 --since 2025-11-07 "$logs"
has "does not make it less" "$out" "^Customers +at least $all so far \(48 by what was looked at now\); review of .* continues\$"
is "nor in the case" "$(field people)" "at least $all estimated"
cli "an other key" 0 case customers 1 --who k-1 "$logs" -o json
is "adds to it" "$(json "d['at_least'] > $all")" True

# ---- What cannot be read ----
head -c 300 "$logs/api-2025-10-25.log.gz" >"$logs/api-2025-09-25.log.gz"
printf '{"@timestamp": nothing\nno log at all\n' >>"$logs/api-2025-11-08.log"
cli "damaged logs do not stop the others" 3 case customers 1 "$logs" "$tmp/missing" -o json
is "all of the others count" "$(json 'd["found_now"]')" "$all"
has "and are told" "$(json 'chr(10).join(d["not_in_these_numbers"])')" '^1 of the files or folders that were named cannot be opened$'
has "files" "$(json 'chr(10).join(d["not_in_these_numbers"])')" '^1 files could not be read to their end$'
has "records" "$(json 'chr(10).join(d["not_in_these_numbers"])')" '^3 records of the logs could not be read$'
has "days without any" "$(json 'chr(10).join(d["not_in_these_numbers"])')" '^(there are no records at all of|1 of|2 records|1 files)'

# ---- The end of a review ----
cli "somebody answers for it" 2 case customers 1 --reviewed
cli "who says so" 0 case customers 1 --reviewed --by mei --because "all logs that there are were read"
has "the number stands" "$(field people)" '^[0-9]+ confirmed$'
cli "once" 1 case customers 1 --reviewed --by mei --because again
cli "looking again" 0 case customers 1 --since 2025-11-07 "$logs/api-2025-11-07.log"
has "opens it again" "$out" 'The review had been closed; it is open again'

# ---- Customers from a file ----
printf '\357\273\277Customer ID,Email,Default Address Country Code\r\n1,a@example.com,KR\r\n1,a@example.com,KR\r\n2,,"South Korea"\r\n3,"=HYPERLINK(""http://x"")",SG\r\n,,JP\r\n4,b@example.com,Atlantis\r\n"5,never closed\r\n' >"$tmp/c.csv"
cli "a case from a mail" 0 case open --signal "Somebody knows my address" --at "2025-11-16 22:12" --by mei
cli "a file of customers" 0 case customers 2 --import "$tmp/c.csv" -o json
is "at least the distinct ones" "$(json '(d["at_least"], d["rows"], d["duplicates"], d["countries"].get("kr"), d["countries"].get("sg"), d["countries"].get("unknown"))')" "(4, 7, 1, 2, 1, 1)"
is "bad rows have their lines" "$(json '[b["line"] for b in d["first_bad"]]')" "[6, 8]"
if command -v b2sum >/dev/null; then
        is "the file's digest" "$(json 'd["digest"]')" "$(b2sum -l 256 "$tmp/c.csv" | cut -d' ' -f1)"
fi
if grep -aq 'b@example\|HYPERLINK\|Atlantis' "$dir"/shopbell.db*; then not_ok "nothing of it is kept"; else ok "nothing of it is kept"; fi
cli "more were counted of one country by hand" 0 case set 2 people.sg=600
cli "than a smaller list has in all" 0 case customers 2 --import "$tmp/c.csv"
has "the whole is no smaller than its parts" "$out" '^Customers +at least 602 so far \(4 by what was looked at now\)'
cli "all is read" 0 case customers 2 --reviewed --by mei --because "the list is all there is"
has "nor is it in the end" "$out" '^case 2: people is 602 \(confirmed\)$'
printf 'Colour\nred\n' >"$tmp/bad.csv"
cli "a file that says nobody" 3 case customers 2 --import "$tmp/bad.csv"
has "says what it needs" "$err" 'customer id, email, phone'
head -c 1000000 /dev/zero >"$tmp/zero.csv"
cli "a file of nothing" 3 case customers 2 --import "$tmp/zero.csv"
cli "no such file" 3 case customers 2 --import "$tmp/none.csv"
cli "no such case" 3 case customers 77
cli "no case" 2 case customers

# ---- The hold, and the history ----
has "a hold is shown" "$("$shopbell" status --state "$dir")" '^store_holds +[1-9]'
cli "all of it is covered" 0 verify
finish
