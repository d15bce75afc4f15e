#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The breach replay: plays each case, runs `shopbell scan` over its year and says what was caught, when, and at what price.

What counts as caught: an alert of --level or above that
  - names the attacker: a value of its group, or its person, is one of the actors of truth.json;
  - is about the incident: it lists a line of the incident, or shopbell kept only some of its records;
  - does not come in the quiet year as well (the same rule, group and beginning);
  - was raised after the incident began. An alert that was open before it, and grows, was no news.
When it was raised is not read from the alert: the logs are cut off at moments of the incident and scanned again, until the
first moment is found at which the alert is there (to a hundredth of the time since the beginning, at least to the second).
How late the platforms deliver their logs is not counted.

False alarms are all alerts of --level or above in the quiet year, which has the same ordinary life as the others."""
import argparse
import array
import bisect
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

import generate  # noqa: E402
import incidents  # noqa: E402

LEVELS = ('informational', 'low', 'medium', 'high', 'critical')
TOP = os.path.join(HERE, '..', '..')


class Case:
    """The logs of one folder, whole or cut off, through shopbell."""
    def __init__(self, folder, options, rules):
        self.folder, self.options, self.rules, self.scans, self.cut = folder, options, rules, {}, None
        with open(os.path.join(folder, 'truth.json'), encoding='utf-8') as file:
            self.truth = json.load(file)
        self.lines = {(file, index) for file, indices in self.truth.get('lines', {}).items() for index in indices}

    def run(self, logs):
        command = [self.options.shopbell, 'scan', '-q', '-o', 'ndjson', '--threads', '1']
        if not self.options.without_places:
            command += ['--geoip', os.path.join(self.folder, 'places.mmdb'), '--networks', os.path.join(self.folder, 'networks.yml')]
        for rules in self.rules:
            command += ['--rules', rules]
        done = subprocess.run(command + [logs], stdout=subprocess.PIPE, check=True)
        alerts = [json.loads(line) for line in done.stdout.splitlines()]
        return [a for a in alerts if LEVELS.index(a['rule']['level']) >= LEVELS.index(self.options.level)]

    def whole(self):
        if None not in self.scans:
            self.scans[None] = self.run(os.path.join(self.folder, 'logs'))
        return self.scans[None]

    def load(self):
        """The bytes of the logs, where each line ends, and its time."""
        self.cut = {}
        for name in sorted(os.listdir(os.path.join(self.folder, 'logs'))):
            with open(os.path.join(self.folder, 'logs', name), 'rb') as file:
                data = file.read()
            ends, at = array.array('Q', [0]), 0
            for line in data.splitlines(keepends=True):
                at += len(line)
                ends.append(at)
            times = array.array('d')
            with open(os.path.join(self.folder, 'times', name), 'rb') as file:
                times.frombytes(file.read())
            if sys.byteorder == 'big':
                times.byteswap()
            self.cut[name] = (data, ends, times)

    def until(self, t):
        """Alerts of the records up to and including that moment."""
        if t not in self.scans:
            if self.cut is None:
                self.load()
            logs = tempfile.mkdtemp(prefix='cut-', dir=self.folder)
            for name, (data, ends, times) in self.cut.items():
                with open(os.path.join(logs, name), 'wb') as out:
                    out.write(memoryview(data)[:ends[bisect.bisect_right(times, t)]])
            self.scans[t] = self.run(logs)
            shutil.rmtree(logs)
        return self.scans[t]


def stamp(text):
    """Seconds since 1970 of an alert's time."""
    import calendar
    import time
    whole, _, fraction = text.rstrip('Z').partition('.')
    return calendar.timegm(time.strptime(whole, '%Y-%m-%dT%H:%M:%S')) + float('0.' + (fraction or '0'))


class Score:
    def __init__(self, case, quiet):
        self.case, self.truth = case, case.truth
        self.actors = {a.lower() for a in self.truth['actors']}
        self.quiet = {a['id'] for a in quiet}
        self.before = {a['id'] for a in case.until(self.truth['start'] - 1)}

    def attackers(self, alert):
        names = {str(v).lower() for v in alert['group'].values()} | {str(alert['person']).lower()}
        if not names & self.actors or alert['id'] in self.before or alert['id'] in self.quiet:
            return False
        if any((os.path.basename(r['file']), r['index']) in self.case.lines for r in alert['records']):
            return True
        return alert['count'] > len(alert['records']) and stamp(alert['last_seen']) >= self.truth['start']

    def there(self, t, rule=None):
        return any(self.attackers(a) for a in (self.case.until(t) if t else self.case.whole()) if rule in (None, a['rule']['id']))

    def raised(self, rule=None):
        """The first moment at which an alert is there; None: never."""
        mine = [a for a in self.case.whole() if self.attackers(a) and rule in (None, a['rule']['id'])]
        if not mine:
            return None
        low = max(self.truth['start'], min(stamp(a['first_seen']) for a in mine))
        high = min(stamp(a['last_seen']) for a in mine) + 1
        if self.there(low, rule):
            return low
        last = max(times[-1] for _, _, times in self.case.cut.values() if len(times))
        while not self.there(high, rule):               # told later than its last record
            low, high = high, high + max(3600, high - self.truth['start'])
            if high > last:
                high = last
                break
        while high - low > max(1, 0.01 * (high - self.truth['start'])):
            middle = (low + high) / 2
            low, high = (low, middle) if self.there(middle, rule) else (middle, high)
        return high

    def read_by(self, t):
        return sum(n for when, n in self.truth['new_customers_at'] if when <= t) / self.truth['customers']

    def row(self, every=False):
        titles = {a['rule']['id']: a['rule']['title'] for a in self.case.whole() if self.attackers(a)}
        t = self.raised()
        row = {'case': self.truth['incident'], 'caught': t is not None, 'rule': None, 'after': None,
               'customers_read_in_all': self.truth['customers_read'] / self.truth['customers'], 'needs': self.truth['needs'],
               'customers_read': None, 'rules': sorted(titles.values())}
        if t is not None:
            first = sorted((stamp(a['first_seen']), a['rule']['title']) for a in self.case.until(t) if self.attackers(a))
            row.update(rule=first[0][1], after=max(0.0, t - self.truth['start']), customers_read=self.read_by(t))
        if every:
            times = {titles[rule]: self.raised(rule) for rule in titles}
            row['rules'] = {title: {'after': when - self.truth['start'], 'after_main': when - self.truth['main'], 'customers_read': self.read_by(when)}
                            for title, when in sorted(times.items(), key=lambda item: item[1])}
        return row


