#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The JSON Schemas for editors take what shopbell takes and refuse what it refuses.
. "$(dirname "$0")/lib.sh"
if ! python3 -c 'import jsonschema, yaml' 2>/dev/null; then
        skip "JSON Schemas" "python3-jsonschema or python3-yaml is not installed"
        exit 0
fi
cat >"$tmp/validate.py" <<'PY'
import json, os, sys
import jsonschema, yaml

class Loader(yaml.SafeLoader):      # dates stay text, as shopbell reads them
    pass
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != "tag:yaml.org,2002:timestamp"]
                                  for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}

schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
validator, bad = jsonschema.Draft7Validator(schema), 0
for path in sys.argv[2:]:
    for doc in yaml.load_all(open(path, encoding="utf-8"), Loader):
        if doc is None:
            continue
        for error in validator.iter_errors(doc):
            bad += 1
            print("%s: %s: %s" % (path, "/".join(map(str, error.path)), error.message[:200]))
sys.exit(1 if bad else 0)
PY
fits() { # fits NAME SCHEMA FILE…
        name=$1 schema="$SHOPBELL_SRCDIR/schema/$2.schema.json"
        shift 2
        if python3 "$tmp/validate.py" "$schema" "$@" >"$tmp/out" 2>&1; then ok "$name"; else not_ok "$name" "$(cat "$tmp/out")"; fi
}
fits "the starter pack" rule $(find "$SHOPBELL_RULES" -name '*.yml')
fits "the sources" source "$SHOPBELL_SOURCES"/*.yml
fits "the configurations" shopbell "$SHOPBELL_SRCDIR/samples/shopbell.yml" "$SHOPBELL_SRCDIR/doc/shopbell.yml.example"
fits "the people" people "$SHOPBELL_SRCDIR/samples/people.yml"
fits "the laws and holidays" regime $(find "$SHOPBELL_REGIMES" -name '*.yml')
if [ -n "${SHOPBELL_SIGMAHQ:-}" ]; then
        find "$SHOPBELL_SIGMAHQ/rules" "$SHOPBELL_SIGMAHQ"/rules-* -name '*.yml' >"$tmp/list"
        if xargs python3 "$tmp/validate.py" "$SHOPBELL_SRCDIR/schema/rule.schema.json" <"$tmp/list" >"$tmp/out" 2>&1; then
                ok "the published rules"
        else
                not_ok "the published rules" "$(cat "$tmp/out")"
        fi
fi

# refused NAME SCHEMA TEXT: by the schema, and (rules) by shopbell.
refused() {
        printf '%b' "$3" >"$tmp/bad.yml"
        if python3 "$tmp/validate.py" "$SHOPBELL_SRCDIR/schema/$2.schema.json" "$tmp/bad.yml" >"$tmp/out" 2>&1; then
                not_ok "$1 is refused by the schema" "$3"
        else
                ok "$1 is refused by the schema"
        fi
        case $2 in rule | regime) ;; *) return 0 ;; esac
        if "$shopbell" "${2}s" check "$tmp/bad.yml" >"$tmp/out" 2>&1; then
                not_ok "$1 is refused by shopbell" "$(cat "$tmp/out")"
        else
                ok "$1 is refused by shopbell"
        fi
}
refused "a rule without a title" rule 'logsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n'
refused "an unknown level" rule "title: T\nlogsource: {product: aws}\nlevel: extreme\ndetection: {s: {a: b}, condition: s}\n"
refused "an unknown modifier" rule "title: T\nlogsource: {product: aws}\nlevel: low\ndetection: {s: {a|contain: b}, condition: s}\n"
refused "no condition" rule "title: T\nlogsource: {product: aws}\nlevel: low\ndetection: {s: {a: b}}\n"
refused "null in a list" rule "title: T\nlogsource: {product: aws}\nlevel: low\ndetection: {s: {a: [b, null]}, condition: s}\n"
refused "an unknown class" rule "title: T\nlogsource: {product: aws}\nlevel: low\nshopbell.class: logins\ndetection: {s: {a: b}, condition: s}\n"
refused "an unknown correlation" rule "title: T\nlevel: low\ncorrelation: {type: count, rules: [a], timespan: 5m}\n"
# The example of the manual page, taken from there.
sed -n '/^notices:$/,/^\.Ed/p' "$SHOPBELL_SRCDIR/doc/shopbell.yml.5" | sed '$d' >"$tmp/notices.yml"
printf 'inputs: [{tail: a}]\n' >>"$tmp/notices.yml"
fits "the notices of shopbell.yml(5)" shopbell "$tmp/notices.yml"
refused "a password in a channel" shopbell "inputs: [{tail: a}]\nnotices: [{name: a, mail: a@b, from: a@b, server: 'smtps://c', password: x}]\n"
refused "two kinds in one channel" shopbell "inputs: [{tail: a}]\nnotices: [{name: a, journal: true, command: [/x]}]\n"
refused "two inputs in one" shopbell "inputs: [{tail: a, spool: b}]\n"
refused "an unknown option" shopbell "inputs: [{tail: a}]\nrule: x\n"
refused "a person without accounts" people "[{name: Mei, role: owner}]\n"
refused "an unknown role" people "[{name: Mei, role: boss, accounts: mei}]\n"
law="title: T\nzone: Asia/Seoul\nlanguages: [ko]\nauthority: {name: A}\nlaw: L\nsources: [s]\nchecked_on: 2026-11-23\nconfidence: low\nid: bad\n"
duty="id: a, title: T, to: authority, start: aware"
refused "a law without a duty" regime "$law"
refused "an unknown event" regime "${law}duties: [{id: a, title: T, to: authority, start: awake, within: 72 hours}]\n"
refused "days of no kind" regime "${law}duties: [{$duty, within: 3 days}]\n"
refused "an unknown key of a law" regime "${law}deadline: 72 hours\nduties: [{$duty, within: 72 hours}]\n"
refused "no day" regime "${law}valid_from: soon\nduties: [{$duty, within: 72 hours}]\n"
refused "an unknown format" source "name: a\nlogsource: {product: a}\nformat: xml\nrecognise: {has: a}\nfields: {}\n"
finish
