#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Records of 31 kinds of log, as vendors deliver them: each kind is known for what it is, and read.
. "$(dirname "$0")/lib.sh"
records="${SHOPBELL_SHARED:-}/data/exam-open.ndjson"
if [ ! -f "$records" ]; then
        skip "records of vendors" "SHOPBELL_SHARED names no folder with data/exam-open.ndjson"
        exit 0
fi
cat >"$tmp/vendors.py" <<'PY'
import collections, json, subprocess, sys

# What each kind is to be taken for. Not records of the vendor, as they lack what all of its records have: so many may be refused.
SOURCES = {
    'AWS.CloudTrail': ('aws-cloudtrail', 2), 'Asana.Audit': ('asana-audit', 0), 'Auth0.Events': ('auth0', 0), 'Azure.Audit': ('entra-', 0),
    'Azure.MonitorActivity': ('azure-activity', 0), 'Box.Event': ('box-event', 0), 'Dropbox.TeamEvent': ('dropbox-team-log', 0),
    'Duo.Administrator': ('duo-administrator', 0), 'Duo.Authentication': ('duo-authentication', 0), 'GCP.AuditLog': ('gcp-audit', 0),
    'GSuite.ActivityEvent': ('google-workspace', 0), 'GitHub.Audit': ('github-audit', 0),
    'Microsoft365.Audit.AzureActiveDirectory': ('microsoft-365-audit', 0), 'MongoDB.OrganizationEvent': ('mongodb-atlas', 0),
    'Notion.AuditLogs': ('notion-audit', 0), 'Okta.SystemLog': ('okta', 1), 'OneLogin.Events': ('onelogin', 0), 'Salesforce.': ('salesforce-', 0),
    'Slack.AuditLogs': ('slack-audit', 0), 'Snowflake.': ('snowflake-', 0), 'Zendesk.Audit': ('zendesk-audit-log', 0),
    'Zoom.Operation': ('zoom-operation', 0),
}
kinds = collections.defaultdict(list)
for line in open(sys.argv[2]):
    one = json.loads(line)
    kinds[one['log_type']].append(json.dumps(one['log']))
bad = 0
for kind, lines in sorted(kinds.items()):
    source, may_refuse = next(v for k, v in SOURCES.items() if kind.startswith(k))
    path = '%s/%s.ndjson' % (sys.argv[3], kind)
    open(path, 'w').write('\n'.join(lines) + '\n')
    out = subprocess.run([sys.argv[1], 'parse', path], capture_output=True, text=True).stdout
    got = [json.loads(line) for line in out.splitlines()]
    wrong = []
    if len(got) < len(lines) - may_refuse:
        wrong.append('%d of %d records read' % (len(got), len(lines)))
    for r in got:
        if not r['shopbell.source'].startswith(source):
            wrong.append('taken for ' + r['shopbell.source'])
        for field in ('event.action', 'event.outcome', '@timestamp'):
            if not r.get(field):
                wrong.append('record %s without %s' % (r['shopbell.index'], field))
    print('%s %s: %s%s' % ('not ok' if wrong else 'ok', kind, source, ': ' + '; '.join(wrong[:5]) if wrong else ''))
    bad += bool(wrong)
sys.exit(bad > 0)
PY
python3 "$tmp/vendors.py" "$shopbell" "$records" "$tmp" || failures=1
finish
