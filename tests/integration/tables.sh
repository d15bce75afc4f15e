#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tables: a file that grows while the daemon is stopped and started at any byte of it, files put together, rotation, compressed files,
# and rows that are none.
. "$(dirname "$0")/lib.sh"
# Many restarts: only the sources of that vendor, and few rules.
mkdir "$tmp/few"
cp "$SHOPBELL_SOURCES"/salesforce-*.yml "$tmp/few"
SHOPBELL_SOURCES=$tmp/few SHOPBELL_RULES=$SHOPBELL_RULES/linux
header='"EVENT_TYPE","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID","USER_ID","USER_NAME","SOURCE_IP","BROWSER_TYPE","LOGIN_STATUS"'
# row N NAME: one login, whose browser holds a line break, quotes and a delimiter.
row() {
        printf '"Login","202611220310%02d.118","req-%d","00D5j","0055j","%s","203.0.113.%d","two\nlines, ""%d""","LOGIN_NO_ERROR"\r\n' "$1" "$1" "$2" "$1" "$1"
}
rows() { n=$1; while [ "$n" -le "$2" ]; do row "$n" "user$n@example.com"; n=$((n + 1)); done; }
counter() { "$shopbell" status --state "$1" -o csv | sed -n "s/^$2,\([0-9]*\).*/\1/p"; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2, not $3"; fi; }
# names FILE…: who signed in, in order.
names() { "$shopbell" parse -o ndjson "$@" 2>"$tmp/err" | sed -n 's/.*Login-req-\([0-9]*\)".*/\1/p' | tr '\n' ' '; }

{ printf '%s\r\n' "$header"; rows 1 9; } >"$tmp/whole.csv"
is "a whole table" "$(names "$tmp/whole.csv")" "1 2 3 4 5 6 7 8 9 "
is "nothing is refused" "$(cat "$tmp/err")" ""
has "a cell as it was" "$("$shopbell" parse -o ndjson "$tmp/whole.csv" 2>/dev/null)" 'two.nlines, ."1."'

# The daemon ends after each piece of the file, wherever that cuts it.
for piece in 1 97 400 1000; do
        dir=$tmp/cut$piece
        mkdir -p "$dir/log"
        printf 'sources: %s\nrules: %s\ninputs:\n- {name: t, tail: log/login.csv}\n' "$SHOPBELL_SOURCES" "$SHOPBELL_RULES" >"$dir/shopbell.yml"
        if [ $piece = 1 ]; then from=340; else from=0; fi # byte by byte only through a few rows
        size=$(stat -c %s "$tmp/whole.csv") at=$from bad=0
        head -c "$from" "$tmp/whole.csv" >"$dir/log/login.csv"
        while [ "$at" -lt "$size" ]; do
                step=$piece
                [ $piece != 1 ] || [ "$at" -lt 480 ] || step=$size
                tail -c +$((at + 1)) "$tmp/whole.csv" | head -c "$step" >>"$dir/log/login.csv"
                at=$((at + step))
                "$shopbelld" --config "$dir/shopbell.yml" --state "$dir/state" --once 2>>"$dir/err" || bad=1
        done
        is "restarts every $piece bytes: the daemon is well" "$bad" 0
        is "restarts every $piece bytes: all records" "$(counter "$dir/state" records)" 9
        is "restarts every $piece bytes: none malformed" "$(counter "$dir/state" rejects_malformed)" 0
        is "restarts every $piece bytes: none unknown" "$(counter "$dir/state" rejects_unknown)" 0
done

# Begun at the end of a table that is there: the header is the file's first line all the same.
mkdir -p "$tmp/end/log"
printf 'inputs:\n- {name: t, tail: log/login.csv, from: end}\n' >"$tmp/end/shopbell.yml"
end() { "$shopbelld" --config "$tmp/end/shopbell.yml" --state "$tmp/end/state" --once 2>>"$tmp/end/err"; }
cp "$tmp/whole.csv" "$tmp/end/log/login.csv"
end; is "from the end: nothing yet" "$(counter "$tmp/end/state" records)" 0
rows 10 12 >>"$tmp/end/log/login.csv"
end; is "from the end: what came" "$(counter "$tmp/end/state" records)" 3

# Rotated: the next file goes on without a header, then one begins with another header.
mv "$tmp/end/log/login.csv" "$tmp/end/log/login.csv.1"
rows 13 14 >"$tmp/end/log/login.csv"
end; is "rotated, no header of its own" "$(counter "$tmp/end/state" records)" 5
gzip "$tmp/end/log/login.csv.1"
mv "$tmp/end/log/login.csv.1.gz" "$tmp/end/log/login.csv.2.gz"
mv "$tmp/end/log/login.csv" "$tmp/end/log/login.csv.1"
printf 'LOGIN_STATUS;EVENT_TYPE;TIMESTAMP;REQUEST_ID;ORGANIZATION_ID;USER_ID;USER_NAME\nLOGIN_NO_ERROR;Login;20261122031059.1;req-15;00D5j;0055j;mei\n' >"$tmp/end/log/login.csv"
end; is "rotated, another header" "$(counter "$tmp/end/state" records)" 6
is "rotated: nothing refused" "$(counter "$tmp/end/state" rejects_malformed)$(counter "$tmp/end/state" rejects_unknown)" 00

# Files put together, the second with its columns in another order and a mark in front.
{
        cat "$tmp/whole.csv" "$tmp/whole.csv"
        printf '\357\273\277"EVENT_TYPE","LOGIN_STATUS","USER_ID","USER_NAME","TIMESTAMP","REQUEST_ID","ORGANIZATION_ID"\n'
        printf '"Login","LOGIN_NO_ERROR","0055j","mei","20261122031059.1","req-20","00D5j"\n'
} >"$tmp/together.csv"
is "files put together" "$(names "$tmp/together.csv")" "1 2 3 4 5 6 7 8 9 1 2 3 4 5 6 7 8 9 20 "
is "files put together: nothing refused" "$(cat "$tmp/err")" ""
gzip -c "$tmp/together.csv" >"$tmp/together.csv.gz"
is "compressed" "$(names "$tmp/together.csv.gz")" "$(names "$tmp/together.csv")"

# Bad rows are named, and their neighbours are read.
{ printf '%s\n' "$header"; row 1 a; echo 'Login,too,few'; row 2 b; echo '"Login","x"y'; row 3 c; printf '"Login","cut off\n'; row 4 d; } >"$tmp/bad.csv"
is "bad rows: the others" "$(names "$tmp/bad.csv")" "1 2 3 4 "
has "too few cells" "$(cat "$tmp/err")" 'bad.csv: byte [0-9]+: row 3 has 3 cells, and its table 9 columns'
has "text behind a quote" "$(cat "$tmp/err")" 'row 5 has a quoted cell'
has "an unclosed quote" "$(cat "$tmp/err")" 'row 7 has a quoted cell'
has "each is counted" "$("$shopbell" scan -o csv "$tmp/bad.csv" 2>&1 >/dev/null)" '^4 records, .* 3 rejects_malformed'
has "identify" "$("$shopbell" sources identify "$tmp/whole.csv" "$tmp/bad.csv")" 'whole.csv +salesforce-event-log-file'

# What vendors' exports have: titles above the header, a line about rights below, UTF-16 or a mark in front.
mkdir "$tmp/sources"
cat >"$tmp/sources/export.yml" <<'END'
name: export
logsource: {product: export}
format: csv
above: 5
ignore: ["(c)", "Total"]
recognise: {has: [When, Who, What]}
fields: {"@timestamp": When, user.name: Who, event.action: What}
classes: [{class: config, when: {What: delete}}]
END
export_of() { "$shopbell" parse --sources "$tmp/sources" -o ndjson "$@" 2>"$tmp/err" | sed 's/.*"event.action":"\([^"]*\)".*"user.name":"\([^"]*\)".*/\1 \2/' | tr '\n' ','; }
printf 'Change report\r\n"Account, all"\r\n\r\nWhen,Who,What\r\n2026-11-22 03:00:00,J\303\251,delete\r\n2026-11-22 03:01:00,bo,edit\r\nTotal,2\r\n"(c) 2026 Somebody, all rights reserved"\r\n' >"$tmp/export.csv"
is "lines above and below a table" "$(export_of "$tmp/export.csv")" "delete Jé,edit bo,"
is "they are not rejected" "$(cat "$tmp/err")" ""
has "they are counted" "$("$shopbell" scan --sources "$tmp/sources" "$tmp/export.csv" 2>&1)" '^2 records, .* 5 lines_ignored'
for form in UTF-16LE UTF-16BE; do
        { [ $form = UTF-16LE ] && printf '\377\376' || printf '\376\377'; iconv -f UTF-8 -t $form "$tmp/export.csv"; } >"$tmp/export16.csv"
        is "$form" "$(export_of "$tmp/export16.csv")" "delete Jé,edit bo,"
done
{ printf '\357\273\277'; cat "$tmp/export.csv"; } >"$tmp/export8.csv"
is "UTF-8 with a mark" "$(export_of "$tmp/export8.csv")" "delete Jé,edit bo,"
{ seq 6; tail -n +4 "$tmp/export.csv"; } >"$tmp/far.csv"
is "too many lines above" "$(export_of "$tmp/far.csv")" ""
# A line of another log that holds the header's names is none.
{ echo 'Nov 22 03:00:00 web1 app[1]: ",When,Who,What"'; echo 'x,When,Who,What'; echo '2026,2026-11-22 03:00:00,eve,delete'; } >"$tmp/forged.log"
is "a header inside another log's line" "$(export_of "$tmp/forged.log")" ""

# A row without a time has that of its file, and says so; evidence of a row shows its columns' names.
mkdir -p "$tmp/rules" "$tmp/ev/spool"
cat >"$tmp/rules/r.yml" <<'END'
title: Something deleted
id: 3f0f0c46-0c9c-5d57-9a0b-6f7b2b9be0aa
status: stable
logsource: {product: export}
detection: {selection: {What: delete}, condition: selection}
level: high
END
printf 'When,Who,What\nsoon,mei,delete\n' >"$tmp/ev/spool/e.csv"
touch -d 2026-11-22T04:00:00Z "$tmp/ev/spool/e.csv"
has "no time: the file's" "$("$shopbell" parse --sources "$tmp/sources" -o ndjson "$tmp/ev/spool")" '"@timestamp":"2026-11-22T04:00:00Z".*"shopbell.time":"arrival"'
printf 'sources: [%s]\nrules: [%s]\ninputs:\n- {name: s, spool: spool}\n' "$tmp/sources" "$tmp/rules" >"$tmp/ev/shopbell.yml"
"$shopbelld" --config "$tmp/ev/shopbell.yml" --state "$tmp/ev/state" --once 2>"$tmp/err" || not_ok "daemon" "$(cat "$tmp/err")"
is "no time: counted" "$(counter "$tmp/ev/state" times_of_arrival)" 1
id=$("$shopbell" alerts --state "$tmp/ev/state" -o ndjson | sed 's/^{"id":"\([0-9a-f]\{8\}\).*/\1/' | head -n 1)
has "evidence has the header" "$("$shopbell" show --state "$tmp/ev/state" "$id" 2>&1)" '^When,Who,What$'
has "and the row, set in" "$("$shopbell" show --state "$tmp/ev/state" "$id" 2>&1)" '^  soon,mei,delete$'
touch -d 2026-11-22T05:00:00Z "$tmp/ev/spool/e.csv"
"$shopbelld" --config "$tmp/ev/shopbell.yml" --state "$tmp/ev/state" --once 2>"$tmp/err"
is "delivered again at another time: no second alert" "$("$shopbell" alerts --state "$tmp/ev/state" -o ndjson | grep -c .) $(counter "$tmp/ev/state" duplicates)" "1 1"
finish
