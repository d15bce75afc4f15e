# SPDX-License-Identifier: Apache-2.0
"""Coupang 2025, scaled to 5,000 customers: an order desk worker leaves, the key stays. Months later somebody reads customers with
it, a few an hour from many addresses, each customer about 4.4 times, for seven months. Numbers: 148 million views of 33.67 million
people in 209 days, 57 % of the forged passes for people who do not exist."""
import shop
from year import address

ABOUT = "a leaver's key reads customers, a few an hour, for seven months"
PLATFORM = 'AWS CloudTrail, data events: one object for each customer (no shop platform among the sources logs views)'
NEEDS = 'new_value (operator of the key), dormant; shared: a share of unknown customers, or coverage less what orders explain'
PROBE_DAY, PROBE_DAYS, PROBE_READS = 43, 5, (3, 6)
BULK_DAY, BULK_DAYS = 142, 209
CUSTOMERS_A_DAY, READS_EACH, READS_A_HOUR = 24, 4.4, 5
UNKNOWN_A_DAY = 32                      # 0 to 32 of them
HIDES_DAY = 190                         # from then on from the shop's own country
POOL = {'hosting de': 12, 'hosting us': 12, 'hosting us 2': 8, 'seoul': 4, 'sao paulo': 4}
HIDDEN_POOL = {'singapore proxies': 28, 'homes': 12}
AGENT = 'order-desk/2.4'

# rate: of CUSTOMERS_A_DAY; leaver: the shop has written down that Lea left (rules-leaver/ comes along).
VARIANTS = {
    'bulk': dict(rate=1.0, unknown=1.0, key='lea'),
    'fifth': dict(rate=0.2, unknown=0.2, key='lea'),
    'slowest': dict(rate=0.04, unknown=0.04, key='lea'),
    'shared': dict(rate=1.0, unknown=0.05, key='loyalty-app', cloud=60),    # the key of a busy program, from its cloud; no probe
    'inside': dict(rate=1.0, unknown=0.05, key='loyalty-app', cloud=0),     # the same, from the program's own machines
    'leaver': dict(rate=0.04, unknown=0.04, key='lea', leaver=True),
}


def pool(places):
    return [address(place, i) for place, n in places.items() for i in range(n)]


def play(year, life, rng, truth, variant):
    v = VARIANTS[variant]
    key = v['key']
    truth.actors.update((key, 'AKIAEXAMPLE' + key.upper().replace('-', '')))
    shared = key == 'loyalty-app'
    bulk = year.day(BULK_DAY) + rng.randrange(6)
    days = year.span(BULK_DAYS)
    if not shared:
        first = max(year.day(PROBE_DAY), life.people[key]['to'] + 1)
        for day in range(first, first + year.span(PROBE_DAYS)):
            for _ in range(rng.randint(*PROBE_READS)):
                year.customer(year.at(day, rng.uniform(9, 18), 8), key, address('hosting de', 3), AGENT, 7, rng)
    probes = len(truth.reads)
    unread = list(range(1, shop.CUSTOMERS + 1))
    rng.shuffle(unread)
    due = unknown = 0.0
    for day in range(bulk, bulk + days):
        if shared:
            addresses = pool({'cloud': v['cloud']}) or [life.app_ip(key, day, rng) for _ in range(3)]
        else:
            addresses = pool(HIDDEN_POOL if day - bulk >= year.span(HIDES_DAY) else POOL)
        agent = 'loyalty-sync/3.1' if shared else AGENT
        due += CUSTOMERS_A_DAY * v['rate'] * rng.uniform(0.8, 1.2)
        unknown += rng.uniform(0, UNKNOWN_A_DAY) * v['unknown']
        wanted = [unread.pop() for _ in range(min(int(due), len(unread)))]
        due -= int(due)
        for number in wanted:
            for _ in range(max(1, round(rng.gauss(READS_EACH, 1)))):
                # Blends into working hours, with a tail into the night.
                hour = rng.uniform(8, 20) if rng.random() < 0.85 else rng.uniform(0, 24)
                year.customer(year.at(day, hour, 8), key, rng.choice(addresses), agent, number, rng)
        for _ in range(int(unknown)):
            year.missing(year.at(day, rng.uniform(8, 20), 8), key, rng.choice(addresses), agent, rng.randrange(shop.CUSTOMERS + 1, 9 * shop.CUSTOMERS))
        unknown -= int(unknown)
    truth.main = min(t for t, _ in truth.reads[probes:])
    truth.actors.update(pool(POOL) + pool({'singapore proxies': 28}) if not shared else ())
