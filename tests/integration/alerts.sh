#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `shopbell alerts` on the sample shop: which are shown, in what order and how.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples"
exits "the sample shop" 0 "$shopbelld" --config "$samples/shopbell.yml" --state "$tmp/state" --once
export SHOPBELL_STATE="$tmp/state"
alerts() { "$shopbell" alerts -o csv "$@" | tail -n +2; }
# all_of NAME PATTERN OPTION…: some are shown, and each line fits.
all_of() {
        name=$1 pattern=$2
        shift 2
        got=$(alerts "$@")
        bad=$(printf '%s\n' "$got" | grep -Ev -- "$pattern")
        if [ -n "$got" ] && [ -z "$bad" ]; then ok "$name"; else not_ok "$name" "shopbell alerts $*: $got"; fi
}
count() { alerts "$@" | grep -c .; }
is() { if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "$2, not $3"; fi; }

# ---- Filters ----
all=$(count --all) rang=$(count)
is "classes are alternatives" "$(alerts --class login,mfa | sort)" "$({ alerts --class login; alerts --class mfa; } | sort -u)"
all_of "a country" 'root|198\.51\.100\.77|jun got in' --country br
is "in either case, or another" "$(count --country BR,zz)" "$(count --country br)"
is "of none" "$(count --country ZZ)" 0
all_of "a kind of network" 'root|jun|Jun|backup-svc|Lea|lea' --network hosting
all_of "one's own network" 'Jun signed in from NL' --network office
all_of "an operator by a part of its name" . --network 'example HOST'
all_of "an address" . --network 203.0.113.66
is "is a small prefix" "$(alerts --network 203.0.113.66)" "$(alerts --network 203.0.113.66/32)"
is "a prefix has all of its addresses" "$(alerts --network 203.0.113.64/30)" "$(alerts --network 203.0.113.66)"
is "and no others" "$(count --network 203.0.113.68/30)" 0
is "of IPv6 as well" "$(count --network 2001:db8::/32)" "$(count --network tor)"
is "what is no prefix is a name" "$(count --network 203.0.113.66/99)" 0
all_of "a person" '[jJ]un' --person jun
is "in full" "$(count --person ju)" 0
all_of "a text of the sentence" 'customers/1234567890' --text CAMPAIGNS/777
all_of "an object" 'read 7 different AWS secrets' --text STRIPE-key
is "what is one and the other" "$(count --person jun --class mfa --level high)" 1

# ---- States ----
id=$("$shopbell" alerts -n 1 -o csv | tail -n 1 | cut -d , -f 1)
is "all are in one state" "$(($(count --is open) + $(count --is muted) + $(count --is merged,withdrawn,silenced,closed,answered)))" "$all"
is "open are those that ring" "$(count --is open)" "$rang"
all_of "muted" 'same as|inhibited by|known by' --is muted
"$shopbell" ack "$id" >/dev/null
is "answered" "$(alerts --is answered | cut -d , -f 1)" "$id"
is "it is no longer open" "$(count --is open)" "$((rang - 1))"
is "by its answer, with those it tells of" "$(alerts --is acknowledged | cut -d , -f 1 | grep "$id") $(count --is acknowledged)" "$id 2"
"$shopbell" close "$id" --as false >/dev/null
all_of "closed, with those it tells of" ',closed-false' --is closed
is "as what" "$(alerts --is false)" "$(alerts --is closed)"
is "and not as something else" "$(count --is true,benign)" 0
exits "a state that is none" 2 "$shopbell" alerts --is asleep
has "names those there are" "$err" 'open, answered, closed, muted'
for bad in "--class nope" "--country Germany" "--sort size" "--color red"; do
        # shellcheck disable=SC2086
        exits "no such thing: $bad" 2 "$shopbell" alerts $bad
done

# ---- Order ----
alerts >"$tmp/ours"
alerts -r | tac >"$tmp/reversed"
same "reversed" "$tmp/ours" "$tmp/reversed"
alerts --sort level >"$tmp/ours"
alerts -w >"$tmp/worst"
same "by level is the worst first" "$tmp/ours" "$tmp/worst"
alerts --sort count | cut -d , -f 4 >"$tmp/ours"
sort -rn "$tmp/ours" >"$tmp/sorted"
same "by count" "$tmp/ours" "$tmp/sorted"
is "so many of the most" "$(alerts --sort count -n 2 | cut -d , -f 4 | tr '\n' ' ')" "$(head -n 2 "$tmp/sorted" | tr '\n' ' ')"
"$shopbell" alerts --sort person -o ndjson | grep -o '"person":[^,]*,"source"' | tr '[:upper:]' '[:lower:]' >"$tmp/ours"
LC_ALL=C sort "$tmp/ours" >"$tmp/sorted"
is "by person" "$(grep -c . "$tmp/ours")" "$(count)"
if grep -v null "$tmp/ours" | LC_ALL=C sort -c 2>/dev/null; then ok "in order"; else not_ok "in order" "$(cat "$tmp/ours")"; fi

# ---- Markdown ----
exits "markdown" 0 "$shopbell" alerts -o markdown
has "with a head" "$out" '^\| ID \| TIME \| LEVEL \| COUNT \| SOURCE \| ALERT \|$'
has "numbers to the right" "$out" '^\|---\|---\|---\|---:\|---\|---\|$'
is "a row an alert" "$(printf '%s\n' "$out" | grep -c '^| [0-9a-f]\{32\} | ')" "$(count)"

if command -v python3 >/dev/null; then
        timeout 120 python3 "$SHOPBELL_SRCDIR/tests/integration/alerts.py" "$shopbell" "$tmp/state" "$tmp"
        case $? in
        0) ;;
        10) failures=1 ;;
        *) not_ok "alerts.py ended" ;;
        esac
else
        skip "tables on a terminal" "python3 is not installed"
fi
finish
