# SPDX-License-Identifier: Apache-2.0
"""Salesforce callers (UNC6040) 2025: somebody on the phone, "from the support", has an administrator connect a program. Twenty minutes
later it has read everything."""
import shop
from year import address, MINUTE

ABOUT = 'an administrator is talked into a new app; it reads everything within 20 minutes'
PLATFORM = 'AWS CloudTrail (for a connected app: a user with a key)'
NEEDS = 'new user or key, then reads from a network that nobody here uses, within the hour'
START_DAY = 120
WHO, APP, UA = 'ana', 'my-ticket-portal', 'DataLoader/60.0'
CONSENT_TO_EXPORT, EXPORT_MINUTES = 6 * MINUTE, 14
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    day = year.day(START_DAY) + rng.randrange(90 * year.weeks // 52 + 1)
    while not life.works(WHO, day):
        day += 1
    t, ip = year.at(day, rng.uniform(10, 16), 8), address('sao paulo', 6)
    truth.actors.update((APP, ip, 'AKIAEXAMPLEMYTICKETPORTAL', WHO))    # the act is Ana's, though she is the victim
    mine = life.ip(WHO, day, rng)
    for i, (call, request) in enumerate((('CreateUser', {'userName': APP}),
                                         ('AttachUserPolicy', {'userName': APP, 'policyArn': 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'}),
                                         ('CreateAccessKey', {'userName': APP}))):
        year.aws(t + i * 50, WHO, 'iam', call, mine, shop.LINUX, request)
    t += CONSENT_TO_EXPORT
    for number in range(1, shop.CUSTOMERS + 1):
        year.customer(t + number * EXPORT_MINUTES * MINUTE / shop.CUSTOMERS, APP, ip, UA, number, rng)
