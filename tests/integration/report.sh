#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The owner's page and the digest: from logs and from the store, the same bytes for the same data, written whole or not at all,
# nothing of a log is markup, nothing is fetched; looked at by a browser where there is one.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples"
with="--geoip $samples/geoip.mmdb --networks $samples/shopbell.yml --people $samples/people.yml"
page="$tmp/www/report.html"
mkdir "$tmp/www"

# quiet NAME FILE: nothing in the page can run, and nothing is fetched.
quiet() {
        # No text holds a ">": what stands between angles is markup of ours.
        found=$(grep -oE '<[a-zA-Z!/][^>]*>' "$2" | grep -E '^<(script|img|link|iframe|object|embed|form|base|audio|video|use|image)|[ "](src|srcset|action|data|poster|on[a-z]+)=|href="[^#]' | head -n 3
                grep -oE 'url\(|@import' "$2")
        if [ -z "$found" ]; then ok "$1"; else not_ok "$1" "$found"; fi
        has "$1: its policy" "$(head -n 8 "$2")" "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'"
        LC_ALL=C grep -q "$(printf '\033\\|\342\200\256\|\357\273\277\|\302\233')" "$2" && not_ok "$1: control characters" || ok "$1: no control characters"
}

# ---- From logs
# shellcheck disable=SC2086
exits "a page of the sample shop" 0 "$shopbell" report -q --html "$page" $with "$samples/logs"
quiet "the page" "$page"
text=$(cat "$page")
has "says how many things there are" "$text" '<h1>30 things need you, 5 of them critical\.</h1>'
has "tells the worst" "$text" '<h3>jun purged or switched off the activity log of the shop from 198\.51\.100\.77</h3>'
has "with steps" "$text" '<li>Change the passwords of all administrators\.</li>'
has "what to put right" "$text" 'Lea left on 2026-03-06, and the account lea \(aws-cloudtrail\) acted on 2026-03-11'
has "who took data out, from where" "$(printf '%s' "$text" | tr -d '\n')" '>Lea</th><td[^>]*>KR</td><td[^>]*>50</td><td[^>]*>1\.3 MB</td>'
has "strangers" "$text" '<b>backup-svc</b><span class="tag bad">stranger</span>'
has "what is not covered" "$text" '<li>Nothing is known from before 2 March 2026\.</li>'
# shellcheck disable=SC2086
exits "again" 0 "$shopbell" report -q --html - --threads 1 $with "$samples/logs"
printf "%s\n" "$out" >"$tmp/again.html"
same "the same bytes" "$page" "$tmp/again.html"
exits "the time is a choice" 0 "$shopbell" report -q --html - --since 2d --people "$samples/people.yml" "$samples/logs/sshd"
has "and named" "$out" '<title>Shop report, 1[0-9] to 1[0-9] March 2026|<title>Shop report, 1[0-9] March to 1[0-9] March 2026'

# ---- Written whole
chmod 640 "$page"
exits "over an old page" 0 "$shopbell" report -q --html "$page" "$samples/logs/sshd"
has "its mode stays" "$(stat -c %a "$page")" '^640$'
ln -s report.html "$tmp/www/link.html"
exits "through a link" 0 "$shopbell" report -q --html "$tmp/www/link.html" "$samples/logs/sshd"
has "which stays one" "$(readlink "$tmp/www/link.html")" '^report\.html$'
exits "a new page" 0 "$shopbell" report -q --html "$tmp/www/new.html" "$samples/logs/sshd"
has "is its owner's alone" "$(stat -c %a "$tmp/www/new.html")" '^600$'
exits "where no page can be" 3 "$shopbell" report -q --html "$tmp/none/report.html" "$samples/logs/sshd"
has "is said" "$err" 'none/report\.html: the page cannot be written: No such file'
has "nothing else is left" "$(ls "$tmp/www" | tr '\n' ' ')" '^link\.html new\.html report\.html $'
exits "without a place" 2 "$shopbell" report "$samples/logs/sshd"
has "is a mistake" "$err" 'say where the page goes: --html FILE'
exits "no store" 3 "$shopbell" report --html "$page" --state "$tmp/none"
has "leaves the old page" "$(head -c 15 "$page")" '^<!DOCTYPE html>'

# ---- From the store
mkdir "$tmp/state"
exits "the daemon reads" 0 "$shopbelld" --config "$samples/shopbell.yml" --state "$tmp/state" --once
alert=$("$shopbell" alerts --state "$tmp/state" -w -n 1 -o ndjson | cut -c 8-39)
exits "a page of its store" 0 "$shopbell" report --html "$page" --state "$tmp/state" --people "$samples/people.yml" --since 2026-02-01
quiet "that page" "$page"
has "has a time" "$(cat "$page")" '<dt>Made</dt><dd>[0-9]+ [A-Z][a-z]+, [0-9:]+, from the daemon’s store</dd>'
has "names commands" "$(cat "$page")" "<code>shopbell show $(printf %.8s "$alert")</code>"
has "all waits" "$(cat "$page")" '<b>24</b> open alerts'
has "and tells of quiet logs" "$(cat "$page")" 'AWS CloudTrail</th>.*<span class="tag bad">quiet</span>'
exits "an answer" 0 "$shopbell" answer --state "$tmp/state" "$alert" me
exits "and the page again" 0 "$shopbell" report --html "$page" --state "$tmp/state" --people "$samples/people.yml" --since 2026-02-01
has "one less waits" "$(cat "$page")" '<b>23</b> open alerts'
has "the day tells of it" "$(cat "$page")" 'jun got in from .* <span class="tag ok">“it was me”</span>'

