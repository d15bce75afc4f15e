# SPDX-License-Identifier: Apache-2.0
"""Shopify 2020: somebody of the support pulls customers that nobody asked about, for a month, from their own desk."""
import shop

ABOUT = 'a person of the desk reads customers without a reason, for a month'
PLATFORM = 'AWS CloudTrail, data events'
NEEDS = "spike or coverage by person; better: reads that no order or ticket explains"
START_DAY, DAYS = 221 - 5, 31           # 15 August to 15 September
CUSTOMERS_A_DAY = 158                   # 4,900 in 31 days
WHO = 'jun'
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    truth.actors.update((WHO, 'AKIAEXAMPLE' + WHO.upper()))
    first = year.day(START_DAY) + rng.randrange(5)
    unread = list(range(1, shop.CUSTOMERS + 1))
    rng.shuffle(unread)
    for day in range(first, first + year.span(DAYS)):
        if not life.works(WHO, day):
            continue
        ip = life.ip(WHO, day, rng)
        for _ in range(int(CUSTOMERS_A_DAY * 7 / 5 * rng.uniform(0.7, 1.3))):
            if unread:
                year.customer(life.clock(WHO, day, rng), WHO, ip, shop.DESK, unread.pop(), rng)
