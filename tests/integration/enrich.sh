#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Places, operators, networks and devices: from databases of every layout, for rules that ask, and without a usable database.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples"
if ! command -v python3 >/dev/null; then
        skip "enrich" "python3 is not installed"
        exit 0
fi
for layout in all city country asn flat; do
        python3 "$samples/geoip.py" "$tmp/$layout.mmdb" "$layout" || not_ok "geoip.py $layout"
done
if cmp -s "$samples/geoip.mmdb" "$tmp/all.mmdb"; then ok "samples/geoip.mmdb is what geoip.py writes"; else not_ok "samples/geoip.mmdb"; fi

record() {
        printf '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"lea"},"eventTime":"2026-03-10T10:00:00Z",'
        printf '"eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"eu-west-1","sourceIPAddress":"%s",' "$1"
        printf '"userAgent":"okhttp/4.9","eventID":"%s","responseElements":{"ConsoleLogin":"Success"}}\n' "$2"
}
n=0
for address in 192.0.2.10 198.51.100.77 203.0.113.9 203.0.113.200 2001:db8:1::1 ::ffff:192.0.2.130 10.0.0.1 8.8.8.8; do
        n=$((n + 1))
        record "$address" "id$n"
done >"$tmp/log.ndjson"

# The fields of enrichment, one line for each record.
fields() {
        "$shopbell" parse "$@" "$tmp/log.ndjson" | python3 -c '
import json, sys
names = ["source.ip", "source.geo.country_iso_code", "source.geo.city_name", "source.geo.location", "shopbell.geo.radius_km",
         "shopbell.geo.precision", "source.as.number", "source.as.organization.name", "shopbell.network", "shopbell.network.class",
         "shopbell.device"]
for line in sys.stdin:
    record = json.loads(line)
    print(*(record.get(name, "") for name in names), sep="|")'
}
cat >"$tmp/expected" <<'END'
192.0.2.10|NL|Utrecht|52.0907,5.1214|10|city|64500|Example Broadband|office|office|okhttp on Android
198.51.100.77|KR|Seoul|37.5665,126.9780|20|city|64502|Example Mobile|mobile|mobile|okhttp on Android
203.0.113.9|BR||-10.0000,-53.0000|2400|country|64503|Example Hosting|||okhttp on Android
203.0.113.200|SG|Singapore|1.3521,103.8198|20|city|64504||||okhttp on Android
2001:db8:1::1|KR|Seoul|37.5665,126.9780|20|city|64502|Example Mobile|mobile|mobile|okhttp on Android
192.0.2.130|DE|Berlin|52.5200,13.4050|20|city|64500|Example Broadband|||okhttp on Android
10.0.0.1||||||||||okhttp on Android
8.8.8.8||||||||||okhttp on Android
END
fields --geoip "$tmp/all.mmdb" --networks "$samples/shopbell.yml" >"$tmp/got"
same "place, operator, network and device" "$tmp/expected" "$tmp/got"
fields --geoip "$tmp/asn.mmdb" --geoip "$tmp/city.mmdb" --networks "$samples/shopbell.yml" >"$tmp/got"
same "two databases say the same as one" "$tmp/expected" "$tmp/got"
fields --geoip "$tmp/country.mmdb" --geoip "$tmp/all.mmdb" --networks "$samples/shopbell.yml" >"$tmp/got"
same "a city of the second in the country of the first" "$tmp/expected" "$tmp/got"
fields --geoip "$tmp/country.mmdb" >"$tmp/got"
has "a country alone: its middle and its radius" "$(cat "$tmp/got")" '^198.51.100.77\|KR\|\|36.3000,127.8000\|350\|country\|\|\|'
fields --geoip "$tmp/flat.mmdb" >"$tmp/got"
has "the flat layout" "$(cat "$tmp/got")" '^198.51.100.77\|KR\|Seoul\|37.5665,126.9780\|50\|city\|64502\|\|'
fields >"$tmp/got"
has "without a database the device is known" "$(cat "$tmp/got")" '^192.0.2.10\|\|\|\|\|\|\|\|\|\|okhttp on Android$'

mkdir "$tmp/rules"
cat >"$tmp/rules/kr.yml" <<'END'
title: Login from Korea over a mobile network
level: high
logsource: {product: shopbell, category: login}
detection: {s: {source.geo.country_iso_code: KR, shopbell.network.class: mobile}, condition: s}
shopbell.sentence: "{user.name} came from {source.geo.city_name} ({source.geo.location}) with {shopbell.device} over {source.as.organization.name}"
END
exits "a rule asks for the place" 0 "$shopbell" scan --rules "$tmp/rules" --geoip "$tmp/all.mmdb" --networks "$samples/shopbell.yml" \
        -o ndjson "$tmp/log.ndjson"
has "and finds both addresses" "$out" '"sentence":"lea came from Seoul \(37.5665,126.9780\) with okhttp on Android over Example Mobile".*"count":2,'
has "what no database knows is counted" "$err" ', 1 places_unknown, 1 as_unknown'
cp "$tmp/out" "$tmp/one"
"$shopbell" scan -q --threads 4 --rules "$tmp/rules" --geoip "$tmp/all.mmdb" --networks "$samples/shopbell.yml" -o ndjson "$tmp/log.ndjson" >"$tmp/four"
same "four threads say the same" "$tmp/one" "$tmp/four"
exits "without a database it finds none" 0 "$shopbell" scan -q --rules "$tmp/rules" -o ndjson "$tmp/log.ndjson"
has "none" "[$out]" '^\[\]$'

# Unusable files.
exits "a missing database" 3 "$shopbell" scan --geoip "$tmp/none.mmdb" "$tmp/log.ndjson"
has "it is named" "$err" 'none.mmdb: the database cannot be opened: No such file'
head -c 900 "$tmp/city.mmdb" >"$tmp/cut.mmdb"
exits "a truncated database" 3 "$shopbell" parse --geoip "$tmp/cut.mmdb" "$tmp/log.ndjson"
has "it is named, too" "$err" 'cut.mmdb: no MaxMind database: its metadata is not there'
exits "a database that is none" 3 "$shopbell" rules test --geoip "$tmp/log.ndjson"
exits "networks with a mistake" 3 "$shopbell" scan --networks "$tmp/log.ndjson" "$tmp/log.ndjson"
printf -- '- {name: a, class: office, cidr: [192.0.2.0/33]}\n' >"$tmp/networks.yml"
exits "a network that is none" 3 "$shopbell" scan --networks "$tmp/networks.yml" "$tmp/log.ndjson"
has "with its place" "$err" 'networks.yml:1:35: no network: write 192.0.2.0/24'
printf 'geoip: cut.mmdb\nrules: rules\ninputs: [{files: log.ndjson}]\n' >"$tmp/shopbell.yml"
exits "the daemon goes on without" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
has "and says so" "$err" 'cut.mmdb: no MaxMind database'
printf 'networks: networks.yml\ninputs: [{files: log.ndjson}]\n' >"$tmp/shopbell.yml"
exits "a mistake in the configuration ends it" 3 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
has "with its place" "$err" 'networks.yml:1:35: no network'
finish
