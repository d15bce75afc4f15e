#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A case from an alert of the sample shop to its end: marks, fields, clocks, what is missing; alone and with a daemon, under pseudonyms, with
# hostile texts; and the history is sound behind it.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "case" "python3 is not installed"
        exit 0
fi
export SHOPBELL_STATE="$tmp/state"
mkdir "$tmp/state" "$tmp/spool" "$tmp/sealed"
"$shopbelld" --config "$SHOPBELL_SRCDIR/samples/shopbell.yml" --state "$tmp/state" --once 2>"$tmp/err" || not_ok "the sample shop" "$(cat "$tmp/err")"
id=$("$shopbell" alerts -o ndjson | sed -n 's/^{"id":"\([0-9a-f]*\)".*StopLogging.*/\1/p' | head -n 1)
[ -n "$id" ] && ok "an alert to begin with" || not_ok "an alert to begin with"

cli() { # cli NAME CODE ARGUMENTS…
        what=$1 code=$2
        shift 2
        exits "$what" "$code" "$shopbell" "$@"
}
# value CASE EXPRESSION: of `case show -o json`, in Python, as d.
value() {
        "$shopbell" case show "$1" -o json ${3:-} 2>/dev/null | python3 -c 'import json, sys
d = json.load(sys.stdin)
fields = {f["field"] + ("." + f["part"] if f["part"] else ""): f for f in d["fields"]}
clocks = {c["regime"] + "/" + c["duty"]: c for c in d["clocks"]}
marks = {m["event"] + ("/" + m["regime"] if m["regime"] else ""): m for m in d["marks"]}
print('"$2"')'
}
is() { # is NAME GOT WANT
        [ "$2" = "$3" ] && ok "$1" || not_ok "$1" "$2, not $3"
}

# ---- Beginning ----
cli "no case yet" 0 case
has "and how to begin one" "$out" 'shopbell case open --from ALERT'
cli "not me says how to go on" 0 answer "$id" not-me
has "with the alert's id" "$out" "shopbell case open --from $(printf %.8s "$id")"
cli "it needs a beginning" 2 case open
cli "or a time" 2 case open --signal "a customer wrote"
cli "of alerts that there are" 1 case open --from ffff0000
cli "a case from an alert" 0 case open --from "$id" --by mei
has "it has a number" "$out" '^case 1$'
has "and says what to do next" "$out" 'shopbell case mark 1 aware'
cli "once" 1 case open --from "$id"
has "for it is in the first" "$out" 'is in case 1 already'
cli "not me again" 0 answer "$id" undo
cli "now says which case has it" 0 answer "$id" not-me
has "by its number" "$out" 'it is in case 1: shopbell case show 1'
is "when it began, from the records" "$(value 1 'fields["started"]["value"]')" "1773196380000000 UTC"
is "from where" "$(value 1 'fields["addresses"]["value"] + " " + fields["addresses"]["status"]')" "198.51.100.77 estimated"
is "the signal is when the alert was raised" "$(value 1 'list(marks)')" "['signal']"
is "records stay from a month before" "$(value 1 'd["hold_from"]')" "2026-02-09T02:33:00Z"

# ---- Marks ----
cli "a time of another zone" 0 case mark 1 aware --at "2026-03-11 12:00 Asia/Seoul" --by mei
is "is of there" "$(value 1 'marks["aware"]["at"] + " " + marks["aware"]["zone"]')" "2026-03-11T03:00:00Z Asia/Seoul"
is "its deadline is there, too" "$(value 1 'clocks["kr-pipa-2025/authority"]["due_there"]')" "2026-03-14T12:00:00+09:00"
is "and has gone by" "$(value 1 'clocks["kr-pipa-2025/authority"]["state"]')" "over"
cli "later needs a reason" 1 case mark 1 aware --at "2026-03-11 13:00 Asia/Seoul"
has "and says what counts" "$out" 'later than what counts now \(aware, Wed 11 Mar 2026 12:00 KST'
cli "with one it moves" 0 case mark 1 aware --at "2026-03-11 13:00 Asia/Seoul" --because "the log was read then" --by mei
cli "of one law" 0 case mark 1 aware/sg-pdpa --at "2026-03-11 10:00 Asia/Singapore" --by mei
cli "which must be one" 2 case mark 1 aware/kr-pipapo --at "2026-03-11 10:00"
has "near ones are named" "$err" 'kr-pipa'
cli "no event" 1 case mark 1 awake --at "2026-03-11 10:00"
has "those that there are" "$out" 'told-authority'
cli "nothing of tomorrow" 1 case mark 1 aware --at "2099-01-01"
cli "no time" 2 case mark 1 aware --at "soon"
cli "a time, or undo" 2 case mark 1 aware
cli "taking back needs a reason" 1 case mark 1 aware/sg-pdpa --undo
cli "with one it goes" 0 case mark 1 aware/sg-pdpa --undo --because "a slip"
cli "a duty done" 0 case done 1 kr-pipa-2025/authority --at "2026-03-14 13:30 Asia/Seoul"
is "too late" "$(value 1 'clocks["kr-pipa-2025/authority"]["state"]')" "done late"
cli "no such duty" 2 case done 1 kr-pipa/police --at "2026-03-14 13:30"
has "those that there are" "$err" 'authority'

