#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shopbell rules test: on any number of threads the same report; TAP and JUnit that parsers take, whatever the rules hold.
. "$(dirname "$0")/lib.sh"
if ! command -v python3 >/dev/null; then
        skip "rules test" "python3 is not installed"
        exit 0
fi

# Hostile and plain rules beside each other: the titles would break lines, directives, tags and attributes.
mkdir "$tmp/rules"
python3 - "$tmp/rules" <<'EOF'
import json, sys
titles = ['plain', 'a # SKIP b', 'back\\slash \\# x', 'line\nok 99 - break', '<tag a="b">&amp;\'"]]>', '\x1b[2Jred\x07', '\u202egnp.exe', 'non\ufffe\uffff é鐘',
          'ok 1 - # TODO', '---', '...', '1..3', '\u0085\u2028x', ' blank ', 'Bail out!']
for n, title in enumerate(titles):
    tests = [] if n % 5 == 4 else [{'source': 'sshd', key: '2026-03-04T09:00:00+00:00 web1 sshd[1]: Accepted password for root from 203.0.113.9 port 1 ssh2'}
                                   for key in (['hit', 'miss'] if n % 2 else ['hit'])]
    with open('%s/%02d.yml' % (sys.argv[1], n), 'w') as f:
        json.dump({'title': title, 'level': 'low', 'logsource': {'product': 'shopbell', 'category': 'login'},
                   'detection': {'s': {'user.name': 'root'}, 'condition': 's'}, 'shopbell.tests': tests}, f)
EOF
cat >"$tmp/read.py" <<'EOF'
"""read.py tap|junit FILE: file, rule, test, outcome of each, one JSON array a line; any break of the form is an error."""
import json, re, sys
import xml.etree.ElementTree as tree
import yaml

def tap(text):
    lines = text.split('\n')
    assert lines.pop() == '' and lines[0] == 'TAP version 14', lines[:1]
    plan = int(re.fullmatch(r'1\.\.(\d+)', lines[1]).group(1))
    number, i = 0, 2
    while i < len(lines):
        found = re.fullmatch(r'(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])*)( # SKIP no tests)?', lines[i])
        assert found, 'no test line: %r' % lines[i]
        number += 1
        assert int(found.group(2)) == number
        i += 1
        what, detail = re.sub(r'\\(.)', r'\1', found.group(3)), {}
        if found.group(1):
            assert lines[i] == '  ---', lines[i]
            end = lines.index('  ...', i)
            detail = yaml.safe_load('\n'.join(lines[i + 1:end]))
            assert set(detail) == {'message', 'file', 'line', 'column'}, detail
            i = end + 1
        yield what, 'skipped' if found.group(4) else 'failed' if found.group(1) else 'passed', detail.get('message')
    assert number == plan, (number, plan)

def junit(text):
    root = tree.fromstring(text)
    assert root.tag == 'testsuites'
    totals = dict.fromkeys(['tests', 'failures', 'errors', 'skipped'], 0)
    for suite in root:
        own = {'tests': len(suite.findall('testcase')), 'failures': len(suite.findall('testcase/failure')),
               'errors': len(suite.findall('testcase/error')), 'skipped': len(suite.findall('testcase/skipped'))}
        assert all(int(suite.get(k)) == n for k, n in own.items()), (suite.attrib, own)
        for k, n in own.items():
            totals[k] += n
        for case in suite:
            what = next((child for child in case), None)
            if what is None or what.tag != 'error':
                yield (case.get('classname') + ('' if what is not None and what.tag == 'skipped' else ': ' + case.get('name')),
                       {None: 'passed', 'failure': 'failed', 'skipped': 'skipped'}[what.tag if what is not None else None],
                       what.get('message') if what is not None and what.tag == 'failure' else None)
            else:
                yield case.get('name'), 'failed', what.get('message')
    assert all(int(root.get(k)) == n for k, n in totals.items()), (root.attrib, totals)

text = open(sys.argv[2], encoding='utf-8', newline='').read()
for c in text:
    assert c == '\n' or (ord(c) >= 32 and not 0x7f <= ord(c) <= 0x9f and c not in '\u2028\u2029\u202e\ufffe\uffff'), 'U+%04X' % ord(c)
for row in {'tap': tap, 'junit': junit}[sys.argv[1]](text):
    print(json.dumps(row))
EOF
for form in lines tap junit; do
        exits "hostile rules as $form" 1 "$shopbell" rules test -o $form --threads 1 "$tmp/rules"
        mv "$tmp/out" "$tmp/$form"
        for threads in 2 3 8 64; do
                "$shopbell" rules test -o $form --threads $threads "$tmp/rules" >"$tmp/other" 2>/dev/null
                same "$form is the same on $threads threads" "$tmp/$form" "$tmp/other"
        done
done
for form in tap junit; do
        exits "a parser takes $form" 0 python3 "$tmp/read.py" $form "$tmp/$form"
        mv "$tmp/out" "$tmp/$form.read"
done
same "TAP and JUnit say the same" "$tmp/tap.read" "$tmp/junit.read"
has "passed ones" "$(grep -c passed "$tmp/tap.read")" '^12$'
has "failed ones and why" "$(grep -c '"failed", "must miss, hit"' "$tmp/tap.read")" '^6$'
has "rules without tests are skipped" "$(grep -c skipped "$tmp/tap.read")" '^3$'
has "lines sum up" "$(tail -n 2 "$tmp/lines" | tr '\n' ' ')" '^3 rules without tests 12 passed, 6 failed $'
has "a failure has its place" "$(cat "$tmp/lines")" '^not ok .*/01.yml:1:[0-9]+: a # SKIP b: must miss, hit$'

exits "one file" 0 "$shopbell" rules test -o tap "$tmp/rules/00.yml"
has "one file: one test" "$out" '^ok 1 - plain: hit 1$'
printf 'title: x\nlogsource: {product: aws}\ndetection: {s: {a|contians: "<b>"}, condition: s}\n' >"$tmp/rules/50-bad.yml"
for form in tap junit; do
        exits "a bad rule fails as $form" 1 "$shopbell" rules test -o $form "$tmp/rules/00.yml" "$tmp/rules/50-bad.yml"
        mv "$tmp/out" "$tmp/bad"
        exits "a bad rule, $form parsed" 0 python3 "$tmp/read.py" $form "$tmp/bad"
        has "a bad rule is named in $form" "$out" '50-bad.yml.*"failed".*contians'
        has "the good one is tested, $form" "$out" '"plain: hit 1", "passed"'
done
exits "nothing but a bad rule" 1 "$shopbell" rules test -o tap "$tmp/rules/50-bad.yml"
has "that is a report, too" "$out" '^1\.\.1$'
exits "our rules as junit" 0 "$shopbell" rules test -o junit
mv "$tmp/out" "$tmp/ours"
exits "our rules, parsed" 0 python3 "$tmp/read.py" junit "$tmp/ours"
exits "unknown form" 2 "$shopbell" rules test -o table
exits "no threads" 2 "$shopbell" rules test --threads 0
finish
