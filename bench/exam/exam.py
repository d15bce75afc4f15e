#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`make exam`: records of other people's tests of other people's rules, each through `shopbell scan` with the whole pack.

A line of an exam is {id, log_type, theme, expected, repeat, within_minutes, log}: `log` is a vendor's record, `expected` says
whether a rule of the theme should speak. A rule is one of the theme when it shares a class with it (CLASSES). Every line is
scanned by itself, so that none helps another; a positive that says `repeat` comes that many times, spread evenly over
within_minutes, each time with a stamp and an id of its own. A record without a stamp that can be read gets START.

    exam.py [-v] [--shopbell PROGRAM] [--rules DIR]... [--theme NAME]... [--type PREFIX]... [--line ID]... FILE...

-v lists what was missed, flagged in error, or not read; --line shows what one line leads to. The exit code is 1 when a scan
fails or a line of the exam is wrong, 0 else: the goals (95 % flagged, 3 % in error) are judged by whoever reads the table."""
import argparse
import collections
import concurrent.futures
import copy
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
START = datetime.datetime(2026, 3, 4, 9, 0, 0, tzinfo=datetime.timezone.utc)
CLASSES = {
    'login_anomaly': {'login'},
    'brute_force': {'login'},
    'missing_mfa': {'login', 'mfa'},
    'mfa_tamper': {'mfa', 'config'},
    'bulk_export': {'export', 'share', 'mail_rule'},
    'privilege_grant': {'grant', 'account'},
    'credential_creation': {'credential'},
    'log_tamper': {'log_tamper', 'config'},
    'dormant_or_root_use': {'login', 'account'},
    'payment_or_billing': {'payout', 'ad_spend'},
}
# Of the log types that begin so: where the stamps and ids are, and how the first stamp is written where it is missing.
STAMPS = (
    ('AWS.CloudTrail', ['eventTime'], 'iso', ['eventID']),
    ('Asana.', ['created_at'], 'iso', ['gid']),
    ('Auth0.', ['data.date'], 'iso', ['log_id', 'data.log_id', 'data._id']),
    ('Azure.', ['time', 'properties.createdDateTime', 'properties.activityDateTime'], 'iso', ['properties.id']),
    ('Box.', ['created_at'], 'iso', ['event_id']),
    ('Dropbox.', ['timestamp'], 'iso', []),
    ('Duo.Authentication', ['timestamp', 'isotimestamp'], 's', ['txid']),
    ('Duo.', ['timestamp', 'isotimestamp'], 'iso', []),
    ('GCP.', ['timestamp', 'receiveTimestamp'], 'iso', ['insertId']),
    ('GSuite.', ['id.time'], 'iso', ['id.uniqueQualifier']),
    ('GitHub.', ['@timestamp', 'created_at'], 'ms', ['_document_id']),
    ('Microsoft365.', ['CreationTime'], 'iso', ['Id']),
    ('MongoDB.', ['created'], 'iso', ['id']),
    ('Notion.', ['event.timestamp'], 'iso', ['event.id']),
    ('Okta.', ['published'], 'iso', ['uuid']),
    ('OneLogin.', ['created_at'], 'iso', ['id']),
    ('Salesforce.', ['TIMESTAMP', 'TIMESTAMP_DERIVED'], 'iso', ['REQUEST_ID']),
    ('Slack.', ['date_create'], 's', ['id']),
    ('Snowflake.QueryHistory', ['START_TIME', 'END_TIME'], 'iso', ['QUERY_ID']),
    ('Snowflake.', ['CREATED_ON'], 'iso', []),
    ('Zendesk.', ['created_at'], 'iso', ['id']),
    ('Zoom.', ['time'], 'iso', []),
)
STAMP = re.compile(r'(\d{4})-(\d\d)-(\d\d)([T ])(\d\d):(\d\d):(\d\d)')


def place(record, path):
    """The object that holds the last name of a path, and that name; None where there is no such object."""
    *above, last = path.split('.')
    for name in above:
        record = record.get(name) if isinstance(record, dict) else None
    return (record, last) if isinstance(record, dict) else None


def moved(value, seconds):
    """A stamp that much later, written as before; None when it is no stamp."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value + int(seconds * 1000 if value > 1e11 else seconds)
    found = STAMP.match(value) if isinstance(value, str) else None
    if not found:
        return None
    year, month, day, between, *clock = found.groups()
    later = datetime.datetime(*map(int, [year, month, day, *clock])) + datetime.timedelta(seconds=seconds)
    return later.strftime('%Y-%m-%d' + between + '%H:%M:%S') + value[found.end():]


