# SPDX-License-Identifier: Apache-2.0
"""Mailchimp 2022 and 2023: the account of the newsletter person is talked out of them; the list of readers leaves in one file, a key
is made, and the next day mail goes out from a new sender."""
import shop
from year import DAY, MINUTE, address

ABOUT = 'the list of readers leaves in one file, then mail from a new sender'
PLATFORM = 'Google Workspace logins, AWS CloudTrail (for a newsletter service: SES, the list is an object)'
NEEDS = 'new_value (country of the person, operator of the key); new key; new sender'
START_DAY = 200
WHO = 'noa'
VARIANTS = {'plain': {}}


def play(year, life, rng, truth, variant):
    day, ip = year.day(START_DAY) + rng.randrange(100 * year.weeks // 52 + 1), address('seoul', 11)
    mail = '%s@%s' % (WHO, shop.DOMAIN)
    truth.actors.update((WHO, mail, ip, 'AKIAEXAMPLENOA'))
    t = year.at(day, rng.uniform(18, 21), 8)
    year.google_login(t, mail, ip, 'google_prompt')
    t += 12 * MINUTE
    year.get(t, WHO, ip, shop.MAC, 'exports/audience.csv', 450000)
    truth.read(t, list(range(1, int(shop.CUSTOMERS * 0.8))))
    year.aws(t + 5 * MINUTE, WHO, 'iam', 'CreateAccessKey', ip, shop.MAC, {'userName': WHO})
    year.aws(t + DAY, WHO, 'ses', 'VerifyEmailIdentity', ip, 'aws-cli/2.22.0', {'emailAddress': 'wallet@lantern-rewards.example.net'}, key=WHO)
