#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records as they pass: `shopbell tail`.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "tail" "python3 is not installed"
        exit 0
fi
timeout 120 python3 "$SHOPBELL_SRCDIR/tests/integration/tail.py" "$shopbell" "$SHOPBELL_SRCDIR" "$tmp"
case $? in
0) ;;
10) failures=1 ;;
*) not_ok "tail.py ended" ;;
esac
# Options count the same where the configuration names the logs.
: >"$tmp/empty.log"
printf 'sources: %s\ninputs:\n- {name: a, tail: empty.log}\n' "$SHOPBELL_SOURCES" >"$tmp/named.yml"
exits "a source that is none" 2 timeout 60 "$shopbell" tail --config "$tmp/named.yml" --source nope
has "is said" "$err" 'nope: no such log source'
exits "source files that are not there" 3 timeout 60 "$shopbell" tail --config "$tmp/named.yml" --sources "$tmp/nowhere"
finish
