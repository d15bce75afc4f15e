#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever is wrong with one file, record, rule, source or disk: a clear message, and nothing else is lost.
. "$(dirname "$0")/lib.sh"
good='2026-03-04T09:00:00+00:00 web1 sshd[1]: Accepted password for root from 203.0.113.9 port 1 ssh2'
record='{"eventVersion":"1","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"r","eventTime":"2026-03-04T08:15:30Z","eventID":"%s","userIdentity":{"type":"Root"},"responseElements":{"ConsoleLogin":"Success"}}\n'
scan() { exits "$1" "$2" "$shopbell" scan -o csv "$tmp/in"; }
fresh() { rm -rf "$tmp/in"; mkdir "$tmp/in"; printf '%s\n' "$good" >"$tmp/in/z.log"; }
still_there() { has "$1: the rest is read" "$out" 'root signed in to web1'; }

fresh; ln -s /nonexistent "$tmp/in/dangling.log"
exits "missing file" 3 "$shopbell" scan -o csv "$tmp/in/nothing.log" "$tmp/in/z.log"
has "missing file is named" "$err" 'nothing.log: .*(No such file|cannot be read)'
still_there "missing file"

# Root without the power to read everything: any other user could not even reach a build below /root.
powerless='setpriv --inh-caps=-dac_override,-dac_read_search --bounding-set=-dac_override,-dac_read_search'
if [ "$(id -u)" != 0 ]; then powerless=; fi
if $powerless true 2>/dev/null; then
        fresh; printf '%s\n' "$good" >"$tmp/in/a.log"; chmod 000 "$tmp/in/a.log"; mkdir "$tmp/in/dir"; chmod 000 "$tmp/in/dir"
        exits "unreadable file and folder" 3 $powerless "$shopbell" scan -o csv "$tmp/in"
        has "unreadable file is named" "$err" 'a.log: .*[Pp]ermission'
        has "unreadable folder is named" "$err" 'dir: .*[Pp]ermission'
        still_there "unreadable file"
        chmod 755 "$tmp/in/dir"
else
        skip "unreadable file and folder" "root cannot give up its power to read everything here"
fi

fresh; { head -c 100000000 /dev/zero | tr '\0' 'x'; printf '\n%s\n' "$good"; } >"$tmp/in/a.log"
scan "a line of 100 MB" 0
has "a line of 100 MB is named" "$err" 'a.log: .*(too long|longer than|over)'
still_there "a line of 100 MB"

fresh; { n=0; while [ $n -lt 2000 ]; do printf "$record" $n; n=$((n + 1)); done; } | gzip | head -c 4000 >"$tmp/in/a.json.gz"
scan "truncated gzip" 3
has "truncated gzip is named" "$err" 'a.json.gz: '
has "truncated gzip: what is there is read" "$out" 'root user'
still_there "truncated gzip"

mkdir -p "$tmp/tail"; printf 'inputs:\n- {name: t, tail: tail/a.ndjson}\n' >"$tmp/shopbell.yml"
once() { exits "$1" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once; }
{ printf "$record" 1; printf "$record" 2 | head -c 60; } >"$tmp/tail/a.ndjson"
once "half a record"
has "half a record waits" "$("$shopbell" status --state "$tmp/state")" '^records +1 '
{ printf "$record" 2 | tail -c +61; printf "$record" 3; } >>"$tmp/tail/a.ndjson"
once "its rest"
has "its rest completes it" "$("$shopbell" status --state "$tmp/state")" '^records +3 '
has "nothing was rejected" "$("$shopbell" status --state "$tmp/state")" '^rejects_malformed +0 '

fresh; printf "$record" 1 >"$tmp/in/a.ndjson"; echo '{"eventVersion":"1","eventSource": oops' >>"$tmp/in/a.ndjson"; printf "$record" 2 >>"$tmp/in/a.ndjson"
scan "a bad record" 0
has "a bad record is named" "$err" 'a.ndjson: byte [0-9]+: '
has "a bad record: its neighbours are read" "$err" '^3 records'

cp -r "$SHOPBELL_RULES" "$tmp/rules"
printf 'title: a\nlogsource: {product: aws}\ndetection:\n  sel: {a: [b\n' >"$tmp/rules/bad-yaml.yml"
printf 'title: b\nlogsource: {product: aws}\ndetection:\n  sel:\n    a|contians: b\n  condition: sel\n' >"$tmp/rules/bad-modifier.yml"
fresh
exits "bad rules" 0 "$shopbell" scan -o csv --rules "$tmp/rules" "$tmp/in"
has "YAML error with its place" "$err" 'bad-yaml.yml:[0-9]+:[0-9]+: '
has "unknown modifier with its place and the right one" "$err" 'bad-modifier.yml:5:[0-9]+: .*contians.*contains'
still_there "bad rules"
exits "rules check fails" 1 "$shopbell" rules check "$tmp/rules"
has "rules check names both" "$out" 'bad-modifier.yml:5:'

cp -r "$SHOPBELL_SOURCES" "$tmp/sources"
printf 'name: twice\ntitle: t\nformat: json\nrecognise: {has: [a]}\nfields:\n  user.name: a\n  user.name: b\n' >"$tmp/sources/twice.yml"
exits "source with a field twice" 0 "$shopbell" scan -o csv --sources "$tmp/sources" "$tmp/in"
has "a field twice is named" "$err" 'twice.yml:7:[0-9]+: .*user.name'
still_there "source with a field twice"

if [ "$(id -u)" = 0 ] && mkdir "$tmp/ro" && mount -t tmpfs -o ro,size=1m none "$tmp/ro" 2>/dev/null; then
        exits "read-only disk" 3 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/ro" --once
        has "read-only disk is named" "$err" '[Rr]ead-only'
        umount "$tmp/ro"
else
        skip "state on a read-only disk" "mounting a tmpfs is not allowed here"
fi

if command -v sqlite3 >/dev/null; then
        sqlite3 "$tmp/state/shopbell.db" 'PRAGMA user_version = 999' >/dev/null
        exits "a database from a newer version" 3 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
        has "newer version is named" "$err" 'newer version|999'
else
        skip "a database from a newer version" "sqlite3 is not installed"
fi

printf 'inptus: []\n' >"$tmp/bad.yml"
exits "bad configuration" 3 "$shopbelld" --config "$tmp/bad.yml" --state "$tmp/state" --once
has "bad configuration has its place" "$err" 'bad.yml:1:1: unknown key inptus'
finish
