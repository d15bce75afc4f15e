#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Placeholders, filters, rules of Sigma 1 and deprecated ones, through the command line and the daemon.
. "$(dirname "$0")/lib.sh"
mkdir "$tmp/rules" "$tmp/filters"
cat >"$tmp/rules/placeholder.yml" <<'END'
title: Somebody else signed in
id: p1
logsource: {product: aws, service: cloudtrail}
detection:
  sel: {eventName: ConsoleLogin}
  known:
    userIdentity.userName|expand: '%admins%'
  condition: sel and not known
level: high
END
cat >"$tmp/rules/old.yml" <<'END'
title: Many sign-ins
id: o1
logsource: {product: aws, service: cloudtrail}
detection:
  sel: {eventName: ConsoleLogin}
  timeframe: 10m
  condition: sel | count(userIdentity.userName) by sourceIPAddress > 2
level: critical
END
cat >"$tmp/rules/deprecated.yml" <<'END'
title: A sign-in
id: d1
status: deprecated
logsource: {product: aws, service: cloudtrail}
detection: {sel: {eventName: ConsoleLogin}, condition: sel}
level: low
END
cat >"$tmp/filters/robot.yml" <<'END'
title: The robot may
logsource: {product: aws, service: cloudtrail}
filter:
  rules: [p1, o1]
  robot: {userIdentity.userName: robot}
  condition: not robot
END
n=0
for user in mia jun lea robot; do
        n=$((n + 1))
        printf '{"eventVersion":"1","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","awsRegion":"r","eventTime":"2026-03-04T08:15:3%sZ","eventID":"%s","sourceIPAddress":"203.0.113.9","userIdentity":{"type":"IAMUser","userName":"%s"}}\n' $n $n $user
done >"$tmp/log.ndjson"
printf 'admins: [mia, "le*"]\n' >"$tmp/lists.yml"
printf 'inputs:\n- {name: a, files: log.ndjson}\nrules: [rules, filters]\nplaceholders: {admins: [mia]}\nwith-deprecated: true\n' >"$tmp/shopbell.yml"
hits() { name=$1; shift; exits "$name" 0 "$shopbell" scan -q --hits -o ndjson "$@" "$tmp/log.ndjson"; counted=$(printf '%s\n' "$out" | grep -c "\"id\":\"$id\""); }
is() { if [ "$counted" = "$2" ]; then ok "$1"; else not_ok "$1" "$counted, not $2"; fi; }

exits "check without lists" 0 "$shopbell" rules check "$tmp/rules"
has "the rule is off, and why" "$out" 'placeholder.yml:7:35: expand: the rule is off, .* admins; write in shopbell.yml  placeholders: \{admins: \[VALUE, …\]\} \[remark: load\]'
has "the translation is shown" "$out" 'old.yml:7:14: condition: .*correlation: \{type: value_count, rules: \[NAME\], group-by: \[sourceIPAddress\], timespan: 10m, condition: \{field: userIdentity.userName, gt: 2\}\} \[remark: load\]'
has "deprecated rules are off" "$out" 'deprecated.yml:3:9: status deprecated: .*--with-deprecated'
has "they are counted" "$out" '^4 rules \(2 off\), 0 filters; '
exits "a filter without its rules" 1 "$shopbell" rules check "$tmp/filters" "$SHOPBELL_RULES"
has "the name is shown" "$out" 'robot.yml:4:11: filter: no rule has the id or name p1 \[error: load\]'
exits "list" 0 "$shopbell" rules list -o csv --rules "$tmp/rules" --rules "$tmp/filters"
has "list: off" "$out" '^high,rule,off,Somebody else signed in,'
has "list: the translated one" "$out" '^critical,value_count,on,Many sign-ins,aws-cloudtrail,o1'
has "list: what it counts" "$out" '^critical,rule,feeds,Many sign-ins \(the records it counts\),aws-cloudtrail,o1/records'
has "list: the filter" "$out" '^,filter,on,The robot may,'

id=p1
hits "hits without lists" --rules "$tmp/rules"; is "no hits of a rule that is off" 0
hits "hits with lists" --rules "$tmp/rules" --placeholders "$tmp/lists.yml"; is "placeholders are filled in" 2
hits "hits with a filter" --rules "$tmp/rules" --rules "$tmp/filters" --placeholders "$tmp/lists.yml"; is "the filter leaves the robot out" 1
hits "hits with the lists of shopbell.yml" --rules "$tmp/rules" --placeholders "$tmp/shopbell.yml"; is "shopbell.yml serves as well" 3
id=d1
hits "hits of deprecated rules" --rules "$tmp/rules" --with-deprecated; is "they run when asked for" 4
exits "alerts" 0 "$shopbell" scan -q -o csv --rules "$tmp/rules" --rules "$tmp/filters" "$tmp/log.ndjson"
has "the translated rule alerts" "$out" ',critical,3,.*Many sign-ins'
cat >>"$tmp/rules/old.yml" <<'END'
shopbell.tests:
  - source: aws-cloudtrail
    hit: {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, eventTime: '2026-03-04T08:15:30Z'}
  - source: aws-cloudtrail
    alerts: 0
    raise:
      - {eventSource: signin.amazonaws.com, eventName: ConsoleLogin, eventTime: '2026-03-04T08:15:30Z',
         sourceIPAddress: 203.0.113.9, userIdentity: {userName: mia}}
END
exits "tests of a translated rule" 0 "$shopbell" rules test "$tmp/rules"
has "tests of records go with the records" "$out" '^ok Many sign-ins \(the records it counts\): hit 1$'
has "tests of alerts go with the correlation" "$out" '^ok Many sign-ins: raise 1$'
exits "bad lists" 3 "$shopbell" rules check --placeholders "$tmp/rules/old.yml" "$tmp/rules"
has "bad lists have a place" "$err" 'old.yml:3:12: a map where a value of a placeholder belongs'
exits "no lists" 3 "$shopbell" scan --placeholders "$tmp/none.yml" "$tmp/log.ndjson"

exits "the daemon" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state" --once
exits "its alerts" 0 "$shopbell" alerts --state "$tmp/state" -o csv
has "the daemon fills placeholders in" "$out" 'Somebody else signed in'
has "the daemon runs deprecated rules when asked to" "$out" 'A sign-in'
has "the daemon counts" "$out" 'Many sign-ins'
sed -i '/^placeholders/d' "$tmp/shopbell.yml"
exits "the daemon without lists" 0 "$shopbelld" --config "$tmp/shopbell.yml" --state "$tmp/state2" --once
has "the daemon says what is off" "$err" '1 rules are off, since .placeholders:. in '
finish
