#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills shopbelld again and again, at random instants and inside SQLite's writes, and lets writes fail, while files grow and rotate, finished
files are dropped into a folder and a journal is written. What it has told at the end must be what one that nobody
disturbed tells of the same logs: the same alerts with the same ids and counts, each raised once, the same counters.

    crash.py SHOPBELLD SHOPBELL FAULT.SO FOLDER SEED KILLS [SYSTEMD-JOURNAL-REMOTE]

Nothing sleeps: a kill at a random instant is a wait for the daemon's end that runs out."""
import collections
import gzip
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

DAEMON, CLI, FAULT, TOP, SEED, KILLS = sys.argv[1:5] + [int(sys.argv[5]), int(sys.argv[6])]
REMOTE = sys.argv[7] if len(sys.argv) > 7 else None
rng = random.Random(SEED)

RULES = '''title: Failed login
name: failed
level: informational
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: failure}, condition: s}
---
title: Login
name: done
level: low
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: success}, condition: s}
---
title: Any login
name: any
level: informational
logsource: {product: shopbell, category: login}
detection: {s: {event.outcome: '*'}, condition: s}
'''
KINDS = {
    'many': 'type: event_count, rules: [failed], timespan: 1m, condition: {gte: 12}',
    'names': 'type: value_count, rules: [failed], timespan: 2m, condition: {field: user.name, gte: 6}',
    'both': 'type: temporal_ordered, rules: [failed, done], timespan: 10s',
    'few': 'type: event_count, rules: [failed], timespan: 5s, condition: {eq: 1}',
    'new': 'type: new_value, rules: [any], timespan: 1m, learning: 1m, condition: {field: user.name}',
    'quiet': 'type: absence, rules: [done, failed], timespan: 3s',
}


def text_of(n, address):
    log = address.split('.')[0]     # people differ, too
    who = rng.choice(['root' + log, 'ana' + log, 'invalid user x%s-%d' % (log, rng.randrange(40))])
    verb = 'Accepted' if rng.random() < 0.04 else 'Failed'
    return '%s password for %s from %s port %d ssh2' % (verb, who, address, 1024 + n)


# A little ahead of the clock, which then has no say in what has not followed: only the records' own times have.
BASE = int(time.time()) + 3600