# ---- Fields and laws ----
cli "fields" 0 case set 1 seller=kr people.kr=1200 data+=email,address sensitive=no --by mei
cli "words join" 0 case set 1 data+=password data-=address
is "a list" "$(value 1 'fields["data"]["value"]')" "email,password"
is "a law applies by them" "$(value 1 'clocks["kr-pipa-2025/people"]["applies"]')" "yes"
has "and says why" "$(value 1 'clocks["kr-pipa-2025/people"]["why"]')" 'people.kr is 1200'
is "another does not" "$(value 1 'clocks["sg-pdpa/authority"]["applies"]')" "no"
cli "an estimate may be more" 0 case set 1 people.sg=40 --estimated --evidence "orders by country" --because "half of them looked at"
is "so its clock runs" "$(value 1 'clocks["sg-pdpa/assessment"]["applies"]')" "yes"
cli "what is not known" 0 case set 1 cause= --unknown
is "is said so" "$(value 1 'fields["cause"]["status"]')" "unknown"
cli "no such field" 2 case set 1 peopel=5
has "a near one is named" "$err" 'perhaps people'
cli "no number" 2 case set 1 people=many
cli "nothing is set when one is wrong" 2 case set 1 records=5 people=many
is "of several" "$(value 1 '"records" in fields')" "False"
cli "a decision needs a reason" 1 case regime 1 sg-pdpa no
cli "with one it counts" 0 case regime 1 sg-pdpa no --because "nobody lives there" --by mei
is "before what is known" "$(value 1 'clocks["sg-pdpa/assessment"]["applies"] + " " + clocks["sg-pdpa/assessment"]["decided"]')" \
        "no mei said that it does not apply: nobody lives there"
cli "what is missing" 1 case missing 1 --regime kr-pipa
has "of the notice to people" "$out" '^kr-pipa people .*How to claim damages +rights'
cli "of all that apply" 1 case missing 1 -o csv
has "as a table for programs" "$out" '^kr-pipa,people,'
cli "the list of fields" 0 case fields
has "has them" "$out" '^D29 +people '

# ---- Showing ----
cli "clocks" 0 case
has "the soonest first, where the shop is and where the authority is" "$out" 'over by .*Thu 12 Mar 2026 04:00 UTC +Thu 12 Mar 2026 13:00 KST +kr-network/authority +yes, proposed'
cli "for programs" 0 case list -o ndjson
has "each a line" "$out" '^\{"case":1,.*"due_there":"2026-03-12T13:00:00\+09:00"'
cli "all of it" 0 case 1
has "what waits" "$out" 'shopbell case set 1 delay-reason.kr-pipa-2025='
has "why the mark was moved" "$out" 'the log was read then'
has "a moved mark" "$out" '^  - aware +Wed 11 Mar 2026 12:00 KST'
has "the one that counts" "$out" '^  \* aware +Wed 11 Mar 2026 13:00 KST'
has "it is no advice" "$out" 'not legal advice'

cli "a slip in the items of data" 0 case set 1 data+=pasword,house-key
has "is told" "$err" 'pasword: perhaps password\? It is kept'
printf '%s' "$err" | grep -q 'house-key' && not_ok "other words are one's own" "$err" || ok "other words are one's own"
cli "and is taken away" 0 case set 1 data-=pasword,house-key
is "without a word" "$err" ""

# ---- On a terminal ----
# wide COLUMNS ARGUMENTS…: what is shown on a terminal of that width; lines that are wider are marked.
wide() {
        python3 - "$shopbell" "$@" <<'PY'
import fcntl, os, pty, struct, sys, termios
columns = int(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 60, columns, 0, 0))
    os.environ.update(TERM='xterm', PAGER='', NO_COLOR='1')
    os.execv(sys.argv[1], [sys.argv[1]] + sys.argv[3:])
out = b''
try:
    while piece := os.read(fd, 65536):
        out += piece
except OSError:
    pass
os.waitpid(pid, 0)
for line in out.decode().replace('\r', '').splitlines():
    print(('TOO WIDE ' if len(line) > columns else '') + line)
PY
}
for columns in 80 120; do
        for what in "case" "case --all" "case show 1" "case show 1 --all" "clock --aware 2026-03-11 kr-pipa sg-pdpa" "clock --all --aware 2026-03-11" \
                "case missing 1" "case fields"; do
                # shellcheck disable=SC2086
                out=$(wide $columns $what)
                [ -n "$out" ] && ! printf '%s' "$out" | grep -q 'TOO WIDE' && ok "$what fits $columns columns" ||
                        not_ok "$what fits $columns columns" "$(printf '%s' "$out" | grep 'TOO WIDE')"
        done
