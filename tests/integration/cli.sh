#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line: help, usage errors, output forms.
. "$(dirname "$0")/lib.sh"
samples="$SHOPBELL_SRCDIR/samples/logs"

exits "help" 0 "$shopbell" --help
for command in scan backtest parse alerts show status reload 'sources list' 'sources identify' 'sources test' 'rules list' 'rules check' 'rules test'; do
        has "help names $command" "$out" "^  $command "
done
exits "no command" 2 "$shopbell"
exits "unknown command" 2 "$shopbell" scna
exits "half a command" 2 "$shopbell" silence
has "half a command says what may follow" "$err" '^shopbell: silence needs one of these words behind it: add, list, end;'
exits "unknown option" 2 "$shopbell" scan --hist .
has "unknown option is named" "$err" '^shopbell: --hist: unknown option'
exits "option without its value" 2 "$shopbell" scan --rules
exits "scan without files" 2 "$shopbell" scan
exits "help of a command" 0 "$shopbell" scan --help
has "help lists options" "$out" '--fail-on LEVEL'
exits "version" 0 "$shopbell" --version
exits "version of the daemon" 0 "$shopbelld" --version
exits "daemon's usage" 2 "$shopbelld" --nonsense
for command in alerts 'silence add' 'silence list' status reload 'sources list' 'sources coverage' 'rules list'; do
        exits "$command takes no arguments" 2 "$shopbell" $command now
        has "$command says so" "$err" "^shopbell: now: shopbell $command takes no arguments"
done
for command in scan backtest parse people posture 'people suggest' 'sources explain' 'rules explain x'; do
        exits "$command: no such source" 2 "$shopbell" $command --source sshb "$samples/sshd/auth.log"
        has "$command: what may have been meant" "$err" '^shopbell: sshb: no such log source, did you mean sshd;'
done
exits "sources test: no such source" 2 "$shopbell" sources test google-ads
has "sources test: what may have been meant" "$err" 'google-ads: no such log source, did you mean google-ads-[a-z-]*, google-ads-[a-z-]*, google-ads-[a-z-]*;'
exits "a source that is near none" 2 "$shopbell" parse --source xyz "$samples/sshd/auth.log"
has "a source that is near none" "$err" '^shopbell: xyz: no such log source; .shopbell sources list. shows them$'
exits "reload without a daemon" 3 "$shopbell" reload --state "$tmp/none"
has "reload without a daemon says so" "$err" 'no shopbelld runs on this state folder'
for command in alerts 'show abcd' status risk people posture 'people suggest' 'silence list' 'silence end 1' 'close abcd' 'state show' 'state forget x'; do
        exits "$command: no store" 3 "$shopbell" $command --state "$tmp/none"
        has "$command: no store" "$err" "^shopbell: $tmp/none/"
done

# The manual page: each command has a synopsis, and in it just the options that its help has.
page="$SHOPBELL_SRCDIR/doc/shopbell.1"
# Commands with a page of their own have their options there as well ("case close | reopen": both are of case).
synopsis() {
        for one in "$page" "$SHOPBELL_SRCDIR"/doc/shopbell-*.1; do
                synopsis_of "$1" "$one"
        done | sort -u
}
synopsis_of() {
        awk -v command="$1" '
                /^\.Sh DESCRIPTION/ { exit }
                /^\.Nm/ { is_first = 1; is_ours = 0; next }
                is_first && !/^\.Cm / { is_first = 0; next }
                is_first { is_first = 0; n = split(substr($0, 5), names, / \| /); split(names[1], word, / /); for (i = 2; i <= n; i++) if (FILENAME ~ /shopbell-/ && names[1] ~ / / && names[i] !~ / /) names[i] = word[1] " " names[i]; for (i = 1; i <= n; i++) is_ours = is_ours || names[i] == command; next }
                is_ours { for (i = 1; i < NF; i++) if ($i ~ /^\.?Fl$/ && $(i + 1) != "...") print $(i + 1) }' "$2"
}
"$shopbell" --help | sed -n 's/^  \([a-z]*\( [a-z][a-z]*\)\{0,1\}\)  .*/\1/p' >"$tmp/commands"
has "commands are found in the help" "$(cat "$tmp/commands")" '^sources coverage$'
while read -r command; do
        # shellcheck disable=SC2086
        "$shopbell" $command --help | sed -n 's/^  -\(.\), --.*/\1/p; s/^      -\(-[a-z-]*\).*/\1/p' | sort -u >"$tmp/help"
        synopsis "$command" >"$tmp/synopsis"
        same "synopsis of $command" "$tmp/help" "$tmp/synopsis"
        cat "$tmp/help" >>"$tmp/options"
