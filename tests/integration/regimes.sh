#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The laws: the list, the page that is as old as they are, and mistakes that are found.
. "$(dirname "$0")/lib.sh"
exits "regimes list as a page" 0 "$shopbell" regimes list -o md
cp "$tmp/out" "$tmp/regimes.md"
same "doc/regimes.md is as old as the laws (make regimes-page)" "$SHOPBELL_SRCDIR/doc/regimes.md" "$tmp/regimes.md"
has "it says that it is no legal advice" "$out" "not legal advice"

has "a law begins on its day there" "$out" '^- in force: since 2026-09-11$'
has "and ends on it" "$out" '^- in force: 2023-09-15 until 2026-09-10$'

# Every file is on the page and in the list, with what is unsure about it.
for file in "$SHOPBELL_SRCDIR"/regimes.d/*.yml "$SHOPBELL_SRCDIR"/regimes.d/contract/*.yml; do
        id=$(basename "$file" .yml)
        grep -q "^## $id\$" "$tmp/regimes.md" && grep -q "^id: $id\$" "$file" || not_ok "$id is on the page" ""
done
"$shopbell" regimes list -o ndjson >"$tmp/list"
ok "all files are on the page"
python3 - "$tmp/list" >"$tmp/wrong" <<'PY'
import json, sys
rows = {row["id"]: row for row in map(json.loads, open(sys.argv[1], encoding="utf-8"))}
asked = """kr-pipa kr-network sg-pdpa sg-intermediary eu-gdpr uk-gdpr my-pdpa th-pdpa ph-dpa id-pdp vn-pdpl jp-appi tw-pdpa cn-pipl cn-cac
hk-pdpo in-certin in-dpdp au-ndb nz-privacy us-ca ca-pipeda ae-federal ae-difc ae-adgm br-lgpd""".split()
for id in asked:
    if id not in rows:
        print(id, "is not there")
for row in rows.values():
    if not row["checked_on"] or row["confidence"] not in ("high", "medium", "low") or not row["clocks"]:
        print(row)
if "no" not in rows["eu-gdpr"]["countries"].split(", ") or len(rows["eu-gdpr"]["countries"].split(", ")) != 30:
    print(rows["eu-gdpr"])
if rows["in-certin"]["clocks"] != "authority: 6 hours" or rows["kr-pipa-2025"]["in_force"] != "no":
    print(rows["in-certin"], rows["kr-pipa-2025"])
PY
if [ -s "$tmp/wrong" ]; then not_ok "the list has all laws" "$(cat "$tmp/wrong")"; else ok "the list has all laws"; fi

exits "the laws have no mistakes" 0 "$shopbell" regimes check
has "it counts them" "$out" '^[0-9]* laws, 5 contracts; .* errors: 0$'

# Words of contents are all on the manual page.
sed -n 's/^        { "\([a-z-]*\)", "[^"]*", {.*/\1/p' "$SHOPBELL_SRCDIR/monitor/cases/content.c" | while read -r word; do
        grep -q "^\.It Li $word\$" "$SHOPBELL_SRCDIR/doc/shopbell.regime.5" || echo "$word"
done >"$tmp/lacking"
if [ -s "$tmp/lacking" ]; then not_ok "shopbell.regime(5) has the words of contents" "$(cat "$tmp/lacking")"; else ok "shopbell.regime(5) has the words of contents"; fi

# The law of the manual page loads; a copy of one's own takes the place of the installed one.
mkdir -p "$tmp/own"
sed -n '/^\.Bd -literal/,/^\.Ed/p' "$SHOPBELL_SRCDIR/doc/shopbell.regime.5" | grep -v '^\.' >"$tmp/own/in-certin.yml"
exits "the example of the manual page" 0 "$shopbell" regimes check "$tmp/own"
has "it is one law" "$out" '^1 laws, 0 contracts'
sed -i 's/within: 6 hours/within: 5 hours/' "$tmp/own/in-certin.yml"
exits "one's own copy goes before" 0 "$shopbell" regimes list -o csv --regimes "$SHOPBELL_SRCDIR/regimes.d" --regimes "$tmp/own"
has "one's own copy counts" "$out" '^in-certin,.*authority: 5 hours'

exits "a folder without laws" 3 "$shopbell" regimes check "$tmp/nowhere"
exits "a list of none" 3 "$shopbell" regimes list --regimes "$tmp/nowhere"

# A mistake has its place, and takes only its own file away.
sed 's/within: 5 hours/within: soon-ish 5/; s/start: signal/start: sginal/; s/^id: .*/id: broken/' "$tmp/own/in-certin.yml" >"$tmp/own/broken.yml"
exits "a mistake" 1 "$shopbell" regimes check "$tmp/own"
has "a mistake has its place" "$out" 'broken\.yml:[0-9]*:[0-9]*: '
has "the other file is there" "$out" '^1 laws, .*errors: [1-9]'
sed 's/^title: .*/title: "a | <b> x"/' "$tmp/own/in-certin.yml" >"$tmp/x" && mv "$tmp/x" "$tmp/own/in-certin.yml" && rm "$tmp/own/broken.yml"
exits "a hostile title" 0 "$shopbell" regimes list -o md --regimes "$tmp/own"
has "a hostile title is made harmless" "$out" '^a \\| &lt;b> '
sed 's/^title: .*/title: "a \\e[2J \\u202e"/' "$tmp/own/in-certin.yml" >"$tmp/x" && mv "$tmp/x" "$tmp/own/in-certin.yml"
exits "one that steers terminals is refused" 1 "$shopbell" regimes check "$tmp/own"
has "one that steers terminals: where" "$out" 'in-certin\.yml:2:8: a character that cannot be shown'
if printf '%s' "$out" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no escape gets through" "$out"; else ok "no escape gets through"; fi
finish