def stamp(n):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(BASE + n // 2)) + '.%06d+00:00' % n


class Logs:
    """The shop's logs, written piece by piece. Addresses differ from log to log, so that no group spans two of them."""

    def __init__(self, folder):
        self.folder, self.tail = folder, os.path.join(folder, 'auth.log')
        self.spool, self.journal = os.path.join(folder, 'spool'), os.path.join(folder, 'journal')
        self.n, self.dropped, self.entries, self.rotations = 0, 0, 0, 0
        for path in (folder, self.spool, self.journal):
            os.makedirs(path)
        open(self.tail, 'w').close()
        self.whole = open(os.path.join(folder, 'whole'), 'w')
        self.grow(3)            # the daemon must have seen the file before it is rotated

    def line(self, address):
        self.n += 1
        return '%s web1 sshd[%d]: %s\n' % (stamp(self.n), 100 + self.n, text_of(self.n, address))

    def grow(self, lines):
        with open(self.tail, 'a') as file:
            for _ in range(lines):
                line = self.line('203.0.113.%d' % rng.randrange(4))
                half = rng.randrange(len(line)) if rng.random() < 0.1 else 0
                file.write(line[:half])
                file.flush()
                file.write(line[half:])
                self.whole.write(line)
                if rng.random() < 0.02:     # delivered again
                    file.write(line)
                    self.whole.write(line)
        self.whole.flush()

    def rotate(self):
        self.rotations += 1
        for i in range(self.rotations, 0, -1):
            if os.path.exists('%s.%d' % (self.tail, i)):
                os.rename('%s.%d' % (self.tail, i), '%s.%d' % (self.tail, i + 1))
        if rng.random() < 0.5:
            os.rename(self.tail, self.tail + '.1')
            open(self.tail, 'w').close()
        else:
            shutil.copyfile(self.tail, self.tail + '.1')
            os.truncate(self.tail, 0)

    def drop(self):
        self.dropped += 1
        name = os.path.join(self.folder, 'new')
        text = ''.join(self.line('198.51.100.%d' % rng.randrange(4)) for _ in range(rng.randrange(1, 60)))
        with (gzip.open(name, 'wt') if self.dropped % 2 else open(name, 'w')) as file:
            file.write(text)
        os.rename(name, os.path.join(self.spool, '%04d.log%s' % (self.dropped, '.gz' if self.dropped % 2 else '')))

    def write_journal(self):
        self.entries += 1
        text = ''
        for _ in range(rng.randrange(1, 20)):
            self.n += 1
            t = BASE * 1000000 + self.n * 500000
            text += ('__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n'
                     '_MACHINE_ID=fedcba9876543210fedcba9876543210\n_HOSTNAME=web1\n_TRANSPORT=syslog\n_UID=0\n_COMM=sshd\n_PID=%d\n'
                     'SYSLOG_IDENTIFIER=sshd\nPRIORITY=6\nMESSAGE=%s\n\n' % (
                         t, t - BASE * 1000000 + 1000000, 1000 + self.n, text_of(self.n, '192.0.2.%d' % rng.randrange(4))))
        name = os.path.join(self.folder, 'part.journal')
        subprocess.run([REMOTE, '-o', name, '-'], input=text, text=True, check=True, capture_output=True)
        os.rename(name, os.path.join(self.journal, '%04d.journal' % self.entries))


class Watch:
    """A daemon on these logs, with a state of its own."""

    def __init__(self, name, logs, tail):
        self.folder = os.path.join(TOP, name)
        os.makedirs(self.folder)
        self.state, self.config = os.path.join(self.folder, 'state'), os.path.join(self.folder, 'shopbell.yml')
        rules = os.path.join(self.folder, 'rules.yml')
        with open(rules, 'w') as file:
            file.write(RULES)
            for title, text in KINDS.items():
                file.write('---\ntitle: %s\nid: %s\nlevel: high\ncorrelation: {group-by: [source.ip], generate: true, %s}\n' % (title, title, text))
        with open(self.config, 'w') as file:
            file.write('rules: rules.yml\ninputs:\n- {name: auth, %s, source: sshd}\n- {name: spool, spool: %s, source: sshd}\n' % (tail, logs.spool))
            if REMOTE:
                file.write('- {name: journal, journal: [_COMM=sshd], directory: %s}\n' % logs.journal)
        self.said = open(os.path.join(self.folder, 'stderr'), 'a+')

    def start(self, once=False, fault=None):
        env = dict(os.environ)
        if fault:
            env.update(fault, LD_PRELOAD=FAULT, ASAN_OPTIONS='verify_asan_link_order=0:detect_leaks=0')
        return subprocess.Popen([DAEMON, '--config', self.config, '--state', self.state] + ['--once'] * once, env=env, stderr=self.said)

    def finish(self):
        daemon = self.start(once=True)
        if daemon.wait() != 0:
            self.said.seek(0)
            sys.exit('shopbelld --once ended with %s: %s' % (daemon.returncode, self.said.read()[-500:]))

    def told(self):
        """All that must be the same."""
        db = sqlite3.connect('file:%s?mode=ro' % os.path.join(self.state, 'shopbell.db'), uri=True)
        ask = lambda text: sorted(db.execute(text).fetchall())
        return {
            'alerts': ask("SELECT id, rule_id, grouped, first_seen, last_seen, count, level, sentence, why FROM alert WHERE state = 'open' AND rule_id <> 'shopbell-risk'"),
            # born at other instants, so with other ids; what they say is the same
            'risk': ask("SELECT grouped, first_seen, last_seen, count, sentence, why FROM alert WHERE state = 'open' AND rule_id = 'shopbell-risk'"),
            'quiet': ask("SELECT alert, q.person, silence, muted_by, muted_how FROM alert_quiet q JOIN alert ON id = alert WHERE state = 'open' AND rule_id <> 'shopbell-risk'"),
            'others': ask("SELECT id, rule_id, state, merged_into FROM alert WHERE state <> 'open' AND rule_id <> 'shopbell-risk'"),
            'history': ask("SELECT alert, what, count(*) FROM alert_history JOIN alert ON id = alert WHERE what NOT IN ('grew', 'changed', 'evidence', 'muted', 'rang') AND rule_id <> 'shopbell-risk' GROUP BY alert, what"),
            'records': ask("SELECT alert, count(*) FROM alert_record GROUP BY alert"),
            'counters': ask("SELECT name, value FROM counter WHERE name IN ('raws', 'records', 'hits', 'duplicates', 'group_missing', 'rejects_malformed', 'rejects_unknown', 'lines_ignored')"),
        }


def stop_one(watch, counts, patience):
    """Starts the daemon and ends it: inside a write, by a write that fails, or when a short time is over."""
    kind = rng.choice(['none', 'none', 'kill', 'after', 'short', 'eio', 'enospc'])
    fault = {'FAULT_AT': str(1 + int(rng.paretovariate(0.35)) % 400), 'FAULT_KIND': kind, 'FAULT_PATH': watch.state}
    watch.said.seek(0, os.SEEK_END)
    before = watch.said.tell()
    daemon = watch.start(fault=fault if kind != 'none' else None)
    try:
        daemon.wait(timeout=rng.uniform(0.001, patience))
    except subprocess.TimeoutExpired:
        daemon.kill()
    daemon.wait()
    if daemon.returncode == -signal.SIGKILL:
        counts['killed'] += 1
        return
    watch.said.seek(before)
    said = watch.said.read()
    if kind not in ('eio', 'enospc') or daemon.returncode != 3 or 'shopbell.db' not in said:
        sys.exit('shopbelld ended with %s, %s: %s' % (daemon.returncode, kind, said))
    counts['refused'] += 1


def main():
    logs = Logs(os.path.join(TOP, 'logs'))
    disturbed = Watch('disturbed', logs, 'tail: %s' % logs.tail)
    began = time.monotonic()
    disturbed.finish()
    patience = 2 * (time.monotonic() - began)       # a sanitizer's start takes longer
    counts = collections.Counter()
    for n in range(KILLS):
        logs.grow(rng.randrange(1, 30))
        if rng.random() < 0.08:
            logs.rotate()
        if rng.random() < 0.1:
            logs.drop()
        if REMOTE and rng.random() < 0.05:
            logs.write_journal()
        stop_one(disturbed, counts, patience)
    disturbed.finish()
    calm = Watch('calm', logs, 'files: %s' % os.path.join(logs.folder, 'whole'))
    calm.finish()
    if min(counts['killed'], counts['refused']) < KILLS / 20:
        sys.exit('only %d kills and %d failed writes of %d' % (counts['killed'], counts['refused'], KILLS))
    ours, theirs = disturbed.told(), calm.told()
    for what in theirs:
        if ours[what] != theirs[what]:
            lost = [x for x in theirs[what] if x not in ours[what]][:5]
            more = [x for x in ours[what] if x not in theirs[what]][:5]
            sys.exit('%s differ: undisturbed %d, disturbed %d\nlost: %s\nmore: %s' % (what, len(theirs[what]), len(ours[what]), lost, more))
    for watch in (disturbed, calm):
        said = subprocess.run([CLI, 'verify', '--state', watch.state], capture_output=True, text=True)
        if said.returncode != 0 or 'The history is sound.' not in said.stdout:
            sys.exit('the history of %s: %s%s' % (watch.state, said.stdout[:2000], said.stderr))
    kinds = {alert[1] for alert in theirs['alerts']}
    missing = set(KINDS) - kinds
    if missing:
        sys.exit('no alert of %s: the test says nothing about it' % ', '.join(sorted(missing)))
    print('%d lines, %d rotations, %d files dropped, %d journals, %d kills, %d writes that failed: %d alerts, all the same' % (
        logs.n, logs.rotations, logs.dropped, logs.entries, counts["killed"], counts["refused"], len(theirs['alerts'])))


main()