done <"$tmp/commands"
for option in $(sort -u "$tmp/options"); do
        if grep -Eq -- "^\.It (.* )?Fl $option( |$)" "$page" "$SHOPBELL_SRCDIR"/doc/shopbell-*.1; then ok "the page tells of -$option"; else not_ok "the page tells of -$option"; fi
done

exits "parse" 0 "$shopbell" parse "$samples/sshd/auth.log"
has "parse prints ECS" "$out" '"user.name":"jun","source.ip":"203.0.113.66"'
exits "parse with native fields" 0 "$shopbell" parse --native "$samples/google-workspace/login-20260311.json"
has "native fields" "$out" '"events.name":"2sv_disable"'
exits "hits" 0 "$shopbell" scan -q --hits -o ndjson "$samples/wordpress/activity-log.ndjson"
has "a hit is one JSON object" "$out" '^\{"rule":\{"id":"[^"]+","title":"[^"]+","level":"critical","class":\["log_tamper"\]\},"source":"wordpress-activity-log","file":"[^"]+","index":[0-9]+,"record_id":"[^"]+","@timestamp":"2026-03-11T03:24:00'
exits "standard input" 0 sh -c "'$shopbell' scan -q -o csv - <'$samples/sshd/auth.log'"
has "standard input is read" "$out" 'After many failed logins, jun got in from 203.0.113.66'
exits "identify" 0 "$shopbell" sources identify "$samples"/*/*2026031* "$samples/sshd/auth.log" "$samples/wordpress/activity-log.ndjson"
for source in aws-cloudtrail google-ads-change-event meta-ads-activities google-workspace-login sshd wordpress-activity-log; do
        has "identify knows $source" "$out" " $source "
done
echo '{"hello":"world"}' >"$tmp/x.json"
exits "identify says no" 3 "$shopbell" sources identify "$tmp/x.json"
exits "sources list" 0 "$shopbell" sources list
has "sources list" "$out" '^aws-cloudtrail +AWS CloudTrail +json +aws/cloudtrail'
exits "sources test" 0 "$shopbell" sources test
exits "rules list" 0 "$shopbell" rules list -o csv
exits "rules check" 0 "$shopbell" rules check
exits "rules test: every rule but the inner steps has a hit, a miss and a look-alike" 0 "$shopbell" rules test --strict \
        --geoip "$SHOPBELL_SRCDIR/samples/geoip.mmdb" --people "$SHOPBELL_SRCDIR/samples/people.yml" --networks "$SHOPBELL_SRCDIR/samples/shopbell.yml"
has "none of them fails or is left out" "$out" '^[0-9]+ passed, 0 failed$'

# Log bytes that would move the cursor or turn the text round reach no terminal.
printf '2026-03-04T09:00:00+00:00 web1 sshd[1]: Accepted password for root from 203.0.113.9\033[2Jx port 1 ssh2\n' >"$tmp/evil.log"
printf '2026-03-04T09:00:00+00:00 we\033b1 sshd[1]: Accepted password for root from 203.0.113.9 port 1 ssh2\n' >>"$tmp/evil.log"
exits "hostile bytes" 0 "$shopbell" scan "$tmp/evil.log"
if printf '%s%s' "$out" "$err" | LC_ALL=C grep -q "$(printf '\033')"; then not_ok "no escape reaches the terminal" "$out"; else ok "no escape reaches the terminal"; fi
finish