# ---- The digest
exits "a digest" 0 "$shopbell" digest --state "$tmp/state" --people "$samples/people.yml"
has "begins with the same sentence" "$(printf '%s\n' "$out" | head -n 1)" '^29 things need you, 4 of them critical\.$'
has "says what is open" "$out" '^  critical 11 Mar 03:24 \[[0-9a-f]{8}\] jun purged or switched off'
has "is short" "$(printf '%s\n' "$out" | wc -l)" '^([1-3]?[0-9]|40)$'
exits "of a time with nothing new" 0 "$shopbell" digest --state "$tmp/state" --since 1d
has "says so" "$out" ': 0 alerts rang'

# ---- What an attacker writes
mkdir "$tmp/in" "$tmp/rules"
cat >"$tmp/rules/any.yml" <<'END'
title: Any login
level: high
logsource: {product: shopbell, category: login}
detection: {s: {shopbell.class: login}, condition: s}
shopbell.sentence: "{user.name} came in with {user_agent.original}"
shopbell.playbook: |
  Ask {user.name}.
END
cat >"$tmp/rules/export.yml" <<'END'
title: Any export
level: high
logsource: {product: shopbell, category: export}
detection: {s: {shopbell.class: export}, condition: s}
shopbell.classes: [export]
shopbell.sentence: "{user.name} took {shopbell.object}"
END
long=$(yes '<b>wide</b>' | head -n 5000 | tr -d '\n')
n=0
for name in "<script>alert(1)</script>" "\\\"><img src=http://203.0.113.1/x onerror=alert(1)>" "'); DROP TABLE alert; --" "\\u001b[31mred\\u001b]8;;http://evil\\u0007" \
        "\\u202egnp.exe\\u2066" "javascript:alert(1)" "</style><style>*{display:none}" "\`code\`" "$long"; do
        for event in ConsoleLogin GetObject; do
                n=$((n + 1))
                cat >>"$tmp/in/trail.ndjson" <<END
{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","userName":"$name"},"eventTime":"2026-03-07T00:00:${n}0Z","eventSource":"$([ $event = ConsoleLogin ] && echo signin || echo s3).amazonaws.com","eventName":"$event","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.77","eventID":"id-$n","userAgent":"$name","additionalEventData":{"MFAUsed":"No"},"requestParameters":{"bucketName":"$name","key":"$name"},"responseElements":{"ConsoleLogin":"Success"}}
END
        done
done
sed -i 's/:\([0-9]\)0Z/:0\1Z/; s/:\(1[0-9]\)0Z/:\1Z/' "$tmp/in/trail.ndjson"
exits "a page of hostile records" 0 "$shopbell" report --html "$page" --rules "$tmp/rules" "$tmp/in"
quiet "hostile names" "$page"
has "are text" "$(cat "$page")" '<h3>&lt;script&gt;alert\(1\)&lt;/script&gt; came in with &lt;script&gt;'
has "quotes as well" "$(cat "$page")" '&quot;&gt;&lt;img src=http'
has "what steers a terminal is seen" "$(cat "$page")" '<h3>�\[31mred�\]8;;http://evil� came in'
has "what is long is cut" "$(wc -c <"$page")" '^[0-9]{5,6}$'
exits "a digest of them" 0 "$shopbell" digest --rules "$tmp/rules" "$tmp/in"
has "has no control characters" "[$(printf '%s' "$out" | LC_ALL=C tr -d '\n' | LC_ALL=C grep -c '[[:cntrl:]]')]" '^\[0\]$'

# ---- A browser
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
# browse OPTION…: the browser, without a screen and a past; what it asks for is noted.
browse() {
        timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$tmp/browser" \
                --log-net-log="$tmp/net.json" --net-log-capture-mode=Everything "$@" >"$tmp/dom" 2>"$tmp/err"
}
if [ -z "$browser" ]; then
        skip "the page in a browser" "chromium is not installed"
elif ! browse --dump-dom "file://$page" || ! grep -q '</html>' "$tmp/dom"; then
        skip "the page in a browser" "it does not run here: $(tail -n 1 "$tmp/err")"
else
        has "no hostile name becomes an element" "[$(grep -cE '<(script|img)' "$tmp/dom")]" '^\[0\]$'
        has "nor ends the style" "$(grep -c '<style>' "$tmp/dom")" '^1$'
        has "the page was asked for" "[$(grep -c "file://$page" "$tmp/net.json")]" '^\[[1-9]'
        has "and nothing that hostile names point to" "[$(grep -cE '203\.0\.113\.1|evil' "$tmp/net.json")]" '^\[0\]$'
        # shellcheck disable=SC2086
        "$shopbell" report -q --html "$page" $with "$samples/logs"
        for width in 1280 360; do
                browse --window-size=$width,900 --screenshot="$tmp/www/$width.png" "file://$page"
                has "a picture, $width wide" "[$(head -c 4 "$tmp/www/$width.png" | tail -c 3)] $(wc -c <"$tmp/www/$width.png")" '^\[PNG\] [0-9]{5,}$'
        done
fi
finish
