#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A stranger adds a source: identify, new, explain, test; and the page about all sources is that of the source files.
. "$(dirname "$0")/lib.sh"

lacks() { # lacks NAME TEXT PATTERN
        if printf '%s\n' "$2" | grep -Eq -- "$3"; then not_ok "$1" "a line fits: $3
$2"; else ok "$1"; fi
}

# A platform that nobody knows.
i=0
while [ $i -lt 8 ]; do
        case $((i % 4)) in
        0) do=cashier.signed_in ok=true ;;
        1) do=cashier.signed_in ok=false ;;
        2) do=report.sales_exported ok=true ;;
        3) do=second_factor.removed ok=true ;;
        esac
        printf '{"v":2,"evt":{"ref":"L-%04d","at":"2026-11-22T03:%02d:02+0000","do":"%s"},"by":{"login":"mei","mail":"mei@example.com"},"via":{"addr":"192.0.2.7","client":"LanternPOS/4.2 (iPad)"},"ok":%s,"shop":"berlin-1"}\n' \
                $i $i "$do" "$ok"
        i=$((i + 1))
done >"$tmp/lantern.ndjson"

# ---- identify ----
exits "an unknown log" 3 "$shopbell" sources identify "$tmp/lantern.ndjson"
has "an unknown log" "$out" 'unknown +no +0 +no test of any source holds'
exits "a log that lacks something" 3 sh -c "echo '{\"eventName\":\"ConsoleLogin\",\"eventSource\":\"signin.example.com\"}' >'$tmp/near.json'; exec '$shopbell' sources identify '$tmp/near.json'"
has "the nearest source, and what is lacking" "$out" 'nearest is aws-cloudtrail, but not: .*amazonaws.*has eventSource, eventName'
exits "an empty file" 3 sh -c ": >'$tmp/empty'; exec '$shopbell' sources identify '$tmp/empty'"
has "an empty file" "$out" 'no records in it'
exits "several known logs" 0 "$shopbell" sources identify -o ndjson "$SHOPBELL_SRCDIR"/samples/logs/*
has "why it is that source" "$out" '"source":"sshd","sure":"163 of 163 records".*its program is sshd.*\(sshd\)'
exits "identify as csv" 0 "$shopbell" sources identify -o csv "$SHOPBELL_SRCDIR/samples/logs/sshd"
has "identify as csv" "$out" '^file,source,sure,tests,why'

# ---- new ----
exits "a draft" 0 "$shopbell" sources new lantern --from "$tmp/lantern.ndjson"
cp "$tmp/out" "$tmp/lantern.yml"
for line in "'@timestamp': evt.at" 'event.id: evt.ref' 'event.action: evt.do' 'user.name: by.login' 'user.email: by.mail' 'source.ip: via.addr' \
        'user_agent.original: via.client' "event.outcome: .from: ok, map: .'true': success, 'false': failure" 'cloud.account.id: shop'; do
        has "the draft has $line" "$out" "^  $line.*guess"
done
has "the draft has a class" "$out" '^  - class: mfa$'
exits "the draft passes beside all others" 0 "$shopbell" sources test --sources "$SHOPBELL_SOURCES" --sources "$tmp/lantern.yml" lantern
has "its recognition is exact" "$out" '^ok lantern: identify: 4 records'
exits "the draft reads the whole log" 0 "$shopbell" parse --sources "$SHOPBELL_SOURCES" --sources "$tmp/lantern.yml" "$tmp/lantern.ndjson"
[ "$(printf '%s\n' "$out" | grep -c '"shopbell.source":"lantern"')" = 8 ] && ok "all records are the draft's" || not_ok "all records are the draft's" "$out"
exits "records that are known already" 1 "$shopbell" sources new mine --from "$SHOPBELL_SRCDIR/samples/logs/wordpress/activity-log.ndjson"
has "records that are known already" "$err" 'the source wordpress-activity-log takes these records already'
exits "a draft without a sample" 2 "$shopbell" sources new mine
exits "a bad name" 3 "$shopbell" sources new Mine --from "$tmp/lantern.ndjson"
has "a bad name" "$err" 'only small letters'
exits "a sample that is not there" 3 "$shopbell" sources new mine --from "$tmp/none"
if python3 -c 'import jsonschema, yaml' 2>/dev/null; then
        cat >"$tmp/schema.py" <<'PY'
import json, sys, jsonschema, yaml
class Loader(yaml.SafeLoader): pass
Loader.yaml_implicit_resolvers = {k: [r for r in v if r[0] != "tag:yaml.org,2002:timestamp"] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}
jsonschema.validate(yaml.load(open(sys.argv[2]), Loader), json.load(open(sys.argv[1])))
PY
        exits "the draft fits the schema" 0 python3 "$tmp/schema.py" "$SHOPBELL_SRCDIR/schema/source.schema.json" "$tmp/lantern.yml"
else
        skip "the draft fits the schema" "python3-jsonschema or python3-yaml is not installed"
fi
printf 'Date;User;IP Address;Action\n2026-03-04 09:00:00;mei;192.0.2.7;"Login;\nagain"\n2026-03-04 09:01:00;mei;192.0.2.7;Login\n' >"$tmp/table.csv"
exits "a draft of a table, from standard input" 0 sh -c "exec '$shopbell' sources new table --from - <'$tmp/table.csv'"
has "a draft of a table" "$out" '^delimiter: .;.$'
has "a cell over two lines" "$out" 'Login;.nagain'

# ---- explain ----
exits "explain" 0 "$shopbell" sources explain --sources "$tmp/lantern.yml" "$tmp/lantern.ndjson:2"
has "explain: which record" "$out" 'lantern.ndjson:2, lantern, 2026-11-22T03:02:02Z, class export$'
has "explain: taken" "$out" '^evt.do +report.sales_exported +event.action; class export; asked by rows of class login, mfa; recognise$'
has "explain: ignored" "$out" '^v +2 +ignored$'
exits "explain --index, several" 0 "$shopbell" sources explain --sources "$tmp/lantern.yml" --index 6 -n 5 -o ndjson "$tmp/lantern.ndjson"
has "explain as ndjson" "$out" '^\{"record":7,"source":"lantern","field":"evt.ref","value":"L-0007","use":"event.id; recognise"\}$'
lacks "explain begins at the index" "$out" '"record":5,'
exits "a record that is not there" 3 "$shopbell" sources explain --sources "$tmp/lantern.yml" "$tmp/lantern.ndjson:8"
has "a record that is not there" "$err" 'there is no record 8'
exits "explain of an unknown log" 3 "$shopbell" sources explain "$tmp/lantern.ndjson"
has "explain of an unknown log" "$err" 'sources identify'
printf '2026-03-04T09:00:00+00:00 web1 sshd[1]: Accepted password for ro\033[2Jot from 203.0.113.9 port 1 ssh2\n' >"$tmp/evil.log"
exits "explain of hostile bytes" 0 "$shopbell" sources explain "$tmp/evil.log"
if printf '%s' "$out" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no escape reaches the terminal" "$out"; else ok "no escape reaches the terminal"; fi
exits "explain of hostile bytes, as CSV" 0 "$shopbell" sources explain -o csv "$tmp/evil.log"
has "explain as CSV: a whole value, but no escape" "$out" '^0,sshd,message,Accepted password for ro.+2Jot from'
if printf '%s' "$out" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no escape reaches CSV" "$out"; else ok "no escape reaches CSV"; fi

# ---- test ----
sed 's/^name: lantern/name: twin/; s/product: lantern/product: twin/' "$tmp/lantern.yml" >"$tmp/twin.yml"
exits "two sources that claim the same" 1 "$shopbell" sources test --sources "$tmp/lantern.yml" --sources "$tmp/twin.yml"
has "two sources that claim the same" "$out" '^not ok lantern: identify: sample .* claimed by twin'

# ---- coverage ----
exits "coverage" 0 "$shopbell" sources coverage
cp "$tmp/out" "$tmp/sources.md"
same "doc/sources.md is as old as the source files (make sources-page)" "$SHOPBELL_SRCDIR/doc/sources.md" "$tmp/sources.md"
exits "coverage of one" 0 "$shopbell" sources coverage --sources "$tmp/lantern.yml" -o json
has "coverage as json" "$out" '"classes":\{"login":\{"values":1,"rows":1\},"mfa":\{"values":1,"rows":1\},"export":\{"values":1,"rows":1\}\}'
exits "coverage as something else" 2 "$shopbell" sources coverage -o xml
finish
