#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The page of all rules: as old as the rules, harmless whatever they hold.
. "$(dirname "$0")/lib.sh"
exits "rules list as a page" 0 "$shopbell" rules list -o md
cp "$tmp/out" "$tmp/rules.md"
same "doc/rules.md is as old as the rules and sources (make rules-page)" "$SHOPBELL_SRCDIR/doc/rules.md" "$tmp/rules.md"
total=$("$shopbell" rules list -o csv | grep -cE '^[a-z]+,[a-z_]+,on,')
filters=$("$shopbell" rules list -o csv | grep -cE '^"?"?,filter,on,')
has "it counts the rules that alert" "$out" "^$((total)) rules tell of something, "
[ "$filters" = 0 ] || has "filters are not among them" "$out" "^$((total)) rules"

# Every rule that alerts stands there, under its class, with level, log source and file.
has "a rule of one platform" "$out" '^\| high \| AWS root login \| aws/cloudtrail \| .* \| aws/aws_root_login.yml \|$'
has "a correlation over all" "$out" '^\| medium \| Many failed logins from one address \| every platform \| .* \| correlation/many_failed_logins.yml \|$'
"$shopbell" rules list -o ndjson | python3 -c '
import json, sys
page = open(sys.argv[1], encoding="utf-8").read()
for row in map(json.loads, sys.stdin):
    if row["state"] == "on" and row["kind"] != "filter" and "| " + row["title"].replace("|", "\\|").replace("<", "&lt;") + " |" not in page:
        print(row["title"])' "$tmp/rules.md" >"$tmp/lacking"
if [ -s "$tmp/lacking" ]; then not_ok "all rules are there" "$(cat "$tmp/lacking")"; else ok "all rules are there"; fi

# Text of a rule breaks no table and reaches no terminal as it is.
mkdir "$tmp/rules"
printf 'title: "a | <b> \\e[2J \\u202e"\ndescription: "one | two\\nlines. And more."\nlevel: low\nlogsource: {product: shopbell, category: mfa}\ndetection: {s: {user.name: x}, condition: s}\n' >"$tmp/rules/a.yml"
exits "a hostile title" 0 "$shopbell" rules list -o md --rules "$tmp/rules"
has "a hostile title is made harmless" "$out" '^\| low \| a \\\| &lt;b> .* \| every platform \| one \\\| two lines\. \| a\.yml \|$'
has "the class of a rule without shopbell.class" "$out" '^## mfa$'
if printf '%s' "$out" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no escape gets through" "$out"; else ok "no escape gets through"; fi
exits "a format that is none" 2 "$shopbell" rules list -o xml
finish
