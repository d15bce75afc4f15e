# SPDX-License-Identifier: Apache-2.0
# clock.py SHOPBELL CLOCK.CSV: every so many rows of the table through the command line.
import csv, json, subprocess, sys
EVERY = 9
wrong, n = [], 0
for i, row in enumerate(csv.DictReader(open(sys.argv[2], encoding='utf-8'))):
    if i % EVERY:
        continue
    command = [sys.argv[1], 'clock', row['regime'], '--at', row['now'], '-o', 'json']
    for mark in row['marks'].split(';'):
        event, at = mark.split('=', 1)
        command += ['--' + event, at]
    for fact in row['facts'].split():
        command += ['--fact', fact]
    run = subprocess.run(command, capture_output=True, text=True)
    n += 1
    try:
        clock = [c for c in json.loads(run.stdout)['clocks'] if c['duty'] == row['duty']][0]
        got = clock['deadline'], clock['state'], clock['applies'], 'yes' if clock['uncertain'] else 'no'
    except (ValueError, IndexError, KeyError) as e:
        got = repr(e), run.stderr
    if got != (row['due'], row['state'], row['applies'], row['uncertain']) or run.returncode:
        wrong.append('line %d, %s: %s, not %s' % (i + 2, row['reason'], got, (row['due'], row['state'], row['applies'], row['uncertain'])))
print('%sok %d rows of the table by the command line' % ('not ' if wrong else '', n))
for line in wrong:
    print('    ' + line)
sys.exit(bool(wrong) or n < 30)
