#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The breach replay: writes a year of a small shop's logs with one incident inside, and the truth about it.

    generate.py [--seed N] [--weeks N] FOLDER CASE       CASE: quiet, or one of those that --list names
    generate.py --list

FOLDER/logs/      the six logs, in the formats of parsers/sources, one record a line, in order of time
FOLDER/times/     the time of each line (little-endian doubles), for cutting logs off at a moment
FOLDER/truth.json what the incident was: start, main (when the taking began), end, actors, customers read a day; which lines are its own
FOLDER/places.csv, places.mmdb, networks.yml         where the addresses are, for --geoip and --networks

Deterministic: the same arguments give the same bytes. The ordinary life of a seed is the same in all its cases."""
import argparse
import csv
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', '..', 'samples')]
sys.dont_write_bytecode = True

import geoip  # noqa: E402
import incidents  # noqa: E402
import life  # noqa: E402
import shop  # noqa: E402
from year import DAY, Truth, Year, iso  # noqa: E402


def places(folder):
    with open(os.path.join(folder, 'places.csv'), 'w', newline='', encoding='utf-8') as out:
        table = csv.writer(out, lineterminator='\n')
        table.writerow('network country city latitude longitude radius_km asn organization'.split())
        table.writerows(row[:8] for row in shop.PLACES.values())
    with open(os.path.join(folder, 'places.mmdb'), 'wb') as out:
        out.write(geoip.write('all', rows=[row[:8] for row in shop.PLACES.values()]))
    with open(os.path.join(folder, 'networks.yml'), 'w', encoding='utf-8') as out:
        for name, row in shop.PLACES.items():
            if row[8]:
                out.write('- {name: %s, class: %s, cidr: %s}\n' % (name, row[8], row[0]))


def describe(year, name, truth, module, landed):
    """truth.json: times are seconds since 1970; `lines` names file and number (from 0) of each line of the incident."""
    if not truth:
        return {'incident': None, 'seed': year.seed, 'weeks': year.weeks, 'customers': shop.CUSTOMERS}
    seen, a_day = set(), {}
    for t, numbers in sorted(truth.reads):
        day = a_day.setdefault(iso(t - t % DAY, '%Y-%m-%d'), {'reads': 0, 'customers': 0, 'new_customers': 0, 'today': set()})
        day['reads'] += 1
        day['today'].update(numbers)
        day['new_customers'] += len(set(numbers) - seen)
        seen.update(numbers)
    for day in a_day.values():
        day['customers'] = len(day.pop('today'))
    lines = {}
    for t, file, index in landed:
        lines.setdefault(file, []).append(index)
    first_seen, read = {}, set()
    for t, numbers in sorted(truth.reads):
        new = set(numbers) - read
        if new:
            first_seen[t] = first_seen.get(t, 0) + len(new)
            read |= new
    return {'incident': name, 'about': module.ABOUT, 'platform': module.PLATFORM, 'needs': module.NEEDS,
            'seed': year.seed, 'weeks': year.weeks, 'customers': shop.CUSTOMERS,
            'main': truth.main or landed[0][0], 'start': landed[0][0], 'end': landed[-1][0], 'started': iso(landed[0][0]) + 'Z', 'ended': iso(landed[-1][0]) + 'Z',
            'actors': sorted(truth.actors), 'customers_read': len(read), 'days': a_day,
            'new_customers_at': sorted(first_seen.items()), 'lines': lines}


class Replay:
    """All cases of one seed. The ordinary life is lived once."""
    def __init__(self, seed=1, weeks=52):
        self.year = Year(seed, weeks)
        self.life = life.Life(self.year).play()
        self.ordinary = {source: list(rows) for source, rows in self.year.rows.items()}
        self.known = {name: (module, variant) for name, module, variant in incidents.cases()}

    def write(self, folder, case):
        year, truth, module = self.year, None, None
        year.truth, year.rows = None, {source: list(rows) for source, rows in self.ordinary.items()}
        if case != 'quiet':
            module, variant = self.known[case]
            truth = year.truth = Truth(case)
            module.play(year, self.life, year.rng('incident/' + case), truth, variant)
            truth.reads = [read for read in truth.reads if year.inside(read[0])]
        landed = year.write(folder)
        with open(os.path.join(folder, 'truth.json'), 'w', encoding='utf-8') as out:
            json.dump(describe(year, case, truth, module, landed), out, indent=1)
            out.write('\n')
        places(folder)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--seed', type=int, default=1)
    arguments.add_argument('--weeks', type=int, default=52)
    arguments.add_argument('--list', action='store_true')
    arguments.add_argument('folder', nargs='?')
    arguments.add_argument('case', nargs='?')
    a = arguments.parse_args()
    if a.list:
        print('quiet')
        for name, _, _ in incidents.cases():
            print(name)
    elif not a.case:
        arguments.error('FOLDER and CASE are needed')
    elif a.weeks < 4:
        arguments.error('a replay has at least four weeks')
    else:
        if a.case != 'quiet' and a.case not in [name for name, _, _ in incidents.cases()]:
            arguments.error('no case is called %s; --list names them' % a.case)
        Replay(a.seed, a.weeks).write(a.folder, a.case)


if __name__ == '__main__':
    main()