def stamp(record, paths, form, seconds):
    """Moves all stamps of a record; gives it one where none can be read."""
    spots = [spot for spot in (place(record, path) for path in paths) if spot]
    read = [(*spot, moved(spot[0].get(spot[1]), seconds)) for spot in spots]
    for above, name, value in read:
        if value is not None:
            above[name] = value
    if spots and all(value is None for *_, value in read):
        at = START + datetime.timedelta(seconds=seconds)
        above, name = spots[0]
        above[name] = {'iso': at.strftime('%Y-%m-%dT%H:%M:%SZ'), 's': int(at.timestamp()), 'ms': int(at.timestamp() * 1000)}[form]


def records(line):
    """The records a line stands for."""
    _, paths, form, ids = next((row for row in STAMPS if line['log_type'].startswith(row[0])), (None, [], 'iso', []))
    times = line['repeat'] if line['expected'] else 1
    for n in range(times):
        record = copy.deepcopy(line['log'])
        stamp(record, paths, form, n * line['within_minutes'] * 60 // times)
        for above, name in filter(None, (place(record, path) for path in ids)) if n else ():
            old = above.get(name, 'exam')
            above[name] = old + n if isinstance(old, int) else '%s-%d' % (old, n)
        yield record


def scan(line, options):
    """Alerts of a line, and whether its records were read at all."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'log.json')
        with open(path, 'w', encoding='utf-8') as file:
            file.writelines(json.dumps(record) + '\n' for record in records(line))
        command = [options.shopbell, 'scan', '--all', '--threads', '1', '-o', 'ndjson']
        for rules in options.rules or ():
            command += ['--rules', rules]
        done = subprocess.run(command + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode:
            raise RuntimeError('%s: exit %d: %s' % (line['id'], done.returncode, done.stderr.decode(errors='replace')))
        known = re.search(r'^(\d+) records', done.stderr.decode(errors='replace'), re.M)
        return [json.loads(row) for row in done.stdout.splitlines()], bool(known and int(known[1]))


def load(options):
    lines = []
    for name in options.files:
        with open(name, encoding='utf-8') as file:
            for number, text in enumerate(file, 1):
                try:
                    line = json.loads(text)
                    wanted = (not options.line or line['id'] in options.line) and (not options.theme or line['theme'] in options.theme)
                    if wanted and (not options.type or line['log_type'].startswith(tuple(options.type))):
                        line['classes'] = CLASSES[line['theme']]
                        lines.append(line)
                except (ValueError, KeyError) as error:
                    sys.exit('%s:%d: not a line of an exam: %r' % (name, number, error))
    return lines


def table(title, rows):
    print('%-64s %9s %9s' % (title, 'FLAGGED', 'IN ERROR'))
    for key in sorted(rows):
        count = rows[key]
        print('%-64s %9s %9s' % (key, '%d/%d' % (count['hit'], count['due']), '%d/%d' % (count['false'], count['quiet'])))


def main():
    parser = argparse.ArgumentParser(description='records of others\' tests through the rule pack')
    parser.add_argument('files', nargs='+')
    parser.add_argument('--shopbell', default=os.path.join(TOP, 'build', 'shopbell'))
    parser.add_argument('--rules', action='append')
    parser.add_argument('--theme', action='append')
    parser.add_argument('--type', action='append')
    parser.add_argument('--line', action='append')
    parser.add_argument('--jobs', type=int, default=os.cpu_count() or 1)
    parser.add_argument('-v', action='store_true')
    options = parser.parse_args()
    lines = load(options)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        answers = list(pool.map(lambda line: scan(line, options), lines))
    themes, types = (collections.defaultdict(collections.Counter) for _ in range(2))
    for line, (alerts, known) in zip(lines, answers):
        speaking = [a for a in alerts if line['classes'] & set(a['rule']['class'])]
        what = ('due', 'hit') if line['expected'] else ('quiet', 'false')
        for count in themes[line['theme']], themes['~ all'], types['%-20s %s' % (line['theme'], line['log_type'])]:
            count[what[0]] += 1
            count[what[1]] += bool(speaking)
        if options.v and (bool(speaking) != line['expected'] or not known):
            print('%s %-8s %-20s %s%s' % (line['id'], 'missed' if line['expected'] else 'in error' if speaking else 'quiet', line['theme'],
                                       line['log_type'], '' if known else ' (not read)'))
        if options.line or (options.v and speaking and not line['expected']):
            for a in alerts if options.line else speaking:
                print('    %s, %s: %s' % (a['rule']['level'], '/'.join(a['rule']['class']), a['rule']['title']))
    if options.v:
        print()
    table('THEME', themes)
    print()
    table('THEME AND LOG TYPE', types)


if __name__ == '__main__':
    try:
        main()
    except RuntimeError as failed:
        sys.exit(str(failed))