def span(seconds):
    for name, size in (('d', 86400), ('h', 3600), ('min', 60)):
        if seconds >= 2 * size:
            return '%.0f %s' % (seconds / size, name) if seconds >= 20 * size else '%.1f %s' % (seconds / size, name)
    return '%.0f s' % seconds


def table(rows):
    print('%-22s %-7s %-9s %-10s %s' % ('CASE', 'CAUGHT', 'AFTER', 'READ', 'BY'))
    for row in rows:
        read = '-' if not row['customers_read_in_all'] else '%.1f%%' % (100 * (row['customers_read'] if row['caught'] else row['customers_read_in_all']))
        print('%-22s %-7s %-9s %-10s %s' % (row['case'], 'yes' if row['caught'] else 'NO', span(row['after']) if row['caught'] else '-', read,
                                            row['rule'] if row['caught'] else 'needs: ' + row['needs']))
        if isinstance(row['rules'], dict):
            for title, other in row['rules'].items():
                since = ' (%s after the taking began)' % span(other['after_main']) if 0 <= other['after_main'] < other['after'] else ''
                share = '%.1f%%' % (100 * other['customers_read']) if row['customers_read_in_all'] else '-'
                print('%-22s %-7s %-9s %-10s %s%s' % ('', '', span(other['after']), share, title, since))


def false_alarms(alerts, weeks):
    by = {}
    for a in alerts:
        by[a['rule']['level'], a['rule']['title']] = by.get((a['rule']['level'], a['rule']['title']), 0) + 1
    return {'alerts': len(alerts), 'weeks': weeks, 'a_week': len(alerts) / weeks,
            'rules': [{'level': level, 'title': title, 'alerts': n} for (level, title), n in sorted(by.items(), key=lambda item: -item[1])]}


def play(o, folder, replay):
    def case(name):
        at = os.path.join(folder, name)
        os.makedirs(at, exist_ok=True)
        replay.write(at, name)
        rules = o.rules or [r for r in (os.path.join(TOP, 'rules.d'), os.path.join(HERE, 'rules')) if os.path.isdir(r)]
        if name.endswith('.leaver') and not o.rules:
            rules = rules + [os.path.join(HERE, 'rules-leaver')]
        return Case(at, o, rules)

    names = o.case or [name for name, _, _ in incidents.cases()]
    quiet = case('quiet')
    result = {'seed': o.seed, 'weeks': o.weeks, 'level': o.level, 'quiet': false_alarms(quiet.whole(), o.weeks), 'cases': []}

    def score(name):
        with lock:                      # all cases are written from one life
            one = case(name)
        row = Score(one, quiet.whole()).row(o.every)
        if not o.folder:
            shutil.rmtree(one.folder)
        if not o.json:
            print('# %s done' % name, file=sys.stderr)
        return row

    lock = threading.Lock()
    with concurrent.futures.ThreadPoolExecutor(o.jobs) as workers:
        result['cases'] = list(workers.map(score, names))
    return result


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--shopbell', default=os.path.join(os.environ.get('SHOPBELL_BUILD', '.'), 'shopbell'))
    arguments.add_argument('--rules', action='append', help='folder or file of rules, instead of rules.d and bench/replay/rules')
    arguments.add_argument('--level', choices=LEVELS, default='medium', help='what counts as an alarm (default medium)')
    arguments.add_argument('--seed', type=int, default=1)
    arguments.add_argument('--weeks', type=int, default=52)
    arguments.add_argument('--without-places', action='store_true', help='a shop that has no database of places and networks')
    arguments.add_argument('--every', action='store_true', help='also when each other rule caught it')
    arguments.add_argument('--jobs', type=int, default=2, help='cases at once (default 2)')
    arguments.add_argument('--json', action='store_true')
    arguments.add_argument('--folder', help='keep the logs there')
    arguments.add_argument('case', nargs='*', help='default: all')
    o = arguments.parse_args()
    unknown = set(o.case) - {name for name, _, _ in incidents.cases()}
    if unknown:
        arguments.error('no case is called %s' % ', '.join(sorted(unknown)))
    replay = generate.Replay(o.seed, o.weeks)
    if o.folder:
        result = play(o, o.folder, replay)
    else:
        with tempfile.TemporaryDirectory(prefix='shopbell-replay-') as folder:
            result = play(o, folder, replay)
    if o.json:
        json.dump(result, sys.stdout, indent=1)
        print()
        return
    table(result['cases'])
    quiet = result['quiet']
    print('\nFalse alarms, %s or above, in the quiet year: %d, %.1f a week' % (o.level, quiet['alerts'], quiet['a_week']))
    for rule in quiet['rules']:
        print('%6d %-9s %s' % (rule['alerts'], rule['level'], rule['title']))


if __name__ == '__main__':
    main()
