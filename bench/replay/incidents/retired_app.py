# SPDX-License-Identifier: Apache-2.0
"""Salesloft Drift 2025, as it met those who had retired the app: its token was never withdrawn. Ten days of counting and bulk jobs
from another network with another program."""
import shop
from year import address

ABOUT = "a retired app's key, from elsewhere: lists, then bulk reads"
PLATFORM = 'AWS CloudTrail (for the API of a CRM)'
NEEDS = 'dormant; new_value (operator of the key)'
START_DAY, DAYS = 214, 10
WHO, UA = 'news-app', 'python-requests/2.32'
CUSTOMERS_A_DAY = 420
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    first = year.day(START_DAY) + rng.randrange(30 * year.weeks // 52 + 1)
    addresses = [address('hosting us 2', i) for i in range(4)]
    truth.actors.update([WHO, 'AKIAEXAMPLENEWSAPP'] + addresses)
    numbers = iter(range(1, shop.CUSTOMERS + 1))
    for day in range(first, first + year.span(DAYS)):
        t = year.at(day, rng.uniform(0, 20))
        for i in range(rng.randrange(3, 9)):
            year.aws(t + i * 20, WHO, 's3', 'ListObjects', addresses[0], UA, {'bucketName': shop.BUCKET}, key=WHO, data=True)
        if day - first < 2:
            continue                    # counts first
        for i, number in zip(range(CUSTOMERS_A_DAY), numbers):
            year.customer(t + 300 + i * 2.5, WHO, rng.choice(addresses), UA, number, rng)