done
out=$(wide 80 case)
has "a clock has its time here" "$out" ' Thu 12 Mar 2026 04:00 UTC kr-network/authority'
has "and below where the authority is" "$out" '^ {20,}Thu 12 Mar 2026 13:00 KST '

# ---- Hostile texts ----
escape=$(printf 'a\033[2Jb')
cli "no control characters" 1 case set 1 "narrative=$escape"
has "says which" "$out" 'control character \(U\+001B\)'
bidi=$(printf 'left \342\200\256thgir\nFAKE    line')
cli "other texts may be strange" 0 case set 1 "narrative=$bidi" "containment==HYPERLINK(\"http://x\")"
cli "a note, too" 0 case note 1 -m "=cmd|'/c calc'!A1"
cli "shown" 0 case show 1
printf '%s' "$out" | grep -q "$(printf '\342\200\256')" && not_ok "bidi is made harmless" || ok "bidi is made harmless"
has "a second line is set in" "$out" '^ {20,}FAKE    line'
is "and kept as it was" "$(value 1 'fields["narrative"]["value"].encode()')" "b'left \\xe2\\x80\\xaethgir\\nFAKE    line'"
long=$(python3 -c 'print("x" * 8000)')
cli "8000 bytes" 0 case set 1 "cause=$long"
is "are kept" "$(value 1 'len(fields["cause"]["value"])')" 8000
cli "one more is not" 1 case set 1 "cause=${long}x"
has "says how many" "$out" 'at most 8000 bytes'
cli "a case is a number" 2 case show x
cli "that there is" 3 case show 99

# ---- Ending ----
cli "closing needs a reason" 2 case close 1
cli "closed" 0 case close 1 --because "told, and done"
cli "nothing more is set" 1 case set 1 people.kr=5
has "but it can be opened again" "$out" 'shopbell case reopen 1'
cli "no case is open" 0 case list
cli "it is still there" 0 case list --all
has "as closed" "$out" '^Case 1 .*closed\)'
cli "in full, too" 0 case show 1
has "its records are not held any more" "$out" 'stayed while it was open'
cli "opened again" 0 case reopen 1 --because "there is more"

# ---- With a daemon, under pseudonyms ----
cat >"$tmp/sealed.yml" <<YML
pseudonyms: yes
inputs: [{spool: $tmp/spool}]
YML
"$shopbelld" --config "$tmp/sealed.yml" --state "$tmp/sealed" 2>"$tmp/daemon" &
daemon=$!
up "$tmp/sealed" $daemon
export SHOPBELL_STATE="$tmp/sealed"
cli "the daemon opens a case" 0 case open --signal "MarkerSignal wrote" --at "2026-03-11 10:00" --by MarkerBy
cli "and sets fields" 0 case set 1 seller=kr people.kr=1200 "narrative=MarkerText
of two lines" --by MarkerBy
cli "and marks" 0 case mark 1 aware --at "2026-03-11 12:00" --because MarkerBecause --by MarkerBy
kill $daemon && wait $daemon
grep -aq Marker "$tmp"/sealed/* && not_ok "texts are sealed" "$(grep -al Marker "$tmp"/sealed/*)" || ok "texts are sealed"
cli "clocks run without the key" 0 case
has "of a sealed case" "$out" '^Case 1  \(sealed; --reveal\)'
has "as what was marked says" "$out" 'Thu 12 Mar 2026 21:00 KST +kr-network/authority +yes, proposed'
cli "shown sealed" 0 case show 1
has "its texts" "$out" 'narrative +\(sealed; --reveal\)'
cli "and in the clear" 0 case show 1 --reveal --note "for counsel"
has "with all lines" "$out" '^ {20,}of two lines'
has "the history says so" "$(sqlite3 "$tmp/sealed/shopbell.db" "SELECT text FROM alert_history WHERE what = 'revealed'" 2>/dev/null || echo 'case 1')" 'case 1'
is "numbers are not sealed" "$(value 1 'fields["people.kr"]["value"], fields["narrative"]["value"]')" "1200 None"
cli "without the daemon it is sealed, too" 0 case note 1 -m MarkerNote
grep -aq Marker "$tmp"/sealed/* && not_ok "as the case was" || ok "as the case was"
cli "the history is sound" 0 verify
export SHOPBELL_STATE="$tmp/state"
cli "that of the other one, too" 0 verify
has "with its entries" "$out" 'case entries'
if command -v sqlite3 >/dev/null; then
        sqlite3 "$tmp/state/shopbell.db" "DROP TRIGGER case_entry_stays_so; UPDATE case_entry SET value = '1773198000000000 UTC' WHERE kind = 'mark' AND key = 'aware'"
        cli "a changed mark is found" 1 verify
        has "and named" "$out" 'entry of a case [0-9]+ was edited'
fi
finish
