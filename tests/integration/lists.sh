#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Lists that are polled: by scan, by a daemon that is killed at any time, and polls that are not to be believed.
. "$(dirname "$0")/lib.sh"
counter() { "$shopbell" status --state "$1" -o csv | sed -n "s/^$2,\([0-9]*\).*/\1/p"; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2, not $3"; fi; }
# user ID ROLE: one row.
user() { printf '{"customerUserAccess":{"resourceName":"customers/77/customerUserAccesses/%s","userId":"%s","emailAddress":"u%s@example.com","accessRole":"%s"}}' "$1" "$1" "$1" "$2"; }
# poll FILE ID:ROLE…: a whole answer.
poll() {
        file=$1 comma=
        shift
        { printf '{"results":['; for one; do printf %s "$comma"; user "${one%:*}" "${one#*:}"; comma=','; done; printf '],"fieldMask":"x"}\n'; } >"$file"
}
# changes FILE…: what scan makes of them.
changes() { "$shopbell" parse -o ndjson "$@" 2>"$tmp/err" | sed 's/.*"event.action":"\([a-z]*\)".*"user.target.email":"u\([0-9]*\)@.*/\1 \2/' | tr '\n' ','; }

mkdir "$tmp/polls"
poll "$tmp/polls/2026-11-20.json" 1:ADMIN 2:STANDARD 3:READ_ONLY
poll "$tmp/polls/2026-11-21.json" 1:ADMIN 2:STANDARD 3:READ_ONLY
poll "$tmp/polls/2026-11-22.json" 3:ADMIN 1:ADMIN 9:ADMIN
poll "$tmp/polls/2026-11-23.json" 1:ADMIN 3:ADMIN
is "scan of a folder, by name" "$(changes "$tmp/polls")" "removed 2,changed 3,added 9,removed 9,"
has "the first list is told" "$(cat "$tmp/err")" '2026-11-20.json: the first list of google-ads-users, 3 entries'
is "one file alone" "$(changes "$tmp/polls/2026-11-23.json")" ""
has "time is the file's" "$(touch -d 2026-11-22T03:15:00Z "$tmp/polls/2026-11-22.json"; "$shopbell" parse -o ndjson "$tmp/polls" 2>/dev/null)" '"@timestamp":"2026-11-22T03:15:00Z".*"event.action":"changed"'
is "the same on any number of threads" "$("$shopbell" parse --threads 1 -o ndjson "$tmp/polls" 2>/dev/null | cksum)" "$("$shopbell" parse --threads 4 -o ndjson "$tmp/polls" 2>/dev/null | cksum)"
has "a list among other records" "$(cat "$SHOPBELL_SRCDIR/samples/logs/google-ads/change-events-20260302.json" "$tmp/polls/2026-11-20.json" | "$shopbell" parse -o ndjson - 2>&1)" 'is a polled list'

# What became of the fields of a difference: under the names of the source file.
exits "explain of polls" 0 "$shopbell" sources explain -n 3 "$tmp/polls"
has "explain: an entry's field" "$out" '^customerUserAccess.accessRole +ADMIN +user.target.roles'
has "explain: a field of the entry before" "$out" '^old.customerUserAccess.accessRole +READ_ONLY +(class|asked)'
has "explain: the first list is told" "$err" '2026-11-20.json: the first list of google-ads-users, 3 entries'
exits "explain of one poll" 3 "$shopbell" sources explain "$tmp/polls/2026-11-20.json"
has "explain of one poll says what is missing" "$err" 'name the folder of its polls$'

# What is not to be believed.
mkdir "$tmp/odd"
poll "$tmp/odd/1.json" 1:ADMIN 2:STANDARD 3:READ_ONLY 4:READ_ONLY
head -c 300 "$tmp/odd/1.json" >"$tmp/odd/2.json"
printf '{"error":{"code":401}}\n' >"$tmp/odd/3.json"
printf '{}' >"$tmp/odd/4.json"
printf '{"results":[]}' >"$tmp/odd/5.json"
poll "$tmp/page" 1:ADMIN && sed 's/"fieldMask"/"nextPageToken":"abc","fieldMask"/' "$tmp/page" >"$tmp/odd/6.json"
poll "$tmp/odd/7.json" 1:ADMIN 2:STANDARD 3:READ_ONLY 4:READ_ONLY 4:ADMIN
poll "$tmp/odd/8.json" 9:ADMIN 1:ADMIN
poll "$tmp/odd/9.json" 1:ADMIN 2:STANDARD 9:ADMIN
poll "$tmp/page" $(seq -f %.0f:ADMIN 20001) && mv "$tmp/page" "$tmp/odd/91.json"
is "odd polls: only what is sure" "$(changes --source google-ads-users "$tmp/odd")" "added 9,removed 3,removed 4,"
has "cut off" "$(cat "$tmp/err")" '2.json: byte 0: is no JSON, or cut off'
has "an answer that is an error" "$(cat "$tmp/err")" '3.json: byte 0: holds nothing that is an entry'
has "an empty answer" "$(cat "$tmp/err")" '5.json: byte 0: is empty'
has "one page of several" "$(cat "$tmp/err")" '6.json: byte 0: is not whole: its .nextPageToken.'
has "each is counted, those held too" "$("$shopbell" scan --source google-ads-users "$tmp/odd" 2>&1 >/dev/null)" '7 rejects_list, 2 lists, 1 lists_first, 3 lists_held'

# The daemon, killed after each poll and in the middle; one file that is written over, and a folder that fills.
dir=$tmp/daemon
mkdir -p "$dir/spool"
printf 'inputs:\n- {name: s, spool: spool}\n' >"$dir/shopbell.yml"
once() { "$shopbelld" --config "$dir/shopbell.yml" --state "$dir/state" --once 2>>"$dir/err"; }
put() { poll "$tmp/new" "$@" && mv "$tmp/new" "$dir/spool/users.json"; }
put 1:ADMIN 2:STANDARD; once
is "daemon: the first list" "$(counter "$dir/state" lists_first) $(counter "$dir/state" records)" "1 0"
once
is "daemon: nothing new" "$(counter "$dir/state" lists) $(counter "$dir/state" records)" "0 0"
touch -d '1 minute' "$dir/spool/users.json"; once
is "daemon: the same list again" "$(counter "$dir/state" lists) $(counter "$dir/state" records)" "1 0"
put 1:ADMIN 2:STANDARD 9:ADMIN; touch -d '2 minutes' "$dir/spool/users.json"; once
is "daemon: one more" "$(counter "$dir/state" records)" 1
poll "$dir/spool/older.json" 1:ADMIN; touch -d '1 minute' "$dir/spool/older.json"; once
is "daemon: an older list that comes late" "$(counter "$dir/state" lists_old) $(counter "$dir/state" records)" "1 1"
sqlite=$(command -v sqlite3) || sqlite=
if [ -n "$sqlite" ]; then
        is "daemon: the list is a position" "$(sqlite3 "$dir/state/shopbell.db" "select count(*) from position where input = 's/list/google-ads-users/-'" 2>&1)" 1
fi

# More differences than a batch has raws, a list that ends in the middle of its compression, one that is too long.
dir=$tmp/big
mkdir -p "$dir/spool"
printf 'inputs:\n- {name: s, spool: spool, source: google-ads-users}\n' >"$dir/shopbell.yml"
poll "$tmp/new" 1:ADMIN && touch -d @1795000000 "$tmp/new" && mv "$tmp/new" "$dir/spool/1.json"; once
poll "$tmp/new" $(seq -f %.0f:ADMIN 9001) && touch -d @1795000060 "$tmp/new" && gzip -c "$tmp/new" >"$dir/spool/2.json.gz"
touch -d @1795000060 "$dir/spool/2.json.gz"; once
is "daemon: nine thousand new at once" "$(counter "$dir/state" records)" 9000
head -c 9999 "$dir/spool/2.json.gz" >"$dir/spool/3.json.gz"; once
is "daemon: cut off in its compression" "$(counter "$dir/state" records) $(counter "$dir/state" rejects_list) $(counter "$dir/state" rejects_file)" "9000 1 1"
{ printf '{"results":['; user 1 ADMIN; printf ',{"x":"'; head -c 17000000 /dev/zero | tr '\0' x; printf '"}]}'; } >"$dir/spool/4.json"; once
is "daemon: too long" "$(counter "$dir/state" records) $(counter "$dir/state" rejects_list)" "9000 2"
poll "$tmp/new" $(seq -f %.0f:ADMIN 9000) && mv "$tmp/new" "$dir/spool/5.json"; once
is "daemon: and goes on from the last good one" "$(counter "$dir/state" records)" 9001

# Files of the daemon begin anew with each start, and so do their lists: what differs between them is told once.
dir=$tmp/files
mkdir -p "$dir"
printf 'inputs:\n- {name: f, files: polls}\n' >"$dir/shopbell.yml"
cp -rp "$tmp/polls" "$dir/polls"
cat >"$dir/r.yml" <<'END'
title: Access given
id: 8b0f0c46-0c9c-5d57-9a0b-6f7b2b9be0ab
status: stable
logsource: {product: google_ads, service: customer_user_access}
detection: {selection: {change: added}, condition: selection}
level: high
END
printf 'rules: [%s]\n' "$dir/r.yml" >>"$dir/shopbell.yml"
once; once
is "files read again at the next start: told once" "$("$shopbell" alerts --state "$dir/state" -o ndjson | grep -c .) $(counter "$dir/state" lists_first)" "1 2"

# Killed at random while polls come: each difference once. Poll n has the users 1 to n + 1.
dir=$tmp/kill
mkdir -p "$dir/spool"
printf 'inputs:\n- {name: s, spool: spool}\n' >"$dir/shopbell.yml"
n=1
while [ $n -le 12 ]; do
        poll "$tmp/new" $(seq -f %.0f:ADMIN $((n + 400)))
        touch -d "@$((1795000000 + n * 60))" "$tmp/new"
        mv "$tmp/new" "$dir/spool/$(printf %03d $n).json"
        "$shopbelld" --config "$dir/shopbell.yml" --state "$dir/state" 2>>"$dir/err" &
        pid=$!
        [ $((n % 3)) = 0 ] || timeout 0.0$((n * 7 % 9 + 1)) tail -f /dev/null
        kill -9 $pid
        wait $pid 2>/dev/null
        n=$((n + 1))
done
"$shopbelld" --config "$dir/shopbell.yml" --state "$dir/state" --once 2>>"$dir/err"
is "killed twelve times: each difference once" "$(counter "$dir/state" records)" 11
is "killed twelve times: each list once" "$(counter "$dir/state" lists_first) $(counter "$dir/state" lists) $(counter "$dir/state" lists_old)" "1 11 0"
finish
