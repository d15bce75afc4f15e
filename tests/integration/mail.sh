#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Notices by mail: a daemon that watches a Maildir and an mbox tells of them once, whatever mail programs do to them and
# however often it is killed; scan and parse take mails in any form.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "mail" "python3 is not installed"
        exit 0
fi
python3 "$(dirname "$0")/mail.py" "$shopbelld" "$shopbell" "$tmp" >"$tmp/log" 2>&1
code=$?
if [ $code = 0 ]; then ok "$(tail -n 1 "$tmp/log")"; else not_ok "delivered, moved, killed" "$(cat "$tmp/log")"; fi

# notice NAME SUBJECT [VERDICT]: a mail of Klaviyo's.
notice() {
        printf 'Received: from mail by mx.example.com; Mon, 23 Nov 2026 09:00:00 +0000\nAuthentication-Results: mx.example.com; dmarc=%s header.from=klaviyo.com\nFrom: Klaviyo <no-reply@klaviyo.com>\nTo: ana@example.com\nSubject: %s\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <%s@klaviyo.com>\n\nIP address: 203.0.113.9\n' "${3:-pass}" "$2" "$1"
}
mkdir -p "$tmp/in/box/new" "$tmp/in/box/cur" "$tmp/in/box/tmp"
notice 1 'Log in alert: new device' >"$tmp/in/box/cur/1.host:2,S"
notice 2 'Your export is ready' >"$tmp/in/box/new/2.host"
notice 3 'Log in alert: new device' >"$tmp/in/box/tmp/3.host"
notice 4 'Pay now' fail >"$tmp/in/one.eml"
{ printf 'From a Mon Nov 23 09:00:00 2026\n'; notice 5 'Log in alert: new device'; printf '\nFrom a Mon Nov 23 09:00:00 2026\n'; notice 6 'News'; } >"$tmp/in/all.mbox"
exits "parse takes mails" 0 "$shopbell" parse "$tmp/in"
has "of a Maildir" "$out" '"event.action":"export-ready".*"shopbell.file":".*/in/box/new/2.host"'
has "seen ones too" "$out" '"event.action":"new-login".*"shopbell.file":".*/in/box/cur/1.host:2,S"'
has "a file of its own" "$out" '"event.action":"forged-notice","event.outcome":"failure".*"shopbell.verdict":"suspicious".*one.eml"'
has "of an mbox" "$out" '"source.ip":"203.0.113.9".*all.mbox"'
if [ "$(printf '%s\n' "$out" | grep -c .)" = 4 ]; then ok "nothing else"; else not_ok "nothing else" "$out"; fi
exits "scan takes mails" 0 "$shopbell" scan -o ndjson "$tmp/in"
has "a forged notice rings" "$out" 'A mail in the name of no-reply@klaviyo.com .*was not sent by it'
exits "standard input" 0 sh -c "'$shopbell' parse - <'$tmp/in/all.mbox'"
has "is cut up as well" "$out" '"event.action":"new-login"'
exits "identify knows a mail" 0 "$shopbell" sources identify "$tmp/in/one.eml"
has "by its sender" "$out" 'mail-klaviyo'

{ printf 'inputs:\n- {name: m, maildir: %s, authserv: mx.other.example}\n' "$tmp/in/box"; } >"$tmp/other.yml"
exits "another server's name" 0 "$shopbelld" --config "$tmp/other.yml" --state "$tmp/other" --once
has "both are read" "$("$shopbell" status --state "$tmp/other")" '^records +2 '
printf 'inputs:\n- {name: m, maildir: [/a, /b]}\n' >"$tmp/two.yml"
exits "a maildir is one folder" 3 "$shopbelld" --config "$tmp/two.yml" --state "$tmp/other" --once
has "it says so" "$err" 'two.yml:2:[0-9]+: .*one folder'
finish
